"""Two sources of a share that never was, for the tests of the comparison."""

import numpy as np
import pandas as pd


def walk(seed=0, sessions=60, start=50.0, spread=0.02) -> pd.Series:
    """Return six-decimal prices whose log returns are normal with 2 % a day."""
    steps = np.random.default_rng(seed).normal(0, spread, sessions)
    index = pd.bdate_range("2025-01-02", periods=sessions, name="session")
    return pd.Series(start * np.exp(steps.cumsum()), index=index).round(6)


def bars(prices: pd.Series, **columns) -> pd.DataFrame:
    return pd.DataFrame({"adj_close": prices, **columns})


def listing(prices: pd.Series, entries: dict[int, float]) -> pd.Series:
    """Return a column of dividends or splits: an amount at each position, NaN elsewhere."""
    column = pd.Series(np.nan, index=prices.index)
    for at, amount in entries.items():
        column.iloc[at] = amount
    return column


def kinds(check) -> list[str]:
    return [finding.kind for finding in check.findings]


def one(check, kind):
    assert kinds(check) == [kind]
    return check.findings[0]


def without_dividend(prices: pd.Series, at: int, amount: float) -> pd.Series:
    """Return prices from which a dividend is not taken out: what adjusting divides out before its date is still in."""
    raw = prices.copy()
    raw.iloc[:at] /= 1 - amount / raw.iloc[at - 1]
    # The yield is of the unadjusted price of the session before, which is the result itself.
    raw.iloc[:at] = prices.iloc[:at] + prices.iloc[:at] * amount / prices.iloc[at - 1]
    return raw.round(6)
