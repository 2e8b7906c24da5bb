"""Where a sentence says that something happened: a verb with its object in one clause, or a phrase that says it alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from potash.news.claims.verbs import chain_of, is_passive
from potash.news.language.lexicon import EventFrame, Label, Match
from potash.news.language.sentences import Sentence

_AFTER_PARTICIPLES = {
    "by",
    "in",
    "on",
    "since",
    "against",
    "after",
    "for",
    "under",
    "last",
    "over",
    "during",
    "to",
    "at",
    ",",
    ".",
}
_NUMBER = Label("obj:number", "number")
# How far a verb's object may stand from it, in tokens.
OBJECT_AFTER, OBJECT_BEFORE = 9, 18
_FAMILIES = (
    {"sanctions_eased", "sanctions_imposed", "sanctions_tightened", "policy", "tariff"},
    {"sanctions_imposed", "sanctions_tightened", "transport"},
    {"supply_disruption", "transport", "output_cut", "company_news", "accident"},
    {"contract_price", "company_news"},
)


class Span(NamedTuple):
    """The tokens of an object, both ends included."""

    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Trigger:
    """A kind of event told by tokens ``first`` to ``last``; ``verb`` is the token whose tense decides, -1 for nouns."""

    kind: str
    frame: EventFrame
    first: int
    last: int
    verb: int
    form: str
    name: str
    obj: Span | None


def find_triggers(sentence: Sentence, context: frozenset[str] = frozenset()) -> list[Trigger]:
    """Return the triggers of the events that a sentence tells, at most one per kind and clause.

    ``context`` names what the whole article speaks of, for frames that may take it from there, and as ``after:tariff`` the
    kind of measure told just before, which "it" and "them" then mean; ``actor:company`` if "we" or "the company" is one.
    """
    lexicon = sentence.lexicon
    verbs: dict[str, list[Match]] = {}
    nouns: dict[str, list[Match]] = {}
    for match in sentence.matches:
        sort, _, name = match.label.sort.partition(":")
        if sort == "verb":
            verbs.setdefault(name, []).append(match)
        elif sort == "noun":
            nouns.setdefault(name, []).append(match)
    inside = [m for m in sentence.matches if m.last > m.first and not m.label.sort.startswith("noun:")]
    verbs = {name: [m for m in matches if not _is_noun(sentence, m, inside)] for name, matches in verbs.items()}
    called = {number for word in (*verbs, *nouns) for number in lexicon.by_word.get(word, ())}
    triggers = [
        trigger
        for frame in (lexicon.frames[number] for number in sorted(called))
        for trigger in _of_frame(sentence, frame, verbs, nouns.get(str(frame.number), []), context)
        if all(
            not needs or any(_objects(sentence, need) for need in needs) or _in_context(frame, needs, context)
            for needs in (frame.needs, frame.also)
        )
        and not any(_objects(sentence, name) for name in frame.without)
    ]
    return _distinct(sentence, triggers)


def _in_context(frame: EventFrame, needs: frozenset[str], context: frozenset[str]) -> bool:
    """Return whether the article speaks of what a frame needs: "we" and "the company" are one wherever they stand."""
    return bool(needs & context) and (frame.context or "actor:company" in needs & context)


def _is_noun(sentence: Sentence, verb: Match, names: list[Match]) -> bool:
    """Return whether a form like "sanctions" is the thing rather than the deed: no company follows at once.

    So is a verb inside a longer name ("Specially Designated Nationals") or before "to" ("is set to").
    """
    for name in names:
        around = name.first <= verb.first and name.last >= verb.last and name.last - name.first > verb.last - verb.first
        if around and (name.first < verb.first or not name.label.sort.startswith("verb:")):
            return True  # "free" in "walk free"; "fell" in "fell to" stays a verb
    measure = any(m.first == verb.first and m.label.name == "sanctions" for m in sentence.labelled("obj:sanctions"))
    if measure and verb.label.form == "base" and not _is_led(sentence, verb.first):
        return True  # "the EU ban on potash"
    if verb.label.name == "set" and sentence.lows[verb.last + 1 : verb.last + 2] == ["to"]:
        return True
    if verb.label.form != "s" or not any(
        m.first == verb.first and m.label.sort.startswith("obj:") for m in sentence.matches
    ):
        return False
    return not any(m.first == verb.last + 1 and m.label.form == "company" for m in sentence.labelled("actor"))


def _is_led(sentence: Sentence, verb: int) -> bool:
    """Return whether a base form follows "to" or a modal."""
    return bool({"to", "will", "would", "may", "could", "must", "can", "should"} & set(chain_of(sentence, verb)))


def _objects(sentence: Sentence, name: str) -> list[Match]:
    sort, colon, form = name.partition(":")
    if name == "number":
        return [Match(at, at, _NUMBER) for at, token in enumerate(sentence.tokens) if token.text.isdigit()]
    if not colon:
        return [m for m in sentence.labelled("obj:" + name) if not _modifies(sentence, m)]
    matches = sentence.labelled(sort)
    return [m for m in matches if form in {"any", m.label.name, m.label.form}]


def _modifies(sentence: Sentence, obj: Match) -> bool:
    """Return whether what looks like an object only describes the noun behind it: a "tariff relief fund"."""
    following = sentence.lows[obj.last + 1] if obj.last + 1 < len(sentence.lows) else ""
    return following in sentence.lexicon.words["heads"]


def _of_frame(
    sentence: Sentence,
    frame: EventFrame,
    verbs: dict[str, list[Match]],
    nouns: Iterable[Match],
    context: frozenset[str],
) -> Iterator[Trigger]:
    matches = [match for name in frame.verbs if name in verbs for match in verbs[name]]
    if matches:
        objects = [match for name in frame.objects for match in _objects(sentence, name)]
        if not objects and f"after:{frame.kind.partition('_')[0]}" in context:
            objects = _objects(sentence, "pronoun")
        for verb in matches:
            obj = _object_of(sentence, verb, objects)
            if obj is not None:
                yield _trigger(frame, verb, obj)
    for match in (match for name in frame.alone if name in verbs for match in verbs[name]):
        if match.label.form in {"nominal", "base"} and not frame.persons:
            continue
        if frame.parties and not any(m.last < match.first for s in ("auth", "actor") for m in sentence.labelled(s)):
            continue
        obj = _object_of(sentence, match, [m for name in frame.objects for m in _objects(sentence, name)])
        if frame.objects and obj is None:
            continue
        yield _trigger(frame, match, obj)
    for match in nouns:
        yield Trigger(frame.kind, frame, match.first, match.last, -1, "noun", "", None)


def _trigger(frame: EventFrame, verb: Match, obj: Match | None) -> Trigger:
    ends = [verb.first, verb.last] + ([obj.first, obj.last] if obj else [])
    span = Span(obj.first, obj.last) if obj else None
    return Trigger(frame.kind, frame, min(ends), max(ends), verb.first, verb.label.form, verb.label.name, span)


def _object_of(sentence: Sentence, verb: Match, objects: list[Match]) -> Match | None:
    """Return the nearest object in the verb's clause: after it, or before it in the passive voice."""
    clauses = sentence.clauses
    near: list[tuple[int, Match]] = []
    weak = sentence.lexicon.words["weak"]
    turned = is_passive(sentence, verb) or verb.label.name in sentence.lexicon.words["intransitive"]
    for obj in objects:
        if obj.first <= verb.last and obj.last >= verb.first:
            continue
        after = obj.first - verb.last
        if obj.label is _NUMBER and after != 1:
            continue
        if verb.label.name in weak and "that" in sentence.lows[verb.last + 1 : obj.first]:
            continue
        before = verb.first - obj.last
        if 0 < after <= OBJECT_AFTER and clauses[obj.first] == clauses[verb.first]:
            near.append((after, obj))
        elif (
            (turned or (before == 1 and _is_reduced(sentence, verb)))
            and 0 < before <= OBJECT_BEFORE
            and clauses[obj.first] == clauses[verb.first]
        ):
            near.append((before, obj))
    if verb.label.form == "past" and turned and near:
        behind = [pair for pair in near if pair[1].last < verb.first]
        near = behind or near
    if not near and turned and _is_coordinate(sentence, verb.first):
        near = [(verb.first - obj.last, obj) for obj in objects if obj.last < verb.first][:1]
    if not near:
        near = [(verb.first - obj.last, obj) for obj in objects if _relates(sentence, verb, obj)]
    return min(near, key=lambda pair: pair[0])[1] if near else None


def _is_reduced(sentence: Sentence, verb: Match) -> bool:
    """Return whether a past form right behind a noun tells what was done to it: "sanctions imposed in 2021"."""
    following = sentence.lows[verb.last + 1] if verb.last + 1 < len(sentence.lows) else ""
    return verb.label.form == "past" and following in _AFTER_PARTICIPLES


def _relates(sentence: Sentence, verb: Match, obj: Match) -> bool:
    """Return whether a verb stands in a relative clause that begins right behind the object: "its range, which it had cut"."""
    opening = sentence.clauses.index(sentence.clauses[verb.first])
    return sentence.lows[opening] == "which" and 0 < opening - obj.last <= 6 and verb.label.form == "past"


def _is_coordinate(sentence: Sentence, verb: int) -> bool:
    """Return whether a verb shares the subject of one before: "were imposed in 2021 and were widened"."""
    at = verb - len(chain_of(sentence, verb)) - 1
    return at > 0 and sentence.lows[at] == "and" and at < verb - 1


def _distinct(sentence: Sentence, triggers: list[Trigger]) -> list[Trigger]:
    weak = sentence.lexicon.words["weak"]
    strong = [t for t in triggers if t.name not in weak]
    kept: list[Trigger] = []
    for trigger in sorted(
        triggers, key=lambda t: (t.name in weak, t.form == "noun", _object_size(t), t.last - t.first, t.first)
    ):
        clause = sentence.clauses[trigger.first if trigger.verb < 0 else trigger.verb]
        same = [k for k in kept if k.kind == trigger.kind and sentence.clauses[max(k.verb, k.first)] == clause]
        rival = trigger.name in weak and any(
            other is not trigger
            and other.obj is not None
            and other.obj == trigger.obj
            and _related(other.kind, trigger.kind)
            for other in strong
        )
        if rival or any(k.obj == trigger.obj or trigger.form == "noun" or k.verb == trigger.verb for k in same):
            continue
        if any(k.verb == trigger.verb >= 0 and k.kind != trigger.kind and _related(k.kind, trigger.kind) for k in kept):
            continue
        kept.append(trigger)
    return sorted(kept, key=lambda t: t.first)


def _object_size(trigger: Trigger) -> int:
    """Return minus the length of the object: "new sales" says more than "sales"."""
    return trigger.obj.first - trigger.obj.last if trigger.obj is not None else 0


def _related(one: str, other: str) -> bool:
    return one != other and any(one in family and other in family for family in _FAMILIES)
