"""Models estimated by ordinary least squares, or by nothing at all: mean-adjusted, market-adjusted, market, factors."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from potash._typing import Float2D, Float3D, Int1D
from potash.sessions import Window
from potash.study.engine.least_squares import fit_panel
from potash.study.engine.panel import Panel
from potash.study.engine.window_fit import WindowFit
from potash.study.expected_returns.protocol import NO_FACTORS, ShownModel, as_factor, checked_factors, parameter_names


class OnPanel(ShownModel):
    """A model that the engine estimates on the panel itself, so that firm-events share the sums they have in common."""

    __slots__ = ()

    def regressed(self, panel: Panel) -> Panel:
        """Return the panel of what is regressed: the returns on the factors."""
        return panel

    def fit_panel(self, panel: Panel, series: Int1D, day_zero: Int1D, event: Window, estimation: Window) -> WindowFit:
        """Return the OLS fit of each firm-event: see :func:`potash.study.engine.least_squares.fit_panel`."""
        return fit_panel(self.regressed(panel), series, day_zero, event, estimation)

    def fit(self, y: Float2D, x: Float3D, y_event: Float2D, x_event: Float3D) -> WindowFit:
        """Return the OLS fit of each window: y (n, L), x (n, L, K), y_event (n, W), x_event (n, W, K)."""
        panel, (n, length) = Panel.of_windows(y, x, y_event, x_event), y.shape
        event = Window(0, y_event.shape[1] - 1)
        return self.fit_panel(panel, np.arange(n), np.full(n, length), event, Window(-length, -1))


@dataclass(frozen=True, slots=True, repr=False)
class MeanAdjusted(OnPanel):
    """Expected return = the security's own mean over the estimation window.

    References
    ----------
    .. [1] Brown, S. J. and Warner, J. B. (1985). Journal of Financial Economics 14(1), 3-31.
    """

    name = "mean-adjusted"
    param_names = ("mean",)

    @property
    def factors(self) -> pd.DataFrame:
        """No factors."""
        return NO_FACTORS


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class MarketAdjusted(OnPanel):
    """Expected return = the market's return of the same session; nothing is estimated.

    The variance of an abnormal return is taken about its estimation-window mean with ``L - 1`` degrees of freedom;
    there is no forecast-error term, because no parameter enters the abnormal return. Residuals keep their mean, as the
    abnormal returns do.

    Parameters
    ----------
    market : Series
        Market returns by session, of the same kind (simple or log) as the securities'.

    References
    ----------
    .. [1] Brown, S. J. and Warner, J. B. (1985). Journal of Financial Economics 14(1), 3-31.
    """

    market: pd.Series
    name = "market-adjusted"
    param_names = ()

    def __post_init__(self) -> None:
        as_factor(self.market)

    @property
    def factors(self) -> pd.DataFrame:
        """The market, one column."""
        return as_factor(self.market)

    def regressed(self, panel: Panel) -> Panel:
        """Return the returns less the market's, without factors."""
        return panel.less_factor()

    def fit_panel(self, panel: Panel, series: Int1D, day_zero: Int1D, event: Window, estimation: Window) -> WindowFit:
        """Return returns minus the market's, with their own variance."""
        fit = OnPanel.fit_panel(self, panel, series, day_zero, event, estimation)
        mean = fit.params
        empty, unit = np.empty((len(series), 0)), np.where(np.isnan(fit.scale), np.nan, np.eye(len(event)))
        return replace(
            fit,
            params=empty,
            param_std_errors=empty,
            residuals=fit.residuals + mean,
            abnormal=fit.abnormal + mean,
            scale=unit,
        )


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class MarketModel(OnPanel):
    """Expected return = alpha + beta times the market's return, by OLS over the estimation window.

    Parameters
    ----------
    market : Series
        Market returns by session, of the same kind (simple or log) as the securities'.

    References
    ----------
    .. [1] MacKinlay, A. C. (1997). Event studies in economics and finance. Journal of Economic Literature 35(1), 13-39.

    Examples
    --------
    >>> import potash
    >>> returns = potash.log_returns(potash.load_prices())
    >>> potash.MarketModel(market=returns["SPY"]).factors.columns.tolist()
    ['SPY']
    """

    market: pd.Series
    name = "market model"
    param_names = ("alpha", "beta")

    def __post_init__(self) -> None:
        as_factor(self.market)

    @property
    def factors(self) -> pd.DataFrame:
        """The market, one column."""
        return as_factor(self.market)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class FactorModel(OnPanel):
    """Expected return = alpha + the sum of beta times factor, by OLS over the estimation window.

    Parameters
    ----------
    factors : DataFrame
        Factor returns, sessions in rows, any columns: Fama-French, Carhart, or market, crop prices and a currency. Of
        the same kind (simple or log) as the securities' returns; if those are in excess of a riskless rate, so is the
        market's. A session with a missing factor is left out of the estimation, and its abnormal return is missing.
        Two-level columns ``(ticker, factor)`` give each security its own, under the same names: for instance the index
        of its exchange.

    Raises
    ------
    InputError
        If it is no DataFrame, has no column, names one twice, or gives securities different factors.

    References
    ----------
    .. [1] Campbell, J. Y., Lo, A. W. and MacKinlay, A. C. (1997). The Econometrics of Financial Markets, ch. 4.
    .. [2] Fama, E. F. and French, K. R. (1993). Journal of Financial Economics 33(1), 3-56.
    """

    factors: pd.DataFrame
    name = "factor model"

    def __post_init__(self) -> None:
        checked_factors(self.factors)

    @property
    def param_names(self) -> tuple[str, ...]:
        """``alpha`` and ``beta_<factor>``."""
        return parameter_names(self.factors)
