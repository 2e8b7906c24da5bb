"""The mean correlation that the Kolari-Pynnonen adjustment uses."""

import numpy as np
import pandas as pd
import pytest

from potash.study.inference.correlation import mean_correlation, residual_correlations

L = 120


def residuals(n: int, rho: float = 0.4, seed: int = 3) -> np.ndarray:
    """Return residuals (n, L) that share a shock, each row with mean zero as least squares leaves it."""
    rng = np.random.default_rng(seed)
    drawn = np.sqrt(rho) * rng.normal(0, 1, L) + np.sqrt(1 - rho) * rng.normal(0, 1, (n, L))
    return 0.02 * centred(drawn)


def centred(values: np.ndarray) -> np.ndarray:
    return values - values.mean(axis=1, keepdims=True)


def pairs(values: np.ndarray) -> np.ndarray:
    return pd.DataFrame(values.T).corr().to_numpy()[np.triu_indices(len(values), 1)]


def days(n: int) -> np.ndarray:
    return np.tile(np.arange(L), (n, 1))


def test_on_one_date_it_is_the_mean_over_pairs():
    values = residuals(5)
    assert mean_correlation(values, days(5), np.full((5, 2), 200)) == pytest.approx(pairs(values).mean(), abs=1e-12)
    assert mean_correlation(values[:1], days(1), np.full((1, 2), 200)) == 0.0


def test_a_mean_that_the_model_left_in_residuals_is_no_correlation():
    """Market-adjusted residuals keep their drift, which all days share: it says nothing of how two firms move together."""
    values = residuals(5)
    drifting = values + 0.02 * np.arange(1, 6)[:, None]
    found = mean_correlation(drifting, days(5), np.full((5, 2), 200))
    assert found == pytest.approx(mean_correlation(values, days(5), np.full((5, 2), 200)), abs=1e-12)


def test_pairs_on_disjoint_dates_count_as_uncorrelated():
    values = residuals(6)
    event = np.repeat([[200], [300]], 3, axis=0)
    within = [pairs(values[:3]).sum(), pairs(values[3:]).sum()]
    assert mean_correlation(values, days(6), event) == pytest.approx(sum(within) / 15, abs=1e-12)


def test_pairs_count_with_the_share_of_days_in_common():
    values = residuals(2)
    event = np.array([[201, 202, 203, 204], [203, 204, 205, 206]])
    assert mean_correlation(values, days(2), event) == pytest.approx(pairs(values)[0] / 2, abs=1e-12)


def test_residuals_are_matched_by_calendar_day_and_not_by_position():
    values = residuals(2)
    shifted = centred(np.stack([values[0, :100], values[1, 20:]]))
    calendar = np.stack([np.arange(100), np.arange(20, 120)])
    standardized = shifted / np.sqrt((shifted**2).mean(axis=1, keepdims=True))
    common = (standardized[0, 20:] * standardized[1, :80]).mean()
    assert mean_correlation(shifted, calendar, np.full((2, 1), 300)) == pytest.approx(common, abs=1e-12)


def test_missing_residuals_are_left_out():
    values = residuals(4)
    values[np.random.default_rng(5).random(values.shape) < 0.1] = np.nan
    found = mean_correlation(values, days(4), np.full((4, 1), 300))
    assert found == pytest.approx(pairs(values).mean(), abs=0.02)


def test_too_few_common_days_leave_it_unknown():
    values = residuals(2)[:, :30]
    apart = np.stack([np.arange(30), np.arange(11, 41)])
    assert np.isnan(mean_correlation(values, apart, np.full((2, 1), 300)))
    assert mean_correlation(values, apart, np.array([[300], [400]])) == 0.0, "no day in common: nothing to know"


def test_days_before_the_data_are_no_common_days():
    values = residuals(2)
    values[:, :15] = np.nan
    calendar = days(2)
    calendar[:, :15] = -1
    values[:, 15:] = centred(values[:, 15:])
    kept = values[:, 15:] / np.sqrt((values[:, 15:] ** 2).mean(axis=1, keepdims=True))
    found = mean_correlation(values, calendar, np.full((2, 1), 300))
    assert found == pytest.approx((kept[0] * kept[1]).mean(), abs=1e-12)


def test_pairwise_correlations_are_those_of_pandas():
    values = residuals(5)
    values[np.random.default_rng(6).random(values.shape) < 0.15] = np.nan
    np.testing.assert_allclose(residual_correlations(values, days(5)), pd.DataFrame(values.T).corr(), atol=1e-12)
    apart = np.stack([np.arange(30), np.arange(11, 41)])
    assert np.isnan(residual_correlations(values[:2, :30], apart)[0, 1])
