"""Series as they are frozen, and the Parquet tables that hold them: one row per series and session, sorted."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from potash.errors import BadAnswerError, SnapshotError, listed
from potash.market.answers import FIELDS, Answer, SeriesKey

if TYPE_CHECKING:
    import pyarrow as pa

DAILY, MONTHLY, FACTORS = "daily.parquet", "monthly.parquet", "factors.parquet"


@dataclass(frozen=True, slots=True, eq=False)
class FrozenSeries:
    """One series with all that is said of it when it is frozen.

    Attributes
    ----------
    key : SeriesKey
        Whose values these are.
    ticker : str
        The name it is handed out under.
    values : DataFrame of shape (n_sessions, n_fields)
        By the rules of :class:`~potash.market.answers.Answer`; kept as a copy with the columns in the order of ``FIELDS``
        and an index ``session`` of nanoseconds, so that what is read back is what went in.
    facts : dict of str to str
        Currency, unit and so on; ``frequency`` always.
    adjustment : str
        How prices are adjusted.
    source : str
        Program and version that read it.
    known_from : pair of str, or None
        The first and the last moment at which one of its values was learnt, ISO 8601 with the zone; ``None`` where that
        is not recorded.
    revisions : dict of str to int
        Field to the number of its values that had replaced others; empty where that is not recorded.

    Raises
    ------
    SnapshotError
        If a rule above is broken.
    """

    key: SeriesKey
    ticker: str
    values: pd.DataFrame
    facts: Mapping[str, str]
    adjustment: str
    source: str
    known_from: tuple[str, str] | None = None
    revisions: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        index = self.values.index
        if not len(index):
            raise SnapshotError(f"{self.key}: no value to freeze. Leave the series out.")
        try:
            Answer(self.key, self.values, self.facts, index[0], index[-1], self.source)
        except BadAnswerError as problem:
            raise SnapshotError(f"{problem} A series must keep these rules to be frozen.") from problem
        if not self.ticker:
            raise SnapshotError(f"{self.key}: the ticker is empty. Name the series.")
        strange = [name for name, value in self.facts.items() if not isinstance(value, str)]
        if strange:
            raise SnapshotError(f"{self.key}: the fact {strange[0]} is {self.facts[strange[0]]!r}, not a text.")
        self._check_moments()
        object.__setattr__(self, "facts", dict(self.facts))
        object.__setattr__(self, "revisions", {str(name): int(count) for name, count in self.revisions.items()})
        object.__setattr__(self, "values", _canonical(self.values))

    def _check_moments(self) -> None:
        if self.known_from is None:
            return
        try:
            moments = [dt.datetime.fromisoformat(text) for text in self.known_from]
            fine = len(moments) == 2 and all(m.tzinfo for m in moments) and moments[0] <= moments[1]
        except (ValueError, TypeError):
            fine = False
        if not fine:
            raise SnapshotError(
                f"{self.key}: known_from={self.known_from!r} is not a pair of moments in order with their zone. Write "
                "('2026-01-30T21:05:00+00:00', '2026-01-31T06:00:00+00:00')."
            )

    @property
    def file(self) -> str:
        """The table it stands in: monthly series, daily factors (values that are no prices), or bars."""
        if self.facts["frequency"] == "monthly":
            return MONTHLY
        return FACTORS if list(self.values.columns) == ["value"] else DAILY


def checked_series(series: Iterable[FrozenSeries]) -> tuple[FrozenSeries, ...]:
    """Return series sorted by key; raise :class:`SnapshotError` if there is none, or a key stands twice."""
    ordered = tuple(sorted(series, key=lambda s: s.key))
    if not ordered:
        raise SnapshotError("a snapshot of no series. Give it at least one.")
    twice = [first.key for first, second in pairwise(ordered) if first.key == second.key]
    if twice:
        raise SnapshotError(f"series that stand more than once: {listed(twice)}. Keep one of each.")
    return ordered


def content_digest(series: Iterable[FrozenSeries]) -> str:
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


def encode(series: Sequence[FrozenSeries]) -> dict[str, tuple[bytes, int]]:
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
    for name in sorted({one.file for one in series}):
        sink = pa.BufferOutputStream()
        try:
            table = _table([one for one in series if one.file == name])
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


def _table(series: Sequence[FrozenSeries]) -> pa.Table:
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


def _canonical(values: pd.DataFrame) -> pd.DataFrame:
    frame = values[[name for name in FIELDS if name in values]].copy()
    frame.index = pd.DatetimeIndex(values.index, freq=None, name="session").as_unit("ns")
    frame.columns.name = None
    frame.attrs = {}
    return frame
