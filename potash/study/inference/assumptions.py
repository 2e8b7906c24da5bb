"""Whether a test's assumptions hold for the design of a study: shared dates, few firms, skewed residuals, overlapping windows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from potash._typing import Float1D, Float2D, Int1D, Int2D
from potash.study.inference.significance import SignificanceTest

FEW, MANY, SKEWED = 5, 15, 0.15

DEPENDENCE_ALLOWED = ("adjusted_patell", "kolari_pynnonen", "rank", "corrado_zivney", "grank")
# These learn how far a day's mean strays from the same firms on other days, counted from the event: they must be the same
# calendar days for all firms of an event, and two events must not put one calendar day in two places.
BY_CALENDAR_DAY = ("portfolio", "rank", "corrado_zivney", "grank")
# Simulated (docs/simulated-size.md): with 2 to 7 firms these reject 6 to 44 % of true nulls at 5 % if residuals are normal,
# with 10 up to 8 %, and more if residuals have fat tails.
FOR_MANY = ("corrado_zivney", "grank", "grank_z")
# Simulated with lognormal residuals: these reject 9 % of true nulls to more than half. The first take the distribution of a
# CAR for symmetric, and a sum over days is less skewed than a day; the others compare with single days, whatever the window.
FOR_SYMMETRIC_CARS = (
    "cross_sectional", "skewness_adjusted", "patell", "patell_simple", "bmp", "kolari_pynnonen", "sign", "wilcoxon",
)  # fmt: skip
FOR_SYMMETRIC_DAYS = ("corrado_zivney", "grank", "grank_z", "generalized_sign")


@dataclass(frozen=True, slots=True)
class Design:
    """Facts about the firm-events that enter a test; for the portfolio test, those of the events that enter.

    Attributes
    ----------
    n_obs, n_events : int
        Firm-events, and events among them.
    shared : int
        Firm-events that have a day of their window in common with another one.
    events_overlap : bool
        Whether windows of two different events have a day in common.
    same_days : bool
        Whether the firms of each event have their estimation and event windows on the same calendar days.
    left_out : int
        Firm-events that do not enter because a day is missing; for the portfolio test, events.
    skewness : float
        Mean of :func:`kelley_skewness` over the firm-events; NaN where no residual varies.
    n_days : int
        Days of the window.
    """

    n_obs: int
    n_events: int
    shared: int
    events_overlap: bool
    same_days: bool = True
    left_out: int = 0
    skewness: float = 0.0
    n_days: int = 1

    @classmethod
    def of(
        cls, days: Int2D, event: Int1D, same_days: bool = True, left_out: int = 0, skewness: Float1D | None = None
    ) -> Design:
        """Return the facts for windows given as calendar days (n, W), each one's event number (n,) and skewness (n,)."""
        n_events = len(np.unique(event))
        stated = np.zeros(1) if skewness is None else skewness[~np.isnan(skewness)]
        skew = float(stated.mean()) if len(stated) else float("nan")
        if not days.size:
            return cls(len(days), n_events, 0, False, same_days, left_out, skew, days.shape[1])
        number = days - days.min()
        size = int(number.max()) + 1
        windows = np.bincount(number.ravel(), minlength=size)
        first, last = np.full(size, event.max() + 1), np.full(size, -1)
        for column in number.T:
            np.minimum.at(first, column, event)
            np.maximum.at(last, column, event)
        shared = int((windows[number] > 1).any(axis=1).sum())
        overlap = bool((last > first).any())
        return cls(len(days), n_events, shared, overlap, same_days, left_out, skew, days.shape[1])

    def skewed_for(self, name: str) -> bool:
        """Return whether the residuals are too skewed for a test: beyond .15 on a day, or in the sum over a window."""
        days = self.n_days if name in FOR_SYMMETRIC_CARS else 1
        sensitive = name in FOR_SYMMETRIC_CARS or name in FOR_SYMMETRIC_DAYS
        return sensitive and abs(self.skewness) > SKEWED * np.sqrt(days)


def kelley_skewness(residuals: Float2D) -> Float1D:
    """Return how far the 10th and 90th percentiles of each row lie from the median unequally, from -1 to 1.

    ``(q90 + q10 - 2 q50) / (q90 - q10)``: 0 for symmetric residuals, .22 and .44 for sums of lognormal ones with a standard
    deviation of the logarithm of .5 and 1. The third moment is no judge here: with Student's t of 4 degrees of freedom that
    of 120 residuals has a standard deviation of .6, so a bound that finds lognormal residuals condemns every third study.
    Under a symmetric null 95 % of the means over two firms or more lie within .12.

    Parameters
    ----------
    residuals : ndarray of shape (n, L)
        Of estimation windows; NaN where there is none.

    Returns
    -------
    ndarray of shape (n,)
        NaN for a row whose two percentiles coincide or that is empty.

    References
    ----------
    .. [1] Kelley, T. L. (1947). Fundamentals of Statistics. Harvard University Press.
    .. [2] Groeneveld, R. A. and Meeden, G. (1984). Journal of the Royal Statistical Society D 33(4), 391-399.

    Examples
    --------
    >>> kelley_skewness(np.array([[0.0, 1, 2, 3, 4], [0, 1, 2, 3, 10]])).round(2).tolist()
    [0.0, 0.53]
    """
    ordered = np.sort(residuals, axis=1)  # NaN last
    last = np.maximum((~np.isnan(residuals)).sum(axis=1) - 1, 0)
    rows = np.arange(len(ordered))

    def quantile(share: float) -> Float1D:
        below = np.floor(share * last).astype(np.intp)
        low, high = ordered[rows, below], ordered[rows, np.minimum(below + 1, last)]
        return np.asarray(low + (share * last - below) * (high - low))

    low, middle, high = quantile(0.1), quantile(0.5), quantile(0.9)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray((high + low - 2 * middle) / (high - low))


def judged(test: SignificanceTest, design: Design) -> SignificanceTest:
    """Return the test with a judgement on whether its assumptions hold for the design, and why."""
    holds, reason = _judgement(test, design)
    if design.left_out and test.name == "portfolio":
        reason += f"; {_counted(design.left_out, 'event')} left out whose portfolio lacks a day or a variance"
    elif design.left_out:
        reason += f"; {_counted(design.left_out)} left out for a missing day"
    return test.judged(holds, reason)


def _judgement(test: SignificanceTest, design: Design) -> tuple[bool, str]:
    """Return whether the assumptions hold, and why."""
    if test.name in BY_CALENDAR_DAY and not design.same_days:
        return (False, "firms trade on different days (exchanges differ), so part of their correlation is missed")
    if test.name in BY_CALENDAR_DAY and design.events_overlap:
        return (False, "windows of different events overlap, so the events are not independent")
    if test.name in FOR_MANY and test.n_obs < MANY:
        return (False, f"{_counted(test.n_obs)}; below {MANY} it rejects too often")
    if test.name == "portfolio":
        return (True, "correlation among firms enters through the portfolio's own variance")
    if design.shared and test.name not in DEPENDENCE_ALLOWED:
        return (
            False,
            f"{design.shared} of {_counted(design.n_obs)} share days with others: they are not independent draws",
        )
    if design.skewed_for(test.name):
        return (False, _skewed(test, design))
    if test.name in DEPENDENCE_ALLOWED:
        return (True, _size(test, "correlation among firms is allowed for"))
    return (True, _size(test, "windows do not overlap"))


def _size(test: SignificanceTest, reason: str) -> str:
    if test.n_obs < FEW:
        return f"{reason}; only {_counted(test.n_obs)}, so little power and reliance on normality"
    return reason


def _skewed(test: SignificanceTest, design: Design) -> str:
    limit = f"{SKEWED:g}"
    if test.name in FOR_SYMMETRIC_CARS and design.n_days > 1:
        limit = f"{SKEWED * np.sqrt(design.n_days):.2f} in a window of {design.n_days} days"
    return f"residuals are skewed: mean Kelley coefficient {design.skewness:+.2f}; beyond {limit} it rejects too often"


def _counted(n: int, what: str = "firm-event") -> str:
    return f"{n} {what}" if n == 1 else f"{n} {what}s"
