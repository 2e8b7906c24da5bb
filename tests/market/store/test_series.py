"""Series of the store by name, as they were known."""

import datetime as dt

import pandas as pd
import pytest

from potash.errors import NothingStoredError
from potash.market.series import PriceSeries, SeriesKey
from potash.market.store.series import daily_keys, find_key, opened_store, stored_closes, stored_series
from potash.market.store.store import PriceStore
from potash.universe import Universe
from tests.market.store.made_up import CLOSES, DAYS, FACTS, NOON, NTR, answer, at

DAY = dt.timedelta(days=1)
LATER = NOON + 30 * DAY
UNIVERSE = Universe(pd.DataFrame({"exchange": "XNYS", "currency": "USD"}, index=["MOS", "NTR", "ICL"]))
SEVERAL = "adj_close: splits+dividends; close: splits"


def key(text):
    return SeriesKey(*text.split(":"))


def put(store, name, closes=CLOSES, moment=NOON, facts=FACTS, **fields):
    store.put(answer(closes, key=key(name), facts=facts, **fields), at(moment), asked_at=moment, accept_loss=True)


def put_value(store, name, value, facts):
    one = PriceSeries(key(name), pd.DataFrame({"value": value}, index=DAYS[:1]), facts, source="a test")
    store.put(one, at(NOON), asked_at=NOON)


@pytest.fixture
def store(tmp_path):
    with PriceStore(tmp_path / "prices.sqlite", create=True) as opened:
        for name in ("yahoo:NTR", "files:NTR", "files:MOS", "yahoo:CADUSD=X"):
            put(opened, name)
        put_value(opened, "pink_sheet:urea", 300.0, {"frequency": "monthly", "unit": "USD per tonne"})
        put_value(opened, "french:rf", 0.01, {"frequency": "daily"})
        yield opened


def test_yahoo_comes_before_the_files_unless_one_is_named(store):
    keys = daily_keys(store)
    assert {ticker: str(one) for ticker, one in keys.items()} == {
        "NTR": "yahoo:NTR", "MOS": "files:MOS", "CADUSD=X": "yahoo:CADUSD=X",
    }  # fmt: skip
    assert list(daily_keys(store, iter(["MOS", "NTR", "MOS"]))) == ["MOS", "NTR"]
    assert daily_keys(store, ["NTR"], "files") == {"NTR": key("files:NTR")}
    with pytest.raises(NothingStoredError, match=r"no daily prices of 'MOS'.*There are: CADUSD=X, NTR.*pull MOS"):
        daily_keys(store, ["MOS"], "yahoo")


def test_a_ticker_that_is_not_there_is_told_with_a_near_one(store):
    with pytest.raises(NothingStoredError, match=r"'NTX' \(did you mean 'NTR'\?\).*potash prices pull NTX"):
        daily_keys(store, ["NTR", "NTX"])


def test_what_a_day_was_handed_out_stays_when_another_provider_is_pulled_later(store):
    put(store, "yahoo:MOS", moment=NOON + DAY)
    put(store, "yahoo:SQM", moment=NOON + DAY)
    assert {ticker: str(one) for ticker, one in daily_keys(store, as_of="2026-01-20").items()} == {
        "NTR": "yahoo:NTR", "MOS": "files:MOS", "CADUSD=X": "yahoo:CADUSD=X",
    }  # fmt: skip
    assert str(daily_keys(store, as_of="2026-01-21")["MOS"]) == "yahoo:MOS"
    with pytest.raises(
        NothingStoredError, match=r"knew, as of 2026-01-20, no daily prices of 'SQM'\. There are: CADUSD"
    ):
        daily_keys(store, ["SQM"], as_of="2026-01-20")
    with pytest.raises(
        NothingStoredError, match=r"knew, as of 2026-01-19, no daily prices of yahoo, files\. The first pull was"
    ):
        daily_keys(store, as_of="2026-01-19")


def test_a_store_without_daily_prices_says_so(tmp_path):
    with PriceStore(tmp_path / "other.sqlite", create=True) as empty:
        put_value(empty, "pink_sheet:urea", 300.0, {"frequency": "monthly"})
        with pytest.raises(NothingStoredError, match="holds no daily prices of yahoo, files"):
            daily_keys(empty)
    with (
        PriceStore(tmp_path / "empty.sqlite", create=True) as empty,
        pytest.raises(NothingStoredError, match="It is empty"),
    ):
        daily_keys(empty)


def test_a_person_may_name_a_series_shortly(store):
    assert find_key(store, "NTR") == NTR
    assert find_key(store, "files:NTR") == key("files:NTR")
    assert find_key(store, "MOS") == key("files:MOS")
    assert find_key(store, "urea") == key("pink_sheet:urea")
    with pytest.raises(NothingStoredError, match=r"holds no 'ure' \(did you mean 'urea'\?\)\. It holds: files:MOS"):
        find_key(store, "ure")
    put_value(store, "carried:urea", 300.0, {"frequency": "monthly"})
    with pytest.raises(NothingStoredError, match=r"'urea' may be carried:urea, pink_sheet:urea\. Write which one"):
        find_key(store, "urea")


def test_series_are_those_of_the_moment(store):
    put(store, "yahoo:NTR", [c / 2 for c in CLOSES], NOON + DAY, {**FACTS, "name": "Another Co.", "unit": ""})
    put(store, "yahoo:ICL", CLOSES, NOON + DAY)
    (then,) = stored_series(store, [NTR, key("yahoo:ICL")], NOON)
    assert then.key == NTR
    assert then.values["close"].tolist() == CLOSES
    assert then.facts["name"] == "Nutrien Ltd."
    assert then.known_from == (NOON.isoformat(), NOON.isoformat())
    now, icl = stored_series(store, [NTR, key("yahoo:ICL")])
    assert now.values["close"].tolist() == [c / 2 for c in CLOSES]
    assert now.facts == {**FACTS, "name": "Another Co."}, "an empty fact is none"
    assert now.known_from == (NOON.isoformat(), (NOON + DAY).isoformat())
    assert (icl.adjustment, icl.source, icl.ticker) == ("not stated", "a test", "ICL")
    with pytest.raises(
        NothingStoredError, match=r"knew nothing of yahoo:NTR as of 2026-01-01.*first pull was at 2026-01-20T"
    ):
        stored_series(store, [NTR], "2026-01-01")


def test_only_the_closes_wanted_are_read(store):
    put(store, "yahoo:ICL", CLOSES, facts={**FACTS, "adjustment": SEVERAL}, adj_close=[c - 1 for c in CLOSES])
    both = [NTR, key("yahoo:ICL")]
    assert [list(one.values.columns) for one in stored_closes(store, both)] == [["close"], ["adj_close"]]
    assert [one.key for one in stored_closes(store, both[::-1])] == both[::-1]
    assert [list(one.values.columns) for one in stored_closes(store, both, None, ["close"])] == [["close"], ["close"]]
    with pytest.raises(NothingStoredError, match="knew nothing of french:rf, yahoo:NTR"):
        stored_closes(store, [key("french:rf"), NTR], None, ["open"])


def test_a_store_is_taken_or_opened(store):
    assert opened_store(store) is store
    assert opened_store(store.where).series_keys() == store.series_keys()
