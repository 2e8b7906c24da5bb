"""Two sources of one ticker side by side: the prices compared, their rounding, and what rounding allows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from potash._typing import Bool1D, Float1D, Float2D
from potash.errors import PricesError, check_option, listed
from potash.market.price_frame import check_prices
from potash.market.series import PRICE_FIELDS

# Prices that went through 32-bit floats (52.220001) are off by up to 6e-8 of themselves.
FLOAT32 = 1e-7
_MOST_DECIMALS = 6
_WINDOW, _ENOUGH_MOVES = 61, 5


@dataclass(frozen=True, slots=True, eq=False)
class ComparedPrices:
    """The prices of one of the two sources that are compared, with its bars as handed in.

    Attributes
    ----------
    name : str
        What findings call it.
    field : str
        The column that is compared.
    bars : DataFrame of shape (n_sessions, n_fields)
        As handed in.
    prices : Series of shape (n_priced,)
        Positive prices of ``field``; sessions without one are left out.
    """

    name: str
    field: str
    bars: pd.DataFrame
    prices: pd.Series[Any]

    def closes(self, sessions: pd.DatetimeIndex) -> Float1D | None:
        """Return its unadjusted closes in these sessions, NaN where there is none, or ``None`` without the column."""
        if not has(self.bars, "close"):
            return None
        closes = self.bars["close"].reindex(sessions).to_numpy(dtype=np.float64, na_value=np.nan)
        return np.where(closes > 0, closes, np.nan)

    def listed(self, field: str) -> pd.Series[Any] | None:
        """Return its dividends or splits by date, or ``None`` where it has no such column.

        A dividend of zero and a split of zero or one are what some providers write for none, and are left out.
        """
        if field not in self.bars:
            return None
        values = pd.to_numeric(self.bars[field], errors="coerce")
        return values[(values > 0) & ((values != 1) | (field != "split"))]


@dataclass(frozen=True, slots=True, eq=False)
class Pair:
    """Two sources in the sessions for which both have a price.

    Attributes
    ----------
    ticker : str
    sources : tuple of ComparedPrices
        Left and right.
    sessions : DatetimeIndex of shape (n_sessions,)
        Two at least.
    prices : ndarray of shape (n_sessions, 2)
        Positive.
    rounding : ndarray of shape (n_sessions, 2)
        Half a unit of the last decimal over the price; see :func:`relative_rounding`.
    returns : ndarray of shape (n_sessions, 2)
        Simple returns between these sessions, fractions; NaN in the first.
    tolerance : float
        Fraction by which returns may differ beyond rounding.
    """

    ticker: str
    sources: tuple[ComparedPrices, ComparedPrices]
    sessions: pd.DatetimeIndex
    prices: Float2D
    rounding: Float2D
    returns: Float2D
    tolerance: float

    @property
    def names(self) -> tuple[str, str]:
        """Names of the left and of the right source."""
        return self.sources[0].name, self.sources[1].name

    @property
    def difference(self) -> Float1D:
        """Left less right return, shape (n_sessions,); NaN in the first session."""
        return self.returns[:, 0] - self.returns[:, 1]

    @property
    def allowance(self) -> Float1D:
        """What tolerance and rounding allow two returns to differ by, shape (n_sessions,); NaN in the first session."""
        both = self.rounding.sum(axis=1) + 2 * FLOAT32
        return self.tolerance + (1 + self.returns.max(axis=1)) * (both + np.concatenate([[np.nan], both[:-1]]))

    @property
    def beyond(self) -> Bool1D:
        """Sessions in which the returns differ by more than the allowance, shape (n_sessions,)."""
        return np.abs(self.difference) > self.allowance

    @property
    def log_ratio(self) -> Float1D:
        """Log of the left over the right price, shape (n_sessions,)."""
        ratio: Float1D = np.log(self.prices[:, 0] / self.prices[:, 1])
        return ratio

    def told(self, at: int) -> str:
        """Return both returns of a session in words: ``yahoo +0.21 % against stooq +1.15 %``."""
        (left, right), (first, second) = self.names, self.returns[at]
        return f"{left} {first:+.2%} against {right} {second:+.2%}"


def has(bars: pd.DataFrame, field: str) -> bool:
    """Return whether bars hold a value of a field."""
    return field in bars and bool(bars[field].notna().any())


def make_pair(
    ticker: str,
    bars: tuple[pd.DataFrame, pd.DataFrame],
    names: Sequence[str],
    tolerance: float,
    field: str | None,
) -> Pair:
    """Return two frames of bars as a pair of sources after checking them; the frames are not changed.

    Raises
    ------
    PricesError
        As :func:`potash.market.quality.compare.check.cross_check`.
    OptionError
        If ``field`` is no price.
    """
    if len({*names, "difference"}) != 3 or len(names) != 2:
        raise PricesError(
            f"{ticker}: names={list(names)!r} must be two different names, one for each source, and not 'difference'."
        )
    if not 0 <= tolerance < 1:
        raise PricesError(f"{ticker}: tolerance={tolerance!r} must be a fraction from 0 to below 1; 0.0005 is 0.05 %.")
    fields = _fields(ticker, bars, names, field)
    left, right = (_source(ticker, *each) for each in zip(names, fields, bars, strict=True))
    sessions = left.prices.index.intersection(right.prices.index)
    if len(sessions) < 2:
        spans = [f"{s.name} {len(s.prices)} prices{_span(s.prices.index)}" for s in (left, right)]
        raise PricesError(
            f"{ticker}: {len(sessions) or 'no'} common session{'' if len(sessions) == 1 else 's'} with a price, and "
            f"returns need two: {spans[0]}; {spans[1]}. Pull both for the same dates."
        )
    prices = np.column_stack([s.prices.reindex(sessions).to_numpy() for s in (left, right)])
    rounding = np.column_stack([relative_rounding(s.prices).reindex(sessions).to_numpy() for s in (left, right)])
    returns = np.full_like(prices, np.nan)
    returns[1:] = prices[1:] / prices[:-1] - 1
    return Pair(ticker, (left, right), sessions, prices, rounding, returns, tolerance)


def _fields(
    ticker: str, bars: tuple[pd.DataFrame, pd.DataFrame], names: Sequence[str], field: str | None
) -> tuple[str, str]:
    """Return the column of each source to compare: one that both have, else whichever close each has."""
    if field is not None:
        check_option("field", field, PRICE_FIELDS)
    wanted = ("adj_close", "close") if field is None else (field,)
    available = [[name for name in wanted if has(frame, name)] for frame in bars]
    for name, fields, frame in zip(names, available, bars, strict=True):
        if not fields:
            raise PricesError(
                f"{ticker}: {name} has no {' or '.join(wanted)}. Its columns with values: "
                f"{listed((c for c in frame.columns if has(frame, c)), 9)}. Give it one of them, or another field=."
            )
    shared = [name for name in available[0] if name in available[1]]
    return (shared[0], shared[0]) if shared else (available[0][0], available[1][0])


def _source(ticker: str, name: str, field: str, bars: pd.DataFrame) -> ComparedPrices:
    column = bars[[field]]
    if pd.api.types.is_numeric_dtype(column[field]):
        # A price of zero or below is the source's fault and makes a finding, not an error.
        column = column.where(column > 0)
    try:
        checked = check_prices(column)
    except PricesError as error:
        raise PricesError(f"{ticker}, {name}: {error}") from None
    return ComparedPrices(name, field, bars, checked[field].dropna())


def _span(index: pd.DatetimeIndex) -> str:
    return f" {index[0]:%Y-%m-%d}..{index[-1]:%Y-%m-%d}" if len(index) else ""


def relative_rounding(prices: pd.Series[Any]) -> pd.Series[Any]:
    """Return by how much each price may be off because it is rounded, as a fraction of it.

    Half a unit of the last decimal over the price: two decimals on a share of 9 dollars are 0.005 / 9 = 0.06 %. How
    many decimals a source gives is the most that any price has in the 61 sessions around (58.10 alone looks like one
    decimal), at most six; the noise of 32-bit floats (52.220001) does not count. Fewer than two decimals are believed
    only where the price moved five times in these sessions, since a few round prices may be chance.

    Parameters
    ----------
    prices : Series of shape (n_sessions,)
        Positive, none missing.

    Returns
    -------
    Series of shape (n_sessions,)
        Fractions of the price.
    """
    values = prices.to_numpy(dtype=np.float64)
    decimals = np.full(len(values), _MOST_DECIMALS, dtype=np.int64)
    for count in range(_MOST_DECIMALS - 1, -1, -1):
        decimals[np.abs(values - np.round(values, count)) <= FLOAT32 * values] = count
    most = pd.Series(decimals, index=prices.index).rolling(_WINDOW, center=True, min_periods=1).max().to_numpy()
    moved = pd.Series(np.diff(values, prepend=values[:1]) != 0, index=prices.index).astype(float)
    moves = moved.rolling(_WINDOW, center=True, min_periods=1).sum().to_numpy()
    most = np.where(moves < _ENOUGH_MOVES, np.maximum(most, 2), most)
    return pd.Series(0.5 * 10.0**-most / values, index=prices.index)
