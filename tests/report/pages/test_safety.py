"""Text of others on pages: what is let through, what becomes text, and what is refused before anything runs."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

import pytest

from potash.errors import InputError
from potash.report.pages.safety import (
    LONGEST,
    check_files,
    check_text,
    clean_html,
    forbidden_character,
    is_clean,
    policy,
)
from tests.support.pages import dangers


@pytest.mark.parametrize(
    "html",
    [
        "<p>a <b>b</b></p>",
        '<a href="https://example.org/a?b=1#c" rel="noopener noreferrer">x</a>',
        '<a href="#there" rel="noopener noreferrer">x</a>',
        '<img src="data:image/png;base64,AA==" alt="a">',
        '<table class="dataframe"><tbody><tr><td colspan="2">1</td></tr></tbody></table>',
        '<span class="ansi-red-fg">x</span>',
        "<details><summary>more</summary>text</details>",
    ],
)
def test_what_is_on_the_list_stays_as_it_is(html: str) -> None:
    assert clean_html(html) == html
    assert is_clean(html.replace(' rel="noopener noreferrer"', ""))


@pytest.mark.parametrize(
    "html",
    [
        "<script>x</script>",
        "<img src=x onerror=x>",
        '<img src="https://example.org/a.png">',
        '<img src="data:text/html;base64,AA==">',
        '<a href="javascript:x">a</a>',
        '<a href="java\nscript:x">a</a>',
        '<a href=" data:text/html,x">a</a>',
        '<a href="//example.org">a</a>',
        '<p style="color:red">a</p>',
        "<p onclick=x>a</p>",
        '<div id="content">a</div>',
        "<svg onload=x></svg>",
        "<form><input name=a></form>",
        "<![CDATA[><img src=x onerror=x>",
        "<!doctype html>",
        "<?php x ?>",
        "<x-thing>a</x-thing>",
        '<iframe src="https://example.org"></iframe>',
    ],
)
def test_what_is_not_on_the_list_goes(html: str) -> None:
    assert not is_clean(html)
    assert dangers(clean_html(html)) == []
    assert " id=" not in clean_html(html)


def test_classes_of_others_cannot_borrow_the_looks_of_the_page() -> None:
    assert clean_html('<p class="site lead">a</p>') == '<p class="lead">a</p>'
    assert clean_html('<p class="hidden">a</p>') == "<p>a</p>"


def test_the_policy_names_style_and_script_by_their_hashes_and_nothing_else() -> None:
    digest = base64.b64encode(hashlib.sha256(b"b {}").digest()).decode()
    text = policy("b {}", "go()")
    assert text.startswith(f"default-src 'none'; style-src 'sha256-{digest}'; script-src 'sha256-")
    assert "unsafe" not in text
    assert policy("b {}", "stay()") != text


@pytest.mark.parametrize(
    "character", ["\x00", "\x1b", "\x7f", "\x9b", "\u2028", "\u202e", "\u2066", "\ufffe", "\ufdd0"]
)
def test_a_character_that_cannot_be_shown_is_named(character: str) -> None:
    with pytest.raises(InputError, match=rf"the title holds U\+{ord(character):04X}.*Remove it"):
        check_text(f"ab{character}c", "the title")


@pytest.mark.parametrize("text", ["tab\tand\r\nlines", "עברית", "potash 🧂", "<script>", "a\u0301", "$x^2$", "=1+1"])
def test_all_other_characters_are_fine(text: str) -> None:
    assert forbidden_character(text) is None


def test_length_has_a_limit() -> None:
    check_text("a" * LONGEST, "x")
    with pytest.raises(InputError, match="has 5,001 characters; at most 5,000"):
        check_text("a" * (LONGEST + 1), "x")


def test_a_cell_of_a_file_is_named_by_row_and_column(tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    path.write_text("event_id,title\nE1,fine\nE2,tur\u202end\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"events\.csv, row 3, column title: holds U\+202E"):
        check_files([path])
    path.write_bytes(b"\xff\xfe")
    check_files([path, tmp_path / "none.csv"])
