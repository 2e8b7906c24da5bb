"""Weighted least squares of returns over several sessions."""

import numpy as np
import pytest
import statsmodels.api as sm

from potash.study.models.intervals import fit_intervals


def intervals(n, seed, length=150, width=5):
    """Return y, market, spans of n windows and of their event windows: alpha .001, beta .8, 2 % a session."""
    rng = np.random.default_rng(seed)

    def block(size):
        spans = rng.geometric(0.5, (n, size)).astype(float)
        market = rng.normal(0, 0.01, (n, size)) * np.sqrt(spans)
        return 0.001 * spans + 0.8 * market + rng.normal(0, 0.02, (n, size)) * np.sqrt(spans), market, spans

    return *block(length), *block(width)


def test_the_fit_is_weighted_least_squares():
    y, market, spans, y_event, market_event, spans_event = intervals(3, seed=1)
    for gone in (y, market, spans):
        gone[:, [5, 60]] = np.nan
    fit = fit_intervals(y, market, spans, y_event, market_event, spans_event)
    used = ~np.isnan(y[0])
    for i in range(3):
        design = np.column_stack([spans[i], market[i]])[used]
        wls = sm.WLS(y[i][used], design, weights=1 / spans[i][used]).fit()
        ahead = np.column_stack([spans_event[i], market_event[i]])
        np.testing.assert_allclose(fit.params[i], wls.params, rtol=1e-9)
        np.testing.assert_allclose(fit.param_std_errors[i], wls.bse, rtol=1e-9)
        np.testing.assert_allclose(fit.variance[i], wls.mse_resid, rtol=1e-9)
        np.testing.assert_allclose(fit.residuals[i][used], wls.resid / np.sqrt(spans[i][used]), rtol=1e-8)
        np.testing.assert_allclose(fit.abnormal[i], y_event[i] - ahead @ wls.params, rtol=1e-8)
        covariance = wls.mse_resid * np.diag(spans_event[i]) + ahead @ wls.cov_params() @ ahead.T
        np.testing.assert_allclose(fit.variance[i] * fit.scale[i], covariance, rtol=1e-9)
        mean = sm.WLS(y[i][used], design[:, 0], weights=1 / spans[i][used]).fit()
        assert fit.rsquared[i] == pytest.approx(1 - wls.ssr / mean.ssr)
        assert (fit.nobs[i], fit.df_resid[i]) == (148, 146)


def test_windows_without_a_fit_are_nan_alone():
    y, market, spans, y_event, market_event, spans_event = intervals(4, seed=2)
    market[0] = 0.003 * spans[0]
    y[1, 2:] = np.nan
    y[2] = 0.001 * spans[2]
    y_event[3, 1] = spans_event[3, 1] = np.nan
    fit = fit_intervals(y, market, spans, y_event, market_event, spans_event)
    for name in ("params", "param_std_errors", "variance", "residuals", "abnormal", "scale"):
        assert np.isnan(getattr(fit, name)[:3]).all(), name
    assert np.argwhere(np.isnan(fit.abnormal[3:])).tolist() == [[0, 1]]
    assert np.isnan(fit.scale[3]).sum() == 9


@pytest.mark.simulation
def test_size_of_abnormal_returns_over_several_sessions():
    n = 4000
    fit = fit_intervals(*intervals(n, seed=3))
    day = fit.abnormal[:, 0] / np.sqrt(fit.variance * fit.scale[:, 0, 0])
    car = fit.abnormal.sum(axis=1) / np.sqrt(fit.variance * fit.scale.sum(axis=(1, 2)))
    rates = np.mean(np.abs([day, car]) > 1.976, axis=1)
    np.testing.assert_allclose(rates, 0.05, atol=4 * np.sqrt(0.05 * 0.95 / n))
