"""Daily bars of shares, funds and exchange rates from Yahoo, through yfinance: one attempt, and what really came."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import pandas as pd

from potash.errors import BadAnswerError, NoDataError, ProviderError, RateLimitedError, UnreachableError
from potash.market.answers import PRICE_FIELDS, Answer, SeriesKey
from potash.market.providers.yahoo_bars import Asked, Bars, bars_of, is_currency

if TYPE_CHECKING:
    from curl_cffi.requests import Response, Session

    from potash.market.providers.yahoo_session import Seen, WatchedSession

LATER = "Nothing was stored; pull again later."
NOTHING_THERE = re.compile(r"delisted|no data found|data doesn't exist", re.IGNORECASE)

# The earliest and the latest midnight on earth: yfinance cannot turn a date into a moment where the clock skips midnight,
# as it does in Santiago, so it is asked for moments that hold the dates of any zone.
EARLIEST, LATEST = pd.Timedelta(hours=-14), pd.Timedelta(hours=12)


class Yahoo:
    """Yahoo's daily bars. Implements :class:`~potash.market.providers.base.Provider`.

    Symbols are Yahoo's: ``NTR``, ``NTR.TO``, ``CADUSD=X``.

    Parameters
    ----------
    session : curl_cffi Session, optional
        Sends the requests; by default one of its own that looks like a browser.
    timeout : float
        Seconds that any one request may take.
    exchanges : mapping of str to str, optional
        MIC by symbol: its calendar tells when a session is over.
    """

    name = "yahoo"
    whole = False

    def __init__(
        self,
        session: Session[Response] | None = None,
        timeout: float = 20.0,
        exchanges: Mapping[str, str] | None = None,
    ) -> None:
        self.timeout = float(timeout)
        self.exchanges = dict(exchanges or {})
        self._given = session
        self._session: WatchedSession | None = None

    def symbols(self, now: dt.datetime) -> Sequence[str] | None:
        """Return ``None``: Yahoo has no list."""
        return None

    def fetch(self, symbol: str, first: pd.Timestamp, last: pd.Timestamp, now: dt.datetime) -> Answer:
        """Return the daily bars of a symbol from ``first`` to ``last``, both included.

        The span of the answer ends with the last date whose session closed 20 minutes before ``now``. Prices and
        dividends are adjusted for every split up to now, ``adj_close`` for every dividend too, also for those after
        ``last``. Distributed capital gains of funds are counted in ``dividend``. An exchange rate has no ``volume``.

        Parameters
        ----------
        symbol : str
            Yahoo's ticker.
        first, last : Timestamp
            Naive dates of the exchange.
        now : datetime
            The present moment with its zone.

        Raises
        ------
        UnreachableError
            If no connection was made, or no whole answer came in time.
        RateLimitedError
            If Yahoo answers with HTTP 429.
        BadAnswerError
            If an error page, broken JSON, or JSON without its parts came, or yfinance fails on it.
        NoDataError
            If Yahoo knows no such symbol, answers in the name of another one, or has no price in the span.
        """
        key = SeriesKey(self.name, symbol)
        asked = Asked(first, last, now, self.exchanges.get(symbol))
        frame, seen, failure = self._ask(symbol, asked)
        chart = _chart(key, seen, failure)
        bars = _bars(key, frame, chart, asked, failure)
        facts = _facts(chart["meta"], asked.exchange)
        return Answer(key, bars.values, facts, first, bars.last, f"yfinance {version('yfinance')}", bars.notes)

    def _ask(self, symbol: str, asked: Asked) -> tuple[pd.DataFrame | None, Seen | None, Exception | None]:
        """Return yfinance's frame, the last chart that came, and the error that yfinance raised."""
        from potash.market.providers.yahoo_session import WatchedSession, pulling

        session = self._session = self._session or WatchedSession(self.timeout, self._given)
        with pulling(session) as yfinance:
            frame, failure = _history(yfinance, session, symbol, asked)
            if failure is not None and session.chart is None and not session.charts_only:
                # It failed over a cookie or a crumb, and never came to ask for the chart, which needs neither.
                session.charts_only = True
                frame, failure = _history(yfinance, session, symbol, asked)
            return frame, session.chart, failure


def _facts(meta: Mapping[str, Any], exchange: str | None) -> dict[str, str]:
    facts = {
        "frequency": "daily",
        "currency": meta.get("currency"),
        "unit": "per unit" if is_currency(meta) else "per share",
        "exchange": exchange or meta.get("fullExchangeName") or meta.get("exchangeName"),
        "name": meta.get("longName") or meta.get("shortName"),
        "instrument": meta.get("instrumentType"),
        "timezone": meta.get("exchangeTimezoneName"),
        "adjustment": "close: splits; adj_close: splits+dividends",
    }
    return {name: str(value) for name, value in facts.items() if value}


def _history(
    yfinance: Any, session: WatchedSession, symbol: str, asked: Asked
) -> tuple[pd.DataFrame | None, Exception | None]:
    start = (asked.first + EARLIEST).tz_localize("UTC")
    end = (asked.last + pd.Timedelta(days=1) + LATEST).tz_localize("UTC")
    try:
        ticker = yfinance.Ticker(symbol, session=session)
        frame = ticker.history(
            start=start, end=end, auto_adjust=False, actions=True, keepna=True, repair=False, timeout=session.limit
        )
    except Exception as error:  # noqa: BLE001 - whatever it is, it is told in our words
        return None, error
    return frame, None


def _chart(key: SeriesKey, seen: Seen | None, failure: Exception | None) -> dict[str, Any]:
    """Return ``chart.result[0]`` of what came; raise what it means where that is not a chart of the symbol."""
    if type(failure).__name__ == "YFRateLimitError" or (seen is not None and seen.status == 429):
        raise RateLimitedError(f"{key}: Yahoo asks for fewer requests (HTTP 429). {LATER}") from failure
    if seen is None or seen.error is not None:
        raise _without_reply(key, seen, failure) from failure
    chart = _parsed(key, seen).get("chart")
    error = chart.get("error") if isinstance(chart, dict) else None
    if error:
        raise _refusal(key, seen, error) from failure
    result = chart.get("result") if isinstance(chart, dict) else None
    if seen.status >= 400 or not isinstance(result, list) or not result or not isinstance(result[0], dict):
        raise BadAnswerError(f"{key}: JSON without a chart came from {seen.address}: {seen}. {LATER}") from failure
    meta = result[0].get("meta")
    given = meta.get("symbol") if isinstance(meta, dict) else None
    if not isinstance(given, str):
        raise BadAnswerError(f"{key}: the chart that came does not say whose it is: {seen}. {LATER}") from failure
    if not _same(given, key.symbol):
        raise NoDataError(
            f"{key}: Yahoo answers in the name of {given}, so the ticker has changed. Replace {key.symbol} by {given} in "
            "the universe, and check that it is the same security."
        ) from failure
    return result[0]


def _same(given: str, asked: str) -> bool:
    """Return whether two symbols are one; Yahoo leaves the dollar out of ``USDCAD=X``."""
    return given.upper() == asked.upper() or (asked.upper() == f"USD{given.upper()}" and given.endswith("=X"))


def _without_reply(key: SeriesKey, seen: Seen | None, failure: Exception | None) -> ProviderError:
    cause = seen.error if seen is not None and seen.error is not None else failure
    where = seen.address if seen is not None else "Yahoo"
    if isinstance(cause, OSError):
        return UnreachableError(f"{key}: no whole answer from {where}: {type(cause).__name__}: {cause} {LATER}")
    return BadAnswerError(f"{key}: yfinance failed before it asked for prices: {cause!r}. {LATER}")


def _parsed(key: SeriesKey, seen: Seen) -> dict[str, Any]:
    due = f"{key}: {seen.address} answered with"
    text = seen.body.decode("utf-8", "replace")
    try:
        content = json.loads(text)
    except json.JSONDecodeError as error:
        if seen.status >= 400:
            raise BadAnswerError(f"{due} an error: {seen}. {LATER}") from error
        if text.lstrip().startswith("<") or "html" in seen.content_type:
            raise BadAnswerError(f"{due} an HTML page where JSON was due: {seen}. {LATER}") from error
        at = len(text[: error.pos].encode())
        raise BadAnswerError(f"{due} JSON that is broken at byte {at} of {len(seen.body)}: {seen}. {LATER}") from error
    if seen.status >= 500 or not isinstance(content, dict):
        raise BadAnswerError(f"{due} an error: {seen}. {LATER}")
    return content


def _refusal(key: SeriesKey, seen: Seen, error: Any) -> ProviderError:
    words = str(error.get("description") or error.get("code")) if isinstance(error, dict) else str(error)
    if seen.status == 404 or NOTHING_THERE.search(words):
        return NoDataError(
            f"{key}: Yahoo has nothing, in its words: {words!r} (HTTP {seen.status}). Check the ticker and the dates; a "
            "security that was delisted keeps the prices that are stored."
        )
    return BadAnswerError(f"{key}: Yahoo refuses, in its words: {words!r} (HTTP {seen.status}). {LATER}")


def _bars(
    key: SeriesKey, frame: pd.DataFrame | None, chart: Mapping[str, Any], asked: Asked, failure: Exception | None
) -> Bars:
    try:
        if "timestamp" not in chart and not any(chart["indicators"]["quote"]):
            raise NoDataError(f"{key}: Yahoo has no bar in {asked}. Ask for other dates.")
        if failure is not None or frame is None:
            raise BadAnswerError(f"{key}: yfinance cannot read what came: {failure!r}. {LATER}") from failure
        bars = bars_of(frame, chart, asked)
    except (LookupError, TypeError, ValueError, ArithmeticError, AttributeError) as error:
        raise BadAnswerError(f"{key}: the chart that came is not whole: {error!r}. {LATER}") from error
    if not bars.values[list(PRICE_FIELDS)].notna().to_numpy().any():
        why = f" ({'; '.join(bars.notes)})" if bars.notes else ""
        raise NoDataError(f"{key}: Yahoo has no price in {asked}{why}. Ask for other dates, or later.")
    return bars
