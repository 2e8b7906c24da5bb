"""All signed events together, as the page shows them, with and without what could be held against them."""

import matplotlib as mpl
import pytest
from matplotlib import pyplot as plt

from potash.report.desk import pool_box, pool_figure, pool_of, pool_tables, set_up
from tests.report.desk.made_up import files

mpl.use("Agg")


@pytest.fixture(autouse=True)
def _closed():
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def carried():
    return pool_of(set_up())


@pytest.fixture(scope="module")
def tables(carried):
    return {table.name: table for table in pool_tables(carried)}


def test_firms_with_dated_news_of_their_own_and_events_from_price_commentary_stay_out(carried):
    events = carried.answer.events.drop_duplicates("event_id").set_index("event_id")
    assert len(events) == 9
    assert events.at["2025-12-13-us-lifts-potash", "tickers"] == "NTR,ICL", "Mosaic's mine stood still that day"
    assert events.at["2021-08-09-us-designates-belaruskali", "tickers"] == "MOS,IPI,ICL", (
        "Nutrien reported that evening"
    )
    assert events.at["2025-09-11-belavia-relief", "tickers"] == "NTR,MOS", (
        "trouble of some day in September is no day's news"
    )
    assert "2025-12-11-drones-acron-dorogobuzh" not in events.index
    assert list(carried.variants) == [
        "with firms that had news of their own",
        "with events known from price commentary",
    ]
    every = carried.variants["with events known from price commentary"].events["event_id"]
    assert "2025-12-11-drones-acron-dorogobuzh" in set(every)


def test_the_box_says_what_it_hangs_on(carried):
    box = pool_box(carried)
    assert box.heading == "All signed events together: 7 of tightening and 2 of relief"
    assert box.text == carried.answer.sentence()
    assert box.tone == "none"
    assert len(box.details) == 2, "the rest stands in the tables below"
    table = carried.answer.leave_one_out
    table = table[(table["against"] == carried.answer.against) & (table["kind"] == "firm")].set_index("left_out")
    pvalues = table["randomization_pvalue"]
    [line] = [d for d in box.details if d.startswith("Without one firm")]
    assert line == (
        f"Without one firm at a time p lies between {pvalues.min():.3f} (without {pvalues.idxmin()}) and {pvalues.max():.3f} "
        f"(without {pvalues.idxmax()})."
    )


def test_what_else_could_have_been_asked_stands_in_a_table(carried, tables):
    alone = carried.answer.effects
    alone = alone[(alone["against"] == "market") & (alone["events"] == "all") & (alone["window"] == "[0, +1]")].iloc[0]
    shown = tables["pooled-variants"].shown.set_index("pool")
    row = shown.loc["beyond the market alone"]
    assert row["average (standard error)"].startswith(f"{alone['average']:+.1%}".replace("%", " %"))
    assert (row["p"], row["events"]) == (f"{alone['randomization_pvalue']:.3f}", 9)
    assert shown.index[-1] == "with events known from price commentary"


def test_tables_show_the_numbers_of_the_answer(carried, tables):
    answer = carried.answer
    assert list(tables) == [
        "pooled-effects", "pooled-variants", "pooled-events", "pooled-without-one", "pooled-kinds", "pooled-chains",
        "pooled-exposure", "pooled-tests",
    ]  # fmt: skip
    effects = tables["pooled-effects"].shown
    assert list(effects["events"].unique()) == ["all,\u00a09", "tightening,\u00a07", "relief,\u00a02"]
    assert effects.loc[2, "p"] == f"{answer.pvalue:.3f}"
    assert tables["pooled-variants"].frame["randomization_pvalue"].iloc[0] == answer.pvalue
    assert list(tables["pooled-variants"].shown["pool"])[1:] == ["beyond the market alone", *carried.variants]
    assert len(tables["pooled-without-one"].shown) == 9 + 4
    assert set(tables["pooled-chains"].shown["chain"]) == {"eu potash ban 2022"}, (
        "chains of one link in the pool say nothing"
    )
    assert "to be shown, and no proof" in tables["pooled-exposure"].note
    assert tables["pooled-tests"].shown["test"].tolist()[:2] == ["sum of t", "portfolio"]


def test_what_is_not_in_the_pool_is_named_with_the_reason(tables):
    note = tables["pooled-events"].note
    for words in (
        "2025-12-11 (known from price commentary: in the list because prices moved)",
        "2026-02-26 (no sign: the expected direction is none)",
        "2026-03-19 (dropped by the study",
    ):
        assert words in note
    assert "2025-12-13" not in note


def test_the_figure_has_a_row_for_each_event(carried):
    shown = pool_figure(carried)
    labels = [label.get_text() for label in shown.figure.axes[0].get_yticklabels()]
    assert len(labels) == 10
    assert labels[-1] == "all 9 events"
    assert shown.figure.axes[0].get_title(loc="left") == "", "the page has the title"
    assert shown.title.endswith("beyond the market and the control group")
    assert f"p = {carried.answer.pvalue:.3f}" in shown.alt


def test_nothing_to_pool_is_a_sentence(tmp_path):
    unsigned = pool_of(set_up(*files(tmp_path / "a", ["NTR", "CF"], direction="unclear")))
    outside = pool_of(set_up(*files(tmp_path / "b", ["NTR"], short="NTR")))
    missing = pool_of(set_up(*files(tmp_path / "c", ["NTR"]), event_window=(0, 3)))
    reasons = [
        "no event of this timeline has a day and an expected direction",
        "the prices cover none of them",
        "No verdict over",
    ]
    for pool, reason in zip((unsigned, outside, missing), reasons, strict=True):
        assert pool.answer is None
        assert reason in pool.reason
        assert pool_box(pool).text == pool.reason
        assert (pool_box(pool).tone, pool_box(pool).details) == ("plain", ())
        assert pool_figure(pool) is None
        assert pool_tables(pool) == []


def test_one_event_of_ones_own(tmp_path):
    pool = pool_of(set_up(*files(tmp_path, ["NTR", "MOS", "CF", "DE"])))
    box = pool_box(pool)
    assert box.heading == "All signed events together: 1 of tightening"
    assert box.tone == "effect"
    assert pool.variants == {}, "nothing else could have been pooled"
    names = [table.name for table in pool_tables(pool)]
    assert "pooled-kinds" not in names
    assert "pooled-chains" not in names
