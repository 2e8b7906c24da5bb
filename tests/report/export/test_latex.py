"""Tables as LaTeX: nothing of a text has a meaning there, and a row never begins with what the line before would take."""

import re
import shutil
import subprocess

import pytest

from potash.report.export.latex import PREAMBLE, latex_of, latex_text, write_latex
from potash.report.export.shown import ShownTable
from tests.report.export.made_up import small_report


def table(rows, caption="Firms", note="", numeric=(False, True)):
    return ShownTable(caption, ["firm", "CAR"], rows, note, list(numeric))


@pytest.mark.parametrize(
    ("text", "latex"),
    [
        ("−1.4\u00a0%", r"$-$1.4~\%"), ("a_b & c#d", r"a\_b \& c\#d"),
        ("{x}^2~$", r"\{x\}\textasciicircum{}2\textasciitilde{}\$"),
        (r"\input{x}", r"\textbackslash{}input\{x\}"), ("[0, +1]", "{[}0, +1]"), ("<0.001", r"\textless{}0.001"),
    ],
)  # fmt: skip
def test_text_has_no_meaning_of_its_own(text, latex):
    assert latex_text(text) == latex


def test_a_short_table_has_booktabs_rules_and_numbers_stand_right():
    text = latex_of(table([["NTR", "−1.4 %"]], note="A note."), "tab:x")
    assert r"\begin{tabular}{lr}" in text
    assert text.index(r"\toprule") < text.index(r"firm & CAR \\") < text.index(r"\midrule") < text.index(r"\bottomrule")
    assert r"NTR & $-$1.4 \% \\" in text
    assert r"\caption{Firms}\label{tab:x}" in text
    assert r"\footnotesize A note." in text


def test_a_table_longer_than_a_page_repeats_its_header():
    text = latex_of(table([["NTR", "1"]] * 36))
    assert r"\begin{longtable}{lr}" in text
    assert text.count(r"firm & CAR \\") == 2
    assert "longtable" not in latex_of(table([["NTR", "1"]] * 35))


def test_long_text_wraps():
    assert r"p{0.3\linewidth}r" in latex_of(table([["x" * 41, "1"]]))
    assert r"{lr}" in latex_of(table([["x" * 40, "1"]]))


def test_a_row_never_begins_with_a_bracket():
    """After a line's end LaTeX would take it for the length of a gap."""
    assert not re.search(r"\\\\\s*\[", latex_of(table([["[0, 0]", "1"], ["[0, +1]", "2"]])))


def test_a_file_for_each_page_with_tables(tmp_path):
    paths = write_latex(small_report(tmp_path / "r"), tmp_path / "tex")
    assert [path.name for path in paths] == ["event-2025-12-13-news.tex"]
    assert paths[0].read_text(encoding="utf-8").startswith(PREAMBLE)
    assert r"\label{tab:event-2025-12-13-news-1}" in paths[0].read_text(encoding="utf-8")


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not on this machine")
def test_latex_takes_it(tmp_path):
    (path,) = write_latex(small_report(tmp_path / "r"), tmp_path / "tex")
    hostile = latex_of(table([[r"\input{/etc/passwd} # $ % & ~ ^ _ { } <i> “a” – …", "−1"]] * 40, caption="[x] & _"))
    main = tmp_path / "tex" / "main.tex"
    text = path.read_text(encoding="utf-8")
    main.write_text(
        "\\documentclass{article}\\usepackage{booktabs,longtable,array}\\begin{document}"
        + text
        + hostile
        + "\\end{document}",
        encoding="utf-8",
    )
    done = subprocess.run(
        ["pdflatex", "-halt-on-error", "-interaction=nonstopmode", main.name], cwd=main.parent, capture_output=True, text=True
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-1500:]
