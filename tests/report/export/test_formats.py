"""A finished report in other formats, by name."""

import json

import pytest

from potash.errors import OptionError, ReportError
from potash.report.export.formats import about, export_report
from tests.report.export.made_up import small_report


def test_an_unknown_format_is_named_with_those_there_are(tmp_path):
    with pytest.raises(OptionError, match=r"'docx'.*xlsx.*pdf.*md.*tex"):
        export_report(small_report(tmp_path / "r"), ["docx"], tmp_path / "out")
    assert not (tmp_path / "out").exists(), "nothing is made before the names are right"


def test_no_format_is_an_error(tmp_path):
    with pytest.raises(OptionError, match="no format was named"):
        export_report(small_report(tmp_path / "r"), [], tmp_path / "out")


def test_a_folder_that_is_no_report_is_refused_before_anything_is_written(tmp_path):
    with pytest.raises(ReportError, match="not a report of potash"):
        export_report(tmp_path, ["xlsx"], tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_each_format_gives_its_files_once(tmp_path):
    paths = export_report(small_report(tmp_path / "r"), ["tex", "xlsx", "tex"], tmp_path / "out")
    names = [path.relative_to(tmp_path / "out").as_posix() for path in paths]
    assert names == ["tex/event-2025-12-13-news.tex", "report.xlsx"]
    assert all(path.is_file() for path in paths)


def test_a_report_without_an_answer_cannot_be_mailed(tmp_path):
    with pytest.raises(OptionError, match="ask no question about events"):
        export_report(small_report(tmp_path / "r"), ["md"], tmp_path / "out")


def test_the_cover_names_prices_firms_and_market(tmp_path):
    folder = small_report(tmp_path)
    security = {"ticker": "NTR", "name": "Nutrien", "first": "2020-07-01", "last": "2026-01-29", "holes": []}
    data = {"first": "2020-07-01", "last": "2026-01-29", "firms": [security], "market": security, "controls": []}
    (folder / "highlights.json").write_text(json.dumps({"answer": {}, "data": data}))
    lines = about(folder)
    assert lines["Prices"] == "2020-07-01 to 2026-01-29"
    assert lines["Portfolio"] == "Nutrien (NTR)"
    assert lines["Control group"] == "none"
    assert "No investment advice" in lines["Note"]
