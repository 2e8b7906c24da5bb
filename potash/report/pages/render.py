"""An executed notebook becomes one self-contained page; the pages get a first page in front of them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from html import escape, unescape
from html.parser import HTMLParser
from itertools import count
from pathlib import Path
from typing import Any

from potash.errors import NotebookError, listed
from potash.report.pages.facts import DataDescription, Published
from potash.report.pages.publish import highlight_html
from potash.report.pages.tables import unbroken_dates

SITE = "Did the news move potash producers?"
_TEMPLATES = Path(__file__).resolve().parents[1] / "templates"
_SHOWN = ["text/html", "text/markdown", "image/svg+xml", "image/png", "image/jpeg", "text/plain"]
_LOADING = {"src", "srcset", "poster", "data", "action", "background"}


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the report, as the navigation knows it.

    Attributes
    ----------
    name, file, label : str
        Name of the notebook, file name of the page, short name for the navigation.
    title, summary : str
        First heading of the notebook, and the text of the first paragraph after it.
    """

    name: str
    file: str
    label: str
    title: str
    summary: str


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around the content of every page.

    Attributes
    ----------
    pages : sequence of Page
        All pages, in order.
    inputs : DataDescription
        Snapshot and files.
    versions : mapping
        Package to version.
    parameters : mapping
        For each page, and under ``""`` for the first one, the parameters as text.
    site : str
        Title of the report.
    """

    pages: Sequence[Page]
    inputs: DataDescription
    versions: Mapping[str, str]
    parameters: Mapping[str, Mapping[str, str]]
    site: str = SITE


def page_of(name: str, node: Any) -> Page:
    """Return what the navigation and the first page say about a notebook."""
    words = re.sub(r"^\d+-", "", name).replace("-", " ")
    label = str(node.metadata.get("potash", {}).get("label") or words[:1].upper() + words[1:])
    title, summary = "", ""
    for cell in node.cells:
        if cell.cell_type != "markdown":
            continue
        for block in re.split(r"\n\s*\n", re.sub(r"(?m)^(#{1,6} .*)$", r"\n\1\n", cell.source)):
            block = block.strip()
            if block.startswith("# ") and not title:
                title = _plain(block[2:])
            elif title and not summary and re.match(r"[\w\"'“*_`(\[]", block) and not re.match(r"[*] ", block):
                summary = _plain(block)
        if summary:
            break
    title = _published_title(node) or title or label
    return Page(name=name, file=f"{name}.html", label=label, title=title, summary=summary)


def _published_title(node: Any) -> str:
    """Return the title that the notebook gave its page with ``Publisher.title``; empty if none."""
    for cell in node.cells:
        for output in cell.get("outputs", ()):
            title = output.get("metadata", {}).get("potash", {}).get("title")
            if title:
                return str(title)
    return ""


def _with_title(body: str, title: str) -> str:
    """Return the fragment with the title that was published in place of the notebook's own, once."""
    body = re.sub(r'\s*<p class="page-title">.*?</p>', "", body, count=1, flags=re.DOTALL)
    return re.sub(r"<h1[^>]*>.*?</h1>", lambda _: f"<h1>{escape(title)}</h1>", body, count=1, flags=re.DOTALL)


def _plain(markdown: str) -> str:
    text = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", markdown)
    return " ".join(re.sub(r"(\*\*|__|`)|(?<!\w)[*_](?=\w)|(?<=\w)[*_](?!\w)", "", text).split())


def render_page(page: Page, node: Any, frame: Frame) -> str:
    """Return the HTML of a notebook's page: no code, no script, nothing loaded from elsewhere.

    Raises
    ------
    NotebookError
        If an output of the notebook would load something or run a script.
    """
    body, _ = _exporter().from_notebook_node(node)
    if title := _published_title(node):
        body = _with_title(body, title)
    body = _with_sections(_tidied(body))
    if "<h1" not in body:
        body = f"<h1>{escape(page.title)}</h1>\n{body}"
    place = [other.name for other in frame.pages].index(page.name)
    html = fill(
        "page.html.j2",
        frame,
        title=page.title,
        current=page.name,
        body=markup(body),
        before=frame.pages[place - 1] if place else None,
        after=frame.pages[place + 1] if place + 1 < len(frame.pages) else None,
    )
    loads = outside_loads(html)
    if loads:
        raise NotebookError(
            f"{page.name}.ipynb: its page would load or run {listed(loads, 4)}, and a report stands alone. "
            "Show the result with Publisher.table or Publisher.figure, or as a PNG."
        )
    return html


def render_index(frame: Frame, published: Published) -> str:
    """Return the HTML of the first page: findings, pages, tables, figures."""
    groups = []
    for page in frame.pages:
        boxes = [
            markup(highlight_html(h["text"], h["tone"], h["heading"]))
            for h in published.highlights
            if h["notebook"] == page.name
        ]
        if boxes:
            groups.append({"file": page.file, "title": page.title, "boxes": boxes})
    return fill("contents.html.j2", frame, title=frame.site, current="", groups=groups, published=published)


def unbroken(text: str) -> Any:
    """Return text, escaped, whose dates, intervals and percentages stay on one line."""
    joined = re.sub(r"(?<=\d) %", "\u00a0%", unbroken_dates(escape(text)))
    return markup(
        joined.replace(" to +", "\u00a0to\u00a0+").replace(" to −", "\u00a0to\u00a0−").replace("p = ", "p\u00a0=\u00a0")
    )


def _by_page(items: Sequence[Mapping[str, Any]], pages: Sequence[Page]) -> list[tuple[str, list[Mapping[str, Any]]]]:
    labels = [*((page.name, page.label) for page in pages), ("", "Other files")]
    grouped = [(label, [item for item in items if item["notebook"] == name]) for name, label in labels]
    return [(label, members) for label, members in grouped if members]


def outside_loads(html: str) -> list[str]:
    """Return what a page would load from elsewhere or run: addresses that are not ``data:``, and scripts.

    Links that a reader follows (``<a href>``) are not loads.

    Examples
    --------
    >>> outside_loads('<img src="https://example.org/a.png"><a href="https://example.org">x</a><img src="data:,">')
    ['https://example.org/a.png']
    """
    finder = _LoadFinder()
    finder.feed(html)
    finder.close()
    return finder.loads


class _LoadFinder(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.loads: list[str] = []
        self._in_style = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._in_style = tag == "style"
        if tag in {"script", "iframe", "object", "embed", "base"}:
            self.loads.append(f"<{tag}>")
        for name, value in attrs:
            text = (value or "").strip()
            if (name in _LOADING or (name == "href" and tag not in {"a", "area"})) and not text.startswith(
                ("data:", "#")
            ):
                self.loads.append(text or f"<{tag} {name}>")
            elif name.startswith("on") or text.lower().startswith("javascript:"):
                self.loads.append(f"{name}={text[:40]!r}")
            elif name == "style":
                self._look_into_css(text)

    def handle_data(self, data: str) -> None:
        if self._in_style:
            self._look_into_css(data)
            self._in_style = False

    def _look_into_css(self, css: str) -> None:
        addresses = re.findall(r"url\(\s*['\"]?([^'\")]*)", css) + re.findall(r"@import\s+['\"]([^'\"]*)", css)
        self.loads += [address for address in addresses if not address.startswith(("data:", "#"))]


@cache
def _exporter() -> Any:
    from nbconvert import HTMLExporter
    from traitlets.config import Config

    config = Config()
    config.NbConvertBase.display_data_priority = _SHOWN
    config.TagRemovePreprocessor.enabled = True
    config.TagRemovePreprocessor.remove_cell_tags = {"remove-cell", "parameters", "injected-parameters"}
    config.TagRemovePreprocessor.remove_all_outputs_tags = {"remove-output"}
    return HTMLExporter(  # type: ignore[no-untyped-call]
        config=config,
        template_name="potash",
        extra_template_basedirs=[str(_TEMPLATES)],
        exclude_input=True,
        exclude_input_prompt=True,
        exclude_output_prompt=True,
        exclude_anchor_links=True,
        embed_images=True,
    )


@cache
def _environment() -> Any:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES / "potash"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["by_page"] = _by_page
    environment.filters["unbroken"] = unbroken
    return environment


def fill_alone(template: str, **content: object) -> str:
    """Return a page that belongs to no report: the template filled in, with the style that reports have."""
    return str(_environment().get_template(template).render(css=markup(_style()), **content))


def _style(names: Sequence[str] = ("style.css",)) -> str:
    return "\n".join((_TEMPLATES / "potash" / name).read_text(encoding="utf-8").strip() for name in names)


def fill(template: str, frame: Frame, current: str, styles: Sequence[str] = ("style.css",), **content: object) -> str:
    """Return a page of a report: the template filled in, in the frame that all pages have."""
    return str(
        _environment().get_template(template).render(
            site=frame.site,
            css=markup(_style(styles)),
            pages=frame.pages,
            inputs=frame.inputs,
            versions=frame.versions,
            parameters=frame.parameters[current],
            current=current,
            **content,
        )
    )  # fmt: skip


def markup(html: str) -> Any:
    """Return HTML as text that a template does not escape again."""
    from markupsafe import Markup

    return Markup(html)


def _tidied(body: str) -> str:
    """Return the fragment with plain tables made scrollable, and pandas' own style and empty headers taken out."""
    body = re.sub(r"<style scoped>.*?</style>\s*", "", body, flags=re.DOTALL)
    body = re.sub(r"<th([^>]*)></th>", r"<td\1></td>", body)
    body = re.sub(r'<table border="1" class="dataframe">', '<table class="dataframe">', body)
    number = count(1)
    return re.sub(
        r'(?<!tabindex="0">)(<table\b.*?</table>)',
        lambda table: (
            f'<div class="scroll" role="group" aria-label="Table {next(number)}" tabindex="0">{table[1]}</div>'
        ),
        body,
        flags=re.DOTALL,
    )


def _with_sections(body: str) -> str:
    """Return the fragment with an id on each second-level heading and, from three on, a list of them at the top."""
    uses: dict[str, int] = {}
    entries: list[str] = []

    def named(match: re.Match[str]) -> str:
        text = re.sub(r"<[^>]*>", "", match[1])
        slug = re.sub(r"[^a-z0-9]+", "-", unescape(text).lower()).strip("-") or "section"
        uses[slug] = uses.get(slug, 0) + 1
        slug = slug if uses[slug] == 1 else f"{slug}-{uses[slug]}"
        entries.append(f'<li><a href="#{slug}">{text}</a></li>')
        return f'<h2 id="{slug}">{match[1]}</h2>'

    body = re.sub(r"<h2[^>]*>(.*?)</h2>", named, body, flags=re.DOTALL)
    if len(entries) < 3:
        return body
    contents = f'<nav class="sections" aria-label="On this page"><ul>{"".join(entries)}</ul></nav>'
    # After the first paragraph, which says what the page is about.
    return re.sub(r"(</h1>(?:\s*<p>.*?</p>)?)", lambda top: f"{top[1]}\n{contents}", body, count=1, flags=re.DOTALL)
