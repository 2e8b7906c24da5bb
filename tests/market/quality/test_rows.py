"""Rows of a series: days that should not be there, and values that no session can have."""

import numpy as np
import pandas as pd
import pytest

from potash.market.quality.rows import expected_sessions
from tests.support.made_bars import findings_of, kinds, made_bars, only


def test_a_missing_session_is_missing_by_the_calendar_only():
    bars = made_bars().drop(pd.Timestamp("2023-03-01"))
    assert only(findings_of(bars), "missing_sessions").start == pd.Timestamp("2023-03-01")
    assert findings_of(bars, None) == findings_of(bars, "XXXX") == []


def test_a_price_on_a_holiday_and_a_holiday_filled_with_the_last_close():
    bars = made_bars()
    holiday = pd.Timestamp("2023-07-04")
    row = bars.loc["2023-07-03"]
    traded = pd.concat([bars, pd.DataFrame([row * 1.01], index=[holiday])])
    own = only(findings_of(traded), "price_on_closed_day")
    assert (own.start, own.severity) == (holiday, "error")
    assert "Tuesday 2023-07-04 without a session of XNYS" in own.detail
    filler = row.copy()
    filler["volume"] = 0.0
    filled = pd.concat([bars, pd.DataFrame([filler], index=[holiday])])
    assert only(findings_of(filled), "extra_session").severity == "warning"
    assert kinds(findings_of(filled, None)) == ["thin_trading"], "without a calendar a Tuesday may be a session"


def test_a_weekend_bar_is_odd_without_a_calendar_unless_the_market_trades_on_weekends():
    bars = made_bars(dividend=None)
    sunday = pd.DataFrame([bars.loc["2023-03-03"] * 1.01], index=[pd.Timestamp("2023-03-05")])
    assert "Sunday 2023-03-05" in only(findings_of(pd.concat([bars, sunday]), None), "extra_session").detail
    assert "Sunday 2023-03-05" in only(findings_of(pd.concat([bars, sunday])), "price_on_closed_day").detail
    shifted = bars.set_axis(bars.index - pd.Timedelta(days=1))  # a week from Sunday to Thursday
    assert findings_of(shifted, None) == []


def test_many_bars_on_closed_days_make_one_finding():
    bars = made_bars(dividend=None)
    fridays = bars[bars.index.dayofweek == 4].iloc[:9]
    saturdays = (fridays * 1.001).set_axis(fridays.index + pd.Timedelta(days=1))
    finding = only(findings_of(pd.concat([bars, saturdays])), "price_on_closed_day")
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
    same = only(findings_of(pd.concat([bars, bars.loc[[day]]])), "duplicate_session")
    assert (same.start, same.severity) == (day, "warning")
    other = only(findings_of(pd.concat([bars, bars.loc[[day]] * 1.001])), "duplicate_session")
    assert other.severity == "error"
    assert f"{bars.loc[day, 'open']:g}" in other.detail


def test_a_bar_given_again():
    bars = made_bars(dividend=None)
    fields = ["open", "high", "low", "close", "volume"]
    copied = bars.copy()
    copied.loc[copied.index[41], fields] = copied.loc[copied.index[40], fields]
    copied.loc[copied.index[41], "adj_close"] = copied.loc[copied.index[40], "adj_close"]
    finding = only(findings_of(copied), "repeated_bar")
    assert (finding.start, finding.severity) == (bars.index[41], "error")
    copied.loc[copied.index[41], "volume"] += 1
    assert findings_of(copied) == [], "equal prices with a volume of their own are two sessions"


@pytest.mark.parametrize("value", [0.0, -0.0055])
def test_prices_that_are_not_positive(value):
    bars = made_bars(dividend=None)
    bars.iloc[20:23, bars.columns.get_loc("low")] = value
    finding = next(f for f in findings_of(bars) if f.kind == "nonpositive_price")
    assert (finding.start, finding.end, finding.severity) == (bars.index[20], bars.index[22], "error")
    assert f"low of {value:g} on 3 bars" in finding.detail
    assert "dividends" not in finding.detail


def test_negative_adjusted_closes_are_over_subtracted_dividends():
    bars = made_bars(dividend=None)
    bars["adj_close"] = bars["close"] - (bars["close"].iloc[:10].max() + 0.001) * (np.arange(len(bars)) < 10)
    finding = next(f for f in findings_of(bars) if f.kind == "nonpositive_price")
    assert (finding.start, finding.end) == (bars.index[0], bars.index[9])
    assert "over-subtracted dividends" in finding.detail
    assert "large_move" not in kinds(findings_of(bars)), "moves are those of the close"


def test_a_close_outside_its_range():
    bars = made_bars(dividend=None)
    bars.iloc[30, bars.columns.get_loc("high")] = bars["close"].iloc[30] * 0.999
    finding = only(findings_of(bars), "close_outside_range")
    assert finding.start == bars.index[30]
    assert "above the high" in finding.detail
    single = made_bars(dividend=None)
    single["high"] = single["close"].astype(np.float32).astype(float)
    assert (single["close"] > single["high"]).any()
    assert findings_of(single.drop(columns="open")) == [], "single precision is no fault"
