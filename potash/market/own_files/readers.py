"""Price files and frames become wide frames of positive closes, strictly: what breaks a rule is an error, not a guess.

The files are those of :mod:`potash.market.own_files.bars`, CSV or Parquet, in three layouts: wide, long and single. In long
and single files the close is the first of ``adj_close``, ``Adj Close``, ``close``, ``last`` that is there; other columns
are left unread.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from potash.market.frames import check_prices, check_unique
from potash.market.own_files.bars import (
    ADJUSTED,
    CLOSES,
    NOT_STATED,
    Layout,
    check_overlaps,
    field_columns,
    layout_of,
    price_paths,
    read_frames,
)
from potash.market.own_files.cells import month_of, price_of
from potash.market.own_files.sheets import Sheet, order_of, read_sheet

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
    layout: Layout
    prices: pd.DataFrame
    adjustment: dict[str, str]


def read_wide_csv(path: str | Path) -> pd.DataFrame:
    """Return the closes of a wide file: a ``date`` column and one column per ticker; NaN where a cell is empty.

    Raises
    ------
    PricesError
        Naming the file, the line, the date and the ticker, if a rule of :mod:`potash.market.own_files.bars` is broken.
    """
    return _closes(read_frames(read_sheet(path), {}), "close")


def read_price_file(path: str | Path) -> PriceFile:
    """Return the closes that a wide, long or single file holds; the columns decide which it is.

    Raises
    ------
    PricesError
        If a rule of :mod:`potash.market.own_files.bars` is broken.
    """
    sheet = read_sheet(path)
    columns = field_columns(sheet)
    field = next((name for name in CLOSES if name in columns), "close")
    prices = _closes(read_frames(sheet, {field: columns[field]} if columns else {}), field)
    adjustment = ADJUSTED if field == "adj_close" else NOT_STATED
    return PriceFile(sheet.path, layout_of(sheet, columns), prices, dict.fromkeys(map(str, prices.columns), adjustment))


def read_folder(folder: str | Path) -> tuple[PriceFile, ...]:
    """Return the closes that every ``*.csv`` and ``*.parquet`` of a folder holds, by file name.

    A ticker may stand in several files if their dates do not overlap: each file is then a segment of its own.

    Raises
    ------
    PricesError
        If the folder holds no such file, a file breaks a rule, or two files overlap for a ticker.
    """
    files = tuple(read_price_file(path) for path in price_paths(folder))
    closes = [(str(name), file.prices[name].dropna().index, file.path.name) for file in files for name in file.prices]
    check_overlaps((name, days[0], days[-1], file) for name, days, file in closes)
    return files


def read_monthly_csv(path: str | Path) -> pd.DataFrame:
    """Return monthly prices: index ``month`` (periods), a column per series; NaN where a cell is empty.

    Raises
    ------
    PricesError
        If there is no ``month`` column, or a rule of this module is broken.
    """
    sheet = read_sheet(path)
    at = sheet.position("month")
    months = [month_of(row[at], sheet.place(number)) for number, row in sheet.rows]
    check_unique([str(month) for month in months], str(sheet.path))
    order = order_of([m.to_timestamp() for m in months], [number for number, _ in sheet.rows], str(sheet.path))
    index = pd.PeriodIndex([months[i] for i in order], freq="M", name="month")
    return pd.DataFrame({n: [v[i] for i in order] for n, v in _monthly(sheet, at, months).items()}, index=index)


def _monthly(sheet: Sheet, at: int, months: list[pd.Period]) -> dict[str, list[float]]:
    return {
        name: [
            price_of(row[i], f"{sheet.place(number)} ({month}), {name}")
            for (number, row), month in zip(sheet.rows, months, strict=True)
        ]
        for i, name in enumerate(sheet.header)
        if i != at
    }


def _closes(frames: dict[str, pd.DataFrame], field: str) -> pd.DataFrame:
    frame = pd.DataFrame({ticker: bars[field] for ticker, bars in frames.items()}).sort_index()
    return frame.rename_axis(index="session", columns="ticker")
