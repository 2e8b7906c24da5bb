"""Checks of one daily series: each takes the closes of one ticker in one segment and yields findings.

The thresholds, and why:

- A move is large above six robust standard deviations (1.4826 median absolute deviations of the segment) and above
  5 %: in normal returns it never happens, in the carried series about once in 600.
- Three equal closes are a stale run. Two equal closes are common at a coarse quote (a 6-dollar share that moves by 0.10
  a day in steps of 0.01 has one zero in 25); they make one finding for the segment once above 5 % of its moves.
- Prices move in coarse steps where twenty sessions or more in a row are multiples of a step of at least 0.5 % of the
  price.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from potash._typing import Float1D
from potash.errors import listed
from potash.market.findings import Finding, Severity, days, true_runs

SIGMAS, MOVE_FLOOR = 6.0, 0.05
STALE_RUN, REPEAT_SHARE = 3, 0.05
STEPS = (1.0, 0.5, 0.25, 0.125, 0.1, 0.05, 0.01, 0.005, 0.001)
STEP_SHARE, STEP_RUN = 0.005, 20
_REVERSAL_SESSIONS = 3
_SPLIT_RATIOS = (2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 10.0, 15.0, 20.0, 25.0, 50.0, 100.0)


def missing_sessions(ticker: str, closes: pd.Series[Any]) -> Iterator[Finding]:
    """Yield a finding for each run of sessions without a price between the first and the last price."""
    index = closes.index
    for first, last in true_runs(closes.isna().to_numpy()):
        count = last - first + 1
        yield Finding(
            ticker,
            "missing_sessions",
            "warning",
            index[first],
            index[last],
            f"{count} session{'s' if count > 1 else ''} without a price",
            "No return is computed across it. Get the prices, or keep event windows away from it.",
        )


def stale_runs(ticker: str, closes: pd.Series[Any]) -> Iterator[Finding]:
    """Yield a finding for each run of three equal closes or more, and one if too many moves are exactly zero."""
    prices = closes.dropna()
    same = np.concatenate([[False], np.diff(prices.to_numpy()) == 0])
    for first, last in true_runs(same):
        if last - first + 2 >= STALE_RUN:
            yield Finding(
                ticker,
                "stale_run",
                "warning",
                prices.index[first - 1],
                prices.index[last],
                f"{last - first + 2} equal closes of {prices.iloc[last]:g}",
                "Check volume or a second source: no trading, or a provider that repeats the last price.",
            )
    moves = len(prices) - 1
    repeats = int(same.sum())
    if moves > 0 and repeats > 1 and repeats / moves > REPEAT_SHARE:
        where = listed((days(prices.index[a - 1], prices.index[b]) for a, b in true_runs(same)), 15)
        yield Finding(
            ticker,
            "repeated_closes",
            "info",
            prices.index[0],
            prices.index[-1],
            f"{repeats} of {moves} moves are exactly zero ({repeats / moves:.1%}): {where}",
            "Coarse quotes or thin trading. Prefer rank tests, and look at events that touch these dates.",
        )


def large_moves(ticker: str, closes: pd.Series[Any]) -> Iterator[Finding]:
    """Yield a finding for each one-session move above the threshold, saying whether it was undone."""
    logs = np.log(closes.to_numpy(dtype=np.float64))
    moves = np.diff(logs)
    known = moves[~np.isnan(moves)]
    if len(known) < 2:
        return
    spread = 1.4826 * float(np.median(np.abs(known - np.median(known))))
    threshold = max(SIGMAS * spread, MOVE_FLOOR)
    for at in np.flatnonzero(np.abs(moves) > threshold) + 1:
        yield _large_move(ticker, closes, logs, int(at), spread)


def _large_move(ticker: str, closes: pd.Series[Any], logs: Float1D, at: int, spread: float) -> Finding:
    move = logs[at] - logs[at - 1]
    ratio = float(np.exp(abs(move)))
    later = logs[at + 1 : at + 1 + _REVERSAL_SESSIONS]
    after = np.flatnonzero(np.abs(later - logs[at - 1]) <= abs(move) / 4)
    size = f", {abs(move) / spread:.1f} robust standard deviations" if spread > 0 else ""
    detail = f"{closes.iloc[at - 1]:g} to {closes.iloc[at]:g} ({np.expm1(move):+.1%}{size})"
    severity: Severity = "warning"
    split = [r for r in _SPLIT_RATIOS if abs(ratio / r - 1) < 0.03]
    if len(after):
        sessions = int(after[0]) + 1
        suggestion = "Bad prints look like this: compare with a second source before use."
        detail += f"; undone within {sessions} session{'s' if sessions > 1 else ''}"
    elif split:
        suggestion = "An unadjusted split looks like this: check corporate actions."
        detail += f"; close to {split[0]:g} to 1, and it stays"
    else:
        severity, suggestion = "info", "Keep it if a second source or news confirms it; see what it does to results."
        detail += _aftermath(float(move), later - logs[at - 1])
    session = closes.index[at]
    return Finding(ticker, "large_move", severity, session, session, detail, suggestion)


def _aftermath(move: float, levels: Float1D) -> str:
    """Return in words where the price stands some sessions after a move, seen from the close before it."""
    if not len(levels):
        return "; the data end with it"
    if np.isnan(levels[-1]):
        return "; prices are missing after it"
    stays = "it stays: " if levels[-1] / move >= 0.5 else ""
    return f"; {stays}{np.expm1(levels[-1]):+.1%} from the close before, {len(levels)} sessions later"


def coarse_steps(ticker: str, closes: pd.Series[Any]) -> Iterator[Finding]:
    """Yield a finding for each stretch in which every price is a multiple of a step that is coarse for its level."""
    prices = closes.dropna()
    values = prices.to_numpy(dtype=np.float64)
    free = np.ones(len(values), dtype=np.bool_)
    for step in STEPS:
        multiples = np.abs(values / step - np.round(values / step)) < 1e-6
        for first, last in true_runs(multiples & free):
            part = values[first : last + 1]
            level = float(np.median(part))
            if len(part) < STEP_RUN or len(np.unique(part)) < STEP_RUN // 4 or step / level < STEP_SHARE:
                continue
            free[first : last + 1] = False
            yield Finding(
                ticker,
                "coarse_steps",
                "info",
                prices.index[first],
                prices.index[last],
                f"{len(part)} closes in steps of {step:g}, {step / level:.1%} of the price",
                "Rounding adds noise to daily returns here (old quotes before a reverse split look like this).",
            )
