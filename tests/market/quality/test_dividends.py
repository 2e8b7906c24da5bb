"""Dividends: each fault on bars of our own, and nothing on the clean twin."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.made_bars import (
    PRICES,
    QUARTER,
    adjusted,
    findings_of,
    kinds,
    made_bars,
    only,
    with_prices,
)


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
    findings = findings_of(with_adjustment(payments(amount), payments(amount), seed, decimals))
    assert not [f for f in findings if "dividend" in f.kind or "factor" in f.kind]


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.1, 2.0))
def test_an_adjustment_made_from_finer_closes_than_those_given_is_no_fault(seed, level):
    bars = with_adjustment(payments(), payments(), seed)
    fields = [*PRICES, "dividend"]
    bars[fields] *= level
    bars[PRICES] = bars[PRICES].round(2)
    assert not [f for f in findings_of(bars) if "dividend" in f.kind or "factor" in f.kind]


def test_a_dividend_that_was_not_applied():
    finding = only(findings_of(with_adjustment(payments(q2=0), payments())), "dividend_not_applied")
    assert (finding.start, finding.severity) == (SECOND, "error")
    assert "dividend of 0.4 " in finding.detail


@pytest.mark.parametrize(("applied", "change"), [(0.2, "-50%"), (0.6, "+50%"), (0.3, "-25%")])
def test_a_dividend_applied_with_another_amount(applied, change):
    finding = only(findings_of(with_adjustment(payments(q2=applied), payments())), "dividend_amount_differs")
    assert (finding.start, finding.severity) == (SECOND, "error")
    assert f"changes as for {applied:g} ({change})" in finding.detail
    assert findings_of(with_adjustment(payments(q2=0.36), payments())) == [], "a tenth off is another formula"


def test_an_adjustment_without_a_listed_dividend():
    bars = with_adjustment(payments(), payments(q2=0))
    finding = only(findings_of(bars), "adjustment_without_dividend")
    assert (finding.start, finding.severity) == (SECOND, "warning")
    assert "as for a dividend of 0.4 " in finding.detail
    assert findings_of(bars.drop(columns="dividend")) == [], "no dividend is listed where none are given"
    wrong_way = with_adjustment(payments(), payments())
    wrong_way.iloc[:100, wrong_way.columns.get_loc("adj_close")] *= 1.02
    assert "the wrong way" in only(findings_of(wrong_way), "adjustment_without_dividend").detail


def test_many_dividends_that_were_not_applied_are_one_finding():
    every = np.full(300, np.nan)
    every[21::21] = 0.2
    bars = with_adjustment(np.full(300, np.nan), every)
    finding = only(findings_of(bars), "dividend_not_applied")
    assert finding.detail.startswith("14 times: ")
    assert (finding.start, finding.end) == (bars.index[21], bars.index[294])


def test_a_dividend_applied_on_another_day():
    paid = payments(q2=0)
    paid[2 * QUARTER + 2] = 0.4
    finding = only(findings_of(with_adjustment(paid, payments())), "dividend_date_differs")
    assert (finding.start, finding.end) == (SECOND, made_bars().index[2 * QUARTER + 2])
    assert finding.severity == "warning"


def test_a_second_dividend_nearby_is_not_taken_for_the_first():
    listed, applied = payments(q2=0), payments(q2=0)
    listed[[2 * QUARTER, 2 * QUARTER + 3]] = applied[2 * QUARTER + 3] = 0.4
    assert only(findings_of(with_adjustment(applied, listed)), "dividend_not_applied").start == SECOND


@pytest.mark.parametrize("seed", range(4))
def test_rounding_before_the_only_dividend_is_no_fault(seed):
    once = np.full(300, np.nan)
    once[20] = 0.03
    bars = made_bars(seed, dividend=None)
    bars["close"] = (bars["close"] / 20).round(2)
    bars["adj_close"] = adjusted(bars["close"], once).round(2)
    findings = findings_of(bars[["close", "adj_close"]].assign(dividend=once))
    assert not [f for f in findings if "dividend" in f.kind or "factor" in f.kind]


def test_a_dividend_of_a_session_without_a_bar_belongs_to_the_next():
    bars = made_bars()
    gap = bars.copy()
    gap.loc[SECOND, [*PRICES, "volume"]] = np.nan
    assert kinds(findings_of(gap)) == ["missing_sessions"]


@pytest.mark.parametrize("factor", [100.0, 0.01])
def test_a_dividend_in_another_unit_than_the_price(factor):
    # The list is in the other unit, the adjustment was made with the right one.
    bars = with_adjustment(payments(), payments(0.4, q2=0.4 * factor))
    finding = only(findings_of(bars, facts={"currency": "GBp"}), "dividend_unit")
    assert (finding.start, finding.severity) == (SECOND, "error")
    assert "(quoted in GBp)" in finding.detail
    assert "changes as for 0.4" in finding.detail
    every = findings_of(with_adjustment(payments(), payments(0.4 * factor)))
    assert kinds(every) == ["dividend_unit"] * 4


def test_a_dividend_of_most_of_the_price_without_a_fall():
    bars = with_adjustment(payments(q2=40.0), payments(q2=40.0))
    finding = only(findings_of(bars), "dividend_unit")
    assert "which does not fall by it" in finding.detail
    assert kinds(findings_of(bars.drop(columns="adj_close"))) == ["dividend_unit"]


def test_a_special_distribution_is_a_move_with_its_dividend():
    bars = with_prices(made_bars(dividend=None), 2 * QUARTER, None, 0.6)
    paid = payments(0.4, q2=0.4 * bars["close"].iloc[2 * QUARTER - 1])
    bars["adj_close"] = adjusted(bars["close"], paid)
    finding = only(findings_of(bars.assign(dividend=paid)), "large_move")
    assert f"of it is the dividend of {paid[2 * QUARTER]:g}" in finding.detail


def test_the_factor_stays_flat_between_payments():
    bars = made_bars()
    drift = bars.copy()
    drift["adj_close"] *= np.linspace(0.97, 1.0, len(bars))
    finding = only(findings_of(drift), "factor_drift")
    assert "5 stretches like it" in finding.detail
    assert (finding.start, finding.end) == (bars.index[0], bars.index[-1])
    noisy = bars.copy()
    noisy.iloc[::7, noisy.columns.get_loc("adj_close")] *= 1.01
    assert "where no dividend is listed" in only(findings_of(noisy), "factor_drift").detail
