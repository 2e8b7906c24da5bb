"""Every exit code of ``potash report``, what it prints and what its log says."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from potash.cli import app as cli
from potash.report import job, making
from potash.report.run.execute import NotebookFailedError, Outcome
from potash.report.run.lock import locked
from tests.paths import ROOT
from tests.report.made_up import DATA, two_notebooks


class Desk:
    """Runs ``potash report`` on notebooks that take no time, of which some fail."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.out, self.log, self.notebooks = folder / "out", folder / "log", two_notebooks(folder / "n")
        self.fails = False
        self.error: BaseException | None = None
        real = job.build_report
        monkeypatch.setattr(job, "build_report", lambda *a, **k: real(*a, **{**k, "describe": lambda *_: DATA}))
        monkeypatch.setattr(making, "run_notebooks", self._run)

    def _run(self, tasks: Any, folder: Path, **options: Any) -> Outcome:
        if self.error is not None:
            raise self.error
        failures = (NotebookFailedError(tasks[0], "cell 2: the data are gone"),) if self.fails else ()
        if failures and not options["keep_going"]:
            raise failures[0]
        return Outcome(tuple(tasks), failures)

    def report(self, *options: str) -> Any:
        words = ["report", "--out", str(self.out), "--notebooks", str(self.notebooks), "--log-json", str(self.log)]
        return CliRunner().invoke(cli.app, [*words, *options])

    @property
    def last(self) -> dict[str, Any]:
        line: dict[str, Any] = json.loads(self.log.read_text().splitlines()[-1])
        return line


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    return Desk(tmp_path, monkeypatch)


def test_done_and_unchanged_are_code_0_and_the_log_says_which(desk: Desk) -> None:
    first, second = desk.report(), desk.report()
    assert (first.exit_code, second.exit_code) == (0, 0), first.output
    events = [json.loads(line)["event"] for line in desk.log.read_text().splitlines()]
    assert events == ["started", "finished", "unchanged"]
    run = desk.last["run"]
    assert (desk.out / run / "index.html").is_file()
    assert f"Unchanged since {run}: " in second.stdout
    assert desk.report("--force").exit_code == 0
    assert desk.last["event"] == "finished"
    assert desk.last["run"] != run
    assert desk.report("--force", "--keep", "1").exit_code == 0
    assert len(list(desk.out.iterdir())) == 2


def test_a_defect_is_code_1(desk: Desk) -> None:
    desk.error = OSError(28, "No space left on device")
    result = desk.report()
    assert result.exit_code == 1
    assert "No space left on device" in result.stderr
    assert (desk.last["event"], desk.last["exit_code"]) == ("failed", 1)
    assert list(desk.out.iterdir()) == []


@pytest.mark.parametrize("options", [["-p", "nothing=1"], ["--prices", "nowhere"], ["--keep", "0"], ["--nonsense"]])
def test_what_was_given_is_code_2(desk: Desk, options: list[str]) -> None:
    assert desk.report(*options).exit_code == 2
    assert not desk.out.exists()


def test_a_notebook_that_failed_is_code_5_and_code_3_where_it_is_published(desk: Desk) -> None:
    desk.fails = True
    assert desk.report().exit_code == 5
    assert (desk.last["event"], desk.last["exit_code"]) == ("failed", 5)
    assert not (desk.out / "latest").exists()
    result = desk.report("--publish-partial")
    assert result.exit_code == 3
    assert "potash: incomplete: 01-timeline failed; the pages say so." in result.stderr
    assert (desk.last["event"], desk.last["exit_code"], desk.last["failed"]) == ("finished", 3, ["01-timeline"])


def test_another_run_is_code_6(desk: Desk) -> None:
    desk.out.mkdir()
    with locked(desk.out, "2025-12-01 06:00:00 UTC"):
        result = desk.report()
    assert result.exit_code == 6
    assert "another run works there: process " in result.stderr
    assert (desk.last["event"], desk.last["exit_code"]) == ("locked", 6)


def test_a_stop_is_code_130(desk: Desk) -> None:
    desk.error = KeyboardInterrupt()
    assert desk.report().exit_code == 130
    assert (desk.last["event"], desk.last["exit_code"]) == ("stopped", 130)


def test_two_reports_are_compared(desk: Desk) -> None:
    desk.report()
    desk.report("-p", "rows=4")
    result = CliRunner().invoke(cli.app, ["report", "compare", "--out", str(desk.out)])
    assert result.exit_code == 0, result.output
    assert "  Settings: rows not set \u2192 4.\n" in result.stdout
    words = ["report", "compare", "latest", "latest", "--json", "--out", str(desk.out)]
    assert json.loads(CliRunner().invoke(cli.app, words).stdout)["same"] is True
    nothing = CliRunner().invoke(cli.app, ["report", "compare", "nothing", "latest", "--out", str(desk.out)])
    assert nothing.exit_code == 2


def test_to_see_that_nothing_has_changed_needs_nothing_heavy() -> None:
    code = (
        "import sys, potash.cli.app, potash.report.job, potash.report.compare\n"
        "print([n for n in ('pandas', 'numpy', 'matplotlib', 'nbformat', 'jinja2', 'IPython') if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout == "[]\n"
