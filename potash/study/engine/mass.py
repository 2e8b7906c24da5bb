"""Event studies of many firm-events at once: arrays in, arrays out, memory bounded by blocks of securities.

What :class:`potash.EventStudy` does for a few firms with labels and a ledger, this does for a million firm-events: OLS on
common factors from prefix sums, abnormal returns, and CARs with their exact standard errors.
:func:`potash.study.engine.mass_tests.group_tests` tests them by group.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from potash._typing import Bool1D, Float1D, Float2D, Float3D, Int1D
from potash.errors import InputError, WindowError
from potash.sessions import Window
from potash.study.alignment import Windows
from potash.study.engine.moments import PrefixSums, WindowMoments, prefix_sums

# Securities whose running sums are held at once: 8 of 5,000 sessions and one factor take 2 MB, four factors 7 MB.
BLOCK = 8
# Firm-events worked on at once, so that what is made of them stays in the processor's cache.
CHUNK = 8192


@dataclass(frozen=True, slots=True)
class MassFit:
    """OLS and abnormal returns of ``n`` firm-events.

    Attributes
    ----------
    params : ndarray of shape (n, 1 + K)
        Intercept and slopes; NaN for firm-events that cannot be studied.
    variance : ndarray of shape (n,)
        Residual variance on ``df_resid`` degrees of freedom; NaN likewise.
    nobs, df_resid : ndarrays of shape (n,)
        Estimation sessions used, and degrees of freedom; 0 where the windows lie outside the data.
    abnormal, std_errors : ndarrays of shape (n, W)
        Abnormal returns of the event window and their standard errors with the forecast-error term; NaN where a return or
        factor is missing.
    cars, car_std_errors : ndarrays of shape (n, m)
        CARs over ``car_windows``, with the covariance that the estimated parameters induce; NaN if a day is missing.
    kept : ndarray of shape (n,)
        Whether the event window lies inside the data, day 0 is known, and the estimation window is full enough and varies.
    windows : Windows
        Event window, estimation window, and the fewest returns of the latter.
    car_windows : tuple of Window
        The ``m`` windows of the CARs.
    """

    params: Float2D
    variance: Float1D
    nobs: Int1D
    df_resid: Int1D
    abnormal: Float2D
    std_errors: Float2D
    cars: Float2D
    car_std_errors: Float2D
    kept: Bool1D
    windows: Windows
    car_windows: tuple[Window, ...]

    def columns(self, window: Window) -> slice:
        """Return the columns of ``abnormal`` that a window covers."""
        return slice(window.start - self.windows.event.start, window.end - self.windows.event.start + 1)


def mass_fit(
    y: Float2D,
    x: Float2D,
    security: Int1D,
    day_zero: Int1D,
    *,
    event_window: tuple[int, int],
    estimation_window: tuple[int, int],
    windows: Sequence[tuple[int, int]] = (),
    min_estimation: int | None = None,
) -> MassFit:
    """Return the fit of each firm-event, as :class:`potash.EventStudy` with a factor model would.

    Parameters
    ----------
    y : ndarray of shape (T, N)
        Returns of ``N`` securities over ``T`` sessions, as fractions; NaN where missing.
    x : ndarray of shape (T, K)
        Factor returns; ``K`` may be zero (mean-adjusted returns).
    security, day_zero : ndarrays of shape (n,)
        Column and row of each firm-event.
    event_window, estimation_window : pair of int
        Offsets in sessions, both ends included.
    windows : sequence of pairs
        Windows of the CARs, inside the event window; the event window alone by default.
    min_estimation : int, optional
        Fewest returns of an estimation window; four fifths of its length by default.

    Raises
    ------
    InputError
        If shapes do not match or an index lies outside ``y``.
    WindowError
        If the windows break a rule of :class:`potash.study.alignment.Windows`, or a CAR's reaches outside the event's.

    Notes
    -----
    The cost grows with the number of firm-events and, once, with the size of ``y``; not with the length of the estimation
    window. Running sums are held for a few securities at a time, whatever the number of firm-events.
    """
    _check_shapes(y, x, security, day_zero)
    out = _empty(len(security), x.shape[1], Windows.of(event_window, estimation_window, min_estimation, 1 + x.shape[1]),
                 tuple(Window.of(w) for w in (windows or [event_window])))  # fmt: skip
    event, n_sessions = out.windows.event, len(y)
    fits = (day_zero + event.start >= 0) & (day_zero + event.end < n_sessions)
    fits &= day_zero + out.windows.estimation.end >= 0
    for rows, first in _blocks(np.flatnonzero(fits), security, y.shape[1]):
        sums = prefix_sums(np.ascontiguousarray(y[:, first : first + BLOCK].T), x)
        for low in range(0, len(rows), CHUNK):
            chunk = rows[low : low + CHUNK]
            _fit_chunk(out, chunk, sums, security[chunk] - first, day_zero[chunk])
    return out


def _check_shapes(y: Float2D, x: Float2D, security: Int1D, day_zero: Int1D) -> None:
    if y.ndim != 2 or x.ndim != 2 or len(x) != len(y):
        raise InputError(f"y {y.shape} and x {x.shape} must be (sessions, securities) and (sessions, factors).")
    if security.shape != day_zero.shape or security.ndim != 1:
        raise InputError(
            f"security {security.shape} and day_zero {day_zero.shape} must be one index for each firm-event."
        )
    for name, index, size in (("security", security, y.shape[1]), ("day_zero", day_zero, len(y))):
        if not np.issubdtype(index.dtype, np.integer):
            raise InputError(f"{name} holds {index.dtype} values; it must hold whole numbers, positions in y.")
        if len(index) and not (index.min() >= 0 and index.max() < size):
            raise InputError(f"{name} runs from {index.min()} to {index.max()}, and y has {size}, counted from 0.")


def _empty(n: int, n_factors: int, windows: Windows, asked: tuple[Window, ...]) -> MassFit:
    for window in asked:
        if window not in windows.event:
            raise WindowError(
                f"window {window} reaches outside event_window {windows.event}. Choose offsets inside it, or widen it."
            )
    width = len(windows.event)
    blank = [np.full(shape, np.nan) for shape in ((n, 1 + n_factors), n, (n, width), (n, width), (n, len(asked)))]
    return MassFit(
        params=blank[0], variance=blank[1], nobs=np.zeros(n, dtype=np.int64), df_resid=np.zeros(n, dtype=np.int64),
        abnormal=blank[2], std_errors=blank[3], cars=blank[4], car_std_errors=blank[4].copy(),
        kept=np.zeros(n, dtype=bool), windows=windows, car_windows=asked,
    )  # fmt: skip


def _blocks(rows: Int1D, security: Int1D, n_securities: int) -> Iterator[tuple[Int1D, int]]:
    """Yield the firm-events of each block of securities, those of one security together, and its first column."""
    order = rows[np.argsort(security[rows], kind="stable")]
    edges = np.arange(0, n_securities + BLOCK, BLOCK)
    bounds = np.searchsorted(security[order], edges)
    for first, low, high in zip(edges[:-1], bounds[:-1], bounds[1:], strict=True):
        if high > low:
            yield order[low:high], int(first)


def _fit_chunk(out: MassFit, rows: Int1D, sums: PrefixSums, security: Int1D, zero: Int1D) -> None:
    estimation, n_factors = out.windows.estimation, sums.x.shape[1]
    moments = sums.windows(security, np.maximum(zero + estimation.start, 0), zero + estimation.end + 1)
    inverse = inverses(moments.sxx)
    slopes = np.einsum("kmn,mn->kn", inverse, moments.sxy)
    squares = moments.syy - (slopes * moments.sxy).sum(axis=0)
    df = moments.nobs - 1 - n_factors
    abnormal, deviation = _event_days(out, sums, security, zero, moments, slopes)
    kept = (moments.nobs >= out.windows.min_estimation) & ~np.isnan(abnormal[:, -out.windows.event.start])
    # Rounding leaves 1e-16 of the return's squares where the factors explain all of it.
    kept &= squares > 1e-14 * moments.syy
    hidden = np.where(kept, 0.0, np.nan)
    variance = squares / np.where(kept, df, np.nan)
    abnormal += hidden[:, None]
    out.kept[rows], out.nobs[rows], out.df_resid[rows], out.variance[rows] = kept, moments.nobs, df, variance
    out.params[rows, 0] = moments.y_mean - (slopes * moments.x_mean).sum(axis=0) + hidden
    out.params[rows, 1:] = (slopes + hidden).T
    out.abnormal[rows] = abnormal
    errors = _std_errors(variance[:, None], moments.nobs[:, None], deviation, inverse[..., None], 1)
    errors[np.isnan(abnormal)] = np.nan
    out.std_errors[rows] = errors
    for i, window in enumerate(out.car_windows):
        column = out.columns(window)
        cars = np.einsum("nw->n", abnormal[:, column])
        total = np.einsum("knw->kn", deviation[:, :, column])
        errors = _std_errors(variance, moments.nobs, total, inverse, len(window))
        out.cars[rows, i], out.car_std_errors[rows, i] = cars, np.where(np.isnan(cars), np.nan, errors)


def _event_days(
    out: MassFit, sums: PrefixSums, security: Int1D, zero: Int1D, moments: WindowMoments, slopes: Float2D
) -> tuple[Float2D, Float3D]:
    """Return abnormal returns (n, W) and how far the factors are from their estimation means (K, n, W)."""
    width, first = len(out.windows.event), zero + out.windows.event.start
    abnormal = np.lib.stride_tricks.sliding_window_view(sums.y, width, axis=1)[security, first]
    abnormal -= (moments.y_mean - sums.y_level[security])[:, None]
    deviation = np.empty((len(slopes), *abnormal.shape))
    ahead = np.lib.stride_tricks.sliding_window_view(sums.x, width, axis=0)
    for k, slope in enumerate(slopes):
        deviation[k] = ahead[:, k][first]
        deviation[k] -= (moments.x_mean[k] - sums.x_level[k])[:, None]
        abnormal -= slope[:, None] * deviation[k]
    return abnormal, deviation


def _std_errors(variance: Float1D, nobs: Int1D, deviation: Float2D, inverse: Float3D, length: int) -> Float1D:
    """Return the standard error of a sum over ``length`` days: own variances, the mean's and the slopes' errors."""
    scale = np.broadcast_to(length + length**2 / nobs, deviation.shape[1:]).copy()
    for i in range(len(deviation)):
        scale += inverse[i, i] * deviation[i] ** 2
        for j in range(i):
            scale += 2 * inverse[i, j] * deviation[i] * deviation[j]
    scale *= variance
    return np.sqrt(scale, out=scale)


def inverses(sxx: Float3D) -> Float3D:
    """Return the inverse of each of ``n`` symmetric matrices (K, K, n); NaN where factors do not vary or repeat another.

    Notes
    -----
    The sweep operator on the factors' correlation matrix, along all matrices at once. A pivot is the share of a factor's
    variation that those before it leave unexplained: below 1e-10 it repeats them.

    References
    ----------
    .. [1] Goodnight, J. H. (1979). A tutorial on the SWEEP operator. The American Statistician 33(3), 149-158.
    """
    n_factors = len(sxx)
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = np.sqrt(np.einsum("kkn->kn", sxx))
        outer = scale[:, None] * scale
        swept = sxx / outer
        for k in range(n_factors):
            pivot = np.where(swept[k, k] > 1e-10, swept[k, k], np.nan)
            row = swept[k] / pivot
            column = swept[:, k].copy()
            swept -= column[:, None] * row
            swept[k], swept[:, k] = row, -column / pivot
            swept[k, k] = 1 / pivot
        return np.asarray(swept / outer)
