"""The command line: ``potash report compare``. Heavy imports wait until it runs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from potash.cli.terminal import count, errors_as_messages, say
from potash.errors import listed

if TYPE_CHECKING:
    from potash.report.compare import Comparison

# Tables and files named on the terminal; --json has all.
MOST_NAMED = 8


def compare(
    old: Annotated[
        str, typer.Argument(metavar="OLD", help="A run by name or id, 'previous', 'latest', or a folder.")
    ] = ("previous"),
    new: Annotated[str, typer.Argument(metavar="NEW", help="Another one.")] = "latest",
    out: Annotated[Path, typer.Option(help="Folder of reports.")] = Path("reports"),
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
) -> None:
    """Show what differs between two reports: verdicts, prices, events, settings, tables.

    Exit code 0: compared, whatever differs. 2: one of them is no report.
    """
    with errors_as_messages(debug, "every report"):
        from potash.report.compare import compare_reports
        from potash.report.run.folders import find_run

        comparison = compare_reports(find_run(old, out), find_run(new, out))
        if as_json:
            typer.echo(json.dumps(comparison.as_json(), ensure_ascii=False, indent=1))
        else:
            _say(comparison)


def _say(comparison: Comparison) -> None:
    say(f"{comparison.old} -> {comparison.new}: {'no difference' if comparison.same else comparison.word}")
    for sentence in comparison.sentences():
        say(f"  {sentence}")
    for what, names in (("input file", comparison.files), ("table", comparison.tables)):
        if names:
            differ = "differ" if len(names) > 1 else "differs"
            say(f"  {count(len(names), what)} {differ}: {listed(names, MOST_NAMED)}.")
