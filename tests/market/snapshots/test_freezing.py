"""What is frozen from the store is read back as what was known."""

import datetime as dt

import pandas as pd
import pytest

from potash.errors import InputError, NothingStoredError, SnapshotError
from potash.market.load import load_prices, load_snapshot
from potash.market.series import PriceSeries, SeriesKey
from potash.market.snapshots.freezing import freeze
from potash.market.store.store import PriceStore
from potash.universe import Universe
from tests.market.store.made_up import CLOSES, DAYS, FACTS, NOON, answer, at

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


def frozen(store, folder, name="one", **options):
    return freeze(store, folder, name, **{"now": LATER, "versions": {"potash": "0"}, **options})


def test_what_is_frozen_is_read_back_as_what_was_known(store, tmp_path):
    put(store, "yahoo:NTR", CLOSES, NOON + DAY, {**FACTS, "adjustment": SEVERAL}, adj_close=[c - 1 for c in CLOSES])
    put(store, "yahoo:NTR", [c / 2 for c in CLOSES], NOON + 3 * DAY, {**FACTS, "adjustment": SEVERAL})
    made = frozen(store, tmp_path, as_of=NOON + 2 * DAY)
    assert {str(one.key) for one in made.series} == {
        "yahoo:NTR", "files:MOS", "yahoo:CADUSD=X", "pink_sheet:urea", "french:rf",
    }  # fmt: skip
    assert (made.created, made.as_of) == (LATER, (NOON + 2 * DAY).isoformat())
    for adjustment in ("splits+dividends", "splits"):
        live = load_snapshot(store=store, universe=UNIVERSE, as_of=NOON + 2 * DAY, adjustment=adjustment)
        kept = load_snapshot(tmp_path / "one", UNIVERSE, adjustment=adjustment)
        pd.testing.assert_frame_equal(kept.prices, live.prices, check_freq=False)
        same = [name for name in live.series if name != "file"]
        pd.testing.assert_frame_equal(kept.series[same], live.series[same])
        assert kept.name.rpartition("-")[2] == live.name.rpartition("-")[2], "the same prices, the same digits"
        assert set(kept.files) == {"daily.parquet", "monthly.parquet", "factors.parquet"}
    assert load_prices(tmp_path / "one", UNIVERSE)["NTR"].tolist() == [c - 1 for c in CLOSES]
    # The store goes on; the snapshot stays.
    put(store, "yahoo:NTR", [9.0] * 10, NOON + 9 * DAY)
    assert load_prices(tmp_path / "one", UNIVERSE)["NTR"].tolist() == [c - 1 for c in CLOSES]


def test_all_that_is_known_or_some_of_it_is_frozen(store, tmp_path):
    # The moment of the last pull: whatever is pulled later is known from later.
    assert frozen(store, tmp_path).as_of == store.pulls()["known_from"].max().isoformat()
    some = frozen(store, tmp_path, "two", tickers=["MOS"])
    assert [str(one.key) for one in some.series] == ["files:MOS", "french:rf", "pink_sheet:urea"]
    files = frozen(store, tmp_path, "three", provider="files", tickers=["NTR"])
    assert str(files.series[0].key) == "files:NTR"
    assert frozen(store, tmp_path, "four", as_of=dt.date(2026, 1, 20)).as_of == "2026-01-20"
    assert frozen(store, tmp_path, "five", as_of="2026-01-20").as_of == "2026-01-20"


def test_the_future_cannot_be_frozen(store, tmp_path):
    for later in (LATER + dt.timedelta(seconds=1), f"{LATER:%Y-%m-%d}"):
        with pytest.raises(InputError, match=r"lies after the present moment \(2026-02-19T12:00Z\).*earlier day"):
            frozen(store, tmp_path, as_of=later)
    assert list(tmp_path.glob("one*")) == []
    frozen(store, tmp_path, as_of=LATER)


def test_a_name_is_given_once(store, tmp_path):
    first = frozen(store, tmp_path)
    with pytest.raises(SnapshotError, match="the name is taken"):
        frozen(store, tmp_path)
    assert load_snapshot(tmp_path / "one", UNIVERSE).files == first.files


def test_nothing_is_frozen_of_a_time_before_the_first_pull(store, tmp_path):
    with pytest.raises(NothingStoredError, match="knew nothing"):
        frozen(store, tmp_path, as_of="2026-01-19")
