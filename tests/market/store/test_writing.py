"""What an answer writes into the store: only what is new, whole or not at all."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from potash.errors import BadAnswerError, SeamError
from potash.market.series import SeriesKey
from potash.market.store.store import PriceStore
from potash.market.store.writing import Written
from tests.market.store.made_up import CLOSES, DAYS, FACTS, NOON, NTR, answer, at

DAY = dt.timedelta(days=1)


def closes(store, as_of=None, key=NTR):
    frame = store.read([key], as_of=as_of)[key]
    return frame["close"] if "close" in frame else pd.Series(dtype=float)


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
    history = store.fact_history([NTR])[NTR]["name"]
    assert history == [(pd.Timestamp(NOON), "Nutrien Ltd."), (pd.Timestamp(NOON + DAY), "Another Co.")]


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


def test_what_was_written_is_told_in_full(store):
    first = store.put(answer(CLOSES, volume=[1.0] * 10), at(NOON), asked_at=NOON)
    assert first == Written(20, 0, 0, {}, pd.Timestamp(NOON))
    assert store.put(answer(CLOSES), at(NOON + DAY), asked_at=NOON + DAY) == Written(0, 0, 0, {}, None)
    late = store.put(answer([9.0] * 10), at(NOON + DAY), asked_at=NOON - DAY)
    assert late == Written(0, 0, 0, {}, None, superseded=True)
    assert not first.superseded


def test_an_answer_asked_for_at_the_same_moment_is_taken(store):
    store.put(answer(CLOSES), at(NOON), asked_at=NOON)
    assert store.put(answer([9.0] * 10), at(NOON + DAY), asked_at=NOON).revised == 10


def test_moments_of_all_series_are_a_microsecond_apart_at_least(store):
    names = [SeriesKey("yahoo", name) for name in "ABC"]
    moments = [store.put(answer(CLOSES, key=key), at(NOON), asked_at=NOON).known_from for key in names]
    assert [int((moment - moments[0]) / pd.Timedelta(microseconds=1)) for moment in moments] == [0, 1, 2]
    earlier = store.put(answer([9.0] * 10, key=names[0]), at(NOON - DAY), asked_at=NOON)
    assert earlier.known_from == moments[-1] + pd.Timedelta(microseconds=1)


def test_an_answer_that_stands_for_all_withdraws_what_lies_outside_its_span(store):
    store.put(answer(CLOSES, adj_close=CLOSES), at(NOON), asked_at=NOON)
    halved = answer([c / 2 for c in CLOSES[3:7]], DAYS[3:7])
    written = store.put(halved, at(NOON + DAY), asked_at=NOON + DAY, accept_loss=True)
    assert (written.added, written.revised, written.withdrawn) == (0, 4, 16)
    assert store.read([NTR])[NTR].to_dict("list") == {"close": [c / 2 for c in CLOSES[3:7]]}
    pull = store.pulls().iloc[-1]
    assert (pull["first"], pull["last"]) == (DAYS[0], DAYS[9])
