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
from tests.support.made_bars import findings_of, kinds, made_bars, only


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([None, 2]))
def test_clean_bars_have_no_finding(seed, decimals):
    findings = findings_of(made_bars(seed, decimals=decimals))
    # In cents one close in about 75 equals the one before, so that three in a row come up now and then.
    assert not [f for f in findings if decimals is None or f.kind != "stale_run"]


def test_bars_are_not_changed_and_their_order_does_not_matter():
    bars = made_bars()
    bars.iloc[50, bars.columns.get_loc("close")] *= 100
    before = bars.copy(deep=True)
    findings = findings_of(bars)
    pd.testing.assert_frame_equal(bars, before)
    assert findings_of(bars.iloc[::-1]) == findings != []


def test_a_stale_run_says_that_nothing_was_traded():
    bars = made_bars(dividend=None)
    prices = ["open", "high", "low", "close", "adj_close"]
    bars.iloc[61:66, [bars.columns.get_loc(name) for name in prices]] = bars["close"].iloc[60]
    bars.iloc[61:66, bars.columns.get_loc("volume")] = 0.0
    findings = {f.kind: f for f in findings_of(bars)}
    assert set(findings) == {"stale_run", "thin_trading"}
    assert findings["stale_run"].detail.endswith("; volume is zero on every repeat")
    assert "no volume on 5 of 300 sessions" in findings["thin_trading"].detail
    assert findings["thin_trading"].severity == "info"


def test_thin_trading_is_a_stretch():
    bars = made_bars(dividend=None)
    bars.iloc[100:200:3, bars.columns.get_loc("volume")] = 0.0
    finding = only(findings_of(bars), "thin_trading")
    assert (finding.start, finding.end) == (bars.index[100], bars.index[199])
    assert (finding.severity, finding.detail) == ("warning", "no volume on 34 of 100 sessions (34%)")
    bars["volume"] = 0.0
    assert findings_of(bars) == [], "a series for which no volume is given"


def test_many_stale_runs_are_one_finding_that_names_the_longest():
    bars = made_bars(dividend=None)[["close"]].copy()
    for at in range(10, 270, 20):
        bars.iloc[at : at + 3, 0] = bars.iloc[at, 0]
    bars.iloc[280:290, 0] = bars.iloc[280, 0]
    runs = [f for f in findings_of(bars) if f.kind == "stale_run"]
    assert len(runs) == 1
    assert runs[0].detail.startswith("14 runs of three equal closes or more; the longest from ")
    assert "10 equal closes" in runs[0].detail


def test_a_bar_learnt_before_its_session_closed():
    bars = made_bars()
    closing = closes("XNYS")[bars.index[-1]]
    early, late = (closing + dt.timedelta(minutes=m) for m in (-1, 1))
    finding = only(findings_of(bars, known_from=early.to_pydatetime()), "partial_last_bar")
    assert (finding.start, finding.severity) == (bars.index[-1], "error")
    assert findings_of(bars, known_from=late.to_pydatetime()) == []
    times = closes("XNYS")[bars.index] + pd.Timedelta(hours=1)
    assert findings_of(bars, known_from=times) == []
    times.iloc[7] -= pd.Timedelta(hours=2)
    assert only(findings_of(bars, known_from=times), "partial_bar").start == bars.index[7]
    assert kinds(findings_of(bars, known_from=times.astype(object))) == ["partial_bar"]
    with pytest.raises(PricesError, match="time zone"):
        findings_of(bars, known_from=dt.datetime(2024, 1, 1))
    with pytest.raises(PricesError, match="time zone"):
        findings_of(bars, known_from=times.dt.tz_localize(None))


def test_a_last_bar_of_little_volume_is_named_unless_the_session_was_short():
    bars = made_bars()
    at = bars.columns.get_loc("volume")
    bars.iloc[-1, at] = bars["volume"].iloc[-21:-1].median() * 0.2
    finding = only(findings_of(bars), "partial_last_bar")
    assert (finding.severity, finding.start) == ("info", bars.index[-1])
    assert "20% of the median" in finding.detail
    assert findings_of(bars, None) == []
    short = made_bars().loc[:"2023-11-24"].copy()  # the day after Thanksgiving closes at 13:00
    short.iloc[-1, at] = short["volume"].iloc[-21:-1].median() * 0.2
    assert findings_of(short) == []
    after_change = made_bars().loc[:"2023-03-14"].copy()  # two sessions into daylight saving time
    after_change.iloc[-1, at] = after_change["volume"].iloc[-21:-1].median() * 0.2
    assert kinds(findings_of(after_change)) == ["partial_last_bar"]


def test_adjusted_closes_stand_in_where_there_are_more_of_them():
    bars = made_bars()[["close", "adj_close"]]
    bars.loc[bars.index[50:], "close"] = np.nan
    assert findings_of(bars) == []
    bars.loc[bars.index[70], "adj_close"] = np.nan
    assert only(findings_of(bars), "missing_sessions").start == bars.index[70]


def test_a_series_without_any_price_has_no_finding():
    assert findings_of(made_bars()[["volume"]]) == []
    assert findings_of(made_bars().iloc[:0]) == []
    assert findings_of(made_bars() * np.nan) == []
    assert findings_of(made_bars().iloc[:1]) == []


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
        findings_of(bars)


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
    findings = findings_of(bars)
    scaled = bars.copy()
    scaled[["open", "high", "low", "close", "adj_close", "dividend"]] *= scale
    assert {"mixed_currency", "large_move", "dividend_amount_differs", "ticker_reused"} <= set(kinds(findings))
    assert [(f.kind, f.start, f.end) for f in findings_of(scaled)] == [(f.kind, f.start, f.end) for f in findings]


@pytest.mark.slow
def test_thirty_series_of_twenty_years():
    everyone = [made_bars(seed, 5033, dividend=0.1, decimals=4, start="2004-01-02") for seed in range(30)]
    began = time.perf_counter()
    findings = [finding for bars in everyone for finding in findings_of(bars)]
    print(f"{len(everyone)} series of {len(everyone[0])} sessions: {time.perf_counter() - began:.1f} s")
    assert not [f for f in findings if f.severity == "error"]
