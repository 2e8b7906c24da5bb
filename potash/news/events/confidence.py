"""How sure an event is: what its articles tell differently, and on how many sources it rests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from potash.news.events.merging import MEASURES, independent_chains
from potash.news.records import Article, Claim, Conflict, DateMention
from potash.news.tables.diff import TENSES, spellings

_ONLY_ONE = {"time", "day", "range"}


def conflicts_of(claims: Sequence[Claim]) -> tuple[Conflict, ...]:
    """Return the fields of an event that its claims tell in unlike versions, each with its articles."""
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


def confidence_of(
    claims: Sequence[Claim], when: DateMention | None, rule: str, conflicts: Sequence[Conflict], articles: Mapping[str, Article]
) -> tuple[str, tuple[str, ...]]:  # fmt: skip
    """Return ``high``, ``medium`` or ``low``, and the reasons; ``rule`` says how the date was resolved."""
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
