"""Huber's proposal 2 and the array estimators of robust regressions."""

import numpy as np
import pytest
from scipy.stats import norm

from potash.study.models.robust import robust_variance


def test_robust_variance_solves_hubers_equation():
    rng = np.random.default_rng(2)
    residuals = rng.standard_t(3, (4, 100))
    residuals[1, 50:] = np.nan
    df = np.array([98, 48, 98, 0])
    actual = robust_variance(residuals, df)
    draws = norm.ppf((np.arange(400_000) + 0.5) / 400_000)
    usual = np.minimum(draws**2, 2.5**2).mean()
    for i in range(3):
        assert np.nansum(np.minimum(residuals[i] ** 2 / actual[i], 2.5**2)) / df[i] == pytest.approx(usual, rel=1e-5)
    assert np.isnan(actual[3])


def test_residuals_that_are_mostly_zero_have_no_variance():
    residuals = np.where(np.arange(100) < 51, 0.0, 0.01)[None]
    assert np.isnan(robust_variance(residuals, np.array([98])))
