from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from potash.report.run.owner import RELEASED, SILENT, Owner, is_dead, read_owner, this_process

LINUX = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="processes are looked up in /proc")
OBSERVER = Owner("o", "desk", "boot-1", "pid-1", 1, "10")


def test_a_record_survives_its_file(tmp_path: Path) -> None:
    owner = this_process("ab", "2025-12-01 06:00:00 UTC")
    (tmp_path / "lock").write_bytes(owner.as_bytes())
    assert read_owner(tmp_path / "lock") == owner
    assert owner.process == os.getpid()
    assert str(owner).endswith("since 2025-12-01 06:00:00 UTC")


@pytest.mark.parametrize("content", [b"", b"[1]", b"{}", b'{"token": "a"', b"\xff"])
def test_a_record_that_is_not_whole_is_nobodys(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "lock").write_bytes(content)
    assert read_owner(tmp_path / "lock").token == ""


@LINUX
def test_a_process_of_this_namespace_is_dead_when_it_is_gone_and_never_before() -> None:
    me = this_process("a")
    assert me.start
    assert not is_dead(me, me, 10 * SILENT, released=True), "it lives, however silent"
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    start = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()[19]
    other = dataclasses.replace(me, process=process.pid, start=start)
    assert not is_dead(other, me, 0, released=False)
    reused = dataclasses.replace(other, start=str(int(start) - 1))
    assert is_dead(reused, me, 0, released=False), "its number has another process now"
    process.kill()
    deadline = time.monotonic() + 10
    while not is_dead(other, me, 0, released=False) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert is_dead(other, me, 0, released=False), "killed, and not even waited for"
    process.communicate()
    assert is_dead(other, me, 0, released=False)


def test_a_number_of_a_process_says_nothing_elsewhere() -> None:
    """The number is free here, and the owner may live in its own container."""
    for owner in (
        Owner("a", "desk", "boot-1", "pid-2", 999_999_999, "10"),
        Owner("a", "desk", "boot-2", "pid-1", 999_999_999, "10"),
        Owner("a", "desk", "", "", 999_999_999, "10"),
    ):
        assert not is_dead(owner, OBSERVER, RELEASED, released=True)
    nowhere = dataclasses.replace(OBSERVER, boot="", namespace="")
    assert not is_dead(Owner("a", "desk", "", "", 999_999_999, "10"), nowhere, SILENT, released=True)


def test_silence_counts_sooner_on_the_same_kernel_and_only_with_the_lock_released() -> None:
    same_kernel = Owner("a", "box", "boot-1", "pid-2", 7, "10")
    elsewhere = Owner("a", "box", "boot-2", "pid-1", 7, "10")
    assert is_dead(same_kernel, OBSERVER, RELEASED + 1, released=True)
    assert not is_dead(same_kernel, OBSERVER, SILENT + 1, released=False)
    assert not is_dead(elsewhere, OBSERVER, SILENT - 1, released=True)
    assert is_dead(elsewhere, OBSERVER, SILENT + 1, released=True)
    assert not is_dead(elsewhere, OBSERVER, SILENT + 1, released=False)
