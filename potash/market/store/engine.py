"""Where the price store lies and how it is opened: SQLite in a file by default, any PostgreSQL by its address."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import URL, Connection, Engine, create_engine, event, select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from potash.errors import StoreError, StorePlaceError
from potash.files import STORE_VARIABLE
from potash.market.store.schema import FORMAT, metadata, store_facts

_WAIT_SECONDS = 60
# Names the lock of the store within its database.
_LOCK = int.from_bytes(b"potash", "big")

# What a database says, and what to do about it.
_CAUSES = (
    ("disk is full", "the disk is full: make room"),
    ("disk i/o error", "the disk refused to write (full, or a limit on file sizes): make room"),
    ("no space left", "the disk is full: make room"),
    ("readonly database", "it may only be read: check the permissions of the file and of its folder"),
    ("read-only", "it may only be read: check the permissions of the file and of its folder"),
    ("unable to open database file", "it cannot be opened: check that its folder exists and may be written"),
    ("permission denied", "permission denied: check the permissions of the file and of its folder"),
    ("not a database", "the file is not a SQLite database: give another with --store"),
    ("malformed", "the file is damaged: restore it from a copy, or pull into a new one with --store"),
    ("lock timeout", f"another process has held it for {_WAIT_SECONDS} seconds: try again when it is done"),
    ("database is locked", f"another process has held it for {_WAIT_SECONDS} seconds: try again when it is done"),
)


def shown_place(place: str) -> str:
    """Return a place for people: a path, or an address without its password.

    Raises
    ------
    StoreError
        If an address cannot be read.
    """
    if "://" not in place:
        return place
    try:
        return make_url(place).render_as_string()
    except (ArgumentError, ValueError) as error:
        raise StorePlaceError(
            f"--store {place!r} is not an address ({error}). Give a file (prices.sqlite) or "
            "postgresql://user@host/database."
        ) from error


@contextmanager
def guarded(where: str) -> Iterator[None]:
    """Turn an error of the database into a :class:`StoreError` that says what to do."""
    try:
        yield
    except (SQLAlchemyError, OSError) as error:
        said = str(error.orig if isinstance(error, DBAPIError) else error).strip().splitlines()
        first = said[0] if said else type(error).__name__
        cause = next((why for words, why in _CAUSES if words in first.lower()), first)
        # A file of something else was named by whoever asks; all other causes lie with the store.
        kind = StorePlaceError if "is not a SQLite database" in cause else StoreError
        raise kind(f"price store {where}: {cause}. What it held it still holds.") from error


def open_engine(place: str, *, create: bool) -> Engine:
    """Return an engine on a store that exists and has our format; make the store if ``create``.

    Raises
    ------
    StoreError
        If there is no store and none is to be made, it cannot be reached, or it has another format.
    """
    where = shown_place(place)
    with guarded(where):
        engine = _server(place) if "://" in place else _sqlite(Path(place), create=create)
        try:
            _check_format(engine, where, create=create)
        except BaseException:
            engine.dispose()
            raise
    return engine


def _sqlite(path: Path, *, create: bool) -> Engine:
    if not path.exists() and not create:
        raise StorePlaceError(
            f"there is no price store at {path}. Make one with: potash prices pull. (--store or {STORE_VARIABLE} name "
            "another place.)"
        )
    if create:
        path.parent.mkdir(parents=True, exist_ok=True)
    readonly = path.exists() and not (os.access(path, os.W_OK) and os.access(path.parent, os.W_OK))
    url = URL.create("sqlite", database=str(path))
    if readonly and not create:
        # Without a log beside it a file that nobody here may write does not change under us.
        still = {} if path.with_name(path.name + "-wal").exists() else {"immutable": "1"}
        url = URL.create(
            "sqlite", database=f"file:{quote(str(path.resolve()))}", query={"mode": "ro", "uri": "true", **still}
        )
    # One connection per use: a SQLite connection is cheap to open and must not travel through a fork.
    engine = create_engine(url, poolclass=NullPool, connect_args={"timeout": _WAIT_SECONDS})

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # transactions begin where we say, not where the driver guesses
        if not readonly:
            _write_ahead(connection)
            connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writing = connection.get_execution_options().get("writing", False)
        # A writer takes its lock at once: one that starts as a reader cannot wait for it later.
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")

    return engine


def _write_ahead(connection: Any) -> None:
    """Turn the log on. SQLite does not wait for a lock here as it does elsewhere, so we do."""
    from sqlite3 import OperationalError

    for attempt in range(_WAIT_SECONDS * 20):
        try:
            if connection.execute("PRAGMA journal_mode=WAL").fetchone()[0].lower() == "wal":
                return
        except OperationalError as error:
            if "locked" not in str(error) or attempt == _WAIT_SECONDS * 20 - 1:
                raise
        time.sleep(0.05)


def _server(url: str) -> Engine:
    try:
        return create_engine(url, isolation_level="REPEATABLE READ", poolclass=NullPool)
    except ModuleNotFoundError as error:
        raise StorePlaceError(
            f"the driver {error.name!r} of this database is not installed. For PostgreSQL: pip install 'potash[postgres]'."
        ) from error
    except NoSuchModuleError as error:
        raise StorePlaceError(
            f"{error}. Potash keeps prices in SQLite (a path) or PostgreSQL (postgresql://...)."
        ) from error


@contextmanager
def reading(engine: Engine, where: str) -> Iterator[Connection]:
    """Yield a connection that sees the store as it stood at one moment."""
    with guarded(where), engine.connect() as connection, connection.begin():
        yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Yield a connection in a transaction that alone may write, so that moments are given in the order of commits."""
    if engine.dialect.name == "sqlite":
        with engine.connect().execution_options(writing=True) as connection, connection.begin():
            yield connection
        return
    # Read what others committed while we waited for the lock, not what stood when the transaction began.
    with engine.connect().execution_options(isolation_level="READ COMMITTED") as connection, connection.begin():
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{_WAIT_SECONDS}s'")
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
        yield connection


def _check_format(engine: Engine, where: str, *, create: bool) -> None:
    stored = _format(engine)
    if stored is None and create:
        with writing(engine) as connection:
            metadata.create_all(connection, checkfirst=True)
            if connection.execute(select(store_facts.c.value)).first() is None:
                connection.execute(store_facts.insert().values(name="format", value=FORMAT))
        stored = _format(engine)
    if stored is None:
        raise StorePlaceError(f"{where} holds no price store. Make one with: potash prices pull --store {where}")
    if stored != FORMAT:
        raise StorePlaceError(
            f"price store {where} has format {stored} and this version of potash reads {FORMAT}. Install the version that "
            "made it, or pull into a new store with --store."
        )


def _format(engine: Engine) -> str | None:
    with engine.connect() as connection, connection.begin():
        if not engine.dialect.has_table(connection, store_facts.name):
            return None
        value = connection.execute(select(store_facts.c.value).where(store_facts.c.name == "format")).scalar()
        return None if value is None else str(value)
