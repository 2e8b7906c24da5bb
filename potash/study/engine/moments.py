"""Moments of many windows from prefix sums: the cost of a window regression does not depend on the window's length.

Sums over sessions ``a`` to ``b`` are differences of two running sums. Each series is centred on its own mean first, so
that its level costs no precision; what is left of a window's mean is taken out exactly. A window that hardly moves
beside the rest of its series would still drown in the rounding of the running sums: such windows are summed directly.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from potash._typing import Bool2D, Float1D, Float2D, Float3D, Int1D

# A difference of running sums carries about 1e-16 of the total; below this share of it less than ten digits are left.
SMALLEST_SHARE = 1e-5
# What centring leaves of a constant is rounding, about 1e-16 of its level: no variation.
NO_VARIATION = 1e-12
DIRECT_CHUNK = 1024


@dataclass(frozen=True, slots=True)
class WindowMoments:
    """Means and centred cross-products of ``n`` windows over the sessions with a return and all factors.

    Attributes
    ----------
    nobs : ndarray of shape (n,)
        Such sessions in the window.
    y_mean : ndarray of shape (n,)
    x_mean : ndarray of shape (K, n)
        Means; NaN where ``nobs`` is zero.
    syy : ndarray of shape (n,)
    sxy : ndarray of shape (K, n)
    sxx : ndarray of shape (K, K, n)
        Sums of squares and products about the window's means; exactly zero for a series that does not vary in the window,
        NaN where ``nobs`` is zero.
    """

    nobs: Int1D
    y_mean: Float1D
    x_mean: Float2D
    syy: Float1D
    sxy: Float2D
    sxx: Float3D


@dataclass(frozen=True, slots=True)
class PrefixSums:
    """Running sums over sessions of the cross-products of ``N`` series and their factors.

    Attributes
    ----------
    sums : ndarray of shape (N, T + 1, M)
        Row ``t`` holds the sums over the sessions before ``t``, side by side so that one look-up fetches all: the number
        of sessions with a return and all factors, K times x, K (K + 1) / 2 times xx; y, K times xy; yy.
    y, x : ndarrays of shape (N, T) and (F, T, K)
        Centred values; NaN where missing. ``F`` is 1 for factors that all series share, else ``N``.
    y_level, x_level : ndarrays of shape (N,) and (F, K)
        What was subtracted.
    """

    sums: Float3D
    y: Float2D
    x: Float3D
    y_level: Float1D
    x_level: Float2D

    def table(self, series: Int1D) -> Int1D:
        """Return the row of ``x`` that holds the factors of each of the given series."""
        return series if len(self.x) > 1 else np.zeros_like(series)

    def windows(self, series: Int1D, start: Int1D, stop: Int1D) -> WindowMoments:
        """Return the moments of windows ``start <= t < stop`` of the given series (rows), ``n`` of each."""
        flat, row = self.sums.reshape(-1, self.sums.shape[2]), series * self.sums.shape[1]
        between = flat.take(row + stop, axis=0)
        between -= flat.take(row + start, axis=0)
        raw = np.ascontiguousarray(between.T)
        means, central = _central(raw, self.x.shape[2])
        thin = self._thin(central, series)
        for chunk in np.split(thin, range(DIRECT_CHUNK, len(thin), DIRECT_CHUNK)):
            if len(chunk):
                means[:, chunk], central[:, chunk] = self._direct(series[chunk], start[chunk], stop[chunk])
        means[0] += self.y_level[series]
        means[1:] += self.x_level[self.table(series)].T
        return _moments(raw[0], means, central)

    def _thin(self, central: Float2D, series: Int1D) -> Int1D:
        """Return the windows in which a sum of squares is too small a part of its running total."""
        n_factors = self.x.shape[2]
        smallest = SMALLEST_SHARE * self.sums[:, -1]
        thin = central[0] <= smallest[series, -1]
        for at, (i, j) in enumerate(_pairs(n_factors)):
            if i == j:
                thin |= central[1 + n_factors + at] <= smallest[series, 1 + n_factors + at]
        return np.flatnonzero(thin)

    def _direct(self, series: Int1D, start: Int1D, stop: Int1D) -> tuple[Float2D, Float2D]:
        """Return means and central sums of a few windows from their values."""
        at = start[:, None] + np.arange((stop - start).max())
        inside = at < stop[:, None]
        at, table = np.where(inside, at, 0), self.table(series)
        values = np.concatenate([self.y[series[:, None], at][None], np.moveaxis(self.x[table[:, None], at], 2, 0)])
        level = np.column_stack([self.y_level[series], self.x_level[table]]).T
        _, means, central = _two_passes(np.where(inside, values, np.nan), level)
        return means, central


def direct_moments(y: Float2D, x: Float3D) -> WindowMoments:
    """Return the moments of ``n`` windows from their values: returns (n, L) and factors (n, L, K)."""
    count, means, central = _two_passes(np.concatenate([y[None], np.moveaxis(x, 2, 0)]), np.zeros((1 + x.shape[2], 1)))
    return _moments(count, means, central)


def _two_passes(values: Float3D, level: Float2D) -> tuple[Int1D, Float2D, Float2D]:
    """Return number, means and central sums (yy, xy, xx) of windows (1 + K, n, L), whose values lie about ``level``."""
    used = ~np.isnan(values).any(axis=0)
    count = used.sum(axis=1)
    filled = np.where(used, values, 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        means = filled.sum(axis=2) / count
    filled -= means[:, :, None]
    away = filled if used.all() else np.where(used, filled, 0.0)
    flat = np.einsum("knl,knl->kn", away, away) <= NO_VARIATION**2 * (np.abs(means) + np.abs(level)) ** 2 * count
    away[flat] = 0.0
    n_factors = len(values) - 1
    pairs = [(0, i) for i in range(len(values))] + [(1 + i, 1 + j) for i, j in _pairs(n_factors)]
    hidden = np.where(count > 0, 0.0, np.nan)
    return count, means, np.stack([np.einsum("nl,nl->n", away[i], away[j]) + hidden for i, j in pairs])


def _moments(count: Float1D | Int1D, means: Float2D, central: Float2D) -> WindowMoments:
    n_factors = len(means) - 1
    sxx = np.empty((n_factors, n_factors, len(count)))
    for at, (i, j) in enumerate(_pairs(n_factors)):
        sxx[i, j] = sxx[j, i] = central[1 + n_factors + at]
    return WindowMoments(count.astype(np.int64), means[0], means[1:], central[0], central[1 : 1 + n_factors], sxx)


def prefix_sums(y: Float2D, x: Float3D) -> PrefixSums:
    """Return running sums of ``N`` series and ``K`` factors over ``T`` sessions.

    Parameters
    ----------
    y : ndarray of shape (N, T)
        Returns, a row per series; NaN where missing.
    x : ndarray of shape (1, T, K) or (N, T, K)
        Factors common to all series, or each one's own; a session with a missing factor counts for none.
    """
    n_factors = x.shape[2]
    complete: Bool2D = np.asarray(~np.isnan(x).any(axis=2))
    used = ~np.isnan(y) & complete
    y_level = np.where(used, y, 0.0).sum(axis=1) / np.maximum(used.sum(axis=1), 1)
    x_level = np.where(complete[:, :, None], x, 0.0).sum(axis=1) / np.maximum(complete.sum(axis=1), 1)[:, None]
    y_centred, x_centred = y - y_level[:, None], x - x_level[:, None]
    filled = np.where(used, y_centred, 0.0)
    factors = np.where(complete[:, :, None], x_centred, 0.0)
    linear = np.concatenate([np.ones((*complete.shape, 1)), factors], axis=2)
    squares = [factors[:, :, i] * factors[:, :, j] for i, j in _pairs(n_factors)]
    design = np.concatenate([linear, np.stack(squares, axis=2)], axis=2) if squares else linear
    sums = np.zeros((len(y), y.shape[1] + 1, design.shape[2] + linear.shape[2] + 1))
    rows, split = sums[:, 1:], design.shape[2]
    np.multiply(used[:, :, None], design, out=rows[:, :, :split])
    np.multiply(filled[:, :, None], linear, out=rows[:, :, split:-1])
    np.multiply(filled, filled, out=rows[:, :, -1])
    np.cumsum(rows, axis=1, out=rows)
    return PrefixSums(sums, y_centred, x_centred, y_level, x_level)


def _pairs(n_factors: int) -> list[tuple[int, int]]:
    return [(i, j) for i in range(n_factors) for j in range(i, n_factors)]


def _central(raw: Float2D, n_factors: int) -> tuple[Float2D, Float2D]:
    """Return means (of y and each factor) and sums of products about them (yy, xy, xx) from plain sums."""
    count = np.where(raw[0] > 0, raw[0], np.nan)
    split = len(raw) - n_factors - 2
    sums = np.concatenate([raw[split : split + 1], raw[1 : 1 + n_factors]])
    means = sums / count
    products = np.concatenate([raw[-1:], raw[split + 1 : -1], raw[1 + n_factors : split]])
    pairs = [(0, i) for i in range(1 + n_factors)] + [(1 + i, 1 + j) for i, j in _pairs(n_factors)]
    for product, (i, j) in zip(products, pairs, strict=True):
        product -= sums[i] * means[j]
    return means, products
