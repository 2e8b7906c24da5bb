from __future__ import annotations

import nbformat

from potash.report.pages.partial import with_banner, with_traceback

PAGE = "<body><nav></nav><main id='content'><h1>Title</h1></main><footer></footer></body>"


def test_a_banner_stands_before_the_content_and_names_what_is_missing() -> None:
    page = with_banner(PAGE, {"03-event-study": "cell 2: KeyError: <script>alert(1)</script>"})
    assert page.index('<aside class="banner"') < page.index("<main")
    assert '<a href="03-event-study.html">03-event-study</a>: cell 2: KeyError: &lt;script&gt;alert(1)' in page
    assert "<script" not in page
    coloured = with_banner(PAGE, {"a": "KeyError: \x1b[31mred\x1b[0m \x1b]0;title\x07\x9bx"})
    assert "KeyError: red x</li>" in coloured


def test_a_whole_report_has_no_banner() -> None:
    assert with_banner(PAGE, {}) == PAGE


def test_the_traceback_stands_at_the_end_without_colours() -> None:
    node = nbformat.v4.new_notebook()
    cell = nbformat.v4.new_code_cell("1 / 0")
    lines = ["\x1b[31mZeroDivisionError\x1b[39m: <b>", "line 1"]
    cell.outputs = [nbformat.v4.new_output("error", ename="ZeroDivisionError", evalue="<b>", traceback=lines)]
    node.cells = [nbformat.v4.new_markdown_cell("# Title"), cell]
    page = with_traceback(PAGE, node)
    assert '<pre class="stream">ZeroDivisionError: &lt;b&gt;\nline 1</pre>\n</main>' in page
    assert with_traceback(PAGE, nbformat.v4.new_notebook()) == PAGE
