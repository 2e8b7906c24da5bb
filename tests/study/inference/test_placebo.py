"""The p-value among ordinary days."""

import numpy as np
import pytest

from potash.study.inference.placebo import max_pvalues, nearest_in_volatility, placebo_critical, placebo_pvalue

close = pytest.approx


def test_placebo_pvalue_counts_the_event_among_the_draws():
    ordinary = np.r_[np.zeros(18), 2.0, -3.0]
    assert placebo_pvalue(2.5, ordinary) == close(2 / 21)
    assert placebo_pvalue(-2.0, ordinary) == close(3 / 21)
    assert placebo_pvalue(4.0, ordinary) == close(1 / 21)
    assert placebo_pvalue(0.0, ordinary) == 1.0


def test_placebo_pvalue_needs_twenty_days():
    assert np.isnan(placebo_pvalue(1.0, np.r_[np.zeros(19), np.nan]))
    assert placebo_pvalue(1.0, np.r_[np.zeros(20), np.nan]) == close(1 / 21)
    assert np.isnan(placebo_pvalue(np.nan, np.zeros(30)))


def test_windows_of_several_days_count_as_parts_of_a_draw():
    ordinary = np.r_[np.zeros(95), np.full(5, 3.0)]
    assert placebo_pvalue(2.0, ordinary, width=1) == close(6 / 101)
    assert placebo_pvalue(2.0, ordinary, width=5) == close(10 / 105)


@pytest.mark.parametrize("width", [1, 3, 11])
@pytest.mark.parametrize("n", [20, 39, 200, 399])
def test_the_critical_value_is_the_border_of_rejection(n, width):
    ordinary = np.random.default_rng(n).normal(size=n)
    border = placebo_critical(ordinary, 0.05, width)
    if np.isinf(border):
        assert placebo_pvalue(1e9, ordinary, width) > 0.05
        return
    assert placebo_pvalue(np.nextafter(border, 9), ordinary, width) <= 0.05
    assert placebo_pvalue(border, ordinary, width) > 0.05


def test_the_critical_value_needs_twenty_days():
    assert np.isnan(placebo_critical(np.zeros(19)))
    assert placebo_critical(np.r_[np.zeros(18), 2.0], 0.05) != 2.0


def test_max_pvalues_by_a_loop_and_days_with_a_missing_statistic():
    rng = np.random.default_rng(0)
    stats, ordinary = np.array([2.1, -0.3, np.nan]), rng.normal(size=(60, 3))
    ordinary[7, 1] = np.nan
    days = [row[:2] for i, row in enumerate(ordinary) if i != 7]
    expected = [(1 + sum(max(abs(day)) >= abs(stat) for day in days)) / 60 for stat in stats[:2]]
    assert max_pvalues(stats, ordinary)[:2].tolist() == close(expected)
    assert np.isnan(max_pvalues(stats, ordinary)[2])
    assert np.isnan(max_pvalues(np.array([np.nan]), ordinary[:, :1])).all()


def test_the_days_nearest_in_volatility():
    ratios = np.array([0.5, 1.0, 2.0, 4.0, 8.0, np.nan])
    assert nearest_in_volatility(2.0, ratios, share=0.2).tolist() == [False, False, True, False, False, False]
    assert nearest_in_volatility(2.0, ratios, share=0.4).tolist() == [False, True, True, True, False, False]
    assert not nearest_in_volatility(np.nan, ratios).any()
