"""Abnormal volatility: whether returns vary more on the days of an event than before it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.special import chdtr, chdtrc

from potash._typing import Float1D, Float2D, Float3D, Int1D
from potash.study.further.weighted import window_correlations
from potash.study.inference.significance import SignificanceTest, not_applicable

if TYPE_CHECKING:
    from potash.study.fitted import Fitted


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
