"""One run at a time in a folder of reports, also among containers and machines that share it.

``.lock`` is a second name of ``.lock-<token>``, the record of its owner. It is taken by a link, which only one can make; a
thread touches it every two seconds. A lock whose owner is provably dead is set aside by the next run. A run that was taken
for dead by mistake (a machine that slept) sees that the lock is no longer its own before it changes what readers see.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import secrets
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from potash.errors import ReportLockedError
from potash.report.run.owner import SILENT, Owner, is_dead, read_owner, this_process

BEAT, _POLL = 2.0, 0.25
LOCK, BUILDING = ".lock", ".building-"


@dataclass(slots=True)
class RunLock:
    """The lock of a run on a folder.

    Attributes
    ----------
    folder : Path
        The folder of reports.
    owner : Owner
        This process.
    taken : datetime
        When the lock was taken, by the clock of the file system.
    """

    folder: Path
    owner: Owner
    _stream: IO[bytes]
    taken: dt.datetime
    _stop: threading.Event = field(default_factory=threading.Event)

    @property
    def token(self) -> str:
        """The random part of the names of this run's files."""
        return self.owner.token

    @property
    def building(self) -> Path:
        """The folder in which this run builds."""
        return self.folder / f"{BUILDING}{self.token}"

    def check(self) -> None:
        """Raise :class:`ReportLockedError` if another run has taken this one for dead."""
        if read_owner(self.folder / LOCK).token != self.token:
            raise ReportLockedError(
                f"{self.folder}: this run gave no sign of life for {SILENT / 60:.0f} minutes or its lock was removed, and "
                "another may have taken its place. What readers see is unchanged. Start it again."
            )

    def beat(self) -> None:
        """Touch the lock."""
        for name in {LOCK, f"{LOCK}-{self.token}"}:
            with contextlib.suppress(OSError):
                if name != LOCK or read_owner(self.folder / LOCK).token == self.token:
                    os.utime(self.folder / name)

    def _keep_beating(self) -> None:
        while not self._stop.wait(BEAT):
            self.beat()

    def _release(self) -> None:
        self._stop.set()
        if read_owner(self.folder / LOCK).token == self.token:
            (self.folder / LOCK).unlink(missing_ok=True)
        shutil.rmtree(self.building, ignore_errors=True)
        # A child that is still ending may have written after the first sweep: what cannot go now, the next run takes.
        for path in self.folder.glob(f".*-{self.token}"):
            with contextlib.suppress(OSError):
                _remove(path)
        self._stream.close()


@contextlib.contextmanager
def locked(
    folder: Path, since: str = "", *, wait: float = 0.0, waiting: Callable[[str], None] | None = None
) -> Iterator[RunLock]:
    """Yield the lock on a folder of reports, and release it with everything that the run left.

    Parameters
    ----------
    folder : Path
        The folder; it exists.
    since : str
        When the run starts, in words; another run that meets the lock says it.
    wait : float
        Seconds to wait for another run.
    waiting : callable, optional
        Called once, with who holds the lock, before the wait begins.

    Raises
    ------
    ReportLockedError
        If another run holds the folder for longer than ``wait``.
    OSError
        If the folder cannot be written.
    """
    lock = _take(folder, since, wait, waiting)
    threading.Thread(target=lock._keep_beating, name="potash-lock", daemon=True).start()
    try:
        sweep(lock)
        yield lock
    finally:
        lock._release()


def _take(folder: Path, since: str, wait: float, waiting: Callable[[str], None] | None) -> RunLock:
    deadline = time.monotonic() + wait
    while True:
        owner = this_process(secrets.token_hex(8), since)
        lock = _attempt(folder, owner)
        if isinstance(lock, RunLock):
            return lock
        left = deadline - time.monotonic()
        if left <= 0:
            raise ReportLockedError(
                f"{folder}: another run works there: {lock}. Wait for it with --wait SECONDS, or give another folder with "
                "--out. If it is gone, its lock is set aside by itself: at once on this machine, after "
                f"{SILENT / 60:.0f} minutes without a sign of life on another."
            )
        if waiting is not None:
            waiting(lock)
            waiting = None
        time.sleep(min(_POLL, left))


def _attempt(folder: Path, owner: Owner) -> RunLock | str:
    """Return the lock, or who holds it, in words."""
    own = folder / f"{LOCK}-{owner.token}"
    stream = own.open("xb")
    holder = "one that has just begun"
    try:
        stream.write(owner.as_bytes())
        stream.flush()
        _has_flock(stream)
        for _ in range(3):
            if _link(own, folder / LOCK, owner):
                return RunLock(folder, owner, stream, dt.datetime.fromtimestamp(own.stat().st_mtime, dt.UTC))
            holder = _set_aside(folder, owner, own.stat().st_mtime) or holder
    except BaseException:
        stream.close()
        own.unlink(missing_ok=True)
        raise
    stream.close()
    own.unlink(missing_ok=True)
    return holder


def _link(own: Path, place: Path, owner: Owner) -> bool:
    try:
        os.link(own, place)
    except FileExistsError:
        return False
    except OSError:
        # A file system without links: a new file is made by one alone as well, but is empty for an instant.
        try:
            with place.open("xb") as stream:
                stream.write(owner.as_bytes())
        except FileExistsError:
            return False
    return True


def _set_aside(folder: Path, observer: Owner, now: float) -> str:
    """Take away a lock whose owner is provably dead; return who holds it otherwise, in words, or nothing if it is free."""
    place = folder / LOCK
    try:
        with place.open("rb+") as stream:
            owner, silent = read_owner(place), now - place.stat().st_mtime
            released = _has_flock(stream)
            if not is_dead(owner, observer, silent, released=released) or not released:
                return f"{owner}, last sign of life {max(silent, 0):.0f} s ago"
            if os.fstat(stream.fileno()).st_ino != place.stat().st_ino:
                return ""
            aside = folder / f".dead-{observer.token}"
            place.rename(aside)
            if read_owner(aside).token != owner.token:  # another run was faster, and this is its lock
                with contextlib.suppress(OSError):
                    os.link(aside, place)
            aside.unlink(missing_ok=True)
    except FileNotFoundError:
        pass
    return ""


def _has_flock(stream: IO[bytes]) -> bool:
    """Lock an open file for this process, and return whether nobody else has; true where the system cannot say."""
    try:
        import fcntl
    except ImportError:
        return True
    try:
        fcntl.flock(stream.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True


def sweep(lock: RunLock) -> None:
    """Remove what runs left that are provably dead; what says nothing of its owner, after ten minutes of silence."""
    folder = lock.folder
    now = (folder / f"{LOCK}-{lock.token}").stat().st_mtime
    for record in folder.glob(f"{LOCK}-*"):
        token = record.name.removeprefix(f"{LOCK}-")
        if token == lock.token:
            continue
        with contextlib.suppress(OSError), record.open("rb+") as stream:
            released = _has_flock(stream)
            if released and is_dead(read_owner(record), lock.owner, now - record.stat().st_mtime, released=True):
                _remove_all(folder, token)
    for path in (*folder.glob(f"{BUILDING}*"), *folder.glob(".latest-*"), *folder.glob(".dead-*")):
        token = path.name.rpartition("-")[2]
        if token != lock.token and not (folder / f"{LOCK}-{token}").exists():
            with contextlib.suppress(OSError):
                if now - path.lstat().st_mtime > SILENT:
                    _remove(path)


def _remove_all(folder: Path, token: str) -> None:
    for path in folder.glob(f".*-{token}"):
        if path.name != f"{LOCK}-{token}":
            _remove(path)
    (folder / f"{LOCK}-{token}").unlink(missing_ok=True)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
