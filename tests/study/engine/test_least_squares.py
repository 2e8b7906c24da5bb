"""Expected-return models against statsmodels and against closed forms."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

import potash
from potash.errors import InputError
from potash.study.engine.least_squares import fit_windows
from potash.study.engine.regressors import collinear
from potash.study.expected_returns.protocol import ReturnModel
from tests.study.made_up import DAYS, events, made_returns, study

N, LENGTH, WIDTH = 6, 60, 5


def windows(n_factors: int, seed: int = 1, missing: float = 0.1) -> tuple[np.ndarray, ...]:
    """Return y, x, y_event, x_event with holes in returns and factors of the estimation window."""
    rng = np.random.default_rng(seed)
    x, x_event = rng.normal(0.001, 0.01, (N, LENGTH, n_factors)), rng.normal(0.001, 0.01, (N, WIDTH, n_factors))
    slopes = rng.normal(1, 0.5, (N, n_factors))
    y = 0.0004 + np.einsum("nlk,nk->nl", x, slopes) + rng.normal(0, 0.02, (N, LENGTH))
    y_event = np.einsum("nlk,nk->nl", x_event, slopes) + rng.normal(0, 0.02, (N, WIDTH))
    y[rng.random(y.shape) < missing] = np.nan
    x[rng.random(x.shape) < missing / 2] = np.nan
    return y, x, y_event, x_event


def check_against_statsmodels(y, x, y_event, x_event, rtol=1e-9):
    fit = fit_windows(y, x, y_event, x_event)
    for i in range(len(y)):
        design, ahead = sm.add_constant(x[i], has_constant="add"), sm.add_constant(x_event[i], has_constant="add")
        if x.shape[2] == 0:
            design, ahead = np.ones((len(y[i]), 1)), np.ones((len(y_event[i]), 1))
        used = ~np.isnan(y[i]) & ~np.isnan(design).any(axis=1)
        ols = sm.OLS(y[i][used], design[used]).fit()
        np.testing.assert_allclose(fit.params[i], ols.params, rtol=rtol, atol=1e-12)
        np.testing.assert_allclose(fit.param_std_errors[i], ols.bse, rtol=rtol)
        np.testing.assert_allclose(fit.variance[i], ols.mse_resid, rtol=rtol)
        assert (fit.nobs[i], fit.df_resid[i]) == (used.sum(), ols.df_resid)
        np.testing.assert_allclose(fit.residuals[i][used], ols.resid, rtol=rtol, atol=1e-12)
        assert np.isnan(fit.residuals[i][~used]).all()
        predicted = ols.get_prediction(ahead)
        np.testing.assert_allclose(fit.abnormal[i], y_event[i] - predicted.predicted_mean, rtol=rtol, atol=1e-12)
        std_errors = np.sqrt(fit.variance[i] * fit.scale[i].diagonal())
        np.testing.assert_allclose(std_errors, predicted.se_obs, rtol=rtol)
        # A CAR sums prediction errors whose covariance is s^2 (I + X_e (X'X)^-1 X_e').
        covariance = ols.mse_resid * np.eye(len(ahead)) + ahead @ ols.cov_params() @ ahead.T
        np.testing.assert_allclose(fit.variance[i] * fit.scale[i], covariance, rtol=rtol, atol=1e-15)
        if x.shape[2]:
            assert fit.rsquared[i] == pytest.approx(ols.rsquared, abs=1e-9)
        else:
            assert np.isnan(fit.rsquared[i])


@pytest.mark.parametrize("n_factors", [0, 1, 3])
def test_windows_with_missing_values_are_ordinary_least_squares(n_factors):
    check_against_statsmodels(*windows(n_factors))


def test_the_level_of_a_factor_costs_no_precision():
    """Moves of .01 around 10,000. statsmodels itself loses half its digits there, so it gets the factor less its level."""
    y, x, y_event, x_event = windows(1)
    plain, shifted = fit_windows(y, x, y_event, x_event), fit_windows(y, x + 1e4, y_event, x_event + 1e4)
    np.testing.assert_allclose(shifted.params[:, 1], plain.params[:, 1], rtol=1e-7)
    np.testing.assert_allclose(shifted.abnormal, plain.abnormal, rtol=0, atol=1e-9)
    np.testing.assert_allclose(shifted.scale, plain.scale, rtol=1e-7)
    np.testing.assert_allclose(shifted.variance, plain.variance, rtol=1e-9)
    np.testing.assert_allclose(shifted.params[:, 0], plain.params[:, 0] - 1e4 * plain.params[:, 1], rtol=1e-7)
    check_against_statsmodels(y, x, y_event, x_event)


def test_one_day_of_fifty_percent():
    y, x, y_event, x_event = windows(1)
    y[:, 30], x[:, 30], y_event[:, 2], x_event[:, 2] = 0.5, 0.5, -0.5, -0.5
    check_against_statsmodels(y, x, y_event, x_event)


def test_missing_days_of_the_event_window_stay_missing():
    y, x, y_event, x_event = windows(1)
    whole = fit_windows(y, x, y_event, x_event)
    y_event[0, 1], x_event[1, 3] = np.nan, np.nan
    fit = fit_windows(y, x, y_event, x_event)
    assert np.argwhere(np.isnan(fit.abnormal)).tolist() == [[0, 1], [1, 3]]
    gone = np.isnan(fit.scale)
    assert gone[0, 1, :].all()
    assert gone[0, :, 1].all()
    assert gone.sum() == 2 * (2 * WIDTH - 1)
    np.testing.assert_array_equal(fit.scale[~gone], whole.scale[~gone])


def nothing_in(fit, row=0):
    for name in ("params", "param_std_errors", "variance", "rsquared", "residuals", "abnormal", "scale"):
        assert np.isnan(getattr(fit, name)[row]).all(), name


@pytest.mark.parametrize("level", [0.0, 1e-4, 0.001, 0.1, 1 / 3])
def test_a_factor_that_does_not_vary_gives_nan(level):
    """0.1 has no exact binary form, so its mean over 60 days is off by a rounding error: still no variation."""
    y, x, y_event, x_event = windows(1, missing=0)
    x[0], x_event[0] = level, level
    nothing_in(fit_windows(y, x, y_event, x_event))


def test_collinear_factors_give_nan_for_their_window_only():
    y, x, y_event, x_event = windows(3, missing=0)
    x[0, :, 2] = 2 * x[0, :, 0] - x[0, :, 1] + 0.01
    fit = fit_windows(y, x, y_event, x_event)
    nothing_in(fit)
    assert np.isfinite(fit.params[1:]).all()


def test_too_few_sessions_give_nan():
    y, x, y_event, x_event = windows(1, missing=0)
    y[0, 2:], y[1, :], y[2, 3:] = np.nan, np.nan, np.nan
    fit = fit_windows(y, x, y_event, x_event)
    assert fit.nobs[:3].tolist() == [2, 0, 3]
    nothing_in(fit, 0)
    nothing_in(fit, 1)
    assert np.isfinite(fit.variance[2])


@pytest.mark.parametrize("n_factors", [0, 1])
@pytest.mark.parametrize("value", [0.0, 0.001, 0.1])
def test_a_return_that_does_not_vary_gives_nan(value, n_factors):
    y, x, y_event, x_event = windows(n_factors, missing=0)
    y[0] = value
    nothing_in(fit_windows(y, x, y_event, x_event))


def test_a_return_that_is_its_factor_over_again_gives_nan():
    y, x, y_event, x_event = windows(1, missing=0)
    y[0] = 0.001 + 1.5 * x[0, :, 0]
    nothing_in(fit_windows(y, x, y_event, x_event))


def test_which_factors_are_collinear():
    x = windows(4, missing=0)[1][0]
    assert collinear(x) == []
    x[:, 3] = 0.01 - 2 * x[:, 1]
    assert collinear(x) == [1, 3]
    x[5] = np.nan
    assert collinear(x) == [1, 3]
    x[:, 0] = 0.02  # one that does not vary is another matter
    assert collinear(x) == []
    assert collinear(x[:0]) == []


def test_no_window_at_all():
    fit = fit_windows(np.empty((0, 9)), np.empty((0, 9, 1)), np.empty((0, 3)), np.empty((0, 3, 1)))
    assert fit.scale.shape == (0, 3, 3)


# -- through the study -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", [0.0, 0.001, 0.1])
def test_a_firm_that_does_not_move_is_in_the_ledger(value):
    returns = made_returns(3)
    returns["B"] = value
    found = study(returns, events(200)).fit()
    assert found.dropped[["ticker", "reason"]].to_numpy().tolist() == [["B", "no fit"]]
    assert list(found.abnormal_returns.index.get_level_values("ticker")) == ["A", "C"]


@pytest.mark.parametrize("value", [0.0, 0.001, 0.1])
def test_a_market_that_does_not_move_leaves_nothing_to_study(value):
    returns = made_returns(2)
    flat = pd.Series(value, index=DAYS)
    with pytest.raises(potash.PotashError, match="no fit: the return or a factor does not vary"):
        study(returns, events(200), model=potash.MarketModel(flat)).fit()


def test_a_firm_that_is_its_own_market_is_in_the_ledger():
    """Its residuals are rounding errors, and a statistic of them would be noise that looks like a number."""
    returns = made_returns(2)
    returns["B"] = 0.0002 + 1.5 * returns["M"]
    found = study(returns, events(200)).fit()
    assert found.dropped["ticker"].tolist() == ["B"]


def test_mean_adjusted_by_hand():
    returns = made_returns(2)
    found = study(returns, events(200), model=potash.MeanAdjusted()).fit()
    window, event = returns["A"].iloc[70:190], returns["A"].iloc[195:206]
    key = ("e0", "A")
    assert found.params.loc[key, "mean"] == pytest.approx(window.mean())
    assert found.params.loc[key, "sigma"] == pytest.approx(window.std(ddof=1))
    np.testing.assert_allclose(found.abnormal_returns.loc[key], event - window.mean())
    np.testing.assert_allclose(found.std_errors.loc[key], window.std() * np.sqrt(1 + 1 / 120))
    car = found.car((-1, 1)).loc[key]
    assert car["CAR"] == pytest.approx(event.iloc[4:7].sum() - 3 * window.mean())
    assert car["std_error"] == pytest.approx(window.std() * np.sqrt(3 + 9 / 120))
    assert (found.fit.df_resid == 119).all()


def test_market_adjusted_by_hand():
    returns = made_returns(2)
    found = study(returns, events(200), model=potash.MarketAdjusted(returns["M"])).fit()
    excess = returns["A"] - returns["M"]
    window, event, key = excess.iloc[70:190], excess.iloc[195:206], ("e0", "A")
    assert list(found.params.columns) == ["sigma", "nobs", "rsquared"]
    np.testing.assert_allclose(found.abnormal_returns.loc[key], event)
    np.testing.assert_allclose(found.std_errors.loc[key], window.std(ddof=1))
    assert found.car((-1, 1)).loc[key, "std_error"] == pytest.approx(window.std() * np.sqrt(3))
    assert (found.fit.df_resid == 119).all()


def test_market_adjusted_residuals_are_those_that_abnormal_returns_are_compared_with():
    """A firm that drifts .4 % a day ahead of the market has no event on a day on which it does so, too.

    With residuals about their mean, the tests that rank days or count signs see an event on every day.
    """
    returns = made_returns(12, seed=3)
    firms = returns.columns[:-1]
    returns[firms] += 0.008
    found = study(returns, events(200), model=potash.MarketAdjusted(returns["M"])).fit()
    excess = returns[firms].sub(returns["M"], axis=0)
    np.testing.assert_allclose(found.fit.residuals, excess.iloc[70:190].T, atol=1e-15)
    share = float((excess.iloc[70:190] > 0).to_numpy().mean())
    assert share > 0.6
    assert found.test("generalized_sign").distribution == f"standardized binomial(12, {share:.3g})"
    # The same numbers, ranked as one row: whether drift is added to all of them or none changes no rank.
    plain = study(
        returns.assign(**{f: returns[f] - 0.008 for f in firms}), events(200), model=potash.MarketAdjusted(returns["M"])
    ).fit()
    assert found.test("rank", (-2, 2)).stat == pytest.approx(plain.test("rank", (-2, 2)).stat, rel=1e-12)
    assert found.mean_correlation() == pytest.approx(plain.mean_correlation(), abs=1e-12)
    assert np.isnan(found.fit.residuals).sum() == 0


def test_market_adjusted_leaves_a_firm_without_variation_out():
    returns = made_returns(2)
    returns["B"] = returns["M"] + 0.001
    found = study(returns, events(200), model=potash.MarketAdjusted(returns["M"])).fit()
    assert found.dropped[["ticker", "reason"]].to_numpy().tolist() == [["B", "no fit"]]


def test_market_adjusted_leaves_missing_days_missing():
    returns = made_returns(2)
    returns.loc[DAYS[202], "A"], returns.loc[DAYS[100], "M"] = np.nan, np.nan
    found = study(returns, events(200), model=potash.MarketAdjusted(returns["M"])).fit()
    assert np.isnan(found.abnormal_returns.loc[("e0", "A"), 2])
    assert np.isnan(found.car((0, 2)).loc[("e0", "A")]).all()
    assert found.params["nobs"].tolist() == [119, 119]


@pytest.mark.parametrize("model", [potash.MarketModel, potash.MarketAdjusted])
def test_a_market_must_be_one_series(model):
    with pytest.raises(InputError, match=r"market is a DataFrame, not a Series.*market=returns\['SPY'\]"):
        model(made_returns(1)[["M"]])


def test_models_keep_the_protocol():
    market = made_returns(1)["M"]
    for model in (potash.MarketModel(market), potash.MarketAdjusted(market), potash.MeanAdjusted()):
        assert isinstance(model, ReturnModel)
    with pytest.raises(InputError, match="Hand over an instance"):
        study(made_returns(1), events(200), model=potash.MeanAdjusted)
