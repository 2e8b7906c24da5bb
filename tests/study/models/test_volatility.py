"""Forecasts of conditional variances, and what counts as a maximum of the likelihood."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

import potash
from potash.study.expected_returns.volatility import EGARCH, GARCH
from potash.study.models import volatility as volatility_models
from potash.study.models.volatility import _on_bound, egarch_forecast, garch_forecast

univariate = pytest.importorskip("arch.univariate")
LENGTH, WIDTH = 250, 4
ANY = pd.Series([0.0, 1.0], name="M")


def clustered(n=1, seed=0, length=LENGTH, width=0, burst=0.0):
    """Return y and x of GARCH(1, 1) residuals (.05, .1, .85) with a daily deviation of 2 %, beta 1."""
    rng = np.random.default_rng(seed)
    variance, residuals = np.ones(n), []
    for day in range(length + width):
        shock = rng.normal(size=n) if day != length - 1 or not burst else np.full(n, burst)
        residuals.append(np.sqrt(variance) * shock)
        variance = 0.05 + 0.1 * residuals[-1] ** 2 + 0.85 * variance
    x = rng.normal(0, 0.01, (n, length + width))
    return 0.001 + x + 0.02 * np.array(residuals).T, x[:, :, None]


def event_days(seed=9, n=1):
    rng = np.random.default_rng(seed)
    return rng.normal(0, 0.02, (n, WIDTH)), rng.normal(0, 0.01, (n, WIDTH, 1))


def test_garch_variance_returns_to_its_mean_geometrically():
    omega, a, b = 0.05, 0.1, 0.8
    actual = garch_forecast(omega, np.array([a]), np.array([b]), np.array([1.0, 4.0]), np.array([1.0, 2.0]), 6)
    first, mean = omega + a * 4 + b * 2, omega / (1 - a - b)
    np.testing.assert_allclose(actual, mean + (a + b) ** np.arange(6) * (first - mean), rtol=1e-12)


def test_egarch_forecast_is_the_mean_over_simulated_paths():
    omega, size, sign, garch = -0.1, np.array([0.3, 0.1]), np.array([-0.15]), np.array([0.7, 0.2])
    shocks, variances = np.array([0.5, -1.2]), np.array([0.8, 1.5])
    actual = egarch_forecast(omega, size, sign, garch, shocks, variances, 6)
    rng, n = np.random.default_rng(3), 400_000
    z, logs = [np.full(n, s) for s in shocks], [np.full(n, np.log(v)) for v in variances]
    for step in range(6):
        logs.append(
            omega + sign[0] * z[-1] + sum(w * (np.abs(z[-k]) - np.sqrt(2 / np.pi)) for k, w in enumerate(size, 1))
            + garch[0] * logs[-1] + garch[1] * logs[-2]
        )  # fmt: skip
        z.append(rng.normal(size=n))
        sample = np.exp(logs[-1])
        assert actual[step] == pytest.approx(sample.mean(), abs=4 * sample.std() / np.sqrt(n) + 1e-12)


def test_windows_that_cannot_be_fitted_are_nan_alone(monkeypatch):
    (y, x), (y_event, x_event) = clustered(5), event_days(n=5)
    y[0], x[1], y[2, 29:] = 0.001, 0.1, np.nan
    stubborn = y[3].copy()
    honest = volatility_models._estimated

    def failing(own, *rest, **options):
        return None if own[0] == stubborn[0] else honest(own, *rest, **options)

    monkeypatch.setattr(volatility_models, "_estimated", failing)
    fit = GARCH(ANY, gap=0).fit(y, x, y_event, x_event)
    for name in ("params", "param_std_errors", "variance", "abnormal", "scale"):
        assert np.isnan(getattr(fit, name)[:4]).all(), name
    assert np.isfinite(fit.variance[4])


def test_a_fit_that_did_not_converge_is_no_fit(monkeypatch):
    y, x = clustered()

    class Stopped(univariate.LS):
        def fit(self, **options):
            return super().fit(**{**options, "options": {"maxiter": 1}})

    monkeypatch.setattr(univariate, "LS", Stopped)
    assert np.isnan(GARCH(ANY, gap=0).fit(y, x, *event_days()).variance).all()


@pytest.mark.parametrize(
    ("params", "logs", "expected"),
    [
        ([0.1, 1.0, 2.0, 0.1, 0.8], False, [0, 0, 0, 0, 0]),
        ([0.1, 1.0, 2.0, 1e-9, 0.8], False, [0, 0, 0, 1, 0]),
        ([0.1, 1.0, 2.0, 0.1, -1e-17], False, [0, 0, 0, 0, 1]),
        ([0.1, 1.0, 2.0, 0.2, 0.8], False, [0, 0, 0, 1, 1]),
        ([0.1, 1.0, 1e-6, 0.1, 0.8], False, [0, 0, 1, 0, 0]),
        # alpha and beta of the mean, and what is not a lag of log h, may be zero and negative.
        ([0.0, 0.0, -1.0, 0.0, -0.3, 0.9], True, [0, 0, 0, 0, 0, 0]),
        ([0.0, 0.0, -1.0, 0.2, -0.3, 1.0], True, [0, 0, 0, 0, 0, 1]),
    ],
)
def test_which_parameters_lie_on_a_bound(params, logs, expected):
    assert _on_bound(np.array(params), 2, 1, logs=logs).astype(int).tolist() == expected


def test_an_egarch_maximum_that_is_not_found_again_is_no_fit():
    """Mosaic in spring 2025: with the returns in another unit the likelihood's maximum is 18 lower or higher."""
    returns = potash.log_returns(potash.load_prices()).loc[:"2025-05-16", ["MOS", "SPY"]].iloc[-120:]
    y, x = returns["MOS"].to_numpy()[None], returns[["SPY"]].to_numpy()[None]
    y_event, x_event = event_days()
    for model, is_fitted in ((EGARCH(ANY, gap=0), False), (GARCH(ANY, gap=0), True)):
        fit = model.fit(y, x, y_event, x_event)
        assert np.isfinite(fit.variance[0]) == is_fitted
        assert np.isfinite(fit.abnormal).all() == is_fitted
        assert fit.nobs.tolist() == [120]


@pytest.mark.parametrize(("apart", "is_fit"), [(0.0, True), (9e-4, True), (1.1e-3, False), (-1.1e-3, False)])
def test_two_maxima_of_the_likelihood_are_one_to_a_thousandth(apart, is_fit, monkeypatch):
    honest = volatility_models._maximized

    def moved(y, x, volatility):
        result = honest(y, x, volatility)
        if moved.calls:  # of the returns in the other unit
            result = SimpleNamespace(loglikelihood=moved.first - len(y) * np.log(2) + apart)
        moved.calls, moved.first = moved.calls + 1, result.loglikelihood
        return result

    moved.calls = 0
    monkeypatch.setattr(volatility_models, "_maximized", moved)
    (y, x), (y_event, x_event) = clustered(), event_days()
    assert np.isfinite(EGARCH(ANY, gap=0).fit(y, x, y_event, x_event).variance[0]) == is_fit
    assert moved.calls == 2
