from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import nbformat
import pytest

from potash.report.job import ReportResult
from potash.report.pages.facts import DataDescription
from potash.report.pages.publish import FOR_JUPYTER
from potash.report.pages.render import Frame, page_of, render_page
from potash.report.pages.safety import MADE_BY_POTASH
from tests.support.browser import browser, chromium_path
from tests.support.injections import INJECTIONS
from tests.support.pages import dangers

Made = tuple[ReportResult, Path]
needs_chromium = pytest.mark.skipif(chromium_path() is None, reason="Chromium is not installed")


def node_of(*cells: object):  # type: ignore[no-untyped-def]
    return nbformat.v4.new_notebook(cells=list(cells))


def shown(html: str):  # type: ignore[no-untyped-def]
    output = nbformat.v4.new_output("display_data", data={"text/html": html})
    return nbformat.v4.new_code_cell("secret_code()", outputs=[output], id="c")


def render(*cells: object) -> str:
    node = node_of(*cells)
    page = page_of("01-a", node)
    return render_page(page, node, Frame([page], DataDescription("s", {}), {}, {"": {}, "01-a": {}}))


def all_pages(result: ReportResult) -> list[Path]:
    return [result.index, *result.pages]


def test_pages_load_nothing(made: Made) -> None:
    for path in all_pages(made[0]):
        html = path.read_text()
        assert dangers(html) == []
        assert html.count("<script") == html.count("<style") == 1


def test_pages_are_whole_documents(made: Made) -> None:
    html = made[0].pages[0].read_text()
    assert html.startswith('<!DOCTYPE html>\n<html lang="en">')
    assert "<title>What happened – " in html
    assert html.count("<h1>") == 1
    assert '<a class="skip" href="#content">' in html
    assert '<a href="01-timeline.html" aria-current="page">Timeline</a>' in html
    assert 'rel="next">Event study →' in html
    assert "made-up-12345678" in html
    assert "abababababab</code>" in html
    assert "as_of = &#39;2026-11-20&#39;" in html
    assert "{{" not in html


def test_code_prompts_and_parameters_stay_out(made: Made) -> None:
    for path in made[0].pages:
        html = path.read_text()
        for code in ("import pandas", "Publisher(", "In [", "Out[", "Set by the report"):
            assert code not in html
    assert "None 2026-11-20" in made[0].pages[0].read_text()


def test_messages_lose_paths_and_addresses(made: Made) -> None:
    html = made[0].pages[1].read_text()
    assert "notebook cell:4: UserWarning: careful" in html
    assert "&lt;object at 0x...&gt;" in html
    assert "/tmp" not in html


def test_headings_get_addresses_and_a_list(made: Made) -> None:
    html = made[0].pages[0].read_text()
    assert '<h2 id="one">One</h2>' in html
    assert (
        '<nav class="sections" aria-label="On this page"><p>On this page</p><ul><li><a href="#one">One</a></li>' in html
    )


def test_the_first_page_leads_to_everything(made: Made) -> None:
    html = made[0].index.read_text()
    for text in (
        "No effect.</span> <strong>Nothing</strong> happened",
        '<a href="02-event-study.html">Did they move?</a>',
        "First paragraph with a bold word and a source.",
        'Events &amp; &lt;evidence&gt; <span class="aside"><a href="tables/events.csv">events.csv</a>, 3 rows</span>',
        'A line <span class="aside"><a href="figures/line.png">line.png</a></span>',
        'href="manifest.json"',
    ):
        assert text in html


def test_a_plain_frame_has_no_empty_header(made: Made) -> None:
    html = made[0].pages[0].read_text()
    assert 'class="dataframe"' in html
    assert "<th></th>" not in html
    assert 'border="1"' not in html
    assert html.count("<table") == html.count('tabindex="0"><table')


@pytest.mark.parametrize(
    "html",
    [
        '<script src="https://cdn.example.org/x.js"></script>',
        "<script>alert(1)</script>",
        '<img src="https://example.org/a.png">',
        '<img src="figure.png">',
        '<link rel="stylesheet" href="https://example.org/a.css">',
        '<iframe srcdoc="x"></iframe>',
        "<style>@import 'https://example.org/a.css';</style>",
        "<svg><script>alert(1)</script></svg>",
    ],
)
def test_an_output_that_would_load_or_run_shows_its_words_instead(html: str) -> None:
    cell = shown(html)
    cell.outputs[0].data["text/plain"] = "a <widget>"
    page = render(cell)
    assert dangers(page) == []
    assert "This output needs a script or a file from elsewhere" in page
    assert "<pre>a &lt;widget&gt;</pre>" in page


def test_what_is_fine_in_an_output_stays_without_what_is_not() -> None:
    page = render(
        shown(
            '<div style="background: url(https://example.org/a.png)" onclick="go()">kept <b>words</b>'
            '<a href="javascript:go()">x</a></div>'
        )
    )
    assert dangers(page) == []
    assert "kept <b>words</b>" in page


def test_what_potash_made_keeps_its_figures_and_loses_what_only_jupyter_needs() -> None:
    cell = shown(
        f'<div class="highlight effect"{FOR_JUPYTER}><p>Words.</p></div>'
        + '<svg viewBox="0 0 1 1"><path d="M0 0"/></svg>'
    )
    assert "<svg" not in render(cell)
    cell.outputs[0].metadata[MADE_BY_POTASH] = {"made": True}
    page = render(cell)
    assert '<svg viewBox="0 0 1 1">' in page
    assert '<div class="highlight effect"><p>' in page


def test_a_link_and_an_inline_picture_are_fine() -> None:
    html = render(shown('<a href="https://example.org">x</a><img alt="a" src="data:image/png;base64,AA==">'))
    assert 'href="https://example.org"' in html
    assert "secret_code" not in html


def test_scripts_and_widgets_show_their_text_instead() -> None:
    data = {"application/javascript": "alert(1)", "text/plain": "a widget"}
    output = nbformat.v4.new_output("display_data", data=data)
    html = render(nbformat.v4.new_code_cell("x", outputs=[output], id="c"))
    assert "alert" not in html
    assert "a widget" in html


def test_cells_tagged_for_it_stay_out() -> None:
    cell = shown("<p>hidden</p>")
    cell.metadata["tags"] = ["remove-cell"]
    assert "<p>hidden" not in render(cell)


def test_title_and_summary_of_a_notebook() -> None:
    text = (
        "# The `title` here\n\n- a list\n\n## Sub\n\nFirst **words** of\na [paragraph](x) with event_id and *stress*."
    )
    page = page_of("03-event-study", node_of(nbformat.v4.new_markdown_cell(text)))
    assert (page.title, page.label) == ("The title here", "Event study")
    assert page.summary == "First words of a paragraph with event_id and stress."
    assert page_of("04-x-y", node_of()).title == "X y"


@needs_chromium
@pytest.mark.browser
def test_a_browser_asks_the_network_for_nothing(made: Made, tmp_path: Path) -> None:
    with browser() as page:
        for path in all_pages(made[0]):
            assert page.requests(path.resolve().as_uri()) == []
            text = page.text()
            assert not re.search(r"\$\$|\\\(|\\\[|\\begin\{", text)
            assert page.evaluate("[...document.images].every(i => i.alt.trim() && i.naturalWidth > 0)")
            assert page.evaluate("[...document.querySelectorAll('th')].every(h => h.innerText.trim())")
            assert page.overflow(360) == 0
        picture = page.screenshot(made[0].index.resolve().as_uri(), tmp_path / "index.png", width=800)
        assert picture.stat().st_size > 10_000


@needs_chromium
@pytest.mark.browser
def test_the_browser_test_can_fail(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text(
        '<img src="http://127.0.0.1:9/a.png"><script>setTimeout(() => fetch("http://127.0.0.1:9/b"), 50)</script>'
    )
    with browser() as page:
        assert page.requests(path.as_uri()) == ["http://127.0.0.1:9/a.png", "http://127.0.0.1:9/b"]


@pytest.mark.parametrize("text", [text for text in INJECTIONS if not text.startswith(("&", "[x]", "![x]"))])
def test_markdown_shows_html_that_is_not_on_the_list_as_text(text: str) -> None:
    page = render(nbformat.v4.new_markdown_cell(f"# Title\n\nBefore {text} after"))
    assert dangers(page) == []
    main = page[page.index("<main") : page.index("</main>")]
    words = re.sub(r"\W+", "", unescape(re.sub(r"<[^>]*>", "", main)))
    # An end tag alone is no HTML that could be kept, and no Markdown either: it goes.
    assert re.sub(r"\W+", "", text.removesuffix("</details>")) in words


def test_markdown_keeps_html_that_is_on_the_list() -> None:
    page = render(
        nbformat.v4.new_markdown_cell("# Title\n\nx<sub>i</sub>\n\n<details><summary>more</summary>text</details>")
    )
    assert "x<sub>i</sub>" in page
    assert "<details><summary>more</summary>text</details>" in page
