"""Rows of the store become a frame per series."""

import datetime as dt

import pandas as pd

from potash.market.series import SeriesKey
from potash.market.store.as_of import frames_of
from tests.market.store.made_up import CLOSES, DAYS, NOON, NTR, answer, at

A, B, C = (SeriesKey("yahoo", name) for name in "ABC")
IDS = {A: 7, B: 3, C: 5}
DAY, NEXT = pd.Timestamp("2026-01-05"), pd.Timestamp("2026-01-06")


def row(number, field, session, value):
    return (number, field, session, 0, value)


def test_series_stand_in_the_order_of_their_keys_and_fields_in_theirs():
    rows = [
        row(3, "close", 20260105, 1.0),
        row(3, "open", 20260105, 2.0),
        row(3, "open", 20260106, 3.0),
        row(7, "open", 20260106, 4.0),
    ]
    frames = frames_of(rows, IDS)
    assert list(frames) == [A, B, C]
    assert frames[A].to_dict("index") == {NEXT: {"open": 4.0}}
    assert list(frames[B].columns) == ["open", "close"]
    assert frames[B]["open"].tolist() == [2.0, 3.0]
    assert frames[B]["close"].dropna().to_dict() == {DAY: 1.0}
    assert (len(frames[C]), frames[C].index.name, str(frames[B].dtypes.iloc[0])) == (0, "session", "float64")


def test_neighbours_of_one_field_in_two_series_are_kept_apart():
    frames = frames_of([row(3, "close", 20260105, 1.0), row(7, "close", 20260105, 2.0)], IDS)
    assert (frames[A].loc[DAY, "close"], frames[B].loc[DAY, "close"]) == (2.0, 1.0)


def test_withdrawn_values_are_left_out_and_a_field_of_these_alone_too():
    rows = [
        row(3, "close", 20260105, None),
        row(3, "close", 20260106, 5.0),
        row(3, "volume", 20260105, None),
    ]
    frame = frames_of(rows, IDS)[B]
    assert frame.to_dict("index") == {NEXT: {"close": 5.0}}
    assert frames_of(rows[2:], IDS)[B].empty


def test_no_rows_make_empty_frames():
    frames = frames_of([], IDS)
    assert all(frame.empty and frame.index.name == "session" for frame in frames.values())


def test_the_query_takes_both_ends_of_a_span_and_of_a_moment(store):
    day = dt.timedelta(days=1)
    store.put(answer(CLOSES, volume=[1.0] * 10), at(NOON), asked_at=NOON)
    store.put(answer([9.0] * 10), at(NOON + day), asked_at=NOON + day)
    span = store.read([NTR], ["close"], first=DAYS[2], last=DAYS[4])[NTR]
    assert span["close"].to_dict() == dict.fromkeys(DAYS[2:5], 9.0)
    assert store.read([NTR], first=DAYS[9])[NTR].index.tolist() == [DAYS[9]]
    assert store.read([NTR], last=DAYS[0])[NTR].to_dict("list") == {"close": [9.0], "volume": [1.0]}
    assert store.read([NTR], as_of=NOON)[NTR]["close"].tolist() == CLOSES
    assert store.read([NTR], as_of=NOON - dt.timedelta(microseconds=1))[NTR].empty
    assert store.read([NTR], as_of=NOON + day)[NTR]["close"].tolist() == [9.0] * 10
