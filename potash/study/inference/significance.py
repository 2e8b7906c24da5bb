"""A test of abnormal returns with its null and its answer, and the distributions that answers come from."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.special import ndtr, stdtr, stdtrit

from potash._display import Displayed
from potash._typing import Float1D, Int1D


@dataclass(frozen=True, slots=True, repr=False)
class SignificanceTest(Displayed):
    """A test of abnormal returns and its answer.

    Attributes
    ----------
    name : str
        As asked for, e.g. ``"kolari_pynnonen"``.
    null : str
        The hypothesis tested, with the assumptions it leans on.
    stat : float
        The statistic; NaN if the test does not apply, see ``reason``.
    pvalue : float
        Two-sided.
    distribution : str
        Of the statistic under the null, e.g. ``"t(6)"``.
    n_obs : int
        Firm-events (for the portfolio test: events) that entered.
    estimate, std_error : float
        The mean abnormal return that is tested and its standard error, as a return; NaN for tests of a standardized
        mean, whose unit is standard deviations.
    holds : bool
        Whether the test's assumptions hold for this design.
    reason : str
        Why they do, or do not.
    """

    name: str
    null: str
    stat: float
    pvalue: float
    distribution: str
    n_obs: int
    estimate: float = float("nan")
    std_error: float = float("nan")
    holds: bool = True
    reason: str = ""

    def judged(self, holds: bool, reason: str) -> SignificanceTest:
        """Return the same test with a judgement on its assumptions; one that does not apply stays so."""
        return self if np.isnan(self.stat) else replace(self, holds=holds, reason=reason)

    def _line(self) -> str:
        return f"{self.name}, {self.stat:.3f} ~ {self.distribution}, p = {self.pvalue:.4f}"

    def _facts(self) -> dict[str, object]:
        return {"null": self.null, "holds": "yes" if self.holds else "no", "because": self.reason or "not judged"}

    def __str__(self) -> str:
        answer = f"{self.stat:.3f} ~ {self.distribution}, p = {self.pvalue:.4f}, n = {self.n_obs}"
        return f"{self.name}: {answer}. Null: {self.null}"


def t_pvalue(stat: float | Float1D, df: float | Float1D | Int1D) -> Float1D:
    """Return two-sided p-values of Student's t; NaN where the statistic is NaN."""
    return np.asarray(2 * stdtr(df, -np.abs(stat)))


def t_quantile(probability: float, df: float | Float1D) -> Float1D:
    """Return quantiles of Student's t with ``df`` degrees of freedom."""
    return np.asarray(stdtrit(df, probability))


def by_t(
    name: str, null: str, stat: float, df: float, n_obs: int, estimate: float = np.nan, std_error: float = np.nan
) -> SignificanceTest:
    """Return a test whose statistic has Student's t under the null."""
    pvalue = float(t_pvalue(stat, df))
    return SignificanceTest(name, null, float(stat), pvalue, f"t({df:g})", n_obs, estimate, std_error)


def by_normal(name: str, null: str, stat: float, n_obs: int) -> SignificanceTest:
    """Return a test whose statistic is standard normal under the null."""
    return SignificanceTest(name, null, float(stat), float(2 * ndtr(-abs(stat))), "N(0, 1)", n_obs)


def not_applicable(name: str, null: str, n_obs: int, reason: str) -> SignificanceTest:
    """Return a test without an answer that says why there is none."""
    nan = float("nan")
    return SignificanceTest(name, null, nan, nan, "none", n_obs, nan, nan, False, reason)
