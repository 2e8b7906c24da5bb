"""The same firms on every other session: what a portfolio's CAR is like without the events of a study."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from potash._typing import Bool1D, Int1D
from potash.study.alignment import EventPanel, day_numbers, positions
from potash.study.engine.panel import Sessions
from potash.study.engine.window_fit import WindowFit
from potash.study.inference.significance import t_pvalue
from potash.study.ledger import NOTHING, shortcomings


@dataclass(frozen=True, slots=True)
class OrdinaryDays:
    """Some firms on ``n`` sessions.

    Attributes
    ----------
    sessions : DatetimeIndex of length n
        Day 0 of each.
    fit : WindowFit
        Of the firms' portfolio, a row for each session.
    places : EventPanel
        Of the firms themselves, those of a session side by side.
    """

    sessions: pd.DatetimeIndex
    fit: WindowFit
    places: EventPanel

    def cars(self, columns: slice) -> pd.DataFrame:
        """Return ``session``, ``CAR``, ``std_error``, ``tstat`` and ``pvalue`` over columns of the event window."""
        cars, std_errors = self.fit.cars(columns)
        stats = cars / std_errors
        pvalues = t_pvalue(stats, self.fit.df_resid.astype(float))
        data = {"session": self.sessions, "CAR": cars, "std_error": std_errors, "tstat": stats, "pvalue": pvalues}
        return pd.DataFrame(data)


def places_on_ordinary_days(
    panel: EventPanel, members: Int1D, index: pd.DatetimeIndex, other_days: Int1D | None = None
) -> tuple[pd.DatetimeIndex, EventPanel]:
    """Return the sessions on which all of some firm-events' firms could be studied without an event, and their places.

    Parameters
    ----------
    panel : EventPanel
        Of the study.
    members : ndarray of shape (m,)
        Rows of the firm-events, one a firm.
    index : DatetimeIndex
        Sessions to look at.
    other_days : ndarray of int, optional
        Days since 1970-01-01 of further events, which no window may hold.

    Returns
    -------
    sessions : DatetimeIndex
        Those whose event windows avoid, for each firm, the event windows of the study and day 0 of what it dropped.
    places : EventPanel
        A firm-event for each of these sessions and firms, the firms of a session side by side; ``event_id`` is the number
        of the session.
    """
    series, windows = panel.series[members], panel.windows
    everywhere = np.tile(series, len(index))
    at = positions(np.repeat(day_numbers(index), len(series)), everywhere, panel.sessions)
    possible = shortcomings(panel.returns, panel.sessions, everywhere, at, windows) == NOTHING
    dropped = panel.dropped["session"].dropna()
    busy = np.union1d(panel.days_event, day_numbers(pd.DatetimeIndex(dropped)))
    if other_days is not None:
        busy = np.union1d(busy, other_days)
    possible &= _clear(panel.sessions, everywhere, at, windows.event.start, windows.event.end, busy)
    whole = possible.reshape(len(index), len(series)).all(axis=1)
    chosen = np.repeat(whole, len(series))
    labels = pd.DataFrame({"event_id": np.repeat(np.arange(whole.sum()), len(series))})
    places = EventPanel(
        labels, panel.returns, panel.sessions, everywhere[chosen], at[chosen], windows, panel.dropped.iloc[:0]
    )
    return index[whole], places


def _clear(sessions: Sessions, series: Int1D, at: Int1D, start: int, end: int, busy: Int1D) -> Bool1D:
    """Return which windows ``at + start`` to ``at + end`` hold none of the busy calendar days."""
    running = np.zeros((len(sessions.days), sessions.days.shape[1] + 1), dtype=np.int64)
    np.cumsum(np.isin(sessions.days, busy), axis=1, out=running[:, 1:])
    path, last = sessions.of_series[series], sessions.days.shape[1]
    first, stop = np.clip(at + start, 0, last), np.clip(at + end + 1, 0, last)
    return np.asarray(running[path, stop] == running[path, first])


def ordinary_days(
    panel: EventPanel,
    index: pd.DatetimeIndex,
    portfolio_fit: Callable[[EventPanel], WindowFit],
    other_days: Int1D | None = None,
) -> list[OrdinaryDays]:
    """Return the ordinary days of the firms of each event, in the order of the events; made once for the same firms.

    ``portfolio_fit`` fits the portfolios of a panel's events; ``other_days`` are of further events, see
    :func:`places_on_ordinary_days`.
    """
    event = pd.factorize(panel.labels["event_id"])[0]
    made: dict[tuple[int, ...], OrdinaryDays] = {}
    answer = []
    for number in range(event.max(initial=-1) + 1):
        members = np.flatnonzero(event == number)
        firms = tuple(panel.series[members].tolist())
        if firms not in made:
            sessions, places = places_on_ordinary_days(panel, members, index, other_days)
            made[firms] = OrdinaryDays(sessions, portfolio_fit(places), places)
        answer.append(made[firms])
    return answer
