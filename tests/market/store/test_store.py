"""What goes into the store comes out as it was known at each moment, on both databases."""

from __future__ import annotations

import datetime as dt
import time

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from potash.errors import InputError, NothingStoredError, StoreError
from potash.market.series import SeriesKey
from potash.market.store import store as reading_store
from potash.market.store.store import PriceStore
from tests.market.store.made_up import CLOSES, DAYS, FACTS, NOON, NTR, answer, at, ticking

DAY = dt.timedelta(days=1)


def closes(store, as_of=None, key=NTR):
    frame = store.read([key], as_of=as_of)[key]
    return frame["close"] if "close" in frame else pd.Series(dtype=float)


def test_facts_have_the_history_that_was_known_at_a_moment(store):
    for number, name in enumerate(("Old Co.", "New Co.")):
        moment = NOON + number * DAY
        store.put(answer(CLOSES, facts={**FACTS, "name": name}), at(moment), asked_at=moment)
    old, new = (pd.Timestamp(NOON), "Old Co."), (pd.Timestamp(NOON + DAY), "New Co.")
    assert store.fact_history([NTR], as_of=NOON)[NTR]["name"] == [old]
    assert store.fact_history([NTR])[NTR]["name"] == [old, new]


def test_what_goes_in_comes_out_exactly(store):
    values = np.random.default_rng(1).normal(50, 9, 10).tolist()
    written = store.put(answer(values, volume=[1e6 + i for i in range(10)]), at(NOON), asked_at=NOON)
    assert (written.added, written.revised, written.withdrawn, written.facts) == (20, 0, 0, {})
    assert written.known_from == pd.Timestamp(NOON)
    frame = store.read([NTR])[NTR]
    assert frame["close"].tolist() == values
    assert frame.index.equals(DAYS)
    assert frame.index.name == "session"
    assert list(frame.columns) == ["close", "volume"]
    assert store.facts([NTR])[NTR] == FACTS
    assert store.series_keys() == [NTR]


def test_a_plain_date_means_the_end_of_that_day_in_utc(store):
    last = dt.datetime(2026, 1, 20, 23, 59, 59, 999_999, tzinfo=dt.UTC)
    store.put(answer([1.0]), at(last), asked_at=last)
    assert closes(store, as_of="2026-01-19").empty
    assert closes(store, as_of="2026-01-20").tolist() == [1.0]
    assert closes(store, as_of=dt.date(2026, 1, 20)).tolist() == [1.0]
    first = last + dt.timedelta(microseconds=1)
    store.put(answer([2.0]), at(first), asked_at=first)
    assert closes(store, as_of="2026-01-20").tolist() == [1.0]
    assert closes(store, as_of="2026-01-21").tolist() == [2.0]
    # The same moment told in another zone.
    assert closes(store, as_of="2026-01-21T01:00:00+01:00").tolist() == [2.0]


@pytest.mark.parametrize(
    "wrong",
    [
        "yesterday",
        "2026-13-01",
        "2026-01-15 09:30",
        "05/01/2026",
        "5.1.2026",
        "2026",
        "2026-01",
        "9999-12-31",
        float("nan"),
        object(),
    ],
)
def test_a_moment_that_is_none_is_refused(store, wrong):
    store.put(answer([1.0]), at(NOON), asked_at=NOON)
    with pytest.raises(InputError, match="as_of"):
        store.read([NTR], as_of=wrong)


def test_several_series_keep_apart_and_come_in_the_order_asked_for(store):
    other = SeriesKey("pink_sheet", "potassium_chloride")
    store.put(answer(CLOSES), at(NOON), asked_at=NOON)
    store.put(answer([1.0, 2.0], key=other), at(NOON), asked_at=NOON)
    assert store.series_keys() == [other, NTR]
    assert store.series_keys("yahoo") == [NTR]
    values = store.read([NTR, other], ["close"])
    assert list(values) == [NTR, other]
    assert values[other]["close"].tolist() == [1.0, 2.0]
    assert store.read([NTR], first=DAYS[2], last=DAYS[4])[NTR].index.equals(DAYS[2:5])


def test_a_series_that_is_not_there_is_named_with_what_is(store):
    store.put(answer(CLOSES), at(NOON), asked_at=NOON)
    with pytest.raises(
        NothingStoredError, match=r"holds no yahoo:NTX \(did you mean 'yahoo:NTR'\?\)\. It holds: yahoo:NTR"
    ):
        store.read([SeriesKey("yahoo", "NTX")])
    assert isinstance(NothingStoredError("x"), ValueError)


def test_learnt_tells_since_when_each_value_is_known(store):
    store.put(answer(CLOSES[:8]), at(NOON), asked_at=NOON)
    revised = [49.0, *CLOSES[1:]]
    store.put(answer(revised), at(NOON + DAY), asked_at=NOON + DAY)
    learnt = store.learnt(NTR, "close")
    assert learnt.iloc[0] == learnt.iloc[9] == pd.Timestamp(NOON + DAY)
    assert (learnt.iloc[1:8] == pd.Timestamp(NOON)).all()
    assert (store.learnt(NTR, "close", as_of=NOON) == pd.Timestamp(NOON)).all()


def test_pulls_say_what_was_asked_and_changed(store):
    store.put(answer(CLOSES[:8], span=("2026-01-01", "2026-01-14")), ticking(), asked_at=NOON - DAY)
    (row,) = store.pulls().to_dict("records")
    assert row["series"] == "yahoo:NTR"
    assert row["known_from"] == pd.Timestamp(NOON)
    assert row["asked_at"] == pd.Timestamp(NOON - DAY)
    assert (row["first"], row["last"]) == (pd.Timestamp("2026-01-01"), pd.Timestamp("2026-01-14"))
    assert (row["source"], row["added"], row["revised"], row["withdrawn"]) == ("a test", 8, 0, 0)


def test_a_store_is_opened_again_by_another_object(store, address):
    store.put(answer(CLOSES), at(NOON), asked_at=NOON)
    with PriceStore(address) as again:
        assert closes(again).tolist() == CLOSES
        assert again.verify() == []


def test_no_store_is_made_by_reading(address, tmp_path):
    with pytest.raises(StoreError, match="potash prices pull"):
        PriceStore(address)
    assert list(tmp_path.iterdir()) == []


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.lists(st.one_of(st.none(), st.integers(1, 40)), min_size=6, max_size=6).filter(any), min_size=1, max_size=6
    )
)
def test_every_moment_reads_as_the_answer_of_its_time(tmp_path_factory, answers):
    """Against a plain list of answers: at each moment the store holds just what the provider said last."""
    path = tmp_path_factory.mktemp("history") / "prices.sqlite"
    days = DAYS[:6]
    views = []
    with PriceStore(path, create=True) as store:
        for number, values in enumerate(answers):
            floats = [np.nan if v is None else float(v) for v in values]
            moment = NOON + number * DAY
            given_now = answer(floats, days, span=("2026-01-05", "2026-01-12"))
            store.put(given_now, at(moment), asked_at=moment, accept_loss=True)
            views.append((moment, given_now.values["close"].dropna()))
        for moment, expected in views:
            assert closes(store, as_of=moment).to_dict() == expected.to_dict()
        assert store.verify() == []


@pytest.mark.parametrize("symbol", ["", "N" * 121, "NTR\x00", "NTR\n"])
def test_a_symbol_that_no_database_keeps_is_refused(symbol):
    with pytest.raises(InputError, match="1 to 120 printable"):
        SeriesKey("yahoo", symbol)


@pytest.mark.parametrize("name", ["with space%20.sqlite", "a?b.sqlite", "a#b.sqlite"])
def test_a_file_of_any_name(tmp_path, name):
    with PriceStore(tmp_path / name, create=True) as store:
        store.put(answer(CLOSES), at(NOON), asked_at=NOON)
    assert [p.name for p in tmp_path.iterdir()] == [name]
    with PriceStore(tmp_path / name) as store:
        assert closes(store).tolist() == CLOSES


def test_a_reader_waits_for_a_write_that_took_its_moment_before(address):
    """The write takes noon as its moment and is committed a second later; who asks as of noon in between gets it."""
    import threading

    with PriceStore(address, create=True) as store:
        store.put(answer(CLOSES[:8]), at(NOON - DAY), asked_at=NOON - DAY)
    begun, values = threading.Event(), []

    def slow_clock():
        begun.set()
        time.sleep(1.0)
        return NOON

    def write():
        with PriceStore(address) as other:
            other.put(answer(CLOSES), slow_clock, asked_at=NOON)

    thread = threading.Thread(target=write)
    thread.start()
    begun.wait(10)
    with PriceStore(address) as store:
        values = closes(store, as_of=NOON).tolist()
        thread.join()
        assert closes(store, as_of=NOON).tolist() == values == CLOSES


def test_a_reader_of_a_moment_that_is_stored_waits_for_no_one(store, monkeypatch):
    store.put(answer(CLOSES), at(NOON), asked_at=NOON)

    def taken(_):
        raise AssertionError("no lock is needed")

    monkeypatch.setattr(reading_store, "writing", taken)
    assert closes(store, as_of=NOON).tolist() == CLOSES
    assert closes(store, as_of=NOON - DAY).empty
    with pytest.raises(AssertionError, match="no lock"):
        closes(store, as_of=NOON + DAY)
