"""Splits, dividends, units and companies: each fault on bars of our own, and nothing on the clean twin."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from potash.errors import PricesError
from potash.market.quality.bars import check_bars
from potash.market.quality.identity import check_history, unit_levels
from tests.support.made_bars import QUARTER, adjusted, kinds, made_bars, only

PRICES = ["open", "high", "low", "close", "adj_close"]
SPLIT_AT = 120


def found_in(bars, facts=None):
    return check_bars("A", bars, "XNYS", facts=facts)


def with_prices(bars, first, stop, factor, fields=PRICES):
    changed = bars.copy()
    where = [changed.columns.get_loc(name) for name in fields]
    changed.iloc[first:stop, where] *= factor
    return changed


def with_split(ratio, factor=1.0, at=SPLIT_AT, seed=0):
    """Return bars with a listed split, the prices before it multiplied by a factor: 1 is rightly adjusted."""
    bars = with_prices(made_bars(seed, dividend=None), 0, at, factor)
    bars.loc[bars.index[SPLIT_AT], "split"] = ratio
    return bars


@pytest.mark.parametrize("ratio", [2.0, 1.5, 20.0, 0.1, 0.01, 100.0, 1.3])
def test_a_split_is_applied_once_or_it_is_found(ratio):
    day = made_bars().index[SPLIT_AT]
    assert found_in(with_split(ratio)) == []
    missed = only(found_in(with_split(ratio, ratio)), "split_missed")
    assert (missed.start, missed.severity) == (day, "error")
    assert f"{day:%Y-%m-%d}" in missed.detail
    assert "are not adjusted" in missed.detail
    twice = only(found_in(with_split(ratio, 1 / ratio)), "split_applied_twice")
    assert (twice.start, twice.severity) == (day, "error")
    assert "adjusted twice" in twice.detail


def test_the_ratio_of_a_split_is_told_in_words():
    assert "a split of 4 to 1 is listed" in only(found_in(with_split(4.0, 4.0)), "split_missed").detail
    assert "a split of 1 to 10 is listed" in only(found_in(with_split(0.1, 0.1)), "split_missed").detail


def test_a_split_missed_on_its_day_is_found_near_it():
    late = only(found_in(with_split(4.0, 4.0, at=SPLIT_AT + 2)), "split_missed")
    index = made_bars().index
    assert (late.start, late.end) == (index[SPLIT_AT], index[SPLIT_AT + 2])
    assert f"the jump is on {index[SPLIT_AT + 2]:%Y-%m-%d}" in late.detail
    far = found_in(with_split(4.0, 4.0, at=SPLIT_AT + 8))
    assert kinds(far) == ["large_move"]


def test_a_split_of_one_to_one_or_zero_stands_for_none():
    for none in (0.0, 1.0):
        bars = made_bars().assign(split=none)
        assert found_in(bars) == []


def test_a_move_on_the_day_of_an_applied_split_stays_a_move():
    bars = with_prices(with_split(4.0), SPLIT_AT, None, 0.85)
    assert only(found_in(bars), "large_move").start == bars.index[SPLIT_AT]


def test_a_small_stock_dividend_is_lost_in_the_moves_of_its_day():
    assert not any(found_in(with_split(1.02, 1.02, seed=seed)) for seed in range(40))


def test_a_bad_print_on_the_day_of_a_split_is_no_missed_split():
    bars = with_prices(with_split(2.0), SPLIT_AT, SPLIT_AT + 1, 0.5)
    assert set(kinds(found_in(bars))) == {"large_move"}


def test_a_split_missed_in_the_close_only():
    bars = with_prices(with_split(2.0), 0, SPLIT_AT, 2.0, PRICES[:4])
    only(found_in(bars), "split_missed")


def test_a_split_that_is_not_listed_needs_the_open_and_the_volume():
    bars = with_prices(made_bars(dividend=None), 0, SPLIT_AT, 2.0)
    scaled = bars.copy()
    scaled.loc[scaled.index[:SPLIT_AT], "volume"] /= 2
    finding = only(found_in(scaled), "split_not_listed")
    assert (finding.start, finding.severity) == (bars.index[SPLIT_AT], "error")
    assert "close to 2 to 1" in finding.detail
    assert "the volume agrees" in finding.detail
    kept = only(found_in(bars), "large_move")
    assert "close to 2 to 1" in kept.detail
    assert "the volume does not" in kept.detail
    assert kinds(found_in(scaled[["close"]])) == ["large_move"], "nothing beside the ratio"


def test_a_split_with_a_move_of_its_day_is_told_from_another_company():
    bars = with_prices(with_prices(made_bars(dividend=None), SPLIT_AT, None, 1.09), 0, SPLIT_AT, 0.1)
    bars.loc[bars.index[:SPLIT_AT], "volume"] *= 10
    finding = only(found_in(bars), "split_not_listed")
    assert "close to 10 to 1; no such split is listed" in finding.detail
    bars.loc[bars.index[:SPLIT_AT], "volume"] /= 10
    assert kinds(found_in(bars)) == ["ticker_reused"]


def test_a_crash_by_half_on_a_day_of_news_is_a_large_move():
    bars = with_prices(made_bars(dividend=None), SPLIT_AT, None, 0.5)
    at = bars.columns.get_loc("volume")
    bars.iloc[SPLIT_AT, at] *= 12
    bars.iloc[SPLIT_AT + 1 :, at] *= 1.9
    assert "close to 2 to 1" in only(found_in(bars), "large_move").detail
    in_the_session = with_prices(made_bars(dividend=None), SPLIT_AT, None, 0.5)
    in_the_session.iloc[SPLIT_AT, 0] *= 2
    in_the_session.iloc[SPLIT_AT, 1] *= 2
    in_the_session.iloc[SPLIT_AT:, at] *= 2
    assert "the open of" in only(found_in(in_the_session), "large_move").detail


@pytest.mark.parametrize("change", [-0.465, -0.554, -0.44, 0.446])
def test_true_moves_of_the_size_seen_are_no_split_and_no_other_company(change):
    bars = with_prices(made_bars(dividend=None), SPLIT_AT, None, 1 + change)
    bars.iloc[SPLIT_AT, bars.columns.get_loc("volume")] *= 10
    finding = only(found_in(bars), "large_move")
    assert finding.severity == "info"
    assert "to 1" not in finding.detail


# Dividends


def with_adjustment(paid, listed, seed=0, decimals=None):
    """Return bars adjusted for one set of payments, with another set listed."""
    bars = made_bars(seed, dividend=None, decimals=decimals)
    bars["adj_close"] = adjusted(bars["close"], paid)
    if decimals is not None:
        bars["adj_close"] = bars["adj_close"].round(decimals)
    return bars.assign(dividend=listed)


def payments(amount=0.4, **changed):
    """Return the quarterly payments, those of some quarters replaced: ``q2=0.0`` leaves out the second."""
    paid = np.full(300, np.nan)
    paid[QUARTER::QUARTER] = amount
    for quarter, value in changed.items():
        paid[int(quarter[1:]) * QUARTER] = value or np.nan
    return paid


SECOND = made_bars().index[2 * QUARTER]


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([None, 2, 4]), st.floats(0.06, 4.0))
def test_dividends_applied_by_the_rule_give_no_finding_at_any_rounding(seed, decimals, amount):
    found = found_in(with_adjustment(payments(amount), payments(amount), seed, decimals))
    assert not [f for f in found if "dividend" in f.kind or "factor" in f.kind]


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.1, 2.0))
def test_an_adjustment_made_from_finer_closes_than_those_given_is_no_fault(seed, level):
    bars = with_adjustment(payments(), payments(), seed)
    fields = [*PRICES, "dividend"]
    bars[fields] *= level
    bars[PRICES] = bars[PRICES].round(2)
    assert not [f for f in found_in(bars) if "dividend" in f.kind or "factor" in f.kind]


def test_a_dividend_that_was_not_applied():
    finding = only(found_in(with_adjustment(payments(q2=0), payments())), "dividend_not_applied")
    assert (finding.start, finding.severity) == (SECOND, "error")
    assert "dividend of 0.4 " in finding.detail


@pytest.mark.parametrize(("applied", "change"), [(0.2, "-50%"), (0.6, "+50%"), (0.3, "-25%")])
def test_a_dividend_applied_with_another_amount(applied, change):
    finding = only(found_in(with_adjustment(payments(q2=applied), payments())), "dividend_amount_differs")
    assert (finding.start, finding.severity) == (SECOND, "error")
    assert f"changes as for {applied:g} ({change})" in finding.detail
    assert found_in(with_adjustment(payments(q2=0.36), payments())) == [], "a tenth off is another formula"


def test_an_adjustment_without_a_listed_dividend():
    bars = with_adjustment(payments(), payments(q2=0))
    finding = only(found_in(bars), "adjustment_without_dividend")
    assert (finding.start, finding.severity) == (SECOND, "warning")
    assert "as for a dividend of 0.4 " in finding.detail
    assert found_in(bars.drop(columns="dividend")) == [], "no dividend is listed where none are given"
    wrong_way = with_adjustment(payments(), payments())
    wrong_way.iloc[:100, wrong_way.columns.get_loc("adj_close")] *= 1.02
    assert "the wrong way" in only(found_in(wrong_way), "adjustment_without_dividend").detail


def test_many_dividends_that_were_not_applied_are_one_finding():
    every = np.full(300, np.nan)
    every[21::21] = 0.2
    bars = with_adjustment(np.full(300, np.nan), every)
    finding = only(found_in(bars), "dividend_not_applied")
    assert finding.detail.startswith("14 times: ")
    assert (finding.start, finding.end) == (bars.index[21], bars.index[294])


def test_a_dividend_applied_on_another_day():
    paid = payments(q2=0)
    paid[2 * QUARTER + 2] = 0.4
    finding = only(found_in(with_adjustment(paid, payments())), "dividend_date_differs")
    assert (finding.start, finding.end) == (SECOND, made_bars().index[2 * QUARTER + 2])
    assert finding.severity == "warning"


def test_a_second_dividend_nearby_is_not_taken_for_the_first():
    listed, applied = payments(q2=0), payments(q2=0)
    listed[[2 * QUARTER, 2 * QUARTER + 3]] = applied[2 * QUARTER + 3] = 0.4
    assert only(found_in(with_adjustment(applied, listed)), "dividend_not_applied").start == SECOND


@pytest.mark.parametrize("seed", range(4))
def test_rounding_before_the_only_dividend_is_no_fault(seed):
    once = np.full(300, np.nan)
    once[20] = 0.03
    bars = made_bars(seed, dividend=None)
    bars["close"] = (bars["close"] / 20).round(2)
    bars["adj_close"] = adjusted(bars["close"], once).round(2)
    found = found_in(bars[["close", "adj_close"]].assign(dividend=once))
    assert not [f for f in found if "dividend" in f.kind or "factor" in f.kind]


def test_a_dividend_of_a_session_without_a_bar_belongs_to_the_next():
    bars = made_bars()
    gap = bars.copy()
    gap.loc[SECOND, [*PRICES, "volume"]] = np.nan
    assert kinds(found_in(gap)) == ["missing_sessions"]


@pytest.mark.parametrize("factor", [100.0, 0.01])
def test_a_dividend_in_another_unit_than_the_price(factor):
    # The list is in the other unit, the adjustment was made with the right one.
    bars = with_adjustment(payments(), payments(0.4, q2=0.4 * factor))
    finding = only(found_in(bars, {"currency": "GBp"}), "dividend_unit")
    assert (finding.start, finding.severity) == (SECOND, "error")
    assert "(quoted in GBp)" in finding.detail
    assert "changes as for 0.4" in finding.detail
    every = found_in(with_adjustment(payments(), payments(0.4 * factor)))
    assert kinds(every) == ["dividend_unit"] * 4


def test_a_dividend_of_most_of_the_price_without_a_fall():
    bars = with_adjustment(payments(q2=40.0), payments(q2=40.0))
    finding = only(found_in(bars), "dividend_unit")
    assert "which does not fall by it" in finding.detail
    assert kinds(found_in(bars.drop(columns="adj_close"))) == ["dividend_unit"]


def test_a_special_distribution_is_a_move_with_its_dividend():
    bars = with_prices(made_bars(dividend=None), 2 * QUARTER, None, 0.6)
    paid = payments(0.4, q2=0.4 * bars["close"].iloc[2 * QUARTER - 1])
    bars["adj_close"] = adjusted(bars["close"], paid)
    finding = only(found_in(bars.assign(dividend=paid)), "large_move")
    assert f"of it is the dividend of {paid[2 * QUARTER]:g}" in finding.detail


def test_the_factor_stays_flat_between_payments():
    bars = made_bars()
    drift = bars.copy()
    drift["adj_close"] *= np.linspace(0.97, 1.0, len(bars))
    finding = only(found_in(drift), "factor_drift")
    assert "5 stretches like it" in finding.detail
    assert (finding.start, finding.end) == (bars.index[0], bars.index[-1])
    noisy = bars.copy()
    noisy.iloc[::7, noisy.columns.get_loc("adj_close")] *= 1.01
    assert "where no dividend is listed" in only(found_in(noisy), "factor_drift").detail


def test_actions_that_cannot_be():
    bars = made_bars(dividend=None)
    bars.loc[bars.index[[10, 20]], ["dividend", "split"]] = [[-0.4, np.nan], [np.nan, -2.0]]
    assert [(f.kind, f.start) for f in found_in(bars)] == [
        ("impossible_action", bars.index[10]),
        ("impossible_action", bars.index[20]),
    ]


# Units and companies


@pytest.mark.parametrize("factor", [100.0, 0.01, 98.0])
@pytest.mark.parametrize(("first", "stop"), [(50, 51), (50, 80), (0, 30), (270, 300)])
def test_prices_in_another_unit(factor, first, stop):
    bars = with_prices(made_bars(), first, stop, factor)
    finding = only(found_in(bars), "mixed_currency")
    assert (finding.start, finding.end) == (bars.index[first], bars.index[stop - 1])
    assert finding.severity == "error"
    assert f"about 100 times {'higher' if factor > 1 else 'lower'}" in finding.detail


@pytest.mark.parametrize("factor", [82.0, 1 / 82, 120.0, 1 / 120])
def test_a_month_in_another_unit_may_move_too(factor):
    found = found_in(with_prices(made_bars(dividend=None), 50, 80, factor))
    assert kinds(found).count("mixed_currency") == 1
    assert set(kinds(found)) <= {"mixed_currency", "large_move"}


@pytest.mark.parametrize(
    ("currency", "factor", "text"),
    [
        ("GBp", 0.01, "quoted in GBp; these look like GBP"),
        ("ILA", 0.01, "quoted in ILA; these look like ILS"),
        ("ZAR", 100.0, "quoted in ZAR; these look like ZAc"),
        ("GBP", 0.01, "(quoted in GBP)"),
        ("USD", 100.0, "quoted in USD; these look like USX"),
        ("JPY", 100.0, "(quoted in JPY)"),
    ],
)
def test_the_unit_is_named_if_the_currency_is_known(currency, factor, text):
    assert (
        text
        in only(found_in(with_prices(made_bars(), 40, 45, factor), {"currency": currency}), "mixed_currency").detail
    )


def test_one_field_in_another_unit():
    bars = with_prices(made_bars(), 60, 62, 0.01, ["low"])
    finding = only(found_in(bars), "mixed_currency")
    assert (finding.start, finding.end) == (bars.index[60], bars.index[61])
    assert finding.detail.startswith("low 0.")
    assert kinds(found_in(with_prices(made_bars(), 60, 62, 0.01, ["high"]))) == ["mixed_currency"]
    bars.iloc[70, bars.columns.get_loc("close")] = 0.0
    assert "nonpositive_price" in kinds(found_in(bars))


def test_unit_levels_are_seen_against_most_of_the_series():
    values = np.array([1.0, 1.1, np.nan, 110.0, 105.0, 1.0, 1.0, 0.01])
    splits = np.zeros(8, dtype=bool)
    assert unit_levels(values, splits).tolist() == [0, 0, 0, 1, 1, 0, 0, -1]
    splits[3] = True
    assert unit_levels(values, splits)[:4].tolist() == unit_levels(values[:4], splits[:4]).tolist() == [0, 0, 0, 0]
    assert unit_levels(np.array([100.0, 1.0]), splits[:2]).tolist() == [1, 0], "in doubt the last unit counts"


def with_other_company(factor=9.3, gap=0, volume=1.0):
    bars = with_prices(made_bars(dividend=None), SPLIT_AT, None, factor)
    bars.iloc[SPLIT_AT:, bars.columns.get_loc("volume")] *= volume
    return bars.drop(bars.index[SPLIT_AT - gap : SPLIT_AT])


def test_a_ticker_taken_over_by_another_company():
    day = made_bars().index[SPLIT_AT]
    plain = only(found_in(with_other_company()), "ticker_reused")
    assert (plain.start, plain.severity) == (day, "warning")
    by_volume = only(found_in(with_other_company(volume=40)), "ticker_reused")
    assert by_volume.severity == "error"
    assert "median volume" in by_volume.detail
    assert kinds(found_in(with_other_company(factor=1 / 9.3))) == ["ticker_reused"]
    missing, reused = found_in(with_other_company(gap=20))
    assert (missing.kind, reused.kind, reused.severity) == ("missing_sessions", "ticker_reused", "error")
    assert "20 sessions missing between" in reused.detail


def test_near_a_split_ratio_all_must_speak_for_another_company():
    closes = made_bars(dividend=None)["close"]
    tenfold = 10 * closes.iloc[SPLIT_AT - 21] / closes.iloc[SPLIT_AT]
    kept = with_other_company(tenfold, gap=20, volume=40)
    assert kinds(found_in(kept)) == ["missing_sessions", "ticker_reused"]
    assert "ticker_reused" not in kinds(found_in(with_other_company(tenfold, gap=20)))


def test_what_is_no_other_company():
    assert kinds(found_in(with_other_company(3.5))) == ["large_move"]
    back = with_prices(made_bars(dividend=None), SPLIT_AT, SPLIT_AT + 1, 9.3)
    assert set(kinds(found_in(back))) == {"large_move"}
    level = with_other_company().assign(split=np.nan)
    level.loc[level.index[SPLIT_AT], "split"] = 0.11
    assert kinds(found_in(level)) == ["split_missed"]


def when(day):
    return dt.datetime.fromisoformat(day).replace(tzinfo=dt.UTC)


def test_a_changed_name_or_currency():
    closes = made_bars()["close"].rename("A")
    told = [
        (when("2023-01-05T22:00"), "name", "Agrium Inc."),
        (when("2023-03-01T22:00"), "name", "AGRIUM INC"),
        (when("2023-06-01T22:00"), "name", "Nutrien Ltd."),
        (when("2023-01-05T22:00"), "currency", "GBp"),
        (when("2023-06-01T22:00"), "currency", "GBp"),
        (when("2023-06-01T22:00"), "exchange", "XTSE"),
    ]
    finding = only(check_history(closes, told[::-1]), "ticker_renamed")
    assert (finding.start, finding.severity, finding.series) == (pd.Timestamp("2023-06-01"), "warning", "A")
    assert "'AGRIUM INC' until then, 'Nutrien Ltd.'" in finding.detail
    pounds = [*told[3:5], (when("2023-09-05T22:00"), "currency", "GBP")]
    assert only(check_history(closes, pounds), "currency_changed").severity == "warning"
    assert check_history(closes, told[:2]) == check_history(closes, []) == []


def test_a_change_that_shows_in_the_prices_is_an_error():
    closes = with_other_company()["close"].rename("A")
    day = closes.index[SPLIT_AT]
    told = [(when("2023-01-05"), "name", "One"), (day.to_pydatetime().replace(tzinfo=dt.UTC), "name", "Two")]
    assert only(check_history(closes, told), "ticker_renamed").severity == "error"
    pence = with_prices(made_bars(), 0, SPLIT_AT, 100)["close"].rename("A")
    told = [(when("2023-01-05"), "currency", "GBp"), (when(f"{day:%Y-%m-%d}"), "currency", "GBP")]
    finding = only(check_history(pence, told), "currency_changed")
    assert finding.severity == "error"
    assert "'GBp' until then, 'GBP'" in finding.detail


def test_history_needs_a_ticker_and_zones():
    closes = made_bars()["close"]
    with pytest.raises(PricesError, match="no name"):
        check_history(closes.rename(None), [])
    with pytest.raises(PricesError, match="no zone"):
        check_history(closes, [(dt.datetime(2023, 1, 1), "name", "x")])
