"""Checks of the rows of one series: days that should not be there, and values that no session can have.

A finding stands for a run of days or, where there are many of one kind, for all of them.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd

from potash._typing import Bool1D
from potash.calendars import calendar_range, closes, has_calendar
from potash.errors import listed
from potash.market.quality.findings import Finding, days, true_runs
from potash.market.series import PRICE_FIELDS

MANY = 5
WEEKEND_SHARE = 0.02
# Prices come in single precision: 52.6 may stand as 52.599998 in one field and as 52.6 in another.
_ROUNDING = 1e-5
_SEVERITIES = ("info", "warning", "error")
_WHOLE_BAR = ["open", "high", "low", "close", "volume"]


def joined(findings: list[Finding], limit: int = MANY) -> list[Finding]:
    """Return findings of one kind as they are, or one in their place if there are more than ``limit``."""
    if len(findings) <= limit:
        return findings
    where = listed((days(f.start, f.end) for f in findings), 12)
    return [
        Finding(
            findings[0].series,
            findings[0].kind,
            max((f.severity for f in findings), key=_SEVERITIES.index),
            min(f.start for f in findings),
            max(f.end for f in findings),
            f"{len(findings)} times: {where}. The first: {findings[0].detail}",
            findings[0].suggestion,
        )
    ]


def covered_days(index: pd.DatetimeIndex, exchange: str | None) -> Bool1D:
    """Return which days lie in the range of the calendar of an exchange; none of them if it has no calendar."""
    if exchange is None or not has_calendar(exchange):
        return np.zeros(len(index), dtype=np.bool_)
    first, last = calendar_range(exchange)
    return np.asarray((index >= first) & (index <= last), dtype=np.bool_)


def expected_sessions(index: pd.DatetimeIndex, exchange: str | None) -> pd.DatetimeIndex:
    """Return the sessions that a series should have from its first to its last day.

    Where the calendar of the exchange does not reach, and where there is none, they are the days of the series.
    """
    covered = covered_days(index, exchange)
    uncovered = index[~covered].unique()
    if exchange is None or not covered.any():
        return uncovered
    first, last = index[covered].min(), index[covered].max()
    sessions = closes(exchange).loc[first:last].index
    return uncovered.union(pd.DatetimeIndex(sessions, freq=None)).rename(index.name)


def duplicate_sessions(ticker: str, bars: pd.DataFrame) -> list[Finding]:
    """Return a finding for each day with more than one bar: an error where they differ."""
    findings = []
    for day in bars.index[bars.index.duplicated()].unique():
        rows = bars.loc[[day]]
        differing = [str(name) for name in rows if rows[name].nunique(dropna=False) > 1]
        shown = "; ".join(f"{name} {listed(f'{v:g}' for v in rows[name])}" for name in differing[:2])
        findings.append(
            Finding(
                ticker,
                "duplicate_session",
                "error" if differing else "warning",
                day,
                day,
                f"{len(rows)} bars on {day:%Y-%m-%d}: {shown or 'all values equal'}",
                "Keep one: ask the provider again, or compare with a second source.",
            )
        )
    return joined(findings)


def closed_days(ticker: str, bars: pd.DataFrame, exchange: str | None) -> list[Finding]:
    """Return a finding for each bar on a day without a session.

    ``price_on_closed_day`` (error): the calendar has no session, and the bar has a price of its own or a volume.
    ``extra_session`` (warning): the bar is empty or repeats the last close, or there is no calendar and it stands on
    one of the few weekend days of the series.
    """
    priced, extra = [], []
    index = pd.DatetimeIndex(bars.index)
    covered = covered_days(index, exchange)
    closed = covered & ~index.isin(expected_sessions(index, exchange))
    weekend = ~covered & (index.dayofweek >= 5)
    if weekend.mean() > WEEKEND_SHARE:  # such a market trades on weekend days
        weekend[:] = False
    for at in np.flatnonzero(closed | weekend):
        text, is_own_price = _price_of(bars, int(at))
        day = index[at]
        if closed[at] and is_own_price:
            detail = f"{text} on {day:%A} {day:%Y-%m-%d} without a session of {exchange}"
            advice = "Remove it: no trade made this price. If several share a volume, the calendar may lack sessions."
            priced.append(Finding(ticker, "price_on_closed_day", "error", day, day, detail, advice))
            continue
        why = f"no session of {exchange}" if closed[at] else "a weekend day, and no calendar says that it was a session"
        detail = f"{text} on {day:%A} {day:%Y-%m-%d}: {why}"
        advice = "Remove it unless the exchange traded on that day: a return of zero would be counted for it."
        extra.append(Finding(ticker, "extra_session", "warning", day, day, detail, advice))
    return [*joined(priced), *joined(extra)]


def _price_of(bars: pd.DataFrame, at: int) -> tuple[str, bool]:
    """Return a bar's price in words, and whether it is a price of its own and not the last one carried on."""
    row = bars.iloc[at]
    prices = [row[name] for name in ("close", "adj_close", "open") if name in bars and not np.isnan(row[name])]
    volume = row["volume"] if "volume" in bars else np.nan
    if not prices:
        return "a bar without a price", False
    before = bars.iloc[at - 1] if at else row * np.nan
    repeats = prices[0] in (before.get("close"), before.get("adj_close"))
    traded = not np.isnan(volume) and volume > 0
    if repeats and not traded:
        return f"{prices[0]:g}, the close before it,", False
    return f"{prices[0]:g}", True


def nonpositive_prices(ticker: str, bars: pd.DataFrame) -> list[Finding]:
    """Return a finding for each run of days on which the same price fields are zero or negative."""
    fields = [name for name in PRICE_FIELDS if name in bars]
    bad = (bars[fields] <= 0).to_numpy(dtype=np.bool_)
    if not bad.any():
        return []
    # A row with another set of bad fields than the row before starts a run of its own.
    codes = bad @ (2 ** np.arange(len(fields)))
    findings = []
    starts = [0, *(np.flatnonzero(np.diff(codes)) + 1), len(codes)]
    for first, stop in pairwise(starts):
        names = [name for name, flag in zip(fields, bad[first], strict=True) if flag]
        if names:
            findings.append(_nonpositive(ticker, bars.iloc[first:stop], names))
    return joined(findings, 8)


def _nonpositive(ticker: str, part: pd.DataFrame, names: list[str]) -> Finding:
    lowest, highest = float(part[names].min().min()), float(part[names].max().max())
    values = f"{lowest:g}" if lowest == highest else f"{lowest:g} to {highest:g}"
    count = f"{len(part)} bar{'s' if len(part) > 1 else ''}"
    detail = f"{listed(names)} of {values} on {count} of {days(part.index[0], part.index[-1])}"
    advice = "No price is zero or negative: leave these bars out or take another source."
    if names == ["adj_close"] and "close" in part:
        detail += f", while close is positive: over-subtracted dividends{'' if lowest else ', or rounded to nothing'}"
        advice = "Do not use adj_close of these years: compute returns from close and the listed dividends."
    return Finding(ticker, "nonpositive_price", "error", part.index[0], part.index[-1], detail, advice)


def closes_outside_range(ticker: str, bars: pd.DataFrame) -> list[Finding]:
    """Return a finding for each run of days whose close is above the high or below the low."""
    if not {"close", "high", "low"} <= set(bars.columns):
        return []
    above = (bars["close"] > bars["high"] * (1 + _ROUNDING)).to_numpy()
    below = (bars["close"] < bars["low"] * (1 - _ROUNDING)).to_numpy()
    findings = []
    for first, last in true_runs(above | below):
        row, more = bars.iloc[first], last - first
        detail = (
            f"close {row['close']:g} {'above the high' if above[first] else 'below the low'}, low {row['low']:g}, "
            f"high {row['high']:g}{f'; {more} more after it' if more else ''}"
        )
        advice = "One of them is wrong: compare the close with a second source before use."
        span = (bars.index[first], bars.index[last])
        findings.append(Finding(ticker, "close_outside_range", "warning", *span, detail, advice))
    return joined(findings)


def repeated_bars(ticker: str, bars: pd.DataFrame) -> list[Finding]:
    """Return a finding for each run of bars equal to the bar before in every price and in a volume above zero."""
    if not set(_WHOLE_BAR) <= set(bars.columns):
        return []
    values = bars[_WHOLE_BAR].to_numpy(dtype=np.float64)
    same = np.zeros(len(values), dtype=np.bool_)
    same[1:] = (values[1:] == values[:-1]).all(axis=1) & (values[1:, -1] > 0)
    findings = []
    for first, last in true_runs(same):
        row = bars.iloc[last]
        detail = (
            f"open {row['open']:g}, high {row['high']:g}, low {row['low']:g}, close {row['close']:g} and volume "
            f"{row['volume']:.0f} of {bars.index[first - 1]:%Y-%m-%d} again on {days(bars.index[first], bars.index[last])}"
        )
        advice = "A bar filled with the one before looks like this: ask again, or take the day from a second source."
        span = (bars.index[first], bars.index[last])
        findings.append(Finding(ticker, "repeated_bar", "error", *span, detail, advice))
    return joined(findings)
