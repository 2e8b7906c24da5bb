"""The control group: what moved fertilizer shares in general, so that what is left belongs to the firms studied."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from potash._display import Displayed, span_of
from potash.errors import InputError, close_to, listed
from potash.study.expected_returns.ordinary import FactorModel, MarketModel
from potash.study.expected_returns.protocol import ReturnModel

CONTROLS = "controls"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ControlGroup(Displayed):
    """Returns of firms that the news does not concern, chosen by their business and never by a result.

    Parameters
    ----------
    returns : DataFrame
        Sessions x controls, as fractions, of the kind of the study's.
    left_out : DataFrame, optional
        Columns ``event_id`` and ``ticker``: controls hit by news of their own around an event, which take no part in that
        event's mean. Further columns are kept.

    Raises
    ------
    InputError
        If the returns hold no column or one twice, or ``left_out`` lacks a column or names a ticker without returns.

    Examples
    --------
    >>> import potash
    >>> returns = potash.log_returns(potash.load_prices())
    >>> potash.ControlGroup(returns[["CF", "DE"]])
    <ControlGroup: CF, DE, 1,402 sessions, 2020-07-01 to 2026-01-29>
    """

    returns: pd.DataFrame
    left_out: pd.DataFrame | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.returns, pd.DataFrame) or not len(self.returns.columns):
            raise InputError(
                f"controls is a {type(self.returns).__name__} without columns. Hand over the returns of the control group, for "
                "example returns[['CF', 'DE']], or leave it out."
            )
        twice = self.returns.columns[self.returns.columns.duplicated()]
        if len(twice):
            raise InputError(f"controls: columns that stand more than once: {listed(twice)}.")
        if self.left_out is None:
            return
        absent = [column for column in ("event_id", "ticker") if column not in self.left_out]
        if absent:
            raise InputError(
                f"the controls left out have no column {listed(absent)}; a row for each event_id and ticker is needed."
            )
        unknown = [t for t in self.left_out["ticker"].unique() if t not in self.tickers]
        if unknown:
            hints = listed(f"{ticker!r}{close_to(str(ticker), self.tickers)}" for ticker in unknown)
            raise InputError(f"no control is called {hints}. The controls are: {listed(self.tickers, 40)}.")

    def _line(self) -> str:
        return f"{listed(self.tickers)}, {span_of(self.returns.index)}"

    def _table(self) -> pd.DataFrame | None:
        return self.left_out

    @property
    def tickers(self) -> tuple[str, ...]:
        """All controls."""
        return tuple(str(column) for column in self.returns.columns)

    def of_event(self, event_id: Any) -> tuple[str, ...]:
        """Return the controls of an event: all but those left out of it."""
        if self.left_out is None:
            return self.tickers
        hit = set(self.left_out.loc[self.left_out["event_id"] == event_id, "ticker"].astype(str))
        return tuple(ticker for ticker in self.tickers if ticker not in hit)

    def mean(self, tickers: tuple[str, ...]) -> pd.Series:
        """Return the equal-weighted mean of some controls by session: of those that have a return on it."""
        returns = self.returns.set_axis(list(self.tickers), axis=1)
        return returns[list(tickers)].mean(axis=1).rename(CONTROLS)


def control_group(controls: pd.DataFrame | ControlGroup | None) -> ControlGroup | None:
    """Return a control group of whatever was handed over as one."""
    if controls is None or isinstance(controls, ControlGroup):
        return controls
    return ControlGroup(controls)


def with_factor(model: ReturnModel, factor: pd.Series) -> FactorModel:
    """Return the model with one more factor, by ordinary least squares.

    Raises
    ------
    InputError
        If the model is not a market model or a factor model, to which least squares can add a factor.
    """
    if not isinstance(model, MarketModel | FactorModel):
        raise InputError(
            f"controls need a model estimated by least squares on factors, to which their mean is added; {model.name} is not. "
            "Choose MarketModel or FactorModel, or leave the controls out."
        )
    factors = model.factors
    if factors.columns.nlevels == 1:
        return FactorModel(factors.join(factor, how="left"))
    pieces = {
        owner: factors[owner].join(factor, how="left") for owner in dict.fromkeys(factors.columns.get_level_values(0))
    }
    return FactorModel(pd.concat(pieces, axis=1))
