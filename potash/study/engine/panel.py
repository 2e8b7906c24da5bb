"""Returns as the engine sees them: a matrix of series by session, factors beside it, the days that sessions are."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from potash._typing import Bool1D, Float2D, Float3D, Int1D, Int2D


@dataclass(frozen=True, slots=True)
class Panel:
    """Returns of ``N`` series, each over its own sessions counted from 0, and the factors of the same sessions.

    Attributes
    ----------
    y : ndarray of shape (N, T)
        Returns as fractions; NaN where missing and after a series' last session.
    x : ndarray of shape (F, T, K)
        Tables of factor returns, NaN where missing; ``K`` may be zero. One table for all series, or several.
    table : ndarray of shape (N,)
        Which table of ``x`` is a series' own.
    y_estimation : ndarray of shape (N, T)
        Returns as estimation windows see them: ``y``, less the sessions that are left out of every estimation.
    """

    y: Float2D
    x: Float3D
    table: Int1D
    y_estimation: Float2D

    @classmethod
    def of(cls, y: Float2D, x: Float2D) -> Panel:
        """Return the panel of returns (N, T) with factors (T, K) common to all series."""
        return cls(y, x[None], np.zeros(len(y), dtype=np.int64), y)

    @classmethod
    def of_windows(cls, y: Float2D, x: Float3D, y_event: Float2D, x_event: Float3D) -> Panel:
        """Return the panel of ``n`` series that hold an estimation window (n, L) and the event window (n, W) after it."""
        both = np.concatenate([y, y_event], axis=1)
        return cls(both, np.concatenate([x, x_event], axis=1), np.arange(len(y)), both)

    @property
    def n_factors(self) -> int:
        """Number of factors ``K``."""
        return self.x.shape[2]

    def rows(self, chosen: slice) -> Panel:
        """Return the panel of some series in a row, contiguous in memory; factors that all share are not copied."""
        y = np.ascontiguousarray(self.y[chosen])
        seen = y if self.y_estimation is self.y else np.ascontiguousarray(self.y_estimation[chosen])
        if len(self.x) == 1:
            return Panel(y, self.x, self.table[chosen], seen)
        return Panel(y, self.x[self.table[chosen]], np.arange(len(y)), seen)

    def observed(self, series: Int1D, session: Int1D) -> Bool1D:
        """Return whether each series has a return and all factors on a session (n,)."""
        complete = ~np.isnan(self.x[self.table[series], session]).any(axis=1)
        return np.asarray(~np.isnan(self.y[series, session]) & complete)

    def less_factor(self) -> Panel:
        """Return the panel of returns less the first factor's, without factors."""
        market = self.x[self.table, :, 0]
        excess = self.y - market
        seen = excess if self.y_estimation is self.y else self.y_estimation - market
        return replace(self, y=excess, x=self.x[:, :, :0], y_estimation=seen)

    def estimation_returns(self, series: Int1D, start: Int1D, length: int) -> Float2D:
        """Return the returns (n, length) from session ``start`` on as estimations see them; NaN outside the panel."""
        return _gathered(self.y_estimation, series, start, length)

    def event_returns(self, series: Int1D, start: Int1D, length: int) -> Float2D:
        """Return the returns (n, length) from session ``start`` on; NaN outside the panel."""
        return _gathered(self.y, series, start, length)

    def factor_returns(self, series: Int1D, start: Int1D, length: int) -> Float3D:
        """Return the factors (n, length, K) from session ``start`` on; NaN outside the panel."""
        return _gathered(self.x, self.table[series], start, length)


@dataclass(frozen=True, slots=True)
class Sessions:
    """The sessions that the series of a panel count: a list for each exchange, or the rows of the returns.

    Attributes
    ----------
    days : ndarray of shape (P, T)
        Calendar days since 1970-01-01 of each list's sessions; -1 after its end.
    length : ndarray of shape (P,)
        Sessions of each list.
    of_series : ndarray of shape (N,)
        Which list a series counts.
    """

    days: Int2D
    length: Int1D
    of_series: Int1D

    @classmethod
    def counted(cls, n_series: int, n_sessions: int) -> Sessions:
        """Return one list for all series, whose days are the numbers of its sessions."""
        return cls(np.arange(n_sessions)[None], np.array([n_sessions]), np.zeros(n_series, dtype=np.int64))

    def numbers(self) -> Int2D:
        """Return the number of each session's day (P, T) among the days of all lists; after a list's end it means nothing."""
        if len(self.days) == 1:
            return np.arange(self.days.shape[1])[None]
        days = np.unique(self.days[self.days >= 0])
        return np.searchsorted(days, self.days)


def _gathered(values: Float2D, row: Int1D, start: Int1D, length: int) -> Float2D:
    """Return windows of rows; where all lie inside, by views of the rows and one copy."""
    n_sessions = values.shape[1]
    if not len(start):
        return np.empty((0, length, *values.shape[2:]))
    if length <= n_sessions and start.min() >= 0 and start.max() + length <= n_sessions:
        views = np.lib.stride_tricks.sliding_window_view(values, length, axis=1)
        windows = views[row, start]
        return windows if values.ndim == 2 else np.ascontiguousarray(np.moveaxis(windows, 1, 2))
    at = start[:, None] + np.arange(length)
    inside = (at >= 0) & (at < n_sessions)
    windows = values[row[:, None], np.where(inside, at, 0)]
    windows[~inside] = np.nan
    return windows
