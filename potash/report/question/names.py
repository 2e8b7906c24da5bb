"""The names that a question is asked with: what each means, and values from a configuration file."""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import fields
from pathlib import Path

from potash.errors import InputError, OptionError, close_to, listed
from potash.report.desk.choices import FILES, NAMES, Choices
from potash.report.run.notebooks import UNKNOWN, Notebook, parameters_cell
from potash.universe import Universe, load_universe

# Firms known for news of their own near the carried events; see the notes of data/universe.csv.
USUALLY_LEFT_OUT = ("MOS",)
MEANINGS = {
    "events": "ids of the events to study; None takes every dated event of the timeline that has prices",
    "firms": "tickers of the portfolio; None takes the potash producers",
    "market": "benchmark; None takes the one with the role market",
    "controls": "control group; None takes it by role; [] for none",
    "window": "window of the verdict; None takes day 0, or 0 to +1 where day 0 is ambiguous",
    "event_window": "sessions around day 0 that are looked at, both ends included",
    "estimation_window": "sessions before day 0 from which the normal return is estimated",
    "returns_kind": "log or simple",
    "left_out": "firms that the portfolio is also shown without, where they had news of their own",
    "prices_folder": "own prices or a frozen snapshot; None takes the carried prices",
    "events_file": "own events; None takes the carried one",
    "universe_file": "own instruments; None takes the carried ones",
    "confounders_file": "other news of firms and markets; None takes the carried file",
    "as_of": "takes prices of the store, as known on that day",
}
# What a file may hold beside the names of the question.
BESIDE = {"out_folder": "where reports are saved", "title": "title of the page or report"}


def choices_of(given: Mapping[str, object]) -> Choices:
    """Return the choices of a command or a file, with the firms usually left out where nobody chose firms.

    Examples
    --------
    >>> choices_of({}).left_out, choices_of({"firms": ["NTR", "MOS"]}).left_out
    (('MOS',), ())
    """
    values = {name: value for name, value in given.items() if name in MEANINGS}
    if values.get("left_out") is None:
        universe_file = values.get("universe_file")
        universe = load_universe(None if universe_file is None else str(universe_file))
        values["left_out"] = usually_left_out(universe, values.get("firms"))
    return Choices.of(**values)


def usually_left_out(universe: Universe, firms: object) -> tuple[str, ...]:
    """Return the firms left out where nobody chose any: none where the firms were chosen, or the universe lacks them."""
    return () if firms is not None else tuple(t for t in USUALLY_LEFT_OUT if t in universe.frame.index)


def read_config(file: str | Path, declared: Collection[str] = ()) -> dict[str, object]:
    """Return the values of a TOML file by name; relative paths are relative to the file.

    Parameters
    ----------
    file : path
    declared : collection of str
        Further names that notebooks declare.

    Raises
    ------
    InputError
        If the file is missing or no TOML.
    OptionError
        If a name is unknown, and the message has the nearest; or its value is of another kind.
    """
    path = Path(file)
    if not path.is_file():
        what = "is a folder, and a TOML file is needed" if path.exists() else "there is no such file"
        raise InputError(f"configuration {path}: {what}.")
    try:
        values = tomllib.loads(
            path.read_text(encoding="utf-8-sig")
        )  # editors on Windows put a mark before the first name
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"configuration {path}: not TOML: {error}.") from error
    names = [*MEANINGS, *BESIDE, *(name for name in sorted(declared) if name not in MEANINGS and name not in BESIDE)]
    for name in values:
        if name not in names:
            raise OptionError(
                f"configuration {path}: unknown name {name!r}{close_to(name, names)}. Names are: {listed(names, 40)}."
            )
        _check_type(path, name, values[name])
    for name in (*FILES, "out_folder"):
        if isinstance(values.get(name), str):
            values[name] = str(path.parent / values[name])
    return {name: value.isoformat() if isinstance(value, dt.date) else value for name, value in values.items()}


_TEXTS = ("market", "returns_kind", *FILES, *BESIDE)
_WINDOWS = ("window", "event_window", "estimation_window")


def _check_type(path: Path, name: str, value: object) -> None:
    """Raise :class:`OptionError` where a name of a question has a value of another kind, which a command could read two ways."""
    wanted = ""
    if name in _TEXTS and not isinstance(value, str):
        wanted = "a text"
    elif name in _WINDOWS and not isinstance(value, list):
        wanted = "two whole numbers of sessions in brackets, for example [-1, 1]"
    elif name in NAMES and not (isinstance(value, list) and all(isinstance(each, str) for each in value)):
        wanted = "a list of texts, for example " + (
            "['2025-12-13-us-lifts-potash']" if name == "events" else "['NTR', 'MOS']"
        )
    elif name == "as_of" and not isinstance(value, str | dt.date):
        wanted = "a day, for example 2026-01-05"
    if wanted:
        raise OptionError(f"configuration {path}: {name} = {value!r} is not {wanted}. Change it there.")


def defaults() -> dict[str, object]:
    """Return the default of each name."""
    usual = {field.name: field.default for field in fields(Choices)}
    return {**usual, "left_out": USUALLY_LEFT_OUT}


def parameter_rows(notebooks: Iterable[Notebook]) -> list[tuple[str, str, str, str]]:
    """Return name, default, meaning and notebooks of every parameter: those of a question first, then what notebooks declare.

    The meaning of a notebook's own name is the comment behind it in the parameters cell. ``out_folder`` is set by every run.
    """
    usual = defaults()
    rows = {name: (repr(_as_list(usual[name])), meaning) for name, meaning in MEANINGS.items()}
    users: dict[str, list[str]] = {}
    for notebook in notebooks:
        remarks = _remarks(notebook)
        for name, default in notebook.declared.items():
            if name != "out_folder":
                users.setdefault(name, []).append(notebook.name)
                rows.setdefault(name, ("computed" if default is UNKNOWN else repr(default), remarks.get(name, "")))
    return [
        (name, default, meaning, ", ".join(users.get(name, [])) or "none of these notebooks")
        for name, (default, meaning) in rows.items()
    ]


def _as_list(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value


def _remarks(notebook: Notebook) -> dict[str, str]:
    position = parameters_cell(notebook.node)
    source = "" if position is None else notebook.node.cells[position].source
    pairs = re.findall(r"^(\w+)[^=\n]*=[^#\n]*#[ \t]*(.+)$", source, flags=re.MULTILINE)
    return {name: remark.strip() for name, remark in pairs}
