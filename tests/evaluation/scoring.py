"""How well a timeline reads its articles: events, dates, quantities and hard cases against a gold file."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from textwrap import shorten
from typing import TYPE_CHECKING, Any, Protocol

from potash.errors import listed
from potash.news.records import Article, Claim, DateMention, Quantity
from tests.evaluation.gold import Gold, GoldEvent, Support, date_interval, dates_agree, meets
from tests.evaluation.hard_cases import HardCase, View, judge, same_quantity

if TYPE_CHECKING:
    import pandas as pd

# For these kinds a scope need not name the same authority: it must not contradict, and the evidence must overlap.
_LOOSE = {"statement", "diplomatic_talks", "transport", "military", "aid", "company_news", "legal", "policy"}
# Sanctions have them as their target, never as their author.
_TARGETS = {"Belarus", "Russia"}


class ScorableReading(Protocol):
    """What the reader made of a folder: its articles, claims and events, and lookups by article."""

    @property
    def articles(self) -> Sequence[Article]:
        """Every article read."""

    @property
    def claims(self) -> Sequence[Claim]:
        """Every claim, whether or not it made an event."""

    @property
    def events(self) -> Sequence[Any]:
        """Events: ``event_id kind date date_end authorities goods actors status claims``."""

    @property
    def price_claims(self) -> Sequence[Any]:
        """Sentences about prices: ``article_id start end ticker date percent``."""

    def dates(self, article_id: str) -> Sequence[DateMention]:
        """Return every date mention of an article."""

    def quantities(self, article_id: str) -> Sequence[Quantity]:
        """Return every quantity of an article."""

    def actors(self, article_id: str) -> Sequence[tuple[int, int, str]]:
        """Return start, end and standard name of every actor of an article."""


@dataclass(frozen=True, slots=True)
class EventRow:
    """One event of either side.

    ``outcome`` is ``matched``, ``misdated`` (one of the gold's but for its date), ``missed`` (gold only), ``extra``
    (timeline only) or ``outside`` (told by no file that the gold knows, and counted nowhere).
    """

    gold: str
    outcome: str
    kind: str
    gold_id: str = ""
    gold_date: str = ""
    event_id: str = ""
    date: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class QuantityRow:
    """One quantity of a matched gold event, and whether the claims of the emitted event have it."""

    gold: str
    gold_id: str
    event_id: str
    value: float
    unit: str
    is_read: bool


@dataclass(frozen=True, slots=True)
class Score:
    """Every event, quantity and hard case with its outcome; the figures derive from them and are NaN over nothing.

    ``merges`` has one entry for each two events that must not be merged; ``minimum`` says of each event that any good
    reader finds whether it was found; ``unread`` are files of the gold that the reading lacks.
    """

    events: tuple[EventRow, ...]
    quantities: tuple[QuantityRow, ...]
    hard_cases: tuple[HardCase, ...]
    merges: tuple[HardCase, ...]
    minimum: tuple[tuple[str, bool], ...]
    unread: tuple[str, ...]

    def _share(self, *outcomes: str) -> float:
        """Return the share of matched events among those of the outcomes."""
        return _mean(row.outcome == "matched" for row in self.events if row.outcome in ("matched", *outcomes))

    @property
    def precision(self) -> float:
        """Matched events over emitted events."""
        return self._share("misdated", "extra")

    @property
    def recall(self) -> float:
        """Matched events over gold events."""
        return self._share("misdated", "missed")

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall: 2 matched / (emitted + gold)."""
        both = 2 * len(self.matched) + len(self.missed) + len(self.extra)
        return 2 * len(self.matched) / both if both else math.nan

    @property
    def date_accuracy(self) -> float:
        """Rightly dated events over those that are a gold event by kind, scope and evidence."""
        return self._share("misdated")

    @property
    def quantity_accuracy(self) -> float:
        """Found quantities over the quantities of matched gold events."""
        return _mean(row.is_read for row in self.quantities)

    def rows(self, *outcomes: str) -> tuple[EventRow, ...]:
        """Return the events with one of the outcomes."""
        return tuple(row for row in self.events if row.outcome in outcomes)

    @property
    def matched(self) -> tuple[EventRow, ...]:
        """Emitted events that are a gold event."""
        return self.rows("matched")

    @property
    def missed(self) -> tuple[EventRow, ...]:
        """Gold events not found, with those found under another date."""
        return self.rows("missed", "misdated")

    @property
    def extra(self) -> tuple[EventRow, ...]:
        """Emitted events that are no gold event, with those under another date."""
        return self.rows("extra", "misdated")

    def to_frames(self) -> dict[str, pd.DataFrame]:
        """Return ``events``, ``quantities``, ``hard_cases`` and ``merges`` as frames, a row each."""
        import pandas as pd  # heavy, so not at the top

        parts = {"events": EventRow, "quantities": QuantityRow, "hard_cases": HardCase, "merges": HardCase}
        return {
            name: pd.DataFrame([asdict(row) for row in getattr(self, name)], columns=[f.name for f in fields(form)])
            for name, form in parts.items()
        }


def score(reading: ScorableReading, gold: Gold) -> Score:
    """Return how a reading of articles compares with a gold file.

    Emitted and gold events are paired one to one: same kind, agreeing date (:func:`dates_agree`), scope that shares an
    authority and a good where both sides have any, and evidence that overlaps where the gold's is at hand.

    Raises
    ------
    EventsError
        If the two have no file in common, or a quote of the gold does not stand where the gold says.
    """
    view = View(reading, gold)
    files = gold.files
    emitted = [e for e in reading.events if not view.spans(e) or any(span[0] in files for span in view.spans(e))]
    pairs = _pair(view, emitted, gold.events, dated=True)
    view.pairs.update(pairs)
    paired = {id(event) for event in pairs.values()}
    unpaired = [event for event in emitted if id(event) not in paired]
    late = _pair(view, unpaired, [g for g in gold.events if g.gold_id not in pairs], dated=False)
    paired |= {id(event) for event in late.values()}
    label, countable = str(gold.path), {id(event) for event in emitted}
    rows = [_gold_row(label, each, pairs.get(each.gold_id), late.get(each.gold_id)) for each in gold.events]
    rows += [_own_row(label, event, id(event) in countable) for event in reading.events if id(event) not in paired]
    return Score(
        tuple(rows),
        tuple(_quantities(view, label)),
        tuple(judge(view, case, label) for case in gold.cases),
        tuple(_merges(view, label)),
        tuple((name, name in pairs) for name in gold.minimum),
        tuple(sorted(files - set(view.articles))),
    )


def combine(scores: Iterable[Score]) -> Score:
    """Return one score over many gold files: counts are added, not averaged."""
    parts = list(scores)
    return Score(*(tuple(row for each in parts for row in getattr(each, f.name)) for f in fields(Score)))


def _mean(values: Iterable[bool]) -> float:
    outcomes = list(values)
    return sum(outcomes) / len(outcomes) if outcomes else math.nan


def _pair(view: View, events: Sequence[Any], golds: Sequence[GoldEvent], dated: bool) -> dict[str, Any]:
    """Return the emitted event of each gold event: as many pairs as possible, then most evidence, then nearest dates."""
    from scipy.optimize import linear_sum_assignment

    weights = [[_weight(view, event, gold, dated) for gold in golds] for event in events]
    if not events or not golds:
        return {}
    rows, columns = linear_sum_assignment(weights, maximize=True)
    places = zip(rows.tolist(), columns.tolist(), strict=True)
    return {golds[column].gold_id: events[row] for row, column in places if weights[row][column] > 0}


def _weight(view: View, event: Any, gold: GoldEvent, dated: bool) -> float:
    if event.kind != gold.kind or not _scopes_agree(event, gold):
        return 0.0
    dates = (event.date[:10], event.date_end[:10])
    if dated and not dates_agree((gold.date, gold.date_end), dates):
        return 0.0
    at_hand = any(support.file in view.articles for support in gold.supports)
    overlaps = view.told_at(event, gold.supports)
    if not overlaps and (at_hand or not dated):
        return 0.0
    days = abs((date_interval(*dates)[0] - date_interval(gold.date)[0]).days) if dates[0] and gold.date else 0
    return 1e6 + overlaps * 100 + 1 / (1 + days)


def _scopes_agree(event: Any, gold: GoldEvent) -> bool:
    """Return whether scopes share an authority and a good where both have any; loose kinds share any word."""
    if event.kind in _LOOSE:
        emitted_names, gold_names = (
            {*e.authorities, *e.goods, *(name.split()[-1].casefold() for name in e.actors if name.strip())}
            for e in (event, gold)
        )
        return not emitted_names or not gold_names or bool(emitted_names & gold_names)
    authorities = [set(event.authorities), set(gold.authorities)]
    if event.kind.startswith("sanctions_"):
        authorities = [names - _TARGETS for names in authorities]
    pairs = (authorities, [set(event.goods), set(gold.goods)])
    return all(not a or not b or bool(a & b) for a, b in pairs)


def _gold_row(label: str, gold: GoldEvent, matched: Any, misdated: Any) -> EventRow:
    outcome = "matched" if matched else "misdated" if misdated else "missed"
    event = matched or misdated
    event_id, date = (event.event_id, _day(event)) if event else ("", "")
    return EventRow(label, outcome, gold.kind, gold.gold_id, _day(gold), event_id, date, gold.title)


def _own_row(label: str, event: Any, is_countable: bool) -> EventRow:
    outcome, title = "extra" if is_countable else "outside", " ".join((*event.authorities, *event.goods, *event.actors))
    return EventRow(label, outcome, event.kind, event_id=event.event_id, date=_day(event), title=title)


def _day(event: Any) -> str:
    return "/".join(filter(None, (event.date, event.date_end))) or "undated"


def _quantities(view: View, label: str) -> Iterable[QuantityRow]:
    for gold in view.gold.events:
        if gold.gold_id not in view.pairs:
            continue
        event = view.pairs[gold.gold_id]
        for value, unit in gold.quantities:
            is_read = any(same_quantity(q, value, unit) for claim in event.claims for q in claim.quantities)
            yield QuantityRow(label, gold.gold_id, event.event_id, value, unit, is_read)


def _merges(view: View, label: str) -> Iterable[HardCase]:
    """Yield, for each two events that must not be merged, whether one emitted event holds evidence of either alone."""
    golds = {gold.gold_id: gold for gold in view.gold.events}
    pairs = sorted({(min(g.gold_id, other), max(g.gold_id, other)) for g in golds.values() for other in g.apart})
    for one, two in pairs:
        first, second = golds[one], golds[two]
        alone = [
            [s for s in a.supports if not any(meets((s.file, s.start, s.end), other) for other in b.supports)]
            for a, b in ((first, second), (second, first))
        ]
        tellers = [
            {event.event_id for event in view.reading.events if event.kind == gold.kind and view.told_at(event, part)}
            for gold, part in zip((first, second), alone, strict=True)
        ]
        both = sorted(tellers[0] & tellers[1])
        outcome = "wrong" if both else "right" if tellers[0] and tellers[1] else "not checkable"
        why = f"told by {listed(sorted(tellers[0]))} and {listed(sorted(tellers[1]))}; by both: {listed(both)}"
        support = first.supports[0] if first.supports else Support("", 0, 0, "")
        right = f"{one} ({first.title}) and {two} ({second.title}) are two events"
        yield HardCase(label, "merge", support.file, support.quote, right, outcome, why)


def format_score(score: Score) -> str:
    """Return a score as text: a table of figures, then hard cases, merges, missed and extra events one by one."""
    sections = {
        "Hard cases": [f"{number:3} {_case_text(case)}" for number, case in enumerate(score.hard_cases, 1)],
        "Merged, though two events": [_case_text(case) for case in score.merges if case.outcome == "wrong"],
        "Minimum events not found": [name for name, is_read in score.minimum if not is_read],
        "Missed events": [f"{row.gold_id} {row.kind} {row.gold_date}: {row.title}" for row in score.rows("missed")],
        "Found under another date": [
            f"{row.gold_id} {row.kind} {row.gold_date}, told as {row.date} ({row.event_id}): {row.title}"
            for row in score.rows("misdated")
        ],
        "Extra events": [_own_text(row) for row in score.rows("extra")],
        "Events of files that the gold does not know": [_own_text(row) for row in score.rows("outside")],
        "Quantities not found": [
            f"{row.gold_id} ({row.event_id}) {row.value:.12g} {row.unit}" for row in score.quantities if not row.is_read
        ],
        "Files of the gold that were not read": score.unread,
    }
    parts = ["\n  ".join([f"{title} ({len(lines)})", *lines]) for title, lines in sections.items() if lines]
    return "\n\n".join([_figures(score), *parts])


def _figures(score: Score) -> str:
    outcomes = [case.outcome for case in score.hard_cases]
    n_matched, n_merged = len(score.matched), sum(case.outcome == "wrong" for case in score.merges)
    n_dated, n_told = n_matched + len(score.rows("misdated")), sum(row.is_read for row in score.quantities)
    n_minimum = sum(is_read for _, is_read in score.minimum)
    lines = [
        ("precision", _percent(score.precision), f"{n_matched} of {n_matched + len(score.extra)} emitted events"),
        ("recall", _percent(score.recall), f"{n_matched} of {n_matched + len(score.missed)} gold events"),
        ("F1", _percent(score.f1), ""),
        ("date accuracy", _percent(score.date_accuracy), f"{n_matched} of {n_dated} events known by their evidence"),
        ("quantity accuracy", _percent(score.quantity_accuracy), f"{n_told} of {len(score.quantities)} quantities"),
        (
            "hard cases",
            f"{outcomes.count('right')}",
            f"of {len(outcomes)}; not checkable {outcomes.count('not checkable')}",
        ),
        ("wrong merges", f"{n_merged}", f"of {len(score.merges)} pairs to keep apart"),
        ("minimum events", f"{n_minimum}", f"of {len(score.minimum)}"),
    ]
    return "\n".join(f"{name:<18}{value:>7}  {note}".rstrip() for name, value, note in lines)


def _own_text(row: EventRow) -> str:
    return f"{row.event_id} {row.kind} {row.date}: {row.title}"


def _percent(share: float) -> str:
    return "-" if math.isnan(share) else f"{share:.1%}"


def _case_text(case: HardCase) -> str:
    return f"{case.outcome:<13} {case.kind} | {case.file} | {shorten(case.quote, 70)!r} | {case.why}"
