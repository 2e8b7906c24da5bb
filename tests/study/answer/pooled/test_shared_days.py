"""Each calendar day counted once: by hand, and against CARs where nothing is shared."""

import numpy as np
import pytest

from potash.sessions import Window
from potash.study.answer.event_volatility import scaled_cars
from potash.study.answer.pooled.shared_days import counted_days, own_errors, partial_cars, shared_share
from tests.study.made_up import events, made_returns, study

EVENT = Window(-2, 3)


def days_of(*starts):
    """Return event windows of -2 to +3 around days 0."""
    return np.array([np.arange(start - 2, start + 4) for start in starts])


def counted(starts, signs, tested):
    """Return the days counted for each event."""
    days = days_of(*starts)
    chosen = counted_days(days, np.array(signs), EVENT, Window.of(tested))
    return [row[mask].tolist() for row, mask in zip(days, chosen, strict=True)]


def test_events_far_apart_keep_all_days_of_the_window_and_no_other():
    assert counted((10, 20), (1, -1), (0, 2)) == [[10, 11, 12], [20, 21, 22]]


def test_a_shared_day_belongs_to_the_nearer_day_0():
    assert counted((10, 12), (1, 1), (0, 3)) == [[10, 11], [12, 13, 14, 15]]
    assert counted((10, 12), (1, -1), (0, 3)) == [[10, 11], [12, 13, 14, 15]]
    assert counted((10, 13), (1, 1), (-2, 2)) == [[8, 9, 10, 11], [12, 13, 14, 15]]


def test_of_two_equally_near_events_the_first_counts_the_day_and_none_if_signs_differ():
    assert counted((10, 12), (1, 1), (-1, 1)) == [[9, 10, 11], [12, 13]]
    assert counted((10, 12), (1, -1), (-1, 1)) == [[9, 10], [12, 13]]
    assert counted((10, 10), (-1, -1), (0, 1)) == [[10, 11], []]
    assert counted((10, 10), (1, -1), (0, 1)) == [[], []]


def test_three_events_share_a_day():
    # Day 12: one session after the second, none before the third; the first is further away.
    assert counted((10, 11, 13), (1, 1, 1), (0, 3)) == [[10], [11, 12], [13, 14, 15, 16]]
    # Equally near to the two outer ones, whose signs differ; the middle one does not reach it.
    assert counted((10, 12, 40), (1, -1, 1), (-1, 1))[2] == [39, 40, 41]


def test_the_share_of_common_days():
    shares = shared_share(days_of(10, 12, 30), EVENT, Window(0, 3))
    np.testing.assert_allclose(shares, [[1, 0.5, 0], [0.5, 1, 0], [0, 0, 1]])
    assert shared_share(days_of(10, 12), EVENT, Window(0, 1))[0, 1] == 0


@pytest.mark.parametrize("own", [True, False])
@pytest.mark.parametrize("position", [170, 200, 230])
def test_all_days_counted_give_the_car_and_its_error_and_some_their_part(own, position):
    event_study = study(made_returns(3), events(position), event_window=(-5, 10))
    fit, event, tested = event_study.fit().portfolio_fit, event_study.windows.event, Window(0, 3)
    offsets = np.arange(-5, 11)
    whole = scaled_cars(fit, event, tested)
    widened = np.sqrt(whole.ratio[0] if own else max(whole.ratio[0], 1))
    plain = fit.cars(slice(5, 9))[1][0]
    cars, errors = partial_cars(fit, event, tested, (offsets >= 0) & (offsets <= 3), own)
    assert [cars[0], errors[0]] == pytest.approx([whole.cars[0], plain * widened])
    if own:
        assert own_errors(fit, event, tested)[0] == pytest.approx(errors[0])
    some = np.isin(offsets, [1, 3])
    cars, errors = partial_cars(fit, event, tested, some, own)
    assert cars[0] == pytest.approx(fit.abnormal[0, some].sum())
    part = np.sqrt(fit.variance[0] * fit.scale[0][np.ix_(some, some)].sum())
    assert errors[0] == pytest.approx(part * widened)


def test_with_fewer_than_five_days_around_nothing_is_known_of_the_volatility():
    fit = study(made_returns(3), events(200), event_window=(0, 4)).fit().portfolio_fit
    assert np.isnan(own_errors(fit, Window(0, 4), Window(0, 0))[0])
    wider = study(made_returns(3), events(200), event_window=(0, 5)).fit().portfolio_fit
    assert np.isfinite(own_errors(wider, Window(0, 5), Window(0, 0))[0])
