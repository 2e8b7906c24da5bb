"""Where a sentence says that something happened, and whether it says so as done, announced, intended or denied."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from potash.news.lexicon import Frame, Label, Match
from potash.news.sentences import Sentence

_NUMBER = Label("obj:number", "number")
# How far a verb's object may stand from it, in tokens.
OBJECT_AFTER, OBJECT_BEFORE = 9, 18
_FAMILIES = (
    {"sanctions_eased", "sanctions_imposed", "sanctions_tightened", "policy", "tariff"},
    {"sanctions_imposed", "sanctions_tightened", "transport"},
    {"supply_disruption", "transport", "output_cut", "company_news", "accident"},
    {"contract_price", "company_news"},
)


@dataclass(frozen=True, slots=True)
class Trigger:
    """A kind of event told by tokens ``first`` to ``last``; ``verb`` is the token whose tense decides, -1 for nouns."""

    kind: str
    frame: Frame
    first: int
    last: int
    verb: int
    form: str
    name: str
    obj: tuple[int, int] | None


def find_triggers(sentence: Sentence, context: frozenset[str] = frozenset()) -> list[Trigger]:
    """Return what a sentence tells of, at most one trigger per kind and clause.

    ``context`` names what the whole article speaks of: frames that may take it from there find it there.
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
    inside = [m for m in sentence.matches if m.last > m.first and not m.label.sort.startswith(("verb:", "noun:"))]
    verbs = {name: [m for m in own if not _is_noun(sentence, m, inside)] for name, own in verbs.items()}
    found = [
        trigger
        for frame in lexicon.frames
        for trigger in _of_frame(sentence, frame, verbs, nouns.get(str(frame.number), []))
        if all(
            not needs or any(_objects(sentence, need) for need in needs) or (frame.context and needs & context)
            for needs in (frame.needs, frame.also)
        )
    ]
    return _distinct(sentence, found)


def _is_noun(sentence: Sentence, verb: Match, names: list[Match]) -> bool:
    """Return whether a form like "sanctions" is the thing rather than the deed: no company follows at once.

    So is a verb inside a longer name ("Specially Designated Nationals") or before "to" ("is set to").
    """
    if any(m.first <= verb.first and m.last >= verb.last and m.last - m.first > verb.last - verb.first for m in names):
        return True
    if verb.label.name == "set" and sentence.lows[verb.last + 1 : verb.last + 2] == ["to"]:
        return True
    if verb.label.form != "s" or not any(
        m.first == verb.first and m.label.sort.startswith("obj:") for m in sentence.matches
    ):
        return False
    return not any(m.first == verb.last + 1 and m.label.form == "company" for m in sentence.labelled("actor"))


def _objects(sentence: Sentence, name: str) -> list[Match]:
    sort, colon, rest = name.partition(":")
    if name == "number":
        return [Match(at, at, _NUMBER) for at, token in enumerate(sentence.tokens) if token.text.isdigit()]
    if not colon:
        return [m for m in sentence.labelled("obj:" + name) if not _modifies(sentence, m)]
    found = sentence.labelled(sort)
    return [m for m in found if rest in {"any", m.label.name, m.label.form}]


def _modifies(sentence: Sentence, obj: Match) -> bool:
    """Return whether what looks like an object only describes the noun behind it: a "tariff relief fund"."""
    following = sentence.lows[obj.last + 1] if obj.last + 1 < len(sentence.lows) else ""
    return following in sentence.lexicon.words["heads"]


def _of_frame(
    sentence: Sentence, frame: Frame, verbs: dict[str, list[Match]], nouns: Iterable[Match]
) -> Iterator[Trigger]:
    own = [match for name in frame.verbs if name in verbs for match in verbs[name]]
    if own:
        objects = [match for name in frame.objects for match in _objects(sentence, name)]
        for verb in own:
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


def _trigger(frame: Frame, verb: Match, obj: Match | None) -> Trigger:
    ends = [verb.first, verb.last] + ([obj.first, obj.last] if obj else [])
    span = (obj.first, obj.last) if obj else None
    return Trigger(frame.kind, frame, min(ends), max(ends), verb.first, verb.label.form, verb.label.name, span)


def _object_of(sentence: Sentence, verb: Match, objects: list[Match]) -> Match | None:
    """Return the nearest object in the verb's clause: after it, or before it in the passive voice."""
    clauses = sentence.clauses
    near: list[tuple[int, Match]] = []
    turned = is_passive(sentence, verb) or verb.label.name in sentence.lexicon.words["intransitive"]
    for obj in objects:
        if obj.first <= verb.last and obj.last >= verb.first:
            continue
        after = obj.first - verb.last
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
    at = verb - len(_chain(sentence, verb)) - 1
    return at > 0 and sentence.lows[at] == "and" and at < verb - 1


def is_passive(sentence: Sentence, verb: Match) -> bool:
    """Return whether a verb tells what was done to its subject: "were lifted", "lifted by"."""
    if verb.label.form != "past":
        return False
    words = sentence.lexicon.words
    chain = _chain(sentence, verb.first)
    following = sentence.lows[verb.last + 1] if verb.last + 1 < len(sentence.lows) else ""
    return any(low in words["be"] for low in chain) or following == "by"


def _chain(sentence: Sentence, verb: int) -> list[str]:
    """Return the words of the verb's tense that stand before it, nearest first: "will", "soon", "be"."""
    words = sentence.lexicon.words
    chain: list[str] = []
    at = verb - 1
    while at >= 0 and len(chain) < 6:
        low = sentence.lows[at]
        if low in {"will", "may"} and at and sentence.tokens[at].text[0].isupper() and not sentence.heading:
            break  # a name or a month
        if low in _CHAIN or low in words["be"] or low in words["perfect"] or (low.endswith("ly") and len(low) > 3):
            chain.append(low)
        elif low in {"'", "’", "ll", "ve", "s", "re", "t"}:
            chain.append({"ll": "will", "ve": "have", "re": "are"}.get(low, ""))
        else:
            break
        at -= 1
    return chain


_CHAIN = {
    "will", "would", "shall", "may", "might", "could", "can", "should", "must", "to", "not", "also", "now", "soon", "never",
    "still", "only", "since", "already", "later", "again", "then", "just", "even", "so", "far", "yet", "cannot", "long", "n",
    "first", "both", "either", "all",
}  # fmt: skip
_MODALS = {"will", "would", "shall", "may", "might", "could", "can", "should", "must", "cannot"}
_DONE_GOVERNORS = {
    "began",
    "begun",
    "continued",
    "continues",
    "forced",
    "managed",
    "had",
    "helped",
    "invited",
    "allowed",
}
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
_BEFORE_ADJECTIVES = {
    "in",
    "by",
    "on",
    "from",
    "as",
    "to",
    "about",
    "under",
    "most",
    "highly",
    "including",
    ",",
    "via",
    "into",
}
# A participle behind one of these is an adjective: "the threat of renewed sanctions".
_BEFORE_NOUNS = {
    "of",
    "the",
    "a",
    "an",
    "any",
    "with",
    "no",
    "for",
    "these",
    "those",
    "all",
    "more",
    "against",
    "other",
}
_DECIDED = {
    "decided", "agreed", "ordered", "decision", "moved", "voted", "opted", "agreement", "deal", "chose", "announced",
    "decides", "agrees", "instructed", "announces",
}  # fmt: skip


def status_of(sentence: Sentence, trigger: Trigger) -> tuple[str, str] | None:
    """Return the status of what a trigger tells and its tense; ``None`` where it is merely spoken of.

    The status is ``done``, ``announced``, ``decided``, ``reported``, ``intended`` or ``denied``; the tense ``past``,
    ``present``, ``progressive`` or ``future``.
    """
    if sentence.text.rstrip("\"”’' ").endswith("?"):
        return None
    at = trigger.verb if trigger.verb >= 0 else trigger.first
    if sentence.clauses[at] in sentence.conditional:
        return "intended", "future"
    if trigger.kind == "diplomatic_talks" and "since" in _left(sentence, at, 12):
        return None
    found = _by_noun(sentence, trigger) if trigger.form in {"noun", "nominal"} else _by_verb(sentence, trigger)
    if found is None or found[0] in {"intended", "denied"}:
        return found
    left = _left(sentence, at, 6)
    if any(low in {"not", "never", "denied", "denies", "deny", "without"} or low == "no" for low in left[:4]):
        return "denied", found[1]
    return found


def _left(sentence: Sentence, at: int, most: int) -> list[str]:
    """Return up to ``most`` tokens before ``at`` in its clause, nearest first."""
    clause = sentence.clauses[at]
    out = []
    for back in range(at - 1, max(at - 1 - most, -1), -1):
        if sentence.clauses[back] != clause:
            break
        out.append(sentence.lows[back])
    return out


def _by_verb(sentence: Sentence, trigger: Trigger) -> tuple[str, str] | None:
    chain = _chain(sentence, trigger.verb)
    if any(low in _MODALS for low in chain):
        if "would" in chain and any(
            low in {"said", "announced", "confirmed"} for low in _left(sentence, trigger.verb, 12)
        ):
            return "announced", "future"  # "said that it would": reported speech of "will"
        guessed = any(low in sentence.lexicon.words["guesses"] for low in _left(sentence, trigger.verb, 12))
        if guessed:
            return "intended", "future"
        return ("announced" if "will" in chain or "shall" in chain else "intended"), "future"
    if "to" in chain and (trigger.form == "base" or "be" in chain or chain[0] == "to"):
        return _after_to(sentence, trigger.verb)
    if trigger.form == "ing":
        return _by_participle(sentence, trigger, chain)
    if trigger.form == "past":
        if "being" in chain:
            return "announced", "progressive"
        if ("be" in chain and chain[0] != "to") or _is_urged(sentence, trigger):
            return "intended", "future"
        previous = sentence.lows[trigger.verb - 1] if trigger.verb else ""
        behind = trigger.obj is not None and trigger.obj[0] > trigger.verb
        adjacent = trigger.obj is not None and trigger.obj[0] == trigger.verb + 1 and not chain
        adjective = behind and (previous in _BEFORE_NOUNS or (adjacent and previous in _BEFORE_ADJECTIVES))
        return None if adjective else ("done", "past")
    if trigger.form == "base":
        previous = sentence.lows[trigger.verb - 1] if trigger.verb else ""
        if previous in {
            "the",
            "a",
            "an",
            "of",
            "this",
            "that",
            "mass",
            "s",
            "its",
            "their",
            "his",
            "large",
            "no",
            "any",
            "-",
        }:
            return _by_noun(sentence, trigger)
        if "to" in _left(sentence, trigger.verb, 8):
            return "intended", "future"
        return ("reported", "present") if _has_subject(sentence, trigger.verb) else None
    return ("announced" if sentence.heading else "reported"), "present"


def _is_urged(sentence: Sentence, trigger: Trigger) -> bool:
    """Return whether a form that is present and past in one stands behind "suggested that": what someone asks for."""
    left = _left(sentence, trigger.verb, 10)
    return "that" in left and any(low in _URGES for low in left[left.index("that") :])


_URGES = {"suggested", "suggests", "proposed", "proposes", "demanded", "urged", "recommended", "insisted", "asked"}


def _has_subject(sentence: Sentence, verb: int) -> bool:
    """Return whether what stands before a base form can do it: a party, a plural or a pronoun; "lower tariffs" has none."""
    if not verb:
        return False
    before = sentence.lows[verb - 1]
    party = any(m.last == verb - 1 for sort in ("auth", "actor") for m in sentence.labelled(sort))
    return (
        party
        or before in {"they", "we", "you", "i", "who", "and", "also"}
        or (before.endswith("s") and len(before) > 3)
    )


def _after_to(sentence: Sentence, verb: int) -> tuple[str, str] | None:
    left = [low for low in _left(sentence, verb, 9) if low.isalpha()]
    near = [low for low in left if low != "to"][:4]
    for low in near:  # the nearest governs: "the decision is expected to"
        if low in _DONE_GOVERNORS:
            return "done", "past"
        if low in _DECIDED:
            return "decided", "future"
        if low in sentence.lexicon.words["future"]:
            return "intended", "future"
    return "intended", "future"


def _by_participle(sentence: Sentence, trigger: Trigger, chain: list[str]) -> tuple[str, str] | None:
    if any(low in {"is", "are", "was", "were", "am"} for low in chain[:3]):
        return "announced", "progressive"
    left = _left(sentence, trigger.verb, 5)
    if any(low in sentence.lexicon.words["announced"] for low in _left(sentence, trigger.verb, 10)):
        return "announced", "present"
    if left[:1] in (["after"], ["following"]):
        return "done", "past"
    if left[:1] in (["including"], ["by"]):
        return "reported", "past"
    following = sentence.lows[trigger.verb + 1 : trigger.verb + 2]
    if following == ["of"] and left[:1] == ["the"]:
        return _by_noun(sentence, trigger)
    previous = left[:1]
    if previous == [","] or previous == ["and"]:
        return "reported", "past"
    return None


def _by_noun(sentence: Sentence, trigger: Trigger) -> tuple[str, str] | None:
    """Return the status of a noun phrase: told as fact unless words of intent stand before it."""
    words = sentence.lexicon.words
    left = _left(sentence, trigger.first if trigger.verb < 0 else trigger.verb, 8)
    if any(low in words["announced"] for low in left):
        return "announced", "past"
    if any(low in words["future"] for low in left[:5]):
        return None if trigger.kind == "prisoner_release" else ("intended", "future")
    return "reported", "past"


def _distinct(sentence: Sentence, found: list[Trigger]) -> list[Trigger]:
    weak = sentence.lexicon.words["weak"]
    strong = [t for t in found if t.name not in weak]
    kept: list[Trigger] = []
    for trigger in sorted(found, key=lambda t: (t.name in weak, t.form == "noun", _object_size(t), t.last - t.first)):
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
    return trigger.obj[0] - trigger.obj[1] if trigger.obj is not None else 0


def _related(one: str, other: str) -> bool:
    return one != other and any(one in family and other in family for family in _FAMILIES)
