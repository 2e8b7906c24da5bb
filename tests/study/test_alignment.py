"""From labelled frames to windows: where they begin and end, and the sessions of each exchange."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import potash
from potash.errors import CalendarError
from potash.sessions import Window
from potash.study.alignment import EventPanel, align
from potash.study.engine.windows import Windows
from tests.study.exchanges import BOTH_OPEN, NEW_YORK, TEL_AVIV, exchange_events, joined
from tests.study.made_up import DAYS, events, made_returns, study

NO_FACTORS = pd.DataFrame()


# -- windows ---------------------------------------------------------------------------------------------------------


def test_exactly_four_fifths_are_enough():
    returns = made_returns(2)
    returns.loc[DAYS[70] : DAYS[93], "A"] = np.nan
    results = study(returns, events(200)).fit()
    assert results.params.loc[("e0", "A"), "nobs"] == 96


def test_min_estimation_can_be_given():
    returns = made_returns(2)
    returns.loc[DAYS[70] : DAYS[149], "A"] = np.nan
    results = study(returns, events(200), min_estimation=40).fit()
    assert results.params["nobs"].tolist() == [40, 120]
    assert len(study(returns, events(200), min_estimation=41).fit().dropped) == 1


def test_adjoining_windows_do_not_overlap():
    returns = made_returns(1)
    results = study(returns, events(200), estimation_window=(-105, -6)).fit()
    np.testing.assert_array_equal(np.r_[results.panel.y[0], results.panel.y_event[0]], returns["A"].iloc[95:206])


def test_windows_hold_the_sessions_that_they_say():
    """Both ends included: 120 sessions from -130 to -11, and 11 from -5 to 5."""
    returns = made_returns(1)
    results = study(returns, events(200)).fit()
    np.testing.assert_array_equal(results.panel.y[0], returns["A"].iloc[70:190])
    np.testing.assert_array_equal(results.panel.x[0, :, 0], returns["M"].iloc[70:190])
    np.testing.assert_array_equal(results.panel.y_event[0], returns["A"].iloc[195:206])
    np.testing.assert_array_equal(results.panel.x_event[0, :, 0], returns["M"].iloc[195:206])


def test_windows_that_begin_before_the_data_are_padded_not_wrapped():
    returns = made_returns(1)
    results = study(returns, events(125)).fit()
    assert (results.panel.days[0, :5] == -1).all()
    assert np.isnan(results.panel.y[0, :5]).all()
    assert np.isnan(results.panel.x[0, :5]).all()
    np.testing.assert_array_equal(results.panel.y[0, 5:], returns["A"].iloc[:115])


# -- events ----------------------------------------------------------------------------------------------------------


def test_without_tickers_an_event_is_every_security():
    results = study(made_returns(3), events(200, 240)).fit()
    assert results.events.index.tolist() == [(e, t) for e in ("e0", "e1") for t in "ABC"]


def test_with_tickers_an_event_is_those_in_the_order_given():
    rows = pd.DataFrame({"event_id": ["x", "x", "y"], "ticker": ["C", "A", "B"], "session": DAYS[[200, 201, 240]]})
    results = study(made_returns(3), rows).fit()
    assert results.events.index.tolist() == [("x", "C"), ("x", "A"), ("y", "B")]
    assert results.events["session"].tolist() == list(DAYS[[200, 201, 240]])


def test_other_columns_travel_along():
    results = study(made_returns(1), events(200).assign(title="Sanctions", ambiguous=True)).fit()
    assert results.events.loc[("e0", "A"), ["title", "ambiguous"]].tolist() == ["Sanctions", True]


# -- returns and factors ---------------------------------------------------------------------------------------------


def test_a_market_that_is_longer_or_starts_later():
    returns = made_returns(2)
    longer = pd.concat([pd.Series([0.5], index=[pd.Timestamp("2023-06-01")]), returns["M"]])
    whole = study(returns, events(200)).fit()
    pd.testing.assert_frame_equal(
        study(returns, events(200), model=potash.MarketModel(longer)).fit().car(), whole.car()
    )
    later = study(returns, events(200), model=potash.MarketModel(returns["M"].iloc[80:])).fit()
    assert later.params["nobs"].tolist() == [110, 110]


# -- exchanges -------------------------------------------------------------------------------------------------------


@settings(max_examples=25, deadline=None)
@given(st.integers(130, len(BOTH_OPEN) - 20), st.integers(-8, 0), st.integers(0, 8))
def test_offsets_count_the_sessions_of_the_security_s_own_exchange(position, start, end):
    day = BOTH_OPEN[position]
    windows = Windows.of((start, end), (-90, -11), None, 1)
    panel = align(joined(NEW_YORK.union(TEL_AVIV)), exchange_events(day), NO_FACTORS, windows)
    assert panel.labels["ticker"].tolist() == ["NTR", "ICL.TA"]
    for row, calendar in enumerate([NEW_YORK, TEL_AVIV]):
        at = calendar.get_loc(day)
        np.testing.assert_allclose(panel.y_event[row], np.arange(at + start, at + end + 1) * 1e-4)
        np.testing.assert_allclose(panel.y[row], np.arange(at - 90, at - 10) * 1e-4)


def test_the_same_number_is_the_same_calendar_day():
    day = BOTH_OPEN[150]
    index = NEW_YORK.union(TEL_AVIV)
    panel = align(joined(index), exchange_events(day), NO_FACTORS, Windows.of((-5, 5), (-90, -11), None, 1))
    dates = [calendar[calendar.get_loc(day) + np.arange(-5, 6)] for calendar in (NEW_YORK, TEL_AVIV)]
    same_day = dates[0].to_numpy()[:, None] == dates[1].to_numpy()
    assert 1 < same_day.sum() < 11
    np.testing.assert_array_equal(panel.days_event[0][:, None] == panel.days_event[1], same_day)


def test_without_an_exchange_offsets_count_the_rows():
    day = BOTH_OPEN[150]
    index = NEW_YORK.union(TEL_AVIV)
    rows = exchange_events(day).drop(columns="exchange")
    panel = align(joined(index), rows, NO_FACTORS, Windows.of((-5, 5), (-90, -11), 40, 1))
    at = index.get_loc(day)
    np.testing.assert_array_equal(panel.y_event, joined(index).iloc[at - 5 : at + 6].T)
    assert np.isnan(panel.y_event).any()


def test_sessions_that_the_frame_lacks_are_missing_returns_not_closed_gaps():
    """A frame of New York's days alone: Tel Aviv's Sundays are sessions without a return."""
    day = BOTH_OPEN[150]
    panel = align(joined(NEW_YORK), exchange_events(day), NO_FACTORS, Windows.of((-5, 5), (-90, -11), 40, 1))
    at = TEL_AVIV.get_loc(day)
    expected = [i * 1e-4 if TEL_AVIV[i] in NEW_YORK else np.nan for i in range(at - 5, at + 6)]
    np.testing.assert_allclose(panel.y_event[1], expected)


def test_a_day_off_of_one_exchange_is_no_session_of_it():
    sunday = TEL_AVIV.difference(NEW_YORK)[60]
    panel = align(
        joined(NEW_YORK.union(TEL_AVIV)), exchange_events(sunday), NO_FACTORS, Windows.of((0, 1), (-50, -11), None, 1)
    )
    assert panel.labels["ticker"].tolist() == ["ICL.TA"]
    assert panel.dropped[["ticker", "reason"]].to_numpy().tolist() == [["NTR", "not a session"]]


def test_an_unknown_exchange_is_refused():
    rows = exchange_events(BOTH_OPEN[150]).assign(exchange="NYSE")
    with pytest.raises(CalendarError, match="exchange 'NYSE' has no trading calendar"):
        align(joined(NEW_YORK), rows, NO_FACTORS, Windows.of((0, 1), (-50, -11), None, 1))


# -- firms on the same days ------------------------------------------------------------------------------------------


def mixed(*rows: tuple[str, str, str, pd.Timestamp]) -> EventPanel:
    """Return the panel of firm-events given as event, ticker, exchange and session; windows of three sessions each."""
    frame = pd.DataFrame(rows, columns=["event_id", "ticker", "exchange", "session"])
    windows = Windows(Window(0, 2), Window(-5, -3), 0)  # as few returns as there are
    return align(joined(NEW_YORK.union(TEL_AVIV)), frame, NO_FACTORS, windows)


def test_firms_of_one_exchange_share_their_days():
    day = BOTH_OPEN[150]
    rows = [("x", "NTR", "XNYS", day), ("y", "NTR", "XNYS", BOTH_OPEN[170]), ("x", "ICL.TA", "XNYS", day)]
    assert mixed(*rows).members_share_days()
    apart = mixed(*rows, ("y", "ICL.TA", "XNYS", BOTH_OPEN[171]))
    assert not apart.members_share_days()
    assert apart.members_share_days(np.array([True, True, True, False]))
    assert apart.members_share_days(np.array([False, False, False, True]))
    assert apart.members_share_days(np.zeros(4, dtype=bool))


def test_firms_of_two_exchanges_share_days_where_neither_has_a_holiday_of_its_own():
    shared = []
    for day in BOTH_OPEN[100:140]:
        panel = mixed(("x", "NTR", "XNYS", day), ("x", "ICL.TA", "XTAE", day))
        same = (panel.days[0] == panel.days[1]).all() and (panel.days_event[0] == panel.days_event[1]).all()
        assert panel.members_share_days() == same
        shared.append(same)
    assert 0 < sum(shared) < 40


def test_days_are_calendar_days_of_each_firm_s_exchange():
    day = BOTH_OPEN[150]
    panel = mixed(("x", "NTR", "XNYS", day), ("x", "ICL.TA", "XTAE", day))
    for row, calendar in enumerate([NEW_YORK, TEL_AVIV]):
        at = calendar.get_loc(day)
        expected = calendar[at - 5 : at - 2].append(calendar[at : at + 3])
        days = np.r_[panel.days[row], panel.days_event[row]].astype("datetime64[D]")
        assert pd.DatetimeIndex(days).tolist() == expected.tolist()


def test_events_left_out_are_missing_in_estimation_windows_alone():
    returns = made_returns(2)
    windows = Windows.of((-1, 1), (-60, -11), None, 1)
    left_out = pd.DataFrame({"event_id": ["z"], "ticker": ["A"], "session": [DAYS[160]]})
    panel = align(returns[["A", "B"]], events(200, 160), NO_FACTORS, windows, left_out)
    assert np.flatnonzero(np.isnan(panel.y[0])).tolist() == [19, 20, 21]
    assert not np.isnan(panel.y[1:]).any()
    np.testing.assert_array_equal(panel.y_event[2], returns["A"].iloc[159:162])
