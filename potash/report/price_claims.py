"""Price moves that articles tell, held against the prices: stated, true, and whether the move came before its news."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from potash.calendars import closes, has_calendar, offset, sessions_between
from potash.errors import listed
from potash.news.share_moves.reading import PriceClaim, find_price_claims
from potash.universe import Universe, load_universe

__all__ = ["BEFORE_THE_NEWS", "PRICE_CLAIM_COLUMNS", "PriceClaim", "check_price_claims", "find_price_claims"]

PRICE_CLAIM_COLUMNS = [
    "article_id", "start", "end", "ticker", "date", "told", "told_cause", "actual_return", "previous_session", "session",
    "verdict", "reason",
]  # fmt: skip
BEFORE_THE_NEWS = "contradicted: the move came before the news"

# Percentage points. Adjusted closes hold the dividends, so over longer stretches they leave the quoted price behind.
_AGREES = 0.1
_TOLERANCES = {"close": 0.5, "week": 0.5, "month": 1.5, "year": 10.0}
# About the largest quarterly dividend of a producer: a smaller difference may be one.
_DIVIDEND = 1.5
# A smaller figure with the wrong sign is that of too many sessions to say that one of them is meant.
_TELLING = 1.0
# No exchange of the universe has stayed closed for longer.
_MONTH = pd.Timedelta(days=31)


def check_price_claims(
    claims: Iterable[PriceClaim], prices: pd.DataFrame, universe: Universe | None = None
) -> pd.DataFrame:
    """Return each claim with what the prices say: a row per claim, in order.

    Parameters
    ----------
    claims : iterable of PriceClaim
    prices : DataFrame of shape (n_sessions, n_tickers)
        Closes as :func:`potash.load_prices` returns them. Nothing is filled: a missing close makes a claim unclear.
    universe : Universe, optional
        For the exchanges; the carried universe by default.

    Returns
    -------
    DataFrame
        ``article_id``; ``start`` and ``end``, offsets of the sentence in the file; ``ticker``; ``date``; ``told`` and
        ``actual_return`` in percent, the latter simple, from the close of ``previous_session`` to that of ``session``, NaN
        where it is not known; ``told_cause``, the day of the news named; ``verdict``: ``agrees`` (within 0.1 percentage
        points or the rounding of what is stated), ``contradicted`` (the other sign, or more than 0.5 points off; 1.5 over a month
        and 10 over a year, for dividends), ``contradicted: the move came before the news``, or ``unclear``; ``reason``.

    Raises
    ------
    UniverseError
        If a ticker has prices and is not in the universe.
    """
    instruments = universe or load_universe()
    rows = []
    for claim in claims:
        finding = _finding(claim, prices, instruments)
        actual = finding.actual
        rows.append(
            {
                "article_id": claim.article_id, "start": claim.file_span[0], "end": claim.file_span[1],
                "ticker": claim.ticker, "date": claim.date, "told": claim.percent, "told_cause": claim.cause,
                "actual_return": actual.percent if actual else float("nan"),
                "previous_session": actual.previous if actual else pd.NaT, "session": actual.session if actual else pd.NaT,
                "verdict": finding.verdict, "reason": finding.reason,
            }
        )  # fmt: skip
    return pd.DataFrame(rows, columns=PRICE_CLAIM_COLUMNS)


@dataclass(frozen=True, slots=True)
class _Return:
    """A return in percent from the close of one session to that of another; NaN where one of the closes is missing."""

    percent: float
    previous: pd.Timestamp
    session: pd.Timestamp

    def __str__(self) -> str:
        if pd.isna(self.percent):
            return f"no return from {self.previous:%Y-%m-%d} to {self.session:%Y-%m-%d}: a close is missing"
        return f"{self.percent:+.2f} % from the close of {self.previous:%Y-%m-%d} to that of {self.session:%Y-%m-%d}"


@dataclass(frozen=True, slots=True)
class _Finding:
    """A verdict, its reason, and the return it rests on."""

    verdict: str
    reason: str
    actual: _Return | None = None


class _Closes:
    """The closes of one ticker on the sessions of its exchange."""

    def __init__(self, prices: pd.DataFrame, ticker: str, exchange: str) -> None:
        series = prices[ticker].dropna()
        self.exchange = exchange
        self.first, self.last = pd.Timestamp(series.index[0]), pd.Timestamp(series.index[-1])
        self.prices = prices[ticker]

    def covers(self, day: pd.Timestamp) -> bool:
        """Return whether there are prices before a day, and on it or later."""
        return self.first < day <= self.last

    def sessions(self, start: pd.Timestamp, end: pd.Timestamp) -> pd.DatetimeIndex:
        """Return the sessions from ``start`` to ``end``, both included."""
        return sessions_between(self.exchange, start, end)

    def over(self, sessions: pd.DatetimeIndex) -> _Return:
        """Return the return over consecutive sessions, from the close before the first; NaN if a close between is missing."""
        before = offset(self.exchange, sessions[0], -1)
        path = self.prices.reindex(sessions.insert(0, before))
        whole = not path.isna().any()
        percent = 100 * (float(path.iloc[-1]) / float(path.iloc[0]) - 1) if whole else float("nan")
        return _Return(percent, before, pd.Timestamp(sessions[-1]))

    def on(self, session: pd.Timestamp) -> _Return:
        """Return the return of one session."""
        return self.over(pd.DatetimeIndex([session]))


def _finding(claim: PriceClaim, prices: pd.DataFrame, universe: Universe) -> _Finding:
    stated = f"told {claim.percent:+g} %"
    if claim.ticker not in prices or prices[claim.ticker].isna().all():
        return _Finding("unclear", f"{stated}; no prices of {claim.ticker}, only of {listed(prices.columns, 20)}")
    exchange = universe.exchange(claim.ticker)
    if not has_calendar(exchange):
        return _Finding("unclear", f"{stated}; the exchange of {claim.ticker}, {exchange}, has no trading calendar")
    history = _Closes(prices, claim.ticker, exchange)
    if not claim.date:
        return _undated(claim, history, stated)
    start, end = pd.Timestamp(claim.date), pd.Timestamp(claim.date_end or claim.date)
    if not history.covers(start):
        reach = f"{history.first:%Y-%m-%d} to {history.last:%Y-%m-%d}"
        return _Finding("unclear", f"{stated} for {claim.date}; the prices of {claim.ticker} reach from {reach}")
    sessions = history.sessions(start, end)
    if sessions.empty:
        return _Finding(
            "unclear", f"{stated} for {claim.date}, when {exchange} held no session; {_around(history, start)}"
        )
    actual = history.over(sessions)
    if claim.measure not in _TOLERANCES:
        return _Finding(
            "unclear", f"{stated} for a stretch that closes cannot show ({claim.measure}); {actual}", actual
        )
    return _compared(claim, actual, stated, _may_be_open(claim, exchange, actual.session))


def _around(history: _Closes, day: pd.Timestamp) -> str:
    """Return the returns of the last session before a day and the first one after it, in words."""
    before, after = history.sessions(day - _MONTH, day)[-1], history.sessions(day, day + _MONTH)[0]
    return f"the session before: {history.on(before)}; the one after: {history.on(after)}"


def _undated(claim: PriceClaim, history: _Closes, stated: str) -> _Finding:
    """Judge a move without a day: only a figure that is that of one of the two sessions up to publication says which it is."""
    if claim.measure not in _TOLERANCES:
        return _Finding("unclear", f"{stated} for a stretch that closes cannot show ({claim.measure})")
    unknown = (
        f"{stated}, and the article does not say for which {'session' if claim.measure == 'close' else claim.measure}"
    )
    day = pd.Timestamp(claim.published.day) if claim.published.day else None
    if claim.measure != "close" or day is None or not history.covers(day - _MONTH):
        return _Finding("unclear", unknown)
    latest = [history.on(session) for session in history.sessions(day - _MONTH, day)[:-3:-1]]
    sizes = (claim.percent, -claim.percent) if abs(claim.percent) >= _TELLING else (claim.percent,)
    for size in sizes:
        for actual in latest:
            if abs(size - actual.percent) <= _AGREES:
                comparison = _compared(claim, actual, stated, may_be_open=False)
                which = f"no session told, its size is that of {actual.session:%Y-%m-%d}"
                return _Finding(comparison.verdict, f"{which}: {comparison.reason}", actual)
    return _Finding("unclear", f"{unknown}; up to publication: {listed(latest)}")


def _may_be_open(claim: PriceClaim, exchange: str, session: pd.Timestamp) -> bool:
    """Return whether the article may have appeared before the close of the session it tells of."""
    published = claim.published
    if published.date[:10] != f"{session:%Y-%m-%d}":
        return False
    if len(published.date) == 10 or not published.zone:
        return True
    date, zone = published.date, published.zone
    moment = pd.Timestamp(date + zone) if zone[0] in "+-" else pd.Timestamp(date, tz=zone)
    return bool(moment < closes(exchange)[session])


def _compared(claim: PriceClaim, actual: _Return, stated: str, may_be_open: bool) -> _Finding:
    if pd.isna(actual.percent):
        return _Finding("unclear", f"{stated}; {actual}", actual)
    gap = abs(claim.percent - actual.percent)
    true = f"{stated}; the closes give {actual}"
    too_early = bool(claim.cause) and claim.cause > f"{actual.session:%Y-%m-%d}"
    news = f", and that session had closed before the news of {claim.cause}" if too_early else ""
    if gap <= max(_AGREES, claim.rounding):
        return _Finding(BEFORE_THE_NEWS if too_early else "agrees", f"{true}{news}", actual)
    opposite = claim.percent * actual.percent < 0
    mirrored = abs(claim.percent + actual.percent) <= max(_AGREES, claim.rounding)
    if may_be_open and not mirrored:
        return _Finding("unclear", f"{true}, but the article may have appeared before that close", actual)
    if opposite or gap > max(_TOLERANCES[claim.measure], claim.rounding):
        way = "; the shares went the other way" if opposite else f"; {gap:.2f} points apart"
        dividend = "; the closes are adjusted for dividends, and one may explain this" if gap < _DIVIDEND else ""
        return _Finding("contradicted", f"{true}{way}{news}{dividend}", actual)
    return _Finding(BEFORE_THE_NEWS if too_early else "unclear", f"{true}; {gap:.2f} points apart{news}", actual)
