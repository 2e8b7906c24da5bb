"""The series of some tickers, from every kind of place."""

import datetime as dt

import pandas as pd
import pytest

from potash.errors import NothingStoredError, SnapshotError, StoreError
from potash.market.load import load_prices
from potash.market.quality.compare.sources import series_from
from potash.market.series import PriceSeries, SeriesKey
from potash.market.snapshots.folder import write_snapshot
from potash.market.snapshots.freezing import freeze
from potash.market.store.store import PriceStore
from tests.market.store.made_up import CLOSES, DAYS, FACTS, NOON, answer, at

DAY = dt.timedelta(days=1)


@pytest.fixture
def place(tmp_path, monkeypatch):
    """The address of a store that holds NTR of Yahoo and of files, and MOS of files."""
    monkeypatch.setenv("POTASH_HOME", str(tmp_path))
    with PriceStore(tmp_path / "prices.sqlite", create=True) as store:
        for provider, ticker, factor in (("yahoo", "NTR", 1), ("files", "NTR", 2), ("files", "MOS", 3)):
            one = answer([factor * c for c in CLOSES], key=SeriesKey(provider, ticker), volume=[1.0] * 10)
            store.put(one, at(NOON), asked_at=NOON)
        moved = answer([9.0] * 10, key=SeriesKey("yahoo", "NTR"))
        store.put(moved, at(NOON + 5 * DAY), asked_at=NOON + 5 * DAY)
        freeze(store, tmp_path / "snapshots", "one", now=NOON + DAY, versions={}, as_of=NOON + DAY)
    return tmp_path / "prices.sqlite"


def closes(series):
    return {ticker: one.values["close"].tolist() for ticker, one in series.items()}


def names(series):
    return {one.source for one in series.values()}


def test_the_store_gives_the_bars_of_the_preferred_provider(place):
    series = series_from("store", ["MOS", "NTR"], place)
    assert closes(series) == {"MOS": [3 * c for c in CLOSES], "NTR": [9.0] * 10}
    assert list(series) == ["MOS", "NTR"]
    assert names(series) == {"files and yahoo"}
    assert list(series["MOS"].values.columns) == ["close", "volume"]
    assert closes(series_from("store", ["NTR"])) == {"NTR": [9.0] * 10}, "the default store"
    assert names(series_from("store", ["NTR"], place)) == {"yahoo"}


def test_a_provider_of_the_store_by_name_and_as_of_a_date(place):
    assert closes(series_from("files", ["NTR"], place)) == {"NTR": [2 * c for c in CLOSES]}
    assert closes(series_from("yahoo", ["NTR"], place, NOON)) == {"NTR": CLOSES}
    with pytest.raises(NothingStoredError, match="holds no daily prices of 'MOS'"):
        series_from("yahoo", ["MOS"], place)
    with pytest.raises(NothingStoredError, match=r"knew, as of 2026-01-01, no daily prices of yahoo\. The first pull"):
        series_from("yahoo", ["NTR"], place, "2026-01-01")
    with pytest.raises(StoreError, match="potash prices pull"):
        series_from("store", ["NTR"], place.with_name("none.sqlite"))


def test_a_snapshot_by_name_and_by_folder(place):
    for name in ("one", str(place.parent / "snapshots" / "one")):
        series = series_from(name, ["NTR", "MOS"])
        assert closes(series) == {"NTR": CLOSES, "MOS": [3 * c for c in CLOSES]}
        assert names(series) == {"one"}
    with pytest.raises(NothingStoredError, match=r"snapshot one has no daily prices of SQM\. It has: MOS, NTR"):
        series_from("one", ["NTR", "SQM"])
    with pytest.raises(SnapshotError, match=r"no snapshot 'ono' \(did you mean 'one'\?\)"):
        series_from("ono", ["NTR"])


def test_a_folder_of_files(tmp_path):
    (tmp_path / "NTR.csv").write_text("date,open,close,volume\n2025-01-02,1,2,100\n2025-01-03,2,3,200\n")
    series = series_from(str(tmp_path), ["NTR"])
    assert names(series) == {tmp_path.name}
    assert series["NTR"].values.to_dict("list") == {"open": [1.0, 2.0], "close": [2.0, 3.0], "volume": [100.0, 200.0]}
    with pytest.raises(NothingStoredError, match=rf"{tmp_path} has no daily prices of MOS\. It has: NTR"):
        series_from(str(tmp_path), ["MOS"])


def test_the_carried_prices_of_both_files_follow_each_other():
    series = series_from("carried", ["NTR", "ICL"])
    assert names(series) == {"carried"}
    whole = load_prices()
    for ticker, bars in ((ticker, one.values) for ticker, one in series.items()):
        assert bars.index.is_monotonic_increasing
        assert bars.index.is_unique
        closes_of = bars[["close", "adj_close"]].bfill(axis=1)["close"] if "close" in bars else bars["adj_close"]
        assert closes_of.to_dict() == whole[ticker].dropna().to_dict()
    assert list(series["NTR"].values.columns) == ["adj_close"]


def test_a_ticker_of_several_providers_in_one_snapshot_is_refused(tmp_path):
    values = pd.DataFrame({"close": CLOSES}, index=DAYS)
    series = [PriceSeries(SeriesKey(p, "NTR"), values, FACTS, source="a test") for p in ("files", "yahoo")]
    write_snapshot(tmp_path, "both", series, as_of="2026-01-20", created=NOON, versions={})
    with pytest.raises(SnapshotError, match="snapshot both: NTR from several providers"):
        series_from(str(tmp_path / "both"), ["NTR"])


def test_monthly_prices_and_factors_are_no_bars(tmp_path):
    months = pd.DataFrame({"value": [1.0]}, index=DAYS[:1])
    series = [
        PriceSeries(SeriesKey("french", "rf"), months, {"frequency": "daily"}, source="a test"),
        PriceSeries(SeriesKey("pink_sheet", "urea"), months, {"frequency": "monthly"}, source="a test"),
    ]
    write_snapshot(tmp_path, "others", series, as_of="2026-01-20", created=NOON, versions={})
    for name in ("rf", "urea"):
        with pytest.raises(NothingStoredError, match=f"has no daily prices of {name}. It has: none"):
            series_from(str(tmp_path / "others"), [name])
