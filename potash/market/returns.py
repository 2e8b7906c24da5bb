"""Returns from prices: a return needs a price in the session and in the session before; missing stays missing."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from potash.calendars import has_calendar, sessions_for
from potash.errors import PricesError, close_to, listed
from potash.market.frames import check_prices


def simple_returns(prices: pd.DataFrame, exchanges: Mapping[str, str] | None = None) -> pd.DataFrame:
    """Return simple returns ``P_t / P_(t-1) - 1`` as fractions; NaN where one of the two prices is missing.

    Parameters
    ----------
    prices : DataFrame of shape (n_sessions, n_tickers)
        Positive closes; index of naive dates, increasing. NaN is missing and is never filled.
    exchanges : mapping, optional
        Ticker to exchange (MIC): each column is differenced over the sessions of its own exchange, for frames that join
        exchanges with different trading days; the index of the result is then the union of the sessions and the frame's
        rows. By default those that a frame of :func:`potash.load_prices` carries in ``attrs["exchanges"]``. A frame that
        carries none, or was resampled or filtered (a session between its ends is no row), has its rows taken as
        consecutive sessions of every column.

    Returns
    -------
    DataFrame of shape (n_sessions, n_tickers)
        Columns, names and ``attrs`` as in ``prices``; the first row is NaN.

    Raises
    ------
    PricesError
        If the frame breaks a rule of :func:`potash.market.frames.check_prices`, a column has no exchange, or a price
        stands on a day that is no session of its exchange.
    CalendarError
        If an exchange has no calendar. Days beyond the ends of one are taken as they stand.

    Examples
    --------
    >>> import pandas as pd
    >>> days = pd.DatetimeIndex(["2025-01-06", "2025-01-07", "2025-01-08"], name="session")
    >>> simple_returns(pd.DataFrame({"NTR": [50.0, 55.0, 44.0]}, index=days))["NTR"].round(4).tolist()
    [nan, 0.1, -0.2]
    """
    return _ratios(prices, exchanges) - 1.0


def log_returns(prices: pd.DataFrame, exchanges: Mapping[str, str] | None = None) -> pd.DataFrame:
    """Return log returns ``ln P_t - ln P_(t-1)``; NaN where one of the two prices is missing.

    Parameters, shape and errors are those of :func:`simple_returns`.
    """
    ratios: pd.DataFrame = _ratios(prices, exchanges).transform(np.log)
    return ratios


def _ratios(prices: pd.DataFrame, exchanges: Mapping[str, str] | None) -> pd.DataFrame:
    checked = check_prices(prices)
    own = _own_sessions(checked) if exchanges is None else _stated_sessions(checked, exchanges)
    ratios = checked / checked.shift(1) if own is None else _ratios_over(checked, own)
    ratios.attrs = dict(prices.attrs)
    return ratios


def _own_sessions(prices: pd.DataFrame) -> dict[str, pd.DatetimeIndex] | None:
    """Return the sessions of each ticker by the exchanges that a frame of the loaders carries.

    ``None`` where it carries none for a column, or lacks a session between its first row and its last: then it was
    resampled or filtered, and its rows are what its owner means. A ticker whose exchange has no calendar has the rows
    with a price.
    """
    told: Mapping[str, str] = prices.attrs.get("exchanges", {})
    if any(str(ticker) not in told for ticker in prices.columns):
        return None
    index = pd.DatetimeIndex(prices.index)
    own: dict[str, pd.DatetimeIndex] = {}
    for ticker in map(str, prices.columns):
        priced = index[prices[ticker].notna()]
        mic = told[ticker]
        own[ticker] = sessions_for(mic, index[0], index[-1], priced) if has_calendar(mic) else priced
        if len(own[ticker].difference(index)) or len(priced.difference(own[ticker])):
            return None
    return own


def _stated_sessions(prices: pd.DataFrame, exchanges: Mapping[str, str]) -> dict[str, pd.DatetimeIndex]:
    """Return the sessions of each ticker by the exchanges that the caller names."""
    without = [str(ticker) for ticker in prices.columns if ticker not in exchanges]
    if without:
        raise PricesError(
            f"exchanges names no exchange for {listed(f'{t}{close_to(t, exchanges)}' for t in without)}. Named are: "
            f"{listed(exchanges, 20)}. Add them, for example exchanges=load_universe().exchanges."
        )
    index = pd.DatetimeIndex(prices.index)
    own = {}
    for ticker in prices.columns:
        priced = index[prices[ticker].notna()]
        own[ticker] = sessions_for(exchanges[ticker], index[0], index[-1], priced)
        closed = priced.difference(own[ticker])
        if len(closed):
            days = listed(f"{day:%Y-%m-%d (%a)}" for day in closed)
            raise PricesError(
                f"{ticker} has prices on days that are no sessions of {exchanges[ticker]}: {days}. Remove them."
            )
    return own


def _ratios_over(prices: pd.DataFrame, own: Mapping[str, pd.DatetimeIndex]) -> pd.DataFrame:
    index = pd.DatetimeIndex(prices.index)
    for sessions in own.values():
        index = index.union(sessions)
    columns = []
    for ticker in prices.columns:
        closes = prices[ticker].reindex(own[ticker])
        columns.append((closes / closes.shift(1)).reindex(index))
    ratios: pd.DataFrame = pd.concat(columns, axis=1)
    ratios.columns = prices.columns
    ratios.index.name = prices.index.name
    return ratios
