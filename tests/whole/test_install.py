"""What make installs for running and for the tests, without installing it."""

import re
import shutil
import subprocess
import sys
import tomllib
from importlib.metadata import distributions

import pytest
from packaging.specifiers import SpecifierSet

from tests.paths import ROOT

needs_make = pytest.mark.skipif(shutil.which("make") is None, reason="make is not on this machine")


def dry_run(target, tmp_path) -> str:
    """Return the commands that make would run for a target where nothing is installed yet."""
    command = ["make", "--dry-run", f"VENV={tmp_path / 'none'}", target]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout


@needs_make
@pytest.mark.parametrize(
    ("target", "extra"),
    [
        ("report", "garch"),
        ("lab", "garch"),
        ("test", "dev"),
        ("simulation", "dev"),
        ("check", "dev"),
        ("format", "dev"),
    ],
)
def test_running_installs_no_tool_of_the_tests(target, extra, tmp_path):
    assert set(re.findall(r"-e '\.\[(\w+)\]'", dry_run(target, tmp_path))) == {extra}


@needs_make
def test_without_uv_the_same_is_installed_by_pip(tmp_path):
    """With a Python whose pip only says what it was asked for, and no uv to be had."""
    venv, log = tmp_path / "venv", tmp_path / "log"
    (venv / "bin").mkdir(parents=True)
    python = venv / "bin" / "python"
    python.write_text(f'#!/bin/sh\necho "$@" >> {log}\ncase "$*" in *" uv") exit 1;; esac\n')
    for name, text in {"pip": "", "potash": "#!/bin/sh\n"}.items():
        (venv / "bin" / name).write_text(text)
    for path in (venv / "bin").iterdir():
        path.chmod(0o755)
    bare = tmp_path / "bin"  # as PATH: a shell's tools and no uv
    bare.mkdir()
    for name in ("make", "sh", "touch", "test"):
        (bare / name).symlink_to(shutil.which(name))
    environment = {"PATH": str(bare), "HOME": str(tmp_path)}
    command = ["make", f"VENV={venv}", f"PYTHON={sys.executable}", "report"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "pip takes a minute" in done.stdout
    of_uv, of_potash = log.read_text().splitlines()
    assert of_uv.endswith("-c constraints.txt uv")
    assert of_potash.endswith("-c constraints.txt -e .[garch]")
    assert (venv / ".ready-to-run").exists()
    assert not (venv / ".ready-to-test").exists()


def test_every_pinned_package_runs_on_the_oldest_python():
    """As far as they are installed. One that wants 3.11.5 shuts out machines whose own Python is 3.11.2, as Debian 12."""
    oldest = (
        tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["requires-python"].removeprefix(">=")
        + ".0"
    )
    pins = set((ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines())
    pinned = [d.metadata for d in distributions() if f"{d.name}=={d.version}" in pins]
    assert len(pinned) > 100
    assert [d["Name"] for d in pinned if oldest not in SpecifierSet(d["Requires-Python"] or "")] == []
