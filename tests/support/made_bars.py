"""Bars of a share that never was, for the tests of the checks: clean ones, to which a test adds one fault."""

import numpy as np
import pandas as pd

from potash.calendars import sessions_between
from potash.market.quality.bars import check_bars
from potash.market.quality.findings import Finding

QUARTER = 63
PRICES = ["open", "high", "low", "close", "adj_close"]
SPLIT_AT = 120


def made_bars(
    seed: int = 0,
    sessions: int = 300,
    dividend: float | None = 0.4,
    decimals: int | None = None,
    start: str = "2023-01-03",
) -> pd.DataFrame:
    """Return bars on New York sessions from ``start`` with open, high, low, close, adj_close, volume and actions.

    Log returns are normal with 1.5 % a day; a dividend of about 0.8 % of the price every 63 sessions. ``adj_close``
    takes every dividend off all closes before it, one factor 1 - D / close[t-1] each.
    """
    rng = np.random.default_rng(seed)
    index = sessions_between("XNYS", start, "2030-12-31")[:sessions]
    # Moves stay under four standard deviations, so that a clean series has no large move.
    close = 50 * np.exp(np.clip(rng.normal(0, 0.015, sessions), -0.045, 0.045).cumsum())
    opened = close * np.exp(rng.normal(0, 0.004, sessions))
    high = np.maximum(opened, close) * np.exp(np.abs(rng.normal(0, 0.004, sessions)))
    low = np.minimum(opened, close) * np.exp(-np.abs(rng.normal(0, 0.004, sessions)))
    paid = np.full(sessions, np.nan)
    if dividend is not None:
        paid[QUARTER::QUARTER] = dividend
    values = {"open": opened, "high": high, "low": low, "close": close}
    bars = pd.DataFrame(values, index=index)
    if decimals is not None:
        bars = bars.round(decimals)
    bars["adj_close"] = adjusted(bars["close"], paid)
    if decimals is not None:
        bars["adj_close"] = bars["adj_close"].round(decimals)
    bars["volume"] = rng.lognormal(13, 0.3, sessions).round()
    return bars.assign(dividend=paid, split=np.nan)


def adjusted(close: pd.Series, paid: np.ndarray) -> np.ndarray:
    """Return closes adjusted for dividends, walking back from the last day."""
    factor, out = 1.0, np.empty(len(close))
    for at in range(len(close) - 1, -1, -1):
        out[at] = close.iloc[at] * factor
        if at and paid[at] > 0:
            factor *= 1 - paid[at] / close.iloc[at - 1]
    return out


def kinds(findings: list[Finding]) -> list[str]:
    return [finding.kind for finding in findings]


def only(findings: list[Finding], kind: str) -> Finding:
    """Return the one finding there is, of this kind."""
    assert kinds(findings) == [kind], [(f.kind, f.detail) for f in findings]
    return findings[0]


def findings_of(bars: pd.DataFrame, exchange: str | None = "XNYS", **more) -> list[Finding]:
    return check_bars("A", bars, exchange, **more)


def with_prices(bars: pd.DataFrame, first: int, stop: int | None, factor: float, fields=PRICES) -> pd.DataFrame:
    changed = bars.copy()
    where = [changed.columns.get_loc(name) for name in fields]
    changed.iloc[first:stop, where] *= factor
    return changed


def with_split(ratio: float, factor: float = 1.0, at: int = SPLIT_AT, seed: int = 0) -> pd.DataFrame:
    """Return bars with a listed split, the prices before it multiplied by a factor: 1 is rightly adjusted."""
    bars = with_prices(made_bars(seed, dividend=None), 0, at, factor)
    bars.loc[bars.index[SPLIT_AT], "split"] = ratio
    return bars
