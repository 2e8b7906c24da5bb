"""One question to the desk under one set of names: notebooks, commands and configuration files all use them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from os import PathLike, fspath
from pathlib import Path
from typing import Any

from potash.errors import InputError, WindowError, check_option
from potash.sessions import Window
from potash.study.engine.windows import Windows
from potash.study.study import ReturnsKind

RETURNS_KINDS = ("log", "simple")
# Alpha, beta of the market, and that of the control group.
PARAMETERS = 3
FILES = ("prices_folder", "events_file", "universe_file", "confounders_file")
NAMES = ("events", "firms", "controls", "left_out")


@dataclass(frozen=True, slots=True)
class Choices:
    """What a reader can choose, in a form that can be compared: equal choices ask the same question.

    Attributes
    ----------
    events : tuple of str, optional
        Ids of the events to study; None takes every dated event of the timeline that has prices.
    firms : tuple of str, optional
        Tickers of the portfolio; None takes the potash producers.
    market : str, optional
        The benchmark; None takes the one with the role ``market``.
    controls : tuple of str, optional
        The control group; None takes it by role, an empty one is none.
    window : pair of int, optional
        Window of the verdict; None takes day 0, or 0 to +1 where day 0 is ambiguous.
    event_window, estimation_window : pair of int
        Offsets in sessions, both ends included.
    returns_kind : {"log", "simple"}
    left_out : tuple of str
        Firms that the portfolio is also shown without, where they had news of their own.
    prices_folder, events_file, universe_file, confounders_file : str, optional
        Paths in place of what the project carries.
    as_of : str, optional
        Prices of the store as known on that day.
    """

    events: tuple[str, ...] | None = None
    firms: tuple[str, ...] | None = None
    market: str | None = None
    controls: tuple[str, ...] | None = None
    window: tuple[int, int] | None = None
    event_window: tuple[int, int] = (-5, 10)
    estimation_window: tuple[int, int] = (-130, -11)
    returns_kind: ReturnsKind = "log"
    left_out: tuple[str, ...] = ()
    prices_folder: str | None = None
    events_file: str | None = None
    universe_file: str | None = None
    confounders_file: str | None = None
    as_of: str | None = None

    @classmethod
    def of(cls, **given: Any) -> Choices:
        """Return choices as a notebook or a file writes them: lists for tuples, a single name for one, dates for texts.

        Raises
        ------
        InputError
            If a name is no text, firms or events are empty, or prices are asked for from two places.
        WindowError
            If a window is no pair, the windows overlap, or the verdict's lies outside the event window.
        OptionError
            If ``returns_kind`` is neither log nor simple.

        Examples
        --------
        >>> Choices.of(firms=["NTR", "MOS"], window=[-1, 1]).firms
        ('NTR', 'MOS')
        """
        values = dict(given)
        for name in NAMES:
            if values.get(name) is not None:
                values[name] = _names(name, values[name])
            elif name == "left_out":
                values[name] = ()
        for name in ("event_window", "estimation_window", "window"):
            if values.get(name) is not None:
                chosen = Window.of(values[name], name)
                values[name] = chosen.start, chosen.end
        for name in FILES:
            if values.get(name) is not None:
                values[name] = _path(name, values[name])
        if values.get("as_of") is not None:
            values["as_of"] = _day(values["as_of"])
        choices = cls(**values)
        _check(choices)
        return choices

    def stamps(self) -> tuple[tuple[str, int, int], ...]:
        """Return name, time of change and size of each file that is read in place of a carried one."""
        places = [Path(path) for name in FILES if (path := getattr(self, name)) is not None]
        if self.events_file is not None:
            places.append(Path(self.events_file).with_name("evidence.csv"))
        files = [file for place in places for file in (sorted(place.rglob("*")) if place.is_dir() else [place])]
        states = [(str(file), file.stat()) for file in files if file.is_file()]
        return tuple((name, state.st_mtime_ns, state.st_size) for name, state in states)


def _names(name: str, value: object) -> tuple[str, ...]:
    given = value.split(",") if isinstance(value, str) else value
    parts = list(given) if isinstance(given, Iterable) else [given]
    texts = [part.strip() for part in parts if isinstance(part, str)]
    if len(texts) < len(parts):
        raise InputError(f"{name}={value!r} must be a list of names, for example {name}={_EXAMPLES[name]}.")
    return tuple(dict.fromkeys(text for text in texts if text))


_EXAMPLES = {
    "events": "['2025-12-13-us-lifts-potash']", "firms": "['NTR', 'MOS']", "controls": "['CF']", "left_out": "['MOS']",
}  # fmt: skip


def _path(name: str, value: object) -> str:
    if not isinstance(value, str | PathLike):
        raise InputError(f"{name}={value!r} must be a path.")
    return str(fspath(value))


def _day(value: object) -> str:
    return value.isoformat() if isinstance(value, dt.date) else str(value)


def _check(choices: Choices) -> None:
    check_option("returns_kind", choices.returns_kind, RETURNS_KINDS)
    if choices.market is not None and not isinstance(choices.market, str):
        raise InputError(f"market={choices.market!r} must be one ticker, for example market='SPY'.")
    for name, usual in (("events", "every dated event with prices"), ("firms", "the potash producers")):
        if getattr(choices, name) == ():
            raise InputError(f"{name} is empty, so there is nothing to study. Name some, or None for {usual}.")
    if choices.as_of is not None and choices.prices_folder is not None:
        raise InputError(
            f"as_of={choices.as_of!r} takes prices from the store, and prices_folder={choices.prices_folder!r} from a folder. "
            "Give one of the two."
        )
    event, estimation = choices.event_window, choices.estimation_window
    Windows.of(event, estimation, None, PARAMETERS)
    span = Window.of(event)
    if choices.window is not None and Window.of(choices.window) not in span:
        raise WindowError(
            f"window {Window.of(choices.window)} reaches outside event_window {span}. Make the event window longer, or the "
            "window shorter."
        )
    if Window(0, 1) not in span:
        raise WindowError(
            f"event_window {span} must hold sessions 0 and +1, on which verdicts rest. Let it start at 0 or before, and end at "
            "+1 or later."
        )
