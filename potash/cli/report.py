"""The command line: ``potash report``. Heavy imports wait until a command runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from potash.cli.terminal import bars, count, errors_as_messages
from potash.errors import OptionError

if TYPE_CHECKING:
    from rich.progress import TaskID

    from potash.report.job import ReportResult
    from potash.report.run.execute import Progress

report_app = typer.Typer(help="Run the study and write its pages; compare two reports.", invoke_without_command=True)


@report_app.callback()
def report(
    context: typer.Context,
    out: Annotated[Path, typer.Option(help="Folder of reports; the new one is OUT/latest.")] = Path("reports"),
    prices: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Your price files instead of the carried ones.")
    ] = None,
    snapshot: Annotated[
        str | None, typer.Option(metavar="NAME", help="A frozen snapshot of the price store, by name or folder.")
    ] = None,
    events: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Your timeline instead of the carried one.")
    ] = None,
    universe: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Your instruments instead of the carried ones.")
    ] = None,
    notebooks: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Your notebooks (01-....ipynb) instead of the carried ones.")
    ] = None,
    parameter: Annotated[
        list[str] | None,
        typer.Option("--parameter", "-p", metavar="NAME=VALUE", help="Set a parameter; may be repeated."),
    ] = None,
    workers: Annotated[int, typer.Option(min=1, help="Notebooks run at once.")] = 2,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing unless it fails.")] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
) -> None:
    """Run the study and write its pages, tables and figures to OUT/latest."""
    if context.invoked_subcommand is not None:
        return
    values = _assignments(parameter or [])
    with errors_as_messages(debug, "the previous report"):
        from potash.report.job import build_report

        folder = _snapshot_folder(snapshot, prices)
        with _progress(quiet) as tell:
            result = build_report(
                out,
                prices=folder,
                events=events,
                universe=universe,
                notebooks=notebooks,
                parameters=values,
                workers=workers,
                progress=tell,
            )
        if not quiet:
            _say_where(result)


def _snapshot_folder(snapshot: str | None, prices: Path | None) -> Path | None:
    """Return the folder of prices to report on; ``None`` for the carried ones."""
    if snapshot is None:
        return prices
    if prices is not None:
        raise OptionError("--snapshot and --prices name two sources of prices. Give one.")
    if snapshot == "carried":
        return None
    from potash.market.snapshots.folder import find_snapshot

    return find_snapshot(snapshot)


def _assignments(texts: list[str]) -> dict[str, object]:
    values: dict[str, object] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        name = name.strip()
        if not equals or not name.isidentifier():
            raise typer.BadParameter(f"{text!r} is not of the form name=value.", param_hint="-p")
        if name in values:
            raise typer.BadParameter(f"{name!r} is given twice.", param_hint="-p")
        values[name] = value.strip()
    return values


@contextmanager
def _progress(quiet: bool) -> Iterator[Callable[[Progress], None] | None]:
    """Yield a callback: bars on a terminal, otherwise a line per notebook started and finished, on stderr."""
    if quiet:
        yield None
        return
    with bars() as shown:
        if shown is None:
            yield _plain_line
            return
        rows: dict[str, TaskID] = {}

        def tell(step: Progress) -> None:
            if step.notebook not in rows:
                rows[step.notebook] = shown.add_task(step.notebook, total=step.cells)
            shown.update(rows[step.notebook], completed=step.cell)
            if step.kind in {"finished", "failed"}:
                shown.stop_task(rows[step.notebook])

        yield tell


def _plain_line(step: Progress) -> None:
    if step.kind == "started":
        typer.echo(f"{step.notebook}: started", err=True)
    elif step.kind != "cell":
        typer.echo(f"{step.notebook}: {step.kind} after {step.seconds:.1f} s", err=True)


def _say_where(result: ReportResult) -> None:
    parts = [
        count(len(result.pages), "page"),
        count(len(result.tables), "table"),
        count(len(result.figures), "figure"),
    ]
    typer.echo(f"Report: {result.index}")
    typer.echo(f"{', '.join(parts)} in {result.seconds:.0f} s. Tables as CSV: {result.folder / 'tables'}")
