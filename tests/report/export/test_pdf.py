"""A report as PDF: cover, contents, chapters, page numbers, bookmarks; and an event on two pages."""

import re

import pytest

from potash.errors import MissingPackageError
from potash.report.export.pdf import write_event_pdfs, write_pdf
from tests.report.export.made_up import small_report

try:
    import weasyprint  # noqa: F401
except (ImportError, OSError) as error:
    missing = f"WeasyPrint cannot be used here: {str(error).splitlines()[0]}"
else:
    missing = ""
needs_weasyprint = pytest.mark.skipif(bool(missing), reason=missing or "there")


def read(path):
    from pypdf import PdfReader

    return PdfReader(str(path))


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = small_report(tmp_path_factory.mktemp("report"), events=2)
    return read(write_pdf(folder, folder / "report.pdf", {"Prices to": "2026-01-29"}, "Potash & the news"))


@needs_weasyprint
def test_cover_contents_and_a_chapter_a_page(made):
    texts = [page.extract_text() for page in made.pages]
    assert "Potash & the news" in texts[0]
    assert "2026-01-29" in texts[0]
    assert "Contents" in texts[1]
    assert len(texts) == 2 + 4
    for number, title in enumerate(
        ("Supply news moved them", "News 2025-12-13", "News 2025-12-12", "Methods"), start=3
    ):
        assert re.search(rf"{title}[\s.]*{number}\b", texts[1]), title
        assert title in texts[number - 1]


@needs_weasyprint
def test_pages_are_numbered_and_say_where_one_is(made):
    last = made.pages[-1].extract_text()
    assert "6 / 6" in last
    assert last.count("Methods") == 2, "as heading and as running title"
    assert "1 / 6" not in made.pages[0].extract_text(), "the cover has no number"


@needs_weasyprint
def test_bookmarks_and_language(made):
    titles = [item.title for item in made.outline if not isinstance(item, list)]
    assert titles == ["Contents", "Supply news moved them", "News 2025-12-13", "News 2025-12-12", "Methods"]
    assert made.trailer["/Root"]["/Lang"] == "en"
    assert made.metadata.title == "Potash & the news"


@needs_weasyprint
def test_links_inside_the_report_lead_to_its_chapters_and_others_to_nothing_on_disk(made):
    links = [note.get_object() for page in made.pages for note in page.get("/Annots", [])]
    assert links
    assert not [link for link in links if "file:" in str(link.get("/A", ""))]


@needs_weasyprint
@pytest.mark.parametrize("filler", [0, 16])
def test_an_event_fits_on_two_pages_without_its_back_matter(tmp_path, filler):
    paths = write_event_pdfs(small_report(tmp_path, events=2, filler=filler), tmp_path / "pdf", "Prices to 2026-01-29")
    assert [path.name for path in paths] == ["event-2025-12-13-news.pdf", "event-2025-12-12-news.pdf"]
    text = "".join(page.extract_text() for page in read(paths[0]).pages)
    assert len(read(paths[0]).pages) <= 2
    assert "Small print" not in text
    assert "−1.4 %" in text


def test_without_weasyprint_the_message_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "weasyprint", None)
    with pytest.raises(MissingPackageError, match=r"pip install 'potash\[pdf\]'"):
        write_pdf(small_report(tmp_path), tmp_path / "x.pdf")
