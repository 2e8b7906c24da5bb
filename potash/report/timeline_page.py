"""The timeline of a reading as one HTML page: each event opens to its evidence, quoted from the reader's own articles."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from potash.news.records import Article, Claim, Reading, TimelineEvent
from potash.report.pages.render import fill_alone

MOST_QUOTED = 600


def write_timeline_page(
    reading: Reading,
    path: str | Path,
    *,
    events: Iterable[TimelineEvent] | None = None,
    price_claims: pd.DataFrame | None = None,
) -> Path:
    """Write the timeline as one HTML page that loads nothing, and return its path.

    Parameters
    ----------
    reading : Reading
    path : path
        The page to write.
    events : iterable of TimelineEvent, optional
        The events to show, after overrides; those of the reading by default.
    price_claims : DataFrame, optional
        What articles say of prices beside what the prices did, from :func:`potash.report.price_claims.check_price_claims`.

    Notes
    -----
    The page quotes sentences of the articles: keep it where the articles may be kept.
    """
    articles = {article.article_id: article for article in reading.articles}
    dated = sorted(
        reading.events if events is None else events, key=lambda event: (event.date or "9999", event.event_id)
    )
    views = [_shown(event, articles) for event in dated]
    content = fill_alone(
        "timeline.html.j2",
        styles=("style.css", "timeline.css"),
        title="Timeline from articles",
        events=views,
        articles=[_article(article, reading) for article in reading.articles],
        problems=reading.problems,
        unplaced=[_claim(claim, articles[claim.article_id]) | {"reason": reason} for claim, reason in reading.unplaced],
        prices=[] if price_claims is None else price_claims.to_dict("records"),
    )
    out = Path(path)
    out.write_text(content, encoding="utf-8", newline="\n")
    return out


def _shown(event: TimelineEvent, articles: Mapping[str, Article]) -> dict[str, Any]:
    when = event.date or "no date"
    if event.date_end:
        when = f"{event.date} to {event.date_end}"
    if event.time:
        when += f" {event.time} {event.zone}".rstrip()
    return {
        "event_id": event.event_id, "title": event.title, "when": when, "precision": event.precision,
        "kind": event.kind.replace("_", " "), "scope": event.scope, "status": event.status,
        "confidence": event.confidence, "reasons": event.reasons,
        "articles": len({claim.article_id for claim in event.claims}),
        "conflicts": [
            (conflict.field, [(value, ", ".join(ids)) for value, ids in conflict.versions]) for conflict in event.conflicts
        ],
        "claims": _told(event.claims, articles),
    }  # fmt: skip


def _told(claims: Iterable[Claim], articles: Mapping[str, Article]) -> list[dict[str, Any]]:
    """Return the sentences behind an event, each once with all that it claims."""
    sentences: dict[tuple[str, int], dict[str, Any]] = {}
    for claim in claims:
        view = _claim(claim, articles[claim.article_id])
        sentence = sentences.setdefault((claim.article_id, claim.start), view)
        if sentence is not view:
            sentence["facts"] += [fact for fact in view["facts"] if fact not in sentence["facts"]]
    return list(sentences.values())


def _claim(claim: Claim, article: Article) -> dict[str, Any]:
    start, end = article.file_span(claim.start, claim.end)
    facts = [claim.status]
    if claim.when is not None:
        stated = article.text[claim.when.start : claim.when.end].strip()
        facts.append(f"{claim.when.date or 'no day'} ({stated + ': ' if stated else ''}{claim.when.rule})")
    facts += [_figure(q.value, q.unit, q.role) for q in claim.quantities]
    if claim.speaker:
        facts.append(f"said by {claim.speaker}")
    return {
        "article": article.article_id, "publisher": article.publisher or "publisher not named",
        "kind": claim.kind.replace("_", " "),
        "published": article.published.date.replace("T", " ") or "not stated",
        "start": start, "end": end, "facts": ["; ".join(facts)],
        "quote": _quote(article.text[claim.start : claim.end]),
    }  # fmt: skip


def _figure(value: float, unit: str, role: str) -> str:
    number = f"{value:,.2f}".rstrip("0").rstrip(".")
    return f"{number} {unit}" + ("" if role == "flow" else f" ({role})")


def _quote(text: str) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= MOST_QUOTED else plain[: MOST_QUOTED - 1].rsplit(" ", 1)[0] + " …"


def _article(article: Article, reading: Reading) -> dict[str, Any]:
    published = article.published
    note = ", ".join(part for part in (published.source, published.note) if part)
    claims = sum(claim.article_id == article.article_id for claim in reading.claims)
    return {
        "article": article.article_id, "publisher": article.publisher or "not named", "title": article.title,
        "published": f"{published.date.replace('T', ' ') or 'not stated'} {published.zone}".strip(),
        "found": note or "the article does not say",
        "sources": ", ".join(article.sources) or "none named", "claims": claims,
        "remark": "written by software" if article.machine_written else (f"repeats {article.same_as}" if article.same_as else ""),
    }  # fmt: skip
