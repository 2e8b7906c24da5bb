"""Where the store lies and how it is opened: read-only, new, of another format, and what a database says of itself."""

from __future__ import annotations

import os
import sqlite3
import time
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from potash.errors import StoreError
from potash.market.store import engine as opening
from potash.market.store.engine import guarded, open_engine, reading, shown_place, writing
from potash.market.store.store import PriceStore
from tests.market.store.made_up import CLOSES, NOON, NTR, answer, at


def small(folder: Path) -> Path:
    """Return a store of one series that must not be harmed."""
    path = folder / "prices.sqlite"
    with PriceStore(path, create=True) as store:
        store.put(answer(CLOSES), at(NOON), asked_at=NOON)
    return path


def test_an_address_is_shown_without_its_password():
    assert shown_place("prices.sqlite") == "prices.sqlite"
    assert shown_place("postgresql://someone:secret@host/prices") == "postgresql://someone:***@host/prices"


@pytest.mark.parametrize(
    ("said", "advice"),
    [
        ("database or disk is full", "the disk is full: make room"),
        ("disk I/O error", "the disk refused to write"),
        ("attempt to write a readonly database", "it may only be read"),
        ("cannot execute INSERT in a read-only transaction", "it may only be read"),
        ("unable to open database file", "it cannot be opened: check that its folder exists"),
        ("file is not a database", "the file is not a SQLite database"),
        ("database disk image is malformed", "the file is damaged"),
        ("canceling statement due to lock timeout", "another process has held it for 60 seconds"),
        ("database is locked", "another process has held it for 60 seconds"),
        ("something else\nand more", "something else"),
        ("", "OperationalError"),
    ],
)
def test_what_a_database_says_becomes_what_to_do(said, advice):
    message = rf"^price store here: {advice}[^\n]*\. What it held it still holds\.$"
    with pytest.raises(StoreError, match=message), guarded("here"):
        raise OperationalError("SELECT 1", {}, sqlite3.OperationalError(said))


def test_errors_of_the_system_are_told_alike():
    with pytest.raises(StoreError, match="permission denied: check the permissions"), guarded("here"):
        raise PermissionError("Permission denied: 'prices.sqlite'")


def test_a_new_store_makes_its_folders_and_may_be_made_twice(tmp_path):
    path = tmp_path / "a" / "b" / "prices.sqlite"
    for _ in range(2):
        with PriceStore(path, create=True) as store:
            assert store.series_keys() == []
    with pytest.raises(StoreError, match=r"no price store at .*none.sqlite. Make one with: potash prices pull"):
        PriceStore(tmp_path / "none.sqlite")
    assert not (tmp_path / "none.sqlite").exists()


@pytest.mark.parametrize("closed", ["file", "folder"])
def test_what_may_not_be_written_is_opened_to_read_alone(tmp_path, monkeypatch, closed):
    path = small(tmp_path)
    real = os.access
    shut = path if closed == "file" else tmp_path
    monkeypatch.setattr(os, "access", lambda place, mode: place != shut and real(place, mode))
    engine = open_engine(str(path), create=False)
    assert dict(engine.url.query) == {"mode": "ro", "uri": "true", "immutable": "1"}
    with PriceStore(path) as store:
        assert store.read([NTR])[NTR]["close"].tolist() == CLOSES
    # A log beside it may be that of a writer: then the file is not held to be still.
    path.with_name("prices.sqlite-wal").touch()
    assert dict(open_engine(str(path), create=False).url.query) == {"mode": "ro", "uri": "true"}
    assert not open_engine(str(path), create=True).url.query


def test_what_may_be_written_is_opened_to_write_and_waits_for_others(tmp_path):
    engine = open_engine(str(small(tmp_path)), create=False)
    assert not engine.url.query
    with reading(engine, "here") as connection:
        settings = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in (
            "journal_mode", "synchronous", "foreign_keys", "busy_timeout")}  # fmt: skip
    assert settings == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 60_000}


def test_a_writer_takes_the_lock_at_once_and_a_reader_none(tmp_path, monkeypatch):
    monkeypatch.setattr(opening, "_WAIT_SECONDS", 0)
    engine = open_engine(str(small(tmp_path)), create=False)
    with (
        reading(engine, "here"),
        writing(engine),
        reading(engine, "here"),
        pytest.raises(OperationalError, match="locked"),
        writing(engine),
    ):
        pass
    with writing(engine):
        pass


class Locked:
    """A connection whose first answers are errors."""

    def __init__(self, *answers):
        self.answers = list(answers)

    def execute(self, _):
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return self

    def fetchone(self):
        return ["WAL"]


def test_the_log_is_turned_on_when_others_let_go(monkeypatch):
    naps = []
    monkeypatch.setattr(time, "sleep", naps.append)
    busy = sqlite3.OperationalError("database is locked")
    opening._write_ahead(Locked(busy, busy, "done"))
    assert naps == [0.05, 0.05]
    with pytest.raises(sqlite3.OperationalError, match="full"):
        opening._write_ahead(Locked(sqlite3.OperationalError("disk is full")))
    naps.clear()
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        opening._write_ahead(Locked(*[busy] * 1200))
    assert len(naps) == 1199


def test_what_is_no_store_is_named(tmp_path):
    path = tmp_path / "prices.sqlite"
    path.write_text("date,NTR\n2025-01-02,50\n" * 50)
    with pytest.raises(StoreError, match=r"not a SQLite database: give another with --store"):
        PriceStore(path)
    with pytest.raises(StoreError, match=r"--store 'postgres:/nonsense' is not an address|no price store"):
        PriceStore("postgres:/nonsense")
    with pytest.raises(StoreError, match=r"SQLite \(a path\) or PostgreSQL"):
        PriceStore("oracle9://user@host/name")
    with pytest.raises(
        StoreError, match=r"price store postgresql\+psycopg://someone:\*\*\*@127.0.0.1:1/none: .*connection"
    ):
        PriceStore("postgresql://someone:secret@127.0.0.1:1/none")


def test_a_store_of_another_format_is_refused(tmp_path):
    path = small(tmp_path)
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE store SET value = '99'")
    connection.close()
    with pytest.raises(StoreError, match="has format 99 and this version of potash reads 1"):
        PriceStore(path)
