"""The article in an HTML page: its blocks of text with their place in the file, and what the markup states."""

from __future__ import annotations

import json
import re
from array import array
from dataclasses import dataclass, field
from html import unescape
from html.parser import HTMLParser
from typing import Any

from potash.news.articles.published import PAGE_WORDS

HTML = {name: frozenset(values) for name, values in PAGE_WORDS["html"].items()}
_PUBLISHED_KEYS: list[str] = PAGE_WORDS["html"]["published"]
_WORD = re.compile(r"\w+(?:['’]\w+)?")
_SENTENCE_END = re.compile(r"""[.!?…。！？]["'”’»)\]]*(?:\s|$)|。""")
# Whether a date may be right is asked elsewhere; left to itself, the search for one takes none after this machine's clock.
_LATEST = "2100-01-01"
_DEEPEST = 40


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text or a block of HTML: offsets into the article's text, and the HTML tag, empty in plain text."""

    start: int
    end: int
    tag: str = ""


@dataclass(frozen=True, slots=True)
class HtmlPage:
    """The readable text of an HTML page.

    Attributes
    ----------
    text : str
        Blocks of the article joined by newlines; empty if the page holds no article.
    offsets, lines : array and tuple
        Position in the file of each character of ``text``; the blocks.
    every_line : tuple of str
        All lines outside menus and side columns, dropped ones included: a stamp may stand there.
    stated : dict
        ``title``, ``publisher``, ``url`` and ``published`` as the markup has them, or empty.
    """

    text: str
    offsets: array[int]
    lines: tuple[Line, ...]
    every_line: tuple[str, ...]
    stated: dict[str, str]


@dataclass(slots=True)
class _Block:
    tag: str
    characters: list[str] = field(default_factory=list)
    offsets: list[int] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(self.characters)

    def add(self, character: str, offset: int) -> None:
        character = " " if character.isspace() else character
        if character != " " or (self.characters and self.characters[-1] != " "):
            self.characters.append(character)
            self.offsets.append(offset)


class _Walker(HTMLParser):
    """Collects blocks of text with the place of each character, and what the head of the page states."""

    def __init__(self, markup: str, apart: frozenset[str]) -> None:
        super().__init__(convert_charrefs=False)
        self.apart, self.depth, self.mode, self.name = apart, 0, "", ""
        self.blocks: list[_Block] = [_Block("")]
        self.meta: dict[str, str] = {}
        self.linked_data: list[str] = []
        self.times: list[tuple[str, _Block]] = []
        self.starts = [0, *(match.end() for match in re.finditer("\n", markup))]
        self.feed(markup)
        self.close()

    def _place(self) -> int:
        line, column = self.getpos()
        return self.starts[line - 1] + column

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {key: value or "" for key, value in attrs}
        if tag in self.apart:
            self.depth += 1
        if tag == "meta":
            key = (attributes.get("property") or attributes.get("name") or attributes.get("itemprop") or "").lower()
            self.meta.setdefault(key, attributes.get("content", "").strip())
        elif tag == "link" and "canonical" in attributes.get("rel", "").lower():
            self.meta.setdefault("canonical", attributes.get("href", ""))
        elif tag == "title" or (tag == "script" and "ld+json" in attributes.get("type", "")):
            self.mode = tag
        if tag in HTML["blocks"]:
            self.blocks.append(_Block(self.blocks[-1].tag if tag == "br" else tag))
        elif tag in ("td", "th", "q") and not self.depth:
            self.blocks[-1].add("“" if tag == "q" else " ", self._place())
        if tag == "time" and not self.depth and attributes.get("datetime"):
            self.times.append((attributes["datetime"], self.blocks[-1]))

    def handle_endtag(self, tag: str) -> None:
        if tag in self.apart:
            self.depth = max(0, self.depth - 1)
        self.mode = "" if tag == self.mode else self.mode
        if tag in HTML["blocks"]:
            self.blocks.append(_Block(""))
        elif tag == "q" and not self.depth:
            self.blocks[-1].add("”", self._place())

    def handle_data(self, data: str) -> None:
        if self.mode == "script":
            self.linked_data.append(data)
        elif self.mode == "title":
            self.name += data
        elif not self.depth:
            start = self._place()
            for index, character in enumerate(data):
                self.blocks[-1].add(character, start + index)

    def handle_entityref(self, name: str) -> None:
        characters = unescape(f"&{name};")
        if self.mode == "title":
            self.name += characters
        elif not self.depth:
            for character in characters:
                self.blocks[-1].add(character, self._place())

    def handle_charref(self, name: str) -> None:
        self.handle_entityref(f"#{name}")

    def parse_marked_section(self, i: int, report: bool = True) -> int:
        """Pass over ``<![...]>`` as browsers do; the parser knows some words in it and fails at others."""
        return self.parse_bogus_comment(i, report)

    @property
    def heading(self) -> str:
        return next((block.text.strip() for block in self.blocks if block.tag == "h1"), self.name.strip())


def read_html(markup: str) -> HtmlPage:
    """Return the article in an HTML page; its text is empty if there is none."""
    import trafilatura

    content = trafilatura.extract(markup, include_comments=False, include_tables=True) or ""
    every_word, whole_lines = squeezed(content), {squeezed(line) for line in content.splitlines()}

    def is_content(block: _Block) -> bool:
        words = squeezed(block.text)
        return words in whole_lines or (len(words) > 24 and words in every_word)

    for apart in (HTML["silent"] | HTML["apart"], HTML["silent"]):
        walker = _Walker(markup, apart)
        blocks = [block for block in walker.blocks if block.text.strip()]
        kept = [block for block in blocks if is_content(block)]
        # A page with an unclosed menu is all menu; then only what is never shown is left out.
        if kept:
            break
    prose = [block.text for block in kept if block.tag not in HTML["headings"] and _SENTENCE_END.search(block.text)]
    if sum(len(_WORD.findall(text)) for text in prose) < 25:
        kept = []
    lines: list[Line] = []
    offsets: list[int] = []
    for block in kept:
        offsets += [offsets[-1] + 1] if offsets else []
        lines.append(Line(len(offsets), len(offsets) + len(block.text.rstrip()), block.tag))
        offsets += block.offsets
    linked = [_linked(piece) for piece in walker.linked_data]
    stated = {
        "title": walker.meta.get("og:title") or _stated(linked, "headline") or walker.heading,
        "publisher": walker.meta.get("og:site_name") or _stated(linked, "publisher", "name"),
        "url": walker.meta.get("canonical") or walker.meta.get("og:url", ""),
        "published": _markup_date(walker, linked, markup),
    }
    text = "\n".join(block.text for block in kept)
    return HtmlPage(text, array("I", offsets), tuple(lines), tuple(block.text.strip() for block in blocks), stated)


def squeezed(text: str) -> str:
    """Return the words of a text in lower case without what stands between them."""
    return "".join(_WORD.findall(text.lower()))


def _linked(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _stated(data: Any, *keys: str, depth: int = 0) -> str:
    """Return the first text under nested keys, wherever in JSON-LD they stand, down to a depth that pages have."""
    if depth > _DEEPEST:
        return ""
    if isinstance(data, list):
        return next((value for item in data if (value := _stated(item, *keys, depth=depth + 1))), "")
    if not isinstance(data, dict):
        return str(data).strip() if not keys and isinstance(data, str) else ""
    if keys and keys[0] in data and (value := _stated(data[keys[0]], *keys[1:], depth=depth + 1)):
        return value
    return _stated(list(data.values()), *keys, depth=depth + 1) if keys else ""


def _markup_date(walker: _Walker, linked: list[Any], markup: str) -> str:
    stated = walker.meta.get(_PUBLISHED_KEYS[0]) or _stated(linked, "datePublished")
    stated = stated or next((content for key in _PUBLISHED_KEYS if (content := walker.meta.get(key))), "")
    # In a sentence <time> marks a day that the story tells about; the page's own stands among few words.
    stated = stated or next((moment for moment, block in walker.times if len(block.text.split()) <= 12), "")
    if stated:
        return stated
    from htmldate import find_date

    content = (
        find_date(markup, extensive_search=False, original_date=True, outputformat="%Y-%m-%d", max_date=_LATEST) or ""
    )
    written = any(form in markup for form in (content, content.replace("-", "/"), content.replace("-", "")))
    return content if written and not any(content in moment for moment, _ in walker.times) else ""
