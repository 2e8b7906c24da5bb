"""A folder of the user's own price files as a provider, so that they are stored and checked like any other prices."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path

import pandas as pd

from potash.calendars import closes, has_calendar, sessions_between
from potash.errors import CalendarError, NoDataError, PricesError, close_to, listed
from potash.market.own_files.price_files import ADJUSTED, PriceFile, read_price_folder
from potash.market.series import NOT_STATED, PriceSeries, SeriesKey, by_ticker, joined


class Files:
    """The CSV and Parquet files of a folder; see :mod:`potash.market.own_files.price_files` for how they are laid out.

    Parameters
    ----------
    folder : path
        The folder. It is read once, when first asked.
    universe_currency : mapping of str to str, optional
        Ticker to the currency of its prices (ISO 4217); none is stated for the others.
    exchanges : mapping of str to str, optional
        Ticker to the MIC of its exchange: it tells which sessions are over, and whether two files of a ticker are
        apart by a session.
    """

    name = "files"
    whole = True

    def __init__(
        self,
        folder: str | Path,
        universe_currency: Mapping[str, str] | None = None,
        exchanges: Mapping[str, str] | None = None,
    ) -> None:
        self.folder = Path(folder)
        self._currency = dict(universe_currency or {})
        self._exchanges = dict(exchanges or {})
        self._read: tuple[PriceFile, ...] = ()

    def symbols(self, now: dt.datetime) -> list[str]:
        """Return the tickers in the folder, sorted; raise :class:`PricesError` if a file breaks a rule."""
        return sorted(self._parts())

    def fetch(self, symbol: str, first: pd.Timestamp, last: pd.Timestamp, now: dt.datetime) -> PriceSeries:
        """Return the bars of a ticker from ``first`` to ``last``, both included.

        Bars of sessions that are not over at ``now`` are left out and noted: by the exchange's calendar, or where there
        is none a day is over when it is over in UTC. The fact ``adjustment`` speaks of ``adj_close`` where the files
        have it, else of ``close``. The answer covers the days from the first row to the last: those outside are neither
        given nor withdrawn.

        Raises
        ------
        NoDataError
            If the ticker is not in the folder, or has no bar in the span.
        PricesError
            If a file breaks a rule, or two files of the ticker are not apart by a session.
        """
        key = SeriesKey(self.name, symbol)
        parts = self._parts().get(symbol)
        if parts is None:
            tickers = self.symbols(now)
            raise NoDataError(
                f"{key}: no file of {self.folder} holds {symbol!r}{close_to(symbol, tickers)}. Tickers there: "
                f"{listed(tickers, 40)}. Add a file {symbol}.csv, or a column."
            )
        exchange = self._exchanges.get(symbol)
        _check_apart(parts, exchange)
        bars = joined(parts).values
        inside = bars.loc[first:last]
        over = _over(pd.DatetimeIndex(inside.index), exchange, now)
        if not over.any():
            early = f" that was over at {now:%Y-%m-%d %H:%M %Z}" if len(inside) else ""
            raise NoDataError(
                f"{key}: no bar in {first:%Y-%m-%d}..{last:%Y-%m-%d}{early}; {listed(one.file for one in parts)} "
                f"reaches from {bars.index[0]:%Y-%m-%d} to {bars.index[-1]:%Y-%m-%d}."
            )
        # A folder says nothing of days before its first row and after its last: a later export may hold the new days only.
        covered = inside.index[over]
        used = [one.file for one in parts if len(one.values.index.intersection(inside.index))]
        checksums = {file.path.name: file.sha256[:12] for file in self._files()}
        facts = {"frequency": "daily", "adjustment": ADJUSTED if "adj_close" in bars else NOT_STATED}
        facts |= {"currency": self._currency[symbol]} if symbol in self._currency else {}
        facts |= {"exchange": exchange} if exchange else {}
        return PriceSeries(
            key=key,
            values=inside[over],
            facts=facts,
            first=covered[0],
            last=covered[-1],
            source=", ".join(f"file {name} {checksums[name]}" for name in used),
            notes=(
                *(f"{day:%Y-%m-%d}: the session is not over" for day in inside.index[~over]),
                *_outside(bars.index.difference(inside.index), first, last),
            ),
        )

    def _parts(self) -> dict[str, list[PriceSeries]]:
        return by_ticker(one for file in self._files() for one in file.series)

    def _files(self) -> tuple[PriceFile, ...]:
        self._read = self._read or read_price_folder(self.folder)
        return self._read


def _outside(days: pd.DatetimeIndex, first: pd.Timestamp, last: pd.Timestamp) -> tuple[str, ...]:
    """Return a note about rows that were not asked for."""
    if not len(days):
        return ()
    return (
        f"{len(days)} rows from {days[0]:%Y-%m-%d} to {days[-1]:%Y-%m-%d} lie outside {first:%Y-%m-%d}..{last:%Y-%m-%d}",
    )


def _over(days: pd.DatetimeIndex, exchange: str | None, now: dt.datetime) -> pd.Series[bool]:
    """Return for each day whether its session is over."""
    moment = pd.Timestamp(now).tz_convert("UTC")
    ends = pd.Series(days.tz_localize("UTC") + pd.Timedelta(days=1), index=days)
    if exchange is not None and has_calendar(exchange):
        ends = closes(exchange).reindex(days).fillna(ends)
    return ends <= moment


def _check_apart(parts: Sequence[PriceSeries], exchange: str | None) -> None:
    """Raise unless a session without a bar lies between the files of a ticker, so that no return is taken across."""
    for one, other in pairwise(parts):
        end, start = one.last, other.first
        if not _sessions_inside(exchange, end, start):
            raise PricesError(
                f"{one.ticker}: {one.file} ends {end:%Y-%m-%d} and {other.file} starts {start:%Y-%m-%d}, with no "
                f"session of a known calendar between them (exchange: {exchange or 'not known'}). Files are adjusted as of "
                "different dates, so a return across them would be wrong: hand over one file that holds both, or drop the "
                "last row of the first."
            )


def _sessions_inside(exchange: str | None, end: pd.Timestamp, start: pd.Timestamp) -> int:
    if exchange is None or not has_calendar(exchange):
        return 0
    day = pd.Timedelta(days=1)
    try:
        return len(sessions_between(exchange, end + day, start - day))
    except CalendarError:  # before the calendar begins nothing is known of sessions
        return 0
