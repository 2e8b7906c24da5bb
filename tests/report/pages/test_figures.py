"""A figure as SVG: tidy, safe, in the colours of the page, and telling its values."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt

import potash
from potash._figures import BLACK, BLUE, GREY, VARIABLES, new_axes, plain, tell
from potash.market.load import load_snapshot
from potash.market.load_factors import load_monthly
from potash.market.quality.checking import check_daily, check_monthly
from potash.report.desk.price_tables import coverage_figure, level_figures, monthly_figure
from potash.report.desk.timeline_tables import timeline_figure
from potash.report.pages import figures
from potash.report.pages.figures import data_of, draw, visible

mpl.use("Agg")
SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = '<script>alert("x")</script> & \'$\\frac$ ]]> \x07 --> \ud800'


@pytest.fixture(autouse=True)
def _closed():
    yield
    plt.close("all")


def a_line():
    ax = new_axes(None, 4, 2)
    (line,) = ax.plot([0, 1, 2], [0.0, np.nan, 0.02], color=BLUE, marker="o", label="NTR")
    tell(line, ["NTR, day 0: 0.0 %", "missing", "NTR, session +2: +2.0 %"])
    ax.bar([1.0], [0.01], color=GREY)
    tell(list(ax.patches), ["a bar"])
    ax.text(1, 0.01, "a word", color=BLACK)
    return ax.figure


def titles(root) -> list[str]:
    return [mark.find(f"{SVG}title").text for mark in root.iter() if mark.find(f"{SVG}title") is not None]


def test_a_drawing_is_xml_without_styles_and_without_anything_from_elsewhere():
    drawing = draw(a_line(), "car", "A title", "A line.")
    for text in (drawing.inline, drawing.svg):
        root = ElementTree.fromstring(text)
        assert not [
            e.tag for e in root.iter() if e.get("style") or e.tag in {f"{SVG}style", f"{SVG}script", f"{SVG}image"}
        ]
        assert not [key for e in root.iter() for key in e.attrib if key.lower().startswith("on")]
        links = [
            value for e in root.iter() for key, value in e.attrib.items() if key.endswith("href") or "url(" in value
        ]
        assert links
        assert all(value.startswith(("#", "url(#")) for value in links)
        assert "font-family" not in drawing.inline
        assert not re.search(r"\d\.\d{3}", re.sub(r">[^<]*<", "><", text))


def test_a_mark_tells_its_value_where_it_stands():
    root = ElementTree.fromstring(draw(a_line(), "car", "A title", "A line.").inline)
    assert sorted(titles(root)) == ["NTR, day 0: 0.0\u00a0%", "NTR, session +2: +2.0\u00a0%", "a bar"]
    circles = [(float(e.get("cx")), float(e.get("cy"))) for e in root.iter(f"{SVG}circle")]
    uses = [(float(e.get("x")), float(e.get("y"))) for e in root.iter(f"{SVG}use")]
    assert len(circles) == 2
    for circle in circles:
        assert min(abs(circle[0] - x) + abs(circle[1] - y) for x, y in uses) < 0.05


def test_colours_are_variables_on_a_page_and_plain_in_the_file():
    drawing = draw(a_line(), "car", "A title", "A line.")
    assert 'stroke="var(--c-1,#0072b2)"' in drawing.inline
    assert 'fill="var(--ink,#000)"' in drawing.inline
    assert "var(" not in drawing.svg
    assert 'stroke="#0072b2"' in drawing.svg


def test_ids_are_those_referred_to_and_bear_the_name_of_the_figure():
    drawings = [draw(a_line(), name, "A title", "A line.").inline for name in ("one", "two")]
    ids = [set(re.findall(r'\bid="([^"]+)"', text)) for text in drawings]
    assert not ids[0] & ids[1]
    for name, own, text in zip(("one", "two"), ids, drawings, strict=True):
        assert own == {value.strip("#") for value in re.findall(r"#[a-z]+-\d+", text)}
        assert all(re.fullmatch(rf"{name}-\d+", value) for value in own)


def test_the_title_is_in_the_files_and_not_on_the_page():
    drawing = draw(a_line(), "car", "A title", "A line.")
    root, alone = ElementTree.fromstring(drawing.inline), ElementTree.fromstring(drawing.svg)
    assert "A title" not in drawing.inline
    assert [e.text for e in alone.iter(f"{SVG}text") if e.text == "A title"] == ["A title"]
    assert (alone.find(f"{SVG}title").text, alone.find(f"{SVG}desc").text) == ("A title", "A line.")
    assert root.get("role") == "img"
    assert root.get("aria-label") == "A line."
    assert root.get("width") is None
    _, top, width, height = map(float, root.get("viewBox").split())
    assert (width, height) == (288, 144)
    assert float(alone.get("viewBox").split()[3]) == pytest.approx(144 + top)
    assert draw(a_line(), "car", "A title", "A line.", png=False).png is None


def test_texts_of_users_are_texts():
    fig = a_line()
    fig.axes[0].set_xlabel(plain(HOSTILE))
    tell(fig.axes[0].lines[0], [HOSTILE] * 3)
    drawing = draw(fig, "car", HOSTILE, HOSTILE)
    for text in (drawing.inline, drawing.svg):
        root = ElementTree.fromstring(text.encode())
        assert not list(root.iter(f"{SVG}script"))
        assert any("<script>alert" in (e.text or "") and "\\frac$" in e.text for e in root.iter(f"{SVG}text"))
        assert any("<script>alert" in title for title in titles(root))
    assert drawing.png.startswith(b"\x89PNG")


def test_the_same_figure_is_the_same_bytes():
    assert draw(a_line(), "car", "T", "A line.") == draw(a_line(), "car", "T", "A line.")


def test_what_can_be_seen_of_a_long_line_is_kept():
    x = np.arange(10_000.0)
    y = np.sin(x / 300)
    y[[1234, 4321]] = 9, -9
    kept = visible(np.column_stack([x, y]), 100)
    assert len(kept) <= 400
    assert {0, 1234, 4321, 9999} <= set(kept)
    y[5000:5010] = np.nan
    holed = visible(np.column_stack([x, y]), 100)
    assert np.isnan(y[holed]).any()
    assert visible(np.column_stack([x, y])[:300], 100).tolist() == list(range(300))


def test_a_long_line_is_short_on_the_page_and_whole_afterwards():
    ax = new_axes(None, 6, 2)
    (line,) = ax.plot(np.arange(20_000), np.random.default_rng(1).normal(size=20_000), label="x")
    assert len(draw(ax.figure, "long", "T", "A line.").inline) < 30_000
    assert len(line.get_xdata()) == 20_000


def test_the_data_of_a_figure_are_its_named_lines():
    data = data_of(a_line())
    pd.testing.assert_frame_equal(data, pd.DataFrame({"line": "NTR", "x": [0, 1, 2], "y": [0.0, np.nan, 0.02]}))
    assert data_of(plt.figure()) is None


def test_the_style_sheet_has_the_colours_of_the_figures_and_lighter_ones_for_the_dark():
    css = (Path(figures.__file__).parents[1] / "templates/potash/style.css").read_text(encoding="utf-8").lower()
    for colour, variable in VARIABLES.items():
        stated = re.findall(rf"{variable}: (#[0-9a-f]+)", css)
        assert len(stated) >= 2, variable
        assert not variable.startswith("--c-") or stated[0] == colour
        if variable.startswith("--c-"):
            assert all(contrast(dark, "#1c2024") >= 4.5 for dark in stated[1:]), variable


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.fixture(scope="module")
def of_the_pages():
    """Return the figures of the pages, drawn as if they stood on one page, with their data."""
    setting, snapshot, monthly = potash.desk.set_up(left_out=["MOS"]), load_snapshot(), load_monthly()
    newest = setting.newest[0]
    shown = {
        "pooled": potash.desk.pool_figure(potash.desk.pool_of(setting)),
        "power": potash.desk.power_figure(setting),
        "timeline": timeline_figure(setting),
        "coverage": coverage_figure(snapshot, check_daily(snapshot.prices, series=snapshot.series)),
        "monthly": monthly_figure(monthly, check_monthly(monthly)),
        "path": potash.desk.path_figure(setting, newest),
        **{figure.name: figure for figure in level_figures(snapshot, setting.universe, setting.timeline)},
    }
    data = {name: data_of(figure.figure) if figure.data is None else figure.data for name, figure in shown.items()}
    drawings = {name: draw(figure.figure, name, figure.title, figure.alt, png=False) for name, figure in shown.items()}
    return drawings, data


def test_every_figure_of_the_pages_tells_values_and_has_its_data(of_the_pages):
    drawings, data = of_the_pages
    for name, drawing in drawings.items():
        root = ElementTree.fromstring(drawing.inline)
        assert len([title for title in titles(root) if re.search(r"\d", title)]) >= 9, name
        assert not re.search(r"\sstyle=|<style|<script|<image|\son[a-z]+=", drawing.inline), name
        assert len(drawing.inline) < (120_000 if name.startswith("levels") else 25_000), name
        assert len(data[name]) >= 9, name


def test_ids_are_unique_over_a_page(of_the_pages):
    ids = [value for drawing in of_the_pages[0].values() for value in re.findall(r'\bid="([^"]+)"', drawing.inline)]
    assert ids
    assert len(ids) == len(set(ids))


def test_a_firm_has_one_colour_in_all_figures(of_the_pages):
    for name in ("path", "levels-1", "levels-2"):
        root = ElementTree.fromstring(of_the_pages[0][name].inline)
        fills = {e.text: e.get("fill") for e in root.iter(f"{SVG}text")}
        assert (fills["NTR"], fills["MOS"], fills["ICL"]) == (
            "var(--c-1,#0072b2)", "var(--c-2,#cc4e00)", "var(--c-3,#00805b)",
        )  # fmt: skip
