"""Units, names and companies: each change on bars of our own, and nothing on the clean twin."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from potash.errors import PricesError
from potash.market.quality.identity import check_history, unit_levels
from tests.support.made_bars import (
    SPLIT_AT,
    findings_of,
    kinds,
    made_bars,
    only,
    with_prices,
)


@pytest.mark.parametrize("factor", [100.0, 0.01, 98.0])
@pytest.mark.parametrize(("first", "stop"), [(50, 51), (50, 80), (0, 30), (270, 300)])
def test_prices_in_another_unit(factor, first, stop):
    bars = with_prices(made_bars(), first, stop, factor)
    finding = only(findings_of(bars), "mixed_currency")
    assert (finding.start, finding.end) == (bars.index[first], bars.index[stop - 1])
    assert finding.severity == "error"
    assert f"about 100 times {'higher' if factor > 1 else 'lower'}" in finding.detail


@pytest.mark.parametrize("factor", [82.0, 1 / 82, 120.0, 1 / 120])
def test_a_month_in_another_unit_may_move_too(factor):
    findings = findings_of(with_prices(made_bars(dividend=None), 50, 80, factor))
    assert kinds(findings).count("mixed_currency") == 1
    assert set(kinds(findings)) <= {"mixed_currency", "large_move"}


@pytest.mark.parametrize(
    ("currency", "factor", "text"),
    [
        ("GBp", 0.01, "quoted in GBp; these look like GBP"),
        ("ILA", 0.01, "quoted in ILA; these look like ILS"),
        ("ZAR", 100.0, "quoted in ZAR; these look like ZAc"),
        ("GBP", 0.01, "(quoted in GBP)"),
        ("USD", 100.0, "quoted in USD; these look like USX"),
        ("JPY", 100.0, "(quoted in JPY)"),
    ],
)
def test_the_unit_is_named_if_the_currency_is_known(currency, factor, text):
    assert (
        text
        in only(
            findings_of(with_prices(made_bars(), 40, 45, factor), facts={"currency": currency}), "mixed_currency"
        ).detail
    )


def test_one_field_in_another_unit():
    bars = with_prices(made_bars(), 60, 62, 0.01, ["low"])
    finding = only(findings_of(bars), "mixed_currency")
    assert (finding.start, finding.end) == (bars.index[60], bars.index[61])
    assert finding.detail.startswith("low 0.")
    assert kinds(findings_of(with_prices(made_bars(), 60, 62, 0.01, ["high"]))) == ["mixed_currency"]
    bars.iloc[70, bars.columns.get_loc("close")] = 0.0
    assert "nonpositive_price" in kinds(findings_of(bars))


def test_unit_levels_are_seen_against_most_of_the_series():
    values = np.array([1.0, 1.1, np.nan, 110.0, 105.0, 1.0, 1.0, 0.01])
    splits = np.zeros(8, dtype=bool)
    assert unit_levels(values, splits).tolist() == [0, 0, 0, 1, 1, 0, 0, -1]
    splits[3] = True
    assert unit_levels(values, splits)[:4].tolist() == unit_levels(values[:4], splits[:4]).tolist() == [0, 0, 0, 0]
    assert unit_levels(np.array([100.0, 1.0]), splits[:2]).tolist() == [1, 0], "in doubt the last unit counts"


def with_other_company(factor=9.3, gap=0, volume=1.0):
    bars = with_prices(made_bars(dividend=None), SPLIT_AT, None, factor)
    bars.iloc[SPLIT_AT:, bars.columns.get_loc("volume")] *= volume
    return bars.drop(bars.index[SPLIT_AT - gap : SPLIT_AT])


def test_a_ticker_taken_over_by_another_company():
    day = made_bars().index[SPLIT_AT]
    plain = only(findings_of(with_other_company()), "ticker_reused")
    assert (plain.start, plain.severity) == (day, "warning")
    by_volume = only(findings_of(with_other_company(volume=40)), "ticker_reused")
    assert by_volume.severity == "error"
    assert "median volume" in by_volume.detail
    assert kinds(findings_of(with_other_company(factor=1 / 9.3))) == ["ticker_reused"]
    missing, reused = findings_of(with_other_company(gap=20))
    assert (missing.kind, reused.kind, reused.severity) == ("missing_sessions", "ticker_reused", "error")
    assert "20 sessions missing between" in reused.detail


def test_near_a_split_ratio_all_must_speak_for_another_company():
    closes = made_bars(dividend=None)["close"]
    tenfold = 10 * closes.iloc[SPLIT_AT - 21] / closes.iloc[SPLIT_AT]
    kept = with_other_company(tenfold, gap=20, volume=40)
    assert kinds(findings_of(kept)) == ["missing_sessions", "ticker_reused"]
    assert "ticker_reused" not in kinds(findings_of(with_other_company(tenfold, gap=20)))


def test_what_is_no_other_company():
    assert kinds(findings_of(with_other_company(3.5))) == ["large_move"]
    back = with_prices(made_bars(dividend=None), SPLIT_AT, SPLIT_AT + 1, 9.3)
    assert set(kinds(findings_of(back))) == {"large_move"}
    level = with_other_company().assign(split=np.nan)
    level.loc[level.index[SPLIT_AT], "split"] = 0.11
    assert kinds(findings_of(level)) == ["split_missed"]


def when(day):
    return dt.datetime.fromisoformat(day).replace(tzinfo=dt.UTC)


def test_a_changed_name_or_currency():
    closes = made_bars()["close"].rename("A")
    stated = [
        (when("2023-01-05T22:00"), "name", "Agrium Inc."),
        (when("2023-03-01T22:00"), "name", "AGRIUM INC"),
        (when("2023-06-01T22:00"), "name", "Nutrien Ltd."),
        (when("2023-01-05T22:00"), "currency", "GBp"),
        (when("2023-06-01T22:00"), "currency", "GBp"),
        (when("2023-06-01T22:00"), "exchange", "XTSE"),
    ]
    finding = only(check_history(closes, stated[::-1]), "ticker_renamed")
    assert (finding.start, finding.severity, finding.series) == (pd.Timestamp("2023-06-01"), "warning", "A")
    assert "'AGRIUM INC' until then, 'Nutrien Ltd.'" in finding.detail
    pounds = [*stated[3:5], (when("2023-09-05T22:00"), "currency", "GBP")]
    assert only(check_history(closes, pounds), "currency_changed").severity == "warning"
    assert check_history(closes, stated[:2]) == check_history(closes, []) == []


def test_a_change_that_shows_in_the_prices_is_an_error():
    closes = with_other_company()["close"].rename("A")
    day = closes.index[SPLIT_AT]
    stated = [(when("2023-01-05"), "name", "One"), (day.to_pydatetime().replace(tzinfo=dt.UTC), "name", "Two")]
    assert only(check_history(closes, stated), "ticker_renamed").severity == "error"
    pence = with_prices(made_bars(), 0, SPLIT_AT, 100)["close"].rename("A")
    stated = [(when("2023-01-05"), "currency", "GBp"), (when(f"{day:%Y-%m-%d}"), "currency", "GBP")]
    finding = only(check_history(pence, stated), "currency_changed")
    assert finding.severity == "error"
    assert "'GBp' until then, 'GBP'" in finding.detail


def test_history_needs_a_ticker_and_zones():
    closes = made_bars()["close"]
    with pytest.raises(PricesError, match="no name"):
        check_history(closes.rename(None), [])
    with pytest.raises(PricesError, match="no zone"):
        check_history(closes, [(dt.datetime(2023, 1, 1), "name", "x")])
