"""What counts as varying, as explained and as repeated."""

import numpy as np
import pytest

from potash.errors import InputError
from potash.study.engine.regressors import check_independent, collinear, has_residual

RNG = np.random.default_rng(1)
X = RNG.normal(size=(60, 3))


def test_a_factor_that_the_others_make_up_is_named_with_them():
    assert collinear(X) == []
    assert collinear(np.column_stack([X[:, 0], X[:, 1], 2 * X[:, 0] + 5])) == [0, 2]
    assert collinear(np.column_stack([X[:, :2], X[:, 0] + 1e-3 * X[:, 2]])) == []
    assert collinear(np.column_stack([X[:, 0], np.full(60, 3.0)])) == [], "it does not vary: another rule's case"
    holes = np.column_stack([X[:, 0], X[:, 0]])
    holes[3, 0] = np.nan
    assert collinear(holes) == [0, 1]
    assert collinear(np.full((4, 2), np.nan)) == []


def test_dependent_regressors_are_refused_in_any_unit():
    check_independent(X * [1e-9, 1.0, 1e9], "abc")
    with pytest.raises(InputError, match="regressors a, b, c are linearly dependent"):
        check_independent(np.column_stack([X[:, 0], X[:, 1], 1e6 * X[:, 0]]), "abc")
    with pytest.raises(InputError, match="linearly dependent"):
        check_independent(np.column_stack([X[:, 0], np.zeros(60)]), "ab")


def test_returns_that_do_not_vary_or_are_explained_leave_nothing():
    x = np.column_stack([np.ones(60), X[:, 0]])
    noise = 1e4 * (1 + 1e-13 * X[:, 1])  # a price that is always the same, up to rounding
    y = np.column_stack([X[:, 1], noise, 3 + 2 * X[:, 0], X[:, 0] + 1e-6 * X[:, 1], np.zeros(60)])
    np.testing.assert_array_equal(has_residual(y, x), [True, False, False, True, False])
