"""The command line: ``potash``, and where each command comes from. Heavy imports wait until a command runs."""

from __future__ import annotations

import signal
from typing import Annotated

import typer

from potash import __version__
from potash.cli.ask.study import study
from potash.cli.compare import compare
from potash.cli.doctor import doctor
from potash.cli.export import export
from potash.cli.report import report_app
from potash.cli.snapshots import prices_app
from potash.cli.timeline import timeline_app

app = typer.Typer(
    name="potash",
    help="Did this news move potash producers, by how much, and how sure are we?",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
)
report_app.command()(compare)
app.command()(study)
app.add_typer(report_app, name="report")
app.add_typer(timeline_app, name="timeline")
app.add_typer(prices_app, name="prices")
app.command()(export)
app.command()(doctor)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"potash {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and stop.")
    ] = False,
) -> None:
    pass


def main() -> None:
    """Run the command line; a termination by the system cleans up as Ctrl-C does."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    app()


if __name__ == "__main__":
    main()
