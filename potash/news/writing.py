"""The timeline as files: events, the evidence behind them, and everything that did not get in, with why. No sentences."""

from __future__ import annotations

import datetime as dt
import re
import tempfile
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pandas as pd

from potash.errors import EventsError, ReportError
from potash.news.differences import contradicted
from potash.news.events import check_event_table
from potash.news.records import Article, Claim, Found, Published, Quantity, Reading, TimelineEvent
from potash.news.timeline import EVIDENCE_COLUMNS

if TYPE_CHECKING:
    from potash.news.overrides import Curated, CuratedEvent

EVENT_COLUMNS = [
    "event_id", "date", "time", "zone", "precision", "date_end", "kind", "scope", "status", "expected_direction",
    "relevance", "origin", "title", "sources", "note",
]  # fmt: skip
UNPLACED_COLUMNS = [
    "article_id", "start", "end", "kind", "status", "date", "authorities", "goods", "actors", "reason",
]  # fmt: skip
ARTICLE_COLUMNS = [
    "article_id", "publisher", "published", "zone", "found_in", "sources", "machine_written", "same_as",
]  # fmt: skip
PROBLEM_COLUMNS = ["file", "fatal", "reason"]
CURATED_COLUMNS = ["action", "event_id", "result", "detail", "reason", "by"]
FILES = ("events.csv", "evidence.csv", "unplaced.csv", "articles.csv", "problems.csv", "curated.csv")

_BOUNDS = {"more than": ">", "less than": "<", "about": "~"}
_DATE_FIELDS = {"time": "date", "day": "date", "month": "month", "year": "year", "range": "period"}
_ROLES = {False: "supports", True: "contradicts"}
_MOST_WORDS = 9  # ten words in a row of a publisher are too many
_OFFSET = re.compile(r"([+-])(\d\d):00")


@dataclass(frozen=True, slots=True)
class TimelineTables:
    """What a build writes, as frames of text and whole numbers.

    Attributes
    ----------
    events : DataFrame
        Columns of ``data/events.csv``, by date, then id; undated events last.
    evidence : DataFrame
        A row per event, claim and field; see :func:`evidence_table`.
    unplaced : DataFrame
        Claims that rest in no event, each with the reason; offsets in the file.
    articles : DataFrame
        A row per article that was read, with where its date was found.
    problems : DataFrame
        Files that could not be read, and doubts about others; ``fatal`` is yes or no.
    curated : DataFrame
        What each override did: ``action``, ``event_id``, ``result`` (applied or unused), ``detail``, ``reason``, ``by``.
    """

    events: pd.DataFrame
    evidence: pd.DataFrame
    unplaced: pd.DataFrame
    articles: pd.DataFrame
    problems: pd.DataFrame
    curated: pd.DataFrame


def timeline_tables(reading: Reading, curated: Curated) -> TimelineTables:
    """Return every table of a build.

    An event that breaks a rule of event files (a time that does not exist) is left out, and ``problems`` says so.
    """
    kept, refused = _checked(curated.events)
    curated = replace(curated, events=tuple(kept))
    return TimelineTables(
        events_table(curated),
        evidence_table(reading, curated),
        _unplaced_table(reading, curated, refused),
        _articles_table(reading),
        _problems_table(reading, refused),
        _frame(((o.action, o.event_id, o.result, o.detail, o.reason, o.by) for o in curated.outcomes), CURATED_COLUMNS),
    )


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
        "title": event.title,
        "sources": "; ".join(sorted({claim.article_id for claim in event.claims})),
        "note": f"confidence {event.confidence}" + "".join(f"; {reason}" for reason in event.reasons),
    }


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


def events_table(curated: Curated) -> pd.DataFrame:
    """Return the events with the columns of ``data/events.csv``, by date, then id; undated events last."""
    rows = [_row(item) for item in curated.events] + list(curated.context)
    # "~" sorts behind digits and hyphens: a month stands behind its days, a year behind its months.
    rows.sort(key=lambda row: (row["date"] + "~", row["event_id"]))
    return _frame(([row[name] for name in EVENT_COLUMNS] for row in rows), EVENT_COLUMNS)


def evidence_table(reading: Reading, curated: Curated) -> pd.DataFrame:
    """Return a row per event, claim and field.

    ``start`` and ``end`` are offsets in the article's file, end exclusive. Fields are ``status``, ``date`` (or ``month``,
    ``year``, ``period``, ``since`` and other bounds), ``time``, one per figure (its unit, and its role unless it is what the
    event moved), ``speaker``, ``spelling of NAME``, further facts of the claim, and those in conflict. ``role`` is
    ``contradicts`` for a version that the event does not show (where it shows none: for all but the most told), else
    ``supports``. A value of more than nine words is cut.
    """
    rows: list[tuple[Any, ...]] = []
    articles = {article.article_id: article for article in reading.articles}
    for item in curated.events:
        rows += _evidence_of(item, reading, articles)
    written = {item.event.event_id for item in curated.events} | {row["event_id"] for row in curated.context}
    for extra in (extra for extra in curated.evidence if extra["event_id"] in written):
        _, publisher, published = _source(articles[extra["article_id"]])
        row = {**extra, "publisher": publisher, "published": published, "value": _short(extra["value"])}
        rows.append(tuple(row[name] for name in EVIDENCE_COLUMNS))
    rows = sorted(set(rows), key=lambda row: (row[0], row[1], row[4], row[5], *row[6:]))
    return _frame(rows, EVIDENCE_COLUMNS)


def write_timeline(
    out: str | Path, tables: TimelineTables, others: Mapping[str, Callable[[Path], object]] | None = None
) -> tuple[Path, ...]:
    """Write the tables of a build into a folder, all or none; the same tables give the same bytes.

    Parameters
    ----------
    out : path
        The folder; made if it is missing. Files of other names in it stay as they are.
    tables : TimelineTables
    others : mapping of name to function, optional
        Further files: each function writes its file to the path it is given.

    Returns
    -------
    tuple of Path
        The files.

    Raises
    ------
    ReportError
        If a file cannot be written. What stood in ``out`` stands there still, after any other failure too.
    """
    out = Path(out)
    try:
        out.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".building-", dir=out) as folder:
            new, old = Path(folder, "new"), Path(folder, "old")
            new.mkdir()
            old.mkdir()
            for name in FILES:
                frame: pd.DataFrame = getattr(tables, Path(name).stem)
                text = frame.to_csv(index=False, lineterminator="\n")
                (new / name).write_text(text, encoding="utf-8", newline="")
            for name, write in (others or {}).items():
                write(new / name)
            return _put(sorted(path.name for path in new.iterdir()), new, old, out)
    except OSError as error:
        raise ReportError(
            f"{out}: could not write the timeline: {error.strerror or error}. What stood there stands. Check the folder, "
            "or choose another with --out."
        ) from error


def _put(names: list[str], new: Path, old: Path, out: Path) -> tuple[Path, ...]:
    """Put new files in place of old ones; if anything stops that, put the old ones back."""
    try:
        for name in names:
            if (out / name).exists():
                (out / name).replace(old / name)
            (new / name).replace(out / name)
    except BaseException:
        for name in names:
            if not (new / name).exists():
                (out / name).unlink(missing_ok=True)
            if (old / name).exists():
                (old / name).replace(out / name)
        raise
    return tuple(out / name for name in names)


def _row(item: CuratedEvent) -> dict[str, str]:
    row = event_columns(item.event)
    told = row["sources"].split("; ") if row["sources"] else []
    set_by_people = item.columns.get("sources", "")
    more = [source for source in set_by_people.split("; ") if source and source not in told]
    return {**row, **item.columns, "sources": "; ".join(told + more)}


def _checked(items: tuple[CuratedEvent, ...]) -> tuple[list[CuratedEvent], list[tuple[TimelineEvent, str]]]:
    """Return the events that an event file may hold, and the others with the rule they break."""
    try:
        check_event_table(pd.DataFrame([_row(item) for item in items], columns=EVENT_COLUMNS), "events")
    except EventsError:  # one check of all is much quicker than one of each
        pairs = [(item, _fault(item)) for item in items]
        return [item for item, why in pairs if not why], [(item.event, why) for item, why in pairs if why]
    return list(items), []


def _fault(item: CuratedEvent) -> str:
    try:
        checked_row(_row(item), "left out")
    except EventsError as error:
        return str(error)
    return ""


def _evidence_of(item: CuratedEvent, reading: Reading, articles: Mapping[str, Article]) -> Iterator[tuple[Any, ...]]:
    event = item.event
    against = contradicted(event, _row(item), item.columns, articles)
    disputed = {conflict.field for conflict in event.conflicts}
    told: set[tuple[str, str, str]] = set()
    for claim in event.claims:
        facts = _facts(claim, articles[claim.article_id], reading.found.get(claim.article_id), disputed)
        for name, value, unit in facts:
            told.add((name, value, claim.article_id))
            yield _evidence_row(event, claim, articles, _ROLES[against(name, value)], name, value, unit)
    first = {claim.article_id: claim for claim in reversed(event.claims)}
    for conflict in event.conflicts:
        for value, tellers in conflict.versions:
            role = _ROLES[against(conflict.field, value)]
            for claim in (first[teller] for teller in tellers if teller in first):
                if (conflict.field, value, claim.article_id) not in told:
                    yield _evidence_row(event, claim, articles, role, conflict.field, value, "")


def _evidence_row(
    event: TimelineEvent, claim: Claim, articles: Mapping[str, Article], role: str, name: str, value: str, unit: str
) -> tuple[Any, ...]:
    article = articles[claim.article_id]
    span = article.file_span(claim.start, claim.end)
    return (event.event_id, *_source(article), *span, role, name, _short(value), _short(unit))


def _source(article: Article) -> tuple[str, str, str]:
    return article.article_id, article.publisher or "not named", _stamp(article.published)


def _facts(
    claim: Claim, article: Article, found: Found | None, disputed: Collection[str]
) -> Iterator[tuple[str, str, str]]:
    """Yield field, value and unit of what a claim says."""
    yield "status", claim.status, ""
    when = claim.when
    if when is not None and when.date:
        date = f"{when.date}/{when.date_end}" if when.date_end else when.date
        yield when.bound or _DATE_FIELDS.get(when.precision, "date"), date, ""
        if when.time:
            yield "time", when.time, ""
    for quantity in claim.quantities:
        yield _quantity_field(quantity), _BOUNDS.get(quantity.bound, "") + _number(quantity.value), quantity.unit
    if claim.speaker:
        yield "speaker", claim.speaker, ""
    # The versions of what is disputed are told by its conflict; verb, tense and spellings are words and not facts.
    skipped = {*disputed, "verb", "tense", "spellings"}
    yield from ((name, value, "") for name, value in sorted(claim.fields.items()) if value and name not in skipped)
    yield from ((f"spelling of {name}", spelled, "") for name, spelled in _spellings(claim, article, found))


def _spellings(claim: Claim, article: Article, found: Found | None) -> Iterator[tuple[str, str]]:
    """Yield actors whose name stands in the claim in other letters than in the lexicon; a surname alone is no other name."""
    for start, end, name in found.actors if found is not None else ():
        if name not in claim.actors or start < claim.start or end > claim.end:
            continue
        spelled = " ".join(article.text[start:end].split())
        if not set(_words(spelled)) <= set(_words(name)):
            yield name, spelled


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold().replace("'s", "").replace("’s", ""))


def _quantity_field(quantity: Quantity) -> str:
    """Return the unit, with the role unless it is what the event moved, so that 2 days never seem to contradict 52 people."""
    return quantity.unit if quantity.role == "flow" else f"{quantity.role} {quantity.unit}".strip()


def _number(value: float) -> str:
    return str(int(value)) if float(value).is_integer() else repr(float(value))


def _short(text: str) -> str:
    words = text.split()
    return " ".join(words) if len(words) <= _MOST_WORDS else " ".join(words[:_MOST_WORDS]) + " ..."


def _stamp(published: Published) -> str:
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


def _iana(zone: str) -> str:
    """Return an IANA name for an offset of whole hours, whose sign IANA turns round; other zones as they are."""
    found = _OFFSET.fullmatch(zone)
    return f"Etc/GMT{'-' if found[1] == '+' else '+'}{int(found[2])}" if found else zone


def _unplaced_table(reading: Reading, curated: Curated, refused: Iterable[tuple[TimelineEvent, str]]) -> pd.DataFrame:
    left = [*reading.unplaced]
    for event, reason in (*curated.rejected, *refused):
        left += [(claim, f"{event.event_id}: {reason}") for claim in event.claims]
    articles = {article.article_id: article for article in reading.articles}
    rows = [(*_claim_row(claim, articles[claim.article_id]), reason) for claim, reason in left]
    return _frame(sorted(set(rows)), UNPLACED_COLUMNS)


def _claim_row(claim: Claim, article: Article) -> tuple[Any, ...]:
    date = claim.when.date if claim.when is not None else ""
    names = tuple("; ".join(names) for names in (claim.authorities, claim.goods, claim.actors))
    span = article.file_span(claim.start, claim.end)
    return (claim.article_id, *span, claim.kind, claim.status, date, *names)


def _articles_table(reading: Reading) -> pd.DataFrame:
    rows = [
        (
            article.article_id,
            article.publisher,
            article.published.date,
            article.published.zone,
            article.published.source,
            "; ".join(article.sources),
            "yes" if article.machine_written else "no",
            article.same_as,
        )
        for article in reading.articles
    ]
    return _frame(sorted(rows), ARTICLE_COLUMNS)


def _problems_table(reading: Reading, refused: Iterable[tuple[TimelineEvent, str]]) -> pd.DataFrame:
    rows = [(problem.path.name, "yes" if problem.fatal else "no", problem.reason) for problem in reading.problems]
    for event, reason in refused:
        rows += [
            (reading.article(article).path.name, "no", reason)
            for article in {claim.article_id for claim in event.claims}
        ]
    return _frame(sorted(rows), PROBLEM_COLUMNS)


def _frame(rows: Iterable[Iterable[Any]], columns: list[str]) -> pd.DataFrame:
    return pd.DataFrame([list(row) for row in rows], columns=columns)
