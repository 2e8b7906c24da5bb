"""One price series in one form, wherever it comes from: a provider, the store, a snapshot, a file.

A *series* is one symbol of one provider. Its values stand by *field* and *session*: the bars of a share have the fields
``open high low close adj_close volume dividend split``, a monthly price or a factor has the one field ``value``.
Currency, unit and exchange travel with the values as *facts*.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from potash.errors import BadAnswerError, InputError, close_to, listed

PRICE_FIELDS = ("open", "high", "low", "close", "adj_close")
ACTION_FIELDS = ("dividend", "split")
BAR_FIELDS = (*PRICE_FIELDS, "volume", *ACTION_FIELDS)
FIELDS = (*BAR_FIELDS, "value")

# Whose daily prices a ticker has, if several providers have it and none is named: the first of these.
DAILY_PROVIDERS = ("yahoo", "files")
# What the project itself carries: the name of its provider and of its snapshot.
CARRIED = "carried"

# How closes are adjusted, and which field is handed out for each, or the next best.
SPLITS_AND_DIVIDENDS = "splits+dividends"
ADJUSTMENTS = (SPLITS_AND_DIVIDENDS, "splits")
CLOSE_ORDER = {SPLITS_AND_DIVIDENDS: ("adj_close", "close"), "splits": ("close", "adj_close")}
NOT_STATED = "not stated"

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
class PriceSeries:
    """One price series in one span of dates: values by session and field, and what is known of them.

    Attributes
    ----------
    key : SeriesKey
        Whose values these are.
    values : DataFrame of shape (n_sessions, n_fields)
        Index ``session``: naive dates at midnight, unique and increasing, all inside the span; for monthly series the
        first day of the month. Columns: some of :data:`FIELDS`, in their order. Float64; NaN where no value is given.
        Prices stand as the provider gives them, faults and all; a dividend is an amount per share in the currency of
        the price, a split the number of new shares for an old one; both are NaN on days without one. A copy of what was
        handed in.
    facts : dict of str to str
        Some of :data:`FACTS`; ``frequency`` is ``daily`` or ``monthly`` and always there. ``currency`` is the
        provider's code of the unit that prices are quoted in, which may be a hundredth (``ILA``, ``GBp``).
    source : str
        Program and version that read it (``yfinance 1.7.0``), or who published it.
    ticker : str
        The name it is handed out under; by default the symbol.
    adjustment : str
        How prices are adjusted, for all of its closes or for each: ``close: splits; adj_close: splits+dividends``. By
        default the fact of that name.
    first, last : Timestamp
        The span that it covers, both ends included: a session inside it that is not in ``values`` is one that the
        provider does not have. By default from the first session to the last.
    known_from : pair of str, or None
        The first and the last moment at which one of its values was learnt, ISO 8601 with the zone; ``None`` where that
        is not recorded.
    known_as_of : str
        As of when its prices are adjusted, as far as that is stated; by default the day of the last moment.
    file : str
        The file or the set of files it was read from, if any.
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
    _: KW_ONLY
    source: str
    ticker: str = ""
    adjustment: str = ""
    first: pd.Timestamp = pd.NaT
    last: pd.Timestamp = pd.NaT
    known_from: tuple[str, str] | None = None
    known_as_of: str = ""
    file: str = ""
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        self._check_facts()
        self._check_moments()
        self._check_values()
        latest = "" if self.known_from is None else self.known_from[1][:10]
        settled = {
            "facts": dict(self.facts),
            "values": _in_order(self.values),
            "ticker": self.ticker or self.key.symbol,
            "adjustment": self.adjustment or self.facts.get("adjustment") or NOT_STATED,
            "first": self.values.index[0] if pd.isna(self.first) else self.first,
            "last": self.values.index[-1] if pd.isna(self.last) else self.last,
            "known_as_of": self.known_as_of or latest,
        }
        for name, value in settled.items():
            object.__setattr__(self, name, value)

    def close_field(self, adjustment: str = SPLITS_AND_DIVIDENDS) -> tuple[str, str]:
        """Return which field holds the closing prices that are wanted, or the next best, and how they are adjusted.

        The field is empty where the series has no closing price.
        """
        field = next((name for name in CLOSE_ORDER[adjustment] if name in self.values), "")
        labels = dict(part.split(": ", 1) for part in self.adjustment.split("; ") if ": " in part)
        return field, labels.get(field, self.adjustment)

    def closes(self, adjustment: str = SPLITS_AND_DIVIDENDS) -> PriceSeries | None:
        """Return the series of its closing prices alone, without missing ones; ``None`` where it has none."""
        field, label = self.close_field(adjustment)
        if not field or not self.values[field].notna().any():
            return None
        return self.of(self.values[[field]].dropna(), adjustment=label)

    def of(self, values: pd.DataFrame, **changes: Any) -> PriceSeries:
        """Return the same series with other values, which its span follows, and other attributes."""
        return replace(self, values=values, first=pd.NaT, last=pd.NaT, **changes)

    def _check_values(self) -> None:
        index, columns = self.values.index, self.values.columns
        if not isinstance(index, pd.DatetimeIndex) or index.tz is not None or (index != index.normalize()).any():
            raise BadAnswerError(f"{self.key}: the index of a series must hold naive dates at midnight.")
        if not len(index) or not bool(self.values.notna().to_numpy().any()):
            where = (
                "" if pd.isna(self.first) or pd.isna(self.last) else f" in {self.first:%Y-%m-%d}..{self.last:%Y-%m-%d}"
            )
            raise BadAnswerError(f"{self.key}: no value{where}.")
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
        untold = [name for name, value in self.facts.items() if not isinstance(value, str)]
        if untold:
            raise BadAnswerError(f"{self.key}: the fact {untold[0]} is {self.facts[untold[0]]!r}, not a text.")

    def _check_moments(self) -> None:
        if self.known_from is None:
            return
        try:
            moments = [dt.datetime.fromisoformat(text) for text in self.known_from]
            in_order = len(moments) == 2 and all(m.tzinfo for m in moments) and moments[0] <= moments[1]
        except (ValueError, TypeError):
            in_order = False
        if not in_order:
            raise BadAnswerError(
                f"{self.key}: known_from={self.known_from!r} is not a pair of moments in order with their zone. Write "
                "('2026-01-30T21:05:00+00:00', '2026-01-31T06:00:00+00:00')."
            )


def by_ticker(series: Iterable[PriceSeries]) -> dict[str, list[PriceSeries]]:
    """Return the series of each ticker, oldest first."""
    parts: dict[str, list[PriceSeries]] = {}
    for one in sorted(series, key=lambda one: one.values.index[0]):
        parts.setdefault(one.ticker, []).append(one)
    return parts


def overlap(parts: Sequence[PriceSeries]) -> tuple[PriceSeries, PriceSeries] | None:
    """Return the first two neighbours of a ticker's series, oldest first, that have days in common, or ``None``."""
    return next(((a, b) for a, b in pairwise(parts) if a.values.index[-1] >= b.values.index[0]), None)


def joined(parts: Sequence[PriceSeries], **changes: str) -> PriceSeries:
    """Return series that follow each other as one, with what is said of the last and other attributes."""
    return parts[-1].of(pd.concat([one.values for one in parts]), **changes)


def _in_order(values: pd.DataFrame) -> pd.DataFrame:
    """Return a copy with the columns in the order of the fields and an index of nanoseconds, whoever made the frame."""
    frame = values[[name for name in FIELDS if name in values]].copy()
    frame.index = pd.DatetimeIndex(values.index, freq=None, name="session").as_unit("ns")
    frame.columns.name = None
    frame.attrs = {}
    return frame
