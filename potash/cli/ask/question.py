"""The options that ask a question, the same for ``potash study`` and ``potash report``, and what they mean."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from potash.bundled import data_dir
from potash.errors import InputError, OptionError, listed

# An estimation window given by its length ends here, or before the event window where that starts earlier.
LAST_ESTIMATED = -11
_PAIR = re.compile(r"\s*[\[(]?\s*([+−-]?\d+)\s*[,:]\s*([+−-]?\d+)\s*[\])]?\s*", re.ASCII)
QUESTION = "The question"


def _carried(file: str, column: str, suffix: Callable[[Mapping[str, str]], str]) -> list[tuple[str, str]]:
    """Return a column of a carried table with a text beside each value, read without the packages of a study."""
    with (data_dir() / file).open(encoding="utf-8", newline="") as lines:
        return [(row[column], suffix(row)) for row in csv.DictReader(lines)]


def complete_events(incomplete: str) -> Iterable[tuple[str, str]]:
    """Yield the ids of dated events that go on from what was typed, with their titles."""
    rows = _carried("events.csv", "event_id", lambda row: row["title"] if row["precision"] in ("day", "time") else "")
    yield from ((event_id, title) for event_id, title in [("newest", "the newest event with prices"), *rows]
                if title and event_id.startswith(incomplete))  # fmt: skip


def complete_event_ids(incomplete: str) -> Iterable[tuple[str, str]]:
    """Yield the ids of dated events that go on from what was typed after the last comma, with their titles."""
    before, comma, part = incomplete.rpartition(",")
    yield from ((f"{before}{comma}{event}", title) for event, title in complete_events(part) if event != "newest")


def complete_tickers(incomplete: str) -> Iterable[tuple[str, str]]:
    """Yield the tickers that go on from what was typed after the last comma, with the names of the firms."""
    before, comma, part = incomplete.rpartition(",")
    for ticker, name in _carried("universe.csv", "ticker", lambda row: row["name"]):
        if ticker.startswith(part):
            yield f"{before}{comma}{ticker}", name


def _tickers(name: str, text: str, *, complete: bool = True) -> Any:
    return typer.Option(
        name,
        metavar="TICKERS",
        help=text,
        rich_help_panel=QUESTION,
        autocompletion=complete_tickers if complete else None,
    )


def _pair(name: str, text: str) -> Any:
    return typer.Option(name, metavar="FROM,TO", help=text, rich_help_panel=QUESTION)


def _file(name: str, text: str) -> Any:
    return typer.Option(name, metavar="FILE", help=text)


EventIds = Annotated[
    list[str] | None,
    typer.Option("--event", metavar="IDS", rich_help_panel=QUESTION, autocompletion=complete_event_ids,
                 help="Events to study, by id, day, month or year, joined by commas; by default every dated event with "
                 "prices."),
]  # fmt: skip
Firms = Annotated[
    list[str] | None, _tickers("--firms", "The portfolio, joined by commas; by default the potash producers.")
]
Market = Annotated[
    str | None,
    typer.Option("--market", metavar="TICKER", help="The benchmark; by default the one with the role market.",
                 rich_help_panel=QUESTION, autocompletion=complete_tickers),
]  # fmt: skip
Controls = Annotated[list[str] | None, _tickers("--controls", "The control group, or none; by default by role.")]
VerdictWindow = Annotated[
    str | None,
    _pair("--window", "Window of the verdict; by default day 0, or 0,1 where only the day of the news is known."),
]
EventWindow = Annotated[str | None, _pair("--event-window", "Sessions around day 0 to look at; by default -5,10.")]
Estimation = Annotated[
    str | None,
    typer.Option("--estimation", metavar="SESSIONS|FROM,TO", rich_help_panel=QUESTION,
                 help="Sessions that the normal return is estimated from; by default -130,-11. A single number counts the "
                 "sessions that end with -11, or with the last one before the event window."),
]  # fmt: skip
Returns = Annotated[
    str | None, typer.Option("--returns", metavar="log|simple", help="Kind of returns.", rich_help_panel=QUESTION)
]
LeftOut = Annotated[
    list[str] | None,
    _tickers("--left-out", "Firms that the verdict does without where they had news of their own, or none; by default MOS, and "
             "nobody with --firms."),
]  # fmt: skip
Prices = Annotated[
    Path | None, typer.Option("--prices", metavar="FOLDER", help="Your price files instead of the carried ones.")
]
SnapshotName = Annotated[
    str | None,
    typer.Option("--snapshot", metavar="NAME", help="A frozen snapshot of the price store, by name or folder."),
]
Events = Annotated[Path | None, _file("--events", "Your timeline instead of the carried one.")]
UniverseFile = Annotated[Path | None, _file("--universe", "Your instruments instead of the carried ones.")]
Confounders = Annotated[Path | None, _file("--confounders", "Your list of other news instead of the carried one.")]
AsOf = Annotated[
    str | None, typer.Option("--as-of", metavar="DATE", help="Prices of the store as they were known on that day.")
]
Config = Annotated[
    Path | None, _file("--config", "A TOML file with these settings by name; options on the command line win.")
]
Title = Annotated[str | None, typer.Option("--title", metavar="TEXT", help="Title of the page.")]


def given_choices(
    config: Mapping[str, object],
    *,
    event: str | Sequence[str] | None = None,
    firms: str | Sequence[str] | None = None,
    market: str | None = None,
    controls: str | Sequence[str] | None = None,
    window: str | None = None,
    event_window: str | None = None,
    estimation: str | None = None,
    returns: str | None = None,
    left_out: str | Sequence[str] | None = None,
    prices: Path | None = None,
    snapshot: str | None = None,
    events: Path | None = None,
    universe: Path | None = None,
    confounders: Path | None = None,
    as_of: str | None = None,
) -> dict[str, object]:
    """Return the values that were given, by the names of a question: those of a file, and options over them.

    Raises
    ------
    InputError
        If an option is empty, a window is no pair, a file is missing, or prices are asked for from two places.
    """
    chosen: dict[str, object] = {
        "events": _names("--event", event), "firms": _names("--firms", firms), "market": _ticker(market),
        "controls": _names("--controls", controls), "returns_kind": returns, "left_out": _names("--left-out", left_out),
        "prices_folder": folder_of(snapshot, prices), "as_of": as_of,
        "events_file": _existing("--events", events), "universe_file": _existing("--universe", universe),
        "confounders_file": _existing("--confounders", confounders),
        "window": None if window is None else offsets("--window", window),
        "event_window": None if event_window is None else offsets("--event-window", event_window),
    }  # fmt: skip
    values = {**config, **{name: value for name, value in chosen.items() if value is not None}}
    if as_of is not None and prices is None and snapshot is None:
        values.pop("prices_folder", None)
    elif chosen["prices_folder"] is not None and as_of is None:
        values.pop("as_of", None)
    if snapshot == "carried":
        values.pop("prices_folder", None)
    if estimation is not None:
        values["estimation_window"] = _estimation(estimation, values.get("event_window"))
    return values


def folder_of(snapshot: str | None, prices: Path | None) -> Path | None:
    """Return the folder of prices to read; ``None`` for the carried ones."""
    if snapshot is not None and prices is not None:
        raise OptionError("--snapshot and --prices name two sources of prices. Give one.")
    if snapshot is None or snapshot == "carried":
        if prices is not None and not prices.is_dir():
            what = "is a file, and a folder of CSV or Parquet files is needed" if prices.exists() else "does not exist"
            raise InputError(f"--prices {prices}: {what}.")
        return prices
    from potash.market.snapshots.folder import find_snapshot

    return find_snapshot(snapshot)


def _existing(option: str, file: Path | None) -> Path | None:
    if file is not None and not file.is_file():
        raise InputError(
            f"{option} {file}: {'is a folder, and a file is needed' if file.exists() else 'does not exist'}."
        )
    return file


# Options of which none is a choice.
_NONE_ALLOWED = ("--controls", "--left-out")


def _names(option: str, given: str | Sequence[str] | None) -> list[str] | None:
    """Return names joined by commas, of an option given once or several times; ``none`` alone is an empty list."""
    if given is None or given == []:  # a list for an option that was not given
        return None
    texts = [given] if isinstance(given, str) else given
    names = [part.strip() for text in texts for part in text.split(",") if part.strip()]
    word = f" Write {option} none if nobody is meant." if option in _NONE_ALLOWED else ""
    if not names or (len(names) > 1 and "none" in map(str.casefold, names)):
        what = f"none stands beside {listed(names)}" if names else "is empty"
        raise InputError(f"{option} {what}. Give names joined by commas, or leave the option out.{word}")
    if names[0].casefold() != "none":
        return names
    if not word:
        raise InputError(
            f"{option} none: nothing would be studied. Give names joined by commas, or leave the option out."
        )
    return []


def _ticker(text: str | None) -> str | None:
    if text is not None and text.strip().casefold() in ("", "none"):
        raise InputError(f"--market {text}: a study needs a benchmark. Give one ticker, or leave the option out.")
    return text


def offsets(option: str, text: str) -> list[int]:
    """Return a pair of offsets written as ``-1,1`` or ``-1:1``, with or without brackets.

    Examples
    --------
    >>> offsets("--window", "-1,+1"), offsets("--window", "[0, 5]")
    ([-1, 1], [0, 5])
    """
    match = _PAIR.fullmatch(text)
    if match is None:
        raise InputError(f"{option} {text}: two whole numbers of sessions are needed, for example {option} -1,1.")
    return [int(part.replace("−", "-")) for part in match.groups()]


def _estimation(text: str, event_window: object) -> list[int]:
    if re.fullmatch(r"\s*\d+\s*", text, re.ASCII) is None:
        return offsets("--estimation", text)
    if int(text) == 0:
        raise InputError(f"--estimation {text}: at least some sessions are needed, for example --estimation 120.")
    start = event_window[0] if isinstance(event_window, list | tuple) else LAST_ESTIMATED + 1
    last = min(LAST_ESTIMATED, int(start) - 1)
    return [last - int(text) + 1, last]
