"""Regressions with residuals whose variance moves, window by window, and forecasts of that variance: GARCH and EGARCH."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.special import ndtr

from potash._typing import Bool1D, Float1D, Float2D, Float3D
from potash.study.engine.least_squares import fit_windows
from potash.study.engine.window_fit import WindowFit

SPREAD = 10.0  # standard deviation to which residuals are scaled for the optimizer
ON_BOUND = 1e-6  # so near to a bound, the optimizer stopped at it
SAME_LIKELIHOOD = 1e-3  # two maxima of the log-likelihood that are one
FEWEST = 30  # returns; with less, five parameters fit anything


def garch_forecast(
    omega: float, arch: Float1D, garch: Float1D, squares: Float1D, variances: Float1D, horizon: int
) -> Float1D:
    """Return the expected variance 1 to ``horizon`` steps after the last of the squared residuals and variances.

    References
    ----------
    .. [1] Bollerslev, T. (1986). Journal of Econometrics 31(3), 307-327.
    """
    n, past = len(variances), len(arch)
    squared, expected = (np.concatenate([values, np.zeros(horizon)]) for values in (squares, variances))
    for step in range(n, n + horizon):
        expected[step] = (
            omega + arch @ squared[step - past : step][::-1] + garch @ expected[step - len(garch) : step][::-1]
        )
        squared[step] = expected[step]
    return expected[n:]


def egarch_forecast(
    omega: float, size: Float1D, sign: Float1D, garch: Float1D, shocks: Float1D, variances: Float1D, horizon: int
) -> Float1D:
    """Return the expected variance 1 to ``horizon`` steps after the last of the standardized residuals and variances.

    ``log h`` of a later step is a known number plus a sum over the future shocks ``z`` of ``a (|z| - sqrt(2/pi)) + b z``,
    whose exponential has a closed-form mean under normality.

    References
    ----------
    .. [1] Nelson, D. B. (1991). Econometrica 59(2), 347-370, app. 1.
    """
    usual = np.sqrt(2 / np.pi)
    z, logs = list(shocks), list(np.log(variances))
    n = len(z)
    weights: list[tuple[float, float]] = []  # of a shock on log h, 1, 2, ... steps later
    means = []
    for step in range(horizon):
        forecast = omega + sum(b * logs[-j - 1] for j, b in enumerate(garch))
        forecast += sum(a * (abs(z[n + step - i - 1]) - usual) for i, a in enumerate(size) if step - i - 1 < 0)
        forecast += sum(g * z[n + step - i - 1] for i, g in enumerate(sign) if step - i - 1 < 0)
        logs.append(forecast)
        means.append(np.exp(forecast) * np.prod([_shock_mean(a, b) for a, b in weights]))
        direct = (size[step] if step < len(size) else 0.0, sign[step] if step < len(sign) else 0.0)
        later = [(b * weights[-j - 1][0], b * weights[-j - 1][1]) for j, b in enumerate(garch[: len(weights)])]
        weights.append((direct[0] + sum(a for a, _ in later), direct[1] + sum(b for _, b in later)))
    return np.array(means)


def _shock_mean(a: float, b: float) -> float:
    """Return E exp(a (|z| - sqrt(2/pi)) + b z) for a standard normal z."""
    up, down = b + a, b - a
    both = np.exp(up**2 / 2) * ndtr(up) + np.exp(down**2 / 2) * ndtr(-down)
    return float(np.exp(-a * np.sqrt(2 / np.pi)) * both)


def fit_conditional(
    y: Float2D, x: Float3D, y_event: Float2D, x_event: Float3D, volatility: Any,
    forecast: Callable[[Float1D, Float1D, Float1D, int], Float1D], *, n_params: int, gap: int, logs: bool,
) -> WindowFit:  # fmt: skip
    """Return the maximum-likelihood fit of each window; see the notes of :class:`potash.GARCH`.

    Parameters
    ----------
    y, x : ndarrays of shape (n, L) and (n, L, K)
        Returns and factors of the estimation windows.
    y_event, x_event : ndarrays of shape (n, W) and (n, W, K)
        The same in the event windows.
    volatility : object
        The variance process of the package ``arch``.
    forecast : callable
        Variances of the coming sessions from the parameters of the variance, residuals, past variances and their number.
    n_params : int
        Parameters of mean and variance.
    gap : int
        Sessions between the windows.
    logs : bool
        Whether the process is one of log variances.
    """
    n, width = len(y), y_event.shape[1]
    used = ~np.isnan(y) & ~np.isnan(x).any(axis=2)
    ols = fit_windows(y, x, y_event, x_event)
    nobs, spread = ols.nobs, np.sqrt(ols.variance)
    params, std_errors = np.full((n, n_params), np.nan), np.full((n, n_params), np.nan)
    variance, rsquared, residuals = np.full(n, np.nan), np.full(n, np.nan), np.full(y.shape, np.nan)
    abnormal, scale = np.full((n, width), np.nan), np.full((n, width, width), np.nan)
    for row in np.flatnonzero((nobs >= FEWEST) & np.isfinite(spread)):
        keep = used[row]
        estimated = _estimated(y[row, keep], x[row, keep], spread[row], volatility, logs=logs)
        if estimated is None:
            continue
        estimate, errors, resid, conditional = estimated
        n_mean = x.shape[2] + 1
        steps = gap + (len(keep) - 1 - int(np.flatnonzero(keep)[-1]))
        with np.errstate(over="ignore", invalid="ignore"):  # an explosive fit has no finite forecast
            ahead = forecast(estimate[n_mean:], resid, conditional, steps + width)[steps:]
        if not (np.isfinite(ahead) & (ahead > 0)).all():
            continue
        params[row], std_errors[row] = estimate, errors
        residuals[row, keep], variance[row] = resid, (resid**2).sum() / (nobs[row] - n_params)
        rsquared[row] = 1 - (resid**2).sum() / ((y[row, keep] - y[row, keep].mean()) ** 2).sum()
        design = np.column_stack([np.ones(nobs[row]), x[row, keep]])
        event = np.column_stack([np.ones(width), x_event[row]])
        induced = event @ np.linalg.inv(design.T @ (design / conditional[:, None])) @ event.T
        abnormal[row] = y_event[row] - event @ params[row, :n_mean]
        observed = ~np.isnan(abnormal[row])
        covariance = np.diag(ahead) + induced
        scale[row] = np.where(observed[:, None] & observed, covariance / variance[row], np.nan)
    return WindowFit(params, std_errors, variance, nobs - n_params, nobs, rsquared, residuals, abnormal, scale)


def _estimated(
    y: Float1D, x: Float2D, spread: float, volatility: Any, *, logs: bool
) -> tuple[Float1D, Float1D, Float1D, Float1D] | None:
    """Return parameters, standard errors, residuals and variances of one window; None if there is no maximum to find.

    The likelihood of an EGARCH process that is not invertible jumps with the last digit of its parameters: what the
    optimizer takes for its maximum is one only if it is found again with the returns in another unit.
    """
    # A power of two changes no digit of the returns, so rounding of their deviation cannot reach the optimizer.
    unit = 2.0 ** round(math.log2(SPREAD / spread))
    result = _maximized(y * unit, x * unit, volatility)
    again = _maximized(2 * y * unit, 2 * x * unit, volatility) if logs and result is not None else result
    if result is None or again is None:
        return None
    if logs and not abs(again.loglikelihood + len(y) * math.log(2) - result.loglikelihood) < SAME_LIKELIHOOD:
        return None
    try:
        covariance = np.asarray(result.param_cov)
    except np.linalg.LinAlgError:  # on a bound the second derivatives can be singular
        covariance = np.full((len(result.params),) * 2, np.nan)
    estimates, conditional = np.asarray(result.params), np.asarray(result.conditional_volatility) ** 2
    back, shift = _to_own_units(estimates, x.shape[1] + 1, unit, logs=logs, n_garch=volatility.q)
    diagonal = np.einsum("ij,jk,ik->i", back, covariance, back)
    free = (diagonal > 0) & ~_on_bound(estimates, x.shape[1] + 1, volatility.q, logs=logs)
    std_errors = np.sqrt(np.where(free, diagonal, np.nan))
    return back @ estimates + shift, std_errors, np.asarray(result.resid) / unit, conditional / unit**2


def _maximized(y: Float1D, x: Float2D, volatility: Any) -> Any:
    """Return the maximum-likelihood result of one window; None if the optimizer fails."""
    from arch.univariate import LS

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a fit that failed is known by its flag
        result = LS(y, x, volatility=volatility, rescale=False).fit(
            disp="off", show_warning=False, options={"maxiter": 1000}
        )
    conditional = np.asarray(result.conditional_volatility)
    failed = result.convergence_flag != 0 or not np.isfinite(result.params).all() or not (conditional > 0).all()
    return None if failed else result


def _on_bound(params: Float1D, n_mean: int, n_garch: int, *, logs: bool) -> Bool1D:
    """Return which parameters, of returns with a deviation of ``SPREAD``, lie on a bound of the optimizer."""
    bound = np.zeros(len(params), dtype=bool)
    # In logs only the lags of log h are bounded; else omega, too, and the lags of the squared residual.
    lags = slice(len(params) - n_garch if logs else n_mean + 1, len(params))
    bound[lags] = (params[lags] < ON_BOUND) | (params[lags].sum() > 1 - ON_BOUND)
    bound[n_mean] = not logs and params[n_mean] < ON_BOUND * SPREAD**2
    return bound


def _to_own_units(params: Float1D, n_mean: int, unit: float, *, logs: bool, n_garch: int) -> tuple[Float2D, Float1D]:
    """Return the matrix and the constants that take parameters of ``unit`` times the returns to those of the returns."""
    back, shift = np.eye(len(params)), np.zeros(len(params))
    back[0, 0] = 1 / unit
    if not logs:
        back[n_mean, n_mean] = 1 / unit**2
        return back, shift
    # log h of the returns is lower by a constant, which the lags of log h carry on.
    shift[n_mean] = -2 * np.log(unit)
    if n_garch:
        back[n_mean, -n_garch:] = 2 * np.log(unit)
    return back, shift
