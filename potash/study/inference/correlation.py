"""The mean correlation of abnormal returns among firm-events, from estimation residuals matched by calendar day."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from potash._typing import Float1D, Float2D, Int1D, Int2D
from potash.study.engine.acceleration import compiled_for

# Below this many common estimation days the correlation of two firms is not known well enough to correct with.
FEWEST_COMMON_DAYS = 20
# Pairs of cells multiplied at once.
PAIRS = 4096


def mean_correlation(residuals: Float2D, days: Int2D, days_event: Int2D) -> float:
    """Return the mean over all pairs of the correlation between their abnormal returns in a window.

    Parameters
    ----------
    residuals : ndarray of shape (n, L)
        Estimation residuals; NaN on sessions that were not used. Each row's mean is taken out: a model that estimates no
        constant leaves one.
    days : ndarray of shape (n, L)
        Calendar day of each residual as a whole number.
    days_event : ndarray of shape (n, W)
        Calendar days of the window under test.

    Returns
    -------
    float
        0 for a single firm-event; NaN if firm-events that share days of the window have fewer than 20 estimation days
        in common on average.

    Notes
    -----
    Kolari and Pynnonen assume one event date. Their variance of the mean needs the average correlation of the
    *abnormal returns*, so a pair counts with the share of the window's days that its members have in common: fully if
    they share their dates, not at all if their windows are disjoint, whatever the correlation of their residuals is.
    On one shared date this is the plain mean residual correlation of the paper; where days are missing a pair counts
    with the number of days it has in common. The sums over pairs come from sums over days,
    ``sum_ij u_it u_jt = (sum_i u_it)^2 - sum_i u_it^2``, so the cost grows with ``n`` and not with its square.

    References
    ----------
    .. [1] Kolari, J. W. and Pynnonen, S. (2010). Review of Financial Studies 23(11), 3996-4025, eqs. 6-11.
    """
    n = len(residuals)
    if n < 2:
        return 0.0
    nobs = (~np.isnan(residuals)).sum(axis=1)
    centred = residuals - (np.nansum(residuals, axis=1) / nobs)[:, None]
    standardized = centred / np.sqrt(np.nansum(centred**2, axis=1) / nobs)[:, None]
    cells = _cells(standardized, days, days_event)
    return float(sums_of_correlations(cells, np.zeros(len(cells.size), dtype=np.int64), 1)[0] / (n * (n - 1)))


def residual_correlations(residuals: Float2D, days: Int2D, min_common: int = FEWEST_COMMON_DAYS) -> Float2D:
    """Return correlations of estimation residuals between firm-events, matched by calendar day.

    Parameters
    ----------
    residuals : ndarray of shape (n, L)
        Estimation residuals, NaN on sessions that were not used.
    days : ndarray of shape (n, L)
        The calendar day of each residual as a whole number; the same number is the same day for all firm-events.
    min_common : int
        Pairs with fewer common days are NaN.

    Returns
    -------
    ndarray of shape (n, n)
        Pearson correlations over the days common to a pair; ones on the diagonal.
    """
    codes = np.unique(days)
    table = np.zeros((len(residuals), len(codes)))
    have = np.zeros_like(table)
    rows = np.repeat(np.arange(len(residuals)), days.shape[1])
    columns = np.searchsorted(codes, days).ravel()
    observed = ~np.isnan(residuals).ravel()
    table[rows[observed], columns[observed]] = residuals.ravel()[observed]
    have[rows[observed], columns[observed]] = 1.0
    common = have @ have.T
    sums, squares = table @ have.T, (table**2) @ have.T
    with np.errstate(divide="ignore", invalid="ignore"):
        covariance = table @ table.T - sums * sums.T / common
        variance = squares - sums**2 / common
        correlation = covariance / np.sqrt(variance * variance.T)
    correlation[common < min_common] = np.nan
    np.fill_diagonal(correlation, 1.0)
    return np.clip(correlation, -1.0, 1.0)


@dataclass(frozen=True, slots=True)
class Cells:
    """Firm-events on the same days of a window, added up: ``C`` cells.

    Attributes
    ----------
    size : ndarray of shape (C,)
        Firm-events of each cell.
    squares : ndarray of shape (C,)
        Sum of the squares of their standardized residuals.
    start : ndarray of shape (C,)
        Number of the first day of the estimation windows.
    sums, count : ndarrays of shape (C, D)
        Sum and number of the standardized residuals by day, from ``start`` on.
    window : ndarray of shape (C, W)
        Numbers of the days of the window under test.
    """

    size: Int1D
    squares: Float1D
    start: Int1D
    sums: Float2D
    count: Float2D
    window: Int2D


def sums_of_correlations(cells: Cells, group: Int1D, n_groups: int) -> Float1D:
    """Return the sum of the correlations over all ordered pairs of firm-events of each group.

    Parameters
    ----------
    cells : Cells
        Of all groups.
    group : ndarray of shape (C,)
        Group of each cell, from 0 to ``n_groups - 1``; only pairs of one group count.

    Returns
    -------
    ndarray of shape (n_groups,)
        NaN where firm-events that share days of the window have fewer than 20 estimation days in common on average.
    """
    own = np.einsum("ct,ct->c", cells.sums, cells.sums) - cells.squares
    common = np.einsum("ct,ct->c", cells.count, cells.count) - cells.count.sum(axis=1)
    total = _mean_over_days(own, common, cells.size * (cells.size - 1))
    one, other, share = _overlapping(cells.window, group)
    products, days = _products(cells, one, other, cells.start[other] - cells.start[one])
    total += np.bincount(
        one, 2 * share * _mean_over_days(products, days, cells.size[one] * cells.size[other]), len(total)
    )
    return np.asarray(np.bincount(group, total, n_groups), dtype=float)


def _overlapping(window: Int2D, group: Int1D) -> tuple[Int1D, Int1D, Float1D]:
    """Return the pairs of cells of one group whose windows share days, the earlier one first, and the share of the days."""
    apart = int(window.max(initial=0)) + 1
    order = np.argsort(group * apart + window[:, 0], kind="stable")
    window, group = window[order], group[order]
    first, last = group * apart + window[:, 0], group * apart + window[:, -1]
    stop = np.searchsorted(first, last, side="right")
    partners = stop - np.arange(len(first)) - 1
    one = np.repeat(np.arange(len(first)), partners)
    other = one + 1 + np.arange(len(one)) - np.repeat(np.cumsum(partners) - partners, partners)
    width = window.shape[1]
    if (last - first == width - 1).all():
        common = last[one] - first[other] + 1
    else:
        common = np.zeros(len(one), dtype=np.int64)
        for day in range(width):
            common += (window[one, day, None] == window[other]).any(axis=1)
    shared = common > 0
    return order[one[shared]], order[other[shared]], common[shared] / width


def _products(cells: Cells, one: Int1D, other: Int1D, lag: Int1D) -> tuple[Float1D, Float1D]:
    """Return the sums of products and the numbers of common days of pairs of cells (p,) that start ``lag`` days apart."""
    if compiled := compiled_for(len(one)):
        products, common = compiled.pair_sums(cells.sums, cells.count, one, other, lag)
        return products, common
    products, common = np.zeros(len(one)), np.zeros(len(one))
    one, other, lag = np.where(lag < 0, other, one), np.where(lag < 0, one, other), np.abs(lag)
    for apart in np.unique(lag):
        pairs, ahead = np.flatnonzero(lag == apart), cells.sums.shape[1] - apart
        for low in range(0, len(pairs) if ahead > 0 else 0, PAIRS):
            chunk = pairs[low : low + PAIRS]
            for values, answer in ((cells.sums, products), (cells.count, common)):
                answer[chunk] = np.einsum("pt,pt->p", values[one[chunk], apart:], values[other[chunk], :ahead])
    return products, common


def _mean_over_days(product: Float1D, common: Float1D, pairs: Int1D) -> Float1D:
    """Return sums of correlations from sums of products and numbers of common days; 0 without a pair."""
    enough = common >= FEWEST_COMMON_DAYS * pairs
    sums = pairs * np.where(enough, product / np.maximum(common, 1), np.nan)
    return np.where(pairs > 0, sums, 0.0)


def _cells(standardized: Float2D, days: Int2D, days_event: Int2D) -> Cells:
    """Return the cells of firm-events given by their calendar days, numbered without those that nobody has."""
    lowest = min(days.min(), days_event.min())
    somebody_has = np.zeros(max(days.max(), days_event.max()) - lowest + 1, dtype=bool)
    somebody_has[days - lowest] = somebody_has[days_event - lowest] = True
    number = np.cumsum(somebody_has) - 1
    window, cell, size = np.unique(number[days_event - lowest], axis=0, return_inverse=True, return_counts=True)
    cell, position = cell.ravel(), number[days - lowest]
    start = np.full(len(window), len(number))
    np.minimum.at(start, cell, position.min(axis=1))
    column = position - start[cell][:, None]
    width = int(column.max()) + 1
    observed = ~np.isnan(standardized)
    flat = (cell[:, None] * width + column).ravel()
    values = np.where(observed, standardized, 0.0)
    weights = values.ravel(), observed.ravel().astype(float)
    sums, count = (
        np.bincount(flat, weight, len(window) * width).reshape(-1, width).astype(float) for weight in weights
    )
    squares = np.bincount(cell, np.einsum("nl,nl->n", values, values), len(window)).astype(float)
    return Cells(size, squares, start, sums, count, window)
