"""What of a page is the article: lines into paragraphs, furniture apart."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from potash.news.articles.html import HTML, Line, squeezed
from potash.news.articles.published import PAGE_WORDS, is_stamp, prose_start
from potash.news.language.sentences import split_sentences
from potash.news.records import Paragraph

_MARKS = re.compile(r"(?:[>\ufeff]|#+\s|[-•–*]\s|\s)*")
_BULLET = re.compile(r"\s*(?:[-•–*]\s|\d{1,2}[.)]\s)")
_SEPARATOR = re.compile(r"\s+[|·•]\s+|\s{3,}|\t+")
_SENTENCE_CLOSE = re.compile(r"[.!?…:;][\"'”’»)\]*_]*$")
_CONTINUES = re.compile(r"[a-z]|[.,;:!?)…](?:\s|$)")
_BYLINE = re.compile(r"(?:[Bb]y|BY)\s+[A-Z][\w.'’-]*(?:,?\s+(?:and|&|with|in|for|[A-Z][\w.'’-]*)){0,14}\W*")
_AGENCY_CAPTION = re.compile(r".{5,200}[\w\"”]\.\s(?:[A-Z][\w'’]+\s){1,4}(?:Agency|Press|News|Images|Service)")
_GLUED = re.compile(r"(?<!\w)\w*[a-z][A-Z][a-z]\w*")


@cache
def pattern(part: str, name: str) -> re.Pattern[str]:
    """Return the alternatives of an entry of ``sources.toml`` as one pattern."""
    flags = re.IGNORECASE if part in ("furniture", "sections") else re.NOFLAG
    return re.compile("|".join(f"(?:{alternative})" for alternative in PAGE_WORDS[part][name]), flags)


def text_lines(text: str, start: int) -> tuple[Line, ...]:
    """Return the lines of a text from ``start``, blank ones left out, those of a hard-wrapped file put together again."""
    stretches = re.compile(r"[^\r\n]+").finditer(text, start)
    lines = [Line(match.start(), match.end()) for match in stretches if match[0].replace("\ufeff", "").strip()]
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
    title_at = _title_index(units, title)
    if title_at is not None:
        units[title_at].role = "title"
    prose = [index for index, unit in enumerate(units) if not unit.role and _is_prose(unit.text)]
    body = " ".join(units[index].text for index in prose)
    first, last = (prose[0], prose[-1]) if prose else (0, len(units))
    # Many dates alone on their lines are the headings of a chronology, and no stamps of the page.
    chronology = sum(unit.role == "stamp" for unit in units) >= 3
    for index, unit in enumerate(units):
        if unit.role == "stamp":
            unit.role = "heading" if chronology or first < index < last else "furniture"
        elif not unit.role and _is_label(unit.text):
            unit.role = _label_role(unit.text, index, title_at or 0, first, last, body)
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
        is_text = not role or not re.search(r"\w", words)
        if before and is_text and not before.role and _is_broken(before.text.rstrip(), words.lstrip()):
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
        is_notice = _BYLINE.fullmatch(bare) or whole.fullmatch(bare) or whole.fullmatch(bare.strip("()"))
        if is_notice or holding.search(bare) or _is_menu(bare):
            return "furniture"
    captioned = len(bare) <= 300 and pattern("furniture", "caption").search(bare)
    if tag == "figcaption" or captioned or _AGENCY_CAPTION.fullmatch(bare):
        return "caption"
    return "heading" if tag in HTML["headings"] or re.match(r"\s*#+\s", text) else ""


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
    stated = squeezed(title)
    for index, unit in enumerate(units[:25]):
        if unit.role in ("", "heading") and stated and squeezed(unit.text) == stated:
            return index
    for index, unit in enumerate(units[:12]):
        if unit.role not in ("", "heading") or _SEPARATOR.search(unit.text) or _BULLET.match(unit.text):
            continue
        elsewhere = " ".join(other.text for other in units if other is not unit)
        if any(token not in elsewhere for token in _GLUED.findall(unit.text)):
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
