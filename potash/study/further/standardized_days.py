"""Abnormal returns of portfolios whose members change by the day, each over its own standard error, as arrays."""

from __future__ import annotations

from typing import Any

import numpy as np

from potash._typing import Bool2D, Float1D, Float2D, Int1D
from potash.sessions import Window
from potash.study.engine.least_squares import fit_windows
from potash.study.inference.correlation import residual_correlations


def standardized_days(
    values: Float2D, x: Float2D, members: Bool2D, earliest: Int1D, used: Any, estimation: Window
) -> tuple[Float1D, Float1D, float]:
    """Return abnormal and standardized returns by day (NaN where there is none) and their mean correlation.

    Parameters
    ----------
    values : ndarray of shape (T, N)
        Returns; a member's are never missing.
    x : ndarray of shape (T, K)
        Factors; ``K`` may be zero.
    members : boolean ndarray of shape (T, N)
        Firms of each day's portfolio.
    earliest : ndarray of shape (T,)
        Session of the earliest day 0 among a day's members, from which ``estimation`` counts.
    used : boolean ndarray of shape (T,)
        Days that enter.
    estimation : Window
        Offsets; the portfolio of the same members must have returns on four fifths of it.
    """
    length, k = len(values), x.shape[1] + 1
    abnormal, standardized = np.full(length, np.nan), np.full(length, np.nan)
    floor = max(k + 3, -(-4 * len(estimation) // 5))
    days = np.flatnonzero(used)
    _, run_of = np.unique(np.column_stack([members, earliest])[days], axis=0, return_inverse=True)
    loadings, residuals = [], []
    for run in range(run_of.max(initial=-1) + 1):
        inside = days[run_of == run]
        start, end = earliest[inside[0]] + estimation.start, earliest[inside[0]] + estimation.end + 1
        before = np.arange(max(start, 0), max(end, 0))
        if len(before) < floor:
            continue
        firms = members[inside[0]]
        y, y_event = values[np.ix_(before, firms)].mean(axis=1), values[np.ix_(inside, firms)].mean(axis=1)
        fit = fit_windows(y[None], x[before][None], y_event[None], x[inside][None])
        if fit.nobs[0] < floor or np.isnan(fit.variance[0]):
            continue
        root = np.sqrt(np.diag(fit.scale[0]))
        abnormal[inside] = fit.abnormal[0]
        standardized[inside] = fit.abnormal[0] / (np.sqrt(fit.variance[0]) * root)
        estimated = before[~np.isnan(fit.residuals[0])]
        design, design_event = (np.column_stack([np.ones(len(at)), x[at]]) for at in (estimated, inside))
        loading, residual = np.zeros(length), np.full(length, np.nan)
        loading[estimated] = -((design_event @ np.linalg.pinv(design)) / root[:, None]).sum(axis=0)
        loading[inside] = 1 / root
        residual[before] = fit.residuals[0]
        loadings.append(loading)
        residuals.append(residual)
    return abnormal, standardized, _mean_correlation(np.array(loadings), np.array(residuals), standardized[used])


def _mean_correlation(loadings: Float2D, residuals: Float2D, standardized: Float1D) -> float:
    """Return the mean correlation between days.

    A standardized abnormal return is a weighted sum of its portfolio's residuals by calendar day, its own and those of
    the estimation window. ``loadings`` (runs, T) are the weights summed over the days of a run of equal members.
    """
    n = int((~np.isnan(standardized)).sum())
    if n < 2:
        return 0.0
    between = residual_correlations(residuals, np.tile(np.arange(residuals.shape[1]), (len(residuals), 1)))
    # Runs with fewer than 20 estimation days in common have no known correlation, and hardly a shared parameter.
    total = (np.nan_to_num(between) * (loadings @ loadings.T)).sum()
    return float((total - n) / (n * (n - 1)))
