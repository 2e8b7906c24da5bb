from __future__ import annotations

import dataclasses
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from potash.errors import ReportLockedError
from potash.report.run import lock as module
from potash.report.run.lock import LOCK, RunLock, locked
from potash.report.run.owner import SILENT, Owner, this_process
from tests.paths import ROOT

HOLD = (
    "import sys, time\nfrom pathlib import Path\nfrom potash.report.run.lock import locked\n"
    "with locked(Path(sys.argv[1]), 'noon') as lock:\n    lock.building.mkdir()\n"
    "    print('held', flush=True)\n    time.sleep(60)"
)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def foreign(folder: Path, silent: float, **facts: object) -> Owner:
    """Leave the lock and the build of a run of another machine, silent for so many seconds."""
    owner = Owner("feed", "far", "another boot", "pid:[4]", os.getpid(), "1", "yesterday")
    owner = dataclasses.replace(owner, **facts)  # type: ignore[arg-type]
    record = folder / f"{LOCK}-feed"
    record.write_bytes(owner.as_bytes())
    os.link(record, folder / LOCK)
    building = folder / ".building-feed"
    building.mkdir()
    (building / "half.html").write_text("half")
    (folder / ".latest-feed").symlink_to("nowhere")
    past = time.time() - silent
    for path in (record, building):
        os.utime(path, (past, past))
    return owner


def test_a_lock_is_released_with_all_that_belongs_to_it(tmp_path: Path) -> None:
    with locked(tmp_path) as lock:
        lock.building.mkdir()
        assert names(tmp_path) == sorted([LOCK, f"{LOCK}-{lock.token}", f".building-{lock.token}"])
    assert names(tmp_path) == []
    with pytest.raises(RuntimeError), locked(tmp_path):
        raise RuntimeError
    assert names(tmp_path) == []


def test_a_second_run_hears_who_holds_it_and_since_when(tmp_path: Path) -> None:
    with locked(tmp_path, "2025-12-01 06:00:00 UTC"):
        before = names(tmp_path)
        with pytest.raises(ReportLockedError) as caught, locked(tmp_path):
            pass
        assert names(tmp_path) == before
    message = str(caught.value)
    assert f"process {os.getpid()} on " in message
    assert "since 2025-12-01 06:00:00 UTC, last sign of life " in message
    assert "--wait SECONDS" in message


def test_a_run_waits_for_another(tmp_path: Path) -> None:
    seen: list[str] = []
    release = threading.Event()
    taken = threading.Event()

    def hold() -> None:
        with locked(tmp_path):
            taken.set()
            release.wait(20)

    thread = threading.Thread(target=hold)
    thread.start()
    taken.wait(10)
    timer = threading.Timer(0.6, release.set)
    timer.start()
    with locked(tmp_path, wait=20, waiting=seen.append):
        assert release.is_set()
    thread.join()
    assert len(seen) == 1
    assert names(tmp_path) == []


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="processes are looked up in /proc")
def test_what_a_killed_run_left_is_swept_at_once(tmp_path: Path) -> None:
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    with pytest.raises(ReportLockedError, match=f"process {process.pid} on .* since noon"), locked(tmp_path):
        pass
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert len(names(tmp_path)) == 3
    with locked(tmp_path) as lock:
        assert names(tmp_path) == [LOCK, f"{LOCK}-{lock.token}"]


def test_a_run_of_another_machine_is_left_alone_while_it_may_live(tmp_path: Path) -> None:
    foreign(tmp_path, SILENT - 60)
    before = names(tmp_path)
    with pytest.raises(ReportLockedError, match="on far since yesterday"), locked(tmp_path):
        pass
    assert names(tmp_path) == before


def test_a_run_of_another_machine_is_swept_after_long_silence(tmp_path: Path) -> None:
    foreign(tmp_path, SILENT + 60)
    with locked(tmp_path) as lock:
        assert names(tmp_path) == [LOCK, f"{LOCK}-{lock.token}"]


def test_a_build_without_its_lock_is_swept_only_after_long_silence(tmp_path: Path) -> None:
    for silent, rest in ((SILENT - 60, 2), (SILENT + 60, 0)):
        foreign(tmp_path, silent)
        (tmp_path / LOCK).unlink()
        with locked(tmp_path) as lock:
            left = [path for path in tmp_path.iterdir() if lock.token not in path.name and path.name != LOCK]
            assert (len([path for path in left if path.name.startswith((".building", ".lock"))])) == rest
        for path in tmp_path.iterdir():
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()


def test_a_run_that_was_taken_for_dead_sees_it_before_it_publishes(tmp_path: Path) -> None:
    with locked(tmp_path) as lock:
        lock.check()
        (tmp_path / LOCK).unlink()
        with locked(tmp_path) as other:
            with pytest.raises(ReportLockedError, match="another may have taken its place"):
                lock.check()
            lock.beat()
            lock._release()
            other.check()
    assert names(tmp_path) == []


def test_a_lock_gives_signs_of_life(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BEAT", 0.02)
    with locked(tmp_path):
        os.utime(tmp_path / LOCK, (0, 0))
        deadline = time.monotonic() + 10
        while (tmp_path / LOCK).stat().st_mtime == 0 and time.monotonic() < deadline:
            time.sleep(0.02)
        assert (tmp_path / LOCK).stat().st_mtime > 0


def test_where_there_are_no_links_one_run_at_a_time_holds_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "link", refuse)
    with locked(tmp_path) as lock:
        assert json.loads((tmp_path / LOCK).read_text())["token"] == lock.token
        with pytest.raises(ReportLockedError), locked(tmp_path):
            pass
        lock.check()
    assert names(tmp_path) == []


def test_many_runs_at_once_hold_it_one_after_the_other(tmp_path: Path) -> None:
    inside, most = [], []

    def run() -> None:
        with locked(tmp_path, wait=60) as lock:
            inside.append(lock.token)
            most.append(len(inside))
            time.sleep(0.01)
            inside.remove(lock.token)

    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1] * 8
    assert names(tmp_path) == []


def test_a_dead_lock_is_taken_over_by_one_alone(tmp_path: Path) -> None:
    """Sixteen runs meet the lock of a process that is gone: one gets it, and nobody takes away its lock."""
    here = this_process("feed")
    foreign(tmp_path, 0, boot=here.boot, namespace=here.namespace, process=999_999_999)
    holders: list[RunLock] = []
    refused = []

    def run() -> None:
        try:
            with locked(tmp_path) as lock:
                holders.append(lock)
                lock.check()
                done.wait(20)
        except ReportLockedError:
            refused.append(1)
            if len(refused) == 15:
                done.set()

    done = threading.Event()
    threads = [threading.Thread(target=run) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(holders), len(refused)) == (1, 15)
    assert names(tmp_path) == []


def _may_unshare() -> bool:
    tool = shutil.which("unshare")
    command = ["unshare", "--pid", "--fork", "--mount-proc", "true"]
    return bool(tool) and subprocess.run(command, capture_output=True, check=False).returncode == 0


@pytest.mark.skipif(not _may_unshare(), reason="no right to make namespaces")
def test_two_containers_on_one_folder(tmp_path: Path) -> None:
    """Each has process numbers of its own: the holder's number is free, or another's, in the second one."""
    inside = ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child", sys.executable, "-c"]
    holder = subprocess.Popen([*inside, HOLD, str(tmp_path)], stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    before = names(tmp_path)
    second = HOLD.replace("'noon'", "'one'")
    done = subprocess.run([*inside, second, str(tmp_path)], capture_output=True, text=True, cwd=ROOT, check=False)
    assert "ReportLockedError" in done.stderr
    assert "since noon" in done.stderr
    assert names(tmp_path) == before
    holder.kill()
    holder.communicate()
    time.sleep(0.2)
    with pytest.raises(ReportLockedError), locked(tmp_path):
        pass
    for record in tmp_path.glob(f"{LOCK}-*"):
        os.utime(record, (time.time() - 60, time.time() - 60))
    with locked(tmp_path) as lock:
        assert names(tmp_path) == [LOCK, f"{LOCK}-{lock.token}"]


def test_a_build_that_cannot_go_yet_hides_no_error_of_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A child that is still ending may write into it: the next run takes what is left."""
    monkeypatch.setattr(module.shutil, "rmtree", lambda *_, **__: None)

    def fail() -> None:
        with locked(tmp_path) as lock:
            lock.building.mkdir()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert not (tmp_path / ".lock").exists()
