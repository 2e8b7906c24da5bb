"""What joins the parts of a study: excluded events, factors of each security, variance forecasts, methods of results."""

import numpy as np
import pandas as pd
import pytest

import potash
from potash.errors import InputError
from tests.study.made_up import DAYS, events, made_returns, study


def spoiled(at: int = 150):
    """Returns of three firms with a wild event inside the estimation window of a later, quiet one."""
    returns = made_returns(3, seed=9)
    returns.iloc[at, :3] += 0.3
    return returns


def test_an_excluded_event_leaves_the_estimation_window():
    returns = spoiled()
    plain = study(returns, events(150, 220)).fit()
    without = study(returns, events(150, 220), exclude_events=True).fit()
    clean = spoiled()
    clean.iloc[145:156, :3] = np.nan
    expected = study(clean, events(220)).fit()
    found = without.for_event("e1")
    np.testing.assert_allclose(found.car((0, 1)).to_numpy(), expected.car((0, 1)).to_numpy())
    assert (found.params["sigma"] < 0.75 * plain.for_event("e1").params["sigma"]).all()
    assert (found.params["nobs"] == plain.for_event("e1").params["nobs"] - 11).all()
    pd.testing.assert_frame_equal(without.for_event("e0").car(), plain.for_event("e0").car())


def test_events_to_exclude_may_come_as_a_frame_and_from_outside_the_data():
    returns = spoiled()
    others = pd.DataFrame({"event_id": ["x", "y"], "session": [DAYS[150], pd.Timestamp("1999-01-04")]})
    found = study(returns, events(220), exclude_events=others).fit()
    both = study(returns, events(150, 220), exclude_events=True).fit().for_event("e1")
    np.testing.assert_allclose(found.car((0, 1)).to_numpy(), both.car((0, 1)).to_numpy())


def test_excluding_too_much_sends_the_event_to_the_ledger():
    others = pd.DataFrame({"event_id": list("abcde"), "session": DAYS[[120, 132, 144, 156, 168]]})
    with pytest.raises(potash.PotashError, match="too few estimation returns"):
        study(made_returns(2), events(220), exclude_events=others).fit()
    with pytest.raises(InputError, match="exclude_events='all' must be True, False or a frame"):
        study(made_returns(2), events(220), exclude_events="all")


def test_each_security_may_have_its_own_factor():
    returns = made_returns(2, seed=4)
    rng = np.random.default_rng(1)
    own = pd.DataFrame(
        {("A", "index"): returns["M"], ("B", "index"): rng.normal(0, 0.01, len(returns))}, index=returns.index
    )
    both = study(returns, events(200), model=potash.FactorModel(own)).fit()
    for ticker in "AB":
        alone = study(
            returns[[ticker, "M"]], events(200).assign(ticker=ticker), model=potash.MarketModel(own[ticker]["index"])
        )
        np.testing.assert_allclose(both.car().xs(ticker, level="ticker"), alone.fit().car(), rtol=1e-10)
    with pytest.raises(InputError, match="none for B"):
        study(returns, events(200), model=potash.FactorModel(own[["A"]])).fit()


def test_trade_to_trade_for_several_securities_at_once():
    returns = made_returns(2, seed=6)
    prices = 50 * np.exp(returns[["A", "B"]].cumsum())
    prices.loc[DAYS[199], "A"] = np.nan
    prices.loc[DAYS[160:163], "B"] = np.nan
    trades = potash.trade_to_trade(prices, returns["M"], returns_kind="log")
    found = potash.EventStudy(
        trades.returns, events(200), returns_kind="log", model=potash.TradeToTrade(trades),
        event_window=(-2, 2), estimation_window=(-100, -11),
    ).fit()  # fmt: skip
    assert np.isnan(found.abnormal_returns.loc[("e0", "A"), -1])
    assert found.car((-1, 0))["CAR"].notna().all(), "the day without a trade is in the return of the next"
    assert np.isnan(found.car((-2, -1)).loc[("e0", "A"), "CAR"]), "its return is still to come"


def test_a_variance_forecast_knows_how_far_ahead_day_0_lies():
    returns = made_returns(1, seed=8)
    made = study(returns, events(220), model=potash.GARCH(returns["M"]), estimation_window=(-150, -11))
    assert made.model.gap == 5
    assert np.isfinite(made.fit().car((0, 0))["std_error"]).all()


@pytest.fixture(scope="module")
def results():
    return study(made_returns(4, seed=5), events(180, 220)).fit()


def test_quantities_and_diagnostics_are_labelled(results):
    assert list(results.bhar((-1, 1)).columns) == ["BHAR", "std_error", "tstat", "pvalue"]
    assert len(results.diagnostics()) == 8
    weighted = results.weighted_car((0, 1))
    assert weighted.n_obs == 8
    assert weighted.weights.sum() == pytest.approx(1)
    assert len(results.abnormal_volatility()) == 11


def test_the_joint_regression_gives_the_same_abnormal_returns(results):
    offsets = results.windows.event.offsets
    found = results.for_event("e0").joint()
    np.testing.assert_allclose(
        found.params[list(offsets)].to_numpy(), results.for_event("e0").abnormal_returns.to_numpy(), atol=1e-12
    )
    mean = found.test("mean_effect", [0])
    portfolio = results.for_event("e0").test("portfolio", (0, 0))
    assert mean.stat == pytest.approx(portfolio.stat**2, rel=1e-9), "with one dummy it is the portfolio test, squared"
    with pytest.raises(InputError, match="these results hold 2 events"):
        results.joint()
    with pytest.raises(InputError, match="the event window of the panel has 11"):
        potash.event_equations(results.panel, "e0", ["M"], range(2))
