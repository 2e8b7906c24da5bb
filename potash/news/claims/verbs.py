"""The verb of a sentence with the words of its tense before it: "will soon be lifted"."""

from __future__ import annotations

from potash.news.language.lexicon import Match
from potash.news.language.sentences import Sentence

_CHAIN = {
    "will", "would", "shall", "may", "might", "could", "can", "should", "must", "to", "not", "also", "now", "soon", "never",
    "still", "only", "since", "already", "later", "again", "then", "just", "even", "so", "far", "yet", "cannot", "long", "n",
    "first", "both", "either", "all",
}  # fmt: skip


def is_passive(sentence: Sentence, verb: Match) -> bool:
    """Return whether a verb tells what was done to its subject: "were lifted", "lifted by"."""
    if verb.label.form != "past":
        return False
    words = sentence.lexicon.words
    chain = chain_of(sentence, verb.first)
    following = sentence.lows[verb.last + 1] if verb.last + 1 < len(sentence.lows) else ""
    return any(low in words["be"] for low in chain) or following == "by"


def chain_of(sentence: Sentence, verb: int) -> list[str]:
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
