"""Everything that a snapshot was given is checked, wherever it comes from."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from potash.errors import UniverseError
from potash.market.assemble import Snapshot
from potash.market.load import load_snapshot
from potash.market.quality.checking import check_daily, check_facts, check_snapshot
from potash.market.quality.findings import COLUMNS
from potash.market.series import PriceSeries, SeriesKey
from potash.market.snapshots.freezing import freeze
from potash.market.store.store import PriceStore
from potash.universe import Universe, load_universe
from tests.market.store.made_up import at
from tests.support.made_bars import made_bars

KNOWN = dt.datetime(2024, 3, 15, 12, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
FACTS = {"frequency": "daily", "currency": "USD", "name": "Nutrien Ltd.", "adjustment": "adj_close: all; close: splits"}
UNIVERSE = Universe(pd.DataFrame({"exchange": "XNYS", "currency": "USD"}, index=["MOS", "NTR", "CF"]))


def told(store, ticker, bars, moment=KNOWN, facts=FACTS):
    one = PriceSeries(SeriesKey("yahoo", ticker), bars, facts, source="made up")
    store.put(one, at(moment), asked_at=moment)


@pytest.fixture
def store(tmp_path):
    with PriceStore(tmp_path / "prices.sqlite", create=True) as opened:
        yield opened


def of(store, **options):
    return load_snapshot(store=store, universe=UNIVERSE, **options)


def faulty() -> pd.DataFrame:
    """Return bars with a missing session, a close above the high, and a price on a holiday."""
    bars = made_bars()
    bars.iloc[120, bars.columns.get_loc("close")] = bars["high"].iloc[120] * 1.02
    holiday = bars.iloc[[100]].set_axis(pd.DatetimeIndex(["2023-07-04"]), axis=0)
    return pd.concat([bars.drop(bars.index[50]), holiday]).sort_index().rename_axis("session")


def kinds(findings, series="NTR"):
    return sorted(findings.loc[findings["series"] == series, "kind"])


def test_clean_bars_of_the_store_have_no_findings(store):
    for ticker in UNIVERSE.frame.index:
        told(store, ticker, made_bars(seed=len(ticker)))
    found = check_snapshot(of(store), UNIVERSE)
    assert found.empty
    assert list(found.columns) == COLUMNS


def test_faults_are_found_as_the_provider_gave_them_in_the_store_and_frozen(store, tmp_path):
    told(store, "NTR", faulty())
    told(store, "MOS", made_bars(seed=7))
    freeze(store, tmp_path, "one", now=KNOWN + DAY, versions={})
    live = check_snapshot(of(store), UNIVERSE)
    assert {"missing_sessions", "close_outside_range", "price_on_closed_day"} <= set(kinds(live))
    assert kinds(live, "MOS") == []
    closed = live[live["kind"] == "price_on_closed_day"].iloc[0]
    assert (closed["start"], closed["severity"]) == (pd.Timestamp("2023-07-04"), "error")
    assert live.loc[live["kind"] == "close_outside_range", "start"].tolist() == [made_bars().index[120]]
    assert live.loc[live["kind"] == "missing_sessions", "start"].tolist() == [made_bars().index[50]]
    kept = check_snapshot(load_snapshot(tmp_path / "one", UNIVERSE), UNIVERSE)
    pd.testing.assert_frame_equal(kept, live)
    # Only what was handed out is left to see without the bars.
    snapshot = of(store)
    bare = Snapshot(snapshot.name, snapshot.prices, snapshot.series, {})
    alone = check_snapshot(bare, UNIVERSE)
    assert "close_outside_range" not in kinds(alone)
    pd.testing.assert_frame_equal(alone, check_daily(snapshot.prices, UNIVERSE, snapshot.series))


def test_a_missed_dividend_is_found_in_the_bars(store):
    bars = made_bars()
    last = bars.index[bars["dividend"].notna()][-1]
    missed = bars.assign(adj_close=bars["adj_close"] / bars["adj_close"].iloc[-1] * bars["close"].iloc[-1])
    before = bars.index < last
    factor = missed.loc[before, "adj_close"].iloc[-1] / bars["close"][before].iloc[-1]
    missed.loc[before, "adj_close"] = missed.loc[before, "adj_close"] / factor
    told(store, "NTR", missed)
    found = check_snapshot(of(store), UNIVERSE)
    assert any("dividend" in kind for kind in kinds(found)), kinds(found)
    assert last in set(found["start"])


def test_a_bar_learnt_before_the_close_is_partial(store):
    bars = made_bars(sessions=200)
    day = bars.index[-1]
    told(store, "NTR", bars, day.tz_localize("UTC").to_pydatetime() + dt.timedelta(hours=16))
    row = check_snapshot(of(store), UNIVERSE).iloc[0]
    assert (row["kind"], row["start"], row["severity"]) == ("partial_last_bar", day, "error")
    with_next = made_bars(sessions=201)
    told(store, "NTR", with_next, day.tz_localize("UTC").to_pydatetime() + dt.timedelta(days=4))
    assert "partial_last_bar" not in kinds(check_snapshot(of(store), UNIVERSE))


def test_exchange_rates_are_passed_over(store):
    told(store, "NTR", made_bars())
    rate = made_bars(seed=3)[["close"]].assign(close=0.7)
    told(store, "CADUSD=X", rate)
    assert check_snapshot(of(store), UNIVERSE).empty
    with pytest.raises(UniverseError, match="'NTR'"):
        check_snapshot(of(store), Universe(UNIVERSE.frame.loc[["MOS"]]))


def test_how_far_series_reach_is_held_against_the_panel(store):
    for ticker, bars in zip(UNIVERSE.frame.index, (made_bars(), made_bars(1), made_bars(2)), strict=True):
        told(store, ticker, bars.iloc[10:] if ticker == "MOS" else bars.iloc[:-3] if ticker == "CF" else bars)
    found = check_snapshot(of(store), UNIVERSE)
    assert kinds(found, "MOS") == ["starts_late"]
    assert kinds(found, "CF") == ["ends_early"]
    assert kinds(found) == []


def test_own_files_are_checked_as_they_are(tmp_path):
    bars = made_bars(decimals=4)[["open", "high", "low", "close", "volume"]]
    bars.iloc[120, 3] = bars["high"].iloc[120] * 1.02
    bars.drop(bars.index[50]).rename_axis("date").to_csv(tmp_path / "NTR.csv")
    found = check_snapshot(load_snapshot(tmp_path, UNIVERSE), UNIVERSE)
    assert {"close_outside_range", "missing_sessions", "adjustment_not_stated"} <= set(kinds(found))


def test_the_carried_prices_have_the_findings_that_the_closes_alone_had():
    snapshot, universe = load_snapshot(), load_universe()
    what = ["series", "kind", "severity", "start", "end"]
    whole = check_snapshot(snapshot, universe).sort_values(what)[what].reset_index(drop=True)
    closes = check_daily(snapshot.prices, universe, snapshot.series).sort_values(what)[what].reset_index(drop=True)
    pd.testing.assert_frame_equal(whole, closes)
    assert len(whole) > 10


# Facts


def test_a_new_name_and_a_new_currency_are_told(store):
    bars = made_bars()
    told(store, "NTR", bars)
    told(store, "MOS", bars)
    told(store, "NTR", bars, KNOWN + DAY, {**FACTS, "name": "Nutrien Limited", "currency": "CAD"})
    told(store, "MOS", bars, KNOWN + DAY, {**FACTS, "name": "NUTRIEN LTD"})
    snapshot = of(store)
    history = store.fact_history([one.key for one in snapshot.given])
    found = check_facts(history, snapshot)
    assert set(found["series"]) == {"NTR"}
    details = found.set_index("kind")["detail"]
    assert sorted(details.index) == ["currency_changed", "ticker_renamed"]
    assert set(found["start"]) == {pd.Timestamp("2024-03-16")}
    assert "'USD' until then, 'CAD' from 2024-03-16" in details["currency_changed"]
    assert check_facts({}, snapshot).empty
    earlier = store.fact_history([one.key for one in snapshot.given], as_of=KNOWN)
    assert check_facts(earlier, snapshot).empty


def test_a_name_that_changes_with_a_jump_is_an_error(store):
    bars = made_bars()
    moved = bars.copy()
    jump = moved.index >= pd.Timestamp("2024-03-08")
    moved.loc[jump, ["open", "high", "low", "close", "adj_close"]] *= 9.0
    told(store, "NTR", bars[~jump])
    told(store, "NTR", moved, KNOWN + DAY, {**FACTS, "name": "Another Co."})
    snapshot = of(store)
    (row,) = check_facts(store.fact_history([snapshot.given[0].key]), snapshot).to_dict("records")
    assert (row["kind"], row["severity"]) == ("ticker_renamed", "error")


def test_a_series_without_a_close_has_no_history_to_check(store):
    told(store, "MOS", made_bars())
    volume = made_bars()[["volume"]]
    told(store, "NTR", volume)
    told(store, "NTR", volume, KNOWN + DAY, {**FACTS, "name": "Another Co."})
    snapshot = of(store)
    assert check_facts(store.fact_history([one.key for one in snapshot.given]), snapshot).empty
    assert np.isfinite(snapshot.prices.to_numpy()).all()
