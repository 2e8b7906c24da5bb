"""Returns from prices: a return needs a price in the session and in the session before; missing stays missing."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from potash.calendars import sessions_for
from potash.errors import PricesError, close_to, listed
from potash.market.frames import check_prices


def simple_returns(prices: pd.DataFrame, exchanges: Mapping[str, str] | None = None) -> pd.DataFrame:
    """Return simple returns ``P_t / P_(t-1) - 1`` as fractions; NaN where one of the two prices is missing.

    Parameters
    ----------
    prices : DataFrame of shape (n_sessions, n_tickers)
        Positive closes; index of naive dates, increasing. NaN is missing and is never filled.
    exchanges : mapping, optional
        Ticker to exchange (MIC). Without it the rows of the frame are taken as consecutive sessions of every column.
        With it each column is differenced over the sessions of its own exchange, for frames that join exchanges with
        different trading days; the index of the result is then the union of the sessions and the frame's rows.

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
    ratios = checked / checked.shift(1) if exchanges is None else _ratios_by_exchange(checked, exchanges)
    ratios.attrs = dict(prices.attrs)
    return ratios


def _ratios_by_exchange(prices: pd.DataFrame, exchanges: Mapping[str, str]) -> pd.DataFrame:
    without = [str(ticker) for ticker in prices.columns if ticker not in exchanges]
    if without:
        raise PricesError(
            f"exchanges names no exchange for {listed(f'{t}{close_to(t, exchanges)}' for t in without)}. Named are: "
            f"{listed(exchanges, 20)}. Add them, for example exchanges=load_universe().exchanges."
        )
    start, end = prices.index[0], prices.index[-1]
    own = {}
    for mic in dict.fromkeys(exchanges[t] for t in prices.columns):
        listed_there = [t for t in prices.columns if exchanges[t] == mic]
        days = pd.DatetimeIndex(prices.index[prices[listed_there].notna().any(axis=1)])
        own[mic] = sessions_for(mic, start, end, days)
    index = pd.DatetimeIndex(prices.index)
    for sessions in own.values():
        index = index.union(sessions)
    columns = []
    for ticker in prices.columns:
        closes = prices[ticker]
        sessions = own[exchanges[ticker]]
        closed = closes.dropna().index.difference(sessions)
        if len(closed):
            days = listed(f"{day:%Y-%m-%d (%a)}" for day in closed)
            raise PricesError(
                f"{ticker} has prices on days that are no sessions of {exchanges[ticker]}: {days}. Remove them."
            )
        closes = closes.reindex(sessions)
        columns.append((closes / closes.shift(1)).reindex(index))
    ratios: pd.DataFrame = pd.concat(columns, axis=1)
    ratios.columns = prices.columns
    ratios.index.name = prices.index.name
    return ratios
