"""Market models for securities that do not trade at the market's hours."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from potash._typing import Float2D, Float3D
from potash.errors import OptionError
from potash.study.engine.panel import Panel
from potash.study.engine.window_fit import WindowFit
from potash.study.expected_returns.ordinary import OnPanel
from potash.study.expected_returns.protocol import ShownModel, as_factor
from potash.study.models.instrument import fit_instrument


def shifted(market: pd.Series, offsets: list[int]) -> pd.DataFrame:
    """Return a column per offset: on session ``t`` the market's return of ``t + offset``.

    Offsets count the sessions on which the market has a return: its previous one, not the previous calendar day and not a
    row that is there for another exchange's sake. A session whose return is truly missing is bridged in the same way: the
    return before it counts as the previous one. Missing at the edges, and where the market itself is.

    Raises
    ------
    InputError
        If ``market`` is not a Series.
    """
    as_factor(market)
    name, rows = str(market.name or "market"), market.reset_index(drop=True)
    columns = {offset: rows.dropna().shift(-offset).reindex(rows.index) for offset in offsets}
    frame = pd.DataFrame({f"{name}[{offset:+d}]" if offset else name: column for offset, column in columns.items()})
    return frame.set_axis(market.index)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Dimson(OnPanel):
    """Expected return by OLS on the market's returns of the sessions before, at and after; beta is the sum of slopes.

    Parameters
    ----------
    market : Series
        Market returns by session, of the same kind (simple or log) as the securities'.
    lags, leads : int
        Sessions of the market before and after, counted where it has a return: rows without one (another exchange's
        sessions, or truly missing days) are bridged. A security that trades seldom, or whose exchange closes before the
        market's, needs lags; one in an index of stale prices needs leads.

    Raises
    ------
    InputError
        If ``market`` is not a Series.
    OptionError
        If ``lags`` and ``leads`` are not whole numbers from 0 on, or both are 0.

    Notes
    -----
    ``beta`` is the aggregated coefficient of [1]_, with the standard error of the sum; ``beta_lag1``, ``beta_lead1``...
    are its parts, and the same session's part is what is left. [1]_ defines a beta, no abnormal return. Event studies
    often put the sum into ``alpha + beta * market``; here the abnormal return is the prediction error of the regression
    itself, whose covariance is exactly that of OLS. The other form leaves ``beta_lag1 * (market[-1] - market)`` in each
    abnormal return: a larger and serially correlated error that the regression has already explained. Over a CAR the two
    differ only by the market's moves at the ends of the window.

    Where closes are stale by chance rather than by the exchange's hours, residuals are negatively autocorrelated, and
    the standard error of a CAR, which takes them as independent, is too large. The sum is biased when the market itself
    is autocorrelated, as an index of stale prices is [2]_; :class:`ScholesWilliams` is not. A led market return is
    missing on the last session of the data, so an event there goes into the ledger.

    References
    ----------
    .. [1] Dimson, E. (1979). Risk measurement when shares are subject to infrequent trading. Journal of Financial
       Economics 7(2), 197-226.
    .. [2] Fowler, D. J. and Rorke, C. H. (1983). Risk measurement when shares are subject to infrequent trading:
       comment. Journal of Financial Economics 12(2), 279-283.
    """

    market: pd.Series
    lags: int = 1
    leads: int = 1

    def __post_init__(self) -> None:
        shifted(self.market, [0])
        for name, value in (("lags", self.lags), ("leads", self.leads)):
            if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < 0:
                raise OptionError(f"{name}={value!r} must be a whole number of sessions, 0 or more.")
        if self.lags == self.leads == 0:
            raise OptionError("lags=0 and leads=0 leave the market model. Use MarketModel, or allow one of them.")

    @property
    def name(self) -> str:
        """``Dimson`` with its lags and leads."""
        return f"Dimson, lags {self.lags}, leads {self.leads}"

    @property
    def param_names(self) -> tuple[str, ...]:
        """``alpha``, ``beta`` (the sum) and the parts of the lags and leads."""
        lags = (f"beta_lag{k}" for k in range(1, self.lags + 1))
        leads = (f"beta_lead{k}" for k in range(1, self.leads + 1))
        return ("alpha", "beta", *lags, *leads)

    @property
    def factors(self) -> pd.DataFrame:
        """The market of the same session, of the sessions before, and of those after."""
        return shifted(self.market, [0, *range(-1, -self.lags - 1, -1), *range(1, self.leads + 1)])

    def regressed(self, panel: Panel) -> Panel:
        """Return the panel with the other sessions' returns less this session's: the first slope is then the sum of all."""
        others = panel.x[:, :, 1:] - panel.x[:, :, :1]
        return replace(panel, x=np.concatenate([panel.x[:, :, :1], others], axis=2))


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ScholesWilliams(ShownModel):
    """Expected return = alpha + beta times the market's return, with beta consistent under non-synchronous trading.

    Parameters
    ----------
    market : Series
        Market returns by session, of the same kind (simple or log) as the securities'.

    Raises
    ------
    InputError
        If ``market`` is not a Series.

    Notes
    -----
    ``beta = (b[-1] + b[0] + b[+1]) / (1 + 2 rho)``, slopes on the market of the session before, the same and the next,
    and the market's first autocorrelation (the mean of those with the session before and the next), all over the
    variance of the same sessions; that is exactly the instrumental-variable estimate with ``m[-1] + m[0] + m[+1]`` for
    instrument, the form in which CRSP computes it. Three separate OLS slopes differ from it by the sessions at the edges
    of the window, by a fraction of the standard error. ``alpha`` is the mean return less beta
    times the mean market. The forecast error is ``s^2 (I + X_e C X_e')`` with the covariance ``s^2 C`` of the
    instrumental-variable estimate. Non-synchronous returns leave a negative autocorrelation in the abnormal returns
    that this covariance, which takes them as independent, does not use: the standard error of a CAR over several days
    is then too large, never too small.

    Sessions before and after are those on which the market has a return; rows without one are bridged. The market of the
    next session is needed for the estimation, and on day 0; an event on the last session of the data
    goes into the ledger. ``rsquared`` is one minus residual over total squares and can be negative.

    References
    ----------
    .. [1] Scholes, M. and Williams, J. (1977). Estimating betas from nonsynchronous data. Journal of Financial
       Economics 5(3), 309-327.
    """

    market: pd.Series
    name = "Scholes-Williams"
    param_names = ("alpha", "beta")

    def __post_init__(self) -> None:
        shifted(self.market, [0])

    @property
    def factors(self) -> pd.DataFrame:
        """The market of the same session, of the one before and of the next."""
        return shifted(self.market, [0, -1, 1])

    def fit(self, y: Float2D, x: Float3D, y_event: Float2D, x_event: Float3D) -> WindowFit:
        """Return the instrumental-variable fit of each window."""
        return fit_instrument(y, x[:, :, 0], x.sum(axis=2), y_event, x_event[:, :, 0])
