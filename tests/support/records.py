"""Articles, claims and events as records, made up in a line each."""

from pathlib import Path

from potash.news.records import (
    Article,
    Claim,
    DateMention,
    Publication,
    Reading,
    TimelineEvent,
)
from potash.news.tables.overrides import apply_overrides, read_overrides
from potash.news.tables.writing import timeline_tables

WHO = 'reason = "read the order itself"\nby = "A. Reader"\n'


def article(name, text="x" * 400, **fields):
    """Return an article of one paragraph, published on a Friday of 2024."""
    defaults = {"publisher": "The Daily Salt", "published": Publication("2024-05-10", "", "text"), **fields}
    return Article(name, Path(f"/somewhere/{name}.txt"), "", url="", text=text, paragraphs=(), **defaults)


def day(date, **fields):
    """Return a date as exact as it is written."""
    defaults = {
        "date_end": "",
        "precision": {10: "day", 7: "month", 4: "year", 0: "unresolved"}[len(date)],
        "rule": "told",
        **fields,
    }
    return DateMention(0, 10, date, **defaults)


def claim(name, start=0, end=40, **fields):
    """Return a claim of an article by its name."""
    defaults = {"kind": "output_cut", "authorities": ("Canada",), "goods": ("potash",), "status": "announced", **fields}
    return Claim(name, start, end, (start, start + 3), **defaults)


def event(event_id, claims, **fields):
    """Return an event that rests on claims."""
    defaults = {
        "title": f"Title of {event_id}", "kind": "output_cut", "status": "announced", "date": "2024-05-09",
        "date_end": "", "precision": "day", "time": "", "zone": "", "authorities": ("Canada",), "goods": ("potash",),
        "actors": (), "expected_direction": "positive", "relevance": "market", "confidence": "medium",
        "reasons": ("told by 1 article",), **fields,
    }  # fmt: skip
    return TimelineEvent(event_id, claims=tuple(claims), **defaults)


def reading_of(articles, events, **fields):
    """Return a reading whose claims all rest in events."""
    claims = tuple(claim for event in events for claim in event.claims)
    return Reading(tuple(articles), claims, tuple(events), **{"problems": (), "mentions": {}, **fields})


def two_events():
    """Return two events: the first told by the articles a and b, the second by c."""
    first = event("2024-05-09-cut", [claim("a"), claim("b")])
    second = event("2024-05-14-cut", [claim("c")], date="2024-05-14", status="done", goods=("phosphate",))
    return reading_of([article("a"), article("b"), article("c")], [first, second])


def entry(table, *lines):
    """Return a decision of an overrides file."""
    return f"[[{table}]]\n" + "".join(f"{line}\n" for line in lines) + WHO


def undecided(reading):
    """Return the events of a reading as they are, with no decision applied."""
    return apply_overrides(reading, read_overrides())


def evidence_of(reading, curated=None):
    """Return the rows of ``evidence.csv`` of a reading."""
    return timeline_tables(reading, curated or undecided(reading)).evidence.to_dict("records")


def facts(rows, **wanted):
    """Return (field, value, unit, role) of the rows that have the wanted values."""
    kept = [row for row in rows if all(row[name] == value for name, value in wanted.items())]
    return [(row["field"], row["value"], row["unit"], row["role"]) for row in kept]
