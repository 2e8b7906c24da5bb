"""Standard errors that follow the event's volatility: the arithmetic by hand, and when nothing is known."""

import numpy as np
import pytest

from potash.sessions import Window
from potash.study.answer.event_volatility import FEWEST_DAYS, scaled_cars, volatility_ratio
from potash.study.engine.window_fit import WindowFit
from tests.study.made_up import events, made_returns, study

EVENT = Window(-5, 10)


def fit_of(abnormal, variance=4e-4, df=100):
    """Return a fit whose days are independent with one variance."""
    rows = np.atleast_2d(np.asarray(abnormal, dtype=float))
    n, width = rows.shape
    scale = np.where(np.isnan(rows)[:, :, None] | np.isnan(rows)[:, None, :], np.nan, np.eye(width))
    empty, whole = np.empty((n, 0)), np.full(n, df)
    return WindowFit(
        empty, empty, np.full(n, variance), whole, whole, np.full(n, np.nan), np.empty((n, 0)), rows, scale
    )


def test_one_day_is_scaled_by_the_days_minus_three_to_ten_beside_it():
    abnormal = np.arange(1.0, 17.0) * 0.01
    fit = fit_of(abnormal)
    scaled = scaled_cars(fit, EVENT, Window(0, 0))
    beside = [i for i, offset in enumerate(EVENT.offsets) if -3 <= offset <= 10 and offset != 0]
    ratio = np.mean((abnormal[beside] / 0.02) ** 2)
    assert len(beside) == 13
    assert scaled.ratio[0] == pytest.approx(ratio)
    assert scaled.std_errors[0] == pytest.approx(0.02 * np.sqrt(ratio))
    assert scaled.df[0] == 13
    assert scaled.stats[0] == pytest.approx(abnormal[5] / scaled.std_errors[0])


def test_inside_a_window_days_count_by_their_deviations_so_that_an_even_effect_leaves_the_scale_alone():
    rng = np.random.default_rng(3)
    abnormal = rng.normal(0, 0.03, 16)
    moved = abnormal.copy()
    moved[5:11] += 0.5
    tested = Window(0, 5)
    ratio, days = volatility_ratio(fit_of(abnormal), EVENT, tested)
    after, _ = volatility_ratio(fit_of(moved), EVENT, tested)
    assert after[0] == pytest.approx(ratio[0])
    assert days[0] == 8 + 5
    inside = abnormal[5:11] / 0.02
    outside = abnormal[[2, 3, 4, 11, 12, 13, 14, 15]] / 0.02
    assert ratio[0] == pytest.approx((np.sum(outside**2) + np.sum((inside - inside.mean()) ** 2)) / 13)


def test_a_calm_week_narrows_nothing_and_keeps_the_regression_s_degrees_of_freedom():
    scaled = scaled_cars(fit_of(np.full(16, 0.001)), EVENT, Window(0, 0))
    assert scaled.ratio[0] < 1
    assert scaled.std_errors[0] == pytest.approx(0.02)
    assert scaled.df[0] == 100


def test_a_ratio_of_one_is_the_border():
    exactly = np.full(16, 0.02)
    assert scaled_cars(fit_of(exactly), EVENT, Window(0, 0)).df[0] == 100
    above = exactly * 1.01
    assert scaled_cars(fit_of(above), EVENT, Window(0, 0)).df[0] == 13
    assert scaled_cars(fit_of(above, df=7), EVENT, Window(0, 0)).df[0] == 7


@pytest.mark.parametrize(("there", "known_of"), [(FEWEST_DAYS, True), (FEWEST_DAYS - 1, False)])
def test_with_too_few_days_nothing_is_known_of_the_volatility(there, known_of):
    abnormal = np.full(16, np.nan)
    abnormal[5] = 0.1
    abnormal[8 : 8 + there] = 0.03
    scaled = scaled_cars(fit_of(abnormal), EVENT, Window(0, 0))
    assert np.isnan(scaled.stats[0]) != known_of
    assert scaled.cars[0] == 0.1


def test_a_missing_day_of_the_window_leaves_no_car_and_one_beside_it_does_no_harm():
    abnormal = np.full(16, 0.03)
    abnormal[5] = np.nan
    assert np.isnan(scaled_cars(fit_of(abnormal), EVENT, Window(0, 1)).stats[0])
    ratio, days = volatility_ratio(fit_of(abnormal), EVENT, Window(1, 1))
    assert (ratio[0], days[0]) == (pytest.approx(2.25), 12)


def test_the_scale_is_that_of_the_fit_s_own_forecast_errors():
    """The one-day standard errors of the engine, forecast-error term included, standardize the days."""
    results = study(made_returns(3), events(200), event_window=(-5, 10)).fit()
    fit = results.portfolio_fit
    errors = np.sqrt(fit.variance[0] * np.diag(fit.scale[0]))
    chosen = [i for i, offset in enumerate(results.windows.event.offsets) if -3 <= offset <= 10 and offset != 0]
    expected = np.mean((fit.abnormal[0] / errors)[chosen] ** 2)
    assert volatility_ratio(fit, results.windows.event, Window(0, 0))[0][0] == pytest.approx(expected, rel=1e-12)
