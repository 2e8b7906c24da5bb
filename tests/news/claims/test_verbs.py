"""The words of its tense before a verb, and the passive voice."""

import pytest

from potash.news.claims.verbs import chain_of, is_passive
from tests.support.claims import sentence_of


def verb_of(text: str, heading: bool = False):
    """Return the sentence and its verb "lift"."""
    sentence = sentence_of(text, heading)
    return sentence, [m for m in sentence.matches if m.label.sort == "verb:lift"][-1]


@pytest.mark.parametrize(
    ("text", "chain"),
    [
        ("The EU lifted sanctions.", []),
        ("The EU will soon lift sanctions.", ["soon", "will"]),
        ("The EU will fully lift sanctions.", ["fully", "will"]),
        ("The EU will fly lift sanctions.", []),
        ("The EU will duly lift sanctions.", ["duly", "will"]),
        ("They'll lift sanctions.", ["will", ""]),
        ("They've lifted sanctions.", ["have", ""]),
        ("They're lifting sanctions.", ["are", ""]),
        ("Will lifted sanctions.", ["will"]),
        ("Yesterday Will lifted sanctions.", []),
        ("Yesterday May lifted sanctions.", []),
        ("may lift sanctions.", ["may"]),
        ("It will now also soon still only just lift sanctions.", ["just", "only", "still", "soon", "also", "now"]),
        ("Sanctions have been lifted.", ["been", "have"]),
    ],
)
def test_the_words_before_a_verb(text, chain):
    sentence, verb = verb_of(text)
    assert chain_of(sentence, verb.first) == chain


def test_a_headline_writes_will_with_a_capital():
    sentence, verb = verb_of("EU Will Lift Sanctions", heading=True)
    assert chain_of(sentence, verb.first) == ["will"]


@pytest.mark.parametrize(
    ("text", "passive"),
    [
        ("Sanctions were lifted.", True),
        ("Sanctions were soon lifted.", True),
        ("Sanctions lifted by the EU.", True),
        ("The EU lifted sanctions.", False),
        ("The EU is lifting sanctions.", False),
        ("Sanctions lifted", False),
    ],
)
def test_the_passive_voice(text, passive):
    assert is_passive(*verb_of(text)) is passive
