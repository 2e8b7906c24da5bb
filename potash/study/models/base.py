"""Expected-return models: what a security would have returned without the event.

Above the line a model is configured with labelled factors; below it, :func:`fit_windows` works on float arrays.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol, runtime_checkable

import numpy as np
import pandas as pd

from potash._typing import Bool1D, Float1D, Float2D, Float3D, Int1D
from potash.errors import InputError

NO_FACTORS = pd.DataFrame()
MOST_COLLINEAR = 1e-10  # smallest over largest eigenvalue of the factors' correlations


@dataclass(frozen=True, slots=True)
class WindowFit:
    """What a model says about ``n`` firm-events, each with its own estimation window.

    Attributes
    ----------
    params : ndarray of shape (n, k)
        Estimated coefficients; ``k`` may be zero.
    param_std_errors : ndarray of shape (n, k)
        Their standard errors.
    variance : ndarray of shape (n,)
        Residual variance s^2 of one session's return, on ``df_resid`` degrees of freedom.
    df_resid : ndarray of shape (n,)
        ``nobs`` minus the number of estimated parameters.
    nobs : ndarray of shape (n,)
        Sessions of the estimation window with a return and all factors.
    rsquared : ndarray of shape (n,)
        Share of the variance explained; NaN where the model estimates no slope.
    residuals : ndarray of shape (n, L)
        Estimation-window residuals: returns less those expected, as in ``abnormal``, so that both can be compared; NaN on
        sessions that were not used.
    abnormal : ndarray of shape (n, W)
        Abnormal returns of the event window; NaN where the return or a factor is missing.
    scale : ndarray of shape (n, W, W)
        Covariance of the event window's prediction errors in units of ``variance``: the identity plus the part that
        the estimated parameters induce within and between days. NaN in rows and columns of missing days.
    spans : ndarray of shape (n, W), optional
        Sessions that each day's return covers, for returns from trade to trade; a missing day that a later trade of the
        window covers takes nothing from a CAR.
    """

    params: Float2D
    param_std_errors: Float2D
    variance: Float1D
    df_resid: Int1D
    nobs: Int1D
    rsquared: Float1D
    residuals: Float2D
    abnormal: Float2D
    scale: Float3D
    spans: Float2D | None = None

    def only(self, rows: Bool1D) -> WindowFit:
        """Return the fit of the chosen firm-events."""
        parts = [getattr(self, name) for name in WindowFit.__dataclass_fields__]
        return WindowFit(*(None if part is None else part[rows] for part in parts))  # type: ignore[arg-type]


@runtime_checkable
class ReturnModel(Protocol):
    """What a model of expected returns offers to :class:`potash.EventStudy`.

    Attributes
    ----------
    name : str
        For tables and summaries.
    param_names : tuple of str
        Names of the columns of :attr:`WindowFit.params`.
    factors : DataFrame
        Factor returns, sessions in rows; empty if the model needs none. Same kind of returns as the securities.
    """

    @property
    def name(self) -> str: ...  # noqa: D102 - documented above
    @property
    def param_names(self) -> tuple[str, ...]: ...  # noqa: D102
    @property
    def factors(self) -> pd.DataFrame: ...  # noqa: D102

    def fit(self, y: Float2D, x: Float3D, y_event: Float2D, x_event: Float3D) -> WindowFit:
        """Return the fit of ``n`` windows: y (n, L), x (n, L, K), y_event (n, W), x_event (n, W, K)."""
        ...


def as_factor(market: pd.Series) -> pd.DataFrame:
    """Return the market as a frame of one column; :class:`InputError` if it is no Series."""
    if not isinstance(market, pd.Series):
        raise InputError(
            f"market is a {type(market).__name__}, not a Series of returns by session. Hand over one column, for example "
            "market=returns['SPY']."
        )
    return market.rename(str(market.name or "market")).to_frame()


@dataclass(frozen=True, slots=True)
class MeanAdjusted:
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

    def fit(self, y: Float2D, x: Float3D, y_event: Float2D, x_event: Float3D) -> WindowFit:
        """Return the fit of a constant alone."""
        return fit_windows(y, x, y_event, x_event)


@dataclass(frozen=True, slots=True, eq=False)
class MarketAdjusted:
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

    def fit(self, y: Float2D, x: Float3D, y_event: Float2D, x_event: Float3D) -> WindowFit:
        """Return returns minus the market's, with their own variance."""
        excess, abnormal = y - x[:, :, 0], y_event - x_event[:, :, 0]
        demeaned = fit_windows(excess, x[:, :, :0], abnormal, x_event[:, :, :0])
        usable = ~np.isnan(demeaned.variance)[:, None]
        empty = np.empty((len(y), 0))
        return replace(
            demeaned,
            params=empty,
            param_std_errors=empty,
            residuals=np.where(usable, excess, np.nan),
            abnormal=np.where(usable, abnormal, np.nan),
            scale=np.where(np.isnan(demeaned.scale), np.nan, np.eye(y_event.shape[1])),
        )


@dataclass(frozen=True, slots=True, eq=False)
class MarketModel:
    """Expected return = alpha + beta times the market's return, by OLS over the estimation window.

    Parameters
    ----------
    market : Series
        Market returns by session, of the same kind (simple or log) as the securities'.

    References
    ----------
    .. [1] MacKinlay, A. C. (1997). Event studies in economics and finance. Journal of Economic Literature 35(1), 13-39.
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

    def fit(self, y: Float2D, x: Float3D, y_event: Float2D, x_event: Float3D) -> WindowFit:
        """Return the OLS fit of each window."""
        return fit_windows(y, x, y_event, x_event)


def fit_windows(y: Float2D, x: Float3D, y_event: Float2D, x_event: Float3D) -> WindowFit:
    """Return OLS with an intercept in each of ``n`` estimation windows and its predictions for the event windows.

    Parameters
    ----------
    y : ndarray of shape (n, L)
        Returns of the estimation windows.
    x : ndarray of shape (n, L, K)
        Factor returns; ``K`` may be zero.
    y_event, x_event : ndarrays of shape (n, W) and (n, W, K)
        The same in the event windows.

    Notes
    -----
    A session with a missing return or factor is left out of the estimation, and its abnormal return is NaN. Factors are
    centred before their cross-products are formed, so that their level costs no precision. A window whose return or
    factors do not vary, whose factors are collinear, which leaves no residuals or has too few sessions, has NaN
    everywhere.

    References
    ----------
    .. [1] MacKinlay, A. C. (1997). Journal of Economic Literature 35(1), 13-39, eqs. 8-11.
    .. [2] Campbell, J. Y., Lo, A. W. and MacKinlay, A. C. (1997). The Econometrics of Financial Markets, ch. 4.
    """
    n_factors = x.shape[2]
    used = ~np.isnan(y) & ~np.isnan(x).any(axis=2)
    nobs = used.sum(axis=1)
    count = np.where(nobs > 0, nobs, np.nan)[:, None]
    y_used, x_used = np.where(used, y, 0.0), np.where(used[:, :, None], x, 0.0)
    y_mean, x_mean = y_used.sum(axis=1) / count[:, 0], x_used.sum(axis=1) / count
    y_centred = np.where(used, y - y_mean[:, None], 0.0)
    x_centred = np.where(used[:, :, None], x - x_mean[:, None, :], 0.0)
    # What centring leaves of a constant is rounding, about 1e-16 of its level: no variation.
    flat = (x_centred**2).sum(axis=1) <= (1e-12 * x_mean) ** 2 * count
    x_centred = np.where(flat[:, None, :], 0.0, x_centred)
    inverse = _inverse(np.einsum("nlk,nlm->nkm", x_centred, x_centred))
    slopes = np.einsum("nkm,nlm,nl->nk", inverse, x_centred, y_centred, optimize=True)
    residuals = np.where(used, y_centred - np.einsum("nlk,nk->nl", x_centred, slopes), np.nan)
    squares, df_resid = np.nansum(residuals**2, axis=1), nobs - 1 - n_factors
    total = (y_centred**2).sum(axis=1)
    moves = (total > (1e-12 * y_mean) ** 2 * nobs) & (squares > 1e-20 * total)
    usable = (df_resid > 0) & moves & ~np.isnan(slopes).any(axis=1)
    y_mean, slopes = np.where(usable, y_mean, np.nan), np.where(usable[:, None], slopes, np.nan)
    alpha = y_mean - (slopes * x_mean).sum(axis=1)
    residuals = np.where(usable[:, None], residuals, np.nan)
    variance = np.where(usable, squares / np.where(df_resid > 0, df_resid, 1), np.nan)
    alpha_scale = 1 / count[:, 0] + np.einsum("nk,nkm,nm->n", x_mean, inverse, x_mean)
    slope_scale = np.einsum("nkk->nk", inverse)
    std_errors = np.sqrt(variance[:, None] * np.column_stack([alpha_scale, slope_scale]))
    with np.errstate(divide="ignore", invalid="ignore"):
        rsquared = np.where(usable, 1 - squares / total, np.nan) if n_factors else np.full(len(y), np.nan)
    deviation = x_event - x_mean[:, None, :]
    induced = 1 / count[:, :, None] + np.einsum("nik,nkm,njm->nij", deviation, inverse, deviation, optimize=True)
    abnormal = y_event - y_mean[:, None] - np.einsum("nwk,nk->nw", deviation, slopes)
    known = ~np.isnan(abnormal)
    scale = np.where(known[:, :, None] & known[:, None, :], np.eye(y_event.shape[1]) + induced, np.nan)
    params = np.column_stack([alpha, slopes])
    return WindowFit(params, std_errors, variance, df_resid, nobs, rsquared, residuals, abnormal, scale)


def collinear(x: Float2D) -> list[int]:
    """Return which columns of factors (L, K) are combinations of one another and a constant; NaN rows are left out."""
    used = x[~np.isnan(x).any(axis=1)]
    centred = used - used.mean(axis=0) if len(used) else used
    scale = np.sqrt((centred**2).sum(axis=0))
    if not len(used) or (scale <= 1e-12 * np.abs(used).max(axis=0) * np.sqrt(len(used))).any():
        return []
    values, vectors = np.linalg.eigh((centred / scale).T @ (centred / scale))
    dependent = np.abs(vectors[:, values < MOST_COLLINEAR * values.max(initial=0.0)]) > 1e-4
    return [int(k) for k in np.flatnonzero(dependent.any(axis=1))]


def _inverse(cross_products: Float3D) -> Float3D:
    """Return the inverse of each (K, K) matrix; NaN where its factors do not vary or repeat one another."""
    if cross_products.shape[1] == 0:
        return cross_products
    scale = np.sqrt(np.einsum("nkk->nk", cross_products))
    with np.errstate(divide="ignore", invalid="ignore"):
        correlation = cross_products / (scale[:, :, None] * scale[:, None, :])
    regular = np.isfinite(correlation).all(axis=(1, 2))
    regular[regular] = np.linalg.cond(correlation[regular]) < 1 / MOST_COLLINEAR
    safe = np.where(regular[:, None, None], correlation, np.eye(cross_products.shape[1]))
    outer = np.where(regular[:, None, None], scale[:, :, None] * scale[:, None, :], np.nan)
    return np.asarray(np.linalg.inv(safe) / outer)
