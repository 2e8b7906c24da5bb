"""The carried timeline, and timelines of one's own."""

import pytest

from potash.news.timeline import load_timeline


@pytest.fixture(scope="module")
def timeline():
    return load_timeline()


@pytest.fixture
def own(tmp_path):
    """Return a function that writes files of one's own and returns their timeline."""

    def own(events: str, **others: str):
        paths = {}
        for name, text in {"events": events, **others}.items():
            paths[name] = tmp_path / f"{name}.csv"
            paths[name].write_text(text, encoding="utf-8")
        return load_timeline(**paths)

    return own
