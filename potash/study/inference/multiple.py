"""P-values adjusted for testing several firms and windows at once, as pure functions of arrays.

Holm and Benjamini-Hochberg need p-values alone. Romano-Wolf resamples the estimation residuals of all firms by
calendar day, so it knows how the statistics move together and gives up less power.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from potash._typing import Bool2D, Float1D, Float2D
from potash.errors import InputError, check_whole
from potash.study.engine.regressors import check_independent

FEWEST_DAYS = 20


def holm(pvalues: Float1D) -> Float1D:
    """Return p-values adjusted by Holm's step-down, valid whatever the dependence: the family-wise error rate.

    Parameters
    ----------
    pvalues : ndarray of any shape
        Raw p-values, all of one family. NaN entries are not counted as tests and stay NaN in their place.

    Raises
    ------
    InputError
        If a p-value lies outside 0 to 1.

    References
    ----------
    .. [1] Holm, S. (1979). Scandinavian Journal of Statistics 6(2), 65-70.
    """
    return _in_place(pvalues, lambda p: np.maximum.accumulate(p * np.arange(len(p), 0, -1)))


def benjamini_hochberg(pvalues: Float1D) -> Float1D:
    """Return p-values adjusted for the false discovery rate; needs independent or positively dependent statistics.

    Parameters and errors are those of :func:`holm`.

    References
    ----------
    .. [1] Benjamini, Y. and Hochberg, Y. (1995). Journal of the Royal Statistical Society B 57(1), 289-300.
    """
    return _in_place(pvalues, lambda p: np.minimum.accumulate((p * len(p) / np.arange(1, len(p) + 1))[::-1])[::-1])


def _in_place(pvalues: Float1D, step: Callable[[Float1D], Float1D]) -> Float1D:
    """Return p-values adjusted by a rule for ascending ones, each in its place."""
    # Written out because statsmodels' multipletests runs the garbage collector in each call, 25 ms of its 25.
    raw = np.asarray(pvalues, dtype=float)
    is_tested = ~np.isnan(raw)
    inner = raw[is_tested]
    outside = inner[(inner < 0) | (inner > 1)]
    if outside.size:
        raise InputError(f"pvalues: {outside[0]} lies outside 0 to 1. Hand over p-values, not statistics.")
    order = np.argsort(inner, kind="stable")
    adjusted, sorted_back = np.full(raw.shape, np.nan), np.empty(len(inner))
    sorted_back[order] = np.minimum(step(inner[order]), 1.0)
    adjusted[is_tested] = sorted_back
    return adjusted


def romano_wolf(stats: Float1D, null_stats: Float2D) -> Float1D:
    """Return two-sided p-values adjusted by Romano and Wolf's step-down: the family-wise error rate.

    Parameters
    ----------
    stats : ndarray of shape (m,)
        Studentized statistics; large absolute values speak against their null. NaN is not counted and stays NaN.
    null_stats : ndarray of shape (B, m)
        The same statistics in ``B`` resamples in which every null is true, a row drawn jointly, see
        :func:`resampled_null_stats`. NaN in a column that is tested is an error.

    Returns
    -------
    ndarray of shape (m,)
        At least ``1 / (B + 1)``.

    Raises
    ------
    InputError
        If the shapes do not fit, there is no resample, or a resampled statistic is missing.

    Notes
    -----
    The statistics are taken from the largest down; each is compared with the maximum over itself and those below it,
    and a p-value is never below that of a larger statistic. The data count as one of the draws.

    References
    ----------
    .. [1] Romano, J. P. and Wolf, M. (2005). Econometrica 73(4), 1237-1282, algorithms 4.1 and 4.2 (studentized).
    .. [2] Romano, J. P. and Wolf, M. (2016). Statistics and Probability Letters 113, 38-40: the p-values.
    """
    draws = np.asarray(null_stats, dtype=float)
    if draws.ndim != 2 or len(draws) < 1 or draws.shape[1:] != np.shape(stats):
        raise InputError(
            f"null_stats has shape {draws.shape}; for stats of shape {np.shape(stats)} it must be (B, {np.size(stats)})."
        )
    is_tested = ~np.isnan(stats)
    if np.isnan(draws[:, is_tested]).any():
        raise InputError("null_stats: a resampled statistic of a hypothesis that is tested is missing (NaN).")
    sizes = np.abs(np.asarray(stats, dtype=float)[is_tested])
    order = np.argsort(-sizes, kind="stable")
    largest = np.maximum.accumulate(np.abs(draws[:, is_tested])[:, order[::-1]], axis=1)[:, ::-1]
    exceeding = (largest >= sizes[order]).sum(axis=0)
    stepped = np.maximum.accumulate((1 + exceeding) / (1 + len(draws)))
    adjusted, inner = np.full(np.shape(stats), np.nan), np.empty(len(sizes))
    inner[order] = stepped
    adjusted[is_tested] = inner
    return adjusted


def resampled_null_stats(
    residuals: Float2D, windows: Bool2D, rng: np.random.Generator, *, draws: int = 999, block_length: int | None = None,
    x: Float2D | None = None, x_event: Float2D | None = None,
) -> Float2D:  # fmt: skip
    """Return CAR t statistics of every firm and window in resamples without an event, drawn jointly over firms.

    Parameters
    ----------
    residuals : ndarray of shape (n, L)
        Estimation residuals of ``n`` firms on the same ``L`` calendar days, so a column is one day. Days on which a firm
        has none (NaN) are left out for all firms: whole days keep the correlation, filled ones would not.
    windows : boolean ndarray of shape (n_windows, W)
        Which of the ``W`` sessions of the event window each CAR sums, at least one.
    rng : numpy.random.Generator
        Source of the draws, seeded by the caller.
    draws : int
        Resamples ``B``.
    block_length : int, optional
        Consecutive days drawn together; by default ``L ** (1 / 3)`` rounded up, the rate of Hall, Horowitz and Jing.
    x, x_event : ndarrays of shapes (L, K) and (W, K), optional
        Factor returns of the firms' model, equal for all firms; without them the model is a constant. They may be missing
        (NaN) on sessions that no window sums.

    Returns
    -------
    ndarray of shape (draws, n * n_windows)
        Firm by firm, windows within a firm: compare with ``tstats.ravel()`` of shape (n, n_windows).

    Raises
    ------
    InputError
        If fewer than 20 days have a residual of every firm, shapes do not fit, a factor that is needed is missing,
        regressors are linearly dependent, or ``draws`` or ``block_length`` is no whole number of at least 1.

    Notes
    -----
    A draw takes circular blocks of days for a new estimation window and, apart from them, for a new event window; the
    factors stay where they are. Each firm's model is fitted anew and its CAR divided by its own standard error with the
    forecast-error term, so each statistic is studentized in the draw as it is in the data. Scale cancels, hence
    residuals need no correction for degrees of freedom.

    References
    ----------
    .. [1] Politis, D. N. and Romano, J. P. (1992). A circular block-resampling procedure. In LePage and Billard (eds.),
       Exploring the Limits of Bootstrap, 263-270.
    .. [2] Hall, P., Horowitz, J. L. and Jing, B.-Y. (1995). Biometrika 82(3), 561-574.
    """
    check_whole("draws", draws, 1)
    pool, design, design_event = _pool(residuals, windows, x, x_event)
    n, length, width = len(pool), len(design), len(design_event)
    span = int(np.ceil(length ** (1 / 3))) if block_length is None else block_length
    check_whole("block_length", span, 1)
    basis, triangle = np.linalg.qr(design)
    loading = np.linalg.solve(triangle.T, design_event.T)
    sums = np.asarray(windows, dtype=float)
    per_unit = np.sqrt(np.einsum("vw,wu,vu->v", sums, np.eye(width) + loading.T @ loading, sums))
    null_stats, chunk = [], max(1, 4_000_000 // (n * (length + width)))
    for start in range(0, draws, chunk):
        count = min(chunk, draws - start)
        before = pool[:, _blocks(rng, count, length, span, pool.shape[1])]
        inside = pool[:, _blocks(rng, count, width, span, pool.shape[1])]
        scores = before @ basis
        variance = ((before**2).sum(axis=2) - (scores**2).sum(axis=2)) / (length - design.shape[1])
        cars = (inside - scores @ loading) @ sums.T
        stats = cars / (np.sqrt(variance)[:, :, None] * per_unit)
        null_stats.append(stats.transpose(1, 0, 2).reshape(count, -1))
    return np.concatenate(null_stats)


def _pool(
    residuals: Float2D, windows: Bool2D, x: Float2D | None, x_event: Float2D | None
) -> tuple[Float2D, Float2D, Float2D]:
    """Return residuals of complete days and the regressors, constant first, of those days and of the event window."""
    complete = ~np.isnan(residuals).any(axis=0)
    if complete.sum() < FEWEST_DAYS:
        raise InputError(
            f"residuals: {complete.sum()} of {residuals.shape[1]} days have a residual of every firm, {FEWEST_DAYS} are "
            "needed. Leave out the firm with most gaps, or test firms that trade on other days apart."
        )
    if np.ndim(windows) != 2 or not np.any(windows, axis=1).all():
        raise InputError(
            f"windows of shape {np.shape(windows)}: True and False in shape (n_windows, W) are needed, with a session in each."
        )
    width = np.shape(windows)[1]
    factors = np.empty((residuals.shape[1], 0)) if x is None else x
    factors_event = np.empty((width, 0)) if x_event is None else x_event
    if len(factors) != residuals.shape[1] or len(factors_event) != width or factors.shape[1] != factors_event.shape[1]:
        raise InputError(
            f"x {factors.shape} and x_event {factors_event.shape} do not fit residuals {residuals.shape} and windows "
            f"{np.shape(windows)}: they need ({residuals.shape[1]}, K) and ({width}, K)."
        )
    used, summed = factors[complete], np.any(windows, axis=0)
    if np.isnan(used).any() or np.isnan(factors_event[summed]).any():
        raise InputError("x and x_event: a factor is missing (NaN) on a day that is needed.")
    design = np.column_stack([used, np.ones(len(used))])
    check_independent(design, [*(f"x{k}" for k in range(used.shape[1])), "const"])
    mean = used.mean(axis=0)
    # Days that no window sums keep their place, so that the blocks stay as they are.
    factors_event = np.where(summed[:, None], factors_event, mean)
    design = np.column_stack([np.ones(len(used)), used - mean])
    return residuals[:, complete], design, np.column_stack([np.ones(width), factors_event - mean])


def _blocks(rng: np.random.Generator, draws: int, length: int, span: int, n_days: int) -> np.typing.NDArray[np.int64]:
    """Return ``draws`` rows of ``length`` days in circular blocks of ``span`` out of ``n_days``."""
    starts = rng.integers(n_days, size=(draws, -(-length // span)))
    days: np.typing.NDArray[np.int64] = (starts[:, :, None] + np.arange(span)).reshape(draws, -1)[:, :length] % n_days
    return days
