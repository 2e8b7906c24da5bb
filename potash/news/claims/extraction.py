"""Claims in the sentences of an article: who did what to whom, when, how much, and who says so."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import pairwise

from potash.news.claims.carry_over import State, anchor_after, company_of, news_day, said_day, spoken_of, year_of
from potash.news.claims.dating import SentenceDates, moved
from potash.news.claims.parties import named_parties
from potash.news.claims.speakers import Speech, find_speech
from potash.news.claims.tenses import status_of
from potash.news.claims.triggers import Trigger, find_triggers
from potash.news.dates.resolution import Anchor, find_dates
from potash.news.language.lexicon import Lexicon
from potash.news.language.quantities import find_quantities
from potash.news.language.sentences import Sentence, split_sentences
from potash.news.records import Article, Claim, DateMention, Mentions, Quantity

_NO_NAMES = {"envoy", "lady", "belarus"}
_PERSONS = {
    "prisoners",
    "people",
    "citizens",
    "civilians",
    "individuals",
    "detainees",
    "persons",
    "nationals",
    "men",
    "women",
}
_FOREGROUND_DAYS = 14
_DATED_NEAR = 10
# The headline and the first sentences.
HEAD = 3
# Characters from one sentence to the next but one, about.
_NEAR = 250


def read_claims(
    article: Article, lexicon: Lexicon, repeated: Iterable[tuple[int, int]] = ()
) -> tuple[list[Claim], Mentions]:
    """Return the claims of an article and the dates, quantities and actors in it.

    ``repeated`` holds the spans of sentences that say again what the article has said: they are passed over.
    """
    note = article.published.note
    dayfirst = True if "DD/MM" in note else False if "MM/DD" in note else None
    state = State(Anchor(article.published.day, dayfirst=dayfirst))
    skipped = list(repeated)
    claims: list[Claim] = []
    dates: list[DateMention] = []
    quantities: list[Quantity] = []
    actors: list[tuple[int, int, str]] = []
    body = [p for p in article.paragraphs if p.repeats is None]
    spans = [(p, *span) for p in body for span in split_sentences(article.text, p.start, p.end)]
    lead = max(4, len(spans) // 6)
    context = spoken_of(article, lexicon)
    state.publisher = company_of(article.publisher, lexicon)
    state.news = news_day(article, spans[:lead], state.anchor)
    for order, (paragraph, start, end) in enumerate(spans):
        if any(start < b and a < end for a, b in skipped):
            continue
        heading = paragraph.role in {"title", "heading"}
        sentence = Sentence.of(article.text, start, end, lexicon, heading)
        if heading:
            state.anchor = replace(state.anchor, year=year_of(sentence.text, state.published))
        own_dates = find_dates(sentence.text, state.anchor)
        own_quantities = find_quantities(sentence.text)
        when = SentenceDates(sentence, own_dates, state.anchor, said_day(article, state.news))
        reader = _Reader(
            article, sentence, when, own_quantities, state, order < lead, order < HEAD, order == 0, context
        )
        claims += reader.claims()
        dates += [moved(mention, start) for mention in own_dates]
        quantities += [replace(q, start=q.start + start, end=q.end + start) for q in own_quantities]
        actors += [(*sentence.span(m.first, m.last), m.label.name) for m in sentence.labelled("actor")]
        state.anchor = anchor_after(state.anchor, own_dates)
    return claims, Mentions(tuple(dates), tuple(quantities), tuple(actors))


@dataclass
class _Reader:
    """One sentence being read."""

    article: Article
    sentence: Sentence
    when: SentenceDates
    quantities: list[Quantity]
    state: State
    lead: bool
    head: bool
    first: bool
    context: frozenset[str]

    def claims(self) -> list[Claim]:
        claims = [
            claim
            for trigger in find_triggers(self.sentence, self._context())
            if (claim := self._claim(trigger)) is not None
        ]
        speech = find_speech(self.sentence, self.state.speaker, self.state.company)
        companies = [m.label.name for m in self.sentence.labelled("actor") if m.label.form == "company"]
        self.state.company = companies[0] if companies else self.state.company
        if speech is not None:
            if speech.person:
                self.state.speaker = speech.speaker
            claims = [replace(claim, speaker=claim.speaker or speech.speaker) for claim in claims]
            claims = [self._confirmed(claim, speech) for claim in claims]
            factual = [claim for claim in claims if claim.status not in {"intended", "denied", "hoped"}]
            if speech.weighty and not self.sentence.labelled("obj:letter") and not self._only_reports(speech, factual):
                claims.append(self._statement(speech))
        return self._in_order(claims)

    def _is_todays_news(self, at: int, status: str, tense: str) -> bool:
        """Return whether the head of the article tells something as news of its day, without naming the day."""
        if self.when.dates or not self.head or self.when.is_subordinate(self.sentence.clauses[at]):
            return False
        if self.first and tense == "present" and status in {"announced", "reported"}:
            return True  # a headline, whatever the page calls it
        as_fact = status in {"announced", "decided"} or (status == "done" and not self.sentence.heading)
        return (as_fact and (tense != "future" or status == "decided")) or (
            self.sentence.heading and tense == "present"
        )

    def _context(self) -> frozenset[str]:
        """Return what the article speaks of, and the kind of measure that "it" and "them" mean here."""
        measure, more = self.state.measure, set()
        if measure is not None and self.sentence.start - measure.end <= _NEAR:
            more.add("after:" + measure.kind.partition("_")[0])
        if self._own_company():
            more.add("actor:company")
        return self.context | more

    def _own_company(self) -> str:
        """Return the company that "we" or "the company" means here: the publisher of a statement, or that named before."""
        lows = self.sentence.lows
        if self.state.publisher and {"we", "our"} & set(lows):
            return self.state.publisher
        return self.state.company if ("the", "company") in pairwise(lows) else ""

    def _confirmed(self, claim: Claim, speech: Speech) -> Claim:
        """Return a claim that someone confirms or announces, dated as that is, where it has no date of its own."""
        fresh = claim.when is None and claim.status == "done" and not speech.earlier
        if not fresh or self.sentence.lows[speech.token] not in {"confirmed", "confirms", "announced", "announces"}:
            return claim
        if claim.trigger[0] < self.sentence.span(speech.token, speech.token)[0]:
            return claim
        return replace(claim, when=self.when.of_speech(speech))

    def _only_reports(self, speech: Speech, factual: list[Claim]) -> bool:
        """Return whether all that is said is an event that has its own claim."""
        sentence = self.sentence
        after = [c for c in factual if c.trigger[0] >= sentence.span(speech.token, speech.token)[0]]
        if after:
            return True
        more = [
            m for m in sentence.matches
            if m.first > speech.token + 1 and (m.label.sort in {"auth", "good"} or m.label.sort.startswith("obj:"))
        ]  # fmt: skip
        return bool(factual) and len(more) < 2

    def _in_order(self, claims: list[Claim]) -> list[Claim]:
        """Return claims with what the sentence says of the order of relief and release."""
        pair = {c.kind: c for c in claims if c.kind in {"sanctions_eased", "prisoner_release"}}
        if len(pair) < 2:
            return claims
        clauses = {kind: self.sentence.clauses[self._token(c.trigger[0])] for kind, c in pair.items()}
        first = ""
        for kind, clause in clauses.items():
            words = [low for low, c in zip(self.sentence.lows, self.sentence.clauses, strict=True) if c == clause]
            if words[0] in {"after", "following", "since", "considering"}:
                first = kind
            elif {"subsequently", "then", "later"} & set(words):
                first = next(other for other in clauses if other != kind)
        if not first:
            return claims
        order = "release before relief" if first == "prisoner_release" else "relief before release"
        return [replace(c, fields={**c.fields, "order": order}) if c.kind in pair else c for c in claims]

    def _token(self, offset: int) -> int:
        return self.sentence.token_at(offset - self.sentence.start)

    def _claim(self, trigger: Trigger) -> Claim | None:
        sentence, frame = self.sentence, trigger.frame
        status_and_tense = status_of(sentence, trigger)
        if status_and_tense is None:
            return None
        status, tense = status_and_tense
        at = trigger.verb if trigger.verb >= 0 else trigger.first
        dates = self.when if frame.dated else self.when.without_attributes()
        dates = dates if trigger.kind != "company_news" else dates.without_periods()
        when = dates.of_claim(at)
        if frame.dated and (when is None or not when.date or abs(sentence.token_at(when.start) - at) > _DATED_NEAR):
            return None
        actors = self._actors(at)
        authorities, targets = self._parties(trigger, at, actors)
        if not self._has_parties(trigger, at, actors, authorities):
            return None
        quantities = self._own_quantities(trigger, at)
        if status == "announced" and tense == "future" and self._vague(at):
            status = "intended"
        if self._is_total(at, quantities, when):
            status = "aggregate" if status not in {"intended", "denied"} else status
        is_background = not sentence.heading and self._is_known(trigger, at)
        fields = {"tense": tense, "verb": trigger.name, "target": "; ".join(targets), "spellings": self._spellings(at)}
        fields["heading"] = "yes" if sentence.heading else ""
        when = self._as_began(when, status)
        if trigger.kind == "accident" and when is not None and self.when.is_of_speech(when, at):
            when = None  # the day on which it is told, not that of the accident
        if not is_background and trigger.kind != "accident" and self._is_todays_news(at, status, tense):
            fields["news"] = self.state.news or (self.state.published.isoformat() if self.state.published else "")
        start, end = sentence.start, sentence.start + len(sentence.text)
        claim = Claim(
            article_id=self.article.article_id, start=start, end=end, trigger=sentence.span(trigger.first, trigger.last),
            kind=trigger.kind, authorities=authorities, goods=self._goods(at), actors=actors, status=status,
            when=when and moved(when, start), quantities=tuple(_shift(q, start) for q in quantities),
            foreground=self._foreground(when) and not is_background, fields={k: v for k, v in fields.items() if v},
        )  # fmt: skip
        if claim.kind.startswith(("sanctions", "tariff")) and authorities:
            self.state.measure = claim
        return claim

    def _as_began(self, when: DateMention | None, status: str) -> DateMention | None:
        """Return "barred since 7 February" as of that day; a total since a day, or "since then", stays open."""
        if when is None or when.bound != "since" or when.precision != "day" or status == "aggregate":
            return when
        if "then" in self.sentence.text[when.start : when.end]:
            return when
        return replace(when, bound="", rule=f"{when.rule}, when it began")

    def _has_parties(self, trigger: Trigger, at: int, actors: tuple[str, ...], authorities: tuple[str, ...]) -> bool:
        frame, sentence = trigger.frame, self.sentence
        words = {low for low, c in zip(sentence.lows, sentence.clauses, strict=True) if c == sentence.clauses[at]}
        home = {of for actor in actors for of in self.sentence.lexicon.actors[actor].of}
        parties = {name for name in authorities if name not in home} | ({"he", "she", "they"} & words)
        if frame.actors and len({*actors, *parties}) < frame.actors:
            return False
        return not frame.persons or any(self.sentence.lexicon.actors[a].kind in {"person", "office"} for a in actors)

    def _is_known(self, trigger: Trigger, at: int) -> bool:
        """Return whether something is spoken of as known: "the sanctions imposed by"."""
        return trigger.form == "past" and trigger.obj is not None and trigger.obj.last == at - 1

    def _actors(self, at: int) -> tuple[str, ...]:
        sentence = self.sentence
        clause = sentence.clauses[at]
        actors = [m.label.name for m in sentence.labelled("actor") if sentence.clauses[m.first] == clause]
        if not actors and (company := self._own_company()):
            return (company,)
        if not actors and not any(sentence.clauses[m.first] == clause for m in sentence.labelled("auth")):
            actors = [m.label.name for m in sentence.labelled("actor")]
        return tuple(dict.fromkeys(actors))

    def _spellings(self, at: int) -> str:
        """Return the names of persons as they are spelt here: ``John Coale=Cole``."""
        sentence = self.sentence
        people = [m for m in sentence.labelled("actor") if m.label.form == "person"]
        spellings = [
            (m.label.name, sentence.tokens[m.last].text)
            for m in people
            if sentence.clauses[m.first] == sentence.clauses[at]
        ]
        return "; ".join(
            f"{name}={spelt}" for name, spelt in dict.fromkeys(spellings) if spelt.lower() not in _NO_NAMES
        )

    def _parties(self, trigger: Trigger, at: int, actors: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return whose act it is, and against whom."""
        authorities, targets = named_parties(self.sentence, trigger, at, actors)
        measure = self.state.measure
        near = measure is not None and self.sentence.start - measure.end <= _NEAR
        if authorities or measure is None or not near or not trigger.kind.startswith("sanctions"):
            return authorities, targets
        # "The sanctions were widened": those spoken of in the sentences before.
        return measure.authorities, targets or tuple(filter(None, measure.fields.get("target", "").split("; ")))

    def _goods(self, at: int) -> tuple[str, ...]:
        sentence = self.sentence
        goods = sentence.labelled("good")
        names = [m.label.name for m in goods if sentence.clauses[m.first] == sentence.clauses[at]]
        return tuple(dict.fromkeys(names))

    def _own_quantities(self, trigger: Trigger, at: int) -> list[Quantity]:
        sentence, clause = self.sentence, self.sentence.clauses[at]
        of_clause = [q for q in self.quantities if sentence.clauses[sentence.token_at(q.start)] == clause]
        if trigger.kind == "prisoner_release":
            return [q for q in of_clause if q.unit in _PERSONS]
        return of_clause

    def _vague(self, at: int) -> bool:
        sentence, clause = self.sentence, self.sentence.clauses[at]
        vague = sentence.lexicon.words["vague"]
        words = [low for low, c in zip(sentence.lows, sentence.clauses, strict=True) if c == clause]
        return any(low in vague for low in words)

    def _is_total(self, at: int, quantities: list[Quantity], when: DateMention | None) -> bool:
        if any(q.role == "total" for q in quantities):
            return not any(q.role == "flow" for q in quantities)
        return bool(quantities) and (
            self.sentence.has_phrase("aggregate") or (when is not None and when.bound == "since")
        )

    def _foreground(self, when: DateMention | None) -> bool:
        published = self.state.published
        if when is None or not when.date or published is None:
            return self.lead
        if len(when.date) < 10:
            return False
        return 0 <= (published - dt.date.fromisoformat(when.date)).days <= _FOREGROUND_DAYS

    def _plans(self, speech: Speech) -> bool:
        """Return whether a company says what it will do: news of its own rather than a remark."""
        actor = self.sentence.lexicon.actors.get(speech.speaker)
        after = self.sentence.lows[speech.token + 1 : speech.token + 9]
        return (
            actor is not None and actor.kind == "company" and bool({"would", "will", "plans", "planned"} & set(after))
        )

    def _statement(self, speech: Speech) -> Claim:
        sentence, at = self.sentence, speech.token
        start = sentence.start
        when = self.when.of_speech(speech)
        subject = [m.label.name for m in sentence.labelled("auth")] + [
            name for m in sentence.labelled("actor") for name in sentence.lexicon.actors[m.label.name].of
        ]
        actor = sentence.lexicon.actors.get(speech.speaker)
        authorities = tuple(dict.fromkeys([*(actor.of if actor else ()), *subject]))
        goods = tuple(dict.fromkeys(m.label.name for m in sentence.labelled("good")))
        plans = self._plans(speech)
        return Claim(
            article_id=self.article.article_id, start=start, end=start + len(sentence.text), trigger=sentence.span(at, at),
            kind="company_news" if plans else "statement", authorities=authorities, goods=goods, actors=(speech.speaker,),
            status="reported", when=when,
            quantities=tuple(_shift(q, start) for q in self.quantities), speaker=speech.speaker,
            foreground=self._foreground(when), fields={"verb": "plan"} if plans else {},
        )  # fmt: skip


def _shift(quantity: Quantity, by: int) -> Quantity:
    return replace(quantity, start=quantity.start + by, end=quantity.end + by)
