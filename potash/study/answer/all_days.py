"""An event's portfolio in a family of windows, beside the same portfolio on every other day."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from potash._typing import Float1D, Float2D
from potash.errors import InputError, NoUsableEventsError, PotashWarning
from potash.sessions import Window
from potash.study.answer.equivalence import detectable_by, ruled_out_beyond
from potash.study.answer.event_volatility import ScaledCars, scaled_cars
from potash.study.engine.window_fit import WindowFit
from potash.study.inference.placebo import max_pvalues, nearest_in_volatility, placebo_critical, placebo_pvalue
from potash.study.inference.significance import t_pvalue, t_quantile
from potash.study.results import EventStudyResults
from potash.study.study import EventStudy

# Fixed before any number is looked at.
FAMILY = {
    "run-up": Window(-5, -1),
    "impact": Window(0, 0),
    "impact, two sessions": Window(0, 1),
    "follow-through, a week": Window(0, 5),
    "follow-through, two weeks": Window(0, 10),
}


@dataclass(frozen=True, slots=True, eq=False)
class AllDays:
    """The scaled statistics of an event's portfolio in ``m`` windows, and of the same portfolio on ``n`` ordinary days.

    Attributes
    ----------
    windows : tuple of Window
        The family.
    cars, std_errors, stats, ratio, df : ndarrays of shape (m,)
        Of the event: see :class:`potash.study.answer.event_volatility.ScaledCars`.
    sessions : DatetimeIndex of length n
        Ordinary days: every session of every stretch of prices on which all firms can be studied and whose window keeps
        clear of events.
    ordinary_cars, ordinary_stats, ordinary_ratio : ndarrays of shape (n, m)
        The same of them.
    """

    windows: tuple[Window, ...]
    cars: Float1D
    std_errors: Float1D
    stats: Float1D
    ratio: Float1D
    df: Float1D
    sessions: pd.DatetimeIndex
    ordinary_cars: Float2D
    ordinary_stats: Float2D
    ordinary_ratio: Float2D

    @property
    def pvalues(self) -> Float1D:
        """Of the scaled statistics by Student's t, two-sided (m,)."""
        return t_pvalue(self.stats, self.df)

    @property
    def randomization_pvalues(self) -> Float1D:
        """Exact share of all days whose statistic is at least as large (m,): see ``placebo_pvalue``."""
        return np.array(
            [
                placebo_pvalue(float(stat), days, len(window))
                for stat, days, window in zip(self.stats, self.ordinary_stats.T, self.windows, strict=True)
            ]
        )

    @property
    def regime_pvalues(self) -> Float1D:
        """The same among the third of the days whose volatility was nearest to the event's (m,)."""
        rows = [nearest_in_volatility(r, days) for r, days in zip(self.ratio, self.ordinary_ratio.T, strict=True)]
        return np.array(
            [
                placebo_pvalue(float(stat), days[chosen], len(window))
                for stat, days, chosen, window in zip(
                    self.stats, self.ordinary_stats.T, rows, self.windows, strict=True
                )
            ]
        )

    @property
    def max_t_pvalues(self) -> Float1D:
        """Corrected for looking at all windows, from the joint distribution of the ordinary days (m,)."""
        return max_pvalues(self.stats, self.ordinary_stats, max(map(len, self.windows)))

    def critical(self, column: int, size: float = 0.05) -> float:
        """Return the absolute statistic that both the t test and the randomization call significant.

        The t test alone where there are too few ordinary days for a randomization.
        """
        by_t = float(t_quantile(1 - size / 2, float(self.df[column])))
        by_days = placebo_critical(self.ordinary_stats[:, column], size, len(self.windows[column]))
        return by_t if np.isnan(by_days) else max(by_t, by_days)

    def limits(self, level: float = 0.95) -> tuple[Float1D, Float1D]:
        """Return confidence limits of the CARs (m,) by Student's t."""
        half = t_quantile(0.5 + level / 2, self.df) * self.std_errors
        return self.cars - half, self.cars + half


def all_days(study: EventStudy, event_id: Any, windows: tuple[Window, ...]) -> AllDays:
    """Return the scaled statistics of an event's portfolio in some windows, and those of all ordinary days.

    Parameters
    ----------
    study : EventStudy
        With the model that counts: :meth:`potash.EventStudy.against_controls` for one with controls.
    event_id
        An event kept by the study.
    windows : tuple of Window
        Inside the event window of the study.
    """
    results, ordinary = study.fit(), study.ordinary_days(event_id)
    for window in windows:
        results.columns(window)
    alone, days = results.for_event(event_id).portfolio_fit, ordinary.fit
    event = [scaled_cars(alone, study.windows.event, window) for window in windows]
    others = [scaled_cars(days, study.windows.event, window) for window in windows]
    cars, std_errors, ratio, df = (
        np.array([getattr(each, name)[0] for each in event]) for name in ("cars", "std_errors", "ratio", "df")
    )
    return AllDays(
        windows, cars, std_errors, cars / std_errors, ratio, df, ordinary.sessions, _columns(others, "cars"),
        _columns(others, "stats"), _columns(others, "ratio"),
    )  # fmt: skip


def _columns(scaled: list[ScaledCars], name: str) -> Float2D:
    return np.stack([getattr(each, name) for each in scaled], axis=1)


@dataclass(frozen=True, slots=True)
class AcrossFirms:
    """What an event did to its firms one by one, in one window.

    Attributes
    ----------
    any_pvalue : float
        Whether any firm moved: the share of days on which the largest statistic of the firms was at least as large.
    spread_pvalue : float
        Whether they moved differently: the share of days on which the statistics of the firms lay at least as far apart
        (their standard deviation). NaN for one firm. Firms with unequal exposure differ, which is no doubt about the mean.
    largest : str
        Ticker with the largest statistic.
    n_days : int
        Ordinary days compared with.
    """

    any_pvalue: float
    spread_pvalue: float
    largest: str
    n_days: int


def across_firms(study: EventStudy, event_id: Any, window: Window) -> AcrossFirms:
    """Return whether any firm of an event moved, and whether they moved differently, by all ordinary days."""
    results = study.fit().for_event(event_id)
    tickers = list(results.panel.labels["ticker"])
    stats = _firm_stats(results.fit, study, window)[None]
    days = _firm_stats(study.firms_on_ordinary_days(event_id), study, window).reshape(-1, len(tickers))
    largest, apart = (np.abs(part).max(axis=1) for part in (stats, days))
    spread, spreads = (part.std(axis=1) for part in (stats, days))
    width = len(window)
    return AcrossFirms(
        placebo_pvalue(float(largest[0]), apart, width),
        placebo_pvalue(float(spread[0]), spreads, width) if len(tickers) > 1 else float("nan"),
        "" if np.isnan(stats).all() else tickers[int(np.nanargmax(np.abs(stats[0])))],
        int((~np.isnan(apart)).sum()),
    )


def _firm_stats(fit: WindowFit, study: EventStudy, window: Window) -> Float1D:
    return scaled_cars(fit, study.windows.event, window).stats


def the_study(study: EventStudy | EventStudyResults) -> EventStudy:
    """Return the study itself, or the one that made its results.

    Raises
    ------
    InputError
        If it is neither.
    """
    made_by = study.study if isinstance(study, EventStudyResults) else study
    if not isinstance(made_by, EventStudy):
        raise InputError(
            f"a {type(study).__name__} came in; an EventStudy or the results of its fit() are needed."
            if not isinstance(study, EventStudyResults)
            else "these results do not know the study that made them. Hand over the EventStudy itself."
        )
    return made_by


def covered(study: EventStudy, windows: dict[str, Window] | None = None) -> dict[str, Window]:
    """Return the windows of a family, :data:`FAMILY` by default, that a study's event window covers."""
    return {name: window for name, window in (windows or FAMILY).items() if window in study.windows.event}


def with_event(study: EventStudy, event_id: Any) -> EventStudy:
    """Return the study against controls, or the study itself where the controls leave nothing of the event.

    Warns
    -----
    PotashWarning
        If there are controls and they cannot be used: with the first reason of the ledger.
    """
    against = study.against_controls(event_id)
    try:
        results = against.fit()
        if event_id in results.event_ids:
            return against
        gone = results.dropped[results.dropped["event_id"] == event_id].iloc[0]
        why = f"{gone.ticker}: {gone.reason}: {gone.detail}"
    except NoUsableEventsError as error:
        why = str(error)
    if against is not study:
        warnings.warn(f"{event_id} is measured without the controls: {why}", PotashWarning, stacklevel=2)
    return study


def window_family(
    study: EventStudy | EventStudyResults, windows: dict[str, Sequence[int]] | None = None
) -> pd.DataFrame:
    """Return each event's portfolio in a family of windows fixed in advance, the run-up always among them.

    Parameters
    ----------
    study : EventStudy or EventStudyResults
        As for :func:`verdicts`.
    windows : dict, optional
        Name to pair of offsets, both ends included. By default run-up [-5, -1], impact [0, 0] and [0, 1], follow-through
        [0, 5] and [0, 10]; those that the event window does not cover are left out.

    Returns
    -------
    DataFrame
        A row per event, ``against`` (``"market and controls"``, ``"market"``) and window: ``event_id``, ``against``, ``name``,
        ``window``, ``CAR``, ``std_error`` (which follows the event's volatility), ``lower``, ``upper``, ``tstat``, ``df``,
        ``volatility``, ``pvalue`` (Student's t), ``randomization_pvalue``, ``regime_pvalue``, ``max_t_pvalue`` (corrected for
        the family), ``detectable`` (the smallest true CAR that t test and randomization both find in four cases out of five),
        ``ruled_out_beyond`` (two one-sided tests rule out a CAR beyond plus or minus this) and ``n_days``. NaN where a day is
        missing.

    Raises
    ------
    WindowError
        If a window that was named reaches outside the event window.

    References
    ----------
    .. [1] Westfall, P. H. and Young, S. S. (1993). Resampling-Based Multiple Testing, ch. 2.

    Examples
    --------
    >>> import numpy as np, pandas as pd, potash
    >>> days = pd.bdate_range("2024-01-01", periods=300)
    >>> made_up = np.random.default_rng(1).normal(0, 0.01, (300, 2))
    >>> returns = pd.DataFrame(made_up, index=days, columns=["A", "M"])
    >>> study = potash.EventStudy(
    ...     returns[["A"]], pd.DataFrame({"event_id": ["news"], "session": [days[280]]}), returns_kind="log",
    ...     model=potash.MarketModel(returns["M"]), event_window=(-5, 5),
    ... )
    >>> potash.window_family(study)["name"].tolist()
    ['run-up', 'impact', 'impact, two sessions', 'follow-through, a week']
    """
    made_by = the_study(study)
    ids = study.event_ids if isinstance(study, EventStudyResults) else made_by.fit().event_ids
    family = covered(made_by) if windows is None else {name: Window.of(pair) for name, pair in windows.items()}
    pieces = []
    for event_id in ids:
        counting = with_event(made_by, event_id)
        if counting is not made_by:
            pieces.append(_family_rows(all_days(counting, event_id, tuple(family.values())), event_id, family, True))
        pieces.append(_family_rows(all_days(made_by, event_id, tuple(family.values())), event_id, family, False))
    return pd.concat(pieces, ignore_index=True)


def _family_rows(days: AllDays, event_id: Any, family: dict[str, Window], controls: bool) -> pd.DataFrame:
    lower, upper = days.limits()
    data = {
        "event_id": event_id, "against": "market and controls" if controls else "market", "name": list(family),
        "window": [str(window) for window in days.windows], "CAR": days.cars, "std_error": days.std_errors,
        "lower": lower, "upper": upper, "tstat": days.stats, "df": days.df, "volatility": np.sqrt(days.ratio),
        "pvalue": days.pvalues, "randomization_pvalue": days.randomization_pvalues,
        "regime_pvalue": days.regime_pvalues, "max_t_pvalue": days.max_t_pvalues,
        "detectable": [
            detectable_by(float(error), float(df), days.critical(column))
            for column, (error, df) in enumerate(zip(days.std_errors, days.df, strict=True))
        ],
        "ruled_out_beyond": ruled_out_beyond(days.cars, days.std_errors, days.df),
        "n_days": (~np.isnan(days.ordinary_stats)).sum(axis=0),
    }  # fmt: skip
    return pd.DataFrame(data)
