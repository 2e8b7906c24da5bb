"""The cells of a notebook are run in this very process, and their outputs are caught as a Jupyter front end would."""

from __future__ import annotations

import asyncio
import base64
import builtins
import io
import os
import re
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn, TypeAlias

Output: TypeAlias = dict[str, Any]
# Of a tag that Jupyter knows: a cell that may raise, and one that is not run.
MAY_RAISE, NOT_RUN = "raises-exception", "skip-execution"
INLINE_BACKEND = "module://matplotlib_inline.backend_inline"
_STREAMS = {1: "stdout", 2: "stderr"}
_OVERWRITTEN = re.compile(r".*\r(?=[^\n])")


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


@dataclass(slots=True)
class Outputs:
    """The outputs of the cells run so far, those of the running one last."""

    cells: list[list[Output]] = field(default_factory=lambda: [[]])
    displays: dict[str, list[Output]] = field(default_factory=dict)
    clear_first: bool = False
    changed: bool = False  # whether a display of a cell that is done was given other content

    def add(self, output: Output, display_id: str = "") -> None:
        """Add an output to the running cell; text of a stream goes to what that stream has written there."""
        if self.clear_first:
            self.clear()
        cell = self.cells[-1]
        if output["output_type"] == "stream":
            for earlier in cell:
                if earlier.get("name") == output["name"]:
                    earlier["text"] += output["text"]
                    return
        cell.append(output)
        if display_id:
            self.displays.setdefault(display_id, []).append(output)

    def clear(self, wait: bool = False) -> None:
        """Forget the outputs of the running cell; with ``wait``, when the next one comes."""
        self.clear_first = wait
        if not wait:
            self.cells[-1].clear()

    def replace(self, display_id: str, data: dict[str, Any], metadata: dict[str, Any]) -> None:
        """Give the outputs with an id other content, in whichever cell they are."""
        for output in self.displays.get(display_id, []):
            output["data"], output["metadata"] = data, metadata
            self.changed = self.changed or not any(output is other for other in self.cells[-1])

    def finish(self) -> list[Output]:
        """Return the outputs of the running cell, in the order of a front end, and begin those of the next."""
        cell = self.cells[-1]
        for output in cell:
            if output["output_type"] == "stream":
                output["text"] = _OVERWRITTEN.sub("", output["text"])
        for i, (first, second) in enumerate(zip(cell, cell[1:], strict=False)):
            if first.get("name") == "stderr" and second.get("name") == "stdout":
                cell[i], cell[i + 1] = second, first
        self.clear_first = False
        self.cells.append([])
        return cell


def new_shell() -> Any:
    """Return the shell of this process, in which cells are run; its outputs are in ``shell.caught``."""
    from IPython.core.displayhook import DisplayHook
    from IPython.core.displaypub import DisplayPublisher
    from IPython.core.interactiveshell import InteractiveShell
    from IPython.core.page import as_hook, display_page
    from traitlets import Type
    from traitlets.config import Config

    caught = Outputs()

    class Results(DisplayHook):
        def write_output_prompt(self) -> None:
            pass

        def write_format_data(self, format_dict: Any, md_dict: Any = None) -> None:
            caught.add(
                {"output_type": "execute_result", "execution_count": self.prompt_count, **_bundle(format_dict, md_dict)}
            )

        def finish_displayhook(self) -> None:
            self.is_active = False

    class Displays(DisplayPublisher):
        def publish(
            self,
            data: Any,
            metadata: Any = None,
            source: Any = None,
            *,
            transient: Any = None,
            update: bool = False,
            **_: Any,
        ) -> None:
            bundle, display_id = _bundle(data, metadata), str((transient or {}).get("display_id") or "")
            if display_id:
                caught.replace(display_id, **bundle)
            if not update:
                caught.add({"output_type": "display_data", **bundle}, display_id)

        def clear_output(self, wait: bool = False) -> None:
            caught.clear(wait)

    class Shell(InteractiveShell):
        displayhook_class = Type(Results)
        display_pub_class = Type(Displays)

        def init_hooks(self) -> None:
            super().init_hooks()
            self.set_hook("show_in_pager", as_hook(display_page), 99)

        def enable_gui(self, gui: Any = None) -> None:
            pass  # there is no window to show anything in

        def ask_exit(self) -> NoReturn:
            raise SystemExit

        def _showtraceback(self, etype: Any, evalue: Any, stb: Any) -> None:
            error = {"ename": str(etype.__name__), "evalue": str(evalue), "traceback": list(stb)}
            caught.add({"output_type": "error", **error})

    config = Config()
    config.HistoryManager.enabled = False  # no file, and no thread that writes it
    shell: Any = Shell.instance(config=config)
    shell.caught = caught
    return shell


def _bundle(data: Any, metadata: Any) -> dict[str, dict[str, Any]]:
    ready = {
        mime: base64.b64encode(value).decode() if isinstance(value, bytes) else value for mime, value in data.items()
    }
    return {"data": ready, "metadata": dict(metadata or {})}


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
    shell: Any,
    private: Path,
    started: Callable[[int], None],
    finished: Callable[[Ran], None],
) -> bool:
    """Run cells one after the other and return whether all did what they may: the first that does not is the last.

    Parameters
    ----------
    sources : sequence of Source
    shell : InteractiveShell
        Of :func:`new_shell`.
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

    raise StdinNotImplementedError("a notebook of a report is run by nobody who could answer input()")


async def _run_all(
    sources: Sequence[Source],
    shell: Any,
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


async def _run_one(text: str, shell: Any) -> BaseException | None:
    """Run a cell within the running loop, as a kernel does, and return what it raised."""
    problem = None
    try:
        transformed = shell.transform_cell(text)
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
