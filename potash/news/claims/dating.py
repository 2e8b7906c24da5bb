"""Which date of a sentence belongs to what it tells: by clause, by who says so, or by the news around it."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, replace

from potash.news.claims.speakers import Speech
from potash.news.dates.resolution import Anchor
from potash.news.language.sentences import Sentence
from potash.news.records import DateMention

_DAYS = {"day": 1, "week": 7}
_NUMBERS = {"a": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "ten": 10}
_GAP = re.compile(rf"\b({'|'.join(_NUMBERS)}|\d{{1,3}}) (day|week)s?\s*$", re.IGNORECASE)
_PERIOD = re.compile(r"quarter|half|fiscal|full.year|\bQ[1-4]\b|\bH[12]\b|months?\b.*(?:ended|results)", re.IGNORECASE)
_OWNERS = {"the", "its", "their", "his", "a", "this", "for", "s", "full", "with", "of", ""}
_SAME_TIME = (
    "at the same meeting", "at the same time", "in the same sitting", "at that meeting", "at the same session",
    "on the same occasion",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class SentenceDates:
    """The dates of one sentence, with offsets in it; ``said_day`` is that of undated remarks if not the day of publication."""

    sentence: Sentence
    dates: list[DateMention]
    anchor: Anchor
    said_day: str

    def without_periods(self) -> SentenceDates:
        """Return the dates without those that only name what is reported on: a quarter, a half, a fiscal year."""
        kept = [m for m in self.dates if not _PERIOD.search(self.sentence.text[m.start : m.end + 12])]
        return replace(self, dates=kept)

    def without_attributes(self) -> SentenceDates:
        """Return the dates without years that only describe a noun: "its 2022 contract"."""
        return replace(self, dates=[m for m in self.dates if not self._describes(m)])

    def _describes(self, mention: DateMention) -> bool:
        if mention.precision != "year" or mention.bound:
            return False
        first = self.sentence.token_at(mention.start)
        last = self.sentence.token_at(max(mention.end - 1, mention.start))
        before = self.sentence.lows[first - 1] if first else ""
        following = self.sentence.lows[last + 1] if last + 1 < len(self.sentence.lows) else ""
        is_number = self.sentence.text[mention.start : mention.end].strip().isdigit()
        return (
            is_number
            and before in _OWNERS
            and following.isalpha()
            and following not in {"and", "to", "after", "when", "by"}
        )

    def of_claim(self, at: int) -> DateMention | None:
        """Return the date of what token ``at`` tells: of its clause, before all clauses, or of who says so."""
        sentence = self.sentence
        tokens = [(m, sentence.token_at(m.start)) for m in self.dates if "named only" not in m.rule]
        placed = [(m, token, sentence.clauses[token]) for m, token in tokens]
        clause = sentence.clauses[at]
        derived = self._so_long_after(clause, placed)
        if derived is not None:
            return derived
        of_clause = [(m, token) for m, token, c in placed if c == clause]
        if of_clause:
            # "recently" leaves open what it stands beside, and no more.
            return min(
                of_clause, key=lambda p: (p[0].bound == "since", not p[0].date and abs(p[1] - at) > 3, abs(p[1] - at))
            )[0]
        return self._of_sentence_before() or self._of_other_clauses(clause, placed)

    def _of_sentence_before(self) -> DateMention | None:
        if not self.sentence.text.lower().startswith(_SAME_TIME) or self.anchor.last is None:
            return None
        return replace(self.anchor.last, start=0, end=0, rule="at the time of the sentence before")

    def _of_other_clauses(self, clause: int, placed: list[tuple[DateMention, int, int]]) -> DateMention | None:
        """Return a date that stands before all clauses, with who says so, or with what the clause follows."""
        sentence = self.sentence
        if self._opening(clause) == "when" and (
            earlier := [m for m, _, c in placed if c < clause and m.precision == "day"]
        ):
            return earlier[-1]
        first = sentence.clauses[0]
        for mention, token, c in placed:
            if token <= 3 and c == first and not self.is_subordinate(clause):
                return mention
        speech = {sentence.clauses[i] for i, low in enumerate(sentence.lows) if low in sentence.lexicon.words["speech"]}
        for mention, _, c in placed:
            if c in speech and c != clause and not mention.bound and not self.is_subordinate(clause):
                return mention
        if self._soon_after(clause) and placed:
            return placed[0][0]
        for mention, _, c in placed:
            if (
                c > clause
                and mention.precision in {"year", "month"}
                and not mention.future
                and self._opens_after(clause, c)
            ):
                return (
                    mention
                    if mention.bound == "since"
                    else replace(mention, bound="after", rule=f"not before: {mention.rule}")
                )
        return None

    def is_of_speech(self, mention: DateMention, at: int) -> bool:
        """Return whether a date stands right behind "said", which follows what token ``at`` tells."""
        token = self.sentence.token_at(mention.start)
        near = range(max(token - 4, 0), token)
        return any(i > at and self.sentence.lows[i] in self.sentence.lexicon.words["speech"] for i in near)

    def _so_long_after(self, clause: int, placed: list[tuple[DateMention, int, int]]) -> DateMention | None:
        """Return the date of "one week after ...", counted from the day that the main clause names."""
        sentence = self.sentence
        opening = sentence.clauses.index(clause)
        word = sentence.lows[opening]
        days = [m for m, _, c in placed if m.precision == "day" and c <= clause]
        gap = _GAP.search(sentence.text[: sentence.tokens[opening].start])
        if word not in {"after", "before"} or not days or gap is None:
            return None
        number = int(gap[1]) if gap[1].isdigit() else _NUMBERS[gap[1].lower()]
        away = dt.timedelta(days=number * _DAYS[gap[2].lower()])
        day = dt.date.fromisoformat(days[0].date) + (away if word == "before" else -away)
        side = "earlier" if word == "after" else "later"
        rule = f"{gap[0].strip()} {side} than {days[0].date}, as told"
        return replace(days[0], start=gap.start(1), end=gap.end(), date=day.isoformat(), rule=rule)

    def _soon_after(self, clause: int) -> bool:
        """Return whether a clause is "hours after ...": on the same day."""
        opening = self.sentence.clauses.index(clause)
        low = self.sentence.lows[opening]
        return (
            low == "after"
            and opening > 0
            and self.sentence.lows[opening - 1] in {"hours", "minutes", "shortly", "soon"}
        )

    def is_subordinate(self, clause: int) -> bool:
        """Return whether a clause hangs on another: "after ...", "which ..."."""
        low = self._opening(clause)
        return low in {"after", "before", "following", "since", "which", "who", "whose", "where", "when"}

    def _opening(self, clause: int) -> str:
        return next(low for low, c in zip(self.sentence.lows, self.sentence.clauses, strict=True) if c == clause)

    def _opens_after(self, clause: int, later: int) -> bool:
        return any(self._opening(c) in {"after", "following", "since"} for c in range(clause + 1, later + 1))

    def of_speech(self, speech: Speech) -> DateMention | None:
        """Return the date of a remark: as the clause states, else on the day of publication unless told as past."""
        sentence, published = self.sentence, self.anchor.published
        for mention in self.dates:
            if mention.future or mention.bound or (published is not None and mention.date > published.isoformat()):
                continue
            token = sentence.token_at(mention.start)
            exact = mention.precision in {"day", "time", "unresolved"} or abs(token - speech.token) <= 3
            same = sentence.clauses[token] == sentence.clauses[speech.token]
            if same and exact and "named only" not in mention.rule:
                return moved(mention, sentence.start)
            if (
                token > speech.token
                and self._opening(sentence.clauses[token]) == "after"
                and mention.precision == "day"
            ):
                return moved(mention, sentence.start)
        if published is not None and self.sentence.lows[speech.token - 2 : speech.token] in (
            ["have", "since"],
            ["has", "since"],
        ):
            return self._ever_since(published)
        if published is None or speech.earlier:
            return None
        start, end = sentence.span(speech.token, speech.token)
        rule = (
            "told in the morning beside the news of the day before"
            if self.said_day
            else "told as of the day of publication"
        )
        return DateMention(start, end, self.said_day or published.isoformat(), "", "day", rule)

    def _ever_since(self, published: dt.date) -> DateMention | None:
        """Return the stretch of "have since counted": from the date named before to publication."""
        dates = [m for m in self.dates if m.date and m.precision in {"day", "month", "year"}]
        if not dates:
            return None
        first, end = dates[0], published.isoformat()[: len(dates[0].date)]
        whole = moved(first, self.sentence.start)
        if first.date == end:
            return whole
        return replace(whole, date_end=end, precision="range", rule=f"since {first.date}, until told")


def moved(mention: DateMention, by: int) -> DateMention:
    """Return a mention with its offsets moved."""
    return replace(mention, start=mention.start + by, end=mention.end + by)
