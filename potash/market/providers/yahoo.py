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
from potash.market.providers.yahoo_bars import Request, bars_of
from potash.market.series import PriceSeries, SeriesKey

if TYPE_CHECKING:
    from curl_cffi.requests import Response, Session

    from potash.market.providers.yahoo_session import Reply, WatchedSession

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

    def fetch(self, symbol: str, first: pd.Timestamp, last: pd.Timestamp, now: dt.datetime) -> PriceSeries:
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
        request = Request(first, last, now, self.exchanges.get(symbol))
        frame, reply, failure = self._ask(symbol, request)
        chart = _chart(key, reply, failure)
        return _bars(key, frame, chart, request, failure)

    def _ask(self, symbol: str, request: Request) -> tuple[pd.DataFrame | None, Reply | None, Exception | None]:
        """Return yfinance's frame, the last chart that came, and the error that yfinance raised."""
        from potash.market.providers.yahoo_session import WatchedSession, pulling

        session = self._session = self._session or WatchedSession(self.timeout, self._given)
        with pulling(session) as yfinance:
            frame, failure = _history(yfinance, session, symbol, request)
            if failure is not None and session.chart is None and not session.charts_only:
                # It failed over a cookie or a crumb, and never came to ask for the chart, which needs neither.
                session.charts_only = True
                frame, failure = _history(yfinance, session, symbol, request)
            return frame, session.chart, failure


def _history(
    yfinance: Any, session: WatchedSession, symbol: str, request: Request
) -> tuple[pd.DataFrame | None, Exception | None]:
    start = (request.first + EARLIEST).tz_localize("UTC")
    end = (request.last + pd.Timedelta(days=1) + LATEST).tz_localize("UTC")
    try:
        ticker = yfinance.Ticker(symbol, session=session)
        frame = ticker.history(
            start=start, end=end, auto_adjust=False, actions=True, keepna=True, repair=False, timeout=session.limit
        )
    except Exception as error:  # noqa: BLE001 - whatever it is, it is told in our words
        return None, error
    return frame, None


def _chart(key: SeriesKey, reply: Reply | None, failure: Exception | None) -> dict[str, Any]:
    """Return ``chart.result[0]`` of what came; raise what it means where that is not a chart of the symbol."""
    if type(failure).__name__ == "YFRateLimitError" or (reply is not None and reply.status == 429):
        raise RateLimitedError(f"{key}: Yahoo asks for fewer requests (HTTP 429). {LATER}") from failure
    if reply is None or reply.error is not None:
        raise _without_reply(key, reply, failure) from failure
    chart = _parsed(key, reply).get("chart")
    error = chart.get("error") if isinstance(chart, dict) else None
    if error:
        raise _refusal(key, reply, error) from failure
    result = chart.get("result") if isinstance(chart, dict) else None
    if reply.status >= 400 or not isinstance(result, list) or not result or not isinstance(result[0], dict):
        raise BadAnswerError(f"{key}: JSON without a chart came from {reply.address}: {reply}. {LATER}") from failure
    meta = result[0].get("meta")
    given = meta.get("symbol") if isinstance(meta, dict) else None
    if not isinstance(given, str):
        raise BadAnswerError(f"{key}: the chart that came does not say whose it is: {reply}. {LATER}") from failure
    if not _same(given, key.symbol):
        raise NoDataError(
            f"{key}: Yahoo answers in the name of {given}, so the ticker has changed. Replace {key.symbol} by {given} in "
            "the universe, and check that it is the same security."
        ) from failure
    return result[0]


def _same(given: str, symbol: str) -> bool:
    """Return whether two symbols are one; Yahoo leaves the dollar out of ``USDCAD=X``."""
    return given.upper() == symbol.upper() or (symbol.upper() == f"USD{given.upper()}" and given.endswith("=X"))


def _without_reply(key: SeriesKey, reply: Reply | None, failure: Exception | None) -> ProviderError:
    cause = reply.error if reply is not None and reply.error is not None else failure
    where = reply.address if reply is not None else "Yahoo"
    if isinstance(cause, OSError):
        return UnreachableError(f"{key}: no whole answer from {where}: {type(cause).__name__}: {cause} {LATER}")
    return BadAnswerError(f"{key}: yfinance failed before it asked for prices: {cause!r}. {LATER}")


def _parsed(key: SeriesKey, reply: Reply) -> dict[str, Any]:
    due = f"{key}: {reply.address} answered with"
    text = reply.body.decode("utf-8", "replace")
    try:
        content = json.loads(text)
    except json.JSONDecodeError as error:
        if reply.status >= 400:
            raise BadAnswerError(f"{due} an error: {reply}. {LATER}") from error
        if text.lstrip().startswith("<") or "html" in reply.content_type:
            raise BadAnswerError(f"{due} an HTML page where JSON was due: {reply}. {LATER}") from error
        at = len(text[: error.pos].encode())
        raise BadAnswerError(
            f"{due} JSON that is broken at byte {at} of {len(reply.body)}: {reply}. {LATER}"
        ) from error
    if reply.status >= 500 or not isinstance(content, dict):
        raise BadAnswerError(f"{due} an error: {reply}. {LATER}")
    return content


def _refusal(key: SeriesKey, reply: Reply, error: Any) -> ProviderError:
    words = str(error.get("description") or error.get("code")) if isinstance(error, dict) else str(error)
    if reply.status == 404 or NOTHING_THERE.search(words):
        return NoDataError(
            f"{key}: Yahoo has nothing, in its words: {words!r} (HTTP {reply.status}). Check the ticker and the dates; a "
            "security that was delisted keeps the prices that are stored."
        )
    return BadAnswerError(f"{key}: Yahoo refuses, in its words: {words!r} (HTTP {reply.status}). {LATER}")


def _bars(
    key: SeriesKey, frame: pd.DataFrame | None, chart: Mapping[str, Any], request: Request, failure: Exception | None
) -> PriceSeries:
    try:
        if "timestamp" not in chart and not any(chart["indicators"]["quote"]):
            raise NoDataError(f"{key}: Yahoo has no bar in {request}. Ask for other dates.")
        if failure is not None or frame is None:
            raise BadAnswerError(f"{key}: yfinance cannot read what came: {failure!r}. {LATER}") from failure
        return bars_of(key, frame, chart, request, f"yfinance {version('yfinance')}")
    except (LookupError, TypeError, ValueError, ArithmeticError, AttributeError) as error:
        raise BadAnswerError(f"{key}: the chart that came is not whole: {error!r}. {LATER}") from error
