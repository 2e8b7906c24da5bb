"""One event under every reasonable choice at once, with the same curve on every ordinary day."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from potash.errors import check_option
from potash.study.answer.all_days import the_study
from potash.study.answer.specification.estimates import Curves, Places, curves
from potash.study.answer.specification.grid import LENGTHS, MODELS, Grid, Kind, chosen_grid, normal_returns
from potash.study.answer.specification.result import SpecificationCurve, statistics
from potash.study.inference.significance import t_pvalue
from potash.study.results import EventStudyResults
from potash.study.study import EventStudy

# Estimates made of ordinary days at most: every session while they are fewer, else every second, third, ... one.
MOST_ESTIMATES = 12_000_000


def specification_curve(
    study: EventStudy | EventStudyResults,
    event_id: Any = None,
    *,
    benchmarks: pd.DataFrame | None = None,
    models: Sequence[str] = MODELS,
    lengths: Sequence[int] = LENGTHS,
    gaps: Sequence[int] | None = None,
    windows: Sequence[Sequence[int]] | None = None,
    returns_kinds: Sequence[Kind] = ("simple", "log"),
    expected: int = 0,
) -> SpecificationCurve:
    """Return an event's portfolio under every specification of a grid of reasonable choices fixed in advance.

    Parameters
    ----------
    study : EventStudy or EventStudyResults
        Its ``controls`` are the control group. Its sessions left out of estimations are left out here.
    event_id : optional
        An event kept by the study; by default the newest, the one with the latest day 0.
    benchmarks : DataFrame, optional
        Market returns, sessions x benchmarks, of the kind of the study's; by default the first factor of its model.
    models : sequence of str
        Of ``"market"``, ``"market + controls"`` (the mean of all controls of the event, and of all but one, as a second
        factor; a control without a return on day 0 is in no mean), ``"market-adjusted"``, ``"mean-adjusted"``.
    lengths, gaps : sequence of int
        Sessions of the estimation window, and from its last session to day 0 (11: it ends at offset -11). By default 60, 120,
        250 and those of 11, 21, 31 that leave the event window alone. Windows must be four fifths full.
    windows : sequence of pairs, optional
        Windows of the CAR, both ends included. By default those of the family of :func:`potash.window_family` that begin with
        day 0: a run-up answers another question.
    returns_kinds : sequence of {"simple", "log"}
        Kinds of returns; the one that the study does not have is computed from the other.
    expected : {1, -1, 0}
        Sign expected of the event, for the share of specifications that have it; the tests are two-sided whatever it is.

    Returns
    -------
    SpecificationCurve

    Raises
    ------
    InputError
        If there is no benchmark, or an option or a window breaks a rule.

    Notes
    -----
    Pools of firms, equal-weighted: all, each left out, and each alone where there are at most five. Standard errors follow the
    volatility around the window, as in :func:`potash.window_family`.

    The specifications are not independent, and their number says nothing. What a curve is like without an effect is seen on the
    ordinary days of the same firms: every session whose event window keeps clear of the events (every second, third, ... one
    where that would be more than twelve million estimates, as ``every`` says) on which all specifications of the event have an
    estimate. The p-value is ``(1 + k) / (1 + n)`` for ``k`` of ``n`` days at least as extreme. On a day the sign that counts is
    the more frequent one of that day. The paper compares the median estimate; here it is the median z, since a median estimate
    of a volatile week is unusual among those of calm ones without any effect. Size and power in simulated studies:
    ``docs/specification-curve.md``.

    References
    ----------
    .. [1] Simonsohn, U., Simmons, J. P. and Nelson, L. D. (2020). Specification curve analysis. Nature Human Behaviour 4,
       1208-1214.

    Examples
    --------
    >>> import numpy as np, pandas as pd, potash
    >>> days = pd.bdate_range("2023-01-02", periods=500)
    >>> made_up = np.random.default_rng(1).normal(0, 0.01, (500, 4))
    >>> returns = pd.DataFrame(made_up, index=days, columns=["A", "B", "X", "M"])
    >>> returns.loc[days[400], ["A", "B"]] += 0.05
    >>> study = potash.EventStudy(
    ...     returns[["A", "B"]], pd.DataFrame({"event_id": ["news"], "session": [days[400]]}), returns_kind="log",
    ...     model=potash.MarketModel(returns["M"]), event_window=(-5, 10), controls=returns[["X"]],
    ... )
    >>> curve = potash.specification_curve(study, lengths=(60, 120))
    >>> len(curve.frame), curve.pvalue < 0.05
    (576, True)
    """
    made_by = the_study(study)
    check_option("expected", expected, (1, -1, 0))
    results = made_by.fit()
    chosen = _newest(results) if event_id is None else event_id
    results.check_event(chosen)
    alone = results.for_event(chosen)
    tickers = tuple(alone.panel.labels["ticker"])
    factors, normals = normal_returns(made_by, chosen, benchmarks, models)
    grid = chosen_grid(made_by, normals, tickers, lengths, gaps, windows, returns_kinds)
    ordinary = made_by.ordinary_days(chosen)
    every = max(1, -(-len(grid) * len(ordinary.sessions) // MOST_ESTIMATES))
    shape = (-1, len(tickers))
    places = Places(
        results.panel.returns.y, results.panel.returns.y_estimation, made_by.returns_kind, results.panel.sessions,
        np.vstack([alone.panel.series, ordinary.places.series.reshape(shape)[::every]]),
        np.vstack([alone.panel.day_zero, ordinary.places.day_zero.reshape(shape)[::every]]), factors,
    )  # fmt: skip
    return _curve(chosen, tickers, grid, curves(grid, places), ordinary.sessions[::every], every, expected)


def _newest(results: EventStudyResults) -> Any:
    labels = results.panel.labels
    return labels.loc[labels["session"].argmax(), "event_id"]


def _curve(
    event_id: Any,
    tickers: tuple[str, ...],
    grid: Grid,
    made: Curves,
    sessions: pd.DatetimeIndex,
    every: int,
    expected: int,
) -> SpecificationCurve:
    estimates = made.estimates[:, 0]
    present = ~np.isnan(estimates)
    df = np.where(present, made.df, np.nan)
    few = made.nobs < made.needed
    reason = np.where(
        few, "too few estimation returns", "a day of the event window is missing, or too few around the window"
    )
    frame = grid.frame.assign(
        estimate=estimates, std_error=made.std_errors, tstat=made.stats, df=df,
        pvalue=t_pvalue(made.stats, df), z=np.where(present, made.z[:, 0], np.nan), n=made.nobs,
        reason=np.where(present, "", reason),
    )  # fmt: skip
    whole = ~np.isnan(made.estimates[:, 1:])[present].any(axis=0)
    chosen = np.ix_(present, np.append(False, whole))
    index = sessions[whole].rename("session")
    ordinary = pd.DataFrame(statistics(made.estimates[chosen], made.z[chosen]), index=index)
    return SpecificationCurve(event_id, tickers, frame, ordinary, every, int((~whole).sum()), expected)
