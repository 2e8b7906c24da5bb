"""Other news near a firm-event: its session, counted from day 0 on the security's own exchange."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import pandas as pd

from potash.calendars import calendar_range, sessions_between
from potash.sessions import Window

_Span: TypeAlias = tuple[pd.Timestamp, pd.Timestamp]
_Item: TypeAlias = tuple[dict[str, Any], _Span | None, frozenset[str]]

NEARBY_COLUMNS = [
    "event_id", "ticker", "offset", "date", "scope", "weight", "title", "note", "status", "sources",
    "timeline_event",
]  # fmt: skip


def near_each(aligned: pd.DataFrame, news: pd.DataFrame, window: Window) -> pd.DataFrame:
    """Return the news in the window around day 0 of each firm-event that has one, by event, ticker and offset.

    Parameters
    ----------
    aligned : DataFrame
        ``event_id``, ``ticker``, ``exchange`` and ``session`` of each firm-event.
    news : DataFrame
        ``date``, ``date_end``, ``tickers``, ``after_close``, ``scope``, ``weight``, ``title``, ``note``, ``status``,
        ``sources``, and ``timeline_event``: the id of the timeline's event that it is, which is no news to itself.
    window : Window
    """
    items = [(item, _span(item), frozenset(item["tickers"].split(";"))) for item in news.to_dict("records")]
    rows = [
        news_item
        for row in aligned.dropna(subset=["session"]).to_dict("records")
        for news_item in _near(row, items, window)
    ]
    frame = pd.DataFrame(rows, columns=NEARBY_COLUMNS).astype({"offset": "Int64"})
    return frame.sort_values(["event_id", "ticker", "offset"], kind="stable", ignore_index=True)


def same_as(confounders: pd.DataFrame, events: pd.DataFrame) -> pd.DataFrame:
    """Return the confounders with the id and title of the event that they tell too: same day, and a source in common."""
    dated = [
        (e["date"], set(e["sources"].split("; ")) - {""}, e["timeline_event"], e["title"])
        for e in events.to_dict("records")
    ]
    ids, titles = [], []
    for item in confounders.to_dict("records"):
        links = set(item["sources"].split("; ")) if item["scope"] == "sector" else set()
        same = ((i, title) for date, sources, i, title in dated if date == item["date"] and sources & links)
        event_id, title = next(same, ("", item["title"]))
        ids.append(event_id)
        titles.append(title)
    return confounders.assign(timeline_event=ids, title=titles)


def _near(row: dict[str, Any], items: Sequence[_Item], window: Window) -> list[tuple[Any, ...]]:
    """Return the news of one firm that fall into the window around its day 0; items come with their span and tickers."""
    day, ticker = row["session"], row["ticker"]
    margin = pd.Timedelta(days=3 * max(abs(window.start), abs(window.end)) + 15)
    low, high = calendar_range(row["exchange"])
    sessions = sessions_between(row["exchange"], max(day - margin, low), min(day + margin, high))
    zero = int(sessions.get_loc(day))
    near: list[tuple[Any, ...]] = []
    listed_ids: set[str] = set()
    for item, span, tickers in items:
        same = item["timeline_event"]
        if same == row["event_id"] or same in listed_ids:
            continue
        if item["tickers"] != "all" and ticker not in tickers:
            continue
        listed_ids |= {same} - {""}
        # The sessions reach farther than the window, so what lies beyond them is not in it.
        if span is None or span[1] < sessions[0] or span[0] > sessions[-1]:
            continue
        side = "right" if item["after_close"] == "yes" else "left"
        first, last = (int(sessions.searchsorted(edge, side=side)) - zero for edge in span)
        if first <= window.end and last >= window.start:
            offset = first if span[0] == span[1] else pd.NA
            date = f"{item['date']} to {item['date_end']}" if item["date_end"] else item["date"]
            facts = (item["scope"], item["weight"], item["title"], item["note"], item["status"], item["sources"], same)
            near.append((row["event_id"], ticker, offset, date, *facts))
    return near


def _span(item: dict[str, Any]) -> _Span | None:
    """Return the first and last day of a piece of news, or ``None`` if it has no date."""
    if not item["date"]:
        return None
    start = pd.Period(item["date"]).start_time.normalize()
    end = pd.Period(item["date_end"] or item["date"]).end_time.normalize()
    return start, end
