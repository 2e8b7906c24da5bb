"""Ordinary days: how often one looks as unusual as the event did, in one window or in any of a family."""

from __future__ import annotations

import numpy as np

from potash._typing import Bool1D, Float1D, Float2D

FEWEST = 20


def placebo_pvalue(stat: float, placebo: Float1D, width: int = 1) -> float:
    """Return the share of statistics at least as large as the event's in absolute value, the event's own among them.

    Parameters
    ----------
    stat : float
        The event's statistic.
    placebo : ndarray of shape (n,)
        The same statistic on days without an event; NaN entries are left out.
    width : int
        Sessions of the window. Windows that begin on neighbouring days share days, so a day's window counts as ``1 / width``
        of a draw, and the event's as a whole one.

    Returns
    -------
    float
        ``(width + k) / (width + n)`` with ``k`` of ``n`` statistics at least as large; NaN if there are fewer than 20.

    References
    ----------
    .. [1] Davison, A. C. and Hinkley, D. V. (1997). Bootstrap Methods and their Application, ch. 4: the event is one of
       the draws under the null, hence the 1 in numerator and denominator.
    """
    ordinary = placebo[~np.isnan(placebo)]
    if len(ordinary) < FEWEST or np.isnan(stat):
        return float("nan")
    return float((width + (np.abs(ordinary) >= abs(stat)).sum()) / (width + len(ordinary)))


def placebo_critical(placebo: Float1D, size: float = 0.05, width: int = 1) -> float:
    """Return the absolute value above which a statistic has a :func:`placebo_pvalue` of at most ``size``.

    Infinite where there are too few days for any to have one; NaN if there are fewer than 20.
    """
    ordinary = np.sort(np.abs(placebo[~np.isnan(placebo)]))[::-1]
    if len(ordinary) < FEWEST:
        return float("nan")
    # A whisker for products that rounding leaves just under a whole number: .05 * 20 is one.
    at_least_as_large = int(np.floor(size * (width + len(ordinary)) - width + 1e-9))
    return float("inf") if at_least_as_large < 0 else float(ordinary[at_least_as_large])


def max_pvalues(stats: Float1D, placebo: Float2D, width: int = 1) -> Float1D:
    """Return p-values of a family of windows, corrected for looking at all of them.

    Parameters
    ----------
    stats : ndarray of shape (m,)
        The event's statistics; NaN where one is missing, which takes the window out of the family.
    placebo : ndarray of shape (n, m)
        The same statistics on ordinary days; days with a missing one are left out.
    width : int
        Sessions of the longest window: see :func:`placebo_pvalue`.

    Returns
    -------
    ndarray of shape (m,)
        For each window how often the largest statistic of an ordinary day, over all windows, is at least as large as the
        event's in that window.

    References
    ----------
    .. [1] Westfall, P. H. and Young, S. S. (1993). Resampling-Based Multiple Testing, ch. 2: single-step max-t.
    """
    there = ~np.isnan(stats)
    largest = np.abs(placebo[:, there]).max(axis=1, initial=0.0) if there.any() else np.full(len(placebo), np.nan)
    return np.array([placebo_pvalue(float(stat), largest, width) for stat in stats])


def nearest_in_volatility(ratio: float, placebo: Float1D, share: float = 1 / 3) -> Bool1D:
    """Return which ordinary days had the volatility nearest to the event's: a share of those whose volatility is seen.

    Parameters
    ----------
    ratio : float
        Variance ratio of the event's days.
    placebo : ndarray of shape (n,)
        Variance ratios of ordinary days; distance is that of logarithms.
    share : float
        Share of the days chosen; days as near as the farthest of them are chosen too.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        distance = np.abs(np.log(placebo) - np.log(ratio))
    seen = np.isfinite(distance)
    if not seen.any():
        return np.zeros(len(placebo), dtype=bool)
    limit = np.sort(distance[seen])[max(int(np.ceil(share * seen.sum())) - 1, 0)]
    return np.asarray(seen & (distance <= limit))
