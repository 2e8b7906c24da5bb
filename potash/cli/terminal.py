"""What the commands share at the terminal: errors as messages, bars, tables, counts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

from potash.cli.exit_codes import ExitCode, exit_code_of
from potash.errors import PotashError

if TYPE_CHECKING:
    import pandas as pd
    from rich.progress import Progress


# Controls (of which a terminal makes colours, titles of windows and worse), and what turns the direction of text.
_COMMANDS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def visible(text: object) -> str:
    r"""Return a text in which nothing is a command to the terminal: such characters are written out.

    Examples
    --------
    >>> visible("\x1b[31mred, two\nlines")
    '\\x1b[31mred, two\nlines'
    """
    return _COMMANDS.sub(lambda match: match.group().encode("unicode_escape").decode("ascii"), str(text))


def say(text: object, err: bool = False) -> None:
    """Print a line, as text alone whatever it holds."""
    typer.echo(visible(text), err=err)


@contextmanager
def errors_as_messages(debug: bool, unchanged: str) -> Iterator[None]:
    """Turn an error of potash into a message and its exit code; ``unchanged`` says what stays as it was after Ctrl-C."""
    try:
        yield
    except PotashError as error:
        if debug:
            raise
        say(f"potash: error: {error}", err=True)
        raise typer.Exit(exit_code_of(error)) from None
    except KeyboardInterrupt:
        say(f"potash: stopped; {unchanged} is unchanged.", err=True)
        raise typer.Exit(ExitCode.INTERRUPTED) from None


@contextmanager
def bars() -> Iterator[Progress | None]:
    """Yield bars on stderr, or ``None`` where that is no terminal."""
    from rich.console import Console  # heavy

    console = Console(stderr=True)
    if not console.is_terminal:
        yield None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    texts = TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    with Progress(*texts, console=console) as shown:
        yield shown


def count(number: int, noun: str) -> str:
    """Return ``1 file``, ``2 files``, ``2 series``."""
    return f"{number:,} {noun}{'' if number == 1 or noun.endswith('s') else 's'}"


def say_table(frame: pd.DataFrame) -> None:
    """Print a frame with its columns aligned: dates as days, moments to the minute, nothing where a value is missing."""
    texts = [[str(name) for name in frame.columns], *(list(map(cell, row)) for row in frame.itertuples(index=False))]
    numeric = [frame[name].dtype.kind in "iuf" or frame[name].dtype == "Int64" for name in frame.columns]
    widths = [max(len(row[at]) for row in texts) for at in range(len(numeric))]
    for row in texts:
        cells = [
            text.rjust(width) if right else text.ljust(width)
            for text, width, right in zip(row, widths, numeric, strict=True)
        ]
        say("  ".join(cells).rstrip())


def cell(value: object) -> str:
    """Return a value as a cell of a table."""
    import pandas as pd

    if value is None or pd.isna(value):
        return ""
    if isinstance(value, pd.Timestamp):
        return f"{value:%Y-%m-%d}" if value == value.normalize() and value.tz is None else f"{value:%Y-%m-%d %H:%M}"
    return f"{value:,}" if isinstance(value, int) else str(value)
