"""The carried snapshot, and one made of a user's folder."""

import dataclasses

import pandas as pd
import pytest

from potash.bundled import carried_files, data_dir
from potash.errors import PricesError, UniverseError
from potash.market.assemble import SERIES_COLUMNS
from potash.market.load import load_prices, load_snapshot
from potash.market.returns import log_returns
from potash.universe import Universe


@pytest.fixture(scope="module")
def carried():
    return load_snapshot()


@pytest.fixture
def universe():
    rows = {"NTR": ("XNYS", "USD"), "ICL.TA": ("XTAE", "ILS"), "APOT.AM": ("XAMM", "JOD")}
    return Universe(pd.DataFrame.from_dict(rows, orient="index", columns=["exchange", "currency"]))


def test_carried_prices_are_the_files_on_every_session(carried):
    prices = carried.prices
    assert (prices.index.name, prices.columns.name) == ("session", "ticker")
    assert (prices.index[0], prices.index[-1]) == (pd.Timestamp("2020-07-01"), pd.Timestamp("2026-01-29"))
    assert prices.loc["2020-07-01", "NTR"] == 28.9086
    assert prices.loc["2024-08-22", "MOS"] == 26.5321
    for path, first, last in [
        ("daily_2020_2022", "2020-07-01", "2022-04-29"),
        ("daily_2024_2026", "2024-08-22", "2026-01-29"),
    ]:
        raw = pd.read_csv(data_dir() / "prices" / f"{path}.csv", index_col="date", parse_dates=True)
        pd.testing.assert_frame_equal(
            prices.loc[first:last, raw.columns], raw, check_names=False, check_freq=False, check_index_type=False
        )


def test_no_return_crosses_the_gap_between_the_files(carried):
    gap = slice("2022-05-02", "2024-08-21")
    assert carried.prices.loc[gap].isna().all(axis=None)
    assert len(carried.prices.loc[gap]) > 570
    assert log_returns(carried.prices).loc["2024-08-22"].isna().all()


def test_series_say_where_each_segment_comes_from(carried):
    series = carried.series
    assert list(series.columns) == SERIES_COLUMNS
    assert len(series) == 16
    assert (series["missing"] == 0).all()
    late = series[(series["ticker"] == "ICL") & (series["segment"] == 2)].iloc[0]
    assert (late["adjustment"], late["observations"], late["exchange"]) == ("splits", 162, "XNYS")
    assert set(series.loc[series["ticker"] != "ICL", "adjustment"]) == {"splits+dividends"}
    assert carried.files == {p: f.sha256 for p, f in carried_files().items() if p.startswith("prices/")}
    assert load_prices().attrs["snapshot"] == carried.name


def test_snapshot_is_frozen_and_named_after_its_bytes(carried, tmp_path, universe):
    with pytest.raises(dataclasses.FrozenInstanceError):
        carried.name = "other"
    (tmp_path / "NTR.csv").write_text("date,close\n2025-01-02,2\n")
    first = load_snapshot(tmp_path, universe)
    assert first.name.startswith("folder-")
    assert load_snapshot(tmp_path, universe).name == first.name
    (tmp_path / "NTR.csv").write_text("date,close\n2025-01-02,3\n")
    assert load_snapshot(tmp_path, universe).name != first.name


def test_folder_joins_exchanges_on_the_union_of_their_sessions(tmp_path, universe):
    (tmp_path / "NTR.csv").write_text("date,adj_close\n2025-11-14,2\n2025-11-18,3\n")
    (tmp_path / "ICL.TA.csv").write_text("date,close\n2025-11-16,5\n2025-11-17,6\n")
    (tmp_path / "APOT.AM.csv").write_text("date,close\n2025-11-15,7\n")
    got = load_snapshot(tmp_path, universe)
    assert [f"{day:%m-%d}" for day in got.prices.index] == ["11-14", "11-15", "11-16", "11-17", "11-18"]
    facts = got.series.set_index("ticker")
    assert facts["missing"].to_dict() == {"NTR": 1, "APOT.AM": -1, "ICL.TA": 0}
    assert facts["adjustment"].to_dict() == {
        "NTR": "adjusted (provider)", "APOT.AM": "not stated", "ICL.TA": "not stated"
    }  # fmt: skip
    assert facts["currency"].to_dict() == {"NTR": "USD", "APOT.AM": "JOD", "ICL.TA": "ILS"}


def test_segments_need_a_session_between_them(tmp_path, universe):
    (tmp_path / "a.csv").write_text("date,NTR\n2025-01-02,2\n2025-01-03,2\n")
    (tmp_path / "b.csv").write_text("date,NTR\n2025-01-07,40\n")
    assert load_snapshot(tmp_path, universe).series["segment"].tolist() == [1, 2]
    (tmp_path / "b.csv").write_text("date,NTR\n2025-01-06,40\n")
    with pytest.raises(
        PricesError, match=r"NTR: a.csv ends 2025-01-03 and b.csv starts 2025-01-06.*one file that holds"
    ):
        load_snapshot(tmp_path, universe)


def test_segments_without_a_calendar_are_refused(tmp_path, universe):
    (tmp_path / "a.csv").write_text("date,APOT.AM\n2025-01-02,2\n")
    (tmp_path / "b.csv").write_text("date,APOT.AM\n2025-03-03,2\n")
    with pytest.raises(PricesError, match="no session of a known calendar between them"):
        load_snapshot(tmp_path, universe)


def test_price_on_a_closed_day_is_refused(tmp_path, universe):
    (tmp_path / "NTR.csv").write_text("date,close\n2025-07-03,2\n2025-07-04,2\n2025-07-05,2\n")
    with pytest.raises(PricesError, match=r"NTR.csv: NTR .* XNYS: 2025-07-04 \(Fri\), 2025-07-05 \(Sat\).*empty"):
        load_snapshot(tmp_path, universe)


def test_unknown_ticker_says_how_to_add_it(tmp_path, universe):
    (tmp_path / "NTX.csv").write_text("date,close\n2025-07-03,2\n")
    with pytest.raises(UniverseError, match=r"'NTX' \(did you mean 'NTR'\?\).*universe=FILE"):
        load_snapshot(tmp_path, universe)
