"""Notebooks are run by children of one process that has imported and computed what they share."""

from __future__ import annotations

import contextlib
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from potash.errors import ReportError
from potash.report.pages.publish import NOTEBOOK_VARIABLE
from potash.report.run.notebooks import runs_for_each
from potash.report.run.owner import is_dead, read_owner, this_process
from potash.report.run.processes import own_kernel
from potash.report.run.processes.tasks import (
    CELL_TIMEOUT,
    Clock,
    NotebookFailedError,
    Outcome,
    Task,
    Tell,
    environment_of,
    first_line,
    wants_kernel,
)

_MODULE = "potash.report.run.processes.fork_server"
_PREFIX, _OWNER = "potash-", "owner"
# Calls in a notebook that ask what all events say together.
_POOLED = ("pool_of(", "write_facts(")
_GONE = 5.0  # seconds to wait for processes that were killed
_ASKED = 2.0  # and for the one that was asked to end
DIED = "the kernel died (memory?)"


def run(
    server: Server,
    tasks: Sequence[Task],
    folder: Path,
    workers: int,
    tell: Tell,
    keep_going: bool,
    meanwhile: Callable[[], object],
) -> Outcome:
    """Run the notebooks and return them with their outputs: see :func:`potash.report.run.execute.run_notebooks`."""
    server.send({"folder": str(folder.resolve()), "values": [_wish(task) for task in tasks]})
    meanwhile()
    events = server.receive_events()
    each = [one for task, ids in zip(tasks, events, strict=True) for one in task.for_each(ids)]
    # What takes longest first; the many pages of events fill the gaps.
    mine = sorted((task for task in each if not wants_kernel(task)), key=lambda task: runs_for_each(task.node))
    failures = _follow(server, _Watch(mine, server.private, tell), workers, keep_going)
    others = [task for task in each if wants_kernel(task)]
    if others:
        failures = [*failures, *own_kernel.run(others, folder, server.private, workers, tell, keep_going).failures]
    return Outcome(tuple(each), tuple(failures))


class Server:
    """The process that forks: lines of JSON go to it and come from it."""

    def __init__(self, process: subprocess.Popen[bytes], private: Path) -> None:
        self._process, self.private, self._rest = process, private, b""

    def send(self, content: object) -> None:
        """Send a line to the process."""
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):  # it has ended, which the next message tells
            self._process.stdin.write(json.dumps(content).encode() + b"\n")
            self._process.stdin.flush()

    def receive(self, seconds: float | None = None) -> list[dict[str, Any]]:
        """Return the messages that are there, waiting so long for one; an ended process is the message ``gone``."""
        assert self._process.stdout is not None
        ready, _, _ = select.select([self._process.stdout], [], [], seconds)
        if not ready:
            return []
        read = os.read(self._process.stdout.fileno(), 65536)
        *lines, self._rest = (self._rest + read).split(b"\n")
        messages = [json.loads(line) for line in lines]
        return messages if read else [*messages, {"kind": "gone"}]

    def receive_events(self) -> list[list[str] | None]:
        """Return the ids of the events that each notebook can be about."""
        while True:
            for message in self.receive():
                if message["kind"] == "ready":
                    return list(message["events"])
                if message["kind"] == "gone":
                    raise ReportError(
                        f"the process that runs the notebooks did not start (stopped, or out of memory?): {self.last_words()}."
                    )

    def last_words(self) -> str:
        """Return the last line that the process wrote."""
        log = self.private / "log"
        text = log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""
        return first_line("\n".join(reversed(text.splitlines()))) or "it said nothing"


@contextmanager
def started() -> Iterator[Server]:
    """Yield the process that forks, which begins to import what notebooks share; nothing of its group is left afterwards."""
    _sweep(Path(tempfile.gettempdir()))
    with tempfile.TemporaryDirectory(prefix=_PREFIX) as private:
        (Path(private) / _OWNER).write_bytes(this_process("").as_bytes())
        process = subprocess.Popen(
            [sys.executable, "-m", _MODULE, private, NOTEBOOK_VARIABLE, str(os.getpid())],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=private, env=environment_of(Path(private)),
            start_new_session=True,
        )  # fmt: skip
        try:
            yield Server(process, Path(private))
        finally:
            _end(process)


def _sweep(folder: Path) -> None:
    """Remove the private folders that killed runs of this user left, where their processes are provably gone."""
    observer = this_process("")
    for record in folder.glob(f"{_PREFIX}*/{_OWNER}"):
        with contextlib.suppress(OSError):
            if record.stat().st_uid == os.getuid() and is_dead(read_owner(record), observer, 0.0, released=False):
                shutil.rmtree(record.parent, ignore_errors=True)


def _end(process: subprocess.Popen[bytes]) -> None:
    # Asked first, so that it waits for its children: killed along with it they would be left to others to reap.
    if sys.platform.startswith("linux"):
        with contextlib.suppress(ProcessLookupError, PermissionError, ChildProcessError):
            os.kill(process.pid, signal.SIGTERM)
            deadline = time.monotonic() + _ASKED
            ended = os.WEXITED | os.WNOHANG | os.WNOWAIT  # without reaping it
            while time.monotonic() < deadline and not os.waitid(os.P_PID, process.pid, ended):
                time.sleep(0.01)
    # Before it is waited for: until then its group keeps its number.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    if process.stdout is not None:
        # Its children hold the other end: when it ends they are gone, and write nothing any more.
        with contextlib.suppress(OSError):
            while select.select([process.stdout], [], [], _GONE)[0] and os.read(process.stdout.fileno(), 65536):
                pass
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with contextlib.suppress(BrokenPipeError):
                pipe.close()


@dataclass(slots=True)
class _Watch:
    """What is known of the notebooks that run: number of a task to its clock, its process, why it failed."""

    tasks: Sequence[Task]
    private: Path
    tell: Tell
    clocks: dict[int, Clock] = field(default_factory=dict)
    processes: dict[int, int] = field(default_factory=dict)
    reasons: dict[int, str] = field(default_factory=dict)
    complete: set[int] = field(default_factory=set)
    failures: list[NotebookFailedError] = field(default_factory=list)
    ended: int = 0

    def note(self, kind: str, task: int, message: dict[str, Any]) -> None:
        """Take in what a child, or the process that forks, says of a notebook."""
        if kind == "started":
            self.clocks[task], self.processes[task] = Clock(self.tasks[task], self.tell), message["process"]
            self.clocks[task].says("started")
        elif kind == "cell_started":
            self.clocks[task].begins(message["position"])
        elif kind == "cell":
            self.clocks[task].ends(message["position"])
            if message["failure"]:
                self.reasons[task] = message["failure"]
        elif kind == "lost":
            self.reasons[task] = f"its process could not go on: {message['reason']}"
        elif kind == "complete":
            self.complete.add(task)
        elif kind == "ended":
            self._end(task)

    def _end(self, number: int) -> None:
        self.ended += 1
        task = self.tasks[number]
        clock = self.clocks.pop(number, None) or Clock(task, self.tell)
        self.processes.pop(number, None)
        _fill(task, self.private / f"{number}.jsonl")
        if number in self.complete:
            clock.says("finished")
            return
        clock.says("failed")
        reason = self.reasons.get(number, DIED)
        self.failures.append(NotebookFailedError(task, f"{task.place(clock.position)}: {reason}"))

    def stop_late_ones(self) -> None:
        """Kill the processes whose cell takes too long."""
        for number, clock in self.clocks.items():
            if time.monotonic() - clock.cell_start > CELL_TIMEOUT and number not in self.reasons:
                self.reasons[number] = f"took more than {CELL_TIMEOUT / 60:.0f} minutes"
                with contextlib.suppress(ProcessLookupError):
                    os.kill(self.processes[number], signal.SIGKILL)


def _follow(server: Server, watch: _Watch, workers: int, keep_going: bool) -> list[NotebookFailedError]:
    """Have the notebooks run, fill their nodes, and return those that failed."""
    server.send({"workers": workers, "tasks": [_as_order(task) for task in watch.tasks]})
    while watch.ended < len(watch.tasks):
        for message in server.receive(1.0):
            if message["kind"] == "gone":
                raise ReportError(
                    f"the process that runs the notebooks ended (stopped, or out of memory?): {server.last_words()}."
                )
            watch.note(message["kind"], message["task"], message)
            if watch.failures and not keep_going:
                raise watch.failures[0]
        watch.stop_late_ones()
    return watch.failures


def _wish(task: Task) -> dict[str, str] | None:
    """Return the parameters of a notebook that sets up a study, as Python writes them; None for others."""
    calls = ("set_up(", *_POOLED)
    if not runs_for_each(task.node) and not any(call in cell.source for _, cell in task.code for call in calls):
        return None
    return {name: repr(value) for name, value in task.values.items()}


def _as_order(task: Task) -> dict[str, Any]:
    cells = [
        {"position": position, "text": cell.source, "tags": list(cell.metadata.get("tags", []))}
        for position, cell in task.code
    ]
    pooled = _wish(task) if any(call in cell["text"] for cell in cells for call in _POOLED) else None
    of_event = _wish(task) if runs_for_each(task.node) and pooled is None else None
    return {"name": task.name, "cells": cells, "pool": pooled, "event": of_event}


def _fill(task: Task, file: Path) -> None:
    """Put the outputs that a child left into the notebook."""
    import nbformat

    if not file.exists():
        return
    for line in file.read_text(encoding="utf-8").split("\n"):
        try:
            ran = json.loads(line)
        except ValueError:  # the last line of a child that was killed
            break
        cell = task.node.cells[ran["position"]]
        cell.outputs = [nbformat.from_dict(output) for output in ran["outputs"]]  # type: ignore[no-untyped-call]
        cell.execution_count = ran["count"]
