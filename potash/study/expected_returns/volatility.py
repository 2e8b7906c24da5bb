"""Market and factor models whose residual variance moves: GARCH and EGARCH, through the package ``arch``."""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import ModuleType
from typing import Any, Self

import numpy as np
import pandas as pd

from potash._typing import Float1D, Float2D, Float3D
from potash.errors import InputError, MissingPackageError, OptionError
from potash.study.engine.window_fit import WindowFit
from potash.study.expected_returns.protocol import ShownModel, factor_frame, parameter_names
from potash.study.models.volatility import egarch_forecast, fit_conditional, garch_forecast


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class GARCH(ShownModel):
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
        n_params, gap = len(self.param_names), _stated_gap(self)
        return fit_conditional(
            y, x, y_event, x_event, volatility, self._forecast, n_params=n_params, gap=gap, logs=False
        )

    def _forecast(self, params: Float1D, residuals: Float1D, variances: Float1D, horizon: int) -> Float1D:
        arch, garch = np.split(params[1:], [self.p])
        return garch_forecast(params[0], arch, garch, residuals**2, variances, horizon)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class EGARCH(ShownModel):
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
    window in fifty has no fit. Give it 250 or more. Where the process is not invertible its likelihood jumps with the last
    digit of the parameters (by dozens for shares in the winter of 2025): a maximum that is not found again with the
    returns in another unit is no fit.

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
        n_params, gap = len(self.param_names), _stated_gap(self)
        return fit_conditional(
            y, x, y_event, x_event, volatility, self._forecast, n_params=n_params, gap=gap, logs=True
        )

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


def _stated_gap(model: GARCH | EGARCH) -> int:
    if model.gap is None:
        raise InputError(
            f"{model.name} forecasts the variance across the sessions between the windows and has to know how many there "
            "are. Set gap=, the start of event_window less the end of estimation_window less 1."
        )
    return model.gap


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
