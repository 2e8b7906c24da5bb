"""The page about methods speaks of the portfolio that the verdict is about, with the numbers of the package."""

import numpy as np
import pytest

from potash.report.desk import set_up
from potash.report.desk.methods import tables as methods_tables
from potash.report.desk.methods.tables import (
    buy_and_hold_table,
    corrections_table,
    diagnostics_table,
    joint_table,
    models_table,
)
from potash.study.answer.words import percent
from tests.report.desk.made_up import files

FLAGSHIP = "2025-12-13-us-lifts-potash"


@pytest.fixture(scope="module")
def setting():
    return set_up(left_out=["MOS"])


@pytest.fixture(scope="module")
def alone(setting):
    return setting.counting(FLAGSHIP).fit().for_event(FLAGSHIP)


def test_the_first_model_is_the_verdict_and_the_rest_are_of_the_same_firms(setting, alone):
    table = models_table(setting, FLAGSHIP)
    verdict = setting.verdict(FLAGSHIP)
    first, market = table.frame.iloc[0], table.frame.set_index("model").loc["MarketModel"]
    assert (first["CAR"], first["std_error"], first["pvalue"]) == (
        verdict.CAR,
        verdict.std_error,
        verdict.scaled_pvalue,
    )
    assert market["CAR"] == pytest.approx(alone.portfolio((0, 0)).iloc[0]["CAR"], rel=1e-12)
    assert market["std_error"] == pytest.approx(alone.portfolio((0, 0)).iloc[0]["std_error"], rel=1e-12)
    assert table.note.startswith(f"Equal-weighted portfolio of {', '.join(verdict.tickers)}, on day 0.")
    assert "MOS" not in verdict.tickers
    assert table.shown.at[0, "abnormal return"] == percent(verdict.CAR)
    assert table.shown["model"].tolist()[1] == "MarketModel"
    assert len(table.shown) >= 8


def test_every_test_has_words(setting, alone):
    table = methods_tables.tests_table(setting, FLAGSHIP)
    assert len(table.shown) == len(alone.tests((0, 0)))
    assert (table.shown["what it computes"].str.len() > 10).all()
    np.testing.assert_array_equal(table.frame["pvalue"], alone.tests((0, 0))["pvalue"])
    assert set(table.shown["holds here"]) <= {"yes", "no"}


def test_joint_tests_cover_both_windows_and_need_two_firms(setting, tmp_path):
    table = joint_table(setting, FLAGSHIP)
    assert table.frame["window"].tolist() == ["[0, 0]"] * 3 + ["[0, +1]"] * 3
    assert table.shown["over"].iloc[-1] == "over sessions 0 to +1"
    prices, events = files(tmp_path, ["NTR"])
    one = set_up(prices, events)
    assert joint_table(one, one.newest[0]) is None


def test_buy_and_hold_stands_beside_the_cumulated_returns(setting, alone):
    table = buy_and_hold_table(setting, FLAGSHIP)
    assert table.frame["CAR"].tolist() == alone.car((0, 10))["CAR"].tolist()
    assert table.frame["BHAR"].tolist() == alone.bhar((0, 10))["BHAR"].tolist()
    assert table.title.startswith("Cumulated and buy-and-hold abnormal returns over sessions 0 to +10")
    assert "standard error of BHAR" in table.shown


def test_corrected_pvalues_are_no_smaller(setting):
    frame = corrections_table(setting, FLAGSHIP).frame
    assert frame["window"].unique().tolist() == ["[0, 0]", "[-1, +1]", "[0, +1]"]
    for name in ("Holm", "Benjamini-Hochberg"):
        assert (frame[name] >= frame["not corrected"] - 1e-12).all()
    assert "Romano-Wolf" in frame


def test_diagnostics_have_readable_headers(setting):
    shown = diagnostics_table(setting, FLAGSHIP).shown
    assert shown["firm"].tolist() == list(setting.verdict(FLAGSHIP).tickers)
    assert not [name for name in shown if "_" in name]
    assert shown["largest residual"].str.contains("s.d., 20").all()


def test_a_window_outside_the_event_window_is_not_asked_for(tmp_path):
    prices, events = files(tmp_path, ["NTR", "MOS", "CF"])
    setting = set_up(prices, events, event_window=(0, 3))
    frame = corrections_table(setting, setting.newest[0]).frame
    assert frame["window"].unique().tolist() == ["[0, 0]", "[0, +1]"]


def test_without_an_event_models_and_tests_are_described(setting):
    models, tests = models_table(setting, None), methods_tables.tests_table(setting, None)
    assert len(models.shown) == 9
    assert len(tests.shown) == 16


def test_a_crop_equity_that_is_the_market_is_no_second_factor():
    event = "2025-12-13-us-lifts-potash"
    setting = set_up(events=[event], firms=["NTR", "MOS"], market="DE", controls=["CF"])
    assert "FactorModel" in set(models_table(setting, event).frame["model"])
