"""The workbook of the Pink Sheet: its sheet of monthly prices as numbers, wherever in the sheet the table begins."""

from __future__ import annotations

import io
import re
import warnings
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from potash.errors import BadAnswerError, listed
from potash.market.providers.web import Download

SHEET = "Monthly Prices"
MISSING = ("...", "\u2026", "")

MONTH = re.compile(r"(\d{4})M(0[1-9]|1[0-2])")
UPDATED = re.compile(r"updated on\s+(\w+ \d{1,2}, \d{4})", re.IGNORECASE)
# What openpyxl raises where a file is no workbook, or one that is cut or damaged in any of its parts.
BROKEN_WORKBOOK = (
    zipfile.BadZipFile, zlib.error, EOFError, OSError, KeyError, ValueError, TypeError, AttributeError, IndexError,
    SyntaxError, RuntimeError,
)  # fmt: skip

Cell: TypeAlias = object
Rows: TypeAlias = Sequence[tuple[Cell, ...]]


@dataclass(frozen=True, slots=True)
class Column:
    """One series of the sheet.

    Attributes
    ----------
    name : str
        As printed, with the asterisks that refer to a footnote.
    unit : str
        As printed, without parentheses: ``$/mt``.
    fault : str or None
        The first cell that is neither a number nor a marker of a missing value; the series is refused for it.
    """

    name: str
    unit: str
    fault: str | None


@dataclass(frozen=True, slots=True, eq=False)
class PriceSheet:
    """The sheet of monthly prices.

    Attributes
    ----------
    values : DataFrame of shape (n_months, n_series)
        Index: first days of months, one after the other without a gap. Columns: symbols. NaN where the sheet has a
        marker of a missing value, or an empty cell.
    columns : mapping of str to Column
        By symbol.
    updated : Timestamp or None
        The day of the sheet's own line ``Updated on ...``.
    url : str
        Where it came from.
    """

    values: pd.DataFrame
    columns: Mapping[str, Column]
    updated: pd.Timestamp | None
    url: str

    @property
    def last_month(self) -> pd.Timestamp:
        """The last month in which any series has a price."""
        months = self.values.dropna(how="all").index
        if not len(months):
            raise BadAnswerError(f"{self.url}: sheet {SHEET!r} has no price in any month.")
        return months[-1]


def read_workbook(download: Download) -> PriceSheet:
    """Return the sheet of monthly prices of a workbook.

    Parameters
    ----------
    download : Download
        The workbook as it came.

    Raises
    ------
    BadAnswerError
        If it is no workbook, has no such sheet, or names, units or months break a rule; the message names the cell. A
        price that is no number is a fault of its column, which :class:`Column` carries.
    """
    rows = _rows(download)
    where = f"{download.url}: sheet {SHEET!r}"
    top, left = _first_month(where, rows)
    units_at = next((n for n in range(top - 1, -1, -1) if any(map(_in_parentheses, rows[n][left + 1 :]))), None)
    names_at = next((n for n in range((units_at or 0) - 1, -1, -1) if any(map(_text, rows[n][left + 1 :]))), None)
    if units_at is None or names_at is None:
        raise BadAnswerError(f"{where}: no row of units like ($/mt) under a row of names above row {top + 1}.")
    months, body = _months(where, rows, top, left)
    columns: dict[str, Column] = {}
    prices: dict[str, list[float]] = {}
    for at in range(left + 1, max(map(len, rows))):
        name, unit = _text(_at(rows[names_at], at)), _text(_at(rows[units_at], at)).strip("()").strip()
        cells = {_place(n, at): _at(rows[n], at) for n in body}
        if not name and not unit and not any(map(_text, cells.values())):
            continue
        symbol = _symbol(name)
        if not symbol or not unit:
            raise BadAnswerError(f"{where}: column {_place(names_at, at)} has the name {name!r} and the unit {unit!r}.")
        if symbol in columns:
            raise BadAnswerError(f"{where}: {columns[symbol].name!r} and {name!r} are both called {symbol}.")
        columns[symbol] = Column(name, unit, _fault(cells))
        prices[symbol] = [_price(cell) for cell in cells.values()]
    values = pd.DataFrame(prices, index=months, dtype=np.float64)
    return PriceSheet(values, columns, _updated(rows[:top]), download.url)


def _rows(download: Download) -> Rows:
    import openpyxl

    try:
        # openpyxl warns of styles and extensions that it does not keep; nothing here depends on them.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            book = openpyxl.load_workbook(io.BytesIO(download.body), read_only=True, data_only=True)
            names = list(book.sheetnames)
            rows = _cells(book[SHEET]) if SHEET in names else None
    except BROKEN_WORKBOOK as problem:
        raise BadAnswerError(
            f"{download.url}: not a whole workbook ({type(problem).__name__}: {problem}), but {download.beginning()}."
        ) from problem
    if rows is None:
        raise BadAnswerError(f"{download.url}: no sheet {SHEET!r}; the workbook has {listed(names)}.")
    return rows


def _cells(sheet: Any) -> Rows:
    # The extent that a sheet states about itself may be too small; without it every cell is read.
    sheet.reset_dimensions()
    return list(sheet.iter_rows(values_only=True))


def _first_month(where: str, rows: Rows) -> tuple[int, int]:
    places = ((n, at) for n, row in enumerate(rows) for at, cell in enumerate(row) if MONTH.fullmatch(_text(cell)))
    first = next(places, None)
    if first is None:
        raise BadAnswerError(f"{where}: no cell like 1960M01, so no row of prices.")
    return first


def _months(where: str, rows: Rows, top: int, left: int) -> tuple[pd.DatetimeIndex, list[int]]:
    """Return the months and the positions of their rows; text under the table is not part of it."""
    months: list[tuple[int, pd.Period]] = []
    for n in range(top, len(rows)):
        match = MONTH.fullmatch(_text(_at(rows[n], left)))
        if match:
            months.append((n, pd.Period(f"{match[1]}-{match[2]}", "M")))
        elif any(isinstance(cell, int | float) for cell in rows[n][left + 1 :]):
            label = _at(rows[n], left)
            raise BadAnswerError(f"{where}: cell {_place(n, left)} holds {label!r}, which is no month like 1960M01.")
    for (_, before), (n, month) in pairwise(months):
        if month != before + 1:
            rule = "stands twice" if month == before else f"follows {before}: months are missing or out of order"
            raise BadAnswerError(f"{where}: cell {_place(n, left)}: the month {month} {rule}.")
    index = pd.PeriodIndex([month for _, month in months], freq="M", name="session")
    return index.to_timestamp(), [n for n, _ in months]


def _at(row: tuple[Cell, ...], position: int) -> Cell:
    return row[position] if position < len(row) else None


def _text(cell: Cell) -> str:
    return "" if cell is None else " ".join(str(cell).split())


def _in_parentheses(cell: Cell) -> bool:
    return re.fullmatch(r"\(.+\)", _text(cell)) is not None


def _is_number(cell: Cell) -> bool:
    return isinstance(cell, int | float) and not isinstance(cell, bool) and bool(np.isfinite(cell))


def _fault(cells: Mapping[str, Cell]) -> str | None:
    """Return a sentence on the first cell that is neither a number nor missing, or ``None``."""
    for place, cell in cells.items():
        missing = cell is None or (isinstance(cell, str) and cell.strip() in MISSING)
        if not missing and not _is_number(cell):
            markers = listed(map(repr, MISSING))
            return (
                f"sheet {SHEET!r}, cell {place} holds {cell!r}: no number, and no marker of a missing one ({markers})."
            )
    return None


def _price(cell: Cell) -> float:
    return float(cell) if isinstance(cell, int | float) and _is_number(cell) else np.nan


def _symbol(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")


def _place(row: int, position: int) -> str:
    from openpyxl.utils import get_column_letter

    return f"{get_column_letter(position + 1)}{row + 1}"


def _updated(rows: Rows) -> pd.Timestamp | None:
    texts: Iterator[str] = (_text(cell) for row in rows for cell in row)
    line = next((match for match in map(UPDATED.search, texts) if match), None)
    try:
        return pd.Timestamp(line[1]) if line else None
    except ValueError:
        return None
