"""The tables of one event agree with the results that they show."""

import numpy as np
import pytest

import potash
from potash.report.desk import (
    decomposition_table,
    firm_table,
    news_table,
    normal_returns_table,
    set_up,
    significance_table,
    window_table,
)
from tests.report.desk.made_up import files

FLAGSHIP = "2025-12-13-us-lifts-potash"


@pytest.fixture(scope="module")
def carried():
    return set_up(left_out=["MOS"])


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    return set_up(*files(tmp_path_factory.mktemp("alone"), ["NTR"]), event_window=(0, 3))


def test_windows_have_the_run_up_and_both_models(carried):
    table = window_table(carried, FLAGSHIP)
    assert list(table.shown["window"])[:2] == ["run-up [-5,\u00a0-1]", "impact [0, 0]"]
    assert len(table.shown) == 5
    assert len(table.frame) == 10
    verdict = carried.verdict(FLAGSHIP)
    impact = table.frame.set_index(["against", "window"]).loc[("market and controls", "[0, 0]")]
    assert impact["CAR"] == verdict.CAR
    assert impact["randomization_pvalue"] == verdict.randomization_pvalue
    assert table.shown["CAR"].iloc[1] == "−1.4 %"
    assert table.shown["beyond the market"].iloc[1] == "−1.4 % (1.5 %)"
    assert table.note.startswith("CAR: beyond market and control group.")
    assert "News of controls" not in table.note
    february = window_table(carried, "2022-02-24-invasion-of-ukraine").note
    assert february.endswith("DE −3: Deere reports its first quarter.")


def test_without_controls_the_market_alone(alone):
    table = window_table(alone, "planted")
    assert table.note.startswith("CAR: beyond the market.")
    assert "beyond the market" not in table.shown
    assert list(table.shown["window"]) == ["impact [0, 0]", "impact, two sessions [0,\u00a0+1]"], (
        "those inside the event window"
    )
    parts = decomposition_table(alone, "planted")
    assert list(parts.shown)[-2:] == ["market's part", "abnormal"]
    assert list(parts.shown["security"]) == ["NTR", "portfolio", "portfolio"]


def test_parts_add_up_and_single_securities_stand_in_the_window_of_the_verdict(carried):
    table = decomposition_table(carried, FLAGSHIP)
    np.testing.assert_allclose(
        table.frame[["market", "controls", "specific"]].sum(axis=1), table.frame["raw_return"], atol=1e-12
    )
    shown = table.shown
    assert list(shown.loc[shown["security"] == "portfolio", "window"]) == [
        "[-5, -1]", "[0, 0]", "[0, +1]", "[0, +5]", "[0, +10]",
    ]  # fmt: skip
    rest = shown[shown["security"] != "portfolio"]
    assert list(rest["security"]) == ["NTR", "ICL", "CF (control)", "DE (control)", "CTVA (control)"]
    assert set(rest["window"]) == {"[0, 0]"}
    assert "sums of log returns" in table.note


def test_firms_are_those_of_the_results_against_the_market(carried):
    table = firm_table(carried, FLAGSHIP)
    frame = table.frame.set_index("firm")
    car = carried.everyone.for_event(FLAGSHIP).car((0, 1)).xs("SQM", level="ticker").iloc[0]
    assert frame.loc["SQM", ["CAR[0,+1]", "CAR[0,+1] s.e.", "CAR[0,+1] p"]].tolist() == [
        car["CAR"], car["std_error"], car["pvalue"],
    ]  # fmt: skip
    assert list(frame.index[-2:]) == ["equal-weighted, all producers", "equal-weighted, without MOS"]
    whole = carried.whole.fit().portfolio((0, 0)).loc[FLAGSHIP, "CAR"]
    assert frame.at["equal-weighted, all producers", "AR[0]"] == whole
    assert table.shown.set_index("firm").at["MOS", "AR, day 0"] == "−4.8 % (2.4 %)"
    assert "MOS 0: Death at Mosaic's K3 mine" in table.note


def test_windows_outside_the_event_window_are_left_out(alone):
    table = firm_table(alone, "planted")
    assert [name for name in table.shown if name.startswith(("AR", "CAR"))] == ["AR, day 0", "CAR [0, +1]"]
    assert table.note.endswith("No own news of these firms in these sessions is known.")


def test_tests_have_names_and_say_whether_they_hold(carried):
    table = significance_table(carried, FLAGSHIP)
    results = carried.part.fit().for_event(FLAGSHIP)
    assert len(table.shown) == len(results.test_names) == 16
    row = table.shown.set_index("test").loc["portfolio"]
    stat = results.test("portfolio", (0, 0))
    assert row["statistic"] == f"{stat.stat:+.2f}".replace("-", "−")
    assert row["p"] == f"{stat.pvalue:.3f}"
    assert set(table.shown["holds"]) == {"yes", "no"}
    assert table.frame["test"].notna().all()


def test_news_stands_once_with_all_firms_it_names(carried):
    table = news_table(carried, FLAGSHIP)
    assert not table.duplicated(["date", "title"]).any()
    assert "handling" not in table, "a note on how to work with a piece of news is for the analyst, not for the page"
    k3 = table[table["title"].str.contains("K3 mine")].iloc[0]
    assert (k3["firms"], k3["offset"]) == ("MOS", 0)


def test_normal_returns_are_parameters(carried):
    table = normal_returns_table(carried)
    params = carried.everyone.params
    np.testing.assert_array_equal(table.frame["beta"], params["beta"])
    np.testing.assert_array_equal(table.frame["beta s.e."], carried.everyone.param_std_errors["beta"])
    assert table.shown["beta"].iloc[0] == f"{params['beta'].iloc[0]:.2f}"
    assert table.frame["event"].iloc[0] == potash.load_timeline().events.at[params.index[0][0], "title"]
