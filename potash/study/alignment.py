"""The line where data handling stops: labelled returns and events become arrays and a ledger of what was dropped.

Above it there are tickers, dates and calendars; below it float arrays and whole-number offsets.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from potash._typing import Bool1D, Float1D, Float2D, Float3D, Int1D, Int2D
from potash.calendars import sessions_for
from potash.errors import InputError, WindowError, listed
from potash.sessions import Window
from potash.study.inputs import check_events, check_returns

DROPPED_COLUMNS = ["event_id", "ticker", "session", "reason", "detail"]


@dataclass(frozen=True, slots=True)
class EventPanel:
    """Windows of returns around ``n`` firm-events, in the order of ``labels``.

    Attributes
    ----------
    labels : DataFrame
        ``event_id``, ``ticker``, ``session`` (day 0) and what else the events carried; a row per firm-event kept.
    y, x : ndarrays of shape (n, L) and (n, L, K)
        Returns and factors of the estimation windows; NaN where missing.
    y_event, x_event : ndarrays of shape (n, W) and (n, W, K)
        The same in the event windows.
    days, days_event : ndarrays of shape (n, L) and (n, W)
        Calendar day of each entry as days since 1970-01-01, comparable between panels; -1 before the data begin.
    dropped : DataFrame
        The ledger: a row per firm-event left out, with ``reason`` and the numbers behind it in ``detail``.
    """

    labels: pd.DataFrame
    y: Float2D
    x: Float3D
    y_event: Float2D
    x_event: Float3D
    days: Int2D
    days_event: Int2D
    dropped: pd.DataFrame

    def only(self, rows: Bool1D) -> EventPanel:
        """Return the panel with the chosen firm-events; the ledger stays as it is."""
        arrays = {name: getattr(self, name)[rows] for name in ("y", "x", "y_event", "x_event", "days", "days_event")}
        return replace(self, labels=self.labels[rows].reset_index(drop=True), **arrays)

    def members_share_days(self) -> bool:
        """Return whether the firms of each event have their windows on the same calendar days."""
        every = np.hstack([self.days, self.days_event])
        groups = self.labels.groupby("event_id", sort=False).indices.values()
        return all((every[rows] == every[rows[0]]).all() for rows in groups)


@dataclass(frozen=True, slots=True)
class Windows:
    """The event window, the estimation window before it, and how many returns the latter must have."""

    event: Window
    estimation: Window
    min_estimation: int

    @classmethod
    def of(cls, event: object, estimation: object, min_estimation: int | None, n_params: int) -> Windows:
        """Return checked windows; by default an estimation window must be four fifths full.

        Raises
        ------
        WindowError
            If the windows overlap, or the estimation window cannot hold a regression.
        """
        event_window = Window.of(event, "event_window")
        estimation_window = Window.of(estimation, "estimation_window")
        if estimation_window.end >= event_window.start:
            raise WindowError(
                f"estimation_window {estimation_window} must end before event_window {event_window} starts, or the event "
                f"would enter its own expectation. Let it end at {event_window.start - 1} or earlier."
            )
        floor, length = n_params + 3, len(estimation_window)
        needed = max(floor, -(-4 * length // 5)) if min_estimation is None else min_estimation
        if not isinstance(needed, int | np.integer) or not floor <= needed <= length:
            raise WindowError(
                f"min_estimation={needed} does not fit: a model with {n_params} parameters needs at least {floor} returns, and "
                f"estimation_window {estimation_window} has {length} sessions."
            )
        return cls(event_window, estimation_window, needed)


class _DroppedError(Exception):
    """A firm-event that cannot be studied: the reason and the numbers behind it."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(reason)
        self.reason, self.detail = reason, detail


@dataclass(frozen=True, slots=True)
class _Table:
    """Returns and factors on one list of calendar days, and the rows that are sessions of each exchange.

    ``estimation`` are the returns without those that estimation windows skip; ``own_factors`` the factor columns of each
    security.
    """

    days: pd.DatetimeIndex
    values: Float2D
    estimation: Float2D
    factors: Float2D
    factor_names: list[str]
    own_factors: dict[str, Int1D]
    column: dict[str, int]
    paths: dict[str, Int1D]


def align(
    returns: pd.DataFrame,
    events: pd.DataFrame,
    factors: pd.DataFrame,
    windows: Windows,
    skipped: pd.DataFrame | None = None,
) -> EventPanel:
    """Return the windows around each firm-event as arrays, and the ledger of those that have none.

    Parameters
    ----------
    returns : DataFrame
        Sessions x securities; missing values stay missing.
    events : DataFrame
        Columns ``event_id`` and ``session``; ``ticker`` (every security without it); ``exchange`` (MIC) if offsets are
        to count the exchange's own sessions instead of the rows of ``returns``; ``reason`` where there is no session.
    factors : DataFrame
        Sessions x factors, may be empty. Two-level columns ``(ticker, factor)`` give each security its own.
    windows : Windows
        Offsets in sessions, both ends included.
    skipped : DataFrame, optional
        Events, in the form of ``events``, whose event windows the estimation windows of the same securities leave out.

    Raises
    ------
    EventsError, InputError
        If the frames break the rules of :func:`check_returns` and :func:`check_events`.
    """
    returns = check_returns(returns, "returns")
    factors = check_returns(factors, "the model's factors") if len(factors.columns) else factors
    rows = check_events(events, [str(c) for c in returns.columns])
    tickers = [str(c) for c in returns.columns]
    others = None if skipped is None else check_events(skipped, tickers)
    exchanges = {*rows["exchange"], *(() if others is None else others["exchange"])}
    table = _table(returns, factors, sorted(exchanges))
    if others is not None:
        _skip(others, table, windows)
    kept, estimation, event, dropped = [], [], [], []
    for row in rows.to_dict("records"):
        try:
            before, inside = _window_rows(row, table, windows)
        except _DroppedError as why:
            entry = {key: row[key] for key in ("event_id", "ticker", "session")}
            dropped.append({**entry, "reason": why.reason, "detail": why.detail})
        else:
            kept.append(row)
            estimation.append(before)
            event.append(inside)
    labels = pd.DataFrame(kept, columns=rows.columns).reset_index(drop=True)
    ledger = pd.DataFrame(dropped, columns=DROPPED_COLUMNS)
    own = np.array([table.column[t] for t in labels["ticker"]], dtype=np.int64)[:, None]
    days = np.array(estimation, dtype=np.int64).reshape(len(kept), len(windows.estimation))
    days_event = np.array(event, dtype=np.int64).reshape(len(kept), len(windows.event))
    width = len(table.own_factors[tickers[0]])
    which = np.array([table.own_factors[t] for t in labels["ticker"]], dtype=np.int64).reshape(len(kept), 1, width)
    y = np.where(days >= 0, table.estimation[days, own], np.nan)
    x = np.where((days >= 0)[:, :, None], table.factors[days[:, :, None], which], np.nan)
    since_epoch = table.days.to_numpy().astype("datetime64[D]").astype(np.int64)
    codes, codes_event = np.where(days >= 0, since_epoch[days], -1), since_epoch[days_event]
    return EventPanel(
        labels, y, x, table.values[days_event, own], table.factors[days_event[:, :, None], which], codes, codes_event, ledger
    )  # fmt: skip


def _table(returns: pd.DataFrame, factors: pd.DataFrame, exchanges: Any) -> _Table:
    first, last = returns.index[0], returns.index[-1]
    # Beyond the end of a calendar offsets in sessions mean nothing: windows that reach there go into the ledger.
    no_days = pd.DatetimeIndex([])
    calendars = {mic: sessions_for(mic, first, last, no_days) for mic in exchanges if mic}
    days = returns.index
    for sessions in calendars.values():
        days = days.union(sessions)
    paths = {mic: days.get_indexer(sessions) for mic, sessions in calendars.items()}
    paths[""] = days.get_indexer(returns.index)
    values = returns.reindex(days).to_numpy(float)
    matrix = factors.reindex(days).to_numpy(float).reshape(len(days), len(factors.columns))
    column = {str(c): i for i, c in enumerate(returns.columns)}
    names, own = _factor_columns(factors, list(column))
    return _Table(pd.DatetimeIndex(days), values, values.copy(), matrix, names, own, column, paths)


def _factor_columns(factors: pd.DataFrame, tickers: list[str]) -> tuple[list[str], dict[str, Int1D]]:
    """Return the names of the factors of one security, and the columns that hold them for each."""
    if factors.columns.nlevels == 1:
        return [str(name) for name in factors.columns], dict.fromkeys(tickers, np.arange(len(factors.columns)))
    owners = factors.columns.get_level_values(0).astype(str)
    own = {ticker: np.flatnonzero(owners == ticker) for ticker in tickers}
    without = [ticker for ticker, columns in own.items() if not len(columns)]
    if without:
        raise InputError(
            f"the model's factors: none for {listed(without)}. They are there for: {listed(owners.unique())}."
        )
    return [str(factors.columns[i][1]) for i in own[tickers[0]]], own


def _skip(events: pd.DataFrame, table: _Table, windows: Windows) -> None:
    """Blank the event windows of events in the returns that estimation windows see; those outside the data need none."""
    for row in events.to_dict("records"):
        path = table.paths[row["exchange"]]
        try:
            at = _position(row["session"], table, path)
        except _DroppedError:
            continue
        inside = path[max(at + windows.event.start, 0) : at + windows.event.end + 1]
        table.estimation[inside, table.column[row["ticker"]]] = np.nan


def _window_rows(row: dict[str, Any], table: _Table, windows: Windows) -> tuple[Int1D, Int1D]:
    """Return the rows of the estimation window (-1 before the data begin) and of the event window."""
    path, session = table.paths[row["exchange"]], row["session"]
    if pd.isna(session):
        raise _DroppedError("no session", row["reason"] or "the event has no session")
    at = _position(session, table, path)
    start, end = at + windows.event.start, at + windows.event.end
    if start < 0 or end >= len(path):
        over, edge = (-start, table.days[path[0]]) if start < 0 else (end - len(path) + 1, table.days[path[-1]])
        side = f"before the first session, {edge:%Y-%m-%d}" if start < 0 else f"past the last session, {edge:%Y-%m-%d}"
        raise _DroppedError("event window not covered", f"event_window {windows.event} reaches {over} sessions {side}")
    wanted = np.arange(at + windows.estimation.start, at + windows.estimation.end + 1)
    before = np.where(wanted >= 0, path[np.maximum(wanted, 0)], -1)
    inside = path[start : end + 1]
    factors = table.factors[:, table.own_factors[row["ticker"]]]
    _check_day_zero(row, table.values[path[at], table.column[row["ticker"]]], factors[path[at]], table.factor_names)
    own = table.estimation[:, table.column[row["ticker"]]]
    used = (before >= 0) & ~np.isnan(own[before]) & ~np.isnan(factors[before]).any(axis=1)
    if used.sum() < windows.min_estimation:
        since = f", from {table.days[before[used][0]]:%Y-%m-%d} on" if used.any() else ""
        lost = int(((before >= 0) & ~np.isnan(own[before])).sum() - used.sum())
        since += f"; {lost} more sessions lack a return of {listed(table.factor_names)}" if lost else ""
        raise _DroppedError(
            "too few estimation returns",
            f"estimation_window {windows.estimation} needs {windows.min_estimation} returns, {used.sum()} available{since}",
        )
    return before, inside


def _position(session: pd.Timestamp, table: _Table, path: Int1D) -> int:
    if pd.isna(session):
        raise _DroppedError("no session", "the event has no session")
    days = table.days[path]
    at = int(days.searchsorted(session))
    if at < len(days) and days[at] == session:
        return at
    if session < days[0] or session > days[-1]:
        raise _DroppedError("outside the prices", f"returns run from {days[0]:%Y-%m-%d} to {days[-1]:%Y-%m-%d}")
    around = f"{days[at - 1]:%Y-%m-%d} and {days[at]:%Y-%m-%d}"
    raise _DroppedError("not a session", f"{session:%Y-%m-%d} is no session of the returns; the nearest are {around}")


def _check_day_zero(row: dict[str, Any], own: float, factors: Float1D, names: list[str]) -> None:
    day = f"{row['session']:%a %Y-%m-%d}"
    if np.isnan(own):
        raise _DroppedError("missing day 0", f"no return of {row['ticker']} on {day}")
    lacking = [name for name, value in zip(names, factors, strict=True) if np.isnan(value)]
    if lacking:
        raise _DroppedError("missing day 0", f"the model needs {listed(lacking)}, which has no return on {day}")
