"""What a report states of its data, and what its notebooks published: files with checksums, and verdicts."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from potash.bundled import sha256_of
from potash.errors import NotebookError
from potash.report.pages.publish import RECORDS


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


def collect_published(folder: Path, notebooks: Sequence[str]) -> Published:
    """Return what the notebooks published below a folder, with checksums.

    A file in ``tables/`` or ``figures/`` that no Publisher wrote is listed under its own name, at the end.

    Raises
    ------
    NotebookError
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
        raise NotebookError(
            f"{other} and {entry['notebook']} both publish the {kind} {entry['name']!r}: the second replaced the "
            "first. Give them different names."
        )
    facts = {key: value for key, value in entry.items() if key != "kind"}
    items.append({**facts, **file_facts(folder, file)})


def file_facts(folder: Path, file: str) -> dict[str, Any]:
    """Return path, checksum and size of a file of the report."""
    path = folder / file
    if not path.is_file():
        raise NotebookError(
            f"{file} was published and is gone: a notebook removed it. Leave the report's folders alone."
        )
    return {"file": file, "sha256": sha256_of(path), "bytes": path.stat().st_size}
