"""Sentences read for the events that they tell, and how far a word of theirs reaches."""

from collections.abc import Callable

from potash.news.claims.extraction import read_claims
from potash.news.claims.tenses import status_of
from potash.news.claims.triggers import find_triggers
from potash.news.language.lexicon import load_lexicon
from potash.news.language.sentences import Sentence
from potash.news.records import Claim
from tests.support.articles import page

_FACT = {"done", "announced", "decided", "reported"}


def sentence_of(text: str, heading: bool = False) -> Sentence:
    """Return a sentence taken apart with the built-in lexicon."""
    return Sentence.of(text, 0, len(text), load_lexicon(), heading)


def statuses(text: str, heading: bool = False) -> list[tuple[str, tuple[str, str] | None]]:
    """Return the kind of each event that a sentence tells, with its status and tense."""
    sentence = sentence_of(text, heading)
    return [(trigger.kind, status_of(sentence, trigger)) for trigger in find_triggers(sentence)]


def told_as_fact(text: str, heading: bool = False) -> list[tuple[str, str]]:
    """Return kind and status of what a sentence tells as fact."""
    return [(kind, status[0]) for kind, status in statuses(text, heading) if status is not None and status[0] in _FACT]


def claims_of(text: str, published: str = "2025-12-14") -> list[Claim]:
    """Return the claims of a page whose paragraphs are parted by blank lines."""
    return read_claims(page(text, published), load_lexicon())[0]


def reach(template: str, read: Callable[[str], object], filler: str = "very ") -> int:
    """Return with how many words in the gap of a sentence it is first read otherwise than with none; 0 for never."""
    first = read(template.format(""))
    return next((n for n in range(1, 30) if read(template.format(filler * n)) != first), 0)
