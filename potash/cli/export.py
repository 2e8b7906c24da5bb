"""The command line: ``potash export``. A finished report as workbook, PDF, Markdown or LaTeX."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from potash.cli.terminal import errors_as_messages, say

FORMATS = "xlsx, pdf, md, tex"


def export(
    report: Annotated[Path, typer.Argument(help="Folder of a report.")] = Path("reports/latest"),
    to: Annotated[str, typer.Option(metavar="FORMATS", help=f"One or several, by commas: {FORMATS}.")] = "xlsx",
    out: Annotated[Path, typer.Option(metavar="FOLDER", help="Where the files go.")] = Path("export"),
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing unless it fails.")] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
) -> None:
    """Write a report as a workbook, as PDF, as Markdown for a mail, or its tables as LaTeX."""
    with errors_as_messages(debug, "the report"):
        from potash.report.export.formats import export_report

        paths = export_report(report, [name.strip() for name in to.split(",") if name.strip()], out)
        if not quiet:
            for path in paths:
                say(str(path))
