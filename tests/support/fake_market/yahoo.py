"""Yahoo's chart service, as yfinance asks it, with made-up listings that a test may revise between two pulls.

Prices are kept as Yahoo hands them out today: every split that happened is already in all of them and in the dividends
before it. The adjusted close is worked out at each answer from all dividends, those after the asked window too.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from potash.calendars import sessions_between
from tests.support.fake_market.server import FakeMarket, Reply, Request

HOSTS = ("query1.finance.yahoo.com", "query2.finance.yahoo.com")
PRICES = ("open", "high", "low", "close")

# What Yahoo, or something between it and us, answers when it does not answer.
TOO_MANY = Reply(429, b"Edge: Too Many Requests", "text/plain; charset=utf-8")
UNAVAILABLE = Reply(503, b"upstream connect error or disconnect/reset before headers", "text/plain")
SORRY = Reply(200, b"<!DOCTYPE html><html><head><title>Yahoo</title></head><body>Sorry</body></html>", "text/html")
NO_RESULT = Reply(body=b'{"chart":{"result":[],"error":null}}')
DROPPED = Reply(drop="before")


def truncated(normal: Reply) -> Reply:
    """Return the reply with the second half of its JSON missing and a length that fits."""
    return replace(normal, body=normal.body[: len(normal.body) // 2])


def broken_off(normal: Reply) -> Reply:
    """Return the reply with its connection closed half-way."""
    return replace(normal, drop="within")


def slow(seconds: float) -> Reply:
    """Return an error page that takes its time."""
    return replace(UNAVAILABLE, delay=seconds)


def chart_error(code: str, description: str, status: int = 404) -> Reply:
    """Return Yahoo's way of saying no."""
    return _json({"chart": {"result": None, "error": {"code": code, "description": description}}}, status)


def _json(content: object, status: int = 200) -> Reply:
    return Reply(status, json.dumps(content).encode(), "application/json;charset=utf-8")


@dataclass(slots=True)
class Listing:
    """One made-up security.

    Attributes
    ----------
    bars : DataFrame
        Index: sessions, naive dates. Columns ``open high low close volume``; NaN is served as null.
    dividends, capital_gains : dict of date to float
        Amounts by ex-date, as today's Yahoo states them.
    splits : dict of date to pair of int
        New shares and old shares.
    opens, closes : str
        Local times of the regular session.
    live : pair of Timestamp and mapping, optional
        The latest trade, with its moment: Yahoo appends it as a row of its own, whatever the window.
    answers_as : str, optional
        The symbol in the answer, where it is not the one asked.
    dividend_currency : str, optional
        Of the dividends, where Yahoo says it.
    delisted : bool
        Whether Yahoo has forgotten it.
    """

    symbol: str
    bars: pd.DataFrame
    currency: str = "USD"
    timezone: str = "America/New_York"
    name: str = "Made-up Potash Inc."
    exchange_name: str = "NYQ"
    instrument: str = "EQUITY"
    opens: str = "09:30"
    closes: str = "16:00"
    dividends: dict[pd.Timestamp, float] = field(default_factory=dict)
    capital_gains: dict[pd.Timestamp, float] = field(default_factory=dict)
    splits: dict[pd.Timestamp, tuple[int, int]] = field(default_factory=dict)
    live: tuple[pd.Timestamp, Mapping[str, float]] | None = None
    answers_as: str | None = None
    dividend_currency: str | None = None
    delisted: bool = False

    def add_dividend(self, day: str, amount: float) -> None:
        """Pay a dividend: adjusted closes before the day shrink."""
        self.dividends[pd.Timestamp(day)] = amount

    def add_split(self, day: str, new: int, old: int = 1) -> None:
        """Split shares: everything before the day is stated anew."""
        session, ratio = pd.Timestamp(day), new / old
        before = self.bars.index < session
        self.bars.loc[before, list(PRICES)] /= ratio
        self.bars.loc[before, "volume"] = (self.bars.loc[before, "volume"] * ratio).round()
        for amounts in (self.dividends, self.capital_gains):
            amounts.update({ex: amount / ratio for ex, amount in amounts.items() if ex < session})
        self.splits[session] = (new, old)

    def remove(self, *days: str) -> None:
        """Forget sessions."""
        self.bars = self.bars.drop(pd.DatetimeIndex(days))

    def blank(self, *days: str) -> None:
        """Serve null in every field of these sessions."""
        self.bars.loc[pd.DatetimeIndex(days)] = np.nan

    def adjusted_close(self) -> pd.Series:
        """Return closes times the product of (1 - payout / close before) over all later ex-dates."""
        closes = self.bars["close"]
        factors = pd.Series(1.0, index=closes.index)
        for payouts in (self.dividends, self.capital_gains):
            for ex, amount in payouts.items():
                before = closes[closes.index < ex].dropna()
                if len(before):
                    factors[factors.index < ex] *= 1 - amount / before.iloc[-1]
        return closes * factors

    def moment(self, day: pd.Timestamp, time: str) -> int:
        """Return the epoch second of a local time on a date."""
        return int(pd.Timestamp(f"{day:%Y-%m-%d} {time}", tz=self.timezone).timestamp())


def random_walk(symbol: str, exchange: str, first: str, last: str, start: float = 50.0, **about) -> Listing:
    """Return a listing with a bar on every session of an exchange (MIC): two decimals, the same for the same symbol."""
    sessions = sessions_between(exchange, first, last)
    rng = np.random.default_rng(zlib.crc32(symbol.encode()))
    closes = start * np.exp(np.cumsum(rng.normal(0, 0.015, len(sessions))))
    opens = closes * np.exp(rng.normal(0, 0.005, len(sessions)))
    frame = pd.DataFrame({"open": opens, "close": closes}, index=sessions)
    frame["high"] = frame.max(axis=1) * (1 + rng.uniform(0, 0.01, len(sessions)))
    frame["low"] = frame[["open", "close"]].min(axis=1) * (1 - rng.uniform(0, 0.01, len(sessions)))
    frame = frame.round(2)
    frame["volume"] = rng.integers(100_000, 5_000_000, len(sessions)).astype(float)
    return Listing(symbol, frame, **about)


class FakeYahoo:
    """Yahoo within a :class:`FakeMarket`.

    Attributes
    ----------
    listings : dict of str to Listing
        What it has; change it between two pulls.
    shuffle : callable, optional
        Given the list of rows of an answer, returns another one: out of order, or with repetitions.
    crumb : str
        What it gives to be sent along.
    """

    def __init__(self, market: FakeMarket, *listings: Listing) -> None:
        self.listings = {listing.symbol: listing for listing in listings}
        self.shuffle = None
        self.crumb = "madeUp.crumb"
        for host in HOSTS:
            market.route(host, self.answer)
        for host in ("fc.yahoo.com", "guce.yahoo.com", "consent.yahoo.com", "finance.yahoo.com"):
            market.route(host, self._cookie)

    def rename(self, old: str, new: str) -> None:
        """Change a ticker: the new one is served, the old one is answered in the new one's name."""
        listing = replace(self.listings[old], symbol=new, answers_as=new)
        self.listings.update({old: listing, new: listing})

    def _cookie(self, request: Request) -> Reply:
        cookie = "A3=made-up; Domain=.yahoo.com; Path=/; Max-Age=31536000"
        return Reply(404, b"<html>no page</html>", "text/html", {"Set-Cookie": cookie})

    def answer(self, request: Request) -> Reply:
        """Return the reply to a request for a chart, a crumb, or something that is not served."""
        if request.path.endswith("/getcrumb"):
            return Reply(body=self.crumb.encode(), content_type="text/plain")
        if request.path.startswith("/v8/finance/chart/"):
            return self._chart(request)
        return _json({"quoteSummary": {"result": None, "error": {"code": "Not Found", "description": "not here"}}}, 404)

    def _chart(self, request: Request) -> Reply:
        listing = self.listings.get(request.path.rsplit("/", 1)[-1])
        if listing is None or listing.delisted:
            return chart_error("Not Found", "No data found, symbol may be delisted")
        rows = _rows(listing)
        if "range" in request.query:
            rows = rows[-1:]
        else:
            start, end = int(request.query["period1"]), int(request.query["period2"])
            times = [listing.moment(day, listing.opens) for day in listing.bars.index]
            if not times or end <= times[0] or start > times[-1]:
                return chart_error("Bad Request", f"Data doesn't exist for startDate = {start}, endDate = {end}", 400)
            rows = [row for row in rows if start <= row["time"] < end or row["live"]]
        if self.shuffle:
            rows = self.shuffle(rows)
        return _json({"chart": {"result": [_result(listing, rows, request.query)], "error": None}})


def _rows(listing: Listing) -> list[dict]:
    frame = listing.bars.assign(adjclose=listing.adjusted_close())
    frame = frame.astype(object).where(frame.notna(), None)
    rows = [
        {"time": listing.moment(day, listing.opens), "live": False, **row}
        for day, row in zip(frame.index, frame.to_dict("records"), strict=True)
    ]
    if listing.live:
        moment, bar = listing.live
        rows.append({"time": int(moment.timestamp()), "live": True, "adjclose": bar["close"], **bar})
    return rows


def _result(listing: Listing, rows: list[dict], query: Mapping[str, str]) -> dict:
    columns = {name: [row[name] for row in rows] for name in (*PRICES, "volume")}
    result = {"meta": _meta(listing, query)}
    if not rows:
        return {**result, "indicators": {"quote": [{}], "adjclose": [{}]}}
    result["timestamp"] = [row["time"] for row in rows]
    if events := _events(listing, query):
        result["events"] = events
    return {**result, "indicators": {"quote": [columns], "adjclose": [{"adjclose": [r["adjclose"] for r in rows]}]}}


def _events(listing: Listing, query: Mapping[str, str]) -> dict:
    start, end = int(query.get("period1", -(2**40))), int(query.get("period2", 2**40))
    found: dict[str, dict] = {}

    def note(kind: str, day: pd.Timestamp, content: dict) -> None:
        moment = listing.moment(day, listing.opens)
        if start <= moment < end and kind in query.get("events", ""):
            found.setdefault({"div": "dividends"}.get(kind, kind), {})[str(moment)] = {**content, "date": moment}

    for day, amount in listing.dividends.items():
        currency = {"currency": listing.dividend_currency} if listing.dividend_currency else {}
        note("div", day, {"amount": amount, **currency})
    for day, amount in listing.capital_gains.items():
        note("capitalGains", day, {"amount": amount})
    for day, (new, old) in listing.splits.items():
        note("splits", day, {"numerator": new, "denominator": old, "splitRatio": f"{new}:{old}"})
    return found


def _meta(listing: Listing, query: Mapping[str, str]) -> dict:
    last = listing.live[0].tz_convert(listing.timezone) if listing.live else listing.bars.index[-1]
    day = last.tz_localize(None).normalize()
    start, end = listing.moment(day, listing.opens), listing.moment(day, listing.closes)
    zone = {"timezone": "XXX", "gmtoffset": 0}
    period = {
        "pre": {**zone, "start": start - 3600, "end": start},
        "regular": {**zone, "start": start, "end": end},
        "post": {**zone, "start": end, "end": end + 3600},
    }
    return {
        "currency": listing.currency,
        "symbol": listing.answers_as or listing.symbol,
        "exchangeName": listing.exchange_name,
        "fullExchangeName": listing.exchange_name,
        "instrumentType": listing.instrument,
        "firstTradeDate": listing.moment(listing.bars.index[0], listing.opens),
        "regularMarketTime": int(listing.live[0].timestamp()) if listing.live else end,
        "regularMarketPrice": listing.live[1]["close"] if listing.live else listing.bars["close"].dropna().iloc[-1],
        "exchangeTimezoneName": listing.timezone,
        "longName": listing.name,
        "shortName": listing.name[:20],
        "priceHint": 2,
        "currentTradingPeriod": period,
        "dataGranularity": "1d",
        "range": query.get("range", ""),
        "validRanges": ["1d", "5d", "1mo", "3mo", "6mo", "1y", "2y", "5y", "10y", "ytd", "max"],
    }
