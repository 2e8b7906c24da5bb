"""What a test of significance says, and Student's t."""

import numpy as np
import pytest
from scipy import stats

from potash.study.inference.parametric import (
    bmp_test,
    kolari_pynnonen_test,
)
from potash.study.inference.significance import by_normal, by_t, not_applicable, t_pvalue, t_quantile

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


def test_a_normal_statistic_has_a_two_sided_p_value():
    for stat in (-1.3, 0.0, 2.5):
        test = by_normal("patell", "a null", stat, 3)
        assert test.pvalue == close(2 * stats.norm.sf(abs(stat)))
        assert (test.stat, test.distribution, test.n_obs, test.holds, test.reason) == (stat, "N(0, 1)", 3, True, "")
        assert np.isnan([test.estimate, test.std_error]).all()


def test_a_test_by_student_carries_what_it_estimates():
    test = by_t("bmp", "a null", -2.0, 7.5, 4, estimate=-0.01, std_error=0.005)
    assert test.pvalue == close(2 * stats.t.sf(2, 7.5))
    assert (test.distribution, test.n_obs, test.estimate, test.std_error) == ("t(7.5)", 4, -0.01, 0.005)


def test_a_test_that_does_not_apply_has_no_numbers_and_cannot_be_judged():
    test = not_applicable("bmp", "a null", 1, "needs 2")
    assert np.isnan([test.stat, test.pvalue, test.estimate, test.std_error]).all()
    assert (test.distribution, test.n_obs, test.holds, test.reason) == ("none", 1, False, "needs 2")
    assert test.judged(True, "it holds") is test
