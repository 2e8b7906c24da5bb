"""Studies on the carried prices of 2020-2022, set up as the other software was: see tests/reference/README.md."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd

import potash
from potash.study.results import EventStudyResults

FIRMS = ["NTR", "MOS", "IPI", "ICL", "SQM", "CF", "DE"]
DAYS = ("2021-08-09", "2021-12-02", "2022-02-24")
OFFSETS = range(-5, 6)


@cache
def returns(kind: str) -> pd.DataFrame:
    prices = potash.load_prices().loc[:"2022-04-29", ["SPY", *FIRMS]]
    return potash.log_returns(prices) if kind == "log" else potash.simple_returns(prices)


@cache
def fitted(days: tuple[str, ...], kind: str, model: str, n_obs: int) -> EventStudyResults:
    """Return the results for a model named as ``"market"``, ``"market_adjusted"`` or ``"mean_adjusted"``."""
    market = returns(kind)["SPY"]
    models = {
        "market": potash.MarketModel(market),
        "market_adjusted": potash.MarketAdjusted(market),
        "mean_adjusted": potash.MeanAdjusted(),
    }
    events = pd.DataFrame({"event_id": days, "session": days})
    return potash.EventStudy(
        returns(kind)[FIRMS], events, returns_kind=kind, model=models[model],
        event_window=(-5, 5), estimation_window=(-10 - n_obs, -11),
    ).fit()  # fmt: skip


def daily(results: EventStudyResults, name: str) -> np.ndarray:
    """Return a test's statistic on each day -5..5."""
    return np.array([results.test(name, (k, k)).stat for k in OFFSETS])


def cumulated(results: EventStudyResults, name: str) -> np.ndarray:
    """Return a test's statistic over the windows (-5, k), k = -5..5."""
    return np.array([results.test(name, (-5, k)).stat for k in OFFSETS])
