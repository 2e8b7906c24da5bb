"""The prices that the project carries: as series, as a frozen snapshot, and as a provider, so that they can be stored."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd

from potash.bundled import CarriedFile, carried_files, data_dir, verified
from potash.errors import ChecksumError, NoDataError, close_to, listed
from potash.market.own_files.monthly import read_monthly_csv
from potash.market.own_files.price_files import read_price_file
from potash.market.series import CARRIED, PriceSeries, SeriesKey
from potash.market.snapshots.folder import FrozenSnapshot
from potash.market.snapshots.tables import content_digest

_FIELDS = {"splits": "close"}


def carried_daily() -> list[PriceSeries]:
    """Return a series per ticker and file; its key names both.

    Raises
    ------
    ChecksumError
        If a file was changed, or SOURCES.toml does not describe a ticker.
    """
    return [
        _described(row, one)
        for path, row in sorted(carried_files().items())
        if path.startswith("prices/")
        for one in read_price_file(verified(path)).series
    ]


def carried_monthly() -> list[PriceSeries]:
    """Return the monthly series in USD per tonne.

    Raises
    ------
    ChecksumError
        If the file is missing or was changed.
    """
    paths = [path for path in carried_files() if path.startswith("monthly/")]
    if len(paths) != 1:
        raise ChecksumError(
            f"SOURCES.toml describes {len(paths)} files under monthly/ ({listed(paths)}); one is needed."
        )
    row = carried_files()[paths[0]]
    frame = read_monthly_csv(verified(paths[0])).to_timestamp()
    facts = {"frequency": "monthly", "currency": "USD", "unit": "USD per tonne"}
    return [
        PriceSeries(
            SeriesKey(CARRIED, str(name)),
            frame[name].to_frame("value"),
            facts,
            source=row.source,
            adjustment=row.adjustment,
            file=paths[0],
        )
        for name in frame
    ]


def carried_snapshot() -> FrozenSnapshot:
    """Return what the project carries in the form of a frozen snapshot; a series per ticker and file.

    Raises
    ------
    ChecksumError
        If a carried file was changed.
    """
    series = tuple(sorted([*carried_daily(), *carried_monthly()], key=lambda one: one.key))
    rows = {path: row for path, row in carried_files().items() if path.startswith(("prices/", "monthly/"))}
    as_of = max(str(facts["known_as_of"]) for row in rows.values() for facts in row.series)
    files = {path: row.sha256 for path, row in rows.items()}
    return FrozenSnapshot(CARRIED, data_dir(), as_of, None, {}, content_digest(series), files, series)


def _described(row: CarriedFile, one: PriceSeries) -> PriceSeries:
    """Return a series of a file with what SOURCES.toml says of it."""
    facts = _facts(row, one.ticker)
    field = _FIELDS.get(facts["adjustment"], "adj_close")
    return one.of(
        one.values.set_axis([field], axis="columns"),
        key=SeriesKey(CARRIED, f"{one.file}:{one.ticker}"),
        facts={"frequency": "daily", "currency": "USD"},
        adjustment=facts["adjustment"],
        known_as_of=facts["known_as_of"],
        source=facts.get("source", row.source),
        file=row.path,
    )


def _facts(row: CarriedFile, ticker: str) -> dict[str, Any]:
    described = [facts for facts in row.series if ticker in facts["tickers"]]
    if len(described) != 1:
        raise ChecksumError(
            f"SOURCES.toml, {row.path}: {len(described)} rows of series name {ticker}; one must, with its "
            "adjustment and known_as_of."
        )
    return described[0]


class Carried:
    """The carried prices as a provider; no network. A symbol is a file and a ticker, or a commodity.

    The two daily files are of different vintages, so a ticker's prices of both are two series and never joined:
    ``daily_2024_2026.csv:NTR``.
    """

    name = CARRIED
    whole = True

    def __init__(self) -> None:
        self._read: dict[str, PriceSeries] = {}

    def symbols(self, now: dt.datetime) -> list[str]:
        """Return the symbols, sorted; raise :class:`potash.errors.ChecksumError` if a carried file was changed."""
        return sorted(self._series())

    def fetch(self, symbol: str, first: pd.Timestamp, last: pd.Timestamp, now: dt.datetime) -> PriceSeries:
        """Return the carried values of a series from ``first`` to ``last``, both included.

        Raises
        ------
        NoDataError
            If there is no such series, or it has no value in the span.
        """
        one = self._series().get(symbol)
        if one is None:
            symbols = self.symbols(now)
            raise NoDataError(
                f"{SeriesKey(self.name, symbol)}: not carried{close_to(symbol, symbols)}. Carried are: "
                f"{listed(symbols, 40)}."
            )
        values = one.values.loc[first:last]
        if not len(values):
            raise NoDataError(
                f"{one.key}: no value in {first:%Y-%m-%d}..{last:%Y-%m-%d}; it reaches from {one.first:%Y-%m-%d} to "
                f"{one.last:%Y-%m-%d}."
            )
        return one.of(values, facts={**one.facts, "adjustment": one.adjustment})

    def _series(self) -> dict[str, PriceSeries]:
        self._read = self._read or {one.key.symbol: one for one in carried_snapshot().series}
        return self._read
