"""Decisions applied to two events."""

import pytest

from potash.news.tables.overrides import apply_overrides, read_overrides
from tests.support.records import two_events


@pytest.fixture
def decide(tmp_path):
    """Return a function that writes an overrides file and applies it."""

    def decide(text, reading=None):
        path = tmp_path / "overrides.toml"
        path.write_text(text, encoding="utf-8")
        return apply_overrides(reading or two_events(), read_overrides(path))

    return decide
