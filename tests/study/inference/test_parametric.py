"""Each test against its closed form, its limits, and its size in simulated studies."""

import numpy as np
import pytest
from scipy import stats

from potash.errors import OptionError
from potash.study.inference.parametric import (
    adjusted_bmp_statistics,
    adjusted_patell_test,
    bmp_statistics,
    bmp_test,
    cross_sectional_test,
    detectable_effect,
    kolari_pynnonen_test,
    moments_by_group,
    patell_simple_test,
    patell_statistics,
    patell_test,
    portfolio_test,
    varies,
    widened_for_correlation,
)
from potash.study.inference.significance import t_pvalue
from tests.study.made_up import events, made_returns, study

VALUES = np.array([0.5, -0.2, 1.4, 0.9])
SMALL = np.array([1.0, 2.0, 3.0])
close = pytest.approx


# -- closed forms ----------------------------------------------------------------------------------------------------


def test_cross_sectional_is_the_t_test_of_one_sample():
    test, scipy = cross_sectional_test(VALUES), stats.ttest_1samp(VALUES, 0)
    assert (test.stat, test.pvalue) == (close(scipy.statistic), close(scipy.pvalue))
    assert (test.estimate, test.std_error) == (close(0.65), close(stats.sem(VALUES)))
    assert (test.distribution, test.n_obs) == ("t(3)", 4)


def test_cross_sectional_by_hand():
    assert cross_sectional_test(SMALL).stat == close(2 / (1 / np.sqrt(3)))


def test_bmp_is_the_t_test_of_the_standardized():
    test, scipy = bmp_test(VALUES), stats.ttest_1samp(VALUES, 0)
    assert (test.stat, test.pvalue, test.distribution) == (close(scipy.statistic), close(scipy.pvalue), "t(3)")
    assert np.isnan(test.estimate)


def test_patell_by_hand():
    """A t with 6 degrees of freedom has variance 6/4, one with 4 has 4/2: together 3 x 3/2 + 2 over four firms."""
    test = patell_test(VALUES, np.array([6, 6, 6, 4]))
    assert test.stat == close(2.6 / np.sqrt(6.5))
    assert test.pvalue == close(2 * stats.norm.sf(2.6 / np.sqrt(6.5)))
    assert test.distribution == "N(0, 1)"


def test_adjusted_patell_by_hand():
    plain = patell_test(VALUES, np.full(4, 108)).stat
    test = adjusted_patell_test(VALUES, np.full(4, 108), 0.25)
    assert test.stat == close(plain / np.sqrt(1.75))
    assert test.distribution == "N(0, 1)"


def test_kolari_pynnonen_by_hand():
    test = kolari_pynnonen_test(SMALL, 0.4)
    assert test.stat == close(2 * np.sqrt(3) * np.sqrt(0.6 / 1.8))
    assert test.pvalue == close(2 * stats.t.sf(test.stat, 2))


def test_without_correlation_the_adjusted_tests_are_the_plain_ones():
    df = np.full(4, 50)
    assert adjusted_patell_test(VALUES, df, 0.0).stat == close(patell_test(VALUES, df).stat)
    assert kolari_pynnonen_test(VALUES, 0.0).stat == close(bmp_test(VALUES).stat)


def test_portfolio_of_one_event_is_its_own_t():
    test = portfolio_test(np.array([0.03]), np.array([0.02]), np.array([108]))
    assert (test.stat, test.distribution) == (close(1.5), "t(108)")
    assert test.pvalue == close(2 * stats.t.sf(1.5, 108))


def test_portfolio_of_several_events_by_hand():
    """Mean of independent CARs; degrees of freedom by Satterthwaite's (sum v)^2 / sum(v^2 / df)."""
    test = portfolio_test(np.array([0.03, 0.01]), np.array([0.03, 0.04]), np.array([100, 50]))
    assert (test.estimate, test.std_error) == (close(0.02), close(0.025))
    df = 0.0025**2 / (0.0009**2 / 100 + 0.0016**2 / 50)
    assert test.stat == close(0.8)
    assert test.pvalue == close(2 * stats.t.sf(0.8, df))
    equal = portfolio_test(np.array([0.03, 0.01]), np.array([0.02, 0.02]), np.array([100, 100]))
    assert equal.distribution == "t(200)"


def test_missing_values_are_left_out_and_not_counted():
    holes, df = np.array([0.5, np.nan, -0.2, 1.4, 0.9]), np.array([9, 3, 9, 9, 9])
    for with_holes, without in [
        (cross_sectional_test(holes), cross_sectional_test(VALUES)),
        (bmp_test(holes), bmp_test(VALUES)),
        (patell_test(holes, df), patell_test(VALUES, df[[0, 2, 3, 4]])),
        (kolari_pynnonen_test(holes, 0.2), kolari_pynnonen_test(VALUES, 0.2)),
        (portfolio_test(holes, np.full(5, 2.0), df), portfolio_test(VALUES, np.full(4, 2.0), df[[0, 2, 3, 4]])),
    ]:
        assert (with_holes.stat, with_holes.n_obs) == (without.stat, 4)


# -- by day and by group ---------------------------------------------------------------------------------------------


def test_patell_s_simple_form_takes_days_as_independent():
    days, df = np.array([[0.5, 1.5], [np.nan, 9.0], [-0.2, 0.4]]), np.array([10, 3, 20])
    test = patell_simple_test(days, df)
    assert test.stat == close(2.2 / np.sqrt(2 * (10 / 8 + 20 / 18)))
    assert (test.name, test.n_obs, test.distribution) == ("patell_simple", 2, "N(0, 1)")
    one = patell_simple_test(days[:1], np.array([3]))
    assert one.stat == close(2.0 / np.sqrt(2 * 3))
    assert patell_simple_test(days[:, :1], df).stat == close(patell_test(days[:, 0], df).stat)
    assert patell_simple_test(days[1:2], df[1:2]).reason == "no firm-event with every day"
    assert (
        patell_simple_test(days[:1], np.array([2])).reason == "an estimation window has 2 or fewer degrees of freedom"
    )


def test_one_firm_event_is_enough_for_patell_and_two_for_tests_across_firms():
    assert patell_test(np.array([1.2]), np.array([3])).stat == close(1.2 / np.sqrt(3))
    assert (
        patell_test(np.array([1.2]), np.array([2])).reason == "an estimation window has 2 or fewer degrees of freedom"
    )
    two = np.array([0.1, 0.3])
    assert cross_sectional_test(two).stat == close(0.2 / 0.1)
    assert bmp_test(two).stat == close(0.2 / 0.1)
    assert kolari_pynnonen_test(two, 0.0).stat == close(0.2 / 0.1)
    assert portfolio_test(np.array([0.1]), np.array([0.05]), np.array([9])).stat == close(2.0)


def test_statistics_of_groups_are_those_of_each_group_alone():
    values, df = np.array([0.5, 1.0, -0.2, 1.4, 0.9, 0.3]), np.array([9, 12, 30, 3, 20, 8])
    group = np.array([2, 0, 2, 3, 0, 2])
    n, mean, deviation = moments_by_group(values, group, 4)
    patell, bmp = patell_statistics(values, df, group, 4), bmp_statistics(values, group, 4)
    adjusted = adjusted_bmp_statistics(bmp, n, np.full(4, 0.2))
    assert n.tolist() == [2, 0, 3, 1]
    assert np.isnan(mean).tolist() == [False, True, False, False]
    assert np.isnan(deviation).tolist() == np.isnan(bmp).tolist() == [False, True, False, True]
    assert np.isnan(patell).tolist() == [False, True, False, False]
    for number in (0, 2):
        alone = values[group == number]
        assert (mean[number], deviation[number]) == (close(alone.mean()), close(alone.std(ddof=1)))
        assert patell[number] == close(patell_test(alone, df[group == number]).stat)
        assert bmp[number] == close(bmp_test(alone).stat)
        assert adjusted[number] == close(kolari_pynnonen_test(alone, 0.2).stat)
    assert np.isnan(patell_statistics(values, np.full(6, 2), group, 4)).all()


def test_values_that_differ_by_rounding_do_not_vary():
    table = np.array([[1.0, 1.0 + 1e-15, np.nan], [1.0, 1.0 + 1e-9, 1.0], [0.0, 0.0, 0.0], [-1e-9, 1e-9, 0.0]])
    assert varies(table).tolist() == [False, True, False, True]
    assert varies(table.T, axis=0).tolist() == [False, True, False, True]
    assert np.isnan(moments_by_group(np.array([0.3, 0.1 + 0.2]), np.zeros(2, dtype=int), 1)[2]).all()


def test_correlation_that_leaves_no_variance_has_no_statistic():
    assert widened_for_correlation(3, np.array([0.0, 0.5, -0.25])).tolist() == [1.0, 2.0, 0.5]
    assert np.isnan(widened_for_correlation(3, -0.5))
    assert np.isnan(adjusted_bmp_statistics(2.0, 3, 1.0))
    assert np.isnan(adjusted_bmp_statistics(2.0, 3, -0.5))
    assert adjusted_bmp_statistics(2.0, 3, 0.25) == close(2 * np.sqrt(0.75 / 1.5))


# -- tests that do not apply say why ---------------------------------------------------------------------------------

ONE, NONE, SAME = np.array([0.1]), np.array([np.nan]), np.array([0.1, 0.1, 0.1])


@pytest.mark.parametrize(
    ("test", "reason"),
    [
        (cross_sectional_test(ONE), "needs 2 CARs, 1 available"),
        (cross_sectional_test(np.array([0.25, 0.25])), "the CARs do not vary"),
        (bmp_test(NONE), "needs 2 standardized CARs, 0 available"),
        (bmp_test(np.array([0.25, 0.25])), "the standardized CARs do not vary"),
        # A mean of these is off by a rounding error, which is no deviation either.
        (cross_sectional_test(SAME), "the CARs do not vary"),
        (cross_sectional_test(np.array([0.3, 0.3, 0.1 + 0.2])), "the CARs do not vary"),
        (cross_sectional_test(np.zeros(4)), "the CARs do not vary"),
        (bmp_test(SAME), "the standardized CARs do not vary"),
        (kolari_pynnonen_test(np.full(6, 1.3), 0.2), "the standardized CARs do not vary"),
        (patell_test(NONE, np.array([9])), "no standardized CAR"),
        (patell_test(ONE, np.array([2])), "an estimation window has 2 or fewer degrees of freedom"),
        (adjusted_patell_test(VALUES, np.full(4, 9), np.nan), "correlation of the firms' residuals is not known"),
        (adjusted_patell_test(VALUES, np.full(4, 9), -0.5), "mean correlation -0.500 leaves the mean without"),
        (adjusted_patell_test(NONE, np.array([9]), 0.1), "no standardized CAR"),
        (kolari_pynnonen_test(ONE, 0.0), "needs 2 standardized CARs, 1 available"),
        (kolari_pynnonen_test(VALUES, np.nan), "too few common estimation days"),
        (kolari_pynnonen_test(VALUES, 1.0), "mean correlation 1.000 leaves the mean without"),
        (kolari_pynnonen_test(VALUES, -1 / 3), "mean correlation -0.333 leaves the mean without"),
        (portfolio_test(NONE, ONE, np.array([9])), "no portfolio has all its days and a variance"),
        (portfolio_test(ONE, np.array([0.0]), np.array([9])), "has no variance in its estimation window"),
    ],
)
def test_not_applicable(test, reason):
    assert np.isnan(test.stat)
    assert np.isnan(test.pvalue)
    assert not test.holds
    assert test.distribution == "none"
    assert reason in test.reason
    assert test.judged(True, "whatever") is test


# -- size on shared dates ---------------------------------------------------------------------------------------------


def drawn(n: int, dates: int, rho: float, draws: int, seed: int) -> np.ndarray:
    """Return standardized abnormal returns (draws, dates * n): correlated within a date, independent between dates."""
    rng = np.random.default_rng(seed)
    shock, own = rng.normal(0, 1, (draws, dates, 1)), rng.normal(0, 1, (draws, dates, n))
    return (np.sqrt(rho) * shock + np.sqrt(1 - rho) * own).reshape(draws, dates * n)


def rejections(values: np.ndarray, mean_correlation: float) -> float:
    return float(np.mean([kolari_pynnonen_test(row, mean_correlation).pvalue < 0.05 for row in values]))


def test_kolari_pynnonen_with_three_dates_needs_the_mean_over_all_pairs():
    """Six firms on three dates, correlated .4 within a date.

    The variance of the mean of 18 is (1 + 17 r) / 18 with r the mean over all 153 pairs, of which only 45 share a date:
    r = .4 x 45 / 153 = .118. With the mean over the pairs within a date, .4, the test takes the variance for 2.6 times
    what it is and hardly ever rejects; without any correlation it rejects far too often.
    """
    n, dates, rho = 6, 3, 0.4
    values = drawn(n, dates, rho, 1500, seed=11)
    mean = rho * 45 / 153
    assert values.mean(axis=1).var() == close((1 + 17 * mean) / 18, rel=0.1)
    # Binomial: sd .0056 at 5 % in 1500 draws. The t with 17 degrees of freedom is only near: the shocks are three.
    assert rejections(values, mean) == close(0.05, abs=0.03)
    assert rejections(values, rho) < 0.01
    assert rejections(values, 0.0) > 0.15


# -- power --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("df", "power"), [(30, 0.8), (108, 0.8), (108, 0.5), (10, 0.9)])
def test_detectable_effect_is_found_with_its_power(df, power):
    """By the noncentral t, whose approximation by shifted quantiles is good to two points from 10 degrees on."""
    effect = float(detectable_effect(np.array(1.0), np.array(df), power))
    bound = stats.t.ppf(0.975, df)
    assert stats.nct.sf(bound, df, effect) + stats.nct.cdf(-bound, df, effect) == close(power, abs=0.02)
    assert effect == close(bound + stats.t.ppf(power, df))


@pytest.mark.parametrize(
    ("power", "size"), [(80, 0.05), (1, 0.05), (0.8, 5), (0.8, 0), (0.01, 0.05), (0.05, 0.05), (np.nan, 0.05)]
)
def test_power_and_size_are_shares(power, size):
    with pytest.raises(OptionError, match="0 < size < power < 1"):
        detectable_effect(np.array(1.0), np.array(108), power, size)


def test_detectable_effect_is_found_in_four_studies_out_of_five():
    rng, df, draws = np.random.default_rng(12), 108, 4000
    std_error = 0.02 * np.sqrt(rng.chisquare(df, draws) / df)
    car = float(detectable_effect(np.array(0.02), np.array(df))) + rng.normal(0, 0.02, draws)
    assert np.mean(t_pvalue(car / std_error, df) < 0.05) == close(0.8, abs=3 * np.sqrt(0.16 / draws))


# -- size in whole studies -------------------------------------------------------------------------------------------

STUDIES = 400
NAMES = ["portfolio", "kolari_pynnonen", "adjusted_patell", "cross_sectional", "patell"]


@pytest.fixture(scope="module")
def sizes() -> dict[str, float]:
    """Return how often each test rejects at 5 % without an effect: seven firms, one date, correlation .3."""
    returns = [made_returns(7, seed=1000 + i, correlation=0.3, sessions=131) for i in range(STUDIES)]
    options = {"event_window": (0, 2), "estimation_window": (-120, -1)}
    results = [study(r, events(125), **options).fit() for r in returns]
    return {name: float(np.mean([f.test(name, (0, 2)).pvalue < 0.05 for f in results])) for name in NAMES}


@pytest.mark.simulation
@pytest.mark.parametrize("name", ["portfolio", "kolari_pynnonen", "adjusted_patell"])
def test_tests_for_a_shared_date_hold_their_size(sizes, name):
    three_deviations = 3 * np.sqrt(0.05 * 0.95 / STUDIES)
    assert sizes[name] == close(0.05, abs=three_deviations)


@pytest.mark.simulation
@pytest.mark.parametrize("name", ["cross_sectional", "patell"])
def test_tests_for_independent_firms_do_not(sizes, name):
    assert sizes[name] > 0.2
