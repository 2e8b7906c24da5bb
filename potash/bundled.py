"""The files that potash carries: where they lie, where they come from, and whether they are unchanged.

In a checkout they are ``data/`` and ``notebooks/`` beside the package; in an installed wheel they lie inside it.
"""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from potash.errors import ChecksumError, InputError, listed

_PACKAGE = Path(__file__).resolve().parent


@dataclass(frozen=True, slots=True)
class CarriedFile:
    """One row of SOURCES.toml.

    Attributes
    ----------
    path : str
        Path below ``data/`` with forward slashes.
    sha256 : str
        Checksum of the bytes that the row describes.
    source, retrieved, licence, adjustment, note : str
        Where the figures come from, as known when, on what basis they are carried, how prices are adjusted.
    series : tuple of dict
        For price files: rows with ``tickers``, ``adjustment``, ``known_as_of`` and ``note``.
    """

    path: str
    sha256: str
    source: str
    retrieved: str
    licence: str
    adjustment: str = ""
    note: str = ""
    series: tuple[dict[str, Any], ...] = field(default=())


def _folder(name: str) -> Path:
    for candidate in (_PACKAGE / "_carried" / name, _PACKAGE.parent / name):
        if candidate.is_dir():
            return candidate
    raise InputError(
        f"the folder {name!r} that potash carries is missing: looked in {_PACKAGE / '_carried'} and {_PACKAGE.parent}. "
        "Install potash again."
    )


def data_dir() -> Path:
    """Return the folder of carried figures, timeline and universe."""
    return _folder("data")


def notebooks_dir() -> Path:
    """Return the folder of carried notebooks."""
    return _folder("notebooks")


@cache
def carried_files() -> dict[str, CarriedFile]:
    """Return the rows of SOURCES.toml by path."""
    with (data_dir() / "SOURCES.toml").open("rb") as stream:
        rows = tomllib.load(stream)["file"]
    files = [CarriedFile(**{**row, "series": tuple(row.get("series", ()))}) for row in rows]
    return {file.path: file for file in files}


def sha256_of(path: Path) -> str:
    """Return the SHA-256 checksum of a file as hexadecimal digits."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def verified(relative: str, root: Path | None = None) -> Path:
    """Return the path of a carried file after comparing its checksum with SOURCES.toml.

    Parameters
    ----------
    relative : str
        Path below ``data/``, for example ``"prices/daily_2024_2026.csv"``.
    root : Path, optional
        Another folder to look in; the carried one by default.

    Raises
    ------
    ChecksumError
        If the file is missing, not described, or not the one described.
    """
    files = carried_files()
    if relative not in files:
        raise ChecksumError(f"{relative}: no row in SOURCES.toml. Described are: {listed(files, 20)}.")
    path = (root or data_dir()) / relative
    if not path.is_file():
        raise ChecksumError(f"{path}: the file is missing, though SOURCES.toml describes it. Restore it.")
    checksum = sha256_of(path)
    if checksum != files[relative].sha256:
        raise ChecksumError(
            f"{path}: sha256 {checksum[:12]}... differs from {files[relative].sha256[:12]}... in SOURCES.toml: the file was "
            "changed after it was described. Restore it, or hand your own files over with folder=, events= or universe=."
        )
    return path
