"""Frozen snapshots: immutable folders of prices that carry their checksums, and are read whole or not at all.

A snapshot is a folder with up to three Parquet files (``daily``, ``monthly``, ``factors``) and ``manifest.json``, which
says what is in them, as of when, and by which programs. It is never written again: new prices get a new name.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import errno
import os
import re
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from potash.errors import SnapshotError, close_to, listed
from potash.files import new_folder, snapshots_home, sync_folder, write_through
from potash.market.series import CARRIED, PriceSeries, SeriesKey
from potash.market.snapshots.manifest import MANIFEST, manifest_bytes, manifest_of, series_of, tables_in, verified
from potash.market.snapshots.tables import checked_series, content_digest, decode, encode

LIST_COLUMNS = ["name", "as_of", "created", "series", "first", "last", "digest", "intact"]

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]*")
_RESERVED = {CARRIED}


@dataclass(frozen=True, slots=True, eq=False)
class FrozenSnapshot:
    """A frozen snapshot: its series, and what its manifest says of them.

    Attributes
    ----------
    name : str
        Its name, which is that of its folder.
    folder : Path
        Where it lies.
    as_of : str
        The moment of which it shows what was known, as it was asked for.
    created : datetime or None
        When it was written, in UTC.
    versions : dict of str to str
        Program to version.
    digest : str
        SHA-256 checksum of the content; see :func:`~potash.market.snapshots.tables.content_digest`. Equal digests mean equal
        keys, tickers, values, facts and adjustments, whatever the name.
    files : dict of str to str
        File name to SHA-256 checksum of its bytes.
    series : tuple of PriceSeries
        Sorted by key.
    """

    name: str
    folder: Path
    as_of: str
    created: dt.datetime | None
    versions: dict[str, str]
    digest: str
    files: dict[str, str]
    series: tuple[PriceSeries, ...]


def write_snapshot(
    folder: str | Path,
    name: str,
    series: Iterable[PriceSeries],
    *,
    as_of: str,
    created: dt.datetime,
    versions: Mapping[str, str],
) -> FrozenSnapshot:
    """Write a snapshot and return it as it was read back from the disk.

    It is written under a hidden name beside its place and renamed when it is whole and on the disk: a reader sees all of
    it or nothing, and a failure leaves nothing. Only a process that is killed outright leaves its hidden folder
    ``.building-*``, which nothing reads and the next writer removes.

    Parameters
    ----------
    folder : path
        The folder of snapshots; made if there is none.
    name : str
        Small letters, digits, ``.``, ``_`` and ``-``, beginning with a letter or digit; not ``carried``.
    series : iterable of PriceSeries
        What to freeze, at least one; each key once.
    as_of : str
        The moment of which the series show what was known.
    created : datetime
        The present moment with its zone.
    versions : mapping of str to str
        Program to version.

    Raises
    ------
    SnapshotError
        If the name is taken or not allowed, ``created`` has no zone, there is no series or one twice, or the disk is full
        or refuses; the message has the reason.
    """
    place = Path(folder) / _checked_name(name)
    if not as_of or created.tzinfo is None:
        raise SnapshotError(
            f"snapshot {name!r}: as_of={as_of!r} and created={created.isoformat()} must be a text and a moment with its zone."
        )
    if os.path.lexists(place):
        raise _taken(place)
    frozen = checked_series(series)
    files = encode(frozen)
    said = {"name": name, "as_of": as_of, "created": created.astimezone(dt.UTC).isoformat(), "versions": dict(versions)}
    building = None
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        building = new_folder(place.parent)
        for file, (data, _) in files.items():
            write_through(building / file, data)
        write_through(building / MANIFEST, manifest_bytes(said, frozen, files))
        for path in building.iterdir():
            path.chmod(0o444)
        sync_folder(building)
        whole = _read(building, name, place)
        building.replace(place)
    except OSError as problem:
        if problem.errno in {errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR} and os.path.lexists(place):
            raise _taken(place) from problem
        raise SnapshotError(
            f"snapshot {name!r} could not be written in {folder}: {problem.strerror or problem}. Nothing was left behind. "
            "Make room or choose another folder, and write it again."
        ) from problem
    finally:
        if building is not None:
            shutil.rmtree(building, ignore_errors=True)
    with contextlib.suppress(OSError):  # the snapshot stands and is whole; only its name might not outlive a power cut
        sync_folder(place.parent)
    return whole


def read_snapshot(folder: str | Path) -> FrozenSnapshot:
    """Return a snapshot after comparing every byte of it with its checksums.

    Parameters
    ----------
    folder : path
        The folder of the snapshot itself.

    Raises
    ------
    SnapshotError
        If there is no snapshot, its format is not known, or a file is missing, changed or not its own.
    """
    folder = Path(folder)
    return _read(folder, folder.resolve().name, folder)  # resolved: a link "latest" may lead to it


def list_snapshots(folder: str | Path) -> pd.DataFrame:
    """Return a row per snapshot of a folder, by name.

    Returns
    -------
    DataFrame
        Columns ``name as_of created series first last digest intact``: ``series`` counts them, ``first`` and ``last`` are
        the ends of all their sessions, ``intact`` is whether every checksum holds. What a damaged manifest no longer
        tells is missing. No rows if there is no such folder.
    """
    folder = Path(folder)
    places = [p for p in sorted(folder.iterdir()) if p.is_dir() and p.name[0] != "."] if folder.is_dir() else []
    held = [place for place in places if (place / MANIFEST).exists() or tables_in(place)]
    rows = [{"name": place.name, **_summary(place)} for place in held]
    frame = pd.DataFrame(rows, columns=LIST_COLUMNS)
    for column in ("first", "last"):
        frame[column] = pd.to_datetime(frame[column])
    return frame.assign(
        created=pd.to_datetime(frame["created"], utc=True, format="ISO8601"),
        series=frame["series"].astype("Int64"),
        intact=frame["intact"].astype(bool),
    )


def find_snapshot(name: str | Path) -> Path:
    """Return the folder of a frozen snapshot, given its folder or its name.

    Raises
    ------
    SnapshotError
        If there is none, with the names that there are.
    """
    for folder in (snapshots_home() / str(name), Path(name)):
        if is_snapshot(folder):
            return folder
    names = [str(other) for other in list_snapshots(snapshots_home())["name"]]
    raise SnapshotError(
        f"there is no snapshot {str(name)!r}{close_to(str(name), names)}. In {snapshots_home()} are: {listed(names, 20)}; "
        f"{CARRIED!r} is what the project carries. Make one with: potash prices freeze NAME"
    )


def is_snapshot(folder: str | Path) -> bool:
    """Return whether a folder is one of a frozen snapshot."""
    return (Path(folder) / MANIFEST).is_file()


def _summary(place: Path) -> dict[str, object]:
    """Return what :func:`list_snapshots` tells of one snapshot."""
    manifest, intact = {}, False
    with contextlib.suppress(SnapshotError):
        manifest = manifest_of(place)
        verified(place, place.resolve().name)
        intact = True
    series = manifest.get("series", [])
    return {
        **{key: manifest.get(key) for key in ("as_of", "created", "digest")},
        "series": len(series) if manifest else None,
        "first": min((one["first"] for one in series), default=None),
        "last": max((one["last"] for one in series), default=None),
        "intact": intact,
    }


def _checked_name(name: str) -> str:
    if not _NAME.fullmatch(name) or name in _RESERVED:
        raise SnapshotError(
            f"snapshot {name!r}: a name has small letters, digits, '.', '_' and '-', begins with a letter or digit, and is "
            f"not {listed(sorted(_RESERVED))}. Write for example '2026-01-30'."
        )
    return name


def _taken(place: Path) -> SnapshotError:
    return SnapshotError(f"{place}: the name is taken, and a snapshot is never written over. Choose another name.")


def _read(folder: Path, name: str, place: Path) -> FrozenSnapshot:
    """Return the snapshot of this name that lies in ``folder``, as one that lies in ``place``."""
    manifest, data = verified(folder, name)
    values: dict[SeriesKey, pd.DataFrame] = {}
    for file, content in data.items():
        entries = [one for one in manifest["series"] if one["file"] == file]
        try:
            frames = decode(content, [(one["sessions"], one["fields"]) for one in entries])
        except SnapshotError as problem:
            raise SnapshotError(f"{folder / file}: {problem}") from problem
        values |= {SeriesKey(one["provider"], one["symbol"]): f for one, f in zip(entries, frames, strict=True)}
    series = tuple(series_of(one, values[SeriesKey(one["provider"], one["symbol"])]) for one in manifest["series"])
    if content_digest(series) != manifest["digest"]:
        raise SnapshotError(
            f"{folder}: the files are unchanged and read as other values than were written. Install another version of "
            f"pyarrow; it was written with: {listed(f'{k} {v}' for k, v in sorted(manifest['versions'].items()))}."
        )
    created = dt.datetime.fromisoformat(manifest["created"])
    files = {file: facts["sha256"] for file, facts in manifest["files"].items()}
    return FrozenSnapshot(
        name, place, manifest["as_of"], created, manifest["versions"], manifest["digest"], files, series
    )
