"""Findings: each fault on a small series of our own, none on clean series, and the known ones on the carried data."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from potash.errors import PricesError, UniverseError
from potash.market.load import load_snapshot
from potash.market.load_factors import load_monthly
from potash.market.quality.checking import check_daily, check_monthly
from potash.market.quality.findings import COLUMNS
from potash.market.quality.monthly import DefinitionChange
from potash.universe import Universe, load_universe


def walk(seed: int = 0, tickers=("A", "B", "C"), sessions: int = 300, start="2023-01-02") -> pd.DataFrame:
    """Return prices whose log returns are normal with 2 % a day."""
    steps = np.random.default_rng(seed).normal(0, 0.02, (sessions, len(tickers)))
    index = pd.bdate_range(start, periods=sessions, name="session")
    return pd.DataFrame(50 * np.exp(steps.cumsum(axis=0)), index=index, columns=list(tickers))


def kinds(findings: pd.DataFrame, series: str | None = None) -> list[str]:
    return findings.loc[findings["series"] == series, "kind"].tolist() if series else findings["kind"].tolist()


def one(findings: pd.DataFrame, kind: str) -> pd.Series:
    found = findings[findings["kind"] == kind]
    assert len(found) == 1
    return found.iloc[0]


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000))
def test_clean_prices_have_no_findings(seed):
    found = check_daily(walk(seed))
    assert found.empty
    assert list(found.columns) == COLUMNS


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
    found = check_daily(prices, universe)
    assert one(found, "price_on_closed_day")["start"] == pd.Timestamp("2025-07-04")
    assert one(found, "missing_sessions")["start"] == pd.Timestamp("2025-07-07")
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
    for at in range(20, 200, 10):
        prices.iloc[at + 1, 1] = prices.iloc[at, 1]
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
    found = check_daily(prices)
    row = found[found["kind"] == "large_move"].iloc[0]
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
    found = check_daily(prices)
    assert kinds(found, "A") == ["starts_late"]
    late, early = one(found, "starts_late"), one(found, "ends_early")
    assert (late["start"], late["end"]) == (prices.index[0], prices.index[4])
    assert (early["series"], early["start"], early["end"]) == ("B", prices.index[-2], prices.index[-1])
    assert "2 sessions" in early["detail"]


def test_adjustment_is_compared_within_a_panel():
    prices = walk(tickers="ABCD")
    rows = {"ticker": list("ABCD"), "start": prices.index[0], "end": prices.index[-1]}
    series = pd.DataFrame({**rows, "adjustment": ["both", "both", "splits", "not stated"]})
    found = check_daily(prices, series=series)
    assert found[["series", "kind"]].to_numpy().tolist() == [
        ["C", "adjustment_differs"],
        ["D", "adjustment_not_stated"],
    ]
    assert "splits, while 2 of 4 series of its panel have both" in found.loc[0, "detail"]
    assert check_daily(prices[["A", "B"]], series=series.iloc[:2]).empty
    with pytest.raises(PricesError, match="series has no column start"):
        check_daily(prices, series=series.drop(columns="start"))


def test_known_findings_of_the_carried_daily_files():
    snapshot = load_snapshot()
    found = check_daily(snapshot.prices, load_universe(), snapshot.series)
    assert "missing_sessions" not in kinds(found)
    assert "price_on_closed_day" not in kinds(found)
    assert len(found) < 25
    icl = found[(found["series"] == "ICL") & (found["start"] > "2025")].set_index("kind")
    assert icl.at["stale_run", "start"] == pd.Timestamp("2025-12-26")
    assert icl.at["stale_run", "end"] == pd.Timestamp("2025-12-30")
    assert "2026-01-16..2026-01-20" in icl.at["repeated_closes", "detail"]
    assert icl.at["large_move", "start"] == pd.Timestamp("2025-11-06")
    assert "-17.1%" in icl.at["large_move", "detail"]
    assert "it stays: -14.9%" in icl.at["large_move", "detail"]
    assert "splits, while 7 of 8" in icl.at["adjustment_differs", "detail"]
    late = one(found, "starts_late")
    assert (late["series"], late["end"]) == ("ICL", pd.Timestamp("2025-06-06"))
    assert (one(found, "ends_early")["series"], one(found, "ends_early")["start"]) == (
        "MOS",
        pd.Timestamp("2026-01-27"),
    )
    steps = one(found, "coarse_steps")
    assert (steps["series"], steps["end"]) == ("IPI", pd.Timestamp("2020-08-13"))
    absent = found[found["kind"] == "absent"]
    assert sorted(absent["series"]) == ["CTVA", "IPI"]


def months(seed: int = 1, count: int = 60) -> pd.DataFrame:
    index = pd.period_range("2019-01", periods=count, freq="M", name="month")
    steps = np.random.default_rng(seed).normal(0, 0.05, (count, 4))
    return pd.DataFrame(300 * np.exp(steps.cumsum(axis=0)), index=index, columns=list("wxyz")).round(2)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000))
def test_clean_months_have_no_pasted_block(seed):
    assert "repeated_block" not in kinds(check_monthly(months(seed)))


@pytest.mark.parametrize(("lag", "length"), [(12, 1), (12, 3), (5, 1), (24, 2)])
def test_a_pasted_block_is_found_at_any_lag(lag, length):
    monthly = months()
    monthly.iloc[40 : 40 + length, 1:3] = monthly.iloc[40 - lag : 40 - lag + length, 1:3].to_numpy()
    row = one(check_monthly(monthly), "repeated_block")
    assert (row["series"], row["severity"]) == ("x, y", "error")
    assert row["start"] == monthly.index[40].start_time
    assert row["end"] == monthly.index[39 + length].end_time.normalize()
    assert f" repeats {monthly.index[40 - lag]}" in row["detail"]


def test_coincidences_are_no_block():
    monthly = months()
    monthly.iloc[40, 1] = monthly.iloc[28, 1]
    assert "repeated_block" not in kinds(check_monthly(monthly)), "one series alone"
    coarse = (months(count=120) / 20).round(0) * 20
    assert "repeated_block" not in kinds(check_monthly(coarse)), "round quotes in several series"
    frozen = months()
    frozen.iloc[:, :2] = [300.0, 400.0]
    assert "repeated_block" not in kinds(check_monthly(frozen)), "list prices that stand still"


def test_departures_frozen_quotes_and_missing_months():
    monthly = months()
    monthly.iloc[10:13, 0] = [477.5, 279.5, 477.5]
    monthly.iloc[20:24, 1] = 401.0
    monthly = monthly.drop(monthly.index[30])
    found = check_monthly(monthly.set_axis(monthly.index.to_timestamp(), axis=0))
    departure = one(found, "one_month_departure")
    assert (departure["series"], departure["start"]) == ("w", pd.Timestamp("2019-12-01"))
    assert "-41.5%" in departure["detail"]
    still = one(found, "unchanged_quote")
    assert (still["series"], still["detail"]) == ("x", "4 months at 401")
    assert (still["start"], still["end"]) == (pd.Timestamp("2020-09-01"), pd.Timestamp("2020-12-31"))
    assert (found.loc[found["kind"] == "missing_months", "start"] == pd.Timestamp("2021-07-01")).sum() == 4


def test_definition_change_is_declared_and_shows_the_jump():
    change = {"w": DefinitionChange("2020-01", "old place", "new place", "its publisher")}
    monthly = months()
    monthly.loc[[pd.Period("2019-12"), pd.Period("2020-01")], "w"] = [200.0, 210.0]
    row = one(check_monthly(monthly, change), "definition_change")
    assert row["detail"].startswith("old place to 2019-12, new place from 2020-01 (its publisher); 200 to 210 (+5.0%)")
    assert "definition_change" not in kinds(check_monthly(monthly.loc["2020-01":], change))
    assert "definition_change" not in kinds(check_monthly(monthly))


def test_a_table_that_is_not_monthly_is_refused():
    with pytest.raises(PricesError, match="RangeIndex, not months"):
        check_monthly(months().reset_index(drop=True))
    days = months(count=20).set_axis(pd.bdate_range("2025-01-01", periods=20), axis=0)
    with pytest.raises(PricesError, match="more than once: 2025-01-01"):
        check_monthly(days)


def test_known_findings_of_the_carried_monthly_file():
    found = check_monthly(load_monthly())
    block = one(found, "repeated_block")
    assert (block["series"], block["start"]) == ("potassium_chloride, dap, urea", pd.Timestamp("2017-02-01"))
    assert "2017-02 repeats 2016-02 exactly: potassium_chloride 301.5; dap 326; urea 191.88" in block["detail"]
    assert "f.o.b. Vancouver to 2019-12, c.f.r. Brazil from 2020-01" in one(found, "definition_change")["detail"]
    potash = found[(found["kind"] == "unchanged_quote") & (found["series"] == "potassium_chloride")]
    lengths = [int(detail.split()[0]) for detail in potash["detail"]]
    assert lengths == [13, 6, 4, 19, 9]
