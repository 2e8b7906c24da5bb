"""Buy-and-hold, weighted averages and volatility: closed forms, other software, simulation."""

import gzip
import json

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import potash
from potash.errors import InputError, OptionError, WindowError
from potash.study.engine.least_squares import fit_windows
from potash.study.further.measures import (
    abnormal_volatility,
    beaver_u,
    bhar,
    buy_and_hold,
    volatility_test,
    weighted_average,
    weighted_car,
    window_correlations,
)
from tests.paths import SHARED
from tests.study.carried import DAYS as EVENT_DAYS
from tests.study.carried import fitted as carried
from tests.study.made_up import events, made_returns, study

close = pytest.approx
STORED = SHARED / "reference" / "eventstudy.json.gz"


def fitted(n=4, seed=0, at=(200,), **options):
    return study(made_returns(n, seed), events(*at), **options).fit()


# -- buy and hold ----------------------------------------------------------------------------------------------------

TWO_DAYS = (np.array([[0.1, 0.2]]), np.array([[0.01, 0.02]]), np.array([0.0004]), np.eye(2)[None], np.array([100]))


def test_simple_returns_by_hand():
    actual = buy_and_hold(*TWO_DAYS, "simple")
    assert actual.bhar[0] == close(1.1 * 1.2 - 1.01 * 1.02)
    assert actual.std_errors[0] == close(0.02 * np.sqrt(1.02**2 + 1.01**2))
    assert actual.pvalues[0] == close(2 * stats.t.sf(actual.bhar[0] / actual.std_errors[0], 100))


def test_log_returns_are_exponentiated():
    actual = buy_and_hold(*TWO_DAYS, "log")
    assert actual.bhar[0] == close(np.exp(0.3) - np.exp(0.03))
    assert actual.std_errors[0] == close(0.02 * np.exp(0.03) * np.sqrt(2))
    with pytest.raises(OptionError, match="kind='Log'"):
        buy_and_hold(*TWO_DAYS, "Log")


@pytest.mark.parametrize("day", EVENT_DAYS)
def test_kind_of_returns_does_not_matter_without_a_regression(day):
    """The market-adjusted BHAR is a matter of prices: log and simple returns give the same, to the last digit."""
    log, simple = (bhar(carried((day,), kind, "market_adjusted", 110)) for kind in ("log", "simple"))
    np.testing.assert_allclose(log["BHAR"], simple["BHAR"], rtol=0, atol=1e-13)


def test_prices_give_the_same():
    prices = potash.load_prices()[["NTR", "SPY"]].loc[:"2022-04-29"]
    actual = bhar(carried((EVENT_DAYS[0],), "log", "market_adjusted", 110), (-2, 5)).loc[(EVENT_DAYS[0], "NTR")]
    at = prices.index.get_loc(EVENT_DAYS[0])
    held = prices.iloc[at + 5] / prices.iloc[at - 3]
    assert actual["BHAR"] == close(held["NTR"] - held["SPY"], abs=1e-13)


@pytest.mark.skipif(not STORED.is_file(), reason="../shared/reference (other software's answers) is absent")
def test_eventstudy_compounds_log_returns_as_if_simple():
    """R package EventStudy 0.50: right for simple returns, and another figure for log ones.

    Its BHAR is against the market whatever the model is, so it compares with our market-adjusted model.
    """
    stored = json.loads(gzip.decompress(STORED.read_bytes()))
    for day in EVENT_DAYS:
        for kind in ("simple", "log"):
            results = carried((day,), kind, "market_adjusted", 110)
            ours = {
                firm: [bhar(results, (-5, k)).loc[(day, firm), "BHAR"] for k in range(-5, 6)] for firm in ("NTR", "CF")
            }
            for told in stored[f"{day}|{kind}|MarketAdjustedModel|est_m120_m11"]["firms"]:
                if told["firm"] not in ours:
                    continue
                theirs, mine = np.array(told["BHART"]["bhar"]), np.array(ours[told["firm"]])
                row = results.panel.labels["ticker"].tolist().index(told["firm"])
                y, market = results.panel.y_event[row], results.panel.x_event[row, :, 0]
                as_if_simple = np.cumprod(1 + y) - np.cumprod(1 + market)
                np.testing.assert_allclose(theirs, as_if_simple, rtol=0, atol=1e-9)
                assert (np.abs(theirs - mine).max() < 1e-9) == (kind == "simple")


def test_the_figures_of_nutrien():
    """Held from 5 sessions before 9 August 2021 to 5 after: .0284 above the market; log returns as if simple say .0250."""
    for kind in ("log", "simple"):
        results = carried((EVENT_DAYS[0],), kind, "market_adjusted", 110)
        assert bhar(results).loc[(EVENT_DAYS[0], "NTR"), "BHAR"] == close(0.02835, abs=5e-6)
    panel = carried((EVENT_DAYS[0],), "log", "market_adjusted", 110).panel
    row = panel.labels["ticker"].tolist().index("NTR")
    assert np.prod(1 + panel.y_event[row]) - np.prod(1 + panel.x_event[row, :, 0]) == close(0.02504, abs=5e-6)


def test_one_day_of_simple_returns_is_the_abnormal_return():
    actual = fitted(returns_kind="simple")
    pd.testing.assert_frame_equal(bhar(actual, (0, 0)).rename(columns={"BHAR": "CAR"}), actual.car((0, 0)))


@pytest.mark.parametrize("kind", ["simple", "log"])
def test_a_day_without_a_trade_is_in_the_return_of_the_next(kind):
    """Held over the same days, whatever days had a trade: by prices, and the expected return of the market model."""
    returns = made_returns(2)
    prices = 50 * np.exp(returns[["A", "B"]].cumsum())
    prices.iloc[[201, 202], 0] = np.nan
    market = returns["M"] if kind == "log" else np.expm1(returns["M"])
    trades = potash.trade_to_trade(prices, market, returns_kind=kind)
    results = potash.EventStudy(
        trades.returns, events(200), returns_kind=kind, model=potash.TradeToTrade(trades),
        event_window=(-2, 5), estimation_window=(-130, -11),
    ).fit()  # fmt: skip
    row = bhar(results, (0, 4)).loc[("e0", "A")]
    held = prices["A"].iloc[204] / prices["A"].iloc[199]
    alpha, beta = results.params.loc[("e0", "A"), ["alpha", "beta"]]
    days = [200, 203, 204]
    over = trades.market["A"].iloc[days].to_numpy()
    expected = alpha * np.array([1, 3, 1]) + beta * over
    grown = np.exp(expected.sum()) if kind == "log" else np.prod(1 + expected)
    assert row["BHAR"] == close(held - grown, rel=1e-9)
    at = [2, 5, 6]
    gradient = np.full(3, grown) if kind == "log" else grown / (1 + expected)
    spread = results.fit.variance[0] * gradient @ results.fit.scale[0][np.ix_(at, at)] @ gradient
    assert row["std_error"] == close(np.sqrt(spread), rel=1e-9)
    assert bhar(results, (0, 2)).loc[("e0", "A")].isna().all(), "the return of the last days is still to come"
    assert np.isnan(results.car((0, 2)).loc[("e0", "A"), "CAR"])


def test_missing_day_and_windows():
    returns = made_returns(2)
    returns.iloc[202, 0] = np.nan
    actual = bhar(study(returns, events(200)).fit(), (0, 3))
    assert actual.loc[("e0", "A")].isna().all()
    assert actual.loc[("e0", "B")].notna().all()
    with pytest.raises(WindowError, match=r"\[0, \+9\] reaches outside"):
        bhar(fitted(), (0, 9))


@pytest.mark.simulation
@pytest.mark.parametrize("kind", ["simple", "log"])
def test_size_of_the_t_of_one_firm(kind):
    """Eleven sessions at 2 % a day; both tails together 5 %."""
    rng, n = np.random.default_rng(7), 4000
    x = rng.normal(0, 0.01, (n, 131, 1))
    y = x[:, :, 0] + rng.normal(0, 0.02, (n, 131))
    fit = fit_windows(y[:, :120], x[:, :120], y[:, 120:], x[:, 120:])
    actual = buy_and_hold(y[:, 120:], y[:, 120:] - fit.abnormal, fit.variance, fit.scale, fit.df_resid, kind)
    assert (actual.pvalues < 0.05).mean() == close(0.05, abs=3 * np.sqrt(0.05 * 0.95 / n))
    assert actual.std_errors.mean() == close(actual.bhar.std(), rel=0.04)


# -- weighted averages -----------------------------------------------------------------------------------------------


def test_precision_weights_by_hand():
    cars, errors, df = np.array([0.04, 0.01, np.nan]), np.array([0.01, 0.02, 0.02]), np.array([100, 90, 5])
    actual = weighted_average(cars, errors, df, 1 / errors**2, np.eye(3))
    assert actual.estimate == close(0.8 * 0.04 + 0.2 * 0.01)
    assert actual.std_error == close(1 / np.sqrt(1 / 0.01**2 + 1 / 0.02**2))
    assert (actual.n_obs, actual.df) == (2, 90)
    assert actual.weights[:2] == close([0.8, 0.2])
    assert np.isnan(actual.weights[2])
    assert actual.pvalue == close(2 * stats.t.sf(actual.tstat, 90))
    correlated = np.full((3, 3), 0.5) + 0.5 * np.eye(3)
    variance = 0.008**2 + 0.004**2 + 2 * 0.5 * 0.008 * 0.004
    assert weighted_average(cars, errors, df, 1 / errors**2, correlated).std_error == close(np.sqrt(variance))


@pytest.mark.parametrize("window", [(0, 0), (-2, 4)])
def test_equal_weights_are_the_portfolio_test(window):
    actual = fitted()
    average = weighted_car(actual, window, pd.Series(7.0, index=list("ABCD")))
    told = actual.test("portfolio", window)
    assert (average.estimate, average.std_error) == (close(told.estimate), close(told.std_error, rel=1e-9))
    assert average.pvalue == close(told.pvalue, rel=1e-9)


def test_value_weights_are_the_value_weighted_portfolio():
    returns, values = made_returns(3), pd.Series([1.0, 5.0, 2.0], index=list("ABC"))
    pooled = returns[["M"]].assign(P=returns[list("ABC")] @ values / values.sum())
    told = study(pooled, events(200)).fit().car((-1, 1)).iloc[0]
    actual = weighted_car(study(returns, events(200)).fit(), (-1, 1), values)
    assert [actual.estimate, actual.std_error, actual.tstat, actual.pvalue] == close(told.tolist(), rel=1e-9)
    by_event = pd.Series(values.to_numpy(), index=study(returns, events(200)).fit().car().index)
    assert weighted_car(study(returns, events(200)).fit(), (-1, 1), by_event).tstat == close(actual.tstat)


def test_windows_apart_are_independent():
    actual = fitted(2, at=(180, 220))
    correlations = window_correlations(actual.fit.residuals, actual.panel.days, actual.panel.days_event)
    assert correlations[0, 1] == close(np.corrcoef(actual.fit.residuals[:2])[0, 1])
    assert (correlations[:2, 2:] == 0).all()
    assert correlations.diagonal() == close(1)


def test_windows_that_overlap_count_with_their_share():
    """Events three sessions apart: windows of five sessions share two of them."""
    actual = fitted(2, at=(200, 203), event_window=(-2, 2))
    correlations = window_correlations(actual.fit.residuals, actual.panel.days, actual.panel.days_event)
    full = window_correlations(actual.fit.residuals, actual.panel.days, np.zeros((4, 1), int))
    np.testing.assert_allclose(correlations[:2, 2:], 0.4 * full[:2, 2:])
    np.testing.assert_allclose(correlations[:2, :2], full[:2, :2])


def test_a_weight_of_zero_leaves_the_firm_out():
    cars, errors, df = np.array([0.01, 0.02, 0.05]), np.full(3, 0.02), np.array([118, 118, 10])
    unknown = np.eye(3)
    unknown[0, 2] = unknown[2, 0] = np.nan
    actual = weighted_average(cars, errors, df, np.array([1.0, 1.0, 0.0]), unknown)
    told = weighted_average(cars[:2], errors[:2], df[:2], np.ones(2), np.eye(2))
    assert (actual.df, actual.n_obs, actual.pvalue) == (118, 2, close(told.pvalue))
    assert actual.std_error == close(told.std_error)
    np.testing.assert_array_equal(actual.weights, [0.5, 0.5, np.nan])


def test_the_window_has_no_default():
    with pytest.raises(TypeError, match="window"):
        weighted_car(fitted())


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        (pd.Series([1, 2, 3, 4, 5.0], index=list("ABCDA")), "weights: A stands more than once"),
        (pd.Series([1.0] * 8, index=list("ABCDABCD")), "A, B, C, D stands more than once"),
        ({"A": 1, "B": 1, "C": 1, "D": 1}, "weights is a dict"),
        (pd.DataFrame({"w": 1.0}, index=list("ABCD")), "weights is a DataFrame"),
        (np.ones(4), "weights is a ndarray"),
        (pd.Series(list("abcd"), index=list("ABCD")), "not a Series of numbers"),
    ],
)
def test_weights_are_a_series_of_numbers_by_firm(weights, message):
    with pytest.raises(InputError, match=message):
        fitted().weighted_car((0, 0), weights)


def test_weights_must_fit():
    actual = fitted()
    with pytest.raises(InputError, match="none for D"):
        weighted_car(actual, (0, 0), pd.Series(1.0, index=list("ABC")))
    with pytest.raises(InputError, match="negative"):
        weighted_car(actual, (0, 0), pd.Series([1, 1, 1, -1.0], index=list("ABCD")))
    with pytest.raises(InputError, match="none of the 4 CARs"):
        weighted_car(actual, (0, 0), pd.Series(0.0, index=list("ABCD")))
    with pytest.raises(OptionError, match="weights='value'"):
        weighted_car(actual, (0, 0), "value")


# -- volatility ------------------------------------------------------------------------------------------------------


def test_u_is_the_squared_t():
    actual = fitted()
    u = beaver_u(actual.fit.abnormal, actual.fit.variance, actual.fit.scale)
    np.testing.assert_allclose(u, actual.tstats**2, rtol=1e-10)


def test_volatility_of_one_firm_by_hand():
    """One U is an F(1, df): the scaled chi-squared is near it."""
    test = volatility_test(np.array([5.0]), np.array([118]), np.eye(1))
    assert test.estimate == close(5 * 116 / 118)
    assert test.std_error == close(np.sqrt(2 * 117 / 114))
    assert test.pvalue == close(2 * stats.f.sf(5.0, 1, 118), rel=0.05)


def test_volatility_of_many_is_patells():
    """Patell (1976): sum of (T-4)/(T-2) V^2 - 1 over the root of the sum of 2 (T-3)/(T-6), here with T = 120."""
    u = np.random.default_rng(1).f(1, 118, 400) * 1.15
    patell = ((u * 116 / 118) - 1).sum() / np.sqrt(400 * 2 * 117 / 114)
    test = volatility_test(u, np.full(400, 118), np.eye(400))
    assert (test.estimate - 1) / test.std_error == close(patell)
    # His normal has the thinner tail: .0096 where the chi-squared with 391 degrees of freedom has .0135.
    assert test.pvalue == close(2 * stats.norm.sf(abs(patell)), abs=0.005)


def test_volatility_does_not_apply():
    assert volatility_test(np.array([np.nan]), np.array([9]), np.eye(1)).reason == "no abnormal return"
    assert "4 or fewer" in volatility_test(np.array([1.0]), np.array([4]), np.eye(1)).reason
    unknown = np.array([[1, np.nan], [np.nan, 1]])
    assert "not known" in volatility_test(np.ones(2), np.array([9, 9]), unknown).reason


@pytest.mark.simulation
@pytest.mark.parametrize(("n", "correlation"), [(4, 0.0), (8, 0.6)])
def test_size_of_the_volatility_test(n, correlation):
    rng, draws, df = np.random.default_rng(2), 4000, 118
    shock, own = rng.normal(0, 1, (draws, 1)), rng.normal(0, 1, (draws, n))
    errors = np.sqrt(correlation) * shock + np.sqrt(1 - correlation) * own
    u = errors**2 / (rng.chisquare(df, (draws, n)) / df)
    matrix = np.full((n, n), correlation) + (1 - correlation) * np.eye(n)
    actual = [volatility_test(row, np.full(n, df), matrix) for row in u]
    upper = np.mean([test.pvalue < 0.05 and test.stat > 1 for test in actual])
    sizes = {
        name: np.mean([volatility_test(row, np.full(n, df), r).pvalue < 0.05 for row in u])
        for name, r in [("known", matrix), ("ignored", np.eye(n))]
    }
    # The lower tail is conservative where firms move together, the upper one is not.
    assert 0.02 < sizes["known"] < 0.06
    assert upper == close(0.025, abs=3 * np.sqrt(0.025 * 0.975 / draws))
    if correlation:
        assert sizes["ignored"] > 0.12


def test_volatility_by_offset():
    returns = made_returns(6)
    returns.iloc[200, :6] *= 4
    table = abnormal_volatility(study(returns, events(200)).fit())
    assert table.index.tolist() == list(range(-5, 6))
    assert table["variance_ratio"].idxmax() == 0
    assert table.loc[0, "pvalue"] < 0.01
    assert (table["n"] == 6).all()
