"""The page of a timeline: every event with its evidence, nothing that loads or runs, readable on a telephone."""

from __future__ import annotations

import html as markup
import re
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from potash.news.events.reading import read_timeline
from potash.news.records import Reading
from potash.report.price_claims import PRICE_CLAIM_COLUMNS
from potash.report.timeline_page import MOST_QUOTED, write_timeline_page
from tests.support.browser import browser, chromium_path
from tests.support.pages import dangers

needs_chromium = pytest.mark.skipif(chromium_path() is None, reason="Chromium is not installed")

ARTICLES = {
    "delta": (
        "published: 2025-12-14\npublisher: Delta & Daughters",
        "The United States lifted sanctions on Belarusian potash on Saturday.",
        '"Our potash will travel again," said Lukashenko.',
        "The United States imposed sanctions on Belaruskali & others in August 2021 by an <b>order</b> <script>x()</script>.",
    ),
    "echo": (
        "published: 2025-12-13\npublisher: Echo",
        "The United States is lifting sanctions on Belarusian potash, Coale said on Saturday.",
        "Nutrien curtailed output of potash at its Cory mine on Friday.",
        "More sanctions on potash will be lifted as relations improve.",
        "The EU imposed sanctions on Belarus on Thursday" + ", as many had long expected" * 40 + ".",
    ),
}  # fmt: skip
PRICES = pd.DataFrame(
    [
        ["delta", 0, 9, "NTR", "2025-12-12", -3.02, "", 3.02, "", "", "contradicted", "the other sign"],
        ["delta", 0, 9, "MOS", "", float("nan"), "", float("nan"), "", "", "unclear", "no day"],
    ],
    columns=PRICE_CLAIM_COLUMNS,
)


@pytest.fixture(scope="module")
def reading(tmp_path_factory: pytest.TempPathFactory) -> Reading:
    folder = tmp_path_factory.mktemp("articles")
    for name, (head, *paragraphs) in ARTICLES.items():
        (folder / f"{name}.md").write_text(f"---\n{head}\n---\n\n" + "\n\n".join(paragraphs) + "\n", encoding="utf-8")
    (folder / "empty.txt").write_text("")
    return read_timeline(folder)


@pytest.fixture(scope="module")
def page(reading: Reading, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_timeline_page(reading, tmp_path_factory.mktemp("page") / "timeline.html", price_claims=PRICES)


@pytest.fixture
def written(tmp_path: Path):  # type: ignore[no-untyped-def]
    """Return a function that writes a page and returns its source."""

    def written(reading: Reading, **options: object) -> str:
        return write_timeline_page(reading, tmp_path / "page.html", **options).read_text(encoding="utf-8")  # type: ignore[arg-type]

    return written


def sections(source: str) -> dict[str, str]:
    """Return the source of each event by id."""
    return {m[1]: m[0] for m in re.finditer(r'<details class="event" id="([^"]+)">.*?</details>', source, re.DOTALL)}


def test_the_path_comes_back_and_the_page_is_a_whole_document(page: Path) -> None:
    source = page.read_text(encoding="utf-8")
    assert source.lower().startswith('<!doctype html>\n<html lang="en">')
    assert source.count("<h1>") == 1
    assert source.rstrip().endswith("</html>")
    assert "{{" not in source
    assert "{%" not in source


def test_the_page_loads_and_runs_nothing(page: Path) -> None:
    source = page.read_text(encoding="utf-8")
    assert dangers(source) == []
    assert source.count("<script") == 1


def test_every_event_can_be_opened_to_its_sentences(page: Path, reading: Reading) -> None:
    found = sections(page.read_text(encoding="utf-8"))
    assert list(found) == [event.event_id for event in reading.events]
    for event in reading.events:
        section = markup.unescape(found[event.event_id])
        for shown in (event.title, event.date, event.status, event.confidence, event.scope, *event.reasons):
            assert shown in section
        for claim in event.claims:
            article = reading.article(claim.article_id)
            assert " ".join(article.text[claim.start : claim.end].split())[:200] in section
            assert f"{claim.article_id}, characters" in section
            assert article.publisher in section


def test_evidence_says_how_each_date_was_found(page: Path, reading: Reading) -> None:
    source = markup.unescape(page.read_text(encoding="utf-8"))
    rules = {c.when.rule for e in reading.events for c in e.claims if c.when is not None}
    assert rules
    assert all(rule in source for rule in rules)


def test_versions_that_differ_stand_with_their_articles(page: Path, reading: Reading) -> None:
    (event,) = [e for e in reading.events if e.conflicts]
    section = markup.unescape(sections(page.read_text(encoding="utf-8"))[event.event_id])
    for conflict in event.conflicts:
        assert conflict.field in section
        for value, ids in conflict.versions:
            assert value in section
            assert all(article_id in section for article_id in ids)


def test_text_of_articles_is_shown_and_never_run(page: Path) -> None:
    source = page.read_text(encoding="utf-8")
    assert "Delta &amp; Daughters" in source
    assert "&lt;b&gt;order&lt;/b&gt; &lt;script&gt;x()" in source
    assert "<b>" not in source


def test_a_sentence_without_end_is_cut(page: Path) -> None:
    quotes = re.findall(r"<blockquote>(.*?)</blockquote>", page.read_text(encoding="utf-8"), re.DOTALL)
    assert any(quote.endswith("…") for quote in quotes)
    assert all(len(markup.unescape(quote)) <= MOST_QUOTED + 1 for quote in quotes)


def test_articles_problems_and_what_made_no_event_are_listed(page: Path, reading: Reading) -> None:
    source = markup.unescape(page.read_text(encoding="utf-8"))
    assert all(article.article_id in source for article in reading.articles)
    assert "empty.txt is empty" in source
    assert reading.unplaced
    for claim, reason in reading.unplaced:
        assert reason in source
        assert reading.article(claim.article_id).text[claim.start : claim.end] in source


def test_price_claims_stand_beside_the_returns(page: Path, written, reading: Reading) -> None:  # type: ignore[no-untyped-def]
    source = page.read_text(encoding="utf-8")
    row = next(row for row in re.findall(r"<tr>.*?</tr>", source, re.DOTALL) if "NTR" in row)
    assert "-3.02" in row
    assert "+3.02" in row
    assert "contradicted" in row
    assert "nan" not in next(row for row in re.findall(r"<tr>.*?</tr>", source, re.DOTALL) if "MOS" in row)
    assert "What articles say of prices" not in written(reading)
    assert "What articles say of prices" not in written(reading, price_claims=PRICES.iloc[:0])


def test_events_handed_in_are_shown_instead(written, reading: Reading) -> None:  # type: ignore[no-untyped-def]
    event = replace(reading.events[0], event_id="my-own-id", title="A title of my own")
    assert list(sections(written(reading, events=[event]))) == ["my-own-id"]
    assert "A title of my own" in written(reading, events=[event])
    assert "No event was found" in written(reading, events=[])


def test_the_same_reading_gives_the_same_bytes(written, reading: Reading) -> None:  # type: ignore[no-untyped-def]
    assert written(reading) == written(reading)


@needs_chromium
@pytest.mark.browser
def test_a_browser_asks_for_nothing_and_needs_no_more_than_a_telephone(page: Path) -> None:
    with browser() as chromium:
        assert chromium.requests(page.resolve().as_uri()) == []
        assert chromium.overflow(390) == 0
        assert chromium.evaluate("[...document.querySelectorAll('th')].every(h => h.innerText.trim())")
        chromium.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        assert chromium.overflow(390) == 0
        assert "lifted sanctions on Belarusian potash on Saturday" in chromium.text()


def test_events_stand_in_the_order_of_their_dates_and_those_without_last(written, reading: Reading) -> None:  # type: ignore[no-untyped-def]
    first, *rest = reading.events
    moved = [replace(first, date="", precision="unresolved"), *reversed(rest)]
    shown = list(sections(written(reading, events=moved)))
    assert shown == [*[event.event_id for event in rest], first.event_id]
