"""Every test of the store runs on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from potash.market.store.store import PriceStore


@pytest.fixture
def store(address: str) -> Iterator[PriceStore]:
    with PriceStore(address, create=True) as opened:
        yield opened
