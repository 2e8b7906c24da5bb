"""A folder that is costly to fill: one worker of a run fills it, and the tests of every worker read it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

PATIENCE = 300.0  # seconds


def filled_once(factory: pytest.TempPathFactory, name: str, fill: Callable[[Path], None]) -> Path:
    """Return a folder of this run that ``fill`` has filled, called by the worker who is the first to need it."""
    root = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        root = root.parent  # the same for all workers
    folder, filled, failed = (root / f"{name}{ending}" for ending in ("", ".filled", ".failed"))
    try:
        folder.mkdir()
    except FileExistsError:
        deadline = time.monotonic() + PATIENCE
        while not (filled.exists() or failed.exists()) and time.monotonic() < deadline:
            time.sleep(0.1)
    else:
        try:
            fill(folder)
        except BaseException:
            failed.touch()
            raise
        filled.touch()
    assert filled.exists(), f"{name} could not be filled; the first test that needed it says why"
    return folder
