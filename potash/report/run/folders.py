"""The folders of reports: each run in one of its own, named after its time, and ``latest``, which points to the newest."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from potash.errors import ReportError, ReportInputError, listed
from potash.files import swap_in
from potash.report.run.lock import RunLock

LATEST, PREVIOUS, MANIFEST = "latest", "previous", "manifest.json"
KIND, FORMAT = "potash report", 2
AHEAD = dt.timedelta(minutes=10)
KEEP = 10
_RUN = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{6}")
_TIME = "%Y%m%dT%H%M%SZ"


def read_manifest(folder: Path) -> dict[str, Any] | None:
    """Return the manifest of a report, or ``None`` where a folder holds none that can be read."""
    try:
        manifest = json.loads((folder / MANIFEST).read_bytes())
    except (OSError, ValueError):
        return None
    return manifest if isinstance(manifest, dict) else None


def is_report(folder: Path) -> bool:
    """Return whether a folder holds a report of potash, of this version or of 0.1.0, whose manifest had no kind."""
    manifest = read_manifest(folder)
    return manifest is not None and (manifest.get("kind") == KIND or {"pages", "tables", "versions"} <= set(manifest))


def runs(out: Path) -> list[Path]:
    """Return the folders of runs below ``out``, oldest first."""
    if not out.is_dir():
        return []
    return sorted(
        path for path in out.iterdir() if _RUN.fullmatch(path.name) and not path.is_symlink() and path.is_dir()
    )


def latest_run(out: Path) -> Path | None:
    """Return the folder that ``out/latest`` stands for: a run, or ``latest`` itself where it is no link."""
    latest = out / LATEST
    if not (latest / MANIFEST).is_file():
        return None
    return out / latest.readlink() if latest.is_symlink() else latest


def unchanged_run(out: Path, key: str) -> Path | None:
    """Return the newest report if it was made of the same inputs and all its files are there, whole."""
    latest = latest_run(out)
    manifest = None if latest is None else read_manifest(latest)
    if latest is None or manifest is None or manifest.get("kind") != KIND:
        return None
    if manifest.get("key") != key or manifest.get("failed"):
        return None
    return latest if all(_is_whole(latest, item) for item in _listed_files(manifest)) else None


def _listed_files(manifest: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [manifest["index"], *manifest["pages"], *manifest["tables"], *manifest["figures"]]


def _is_whole(folder: Path, item: Mapping[str, Any]) -> bool:
    try:
        return (folder / item["file"]).stat().st_size == item["bytes"]
    except OSError:
        return False


def name_of_run(out: Path, made: dt.datetime, key: str) -> str:
    """Return a name that no run has: its time to the second and its key.

    Runs of one second go ahead of the clock by a second each, and the next run comes after them. A run that is further
    ahead was made by a clock that was wrong, and moves nobody with it.
    """
    moment = made.astimezone(dt.UTC)
    taken = sorted(path.name.partition("-")[0] for path in runs(out))
    soon = (moment + AHEAD).strftime(_TIME)
    ahead = [time for time in taken if moment.strftime(_TIME) <= time <= soon]
    if ahead:
        moment = dt.datetime.strptime(ahead[-1], _TIME).replace(tzinfo=dt.UTC) + dt.timedelta(seconds=1)
    while moment.strftime(_TIME) in taken:
        moment += dt.timedelta(seconds=1)
    return f"{moment.strftime(_TIME)}-{key[:6]}"


def put_in_place(lock: RunLock, name: str) -> Path:
    """Give a complete build its name, let ``latest`` point to it, and return its folder.

    Raises
    ------
    ReportLockedError
        If another run has taken this one for dead.
    OSError
        If it cannot be renamed; ``latest`` is as it was.
    """
    lock.check()
    folder = lock.folder / name
    lock.building.rename(folder)
    point_to(lock, name)
    return folder


def point_to(lock: RunLock, name: str) -> None:
    """Let ``latest`` point to a run: in one step, so that a reader always meets the old report or the new one.

    Where links are not allowed (Windows without the right to make them), or cannot be replaced, ``latest`` is a copy that
    is renamed to its place.
    """
    latest, new = lock.folder / LATEST, lock.folder / f".latest-{lock.token}"
    if latest.is_symlink() or not latest.exists():
        with contextlib.suppress(OSError, NotImplementedError):
            new.symlink_to(name, target_is_directory=True)
            new.replace(latest)
            return
        new.unlink(missing_ok=True)
    shutil.copytree(lock.folder / name, new)
    swap_in(new, latest, "report", ReportError)


def adopt_latest(lock: RunLock) -> None:
    """Make ``latest`` a link to the newest run: a real folder (of version 0.1.0) becomes a run, a missing one is restored."""
    out, latest = lock.folder, lock.folder / LATEST
    if latest.is_dir() and not latest.is_symlink() and not _is_copy(out):
        manifest = latest / MANIFEST
        if not any(latest.iterdir()):
            latest.rmdir()
        elif manifest.is_file():
            import hashlib

            made = dt.datetime.fromtimestamp(manifest.stat().st_mtime, dt.UTC)
            latest.rename(out / name_of_run(out, made, hashlib.sha256(manifest.read_bytes()).hexdigest()))
    if not latest.exists():
        whole = [path for path in runs(out) if (path / MANIFEST).is_file()]
        if whole:
            latest.unlink(missing_ok=True)
            point_to(lock, whole[-1].name)


def _is_copy(out: Path) -> bool:
    """Return whether ``latest`` is a copy of a run: the same manifest, which has the digests of all files."""
    ours = (out / LATEST / MANIFEST).read_bytes() if (out / LATEST / MANIFEST).is_file() else None
    return ours is not None and any(
        (path / MANIFEST).is_file() and (path / MANIFEST).read_bytes() == ours for path in runs(out)
    )


def remove_old(out: Path, keep: int) -> None:
    """Remove all runs but the newest ``keep``; never the one that ``latest`` points to, nor what is no report."""
    latest = latest_run(out)
    candidates = [path for path in runs(out) if is_report(path)]
    for path in candidates[: max(len(candidates) - keep, 0)]:
        if latest is None or path.name != latest.name:
            shutil.rmtree(path, ignore_errors=True)


def check_replaceable(out: Path) -> None:
    """Raise :class:`ReportInputError` if a folder that the run would replace holds something else than potash put there."""
    latest, failed = out / LATEST, out / "failed"
    for place in (out, latest, failed):
        if place.exists() and not place.is_dir():
            raise ReportInputError(f"{place}: is a file, and a folder is needed there. Move it, or give another --out.")
    if latest.is_dir() and any(latest.iterdir()) and not (latest / MANIFEST).is_file():
        raise ReportInputError(
            f"{latest}: not a report of potash (no manifest.json), so it is not replaced. Give another --out."
        )
    strange = [path.name for path in failed.iterdir() if path.suffix != ".ipynb"] if failed.is_dir() else []
    if strange:
        raise ReportInputError(
            f"{failed}: holds {listed(sorted(strange))}, which is not potash's. Move it, or give another --out."
        )


def find_run(name: str, out: Path) -> Path:
    """Return the folder of a report: a path, the name of a run or its beginning or end, ``latest`` or ``previous``.

    Raises
    ------
    ReportInputError
        If there is none, or several fit.
    """
    present = [path for path in runs(out) if (path / MANIFEST).is_file()]
    latest = latest_run(out)
    if name == LATEST and latest is not None:
        return latest
    if name == PREVIOUS:
        earlier = [path for path in present if latest is not None and path.name < latest.name]
        if latest is not None and earlier:
            return earlier[-1]
    if name not in (LATEST, PREVIOUS):
        fitting = [path for path in present if path.name.startswith(name) or path.name.endswith(f"-{name}")]
        if len(fitting) == 1:
            return fitting[0]
        if not fitting and (Path(name) / MANIFEST).is_file():
            return Path(name)
    if name == PREVIOUS and len(present) == 1:
        raise ReportInputError(f"there is one report in {out}, {present[0].name}, and none before it to compare with.")
    raise ReportInputError(
        f"{name!r} is not one report in {out}. There are: {listed((path.name for path in present), 20)}. "
        "Give a run by name or id, 'latest', 'previous', or a folder with a manifest.json."
    )
