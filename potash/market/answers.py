"""What a provider says about one series, in one form whoever says it: the line between the network and the store.

A *series* is one symbol of one provider. Its values stand by *field* and *session*: the bars of a share have the fields
``open high low close adj_close volume dividend split``, a monthly price or a factor has the one field ``value``.
Currency, unit and exchange travel with the values as *facts*.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from potash.errors import BadAnswerError, InputError, close_to, listed

PRICE_FIELDS = ("open", "high", "low", "close", "adj_close")
ACTION_FIELDS = ("dividend", "split")
BAR_FIELDS = (*PRICE_FIELDS, "volume", *ACTION_FIELDS)
FIELDS = (*BAR_FIELDS, "value")

# Whose daily prices a ticker has, if several providers have it and none is named: the first of these.
DAILY_PROVIDERS = ("yahoo", "files")

FACTS = ("frequency", "currency", "unit", "exchange", "name", "instrument", "timezone", "adjustment")


@dataclass(frozen=True, slots=True, order=True)
class SeriesKey:
    """One symbol of one provider, written ``yahoo:NTR``.

    Attributes
    ----------
    provider : str
        ``yahoo``, ``pink_sheet``, ``french``, ``files`` or ``carried``.
    symbol : str
        As the provider spells it: ``NTR.TO``, ``potassium_chloride``, ``mkt_rf``; at most 120 printable characters.

    Raises
    ------
    InputError
        If the symbol is empty, longer, or not printable.
    """

    provider: str
    symbol: str

    def __post_init__(self) -> None:
        if not 0 < len(self.symbol) <= 120 or not self.symbol.isprintable():
            raise InputError(f"{self.symbol!r} is no symbol: it has 1 to 120 printable characters.")

    def __str__(self) -> str:
        return f"{self.provider}:{self.symbol}"


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """What a provider says about one series in one span of dates.

    Attributes
    ----------
    key : SeriesKey
        Whose values these are.
    values : DataFrame of shape (n_sessions, n_fields)
        Index ``session``: naive dates at midnight, unique and increasing, all inside the span; for monthly series the
        first day of the month. Columns: some of :data:`FIELDS`. Float64; NaN where the provider gives no value. Prices
        stand as the provider gives them, faults and all; a dividend is an amount per share in the currency of the
        price, a split the number of new shares for an old one; both are NaN on days without one.
    facts : mapping of str to str
        Some of :data:`FACTS`; ``frequency`` is ``daily`` or ``monthly`` and always there. ``currency`` is the
        provider's code of the unit that prices are quoted in, which may be a hundredth (``ILA``, ``GBp``).
    first, last : Timestamp
        The span that the answer covers, both ends included: a session inside it that is not in ``values`` is one that
        the provider does not have.
    source : str
        Program and version that read it: ``yfinance 1.7.0``.
    notes : tuple of str
        What was left out of ``values``, with the reason.

    Raises
    ------
    BadAnswerError
        If a rule above is broken.
    """

    key: SeriesKey
    values: pd.DataFrame
    facts: Mapping[str, str]
    first: pd.Timestamp
    last: pd.Timestamp
    source: str
    notes: tuple[str, ...] = field(default=())

    def __post_init__(self) -> None:
        self._check_values()
        self._check_facts()

    def _check_values(self) -> None:
        index, columns = self.values.index, self.values.columns
        if not isinstance(index, pd.DatetimeIndex) or index.tz is not None or (index != index.normalize()).any():
            raise BadAnswerError(f"{self.key}: the index of an answer must hold naive dates at midnight.")
        if not len(index) or not bool(self.values.notna().to_numpy().any()):
            raise BadAnswerError(f"{self.key}: no value in {self.first:%Y-%m-%d}..{self.last:%Y-%m-%d}.")
        if not index.is_unique or not index.is_monotonic_increasing:
            twice = index[index.duplicated()]
            what = f"{listed(f'{day:%Y-%m-%d}' for day in twice)} twice" if len(twice) else "dates out of order"
            raise BadAnswerError(f"{self.key}: the answer has {what}.")
        if index[0] < self.first or index[-1] > self.last:
            raise BadAnswerError(
                f"{self.key}: values from {index[0]:%Y-%m-%d} to {index[-1]:%Y-%m-%d} leave the span "
                f"{self.first:%Y-%m-%d}..{self.last:%Y-%m-%d}."
            )
        strange = [str(name) for name in columns if name not in FIELDS]
        if strange or not columns.is_unique:
            raise BadAnswerError(
                f"{self.key}: unknown or repeated fields {listed(strange)}; known: {listed(FIELDS, 9)}."
            )
        if any(kind != np.float64 for kind in self.values.dtypes) or np.isinf(self.values.to_numpy()).any():
            raise BadAnswerError(f"{self.key}: values must be finite float64, NaN where there is none.")

    def _check_facts(self) -> None:
        strange = [name for name in self.facts if name not in FACTS]
        if strange:
            raise BadAnswerError(f"{self.key}: unknown fact {strange[0]!r}{close_to(strange[0], FACTS)}.")
        if self.facts.get("frequency") not in {"daily", "monthly"}:
            raise BadAnswerError(f"{self.key}: frequency {self.facts.get('frequency')!r} is neither daily nor monthly.")
