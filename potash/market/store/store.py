"""The price store: answers go in, what was known at some moment comes out."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import Connection, func, select

from potash.clock import Clock
from potash.errors import NothingStoredError, StoreError, close_to, listed
from potash.files import store_place
from potash.market.series import FIELDS, PriceSeries, SeriesKey
from potash.market.store import schema as t
from potash.market.store.as_of import frames_of, known_then
from potash.market.store.engine import guarded, open_engine, reading, shown_place, writing
from potash.market.store.verifying import faults_of
from potash.market.store.writing import Written, put_answer

PULL_COLUMNS = ["series", "known_from", "asked_at", "first", "last", "source", "added", "revised", "withdrawn", "notes"]


class PriceStore:
    """Every value that a provider gave for a series, with the moment from which it was known.

    Nothing is changed or deleted: a revision is a new row. Several processes may write and read at once; an answer is
    stored whole or not at all.

    Parameters
    ----------
    where : str or path, optional
        A file of SQLite, or ``postgresql://...``; ``POTASH_STORE``, else a file in the user's data folder by default.
    create : bool
        Whether to make the store if there is none.

    Raises
    ------
    StoreError
        If it does not exist, cannot be reached, or has another format.
    """

    def __init__(self, where: str | Path | None = None, *, create: bool = False) -> None:
        place = store_place(where)
        self._engine = open_engine(place, create=create)
        self.where = shown_place(place)

    def put(self, answer: PriceSeries, clock: Clock, *, asked_at: dt.datetime, accept_loss: bool = False) -> Written:
        """Store what an answer tells that is not known yet, in one transaction; write nothing if there is nothing.

        Parameters
        ----------
        answer : PriceSeries
            What the provider says.
        clock : callable
            Tells the moment of writing, from which the values count as known. It is made later than any in the store,
            so that what was read as of a moment is read as of that moment ever after.
        asked_at : datetime
            When the provider was asked. An answer asked for earlier than one that is stored is left out.
        accept_loss : bool
            Whether the answer may withdraw more than 5 % of the sessions that it covers, and where it does not continue
            what is stored around it, all of that.

        Raises
        ------
        BadAnswerError
            If it withdraws more than that, or all sessions that it covers. Nothing is stored.
        SeamError
            If it covers a part of the stored history and does not continue the rest. Nothing is stored.
        StoreError
            If it cannot be written. Nothing of the answer is stored.
        """
        with guarded(self.where), writing(self._engine) as connection:
            return put_answer(connection, answer, clock, t.to_micros(asked_at), accept_loss=accept_loss)

    def series_keys(self, provider: str | None = None) -> list[SeriesKey]:
        """Return the stored series, in order of provider and symbol."""
        query = select(t.series.c.provider, t.series.c.symbol).order_by(t.series.c.provider, t.series.c.symbol)
        if provider is not None:
            query = query.where(t.series.c.provider == provider)
        with self._reading() as connection:
            return [SeriesKey(*row) for row in connection.execute(query)]

    def read(
        self,
        keys: Iterable[SeriesKey],
        fields: Sequence[str] = FIELDS,
        *,
        as_of: object = None,
        first: pd.Timestamp | None = None,
        last: pd.Timestamp | None = None,
    ) -> dict[SeriesKey, pd.DataFrame]:
        """Return the values of some series as frames, as they were known at some moment.

        Parameters
        ----------
        keys : iterable of SeriesKey
            The series; each must be stored.
        fields : sequence of str
            Which fields to read.
        as_of : date or moment, optional
            What was known then; a plain date means its end in UTC. All that is known by default.
        first, last : Timestamp, optional
            Sessions to read, both included.

        Returns
        -------
        dict of SeriesKey to DataFrame
            Index ``session``, a column per field that has a value; NaN where none was known or it was withdrawn. A
            series of which nothing was known has no rows.

        Raises
        ------
        NothingStoredError
            If a series is not stored.
        InputError
            If ``as_of`` is not a date.
        """
        wanted = list(dict.fromkeys(keys))
        known_by = self._moment(as_of)
        with self._reading() as connection:
            ids = self._ids(connection, wanted)
            query = known_then(list(ids.values()), fields, known_by, first, last)
            rows = connection.execute(query).fetchall()
        return frames_of(rows, ids)

    def learnt(self, key: SeriesKey, field: str, as_of: object = None) -> pd.Series[Any]:
        """Return since when the value of each session has been known: moments in UTC by session."""
        known_by = self._moment(as_of)
        with self._reading() as connection:
            ids = self._ids(connection, [key])
            query = known_then(list(ids.values()), [field], known_by, None, None)
            rows = [row for row in connection.execute(query) if row.value is not None]
        moments = pd.to_datetime([row.known_from for row in rows], unit="us", utc=True)
        return pd.Series(moments, index=t.to_sessions([row.session for row in rows]), name=str(key))

    def history(self, key: SeriesKey, as_of: object = None) -> pd.DataFrame:
        """Return every row of a series in the order in which it was learnt: field, session, known_from, value.

        A NaN is a withdrawal.
        """
        known_by = self._moment(as_of)
        with self._reading() as connection:
            (series_id,) = self._ids(connection, [key]).values()
            p = t.points.c
            query = select(p.field, p.session, p.known_from, p.value).where(p.series_id == series_id)
            query = query if known_by is None else query.where(p.known_from <= known_by)
            rows = connection.execute(query.order_by(p.known_from, p.field, p.session)).fetchall()
        frame = pd.DataFrame(rows, columns=["field", "session", "known_from", "value"])
        return frame.assign(
            session=t.to_sessions(frame["session"]),
            known_from=pd.to_datetime(frame["known_from"], unit="us", utc=True),
            value=frame["value"].astype(np.float64),
        )

    def facts(self, keys: Iterable[SeriesKey], as_of: object = None) -> dict[SeriesKey, dict[str, str]]:
        """Return currency, unit, exchange, name and so on of some series, as they were known at some moment."""
        histories = self.fact_history(keys, as_of)
        return {key: {fact: history[-1][1] for fact, history in facts.items()} for key, facts in histories.items()}

    def fact_history(
        self, keys: Iterable[SeriesKey], as_of: object = None
    ) -> dict[SeriesKey, dict[str, list[tuple[pd.Timestamp, str]]]]:
        """Return every value of each fact of some series, with the moment from which it was known, oldest first."""
        wanted = list(dict.fromkeys(keys))
        known_by = self._moment(as_of)
        f = t.facts.c
        with self._reading() as connection:
            ids = self._ids(connection, wanted)
            query = select(f.series_id, f.fact, f.known_from, f.value).where(f.series_id.in_(list(ids.values())))
            query = query if known_by is None else query.where(f.known_from <= known_by)
            rows = connection.execute(query.order_by(f.series_id, f.fact, f.known_from)).fetchall()
        by_id: dict[int, dict[str, list[tuple[pd.Timestamp, str]]]] = {}
        for series_id, fact, known_from, value in rows:
            by_id.setdefault(series_id, {}).setdefault(fact, []).append((t.to_moment(known_from), value))
        return {key: by_id.get(series_id, {}) for key, series_id in ids.items()}

    def pulls(self, keys: Iterable[SeriesKey] | None = None, as_of: object = None) -> pd.DataFrame:
        """Return a row per answer that told something new: what was asked, from whom, and what it changed."""
        known_by = self._moment(as_of)
        with self._reading() as connection:
            ids = self._ids(connection, list(self.series_keys() if keys is None else keys))
            p = t.pulls.c
            columns = [p.series_id, *(p[name] for name in PULL_COLUMNS[1:])]
            query = select(*columns).where(p.series_id.in_(list(ids.values())))
            query = query if known_by is None else query.where(p.known_from <= known_by)
            rows = connection.execute(query.order_by(p.known_from, p.series_id)).fetchall()
        names = {series_id: str(key) for key, series_id in ids.items()}
        frame = pd.DataFrame(rows, columns=PULL_COLUMNS)
        return frame.assign(
            series=frame["series"].map(names),
            known_from=pd.to_datetime(frame["known_from"], unit="us", utc=True),
            asked_at=pd.to_datetime(frame["asked_at"], unit="us", utc=True),
            first=t.to_sessions(frame["first"]),
            last=t.to_sessions(frame["last"]),
        )

    def _moment(self, as_of: object) -> int | None:
        """Return the last microsecond that counts as known, once no write of before it is still under way.

        A write takes its moment before it is committed. Who reads as of a later moment waits for it, so that the same
        ``as_of`` gives the same values ever after; a store that may only be read is read as it is.
        """
        known_by = t.as_of_micros(as_of)
        if known_by is None:
            return None
        with self._reading() as connection:
            newest = connection.execute(select(func.max(t.pulls.c.known_from))).scalar()
        if newest is None or known_by > int(newest):
            with contextlib.suppress(StoreError), guarded(self.where), writing(self._engine):
                pass
        return known_by

    def verify(self) -> list[str]:
        """Return what is wrong with the store, in words; nothing if all is well.

        The file must be undamaged, every row must belong to a pull that was stored whole, and a pull must have as many
        rows as it says.
        """
        with self._reading() as connection:
            return faults_of(connection)

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    def __enter__(self) -> PriceStore:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _reading(self) -> AbstractContextManager[Connection]:
        return reading(self._engine, self.where)

    def _ids(self, connection: Connection, keys: Sequence[SeriesKey]) -> dict[SeriesKey, int]:
        rows = connection.execute(select(t.series.c.id, t.series.c.provider, t.series.c.symbol)).fetchall()
        stored = {SeriesKey(provider, symbol): int(number) for number, provider, symbol in rows}
        lacking = [key for key in keys if key not in stored]
        if lacking:
            names = [str(key) for key in sorted(stored)]
            hints = listed(f"{key}{close_to(str(key), names)}" for key in lacking)
            raise NothingStoredError(
                f"price store {self.where} holds no {hints}. It holds: {listed(names, 40)}. Get more with: potash prices pull."
            )
        return {key: stored[key] for key in keys}
