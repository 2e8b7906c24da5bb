"""Checks of monthly price tables: pasted months, departures of one month, frozen quotes, changed definitions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import comb

import numpy as np
import pandas as pd

from potash._typing import Bool2D, Float1D, Float2D
from potash.errors import PricesError
from potash.market.price_frame import check_prices
from potash.market.quality.findings import Finding, Severity, findings_frame, true_runs

UNCHANGED_RUN = 3
YEAR = 12
EXPECTED_BY_CHANCE = 0.01
DEPARTURE = 0.10


@dataclass(frozen=True, slots=True)
class DefinitionChange:
    """A series that stands for another good or place from some month on.

    Attributes
    ----------
    first : str
        First month of the new definition, ``YYYY-MM``.
    before, after : str
        What is quoted before and from that month on.
    source : str
        Who says so.
    """

    first: str
    before: str
    after: str
    source: str


DEFINITIONS: Mapping[str, DefinitionChange] = {
    "potassium_chloride": DefinitionChange(
        "2020-01", "f.o.b. Vancouver", "c.f.r. Brazil", "World Bank Commodity Price Data (Pink Sheet)"
    )
}


def check_monthly(monthly: pd.DataFrame, definitions: Mapping[str, DefinitionChange] | None = None) -> pd.DataFrame:
    """Return findings about monthly prices: a row each, from the first day of a month to the last day of a month.

    ==========================  =====================================================================================
    ``missing_months``          months inside a series without a price
    ``repeated_block``          values new in their month that are exactly those of an earlier month in two series or
                                more, where fewer than 0.01 such blocks are expected from the rate at which each series
                                comes back to an earlier value (round quotes often do). The search is over all earlier
                                months; for the same month of the year before only those pairs are counted.
    ``one_month_departure``     a quote that leaves by more than 10 % (and ten of its smallest steps) for one month and
                                returns to the same value
    ``unchanged_quote``         three months or more at one value; a warning where a year or more of it ends the series
                                (the quote may no longer be kept)
    ``definition_change``       the series stands for another good or place from here on
    ==========================  =====================================================================================

    Parameters
    ----------
    monthly : DataFrame of shape (n_months, n_series)
        Positive prices; index of monthly periods or of timestamps, one per month. NaN is missing. Not changed.
    definitions : mapping, optional
        Series to the change of what it quotes; :data:`DEFINITIONS` by default, ``{}`` for none.

    Raises
    ------
    PricesError
        If the index is not monthly, or the frame breaks a rule of :func:`potash.market.price_frame.check_prices`.
    """
    table = _by_month(monthly)
    findings = [*_missing(table), *_repeated_blocks(table)]
    for name in table.columns:
        findings += [*_departures(table[name]), *_unchanged(table[name])]
    for name, change in (DEFINITIONS if definitions is None else definitions).items():
        if name in table:
            findings += _definition(table[name], change)
    return findings_frame(findings)


def _by_month(monthly: pd.DataFrame) -> pd.DataFrame:
    """Return the checked table on every month from the first to the last, NaN where there is no row."""
    index = monthly.index if isinstance(monthly, pd.DataFrame) else None
    if isinstance(index, pd.DatetimeIndex) and index.tz is None:
        index = index.to_period("M")
    if not isinstance(index, pd.PeriodIndex) or index.freqstr != "M":
        raise PricesError(
            f"monthly: the index is a {type(index).__name__}, not months. Use periods: pd.PeriodIndex(..., freq='M')."
        )
    checked = check_prices(monthly.set_axis(index.to_timestamp(), axis=0))
    checked.index = index
    return checked.reindex(pd.period_range(index[0], index[-1], freq="M"))


def _finding(
    series: str, kind: str, severity: Severity, span: tuple[pd.Period, pd.Period], texts: tuple[str, str]
) -> Finding:
    """Return a finding from the first day of one month to the last day of another."""
    return Finding(series, kind, severity, span[0].start_time, span[1].end_time.normalize(), *texts)


def _missing(table: pd.DataFrame) -> Iterator[Finding]:
    for name in table.columns:
        observed = np.flatnonzero(table[name].notna())
        inside = table[name].iloc[observed[0] : observed[-1] + 1] if len(observed) else table[name].iloc[:0]
        for first, last in true_runs(inside.isna().to_numpy()):
            count = last - first + 1
            texts = (
                f"{count} month{'s' if count > 1 else ''} without a price",
                "It stays missing: no change is computed across it.",
            )
            yield _finding(str(name), "missing_months", "warning", (inside.index[first], inside.index[last]), texts)


def _repeated_blocks(table: pd.DataFrame) -> Iterator[Finding]:
    values: Float2D = table.to_numpy(dtype=np.float64)
    # A quote that stands still equals many months before it; only a value that is new in its month says something.
    fresh = np.zeros(values.shape, dtype=np.bool_)
    fresh[1:] = values[1:] != values[:-1]
    lags = range(2, len(values))
    matches = {lag: (values[lag:] == values[:-lag]) & fresh[lag:] for lag in lags}
    pairs = sum(len(same) for same in matches.values())
    rates = sum((same.sum(axis=0) for same in matches.values()), np.zeros(values.shape[1])) / max(pairs, 1)
    for lag, same in matches.items():
        comparisons = len(same) if lag == YEAR else pairs
        for first, last in true_runs(same.sum(axis=1) >= 2):
            block = same[first : last + 1]
            expected = comparisons * _chance(block, rates)
            if expected < EXPECTED_BY_CHANCE:
                yield _repeated_block(table, block, first + lag, lag, expected)


def _chance(block: Bool2D, rates: Float1D) -> float:
    """Return the chance that as many series coincide in each month of a block, each at its own rate."""
    series = block.shape[1]
    return float(np.prod([comb(series, int(row.sum())) * np.prod(rates[row]) for row in block]))


def _repeated_block(table: pd.DataFrame, block: Bool2D, first: int, lag: int, expected: float) -> Finding:
    last = first + len(block) - 1
    part = table.iloc[first : last + 1, np.flatnonzero(block.any(axis=0))]
    values = "; ".join(f"{name} {', '.join(f'{v:g}' for v in part[name])}" for name in part.columns)
    texts = (
        f"{_months(table, first, last)} repeats {_months(table, first - lag, last - lag)} exactly: {values} "
        f"({expected:.1g} such blocks expected by chance)",
        "One of the two was pasted. Compare with another edition of the source, or leave the months out.",
    )
    return _finding(
        ", ".join(map(str, part.columns)), "repeated_block", "error", (part.index[0], part.index[-1]), texts
    )


def _months(table: pd.DataFrame, first: int, last: int) -> str:
    return str(table.index[first]) if first == last else f"{table.index[first]}..{table.index[last]}"


def _departures(quotes: pd.Series[float]) -> Iterator[Finding]:
    values = quotes.to_numpy(dtype=np.float64)
    steps = np.abs(np.diff(values))
    # Quotes of two digits leave and return by rounding alone.
    coarse = 10 * min(steps[steps > 0], default=0.0)
    for at in range(1, len(values) - 1):
        before, there, after = values[at - 1 : at + 2]
        if before == after and abs(there - before) >= coarse and abs(np.log(there / before)) > DEPARTURE:
            texts = (
                f"{before:g}, {there:g}, {after:g}: a departure of {there / before - 1:+.1%} for one month",
                "An error in the table looks like this: compare with another edition.",
            )
            month = quotes.index[at]
            yield _finding(str(quotes.name), "one_month_departure", "warning", (month, month), texts)


def _unchanged(quotes: pd.Series[float]) -> Iterator[Finding]:
    still = (quotes == quotes.shift(1)).to_numpy(dtype=np.bool_)
    for first, last in true_runs(still):
        months = last - first + 2
        if months >= UNCHANGED_RUN:
            texts = (
                f"{months} months at {quotes.iloc[last]:g}{_around_run(quotes, first - 1, last)}",
                "A list or contract price, not a market's: a change of zero here is no evidence of no effect.",
            )
            span = (quotes.index[first - 1], quotes.index[last])
            frozen = months >= YEAR and not quotes.iloc[last + 1 :].notna().any()
            yield _finding(str(quotes.name), "unchanged_quote", "warning" if frozen else "info", span, texts)


def _around_run(quotes: pd.Series[float], first: int, last: int) -> str:
    """Return in words what bears on a run of equal quotes: a gap before it, the end of the data after it."""
    gap = first > 0 and bool(np.isnan(quotes.iloc[first - 1])) and quotes.iloc[:first].notna().any()
    ends = not quotes.iloc[last + 1 :].notna().any()
    return ("; months without a price come before it" if gap else "") + ("; the data end with it" if ends else "")


def _definition(quotes: pd.Series[float], change: DefinitionChange) -> Iterator[Finding]:
    first = pd.Period(change.first, freq="M")
    if first not in quotes.index or first - 1 not in quotes.index:
        return
    at = list(quotes.index).index(first)
    old, new = float(quotes.iloc[at - 1]), float(quotes.iloc[at])
    texts = (
        f"{change.before} to {first - 1}, {change.after} from {first} ({change.source}); {old:g} to {new:g} "
        f"({new / old - 1:+.1%}) at the switch",
        "Levels before and after are prices of different things, freight included: do not take the change across it.",
    )
    yield _finding(str(quotes.name), "definition_change", "warning", (first, first), texts)
