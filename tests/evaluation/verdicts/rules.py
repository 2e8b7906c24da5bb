"""Ways to scale the verdict's standard error, compared: size with and without shared volatility, and power."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

import potash
from potash._typing import Bool1D, Float1D, Float2D, Float3D
from potash.study.engine.window_fit import WindowFit
from potash.study.inference.significance import t_pvalue
from tests.evaluation.verdicts.batch import IMPACT, OFFSETS, SIZE, factors_of, regressed
from tests.evaluation.verdicts.markets import DAY_ZERO, ESTIMATION_WINDOW, EVENT_WINDOW, Markets

ALL_VOTES = {
    "estimation window": "no scale: the standard error of the estimation window",
    "own days": "the portfolio's own other days, -3 to +10 (the verdict's rule)",
    "controls' days": "the controls' days -3 to +10, each against the market and the other controls",
    "pooled": "the own and the controls' days together",
    "larger": "the larger of own and controls' days",
}
ONE_VOTE = {
    "across firms": "Kolari-Pynnonen: the spread of the firms' standardized returns, with their correlation",
    "t over firms": "Ibragimov-Mueller: Student's t of the firms' abnormal returns",
}
FORECASTS = {
    "GARCH": "the forecast of a GARCH(1, 1) fitted to the estimation window",
    "EGARCH": "the forecast of an EGARCH(1, 1, 1) fitted to the estimation window",
}
RULES = {**ALL_VOTES, **ONE_VOTE, **FORECASTS}
# The true effect in standard errors of the estimation window, times the volatility.
EFFECT = 3.0
DAY = list(OFFSETS).index(0)


@dataclass(frozen=True, slots=True)
class Votes:
    """Which studies (S,) a rule calls an effect: without one, with an equal one, and with one by exposure 0 to 2."""

    null: Bool1D
    equal: Bool1D
    unequal: Bool1D


def rule_votes(markets: Markets, volatility: float, rng: np.random.Generator) -> Iterator[tuple[str, Votes]]:
    """Return for each rule but the forecasts, by name, what it calls an effect."""
    n_studies = len(markets.market)
    fit = regressed(np.ascontiguousarray(markets.firms.mean(axis=1)), factors_of(markets))
    by_study = (n_studies, -1)
    std_errors = fit.sum_errors[:, IMPACT].reshape(by_study)
    plain, df_resid = fit.sums[:, IMPACT].reshape(by_study) / std_errors, fit.df_resid.reshape(by_study).astype(float)
    ratio, days = fit.ratio(IMPACT)
    own, n_own = ratio.reshape(by_study), float(days[0])
    others, n_others = control_ratio(markets)
    pooled = (own * n_own + others * n_others) / (n_own + n_others)
    scales = {
        "estimation window": (np.ones_like(own), 1.0),
        "own days": (own, n_own),
        "controls' days": (others, n_others),
        "pooled": (pooled, n_own + n_others),
        "larger": (np.maximum(own, others), n_own),
    }
    shift = EFFECT * volatility
    for name, (ratio, n_days) in scales.items():
        # Of exposures whose mean is one the portfolio sees the mean alone.
        null, moved = (_both_votes(plain, added, ratio, n_days, df_resid) for added in (0.0, shift))
        yield name, Votes(null, moved, moved)
    yield from _across_firms(markets, shift * std_errors[:, -1], rng)


def control_ratio(markets: Markets) -> tuple[Float2D, int]:
    """Return the mean square of the controls' standardized days -3 to +10 (S, days fitted), and how many days they are."""
    squares = []
    n_controls = markets.controls.shape[1]
    for number in range(n_controls):
        rest = np.delete(markets.controls, number, axis=1)
        factors = np.stack([markets.market, *([rest.mean(axis=1)] if n_controls > 1 else [])], axis=-1)
        fit = regressed(np.ascontiguousarray(markets.controls[:, number]), factors)
        around = (fit.abnormal / fit.errors)[:, OFFSETS >= -3]
        squares.append((around**2).mean(axis=1).reshape(len(markets.market), -1))
    return np.mean(squares, axis=0), n_controls * int((OFFSETS >= -3).sum())


def _both_votes(plain: Float2D, shift: float, ratio: Float2D, days: float, df_resid: Float2D) -> Bool1D:
    """Return whether both votes reject (S,); the last column is the event."""
    root = np.sqrt(np.maximum(ratio, 1))
    stats = np.abs(plain / root)
    event = np.abs(plain[:, -1] + shift) / root[:, -1]
    df = np.where(ratio[:, -1] > 1, np.minimum(days, df_resid[:, -1]), df_resid[:, -1])
    among = (1 + (stats[:, :-1] >= event[:, None]).sum(axis=1)) / stats.shape[1]
    return np.asarray((t_pvalue(event, df) <= SIZE) & (among <= SIZE))


def _across_firms(markets: Markets, effect: Float1D, rng: np.random.Generator) -> Iterator[tuple[str, Votes]]:
    n_studies, n_firms, _ = markets.firms.shape
    factors = factors_of(markets)
    fit = window_fit(potash.FactorModel(_nothing(factors.shape[2])), markets.firms, factors)
    abnormal = fit.abnormal[:, DAY].reshape(n_studies, n_firms)
    errors = np.sqrt(fit.variance * fit.scale[:, DAY, DAY]).reshape(n_studies, n_firms)
    residuals = fit.residuals.reshape(n_studies, n_firms, -1)
    exposure = rng.uniform(0, 2, (n_studies, n_firms))
    exposure /= exposure.mean(axis=1, keepdims=True)
    correlation = mean_correlations(residuals)
    effects = [np.zeros_like(abnormal), effect[:, None] * np.ones_like(abnormal), effect[:, None] * exposure]
    yield "across firms", Votes(*(kolari_pynnonen(abnormal + e, errors, correlation) <= SIZE for e in effects))
    yield "t over firms", Votes(*(t_over_firms(abnormal + e) <= SIZE for e in effects))


def mean_correlations(residuals: Float3D) -> Float1D:
    """Return the mean correlation over the pairs of firms (S,) of residuals (S, n, L)."""
    n_firms = residuals.shape[1]
    standardized = residuals / np.sqrt((residuals**2).mean(axis=2, keepdims=True))
    return np.asarray(((standardized.sum(axis=1) ** 2).mean(axis=1) - n_firms) / (n_firms * (n_firms - 1)))


def kolari_pynnonen(abnormal: Float2D, errors: Float2D, correlation: Float1D) -> Float1D:
    """Return p-values (S,) of the adjusted BMP test of abnormal returns (S, n)."""
    standardized, n_firms = abnormal / errors, abnormal.shape[1]
    bmp = standardized.mean(axis=1) / (standardized.std(axis=1, ddof=1) / np.sqrt(n_firms))
    stat = bmp * np.sqrt((1 - correlation) / (1 + (n_firms - 1) * correlation))
    return t_pvalue(stat, np.full(len(stat), n_firms - 1.0))


def t_over_firms(abnormal: Float2D) -> Float1D:
    """Return p-values (S,) of Student's t over firms (S, n), as if they were independent."""
    n_firms = abnormal.shape[1]
    stat = abnormal.mean(axis=1) / (abnormal.std(axis=1, ddof=1) / np.sqrt(n_firms))
    return t_pvalue(stat, np.full(len(stat), n_firms - 1.0))


def forecast_votes(markets: Markets, volatility: float) -> Iterator[tuple[str, Votes]]:
    """Return what the t test of the portfolio with a forecast standard error calls an effect; studies without a fit are not
    among them."""
    factors = factors_of(markets)
    portfolio = markets.firms.mean(axis=1, keepdims=True)
    plain = window_fit(potash.FactorModel(_nothing(factors.shape[2])), portfolio, factors)
    effect = EFFECT * volatility * np.sqrt(plain.variance * plain.scale[:, DAY, DAY])
    gap = EVENT_WINDOW[0] - ESTIMATION_WINDOW[1] - 1
    for name, kind in (("GARCH", potash.GARCH), ("EGARCH", potash.EGARCH)):
        fit = window_fit(kind(_nothing(factors.shape[2]), gap=gap), portfolio, factors)
        fitted = np.isfinite(fit.variance)
        error = np.sqrt(fit.variance * fit.scale[:, DAY, DAY])
        null, moved = (
            t_pvalue((fit.abnormal[:, DAY] + e) / error, fit.df_resid.astype(float)) <= SIZE for e in (0.0, effect)
        )
        yield name, Votes(null[fitted], moved[fitted], moved[fitted])


def window_fit(model: potash.ReturnModel, firms: Float3D, factors: Float3D) -> WindowFit:
    """Return a model's fit of firms (S, n, T) on factors (S, T, K) around the event, study by study."""
    n_firms = firms.shape[1]
    before = slice(DAY_ZERO + ESTIMATION_WINDOW[0], DAY_ZERO + ESTIMATION_WINDOW[1] + 1)
    during = slice(DAY_ZERO + EVENT_WINDOW[0], DAY_ZERO + EVENT_WINDOW[1] + 1)
    y, x = firms.reshape(-1, firms.shape[2]), np.repeat(factors, n_firms, axis=0)
    return model.fit(y[:, before], x[:, before], y[:, during], x[:, during])


def _nothing(columns: int) -> pd.DataFrame:
    """Return factors whose values no fit of arrays looks at; their number counts."""
    names = [f"factor {number}" for number in range(columns)]
    return pd.DataFrame(0.0, index=pd.bdate_range("2020-01-01", periods=2), columns=names)
