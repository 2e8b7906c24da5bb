"""The compiled loops give the numbers of the numpy path."""

import numpy as np
import pytest

import potash.study.engine.acceleration as acceleration
from potash.sessions import Window
from potash.study.engine.mass import fit_cars, mass_fit
from potash.study.engine.panel import Panel, Sessions
from potash.study.engine.windows import Windows
from potash.study.inference import rank
from potash.study.inference.groups import group_statistics, group_tests

compiled = pytest.importorskip("potash.study.engine.compiled", reason="numba is not installed (extra fast)")

SESSIONS, SERIES, FIRM_EVENTS = 500, 24, 3000


@pytest.fixture
def either(monkeypatch):
    """Return what a function gives by numpy and by the compiled loops."""

    def both(work):
        answers = []
        for start in (10**12, 0):
            monkeypatch.setattr(acceleration, "FROM", start)
            monkeypatch.setattr(acceleration, "FROM_WHEN_THERE", start)
            answers.append(work())
        return answers

    return both


def made(n_factors, missing):
    """Return returns and factors: some series flat, flat for a while or of few distinct values, a factor flat and missing."""
    rng = np.random.default_rng(7)
    x = rng.normal(0.0005, 0.01, (SESSIONS, n_factors))
    y = rng.normal(0, 0.02, (SESSIONS, SERIES)) + x.sum(axis=1, keepdims=True)
    y[rng.random(y.shape) < missing] = np.nan
    y[:, 0], y[:, 1], y[100:300, 2], y[:, 3] = 0.01, np.nan, 0.5, np.round(y[:, 3], 2)
    if n_factors:
        x[200:360, 0], x[50, 0] = 0.003, np.nan
    places = rng.integers(0, SERIES, FIRM_EVENTS), rng.integers(0, SESSIONS, FIRM_EVENTS)
    return y, x, *places, rng.integers(0, 40, FIRM_EVENTS)


def close(one, other, rtol=1e-10):
    np.testing.assert_allclose(other, one, rtol=rtol, atol=1e-13, equal_nan=True)


@pytest.mark.parametrize("missing", [0.0, 0.05])
@pytest.mark.parametrize("n_factors", [0, 1, 4])
def test_fit_and_tests_are_those_of_numpy(either, n_factors, missing):
    y, x, security, day_zero, group = made(n_factors, missing)

    def work():
        windows = {"event_window": (-5, 5), "estimation_window": (-90, -11), "windows": [(-5, 5), (0, 1)]}
        fit = mass_fit(y, x, security, day_zero, **windows)
        return fit, group_tests(y, x, security, day_zero, fit, group, window=(0, 1), rank=True)

    (fit, tests), (fast, fast_tests) = either(work)
    assert 0.3 < fit.kept.mean() < 0.9
    np.testing.assert_array_equal(fast.kept, fit.kept)
    np.testing.assert_array_equal(fast.nobs, fit.nobs)
    for name in ("params", "variance", "cars", "car_std_errors", "abnormal", "std_errors"):
        close(getattr(fit, name), getattr(fast, name))
    for name in ("n_obs", "mean_car", "patell", "bmp", "mean_correlation", "adjusted_bmp", "rank"):
        close(getattr(tests, name), getattr(fast_tests, name), rtol=1e-9)


def test_series_with_factors_and_sessions_of_their_own(either):
    y, _, security, day_zero, group = made(0, 0.02)
    rng = np.random.default_rng(8)
    tables = rng.normal(0, 0.01, (SERIES, SESSIONS, 2))
    days = np.stack([np.arange(SESSIONS), np.arange(SESSIONS) + (np.arange(SESSIONS) > 200)])
    sessions = Sessions(days, np.full(2, SESSIONS), np.arange(SERIES) % 2)
    returns = np.ascontiguousarray(y.T)
    panel = Panel(returns, tables, np.arange(SERIES), returns)
    windows = Windows.of((-1, 1), (-90, -11), None, 3)

    def work():
        fit = fit_cars(panel, sessions, security, day_zero, windows, (Window(0, 1),))
        return fit, group_statistics(fit, group, 0, rank=True)

    (fit, tests), (fast, fast_tests) = either(work)
    close(fit.cars, fast.cars)
    close(tests.adjusted_bmp, fast_tests.adjusted_bmp, rtol=1e-9)
    close(tests.rank, fast_tests.rank, rtol=1e-9)


@pytest.mark.parametrize("kind", ["normal", "ties", "one wild value", "constant", "two scales"])
def test_ranks_are_exact_whatever_the_values_are(kind):
    rng = np.random.default_rng(9)
    values = rng.normal(0, 0.02, (60, 131))
    if kind == "ties":
        values = np.round(values, 2)
    elif kind == "one wild value":
        values[:, 17] = 1e6
    elif kind == "constant":
        values[:] = 0.25
    elif kind == "two scales":
        values[:, ::2] *= 1e-9
    values[rng.random(values.shape) < 0.1] = np.nan
    values[5] = np.nan
    cell = np.sort(rng.integers(0, 7, 60))
    sums, count = compiled.rank_sums(values, cell, 7)
    expected, numbers = rank.rank_sums(values, cell, 7)
    np.testing.assert_array_equal(count, numbers)
    np.testing.assert_allclose(sums, expected, rtol=0, atol=1e-12)


def test_a_series_has_a_level_and_so_has_each_factor():
    level = compiled.running_sums(np.array([1.0, 3.0]), np.array([[2.0], [6.0]]), np.empty((3, 6)))
    np.testing.assert_array_equal(level, [2.0, 4.0])
