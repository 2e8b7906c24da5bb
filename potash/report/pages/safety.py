"""What may stand on a page: HTML of our own, an allow-list for all other, text as text, and nothing that loads or runs.

A notebook is code that the user runs anyway, so the danger on a page is not its code but text that comes from elsewhere:
a title in a timeline, a publisher, a file name. Three things hold, each of them alone would do:

1. HTML that potash makes (:class:`~potash.report.pages.publish.Publisher`) escapes every text where it enters. It is
   marked in the metadata of its output and keeps its figures; a notebook that forges the mark gains nothing that its code
   did not have.
2. All other HTML, of outputs and of Markdown, passes an allow-list of tags and attributes.
3. The page carries a policy (Content-Security-Policy) under which a browser runs and styles by nothing but the script and
   the style sheet of the page, which are named by their hashes, and loads nothing.
"""

from __future__ import annotations

import base64
import hashlib
import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

from potash.errors import InputError

# The mark of an output that Publisher made.
MADE_BY_POTASH = "potash"
LONGEST = 5000

TAGS = frozenset({
    "a", "abbr", "b", "blockquote", "br", "caption", "code", "col", "colgroup", "dd", "del", "details", "div", "dl", "dt",
    "em", "figcaption", "figure", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "img", "ins", "kbd", "li", "mark", "ol",
    "p", "pre", "q", "s", "samp", "section", "small", "span", "strong", "sub", "summary", "sup", "table", "tbody", "td",
    "tfoot", "th", "thead", "tr", "u", "ul", "var",
})  # fmt: skip
_EVERYWHERE = frozenset({"class", "title", "lang", "dir"})
_ATTRIBUTES = {
    "a": frozenset({"href"}),
    "img": frozenset({"src", "alt", "width", "height"}),
    "td": frozenset({"colspan", "rowspan"}),
    "th": frozenset({"colspan", "rowspan", "scope"}),
    "col": frozenset({"span"}),
    "ol": frozenset({"start"}),
    "details": frozenset({"open"}),
}
# Classes that others may use: what Markdown, pandas and coloured text of a terminal bring, and looks of our style sheet.
_CLASSES = re.compile(
    r"dataframe|num|date|text|wide|lead|soft|aside|standing|ansi-[a-z-]+|language-\w+|row_heading|data"
)
_LINK = re.compile(r"(?:https?://|mailto:|#|(?![a-z][a-z0-9+.-]*:|//|\\|/))", re.IGNORECASE)
_PICTURE = re.compile(r"data:image/(?:png|jpeg|gif|webp|svg\+xml);base64,[A-Za-z0-9+/=\s]*", re.IGNORECASE)


def allowed_value(tag: str, name: str, value: str) -> str | None:
    """Return an attribute's value as it may stand, or None where it may not."""
    if name == "href":
        # A browser reads an address without its tabs and line ends.
        return value if _LINK.match(re.sub(r"[\x00-\x20]+", "", value)) else None
    if name == "src":
        return value if _PICTURE.fullmatch(value) else None
    if name == "class":
        return " ".join(name for name in value.split() if _CLASSES.fullmatch(name)) or None
    return value


def clean_html(html: str) -> str:
    """Return HTML of others with what is on the allow-list, and nothing that runs, styles or loads.

    Examples
    --------
    >>> clean_html('<p onclick="go()">a <b>b</b><script>go()</script><img src="https://example.org/a.png"></p>')
    '<p>a <b>b</b></p>'
    """
    import nh3  # compiled; only a report needs it

    kept = nh3.clean(
        html,
        tags=set(TAGS),
        clean_content_tags={"script", "style", "template", "noscript", "iframe", "object", "textarea", "title", "svg", "math"},
        attributes={**{tag: set(names) for tag, names in _ATTRIBUTES.items()}, "*": set(_EVERYWHERE)},
        attribute_filter=allowed_value,
        url_schemes={"http", "https", "mailto", "data"},
        strip_comments=True,
        link_rel="noopener noreferrer",
    )  # fmt: skip
    return re.sub(r"<img(?![^>]* src=)[^>]*>", "", kept)


def is_clean(html: str) -> bool:
    """Return whether HTML has nothing but what the allow-list lets through unchanged."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.clean


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.clean = True

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = _ATTRIBUTES.get(tag, frozenset()) | _EVERYWHERE
        fits = all(name in names and allowed_value(tag, name, value or "") is not None for name, value in attrs)
        self.clean &= tag in TAGS and fits

    def handle_endtag(self, tag: str) -> None:
        self.clean &= tag in TAGS

    def handle_decl(self, decl: str) -> None:
        self.clean = False

    def unknown_decl(self, data: str) -> None:
        self.clean = False

    def handle_pi(self, data: str) -> None:
        self.clean = False


def policy(style: str, script: str) -> str:
    """Return the Content-Security-Policy of a page with this style sheet and this script, and no other."""
    return (
        f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


@cache
def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode()


_BIDI = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def forbidden_character(text: str) -> str | None:
    r"""Return the first character that no input may hold: a control, one that turns the direction of text, no character.

    Tabs and ends of lines are fine.

    Examples
    --------
    >>> forbidden_character("Belaruskali\u202egpj") == "\u202e", forbidden_character("two\nlines")
    (True, None)
    """
    for character in text:
        kind = unicodedata.category(character)
        if character in _BIDI or (kind in ("Cc", "Cs", "Zl", "Zp") and character not in "\t\n\r"):
            return character
        if kind == "Cn" and (ord(character) & 0xFFFE == 0xFFFE or 0xFDD0 <= ord(character) <= 0xFDEF):
            return character
    return None


def check_text(text: str, where: str) -> None:
    """Raise :class:`InputError` for a text that no page could show honestly: what it holds, and where."""
    character = forbidden_character(text)
    if character is not None:
        name = unicodedata.name(character, "a control character")
        raise InputError(
            f"{where} holds U+{ord(character):04X} ({name.lower()}), which a page cannot show or which turns the text "
            f"around: {text[:60]!r}. Remove it."
        )
    if len(text) > LONGEST:
        raise InputError(f"{where} has {len(text):,} characters; at most {LONGEST:,} fit on a page. Shorten it.")


def check_inputs(places: Sequence[Path]) -> None:
    """Raise :class:`InputError` for a text of a table, or the name of a file in a folder, that no page could show honestly."""
    check_files(path for path in places if path.is_file())
    for folder in places:
        for path in folder.iterdir() if folder.is_dir() else ():
            check_text(path.name, f"the name of a file in {folder.name}")


def check_files(files: Iterable[Path]) -> None:
    """Raise :class:`InputError` for a table of text (CSV) with a cell that no page could show honestly.

    Characters that mean something in HTML, in Markdown, in a formula or in a spreadsheet are fine: they are shown as text.
    """
    import csv

    for path in files:
        try:
            with path.open(encoding="utf-8-sig", newline="") as stream:
                rows = list(csv.reader(stream))
        except (OSError, UnicodeDecodeError, csv.Error):
            continue  # its own reader says what is wrong with it
        head = rows[0] if rows else []
        for number, row in enumerate(rows, start=1):
            for place, cell in enumerate(row):
                column = head[place] if place < len(head) and number > 1 else str(place + 1)
                check_text(cell, f"{path.name}, row {number}, column {column}:")
