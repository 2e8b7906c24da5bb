"""Trade-to-trade returns against sums by hand, statsmodels' weighted least squares and simulation."""

import numpy as np
import pandas as pd
import pytest

import potash
from potash.errors import InputError, OptionError
from potash.study.engine.window_fit import covered_later
from potash.study.expected_returns.protocol import ReturnModel
from potash.study.expected_returns.trade_to_trade import TradeToTrade, trade_to_trade
from potash.study.inference.rank import corrado_rank_test, grank_t_test
from potash.study.models.intervals import fit_intervals
from tests.study.made_up import events, made_returns, study


def made_prices(n=2, seed=0, kind="log", share=0.3):
    """Return prices with a share of the sessions missing, whole prices, and market returns."""
    returns = made_returns(n, seed)
    market = returns["M"] if kind == "log" else np.expm1(returns["M"])
    whole = 50 * np.exp(returns.drop(columns="M").cumsum())
    holes = np.random.default_rng(seed + 100).random(whole.shape) < share
    return whole.mask(holes), whole, market


@pytest.mark.parametrize("kind", ["log", "simple"])
def test_returns_span_the_sessions_between_trades(kind):
    prices, _, market = made_prices(kind=kind)
    actual = trade_to_trade(prices, market, returns_kind=kind)
    for ticker in prices:
        trades = prices[ticker].dropna()
        ratio = trades / trades.shift()
        expected = np.log(ratio) if kind == "log" else ratio - 1
        pd.testing.assert_series_equal(actual.returns[ticker].dropna(), expected.dropna(), rtol=1e-10)
        for before, now in zip(trades.index, trades.index[1:], strict=False):
            between = market.loc[before:now].iloc[1:]
            total = between.sum() if kind == "log" else (1 + between).prod() - 1
            assert actual.market.loc[now, ticker] == pytest.approx(total, abs=1e-12)
            assert actual.sessions.loc[now, ticker] == len(between)
        for frame in (actual.market, actual.sessions):
            assert frame[ticker].notna().equals(actual.returns[ticker].notna())


def test_a_missing_market_return_leaves_its_interval_missing():
    prices, _, market = made_prices(share=0)
    prices.iloc[[10, 11], 0] = np.nan
    market = market.copy()
    market.iloc[11] = np.nan
    trades = trade_to_trade(prices, market, returns_kind="log")
    assert np.flatnonzero(trades.market["A"].isna()).tolist() == [0, 10, 11, 12]
    assert np.flatnonzero(trades.market["B"].isna()).tolist() == [0, 11]
    assert trades.returns["A"].iloc[12] == pytest.approx(np.log(prices["A"].iloc[12] / prices["A"].iloc[9]))


def test_prices_carried_forward_are_no_trades():
    prices, whole, market = made_prices()
    marked = trade_to_trade(whole, market, returns_kind="log", traded=prices.notna())
    plain = trade_to_trade(prices, market, returns_kind="log")
    for name in ("returns", "market", "sessions"):
        pd.testing.assert_frame_equal(getattr(marked, name), getattr(plain, name))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda p, m: {"prices": p["A"]}, "prices is a Series"),
        (lambda p, m: {"prices": p.iloc[:0]}, "prices: a DataFrame of sessions x columns with at least one row"),
        (lambda p, m: {"prices": p.astype(object).fillna("none")}, "prices: a value is not a number"),
        (lambda p, m: {"prices": p.reset_index(drop=True)}, "prices: the index must hold dates"),
        (lambda p, m: {"prices": p.replace(p["A"].max(), np.inf)}, "prices: A on .* is infinite"),
        (lambda p, m: {"market": pd.concat([m.iloc[:1], m])}, "market: sessions that stand more than once: 2024-01-01"),
        (lambda p, m: {"market": m.reset_index(drop=True)}, "market: the index must hold dates"),
        (lambda p, m: {"market": m.astype(object).replace(m.max(), "up")}, "market: a value is not a number"),
        (lambda p, m: {"market": m.replace(m.max(), np.inf)}, "market: M on .* is infinite"),
        (
            lambda p, m: {"market": m - m.max() - 1, "returns_kind": "simple"},
            "market: the return falls to -100 % or below",
        ),
        (lambda p, m: {"prices": p.iloc[::-1]}, "not in order"),
        (lambda p, m: {"prices": p - p["B"].max()}, "A, B: a price is not positive"),
        (lambda p, m: {"market": m.to_frame()}, "market is a DataFrame"),
        (lambda p, m: {"market": m.iloc[2:]}, "no row for 2024-01-01, 2024-01-02"),
        (lambda p, m: {"traded": p.notna()[["A"]]}, "traded: True and False"),
        (lambda p, m: {"traded": p}, "traded: True and False"),
    ],
)
def test_input_that_cannot_be_used(change, said):
    prices, _, market = made_prices()
    with pytest.raises(InputError, match=said):
        trade_to_trade(**{"prices": prices, "market": market, "returns_kind": "log", **change(prices, market)})


def test_the_kind_of_returns_is_asked_for():
    prices, _, market = made_prices()
    with pytest.raises(OptionError, match="returns_kind='logs'"):
        trade_to_trade(prices, market, returns_kind="logs")


# -- the model in a study --------------------------------------------------------------------------------------------


def test_a_security_that_trades_every_session_has_the_market_model():
    _, whole, market = made_prices(n=1)
    trades = trade_to_trade(whole, market, returns_kind="log")
    frame = trades.returns.assign(M=market)
    assert isinstance(TradeToTrade(trades), ReturnModel)
    results, plain = (
        study(frame, events(200), model=m).fit() for m in (TradeToTrade(trades), potash.MarketModel(market))
    )
    for name in ("params", "param_std_errors", "abnormal_returns", "std_errors"):
        pd.testing.assert_frame_equal(getattr(results, name), getattr(plain, name), rtol=1e-8)
    pd.testing.assert_frame_equal(results.car(), plain.car(), rtol=1e-8)


def test_a_return_over_missing_days_stands_on_the_day_of_the_next_trade():
    _, prices, market = made_prices(n=1)
    prices.iloc[[50, 80, 81, 199, 200 - 2, 203]] = np.nan
    trades = trade_to_trade(prices, market, returns_kind="log")
    results = study(trades.returns.assign(M=market), events(200), model=TradeToTrade(trades)).fit()
    ar = results.abnormal_returns.loc[("e0", "A")]
    assert ar.index[ar.isna()].tolist() == [-2, -1, 3]
    alpha, beta = results.params.loc[("e0", "A"), ["alpha", "beta"]]
    own, index = np.log(prices["A"].iloc[200] / prices["A"].iloc[197]), market.iloc[198:201].sum()
    assert ar[0] == pytest.approx(own - 3 * alpha - beta * index)
    ratio = results.std_errors.loc[("e0", "A"), 0] / results.std_errors.loc[("e0", "A"), 1]
    assert ratio == pytest.approx(np.sqrt(3), rel=0.02)


def test_the_factors_are_two_columns_per_security():
    prices, _, market = made_prices()
    trades = trade_to_trade(prices, market, returns_kind="log")
    factors = TradeToTrade(trades).factors
    assert factors.columns.tolist() == [(t, part) for t in "AB" for part in ("market", "sessions")]
    pd.testing.assert_series_equal(factors[("B", "sessions")], trades.sessions["B"], check_names=False)
    with pytest.raises(InputError, match="4 factors came in"):
        TradeToTrade(trades).fit(np.zeros((1, 9)), np.zeros((1, 9, 4)), np.zeros((1, 2)), np.zeros((1, 2, 4)))


def test_the_model_takes_what_trade_to_trade_made():
    with pytest.raises(InputError, match=r"trades is a DataFrame; hand over what trade_to_trade"):
        TradeToTrade(made_returns(2))


# -- firms that miss different days ----------------------------------------------------------------------------------


def thinly_traded(gone, n=4, **options):
    """Return the results of firms A, B, ... that do not trade on the (position, tickers) in ``gone``; day 0 is 200."""
    returns = made_returns(n, seed=7)
    returns.loc[returns.index[201], "A"] += 0.3
    prices = 50 * np.exp(returns.drop(columns="M").cumsum())
    for position, tickers in gone:
        prices.loc[prices.index[position], list(tickers)] = np.nan
    trades = trade_to_trade(prices, returns["M"], returns_kind="log")
    rows = options.pop("rows", events(200))
    return study(trades.returns.assign(M=returns["M"]), rows, model=TradeToTrade(trades), **options).fit()


def test_a_portfolio_loses_no_return_of_a_member_when_another_does_not_trade():
    """A moves 30 % on day 1, when B does not trade: the portfolio has no day 1, and the next one tells of B alone."""
    results = thinly_traded([(201, "B")])
    assert results.car((0, 2))["CAR"].notna().all()
    assert np.isnan(results.portfolio((0, 2)).loc["e0"]).all()
    assert results.test("portfolio", (0, 2)).reason == "no portfolio has all its days and a variance"
    assert np.isfinite(results.portfolio((-1, 0)).loc["e0"]).all()
    path = results.car_path()
    known = path[path["ticker"] == "portfolio"].set_index("offset")["CAR"].notna()
    assert known.loc[:0].all()
    assert not known.loc[1:].any()


@pytest.mark.parametrize(
    "gone",
    [
        [],
        [(201, "ABCD")],
        [(198, "ABCD"), (201, "ABCD"), (202, "ABCD")],
    ],
)
def test_a_portfolio_tells_later_what_all_its_firms_do(gone):
    results = thinly_traded(gone)
    for window in ((0, 3), (-3, 3), (-5, 5)):
        mean = results.car(window)["CAR"].mean()
        assert results.portfolio(window).at["e0", "CAR"] == pytest.approx(mean, rel=1e-9)


def test_a_portfolio_of_one_firm_is_that_firm():
    results = thinly_traded([(198, "A"), (199, "A"), (202, "A")], n=1)
    for window in ((0, 3), (-3, 0), (-5, 5)):
        np.testing.assert_allclose(results.portfolio(window).loc["e0"], results.car(window).iloc[0], rtol=1e-9)


def test_the_rank_test_compares_returns_of_one_session_with_returns_of_one_session():
    """Five firms' day 0 spans four sessions: such returns are twice as large as residuals without any event."""
    results = thinly_traded([(position, "ABCDE") for position in (197, 198, 199)], n=12)
    fit = results.fit
    assert fit.spans[:5, 5].tolist() == [4] * 5
    per_session = corrado_rank_test(fit.residuals, fit.abnormal / np.sqrt(fit.spans), slice(5, 6))
    assert results.test("rank", (0, 0)).stat == pytest.approx(per_session.stat, rel=1e-12)
    assert per_session.stat != pytest.approx(corrado_rank_test(fit.residuals, fit.abnormal, slice(5, 6)).stat, rel=1e-3)


def test_tests_of_cars_keep_the_firms_whose_missing_day_is_covered_later():
    results = thinly_traded([(201, "BCD")], n=12)
    window = (0, 2)
    table = results.tests(window)
    assert table.loc[["bmp", "kolari_pynnonen", "grank", "grank_z", "sign"], "n"].tolist() == [12] * 5
    assert "left out" not in table.at["grank", "reason"]
    standardized = (results.car(window)["CAR"] / results.car(window)["std_error"]).to_numpy()
    by_hand = grank_t_test(results.fit.residuals, standardized, results.fit.variance, results.mean_correlation(window))
    assert table.at["grank", "stat"] == pytest.approx(by_hand.stat, rel=1e-12)
    # A day that no later trade of the window tells of is missing still.
    assert results.test("grank", (0, 1)).n_obs == 9


def test_patell_s_sum_over_days_is_not_defined_from_trade_to_trade():
    test = thinly_traded([(201, "B")]).test("patell_simple", (0, 2))
    assert np.isnan(test.stat)
    assert test.n_obs == 4
    assert test.reason.startswith("not defined for returns from trade to trade")


def test_missing_days_are_told_by_the_next_trade_of_the_window():
    nan = np.nan
    abnormal = np.array([[nan, 1, nan, nan, 1, nan], [1, 1, 1, 1, 1, 1], [nan, nan, 1, nan, 1, 1]])
    spans = np.array([[nan, 2, nan, nan, 3, nan], [4, 1, 1, 1, 1, 1], [nan, nan, 2, nan, 1, 1]])
    # In the last row the returns on days 2 and 4 do not reach back to days 0 and 3: the price was lost, not the trade.
    assert covered_later(abnormal, spans).astype(int).tolist() == [[1, 0, 1, 1, 0, 0], [0] * 6, [0, 1, 0, 0, 0, 0]]


def test_beta_of_a_thinly_traded_security_is_unbiased():
    betas = []
    for seed in range(60):
        prices, _, market = made_prices(n=4, seed=seed, share=0.6)
        trades = trade_to_trade(prices, market, returns_kind="log")
        own, index, spans = (f.to_numpy().T for f in (trades.returns, trades.market, trades.sessions))
        betas.append(fit_intervals(own, index, spans, own[:, :1], index[:, :1], spans[:, :1]).params[:, 1].mean())
    assert np.mean(betas) == pytest.approx(1, abs=4 * np.std(betas, ddof=1) / np.sqrt(60))
