"""Answers of a provider that does not exist, and a clock that goes a minute on at each look."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd

from potash.market.series import PriceSeries, SeriesKey

NTR = SeriesKey("yahoo", "NTR")
DAYS = pd.date_range("2026-01-05", periods=10, freq="B", name="session")
FACTS = {"frequency": "daily", "currency": "USD", "name": "Nutrien Ltd."}
CLOSES = [50.0, 51.0, 52.0, 51.5, 50.5, 50.25, 51.75, 52.5, 53.0, 54.0]
NOON = dt.datetime(2026, 1, 20, 12, tzinfo=dt.UTC)


def answer(
    closes: Sequence[float],
    days: pd.DatetimeIndex = DAYS,
    *,
    key: SeriesKey = NTR,
    facts: Mapping[str, str] = FACTS,
    span: tuple[str, str] | None = None,
    source: str = "a test",
    **fields: Sequence[float],
) -> PriceSeries:
    values = pd.DataFrame({"close": closes, **fields}, index=days[: len(closes)], dtype=np.float64)
    first, last = (
        (values.index[0], values.index[-1]) if span is None else (pd.Timestamp(span[0]), pd.Timestamp(span[1]))
    )
    return PriceSeries(key, values, facts, source=source, first=first, last=last)


def ticking(start: dt.datetime = NOON, step: dt.timedelta = dt.timedelta(minutes=1)) -> Callable[[], dt.datetime]:
    """Return a clock whose first look tells ``start``."""
    moments = iter(start + i * step for i in range(100_000))
    return lambda: next(moments)


def at(moment: dt.datetime) -> Callable[[], dt.datetime]:
    return lambda: moment
