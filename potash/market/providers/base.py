"""What every provider offers: one method that makes one attempt. Waiting and trying again is the caller's part."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Protocol

import pandas as pd

from potash.market.series import PriceSeries


class Provider(Protocol):
    """A source of series.

    Attributes
    ----------
    name : str
        The ``provider`` of the keys of its answers.
    whole : bool
        Whether it reads a whole file whatever span is asked for, so that asking for less saves nothing.
    """

    name: str
    whole: bool

    def symbols(self, now: dt.datetime) -> Sequence[str] | None:
        """Return the symbols that it has, or ``None`` where it cannot be asked for a list."""
        ...

    def fetch(self, symbol: str, first: pd.Timestamp, last: pd.Timestamp, now: dt.datetime) -> PriceSeries:
        """Return the series of a symbol from ``first`` to ``last``, both included.

        Parameters
        ----------
        symbol : str
            As the provider spells it.
        first, last : Timestamp
            Naive dates.
        now : datetime
            The present moment with its zone: bars of sessions that are not over are left out and noted, and a source
            that has not been updated for too long is refused.

        Raises
        ------
        UnreachableError
            If no whole answer came.
        RateLimitedError
            If it asks for fewer requests.
        BadAnswerError
            If what came is not the data.
        NoDataError
            If it has nothing under the symbol, or nothing in the span.
        StaleSourceError
            If its file has not been updated for too long.
        """
        ...
