"""Standard errors that follow the volatility of the event's own days, not only that of the estimation window.

News often comes in weeks that are volatile for other reasons, and a standard error from the calm months before then calls
chance an effect. The days around the tested window tell how volatile the weeks are: the standardized abnormal returns of
sessions -3 to +10 outside the window. Where a long window leaves fewer than eight of them, the days inside it count too,
about their own mean and without the one farthest from their median, so that neither an even effect nor one on a single day
hides itself. The standard error is multiplied by the root of their mean square where that is above one, and the statistic
then has as many degrees of freedom as there are such days.

It assumes that the volatility of the window's days is that of the days around them. An effect that leaks into those days
widens the standard error, which costs power and not size. It does not assume that other firms share the volatility:
``docs/simulated-verdicts.md`` compares it with a scale from controls, which fails where they do not.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from potash._typing import Bool2D, Float1D, Float2D, Int1D
from potash.sessions import Window
from potash.study.engine.window_fit import WindowFit

AROUND = Window(-3, 10)
# With as many days outside a window its own days, which hold the effect, are not looked at.
ENOUGH_OUTSIDE = 8
# With fewer days in all nothing is known of the volatility, and the statistic is missing.
FEWEST_DAYS = 5


@dataclass(frozen=True, slots=True)
class ScaledCars:
    """CARs of ``n`` portfolios or firms over one window, with standard errors that follow the event's volatility.

    Attributes
    ----------
    cars : ndarray of shape (n,)
        Fractions; NaN if a day is missing.
    std_errors : ndarray of shape (n,)
        Of the estimation window times the root of ``ratio`` where that is above one; NaN where nothing is known of the
        volatility.
    ratio : ndarray of shape (n,)
        Variance of the days around the window over that expected of them; NaN with fewer than five such days.
    df : ndarray of shape (n,)
        Degrees of freedom of the statistic: of the regression where ``ratio`` is at most one, else the smaller of those and
        the days around the window.
    """

    cars: Float1D
    std_errors: Float1D
    ratio: Float1D
    df: Float1D

    @property
    def stats(self) -> Float1D:
        """CARs over their standard errors (n,)."""
        return self.cars / self.std_errors


def scaled_cars(fit: WindowFit, event: Window, tested: Window) -> ScaledCars:
    """Return the CARs of a fit over a window, with standard errors that follow the volatility around it.

    Parameters
    ----------
    fit : WindowFit
        Of ``n`` firm-events or portfolios.
    event : Window
        Its event window; days of -3 to +10 outside it are not there to be looked at.
    tested : Window
        Inside the event window.

    References
    ----------
    .. [1] Boehmer, E., Musumeci, J. and Poulsen, A. B. (1991). Journal of Financial Economics 30(2), 253-272: a variance
       that follows the event, there from the spread across firms.
    .. [2] Harrington, S. E. and Shrider, D. G. (2007). Journal of Financial and Quantitative Analysis 42(1), 229-256.
    """
    first = tested.start - event.start
    cars, std_errors = fit.cars(slice(first, first + len(tested)))
    return scaled(cars, std_errors, fit.df_resid, *volatility_ratio(fit, event, tested))


def scaled(cars: Float1D, std_errors: Float1D, df_resid: Int1D, ratio: Float1D, days: Float1D) -> ScaledCars:
    """Return CARs (n,) with the standard errors that a variance ratio, seen on ``days``, makes of the regressions'."""
    wide = np.where(days >= FEWEST_DAYS, ratio, np.nan)
    df = np.where(wide > 1, np.minimum(df_resid, days), df_resid).astype(float)
    return ScaledCars(cars, std_errors * np.sqrt(np.maximum(wide, 1)), wide, df)


def volatility_ratio(fit: WindowFit, event: Window, tested: Window) -> tuple[Float1D, Float1D]:
    """Return the mean square of the standardized days around a window (n,), and their number less what was estimated."""
    with np.errstate(invalid="ignore", divide="ignore"):
        errors = np.sqrt(fit.variance[:, None] * np.einsum("nww->nw", fit.scale))
        standardized = fit.abnormal / errors
    return ratio_around(standardized, event, tested)


def ratio_around(standardized: Float2D, event: Window, tested: Window) -> tuple[Float1D, Float1D]:
    """Return what :func:`volatility_ratio` does, from the standardized days of the event window (n, W)."""
    offsets = np.arange(event.start, event.end + 1)
    inside = (offsets >= tested.start) & (offsets <= tested.end)
    around = (offsets >= AROUND.start) & (offsets <= AROUND.end) & ~inside
    outside_days = standardized[:, around]
    seen = ~np.isnan(outside_days)
    days, total = seen.sum(axis=1).astype(float), (np.where(seen, outside_days, 0) ** 2).sum(axis=1)
    few = days < ENOUGH_OUTSIDE
    if few.any():
        squares, within = _within(standardized[few][:, inside])
        days[few] += within
        total[few] += squares
    return np.where(days > 0, total / np.maximum(days, 1), np.nan), days


def _within(days: Float2D) -> tuple[Float1D, Float1D]:
    """Return the sum of squares of a window's days (n, w) about their mean, less the farthest, and what it counts for.

    It counts for two days fewer than there are, and is divided by what chance alone makes of a variance of one.
    """
    seen = ~np.isnan(days)
    number = seen.sum(axis=1)
    kept = seen & ~_farthest(days, seen)
    mean = np.where(kept, days, 0).sum(axis=1) / np.maximum(kept.sum(axis=1), 1)
    squares = (np.where(kept, days - mean[:, None], 0) ** 2).sum(axis=1)
    counts = np.maximum(number - 2, 0)
    sizes, size = np.unique(number, return_inverse=True)
    share = np.array([kept_share(int(n)) for n in sizes])[size]
    return np.where(counts > 0, squares / share, 0.0), counts.astype(float)


def _farthest(days: Float2D, seen: Bool2D) -> Bool2D:
    """Return where the day farthest from the median of each row is; the first of several."""
    in_order, number = np.sort(np.where(seen, days, np.inf), axis=1), np.maximum(seen.sum(axis=1), 1)
    rows = np.arange(len(days))
    middle = (in_order[rows, (number - 1) // 2] + in_order[rows, number // 2]) / 2
    distance = np.where(seen, np.abs(days - middle[:, None]), -1.0)
    return np.asarray(np.arange(days.shape[1]) == distance.argmax(axis=1)[:, None])


@lru_cache(maxsize=64)
def kept_share(n: int) -> float:
    """Return the mean variance of ``n`` standard normal values without the one farthest from their median, on n - 2.

    From 100,000 seeded draws, to three digits; one where fewer than three values leave nothing to estimate.
    """
    if n < 3:
        return 1.0
    drawn = np.random.default_rng(0).standard_normal((100_000, n))
    kept = ~_farthest(drawn, np.ones(drawn.shape, dtype=bool))
    mean = (drawn * kept).sum(axis=1) / (n - 1)
    return float((((drawn - mean[:, None]) * kept) ** 2).sum(axis=1).mean() / (n - 2))
