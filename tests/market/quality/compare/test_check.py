"""Two sources compared: every kind of finding on a small series of our own, beside a twin without the fault."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from potash.errors import OptionError, PricesError
from potash.market.quality.compare.check import cross_check
from potash.market.quality.compare.pair import relative_rounding
from potash.market.quality.findings import COLUMNS
from tests.paths import SHARED

REFERENCE = SHARED / "data" / "reference"
needs_reference = pytest.mark.skipif(not REFERENCE.is_dir(), reason="../shared/data/reference is not here")


def walk(seed=0, sessions=60, start=50.0, spread=0.02) -> pd.Series:
    """Return six-decimal prices whose log returns are normal with 2 % a day."""
    steps = np.random.default_rng(seed).normal(0, spread, sessions)
    index = pd.bdate_range("2025-01-02", periods=sessions, name="session")
    return pd.Series(start * np.exp(steps.cumsum()), index=index).round(6)


def bars(prices: pd.Series, **columns) -> pd.DataFrame:
    return pd.DataFrame({"adj_close": prices, **columns})


def listing(prices: pd.Series, entries: dict[int, float]) -> pd.Series:
    """Return a column of dividends or splits: an amount at each position, NaN elsewhere."""
    column = pd.Series(np.nan, index=prices.index)
    for at, amount in entries.items():
        column.iloc[at] = amount
    return column


def kinds(check) -> list[str]:
    return [finding.kind for finding in check.findings]


def one(check, kind):
    assert kinds(check) == [kind]
    return check.findings[0]


def without_dividend(prices: pd.Series, at: int, amount: float) -> pd.Series:
    """Return prices from which a dividend is not taken out: what adjusting divides out before its date is still in."""
    raw = prices.copy()
    raw.iloc[:at] /= 1 - amount / raw.iloc[at - 1]
    # The yield is of the unadjusted price of the session before, which is the result itself.
    raw.iloc[:at] = prices.iloc[:at] + prices.iloc[:at] * amount / prices.iloc[at - 1]
    return raw.round(6)


# Clean pairs


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


# Rounding


def test_rounding_is_half_of_the_last_decimal_over_the_price():
    prices = pd.Series([9.01, 9.10, 9.04, 9.00, 8.97, 9.03, 9.11])
    assert relative_rounding(prices).tolist() == pytest.approx((0.005 / prices).tolist())


def test_noise_of_32_bit_floats_is_no_decimal():
    prices = pd.Series(np.array([52.22, 52.6, 51.59, 50.45, 51.03, 50.22], dtype=np.float32).astype(float))
    assert (prices.round(2) != prices).all()
    assert relative_rounding(prices).tolist() == pytest.approx((0.005 / prices).tolist())


def test_quotes_in_tenths_are_rounded_to_tenths():
    prices = pd.Series([8.9, 9.3, 9.1, 9.5, 8.6, 8.5, 9.0])
    assert relative_rounding(prices).tolist() == pytest.approx((0.05 / prices).tolist())


def test_a_few_round_prices_are_no_proof_of_coarse_rounding():
    prices = pd.Series([50.0, 50.0, 50.0, 50.0, 50.0, 50.0, 55.0])
    assert relative_rounding(prices).tolist() == pytest.approx((0.005 / prices).tolist())


def test_decimals_are_those_of_the_sessions_around():
    rng = np.random.default_rng(1)
    prices = pd.Series(np.concatenate([rng.integers(80, 100, 200) / 10, np.round(rng.uniform(8, 10, 200), 4)]))
    rounding = relative_rounding(prices) * prices
    assert rounding.iloc[:150].tolist() == pytest.approx([0.05] * 150)
    assert rounding.iloc[-200:].tolist() == pytest.approx([0.00005] * 200)


def test_tolerance_decides_above_rounding():
    prices = walk()
    other = prices.copy()
    other.iloc[30:] *= 1.0004
    assert cross_check("A", bars(prices), bars(other.round(6))).findings == ()
    assert one(cross_check("A", bars(prices), bars(other.round(6)), tolerance=0.0003), "returns_differ")


# Prints


def test_a_print_undone_in_the_next_session_is_told_as_such_with_its_suspect():
    prices = walk()
    other = prices.copy()
    other.iloc[20] *= 1.08
    check = cross_check("A", bars(prices), bars(other.round(6)), ("yahoo", "file"))
    finding = one(check, "returns_differ")
    assert (finding.start, finding.end) == (prices.index[20], prices.index[21])
    assert f"yahoo {prices.iloc[20]:g} against file {other.iloc[20]:g}" in finding.detail
    assert "undone in the next session" in finding.detail
    assert "file jumps and comes back" in finding.suggestion
    assert check.summary.share_beyond == pytest.approx(2 / 59)
    assert check.summary.largest_difference == pytest.approx(0.08 * prices.iloc[20] / prices.iloc[19], abs=1e-6)


@pytest.mark.parametrize(("source", "word"), [(19, "before"), (21, "after")])
def test_a_print_with_the_price_of_a_neighbour_is_told_as_shifted(source, word):
    prices = walk()
    prices.iloc[20:] *= 1.03
    prices.iloc[21:] *= 1.02
    other = prices.copy()
    other.iloc[20] = prices.iloc[source]
    finding = one(cross_check("A", bars(prices), bars(other)), "returns_differ")
    assert (finding.start, finding.end) == (prices.index[20], prices.index[21])
    assert f"right has the price of the session {word} here" in finding.suggestion


def test_a_print_is_undone_though_the_sources_do_not_meet_exactly():
    prices = walk()
    other = prices.copy()
    other.iloc[20] *= 1.08
    other.iloc[21:] *= 1.003
    finding = one(cross_check("A", bars(prices), bars(other.round(6))), "returns_differ")
    assert "undone in the next session" in finding.detail
    other.iloc[21:] *= 1.02
    finding = one(cross_check("A", bars(prices), bars(other.round(6))), "returns_differ")
    assert f"in sum {1 / (1.003 * 1.02) - 1:+.2%}" in finding.detail


def test_a_difference_that_stays_hints_at_a_dividend_and_its_size():
    prices = walk()
    other = prices.copy()
    other.iloc[:20] *= 1.02
    finding = one(cross_check("A", bars(prices), bars(other.round(6))), "returns_differ")
    assert (finding.start, finding.end) == (prices.index[20], prices.index[20])
    assert "it stays" in finding.detail
    assert f"about {0.02 * prices.iloc[20]:.3g} per share" in finding.suggestion
    assert "that right lacks" in finding.suggestion


def test_sessions_that_differ_in_a_row_are_one_finding():
    prices, other = walk(), walk()
    other.iloc[20:24] *= [1.02, 0.97, 1.05, 0.99]
    check = cross_check("A", bars(prices), bars(other.round(6)))
    finding = one(check, "returns_differ")
    assert (finding.start, finding.end) == (prices.index[20], prices.index[24])
    assert finding.detail.startswith(f"5 sessions, most on {prices.index[22]:%Y-%m-%d}")
    assert "in sum undone" in finding.detail


# Dividends


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


# Splits and levels


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


def test_differences_that_are_small_and_add_up():
    prices = walk()
    behind = (prices * np.exp(-0.0003 * np.arange(60))).round(6)
    finding = one(cross_check("A", bars(prices), bars(behind)), "levels_drift")
    assert f"left gains {np.expm1(0.0003 * 59):+.2%} on right" in finding.detail
    assert cross_check("A", bars(prices), bars((prices * np.exp(-0.0001 * np.arange(60))).round(6))).findings == ()


# Sessions, last bars, dates, stale prices


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


def test_a_partial_last_bar():
    """SPY on 2025-07-09: +0.26 % in a source that ended there, +0.60 % in one that went on."""
    prices = walk()
    early = prices.iloc[:50].copy()
    early.iloc[-1] *= 1.0026 / 1.0060
    left, right = bars(prices, volume=60e6), bars(early.round(6), volume=12e6)
    finding = one(cross_check("SPY", left, right, ("yahoo", "file")), "partial_last_bar")
    assert (finding.start, finding.end) == (prices.index[49], prices.index[49])
    assert "file ends here, while the other goes on" in finding.detail
    assert "volume 6e+07 against 1.2e+07" in finding.detail
    assert finding.suggestion.endswith(f"drop {prices.index[49]:%Y-%m-%d} from file and pull it again.")


def test_two_last_bars_that_differ_are_no_partial_bar():
    prices = walk()
    other = prices.copy()
    other.iloc[-2:] *= [1.01, 1.05]
    assert kinds(cross_check("A", bars(prices), bars(other.round(6)))) == ["returns_differ"]


@pytest.mark.parametrize(("by", "word"), [(1, "after"), (-1, "before")])
def test_dates_shifted_by_a_session(by, word):
    prices = walk()
    check = cross_check("A", bars(prices), bars(prices.shift(by)))
    finding = one(check, "dates_shifted")
    assert finding.severity == "error"
    assert f"right dates its returns one session {word} left: correlation 1.00" in finding.detail
    assert check.summary.correlation < 0.5


@pytest.mark.parametrize(("by", "word"), [(1, "after"), (-1, "before")])
def test_dates_shifted_by_a_calendar_day(by, word):
    prices = walk()
    shifted = prices.set_axis(prices.index + pd.Timedelta(days=by))
    finding = one(cross_check("A", bars(prices), bars(shifted)), "dates_shifted")
    assert f"right dates its returns one day {word} left: correlation 1.00" in finding.detail


def test_dates_shifted_from_some_session_on():
    prices = walk(sessions=100)
    other = prices.copy()
    other.iloc[60:] = prices.iloc[59:-1].to_numpy()
    check = cross_check("A", bars(prices), bars(other))
    finding = one(check, "dates_shifted")
    assert (finding.start, finding.end) == (prices.index[60], prices.index[-1])


def test_a_price_that_one_source_repeats_and_makes_up_for():
    prices = walk()
    other = prices.copy()
    other.iloc[20:24] = other.iloc[19]
    finding = one(cross_check("A", bars(prices), bars(other)), "stale_in_one")
    assert (finding.start, finding.end) == (prices.index[20], prices.index[23])
    moved = prices.iloc[23] / prices.iloc[19] - 1
    assert f"right stays at {prices.iloc[19]:g} for 4 sessions, left moves by {moved:+.2%}" in finding.detail
    assert "made up for in the next session" in finding.detail


def test_a_price_that_stands_still_in_both_is_not_stale_in_one():
    prices = walk()
    prices.iloc[20:24] = prices.iloc[19]
    assert cross_check("A", bars(prices), bars(prices.round(4))).findings == ()


def test_a_source_that_stops_moving_at_its_end():
    prices = walk()
    other = prices.copy()
    other.iloc[55:] = other.iloc[54]
    finding = one(cross_check("A", bars(other), bars(prices)), "stale_in_one")
    assert (finding.start, finding.end) == (prices.index[55], prices.index[59])
    assert "left stays" in finding.detail
    assert "made up" not in finding.detail


# Other securities, adjustment, broken input


def test_a_ticker_of_another_company():
    finding = one(cross_check("NTR", bars(walk(1, start=5.8)), bars(walk(2, start=53.88))), "series_differ")
    assert finding.severity == "error"


def test_a_noisy_source_is_not_another_company():
    prices = walk()
    noise = np.random.default_rng(9).normal(0, 0.002, 60)
    check = cross_check("A", bars(prices), bars((prices * np.exp(noise)).round(6)))
    assert set(kinds(check)) <= {"returns_differ", "partial_last_bar"}
    assert check.summary.correlation > 0.9


def test_adjusted_against_unadjusted_is_told_and_compared():
    prices = walk()
    close = without_dividend(prices, 30, 0.6)
    left = bars(prices, dividend=listing(prices, {30: 0.6}))
    check = cross_check("A", left, pd.DataFrame({"close": close}))
    assert kinds(check) == ["adjustment_differs", "dividend_lacking"]
    assert check.summary.compared == ("adj_close", "close")
    assert "not adjusted alike" in check.summary.adjustment


def test_the_column_is_that_of_both_or_the_one_asked_for():
    prices, close = walk(), walk(1)
    left, right = bars(prices, close=close), pd.DataFrame({"close": close, "open": close})
    assert cross_check("A", left, right).summary.compared == ("close", "close")
    assert cross_check("A", left, left).summary.compared == ("adj_close", "adj_close")
    assert cross_check("A", left, left, field="close").summary.compared == ("close", "close")
    with pytest.raises(PricesError, match=r"A: left has no open\. Its columns with values: adj_close, close"):
        cross_check("A", left, right, field="open")
    with pytest.raises(OptionError, match="field='volume' is not known"):
        cross_check("A", left, right, field="volume")


def test_a_price_below_zero_is_a_finding_and_taken_as_missing():
    prices = walk()
    other = prices.copy()
    other.iloc[:3] = [-1.5, -0.5, 0.0]
    check = cross_check("ICL", bars(prices), bars(other))
    finding = one(check, "price_not_positive")
    assert (finding.start, finding.end) == (prices.index[0], prices.index[2])
    assert "adj_close from -1.5, 3 prices" in finding.detail
    assert check.summary.sessions_common == 57


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda f: f.set_axis(f.index + pd.Timedelta(days=900)), "A: no common sessions .* left 60 prices 2025-01-02"),
        (lambda f: f.iloc[:1], "A: 1 common session with a price, and returns need two"),
        (lambda f: f.rename(columns={"adj_close": "price"}), "A: right has no adj_close or close.* price"),
        (
            lambda f: pd.concat([f.iloc[:5], f.iloc[4:]]),
            "A, right: prices: dates that stand more than once: 2025-01-08",
        ),
        (lambda f: f.iloc[::-1], "A, right: prices: .* comes after"),
        (lambda f: f.reset_index(drop=True), "A, right: prices: the index is a RangeIndex"),
        (lambda f: f.astype(str), "A, right: prices: .* in a column of type"),
    ],
)
def test_broken_input_is_refused_with_the_source_named(change, message):
    frame = bars(walk())
    with pytest.raises(PricesError, match=message):
        cross_check("A", frame, change(frame))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"names": ("a", "a")}, "must be two different names"),
        ({"names": ("a", "difference")}, "must be two different names"),
        ({"tolerance": -0.1}, "tolerance=-0.1 must be a fraction"),
        ({"tolerance": float("nan")}, "tolerance=nan must be a fraction"),
    ],
)
def test_options_that_break_a_rule(options, message):
    with pytest.raises(PricesError, match=message):
        cross_check("A", bars(walk()), bars(walk()), **options)


# The real cases, where the larger series are


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
    ("ticker", "first", "told"), [("SPY", "numarchy", "+0.60% against aistock +0.26%"), ("SQM", "zoomies", "+0.00%")]
)
def test_the_partial_bars_of_2025_07_09(ticker, first, told):
    left, right = real_pair(ticker, "2025-05-01", "2025-07-09", (first, "aistock"))
    found = [f for f in cross_check(ticker, left, right, (first, "aistock")).findings if f.kind != "levels_differ"]
    assert [(f.kind, str(f.start.date())) for f in found] == [("partial_last_bar", "2025-07-09")]
    assert told in found[0].detail


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
