"""Checks of dividends against the ratio of adjusted to plain close; see :mod:`potash.market.quality.actions`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from potash._typing import Bool1D, Float1D, Int1D
from potash.market.quality.actions import listed_actions
from potash.market.quality.daily import decimals_of
from potash.market.quality.findings import Finding, Severity, true_runs
from potash.market.quality.identity import is_unit_ratio
from potash.market.quality.rows import joined

SMALLEST_YIELD, SMALLEST_STEP, OFF = 0.001, 0.0005, 0.20
DRIFT, FLAT_RUN, MANY_STEPS = 0.001, 20, 0.10
LATE = 5
_IMPLAUSIBLE_YIELD = 0.3


@dataclass(frozen=True, slots=True)
class FactorSteps:
    """How the factor f = adj_close / close changes from one known close to the next.

    Attributes
    ----------
    index : DatetimeIndex of n_days
        Days with a positive close.
    closes : ndarray of shape (n_days,)
    log_factor : ndarray of shape (n_days,)
        NaN where adj_close is missing or not positive.
    implied : ndarray of shape (n_days,)
        1 - f[t-1] / f[t], the share of the close before that was taken off; NaN where it is not known.
    tolerance : ndarray of shape (n_days,)
        What rounding can make of an ``implied`` of zero.
    """

    index: pd.DatetimeIndex
    closes: Float1D
    log_factor: Float1D
    implied: Float1D
    tolerance: Float1D


def factor_steps(bars: pd.DataFrame) -> FactorSteps:
    """Return the changes of the factor of bars with ``close`` and, if the provider gives it, ``adj_close``."""
    priced = bars[(bars["close"] > 0).to_numpy()]
    closes = priced["close"].to_numpy(dtype=np.float64)
    adjusted = priced["adj_close"].to_numpy(dtype=np.float64) if "adj_close" in priced else np.full(len(priced), np.nan)
    adjusted = np.where(adjusted > 0, adjusted, np.nan)
    logs = np.log(adjusted / closes)
    changes = np.diff(logs, prepend=np.nan)
    return FactorSteps(
        pd.DatetimeIndex(priced.index), closes, logs, -np.expm1(-changes), _tolerance(closes, adjusted, changes)
    )


def _tolerance(closes: Float1D, adjusted: Float1D, changes: Float1D) -> Float1D:
    """Return what rounding can make of each change of the factor.

    The rounding of ``adj_close`` always counts. That of the close counts as far as the factor is seen to move by it: a
    price in cents is exact unless ``adj_close`` was computed from a finer one.
    """
    rounding, both = _half_units(adjusted), _half_units(adjusted) + _half_units(closes)
    scaled = np.abs(changes * adjusted)[~np.isnan(changes)]
    noise = 3 * float(np.quantile(scaled, 0.9)) if len(scaled) else 0.0
    return np.maximum(1.2 * rounding, np.minimum(noise / adjusted, 1.2 * both)) + 2e-6


def _half_units(values: Float1D) -> Float1D:
    """Return half of the last decimal that values are given in, over the value, summed with that of the value before."""
    decimals = decimals_of(values)
    shares = (0.0 if decimals is None else 0.5 * 10.0**-decimals) / values
    return shares + np.concatenate([[np.nan], shares[:-1]])


def check_dividends(
    ticker: str, bars: pd.DataFrame, facts: Mapping[str, str], split_days: pd.DatetimeIndex | None = None
) -> list[Finding]:
    """Return findings about dividends of one series and the adjustment for them.

    ===============================  ================================================================================
    ``dividend_not_applied``         listed, at least 0.1 % of the price, and the factor does not change
    ``dividend_amount_differs``      the factor changes as for an amount more than 20 % off
    ``dividend_date_differs``        the factor changes by the amount up to five sessions off the listed day
    ``dividend_unit``                an amount about 100 times that by which the factor changes or that of the other
                                     dividends (or a hundredth), or a third of the price and more without a fall
    ``adjustment_without_dividend``  the factor changes and nothing is listed; only if the bars list dividends
    ``factor_drift``                 the factor moves where nothing is paid, or on one session in ten
    ===============================  ================================================================================

    Parameters
    ----------
    bars : DataFrame of n_sessions
        Prices in one unit; sorted, no duplicates.
    facts : mapping
        ``currency``, if known, is named in the details.
    split_days : DatetimeIndex, optional
        Days on which a split was wrongly applied: the factor may change on them.
    """
    if "close" not in bars or not (bars["close"] > 0).any():
        return []
    steps = factor_steps(bars)
    amounts = _amounts(steps, bars)
    moved = np.abs(steps.implied) > np.maximum(steps.tolerance, SMALLEST_STEP)
    at_split = np.asarray(steps.index.isin([] if split_days is None else split_days), dtype=np.bool_)
    moved &= ~at_split
    findings, used = _check_listed(ticker, steps, amounts, moved, facts.get("currency", ""))
    unlisted = moved & ~used & (amounts == 0)
    if unlisted.sum() > max(MANY_STEPS * len(moved), FLAT_RUN):
        # Amounts cannot be read off a factor that never rests; units can.
        return [*(f for f in findings if f.kind == "dividend_unit"), _restless(ticker, steps, unlisted)]
    if "dividend" in bars:
        findings += joined([_unlisted(ticker, steps, int(at)) for at in np.flatnonzero(unlisted)])
    findings += _drift(ticker, steps, moved | at_split | (amounts != 0))
    return findings


def _amounts(steps: FactorSteps, bars: pd.DataFrame) -> Float1D:
    """Return the dividends listed since the known close before, by known close; those before the first are left out."""
    amounts = np.zeros(len(steps.index))
    for day, amount in listed_actions(bars, "dividend").items():
        at = int(steps.index.searchsorted(day))
        if 0 < at < len(amounts) and amount > 0:
            amounts[at] += amount
    return amounts


def _check_listed(
    ticker: str, steps: FactorSteps, amounts: Float1D, moved: Bool1D, currency: str
) -> tuple[list[Finding], Bool1D]:
    """Return findings about listed dividends, and the changes of the factor on other days that belong to them."""
    by_kind: dict[str, list[Finding]] = {}
    used = np.zeros(len(moved), dtype=np.bool_)
    paid: Int1D = np.flatnonzero(amounts)
    yields = amounts[paid] / steps.closes[paid - 1]
    for place, at in enumerate(paid):
        others = np.delete(yields, place)
        finding = _unit(ticker, steps, int(at), amounts[at], others, currency)
        if finding is None and yields[place] >= max(SMALLEST_YIELD, 2 * _zero_if_nan(steps.tolerance[at])):
            late = _applied_nearby(steps, int(at), yields[place], moved & ~used & (amounts == 0))
            if late is not None:
                used[late] = True
            finding = _application(ticker, steps, int(at), amounts[at], late)
        if finding is not None:
            by_kind.setdefault(finding.kind, []).append(finding)
    return [finding for group in by_kind.values() for finding in joined(group)], used


def _zero_if_nan(value: float) -> float:
    return 0.0 if np.isnan(value) else float(value)


def _unit(ticker: str, steps: FactorSteps, at: int, amount: float, others: Float1D, currency: str) -> Finding | None:
    """Return a finding if a dividend seems to be in another unit than the price."""
    before, implied = steps.closes[at - 1], steps.implied[at]
    size, why = amount / before, ""
    median = float(np.median(others)) if len(others) >= 3 else np.nan
    fall = 1 - steps.closes[at] / before
    stands = fall < _IMPLAUSIBLE_YIELD * size
    severity: Severity = "error"
    if abs(implied) > steps.tolerance[at] and is_unit_ratio(implied * before / amount):
        why = f"the factor changes as for {implied * before:.4g}"
    elif size >= _IMPLAUSIBLE_YIELD and stands:
        why = f"{size:.0%} of the price, which does not fall by it ({-fall:+.1%})"
    elif is_unit_ratio(size / median) and (stands or size < median):
        why, severity = f"{size:.3%} of the price, where the others are {median:.3%} in the median", "warning"
    if not why:
        return None
    quoted = f" (quoted in {currency})" if currency else ""
    detail = f"dividend of {amount:g} on {_day(steps, at)}, close before {before:g}{quoted}: {why}"
    advice = "Dividend and price differ in unit by 100, as pence and pounds do: convert one of them."
    return Finding(ticker, "dividend_unit", severity, steps.index[at], steps.index[at], detail, advice)


def _applied_nearby(steps: FactorSteps, at: int, size: float, free: Bool1D) -> int | None:
    """Return the day within five sessions on which a dividend was applied that its own day does not show."""
    if np.isnan(steps.implied[at]) or abs(steps.implied[at]) > max(steps.tolerance[at], 0.1 * size):
        return None
    for distance in range(1, LATE + 1):
        for other in (at - distance, at + distance):
            if 0 < other < len(free) and free[other] and abs(steps.implied[other] / size - 1) <= OFF:
                return other
    return None


def _application(ticker: str, steps: FactorSteps, at: int, amount: float, late: int | None) -> Finding | None:
    """Return a finding if the factor does not change by a listed dividend on its day."""
    before, implied, tolerance = steps.closes[at - 1], steps.implied[at], steps.tolerance[at]
    size = amount / before
    if np.isnan(implied) or abs(implied - size) <= max(OFF * size, tolerance):
        return None
    stated = f"dividend of {amount:g} ({size:.2%} of the close before) on {_day(steps, at)}"
    start, end = steps.index[min(at, late or at)], steps.index[max(at, late or at)]
    if late is not None:
        detail = f"{stated}; adj_close is adjusted for it on {_day(steps, late)}"
        advice = "Check the ex-date: the return of one of the two days is off by the dividend."
        return Finding(ticker, "dividend_date_differs", "warning", start, end, detail, advice)
    if abs(implied) <= max(tolerance, 0.1 * size):
        detail = f"{stated}; adj_close / close does not change"
        advice = "Compute returns from close and dividends, or take another source: adj_close lacks this payment."
        return Finding(ticker, "dividend_not_applied", "error", start, end, detail, advice)
    detail = f"{stated}; adj_close / close changes as for {implied * before:.4g} ({implied * before / amount - 1:+.0%})"
    advice = "Check the amount at a second source: a special payment, another currency, or tax taken off."
    return Finding(ticker, "dividend_amount_differs", "error", start, end, detail, advice)


def _unlisted(ticker: str, steps: FactorSteps, at: int) -> Finding:
    day, implied = steps.index[at], float(steps.implied[at])
    direction = "as for a dividend of" if implied > 0 else "the wrong way, as for a dividend of"
    detail = (
        f"adj_close / close changes on {day:%Y-%m-%d} {direction} {implied * steps.closes[at - 1]:.4g} "
        f"({implied:.2%} of the close before), and none is listed"
    )
    advice = "A payment or a spin-off that the list lacks: check it, since total returns rest on it."
    return Finding(ticker, "adjustment_without_dividend", "warning", day, day, detail, advice)


def _restless(ticker: str, steps: FactorSteps, unlisted: Bool1D) -> Finding:
    where = steps.index[unlisted]
    detail = (
        f"adj_close / close changes on {int(unlisted.sum())} of {len(unlisted)} sessions, where no dividend is listed"
    )
    advice = "adj_close is not this close adjusted for dividends: use one of them only, and state which."
    return Finding(ticker, "factor_drift", "warning", where[0], where[-1], detail, advice)


def _drift(ticker: str, steps: FactorSteps, breaks: Bool1D) -> Iterator[Finding]:
    """Yield one finding for all stretches between payments in which the factor moves by small steps."""
    drifts, spans = [], []
    for first, last in true_runs(~np.isnan(steps.log_factor)):
        edges = [first, *(first + 1 + np.flatnonzero(breaks[first + 1 : last + 1])), last + 1]
        for start, stop in pairwise(edges):
            if stop - start < FLAT_RUN:
                continue
            ends = steps.log_factor[start : start + 5], steps.log_factor[stop - 5 : stop]
            drift = float(np.median(ends[1]) - np.median(ends[0]))
            if abs(drift) > DRIFT + float(np.nanmedian(steps.tolerance[start:stop])):
                drifts.append(drift)
                spans.append((steps.index[start], steps.index[stop - 1]))
    if drifts:
        worst = int(np.argmax(np.abs(drifts)))
        detail = (
            f"adj_close / close drifts by {np.expm1(drifts[worst]):+.2%} from {spans[worst][0]:%Y-%m-%d} to "
            f"{spans[worst][1]:%Y-%m-%d} without a payment; {len(drifts)} stretch{'es' if len(drifts) > 1 else ''} like it"
        )
        advice = "Between payments the ratio must stay flat: take adj_close from another source."
        yield Finding(ticker, "factor_drift", "warning", spans[0][0], spans[-1][1], detail, advice)


def _day(steps: FactorSteps, at: int) -> str:
    return f"{steps.index[at]:%Y-%m-%d}"
