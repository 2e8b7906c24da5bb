from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
import textwrap
import time
from pathlib import Path
from typing import Any

import nbformat
import pytest

from potash.errors import ReportError
from potash.report.run.execute import (
    NotebookFailedError,
    Outcome,
    Progress,
    Task,
    can_fork,
    processes_ready,
    run_notebooks,
    scrubbed,
)
from potash.report.run.processes import forked, own_kernel
from potash.report.run.processes.tasks import wants_kernel
from tests.paths import ROOT

pytestmark = pytest.mark.skipif(not can_fork(), reason="notebooks have kernels of their own here")


def notebook(*cells: str, tags: dict[int, str] | None = None, potash: dict[str, str] | None = None) -> Any:
    node = nbformat.v4.new_notebook(metadata={"potash": potash} if potash else {})
    for number, source in enumerate(cells):
        cell = nbformat.v4.new_code_cell(source, id=f"cell-{number}")
        if number in (tags or {}):
            cell.metadata["tags"] = [tags[number]]  # type: ignore[index]
        node.cells.append(cell)
    return node


EXPRESSIONS = (
    "import sys\nprint('one')\nprint('careful', file=sys.stderr)\nprint('two')\n1 + 1",
    "from IPython.display import HTML, Markdown, display\ndisplay(Markdown('# M'))\n"
    "display({'text/html': '<b>h</b>', 'text/plain': 'h'}, raw=True)\nHTML('<i>last</i>')",
    "import pandas as pd\npd.DataFrame({'a': [1, 2]})",
    "_ is not None, Out[1], In[1][:10]",
    "%env POTASH_TEST=7",
    "!echo from the shell $POTASH_TEST",
    "lines = !printf 'a\\nb'\nlist(lines)",
    "%%capture inside\nprint('not shown')",
    "inside.stdout",
    "import asyncio\nawait asyncio.sleep(0.01)\n'awaited'",
    "task = asyncio.get_running_loop().create_task(asyncio.sleep(0, 'done'))",
    "await task",
    "x = 3;",
    "x;",
    "",
    "handle = display('first', display_id='h')",
    "handle.update('second')",
    "from IPython.display import clear_output\nprint('gone')\nclear_output()\nprint('stays')",
    "print('gone too')\nclear_output(wait=True)\nprint('new')",
    "print('10 %\\r20 %\\r30 %')",
    "1 / 0",
    "def broken(:",
    "input('name?')",
    "import sys\nsys.exit(3)",
    "class Point: pass\nimport pickle\ntype(pickle.loads(pickle.dumps(Point()))).__name__, __name__",
    "object()",
    "import warnings\nwarnings.warn('careful')",
    "from matplotlib import pyplot as plt\nfig, ax = plt.subplots(figsize=(1, 1))\nax.plot([1, 2])\nprint('drawn')",
    "%matplotlib inline\nplt.figure(figsize=(1, 1)); plt.plot([2, 1]); plt.show()\nprint('after')",
    "fig",
    "import os\nos.getcwd() == os.path.realpath('.'), sorted(os.listdir('.'))",
    "print('never')",
    "len('the end')",
)  # fmt: skip
RAISING = ("1 / 0", "def broken", "input", "import sys\nsys.exit")
MAY_RAISE = {i: "raises-exception" for i, source in enumerate(EXPRESSIONS) if source.startswith(RAISING)}
TAGS = MAY_RAISE | {EXPRESSIONS.index("print('never')"): "skip-execution"}

DIED = "the kernel died (memory?)"
DYING = {
    "fails": (
        ("print('before')", "def inner():\n    raise RuntimeError('gone\\nsecond')", "inner()", "print('later')"),
        "cell 3 (inner()): RuntimeError: gone",
    ),
    "exits": (("print('before')", "import os\nos._exit(1)"), f"cell 2 (import os): {DIED}"),
    "exits well": (("import os\nos._exit(0)",), f"cell 1 (import os): {DIED}"),
    "is killed": (("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)",), f"cell 1 (import os, signal): {DIED}"),
    "is no Python": (("a b",), "cell 1 (a b): SyntaxError: invalid syntax (<ipython-input"),
    "has another name": (("print(x)",), "cell 1 (print(x)): NameError: name 'x' is not defined"),
}


def outputs(node: Any) -> list[Any]:
    return [(cell.execution_count, cell.outputs) for cell in node.cells]


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> tuple[Outcome, list[Progress], Path]:
    """All of the notebooks above in one run that goes on after failures."""
    folder = tmp_path_factory.mktemp("report")
    tasks = [Task("whole", notebook(*EXPRESSIONS, tags=TAGS)), Task("again", notebook(*EXPRESSIONS, tags=TAGS))]
    tasks += [Task(name, notebook(*cells)) for name, (cells, _) in DYING.items()]
    tasks += [
        Task("empty", notebook()),
        Task("kernel", notebook("get_ipython().kernel is not None", potash={"kernel": "own"})),
    ]
    tasks += [
        Task(
            "program",
            notebook(
                "import subprocess, sys\nprint('first')\nsubprocess.run([sys.executable, '-c', 'print(5)'])\nNone"
            ),
        )
    ]
    steps: list[Progress] = []
    return run_notebooks(tasks, folder, progress=steps.append, keep_going=True), steps, folder


def node_of(outcome: Outcome, name: str) -> Any:
    return next(task.node for task in outcome.tasks if task.name == name)


def test_outputs_are_those_of_a_kernel(ran: tuple[Outcome, list[Progress], Path], tmp_path: Path) -> None:
    """The same cells by nbclient, which is what people compare with."""
    folder = tmp_path / "report"
    folder.mkdir()
    task = Task("whole", notebook(*EXPRESSIONS, tags=TAGS))
    own_kernel.run([task], folder, tmp_path, 1, lambda _: None, False)
    nbformat.validate(node_of(ran[0], "whole"))
    for source, (_, theirs), (_, ours) in zip(
        EXPRESSIONS, outputs(task.node), outputs(node_of(ran[0], "whole")), strict=True
    ):
        assert comparable(ours) == comparable(theirs), source
    counts = [[count for count, _ in outputs(node)] for node in (task.node, node_of(ran[0], "whole"))]
    assert counts[0] == counts[1]


def comparable(found: list[Any]) -> Any:
    """Return outputs without what a kernel puts in that has nothing to do with the notebook."""
    plain = []
    for output in found:
        if output.output_type == "error":
            plain.append(
                (output.ename, output.evalue.split(" (")[0] if output.ename == "SyntaxError" else output.evalue)
            )
        elif output.output_type == "stream":
            text = scrubbed(output.text, Path("/nowhere")).replace("\r\n", "\n")
            plain.append((output.name, text))
        else:
            plain.append(
                (
                    output.output_type,
                    output.get("execution_count"),
                    scrubbed(str(dict(output.data)), Path("/nowhere")),
                    output.metadata,
                )
            )
    return plain


def test_two_runs_give_the_same_bytes(ran: tuple[Outcome, list[Progress], Path]) -> None:
    first, second = (nbformat.writes(node_of(ran[0], name)) for name in ("whole", "again"))
    assert first == second
    assert str(ran[2]) not in first


@pytest.mark.parametrize("name", DYING)
def test_a_notebook_that_fails_is_one_sentence(ran: tuple[Outcome, list[Progress], Path], name: str) -> None:
    [failure] = [failure for failure in ran[0].failures if failure.task.name == name]
    assert failure.reason.startswith(DYING[name][1])
    assert "\n" not in failure.reason


def test_what_came_before_a_failure_stays(ran: tuple[Outcome, list[Progress], Path]) -> None:
    assert len(ran[0].failures) == len(DYING)
    for name in ("fails", "exits"):
        assert node_of(ran[0], name).cells[0].outputs[0].text == "before\n"
    failed = node_of(ran[0], "fails").cells
    assert [failed[2].outputs[0].ename, failed[3].outputs, failed[3].execution_count] == ["RuntimeError", [], None]
    assert "Cell In[2], line 2" in re.sub(r"\x1b\[[0-9;]*m", "", "".join(failed[2].outputs[0].traceback))


def test_a_notebook_may_want_a_kernel(ran: tuple[Outcome, list[Progress], Path]) -> None:
    assert node_of(ran[0], "kernel").cells[0].outputs[0].data["text/plain"] == "True"
    assert node_of(ran[0], "kernel").metadata["potash"] == {"kernel": "own"}
    julia = notebook("1")
    julia.metadata["kernelspec"] = {"language": "julia", "name": "julia", "display_name": "Julia"}
    assert [wants_kernel(Task("n", node)) for node in (julia, notebook("1"))] == [True, False]


def test_what_a_program_prints_is_shown(ran: tuple[Outcome, list[Progress], Path]) -> None:
    assert node_of(ran[0], "program").cells[0].outputs[0].text == "first\n5\n"


def test_a_notebook_may_print_much(tmp_path: Path) -> None:
    node, start = notebook("for i in range(100_000):\n    print('x' * 100)"), time.monotonic()
    run_notebooks([Task("much", node)], tmp_path)
    assert len(node.cells[0].outputs[0].text) == 100_000 * 101
    assert time.monotonic() - start < 60


def test_progress_counts_cells(ran: tuple[Outcome, list[Progress], Path]) -> None:
    whole = [step for step in ran[1] if step.notebook == "whole"]
    n = sum(bool(source) for source in EXPRESSIONS)
    assert [step.kind for step in whole] == ["started", *["cell"] * (n - 1), "finished"]
    assert [whole[-1].cell, whole[-1].cells] == [n - 1, n]
    fails = [(step.kind, step.cell) for step in ran[1] if step.notebook == "fails"]
    assert fails == [("started", 0), ("cell", 1), ("cell", 2), ("cell", 3), ("failed", 3)]
    assert [step.kind for step in ran[1] if step.notebook == "empty"] == ["started", "finished"]


def test_the_first_failure_stops_the_others(tmp_path: Path) -> None:
    slow = notebook("open('slow.txt', 'w').write(str(__import__('os').getpid()))", "import time\ntime.sleep(60)")
    fast = notebook("import os, time\nwhile not os.path.exists('slow.txt'): time.sleep(0.05)\nraise KeyError('k')")
    start = time.monotonic()
    with pytest.raises(NotebookFailedError, match=r"cell 1 \(import os, time\): KeyError: 'k'"):
        run_notebooks([Task("slow", slow), Task("fast", fast)], tmp_path)
    assert time.monotonic() - start < 40
    assert not alive(int((tmp_path / "slow.txt").read_text()))


def test_a_cell_that_takes_too_long_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forked, "CELL_TIMEOUT", 0.5)
    with pytest.raises(NotebookFailedError, match=r"cell 1 \(import time\): took more than 0 minutes"):
        run_notebooks([Task("slow", notebook("import time\ntime.sleep(60)"))], tmp_path)


def test_a_page_for_each_event(tmp_path: Path) -> None:
    node = notebook("event = None", "print(event)", tags={0: "parameters"}, potash={"each": "event"})
    chosen = ["2025-12-13-us-lifts-potash", "2021-08-09-us-designates-belaruskali"]
    wanted = {"events": chosen, "event": None}
    done = run_notebooks([Task("03-study", node, "03-study", wanted), Task("04", notebook("1"))], tmp_path).tasks
    assert [task.name for task in done] == [*(f"event-{event}" for event in chosen), "04"]
    assert [task.notebook for task in done[:2]] == ["03-study"] * 2
    assert [task.node.cells[2].outputs[0].text for task in done[:2]] == [f"{event}\n" for event in chosen]
    assert [task.values["event"] for task in done[:2]] == chosen


SLEEPING = """
import nbformat, sys
from pathlib import Path
from potash.cli.app import main
from potash.report.run.execute import Task, run_notebooks
import signal
signal.signal(signal.SIGTERM, signal.default_int_handler)
signal.signal(signal.SIGINT, signal.default_int_handler)  # a background job starts with it ignored
node = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(
    "import os, subprocess, sys, time\\n"
    "grandchild = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(120)'])\\n"
    "open('pids.tmp', 'w').write(f'{os.getppid()} {os.getpid()} {grandchild.pid}'); os.rename('pids.tmp', 'pids')\\n"
    "time.sleep(120)")])
run_notebooks([Task("sleeps", node)], Path(sys.argv[1]))
"""


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT", "SIGKILL"])
def test_nothing_is_left_running(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(tmp_path)}
    command = [sys.executable, "-c", SLEEPING, str(tmp_path)]
    process = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
    wait_for((tmp_path / "pids").exists)
    *ours, grandchild = map(int, (tmp_path / "pids").read_text().split())
    assert all(alive(pid) for pid in (*ours, grandchild))
    process.send_signal(signal.Signals[name])
    process.wait(20)
    wait_for(lambda: not any(alive(pid) for pid in ours))
    if name == "SIGKILL":  # what a notebook started itself is out of reach then
        os.kill(grandchild, signal.SIGKILL)
        monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
        assert len(list(tmp_path.iterdir())) == 2, "its folder of temporary files"
        with processes_ready():
            others = [
                path for path in tmp_path.glob("potash-*/owner") if f'"process": {os.getpid()},' not in path.read_text()
            ]
            assert others == [], "the next run removes it"
        assert [path.name for path in tmp_path.iterdir()] == ["pids"]
    else:
        wait_for(lambda: not alive(grandchild))
        assert [path.name for path in tmp_path.iterdir()] == ["pids"]


def test_a_process_for_notebooks_that_was_killed_is_one_sentence(tmp_path: Path) -> None:
    node = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1")])
    with processes_ready() as ready:
        assert ready is not None
        os.kill(ready._process.pid, signal.SIGKILL)
        with pytest.raises(ReportError, match=r"did not start \(stopped, or out of memory\?\)"):
            run_notebooks([Task("one", node)], tmp_path, ready=ready)


def wait_for(condition: Any, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


def alive(pid: int) -> bool:
    """Return whether a process runs: one that has ended and was not waited for does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] not in "ZX"
    except OSError:
        return False


@pytest.mark.slow
def test_memory_is_flat_over_several_runs(tmp_path: Path) -> None:
    code = """
    import resource, sys
    from pathlib import Path
    import nbformat
    from potash.report.run.execute import Task, run_notebooks
    sizes = []
    for number in range(4):
        node = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("print('x' * 3_000_000)")])
        run_notebooks([Task("n", node)], Path(sys.argv[1]))
        sizes.append(int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize())
    print(sizes[-1] - sizes[0], len(list(Path("/proc/self/fd").iterdir())))
    """
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", textwrap.dedent(code), str(tmp_path)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    growth, files = map(int, done.stdout.split())
    assert growth < 20e6
    assert files < 12
