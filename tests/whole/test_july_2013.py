"""A day like 30 July 2013, when Uralkali left its joint venture, is called an effect for every pool and control group.

The prices carried begin later, so the moves reported of that day are put on a day of other years, in a week made twice as
volatile as it was.
"""

from itertools import chain, combinations

import numpy as np
import pandas as pd
import pytest

import potash
from tests.paths import SHARED

MOVES = {"MOS": -0.173, "IPI": -0.289, "SQM": -0.175, "CF": -0.023, "UAN": -0.012, "LXU": -0.004}
FIRMS, CONTROLS = ("MOS", "IPI", "SQM"), ("CF", "UAN", "LXU")
REFERENCE = SHARED / "data" / "reference" / "equities_2015_2024.csv.gz"


def subsets(names, least):
    return list(chain.from_iterable(combinations(names, k) for k in range(least, len(names) + 1)))


def with_the_day(returns: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    """Return the returns with the moves of 2013 on a day, twice the usual size around it."""
    moved, at = returns.copy(), returns.index.get_loc(day)
    securities = [c for c in moved if c != "SPY"]
    moved.iloc[at - 3 : at + 11, moved.columns.get_indexer(securities)] *= 2
    for ticker, move in MOVES.items():
        if ticker in moved:
            moved.loc[day, ticker] = np.log1p(move)
    return moved


def verdict_of(returns, day, firms, controls):
    study = potash.EventStudy(
        returns[list(firms)], pd.DataFrame({"event_id": ["day"], "session": [day]}), returns_kind="log",
        model=potash.MarketModel(returns["SPY"]), event_window=(-5, 10), estimation_window=(-130, -11),
        controls=returns[list(controls)] if controls else None,
    )  # fmt: skip
    (verdict,) = potash.verdicts(study)
    return verdict


@pytest.mark.parametrize("firms", subsets(FIRMS, 2), ids="+".join)
def test_on_the_carried_prices(firms):
    """The controls UAN and LXU are made up: what moves CF, and noise of their own."""
    returns = potash.log_returns(potash.load_prices()).loc[:"2022-04"]
    noise = np.random.default_rng(3).normal(0, 0.03, (len(returns), 2))
    made_up = pd.DataFrame(noise + 0.6 * returns[["CF"]].to_numpy(), returns.index, ["UAN", "LXU"])
    day = pd.Timestamp("2021-09-15")
    moved = with_the_day(returns.join(made_up), day)
    for controls in subsets(CONTROLS, 0):
        verdict = verdict_of(moved, day, firms, controls)
        assert verdict.outcome == "effect", (controls, verdict.sentence(), verdict.details())
        assert verdict.CAR < -0.1


@pytest.mark.skipif(not REFERENCE.exists(), reason="the larger reference prices are not beside the project")
@pytest.mark.parametrize("day", ["2016-07-27", "2017-07-26", "2019-07-30"])
@pytest.mark.parametrize("firms", subsets(FIRMS, 2), ids="+".join)
def test_on_the_reference_prices(firms, day):
    rows = pd.read_csv(REFERENCE, parse_dates=["date"])
    prices = rows.pivot_table(index="date", columns="ticker", values="adj_close").rename_axis("session")
    returns = np.log(prices[[*FIRMS, *CONTROLS, "SPY"]]).diff().iloc[1:]
    moved = with_the_day(returns, pd.Timestamp(day))
    for controls in subsets(CONTROLS, 0):
        verdict = verdict_of(moved, pd.Timestamp(day), firms, controls)
        assert verdict.outcome == "effect", (controls, verdict.sentence(), verdict.details())
