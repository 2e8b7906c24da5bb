"""The line where data handling stops: labelled returns and events become arrays and a ledger of what was dropped.

Above it there are tickers, dates and calendars; below it float arrays and whole-number offsets.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from potash._typing import Bool1D, Float2D, Float3D, Int1D, Int2D
from potash.calendars import sessions_for
from potash.errors import InputError, listed
from potash.study.engine.panel import Panel, Sessions
from potash.study.engine.windows import Windows
from potash.study.inputs import check_events, check_returns
from potash.study.ledger import NOTHING, Ledger, shortcomings


@dataclass(frozen=True)
class EventPanel:
    """Returns with the places of ``n`` firm-events in them, in the order of ``labels``.

    Attributes
    ----------
    labels : DataFrame
        ``event_id``, ``ticker``, ``session`` (day 0) and what else the events carried; a row per firm-event kept.
    returns : Panel
        Returns and factors by series, a series for each security and exchange that the events name.
    sessions : Sessions
        Their calendar days.
    series, day_zero : ndarrays of shape (n,)
        Row of the panel, and number of the session of day 0 in it.
    windows : Windows
        Offsets of the event window and of the estimation window.
    dropped : DataFrame
        The ledger: a row per firm-event left out, with ``reason`` and the numbers behind it in ``detail``.
    factors : tuple of str
        Names of the factors, in the order of the panel's.
    """

    labels: pd.DataFrame
    returns: Panel
    sessions: Sessions
    series: Int1D
    day_zero: Int1D
    windows: Windows
    dropped: pd.DataFrame
    factors: tuple[str, ...] = ()

    @cached_property
    def y(self) -> Float2D:
        """Returns of the estimation windows (n, L); NaN where missing."""
        return self.returns.estimation_returns(self.series, *self._estimation)

    @cached_property
    def x(self) -> Float3D:
        """Factors of the estimation windows (n, L, K)."""
        return self.returns.factor_returns(self.series, *self._estimation)

    @cached_property
    def y_event(self) -> Float2D:
        """Returns of the event windows (n, W)."""
        return self.returns.event_returns(self.series, *self._event)

    @cached_property
    def x_event(self) -> Float3D:
        """Factors of the event windows (n, W, K)."""
        return self.returns.factor_returns(self.series, *self._event)

    @cached_property
    def days(self) -> Int2D:
        """Calendar days of the estimation windows (n, L) since 1970-01-01, comparable between panels; -1 before the data."""
        return self._calendar_days(*self._estimation)

    @cached_property
    def days_event(self) -> Int2D:
        """Calendar days of the event windows (n, W)."""
        return self._calendar_days(*self._event)

    @property
    def _estimation(self) -> tuple[Int1D, int]:
        return self.day_zero + self.windows.estimation.start, len(self.windows.estimation)

    @property
    def _event(self) -> tuple[Int1D, int]:
        return self.day_zero + self.windows.event.start, len(self.windows.event)

    def _calendar_days(self, start: Int1D, length: int) -> Int2D:
        at = start[:, None] + np.arange(length)
        row = self.sessions.of_series[self.series][:, None]
        return np.where(at >= 0, self.sessions.days[row, np.maximum(at, 0)], -1)

    def only(self, rows: Bool1D) -> EventPanel:
        """Return the panel with the chosen firm-events; the ledger stays as it is."""
        labels = self.labels[rows].reset_index(drop=True)
        return replace(self, labels=labels, series=self.series[rows], day_zero=self.day_zero[rows])

    def members_share_days(self, rows: Bool1D | None = None) -> bool:
        """Return whether the firms of each event have their windows on the same calendar days.

        ``rows`` chooses the firm-events that count, all by default.
        """
        chosen = np.arange(len(self.labels)) if rows is None else np.flatnonzero(rows)
        event = pd.factorize(self.labels["event_id"])[0][chosen]
        place = self.sessions.of_series[self.series[chosen]] * self.returns.y.shape[1] + self.day_zero[chosen]
        order = np.argsort(event, kind="stable")
        neighbours = event[order][1:] == event[order][:-1]
        apart = np.flatnonzero(neighbours & (place[order][1:] != place[order][:-1]))
        one, other = chosen[order][apart], chosen[order][apart + 1]
        same = (self.days[one] == self.days[other]).all() and (self.days_event[one] == self.days_event[other]).all()
        return bool(same)


def align(
    returns: pd.DataFrame,
    events: pd.DataFrame,
    factors: pd.DataFrame,
    windows: Windows,
    skipped: pd.DataFrame | None = None,
) -> EventPanel:
    """Return the place of each firm-event in the returns, and the ledger of those that cannot be studied.

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
    tickers = [str(c) for c in returns.columns]
    rows = check_events(events, tickers)
    left_out = None if skipped is None else check_events(skipped, tickers)
    counted = rows if left_out is None else pd.concat([rows, left_out], ignore_index=True)
    series, listing = _series(counted)
    panel, sessions, names = _panel(returns, factors, listing)
    at = positions(day_numbers(pd.DatetimeIndex(counted["session"])), series, sessions)
    if left_out is not None:
        panel = _without_windows(panel, sessions, series[len(rows) :], at[len(rows) :], windows)
    series, at = series[: len(rows)], at[: len(rows)]
    lacking = shortcomings(panel, sessions, series, at, windows)
    kept = lacking == NOTHING
    ledger = Ledger(rows, panel, sessions, series, at, windows, names).of(lacking)
    labels = rows[kept].reset_index(drop=True)
    return EventPanel(labels, panel, sessions, series[kept], at[kept], windows, ledger, tuple(names))


def _series(rows: pd.DataFrame) -> tuple[Int1D, list[tuple[str, str]]]:
    """Return the number of each firm-event's series, and the ticker and exchange of each series."""
    ticker, tickers = pd.factorize(rows["ticker"])
    exchange, exchanges = pd.factorize(rows["exchange"])
    series, pairs = pd.factorize(ticker * len(exchanges) + exchange)
    return series, [(tickers[pair // len(exchanges)], exchanges[pair % len(exchanges)]) for pair in pairs]


def _panel(
    returns: pd.DataFrame, factors: pd.DataFrame, listing: list[tuple[str, str]]
) -> tuple[Panel, Sessions, list[str]]:
    """Return the series of each ticker and exchange, their sessions, and the names of the factors."""
    lists = _session_lists(returns.index, [exchange for _, exchange in listing])
    longest = max(len(sessions) for sessions in lists.values())
    order = {exchange: number for number, exchange in enumerate(lists)}
    days = np.full((len(lists), longest), -1, dtype=np.int64)
    for row, sessions in zip(days, lists.values(), strict=True):
        row[: len(sessions)] = day_numbers(sessions)
    of_series = np.array([order[exchange] for _, exchange in listing], dtype=np.int64)
    length = np.array([len(sessions) for sessions in lists.values()])
    tickers = {str(c): i for i, c in enumerate(returns.columns)}
    names, owners = _factor_columns(factors, [ticker for ticker, _ in listing], list(tickers))
    y = np.full((len(listing), longest), np.nan)
    for exchange, number in order.items():
        values = returns.reindex(lists[exchange]).to_numpy(float).T
        counting = np.flatnonzero(of_series == number)
        y[counting, : values.shape[1]] = values[[tickers[listing[i][0]] for i in counting]]
    x, table = _factor_tables(factors, lists, of_series, owners, longest)
    return Panel(y, x, table, y), Sessions(days, length, of_series), names


def _session_lists(index: pd.DatetimeIndex, exchanges: list[str]) -> dict[str, pd.DatetimeIndex]:
    """Return the sessions of each exchange between the first and the last row; without an exchange the rows themselves.

    Beyond the end of a calendar offsets in sessions mean nothing: windows that reach there go into the ledger.
    """
    no_days = pd.DatetimeIndex([])
    return {
        exchange: sessions_for(exchange, index[0], index[-1], no_days) if exchange else index
        for exchange in dict.fromkeys(exchanges)
    }


def _factor_columns(
    factors: pd.DataFrame, owners: list[str], tickers: list[str]
) -> tuple[list[str], list[Int1D] | None]:
    """Return the names of the factors of one security, and the columns of each series' own, if they have their own."""
    if factors.columns.nlevels == 1:
        return [str(name) for name in factors.columns], None
    levels = factors.columns.get_level_values(0).astype(str)
    columns = {ticker: np.flatnonzero(levels == ticker) for ticker in tickers}
    without = [ticker for ticker in tickers if not len(columns[ticker])]
    if without:
        raise InputError(
            f"the model's factors: none for {listed(without)}. They are there for: {listed(levels.unique())}."
        )
    return [str(factors.columns[i][1]) for i in columns[tickers[0]]], [columns[ticker] for ticker in owners]


def _factor_tables(
    factors: pd.DataFrame,
    lists: dict[str, pd.DatetimeIndex],
    of_series: Int1D,
    owners: list[Int1D] | None,
    longest: int,
) -> tuple[Float3D, Int1D]:
    """Return the tables of factors (F, T, K) and which of them is each series' own."""
    values = [factors.reindex(sessions).to_numpy(float).reshape(len(sessions), -1) for sessions in lists.values()]
    if owners is None:
        tables, table = values, of_series
    else:
        tables = [values[number][:, columns] for number, columns in zip(of_series, owners, strict=True)]
        table = np.arange(len(of_series))
    x = np.full((len(tables), longest, tables[0].shape[1]), np.nan)
    for whole, part in zip(x, tables, strict=True):
        whole[: len(part)] = part
    return x, table


def day_numbers(days: pd.DatetimeIndex) -> Int1D:
    """Return days since 1970-01-01; a large negative number where there is none."""
    return np.asarray(days.to_numpy().astype("datetime64[D]").astype(np.int64))


def positions(day: Int1D, series: Int1D, sessions: Sessions) -> Int1D:
    """Return the number of each day (n,), since 1970-01-01, among the sessions of its series; -1 where it is none."""
    at, path = np.full(len(day), -1), sessions.of_series[series]
    for number, (days, length) in enumerate(zip(sessions.days, sessions.length, strict=True)):
        rows = np.flatnonzero(path == number)
        near = np.minimum(np.searchsorted(days[:length], day[rows]), length - 1)
        at[rows] = np.where(days[near] == day[rows], near, -1)
    return at


def _without_windows(panel: Panel, sessions: Sessions, series: Int1D, at: Int1D, windows: Windows) -> Panel:
    """Return the panel whose estimations leave out event windows; those of days outside the data need none."""
    seen = panel.y_estimation.copy()
    listed_at = at >= 0
    cells = at[listed_at, None] + np.array(windows.event.offsets)
    inside = (cells >= 0) & (cells < seen.shape[1])
    seen[np.broadcast_to(series[listed_at, None], cells.shape)[inside], cells[inside]] = np.nan
    return replace(panel, y_estimation=seen)
