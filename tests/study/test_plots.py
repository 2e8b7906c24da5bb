"""The data in the figures."""

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt

from potash._display import percent
from potash._figures import TEXTS, colour_of
from potash.errors import OptionError
from potash.study.plots import plot_ar, plot_car, plot_estimates, plot_parts, plot_placebo, plot_power
from tests.study.made_up import events, made_returns, study

mpl.use("Agg")


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    plt.close("all")


def said(artist) -> list[str]:
    """Return what the points of a line, or a bar, say."""
    return getattr(artist, TEXTS)


def lines(ax) -> dict[str, np.ndarray]:
    return {line.get_label(): line.get_xydata() for line in ax.lines}


def band(ax) -> tuple[np.ndarray, np.ndarray]:
    """Return the lower and the upper edge of the only band, by offset."""
    polygon = ax.collections[0]
    points = pd.DataFrame(polygon.get_paths()[0].vertices, columns=["x", "y"]).groupby("x")["y"]
    return points.min().to_numpy(), points.max().to_numpy()


def test_plot_car_draws_the_paths_and_the_portfolio_s_band(results):
    ax = results.plot_car("e1")
    drawn, path = lines(ax), results.car_path().query("event_id == 'e1'")
    for ticker, label in [*zip("ABCD", "ABCD", strict=True), ("portfolio", "portfolio")]:
        np.testing.assert_allclose(drawn[label], path.loc[path["ticker"] == ticker, ["offset", "CAR"]])
    lower, upper = band(ax)
    limits = [results.conf_int_portfolio((-5, k)).loc["e1"] for k in range(-5, 6)]
    np.testing.assert_allclose(lower, [limit["lower"] for limit in limits])
    np.testing.assert_allclose(upper, [limit["upper"] for limit in limits])
    assert (ax.get_title(), ax.get_xlabel()) == ("e1", "sessions from day 0")
    assert ax.get_ylabel() == "cumulative abnormal return"
    assert sorted(text.get_text() for text in ax.texts) == ["A", "B", "C", "D", "portfolio"]
    styles = {(line.get_color(), line.get_linestyle()) for line in ax.lines if line.get_label() in "ABCD"}
    assert len(styles) == 4


def test_plot_car_takes_the_first_event_some_tickers_and_an_axis(results):
    _, ax = plt.subplots()
    assert results.plot_car(tickers=["B"], ax=ax) is ax
    assert ax.get_title() == "e0"
    assert {label for label in lines(ax) if not label.startswith("_")} == {"B", "portfolio"}


def test_plot_car_refuses_what_is_not_there(results):
    with pytest.raises(OptionError, match="event_id='e9'"):
        results.plot_car("e9")


def test_plot_car_refuses_a_ticker_that_is_not_there(results):
    with pytest.raises(OptionError, match=r"'X'.*'A', 'B', 'C', 'D'"):
        results.plot_car(tickers=["A", "X"])


def test_plot_car_leaves_a_gap_where_the_path_is_missing(holed):
    drawn = lines(holed.plot_car())
    assert np.isnan(drawn["A"][6:, 1]).all()
    assert np.isfinite(drawn["B"][:8, 1]).all()


def test_plot_car_of_a_single_day():
    results = study(made_returns(2), events(200), event_window=(0, 0)).fit()
    np.testing.assert_allclose(lines(results.plot_car())["A"], [[0, results.abnormal_returns[0].iloc[0]]])


def test_nothing_is_shown_and_nothing_is_left_in_pyplot(results, monkeypatch):
    monkeypatch.setattr(plt, "show", lambda *a, **k: pytest.fail("a figure was shown"))
    _, ax = plt.subplots()
    before = plt.get_fignums()
    results.plot_car(ax=ax)
    assert plt.get_fignums() == before


def test_plot_car_does_not_change_its_table(results):
    path = results.car_path().query("event_id == 'e0'")
    before = path.copy()
    assert plot_car(path, title="x").get_title() == "x"
    pd.testing.assert_frame_equal(path, before)


def test_plot_estimates():
    table = pd.DataFrame(
        {"CAR": [0.02, -0.01], "lower": [-0.01, -0.02], "upper": [0.05, 0.0], "detectable": [0.04, 0.03]},
        index=["NTR", "portfolio"],
    )
    ax = plot_estimates(table, title="x")
    bars, dots = ax.lines[0:4:2], ax.lines[1:5:2]
    np.testing.assert_allclose([line.get_xdata() for line in bars], table[["lower", "upper"]])
    np.testing.assert_allclose([dot.get_xdata()[0] for dot in dots], table["CAR"])
    assert [line.get_ydata()[0] for line in bars] == [1, 0]
    assert [(p.get_x(), p.get_width()) for p in ax.patches] == [(-0.04, 0.08), (-0.03, 0.06)]
    labels = ax.get_yticklabels()
    assert [label.get_text() for label in labels] == ["NTR", "portfolio"]
    assert [label.get_fontweight() for label in labels] == ["normal", "bold"]
    assert [label.get_position()[1] for label in labels] == [1, 0]
    texts = [text.get_text() for text in ax.texts]
    assert texts == ["shaded: effects too small to detect (80 % power)", "+2.0 %", "−1.0 %"]
    assert said(dots[0]) == ["NTR: +2.0 % (95 %: −1.0 % to +5.0 %)"]
    assert said(ax.patches[1]) == ["portfolio: below 3.0 % not detectable"]
    bare = plot_estimates(table.drop(columns="detectable"), ax=plt.subplots()[1])
    assert [text.get_text() for text in bare.texts] == texts[1:]
    assert not bare.patches


def test_plot_placebo():
    returns = made_returns(4, seed=5)
    event_study = study(returns, events(200))
    ordinary, car = event_study.placebo_cars((0, 1)), float(event_study.fit().portfolio((0, 1))["CAR"].iloc[0])
    _, given = plt.subplots()
    ax = plot_placebo(ordinary, car, ax=given, title="x")
    assert ax is given
    assert sum(patch.get_height() for patch in ax.patches) == len(ordinary)
    low, high, event = (line.get_xdata()[0] for line in ax.lines)
    np.testing.assert_allclose([low, high], event_study.placebo((0, 1))[["lower", "upper"]].iloc[0])
    assert event == car
    assert ax.texts[0].get_text() == "the event"
    assert said(max(ax.patches, key=lambda bar: bar.get_height()))[0].startswith(
        f"{max(b.get_height() for b in ax.patches):.0f} days"
    )


def test_plot_car_shades_the_run_up(results):
    ax = plot_car(results.car_path().query("event_id == 'e1'"), shaded=(-5, -1))
    [span] = [patch for patch in ax.patches if patch.get_width() == 5]
    assert span.get_x() == -5.5
    assert "run-up" in [text.get_text() for text in ax.texts]


def test_plot_car_marks_the_window_of_the_verdict_and_tells_its_values(results):
    path = results.car_path().query("event_id == 'e1'")
    ax = plot_car(path, window=(0, 1))
    [mark] = [patch for patch in ax.patches if patch.get_width() == 2]
    assert (mark.get_x(), "verdict" in [text.get_text() for text in ax.texts]) == (-0.5, True)
    whole, first = (line for line in ax.lines if line.get_label() in ("portfolio", "A")), said(ax.lines[0])
    value = path[(path["ticker"] == "A") & (path["offset"] == 1)]["CAR"].iloc[0]
    assert first[6] == f"A, session +1: {percent(value)}"
    assert len(first) == 11
    assert "(95 %: " in said(list(whole)[-1])[0]


def test_a_firm_looks_the_same_among_others_and_alone(results):
    looks = [
        {line.get_label(): (line.get_color(), line.get_linestyle()) for line in results.plot_car(tickers=wanted).lines}
        for wanted in (["A", "B", "C", "D"], ["D", "B"], ["B"])
    ]
    assert looks[0]["B"] == looks[1]["B"] == looks[2]["B"]
    assert looks[0]["D"] == looks[1]["D"]


def test_plot_ar_has_a_mark_a_firm_in_its_colour(results):
    path = results.ar_path().query("event_id == 'e1'")
    ax = plot_ar(path)
    marks = {line.get_label(): line for line in ax.lines if not line.get_label().startswith("_")}
    np.testing.assert_allclose(marks["B"].get_ydata(), path.loc[path["ticker"] == "B", "AR"])
    assert marks["B"].get_color() == colour_of("B")
    assert said(marks["portfolio"])[5].startswith("portfolio, day 0: ")
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["A", "B", "C", "D", "portfolio"]


def test_parts_stand_side_by_side_and_add_up_to_the_mark():
    parts = pd.DataFrame(
        {
            "market": [0.02, -0.01],
            "controls": [-0.01, -0.02],
            "specific": [0.03, 0.01],
            "abnormal": [0.02, -0.01],
            "raw_return": [0.04, -0.02],
        },
        index=["portfolio", "NTR"],
    )
    ax = plot_parts(parts)
    bars = [(round(p.get_x(), 4), round(p.get_width(), 4)) for p in ax.patches]
    assert bars == [(0, 0.02), (0, -0.01), (0, -0.01), (-0.01, -0.02), (0.02, 0.03), (0, 0.01)]
    [sums] = [line for line in ax.lines if line.get_marker() == "D"]
    assert sums.get_xdata().tolist() == [0.04, -0.02]
    assert said(ax.patches[4]) == ["portfolio, potash-specific: +3.0 %"]
    bare = plot_parts(parts.assign(controls=np.nan, specific=np.nan))
    assert len(bare.patches) == 4
    assert "beyond the market" in [text.get_text() for text in bare.get_legend().get_texts()]


def test_plot_power_marks_what_each_verdict_detects():
    effects = np.linspace(0, 0.2, 50)
    curves = {
        name: (pd.DataFrame({"effect": effects, "power": np.minimum(1, effects / at * 0.8)}), at)
        for name, at in (("large", 0.15), ("small", 0.04), ("near", 0.06), ("nearer", 0.065))
    }
    ax = plot_power(curves)
    marks = [line for line in ax.lines if line.get_marker() == "o"]
    assert [float(line.get_xdata()[0]) for line in marks] == [0.04, 0.06, 0.065, 0.15]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["small", "near", "nearer", "large"]
    assert [text.get_text() for text in ax.texts] == ["4.0 %", "6.0 %", "6.5 %", "15.0 %"]
    np.testing.assert_allclose(ax.lines[0].get_xdata(), [0.025, 0.0475], atol=1e-3)
    assert said(marks[0])[0].startswith("small: found in half of all cases 2.5 %, in 80 % 4.0 %, in 95 % 4.")


def test_placebo_statistics_are_drawn_without_a_unit():
    stats = pd.DataFrame({"tstat": np.linspace(-3, 3, 61)})
    ax = plot_placebo(stats, 2.0, column="tstat")
    assert ax.get_xlabel().startswith("portfolio abnormal return over its standard error")
    assert "%" not in ax.get_xticklabels()[0].get_text()
