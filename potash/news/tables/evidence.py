"""The evidence behind events: what each claim says, field by field, with its place in the article. No sentences."""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pandas as pd

from potash.news.records import Article, Claim, Conflict, CuratedEvent, Publication, Quantity, TimelineEvent
from potash.news.tables.diff import contradicted, spellings, tells
from potash.news.tables.event_rows import event_row
from potash.news.tables.event_table import EVIDENCE_COLUMNS
from potash.news.tables.overrides import Curated

_BOUNDS = {"more than": ">", "less than": "<", "about": "~"}
_DATE_FIELDS = {"time": "date", "day": "date", "month": "month", "year": "year", "range": "period"}
_ROLES = {False: "supports", True: "contradicts"}
_NAMES = {"people": "who was freed", "figure": "number freed"}
# Words and workings of the reader, and no facts; tense and spellings stand where they are in conflict or unusual.
_NOT_FACTS = {"verb", "tense", "spellings", "heading", "news", "version"}
_MOST_WORDS = 9  # ten words in a row of a publisher are too many


def evidence_table(articles: Mapping[str, Article], curated: Curated) -> pd.DataFrame:
    """Return a row per event, claim and field.

    ``start`` and ``end`` are offsets in the article's file, end exclusive. Fields are ``status``, ``date`` (or ``month``,
    ``year``, ``period``, ``since`` and other bounds), ``time``, one per figure (its unit, and its role unless it is what the
    event moved), ``speaker``, ``target``, ``spelling of NAME`` where it is not the usual one, further facts of the claim, and
    those in conflict, such as ``tense`` (done, under way, to come). Versions of one date stand in the field ``date``
    whatever their precision. ``role`` is ``contradicts`` for a version that the event does not show (where it shows none:
    for all but the most told), else ``supports``. A value of more than nine words is cut.
    """
    rows: list[tuple[Any, ...]] = []
    for item in curated.events:
        rows += _evidence_of(item, articles)
    written = {item.event.event_id for item in curated.events} | {row["event_id"] for row in curated.context}
    for extra in (extra for extra in curated.evidence if extra["event_id"] in written):
        _, publisher, published = _source(articles[extra["article_id"]])
        row = {**extra, "publisher": publisher, "published": published, "value": _short(extra["value"])}
        rows.append(tuple(row[name] for name in EVIDENCE_COLUMNS))
    rows = sorted(set(rows), key=lambda row: (row[0], row[1], row[4], row[5], *row[6:]))
    return pd.DataFrame(rows, columns=EVIDENCE_COLUMNS)


def _evidence_of(item: CuratedEvent, articles: Mapping[str, Article]) -> Iterator[tuple[Any, ...]]:
    event = item.event
    against = contradicted(event, event_row(item), item.columns, articles)
    unclaimed = {
        (c.field, value, teller) for c in event.conflicts for value, tellers in c.versions for teller in tellers
    }
    for claim in event.claims:
        versions = [(c.field, v) for c in event.conflicts for v, _ in c.versions if tells(claim, c.field, v)]
        unclaimed -= {(name, value, claim.article_id) for name, value in versions}
        for name, value, unit in dict.fromkeys((*_facts(claim, event.conflicts), *_told(claim, versions))):
            yield _evidence_row(event, claim, articles, _ROLES[against(name, value)], name, value, unit)
    first = {claim.article_id: claim for claim in reversed(event.claims)}
    for name, value, teller in sorted(unclaimed):
        if teller in first:
            yield _evidence_row(event, first[teller], articles, _ROLES[against(name, value)], name, value, "")


def _told(claim: Claim, versions: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str, str]]:
    """Yield the versions of conflicts that a claim tells; a date with its end."""
    for name, value in versions:
        end = claim.when.date_end if name == "date" and claim.when is not None else ""
        yield name, f"{value}/{end}" if end and "/" not in value else value, ""


def _evidence_row(
    event: TimelineEvent, claim: Claim, articles: Mapping[str, Article], role: str, name: str, value: str, unit: str
) -> tuple[Any, ...]:
    article = articles[claim.article_id]
    span = article.file_span(claim.start, claim.end)
    return (event.event_id, *_source(article), *span, role, _NAMES.get(name, name), _short(value), _short(unit))


def _source(article: Article) -> tuple[str, str, str]:
    return article.article_id, article.publisher or "not named", _stamp(article.published)


def _facts(claim: Claim, conflicts: Iterable[Conflict]) -> Iterator[tuple[str, str, str]]:
    """Yield field, value and unit of what a claim says; versions of what is in conflict stand apart."""
    disputed = {(conflict.field, value) for conflict in conflicts for value, _ in conflict.versions}
    yield "status", claim.status, ""
    when = claim.when
    if when is not None and when.date:
        date = f"{when.date}/{when.date_end}" if when.date_end else when.date
        if ("date", when.date) not in disputed:
            yield when.bound or _DATE_FIELDS.get(when.precision, "date"), date, ""
        if when.time:
            yield "time", when.time, ""
    for quantity in claim.quantities:
        yield (
            _quantity_field(quantity),
            _BOUNDS.get(quantity.bound, "") + _number(quantity.value),
            _ascii(quantity.unit),
        )
    if claim.speaker:
        yield "speaker", claim.speaker, ""
    skipped = {*_NOT_FACTS, *(conflict.field for conflict in conflicts)}
    yield from ((name, value, "") for name, value in sorted(claim.fields.items()) if value and name not in skipped)
    for name, spelled in spellings(claim):
        if spelled.casefold() not in name.casefold().split():
            yield f"spelling of {name}", spelled, ""


def _ascii(unit: str) -> str:
    """Return a unit without accents, which one article writes and another does not."""
    plain = unicodedata.normalize("NFKD", unit)
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


def _quantity_field(quantity: Quantity) -> str:
    """Return the unit, with the role unless it is what the event moved, so that 2 days never seem to contradict 52 people."""
    unit = _ascii(quantity.unit)
    return unit if quantity.role == "flow" else f"{quantity.role} {unit}".strip()


def _number(value: float) -> str:
    return str(int(value)) if float(value).is_integer() else repr(float(value))


def _short(text: str) -> str:
    words = text.split()
    return " ".join(words) if len(words) <= _MOST_WORDS else " ".join(words[:_MOST_WORDS]) + " ..."


def _stamp(published: Publication) -> str:
    """Return ``2025-12-13T07:03-05:00`` where a time and its zone are known, else the date as it is."""
    if "T" not in published.date or not published.zone:
        return published.date
    if published.zone[0] in "+-":
        return published.date + published.zone
    try:
        zone = ZoneInfo(published.zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return published.date
    return dt.datetime.fromisoformat(published.date).replace(tzinfo=zone).isoformat(timespec="minutes")
