"""What is to be run, what came of it, and what is told meanwhile."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeAlias

from potash.report.pages.facts import page_of_event
from potash.report.pages.publish import NOTEBOOK_VARIABLE
from potash.report.run.notebooks import Node, runs_for_each, with_event

CELL_TIMEOUT = 3600
PACKAGE_PARENT = Path(__file__).resolve().parents[4]


@dataclass(frozen=True, slots=True)
class Progress:
    """What a progress callback gets.

    Attributes
    ----------
    kind : {"started", "cell", "finished", "failed"}
        What happened.
    notebook : str
        Name of the notebook, or of the page where a notebook makes several.
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


Tell: TypeAlias = Callable[[Progress], None]


@dataclass(frozen=True, slots=True)
class Task:
    """A notebook to run.

    Attributes
    ----------
    name : str
        Of the page that it becomes.
    node : NotebookNode
        Its content, which is filled with outputs in place.
    notebook : str
        Name of the notebook, which is that of the page unless there are several.
    values : dict
        Its parameters as set: what they have in common with others is computed once.
    """

    name: str
    node: Node
    notebook: str = ""
    values: dict[str, object] = field(default_factory=dict)

    def for_each(self, events: Sequence[str] | None) -> list[Task]:
        """Return a task for each event where the notebook is about one; itself where events are unknown."""
        if not runs_for_each(self.node) or events is None:
            return [self]
        given = self.values.get("event")
        if given is not None:
            return [Task(page_of_event(str(given)), self.node, self.notebook, self.values)]
        return [
            Task(page_of_event(event), with_event(self.node, event), self.notebook, {**self.values, "event": event})
            for event in events
        ]

    @property
    def code(self) -> list[tuple[int, Node]]:
        """The code cells that hold something, with their positions."""
        return [(i, c) for i, c in enumerate(self.node.cells) if c.cell_type == "code" and c.source.strip()]

    def place(self, position: int | None) -> str:
        """Return in words which cell stands at a position."""
        if position is None:
            return "before its first cell"
        return f"cell {position + 1} ({first_line(self.node.cells[position].source, 60)})"


class NotebookFailedError(Exception):
    """A notebook raised; the job turns it into a ReportError once the notebook is saved."""

    def __init__(self, task: Task, reason: str) -> None:
        super().__init__(reason)
        self.task = task
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Outcome:
    """The notebooks that were run, a task for each page, and those of them that failed."""

    tasks: tuple[Task, ...]
    failures: tuple[NotebookFailedError, ...]


def wants_kernel(task: Task) -> bool:
    """Return whether a notebook has to be run by a kernel of its own: it asks for it, or is in another language."""
    metadata = task.node.metadata
    language = metadata.get("kernelspec", {}).get("language", "python")
    return metadata.get("potash", {}).get("kernel") == "own" or language != "python"


def first_line(text: str, limit: int = 600) -> str:
    """Return the first line that holds something, cut to a length."""
    line = next((line.strip() for line in str(text).splitlines() if line.strip()), "")
    return line if len(line) <= limit else line[: limit - 3] + "..."


class Clock:
    """The progress of one notebook: it counts its cells and the seconds since it started."""

    def __init__(self, task: Task, tell: Tell) -> None:
        self.task, self.position, self.cell_start = task, None, time.monotonic()
        self._tell, self._done, self._start = tell, set[int](), time.perf_counter()

    position: int | None

    def says(self, kind: Literal["started", "cell", "finished", "failed"]) -> None:
        """Tell the caller what happened."""
        cells = len(self.task.code)
        self._tell(Progress(kind, self.task.name, len(self._done), cells, time.perf_counter() - self._start))

    def begins(self, position: int) -> None:
        """Note that a cell begins."""
        self.position, self.cell_start = position, time.monotonic()

    def ends(self, position: int) -> None:
        """Note that a cell has ended, and tell the caller when it did for the first time."""
        if position not in self._done:
            self._done.add(position)
            self.says("cell")


def environment_of(private: Path) -> dict[str, str]:
    """Return an environment in which a notebook gives the same bytes on every run."""
    environment = dict(os.environ)
    environment.update(
        {
            "PYTHONHASHSEED": "0",  # sets in the same order
            "IPYTHONDIR": str(private / "ipython"),  # no start-up files of the user, no history on disk
            "MPLBACKEND": "module://matplotlib_inline.backend_inline",
            "OMP_NUM_THREADS": "1",  # sums in the same order, and no more threads than workers
            "OPENBLAS_NUM_THREADS": "1",
            "MKL_NUM_THREADS": "1",
        }
    )
    environment.pop(NOTEBOOK_VARIABLE, None)
    if (PACKAGE_PARENT / "pyproject.toml").is_file():
        # A checkout that is not installed: the notebook sees the potash that runs it.
        paths = [str(PACKAGE_PARENT), *filter(None, [environment.get("PYTHONPATH")])]
        environment["PYTHONPATH"] = os.pathsep.join(paths)
    return environment
