"""CARs of fitted firm-events, with days that a later trade covers."""

import numpy as np
import pytest

from potash.study.engine.window_fit import WindowFit, covered_later

NAN = np.nan


@pytest.mark.parametrize(
    ("abnormal", "spans", "covered"),
    [
        ([1, NAN, NAN, 4], [1, 1, 1, 3], [False, True, True, False]),
        ([NAN, NAN, NAN, 4], [1, 1, 1, 2], [False, False, True, False]),
        ([NAN, 2, NAN, 4], [1, 2, 1, 2], [True, False, True, False]),
        ([1, NAN, 3, NAN], [1, 1, 1, 1], [False, False, False, False]),
        ([NAN, 2], [1, 1], [False, False]),
    ],
)
def test_a_missing_session_is_covered_by_the_next_trade_as_far_as_this_reaches(abnormal, spans, covered):
    later = covered_later(np.array([abnormal], dtype=float), np.array([spans], dtype=float))
    np.testing.assert_array_equal(later, [covered])


def fit(abnormal, spans=None):
    abnormal = np.array(abnormal, dtype=float)
    n, width = abnormal.shape
    scale = np.tile(np.eye(width) + 0.5, (n, 1, 1))
    missing = np.isnan(abnormal)
    scale[missing[:, :, None] | missing[:, None, :]] = NAN
    one = np.ones(n)
    return WindowFit(
        np.zeros((n, 1)), np.ones((n, 1)), 4 * one, 9 * one, 10 * one, one, np.zeros((n, 10)), abnormal, scale, spans
    )


def test_a_car_carries_the_covariance_of_its_days_and_is_missing_with_one():
    cars, std_errors = fit([[1, 2, 3], [1, NAN, 3]]).cars(slice(0, 2))
    np.testing.assert_allclose(cars, [3, NAN])
    np.testing.assert_allclose(std_errors, [np.sqrt(4 * (2 + 4 * 0.5)), NAN])
    np.testing.assert_allclose(fit([[1, NAN, 3]]).cars(slice(2, 3)), [[3], [np.sqrt(4 * 1.5)]])


def test_a_day_that_a_later_trade_covers_takes_nothing_from_a_car():
    cars, std_errors = fit([[1, NAN, 3]], np.array([[1.0, 1.0, 2.0]])).cars(slice(0, 3))
    np.testing.assert_allclose((cars, std_errors), [[4], [np.sqrt(4 * (2 + 4 * 0.5))]])


def test_chosen_firm_events_keep_all_their_parts():
    chosen = fit([[1, 2], [3, 4]], np.array([[1.0, 1.0], [1.0, 2.0]])).only(np.array([False, True]))
    np.testing.assert_array_equal(chosen.abnormal, [[3, 4]])
    np.testing.assert_array_equal(chosen.spans, [[1, 2]])
    assert fit([[1, 2]]).only(np.array([True])).spans is None
