"""What a model of expected returns offers to a study, and the rules for the factors it is made with.

A model of one's own needs four members: ``name``, ``param_names``, ``factors`` and ``fit``. Here beta is one and only
alpha is estimated, so a constant fitted to the return less the market's does the work:

>>> import numpy as np, pandas as pd, potash
>>> from dataclasses import dataclass
>>> from potash.study.engine.least_squares import fit_windows
>>> @dataclass(frozen=True)
... class BetaOne:
...     market: pd.Series
...     name = "beta of one"
...     param_names = ("alpha",)
...
...     @property
...     def factors(self):
...         return self.market.to_frame()
...
...     def fit(self, y, x, y_event, x_event):
...         return fit_windows(y - x[:, :, 0], x[:, :, :0], y_event - x_event[:, :, 0], x_event[:, :, :0])
>>> days = pd.bdate_range("2025-01-01", periods=150)
>>> noise = np.random.default_rng(1).normal(0, 0.01, (150, 3))
>>> returns = pd.DataFrame(noise, index=days, columns=["A", "B", "M"])
>>> study = potash.EventStudy(
...     returns[["A", "B"]], pd.DataFrame({"event_id": ["e1"], "session": [days[140]]}), returns_kind="log",
...     model=BetaOne(returns["M"]), event_window=(-1, 1), estimation_window=(-120, -11),
... )
>>> study.fit().params.columns.tolist()
['alpha', 'sigma', 'nobs', 'rsquared']
"""

from __future__ import annotations

from itertools import groupby
from typing import Protocol, runtime_checkable

import pandas as pd

from potash._display import Displayed, span_of
from potash._typing import Float2D, Float3D
from potash.errors import InputError, listed
from potash.study.engine.window_fit import WindowFit

NO_FACTORS = pd.DataFrame()


@runtime_checkable
class ReturnModel(Protocol):
    """What a model of expected returns offers to :class:`potash.EventStudy`.

    Attributes
    ----------
    name : str
        For tables and summaries.
    param_names : tuple of str
        Names of the columns of :attr:`WindowFit.params`.
    factors : DataFrame
        Factor returns, sessions in rows; empty if the model needs none. Same kind of returns as the securities.
    """

    @property
    def name(self) -> str: ...  # noqa: D102 - documented above
    @property
    def param_names(self) -> tuple[str, ...]: ...  # noqa: D102
    @property
    def factors(self) -> pd.DataFrame: ...  # noqa: D102

    def fit(self, y: Float2D, x: Float3D, y_event: Float2D, x_event: Float3D) -> WindowFit:
        """Return the fit of ``n`` windows: y (n, L), x (n, L, K), y_event (n, W), x_event (n, W, K)."""
        ...


def as_factor(market: pd.Series) -> pd.DataFrame:
    """Return the market as a frame of one column; :class:`InputError` if it is no Series."""
    if not isinstance(market, pd.Series):
        raise InputError(
            f"market is a {type(market).__name__}, not a Series of returns by session. Hand over one column, for example "
            "market=returns['SPY']."
        )
    return market.rename(str(market.name or "market")).to_frame()


def factor_frame(market: pd.Series | pd.DataFrame) -> pd.DataFrame:
    """Return factor returns as a frame: a Series becomes one column.

    Raises
    ------
    InputError
        If it is neither Series nor DataFrame, has no column, names one twice, or gives securities different factors.
    """
    if isinstance(market, pd.Series):
        return as_factor(market)
    if not isinstance(market, pd.DataFrame):
        raise InputError(
            f"market is a {type(market).__name__}, neither a Series of returns by session nor a DataFrame of sessions x "
            "factors. Hand over one column, for example market=returns['SPY'], or several."
        )
    return checked_factors(market, "market")


def parameter_names(factors: pd.Series | pd.DataFrame) -> tuple[str, ...]:
    """Return ``alpha`` and ``beta`` for a Series, ``alpha`` and ``beta_<factor>`` for a DataFrame."""
    if isinstance(factors, pd.Series):
        return ("alpha", "beta")
    return ("alpha", *(f"beta_{name}" for name in own_names(factors)))


def checked_factors(factors: object, what: str = "factors") -> pd.DataFrame:
    """Return the factors; :class:`InputError` if they are no frame, have no column, or differ between securities."""
    if not isinstance(factors, pd.DataFrame):
        raise InputError(
            f"factors is a {type(factors).__name__}, not a DataFrame of sessions x factors. Hand over columns, for example "
            "factors=returns[['SPY', 'CORN']]; for the market alone there is MarketModel."
        )
    if factors.columns.nlevels > 2:
        raise InputError(
            f"{what}: columns have {factors.columns.nlevels} levels. One (factor), or two (ticker, factor) are needed."
        )
    names = pd.Index([str(column) for column in factors.columns])
    if not len(names):
        raise InputError(f"{what}: there is no column. For a model without factors there is MeanAdjusted.")
    if names.has_duplicates:
        raise InputError(f"{what}: columns that stand more than once: {listed(names[names.duplicated()])}.")
    if factors.columns.nlevels == 2:
        by_security = [
            (owner, [str(name) for _, name in group]) for owner, group in groupby(factors.columns, lambda c: c[0])
        ]
        odd = [each for each in by_security if each[1] != by_security[0][1]]
        if odd or len({owner for owner, _ in by_security}) < len(by_security):
            shown = "; ".join(
                f"{owner} has {listed(factor_names)}"
                for owner, factor_names in (by_security[0], (odd or by_security)[-1])
            )
            raise InputError(
                f"{what}: with columns (ticker, factor) each security needs the same factors, in the same order and side by "
                f"side; {shown}. A factor that differs by security has one name for all, for example 'index'."
            )
    return factors


def own_names(factors: pd.DataFrame) -> list[str]:
    """Return the names of the factors of one security."""
    if factors.columns.nlevels == 1:
        return [str(name) for name in factors.columns]
    first = factors.columns[0][0]
    return [str(name) for owner, name in factors.columns if owner == first]


class ShownModel(Displayed):
    """Shows a model by its name, its factors and the sessions for which they are there, never by their numbers."""

    __slots__ = ()

    def _line(self: ReturnModel) -> str:
        return f"{self.name}, parameters {', '.join(self.param_names)}" if self.param_names else self.name

    def _facts(self: ReturnModel) -> dict[str, object]:
        factors = self.factors
        if not len(factors.columns):
            return {"factors": "none"}
        names = dict.fromkeys(str(name) for name in factors.columns.get_level_values(-1))
        return {"factors": listed(names), "known for": span_of(factors.dropna(how="all").index)}
