"""An executed notebook becomes one self-contained page; the pages get a first page in front of them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from html import escape, unescape
from itertools import count
from pathlib import Path
from typing import Any

from potash.report.pages.facts import DataDescription, Published
from potash.report.pages.publish import FOR_JUPYTER, highlight_html
from potash.report.pages.safety import MADE_BY_POTASH, clean_html, is_clean, policy
from potash.report.pages.tables import unbroken_dates

SITE = "Did the news move potash producers?"
_TEMPLATES = Path(__file__).resolve().parents[1] / "templates"
_SHOWN = ["text/html", "text/markdown", "image/svg+xml", "image/png", "image/jpeg", "text/plain"]
_STYLES = ("style.css",)


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the report, as the navigation knows it.

    Attributes
    ----------
    name, file, label : str
        Name of the notebook, file name of the page, short name for the navigation.
    title, summary : str
        First heading of the notebook, and the text of the first paragraph after it.
    order : int
        Place among the pages: what the notebook's metadata say (``potash.order``), or the number in its name.
    """

    name: str
    file: str
    label: str
    title: str
    summary: str
    order: int = 0

    @property
    def is_event(self) -> bool:
        """Whether this is the page of one event."""
        return self.name.startswith("event-")


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
    exports : sequence of str
        Other formats that lie in the report's folder ``export``.
    """

    pages: Sequence[Page]
    inputs: DataDescription
    versions: Mapping[str, str]
    parameters: Mapping[str, Mapping[str, str]]
    site: str = SITE
    exports: Sequence[str] = ()

    @property
    def events(self) -> list[Page]:
        """The pages of single events, in their order."""
        return [page for page in self.pages if page.is_event]

    @property
    def others(self) -> list[Page]:
        """The other pages, as a reader needs them."""
        return sorted((page for page in self.pages if not page.is_event), key=lambda page: (page.order, page.name))


def page_of(name: str, node: Any) -> Page:
    """Return what the navigation and the first page say about a notebook."""
    words = re.sub(r"^\d+-", "", name).replace("-", " ")
    facts = node.metadata.get("potash", {})
    title, summary = _title_and_summary(node)
    title = _published_title(node) or title
    shown = title or words[:1].upper() + words[1:]
    is_event = name.startswith("event-")
    label = shown if is_event else str(facts.get("label") or words[:1].upper() + words[1:])
    number = int(re.match(r"\d*", name)[0] or 0)  # type: ignore[index]
    # What is numbered 00 is for those who want to try more: last.
    order = int(facts.get("order", number or 100))
    return Page(name=name, file=f"{name}.html", label=label, title=shown, summary=summary, order=order)


def _title_and_summary(node: Any) -> tuple[str, str]:
    """Return the first heading of a notebook, and the first paragraph below it."""
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
    return title, summary


def _published_title(node: Any) -> str:
    """Return the title that the notebook gave its page with ``Publisher.title``; empty if none."""
    for cell in node.cells:
        for output in cell.get("outputs", ()):
            facts = output.get("metadata", {}).get(MADE_BY_POTASH)
            if isinstance(facts, dict) and facts.get("title"):
                return str(facts["title"])
    return ""


def _with_title(body: str, title: str) -> str:
    """Return the fragment with the title that was published in place of the notebook's own, once."""
    body = re.sub(r'\s*<p class="page-title">.*?</p>', "", body, count=1, flags=re.DOTALL)
    return re.sub(r"<h1[^>]*>.*?</h1>", lambda _: f"<h1>{escape(title)}</h1>", body, count=1, flags=re.DOTALL)


def _plain(markdown: str) -> str:
    text = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", markdown)
    return " ".join(re.sub(r"(\*\*|__|`)|(?<!\w)[*_](?=\w)|(?<=\w)[*_](?!\w)", "", text).split())


def render_page(page: Page, node: Any, frame: Frame) -> str:
    """Return the HTML of a notebook's page: no code, nothing that is not ours runs, nothing is loaded from elsewhere."""
    from nbconvert.exporters.templateexporter import TemplateExporter

    # Not the HTMLExporter's own: it parses the page once more, to add what our template has, and spells SVG in lower case.
    body, _ = TemplateExporter.from_notebook_node(_exporter(), node)
    if title := _published_title(node):
        body = _with_title(body, title)
    body, sections = _with_sections(_tidied(body))
    if "<h1" not in body:
        body = f"<h1>{escape(page.title)}</h1>\n{body}"
    # The contents stand below the first paragraph, which says what the page is about.
    top = re.match(r"\s*<h1.*?</h1>(?:\s*<p>.*?</p>)?", body, re.DOTALL)
    head = top[0] if top else ""
    order = [*frame.events, *frame.others]
    place = [other.name for other in order].index(page.name)
    return fill(
        "page.html.j2",
        frame,
        title=page.title,
        current=page.name,
        head=markup(head),
        body=markup(body[len(head) :]),
        sections=[(slug, markup(text)) for slug, text in sections],
        before=order[place - 1] if place else None,
        after=order[place + 1] if place + 1 < len(order) else None,
    )


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


def _by_page(items: Sequence[Mapping[str, Any]], pages: Sequence[Page]) -> list[tuple[str, list[Mapping[str, Any]]]]:
    labels = [*((page.name, page.label) for page in pages), ("", "Other files")]
    grouped = [(label, [item for item in items if item["notebook"] == name]) for name, label in labels]
    return [(label, members) for label, members in grouped if members]


@cache
def _exporter() -> Any:
    from nbconvert import HTMLExporter
    from traitlets.config import Config

    config = Config()
    config.NbConvertBase.display_data_priority = _SHOWN
    config.TagRemovePreprocessor.enabled = True
    config.TagRemovePreprocessor.remove_cell_tags = {"remove-cell", "parameters", "injected-parameters"}
    config.TagRemovePreprocessor.remove_all_outputs_tags = {"remove-output"}
    exporter = HTMLExporter(  # type: ignore[no-untyped-call]
        config=config,
        template_name="potash",
        extra_template_basedirs=[str(_TEMPLATES)],
        exclude_input=True,
        exclude_input_prompt=True,
        exclude_output_prompt=True,
        exclude_anchor_links=True,
        embed_images=True,
    )
    filters = {
        "safe_html": _safe_html,
        "safe_markdown": _safe_markdown,
        "clean": clean_html,
        "base64_only": _base64_only,
    }
    for name, function in filters.items():
        exporter.register_filter(name, function)  # type: ignore[no-untyped-call]
    return exporter


def _base64_only(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9+/=]", "", text)


def _safe_html(output: Any) -> str:
    """Return the HTML of an output: what Publisher made as it is, any other through the allow-list."""
    html = str(output["data"]["text/html"])
    if output.get("metadata", {}).get(MADE_BY_POTASH):
        return html.replace(FOR_JUPYTER, "")
    kept = clean_html(html)
    if re.sub(r"<(?!img)[^>]*>|\s", "", kept):
        return kept
    words = str(output["data"].get("text/plain", "")).strip() or "nothing to show"
    remark = "This output needs a script or a file from elsewhere, and a report stands alone. In words:"
    return f'<div class="stderr"><p>{remark}</p><pre>{escape(words)}</pre></div>'


def _safe_markdown(source: str) -> str:
    """Return Markdown as HTML; one with HTML that is not on the allow-list shows all of its HTML as the text that it is."""
    from nbconvert.filters.markdown_mistune import MarkdownWithMath

    plain, strict = _renderers()
    plain.refused = False
    html = MarkdownWithMath(renderer=plain).render(source)
    return clean_html(MarkdownWithMath(renderer=strict).render(source) if plain.refused else html)


@cache
def _renderers() -> tuple[Any, Any]:
    """Return a renderer of Markdown that keeps clean HTML and notes any other, and one that shows all HTML as text."""
    from nbconvert.filters.markdown_mistune import IPythonRenderer

    class Renderer(IPythonRenderer):
        refused = False

        def inline_html(self, html: str) -> str:
            self.refused |= not is_clean(html)
            return escape(html) if self._escape else html

        def block_html(self, html: str) -> str:
            self.refused |= not is_clean(html)
            return f"<p>{escape(html)}</p>\n" if self._escape else f"{html}\n"

    return tuple(Renderer(escape=strict, embed_images=True, exclude_anchor_links=True) for strict in (False, True))  # type: ignore[return-value]


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


def unbroken(text: str) -> Any:
    """Return text, escaped, whose dates, intervals and percentages stay on one line."""
    joined = re.sub(r"(?<=\d) %", "\u00a0%", unbroken_dates(escape(text)))
    return markup(
        joined.replace(" to +", "\u00a0to\u00a0+").replace(" to −", "\u00a0to\u00a0−").replace("p = ", "p\u00a0=\u00a0")
    )


def fill_alone(template: str, styles: Sequence[str] = _STYLES, **content: object) -> str:
    """Return a page that belongs to no report: the template filled in, with the style and script that reports have."""
    return str(_environment().get_template(template).render(**_look(tuple(styles)), **content))


def fill(template: str, frame: Frame, current: str, styles: Sequence[str] = _STYLES, **content: object) -> str:
    """Return a page of a report: the template filled in, in the frame that all pages have."""
    return str(
        _environment().get_template(template).render(
            **_look(tuple(styles)),
            site=frame.site,
            exports=frame.exports,
            pages=frame.pages,
            events=frame.events,
            others=frame.others,
            inputs=frame.inputs,
            versions=frame.versions,
            parameters=frame.parameters[current],
            current=current,
            on_event=any(page.is_event and page.name == current for page in frame.pages),
            **content,
        )
    )  # fmt: skip


@cache
def _look(styles: tuple[str, ...]) -> dict[str, Any]:
    """Return style, script and the policy that allows them and no other."""

    def text(name: str) -> str:
        return (_TEMPLATES / "potash" / name).read_text(encoding="utf-8").strip()

    css, script = "\n".join(map(text, styles)), text("script.js")
    return {"css": markup(css), "script": markup(script), "policy": markup(policy(css, script))}


def markup(html: str) -> Any:
    """Return HTML as text that a template does not escape again."""
    from markupsafe import Markup

    return Markup(html)


def _tidied(body: str) -> str:
    """Return the fragment with plain tables made scrollable, and pandas' empty headers taken out."""
    body = re.sub(r"<th([^>]*)></th>", r"<td\1></td>", body)
    number = count(1)
    return re.sub(
        r'(?<!tabindex="0">)(<table\b.*?</table>)',
        lambda table: (
            f'<div class="scroll" role="group" aria-label="Table {next(number)}" tabindex="0">{table[1]}</div>'
        ),
        body,
        flags=re.DOTALL,
    )


def _with_sections(body: str) -> tuple[str, list[tuple[str, str]]]:
    """Return the fragment with an id on each second-level heading, and from three on the ids with their text."""
    uses: dict[str, int] = {}
    entries: list[tuple[str, str]] = []

    def named(match: re.Match[str]) -> str:
        text = re.sub(r"<[^>]*>", "", match[1])
        slug = re.sub(r"[^a-z0-9]+", "-", unescape(text).lower()).strip("-") or "section"
        uses[slug] = uses.get(slug, 0) + 1
        slug = slug if uses[slug] == 1 else f"{slug}-{uses[slug]}"
        entries.append((slug, text))
        return f'<h2 id="{slug}">{match[1]}</h2>'

    body = re.sub(r"<h2[^>]*>(.*?)</h2>", named, body, flags=re.DOTALL)
    return body, entries if len(entries) >= 3 else []
