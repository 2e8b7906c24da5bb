"""What stands beside single verdicts agrees with the functions that it comes from."""

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib import pyplot as plt

import potash
from potash.report.desk import (
    choices_table,
    curve_figure,
    curve_of,
    curve_table,
    money_table,
    moves_table,
    pool_of,
    power_figure,
    set_up,
    space_table,
)
from tests.report.desk.made_up import files

mpl.use("Agg")
FLAGSHIP = "2025-12-13-us-lifts-potash"


@pytest.fixture(autouse=True)
def _closed():
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def carried():
    return set_up(left_out=["MOS"])


@pytest.fixture(scope="module")
def curve(carried):
    return curve_of(carried, FLAGSHIP)


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    """One firm and nothing else."""
    return set_up(*files(tmp_path_factory.mktemp("alone"), ["NTR"]))


def test_moves_are_those_of_the_pool_newest_first(carried):
    table = moves_table(carried)
    assert len(table.shown) == len(carried.newest)
    assert table.shown["event"].iloc[0] == carried.title(FLAGSHIP)
    assert list(table.shown["expected"].iloc[:4]) == ["down", "up", "unclear", "unclear"]
    answer = pool_of(carried).answer
    pooled = answer.events[(answer.events["against"] == answer.against) & (answer.events["window"] == "[0, +1]")]
    of_pool = pooled.drop_duplicates("event_id").set_index("event_id")["CAR"]
    rows = table.frame[table.frame["kind"] == "portfolio"].set_index("event_id")
    np.testing.assert_allclose(rows.loc[of_pool.index, "specific"], of_pool, atol=1e-12)
    parts = table.frame.dropna(subset="specific")
    np.testing.assert_allclose(parts[["market", "controls", "specific"]].sum(axis=1), parts["raw_return"], atol=1e-12)


def test_moves_without_controls_have_no_empty_columns(alone):
    table = moves_table(alone)
    assert "fertilizer-wide" not in table.shown
    assert table.shown["beyond the market"].str.startswith("+1").all()


def test_securities_of_the_day_are_one_per_issuer(carried, alone):
    table = space_table(carried)
    placebo = potash.placebo_in_space(carried.whole, carried.returns[["SQM", "CF", "DE", "CTVA"]])
    row = placebo.tests.set_index("event_id").loc[FLAGSHIP]
    shown = table.shown.iloc[0]
    assert shown["p"] == f"{row['pvalue']:.3f}"
    assert shown["firms, others"] == "3, 4"
    assert shown["from the largest statistic to the smallest"] == "DE, CTVA, CF, SQM, ICL, NTR, MOS"
    assert space_table(alone) is None


def test_money_has_a_dated_value_behind_it(carried, tmp_path):
    table = money_table(carried)
    row = table.frame[(table.frame["event_id"] == FLAGSHIP) & (table.frame["ticker"] == "NTR")].iloc[0]
    assert row["effect_usd"] == pytest.approx(np.expm1(row["CAR"]) * row["market_value"])
    assert table.shown["as of"].iloc[0] == "2025-12-05"
    assert table.shown["effect, USD bn"].iloc[0] == "−0.4"
    assert money_table(set_up(*files(tmp_path, ["CF"]))) is None, "no value of CF is carried"


def test_the_curve_knows_what_was_expected_and_compares_with_ordinary_days(carried, curve):
    assert curve.expected == -1
    assert curve.tickers == ("NTR", "MOS", "ICL"), "with and without Mosaic are among its choices"
    table = curve_table(curve)
    assert table.shown["p by ordinary days"].iloc[-1] == f"{curve.pvalue:.3f}"
    assert table.shown["this event"].iloc[-1] == f"{curve.joint.at['average_z', 'stat']:+.2f}".replace("-", "−")
    assert table.shown["this event"].iloc[1] == f"{curve.share_expected:.0%}".replace("%", " %")
    choices = choices_table(curve)
    assert len(choices.frame) == len(curve.frame)
    assert "without MOS" in set(choices.shown["value"])
    assert choices.note.startswith(f"{len(curve.estimated):,} specifications with an estimate; ")
    shown = curve_figure(carried, curve)
    assert shown.title.startswith(f"{len(curve.estimated):,} specifications of one event")
    assert curve.sentence() in shown.alt
    assert len(shown.figure.axes) == 2


def test_a_curve_without_an_estimate_has_no_figure(tmp_path):
    setting = set_up(*files(tmp_path, ["NTR"]), event_window=(0, 3))
    curve = curve_of(setting, "planted")
    assert curve.estimated.empty
    assert curve_figure(setting, curve) is None


def test_power_is_drawn_for_each_verdict(carried, tmp_path):
    shown = power_figure(carried)
    texts = [text.get_text() for text in shown.figure.axes[0].texts]
    for event_id in carried.newest:
        assert f"{carried.verdict(event_id).detectable:.1%}".replace("%", " %") in texts
    assert "2025-12-13 3.6 %" in shown.alt
    unknown = set_up(*files(tmp_path, ["NTR"]), event_window=(0, 3))
    assert unknown.verdict("planted").outcome == "unknown"
    assert power_figure(unknown) is None


def test_a_benchmark_that_was_chosen_is_one_of_the_curve():
    setting = set_up(events=[FLAGSHIP], firms=["NTR", "MOS"], market="DE", controls=["CF"])
    assert set(curve_of(setting, FLAGSHIP).frame["benchmark"]) >= {"DE", "SPY"}
