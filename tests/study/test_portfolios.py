"""Portfolios of an event's firms, as series and as windows."""

import numpy as np
import pandas as pd
import pytest

import potash
from tests.study.exchanges import BOTH_OPEN, NEW_YORK, TEL_AVIV
from tests.study.made_up import events, made_returns, study


def test_portfolio_of_two_exchanges_has_the_variance_of_its_day():
    """Members are put side by side by offset, so after a holiday of one exchange their days no longer match.

    On day 0 they are the same day, and the correlation across exchanges is there: a standard error without it is too
    small. With three firms each and correlation .4, 13.7 % of 300 studies without an effect rejected at 5 %.
    """
    index, tickers = NEW_YORK.union(TEL_AVIV), ["N1", "N2", "N3", "T1", "T2", "T3"]
    exchanges = ["XNYS"] * 3 + ["XTAE"] * 3
    rows = pd.DataFrame({"event_id": "e", "ticker": tickers, "session": BOTH_OPEN[200], "exchange": exchanges})
    std_errors, holds = [], []
    for seed in range(12):
        rng = np.random.default_rng(seed)
        shocks = np.sqrt(0.4) * rng.normal(0, 1, (len(index), 1)) + np.sqrt(0.6) * rng.normal(0, 1, (len(index), 6))
        returns = pd.DataFrame(0.02 * shocks, index, tickers)
        for ticker, mic in zip(tickers, exchanges, strict=True):
            returns.loc[index.difference(NEW_YORK if mic == "XNYS" else TEL_AVIV), ticker] = np.nan
        results = potash.EventStudy(
            returns,
            rows,
            returns_kind="log",
            model=potash.MeanAdjusted(),
            event_window=(0, 0),
            estimation_window=(-180, -1),
        ).fit()
        std_errors.append(results.portfolio((0, 0))["std_error"].iloc[0])
        holds.append(results.test("portfolio").holds)
    true = 0.02 * np.sqrt((1 + 5 * 0.4) / 6 * (1 + 1 / 180))
    assert not any(holds) or np.mean(std_errors) == pytest.approx(true, rel=0.08)


def test_a_portfolio_needs_as_many_returns_as_a_firm():
    """Five firms that miss different sessions have five in common: a variance on three degrees of freedom is none."""
    returns = made_returns(5)
    for i in range(5):
        returns.iloc[70 + 23 * i : 93 + 23 * i, i] = np.nan
    results = study(returns, events(200)).fit()
    assert results.params["nobs"].tolist() == [97] * 5
    assert results.portfolio_fit.nobs.tolist() == [5]
    test = results.test("portfolio")
    assert np.isnan(test.stat) or not test.holds
