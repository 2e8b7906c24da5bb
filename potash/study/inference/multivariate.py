"""Tests of several effects in several equations at once, as pure functions of arrays."""

from __future__ import annotations

import numpy as np
from scipy.special import fdtrc

from potash._typing import Float2D
from potash.study.inference.significance import SignificanceTest, not_applicable


def wilks_test(
    name: str, null: str, effects: Float2D, unscaled: Float2D, error: Float2D, df_error: int, n_firms: int
) -> SignificanceTest:
    """Test a multivariate linear hypothesis by Rao's F for Wilks' lambda.

    Parameters
    ----------
    name, null : str
        For the answer.
    effects : ndarray of shape (q, p)
        Estimates of ``q`` restricted combinations in ``p`` equations, zero under the null.
    unscaled : ndarray of shape (q, q)
        Their covariance in units of an equation's residual variance.
    error : ndarray of shape (p, p)
        Cross-products of the residuals, on ``df_error`` degrees of freedom.
    df_error, n_firms : int
        Degrees of freedom of ``error``; the firms that entered, for the answer.

    References
    ----------
    .. [1] Rao, C. R. (1973). Linear Statistical Inference and Its Applications, 2nd ed., section 8c.5.
    """
    q, p = effects.shape
    if p < 1 or df_error < p:
        why = (
            "one firm alone has nothing to be equal to" if p < 1 else f"{p} equations on {df_error} degrees of freedom"
        )
        return not_applicable(name, null, n_firms, why)
    # Standard deviations of the equations cancel in lambda; dividing by them first keeps small returns precise.
    scale = np.sqrt(np.diag(error))
    if not (scale > 0).all():
        return not_applicable(name, null, n_firms, "the firms' residuals are linearly dependent")
    hypothesis = effects.T @ np.linalg.solve(unscaled, effects) / np.outer(scale, scale)
    within = error / np.outer(scale, scale)
    if np.linalg.cond(within) > 1e12:
        return not_applicable(name, null, n_firms, "the firms' residuals are linearly dependent")
    log_lambda = np.linalg.slogdet(within)[1] - np.linalg.slogdet(within + hypothesis)[1]
    root = np.sqrt((p**2 * q**2 - 4) / (p**2 + q**2 - 5)) if p**2 + q**2 > 5 else 1.0
    first, second = p * q, root * (df_error - (p - q + 1) / 2) - (p * q - 2) / 2
    if second <= 0:
        return not_applicable(name, null, n_firms, f"{first} restrictions leave no degrees of freedom")
    stat = float(np.expm1(-log_lambda / root) * second / first)
    exact = min(p, q) <= 2
    reason = "exact if residuals are normal" if exact else "Rao's approximation, near-exact if residuals are normal"
    pvalue = float(fdtrc(first, second, stat))
    return SignificanceTest(name, null, stat, pvalue, f"F({first:g}, {second:g})", n_firms, reason=reason)
