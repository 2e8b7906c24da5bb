"""The pages of a finished report, read back: their order, their content without what only a browser needs, their tables."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from potash.errors import ReportError

# What a reader of paper or of a mail has no use for.
_SCREEN_ONLY = ".//nav | .//script | .//style | .//button | .//template | .//*[contains(@class, 'tools')]"


@dataclass(frozen=True)
class ShownTable:
    """A table as a page shows it.

    Attributes
    ----------
    caption, note : str
        Above and below it; empty where there is none.
    header : list of str
    rows : list of list of str
        As many cells in each as in the header.
    numeric : list of bool
        Of each column, whether its cells stand right.
    """

    caption: str
    header: list[str]
    rows: list[list[str]]
    note: str
    numeric: list[bool]


@dataclass(frozen=True)
class ShownPage:
    """A page of a report: its file, its title, and its content as an element that a caller may change."""

    file: str
    title: str
    main: Any

    @cached_property
    def name(self) -> str:
        """The file's name without its ending, which is unique in a report."""
        return self.file.removesuffix(".html")

    def tables(self) -> list[ShownTable]:
        """Return the tables of the page in their order."""
        return [_table(element) for element in self.main.iter("table")]


def manifest_of(folder: Path) -> dict[str, Any]:
    """Return the manifest of a report.

    Raises
    ------
    ReportError
        If the folder is no report.
    """
    try:
        content = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        content["pages"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ReportError(
            f"{folder}: not a report of potash: {type(error).__name__} on reading manifest.json. Give the folder of a report, "
            "for example reports/latest."
        ) from error
    return dict(content)


def pages_of(folder: Path) -> Iterator[ShownPage]:
    """Yield the pages of a report, the first page first, then those of the manifest in its order."""
    from lxml import html

    for file in ["index.html", *(page["file"] for page in manifest_of(folder)["pages"])]:
        path = folder / file
        if not path.is_file():
            raise ReportError(f"{path}: a page of the report is gone. Make the report again.")
        tree = html.fromstring(path.read_bytes(), parser=html.HTMLParser(encoding="utf-8"))
        main = tree.find(".//main")
        if main is None:
            raise ReportError(f"{path}: has no main part, so it is no page of a report. Make the report again.")
        for element in main.xpath(_SCREEN_ONLY):
            element.drop_tree()
        heading = main.find(".//h1")
        title = text_of(heading) if heading is not None else str(tree.findtext(".//title") or file)
        yield ShownPage(file, title, main)


def text_of(element: Any) -> str:
    """Return the text of an element on one line, as a reader sees it."""
    return " ".join(str(element.text_content()).split())


def _table(element: Any) -> ShownTable:
    caption = element.find("caption")
    head = element.find("thead")
    header = [] if head is None else [text_of(cell) for cell in head.iter("th", "td")]
    body = [list(row.iter("th", "td")) for part in element.iter("tbody") for row in part.iter("tr")]
    numeric = [
        bool(body) and all("num" in (row[place].get("class") or "").split() for row in body if place < len(row))
        for place in range(len(header))
    ]
    figure = next(element.iterancestors("figure"), None)
    note = None if figure is None else figure.find("figcaption")
    return ShownTable(
        caption="" if caption is None else text_of(caption),
        header=header,
        rows=[[text_of(cell) for cell in row] for row in body],
        note="" if note is None else text_of(note),
        numeric=numeric,
    )
