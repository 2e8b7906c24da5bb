"""The figures of one event say in words what they draw."""

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib import pyplot as plt

from potash.report.desk import (
    daily_figure,
    estimates_figure,
    ordinary_days_figure,
    parts_figure,
    path_figure,
    set_up,
    window_table,
)
from potash.report.pages.figures import draw
from potash.study.answer.all_days import with_event
from potash.study.answer.words import percent
from tests.report.desk.made_up import files

mpl.use("Agg")
FLAGSHIP = "2025-12-13-us-lifts-potash"


@pytest.fixture(scope="module")
def carried():
    return set_up(left_out=["MOS"])


@pytest.fixture(autouse=True)
def _closed():
    yield
    plt.close("all")


def texts(figure):
    return [text.get_text() for text in figure.axes[0].texts]


def test_the_path_shows_the_run_up_and_the_portfolio_of_the_verdict(carried):
    shown = path_figure(carried, FLAGSHIP)
    assert "run-up" in texts(shown.figure)
    assert shown.title.endswith("portfolio of NTR, ICL")
    path = with_event(carried.part, FLAGSHIP).fit().for_event(FLAGSHIP).car_path()
    value = path[(path["ticker"] == "portfolio") & (path["offset"] == 0)]["CAR"].iloc[0]
    assert f"on day 0 the equal-weighted portfolio stands at {percent(value)}" in shown.alt
    windows = window_table(carried, FLAGSHIP).shown.set_index("window")["effect"]
    assert f"on session −1 at {windows.iloc[0]}" in shown.alt, "the run-up of the table is that of the figure"
    lines = {line.get_label() for line in shown.figure.axes[0].lines}
    assert {"NTR", "MOS", "ICL", "portfolio"} <= lines


def test_a_window_that_begins_on_day_0_has_no_run_up(tmp_path):
    setting = set_up(*files(tmp_path, ["NTR"]), event_window=(0, 3))
    shown = path_figure(setting, "planted")
    assert "run-up" not in texts(shown.figure)
    assert "session −1" not in shown.alt


def test_sessions_and_estimates_tell_their_numbers(carried):
    daily = daily_figure(carried, FLAGSHIP)
    assert "on day 0 the portfolio's is −1.4 % (−3.9 to" not in daily.alt, "limits are written with their own unit"
    assert "on day 0 the portfolio's is −1.4 % (−3.9 % to" in daily.alt
    estimates = estimates_figure(carried, FLAGSHIP)
    labels = [label.get_text() for label in estimates.figure.axes[0].get_yticklabels()]
    assert labels[-3:] == ["portfolio, all producers", "portfolio, without MOS", "NTR, ICL beyond controls"]
    verdict = carried.verdict(FLAGSHIP)
    assert f"NTR, ICL beyond controls: −{abs(verdict.CAR):.1%}".replace("%", " %") in estimates.alt
    assert estimates.title.endswith("last row: the verdict's, beyond the control group too")


def test_ordinary_days_are_those_of_the_vote(carried):
    shown = ordinary_days_figure(carried, FLAGSHIP)
    verdict = carried.verdict(FLAGSHIP)
    assert f"on {verdict.n_days} ordinary days (2020-12 to " in shown.title
    assert "(2020-12 to 2021-11 and 2026-01)" in shown.title, "the hole in the prices is said"
    assert shown.alt.endswith(f"has p = {verdict.randomization_pvalue:.3f} among them.")
    assert shown.figure.axes[0].get_xlabel().startswith("portfolio abnormal return over its standard error")


def test_without_ordinary_days_there_is_no_figure(tmp_path):
    few = set_up(*files(tmp_path, ["NTR"]), estimation_window=(-189, -11), event_window=(-5, 40))
    assert few.verdict("planted").n_days < 20
    assert ordinary_days_figure(few, "planted") is None


def test_the_parts_of_a_move_add_up_and_are_those_of_the_portfolio_of_the_verdict(carried):
    shown = parts_figure(carried, FLAGSHIP)
    assert shown.data["row"].tolist() == ["portfolio", "NTR", "ICL"]
    np.testing.assert_allclose(shown.data[["market", "controls", "specific"]].sum(axis=1), shown.data["raw_return"])
    assert shown.data["specific"].iloc[0] == pytest.approx(carried.verdict(FLAGSHIP).CAR)
    assert shown.alt.startswith(
        f"The portfolio's raw return of −{abs(shown.data['raw_return'].iloc[0]):.1%}".replace("%", " %")
    )


def test_every_figure_of_an_event_tells_its_values_and_brings_its_data(carried):
    for figure in (path_figure, daily_figure, estimates_figure, ordinary_days_figure, parts_figure):
        shown = figure(carried, FLAGSHIP)
        drawing = draw(shown.figure, "x", shown.title, shown.alt, png=False)
        assert len(shown.data) >= 3
        assert drawing.inline.count("<title>") >= 6
        assert "style=" not in drawing.inline
        assert len(drawing.inline) < 25_000
