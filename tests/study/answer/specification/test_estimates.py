"""The deviates behind the average z; the regressions are held against plain ones in ``test_curve``."""

import numpy as np
from scipy import stats

from potash.study.answer.specification.estimates import normal_deviates


def test_normal_deviates_have_the_tails_of_student_s_t():
    values, df = np.array([-8.0, -2.1, 0.0, 0.3, 5.0]), np.array([13.0, 4.0, 9.0, 57.0, 247.0])
    expected = stats.norm.isf(stats.t.sf(values, df))
    np.testing.assert_allclose(normal_deviates(values, df), expected, rtol=1e-9, atol=1e-12)


def test_a_statistic_beyond_all_tails_is_finite_and_a_missing_one_stays_missing():
    deviates = normal_deviates(np.array([1e6, -1e6, np.nan]), np.array([500.0, 500.0, 10.0]))
    assert (deviates[0], np.isnan(deviates[2])) == (-deviates[1], True)
    assert 37 < deviates[0] < 38
