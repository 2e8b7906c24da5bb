"""``potash export``: what it writes, and what it says of what it cannot."""

from typer.testing import CliRunner

from potash.cli.app import app
from tests.report.export.made_up import small_report


def run(*arguments):
    return CliRunner().invoke(app, ["export", *map(str, arguments)])


def test_it_says_what_it_wrote(tmp_path):
    done = run(small_report(tmp_path / "r"), "--to", "xlsx, tex", "--out", tmp_path / "out")
    assert done.exit_code == 0, done.output
    assert done.output.splitlines() == [
        str(tmp_path / "out" / "report.xlsx"), str(tmp_path / "out" / "tex" / "event-2025-12-13-news.tex")
    ]  # fmt: skip


def test_quiet_says_nothing(tmp_path):
    assert run(small_report(tmp_path / "r"), "--out", tmp_path / "out", "-q").output == ""


def test_an_unknown_format_is_bad_input(tmp_path):
    done = run(small_report(tmp_path / "r"), "--to", "docx", "--out", tmp_path / "out")
    assert done.exit_code == 2
    assert "docx" in done.output
    assert "Traceback" not in done.output
