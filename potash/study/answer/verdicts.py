"""The verdicts of a study: one per event, from votes that keep their size in volatile weeks and with few firms."""

from __future__ import annotations

from dataclasses import replace
from html import escape
from typing import Any

import numpy as np
import pandas as pd

from potash._display import months_of
from potash.errors import OptionError
from potash.sessions import Window
from potash.study.answer.all_days import across_firms, all_days, covered, the_study, with_event
from potash.study.answer.equivalence import detectable_by, ruled_out_beyond
from potash.study.answer.verdict import Outcome, Verdict
from potash.study.answer.words import p_value, size_of
from potash.study.inference.multiple import holm
from potash.study.results import EventStudyResults
from potash.study.study import EventStudy

MARGIN = 0.05


class Verdicts(list[Verdict]):
    """Verdicts of the events of one study, in their order; a list that shows itself as a table."""

    @property
    def frame(self) -> pd.DataFrame:
        """A row per verdict: the numbers of each, and its ``sentence``."""
        rows = [
            {
                "event_id": v.event_id, "firms": ", ".join(v.tickers), "controls": ", ".join(v.controls),
                "window": str(v.window), "CAR": v.CAR, "std_error": v.std_error, "lower": v.lower, "upper": v.upper,
                "beyond_market": v.beyond_market, "volatility": v.volatility, "scaled_pvalue": v.scaled_pvalue,
                "randomization_pvalue": v.randomization_pvalue, "regime_pvalue": v.regime_pvalue, "n_days": v.n_days,
                "holm_pvalue": v.holm_pvalue, "detectable": v.detectable, "ruled_out_beyond": v.ruled_out_beyond,
                "run_up": v.run_up, "any_firm_pvalue": v.firms.any_pvalue, "spread_pvalue": v.firms.spread_pvalue,
                "kolari_pynnonen_pvalue": v.kolari_pynnonen_pvalue, "outcome": v.outcome, "sentence": v.sentence(),
            }
            for v in self
        ]  # fmt: skip
        return pd.DataFrame(rows)

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td>{escape(str(v.event_id))}</td><td>{escape(v.sentence())}</td><td>{escape(p_value(v.pvalue))}</td>"
            f"<td>{escape(size_of(v.detectable))}</td></tr>"
            for v in self
        )
        head = "<tr><th>event</th><th>verdict</th><th>p</th><th>detectable</th></tr>"
        return f"<table><thead>{head}</thead><tbody>{rows}</tbody></table>"


def verdicts(
    study: EventStudy | EventStudyResults,
    window: tuple[int, int] | None = None,
    size: float = 0.05,
    margin: float = MARGIN,
) -> Verdicts:
    """Return one verdict per event, in the order of the events kept.

    It rests on the portfolio of the firms hit by one announcement, measured against market and controls: on its CAR over a
    standard error that follows the volatility of the days around it, by Student's t, and on the exact place of that
    statistic among all ordinary days of the same firms. The spread across firms has no vote: firms with unequal exposure
    differ. ``docs/simulated-verdicts.md`` has its size and power.

    Parameters
    ----------
    study : EventStudy or EventStudyResults
        With ``controls`` for a control group. Of results those of some events give the verdicts of these.
    window : pair of int, optional
        Offsets, both ends included; chosen before looking at the numbers. By default day 0 alone, or day 0 and the next
        session for an event whose day 0 is ambiguous for one of its firms.
    size : float
        Level of each vote and of the two one-sided tests.
    margin : float
        Smallest effect that matters, a fraction: "no effect beyond" it is said where one is ruled out.

    Raises
    ------
    OptionError
        If ``size`` or ``margin`` is no share between 0 and 1.
    InputError
        If the model cannot take controls and there are some.

    Examples
    --------
    >>> import numpy as np, pandas as pd, potash
    >>> days = pd.bdate_range("2024-01-01", periods=300)
    >>> made_up = np.random.default_rng(1).normal(0, 0.01, (300, 5))
    >>> made_up[280, :2] -= 0.08
    >>> returns = pd.DataFrame(made_up, index=days, columns=["A", "B", "X", "Y", "M"])
    >>> study = potash.EventStudy(
    ...     returns[["A", "B"]], pd.DataFrame({"event_id": ["news"], "session": [days[280]]}), returns_kind="log",
    ...     model=potash.MarketModel(returns["M"]), event_window=(-5, 10), controls=returns[["X", "Y"]],
    ... )
    >>> potash.verdicts(study)[0].outcome
    'effect'

    References
    ----------
    .. [1] Brown, S. J. and Warner, J. B. (1985). Journal of Financial Economics 14(1), 3-31: the portfolio.
    .. [2] Schuirmann, D. J. (1987). Journal of Pharmacokinetics and Biopharmaceutics 15(6), 657-680: what is ruled out.
    """
    for name, value in (("size", size), ("margin", margin)):
        if not 0 < value < 1:
            raise OptionError(f"{name}={value} must be a share between 0 and 1, for example 0.05.")
    made_by = the_study(study)
    ids = study.event_ids if isinstance(study, EventStudyResults) else made_by.fit().event_ids
    results = made_by.fit()
    chosen = [
        _verdict(made_by, event_id, Window.of(window or usual_window(results, event_id)), size, margin)
        for event_id in ids
    ]
    corrected = holm(np.array([verdict.pvalue for verdict in chosen]))
    return Verdicts(
        replace(v, holm_pvalue=float(p), n_verdicts=len(chosen)) for v, p in zip(chosen, corrected, strict=True)
    )


def usual_window(results: EventStudyResults, event_id: Any) -> tuple[int, int]:
    """Return day 0, or day 0 and the next session where day 0 is ambiguous for one of the event's firms."""
    labels = results.panel.labels
    rows = labels[labels["event_id"] == event_id]
    return (0, 1) if "ambiguous" in rows and rows["ambiguous"].astype(bool).any() else (0, 0)


def _verdict(study: EventStudy, event_id: Any, window: Window, size: float, margin: float) -> Verdict:
    counting = with_event(study, event_id)
    family = tuple(dict.fromkeys([window, *covered(study).values()]))
    days, alone = all_days(counting, event_id, family), counting.fit().for_event(event_id)
    market = days if counting is study else all_days(study, event_id, (window,))
    lower, upper = days.limits(1 - size)
    holds = alone.panel.members_share_days()
    run_up = [i for i, other in enumerate(family) if other.end < 0]
    critical = days.critical(0, size)
    car, std_error, df = (float(part[0]) for part in (days.cars, days.std_errors, days.df))
    verdict = Verdict(
        event_id=event_id,
        window=window,
        tickers=tuple(alone.panel.labels["ticker"]),
        controls=() if counting is study or study.controls is None else study.controls.of_event(event_id),
        CAR=car,
        std_error=std_error,
        lower=float(lower[0]),
        upper=float(upper[0]),
        df=df,
        volatility=float(np.sqrt(days.ratio[0])),
        scaled_pvalue=float(days.pvalues[0]) if holds else float("nan"),
        randomization_pvalue=float(days.randomization_pvalues[0]),
        regime_pvalue=float(days.regime_pvalues[0]),
        n_days=int((~np.isnan(days.ordinary_stats[:, 0])).sum()),
        days=months_of(days.sessions[~np.isnan(days.ordinary_stats[:, 0])]),
        holm_pvalue=float("nan"),
        beyond_market=float(market.cars[0]),
        beyond_market_std_error=float(market.std_errors[0]),
        critical=critical,
        detectable=detectable_by(std_error, df, critical),
        ruled_out_beyond=float(ruled_out_beyond(car, std_error, df, size)),
        margin=margin,
        firms=across_firms(counting, event_id, window),
        kolari_pynnonen_pvalue=alone.test("kolari_pynnonen", window).pvalue,
        run_up=float(days.cars[run_up[0]]) if run_up else float("nan"),
        run_up_pvalue=float(days.max_t_pvalues[run_up[0]]) if run_up else float("nan"),
        size=size,
    )
    return replace(verdict, outcome=_outcome(verdict))


def _outcome(verdict: Verdict) -> Outcome:
    votes = [value <= verdict.size for value in verdict.pvalues.values()]
    if not votes or np.isnan(verdict.CAR) or np.isnan(verdict.std_error):
        return "unknown"
    if all(votes):
        return "effect"
    return "ruled out" if verdict.ruled_out_beyond <= verdict.margin and not any(votes) else "undecided"
