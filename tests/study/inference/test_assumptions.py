"""Whether a test's assumptions hold for a design, and the reasons given."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.stats import skew

from potash.study.inference.assumptions import (
    DEPENDENCE_ALLOWED,
    FOR_SYMMETRIC_CARS,
    FOR_SYMMETRIC_DAYS,
    Design,
    judged,
    kelley_skewness,
)
from potash.study.inference.parametric import (
    bmp_test,
    cross_sectional_test,
    kolari_pynnonen_test,
    patell_test,
    portfolio_test,
)
from potash.study.inference.significance import SignificanceTest

VALUES = np.array([0.5, -0.2, 1.4, 0.9])
ONE, NONE, SAME = np.array([0.1]), np.array([np.nan]), np.array([0.1, 0.1, 0.1])


def design_of(days, ids):
    return Design.of(np.array(days), np.unique(ids, return_inverse=True)[1])


def test_design_counts_shared_days_and_overlap():
    apart = design_of([[1, 2], [3, 4]], ["a", "b"])
    assert (apart.n_obs, apart.n_events, apart.shared, apart.events_overlap) == (2, 2, 0, False)
    one_event = design_of([[1, 2], [1, 2], [8, 9]], ["a", "a", "b"])
    assert (one_event.n_events, one_event.shared, one_event.events_overlap) == (2, 2, False)
    touching = design_of([[1, 2], [2, 3]], ["a", "b"])
    assert (touching.shared, touching.events_overlap) == (2, True)
    nothing = design_of(np.empty((0, 2), int), [])
    assert (nothing.n_obs, nothing.shared, nothing.events_overlap) == (0, 0, False)


@pytest.mark.parametrize("test", [cross_sectional_test(VALUES), bmp_test(VALUES), patell_test(VALUES, np.full(4, 9))])
def test_tests_of_independent_firms_do_not_hold_on_shared_days(test):
    actual = judged(test, Design(4, 1, 4, False))
    assert not actual.holds
    assert actual.reason == "4 of 4 firm-events share days with others: they are not independent draws"
    apart = judged(test, Design(4, 4, 0, False))
    assert apart.holds
    assert "only 4 firm-events, so little power" in apart.reason


def test_portfolio_does_not_hold_if_events_overlap():
    test = portfolio_test(ONE, ONE, np.array([9]))
    assert judged(test, Design(4, 1, 4, False)).holds
    assert not judged(test, Design(4, 2, 4, True)).holds
    assert judged(kolari_pynnonen_test(VALUES, 0.1), Design(4, 2, 4, True)).holds


@pytest.mark.parametrize("name", ["portfolio", "rank", "corrado_zivney", "grank"])
def test_tests_that_learn_from_days_counted_from_the_event_do_not_hold_if_events_overlap(name):
    """Two events a day apart put each calendar day in two places: with correlation .5 these reject 10 to 15 % at 5 %."""
    many = SignificanceTest(name, "", 1.0, 0.3, "N(0, 1)", 24)
    assert judged(many, Design(24, 2, 24, False)).holds
    overlapping = judged(many, Design(24, 2, 24, True))
    assert not overlapping.holds
    assert overlapping.reason == "windows of different events overlap, so the events are not independent"


def test_reasons_count_in_the_singular():
    one = SignificanceTest("patell", "", 1.0, 0.3, "N(0, 1)", 1)
    assert "only 1 firm-event, so" in judged(one, Design(1, 1, 0, False)).reason
    left_out = judged(one, Design(1, 1, 0, False, left_out=2)).reason
    assert left_out.endswith("; 2 firm-events left out for a missing day")
    portfolio = SignificanceTest("portfolio", "", 1.0, 0.3, "t(9)", 1)
    assert judged(portfolio, Design(3, 1, 3, False, left_out=1)).reason.endswith(
        "; 1 event left out whose portfolio lacks a day or a variance"
    )


def test_a_design_keeps_what_it_is_told_of_days_and_of_what_is_left_out():
    days, event = np.array([[1, 2], [8, 9]]), np.array([0, 1])
    assert Design.of(days, event) == Design(2, 2, 0, False, same_days=True, left_out=0, n_days=2)
    assert Design.of(days, event, False, 3) == Design(2, 2, 0, False, same_days=False, left_out=3, n_days=2)
    assert Design.of(days[:0], event[:0], False, 2) == Design(0, 0, 0, False, same_days=False, left_out=2, n_days=2)


def test_days_far_apart_and_in_any_order_are_counted():
    days = np.array([[20_003, 20_001], [19_000, 19_001], [20_002, 20_003], [19_002, 19_003]])
    design = Design.of(days, np.array([1, 0, 2, 0]))
    assert (design.n_obs, design.n_events, design.shared, design.events_overlap) == (4, 3, 2, True)
    # One event in two windows that share a day is no overlap of events, whichever number it has.
    for number in (0, 5):
        same = Design.of(np.array([[1, 2], [2, 3]]), np.full(2, number))
        assert (same.n_events, same.shared, same.events_overlap) == (1, 2, False)


@pytest.mark.parametrize("name", ["portfolio", "rank", "corrado_zivney", "grank"])
def test_firms_on_different_days_are_the_first_reason(name):
    test = SignificanceTest(name, "", 1.0, 0.3, "N(0, 1)", 24)
    apart = judged(test, Design(24, 2, 24, True, same_days=False))
    assert not apart.holds
    assert apart.reason.startswith("firms trade on different days (exchanges differ)")
    other = SignificanceTest("kolari_pynnonen", "", 1.0, 0.3, "t(23)", 24)
    assert judged(other, Design(24, 2, 24, True, same_days=False)).holds


@pytest.mark.parametrize("name", ["corrado_zivney", "grank", "grank_z"])
def test_some_tests_need_fifteen_firm_events(name):
    fewer, enough = (SignificanceTest(name, "", 1.0, 0.3, "N(0, 1)", n) for n in (14, 15))
    assert judged(fewer, Design(14, 14, 0, False)).reason == "14 firm-events; below 15 it rejects too often"
    assert not judged(fewer, Design(14, 14, 0, False)).holds
    assert judged(enough, Design(15, 15, 0, False)).holds


@pytest.mark.parametrize("name", ["patell", "kolari_pynnonen"])
def test_below_five_firm_events_the_reason_speaks_of_power(name):
    four, five = (SignificanceTest(name, "", 1.0, 0.3, "N(0, 1)", n) for n in (4, 5))
    assert "only 4 firm-events, so little power" in judged(four, Design(4, 4, 0, False)).reason
    assert "only" not in judged(five, Design(5, 5, 0, False)).reason
    assert "left out" not in judged(five, Design(5, 5, 0, False)).reason


def test_one_shared_firm_event_is_enough_for_tests_of_independent_ones_not_to_hold():
    test = SignificanceTest("patell", "", 1.0, 0.3, "N(0, 1)", 6)
    assert judged(test, Design(6, 6, 0, False)).holds
    assert not judged(test, Design(6, 6, 1, False)).holds


def of_skewness(name, skewness, n_days=1, shared=0):
    test = SignificanceTest(name, "", 1.0, 0.3, "N(0, 1)", 20)
    return judged(test, Design(20, 20, shared, False, skewness=skewness, n_days=n_days))


@pytest.mark.parametrize("name", [*FOR_SYMMETRIC_CARS, *FOR_SYMMETRIC_DAYS])
def test_tests_of_symmetric_returns_do_not_hold_if_residuals_are_skewed_either_way(name):
    assert of_skewness(name, 0.15).holds
    assert of_skewness(name, -0.15).holds
    assert not of_skewness(name, 0.16).holds
    assert of_skewness(name, -0.16).reason == (
        "residuals are skewed: mean Kelley coefficient -0.16; beyond 0.15 it rejects too often"
    )


@pytest.mark.parametrize("name", ["portfolio", "adjusted_patell", "rank", "jackknife"])
def test_tests_that_keep_their_size_hold_whatever_the_skewness(name):
    assert of_skewness(name, 0.6).holds
    assert of_skewness(name, float("nan")).holds


def test_a_sum_over_days_is_less_skewed_than_a_day():
    """Four days halve it: .29 passes, .31 does not; what ranks days is judged by the days."""
    assert of_skewness("kolari_pynnonen", 0.29, n_days=4).holds
    assert of_skewness("kolari_pynnonen", 0.31, n_days=4).reason.endswith(
        "+0.31; beyond 0.30 in a window of 4 days it rejects too often"
    )
    for name in FOR_SYMMETRIC_DAYS:
        assert of_skewness(name, 0.16, n_days=4).reason.endswith("+0.16; beyond 0.15 it rejects too often")


def test_shared_days_are_told_before_skewness():
    assert "share days" in of_skewness("bmp", 0.6, shared=20).reason
    assert "skewed" in of_skewness("kolari_pynnonen", 0.6, shared=20).reason
    assert set(DEPENDENCE_ALLOWED) & set(FOR_SYMMETRIC_CARS) == {"kolari_pynnonen"}


def test_kelley_skewness_is_that_of_percentiles_with_missing_residuals_left_out():
    residuals = np.random.default_rng(3).lognormal(size=(6, 120))
    low, middle, high = np.quantile(residuals, [0.1, 0.5, 0.9], axis=1)
    assert_allclose(kelley_skewness(residuals), (high + low - 2 * middle) / (high - low), rtol=1e-12)
    assert_allclose(kelley_skewness(-residuals), -kelley_skewness(residuals), rtol=1e-12)
    holes = np.insert(residuals, [0, 7, 120], np.nan, axis=1)
    assert_allclose(kelley_skewness(holes), kelley_skewness(residuals), rtol=1e-12)
    assert np.isnan(kelley_skewness(np.array([[0.0, 0.0, 0.0], [np.nan, np.nan, np.nan]]))).all()


def test_kelley_skewness_tells_lognormal_from_fat_tailed_residuals_where_the_third_moment_does_not():
    rng = np.random.default_rng(4)
    fat, skewed = rng.standard_t(4, (4000, 120)), np.exp(0.5 * rng.standard_normal((4000, 120)))
    assert_allclose(np.quantile(kelley_skewness(skewed), 0.5), 0.30, atol=0.02)
    assert np.quantile(kelley_skewness(fat), 0.9) < np.quantile(kelley_skewness(skewed), 0.1)
    assert np.quantile(skew(fat, axis=1), 0.9) > np.quantile(skew(skewed, axis=1), 0.1)


def test_a_design_has_the_mean_skewness_of_its_firms_and_the_days_of_its_window():
    days, event = np.array([[1, 2], [8, 9], [11, 12]]), np.arange(3)
    design = Design.of(days, event, skewness=np.array([0.1, np.nan, 0.3]))
    assert (design.skewness, design.n_days) == (0.2, 2)
    assert np.isnan(Design.of(days, event, skewness=np.full(3, np.nan)).skewness)
