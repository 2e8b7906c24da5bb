"""Whose act a sentence tells, and against whom."""

from __future__ import annotations

from collections.abc import Iterable

from potash.news.claims.triggers import Span, Trigger
from potash.news.language.lexicon import Match
from potash.news.language.sentences import Sentence

# Kinds that say whose measure it is, and against whom; for the others every party named counts.
MEASURES = {"sanctions_eased", "sanctions_imposed", "sanctions_tightened", "tariff", "policy", "aid"}
_GAINS = {"win", "get", "receive", "gain", "secure"}
_PREPOSITIONS = {
    "on", "against", "for", "in", "of", "to", "from", "at", "with", "between", "via", "through", "toward", "towards",
}  # fmt: skip


def named_parties(
    sentence: Sentence, trigger: Trigger, at: int, actors: tuple[str, ...]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return whose act a trigger tells, and against whom it is; ``at`` is the token of its verb."""
    clause = sentence.clauses[at]
    auths = [m for m in sentence.labelled("auth") if sentence.clauses[m.first] == clause]
    if trigger.kind not in MEASURES:
        people = [name for a in actors for name in sentence.lexicon.actors[a].of]
        if trigger.kind == "prisoner_release" and trigger.obj is not None and trigger.obj.first < at:
            return (), ()  # "prisoners were freed" does not say by whom
        agents = [m.label.name for m in auths if m.first < at]
        anywhere = [] if trigger.kind == "prisoner_release" else [m.label.name for m in auths]
        return tuple(dict.fromkeys([*agents, *people] or anywhere)), ()
    obj = trigger.obj or Span(trigger.first, trigger.last)
    if trigger.name in _GAINS:  # "Belarus won relief from U.S. sanctions": the winner is not its author
        return _names(m for m in auths if m.first > at), _names(m for m in auths if m.first < at)
    suffers = obj.first > at and "by" in sentence.lows[at + 1 : at + 3]  # "was hit by U.S. sanctions"
    passive = obj.first < at or suffers
    auths = _after_saying(sentence, auths, at)
    targets: list[Match] = []
    owners: list[Match] = []
    for match in auths:
        beside = match.first and sentence.lows[match.first - 1] in {"and", ",", "the"}
        before = [m for m in auths if m.last in {match.first - 2, match.first - 3}]
        if _is_target(sentence, match, obj) or (passive and match.first < at and match.last != obj.first - 1):
            targets.append(match)
        elif beside and before and before[-1] in targets and match.first > obj.last:
            targets.append(match)  # "against Russia and Belarus"
        elif _is_owner(sentence, match, obj, at, passive) or (beside and before and before[-1] in owners):
            owners.append(match)
    owners = owners or [m for m in auths if m not in targets and m.last == obj.first - 1]
    owners = owners or _antecedents(sentence, clause)
    names = list(_names(owners))
    if not passive:
        actors_before = [m for m in sentence.labelled("actor") if sentence.clauses[m.first] == clause and m.first < at]
        for match in _after_saying(sentence, actors_before, at):
            if match.label.form != "company" and not _behind(sentence, match, _PREPOSITIONS):
                names += sentence.lexicon.actors[match.label.name].of
    aims = _names(targets)
    return tuple(dict.fromkeys(name for name in names if name not in aims)), aims


def _antecedents(sentence: Sentence, clause: int) -> list[Match]:
    """Return the party that "which" at the head of a clause stands for: "the U.S., which sanctioned"."""
    opening = sentence.clauses.index(clause)
    if sentence.lows[opening] not in {"which", "who"}:
        return []
    return [m for m in sentence.labelled("auth") if 0 < opening - m.last <= 2][-1:]


def _names(matches: Iterable[Match]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(match.label.name for match in matches))


def _after_saying(sentence: Sentence, matches: list[Match], at: int) -> list[Match]:
    """Return the parties without those that only say so: "Lukashenko said the United States had lifted"."""
    speech = [i for i, low in enumerate(sentence.lows[:at]) if low in sentence.lexicon.words["speech"]]
    parties = {m.first for sort in ("auth", "actor") for m in sentence.labelled(sort)}
    if not speech or not any(speech[-1] < first < at for first in parties):
        return matches
    return [m for m in matches if m.first > speech[-1]]


def _is_owner(sentence: Sentence, match: Match, obj: Span, at: int, passive: bool) -> bool:
    if _behind(sentence, match, {"by"}):
        return True
    if passive:
        return match.last == obj.first - 1
    return match.first < at and not _behind(sentence, match, _PREPOSITIONS)


def _behind(sentence: Sentence, match: Match, words: set[str]) -> bool:
    """Return whether a party follows one of these words, an article between them apart."""
    lows = sentence.lows
    at = match.first - 1
    while at > 0 and lows[at] in {"the", "previous", "former", "president", "new"}:
        at -= 1
    return at >= 0 and lows[at] in words


def _is_target(sentence: Sentence, match: Match, obj: Span) -> bool:
    """Return whether a party stands behind "on" or "against", or right before the goods: "Belarusian potash"."""
    if _behind(sentence, match, {"by"}):
        return False
    if _behind(sentence, match, {"on", "against"}) or (
        match.first > obj.last and _behind(sentence, match, _PREPOSITIONS)
    ):
        return True
    goods = {m.first for m in sentence.labelled("good")} | {m.first for m in sentence.labelled("actor")}
    return match.last + 1 in goods and match.first > obj.last
