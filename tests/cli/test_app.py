from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main
from typer.testing import CliRunner

from potash.cli import app as cli
from potash.report import job
from tests.paths import ROOT
from tests.report.made_up import DATA, FAILING, contents, two_notebooks, write_notebook

HEAVY = (
    "pandas", "numpy", "matplotlib", "nbconvert", "nbclient", "statsmodels", "exchange_calendars", "IPython", "trafilatura",
    "sqlalchemy", "yfinance", "curl_cffi", "pyarrow", "requests",
)  # fmt: skip


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    """Run a command line over a data description that needs no data."""
    real = job.build_report
    monkeypatch.setattr(job, "build_report", lambda *a, **k: real(*a, **{**k, "describe": lambda *_: DATA}))
    return lambda *arguments: CliRunner().invoke(cli.app, [str(a) for a in arguments])


def commands(command: Any = None, words: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Yield the words of each command, those of groups too."""
    command = command or typer.main.get_command(cli.app)
    yield words
    for name, below in getattr(command, "commands", {}).items():
        yield from commands(below, (*words, name))


def test_help_imports_nothing_heavy() -> None:
    every = list(commands())
    assert {(), ("report",), ("prices", "pull"), ("timeline", "build"), ("doctor",)} < set(every)
    code = (
        f"import sys, time\nfrom potash.cli import app as cli\nfor words in {every!r}:\n"
        "    try:\n        cli.app([*words, '--help'])\n    except SystemExit:\n        pass\n"
        f"    print('HEAVY', *words, [name for name in {HEAVY!r} if name in sys.modules])\n"
        "    print('SECONDS', time.process_time())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    for words in every:
        assert " ".join(("HEAVY", *words, "[]")) in done.stdout.splitlines()
    assert done.stdout.count("Usage: ") == len(every)
    # Of the processor, for the first: other tests run at the same time.
    assert float(next(line for line in done.stdout.splitlines() if line.startswith("SECONDS")).split()[1]) < 2


def test_version(run) -> None:  # type: ignore[no-untyped-def]
    result = run("--version")
    assert result.exit_code == 0
    assert result.stdout.startswith("potash ")
    assert result.stdout.split()[1][0].isdigit()


def test_a_report_says_where_to_look(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    notebooks = two_notebooks(tmp_path / "n")
    result = run("report", "--out", tmp_path / "out", "--notebooks", notebooks, "-p", "rows=4", "-p", "horizon=2")
    assert result.exit_code == 0, result.output
    assert f"Report: {tmp_path / 'out/latest/index.html'}" in result.stdout
    assert "2 pages, 1 table, 1 figure in " in result.stdout
    assert "01-timeline: started" in result.stderr
    assert "02-event-study: finished after " in result.stderr
    assert len((tmp_path / "out/latest/tables/events.csv").read_text().splitlines()) == 5


def test_a_notebook_that_fails_is_one_message_and_code_5(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    notebooks = tmp_path / "n"
    write_notebook(notebooks / "01-fails.ipynb", FAILING)
    old = tmp_path / "out" / "latest"
    old.mkdir(parents=True)
    (old / "index.html").write_text("old")
    (old / "manifest.json").write_text("{}")
    result = run("report", "--out", tmp_path / "out", "--notebooks", notebooks, "--quiet")
    assert result.exit_code == 5
    assert result.stdout == ""
    assert result.stderr.startswith("potash: error: 01-fails.ipynb, cell 3 (inner()): RuntimeError: the data are gone.")
    assert result.stderr.count("\n") == 1
    assert "Traceback" not in result.stderr
    assert contents(old) == {"index.html": b"old", "manifest.json": b"{}"}


def test_debug_shows_the_error(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    result = run("report", "--prices", tmp_path / "nowhere", "--debug")
    assert type(result.exception).__name__ == "InputError"


def test_an_unknown_parameter_is_code_2(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    result = run("report", "--out", tmp_path / "out", "--notebooks", two_notebooks(tmp_path / "n"), "-p", "horizn=2")
    assert result.exit_code == 2
    assert "did you mean 'horizon'?" in result.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "arguments", [["-p", "horizon"], ["-p", "=3"], ["-p", "a=1", "-p", "a=2"], ["--workers", "0"], ["--nothing"]]
)
def test_a_usage_error_is_code_2(run, arguments: list[str]) -> None:  # type: ignore[no-untyped-def]
    assert run("report", *arguments).exit_code == 2


def test_an_interrupt_is_code_130(run, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(job, "build_report", stop)
    result = run("report")
    assert result.exit_code == 130
    assert "the previous report is unchanged" in result.stderr


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
@pytest.mark.parametrize(("number", "names"), [(signal.SIGINT, ["01-slow"]), (signal.SIGTERM, ["01-slow", "02-slow"])])
def test_a_signal_stops_the_kernels_and_leaves_nothing(
    tmp_path: Path, number: signal.Signals, names: list[str]
) -> None:
    marks = tmp_path / "marks"
    for name in names:
        cell = f"import os, pathlib, time\npathlib.Path({str(marks)!r} + str(os.getpid())).touch()\ntime.sleep(60)"
        write_notebook(tmp_path / "n" / f"{name}.ipynb", ["# Slow", cell])
    code = (
        "from potash.cli import app as cli\nfrom potash.report import job\nfrom tests.report.made_up import DATA\n"
        "real = job.build_report\n"
        "job.build_report = lambda *a, **k: real(*a, **{**k, 'describe': lambda *_: DATA})\n"
        "cli.main()"
    )
    arguments = ["report", "--out", str(tmp_path / "out"), "--notebooks", str(tmp_path / "n")]
    process = subprocess.Popen(
        [sys.executable, "-c", code, *arguments], stderr=subprocess.PIPE, text=True, cwd=ROOT,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a background job starts with it ignored
    )  # fmt: skip
    deadline = time.monotonic() + 60
    while len(list(tmp_path.glob("marks*"))) < len(names) and time.monotonic() < deadline:
        time.sleep(0.1)
    process.send_signal(number)
    _, messages = process.communicate(timeout=30)
    assert process.returncode == 130
    assert messages.splitlines()[-1] == "potash: stopped; the previous report is unchanged."
    assert "Traceback" not in messages
    assert list((tmp_path / "out").iterdir()) == []
    for path in tmp_path.glob("marks*"):
        with pytest.raises(ProcessLookupError):
            os.kill(int(path.name.removeprefix("marks")), 0)
