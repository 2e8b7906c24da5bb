"""The pages of a report, read back: their order, their content for paper, their tables."""

import pytest

from potash.errors import ReportError
from potash.report.export.shown import manifest_of, pages_of
from tests.report.export.made_up import small_report


def test_pages_come_in_their_order_with_their_titles(tmp_path):
    pages = list(pages_of(small_report(tmp_path)))
    assert [page.name for page in pages] == ["index", "event-2025-12-13-news", "90-methods"]
    assert [page.title for page in pages] == ["Supply news moved them", "News 2025-12-13", "Methods"]


def test_what_only_a_browser_needs_is_gone(tmp_path):
    texts = [page.main.text_content() for page in pages_of(small_report(tmp_path))]
    assert not [text for text in texts if "alert" in text or "Copy" in text or "menu" in text]


def test_a_table_is_what_a_reader_sees(tmp_path):
    _, event, _ = pages_of(small_report(tmp_path))
    (table,) = event.tables()
    assert (table.caption, table.note) == ("Firms & moves", "CAR: beyond the market.")
    assert table.header == ["firm", "CAR"]
    assert table.rows == [["NTR", "−1.4 %"], ["[0, +1]", "+0.2 %"]]
    assert table.numeric == [False, True]


def test_a_folder_that_is_no_report_is_named_with_what_to_give(tmp_path):
    with pytest.raises(ReportError, match=r"not a report of potash.*reports/latest"):
        manifest_of(tmp_path)
    (tmp_path / "manifest.json").write_text("[]")
    with pytest.raises(ReportError, match="TypeError on reading"):
        manifest_of(tmp_path)


def test_a_page_that_is_gone_is_named(tmp_path):
    (small_report(tmp_path) / "90-methods.html").unlink()
    with pytest.raises(ReportError, match=r"90-methods\.html: a page of the report is gone"):
        list(pages_of(tmp_path))


def test_a_page_without_a_main_part_is_refused(tmp_path):
    (small_report(tmp_path) / "90-methods.html").write_text("<p>other</p>")
    with pytest.raises(ReportError, match="no main part"):
        list(pages_of(tmp_path))
