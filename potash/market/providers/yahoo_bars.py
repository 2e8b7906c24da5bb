"""From one chart of Yahoo and the frame that yfinance made of it to sessions, fields and notes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from potash.calendars import closes, has_calendar
from potash.errors import NoDataError, listed
from potash.market.series import PRICE_FIELDS, PriceSeries, SeriesKey

COLUMNS = {
    "Open": "open", "High": "high", "Low": "low", "Close": "close", "Adj Close": "adj_close", "Volume": "volume",
}  # fmt: skip

# Free quotes are a quarter of an hour late, and the closing auction comes after the close.
DELAY = pd.Timedelta(minutes=20)
DAY = pd.Timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Request:
    """Which bars are wanted.

    Attributes
    ----------
    first, last : Timestamp
        Naive dates, both included.
    now : datetime
        The present moment with its zone.
    exchange : str or None
        MIC, whose calendar tells when a session closes; without one Yahoo's own trading hours do.
    """

    first: pd.Timestamp
    last: pd.Timestamp
    now: dt.datetime
    exchange: str | None

    def __str__(self) -> str:
        """Return the span of dates."""
        return f"{self.first:%Y-%m-%d}..{self.last:%Y-%m-%d}"


def bars_of(
    key: SeriesKey, frame: pd.DataFrame, chart: Mapping[str, Any], request: Request, source: str
) -> PriceSeries:
    """Return the bars that were asked for, up to the last session that is over.

    Prices and volumes are yfinance's, ``volume`` NaN where the close is. Dividends and splits are read from the chart
    itself: yfinance moves one on a day without a bar to the bar before. Notes say what was left out or is odd.

    Parameters
    ----------
    key : SeriesKey
        Whose bars these are.
    frame : DataFrame
        From ``Ticker.history(auto_adjust=False, actions=True, keepna=True)``; index in the exchange's zone.
    chart : mapping
        ``chart.result[0]`` of the same reply.
    request : Request
        Span, moment and exchange.
    source : str
        What read it.

    Raises
    ------
    NoDataError
        If there is no price in the span.
    KeyError, TypeError, ValueError, ArithmeticError
        If the chart is not built as it should be.
    """
    meta = chart["meta"]
    zone = str(meta["exchangeTimezoneName"])
    came = _dates(chart["timestamp"], zone)
    first, end = request.first, last_over(request, meta)
    notes = _unfinished(came, end, request) + _order(came[(came >= first) & (came <= end)])
    prices = _prices(frame, chart, came).loc[first:end]
    actions, action_notes = _actions(chart.get("events") or {}, zone, meta.get("currency"))
    actions = actions.loc[first:end]
    notes += [note for day, note in action_notes if first <= day <= end]
    empty = prices.index[prices[list(PRICE_FIELDS)].isna().all(axis=1)]
    if len(empty):
        notes.append(f"{len(empty)} rows without any price left out: {_listed(empty)}")
    prices = prices.drop(empty)
    bare = actions.index.difference(prices.index)
    if len(bare):
        notes.append(f"dividend or split on days without prices: {_listed(bare)}")
    values = prices.join(actions, how="outer").astype(np.float64)
    values.index = pd.DatetimeIndex(values.index, freq=None, name="session").as_unit("ns")
    if "adjclose" not in chart["indicators"] and not is_currency(meta):
        values["adj_close"] = np.nan
        notes.append("no adjusted closes came")
    if not values[list(PRICE_FIELDS)].notna().to_numpy().any():
        why = f" ({'; '.join(notes)})" if notes else ""
        raise NoDataError(f"{key}: Yahoo has no price in {request}{why}. Ask for other dates, or later.")
    facts = _facts(meta, request.exchange)
    return PriceSeries(key, values, facts, source=source, first=first, last=end, notes=tuple(notes))


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


def is_currency(meta: Mapping[str, Any]) -> bool:
    """Return whether the chart is that of an exchange rate, which has no volume."""
    return meta.get("instrumentType") == "CURRENCY"


def last_over(request: Request, meta: Mapping[str, Any]) -> pd.Timestamp:
    """Return the last date asked for whose session closed at least 20 minutes before the present moment.

    A day closes with its session in the calendar of the exchange, else with Yahoo's regular trading hours of that day,
    else at midnight of the exchange's zone.
    """
    zone = str(meta["exchangeTimezoneName"])
    moment = pd.Timestamp(request.now)
    day = min(request.last, moment.tz_convert(zone).tz_localize(None).normalize())
    while _closes(day, zone, meta, request.exchange) + DELAY > moment:
        day -= DAY
    return day


def _closes(day: pd.Timestamp, zone: str, meta: Mapping[str, Any], exchange: str | None) -> pd.Timestamp:
    if exchange is not None and has_calendar(exchange):
        times = closes(exchange)
        if day in times.index:
            return pd.Timestamp(times[day])
    regular = ((meta.get("currentTradingPeriod") or {}).get("regular") or {}).get("end")
    if regular is not None and _dates([regular], zone)[0] == day:
        return pd.Timestamp(regular, unit="s", tz="UTC")
    return (day + DAY).tz_localize(zone, ambiguous=True, nonexistent="shift_forward")


def _dates(seconds: Iterable[float], zone: str) -> pd.DatetimeIndex:
    """Return the naive local dates of moments in epoch seconds.

    A daily bar at 22:00 or 23:00 sharp is one of the next midnight, off by a change of the clock: yfinance's own rule.
    """
    local = pd.DatetimeIndex(pd.to_datetime(list(seconds), unit="s", utc=True)).tz_convert(zone)
    moved = (local.minute == 0) & (local.second == 0) & local.hour.isin([22, 23])
    naive = local.tz_localize(None)
    return pd.DatetimeIndex(np.where(moved, naive + DAY, naive)).normalize()


def _prices(frame: pd.DataFrame, chart: Mapping[str, Any], came: pd.DatetimeIndex) -> pd.DataFrame:
    prices = frame[list(COLUMNS)].rename(columns=COLUMNS).astype(np.float64)
    prices.index = pd.DatetimeIndex(prices.index.tz_localize(None)).normalize()
    # yfinance adds rows for actions beyond the bars, and turns a missing volume into 0.
    prices = prices.loc[prices.index.isin(came)].sort_index()
    if is_currency(chart["meta"]):
        return prices.drop(columns="volume")
    unknown = came[[volume is None for volume in chart["indicators"]["quote"][0]["volume"]]]
    prices["volume"] = prices["volume"].where(prices["close"].notna() & ~prices.index.isin(unknown))
    return prices


def _actions(
    events: Mapping[str, Any], zone: str, currency: str | None
) -> tuple[pd.DataFrame, list[tuple[pd.Timestamp, str]]]:
    paid: dict[pd.Timestamp, float] = {}
    ratios: dict[pd.Timestamp, float] = {}
    notes: list[tuple[pd.Timestamp, str]] = []
    for event in (events.get("dividends") or {}).values():
        day, amount = _dates([event["date"]], zone)[0], float(event["amount"])
        if event.get("currency") not in {None, "", currency}:
            text = f"dividend of {amount:g} {event['currency']} on {day:%Y-%m-%d} left out: prices are in {currency}"
            notes.append((day, text))
        elif amount:
            paid[day] = paid.get(day, 0.0) + amount
    # Yahoo's adjusted close of a fund takes off distributed gains like dividends, so they belong together.
    for event in (events.get("capitalGains") or {}).values():
        day, amount = _dates([event["date"]], zone)[0], float(event["amount"])
        paid[day] = paid.get(day, 0.0) + amount
        notes.append((day, f"capital gains of {amount:g} on {day:%Y-%m-%d} counted in the dividend"))
    for event in (events.get("splits") or {}).values():
        day, ratio = _dates([event["date"]], zone)[0], float(event["numerator"]) / float(event["denominator"])
        if ratio != 1:
            ratios[day] = ratios.get(day, 1.0) * ratio
    index = pd.DatetimeIndex(sorted({*paid, *ratios}))
    dividends, splits = pd.Series(paid, index=index, dtype=float), pd.Series(ratios, index=index, dtype=float)
    return pd.DataFrame({"dividend": dividends, "split": splits}, index=index), notes


def _unfinished(came: pd.DatetimeIndex, end: pd.Timestamp, request: Request) -> list[str]:
    days = came[(came > end) & (came <= request.last)].unique()
    if not len(days):
        return []
    return [f"left out, session not over at {request.now.astimezone(dt.UTC):%Y-%m-%d %H:%M} UTC: {_listed(days)}"]


def _order(came: pd.DatetimeIndex) -> list[str]:
    notes = []
    twice = came[came.duplicated()].unique()
    if len(twice):
        notes.append(f"more than one row for {_listed(twice)}; yfinance keeps one of each")
    if not came.is_monotonic_increasing:
        notes.append("rows came out of order and were sorted")
    return notes


def _listed(days: pd.DatetimeIndex) -> str:
    return listed(f"{day:%Y-%m-%d}" for day in days)
