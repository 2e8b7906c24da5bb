"""The tables of the price store, append-only: a value is never changed, a later row with the same key overrides it.

``points`` is bitemporal: a row says that from the moment ``known_from`` on, the provider gave ``value`` for a field of a
session. A null value is a withdrawal: the provider gave one before and no longer does. What was known at some moment is,
for each (series, field, session), the row with the last ``known_from`` up to it.

Sessions are whole numbers YYYYMMDD, moments are microseconds since 1970 in UTC: both databases keep and order them alike.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import BigInteger, Column, Double, ForeignKey, Integer, MetaData, String, Table, Text, UniqueConstraint

from potash._typing import Int1D
from potash.errors import InputError

FORMAT = "1"

_ISO = re.compile(r"\d{4}-\d{2}-\d{2}($|[T ]\d{2}:\d{2})")

metadata = MetaData()

store_facts = Table(
    "store",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("value", Text, nullable=False),
)

series = Table(
    "series",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("provider", String(40), nullable=False),
    Column("symbol", String(120), nullable=False),
    UniqueConstraint("provider", "symbol"),
)

points = Table(
    "points",
    metadata,
    Column("series_id", Integer, ForeignKey("series.id"), primary_key=True),
    Column("field", String(12), primary_key=True),
    Column("session", Integer, primary_key=True, autoincrement=False),
    Column("known_from", BigInteger, primary_key=True, autoincrement=False),
    Column("value", Double),
    # The primary key holds the rows themselves: half the size, and a series is read in one stretch.
    sqlite_with_rowid=False,
)

facts = Table(
    "facts",
    metadata,
    Column("series_id", Integer, ForeignKey("series.id"), primary_key=True),
    Column("fact", String(20), primary_key=True),
    Column("known_from", BigInteger, primary_key=True, autoincrement=False),
    Column("value", Text, nullable=False),
    sqlite_with_rowid=False,
)

# A row for each answer that told something new, written in the transaction of its points.
pulls = Table(
    "pulls",
    metadata,
    Column("series_id", Integer, ForeignKey("series.id"), primary_key=True),
    Column("known_from", BigInteger, primary_key=True, autoincrement=False),
    Column("asked_at", BigInteger, nullable=False),
    Column("first", Integer, nullable=False),
    Column("last", Integer, nullable=False),
    Column("source", Text, nullable=False),
    Column("added", Integer, nullable=False),
    Column("revised", Integer, nullable=False),
    Column("withdrawn", Integer, nullable=False),
    Column("notes", Text, nullable=False),
    sqlite_with_rowid=False,
)


def to_numbers(sessions: pd.DatetimeIndex) -> Int1D:
    """Return dates as whole numbers YYYYMMDD."""
    numbers = sessions.year * 10_000 + sessions.month * 100 + sessions.day
    return numbers.to_numpy(dtype=np.int64)


def to_sessions(numbers: Any) -> pd.DatetimeIndex:
    """Return whole numbers YYYYMMDD as naive dates."""
    values = np.asarray(numbers, dtype=np.int64)
    months = (values // 10_000 - 1970) * 12 + values // 100 % 100 - 1
    days = months.astype("datetime64[M]").astype("datetime64[D]") + (values % 100 - 1)
    return pd.DatetimeIndex(days.astype("datetime64[ns]"), name="session")


def to_number(day: pd.Timestamp) -> int:
    """Return one date as a whole number YYYYMMDD."""
    return day.year * 10_000 + day.month * 100 + day.day


def to_micros(moment: dt.datetime) -> int:
    """Return a moment with its zone as microseconds since 1970 in UTC."""
    if moment.tzinfo is None:
        raise InputError(f"{moment} has no zone. Moments of the store are in UTC: add tzinfo=datetime.UTC.")
    since = moment.astimezone(dt.UTC) - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def to_moment(micros: int) -> pd.Timestamp:
    """Return microseconds since 1970 as a moment in UTC."""
    return pd.Timestamp(int(micros), unit="us", tz="UTC")


def as_of_micros(as_of: object, name: str = "as_of") -> int | None:
    """Return the last microsecond at which something counts as known: the end of the day in UTC for a plain date.

    Raises
    ------
    InputError
        If it is neither a date, nor a moment with its zone.
    """
    if as_of is None:
        return None
    wrong = InputError(
        f"{name}={as_of!r} is not a date. Write YYYY-MM-DD, or a moment with its zone: 2026-01-15T09:30Z."
    )
    if isinstance(as_of, str) and not _ISO.match(as_of.strip()):
        raise wrong  # 01/02/2026 can be read two ways, and 2026-01 is no day
    try:
        stamp = pd.Timestamp(as_of)
    except (ValueError, TypeError) as error:
        raise wrong from error
    if pd.isna(stamp) or not 1970 <= stamp.year < 2200:
        raise wrong
    if stamp.tzinfo is not None:
        return to_micros(stamp.to_pydatetime(warn=False))
    if stamp != stamp.normalize():
        raise InputError(f"{name}={as_of!r} has a time and no zone. Add it: {stamp.isoformat()}Z for UTC.")
    return to_micros((stamp + pd.Timedelta(days=1)).tz_localize("UTC").to_pydatetime()) - 1
