"""Windows of a panel, and what of it a series sees."""

import numpy as np
import pytest

from potash.study.engine.panel import Panel, Sessions

NAN = np.nan
Y = np.array([[1.0, 2.0, 3.0, 4.0], [5.0, NAN, 7.0, 8.0]])
X = np.array([[[0.1, 0.2], [0.3, 0.4], [0.5, NAN], [0.7, 0.8]]])


@pytest.fixture
def panel():
    """Return the panel whose estimations leave the second session out."""
    seen = Y.copy()
    seen[:, 1] = NAN
    return Panel(Y, X, np.zeros(2, dtype=int), seen)


@pytest.mark.parametrize(
    ("start", "length", "windows"),
    [
        ([0, 2], 2, [[1, 2], [7, 8]]),
        ([0, 0], 4, [[1, 2, 3, 4], [5, NAN, 7, 8]]),
        ([-1, 1], 2, [[NAN, 1], [NAN, 7]]),
        ([1, 3], 2, [[2, 3], [8, NAN]]),
        ([0, -1], 5, [[1, 2, 3, 4, NAN], [NAN, 5, NAN, 7, 8]]),
    ],
)
def test_a_window_holds_what_there_is_and_nothing_outside(panel, start, length, windows):
    np.testing.assert_array_equal(panel.event_returns(np.array([0, 1]), np.array(start), length), windows)


def test_no_window_has_the_shape_of_windows(panel):
    none = np.array([], dtype=int)
    assert panel.event_returns(none, none, 3).shape == (0, 3)
    assert panel.factor_returns(none, none, 3).shape == (0, 3, 2)


def test_factors_and_what_estimations_see(panel):
    one, first = np.array([1]), np.array([0])
    np.testing.assert_array_equal(panel.factor_returns(one, first, 2), X[:, :2])
    np.testing.assert_array_equal(panel.estimation_returns(one, first, 4), [[5, NAN, 7, 8]])
    np.testing.assert_array_equal(panel.estimation_returns(np.array([0]), first, 2), [[1, NAN]])


def test_a_session_is_observed_with_its_return_and_all_factors(panel):
    seen = panel.observed(np.array([0, 0, 0, 1, 1]), np.array([0, 2, 3, 1, 3]))
    np.testing.assert_array_equal(seen, [True, False, True, False, True])


def test_returns_less_the_first_factor_have_no_factors(panel):
    excess = panel.less_factor()
    assert (excess.n_factors, panel.n_factors) == (0, 2)
    np.testing.assert_allclose(excess.y, Y - [0.1, 0.3, 0.5, 0.7])
    np.testing.assert_allclose(excess.y_estimation[0], [0.9, NAN, 2.5, 3.3])
    alike = Panel.of(Y, X[0]).less_factor()
    assert alike.y_estimation is alike.y


def test_rows_keep_the_factors_of_their_series():
    own = Panel(Y, np.concatenate([X, X + 1]), np.array([1, 0]), Y).rows(slice(1, 2))
    np.testing.assert_array_equal(own.y, Y[1:])
    np.testing.assert_array_equal(own.factor_returns(np.array([0]), np.array([0]), 4), X)
    assert own.y_estimation is own.y


def test_windows_side_by_side_are_a_panel():
    joined = Panel.of_windows(Y[:, :2], X[[0, 0], :2], Y[:, 2:], X[[0, 0], 2:])
    np.testing.assert_array_equal(joined.y, Y)
    np.testing.assert_array_equal(joined.x, X[[0, 0]])
    np.testing.assert_array_equal(joined.table, [0, 1])


def test_days_of_all_lists_are_numbered_together():
    lists = Sessions(np.array([[10, 12, 13], [0, 12, -1]]), np.array([3, 2]), np.array([0, 1]))
    np.testing.assert_array_equal(lists.numbers()[0], [1, 2, 3])
    np.testing.assert_array_equal(lists.numbers()[1, :2], [0, 2])
    counted = Sessions.counted(2, 3)
    np.testing.assert_array_equal(counted.numbers(), [[0, 1, 2]])
    assert (counted.length.tolist(), counted.of_series.tolist()) == ([3], [0, 0])
