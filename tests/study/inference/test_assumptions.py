"""Whether a test's assumptions hold for a design, and the reasons given."""

import numpy as np
import pytest

from potash.study.inference.assumptions import Design, judged
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
