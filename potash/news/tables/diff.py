"""What differs: the versions of an event that articles tell, and two builds of a timeline."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from potash.errors import EventsError, listed
from potash.news.records import Article, Claim, Conflict, TimelineEvent

_DATE_COLUMNS = ("date", "date_end", "precision", "time")
_NAMES = ("authorities", "goods", "actors")
# How a claim's tense reads as a version of its event.
TENSES = {"past": "done", "present": "done", "progressive": "under way", "future": "to come"}
_TOLD_AS_FACT = {"done", "decided", "announced", "effective"}
_SPAN = ["article_id", "start", "end"]
_Versions = tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class Build:
    """The events and the evidence of one build, as frames of text."""

    events: pd.DataFrame
    evidence: pd.DataFrame


@dataclass(frozen=True, slots=True)
class Differences:
    """What a build changed.

    Attributes
    ----------
    added, removed : tuple of (str, str)
        Id and title of events that one of the two builds has.
    renamed : tuple of (str, str)
        Old and new id of an event of the same kind whose evidence overlaps.
    changed : tuple of (str, str, str, str)
        New id, column, old value, new value.
    evidence : tuple of (str, int, int)
        New id of an event in both builds, number of its evidence rows that are new, and of those that are gone.
    """

    added: tuple[tuple[str, str], ...] = ()
    removed: tuple[tuple[str, str], ...] = ()
    renamed: tuple[tuple[str, str], ...] = ()
    changed: tuple[tuple[str, str, str, str], ...] = ()
    evidence: tuple[tuple[str, int, int], ...] = ()

    @property
    def summary(self) -> str:
        """How many events were added, removed, renamed and changed, in one line."""
        touched = {row[0] for row in (*self.changed, *self.evidence)}
        counts = {"added": self.added, "removed": self.removed, "renamed": self.renamed, "changed": touched}
        parts = [f"{len(differing)} {word}" for word, differing in counts.items() if differing]
        return f"events: {', '.join(parts)}" if parts else "no difference"

    def lines(self) -> list[str]:
        """Return a line per difference, by event."""
        rows = [(name, f"+ {name}: {title}") for name, title in self.added]
        rows += [(name, f"- {name}: {title}") for name, title in self.removed]
        rows += [(new, f"> {old} is now {new}") for old, new in self.renamed]
        rows += [(name, f"~ {name}: {column} {old!r} -> {new!r}") for name, column, old, new in self.changed]
        for name, more, fewer in self.evidence:
            counts = [
                f"{number} row{'s'[: number - 1]} {word}" for number, word in ((more, "new"), (fewer, "gone")) if number
            ]
            rows.append((name, f"~ {name}: evidence: {', '.join(counts)}"))
        return [line for _, line in sorted(rows, key=lambda row: row[0])]


def compare(old: str | Path, new: str | Path) -> Differences:
    """Return the differences between two folders that ``potash timeline build`` wrote.

    Raises
    ------
    EventsError
        If a folder holds no ``events.csv``, or a file cannot be read as a table.
    """
    return compare_builds(read_build(old), read_build(new))


def read_build(folder: str | Path) -> Build:
    """Return the events and the evidence of a folder; without ``evidence.csv`` there is no evidence.

    Raises
    ------
    EventsError
        If there is no ``events.csv``, a file cannot be read as a table, or a column is absent.
    """
    folder = Path(folder)
    if not (folder / "events.csv").is_file():
        raise EventsError(f"{folder}: no events.csv in it. Give a folder that `potash timeline build` wrote.")
    events = _table(folder / "events.csv", ["event_id", "kind", "title"])
    path = folder / "evidence.csv"
    columns = ["event_id", *_SPAN]
    return Build(events, _table(path, columns) if path.is_file() else pd.DataFrame(columns=columns, dtype=str))


def _table(path: Path, columns: Sequence[str]) -> pd.DataFrame:
    try:
        frame = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        raise EventsError(f"{path}: cannot be read as a table ({error}). Build it again.") from error
    absent = [column for column in columns if column not in frame]
    if absent:
        raise EventsError(f"{path}: no column {listed(absent)}; found {listed(frame.columns, 20)}. Build it again.")
    return frame


def compare_builds(old: Build, new: Build) -> Differences:
    """Return the differences between two builds: events match by id, then by kind and overlapping evidence."""
    before = {str(row["event_id"]): row for row in old.events.astype(str).to_dict("records")}
    after = {str(row["event_id"]): row for row in new.events.astype(str).to_dict("records")}
    rows = {id(build): _rows(build.evidence) for build in (old, new)}
    renamed = _renamed(
        {name: row for name, row in before.items() if name not in after}, rows[id(old)],
        {name: row for name, row in after.items() if name not in before}, rows[id(new)],
    )  # fmt: skip
    former = {name: name for name in after if name in before} | {now: was for was, now in renamed.items()}
    changed: list[tuple[str, str, str, str]] = []
    evidence: list[tuple[str, int, int]] = []
    for name in (name for name in after if name in former):
        was, now = before[former[name]], after[name]
        columns = [column for column in dict.fromkeys((*was, *now)) if column != "event_id"]
        pairs = [(str(column), was.get(column, ""), now.get(column, "")) for column in columns]
        changed += [(name, column, a, b) for column, a, b in pairs if a != b]
        a, b = rows[id(old)][former[name]], rows[id(new)][name]
        evidence += [(name, (b - a).total(), (a - b).total())] if a != b else []
    return Differences(
        tuple((name, row["title"]) for name, row in after.items() if name not in former),
        tuple((name, row["title"]) for name, row in before.items() if name not in after and name not in renamed),
        tuple(renamed.items()),
        tuple(changed),
        tuple(evidence),
    )


_Row = tuple[str, ...]


def _rows(evidence: pd.DataFrame) -> defaultdict[str, Counter[_Row]]:
    """Return the evidence rows of each event, the article and the offsets first."""
    columns = [*_SPAN, *(name for name in evidence.columns if name not in (*_SPAN, "event_id"))]
    rows: defaultdict[str, Counter[_Row]] = defaultdict(Counter)
    cells = evidence[columns].astype(str).itertuples(index=False, name=None)
    for name, row in zip(evidence["event_id"], cells, strict=True):
        rows[name][row] += 1
    return rows


def _renamed(
    old: Mapping[str, Any], old_rows: Mapping[str, Iterable[_Row]], new: Mapping[str, Any], new_rows: Mapping[str, Iterable[_Row]]
) -> dict[str, str]:  # fmt: skip
    places: defaultdict[tuple[str, str], list[tuple[int, int, str]]] = defaultdict(list)
    for name, row in new.items():
        for article, start, end in _spans(new_rows[name]):
            places[row["kind"], article].append((start, end, name))
    common: Counter[tuple[str, str]] = Counter()
    for name, row in old.items():
        for article, start, end in _spans(old_rows[name]):
            for first, last, other in places[row["kind"], article]:
                common[name, other] += start < last and first < end
    renamed: dict[str, str] = {}
    for (was, now), overlap in sorted(common.items(), key=lambda item: (-item[1], item[0])):
        if overlap and was not in renamed and now not in renamed.values():
            renamed[was] = now
    return dict(sorted(renamed.items()))


def _spans(rows: Iterable[_Row]) -> list[tuple[str, int, int]]:
    return sorted({(row[0], int(row[1]), int(row[2])) for row in rows if row[1].isdigit() and row[2].isdigit()})


def contradicted(
    event: TimelineEvent, columns: Mapping[str, str], corrected: Collection[str], articles: Mapping[str, Article]
) -> Callable[[str, str], bool]:
    """Return a function of field and value: whether a version told by articles is not the one that the event shows.

    Parameters
    ----------
    event : TimelineEvent
    shown : mapping
        The event's row of ``events.csv``. A field in conflict without a column there shows its most told version; copies of
        one article tell it once.
    corrected : collection of str
        The columns that people set: every other value of these contradicts.
    articles : mapping of str to Article
    """
    date = f"{columns['date']}/{columns['date_end']}" if columns["date_end"] else columns["date"]
    row = {**columns, "date": date}
    against: set[tuple[str, str]] = set()
    for conflict in event.conflicts:
        values = [value for value, _ in conflict.versions]
        # max takes the first of equals: the version that the event lists first.
        most = max(conflict.versions, key=lambda version: len({articles[a].same_as or a for a in version[1]}))[0]
        # "spelling of Jane Smith" has the usual spelling in it.
        usual = next((value for value in values if value in conflict.field.split()), "")
        shown_here = row.get(conflict.field, usual)
        is_told = any(_agree(conflict.field, value, shown_here) for value in values)
        chosen = shown_here if is_told else most
        against |= {(conflict.field, value) for value in values if not _agree(conflict.field, value, chosen)}
    decided = {name: row[name] for name in ("date", "status", "kind", "time") if name in corrected}

    def differs(name: str, value: str) -> bool:
        column = "date" if name in ("month", "year", "period") else name
        if column in decided:
            return not _agree(column, value, decided[column])
        return bool({(name, value), (name, value.partition("/")[0])} & against)

    return differs


def _agree(name: str, value: str, chosen: str) -> bool:
    """Return whether two versions agree: a month with each of its days, a fact however it is told."""
    if value == chosen or (name == "status" and ("reported" in (value, chosen) or {value, chosen} <= _TOLD_AS_FACT)):
        return True
    return name == "date" and bool(value and chosen) and (_within(value, chosen) or _within(chosen, value))


def _within(date: str, other: str) -> bool:
    """Return whether a date, or a range with a slash, lies within another, as far as both are known."""
    (first, _, last), (start, _, end) = date.partition("/"), other.partition("/")
    last, end = last or first, end or start
    return first[: len(start)] >= start[: len(first)] and last[: len(end)] <= end[: len(last)]


def tells(claim: Claim, name: str, value: str) -> bool:
    """Return whether a claim tells a version of a field in conflict, as far as claims say themselves."""
    if name == "tense":
        return TENSES.get(claim.fields.get("tense", "")) == value
    if name == "date":
        return claim.when is not None and value in (claim.when.date, f"{claim.when.date}/{claim.when.date_end}")
    if name in ("people", "figure"):
        return value in {q.unit if name == "people" else f"{q.value:g}" for q in claim.quantities}
    if name.startswith("spelling of "):
        return (name.removeprefix("spelling of "), value) in spellings(claim)
    return (getattr(claim, name) if name in ("kind", "status") else claim.fields.get(name)) == value


def spellings(claim: Claim) -> list[tuple[str, str]]:
    """Return persons with their surname as it is spelled in the claim."""
    pairs = (pair.partition("=") for pair in claim.fields.get("spellings", "").split("; "))
    return [(name, spelled) for name, _, spelled in pairs if spelled]


def joined(keeper: TimelineEvent, other: TimelineEvent) -> TimelineEvent:
    """Return ``keeper`` with the claims of ``other``; where the two differ, both versions stand as a conflict."""
    conflicts = []
    for name in dict.fromkeys(["kind", "date", "status", *(c.field for c in (*keeper.conflicts, *other.conflicts))]):
        tellers_of: dict[str, tuple[str, ...]] = {}
        for value, tellers in (*_versions(keeper, name), *_versions(other, name)):
            tellers_of[value] = tuple(dict.fromkeys((*tellers_of.get(value, ()), *tellers)))
        conflicts += [Conflict(name, tuple(tellers_of.items()))] if len(tellers_of) > 1 else []
    fields: dict[str, Any] = {n: tuple(dict.fromkeys((*getattr(keeper, n), *getattr(other, n)))) for n in _NAMES}
    figures = {(figure.value, figure.unit, figure.role) for figure in keeper.quantities}
    more = (figure for figure in other.quantities if (figure.value, figure.unit, figure.role) not in figures)
    fields["quantities"] = (*keeper.quantities, *more)
    fields["claims"] = (*keeper.claims, *(claim for claim in other.claims if claim not in keeper.claims))
    return replace(keeper, conflicts=tuple(conflicts), **fields)


def _versions(event: TimelineEvent, name: str) -> _Versions:
    in_conflict = next((conflict.versions for conflict in event.conflicts if conflict.field == name), None)
    if in_conflict is not None or name not in ("kind", "date", "status"):
        return in_conflict or ()
    value = f"{event.date}/{event.date_end}" if name == "date" and event.date_end else str(getattr(event, name))
    return ((value, tuple(dict.fromkeys(claim.article_id for claim in event.claims))),) if value else ()


def narrowed(event: TimelineEvent, claims: Sequence[Claim]) -> TimelineEvent:
    """Return an event of some of its claims, with the names, figures and versions that these tell."""
    tellers = {claim.article_id for claim in claims}
    leaving = [claim for claim in event.claims if claim not in claims]

    def stays(name: str, value: str, teller: str) -> bool:
        is_told = any(tells(claim, name, value) for claim in claims if claim.article_id == teller)
        return is_told or not any(tells(claim, name, value) for claim in leaving if claim.article_id == teller)

    figures = {(figure.value, figure.unit) for claim in claims for figure in claim.quantities}
    fields: dict[str, Any] = {"claims": tuple(claims)}
    for name in _NAMES:
        values = {value for claim in claims for value in getattr(claim, name)}
        fields[name] = tuple(value for value in getattr(event, name) if value in values) or getattr(event, name)
    conflicts = []
    for conflict in event.conflicts:
        remaining = [
            (v, tuple(n for n in names if n in tellers and stays(conflict.field, v, n)))
            for v, names in conflict.versions
        ]
        versions = tuple((value, names) for value, names in remaining if names)
        conflicts += [Conflict(conflict.field, versions)] if len(versions) > 1 else []
    fields["quantities"] = tuple(figure for figure in event.quantities if (figure.value, figure.unit) in figures)
    return replace(event, conflicts=tuple(conflicts), **fields)


def dated_by_claims(event: TimelineEvent) -> TimelineEvent:
    """Return an event with the one date that its claims tell; as it was if they tell none or several."""
    whens = [claim.when for claim in event.claims if claim.when and claim.when.date and not claim.when.bound]
    dates = {tuple(getattr(when, name) for name in _DATE_COLUMNS) for when in whens}
    return replace(event, **dict(zip(_DATE_COLUMNS, dates.pop(), strict=True))) if len(dates) == 1 else event
