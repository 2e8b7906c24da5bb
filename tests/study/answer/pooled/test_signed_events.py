"""Each shift of an event is a study of its own; stretches, holes, exchanges, and firms that are missing."""

import numpy as np
import pandas as pd
import pytest

from potash.sessions import Window
from potash.study.answer.event_volatility import scaled_cars
from potash.study.answer.pooled.signed_events import signed_events
from potash.study.expected_returns.controls import ControlGroup
from tests.study.made_up import DAYS, events, made_returns, study

WINDOWS = (Window(0, 0), Window(0, 5), Window(-5, -1))
SIGNS = pd.Series({"e0": 1, "e1": -1})
# Four fifths of 120 estimation sessions are there from session 106 on, and ten sessions follow up to 289.
CIRCLE = list(range(106, 290))


def signed(returns=None, rows=None, controls=False, without="", **options):
    returns = made_returns(3) if returns is None else returns
    rows = events(200, 205) if rows is None else rows
    event_study = study(returns, rows, event_window=(-5, 10), **options)
    return signed_events(event_study, SIGNS, WINDOWS, controls, without=without)


def test_every_shift_is_a_study_of_its_own_and_shifts_go_round_in_a_circle():
    answer = signed()
    assert answer.lengths.tolist() == [len(CIRCLE)]
    assert answer.stretch.tolist() == [0, 0]
    for event, own in enumerate((200, 205)):
        for shift in range(0, len(CIRCLE), 13):
            position = CIRCLE[(CIRCLE.index(own) + shift) % len(CIRCLE)]
            alone = study(made_returns(3), events(position), event_window=(-5, 10)).fit()
            for j, window in enumerate(WINDOWS):
                expected = scaled_cars(alone.portfolio_fit, answer.event, window)
                assert answer.cars[event][shift, j] == pytest.approx(expected.cars[0])
                plain = alone.portfolio((window.start, window.end))["std_error"].iloc[0]
                assert answer.std_errors[event][shift, j] == pytest.approx(plain * np.sqrt(expected.ratio[0]))


def test_a_hole_in_the_prices_makes_two_stretches():
    returns = pd.concat([made_returns(3), made_returns(3, seed=2).set_index(DAYS + pd.Timedelta(days=1400))])
    rows = pd.DataFrame({"event_id": ["e0", "e1"], "session": [DAYS[200], DAYS[150] + pd.Timedelta(days=1400)]})
    answer = signed(returns, rows)
    assert answer.stretch.tolist() == [0, 1]
    assert answer.sets().shifts.shape == (answer.lengths[0] * answer.lengths[1], 2)
    assert answer.sets().whole


def test_sessions_that_cannot_be_studied_are_no_place_for_an_event():
    returns = made_returns(3)
    returns.loc[DAYS[250], :] = np.nan
    answer = signed(returns)
    # The portfolio lacks day 250: a window that holds it has no CAR, from 245 (0 to +5) to 255 (-5 to -1).
    assert answer.lengths.tolist() == [len(CIRCLE) - len(range(245, 256))]


def test_a_day_missing_in_an_event_s_own_window_leaves_it_out_of_that_window_only():
    returns = made_returns(3)
    returns.loc[DAYS[203], "A"] = np.nan
    answer = signed(returns, events(200, 240))
    assert np.isnan(answer.cars[0][0]).tolist() == [False, True, False]
    statistics = answer.statistics(answer.sets())
    assert statistics.stats[0, 1] == pytest.approx(-answer.cars[1][0, 1] / answer.std_errors[1][0, 1])
    assert (
        np.isfinite(statistics.stats[1:, 1]).sum() == answer.lengths[0] - 2
    )  # the event's own day is a place without a CAR


def test_firms_that_are_missing_on_a_day_leave_the_portfolio_to_the_others():
    returns = made_returns(3)
    returns.loc[DAYS[:150], "C"] = np.nan  # studied from 256 on
    answer = signed(returns)
    assert answer.tickers == ["A,B", "A,B"]
    shift = CIRCLE.index(280) - CIRCLE.index(200)
    alone = study(returns, events(280), event_window=(-5, 10)).fit()
    assert alone.portfolio_labels["ticker"].tolist() == ["A,B,C"]
    assert answer.cars[0][shift, 0] == pytest.approx(alone.portfolio((0, 0))["CAR"].iloc[0])


def test_without_a_firm_everything_is_that_of_the_study_without_it():
    answer = signed(without="B")
    expected = signed(made_returns(3).drop(columns="B"))
    for event in range(2):
        np.testing.assert_allclose(answer.cars[event], expected.cars[event])
        np.testing.assert_allclose(answer.std_errors[event], expected.std_errors[event])
    assert answer.tickers == ["A,C", "A,C"]
    rows = pd.DataFrame({"event_id": ["e0", "e1"], "ticker": ["A", "B"], "session": DAYS[[200, 240]]})
    assert signed(rows=rows, without="B").ids == ["e0"]


def test_controls_are_those_of_each_event():
    controls = made_returns(2, seed=5)[["A", "B"]].set_axis(["X", "Y"], axis=1)
    left_out = pd.DataFrame({"event_id": ["e0", "e0", "e1"], "ticker": ["X", "Y", "X"]})
    answer = signed(controls=True, rows=events(200, 240))
    assert answer.controls == ["", ""]
    returns = made_returns(3)
    group = ControlGroup(controls, left_out)
    answer = signed_events(
        study(returns, events(200, 240), event_window=(-5, 10), controls=group), SIGNS, WINDOWS, True
    )
    assert answer.controls == ["", "Y"]
    plain = study(returns, events(200, 240), event_window=(-5, 10)).fit().portfolio((0, 0))["CAR"]
    against = study(returns, events(200, 240), event_window=(-5, 10), controls=controls[["Y"]])
    own = against.against_controls("e1").fit().portfolio((0, 0))["CAR"]
    assert [answer.cars[0][0, 0], answer.cars[1][0, 0]] == pytest.approx([plain["e0"], own["e1"]])
    shifted = against.against_controls("e1").ordinary_days("e1")
    place = shifted.sessions.get_loc(DAYS[260])
    assert answer.cars[1][20, 0] == pytest.approx(shifted.fit.cars(slice(5, 6))[0][place])


def test_days_once_is_the_mean_over_days_times_the_width_of_the_window():
    answer = signed(rows=events(200, 203))
    window = Window(0, 5)
    effect, error, n_days, stats = answer.days_once(window, answer.sets())
    first, second = (fit.abnormal[0] for fit in answer.fits)
    # Sessions 200 to 202 are the first event's, 203 to 208 the second's.
    total = first[5:8].sum() - second[5:11].sum()
    assert n_days == 9
    assert effect == pytest.approx(total * 6 / 9)
    own = scaled_cars(answer.own, answer.event, window).ratio
    parts = zip(answer.fits, [slice(5, 8), slice(5, 11)], strict=True)
    plain = [fit.variance[0] * fit.scale[0, part, part].sum() for fit, part in parts]
    assert error == pytest.approx(np.sqrt(np.dot(plain, np.maximum(own, 1))) * 6 / 9)
    assert stats[0, 0] == pytest.approx(total / np.sqrt(np.dot(plain, own)))
    assert len(stats) == len(answer.sets().shifts)


def test_events_of_exchanges_count_their_own_sessions():
    rows = events(200, 205).merge(pd.DataFrame({"ticker": ["A", "B"], "exchange": ["XNYS", "XNYS"]}), how="cross")
    returns = made_returns(2)
    answer = signed(returns, rows)
    alone = study(returns, rows, event_window=(-5, 10)).fit()
    assert answer.cars[0][0, 0] == pytest.approx(alone.portfolio((0, 0))["CAR"].iloc[0])
    assert 100 < answer.lengths[0] < len(CIRCLE)  # rows that are no session of the exchange are no place
