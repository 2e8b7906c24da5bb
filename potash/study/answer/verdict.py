"""A verdict in words, computed from the numbers: an effect, none beyond a size, or undecided and what would decide it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from potash._display import Displayed
from potash.sessions import Window
from potash.study.answer.all_days import AcrossFirms
from potash.study.answer.equivalence import power_curve
from potash.study.answer.words import interval, names, p_is, p_value, percent, size_of, when

Outcome = Literal["effect", "ruled out", "undecided", "unknown"]


@dataclass(frozen=True, slots=True, repr=False)
class Verdict(Displayed):
    """What one event did to the equal-weighted portfolio of the firms studied.

    All returns are fractions. What counts is measured against the study's factors and, where it has controls, their mean.

    Attributes
    ----------
    event_id : object
        As in the events.
    window : Window
        Offsets in sessions, both ends included.
    tickers, controls : tuple of str
        Firms in the portfolio, and the control group of this event.
    CAR, std_error, lower, upper : float
        Of the portfolio, with confidence limits of level ``1 - size``; the standard error follows the volatility of the days
        around the window, see :mod:`potash.study.answer.event_volatility`.
    df, volatility : float
        Degrees of freedom, and standard deviation of the days around the window over that expected of them.
    scaled_pvalue, randomization_pvalue : float
        The two votes: Student's t, and the share of all ordinary days. NaN where a vote does not apply or hold.
    regime_pvalue : float
        Randomization among the third of the ordinary days nearest in volatility; no vote.
    n_days : int
        Ordinary days.
    days : str
        From when to when they are, by month, without the holes between; empty where there are none.
    holm_pvalue : float
        The larger vote, corrected for the number of verdicts handed out together.
    beyond_market, beyond_market_std_error : float
        The same against the study's factors alone; equal to ``CAR`` and ``std_error`` without controls.
    detectable : float
        Smallest true CAR that this verdict finds in four cases out of five, at the event's volatility.
    ruled_out_beyond : float
        Two one-sided tests of level ``size`` rule out a CAR beyond plus or minus this.
    margin : float
        The smallest effect that matters, fixed in advance.
    firms : AcrossFirms
        Whether any firm moved, and whether they moved differently: findings of their own, without a vote.
    kolari_pynnonen_pvalue : float
        Of the mean over firms against their spread; no vote.
    run_up : float
        CAR of sessions -5 to -1; NaN where the event window does not hold them.
    run_up_pvalue : float
        Corrected for the family of windows.
    outcome : {"effect", "ruled out", "undecided", "unknown"}
        An effect if every vote rejects; ruled out beyond ``margin`` if the two one-sided tests say so and no vote rejects;
        else undecided. Unknown if a day of a firm is missing, or nothing is known of the event's volatility.
    size : float
        Level of each test.
    n_verdicts : int
        Verdicts handed out together.
    """

    event_id: Any
    window: Window
    tickers: tuple[str, ...]
    controls: tuple[str, ...]
    CAR: float
    std_error: float
    lower: float
    upper: float
    df: float
    volatility: float
    scaled_pvalue: float
    randomization_pvalue: float
    regime_pvalue: float
    n_days: int
    days: str
    holm_pvalue: float
    beyond_market: float
    beyond_market_std_error: float
    critical: float
    detectable: float
    ruled_out_beyond: float
    margin: float
    firms: AcrossFirms
    kolari_pynnonen_pvalue: float
    run_up: float
    run_up_pvalue: float
    outcome: Outcome = "unknown"
    size: float = 0.05
    n_verdicts: int = 1

    @property
    def pvalues(self) -> dict[str, float]:
        """The p-values that the outcome rests on, by name; a vote that does not apply is left out."""
        votes = {"scaled test": self.scaled_pvalue, "all days": self.randomization_pvalue}
        return {name: value for name, value in votes.items() if not np.isnan(value)}

    @property
    def pvalue(self) -> float:
        """The larger of the votes: all reject where it is at most ``size``; NaN without a vote."""
        return max(self.pvalues.values(), default=float("nan"))

    @property
    def interval(self) -> str:
        """The portfolio's CAR and its confidence limits in words."""
        level = size_of(1 - self.size, 0)
        return f"{percent(self.CAR)} ({level} confidence {interval(self.lower, self.upper)})"

    @property
    def power(self) -> pd.DataFrame:
        """``power`` of this verdict by true ``effect``, both fractions."""
        return power_curve(self.std_error, self.df, self.critical)

    def sentence(self, expected: str = "unclear") -> str:
        """Return the verdict in at most 40 words; ``expected`` is the direction that was expected of the event."""
        if self.outcome == "unknown":
            return (
                f"No verdict: the portfolio of {names(self.tickers)} has no abnormal return {when(self.window)}, or too few days "
                "around it to know how volatile they were."
            )
        against = "market and control group" if self.controls else "the market"
        moved = f"{names(self.tickers)} returned {self.interval} {when(self.window)} beyond {against}"
        if self.outcome == "effect":
            alone = f"; {percent(self.beyond_market)} beyond the market alone" if self.controls else ""
            return f"An effect{self._sign(expected)}: {moved}{alone}."
        if self.outcome == "ruled out":
            return f"No effect beyond {size_of(self.margin)}: {moved}."
        return f"Undecided: {moved}, which fits {self._fits()}."

    def details(self) -> list[str]:
        """Return what stands behind the verdict, a sentence each."""
        if self.outcome == "unknown":
            return []
        sentences = self._votes(), self._about_detecting(), self._run_up(), self._across(), self._among_others()
        return [text for text in sentences if text]

    def _line(self) -> str:
        return f"{self.event_id}: {self.sentence()}"

    def _facts(self) -> dict[str, object]:
        return {
            "firms": ", ".join(self.tickers),
            "control group": ", ".join(self.controls) or "none",
            "window": when(self.window),
            "p": ", ".join(f"{name} {p_value(value)}" for name, value in self.pvalues.items()) or "no vote",
            "would usually be found": "missing" if np.isnan(self.detectable) else size_of(self.detectable),
            "run-up before day 0": "missing" if np.isnan(self.run_up) else percent(self.run_up),
        }

    def __str__(self) -> str:
        return f"{self.event_id}: {self.sentence()}"

    def _votes(self) -> str:
        votes = ", ".join(f"{name} {p_is(value)}" for name, value in self.pvalues.items())
        volatile = f"; days around the window were {self.volatility:.1f} times as volatile as before"
        regime = "" if np.isnan(self.regime_pvalue) else f", {p_is(self.regime_pvalue)} among days as volatile"
        span = f" ({self.days})" if self.days else ""
        missing = ""
        if np.isnan(self.randomization_pvalue):
            missing = f" Only {self.n_days} ordinary days are there, too few for a vote."
        elif np.isnan(self.scaled_pvalue):
            missing = " The firms trade on different days, so the scaled test has no vote."
        return f"Votes: {votes}; {self.n_days} ordinary days{span}{regime}{volatile}.{missing}"

    def _about_detecting(self) -> str:
        text = (
            f"These data find a true effect of {size_of(self.detectable)} in four cases out of five, and rule out one beyond "
            f"{size_of(self.ruled_out_beyond)}."
        )
        if self.outcome != "undecided":
            return text
        needed = self.margin / (self.detectable / self.std_error)
        if self.std_error > needed:
            return (
                f"{text} A standard error of {size_of(needed)} instead of {size_of(self.std_error)} would decide about "
                f"{size_of(self.margin)}: more firms, closer controls, or several events together."
            )
        return f"{text} Several events together, or the same firms in a calmer week, would decide it."

    def _run_up(self) -> str:
        if np.isnan(self.run_up):
            return ""
        corrected = f", {p_is(self.run_up_pvalue)} corrected for the windows looked at"
        return f"Sessions −5 to −1 had brought {percent(self.run_up)} already{corrected}."

    def _across(self) -> str:
        if len(self.tickers) < 2 or np.isnan(self.firms.any_pvalue):
            return ""
        return (
            f"Of single firms {self.firms.largest} stands out most (any firm moved: {p_is(self.firms.any_pvalue)}); "
            f"that firms differ this much: {p_is(self.firms.spread_pvalue)}."
        )

    def _among_others(self) -> str:
        if self.n_verdicts < 2 or self.outcome != "effect":
            return ""
        return f"This is one of {self.n_verdicts} verdicts; corrected for their number (Holm) {p_is(self.holm_pvalue)}."

    def _fits(self) -> str:
        if (self.pvalue > self.size) and any(value <= self.size for value in self.pvalues.values()):
            return "no effect by one vote only"
        return f"no effect as well as one of {size_of(self.margin)}"

    def _sign(self, expected: str) -> str:
        sign = "positive" if self.CAR > 0 else "negative"
        if expected not in ("positive", "negative"):
            return f", {sign}"
        return f", {sign} as expected" if sign == expected else f", {sign} where {expected} was expected"
