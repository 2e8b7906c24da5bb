"""The examples of docs/scheduling.md are executed, or parsed by what would read them."""

from __future__ import annotations

import configparser
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
import yaml

from tests.paths import ROOT
from tests.report.made_up import two_notebooks
from tests.whole.test_docs_commands import parsed

TEXT = (ROOT / "docs" / "scheduling.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """A folder like /srv/potash in which a ``potash`` runs small notebooks over data that need no prices."""
    two_notebooks(tmp_path / "notebooks")
    code = (
        "import sys\nfrom potash.cli import app\nfrom potash.report import job\nfrom tests.report.made_up import DATA\n"
        "real = job.build_report\n"
        "job.build_report = lambda *a, **k: real(*a, **{**k, 'describe': lambda *_: DATA, 'notebooks': 'notebooks'})\n"
        "app.main()\n"
    )
    (tmp_path / "run.py").write_text(code)
    program = tmp_path / ".venv" / "bin" / "potash"
    program.parent.mkdir(parents=True)
    here = shlex.quote(str(tmp_path / "run.py"))
    program.write_text(
        f'#!/bin/sh\nPYTHONPATH={shlex.quote(str(ROOT))} exec {shlex.quote(sys.executable)} {here} "$@"\n'
    )
    program.chmod(0o755)
    return tmp_path


def done(command: str, desk: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PATH": f"{desk / '.venv' / 'bin'}{os.pathsep}{os.environ['PATH']}"}
    words = ["sh", "-c", command.replace("/srv/potash", str(desk))]
    return subprocess.run(words, cwd=desk, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.skipif(os.name != "posix", reason="needs sh")
def test_the_line_for_cron_makes_a_report_and_then_nothing(desk: Path) -> None:
    (line,) = [line for line in blocks("cron")[0].splitlines() if not line.startswith("#")]
    fields = line.split(maxsplit=5)
    assert [bool(re.fullmatch(r"[\d*,/-]+", field)) for field in fields[:5]] == [True] * 5
    for state in ("finished", "unchanged"):
        result = done(fields[5], desk)
        assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
        assert f'"event": "{state}"' in (desk / "reports.jsonl").read_text().splitlines()[-1]
    assert (desk / "reports" / "latest" / "index.html").is_file()


@pytest.mark.skipif(os.name != "posix", reason="needs sh")
def test_the_units_of_systemd_are_valid_and_their_command_runs(
    desk: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    service, timer = blocks("ini")
    folder = tmp_path_factory.mktemp("units")
    for name, text in (("potash-report.service", service), ("potash-report.timer", timer)):
        (folder / name).write_text(text.replace("/srv/potash", str(desk)))
    read = configparser.ConfigParser(strict=False, interpolation=None)
    read.optionxform = str  # type: ignore[assignment, method-assign]
    read.read([folder / "potash-report.service", folder / "potash-report.timer"])
    result = done(read["Service"]["ExecStart"], desk)
    assert result.returncode == 0, result.stderr
    assert read["Service"]["SuccessExitStatus"] == "3 6"
    if shutil.which("systemd-analyze"):
        command = [
            "systemd-analyze",
            "verify",
            str(folder / "potash-report.service"),
            str(folder / "potash-report.timer"),
        ]
        verified = subprocess.run(command, capture_output=True, text=True, check=False)
        assert "potash-report" not in verified.stderr, verified.stderr
        moments = subprocess.run(
            ["systemd-analyze", "calendar", read["Timer"]["OnCalendar"]], capture_output=True, text=True, check=False
        )
        assert moments.returncode == 0, moments.stderr


@pytest.mark.skipif(os.name != "posix", reason="needs sh")
def test_the_steps_of_github_actions_run(desk: Path) -> None:
    workflow = yaml.safe_load(blocks("yaml")[0])
    assert workflow[True]["schedule"] == [{"cron": "15 7 * * 1-5"}]
    steps = workflow["jobs"]["report"]["steps"]
    commands = {step["name"]: step["run"] for step in steps if "run" in step}
    assert set(commands) == {"Install", "Report"}
    words = shlex.split(commands["Install"])
    assert (ROOT / words[words.index("-c") + 1]).is_file()
    assert words[-2:] == ["-e", ".[garch]"]
    result = done(commands["Report"], desk)
    assert result.returncode == 0, result.stderr
    assert (desk / steps[-1]["with"]["path"] / "index.html").is_file()


def test_the_task_of_windows_is_well_formed_and_its_command_can_be_typed() -> None:
    space = "{http://schemas.microsoft.com/windows/2004/02/mit/task}"
    task = ElementTree.fromstring(blocks("xml")[0])
    assert task.tag == f"{space}Task"
    assert [child.tag.removeprefix(space) for child in task] == ["Triggers", "Settings", "Actions"]
    arguments = task.findtext(f".//{space}Arguments")
    assert arguments is not None
    assert arguments.startswith("-m potash.cli report ")
    parsed(arguments.split()[2:])
    assert str(task.findtext(f".//{space}Command")).endswith("python.exe")
