"""What was known of some series at some moment: one query, and its rows as frames."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import ColumnElement, Double, Select, func, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from potash.market.series import FIELDS, SeriesKey
from potash.market.store import schema as t

_NUMBERS = {name: number for number, name in enumerate(FIELDS)}


class _Newest(FunctionElement[Any]):
    """The value of the row of a group that was known last; beside ``max(known_from)`` it needs no second reading."""

    name = "newest"
    inherit_cache = True
    type = Double()


@compiles(_Newest, "sqlite")
def _newest_sqlite(element: _Newest, compiler: SQLCompiler, **options: Any) -> str:
    # A plain column beside one max() is that of the row with the maximum: https://sqlite.org/lang_select.html#bareagg
    value, _ = element.clauses
    return compiler.process(value, **options)


@compiles(_Newest, "postgresql")
def _newest_postgresql(element: _Newest, compiler: SQLCompiler, **options: Any) -> str:
    value, moment = (compiler.process(clause, **options) for clause in element.clauses)
    return f"(array_agg({value} ORDER BY {moment} DESC))[1]"


def known_then(
    ids: Sequence[int],
    fields: Sequence[str],
    known_by: int | None,
    first: pd.Timestamp | None,
    last: pd.Timestamp | None,
) -> Select[Any]:
    """Return the query for the last row of each series, field and session up to a moment, in this order."""
    p = t.points.c
    chosen: list[ColumnElement[bool]] = [p.series_id.in_(ids), p.field.in_(list(fields))]
    if first is not None:
        chosen.append(p.session >= t.to_number(first))
    if last is not None:
        chosen.append(p.session <= t.to_number(last))
    if known_by is not None:
        chosen.append(p.known_from <= known_by)
    keys = (p.series_id, p.field, p.session)
    query = select(*keys, func.max(p.known_from).label("known_from"), _Newest(p.value, p.known_from).label("value"))
    return query.where(*chosen).group_by(*keys).order_by(*keys)


def frames_of(rows: Sequence[Any], ids: Mapping[SeriesKey, int]) -> dict[SeriesKey, pd.DataFrame]:
    """Return the rows of :func:`known_then` as a frame per series: sessions by fields, withdrawn values left out."""
    columns: dict[int, dict[str, pd.Series[float]]] = {number: {} for number in ids.values()}
    if rows:
        numbers, fields, days, _, values = zip(*rows, strict=True)
        series = np.array(numbers)
        names = np.fromiter(map(_NUMBERS.__getitem__, fields), dtype=np.int64, count=len(rows))
        sessions = t.to_sessions(days)
        floats = np.array(values, dtype=np.float64)
        # The rows of a series and field stand together, in order of session.
        cuts = np.flatnonzero((series[1:] != series[:-1]) | (names[1:] != names[:-1])) + 1
        for start, stop in zip([0, *cuts.tolist()], [*cuts.tolist(), len(rows)], strict=True):
            column = pd.Series(floats[start:stop], index=sessions[start:stop])
            given = column if not np.isnan(floats[start:stop]).any() else column.dropna()
            if len(given):
                columns[numbers[start]][fields[start]] = given
    return {key: _frame(columns[number]) for key, number in ids.items()}


def _frame(columns: Mapping[str, pd.Series[float]]) -> pd.DataFrame:
    index = pd.DatetimeIndex([], name="session")
    for column in columns.values():
        index = index.union(column.index) if len(index) else pd.DatetimeIndex(column.index)
    ordered = {name: columns[name].reindex(index) for name in FIELDS if name in columns}
    return pd.DataFrame(ordered, index=index.rename("session"), dtype=np.float64)
