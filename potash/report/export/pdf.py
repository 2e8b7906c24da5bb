"""A report as PDF: a cover, contents with page numbers, running titles, and every page as a chapter; and one PDF an event."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Mapping
from copy import deepcopy
from html import escape
from pathlib import Path
from typing import Any

from potash.errors import MissingPackageError
from potash.report.export.shown import ShownPage, pages_of, text_of

_TEMPLATES = Path(__file__).resolve().parents[1] / "templates" / "potash"
# An event's PDF has to fit on two pages: what is read first, then step by step smaller.
_POINTS, _MOST_PAGES, _SCALES = 9, 2, (1.0, 0.94, 0.88, 0.82, 0.76)


def write_pdf(
    folder: Path, path: Path, cover: Mapping[str, str] | None = None, title: str = "", stand: str = ""
) -> Path:
    """Write a report as one PDF and return its path.

    Parameters
    ----------
    folder : Path
        The report.
    path : Path
        The PDF; replaced if it is there.
    cover : mapping, optional
        Names and texts for the cover, for example the day of the newest price.
    title : str
        On the cover; that of the first page where there is none.
    stand : str
        At the foot of each page, for example the day of the newest price.

    Raises
    ------
    MissingPackageError
        If WeasyPrint, or Pango of the system, is not there.
    ReportError
        If the folder is no report.
    """
    pages = list(pages_of(folder))
    for page in pages:
        _without_back_matter(page.main)
    body = [_cover(pages[0], cover or {}, title, stand), _contents(pages)]
    body += [_article(page, pages) for page in pages]
    _rendered(_document("".join(body), title or pages[0].title)).write_pdf(str(path))
    return path


def write_event_pdfs(folder: Path, out: Path, stand: str = "") -> list[Path]:
    """Write a PDF of two A4 pages for each event of a report and return their paths.

    What stands in the page's back matter (class ``backmatter``) is left out; where the rest does not fit, it is set
    smaller, down to three quarters. What does not fit even then has more pages.
    """
    out.mkdir(parents=True, exist_ok=True)
    pages, paths = list(pages_of(folder)), []
    for page in pages:
        if not page.name.startswith("event-"):
            continue
        front = ShownPage(page.file, page.title, deepcopy(page.main))
        _without_back_matter(front.main)
        text = f'<div class="alone"><p class="stand">{escape(stand)}</p>{_article(front, pages)}</div>'
        path = out / f"{page.name}.pdf"
        _fitting(lambda scale, text=text, page=page: _document(text, page.title, scale)).write_pdf(str(path))
        paths.append(path)
    return paths


def _without_back_matter(main: Any) -> None:
    """Take out what stands behind an event's page: who wants it has the page itself."""
    for element in main.xpath(".//*[contains(concat(' ', @class, ' '), ' backmatter ')]"):
        element.drop_tree()


def _fitting(made: Any) -> Any:
    for scale in _SCALES:
        document = _rendered(made(scale))
        if len(document.pages) <= _MOST_PAGES:
            break
    return document


def weasyprint() -> Any:
    """Return the package, which is heavy and optional.

    Raises
    ------
    MissingPackageError
        If it is not installed, or Pango of the system is not there.
    """
    try:
        import weasyprint as package
    except ImportError as error:
        raise MissingPackageError(
            "a PDF needs WeasyPrint, which is not installed. Install it: pip install 'potash[pdf]'."
        ) from error
    except OSError as error:
        raise MissingPackageError(
            f"a PDF needs Pango of the system: {str(error).splitlines()[0]}. On Debian: apt install libpango-1.0-0 "
            "libpangoft2-1.0-0."
        ) from error

    return package


def _rendered(html: str) -> Any:
    package = weasyprint()
    # It warns of each rule of the style sheet that is for browsers alone.
    log = logging.getLogger("weasyprint")
    level = log.level
    log.setLevel(logging.ERROR)
    try:
        # A report stands alone: nothing but what the page carries itself is read.
        fetcher = package.urls.URLFetcher(allowed_protocols={"data"})
        return package.HTML(string=html, url_fetcher=fetcher).render()
    finally:
        log.setLevel(level)


def _document(body: str, title: str, scale: float = 1.0) -> str:
    css = "\n".join((_TEMPLATES / name).read_text(encoding="utf-8") for name in ("style.css", "pdf.css"))
    size = f"html {{ font-size: {_POINTS * scale:.2f}pt; }}"
    return (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f"<style>{css}\n{size}</style></head><body>{body}</body></html>"
    )


def _cover(first: ShownPage, facts: Mapping[str, str], title: str, stand: str) -> str:
    rows = "".join(f"<dt>{escape(name)}</dt><dd>{escape(text)}</dd>" for name, text in facts.items())
    sentence = first.main.find(".//p")
    answer = "" if sentence is None or not title else f"<p>{escape(first.title)}</p>"
    return (
        f'<section class="cover"><p class="site">potash: event studies of potash producers</p>'
        f"<h1>{escape(title or first.title)}</h1>{answer}<dl>{rows}</dl>"
        f'<p class="stand">{escape(stand)}</p></section>'
    )


def _contents(pages: Iterable[ShownPage]) -> str:
    entries = []
    for page in pages:
        below = "".join(
            f'<li><a href="#{page.name}--{heading.get("id")}">{escape(text_of(heading))}</a></li>'
            for heading in page.main.iter("h2")
            if heading.get("id") and not page.name.startswith("event-")
        )
        entries.append(
            f'<li><a href="#{page.name}">{escape(page.title)}</a>' + (f"<ol>{below}</ol>" if below else "") + "</li>"
        )
    return f'<section class="contents-page"><h2>Contents</h2><ol>{"".join(entries)}</ol></section>'


def _article(page: ShownPage, pages: Iterable[ShownPage]) -> str:
    """Return a page as a chapter: its ids made unique, links that stay inside the report turned to its chapters."""
    from lxml import html

    main = deepcopy(page.main)
    main.tag = "article"
    files = {other.file: other.name for other in pages}
    drawn = {element for svg in main.iter("svg") for element in svg.iter()}
    for element in main.iter():
        # Ids in a figure bear its name already, and are unique in the report.
        if not isinstance(element.tag, str) or element in drawn:
            continue
        for name in ("id", "for", "aria-labelledby", "aria-describedby"):
            if element.get(name):
                element.set(name, " ".join(f"{page.name}--{part}" for part in element.get(name).split()))
        if element.tag == "details":
            element.set("open", "open")
        href = element.get("href")
        if element.tag == "a" and href is not None:
            _turn(element, href, page.name, files)
    main.set("id", page.name)
    text = html.tostring(main, encoding="unicode")
    return re.sub(r"var\(\s*--[\w-]+\s*,\s*([^()]+)\)", r"\1", text)


def _turn(link: Any, href: str, own: str, files: Mapping[str, str]) -> None:
    file, _, place = href.partition("#")
    if not file and place:
        link.set("href", f"#{own}--{place}")
    elif file in files:
        link.set("href", f"#{files[file]}--{place}" if place else f"#{files[file]}")
    elif not re.match(r"https?://", href):
        del link.attrib["href"]
