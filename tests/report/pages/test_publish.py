from __future__ import annotations

import json
from pathlib import Path

import matplotlib as mpl
import pandas as pd
import pytest

from potash.errors import OptionError
from potash.report.pages import publish as module
from potash.report.pages.publish import Publisher, ShownFigure, inline_html
from potash.report.pages.tables import ShownTable

mpl.use("Agg")


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    html: list[str] = []
    monkeypatch.setattr(module, "_show", lambda text, plain: html.append(text))
    monkeypatch.delenv(module.NOTEBOOK_VARIABLE, raising=False)
    return html


def line():  # type: ignore[no-untyped-def]
    from matplotlib import pyplot as plt

    fig, ax = plt.subplots(figsize=(2, 1))
    ax.plot([1, 2, 3])
    return fig


def test_without_a_folder_nothing_is_written(shown: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    publish = Publisher()
    publish.table(pd.DataFrame({"x": [1]}), "t", "T")
    publish.figure(line(), "f", "F", "a line")
    publish.highlight("text")
    publish.text("text")
    assert len(shown) == 4
    assert list(tmp_path.iterdir()) == []


def test_with_a_folder_everything_is_written_and_recorded(shown: list[str], tmp_path: Path) -> None:
    publish = Publisher(tmp_path, "03-study")
    publish.table(pd.DataFrame({"x": [1 / 3]}), "car-by-firm", "T", index=False, max_rows=1)
    publish.figure(line(), "caar", "F", "a line")
    publish.highlight("moved", "effect")
    assert (tmp_path / "tables/car-by-firm.csv").read_bytes() == b"x\n0.333333333333\n"
    assert (tmp_path / "figures/caar.png").read_bytes().startswith(b"\x89PNG")
    assert (tmp_path / "figures/caar.svg").read_text().startswith("<svg ")
    record = json.loads((tmp_path / "published/03-study.json").read_text())
    assert [entry["kind"] for entry in record] == ["table", "figure", "highlight"]
    assert record[1]["alt"] == "a line"


def test_a_figure_is_the_same_bytes_twice_and_closed(shown: list[str], tmp_path: Path) -> None:
    from matplotlib import pyplot as plt

    for folder in ("a", "b"):
        Publisher(tmp_path / folder).figure(line(), "f", "F", 'a "line"')
    assert shown[0] == shown[1]
    assert "aria-label='a \"line\"'" in shown[0]
    assert (tmp_path / "a/figures/f.png").read_bytes() == (tmp_path / "b/figures/f.png").read_bytes()
    assert plt.get_fignums() == []


def test_a_series_is_a_table(shown: list[str], tmp_path: Path) -> None:
    Publisher(tmp_path).table(pd.Series([1.0], name="x", index=["a"]), "s", "S")
    assert (tmp_path / "tables/s.csv").read_text() == ",x\na,1\n"


@pytest.mark.parametrize("name", ["", "Car", "a_b", "a/b", "../a", "-a", "a--b", "a b"])
def test_malformed_names_are_refused(shown: list[str], name: str) -> None:
    with pytest.raises(OptionError, match="lower-case letters"):
        Publisher().table(pd.DataFrame({"x": [1]}), name, "T")


def test_a_taken_name_is_refused(shown: list[str], tmp_path: Path) -> None:
    publish = Publisher(tmp_path)
    publish.table(pd.DataFrame({"x": [1]}), "t", "T")
    with pytest.raises(OptionError, match="'t' is already taken"):
        publish.table(pd.DataFrame({"x": [2]}), "t", "T")
    assert (tmp_path / "tables/t.csv").read_text() == ",x\n0,1\n"
    publish.figure(line(), "t", "a figure may have the name of a table", "line")


def test_running_a_cell_again_replaces_what_it_showed(
    shown: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish = Publisher(tmp_path, "n")
    runs = iter([("cell-a", 1), ("cell-a", 2), ("cell-a", 2), ("cell-b", 3)])
    monkeypatch.setattr(module, "_cell", lambda: next(runs))
    publish.table(pd.DataFrame({"x": [1]}), "t", "T")
    publish.table(pd.DataFrame({"x": [2]}), "t", "T")
    assert len(json.loads((tmp_path / "published/n.json").read_text())) == 1
    with pytest.raises(OptionError, match="taken"):
        publish.table(pd.DataFrame({"x": [3]}), "t", "twice in one run of the cell")
    with pytest.raises(OptionError, match="taken"):
        publish.table(pd.DataFrame({"x": [4]}), "t", "in another cell")


def test_alt_is_required(shown: list[str]) -> None:
    with pytest.raises(OptionError, match="alt is empty"):
        Publisher().figure(line(), "f", "F", " ")
    from matplotlib import pyplot as plt

    plt.close("all")


def test_an_unknown_tone_lists_the_known(shown: list[str]) -> None:
    with pytest.raises(OptionError, match=r"'plain', 'effect', 'none', 'undecided', 'warning'"):
        Publisher().highlight("x", "good")  # type: ignore[arg-type]


def test_a_verdict_is_told_by_a_word_and_escaped(shown: list[str]) -> None:
    Publisher().highlight("**a** <b>", "none")
    assert "No effect." in shown[0]
    assert "<strong>a</strong> &lt;b&gt;" in shown[0]


def test_a_verdict_with_a_heading_says_by_itself_what_it_is(shown: list[str], tmp_path: Path) -> None:
    Publisher(tmp_path, "n").highlight("No effect beyond 5 %.", "none", "What <happened>", ["p = 0.3", "**more**"])
    assert shown[0].count("No effect") == 1
    assert '<p class="heading"><strong>What &lt;happened&gt;</strong></p><p>No effect' in shown[0]
    assert '<ul class="details"><li>p = 0.3</li><li><strong>more</strong></li></ul>' in shown[0]
    [record] = json.loads((tmp_path / "published/n.json").read_text())
    assert record == {
        "kind": "highlight", "heading": "What <happened>", "text": "No effect beyond 5 %.", "tone": "none",
    }  # fmt: skip


def test_tables_and_figures_that_are_ready_bring_their_words(shown: list[str], tmp_path: Path) -> None:
    publish = Publisher(tmp_path)
    frame, words = pd.DataFrame({"CAR": [0.0123]}), pd.DataFrame({"CAR": ["+1.2 %"]})
    publish.table(ShownTable(frame, words, "A note."), "t", "T")
    assert "+1.2 %" in shown[0]
    assert "A note." in shown[0]
    assert (tmp_path / "tables/t.csv").read_text() == "CAR\n0.0123\n"
    publish.figure(ShownFigure.of(line().axes[0], "Above", "a line"), "f")
    assert "<figcaption>Above</figcaption>" in shown[1]
    assert 'aria-label="a line"' in shown[1]


def test_paragraphs(shown: list[str]) -> None:
    Publisher().text("one\n\n**two** & 3")
    assert shown == ["<p>one</p>\n<p><strong>two</strong> &amp; 3</p>"]
    assert inline_html("-0.4 %") == "-0.4\u00a0%"
