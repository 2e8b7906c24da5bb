"""Models by ordinary least squares, or by nothing at all, against statsmodels and closed forms."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from potash.errors import InputError
from potash.study.expected_returns.ordinary import FactorModel
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
