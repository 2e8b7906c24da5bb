"""Tests by group for the firm-events of :func:`potash.study.engine.mass.mass_fit`: Patell, BMP, adjusted BMP and Corrado's rank.

Each group is tested as :class:`potash.EventStudy` would test it alone. What needs the residuals of the estimation windows
makes them again in chunks, adds them up by day, and never keeps them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from potash._typing import Bool1D, Bool2D, Float1D, Float2D, Float3D, Int1D, Int2D
from potash.errors import InputError, OptionError, listed
from potash.sessions import Window
from potash.study.engine.mass import MassFit
from potash.study.inference.correlation import FEWEST_COMMON_DAYS
from potash.study.inference.rank import centred_ranks

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
    column = _column(fit, window)
    labels, position = np.unique(group, return_inverse=True)
    scar = fit.cars[:, column] / fit.car_std_errors[:, column]
    rows = np.argsort((position * len(y) + day_zero) * y.shape[1] + security)  # in the order of memory, too
    known = rows[~np.isnan(scar[rows])]
    own = position[known]
    n = np.bincount(own, minlength=len(labels))
    mean, deviation = _mean_and_deviation(scar[known], own, n)
    df = fit.df_resid[known]
    residuals = _Residuals.of(y, x, security, day_zero, fit)
    with np.errstate(divide="ignore", invalid="ignore"):
        expected = np.bincount(own, np.where(df > 2, df / (df - 2), np.nan), len(labels))
        bmp = np.where((n > 1) & (deviation > 0), mean / (deviation / np.sqrt(n)), np.nan)
        correlation = _correlations(residuals, known, own, len(labels), len(fit.car_windows[column]))
        widening, free = 1 + (n - 1) * correlation, 1 - correlation
        adjusted = np.where((widening > 0) & (free > 0), bmp * np.sqrt(free / widening), np.nan)
        patell = n * mean / np.sqrt(expected)
    ranks = np.full(len(labels), np.nan)
    if rank:
        tested = fit.columns(fit.car_windows[column])
        entered = rows[~np.isnan(fit.abnormal[rows, tested]).all(axis=1)]
        ranks = _ranks(residuals, entered, position[entered], len(labels), tested)
    return GroupTests(
        labels, n, _mean_and_deviation(fit.cars[known, column], own, n)[0], patell, bmp, correlation, adjusted, ranks
    )


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


def _mean_and_deviation(values: Float1D, position: Int1D, n: Int1D) -> tuple[Float1D, Float1D]:
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.bincount(position, values, len(n)) / n
    squares = np.bincount(position, (values - mean[position]) ** 2, len(n))
    return mean, np.sqrt(squares / np.maximum(n - 1, 1))


@dataclass(frozen=True, slots=True)
class _Residuals:
    """What residuals are made of: returns (N, T), NaN where a factor is missing, and factors (K, T), both padded in front.

    ``start`` is the first padded session of each firm-event's estimation window.
    """

    fit: MassFit
    security: Int1D
    start: Int1D
    y: Float2D
    x: Float2D

    @classmethod
    def of(cls, y: Float2D, x: Float2D, security: Int1D, day_zero: Int1D, fit: MassFit) -> _Residuals:
        first = fit.windows.estimation.start
        pad = max(0, -first - (int(day_zero.min()) if len(day_zero) else 0))
        complete: Bool1D = np.asarray(~np.isnan(x).any(axis=1))
        padded, factors = np.empty((y.shape[1], pad + len(y))), np.zeros((x.shape[1], pad + len(y)))
        padded[:, :pad], padded[:, pad:] = np.nan, y.T
        padded[:, pad + np.flatnonzero(~complete)] = np.nan
        np.copyto(factors[:, pad:], x.T, where=complete)
        return cls(fit, security, day_zero + first + pad, padded, factors)

    def rows(self, chunk: Int1D, window: Window) -> Float2D:
        """Return the residuals of a few firm-events in one of their windows; NaN where a return or factor is missing."""
        security, params = self.security[chunk], self.fit.params[chunk]
        start = self.start[chunk] + (window.start - self.fit.windows.estimation.start)
        values = _windows(self.y, len(window))[security, start]
        values -= params[:, :1]
        for k, factor in enumerate(_windows(self.x, len(window))):
            values -= params[:, k + 1, None] * factor[start]
        return values

    def sums(self, chunk: Int1D, cell: Int1D, n_cells: int) -> tuple[Float2D, Float2D]:
        """Return sums and numbers by day of the standardized residuals of each cell, whose members share their day 0."""
        length, fit = len(self.fit.windows.estimation), self.fit
        values = _windows(self.y, length)[self.security[chunk], self.start[chunk]]
        missing = np.isnan(values)
        np.copyto(values, 0.0, where=missing)
        used = 1.0 - missing
        each = 1 / np.sqrt(fit.variance[chunk] * fit.df_resid[chunk] / fit.nobs[chunk])
        weights = [np.ones(len(chunk)), *(each * param for param in fit.params[chunk].T)]
        count, constant, *slopes = _sums_by_cell(used, weights, cell, n_cells)
        sums = _sums_by_cell(values, [each], cell, n_cells)[0] - constant
        start = self.start[chunk[np.searchsorted(cell, np.arange(n_cells))]]
        for slope, factor in zip(slopes, _windows(self.x, length), strict=True):
            sums -= slope * factor[start]
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


def _correlations(residuals: _Residuals, rows: Int1D, own: Int1D, n_groups: int, width: int) -> Float1D:
    """Return each group's mean correlation over all pairs; a pair counts with the share of the window in common."""
    n = np.bincount(own, minlength=n_groups)
    total = np.zeros(n_groups)
    length = len(residuals.fit.windows.estimation)
    for batch, group in _batches(own):
        members = rows[batch]
        # Groups are set apart by more than any two dates: equal keys are one cell, close keys overlapping windows.
        key = group * (residuals.y.shape[1] + width + 1) + residuals.start[members]
        first = np.flatnonzero(np.diff(key, prepend=-1))
        cell, sizes = np.repeat(np.arange(len(first)), np.diff(first, append=len(key))), np.diff(first, append=len(key))
        sums, count = np.zeros((len(first), length)), np.zeros((len(first), length))
        for part in _chunks(len(members)):
            low, high = cell[part][0], cell[part][-1] + 1
            more, days = residuals.sums(members[part], cell[part] - low, high - low)
            sums[low:high] += more
            count[low:high] += days
        squares = np.bincount(cell, residuals.fit.nobs[members], len(first)).astype(np.int64)
        products = _products(key[first], sizes, sums, count, squares, width)
        total += np.bincount(own[batch][first], products, n_groups)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(n > 1, total / (n * (n - 1)), 0.0)


def _products(key: Int1D, sizes: Int1D, sums: Float2D, count: Float2D, squares: Int1D, width: int) -> Float1D:
    """Return for each cell the sum of correlations over its own pairs and, twice, over those with the cells after it."""
    own = np.einsum("ct,ct->c", sums, sums) - squares
    total = _mean(own, np.einsum("ct,ct->c", count, count) - squares, sizes * (sizes - 1))
    for lag in range(1, width):
        # Cells are in order of their dates: those ``lag`` sessions apart share all but ``lag`` days of the window.
        at = np.minimum(np.searchsorted(key, key + lag), len(key) - 1)
        first = np.flatnonzero(key[at] == key + lag)
        for part in _chunks(len(first)):
            one, other = first[part], at[first[part]]
            product = np.einsum("pt,pt->p", sums[one, lag:], sums[other, : sums.shape[1] - lag])
            common = np.einsum("pt,pt->p", count[one, lag:], count[other, : sums.shape[1] - lag])
            total[one] += 2 * (1 - lag / width) * _mean(product, common, sizes[one] * sizes[other])
    return total


def _mean(product: Float1D, common: Float1D, pairs: Int1D) -> Float1D:
    found = pairs * np.where(common >= FEWEST_COMMON_DAYS * pairs, product / np.maximum(common, 1), np.nan)
    return np.where(pairs > 0, found, 0.0)


def _ranks(residuals: _Residuals, rows: Int1D, own: Int1D, n_groups: int, tested: slice) -> Float1D:
    """Return Corrado's statistic of each group, in Corrado and Zivney's form for missing values."""
    found = np.full(n_groups, np.nan)
    both = residuals.fit.windows.estimation, residuals.fit.windows.event
    length, n_days = len(both[0]), len(both[0]) + len(both[1])
    for batch, group in _batches(own):
        members, n_here = rows[batch], group[-1] + 1
        sums, count = np.zeros((n_here, n_days)), np.zeros((n_here, n_days))
        for part in _chunks(len(members)):
            # Both windows by one formula: equal returns must tie to the last bit.
            values = np.concatenate([residuals.rows(members[part], w) for w in both], axis=1)
            low, high = group[part][0], group[part][-1] + 1
            more, days = _rank_sums(values, group[part] - low, high - low)
            sums[low:high] += more
            count[low:high] += days
        with np.errstate(divide="ignore", invalid="ignore"):
            scores = sums / np.sqrt(count)
            spread = np.sqrt(np.nansum(scores**2, axis=1) / (count > 0).sum(axis=1))
            event = scores[:, length:][:, tested]
            stat = event.sum(axis=1) / (np.sqrt(event.shape[1]) * spread)
        found[np.unique(own[batch])] = np.where(spread > 0, stat, np.nan)
    return found


def _rank_sums(values: Float2D, cell: Int1D, n_cells: int) -> tuple[Float2D, Float2D]:
    """Return sums by cell and day of ``rank / (1 + M) - 1/2``, and how many ranks entered.

    Whole numbers sort several times faster than an order of floats is found: a value's bits, in an order that whole
    numbers share, give way in the last few places to the number of its day. Rows in which two values agree but for
    those places are ranked exactly.
    """
    n_days, missing = values.shape[1], np.isnan(values)
    known = n_days - missing.sum(axis=1)
    bits = int(n_days).bit_length()
    keys = _sortable(values, missing, bits)
    keys.sort(axis=1)
    leading = keys >> bits
    tied = (leading[:, 1:] == leading[:, :-1]).any(axis=1)
    keys &= (1 << bits) - 1
    keys += (cell * (n_days + 1))[:, None]
    share = np.multiply.outer(np.where(tied, 0.0, 1 / (1 + known)), np.arange(1.0, n_days + 1))
    table = np.bincount(keys.ravel(), share.ravel(), n_cells * (n_days + 1)).reshape(n_cells, -1)[:, :-1]
    np.add.at(table, cell[tied], np.where(missing[tied], 0.0, centred_ranks(values[tied]) + 0.5))
    bounds = np.flatnonzero(np.diff(cell, prepend=-1))
    count = np.zeros((n_cells, n_days))
    count[cell[bounds]] = np.add.reduceat(~missing, bounds, axis=0, dtype=np.int64)
    return table - count / 2, count


def _sortable(values: Float2D, missing: Bool2D, bits: int) -> Int2D:
    """Return whole numbers in the order of the values, a day's number in the low bits; missing ones last, all distinct."""
    keys = (values + 0.0).view(np.int64)  # adding zero makes the negative zero a plain one
    day = np.arange(values.shape[1])
    keys ^= (keys >> 63) & 0x7FFF_FFFF_FFFF_FFFF
    keys &= -1 << bits
    keys |= day
    # Above every number and infinity; the low bits name a day that does not exist.
    last = 0x7FF8_0000_0000_0000 + (day << bits) + values.shape[1]
    np.copyto(keys, last, where=missing)
    return keys
