"""The notebooks of a report are run, several at once, and fail with one sentence; what differs from run to run is taken out."""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from potash.report.run.notebooks import Node
from potash.report.run.processes import forked, own_kernel
from potash.report.run.processes.tasks import PACKAGE_PARENT, NotebookFailedError, Outcome, Progress, Task, Tell

__all__ = ["NotebookFailedError", "Outcome", "Progress", "Task", "processes_ready", "run_notebooks", "scrubbed"]


def run_notebooks(
    tasks: Sequence[Task],
    folder: Path,
    *,
    workers: int = 2,
    progress: Tell | None = None,
    keep_going: bool = False,
    meanwhile: Callable[[], object] | None = None,
    ready: forked.Server | None = None,
) -> Outcome:
    """Run the notebooks in ``folder``, at most ``workers`` at once; outputs land in their nodes.

    Parameters
    ----------
    tasks : sequence of Task
        One that wants it becomes a task for each event: see :func:`potash.report.run.notebooks.runs_for_each`.
    folder : Path
        Where they work.
    workers : int
    progress : callable, optional
    keep_going : bool
        Whether the others go on where one fails; failures are returned then.
    meanwhile : callable, optional
        Called once while processes start.
    ready : Server, optional
        Of :func:`processes_ready`, where it was started earlier.

    Raises
    ------
    NotebookFailedError
        For the first notebook that fails, unless ``keep_going``; the others are stopped.
    """
    tell, also = progress or (lambda _: None), meanwhile or (lambda: None)
    with ExitStack() as stack:
        if can_fork():
            server = ready or stack.enter_context(forked.started())
            outcome = forked.run(server, tasks, folder, workers, tell, keep_going, also)
        else:
            private = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="potash-")))
            outcome = own_kernel.run(tasks, folder, private, workers, tell, keep_going, also)
    for task in outcome.tasks:
        _strip(task.node, folder)
    return outcome


@contextmanager
def processes_ready() -> Iterator[forked.Server | None]:
    """Start the process that imports what notebooks share, so that it is ready when they are; None where there is none."""
    if not can_fork():
        yield None
        return
    with forked.started() as server:
        yield server


def can_fork() -> bool:
    """Return whether a process that has imported the packages can be forked; on macOS their libraries do not bear it."""
    return sys.platform.startswith("linux")


def _strip(node: Node, folder: Path) -> None:
    """Take out what differs from run to run: process ids, addresses, the folder's temporary name."""
    own = node.metadata.get("potash")
    node.metadata = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    if own:
        node.metadata["potash"] = own
    for cell in node.cells:
        cell.metadata.pop("execution", None)
        for output in cell.get("outputs", []):
            if output.output_type == "stream":
                output.text = scrubbed(output.text, folder)
            elif "text/plain" in output.get("data", {}):
                output.data["text/plain"] = scrubbed(output.data["text/plain"], folder)


def scrubbed(text: str, folder: Path) -> str:
    """Return text without temporary paths, memory addresses and where Python is installed."""
    if "ipykernel_" in text:  # the pattern is slow on a long line without spaces
        text = re.sub(r"\S{0,300}[/\\]ipykernel_\d+[/\\]\d+\.py", "notebook cell", text)
    text = re.sub(r"<ipython-input-\d+-[0-9a-f]+>", "notebook cell", text)
    text = re.sub(r"\bat 0x[0-9a-fA-F]+", "at 0x...", text)
    for path, name in ((str(folder.resolve()), "."), (str(folder), "."), (sys.prefix, "<python>")):
        text = text.replace(path, name)
    return text.replace(str(PACKAGE_PARENT / "potash"), "potash")
