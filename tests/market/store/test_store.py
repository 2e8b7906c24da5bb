"""What goes into the store comes out as it was known at each moment, on both databases."""

from __future__ import annotations

import datetime as dt
import time

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from potash.errors import BadAnswerError, InputError, NothingStoredError, SeamError, StoreError
from potash.market.series import SeriesKey
from potash.market.store.store import PriceStore
from tests.market.store.made_up import CLOSES, DAYS, FACTS, NOON, NTR, answer, at, ticking

DAY = dt.timedelta(days=1)


def closes(store, as_of=None, key=NTR):
    frame = store.read([key], as_of=as_of)[key]
    return frame["close"] if "close" in frame else pd.Series(dtype=float)


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


def test_the_same_answer_again_writes_nothing(store):
    store.put(answer(CLOSES), at(NOON), asked_at=NOON)
    before = store.history(NTR), store.pulls()
    again = store.put(answer(CLOSES), at(NOON + DAY), asked_at=NOON + DAY)
    assert again.known_from is None
    assert (again.added, again.revised, again.withdrawn, again.facts) == (0, 0, 0, {})
    pd.testing.assert_frame_equal(store.history(NTR), before[0])
    pd.testing.assert_frame_equal(store.pulls(), before[1])


def test_a_second_answer_leaves_the_bytes_of_the_file_alone(tmp_path):
    path = tmp_path / "prices.sqlite"
    with PriceStore(path, create=True) as store:
        store.put(answer(CLOSES), at(NOON), asked_at=NOON)
    before = path.read_bytes()
    with PriceStore(path) as store:
        store.put(answer(CLOSES), at(NOON + DAY), asked_at=NOON + DAY)
    assert path.read_bytes() == before
    assert sorted(p.name for p in tmp_path.iterdir()) == ["prices.sqlite"]


def test_only_what_changed_is_written_and_each_moment_keeps_its_view(store):
    store.put(answer(CLOSES[:8]), at(NOON), asked_at=NOON)
    later = CLOSES.copy()
    later[2] = 52.75
    written = store.put(answer(later), at(NOON + DAY), asked_at=NOON + DAY)
    assert (written.added, written.revised, written.withdrawn) == (2, 1, 0)
    assert closes(store).tolist() == later
    assert closes(store, as_of=NOON).tolist() == CLOSES[:8]
    assert closes(store, as_of=NOON + DAY - dt.timedelta(microseconds=1)).tolist() == CLOSES[:8]
    assert closes(store, as_of=NOON + DAY).tolist() == later
    assert closes(store, as_of=NOON - DAY).empty
    rows = store.history(NTR)
    assert rows["value"].tolist() == [*CLOSES[:8], 52.75, 53.0, 54.0]
    assert rows["known_from"].nunique() == 2


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


def test_a_session_that_the_provider_no_longer_gives_is_withdrawn_and_may_come_back(store):
    store.put(answer(CLOSES), at(NOON), asked_at=NOON)
    without = answer([*CLOSES[:3], np.nan, *CLOSES[4:]])
    written = store.put(without, at(NOON + DAY), asked_at=NOON + DAY)
    assert (written.added, written.revised, written.withdrawn) == (0, 0, 1)
    assert closes(store).index.tolist() == DAYS.delete(3).tolist()
    assert store.put(without, at(NOON + 2 * DAY), asked_at=NOON + 2 * DAY).known_from is None
    back = store.put(answer(CLOSES), at(NOON + 3 * DAY), asked_at=NOON + 3 * DAY)
    assert back.added == 1
    assert closes(store).tolist() == CLOSES
    assert len(closes(store, as_of=NOON + DAY)) == 9
    assert store.history(NTR)["value"].isna().sum() == 1


def test_sessions_outside_the_span_of_an_answer_are_left_alone(store):
    store.put(answer(CLOSES), at(NOON), asked_at=NOON)
    tail = answer(CLOSES[8:], DAYS[8:], span=("2026-01-14", "2026-01-30"))
    written = store.put(tail, at(NOON + DAY), asked_at=NOON + DAY)
    assert written.withdrawn == 1  # 14 January is the start of the span, 15 January its first value
    assert closes(store).tolist() == CLOSES[:7] + CLOSES[8:]


def test_fields_that_an_answer_does_not_have_are_left_alone(store):
    store.put(answer(CLOSES, volume=[5.0] * 10), at(NOON), asked_at=NOON)
    assert store.put(answer(CLOSES), at(NOON + DAY), asked_at=NOON + DAY).known_from is None
    assert store.read([NTR])[NTR]["volume"].tolist() == [5.0] * 10


def test_a_broken_answer_that_lacks_much_of_the_history_is_refused(store):
    days = pd.bdate_range("2025-01-01", periods=200, name="session")
    store.put(answer([50.0 + i for i in range(200)], days), at(NOON), asked_at=NOON)
    short = answer([50.0 + i for i in range(150)], days, span=("2025-01-01", "2025-12-31"))
    with pytest.raises(BadAnswerError, match=r"yahoo:NTR: the answer lacks 50 of 200 sessions .*--accept-loss"):
        store.put(short, at(NOON + DAY), asked_at=NOON + DAY)
    assert len(closes(store)) == 200
    assert len(store.pulls()) == 1
    written = store.put(short, at(NOON + DAY), asked_at=NOON + DAY, accept_loss=True)
    assert written.withdrawn == 50
    assert len(closes(store)) == 150


def test_noise_of_single_precision_is_no_revision_and_does_not_creep(store):
    exact = np.array(CLOSES)
    store.put(answer(CLOSES), at(NOON), asked_at=NOON)
    for step in range(1, 20):
        noisy = exact * (1 + step * 1e-7)
        moment = NOON + step * DAY
        written = store.put(answer(noisy.tolist()), at(moment), asked_at=moment)
        # Measured against what is stored, so that many small steps are seen as the one large one they make.
        assert (written.revised > 0) == (step == 11), step
    assert np.allclose(closes(store), exact * (1 + 11e-7), rtol=1e-12, atol=0)


def test_a_changed_fact_is_told_and_kept_with_its_moment(store):
    store.put(answer(CLOSES), at(NOON), asked_at=NOON)
    renamed = answer(CLOSES, facts={**FACTS, "name": "Another Co."})
    written = store.put(renamed, at(NOON + DAY), asked_at=NOON + DAY)
    assert written.facts == {"name": "Another Co."}
    assert (written.added, written.revised) == (0, 0)
    assert store.facts([NTR], as_of=NOON)[NTR]["name"] == "Nutrien Ltd."
    assert store.facts([NTR])[NTR]["name"] == "Another Co."
    told = store.fact_history([NTR])[NTR]["name"]
    assert told == [(pd.Timestamp(NOON), "Nutrien Ltd."), (pd.Timestamp(NOON + DAY), "Another Co.")]


def test_moments_of_a_series_only_go_up_even_if_the_clock_goes_back(store):
    first = store.put(answer(CLOSES[:5]), at(NOON), asked_at=NOON)
    second = store.put(answer(CLOSES), at(NOON - DAY), asked_at=NOON)
    assert second.known_from > first.known_from
    # Whoever read at noon reads the same ever after.
    assert closes(store, as_of=NOON).tolist() == CLOSES[:5]


def test_an_answer_asked_for_before_the_stored_one_is_left_out(store):
    store.put(answer(CLOSES), at(NOON + DAY), asked_at=NOON)
    late = store.put(answer([9.0] * 10), at(NOON + 2 * DAY), asked_at=NOON - DAY)
    assert late.superseded
    assert late.known_from is None
    assert closes(store).tolist() == CLOSES


def test_several_series_keep_apart_and_come_in_the_order_asked_for(store):
    other = SeriesKey("pink_sheet", "potassium_chloride")
    store.put(answer(CLOSES), at(NOON), asked_at=NOON)
    store.put(answer([1.0, 2.0], key=other), at(NOON), asked_at=NOON)
    assert store.series_keys() == [other, NTR]
    assert store.series_keys("yahoo") == [NTR]
    found = store.read([NTR, other], ["close"])
    assert list(found) == [NTR, other]
    assert found[other]["close"].tolist() == [1.0, 2.0]
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
def test_every_moment_reads_as_the_answer_of_its_time(tmp_path_factory, told):
    """Against a plain list of answers: at each moment the store holds just what the provider said last."""
    path = tmp_path_factory.mktemp("history") / "prices.sqlite"
    days = DAYS[:6]
    views = []
    with PriceStore(path, create=True) as store:
        for number, values in enumerate(told):
            floats = [np.nan if v is None else float(v) for v in values]
            moment = NOON + number * DAY
            given_now = answer(floats, days, span=("2026-01-05", "2026-01-12"))
            store.put(given_now, at(moment), asked_at=moment, accept_loss=True)
            views.append((moment, given_now.values["close"].dropna()))
        for moment, expected in views:
            assert closes(store, as_of=moment).to_dict() == expected.to_dict()
        assert store.verify() == []


def test_an_answer_of_another_adjustment_does_not_continue_the_history(store):
    store.put(answer(CLOSES[:8], adj_close=CLOSES[:8]), at(NOON), asked_at=NOON)
    tail = answer([c / 2 for c in CLOSES[6:]], DAYS[6:], adj_close=[c / 2 for c in CLOSES[6:]])
    with pytest.raises(SeamError, match=r"adj_close of 2026-01-13 is 25.875 and 51.75 is stored.*whole history"):
        store.put(tail, at(NOON + DAY), asked_at=NOON + DAY)
    apart = answer(CLOSES[8:], DAYS[8:], adj_close=CLOSES[8:])
    with pytest.raises(SeamError, match="no session in common"):
        store.put(apart, at(NOON + DAY), asked_at=NOON + DAY)
    bare = answer(CLOSES[6:], DAYS[6:])
    with pytest.raises(SeamError, match="the answer has no adj_close, and what is stored has"):
        store.put(bare, at(NOON + DAY), asked_at=NOON + DAY)
    assert closes(store).tolist() == CLOSES[:8]
    joined = answer(CLOSES[7:], DAYS[7:], adj_close=CLOSES[7:])
    assert store.put(joined, at(NOON + DAY), asked_at=NOON + DAY).added == 4
    whole = answer([c / 2 for c in CLOSES], adj_close=[c / 2 for c in CLOSES])
    assert store.put(whole, at(NOON + 2 * DAY), asked_at=NOON + 2 * DAY).revised == 20


def test_a_clock_that_was_ahead_does_not_shut_out_later_answers(store):
    ahead = NOON + 300 * DAY
    store.put(answer(CLOSES[:8]), at(ahead), asked_at=ahead)
    written = store.put(answer(CLOSES), at(NOON), asked_at=NOON)
    assert not written.superseded
    assert written.added == 2
    assert written.known_from > pd.Timestamp(ahead)


def test_a_series_of_a_few_sessions_is_not_wholly_withdrawn(store):
    store.put(answer(CLOSES[:3], volume=[1.0] * 3), at(NOON), asked_at=NOON)
    empty = answer([np.nan] * 3, volume=[1.0] * 3)
    with pytest.raises(BadAnswerError, match="lacks 3 of 3 sessions"):
        store.put(empty, at(NOON + DAY), asked_at=NOON + DAY)


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


def test_an_export_of_older_days_must_fit_at_its_end_too(store):
    store.put(answer(CLOSES[5:], DAYS[5:]), at(NOON), asked_at=NOON)
    halved = answer([c / 2 for c in CLOSES[:7]], DAYS[:7])
    with pytest.raises(SeamError, match=r"close of 2026-01-13 is 25.875 and 51.75 is stored, with more after"):
        store.put(halved, at(NOON + DAY), asked_at=NOON + DAY)
    with pytest.raises(SeamError, match=r"prices are stored after 2026-01-05\.\.2026-01-07"):
        store.put(answer(CLOSES[:3], DAYS[:3]), at(NOON + DAY), asked_at=NOON + DAY)
    assert store.put(answer(CLOSES[:7], DAYS[:7]), at(NOON + DAY), asked_at=NOON + DAY).added == 5
    assert closes(store).tolist() == CLOSES


def test_an_answer_that_does_not_continue_can_stand_for_all_if_a_person_says_so(store):
    store.put(answer(CLOSES, adj_close=CLOSES), at(NOON), asked_at=NOON)
    window = answer([c / 2 for c in CLOSES[4:]], DAYS[4:])
    written = store.put(window, at(NOON + DAY), asked_at=NOON + DAY, accept_loss=True)
    assert (written.added, written.revised, written.withdrawn) == (0, 6, 14)
    frame = store.read([NTR])[NTR]
    assert list(frame.columns) == ["close"]
    assert frame["close"].tolist() == [c / 2 for c in CLOSES[4:]]
    assert store.read([NTR], as_of=NOON)[NTR]["adj_close"].tolist() == CLOSES


def test_a_corrected_open_is_no_seam(store):
    store.put(answer(CLOSES[:8], open=CLOSES[:8]), at(NOON), asked_at=NOON)
    tail = answer(CLOSES[6:], DAYS[6:], open=[1.0] * 4)
    assert store.put(tail, at(NOON + DAY), asked_at=NOON + DAY).revised == 2


def test_a_reader_waits_for_a_write_that_took_its_moment_before(address):
    """The write takes noon as its moment and is committed a second later; who asks as of noon in between gets it."""
    import threading

    with PriceStore(address, create=True) as store:
        store.put(answer(CLOSES[:8]), at(NOON - DAY), asked_at=NOON - DAY)
    begun, found = threading.Event(), []

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
        found = closes(store, as_of=NOON).tolist()
        thread.join()
        assert closes(store, as_of=NOON).tolist() == found == CLOSES
