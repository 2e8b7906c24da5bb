"""What people decided about events: a file that is applied on every rebuild and never written."""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from potash.errors import EventsError, close_to, listed
from potash.news.differences import dated_by_claims, joined, narrowed
from potash.news.events import check_event_table, read_table
from potash.news.records import Claim, Reading, TimelineEvent
from potash.news.writing import EVENT_COLUMNS, checked_row, event_columns

_WHO = {"reason", "by"}
_REQUIRED = {
    "accept": {"event", *_WHO},
    "reject": {"event", *_WHO},
    "correct": {"event", "set", *_WHO},
    "merge": {"into", "events", *_WHO},
    "split": {"event", "as", *_WHO},
    "context": {"file"},
    "evidence": {"event", "article", "start", "end", "field", "value"},
}
_OPTIONAL = {"split": {"articles", "claims", "set"}, "evidence": {"unit", "role", *_WHO}}
_FACTS = ("start", "end", "field", "role", "unit")
_COLUMNS = listed(EVENT_COLUMNS, 20)
# In the order in which they are applied, with the word for an event that it was done to.
_DONE = {"split": "split", "merge": "merged", "correct": "corrected", "reject": "rejected", "accept": "accepted"}
_DATE_COLUMNS = ("date", "date_end", "precision", "time")
_EVENT_FIELDS = (*_DATE_COLUMNS, "event_id", "kind", "status", "title", "zone", "expected_direction", "relevance")


@dataclass(frozen=True, slots=True)
class Override:
    """One decision: its table, its place in the file for messages, and its keys as written there, checked."""

    action: str
    where: str
    entry: dict[str, Any]

    @property
    def event_id(self) -> str:
        """The event that it is about; of a merge the one that the others go into."""
        return str(self.entry.get("event") or self.entry["into"])

    @property
    def changes(self) -> dict[str, str]:
        """Columns of ``events.csv`` with their new values."""
        return {name: str(value).strip() for name, value in self.entry.get("set", {}).items()}


@dataclass(frozen=True, slots=True)
class Overrides:
    """What people decided, in the order of the file, and the events that no article tells, with the files they lie in."""

    overrides: tuple[Override, ...] = ()
    context: tuple[dict[str, str], ...] = ()
    files: tuple[Path, ...] = ()


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
class CuratedEvent:
    """An event, the columns that people set, and the ids it had before."""

    event: TimelineEvent
    columns: dict[str, str]
    former: tuple[str, ...] = ()


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
    """

    events: tuple[CuratedEvent, ...]
    context: tuple[dict[str, str], ...] = ()
    evidence: tuple[dict[str, Any], ...] = ()
    rejected: tuple[tuple[TimelineEvent, str], ...] = ()
    outcomes: tuple[Outcome, ...] = ()

    @property
    def unused(self) -> tuple[Outcome, ...]:
        """Overrides that found nothing to change, such as those of an event that is gone."""
        return tuple(outcome for outcome in self.outcomes if outcome.result == "unused")


def read_overrides(path: str | Path | None = None, context: str | Path | None = None) -> Overrides:
    """Return the decisions of a TOML file, and the events of context files.

    Parameters
    ----------
    path : path, optional
        Tables ``[[accept]]``, ``[[reject]]``, ``[[correct]]``, ``[[merge]]``, ``[[split]]``, ``[[evidence]]`` and
        ``[[context]]``, whose ``file`` lies beside it.
    context : path, optional
        One more CSV with columns of ``events.csv``; ``origin`` is context.

    Raises
    ------
    EventsError
        Naming the entry: a file cannot be read, a table, key or column is not known, a value is missing or malformed.
    """
    found = [] if path is None else list(_read(Path(path)))
    files = [Path(path or "").parent / override.entry["file"] for override in found if override.action == "context"]
    files += [Path(context)] if context is not None else []
    rows = [row for file in files for row in _context_rows(file)]
    _refuse_twice([row["event_id"] for row in rows], listed(files))
    return Overrides(tuple(override for override in found if override.action != "context"), tuple(rows), tuple(files))


def apply_overrides(reading: Reading, overrides: Overrides) -> Curated:
    """Return the events of a reading after splits, merges, corrections, rejections and acceptances, in this order.

    An override whose event does not exist (any more) is listed as unused, with the nearest id.

    Raises
    ------
    EventsError
        If a correction breaks a rule of event files, an event is both rejected and accepted, or two events get one id.
    """
    desk = _Desk(reading, overrides)
    steps = {"split": desk.split, "merge": desk.merge, "correct": desk.correct, "reject": desk.reject}
    steps |= {"accept": desk.accept, "evidence": desk.add_evidence}
    for action, step in steps.items():
        for override in overrides.overrides:
            if override.action == action:
                step(override)
    ids = [item.event.event_id for item in desk.items] + [row["event_id"] for row in overrides.context]
    _refuse_twice(ids, "events of the articles and of the context together")
    return Curated(
        tuple(desk.items), overrides.context, tuple(desk.evidence), tuple(desk.rejected), tuple(desk.outcomes)
    )


class _Desk:
    """The events while decisions are applied to them."""

    def __init__(self, reading: Reading, overrides: Overrides) -> None:
        self.articles = {article.article_id: article for article in reading.articles}
        self.items = [CuratedEvent(event, {}) for event in reading.events]
        self.context = [row["event_id"] for row in overrides.context]
        self.given = {o.changes["event_id"]: o.event_id for o in overrides.overrides if "event_id" in o.changes}
        self.gone: dict[str, str] = {}
        self.evidence: list[dict[str, Any]] = []
        self.rejected: list[tuple[TimelineEvent, str]] = []
        self.outcomes: list[Outcome] = []

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
        item, wanted = self.items[position], override.changes.get("event_id")
        if wanted is not None and wanted != item.event.event_id:
            self._refuse_taken(override, wanted)
        self.items[position] = _changed(replace(item, event=_decided(item.event, override)), override)
        self._note(override, "; ".join(f"{name} = {value}" for name, value in override.changes.items()))

    def reject(self, override: Override) -> None:
        position = self._find(override)
        if position is not None:
            event = self._remove(position, "rejected").event
            self.rejected.append((event, f"rejected by {override.entry['by']}: {override.entry['reason']}"))
            self._note(override, event.title)

    def accept(self, override: Override) -> None:
        if self.gone.get(override.event_id) == "rejected":
            raise EventsError(f"{override.where}: {override.event_id!r} is rejected and accepted. Keep one of the two.")
        position = self._find(override)
        if position is not None:
            item = self.items[position]
            self.items[position] = replace(item, event=_decided(item.event, override))
            self._note(override, f"confidence {item.event.confidence}")

    def add_evidence(self, override: Override) -> None:
        entry, event_id, article = override.entry, override.event_id, override.entry["article"]
        if article not in self.articles:
            self._note(override, f"no article {article!r}{close_to(article, self.articles)}", used=False)
            return
        if event_id not in self.context:
            position = self._find(override)
            if position is None:
                return
            event_id = self.items[position].event.event_id
        row = {"role": "supports", "unit": ""} | {name: entry[name] for name in _FACTS if name in entry}
        self.evidence.append(row | {"event_id": event_id, "article_id": article, "value": str(entry["value"])})
        self._note(override, entry["field"])

    def _find(self, override: Override, name: str = "") -> int | None:
        """Return the position of an event by its id, one it had, or one it will be given; note it if there is none."""
        told = wanted = name or override.event_id
        places = {former: position for position, item in enumerate(self.items) for former in item.former}
        places |= {item.event.event_id: position for position, item in enumerate(self.items)}
        asked: set[str] = set()
        while wanted not in places and wanted not in asked and wanted in self.given:
            asked.add(wanted)
            wanted = self.given[wanted]
        if wanted in places:
            return places[wanted]
        why = f"no event {told!r}{close_to(told, places)}"
        if wanted in self.context:
            why = f"{told!r} is a context event; change it in its own file"
        elif wanted in self.gone:
            why = f"{told!r} was {self.gone[wanted]}"
        self._note(override, why, used=False)
        return None

    def _goes(self, claim: Claim, entry: dict[str, Any]) -> bool:
        start, end = self.articles[claim.article_id].file_span(claim.start, claim.end)
        places = [place[1:] for place in entry.get("claims", []) if place[0] == claim.article_id]
        return claim.article_id in entry.get("articles", []) or any(start < b and a < end for a, b in places)

    def _remove(self, position: int, how: str) -> CuratedEvent:
        item = self.items.pop(position)
        self.gone |= dict.fromkeys((item.event.event_id, *item.former), how)
        return item

    def _refuse_taken(self, override: Override, wanted: str) -> None:
        if any(item.event.event_id == wanted for item in self.items):
            raise EventsError(f"{override.where}: there is an event {wanted!r} already. Choose another id, or merge.")

    def _note(self, override: Override, detail: str, *, used: bool = True) -> None:
        who = (override.entry.get("reason", ""), override.entry.get("by", ""))
        self.outcomes.append(Outcome(override.action, override.event_id, "applied" if used else "unused", detail, *who))


def _decided(event: TimelineEvent, override: Override) -> TimelineEvent:
    reason = f"{_DONE[override.action]} by {override.entry['by']}: {override.entry['reason']}"
    return replace(event, reasons=tuple(dict.fromkeys((*event.reasons, reason))))


def _changed(item: CuratedEvent, override: Override) -> CuratedEvent:
    """Return an event with the columns of an override; the old time and end go with the old date."""
    changes = override.changes
    if "date" in changes:
        changes = {"time": "", "date_end": "", **changes}
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


def _read(path: Path) -> Iterator[Override]:
    try:
        text = path.read_text(encoding="utf-8-sig")
        tables = tomllib.loads(text)
    except OSError as error:
        raise EventsError(f"{path}: cannot be read ({error.strerror}). Check the path.") from error
    except ValueError as error:
        raise EventsError(f"{path}: not TOML in UTF-8: {error}. Check quotes and brackets.") from error
    for action, entries in tables.items():
        if action not in _REQUIRED:
            raise EventsError(f"{path}: no table {action!r}{close_to(action, _REQUIRED)}. Use: {listed(_REQUIRED)}.")
        if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
            raise EventsError(f"{path}: {action} is no list of entries. Start each with [[{action}]].")
        lines = [n for n, line in enumerate(text.splitlines(), 1) if re.match(rf"\s*\[\[\s*{action}\s*\]\]", line)]
        for number, entry in enumerate(entries):
            line = f"line {lines[number]}" if len(lines) == len(entries) else f"entry {number + 1}"
            override = Override(action, f"{path}: {line}, [[{action}]]", entry)
            _check(override)
            yield override


def _check(override: Override) -> None:
    where, action, entry = override.where, override.action, override.entry
    known = _REQUIRED[action] | _OPTIONAL.get(action, set())
    for key in sorted(entry.keys() - known):
        raise EventsError(f"{where}: {key!r} is not known{close_to(key, known)}. Use: {listed(sorted(known), 12)}.")
    for key in sorted(_REQUIRED[action] - entry.keys()):
        raise EventsError(f"{where}: no {key}; found {listed(sorted(entry))}. Add {key} = {_FORMS.get(key, _TEXT)[1]}.")
    for key, value in entry.items():
        is_right, form = _FORMS.get(key, _TEXT)
        if not is_right(value):
            raise EventsError(f"{where}: {key} = {value!r} is malformed. Write {key} = {form}.")
    for name in sorted(entry.get("set", {}).keys() - set(EVENT_COLUMNS)):
        raise EventsError(f"{where}: no column {name!r}{close_to(name, EVENT_COLUMNS)}. Use: {_COLUMNS}.")
    if action == "split" and not entry.keys() & {"articles", "claims"}:
        raise EventsError(f"{where}: neither articles nor claims. Say whose claims go to {entry['as']!r}.")
    if action == "split" and "event_id" in override.changes:
        raise EventsError(f"{where}: set has an event_id, and so has as. Keep as = {entry['as']!r}.")
    if action == "evidence" and not 0 <= entry["start"] < entry["end"]:
        raise EventsError(f"{where}: start = {entry['start']}, end = {entry['end']} is no stretch of a file.")


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_place(value: object) -> bool:
    return isinstance(value, list) and [type(part) for part in value] == [str, int, int] and 0 <= value[1] < value[2]


def _is_list_of(is_right: Callable[[object], bool]) -> Callable[[object], bool]:
    return lambda value: isinstance(value, list) and bool(value) and all(map(is_right, value))


def _is_cell(value: object) -> bool:
    # TOML reads 2025-12-13 without quotes as a date, and 2020 as a number.
    return isinstance(value, str | int | float | dt.date) and not isinstance(value, bool | dt.datetime)


def _are_cells(value: object) -> bool:
    return isinstance(value, dict) and bool(value) and all(map(_is_cell, value.values()))


_TEXT = (_is_text, '"..."')
_FORMS: dict[str, tuple[Callable[[object], bool], str]] = {
    **dict.fromkeys(("events", "articles"), (_is_list_of(_is_text), '["...", "..."]')),
    "claims": (_is_list_of(_is_place), '[["article", start, end], ...], offsets in its file'),
    "set": (_are_cells, '{date = "2025-12-13", ...}'),
    **dict.fromkeys(("start", "end"), (lambda value: type(value) is int, "a whole number")),
    "value": (_is_cell, '"..." or a number'),
    "role": (lambda value: value in ("supports", "contradicts"), '"supports" or "contradicts"'),
}


def _context_rows(path: Path) -> list[dict[str, str]]:
    frame = read_table(path, "context events")
    for name in frame.columns.difference(EVENT_COLUMNS):
        raise EventsError(f"{path}: events have no column {name!r}{close_to(name, EVENT_COLUMNS)}. Remove it.")
    table = check_event_table(frame, str(path)).reset_index()
    told = table.loc[~table["origin"].isin(["", "context"]), "event_id"]
    if len(told):
        raise EventsError(f"{path}: origin is not context: {listed(told)}. Remove what articles tell; builds find it.")
    return table.assign(origin="context")[EVENT_COLUMNS].to_dict("records")


def _refuse_twice(ids: Sequence[str], where: str) -> None:
    twice = sorted(name for name, count in Counter(ids).items() if count > 1)
    if twice:
        raise EventsError(f"{where}: ids that stand twice: {listed(twice)}. Remove one, or [[correct]] its id.")
