"""One answer goes into the store: what it changes is appended, in the transaction of the caller."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from sqlalchemy import Connection, func, insert, select

from potash.clock import Clock
from potash.errors import SeamError
from potash.market.series import PriceSeries, SeriesKey
from potash.market.store import schema as t
from potash.market.store.as_of import frames_of, known_then
from potash.market.store.changes import CLOSES, Changes, changes_of, check_seam


@dataclass(frozen=True, slots=True)
class Written:
    """What became of an answer.

    Attributes
    ----------
    added, revised, withdrawn : int
        Values that were new, that replaced another one, and that the provider no longer gives.
    facts : dict
        Facts (currency, name, ...) with a new value, after the first pull.
    known_from : Timestamp or None
        The moment from which they count as known; ``None`` if there was nothing to write.
    superseded : bool
        Whether the answer was left out because another process stored a later one.
    """

    added: int
    revised: int
    withdrawn: int
    facts: dict[str, str]
    known_from: pd.Timestamp | None
    superseded: bool = False


def put_answer(
    connection: Connection, answer: PriceSeries, clock: Clock, requested: int, *, accept_loss: bool = False
) -> Written:
    """Return what became of an answer that was asked for at a moment; see :meth:`PriceStore.put`."""
    series_id = _series_id(connection, answer.key)
    now = t.to_micros(clock())
    if _asked_later(connection, series_id, requested, now):
        return Written(0, 0, 0, {}, None, superseded=True)
    answer = _continuing(connection, series_id, answer, accept_loss=accept_loss)
    stored, facts = _stored(connection, series_id, answer)
    changes = changes_of(answer, stored, facts, accept_loss=accept_loss)
    if not changes:
        return Written(0, 0, 0, {}, None)
    newest = connection.execute(select(func.max(t.pulls.c.known_from))).scalar()
    known_from = max(now, 0 if newest is None else int(newest) + 1)
    if series_id is None:
        row = {"provider": answer.key.provider, "symbol": answer.key.symbol}
        series_id = int(connection.execute(insert(t.series).values(row).returning(t.series.c.id)).scalar_one())
    _append(connection, series_id, answer, changes, known_from, requested)
    new_facts = changes.facts if facts else {}
    return Written(changes.added, changes.revised, changes.withdrawn, new_facts, t.to_moment(known_from))


def _series_id(connection: Connection, key: SeriesKey) -> int | None:
    query = select(t.series.c.id).where(t.series.c.provider == key.provider, t.series.c.symbol == key.symbol)
    number = connection.execute(query).scalar()
    return None if number is None else int(number)


def _asked_later(connection: Connection, series_id: int | None, requested: int, now: int) -> bool:
    """Return whether a stored answer was asked for later; one of the future comes from a clock that was wrong."""
    query = select(func.max(t.pulls.c.asked_at)).where(
        t.pulls.c.series_id == series_id, t.pulls.c.asked_at <= max(now, requested)
    )
    newest = connection.execute(query).scalar()
    return newest is not None and int(newest) > requested


def _continuing(
    connection: Connection, series_id: int | None, answer: PriceSeries, *, accept_loss: bool
) -> PriceSeries:
    """Return an answer that continues what is stored; one that does not stands for all of it if ``accept_loss``."""
    if series_id is None:
        return answer
    rows = connection.execute(known_then([series_id], CLOSES, None, None, None)).fetchall()
    closes = frames_of(rows, {answer.key: series_id})[answer.key]
    try:
        check_seam(answer, closes)
    except SeamError:
        if not accept_loss:
            raise
        whole = {"first": min(answer.first, closes.index[0]), "last": max(answer.last, closes.index[-1])}
        lacking = {name: np.nan for name in closes if name not in answer.values}
        return replace(answer, values=answer.values.assign(**lacking), **whole)
    return answer


def _stored(
    connection: Connection, series_id: int | None, answer: PriceSeries
) -> tuple[pd.DataFrame, Mapping[str, str]]:
    if series_id is None:
        return pd.DataFrame(index=pd.DatetimeIndex([])), {}
    query = known_then([series_id], list(answer.values.columns), None, answer.first, answer.last)
    values = frames_of(connection.execute(query).fetchall(), {answer.key: series_id})[answer.key]
    f = t.facts.c
    rows = connection.execute(
        select(f.fact, f.value).where(f.series_id == series_id).order_by(f.fact, f.known_from)
    ).fetchall()
    return values, {row.fact: row.value for row in rows}


def _append(
    connection: Connection, series_id: int, answer: PriceSeries, changes: Changes, known_from: int, requested: int
) -> None:
    common = {"series_id": series_id, "known_from": known_from}
    values = [None if np.isnan(value) else value for value in changes.value.tolist()]
    numbers = t.to_numbers(changes.session).tolist()
    rows = [
        {**common, "field": name, "session": number, "value": value}
        for name, number, value in zip(changes.field, numbers, values, strict=True)
    ]
    if rows:
        connection.execute(insert(t.points), rows)
    if changes.facts:
        connection.execute(
            insert(t.facts), [{**common, "fact": name, "value": text} for name, text in changes.facts.items()]
        )
    pull = {
        "asked_at": requested,
        "first": t.to_number(answer.first),
        "last": t.to_number(answer.last),
        "source": answer.source,
        "added": changes.added,
        "revised": changes.revised,
        "withdrawn": changes.withdrawn,
        "notes": "\n".join(answer.notes),
    }
    connection.execute(insert(t.pulls).values({**common, **pull}))
