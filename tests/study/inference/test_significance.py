"""What a test of significance says, and Student's t."""

import numpy as np
import pytest
from scipy import stats

from potash.study.inference.parametric import (
    bmp_test,
    kolari_pynnonen_test,
)
from potash.study.inference.significance import t_pvalue, t_quantile

VALUES = np.array([0.5, -0.2, 1.4, 0.9])
SMALL = np.array([1.0, 2.0, 3.0])
close = pytest.approx


def test_student_by_scipy():
    np.testing.assert_allclose(t_pvalue(np.array([2.0, -2.0]), 7), 2 * stats.t.sf(2, 7))
    assert np.isnan(t_pvalue(np.nan, 7))
    assert t_quantile(0.975, 12) == close(stats.t.ppf(0.975, 12))


def test_text_of_a_test_states_its_null():
    assert str(kolari_pynnonen_test(SMALL, 0.4)).startswith(
        "kolari_pynnonen: 2.000 ~ t(2), p = 0.1835, n = 3. Null: mean"
    )


def test_a_judgement_keeps_the_numbers():
    test = bmp_test(VALUES).judged(False, "shared dates")
    assert (test.stat, test.holds, test.reason) == (bmp_test(VALUES).stat, False, "shared dates")
