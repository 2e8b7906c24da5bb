"""Checks that a series is one thing in one unit: a change of currency unit, of company, of name.

A hundred to one is the ratio of pounds to pence, shekels to agorot, rands to cents; prices within 80 to 125 times
their neighbours are taken for it, since a session or a month in the other unit moves a little too. A share that stands
more than four times higher or lower from one session to the next and stays there is another share: the largest true
moves of a session known here are under a factor of 2.5 (Intrepid Potash, 29 February 2016, -55 %).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from potash._typing import Bool1D, Float1D, Int1D
from potash.errors import PricesError
from potash.market.currency import MINOR_UNITS
from potash.market.quality.actions import REUSE_FACTOR, inverse_volume, median_ratio, split_ratio
from potash.market.quality.daily import near_split
from potash.market.quality.findings import Finding, true_runs

HUNDREDTHS: Mapping[str, str] = {unit: whole for unit, (whole, part) in MINOR_UNITS.items() if part == 0.01}
UNIT_RATIO = (80.0, 125.0)
VOLUME_SCALE = 5.0
_AROUND, _VOLUME_AROUND, _GAP = 20, 60, 5


def is_unit_ratio(ratio: float) -> bool:
    """Return whether a ratio, or its inverse, is about 100."""
    return UNIT_RATIO[0] <= max(ratio, 1 / ratio) <= UNIT_RATIO[1] if ratio > 0 else False


def unit_levels(values: Float1D, splits: Bool1D) -> Int1D:
    """Return by how many factors of about 100 each value stands above (below, if negative) most of the series.

    Parameters
    ----------
    values : ndarray of shape (n_sessions,)
        Prices; NaN and values that are not positive have the level of the value before them.
    splits : ndarray of shape (n_sessions,)
        Days with a listed split of that size, whose jumps are no change of unit.
    """
    priced = np.flatnonzero(values > 0)
    levels = np.zeros(len(values), dtype=np.int64)
    if len(priced) < 2:
        return levels
    jumps = np.diff(np.log(values[priced]))
    low, high = np.log(UNIT_RATIO[0]), np.log(UNIT_RATIO[1])
    steps = np.where((np.abs(jumps) >= low) & (np.abs(jumps) <= high) & ~splits[priced[1:]], np.sign(jumps), 0)
    changes = np.zeros(len(values), dtype=np.int64)
    changes[priced[1:]] = steps.astype(np.int64)
    levels = np.cumsum(changes)
    kinds, counts = np.unique(levels[priced], return_counts=True)
    common = kinds[counts == counts.max()]
    return levels - (levels[priced[-1]] if levels[priced[-1]] in common else common[0])


def mixed_currency(ticker: str, prices: pd.Series[Any], levels: Int1D, facts: Mapping[str, str]) -> Iterator[Finding]:
    """Yield a finding for each stretch whose prices are about 100 times higher or lower than the rest."""
    for first, last in true_runs(levels != 0):
        values = prices.to_numpy(dtype=np.float64)
        # Without a value before it the stretch is seen against the value after it.
        near = next((v for v in values[:first][::-1] if v > 0), next((v for v in values[last + 1 :] if v > 0), np.nan))
        higher = levels[first] > 0
        count = int((values[first : last + 1] > 0).sum())
        there = values[first] if values[first] > 0 else float(np.nanmedian(values[first : last + 1]))
        inside = first > 0 and last + 1 < len(levels)
        returns = "" if inside else "; not there and back: a 100 to 1 split looks like this too"
        yield Finding(
            ticker,
            "mixed_currency",
            "error",
            prices.index[first],
            prices.index[last],
            f"{count} price{'s' if count > 1 else ''} about 100 times {'higher' if higher else 'lower'} than the rest: "
            f"{there:g} beside {near:g}{returns}{_unit_note(facts, higher)}",
            "Convert these days to the unit of the series, or leave them out.",
        )


def mixed_fields(ticker: str, bars: pd.DataFrame, facts: Mapping[str, str]) -> tuple[list[Finding], Bool1D]:
    """Return findings of days whose open, high or low is about 100 times the close, and which days those are."""
    findings: list[Finding] = []
    touched = np.zeros(len(bars), dtype=np.bool_)
    for name in ("open", "high", "low"):
        if name not in bars or "close" not in bars:
            continue
        ratios = (bars[name] / bars["close"].where(bars["close"] > 0)).to_numpy(dtype=np.float64)
        low, high = UNIT_RATIO
        flags = ((ratios >= low) & (ratios <= high)) | ((ratios >= 1 / high) & (ratios <= 1 / low))
        touched |= flags
        for first, last in true_runs(flags):
            row, higher = bars.iloc[first], bool(ratios[first] > 1)
            detail = f"{name} {row[name]:g} beside a close of {row['close']:g}{_unit_note(facts, higher)}"
            advice = "Convert this field to the unit of the close, or leave it out."
            span = (bars.index[first], bars.index[last])
            findings.append(Finding(ticker, "mixed_currency", "error", *span, detail, advice))
    return findings, touched


def _unit_note(facts: Mapping[str, str], higher: bool) -> str:
    """Return in words which unit a stretch may stand in, from the currency that the provider names."""
    currency = facts.get("currency", "")
    if currency in HUNDREDTHS and not higher:
        return f" (quoted in {currency}; these look like {HUNDREDTHS[currency]})"
    minor = next((m for m, major in HUNDREDTHS.items() if major == currency), None)
    if minor is not None and higher:
        return f" (quoted in {currency}; these look like {minor})"
    return f" (quoted in {currency})" if currency else ""


def ticker_reused(
    ticker: str, prices: pd.Series[Any], volume: pd.Series[Any] | None, sessions: pd.DatetimeIndex, splits: Bool1D
) -> Iterator[Finding]:
    """Yield a finding for each jump beyond a factor of four that stays, from a level that had stood before it.

    Parameters
    ----------
    prices, volume : Series of the same n_sessions days
        Prices in one unit; NaN is missing.
    sessions : DatetimeIndex
        The sessions that the series should have: those between two prices are missing.
    splits : ndarray of shape (n_sessions,)
        Days whose jump a listed split explains.
    """
    values = prices.to_numpy(dtype=np.float64)
    priced = np.flatnonzero(values > 0)
    logs = np.log(values[priced])
    for at in np.flatnonzero(np.abs(np.diff(logs)) > np.log(REUSE_FACTOR)) + 1:
        before, after = logs[max(0, at - _AROUND) : at], logs[at : at + _AROUND]
        jump = float(logs[at] - logs[at - 1])
        stood = abs(float(np.median(before)) - logs[at - 1]) < np.log(2)
        stays = abs(float(np.median(after)) - logs[at]) < np.log(2) and len(after) >= 3
        if splits[priced[at]] or not stood or not stays:
            continue
        last, first = prices.index[priced[at - 1]], prices.index[priced[at]]
        gap = int(((sessions > last) & (sessions < first)).sum())
        scale = _volume_scale(volume, int(priced[at]))
        evidence = [gap >= _GAP, scale is not None and max(scale, 1 / scale) >= VOLUME_SCALE]
        ratio = float(np.exp(abs(jump)))
        exact = near_split(ratio) is not None or is_unit_ratio(ratio)
        if _is_split(float(np.exp(jump)), scale) or (exact and not all(evidence)):
            continue
        yield _reused(ticker, (last, first), (values[priced[at - 1]], values[priced[at]]), gap, scale, any(evidence))


def _reused(
    ticker: str, span: tuple[Any, Any], prices: tuple[float, float], gap: int, scale: float | None, strong: bool
) -> Finding:
    last, first = span
    details = [
        f"{prices[0]:g} on {last:%Y-%m-%d}, {prices[1]:g} on {first:%Y-%m-%d} ({prices[1] / prices[0]:.3g} times)"
    ]
    details += [f"{gap} session{'s' if gap > 1 else ''} missing between"] if gap else []
    details += [f"median volume {scale:.3g} times what it was"] if scale is not None else []
    return Finding(
        ticker,
        "ticker_reused",
        "error" if strong else "warning",
        first,
        first,
        "; ".join(details) + "; no split is listed, and it stays",
        f"Another company under the same ticker looks like this: use the series from {first:%Y-%m-%d} on only.",
    )


def _volume_scale(volume: pd.Series[Any] | None, at: int) -> float | None:
    """Return the median volume from a day on over that before it."""
    if volume is None:
        return None
    return median_ratio(volume.iloc[max(0, at - _VOLUME_AROUND) : at], volume.iloc[at : at + _VOLUME_AROUND])


def _is_split(change: float, scale: float | None) -> bool:
    """Return whether a change is near a split ratio and the volume changed inversely."""
    exact = split_ratio(change)
    return exact is not None and scale is not None and inverse_volume(scale, exact)


def check_history(closes: pd.Series[Any], facts_by_time: Sequence[tuple[dt.datetime, str, str]]) -> list[Finding]:
    """Return findings where the name or the currency that a provider gives for a series changed.

    ====================  ===========================================================================================
    ``ticker_renamed``    another name, case and punctuation apart; an error where the close moved beyond a factor of
                          four at that time (another company), else a warning
    ``currency_changed``  another code of the currency; an error where the close moved by about 100 at that time
                          (pence and pounds in one series), else a warning
    ====================  ===========================================================================================

    Parameters
    ----------
    closes : Series of n_sessions
        Its name is the ticker; index of naive dates. NaN is missing.
    facts_by_time : sequence of (known_from, fact, value)
        When each value of a fact was learnt, with its zone. In any order; other facts are passed over.

    Raises
    ------
    PricesError
        If a time has no zone, or the series no name.
    """
    if closes.name is None:
        raise PricesError("closes has no name. Give it its ticker: closes.rename('NTR').")
    if any(when.tzinfo is None for when, _, _ in facts_by_time):
        raise PricesError(f"{closes.name}: a time in facts_by_time has no zone. Give it in UTC.")
    findings: list[Finding] = []
    for fact, kind in (("name", "ticker_renamed"), ("currency", "currency_changed")):
        stated = sorted((when, value) for when, what, value in facts_by_time if what == fact)
        for (_, old), (when, new) in pairwise(stated):
            if old != new and (fact == "currency" or _plain(old) != _plain(new)):
                findings.append(_changed(closes, kind, when, old, new))
    return sorted(findings, key=lambda finding: finding.start)


def _plain(name: str) -> str:
    return "".join(letter for letter in name.casefold() if letter.isalnum())


def _changed(closes: pd.Series[Any], kind: str, when: dt.datetime, old: str, new: str) -> Finding:
    day = pd.Timestamp(when).tz_convert("UTC").tz_localize(None).normalize()
    positive = closes.dropna()
    positive = positive[positive > 0]
    around = positive.loc[day - pd.Timedelta(days=10) : day + pd.Timedelta(days=10)]
    ratios = (around / around.shift(1)).dropna()
    largest = float(np.exp(np.abs(np.log(ratios)).max())) if len(ratios) else 1.0
    bad = is_unit_ratio(largest) if kind == "currency_changed" else largest > REUSE_FACTOR
    moves = (
        f"the close moves by a factor of up to {largest:.3g} within ten days of it"
        if len(ratios)
        else "no close near it"
    )
    what = "currency" if kind == "currency_changed" else "name"
    return Finding(
        str(closes.name),
        kind,
        "error" if bad else "warning",
        day,
        day,
        f"{what} {old!r} until then, {new!r} from {day:%Y-%m-%d} on; {moves}",
        "Check that values before and after are of one share in one unit; if not, keep them as two series."
        if bad
        else "A new name is harmless if the company is the same; a new currency if all values were converted with it.",
    )
