"""Checks of splits and dividends against prices: listed and not applied, applied and not listed, applied wrongly.

Prices come adjusted for splits by the provider, so on the day of a listed split the close should not jump; ``adj_close``
is adjusted for dividends too, so that its ratio f to the close changes on the ex-date t of a dividend D and only then:
f[t-1] / f[t] = 1 - D / close[t-1].

Rounding moves f as well: what counts as a change lies above half of the last decimal of ``adj_close`` on both days and,
where f is seen to move by it, of the close.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from potash._typing import Bool1D, Float1D
from potash.market.quality.daily import near_split
from potash.market.quality.findings import Finding

STAYS, AROUND, LATE = 5, 20, 5
REUSE_FACTOR = 4.0
SPLIT_FIT, LATE_FIT, LATE_RATIO = 0.35, 0.10, 1.4


@dataclass(frozen=True, slots=True)
class SplitFindings:
    """Findings about splits, and the days whose jumps they explain.

    Attributes
    ----------
    findings : list of Finding
        ``split_missed`` and ``split_applied_twice``.
    explained : ndarray of shape (n_sessions,)
        Days whose jump belongs to a listed split.
    """

    findings: list[Finding]
    explained: Bool1D


def listed_actions(bars: pd.DataFrame, name: str) -> pd.Series[Any]:
    """Return the listed dividends or splits of some bars; zero, and a split of one to one, stand for none."""
    if name not in bars:
        return pd.Series(dtype=np.float64, index=bars.index[:0])
    actions = bars[name].dropna()
    return actions[(actions != 0) & (actions != 1)] if name == "split" else actions[actions != 0]


def impossible_actions(ticker: str, bars: pd.DataFrame) -> Iterator[Finding]:
    """Yield a finding for each negative dividend or split."""
    for name in ("dividend", "split"):
        for day, value in listed_actions(bars, name).items():
            if value < 0:
                detail = f"{name} of {value:g} on {day:%Y-%m-%d}"
                advice = "Take the action from a second source: what was adjusted with it is wrong too."
                yield Finding(ticker, "impossible_action", "error", day, day, detail, advice)


def check_splits(ticker: str, bars: pd.DataFrame, prices: pd.Series[Any]) -> SplitFindings:
    """Return findings about listed splits whose ratio the price shows on the day, or up to five sessions from it.

    Parameters
    ----------
    bars : DataFrame of n_sessions
        With ``split``, if the provider gives it.
    prices : Series of the same days
        Closes in one unit; NaN is missing.
    """
    findings: list[Finding] = []
    explained = np.zeros(len(prices), dtype=np.bool_)
    values = prices.to_numpy(dtype=np.float64)
    priced = np.flatnonzero(values > 0)
    jumps = np.diff(np.log(values[priced]), prepend=np.nan)
    spread = _robust_spread(jumps)
    for day, ratio in listed_actions(bars, "split").items():
        at = int(priced.searchsorted(prices.index.searchsorted(day)))
        size = abs(float(np.log(ratio))) if ratio > 0 else 0.0
        # A small stock dividend is lost in the moves of its day.
        if not 0 < at < len(priced) or size < max(4 * spread, 0.05):
            continue
        nearest = _split_jump(jumps, at, size)
        if nearest is None:
            continue
        stays = float(np.median(np.log(values[priced[nearest : nearest + STAYS]]))) - np.log(
            values[priced[nearest - 1]]
        )
        if abs(stays - jumps[nearest]) > size / 2:
            continue
        explained[priced[nearest]] = True
        pair = (values[priced[nearest - 1]], values[priced[nearest]])
        findings.append(
            _split(ticker, (day, prices.index[priced[nearest]]), float(ratio), pair, jumps[nearest] * np.log(ratio) > 0)
        )
    return SplitFindings(findings, explained)


def _split_jump(jumps: Float1D, at: int, size: float) -> int | None:
    """Return where the price jumps by the ratio of a split: on its day or, if it fits closely, near it."""
    if abs(abs(jumps[at]) - size) <= SPLIT_FIT * size:
        return at
    if size < np.log(LATE_RATIO):
        return None
    nearby = range(max(1, at - LATE), min(len(jumps), at + LATE + 1))
    fits = [i for i in nearby if abs(abs(jumps[i]) - size) <= LATE_FIT * size]
    return min(fits, key=lambda i: abs(i - at), default=None)


def _split(ticker: str, at: tuple[Any, Any], ratio: float, pair: tuple[float, float], twice: bool) -> Finding:
    listed_day, day = at
    start, end = min(at), max(at)
    late = "" if day == listed_day else f"; the jump is on {day:%Y-%m-%d}"
    moved = f"{pair[0]:g} to {pair[1]:g} ({pair[1] / pair[0] - 1:+.1%})"
    detail = f"a split of {_ratio(ratio)} is listed on {listed_day:%Y-%m-%d}, and the close goes from {moved}{late}"
    if twice:
        detail += ": the prices before it are adjusted twice"
        advice = "Undo one adjustment of the prices before it, or ask the provider again."
        return Finding(ticker, "split_applied_twice", "error", start, end, detail, advice)
    detail += ": the prices before it are not adjusted"
    advice = "Adjust the prices before it by the ratio, or ask the provider again; take no return across it."
    return Finding(ticker, "split_missed", "error", start, end, detail, advice)


def _ratio(split: float) -> str:
    return f"{split:g} to 1" if split > 1 else f"1 to {1 / split:g}"


def split_ratio(change: float) -> float | None:
    """Return the change of the price, as 0.5 or 10, that a split near a change from one close to the next would make.

    ``None`` if there is none within 3 %; within 15 % for changes beyond a factor of four, where no true move of the day
    reaches but may have been added (Intrepid Potash rose by 9 % on the day of its 1 to 10 split of August 2020).
    """
    size = max(change, 1 / change)
    split = near_split(size, 0.15 if size > REUSE_FACTOR else 0.03)
    if split is None:
        return None
    return split if change > 1 else 1 / split


def weigh_unlisted_split(finding: Finding, bars: pd.DataFrame, prices: pd.Series[Any]) -> Finding:
    """Return a large move near a split ratio with what speaks for a split, as ``split_not_listed`` if all does.

    For a split: the open stands at the ratio already, the volume changes inversely to the price and stays there, and
    the day itself is no day of news (under three times the volume of the sessions after it). Beyond a factor of four
    the day's volume does not count, and the open may fit less closely. Any other move is returned as it came.
    """
    values = prices.dropna()
    at = int(values.index.searchsorted(finding.start))
    before = float(values.iloc[at - 1])
    change = float(values.iloc[at]) / before
    exact = split_ratio(change)
    if finding.kind != "large_move" or exact is None or "it stays" not in finding.detail:
        return finding
    sure = max(change, 1 / change) > REUSE_FACTOR
    near, news = (0.15, np.inf) if sure else (0.05, 3.0)
    signs: list[bool] = []
    words = [] if "to 1, and" in finding.detail else [f"close to {max(exact, 1 / exact):g} to 1"]
    words.append("no such split is listed")
    if "open" in bars and bars["open"].get(finding.start, np.nan) > 0:
        opened = float(bars["open"][finding.start])
        signs.append(abs(opened / before / exact - 1) < near)
        words.append(f"the open of {opened:g} {'agrees' if signs[-1] else 'does not'}")
    volume = bars["volume"].reindex(values.index) if "volume" in bars else None
    if volume is not None and (scale := _volume_change(volume, at)) is not None:
        signs.append(inverse_volume(scale[0], exact) and scale[1] < news)
        words.append(f"the volume {'agrees' if signs[-1] else 'does not'} (its median changes {scale[0]:.2g} times)")
    detail = "; ".join([finding.detail, *words])
    if len(signs) == 2 and all(signs):
        advice = "A split that the list lacks: check corporate actions; take no return across it."
        return replace(finding, kind="split_not_listed", severity="error", detail=detail, suggestion=advice)
    return replace(finding, severity="warning" if sure else finding.severity, detail=detail)


def inverse_volume(scale: float, exact: float) -> bool:
    """Return whether a change of the volume is nearer to the inverse of a split's change of the price than to none."""
    return bool(abs(np.log(scale * exact)) < abs(np.log(exact)) / 2)


def _volume_change(volume: pd.Series[Any], at: int) -> tuple[float, float] | None:
    """Return the median volume after a day over that before it, and the day's over that after it."""
    before, after = volume.iloc[max(0, at - AROUND) : at], volume.iloc[at + 1 : at + 1 + AROUND]
    scale = median_ratio(before, after)
    return None if scale is None else (scale, float(volume.iloc[at] / after.median()))


def median_ratio(before: pd.Series[Any], after: pd.Series[Any]) -> float | None:
    """Return the median of one part of a series over that of another; ``None`` where either is missing or zero."""
    if before.isna().all() or after.isna().all():
        return None
    medians = float(before.median()), float(after.median())
    return medians[1] / medians[0] if min(medians) > 0 else None


def _robust_spread(moves: Float1D) -> float:
    finite = moves[~np.isnan(moves)]
    return 1.4826 * float(np.median(np.abs(finite - np.median(finite)))) if len(finite) else 0.0


def note_dividend(finding: Finding, bars: pd.DataFrame, prices: pd.Series[Any]) -> Finding:
    """Return a large fall with the part of it that is the dividend of its day, if that is a fifth or more."""
    dividends = listed_actions(bars, "dividend")
    if finding.kind != "large_move" or finding.start not in dividends.index:
        return finding
    values = prices.dropna()
    at = int(values.index.searchsorted(finding.start))
    fall = float(values.iloc[at - 1] - values.iloc[at])
    paid = float(dividends[finding.start])
    if fall <= 0 or paid < fall / 5:
        return finding
    return replace(finding, detail=f"{finding.detail}; {min(paid / fall, 1.0):.0%} of it is the dividend of {paid:g}")
