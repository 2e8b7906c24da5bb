"""What people decided about events: a file that is applied on every rebuild and never written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from potash.errors import EventsError, close_to, listed
from potash.news.language.lexicon import load_lexicon
from potash.news.records import STATUSES, Claim, CuratedEvent, Reading, TimelineEvent
from potash.news.tables.decisions import Override, Overrides, read_overrides, refuse_twice
from potash.news.tables.diff import dated_by_claims, joined, narrowed
from potash.news.tables.event_rows import checked_row, event_columns

__all__ = ["Curated", "CuratedEvent", "Outcome", "Override", "Overrides", "apply_overrides", "read_overrides"]

_FACTS = ("start", "end", "field", "role", "unit")
# In the order in which they are applied, with the word for an event that it was done to.
_DONE = {"split": "split", "merge": "merged", "correct": "corrected", "reject": "rejected", "accept": "accepted"}
# Who decided stands in curated.csv, which stays with those who build; the reasons of an event are for its readers.
_NAMING = {"event_id", "title", "note", "internal_note"}
_DATE_COLUMNS = ("date", "date_end", "precision", "time")
_EVENT_FIELDS = (*_DATE_COLUMNS, "event_id", "kind", "status", "title", "zone", "expected_direction", "relevance")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an override: ``result`` is applied or unused, ``detail`` says what was done or why nothing was."""

    action: str
    event_id: str
    result: str
    detail: str
    reason: str
    by: str


@dataclass(frozen=True, slots=True)
class Curated:
    """The timeline after people had their say.

    Attributes
    ----------
    events, context, evidence
        Events that articles tell, rows of ``events.csv`` from context files, rows that people add to ``evidence.csv``.
    rejected : tuple of (TimelineEvent, str)
        Rejected events, each with who rejected it and why.
    outcomes : tuple of Outcome
        What became of each override, in the order in which they were applied.
    publishers : dict
        Publishers that people name, by article id, over what the articles say.
    """

    events: tuple[CuratedEvent, ...]
    context: tuple[dict[str, str], ...] = ()
    evidence: tuple[dict[str, Any], ...] = ()
    rejected: tuple[tuple[TimelineEvent, str], ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    publishers: dict[str, str] = field(default_factory=dict)

    @property
    def unused(self) -> tuple[Outcome, ...]:
        """Overrides that found nothing to change, such as those of an event that is gone."""
        return tuple(outcome for outcome in self.outcomes if outcome.result == "unused")


def apply_overrides(reading: Reading, overrides: Overrides) -> Curated:
    """Return the events of a reading after splits, merges, corrections, rejections and acceptances, in this order.

    Added evidence and the publishers of articles come last.

    An override whose event does not exist (any more) is listed as unused, with the nearest id.

    Raises
    ------
    EventsError
        If a correction breaks a rule of event files, an event is both rejected and accepted, or two events get one id.
    """
    desk = _Desk(reading, overrides)
    steps = {"split": desk.split, "merge": desk.merge, "correct": desk.correct, "reject": desk.reject}
    steps |= {"accept": desk.accept, "evidence": desk.add_evidence, "article": desk.name_publisher}
    for action, step in steps.items():
        for override in overrides.overrides:
            if override.action == action:
                step(override)
    ids = [item.event.event_id for item in desk.items] + [row["event_id"] for row in overrides.context]
    refuse_twice(ids, "events of the articles and of the context together")
    return Curated(
        tuple(desk.items),
        overrides.context,
        tuple(desk.evidence),
        tuple(desk.rejected),
        tuple(desk.outcomes),
        desk.publishers,
    )


class _Desk:
    """The events while decisions are applied to them."""

    def __init__(self, reading: Reading, overrides: Overrides) -> None:
        self.articles = {article.article_id: article for article in reading.articles}
        self.items = [CuratedEvent(event, {}) for event in reading.events]
        self.context = [row["event_id"] for row in overrides.context]
        self.new_ids = {o.changes["event_id"]: o.event_id for o in overrides.overrides if "event_id" in o.changes}
        self.removed: dict[str, str] = {}
        self.evidence: list[dict[str, Any]] = []
        self.rejected: list[tuple[TimelineEvent, str]] = []
        self.outcomes: list[Outcome] = []
        self.publishers: dict[str, str] = {}

    def split(self, override: Override) -> None:
        position = self._find(override)
        if position is None:
            return
        item, new_id = self.items[position], override.entry["as"]
        going = [claim for claim in item.event.claims if self._goes(claim, override.entry)]
        staying = [claim for claim in item.event.claims if claim not in going]
        if not going or not staying:
            tellers = listed(dict.fromkeys(claim.article_id for claim in item.event.claims))
            self._note(override, f"{'all' if going else 'none'} of its claims would go; told by {tellers}", used=False)
            return
        self._refuse_taken(override, new_id)
        self.items[position] = replace(item, event=_decided(narrowed(item.event, staying), override))
        new = dated_by_claims(replace(narrowed(item.event, going), event_id=new_id))
        self.items.append(_changed(CuratedEvent(_decided(new, override), {}), override))
        self._note(override, f"{len(going)} of {len(going) + len(staying)} claims to {new_id}")

    def merge(self, override: Override) -> None:
        if self._find(override) is None:
            return
        for name in override.entry["events"]:
            into, position = self._find(override), self._find(override, name)
            if into is None or position is None:
                continue
            keeper, other = self.items[into], self.items[position]
            if keeper is other:
                self._note(override, f"{name!r} is the event itself", used=False)
                continue
            self.items[into] = replace(keeper, event=_decided(joined(keeper.event, other.event), override))
            self._remove(position, f"merged into {keeper.event.event_id!r}")
            self._note(override, f"took in {other.event.event_id}")

    def correct(self, override: Override) -> None:
        position = self._find(override)
        if position is None:
            return
        item, new_id = self.items[position], override.changes.get("event_id")
        if new_id is not None and new_id != item.event.event_id:
            self._refuse_taken(override, new_id)
        self.items[position] = _changed(replace(item, event=_decided(item.event, override)), override)
        self._note(override, "; ".join(f"{name} = {value}" for name, value in override.changes.items()))

    def reject(self, override: Override) -> None:
        position = self._find(override)
        if position is not None:
            event = self._remove(position, "rejected").event
            self.rejected.append((event, f"rejected by {override.entry['by']}: {override.entry['reason']}"))
            self._note(override, event.title)

    def accept(self, override: Override) -> None:
        if self.removed.get(override.event_id) == "rejected":
            raise EventsError(f"{override.where}: {override.event_id!r} is rejected and accepted. Keep one of the two.")
        position = self._find(override)
        if position is not None:
            item = self.items[position]
            self.items[position] = replace(item, event=_decided(item.event, override))
            self._note(override, f"confidence {item.event.confidence}")

    def add_evidence(self, override: Override) -> None:
        entry, event_id, article = override.entry, override.event_id, override.entry["article"]
        if not self._has_article(override):
            return
        if event_id not in self.context:
            position = self._find(override)
            if position is None:
                return
            event_id = self.items[position].event.event_id
        page = self.articles[article]
        length = page.file_span(len(page.text) - 1, len(page.text))[1]
        if not 0 <= int(entry["start"]) < int(entry["end"]) <= length:
            raise EventsError(
                f"{override.where}: characters {entry['start']} to {entry['end']} are not in {article}, which has {length}. "
                "start and end count characters of the file, end not included."
            )
        row = {"role": "supports", "unit": ""} | {name: entry[name] for name in _FACTS if name in entry}
        self.evidence.append(row | {"event_id": event_id, "article_id": article, "value": str(entry["value"])})
        self._note(override, entry["field"])

    def name_publisher(self, override: Override) -> None:
        if self._has_article(override):
            self.publishers[override.entry["article"]] = override.entry["publisher"]
            self._note(override, f"publisher = {override.entry['publisher']}")

    def _has_article(self, override: Override) -> bool:
        article = override.entry["article"]
        if article not in self.articles:
            self._note(override, f"no article {article!r}{close_to(article, self.articles)}", used=False)
        return article in self.articles

    def _find(self, override: Override, name: str = "") -> int | None:
        """Return the position of an event by its id, one it had, or one it will be given; note it if there is none."""
        stated = event_id = name or override.event_id
        places = {former: position for position, item in enumerate(self.items) for former in item.former}
        places |= {item.event.event_id: position for position, item in enumerate(self.items)}
        tried: set[str] = set()
        while event_id not in places and event_id not in tried and event_id in self.new_ids:
            tried.add(event_id)
            event_id = self.new_ids[event_id]
        if event_id in places:
            return places[event_id]
        why = f"no event {stated!r}{close_to(stated, places)}"
        if event_id in self.context:
            why = f"{stated!r} is a context event; change it in its own file"
        elif event_id in self.removed:
            why = f"{stated!r} was {self.removed[event_id]}"
        self._note(override, why, used=False)
        return None

    def _goes(self, claim: Claim, entry: dict[str, Any]) -> bool:
        start, end = self.articles[claim.article_id].file_span(claim.start, claim.end)
        places = [place[1:] for place in entry.get("claims", []) if place[0] == claim.article_id]
        return claim.article_id in entry.get("articles", []) or any(start < b and a < end for a, b in places)

    def _remove(self, position: int, how: str) -> CuratedEvent:
        item = self.items.pop(position)
        self.removed |= dict.fromkeys((item.event.event_id, *item.former), how)
        return item

    def _refuse_taken(self, override: Override, event_id: str) -> None:
        if any(item.event.event_id == event_id for item in self.items):
            raise EventsError(f"{override.where}: there is an event {event_id!r} already. Choose another id, or merge.")

    def _note(self, override: Override, detail: str, *, used: bool = True) -> None:
        who = (override.entry.get("reason", ""), override.entry.get("by", ""))
        self.outcomes.append(Outcome(override.action, override.event_id, "applied" if used else "unused", detail, *who))


def _decided(event: TimelineEvent, override: Override) -> TimelineEvent:
    """Return the event with the decision among its reasons, but not where it only gives a name or a note."""
    if override.action == "correct" and override.changes.keys() <= _NAMING:
        return event
    reason = f"{_DONE[override.action]} by a person: {override.entry['reason']}"
    return replace(event, reasons=tuple(dict.fromkeys((*event.reasons, reason))))


def _check_word(name: str, changes: Mapping[str, str], allowed: tuple[str, ...], override: Override) -> None:
    if name in changes and changes[name] not in allowed:
        raise EventsError(
            f"{override.where}: {name} {changes[name]!r}{close_to(changes[name], allowed)} is not one of {', '.join(allowed)}."
        )


def _changed(item: CuratedEvent, override: Override) -> CuratedEvent:
    """Return an event with the columns of an override; the old time and end go with the old date."""
    changes = override.changes
    if "date" in changes:
        changes = {"time": "", "date_end": "", **changes}
    _check_word("kind", changes, tuple(load_lexicon().titles), override)
    _check_word("status", changes, STATUSES, override)
    row = {**event_columns(item.event), **item.columns, **changes}
    redated = bool(changes.keys() & set(_DATE_COLUMNS))
    if redated:
        row["precision"] = changes.get("precision", "" if row["date"] else "unresolved")
    row = checked_row(row, override.where)
    changes |= {"precision": row["precision"]} if redated else {}
    fields: dict[str, Any] = {name: changes[name] for name in _EVENT_FIELDS if name in changes}
    if "scope" in changes:
        names = [name for part in changes["scope"].split("; ") for name in part.split(" and ") if name]
        # Authorities are names and goods are words: US and EU; potash.
        fields["authorities"] = tuple(name for name in names if name[0].isupper())
        fields["goods"] = tuple(name for name in names if not name[0].isupper())
    former = (*item.former, item.event.event_id) if "event_id" in changes else item.former
    return CuratedEvent(replace(item.event, **fields), {**item.columns, **changes}, former)
