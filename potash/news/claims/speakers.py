"""Who says something in a sentence."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from potash.news.language.lexicon import Match
from potash.news.language.sentences import Sentence

# A person who says as much says something; an office must speak of the market or its politics.
MANY_WORDS = 14
_PRONOUNS = {"he", "she", "they"}
# Companies "add 3 %" and "list shares" as well; these they do in words only.
_COMPANIES_SAY = {
    "denied",
    "denies",
    "declined",
    "estimates",
    "estimated",
    "said",
    "says",
    "saying",
    "warned",
    "warns",
    "confirmed",
    "expects",
    "stated",
    "told",
    "announced",
}
_OFFICES = {
    "ministry",
    "government",
    "cabinet",
    "official",
    "officials",
    "spokesman",
    "spokeswoman",
    "embassy",
    "minister",
}
_ADVERBS = {"earlier", "also", "has", "had", "have", "later", "previously", "then", "today", "again", "repeatedly"}
_NOT_NAMES = {
    "the",
    "press",
    "news",
    "agency",
    "times",
    "post",
    "journal",
    "reuters",
    "bloomberg",
    "telegraph",
    "tass",
    "xinhua",
    "by",
    "but",
    "in",
    "on",
    "at",
    "for",
    "and",
    "after",
    "before",
    "with",
    "from",
    "this",
    "that",
    "it",
    "a",
    "an",
    "as",
    "if",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
    "later",
    "earlier",
    "however",
}
_TITLES = {"mr", "mrs", "ms", "dr", "president", "minister", "envoy", "senator", "secretary", "chief", "executive"}


@dataclass(frozen=True, slots=True)
class Speech:
    """A sentence as the words of ``speaker``.

    ``token`` is that of the verb; ``person`` whether a person speaks; ``earlier`` whether it is told as past ("has warned",
    "earlier said"); ``weighty`` whether what is said bears on the market, its goods or its politics.
    """

    speaker: str
    token: int
    person: bool
    earlier: bool
    weighty: bool


class _Subject(NamedTuple):
    """Who a verb of speech has for its subject, and whether that is a person."""

    name: str
    person: bool


def find_speech(sentence: Sentence, last_speaker: str, last_company: str = "") -> Speech | None:
    """Return the speech of a sentence, its speaker first, or ``None``.

    ``last_speaker`` is whom "he" and "she" mean, ``last_company`` what "the company" means.
    """
    if sentence.heading:
        return None
    source = _according_to(sentence)
    if source is not None and source.token <= 1:
        return source
    words = sentence.lexicon.words
    inside_names = {
        at for m in sentence.matches if m.label.sort in {"auth", "actor"} for at in range(m.first, m.last + 1)
    }
    for at, low in enumerate(sentence.lows):
        if at in inside_names or not (low == "saying" or (low in words["speech"] and not _is_no_verb(sentence, at))):
            continue
        subject = _subject(sentence, at, last_speaker, last_company)
        if low in {"added", "adds"} and sentence.lows[at + 1 : at + 2] and sentence.lows[at + 1][0].isdigit():
            continue
        actor = sentence.lexicon.actors.get(subject.name) if subject else None
        if actor is not None and actor.kind == "company" and low not in _COMPANIES_SAY:
            continue
        if subject is not None:
            return _speech(sentence, subject.name, at, subject.person)
    return source


def _speech(sentence: Sentence, speaker: str, at: int, person: bool) -> Speech:
    words = sentence.lexicon.words
    near = sentence.lows[max(at - 4, 0) : at]
    earlier = any(low in words["perfect"] or low in words["background"] for low in near)
    about = any(
        m.label.sort in {"good", "auth"} or m.label.sort.startswith(("obj:", "noun:"))
        for m in sentence.matches
        if m.first > at or m.last < at - 1
    )
    return Speech(speaker, at, person, earlier, about or (person and len(sentence.tokens) >= MANY_WORDS))


def _according_to(sentence: Sentence) -> Speech | None:
    lows = sentence.lows
    for at in range(len(lows) - 2):
        if lows[at] == "according" and lows[at + 1] == "to":
            for match in sentence.labelled("actor"):
                if at + 2 <= match.first <= at + 4 and match.label.form in {"group", "person", "office"}:
                    return _speech(sentence, match.label.name, at, match.label.form == "person")
    return None


def _is_no_verb(sentence: Sentence, at: int) -> bool:
    """Return whether a verb of speech stands as a noun or in the passive: "the claim", "is expected", "to say"."""
    words = sentence.lexicon.words
    before = sentence.lows[at - 1] if at else ""
    if before in {"the", "a", "an", "this", "that", "of", "to", "its", "their", "his", "no", "in", "as", "not"}:
        return True
    return any(low in words["be"] for low in sentence.lows[max(at - 2, 0) : at])


def _subject(sentence: Sentence, verb: int, last_speaker: str, last_company: str) -> _Subject | None:
    """Return the subject of a verb of speech: the first party of its clause before it, or the one right after it."""
    clause = sentence.clauses[verb]
    before = [at for at in range(max(verb - 16, 0), verb) if sentence.clauses[at] == clause]
    actors = [m for m in sentence.labelled("actor") if sentence.clauses[m.first] == clause]
    for match in reversed(actors):
        if match.last < verb and verb - match.last <= 14 and _may_speak(sentence, match):
            return _Subject(match.label.name, match.label.form == "person")
    for match in actors:
        if (
            0 < match.first - verb <= 4
            and not set(sentence.lows[verb + 1 : match.first]) - _TITLES - {".", "the", "a"}
            and sentence.lows[verb] not in {"told", "urged", "asked"}
        ):
            return _Subject(match.label.name, match.label.form == "person")
    name = _unknown_name(sentence, before)
    if name:
        return _Subject(name, True)
    after = [at for at in range(verb + 1, min(verb + 4, len(sentence.tokens))) if sentence.clauses[at] == clause]
    name = _unknown_name(sentence, after) if after and sentence.tokens[after[0]].text[0].isupper() else ""
    if name:
        return _Subject(name, True)
    first = sentence.labelled("actor")[:1]
    if (
        first
        and first[0].first <= 4
        and clause
        and sentence.clauses[first[0].first] == 0
        and before
        and (sentence.lows[before[0]] == "," or len(before) < 2)
    ):
        return _Subject(first[0].label.name, first[0].label.form == "person")
    words = [sentence.lows[at] for at in before]
    if last_company and any(
        pair in {("the", "company"), ("the", "firm"), ("the", "producer"), ("the", "group")} for pair in pairwise(words)
    ):
        return _Subject(last_company, False)
    if last_speaker and any(sentence.lows[at] in _PRONOUNS for at in before[-4:]):
        return _Subject(last_speaker, True)
    return _office(sentence, before)


def _is_spoken_for(sentence: Sentence, match: Match) -> bool:
    """Return whether "a spokesman for" stands before an actor."""
    before = sentence.lows[max(match.first - 4, 0) : match.first]
    return "for" in before and bool({"spokesman", "spokeswoman", "spokesperson"} & set(before))


def _may_speak(sentence: Sentence, match: Match) -> bool:
    """Return whether an actor can be the subject: no owner of something, behind no preposition and no verb."""
    lows = sentence.lows
    if lows[match.last + 1 : match.last + 3] == ["'", "s"] or lows[match.last + 1 : match.last + 3] == ["’", "s"]:
        return False
    behind_verb = any(m.last == match.first - 1 and m.label.sort.startswith("verb:") for m in sentence.matches)
    return not behind_verb and not _behind_preposition(sentence, match)


def _behind_preposition(sentence: Sentence, match: Match) -> bool:
    at = match.first - 1
    while at > 0 and sentence.lows[at] in {"the", "a", "an"}:
        at -= 1
    before = sentence.lows[at] if at >= 0 else ""
    return before in {"alongside", "with", "to", "from", "of", "for", "by", "at", "in", "on", "against", "as", "about"}


def _unknown_name(sentence: Sentence, tokens: list[int]) -> str:
    """Return a name of two to four capitalised words that the lexicon does not hold; a title before it is no part."""
    barred = _NOT_NAMES | _TITLES | sentence.lexicon.words["roles"]
    lexical = {
        at for m in sentence.matches if m.label.sort in {"auth", "actor", "good"} for at in range(m.first, m.last + 1)
    }
    run: list[str] = []
    for at in [*tokens, -1]:
        token = sentence.tokens[at] if at >= 0 else None
        if token is not None and run and token.low in {"'", "-"} and at + 1 in tokens:
            run.append(token.low)
        elif token is not None and token.low in barred:
            run = []
        elif token is not None and token.text[:1].isupper() and token.text.isalpha() and at not in lexical:
            run.append(token.text)
        else:
            name = re.sub(r" ?(['-]) ?", r"\1", " ".join(run)).strip("'-")
            if 2 <= len(name.split()) <= 4:
                return name
            run = []
    return ""


def _office(sentence: Sentence, tokens: list[int]) -> _Subject | None:
    """Return an authority that speaks as such ("Russia earlier stated"), or its officials."""
    roles = sentence.lexicon.words["roles"]
    authorities = [m for m in sentence.labelled("auth") if m.first in tokens and not _behind_preposition(sentence, m)]
    parties = sentence.labelled("actor") + sentence.labelled("auth")
    spokesman = [m for m in parties if m.first in tokens and _is_spoken_for(sentence, m)]
    if spokesman:
        return _Subject(spokesman[0].label.name, False)
    inside = {at for m in sentence.labelled("auth") for at in range(m.first, m.last + 1)}
    role = next((sentence.lows[at] for at in tokens if sentence.lows[at] in roles and at not in inside), "")
    office = next((at for at in tokens if sentence.lows[at] in _OFFICES), -1)
    place = [m for m in sentence.labelled("auth") if office < m.first <= office + 3 and m.first in tokens]
    if office >= 0 and place and sentence.lows[office + 1] in {"in", "of", "for"}:
        return _Subject(f"{place[0].label.name} {sentence.lows[office]}", False)
    beside = [m for m in authorities if sentence.lows[m.last + 1 : m.last + 3].count(role)]
    if role and beside:
        return _Subject(f"{beside[0].label.name} {role}", False)
    if {"nor", "neither", "not", "no"} & {sentence.lows[at] for at in tokens}:
        return None
    if authorities and all(sentence.lows[at] in _ADVERBS for at in tokens if at > authorities[-1].last):
        return _Subject(authorities[-1].label.name, False)
    return None
