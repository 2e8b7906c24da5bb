"""Splits, dividends, units and companies: each fault on bars of our own, and nothing on the clean twin."""

import numpy as np
import pytest

from tests.support.made_bars import (
    PRICES,
    SPLIT_AT,
    findings_of,
    kinds,
    made_bars,
    only,
    with_prices,
    with_split,
)


@pytest.mark.parametrize("ratio", [2.0, 1.5, 20.0, 0.1, 0.01, 100.0, 1.3])
def test_a_split_is_applied_once_or_it_is_found(ratio):
    day = made_bars().index[SPLIT_AT]
    assert findings_of(with_split(ratio)) == []
    missed = only(findings_of(with_split(ratio, ratio)), "split_missed")
    assert (missed.start, missed.severity) == (day, "error")
    assert f"{day:%Y-%m-%d}" in missed.detail
    assert "are not adjusted" in missed.detail
    twice = only(findings_of(with_split(ratio, 1 / ratio)), "split_applied_twice")
    assert (twice.start, twice.severity) == (day, "error")
    assert "adjusted twice" in twice.detail


def test_the_ratio_of_a_split_is_told_in_words():
    assert "a split of 4 to 1 is listed" in only(findings_of(with_split(4.0, 4.0)), "split_missed").detail
    assert "a split of 1 to 10 is listed" in only(findings_of(with_split(0.1, 0.1)), "split_missed").detail


def test_a_split_missed_on_its_day_is_found_near_it():
    late = only(findings_of(with_split(4.0, 4.0, at=SPLIT_AT + 2)), "split_missed")
    index = made_bars().index
    assert (late.start, late.end) == (index[SPLIT_AT], index[SPLIT_AT + 2])
    assert f"the jump is on {index[SPLIT_AT + 2]:%Y-%m-%d}" in late.detail
    far = findings_of(with_split(4.0, 4.0, at=SPLIT_AT + 8))
    assert kinds(far) == ["large_move"]


def test_a_split_of_one_to_one_or_zero_stands_for_none():
    for none in (0.0, 1.0):
        bars = made_bars().assign(split=none)
        assert findings_of(bars) == []


def test_a_move_on_the_day_of_an_applied_split_stays_a_move():
    bars = with_prices(with_split(4.0), SPLIT_AT, None, 0.85)
    assert only(findings_of(bars), "large_move").start == bars.index[SPLIT_AT]


def test_a_small_stock_dividend_is_lost_in_the_moves_of_its_day():
    assert not any(findings_of(with_split(1.02, 1.02, seed=seed)) for seed in range(40))


def test_a_bad_print_on_the_day_of_a_split_is_no_missed_split():
    bars = with_prices(with_split(2.0), SPLIT_AT, SPLIT_AT + 1, 0.5)
    assert set(kinds(findings_of(bars))) == {"large_move"}


def test_a_split_missed_in_the_close_only():
    bars = with_prices(with_split(2.0), 0, SPLIT_AT, 2.0, PRICES[:4])
    only(findings_of(bars), "split_missed")


def test_a_split_that_is_not_listed_needs_the_open_and_the_volume():
    bars = with_prices(made_bars(dividend=None), 0, SPLIT_AT, 2.0)
    scaled = bars.copy()
    scaled.loc[scaled.index[:SPLIT_AT], "volume"] /= 2
    finding = only(findings_of(scaled), "split_not_listed")
    assert (finding.start, finding.severity) == (bars.index[SPLIT_AT], "error")
    assert "close to 2 to 1" in finding.detail
    assert "the volume agrees" in finding.detail
    kept = only(findings_of(bars), "large_move")
    assert "close to 2 to 1" in kept.detail
    assert "the volume does not" in kept.detail
    assert kinds(findings_of(scaled[["close"]])) == ["large_move"], "nothing beside the ratio"


def test_a_split_with_a_move_of_its_day_is_told_from_another_company():
    bars = with_prices(with_prices(made_bars(dividend=None), SPLIT_AT, None, 1.09), 0, SPLIT_AT, 0.1)
    bars.loc[bars.index[:SPLIT_AT], "volume"] *= 10
    finding = only(findings_of(bars), "split_not_listed")
    assert "close to 10 to 1; no such split is listed" in finding.detail
    bars.loc[bars.index[:SPLIT_AT], "volume"] /= 10
    assert kinds(findings_of(bars)) == ["ticker_reused"]


def test_a_crash_by_half_on_a_day_of_news_is_a_large_move():
    bars = with_prices(made_bars(dividend=None), SPLIT_AT, None, 0.5)
    at = bars.columns.get_loc("volume")
    bars.iloc[SPLIT_AT, at] *= 12
    bars.iloc[SPLIT_AT + 1 :, at] *= 1.9
    assert "close to 2 to 1" in only(findings_of(bars), "large_move").detail
    in_the_session = with_prices(made_bars(dividend=None), SPLIT_AT, None, 0.5)
    in_the_session.iloc[SPLIT_AT, 0] *= 2
    in_the_session.iloc[SPLIT_AT, 1] *= 2
    in_the_session.iloc[SPLIT_AT:, at] *= 2
    assert "the open of" in only(findings_of(in_the_session), "large_move").detail


@pytest.mark.parametrize("change", [-0.465, -0.554, -0.44, 0.446])
def test_true_moves_of_the_size_seen_are_no_split_and_no_other_company(change):
    bars = with_prices(made_bars(dividend=None), SPLIT_AT, None, 1 + change)
    bars.iloc[SPLIT_AT, bars.columns.get_loc("volume")] *= 10
    finding = only(findings_of(bars), "large_move")
    assert finding.severity == "info"
    assert "to 1" not in finding.detail


def test_actions_that_cannot_be():
    bars = made_bars(dividend=None)
    bars.loc[bars.index[[10, 20]], ["dividend", "split"]] = [[-0.4, np.nan], [np.nan, -2.0]]
    assert [(f.kind, f.start) for f in findings_of(bars)] == [
        ("impossible_action", bars.index[10]),
        ("impossible_action", bars.index[20]),
    ]
