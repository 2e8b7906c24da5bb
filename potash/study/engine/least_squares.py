"""Ordinary least squares in many estimation windows, and what it predicts for the event windows after them.

The one place where returns are regressed on factors: eight firms or a million firm-events, a portfolio, every session.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from potash._typing import Bool1D, Float1D, Float2D, Float3D, Int1D
from potash.sessions import Window
from potash.study.engine.acceleration import compiled_for
from potash.study.engine.moments import WindowMoments, direct_moments, prefix_sums
from potash.study.engine.panel import Panel
from potash.study.engine.regressors import COLLINEAR, NO_RESIDUAL, SMALL_RESIDUAL
from potash.study.engine.window_fit import WindowFit

# Returns held at once as running sums: eight series of 5,000 sessions and one factor take 2 MB, which a cache holds.
BLOCK = 40_000
# Firm-events worked on at once, so that what is made of them stays in the processor's cache.
CHUNK = 8192
COUNTS = ("nobs", "df_resid")


@dataclass(frozen=True, slots=True)
class Estimates:
    """OLS with an intercept in ``n`` estimation windows; NaN throughout where a window cannot be estimated.

    Attributes
    ----------
    nobs, df_resid : ndarrays of shape (n,)
        Sessions with a return and all factors; less the parameters.
    y_mean : ndarray of shape (n,)
    x_mean, slopes : ndarrays of shape (K, n)
    inverse : ndarray of shape (K, K, n)
        Inverse of the factors' sums of squares and products about their means.
    total, variance : ndarrays of shape (n,)
        The return's squares about its mean; residual variance on ``df_resid`` degrees of freedom.
    """

    nobs: Int1D
    df_resid: Int1D
    y_mean: Float1D
    x_mean: Float2D
    slopes: Float2D
    inverse: Float3D
    total: Float1D
    variance: Float1D

    @classmethod
    def empty(cls, n: int, n_factors: int) -> Estimates:
        """Return ``n`` windows without an estimate."""
        k = n_factors
        shapes = (n,), (k, n), (k, n), (k, k, n), (n,), (n,)
        return cls(
            np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.int64), *(np.full(shape, np.nan) for shape in shapes)
        )

    def put(self, rows: Int1D, part: Estimates) -> None:
        """Write the estimates of some windows into their places."""
        for name in Estimates.__dataclass_fields__:
            getattr(self, name)[..., rows] = getattr(part, name)

    def only(self, rows: Int1D) -> Estimates:
        """Return the estimates of some windows."""
        return Estimates(*(getattr(self, name)[..., rows] for name in Estimates.__dataclass_fields__))

    def hiding(self, rows: Bool1D) -> Estimates:
        """Return the estimates with NaN in some windows; the numbers of sessions stay."""
        hidden = np.where(rows, np.nan, 0.0)
        real = {name: getattr(self, name) + hidden for name in Estimates.__dataclass_fields__ if name not in COUNTS}
        return replace(self, **real)

    @property
    def params(self) -> Float2D:
        """Intercept and slopes (n, 1 + K)."""
        return np.column_stack([self.y_mean - (self.slopes * self.x_mean).sum(axis=0), self.slopes.T])

    @property
    def _share(self) -> Float1D:
        """One over the number of sessions: the variance of a mean."""
        return np.asarray(1 / np.where(self.nobs > 0, self.nobs, np.nan))

    @property
    def param_std_errors(self) -> Float2D:
        """Standard errors of the parameters (n, 1 + K)."""
        intercept = self._share + np.einsum("kn,kmn,mn->n", self.x_mean, self.inverse, self.x_mean)
        unit = np.column_stack([intercept, np.einsum("kkn->nk", self.inverse)])
        return np.asarray(np.sqrt(self.variance[:, None] * unit))

    def predictions(self, y: Float2D, x: Float3D) -> tuple[Float2D, Float3D]:
        """Return the abnormal returns (n, W) of days with returns (n, W) and factors (n, W, K).

        Also how far the factors are from their means in the estimation windows (K, n, W).
        """
        deviation = np.moveaxis(x, 2, 0) - self.x_mean[:, :, None]
        abnormal = y - self.y_mean[:, None]
        for slope, away in zip(self.slopes, deviation, strict=True):
            abnormal -= slope[:, None] * away
        return abnormal, deviation

    def covariance(self, deviation: Float3D) -> Float3D:
        """Return the covariance (n, W, W) of the days' prediction errors in units of ``variance``.

        The identity plus what the estimated parameters induce, for factors ``deviation`` (K, n, W) from their means.
        """
        induced = np.einsum("inw,ijn,jnv->nwv", deviation, self.inverse, deviation, optimize=True)
        return np.asarray(np.eye(deviation.shape[2]) + (self._share[:, None, None] + induced))

    def sum_std_errors(self, deviation: Float2D, length: int) -> Float1D:
        """Return the standard errors (n,) of sums over ``length`` days whose factors deviate by ``deviation`` (K, n) in all.

        With ``deviation`` of shape (K, W, n) those of ``W`` sums each, (W, n).
        """
        unit = np.broadcast_to(length + length**2 * self._share, deviation.shape[1:]).copy()
        for i, away in enumerate(deviation):
            unit += self.inverse[i, i] * away**2
            for j in range(i):
                unit += 2 * self.inverse[i, j] * away * deviation[j]
        unit *= self.variance
        return np.sqrt(unit, out=unit)


def estimated(
    panel: Panel, series: Int1D, start: Int1D, stop: Int1D
) -> Iterator[tuple[Int1D, Panel, Int1D, Estimates]]:
    """Yield the estimates of windows ``start <= t < stop`` of the given series, chunk by chunk.

    Each chunk is the windows (as positions in the arguments), the panel of the block of series they belong to, their rows
    in that block, and their estimates.
    """
    start, stop = np.maximum(start, 0), np.maximum(stop, 0)
    n_series, n_sessions = panel.y.shape
    compiled = compiled_for(len(series))
    size = max(1, min(n_series, BLOCK // max(n_sessions, 1)))
    for windows, first in _blocks(series, size, n_series):
        block = panel.rows(slice(first, first + size))
        read = int((stop[windows] - start[windows]).sum())
        few = read <= block.y.size
        sums = None if few or compiled else prefix_sums(block.y_estimation, block.x)
        for low in range(0, len(windows), CHUNK):
            chunk = windows[low : low + CHUNK]
            rows, since, until = series[chunk] - first, start[chunk], stop[chunk]
            if compiled and not few:
                x = np.ascontiguousarray(block.x)
                nobs, *real = compiled.estimates(block.y_estimation, x, block.table, rows, since, until)
                yield chunk, block, rows, Estimates(nobs, nobs - 1 - panel.n_factors, *real)
                continue
            moments = sums.windows(rows, since, until) if sums else direct_moments(*_values(block, rows, since, until))
            yield chunk, block, rows, _estimates(moments, block, rows, since, until)


def fit_panel(panel: Panel, series: Int1D, day_zero: Int1D, event: Window, estimation: Window) -> WindowFit:
    """Return OLS in the estimation window of each firm-event and its predictions for the event window.

    Parameters
    ----------
    panel : Panel
        Returns and factors.
    series, day_zero : ndarrays of shape (n,)
        Row of the panel and session of day 0 of each firm-event.
    event, estimation : Window
        Offsets in sessions.

    Notes
    -----
    A session with a missing return or factor is left out of the estimation, and its abnormal return is NaN. A window whose
    return or factors do not vary, whose factors are collinear, which leaves no residuals or has too few sessions, has NaN
    everywhere.

    References
    ----------
    .. [1] MacKinlay, A. C. (1997). Journal of Economic Literature 35(1), 13-39, eqs. 8-11.
    .. [2] Campbell, J. Y., Lo, A. W. and MacKinlay, A. C. (1997). The Econometrics of Financial Markets, ch. 4.
    """
    estimates = Estimates.empty(len(series), panel.n_factors)
    for rows, _, _, part in estimated(panel, series, day_zero + estimation.start, day_zero + estimation.end + 1):
        estimates.put(rows, part)
    first, length = day_zero + event.start, len(event)
    y_event, x_event = panel.event_returns(series, first, length), panel.factor_returns(series, first, length)
    abnormal, deviation = estimates.predictions(y_event, x_event)
    first, length = day_zero + estimation.start, len(estimation)
    y, x = panel.estimation_returns(series, first, length), panel.factor_returns(series, first, length)
    residuals, _ = estimates.predictions(y, x)
    squares = estimates.variance * estimates.df_resid
    rsquared = 1 - squares / estimates.total if panel.n_factors else np.full(len(series), np.nan)
    missing, scale = np.isnan(abnormal), estimates.covariance(deviation)
    scale[missing[:, :, None] | missing[:, None, :]] = np.nan
    return WindowFit(
        estimates.params, estimates.param_std_errors, estimates.variance, estimates.df_resid, estimates.nobs, rsquared,
        residuals, abnormal, scale,
    )  # fmt: skip


def fit_windows(y: Float2D, x: Float3D, y_event: Float2D, x_event: Float3D) -> WindowFit:
    """Return the fit of windows that are at hand as arrays: see :func:`fit_panel`.

    Parameters
    ----------
    y : ndarray of shape (n, L)
        Returns of the estimation windows.
    x : ndarray of shape (n, L, K)
        Factor returns; ``K`` may be zero.
    y_event, x_event : ndarrays of shape (n, W) and (n, W, K)
        The same in the event windows.
    """
    panel, (n, length) = Panel.of_windows(y, x, y_event, x_event), y.shape
    event = Window(0, y_event.shape[1] - 1)
    return fit_panel(panel, np.arange(n), np.full(n, length), event, Window(-length, -1))


def inverses(sxx: Float3D) -> Float3D:
    """Return the inverse of each of ``n`` symmetric matrices (K, K, n); NaN where factors do not vary or repeat another.

    Notes
    -----
    The sweep operator on the factors' correlation matrix, along all matrices at once.

    References
    ----------
    .. [1] Goodnight, J. H. (1979). A tutorial on the SWEEP operator. The American Statistician 33(3), 149-158.
    """
    n_factors = len(sxx)
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = np.sqrt(np.einsum("kkn->kn", sxx))
        outer = scale[:, None] * scale
        swept = sxx / outer
        for k in range(n_factors):
            pivot = np.where(swept[k, k] > COLLINEAR, swept[k, k], np.nan)
            row = swept[k] / pivot
            column = swept[:, k].copy()
            swept -= column[:, None] * row
            swept[k], swept[:, k] = row, -column / pivot
            swept[k, k] = 1 / pivot
        return np.asarray(swept / outer)


def _blocks(series: Int1D, size: int, n_series: int) -> Iterator[tuple[Int1D, int]]:
    """Yield the windows of each block of series, those of one series together, and its first series."""
    # Numbers of two bytes are sorted by counting.
    order = np.argsort(series.astype(np.min_scalar_type(n_series)), kind="stable")
    edges = np.arange(0, n_series + size, size)
    bounds = np.searchsorted(series[order], edges)
    for first, low, high in zip(edges[:-1], bounds[:-1], bounds[1:], strict=True):
        if high > low:
            yield order[low:high], int(first)


def _values(panel: Panel, series: Int1D, start: Int1D, stop: Int1D) -> tuple[Float2D, Float3D]:
    """Return the returns (n, L) and factors (n, L, K) of windows; NaN behind the end of one that is shorter."""
    length = int((stop - start).max(initial=0))
    y = panel.estimation_returns(series, start, length)
    short = stop - start < length
    if short.any():
        y[start[:, None] + np.arange(length) >= stop[:, None]] = np.nan
    return y, panel.factor_returns(series, start, length)


def _estimates(moments: WindowMoments, panel: Panel, series: Int1D, start: Int1D, stop: Int1D) -> Estimates:
    inverse = inverses(moments.sxx)
    slopes = np.einsum("kmn,mn->kn", inverse, moments.sxy)
    squares = moments.syy - (slopes * moments.sxy).sum(axis=0)
    small = np.flatnonzero((squares <= SMALL_RESIDUAL * moments.syy) & (moments.syy > 0))
    if len(small):
        y, x = _values(panel, series[small], start[small], stop[small])
        residuals = y - moments.y_mean[small, None]
        for slope, factor, mean in zip(slopes[:, small], np.moveaxis(x, 2, 0), moments.x_mean[:, small], strict=True):
            residuals -= slope[:, None] * (factor - mean[:, None])
        squares[small] = np.nansum(residuals**2, axis=1)
    df = moments.nobs - 1 - len(slopes)
    usable = (df > 0) & (moments.syy > 0) & (squares > NO_RESIDUAL * moments.syy)
    hidden = np.where(usable, 0.0, np.nan)
    variance = squares / np.where(usable, df, np.nan)
    return Estimates(
        moments.nobs, df, moments.y_mean + hidden, moments.x_mean + hidden, slopes + hidden, inverse + hidden,
        moments.syy + hidden, variance,
    )  # fmt: skip
