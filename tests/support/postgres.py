"""A PostgreSQL server of the test's own, from the system's packages, on a socket in a folder that goes away with it."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

_NUMBERS = count()


def programs() -> Path | None:
    """Return the folder of PostgreSQL's programs, or None."""
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return folders[-1].parent if folders else None


def unprivileged() -> str | None:
    """Return who runs the server: PostgreSQL refuses to run as root. None is whoever runs the tests."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


class Server:
    """A running server; ``database()`` returns the address of a new, empty database."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def database(self) -> str:
        name = f"potash{next(_NUMBERS)}"
        import psycopg

        address = f"host={self.folder} user=potash dbname=postgres"
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return f"postgresql://potash@/{name}?host={self.folder}"


@contextmanager
def server() -> Iterator[Server]:
    """Yield a running server; raises RuntimeError with the reason where there can be none."""
    where = programs()
    if where is None:
        raise RuntimeError("PostgreSQL is not installed on this machine")
    user = unprivileged()
    folder = Path(tempfile.mkdtemp(prefix="pg"))  # short: the path of a socket is limited to 107 characters
    try:
        if user is not None:
            shutil.chown(folder, user)
        data = folder / "data"

        def run(*command: str) -> None:
            done = subprocess.run(
                command,
                user=user,
                cwd=folder,
                capture_output=True,
                text=True,
                env={"PATH": os.environ["PATH"], "LC_ALL": "C"},
            )
            if done.returncode:
                raise RuntimeError(f"{Path(command[0]).name} failed: {done.stderr.strip()[-300:]}")

        run(str(where / "initdb"), "-D", str(data), "-U", "potash", "-A", "trust", "--no-sync", "-E", "UTF8")
        options = f"-c listen_addresses='' -c unix_socket_directories='{folder}' -c fsync=off -c max_connections=40"
        run(str(where / "pg_ctl"), "-D", str(data), "-w", "-l", str(folder / "log"), "-o", options, "start")
        try:
            yield Server(folder)
        finally:
            run(str(where / "pg_ctl"), "-D", str(data), "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
