"""The cells of a notebook are run in this very process, and their outputs are caught as a Jupyter front end would."""

from __future__ import annotations

import asyncio
import builtins
import io
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from potash.report.run.processes.shell import Output, Outputs, Shell

# Of a tag that Jupyter knows: a cell that may raise, and one that is not run.
MAY_RAISE, NOT_RUN = "raises-exception", "skip-execution"
_STREAMS = {1: "stdout", 2: "stderr"}


@dataclass(frozen=True, slots=True)
class Source:
    """A code cell to run: its place in the notebook, its text, its tags."""

    position: int
    text: str
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Ran:
    """What came of a cell.

    Attributes
    ----------
    position, count : int
        Place in the notebook, and the number of the run.
    outputs : list of dict
        As a notebook holds them.
    failure : str
        Name and message of an exception that the cell was not allowed to raise; else empty.
    """

    position: int
    count: int
    outputs: list[Output]
    failure: str


class _Stream(io.TextIOBase):
    """What the name ``sys.stdout`` or ``sys.stderr`` stands for while cells run."""

    encoding = "utf-8"
    errors = "strict"

    def __init__(self, descriptor: int, caught: Outputs) -> None:
        self._descriptor, self._caught = descriptor, caught
        self.name = f"<{_STREAMS[descriptor]}>"

    def write(self, text: str) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        if text:
            self._caught.add({"output_type": "stream", "name": _STREAMS[self._descriptor], "text": text})
        return len(text)

    def writable(self) -> bool:
        return True

    def isatty(self) -> bool:
        return False

    def fileno(self) -> int:
        return self._descriptor


@dataclass(slots=True)
class _Descriptors:
    """What programs that a cell starts, and libraries in C, write to the descriptors of the two streams."""

    files: dict[int, int]

    @classmethod
    def caught(cls, folder: Path) -> _Descriptors:
        files = {}
        for descriptor, name in _STREAMS.items():
            file, path = tempfile.mkstemp(prefix=f"{name}-", dir=folder)
            Path(path).unlink()
            os.dup2(file, descriptor)
            files[descriptor] = file
        return cls(files)

    def new(self) -> Iterator[Output]:
        """Yield what was written since the last call."""
        for descriptor, file in self.files.items():
            size = os.fstat(file).st_size
            if size:
                text = os.pread(file, size, 0).decode("utf-8", "replace")
                os.ftruncate(file, 0)
                os.lseek(file, 0, os.SEEK_SET)
                yield {"output_type": "stream", "name": _STREAMS[descriptor], "text": text}


def run_cells(
    sources: Sequence[Source],
    shell: Shell,
    private: Path,
    started: Callable[[int], None],
    finished: Callable[[Ran], None],
) -> bool:
    """Run cells one after the other and return whether all did what they may: the first that does not is the last.

    Parameters
    ----------
    sources : sequence of Source
    shell : Shell
    private : Path
        For files that are gone when the process is.
    started, finished : callable
        Called before each cell with its position, and after it with what came of it; once more at the end where a later
        cell changed what an earlier one displays.
    """
    descriptors = _Descriptors.caught(private)
    sys.stdin = Path(os.devnull).open(encoding="utf-8")  # noqa: SIM115 - for the rest of the process
    sys.stdout, sys.stderr = _Stream(1, shell.caught), _Stream(2, shell.caught)
    builtins.input = _no_input
    return asyncio.run(_run_all(sources, shell, descriptors, started, finished))


def _no_input(prompt: object = "") -> NoReturn:
    from IPython.core.error import StdinNotImplementedError

    raise StdinNotImplementedError("raw_input was called, but this frontend does not support input requests.")


async def _run_all(
    sources: Sequence[Source],
    shell: Shell,
    descriptors: _Descriptors,
    started: Callable[[int], None],
    finished: Callable[[Ran], None],
) -> bool:
    done: list[Ran] = []
    for source in sources:
        if NOT_RUN in source.tags:
            continue
        started(source.position)
        count = shell.execution_count
        error = await _run_one(source.text, shell)
        await asyncio.sleep(0)
        for output in descriptors.new():
            shell.caught.add(output)
        failure = "" if error is None or MAY_RAISE in source.tags else f"{type(error).__name__}: {error}"
        done.append(Ran(source.position, count, shell.caught.finish(), failure))
        finished(done[-1])
        if failure:
            break
    if shell.caught.changed:
        for ran in done:
            finished(ran)
    return not any(ran.failure for ran in done)


async def _run_one(text: str, shell: Shell) -> BaseException | None:
    """Run a cell within the running loop, as a kernel does, and return what it raised."""
    problem = None
    try:
        transformed = shell.transform_cell(text)  # type: ignore[no-untyped-call]
    except Exception:  # noqa: BLE001 - the shell shows what is wrong with the cell
        transformed, problem = text, sys.exc_info()
    result = None
    try:
        result = await shell.run_cell_async(
            text, store_history=True, transformed_cell=transformed, preprocessing_exc_tuple=problem
        )
    finally:
        shell.events.trigger("post_execute")
        shell.events.trigger("post_run_cell", result)
    return result.error_before_exec or result.error_in_exec
