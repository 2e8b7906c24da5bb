"""What the project carries as a provider, so that it can be stored beside a live source and held against it."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from potash.errors import NoDataError, close_to, listed
from potash.market.answers import Answer, SeriesKey
from potash.market.carried_prices import CARRIED, carried_snapshot
from potash.market.snapshots.tables import FrozenSeries


class Carried:
    """The carried prices; no network. A symbol is a file and a ticker, ``daily_2024_2026.csv:NTR``, or a commodity.

    The two daily files are of different vintages, so a ticker's prices of both are two series and never joined.
    """

    name = CARRIED
    whole = True

    def __init__(self) -> None:
        self._read: dict[str, FrozenSeries] = {}

    def symbols(self, now: dt.datetime) -> list[str]:
        """Return the symbols, sorted; raise :class:`potash.errors.ChecksumError` if a carried file was changed."""
        return sorted(self._series())

    def fetch(self, symbol: str, first: pd.Timestamp, last: pd.Timestamp, now: dt.datetime) -> Answer:
        """Return the carried values of a series from ``first`` to ``last``, both included.

        Raises
        ------
        NoDataError
            If there is no such series, or it has no value in the span.
        """
        key = SeriesKey(self.name, symbol)
        one = self._series().get(symbol)
        if one is None:
            known = sorted(self._series())
            raise NoDataError(f"{key}: not carried{close_to(symbol, known)}. Carried are: {listed(known, 40)}.")
        values = one.values.loc[first:last]
        if not len(values):
            whole = one.values.index
            raise NoDataError(
                f"{key}: no value in {first:%Y-%m-%d}..{last:%Y-%m-%d}; it reaches from {whole[0]:%Y-%m-%d} to "
                f"{whole[-1]:%Y-%m-%d}."
            )
        facts = {**one.facts, "adjustment": one.adjustment}
        return Answer(key, values, facts, values.index[0], values.index[-1], one.source)

    def _series(self) -> dict[str, FrozenSeries]:
        if not self._read:
            self._read = {one.key.symbol: one for one in carried_snapshot().series}
        return self._read
