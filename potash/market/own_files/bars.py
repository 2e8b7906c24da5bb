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
from itertools import pairwise
from pathlib import Path
from typing import Literal, TypeAlias

import numpy as np
import pandas as pd

from potash.bundled import sha256_of
from potash.errors import PricesError, listed
from potash.market.answers import BAR_FIELDS
from potash.market.frames import check_unique
from potash.market.own_files.cells import date_of, price_of
from potash.market.own_files.sheets import SUFFIXES, Sheet, order_of, read_sheet

ADJUSTED = "adjusted (provider)"
NOT_STATED = "not stated"

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
class BarFile:
    """What one file holds.

    Attributes
    ----------
    path : Path
        Where it was read.
    layout : {"wide", "long", "single"}
        How it is laid out.
    bars : dict of str to DataFrame
        Ticker to its bars: index ``session`` increasing; columns those of ``BAR_FIELDS`` that have a value; float64, NaN
        where there is none. A dividend or split of zero, and a split of one for one, are none. No row is all NaN.
    adjustment : dict of str to str
        ``"adjusted (provider)"`` for a ticker with an ``adj_close``, of which it speaks; else ``"not stated"``. A
        ``close`` beside an ``adj_close`` is as the file gives it.
    sha256 : str
        Checksum of the file.
    """

    path: Path
    layout: Layout
    bars: dict[str, pd.DataFrame]
    adjustment: dict[str, str]
    sha256: str


@dataclass(frozen=True, slots=True, eq=False)
class BarFolder:
    """What the files of a folder hold.

    Attributes
    ----------
    path : Path
        The folder.
    files : tuple of BarFile
        By file name.
    """

    path: Path
    files: tuple[BarFile, ...]

    @property
    def tickers(self) -> list[str]:
        """The tickers, sorted."""
        return sorted({ticker for file in self.files for ticker in file.bars})

    def holding(self, ticker: str) -> tuple[BarFile, ...]:
        """Return the files with bars of a ticker, oldest bars first."""
        return tuple(sorted((f for f in self.files if ticker in f.bars), key=lambda f: f.bars[ticker].index[0]))

    @property
    def bars(self) -> dict[str, pd.DataFrame]:
        """Ticker to all its bars, oldest first; the bars of two files of a ticker never overlap."""
        return {ticker: joined(file.bars[ticker] for file in self.holding(ticker)) for ticker in self.tickers}


def read_bar_file(path: str | Path) -> BarFile:
    """Return all the bars of a CSV or Parquet file; the columns decide which layout it has.

    Raises
    ------
    PricesError
        Naming the file, the line (in Parquet the row), the date and the column, if a rule of this module is broken.
    """
    sheet = read_sheet(path)
    columns = field_columns(sheet)
    frames = read_frames(sheet, columns)
    bars = {ticker: _trimmed(frame) for ticker, frame in frames.items()}
    adjustment = {ticker: ADJUSTED if "adj_close" in frame else NOT_STATED for ticker, frame in bars.items()}
    return BarFile(sheet.path, layout_of(sheet, columns), bars, adjustment, sha256_of(sheet.path))


def read_bar_folder(folder: str | Path) -> BarFolder:
    """Return all the bars of the ``*.csv`` and ``*.parquet`` files of a folder.

    A ticker may stand in several files if their dates do not overlap.

    Raises
    ------
    PricesError
        If the folder holds no such file, a file breaks a rule, or two files overlap for a ticker.
    """
    files = tuple(read_bar_file(path) for path in price_paths(folder))
    check_overlaps((t, bars.index[0], bars.index[-1], f.path.name) for f in files for t, bars in f.bars.items())
    return BarFolder(Path(folder), files)


def price_paths(folder: str | Path) -> list[Path]:
    """Return the price files of a folder by name; raise :class:`PricesError` if there is none."""
    folder = Path(folder)
    if not folder.is_dir():
        raise PricesError(f"{folder}: there is no such folder. folder= takes a folder of CSV or Parquet files.")
    paths = sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES)
    if not paths:
        found = sorted(path.name for path in folder.iterdir())
        raise PricesError(
            f"{folder}: no Parquet and no CSV file in it. Found: {listed(found)}. Save the prices there as *.csv or "
            "*.parquet."
        )
    return paths


def check_overlaps(spans: Iterable[tuple[str, pd.Timestamp, pd.Timestamp, str]]) -> None:
    """Raise :class:`PricesError` if two files, given as (ticker, first, last, file), hold the same days of a ticker."""
    by_ticker: dict[str, list[tuple[pd.Timestamp, pd.Timestamp, str]]] = {}
    for ticker, start, end, file in spans:
        by_ticker.setdefault(ticker, []).append((start, end, file))
    for ticker, parts in by_ticker.items():
        for (_, end, first), (start, _, second) in pairwise(sorted(parts)):
            if start <= end:
                raise PricesError(
                    f"{ticker} stands in {first} (to {end:%Y-%m-%d}) and in {second} (from {start:%Y-%m-%d}): the dates "
                    "overlap and which one holds is not guessed. Keep one of them."
                )


def field_columns(sheet: Sheet) -> dict[str, int]:
    """Return the position of each field's column; nothing for a wide file, whose columns are tickers."""
    found = {name: sheet.find(*FIELD_NAMES[name]) for name in BAR_FIELDS}
    columns = {name: at for name, at in found.items() if at is not None}
    return columns if any(name in columns for name in CLOSES) else {}


def layout_of(sheet: Sheet, columns: Mapping[str, int]) -> Layout:
    """Return how a file with these field columns is laid out."""
    if not columns:
        return "wide"
    return "single" if sheet.find("ticker") is None else "long"


def read_frames(sheet: Sheet, columns: Mapping[str, int]) -> dict[str, pd.DataFrame]:
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


def joined(parts: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """Return bars that do not overlap as one frame, with the fields in order."""
    frame = pd.concat(list(parts))
    return frame[[name for name in BAR_FIELDS if name in frame]]


def _trimmed(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.dropna(axis="columns", how="all").dropna(how="all")


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
    known: dict[str, pd.Timestamp] = {}  # a long file repeats each date for every ticker
    frames = {}
    for name, rows in by_ticker.items():
        for number, row in rows:
            if row[at] not in known:
                known[row[at]] = date_of(row[at], sheet.place(number))
        days = [known[row[at]] for _, row in rows]
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
