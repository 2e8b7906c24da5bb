"""The carried prices give the numbers that other software gave: a committed excerpt, checked everywhere."""

import json

import numpy as np
import pytest

from potash.study.results import EventStudyResults
from tests.paths import ROOT
from tests.study.carried import DAYS, FIRMS, fitted

EXCERPT = json.loads((ROOT / "tests" / "reference" / "excerpt.json").read_text(encoding="utf-8"))
EVENT = EXCERPT["event"]
close = pytest.approx


@pytest.fixture(scope="module")
def results() -> EventStudyResults:
    return fitted((EVENT["day"],), EVENT["kind"], "market", EVENT["n_obs"])


def near(value):
    return pytest.approx(np.asarray(value), rel=0, abs=1e-9)


def test_regressions_and_abnormal_returns_are_those_of_the_closed_forms(results):
    told = EXCERPT["independent"]
    assert told["firms"] == FIRMS
    for name in ("alpha", "beta", "sigma"):
        assert results.params[name].to_numpy() == near(told[name])
    assert results.abnormal_returns[0].to_numpy() == near(told["AR_day_0"])
    assert results.std_errors[0].to_numpy() == near(told["AR_se_day_0"])
    assert results.car((-5, 5))["tstat"].to_numpy() == near(told["CAR_t_whole_window"])
    assert results.mean_correlation((0, 0)) == near(told["rbar"])


@pytest.mark.parametrize(
    ("name", "day", "cum"),
    [
        ("patell", "patell_day", "patell_cum_exact"),
        ("bmp", "bmp_day", "bmp_cum"),
        ("kolari_pynnonen", "kp_day", "kp_cum"),
        ("cross_sectional", "csect_day", "csect_cum"),
        ("portfolio", "portfolio_t", "portfolio_CAR_t"),
        ("adjusted_patell", "adjusted_patell_day", None),
    ],
)
def test_tests_are_those_of_the_closed_forms(results, name, day, cum):
    told = EXCERPT["independent"]
    assert [results.test(name, (k, k)).stat for k in (0, 1, 5)] == near(told[day])
    if cum:
        assert [results.test(name, (-5, k)).stat for k in (0, 1, 5)] == near(told[cum])


def test_r_package_eventstudy_on_one_date(results):
    told, key = EXCERPT["eventstudy"], (EVENT["day"], "NTR")
    firm = told["NTR"]
    for name in ("alpha", "beta", "sigma"):
        assert results.params.at[key, name] == near(firm[name])
    assert results.abnormal_returns.loc[key, [-1, 0, 1]].to_numpy() == near(firm["AR"])
    assert results.std_errors.loc[key, [-1, 0, 1]].to_numpy() == near(firm["AR_se"])
    assert results.car().at[key, "CAR"] == near(firm["CAR"])
    assert results.aar()["AAR"].loc[-1:1].to_numpy() == near(told["aar"])
    for name, theirs in [
        ("cross_sectional", "aar_t"),
        ("patell", "aar_z"),
        ("bmp", "bmp_t"),
        ("kolari_pynnonen", "kp_t"),
    ]:
        assert [results.test(name, (k, k)).stat for k in (-1, 0, 1)] == near(told[theirs])
    assert results.test("cross_sectional", (-5, 5)).stat == near(told["caar_t"])


def test_r_package_eventstudy_leaves_the_estimation_error_out_of_longer_windows(results):
    told = EXCERPT["eventstudy"]
    car_t = results.car().at[(EVENT["day"], "NTR"), "tstat"]
    assert told["NTR"]["car_t"] / car_t == close(1.04, abs=0.02)
    assert told["caar_z"] / results.test("patell", (-5, 5)).stat == close(1.04, abs=0.02)


def test_r_package_eventstudy_on_several_dates_differs_as_documented():
    """It leaves the forecast-error term out of BMP and correlates residuals by relative day, across the dates."""
    pooled, told = fitted(DAYS, "log", "market", 120), EXCERPT["eventstudy"]
    ours = np.array([[pooled.test(name, (k, k)).stat for k in (-1, 0, 1)] for name in ("bmp", "kolari_pynnonen")])
    bare = pooled.fit.abnormal[:, 4:7] / np.sqrt(pooled.fit.variance)[:, None]
    n = len(bare)
    bmp = bare.mean(axis=0) / (bare.std(axis=0, ddof=1) / np.sqrt(n))
    correlation = np.corrcoef(pooled.fit.residuals)
    mean = (correlation.sum() - n) / (n * (n - 1))
    assert bmp == near(told["pooled_bmp_t"])
    assert bmp * np.sqrt((1 - mean) / (1 + (n - 1) * mean)) == near(told["pooled_kp_t"])
    assert np.abs(ours[0] - told["pooled_bmp_t"]).min() > 1e-4
    assert np.abs(ours[1] - told["pooled_kp_t"]).min() > 1e-3


def test_r_package_estudy2():
    told, length = EXCERPT["estudy2"], EVENT["n_obs"]
    for model, numbers in told.items():
        found = fitted((EVENT["day"],), EVENT["kind"], model, length)
        assert found.aar()["AAR"].loc[-1:1].to_numpy() == near(numbers["mean"])
        assert [found.test("cross_sectional", (k, k)).stat for k in (-1, 0, 1)] == near(numbers["t_test_stat"])
    # It standardizes with n - 1 where n - 2 belongs, in Patell's test and in the crude dependence test.
    numbers, found = told["market"], fitted((EVENT["day"],), EVENT["kind"], "market", length)
    correction = np.sqrt((length - 2) / (length - 1))
    for name, theirs, times in [
        ("patell", "pt_stat", correction),
        ("bmp", "bh_stat", 1),
        ("portfolio", "lmb_stat", correction),
    ]:
        ours = np.array([found.test(name, (k, k)).stat for k in (-1, 0, 1)])
        assert ours == near(np.array(numbers[theirs]) * times)
