"""What people decided about events, as a file: its tables and keys, checked, and the context files that it names."""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from potash.errors import EventsError, close_to, listed
from potash.news.tables.event_rows import EVENT_COLUMNS
from potash.news.tables.event_table import check_event_table, read_table


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


class _Form(NamedTuple):
    """What the value of a key must be, and how it is written."""

    fits: Callable[[object], bool]
    example: str


_TEXT, _NUMBER = _Form(_is_text, '"..."'), _Form(lambda value: type(value) is int, "a whole number")
_CELL, _CELLS = _Form(_is_cell, '"..." or a number'), _Form(_are_cells, '{date = "2025-12-13", ...}')
_TEXTS = _Form(_is_list_of(_is_text), '["...", "..."]')
_PLACES = _Form(_is_list_of(_is_place), '[["article", start, end], ...], offsets in its file')
_ROLE = _Form(lambda value: value in ("supports", "contradicts"), '"supports" or "contradicts"')
_WHO = {"reason": _TEXT, "by": _TEXT}
# The tables of the file: keys that each needs, and keys that it may have.
_TABLES: dict[str, tuple[dict[str, _Form], dict[str, _Form]]] = {
    "accept": ({"event": _TEXT, **_WHO}, {}),
    "reject": ({"event": _TEXT, **_WHO}, {}),
    "correct": ({"event": _TEXT, "set": _CELLS, **_WHO}, {}),
    "merge": ({"into": _TEXT, "events": _TEXTS, **_WHO}, {}),
    "split": ({"event": _TEXT, "as": _TEXT, **_WHO}, {"articles": _TEXTS, "claims": _PLACES, "set": _CELLS}),
    "context": ({"file": _TEXT}, {}),
    "evidence": (
        {"event": _TEXT, "article": _TEXT, "start": _NUMBER, "end": _NUMBER, "field": _TEXT, "value": _CELL},
        {"unit": _TEXT, "role": _ROLE, **_WHO},
    ),
    "article": ({"article": _TEXT, "publisher": _TEXT, **_WHO}, {}),
}
_COLUMNS = listed(EVENT_COLUMNS, 20)


@dataclass(frozen=True, slots=True)
class Override:
    """One decision: its table, its place in the file for messages, and its keys as written there, checked."""

    action: str
    where: str
    entry: dict[str, Any]

    @property
    def event_id(self) -> str:
        """The event that it is about; of a merge the one that the others go into, none where it is about an article."""
        return str(self.entry.get("event") or self.entry.get("into", ""))

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


def read_overrides(path: str | Path | None = None, context: str | Path | None = None) -> Overrides:
    """Return the decisions of a TOML file, and the events of context files.

    Parameters
    ----------
    path : path, optional
        Tables ``[[accept]]``, ``[[reject]]``, ``[[correct]]``, ``[[merge]]``, ``[[split]]``, ``[[evidence]]``,
        ``[[article]]`` (its ``publisher``) and ``[[context]]``, whose ``file`` lies beside it.
    context : path, optional
        One more CSV with columns of ``events.csv``; ``origin`` is context.

    Raises
    ------
    EventsError
        Naming the entry: a file cannot be read, a table, key or column is not known, a value is missing or malformed.
    """
    overrides = [] if path is None else list(_read(Path(path)))
    files = [Path(path or "").parent / override.entry["file"] for override in overrides if override.action == "context"]
    files += [Path(context)] if context is not None else []
    rows = [row for file in files for row in _context_rows(file)]
    refuse_twice([row["event_id"] for row in rows], listed(files))
    return Overrides(
        tuple(override for override in overrides if override.action != "context"), tuple(rows), tuple(files)
    )


def _read(path: Path) -> Iterator[Override]:
    try:
        text = path.read_text(encoding="utf-8-sig")
        tables = tomllib.loads(text)
    except OSError as error:
        raise EventsError(f"{path}: cannot be read ({error.strerror}). Check the path.") from error
    except ValueError as error:
        raise EventsError(f"{path}: not TOML in UTF-8: {error}. Check quotes and brackets.") from error
    for action, entries in tables.items():
        if action not in _TABLES:
            raise EventsError(f"{path}: no table {action!r}{close_to(action, _TABLES)}. Use: {listed(_TABLES)}.")
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
    required, optional = _TABLES[action]
    forms = required | optional
    for key in sorted(entry.keys() - forms.keys()):
        raise EventsError(f"{where}: {key!r} is not known{close_to(key, forms)}. Use: {listed(sorted(forms), 12)}.")
    for key in sorted(required.keys() - entry.keys()):
        raise EventsError(f"{where}: no {key}; found {listed(sorted(entry))}. Add {key} = {forms[key].example}.")
    for key, value in entry.items():
        if not forms[key].fits(value):
            raise EventsError(f"{where}: {key} = {value!r} is malformed. Write {key} = {forms[key].example}.")
    for name in sorted(entry.get("set", {}).keys() - set(EVENT_COLUMNS)):
        raise EventsError(f"{where}: no column {name!r}{close_to(name, EVENT_COLUMNS)}. Use: {_COLUMNS}.")
    if action == "split" and not entry.keys() & {"articles", "claims"}:
        raise EventsError(f"{where}: neither articles nor claims. Say whose claims go to {entry['as']!r}.")
    if action == "split" and "event_id" in override.changes:
        raise EventsError(f"{where}: set has an event_id, and so has as. Keep as = {entry['as']!r}.")
    if action == "evidence" and not 0 <= entry["start"] < entry["end"]:
        raise EventsError(f"{where}: start = {entry['start']}, end = {entry['end']} is no stretch of a file.")


def _context_rows(path: Path) -> list[dict[str, str]]:
    frame = read_table(path, "context events")
    for name in frame.columns.difference(EVENT_COLUMNS):
        raise EventsError(f"{path}: events have no column {name!r}{close_to(name, EVENT_COLUMNS)}. Remove it.")
    table = check_event_table(frame, str(path)).reset_index()
    of_articles = table.loc[~table["origin"].isin(["", "context"]), "event_id"]
    if len(of_articles):
        raise EventsError(
            f"{path}: origin is not context: {listed(of_articles)}. Remove what articles tell; builds find it."
        )
    return table.assign(origin="context")[EVENT_COLUMNS].to_dict("records")


def refuse_twice(ids: Sequence[str], where: str) -> None:
    """Raise if an id stands more than once."""
    twice = sorted(name for name, count in Counter(ids).items() if count > 1)
    if twice:
        raise EventsError(f"{where}: ids that stand twice: {listed(twice)}. Remove one, or [[correct]] its id.")
