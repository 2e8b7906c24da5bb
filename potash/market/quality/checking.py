"""What is wrong with a series, and where: tables of findings. Nothing is corrected."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from potash.calendars import has_calendar, sessions_for
from potash.errors import PricesError, listed
from potash.market.assemble import Snapshot
from potash.market.price_frame import check_prices
from potash.market.quality.bars import check_bars
from potash.market.quality.daily import check_factors as factor_findings
from potash.market.quality.daily import coarse_steps, large_moves, missing_sessions, stale_runs
from potash.market.quality.findings import Finding, findings_frame
from potash.market.quality.identity import check_history
from potash.market.quality.monthly import check_monthly
from potash.market.series import NOT_STATED, SeriesKey
from potash.universe import Universe

__all__ = ["check_daily", "check_factors", "check_facts", "check_monthly", "check_snapshot"]

_NEEDED = ("ticker", "start", "end")


def check_daily(
    prices: pd.DataFrame, universe: Universe | None = None, series: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Return findings about daily closes: a row each, with the columns of :class:`potash.market.quality.findings.Finding`.

    Kinds: ``missing_sessions``, ``price_on_closed_day``, ``stale_run``, ``repeated_closes``, ``large_move``,
    ``coarse_steps``, ``starts_late``, ``ends_early``; with ``series`` also ``absent``, ``adjustment_differs`` and
    ``adjustment_not_stated``.

    Parameters
    ----------
    prices : DataFrame of shape (n_sessions, n_tickers)
        Positive closes; NaN is missing. Not changed.
    universe : Universe, optional
        Gives each ticker's exchange, whose calendar says which sessions there should be. Without it the rows of the
        frame are taken as the sessions of every column.
    series : DataFrame, optional
        The ``series`` of a snapshot: ``ticker``, ``start``, ``end`` and if known ``adjustment``. Without it each
        column is one segment from its first to its last price.

    Raises
    ------
    PricesError
        If the frame breaks a rule of :func:`potash.market.price_frame.check_prices`, or ``series`` lacks a column.
    UniverseError
        If a ticker is not in the universe.
    """
    checked = check_prices(prices)
    segments = _segments(checked, series)
    sessions = _Sessions(checked, universe)
    findings: list[Finding] = []
    for ticker, start, end in segments[list(_NEEDED)].itertuples(index=False):
        findings += _check_segment(checked, ticker, sessions.of(ticker, start, end))
    everyone = list(dict.fromkeys(segments["ticker"]))
    for panel in _panels(segments):
        findings += [*_check_coverage(panel, everyone, sessions), *_check_adjustment(panel)]
    return findings_frame(findings)


def check_snapshot(snapshot: Snapshot, universe: Universe) -> pd.DataFrame:
    """Return findings about everything that a snapshot was given: a row each, as :func:`check_daily`.

    Each series is checked as its provider gave it (:func:`potash.market.quality.bars.check_bars`: bars, volumes, splits and
    dividends where there are any), then how far the series of a panel reach and whether they are adjusted alike.

    Parameters
    ----------
    snapshot : Snapshot
        Not changed.
    universe : Universe
        Gives each ticker's exchange.

    Raises
    ------
    UniverseError
        If a ticker is not in the universe.

    Examples
    --------
    >>> import potash
    >>> findings = potash.check_snapshot(potash.load_snapshot(), potash.load_universe())
    >>> sorted(set(findings["severity"]))
    ['info', 'warning']
    """
    if not snapshot.given:
        return check_daily(snapshot.prices, universe, snapshot.series)
    findings: list[Finding] = []
    for one in snapshot.given:
        learnt = None if one.known_from is None else dt.datetime.fromisoformat(one.known_from[1])
        findings += check_bars(one.ticker, one.values, universe.exchange(one.ticker), learnt, one.facts)
    sessions = _Sessions(snapshot.prices, universe)
    everyone = list(snapshot.prices.columns)
    for panel in _panels(snapshot.series):
        findings += [*_check_coverage(panel, everyone, sessions), *_check_adjustment(panel)]
    return findings_frame(findings)


def check_factors(factors: pd.DataFrame) -> pd.DataFrame:
    """Return findings about daily factors (:func:`potash.market.quality.daily.check_factors`): a row each."""
    return findings_frame(factor_findings(factors))


def check_facts(
    history: Mapping[SeriesKey, Mapping[str, Sequence[tuple[pd.Timestamp, str]]]], snapshot: Snapshot
) -> pd.DataFrame:
    """Return findings about names and currencies that a provider changed from one pull to another.

    Parameters
    ----------
    history : mapping
        What :meth:`potash.market.store.PriceStore.fact_history` returns.
    snapshot : Snapshot
        The prices of the same series.
    """
    findings: list[Finding] = []
    for one in snapshot.given:
        changes = [(m.to_pydatetime(), fact, text) for fact, by in history.get(one.key, {}).items() for m, text in by]
        field, _ = one.close_field()
        if changes and field:
            findings += check_history(one.values[field].rename(one.ticker), sorted(changes))
    return findings_frame(findings)


@dataclass(frozen=True, slots=True)
class _Sessions:
    """The sessions that a ticker should have: of its exchange's calendar if known, else the rows of the frame."""

    prices: pd.DataFrame
    universe: Universe | None

    def of(self, ticker: str, start: pd.Timestamp, end: pd.Timestamp) -> pd.DatetimeIndex:
        """Return them from ``start`` to ``end``, both included."""
        mic = None if self.universe is None else self.universe.exchange(ticker)
        if mic is not None and has_calendar(mic):
            return sessions_for(mic, start, end, self._days(ticker, start, end))
        return self._days(ticker, start, end, priced=False)

    def _days(self, ticker: str, start: pd.Timestamp, end: pd.Timestamp, *, priced: bool = True) -> pd.DatetimeIndex:
        """Return the rows of the frame between two days; only those with a price of the ticker if ``priced``."""
        index = pd.DatetimeIndex(self.prices.index[self.prices[ticker].notna()] if priced else self.prices.index)
        return index[(index >= start) & (index <= end)]


def _segments(prices: pd.DataFrame, series: pd.DataFrame | None) -> pd.DataFrame:
    if series is not None:
        lacking = [column for column in _NEEDED if column not in series]
        if lacking:
            raise PricesError(f"series has no column {listed(lacking)}. Found: {listed(series.columns, 20)}.")
        return series[series["ticker"].isin(prices.columns)].reset_index(drop=True)
    spans = {t: prices.index[prices[t].notna()] for t in prices.columns}
    rows = [{"ticker": t, "start": span[0], "end": span[-1]} for t, span in spans.items() if len(span)]
    return pd.DataFrame(rows, columns=list(_NEEDED))


def _check_segment(prices: pd.DataFrame, ticker: str, sessions: pd.DatetimeIndex) -> Iterator[Finding]:
    column = prices.loc[sessions[0] : sessions[-1], ticker]
    for day in column.dropna().index.difference(sessions):
        detail = f"{column[day]:g} on a {day:%A} without a session of its exchange"
        yield Finding(ticker, "price_on_closed_day", "error", day, day, detail, "Remove it: no trade made this price.")
    closes = column.reindex(sessions)
    for check in (missing_sessions, stale_runs, large_moves, coarse_steps):
        yield from check(ticker, closes)


def _panels(segments: pd.DataFrame) -> list[pd.DataFrame]:
    """Return groups of segments whose dates overlap, in order of time."""
    ordered = segments.sort_values("start", kind="stable")
    if ordered.empty:
        return []
    reached = ordered["end"].cummax().shift(1)
    return [panel for _, panel in ordered.groupby((ordered["start"] > reached).cumsum())]


def _check_coverage(panel: pd.DataFrame, tickers: list[str], sessions: _Sessions) -> Iterator[Finding]:
    """Yield where a series starts later or ends earlier than half of its panel, or is not in it at all."""
    size = len(panel)
    start, end = panel["start"].sort_values().iloc[(size - 1) // 2], panel["end"].sort_values().iloc[size // 2]
    for ticker, own_start, own_end in panel[list(_NEEDED)].itertuples(index=False):
        for kind, first, last in (("starts_late", start, own_start), ("ends_early", own_end, end)):
            inner = sessions.of(ticker, first, last) if first < last else pd.DatetimeIndex([])
            lacking = inner[inner < last] if kind == "starts_late" else inner[inner > first]
            if len(lacking):
                day, verb = (own_start, "first") if kind == "starts_late" else (own_end, "last")
                detail = f"{verb} price {day:%Y-%m-%d}; {len(lacking)} sessions of its panel have none"
                advice = "Events whose windows reach into them are dropped: get the prices, or use shorter windows."
                yield Finding(ticker, kind, "warning", lacking[0], lacking[-1], detail, advice)
    for ticker in tickers:
        if ticker not in set(panel["ticker"]):
            detail = f"no price in {start:%Y-%m-%d}..{end:%Y-%m-%d}, where {size} other series have prices"
            yield Finding(ticker, "absent", "info", start, end, detail, "Events in this span have no result for it.")


def _check_adjustment(panel: pd.DataFrame) -> Iterator[Finding]:
    """Yield the series whose adjustment differs from most of their panel, or is not stated."""
    if "adjustment" not in panel:
        return
    stated = panel.loc[panel["adjustment"] != NOT_STATED, "adjustment"]
    usual = stated.mode().iloc[0] if len(stated) else NOT_STATED
    for ticker, start, end, adjustment in panel[[*_NEEDED, "adjustment"]].itertuples(index=False):
        if adjustment == NOT_STATED:
            detail = "the file does not say how prices are adjusted"
            advice = "Splits and dividends are moves in raw closes: name the column adj_close if it is adjusted."
            yield Finding(ticker, "adjustment_not_stated", "info", start, end, detail, advice)
        elif adjustment != usual:
            others = int((stated == usual).sum())
            detail = f"{adjustment}, while {others} of {len(panel)} series of its panel have {usual}"
            advice = "Returns on ex-dividend days differ by the dividend: keep event windows off them, or adjust alike."
            yield Finding(ticker, "adjustment_differs", "warning", start, end, detail, advice)
