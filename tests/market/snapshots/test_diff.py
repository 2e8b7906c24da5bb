"""What changed between two snapshots, on series whose changes are planted."""

import datetime as dt
import gzip
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from potash.errors import OptionError, SnapshotError
from potash.market.providers.carried import carried_snapshot
from potash.market.series import PriceSeries, SeriesKey
from potash.market.snapshots.diff import diff_snapshots
from potash.market.snapshots.folder import FrozenSnapshot, write_snapshot
from potash.market.snapshots.tables import content_digest
from tests.paths import SHARED

DAYS = pd.bdate_range("2025-01-02", periods=250)
CLOSES = pd.Series(50 * np.exp(np.random.default_rng(11).normal(0, 0.02, 250).cumsum()), DAYS)


def series(values, symbol="NTR", provider="yahoo", *, ticker=None, frequency="daily", source="yfinance 1.7.0", **facts):
    frame = pd.DataFrame(values)
    stated = {"frequency": frequency, "currency": "USD", **facts}
    return PriceSeries(
        SeriesKey(provider, symbol), frame, stated, source=source, ticker=ticker or symbol, adjustment="none"
    )


def snapshot(*difference, name="old"):
    ordered = tuple(sorted(difference, key=lambda one: one.key))
    return FrozenSnapshot(name, Path(name), "2026-01-30", None, {}, content_digest(ordered), {}, ordered)


def diff(old, new, **options):
    return diff_snapshots(snapshot(*old), snapshot(*new, name="new"), **options)


def test_equal_content_differs_in_nothing_whatever_the_name(tmp_path):
    one = series({"close": CLOSES})
    created = dt.datetime(2026, 1, 31, tzinfo=dt.UTC)
    written = write_snapshot(tmp_path, "new", [one], as_of="2026-01-30", created=created, versions={})
    difference = diff_snapshots(snapshot(one), written)
    assert difference.same_content
    for table in (difference.only, difference.facts, difference.values, difference.returns):
        assert table.empty
    assert difference.format() == "old -> new: the same content."


def test_series_in_one_of_them_are_named_with_what_they_cover():
    a, b, c = (series({"close": CLOSES}, name) for name in ("CF", "MOS", "NTR"))
    difference = diff([a, c], [b, c])
    assert difference.only["series"].tolist() == ["yahoo:CF", "yahoo:MOS"]
    assert difference.only["snapshot"].tolist() == ["old", "new"]
    assert (difference.only["sessions"] == 250).all()
    assert difference.only.at[0, "last"] == DAYS[-1]
    assert "yahoo:CF (CF) only in the old one: 250 sessions, 2025-01-02..2025-12-17" in difference.format()
    assert difference.values.empty


def test_facts_that_differ_stand_with_both_values():
    old = series({"close": CLOSES}, name="Nutrien", exchange="XNYS")
    new = series({"close": CLOSES}, name="Nutrien", unit="share", currency="CAD", source="yfinance 1.8.0")
    difference = diff([old], [new]).facts.set_index("fact")
    assert difference["old"].to_dict() == {
        "currency": "USD",
        "exchange": "XNYS",
        "source": "yfinance 1.7.0",
        "unit": None,
    }
    assert difference["new"].to_dict() == {
        "currency": "CAD",
        "exchange": None,
        "source": "yfinance 1.8.0",
        "unit": "share",
    }
    assert "yahoo:NTR currency: USD -> CAD" in diff([old], [new]).format()


def test_added_removed_and_changed_values_are_counted_with_their_span():
    new = CLOSES.copy()
    new.iloc[:3] = np.nan
    new.iloc[100] *= 1.01
    new.iloc[120] *= 0.97
    later = pd.Series(50.0, pd.bdate_range(DAYS[-1] + pd.Timedelta(days=1), periods=5))
    difference = diff([series({"close": CLOSES})], [series({"close": pd.concat([new, later])})])
    rows = difference.values.set_index("change")
    assert rows["count"].to_dict() == {"added": 5, "removed": 3, "changed": 2}
    assert rows["of"].to_dict() == {"added": 252, "removed": 250, "changed": 247}
    assert rows["first"].to_dict() == {"added": later.index[0], "removed": DAYS[0], "changed": DAYS[100]}
    assert rows["last"].to_dict() == {"added": later.index[-1], "removed": DAYS[2], "changed": DAYS[120]}
    assert rows.at["changed", "largest"] == pytest.approx(0.03)
    assert rows["factor"].isna().all()
    assert "yahoo:NTR close: 2 of 247 changed, 2025-05-22..2025-06-19, by up to 3 %" in difference.format()


def test_a_field_in_one_of_them_is_added_or_removed_whole():
    old, new = series({"close": CLOSES, "volume": CLOSES}), series({"close": CLOSES, "open": CLOSES})
    rows = diff([old], [new]).values
    assert rows[["field", "change", "count"]].to_numpy().tolist() == [
        ["open", "added", 250],
        ["volume", "removed", 250],
    ]


def test_a_dividend_that_rescales_the_past_is_a_factor_and_moves_no_return():
    old, new = series({"adj_close": CLOSES, "close": CLOSES}), series({"adj_close": CLOSES * 0.9875, "close": CLOSES})
    difference = diff([old], [new])
    row = difference.values.iloc[0]
    assert (len(difference.values), row["field"], row["count"]) == (1, "adj_close", 250)
    assert row["factor"] == pytest.approx(0.9875)
    assert row["largest"] == pytest.approx(0.0125)
    assert difference.returns.empty
    assert "all by the factor 0.9875" in difference.format()


def test_rounding_to_four_decimals_hides_neither_the_factor_nor_makes_returns():
    rounded = [(CLOSES * factor).round(4) for factor in (1, 0.98)]
    difference = diff(*([series({"adj_close": values})] for values in rounded))
    assert difference.values.at[0, "factor"] == pytest.approx(0.98, abs=1e-5)
    assert difference.returns.empty


def test_one_changed_value_is_no_factor():
    new = CLOSES.where(CLOSES.index != DAYS[5], CLOSES * 2)
    assert np.isnan(diff([series({"close": CLOSES})], [series({"close": new})]).values.at[0, "factor"])


def test_noise_of_single_precision_is_no_factor():
    difference = diff([series({"close": CLOSES})], [series({"close": CLOSES.astype("float32").astype("float64")})])
    assert difference.values.at[0, "count"] > 200
    assert np.isnan(difference.values.at[0, "factor"])
    assert difference.values.at[0, "largest"] < 1e-7
    assert difference.returns.empty


def test_a_dividend_within_the_span_moves_one_return():
    """Before day 60 all prices fall by 2 %: the return of day 60 rises from r to (1 + r) / 0.98 - 1."""
    new = CLOSES.where(CLOSES.index >= DAYS[60], CLOSES * 0.98)
    difference = diff([series({"adj_close": CLOSES})], [series({"adj_close": new})])
    assert difference.values.at[0, "factor"] == pytest.approx(0.98)
    assert difference.values.at[0, "last"] == DAYS[59]
    row = difference.returns.iloc[0]
    was = CLOSES.iloc[60] / CLOSES.iloc[59] - 1
    assert (row["field"], row["compared"], row["differ"], row["session"]) == ("adj_close", 249, 1, DAYS[60])
    assert row["old"] == pytest.approx(was)
    assert row["new"] == pytest.approx((1 + was) / 0.98 - 1)
    assert row["largest"] == pytest.approx(row["new"] - row["old"])
    assert f"1 of 249, most on {DAYS[60]:%Y-%m-%d}: {100 * was:+.3f} %" in difference.format()


@pytest.mark.parametrize(("shift", "differ"), [(0.9e-5, 0), (1.1e-5, 1)])
def test_the_limit_of_a_return_that_differs(shift, differ):
    new = CLOSES.where(CLOSES.index < DAYS[60], CLOSES * (1 + shift / (CLOSES.iloc[60] / CLOSES.iloc[59])))
    assert len(diff([series({"close": CLOSES})], [series({"close": new})]).returns) == differ


def test_returns_are_compared_between_the_same_sessions_only():
    new = CLOSES.drop(DAYS[10])
    difference = diff([series({"close": CLOSES})], [series({"close": new})])
    assert difference.values["change"].tolist() == ["removed"]
    assert difference.returns.empty
    new.iloc[0] *= 2
    assert diff([series({"close": CLOSES})], [series({"close": new})]).returns.at[0, "compared"] == 247


def test_returns_come_from_the_first_field_that_both_have():
    doubled = CLOSES.where(CLOSES.index > DAYS[5], CLOSES * 2)
    old = series({"adj_close": CLOSES, "close": CLOSES})
    assert diff([old], [series({"adj_close": CLOSES, "close": doubled})]).returns.empty
    assert diff([old], [series({"close": doubled})]).returns.at[0, "field"] == "close"
    assert diff([old], [series({"adj_close": np.nan, "close": doubled})]).returns.at[0, "field"] == "close"
    assert diff([old], [series({"volume": CLOSES})]).returns.empty


def test_prices_that_are_not_positive_have_no_return():
    old, new = CLOSES.copy(), CLOSES.copy()
    old.iloc[7], new.iloc[7] = -1.0, 0.0
    difference = diff([series({"close": old})], [series({"close": new})])
    assert difference.returns.empty
    assert difference.values.at[0, "count"] == 1
    back = diff([series({"close": new})], [series({"close": old})]).values
    assert (back.at[0, "largest"], np.isnan(back.at[0, "factor"])) == (np.inf, True)


@pytest.mark.parametrize(("unit", "scale"), [("percent per day", 0.01), ("fraction", 1.0)])
def test_factors_are_returns_themselves(unit, scale):
    old = pd.Series([0.10, -0.20, 0.0, 0.30], DAYS[:4])
    new = old.copy()
    new.iloc[1] = -0.25
    pair = [[series({"value": values}, "mkt_rf", "french", unit=unit)] for values in (old, new)]
    row = diff(*pair).returns.iloc[0]
    assert (row["compared"], row["differ"], row["session"]) == (4, 1, DAYS[1])
    assert (row["old"], row["new"]) == (pytest.approx(-0.20 * scale), pytest.approx(-0.25 * scale))


def test_monthly_prices_have_returns_from_month_to_month():
    months = pd.date_range("2024-01-01", periods=4, freq="MS")
    old = pd.Series([100.0, 110.0, 110.0, 121.0], months)
    pair = [[series({"value": v}, "urea", "pink_sheet", frequency="monthly")] for v in (old, old.replace(121.0, 132.0))]
    row = diff(*pair).returns.iloc[0]
    assert (row["compared"], row["old"], row["new"]) == (3, pytest.approx(0.1), pytest.approx(0.2))


def test_tickers_match_across_providers_when_asked():
    old, new = series({"close": CLOSES}, provider="carried"), series({"close": CLOSES}, "NTR.N", ticker="NTR")
    assert len(diff([old], [new]).only) == 2
    difference = diff([old], [new], by="ticker")
    assert difference.only.empty
    assert difference.values.empty
    assert not difference.same_content
    with pytest.raises(SnapshotError, match=r"'new': more than one series of NTR"):
        diff([old], [new, series({"close": CLOSES}, "NTR")], by="ticker")
    with pytest.raises(OptionError, match="by='symbol'"):
        diff([old], [new], by="symbol")


def test_long_differences_are_cut_with_the_number_left_out():
    old = [series({"close": CLOSES}, f"T{i:02}") for i in range(20)]
    new = [series({"close": CLOSES * 1.5}, f"T{i:02}") for i in range(20)]
    text = diff(old, new).format()
    assert "yahoo:T14" in text
    assert "yahoo:T15" not in text
    assert "  and 5 more" in text
    assert "Facts that differ:\n  none" in text


def test_the_diff_leaves_the_snapshots_alone():
    one, two = series({"close": CLOSES}), series({"close": CLOSES * 2})
    diff([one], [two])
    pd.testing.assert_series_equal(
        one.values["close"], CLOSES, check_names=False, check_freq=False, check_index_type=False
    )
    pd.testing.assert_series_equal(
        two.values["close"], CLOSES * 2, check_names=False, check_freq=False, check_index_type=False
    )


REFERENCE = SHARED / "data" / "reference" / "equities_2015_2024.csv.gz"


@pytest.mark.skipif(not REFERENCE.exists(), reason="shared/data/reference is not on this machine")
def test_real_prices_cut_and_rescaled_keep_their_returns():
    with gzip.open(REFERENCE) as stream:
        frame = pd.read_csv(stream, parse_dates=["date"])
    bars = {
        ticker: part.set_index("date").sort_index()[["adj_close", "close", "volume"]].astype(float)
        for ticker, part in frame.groupby("ticker")
    }
    old = [series(values.loc[:"2023-12-31"], ticker) for ticker, values in bars.items()]
    new = [series(values.assign(adj_close=values["adj_close"] * 0.993), ticker) for ticker, values in bars.items()]
    difference = diff(old, new)
    assert difference.returns.empty
    changed = difference.values[difference.values["change"] == "changed"]
    assert len(changed) == len(bars)
    np.testing.assert_allclose(changed["factor"].astype(float), 0.993, rtol=1e-9)
    assert set(difference.values.loc[difference.values["change"] == "added", "first"].dt.year) == {2024}


def test_by_ticker_the_files_of_a_ticker_are_one_series():
    parts = [series({"close": CLOSES[:100]}, "a.csv:NTR", "carried", ticker="NTR")]
    parts.append(series({"close": CLOSES[150:]}, "b.csv:NTR", "carried", ticker="NTR"))
    other = CLOSES.copy()
    other.iloc[20] *= 1.1
    difference = diff(parts, [series({"close": other})], by="ticker")
    changes = difference.values.set_index("change")["count"].to_dict()
    assert changes == {"changed": 1, "added": 50}
    assert difference.only.empty
    text = difference.format().split("Values that differ")[1]
    assert text.index("changed") < text.index("added"), "what was rewritten comes before what is new"


def test_the_carried_prices_can_be_compared_by_ticker():
    carried = carried_snapshot()
    assert diff_snapshots(carried, carried, by="ticker").same_content
