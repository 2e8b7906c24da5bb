"""Notebooks are run by kernels of this very interpreter: where processes cannot be forked, or a notebook asks for it."""

from __future__ import annotations

import asyncio
import atexit
import os
import threading
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from potash.report.pages.publish import NOTEBOOK_VARIABLE
from potash.report.run.notebooks import Node, runs_for_each
from potash.report.run.processes.tasks import (
    CELL_TIMEOUT,
    Clock,
    NotebookFailedError,
    Outcome,
    Task,
    Tell,
    environment_of,
    first_line,
)

_SOCKET_PATH = 90  # the system allows 104 bytes on macOS, 108 on Linux


def run(
    tasks: Sequence[Task],
    folder: Path,
    private: Path,
    workers: int,
    tell: Tell,
    keep_going: bool,
    meanwhile: Callable[[], object] = lambda: None,
) -> Outcome:
    """Run the notebooks and return them with their outputs: see :func:`potash.report.run.execute.run_notebooks`."""
    # A first import of matplotlib builds its font cache and would say so in a notebook's output.
    import matplotlib.font_manager  # noqa: F401

    from potash.report.run.processes.warm import events_of

    meanwhile()
    each = [
        one for task in tasks for one in task.for_each(events_of(task.values) if runs_for_each(task.node) else None)
    ]
    crew = _Crew(folder, private, workers, tell, keep_going)
    _in_thread(lambda: crew.run_all(each))
    return Outcome(tuple(each), tuple(crew.failures))


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
    tell: Tell
    keep_going: bool
    failures: list[NotebookFailedError] = field(default_factory=list)

    async def run_all(self, tasks: Sequence[Task]) -> None:
        places = asyncio.Semaphore(self.workers)

        async def one(task: Task) -> None:
            async with places:
                try:
                    await self.run_one(task)
                except NotebookFailedError as failure:
                    if not self.keep_going:
                        raise
                    self.failures.append(failure)

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

        clock = Clock(task, self.tell)

        def on_start(cell: Node, cell_index: int) -> None:
            clock.begins(cell_index)

        def on_executed(cell: Node, cell_index: int, execute_reply: Any) -> None:
            clock.ends(cell_index)

        manager = _kernel_manager(self.private / f"{task.name}.json")
        client = NotebookClient(
            task.node, km=manager, timeout=CELL_TIMEOUT, record_timing=False, coalesce_streams=True,
            shutdown_kernel="immediate", on_cell_execute=on_start, on_cell_executed=on_executed,
        )  # fmt: skip
        clock.says("started")
        try:
            environment = environment_of(self.private) | {NOTEBOOK_VARIABLE: task.name}
            await client.async_execute(cleanup_kc=True, cwd=str(self.folder), env=environment)
        except CellExecutionError as error:
            clock.says("failed")
            raise NotebookFailedError(
                task, f"{task.place(clock.position)}: {error.ename}: {first_line(error.evalue)}"
            ) from error
        except (CellTimeoutError, DeadKernelError, RuntimeError) as error:
            clock.says("failed")
            reason = "took more than an hour" if isinstance(error, CellTimeoutError) else "the kernel died (memory?)"
            raise NotebookFailedError(task, f"{task.place(clock.position)}: {reason}") from error
        finally:
            await _stop(manager)
            # A notebook that is cancelled leaves its clean-up to the end of the process, where it can only fail: its
            # sockets are closed here.
            atexit.unregister(client._cleanup_kernel)
            channels = client.kc
            if channels is not None:
                channels.stop_channels()
        clock.says("finished")


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


async def _stop(manager: Any) -> None:
    from jupyter_core.utils import ensure_async

    if await ensure_async(manager.is_alive()):
        await ensure_async(manager.shutdown_kernel(now=True))
    await ensure_async(manager.cleanup_resources())
