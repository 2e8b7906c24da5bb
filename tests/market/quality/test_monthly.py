"""Monthly series: blocks, breaks and coarse quotes."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from potash.errors import PricesError
from potash.market.load_factors import load_monthly
from potash.market.quality.monthly import DefinitionChange, check_monthly


def test_a_monthly_quote_that_ends_the_series_unchanged_is_a_warning():
    months = pd.period_range("2019-01", periods=60, freq="M")
    rng = np.random.default_rng(3)
    table = pd.DataFrame({"x": 300 * np.exp(rng.normal(0, 0.05, 60).cumsum())}, index=months)
    assert check_monthly(table).empty
    table.iloc[40] = np.nan
    table.iloc[41:] = 152.5
    findings = check_monthly(table).set_index("kind")
    assert findings.at["missing_months", "detail"] == "1 month without a price"
    still = findings.loc["unchanged_quote"]
    assert still["severity"] == "warning"
    assert still["detail"] == "19 months at 152.5; months without a price come before it; the data end with it"


def kinds(findings: pd.DataFrame, series: str | None = None) -> list[str]:
    return findings.loc[findings["series"] == series, "kind"].tolist() if series else findings["kind"].tolist()


def one(findings: pd.DataFrame, kind: str) -> pd.Series:
    findings = findings[findings["kind"] == kind]
    assert len(findings) == 1
    return findings.iloc[0]


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
    findings = check_monthly(monthly.set_axis(monthly.index.to_timestamp(), axis=0))
    departure = one(findings, "one_month_departure")
    assert (departure["series"], departure["start"]) == ("w", pd.Timestamp("2019-12-01"))
    assert "-41.5%" in departure["detail"]
    still = one(findings, "unchanged_quote")
    assert (still["series"], still["detail"]) == ("x", "4 months at 401")
    assert (still["start"], still["end"]) == (pd.Timestamp("2020-09-01"), pd.Timestamp("2020-12-31"))
    assert (findings.loc[findings["kind"] == "missing_months", "start"] == pd.Timestamp("2021-07-01")).sum() == 4


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
    findings = check_monthly(load_monthly())
    block = one(findings, "repeated_block")
    assert (block["series"], block["start"]) == ("potassium_chloride, dap, urea", pd.Timestamp("2017-02-01"))
    assert "2017-02 repeats 2016-02 exactly: potassium_chloride 301.5; dap 326; urea 191.88" in block["detail"]
    assert "f.o.b. Vancouver to 2019-12, c.f.r. Brazil from 2020-01" in one(findings, "definition_change")["detail"]
    potash = findings[(findings["kind"] == "unchanged_quote") & (findings["series"] == "potassium_chloride")]
    lengths = [int(detail.split()[0]) for detail in potash["detail"]]
    assert lengths == [13, 6, 4, 19, 9]
