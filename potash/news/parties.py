"""Whose act a sentence tells, and against whom."""

from __future__ import annotations

from potash.news.lexicon import Match
from potash.news.sentences import Sentence
from potash.news.triggers import Trigger

# Kinds that say whose measure it is, and against whom; for the others every party named counts.
MEASURES = {"sanctions_eased", "sanctions_imposed", "sanctions_tightened", "tariff", "policy", "aid"}
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
        if trigger.kind == "prisoner_release" and trigger.obj is not None and trigger.obj[0] < at:
            return (), ()  # "prisoners were freed" does not say by whom
        before = [m.label.name for m in auths if m.first < at]
        rest = [] if trigger.kind == "prisoner_release" else [m.label.name for m in auths]
        return tuple(dict.fromkeys([*before, *people] or rest)), ()
    obj = trigger.obj or (trigger.first, trigger.last)
    passive = obj[0] < at
    targets = [m for m in auths if _is_target(sentence, m, obj) or (passive and m.last < obj[0] - 1 and m.first < at)]
    owners = [m for m in auths if m not in targets and _is_owner(sentence, m, obj, at, passive)]
    owners = owners or [m for m in auths if m not in targets and m.last == obj[0] - 1]
    names = [m.label.name for m in owners]
    if not passive:
        for match in sentence.labelled("actor"):
            near = sentence.clauses[match.first] == clause and match.first < at
            if near and match.label.form != "company" and not _behind(sentence, match, _PREPOSITIONS):
                names += sentence.lexicon.actors[match.label.name].of
    aims = tuple(dict.fromkeys(m.label.name for m in targets))
    names = [name for name in names if name not in aims]
    return tuple(dict.fromkeys(names)), aims


def _is_owner(sentence: Sentence, match: Match, obj: tuple[int, int], at: int, passive: bool) -> bool:
    if "by" in sentence.lows[max(match.first - 4, 0) : match.first]:
        return True
    if passive:
        return match.last == obj[0] - 1
    return match.first < at and not _behind(sentence, match, _PREPOSITIONS)


def _behind(sentence: Sentence, match: Match, words: set[str]) -> bool:
    """Return whether a party follows one of these words, an article between them apart."""
    lows = sentence.lows
    at = match.first - 1
    while at > 0 and lows[at] in {"the", "previous", "former", "president", "new"}:
        at -= 1
    return at >= 0 and lows[at] in words


def _is_target(sentence: Sentence, match: Match, obj: tuple[int, int]) -> bool:
    """Return whether a party stands behind "on" or "against", or right before the goods: "Belarusian potash"."""
    if _behind(sentence, match, {"by"}):
        return False
    if _behind(sentence, match, {"on", "against"}) or (
        match.first > obj[1] and _behind(sentence, match, _PREPOSITIONS)
    ):
        return True
    goods = {m.first for m in sentence.labelled("good")} | {m.first for m in sentence.labelled("actor")}
    return match.last + 1 in goods and match.first > obj[1]
