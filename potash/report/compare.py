"""What differs between two reports: prices, events, verdicts, settings and tables, in short sentences."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from potash.errors import ReportError
from potash.report.run.folders import read_manifest
from potash.report.run.marks import MARKS, PriceChanges, changed_prices

_MINUS = "\u2212"
# Below this an estimate is the same: a tenth of what is shown.
_SAME = 0.00005


@dataclass(frozen=True, slots=True)
class VerdictChange:
    """A verdict that is another one, or whose estimate moved by what a reader would see.

    Attributes
    ----------
    event_id : str
        ``"pool"`` for all signed events together.
    title : str
    old_outcome, new_outcome : str
    old_estimate, new_estimate : float or None
        Fractions.
    """

    event_id: str
    title: str
    old_outcome: str
    new_outcome: str
    old_estimate: float | None
    new_estimate: float | None

    @property
    def is_another(self) -> bool:
        """Whether the outcome itself is another one, and not the estimate alone."""
        return self.old_outcome != self.new_outcome

    def __str__(self) -> str:
        old, new = _percent(self.old_estimate), _percent(self.new_estimate)
        if old == new:  # moved by less than is shown elsewhere
            old, new = _percent(self.old_estimate, 2), _percent(self.new_estimate, 2)
        estimates = f"{old} \u2192 {new}"
        if self.is_another:
            return f"{self.title}: {self.old_outcome} \u2192 {self.new_outcome} ({estimates})"
        return f"{self.title}: {self.new_outcome} as before ({estimates})"


@dataclass(frozen=True, slots=True)
class Comparison:
    """What differs between two reports.

    Attributes
    ----------
    old, new : str
        Names of their folders.
    prices : PriceChanges or None
        Sessions added, rewritten and gone; ``None`` if one of the reports does not say.
    events_added, events_gone : tuple of str
        Events that are studied in one of them only.
    verdicts : tuple of VerdictChange
    settings : tuple of str
        Parameters, and versions of packages, that differ.
    files : tuple of str
        Input files that differ.
    tables : tuple of str
        Published tables that differ, or stand in one only.
    """

    old: str
    new: str
    prices: PriceChanges | None
    events_added: tuple[str, ...]
    events_gone: tuple[str, ...]
    verdicts: tuple[VerdictChange, ...]
    settings: tuple[str, ...]
    files: tuple[str, ...]
    tables: tuple[str, ...]

    @property
    def same(self) -> bool:
        """Whether nothing differs."""
        return not (
            (self.prices and self.prices.any) or self.events_added or self.events_gone or self.verdicts
            or self.settings or self.files or self.tables
        )  # fmt: skip

    @property
    def word(self) -> str:
        """The comparison in a word or two: what a card of the first page shows."""
        others = sum(change.is_another for change in self.verdicts)
        if others:
            return f"{others} verdict{'s' if others > 1 else ''} changed"
        events = {"new": len(self.events_added), "gone": len(self.events_gone)}
        if any(events.values()):
            return " and ".join(f"{n} event{'s' if n > 1 else ''} {what}" for what, n in events.items() if n)
        return "numbers moved" if self.verdicts else "verdicts as before"

    def sentences(self) -> tuple[str, ...]:
        """Return the comparison in short sentences, the most important first."""
        lines = [f"{change}." for change in self.verdicts if change.is_another]
        lines += [f"New: {title}." for title in self.events_added]
        lines += [f"No longer studied: {title}." for title in self.events_gone]
        if not lines:
            lines = ["Verdicts as before."]
        moved = [change for change in self.verdicts if not change.is_another]
        lines += [f"{change}." for change in moved]
        if self.prices is not None:
            lines.append(str(self.prices))
        if self.settings:
            lines.append(f"Settings: {'; '.join(self.settings)}.")
        return tuple(lines)

    def as_json(self) -> dict[str, Any]:
        """Return the comparison as a record of plain values."""
        return {"same": self.same, "word": self.word, "sentences": list(self.sentences()), **asdict(self)}


def compare_reports(
    old: str | Path, new: str | Path, *, manifest: Mapping[str, Any] | None = None, name: str = ""
) -> Comparison:
    """Return what differs between two reports: prices, events, verdicts, settings, files and tables.

    Parameters
    ----------
    old, new : path
        Their folders, for example those below ``reports``.
    manifest : mapping, optional
        Of the new one, where it is not written yet.
    name : str
        Of the new one, where its folder has not got it yet.

    Raises
    ------
    ReportError
        If a folder is no report.

    Examples
    --------
    >>> import json, pathlib, tempfile, potash
    >>> folder = pathlib.Path(tempfile.mkdtemp())
    >>> for day, window in (("monday", [0, 0]), ("tuesday", [-1, 1])):
    ...     (folder / day).mkdir()
    ...     manifest = {"parameters": {"window": window}}
    ...     _ = (folder / day / "manifest.json").write_text(json.dumps(manifest))
    >>> change = potash.compare_reports(folder / "monday", folder / "tuesday")
    >>> change.same, change.settings
    (False, ('window [0, 0] → [-1, 1]',))
    """
    old, new = Path(old), Path(new)
    for folder in [old] if manifest is not None else [old, new]:
        if not any((folder / name).is_file() for name in ("manifest.json", "highlights.json")):
            raise ReportError(
                f"{folder}: not a report of potash. Give the folder of a report, for example reports/latest."
            )
    ours, theirs = dict(manifest or read_manifest(new) or {}), read_manifest(old) or {}
    before, after = _verdicts(old), _verdicts(new)
    return Comparison(
        old=old.resolve().name,
        new=name or new.resolve().name,
        prices=changed_prices(old / MARKS, new / MARKS),
        events_added=tuple(after[event]["title"] for event in after if event not in before),
        events_gone=tuple(before[event]["title"] for event in before if event not in after),
        verdicts=tuple(_changes(before, after)),
        settings=(*_differing(theirs, ours, "parameters"), *_differing(theirs, ours, "versions")),
        files=tuple(_names(_part(theirs.get("data"), "files"), _part(ours.get("data"), "files"))),
        tables=tuple(_names(_digests(theirs.get("tables")), _digests(ours.get("tables")))),
    )


def _verdicts(folder: Path) -> dict[str, dict[str, Any]]:
    """Return title, outcome and estimate by event, and of the pool; from the table of verdicts in a report of 0.1.0."""
    try:
        content = json.loads((folder / "highlights.json").read_bytes())
    except (OSError, ValueError):
        content = None
    if not isinstance(content, dict) or not isinstance(content.get("events"), list):
        # Of the portfolios of an event the first one is its headline.
        rows = list(_verdicts_of_table(folder / "tables" / "verdicts.csv"))
        return dict(rows[::-1])
    verdicts = {
        str(event["event_id"]): _verdict(
            event.get("title") or event["event_id"], event.get("outcome"), event.get("CAR")
        )
        for event in content["events"]
        if isinstance(event, dict) and event.get("event_id")
    }
    pool = content.get("pool")
    if isinstance(pool, dict) and pool.get("outcome"):
        verdicts["pool"] = _verdict("All signed events together", pool["outcome"], pool.get("average"))
    return verdicts


def _verdict(title: object, outcome: object, estimate: object) -> dict[str, Any]:
    number = float(estimate) if isinstance(estimate, (int, float)) else None
    return {"title": str(title), "outcome": str(outcome or "unknown"), "estimate": number}


def _verdicts_of_table(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    try:
        with path.open(encoding="utf-8", newline="") as stream:
            rows = list(csv.DictReader(stream))
    except (OSError, ValueError):
        return
    for row in rows:
        if {"event_id", "outcome", "CAR"} <= set(row):
            try:
                number = float(row["CAR"])
            except ValueError:
                number = None
            yield row["event_id"], _verdict(row.get("title") or row["event_id"], row["outcome"], number)


def _changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[VerdictChange]:
    for event, new in after.items():
        old = before.get(event)
        if old is None:
            continue
        estimates = old["estimate"], new["estimate"]
        same = estimates[0] == estimates[1] or (None not in estimates and abs(estimates[0] - estimates[1]) < _SAME)
        if old["outcome"] != new["outcome"] or not same:
            yield VerdictChange(event, new["title"], old["outcome"], new["outcome"], *estimates)


def _differing(old: Mapping[str, Any], new: Mapping[str, Any], part: str) -> Iterator[str]:
    before, after = _part(old, part), _part(new, part)
    for name in sorted({*before, *after}):
        if before.get(name) != after.get(name):
            yield f"{name} {_shown(before, name)} \u2192 {_shown(after, name)}"


def _shown(values: Mapping[str, Any], name: str) -> str:
    return str(values[name]) if name in values else "not set"


def _part(record: object, name: str) -> dict[str, Any]:
    part = record.get(name) if isinstance(record, dict) else None
    return part if isinstance(part, dict) else {}


def _digests(items: Sequence[Mapping[str, Any]] | None) -> dict[str, Any]:
    return {str(item.get("name")): item.get("sha256") for item in items or () if isinstance(item, dict)}


def _names(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    return [name for name in sorted({*old, *new}) if old.get(name) != new.get(name)]


def _percent(value: float | None, decimals: int = 1) -> str:
    if value is None:
        return "no estimate"
    return f"{value * 100:+.{decimals}f}\u00a0%".replace("-", _MINUS)
