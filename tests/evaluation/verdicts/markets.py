"""Made-up firms, controls and a market around one announcement, many studies at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from potash._typing import Float2D, Float3D

EVENT_WINDOW, ESTIMATION_WINDOW, VOLATILE = (-5, 10), (-130, -11), (-3, 10)
# Day 0 of the event: as today's, it is near the end of the prices. 299 ordinary days lie before it.
DAY_ZERO = 420
SESSIONS = DAY_ZERO + EVENT_WINDOW[1] + 1
MARKET, RESIDUAL, CORRELATION = 0.01, 0.02, 0.4
CHUNK = 250

SHAPES = {
    "normal": "normal",
    "t4": "Student's t with 4 degrees of freedom",
    "skewed": "lognormal, skewness 3.7",
    "garch": "GARCH(1, 1) with .10 and .85, the common factor's and each firm's",
}


@dataclass(frozen=True, slots=True)
class Design:
    """How the studies of one row of the table are made.

    Attributes
    ----------
    firms, controls : int
        How many of each.
    shape : str
        Of the residuals: a key of :data:`SHAPES`.
    volatility : float
        Factor of the residuals' standard deviation on days -3 to +10.
    shared : bool
        Whether the controls' residuals are as volatile.
    """

    firms: int
    controls: int
    shape: str = "normal"
    volatility: float = 1.0
    shared: bool = True

    @property
    def key(self) -> tuple[int, ...]:
        """Whole numbers that no other design has, for its generators."""
        shape = list(SHAPES).index(self.shape)
        return self.firms, self.controls, shape, round(100 * self.volatility), int(self.shared)


@dataclass(frozen=True, slots=True)
class Markets:
    """Returns of ``S`` made-up studies: ``market`` (S, T), ``firms`` (S, n, T), ``controls`` (S, k, T), without any effect."""

    market: Float2D
    firms: Float3D
    controls: Float3D

    def frame(self, study: int) -> pd.DataFrame:
        """Return one study's returns by session: columns F0, F1, ..., C0, C1, ... and M."""
        values = np.vstack([self.firms[study], self.controls[study], self.market[study][None]])
        names = [f"F{i}" for i in range(self.firms.shape[1])] + [f"C{i}" for i in range(self.controls.shape[1])]
        days = pd.bdate_range("2020-01-01", periods=values.shape[1], name="session")
        return pd.DataFrame(values.T, index=days, columns=[*names, "M"])


def made_markets(design: Design, chunk: int, seed: int, studies: int = CHUNK) -> Markets:
    """Return the studies of one chunk of a design: beta 1, residuals of 2 % a day with a common factor, no effect."""
    rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(*design.key, chunk)))
    market = MARKET * rng.standard_normal((studies, SESSIONS))
    # The common factor first.
    shocks = _shocks(design.shape, (studies, 1 + design.firms + design.controls, SESSIONS), rng)
    residuals = RESIDUAL * (np.sqrt(CORRELATION) * shocks[:, :1] + np.sqrt(1 - CORRELATION) * shocks[:, 1:])
    last = design.firms + design.controls if design.shared else design.firms
    residuals[:, :last, DAY_ZERO + VOLATILE[0] : DAY_ZERO + VOLATILE[1] + 1] *= design.volatility
    returns = market[:, None] + residuals
    return Markets(market, returns[:, : design.firms], returns[:, design.firms :])


def _shocks(shape: str, size: tuple[int, int, int], rng: np.random.Generator) -> Float3D:
    """Return shocks of mean 0 and variance 1."""
    if shape == "normal":
        return rng.standard_normal(size)
    if shape == "t4":
        return rng.standard_t(4, size) / np.sqrt(2)
    if shape == "skewed":
        variance = np.expm1(0.64) * np.exp(0.64)
        return (np.exp(0.8 * rng.standard_normal(size)) - np.exp(0.32)) / np.sqrt(variance)
    return _garch(size, rng)


def _garch(size: tuple[int, int, int], rng: np.random.Generator, before: int = 100) -> Float3D:
    innovations = rng.standard_normal((before + size[2], *size[:2]))
    shocks, variance = np.empty_like(innovations), np.ones(size[:2])
    for day, innovation in enumerate(innovations):
        shocks[day] = np.sqrt(variance) * innovation
        variance = 0.05 + 0.10 * shocks[day] ** 2 + 0.85 * variance
    return np.ascontiguousarray(np.moveaxis(shocks[before:], 0, 2))
