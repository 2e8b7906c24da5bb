"""Claims that tell the same event, put together: one event each, its date, its conflicts, and how sure it is.

Two claims are one event if they are of one kind, no party, good or figure of theirs excludes the other, and their dates
agree as far as they go. What a claim leaves open another may fill; what two claims tell differently stays as a conflict.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import product

from potash.news.events.clusters import Cluster, Clusters, bounds, news_span, rank
from potash.news.language.lexicon import Lexicon
from potash.news.records import Article, Claim

MEASURES = frozenset({"sanctions_eased", "sanctions_imposed", "sanctions_tightened", "tariff", "policy"})
# For these the parties named are the event: without one in common two claims are two events.
BY_PARTY = frozenset({"statement", "diplomatic_talks", "company_news", "legal", "contract_price", "accident", "output_cut",
                      "supply_disruption"})  # fmt: skip
_NO_EVENT = {"intended": "an intention", "hoped": "a hope", "denied": "denied"}
_BY_COMPANY = frozenset({"company_news", "contract_price", "output_cut", "supply_disruption"})
_NEW_OR_MORE = {"sanctions_imposed", "sanctions_tightened"}
# Days after which a measure on the same goods is another one.
_ANOTHER_MEASURE = 20
# An undated claim joins a dated event only if as much as this speaks for it.
ENOUGH_WITHOUT_DATE = 3


def merge(
    claims: Sequence[Claim], articles: Iterable[Article], lexicon: Lexicon
) -> tuple[list[Cluster], list[tuple[Claim, str]]]:
    """Return the events that claims tell, in no order, and the claims that tell none, each with the reason."""
    published = {a.article_id: a.published.day for a in articles}
    unplaced = [(c, f"only {_NO_EVENT[c.status]}") for c in claims if c.status in _NO_EVENT and c.kind != "statement"]
    placeable = [c for c in claims if c.status not in _NO_EVENT or c.kind == "statement"]
    clusters = Clusters()
    for claim in sorted(placeable, key=_order):
        day = published.get(claim.article_id)
        best = _best(claim, clusters, day, lexicon)
        if best is None:
            clusters.start(claim, day)
        else:
            best.add(claim, day)
    kept = []
    for cluster in _further(_join_kinds(_join_versions(clusters.all))):
        reason = _not_an_event(cluster, lexicon)
        if reason:
            unplaced += [(claim, reason) for claim in cluster.claims]
        else:
            kept.append(cluster)
    return kept, unplaced


def _order(claim: Claim) -> tuple[int, bool, bool, bool, str, int]:
    return (
        rank(claim.when),
        "heading" in claim.fields,
        not claim.foreground,
        not claim.goods,
        claim.article_id,
        claim.start,
    )


def _best(claim: Claim, clusters: Clusters, published: dt.date | None, lexicon: Lexicon) -> Cluster | None:
    """Return the event that a claim tells: of equally likely ones the nearest to publication, then the first."""
    scores = {
        number: (score, -_away(cluster, published), -number)
        for number, cluster in clusters.candidates(claim, published)
        if (score := likeness(claim, cluster, published, lexicon)) > 0
    }
    return clusters.all[max(scores, key=lambda number: scores[number])] if scores else None


def _away(cluster: Cluster, published: dt.date | None) -> float:
    """Return the days between publication and a cluster's first day, infinite where either is open."""
    if published is None or cluster.when is None or cluster.span is None:
        return math.inf
    return abs((cluster.span[0] - published).days)


def likeness(claim: Claim, cluster: Cluster, published: dt.date | None, lexicon: Lexicon) -> int:
    """Return a score of how much speaks for a claim telling the cluster's event; 0 if something excludes it."""
    if claim.kind == "statement":
        return _same_remark(claim, cluster, published, lexicon)
    parties = _overlap(set(claim.authorities), cluster.authorities)
    goods = _overlap(set(claim.goods), cluster.goods)
    figures = _figure_likeness(claim, cluster)
    if claim.kind == "prisoner_release" and figures > 0:
        parties = max(parties, 0)  # who frees and who obtains the freeing are told by turns
    if min(parties, goods, figures) < 0:
        return 0
    total = claim.status == "aggregate" or cluster.aggregate
    date = _date_likeness(claim, cluster, published)
    if total and figures > 0:
        date = max(date, 0)  # a total is the same whenever it is told
    if (
        date < 0
        or _apart(claim, cluster, lexicon)
        or (figures < 1 and (claim.status == "aggregate") != cluster.aggregate)
    ):
        return 0
    people = min(len(set(claim.actors) & cluster.actors), 2)
    support = 3 * figures + 2 * goods + parties + people
    unspecific = claim.kind in MEASURES and bool(claim.goods) != bool(cluster.goods)
    if date == 2:
        return 4 + support
    if date == 1 and (not unspecific or claim.status == "announced") and support > 0:
        return 2 + support
    if date == 0 and not unspecific and support >= ENOUGH_WITHOUT_DATE:
        return support
    same_article = any(c.article_id == claim.article_id and c.foreground for c in cluster.claims)
    return 1 if date == 0 and claim.foreground and same_article and (support > 0 or claim.kind == "accident") else 0


def _same_remark(claim: Claim, cluster: Cluster, published: dt.date | None, lexicon: Lexicon) -> int:
    first = cluster.claims[0]
    actor = lexicon.actors.get(claim.speaker)
    if actor is not None and actor.kind == "group" and claim.article_id != first.article_id:
        return 0  # "officials" of one article need not be those of another
    date = _date_likeness(claim, cluster, published)
    both_open = cluster.when is None and (claim.when is None or not claim.when.date)
    return 5 if claim.speaker == first.speaker and (date == 2 or (date == 0 and both_open)) else 0


def _apart(claim: Claim, cluster: Cluster, lexicon: Lexicon) -> bool:
    """Return whether other parties or targets, or an act that undoes the other, keep two claims apart."""
    if _undoes(claim, cluster, lexicon) or (claim.kind in BY_PARTY and not _same_parties(claim, cluster, lexicon)):
        return True
    aims = set(claim.fields.get("target", "").split("; ")) - {""}
    return bool(aims and cluster.targets and not aims & cluster.targets)


def _same_parties(claim: Claim, cluster: Cluster, lexicon: Lexicon) -> bool:
    """Return whether two claims name a party in common, or one of them names none."""
    parties, other = _named(claim.actors, lexicon), _named(cluster.actors, lexicon)
    return not parties or not other or bool(parties & other)


def _named(actors: Iterable[str], lexicon: Lexicon) -> set[str]:
    """Return the companies among actors; where there is none all of them."""
    names = set(actors)
    companies = {a for a in names if a in lexicon.actors and lexicon.actors[a].kind == "company"}
    return companies or names


def _overlap(one: set[str], other: set[str]) -> int:
    """Return 1 for something in common, 0 where one is silent, -1 for nothing in common."""
    if not one or not other:
        return 0
    return 1 if one & other else -1


def _figure_likeness(claim: Claim, cluster: Cluster) -> int:
    """Return 1 for the same figure, -1 where both tell one and they differ, 0 where one is silent or it does not matter."""
    if claim.kind not in {"prisoner_release", "contract_price", "aid", "diplomatic_talks"}:
        return 0
    figures = {q.value for q in claim.quantities if _counts(claim.kind, q.role)}
    other = {q.value for c in cluster.claims for q in c.quantities if _counts(claim.kind, q.role)}
    if not figures or not other:
        return 0
    return 1 if figures & other else -(claim.kind != "diplomatic_talks")


def _counts(kind: str, role: str) -> bool:
    return role in {"contract_price": {"price"}, "diplomatic_talks": {"duration"}}.get(kind, {"flow", "total"})


def _undoes(claim: Claim, cluster: Cluster, lexicon: Lexicon) -> bool:
    """Return whether one stops what the other resumes."""
    if claim.kind not in {"transport", "supply_disruption", "output_cut"}:
        return False
    resumes = lexicon.words["resumes"]
    return (claim.fields.get("verb") in resumes) != (cluster.claims[0].fields.get("verb") in resumes)


def _date_likeness(claim: Claim, cluster: Cluster, published: dt.date | None) -> int:
    """Return 2 for the same date, 1 if one lies within the other, 0 if one is open, -1 if they exclude each other.

    An undated claim is open within the time that its article leaves it: news of the last days, background of any before.
    """
    one, other = claim.when, cluster.when
    if one is not None and not one.date and one.rule.startswith("no publication date"):
        return -1 if other is not None else 0  # "the 17th" of no known month may be another day
    if one is not None and other is not None and one.date and (one.date, one.date_end) == (other.date, other.date_end):
        return 2
    span = bounds(one) if one is not None and one.date else news_span(claim, published)
    if span is None:
        return 0
    if cluster.span is not None and (span[0] > cluster.span[1] or span[1] < cluster.span[0]):
        return -1
    return 0 if one is None or other is None or not one.date else 1


def _join_versions(clusters: list[Cluster]) -> list[Cluster]:
    """Join elections of one country that lie too close to be two: told with different dates."""
    out: list[Cluster] = []
    for cluster in sorted(clusters, key=lambda c: -len({claim.article_id for claim in c.claims})):
        elections = (o for o in out if o.kind == "election") if cluster.kind == "election" else iter(())
        rival = next((o for o in elections if _too_close(o, cluster)), None)
        if rival is None:
            out.append(cluster)
        else:
            for claim in cluster.claims:
                rival.add(replace(claim, fields={**claim.fields, "version": "other"}))
    return out


def _join_kinds(clusters: list[Cluster]) -> list[Cluster]:
    """Join one measure that is told as of two kinds: new and a tightening, or the order signed and what it orders."""
    out: list[Cluster] = []
    days: dict[str, list[Cluster]] = {}
    for cluster in sorted(clusters, key=lambda c: (c.kind == "policy", -len({claim.article_id for claim in c.claims}))):
        same_day = days.setdefault(cluster.when.date, []) if cluster.when is not None else []
        rival = next((o for o in same_day if _one_measure(o, cluster)), None)
        if rival is None:
            out.append(cluster)
            same_day.append(cluster)
        else:
            for claim in cluster.claims:
                rival.add(_as_kind(claim, rival.kind))
    return out


def _as_kind(claim: Claim, kind: str) -> Claim:
    return replace(claim, kind=kind, fields={**claim.fields, "told_as": claim.kind})


def _one_measure(one: Cluster, other: Cluster) -> bool:
    kinds = {one.kind, other.kind}
    order = other.kind == "policy" and one.kind in MEASURES and _signs(other)
    if kinds != _NEW_OR_MORE and not order:
        return False
    first, second = one.when, other.when
    if (
        first is None
        or second is None
        or rank(first) > 0
        or (first.date, first.date_end) != (second.date, second.date_end)
    ):
        return False
    return _overlap(one.authorities, other.authorities) > 0 and _overlap(one.goods, other.goods) >= 0


def _signs(cluster: Cluster) -> bool:
    return all(claim.fields.get("verb") in {"sign", "issue"} for claim in cluster.claims)


def _further(clusters: list[Cluster]) -> list[Cluster]:
    """Return the clusters with a new measure told as more of it where its party has taken one on the same goods before."""
    dated = [(c, c.span) for c in clusters if c.kind in _NEW_OR_MORE and c.when is not None and c.span is not None]
    first: dict[tuple[str, str], dt.date] = {}
    for cluster, span in dated:
        for key in product(cluster.authorities, cluster.goods):
            first[key] = min(first.get(key, span[1]), span[1])
    for cluster, span in dated:
        earlier = [first[key] for key in product(cluster.authorities, cluster.goods)]
        if cluster.kind == "sanctions_imposed" and earlier and (span[0] - min(earlier)).days > _ANOTHER_MEASURE:
            cluster.claims = [_as_kind(claim, "sanctions_tightened") for claim in cluster.claims]
    return clusters


def _too_close(one: Cluster, other: Cluster) -> bool:
    first, second = one.when, other.when
    if first is None or second is None or _overlap(one.authorities, other.authorities) < 0:
        return False
    return abs(int(first.date[:4]) - int(second.date[:4])) <= 1


def _not_an_event(cluster: Cluster, lexicon: Lexicon) -> str:
    """Return why a cluster makes no event, or an empty text."""
    claims = cluster.claims
    if claims[0].kind != "statement" and all(
        c.fields.get("tense") == "future" and c.status != "decided" for c in claims
    ):
        is_decided = any(_decides(c, lexicon) for c in claims)
        if not is_decided:
            return "told as to come, by no one who decides it"
    when = cluster.when
    if when is None and any(c.fields.get("news") for c in claims):
        return ""
    if when is None and not any(_stands_undated(c, lexicon) for c in claims):
        return "background without a date"
    if when is None and claims[0].kind in {
        "election",
        "military",
        "protest_crackdown",
        "policy",
        "company_news",
        "tariff",
    }:
        return "background without a date"
    if claims[0].kind in _BY_COMPANY and not (cluster.actors or cluster.authorities):
        return "no party named"
    if claims[0].kind == "prisoner_release" and when is None and not any(c.quantities for c in claims):
        return "no date and no number"
    return ""


def _decides(claim: Claim, lexicon: Lexicon) -> bool:
    """Return whether who is to act says so: an authority of its measure, a company of its own plans."""
    if claim.kind in {"output_cut", "company_news", "transport", "supply_disruption", "contract_price"}:
        return any(a in lexicon.actors and lexicon.actors[a].kind == "company" for a in claim.actors)
    return bool(set(_speaks_for(claim, lexicon)) & set(claim.authorities) and claim.goods)


def _stands_undated(claim: Claim, lexicon: Lexicon) -> bool:
    """Return whether a claim says enough to make an event although no date is told."""
    if claim.kind == "statement":
        return bool({claim.speaker} & {*lexicon.actors, *claim.authorities})
    if claim.kind.startswith("sanctions"):
        return claim.foreground and bool(claim.goods)
    if claim.kind == "diplomatic_talks":
        people = [a for a in claim.actors if lexicon.actors[a].kind in {"person", "office"}]
        return claim.status == "done" and len(people) > 1 and claim.fields["verb"].startswith(("meet", "hold"))
    if claim.kind == "transport":
        return claim.status == "done"
    return claim.foreground or bool(claim.quantities)


def _speaks_for(claim: Claim, lexicon: Lexicon) -> tuple[str, ...]:
    names = (claim.speaker, *claim.actors)
    return tuple(of for name in names if name in lexicon.actors for of in lexicon.actors[name].of)


def independent_chains(article_ids: Iterable[str], articles: Mapping[str, Article]) -> set[str]:
    """Return the roots of the source chains behind articles: who told it first, as far as they say."""
    roots = set()
    for article_id in article_ids:
        article = articles[article_id]
        if article.same_as in articles:
            article = articles[article.same_as]
        roots.add(article.sources[-1] if article.sources else article.publisher or article.article_id)
    return roots
