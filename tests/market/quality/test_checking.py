"""Findings: each fault on a small series of our own, none on clean series, and the known ones on the carried data."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from potash.errors import PricesError, UniverseError
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


def walk(seed: int = 0, tickers=("A", "B", "C"), sessions: int = 300, start="2023-01-02") -> pd.DataFrame:
    """Return prices whose log returns are normal with 2 % a day."""
    steps = np.random.default_rng(seed).normal(0, 0.02, (sessions, len(tickers)))
    index = pd.bdate_range(start, periods=sessions, name="session")
    return pd.DataFrame(50 * np.exp(steps.cumsum(axis=0)), index=index, columns=list(tickers))


def kinds(findings: pd.DataFrame, series: str | None = None) -> list[str]:
    return findings.loc[findings["series"] == series, "kind"].tolist() if series else findings["kind"].tolist()


def one(findings: pd.DataFrame, kind: str) -> pd.Series:
    findings = findings[findings["kind"] == kind]
    assert len(findings) == 1
    return findings.iloc[0]


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000))
def test_clean_prices_have_no_findings(seed):
    findings = check_daily(walk(seed))
    assert findings.empty
    assert list(findings.columns) == COLUMNS


def test_quoting_in_cents_is_no_finding():
    assert check_daily(walk().round(2)).empty


def test_missing_sessions_are_runs_inside_a_series():
    prices = walk()
    before = prices.copy()
    prices.iloc[10:13, 0] = np.nan
    row = one(check_daily(prices), "missing_sessions")
    assert (row["series"], row["start"], row["end"]) == ("A", prices.index[10], prices.index[12])
    assert row["detail"] == "3 sessions without a price"
    pd.testing.assert_frame_equal(prices.iloc[:, 1:], before.iloc[:, 1:])


def test_the_calendar_finds_what_the_rows_do_not_show():
    universe = Universe(pd.DataFrame({"exchange": ["XNYS"], "currency": ["USD"]}, index=["A"]))
    days = pd.DatetimeIndex(["2025-07-02", "2025-07-03", "2025-07-04", "2025-07-08"])
    prices = pd.DataFrame({"A": [10.0, 10.1, 10.2, 10.4]}, index=days)
    assert check_daily(prices).empty
    findings = check_daily(prices, universe)
    assert one(findings, "price_on_closed_day")["start"] == pd.Timestamp("2025-07-04")
    assert one(findings, "missing_sessions")["start"] == pd.Timestamp("2025-07-07")
    with pytest.raises(UniverseError, match="'B'"):
        check_daily(prices.rename(columns={"A": "B"}), universe)


def test_stale_run_is_three_closes_and_a_pair_alone_is_not_a_finding():
    prices = walk()
    prices.iloc[21, 0] = prices.iloc[20, 0]
    assert check_daily(prices).empty
    prices.iloc[22, 0] = prices.iloc[20, 0]
    row = one(check_daily(prices), "stale_run")
    assert (row["start"], row["end"]) == (prices.index[20], prices.index[22])
    assert "3 equal closes" in row["detail"]


def test_many_pairs_make_one_finding_with_their_dates():
    prices = walk()
    for row in range(20, 200, 10):
        prices.iloc[row + 1, 1] = prices.iloc[row, 1]
    row = one(check_daily(prices), "repeated_closes")
    assert row["detail"].startswith("18 of 299 moves are exactly zero (6.0%): 2023-01-30..2023-01-31, ")


def with_move(factor: float, sessions: int | None = None) -> pd.DataFrame:
    prices = walk()
    prices.iloc[50 : None if sessions is None else 50 + sessions, 0] *= factor
    return prices


@pytest.mark.parametrize(
    ("prices", "severity", "text"),
    [
        (with_move(0.70), "info", "it stays"),
        (with_move(0.10), "warning", "close to 10 to 1, and it stays"),
        (with_move(1.45, sessions=2), "warning", "undone within 2 sessions"),
        (with_move(0.70).iloc[:51], "info", "the data end with it"),
    ],
)
def test_large_move_says_whether_it_stays(prices, severity, text):
    findings = check_daily(prices)
    row = findings[findings["kind"] == "large_move"].iloc[0]
    assert (row["series"], row["start"], row["severity"]) == ("A", walk().index[50], severity)
    assert text in row["detail"]


def test_no_move_is_seen_across_a_gap():
    prices = with_move(0.5)
    prices.iloc[49, 0] = np.nan
    assert kinds(check_daily(prices)) == ["missing_sessions"]


def test_coarse_steps_end_where_finer_quotes_begin():
    prices = walk()
    prices["A"] = (prices["A"] / 5).round(2)
    prices.iloc[:60, 0] = prices.iloc[:60, 0].round(1)
    prices.iloc[60, 0] = round(prices.iloc[60, 0], 1) + 0.03
    row = one(check_daily(prices), "coarse_steps")
    assert (row["start"], row["end"]) == (prices.index[0], prices.index[59])
    assert "60 closes in steps of 0.1" in row["detail"]


def test_coverage_is_seen_against_the_panel():
    prices = walk()
    prices.iloc[:5, 0] = np.nan
    prices.iloc[-2:, 1] = np.nan
    findings = check_daily(prices)
    assert kinds(findings, "A") == ["starts_late"]
    late, early = one(findings, "starts_late"), one(findings, "ends_early")
    assert (late["start"], late["end"]) == (prices.index[0], prices.index[4])
    assert (early["series"], early["start"], early["end"]) == ("B", prices.index[-2], prices.index[-1])
    assert "2 sessions" in early["detail"]


def test_adjustment_is_compared_within_a_panel():
    prices = walk(tickers="ABCD")
    rows = {"ticker": list("ABCD"), "start": prices.index[0], "end": prices.index[-1]}
    series = pd.DataFrame({**rows, "adjustment": ["both", "both", "splits", "not stated"]})
    findings = check_daily(prices, series=series)
    assert findings[["series", "kind"]].to_numpy().tolist() == [
        ["C", "adjustment_differs"],
        ["D", "adjustment_not_stated"],
    ]
    assert "splits, while 2 of 4 series of its panel have both" in findings.loc[0, "detail"]
    assert check_daily(prices[["A", "B"]], series=series.iloc[:2]).empty
    with pytest.raises(PricesError, match="series has no column start"):
        check_daily(prices, series=series.drop(columns="start"))


def test_known_findings_of_the_carried_daily_files():
    snapshot = load_snapshot()
    findings = check_daily(snapshot.prices, load_universe(), snapshot.series)
    assert "missing_sessions" not in kinds(findings)
    assert "price_on_closed_day" not in kinds(findings)
    assert len(findings) < 25
    icl = findings[(findings["series"] == "ICL") & (findings["start"] > "2025")].set_index("kind")
    assert icl.at["stale_run", "start"] == pd.Timestamp("2025-12-26")
    assert icl.at["stale_run", "end"] == pd.Timestamp("2025-12-30")
    assert "2026-01-16..2026-01-20" in icl.at["repeated_closes", "detail"]
    assert icl.at["large_move", "start"] == pd.Timestamp("2025-11-06")
    assert "-17.1%" in icl.at["large_move", "detail"]
    assert "it stays: -14.9%" in icl.at["large_move", "detail"]
    assert "splits, while 7 of 8" in icl.at["adjustment_differs", "detail"]
    late = one(findings, "starts_late")
    assert (late["series"], late["end"]) == ("ICL", pd.Timestamp("2025-06-06"))
    assert (one(findings, "ends_early")["series"], one(findings, "ends_early")["start"]) == (
        "MOS",
        pd.Timestamp("2026-01-27"),
    )
    steps = one(findings, "coarse_steps")
    assert (steps["series"], steps["end"]) == ("IPI", pd.Timestamp("2020-08-13"))
    absent = findings[findings["kind"] == "absent"]
    assert sorted(absent["series"]) == ["CTVA", "IPI"]


KNOWN = dt.datetime(2024, 3, 15, 12, tzinfo=dt.UTC)


DAY = dt.timedelta(days=1)


FACTS = {"frequency": "daily", "currency": "USD", "name": "Nutrien Ltd.", "adjustment": "adj_close: all; close: splits"}


UNIVERSE = Universe(pd.DataFrame({"exchange": "XNYS", "currency": "USD"}, index=["MOS", "NTR", "CF"]))


def put(store, ticker, bars, moment=KNOWN, facts=FACTS):
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


def kinds_of(findings, series="NTR"):
    return sorted(findings.loc[findings["series"] == series, "kind"])


def test_clean_bars_of_the_store_have_no_findings(store):
    for ticker in UNIVERSE.frame.index:
        put(store, ticker, made_bars(seed=len(ticker)))
    findings = check_snapshot(of(store), UNIVERSE)
    assert findings.empty
    assert list(findings.columns) == COLUMNS


def test_faults_are_found_as_the_provider_gave_them_in_the_store_and_frozen(store, tmp_path):
    put(store, "NTR", faulty())
    put(store, "MOS", made_bars(seed=7))
    freeze(store, tmp_path, "one", now=KNOWN + DAY, versions={})
    live = check_snapshot(of(store), UNIVERSE)
    assert {"missing_sessions", "close_outside_range", "price_on_closed_day"} <= set(kinds_of(live))
    assert kinds_of(live, "MOS") == []
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
    assert "close_outside_range" not in kinds_of(alone)
    pd.testing.assert_frame_equal(alone, check_daily(snapshot.prices, UNIVERSE, snapshot.series))


def test_a_missed_dividend_is_found_in_the_bars(store):
    bars = made_bars()
    last = bars.index[bars["dividend"].notna()][-1]
    missed = bars.assign(adj_close=bars["adj_close"] / bars["adj_close"].iloc[-1] * bars["close"].iloc[-1])
    before = bars.index < last
    factor = missed.loc[before, "adj_close"].iloc[-1] / bars["close"][before].iloc[-1]
    missed.loc[before, "adj_close"] = missed.loc[before, "adj_close"] / factor
    put(store, "NTR", missed)
    findings = check_snapshot(of(store), UNIVERSE)
    assert any("dividend" in kind for kind in kinds_of(findings)), kinds_of(findings)
    assert last in set(findings["start"])


def test_a_bar_learnt_before_the_close_is_partial(store):
    bars = made_bars(sessions=200)
    day = bars.index[-1]
    put(store, "NTR", bars, day.tz_localize("UTC").to_pydatetime() + dt.timedelta(hours=16))
    row = check_snapshot(of(store), UNIVERSE).iloc[0]
    assert (row["kind"], row["start"], row["severity"]) == ("partial_last_bar", day, "error")
    with_next = made_bars(sessions=201)
    put(store, "NTR", with_next, day.tz_localize("UTC").to_pydatetime() + dt.timedelta(days=4))
    assert "partial_last_bar" not in kinds_of(check_snapshot(of(store), UNIVERSE))


def test_exchange_rates_are_passed_over(store):
    put(store, "NTR", made_bars())
    rate = made_bars(seed=3)[["close"]].assign(close=0.7)
    put(store, "CADUSD=X", rate)
    assert check_snapshot(of(store), UNIVERSE).empty
    with pytest.raises(UniverseError, match="'NTR'"):
        check_snapshot(of(store), Universe(UNIVERSE.frame.loc[["MOS"]]))


def test_how_far_series_reach_is_held_against_the_panel(store):
    for ticker, bars in zip(UNIVERSE.frame.index, (made_bars(), made_bars(1), made_bars(2)), strict=True):
        put(store, ticker, bars.iloc[10:] if ticker == "MOS" else bars.iloc[:-3] if ticker == "CF" else bars)
    findings = check_snapshot(of(store), UNIVERSE)
    assert kinds_of(findings, "MOS") == ["starts_late"]
    assert kinds_of(findings, "CF") == ["ends_early"]
    assert kinds_of(findings) == []


def test_own_files_are_checked_as_they_are(tmp_path):
    bars = made_bars(decimals=4)[["open", "high", "low", "close", "volume"]]
    bars.iloc[120, 3] = bars["high"].iloc[120] * 1.02
    bars.drop(bars.index[50]).rename_axis("date").to_csv(tmp_path / "NTR.csv")
    findings = check_snapshot(load_snapshot(tmp_path, UNIVERSE), UNIVERSE)
    assert {"close_outside_range", "missing_sessions", "adjustment_not_stated"} <= set(kinds_of(findings))


def test_the_carried_prices_have_the_findings_that_the_closes_alone_had():
    snapshot, universe = load_snapshot(), load_universe()
    what = ["series", "kind", "severity", "start", "end"]
    whole = check_snapshot(snapshot, universe).sort_values(what)[what].reset_index(drop=True)
    closes = check_daily(snapshot.prices, universe, snapshot.series).sort_values(what)[what].reset_index(drop=True)
    pd.testing.assert_frame_equal(whole, closes)
    assert len(whole) > 10


def test_a_new_name_and_a_new_currency_are_told(store):
    bars = made_bars()
    put(store, "NTR", bars)
    put(store, "MOS", bars)
    put(store, "NTR", bars, KNOWN + DAY, {**FACTS, "name": "Nutrien Limited", "currency": "CAD"})
    put(store, "MOS", bars, KNOWN + DAY, {**FACTS, "name": "NUTRIEN LTD"})
    snapshot = of(store)
    history = store.fact_history([one.key for one in snapshot.given])
    findings = check_facts(history, snapshot)
    assert set(findings["series"]) == {"NTR"}
    details = findings.set_index("kind")["detail"]
    assert sorted(details.index) == ["currency_changed", "ticker_renamed"]
    assert set(findings["start"]) == {pd.Timestamp("2024-03-16")}
    assert "'USD' until then, 'CAD' from 2024-03-16" in details["currency_changed"]
    assert check_facts({}, snapshot).empty
    earlier = store.fact_history([one.key for one in snapshot.given], as_of=KNOWN)
    assert check_facts(earlier, snapshot).empty


def test_a_name_that_changes_with_a_jump_is_an_error(store):
    bars = made_bars()
    moved = bars.copy()
    jump = moved.index >= pd.Timestamp("2024-03-08")
    moved.loc[jump, ["open", "high", "low", "close", "adj_close"]] *= 9.0
    put(store, "NTR", bars[~jump])
    put(store, "NTR", moved, KNOWN + DAY, {**FACTS, "name": "Another Co."})
    snapshot = of(store)
    (row,) = check_facts(store.fact_history([snapshot.given[0].key]), snapshot).to_dict("records")
    assert (row["kind"], row["severity"]) == ("ticker_renamed", "error")


def test_a_series_without_a_close_has_no_history_to_check(store):
    put(store, "MOS", made_bars())
    volume = made_bars()[["volume"]]
    put(store, "NTR", volume)
    put(store, "NTR", volume, KNOWN + DAY, {**FACTS, "name": "Another Co."})
    snapshot = of(store)
    assert check_facts(store.fact_history([one.key for one in snapshot.given]), snapshot).empty
    assert np.isfinite(snapshot.prices.to_numpy()).all()
