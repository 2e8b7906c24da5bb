"""A folder takes the place of another whole: a reader sees the old report or the new one."""

from __future__ import annotations

import errno
import os
import secrets
import shutil
from pathlib import Path

from potash.errors import ReportError

_ATTEMPTS = 20


def new_folder(out: Path) -> Path:
    """Return a new empty folder inside ``out``, with the permissions of any other folder of the user."""
    # Not tempfile.mkdtemp: its 0700 would become the permissions of the report, which others are to read.
    _sweep(out)
    folder = out / f".building-{os.getpid()}-{secrets.token_hex(6)}"
    folder.mkdir()
    return folder


def _sweep(out: Path) -> None:
    """Remove what runs left that were killed: folders whose process is gone."""
    for folder in out.glob(".building-*-*"):
        pid = folder.name.split("-")[1]
        if pid.isdigit() and not _alive(int(pid)):
            shutil.rmtree(folder, ignore_errors=True)


def _alive(pid: int) -> bool:
    if os.name != "posix":  # elsewhere signal 0 would end the process; leave the folder
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def swap_in(new: Path, place: Path) -> None:
    """Rename ``new`` to ``place``; what stood there goes aside first and is deleted last.

    Parameters
    ----------
    new : Path
        A complete folder, on the same filesystem.
    place : Path
        Where it goes. Another run may do the same at the same time: the last one stands, none is mixed.

    Raises
    ------
    ReportError
        If the folder cannot be renamed; what stood there stands again.
    """
    for _ in range(_ATTEMPTS):
        old = _aside(place)
        try:
            new.rename(place)
        except OSError as error:
            if error.errno in {errno.ENOTEMPTY, errno.EEXIST}:
                # Another run put its report there between our two renames; ours is newer than the one set aside.
                if old is not None:
                    _remove(old)
                continue
            if old is not None:
                _restore(old, place)
            raise ReportError(
                f"{place}: could not put the new report there: {error.strerror}. The old one stands."
            ) from error
        except BaseException:
            if old is not None:
                _restore(old, place)
            raise
        if old is not None:
            _remove(old)
        return
    raise ReportError(f"{place}: other runs put reports there all the time. Give each run its own --out.")


def _aside(place: Path) -> Path | None:
    old = place.with_name(f".old-{secrets.token_hex(6)}")
    try:
        place.rename(old)
    except FileNotFoundError:
        return None
    return old


def _restore(old: Path, place: Path) -> None:
    if not os.path.lexists(place):
        old.rename(place)


def _remove(old: Path) -> None:
    if old.is_symlink() or not old.is_dir():
        old.unlink(missing_ok=True)
    else:
        shutil.rmtree(old, ignore_errors=True)
