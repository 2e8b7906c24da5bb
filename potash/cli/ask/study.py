"""The command line: ``potash study``. Heavy imports wait until the command runs."""

from __future__ import annotations

import json
import re
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from potash.cli.ask import question as q
from potash.cli.terminal import count, errors_as_messages, say, say_table, visible
from potash.errors import InputError

if TYPE_CHECKING:
    import pandas as pd
    from rich.table import Table

    from potash.report.desk.choices import Choices
    from potash.report.question.answer import Answer

# A column of words may wrap, down to this many characters.
NARROWEST = 14
# An estimate, an interval, an offset, a p-value or a date, with its unit: such a column does not wrap.
_NUMBER = re.compile(r"[+\u2212<-]?\d[\d.,-]*( %| times)?( to [+\u2212]?[\d.]+ %)?|missing|day 0|yes|no|")


def study(
    event: Annotated[
        str | None,
        typer.Argument(metavar="EVENT", autocompletion=q.complete_events, show_default=False,
                       help="An id, a part of an id or title that fits one event, a date, or newest. Without it: the list."),
    ] = None,
    firms: q.Firms = None,
    market: q.Market = None,
    controls: q.Controls = None,
    window: q.VerdictWindow = None,
    estimation: q.Estimation = None,
    event_window: q.EventWindow = None,
    returns: q.Returns = None,
    left_out: q.LeftOut = None,
    prices: q.Prices = None,
    snapshot: q.SnapshotName = None,
    events: q.Events = None,
    universe: q.UniverseFile = None,
    confounders: q.Confounders = None,
    as_of: q.AsOf = None,
    config: q.Config = None,
    html: Annotated[Path | None, typer.Option(metavar="FILE", help="Write one page that needs no other file.")] = None,
    json_file: Annotated[
        Path | None, typer.Option("--json", metavar="FILE|-", help="Write verdict, question and tables as JSON; - prints them.")
    ] = None,
    csv: Annotated[Path | None, typer.Option(metavar="FOLDER", help="Write one CSV file a table, at full precision.")] = None,
    title: q.Title = None,
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
) -> None:  # fmt: skip
    """Ask what one event did to the shares: the verdict in a sentence, and the tables behind it.

    For example: potash study 2025-12-13 --firms NTR,MOS --controls CF --window -1,1 --estimation 250
    """
    with errors_as_messages(debug, "what was written before"):
        from potash.report.desk.choices import FILES
        from potash.report.pages.safety import check_inputs, check_text
        from potash.report.question.answer import answer_of
        from potash.report.question.names import choices_of, read_config

        if title is not None and html is None:
            raise InputError("--title names the page that --html writes. Give both, or neither.")
        values = q.given_choices(
            {} if config is None else read_config(config), firms=firms, market=market, controls=controls, window=window,
            event_window=event_window, estimation=estimation, returns=returns, left_out=left_out, prices=prices,
            snapshot=snapshot, events=events, universe=universe, confounders=confounders, as_of=as_of,
        )  # fmt: skip
        check_inputs([Path(str(values[name])) for name in FILES if values.get(name) is not None])
        check_text(title or _text(values.get("title")) or "", "the title")
        if event is None:
            raise _no_event(choices_of(values))
        answer = answer_of(event, choices_of(values), named_left_out=values.get("left_out") is not None)
        written = _written(answer, html, json_file, csv, title or _text(values.get("title")))
        if json_file is not None and str(json_file) == "-":
            typer.echo(_json(answer))
            return
        _say(answer)
        for line in written:
            say(line)


def _no_event(choices: Choices) -> InputError:
    from potash.report.desk.setting import setting_of
    from potash.report.question.events import events_listed

    return InputError(f"no event was named. These can be studied:\n{events_listed(setting_of(choices))}")


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _json(answer: Answer) -> str:
    return json.dumps(answer.record(), ensure_ascii=False, indent=1)


def _written(
    answer: Answer, html: Path | None, json_file: Path | None, csv: Path | None, title: str | None
) -> list[str]:
    """Write what was asked for and return a line for each."""
    lines = []
    try:
        if html is not None:
            from potash.report.question.page import page_of

            html.write_text(page_of(answer, title or answer.title), encoding="utf-8", newline="\n")
            lines.append(f"Page: {html}")
        if json_file is not None and str(json_file) != "-":
            json_file.write_text(_json(answer) + "\n", encoding="utf-8", newline="\n")
            lines.append(f"JSON: {json_file}")
    except OSError as error:
        raise InputError(f"{error.filename}: cannot be written: {error.strerror}. Give another place.") from error
    if csv is not None:
        lines.append(f"Tables: {', '.join(map(str, answer.write_tables(csv)))}")
    return lines


def _say(answer: Answer) -> None:
    """Print the answer: wrapped and set in columns on a terminal, plain and aligned elsewhere."""
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False)
    plain = not console.is_terminal

    def styled(text: str, style: str = "") -> None:
        if plain:
            say(text)
        else:
            console.print(Text(visible(text), style=style))

    styled(answer.title, "bold")
    styled(answer.dates)
    styled("")
    styled(answer.box.text, "bold")
    for line in answer.details:
        styled(line)
    for name, table in answer.tables.items():
        styled("")
        styled(table.title or name, "bold")
        if plain:
            say_table(table.shown)
        else:
            console.print(columns(table.shown, console.width))
            left = len(table.shown.columns) - len(layout(table.shown, console.width)[1])
            if left:
                styled(f"{count(left, 'more column')} in a wider window, or with --csv.", "dim")
        if table.note:
            styled(table.note, "dim")
    styled("")
    styled("Question: " + "; ".join(f"{name}: {value}" for name, value in answer.question) + ".", "dim")


def columns(frame: pd.DataFrame, width: int) -> Table:
    """Return a table for a terminal: words wrap, and the last columns that do not fit are left out."""
    from rich.table import Table
    from rich.text import Text

    words, widths = layout(frame, width)
    shown = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for name, size in widths.items():
        justify: Literal["left", "right"] = "left" if name in words else "right"
        shown.add_column(
            _broken(name, size), justify=justify, min_width=size, no_wrap=name not in words, overflow="fold"
        )
    for row in frame[list(widths)].itertuples(index=False):
        shown.add_row(*(Text("" if value is None or value != value else visible(value)) for value in row))
    return shown


def layout(frame: pd.DataFrame, width: int) -> tuple[set[str], dict[str, int]]:
    """Return the columns of words, and the least width of each column kept, so that all fit beside one another."""
    cells = {str(name): [str(value) for value in frame[name]] for name in frame.columns}
    words = {name for name, texts in cells.items() if not all(_NUMBER.fullmatch(text) for text in texts)}
    widths = {}
    for name, texts in cells.items():
        longest = max((len(part) for part in name.split()), default=0)
        size = max([longest, *(len(text) for text in texts)])
        widths[name] = min(size, max(NARROWEST, longest)) if name in words else size
    while len(widths) > 1 and sum(widths.values()) + 2 * len(widths) > width:
        widths.popitem()
    return words, widths


def _broken(name: str, size: int) -> str:
    return "\n".join(textwrap.wrap(name, size, break_long_words=False))
