"""Without one firm, without one control, and in dollars."""

import numpy as np
import pandas as pd
import pytest

import potash
from potash.errors import InputError, OptionError, WindowError
from potash.sessions import Window
from potash.study.answer.event_volatility import scaled_cars
from potash.study.inference.significance import t_quantile
from tests.study.answer.with_controls import made_study

NUMBERS = ["CAR", "std_error", "tstat", "df", "pvalue"]


def test_what_is_left_is_what_the_window_family_says_of_the_rest():
    """Each row against a study that never had the firm or the control."""
    whole = made_study(200, 250)
    table = potash.leave_one_out(whole, (0, 1), flagged=["B", "A"]).set_index(["event_id", "kind", "left_out"])
    assert len(table) == 2 * (1 + 3 + 3 + 1)
    cases = [
        ("all", "", "ABC", "ABC"), ("firm", "B", "AC", "ABC"), ("control", "XC", "ABC", "AB"),
        ("flagged firms", "B, A", "C", "ABC"),
    ]  # fmt: skip
    for kind, out, firms, controls in cases:
        alone = potash.EventStudy(
            whole.returns[list(firms)], whole.events, returns_kind="log", model=whole.model, event_window=(-5, 10),
            estimation_window=(-130, -11), controls=whole.controls.returns[[f"X{c}" for c in controls]],
        )  # fmt: skip
        family = (
            potash.window_family(alone, {"w": (0, 1)}).query("against == 'market and controls'").set_index("event_id")
        )
        for event_id in ("e0", "e1"):
            row = table.loc[(event_id, kind, out)]
            np.testing.assert_allclose(
                row[NUMBERS].to_numpy(float), family.loc[event_id, NUMBERS].to_numpy(float), rtol=1e-9
            )
            assert (row["n_firms"], row["n_controls"]) == (len(firms), len(controls))


def test_an_only_firm_stays_and_an_only_control_leaves_the_market():
    event_study = made_study(200, firms=1, controls=1)
    table = potash.leave_one_out(event_study.fit().for_event("e0"), flagged=["A"])
    assert table[["kind", "left_out"]].to_numpy().tolist() == [["all", ""], ["control", "XA"], ["flagged firms", "A"]]
    market = potash.window_family(event_study, {"w": (0, 0)}).query("against == 'market'")
    np.testing.assert_allclose(table.loc[1, NUMBERS].to_numpy(float), market[NUMBERS].to_numpy(float)[0])
    assert table.loc[2, NUMBERS].isna().all()
    assert table.loc[2, "n_firms"] == 0
    assert potash.leave_one_out(made_study(200, controls=0))["kind"].unique().tolist() == ["all", "firm"]


def test_days_left_out_of_estimations_stay_left_out():
    skipping = made_study(200, 180, exclude_events=True)
    table = potash.leave_one_out(skipping).set_index(["event_id", "left_out"])
    against = skipping.against_controls("e0").fit().for_event("e0")
    expected = scaled_cars(against.portfolio_fit, skipping.windows.event, Window(0, 0))
    assert table.loc[("e0", ""), "std_error"] == pytest.approx(expected.std_errors[0], rel=1e-12)
    assert table.loc[("e0", ""), "std_error"] != potash.leave_one_out(made_study(200, 180)).loc[0, "std_error"]


def test_what_is_left_out_is_checked():
    with pytest.raises(OptionError, match="flagged='Z'"):
        potash.leave_one_out(made_study(200), flagged=["Z"])
    with pytest.raises(WindowError, match="reaches outside"):
        potash.leave_one_out(made_study(200), (0, 11))


def values(**columns):
    rows = {"event_id": ["e0"], "ticker": ["A"], "market_value": [1e9], "currency": ["USD"]}
    return pd.DataFrame({**rows, **columns})


def usd(market_values, window=(0, 1), firms=1, **options):
    return potash.effect_in_usd(made_study(200, firms=firms, controls=0).fit(), market_values, window, **options)


@pytest.mark.parametrize("kind", ["log", "simple"])
def test_the_effect_in_dollars_is_the_simple_return_times_the_value(kind):
    results = made_study(200, firms=1, controls=0, kind=kind).fit()
    stated = values(valued_on=[pd.Timestamp("2024-09-30")], source=["report"])
    row = potash.effect_in_usd(results, stated, (0, 1)).iloc[0]
    car = results.car((0, 1))["CAR"].iloc[0]
    scaled = scaled_cars(results.fit, results.windows.event, Window(0, 1))
    half = t_quantile(0.975, scaled.df)[0] * scaled.std_errors[0]
    grow = np.expm1 if kind == "log" else float
    expected = [car, car - half, car + half, *(1e9 * grow(x) for x in (car, car - half, car + half))]
    actual = row[["CAR", "lower", "upper", "effect_usd", "lower_usd", "upper_usd"]].to_numpy(float)
    np.testing.assert_allclose(actual, expected, rtol=1e-12)
    assert (row["valued_on"], row["source"], row["reason"]) == (pd.Timestamp("2024-09-30"), "report", "")
    assert potash.effect_in_usd(results, stated).loc[0, "CAR"] == results.car((0, 0))["CAR"].iloc[0]
    assert potash.effect_in_usd(results, stated, (0, 1), level=0.99).iloc[0]["upper"] > row["upper"]


def test_where_there_is_no_value_in_dollars_the_reason_says_so():
    some = values(
        event_id=["e0"] * 3, ticker=list("ABC"), currency=["CAD", "", "USD"], market_value=[1e9, np.nan, np.nan],
        reason=["", "the last value is 500 days old", ""],
    )  # fmt: skip
    table = usd(some, firms=4)
    assert table["reason"].tolist() == [
        "the market value is in CAD, not in USD", "the last value is 500 days old", "no market value is given",
        "no market value is given",
    ]  # fmt: skip
    assert table[["effect_usd", "lower_usd", "upper_usd"]].isna().all(axis=None)
    assert table["CAR"].notna().all()
    results = made_study(200, firms=1, controls=0)
    results.returns.iloc[203, 0] = np.nan
    holed = potash.effect_in_usd(results.fit(), values(), (0, 5)).iloc[0]
    assert (holed["reason"], np.isnan(holed["effect_usd"])) == ("a day of the window is missing", True)


def test_carried_market_values_fit():
    prices = potash.load_prices()
    returns = potash.simple_returns(prices)[["NTR", "SPY"]]
    events = potash.load_timeline().align(["NTR"], ["2025-12-13-us-lifts-potash"])
    results = potash.EventStudy(
        returns[["NTR"]], events, returns_kind="simple", model=potash.MarketModel(returns["SPY"]), event_window=(-5, 10)
    ).fit()
    before = potash.market_values_before(potash.load_market_values(), results.panel.labels)
    row = potash.effect_in_usd(results, before).iloc[0]
    assert row["effect_usd"] == pytest.approx(row["CAR"] * before["market_value"].iloc[0])
    assert row["source"].startswith("https://")


@pytest.mark.parametrize("wrong", ["many", -1.0, 0, np.inf])
def test_market_values_are_checked(wrong):
    with pytest.raises(InputError, match="no positive numbers"):
        usd(values(market_value=[wrong]))


def test_market_values_need_their_columns_once_for_each_firm_event():
    with pytest.raises(InputError, match="no column currency"):
        usd(values().drop(columns="currency"))
    with pytest.raises(InputError, match="more than one row for A at e0"):
        usd(pd.concat([values(), values()]))
    for level in (0, 1, 1.5, 95):
        with pytest.raises(OptionError, match=f"level={level}"):
            usd(values(), level=level)
