"""Sign and signed-rank tests against counting, scipy, other software, and simulated studies."""

from itertools import product

import numpy as np
import pytest
from scipy import stats

from potash.study.inference.sign import generalized_sign_test, sign_test, wilcoxon_test
from tests.study.carried import fitted
from tests.study.nonparametric import ALONE, CASES, SHARED, needs_reference, sizes, stored, within

close = pytest.approx
CARS = np.array([0.02, -0.01, 0.05, 0.03, 0.04, 0.06, 0.07, 0.08])
HOLES = np.array([0.02, np.nan, -0.01, 0.05, 0.03, 0.0, 0.04, 0.06, 0.07, 0.08])
RNG = np.random.default_rng(4)
RESIDUALS = RNG.normal(-0.2, 1, (8, 25))


# -- closed forms ----------------------------------------------------------------------------------------------------


def test_sign_test_by_hand():
    """Seven of eight positive: z is 3 over root 2; 1 + 8 of 256 outcomes are as lopsided on either side."""
    test = sign_test(CARS)
    assert test.stat == close(3 / np.sqrt(2))
    assert test.pvalue == close(2 * 9 / 256)
    assert test.pvalue == close(stats.binomtest(7, 8).pvalue)
    assert (test.name, test.distribution, test.n_obs) == ("sign", "standardized binomial(8, 0.5)", 8)


def test_one_car_is_enough():
    one = np.array([0.01])
    assert (sign_test(one).stat, sign_test(one).pvalue) == (1.0, 1.0)
    assert (wilcoxon_test(one).stat, wilcoxon_test(one).pvalue) == (1.0, 1.0)
    assert generalized_sign_test(one, np.array([[1.0, -1.0, -1.0, 1.0]])).stat == close(1.0)


@pytest.mark.parametrize("positive", range(10))
def test_sign_test_is_the_binomial_test(positive):
    cars = np.where(np.arange(9) < positive, 0.01, -0.02)
    assert sign_test(cars).pvalue == close(stats.binomtest(positive, 9).pvalue)
    assert sign_test(-cars).stat == close(-sign_test(cars).stat)


def test_generalized_sign_test_by_hand():
    """Each firm's own share counts once, whatever its number of days."""
    residuals = np.array([[1.0, -1, -1, -1], [1, -1, np.nan, np.nan], [1, 1, -1, np.nan]])
    test = generalized_sign_test(np.array([0.1, 0.2, -0.1]), residuals)
    p = (1 / 4 + 1 / 2 + 2 / 3) / 3
    assert test.stat == close((2 - 3 * p) / np.sqrt(3 * p * (1 - p)))
    assert test.pvalue == close(2 * min(stats.binom.cdf(2, 3, p), stats.binom.sf(1, 3, p)))
    assert (test.name, test.n_obs) == ("generalized_sign", 3)


def test_generalized_sign_test_of_none_positive_has_the_lower_tail():
    p = (RESIDUALS > 0).mean()
    test = generalized_sign_test(-np.abs(CARS), RESIDUALS)
    assert test.pvalue == close(min(1, 2 * (1 - p) ** 8))


@pytest.mark.parametrize("n", range(1, 9))
def test_wilcoxon_by_every_assignment_of_signs(n):
    cars = RNG.normal(0.3, 1, n)
    ranks = stats.rankdata(np.abs(cars))
    sums = np.array([np.dot(signs, ranks) for signs in product((0, 1), repeat=n)])
    stat = ranks[cars > 0].sum()
    test = wilcoxon_test(cars)
    assert test.stat == stat
    assert test.pvalue == close(min(1, 2 * min((sums <= stat).mean(), (sums >= stat).mean())))
    assert (test.distribution, test.n_obs) == (f"signed rank({n})", n)


@pytest.mark.parametrize("n", [12, 30, 50])
def test_wilcoxon_is_scipy_s_exact_one(n):
    cars = RNG.normal(0.1, 1, n)
    assert wilcoxon_test(cars).pvalue == close(stats.wilcoxon(cars, method="exact").pvalue, rel=1e-9)


@pytest.mark.parametrize("cars", [RNG.normal(0.1, 1, 51), np.round(RNG.normal(0.3, 1, 20), 1)], ids=["long", "ties"])
def test_wilcoxon_is_scipy_s_normal_one(cars):
    theirs = stats.wilcoxon(cars, method="asymptotic", correction=False, zero_method="wilcox")
    test = wilcoxon_test(cars)
    assert test.pvalue == close(theirs.pvalue, rel=1e-9)
    assert test.distribution.startswith("N(")


# -- missing values and zeros ----------------------------------------------------------------------------------------


def test_missing_values_and_zeros_are_left_out_and_not_counted():
    for test in (sign_test, wilcoxon_test):
        assert (test(HOLES).stat, test(HOLES).pvalue, test(HOLES).n_obs) == (test(CARS).stat, test(CARS).pvalue, 8)


def test_generalized_sign_test_leaves_missing_cars_out_with_their_estimation_window():
    residuals = np.insert(RESIDUALS, 1, 9.0, axis=0)
    test = generalized_sign_test(np.insert(CARS, 1, np.nan), residuals)
    assert test == generalized_sign_test(CARS, RESIDUALS)


def test_generalized_sign_test_counts_a_zero_as_not_positive_on_both_sides():
    residuals = np.array([[0.0, 1.0], [1.0, -1.0]])
    assert generalized_sign_test(np.array([0.0, 1.0]), residuals).stat == close(0)


@pytest.mark.parametrize(
    ("test", "reason"),
    [
        (sign_test(np.array([0.0, np.nan])), "no CAR other than zero"),
        (wilcoxon_test(np.array([np.nan])), "no CAR other than zero"),
        (generalized_sign_test(np.array([np.nan]), np.ones((1, 4))), "no CAR"),
        (generalized_sign_test(np.array([0.1]), np.full((1, 4), np.nan)), "no CAR"),
        (
            generalized_sign_test(np.array([0.1]), np.ones((1, 4))),
            "all residuals of the estimation windows have one sign",
        ),
    ],
)
def test_not_applicable(test, reason):
    assert np.isnan(test.stat)
    assert np.isnan(test.pvalue)
    assert (test.distribution, test.holds) == ("none", False)
    assert test.reason == reason


# -- other software --------------------------------------------------------------------------------------------------


def each_day(test, fit, cumulated=False):
    cars = fit.abnormal.cumsum(axis=1) if cumulated else fit.abnormal
    return [test(cars[:, k]).stat for k in range(11)]


@needs_reference
@pytest.mark.parametrize(("day", "kind", "n_obs"), CASES)
def test_against_closed_forms_and_r_packages(day, kind, n_obs):
    told = stored("independent.json")[f"2020_2022|{day}|{kind}|est_{n_obs}"]
    estudy2 = stored("estudy2.json.gz")[f"{day}|{kind}|sim|est_{n_obs}"]["nonparametric"]
    eventstudy = stored("eventstudy.json.gz")[f"{day}|{kind}|MarketModel|est_m{n_obs + 10}_m11"]["multi"]
    fit = fitted((day,), kind, "market", n_obs).fit
    signs, ranks = each_day(sign_test, fit), each_day(wilcoxon_test, fit)
    general = each_day(lambda cars: generalized_sign_test(cars, fit.residuals), fit)
    general_sums = each_day(lambda cars: generalized_sign_test(cars, fit.residuals), fit, cumulated=True)
    for theirs in (told["sign_day"], estudy2["sign_stat"], eventstudy["SignT"]["sign_z"]):
        assert signs == close(theirs, abs=1e-9)
    assert each_day(sign_test, fit, cumulated=True) == close(eventstudy["SignT"]["csign_z"], abs=1e-9)
    for theirs in (told["gsign_day"], estudy2["gsign_stat"], eventstudy["GSignT"]["gsign_z"]):
        assert general == close(theirs, abs=1e-9)
    for theirs in (told["gsign_cum"], eventstudy["GSignT"]["cgsign_z"]):
        assert general_sums == close(theirs, abs=1e-9)
    assert ranks == close(estudy2["wlcx_stat"], abs=1e-9)


# -- simulated size --------------------------------------------------------------------------------------------------


@pytest.mark.simulation
@pytest.mark.parametrize("days", [1, 5])
def test_size_on_separate_dates(days):
    """Of 7 signs only all alike reject, in 2 of 128 cases; of 7 signed ranks 6 of 128 outcomes; of 30 signs .043."""
    many, few = sizes(30, ALONE, days), sizes(7, ALONE, days)
    assert within(many["sign"], 0.043)
    assert within(many["generalized_sign"], 0.043)
    assert within(many["wilcoxon"])
    assert within(few["sign"], 2 / 128)
    assert within(few["generalized_sign"], 2 / 128)
    assert within(few["wilcoxon"], 6 / 128)


@pytest.mark.simulation
@pytest.mark.parametrize(("name", "least"), [("sign", 0.1), ("generalized_sign", 0.1), ("wilcoxon", 0.2)])
def test_none_of_them_holds_on_one_shared_date(name, least):
    assert sizes(30, SHARED)[name] > 0.4
    assert sizes(7, SHARED)[name] > least
