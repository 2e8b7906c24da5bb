"""Models by ordinary least squares, or by nothing at all, against statsmodels and closed forms."""

from dataclasses import fields

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from potash.errors import InputError
from potash.study.alignment import align
from potash.study.engine.window_fit import WindowFit
from potash.study.engine.windows import Windows
from potash.study.expected_returns.nonsynchronous import Dimson
from potash.study.expected_returns.ordinary import FactorModel, MarketAdjusted, MarketModel, MeanAdjusted
from potash.study.expected_returns.protocol import ReturnModel
from tests.study.made_up import DAYS, events, made_returns, study


def three_factors() -> pd.DataFrame:
    rng = np.random.default_rng(3)
    return pd.DataFrame(rng.normal(0, 0.01, (300, 3)), index=DAYS, columns=["market", "corn", "BRL"])


def columns(*names: tuple[str, ...]) -> pd.DataFrame:
    values = np.random.default_rng(2).normal(0, 0.01, (300, len(names)))
    return pd.DataFrame(values, index=DAYS, columns=pd.MultiIndex.from_tuples(names))


def test_factors_of_each_security_s_own_share_their_names():
    own = columns(("B", "index"), ("B", "corn"), ("A", "index"), ("A", "corn"))
    model, returns = FactorModel(own), made_returns(2)
    assert model.param_names == ("alpha", "beta_index", "beta_corn")
    results = study(returns, events(200), model=model).fit()
    for ticker in "AB":
        ols = sm.OLS(returns[ticker].iloc[70:190], sm.add_constant(own[ticker].iloc[70:190])).fit()
        row = results.params.loc[("e0", ticker), ["alpha", "beta_index", "beta_corn"]]
        np.testing.assert_allclose(row.astype(float), ols.params, rtol=1e-9)


def test_collinear_factors_are_named():
    factors = three_factors()
    factors["copy"] = 0.001 - 2 * factors["corn"]
    with pytest.raises(InputError, match="no fit: the factors corn, copy are collinear in the estimation window"):
        study(made_returns(2), events(200), model=FactorModel(factors)).fit()


def test_factor_model_is_ols_on_every_column():
    factors, returns = three_factors(), made_returns(2)
    model = FactorModel(factors)
    assert isinstance(model, ReturnModel)
    results = study(returns, events(200), model=model).fit()
    assert results.params.columns.tolist()[:4] == ["alpha", "beta_market", "beta_corn", "beta_BRL"]
    window, ahead = slice(70, 190), slice(195, 206)
    for ticker in "AB":
        ols = sm.OLS(returns[ticker].iloc[window], sm.add_constant(factors.iloc[window])).fit()
        row = ("e0", ticker)
        np.testing.assert_allclose(results.params.loc[row].iloc[:4], ols.params, rtol=1e-9)
        np.testing.assert_allclose(results.param_std_errors.loc[row], ols.bse, rtol=1e-9)
        predicted = ols.get_prediction(sm.add_constant(factors.iloc[ahead]))
        expected = returns[ticker].iloc[ahead] - predicted.predicted_mean
        np.testing.assert_allclose(results.abnormal_returns.loc[row], expected, rtol=1e-8)
        np.testing.assert_allclose(results.std_errors.loc[row], predicted.se_obs, rtol=1e-9)


def test_factor_model_with_the_market_alone_is_the_market_model():
    returns = made_returns(3)
    one = study(returns, events(200), model=FactorModel(returns[["M"]])).fit()
    pd.testing.assert_frame_equal(one.car(), study(returns, events(200)).fit().car())


def test_market_adjusted_returns_are_returns_less_the_market_s_with_their_own_variance():
    returns = made_returns(2)
    returns.loc[DAYS[100], "A"] = np.nan
    returns.loc[DAYS[203], "M"] = np.nan
    results = study(returns, events(200), model=MarketAdjusted(returns["M"])).fit()
    excess = returns["A"] - returns["M"]
    np.testing.assert_allclose(results.abnormal_returns.loc[("e0", "A")], excess.iloc[195:206], rtol=1e-12)
    assert results.params.columns.tolist() == ["sigma", "nobs", "rsquared"]
    assert results.params.loc[("e0", "A"), ["sigma", "nobs"]].tolist() == pytest.approx(
        [excess.iloc[70:190].std(), 119]
    )
    assert np.isnan(results.params.loc[("e0", "A"), "rsquared"])
    assert results.fit.df_resid.tolist() == [118, 119]
    np.testing.assert_allclose(results.fit.residuals[0], excess.iloc[70:190], rtol=1e-9)
    # No parameter enters the abnormal return, so a CAR of three days has three times the variance of one.
    std_error = results.car((-1, 1)).loc[("e0", "A"), "std_error"]
    assert std_error == pytest.approx(np.sqrt(3) * excess.iloc[70:190].std())
    assert np.isnan(results.fit.scale[0, 8]).all()
    assert np.isnan(results.car((2, 3)).to_numpy()).all()


def test_mean_adjusted_returns_have_the_error_of_the_mean():
    returns = made_returns(1)
    results = study(returns, events(200), model=MeanAdjusted()).fit()
    window = returns["A"].iloc[70:190]
    assert results.params.columns.tolist() == ["mean", "sigma", "nobs", "rsquared"]
    assert results.params.iloc[0, :2].tolist() == pytest.approx([window.mean(), window.std()])
    assert results.param_std_errors.iloc[0, 0] == pytest.approx(window.std() / np.sqrt(120))
    car = results.car((0, 2)).iloc[0]
    assert car["CAR"] == pytest.approx((returns["A"].iloc[200:203] - window.mean()).sum())
    assert car["std_error"] == pytest.approx(window.std() * np.sqrt(3 + 9 / 120))


@pytest.mark.parametrize("kind", [MeanAdjusted, MarketAdjusted, MarketModel, FactorModel, Dimson])
def test_a_panel_has_the_fit_of_its_windows(kind):
    """Firm-events that share sums of the panel have the numbers of windows laid out one by one."""
    returns = made_returns(3)
    returns = returns.mask(np.random.default_rng(2).random(returns.shape) < 0.02)
    model = {MeanAdjusted: MeanAdjusted, FactorModel: lambda: FactorModel(returns[["M"]])}.get(
        kind, lambda: kind(returns["M"])
    )()
    windows = Windows.of((-5, 5), (-130, -11), None, 4)
    panel = align(returns[["A", "B", "C"]], events(*range(150, 290, 2)), model.factors, windows)
    together = model.fit_panel(panel.returns, panel.series, panel.day_zero, windows.event, windows.estimation)
    one_by_one = model.fit(panel.y, panel.x, panel.y_event, panel.x_event)
    for field in fields(WindowFit):
        ours, theirs = (getattr(fit, field.name) for fit in (together, one_by_one))
        if ours is not None:
            np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-13, err_msg=field.name)
    assert len(panel.labels) > 180
