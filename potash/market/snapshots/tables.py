"""The Parquet tables that hold frozen series, one row per series and session, sorted, and the checksum of their content."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from potash.errors import SnapshotError, listed
from potash.market.series import FIELDS, PriceSeries

if TYPE_CHECKING:
    import pyarrow as pa

DAILY, MONTHLY, FACTORS = "daily.parquet", "monthly.parquet", "factors.parquet"


def table_of(series: PriceSeries) -> str:
    """Return the table a series stands in: monthly series, daily factors (values that are no prices), or bars."""
    if series.facts["frequency"] == "monthly":
        return MONTHLY
    return FACTORS if list(series.values.columns) == ["value"] else DAILY


def checked_series(series: Iterable[PriceSeries]) -> tuple[PriceSeries, ...]:
    """Return series sorted by key; raise :class:`SnapshotError` if there is none, or a key stands twice."""
    ordered = tuple(sorted(series, key=lambda s: s.key))
    if not ordered:
        raise SnapshotError("a snapshot of no series. Give it at least one.")
    twice = [first.key for first, second in pairwise(ordered) if first.key == second.key]
    if twice:
        raise SnapshotError(f"series that stand more than once: {listed(twice)}. Keep one of each.")
    return ordered


def content_digest(series: Iterable[PriceSeries]) -> str:
    """Return the SHA-256 checksum of what series say: keys, tickers, values, facts and adjustment.

    It does not depend on the order of the series, on the program that read them, on when a value was learnt, or on the
    version of the library that wrote a file.
    """
    whole = hashlib.sha256()
    for one in sorted(series, key=lambda s: s.key):
        said = [one.key.provider, one.key.symbol, one.ticker, dict(one.facts), one.adjustment, list(one.values.columns)]
        values = one.values.to_numpy(dtype="<f8", copy=True)
        values[np.isnan(values)] = np.nan  # one bit pattern for every NaN
        part = hashlib.sha256(json.dumps(said, sort_keys=True).encode())
        part.update(_days(one.values).astype("<i8").tobytes())
        part.update(values.tobytes())
        whole.update(part.digest())
    return whole.hexdigest()


def encode(series: Sequence[PriceSeries]) -> dict[str, tuple[bytes, int]]:
    """Return the bytes and the number of rows of each Parquet file that sorted series need, by file name.

    The same series give the same bytes under the same version of pyarrow.

    Raises
    ------
    SnapshotError
        If pyarrow cannot write them.
    """
    import pyarrow as pa  # heavy, so not at the top
    import pyarrow.parquet as pq

    files = {}
    for name in sorted({table_of(one) for one in series}):
        sink = pa.BufferOutputStream()
        try:
            table = _table([one for one in series if table_of(one) == name])
            # store_schema would add a copy of the schema in Arrow's own form, which no reader of these types needs.
            pq.write_table(table, sink, compression="zstd", version="2.6", store_schema=False)
        except (pa.ArrowException, ValueError) as problem:  # ValueError: a symbol that is no valid text
            raise SnapshotError(f"{name} could not be written: {problem}.") from problem
        files[name] = (sink.getvalue().to_pybytes(), table.num_rows)
    return files


def decode(data: bytes, rows: Sequence[tuple[int, Sequence[str]]]) -> list[pd.DataFrame]:
    """Return the values of each series of a Parquet file, given the number of sessions and the fields of each, in order.

    Raises
    ------
    SnapshotError
        If it is not such a file.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    frames, start = [], 0
    try:
        table = pq.ParquetFile(pa.BufferReader(data)).read()
        days = table["session"].to_numpy()
        columns = {name: table[name].to_numpy() for name in table.column_names if name in FIELDS}
        for count, fields in rows:
            part = slice(start, start + count)
            index = pd.DatetimeIndex(days[part].astype("datetime64[ns]"), name="session")
            frames.append(pd.DataFrame({name: columns[name][part].astype(np.float64) for name in fields}, index=index))
            start += count
    except (pa.ArrowException, KeyError, ValueError) as problem:
        raise SnapshotError(f"not a table of series ({problem}).") from problem
    if start != table.num_rows:
        raise SnapshotError(f"{table.num_rows} rows, and the manifest speaks of {start}.")
    return frames


def _table(series: Sequence[PriceSeries]) -> pa.Table:
    import pyarrow as pa

    lengths = [len(one.values) for one in series]
    fields = [name for name in FIELDS if any(name in one.values for one in series)]
    columns: dict[str, Any] = {
        "provider": pa.array([one.key.provider for one in series for _ in one.values.index], pa.string()),
        "symbol": pa.array([one.key.symbol for one in series for _ in one.values.index], pa.string()),
        "session": pa.array(np.concatenate([_days(one.values) for one in series]), pa.date32()),
    }
    for name in fields:
        parts = [
            one.values[name].to_numpy() if name in one.values else np.full(n, np.nan)
            for one, n in zip(series, lengths, strict=True)
        ]
        columns[name] = pa.array(np.concatenate(parts), pa.float64(), from_pandas=True)
    return pa.table(columns)


def _days(values: pd.DataFrame) -> np.ndarray[tuple[int], np.dtype[np.datetime64]]:
    return values.index.to_numpy().astype("datetime64[D]")
