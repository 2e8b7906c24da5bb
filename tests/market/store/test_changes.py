"""What an answer changes in the store, worked out on frames alone."""

import numpy as np
import pandas as pd
import pytest

from potash.errors import BadAnswerError, SeamError
from potash.market.store.changes import NOISE, changes_of, check_seam, same
from tests.market.store.made_up import DAYS, FACTS, answer

NAN = np.nan


def stored(closes, days=DAYS, **fields):
    return pd.DataFrame({"close": closes, **fields}, index=days[: len(closes)], dtype=np.float64)


def rows(changes):
    return list(zip(changes.field, changes.session, changes.value.tolist(), strict=True))


def test_values_are_the_same_up_to_the_noise_of_single_precision():
    old = np.array([1.0, 1e6, -100.0, 0.0, 0.0])
    assert NOISE == 1e-6
    assert same(old, old * (1 + 0.99e-6)).all()
    assert same(old, old * (1 - 0.99e-6)).all()
    assert same(old[:3], old[:3] * (1 + 1.01e-6)).tolist() == [False] * 3
    assert same(old, old + 1e-9).tolist() == [True, True, True, False, False]
    assert same(np.array([1.0]), np.array([-1.0])).tolist() == [False]


def test_the_noise_allowed_is_that_of_the_larger_of_both():
    # The difference is a millionth of the larger value and more than that of the smaller one.
    small, large = 1.0 - 0.9999999e-6, 1.0
    assert same(np.array([small]), np.array([large])).all()
    assert same(np.array([large]), np.array([small])).all()


def test_added_revised_and_withdrawn_rows_stand_in_this_order():
    new = answer([50.0, 60.0, NAN, 53.0], volume=[1.0, 1.0, 1.0, 1.0])
    changes = changes_of(new, stored([50.0, 51.0, 52.0]), FACTS, accept_loss=True)
    volumes = [("volume", day, 1.0) for day in DAYS[:4]]
    assert rows(changes)[:2] == [("close", DAYS[3], 53.0), ("close", DAYS[1], 60.0)]
    assert rows(changes)[2][:2] == ("close", DAYS[2])
    assert np.isnan(changes.value[2])
    assert rows(changes)[3:] == volumes
    assert (changes.added, changes.revised, changes.withdrawn, changes.facts) == (5, 1, 1, {})
    assert changes


def test_nothing_new_is_no_change():
    nothing = changes_of(answer([50.0, 51.0]), stored([50.0, 51.0], open=[1.0, NAN]), {**FACTS, "unit": "per share"})
    assert not nothing
    assert (rows(nothing), nothing.facts) == ([], {})


def test_a_fact_with_another_value_alone_is_a_change():
    changes = changes_of(answer([50.0], facts={**FACTS, "name": "Another Co."}), stored([50.0]), FACTS)
    assert changes
    assert (rows(changes), changes.facts) == ([], {"name": "Another Co."})


def test_a_field_that_is_stored_nowhere_is_added_whole():
    changes = changes_of(answer([50.0, 51.0]), pd.DataFrame(index=pd.DatetimeIndex([])), {})
    assert (changes.added, changes.revised, changes.withdrawn, changes.facts) == (2, 0, 0, dict(FACTS))


@pytest.mark.parametrize(
    ("known", "gone", "refused"),
    [
        (10, 5, False),  # a handful
        (10, 6, True),
        (200, 10, False),  # a twentieth
        (200, 11, True),
        (1, 1, False),
        (2, 1, False),
        (2, 2, True),  # all of them
        (5, 5, True),
    ],
)
def test_an_answer_may_withdraw_a_handful_or_a_twentieth_and_never_all(known, gone, refused):
    days = pd.bdate_range("2025-01-01", periods=known + 1, name="session")
    closes = [NAN] * gone + [50.0] * (known - gone) + [51.0]
    before = stored([50.0] * known, days)
    if refused:
        with pytest.raises(BadAnswerError, match=f"lacks {gone} of {known} sessions"):
            changes_of(answer(closes, days), before, FACTS)
    else:
        assert changes_of(answer(closes, days), before, FACTS).withdrawn == gone
    assert changes_of(answer(closes, days), before, FACTS, accept_loss=True).withdrawn == gone


@pytest.mark.parametrize("field", ["volume", "dividend", "split"])
def test_volumes_and_actions_may_be_withdrawn(field):
    before = stored([50.0] * 10, **{field: [1.0] * 10})
    new = answer([50.0] * 10, **{field: [NAN] * 9 + [1.0]})
    assert changes_of(new, before, FACTS).withdrawn == 9


@pytest.mark.parametrize("field", ["open", "high", "low", "adj_close"])
def test_prices_may_not(field):
    before = stored([50.0] * 10, **{field: [1.0] * 10})
    new = answer([50.0] * 10, **{field: [NAN] * 9 + [1.0]})
    with pytest.raises(BadAnswerError, match=rf"lacks 9 of 10 .*\({field}: 2026-01-05, 2026-01-06, 2026-01-07\.\.\."):
        changes_of(new, before, FACTS)


# Seams

OLD = stored([50.0 + i for i in range(10)])


@pytest.mark.parametrize(
    ("new", "days"),
    [
        ([55.0, 56.0, 57.0, 58.0, 59.0, 61.0], DAYS[5:].union(pd.DatetimeIndex(["2026-01-19"]))),  # goes on
        ([49.0, 50.0], pd.DatetimeIndex(["2026-01-02", "2026-01-05"])),  # older days
        ([1.0 + i for i in range(10)], DAYS),  # all of it anew: nothing is left beside it
        ([54.0, 9.0, 56.0], DAYS[4:7]),  # both ends fit; what lies inside is a revision
        ([54.0 * (1 + 9e-7), 55.0], DAYS[4:6]),
    ],
)
def test_an_answer_that_continues_the_history_is_taken(new, days):
    check_seam(answer(new, pd.DatetimeIndex(days)), OLD)


@pytest.mark.parametrize(
    ("new", "days", "said"),
    [
        ([27.5, 56.0, 57.0, 58.0, 59.0], DAYS[5:], "close of 2026-01-12 is 27.5 and 55 is stored, with more before"),
        ([50.0, 51.0, 26.0], DAYS[:3], "close of 2026-01-07 is 26 and 52 is stored, with more after"),
        ([54.0, 55.0, 28.0], DAYS[4:7], "close of 2026-01-13 is 28 and 56 is stored, with more after"),
        ([27.0, 55.0, 56.0], DAYS[4:7], "close of 2026-01-09 is 27 and 54 is stored, with more before"),
        ([60.0], pd.DatetimeIndex(["2026-01-19"]), "no session in common"),
        ([40.0], pd.DatetimeIndex(["2026-01-02"]), "prices are stored after 2026-01-02..2026-01-02"),
    ],
)
def test_an_answer_of_another_adjustment_is_refused_with_the_session(new, days, said):
    with pytest.raises(SeamError, match=said):
        check_seam(answer(new, pd.DatetimeIndex(days)), OLD)


def test_an_answer_has_the_closes_that_the_store_has():
    both = OLD.assign(adj_close=OLD["close"])
    with pytest.raises(SeamError, match="the answer has no adj_close, and what is stored has"):
        check_seam(answer(OLD["close"].tolist()), both)
    with_both = answer(OLD["close"].tolist()[5:], DAYS[5:], adj_close=OLD["close"].tolist()[5:])
    with pytest.raises(SeamError, match="the answer has adj_close, and what is stored beside it has none"):
        check_seam(with_both, OLD)
    # Nothing stays beside an answer that covers all.
    check_seam(answer(OLD["close"].tolist(), adj_close=OLD["close"].tolist()), OLD)
    check_seam(answer(OLD["close"].tolist(), adj_close=[NAN] * 10), OLD)


def test_each_sort_of_close_must_fit():
    both = OLD.assign(adj_close=OLD["close"] - 10)
    closes = OLD["close"].tolist()[5:]
    check_seam(answer(closes, DAYS[5:], adj_close=[c - 10 for c in closes]), both)
    with pytest.raises(SeamError, match="adj_close of 2026-01-12 is 46 and 45 is stored"):
        check_seam(answer(closes, DAYS[5:], adj_close=[c - 9 for c in closes]), both)


def test_a_sort_that_is_stored_on_the_other_side_alone_needs_no_fit():
    beside = OLD.assign(adj_close=[NAN] * 7 + [57.0, 58.0, 59.0])
    new = answer([55.0, 56.0, 57.0], DAYS[5:8], adj_close=[1.0, 1.0, 57.0])
    check_seam(new, beside)


def test_without_closes_there_is_no_seam():
    check_seam(answer([1.0]), pd.DataFrame(index=pd.DatetimeIndex([])))
    check_seam(answer([1.0], pd.DatetimeIndex(["2026-01-02"])), OLD * NAN)
    check_seam(answer([NAN, NAN], dividend=[0.5, NAN]), OLD)
