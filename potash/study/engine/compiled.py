"""The engine's inner loops, compiled by numba: the numbers of the numpy path to 1e-10, for hundreds of thousands of firm-events.

Only :mod:`potash.study.engine.acceleration` imports this module, where numba is installed and the work is large enough.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numba import njit

from potash.study.engine.moments import NO_VARIATION, SMALLEST_SHARE
from potash.study.engine.regressors import COLLINEAR, NO_RESIDUAL, SMALL_RESIDUAL


def compiled(function: Callable[..., Any]) -> Any:
    """Return the compiled function, kept on disk for the next process where a folder can be written."""
    try:
        return njit(cache=True)(function)
    except RuntimeError:  # no folder to keep it in
        return njit(function)


@compiled
def running_sums(y, x, sums):
    """Fill the running sums (T + 1, M) of a series (T,) and its factors (T, K) about their means; return these (1 + K,)."""
    n_sessions, n_factors = x.shape
    level, observed, complete = np.zeros(1 + n_factors), 0, 0
    for t in range(n_sessions):
        whole = True
        for k in range(n_factors):
            whole = whole and not np.isnan(x[t, k])
        if whole:
            complete += 1
            for k in range(n_factors):
                level[1 + k] += x[t, k]
            if not np.isnan(y[t]):
                observed += 1
                level[0] += y[t]
    level[0] /= max(observed, 1)
    level[1:] /= max(complete, 1)
    away = np.zeros(1 + n_factors)
    sums[0] = 0.0
    for t in range(n_sessions):
        used = not np.isnan(y[t])
        away[0] = y[t] - level[0]
        for k in range(n_factors):
            used = used and not np.isnan(x[t, k])
            away[1 + k] = x[t, k] - level[1 + k]
        for m in range(sums.shape[1]):
            sums[t + 1, m] = sums[t, m]
        if used:
            sums[t + 1, 0] += 1.0
            at = 1
            for i in range(1 + n_factors):
                sums[t + 1, at] += away[i]
                at += 1
                for j in range(i + 1):
                    sums[t + 1, at] += away[i] * away[j]
                    at += 1
    return level


@compiled
def window_sums(y, x, start, stop, level, means, central):
    """Fill the means (1 + K,) and central products (1 + K, 1 + K) of one window, summed from its values in two passes."""
    size, count = len(means), 0
    means[:] = 0.0
    for t in range(start, stop):
        used = not np.isnan(y[t])
        for k in range(size - 1):
            used = used and not np.isnan(x[t, k])
        if used:
            count += 1
            means[0] += y[t]
            for k in range(size - 1):
                means[1 + k] += x[t, k]
    means /= count
    central[:] = 0.0
    away = np.zeros(size)
    for t in range(start, stop):
        used = not np.isnan(y[t])
        away[0] = y[t] - means[0]
        for k in range(size - 1):
            used = used and not np.isnan(x[t, k])
            away[1 + k] = x[t, k] - means[1 + k]
        if used:
            for i in range(size):
                for j in range(i + 1):
                    central[i, j] += away[i] * away[j]
    for i in range(size):
        if central[i, i] <= NO_VARIATION**2 * (abs(means[i] - level[i]) + abs(level[i])) ** 2 * count:
            central[i, :] = 0.0
            central[:, i] = 0.0
        for j in range(i):
            central[j, i] = central[i, j]


@compiled
def inverted(matrix, inverse):
    """Fill the inverse of a symmetric matrix by the sweep operator; NaN where factors do not vary or repeat another."""
    size = len(matrix)
    scale = np.empty(size)
    for i in range(size):
        scale[i] = np.sqrt(matrix[i, i]) if matrix[i, i] > 0 else np.nan
    for i in range(size):
        for j in range(size):
            inverse[i, j] = matrix[i, j] / (scale[i] * scale[j])
    for k in range(size):
        pivot = inverse[k, k] if inverse[k, k] > COLLINEAR else np.nan
        for i in range(size):
            if i != k:
                for j in range(size):
                    if j != k:
                        inverse[i, j] -= inverse[i, k] * inverse[k, j] / pivot
        for i in range(size):
            if i != k:
                inverse[k, i] /= pivot
                inverse[i, k] = -inverse[i, k] / pivot
        inverse[k, k] = 1 / pivot
    for i in range(size):
        for j in range(size):
            inverse[i, j] /= scale[i] * scale[j]


@compiled
def estimates(y, x, table, series, start, stop):
    """Return the parts of :class:`potash.study.engine.least_squares.Estimates` for windows in the order of their series."""
    n, n_factors = len(series), x.shape[2]
    n_sums = 1 + (1 + n_factors) * (n_factors + 4) // 2
    sums = np.zeros((y.shape[1] + 1, n_sums))
    nobs, total, variance = np.zeros(n, dtype=np.int64), np.full(n, np.nan), np.full(n, np.nan)
    y_mean, x_mean = np.full(n, np.nan), np.full((n_factors, n), np.nan)
    slopes, inverse = np.full((n_factors, n), np.nan), np.full((n_factors, n_factors, n), np.nan)
    level, means = np.zeros(1 + n_factors), np.zeros(1 + n_factors)
    central = np.zeros((1 + n_factors, 1 + n_factors))
    unexplained, slope = np.zeros((n_factors, n_factors)), np.zeros(n_factors)
    current = -1
    for i in range(n):
        s, first, last = series[i], start[i], stop[i]
        factors = x[table[s]]
        if s != current:
            level, current = running_sums(y[s], factors, sums), s
        count = sums[last, 0] - sums[first, 0]
        nobs[i] = int(count)
        if count - 1 - n_factors <= 0:
            continue
        at, thin = 1, False
        for a in range(1 + n_factors):
            means[a] = (sums[last, at] - sums[first, at]) / count
            at += 1
            for b in range(a + 1):
                central[a, b] = sums[last, at] - sums[first, at] - count * means[a] * means[b]
                central[b, a] = central[a, b]
                if a == b and central[a, a] <= SMALLEST_SHARE * sums[-1, at]:
                    thin = True
                at += 1
        for a in range(1 + n_factors):
            means[a] += level[a]
        if thin:
            window_sums(y[s], factors, first, last, level, means, central)
        inverted(central[1:, 1:], unexplained)
        squares = central[0, 0]
        for a in range(n_factors):
            slope[a] = 0.0
            for b in range(n_factors):
                slope[a] += unexplained[a, b] * central[0, 1 + b]
            squares -= slope[a] * central[0, 1 + a]
        if central[0, 0] > 0 and squares <= SMALL_RESIDUAL * central[0, 0]:
            squares = 0.0
            for t in range(first, last):
                residual = y[s, t] - means[0]
                for a in range(n_factors):
                    residual -= slope[a] * (factors[t, a] - means[1 + a])
                if not np.isnan(residual):
                    squares += residual**2
        if not (central[0, 0] > 0 and squares > NO_RESIDUAL * central[0, 0]):
            continue
        total[i], variance[i], y_mean[i] = central[0, 0], squares / (count - 1 - n_factors), means[0]
        for a in range(n_factors):
            x_mean[a, i], slopes[a, i] = means[1 + a], slope[a]
            for b in range(n_factors):
                inverse[a, b, i] = unexplained[a, b]
    return nobs, y_mean, x_mean, slopes, inverse, total, variance


@compiled
def sums_of_days(y, x, table, series, zero, y_mean, x_mean, slopes, first, last):
    """Return CARs (n, m) over offsets ``first`` to ``last`` (m,) and the sums of the factors' deviations (K, m, n).

    NaN where a return or factor of a window is missing, and where there is no estimate.
    """
    n, n_factors, n_windows = len(series), x.shape[2], len(first)
    cars, deviations = np.zeros((n, n_windows)), np.zeros((n_factors, n_windows, n))
    for i in range(n):
        s, factors = series[i], x[table[series[i]]]
        for w in range(n_windows):
            for t in range(zero[i] + first[w], zero[i] + last[w] + 1):
                cars[i, w] += y[s, t] - y_mean[i]
                for k in range(n_factors):
                    away = factors[t, k] - x_mean[k, i]
                    deviations[k, w, i] += away
                    cars[i, w] -= slopes[k, i] * away
    return cars, deviations


@compiled
def fill_residuals(y, x, series, table, start, params, residuals):
    """Fill the residuals (L,) of one series from a session on; views of the rows let the loops run several days at once."""
    length = len(residuals)
    returns, intercept = y[series, start : start + length], params[0]
    for t in range(length):
        residuals[t] = returns[t] - intercept
    for k in range(len(x)):
        factor, slope = x[k, table, start : start + length], params[1 + k]
        for t in range(length):
            residuals[t] -= slope * factor[t]


@compiled
def residual_sums(y, x, series, table, start, params, unit, cell, n_cells, length):
    """Return sums and numbers by day (n_cells, L) of residuals over ``unit`` (n,), those of each cell together.

    ``y`` (N, T) is NaN where a factor is; factors (K, F, T); ``start`` (n,) is the first session of each window.
    """
    sums, count = np.zeros((n_cells, length)), np.zeros((n_cells, length))
    residuals = np.empty(length)
    for i in range(len(series)):
        fill_residuals(y, x, series[i], table[i], start[i], params[i], residuals)
        scale, total, days = 1 / unit[i], sums[cell[i]], count[cell[i]]
        for t in range(length):
            observed = residuals[t] == residuals[t]
            total[t] += residuals[t] * scale if observed else 0.0
            days[t] += 1.0 if observed else 0.0
    return sums, count


@compiled
def pair_sums(sums, count, one, other, lag):
    """Return the sums of products and the numbers of common days (p,) of pairs of rows whose days start ``lag`` apart."""
    products, common = np.zeros(len(one)), np.zeros(len(one))
    for p in range(len(one)):
        early, late, apart = one[p], other[p], lag[p]
        if apart < 0:
            early, late, apart = late, early, -apart
        if apart >= sums.shape[1]:
            continue
        ahead, behind = sums[early, apart:], sums[late, : sums.shape[1] - apart]
        days_ahead, days_behind = count[early, apart:], count[late, : sums.shape[1] - apart]
        products[p], common[p] = np.dot(ahead, behind), np.dot(days_ahead, days_behind)
    return products, common


@compiled
def rank_sums(values, cell, n_cells):
    """Return sums by cell and day of ``rank / (1 + M) - 1/2``, and how many ranks entered: see ``inference.rank``.

    Values of a row are dealt into bins of equal width, which leaves them nearly in order; moving each past its few larger
    neighbours does the rest, whatever the values are.
    """
    n_days = values.shape[1]
    n_bins = 4 * n_days
    sums, count = np.zeros((n_cells, n_days)), np.zeros((n_cells, n_days))
    bins, ends = np.empty(n_days, dtype=np.int64), np.empty(n_bins + 1, dtype=np.int64)
    ordered, day = np.empty(n_days), np.empty(n_days, dtype=np.int64)
    for i in range(len(values)):
        row, c = values[i], cell[i]
        ranked, mean, squares = 0, 0.0, 0.0
        for t in range(n_days):
            if row[t] == row[t]:
                ranked += 1
                mean += row[t]
                squares += row[t] * row[t]
        if ranked == 0:
            continue
        mean /= ranked
        spread = np.sqrt(max(squares / ranked - mean * mean, 0.0))
        per_unit = n_bins / (6 * spread) if spread > 0 else 0.0
        ends[:] = 0
        for t in range(n_days):
            if row[t] == row[t]:
                place = (row[t] - mean) * per_unit + 0.5 * n_bins
                bins[t] = int(min(max(place, 0.0), n_bins - 1.0))
                ends[bins[t] + 1] += 1
        for b in range(n_bins):
            ends[b + 1] += ends[b]
        for t in range(n_days):
            if row[t] == row[t]:
                at = ends[bins[t]]
                ends[bins[t]] += 1
                ordered[at], day[at] = row[t], t
        for a in range(1, ranked):
            value, t, at = ordered[a], day[a], a
            while at > 0 and ordered[at - 1] > value:
                ordered[at], day[at] = ordered[at - 1], day[at - 1]
                at -= 1
            ordered[at], day[at] = value, t
        share, a = 1.0 / (1 + ranked), 0
        while a < ranked:
            b = a
            while b + 1 < ranked and ordered[b + 1] == ordered[a]:
                b += 1
            score = (0.5 * (a + b) + 1) * share
            for at in range(a, b + 1):
                sums[c, day[at]] += score
                count[c, day[at]] += 1.0
            a = b + 1
    return sums - 0.5 * count, count


@compiled
def windows_of_residuals(y, x, series, table, start, params, first, length, values, column):
    """Fill columns of ``values`` (n, .) with the residuals of ``length`` sessions from ``start + first`` on."""
    for i in range(len(series)):
        fill_residuals(y, x, series[i], table[i], start[i] + first, params[i], values[i, column : column + length])
