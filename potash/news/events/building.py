"""Events made of clusters of claims: title, id, date, status and figures."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from potash.news.events.clusters import Cluster
from potash.news.events.confidence import confidence_of, conflicts_of
from potash.news.events.merging import MEASURES
from potash.news.language.lexicon import Lexicon
from potash.news.records import STATUSES, Article, Claim, DateMention, Quantity, TimelineEvent


def build_events(
    clusters: Iterable[Cluster], articles: Mapping[str, Article], lexicon: Lexicon
) -> tuple[TimelineEvent, ...]:
    """Return the events of clusters by date, undated ones last; events that share an id get numbers."""
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
    conflicts = conflicts_of(claims)
    confidence, reasons = confidence_of(claims, when, rule, conflicts, articles)
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
