"""Window moments from prefix sums against ordinary least squares in long doubles and by statsmodels."""

import numpy as np
import pytest
import statsmodels.api as sm

from potash.study.engine.moments import NO_VARIATION, direct_moments, prefix_sums

SESSIONS, SECURITIES = 1200, 40


def panel(n_factors: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Return returns (securities in rows) and factors; 1 % of the returns and a factor's day are missing."""
    rng = np.random.default_rng(seed)
    x = rng.normal(0.0005, 0.01, (SESSIONS, n_factors))
    y = (x @ rng.normal(1, 0.4, (n_factors, SECURITIES)) + rng.normal(0, 0.02, (SESSIONS, SECURITIES))).T.copy()
    y[rng.random(y.shape) < 0.01] = np.nan
    x[700, 0] = np.nan
    return y, x


def draw(n: int, seed: int = 1) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    start = rng.integers(0, SESSIONS - 60, n)
    return rng.integers(0, SECURITIES, n), start, np.minimum(start + rng.integers(30, 300, n), SESSIONS)


def slopes(moments) -> np.ndarray:
    return np.stack([np.linalg.solve(moments.sxx[:, :, i], moments.sxy[:, i]) for i in range(len(moments.nobs))])


def long_double(y, x, security, start, stop) -> tuple[np.ndarray, ...]:
    """Return slopes, residual squares and sessions used of one window, in long doubles and two passes."""
    used = ~np.isnan(y[security, start:stop]) & ~np.isnan(x[start:stop]).any(axis=1)
    left, right = (a[start:stop][used].astype(np.longdouble) for a in (y[security], x))
    left, right = left - left.mean(), right - right.mean(axis=0)
    # Gauss-Jordan by hand: numpy's solvers know no long doubles.
    table = np.column_stack([right.T @ right, right.T @ left])
    for k in range(len(table)):
        table[k] /= table[k, k]
        for other in set(range(len(table))) - {k}:
            table[other] -= table[other, k] * table[k]
    residuals = left - right @ table[:, -1]
    return table[:, -1].astype(float), float(residuals @ residuals), int(used.sum())


def check(y, x, n: int, rtol: float) -> None:
    security, start, stop = draw(n)
    moments = prefix_sums(y, x[None]).windows(security, start, stop)
    wanted = [long_double(y, x, *window) for window in zip(security, start, stop, strict=True)]
    found = slopes(moments)
    expected = np.stack([w[0] for w in wanted])
    # Relative to the largest slope of the window: a slope near zero has no digits of its own.
    assert (np.abs(found - expected) / np.abs(expected).max(axis=1, keepdims=True)).max() < rtol
    squares = moments.syy - (found.T * moments.sxy).sum(axis=0)
    np.testing.assert_allclose(squares, [w[1] for w in wanted], rtol=rtol)
    np.testing.assert_array_equal(moments.nobs, [w[2] for w in wanted])


@pytest.mark.parametrize("n_factors", [1, 4])
def test_five_thousand_windows_equal_least_squares_in_long_doubles(n_factors):
    check(*panel(n_factors), n=5000, rtol=1e-11)


@pytest.mark.parametrize("n_factors", [1, 4])
def test_five_thousand_windows_equal_statsmodels(n_factors):
    y, x = panel(n_factors)
    security, start, stop = draw(5000)
    moments = prefix_sums(y, x[None]).windows(security, start, stop)
    found = slopes(moments)
    for i, (s, a, b) in enumerate(zip(security, start, stop, strict=True)):
        fit = sm.OLS(y[s, a:b], sm.add_constant(x[a:b]), missing="drop").fit(method="qr")
        np.testing.assert_allclose(found[i], fit.params[1:], rtol=0, atol=1e-10 * np.abs(fit.params[1:]).max())
        alpha = moments.y_mean[i] - found[i] @ moments.x_mean[:, i]
        assert alpha == pytest.approx(fit.params[0], rel=1e-10, abs=1e-13)
        assert moments.nobs[i] == fit.nobs


@pytest.mark.parametrize("n_factors", [1, 4])
def test_a_level_of_ten_thousand_costs_no_precision(n_factors):
    """Against long doubles: statsmodels itself is off by 5e-10 there, as it squares the level."""
    y, x = panel(n_factors)
    check(y + 1e4, x + 1e4, n=300, rtol=1e-10)


def test_one_day_of_fifty_percent():
    y, x = panel(1)
    y[:, 600], x[600] = 0.5, -0.5
    check(y, x, n=1000, rtol=1e-11)


def test_a_window_that_hardly_moves_keeps_its_digits():
    """A peg: a millionth of the moves that the series has elsewhere, which running sums alone would lose."""
    y, x = panel(1)
    y[:, 400:] *= 1e-6
    x[800:] *= 1e-7
    check(y, x, n=300, rtol=1e-9)


def test_a_constant_return_or_factor_does_not_vary():
    y, x = panel(2)
    y[3, 100:200], x[300:400, 1] = 0.0123, 0.0456
    sums = prefix_sums(y, x[None])
    halted = sums.windows(np.array([3]), np.array([100]), np.array([200]))
    assert halted.syy == 0
    assert (halted.sxy == 0).all()
    pegged = sums.windows(np.array([5]), np.array([300]), np.array([400]))
    assert pegged.sxx[1, 1] == 0
    assert pegged.sxx[0, 0] > 0


@pytest.mark.parametrize(("share", "varies"), [(0.5, False), (2.0, True)])
def test_variation_is_measured_against_the_level_whatever_the_length(share, varies):
    y = 3.0 * (1 + share * NO_VARIATION * np.tile([1.0, -1.0], 60))
    assert (direct_moments(y[None], np.empty((1, 120, 0))).syy[0] > 0) == varies


def test_windows_of_no_session_and_of_one():
    y, x = panel(2)
    y[7, :50] = np.nan
    moments = prefix_sums(y, x[None]).windows(np.array([7, 7, 8]), np.array([10, 10, 20]), np.array([10, 40, 21]))
    np.testing.assert_array_equal(moments.nobs, [0, 0, 1])
    assert np.isnan(moments.y_mean[:2]).all()
    assert np.isnan(moments.sxx[:, :, :2]).all()
    assert moments.y_mean[2] == pytest.approx(y[8, 20])
    np.testing.assert_allclose(moments.x_mean[:, 2], x[20])
    assert moments.syy[2] == 0
    assert (moments.sxx[:, :, 2] == 0).all()


def test_without_factors_there_are_moments_of_the_return():
    y, _ = panel(1)
    moments = prefix_sums(y, np.empty((1, SESSIONS, 0))).windows(np.array([2]), np.array([50]), np.array([150]))
    assert moments.y_mean[0] == pytest.approx(np.nanmean(y[2, 50:150]))
    assert moments.syy[0] == pytest.approx(np.nanvar(y[2, 50:150]) * moments.nobs[0])
    assert moments.sxx.shape == (0, 0, 1)
