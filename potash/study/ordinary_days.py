"""The same firms on every other session: what a portfolio's CAR is like without the events of a study."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from potash._typing import Bool1D, Int1D
from potash.errors import listed
from potash.study.alignment import EventPanel, day_numbers, positions
from potash.study.engine.panel import Panel, Sessions
from potash.study.engine.window_fit import WindowFit
from potash.study.inference.placebo import FEWEST
from potash.study.inference.significance import t_pvalue
from potash.study.ledger import NOTHING, shortcomings

COSTLY = 0.05  # of the ordinary days: what holes must cost to be said


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
    tickers : tuple of str
        The firms.
    possible : int
        Sessions that would be there if no factor had a missing value.
    holes : DataFrame
        Index ``factor``, those whose missing values cost any; what each costs by itself of the possible sessions:
        ``unusable`` (day 0 or too much of the estimation window lacks it) and ``incomplete`` (another day of the event window
        does, so that a CAR over it is missing).
    """

    sessions: pd.DatetimeIndex
    fit: WindowFit
    places: EventPanel
    tickers: tuple[str, ...]
    possible: int
    holes: pd.DataFrame

    def why_fewer(self) -> str:
        """Return in words how many sessions missing values of factors cost; empty if they are less than one in twenty."""
        left = len(self.sessions)
        lost = max(self.possible - left, int(self.holes.sum(axis=1).max())) if len(self.holes) else 0
        too_few = left < FEWEST <= self.possible
        if (lost < COSTLY * self.possible and not too_few) or not lost:
            return ""
        costs = listed(
            f"those of {row.Index} make {row.unusable} unusable and leave {row.incomplete} without all days of the event window"
            for row in self.holes.itertuples()
        )
        none = f", fewer than the {FEWEST} that a randomization needs, so it has no p-value" if too_few else ""
        return (
            f"{left} of {self.possible} ordinary days of {', '.join(self.tickers)} are left{none}, since factors have missing "
            f"values: {costs}. Hand over factors without holes, or leave one out."
        )

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
    everywhere, at, clear = _everywhere(panel, members, index, other_days)
    whole = _whole(panel, panel.returns, everywhere, at, clear, len(members))
    chosen = np.repeat(whole, len(members))
    labels = pd.DataFrame({"event_id": np.repeat(np.arange(whole.sum()), len(members))})
    nothing = panel.dropped.iloc[:0]
    places = EventPanel(
        labels, panel.returns, panel.sessions, everywhere[chosen], at[chosen], panel.windows, nothing, panel.factors
    )
    return index[whole], places


def _everywhere(
    panel: EventPanel, members: Int1D, index: pd.DatetimeIndex, other_days: Int1D | None
) -> tuple[Int1D, Int1D, Bool1D]:
    """Return series and place of the firms on every session, and whether the event window there keeps clear of events."""
    series, windows = panel.series[members], panel.windows
    everywhere = np.tile(series, len(index))
    at = positions(np.repeat(day_numbers(index), len(series)), everywhere, panel.sessions)
    dropped = panel.dropped["session"].dropna()
    busy = np.union1d(panel.days_event, day_numbers(pd.DatetimeIndex(dropped)))
    if other_days is not None:
        busy = np.union1d(busy, other_days)
    return everywhere, at, _clear(panel.sessions, everywhere, at, windows.event.start, windows.event.end, busy)


def _whole(panel: EventPanel, returns: Panel, series: Int1D, at: Int1D, clear: Bool1D, n_firms: int) -> Bool1D:
    """Return on which sessions all firms can be studied with these returns."""
    possible = (shortcomings(returns, panel.sessions, series, at, panel.windows) == NOTHING) & clear
    return np.asarray(possible.reshape(-1, n_firms).all(axis=1))


def holes_on_ordinary_days(
    panel: EventPanel, members: Int1D, index: pd.DatetimeIndex, other_days: Int1D | None = None
) -> tuple[int, pd.DataFrame]:
    """Return ``possible`` and ``holes`` of :class:`OrdinaryDays`, with the arguments of :func:`places_on_ordinary_days`."""
    returns, n_firms = panel.returns, len(members)
    everywhere, at, clear = _everywhere(panel, members, index, other_days)
    possible = _whole(panel, replace(returns, x=returns.x[:, :, :0]), everywhere, at, clear, n_firms)
    rows = {}
    for k in np.flatnonzero(np.isnan(returns.x).any(axis=(0, 1))):
        alone = replace(returns, x=returns.x[:, :, [k]])
        usable = _whole(panel, alone, everywhere, at, clear, n_firms)
        chosen, length = np.repeat(usable, n_firms), len(panel.windows.event)
        start = at[chosen] + panel.windows.event.start
        observed = ~np.isnan(alone.event_returns(everywhere[chosen], start, length))
        gaps = observed & np.isnan(alone.factor_returns(everywhere[chosen], start, length)[:, :, 0])
        incomplete = gaps.any(axis=1).reshape(-1, n_firms).any(axis=1).sum()
        if any(cost := (int(possible.sum() - usable.sum()), int(incomplete))):
            rows[panel.factors[k]] = cost
    holes = pd.DataFrame.from_dict(rows, orient="index", columns=["unusable", "incomplete"]).rename_axis("factor")
    return int(possible.sum()), holes


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
            tickers = tuple(panel.labels["ticker"].iloc[members])
            cost = holes_on_ordinary_days(panel, members, index, other_days)
            made[firms] = OrdinaryDays(sessions, portfolio_fit(places), places, tickers, *cost)
        answer.append(made[firms])
    return answer
