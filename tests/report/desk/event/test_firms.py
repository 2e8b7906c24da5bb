"""Every firm's numbers are those of the results, and can be held against the prices."""

import numpy as np
import pytest

from potash.report.desk import firm_table
from potash.report.desk.event.firms import portfolios

FLAGSHIP = "2025-12-13-us-lifts-potash"


def test_firms_are_those_of_the_results_against_the_market(carried):
    frame = firm_table(carried, FLAGSHIP).frame.set_index(["ticker", "window"])
    car = carried.everyone.for_event(FLAGSHIP).car((0, 1)).xs("SQM", level="ticker").iloc[0]
    row = frame.loc[("SQM", "[0, +1]")]
    assert row["CAR"] == pytest.approx(car["CAR"], abs=1e-14)
    assert row["std_error"] == car["std_error"]
    assert (frame["scaled_std_error"] >= frame["std_error"] - 1e-12).all(), "it is never narrowed"
    volatile = firm_table(carried, "2022-02-24-invasion-of-ukraine").frame
    assert (volatile["scaled_std_error"] > 1.2 * volatile["std_error"]).any(), "it follows the days around"
    assert row["lower"] < row["CAR"] < row["upper"]
    assert set(frame.index.get_level_values("window")) == {"[0, 0]", "[-1, +1]", "[0, +1]"}


def test_a_reader_can_get_from_the_price_to_the_effect(carried):
    frame = firm_table(carried, FLAGSHIP).frame
    rows = frame[frame["window"] == "[0, 0]"].set_index("ticker")
    prices = carried.prices["NTR"]
    day = carried.day_zero(FLAGSHIP)
    assert rows.at["NTR", "price_change"] == pytest.approx(prices[day] / prices[prices.index < day].iloc[-1] - 1)
    left = rows["raw_return"] - rows["alpha"] - rows["beta"] * rows["market_return"]
    np.testing.assert_allclose(rows["CAR"], left, atol=1e-12)


def test_the_table_says_what_each_firm_counts_as_and_its_own_news(carried):
    table = firm_table(carried, FLAGSHIP)
    shown = table.shown.set_index("firm")
    assert list(shown["counts as"]) == ["portfolio", "portfolio", "left out", "control", "control", "control", "other"]
    mosaic = shown.loc["Mosaic (MOS)"]
    assert (mosaic["price change"], mosaic["beyond the market"]) == ("−5.2 %", "−4.8 %")
    assert mosaic["beyond market and controls"] == "−4.9 %", "though it is left out of the portfolio"
    assert mosaic["own news"].startswith("day 0: Death at Mosaic's K3 mine")
    assert shown.at["Deere (DE)", "own news"] == "none\u00a0known"
    assert "that any firm moved: p = " in table.note


def test_one_firm_alone_has_no_controls_and_the_windows_inside_the_event_window(alone):
    table = firm_table(alone, "planted")
    assert "beyond market and controls" not in table.shown
    assert set(table.frame["window"]) == {"[0, 0]", "[0, +1]"}
    assert "stands out most" not in table.note


def test_portfolios_with_and_without_the_firm_left_out(carried):
    assert list(portfolios(carried, FLAGSHIP)) == ["all producers", "without MOS"]
