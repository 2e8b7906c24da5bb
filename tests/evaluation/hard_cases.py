"""Whether a reading gets the hard cases of a gold file right, one by one."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from potash.errors import EventsError, listed
from potash.news.records import Article, Claim, Quantity
from tests.evaluation.expectations import expectation, stands_on
from tests.evaluation.gold import Gold, GoldCase, Support, date_interval, dates_agree, meets

if TYPE_CHECKING:
    from tests.evaluation.scoring import ScorableReading

_Verdict: TypeAlias = tuple[bool | None, str]  # None: not checkable
_UNIT_WORDS = {
    "person": "prisoner people person citizen civilian individual detainee hostage inmate attache attaché worker employee",
    "%": "% percent pct", "t": "t mt tonne ton", "USD": "usd dollar", "EUR": "eur euro", "CAD": "cad", "GBP": "gbp pound",
    "year": "year yr annum", "month": "month mth",
}  # fmt: skip
_UNITS = {word: unit for unit, words in _UNIT_WORDS.items() for word in words.split()}


@dataclass(frozen=True, slots=True)
class HardCase:
    """One hard case: ``outcome`` is ``right``, ``wrong`` or ``not checkable``, ``why`` says what was looked at."""

    gold: str
    kind: str
    file: str
    quote: str
    right: str
    outcome: str
    why: str


class View:
    """A reading beside its gold: what stands where, as (file, start, end) in offsets of the files.

    ``pairs`` maps the id of each gold event to the emitted event that was paired with it.

    Raises
    ------
    EventsError
        If the two have no file in common, or a quote of the gold does not stand where the gold says.
    """

    def __init__(self, reading: ScorableReading, gold: Gold) -> None:
        self.reading, self.gold = reading, gold
        self.articles = {article.path.name: article for article in reading.articles}
        self.pairs: dict[str, Any] = {}
        self._by_id = {article.article_id: article for article in reading.articles}
        if not gold.files & set(self.articles):
            about, names = listed(sorted(gold.files)), listed(self.articles)
            raise EventsError(f"gold {gold.path} is about {about}; read were {names}. Hand in the folder of this gold.")
        for support in [s for event in gold.events for s in event.supports] + [case.support for case in gold.cases]:
            article = self.articles.get(support.file)
            if article and article.offsets is None and article.text[support.start : support.end] != support.quote:
                raise EventsError(
                    f"gold {gold.path}: {support.file} {support.start}-{support.end} does not read {support.quote!r}. "
                    "The gold is of another version of this file: hand in the one it was made from."
                )
        self._spans = {id(event): [self.place(claim) for claim in event.claims] for event in reading.events}

    def place(self, item: Any) -> tuple[str, int, int]:
        """Return the file of a claim and where it stands in it."""
        article = self._by_id[item.article_id]
        start, end = article.file_span(item.start, item.end)
        return article.path.name, start, end

    def spans(self, event: Any) -> list[tuple[str, int, int]]:
        """Return where the claims of an event stand."""
        return self._spans[id(event)]

    def told_at(self, event: Any, supports: Iterable[Support]) -> int:
        """Return how many of the supports a claim of the event overlaps."""
        return sum(any(meets(span, support) for span in self.spans(event)) for support in supports)

    def inside(self, support: Support, items: Iterable[Any]) -> list[Any]:
        """Return the mentions of the support's article (offsets in its text) that overlap the support."""
        article = self.articles[support.file]
        return [each for each in items if meets((support.file, *article.file_span(each.start, each.end)), support)]

    def events_at(self, support: Support) -> list[Any]:
        """Return the events with a claim that overlaps a support."""
        return [event for event in self.reading.events if self.told_at(event, [support])]

    def claims_at(self, support: Support) -> list[Claim]:
        """Return the claims, of events or not, that overlap a support."""
        return [claim for claim in self.reading.claims if meets(self.place(claim), support)]


def units_agree(first: str, second: str) -> bool:
    """Return whether two units mean the same: their known units are equal or, without any, they share a word.

    Examples
    --------
    >>> units_agree("political prisoners", "people"), units_agree("USD/t", "USD"), units_agree("meetings", "meeting")
    (True, False, True)
    """
    words = [{word.rstrip("s") for word in re.findall(r"[^\W\d_]+|%", unit.lower())} for unit in (first, second)]
    units = [{_UNITS[word] for word in each if word in _UNITS} for each in words]
    return units[0] == units[1] if units[0] or units[1] else bool(words[0] & words[1]) or words[0] == words[1]


def same_quantity(quantity: Quantity, value: float, unit: str | None = None) -> bool:
    """Return whether a quantity has a value (to 1e-9 of it) and, if one is given, a unit."""
    return math.isclose(quantity.value, value, rel_tol=1e-9) and (unit is None or units_agree(quantity.unit, unit))


def judge(view: View, case: GoldCase, label: str) -> HardCase:
    """Return the outcome of a hard case: right only if everything it expects was shown."""
    expect = dict(expectation(case, view.gold))
    date_end = expect.pop("date_end", None)
    if "date" in expect:
        expect["date"] = (expect["date"] or "", date_end or "")
    if case.support.file not in view.articles:
        verdicts: list[_Verdict] = [(None, f"{case.support.file} was not read")]
    else:
        verdicts = [_CHECKS[name](view, case.support, value) for name, value in expect.items()]
    outcomes = [is_right for is_right, _ in verdicts] or [None]
    outcome = "wrong" if False in outcomes else "not checkable" if None in outcomes else "right"
    why = "; ".join(why for _, why in verdicts) or "nothing that could be checked follows from its words"
    return HardCase(label, case.kind, case.support.file, case.support.quote, case.right, outcome, why)


def _names(events: Iterable[Any]) -> str:
    return listed(f"{event.event_id} {event.kind} {event.date or 'undated'}" for event in events)


def _is_date(view: View, at: Support, expected: tuple[str, str]) -> _Verdict:
    mentions = view.inside(at, view.reading.dates(view.articles[at.file].article_id))
    dates = [(mention.date[:10], mention.date_end[:10]) for mention in mentions]
    events = view.events_at(at)
    if not expected[0]:
        return _is_undated(view, at, dates, events)
    if dates:
        is_right = any(date_interval(*each) == date_interval(*expected) for each in dates if each[0])
        return is_right, "read as " + listed("/".join(filter(None, each)) or "unresolved" for each in dates)
    is_right = any(dates_agree(expected, (event.date[:10], event.date_end[:10])) for event in events)
    return is_right if events else None, f"no date expression was read; told there: {_names(events)}"


def _is_undated(view: View, at: Support, dates: list[tuple[str, str]], events: list[Any]) -> _Verdict:
    """Nothing in the span is dated, nor an event that rests on it alone and takes its date from it."""
    dated = [
        event for event in events
        if event.date and event.kind != "statement" and _rests_on(view, event, at)
        and not any(claim.when and claim.when.date and not view.inside(at, [claim.when]) for claim in event.claims)
    ]  # fmt: skip
    resolved = [each[0] for each in dates if each[0]]
    why = f"{len(dates)} date expressions, resolved: {listed(resolved)}; dated events that rest on it: {_names(dated)}"
    return (not resolved and not dated) if dates or view.claims_at(at) else None, why


def _rests_on(view: View, event: Any, at: Support) -> bool:
    return all(meets(span, at) for span in view.spans(event))


def _is_no_event(view: View, at: Support, kinds: list[str]) -> _Verdict:
    """No event of the kinds rests on the span alone, unless it is one that the gold too finds there."""
    rightly = _rightly_at(view, at)
    guilty = [
        event for event in view.events_at(at)
        if (event.kind in kinds if kinds else event.kind != "statement")
        and _rests_on(view, event, at) and id(event) not in rightly
    ]  # fmt: skip
    if not guilty and not any(view.place(claim)[0] == at.file for claim in view.reading.claims):
        return None, "nothing was extracted from the file, so that this shows nothing"
    return not guilty, f"{listed(kinds) if kinds else 'events but statements'} that rest on it: {_names(guilty)}"


def _rightly_at(view: View, at: Support) -> set[int]:
    """Return the identities of the events whose gold event stands on a support too."""
    return {id(view.pairs[g.gold_id]) for g in view.gold.events if g.gold_id in view.pairs and stands_on(g, at)}


def _is_event(view: View, at: Support, names: str | list[str]) -> _Verdict:
    """One of the events is told there, and no event of its kind that the gold does not find there."""
    expected = [names] if isinstance(names, str) else names
    events = [view.pairs[name] for name in expected if name in view.pairs]
    kinds = {event.kind for event in events}
    there = [event for event in view.events_at(at) if event.kind in kinds]
    paired = {id(event) for event in events}
    is_right = any(id(event) in paired for event in there) and {id(e) for e in there} <= paired | _rightly_at(view, at)
    return is_right, f"{listed(expected)} found as {_names(events)}; told there: {_names(there)}"


def _is_found(view: View, at: Support, names: list[str]) -> _Verdict:
    absent = [name for name in names if name not in view.pairs]
    return not absent, f"of {listed(names)} not found: {listed(absent)}"


def _is_no_flow(view: View, at: Support, expected: Mapping[str, Any]) -> _Verdict:
    value, kind, role = float(expected["value"]), expected["kind"], expected["role"]
    quantities = view.inside(at, view.reading.quantities(view.articles[at.file].article_id))
    roles = [quantity.role for quantity in quantities if same_quantity(quantity, value)]
    moved = [
        event for event in view.events_at(at)
        if (event.kind == kind if kind else event.kind != "statement")
        and any(same_quantity(q, value) and q.role == "flow" for claim in event.claims for q in claim.quantities)
    ]  # fmt: skip
    why = f"{value:.12g} read as {listed(roles)}{f', not {role}' if role and role not in roles else ''}"
    if moved:
        return False, f"{why}; moved by {_names(moved)}"
    return (not role or set(roles) == {role}) if roles else None, why


def _is_quantity(view: View, at: Support, expected: Mapping[str, Any]) -> _Verdict:
    quantities = view.inside(at, view.reading.quantities(view.articles[at.file].article_id))
    is_right = any(same_quantity(q, float(expected["value"]), str(expected["unit"])) for q in quantities)
    return is_right, f"read: {listed(f'{q.value:.12g} {q.unit}' for q in quantities)}"


def _is_once(view: View, at: Support, expected: tuple[float, str]) -> _Verdict:
    value, kind = expected
    events = [
        event for event in view.reading.events if event.kind == kind
        and any(same_quantity(q, value) and q.role == "flow" for claim in event.claims for q in claim.quantities)
    ]  # fmt: skip
    return len(events) == 1, f"{kind} with {value:.12g}: {_names(events)}"


def _is_actor(view: View, at: Support, name: str) -> _Verdict:
    article = view.articles[at.file]
    placed = [(each, article.file_span(*each[:2])) for each in view.reading.actors(article.article_id)]
    names = [each[2] for each, span in placed if meets((at.file, *span), at)]
    return name.casefold() in map(str.casefold, names), f"actors there: {listed(names)}"


def _is_price_claim(view: View, at: Support, expected: Mapping[str, Any]) -> _Verdict:
    claims = [claim for claim in view.reading.price_claims if meets(view.place(claim), at)]
    is_right = any(
        (claim.ticker, claim.date) == (expected["ticker"], expected["date"])
        and math.isclose(claim.percent, expected["told"], abs_tol=1e-9) for claim in claims
    )  # fmt: skip
    return is_right, "read: " + listed(f"{claim.ticker} {claim.date} {claim.percent}" for claim in claims)


def _is_announced(view: View, at: Support, names: list[str]) -> _Verdict:
    events = [view.pairs[name] for name in names if name in view.pairs]
    is_right = bool(events) and all(event.status == "announced" for event in events)
    return is_right, f"{listed(names)}: status {listed(event.status for event in events)}"


def _is_not_dated(view: View, at: Support, expected: tuple[str | None, str]) -> _Verdict:
    """No event of a kind (any but a statement) told in the file has the naive date; none told there any other wrong one."""
    kind, date = expected
    events = [event for event in _told_in(view, at.file) if (event.kind == kind if kind else event.kind != "statement")]
    rightly, there = _rightly_at(view, at), view.events_at(at) if kind else []
    guilty = [
        event for event in events if event.date
        and (date.startswith(event.date[:10]) or (id(event) not in rightly and any(event is each for each in there)))
    ]  # fmt: skip
    why = f"dated {date} in this file, or otherwise and wrongly in this place: {_names(guilty)}"
    return (not guilty) if _told_in(view, at.file) else None, why


def _told_in(view: View, file: str) -> list[Any]:
    return [event for event in view.reading.events if any(span[0] == file for span in view.spans(event))]


def _is_told_on(view: View, at: Support, date: str) -> _Verdict:
    events = [event for event in _told_in(view, at.file) if event.date[:10] == date and event.kind != "statement"]
    return bool(events), f"dated {date} in this file: {_names(events)}"


def _is_without(view: View, at: Support, expected: tuple[str, str]) -> _Verdict:
    kind, authority = expected
    events = [event for event in _told_in(view, at.file) if event.kind == kind]
    is_right = bool(events) and all(authority not in event.authorities for event in events)
    return is_right, f"{kind} in this file: {listed(f'{e.event_id} by {listed(e.authorities)}' for e in events)}"


def _is_session(view: View, at: Support, day: str) -> _Verdict:
    from potash.sessions import first_session  # heavy, so not at the top

    events = [event for event in view.events_at(at) if len(event.date) == 10]
    days = [str(first_session(event.date, "XNYS").session.date()) for event in events if not event.date_end]
    return day in days, f"first sessions on NYSE of the events told there: {listed(days)}"


def _is_joined(view: View, at: Support, expected: bool) -> _Verdict:
    article = view.articles[at.file]
    spans = [article.file_span(part.start, part.end) for part in article.paragraphs]
    is_right = any(start < at.start and at.end <= end for start, end in spans)
    return is_right, f"{'joined to' if is_right else 'apart from'} the words before it"


def _is_dropped(view: View, at: Support, expected: bool) -> _Verdict:
    article = view.articles[at.file]
    kept = [
        part for part in article.paragraphs
        if meets((at.file, *article.file_span(part.start, part.end)), at)
        and (article.offsets is None or any(at.start <= where < at.end for where in article.offsets[part.start : part.end]))
    ]  # fmt: skip
    return not kept, f"in paragraphs of role {listed(part.role for part in kept)}"


def _of_article(look: Callable[[Article, Any], _Verdict]) -> Callable[[View, Support, Any], _Verdict]:
    return lambda view, at, expected: look(view.articles[at.file], expected)


def _of_claims(look: Callable[[Sequence[Claim], Any], bool]) -> Callable[[View, Support, Any], _Verdict]:
    def check(view: View, at: Support, expected: Any) -> _Verdict:
        claims = view.claims_at(at)
        lines = (f"{c.kind} of {listed(c.goods)}, {'fore' if c.foreground else 'back'}ground" for c in claims)
        return bool(claims) and look(claims, expected), f"claims there: {listed(lines)}"

    return check


def _folded(names: Iterable[str]) -> set[str]:
    return {name.casefold() for name in names}


_CHECKS: dict[str, Callable[[View, Support, Any], _Verdict]] = {
    "date": _is_date,
    "no_event": _is_no_event,
    "event": _is_event,
    "found": _is_found,
    "not_quantity_of": _is_no_flow,
    "quantity": _is_quantity,
    "once": _is_once,
    "actor": _is_actor,
    "price_claim": _is_price_claim,
    "announced": _is_announced,
    "not_dated": _is_not_dated,
    "told_on": _is_told_on,
    "not_scope": _is_without,
    "session": _is_session,
    "joined": _is_joined,
    "dropped": _is_dropped,
    "read": _of_claims(lambda claims, expected: True),
    "good": _of_claims(lambda claims, good: any(good in claim.goods for claim in claims)),
    "foreground": _of_claims(lambda claims, expected: all(claim.foreground is expected for claim in claims)),
    "source_chain": _of_article(lambda a, names: (_folded(names) <= _folded(a.sources), f"cites {listed(a.sources)}")),
    "machine_written": _of_article(lambda a, _: (a.machine_written, f"machine written: {a.machine_written}")),
    "zone": _of_article(lambda a, zone: (a.published.zone == zone, f"zone {a.published.zone or 'not told'}")),
    "published": _of_article(
        lambda a, date: (
            a.published.date.startswith(date) if date else not a.published.date,
            f"published {a.published.date or 'not told'}",
        )
    ),
}
