"""Buy-and-hold abnormal returns: compounded returns less those expected, compounded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from potash._typing import Float1D, Float2D, Float3D, Int1D
from potash.errors import check_option
from potash.study.engine.window_fit import covered_later
from potash.study.inference.significance import t_pvalue

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
