"""What the commands share at the terminal: errors as messages, bars, counts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

from potash.errors import PotashError

if TYPE_CHECKING:
    from rich.progress import Progress


@contextmanager
def errors_as_messages(debug: bool, unchanged: str) -> Iterator[None]:
    """Turn an error of potash into a message and exit code 1, Ctrl-C into 130; ``unchanged`` says what stays as it was."""
    try:
        yield
    except PotashError as error:
        if debug:
            raise
        typer.echo(f"potash: error: {error}", err=True)
        raise typer.Exit(1) from None
    except KeyboardInterrupt:
        typer.echo(f"potash: stopped; {unchanged} is unchanged.", err=True)
        raise typer.Exit(130) from None


@contextmanager
def bars() -> Iterator[Progress | None]:
    """Yield bars on stderr, or ``None`` where that is no terminal."""
    from rich.console import Console  # heavy

    console = Console(stderr=True)
    if not console.is_terminal:
        yield None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    texts = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    with Progress(*texts, console=console) as shown:
        yield shown


def count(number: int, noun: str) -> str:
    """Return ``1 file``, ``2 files``."""
    return f"{number} {noun}{'' if number == 1 else 's'}"
