"""What a provider rewrote, against returns and factors worked out here, on both databases."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from potash.errors import NothingStoredError
from potash.market.series import PriceSeries, SeriesKey
from potash.market.store.revisions import COLUMNS, revisions
from potash.market.store.store import PriceStore
from tests.market.store.made_up import CLOSES, DAYS, NOON, NTR, answer, at

DAY = dt.timedelta(days=1)
SPAN = (f"{DAYS[0]:%Y-%m-%d}", f"{DAYS[-1]:%Y-%m-%d}")
NAN = np.nan


def put(store, *views, span=SPAN, **fields):
    """Store closes one day after the other, from noon on."""
    for number, closes in enumerate(views):
        moment = NOON + number * DAY
        more = {name: values[number] for name, values in fields.items()}
        store.put(answer(closes, span=span, **more), at(moment), asked_at=moment, accept_loss=True)


def returns(closes):
    """Return simple returns by day, without the missing prices: today's over yesterday's session, if both are there."""
    changes = {}
    for before, now, day in zip(closes, closes[1:], DAYS[1:], strict=False):
        if before == before and now == now:
            changes[day] = now / before - 1
    return changes


def only(frame):
    assert len(frame) == 1, frame
    return frame.iloc[0]


def test_a_series_told_once_or_only_longer_has_no_revision(store):
    put(store, [*CLOSES[:7], NAN, NAN, NAN])
    assert revisions(store, NTR).empty
    assert list(revisions(store, NTR).columns) == COLUMNS
    put(store, CLOSES)
    assert revisions(store, NTR).empty


def test_a_field_that_is_told_later_than_the_others_has_no_revision(store):
    put(store, CLOSES, CLOSES, volume=[[NAN] * 10, [1000.0] * 10])
    assert revisions(store, NTR).empty


def test_volumes_that_became_zero_are_no_rescaling(store):
    put(store, CLOSES, CLOSES, volume=[[1000.0] * 10, [0.0] * 10])
    row = only(revisions(store, NTR))
    assert (row["level"], row["constant"]) == (0.0, False)


def test_a_dividend_rescales_what_lies_before_it_and_changes_no_return_of_old(store):
    factor = 1 - 0.55 / CLOSES[7]
    old = [*CLOSES[:8], NAN, NAN]
    adjusted = [[*CLOSES[:8], NAN, NAN], [c * factor for c in CLOSES[:8]] + CLOSES[8:]]
    paid = [[NAN] * 10, [*[NAN] * 8, 0.55, NAN]]
    put(store, old, CLOSES, adj_close=adjusted, dividend=paid)
    rows = revisions(store, NTR)
    paid_row = only(rows[rows["field"] == "dividend"])
    assert (paid_row["first"], paid_row["added"]) == (DAYS[8], 1)
    row = only(rows[rows["field"] != "dividend"])
    assert (row["field"], row["first"], row["last"]) == ("adj_close", DAYS[0], DAYS[7])
    assert (row["added"], row["revised"], row["withdrawn"]) == (0, 8, 0)
    assert row["level"] == pytest.approx(factor, abs=1e-12)
    assert row["constant"]
    assert (row["returns_changed"], row["known_from"]) == (0, pd.Timestamp(NOON + DAY))
    assert np.isnan(row["largest_change"])
    assert row["on"] is pd.NaT


def test_a_dividend_told_late_is_a_row_of_its_own_and_changes_one_return(store):
    factor = 1 - 0.55 / CLOSES[5]
    late = [c * factor for c in CLOSES[:6]] + CLOSES[6:]
    paid = [[NAN] * 10, [*[NAN] * 6, 0.55, *[NAN] * 3]]
    put(store, CLOSES, CLOSES, adj_close=[CLOSES, late], dividend=paid)
    rows = revisions(store, NTR).set_index("field")
    assert sorted(rows.index) == ["adj_close", "dividend"]
    action = rows.loc["dividend"]
    assert (action["first"], action["last"], action["added"], action["revised"]) == (DAYS[6], DAYS[6], 1, 0)
    assert pd.isna(action["returns_changed"])
    row = rows.loc["adj_close"]
    before, after = returns(CLOSES), returns(late)
    changed = {day: after[day] - before[day] for day in before if abs(after[day] - before[day]) > 1e-5}
    assert list(changed) == [DAYS[6]]
    assert (row["returns_changed"], row["on"]) == (1, DAYS[6])
    assert row["largest_change"] == pytest.approx(changed[DAYS[6]], abs=1e-12)


def test_a_split_halves_every_earlier_price_and_doubles_the_volume(store):
    volume = [1000.0 + i for i in range(10)]
    put(
        store,
        [*CLOSES[:9], NAN],
        [c / 2 for c in CLOSES],
        volume=[[*volume[:9], NAN], [2 * v for v in volume]],
        split=[[NAN] * 10, [*[NAN] * 9, 2.0]],
    )
    rows = revisions(store, NTR).set_index("field")
    assert sorted(rows.index) == ["close", "split", "volume"]
    assert rows.at["split", "added"] == 1
    rows = rows.drop("split")
    assert rows["level"].to_dict() == {"close": 0.5, "volume": 2.0}
    assert rows["constant"].all()
    assert rows.at["close", "returns_changed"] == 0
    assert pd.isna(rows.at["volume", "returns_changed"])


def test_one_changed_close_changes_two_returns(store):
    changed = [*CLOSES[:4], 56.0, *CLOSES[5:]]
    put(store, CLOSES, changed)
    row = only(revisions(store, NTR))
    before, after = returns(CLOSES), returns(changed)
    moved = {day: after[day] - before[day] for day in before if before[day] != after[day]}
    largest = max(moved, key=lambda day: abs(moved[day]))
    assert (row["first"], row["last"], row["revised"]) == (DAYS[4], DAYS[4], 1)
    assert (row["returns_changed"], row["on"]) == (len(moved), largest) == (2, DAYS[4])
    assert row["largest_change"] == pytest.approx(moved[largest], abs=1e-12)
    assert row["level"] == pytest.approx(56.0 / 50.5)
    assert not row["constant"], "one value moves by any factor"


def test_a_fall_is_told_with_its_sign(store):
    put(store, CLOSES, [*CLOSES[:9], 27.0])
    row = only(revisions(store, NTR))
    assert (row["on"], row["returns_changed"]) == (DAYS[9], 1)
    assert row["largest_change"] == pytest.approx((27.0 - 54.0) / 53.0, abs=1e-12)


def test_a_withdrawn_session_takes_two_returns_with_it_and_brings_them_back(store):
    put(store, CLOSES, [*CLOSES[:3], NAN, *CLOSES[4:]], CLOSES)
    gone, back = (row for _, row in revisions(store, NTR).iterrows())
    for row, counts in ((gone, (0, 0, 1)), (back, (1, 0, 0))):
        assert (row["first"], row["last"]) == (DAYS[3], DAYS[3])
        assert (row["added"], row["revised"], row["withdrawn"]) == counts
        assert row["returns_changed"] == 2
        assert np.isnan(row["largest_change"])
    assert (gone["known_from"], back["known_from"]) == (pd.Timestamp(NOON + DAY), pd.Timestamp(NOON + 2 * DAY))


def test_noise_of_single_precision_is_no_revision(store):
    put(store, CLOSES, [c * (1 + 5e-7) for c in CLOSES])
    assert revisions(store, NTR).empty


def test_volumes_alone_have_no_returns(store):
    put(store, CLOSES, CLOSES, volume=[[10.0] * 10, [*[10.0] * 8, 30.0, 30.0]])
    row = only(revisions(store, NTR))
    assert (row["field"], row["revised"], row["level"]) == ("volume", 2, 3.0)
    assert pd.isna(row["returns_changed"])


def test_volumes_of_zero_have_no_ratio(store):
    put(store, CLOSES, CLOSES, volume=[[0.0, 0.0, *[10.0] * 8], [5.0, 7.0, *[10.0] * 8]])
    row = only(revisions(store, NTR))
    assert (row["revised"], row["constant"]) == (2, False)
    assert np.isnan(row["level"])


def test_pulls_are_chosen_by_when_they_were_known(store):
    put(store, CLOSES, [c / 2 for c in CLOSES], [c / 4 for c in CLOSES], [c / 8 for c in CLOSES])
    moments = [pd.Timestamp(NOON + i * DAY) for i in range(4)]
    assert revisions(store, NTR)["known_from"].tolist() == moments[1:]
    assert revisions(store, NTR)["level"].tolist() == [0.5, 0.5, 0.5]
    assert revisions(store, NTR, since=NOON + DAY)["known_from"].tolist() == moments[2:]
    assert revisions(store, NTR, as_of=NOON + 2 * DAY)["known_from"].tolist() == moments[1:3]
    assert revisions(store, NTR, since=NOON + DAY, as_of=NOON + 2 * DAY)["known_from"].tolist() == [moments[2]]
    # A plain date is its end: what was learnt on that day is not after it.
    assert revisions(store, NTR, since="2026-01-21")["known_from"].tolist() == moments[2:]
    assert revisions(store, NTR, since="2026-01-23").empty


def test_a_series_that_is_not_there_is_named(store):
    put(store, CLOSES)
    with pytest.raises(NothingStoredError, match=r"holds no yahoo:NTX .*did you mean 'yahoo:NTR'"):
        revisions(store, SeriesKey("yahoo", "NTX"))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(st.one_of(st.none(), st.integers(10, 60)), min_size=6, max_size=6).filter(any), min_size=2,
                max_size=5))  # fmt: skip
def test_counts_are_those_of_a_plain_comparison(tmp_path_factory, views):
    """Each pull against the one before it, value by value: what both have and differs, what is gone, what came late."""
    path = tmp_path_factory.mktemp("revisions") / "prices.sqlite"
    with PriceStore(path, create=True) as store:
        expected = []
        for number, view in enumerate(views):
            moment = NOON + number * DAY
            closes = [NAN if v is None else float(v) for v in view]
            store.put(answer(closes, DAYS[:6], span=SPAN), at(moment), asked_at=moment, accept_loss=True)
            if number:
                old = views[number - 1]
                first = min((i for i in range(6) if old[i] is not None), default=6)
                last = max((i for v in views[:number] for i in range(6) if v[i] is not None), default=-1)
                revised = sum(a is not None and b is not None and a != b for a, b in zip(old, view, strict=True))
                gone = sum(a is not None and b is None for a, b in zip(old, view, strict=True))
                late = sum(old[i] is None and view[i] is not None and first < i <= last for i in range(6))
                if revised or gone or late:
                    expected.append((pd.Timestamp(moment), late, revised, gone))
        changes = revisions(store, NTR)
        got = list(changes[["known_from", "added", "revised", "withdrawn"]].itertuples(index=False, name=None))
        assert got == expected


def test_years_filled_in_before_the_first_session_are_no_revision(store):
    put(store, [NAN] * 4 + CLOSES[4:], CLOSES)
    assert revisions(store, NTR).empty


def test_a_factor_is_a_return_itself_and_has_none(store):
    key = SeriesKey("french", "rf")
    for number, value in enumerate((0.01, 0.02)):
        values = pd.DataFrame({"value": [value, 0.01]}, index=DAYS[:2])
        moment = NOON + number * DAY
        store.put(
            PriceSeries(key, values, {"frequency": "daily"}, source="a test", first=DAYS[0], last=DAYS[1]),
            at(moment),
            asked_at=moment,
        )
    row = only(revisions(store, key))
    assert (row["field"], row["revised"]) == ("value", 1)
    assert pd.isna(row["returns_changed"])
    assert np.isnan(row["largest_change"])
