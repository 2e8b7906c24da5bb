"""An event as a row of ``events.csv``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from potash.errors import EventsError
from potash.news.records import CuratedEvent, TimelineEvent
from potash.news.tables.event_table import TOLD_IN_ARTICLES, check_event_table

EVENT_COLUMNS = [
    "event_id", "date", "time", "zone", "precision", "date_end", "kind", "scope", "status", "expected_direction",
    "relevance", "origin", "basis", "chain_id", "title", "sources", "note", "internal_note", "confidence", "reasons",
]  # fmt: skip

_OFFSET = re.compile(r"([+-])(\d\d):00")


def event_columns(event: TimelineEvent) -> dict[str, str]:
    """Return an event as a row of ``events.csv``; ``sources`` are the articles that tell it."""
    # An event file takes no time without a zone; the evidence keeps what was told.
    timed = event.precision == "time" and bool(event.time and event.zone)
    return {
        "event_id": event.event_id,
        "date": event.date,
        "time": event.time if timed else "",
        "zone": _iana(event.zone),
        "precision": "day" if event.precision == "time" and not timed else event.precision,
        "date_end": event.date_end,
        "kind": event.kind,
        "scope": event.scope,
        "status": event.status,
        "expected_direction": event.expected_direction,
        "relevance": event.relevance,
        "origin": "articles",
        "basis": TOLD_IN_ARTICLES,
        "chain_id": "",
        "title": event.title,
        "sources": "; ".join(sorted({claim.article_id for claim in event.claims})),
        "note": "",
        "internal_note": "",
        "confidence": event.confidence,
        "reasons": "; ".join(event.reasons),
    }


def event_row(item: CuratedEvent, added: Iterable[Mapping[str, Any]] = ()) -> dict[str, str]:
    """Return an event's row; sources are the articles of its claims and of added evidence, then those that people name."""
    row = event_columns(item.event)
    tellers = {source for source in row["sources"].split("; ") if source}
    tellers |= {extra["article_id"] for extra in added if extra["event_id"] == item.event.event_id}
    stated = item.columns.get("sources", "").split("; ")
    more = [source for source in stated if source and source not in tellers]
    return {**row, **item.columns, "sources": "; ".join([*sorted(tellers), *more])}


def checked_row(row: Mapping[str, str], where: str) -> dict[str, str]:
    """Return a row of ``events.csv`` with its precision, taken from the date where it is empty.

    Raises
    ------
    EventsError
        If it breaks a rule of event files; ``where`` begins the message.
    """
    try:
        table = check_event_table(pd.DataFrame([row]), where)
    except EventsError as error:
        raise EventsError(str(error).replace(": line 0: ", ": ", 1)) from error
    return {str(name): str(value) for name, value in table.reset_index().iloc[0].items()}


def checked_events(items: tuple[CuratedEvent, ...]) -> tuple[list[CuratedEvent], list[tuple[TimelineEvent, str]]]:
    """Return the events that an event file may hold, and the others with the rule they break."""
    try:
        check_event_table(pd.DataFrame([event_row(item) for item in items], columns=EVENT_COLUMNS), "events")
    except EventsError:  # one check of all is much quicker than one of each
        pairs = [(item, _fault(item)) for item in items]
        return [item for item, why in pairs if not why], [(item.event, why) for item, why in pairs if why]
    return list(items), []


def _fault(item: CuratedEvent) -> str:
    try:
        checked_row(event_row(item), "left out")
    except EventsError as error:
        return str(error)
    return ""


def _iana(zone: str) -> str:
    """Return an IANA name for an offset of whole hours, whose sign IANA turns round; other zones as they are."""
    offset = _OFFSET.fullmatch(zone)
    return f"Etc/GMT{'-' if offset[1] == '+' else '+'}{int(offset[2])}" if offset else zone
