"""Defects measured in other event-study software, one test each: none may come back here.

The software named in a docstring had the defect when it was tried or read (July to November 2026).
"""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import potash
from tests.study.made_up import DAYS, events, made_returns, study


@pytest.fixture(scope="module")
def found():
    return study(made_returns(4, seed=12), events(180, 220), event_window=(-5, 5), estimation_window=(-120, -11)).fit()


def test_1_a_weekend_event_is_never_moved_silently():
    """Lemaire's eventstudy rolls forward, easy-event-study drops it without a word."""
    assert potash.first_session("2025-12-13", "XNYS").session == pd.Timestamp("2025-12-15")
    saturday = pd.DataFrame({"event_id": ["s", "m"], "session": ["2024-10-05", "2024-10-07"]})
    ledger = study(made_returns(1), saturday).fit().dropped
    assert ledger["reason"].tolist() == ["not a session"]
    assert "nearest are 2024-10-04 and 2024-10-07" in ledger["detail"].iloc[0]


def test_2_a_length_in_sessions_is_counted_in_sessions(found):
    """easy-event-study: 110 asked, 80 used."""
    assert (found.params["nobs"] == 110).all()


def test_3_each_day_has_its_own_rank_statistic(found):
    """EventStudy for R repeats the first day's statistic on all eleven days."""
    by_day = [found.test("rank", (day, day)).stat for day in range(-5, 6)]
    assert len({round(stat, 9) for stat in by_day}) == 11


def test_4_the_mean_correlation_goes_by_calendar_day():
    """EventStudy for R pairs residuals by their place in the window, whatever their dates."""
    returns = made_returns(2, seed=3)
    shock = np.random.default_rng(8).normal(0, 0.03, len(DAYS))
    returns["A"] += shock
    returns["B"] += shock
    apart = events(200, 203).assign(ticker=["A", "B"])
    result = study(returns, apart).fit()
    residuals = {t: pd.Series(result.fit.residuals[i], index=result.panel.days[i]) for i, t in enumerate("AB")}
    calendar = residuals["A"].corr(residuals["B"])
    position = np.corrcoef(result.fit.residuals)[0, 1]
    window = (-5, 5)  # eleven sessions, of which the two events share eight
    assert calendar > 0.5 > abs(position)
    assert result.mean_correlation(window) == pytest.approx(8 / 11 * calendar, abs=0.02)


def test_5_standardized_returns_carry_the_forecast_error(found):
    """EventStudy for R leaves it out of BMP, Lemaire's eventstudy out of everything."""
    plain = found.abnormal_returns[0] / found.params["sigma"]
    carried = found.standardized_abnormal_returns[0]
    pd.testing.assert_series_equal(carried, found.abnormal_returns[0] / found.std_errors[0])
    assert (found.std_errors[0] > found.params["sigma"]).all()
    mean = carried.mean() / (carried.std() / np.sqrt(len(carried)))
    assert found.test("bmp", (0, 0)).stat == pytest.approx(mean, rel=1e-12)
    assert found.test("bmp", (0, 0)).stat != pytest.approx(plain.mean() / (plain.std() / np.sqrt(len(plain))), rel=1e-6)


def test_6_a_car_carries_the_covariance_between_days(found):
    """All but one: a CAR's t is 4 to 5 % too large for eleven days on 110 observations."""
    independent = np.sqrt((found.std_errors**2).sum(axis=1))
    assert (found.car()["std_error"] > 1.02 * independent).all()
    exact, simple = (found.test(name, (-5, 5)).stat for name in ("patell", "patell_simple"))
    assert 1.02 < simple / exact < 1.2


def test_7_the_residual_variance_has_two_degrees_of_freedom_less(found):
    """estudy2 divides by n - 1, Lemaire's eventstudy by n."""
    squares = (found.fit.residuals**2).sum(axis=1)
    np.testing.assert_allclose(found.params["sigma"] ** 2, squares / (110 - 2))


def test_8_firms_on_one_date_are_not_independent_draws(found):
    """Lemaire's eventstudy: 981 degrees of freedom for nine firms."""
    table = found.tests((-5, 5))
    assert not table.at["cross_sectional", "holds"]
    assert table.at["cross_sectional", "distribution"] == "t(7)"
    assert "not independent draws" in table.at["cross_sectional", "reason"]


def test_9_two_events_of_one_firm_stay_two(found):
    """event-study-toolkit groups by ticker; a join of its made 61,757 rows of 9,255 events."""
    assert len(found.abnormal_returns) == 8
    assert found.abnormal_returns.index.is_unique


def test_10_a_missing_day_is_no_zero_and_log_returns_compound_as_log_returns():
    """EventStudy for R sums missing abnormal returns as zero, and compounds log returns as if they were simple."""
    returns = made_returns(2, seed=5)
    returns.loc[DAYS[201], "A"] = np.nan
    assert np.isnan(study(returns, events(200)).fit().car((0, 1)).loc[("e0", "A"), "CAR"])
    whole = made_returns(2, seed=5)
    logs = study(whole, events(200), model=potash.MarketAdjusted(whole["M"])).fit().bhar((-5, 5))
    simple = np.expm1(whole)
    again = study(simple, events(200), model=potash.MarketAdjusted(simple["M"]), returns_kind="simple").fit()
    np.testing.assert_allclose(logs["BHAR"], again.bhar((-5, 5))["BHAR"], rtol=1e-12)


def test_11_resampling_keeps_the_dependence_that_it_claims_to_keep(found):
    """EventStudy for R: a wild bootstrap with a weight of its own for each firm claims to keep their correlation."""
    test = found.test("skewness_adjusted", (0, 0))
    assert "independent" in test.null
    assert not test.holds
    with pytest.raises(potash.PotashError, match="resamples the days of one event's firms together"):
        found.adjusted_pvalues([(0, 0)], "romano_wolf")


def test_12_a_band_has_the_level_it_is_said_to_have_and_p_has_two_sides(found):
    """Lemaire's eventstudy draws 80 % as 90 %; event-study-toolkit's p is one-sided and its calendar ends in 2023."""
    car = found.car((0, 0))
    band = found.conf_int((0, 0), level=0.9)
    half = stats.t.ppf(0.95, 108) * car["std_error"]
    np.testing.assert_allclose(band["upper"] - car["CAR"], half)
    np.testing.assert_allclose(car["pvalue"], 2 * stats.t.sf(abs(car["tstat"]), 108))
    assert potash.first_session("2029-06-04", "XNYS").session == pd.Timestamp("2029-06-04")
