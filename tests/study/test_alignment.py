"""From labelled frames to windows: the ledger with its numbers, sessions of each exchange, and what is refused."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import potash
from potash.calendars import sessions_between
from potash.errors import CalendarError, EventsError, InputError, NoUsableEventsError, WindowError
from potash.study.alignment import align
from potash.study.engine.windows import Windows
from tests.study.made_up import DAYS, events, made_returns, study

NO_FACTORS = pd.DataFrame()


def ledger(found) -> list[list[str]]:
    return found.dropped[["ticker", "reason", "detail"]].to_numpy().tolist()


# -- the ledger ------------------------------------------------------------------------------------------------------


def one_bad(returns: pd.DataFrame, row: dict, **options):
    """Return the ledger's only row for an event that cannot be studied, beside one that can."""
    good = {"event_id": "good", "ticker": "B", "session": DAYS[200]}
    found = study(returns, pd.DataFrame([good, {"event_id": "bad", "ticker": "A", **row}]), **options).fit()
    assert found.event_ids == ["good"]
    assert len(found.dropped) == 1
    entry = found.dropped.iloc[0]
    assert (entry["event_id"], entry["ticker"]) == ("bad", "A")
    return entry


def test_ledger_columns_and_nothing_dropped():
    found = study(made_returns(), events(200)).fit()
    assert list(found.dropped.columns) == ["event_id", "ticker", "session", "reason", "detail"]
    assert found.dropped.empty


def test_no_session():
    entry = one_bad(made_returns(), {"session": pd.NaT})
    assert (entry["reason"], entry["detail"]) == ("no session", "the event has no session")
    assert pd.isna(entry["session"])


def test_no_session_for_a_stated_reason():
    entry = one_bad(made_returns(), {"session": pd.NaT, "reason": "no calendar for XMOS after 2025"})
    assert (entry["reason"], entry["detail"]) == ("no session", "no calendar for XMOS after 2025")


def test_not_a_session():
    entry = one_bad(made_returns(), {"session": pd.Timestamp("2024-10-12")})
    assert entry["reason"] == "not a session"
    assert entry["detail"] == "2024-10-12 is no session of the returns; the nearest are 2024-10-11 and 2024-10-14"
    assert entry["session"] == pd.Timestamp("2024-10-12")


@pytest.mark.parametrize("day", ["2023-12-29", "2025-02-24"])
def test_outside_the_prices(day):
    entry = one_bad(made_returns(), {"session": pd.Timestamp(day)})
    assert (entry["reason"], entry["detail"]) == ("outside the prices", "returns run from 2024-01-01 to 2025-02-21")


def test_event_window_not_covered_after_the_last_session():
    entry = one_bad(made_returns(), {"session": DAYS[297]})
    assert entry["reason"] == "event window not covered"
    assert entry["detail"] == "event_window [-5, +5] reaches 3 sessions past the last session, 2025-02-21"


def test_event_window_not_covered_before_the_first_session():
    entry = one_bad(made_returns(), {"session": DAYS[3]})
    assert entry["detail"] == "event_window [-5, +5] reaches 2 sessions before the first session, 2024-01-01"


def test_the_last_window_that_fits_is_kept():
    assert study(made_returns(2), events(294)).fit().dropped.empty


def test_too_few_estimation_returns_by_missing_values():
    returns = made_returns()
    returns.loc[DAYS[70] : DAYS[94], "A"] = np.nan
    entry = one_bad(returns, {"session": DAYS[200]})
    assert entry["reason"] == "too few estimation returns"
    assert (
        entry["detail"] == f"estimation_window [-130, -11] needs 96 returns, 95 available, from {DAYS[95]:%Y-%m-%d} on"
    )


def test_too_few_estimation_returns_by_a_late_start():
    entry = one_bad(made_returns(), {"session": DAYS[100]})
    assert entry["detail"] == "estimation_window [-130, -11] needs 96 returns, 90 available, from 2024-01-01 on"


def test_too_few_estimation_returns_by_missing_factors():
    returns = made_returns()
    market = returns["M"].copy()
    market.iloc[:25] = np.nan
    entry = one_bad(returns, {"session": DAYS[130]}, model=potash.MarketModel(market))
    assert entry["detail"].startswith("estimation_window [-130, -11] needs 96 returns, 95 available")


def test_no_estimation_return_at_all():
    returns = made_returns()
    returns.loc[: DAYS[195], "A"] = np.nan
    assert one_bad(returns, {"session": DAYS[200]})["detail"].endswith("needs 96 returns, 0 available")


def test_missing_day_0():
    returns = made_returns()
    returns.loc[DAYS[200], "A"] = np.nan
    entry = one_bad(returns, {"session": DAYS[200]})
    assert (entry["reason"], entry["detail"]) == ("missing day 0", f"no return of A on {DAYS[200]:%a %Y-%m-%d}")


def test_missing_day_0_of_the_factor():
    returns = made_returns()
    market = returns["M"].copy()
    market.loc[DAYS[210]] = np.nan
    entry = one_bad(returns, {"session": DAYS[210]}, model=potash.MarketModel(market))
    assert (entry["reason"], entry["detail"]) == (
        "missing day 0",
        f"the model needs M, which has no return on {DAYS[210]:%a %Y-%m-%d}",
    )


def test_another_missing_day_keeps_the_event():
    returns = made_returns()
    returns.loc[DAYS[201], "A"] = np.nan
    found = study(returns, events(200)).fit()
    assert found.dropped.empty
    assert np.isnan(found.abnormal_returns.loc[("e0", "A"), 1])


def test_no_variation():
    returns = made_returns()
    returns["A"] = 0.0
    entry = one_bad(returns, {"session": DAYS[200]})
    assert entry["reason"] == "no fit"
    assert entry["detail"].startswith("the return or a factor does not vary in the estimation window")


def test_every_firm_event_is_kept_or_in_the_ledger():
    returns = made_returns(5)
    returns["B"], returns.loc[DAYS[200], "C"], returns.loc[DAYS[80] : DAYS[150], "D"] = 0.0, np.nan, np.nan
    found = study(returns, events(200, 299, 240)).fit()
    assert len(found.dropped) + len(found.abnormal_returns) == 15
    assert not set(found.abnormal_returns.index) & set(
        zip(found.dropped["event_id"], found.dropped["ticker"], strict=True)
    )
    reasons = found.dropped.groupby(["event_id", "ticker"])["reason"].first()
    assert reasons["e0", "B"] == "no fit"
    assert reasons["e0", "C"] == "missing day 0"
    assert reasons["e0", "D"] == "too few estimation returns"
    assert (reasons["e1"] == "event window not covered").all()


def test_nothing_usable_says_why():
    with pytest.raises(NoUsableEventsError) as error:
        study(made_returns(2), events(299)).fit()
    assert str(error.value) == (
        "none of the 2 firm-events can be studied: e0 (A): event window not covered: event_window [-5, +5] reaches 5 sessions "
        "past the last session, 2025-02-21, e0 (B): event window not covered: event_window [-5, +5] reaches 5 sessions past "
        "the last session, 2025-02-21. Load prices that cover the events and the estimation windows before them, or shorten "
        "the windows."
    )
    assert isinstance(error.value, ValueError)


def test_a_long_list_of_reasons_is_cut():
    with pytest.raises(NoUsableEventsError, match=r"none of the 10 firm-events.* and 6 more\. Load prices"):
        study(made_returns(10), events(299)).fit()


# -- windows ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("window", "needed"), [((-130, -11), 96), ((-120, -11), 88), ((-21, -11), 9), ((-16, -11), 5)])
def test_by_default_four_fifths_of_the_estimation_window_must_be_there(window, needed):
    assert Windows.of((-5, 5), window, None, 2).min_estimation == needed


def test_exactly_four_fifths_are_enough():
    returns = made_returns(2)
    returns.loc[DAYS[70] : DAYS[93], "A"] = np.nan
    found = study(returns, events(200)).fit()
    assert found.params.loc[("e0", "A"), "nobs"] == 96


def test_min_estimation_can_be_given():
    returns = made_returns(2)
    returns.loc[DAYS[70] : DAYS[149], "A"] = np.nan
    found = study(returns, events(200), min_estimation=40).fit()
    assert found.params["nobs"].tolist() == [40, 120]
    assert len(study(returns, events(200), min_estimation=41).fit().dropped) == 1


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


def test_adjoining_windows_do_not_overlap():
    returns = made_returns(1)
    found = study(returns, events(200), estimation_window=(-105, -6)).fit()
    np.testing.assert_array_equal(np.r_[found.panel.y[0], found.panel.y_event[0]], returns["A"].iloc[95:206])


@pytest.mark.parametrize("window", [(5, -5), (1,), "(-5, 5)", (-5.0, 5.0), 5])
def test_a_window_is_a_pair_of_whole_numbers_in_order(window):
    with pytest.raises(WindowError, match="event_window="):
        study(made_returns(2), events(200), event_window=window)


def test_windows_hold_the_sessions_that_they_say():
    """Both ends included: 120 sessions from -130 to -11, and 11 from -5 to 5."""
    returns = made_returns(1)
    found = study(returns, events(200)).fit()
    np.testing.assert_array_equal(found.panel.y[0], returns["A"].iloc[70:190])
    np.testing.assert_array_equal(found.panel.x[0, :, 0], returns["M"].iloc[70:190])
    np.testing.assert_array_equal(found.panel.y_event[0], returns["A"].iloc[195:206])
    np.testing.assert_array_equal(found.panel.x_event[0, :, 0], returns["M"].iloc[195:206])


def test_windows_that_begin_before_the_data_are_padded_not_wrapped():
    returns = made_returns(1)
    found = study(returns, events(125)).fit()
    assert (found.panel.days[0, :5] == -1).all()
    assert np.isnan(found.panel.y[0, :5]).all()
    assert np.isnan(found.panel.x[0, :5]).all()
    np.testing.assert_array_equal(found.panel.y[0, 5:], returns["A"].iloc[:115])


# -- events ----------------------------------------------------------------------------------------------------------


def test_without_tickers_an_event_is_every_security():
    found = study(made_returns(3), events(200, 240)).fit()
    assert found.events.index.tolist() == [(e, t) for e in ("e0", "e1") for t in "ABC"]


def test_with_tickers_an_event_is_those_in_the_order_given():
    rows = pd.DataFrame({"event_id": ["x", "x", "y"], "ticker": ["C", "A", "B"], "session": DAYS[[200, 201, 240]]})
    found = study(made_returns(3), rows).fit()
    assert found.events.index.tolist() == [("x", "C"), ("x", "A"), ("y", "B")]
    assert found.events["session"].tolist() == list(DAYS[[200, 201, 240]])


def test_other_columns_travel_along():
    found = study(made_returns(1), events(200).assign(title="Sanctions", ambiguous=True)).fit()
    assert found.events.loc[("e0", "A"), ["title", "ambiguous"]].tolist() == ["Sanctions", True]


def test_text_dates_are_dates():
    same = study(made_returns(1), events(200).assign(session=f"{DAYS[200]:%Y-%m-%d}")).fit()
    pd.testing.assert_frame_equal(same.car(), study(made_returns(1), events(200)).fit().car())


def refused(rows: object, message: str, returns: pd.DataFrame | None = None) -> None:
    with pytest.raises(EventsError, match=message):
        study(made_returns(2) if returns is None else returns, rows).fit()


def test_events_that_are_refused():
    refused(["2024-10-10"], "events is a list; a DataFrame with event_id and session is needed")
    refused(events(200).drop(columns="session"), "no column session; found event_id")
    refused(events(200).drop(columns="event_id"), "no column event_id")
    refused(events(200).iloc[:0], "there is no row")
    refused(events(200).assign(event_id=None), "a row has no event_id")
    refused(events(200, 200).assign(event_id="e"), r"stand more than once: e \(A\), e \(B\)")
    refused(events(200).assign(ticker="NTR"), "no returns for 'NTR'.*Returns are there for: A, B")
    refused(events(200).assign(ticker="Aa"), "no returns for 'Aa'")


def test_an_unknown_ticker_gets_a_hint():
    returns = made_returns(2).rename(columns={"A": "ICL.TA"})
    refused(events(200).assign(ticker="ICL"), r"'ICL' \(did you mean 'ICL.TA'\?\)", returns)


def test_a_missing_ticker_is_refused():
    rows = pd.DataFrame({"event_id": ["a", "b"], "ticker": [np.nan, "NTR"], "session": DAYS[[200, 200]]})
    refused(rows, "a row has no ticker")


@pytest.mark.parametrize(
    "moment", [pd.Timestamp("2024-10-10 09:30"), pd.Timestamp("2024-10-10", tz="UTC"), "2024-10-10 09:30"]
)
def test_times_and_zones_are_refused(moment):
    refused(events(200).assign(session=moment), "dates without time and zone. Timeline.align finds them")


def test_text_that_is_no_date_is_refused():
    refused(events(200).assign(session="next week"), "a session is not a date.*Write YYYY-MM-DD")


def test_a_date_that_could_be_two_is_refused():
    """10/11/2024 is the tenth of November in Minsk and the eleventh of October in New York."""
    refused(events(200).assign(session="10/11/2024"), "YYYY-MM-DD")


def test_exchanges_may_be_categories_with_gaps():
    rows = events(200, 240).assign(
        exchange=pd.Categorical(["XNYS", None]), session=pd.to_datetime(["2024-10-10", "2024-12-02"])
    )
    assert len(study(made_returns(1), rows).fit().car()) == 2


def test_whole_numbers_may_be_tickers_and_event_ids():
    returns = made_returns(2).rename(columns={"A": 7203})
    rows = pd.DataFrame({"event_id": [1], "ticker": [7203], "session": [DAYS[200]]})
    found = study(returns, rows).fit()
    assert found.car((0, 0)).shape == (1, 4)


# -- returns and factors ---------------------------------------------------------------------------------------------


def with_value(frame: pd.DataFrame, value: object) -> pd.DataFrame:
    changed = frame.copy()
    changed.iloc[1, 0] = value
    return changed


def test_returns_that_are_refused():
    good = made_returns(2)
    bad = {
        "returns: the index must hold dates without a zone": good.tz_localize("UTC"),
        "returns: the index must hold dates": good.reset_index(drop=True),
        "returns: sessions that stand more than once: 2024-01-01": pd.concat([good.iloc[:1], good]),
        "returns: sessions are not in order": good.iloc[::-1],
        "returns: A on 2024-01-02 is infinite; was a price zero": with_value(good, np.inf),
        "returns: a value is not a number": with_value(good.astype(object), "n/a"),
    }
    for message, frame in bad.items():
        with pytest.raises(InputError, match=message):
            potash.EventStudy(frame[["A", "B"]], events(200), returns_kind="log", model=potash.MeanAdjusted()).fit()
    twice = pd.concat([good[["A"]], good[["A"]]], axis=1)
    with pytest.raises(InputError, match="columns that stand more than once: A"):
        potash.EventStudy(twice, events(200), returns_kind="log", model=potash.MeanAdjusted()).fit()
    with pytest.raises(InputError, match="returns: a Series came in"):
        potash.EventStudy(good["A"], events(200), returns_kind="log", model=potash.MeanAdjusted())
    with pytest.raises(InputError, match="at least one row"):
        potash.EventStudy(good.iloc[:0], events(200), returns_kind="log", model=potash.MeanAdjusted()).fit()


def test_sessions_with_a_time_of_day_are_refused():
    """At 16:00 no session equals a date, and every event would go into the ledger with a puzzling reason."""
    returns = made_returns(2)
    with pytest.raises(InputError, match=r"returns: .*without"):
        study(returns.set_axis(DAYS + pd.Timedelta(hours=16)), events(200), model=potash.MeanAdjusted()).fit()


@pytest.mark.parametrize("kind", ["log", "simple"])
def test_prices_and_percent_are_not_returns(kind):
    returns = made_returns(2)
    prices = 50 * np.exp(returns.cumsum())
    for frame in (prices, returns * 100):
        with pytest.raises(InputError, match=r"Are they .*prices"):
            study(frame, events(200), returns_kind=kind)


def test_a_market_of_prices_or_percent_is_refused_too():
    """The regression runs, and its beta and abnormal returns mean nothing."""
    returns = made_returns(2)
    for market in (400 * np.exp(returns["M"].cumsum()), returns["M"] * 300):
        with pytest.raises(InputError, match="prices or percent"):
            study(returns, events(200), model=potash.MarketModel(market)).fit()


def test_simple_returns_below_minus_one_hundred_percent():
    returns = made_returns(2)
    returns.loc[DAYS[5], "A"] = -1.2
    with pytest.raises(InputError, match="returns: A fall below -100 %"):
        study(returns, events(200), returns_kind="simple")
    assert len(study(returns, events(200), returns_kind="log").fit().car()) == 2


def test_returns_kind_has_no_default_and_lists_what_it_takes():
    returns = made_returns(1)
    with pytest.raises(TypeError, match="returns_kind"):
        potash.EventStudy(returns, events(200), model=potash.MeanAdjusted())
    with pytest.raises(InputError, match=r"returns_kind='ln' is not known.*'simple', 'log'"):
        study(returns, events(200), returns_kind="ln")


def test_a_market_of_other_dates_sends_every_event_to_the_ledger():
    returns = made_returns(2)
    elsewhere = returns["M"].set_axis(DAYS + pd.Timedelta(days=3654))
    with pytest.raises(NoUsableEventsError, match="the model needs M, which has no return on Mon 2024-10-07"):
        study(returns, events(200), model=potash.MarketModel(elsewhere)).fit()


def test_a_market_of_nothing_but_gaps():
    returns = made_returns(2)
    with pytest.raises(NoUsableEventsError, match="the model needs M, which has no return on"):
        study(returns, events(200), model=potash.MarketModel(returns["M"] * np.nan)).fit()


def test_a_market_that_is_longer_or_starts_later():
    returns = made_returns(2)
    longer = pd.concat([pd.Series([0.5], index=[pd.Timestamp("2023-06-01")]), returns["M"]])
    whole = study(returns, events(200)).fit()
    pd.testing.assert_frame_equal(
        study(returns, events(200), model=potash.MarketModel(longer)).fit().car(), whole.car()
    )
    later = study(returns, events(200), model=potash.MarketModel(returns["M"].iloc[80:])).fit()
    assert later.params["nobs"].tolist() == [110, 110]


def test_a_market_with_a_zone_is_refused():
    returns = made_returns(2)
    with pytest.raises(InputError, match="the model's factors: the index must hold dates without a zone"):
        study(returns, events(200), model=potash.MarketModel(returns["M"].tz_localize("UTC"))).fit()


def test_the_callers_frames_are_not_touched():
    returns, rows = made_returns(3), events(200, 240).assign(session=["2024-10-07", "2024-12-02"], exchange=None)
    returns.loc[DAYS[201], "A"] = np.nan
    before, rows_before = returns.copy(), rows.copy()
    found = study(returns, rows)
    found.fit().tests((0, 1))
    found.placebo((0, 1))
    pd.testing.assert_frame_equal(returns, before)
    pd.testing.assert_frame_equal(rows, rows_before)


def test_the_ledger_handed_out_is_a_copy():
    found = study(made_returns(2), events(200, 299)).fit()
    mine = found.dropped
    mine.loc[0, "reason"] = "changed"
    assert found.dropped.loc[0, "reason"] == "event window not covered"


# -- exchanges -------------------------------------------------------------------------------------------------------

NEW_YORK = sessions_between("XNYS", "2024-01-02", "2025-03-31")
TEL_AVIV = sessions_between("XTAE", "2024-01-02", "2025-03-31")
BOTH_OPEN = NEW_YORK.intersection(TEL_AVIV)


def joined(index: pd.DatetimeIndex) -> pd.DataFrame:
    """Return a frame on ``index`` whose values tell the position of a session in its exchange's own calendar."""
    us = pd.Series(np.arange(len(NEW_YORK)) * 1e-4, index=NEW_YORK)
    israel = pd.Series(np.arange(len(TEL_AVIV)) * 1e-4, index=TEL_AVIV)
    return pd.DataFrame({"NTR": us.reindex(index), "ICL.TA": israel.reindex(index)})


def exchange_events(day: pd.Timestamp) -> pd.DataFrame:
    return pd.DataFrame({"event_id": "e", "ticker": ["NTR", "ICL.TA"], "session": day, "exchange": ["XNYS", "XTAE"]})


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


def test_placebo_days_keep_clear_of_the_events_whatever_calendars_the_other_events_use():
    """Days are numbered over the calendars in play, so the numbers of one alignment must not be read by another."""
    rng = np.random.default_rng(0)
    returns = joined(NEW_YORK)
    returns = returns.mask(
        returns.notna(), pd.DataFrame(rng.normal(0, 0.02, returns.shape), returns.index, returns.columns)
    )
    us, israel = BOTH_OPEN[150], BOTH_OPEN[180]
    rows = pd.DataFrame(
        {"event_id": ["us", "il"], "ticker": ["NTR", "ICL.TA"], "session": [us, israel], "exchange": ["XNYS", "XTAE"]}
    )
    found = potash.EventStudy(
        returns, rows, returns_kind="log", model=potash.MeanAdjusted(),
        event_window=(-2, 2), estimation_window=(-110, -11), min_estimation=60,
    )  # fmt: skip
    ordinary = found.placebo_cars((0, 0))
    at = NEW_YORK.get_loc(us)
    crowded = set(NEW_YORK[at - 4 : at + 5]) & set(ordinary.loc[ordinary["event_id"] == "us", "session"])
    assert not crowded


def test_portfolio_of_two_exchanges_has_the_variance_of_its_day():
    """Members are put side by side by offset, so after a holiday of one exchange their days no longer match.

    On day 0 they are the same day, and the correlation across exchanges is there: a standard error without it is too
    small. With three firms each and correlation .4, 13.7 % of 300 studies without an effect rejected at 5 %.
    """
    index, tickers = NEW_YORK.union(TEL_AVIV), ["N1", "N2", "N3", "T1", "T2", "T3"]
    exchanges = ["XNYS"] * 3 + ["XTAE"] * 3
    rows = pd.DataFrame({"event_id": "e", "ticker": tickers, "session": BOTH_OPEN[200], "exchange": exchanges})
    std_errors, holds = [], []
    for seed in range(12):
        rng = np.random.default_rng(seed)
        shocks = np.sqrt(0.4) * rng.normal(0, 1, (len(index), 1)) + np.sqrt(0.6) * rng.normal(0, 1, (len(index), 6))
        returns = pd.DataFrame(0.02 * shocks, index, tickers)
        for ticker, mic in zip(tickers, exchanges, strict=True):
            returns.loc[index.difference(NEW_YORK if mic == "XNYS" else TEL_AVIV), ticker] = np.nan
        found = potash.EventStudy(
            returns,
            rows,
            returns_kind="log",
            model=potash.MeanAdjusted(),
            event_window=(0, 0),
            estimation_window=(-180, -1),
        ).fit()
        std_errors.append(found.portfolio((0, 0))["std_error"].iloc[0])
        holds.append(found.test("portfolio").holds)
    true = 0.02 * np.sqrt((1 + 5 * 0.4) / 6 * (1 + 1 / 180))
    assert not any(holds) or np.mean(std_errors) == pytest.approx(true, rel=0.08)


def test_a_portfolio_needs_as_many_returns_as_a_firm():
    """Five firms that miss different sessions have five in common: a variance on three degrees of freedom is none."""
    returns = made_returns(5)
    for i in range(5):
        returns.iloc[70 + 23 * i : 93 + 23 * i, i] = np.nan
    found = study(returns, events(200)).fit()
    assert found.params["nobs"].tolist() == [97] * 5
    assert found.portfolio_fit.nobs.tolist() == [5]
    test = found.test("portfolio")
    assert np.isnan(test.stat) or not test.holds
