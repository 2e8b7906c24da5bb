"""One page, read into claims."""

import pytest

from potash.news.events.reading import read_timeline


@pytest.fixture
def read(tmp_path):
    """Return a function that reads one page of paragraphs, published on Sunday 2025-12-14."""

    def read(*paragraphs: str):
        text = "---\npublished: 2025-12-14\npublisher: Delta Post\n---\n\n" + "\n\n".join(paragraphs) + "\n"
        (tmp_path / "page.md").write_text(text, encoding="utf-8")
        return read_timeline(tmp_path)

    return read


@pytest.fixture
def claim(read):
    """Return a function that reads a page and returns its one claim of a kind."""

    def claim(kind: str, *paragraphs: str):
        (found,) = [c for c in read(*paragraphs).claims if c.kind == kind]
        return found

    return claim
