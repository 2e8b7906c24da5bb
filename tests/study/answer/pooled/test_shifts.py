"""Sets of dates: every shift by a loop, p-values by counting, limits and power by putting effects in."""

from itertools import product

import numpy as np
import pytest

from potash.study.answer.pooled import shifts
from potash.study.answer.pooled.shifts import date_sets, pooled_statistics, summed_statistics

STRETCH, LENGTHS = np.array([0, 2, 0]), np.array([7, 50, 5])
SIGNS = np.array([1, -1, 1])


def made(seed=0, m=2, lengths=LENGTHS, stretch=STRETCH):
    """Return CARs and standard errors of events at each shift of their stretch."""
    rng = np.random.default_rng(seed)
    sizes = [lengths[number] for number in stretch]
    return [rng.normal(0, 0.02, (n, m)) for n in sizes], [rng.uniform(0.01, 0.03, (n, m)) for n in sizes]


def test_all_combinations_of_the_shifts_of_the_stretches_are_taken_and_the_first_is_none():
    sets = date_sets(STRETCH, LENGTHS)
    assert sets.whole
    assert sets.shifts.shape == (7 * 5, 2)
    assert sets.shifts[0].tolist() == [0, 0]
    assert {tuple(row) for row in sets.shifts} == set(product(range(7), range(5)))
    assert sets.stretch.tolist() == [0, 1, 0]


def test_too_many_combinations_are_sampled_by_a_seed(monkeypatch):
    monkeypatch.setattr(shifts, "MOST_SETS", 34)
    sets = date_sets(STRETCH, LENGTHS, seed=3)
    assert shifts.SAMPLED_SETS == 99_999
    assert not sets.whole
    assert sets.shifts.shape == (1 + shifts.SAMPLED_SETS, 2)
    assert sets.shifts[0].tolist() == [0, 0]
    assert sets.shifts.max(axis=0).tolist() == [6, 4]
    np.testing.assert_array_equal(sets.shifts, date_sets(STRETCH, LENGTHS, seed=3).shifts)
    np.testing.assert_array_equal(date_sets(STRETCH, LENGTHS).shifts, date_sets(STRETCH, LENGTHS, seed=0).shifts)
    monkeypatch.setattr(shifts, "MOST_SETS", 35)
    assert date_sets(STRETCH, LENGTHS).whole


def test_the_statistics_are_those_of_a_loop():
    cars, errors = made()
    answer = pooled_statistics(cars, errors, SIGNS, date_sets(STRETCH, LENGTHS))
    once = summed_statistics(cars, errors, SIGNS, date_sets(STRETCH, LENGTHS))
    for row, (a, b) in enumerate(product(range(7), range(5))):
        at = (a, b, a)
        for j in range(2):
            t = [SIGNS[i] * cars[i][at[i], j] / errors[i][at[i], j] for i in range(3)]
            assert answer.stats[row, j] == pytest.approx(sum(t) / np.sqrt(3))
            assert answer.precision[row, j] == pytest.approx(
                sum(1 / errors[i][at[i], j] for i in range(3)) / np.sqrt(3)
            )
            total = sum(SIGNS[i] * cars[i][at[i], j] for i in range(3))
            assert once[row, j] == pytest.approx(total / np.sqrt(sum(errors[i][at[i], j] ** 2 for i in range(3))))
    as_large = sum(abs(other) >= abs(answer.stats[0, 1]) for other in answer.stats[1:, 1])
    assert answer.pvalues[1] == (1 + as_large) / 35
    largest = np.abs(answer.stats[1:]).max(axis=1)
    assert answer.max_t_pvalues[0] == (1 + (largest >= abs(answer.stats[0, 0])).sum()) / 35
    assert answer.n_sets.tolist() == [34, 34]


def test_a_quarter_of_a_million_sets_are_all_taken():
    assert len(date_sets(np.array([0, 1]), np.array([500, 500])).shifts) == 250_000
    assert len(date_sets(np.array([0, 1]), np.array([500, 501])).shifts) == 100_000


def test_one_event_alone_is_its_own_t():
    cars, errors = made(2, 1, np.array([30]), np.array([0]))
    sets = date_sets(np.array([0]), np.array([30]))
    answer = pooled_statistics(cars, errors, np.array([-1]), sets)
    np.testing.assert_allclose(answer.stats, -cars[0] / errors[0])
    np.testing.assert_allclose(answer.precision, 1 / errors[0])
    np.testing.assert_allclose(summed_statistics(cars, errors, np.array([-1]), sets), -cars[0] / errors[0])


def test_the_weighted_average_is_weighted_with_one_over_the_standard_errors():
    cars, errors = made()
    answer = pooled_statistics(cars, errors, SIGNS, date_sets(STRETCH, LENGTHS))
    own, weights = SIGNS * [c[0, 0] for c in cars], [1 / e[0, 0] for e in errors]
    assert answer.weighted[0] == pytest.approx(np.average(own, weights=weights))


def test_an_event_without_a_car_takes_no_part_and_a_set_with_another_missing_is_left_out():
    cars, errors = made()
    cars[1][0, 0] = np.nan
    cars[0][3, 1] = np.nan
    answer = pooled_statistics(cars, errors, SIGNS, date_sets(STRETCH, LENGTHS))
    assert answer.stats[0, 0] == pytest.approx(sum(cars[i][0, 0] / errors[i][0, 0] for i in (0, 2)) / np.sqrt(2))
    assert answer.precision[0, 0] == pytest.approx(sum(1 / errors[i][0, 0] for i in (0, 2)) / np.sqrt(2))
    once = summed_statistics(cars, errors, SIGNS, date_sets(STRETCH, LENGTHS))
    spread = np.sqrt(sum(errors[i][0, 0] ** 2 for i in (0, 2)))
    assert once[0, 0] == pytest.approx((cars[0][0, 0] + cars[2][0, 0]) / spread)
    assert answer.n_sets.tolist() == [34, 34 - 5]
    assert np.isnan(answer.stats[np.arange(35) // 5 == 3, 1]).all()
    cars = [np.where(np.arange(len(c))[:, None] == 0, np.nan, c) for c in cars]
    nothing = pooled_statistics(cars, errors, SIGNS, date_sets(STRETCH, LENGTHS))
    assert np.isnan(nothing.stats[0]).all()
    assert np.isnan(nothing.pvalues).all()
    assert np.isnan(summed_statistics(cars, errors, SIGNS, date_sets(STRETCH, LENGTHS))[0]).all()


def test_a_car_without_a_standard_error_takes_no_part():
    cars, errors = made()
    errors[1][0] = np.nan
    answer = pooled_statistics(cars, errors, SIGNS, date_sets(STRETCH, LENGTHS))
    assert answer.stats[0, 1] == pytest.approx(sum(cars[i][0, 1] / errors[i][0, 1] for i in (0, 2)) / np.sqrt(2))


def long_example():
    lengths, stretch = np.array([40, 30]), np.array([0, 0, 1])
    cars, errors = made(5, 1, lengths, stretch)
    return cars, errors, date_sets(stretch, lengths)


def test_an_effect_at_the_limits_is_just_not_rejected():
    cars, errors, sets = long_example()
    answer = pooled_statistics(cars, errors, SIGNS, sets)
    for limit, inside in zip((answer.limits()[0][0], answer.limits()[1][0]), (1e-6, -1e-6), strict=True):
        for away, rejected in ((inside, False), (-inside, True)):
            own = [c.copy() for c in cars]
            for i, each in enumerate(own):
                each[0] -= SIGNS[i] * (limit + away)
            stat = pooled_statistics(own, errors, SIGNS, sets).stats[0, 0]
            assert (abs(stat) > answer.critical()[0]) == rejected


def test_the_detectable_effect_is_significant_on_four_fifths_of_the_sets_at_the_events_volatility():
    cars, errors, sets = long_example()
    answer = pooled_statistics(cars, errors, SIGNS, sets)
    critical, effect = answer.critical()[0], answer.detectable()[0]
    for size, enough in ((effect * 1.0001, True), (effect * 0.9999, False)):
        alike = [c + sign * size * e / e[0] for c, e, sign in zip(cars, errors, SIGNS, strict=True)]
        stats = pooled_statistics(alike, errors, SIGNS, sets).stats[1:, 0]
        assert ((stats >= critical).mean() >= 0.8) == enough
    more = answer.detectable(power=0.9)[0]
    assert ((answer.stats[1:, 0] + more * 1.0001 * answer.precision[0, 0]) >= critical).mean() >= 0.9
    assert more > effect > answer.detectable(size=0.1)[0]


def test_too_few_sets_have_no_p_value_and_no_limits():
    cars, errors = made(1, 1, np.array([10]), np.array([0, 0, 0]))
    answer = pooled_statistics(cars, errors, SIGNS, date_sets(np.array([0, 0, 0]), np.array([10])))
    assert np.isnan([answer.pvalues[0], answer.critical()[0], answer.limits()[0][0], answer.detectable()[0]]).all()
    # Twenty sets give a p-value, of which none can be below 5 %.
    cars, errors = made(1, 1, np.array([19]), np.array([0, 0, 0]))
    answer = pooled_statistics(cars, errors, SIGNS, date_sets(np.array([0, 0, 0]), np.array([19])))
    assert np.isnan(answer.critical()[0])
