"""A store is whole if each of its pulls has the rows that it says, and each row its pull."""

import datetime as dt
import sqlite3

import numpy as np
import pytest

from potash.market.series import SeriesKey
from potash.market.store.store import PriceStore
from tests.market.store.made_up import CLOSES, NOON, answer, at

DAY = dt.timedelta(days=1)
MOS = SeriesKey("yahoo", "MOS")


@pytest.fixture
def path(tmp_path):
    """A store of two series; one was pulled again, with a value added, one revised and one withdrawn."""
    place = tmp_path / "prices.sqlite"
    with PriceStore(place, create=True) as store:
        store.put(answer(CLOSES[:9]), at(NOON), asked_at=NOON)
        store.put(answer(CLOSES[:3], key=MOS), at(NOON), asked_at=NOON)
        changed = [np.nan, *CLOSES[1:8], 9.0, CLOSES[9]]
        written = store.put(answer(changed), at(NOON + DAY), asked_at=NOON + DAY)
        assert (written.added, written.revised, written.withdrawn) == (1, 1, 1)
    return place


def faults(path, *damages):
    with sqlite3.connect(path) as connection:
        for damage in damages:
            connection.execute(damage)
    connection.close()
    with PriceStore(path) as store:
        return store.verify()


def test_a_whole_store_has_no_fault(path):
    assert faults(path) == []


def test_a_file_that_breaks_its_own_rules_is_damaged(path):
    stricter = (
        "UPDATE sqlite_master SET sql = replace(sql, 'value DOUBLE', 'value DOUBLE NOT NULL') WHERE name = 'points'"
    )
    assert faults(path, "PRAGMA writable_schema = ON", stricter) == ["the file is damaged: NULL value in points.value"]


def test_a_row_that_is_lost_is_missed_by_its_pull_alone(path):
    assert faults(path, "DELETE FROM points WHERE series_id = 1 AND session = 20260107") == [
        "series 1: the pull of 2026-01-20 12:00:00+00:00 says 9 values and has 8"
    ]


def test_rows_that_no_pull_wrote_are_counted_by_series(path):
    strays = [
        "INSERT INTO points VALUES (1, 'close', 20260301, 1, 2.0)",
        "INSERT INTO points VALUES (1, 'open', 20260301, 1, 2.0)",
    ]
    other = "INSERT INTO points VALUES (2, 'close', 20260301, 1, 2.0)"
    assert faults(path, *strays, other) == ["values of no pull: series 1: 2, series 2: 1"]


def test_a_pull_that_is_lost_leaves_its_rows_without_one(path):
    assert faults(path, "DELETE FROM pulls WHERE series_id = 2") == ["values of no pull: series 2: 3"]


@pytest.mark.parametrize("count", ["added", "revised", "withdrawn"])
def test_every_count_of_a_pull_is_held_against_its_rows(path, count):
    damage = f"UPDATE pulls SET {count} = {count} + 1 WHERE asked_at = (SELECT max(asked_at) FROM pulls)"
    assert faults(path, damage) == ["series 1: the pull of 2026-01-21 12:00:00+00:00 says 4 values and has 3"]
