"""Rows, values and trading of one series: each fault on bars of our own, and nothing on the clean twin."""

import datetime as dt
import time

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from potash.calendars import closes
from potash.errors import PricesError
from potash.market.quality.bars import check_bars
from potash.market.quality.daily import check_factors, decimals_of
from potash.market.quality.monthly import check_monthly
from potash.market.quality.rows import expected_sessions
from tests.support.made_bars import kinds, made_bars, only


def found_in(bars, exchange="XNYS", **more):
    return check_bars("A", bars, exchange, **more)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([None, 2]))
def test_clean_bars_have_no_finding(seed, decimals):
    found = found_in(made_bars(seed, decimals=decimals))
    # In cents one close in about 75 equals the one before, so that three in a row come up now and then.
    assert not [f for f in found if decimals is None or f.kind != "stale_run"]


def test_bars_are_not_changed_and_their_order_does_not_matter():
    bars = made_bars()
    bars.iloc[50, bars.columns.get_loc("close")] *= 100
    before = bars.copy(deep=True)
    found = found_in(bars)
    pd.testing.assert_frame_equal(bars, before)
    assert found_in(bars.iloc[::-1]) == found != []


def test_a_missing_session_is_missing_by_the_calendar_only():
    bars = made_bars().drop(pd.Timestamp("2023-03-01"))
    assert only(found_in(bars), "missing_sessions").start == pd.Timestamp("2023-03-01")
    assert found_in(bars, None) == found_in(bars, "XXXX") == []


def test_a_price_on_a_holiday_and_a_holiday_filled_with_the_last_close():
    bars = made_bars()
    holiday = pd.Timestamp("2023-07-04")
    row = bars.loc["2023-07-03"]
    traded = pd.concat([bars, pd.DataFrame([row * 1.01], index=[holiday])])
    own = only(found_in(traded), "price_on_closed_day")
    assert (own.start, own.severity) == (holiday, "error")
    assert "Tuesday 2023-07-04 without a session of XNYS" in own.detail
    filler = row.copy()
    filler["volume"] = 0.0
    filled = pd.concat([bars, pd.DataFrame([filler], index=[holiday])])
    assert only(found_in(filled), "extra_session").severity == "warning"
    assert kinds(found_in(filled, None)) == ["thin_trading"], "without a calendar a Tuesday may be a session"


def test_a_weekend_bar_is_odd_without_a_calendar_unless_the_market_trades_on_weekends():
    bars = made_bars(dividend=None)
    sunday = pd.DataFrame([bars.loc["2023-03-03"] * 1.01], index=[pd.Timestamp("2023-03-05")])
    assert "Sunday 2023-03-05" in only(found_in(pd.concat([bars, sunday]), None), "extra_session").detail
    assert "Sunday 2023-03-05" in only(found_in(pd.concat([bars, sunday])), "price_on_closed_day").detail
    shifted = bars.set_axis(bars.index - pd.Timedelta(days=1))  # a week from Sunday to Thursday
    assert found_in(shifted, None) == []


def test_many_bars_on_closed_days_make_one_finding():
    bars = made_bars(dividend=None)
    fridays = bars[bars.index.dayofweek == 4].iloc[:9]
    saturdays = (fridays * 1.001).set_axis(fridays.index + pd.Timedelta(days=1))
    finding = only(found_in(pd.concat([bars, saturdays])), "price_on_closed_day")
    assert finding.detail.startswith("9 times: 2023-01-07, 2023-01-14, ")


def test_days_before_the_calendar_begins_are_taken_as_they_come():
    index = pd.bdate_range("1999-12-20", "2000-01-14")
    expected = expected_sessions(index, "XNYS")
    assert list(expected[expected < "2000"]) == list(index[index < "2000"])
    assert pd.Timestamp("2000-01-03") in expected
    holiday = pd.bdate_range("2000-01-10", "2000-01-20")
    assert pd.Timestamp("2000-01-17") not in expected_sessions(holiday, "XNYS"), "Martin Luther King Day"


def test_a_session_with_two_bars():
    bars = made_bars(dividend=None)
    day = bars.index[40]
    same = only(found_in(pd.concat([bars, bars.loc[[day]]])), "duplicate_session")
    assert (same.start, same.severity) == (day, "warning")
    other = only(found_in(pd.concat([bars, bars.loc[[day]] * 1.001])), "duplicate_session")
    assert other.severity == "error"
    assert f"{bars.loc[day, 'open']:g}" in other.detail


def test_a_bar_given_again():
    bars = made_bars(dividend=None)
    fields = ["open", "high", "low", "close", "volume"]
    copied = bars.copy()
    copied.loc[copied.index[41], fields] = copied.loc[copied.index[40], fields]
    copied.loc[copied.index[41], "adj_close"] = copied.loc[copied.index[40], "adj_close"]
    finding = only(found_in(copied), "repeated_bar")
    assert (finding.start, finding.severity) == (bars.index[41], "error")
    copied.loc[copied.index[41], "volume"] += 1
    assert found_in(copied) == [], "equal prices with a volume of their own are two sessions"


@pytest.mark.parametrize("value", [0.0, -0.0055])
def test_prices_that_are_not_positive(value):
    bars = made_bars(dividend=None)
    bars.iloc[20:23, bars.columns.get_loc("low")] = value
    finding = next(f for f in found_in(bars) if f.kind == "nonpositive_price")
    assert (finding.start, finding.end, finding.severity) == (bars.index[20], bars.index[22], "error")
    assert f"low of {value:g} on 3 bars" in finding.detail
    assert "dividends" not in finding.detail


def test_negative_adjusted_closes_are_over_subtracted_dividends():
    bars = made_bars(dividend=None)
    bars["adj_close"] = bars["close"] - (bars["close"].iloc[:10].max() + 0.001) * (np.arange(len(bars)) < 10)
    finding = next(f for f in found_in(bars) if f.kind == "nonpositive_price")
    assert (finding.start, finding.end) == (bars.index[0], bars.index[9])
    assert "over-subtracted dividends" in finding.detail
    assert "large_move" not in kinds(found_in(bars)), "moves are those of the close"


def test_a_close_outside_its_range():
    bars = made_bars(dividend=None)
    bars.iloc[30, bars.columns.get_loc("high")] = bars["close"].iloc[30] * 0.999
    finding = only(found_in(bars), "close_outside_range")
    assert finding.start == bars.index[30]
    assert "above the high" in finding.detail
    single = made_bars(dividend=None)
    single["high"] = single["close"].astype(np.float32).astype(float)
    assert (single["close"] > single["high"]).any()
    assert found_in(single.drop(columns="open")) == [], "single precision is no fault"


def test_a_stale_run_says_that_nothing_was_traded():
    bars = made_bars(dividend=None)
    prices = ["open", "high", "low", "close", "adj_close"]
    bars.iloc[61:66, [bars.columns.get_loc(name) for name in prices]] = bars["close"].iloc[60]
    bars.iloc[61:66, bars.columns.get_loc("volume")] = 0.0
    found = {f.kind: f for f in found_in(bars)}
    assert set(found) == {"stale_run", "thin_trading"}
    assert found["stale_run"].detail.endswith("; volume is zero on every repeat")
    assert "no volume on 5 of 300 sessions" in found["thin_trading"].detail
    assert found["thin_trading"].severity == "info"


def test_thin_trading_is_a_stretch():
    bars = made_bars(dividend=None)
    bars.iloc[100:200:3, bars.columns.get_loc("volume")] = 0.0
    finding = only(found_in(bars), "thin_trading")
    assert (finding.start, finding.end) == (bars.index[100], bars.index[199])
    assert (finding.severity, finding.detail) == ("warning", "no volume on 34 of 100 sessions (34%)")
    bars["volume"] = 0.0
    assert found_in(bars) == [], "a series for which no volume is given"


def test_many_stale_runs_are_one_finding_that_names_the_longest():
    bars = made_bars(dividend=None)[["close"]].copy()
    for at in range(10, 270, 20):
        bars.iloc[at : at + 3, 0] = bars.iloc[at, 0]
    bars.iloc[280:290, 0] = bars.iloc[280, 0]
    runs = [f for f in found_in(bars) if f.kind == "stale_run"]
    assert len(runs) == 1
    assert runs[0].detail.startswith("14 runs of three equal closes or more; the longest from ")
    assert "10 equal closes" in runs[0].detail


def test_a_bar_learnt_before_its_session_closed():
    bars = made_bars()
    closing = closes("XNYS")[bars.index[-1]]
    early, late = (closing + dt.timedelta(minutes=m) for m in (-1, 1))
    finding = only(found_in(bars, known_from=early.to_pydatetime()), "partial_last_bar")
    assert (finding.start, finding.severity) == (bars.index[-1], "error")
    assert found_in(bars, known_from=late.to_pydatetime()) == []
    times = closes("XNYS")[bars.index] + pd.Timedelta(hours=1)
    assert found_in(bars, known_from=times) == []
    times.iloc[7] -= pd.Timedelta(hours=2)
    assert only(found_in(bars, known_from=times), "partial_bar").start == bars.index[7]
    assert kinds(found_in(bars, known_from=times.astype(object))) == ["partial_bar"]
    with pytest.raises(PricesError, match="time zone"):
        found_in(bars, known_from=dt.datetime(2024, 1, 1))
    with pytest.raises(PricesError, match="time zone"):
        found_in(bars, known_from=times.dt.tz_localize(None))


def test_a_last_bar_of_little_volume_is_named_unless_the_session_was_short():
    bars = made_bars()
    at = bars.columns.get_loc("volume")
    bars.iloc[-1, at] = bars["volume"].iloc[-21:-1].median() * 0.2
    finding = only(found_in(bars), "partial_last_bar")
    assert (finding.severity, finding.start) == ("info", bars.index[-1])
    assert "20% of the median" in finding.detail
    assert found_in(bars, None) == []
    short = made_bars().loc[:"2023-11-24"].copy()  # the day after Thanksgiving closes at 13:00
    short.iloc[-1, at] = short["volume"].iloc[-21:-1].median() * 0.2
    assert found_in(short) == []
    after_change = made_bars().loc[:"2023-03-14"].copy()  # two sessions into daylight saving time
    after_change.iloc[-1, at] = after_change["volume"].iloc[-21:-1].median() * 0.2
    assert kinds(found_in(after_change)) == ["partial_last_bar"]


def test_adjusted_closes_stand_in_where_there_are_more_of_them():
    bars = made_bars()[["close", "adj_close"]]
    bars.loc[bars.index[50:], "close"] = np.nan
    assert found_in(bars) == []
    bars.loc[bars.index[70], "adj_close"] = np.nan
    assert only(found_in(bars), "missing_sessions").start == bars.index[70]


def test_a_series_without_any_price_has_no_finding():
    assert found_in(made_bars()[["volume"]]) == []
    assert found_in(made_bars().iloc[:0]) == []
    assert found_in(made_bars() * np.nan) == []
    assert found_in(made_bars().iloc[:1]) == []


@pytest.mark.parametrize(
    ("bars", "text"),
    [
        (made_bars().rename(columns={"close": "clos"}), r"unknown fields clos \(did you mean 'close'\?\)"),
        (made_bars().tz_localize("UTC"), "index of naive dates"),
        (made_bars().reset_index(drop=True), "index of naive dates"),
        (made_bars().set_axis(made_bars().index + pd.Timedelta(hours=5)), "times of day"),
        (made_bars().assign(close="x"), "not of numbers"),
        (made_bars().assign(close=np.inf), "infinite"),
    ],
)
def test_what_is_no_table_of_bars_is_refused(bars, text):
    with pytest.raises(PricesError, match=text):
        found_in(bars)


def faulty_bars() -> pd.DataFrame:
    bars = made_bars(seed=5)
    prices = ["open", "high", "low", "close", "adj_close"]
    where = [bars.columns.get_loc(name) for name in prices]
    bars.iloc[20:25, where] *= 100
    bars.iloc[40, where[3]] *= 1.2
    bars.iloc[63, bars.columns.get_loc("dividend")] *= 2
    bars.iloc[80:, where] *= 0.7
    bars.iloc[120, where[4]] = -1
    bars.iloc[150:, where] *= 6.3
    return bars.drop(bars.index[200])


@settings(max_examples=25, deadline=None)
@given(st.floats(0.01, 500))
def test_scaling_all_prices_changes_no_kind(scale):
    bars = faulty_bars()
    found = found_in(bars)
    scaled = bars.copy()
    scaled[["open", "high", "low", "close", "adj_close", "dividend"]] *= scale
    assert {"mixed_currency", "large_move", "dividend_amount_differs", "ticker_reused"} <= set(kinds(found))
    assert [(f.kind, f.start, f.end) for f in found_in(scaled)] == [(f.kind, f.start, f.end) for f in found]


@pytest.mark.slow
def test_thirty_series_of_twenty_years():
    everyone = [made_bars(seed, 5033, dividend=0.1, decimals=4, start="2004-01-02") for seed in range(30)]
    began = time.perf_counter()
    found = [finding for bars in everyone for finding in found_in(bars)]
    print(f"{len(everyone)} series of {len(everyone[0])} sessions: {time.perf_counter() - began:.1f} s")
    assert not [f for f in found if f.severity == "error"]


def test_a_rate_of_zero_for_a_year_and_one_given_too_coarsely():
    index = pd.bdate_range("2020-01-01", periods=600)
    rng = np.random.default_rng(2)
    rate = np.repeat(rng.uniform(0.001, 0.03, 30), 20)
    frame = pd.DataFrame({"mkt_rf": rng.normal(0, 1, 600).round(2), "rf": rate}, index=index)
    assert check_factors(frame) == []
    frame["rf"] = frame["rf"].round(2)
    assert kinds(check_factors(frame)) == ["coarse_values"]
    frame.loc[index[100:350], "rf"] = 0.0
    frame.loc[index[99], "rf"] = frame.loc[index[350], "rf"] = 0.01
    constant, coarse = check_factors(frame)
    assert (constant.kind, constant.severity) == ("constant_value", "warning")
    assert (constant.start, constant.end) == (index[100], index[349])
    assert constant.detail == "250 sessions at exactly 0"
    assert "steps of 0.01" in coarse.detail
    assert only(check_factors(frame[["rf"]].iloc[100:350]), "constant_value").severity == "warning"


@pytest.mark.parametrize(
    ("values", "decimals"),
    [
        ([1.0, 20.0], 0),
        ([52.6, 52.599998], 1),
        ([1.25, np.nan, 3.1], 2),
        ([np.pi, np.e, np.sqrt(2)], None),
        ([np.nan], None),
    ],
)
def test_decimals_are_read_from_the_values(values, decimals):
    assert decimals_of(np.array(values)) == decimals


def test_a_monthly_quote_that_ends_the_series_unchanged_is_a_warning():
    months = pd.period_range("2019-01", periods=60, freq="M")
    rng = np.random.default_rng(3)
    table = pd.DataFrame({"x": 300 * np.exp(rng.normal(0, 0.05, 60).cumsum())}, index=months)
    assert check_monthly(table).empty
    table.iloc[40] = np.nan
    table.iloc[41:] = 152.5
    found = check_monthly(table).set_index("kind")
    assert found.at["missing_months", "detail"] == "1 month without a price"
    still = found.loc["unchanged_quote"]
    assert still["severity"] == "warning"
    assert still["detail"] == "19 months at 152.5; months without a price come before it; the data end with it"
