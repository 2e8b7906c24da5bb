"""Claims that tell the same event, put together: one event each, its date, its conflicts, and how sure it is.

Two claims are one event if they are of one kind, no party, good or figure of theirs excludes the other, and their dates
agree as far as they go. What a claim leaves open another may fill; what two claims tell differently stays as a conflict.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from potash.news.lexicon import Lexicon
from potash.news.records import Article, Claim, DateMention

MEASURES = frozenset({"sanctions_eased", "sanctions_imposed", "sanctions_tightened", "tariff", "policy"})
# For these the parties named are the event: without one in common two claims are two events.
BY_PARTY = frozenset({"statement", "diplomatic_talks", "company_news", "legal", "contract_price", "accident", "output_cut",
                      "supply_disruption"})  # fmt: skip
_RANKS = {"time": 0, "day": 0, "range": 1, "month": 2, "year": 3, "unresolved": 4}
_NO_EVENT = {"intended": "an intention", "hoped": "a hope", "denied": "denied"}
# An undated claim joins a dated event only if as much as this speaks for it.
ENOUGH_WITHOUT_DATE = 3


@dataclass
class Cluster:
    """Claims of one event while it is being put together."""

    claims: list[Claim] = field(default_factory=list)
    authorities: set[str] = field(default_factory=set)
    goods: set[str] = field(default_factory=set)
    actors: set[str] = field(default_factory=set)
    targets: set[str] = field(default_factory=set)

    @property
    def kind(self) -> str:
        """The kind that all its claims share."""
        return self.claims[0].kind

    @property
    def when(self) -> DateMention | None:
        """The most exact date told; of equally exact ones the one that most articles tell."""
        dated = [c for c in self.claims if c.when is not None and c.when.date and "version" not in c.fields]
        if not dated:
            return None
        votes: dict[tuple[str, str], set[str]] = {}
        for claim in dated:
            assert claim.when is not None
            votes.setdefault((claim.when.date, claim.when.date_end), set()).add(claim.article_id)

        def key(claim: Claim) -> tuple[float, bool, int]:
            assert claim.when is not None
            own = (claim.when.date, claim.when.date_end)
            # Talks of some days are told by their last day, too.
            rank = -0.5 if self.kind == "diplomatic_talks" and claim.when.precision == "range" else _rank(claim.when)
            return rank, bool(claim.when.bound), -len(votes[own])

        return min(dated, key=key).when

    def add(self, claim: Claim) -> None:
        """Take in a claim."""
        self.claims.append(claim)
        self.authorities |= set(claim.authorities)
        self.goods |= set(claim.goods)
        self.actors |= set(claim.actors)
        self.targets |= set(claim.fields.get("target", "").split("; ")) - {""}


def merge(
    claims: Sequence[Claim], articles: Iterable[Article], lexicon: Lexicon
) -> tuple[list[Cluster], list[tuple[Claim, str]]]:
    """Return the events that claims tell, in no order, and the claims that tell none, each with the reason."""
    published = {a.article_id: a.published.day for a in articles}
    unplaced = [(c, f"only {_NO_EVENT[c.status]}") for c in claims if c.status in _NO_EVENT and c.kind != "statement"]
    told = [c for c in claims if c.status not in _NO_EVENT or c.kind == "statement"]
    clusters: list[Cluster] = []
    for claim in sorted(told, key=_order):
        best = _best(claim, clusters, published.get(claim.article_id), lexicon)
        if best is None:
            best = Cluster()
            clusters.append(best)
        best.add(claim)
    clusters = _join_versions(clusters)
    kept = []
    for cluster in clusters:
        reason = _not_an_event(cluster, lexicon)
        if reason:
            unplaced += [(claim, reason) for claim in cluster.claims]
        else:
            kept.append(cluster)
    return kept, unplaced


def _order(claim: Claim) -> tuple[int, bool, bool, str, int]:
    return _rank(claim.when), not claim.foreground, not claim.goods, claim.article_id, claim.start


def _rank(when: DateMention | None) -> int:
    return 4 if when is None or not when.date else _RANKS[when.precision]


def _best(claim: Claim, clusters: list[Cluster], published: dt.date | None, lexicon: Lexicon) -> Cluster | None:
    scored = [
        (score, -_away(cluster, published), -at, cluster)
        for at, cluster in enumerate(clusters)
        if cluster.kind == claim.kind and (score := likeness(claim, cluster, lexicon)) > 0
    ]
    return max(scored, key=lambda item: item[:3])[3] if scored else None


def _away(cluster: Cluster, published: dt.date | None) -> int:
    when = cluster.when
    if published is None or when is None:
        return 10_000
    return abs((bounds(when)[0] - published).days)


def likeness(claim: Claim, cluster: Cluster, lexicon: Lexicon) -> int:
    """Return how much speaks for a claim telling the cluster's event; 0 if something excludes it."""
    date = _date_likeness(claim.when, cluster.when)
    figures = _figure_likeness(claim, cluster)
    if (claim.status == "aggregate") != any(c.status == "aggregate" for c in cluster.claims) and figures < 1:
        return 0
    if claim.kind == "statement":
        first = cluster.claims[0]
        known = lexicon.actors.get(claim.speaker)
        if known is not None and known.kind == "group" and claim.article_id != first.article_id:
            return 0  # "officials" of one article need not be those of another
        return 5 if claim.speaker == first.speaker and date in {2, _both_open(claim, cluster)} else 0
    parties = _overlap(set(claim.authorities), cluster.authorities)
    goods = _overlap(set(claim.goods), cluster.goods)
    if min(date, figures, parties, goods) < 0:
        return 0
    people = min(len(set(claim.actors) & cluster.actors), 2)
    if claim.kind in BY_PARTY and not _same_parties(claim, cluster, lexicon):
        return 0
    aims = set(claim.fields.get("target", "").split("; ")) - {""}
    if aims and cluster.targets and not aims & cluster.targets:
        return 0
    rest = 3 * figures + 2 * goods + parties + people
    unspecific = claim.kind in MEASURES and bool(claim.goods) != bool(cluster.goods)
    if date == 2:
        return 4 + rest
    if date == 1 and (not unspecific or claim.status == "announced") and rest > 0:
        return 2 + rest
    if date == 0 and not unspecific and rest >= ENOUGH_WITHOUT_DATE:
        return rest
    same_article = any(c.article_id == claim.article_id and c.foreground for c in cluster.claims)
    return 1 if date == 0 and claim.foreground and same_article and rest > 0 else 0


def _both_open(claim: Claim, cluster: Cluster) -> int:
    """Return the date likeness that two undated claims have, or one that none has."""
    return 0 if cluster.when is None and (claim.when is None or not claim.when.date) else 9


def _same_parties(claim: Claim, cluster: Cluster, lexicon: Lexicon) -> bool:
    own, other = _named(claim.actors, lexicon), _named(cluster.actors, lexicon)
    if claim.kind == "diplomatic_talks":
        return bool(own & other) or (not own or not other)
    if own and other:
        return bool(own & other)
    return bool(set(claim.authorities) & cluster.authorities) or not (claim.authorities and cluster.authorities)


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
    own = {q.value for q in claim.quantities if _counts(claim.kind, q.role)}
    other = {q.value for c in cluster.claims for q in c.quantities if _counts(claim.kind, q.role)}
    if not own or not other:
        return 0
    return 1 if own & other else -(claim.kind != "diplomatic_talks")


def _counts(kind: str, role: str) -> bool:
    return role in {"contract_price": {"price"}, "diplomatic_talks": {"duration"}}.get(kind, {"flow", "total"})


def _date_likeness(one: DateMention | None, other: DateMention | None) -> int:
    """Return 2 for the same date, 1 if one lies within the other, 0 if one is open, -1 if they exclude each other."""
    if one is None or other is None or not one.date or not other.date:
        return 0
    if (one.date, one.date_end) == (other.date, other.date_end):
        return 2
    (first, last), (start, end) = bounds(one), bounds(other)
    if first > end or last < start:
        return -1
    return 1


def bounds(when: DateMention) -> tuple[dt.date, dt.date]:
    """Return the first and last day of a date or range."""
    end = when.date_end or when.date
    first = dt.date(*(int(p) for p in [*when.date.split("-"), "1", "1"][:3]))
    parts = [int(p) for p in end.split("-")]
    if len(parts) == 3:
        return first, dt.date(*parts)
    year, month = (parts[0], parts[1]) if len(parts) == 2 else (parts[0], 12)
    following = dt.date(year + month // 12, month % 12 + 1, 1)
    return first, following - dt.timedelta(days=1)


def _join_versions(clusters: list[Cluster]) -> list[Cluster]:
    """Join elections of one country that lie too close to be two: told with different dates."""
    out: list[Cluster] = []
    for cluster in sorted(clusters, key=lambda c: -len({claim.article_id for claim in c.claims})):
        rival = next((o for o in out if o.kind == cluster.kind == "election" and _too_close(o, cluster)), None)
        if rival is None:
            out.append(cluster)
        else:
            for claim in cluster.claims:
                rival.add(replace(claim, fields={**claim.fields, "version": "other"}))
    return out


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
        own = any(_decides(c, lexicon) for c in claims)
        if not own:
            return "told as to come, by no one who decides it"
    when = cluster.when
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
    if claims[0].kind == "prisoner_release" and when is None and not any(c.quantities for c in claims):
        return "no date and no number"
    if claims[0].kind in MEASURES and not (cluster.authorities or cluster.goods or cluster.targets):
        return "no party and no goods named" if when is None else ""
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
