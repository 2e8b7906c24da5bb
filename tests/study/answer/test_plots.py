"""The data in the figures."""

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib import pyplot as plt

import potash
from potash._figures import TEXTS
from potash.errors import InputError
from potash.study.answer.plots import MOST_DOTS, MOST_ESTIMATES, plot_specification_curve, shares_of_neighbours
from potash.study.inference.significance import t_quantile
from tests.study.answer.with_controls import made_study

mpl.use("Agg")


@pytest.fixture(scope="module")
def curve():
    return potash.specification_curve(made_study(260, effect=0.03), lengths=(40, 60), gaps=(11,))


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    plt.close("all")


def test_estimates_stand_in_order_with_their_intervals(curve):
    upper, _ = curve.plot()
    table = curve.estimated
    marks = [line for line in upper.lines if line.get_linestyle() == "None"]
    points = np.concatenate([line.get_xydata() for line in marks])
    points = points[np.argsort(points[:, 0])]
    places = points[:, 0].astype(int)
    assert (len(places), places[0], places[-1]) == (MOST_ESTIMATES, 0, len(table) - 1)
    np.testing.assert_allclose(points[:, 1], table["estimate"].iloc[places])
    grey, blue = (line.get_xdata() for line in marks)
    assert sorted(blue) == [place for place in places if table["pvalue"].iloc[place] < 0.05]
    assert len(grey) + len(blue) == len(places)
    bars = np.concatenate([np.array(each.get_segments()) for each in upper.collections])
    bars = bars[np.argsort(bars[:, 0, 0])]
    half = t_quantile(0.975, table["df"].to_numpy()) * table["std_error"]
    limits = np.column_stack([table["estimate"] - half, table["estimate"] + half])
    np.testing.assert_allclose(bars[:, :, 1], limits[places])
    first = getattr(marks[0], TEXTS)[0]
    assert first.startswith(f"{table['estimate'].iloc[int(grey[0])]:+.1%}".replace("-", "−").replace("%", " %, p "))
    assert "model " in first
    assert upper.get_title() == "e0"
    texts = [text.get_text() for text in upper.texts]
    assert any(f"{curve.share_significant:.0%}".replace("%", " %") in text for text in texts)
    assert any(text.startswith("median") for text in texts)


def test_each_choice_has_a_row_with_its_median(curve):
    _, lower = curve.plot()
    labels = [text.get_text() for text in lower.get_yticklabels()]
    frame = curve.frame
    varied = [
        c for c in ("returns", "model", "benchmark", "controls", "length", "window", "pool") if frame[c].nunique() > 1
    ]
    assert labels == [str(value) for choice in varied for value in frame[choice].unique()]
    texts = [text.get_text() for text in lower.texts]
    assert {"returns", "model", "controls", "estimation sessions", "window", "firms"} <= set(texts)
    assert "gap to day 0" not in texts  # all specifications share it
    expected = frame.loc[frame["window"] == "[0, +10]", "estimate"].median()
    assert f"{expected:+.1%}".replace("%", " %").replace("-", "−") in texts


def test_dots_stand_below_their_estimates_and_values_below_their_choice(curve):
    upper, lower = curve.plot()
    n = len(curve.estimated)
    assert upper.get_xlim() == lower.get_xlim() == pytest.approx((-0.01 * n - 0.5, 1.01 * n - 0.5))
    names = {text.get_text(): text.get_position()[1] for text in lower.texts}
    places = dict(zip([text.get_text() for text in lower.get_yticklabels()], lower.get_yticks(), strict=True))
    for choice, first in (("model", "market"), ("window", "[0, 0]"), ("firms", "all")):
        # "all" is a value of the controls too; the later place is that of the firms.
        assert places[first] - names[choice] == 1
    assert lower.get_ylim()[0] > max(places.values())
    assert lower.get_ylim()[1] < min(names.values())


def test_a_dot_is_as_large_as_the_share_of_its_neighbours():
    centres, shares = shares_of_neighbours(np.array([True, False, True]))
    assert (centres.tolist(), shares.tolist()) == ([0, 1, 2], [1, 0, 1])
    chosen = np.arange(4 * MOST_DOTS) % 4 == 0
    centres, shares = shares_of_neighbours(chosen)
    assert (len(centres), centres[0], set(shares)) == (MOST_DOTS, 1.5, {0.25})


def test_a_large_choice_has_larger_dots(curve):
    _, lower = curve.plot()
    places = dict(zip([text.get_text() for text in lower.get_yticklabels()], lower.get_yticks(), strict=True))
    sizes = {}
    for line in lower.lines:
        if line.get_linestyle() == "None" and len(line.get_ydata()):
            sizes.setdefault(float(line.get_ydata()[0]), []).append(line.get_markersize())
    assert max(sizes[places["M"]]) == 4.5
    assert max(sizes[places["mean-adjusted"]]) <= 4.5
    assert sum(map(len, sizes.values())) > len(places)


def test_axes_of_one_s_own_and_nothing_to_draw(curve):
    _, (upper, lower) = plt.subplots(2)
    assert plot_specification_curve(curve.frame, (upper, lower), "mine") == (upper, lower)
    assert upper.get_title() == "mine"
    with pytest.raises(InputError, match="no specification has an estimate"):
        plot_specification_curve(curve.frame.assign(estimate=np.nan))
    assert potash.plots.plot_specification_curve is plot_specification_curve
