"""Huber and Theil-Sen against statsmodels, scipy, closed forms and simulation, with and without a day of -46 %."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy.stats import theilslopes

from potash.errors import InputError, OptionError
from potash.study.expected_returns.ordinary import MarketModel
from potash.study.expected_returns.protocol import ReturnModel
from potash.study.expected_returns.robust import RobustModel
from tests.study.made_up import events, made_returns, study

N, LENGTH, WIDTH = 6, 120, 5
ANY = pd.Series([0.0, 1.0], name="M")


def windows(n_factors=1, seed=1, n=N, missing=0.1, tails=3.0):
    """Return y, x, y_event, x_event with fat tails and holes."""
    rng = np.random.default_rng(seed)
    x, x_event = rng.normal(0.001, 0.01, (n, LENGTH, n_factors)), rng.normal(0.001, 0.01, (n, WIDTH, n_factors))
    y = 0.001 + x.sum(axis=2) + rng.standard_t(tails, (n, LENGTH)) * 0.02
    y_event = x_event.sum(axis=2) + rng.normal(0, 0.02, (n, WIDTH))
    y[rng.random(y.shape) < missing] = np.nan
    x[rng.random(x.shape) < missing / 4] = np.nan
    return y, x, y_event, x_event


def model(method="huber", n_factors=1):
    columns = pd.DataFrame(np.zeros((2, n_factors)), columns=[f"f{k}" for k in range(n_factors)])
    return RobustModel(columns, method=method)


@pytest.mark.parametrize("n_factors", [1, 3])
def test_huber_is_that_of_statsmodels(n_factors):
    y, x, y_event, x_event = windows(n_factors)
    fit = model("huber", n_factors).fit(y, x, y_event, x_event)
    for i in range(N):
        used = ~np.isnan(y[i]) & ~np.isnan(x[i]).any(axis=1)
        design, ahead = sm.add_constant(x[i][used]), sm.add_constant(x_event[i])
        rlm = sm.RLM(y[i][used], design, M=sm.robust.norms.HuberT(1.345)).fit(tol=1e-13, maxiter=2000)
        np.testing.assert_allclose(fit.params[i], rlm.params, rtol=1e-8)
        np.testing.assert_allclose(fit.param_std_errors[i], rlm.bse, rtol=1e-8)
        np.testing.assert_allclose(fit.residuals[i][used], rlm.resid, rtol=1e-6, atol=1e-11)
        assert np.isnan(fit.residuals[i][~used]).all()
        scale = sm.robust.scale.HuberScale(d=2.5, tol=1e-13, maxiter=500)(rlm.df_resid, rlm.nobs, rlm.resid)
        assert fit.variance[i] == pytest.approx(scale**2, rel=1e-8)
        covariance = scale**2 * np.eye(WIDTH) + ahead @ rlm.cov_params() @ ahead.T
        np.testing.assert_allclose(fit.variance[i] * fit.scale[i], covariance, rtol=1e-7, atol=1e-14)
        np.testing.assert_allclose(fit.abnormal[i], y_event[i] - ahead @ rlm.params, rtol=1e-7, atol=1e-12)
        assert (fit.nobs[i], fit.df_resid[i]) == (used.sum(), rlm.df_resid)
    assert np.isnan(fit.rsquared).all()


def test_theil_sen_is_that_of_scipy():
    y, x, y_event, x_event = windows()
    fit = model("theil_sen").fit(y, x, y_event, x_event)
    for i in range(N):
        used = ~np.isnan(y[i]) & ~np.isnan(x[i, :, 0])
        returns, market = y[i][used], x[i, used, 0]
        line = theilslopes(returns, market, alpha=0.95)
        first, second = np.triu_indices(len(returns), 1)
        slope = np.median((returns[second] - returns[first]) / (market[second] - market[first]))
        assert fit.params[i, 1] == pytest.approx(slope, rel=1e-12)
        assert fit.params[i, 0] == pytest.approx(np.median(returns - slope * market), rel=1e-12)
        slope_error = (line.high_slope - line.low_slope) / (2 * 1.959963984540054)
        median_variance = np.pi / 2 * fit.variance[i] / used.sum()
        errors = np.sqrt(median_variance + slope_error**2 * market.mean() ** 2), slope_error
        np.testing.assert_allclose(fit.param_std_errors[i], errors, rtol=1e-9)
        ahead = x_event[i, :, 0] - market.mean()
        covariance = fit.variance[i] * np.eye(WIDTH) + median_variance + slope_error**2 * np.outer(ahead, ahead)
        np.testing.assert_allclose(fit.variance[i] * fit.scale[i], covariance, rtol=1e-9)


@pytest.mark.parametrize("method", ["huber", "theil_sen"])
def test_windows_without_a_fit_are_nan_alone(method):
    y, x, y_event, x_event = windows(missing=0)
    x[0] = 0.1
    y[1] = 0.001
    y[2, 2:] = np.nan
    y_event[3, 1] = np.nan
    fit = model(method).fit(y, x, y_event, x_event)
    for name in ("params", "param_std_errors", "variance", "abnormal", "scale"):
        assert np.isnan(getattr(fit, name)[:3]).all(), name
    assert np.argwhere(np.isnan(fit.abnormal[3:])).tolist() == [[0, 1]]
    assert np.isfinite(fit.variance[3:]).all()


@pytest.mark.parametrize("method", ["huber", "theil_sen"])
def test_abnormal_returns_scale_with_returns(method):
    y, x, y_event, x_event = windows()
    once, thrice = (model(method).fit(c * y, c * x, c * y_event, c * x_event) for c in (1, 3))
    np.testing.assert_allclose(thrice.abnormal, 3 * once.abnormal, rtol=1e-8)
    np.testing.assert_allclose(thrice.variance, 9 * once.variance, rtol=1e-8)
    np.testing.assert_allclose(thrice.scale, once.scale, rtol=1e-7, atol=1e-12)


def sizes(chosen, n, wild):
    """Return how often AR of day 0 and CAR of five days pass the 5 % bound, normal returns, one wild day or none."""
    rng = np.random.default_rng(8)
    x, x_event = rng.normal(0, 0.01, (n, LENGTH, 1)), rng.normal(0, 0.01, (n, WIDTH, 1))
    y, y_event = x[:, :, 0] + rng.normal(0, 0.02, (n, LENGTH)), x_event[:, :, 0] + rng.normal(0, 0.02, (n, WIDTH))
    if wild:
        y[:, 60] = -0.46
    fit = chosen.fit(y, x, y_event, x_event)
    day = fit.abnormal[:, 0] / np.sqrt(fit.variance * fit.scale[:, 0, 0])
    car = fit.abnormal.sum(axis=1) / np.sqrt(fit.variance * fit.scale.sum(axis=(1, 2)))
    return np.mean(np.abs([day, car]) > 1.980, axis=1), fit


@pytest.mark.simulation
@pytest.mark.parametrize("wild", [False, True])
@pytest.mark.parametrize(("method", "n"), [("huber", 4000), ("theil_sen", 1000)])
def test_size_with_and_without_a_day_of_minus_46_percent(method, n, wild):
    rates, fit = sizes(RobustModel(ANY, method=method), n, wild)
    # The wild day counts as one of 2.5 s: 5 % more variance on 120 sessions, so slightly fewer rejections.
    np.testing.assert_allclose(rates, 0.046 if wild else 0.05, atol=4 * np.sqrt(0.05 * 0.95 / n))
    assert fit.variance.mean() == pytest.approx(0.0004 * (1.055 if wild else 1.0), rel=0.02)
    # Standard errors of the parameters are those of the simulation.
    spread = fit.params.std(axis=0) / np.sqrt((fit.param_std_errors**2).mean(axis=0))
    np.testing.assert_allclose(spread, 1, atol=4 / np.sqrt(2 * n) + 0.04)


@pytest.mark.simulation
def test_the_wild_day_takes_all_power_from_ols():
    rates, fit = sizes(MarketModel(ANY), 1000, wild=True)
    assert (rates < 0.005).all()
    assert fit.variance.mean() > 5 * 0.0004


# -- the model in a study --------------------------------------------------------------------------------------------


def test_a_study_with_a_wild_day_keeps_beta_and_standard_errors():
    returns = made_returns(2, seed=4)
    wild = returns.copy()
    wild.iloc[150, 0] = -0.46
    before, after = (
        study(r, events(200), model=RobustModel(returns["M"])).fit() for r in (returns, wild)
    )  # fmt: skip
    assert isinstance(RobustModel(returns["M"]), ReturnModel)
    assert before.params.columns[:2].tolist() == ["alpha", "beta"]
    a, b = (f.params.loc[("e0", "A")] for f in (before, after))
    assert b["beta"] == pytest.approx(a["beta"], abs=0.5 * before.param_std_errors.loc[("e0", "A"), "beta"])
    assert 1 <= b["sigma"] / a["sigma"] < 1.04
    pd.testing.assert_series_equal(before.params.loc[("e0", "B")], after.params.loc[("e0", "B")])
    assert after.model_name == "robust (Huber)"


def test_names_of_factors_and_options():
    frame = made_returns(1)[["M", "A"]]
    assert RobustModel(frame).param_names == ("alpha", "beta_M", "beta_A")
    assert RobustModel(frame["M"], method="theil_sen").name == "robust (Theil-Sen)"
    with pytest.raises(OptionError, match="method='hubr' is not known"):
        RobustModel(ANY, method="hubr")
    with pytest.raises(InputError, match="takes one factor, 2 came in"):
        RobustModel(frame, method="theil_sen")
    with pytest.raises(InputError, match="market is a ndarray, neither a Series of returns by session nor a DataFrame"):
        RobustModel(np.zeros(3))
    with pytest.raises(InputError, match="market: there is no column"):
        RobustModel(frame[[]])


def test_theil_sen_takes_one_factor_of_each_security_s_own():
    returns = made_returns(2, seed=4)
    own = pd.concat({"A": returns[["M"]], "B": returns[["M"]]}, axis=1)
    results, plain = (study(returns, events(200), model=RobustModel(m, "theil_sen")).fit() for m in (own, returns["M"]))
    np.testing.assert_allclose(results.params, plain.params)
    assert results.params.columns[1] == "beta_M"
