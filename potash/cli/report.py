"""The command line: ``potash report``. Heavy imports wait until a command runs."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from potash.cli.ask import question as q
from potash.cli.exit_codes import ExitCode
from potash.cli.run_log import RunLog, run_log
from potash.cli.terminal import bars, count, errors_as_messages, say, say_table
from potash.errors import OptionError

if TYPE_CHECKING:
    from rich.progress import TaskID

    from potash.report.job import ReportResult
    from potash.report.run.execute import Progress


report_app = typer.Typer(help="Run the study and write its pages; compare two reports.", invoke_without_command=True)


@report_app.callback()
def report(
    context: typer.Context,
    out: Annotated[
        Path | None,
        typer.Option(help="Folder of reports, by default reports; the new one is OUT/latest.", show_default=False),
    ] = None,
    config: q.Config = None,
    title: q.Title = None,
    event: q.EventIds = None,
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
    notebooks: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Your notebooks (01-....ipynb) instead of the carried ones.")
    ] = None,
    parameter: Annotated[
        list[str] | None,
        typer.Option("--parameter", "-p", metavar="NAME=VALUE", help="Set a parameter; may be repeated."),
    ] = None,
    workers: Annotated[int, typer.Option(min=1, help="Notebooks run at once.")] = 2,
    list_parameters: Annotated[
        bool, typer.Option("--list-parameters", help="List what can be set, with default and meaning, and stop.")
    ] = False,
    keep: Annotated[int, typer.Option(min=1, help="Runs that are kept; older ones are removed.")] = 10,
    force: Annotated[bool, typer.Option("--force", help="Make it again though nothing has changed.")] = False,
    wait: Annotated[float, typer.Option(min=0.0, metavar="SECONDS", help="Wait for another run in OUT.")] = 0.0,
    publish_partial: Annotated[
        bool, typer.Option("--publish-partial", help="Publish though a notebook failed, with a banner on every page.")
    ] = False,
    to: Annotated[
        str | None, typer.Option(metavar="FORMATS", help="Also write OUT/latest/export: xlsx, pdf, md, tex, by commas.")
    ] = None,
    log_json: Annotated[
        str | None, typer.Option(metavar="FILE", help="Add a line of JSON for each thing that happens; - is stderr.")
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing unless it fails.")] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
) -> None:
    """Run the study and write its pages, tables and figures to a folder in OUT, to which OUT/latest points.

    Exit code 0: done, or nothing has changed since the last run. 2: what was given breaks a rule. 3: published with
    --publish-partial, and a notebook failed. 5: a notebook failed; the last report stands. 6: another run works in OUT.
    """
    if context.invoked_subcommand is not None:
        return
    own = _assignments(parameter or [])
    with errors_as_messages(debug, "the previous report"), run_log(log_json) as log:
        if list_parameters:
            _say_parameters(notebooks)
            return
        stated = _config(config, notebooks)
        values = q.given_choices(
            stated, event=event, firms=firms, market=market, controls=controls, window=window,
            event_window=event_window, estimation=estimation, returns=returns, left_out=left_out, prices=prices,
            snapshot=snapshot, events=events, universe=universe, confounders=confounders, as_of=as_of,
        )  # fmt: skip
        if values.get("events"):
            values["events"] = _ids(values)
        from potash.clock import utc_now
        from potash.report.job import build_report
        from potash.report.run.notebooks import FILES

        place = out or Path(str(values.pop("out_folder", "reports")))
        heading = title or values.get("title")
        for name in ("out_folder", "title"):
            values.pop(name, None)
        prices_folder, events_file, universe_file, confounders_file = (_path(values.pop(name, None)) for name in FILES)
        with _progress(quiet or log_json == "-") as tell:
            result = build_report(
                place,
                prices=prices_folder,
                events=events_file,
                universe=universe_file,
                confounders=confounders_file,
                notebooks=notebooks,
                parameters=_joined(values, own, stated),
                title=None if heading is None else str(heading),
                workers=workers,
                progress=_told_to_both(tell, log),
                now=utc_now(),
                keep=keep,
                force=force,
                wait=wait,
                publish_partial=publish_partial,
                exports=[name.strip() for name in (to or "").split(",") if name.strip()],
                begun=lambda run: _say_begun(log, run, place),
            )
        if not quiet:
            _say_where(result)
        _end(log, result)


def _config(file: Path | None, notebooks: Path | None) -> dict[str, object]:
    """Return the values of a configuration file, which may set what the notebooks declare too."""
    if file is None:
        return {}
    from potash.report.question.names import read_config
    from potash.report.run.notebooks import find_notebooks, read_notebook

    declared = {name for path in find_notebooks(notebooks) for name in read_notebook(path).declared}
    return read_config(file, declared)


def _ids(values: dict[str, object]) -> list[str]:
    """Return the events chosen by id, with the days, months and years among them written out."""
    from potash.news.timeline import load_timeline
    from potash.report.question.events import events_of_dates

    events = values["events"]
    return events_of_dates(
        events if isinstance(events, list) else [str(events)], load_timeline(_path(values.get("events_file")))
    )


def _path(value: object) -> Path | None:
    return None if value is None else Path(str(value))


def _joined(values: dict[str, object], own: dict[str, object], stated: dict[str, object]) -> dict[str, object]:
    """Return values of options and file with those of ``-p`` over the file's."""
    for name, value in own.items():
        if name in values and values[name] is not stated.get(name):
            raise OptionError(f"-p {name}={value}: an option sets {name} too. Set it once.")
    return {**values, **own}


def _say_parameters(notebooks: Path | None) -> None:
    import pandas as pd

    from potash.report.question.names import parameter_rows
    from potash.report.run.notebooks import find_notebooks, read_notebook

    rows = parameter_rows([read_notebook(path) for path in find_notebooks(notebooks)])
    say_table(pd.DataFrame(rows, columns=["name", "default", "meaning", "used by"]))


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
        say(f"{step.notebook}: started", err=True)
    elif step.kind != "cell":
        say(f"{step.notebook}: {step.kind} after {step.seconds:.1f} s", err=True)


def _told_to_both(tell: Callable[[Progress], None] | None, log: RunLog) -> Callable[[Progress], None]:
    """Return a callback that tells the terminal everything, and the log when a notebook ends."""

    def both(step: Progress) -> None:
        if tell is not None:
            tell(step)
        if step.kind in {"finished", "failed"}:
            log.say("notebook", notebook=step.notebook, state=step.kind, seconds=round(step.seconds, 2))

    return both


def _say_begun(log: RunLog, run: str, out: Path) -> None:
    log.run = run
    log.say("started", out=str(out), process=os.getpid())


def _end(log: RunLog, result: ReportResult) -> None:
    """Say in the log how the run ended, and end with code 3 if something is missing."""
    log.run = result.run
    code = ExitCode.INCOMPLETE if result.failed else ExitCode.DONE
    facts = {"index": str(result.index), "seconds": round(result.seconds, 2), "failed": list(result.failed)}
    log.end("unchanged" if result.unchanged else "finished", code, **facts)
    if result.failed:
        say(f"potash: incomplete: {', '.join(result.failed)} failed; the pages say so.", err=True)
        raise typer.Exit(code)


def _say_where(result: ReportResult) -> None:
    if result.unchanged:
        say(f"Report: {result.index}")
        say(f"Unchanged since {result.run}: the same data, notebooks, settings and versions. --force makes it again.")
        return
    parts = [
        count(len(result.pages), "page"),
        count(len(result.tables), "table"),
        count(len(result.figures), "figure"),
    ]
    say(f"Report: {result.index}")
    say(f"{', '.join(parts)} in {result.seconds:.0f} s. Tables as CSV: {result.folder / 'tables'}")
