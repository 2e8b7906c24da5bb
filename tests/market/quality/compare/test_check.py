"""Two sources compared: every kind of finding on a small series of our own, beside a twin without the fault."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from potash.market.quality.compare.check import cross_check
from potash.market.quality.findings import COLUMNS
from tests.market.quality.compare.made_pairs import bars, kinds, listing, one, walk, without_dividend
from tests.paths import SHARED

REFERENCE = SHARED / "data" / "reference"


needs_reference = pytest.mark.skipif(not REFERENCE.is_dir(), reason="../shared/data/reference is not here")


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([0.5, 3.0, 9.0, 50.0, 900.0]), st.sampled_from([2, 3, 4]))
def test_rounding_is_no_difference(seed, start, decimals):
    prices = walk(seed, 120, start)
    assert cross_check("A", bars(prices), bars(prices.round(decimals))).findings == ()


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.05, 0.9))
def test_a_constant_ratio_is_told_once_and_moves_nothing_else(seed, ratio):
    prices = walk(seed)
    check = cross_check("A", bars(prices * ratio), bars(prices))
    finding = one(check, "levels_differ")
    assert finding.severity == "info"
    assert f"ratio {ratio:.3g}"[:8] in finding.detail
    assert check.summary.largest_difference < 1e-4


def test_equal_bars_have_equal_returns_and_no_finding():
    prices = walk()
    before = bars(prices, volume=1e6)
    left, right = before.copy(), before.copy()
    check = cross_check("A", left, right, ("yahoo", "file"))
    pd.testing.assert_frame_equal(left, before)
    pd.testing.assert_frame_equal(right, before)
    assert check.findings == ()
    assert check.table.empty
    assert list(check.table.columns) == COLUMNS
    assert list(check.returns.columns) == ["yahoo", "file", "difference"]
    assert check.returns.index.equals(prices.index[1:])
    np.testing.assert_allclose(check.returns["yahoo"], prices.to_numpy()[1:] / prices.to_numpy()[:-1] - 1)
    assert (check.returns["difference"] == 0).all()
    assert (check.summary.sessions_common, check.summary.share_beyond) == (60, 0.0)
    assert check.summary.correlation == pytest.approx(1)
    assert check.summary.adjustment == "adj_close of both"


def test_tolerance_decides_above_rounding():
    prices = walk()
    other = prices.copy()
    other.iloc[30:] *= 1.0004
    assert cross_check("A", bars(prices), bars(other.round(6))).findings == ()
    assert one(cross_check("A", bars(prices), bars(other.round(6)), tolerance=0.0003), "returns_differ")


def test_differences_that_are_small_and_add_up():
    prices = walk()
    behind = (prices * np.exp(-0.0003 * np.arange(60))).round(6)
    finding = one(cross_check("A", bars(prices), bars(behind)), "levels_drift")
    assert f"left gains {np.expm1(0.0003 * 59):+.2%} on right" in finding.detail
    assert cross_check("A", bars(prices), bars((prices * np.exp(-0.0001 * np.arange(60))).round(6))).findings == ()


def test_sessions_of_one_source_are_runs_in_the_common_span():
    prices = walk()
    left, right = prices.drop(prices.index[[10, 11, 12]]), prices.drop(prices.index[[0, 1, 40]])
    check = cross_check("A", bars(left), bars(right), ("yahoo", "file"))
    assert kinds(check) == ["sessions_lacking"] * 2
    first, second = check.findings
    assert (first.start, first.end) == (prices.index[10], prices.index[12])
    assert first.detail == "3 sessions in file and not in yahoo"
    assert second.detail == "1 session in yahoo and not in file"
    summary = check.summary
    assert (summary.sessions_common, summary.sessions_only_left, summary.sessions_only_right) == (54, 1, 3)


def test_a_missing_price_is_a_lacking_session():
    prices = walk()
    right = bars(prices)
    right.iloc[10] = np.nan
    assert one(cross_check("A", bars(prices), right), "sessions_lacking").start == prices.index[10]


def test_adjusted_against_unadjusted_is_told_and_compared():
    prices = walk()
    close = without_dividend(prices, 30, 0.6)
    left = bars(prices, dividend=listing(prices, {30: 0.6}))
    check = cross_check("A", left, pd.DataFrame({"close": close}))
    assert kinds(check) == ["adjustment_differs", "dividend_lacking"]
    assert check.summary.compared == ("adj_close", "close")
    assert "not adjusted alike" in check.summary.adjustment


def test_a_price_below_zero_is_a_finding_and_taken_as_missing():
    prices = walk()
    other = prices.copy()
    other.iloc[:3] = [-1.5, -0.5, 0.0]
    check = cross_check("ICL", bars(prices), bars(other))
    finding = one(check, "price_not_positive")
    assert (finding.start, finding.end) == (prices.index[0], prices.index[2])
    assert "adj_close from -1.5, 3 prices" in finding.detail
    assert check.summary.sessions_common == 57


def reference(name: str) -> pd.DataFrame:
    return pd.read_csv(REFERENCE / name, parse_dates=["date"])


def real_pair(ticker: str, first: str, last: str, sources: tuple[str, str]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return one source's prices, and the other's made of the same returns but for the days on which the two differ."""
    prices = reference("equities_2024_2026.csv.gz")
    left = prices[(prices["ticker"] == ticker) & prices["date"].between(first, last)].set_index("date")[["adj_close"]]
    rows = reference("crosscheck_disagreements.csv.gz")
    wanted = (rows["ticker"] == ticker) & (rows["s1"] == sources[0]) & (rows["s2"] == sources[1])
    rows = rows[wanted & rows["date"].between(first, last)].set_index("date")
    returns = left["adj_close"].pct_change().fillna(0.0)
    returns[rows.index] = rows["r2"]
    level = (1 + returns).cumprod()
    return left, (level / level[rows.index[-1]] * rows["p2"].iloc[-1]).round(6).to_frame("adj_close")


@needs_reference
@pytest.mark.parametrize(
    ("span", "sources", "ex_dates"),
    [
        (("2025-05-01", "2025-07-08"), ("zoomies", "aistock"), ["2025-06-30"]),
        (("2025-07-10", "2026-01-29"), ("zoomies", "esilv"), ["2025-09-29", "2025-12-31"]),
    ],
)
def test_the_dividends_of_nutrien_that_one_source_lacks(span, sources, ex_dates):
    left, right = real_pair("NTR", *span, sources)
    unlisted = cross_check("NTR", left, right, sources)
    assert [(f.kind, str(f.start.date())) for f in unlisted.findings] == [("returns_differ", day) for day in ex_dates]
    # Nutrien paid 0.545 dollars a quarter in 2025.
    left["dividend"] = pd.Series(0.545, index=pd.DatetimeIndex(ex_dates))
    listed = cross_check("NTR", left, right, sources)
    assert [(f.kind, str(f.start.date())) for f in listed.findings] == [("dividend_lacking", day) for day in ex_dates]
    assert all(f"the return of {sources[1]} lacks a dividend of 0.545" in f.detail for f in listed.findings)
    if ex_dates == ["2025-06-30"]:
        assert "+1.15% against aistock +0.21%" in listed.findings[0].detail


@needs_reference
@pytest.mark.parametrize(
    ("ticker", "first", "detail"), [("SPY", "numarchy", "+0.60% against aistock +0.26%"), ("SQM", "zoomies", "+0.00%")]
)
def test_the_partial_bars_of_2025_07_09(ticker, first, detail):
    left, right = real_pair(ticker, "2025-05-01", "2025-07-09", (first, "aistock"))
    findings = [f for f in cross_check(ticker, left, right, (first, "aistock")).findings if f.kind != "levels_differ"]
    assert [(f.kind, str(f.start.date())) for f in findings] == [("partial_last_bar", "2025-07-09")]
    assert detail in findings[0].detail


@needs_reference
def test_real_sources_of_two_vintages_differ_in_levels_only():
    old, new = reference("equities_2015_2024.csv.gz"), reference("equities_2024_2026.csv.gz")
    tickers = sorted(set(old["ticker"]) & set(new["ticker"]))
    assert len(tickers) == 18
    for ticker in tickers:
        one_side, other = (frame[frame["ticker"] == ticker].set_index("date") for frame in (old, new))
        check = cross_check(ticker, one_side, other)
        assert set(kinds(check)) <= {"levels_differ"}, ticker
        assert check.summary.sessions_common == 47


@needs_reference
def test_intrepid_before_and_after_its_reverse_split_of_ten_to_one():
    prices = reference("equities_2015_2024.csv.gz")
    after = prices[prices["ticker"] == "IPI"].set_index("date")[["close"]]
    finding = one(cross_check("IPI", after, after / 10), "levels_differ")
    assert "ratio 10 " in finding.detail
