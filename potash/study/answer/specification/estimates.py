"""What each specification of a grid makes of an event and of every ordinary day of the same firms.

One fit serves all windows of a choice of model, benchmark, controls, estimation window and kind of returns, and pools of
firms are series of one panel: thousands of specifications share some dozens of calls of the engine.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy.special import ndtri, stdtr

from potash._typing import Float1D, Float2D, Int1D, Int2D
from potash.study.answer.event_volatility import ratio_around, scaled
from potash.study.answer.specification.grid import ADJUSTED, NONE, Grid, Kind, NormalReturn
from potash.study.engine.mass import MassFit, fit_cars
from potash.study.engine.panel import Panel, Sessions
from potash.study.engine.windows import Windows
from potash.study.portfolios import Portfolios, portfolios


@dataclass(frozen=True, slots=True)
class Places:
    """Returns of ``F`` firms and where they are looked at: ``D`` days, the first of them the event's.

    Attributes
    ----------
    y, y_estimation : ndarrays of shape (N, T)
        Returns by series, as of the kind ``kind``; the latter as estimations see them.
    kind : str
    sessions : Sessions
        What the series count.
    series, day_zero : ndarrays of shape (D, F)
    factors : DataFrame
        Benchmarks and controls by session, of the same kind: columns ``("benchmark", name)`` and ``("control", name)``.
    """

    y: Float2D
    y_estimation: Float2D
    kind: Kind
    sessions: Sessions
    series: Int2D
    day_zero: Int2D
    factors: pd.DataFrame

    def of_kind(self, kind: Kind) -> Places:
        """Return the same with simple returns made logarithmic, or the other way round."""
        if kind == self.kind:
            return self
        change = np.log1p if kind == "log" else np.expm1
        seen = None if self.y_estimation is self.y else change(self.y_estimation)
        y = change(self.y)
        return replace(self, y=y, y_estimation=y if seen is None else seen, kind=kind, factors=change(self.factors))

    def panel(self, normal: NormalReturn) -> Panel:
        """Return the panel of the firms with the factors of a normal return."""
        columns = []
        if normal.benchmark != NONE:
            columns.append(self.factors[("benchmark", normal.benchmark)])
        if normal.members:
            columns.append(self.factors["control"][list(normal.members)].mean(axis=1))
        x = np.full((len(self.sessions.days), self.y.shape[1], len(columns)), np.nan)
        for table, days, length in zip(x, self.sessions.days, self.sessions.length, strict=True):
            rows = pd.DatetimeIndex(days[:length].astype("datetime64[D]"))
            for k, column in enumerate(columns):
                table[:length, k] = column.reindex(rows).to_numpy(float)
        panel = Panel(self.y, x, self.sessions.of_series, self.y_estimation)
        return panel.less_factor() if normal.model == ADJUSTED else panel


@dataclass(frozen=True, slots=True)
class Curves:
    """What ``S`` specifications make of ``D`` days, the first of them the event's.

    Attributes
    ----------
    estimates, z : ndarrays of shape (S, D)
        CARs as fractions, and their statistics at each day's own volatility as standard normal deviates of the same
        p-value; NaN where missing. That volatility counts where it is below the estimation window's too: with a floor, as
        in ``std_errors``, calm days would have smaller statistics than a volatile event.
    std_errors, stats, df : ndarrays of shape (S,)
        Of the event: standard errors follow its volatility.
    nobs, needed : ndarrays of shape (S,)
        Of the event: estimation returns, and the fewest that the estimation window must have.
    """

    estimates: Float2D
    z: Float2D
    std_errors: Float1D
    stats: Float1D
    df: Float1D
    nobs: Int1D
    needed: Int1D


def curves(grid: Grid, places: Places) -> Curves:
    """Return what each specification makes of each day, in the order of the grid's frame."""
    n, days = len(grid), len(places.series)
    estimates, z = np.full((n, days), np.nan), np.full((n, days), np.nan)
    event = np.full((5, n), np.nan)
    block, first = len(grid.windows) * len(grid.pools), 0
    for kind in grid.kinds:
        converted = places.of_kind(kind)
        for normal in grid.normals:
            panel = converted.panel(normal)
            pooled = _pools(panel, converted, grid)
            for windows in grid.estimation(panel.n_factors):
                rows = slice(first, first + block)
                estimates[rows], z[rows], event[:, rows] = _block(normal, pooled, converted, windows, grid, days)
                first += block
    std_errors, stats, df, nobs, needed = event
    return Curves(estimates, z, std_errors, stats, df, nobs.astype(np.int64), needed.astype(np.int64))


def _pools(panel: Panel, places: Places, grid: Grid) -> Portfolios:
    """Return each pool's portfolio on each day, the days of a pool one after another."""
    days = len(places.series)
    members = [list(columns) for columns in grid.pools.values()]
    numbers = [np.repeat(i * days + np.arange(days), len(columns)) for i, columns in enumerate(members)]
    series, zero = (
        np.concatenate([values[:, columns].ravel() for columns in members])
        for values in (places.series, places.day_zero)
    )
    return portfolios(panel, places.sessions, series, zero, np.concatenate(numbers), grid.span)


def _block(
    normal: NormalReturn, pooled: Portfolios, places: Places, windows: Windows, grid: Grid, days: int
) -> tuple[Float2D, Float2D, Float2D]:
    """Return estimates and z (windows x pools, D), and five numbers of the event (5, windows x pools)."""
    fit = fit_cars(pooled.panel, places.sessions, pooled.series, pooled.day_zero, windows, grid.windows)
    cars, std_errors, standardized = _market_adjusted(fit, grid) if normal.model == ADJUSTED else _estimated(fit)
    shape = (len(grid.pools), days)
    estimates, z, event = [], [], []
    for i, window in enumerate(grid.windows):
        ratio, seen = ratio_around(standardized, grid.event, window)
        each = scaled(cars[:, i], std_errors[:, i], fit.df_resid, ratio, seen)
        whole = np.where(np.isnan(each.std_errors), np.nan, each.cars)
        needed = np.full(len(whole), windows.min_estimation)
        own = (each.std_errors, each.stats, each.df, fit.nobs, needed)
        estimates.append(whole.reshape(shape))
        with np.errstate(invalid="ignore", divide="ignore"):
            at_own = cars[:, i] / (std_errors[:, i] * np.sqrt(each.ratio))
        z.append(normal_deviates(at_own, np.minimum(fit.df_resid, seen)).reshape(shape))
        event.append(np.stack([values.reshape(shape)[:, 0] for values in own]))
    return np.concatenate(estimates), np.concatenate(z), np.concatenate(event, axis=1)


def _estimated(fit: MassFit) -> tuple[Float2D, Float2D, Float2D]:
    return fit.cars, fit.car_std_errors, fit.abnormal / fit.std_errors


def _market_adjusted(fit: MassFit, grid: Grid) -> tuple[Float2D, Float2D, Float2D]:
    """Return the same of returns less the market's: nothing is estimated but their variance, about their mean."""
    mean, sigma = fit.estimates.y_mean, np.sqrt(fit.variance)
    widths = np.array([len(window) for window in grid.windows])
    cars = fit.cars + mean[:, None] * widths
    errors = np.where(np.isnan(cars), np.nan, sigma[:, None] * np.sqrt(widths))
    return cars, errors, (fit.abnormal + mean[:, None]) / sigma[:, None]


def normal_deviates(stats: Float1D, df: Float1D) -> Float1D:
    """Return the standard normal deviates (n,) whose tails hold as much as those of Student's t beyond ``stats``."""
    return -np.sign(stats) * ndtri(np.maximum(stdtr(df, -np.abs(stats)), np.finfo(float).tiny))
