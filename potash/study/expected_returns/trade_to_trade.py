"""Thin trading: returns from trade to trade, the market's over the same sessions, and the model that joins them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from potash._typing import Float2D, Float3D
from potash.errors import InputError, check_option, listed
from potash.study.engine.window_fit import WindowFit
from potash.study.expected_returns.protocol import ShownModel, as_factor
from potash.study.inputs import check_returns
from potash.study.models.intervals import fit_intervals


@dataclass(frozen=True, slots=True, eq=False)
class TradeToTradeReturns:
    """Returns from trade to trade and what belongs to them, sessions x securities; made by :func:`trade_to_trade`.

    Attributes
    ----------
    returns : DataFrame
        Return from the last session with a trade to this one, on the session of the later trade; NaN on sessions
        without a trade and on the first one with a trade.
    market : DataFrame
        The market's return over the same sessions; NaN where ``returns`` is, or where a market return is missing.
    sessions : DataFrame
        How many sessions the return spans, 1 if the security traded the session before; NaN where ``returns`` is.
    """

    returns: pd.DataFrame
    market: pd.DataFrame
    sessions: pd.DataFrame


def trade_to_trade(
    prices: pd.DataFrame,
    market: pd.Series,
    *,
    returns_kind: Literal["simple", "log"],
    traded: pd.DataFrame | None = None,
) -> TradeToTradeReturns:
    """Return each security's returns from trade to trade and the market's over the same sessions.

    Parameters
    ----------
    prices : DataFrame
        Sessions x securities, missing where a security did not trade. Prices, not returns: from returns one cannot tell
        whether the first after a missing day spans that day. A row counts as a session of every security.
    market : Series
        Market returns by session, of the kind that ``returns_kind`` says.
    returns_kind : {"simple", "log"}
        What returns to make: log returns are summed over sessions, simple ones compounded.
    traded : DataFrame of bool, optional
        Where a price is a trade, with the rows and columns of ``prices``: for instance ``volume > 0``, if the source
        carries prices forward over sessions without a trade.

    Raises
    ------
    InputError
        If ``prices`` is not a frame of positive prices by date, in order, each date once; ``market`` is no Series of that
        kind, lacks a session of theirs or, of simple returns, loses all; or ``traded`` has other rows or columns.

    References
    ----------
    .. [1] Maynes, E. and Rumsey, J. (1993). Conducting event studies with thinly traded stocks. Journal of Banking and
       Finance 17(1), 145-157.
    """
    check_option("returns_kind", returns_kind, ("simple", "log"))
    prices, market = _checked(prices, market, traded, returns_kind)
    logs = np.log((prices if traded is None else prices.where(traded)).to_numpy())
    moves = market.reindex(prices.index).to_numpy()
    moves = np.log1p(moves) if returns_kind == "simple" else moves
    returns, index, spans = (np.full(logs.shape, np.nan) for _ in range(3))
    path, holes = np.where(np.isnan(moves), 0.0, moves).cumsum(), np.isnan(moves).cumsum()
    for column in range(logs.shape[1]):
        trades = np.flatnonzero(~np.isnan(logs[:, column]))
        before, now = trades[:-1], trades[1:]
        returns[now, column] = logs[now, column] - logs[before, column]
        index[now, column] = np.where(holes[now] == holes[before], path[now] - path[before], np.nan)
        spans[now, column] = now - before
    if returns_kind == "simple":
        returns, index = np.expm1(returns), np.expm1(index)
    frames = (pd.DataFrame(values, index=prices.index, columns=prices.columns) for values in (returns, index, spans))
    return TradeToTradeReturns(*frames)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class TradeToTrade(ShownModel):
    """Expected return from trade to trade = alpha times the sessions spanned + beta times the market's over them.

    Parameters
    ----------
    trades : TradeToTradeReturns
        From :func:`trade_to_trade`. Study ``trades.returns``; state ``min_estimation``, for windows hold fewer returns
        than sessions.

    Raises
    ------
    InputError
        If ``trades`` is something else.

    Notes
    -----
    A return over ``d`` sessions has ``d`` times the variance of one session, so the regression weighs it by ``1 / d``:
    OLS of ``r / sqrt(d)`` on ``sqrt(d)`` and ``market / sqrt(d)`` [1]_. ``alpha``, ``beta`` and ``variance`` are those of
    one session, and a security that trades every session has the market model. Residuals are over ``sqrt(d)`` too, so
    that they share one variance; abnormal returns are not.

    In the event window the whole return since the last trade is the abnormal return of the session of the next trade,
    with variance ``d s^2`` and the forecast error; sessions without a trade stay missing. A return that spans the first
    session of a window also holds what happened before it. See
    :func:`potash.study.engine.window_fit.covered_later` for sums over such windows. The portfolio
    of an event has no CAR over a window with a session on which some of its firms traded and others did not.

    References
    ----------
    .. [1] Maynes, E. and Rumsey, J. (1993). Journal of Banking and Finance 17(1), 145-157, sec. 2.
    """

    trades: TradeToTradeReturns
    name = "trade to trade"
    param_names = ("alpha", "beta")

    def __post_init__(self) -> None:
        if not isinstance(self.trades, TradeToTradeReturns):
            raise InputError(
                f"trades is a {type(self.trades).__name__}; hand over what trade_to_trade(prices, market, ...) returns."
            )

    @property
    def factors(self) -> pd.DataFrame:
        """Two columns per security: ``(ticker, "market")`` and ``(ticker, "sessions")``."""
        both = pd.concat({"market": self.trades.market, "sessions": self.trades.sessions}, axis=1).swaplevel(axis=1)
        return both[[(ticker, part) for ticker in self.trades.market.columns for part in ("market", "sessions")]]

    def fit(self, y: Float2D, x: Float3D, y_event: Float2D, x_event: Float3D) -> WindowFit:
        """Return the weighted least-squares fit of each window; ``x`` holds the market and the sessions spanned."""
        if x.shape[2] != 2:
            raise InputError(
                f"{self.name}: the market's return and the sessions spanned, of the security itself, are needed; "
                f"{x.shape[2]} factors came in. Hand over the model made of trade_to_trade(...), with its returns."
            )
        return fit_intervals(y, x[:, :, 0], x[:, :, 1], y_event, x_event[:, :, 0], x_event[:, :, 1])


def _checked(
    prices: pd.DataFrame, market: pd.Series, traded: pd.DataFrame | None, kind: str
) -> tuple[pd.DataFrame, pd.Series]:
    """Return prices and market returns as floats after checking that they can be used."""
    if not isinstance(prices, pd.DataFrame):
        raise InputError(f"prices is a {type(prices).__name__}; a DataFrame of sessions x securities is needed.")
    prices = check_returns(prices, "prices")
    bad = prices.columns[(prices <= 0).any()]
    if len(bad):
        raise InputError(f"prices: {listed(bad)}: a price is not positive. Leave out what is no trade.")
    market = check_returns(as_factor(market), "market").iloc[:, 0]
    if kind == "simple" and (market <= -1).any():
        days = market.index[market <= -1].strftime("%Y-%m-%d")
        raise InputError(
            f"market: the return falls to -100 % or below on {listed(days)}, which leaves nothing to compound. Are these log "
            "returns, percent or prices? Hand over fractions."
        )
    lacking = prices.index.difference(market.index)
    if len(lacking):
        raise InputError(
            f"market: no row for {listed(lacking.strftime('%Y-%m-%d'))}, sessions of the prices. Hand over its returns for "
            "all of them, missing where there is none."
        )
    if traded is not None and not (
        isinstance(traded, pd.DataFrame)
        and traded.index.equals(prices.index)
        and traded.columns.equals(prices.columns)
        and all(pd.api.types.is_bool_dtype(kind) for kind in traded.dtypes)
    ):
        raise InputError("traded: True and False in the rows and columns of prices are needed, for example volume > 0.")
    return prices, market
