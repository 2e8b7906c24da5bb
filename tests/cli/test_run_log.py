from __future__ import annotations

import datetime as dt
import io
import json
from pathlib import Path

import pytest
import typer

from potash.cli.exit_codes import ExitCode
from potash.cli.run_log import RunLog, run_log
from potash.errors import NotebookError, ReportInputError, ReportLockedError


def lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_a_line_has_its_time_and_the_run() -> None:
    stream = io.StringIO()
    log = RunLog(stream, lambda: dt.datetime(2025, 12, 1, 6, tzinfo=dt.UTC), "r1")
    log.say("notebook", seconds=1.5)
    log.end("finished", ExitCode.DONE)
    log.end("failed", ExitCode.INTERNAL)
    first, second = map(json.loads, stream.getvalue().splitlines())
    assert first == {"time": "2025-12-01T06:00:00.000Z", "event": "notebook", "run": "r1", "seconds": 1.5}
    assert (second["event"], second["exit_code"]) == ("finished", 0)


@pytest.mark.parametrize(
    ("error", "event", "code"),
    [
        (NotebookError("cell 3"), "failed", 5),
        (ReportLockedError("process 7"), "locked", 6),
        (KeyboardInterrupt(), "stopped", 130),
        (RuntimeError("a defect"), "failed", 1),
    ],
)
def test_an_error_is_the_last_line(tmp_path: Path, error: BaseException, event: str, code: int) -> None:
    with pytest.raises(type(error)), run_log(str(tmp_path / "log")):
        raise error
    (line,) = lines(tmp_path / "log")
    assert (line["event"], line["exit_code"]) == (event, code)
    assert str(error) in str(line["message"])


def test_an_end_that_was_said_is_not_said_again(tmp_path: Path) -> None:
    with pytest.raises(typer.Exit), run_log(str(tmp_path / "log")) as log:  # noqa: PT012
        log.end("finished", ExitCode.INCOMPLETE)
        raise typer.Exit(ExitCode.INCOMPLETE)
    assert [line["event"] for line in lines(tmp_path / "log")] == ["finished"]


def test_a_file_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ReportInputError, match="--log-json"), run_log(str(tmp_path)):
        pass


def test_without_a_file_nothing_is_written(capsys: pytest.CaptureFixture[str]) -> None:
    with run_log(None) as log:
        log.say("started")
    with run_log("-") as log:
        log.say("started")
    captured = capsys.readouterr()
    assert (captured.out, captured.err.count("\n")) == ("", 1)
