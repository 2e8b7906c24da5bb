"""Which firm-events enter each test, and that each test gets the numbers of its window."""

from dataclasses import replace

import numpy as np
import pytest

from potash.study.inference import parametric, rank, resampling, sign
from potash.study.inference.battery import battery, entering, standardized_cars, with_car, with_days
from tests.study.nonparametric import simulated

FIT = simulated(6, seed=3)
PORTFOLIO = FIT.only(np.arange(6) < 2)
EVENT = np.array([0, 0, 0, 1, 1, 1])
DAYS = slice(1, 3)


def without(day: int, *rows: int):
    """Return the fit whose firm-events of some rows miss a day."""
    abnormal, scale = FIT.abnormal.copy(), FIT.scale.copy()
    for row in rows:
        abnormal[row, day] = np.nan
        scale[row, day, :] = scale[row, :, day] = np.nan
    return replace(FIT, abnormal=abnormal, scale=scale)


def test_standardized_cars_are_cars_over_their_standard_errors():
    total = FIT.abnormal[:, DAYS].sum(axis=1)
    error = np.sqrt(FIT.variance * FIT.scale[:, DAYS, DAYS].sum(axis=(1, 2)))
    np.testing.assert_allclose(standardized_cars(FIT, DAYS), total / error, rtol=1e-12)


def test_a_day_is_enough_for_ranks_and_all_are_needed_for_a_car():
    fit = without(1, 0, 4)
    assert with_car(fit, DAYS).tolist() == [False, True, True, True, False, True]
    assert with_days(fit, DAYS).all()
    alone = slice(1, 2)
    assert with_days(fit, alone).tolist() == with_car(fit, alone).tolist() == [False, True, True, True, False, True]


@pytest.mark.parametrize("name", ["rank", "corrado_zivney"])
def test_rank_tests_enter_firms_with_the_days_they_have(name):
    rows, left_out = entering(name, without(1, 0, 4), PORTFOLIO, EVENT, DAYS)
    assert (rows.sum(), left_out) == (6, 0)


@pytest.mark.parametrize("name", ["patell", "grank", "sign", "kolari_pynnonen"])
def test_tests_of_cars_leave_out_firms_without_one(name):
    rows, left_out = entering(name, without(1, 0, 4), PORTFOLIO, EVENT, DAYS)
    assert rows.tolist() == [False, True, True, True, False, True]
    assert left_out == 2


def test_the_portfolio_test_is_about_the_firms_of_events_with_a_portfolio():
    broken = replace(PORTFOLIO, variance=np.array([np.nan, 1.0]))
    rows, left_out = entering("portfolio", without(1, 4), broken, EVENT, DAYS)
    assert rows.tolist() == [False, False, False, True, True, True]
    assert left_out == 1


def test_each_test_is_the_function_of_its_name_on_the_days_asked_for():
    fit = without(3, 2)  # a day outside the window tested changes nothing
    cars, standardized = fit.cars(DAYS)[0], standardized_cars(fit, DAYS)
    tests = battery(fit, PORTFOLIO, lambda columns, rows: 0.2)
    expected = [
        parametric.portfolio_test(*PORTFOLIO.cars(DAYS), PORTFOLIO.df_resid),
        parametric.cross_sectional_test(cars),
        resampling.skewness_adjusted_test(cars),
        resampling.jackknife_test(standardized),
        parametric.patell_test(standardized, fit.df_resid),
        parametric.patell_simple_test(
            (fit.abnormal / np.sqrt(fit.variance[:, None] * np.diagonal(fit.scale, axis1=1, axis2=2)))[:, DAYS],
            fit.df_resid,
        ),
        parametric.adjusted_patell_test(standardized, fit.df_resid, 0.2),
        parametric.bmp_test(standardized),
        parametric.kolari_pynnonen_test(standardized, 0.2),
        rank.corrado_rank_test(fit.residuals, fit.abnormal, DAYS),
        rank.corrado_zivney_test(fit.residuals, fit.abnormal, DAYS, fit.scale, fit.variance, 0.2),
        rank.grank_t_test(fit.residuals, standardized, fit.variance, 0.2),
        rank.grank_z_test(fit.residuals, standardized, fit.variance),
        sign.sign_test(cars),
        sign.generalized_sign_test(cars, fit.residuals),
        sign.wilcoxon_test(cars),
    ]
    assert list(tests) == [test.name for test in expected]
    for test in expected:
        assert repr(tests[test.name](DAYS)) == repr(test)


def test_correlations_are_asked_for_the_firm_events_that_enter():
    asked = []

    def correlation(columns, rows):
        asked.append((columns, rows.sum()))
        return 0.1

    tests = battery(without(1, 0, 4), PORTFOLIO, correlation)
    for name in ("adjusted_patell", "kolari_pynnonen", "corrado_zivney", "grank"):
        tests[name](DAYS)
    assert asked == [(DAYS, 4), (DAYS, 4), (DAYS, 6), (DAYS, 4)]


def test_returns_over_several_sessions_are_ranked_per_session_and_have_no_sum_of_days():
    spans = np.where(np.arange(5) == 2, 2.0, 1.0) * np.ones((6, 1))
    fit = replace(without(1, 0, 3), spans=spans)
    tests = battery(fit, PORTFOLIO, lambda columns, rows: 0.0)
    per_session = rank.corrado_rank_test(fit.residuals, fit.abnormal / np.sqrt(spans), DAYS)
    assert tests["rank"](DAYS).stat == pytest.approx(per_session.stat, rel=1e-12)
    assert abs(per_session.stat - rank.corrado_rank_test(fit.residuals, fit.abnormal, DAYS).stat) > 1e-3
    simple = tests["patell_simple"](DAYS)
    assert np.isnan(simple.stat)
    assert simple.n_obs == 6  # day 1 comes with the trade of day 2
    assert simple.reason.startswith("not defined for returns from trade to trade")
    assert simple.null == parametric.PATELL_SIMPLE_NULL
