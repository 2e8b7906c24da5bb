"""What a report states of its data, and what its notebooks published: files with checksums, and verdicts."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
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
    marks : dict
        Digests of prices by session and ticker: see :func:`potash.report.run.marks.price_marks`; may be empty.
    """

    snapshot: str
    files: dict[str, str]
    marks: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Published:
    """What the notebooks published, in the order of the notebooks and of their cells.

    Attributes
    ----------
    tables, figures : list of dict
        ``notebook name title file sha256 bytes``, and ``rows`` for a table, ``alt`` and ``files`` (SVG, PNG and, where there
        is one, CSV of its data) for a figure.
    highlights : list of dict
        ``notebook text tone heading``.
    """

    tables: list[dict[str, Any]] = field(default_factory=list)
    figures: list[dict[str, Any]] = field(default_factory=list)
    highlights: list[dict[str, str]] = field(default_factory=list)


def page_of_event(event_id: str) -> str:
    """Return the name of an event's page, without its ending; an id that is no file name everywhere gets a short digest.

    Examples
    --------
    >>> page_of_event("2025-12-13-us-lifts-potash")
    'event-2025-12-13-us-lifts-potash'
    """
    if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,150}", event_id):
        return f"event-{event_id}"
    plain = re.sub(r"[^A-Za-z0-9]+", "-", event_id).strip("-")[:100]
    return f"event-{plain}-{blake2b(event_id.encode(), digest_size=4).hexdigest()}".replace("--", "-")


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
        items = published.tables if kind == "table" else published.figures
        files = {file for item in items for file in (item["file"], *item.get("files", ()))}
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
