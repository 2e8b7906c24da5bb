"""Checks of the bars of one series as a provider gives them. Nothing is corrected.

A fault found early is taken out of what later checks see, on a copy, so that one fault makes one finding: a price in
pence is no large move, and a split that was not applied is no other company.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from potash._typing import Bool1D
from potash.calendars import closes as closing_times
from potash.errors import PricesError, close_to, listed
from potash.market.quality.actions import (
    check_splits,
    impossible_actions,
    listed_actions,
    note_dividend,
    weigh_unlisted_split,
)
from potash.market.quality.daily import coarse_steps, large_moves, missing_sessions, stale_runs
from potash.market.quality.dividends import check_dividends
from potash.market.quality.findings import Finding, true_runs
from potash.market.quality.identity import is_unit_ratio, mixed_currency, mixed_fields, ticker_reused, unit_levels
from potash.market.quality.rows import (
    closed_days,
    closes_outside_range,
    covered_days,
    duplicate_sessions,
    expected_sessions,
    joined,
    nonpositive_prices,
    repeated_bars,
)
from potash.market.series import BAR_FIELDS, PRICE_FIELDS

THIN_WINDOW, THIN_SHARE = 63, 0.20
PARTIAL_SHARE, PARTIAL_WINDOW = 0.30, 20
STALE_RUNS = 12
_EARLY = pd.Timedelta(minutes=90)


def check_bars(
    ticker: str,
    bars: pd.DataFrame,
    exchange: str | None = None,
    known_from: dt.datetime | pd.Series[Any] | None = None,
    facts: Mapping[str, str] | None = None,
) -> list[Finding]:
    """Return what is wrong with the bars of one series, or bears on their reading, in order of time.

    ==============  =================================================================================================
    Rows            ``duplicate_session``, ``price_on_closed_day``, ``extra_session``, ``missing_sessions``,
                    ``repeated_bar``
    Values          ``nonpositive_price``, ``close_outside_range``, ``stale_run``, ``repeated_closes``,
                    ``coarse_steps``, ``large_move``
    Trading         ``thin_trading``, ``partial_last_bar``, ``partial_bar``
    Unit, company   ``mixed_currency``, ``ticker_reused``
    Actions         ``split_missed``, ``split_applied_twice``, ``split_not_listed``, ``impossible_action`` and the kinds
                    of :func:`potash.market.quality.dividends.check_dividends`
    ==============  =================================================================================================

    Parameters
    ----------
    ticker : str
        Stands in the findings.
    bars : DataFrame of shape (n_sessions, n_fields)
        Index of naive dates; duplicates and days without a session are found, not refused. Columns some of
        :data:`potash.market.series.BAR_FIELDS`, NaN where there is no value. Moves are those of ``close`` or, where
        it has fewer values, of ``adj_close``. Not changed.
    exchange : str, optional
        MIC. Without it, or where it has no calendar, sessions cannot be missing and only weekend days are odd.
    known_from : datetime or Series of them by session, optional
        When the bars were learnt, with its zone: those learnt before the close of their session are partial. Without
        it a last bar of little volume is named.
    facts : mapping of str to str, optional
        What the provider says of the series; ``currency`` (``GBp``, ``ILA``) is used.

    Raises
    ------
    PricesError
        If the index is not of naive dates, a column is unknown or not of numbers, a value is infinite, or
        ``known_from`` has no zone.
    """
    stated = dict(facts or {})
    rows = _tidy(ticker, bars)
    if rows.empty:
        return []
    findings = [*duplicate_sessions(ticker, rows), *closed_days(ticker, rows, exchange)]
    unique = rows[~rows.index.duplicated()]
    sessions = expected_sessions(pd.DatetimeIndex(unique.index), exchange)
    kept = unique[unique.index.isin(sessions)]
    findings += _check_values(ticker, kept)
    mixed, swapped = mixed_fields(ticker, kept, stated)
    findings += [*joined(mixed), *closes_outside_range(ticker, kept[~swapped])]
    findings += _check_prices(ticker, kept, sessions, stated)
    findings += [*_thin_trading(ticker, kept), *_partial_bars(ticker, kept, exchange, known_from)]
    return sorted(findings, key=lambda finding: (finding.start, finding.kind))


def _tidy(ticker: str, bars: pd.DataFrame) -> pd.DataFrame:
    """Return the bars sorted by day as new float64 columns, without rows that say nothing."""
    if not isinstance(bars.index, pd.DatetimeIndex) or bars.index.tz is not None or bars.index.hasnans:
        raise PricesError(f"{ticker}: bars need an index of naive dates. Use bars.index.tz_localize(None).normalize().")
    if (bars.index != bars.index.normalize()).any():
        raise PricesError(f"{ticker}: bars have times of day. Only daily bars are checked: use index.normalize().")
    strange = [str(name) for name in bars.columns if name not in BAR_FIELDS]
    if strange:
        hint = close_to(strange[0], BAR_FIELDS)
        raise PricesError(f"{ticker}: unknown fields {listed(strange)}{hint}; known: {listed(BAR_FIELDS, 9)}.")
    try:
        rows = bars.astype(np.float64)
    except (TypeError, ValueError) as error:
        raise PricesError(f"{ticker}: a field is not of numbers ({error}). Convert it with pd.to_numeric.") from error
    if np.isinf(rows.to_numpy()).any():
        raise PricesError(f"{ticker}: a value is infinite. Write NaN where there is none.")
    return rows.dropna(how="all").sort_index(kind="stable")


def _check_values(ticker: str, kept: pd.DataFrame) -> list[Finding]:
    """Return findings about the values of single bars."""
    return [
        *nonpositive_prices(ticker, kept),
        *repeated_bars(ticker, kept),
        *impossible_actions(ticker, kept),
    ]


def _price(bars: pd.DataFrame) -> str | None:
    """Return the field whose moves are checked: the close unless the adjusted close has more values."""
    counts = {name: int((bars[name] > 0).sum()) for name in ("close", "adj_close") if name in bars}
    best = max(counts, key=lambda name: counts[name], default=None)
    return best if best is not None and counts[best] else None


@dataclass(frozen=True, slots=True)
class _OneUnit:
    """Bars brought to one unit for the later checks, and the findings on the way there."""

    bars: pd.DataFrame
    findings: list[Finding]


def _one_unit(ticker: str, kept: pd.DataFrame, field: str, facts: Mapping[str, str]) -> _OneUnit:
    ratios = kept["split"].to_numpy() if "split" in kept else np.full(len(kept), np.nan)
    splits: Bool1D = np.array([is_unit_ratio(float(ratio)) for ratio in ratios], dtype=np.bool_)
    bars = kept.copy()
    names = [name for name in PRICE_FIELDS if name in kept]
    bars[names] = kept[names].where(kept[names] > 0)
    findings = list(mixed_currency(ticker, bars[field], unit_levels(bars[field].to_numpy(), splits), facts))
    for name in names:
        bars[name] = bars[name] / 100.0 ** unit_levels(bars[name].to_numpy(), splits)
    return _OneUnit(bars, joined(findings, 8))


def _check_prices(
    ticker: str, kept: pd.DataFrame, sessions: pd.DatetimeIndex, facts: Mapping[str, str]
) -> Iterator[Finding]:
    """Yield findings about levels, moves and actions."""
    field = _price(kept)
    if field is None:
        return
    one = _one_unit(ticker, kept, field, facts)
    prices, volume = one.bars[field], one.bars.get("volume")
    splits = check_splits(ticker, one.bars, prices)
    explained = splits.explained | prices.index.isin(listed_actions(one.bars, "split").index)
    reused = list(ticker_reused(ticker, prices, volume, sessions, explained))
    yield from (*one.findings, *splits.findings, *reused)
    taken = {*prices.index[splits.explained], *(finding.start for finding in reused)}
    closes = prices.reindex(sessions)
    yield from missing_sessions(ticker, closes)
    yield from _stale(ticker, closes, volume)
    for move in large_moves(ticker, closes):
        if move.start not in taken:
            yield note_dividend(weigh_unlisted_split(move, one.bars, prices), one.bars, prices)
    yield from coarse_steps(ticker, closes)
    yield from check_dividends(ticker, one.bars, facts, prices.index[splits.explained])


def _stale(ticker: str, closes: pd.Series[Any], volume: pd.Series[Any] | None) -> Iterator[Finding]:
    """Yield the stale runs, as one finding naming the longest where there are many."""
    findings = list(stale_runs(ticker, closes, volume))
    runs = [finding for finding in findings if finding.kind == "stale_run"]
    yield from (finding for finding in findings if finding.kind != "stale_run")
    if len(runs) <= STALE_RUNS:
        yield from runs
        return
    longest = max(runs, key=lambda finding: int(finding.detail.split()[0]))
    detail = (
        f"{len(runs)} runs of three equal closes or more; the longest from {longest.start:%Y-%m-%d} to "
        f"{longest.end:%Y-%m-%d}: {longest.detail}"
    )
    yield Finding(ticker, "stale_run", "warning", runs[0].start, runs[-1].end, detail, longest.suggestion)


def _thin_trading(ticker: str, bars: pd.DataFrame) -> Iterator[Finding]:
    """Yield stretches in which a fifth of the sessions or more have no volume, or one finding for the few there are."""
    volume = bars["volume"].dropna() if "volume" in bars else pd.Series(dtype=np.float64)
    none = (volume == 0).to_numpy()
    if not none.any() or none.all():  # all zero: a rate or an index, for which no volume is given
        return
    window = min(THIN_WINDOW, len(none))
    shares = np.convolve(none, np.ones(window), mode="valid") / window
    thin = np.zeros(len(none), dtype=np.bool_)
    for first, last in true_runs(shares >= THIN_SHARE):
        untraded = first + np.flatnonzero(none[first : last + window])
        thin[untraded[0] : untraded[-1] + 1] = True
    for first, last in true_runs(thin):
        count, length = int(none[first : last + 1].sum()), last - first + 1
        yield Finding(
            ticker,
            "thin_trading",
            "warning",
            volume.index[first],
            volume.index[last],
            f"no volume on {count} of {length} sessions ({count / length:.0%})",
            "Returns of zero are no news here, and moves come late: prefer rank tests, add lags to the market model.",
        )
    rest = volume.index[none & ~thin]
    if len(rest):
        detail = f"no volume on {len(rest)} of {len(none)} sessions: {listed((f'{d:%Y-%m-%d}' for d in rest), 12)}"
        advice = "A close without a trade repeats an older price: look at events that touch these days."
        yield Finding(ticker, "thin_trading", "info", rest[0], rest[-1], detail, advice)


def _partial_bars(
    ticker: str, bars: pd.DataFrame, exchange: str | None, known_from: dt.datetime | pd.Series[Any] | None
) -> Iterator[Finding]:
    """Yield the bars that were learnt before their session closed, or a last bar that looks like one."""
    index = pd.DatetimeIndex(bars.index)
    covered = covered_days(index, exchange)
    if exchange is None or not covered.any():
        return
    closing = closing_times(exchange).reindex(index)
    if known_from is None:
        yield from _low_volume(ticker, bars, closing)
        return
    learnt = _times(ticker, known_from, index)
    for at in np.flatnonzero((learnt < closing).to_numpy(dtype=np.bool_)):
        day, last = index[at], at == len(index) - 1
        detail = (
            f"learnt at {learnt.iloc[at]:%Y-%m-%d %H:%M} UTC, and {exchange} closed at {closing.iloc[at]:%H:%M} UTC "
            f"on {day:%Y-%m-%d}"
        )
        advice = "Ask again after the close: this close and this volume are those of an unfinished session."
        yield Finding(ticker, "partial_last_bar" if last else "partial_bar", "error", day, day, detail, advice)


def _times(ticker: str, known_from: dt.datetime | pd.Series[Any], index: pd.DatetimeIndex) -> pd.Series[Any]:
    """Return by session when its bar was learnt, in UTC; NaT where it is not said."""
    if isinstance(known_from, pd.Series):
        zoned = all(getattr(when, "tzinfo", None) is not None for when in known_from.dropna())
        latest = known_from[~known_from.index.duplicated(keep="last")].reindex(index)
        times = pd.to_datetime(latest, utc=True)
    else:
        zoned = known_from.tzinfo is not None
        times = pd.to_datetime(pd.Series(pd.Timestamp(known_from), index=index), utc=True)
    if not zoned:
        raise PricesError(f"{ticker}: known_from has no time zone. Give it in UTC.")
    return times


def _low_volume(ticker: str, bars: pd.DataFrame, closing: pd.Series[Any]) -> Iterator[Finding]:
    """Yield the last bar if its volume is under 30 % of the usual and its session was of the usual length."""
    if "volume" not in bars or len(bars) <= PARTIAL_WINDOW or closing.iloc[-1 - PARTIAL_WINDOW :].isna().any():
        return
    offsets = (closing.dt.tz_localize(None) - closing.index.to_series()).iloc[-1 - PARTIAL_WINDOW :]
    volume, day = bars["volume"].iloc[-1 - PARTIAL_WINDOW :], bars.index[-1]
    usual = float(volume.iloc[:-1].median())
    if offsets.iloc[-1] < offsets.median() - _EARLY or not volume.iloc[-1] < PARTIAL_SHARE * usual:
        return
    detail = (
        f"volume {volume.iloc[-1]:.0f} on {day:%Y-%m-%d}, {volume.iloc[-1] / usual:.0%} of the median of the "
        f"{PARTIAL_WINDOW} sessions before, and no early close"
    )
    advice = "It may have been read during the session: ask again, or leave the last day out."
    yield Finding(ticker, "partial_last_bar", "info", day, day, detail, advice)
