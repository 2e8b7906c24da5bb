"""The verdict's arithmetic for many made-up studies at once; the suite compares it with :func:`potash.verdicts`."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from potash._typing import Bool1D, Float1D, Float2D, Float3D, Int1D
from potash.sessions import Window
from potash.study.answer.all_days import FAMILY
from potash.study.answer.equivalence import ruled_out_beyond
from potash.study.answer.event_volatility import ScaledCars, ratio_around, scaled
from potash.study.answer.verdicts import MARGIN
from potash.study.engine.mass import fit_cars
from potash.study.engine.panel import Panel, Sessions
from potash.study.engine.windows import Windows
from potash.study.inference.significance import t_pvalue, t_quantile
from tests.evaluation.verdicts.markets import DAY_ZERO, ESTIMATION_WINDOW, EVENT_WINDOW, Markets

SIZE, POWER = 0.05, 0.8
FAMILY_WINDOWS = tuple(FAMILY.values())
IMPACT = FAMILY_WINDOWS.index(Window(0, 0))
EVENT = Window.of(EVENT_WINDOW)
OFFSETS = np.arange(EVENT_WINDOW[0], EVENT_WINDOW[1] + 1)
ON_DAY_ZERO = (OFFSETS == 0).astype(float)


def days_of(day_zero: int = DAY_ZERO) -> np.ndarray:
    """Return the sessions fitted: ordinary days with four fifths of an estimation window, the event last."""
    first = (4 * (ESTIMATION_WINDOW[1] - ESTIMATION_WINDOW[0] + 1)) // 5 - ESTIMATION_WINDOW[1] - 1
    return np.r_[np.arange(first, day_zero - EVENT_WINDOW[1] + EVENT_WINDOW[0]), day_zero]


@dataclass(frozen=True, slots=True)
class DaysFit:
    """Fits (n,) of single days and of the family's windows.

    ``abnormal`` and ``errors`` (n, W) are of the event window, ``sums`` and ``sum_errors`` (n, m) of the windows.
    """

    abnormal: Float2D
    errors: Float2D
    sums: Float2D
    sum_errors: Float2D
    df_resid: Int1D

    def ratio(self, column: int) -> tuple[Float1D, Float1D]:
        """Return the verdict's own volatility ratio for a window of the family, and the days it rests on."""
        return ratio_around(self.abnormal / self.errors, EVENT, FAMILY_WINDOWS[column])

    def scaled(self, column: int) -> ScaledCars:
        """Return the verdict's own scaled CARs over a window of the family."""
        return scaled(self.sums[:, column], self.sum_errors[:, column], self.df_resid, *self.ratio(column))

    def with_effect(self, effect: Float2D) -> DaysFit:
        """Return the fits with effects (n, W) on top of the event window."""
        inside = np.stack([(window.start <= OFFSETS) & (window.end >= OFFSETS) for window in FAMILY_WINDOWS], axis=1)
        return replace(self, abnormal=self.abnormal + effect, sums=self.sums + effect @ inside)

    def rows(self, chosen: slice) -> DaysFit:
        """Return some of the fits."""
        return DaysFit(*(getattr(self, name)[chosen] for name in DaysFit.__dataclass_fields__))


def regressed(y: Float2D, factors: Float3D) -> DaysFit:
    """Return the fits of series (S, T) on factors (S, T, K) of their own, on :func:`days_of`, series by series."""
    n_series, days = len(y), days_of()
    windows = Windows.of(EVENT_WINDOW, ESTIMATION_WINDOW, None, 1 + factors.shape[2])
    fit = fit_cars(
        Panel(y, factors, np.arange(n_series), y), Sessions.counted(*y.shape), np.repeat(np.arange(n_series), len(days)),
        np.tile(days, n_series), windows, FAMILY_WINDOWS,
    )  # fmt: skip
    return DaysFit(fit.abnormal, fit.std_errors, fit.cars, fit.car_std_errors, fit.df_resid)


@dataclass(frozen=True, slots=True)
class Portfolios:
    """The equal-weighted portfolios of ``S`` studies.

    ``event`` holds the fits of the event (S,), ``ordinary`` the scaled statistics of ordinary days over the family (S, D, m).
    """

    event: DaysFit
    ordinary: Float3D

    def verdicts(self, effect: Float2D | None = None, column: int = IMPACT) -> BatchVerdicts:
        """Return the verdicts over one window when effects (S, W) come on top."""
        event = self.event if effect is None else self.event.with_effect(effect)
        windows = [event.scaled(column) for column in range(len(FAMILY_WINDOWS))]
        parts = (np.stack([getattr(each, name) for each in windows], axis=1) for name in ("cars", "std_errors", "df"))
        return BatchVerdicts(*parts, self.ordinary, column)


def portfolios(markets: Markets) -> Portfolios:
    """Return the portfolios against the market and, where there are some, the mean of the controls."""
    fit = regressed(np.ascontiguousarray(markets.firms.mean(axis=1)), factors_of(markets))
    stats = np.stack([fit.scaled(column).stats for column in range(len(FAMILY_WINDOWS))], axis=1)
    n_days = len(days_of())
    by_study = stats.reshape(len(markets.market), n_days, -1)
    return Portfolios(fit.rows(slice(n_days - 1, None, n_days)), by_study[:, :-1])


def factors_of(markets: Markets) -> Float3D:
    """Return the market and, where there are controls, their mean (S, T, K)."""
    means = [markets.controls.mean(axis=1)] if markets.controls.shape[1] else []
    return np.stack([markets.market, *means], axis=-1)


@dataclass(frozen=True, slots=True)
class BatchVerdicts:
    """Verdicts of ``S`` studies: CARs, their scaled standard errors and degrees of freedom over the family (S, m).

    ``ordinary`` (S, D, m) are the scaled statistics of ordinary days; ``column`` is the window of the verdict.
    """

    cars: Float2D
    std_errors: Float2D
    df: Float2D
    ordinary: Float3D
    column: int = IMPACT

    @property
    def _width(self) -> int:
        return len(FAMILY_WINDOWS[self.column])

    @property
    def stats(self) -> Float2D:
        """Scaled statistics (S, m)."""
        return self.cars / self.std_errors

    @property
    def car(self) -> Float1D:
        """Of the window of the verdict (S,)."""
        return self.cars[:, self.column]

    @property
    def scaled_pvalues(self) -> Float1D:
        """The first vote (S,)."""
        return t_pvalue(self.stats[:, self.column], self.df[:, self.column])

    @property
    def randomization_pvalues(self) -> Float1D:
        """The second vote (S,)."""
        return _among(np.abs(self.stats[:, self.column]), np.abs(self.ordinary[:, :, self.column]), self._width)

    @property
    def family_pvalues(self) -> Float1D:
        """The smallest p-value over the family of windows, corrected for looking at all of them (S,)."""
        widest = max(map(len, FAMILY_WINDOWS))
        return _among(np.abs(self.stats).max(axis=1), np.abs(self.ordinary).max(axis=2), widest)

    @property
    def critical(self) -> Float1D:
        """The absolute statistic from which on both votes reject (S,)."""
        ordinary = np.sort(np.abs(self.ordinary[:, :, self.column]), axis=1)[:, ::-1]
        as_large = int(np.floor(SIZE * (self._width + ordinary.shape[1]) - self._width + 1e-9))
        return np.maximum(t_quantile(1 - SIZE / 2, self.df[:, self.column]), ordinary[:, as_large])

    @property
    def detectable(self) -> Float1D:
        """The true CAR stated to be found in four cases out of five (S,)."""
        return (self.critical + t_quantile(POWER, self.df[:, self.column])) * self.std_errors[:, self.column]

    @property
    def effect(self) -> Bool1D:
        """Whether both votes reject (S,)."""
        return np.asarray((self.scaled_pvalues <= SIZE) & (self.randomization_pvalues <= SIZE))

    @property
    def ruled_out(self) -> Bool1D:
        """Whether an effect beyond the margin is ruled out, and no vote rejects (S,)."""
        beyond = ruled_out_beyond(self.car, self.std_errors[:, self.column], self.df[:, self.column], SIZE)
        return (beyond <= MARGIN) & (self.scaled_pvalues > SIZE) & (self.randomization_pvalues > SIZE)


def _among(stats: Float1D, ordinary: Float2D, width: int) -> Float1D:
    return (width + (ordinary >= stats[:, None]).sum(axis=1)) / (width + ordinary.shape[1])
