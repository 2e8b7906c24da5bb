"""Whether a sentence tells something as done, announced, decided, intended or denied."""

from __future__ import annotations

from potash.news.claims.triggers import Trigger
from potash.news.claims.verbs import chain_of
from potash.news.language.sentences import Sentence

_DETERMINERS = {"the", "a", "an", "of", "this", "that", "mass", "s", "its", "their", "his", "large", "no", "any", "-"}
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
    "decree", "signed",
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
    status_and_tense = (
        _by_noun(sentence, trigger) if trigger.form in {"noun", "nominal"} else _by_verb(sentence, trigger)
    )
    if status_and_tense is None:
        return None
    status, tense = status_and_tense
    if status in {"intended", "denied"}:
        return status, tense
    before = [] if trigger.form == "noun" and trigger.frame.dated else _left(sentence, at, 6)
    if {"denied", "denies", "deny"} & set(_left(sentence, at, 14)):
        return "denied", tense
    if any(low in {"not", "never", "denied", "denies", "deny", "without"} or low == "no" for low in before[:4]):
        return "denied", tense
    return status, tense


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
    chain = chain_of(sentence, trigger.verb)
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
        if "be" in chain or _is_urged(sentence, trigger):
            return "intended", "future"
        previous = sentence.lows[trigger.verb - 1] if trigger.verb else ""
        behind = trigger.obj is not None and trigger.obj.first > trigger.verb
        adjacent = trigger.obj is not None and trigger.obj.first == trigger.verb + 1 and not chain
        adjective = behind and (previous in _BEFORE_NOUNS or (adjacent and previous in _BEFORE_ADJECTIVES))
        return None if adjective else ("done", "past")
    if trigger.form == "base":
        return _by_base(sentence, trigger)
    return ("announced" if sentence.heading else "reported"), "present"


def _by_base(sentence: Sentence, trigger: Trigger) -> tuple[str, str] | None:
    if _is_urged(sentence, trigger):
        return "intended", "future"
    if {"did", "do", "does"} & set(_left(sentence, trigger.verb, 3)):
        return "done", "past"
    previous = sentence.lows[trigger.verb - 1] if trigger.verb else ""
    if previous in _DETERMINERS:
        following = sentence.lows[trigger.verb + 1] if trigger.verb + 1 < len(sentence.lows) else ""
        if following != "of":
            return None  # "deliveries to the end", "this release"
        return _by_noun(sentence, trigger)
    if "to" in _left(sentence, trigger.verb, 8):
        return "intended", "future"
    return ("reported", "present") if _has_subject(sentence, trigger.verb) else None


def _is_urged(sentence: Sentence, trigger: Trigger) -> bool:
    """Return whether a form that is present and past in one stands behind "suggested that": what someone asks for."""
    before = _left(sentence, trigger.verb, 10)
    return "that" in before and any(low in _URGES for low in before[before.index("that") :])


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
    before = [low for low in _left(sentence, verb, 9) if low.isalpha()]
    near = [low for low in before if low != "to"][:4]
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
    before = _left(sentence, trigger.verb, 5)
    announcing = sentence.lexicon.words["announced"] - {
        "said",
        "says",
    }  # "said it is a condition for easing" announces nothing
    if any(low in announcing for low in _left(sentence, trigger.verb, 10)):
        return "announced", "present"
    if before[:1] in (["after"], ["following"]):
        return "done", "past"
    if before[:1] in (["including"], ["by"]):
        return "reported", "past"
    following = sentence.lows[trigger.verb + 1 : trigger.verb + 2]
    if following == ["of"] and before[:1] == ["the"]:
        return _by_noun(sentence, trigger)
    previous = before[:1]
    if previous == [","] or previous == ["and"]:
        return "reported", "past"
    return None


def _by_noun(sentence: Sentence, trigger: Trigger) -> tuple[str, str] | None:
    """Return the status of a noun phrase: told as fact unless words of intent stand before it."""
    words = sentence.lexicon.words
    before = _left(sentence, trigger.first if trigger.verb < 0 else trigger.verb, 8)
    if any(low in words["announced"] for low in before):
        return "announced", "past"
    if any(low in words["future"] for low in before[:5]):
        return None if trigger.kind == "prisoner_release" else ("intended", "future")
    return "reported", "past"
