"""Reading and checking event files: dates with their precision, zones, ids."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pandas as pd

from potash.errors import EventsError, close_to, listed
from potash.files import read_text_table
from potash.sessions import check_zone

PRECISIONS = ("time", "day", "month", "year", "range", "unresolved")
DIRECTIONS = ("positive", "negative", "none", "unclear")
RELEVANCES = ("headline", "market", "background")
TOLD_IN_ARTICLES, PRICE_COMMENTARY = "announcement in the articles", "known from price commentary"
# Why an event is in the list. What is there because prices moved cannot prove that prices move.
BASES = ("legal act", TOLD_IN_ARTICLES, "announcement elsewhere", PRICE_COMMENTARY)
EVIDENCE_COLUMNS = [
    "event_id", "article_id", "publisher", "published", "start", "end", "role", "field", "value", "unit",
]  # fmt: skip

# What a column holds where a user's file does not have it.
_DEFAULTS = {
    "time": "", "zone": "", "precision": "", "date_end": "", "kind": "", "scope": "", "status": "",
    "expected_direction": "unclear", "relevance": "market", "origin": "", "basis": "", "chain_id": "", "title": "",
    "sources": "", "note": "", "internal_note": "", "confidence": "", "reasons": "",
}  # fmt: skip

_ALLOWED = {
    "precision": PRECISIONS, "expected_direction": DIRECTIONS, "relevance": RELEVANCES, "basis": BASES,
}  # fmt: skip
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?")
_SHAPES = {
    "day": re.compile(r"\d{4}-\d{2}-\d{2}"),
    "month": re.compile(r"\d{4}-\d{2}"),
    "year": re.compile(r"\d{4}"),
}


def read_table(path: Path, what: str) -> pd.DataFrame:
    """Return a CSV as text columns indexed by line, empty cells as empty text; see :func:`read_text_table`."""
    hint = "A comma inside a cell needs quotes around the cell."
    return read_text_table(path, what, EventsError, hint=hint, pad=True).frame()


def check_event_table(frame: pd.DataFrame, where: str) -> pd.DataFrame:
    """Return events indexed by ``event_id`` with every column of the timeline, checked.

    Required are ``event_id`` and ``date``; the precision is read from the shape of the date where no column states it.

    Raises
    ------
    EventsError
        Naming every row that breaks a rule (up to eight), with its line in the file.
    """
    absent = [column for column in ("event_id", "date") if column not in frame]
    if absent:
        columns = listed(frame.columns, 20)
        raise EventsError(
            f"{where}: no column {listed(absent)}; found {columns}. Events need event_id and date (YYYY-MM-DD)."
        )
    table = frame.assign(**{name: value for name, value in _DEFAULTS.items() if name not in frame})
    table["precision"] = [
        p or _implied(d, t, e)
        for p, d, t, e in table[["precision", "date", "time", "date_end"]].itertuples(index=False)
    ]
    for name in ("expected_direction", "relevance"):
        table[name] = table[name].where(table[name] != "", _DEFAULTS[name])
    table["title"] = table["title"].where(table["title"] != "", table["event_id"])
    problems = [
        f"line {line}: {problem}"
        for line, row in zip(table.index, table.to_dict("records"), strict=True)
        if (problem := _problem({str(k): str(v) for k, v in row.items()}))
    ]
    twice = table.loc[table["event_id"].duplicated() & (table["event_id"] != ""), "event_id"]
    problems += [f"line {index}: event_id {value!r} stands more than once" for index, value in twice.items()]
    if problems:
        raise EventsError(
            f"{where}: {listed(p.rstrip('.') for p in problems)}. Correct {'it' if len(problems) == 1 else 'them'} and run again."
        )
    return table.set_index("event_id")


def _implied(date: str, time: str, end: str) -> str:
    if time:
        return "time"
    if end:
        return "range"
    return next((name for name, shape in _SHAPES.items() if shape.fullmatch(date)), "day")


def _problem(row: dict[str, str]) -> str:
    """Return what is wrong with one event, or an empty text."""
    if not row["event_id"]:
        return "no event_id"
    name = f"event {row['event_id']!r}: "
    for column, allowed in _ALLOWED.items():
        if row[column] not in allowed and (row[column] or column != "basis"):
            return f"{name}{column} {row[column]!r}{close_to(row[column], allowed)} is not one of {', '.join(allowed)}"
    if row["chain_id"] and not _SLUG.fullmatch(row["chain_id"]):
        example = "us-potash-relief-2025"
        return f"{name}chain_id {row['chain_id']!r} is no id; write small letters, digits and hyphens ({example})"
    return next((name + fault for fault in (_date_problem(row), _zone_problem(row)) if fault), "")


def _date_problem(row: dict[str, str]) -> str:
    date, precision = row["date"], row["precision"]
    if precision == "unresolved":
        return f"precision is unresolved, yet there is a date {date!r}" if date else ""
    if not date:
        return "no date; write YYYY-MM-DD, or precision unresolved if no one knows it"
    precision_of_date = "day" if precision == "time" else precision
    shapes = [_SHAPES[precision_of_date]] if precision_of_date in _SHAPES else list(_SHAPES.values())
    if not any(shape.fullmatch(date) for shape in shapes):
        return f"date {date!r} is not of precision {precision}; write YYYY-MM-DD (2025-12-13), never DD/MM or MM/DD"
    if not is_date(date):
        return f"date {date!r} does not exist"
    if precision == "range":
        end = row["date_end"]
        if not end or not any(shape.fullmatch(end) for shape in _SHAPES.values()) or not is_date(end):
            return f"a range needs a date_end that exists, found {end!r}"
        if end < date[: len(end)]:
            return f"the range ends on {end} before it starts on {date}"
    return ""


def is_date(date: str) -> bool:
    """Return whether YYYY-MM-DD, YYYY-MM or YYYY names a day, month or year that exists."""
    try:
        dt.date.fromisoformat((date + "-01-01")[:10])
    except ValueError:
        return False
    return True


def _zone_problem(row: dict[str, str]) -> str:
    if row["precision"] == "time" and not row["time"]:
        return "precision is time, yet there is no time"
    if row["time"]:
        if not _TIME.fullmatch(row["time"]):
            return f"time {row['time']!r} is not HH:MM"
        if row["precision"] != "time":
            return f"there is a time, so precision must be time and not {row['precision']}"
        if not row["zone"]:
            return f"time {row['time']} needs a zone, for example America/New_York"
    if row["zone"]:
        try:
            check_zone(row["zone"])
        except EventsError as error:
            return str(error)
    return ""
