"""The manifest of a frozen snapshot: what it says, its own checksum, and whether the files are those it describes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from potash.errors import SnapshotError, close_to, listed
from potash.market.series import PriceSeries, SeriesKey
from potash.market.snapshots.tables import content_digest, table_of

FORMAT = 1
MANIFEST = "manifest.json"


def manifest_bytes(
    said: Mapping[str, object], series: Sequence[PriceSeries], files: Mapping[str, tuple[bytes, int]]
) -> bytes:
    """Return the text of the manifest of sorted series and their files.

    Parameters
    ----------
    said : mapping
        Name, ``as_of``, ``created`` and ``versions``.
    series : sequence of PriceSeries
        Sorted by key.
    files : mapping
        File name to its bytes and its number of rows.
    """
    manifest = {
        "format": FORMAT,
        **said,
        "series": [_entry(one) for one in series],
        "files": {
            file: {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data), "rows": rows}
            for file, (data, rows) in files.items()
        },
        "digest": content_digest(series),
    }
    return _sealed(manifest)


def _entry(one: PriceSeries) -> dict[str, Any]:
    values = one.values
    return {
        "provider": one.key.provider,
        "symbol": one.key.symbol,
        "ticker": one.ticker,
        "facts": one.facts,
        "adjustment": one.adjustment,
        "source": one.source,
        "known_from": one.known_from and list(one.known_from),
        "revisions": {},  # readers of format 1 look for it
        "file": table_of(one),
        "sessions": len(values),
        "first": f"{values.index[0]:%Y-%m-%d}",
        "last": f"{values.index[-1]:%Y-%m-%d}",
        "fields": list(values.columns),
        "observations": {str(name): int(count) for name, count in values.notna().sum().items()},
    }


def _text(manifest: Mapping[str, Any]) -> bytes:
    return (json.dumps(manifest, indent=1, sort_keys=True) + "\n").encode()


def _sealed(manifest: Mapping[str, Any]) -> bytes:
    """Return the text of a manifest with a checksum over all the rest of it."""
    return _text({**manifest, "seal": hashlib.sha256(_text(manifest)).hexdigest()})


def series_of(entry: Mapping[str, Any], values: pd.DataFrame) -> PriceSeries:
    """Return the series that an entry of the manifest describes."""
    learnt = entry["known_from"]
    return PriceSeries(
        SeriesKey(entry["provider"], entry["symbol"]),
        values,
        entry["facts"],
        source=entry["source"],
        ticker=entry["ticker"],
        adjustment=entry["adjustment"],
        known_from=None if learnt is None else (learnt[0], learnt[1]),
    )


def tables_in(folder: Path) -> set[str]:
    """Return the names of the Parquet files of a folder."""
    return {path.name for path in folder.iterdir() if path.suffix.lower() == ".parquet"}


def verified(folder: Path, name: str) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Return the manifest of a snapshot and the bytes of its tables, after comparing their checksums.

    Raises
    ------
    SnapshotError
        If there is no snapshot, its format is not known, or a file is missing, changed or not its own.
    """
    if not folder.is_dir():
        others = (
            sorted(p.name for p in folder.parent.iterdir() if (p / MANIFEST).is_file())
            if folder.parent.is_dir()
            else []
        )
        raise SnapshotError(
            f"{folder}: there is no such snapshot{close_to(folder.name, others)}. Snapshots there: {listed(others, 20)}."
        )
    manifest = manifest_of(folder)
    if manifest["name"] != name:
        raise SnapshotError(f"{folder}: its manifest names {manifest['name']!r}. Give the folder that name again.")
    described = set(manifest["files"])
    for file in sorted(tables_in(folder) - described):
        raise SnapshotError(f"{folder / file}: not a file of this snapshot. Remove it; new prices need a new snapshot.")
    data = {}
    for file in sorted(described):
        data[file] = _bytes(folder / file)
        checksum, expected = hashlib.sha256(data[file]).hexdigest(), manifest["files"][file]["sha256"]
        if checksum != expected:
            raise SnapshotError(
                f"{folder / file}: sha256 {checksum[:12]}... differs from {expected[:12]}... in {MANIFEST}: the file was "
                "changed after it was frozen. Restore it from a copy, or freeze again under a new name."
            )
    return manifest, data


def manifest_of(folder: Path) -> dict[str, Any]:
    """Return the manifest of a snapshot; raise :class:`SnapshotError` if it is missing, changed, or of another format."""
    path = folder / MANIFEST
    data = _bytes(path)
    changed = SnapshotError(
        f"{path}: changed after it was frozen: it does not match its own checksum. Restore it from a copy, or freeze again "
        "under a new name."
    )
    try:
        manifest = json.loads(data)
    except ValueError as problem:
        raise changed from problem
    if not isinstance(manifest, dict) or "seal" not in manifest:
        raise changed
    if manifest.get("format") != FORMAT:
        raise SnapshotError(
            f"{path}: format {manifest.get('format')!r}; this version of potash reads format {FORMAT}. Install the version "
            "that wrote it, or a later one."
        )
    if _sealed({key: value for key, value in manifest.items() if key != "seal"}) != data:
        raise changed
    return manifest


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError as problem:
        raise SnapshotError(
            f"{path}: missing from the snapshot. Restore it from a copy, or freeze again under a new name."
        ) from problem
    except OSError as problem:
        raise SnapshotError(f"{path}: cannot be read ({problem.strerror}). Check who may read it.") from problem
