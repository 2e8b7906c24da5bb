"""Signed events of a study, each with its portfolio on every session of its stretch of prices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from potash._typing import Bool1D, Float2D, Int1D, Int2D
from potash.sessions import Window
from potash.study.alignment import day_numbers
from potash.study.answer.all_days import with_event
from potash.study.answer.event_volatility import scaled_cars
from potash.study.answer.pooled.shared_days import counted_days, own_errors, partial_cars
from potash.study.answer.pooled.shifts import (
    DateSets,
    PooledStatistics,
    date_sets,
    pooled_statistics,
    summed_statistics,
)
from potash.study.engine.window_fit import WindowFit
from potash.study.inference.correlation import residual_correlations
from potash.study.inputs import check_events
from potash.study.results import EventStudyResults
from potash.study.study import EventStudy

# Days between neighbouring sessions that can be studied from which on prices are two stretches.
HOLE = 40


@dataclass(frozen=True, eq=False)
class SignedEvents:
    """``n`` signed events of a study against one model, in the order of the study.

    Attributes
    ----------
    ids : list
        As in the events.
    signs : ndarray of shape (n,)
        +1 or -1.
    studies : list of EventStudy
        What each event is measured with: against the market, or against its controls too.
    tickers, controls : list of str
        Firms in each event's portfolio, and the controls it is measured against, with commas between them.
    sessions : DatetimeIndex of length n
        Day 0 (of the first firm where firms differ).
    days : ndarray of shape (n, W)
        Calendar days of the event windows, since 1970-01-01.
    days_estimation : ndarray of shape (n, L)
        Those of the estimation windows.
    correlation : ndarray of shape (n, n)
        Of the residuals of the events' portfolios on the same days; one where they have too few in common.
    fits : list of WindowFit
        Each event's portfolio on every session of its stretch; row ``k`` is ``k`` sessions later than day 0, circularly.
    stretch, lengths : ndarrays of shape (n,), (c,)
        Which stretch of prices each event lies in, and the sessions of each.
    event : Window
        Of the study.
    windows : tuple of ``m`` Window
        Those looked at.
    cars, std_errors : list of n ndarrays of shape (N, m)
        Of ``fits`` over the windows, at the volatility of the days around them: see ``own_errors``.
    """

    ids: list[Any]
    signs: Int1D
    studies: list[EventStudy]
    tickers: list[str]
    controls: list[str]
    sessions: pd.DatetimeIndex
    days: Int2D
    days_estimation: Int2D
    correlation: Float2D
    fits: list[WindowFit]
    stretch: Int1D
    lengths: Int1D
    event: Window
    windows: tuple[Window, ...]
    cars: list[Float2D]
    std_errors: list[Float2D]

    def only(self, rows: Bool1D | Sequence[int]) -> SignedEvents:
        """Return some of the events."""
        chosen = np.arange(len(self.ids))[np.asarray(rows)]
        lists: dict[str, Any] = {
            name: [getattr(self, name)[i] for i in chosen]
            for name in ("ids", "studies", "tickers", "controls", "fits", "cars", "std_errors")
        }
        arrays = {
            name: getattr(self, name)[chosen] for name in ("signs", "sessions", "days", "days_estimation", "stretch")
        }
        return replace(self, **lists, **arrays, correlation=self.correlation[np.ix_(chosen, chosen)])

    def at(self, window: Window) -> int:
        """Return the column of a window."""
        return self.windows.index(window)

    @property
    def own(self) -> WindowFit:
        """The fit of the events themselves, a row each."""
        # Without the coefficients: an event whose controls are all left out has one fewer.
        nothing = np.empty((len(self.ids), 0))
        parts = {
            name: None if getattr(self.fits[0], name) is None else np.stack([getattr(f, name)[0] for f in self.fits])
            for name in WindowFit.__dataclass_fields__
            if not name.startswith("param")
        }
        return WindowFit(params=nothing, param_std_errors=nothing, **parts)  # type: ignore[arg-type]

    def sets(self, seed: int = 0) -> DateSets:
        """Return the sets of dates that these events are compared with."""
        return date_sets(self.stretch, self.lengths, seed)

    def statistics(self, sets: DateSets) -> PooledStatistics:
        """Return the pooled statistics of all windows on each set of dates."""
        return pooled_statistics(self.cars, self.std_errors, self.signs, sets)

    def days_once(self, window: Window, sets: DateSets) -> tuple[float, float, int, Float2D]:
        """Return the effect of a window with each calendar day counted once.

        Returns
        -------
        effect : float
            Mean signed abnormal return of the days counted, times the sessions of the window.
        std_error : float
            Of it, scaled as in ``scaled_cars``.
        n_days : int
            Days counted.
        stats : ndarray of shape (1 + n_sets, 1)
            Their sum over its standard error at the events' own volatility, on each set of dates.
        """
        complete = [not np.isnan(std_errors[0, self.at(window)]) for std_errors in self.std_errors]
        events = self.only(np.array(complete))
        if not len(events.ids):
            return np.nan, np.nan, 0, np.full((len(sets.shifts), 1), np.nan)
        counted = counted_days(events.days, events.signs, events.event, window)
        rows = list(zip(events.fits, counted, strict=True))
        parts = [partial_cars(fit, events.event, window, row, own=True) for fit, row in rows]
        cars, std_errors = ([part[which][:, None] for part in parts] for which in (0, 1))
        chosen = replace(sets, stretch=sets.stretch[complete])
        stats = summed_statistics(cars, std_errors, events.signs, chosen)
        n_days = int(counted.sum())
        each = len(window) / n_days if n_days else np.nan
        total = sum(float(sign * car[0, 0]) for sign, car in zip(events.signs, cars, strict=True))
        scaled = [partial_cars(fit, events.event, window, row, own=False)[1][0] for fit, row in rows]
        spread = float(np.sqrt(np.sum(np.square(scaled))))
        return total * each, spread * each, n_days, stats


def signed_events(
    study: EventStudy,
    signs: pd.Series,
    windows: tuple[Window, ...],
    controls: bool,
    *,
    without: str = "",
    places: dict[Any, EventStudyResults] | None = None,
) -> SignedEvents:
    """Return the events of a study that have a sign, with their portfolios on all sessions.

    Parameters
    ----------
    study : EventStudy
        With the market model or another; it has at least one of the events.
    signs : Series
        ``event_id`` to +1 or -1.
    windows : tuple of Window
        Inside the event window.
    controls : bool
        Whether each event is measured against its controls too.
    without : str
        Ticker of a firm that is left out; events of this firm alone are then left out too.
    places : dict, optional
        Keeps what is made for all sessions, for further calls.

    Notes
    -----
    On another session the portfolio is that of the firms that were named for the event and can be studied on it. Sessions
    count that can be studied in all windows; where neighbouring ones are more than 40 days apart, a new stretch begins.
    """
    rows = check_events(study.events, [str(column) for column in study.returns.columns])
    places, event = {} if places is None else places, study.windows.event
    ids, studies, panels, keys = [], [], [], []
    for event_id in study.fit().event_ids:
        if event_id not in signs.index:
            continue
        counting = with_event(study, event_id) if controls else study
        labels = counting.fit().panel.labels
        members = (labels["event_id"] == event_id).to_numpy() & (labels["ticker"] != without).to_numpy()
        if not members.any():
            continue
        firms = tuple(rows.loc[rows["event_id"] == event_id, "ticker"])
        if (id(counting), firms) not in places:
            places[id(counting), firms] = _on_every_session(counting, firms, rows)
        ids.append(event_id)
        studies.append(counting)
        panels.append(counting.fit().panel.only(members))
        keys.append((id(counting), firms))
    groups = {key: _portfolios(places[key], without) for key in dict.fromkeys(keys)}
    sessions = pd.DatetimeIndex([panel.labels["session"].iloc[0] for panel in panels])
    possible = {key: days[_usable(fit, event, windows)] for key, (days, fit) in groups.items()}
    stretch, circles = _stretches(sessions, keys, possible)
    fits = []
    for i, (key, panel) in enumerate(zip(keys, panels, strict=True)):
        days, fit = groups[key]
        circle = circles[stretch[i]]
        at = np.roll(days.get_indexer(circle), -int(circle.get_loc(sessions[i])))
        fits.append(_rolled(fit, at, studies[i].portfolio_fit(panel)))
    days_estimation = np.stack([panel.days[0] for panel in panels])
    alike = residual_correlations(np.stack([fit.residuals[0] for fit in fits]), days_estimation)
    scaled = [[scaled_cars(fit, event, window).cars for window in windows] for fit in fits]
    errors = [[own_errors(fit, event, window) for window in windows] for fit in fits]
    return SignedEvents(
        ids=ids,
        signs=signs.loc[ids].to_numpy(dtype=np.int64),
        studies=studies,
        tickers=[",".join(panel.labels["ticker"]) for panel in panels],
        controls=[_controls(study, event_id, each) for event_id, each in zip(ids, studies, strict=True)],
        sessions=sessions,
        days=np.stack([panel.days_event[0] for panel in panels]),
        days_estimation=days_estimation,
        correlation=np.where(np.isnan(alike), 1.0, alike),
        fits=fits,
        stretch=stretch,
        lengths=np.array([len(circle) for circle in circles]),
        event=event,
        windows=windows,
        cars=[np.stack(row, axis=1) for row in scaled],
        std_errors=[np.stack(row, axis=1) for row in errors],
    )


def _controls(study: EventStudy, event_id: Any, counting: EventStudy) -> str:
    """Return the controls that an event is measured against; empty for the study's own model alone."""
    return "" if counting is study or study.controls is None else ",".join(study.controls.of_event(event_id))


def _on_every_session(study: EventStudy, firms: tuple[str, ...], rows: pd.DataFrame) -> EventStudyResults:
    """Return the results of some firms with each session as the day 0 of an event of its own."""
    columns = study.returns.set_axis(study.returns.columns.astype(str), axis=1)[list(firms)]
    days = columns.index[columns.notna().any(axis=1)]
    exchange = rows.drop_duplicates("ticker").set_index("ticker")["exchange"]
    events = pd.DataFrame(
        {
            "event_id": np.repeat(np.arange(len(days)), len(firms)),
            "ticker": list(firms) * len(days),
            "session": np.repeat(days, len(firms)),
            "exchange": list(exchange.reindex(list(firms))) * len(days),
        }
    )
    return study.changed(events=events).fit()


def _portfolios(results: EventStudyResults, without: str) -> tuple[pd.DatetimeIndex, WindowFit]:
    """Return the sessions on which a portfolio can be studied, and its fit on each, without one of the firms."""
    if not without:
        return pd.DatetimeIndex(results.portfolio_labels["session"]), results.portfolio_fit
    panel = results.panel.only((results.panel.labels["ticker"] != without).to_numpy())
    sessions = panel.labels.drop_duplicates("event_id")["session"]
    return pd.DatetimeIndex(sessions), results.study.portfolio_fit(panel)


def _usable(fit: WindowFit, event: Window, windows: tuple[Window, ...]) -> Bool1D:
    return np.all([~np.isnan(scaled_cars(fit, event, window).stats) for window in windows], axis=0)


def _stretches(
    sessions: pd.DatetimeIndex, keys: list[Any], possible: dict[Any, pd.DatetimeIndex]
) -> tuple[Int1D, list[pd.DatetimeIndex]]:
    """Return which stretch each event lies in (n,), and the sessions along which the events of each are shifted.

    Those on which all portfolios of the stretch's events can be studied, and day 0 of its events.
    """
    whole = sessions.unique()
    for days in possible.values():
        whole = whole.union(days)
    first = np.flatnonzero(np.diff(day_numbers(whole)) > HOLE) + 1
    number = np.searchsorted(first, whole.get_indexer(sessions), side="right")
    circles = []
    for lot, part in enumerate(np.split(np.arange(len(whole)), first)):
        circle = whole[part]
        members = [i for i in range(len(sessions)) if number[i] == lot]
        for key in {keys[i] for i in members}:
            circle = circle.intersection(possible[key])
        circles.append(circle.union(sessions[members]).unique())
    return number, circles


def _rolled(fit: WindowFit, at: Int1D, own: WindowFit) -> WindowFit:
    """Return rows of a fit, missing where there is none (-1), the first being the event's own."""
    parts: dict[str, Any] = {}
    for name in WindowFit.__dataclass_fields__:
        values, first = getattr(fit, name), getattr(own, name)
        if values is None:
            parts[name] = None
            continue
        rows = values[at]
        if rows.dtype.kind == "f":
            rows[at < 0] = np.nan
        rows[0] = first[0]
        parts[name] = rows
    return WindowFit(**parts)
