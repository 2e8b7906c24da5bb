"""A user's own price files with all that they say of a day: open, high, low, close, volume, dividends and splits.

Three layouts are read, from CSV and from Parquet. *Wide*: a ``date`` column and one column of closes per ticker.
*Long*: ``date``, ``ticker``, a close and any other field. *Single*: the file's stem is the ticker. A field is the first
of its names that is there, in any case: see :data:`FIELD_NAMES`. Other columns are left unread. Dates are written
``YYYY-MM-DD``, oldest first or newest first; in Parquet a column of dates or of times at midnight is as good. Empty
cells are missing values.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

import numpy as np
import pandas as pd

from potash.bundled import sha256_of
from potash.errors import PricesError, listed
from potash.market.own_files.cells import date_of, price_of
from potash.market.own_files.sheets import SUFFIXES, Sheet, order_of, read_sheet
from potash.market.price_frame import check_unique
from potash.market.series import BAR_FIELDS, NOT_STATED, PriceSeries, SeriesKey, by_ticker, overlap

ADJUSTED = "adjusted (provider)"

FIELD_NAMES = {
    "open": ("open",),
    "high": ("high",),
    "low": ("low",),
    "close": ("close", "last"),
    "adj_close": ("adj_close", "adj close"),
    "volume": ("volume",),
    "dividend": ("dividend", "dividends"),
    "split": ("split", "splits", "stock splits", "stock_splits"),
}
CLOSES = ("adj_close", "close")

_NOT_TICKERS = {name for names in FIELD_NAMES.values() for name in names} | {"price", "ticker"}
_ZERO = re.compile(r"[+-]?(?:0+\.?0*|\.0+)(?:[eE][+-]?\d+)?")
_NEGATIVE = re.compile(r"-(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")

Layout: TypeAlias = Literal["wide", "long", "single"]


@dataclass(frozen=True, slots=True, eq=False)
class PriceFile:
    """The series of one price file.

    Attributes
    ----------
    path : Path
        Where it was read.
    layout : {"wide", "long", "single"}
        How it is laid out.
    series : tuple of PriceSeries
        One per ticker, with those of ``BAR_FIELDS`` that have a value. A dividend or split of zero, and a split of one
        for one, are none. No row is all NaN. ``adjustment`` is ``"adjusted (provider)"`` for a ticker with an
        ``adj_close``, of which it speaks, else ``"not stated"``; a ``close`` beside an ``adj_close`` is as the file
        gives it.
    sha256 : str
        Checksum of the file.
    """

    path: Path
    layout: Layout
    series: tuple[PriceSeries, ...]
    sha256: str


def read_price_file(path: str | Path) -> PriceFile:
    """Return the series of a CSV or Parquet file; the columns decide which layout it has.

    Raises
    ------
    PricesError
        Naming the file, the line (in Parquet the row), the date and the column, if a rule of this module is broken.
    """
    sheet = read_sheet(path)
    columns = _field_columns(sheet)
    series = tuple(_series(sheet.path.name, ticker, bars) for ticker, bars in _frames(sheet, columns).items())
    layout: Layout = "wide"
    if columns:
        layout = "single" if sheet.find("ticker") is None else "long"
    return PriceFile(sheet.path, layout, series, sha256_of(sheet.path))


def _series(file: str, ticker: str, bars: pd.DataFrame) -> PriceSeries:
    values = bars.dropna(axis="columns", how="all").dropna(how="all")
    return PriceSeries(
        SeriesKey("files", ticker),
        values,
        {"frequency": "daily"},
        source="own files",
        adjustment=ADJUSTED if "adj_close" in values else NOT_STATED,
        known_as_of=NOT_STATED,
        file=file,
    )


def read_price_folder(folder: str | Path) -> tuple[PriceFile, ...]:
    """Return the series of the ``*.csv`` and ``*.parquet`` files of a folder, by file name.

    A ticker may stand in several files if their dates do not overlap.

    Raises
    ------
    PricesError
        If the folder holds no such file, a file breaks a rule, or two files overlap for a ticker.
    """
    files = tuple(read_price_file(path) for path in _paths(folder))
    for ticker, parts in by_ticker(one for file in files for one in file.series).items():
        if common := overlap(parts):
            one, other = common
            raise PricesError(
                f"{ticker} stands in {one.file} (to {one.last:%Y-%m-%d}) and in {other.file} (from "
                f"{other.first:%Y-%m-%d}): the dates overlap and which one holds is not guessed. Keep one of them."
            )
    return files


def _paths(folder: str | Path) -> list[Path]:
    """Return the price files of a folder by name; raise :class:`PricesError` if there is none."""
    folder = Path(folder)
    if not folder.is_dir():
        raise PricesError(f"{folder}: there is no such folder. folder= takes a folder of CSV or Parquet files.")
    paths = sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES)
    if not paths:
        others = sorted(path.name for path in folder.iterdir())
        raise PricesError(
            f"{folder}: no Parquet and no CSV file in it. Found: {listed(others)}. Save the prices there as *.csv or "
            "*.parquet."
        )
    return paths


def _field_columns(sheet: Sheet) -> dict[str, int]:
    """Return the position of each field's column; nothing for a wide file, whose columns are tickers."""
    positions = {name: sheet.find(*FIELD_NAMES[name]) for name in BAR_FIELDS}
    columns = {name: at for name, at in positions.items() if at is not None}
    return columns if any(name in columns for name in CLOSES) else {}


def _frames(sheet: Sheet, columns: Mapping[str, int]) -> dict[str, pd.DataFrame]:
    """Return a frame per ticker with the fields of ``columns``, or with closes alone from a wide file.

    Raises
    ------
    PricesError
        If a rule of this module is broken, or a ticker has no close at all.
    """
    frames = _long_frames(sheet, columns) if columns else _wide_frames(sheet)
    empty = [t for t, frame in frames.items() if frame[[c for c in CLOSES if c in frame]].isna().all(axis=None)]
    if empty:
        raise PricesError(f"{sheet.path}: no price at all for {listed(empty)}. Fill the column or remove it.")
    return frames


def _wide_frames(sheet: Sheet) -> dict[str, pd.DataFrame]:
    at = sheet.position("date")
    fields = [name for name in sheet.header if name.lower() in _NOT_TICKERS]
    if fields:
        raise PricesError(
            f"{sheet.path}: columns {listed(fields)} and no close. Name the column of closes 'adj_close', or "
            "hand over a wide file with a column per ticker."
        )
    if len(sheet.header) == 1:
        raise PricesError(f"{sheet.path}: no price columns beside {sheet.header[at]!r}. Add one per ticker.")
    days = [date_of(row[at], sheet.place(number)) for number, row in sheet.rows]
    order, index = _sessions(sheet, sheet.rows, days, str(sheet.path))
    tickers = {name: i for i, name in enumerate(sheet.header) if i != at}
    values = {
        name: [price_of(row[i], f"{sheet.place(n)} ({day:%Y-%m-%d}), {name}") for (n, row), day in _zip(sheet, days)]
        for name, i in tickers.items()
    }
    return {name: pd.DataFrame({"close": np.array(v)[order]}, index=index) for name, v in values.items()}


def _zip(sheet: Sheet, days: Sequence[pd.Timestamp]) -> Iterable[tuple[tuple[int, list[str]], pd.Timestamp]]:
    return zip(sheet.rows, days, strict=True)


def _long_frames(sheet: Sheet, columns: Mapping[str, int]) -> dict[str, pd.DataFrame]:
    at, ticker = sheet.position("date"), sheet.find("ticker")
    by_ticker: dict[str, list[tuple[int, list[str]]]] = {}
    for number, row in sheet.rows:
        name = sheet.path.stem if ticker is None else row[ticker]
        if not name:
            raise PricesError(f"{sheet.place(number)} has no ticker. Fill it in.")
        by_ticker.setdefault(name, []).append((number, row))
    dates: dict[str, pd.Timestamp] = {}  # a long file repeats each date for every ticker
    frames = {}
    for name, rows in by_ticker.items():
        for number, row in rows:
            if row[at] not in dates:
                dates[row[at]] = date_of(row[at], sheet.place(number))
        days = [dates[row[at]] for _, row in rows]
        order, index = _sessions(sheet, rows, days, f"{sheet.path}: {name}")
        values = {field: _values(sheet, rows, days, name, field, i)[order] for field, i in columns.items()}
        frames[name] = pd.DataFrame(values, index=index)
    return frames


def _values(
    sheet: Sheet, rows: Sequence[tuple[int, list[str]]], days: Sequence[pd.Timestamp], ticker: str, field: str, at: int
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    read = price_of if field not in {"volume", "dividend", "split"} else _amount_of
    values = np.empty(len(rows))
    for i, ((number, row), day) in enumerate(zip(rows, days, strict=True)):
        cell = row[at]
        try:
            values[i] = read(cell, "") if cell else np.nan
        except PricesError:  # the place is written only for the cell that breaks a rule: most of the time goes there
            read(cell, f"{sheet.place(number)} ({day:%Y-%m-%d}), {ticker} {sheet.header[at]}")
    if field == "dividend":
        values[values == 0] = np.nan
    if field == "split":
        values[(values == 0) | (values == 1)] = np.nan
    return values


def _amount_of(text: str, where: str) -> float:
    """Return a volume, a dividend or a split: as a price, and it may be zero."""
    if _ZERO.fullmatch(text):
        return 0.0
    if _NEGATIVE.fullmatch(text):
        raise PricesError(f"{where}: {text} is negative. Correct it at the source or leave it empty.")
    return price_of(text, where)


def _sessions(
    sheet: Sheet, rows: Sequence[tuple[int, list[str]]], days: Sequence[pd.Timestamp], where: str
) -> tuple[list[int], pd.DatetimeIndex]:
    check_unique([f"{day:%Y-%m-%d}" for day in days], where)
    order = order_of(days, [number for number, _ in rows], where, sheet.counted)
    return order, pd.DatetimeIndex([days[i] for i in order], name="session").as_unit("ns")
