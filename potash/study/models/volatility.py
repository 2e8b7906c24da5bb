"""Market and factor models whose residual variance moves: GARCH and EGARCH, through the package ``arch``."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace
from types import ModuleType
from typing import Any, Self

import numpy as np
import pandas as pd
from scipy.special import ndtr

from potash._typing import Bool1D, Float1D, Float2D, Float3D
from potash.study.engine.least_squares import fit_windows
from potash.study.engine.window_fit import WindowFit
from potash.study.expected_returns.protocol import factor_frame, parameter_names
from potash.errors import InputError, MissingPackageError, OptionError

SPREAD = 10.0  # standard deviation to which residuals are scaled for the optimizer
ON_BOUND = 1e-6  # so near to a bound, the optimizer stopped at it
FEWEST = 30  # returns; with less, five parameters fit anything


@dataclass(frozen=True, slots=True, eq=False)
class GARCH:
    """Expected return = alpha + beta times the market's return, with GARCH(p, q) residuals, by maximum likelihood.

    Parameters
    ----------
    market : Series or DataFrame
        Market returns by session, or factor returns in columns, of the same kind (simple or log) as the securities'.
    p, q : int
        Lags of the squared residual and of the variance; ``p`` at least 1.
    gap : int, optional
        Sessions between the estimation window and the event window: the variance is forecast across them. For windows
        (-130, -11) and (-5, 5) it is 5. See :meth:`with_gap`.

    Raises
    ------
    InputError
        If the factors break a rule, or ``fit`` is called without ``gap``.
    OptionError
        If ``p``, ``q`` or ``gap`` is not a whole number in its range.
    MissingPackageError
        When fitted, if the package arch is not installed (extra ``garch``).

    Notes
    -----
    Errors are normal. The abnormal return is the residual of the mean equation. Its variance on an event day is the
    forecast of the conditional variance made at the end of the estimation window, as many steps ahead as the day lies
    after the last return used; nothing after that window enters. The covariance of the event window is the diagonal of
    these forecasts plus ``X_e C X_e'``, with ``C = (sum of x x' / h)^-1`` for the parameters of the mean: generalized
    least squares given the variances, which leaves out what these reveal about the mean and so is never too small.
    ``variance`` is the mean squared residual over ``nobs`` less all parameters, and ``scale`` is relative to it.
    Standard errors of the parameters are Bollerslev and Wooldridge's, NaN where a parameter of the variance lies on its
    bound (at zero, or all that must sum to less than one at a sum of one), where they mean nothing.

    Sessions with a missing return are left out and the rest closed up; sessions missing at the end of the window count
    as steps of the forecast. A window where the optimizer does not converge, whose
    forecast is not finite, or with fewer than 30 returns, has NaN everywhere.

    References
    ----------
    .. [1] Bollerslev, T. (1986). Journal of Econometrics 31(3), 307-327.
    .. [2] Corhay, A. and Tourani Rad, A. (1996). Conditional heteroskedasticity adjusted market model and an event
       study. Quarterly Review of Economics and Finance 36(4), 529-538.
    .. [3] Bollerslev, T. and Wooldridge, J. M. (1992). Econometric Reviews 11(2), 143-172.
    """

    market: pd.Series | pd.DataFrame
    p: int = 1
    q: int = 1
    gap: int | None = None

    def __post_init__(self) -> None:
        factor_frame(self.market)
        _check_orders(p=(self.p, 1), q=(self.q, 0), gap=(0 if self.gap is None else self.gap, 0))

    @property
    def name(self) -> str:
        """``GARCH(p, q)``."""
        return f"GARCH({self.p}, {self.q})"

    @property
    def param_names(self) -> tuple[str, ...]:
        """Those of the mean, then ``omega``, ``arch_1``... and ``garch_1``..."""
        return (*parameter_names(self.market), "omega", *_numbered("arch", self.p), *_numbered("garch", self.q))

    @property
    def factors(self) -> pd.DataFrame:
        """The market or the factors in columns."""
        return factor_frame(self.market)

    def with_gap(self, gap: int) -> Self:
        """Return the model for windows with ``gap`` sessions between them; :class:`OptionError` if it has another."""
        return _with_gap(self, gap)

    def fit(self, y: Float2D, x: Float3D, y_event: Float2D, x_event: Float3D) -> WindowFit:
        """Return the maximum-likelihood fit of each window."""
        volatility = _arch(self.name).GARCH(p=self.p, o=0, q=self.q)
        return _fit_each(y, x, y_event, x_event, volatility, self, logs=False)

    def _forecast(self, params: Float1D, residuals: Float1D, variances: Float1D, horizon: int) -> Float1D:
        arch, garch = np.split(params[1:], [self.p])
        return garch_forecast(params[0], arch, garch, residuals**2, variances, horizon)


@dataclass(frozen=True, slots=True, eq=False)
class EGARCH:
    """Expected return = alpha + beta times the market's return, with EGARCH(p, o, q) residuals: bad news may count more.

    Parameters
    ----------
    market : Series or DataFrame
        Market returns by session, or factor returns in columns, of the same kind (simple or log) as the securities'.
    p, o, q : int
        Lags of the standardized residual's size, of its sign, and of the log variance; ``p`` at least 1.
    gap : int, optional
        Sessions between the estimation window and the event window, as in :class:`GARCH`.

    Raises
    ------
    InputError, OptionError, MissingPackageError
        As :class:`GARCH`.

    Notes
    -----
    As :class:`GARCH`, with ``log h = omega + sum arch (|z| - sqrt(2/pi)) + sum sign z + sum garch log h`` over the lags.
    The forecast is the exact mean of ``h`` under normal errors, not the exponential of the mean of ``log h``. Six
    parameters overfit short windows: on 120 simulated returns its tests of one day reject 8 % at the 5 % level, and one
    window in fifty has no fit. Give it 250 or more.

    References
    ----------
    .. [1] Nelson, D. B. (1991). Conditional heteroskedasticity in asset returns. Econometrica 59(2), 347-370.
    """

    market: pd.Series | pd.DataFrame
    p: int = 1
    o: int = 1
    q: int = 1
    gap: int | None = None

    def __post_init__(self) -> None:
        factor_frame(self.market)
        _check_orders(p=(self.p, 1), o=(self.o, 0), q=(self.q, 0), gap=(0 if self.gap is None else self.gap, 0))

    @property
    def name(self) -> str:
        """``EGARCH(p, o, q)``."""
        return f"EGARCH({self.p}, {self.o}, {self.q})"

    @property
    def param_names(self) -> tuple[str, ...]:
        """Those of the mean, then ``omega``, ``arch_1``..., ``sign_1``... and ``garch_1``..."""
        lags = (*_numbered("arch", self.p), *_numbered("sign", self.o), *_numbered("garch", self.q))
        return (*parameter_names(self.market), "omega", *lags)

    @property
    def factors(self) -> pd.DataFrame:
        """The market or the factors in columns."""
        return factor_frame(self.market)

    def with_gap(self, gap: int) -> Self:
        """Return the model for windows with ``gap`` sessions between them; :class:`OptionError` if it has another."""
        return _with_gap(self, gap)

    def fit(self, y: Float2D, x: Float3D, y_event: Float2D, x_event: Float3D) -> WindowFit:
        """Return the maximum-likelihood fit of each window."""
        volatility = _arch(self.name).EGARCH(p=self.p, o=self.o, q=self.q)
        return _fit_each(y, x, y_event, x_event, volatility, self, logs=True)

    def _forecast(self, params: Float1D, residuals: Float1D, variances: Float1D, horizon: int) -> Float1D:
        size, sign, garch = np.split(params[1:], [self.p, self.p + self.o])
        return egarch_forecast(params[0], size, sign, garch, residuals / np.sqrt(variances), variances, horizon)


def _arch(model: str) -> ModuleType:
    """Return the package that fits conditional variances; :class:`MissingPackageError` where it is not installed."""
    try:
        from arch import univariate  # slow to import
    except ImportError as error:
        raise MissingPackageError(
            f"{model} is fitted by the package arch, which is not installed. Install it: pip install 'potash[garch]'"
        ) from error
    return univariate


def garch_forecast(
    omega: float, arch: Float1D, garch: Float1D, squares: Float1D, variances: Float1D, horizon: int
) -> Float1D:
    """Return the expected variance 1 to ``horizon`` steps after the last of the squared residuals and variances.

    References
    ----------
    .. [1] Bollerslev, T. (1986). Journal of Econometrics 31(3), 307-327.
    """
    n, past = len(variances), len(arch)
    seen, expected = (np.concatenate([values, np.zeros(horizon)]) for values in (squares, variances))
    for step in range(n, n + horizon):
        expected[step] = (
            omega + arch @ seen[step - past : step][::-1] + garch @ expected[step - len(garch) : step][::-1]
        )
        seen[step] = expected[step]
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
        known = omega + sum(b * logs[-j - 1] for j, b in enumerate(garch))
        known += sum(a * (abs(z[n + step - i - 1]) - usual) for i, a in enumerate(size) if step - i - 1 < 0)
        known += sum(g * z[n + step - i - 1] for i, g in enumerate(sign) if step - i - 1 < 0)
        logs.append(known)
        means.append(np.exp(known) * np.prod([_shock_mean(a, b) for a, b in weights]))
        own = (size[step] if step < len(size) else 0.0, sign[step] if step < len(sign) else 0.0)
        later = [(b * weights[-j - 1][0], b * weights[-j - 1][1]) for j, b in enumerate(garch[: len(weights)])]
        weights.append((own[0] + sum(a for a, _ in later), own[1] + sum(b for _, b in later)))
    return np.array(means)


def _shock_mean(a: float, b: float) -> float:
    """Return E exp(a (|z| - sqrt(2/pi)) + b z) for a standard normal z."""
    up, down = b + a, b - a
    both = np.exp(up**2 / 2) * ndtr(up) + np.exp(down**2 / 2) * ndtr(-down)
    return float(np.exp(-a * np.sqrt(2 / np.pi)) * both)


def _fit_each(
    y: Float2D, x: Float3D, y_event: Float2D, x_event: Float3D, volatility: Any, model: GARCH | EGARCH, *, logs: bool
) -> WindowFit:
    if model.gap is None:
        raise InputError(
            f"{model.name} forecasts the variance across the sessions between the windows and has to know how many there "
            "are. Set gap=, the start of event_window less the end of estimation_window less 1."
        )
    n, n_params, width = len(y), len(model.param_names), y_event.shape[1]
    used = ~np.isnan(y) & ~np.isnan(x).any(axis=2)
    ols = fit_windows(y, x, y_event, x_event)
    nobs, spread = ols.nobs, np.sqrt(ols.variance)
    params, std_errors = np.full((n, n_params), np.nan), np.full((n, n_params), np.nan)
    variance, rsquared, residuals = np.full(n, np.nan), np.full(n, np.nan), np.full(y.shape, np.nan)
    abnormal, scale = np.full((n, width), np.nan), np.full((n, width, width), np.nan)
    for row in np.flatnonzero((nobs >= FEWEST) & np.isfinite(spread)):
        keep = used[row]
        found = _estimated(y[row, keep], x[row, keep], spread[row], volatility, logs=logs)
        if found is None:
            continue
        estimate, errors, resid, conditional = found
        n_mean = x.shape[2] + 1
        steps = model.gap + (len(keep) - 1 - int(np.flatnonzero(keep)[-1]))
        with np.errstate(over="ignore", invalid="ignore"):  # an explosive fit has no finite forecast
            ahead = model._forecast(estimate[n_mean:], resid, conditional, steps + width)[steps:]
        if not (np.isfinite(ahead) & (ahead > 0)).all():
            continue
        params[row], std_errors[row] = estimate, errors
        residuals[row, keep], variance[row] = resid, (resid**2).sum() / (nobs[row] - n_params)
        rsquared[row] = 1 - (resid**2).sum() / ((y[row, keep] - y[row, keep].mean()) ** 2).sum()
        design = np.column_stack([np.ones(nobs[row]), x[row, keep]])
        event = np.column_stack([np.ones(width), x_event[row]])
        induced = event @ np.linalg.inv(design.T @ (design / conditional[:, None])) @ event.T
        abnormal[row] = y_event[row] - event @ params[row, :n_mean]
        known = ~np.isnan(abnormal[row])
        covariance = np.diag(ahead) + induced
        scale[row] = np.where(known[:, None] & known, covariance / variance[row], np.nan)
    return WindowFit(params, std_errors, variance, nobs - n_params, nobs, rsquared, residuals, abnormal, scale)


def _estimated(
    y: Float1D, x: Float2D, spread: float, volatility: Any, *, logs: bool
) -> tuple[Float1D, Float1D, Float1D, Float1D] | None:
    """Return parameters, standard errors, residuals and variances of one window; None if the optimizer fails."""
    from arch.univariate import LS  # slow to import

    unit = SPREAD / spread
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a fit that failed is told by its flag
        result = LS(y * unit, x * unit, volatility=volatility, rescale=False).fit(
            disp="off", show_warning=False, options={"maxiter": 1000}
        )
        try:
            covariance = np.asarray(result.param_cov)
        except np.linalg.LinAlgError:  # on a bound the second derivatives can be singular
            covariance = np.full((len(result.params),) * 2, np.nan)
    found, conditional = np.asarray(result.params), np.asarray(result.conditional_volatility) ** 2
    if result.convergence_flag != 0 or not np.isfinite(found).all() or not (conditional > 0).all():
        return None
    back, shift = _to_own_units(found, x.shape[1] + 1, unit, logs=logs, n_garch=volatility.q)
    diagonal = np.einsum("ij,jk,ik->i", back, covariance, back)
    free = (diagonal > 0) & ~_on_bound(found, x.shape[1] + 1, volatility.q, logs=logs)
    std_errors = np.sqrt(np.where(free, diagonal, np.nan))
    return back @ found + shift, std_errors, np.asarray(result.resid) / unit, conditional / unit**2


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


def _with_gap(model: Any, gap: int) -> Any:
    if model.gap is not None and model.gap != gap:
        raise OptionError(f"gap={model.gap} does not fit the windows, which are {gap} sessions apart. Leave it out.")
    return replace(model, gap=int(gap))


def _check_orders(**orders: tuple[object, int]) -> None:
    for name, (value, least) in orders.items():
        if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
            raise OptionError(f"{name}={value!r} must be a whole number, {least} or more.")


def _numbered(name: str, count: int) -> tuple[str, ...]:
    return tuple(f"{name}_{k}" for k in range(1, count + 1))
