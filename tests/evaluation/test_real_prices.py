"""Faults and true extremes of real sources, read from series that are not part of the project."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from potash.calendars import closes, sessions_between
from potash.market.quality.bars import check_bars
from potash.market.quality.daily import check_factors
from potash.market.quality.findings import findings_frame
from potash.market.quality.monthly import check_monthly
from tests.paths import SHARED
from tests.support.made_bars import kinds, only

FOLDER = SHARED / "data" / "reference"
pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="the reference series are not on this machine")

EXCHANGES = {"000792.SZ": "XSHE", "ZS=F": None}
PRICES = ["open", "high", "low", "close", "adj_close"]


@pytest.fixture(scope="module")
def series():
    """Return the bars of each ticker in each of the two files, by (file, ticker)."""
    found = {}
    for name in ("2015_2024", "2024_2026"):
        frame = pd.read_csv(FOLDER / f"equities_{name}.csv.gz", parse_dates=["date"])
        for ticker, rows in frame.groupby("ticker"):
            found[name, ticker] = rows.set_index("date").drop(columns=["ticker", "source"]).astype(float)
    return found


@pytest.fixture(scope="module")
def findings(series):
    parts = [
        findings_frame(check_bars(ticker, bars, EXCHANGES.get(ticker, "XNYS"))).assign(file=name)
        for (name, ticker), bars in series.items()
    ]
    return pd.concat(parts)


@pytest.fixture(scope="module")
def anomalies():
    return pd.read_csv(FOLDER / "anomalies.csv")


def test_real_series_have_no_errors_and_few_warnings(findings, series):
    assert len(series) == 48
    assert not (findings["severity"] == "error").any()
    warnings = findings[findings["severity"] == "warning"]
    # Moves undone within three sessions (half of them in March 2020), stale runs, and one thin fund.
    assert set(warnings["kind"]) == {"large_move", "stale_run", "thin_trading"}
    assert set(warnings.loc[warnings["kind"] == "thin_trading", "series"]) == {"FXC"}
    assert warnings.loc[warnings["kind"] == "large_move", "detail"].str.contains("undone within").all()


def test_true_moves_over_40_percent_stay_moves(findings, anomalies):
    moves = anomalies[anomalies["file"].isin(["recent", "history"]) & (anomalies["kind"] == "|ret|>40%")]
    moves = moves[moves["when"] >= "2015"]
    assert set(zip(moves["ticker"], moves["when"], strict=True)) >= {
        ("FMC", "2025-10-30"),
        ("IPI", "2016-02-29"),
        ("LXU", "2015-11-06"),
    }
    for ticker, day in zip(moves["ticker"], moves["when"], strict=True):
        there = findings[(findings["series"] == ticker) & (findings["start"] == day)]
        assert there["kind"].tolist() == ["large_move"], (ticker, day)
        assert not there["detail"].str.contains("to 1,").any()


def test_known_stale_runs_are_found(findings, anomalies):
    runs = anomalies[(anomalies["file"] == "recent") & (anomalies["kind"] == "stale run>=5")]
    assert len(runs)
    for ticker, span in zip(runs["ticker"], runs["when"], strict=True):
        first, last = span.split("..")
        stale = findings[(findings["series"] == ticker) & (findings["kind"] == "stale_run")]
        assert ((stale["start"] <= first) & (stale["end"] >= last)).any(), (ticker, span)


def test_a_listing_that_did_not_trade(findings):
    village = findings[(findings["series"] == "VFF") & (findings["file"] == "2015_2024")].set_index("kind")
    stale = village[village["detail"].str.contains("11.888")].loc["stale_run"]
    assert (stale["start"], stale["end"]) == (pd.Timestamp("2019-03-01"), pd.Timestamp("2019-03-08"))
    assert stale["detail"].endswith("volume is zero on every repeat")
    assert "no volume on 5 of 1271 sessions" in village.at["thin_trading", "detail"]


def test_a_reverse_split_seen_from_a_source_before_it(series):
    ipi = series["2015_2024", "IPI"].assign(split=np.nan)
    day = pd.Timestamp("2020-08-14")
    ipi.loc[day, "split"] = 0.1
    split_kinds = {"split_missed", "split_applied_twice", "split_not_listed", "ticker_reused"}
    assert not split_kinds & set(kinds(check_bars("IPI", ipi, "XNYS")))
    before = ipi.copy()
    before.loc[: day - pd.Timedelta(days=1), PRICES] /= 10
    before.loc[: day - pd.Timedelta(days=1), "volume"] *= 10
    missed = [f for f in check_bars("IPI", before, "XNYS") if f.kind in split_kinds]
    assert only(missed, "split_missed").start == day
    unlisted = check_bars("IPI", before.drop(columns="split"), "XNYS")
    there = only([f for f in unlisted if f.start == day and f.kind != "coarse_steps"], "split_not_listed")
    assert "close to 10 to 1" in there.detail


def test_a_special_distribution_listed_and_not(series):
    uan = series["2024_2026", "UAN"].loc["2025-06-01":"2025-09-30"].assign(dividend=np.nan)
    found = [f for f in check_bars("UAN", uan, "XNYS") if f.kind == "adjustment_without_dividend"]
    assert [f.start for f in found] == [pd.Timestamp("2025-08-11")]
    assert "of 3.89 " in found[0].detail
    uan.loc["2025-08-11", "dividend"] = 3.89
    assert not [k for k in kinds(check_bars("UAN", uan, "XNYS")) if "dividend" in k or "factor" in k]
    uan["adj_close"] = uan["close"]
    assert "dividend_not_applied" in kinds(check_bars("UAN", uan, "XNYS"))


def test_a_dividend_that_one_source_lacks():
    pairs = pd.read_csv(FOLDER / "crosscheck_disagreements.csv.gz", parse_dates=["date"])
    day = pd.Timestamp("2025-06-30")
    row = pairs[(pairs["date"] == day) & (pairs["ticker"] == "NTR") & (pairs["s1"] == "zoomies")].iloc[0]
    before = row["p2"] / (1 + row["r2"])
    bars = pd.DataFrame({"close": [before, row["p2"]]}, index=[pd.Timestamp("2025-06-27"), day])
    bars = bars.assign(dividend=[np.nan, 0.545])
    lacking = only(check_bars("NTR", bars.assign(adj_close=bars["close"]), "XNYS"), "dividend_not_applied")
    assert (lacking.start, lacking.severity) == (day, "error")
    holding = bars.assign(adj_close=[row["p2"] / (1 + row["r1"]), row["p2"]])
    assert check_bars("NTR", holding, "XNYS") == []


@pytest.mark.parametrize("ticker", ["UAN", "ICL", "NTR", "ADM", "SQM", "CF"])
def test_real_payments_read_off_the_factor_are_all_needed(series, ticker):
    bars = series["2015_2024", ticker]
    factor = bars["adj_close"] / bars["close"]
    paid = bars["close"].shift(1) * (1 - factor.shift(1) / factor)
    listed = bars.assign(dividend=paid.where(paid > 0.001 * bars["close"]).round(4))
    assert listed["dividend"].notna().sum() > 10
    assert not [k for k in kinds(check_bars(ticker, listed, "XNYS")) if "dividend" in k or "factor" in k]
    largest = listed["dividend"].idxmax()
    listed.loc[largest, "dividend"] = np.nan
    found = [f for f in check_bars(ticker, listed, "XNYS") if "dividend" in f.kind]
    assert only(found, "adjustment_without_dividend").start == largest


def test_negative_adjusted_closes(anomalies):
    rows = anomalies[(anomalies["file"] == "raw:findata") & (anomalies["kind"] == "non-positive")]
    for ticker, part in rows.groupby("ticker"):
        index = pd.DatetimeIndex(part["when"])
        bars = pd.DataFrame({"close": np.linspace(1, 1.1, len(part)), "adj_close": part["value"].astype(float)})
        finding = only(check_bars(ticker, bars.set_axis(index), None), "nonpositive_price")
        assert (finding.start, finding.end) == (index[0], index[-1])
        assert "over-subtracted dividends" in finding.detail


def test_a_ticker_that_another_company_had(series, anomalies):
    row = anomalies[(anomalies["file"] == "raw:findata") & (anomalies["when"] == "2018-01-02")].iloc[0]
    old, new = (float(text) for text in row["value"].split(" ")[0].split("->"))
    nutrien = series["2015_2024", "NTR"]
    nutrien = nutrien[PRICES] * (new / nutrien["close"].iloc[0])
    steps = np.random.default_rng(1).normal(0, 0.01, 250).cumsum()[:, None]
    earlier = pd.DataFrame(
        np.repeat(old * np.exp(steps - steps[-1]), 5, axis=1),
        index=sessions_between("XNYS", "2016-06-01", "2017-12-29")[-250:],
        columns=PRICES,
    )
    found = [
        f for f in check_bars("NTR", pd.concat([earlier, nutrien]), "XNYS") if f.start == pd.Timestamp("2018-01-02")
    ]
    assert only(found, "ticker_reused").detail.startswith(f"{old:g} on 2017-12-29, {new:g} on 2018-01-02 (9.3 times)")


def test_a_bar_read_during_its_session(series):
    spy = series["2024_2026", "SPY"].loc[:"2025-07-09"]
    close = closes("XNYS")[pd.Timestamp("2025-07-09")].to_pydatetime()
    during = check_bars("SPY", spy, "XNYS", known_from=close - dt.timedelta(hours=4))
    assert [f.start for f in during if f.kind == "partial_last_bar"] == [spy.index[-1]]
    assert "partial_last_bar" not in kinds(check_bars("SPY", spy, "XNYS", known_from=close + dt.timedelta(hours=1)))


@pytest.fixture(scope="module")
def pink_sheet():
    frame = pd.read_csv(FOLDER / "pink_sheet_monthly.csv.gz", parse_dates=["month"])
    return check_monthly(frame.pivot(index="month", columns="series", values="price"))


@pytest.mark.parametrize(
    ("series_name", "kind", "severity", "start", "end", "text"),
    [
        ("dap, potassium_chloride, urea", "repeated_block", "error", "2017-02-01", "2017-02-28", "repeats 2016-02"),
        ("potassium_chloride", "one_month_departure", "warning", "2012-07-01", "2012-07-31", "477.5, 279.5, 477.5"),
        ("potassium_chloride", "unchanged_quote", "info", "1993-02-01", "2004-07-31", "138 months at 112.5"),
        ("phosphate_rock", "missing_months", "warning", "2023-11-01", "2023-11-30", "1 month without a price"),
        ("phosphate_rock", "unchanged_quote", "warning", "2023-12-01", "2026-05-31", "30 months at 152.5"),
        ("potassium_chloride", "definition_change", "warning", "2020-01-01", "2020-01-31", "from 2020-01"),
    ],
)
def test_the_real_pink_sheet(pink_sheet, series_name, kind, severity, start, end, text):
    rows = pink_sheet[(pink_sheet["series"] == series_name) & (pink_sheet["kind"] == kind)]
    row = rows[rows["start"] == start].iloc[0]
    assert (row["severity"], row["end"]) == (severity, pd.Timestamp(end))
    assert text in row["detail"]


def test_a_risk_free_rate_at_two_decimals():
    frame = pd.read_csv(FOLDER / "ff_daily.csv.gz", parse_dates=["date"], index_col="date")
    year = check_factors(frame.loc["2021", ["mkt_rf", "rf"]])
    assert only(year, "constant_value").series == "rf"
    whole = findings_frame(check_factors(frame))
    assert set(whole["series"]) == {"rf", "rf_3dp"}
    covering = whole[(whole["series"] == "rf") & (whole["start"] < "2021") & (whole["end"] > "2021-12-30")]
    assert covering["kind"].tolist() == ["constant_value", "coarse_values"]
    assert "coarse_values" not in set(whole.loc[whole["series"] == "rf_3dp", "kind"])
