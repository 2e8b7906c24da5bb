"""Regression with one instrument for one regressor, in many windows: the Scholes-Williams beta."""

from __future__ import annotations

import numpy as np

from potash._typing import Bool2D, Float1D, Float2D
from potash.study.engine.moments import NO_VARIATION
from potash.study.engine.regressors import NO_RESIDUAL
from potash.study.engine.window_fit import WindowFit


def fit_instrument(y: Float2D, x: Float2D, instrument: Float2D, y_event: Float2D, x_event: Float2D) -> WindowFit:
    """Return the regression with an intercept on one regressor and one instrument for it, in each of ``n`` windows.

    Parameters
    ----------
    y, x, instrument : ndarrays of shape (n, L)
        Estimation windows. A session where one of the three is missing is left out.
    y_event, x_event : ndarrays of shape (n, W)
        Event windows; the abnormal return is NaN where one of the two is missing.

    Notes
    -----
    ``s^2`` has ``nobs - 2`` degrees of freedom. A window whose return, regressor or instrument does not vary, or where
    regressor and instrument are uncorrelated, has NaN everywhere.
    """
    used = ~np.isnan(y) & ~np.isnan(x) & ~np.isnan(instrument)
    nobs = used.sum(axis=1)
    count = np.where(nobs > 2, nobs, np.nan)
    (y_mean, y_dev), (x_mean, x_dev), (_, z_dev) = (_centred(values, used, count) for values in (y, x, instrument))
    xz, zz, total = (x_dev * z_dev).sum(axis=1), (z_dev**2).sum(axis=1), (y_dev**2).sum(axis=1)
    relevant = np.abs(xz) > 1e-6 * np.sqrt((x_dev**2).sum(axis=1) * zz)
    denominator = np.where(relevant, xz, np.nan)
    beta = (y_dev * z_dev).sum(axis=1) / denominator
    residuals = np.where(used, y_dev - beta[:, None] * x_dev, np.nan)
    squares = np.nansum(residuals**2, axis=1)
    usable = (squares > NO_RESIDUAL * total) & ~np.isnan(beta)
    count, beta = np.where(usable, count, np.nan), np.where(usable, beta, np.nan)
    variance = squares / (count - 2)
    beta_scale = zz / denominator**2
    params = np.column_stack([y_mean - beta * x_mean, beta])
    std_errors = np.sqrt(variance[:, None] * np.column_stack([1 / count + x_mean**2 * beta_scale, beta_scale]))
    residuals = np.where(usable[:, None], residuals, np.nan)
    ahead = x_event - x_mean[:, None]
    abnormal = y_event - y_mean[:, None] - beta[:, None] * ahead
    has_return = ~np.isnan(abnormal)
    induced = 1 / count[:, None, None] + beta_scale[:, None, None] * ahead[:, :, None] * ahead[:, None, :]
    scale = np.where(has_return[:, :, None] & has_return[:, None, :], np.eye(y_event.shape[1]) + induced, np.nan)
    rsquared = 1 - np.where(usable, squares, np.nan) / np.where(total > 0, total, np.nan)
    return WindowFit(params, std_errors, variance, nobs - 2, nobs, rsquared, residuals, abnormal, scale)


def _centred(values: Float2D, used: Bool2D, count: Float1D) -> tuple[Float1D, Float2D]:
    """Return the mean over the sessions used and the deviations from it; zero where not used or where all are equal."""
    mean = np.where(used, values, 0.0).sum(axis=1) / count
    deviation = np.where(used, values - mean[:, None], 0.0)
    # What centring leaves of a constant is rounding, about 1e-16 of its level: no variation.
    flat = (deviation**2).sum(axis=1) <= (NO_VARIATION * mean) ** 2 * count
    return mean, np.where(flat[:, None], 0.0, deviation)
