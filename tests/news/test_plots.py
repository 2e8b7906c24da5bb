"""What the figure of the timeline holds: a mark per event, its label, and the stretches with prices."""

import matplotlib as mpl
import matplotlib.pyplot as plt
import pandas as pd
import pytest

from potash._figures import TEXTS
from potash.news.plots import plot_timeline
from potash.news.timeline import load_timeline


@pytest.fixture(autouse=True)
def _close():
    with mpl.rc_context({"backend": "agg"}):
        yield
        plt.close("all")


def test_timeline_has_an_event_a_row_in_order_with_chosen_ones_in_bold():
    timeline = load_timeline()
    events = timeline.events.loc[timeline.headline()[::-1]]
    ax = plot_timeline(
        events, covered=[("2020-07-01", "2022-04-29"), ("2024-08-22", "2026-01-29")], emphasised=timeline.headline()[:3]
    )
    labels = [tick.get_text() for tick in ax.get_yticklabels()]
    assert [label[:10] for label in labels] == ["2021-08-09", "2022-02-24", "2025-09-11", "2025-12-13"]
    assert [tick.get_fontweight() for tick in ax.get_yticklabels()] == ["bold"] * 3 + ["normal"]
    marks = [(line.get_marker(), pd.Timestamp(line.get_xdata()[0]), line.get_ydata()[0]) for line in ax.lines]
    assert marks[0] == ("^", pd.Timestamp("2021-08-09"), 0)
    assert marks[3] == ("v", pd.Timestamp("2025-12-13"), 3)
    names = [text.get_text() for text in ax.get_legend().get_texts()]
    assert sorted(names) == sorted(set(names))
    assert "daily prices" in names
    assert getattr(ax.lines[0], TEXTS)[0].startswith("2021-08-09: US designates Belaruskali")


def test_timeline_draws_on_the_axis_that_it_is_given_and_leaves_the_frame():
    events = load_timeline().events.loc[["2025-12-13-us-lifts-potash"]]
    before = events.copy()
    _, given = plt.subplots()
    assert plot_timeline(events, ax=given) is given
    pd.testing.assert_frame_equal(events, before)
