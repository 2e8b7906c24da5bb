"""Which firm-events cannot be studied, and the ledger that says why with the numbers behind it."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from potash._typing import Bool2D, Float1D, Float2D, Float3D, Int1D
from potash.errors import NoUsableEventsError, listed
from potash.study.engine.panel import Panel, Sessions
from potash.study.engine.regressors import collinear
from potash.study.engine.windows import Windows

DROPPED_COLUMNS = ["event_id", "ticker", "session", "reason", "detail"]
# What a firm-event lacks, in the order in which it is looked for.
NOTHING, A_SESSION, COVERAGE, DAY_ZERO, ESTIMATION = range(5)


def shortcomings(panel: Panel, sessions: Sessions, series: Int1D, day_zero: Int1D, windows: Windows) -> Int1D:
    """Return what each of ``n`` firm-events lacks; ``NOTHING`` if it can be studied.

    Parameters
    ----------
    panel, sessions
        Returns by series, and the sessions that they count.
    series, day_zero : ndarrays of shape (n,)
        Place of each firm-event; ``day_zero`` is negative where the day is no session of the series.
    windows : Windows
        Of the study.
    """
    lacking = np.full(len(series), NOTHING)
    length = sessions.length[sessions.of_series[series]]
    covered = (day_zero + windows.event.start >= 0) & (day_zero + windows.event.end < length)
    complete: Bool2D = np.asarray(~np.isnan(panel.x).any(axis=2))
    inside, table = np.where(day_zero >= 0, day_zero, 0), panel.table[series]
    observed = ~np.isnan(panel.y[series, inside]) & complete[table, inside]
    lacking[_estimation_returns(panel, series, day_zero, windows) < windows.min_estimation] = ESTIMATION
    lacking[~observed] = DAY_ZERO
    lacking[~covered] = COVERAGE
    lacking[day_zero < 0] = A_SESSION
    return lacking


def _estimation_returns(panel: Panel, series: Int1D, day_zero: Int1D, windows: Windows) -> Int1D:
    """Return the number of sessions with a return and all factors in each estimation window."""
    observed = ~np.isnan(panel.y_estimation)
    complete: Bool2D = np.asarray(~np.isnan(panel.x).any(axis=2))
    observed &= complete[panel.table]
    running = np.zeros((len(observed), observed.shape[1] + 1), dtype=np.int32)
    np.cumsum(observed, axis=1, out=running[:, 1:])
    stop = np.maximum(day_zero + windows.estimation.end + 1, 0)
    start = np.maximum(day_zero + windows.estimation.start, 0)
    return np.asarray(running[series, stop] - running[series, start])


@dataclass(frozen=True)
class Ledger:
    """The reasons why firm-events are left out, with the numbers behind them."""

    rows: pd.DataFrame
    panel: Panel
    sessions: Sessions
    series: Int1D
    at: Int1D
    windows: Windows
    factors: list[str]

    def of(self, lacking: Int1D) -> pd.DataFrame:
        """Return an entry for each firm-event that lacks something."""
        explain = {
            A_SESSION: self._no_session, COVERAGE: self._not_covered, DAY_ZERO: self._missing_day_zero,
            ESTIMATION: self._too_few,
        }  # fmt: skip
        gone = np.flatnonzero(lacking != NOTHING)
        entries = self.rows.iloc[gone][["event_id", "ticker", "session"]].reset_index(drop=True)
        reasons = [
            explain[lacking[i]](i, row)
            for i, row in zip(gone.tolist(), self.rows.iloc[gone].to_dict("records"), strict=True)
        ]
        if not reasons:
            return pd.DataFrame(columns=DROPPED_COLUMNS)
        return entries.assign(reason=[r for r, _ in reasons], detail=[d for _, d in reasons])

    @cached_property
    def _dates(self) -> list[list[str]]:
        """The days of each list of sessions as YYYY-MM-DD, which sort as days do."""
        both = zip(self.sessions.days, self.sessions.length, strict=True)
        return [np.datetime_as_string(days[:length].astype("datetime64[D]")).tolist() for days, length in both]

    def _days(self, i: int) -> list[str]:
        return self._dates[self.sessions.of_series[self.series[i]]]

    def _no_session(self, i: int, row: dict[Any, Any]) -> tuple[str, str]:
        session, days = row["session"], self._days(i)
        if pd.isna(session):
            return "no session", row["reason"] or "the event has no session"
        day = session.date().isoformat()
        if day < days[0] or day > days[-1]:
            return "outside the prices", f"returns run from {days[0]} to {days[-1]}"
        after = bisect_left(days, day)
        return (
            "not a session",
            f"{day} is no session of the returns; the nearest are {days[after - 1]} and {days[after]}",
        )

    def _not_covered(self, i: int, row: dict[Any, Any]) -> tuple[str, str]:
        days, event = self._days(i), self.windows.event
        start, end = self.at[i] + event.start, self.at[i] + event.end
        if start < 0:
            over, side = -start, f"before the first session, {days[0]}"
        else:
            over, side = end - len(days) + 1, f"past the last session, {days[-1]}"
        return "event window not covered", f"event_window {event} reaches {over} sessions {side}"

    def _missing_day_zero(self, i: int, row: dict[Any, Any]) -> tuple[str, str]:
        day = f"{row['session']:%a %Y-%m-%d}"
        if np.isnan(self.panel.y[self.series[i], self.at[i]]):
            return "missing day 0", f"no return of {row['ticker']} on {day}"
        values = self.panel.x[self.panel.table[self.series[i]], self.at[i]]
        lacking = [name for name, value in zip(self.factors, values, strict=True) if np.isnan(value)]
        return "missing day 0", f"the model needs {listed(lacking)}, which has no return on {day}"

    def _too_few(self, i: int, row: dict[Any, Any]) -> tuple[str, str]:
        estimation = self.windows.estimation
        first, last = max(self.at[i] + estimation.start, 0), max(self.at[i] + estimation.end + 1, 0)
        observed = ~np.isnan(self.panel.y_estimation[self.series[i], first:last])
        holes = observed[:, None] & np.isnan(self.panel.x[self.panel.table[self.series[i]], first:last])
        used = observed & ~holes.any(axis=1)
        since = f", from {self._days(i)[first + int(used.argmax())]} on" if used.any() else ""
        lost = int(observed.sum() - used.sum())
        cost = zip(self.factors, holes.sum(axis=0), strict=True)
        lacking = listed(f"{name} ({number})" for name, number in cost if number)
        since += f"; {lost} more sessions lack a return of {lacking}" if lost else ""
        return (
            "too few estimation returns",
            f"estimation_window {estimation} needs {self.windows.min_estimation} returns, {used.sum()} available{since}",
        )


def require_some(labels: pd.DataFrame, dropped: pd.DataFrame) -> None:
    """Raise :class:`NoUsableEventsError` with the reasons of the ledger if no firm-event is left."""
    if len(labels):
        return
    # Those that a shorter window or another firm would save say more than those that no price covers.
    rows = sorted(dropped.itertuples(), key=lambda row: row.reason == "outside the prices")
    lines = [f"{row.event_id} ({row.ticker}): {row.reason}: {row.detail}" for row in rows]
    advice = "Load prices that cover the events and the estimation windows before them, or shorten the windows."
    if set(dropped["reason"]) == {"no session"}:
        advice = "Give the events a day (YYYY-MM-DD) on which they became known, and the securities an exchange with a calendar."
    raise NoUsableEventsError(f"none of the {len(lines)} firm-events can be studied: {listed(lines, 4)}. {advice}")


def unfitted(labels: pd.DataFrame, y: Float2D, x: Float3D, names: list[Any]) -> pd.DataFrame:
    """Return the entries of firm-events whose estimation windows, y (n, L) and x (n, L, K), leave nothing to estimate."""
    details = [_why_no_fit(returns, factors, names) for returns, factors in zip(y, x, strict=True)]
    entries = labels[["event_id", "ticker", "session"]].assign(reason="no fit", detail=details)
    return entries.reset_index(drop=True)


def _why_no_fit(y: Float1D, x: Float2D, names: list[Any]) -> str:
    dependent = collinear(x[~np.isnan(y)])
    if dependent:
        return (
            f"the factors {listed(names[k] for k in dependent)} are collinear in the estimation window: each is a combination "
            "of the rest. Leave one out"
        )
    return "the return or a factor does not vary in the estimation window, or the estimation failed"
