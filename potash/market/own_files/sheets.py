"""Price files as rows of text with their place: CSV and Parquet take one form, so that one set of rules reads both."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pandas as pd

from potash.errors import PricesError, close_to, listed
from potash.files import TextTable, check_header, read_text_table

SUFFIXES = (".csv", ".parquet")


@dataclass(frozen=True, slots=True)
class Sheet(TextTable):
    """A price file as text; the cell of a missing value is empty.

    Attributes
    ----------
    counted : {"line", "row"}
        What the numbers of rows count: lines of a CSV file, header included, or rows of a Parquet file from 1.
    """

    counted: str

    def place(self, number: int) -> str:
        """Return ``FILE: line 3`` for a message."""
        return f"{self.path}: {self.counted} {number}"

    def position(self, name: str) -> int:
        """Return the position of a column; raise :class:`PricesError` with the columns that there are without it."""
        at = self.find(name)
        if at is None:
            near = close_to(name, [column.lower() for column in self.header])
            raise PricesError(
                f"{self.path}: no column {name!r}{near}. Found: {listed(self.header, 20)}. Name it {name!r}."
            )
        return at


def read_sheet(path: str | Path) -> Sheet:
    """Return the cells of a CSV or, by its suffix, a Parquet file as text.

    A typed cell becomes the text that stands for its exact value; nulls and NaN become the empty text.

    Raises
    ------
    PricesError
        If the file cannot be read, is not a table of its kind, is empty, or a column has no name or another's.
    """
    path = Path(path)
    if path.suffix.lower() == ".parquet":
        return _read_parquet(path)
    hint = "Numbers take a point for decimals and no thousands separators; an empty cell is a missing price."
    table = read_text_table(path, "prices", PricesError, hint=hint)
    return Sheet(path, table.header, table.rows, "line")


def order_of(dates: Sequence[pd.Timestamp], numbers: Sequence[int], where: str, counted: str = "line") -> list[int]:
    """Return positions from oldest to newest date; newest first is the other order that is taken.

    Raises
    ------
    PricesError
        If the dates run in neither order, with the row that breaks it.
    """
    steps = [(b > a, number) for (a, b), number in zip(pairwise(dates), numbers[1:], strict=True)]
    if all(up for up, _ in steps):
        return list(range(len(dates)))
    if not any(up for up, _ in steps):
        return list(range(len(dates)))[::-1]
    at = next(i for i, (up, _) in enumerate(steps) if up != steps[0][0]) + 1
    raise PricesError(
        f"{where}: {counted} {numbers[at]}: {dates[at]:%Y-%m-%d} follows {dates[at - 1]:%Y-%m-%d}, out of order. Sort "
        "the rows by date, oldest first (in pandas: frame.sort_values('date'))."
    )


def _read_parquet(path: Path) -> Sheet:
    import pyarrow as pa  # heavy, so not at the top
    import pyarrow.parquet as pq

    try:
        with path.open("rb") as stream:
            table = pq.ParquetFile(stream).read()
        columns = [[_text(value) for value in column.to_pylist()] for column in table.columns]
    except (OSError, ValueError, KeyError, pa.ArrowException) as problem:
        # ValueError and KeyError: text that is not UTF-8, a time zone that is not known. Arrow's messages may run on over
        # several lines; the first says enough.
        why = getattr(problem, "strerror", None) or str(problem).partition("\n")[0]
        raise PricesError(f"{path}: cannot be read as Parquet ({why}). Save the table again, or as CSV.") from problem
    header = [str(name).strip() for name in table.column_names]
    _check_header(path, header)
    rows = [(number, list(cells)) for number, cells in enumerate(zip(*columns, strict=True), start=1) if any(cells)]
    if not rows:
        raise PricesError(f"{path}: no rows. Prices need at least one row.")
    return Sheet(path, header, rows, "row")


def _text(value: object) -> str:
    """Return the text of a cell; ``repr`` of a float is the shortest text that reads back as the same number."""
    if value is None:
        return ""
    if isinstance(value, float):
        return "" if math.isnan(value) else repr(value)
    return str(value).strip()


def _check_header(path: Path, header: Sequence[str]) -> None:
    check_header(path, header, PricesError)
    paired = [name for name in header if name.startswith("('")]
    if paired:
        raise PricesError(
            f"{path}: columns {listed(paired, 3)} come from a frame with two levels of columns. Save one level: "
            "frame['Close'] for closes, or a file per ticker."
        )
