"""Notebooks are run by kernels of this very interpreter, several at once, and fail with one sentence."""

from __future__ import annotations

import asyncio
import atexit
import os
import re
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from potash.report.pages.publish import NOTEBOOK_VARIABLE
from potash.report.run.notebooks import Node

CELL_TIMEOUT = 3600
_SOCKET_PATH = 90  # the system allows 104 bytes on macOS, 108 on Linux
_PACKAGE_PARENT = Path(__file__).resolve().parents[3]


@dataclass(frozen=True, slots=True)
class Progress:
    """What a progress callback is told; it is called from another thread.

    Attributes
    ----------
    kind : {"started", "cell", "finished", "failed"}
        What happened.
    notebook : str
        Name of the notebook.
    cell, cells : int
        Code cells run so far, and code cells in all.
    seconds : float
        Since the notebook started.
    """

    kind: Literal["started", "cell", "finished", "failed"]
    notebook: str
    cell: int
    cells: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Task:
    """A notebook to run: its name and its content, which is filled with outputs in place."""

    name: str
    node: Node


class NotebookFailedError(Exception):
    """A notebook raised; the job turns it into a ReportError once the notebook is saved."""

    def __init__(self, task: Task, reason: str) -> None:
        super().__init__(reason)
        self.task = task
        self.reason = reason


def run_notebooks(
    tasks: Sequence[Task], folder: Path, *, workers: int = 2, progress: Callable[[Progress], None] | None = None
) -> None:
    """Run the notebooks in ``folder``, at most ``workers`` at once; outputs land in their nodes.

    Raises
    ------
    NotebookFailedError
        For the first notebook that fails; the others are stopped.
    """
    with tempfile.TemporaryDirectory(prefix="potash-") as private:
        crew = _Crew(folder, Path(private), workers, progress or (lambda _: None))
        _in_thread(lambda: crew.run_all(tasks))
    for task in tasks:
        _strip(task.node, folder)


def _in_thread(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run a coroutine in a loop of its own thread, and cancel it when the caller is interrupted.

    In the main thread nbclient takes over Ctrl-C and goes on with the other notebooks; inside a running loop
    (a notebook that calls build_report) a second one could not start.
    """
    box = _Box()

    def target() -> None:
        try:
            with asyncio.Runner() as runner:
                box.loop = runner.get_loop()
                box.main = box.loop.create_task(work())
                box.started.set()
                box.loop.run_until_complete(box.main)
        except BaseException as error:  # noqa: BLE001 - handed to the caller's thread
            box.error = error
        finally:
            box.started.set()
            box.done.set()

    thread = threading.Thread(target=target, name="potash-notebooks", daemon=True)
    thread.start()
    try:
        # Not join: on Python 3.11 an interrupted join takes the thread for ended (bpo-45274).
        while not box.done.wait(0.2):
            continue
    except BaseException:
        box.started.wait(5)
        if box.loop is not None and box.main is not None and not box.loop.is_closed():
            box.loop.call_soon_threadsafe(box.main.cancel)
        box.done.wait(20)
        raise
    if box.error is not None:
        raise box.error


@dataclass(slots=True)
class _Box:
    loop: asyncio.AbstractEventLoop | None = None
    main: asyncio.Task[None] | None = None
    error: BaseException | None = None
    started: threading.Event = field(default_factory=threading.Event)
    done: threading.Event = field(default_factory=threading.Event)


@dataclass(slots=True)
class _Crew:
    folder: Path
    private: Path
    workers: int
    progress: Callable[[Progress], None]

    async def run_all(self, tasks: Sequence[Task]) -> None:
        places = asyncio.Semaphore(self.workers)

        async def one(task: Task) -> None:
            async with places:
                await self.run_one(task)

        running = [asyncio.create_task(one(task)) for task in tasks]
        try:
            await asyncio.gather(*running)
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)

    async def run_one(self, task: Task) -> None:
        from nbclient import NotebookClient
        from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

        start = time.perf_counter()
        state = _State(cells=sum(cell.cell_type == "code" and bool(cell.source.strip()) for cell in task.node.cells))

        def tell(kind: Literal["started", "cell", "finished", "failed"]) -> None:
            self.progress(Progress(kind, task.name, state.done, state.cells, time.perf_counter() - start))

        def on_start(cell: Node, cell_index: int) -> None:
            state.position = cell_index

        def on_executed(cell: Node, cell_index: int, execute_reply: Any) -> None:
            state.done += 1
            tell("cell")

        manager = _kernel_manager(self.private / f"{task.name}.json")
        client = NotebookClient(
            task.node, km=manager, timeout=CELL_TIMEOUT, record_timing=False, coalesce_streams=True,
            shutdown_kernel="immediate", on_cell_execute=on_start, on_cell_executed=on_executed,
        )  # fmt: skip
        tell("started")
        try:
            environment = _kernel_environment(task.name, self.private)
            await client.async_execute(cleanup_kc=True, cwd=str(self.folder), env=environment)
        except CellExecutionError as error:
            tell("failed")
            raise NotebookFailedError(
                task, f"{state.where(task.node)}: {error.ename}: {_first(error.evalue)}"
            ) from error
        except (CellTimeoutError, DeadKernelError, RuntimeError) as error:
            tell("failed")
            reason = "took more than an hour" if isinstance(error, CellTimeoutError) else "the kernel died (memory?)"
            raise NotebookFailedError(task, f"{state.where(task.node)}: {reason}") from error
        finally:
            await _stop(manager)
            # A notebook that is cancelled leaves its clean-up to the end of the process, where it can only fail: its
            # sockets are closed here.
            atexit.unregister(client._cleanup_kernel)
            channels = client.kc
            if channels is not None:
                channels.stop_channels()
        tell("finished")


@dataclass(slots=True)
class _State:
    cells: int
    done: int = 0
    position: int | None = None

    def where(self, node: Node) -> str:
        if self.position is None:
            return "before its first cell"
        return f"cell {self.position + 1} ({_first(node.cells[self.position].source, 60)})"


def _first(text: str, limit: int = 600) -> str:
    line = next((line.strip() for line in str(text).splitlines() if line.strip()), "")
    return line if len(line) <= limit else line[: limit - 3] + "..."


def _kernel_manager(connection_file: Path) -> Any:
    """Return a manager that starts the interpreter we run in, whatever kernels are installed."""
    from ipykernel.kernelspec import get_kernel_dict
    from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
    from jupyter_client.manager import AsyncKernelManager

    class ThisInterpreter(KernelSpecManager):
        def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
            return KernelSpec(**get_kernel_dict())

    manager = AsyncKernelManager(
        kernel_name="python3", kernel_spec_manager=ThisInterpreter(), connection_file=str(connection_file)
    )
    sockets = str(connection_file.with_suffix(""))
    if os.name == "posix" and len(sockets) < _SOCKET_PATH:
        # Sockets in a folder that only this user can enter, instead of ports of the machine.
        manager.transport, manager.ip = "ipc", sockets
    return manager


def _kernel_environment(name: str, private: Path) -> dict[str, str]:
    """Return an environment in which a notebook gives the same bytes on every run."""
    environment = dict(os.environ)
    environment.update(
        {
            NOTEBOOK_VARIABLE: name,
            "PYTHONHASHSEED": "0",  # sets in the same order
            "IPYTHONDIR": str(private / "ipython"),  # no start-up files of the user, no history on disk
            "OMP_NUM_THREADS": "1",  # sums in the same order, and no more threads than workers
            "OPENBLAS_NUM_THREADS": "1",
            "MKL_NUM_THREADS": "1",
        }
    )
    if (_PACKAGE_PARENT / "pyproject.toml").is_file():
        # A checkout that is not installed: the notebook sees the potash that runs it.
        paths = [str(_PACKAGE_PARENT), *filter(None, [environment.get("PYTHONPATH")])]
        environment["PYTHONPATH"] = os.pathsep.join(paths)
    return environment


async def _stop(manager: Any) -> None:
    from jupyter_core.utils import ensure_async

    if await ensure_async(manager.is_alive()):
        await ensure_async(manager.shutdown_kernel(now=True))
    await ensure_async(manager.cleanup_resources())


def _strip(node: Node, folder: Path) -> None:
    """Take out what differs from run to run: process ids, addresses, the folder's temporary name."""
    node.metadata = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    for cell in node.cells:
        cell.metadata.pop("execution", None)
        for output in cell.get("outputs", []):
            if output.output_type == "stream":
                output.text = scrubbed(output.text, folder)
            elif "text/plain" in output.get("data", {}):
                output.data["text/plain"] = scrubbed(output.data["text/plain"], folder)


def scrubbed(text: str, folder: Path) -> str:
    """Return text without temporary paths, memory addresses and where Python is installed."""
    text = re.sub(r"\S*[/\\]ipykernel_\d+[/\\]\d+\.py", "notebook cell", text)
    text = re.sub(r"\bat 0x[0-9a-fA-F]+", "at 0x...", text)
    for path, name in ((str(folder.resolve()), "."), (str(folder), "."), (sys.prefix, "<python>")):
        text = text.replace(path, name)
    return text.replace(str(_PACKAGE_PARENT / "potash"), "potash")
