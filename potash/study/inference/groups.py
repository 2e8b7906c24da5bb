"""Tests by group for many firm-events: Patell, BMP, adjusted BMP and Corrado's rank, each group as a study would test it.

What needs the residuals of the estimation windows makes them again in chunks, adds them up by day, and never keeps them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from potash._typing import Bool2D, Float1D, Float2D, Float3D, Int1D, Int2D
from potash.errors import InputError, OptionError, listed
from potash.sessions import Window
from potash.study.engine.acceleration import compiled_for
from potash.study.engine.mass import MassFit
from potash.study.inference.correlation import Cells, sums_of_correlations
from potash.study.inference.parametric import (
    adjusted_bmp_statistics,
    bmp_statistics,
    moments_by_group,
    patell_statistics,
)
from potash.study.inference.rank import day_scores, rank_statistics, rank_sums

# Firm-events whose residuals are made at once, and firm-events of the groups whose sums by day are held at once.
CHUNK, BATCH = 1024, 16384
# Up to so many cells in a chunk one matrix product is faster than adding up cell by cell.
FEW_CELLS = 8


@dataclass(frozen=True, slots=True)
class GroupTests:
    """Statistics of ``G`` groups, in ascending order of their number; NaN where a statistic does not apply.

    Attributes
    ----------
    group, n_obs : ndarrays of shape (G,)
        Number of the group, and firm-events with a CAR in it, which may be none.
    mean_car, patell, bmp, mean_correlation, adjusted_bmp : ndarrays of shape (G,)
        Mean CAR; Patell's statistic (exact multi-day form); BMP's; the mean correlation over all pairs; Kolari and
        Pynnonen's adjusted BMP.
    rank : ndarray of shape (G,)
        Corrado's rank statistic; NaN throughout unless asked for.
    """

    group: Int1D
    n_obs: Int1D
    mean_car: Float1D
    patell: Float1D
    bmp: Float1D
    mean_correlation: Float1D
    adjusted_bmp: Float1D
    rank: Float1D


def group_tests(
    y: Float2D,
    x: Float2D,
    security: Int1D,
    day_zero: Int1D,
    fit: MassFit,
    group: Int1D,
    *,
    window: tuple[int, int] | None = None,
    rank: bool = False,
) -> GroupTests:
    """Return the tests of each group of firm-events.

    Parameters
    ----------
    y, x, security, day_zero
        As handed to :func:`potash.study.engine.mass.mass_fit`.
    fit : MassFit
        Its answer.
    group : ndarray of shape (n,)
        Group of each firm-event, a whole number.
    window : pair of int, optional
        Which of the fit's CAR windows is tested; by default its first.
    rank : bool
        Whether to rank the days of each firm-event as well, which costs more than all else together.

    Raises
    ------
    InputError
        If ``group`` does not have one whole number for each firm-event.
    OptionError
        If ``window`` is none of the fit's CAR windows.

    Notes
    -----
    The statistics are those of :mod:`potash.study.inference`. The mean correlation needs, for the firm-events of one
    date, only the sum of their standardized residuals on each day: the squares add up to the number of residuals.

    References
    ----------
    .. [1] Patell, J. M. (1976). Journal of Accounting Research 14(2), 246-276.
    .. [2] Boehmer, E., Musumeci, J. and Poulsen, A. B. (1991). Journal of Financial Economics 30(2), 253-272.
    .. [3] Kolari, J. W. and Pynnonen, S. (2010). Review of Financial Studies 23(11), 3996-4025, eqs. 6-11.
    .. [4] Corrado, C. J. and Zivney, T. L. (1992). Journal of Financial and Quantitative Analysis 27(3), 465-478.
    """
    if group.shape != security.shape or not np.issubdtype(group.dtype, np.integer):
        raise InputError(
            f"group {group.shape} {group.dtype} must be a whole number for each of the {len(security)} firm-events."
        )
    return group_statistics(fit, group, _column(fit, window), rank=rank)


def group_statistics(fit: MassFit, group: Int1D, column: int, *, rank: bool) -> GroupTests:
    """Return the tests of each group over one of the fit's CAR windows: see :func:`group_tests`."""
    labels, position = np.unique(group, return_inverse=True)
    scar = fit.cars[:, column] / fit.car_std_errors[:, column]
    numbers, listed_in = fit.sessions.numbers(), fit.sessions.of_series[fit.security]
    when = numbers[listed_in, fit.day_zero]
    # In the order of memory within a date; numbers of two bytes are sorted by counting.
    keys = fit.security, listed_in, when, position
    rows = np.lexsort([key.astype(np.min_scalar_type(int(key.max(initial=0)))) for key in keys])
    entered = rows[~np.isnan(scar[rows])]
    own = position[entered]
    n, mean_car, _ = moments_by_group(fit.cars[entered, column], own, len(labels))
    residuals = _Residuals.of(fit)
    bmp = bmp_statistics(scar[entered], own, len(labels))
    correlation = _correlations(residuals, numbers, entered, own, len(labels), fit.car_windows[column])
    ranks = np.full(len(labels), np.nan)
    if rank:
        tested = fit.columns(fit.car_windows[column])
        on_days = rows[fit.observed_in(fit.car_windows[column])[rows]]
        ranks = _ranks(residuals, on_days, position[on_days], len(labels), tested)
    return GroupTests(
        labels, n, mean_car, patell_statistics(scar[entered], fit.df_resid[entered], own, len(labels)), bmp, correlation,
        adjusted_bmp_statistics(bmp, n, correlation), ranks,
    )  # fmt: skip


def _column(fit: MassFit, window: tuple[int, int] | None) -> int:
    if window is None:
        return 0
    chosen = Window.of(window)
    if chosen not in list(fit.car_windows):
        raise OptionError(
            f"window {chosen} is none of the fit's CAR windows: {listed([str(w) for w in fit.car_windows])}. Fit with it "
            "among windows=."
        )
    return fit.car_windows.index(chosen)


@dataclass(frozen=True, slots=True)
class _Residuals:
    """What residuals are made of: returns (N, T), NaN where a factor is missing, and factors (K, F, T).

    Both are padded in front by ``pad``. ``start`` is the first padded session of each firm-event's estimation window,
    ``params`` its intercept and slopes, ``unit`` the root mean square of its
    residuals.
    """

    fit: MassFit
    params: Float2D
    unit: Float1D
    security: Int1D
    table: Int1D
    start: Int1D
    pad: int
    y: Float2D
    x: Float3D

    @classmethod
    def of(cls, fit: MassFit) -> _Residuals:
        panel, first = fit.panel, fit.windows.estimation.start
        pad = max(0, -first - (int(fit.day_zero.min()) if len(fit.day_zero) else 0))
        n_series, n_sessions = panel.y.shape
        complete: Bool2D = np.asarray(~np.isnan(panel.x).any(axis=2))
        padded = np.empty((n_series, pad + n_sessions))
        padded[:, :pad], padded[:, pad:] = np.nan, panel.y_estimation
        if not complete.all():
            padded[:, pad:][~complete[panel.table]] = np.nan
        factors = np.zeros((panel.n_factors, len(panel.x), pad + n_sessions))
        np.copyto(factors[:, :, pad:], np.moveaxis(panel.x, 2, 0), where=complete)
        start = fit.day_zero + first + pad
        unit = np.sqrt(fit.variance * fit.df_resid / np.maximum(fit.nobs, 1))
        return cls(fit, fit.params, unit, fit.security, panel.table[fit.security], start, pad, padded, factors)

    def rows(self, chunk: Int1D, windows: tuple[Window, ...]) -> Float2D:
        """Return the residuals of a few firm-events in windows, side by side; NaN where a return or factor is missing."""
        security, table, start, params = (part[chunk] for part in (self.security, self.table, self.start, self.params))
        values, column = np.empty((len(security), sum(map(len, windows)))), 0
        compiled = compiled_for(len(self.fit.security))
        for window in windows:
            first, length = window.start - self.fit.windows.estimation.start, len(window)
            if compiled:
                where = security, table, start
                compiled.windows_of_residuals(self.y, self.x, *where, params, first, length, values, column)
            else:
                part = values[:, column : column + length]
                np.subtract(_windows(self.y, length)[security, start + first], params[:, :1], out=part)
                for k, factor in enumerate(self.x):
                    part -= params[:, k + 1, None] * _windows(factor, length)[table, start + first]
            column += length
        return values

    def sums(self, chunk: Int1D, cell: Int1D, n_cells: int) -> tuple[Float2D, Float2D]:
        """Return sums and numbers by day of the standardized residuals of each cell, whose members share their day 0."""
        length, fit = len(self.fit.windows.estimation), self.fit
        unit = self.unit[chunk]
        if compiled := compiled_for(len(fit.security)):
            where = self.security[chunk], self.table[chunk], self.start[chunk]
            sums, count = compiled.residual_sums(
                self.y, self.x, *where, self.params[chunk], unit, cell, n_cells, length
            )
            return sums, count
        if self.x.shape[1] > len(fit.sessions.days):  # members of a cell have factors of their own
            residuals = self.rows(chunk, (fit.windows.estimation,))
            observed = ~np.isnan(residuals)
            ones, residuals = np.ones(len(chunk)), np.where(observed, residuals, 0.0)
            return (
                _sums_by_cell(residuals, [1 / unit], cell, n_cells)[0],
                _sums_by_cell(observed.astype(float), [ones], cell, n_cells)[0],
            )
        values = _windows(self.y, length)[self.security[chunk], self.start[chunk]]
        missing = np.isnan(values)
        np.copyto(values, 0.0, where=missing)
        used = 1.0 - missing
        each = 1 / unit
        weights = [np.ones(len(chunk)), *(each * param for param in self.params[chunk].T)]
        count, constant, *slopes = _sums_by_cell(used, weights, cell, n_cells)
        sums = _sums_by_cell(values, [each], cell, n_cells)[0] - constant
        first = chunk[np.searchsorted(cell, np.arange(n_cells))]
        for slope, factor in zip(slopes, self.x, strict=True):
            sums -= slope * _windows(factor, length)[self.table[first], self.start[first]]
        return sums, count


def _sums_by_cell(values: Float2D, weights: list[Float1D], cell: Int1D, n_cells: int) -> Float3D:
    """Return the sums of each cell's rows with each of the weights, (weights, cells, days); every cell has a row."""
    if n_cells > FEW_CELLS:
        from scipy.sparse import csr_array  # heavy

        bounds = np.searchsorted(cell, np.arange(n_cells + 1))
        rows = np.arange(len(values))
        tables = [csr_array((weight, rows, bounds), shape=(n_cells, len(rows))) for weight in weights]
        return np.stack([np.asarray(table @ values) for table in tables])
    table = np.zeros((len(weights), n_cells, len(values)))
    table[:, cell, np.arange(len(values))] = weights
    return np.asarray((table.reshape(-1, len(values)) @ values).reshape(len(weights), n_cells, -1))


def _windows(series: Float2D, length: int) -> Float3D:
    return np.lib.stride_tricks.sliding_window_view(series, length, axis=1)


def _batches(own: Int1D) -> Iterator[tuple[slice, Int1D]]:
    """Yield slices of whole groups, of about ``BATCH`` rows or a single group, and the group of each row from 0."""
    first = np.flatnonzero(np.diff(own, prepend=-1))
    ends = np.append(first[1:], len(own))
    at = 0
    while at < len(first):
        last = max(int(np.searchsorted(ends, first[at] + BATCH, side="right")), at + 1)
        rows = slice(int(first[at]), int(ends[last - 1]))
        yield rows, np.repeat(np.arange(last - at), (ends - first)[at:last])
        at = last


def _chunks(n: int) -> Iterator[slice]:
    return (slice(low, min(low + CHUNK, n)) for low in range(0, n, CHUNK))


def _correlations(
    residuals: _Residuals, numbers: Int2D, rows: Int1D, own: Int1D, n_groups: int, tested: Window
) -> Float1D:
    """Return each group's mean correlation over all pairs; a pair counts with the share of the window in common.

    ``numbers`` are those of the days that sessions are, by list of sessions.
    """
    n = np.bincount(own, minlength=n_groups)
    total = np.zeros(n_groups)
    length, listed_in = len(residuals.fit.windows.estimation), residuals.fit.sessions.of_series[residuals.security]
    to_window = tested.start - residuals.fit.windows.estimation.start + np.arange(len(tested))
    for batch, group in _batches(own):
        members = rows[batch]
        start, lists = residuals.start[members], listed_in[members]
        changes = (np.diff(part, prepend=-1) != 0 for part in (group, start, lists))
        first = np.flatnonzero(np.logical_or.reduce(list(changes)))
        size = np.diff(first, append=len(start))
        cell = np.repeat(np.arange(len(first)), size)
        sums, count = np.zeros((len(first), length)), np.zeros((len(first), length))
        for part in _chunks(len(members)):
            low, high = cell[part][0], cell[part][-1] + 1
            more, days = residuals.sums(members[part], cell[part] - low, high - low)
            sums[low:high] += more
            count[low:high] += days
        squares = np.bincount(cell, residuals.fit.nobs[members], len(first)).astype(float)
        cells = Cells(size, squares, start[first], sums, count, start[first][:, None] + to_window)
        of_cell = group[first]
        if len(numbers) > 1:
            cells, of_cell = _on_calendar(cells, of_cell, numbers, lists[first], residuals.pad)
        total[own[batch][0] : own[batch][-1] + 1] += _by_number(cells, of_cell, own[batch])
    return np.where(n > 1, total / np.maximum(n * (n - 1), 1), 0.0)


def _on_calendar(cells: Cells, group: Int1D, numbers: Int2D, lists: Int1D, pad: int) -> tuple[Cells, Int1D]:
    """Return cells whose days are calendar days, not numbers of sessions in different lists, and the group of each.

    Cells of one group whose windows then hold the same days are one. ``pad`` is what was added to the numbers of sessions;
    sessions before the data hold nothing.
    """
    window = numbers[lists[:, None], cells.window - pad]
    keys, cell = np.unique(np.column_stack([group, window]), axis=0, return_inverse=True)
    cell = cell.ravel()
    at = cells.start[:, None] - pad + np.arange(cells.sums.shape[1])
    day = numbers[lists[:, None], np.maximum(at, 0)]
    start = np.full(len(keys), day.max())
    np.minimum.at(start, cell, day[:, 0])
    column = day - start[cell][:, None]
    width = int(column.max()) + 1
    flat = (cell[:, None] * width + column).ravel()
    sums, count = (
        np.bincount(flat, values.ravel(), len(keys) * width).reshape(-1, width).astype(float)
        for values in (cells.sums, cells.count)
    )
    size = np.bincount(cell, cells.size, len(keys)).astype(np.int64)
    squares = np.bincount(cell, cells.squares, len(keys)).astype(float)
    return Cells(size, squares, start, sums, count, keys[:, 1:]), keys[:, 0]


def _by_number(cells: Cells, group: Int1D, own: Int1D) -> Float1D:
    """Return the sums of correlations of the groups numbered from the first to the last of a batch; 0 where one is empty."""
    sums = np.zeros(own[-1] - own[0] + 1)
    sums[np.unique(own) - own[0]] = sums_of_correlations(cells, group, int(group[-1]) + 1)
    return sums


def _ranks(residuals: _Residuals, rows: Int1D, own: Int1D, n_groups: int, tested: slice) -> Float1D:
    """Return Corrado's statistic of each group, in Corrado and Zivney's form for missing values."""
    statistics = np.full(n_groups, np.nan)
    both = residuals.fit.windows.estimation, residuals.fit.windows.event
    length, n_days = len(both[0]), len(both[0]) + len(both[1])
    compiled = compiled_for(len(residuals.fit.security))
    summed = compiled.rank_sums if compiled else rank_sums
    for batch, group in _batches(own):
        members, n_here = rows[batch], group[-1] + 1
        sums, count = np.zeros((n_here, n_days)), np.zeros((n_here, n_days))
        for part in _chunks(len(members)):
            # Both windows by one formula: equal returns must tie to the last bit.
            values = residuals.rows(members[part], both)
            low, high = group[part][0], group[part][-1] + 1
            more, days = summed(values, group[part] - low, high - low)
            sums[low:high] += more
            count[low:high] += days
        scores = day_scores(sums, count)
        statistics[np.unique(own[batch])] = rank_statistics(scores, scores[:, length:][:, tested])
    return statistics
