"""Weighted least squares of returns that span several sessions, in many windows: from trade to trade."""

from __future__ import annotations

import numpy as np

from potash._typing import Float2D, Float3D
from potash.study.engine.moments import NO_VARIATION
from potash.study.engine.regressors import NO_RESIDUAL
from potash.study.engine.window_fit import WindowFit


def fit_intervals(
    y: Float2D, market: Float2D, spans: Float2D, y_event: Float2D, market_event: Float2D, spans_event: Float2D
) -> WindowFit:
    """Return weighted least squares of multi-session returns on the sessions they span and the market's return.

    Parameters
    ----------
    y, market, spans : ndarrays of shape (n, L)
        Estimation windows: returns, the market's over the same sessions, and how many these are. Missing in one of the
        three: left out.
    y_event, market_event, spans_event : ndarrays of shape (n, W)
        The same in the event windows.

    Notes
    -----
    ``variance`` is that of one session's return; ``scale`` is ``diag(d) + X_e (X' diag(1/d) X)^-1 X_e'`` with ``X = [d,
    market]``. A window where return or market per session does not vary, or with fewer than three returns, has NaN
    everywhere.
    """
    used = ~np.isnan(y) & ~np.isnan(market) & ~np.isnan(spans)
    nobs = used.sum(axis=1)
    weights = np.where(used, 1 / np.where(used, spans, 1.0), 0.0)
    days = np.where(used, spans, 0.0).sum(axis=1)
    count, length = np.where(nobs > 2, nobs, np.nan), np.where(days > 0, days, np.nan)
    # Less their means per session, returns and market are orthogonal to the sessions spanned in the weighted sense.
    y_mean, x_mean = (np.where(used, values, 0.0).sum(axis=1) / length for values in (y, market))
    y_dev, x_dev = (
        np.where(used, values - mean[:, None] * spans, 0.0) for values, mean in ((y, y_mean), (market, x_mean))
    )
    total, about_market = (weights * y_dev**2).sum(axis=1), (weights * x_dev**2).sum(axis=1)
    about_market = np.where(about_market > (NO_VARIATION * x_mean) ** 2 * length, about_market, np.nan)
    beta = (weights * x_dev * y_dev).sum(axis=1) / about_market
    residuals = np.where(used, (y_dev - beta[:, None] * x_dev) * np.sqrt(weights), np.nan)
    squares = np.nansum(residuals**2, axis=1)
    moves = (total > (NO_VARIATION * y_mean) ** 2 * length) & (squares > NO_RESIDUAL * total)
    usable = moves & ~np.isnan(beta) & (nobs > 2)
    beta, squares = np.where(usable, beta, np.nan), np.where(usable, squares, np.nan)
    variance = squares / (count - 2)
    units = np.column_stack([1 / length + x_mean**2 / about_market, 1 / about_market])
    ahead = market_event - x_mean[:, None] * spans_event
    residuals = np.where(usable[:, None], residuals, np.nan)
    abnormal = y_event - y_mean[:, None] * spans_event - beta[:, None] * ahead
    induced = _products(spans_event) / length[:, None, None] + _products(ahead) / about_market[:, None, None]
    has_return = ~np.isnan(abnormal)
    unit = np.eye(y_event.shape[1]) * spans_event[:, :, None]
    scale = np.where(has_return[:, :, None] & has_return[:, None, :], unit + induced, np.nan)
    params = np.column_stack([y_mean - beta * x_mean, beta])
    std_errors = np.sqrt(variance[:, None] * units)
    rsquared = 1 - squares / np.where(total > 0, total, np.nan)
    return WindowFit(params, std_errors, variance, nobs - 2, nobs, rsquared, residuals, abnormal, scale, spans_event)


def _products(values: Float2D) -> Float3D:
    return values[:, :, None] * values[:, None, :]
