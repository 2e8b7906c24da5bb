"""Adjusted p-values against statsmodels, closed forms written out, and simulated family-wise error and power."""

from itertools import pairwise

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests

from potash.errors import InputError
from potash.study.inference.multiple import benjamini_hochberg, holm, resampled_null_stats, romano_wolf
from tests.study.made_up import events, made_returns, study

RAW = np.array([0.01, 0.04, 0.03, 0.005])
DAY_0 = np.ones((1, 1), dtype=bool)
close = pytest.approx


def test_holm_by_hand():
    """Sorted .005 .01 .03 .04 times 4 3 2 1 is .02 .03 .06 .04; the last must not fall below the one before."""
    assert holm(RAW) == close([0.03, 0.06, 0.06, 0.02])


def test_benjamini_hochberg_by_hand():
    """Sorted .005 .01 .03 .04 times 4/1 4/2 4/3 4/4 is .02 .02 .04 .04."""
    assert benjamini_hochberg(RAW) == close([0.02, 0.04, 0.04, 0.02])


@pytest.mark.parametrize(("ours", "method"), [(holm, "holm"), (benjamini_hochberg, "fdr_bh")])
def test_missing_pvalues_stay_in_place_and_do_not_count(ours, method):
    raw = np.array([[np.nan, 0.2, 0.001], [0.03, np.nan, 0.03]])
    actual = ours(raw)
    np.testing.assert_array_equal(np.isnan(actual), np.isnan(raw))
    np.testing.assert_allclose(actual[~np.isnan(raw)], multipletests([0.2, 0.001, 0.03, 0.03], method=method)[1])
    assert np.isnan(ours(np.array([np.nan]))).all()


def test_statistics_in_place_of_pvalues_are_an_error():
    with pytest.raises(InputError, match=r"2\.5 lies outside 0 to 1"):
        holm(np.array([0.1, 2.5]))
    for outside in (-0.01, 1.01):
        with pytest.raises(InputError, match="outside 0 to 1"):
            holm(np.array([0.1, outside]))
    assert holm(np.array([0.0, 1.0])).tolist() == [0.0, 1.0]


# -- Romano-Wolf -----------------------------------------------------------------------------------------------------


def stepped(stats: list[float], draws: list[list[float]]) -> list[float]:
    """Return the p-values of Romano and Wolf (2016) in plain loops."""
    left, pvalues, floor = sorted(range(len(stats)), key=lambda j: -abs(stats[j])), [0.0] * len(stats), 0.0
    while left:
        j = left[0]
        count = sum(max(abs(row[k]) for k in left) >= abs(stats[j]) for row in draws)
        floor = max(floor, (count + 1) / (len(draws) + 1))
        pvalues[j] = floor
        left = left[1:]
    return pvalues


def test_romano_wolf_by_hand():
    draws = np.array([[0.5, -2.5], [1.0, 0.2], [-3.5, 0.1], [0.0, 0.3]])
    # 3.0 against the maxima 2.5 1.0 3.5 .3: one exceeds; then -2.0 against 2.5 .2 .1 .3: one exceeds.
    assert romano_wolf(np.array([3.0, -2.0]), draws) == close([2 / 5, 2 / 5])
    # The smaller one's own count is 1, p = 2/5, but the larger one has 3/5.
    assert romano_wolf(np.array([2.5, -2.0]), draws) == close([3 / 5, 3 / 5])


def test_romano_wolf_is_the_loop():
    rng = np.random.default_rng(1)
    draws, actual = rng.normal(0, 1, (199, 7)), rng.normal(0, 2, 7)
    assert romano_wolf(actual, draws) == close(stepped(actual.tolist(), draws.tolist()))


def test_romano_wolf_of_independent_statistics_is_sidaks_step_down():
    rng = np.random.default_rng(2)
    actual = np.array([2.9, -2.2, 2.4, 0.3])
    adjusted = romano_wolf(actual, rng.normal(0, 1, (100_000, 4)))
    sidak = multipletests(2 * stats.norm.sf(np.abs(actual)), method="holm-sidak")[1]
    np.testing.assert_allclose(adjusted, sidak, atol=3 * np.sqrt(0.25 / 100_000))


def test_romano_wolf_of_one_statistic_many_times_costs_nothing():
    draws = np.random.default_rng(3).normal(0, 1, (999, 1))
    single = romano_wolf(np.array([2.0]), draws)
    np.testing.assert_array_equal(romano_wolf(np.full(6, 2.0), np.tile(draws, 6)), np.tile(single, 6))


def test_romano_wolf_leaves_missing_statistics_out():
    rng = np.random.default_rng(4)
    draws, actual = rng.normal(0, 1, (99, 3)), np.array([1.5, np.nan, 2.5])
    draws[:, 1] = np.nan
    adjusted = romano_wolf(actual, draws)
    assert np.isnan(adjusted[1])
    np.testing.assert_array_equal(adjusted[[0, 2]], romano_wolf(actual[[0, 2]], draws[:, [0, 2]]))


def test_romano_wolf_refuses_what_does_not_fit():
    with pytest.raises(InputError, match=r"must be \(B, 2\)"):
        romano_wolf(np.ones(2), np.ones((9, 3)))
    with pytest.raises(InputError, match="is missing"):
        romano_wolf(np.ones(1), np.full((9, 1), np.nan))
    with pytest.raises(InputError, match="null_stats has shape"):
        romano_wolf(np.ones(1), np.ones((0, 1)))
    with pytest.raises(InputError, match="null_stats has shape"):
        romano_wolf(np.ones(3), np.ones(3))
    assert romano_wolf(np.ones(1), np.zeros((1, 1))).tolist() == [0.5]


# -- resampling ------------------------------------------------------------------------------------------------------


def test_a_resampled_statistic_is_the_studys_t():
    """Resampled returns of a draw, put through EventStudy, have the statistic of that draw."""
    results = study(made_returns(3), events(200), event_window=(0, 2)).fit()
    residuals, x, x_event = results.fit.residuals, results.panel.x[0], results.panel.x_event[0]
    windows = np.array([[True, False, False], [True, True, True]])
    draws = resampled_null_stats(
        residuals, windows, np.random.default_rng(5), draws=2, block_length=50, x=x, x_event=x_event
    )
    assert draws.shape == (2, 6)
    rng = np.random.default_rng(5)
    before, inside = rng.integers(120, size=(2, 3)), rng.integers(120, size=(2, 1))
    at = (before[1][:, None] + np.arange(50)).ravel()[:120]
    assert at.max() >= 120, "a block must wrap around for this to test it"
    at = at % 120
    at_event = (inside[1] + np.arange(3)) % 120
    returns = made_returns(3)
    returns.iloc[70:190, :3] = residuals[:, at].T
    returns.iloc[200:203, :3] = residuals[:, at_event].T
    again = study(returns, events(200), event_window=(0, 2)).fit()
    told = np.column_stack([again.car((0, 0))["tstat"], again.car((0, 2))["tstat"]])
    np.testing.assert_allclose(draws[1], told.ravel(), rtol=1e-9)


def test_resampled_statistics_keep_the_correlation_of_the_firms():
    rng = np.random.default_rng(6)
    residuals = np.sqrt(0.6) * rng.normal(0, 1, 500) + np.sqrt(0.4) * rng.normal(0, 1, (2, 500))
    draws = resampled_null_stats(residuals, DAY_0, rng, draws=4000)
    assert np.corrcoef(draws.T)[0, 1] == close(np.corrcoef(residuals)[0, 1], abs=0.06)
    apart = [resampled_null_stats(residuals[[i]], DAY_0, rng, draws=4000)[:, 0] for i in (0, 1)]
    assert abs(np.corrcoef(apart)[0, 1]) < 0.06


def test_blocks_keep_the_serial_correlation():
    """Sums of 8 days of an AR(1) with .5 have 2.5 times the variance of independent days; blocks of 1 lose it."""
    rng = np.random.default_rng(7)
    series = np.zeros(2000)
    for t, shock in enumerate(rng.normal(0, 1, 2000)):
        series[t] = 0.5 * series[t - 1] + shock
    week = np.ones((1, 8), dtype=bool)
    spread = {b: resampled_null_stats(series[None], week, rng, draws=3000, block_length=b).var() for b in (1, 8)}
    assert spread[1] == close(1, abs=0.1)
    assert spread[8] == close(2.5, abs=0.4)


def test_days_without_every_firm_are_left_out():
    rng = np.random.default_rng(8)
    residuals = rng.normal(0, 1, (3, 60))
    holed = residuals.copy()
    holed[0, :10], holed[2, 40:] = np.nan, np.nan
    actual = resampled_null_stats(holed, DAY_0, np.random.default_rng(9), draws=5)
    np.testing.assert_allclose(
        actual, resampled_null_stats(residuals[:, 10:40], DAY_0, np.random.default_rng(9), draws=5)
    )
    holed[1, 10:25] = np.nan
    with pytest.raises(InputError, match="15 of 60 days have a residual of every firm, 20 are needed"):
        resampled_null_stats(holed, DAY_0, rng)


def test_factors_must_fit():
    with pytest.raises(InputError, match=r"need \(60, K\) and \(1, K\)"):
        resampled_null_stats(np.ones((2, 60)), DAY_0, np.random.default_rng(0), x=np.ones((59, 1)))


def simulated(effect: float, correlation: float, studies: int, seed: int) -> np.ndarray:
    """Return rejections at 5 % (studies, 2, 8): Holm and Romano-Wolf for eight firms on one day, mean-adjusted."""
    rng, rejected = np.random.default_rng(seed), []
    for _ in range(studies):
        shock, own = rng.normal(0, 1, 101), rng.normal(0, 1, (8, 101))
        returns = np.sqrt(correlation) * shock + np.sqrt(1 - correlation) * own
        residuals = returns[:, :100] - returns[:, :100].mean(axis=1, keepdims=True)
        error = np.sqrt((residuals**2).sum(axis=1) / 99 * 1.01)
        actual = (returns[:, 100] - returns[:, :100].mean(axis=1) + effect) / error
        null = resampled_null_stats(residuals, DAY_0, rng, draws=199, block_length=1)
        rejected.append([holm(2 * stats.t.sf(np.abs(actual), 99)) <= 0.05, romano_wolf(actual, null) <= 0.05])
    return np.array(rejected)


@pytest.mark.simulation
def test_family_wise_error_is_five_percent():
    studies = 1000
    holms, romano_wolfs = simulated(0.0, 0.5, studies, seed=10).any(axis=2).mean(axis=0)
    three_deviations = 3 * np.sqrt(0.05 * 0.95 / studies)
    assert holms <= 0.05 + three_deviations
    assert romano_wolfs == close(0.05, abs=three_deviations)


@pytest.mark.simulation
def test_romano_wolf_finds_more_than_holm_where_firms_move_together():
    holms, romano_wolfs = simulated(2.5, 0.8, 300, seed=11).mean(axis=(0, 2))
    assert romano_wolfs > holms + 0.05


def test_larger_statistics_have_smaller_pvalues():
    draws = np.random.default_rng(12).normal(0, 1, (99, 5))
    adjusted = romano_wolf(np.array([4.0, 3.0, 2.0, 1.0, 0.5]), draws)
    assert all(a <= b for a, b in pairwise(adjusted))


# -- what cannot be resampled ----------------------------------------------------------------------------------------

RESIDUALS = np.random.default_rng(13).normal(0, 1, (2, 60))


def resampled(windows=DAY_0, **options):
    return resampled_null_stats(RESIDUALS, windows, np.random.default_rng(0), **{"draws": 9, **options})


@pytest.mark.parametrize(
    "options", [{"draws": n} for n in (0, -1, 9.0)] + [{"block_length": n} for n in (0, -2, 2.5, True)]
)
def test_draws_and_blocks_are_whole(options):
    name, value = next(iter(options.items()))
    with pytest.raises(InputError, match=f"{name}={value} must be a whole number, 1 or more"):
        resampled(**options)


@pytest.mark.parametrize("factor", [lambda f: 2 * f, lambda f: 0.1 + 0 * f, lambda f: 0 * f, lambda f: 0.3 - f])
def test_repeated_and_constant_factors_are_refused(factor):
    x = np.random.default_rng(1).normal(0, 0.01, (61, 1))
    both = np.hstack([x, factor(x)])
    with pytest.raises(InputError, match="linearly dependent"):
        resampled(x=both[:60], x_event=both[60:])


@pytest.mark.parametrize("windows", [np.ones(3, dtype=bool), np.zeros((1, 3), dtype=bool), np.empty((1, 0), bool)])
def test_windows_hold_a_session_each(windows):
    with pytest.raises(InputError, match="windows of shape"):
        resampled(windows)


def test_a_factor_may_be_missing_where_no_window_sums():
    x = np.random.default_rng(2).normal(0, 0.01, (63, 1))
    windows = np.array([[False, True, False], [True, True, False]])
    whole = resampled(windows, x=x[:60], x_event=x[60:])
    x[62] = np.nan
    np.testing.assert_array_equal(resampled(windows, x=x[:60], x_event=x[60:]), whole)
    x[60] = np.nan
    with pytest.raises(InputError, match="a factor is missing"):
        resampled(windows, x=x[:60], x_event=x[60:])
