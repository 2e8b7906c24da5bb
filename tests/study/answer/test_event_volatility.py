"""Standard errors that follow the event's volatility: the arithmetic by hand, and when nothing is known."""

import numpy as np
import pytest

from potash.sessions import Window
from potash.study.answer.event_volatility import FEWEST_DAYS, kept_share, scaled_cars, volatility_ratio
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


def test_days_inside_a_window_do_not_count_where_eight_are_outside():
    """So an effect on any one day of the window, or on all of them, does not hide itself."""
    abnormal = np.random.default_rng(3).normal(0, 0.03, 16)
    for tested in (Window(0, 1), Window(0, 5), Window(-5, -1)):
        inside = [i for i, offset in enumerate(EVENT.offsets) if tested.start <= offset <= tested.end]
        outside = [i for i, offset in enumerate(EVENT.offsets) if -3 <= offset <= 10 and i not in inside]
        ratio, days = volatility_ratio(fit_of(abnormal), EVENT, tested)
        assert ratio[0] == pytest.approx(np.mean((abnormal[outside] / 0.02) ** 2))
        assert days[0] == len(outside) >= 8
        moved = abnormal.copy()
        moved[inside[0]] += 0.5
        assert volatility_ratio(fit_of(moved), EVENT, tested)[0][0] == ratio[0]


def test_a_long_window_counts_its_own_days_about_their_mean_and_without_the_farthest():
    abnormal = np.random.default_rng(3).normal(0, 0.03, 16)
    tested, inside = Window(0, 10), abnormal[5:]
    kept = np.delete(inside, np.abs(inside - np.median(inside)).argmax())
    within = ((kept - kept.mean()) ** 2).sum() / 0.02**2 / kept_share(11)
    ratio, days = volatility_ratio(fit_of(abnormal), EVENT, tested)
    assert days[0] == 3 + 9
    assert ratio[0] == pytest.approx((((abnormal[2:5] / 0.02) ** 2).sum() + within) / 12)
    even, single = abnormal.copy(), abnormal.copy()
    even[5:] += 0.5
    single[9] += 5.0
    assert volatility_ratio(fit_of(even), EVENT, tested)[0][0] == pytest.approx(ratio[0])
    assert volatility_ratio(fit_of(single), EVENT, tested)[0][0] < 1.3 * ratio[0]


def test_a_missing_day_of_a_long_window_is_one_fewer():
    abnormal = np.random.default_rng(3).normal(0, 0.03, 16)
    abnormal[7] = np.nan
    inside = np.delete(abnormal[5:], 2)
    kept = np.delete(inside, np.abs(inside - np.median(inside)).argmax())
    within = ((kept - kept.mean()) ** 2).sum() / 0.02**2 / kept_share(10)
    ratio, days = volatility_ratio(fit_of(np.stack([abnormal, abnormal])), EVENT, Window(0, 10))
    assert days.tolist() == [11, 11]
    assert ratio.tolist() == pytest.approx([(((abnormal[2:5] / 0.02) ** 2).sum() + within) / 11] * 2)


@pytest.mark.parametrize("n", [3, 5, 11])
def test_what_chance_leaves_without_the_farthest_value(n):
    drawn = np.random.default_rng(8).normal(0, 1, (40_000, n))
    variances = []
    for row in drawn[:8000]:
        kept = np.delete(row, np.abs(row - np.median(row)).argmax())
        variances.append(((kept - kept.mean()) ** 2).sum() / (n - 2))
    assert kept_share(n) == pytest.approx(np.mean(variances), rel=0.04)
    assert kept_share(2) == 1.0


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
