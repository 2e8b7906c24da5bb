"""CARs of many firm-events at once: arrays in, arrays out, memory bounded by blocks of securities.

What :class:`potash.EventStudy` does for firms with labels and a ledger, by the same engine, for a million firm-events.
:func:`potash.study.inference.groups.group_tests` tests them by group.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from potash._typing import Bool1D, Bool2D, Float1D, Float2D, Float3D, Int1D
from potash.errors import InputError, WindowError
from potash.sessions import Window
from potash.study.engine.acceleration import compiled_for
from potash.study.engine.least_squares import Estimates, estimated
from potash.study.engine.panel import Panel, Sessions
from potash.study.engine.windows import Windows


@dataclass(frozen=True)
class MassFit:
    """OLS and CARs of ``n`` firm-events.

    Attributes
    ----------
    panel : Panel
        Returns and factors.
    sessions : Sessions
        The days that sessions of the panel are.
    security, day_zero : ndarrays of shape (n,)
        Place of each firm-event in them.
    windows : Windows
        Event window, estimation window, and the fewest returns of the latter.
    car_windows : tuple of Window
        The ``m`` windows of the CARs.
    estimates : Estimates
        Of the estimation windows; NaN for firm-events that cannot be studied.
    cars, car_std_errors : ndarrays of shape (n, m)
        CARs over ``car_windows``, with the covariance that the estimated parameters induce; NaN if a day is missing.
    kept : ndarray of shape (n,)
        Whether the event window lies inside the data, day 0 is known, and the estimation window is full enough and varies.
    """

    panel: Panel
    sessions: Sessions
    security: Int1D
    day_zero: Int1D
    windows: Windows
    car_windows: tuple[Window, ...]
    estimates: Estimates
    cars: Float2D
    car_std_errors: Float2D
    kept: Bool1D

    @property
    def params(self) -> Float2D:
        """Intercept and slopes (n, 1 + K); NaN for firm-events that cannot be studied."""
        return self.estimates.params

    @property
    def variance(self) -> Float1D:
        """Residual variance (n,) on ``df_resid`` degrees of freedom; NaN for firm-events that cannot be studied."""
        return self.estimates.variance

    @property
    def nobs(self) -> Int1D:
        """Estimation sessions used (n,); 0 where the windows lie outside the data."""
        return self.estimates.nobs

    @property
    def df_resid(self) -> Int1D:
        """Degrees of freedom (n,); 0 where the windows lie outside the data."""
        return self.estimates.df_resid

    @cached_property
    def abnormal(self) -> Float2D:
        """Abnormal returns of the event window (n, W); NaN where a return or factor is missing. Made when asked for."""
        return self._event_days[0]

    @cached_property
    def std_errors(self) -> Float2D:
        """Standard errors (n, W) of ``abnormal``, with the forecast-error term. Made when asked for."""
        return self._event_days[1]

    @cached_property
    def _event_days(self) -> tuple[Float2D, Float2D]:
        event, n = self.windows.event, len(self.security)
        abnormal, std_errors = np.full((n, len(event)), np.nan), np.full((n, len(event)), np.nan)
        for low in range(0, n, 65_536):
            rows = low + np.flatnonzero(self.kept[low : low + 65_536])
            part, where, first = self.estimates.only(rows), self.security[rows], self.day_zero[rows] + event.start
            y, x = (get(where, first, len(event)) for get in (self.panel.event_returns, self.panel.factor_returns))
            abnormal[rows], deviation = part.predictions(y, x)
            errors = part.sum_std_errors(np.swapaxes(deviation, 1, 2), 1).T
            errors[np.isnan(abnormal[rows])] = np.nan
            std_errors[rows] = errors
        return abnormal, std_errors

    def columns(self, window: Window) -> slice:
        """Return the columns of ``abnormal`` that a window covers."""
        return slice(window.start - self.windows.event.start, window.end - self.windows.event.start + 1)

    def observed_in(self, window: Window) -> Bool1D:
        """Return which firm-events kept have a return and all factors on some day of a window (n,)."""
        observed: Bool2D = ~np.isnan(self.panel.y)
        complete: Bool2D = np.asarray(~np.isnan(self.panel.x).any(axis=2))
        observed &= complete[self.panel.table]
        answer = np.zeros(len(self.kept), dtype=bool)
        rows = np.flatnonzero(self.kept)
        for offset in window.offsets:
            answer[rows] |= observed[self.security[rows], self.day_zero[rows] + offset]
        return answer


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
    checked = Windows.of(event_window, estimation_window, min_estimation, 1 + x.shape[1])
    car_windows = tuple(Window.of(window) for window in (windows or [event_window]))
    for window in car_windows:
        if window not in checked.event:
            raise WindowError(
                f"window {window} reaches outside event_window {checked.event}. Choose offsets inside it, or widen it."
            )
    sessions = Sessions.counted(y.shape[1], len(y))
    return fit_cars(Panel.of(y.T, x), sessions, security, day_zero, checked, car_windows)


def fit_cars(
    panel: Panel,
    sessions: Sessions,
    security: Int1D,
    day_zero: Int1D,
    windows: Windows,
    car_windows: tuple[Window, ...],
) -> MassFit:
    """Return the fit and the CARs of firm-events on a panel: see :func:`mass_fit`."""
    n, event, estimation = len(security), windows.event, windows.estimation
    estimates = Estimates.empty(n, panel.n_factors)
    cars, car_std_errors = np.full((n, len(car_windows)), np.nan), np.full((n, len(car_windows)), np.nan)
    kept = np.zeros(n, dtype=bool)
    inside = (day_zero + event.start >= 0) & (day_zero + event.end < panel.y.shape[1])
    fits = np.flatnonzero(inside & (day_zero + estimation.end >= 0))
    since, until = day_zero[fits] + estimation.start, day_zero[fits] + estimation.end + 1
    for chunk, block, series, part in estimated(panel, security[fits], since, until):
        rows, zero = fits[chunk], day_zero[fits[chunk]]
        full = (part.nobs >= windows.min_estimation) & block.observed(series, zero)
        part = part.hiding(~full)
        kept[rows] = ~np.isnan(part.variance)
        estimates.put(rows, part)
        cars[rows], deviations = _sums_of_days(block, part, series, zero, car_windows, n)
        for i, window in enumerate(car_windows):
            errors = part.sum_std_errors(deviations[:, i], len(window))
            car_std_errors[rows, i] = np.where(np.isnan(cars[rows, i]), np.nan, errors)
    return MassFit(panel, sessions, security, day_zero, windows, car_windows, estimates, cars, car_std_errors, kept)


def _sums_of_days(
    panel: Panel, estimates: Estimates, series: Int1D, zero: Int1D, car_windows: tuple[Window, ...], n_firm_events: int
) -> tuple[Float2D, Float3D]:
    """Return the CARs (n, m) of windows and the sums of the factors' deviations from their estimation means (K, m, n)."""
    first, last = (np.array([getattr(window, end) for window in car_windows]) for end in ("start", "end"))
    if compiled := compiled_for(n_firm_events):
        x, means = np.ascontiguousarray(panel.x), (estimates.y_mean, estimates.x_mean, estimates.slopes)
        cars, deviations = compiled.sums_of_days(panel.y, x, panel.table, series, zero, *means, first, last)
        return cars, deviations
    start, length = int(first.min()), int(last.max() - first.min() + 1)
    y, x = panel.event_returns(series, zero + start, length), panel.factor_returns(series, zero + start, length)
    abnormal, deviation = estimates.predictions(y, x)
    columns = [slice(low - start, high - start + 1) for low, high in zip(first, last, strict=True)]
    cars = np.stack([np.einsum("nw->n", abnormal[:, column]) for column in columns], axis=1)
    return cars, np.stack([np.einsum("knw->kn", deviation[:, :, column]) for column in columns], axis=1)


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
