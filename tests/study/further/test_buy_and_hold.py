"""Buy-and-hold returns: closed forms, other software, simulation."""

import gzip
import json

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import potash
from potash.errors import OptionError, WindowError
from potash.study.engine.least_squares import fit_windows
from potash.study.further.buy_and_hold import bhar, buy_and_hold
from tests.paths import SHARED
from tests.study.carried import DAYS as EVENT_DAYS
from tests.study.carried import fitted as carried
from tests.study.made_up import events, made_returns, study

close = pytest.approx
STORED = SHARED / "reference" / "eventstudy.json.gz"
TWO_DAYS = (np.array([[0.1, 0.2]]), np.array([[0.01, 0.02]]), np.array([0.0004]), np.eye(2)[None], np.array([100]))


def fitted(n=4, seed=0, at=(200,), **options):
    return study(made_returns(n, seed), events(*at), **options).fit()


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
