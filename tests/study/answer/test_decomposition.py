"""Three parts that add up: by numpy, with a control measured against the others, and where something is missing."""

import numpy as np
import pandas as pd
import pytest

import potash
from potash.errors import InputError
from potash.study.expected_returns.controls import ControlGroup
from tests.study.made_up import DAYS, events, made_returns, study

AT = 220


def made_controls(seed=9):
    return made_returns(3, seed)[["A", "B", "C"]].set_axis(list("XYZ"), axis=1)


def parts_of(controls, windows=None, at=AT, returns=None, **options):
    returns = made_returns(2) if returns is None else returns
    event_study = study(returns, events(at), event_window=(-5, 10), controls=controls, **options)
    return potash.decompose(event_study, windows)


def by_least_squares(y, factors, at, window):
    """Return normal returns summed over a window, and the slopes, by numpy alone."""
    design = np.column_stack([np.ones(len(y)), *factors])
    before = slice(at - 130, at - 10)
    slopes = np.linalg.lstsq(design[before], y[before], rcond=None)[0]
    days = slice(at + window[0], at + window[1] + 1)
    return (design[days] @ slopes).sum(), slopes


@pytest.mark.parametrize("window", [(0, 0), (-5, -1), (0, 10)])
def test_the_parts_are_those_of_two_regressions(window):
    returns, controls = made_returns(2), made_controls()
    table = parts_of(controls, {"it": window}).set_index("ticker")
    market, mean = returns["M"].to_numpy(), controls.mean(axis=1).to_numpy()
    days = slice(AT + window[0], AT + window[1] + 1)
    firms = {t: returns[t].to_numpy() for t in ("A", "B")} | {"portfolio": returns[["A", "B"]].mean(axis=1).to_numpy()}
    for ticker, y in firms.items():
        expected, slopes = by_least_squares(y, [market], AT, window)
        both, both_slopes = by_least_squares(y, [market, mean], AT, window)
        row = table.loc[ticker]
        assert row["raw_return"] == pytest.approx(y[days].sum())
        assert row["market"] == pytest.approx(expected)
        assert row["controls"] == pytest.approx(both - expected)
        assert row["specific"] == pytest.approx(y[days].sum() - both)
        assert [row["beta"], row["controls_beta"]] == pytest.approx([slopes[1], both_slopes[2]])
        assert row["market_return"] == pytest.approx(market[days].sum())
        assert row["controls_return"] == pytest.approx(mean[days].sum())
        assert row[["market", "controls", "specific"]].sum() == pytest.approx(row["raw_return"])
        assert row["abnormal"] == pytest.approx(row["controls"] + row["specific"])


def test_a_control_is_measured_against_the_mean_of_the_others():
    returns, controls = made_returns(2), made_controls()
    table = parts_of(controls, {"it": (0, 1)}).set_index("ticker")
    others = controls[["X", "Z"]].mean(axis=1).to_numpy()
    expected, _ = by_least_squares(controls["Y"].to_numpy(), [returns["M"].to_numpy(), others], AT, (0, 1))
    assert table.loc["Y", "kind"] == "control"
    assert table.loc["Y", "specific"] == pytest.approx(controls["Y"].iloc[AT : AT + 2].sum() - expected)
    assert table.loc["Y", "controls_return"] == pytest.approx(others[AT : AT + 2].sum())


def test_a_control_left_out_has_no_part_and_a_single_one_has_no_others():
    left_out = pd.DataFrame({"event_id": ["e0", "e0"], "ticker": ["X", "Z"]})
    table = parts_of(ControlGroup(made_controls(), left_out), {"it": (0, 0)}).set_index("ticker")
    assert table.index[table["kind"] == "control"].tolist() == ["Y"]
    assert table.loc["Y", ["controls", "specific"]].isna().all()
    assert table.loc["Y", "abnormal"] == pytest.approx(table.loc["Y", "raw_return"] - table.loc["Y", "market"])
    assert table.loc["A", "controls_return"] == made_controls().loc[DAYS[AT], "Y"]


def test_without_controls_the_market_s_part_and_the_rest_remain():
    table = parts_of(None, {"it": (0, 0)}).set_index("ticker")
    assert table["kind"].tolist() == ["firm", "firm", "portfolio"]
    assert table[["controls", "specific", "specific_std_error", "controls_beta"]].isna().all(axis=None)
    np.testing.assert_allclose(table["market"] + table["abnormal"], table["raw_return"])


def test_standard_errors_follow_the_volatility_around_the_window():
    returns = made_returns(2)
    wild = returns.copy()
    wild.iloc[AT - 3 : AT + 11, :2] *= 3
    calm_table, wild_table = (parts_of(None, {"it": (0, 0)}, returns=r).set_index("ticker") for r in (returns, wild))
    assert wild_table.loc["portfolio", "volatility"] > 2
    ratio = wild_table.loc["portfolio", "abnormal_std_error"] / calm_table.loc["portfolio", "abnormal_std_error"]
    assert ratio > 2


def test_the_family_is_the_default_and_results_of_one_event_are_enough():
    event_study = study(made_returns(2), events(200, 240), event_window=(-5, 5), controls=made_controls())
    table = potash.decompose(event_study.fit().for_event("e1"))
    assert table["event_id"].unique().tolist() == ["e1"]
    assert table["name"].unique().tolist() == ["run-up", "impact", "impact, two sessions", "follow-through, a week"]


def test_a_firm_without_a_day_has_no_parts_and_neither_has_the_portfolio():
    returns = made_returns(2)
    returns.iloc[AT + 1, 0] = np.nan
    table = parts_of(made_controls(), {"it": (0, 1)}, returns=returns).set_index("ticker")
    parts = ["raw_return", "market", "controls", "specific"]
    assert table.loc[["A", "portfolio"], parts].isna().all(axis=None)
    assert table.loc["B", parts].notna().all()


def test_a_model_without_a_beta_has_no_market_s_part():
    returns = made_returns(2)
    event_study = potash.EventStudy(
        returns[["A", "B"]], events(AT), returns_kind="log", model=potash.MarketAdjusted(returns["M"])
    )
    with pytest.raises(InputError, match="market-adjusted estimates no beta"):
        potash.decompose(event_study)


@pytest.mark.parametrize("kind", ["simple", "log"])
def test_price_changes_are_those_of_a_terminal(kind):
    returns = made_returns(2)
    table = parts_of(None, {"it": (0, 3)}, returns_kind=kind).set_index("ticker")
    days = returns.iloc[AT : AT + 4]
    expected = np.expm1(days.sum()) if kind == "log" else (1 + days).prod() - 1
    assert table.loc[["A", "B"], "price_change"].tolist() == pytest.approx(expected[["A", "B"]].tolist())
    assert table.loc["portfolio", "price_change"] == pytest.approx(expected[["A", "B"]].mean())
    assert table["market_price_change"].tolist() == pytest.approx([expected["M"]] * 3)
