"""What a run of a report says to machines: a line of JSON for each thing that happens."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import typer

from potash.cli.exit_codes import ExitCode, exit_code_of
from potash.clock import Clock, utc_now
from potash.errors import PotashError, ReportInputError


@dataclass(slots=True)
class RunLog:
    """A log of one run.

    Attributes
    ----------
    stream : file or None
        Where the lines go; ``None`` for nowhere.
    clock : callable
        Returns the present moment.
    run : str
        Name of the run, in every line once it has one.
    """

    stream: IO[str] | None
    clock: Clock = utc_now
    run: str = ""
    _ended: bool = field(default=False)

    def say(self, event: str, **facts: object) -> None:
        """Write a line: the time, what happened, and facts about it."""
        if self.stream is None:
            return
        moment = self.clock().isoformat(timespec="milliseconds").replace("+00:00", "Z")
        run = {"run": self.run} if self.run else {}
        line = json.dumps({"time": moment, "event": event, **run, **facts}, ensure_ascii=False, default=str)
        self.stream.write(line + "\n")
        self.stream.flush()

    def end(self, event: str, code: ExitCode, **facts: object) -> None:
        """Write the last line, with the exit code."""
        if not self._ended:
            self._ended = True
            self.say(event, exit_code=int(code), **facts)


@contextmanager
def run_log(where: str | None) -> Iterator[RunLog]:
    """Yield a log; an error that leaves the block becomes its last line.

    Parameters
    ----------
    where : str or None
        A file, to which lines are added, or ``-`` for stderr; ``None`` for no log.
    """
    try:
        stream = None if where is None else sys.stderr if where == "-" else Path(where).open("a", encoding="utf-8")  # noqa: SIM115
    except OSError as error:
        raise ReportInputError(
            f"--log-json {where}: cannot be written ({error.strerror}). Give another file, or -."
        ) from error
    log = RunLog(stream)
    try:
        yield log
    except typer.Exit:
        raise
    except BaseException as error:
        code = exit_code_of(error)
        event = {ExitCode.LOCKED: "locked", ExitCode.INTERRUPTED: "stopped"}.get(code, "failed")
        message = str(error) if isinstance(error, PotashError) else f"{type(error).__name__}: {error}"
        log.end(event, code, message=message, process=os.getpid())
        raise
    finally:
        if stream is not None and stream is not sys.stderr:
            stream.close()
