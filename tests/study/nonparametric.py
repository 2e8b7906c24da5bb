"""What the tests of rank, sign and resampling tests share: simulated studies, and other software's answers."""

from __future__ import annotations

import gzip
import json
from functools import cache

import numpy as np
import pytest

from potash.study.engine.least_squares import fit_windows
from potash.study.engine.window_fit import WindowFit
from potash.study.inference.rank import corrado_rank_test, corrado_zivney_test, grank_t_test, grank_z_test
from potash.study.inference.resampling import jackknife_test, skewness_adjusted_test
from potash.study.inference.sign import generalized_sign_test, sign_test, wilcoxon_test
from potash.study.inference.significance import SignificanceTest
from tests.paths import SHARED
from tests.study.carried import DAYS

REFERENCE = SHARED / "reference"
needs_reference = pytest.mark.skipif(
    not REFERENCE.is_dir(), reason="../shared/reference (other software's answers) is absent"
)
CASES = [(day, kind, n_obs) for day in DAYS for kind in ("log", "simple") for n_obs in (110, 120)]
ALONE, SHARED = "separate dates", "one shared date, correlation .3"


@cache
def stored(name: str) -> dict:
    raw = (REFERENCE / name).read_bytes()
    return json.loads(gzip.decompress(raw) if name.endswith(".gz") else raw)


def simulated(n: int, seed: int, design: str = ALONE, length: int = 120, width: int = 5) -> WindowFit:
    """Return the market-model fit of normal returns without an event."""
    rng = np.random.default_rng(seed)
    market, common = rng.normal(0, 0.01, (2, 1 if design == SHARED else n, length + width, 1))
    weight = 0.3 if design == SHARED else 0.0
    own = rng.normal(0, 0.02, (n, length + width))
    x = np.broadcast_to(market, (n, length + width, 1))
    y = x[:, :, 0] + np.sqrt(weight) * 2 * common[:, :, 0] + np.sqrt(1 - weight) * own
    return fit_windows(y[:, :length], x[:, :length], y[:, length:], x[:, length:])


def cars(fit: WindowFit, columns: slice) -> np.ndarray:
    return fit.abnormal[:, columns].sum(axis=1)


def standardized(fit: WindowFit, columns: slice) -> np.ndarray:
    return cars(fit, columns) / np.sqrt(fit.variance * fit.scale[:, columns, columns].sum(axis=(1, 2)))


def mean_correlation(fit: WindowFit) -> float:
    n = len(fit.residuals)
    return float((np.corrcoef(fit.residuals).sum() - n) / (n * (n - 1)))


def every_test(fit: WindowFit, columns: slice, correlation: float, seed: int) -> dict[str, SignificanceTest]:
    """Return each test of a window; those that take a mean correlation without it and with it."""
    ranked = (fit.residuals, fit.abnormal, columns)
    scaled = (*ranked, fit.scale, fit.variance)
    car = cars(fit, columns)
    whole = (fit.residuals, standardized(fit, columns), fit.variance)
    return {
        "rank": corrado_rank_test(*ranked),
        "corrado_zivney": corrado_zivney_test(*scaled),
        "corrado_zivney adjusted": corrado_zivney_test(*scaled, correlation),
        "grank": grank_t_test(*whole),
        "grank adjusted": grank_t_test(*whole, correlation),
        "grank_z": grank_z_test(*whole),
        "sign": sign_test(car),
        "generalized_sign": generalized_sign_test(car, fit.residuals),
        "wilcoxon": wilcoxon_test(car),
        "jackknife": jackknife_test(standardized(fit, columns)),
        "skewness_adjusted": skewness_adjusted_test(car),
        "skewness_adjusted bootstrap": skewness_adjusted_test(car, np.random.default_rng(seed), 300),
    }


STUDIES = 400


@cache
def sizes(n: int, design: str, days: int = 1) -> dict[str, float]:
    """Return the share of 400 studies without an event in which each test rejects at 5 %."""
    rejected: dict[str, int] = {}
    for seed in range(STUDIES):
        fit = simulated(n, seed, design)
        correlation = mean_correlation(fit) if design == SHARED else 0.0
        for name, test in every_test(fit, slice(0, days), correlation, seed).items():
            rejected[name] = rejected.get(name, 0) + (test.pvalue < 0.05)
    return {name: count / STUDIES for name, count in rejected.items()}


def within(rate: float, true: float = 0.05) -> bool:
    """Return whether a rate over the studies is one that the binomial gives a test of the true size, within 3 deviations."""
    return abs(rate - true) < 3 * np.sqrt(true * (1 - true) / STUDIES)
