"""What every test has: the calendars kept on this machine, also where a test gives its processes another home."""

import os

import pytest

from potash.cache import CACHE_VARIABLE, cache_folder
from tests.support.stores import address, postgres_server  # noqa: F401 - fixtures

os.environ.setdefault(CACHE_VARIABLE, str(cache_folder()))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the slow tests first, so that no worker is left alone with one at the end."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)
