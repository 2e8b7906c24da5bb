"""The rules of a wide frame of prices that is handed to the library: the rules that files are read by."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from potash._typing import Float1D
from potash.errors import PricesError, listed

SIGN_RULE = (
    "{value} is not a positive price. A price of zero or below has no return; over-subtracted dividends make such "
    "values. Correct it at the source or leave it empty."
)


def check_prices(prices: pd.DataFrame) -> pd.DataFrame:
    """Return a frame of prices as a new frame of float64 after checking it; NaN stays NaN.

    Parameters
    ----------
    prices : DataFrame of shape (n_sessions, n_tickers)
        Positive closes; index of naive midnight timestamps, unique and increasing; unique columns.

    Raises
    ------
    PricesError
        Naming the dates, the tickers and the values that break a rule.
    """
    if not isinstance(prices, pd.DataFrame):
        raise PricesError(
            f"prices is a {type(prices).__name__}, not a DataFrame. For one series write series.to_frame('NTR')."
        )
    if prices.empty:
        raise PricesError(f"prices has shape {prices.shape}: there is nothing in it.")
    _check_index(prices.index)
    twice = prices.columns[prices.columns.duplicated()].unique()
    if len(twice):
        raise PricesError(f"prices: columns that stand more than once: {listed(twice)}. Keep one of each.")
    values = np.column_stack([_as_floats(prices.iloc[:, i]) for i in range(prices.shape[1])])
    bad = np.isinf(values) | (values <= 0)
    if bad.any():
        row, column = np.argwhere(bad)[0]
        where = f"prices: {prices.index[row]:%Y-%m-%d}, {prices.columns[column]}"
        others = f" ({int(bad.sum()) - 1} more cells like it)" if bad.sum() > 1 else ""
        raise PricesError(f"{where}: {SIGN_RULE.format(value=values[row, column])}{others}")
    checked = pd.DataFrame(values, index=prices.index, columns=prices.columns)
    checked.attrs = dict(prices.attrs)
    return checked


def _check_index(index: pd.Index) -> None:
    if not isinstance(index, pd.DatetimeIndex):
        raise PricesError(
            f"prices: the index is a {type(index).__name__}, not dates. Set it: prices.index = pd.DatetimeIndex(...)."
        )
    if index.tz is not None:
        raise PricesError(
            f"prices: the index carries the time zone {index.tz}. Sessions are "
            "dates: use index.tz_localize(None).normalize()."
        )
    if index.hasnans:
        raise PricesError(f"prices: row {int(np.argmax(index.isna())) + 1} has no date. Remove it or give it one.")
    timed = index[index != index.normalize()]
    if len(timed):
        raise PricesError(f"prices: {timed[0]} has a time of day. Only daily closes are taken: use index.normalize().")
    check_unique([f"{day:%Y-%m-%d}" for day in index], "prices")
    if not index.is_monotonic_increasing:
        at = int(np.argmax(np.diff(index.to_numpy()) < np.timedelta64(0))) + 1
        raise PricesError(
            f"prices: {index[at]:%Y-%m-%d} comes after {index[at - 1]:%Y-%m-%d}. Sort it first: prices.sort_index()."
        )


def _as_floats(column: pd.Series[Any]) -> Float1D:
    numeric = pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)
    if not numeric and not (column.dtype == object and column.isna().all()):
        texts = [(day, v) for day, v in column.items() if not isinstance(v, int | float) or isinstance(v, bool)]
        day, value = texts[0] if texts else next(iter(column.items()))
        raise PricesError(
            f"prices: {day:%Y-%m-%d}, {column.name}: {value!r} in a column of type {column.dtype}, not of numbers. "
            "Correct it, or convert the column with pd.to_numeric."
        )
    return column.to_numpy(dtype=np.float64, na_value=np.nan)


def check_unique(labels: Sequence[str], where: str) -> None:
    """Raise :class:`PricesError` with the labels that stand more than once."""
    before: set[str] = set()
    twice = sorted({label for label in labels if label in before or before.add(label)})  # type: ignore[func-returns-value]
    if twice:
        raise PricesError(f"{where}: dates that stand more than once: {listed(twice)}. Keep one row for each.")
