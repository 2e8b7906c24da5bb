"""Regressions that one wild day does not bend, in many windows: Huber's and Theil-Sen's, with a robust variance."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtr, ndtri

from potash._typing import Bool2D, Float1D, Float2D, Float3D, Int1D
from potash.study.engine.least_squares import fit_windows
from potash.study.engine.window_fit import WindowFit

HUBER_K = 1.345  # 95 % as efficient as OLS under normal errors
SCALE_D = 2.5  # beyond so many standard deviations a residual counts as if it lay there
MAD = float(ndtri(0.75))


def robust_variance(residuals: Float2D, df_resid: Int1D) -> Float1D:
    """Return Huber's proposal 2 for the variance of each row of residuals.

    Parameters
    ----------
    residuals : ndarray of shape (n, L)
        NaN where a session was not used.
    df_resid : ndarray of shape (n,)
        Residual degrees of freedom.

    Returns
    -------
    ndarray of shape (n,)
        NaN where ``df_resid`` is not positive, or where at least half of the row is zero.
    """
    density = np.exp(-(SCALE_D**2) / 2) / np.sqrt(2 * np.pi)
    expected = 2 * ndtr(SCALE_D) - 1 - 2 * SCALE_D * density + 2 * SCALE_D**2 * ndtr(-SCALE_D)
    squares = np.where(np.isnan(residuals), 0.0, residuals) ** 2
    variance = _deviation(residuals) ** 2
    total = np.where(df_resid > 0, df_resid, np.nan) * expected
    for _ in range(200):
        before, variance = variance, np.minimum(squares, SCALE_D**2 * variance[:, None]).sum(axis=1) / total
        if not (np.abs(variance - before) > 1e-14 * before).any():
            break
    return np.where(variance > 0, variance, np.nan)


def _deviation(residuals: Float2D) -> Float1D:
    """Return the median absolute residual over .6745 by row; NaN where it is zero or a row is empty."""
    some = ~np.isnan(residuals).all(axis=1)
    deviation = np.full(len(residuals), np.nan)
    deviation[some] = np.nanmedian(np.abs(residuals[some]), axis=1) / MAD
    return np.where(deviation > 0, deviation, np.nan)


def fit_huber(y: Float2D, x: Float3D, y_event: Float2D, x_event: Float3D) -> WindowFit:
    """Return Huber's regression in each window; see the notes of :class:`potash.RobustModel`."""
    start = fit_windows(y, x, y_event, x_event)
    ready = np.isfinite(start.variance)
    used = ~np.isnan(y) & ~np.isnan(x).any(axis=2) & ready[:, None]
    n_params = x.shape[2] + 1
    # In units of each factor's own deviations the normal equations are well conditioned.
    mean, spread = _moments(x, used)
    design = np.where(used[:, :, None], _design(x, mean, spread), 0.0)
    ahead = _design(x_event, mean, spread)
    params, residuals = _reweighted(y, design, used, start.residuals)
    variance = robust_variance(residuals, start.df_resid)
    squared = np.einsum("nlk,nlm->nkm", design, design) + np.where(ready, 0.0, 1.0)[:, None, None] * np.eye(n_params)
    covariance = _huber_scale(residuals, used, start.df_resid, n_params)[:, None, None] * np.linalg.inv(squared)
    # Back from deviations to factors: slopes over their spread, alpha at factors of zero.
    back = np.zeros((len(y), n_params, n_params))
    back[:, 0, 0] = 1.0
    back[:, 0, 1:] = -mean / spread
    back[:, range(1, n_params), range(1, n_params)] = 1 / spread
    param_variances = np.einsum("nij,njk,nik->ni", back, covariance, back)
    induced = np.einsum("nwk,nkm,nvm->nwv", ahead, covariance, ahead)
    abnormal = y_event - np.einsum("nwk,nk->nw", ahead, params)
    back_params = np.einsum("nij,nj->ni", back, params)
    return _assembled(back_params, np.sqrt(param_variances), variance, start, residuals, abnormal, induced)


def _reweighted(y: Float2D, design: Float3D, used: Bool2D, residuals: Float2D) -> tuple[Float2D, Float2D]:
    """Return Huber's parameters by iterated weighted least squares and the residuals; NaN where they do not settle."""
    n_params = design.shape[2]
    target = np.where(used, y, 0.0)
    params = np.full((len(y), n_params), np.nan)
    settled = np.zeros(len(y), dtype=bool)
    active = np.flatnonzero(used.any(axis=1) & ~np.isnan(_deviation(residuals)))
    current = residuals.copy()
    for _ in range(500):
        if not len(active):
            break
        scaled = np.abs(current[active]) / _deviation(current[active])[:, None]
        weights = np.where(used[active], np.minimum(1.0, HUBER_K / np.where(scaled > 0, scaled, 1e-300)), 0.0)
        weighted = weights[:, :, None] * design[active]
        left = np.einsum("nlk,nlm->nkm", weighted, design[active])
        right = np.einsum("nlk,nl->nk", weighted, target[active])
        new = np.linalg.solve(left, right[:, :, None])[:, :, 0]
        moved = np.abs(new - params[active]).max(axis=1)
        params[active] = new
        current[active] = np.where(used[active], y[active] - np.einsum("nlk,nk->nl", design[active], new), np.nan)
        deviation = _deviation(current[active])
        settled[active] = moved <= 1e-11 * deviation
        active = active[~settled[active] & ~np.isnan(deviation)]
    params[~settled] = np.nan
    return params, np.where(settled[:, None], current, np.nan)


def _huber_scale(residuals: Float2D, used: Bool2D, df_resid: Int1D, n_params: int) -> Float1D:
    """Return what multiplies the inverse cross-products in the covariance of Huber's parameters."""
    deviation = _deviation(residuals)
    scaled = np.where(used, residuals, 0.0) / deviation[:, None]
    nobs = np.where(used.any(axis=1), used.sum(axis=1), np.nan)
    inside = (used & (np.abs(scaled) <= HUBER_K)).sum(axis=1) / nobs
    correction = 1 + n_params / nobs * (1 - inside) / inside
    bent = (np.clip(scaled, -HUBER_K, HUBER_K) ** 2).sum(axis=1)
    return correction**2 * bent * deviation**2 / np.where(df_resid > 0, df_resid, np.nan) / inside**2


def fit_theil_sen(y: Float2D, x: Float3D, y_event: Float2D, x_event: Float3D) -> WindowFit:
    """Return Theil and Sen's regression on one factor in each window; see the notes of :class:`potash.RobustModel`."""
    from scipy.stats import theilslopes  # scipy.stats is slow to import

    start = fit_windows(y, x, y_event, x_event)
    used = ~np.isnan(y) & ~np.isnan(x[:, :, 0])
    params, slope_errors = np.full((len(y), 2), np.nan), np.full(len(y), np.nan)
    for row in np.flatnonzero(np.isfinite(start.variance)):
        returns, market = y[row, used[row]], x[row, used[row], 0]
        line = theilslopes(returns, market, alpha=0.95)
        params[row] = np.median(returns - line.slope * market), line.slope
        slope_errors[row] = (line.high_slope - line.low_slope) / (2 * ndtri(0.975))
    residuals = np.where(used, y - params[:, :1] - params[:, 1:] * x[:, :, 0], np.nan)
    variance = robust_variance(residuals, start.df_resid)
    mean, _ = _moments(x, used)
    ahead = x_event[:, :, 0] - mean
    median_error = np.pi / 2 * variance / np.where(start.nobs > 0, start.nobs, np.nan)
    induced = median_error[:, None, None] + slope_errors[:, None, None] ** 2 * ahead[:, :, None] * ahead[:, None, :]
    std_errors = np.column_stack([np.sqrt(median_error + (slope_errors * mean[:, 0]) ** 2), slope_errors])
    abnormal = y_event - params[:, :1] - params[:, 1:] * x_event[:, :, 0]
    return _assembled(params, std_errors, variance, start, residuals, abnormal, induced)


def _moments(x: Float3D, used: Bool2D) -> tuple[Float2D, Float2D]:
    """Return mean and standard deviation of the factors over the sessions used; 0 and 1 where there are none."""
    count = np.maximum(used.sum(axis=1), 1)[:, None]
    mean = np.where(used[:, :, None], x, 0.0).sum(axis=1) / count
    spread = np.sqrt((np.where(used[:, :, None], x - mean[:, None, :], 0.0) ** 2).sum(axis=1) / count)
    return mean, np.where(spread > 0, spread, 1.0)


def _design(x: Float3D, mean: Float2D, spread: Float2D) -> Float3D:
    return np.concatenate([np.ones((*x.shape[:2], 1)), (x - mean[:, None, :]) / spread[:, None, :]], axis=2)


def _assembled(
    params: Float2D, std_errors: Float2D, variance: Float1D, start: WindowFit, residuals: Float2D, abnormal: Float2D,
    induced: Float3D,
) -> WindowFit:  # fmt: skip
    """Return the fit, with NaN throughout where there is no variance."""
    without = np.isnan(variance)[:, None]
    abnormal = np.where(without, np.nan, abnormal)
    has_return = ~np.isnan(abnormal)
    covariance = np.eye(abnormal.shape[1]) + induced / variance[:, None, None]
    return WindowFit(
        np.where(without, np.nan, params),
        np.where(without, np.nan, std_errors),
        variance,
        start.df_resid,
        start.nobs,
        np.full(len(variance), np.nan),
        np.where(without, np.nan, residuals),
        abnormal,
        np.where(has_return[:, :, None] & has_return[:, None, :], covariance, np.nan),
    )
