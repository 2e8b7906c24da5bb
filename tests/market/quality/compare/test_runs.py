"""Runs of sessions whose returns differ, and what each looks like."""

import numpy as np
import pandas as pd
import pytest

from potash.market.quality.compare.check import cross_check
from tests.market.quality.compare.made_pairs import bars, kinds, one, walk


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


def test_a_ticker_of_another_company():
    finding = one(cross_check("NTR", bars(walk(1, start=5.8)), bars(walk(2, start=53.88))), "series_differ")
    assert finding.severity == "error"


def test_a_noisy_source_is_not_another_company():
    prices = walk()
    noise = np.random.default_rng(9).normal(0, 0.002, 60)
    check = cross_check("A", bars(prices), bars((prices * np.exp(noise)).round(6)))
    assert set(kinds(check)) <= {"returns_differ", "partial_last_bar"}
    assert check.summary.correlation > 0.9
