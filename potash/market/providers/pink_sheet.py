"""Monthly commodity prices of the World Bank (the Pink Sheet), from the workbook that its page links to today.

The workbook gets a new address each year, and the old address goes on answering with the file as it was then. So the
address is read from the page, and whether the file is of today is asked of its months and never of the server.
"""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Sequence
from html.parser import HTMLParser
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

import pandas as pd

from potash.errors import BadAnswerError, NoDataError, OptionError, StaleSourceError, close_to, listed
from potash.market.providers.web import Download, get
from potash.market.providers.workbook import Column, PriceSheet, read_workbook
from potash.market.series import PriceSeries, SeriesKey

if TYPE_CHECKING:
    import requests

PAGE = "https://www.worldbank.org/en/research/commodity-markets"
FILE = "CMO-Historical-Data-Monthly.xlsx"
FRESH_MONTHS = 2
# What is printed, in words, and its code: prices in cents are in a hundredth of the dollar, which has a code of its own.
MONEY = {"$": ("USD", "USD"), "¢": ("US cents", "USX"), "cents": ("US cents", "USX")}
QUANTITIES = {"mt": "tonne"}


class PinkSheet:
    """Provider of the World Bank's monthly prices: ``potassium_chloride``, ``dap``, ``urea``, ``maize`` and others.

    The workbook is downloaded once for each object.

    Parameters
    ----------
    session : requests.Session, optional
        Asked instead of a fresh one.
    url : str, optional
        Address of the workbook, where the page of the World Bank shall not be asked for it.
    timeout : float
        Seconds to wait for each piece of an answer.

    Raises
    ------
    OptionError
        If ``url`` is no ``http`` or ``https`` address.
    """

    name = "pink_sheet"
    whole = True

    def __init__(self, session: requests.Session | None = None, url: str | None = None, timeout: float = 60.0) -> None:
        if url is not None and (urlsplit(url).scheme not in {"http", "https"} or not urlsplit(url).hostname):
            raise OptionError(f"url={url!r} is no address of a workbook. It begins with https:// and ends with {FILE}.")
        self._session = session
        self._url = url
        self._timeout = timeout
        self._sheet: PriceSheet | None = None
        self._lock = threading.Lock()

    def symbols(self, now: dt.datetime) -> Sequence[str]:
        """Return the symbols of the series: their names in lower case, ``_`` for all that is no letter or digit.

        Raises
        ------
        StaleSourceError, UnreachableError, RateLimitedError, BadAnswerError
            As :meth:`fetch`.
        """
        return tuple(self._fresh(now).columns)

    def fetch(self, symbol: str, first: pd.Timestamp, last: pd.Timestamp, now: dt.datetime) -> PriceSeries:
        """Return the prices of a series: field ``value``, each at the first day of its month.

        Parameters
        ----------
        symbol : str
            One of :meth:`symbols`.
        first, last : Timestamp
            Naive dates, both included.
        now : datetime
            The present moment with its zone. Its month (UTC) and later ones are left out, and noted if they hold a
            price.

        Raises
        ------
        NoDataError
            If the sheet has no such series, or the series no price in the span.
        StaleSourceError
            If the last month with a price is more than two months before the month of ``now``.
        UnreachableError, RateLimitedError
            If the page or the workbook did not come whole.
        BadAnswerError
            If the page links to no workbook, or the workbook is not the one described here.
        """
        sheet = self._fresh(now)
        key = SeriesKey(self.name, symbol)
        if symbol not in sheet.columns:
            raise NoDataError(
                f"{key}: no such series{close_to(symbol, sheet.columns)}. Available: {listed(sheet.columns, 100)}."
            )
        column = sheet.columns[symbol]
        if column.fault is not None:
            raise BadAnswerError(f"{key}: {sheet.url}: {column.fault}")
        published = sheet.values[symbol]
        inside = published[(published.index >= first) & (published.index <= last)]
        running = inside.index >= _month_of(now)
        kept = inside[~running]
        if not kept.notna().any():
            months = published.dropna().index
            reach = f"it has {months[0]:%Y-%m} to {months[-1]:%Y-%m}" if len(months) else "it has none at all"
            raise NoDataError(f"{key}: no price in {first:%Y-%m-%d}..{last:%Y-%m-%d}; {reach}.")
        return PriceSeries(
            key=key,
            values=kept.to_frame("value"),
            facts=_facts(column),
            first=first,
            last=last,
            source="World Bank Pink Sheet" + (f", updated {sheet.updated:%Y-%m-%d}" if sheet.updated else ""),
            notes=tuple(f"{m:%Y-%m} left out: not over at {now:%Y-%m-%d}" for m in inside[running].dropna().index),
        )

    def _fresh(self, now: dt.datetime) -> PriceSheet:
        with self._lock:
            self._sheet = self._sheet or self._download()
        sheet = self._sheet
        age = (_month_of(now).to_period("M") - sheet.last_month.to_period("M")).n
        if age > FRESH_MONTHS:
            said = f"says it was updated on {sheet.updated:%Y-%m-%d}" if sheet.updated else "does not say when"
            raise StaleSourceError(
                f"{sheet.url}: the last month with a price is {sheet.last_month:%Y-%m}, {age} months before {now:%Y-%m}, and "
                f"at most {FRESH_MONTHS} are usual; the sheet {said}. The World Bank has moved the file: find "
                f"'Monthly prices' on {PAGE} and pass its address as url=, or with --url on the command line."
            )
        return sheet

    def _download(self) -> PriceSheet:
        links = [self._url] if self._url else find_links(get(PAGE, self._session, self._timeout))
        sheets = [read_workbook(get(link, self._session, self._timeout)) for link in links]
        newest = max(_edition(sheet) for sheet in sheets)
        newest_sheets = [sheet for sheet in sheets if _edition(sheet) == newest]
        if any(not sheet.values.equals(newest_sheets[0].values) for sheet in newest_sheets[1:]):
            raise BadAnswerError(
                f"{PAGE}: links to {len(newest_sheets)} workbooks that are equally new and differ: "
                f"{listed(sheet.url for sheet in newest_sheets)}. Pass the right one as url=, or with --url on the command line."
            )
        return newest_sheets[0]


def _edition(sheet: PriceSheet) -> tuple[pd.Timestamp, pd.Timestamp]:
    """Return what makes one edition newer than another: its last month, then the day on which it was updated."""
    return sheet.last_month, sheet.updated or pd.Timestamp.min


def _month_of(now: dt.datetime) -> pd.Timestamp:
    return pd.Timestamp(now.astimezone(dt.UTC).date().replace(day=1))


def _facts(column: Column) -> dict[str, str]:
    facts = {"frequency": "monthly", "name": column.name, "adjustment": "nominal", "unit": column.unit}
    money, _, quantity = column.unit.partition("/")
    words, currency = MONEY.get(money.strip().lower(), ("", ""))
    if words and quantity:
        facts |= {"currency": currency, "unit": f"{words} per {QUANTITIES.get(quantity.strip(), quantity.strip())}"}
    return facts


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.links += [value.strip() for name, value in attrs if name == "href" and value]


def find_links(download: Download) -> list[str]:
    """Return the absolute addresses of the workbook that a page links to, each once, in the order of the page.

    Raises
    ------
    BadAnswerError
        If there is none.
    """
    parser = _Links()
    parser.feed(download.body.decode("utf-8", errors="replace"))
    absolute = [urljoin(download.url, link) for link in parser.links if link.split("?")[0].split("#")[0].endswith(FILE)]
    if not absolute:
        raise BadAnswerError(
            f"{download.url}: no link to {FILE} among the {len(parser.links)} links of the page ({download.beginning()}). Find "
            "the address of the monthly prices and pass it as url=, or with --url on the command line."
        )
    return list(dict.fromkeys(absolute))
