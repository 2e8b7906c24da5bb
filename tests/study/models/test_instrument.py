"""The regression with one instrument against matrices by hand, window by window."""

import numpy as np
import pytest

from potash.study.models.instrument import fit_instrument

N, LENGTH, WIDTH = 4, 60, 3


def windows(seed: int = 1) -> list[np.ndarray]:
    """Return y, x, instrument, y_event and x_event, with gaps in the first three; x is measured with error."""
    rng = np.random.default_rng(seed)
    z, y_event, x_event = (
        rng.normal(0, 0.01, (N, LENGTH)),
        rng.normal(0, 0.02, (N, WIDTH)),
        rng.normal(0, 0.01, (N, WIDTH)),
    )
    x = 0.002 + z + rng.normal(0, 0.005, z.shape)
    y = 0.001 + 1.3 * z + rng.normal(0, 0.02, z.shape)
    y[0, [3, 40]], x[1, 7], z[2, [7, 8]] = np.nan, np.nan, np.nan
    return [y, x, z, y_event, x_event]


def by_hand(y, x, z, ahead):
    """Return parameters, their covariance, variance, residuals and forecast covariance of one window without gaps."""
    design, instruments = np.column_stack([np.ones_like(x), x]), np.column_stack([np.ones_like(z), z])
    inverse = np.linalg.inv(instruments.T @ design)
    params = inverse @ instruments.T @ y
    residuals = y - design @ params
    variance = residuals @ residuals / (len(y) - 2)
    covariance = variance * inverse @ instruments.T @ instruments @ inverse.T
    event = np.column_stack([np.ones_like(ahead), ahead])
    return params, covariance, variance, residuals, variance * np.eye(len(ahead)) + event @ covariance @ event.T


def test_each_window_is_the_instrumental_variable_estimate():
    y, x, z, y_event, x_event = windows()
    fit = fit_instrument(y, x, z, y_event, x_event)
    for i in range(N):
        used = ~np.isnan(y[i] + x[i] + z[i])
        params, covariance, variance, residuals, forecast = by_hand(y[i, used], x[i, used], z[i, used], x_event[i])
        np.testing.assert_allclose(fit.params[i], params, rtol=1e-9)
        np.testing.assert_allclose(fit.param_std_errors[i], np.sqrt(np.diag(covariance)), rtol=1e-9)
        assert fit.variance[i] == pytest.approx(variance, rel=1e-9)
        np.testing.assert_allclose(fit.residuals[i, used], residuals, rtol=1e-8, atol=1e-14)
        assert np.isnan(fit.residuals[i, ~used]).all()
        np.testing.assert_allclose(fit.variance[i] * fit.scale[i], forecast, rtol=1e-9)
        np.testing.assert_allclose(fit.abnormal[i], y_event[i] - params[0] - params[1] * x_event[i], rtol=1e-9)
        total = ((y[i, used] - y[i, used].mean()) ** 2).sum()
        assert fit.rsquared[i] == pytest.approx(1 - residuals @ residuals / total, rel=1e-9)
        assert (fit.nobs[i], fit.df_resid[i]) == (used.sum(), used.sum() - 2)


def test_the_regressor_as_its_own_instrument_is_least_squares():
    y, x, _, y_event, x_event = windows()
    fit = fit_instrument(y, x, x, y_event, x_event)
    used = ~np.isnan(y[3] + x[3])
    np.testing.assert_allclose(fit.params[3, ::-1], np.polyfit(x[3, used], y[3, used], 1), rtol=1e-8)


@pytest.mark.parametrize("level", [0.0, 0.001, 1e3])
def test_windows_without_a_fit_are_nan_alone(level):
    y, x, z, y_event, x_event = windows()
    y[0], x[1], z[2] = level, level, level
    fit = fit_instrument(y, x, z, y_event, x_event)
    for name in ("params", "param_std_errors", "variance", "residuals", "abnormal", "scale", "rsquared"):
        assert np.isnan(getattr(fit, name)[:3]).all(), name
        assert not np.isnan(getattr(fit, name)[3]).all(), name


def test_an_instrument_without_relation_to_the_regressor_is_none():
    y, x, _, y_event, x_event = windows()
    z = np.random.default_rng(3).normal(0, 0.01, x.shape)
    deviation = x[3] - x[3].mean()
    z[3] -= deviation * (deviation @ z[3]) / (deviation @ deviation)
    fit = fit_instrument(y, x, z, y_event, x_event)
    assert np.isnan(fit.variance).tolist() == [False, False, False, True]


def test_a_return_that_the_regressor_explains_leaves_no_residual():
    y, x, z, y_event, x_event = windows()
    y[3] = 0.001 + 2 * x[3]
    assert np.isnan(fit_instrument(y, x, z, y_event, x_event).variance).tolist() == [False, False, False, True]


@pytest.mark.parametrize(("returns", "has_fit"), [(2, False), (3, True)])
def test_three_returns_are_the_fewest(returns, has_fit):
    y, x, z, y_event, x_event = windows()
    y[3, returns:] = np.nan
    assert np.isfinite(fit_instrument(y, x, z, y_event, x_event).variance[3]) == has_fit


def test_a_missing_day_of_the_event_window_has_no_abnormal_return_and_no_covariance():
    y, x, z, y_event, x_event = windows()
    y_event[0, 1], x_event[1, 2] = np.nan, np.nan
    fit = fit_instrument(y, x, z, y_event, x_event)
    assert np.argwhere(np.isnan(fit.abnormal)).tolist() == [[0, 1], [1, 2]]
    assert np.isnan(fit.scale).sum(axis=(1, 2)).tolist() == [5, 5, 0, 0]
