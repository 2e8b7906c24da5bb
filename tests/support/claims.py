"""Sentences read for the events that they tell."""

from potash.news.claims.tenses import status_of
from potash.news.claims.triggers import find_triggers
from potash.news.language.lexicon import load_lexicon
from potash.news.language.sentences import Sentence

_FACT = {"done", "announced", "decided", "reported"}


def told_as_fact(text: str, heading: bool = False) -> list[tuple[str, str]]:
    """Return kind and status of what a sentence tells as fact."""
    sentence = Sentence.of(text, 0, len(text), load_lexicon(), heading)
    found = [(trigger.kind, status_of(sentence, trigger)) for trigger in find_triggers(sentence)]
    return [(kind, status[0]) for kind, status in found if status is not None and status[0] in _FACT]
