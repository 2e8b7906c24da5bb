"""What the estimation windows look like: whether the assumptions behind the standard errors are credible there."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.special import chdtrc, fdtrc, stdtr

from potash._typing import Bool1D, Bool2D, Float1D, Float2D, Float3D, Int1D, Int2D
from potash.study.engine.regressors import NO_RESIDUAL
from potash.study.further.data_quality import zero_share

if TYPE_CHECKING:
    from potash.study.fitted import Fitted

ARCH_LAGS = 5


@dataclass(frozen=True, slots=True)
class WindowDiagnostics:
    """Diagnostics of ``n`` estimation windows, each an ndarray of shape (n,); NaN where not computable.

    Attributes
    ----------
    nobs : ndarray
        Residuals that are not missing.
    skewness, kurtosis, jarque_bera, jarque_bera_pvalue : ndarrays
        Moments of the residuals (3 is normal) and the test that they are normal.
    ljung_box_1, ljung_box_1_pvalue, ljung_box_5, ljung_box_5_pvalue : ndarrays
        Test that the first (first five) autocorrelations of the residuals are zero.
    durbin_watson : ndarray
        Near 2 without first-order autocorrelation; its distribution depends on the factors, so there is no p-value.
    arch_lm, arch_lm_pvalue : ndarrays
        Engle's test that squared residuals do not depend on those of the five sessions before.
    zero_returns : ndarray
        Share of returns that are exactly zero: thin trading.
    largest, largest_pvalue, largest_at : ndarrays
        Largest residual in absolute value over the model's residual deviation, with its sign; the probability of one as
        large on any of the window's sessions if residuals are normal with one variance, estimated from the residuals
        themselves (Bonferroni); its position in the window, -1 if none.
    chow, chow_pvalue : ndarrays
        Test that the coefficients of the first and the second half of the sessions used are the same.
    """

    nobs: Float1D
    skewness: Float1D
    kurtosis: Float1D
    jarque_bera: Float1D
    jarque_bera_pvalue: Float1D
    ljung_box_1: Float1D
    ljung_box_1_pvalue: Float1D
    ljung_box_5: Float1D
    ljung_box_5_pvalue: Float1D
    durbin_watson: Float1D
    arch_lm: Float1D
    arch_lm_pvalue: Float1D
    zero_returns: Float1D
    largest: Float1D
    largest_pvalue: Float1D
    largest_at: Int1D
    chow: Float1D
    chow_pvalue: Float1D


def window_diagnostics(
    residuals: Float2D, variance: Float1D, df_resid: Int1D, y: Float2D, x: Float3D
) -> WindowDiagnostics:
    """Return diagnostics of estimation windows.

    Parameters
    ----------
    residuals : ndarray of shape (n, L)
        Of the model; NaN on sessions not used.
    variance, df_resid : ndarrays of shape (n,)
        Residual variance and its degrees of freedom.
    y : ndarray of shape (n, L)
        Returns, for the share of zeros and Chow's test.
    x : ndarray of shape (n, L, K)
        Factors for Chow's test, which regresses ``y`` on a constant and them whatever the model is; ``K`` may be zero
        (then it tests that the mean is stable).

    Notes
    -----
    Missing sessions are never closed up: an autocorrelation of lag ``k`` is the sum over pairs of sessions ``k`` apart
    that are both observed, over the sum of squares, and its variance under the null is ``pairs / nobs^2`` in place of
    ``(nobs - k) / nobs^2``; Durbin-Watson averages over adjacent pairs; Engle's regression keeps the sessions whose five
    predecessors are all observed. On complete windows all are the usual statistics. Chow's halves hold equal numbers of
    sessions, the middle one in the second.

    References
    ----------
    .. [1] Jarque, C. M. and Bera, A. K. (1987). International Statistical Review 55(2), 163-172.
    .. [2] Ljung, G. M. and Box, G. E. P. (1978). Biometrika 65(2), 297-303.
    .. [3] Stoffer, D. S. and Toloi, C. M. C. (1992). Statistics and Probability Letters 13(5), 391-396: missing values.
    .. [4] Durbin, J. and Watson, G. S. (1951). Biometrika 38, 159-177.
    .. [5] Engle, R. F. (1982). Econometrica 50(4), 987-1007.
    .. [6] Chow, G. C. (1960). Econometrica 28(3), 591-605.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        observed = ~np.isnan(residuals)
        nobs = observed.sum(axis=1).astype(float)
        mean = np.where(observed, residuals, 0.0).sum(axis=1) / nobs
        centred = np.where(observed, residuals - mean[:, None], 0.0)
        second, third, fourth = ((centred**power).sum(axis=1) / nobs for power in (2, 3, 4))
        second = np.where(second > 0, second, np.nan)
        skewness, kurtosis = third / second**1.5, fourth / second**2
        jarque_bera = nobs / 6 * (skewness**2 + (kurtosis - 3) ** 2 / 4)
        boxes = _ljung_box(centred, observed, 5)
        zeros = zero_share(y)
        both = observed[:, 1:] & observed[:, :-1]
        steps = np.where(both, np.diff(centred, axis=1), 0.0)
        watson = (steps**2).sum(axis=1) / both.sum(axis=1) * (nobs - 1) / (second * nobs)
        largest, largest_at, largest_pvalue = _largest(residuals, variance, nobs, df_resid)
    arch = np.array([_arch_lm(row) for row in residuals]).reshape(len(y), 2)
    chow = np.array([_chow(*window) for window in zip(y, x, strict=True)]).reshape(len(y), 2)
    return WindowDiagnostics(
        nobs, skewness, kurtosis, jarque_bera, chdtrc(2, jarque_bera), boxes[:, 0], chdtrc(1, boxes[:, 0]), boxes[:, 4],
        chdtrc(5, boxes[:, 4]), watson, arch[:, 0], arch[:, 1], zeros, largest, largest_pvalue, largest_at, chow[:, 0],
        chow[:, 1],
    )  # fmt: skip


def _ljung_box(centred: Float2D, observed: Bool2D, lags: int) -> Float2D:
    """Return the statistics of one to ``lags`` lags (n, lags)."""
    nobs, squares = observed.sum(axis=1), (centred**2).sum(axis=1)
    terms = np.full((len(centred), lags), np.nan)
    for lag in range(1, min(lags, centred.shape[1] - 1) + 1):
        pairs = (observed[:, lag:] & observed[:, :-lag]).sum(axis=1)
        terms[:, lag - 1] = ((centred[:, lag:] * centred[:, :-lag]).sum(axis=1) / squares) ** 2 / pairs
    box: Float2D = (nobs * (nobs + 2))[:, None] * terms.cumsum(axis=1)
    return np.where(np.isfinite(box), box, np.nan)


def _largest(residuals: Float2D, variance: Float1D, nobs: Float1D, df: Int1D) -> tuple[Float1D, Int1D, Float1D]:
    """Return the largest residual over the model's deviation, its position and its Bonferroni p-value."""
    sizes = np.where(np.isnan(residuals), -1.0, np.abs(residuals))
    at = sizes.argmax(axis=1) if sizes.shape[1] else np.zeros(len(sizes), dtype=np.int64)
    residual = np.take_along_axis(residuals, at[:, None], axis=1)[:, 0]
    # The residual is part of its own variance: leave it out, as in the externally studentized residual. That takes the
    # sum of these squares: a robust or a forecast variance need not hold the residual at all.
    squares = np.nansum(residuals**2, axis=1)
    student = np.abs(residual) * np.sqrt((df - 1) / np.where(squares > residual**2, squares - residual**2, np.nan))
    pvalue = np.minimum(nobs * 2 * stdtr(df - 1.0, -student), 1.0)
    largest = residual / np.sqrt(variance)
    return largest, np.where(np.isnan(largest), -1, at), pvalue


def _arch_lm(residuals: Float1D, lags: int = ARCH_LAGS) -> tuple[float, float]:
    squares = residuals**2
    if len(squares) <= lags:
        return np.nan, np.nan
    table = np.lib.stride_tricks.sliding_window_view(squares, lags + 1)
    table = table[~np.isnan(table).any(axis=1)]
    if len(table) < 2 * (lags + 1) or not np.ptp(table[:, -1]) > 0:
        return np.nan, np.nan
    # Squared returns are near 1e-4: bring them to one before the cross-products.
    table = table / table.mean()
    design = np.column_stack([np.ones(len(table)), table[:, :-1]])
    target = table[:, -1]
    errors = target - design @ np.linalg.lstsq(design, target, rcond=None)[0]
    stat = len(table) * (1 - (errors @ errors) / ((target - target.mean()) ** 2).sum())
    return float(stat), float(chdtrc(lags, stat))


def _chow(y: Float1D, x: Float2D) -> tuple[float, float]:
    used: Bool1D = ~np.isnan(y) & ~np.isnan(x).any(axis=1)
    target, design = y[used], np.column_stack([np.ones(used.sum()), x[used]])
    n, k = design.shape
    half = n // 2
    if half <= k:
        return np.nan, np.nan
    whole = _squares(target, design)
    parts = _squares(target[:half], design[:half]) + _squares(target[half:], design[half:])
    if np.isnan(whole + parts) or not parts > NO_RESIDUAL * (target @ target):
        return np.nan, np.nan
    stat = (whole - parts) / k / (parts / (n - 2 * k))
    return float(stat), float(fdtrc(k, n - 2 * k, stat))


def _squares(y: Float1D, x: Float2D) -> float:
    """Return the residual sum of squares; NaN if the regressors are dependent."""
    params, _, rank, _ = np.linalg.lstsq(x, y, rcond=None)
    return float(((y - x @ params) ** 2).sum()) if rank == x.shape[1] else float("nan")


def diagnostics(results: Fitted) -> pd.DataFrame:
    """Return the diagnostics of each estimation window, a row per firm-event.

    Index ``(event_id, ticker)``; columns are those of :class:`WindowDiagnostics`, with ``largest_session``, the day of
    the largest residual, in place of its position.
    """
    panel, fit = results.panel, results.fit
    measures = window_diagnostics(fit.residuals, fit.variance, fit.df_resid, panel.y, panel.x)
    frame = pd.DataFrame({f.name: getattr(measures, f.name) for f in fields(measures)}, index=results.index)
    session = _sessions(panel.days, measures.largest_at)
    frame.insert(frame.columns.get_loc("largest_at"), "largest_session", session)
    return frame.drop(columns="largest_at").astype({"nobs": int})


def _sessions(days: Int2D, at: Int1D) -> pd.DatetimeIndex:
    codes = np.take_along_axis(days, np.maximum(at, 0)[:, None], axis=1)[:, 0]
    stamps = codes.astype("datetime64[D]").astype("datetime64[s]")
    return pd.DatetimeIndex(np.where(at >= 0, stamps, np.datetime64("NaT")))
