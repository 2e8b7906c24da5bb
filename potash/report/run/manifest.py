"""What went into a report and what came out of it: names, checksums, versions. No time stamps, no machine."""

from __future__ import annotations

import json
import platform
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from potash import __version__
from potash.bundled import carried_files, sha256_of, verified
from potash.report.pages.facts import DataDescription
from potash.report.run.marks import price_marks

PACKAGES = ("pandas", "numpy", "scipy", "statsmodels", "exchange_calendars", "matplotlib")


def describe_inputs(
    prices: Path | None,
    events: Path | None,
    universe: Path | None,
    confounders: Path | None = None,
    as_of: object = None,
) -> DataDescription:
    """Return the data that the notebooks will read: carried files, or the user's in their place.

    Raises
    ------
    InputError
        If prices or universe break a rule; nothing has been run by then.
    ChecksumError
        If a carried file was changed.
    """
    from potash.market.load import load_snapshot

    snapshot = load_snapshot(prices, universe, as_of=as_of)
    files = dict(snapshot.files)
    replaced = set()
    if events is not None:
        replaced |= {"events.csv", "evidence.csv"}
        files[events.name] = sha256_of(events)
    if universe is not None:
        replaced.add("universe.csv")
        files[universe.name] = sha256_of(universe)
    if confounders is not None:
        replaced.add("confounders.csv")
        files[confounders.name] = sha256_of(confounders)
    own_monthly = "monthly.parquet" in files
    for path, row in carried_files().items():
        if path.startswith("monthly/") and own_monthly:
            continue
        if not path.startswith("prices/") and path not in replaced:
            verified(path)
            files[path] = row.sha256
    return DataDescription(snapshot.name, dict(sorted(files.items())), price_marks(snapshot.prices))


def versions(packages: Sequence[str] = PACKAGES) -> dict[str, str]:
    """Return the versions that results depend on; a package that is absent is left out."""
    versions = {"potash": __version__, "Python": platform.python_version()}
    for package in packages:
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            continue
    return versions


def write_manifest(folder: Path, content: Mapping[str, Any]) -> None:
    """Write ``manifest.json`` with sorted keys: the same report, the same bytes."""
    text = json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    (folder / "manifest.json").write_text(text, encoding="utf-8", newline="\n")
