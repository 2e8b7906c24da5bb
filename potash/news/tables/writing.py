"""The timeline as files: events, the evidence behind them, and everything that did not get in, with why. No sentences."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from potash.errors import ReportError
from potash.files import new_folder, put_files
from potash.news.records import Article, Claim, Reading, TimelineEvent
from potash.news.tables.event_rows import EVENT_COLUMNS, checked_events, event_row
from potash.news.tables.evidence import evidence_table
from potash.news.tables.overrides import Curated

UNPLACED_COLUMNS = [
    "article_id", "start", "end", "kind", "status", "date", "authorities", "goods", "actors", "reason",
]  # fmt: skip
ARTICLE_COLUMNS = [
    "article_id", "publisher", "published", "zone", "found_in", "sources", "machine_written", "same_as",
]  # fmt: skip
PROBLEM_COLUMNS = ["file", "fatal", "reason"]
CURATED_COLUMNS = ["action", "event_id", "result", "detail", "reason", "by"]
FILES = ("events.csv", "evidence.csv", "unplaced.csv", "articles.csv", "problems.csv", "curated.csv")


@dataclass(frozen=True, slots=True)
class TimelineTables:
    """What a build writes, as frames of text and whole numbers.

    Attributes
    ----------
    events : DataFrame
        Columns of ``data/events.csv``, by date, then id; undated events last.
    evidence : DataFrame
        A row per event, claim and field; see :func:`potash.news.tables.evidence.evidence_table`.
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
    kept, refused = checked_events(curated.events)
    curated = replace(curated, events=tuple(kept))
    articles = _articles(reading, curated)
    return TimelineTables(
        events_table(curated),
        evidence_table(articles, curated),
        _unplaced_table(reading, curated, refused),
        _articles_table(articles.values()),
        _problems_table(reading, refused),
        _frame(((o.action, o.event_id, o.result, o.detail, o.reason, o.by) for o in curated.outcomes), CURATED_COLUMNS),
    )


def events_table(curated: Curated) -> pd.DataFrame:
    """Return the events with the columns of ``data/events.csv``, by date, then id; undated events last."""
    rows = [event_row(item, curated.evidence) for item in curated.events] + list(curated.context)
    # "~" sorts behind digits and hyphens: a month stands behind its days, a year behind its months.
    rows.sort(key=lambda row: (row["date"] + "~", row["event_id"]))
    return _frame(([row[name] for name in EVENT_COLUMNS] for row in rows), EVENT_COLUMNS)


def write_timeline(
    out: str | Path, tables: TimelineTables, more: Mapping[str, Callable[[Path], object]] | None = None
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
        new = new_folder(out)
        try:
            for name in FILES:
                frame: pd.DataFrame = getattr(tables, Path(name).stem)
                text = frame.to_csv(index=False, lineterminator="\n")
                (new / name).write_text(text, encoding="utf-8", newline="")
            for name, write in (more or {}).items():
                write(new / name)
            return put_files(new, out)
        finally:
            shutil.rmtree(new, ignore_errors=True)
    except OSError as error:
        raise ReportError(
            f"{out}: could not write the timeline: {error.strerror or error}. What stood there stands. Check the folder, "
            "or choose another with --out."
        ) from error


def _articles(reading: Reading, curated: Curated) -> dict[str, Article]:
    """Return the articles by id, with the publishers that people name."""
    return {
        article.article_id: replace(article, publisher=curated.publishers.get(article.article_id, article.publisher))
        for article in reading.articles
    }


def _unplaced_table(reading: Reading, curated: Curated, refused: Iterable[tuple[TimelineEvent, str]]) -> pd.DataFrame:
    rejected = [*reading.unplaced]
    for event, reason in (*curated.rejected, *refused):
        rejected += [(claim, f"{event.event_id}: {reason}") for claim in event.claims]
    articles = {article.article_id: article for article in reading.articles}
    rows = [(*_claim_row(claim, articles[claim.article_id]), reason) for claim, reason in rejected]
    return _frame(sorted(set(rows)), UNPLACED_COLUMNS)


def _claim_row(claim: Claim, article: Article) -> tuple[Any, ...]:
    date = claim.when.date if claim.when is not None else ""
    names = tuple("; ".join(names) for names in (claim.authorities, claim.goods, claim.actors))
    span = article.file_span(claim.start, claim.end)
    return (claim.article_id, *span, claim.kind, claim.status, date, *names)


def _articles_table(articles: Iterable[Article]) -> pd.DataFrame:
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
        for article in articles
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
