"""Price files and frames become wide frames of positive closes, strictly: what breaks a rule is an error, not a guess.

Three layouts are read. *Wide*: a ``date`` column and one column per ticker. *Long*: ``date``, ``ticker`` and a close.
*Single*: the file's stem is the ticker, with ``date`` and a close. In long and single files the close is the first of
``adj_close``, ``Adj Close``, ``close``, ``last`` that is there; other columns are left unread. Dates are written
``YYYY-MM-DD``, oldest first or newest first. Empty cells are missing prices.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd

from potash.csvtext import TextTable, read_text_table
from potash.errors import PricesError, close_to, listed
from potash.market.cells import date_of, month_of, price_of
from potash.market.frames import check_prices, check_unique

__all__ = [
    "ADJUSTED",
    "NOT_STATED",
    "PriceFile",
    "check_prices",
    "read_folder",
    "read_monthly_csv",
    "read_price_file",
    "read_wide_csv",
]

ADJUSTED = "adjusted (provider)"
NOT_STATED = "not stated"

_CLOSES = {"adj_close": ADJUSTED, "adj close": ADJUSTED, "close": NOT_STATED, "last": NOT_STATED}
_BAR_FIELDS = {"open", "high", "low", "volume", "price"}


@dataclass(frozen=True, slots=True)
class PriceFile:
    """What one file holds.

    Attributes
    ----------
    path : Path
        Where it was read.
    layout : {"wide", "long", "single"}
        How it is laid out.
    prices : DataFrame of shape (n_dates, n_tickers)
        Closes; index ``session`` increasing, columns ``ticker``; NaN is missing.
    adjustment : dict
        Ticker to ``"adjusted (provider)"`` or ``"not stated"``.
    """

    path: Path
    layout: Literal["wide", "long", "single"]
    prices: pd.DataFrame
    adjustment: dict[str, str]


def read_wide_csv(path: str | Path) -> pd.DataFrame:
    """Return the closes of a wide file: a ``date`` column and one column per ticker; NaN where a cell is empty.

    Raises
    ------
    PricesError
        Naming the file, the line, the date and the ticker, if a rule of this module is broken.
    """
    return _read_wide(_table(path))


def read_price_file(path: str | Path) -> PriceFile:
    """Return what a wide, long or single file holds; the columns decide which it is.

    Raises
    ------
    PricesError
        If a rule of this module is broken.
    """
    table = _table(path)
    close = table.find(*_CLOSES)
    if close is None:
        prices = _read_wide(table)
        return PriceFile(table.path, "wide", prices, dict.fromkeys(map(str, prices.columns), NOT_STATED))
    ticker = table.find("ticker")
    prices = _read_long(table, close, ticker)
    adjustment = _CLOSES[table.header[close].lower()]
    layout: Literal["long", "single"] = "single" if ticker is None else "long"
    return PriceFile(table.path, layout, prices, dict.fromkeys(map(str, prices.columns), adjustment))


def read_folder(folder: str | Path) -> tuple[PriceFile, ...]:
    """Return what every ``*.csv`` of a folder holds, by file name.

    A ticker may stand in several files if their dates do not overlap: each file is then a segment of its own.

    Raises
    ------
    PricesError
        If the folder holds no CSV, a file breaks a rule, or two files overlap for a ticker.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise PricesError(f"{folder}: there is no such folder. folder= takes a folder of CSV files.")
    paths = sorted(path for path in folder.iterdir() if path.suffix.lower() == ".csv")
    if not paths:
        found = sorted(path.name for path in folder.iterdir())
        raise PricesError(f"{folder}: no CSV file in it. Found: {listed(found)}. Save the prices there as *.csv.")
    files = tuple(read_price_file(path) for path in paths)
    _check_overlaps(files)
    return files


def read_monthly_csv(path: str | Path) -> pd.DataFrame:
    """Return monthly prices: index ``month`` (periods), a column per series; NaN where a cell is empty.

    Raises
    ------
    PricesError
        If there is no ``month`` column, or a rule of this module is broken.
    """
    table = _table(path)
    at = _position(table, "month")
    months = [month_of(row[at], f"{table.path}: line {line}") for line, row in table.rows]
    check_unique([str(month) for month in months], str(table.path))
    order = _order([month.to_timestamp() for month in months], [line for line, _ in table.rows], str(table.path))
    values = _wide_values(table, at, [str(month) for month in months])
    index = pd.PeriodIndex([months[i] for i in order], freq="M", name="month")
    return pd.DataFrame({name: [column[i] for i in order] for name, column in values.items()}, index=index)


def _table(path: str | Path) -> TextTable:
    hint = "Numbers take a point for decimals and no thousands separators; an empty cell is a missing price."
    return read_text_table(path, "prices", PricesError, hint=hint)


def _read_wide(table: TextTable) -> pd.DataFrame:
    at = _position(table, "date")
    fields = [name for name in table.header if name.lower() in _BAR_FIELDS]
    if fields:
        raise PricesError(
            f"{table.path}: columns {listed(fields)} and no close. Name the column of closes 'adj_close', or "
            "hand over a wide file with a column per ticker."
        )
    if len(table.header) == 1:
        raise PricesError(f"{table.path}: no price columns beside {table.header[at]!r}. Add one per ticker.")
    dates = [date_of(row[at], f"{table.path}: line {line}") for line, row in table.rows]
    check_unique([f"{day:%Y-%m-%d}" for day in dates], str(table.path))
    order = _order(dates, [line for line, _ in table.rows], str(table.path))
    values = _wide_values(table, at, [f"{day:%Y-%m-%d}" for day in dates])
    frame = pd.DataFrame(values, index=pd.DatetimeIndex(dates, name="session")).iloc[order]
    return _named(frame, table)


def _wide_values(table: TextTable, at: int, labels: Sequence[str]) -> dict[str, list[float]]:
    return {
        name: [
            price_of(row[i], f"{table.path}: line {line} ({label}), {name}")
            for (line, row), label in zip(table.rows, labels, strict=True)
        ]
        for i, name in enumerate(table.header)
        if i != at
    }


def _read_long(table: TextTable, close: int, ticker: int | None) -> pd.DataFrame:
    at = _position(table, "date")
    bars: dict[str, list[tuple[pd.Timestamp, int, float]]] = {}
    for line, row in table.rows:
        name = table.path.stem if ticker is None else row[ticker]
        if not name:
            raise PricesError(f"{table.path}: line {line} has no ticker. Fill it in.")
        day = date_of(row[at], f"{table.path}: line {line}")
        value = price_of(row[close], f"{table.path}: line {line} ({day:%Y-%m-%d}), {name}")
        bars.setdefault(name, []).append((day, line, value))
    columns = {}
    for name, rows in bars.items():
        where = f"{table.path}: {name}"
        check_unique([f"{day:%Y-%m-%d}" for day, _, _ in rows], where)
        order = _order([day for day, _, _ in rows], [line for _, line, _ in rows], where)
        columns[name] = pd.Series({rows[i][0]: rows[i][2] for i in order}, dtype=np.float64)
    return _named(pd.DataFrame(columns).sort_index(), table)


def _named(frame: pd.DataFrame, table: TextTable) -> pd.DataFrame:
    empty = frame.columns[frame.isna().all()]
    if len(empty):
        raise PricesError(f"{table.path}: no price at all for {listed(empty)}. Fill the column or remove it.")
    return frame.rename_axis(index="session", columns="ticker")


def _position(table: TextTable, name: str) -> int:
    at = table.find(name)
    if at is None:
        near = close_to(name, [column.lower() for column in table.header])
        raise PricesError(
            f"{table.path}: no column {name!r}{near}. Found: {listed(table.header, 20)}. Name it {name!r}."
        )
    return at


def _order(dates: Sequence[pd.Timestamp], lines: Sequence[int], where: str) -> list[int]:
    """Return row numbers from oldest to newest; newest first is the other order that is taken."""
    steps = [(b > a, line) for (a, b), line in zip(pairwise(dates), lines[1:], strict=True)]
    if all(up for up, _ in steps):
        return list(range(len(dates)))
    if not any(up for up, _ in steps):
        return list(range(len(dates)))[::-1]
    at = next(i for i, (up, _) in enumerate(steps) if up != steps[0][0]) + 1
    raise PricesError(
        f"{where}: line {lines[at]}: {dates[at]:%Y-%m-%d} follows {dates[at - 1]:%Y-%m-%d}, out of order. Sort the "
        "rows by date, oldest first (in pandas: frame.sort_values('date'))."
    )


def _check_overlaps(files: Iterable[PriceFile]) -> None:
    spans: dict[str, list[tuple[pd.Timestamp, pd.Timestamp, str]]] = {}
    for file in files:
        for name in file.prices.columns:
            days = file.prices.index[file.prices[name].notna()]
            spans.setdefault(str(name), []).append((days[0], days[-1], file.path.name))
    for name, parts in spans.items():
        for (_, end, first), (start, _, second) in pairwise(sorted(parts)):
            if start <= end:
                raise PricesError(
                    f"{name} stands in {first} (to {end:%Y-%m-%d}) and in {second} (from {start:%Y-%m-%d}): the dates "
                    "overlap and which one holds is not guessed. Keep one of them."
                )
