"""Equal-weighted portfolios of the firms of one event, as series of a panel that the engine fits like any other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from potash._typing import Float2D, Int1D
from potash.study.engine.panel import Panel, Sessions
from potash.study.engine.windows import Windows

# Firm-events whose windows are laid side by side at once.
CHUNK = 16384


@dataclass(frozen=True, slots=True)
class Portfolios:
    """The portfolios of ``m`` events: a panel, and the place of each event's portfolio in it, (m,) each."""

    panel: Panel
    series: Int1D
    day_zero: Int1D


def portfolios(
    panel: Panel, sessions: Sessions, series: Int1D, day_zero: Int1D, event: Int1D, windows: Windows
) -> Portfolios:
    """Return the equal-weighted portfolio of each event's firms, in event time: missing where a firm is missing.

    Parameters
    ----------
    panel, sessions
        Returns by series, and the sessions that they count.
    series, day_zero : ndarrays of shape (n,)
        Place of each firm-event.
    event : ndarray of shape (n,)
        Event of each firm-event, numbered from 0 to ``m - 1``.
    windows : Windows
        Of the study.

    Notes
    -----
    Firms that count the same sessions from the same day 0 have a portfolio whose return is a series as theirs are, made once
    for all events of the same firms. Where exchanges differ, or where it would be longer than the windows that are needed, the
    windows of each event are averaged instead.
    """
    order = np.argsort(event, kind="stable")
    first = np.flatnonzero(np.diff(event[order], prepend=-1))
    if not len(first):
        return Portfolios(panel, series, day_zero)
    place = sessions.of_series[series[order]] * panel.y.shape[1] + day_zero[order]
    span = windows.event.end - windows.estimation.start + 1
    if (place == np.repeat(place[first], np.diff(first, append=len(order)))).all():
        members = np.split(series[order], first[1:])
        groups: dict[tuple[int, ...], int] = {}
        number = np.array([groups.setdefault(tuple(firms), len(groups)) for firms in members])
        if len(groups) * panel.y.shape[1] <= max(len(first) * span, panel.y.size):
            return Portfolios(_of_firms(panel, list(groups)), number, day_zero[order][first])
    return _of_windows(panel, series[order], day_zero[order], first, -windows.estimation.start, span)


def _of_firms(panel: Panel, groups: list[tuple[int, ...]]) -> Panel:
    """Return a panel with the mean of each group of series."""
    chosen = [np.array(firms) for firms in groups]
    y = np.stack([panel.y[firms].mean(axis=0) for firms in chosen])
    same = panel.y_estimation is panel.y
    seen = y if same else np.stack([panel.y_estimation[firms].mean(axis=0) for firms in chosen])
    shared = all(len(set(panel.table[firms])) == 1 for firms in chosen)
    if shared:
        return Panel(y, panel.x, np.array([panel.table[firms[0]] for firms in chosen]), seen)
    return Panel(y, np.stack([panel.x[panel.table[firms]].mean(axis=0) for firms in chosen]), np.arange(len(y)), seen)


def _of_windows(panel: Panel, series: Int1D, day_zero: Int1D, first: Int1D, before: int, span: int) -> Portfolios:
    """Return a panel with a series of ``span`` sessions for each event, day 0 after ``before`` of them."""
    y, seen, x = [], [], []
    bounds = np.append(first, len(series))
    low = 0
    while low < len(first):
        high = max(int(np.searchsorted(bounds, bounds[low] + CHUNK, side="right")) - 1, low + 1)
        rows = slice(bounds[low], bounds[high])
        where, start, edges = series[rows], day_zero[rows] - before, first[low:high] - bounds[low]
        size = np.diff(bounds[low : high + 1])
        y.append(_means(panel.event_returns(where, start, span), edges, size))
        if panel.y_estimation is not panel.y:
            seen.append(_means(panel.estimation_returns(where, start, span), edges, size))
        x.append(_means(panel.factor_returns(where, start, span), edges, size))
        low = high
    returns, n = np.concatenate(y), len(first)
    whole = Panel(returns, np.concatenate(x), np.arange(n), np.concatenate(seen) if seen else returns)
    return Portfolios(whole, np.arange(n), np.full(n, before))


def _means(values: Float2D, edges: Int1D, size: Int1D) -> Float2D:
    sums = np.add.reduceat(values, edges, axis=0)
    return np.asarray(sums / size.reshape(-1, *[1] * (values.ndim - 1)))
