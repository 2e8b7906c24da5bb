"""Files of articles, written and read."""

from pathlib import Path

import pytest

from potash.news.articles.reading import read_article


@pytest.fixture
def write(tmp_path):
    """Return a function that writes files by name and returns their folder."""

    def write(**files: str | bytes) -> Path:
        for name, content in files.items():
            path = tmp_path / name.replace("__", ".")
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        return tmp_path

    return write


@pytest.fixture
def read(write):
    """Return a function that reads one text as an article."""

    def read(text: str | bytes, ending: str = "txt", **given):
        return read_article(write(**{f"a__{ending}": text}) / f"a.{ending}", **given)

    return read
