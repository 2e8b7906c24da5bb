"""The mean correlation of abnormal returns among firm-events, from estimation residuals matched by calendar day."""

from __future__ import annotations

import numpy as np

from potash._typing import Float1D, Float2D, Int1D, Int2D

# Below this many common estimation days the correlation of two firms is not known well enough to correct with.
FEWEST_COMMON_DAYS = 20


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
    centred = residuals - np.nanmean(residuals, axis=1, keepdims=True)
    standardized = centred / np.sqrt(np.nanmean(centred**2, axis=1, keepdims=True))
    windows, cell_of = np.unique(days_event, axis=0, return_inverse=True)
    cells = [_sums_by_day(standardized[cell_of == c], days[cell_of == c]) for c in range(len(windows))]
    sizes = np.bincount(cell_of)
    total = 0.0
    for i, (codes, sums, squares, count) in enumerate(cells):
        if sizes[i] > 1:
            own = _ratio((sums**2 - squares).sum(), (count**2 - count).sum(), sizes[i] * (sizes[i] - 1))
            total += sizes[i] * (sizes[i] - 1) * own
        for j in range(i):
            share = np.isin(windows[i], windows[j]).mean()
            if share > 0:
                total += 2 * share * sizes[i] * sizes[j] * _between((codes, sums, count), cells[j], sizes[i] * sizes[j])
    return float(total / (n * (n - 1)))


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
    known = ~np.isnan(residuals).ravel()
    table[rows[known], columns[known]] = residuals.ravel()[known]
    have[rows[known], columns[known]] = 1.0
    common = have @ have.T
    sums, squares = table @ have.T, (table**2) @ have.T
    with np.errstate(divide="ignore", invalid="ignore"):
        covariance = table @ table.T - sums * sums.T / common
        variance = squares - sums**2 / common
        correlation = covariance / np.sqrt(variance * variance.T)
    correlation[common < min_common] = np.nan
    np.fill_diagonal(correlation, 1.0)
    return np.clip(correlation, -1.0, 1.0)


def _sums_by_day(standardized: Float2D, days: Int2D) -> tuple[Int1D, Float1D, Float1D, Float1D]:
    """Return the days of a cell with the sum, the sum of squares and the number of its standardized residuals."""
    known = ~np.isnan(standardized)
    codes, position = np.unique(days[known], return_inverse=True)
    values = standardized[known]
    sums, squares = (np.bincount(position, v, len(codes)).astype(float) for v in (values, values**2))
    return codes, sums, squares, np.bincount(position, minlength=len(codes)).astype(float)


def _between(
    first: tuple[Int1D, Float1D, Float1D], second: tuple[Int1D, Float1D, Float1D, Float1D], pairs: int
) -> float:
    _, at, other = np.intersect1d(first[0], second[0], assume_unique=True, return_indices=True)
    product = (first[1][at] * second[1][other]).sum()
    return _ratio(product, (first[2][at] * second[3][other]).sum(), pairs)


def _ratio(product: float, common_days: float, pairs: int) -> float:
    return product / common_days if common_days >= FEWEST_COMMON_DAYS * pairs else float("nan")
