"""Moments of many windows from prefix sums: the cost of a window regression does not depend on the window's length.

Sums over sessions ``a`` to ``b`` are differences of two running sums. Each series is centred on its own mean first, so
that its level costs no precision; what is left of a window's mean is taken out exactly. A window that hardly moves
beside the rest of its series would still drown in the rounding of the running sums: such windows are summed directly.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from potash._typing import Bool1D, Bool2D, Float1D, Float2D, Float3D, Int1D

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
    """Running sums over sessions of the cross-products of securities and common factors.

    Attributes
    ----------
    sums : ndarray of shape (N, T + 1, M)
        Row ``t`` holds the sums over the sessions before ``t``, side by side so that one look-up fetches all: the number
        of sessions with a return and all factors, K times x, K (K + 1) / 2 times xx; y, K times xy; yy.
    y, x : ndarrays of shape (N, T) and (T, K)
        Centred values; NaN where missing.
    y_level, x_level : ndarrays of shape (N,) and (K,)
        What was subtracted.
    """

    sums: Float3D
    y: Float2D
    x: Float2D
    y_level: Float1D
    x_level: Float1D

    def windows(self, security: Int1D, start: Int1D, stop: Int1D) -> WindowMoments:
        """Return the moments of windows ``start <= t < stop`` of the given securities (rows), ``n`` of each."""
        flat, row = self.sums.reshape(-1, self.sums.shape[2]), security * self.sums.shape[1]
        between = flat.take(row + stop, axis=0)
        between -= flat.take(row + start, axis=0)
        raw = np.ascontiguousarray(between.T)
        means, central = _central(raw, self.x.shape[1])
        thin = self._thin(central, security)
        for chunk in np.split(thin, range(DIRECT_CHUNK, len(thin), DIRECT_CHUNK)):
            if len(chunk):
                means[:, chunk], central[:, chunk] = self._direct(security[chunk], start[chunk], stop[chunk])
        return self._moments(raw[0], means, central, security)

    def _moments(self, count: Float1D, means: Float2D, central: Float2D, security: Int1D) -> WindowMoments:
        n_factors = self.x.shape[1]
        sxx = np.empty((n_factors, n_factors, len(count)))
        for at, (i, j) in enumerate(_pairs(n_factors)):
            sxx[i, j] = sxx[j, i] = central[1 + n_factors + at]
        return WindowMoments(
            count.astype(np.int64), means[0] + self.y_level[security], means[1:] + self.x_level[:, None], central[0],
            central[1 : 1 + n_factors], sxx,
        )  # fmt: skip

    def _thin(self, central: Float2D, security: Int1D) -> Int1D:
        """Return the windows in which a sum of squares is too small a part of its running total."""
        n_factors = self.x.shape[1]
        smallest = SMALLEST_SHARE * self.sums[:, -1]
        thin = central[0] <= smallest[security, -1]
        for at, (i, j) in enumerate(_pairs(n_factors)):
            if i == j:
                thin |= central[1 + n_factors + at] <= smallest[security, 1 + n_factors + at]
        return np.flatnonzero(thin)

    def _direct(self, security: Int1D, start: Int1D, stop: Int1D) -> tuple[Float2D, Float2D]:
        """Return means and central sums of a few windows from their values, in two passes."""
        at = start[:, None] + np.arange((stop - start).max())
        inside = at < stop[:, None]
        at = np.where(inside, at, 0)
        values = np.concatenate([self.y[security[:, None], at][None], np.moveaxis(self.x[at], 2, 0)])
        used = inside & ~np.isnan(values).any(axis=0)
        with np.errstate(invalid="ignore", divide="ignore"):
            means = np.where(used, values, 0.0).sum(axis=2) / used.sum(axis=1)
        away = np.where(used, values - means[:, :, None], 0.0)
        level = np.column_stack([self.y_level[security], np.tile(self.x_level, (len(security), 1))]).T
        away[_flat((away**2).sum(axis=2), (np.abs(means) + np.abs(level)) ** 2 * used.sum(axis=1))] = 0.0
        pairs = [(0, i) for i in range(len(values))] + [(1 + i, 1 + j) for i, j in _pairs(self.x.shape[1])]
        hidden = np.where(used.any(axis=1), 0.0, np.nan)
        return means, np.stack([(away[i] * away[j]).sum(axis=1) + hidden for i, j in pairs])


def _flat(squares: Float2D, level: Float2D) -> Bool2D:
    return np.asarray(squares <= NO_VARIATION**2 * level)


def prefix_sums(y: Float2D, x: Float2D) -> PrefixSums:
    """Return running sums of ``N`` securities and ``K`` factors over ``T`` sessions.

    Parameters
    ----------
    y : ndarray of shape (N, T)
        Returns, a row per security; NaN where missing.
    x : ndarray of shape (T, K)
        Factors common to all securities; a session with a missing factor counts for none.
    """
    complete: Bool1D = np.asarray(~np.isnan(x).any(axis=1))
    used = ~np.isnan(y) & complete
    y_level = np.where(used, y, 0.0).sum(axis=1) / np.maximum(used.sum(axis=1), 1)
    x_level = x[complete].mean(axis=0) if complete.any() else np.zeros(x.shape[1])
    y_centred, x_centred = y - y_level[:, None], x - x_level
    filled = np.where(used, y_centred, 0.0)
    factors = np.where(complete[:, None], x_centred, 0.0)
    linear = np.column_stack([np.ones(len(x)), factors])
    squares = [factors[:, i] * factors[:, j] for i, j in _pairs(x.shape[1])]
    design = np.column_stack([linear, *squares])
    sums = np.zeros((len(y), y.shape[1] + 1, design.shape[1] + linear.shape[1] + 1))
    rows, split = sums[:, 1:], design.shape[1]
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
