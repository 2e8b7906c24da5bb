"""What a study can measure besides ARs and CARs: buy-and-hold returns, weighted averages, abnormal volatility."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd
from scipy.special import chdtr, chdtrc

from potash._typing import Float1D, Float2D, Float3D, Int1D, Int2D
from potash.errors import InputError, check_option, listed
from potash.study.engine.window_fit import covered_later
from potash.study.inference.correlation import residual_correlations
from potash.study.inference.significance import SignificanceTest, not_applicable, t_pvalue

if TYPE_CHECKING:
    from potash.study.fitted import Fitted


@dataclass(frozen=True, slots=True)
class BuyAndHold:
    """Buy-and-hold abnormal returns of ``n`` firm-events, each an ndarray of shape (n,); NaN where a day is missing."""

    bhar: Float1D
    std_errors: Float1D
    tstats: Float1D
    pvalues: Float1D


def buy_and_hold(
    returns: Float2D, expected: Float2D, variance: Float1D, scale: Float3D, df_resid: Int1D, kind: str
) -> BuyAndHold:
    """Return buy-and-hold abnormal returns, as simple returns, with standard errors from the estimation windows.

    Parameters
    ----------
    returns, expected : ndarrays of shape (n, W)
        Returns and what the model expects. Log returns are exponentiated: a holding earns ``exp(sum) - 1``.
    variance, df_resid : ndarrays of shape (n,)
        Residual variance of a session and its degrees of freedom.
    scale : ndarray of shape (n, W, W)
        Covariance of the prediction errors in units of ``variance``, with the forecast-error term.
    kind : {"simple", "log"}
        What the returns are.

    Notes
    -----
    BHAR is the compounded return less the compounded expected return. The standard error is the delta method's about the
    null: an abnormal return of ``u`` on one session moves the holding by the expected growth over all other sessions
    (simple returns) or over all (log returns). Over windows of weeks it is near the exact one; over a year
    BHARs are skewed (Barber and Lyon) and the t of a single firm rejects too often on the right. Across many firms
    their own cross-section gives another standard error: hand ``bhar`` to a cross-sectional test.

    References
    ----------
    .. [1] Barber, B. M. and Lyon, J. D. (1997). Journal of Financial Economics 43(3), 341-372.
    .. [2] Lyon, J. D., Barber, B. M. and Tsai, C.-L. (1999). Journal of Finance 54(1), 165-201.
    """
    check_option("kind", kind, ("simple", "log"))
    if kind == "log":
        growth = np.exp(expected.sum(axis=1))
        bhar = np.exp(returns.sum(axis=1)) - growth
        gradient = np.broadcast_to(growth[:, None], expected.shape)
    else:
        growth = (1 + expected).prod(axis=1)
        bhar = (1 + returns).prod(axis=1) - growth
        gradient = growth[:, None] / (1 + expected)
    std_errors = np.sqrt(variance * np.einsum("nw,nwv,nv->n", gradient, scale, gradient))
    stats = bhar / std_errors
    return BuyAndHold(bhar, std_errors, stats, t_pvalue(stats, df_resid.astype(float)))


@dataclass(frozen=True, slots=True)
class WeightedAverage:
    """A weighted average of CARs.

    Attributes
    ----------
    estimate, std_error, tstat, pvalue : float
        The average, and its t with two-sided p-value.
    df : float
        Degrees of freedom of the t.
    n_obs : int
        CARs that entered.
    weights : ndarray of shape (n,)
        Weights that sum to one; NaN for CARs left out, those of weight zero among them.
    """

    estimate: float
    std_error: float
    tstat: float
    pvalue: float
    df: float
    n_obs: int
    weights: Float1D


def weighted_average(
    cars: Float1D, std_errors: Float1D, df_resid: Int1D, weights: Float1D, correlations: Float2D
) -> WeightedAverage:
    """Return a weighted average of CARs and its standard error with the correlation among them.

    Parameters
    ----------
    cars, std_errors, df_resid : ndarrays of shape (n,)
        CARs, their standard errors from the estimation windows, and degrees of freedom.
    weights : ndarray of shape (n,)
        Not negative, in any unit: market values, or ``1 / std_errors ** 2`` for precision weights, which have the
        smallest variance if CARs are independent. A CAR whose own value or weight is NaN, or whose weight is zero, is left
        out and not counted.
    correlations : ndarray of shape (n, n)
        Of the CARs, see :func:`window_correlations`; the identity if they are independent. No default: it changes the
        standard error more than the weights do.

    Raises
    ------
    InputError
        If a weight is negative or infinite, or all are zero.

    Notes
    -----
    The weights count as fixed. With firms on the same days this is the variance of the weighted portfolio, and t with
    the smallest degrees of freedom among the firms is exact for fixed weights and normal residuals. NaN if a
    correlation that is needed is unknown.
    """
    if (weights < 0).any() or np.isinf(weights).any():
        raise InputError("weights: one is negative or infinite. Hand over market values or other sizes.")
    entered = ~(np.isnan(cars) | np.isnan(std_errors) | np.isnan(weights))
    if not (weights[entered] > 0).any():
        raise InputError(f"weights: none of the {entered.sum()} CARs that are known has a weight above zero.")
    entered &= weights > 0
    share = weights[entered] / weights[entered].sum()
    spread = share * std_errors[entered]
    variance = spread @ correlations[np.ix_(entered, entered)] @ spread
    estimate, std_error = float(share @ cars[entered]), float(np.sqrt(variance)) if variance > 0 else float("nan")
    df, stat = float(df_resid[entered].min()), estimate / std_error
    shares = np.full(len(cars), np.nan)
    shares[entered] = share
    return WeightedAverage(estimate, std_error, stat, float(t_pvalue(stat, df)), df, int(entered.sum()), shares)


def window_correlations(residuals: Float2D, days: Int2D, days_event: Int2D) -> Float2D:
    """Return the correlation between the CARs of each pair of firm-events in a window (n, n).

    That of their estimation residuals by calendar day (n, L), times the share of the window's days (n, W) that the pair has
    in common: zero for windows on different days, NaN if it matters and is unknown.
    """
    shared = np.stack([np.isin(days_event, row).mean(axis=1) for row in days_event])
    return np.where(shared > 0, residual_correlations(residuals, days) * shared, 0.0)


def beaver_u(abnormal: Float2D, variance: Float1D, scale: Float3D) -> Float2D:
    """Return squared abnormal returns over their forecast variance (n, W): Beaver's U with the forecast-error term.

    Under the null each is an F(1, df); NaN where the return is missing.

    References
    ----------
    .. [1] Beaver, W. H. (1968). Journal of Accounting Research 6, supplement, 67-92.
    .. [2] Patell, J. M. (1976). Journal of Accounting Research 14(2), 246-276.
    """
    forecast: Float2D = variance[:, None] * np.einsum("nww->nw", scale)
    return abnormal**2 / forecast


def volatility_test(u: Float1D, df_resid: Int1D, correlations: Float2D) -> SignificanceTest:
    """Test that the variance of abnormal returns on one day is that of the estimation windows.

    Parameters
    ----------
    u : ndarray of shape (n,)
        From :func:`beaver_u`; NaN entries are left out and not counted.
    df_resid : ndarray of shape (n,)
        Degrees of freedom, above 4.
    correlations : ndarray of shape (n, n)
        Of the abnormal returns; the identity if they are independent.

    Notes
    -----
    Each U times ``(df - 2) / df`` has mean 1 and variance ``2 (df - 1) / (df - 4)`` (Patell); two of them have covariance
    ``2 r^2``. The mean is referred to a chi-squared over its degrees of freedom with the same variance, because the
    normal that Patell takes has the wrong tails for few firms. Two-sided: twice the smaller tail; with strong correlation
    the upper one keeps its size and the lower one rejects too rarely. ``estimate`` is the variance ratio, 1 without
    abnormal volatility. A mean effect raises it too: squared returns do not tell the two apart.

    References
    ----------
    .. [1] Patell, J. M. (1976). Journal of Accounting Research 14(2), 246-276.
    """
    null = "variance of abnormal returns as in the estimation window; normal returns with mean zero"
    entered = ~np.isnan(u)
    n, df = int(entered.sum()), df_resid[entered].astype(float)
    if n < 1 or (df <= 4).any():
        why = "no abnormal return" if n < 1 else "an estimation window has 4 or fewer degrees of freedom"
        return not_applicable("beaver_u", null, n, why)
    ratio = float((u[entered] * (df - 2) / df).mean())
    between = 2 * correlations[np.ix_(entered, entered)] ** 2
    np.fill_diagonal(between, 2 * (df - 1) / (df - 4))
    variance = float(between.sum()) / n**2
    if np.isnan(variance):
        return not_applicable("beaver_u", null, n, "the correlation of the firms' residuals is not known")
    freedom = 2 / variance
    tails = chdtr(freedom, freedom * ratio), chdtrc(freedom, freedom * ratio)
    pvalue = float(min(1.0, 2 * min(tails)))
    name = f"chi2({freedom:.4g}) / {freedom:.4g}"
    return SignificanceTest(
        "beaver_u", null, ratio, pvalue, name, n, estimate=ratio, std_error=float(np.sqrt(variance))
    )


# -- labelled --------------------------------------------------------------------------------------------------------


def bhar(results: Fitted, window: tuple[int, int] | None = None) -> pd.DataFrame:
    """Return ``BHAR std_error tstat pvalue`` per firm-event over a window, by default the event window.

    See :func:`buy_and_hold`. BHAR is a simple return whatever the study's returns are. As in a CAR, a day without a trade
    whose return comes with a later trade of the window is not missing.
    """
    columns, fit = results.columns(window), results.fit
    returns, scale = results.panel.y_event[:, columns], fit.scale[:, columns, columns]
    expected = returns - fit.abnormal[:, columns]
    if fit.spans is not None:
        later = covered_later(fit.abnormal[:, columns], fit.spans[:, columns])
        returns, expected = np.where(later, 0.0, returns), np.where(later, 0.0, expected)
        scale = np.where(later[:, :, None] | later[:, None, :], 0.0, scale)
    held = buy_and_hold(returns, expected, fit.variance, scale, fit.df_resid, results.returns_kind)
    data = {"BHAR": held.bhar, "std_error": held.std_errors, "tstat": held.tstats, "pvalue": held.pvalues}
    return pd.DataFrame(data, index=results.index)


def weighted_car(
    results: Fitted,
    window: tuple[int, int],
    weights: pd.Series | Literal["precision"] = "precision",
) -> WeightedAverage:
    """Return the weighted average of the CARs in a window, with the correlation among firms.

    Parameters
    ----------
    results : Fitted
        Of the study.
    window : pair of int
        Offsets, both ends included.
    weights : "precision" or Series
        ``1 / std_error ** 2``, or numbers by ``(event_id, ticker)`` or by ticker, such as market values before the event.

    Raises
    ------
    InputError
        If ``weights`` is no Series of numbers with one for each firm-event, or one is negative.
    """
    columns, cars = results.columns(window), results.car(window)
    std_errors = cars["std_error"].to_numpy()
    if isinstance(weights, str):
        check_option("weights", weights, ("precision",))
        given = 1 / std_errors**2
    else:
        given = _weights(weights, cars.index)
    panel, fit = results.panel, results.fit
    correlations = window_correlations(fit.residuals, panel.days, panel.days_event[:, columns])
    return weighted_average(cars["CAR"].to_numpy(), std_errors, fit.df_resid, given, correlations)


def abnormal_volatility(results: Fitted) -> pd.DataFrame:
    """Return ``variance_ratio pvalue distribution n`` by offset: see :func:`volatility_test`."""
    panel, fit, rows = results.panel, results.fit, []
    u = beaver_u(fit.abnormal, fit.variance, fit.scale)
    for at in range(u.shape[1]):
        correlations = window_correlations(fit.residuals, panel.days, panel.days_event[:, [at]])
        test = volatility_test(u[:, at], fit.df_resid, correlations)
        rows.append((test.estimate, test.pvalue, test.distribution, test.n_obs))
    index = pd.Index(list(results.windows.event.offsets), name="offset")
    return pd.DataFrame(rows, index=index, columns=["variance_ratio", "pvalue", "distribution", "n"])


def _weights(weights: pd.Series, index: pd.Index[Any]) -> Float1D:
    """Return the weights in the order of the firm-events."""
    if not isinstance(weights, pd.Series) or not pd.api.types.is_numeric_dtype(weights):
        raise InputError(
            f"weights is a {type(weights).__name__} of {getattr(weights, 'dtype', 'other')} values, not a Series of numbers by "
            "ticker or by (event_id, ticker). Hand over for example pd.Series({'NTR': 30e9, 'MOS': 10e9})."
        )
    if weights.index.has_duplicates:
        twice = weights.index[weights.index.duplicated()]
        raise InputError(f"weights: {listed(twice)} stands more than once. Keep one weight for each.")
    keys = index if isinstance(weights.index, pd.MultiIndex) else index.get_level_values("ticker")
    absent = [key for key in keys if key not in weights.index]
    if absent:
        raise InputError(f"weights: none for {listed(absent)}; there are some for {listed(weights.index, 20)}.")
    return np.asarray(weights.loc[keys], dtype=float)
