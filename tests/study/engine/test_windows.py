"""The rules for the two windows of a study."""

import pytest

from potash.errors import WindowError
from potash.study.engine.windows import Windows
from tests.study.made_up import events, made_returns, study


@pytest.mark.parametrize(("window", "needed"), [((-130, -11), 96), ((-120, -11), 88), ((-21, -11), 9), ((-16, -11), 5)])
def test_by_default_four_fifths_of_the_estimation_window_must_be_there(window, needed):
    assert Windows.of((-5, 5), window, None, 2).min_estimation == needed


@pytest.mark.parametrize("needed", [5, 120])
def test_min_estimation_is_at_most_the_whole_window(needed):
    assert Windows.of((-5, 5), (-130, -11), needed, 2).min_estimation == needed


@pytest.mark.parametrize("needed", [4, 121])
def test_min_estimation_that_cannot_be(needed):
    with pytest.raises(
        WindowError, match=rf"min_estimation={needed} does not fit: a model with 2 parameters .* 120 sessions"
    ):
        study(made_returns(2), events(200), min_estimation=needed)


def test_an_estimation_window_that_cannot_hold_a_regression():
    with pytest.raises(WindowError, match="does not fit: a model with 2 parameters needs at least 5 returns"):
        study(made_returns(2), events(200), estimation_window=(-14, -11))


@pytest.mark.parametrize("estimation", [(-130, -5), (-130, 0), (-130, -1)])
def test_windows_must_not_overlap(estimation):
    with pytest.raises(WindowError, match=r"must end before event_window .* starts.* Let it end at -6 or earlier"):
        study(made_returns(2), events(200), estimation_window=estimation)


@pytest.mark.parametrize("window", [(5, -5), (1,), "(-5, 5)", (-5.0, 5.0), 5])
def test_a_window_is_a_pair_of_whole_numbers_in_order(window):
    with pytest.raises(WindowError, match="event_window="):
        study(made_returns(2), events(200), event_window=window)
