"""Jackknife and skewness-adjusted tests against their sums written out, and in simulated studies."""

import numpy as np
import pytest
from scipy import stats

from potash.errors import OptionError
from potash.study.inference.resampling import jackknife_test, skewness_adjusted_test
from tests.study.nonparametric import ALONE, SHARED, sizes, within

close = pytest.approx
CARS = np.array([0.5, -0.2, 1.4, 0.9, 3.0, 0.1, -0.4])
HOLES = np.insert(CARS, 2, np.nan)
SKEWED = np.array([9.0, 10.0, 10.0, 10.5, 10.5, 4.0])


# -- jackknife -------------------------------------------------------------------------------------------------------


def test_jackknife_by_its_sums():
    n = 7
    whole = CARS.mean() / CARS.std(ddof=1)
    pseudo = []
    for i in range(n):
        others = np.array([x for j, x in enumerate(CARS) if j != i])
        pseudo.append(n * whole - (n - 1) * others.mean() / others.std(ddof=1))
    test = jackknife_test(CARS)
    assert test.stat == close(stats.ttest_1samp(pseudo, 0).statistic)
    assert test.pvalue == close(stats.ttest_1samp(pseudo, 0).pvalue)
    assert (test.name, test.distribution, test.n_obs) == ("jackknife", "t(6)", 7)


def test_jackknife_does_not_know_the_event_s_variance():
    assert jackknife_test(3 * CARS).stat == close(jackknife_test(CARS).stat)
    assert jackknife_test(-CARS).stat == close(-jackknife_test(CARS).stat)


# -- skewness --------------------------------------------------------------------------------------------------------


def test_johnson_s_form_by_hand():
    n, ratio = 7, CARS.mean() / CARS.std(ddof=1)
    skewness = ((CARS - CARS.mean()) ** 3).sum() / (n * CARS.std(ddof=1) ** 3)
    test = skewness_adjusted_test(CARS, form="johnson")
    assert test.stat == close(np.sqrt(n) * (ratio + skewness * ratio**2 / 3 + skewness / (6 * n)))
    assert test.pvalue == close(2 * stats.t.sf(test.stat, 6))
    assert (test.name, test.distribution, test.n_obs) == ("skewness_adjusted", "t(6)", 7)
    assert (test.estimate, test.std_error) == (close(CARS.mean()), close(stats.sem(CARS)))


def test_hall_s_form_by_hand():
    n, ratio, skewness = 7, CARS.mean() / CARS.std(ddof=1), stats.skew(CARS, bias=False)
    terms = ratio + skewness * ratio**2 / 3 + skewness**2 * ratio**3 / 27 + skewness / (6 * n)
    assert skewness_adjusted_test(CARS).stat == close(np.sqrt(n) * terms)


def test_without_skewness_it_is_the_t_test():
    even = np.array([-1.0, 0.0, 1.0, 2.0, 3.0])
    for form in ("hall", "johnson"):
        assert skewness_adjusted_test(even, form=form).stat == close(stats.ttest_1samp(even, 0).statistic)


def test_johnson_s_form_turns_a_strong_effect_round_and_hall_s_does_not():
    """All six CARs are far above zero, one less so than the others."""
    assert skewness_adjusted_test(SKEWED, form="johnson").stat < 0
    assert skewness_adjusted_test(SKEWED).stat > 5


def test_bootstrap_by_hand():
    test = skewness_adjusted_test(CARS, np.random.default_rng(7), draws=200, resample=5, form="johnson")
    rng, drawn = np.random.default_rng(7), []
    for sample in rng.choice(CARS, size=(200, 5)):
        deviation = sample.std(ddof=1)
        if len(set(sample)) == 1:
            continue
        ratio, skewness = (sample.mean() - CARS.mean()) / deviation, stats.moment(sample, 3) / deviation**3
        drawn.append(np.sqrt(5) * (ratio + skewness * ratio**2 / 3 + skewness / 30))
    stat = skewness_adjusted_test(CARS, form="johnson").stat
    above, below = sum(d >= stat for d in drawn), sum(d <= stat for d in drawn)
    assert test.stat == stat
    assert test.pvalue == close(min(1, 2 * (1 + min(above, below)) / (1 + len(drawn))))
    assert test.distribution == "bootstrap of 5 in 200 draws"


@pytest.mark.parametrize(("n", "size"), [(3, 3), (7, 3), (16, 8), (40, 15), (200, 50)])
def test_bootstrap_samples_are_a_quarter_but_not_too_few(n, size):
    cars = np.random.default_rng(0).normal(0, 1, n)
    assert skewness_adjusted_test(cars, np.random.default_rng(0), 20).distribution == f"bootstrap of {size} in 20 draws"


def test_the_same_generator_gives_the_same_answer():
    first, second = (skewness_adjusted_test(CARS, np.random.default_rng(3)) for _ in range(2))
    assert first == second
    assert first.pvalue != skewness_adjusted_test(CARS, np.random.default_rng(4)).pvalue


# -- missing values, and tests that do not apply ---------------------------------------------------------------------


def test_missing_values_are_left_out_and_not_counted():
    assert jackknife_test(HOLES) == jackknife_test(CARS)
    assert skewness_adjusted_test(HOLES) == skewness_adjusted_test(CARS)


@pytest.mark.parametrize(
    ("test", "reason"),
    [
        (jackknife_test(np.array([1.0, 2.0, 3.0])), "needs 4 standardized CARs, 3 available"),
        (jackknife_test(np.full(5, 0.1)), "the standardized CARs do not vary"),
        (jackknife_test(np.full(6, 1.3)), "the standardized CARs do not vary"),
        (jackknife_test(np.array([0.1, 0.1, 0.1, 0.1, 0.4])), "all standardized CARs but one are the same"),
        (skewness_adjusted_test(np.array([1.0, np.nan, 2.0])), "needs 3 CARs, 2 available"),
        (skewness_adjusted_test(np.full(4, 0.1), np.random.default_rng(0)), "the CARs do not vary"),
    ],
)
def test_not_applicable(test, reason):
    assert np.isnan(test.stat)
    assert np.isnan(test.pvalue)
    assert (test.distribution, test.holds, test.reason) == ("none", False, reason)


def test_a_seed_stands_for_its_generator():
    by_seed, by_generator = (skewness_adjusted_test(CARS, rng) for rng in (3, np.random.default_rng(3)))
    assert by_seed == by_generator
    assert "bootstrap" in by_seed.distribution


@pytest.mark.parametrize("rng", ["3", -1, 1.5, True])
def test_what_is_no_generator_and_no_seed_is_refused(rng):
    with pytest.raises(OptionError, match=r"rng=.* must be a numpy.random.Generator or a seed"):
        skewness_adjusted_test(CARS, rng)


@pytest.mark.parametrize("options", [{"form": "hal"}, {"draws": 0}, {"resample": 2}])
def test_options_are_checked(options):
    with pytest.raises(OptionError, match=next(iter(options))):
        skewness_adjusted_test(CARS, np.random.default_rng(0), **options)


# -- simulated size --------------------------------------------------------------------------------------------------


@pytest.mark.simulation
@pytest.mark.parametrize("days", [1, 5])
@pytest.mark.parametrize("n", [7, 30])
def test_size_on_separate_dates(n, days):
    """The jackknife is cautious: over 1,000 studies it rejects in 2 to 3 % with 7 firms and 3 to 4 % with 30."""
    actual = sizes(n, ALONE, days)
    assert within(actual["skewness_adjusted"])
    assert within(actual["skewness_adjusted bootstrap"])
    assert within(actual["jackknife"], 0.025 if n == 7 else 0.036)


@pytest.mark.simulation
@pytest.mark.parametrize("name", ["jackknife", "skewness_adjusted", "skewness_adjusted bootstrap"])
def test_none_of_them_holds_on_one_shared_date(name):
    """Redrawing firms one by one cannot show what they have in common."""
    assert sizes(30, SHARED)[name] > 0.4


def skewed(n: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).lognormal(0, 0.7, n) - np.exp(0.245)


@pytest.mark.simulation
def test_skewed_cars_are_what_it_is_for():
    """Of 30 skewed CARs with mean zero the plain t test rejects in 9 studies of a hundred."""
    draws = [skewed(30, seed) for seed in range(1000)]
    plain = np.mean([stats.ttest_1samp(cars, 0).pvalue < 0.05 for cars in draws])
    adjusted = np.mean([skewness_adjusted_test(cars).pvalue < 0.05 for cars in draws])
    assert adjusted < 0.075
    assert adjusted < plain - 0.01
