"""Checks of one daily series: each takes the closes of one ticker in one segment and yields findings.

The thresholds, and why:

- A move is large above six robust standard deviations (1.4826 median absolute deviations of the segment) and above
  5 %: in normal returns it never happens, in the carried series about once in 600.
- Three equal closes are a stale run. Two equal closes are common at a coarse quote (a 6-dollar share that moves by 0.10
  a day in steps of 0.01 has one zero in 25); they make one finding for the segment once above 5 % of its moves.
- Prices move in coarse steps where twenty sessions or more in a row are multiples of a step of at least 0.5 % of the
  price.
- A factor is constant where 240 sessions or more in a row, about a year, have one value: a true daily factor never does.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from potash._typing import Float1D
from potash.errors import listed
from potash.market.quality.findings import Finding, Severity, days, true_runs

SIGMAS, MOVE_FLOOR = 6.0, 0.05
STALE_RUN, REPEAT_SHARE = 3, 0.05
STEPS = (1.0, 0.5, 0.25, 0.125, 0.1, 0.05, 0.01, 0.005, 0.001)
STEP_SHARE, STEP_RUN = 0.005, 20
CONSTANT_RUN, COARSE_SHARE = 240, 0.2
_REVERSAL_SESSIONS = 3
_MAX_DECIMALS = 6
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


def stale_runs(ticker: str, closes: pd.Series[Any], volume: pd.Series[Any] | None = None) -> Iterator[Finding]:
    """Yield a finding for each run of three equal closes or more, and one if too many moves are exactly zero.

    With ``volume``, of the same sessions, a run says on how many of its repeats nothing was traded.
    """
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
                f"{last - first + 2} equal closes of {prices.iloc[last]:g}{_untraded(prices.index[first : last + 1], volume)}",
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


def _untraded(repeats: pd.DatetimeIndex, volume: pd.Series[Any] | None) -> str:
    """Return in words on how many of the repeated closes the volume is zero."""
    none = 0 if volume is None else int((volume.reindex(repeats) == 0).sum())
    if not none:
        return ""
    return (
        "; volume is zero on every repeat"
        if none == len(repeats)
        else f"; volume is zero on {none} of {len(repeats)} repeats"
    )


def near_split(ratio: float, within: float = 0.03) -> float | None:
    """Return the split ratio nearest to a price ratio above 1 if it is within a share of it, or ``None``."""
    nearest = min(_SPLIT_RATIOS, key=lambda split: abs(ratio / split - 1))
    return nearest if abs(ratio / nearest - 1) < within else None


def large_moves(ticker: str, closes: pd.Series[Any]) -> Iterator[Finding]:
    """Yield a finding for each one-session move above the threshold, saying whether it was undone."""
    logs = np.log(closes.to_numpy(dtype=np.float64))
    moves = np.diff(logs)
    moved = moves[~np.isnan(moves)]
    if len(moved) < 2:
        return
    spread = 1.4826 * float(np.median(np.abs(moved - np.median(moved))))
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
    split = near_split(ratio)
    if len(after):
        sessions = int(after[0]) + 1
        suggestion = "Bad prints look like this: compare with a second source before use."
        detail += f"; undone within {sessions} session{'s' if sessions > 1 else ''}"
    elif split is not None:
        suggestion = "An unadjusted split looks like this: check corporate actions."
        detail += f"; close to {split:g} to 1, and it stays"
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


def check_factors(frame: pd.DataFrame) -> list[Finding]:
    """Return findings about daily factors or rates: stretches at one value, and values too coarse for their spread.

    ==================  =============================================================================================
    ``constant_value``  240 sessions or more at one value; a warning where it is zero, since a rate that is rounded to
                        nothing cannot be told from one that is not known
    ``coarse_values``   the step in which the values are given is 20 % or more of their standard deviation
    ==================  =============================================================================================

    Parameters
    ----------
    frame : DataFrame of shape (n_sessions, n_factors)
        Any sign; NaN is missing and left out. Not changed.
    """
    findings: list[Finding] = []
    for name in frame.columns:
        values = frame[name].dropna()
        if len(values):
            findings += [*_constant_values(str(name), values), *_coarse_values(str(name), values)]
    return findings


def _constant_values(name: str, values: pd.Series[Any]) -> Iterator[Finding]:
    same = np.concatenate([[False], np.diff(values.to_numpy(dtype=np.float64)) == 0])
    for first, last in true_runs(same):
        count, value = last - first + 2, float(values.iloc[last])
        if count >= CONSTANT_RUN:
            yield Finding(
                name,
                "constant_value",
                "warning" if value == 0 else "info",
                values.index[first - 1],
                values.index[last],
                f"{count} sessions at exactly {value:g}",
                "Rounded until nothing moves: take a source with more decimals where its size matters.",
            )


def _coarse_values(name: str, series: pd.Series[Any]) -> Iterator[Finding]:
    values = series.to_numpy(dtype=np.float64)
    decimals, spread = decimals_of(values), float(np.std(values))
    if decimals is None or len(values) < STEP_RUN or spread == 0:
        return
    step = 10.0**-decimals
    if step >= COARSE_SHARE * spread:
        yield Finding(
            name,
            "coarse_values",
            "info",
            series.index[0],
            series.index[-1],
            f"given in steps of {step:g}; their standard deviation is {spread:.2g}",
            "Rounding is a large part of what moves here. Use a finer source, or leave its variation unread.",
        )


def decimals_of(values: Float1D) -> int | None:
    """Return the least number of decimals, up to 6, that gives 99 % of the values; ``None`` if that is not enough.

    Single precision leaves a relative error of 1e-7 (52.6 comes as 52.599998); it does not count as decimals.
    """
    finite = values[~np.isnan(values)]
    for decimals in range(_MAX_DECIMALS + 1):
        off = np.abs(finite - np.round(finite, decimals))
        if len(finite) and np.mean(off <= 1e-7 * np.abs(finite) + 1e-12) >= 0.99:
            return decimals
    return None
