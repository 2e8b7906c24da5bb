"""A verdict in words, computed from the numbers: an effect, mixed evidence, or no detectable effect and why."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import pandas as pd

from potash.sessions import Window
from potash.study.inference.parametric import detectable_effect
from potash.study.results import EventStudyResults
from potash.study.study import EventStudy

Outcome = Literal["effect", "mixed", "none", "unknown"]

# With fewer firms the denominator of the Kolari-Pynnonen test rests on two degrees of freedom or less: two shares that
# happen to move alike look significant however small their move. It is shown, and has no vote.
FEWEST_FIRMS = 4


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one event did to the equal-weighted portfolio of the firms studied.

    Attributes
    ----------
    event_id : object
        As in the events.
    window : Window
        Offsets in sessions, both ends included.
    tickers : tuple of str
        Firms in the portfolio.
    CAR, std_error, lower, upper : float
        Of the portfolio, with 95 % confidence limits; fractions.
    portfolio_pvalue, kolari_pynnonen_pvalue, placebo_pvalue : float
        Two-sided; NaN where a test does not apply or, for the portfolio test, does not hold.
    n_placebo : int
        Ordinary days that the placebo test compares with: sessions whose event window keeps clear of the events studied.
    placebo_span : tuple of Timestamp, optional
        First and last of them.
    detectable : float
        Smallest true CAR found with 80 % power at 5 % size.
    outcome : {"effect", "mixed", "none", "unknown"}
        Whether all, some or none of the tests that have a vote reject at 5 %: the portfolio test, the placebo days and,
        from four firms on, the Kolari-Pynnonen test. Unknown if a day of a firm is missing, or no test has a vote.
    """

    event_id: Any
    window: Window
    tickers: tuple[str, ...]
    CAR: float
    std_error: float
    lower: float
    upper: float
    portfolio_pvalue: float
    kolari_pynnonen_pvalue: float
    placebo_pvalue: float
    n_placebo: int
    detectable: float
    outcome: Outcome
    placebo_span: tuple[pd.Timestamp, pd.Timestamp] | None = None

    @property
    def pvalues(self) -> dict[str, float]:
        """The p-values that the outcome rests on, by name; tests that do not apply, or have no vote, are left out."""
        votes = {"portfolio test": self.portfolio_pvalue, "placebo days": self.placebo_pvalue}
        if len(self.tickers) >= FEWEST_FIRMS:
            votes["Kolari-Pynnonen"] = self.kolari_pynnonen_pvalue
        return {name: value for name, value in votes.items() if not np.isnan(value)}

    @property
    def interval(self) -> str:
        """The portfolio's CAR and its 95 % confidence limits in words."""
        return f"{percent(self.CAR)} (95 % confidence {percent(self.lower)} to {percent(self.upper)})"

    def sentence(self, expected: str = "unclear") -> str:
        """Return the verdict in words; ``expected`` is the direction that was expected of the event."""
        if self.outcome == "unknown":
            return (
                f"No verdict. The portfolio of {', '.join(self.tickers)} has no abnormal return {self._when()}, or no test that "
                "holds: a firm's return is missing, its estimation returns are too few, or the firms trade on different days."
            )
        pvalues = ", ".join(f"{name} p = {value:.3f}" for name, value in self.pvalues.items())
        who = "Together " + ", ".join(self.tickers) if len(self.tickers) > 1 else self.tickers[0]
        moved = f"{who} returned {percent(self.CAR)} beyond what the market explains {self._when()}"
        if np.isnan(self.portfolio_pvalue):
            return (
                f"{self._head(expected)} {moved} ({pvalues}). The firms trade on different days, so the portfolio test and its "
                "interval do not apply and the verdict rests on the rest."
            )
        moved += f" (95 % confidence {percent(self.lower)} to {percent(self.upper)}; {pvalues})."
        limit = percent(self.detectable).removeprefix("+")
        text = f"{self._head(expected)} {moved}"
        if self.outcome == "none":
            return (
                f"{text} {self._why_none()} These data would have shown a true effect of {limit} or more in four cases out of "
                "five; a smaller one could be there unseen."
            )
        if self.outcome == "mixed":
            return f"{text} A true effect of {limit} or more would usually have been found."
        return text

    def __str__(self) -> str:
        return f"{self.event_id}: {self.sentence()}"

    def _head(self, expected: str) -> str:
        heads = {"none": "No detectable effect.", "mixed": "Weak evidence: the tests disagree."}
        return heads.get(self.outcome, f"An effect{self._sign(expected)}.")

    def _when(self) -> str:
        if len(self.window) == 1:
            return f"on day {self.window.start}"
        return f"over sessions {self.window.start} to {self.window.end:+d}"

    def _why_none(self) -> str:
        if np.isnan(self.placebo_pvalue):
            return "The confidence interval includes zero."
        share = percent(self.placebo_pvalue, 0).removeprefix("+")
        since = ""
        if self.placebo_span is not None:
            first, last = self.placebo_span
            since = f" from {first:%b %Y} to {last:%b %Y}"
        return f"The interval includes zero, and {share} of {self.n_placebo} ordinary days{since} moved the same shares as much."

    def _sign(self, expected: str) -> str:
        sign = "positive" if self.CAR > 0 else "negative"
        if expected not in ("positive", "negative"):
            return f", {sign}"
        return f" of the expected sign ({sign})" if sign == expected else f", {sign} where {expected} was expected"


def percent(value: float, decimals: int = 1) -> str:
    """Return a fraction as a signed percentage for a text: ``-0.0134`` is ``−1.3 %``."""
    return f"{value:+.{decimals}%}".replace("-", "−").replace("%", " %")


def verdicts(study: EventStudy, window: tuple[int, int] | None = None, size: float = 0.05) -> list[Verdict]:
    """Return one verdict per event, in the order of the events kept.

    It rests on the tests that allow firms hit by one announcement to move together: the portfolio test, the
    Kolari-Pynnonen test and the placebo days. Tests that need independent firms have no say.

    Parameters
    ----------
    study : EventStudy
    window : pair of int, optional
        Offsets, both ends included; chosen before looking at the numbers. By default day 0 alone, or day 0 and the next
        session for an event whose day 0 is ambiguous for one of its firms.
    size : float
        Level at which a test counts as rejecting.
    """
    results = study.fit()
    windows = {event_id: window or _usual_window(results, event_id) for event_id in results.event_ids}
    by_event: dict[Any, Verdict] = {}
    for chosen in dict.fromkeys(windows.values()):
        placebo, draws = study.placebo(chosen), study.placebo_cars(chosen)
        for event_id in (e for e, w in windows.items() if w == chosen):
            days = draws.loc[draws["event_id"] == event_id].dropna(subset="CAR")["session"]
            span = (days.min(), days.max()) if len(days) else None
            by_event[event_id] = _verdict(results, event_id, chosen, placebo.loc[event_id], span, size)
    return [by_event[event_id] for event_id in results.event_ids]


def _usual_window(results: EventStudyResults, event_id: Any) -> tuple[int, int]:
    labels = results.panel.labels
    rows = labels[labels["event_id"] == event_id]
    return (0, 1) if "ambiguous" in rows and rows["ambiguous"].astype(bool).any() else (0, 0)


def _verdict(
    results: EventStudyResults, event_id: Any, window: tuple[int, int], placebo: pd.Series,
    span: tuple[pd.Timestamp, pd.Timestamp] | None, size: float,
) -> Verdict:  # fmt: skip
    alone = results.for_event(event_id)
    row, limits = alone.portfolio(window).iloc[0], alone.conf_int_portfolio(window).iloc[0]
    test = alone.test("portfolio", window)
    verdict = Verdict(
        event_id=event_id,
        window=Window.of(window),
        tickers=tuple(alone.panel.labels["ticker"]),
        CAR=float(row["CAR"]),
        std_error=float(row["std_error"]),
        lower=float(limits["lower"]),
        upper=float(limits["upper"]),
        portfolio_pvalue=test.pvalue if test.holds else float("nan"),
        kolari_pynnonen_pvalue=alone.test("kolari_pynnonen", window).pvalue,
        placebo_pvalue=float(placebo["pvalue"]),
        n_placebo=int(placebo["n_placebo"]),
        detectable=float(detectable_effect(row["std_error"], alone.portfolio_fit.df_resid[0], size=size)),
        outcome="unknown",
        placebo_span=span,
    )
    return replace(verdict, outcome=_outcome(verdict, size))


def _outcome(verdict: Verdict, size: float) -> Outcome:
    votes = [value < size for value in verdict.pvalues.values()]
    if not votes or np.isnan(verdict.CAR) or np.isnan(verdict.std_error):
        return "unknown"
    return "effect" if all(votes) else "mixed" if any(votes) else "none"
