"""Models with several factors, and betas for securities that do not trade at the market's hours.

A model of one's own needs four members: ``name``, ``param_names``, ``factors`` and ``fit``. Here beta is one and only
alpha is estimated, so a constant fitted to the return less the market's does the work:

>>> import numpy as np, pandas as pd, potash
>>> from dataclasses import dataclass
>>> from potash.study.models.base import fit_windows
>>> @dataclass(frozen=True)
... class BetaOne:
...     market: pd.Series
...     name = "beta of one"
...     param_names = ("alpha",)
...
...     @property
...     def factors(self):
...         return self.market.to_frame()
...
...     def fit(self, y, x, y_event, x_event):
...         return fit_windows(y - x[:, :, 0], x[:, :, :0], y_event - x_event[:, :, 0], x_event[:, :, :0])
>>> days = pd.bdate_range("2025-01-01", periods=150)
>>> noise = np.random.default_rng(1).normal(0, 0.01, (150, 3))
>>> returns = pd.DataFrame(noise, index=days, columns=["A", "B", "M"])
>>> study = potash.EventStudy(
...     returns[["A", "B"]], pd.DataFrame({"event_id": ["e1"], "session": [days[140]]}), returns_kind="log",
...     model=BetaOne(returns["M"]), event_window=(-1, 1), estimation_window=(-120, -11),
... )
>>> study.fit().params.columns.tolist()
['alpha', 'sigma', 'nobs', 'rsquared']
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

import numpy as np
import pandas as pd

from potash._typing import Bool2D, Float1D, Float2D, Float3D
from potash.errors import InputError, OptionError, listed
from potash.study.models.base import WindowFit, as_factor, fit_windows


def factor_frame(market: pd.Series | pd.DataFrame) -> pd.DataFrame:
    """Return factor returns as a frame: a Series becomes one column.

    Raises
    ------
    InputError
        If it is neither Series nor DataFrame, has no column, names one twice, or gives securities different factors.
    """
    if isinstance(market, pd.Series):
        return as_factor(market)
    if not isinstance(market, pd.DataFrame):
        raise InputError(
            f"market is a {type(market).__name__}, neither a Series of returns by session nor a DataFrame of sessions x "
            "factors. Hand over one column, for example market=returns['SPY'], or several."
        )
    return _checked_factors(market, "market")


def parameter_names(factors: pd.Series | pd.DataFrame) -> tuple[str, ...]:
    """Return ``alpha`` and ``beta`` for a Series, ``alpha`` and ``beta_<factor>`` for a DataFrame."""
    if isinstance(factors, pd.Series):
        return ("alpha", "beta")
    return ("alpha", *(f"beta_{name}" for name in _own_names(factors)))


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


@dataclass(frozen=True, slots=True, eq=False)
class FactorModel:
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
        _checked_factors(self.factors)

    @property
    def param_names(self) -> tuple[str, ...]:
        """``alpha`` and ``beta_<factor>``."""
        return parameter_names(self.factors)

    def fit(self, y: Float2D, x: Float3D, y_event: Float2D, x_event: Float3D) -> WindowFit:
        """Return the OLS fit of each window."""
        return fit_windows(y, x, y_event, x_event)


@dataclass(frozen=True, slots=True, eq=False)
class Dimson:
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

    def fit(self, y: Float2D, x: Float3D, y_event: Float2D, x_event: Float3D) -> WindowFit:
        """Return the OLS fit of each window."""
        # With the other sessions' returns less this session's as regressors, the first slope is the sum of all.
        return fit_windows(y, _less_the_first(x), y_event, _less_the_first(x_event))


@dataclass(frozen=True, slots=True, eq=False)
class ScholesWilliams:
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
    usable = (squares > 1e-20 * total) & ~np.isnan(beta)
    count, beta = np.where(usable, count, np.nan), np.where(usable, beta, np.nan)
    variance = squares / (count - 2)
    beta_scale = zz / denominator**2
    params = np.column_stack([y_mean - beta * x_mean, beta])
    std_errors = np.sqrt(variance[:, None] * np.column_stack([1 / count + x_mean**2 * beta_scale, beta_scale]))
    residuals = np.where(usable[:, None], residuals, np.nan)
    ahead = x_event - x_mean[:, None]
    abnormal = y_event - y_mean[:, None] - beta[:, None] * ahead
    known = ~np.isnan(abnormal)
    induced = 1 / count[:, None, None] + beta_scale[:, None, None] * ahead[:, :, None] * ahead[:, None, :]
    scale = np.where(known[:, :, None] & known[:, None, :], np.eye(y_event.shape[1]) + induced, np.nan)
    rsquared = 1 - np.where(usable, squares, np.nan) / np.where(total > 0, total, np.nan)
    return WindowFit(params, std_errors, variance, nobs - 2, nobs, rsquared, residuals, abnormal, scale)


def _checked_factors(factors: object, what: str = "factors") -> pd.DataFrame:
    if not isinstance(factors, pd.DataFrame):
        raise InputError(
            f"factors is a {type(factors).__name__}, not a DataFrame of sessions x factors. Hand over columns, for example "
            "factors=returns[['SPY', 'CORN']]; for the market alone there is MarketModel."
        )
    if factors.columns.nlevels > 2:
        raise InputError(
            f"{what}: columns have {factors.columns.nlevels} levels. One (factor), or two (ticker, factor) are needed."
        )
    names = pd.Index([str(column) for column in factors.columns])
    if not len(names):
        raise InputError(f"{what}: there is no column. For a model without factors there is MeanAdjusted.")
    if names.has_duplicates:
        raise InputError(f"{what}: columns that stand more than once: {listed(names[names.duplicated()])}.")
    if factors.columns.nlevels == 2:
        own = [(owner, [str(name) for _, name in group]) for owner, group in groupby(factors.columns, lambda c: c[0])]
        odd = [each for each in own if each[1] != own[0][1]]
        if odd or len({owner for owner, _ in own}) < len(own):
            shown = "; ".join(f"{owner} has {listed(mine)}" for owner, mine in (own[0], (odd or own)[-1]))
            raise InputError(
                f"{what}: with columns (ticker, factor) each security needs the same factors, in the same order and side by "
                f"side; {shown}. A factor that differs by security has one name for all, for example 'index'."
            )
    return factors


def _own_names(factors: pd.DataFrame) -> list[str]:
    """Return the names of the factors of one security."""
    if factors.columns.nlevels == 1:
        return [str(name) for name in factors.columns]
    first = factors.columns[0][0]
    return [str(name) for owner, name in factors.columns if owner == first]


def _less_the_first(x: Float3D) -> Float3D:
    return np.concatenate([x[:, :, :1], x[:, :, 1:] - x[:, :, :1]], axis=2)


def _centred(values: Float2D, used: Bool2D, count: Float1D) -> tuple[Float1D, Float2D]:
    """Return the mean over the sessions used and the deviations from it; zero where not used or where all are equal."""
    mean = np.where(used, values, 0.0).sum(axis=1) / count
    deviation = np.where(used, values - mean[:, None], 0.0)
    # What centring leaves of a constant is rounding, about 1e-16 of its level: no variation.
    flat = (deviation**2).sum(axis=1) <= (1e-12 * mean) ** 2 * count
    return mean, np.where(flat[:, None], 0.0, deviation)
