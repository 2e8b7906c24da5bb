"""Who works on a folder of reports, and how another run can prove that it does no longer.

The number of a process says nothing in another container, on another machine or after a restart: it is compared only where
the boot of the system and the namespace of process numbers are the same.
"""

from __future__ import annotations

import json
import os
import platform
import uuid
from dataclasses import asdict, dataclass, fields
from pathlib import Path

# Seconds without a sign of life after which a run is taken for dead: where its lock on the file itself has been released by
# the same kernel, and where nothing but the time of the file can be seen (another machine, a container of another kernel).
RELEASED, SILENT = 30.0, 600.0
_LINUX = platform.system() == "Linux"


@dataclass(frozen=True, slots=True)
class Owner:
    """The process that works on a folder.

    Attributes
    ----------
    token : str
        Random; in the names of all files that belong to the run.
    host, boot, namespace : str
        Name of the machine, id of its boot, and of the namespace in which process numbers count; empty where unknown.
    process : int
        Number of the process in that namespace.
    start : str
        When the process started, in ticks of that boot; empty where unknown.
    since : str
        When the run started, in words.
    """

    token: str
    host: str = ""
    boot: str = ""
    namespace: str = ""
    process: int = 0
    start: str = ""
    since: str = ""

    def as_bytes(self) -> bytes:
        """Return the record as a file holds it."""
        return (json.dumps(asdict(self)) + "\n").encode()

    def __str__(self) -> str:
        since = f" since {self.since}" if self.since else ""
        return f"process {self.process} on {self.host or 'an unknown machine'}{since}"


def this_process(token: str, since: str = "") -> Owner:
    """Return the record of the process that runs this."""
    process = os.getpid()
    start = _start_of(process)
    return Owner(token, platform.node(), _boot(), _namespace(), process, start or "", since)


def read_owner(path: Path) -> Owner:
    """Return the record in a file; one that is not whole has a token that nobody has."""
    try:
        record = json.loads(path.read_bytes())
        return Owner(**{field.name: record[field.name] for field in fields(Owner)})
    except (OSError, ValueError, TypeError, KeyError):
        return Owner("")


def is_dead(owner: Owner, observer: Owner, silent: float, *, released: bool) -> bool:
    """Return whether the owner provably works no longer.

    Parameters
    ----------
    owner, observer : Owner
        Who is judged, and who judges.
    silent : float
        Seconds since its last sign of life, by the clock of the file system that both share.
    released : bool
        Whether the system's lock on the owner's file can be had.

    Examples
    --------
    >>> here = Owner("a", "desk", "boot-1", "pid-1", 17, "100")
    >>> elsewhere = Owner("b", "desk", "boot-2", "pid-1", 17, "100")
    >>> is_dead(here, elsewhere, 599, released=True), is_dead(here, elsewhere, 601, released=True)
    (False, True)
    """
    here = (observer.boot, observer.namespace)
    if all(here) and (owner.boot, owner.namespace) == here:
        return bool(owner.start) and _start_of(owner.process) != owner.start
    if observer.boot and owner.boot == observer.boot and released:
        return silent > RELEASED
    return silent > SILENT and released


def _boot() -> str:
    if _LINUX:
        return _text("/proc/sys/kernel/random/boot_id")
    # Elsewhere there are no namespaces of process numbers; the machine is told by its network card.
    return f"{platform.node()}-{uuid.getnode():x}"


def _namespace() -> str:
    if not _LINUX:
        return platform.system()
    try:
        # A /proc of another namespace would say of our number what is true of another process.
        if str(Path("/proc/self").readlink()) != str(os.getpid()):
            return ""
        return str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        return ""


def _start_of(process: int) -> str | None:
    """Return when a process started, ``None`` if there is none; elsewhere than on Linux a word for one that is there."""
    if _LINUX:
        # After the name in brackets, which may hold blanks: state, ..., and as the 20th the start.
        state, *rest = _text(f"/proc/{process}/stat").rpartition(")")[2].split() or ["X"]
        return None if state in "ZX" else rest[18]
    if os.name != "posix":  # signal 0 would end the process there
        return "there"
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return None
    except PermissionError:
        return "there"
    return "there"


def _text(path: str) -> str:
    try:
        return Path(path).read_text(encoding="ascii", errors="replace").strip()
    except OSError:
        return ""
