"""The joint regression of a study's results, and the models that have none."""

import numpy as np
import pandas as pd
import pytest

import potash
from potash.errors import InputError, OptionError
from potash.study.engine.least_squares import fit_windows
from potash.study.further.joint_event import event_equations
from tests.study.made_up import DAYS, events, made_returns, study

OFFSETS = range(-5, 6)


class OwnFactor:
    """Least squares on a factor of each security's own."""

    name, param_names = "own factor", ("alpha", "beta")

    def __init__(self, tickers: str) -> None:
        noise = np.random.default_rng(3).normal(0, 0.01, (len(DAYS), len(tickers)))
        columns = pd.MultiIndex.from_tuples([(ticker, "own") for ticker in tickers])
        self.factors = pd.DataFrame(noise, index=DAYS, columns=columns)

    def fit(self, *windows):
        return fit_windows(*windows)


def test_firms_with_factors_of_their_own_are_an_error():
    results = study(made_returns(3), events(200), model=OwnFactor("ABC")).fit()
    with pytest.raises(InputError, match="firms have factors of their own"):
        event_equations(results.panel, "e0", ["own"], OFFSETS)
    with pytest.raises(InputError, match="firms have factors of their own"):
        results.joint()
    alone = results.joint(firms=["B"])
    np.testing.assert_allclose(alone.params.loc["B", 0], results.abnormal_returns.loc[("e0", "B"), 0], atol=1e-12)


@pytest.mark.parametrize("name", ["MarketModel", "MeanAdjusted", "FactorModel", "Dimson"])
def test_least_squares_models_have_their_own_abnormal_returns(name):
    returns = made_returns(3)
    market = returns["M"]
    models = {
        "MarketModel": potash.MarketModel(market),
        "MeanAdjusted": potash.MeanAdjusted(),
        "FactorModel": potash.FactorModel(pd.DataFrame({"M": market, "N": market.shift(1).fillna(0) ** 2 * 50})),
        "Dimson": potash.Dimson(market),
    }
    results = study(returns, events(200), model=models[name]).fit()
    joint = results.joint()
    np.testing.assert_allclose(joint.params[list(OFFSETS)], results.abnormal_returns, atol=1e-12)
    np.testing.assert_allclose(joint.std_errors[list(OFFSETS)], results.std_errors, rtol=1e-9)
    for column in joint.params.columns.intersection(results.params.columns):
        np.testing.assert_allclose(joint.params[column], results.params[column], atol=1e-9)


def test_dimsons_sum_is_not_the_name_of_a_slope():
    returns = made_returns(2)
    results = study(returns, events(200), model=potash.Dimson(returns["M"])).fit()
    joint = results.joint()
    assert list(joint.params.columns[:4]) == ["const", "factor 1", "beta_lag1", "beta_lead1"]
    parts = joint.params[["factor 1", "beta_lag1", "beta_lead1"]].sum(axis=1)
    np.testing.assert_allclose(parts, results.params["beta"], rtol=1e-9)


@pytest.mark.parametrize(
    "model",
    [
        potash.RobustModel,
        lambda market: potash.RobustModel(market, "theil_sen"),
        potash.ScholesWilliams,
        potash.MarketAdjusted,
        potash.GARCH,
    ],
)
def test_other_models_have_no_joint_regression(model):
    returns = made_returns(2)
    results = study(returns, events(200), model=model(returns["M"])).fit()
    with pytest.raises(InputError, match="is least squares on factors that all firms share; the"):
        results.joint()


def test_trade_to_trade_has_no_joint_regression():
    returns = made_returns(2)
    prices = 50 * np.exp(returns[["A", "B"]].cumsum())
    trades = potash.trade_to_trade(prices, returns["M"], returns_kind="log")
    model = potash.TradeToTrade(trades)
    results = potash.EventStudy(trades.returns, events(200), returns_kind="log", model=model).fit()
    with pytest.raises(InputError, match="is least squares"):
        results.joint()


def test_a_firm_without_a_return_in_the_event_window_can_be_left_out():
    returns = made_returns(3)
    returns.iloc[203, 0] = np.nan
    results = study(returns, events(200)).fit()
    with pytest.raises(InputError, match=r"A: no return on a day of the event window.*joint\(firms=\['B', 'C'\]\)"):
        results.joint()
    told = study(returns[["B", "C", "M"]], events(200)).fit().joint()
    pd.testing.assert_frame_equal(results.joint(firms=["B", "C"]).params, told.params)
    with pytest.raises(OptionError, match="firm='Z' is not known"):
        results.joint(firms=["Z"])
    for firms in ([], "B"):
        with pytest.raises(InputError, match="a list of tickers is needed"):
            results.joint(firms=firms)


def test_a_factor_missing_in_the_event_window_is_named():
    returns = made_returns(2)
    returns.iloc[203, 2] = np.nan
    with pytest.raises(InputError, match="a factor has no return on offsets 3"):
        study(returns, events(200)).fit().joint()
