"""Every test of the store runs on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from potash.market.store.store import PriceStore
from tests.support import postgres


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[postgres.Server]:
    if postgres.programs() is None:
        pytest.skip("PostgreSQL is not installed on this machine")
    with postgres.server() as running:
        yield running


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a store that is not there yet."""
    if request.param == "sqlite":
        return str(tmp_path / "prices.sqlite")
    return request.getfixturevalue("postgres_server").database()


@pytest.fixture
def store(address: str) -> Iterator[PriceStore]:
    with PriceStore(address, create=True) as opened:
        yield opened
