"""What went into a report and what came out of it: names, checksums, versions. No time stamps, no machine."""

from __future__ import annotations

import json
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from potash._version import __version__
from potash.bundled import carried_files, sha256_of, verified
from potash.errors import ReportError
from potash.report.publish import RECORDS

PACKAGES = ("pandas", "numpy", "scipy", "statsmodels", "exchange_calendars", "matplotlib")


@dataclass(frozen=True, slots=True)
class DataDescription:
    """The data of a report.

    Attributes
    ----------
    snapshot : str
        Name of the price snapshot.
    files : dict
        Path or name of each file to its sha256.
    """

    snapshot: str
    files: dict[str, str]


@dataclass(slots=True)
class Published:
    """What the notebooks published, in the order of the notebooks and of their cells.

    Attributes
    ----------
    tables, figures : list of dict
        ``notebook name title file sha256 bytes``, and ``rows`` for a table.
    highlights : list of dict
        ``notebook text tone heading``.
    """

    tables: list[dict[str, Any]] = field(default_factory=list)
    figures: list[dict[str, Any]] = field(default_factory=list)
    highlights: list[dict[str, str]] = field(default_factory=list)


def describe_inputs(prices: Path | None, events: Path | None, universe: Path | None) -> DataDescription:
    """Return the data that the notebooks will read: carried files, or the user's in their place.

    Raises
    ------
    InputError
        If prices or universe break a rule; nothing has been run by then.
    ChecksumError
        If a carried file was changed.
    """
    from potash.market.load import load_snapshot

    snapshot = load_snapshot(prices, universe)
    files = dict(snapshot.files)
    replaced = set()
    if events is not None:
        replaced |= {"events.csv", "evidence.csv"}
        files[events.name] = sha256_of(events)
    if universe is not None:
        replaced.add("universe.csv")
        files[universe.name] = sha256_of(universe)
    own_monthly = "monthly.parquet" in files
    for path, row in carried_files().items():
        if path.startswith("monthly/") and own_monthly:
            continue
        if not path.startswith("prices/") and path not in replaced:
            verified(path)
            files[path] = row.sha256
    return DataDescription(snapshot.name, dict(sorted(files.items())))


def versions(packages: Sequence[str] = PACKAGES) -> dict[str, str]:
    """Return the versions that results depend on; a package that is absent is left out."""
    versions = {"potash": __version__, "Python": platform.python_version()}
    for package in packages:
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            continue
    return versions


def collect_published(folder: Path, notebooks: Sequence[str]) -> Published:
    """Return what the notebooks published below a folder, with checksums.

    A file in ``tables/`` or ``figures/`` that no Publisher wrote is listed under its own name, at the end.

    Raises
    ------
    ReportError
        If two notebooks published under the same name.
    """
    published = Published()
    for notebook in notebooks:
        record = folder / RECORDS / f"{notebook}.json"
        for entry in json.loads(record.read_text(encoding="utf-8")) if record.is_file() else []:
            if entry["kind"] == "highlight":
                facts = {name: entry[name] for name in ("text", "tone", "heading")}
                published.highlights.append({"notebook": notebook, **facts})
            else:
                _add(published, folder, entry["kind"], {**entry, "notebook": notebook})
    for kind, below in (("table", "tables"), ("figure", "figures")):
        files = {item["file"] for item in (published.tables if kind == "table" else published.figures)}
        for path in sorted((folder / below).glob("*")):
            if path.is_file() and f"{below}/{path.name}" not in files:
                entry = {"name": path.stem, "title": path.name, "file": f"{below}/{path.name}"}
                _add(published, folder, kind, {**entry, "notebook": ""})
    return published


def _add(published: Published, folder: Path, kind: str, entry: Mapping[str, Any]) -> None:
    items = published.tables if kind == "table" else published.figures
    file = str(
        entry.get("file") or (f"tables/{entry['name']}.csv" if kind == "table" else f"figures/{entry['name']}.png")
    )
    other = next((item["notebook"] for item in items if item["file"] == file), None)
    if other is not None:
        raise ReportError(
            f"{other} and {entry['notebook']} both publish the {kind} {entry['name']!r}: the second replaced the "
            "first. Give them different names."
        )
    facts = {key: value for key, value in entry.items() if key != "kind"}
    items.append({**facts, **file_facts(folder, file)})


def file_facts(folder: Path, file: str) -> dict[str, Any]:
    """Return path, checksum and size of a file of the report."""
    path = folder / file
    if not path.is_file():
        raise ReportError(f"{file} was published and is gone: a notebook removed it. Leave the report's folders alone.")
    return {"file": file, "sha256": sha256_of(path), "bytes": path.stat().st_size}


def write_manifest(folder: Path, content: Mapping[str, Any]) -> None:
    """Write ``manifest.json`` with sorted keys: the same report, the same bytes."""
    text = json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    (folder / "manifest.json").write_text(text, encoding="utf-8", newline="\n")
