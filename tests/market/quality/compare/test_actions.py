"""Dividends and splits that two sources tell differently."""

import pandas as pd
import pytest

from potash.market.quality.compare.check import cross_check
from tests.market.quality.compare.made_pairs import bars, kinds, listing, one, walk, without_dividend


def test_a_listed_dividend_explains_a_return():
    """Nutrien on 2025-06-30: 58.12 to 58.24 and 0.545 paid: +0.21 %, over 1 - 0.545 / 58.12 +1.16 %."""
    days = pd.DatetimeIndex(["2025-06-26", "2025-06-27", "2025-06-30", "2025-07-01"])
    close = pd.Series([58.05, 58.12, 58.24, 58.51], index=days)
    adjusted = close.copy()
    adjusted.iloc[:2] *= 1 - 0.545 / 58.12
    left = bars(adjusted.round(6), dividend=listing(close, {2: 0.545}))
    check = cross_check("NTR", left, bars(close), ("yahoo", "file"))
    finding = one(check, "dividend_lacking")
    assert (finding.series, finding.start, finding.end) == ("NTR", days[2], days[2])
    assert "the return of file lacks a dividend of 0.545 with ex-date 2025-06-30" in finding.detail
    assert "yahoo +1.16% against file +0.21%" in finding.detail
    assert "yahoo lists 0.545, file has no dividend column" in finding.detail


def test_the_source_that_lacks_a_dividend_may_be_the_one_that_lists_it():
    prices = walk()
    raw = without_dividend(prices, 30, 0.6)
    dividends = listing(prices, {30: 0.6})
    finding = one(cross_check("A", bars(raw, dividend=dividends), bars(prices, dividend=dividends)), "dividend_lacking")
    assert "the return of left lacks a dividend of 0.6" in finding.detail


def test_a_dividend_added_to_the_price_fits_as_well_as_one_divided_out():
    prices = walk()
    paid = prices.copy()
    paid.iloc[30:] *= (prices.iloc[30] + 1.5) / prices.iloc[30]
    left = bars(paid.round(6), dividend=listing(prices, {30: 1.5}), close=prices)
    assert "lacks a dividend of 1.5 " in one(cross_check("A", left, bars(prices)), "dividend_lacking").detail


def test_a_large_dividend_divided_out_of_the_price_fits_its_amount():
    """On 80, 16 is a fifth; divided out it is a return higher by a quarter of the price after it."""
    close = walk(5, start=80.0)
    close.iloc[30:] *= 0.8
    adjusted = close.copy()
    adjusted.iloc[:30] *= 1 - 0.2
    left = bars(adjusted.round(6), dividend=listing(close, {30: round(0.2 * close.iloc[29], 6)}), close=close)
    check = cross_check("A", left, bars(close))
    finding = one(check, "dividend_lacking")
    assert "left lists" in finding.detail
    assert check.summary.largest_difference == pytest.approx(0.25 * close.iloc[30] / close.iloc[29], abs=1e-6)


def test_an_unadjusted_close_explains_a_return_without_a_list():
    """A special distribution of 6 on 82: the close falls by 7.3 %, of which the adjusted price keeps the rest."""
    prices = walk(5, start=80.0)
    close = without_dividend(prices, 30, 6.0)
    base = close.iloc[29]
    adjusted = close.copy()
    adjusted.iloc[:30] *= 1 - 6.0 / base
    check = cross_check("UAN", bars(adjusted.round(6), close=close), bars(close), ("yahoo", "file"))
    finding = one(check, "dividend_lacking")
    assert "the return of file lacks a dividend of about 6 with" in finding.detail
    assert "no source lists it" in finding.detail


def test_noise_between_a_close_and_its_adjusted_price_is_no_dividend():
    prices = walk()
    close, other = prices.copy(), prices.copy()
    close.iloc[30:] *= 1 - 0.0003
    other.iloc[30:] *= 1 - 0.0006
    check = cross_check("A", bars(prices, close=close.round(6)), bars(other.round(6)))
    assert kinds(check) == ["returns_differ"]


def test_a_print_on_an_ex_date_is_not_taken_for_the_dividend():
    prices = walk()
    other = prices.copy()
    other.iloc[:30] *= 1.05
    left = bars(prices, dividend=listing(prices, {30: 0.5}))
    assert kinds(cross_check("A", left, bars(other.round(6)))) == ["returns_differ"]


def test_closes_are_not_expected_to_carry_dividends():
    prices = walk()
    other = prices.copy()
    other.iloc[:30] *= 1.01
    left = pd.DataFrame({"close": prices, "dividend": listing(prices, {30: 0.01 * prices.iloc[29]})})
    assert kinds(cross_check("A", left, pd.DataFrame({"close": other.round(6)}))) == ["returns_differ"]


def test_a_dividend_listed_by_one_is_told_though_returns_agree():
    prices = walk()
    left = bars(prices, dividend=listing(prices, {10: 0.5, 30: 0.54}))
    right = bars(prices, dividend=listing(prices, {10: 0.5}))
    finding = one(cross_check("A", left, right), "dividend_lacking")
    assert finding.start == prices.index[30]
    assert "left lists 0.54, right lists none; the returns agree" in finding.detail
    assert cross_check("A", left, bars(prices)).findings == ()
    assert cross_check("A", left, left).findings == ()


def test_a_dividend_of_zero_is_none():
    prices = walk()
    left = bars(prices, dividend=listing(prices, {10: 0.5}).fillna(0.0), split=0.0)
    right = bars(prices, dividend=listing(prices, {10: 0.5}), split=1.0)
    assert cross_check("A", left, right).findings == ()


def test_a_dividend_on_another_date_is_named_with_it():
    prices = walk()
    left, right = (bars(prices, dividend=listing(prices, {at: 0.5})) for at in (30, 31))
    check = cross_check("A", left, right)
    assert kinds(check) == ["dividend_lacking"] * 2
    assert f"right lists the same on {prices.index[31]:%Y-%m-%d}" in check.findings[0].detail


def test_two_amounts_for_one_dividend():
    prices = walk()
    left = bars(prices, dividend=listing(prices, {30: 0.54}))
    right = bars(prices, dividend=listing(prices, {30: 0.56}))
    finding = one(cross_check("A", left, right), "dividend_differs")
    assert "left lists 0.54, right lists 0.56" in finding.detail


def test_two_amounts_that_the_returns_carry_are_one_finding():
    prices = walk()
    close = without_dividend(prices, 30, 2.0)
    base = close.iloc[29]
    sides = []
    for amount in (2.0, 1.0):
        adjusted = close.copy()
        adjusted.iloc[:30] *= 1 - amount / base
        sides.append(bars(adjusted.round(6), close=close, dividend=listing(close, {30: amount})))
    finding = one(cross_check("A", *sides), "dividend_differs")
    assert "and the returns differ by that" in finding.detail


def test_amounts_adjusted_for_a_split_as_the_closes_are_do_not_differ():
    prices = walk(start=504.0)
    left = bars(prices, close=prices, dividend=listing(prices, {30: 5.0}))
    right = bars(prices / 10, close=prices / 10, dividend=listing(prices, {30: 0.5}))
    assert kinds(cross_check("IPI", left, right)) == ["levels_differ"]


@pytest.mark.parametrize("shares", [2.0, 0.1, 3.0])
@pytest.mark.parametrize("lists", [True, False])
def test_a_source_that_is_not_adjusted_for_a_split(shares, lists):
    prices = walk(7)
    raw = prices.copy()
    raw.iloc[:30] *= shares
    left = bars(prices, split=listing(prices, {30: shares})) if lists else bars(prices)
    finding = one(cross_check("A", left, bars(raw.round(6)), ("yahoo", "file")), "split_lacking")
    assert (finding.severity, finding.start) == ("error", prices.index[30])
    assert f"file is not adjusted for a split of {shares:g} new for 1 old" in finding.detail
    assert ("yahoo lists" in finding.detail) == lists


@pytest.mark.parametrize("lists", [True, False])
def test_a_split_is_known_though_the_sources_differ_a_little_that_day(lists):
    prices = walk(7)
    raw = prices.copy()
    raw.iloc[:30] *= 2 * 1.004
    left = bars(prices, split=listing(prices, {30: 2.0})) if lists else bars(prices)
    finding = one(cross_check("A", left, bars(raw.round(2))), "split_lacking")
    assert "right is not adjusted for a split of 2 new for 1 old" in finding.detail


def test_a_print_ten_times_too_high_is_no_split():
    prices = walk()
    other = prices.copy()
    other.iloc[30] *= 10
    assert "undone" in one(cross_check("A", bars(prices), bars(other)), "returns_differ").detail


def test_splits_listed_by_one_or_with_another_ratio():
    prices = walk()
    left = bars(prices, split=listing(prices, {10: 2.0, 30: 3.0}))
    right = bars(prices, split=listing(prices, {30: 4.0}))
    assert kinds(cross_check("A", left, right)) == ["split_lacking", "split_differs"]
    assert cross_check("A", left, left.copy()).findings == ()


def test_one_source_after_a_reverse_split_and_one_before():
    prices = pd.Series(walk(2).to_numpy() / walk(2).iloc[-1] * 50.40, index=walk(2).index).round(2)
    finding = one(cross_check("IPI", bars(prices * 10), bars(prices), ("after", "before")), "levels_differ")
    assert finding.severity == "info"
    assert "ratio 10 " in finding.detail
    assert "after 504 against before 50.4" in finding.detail
