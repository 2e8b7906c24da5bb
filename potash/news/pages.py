"""What of a page is the article: HTML content with its place in the file, lines into paragraphs, furniture apart."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from html import unescape
from html.parser import HTMLParser
from itertools import pairwise
from typing import Any

from potash.news.records import Paragraph
from potash.news.sentences import split_sentences
from potash.news.stamps import PAGE_WORDS, is_stamp, prose_start

_HTML = {name: frozenset(values) for name, values in PAGE_WORDS["html"].items()}
_PUBLISHED_KEYS: list[str] = PAGE_WORDS["html"]["published"]
_MARKS = re.compile(r"(?:[>\ufeff]|#+\s|[-•–*]\s|\s)*")
_BULLET = re.compile(r"\s*(?:[-•–*]\s|\d{1,2}[.)]\s)")
_SEPARATOR = re.compile(r"\s+[|·•]\s+|\s{3,}|\t+")
_SENTENCE_CLOSE = re.compile(r"[.!?…:;][\"'”’»)\]*_]*$")
_CONTINUES = re.compile(r"[a-z]|[.,;:!?)…](?:\s|$)")
_BYLINE = re.compile(r"(?:[Bb]y|BY)\s+[A-Z][\w.'’-]*(?:,?\s+(?:and|&|with|in|for|[A-Z][\w.'’-]*)){0,14}\W*")
_AGENCY_CAPTION = re.compile(r".{5,200}[\w\"”]\.\s(?:[A-Z][\w'’]+\s){1,4}(?:Agency|Press|News|Images|Service)")
_GLUED = re.compile(r"\w*[a-z][A-Z][a-z]\w*")
_WORD = re.compile(r"\w+(?:['’]\w+)?")


@cache
def pattern(part: str, name: str) -> re.Pattern[str]:
    """Return the alternatives of an entry of ``sources.toml`` as one pattern."""
    flags = re.IGNORECASE if part in ("furniture", "sections") else re.NOFLAG
    return re.compile("|".join(f"(?:{alternative})" for alternative in PAGE_WORDS[part][name]), flags)


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
    offsets, lines : tuple
        Position in the file of each character of ``text``; the blocks.
    every_line : tuple of str
        All lines outside menus and side columns, dropped ones included: a stamp may stand there.
    stated : dict
        ``title``, ``publisher``, ``url`` and ``published`` as the markup has them, or empty.
    """

    text: str
    offsets: tuple[int, ...]
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

    def __init__(self, raw: str, apart: frozenset[str]) -> None:
        super().__init__(convert_charrefs=False)
        self.apart, self.depth, self.mode, self.name = apart, 0, "", ""
        self.blocks: list[_Block] = [_Block("")]
        self.meta: dict[str, str] = {}
        self.linked_data: list[str] = []
        self.times: list[tuple[str, _Block]] = []
        self.starts = [0, *(match.end() for match in re.finditer("\n", raw))]
        self.feed(raw)
        self.close()

    def _place(self) -> int:
        line, column = self.getpos()
        return self.starts[line - 1] + column

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {key: value or "" for key, value in attrs}
        if tag in self.apart:
            self.depth += 1
        if tag == "meta":
            key = (given.get("property") or given.get("name") or given.get("itemprop") or "").lower()
            self.meta.setdefault(key, given.get("content", "").strip())
        elif tag == "link" and "canonical" in given.get("rel", "").lower():
            self.meta.setdefault("canonical", given.get("href", ""))
        elif tag == "title" or (tag == "script" and "ld+json" in given.get("type", "")):
            self.mode = tag
        if tag in _HTML["blocks"]:
            self.blocks.append(_Block(self.blocks[-1].tag if tag == "br" else tag))
        elif tag in ("td", "th", "q") and not self.depth:
            self.blocks[-1].add("“" if tag == "q" else " ", self._place())
        if tag == "time" and not self.depth and given.get("datetime"):
            self.times.append((given["datetime"], self.blocks[-1]))

    def handle_endtag(self, tag: str) -> None:
        if tag in self.apart:
            self.depth = max(0, self.depth - 1)
        self.mode = "" if tag == self.mode else self.mode
        if tag in _HTML["blocks"]:
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

    @property
    def heading(self) -> str:
        return next((block.text.strip() for block in self.blocks if block.tag == "h1"), self.name.strip())


def read_html(raw: str) -> HtmlPage:
    """Return the article in an HTML page; its text is empty if there is none."""
    import trafilatura

    content = trafilatura.extract(raw, include_comments=False, include_tables=True) or ""
    squeezed, whole_lines = _squeezed(content), {_squeezed(line) for line in content.splitlines()}

    def is_content(block: _Block) -> bool:
        words = _squeezed(block.text)
        return words in whole_lines or (len(words) > 24 and words in squeezed)

    for apart in (_HTML["silent"] | _HTML["apart"], _HTML["silent"]):
        walker = _Walker(raw, apart)
        blocks = [block for block in walker.blocks if block.text.strip()]
        kept = [block for block in blocks if is_content(block)]
        # A page with an unclosed menu is all menu; then only what is never shown is left out.
        if kept:
            break
    if sum(len(_WORD.findall(block.text)) for block in kept if block.tag not in _HTML["headings"]) < 25:
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
        "published": _markup_date(walker, linked, raw),
    }
    text = "\n".join(block.text for block in kept)
    return HtmlPage(text, tuple(offsets), tuple(lines), tuple(block.text.strip() for block in blocks), stated)


def _squeezed(text: str) -> str:
    return "".join(_WORD.findall(text.lower()))


def _linked(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


def _stated(data: Any, *keys: str) -> str:
    """Return the first text under nested keys, wherever in JSON-LD they stand."""
    if isinstance(data, list):
        return next((found for item in data if (found := _stated(item, *keys))), "")
    if not isinstance(data, dict):
        return str(data).strip() if not keys and isinstance(data, str) else ""
    if keys and keys[0] in data and (found := _stated(data[keys[0]], *keys[1:])):
        return found
    return _stated(list(data.values()), *keys) if keys else ""


def _markup_date(walker: _Walker, linked: list[Any], raw: str) -> str:
    stated = walker.meta.get(_PUBLISHED_KEYS[0]) or _stated(linked, "datePublished")
    stated = stated or next((found for key in _PUBLISHED_KEYS if (found := walker.meta.get(key))), "")
    # In a sentence <time> marks a day that the story tells about; the page's own stands among few words.
    stated = stated or next((moment for moment, block in walker.times if len(block.text.split()) <= 12), "")
    if stated:
        return stated
    from htmldate import find_date

    found = find_date(raw, extensive_search=False, original_date=True, outputformat="%Y-%m-%d") or ""
    written = any(form in raw for form in (found, found.replace("-", "/"), found.replace("-", "")))
    return found if written and not any(found in moment for moment, _ in walker.times) else ""


def text_lines(text: str, start: int) -> tuple[Line, ...]:
    """Return the lines of a text from ``start``, blank ones left out, those of a hard-wrapped file put together again."""
    lines = [Line(m.start(), m.end()) for m in re.compile(r"[^\r\n]*[^\s\ufeff][^\r\n]*").finditer(text, start)]
    adjoining = [len(re.findall(r"\n|\r(?!\n)", text[a.end : b.start])) == 1 for a, b in pairwise(lines)]
    inner = [line.end - line.start for line, adjoins in zip(lines, adjoining, strict=False) if adjoins]
    longest = max((line.end - line.start for line in lines), default=0)
    if len(inner) < 5 or longest > 110 or sum(50 <= length <= 100 for length in inner) < 0.8 * len(inner):
        return tuple(lines)
    joined = lines[:1]
    for (before, line), adjoins in zip(pairwise(lines), adjoining, strict=True):
        if adjoins and before.end - before.start >= 50 and not _BULLET.match(text[line.start : line.end]):
            joined[-1] = Line(joined[-1].start, line.end)
        else:
            joined.append(line)
    return tuple(joined)


@dataclass(slots=True)
class _Unit:
    start: int
    end: int
    tag: str
    text: str
    role: str


def lay_out(text: str, lines: Sequence[Line], title: str = "") -> tuple[tuple[Paragraph, ...], tuple[str, ...]]:
    """Return the paragraphs of a page, title first where there is one, and the lines that are furniture.

    ``title`` is the title that markup or metadata state, to know it among the lines.
    """
    units = _units(text, lines)
    _drop_sections(units, len(text))
    told = _title_index(units, title)
    if told is not None:
        units[told].role = "title"
    prose = [index for index, unit in enumerate(units) if not unit.role and _is_prose(unit.text)]
    body = " ".join(units[index].text for index in prose)
    first, last = (prose[0], prose[-1]) if prose else (0, len(units))
    # Many dates alone on their lines are the headings of a chronology, and no stamps of the page.
    chronology = sum(unit.role == "stamp" for unit in units) >= 3
    for index, unit in enumerate(units):
        if unit.role == "stamp":
            unit.role = "heading" if chronology or first < index < last else "furniture"
        elif not unit.role and _is_label(unit.text):
            unit.role = _label_role(unit.text, index, told or 0, first, last, body)
        elif unit.role == "heading" and prose and index > last:
            unit.role = "furniture"
    paragraphs = []
    for index, unit in enumerate(units):
        if unit.role == "furniture":
            continue
        start = prose_start(unit.text, first=index == 0) if not unit.role and index < 12 else 0
        start = unit.start + (start or len(unit.text) - len(_MARKS.sub("", unit.text, count=1)))
        end = unit.start + len(unit.text.rstrip())
        paragraphs.append(Paragraph(start, end, unit.role or "body"))
    return tuple(paragraphs), tuple(unit.text.strip() for unit in units if unit.role == "furniture")


def _units(text: str, lines: Sequence[Line]) -> list[_Unit]:
    """Return lines with the roles that their own words tell, sentences broken over lines put together."""
    units: list[_Unit] = []
    for line in lines:
        words = text[line.start : line.end]
        before = units[-1] if units else None
        role = _own_role(words, line.tag)
        told = not role or not re.search(r"\w", words)
        if before and told and not before.role and _is_broken(before.text.rstrip(), words.lstrip()):
            before.end, before.text = line.end, text[before.start : line.end]
        else:
            units.append(_Unit(line.start, line.end, line.tag, words, role))
    return units


def _is_broken(before: str, after: str) -> bool:
    """Return whether a line goes on in the next one, as where a link between them was lost."""
    if after[0].islower():
        return before.endswith(",") or (len(before) >= 40 and not _SENTENCE_CLOSE.search(before))
    return bool(_CONTINUES.match(after)) or (before.endswith(",") and after[0] in "\"“‘'")


def _own_role(text: str, tag: str) -> str:
    bare = _MARKS.sub("", text, count=1).strip(" \t*_[]【】|·")
    if not re.search(r"\w", bare):
        return "furniture"
    if is_stamp(text):
        return "stamp"
    if len(bare) <= 240:
        whole, holding = pattern("furniture", "whole"), pattern("furniture", "holding")
        told = _BYLINE.fullmatch(bare) or whole.fullmatch(bare) or whole.fullmatch(bare.strip("()"))
        if told or holding.search(bare) or _is_menu(bare):
            return "furniture"
    captioned = len(bare) <= 300 and pattern("furniture", "caption").search(bare)
    if tag == "figcaption" or captioned or _AGENCY_CAPTION.fullmatch(bare):
        return "caption"
    return "heading" if tag in _HTML["headings"] or re.match(r"\s*#+\s", text) else ""


def _is_menu(text: str) -> bool:
    parts = _SEPARATOR.split(text)
    short = all(len(part.split()) <= 5 and not re.search(r"\d|[.!?]$", part) for part in parts)
    return len(parts) >= 3 and (short or text.count("](") >= len(parts) - 1)


def _drop_sections(units: list[_Unit], length: int) -> None:
    """Mark as furniture what stands under the headings of parts that are no article."""
    state, prose = "", False
    for unit in units:
        bare, late = unit.text.strip(" \t#*_:-–—"), unit.start > length / 2
        prose = prose or _is_prose(unit.text)
        names = ("links", "notices", "ends")[: 1 + prose + (prose and late)]
        opened = next((name for name in names if len(bare) <= 80 and pattern("sections", name).fullmatch(bare)), "")
        if opened:
            state = opened
        elif _ends_section(state, unit):
            state = ""
        if state:
            unit.role = "furniture"


def _ends_section(state: str, unit: _Unit) -> bool:
    if state == "notices":
        return unit.role == "heading" or (not unit.role and _is_label(unit.text))
    return state == "links" and _is_prose(unit.text) and not _BULLET.match(unit.text)


def _is_prose(text: str) -> bool:
    count = len(text.split())
    return count >= 25 or (count >= 12 and not _is_label(text))


def _is_label(text: str) -> bool:
    """Return whether a line is short and no sentence, as headings, names and buttons are."""
    return len(text.split()) <= 14 and not re.search(r"[.!?…][\"'”’»)\]*_]*\s*$", text) and not _BULLET.match(text)


def _title_index(units: list[_Unit], title: str) -> int | None:
    known = _squeezed(title)
    for index, unit in enumerate(units[:25]):
        if unit.role in ("", "heading") and known and _squeezed(unit.text) == known:
            return index
    for index, unit in enumerate(units[:12]):
        if unit.role not in ("", "heading") or _SEPARATOR.search(unit.text) or _BULLET.match(unit.text):
            continue
        others = " ".join(other.text for other in units if other is not unit)
        if any(token not in others for token in _GLUED.findall(unit.text)):
            continue
        if unit.role or (4 <= len(unit.text.split()) <= 25 and len(unit.text.strip()) >= 20):
            return index if _is_label(unit.text) or _stands_alone(units, index) else None
        if _is_prose(unit.text):
            return None
    return None


def _stands_alone(units: list[_Unit], index: int) -> bool:
    text, below = units[index].text, units[index + 1 : index + 2]
    return (
        any(unit.role in ("furniture", "stamp") for unit in below)
        and len(list(split_sentences(text, 0, len(text)))) == 1
    )


def _label_role(text: str, index: int, title: int, first: int, last: int, body: str) -> str:
    glued = [token for token in _GLUED.findall(text) if token not in body]
    if glued or index < title or index > last:
        return "furniture"
    if index < first:
        return "heading" if len(text.split()) >= 4 and not _SEPARATOR.search(text) else "furniture"
    return "" if re.search(r"\S\s{2,}\S|\d/\d|\s[|·]\s", text) else "heading"
