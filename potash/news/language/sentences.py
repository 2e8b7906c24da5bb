"""Sentences of a text, and one sentence taken apart: tokens, what they are, and where its clauses begin."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from potash.news.language.lexicon import Lexicon, Match, Token, tokens_of

# A point ends no sentence after these.
_ABBREVIATIONS = (
    "mr|mrs|ms|dr|st|sen|rep|gov|gen|lt|col|prof|inc|ltd|co|corp|jr|sr|vs|etc|approx|no|nos|fig|jan|feb|mar|apr|jun|jul|"
    "aug|sept|sep|oct|nov|dec|mon|tue|tues|wed|thu|thur|thurs|fri|sat|sun|a\\.m|p\\.m|e\\.g|i\\.e|u\\.s|u\\.k|u\\.n|e\\.u|bn|mln|ca"
)
_END = re.compile(r"""[.!?…]+["”’'»)\]]*(?=\s+["“‘'«(\[]?[A-Z0-9À-Þ€$£–—-]|\s*$)|\n(?=[-•*]\s)""")
_NOT_END = re.compile(rf"(?:^|[^\w])(?:{_ABBREVIATIONS}|[A-Z])\.$", re.IGNORECASE)
_SHORT_QUOTE = 4
_LONG_BREAKS = {
    "in": (("in", "exchange", "for"), ("in", "return", "for"), ("in", "light", "of"), ("in", "response", "to")),
    "as": (("as", "part", "of"), ("as", "well", "as")), "due": (("due", "to"),), "thanks": (("thanks", "to"),),
}  # fmt: skip
_BEFORE_DATES = {"until", "since", "before", "after", "following"}
_DATE_WORD = re.compile(
    r"(?:19|20)\d\d|(?:Jan|Feb|Mar|Apr|May|June?|July?|Aug|Sept?|Oct|Nov|Dec)\w*|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"
)
_QUOTES = '"“”«»„'


def split_sentences(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the spans of the sentences in ``text[start:end]``, without the space around them."""
    at = start
    for match in _END.finditer(text, start, end):
        stop = match.end()
        tail = text[max(at, match.start() - 6) : match.start() + 1]
        if match[0].startswith(".") and _NOT_END.search(tail) and stop < end and not _new_sentence(text, stop, tail):
            continue
        yield from _trimmed(text, at, stop)
        at = stop
    yield from _trimmed(text, at, end)


def _new_sentence(text: str, stop: int, tail: str) -> bool:
    """Return whether a sentence begins although the word before is an abbreviation: "... in the U.S. The bank ..."."""
    if not re.search(r"(?:u\.s|u\.k|e\.u|a\.m|p\.m|inc|corp|ltd|co)\.$", tail, re.IGNORECASE):
        return False
    following = re.match(
        r"\s+[\"“]?(The|A|An|It|In|On|He|She|They|This|That|But|However|After|Its|At|For)\b", text[stop:]
    )
    return following is not None


def _trimmed(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if end > start:
        yield start, end


@dataclass(frozen=True)
class Sentence:
    """One sentence: offsets in the article, tokens with offsets within the sentence, and their labels."""

    start: int
    text: str
    tokens: list[Token]
    matches: list[Match]
    lexicon: Lexicon
    heading: bool

    @classmethod
    def of(cls, text: str, start: int, end: int, lexicon: Lexicon, heading: bool = False) -> Sentence:
        """Return the sentence that stands at ``text[start:end]``."""
        content = text[start:end]
        tokens = tokens_of(content)
        return cls(start, content, tokens, _without_inner(lexicon.match(tokens)), lexicon, heading)

    @cached_property
    def lows(self) -> list[str]:
        """The tokens in lower case."""
        return [token.low for token in self.tokens]

    @cached_property
    def clauses(self) -> list[int]:
        """The number of each token's clause.

        A clause begins at a word such as "after" or "which", at a semicolon, dash or quotation mark, and at ", and" and
        ", but". The comma that closes a clause begun by such a word returns to the clause around it.
        """
        numbers: list[int] = []
        subordinate: set[int] = set()
        clause = latest = 0
        around: int | None = None  # the clause to return to
        quoted_until = -1
        for at, low in enumerate(self.lows):
            if low in _QUOTES:
                if at <= quoted_until or self._short_quote(at):
                    quoted_until = max(quoted_until, at + _SHORT_QUOTE)
                else:
                    clause = latest = latest + 1
                    around = None
            elif self._begins_subordinate(at):
                around = clause if at and around is None else around
                clause = latest = latest + 1
                subordinate.add(clause)
            elif low in ";–—" or (low == "," and self._begins_clause(at + 1)):
                clause = latest = latest + 1
                around = None
            elif low == "," and clause in subordinate and not self._in_list(at):
                if around is None:
                    clause = latest = latest + 1
                else:
                    clause, around = around, None
            numbers.append(clause)
        return numbers

    def _begins_subordinate(self, at: int) -> bool:
        low = self.lows[at]
        if low in self.lexicon.words["breaks"]:
            return not self._begins_none(at)
        if low == "as" and any(m.first == at + 1 and self._acts(m.last + 1) for m in self.matches):
            return True  # "as Washington drops ..."
        return any(tuple(self.lows[at : at + len(run)]) == run for run in _LONG_BREAKS.get(low, ()))

    def _acts(self, at: int) -> bool:
        return any(
            m.first == at and m.label.form in {"s", "past"} and m.label.sort.startswith("verb:") for m in self.matches
        )

    def _short_quote(self, at: int) -> bool:
        """Return whether a quotation of a few words begins here, as of a name: ("OFAC")."""
        return any(low in _QUOTES for low in self.lows[at + 1 : at + 1 + _SHORT_QUOTE])

    @cached_property
    def conditional(self) -> frozenset[int]:
        """The clauses that make a condition: "if", "unless", "once", "whether", "until" without a past."""
        words = {"if", "unless", "once", "whether"}
        conditional = {clause for low, clause in zip(self.lows, self.clauses, strict=True) if low in words}
        past = {self.clauses[m.first] for m in self.matches if m.label.form == "past"}
        until = {clause for low, clause in zip(self.lows, self.clauses, strict=True) if low == "until"}
        return frozenset(conditional | (until - past))

    def labelled(self, sort: str) -> list[Match]:
        """Return the matches of one sort, in order."""
        return [match for match in self.matches if match.label.sort == sort]

    def has_phrase(self, name: str) -> bool:
        """Return whether one of the lexicon's phrases of that name stands in the sentence."""
        lows = self.lows
        return any(
            tuple(lows[at : at + len(phrase)]) == phrase
            for phrase in self.lexicon.phrases[name]
            for at in range(len(lows) - len(phrase) + 1)
        )

    def span(self, first: int, last: int) -> tuple[int, int]:
        """Return the offsets in the article of tokens ``first`` to ``last``."""
        return self.start + self.tokens[first].start, self.start + self.tokens[last].end

    def token_at(self, offset: int) -> int:
        """Return the token at or after an offset within the sentence."""
        return min(bisect_right(self.ends, offset), len(self.tokens) - 1)

    @cached_property
    def ends(self) -> list[int]:
        """Where each token ends."""
        return [token.end for token in self.tokens]

    def _begins_none(self, at: int) -> bool:
        """Return whether the word begins no clause here: "have since found", "once again"."""
        if self.lows[at] == "since" and at and self.lows[at - 1] in self.lexicon.words["perfect"]:
            return True  # "have since found"
        following = self.tokens[at + 1] if at + 1 < len(self.tokens) else None
        if self.lows[at] in _BEFORE_DATES and following is not None and _DATE_WORD.fullmatch(following.text):
            return True  # "until March", "before 2020": a time and no clause
        return self.lows[at] == "once" and at + 1 < len(self.lows) and self.lows[at + 1] in {"again", "a"}

    def _begins_clause(self, at: int) -> bool:
        return (
            at < len(self.lows)
            and self.lows[at] in {"and", "but", "while", "with", "as", "so", "or"}
            and not self._in_list(at - 1)
        )

    def _in_list(self, at: int) -> bool:
        """Return whether the comma at ``at`` parts names or numbers: capitals or figures on both sides."""
        if not 0 < at < len(self.tokens) - 1:
            return False
        before, after = self.tokens[at - 1].text, self.tokens[at + 1].text
        if before[0].isdigit() and after[0].isdigit():
            return True
        following = self.tokens[at + 2].text if self.lows[at + 1] == "and" and at + 2 < len(self.tokens) else after
        return before[0].isupper() and following[0].isupper() and self.lows[at + 1] != "and"


def _without_inner(matches: list[Match]) -> list[Match]:
    """Return the matches without those inside a longer one of the same sort."""
    kept = []
    for match in matches:
        sort, size = match.label.sort, match.last - match.first
        inner = any(
            other.label.sort == sort and other.first <= match.first and other.last >= match.last
            and other.last - other.first > size
            for other in matches
        )  # fmt: skip
        if not inner:
            kept.append(match)
    return kept
