"""Returns from prices: a return needs a price in the session and in the session before; missing stays missing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from potash.calendars import has_calendar, sessions_for
from potash.errors import PricesError, close_to, listed
from potash.market.price_frame import check_prices


def simple_returns(prices: pd.DataFrame, exchanges: Mapping[str, str] | None = None) -> pd.DataFrame:
    """Return simple returns ``P_t / P_(t-1) - 1`` as fractions; NaN where one of the two prices is missing.

    Parameters
    ----------
    prices : DataFrame of shape (n_sessions, n_tickers)
        Positive closes; index of naive dates, increasing. NaN is missing and is never filled.
    exchanges : mapping, optional
        Ticker to exchange (MIC): each column is differenced over the sessions of its own exchange, for frames that join
        exchanges with different trading days; the index of the result is then the union of the sessions and the frame's
        rows. By default those that a frame of :func:`potash.load_prices` carries in ``attrs["exchanges"]``. Columns of
        which it carries none, and frames that were resampled (fewer than half of the neighbouring rows are neighbouring
        sessions), have their rows taken as consecutive sessions.

    Returns
    -------
    DataFrame of shape (n_sessions, n_tickers)
        Columns, names and ``attrs`` as in ``prices``; the first row is NaN.

    Raises
    ------
    PricesError
        If the frame breaks a rule of :func:`potash.market.price_frame.check_prices`, a column has no exchange, or a price
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

    Examples
    --------
    >>> import potash
    >>> potash.log_returns(potash.load_prices()).loc["2025-12-15", ["SPY", "NTR"]].round(4).tolist()
    [-0.0015, -0.0158]
    """
    ratios: pd.DataFrame = _ratios(prices, exchanges).transform(np.log)
    return ratios


def _ratios(prices: pd.DataFrame, exchanges: Mapping[str, str] | None) -> pd.DataFrame:
    checked = check_prices(prices)
    sessions_by_ticker = _carried_sessions(checked) if exchanges is None else _stated_sessions(checked, exchanges)
    ratios = _ratios_over(checked, sessions_by_ticker)
    ratios.attrs = dict(prices.attrs)
    return ratios


def _sessions_of(mic: str, prices: pd.DataFrame, ticker: Any) -> tuple[pd.DatetimeIndex, pd.DatetimeIndex]:
    """Return the sessions of a ticker among and between the rows, and its days with a price that are none.

    Beyond the ends of the calendar every row is one: nothing is stepped over.
    """
    index = pd.DatetimeIndex(prices.index)
    sessions = sessions_for(mic, index[0], index[-1], index)
    return sessions, index[prices[ticker].notna()].difference(sessions)


def _carried_sessions(prices: pd.DataFrame) -> dict[Any, pd.DatetimeIndex]:
    """Return the sessions of each ticker by the exchanges that a frame of the loaders carries.

    The rows as they are for a ticker of which it carries none, whose exchange has no calendar or held no session on a
    day with a price, and where fewer than half of its neighbouring rows are neighbouring sessions: then the frame was
    resampled, and its rows are what its owner means.
    """
    exchanges: Mapping[str, str] = prices.attrs.get("exchanges") or {}
    index = pd.DatetimeIndex(prices.index)
    sessions_by_ticker: dict[Any, pd.DatetimeIndex] = {}
    for ticker in prices.columns:
        sessions_by_ticker[ticker] = index
        mic = exchanges.get(str(ticker), "")
        if has_calendar(mic):
            sessions, closed = _sessions_of(mic, prices, ticker)
            places = sessions.get_indexer(index)
            steps = np.diff(places[places >= 0])
            if not len(closed) and (not len(steps) or (steps == 1).mean() >= 0.5):
                sessions_by_ticker[ticker] = sessions
    return sessions_by_ticker


def _stated_sessions(prices: pd.DataFrame, exchanges: Mapping[str, str]) -> dict[Any, pd.DatetimeIndex]:
    """Return the sessions of each ticker by the exchanges that the caller names."""
    without = [str(ticker) for ticker in prices.columns if ticker not in exchanges]
    if without:
        raise PricesError(
            f"exchanges names no exchange for {listed(f'{t}{close_to(t, exchanges)}' for t in without)}. Named are: "
            f"{listed(exchanges, 20)}. Add them, for example exchanges=load_universe().exchanges."
        )
    sessions_by_ticker = {}
    for ticker in prices.columns:
        sessions_by_ticker[ticker], closed = _sessions_of(exchanges[ticker], prices, ticker)
        if len(closed):
            days = listed(f"{day:%Y-%m-%d (%a)}" for day in closed)
            raise PricesError(
                f"{ticker} has prices on days that are no sessions of {exchanges[ticker]}: {days}. Remove them."
            )
    return sessions_by_ticker


def _ratios_over(prices: pd.DataFrame, sessions_by_ticker: Mapping[Any, pd.DatetimeIndex]) -> pd.DataFrame:
    index = pd.DatetimeIndex(prices.index)
    for sessions in sessions_by_ticker.values():
        index = index.union(sessions)
    columns = []
    for ticker in prices.columns:
        closes = prices[ticker].reindex(sessions_by_ticker[ticker])
        columns.append((closes / closes.shift(1)).reindex(index))
    ratios: pd.DataFrame = pd.concat(columns, axis=1)
    ratios.columns = prices.columns
    ratios.index.name = prices.index.name
    return ratios
