"""Where the user's data lie: the price store and the frozen snapshots."""

from __future__ import annotations

import os
from pathlib import Path

STORE_VARIABLE, HOME_VARIABLE = "POTASH_STORE", "POTASH_HOME"


def home() -> Path:
    """Return the folder of the user's data: ``POTASH_HOME``, else the usual place of the system for ``potash``."""
    import platformdirs

    given = os.environ.get(HOME_VARIABLE, "")
    return Path(given).expanduser() if given else platformdirs.user_data_path("potash", appauthor=False)


def snapshots_home() -> Path:
    """Return the folder of frozen snapshots below :func:`home`."""
    return home() / "snapshots"


def store_place(where: str | Path | None = None) -> str:
    """Return where a store lies: the path of a SQLite file, or the URL of another database.

    Without an argument, or for ``"default"``, it is ``POTASH_STORE``, else ``prices.sqlite`` below :func:`home`.
    """
    given = os.environ.get(STORE_VARIABLE, "") if where is None or where == "default" else str(where)
    text = (given or str(home() / "prices.sqlite")).removeprefix("sqlite:///")
    if "://" not in text:
        return str(Path(text).expanduser())
    # A plain postgresql:// means the driver that potash[postgres] installs.
    return text.replace("postgresql://", "postgresql+psycopg://", 1).replace("postgres://", "postgresql+psycopg://", 1)
