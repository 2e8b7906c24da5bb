"""A folder of articles becomes a timeline: read, date pages without a date, merge claims, and say how sure each event is."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from potash.news.articles.reading import read_articles, repeated_sentences
from potash.news.claims.extraction import read_claims
from potash.news.events.clusters import Cluster
from potash.news.events.merging import MEASURES, independent_chains, merge
from potash.news.language.lexicon import Lexicon, load_lexicon
from potash.news.records import (
    STATUSES,
    Article,
    Claim,
    Conflict,
    DateMention,
    Mentions,
    Problem,
    Publication,
    Quantity,
    Reading,
    TimelineEvent,
)
from potash.news.tables.diff import TENSES, spellings

# What must agree before an undated page is dated by others: a day of the month counts two, a weekday or a figure one.
ENOUGH_TO_DATE = 2
_ONLY_ONE = {"time", "day", "range"}


def read_timeline(
    sources: str | Path | Sequence[str | Path],
    *,
    today: dt.date | None = None,
    published: Mapping[str, str] | None = None,
    lexicon: str | Path | None = None,
    progress: Callable[[int, int, Path], None] | None = None,
) -> Reading:
    """Read articles and return their claims and the events that they tell.

    Parameters
    ----------
    sources : path or sequence of paths
        A folder of .txt, .md and .html files, one file, or a list of both.
    today : date, optional
        Articles that say they are of a later day are not read.
    published : mapping, optional
        Day of publication by article id (``{"page": "2025-12-13"}``), over whatever the article says.
    lexicon : path, optional
        A TOML file that adds to the built-in lexicon.
    progress : callable, optional
        Called with the number of files done, of all files, and the file: opening them is half of the work.

    Raises
    ------
    ArticleError
        If ``sources`` hold no article at all. A file that cannot be read is a problem of the reading and stops nothing.
    EventsError
        If the lexicon breaks a rule.

    Notes
    -----
    A page that does not say when it appeared is dated by the others if it tells news of theirs on a day that fits: the
    13th, a Saturday, the same number of people. The day then carries the source ``other articles``. Where nothing fits,
    relative dates stay unresolved.
    """
    words = load_lexicon(Path(lexicon) if lexicon is not None else None)
    halves = _Halves(progress)
    batch = read_articles(sources, today=today, published=published, progress=halves.first)
    articles = {article.article_id: article for article in batch.articles}
    claims: dict[str, list[Claim]] = {}
    mentions: dict[str, Mentions] = {}
    for number, (name, article) in enumerate(articles.items(), 1):
        claims[name], mentions[name] = _read(article, words)
        halves.second(number, len(articles), article.path)
    for name, article in articles.items():
        if article.published.day is None:
            dated = _dated_by_others(article, claims, articles, words)
            if dated is not None:
                articles[name] = dated
                claims[name], mentions[name] = _read(dated, words)
    undated = tuple(_undated(article) for article in articles.values() if article.published.day is None)
    originals = [claim for name in articles for claim in claims[name] if not articles[name].same_as]
    clusters, unplaced = merge(originals, articles.values(), words)
    events = _events(clusters, articles, words)
    return Reading(
        tuple(articles.values()), tuple(originals), events, (*batch.problems, *undated), mentions, tuple(unplaced)
    )


def _undated(article: Article) -> Problem:
    reason = f"does not say when it appeared, so its relative dates stay open. Give it, as --published {article.article_id}=DATE."
    return Problem(article.path, f"{article.path.name} {reason}", fatal=False)


class _Halves:
    """Progress over two passes, to open the files and to read them: each counts for half."""

    def __init__(self, tell: Callable[[int, int, Path], None] | None) -> None:
        self.tell, self.files = tell, 0

    def first(self, done: int, total: int, path: Path) -> None:
        """Say that a file was opened."""
        self.files = total
        if self.tell is not None:
            self.tell(done // 2, total, path)

    def second(self, done: int, total: int, path: Path) -> None:
        """Say that an article was read; files that could not be read count as done."""
        if self.tell is not None:
            opened = self.files // 2
            self.tell(opened + done * (self.files - opened) // total, self.files, path)


def _read(article: Article, lexicon: Lexicon) -> tuple[list[Claim], Mentions]:
    return read_claims(article, lexicon, repeated_sentences(article))


def _dated_by_others(
    article: Article, claims: Mapping[str, list[Claim]], articles: Mapping[str, Article], lexicon: Lexicon
) -> Article | None:
    """Return an undated article with the day of publication that other articles' news implies, or ``None``."""
    left_open = [claim for claim in claims[article.article_id] if claim.when is not None and not claim.when.date]
    dated_claims = [
        claim
        for name, content in claims.items()
        if articles[name].published.source not in {"", "other articles"}
        for claim in content
        if claim.foreground
        and claim.when is not None
        and claim.when.precision in {"day", "time"}
        and any(_same_matter(open_claim, claim) for open_claim in left_open)
    ]
    open_before = {_place(claim) for claim in left_open}
    best: tuple[int, str, str] = (0, "", "")
    for day in sorted({claim.when.date for claim in dated_claims if claim.when is not None}):
        trial = replace(article, published=Publication(day, "", "other articles"))
        resolved = [c for c in _read(trial, lexicon)[0] if _place(c) in open_before]
        votes, witness = _agreement(
            trial, resolved, [c for c in dated_claims if c.when is not None and c.when.date == day]
        )
        if votes > best[0]:
            best = votes, day, witness
    if best[0] < ENOUGH_TO_DATE:
        return None
    note = f"dated by {best[2]}, which tells the same news"
    return replace(article, published=Publication(best[1], "", "other articles", note))


def _place(claim: Claim) -> tuple[int, int, str]:
    return claim.start, claim.trigger[0], claim.kind


def _agreement(trial: Article, resolved: Iterable[Claim], of_day: Sequence[Claim]) -> tuple[int, str]:
    """Return how much claims whose relative dates the trial day resolves agree with claims of that day."""
    votes, witness = 0, ""
    for claim in resolved:
        for other in of_day:
            if not _same_news(claim, other):
                continue
            assert claim.when is not None
            words = trial.text[claim.when.start : claim.when.end]
            weight = 2 if re.search(r"\d", words) else 1
            weight += bool({q.value for q in claim.quantities} & {q.value for q in other.quantities})
            if weight > votes:
                votes, witness = weight, other.article_id
    return votes, witness


def _same_news(claim: Claim, other: Claim) -> bool:
    if claim.when is None or other.when is None or not _same_matter(claim, other):
        return False
    return claim.when.date == other.when.date and claim.when.precision == "day"


def _same_matter(claim: Claim, other: Claim) -> bool:
    if claim.kind != other.kind or claim.kind == "statement":
        return False
    goods = set(claim.goods) & set(other.goods) or not (claim.goods or other.goods)
    parties = set(claim.authorities) & set(other.authorities)
    return bool(goods and parties)


def _events(
    clusters: Iterable[Cluster], articles: Mapping[str, Article], lexicon: Lexicon
) -> tuple[TimelineEvent, ...]:
    events = [_event(cluster, articles, lexicon) for cluster in clusters]
    events.sort(key=lambda e: (e.date or "9999", e.event_id, e.claims[0].article_id, e.claims[0].start))
    count: Counter[str] = Counter()
    out = []
    for event in events:
        count[event.event_id] += 1
        number = count[event.event_id]
        out.append(event if number == 1 else replace(event, event_id=f"{event.event_id}-{number}"))
    return tuple(out)


def _event(cluster: Cluster, articles: Mapping[str, Article], lexicon: Lexicon) -> TimelineEvent:
    when = _as_event_date(cluster.when, max(_days(cluster, articles), default=""))
    claims = tuple(sorted(cluster.claims, key=lambda c: (c.article_id, c.start)))
    rule = when.rule if when else "no article dates it"
    if when is None:
        when, rule = _told_as_news(claims)
    authorities, goods, actors = (_by_votes(claims, name) for name in ("authorities", "goods", "actors"))
    targets = _by_votes(claims, "target")
    quantities = _quantities(claims)
    kind = cluster.kind
    names = {
        "who": _listed(authorities), "what": _listed(goods or targets) or "general", "actors": _listed(actors or authorities),
        "number": f"{quantities[0].value:,.0f}" if quantities else "", "unit": quantities[0].unit if quantities else "prisoners",
        "speaker": claims[0].speaker, "verb": next((c.fields["verb"] for c in claims if c.fields.get("verb")), kind),
        "about": f" ({_listed([n for n in (*goods, *authorities) if n != claims[0].speaker])})" if goods or authorities else "",
    }  # fmt: skip
    title = " ".join(lexicon.titles[kind].format(**names).split()).strip(" ;:,").replace(": ; ", ": ")
    claims = _with_roles(claims, quantities)
    conflicts = _conflicts(claims)
    confidence, reasons = _confidence(claims, when, rule, conflicts, articles)
    direction = lexicon.directions.get(kind, "none") if {"potash", "fertilizer"} & set(goods) else "none"
    published = articles[claims[0].article_id].published
    return TimelineEvent(
        event_id=_event_id(kind, when, authorities, goods or targets, names, actors), title=title, kind=kind,
        status=_status(claims), date=when.date if when else "", date_end=when.date_end if when else "",
        precision=when.precision if when else "unresolved",
        time=when.time if when else "", zone=published.zone if when and when.time else "", authorities=authorities, goods=goods,
        actors=actors, expected_direction=direction, relevance="market" if direction != "none" and when else "background",
        confidence=confidence, reasons=reasons, claims=claims, conflicts=conflicts, quantities=quantities,
        targets=targets,
    )  # fmt: skip


def _days(cluster: Cluster, articles: Mapping[str, Article]) -> list[str]:
    """Return the days of publication behind a total."""
    totals = {c.article_id for c in cluster.claims if c.status == "aggregate"}
    return [articles[i].published.date[:10] for i in totals if articles[i].published.date]


def _as_event_date(when: DateMention | None, until: str) -> DateMention | None:
    """Return a date to write down: what began or followed on a day has no day of its own, only the year.

    A total "since 2020" runs until the article that tells it.
    """
    if when is None or when.bound not in {"since", "after"}:
        return when
    if until and when.bound == "since" and when.precision in {"day", "month", "year"}:
        return replace(when, date_end=until[: len(when.date)], precision="range", rule=f"{when.rule}, until told")
    if when.precision != "day":
        return when
    return replace(when, date=when.date[:4], precision="year", rule=f"not before {when.date}: {when.rule}")


def _told_as_news(claims: Sequence[Claim]) -> tuple[DateMention | None, str]:
    """Return the day of the news for what the head of an article tells as news without naming the day."""
    days = [c.fields["news"] for c in claims if c.fields.get("news")]
    if not days or any(q.role == "total" for c in claims for q in c.quantities):  # a total has no day
        return None, "no article dates it"
    rule = "no day named; told at the head of the article as news of the day"
    return DateMention(0, 0, min(days), "", "day", rule), rule


def _by_votes(claims: Sequence[Claim], name: str) -> tuple[str, ...]:
    votes: Counter[str] = Counter()
    for claim in claims:
        votes.update(claim.fields.get("target", "").split("; ") if name == "target" else getattr(claim, name))
    most = max(votes.values(), default=0)
    return tuple(value for value, count in votes.most_common() if value and 2 * count >= most)


def _listed(names: Sequence[str]) -> str:
    first = names[:3]
    return " and ".join([", ".join(first[:-1]), first[-1]] if len(first) > 1 else first)


def _quantities(claims: Sequence[Claim]) -> tuple[Quantity, ...]:
    """Return the figures, most told first; one that any article calls a total or a share is no flow."""
    figures: dict[tuple[float, str], list[Quantity]] = {}
    for claim in claims:
        for quantity in claim.quantities:
            figures.setdefault((quantity.value, quantity.unit), []).append(quantity)
    out = []
    for same in sorted(figures.values(), key=len, reverse=True):
        role = next((q.role for q in same if q.role != "flow"), "flow")
        out.append(replace(same[0], role=role))
    return tuple(out)


def _with_roles(claims: Sequence[Claim], quantities: Sequence[Quantity]) -> tuple[Claim, ...]:
    roles = {(q.value, q.unit): q.role for q in quantities}
    return tuple(
        replace(c, quantities=tuple(replace(q, role=roles[q.value, q.unit]) for q in c.quantities)) for c in claims
    )


def _status(claims: Sequence[Claim]) -> str:
    statuses = {claim.status for claim in claims}
    if (
        "aggregate" not in statuses
        and any(c.fields.get("tense") in {"future", "progressive"} for c in claims)
        and claims[0].kind in MEASURES
    ):
        return "decided" if statuses == {"decided"} else "announced"
    return next(status for status in STATUSES if status in statuses)


_VERBS = {
    "sanctions_eased": "eases", "sanctions_imposed": "sanctions", "sanctions_tightened": "tightens",
    "prisoner_release": "release",
    "diplomatic_talks": "talks", "supply_disruption": "disruption", "output_cut": "output-cut", "contract_price": "contract",
    "company_news": "company", "protest_crackdown": "crackdown",
}  # fmt: skip


def _event_id(
    kind: str, when: DateMention | None, authorities: Sequence[str], goods: Sequence[str], names: Mapping[str, str],
    actors: Sequence[str],
) -> str:  # fmt: skip
    parts = [when.date if when else "undated"]
    if kind == "statement":
        parts += ["statement", names["speaker"].split()[-1]]
    elif kind in MEASURES:
        parts += [*authorities[:2], _VERBS.get(kind, kind), *goods[:2]]
    elif kind == "prisoner_release":
        parts += [*authorities[:1], _VERBS[kind], names["number"].replace(",", "")]
    else:
        parts += [_VERBS.get(kind, kind), *(actors or authorities)[:2]]
    return "-".join(slug for part in parts if (slug := re.sub(r"[^a-z0-9]+", "-", part.lower()).strip("-")))


def _conflicts(claims: Sequence[Claim]) -> tuple[Conflict, ...]:
    conflicts = []
    for name in ("date", "tense", "people", "order", "figure"):
        versions: dict[str, list[str]] = {}
        for claim in claims:
            for value in _versions(claim, name):
                versions.setdefault(value, []).append(claim.article_id)
        versions = {v: ids for v, ids in versions.items() if not any(o != v and o.startswith(v) for o in versions)}
        if len(versions) > 1:
            tellers = tuple((value, tuple(sorted(set(ids)))) for value, ids in versions.items())
            conflicts.append(Conflict(name, tellers))
    return (*conflicts, *_spellings(claims))


def _versions(claim: Claim, name: str) -> list[str]:
    if name == "tense":
        return [TENSES[claim.fields["tense"]]] if claim.kind in MEASURES and "tense" in claim.fields else []
    if name == "date":
        when = claim.when
        exact = when is not None and (when.precision in _ONLY_ONE or claim.kind == "election")
        return [when.date] if when is not None and exact and when.date else []
    if name in ("people", "figure") and claim.kind != "prisoner_release":
        return []
    if name == "people":
        return [q.unit for q in claim.quantities if q.unit != "people"]
    if name == "figure":
        return [f"{q.value:g}" for q in claim.quantities if q.role == "flow"]
    return [claim.fields[name]] if name in claim.fields else []


def _spellings(claims: Sequence[Claim]) -> list[Conflict]:
    """Return the actors of an event that articles spell in unlike ways."""
    by_name: dict[str, dict[str, set[str]]] = {}
    for claim in claims:
        for name, spelled in spellings(claim):
            by_name.setdefault(name, {}).setdefault(spelled, set()).add(claim.article_id)
    return [
        Conflict(f"spelling of {name}", tuple((spelled, tuple(sorted(ids))) for spelled, ids in versions.items()))
        for name, versions in by_name.items()
        if len(versions) > 1
    ]


def _confidence(
    claims: Sequence[Claim], when: DateMention | None, rule: str, conflicts: Sequence[Conflict], articles: Mapping[str, Article]
) -> tuple[str, tuple[str, ...]]:  # fmt: skip
    ids = {claim.article_id for claim in claims}
    chains = independent_chains(ids, articles)
    reasons = [
        f"told by {len(ids)} article{'s' * (len(ids) > 1)} resting on {len(chains)} source{'s' * (len(chains) > 1)}"
    ]
    reasons.append(f"date: {rule}" + (f" ({when.bound} it)" if when and when.bound else ""))
    machine = [i for i in ids if articles[i].machine_written]
    if machine:
        reasons.append(f"{len(machine)} of them written by software")
    if conflicts:
        reasons.append("articles disagree on " + ", ".join(c.field for c in conflicts))
    undated = [i for i in ids if articles[i].published.source == "other articles"]
    if undated:
        reasons.append(f"{len(undated)} of them dated by other articles")
    sure_date = when is not None and not when.bound and "told" not in rule
    if len(machine) == len(ids) or when is None:
        return "low", tuple(reasons)
    return ("high" if len(chains) > 1 and sure_date else "medium"), tuple(reasons)
