"""A process that imports and computes once what notebooks share, and forks a child for each: ``python -m`` this module.

It reads two lines of JSON: the parameters of the notebooks, which it answers with the events that they can be about; and
the notebooks. It ends with its input: where the process that started it is gone, so are it and its children.
"""

from __future__ import annotations

import ast
import contextlib
import ctypes
import gc
import json
import os
import select
import signal
import sys
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

from potash.report.run.processes.cells import Ran, Source, run_cells
from potash.report.run.processes.shell import Shell, new_shell
from potash.report.run.processes.warm import compute_events, compute_pool, events_of, load_packages

LOST = 70  # exit code of a child whose machinery failed
_LONGEST = 600
_SET_PARENT_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG


@dataclass(slots=True)
class _Server:
    """Messages go to a pipe; lines of it are short enough to be written whole by several processes."""

    messages: int
    private: Path
    variable: str
    shell: Shell
    running: dict[int, int] = field(default_factory=dict)  # process to number of its notebook
    waiting: list[tuple[int, dict[str, Any]]] = field(default_factory=list)

    def say(self, kind: str, **content: object) -> None:
        os.write(self.messages, json.dumps({"kind": kind, **content}).encode() + b"\n")

    def serve(self, tasks: list[dict[str, Any]], workers: int) -> None:
        """Run the notebooks, at most ``workers`` at once; return when all are done."""
        self.waiting = list(enumerate(tasks))
        try:
            self._prepare(workers)
            self._run_all(workers)
        finally:
            self._stop()

    def _prepare(self, workers: int) -> None:
        """Compute what some of the notebooks share, while others run beside it."""
        pooled = [each for each in self.waiting if each[1]["pool"] is not None]
        of_events = [each for each in self.waiting if each[1]["event"] is not None]
        self.waiting = [each for each in self.waiting if each[1]["pool"] is None and each[1]["event"] is None]

        calls, at_work = 0, False

        def go_on(*_: object) -> None:
            nonlocal calls, at_work
            calls += 1
            if at_work:  # a child ended while another was seen to: that call goes round once more
                return
            at_work, seen = True, 0
            while seen != calls:
                seen = calls
                self._reap()
                self._start(workers - 1)
            at_work = False

        if pooled or of_events:
            signal.signal(signal.SIGCHLD, go_on)
            go_on()
            for _, task in of_events:
                compute_events(_read(task["event"]))
            gc.freeze()  # children share what is there now instead of touching it
            self.waiting += of_events
            go_on()
            for values in {json.dumps(task["pool"], sort_keys=True) for _, task in pooled}:
                compute_pool(_read(json.loads(values)))
            signal.signal(signal.SIGCHLD, lambda *_: None)
            gc.freeze()
        self.waiting = [*pooled, *self.waiting]

    def _start(self, workers: int) -> None:
        while self.waiting and len(self.running) < workers:
            number, task = self.waiting.pop(0)
            self.running[self._fork(number, task)] = number

    def _stop(self) -> None:
        """End the children that are left, and wait for them."""
        for process in self.running:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        for process in self.running:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(process, 0)

    def _run_all(self, workers: int) -> None:
        woken, wake = os.pipe()
        os.set_blocking(wake, False)
        signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        while self.waiting or self.running:
            self._start(workers)
            ready, _, _ = select.select([woken, sys.stdin], [], [], 1.0)
            if sys.stdin in ready:
                return
            if woken in ready:
                os.read(woken, 4096)
            self._reap()

    def _reap(self) -> None:
        for process in list(self.running):
            ended, status = os.waitpid(process, os.WNOHANG)
            if ended:
                self.say("ended", task=self.running.pop(process), status=os.waitstatus_to_exitcode(status))

    def _fork(self, number: int, task: dict[str, Any]) -> int:
        server = os.getpid()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # a package that started a thread
            process = os.fork()
        if process:
            return process
        _die_with(server)
        code = LOST
        try:
            code = self._child(number, task)
        except BaseException as error:  # noqa: BLE001 - a child never goes on as if it were the server
            with contextlib.suppress(OSError):
                self.say("lost", task=number, reason=_first(f"{type(error).__name__}: {error}"))
        finally:
            os._exit(code)

    def _child(self, number: int, task: dict[str, Any]) -> int:
        signal.set_wakeup_fd(-1)
        for name in (signal.SIGCHLD, signal.SIGINT, signal.SIGTERM):
            signal.signal(name, signal.SIG_DFL)
        import numpy as np

        np.random.seed()  # noqa: NPY002 - no two notebooks draw the same numbers from the global generator
        self.say("started", task=number, process=os.getpid())
        os.environ[self.variable] = task["name"]
        sources = [Source(cell["position"], cell["text"], tuple(cell["tags"])) for cell in task["cells"]]
        with (self.private / f"{number}.jsonl").open("w", encoding="utf-8") as file:

            def finished(ran: Ran) -> None:
                line = {"position": ran.position, "count": ran.count, "outputs": ran.outputs}
                file.write(json.dumps(line, ensure_ascii=False, default=str) + "\n")
                file.flush()
                self.say("cell", task=number, position=ran.position, failure=_first(ran.failure))

            if run_cells(sources, self.shell, self.private, self._starting(number), finished):
                self.say("complete", task=number)
        return 0

    def _starting(self, number: int) -> Callable[[int], None]:
        return lambda position: self.say("cell_started", task=number, position=position)


def _die_with(parent: int) -> None:
    """Ask the system to kill this process when its parent ends, however it ends."""
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(LOST)


def _leave(*_: object) -> NoReturn:
    raise SystemExit(0)


def _first(text: str) -> str:
    line = next((line.strip() for line in str(text).splitlines() if line.strip()), "")
    return line[:_LONGEST]


def _read(values: dict[str, str]) -> dict[str, object]:
    return {name: ast.literal_eval(value) for name, value in values.items()}


def main(private: Path, variable: str, parent: int) -> None:
    """Serve one report."""
    _die_with(parent)
    messages = os.dup(1)
    log = os.open(private / "log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(log, 1)
    os.dup2(log, 2)
    signal.signal(signal.SIGTERM, _leave)
    server = _Server(messages, private, variable, new_shell())
    load_packages()
    wanted = json.loads(sys.stdin.readline() or "null")
    if wanted is None:
        return
    os.chdir(wanted["folder"])
    sys.path[0] = ""  # as in a kernel
    values = [None if each is None else _read(each) for each in wanted["values"]]
    server.say("ready", events=[None if each is None else events_of(each) for each in values])
    order = json.loads(sys.stdin.readline() or "null")
    if order is None:
        return
    gc.collect()
    gc.freeze()  # children share what is there now instead of touching it
    server.serve(order["tasks"], order["workers"])


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
