"""Dates and moments as the whole numbers that both databases keep."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateTable

from potash.errors import InputError
from potash.market.store.schema import (
    FORMAT,
    as_of_micros,
    metadata,
    to_micros,
    to_moment,
    to_number,
    to_numbers,
    to_sessions,
)

SECOND = 1_000_000

# Stores of users have these tables: another table needs another number of the format.
TABLES_OF_FORMAT_1 = """
CREATE TABLE facts ( series_id INTEGER NOT NULL, fact VARCHAR(20) NOT NULL, known_from BIGINT NOT NULL, value TEXT NOT NULL,
 PRIMARY KEY (series_id, fact, known_from), FOREIGN KEY(series_id) REFERENCES series (id) ) WITHOUT ROWID
CREATE TABLE points ( series_id INTEGER NOT NULL, field VARCHAR(12) NOT NULL, session INTEGER NOT NULL,
 known_from BIGINT NOT NULL, value DOUBLE, PRIMARY KEY (series_id, field, session, known_from),
 FOREIGN KEY(series_id) REFERENCES series (id) ) WITHOUT ROWID
CREATE TABLE pulls ( series_id INTEGER NOT NULL, known_from BIGINT NOT NULL, asked_at BIGINT NOT NULL, first INTEGER NOT NULL,
 last INTEGER NOT NULL, source TEXT NOT NULL, added INTEGER NOT NULL, revised INTEGER NOT NULL, withdrawn INTEGER NOT NULL,
 notes TEXT NOT NULL, PRIMARY KEY (series_id, known_from), FOREIGN KEY(series_id) REFERENCES series (id) ) WITHOUT ROWID
CREATE TABLE series ( id INTEGER NOT NULL, provider VARCHAR(40) NOT NULL, symbol VARCHAR(120) NOT NULL, PRIMARY KEY (id),
 UNIQUE (provider, symbol) )
CREATE TABLE store ( name VARCHAR(40) NOT NULL, value TEXT NOT NULL, PRIMARY KEY (name) )
"""


def test_the_tables_are_those_of_the_format():
    dialect = sqlite.dialect()
    tables = [str(CreateTable(table).compile(dialect=dialect)) for _, table in sorted(metadata.tables.items())]
    assert FORMAT == "1"
    assert " ".join(" ".join(tables).split()) == " ".join(TABLES_OF_FORMAT_1.split())


def test_dates_are_written_as_whole_numbers_and_read_back():
    days = pd.DatetimeIndex(["1969-12-31", "1970-01-01", "2000-02-29", "2026-11-28", "2199-12-31"], name="session")
    assert to_numbers(days).tolist() == [19691231, 19700101, 20000229, 20261128, 21991231]
    assert [to_number(day) for day in days] == to_numbers(days).tolist()
    assert to_sessions(to_numbers(days)).equals(days.as_unit("ns"))
    assert to_sessions([]).name == "session"


def test_every_day_of_four_years_comes_back():
    days = pd.date_range("2023-01-01", "2026-12-31")
    assert to_sessions(to_numbers(days)).equals(days.as_unit("ns"))


def test_moments_are_microseconds_since_1970():
    assert to_micros(dt.datetime(1970, 1, 1, tzinfo=dt.UTC)) == 0
    assert to_micros(dt.datetime(1970, 1, 2, 0, 0, 1, 7, tzinfo=dt.UTC)) == 86_401 * SECOND + 7
    east = dt.timezone(dt.timedelta(hours=2))
    assert to_micros(dt.datetime(1970, 1, 1, 3, tzinfo=east)) == 3600 * SECOND
    assert to_micros(dt.datetime(1969, 12, 31, 23, 59, 59, tzinfo=dt.UTC)) == -SECOND
    assert to_moment(86_401 * SECOND + 7) == pd.Timestamp("1970-01-02T00:00:01.000007Z")
    with pytest.raises(InputError, match="2026-01-01 00:00:00 has no zone"):
        to_micros(dt.datetime(2026, 1, 1))


@pytest.mark.parametrize(
    ("as_of", "last"),
    [
        ("2026-01-15", "2026-01-15T23:59:59.999999Z"),
        (dt.date(2026, 1, 15), "2026-01-15T23:59:59.999999Z"),
        (pd.Timestamp("2026-01-15"), "2026-01-15T23:59:59.999999Z"),
        ("2026-01-15T09:30Z", "2026-01-15T09:30Z"),
        ("2026-01-15 09:30+02:00", "2026-01-15T07:30Z"),
        (dt.datetime(2026, 1, 15, 9, 30, tzinfo=dt.UTC), "2026-01-15T09:30Z"),
        ("1970-01-01", "1970-01-01T23:59:59.999999Z"),
        ("2199-12-31", "2199-12-31T23:59:59.999999Z"),
    ],
)
def test_a_day_counts_to_its_end_and_a_moment_to_itself(as_of, last):
    assert to_moment(as_of_micros(as_of)) == pd.Timestamp(last)


def test_all_that_is_known_has_no_end():
    assert as_of_micros(None) is None


@pytest.mark.parametrize(
    "as_of", ["2026-01", "01/02/2026", "soon", "1969-12-31", "2200-01-01", pd.NaT, object(), np.nan]
)
def test_what_is_no_date_is_refused(as_of):
    with pytest.raises(InputError, match=r"since=.* is not a date\. Write YYYY-MM-DD"):
        as_of_micros(as_of, "since")


def test_a_time_needs_its_zone():
    with pytest.raises(
        InputError, match=r"as_of='2026-01-15T09:30' has a time and no zone\. Add it: 2026-01-15T09:30:00Z"
    ):
        as_of_micros("2026-01-15T09:30")
