"""The command line: ``potash doctor``. Heavy imports wait until it runs."""

from __future__ import annotations

from typing import Annotated

import typer

from potash.cli.prices import Debug, Quiet, StoreOption, UniverseOption
from potash.cli.terminal import ATTENTION, errors_as_messages

_MARKS = {"ok": "ok       ", "note": "note     ", "attention": "ATTENTION", "broken": "BROKEN   "}


def doctor(
    offline: Annotated[bool, typer.Option("--offline", help="Do not ask providers on the network.")] = False,
    timeout: Annotated[float, typer.Option(min=0.1, help="Seconds that a provider may take.")] = 15.0,
    store: StoreOption = None,
    universe: UniverseOption = None,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Look at packages, carried data, calendars, the price store, snapshots and providers.

    Exit code 0: all is well. 1: something is broken, and commands that need it will fail. 4: something needs attention,
    for example a provider that does not answer.
    """
    with errors_as_messages(debug, "everything"):
        from potash.cli.doctor import diagnose, probes
        from potash.clock import utc_now
        from potash.universe import load_universe

        states = set()
        answers = {} if offline else probes(timeout)
        for diagnosis in diagnose(utc_now(), load_universe(universe), store, answers):
            states.add(diagnosis.state)
            bad = diagnosis.state in {"attention", "broken"}
            if bad or not quiet:
                typer.echo(f"{_MARKS[diagnosis.state]}  {diagnosis.what}: {diagnosis.detail}", err=bad and quiet)
    if "broken" in states:
        raise typer.Exit(1)
    if "attention" in states:
        raise typer.Exit(ATTENTION)
