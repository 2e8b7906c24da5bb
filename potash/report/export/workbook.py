"""The tables of a report as one Excel workbook: a sheet a table, numbers as numbers, and a sheet of conventions.

Cells are written by type and never guessed: text stays text, so that a title that begins with an equals sign is no formula.
"""

from __future__ import annotations

import csv
import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from potash.errors import ReportError
from potash.report.export.columns import COLUMNS, Kind, column_of
from potash.report.pages.tables import as_it_was

_NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?")
# Excel has no infinity: the words of the pages stand in its place.
_NO_NUMBER = {"inf": "∞", "-inf": "−∞"}
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_LONGEST_NAME, _LONGEST_TEXT, _MOST_ROWS = 31, 32_767, 1_048_576 - 3
_HEADER = 2  # rows above the header: the title and what stands below it
_FORMATS: dict[Kind, str] = {
    "effect": '+0.0\\ %;"−"0.0\\ %;0.0\\ %',
    "share": "0.0\\ %",
    "p": "0.000",
    "statistic": '0.00;"−"0.00',
    "count": '0;"−"0',
    "number": "General",
    "money": '#,##0;"−"#,##0',
    "text": "@",
}
CONVENTIONS = (
    "Returns and effects are fractions shown as percentages: a cell that reads +1.4 % holds 0.014.",
    "Day 0 is the first session of a security's own exchange whose close comes after the announcement.",
    "A window names its first and last session around day 0, both included.",
    "Beyond the market: less what the security usually does when the benchmark moves. Beyond market and control group: less "
    "also what nitrogen and crop names did, so that what is left is specific to potash.",
    "Standard errors of verdicts follow the volatility of the days around the event. p-values are two-sided.",
    "An empty cell is a number that is missing; nothing is filled in.",
)


@dataclass(slots=True)
class _Sheet:
    """A table on its way into the workbook: text as in its file, all rows of the same header."""

    title: str
    files: list[str]
    header: list[str]
    rows: list[list[str]] = field(default_factory=list)


def write_workbook(
    folder: Path, tables: Sequence[Mapping[str, Any]], path: Path, about: Mapping[str, str] | None = None
) -> Path:
    """Write the tables of a report into one workbook and return its path.

    Tables that several events have in common stand on one sheet, with a column that names the event.

    Parameters
    ----------
    folder : Path
        The report.
    tables : sequence of mapping
        As in ``manifest.json``: ``name``, ``title``, ``file`` (a CSV file below the folder) and ``notebook``.
    path : Path
        The workbook; replaced if it is there.
    about : mapping, optional
        What stands on the first sheet: names and texts, for example the snapshot and the day of the newest price.

    Raises
    ------
    ReportError
        If a table is gone or has more rows than a sheet takes.
    """
    import xlsxwriter

    sheets = _sheets(folder, tables)
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(str(path), options)
    # A day that never changes: the same report, the same bytes.
    book.set_properties({"title": "potash", "created": dt.datetime(2000, 1, 1)})
    looks = _Looks(book)
    names = _sheet_names(["Contents", *(sheet.title for sheet in sheets), "Conventions"])
    _write_contents(book.add_worksheet(names[0]), looks, sheets, names[1:-1], about or {})
    for sheet, name in zip(sheets, names[1:-1], strict=True):
        _write_sheet(book.add_worksheet(name), looks, sheet)
    _write_conventions(book.add_worksheet(names[-1]), looks, sheets)
    book.close()
    return path


class _Looks:
    """The formats of a workbook: a few, made once."""

    def __init__(self, book: Any) -> None:
        self.title = book.add_format({"bold": True, "font_size": 13})
        self.soft = book.add_format({"font_color": "#565B61"})
        self.header = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "bottom"})
        self.wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        self.text = book.add_format({"num_format": "@", "valign": "top"})
        self.day = book.add_format({"num_format": "yyyy-mm-dd", "align": "left", "valign": "top"})
        self.numbers = {kind: book.add_format({"num_format": form, "valign": "top"}) for kind, form in _FORMATS.items()}


def _sheets(folder: Path, tables: Iterable[Mapping[str, Any]]) -> list[_Sheet]:
    """Return the sheets: a table each; those of the same name and header on several events' pages stacked."""
    stacked: dict[tuple[str, tuple[str, ...]], _Sheet] = {}
    sheets: list[_Sheet] = []
    for table in tables:
        header, rows = _read(folder / table["file"])
        event = _event_of(table)
        if event is None:
            sheets.append(_Sheet(str(table["title"] or table["name"]), [table["file"]], header, rows))
            continue
        kind = str(table["name"]).removesuffix(f"-{_slug(event)}")
        if "event_id" not in header:
            header, rows = ["event_id", *header], [[event, *row] for row in rows]
        sheet = stacked.get((kind, tuple(header)))
        if sheet is None:
            words = kind.replace("-", " ")
            sheet = stacked[kind, tuple(header)] = _Sheet(f"{words[:1].upper()}{words[1:]}, by event", [], header)
            sheets.append(sheet)
        sheet.files.append(table["file"])
        sheet.rows += rows
    for sheet in sheets:
        if len(sheet.rows) > _MOST_ROWS:
            raise ReportError(
                f"{sheet.files[0]}: {len(sheet.rows):,} rows, and a sheet takes {_MOST_ROWS:,}. Read the CSV file instead."
            )
    return sheets


def _event_of(table: Mapping[str, Any]) -> str | None:
    name = str(table.get("notebook", ""))
    return name.removeprefix("event-") if name.startswith("event-") else None


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def _read(path: Path) -> tuple[list[str], list[list[str]]]:
    try:
        with path.open(encoding="utf-8", newline="") as stream:
            header, *rows = ([as_it_was(text) for text in row] for row in csv.reader(stream))
    except (OSError, ValueError) as error:
        raise ReportError(f"{path.name}: the table cannot be read: {error}. Make the report again.") from error
    return header, rows


def _sheet_names(titles: Sequence[str]) -> list[str]:
    """Return names that Excel takes: at most 31 characters, none of its special ones, each once whatever its case."""
    names: list[str] = []
    for title in titles:
        base = re.sub(r"[\[\]:*?/\\\x00-\x1f]", " ", title).strip().strip("'").strip() or "Table"
        if base.lower() == "history":  # Excel keeps that name for itself
            base = "History of"
        name, number = _cut(base, _LONGEST_NAME), 2
        while name.lower() in {other.lower() for other in names}:
            name = f"{_cut(base, _LONGEST_NAME - len(str(number)) - 1)} {number}"
            number += 1
        names.append(name)
    return names


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1].rstrip(" ,;:'") + "…"


def _write_contents(
    page: Any, looks: _Looks, sheets: Sequence[_Sheet], names: Sequence[str], about: Mapping[str, str]
) -> None:
    page.write_string(0, 0, "Tables of the report", looks.title)
    row = 1
    for name, text in about.items():
        page.write_string(row, 0, name, looks.soft)
        page.write_string(row, 1, text)
        row += 1
    row += 1
    for column, words in enumerate(("Sheet", "Table", "Rows", "File")):
        page.write_string(row, column, words, looks.header)
    page.freeze_panes(row + 1, 0)
    for number, (sheet, name) in enumerate(zip(sheets, names, strict=True), start=row + 1):
        target = name.replace("'", "''")
        page.write_url(number, 0, f"internal:'{target}'!A1", string=name)
        page.write_string(number, 1, sheet.title[:_LONGEST_TEXT])
        page.write_number(number, 2, len(sheet.rows))
        files = sheet.files[0] if len(sheet.files) == 1 else f"{sheet.files[0]} and {len(sheet.files) - 1} more"
        page.write_string(number, 3, files)
    page.set_column(0, 0, 34)
    page.set_column(1, 1, 90)
    page.set_column(3, 3, 50)


def _write_sheet(page: Any, looks: _Looks, sheet: _Sheet) -> None:
    page.write_string(0, 0, sheet.title[:_LONGEST_TEXT], looks.title)
    page.write_url(1, 0, "internal:Contents!A1", looks.soft, "Back to the contents")
    for place, name in enumerate(sheet.header):
        page.write_string(_HEADER, place, name, looks.header)
        values = [row[place] if place < len(row) else "" for row in sheet.rows]
        write, width = _writer(page, looks, name, values)
        page.set_column(place, place, width)
        for number, value in enumerate(values, start=_HEADER + 1):
            if value != "":
                write(number, place, value)
    page.freeze_panes(_HEADER + 1, 1)
    if sheet.rows:
        page.autofilter(_HEADER, 0, _HEADER + len(sheet.rows), max(len(sheet.header) - 1, 0))


def _writer(page: Any, looks: _Looks, name: str, values: Sequence[str]) -> tuple[Any, float]:
    """Return what writes the cells of a column, and its width: by what every cell of it is, not cell by cell."""
    present = [value for value in values if value != ""]
    longest = max((len(value) for value in [name, *present[:200]]), default=8)
    kind = column_of(name).kind
    if present and kind != "text" and all(_NUMBER.fullmatch(value) or value in _NO_NUMBER for value in present):
        look = looks.numbers[kind]
        return (lambda row, place, value: _write_number(page, row, place, value, look)), max(11, len(name) + 2)
    if present and all(_DAY.fullmatch(value) and _is_day(value) for value in present):
        return (
            lambda row, place, value: page.write_datetime(row, place, dt.datetime.fromisoformat(value), looks.day)
        ), max(12, len(name) + 2)
    look = looks.wrapped if longest > 60 else looks.text
    return (lambda row, place, value: _write_text(page, row, place, value, look)), min(60, longest + 2)


def _write_number(page: Any, row: int, place: int, value: str, look: Any) -> None:
    if value in _NO_NUMBER:
        page.write_string(row, place, _NO_NUMBER[value])
    else:
        page.write_number(row, place, float(value), look)


def _is_day(value: str) -> bool:
    try:
        return dt.date.fromisoformat(value) >= dt.date(1900, 3, 1)  # Excel's calendar is wrong before
    except ValueError:
        return False


def _write_text(page: Any, row: int, place: int, value: str, look: Any) -> None:
    if len(value) > _LONGEST_TEXT:
        value = value[: _LONGEST_TEXT - 40] + " … (cut: a cell takes no more)"
    page.write_string(row, place, value, look)


def _write_conventions(page: Any, looks: _Looks, sheets: Sequence[_Sheet]) -> None:
    page.write_string(0, 0, "Conventions", looks.title)
    row = 1
    for text in CONVENTIONS:
        page.write_string(row, 0, text)
        row += 1
    row += 1
    units: dict[Kind, str] = {
        "effect": "fraction, shown in percent with its sign", "share": "fraction, shown in percent", "p": "0 to 1",
        "statistic": "without a unit", "count": "number", "number": "number", "money": "US dollars", "text": "text",
    }  # fmt: skip
    for place, words in enumerate(("Column", "Unit", "Meaning")):
        page.write_string(row, place, words, looks.header)
    used = dict.fromkeys(name for sheet in sheets for name in sheet.header)
    for name in used:
        column = column_of(name)
        if name in COLUMNS or column.meaning:
            row += 1
            for place, text in enumerate((name, units[column.kind], column.meaning)):
                page.write_string(row, place, text)
    page.set_column(0, 0, 30)
    page.set_column(1, 1, 42)
    page.set_column(2, 2, 90)
