"""Dose and response: the slope by least squares, the p-value by all orders of the firms."""

from itertools import permutations

import numpy as np
import pandas as pd
import pytest

from potash.sessions import Window
from potash.study.answer.pooled.exposure import by_firm, dose_response
from potash.study.answer.pooled.signed_events import signed_events
from tests.study.made_up import DAYS, events, made_returns, study


def test_the_slope_is_that_of_least_squares_and_the_p_value_counts_orders():
    exposure, averages = np.array([0.1, 0.2, 0.5, 0.3]), np.array([0.01, 0.012, 0.03, 0.015])
    answer = dose_response(exposure, averages)
    slope, intercept = np.polyfit(exposure, averages, 1)
    assert [answer["slope"], answer["intercept"]] == pytest.approx([slope, intercept])
    others = [np.polyfit(exposure, averages[list(order)], 1)[0] for order in permutations(range(4))]
    assert answer["pvalue"] == np.mean([abs(other) >= abs(slope) - 1e-12 for other in others])
    assert [answer["n_firms"], answer["smallest_pvalue"]] == [4, 1 / 24]


def test_from_nine_firms_on_orders_are_sampled():
    rng = np.random.default_rng(0)
    exposure = rng.uniform(size=9)
    averages = exposure + rng.normal(0, 0.05, 9)
    answer = dose_response(exposure, averages, seed=1)
    assert answer["pvalue"] == answer["smallest_pvalue"] == 1 / 10_000
    assert dose_response(exposure[:8], averages[:8])["smallest_pvalue"] == 1 / 40_320
    noise = rng.normal(size=9)
    assert dose_response(exposure, noise) == dose_response(exposure, noise, seed=0)


def test_three_firms_are_enough_and_orders_that_are_as_extreme_count():
    answer = dose_response(np.array([0.1, 0.2, 0.3]), np.array([0.01, 0.02, 0.03]))
    assert [answer["slope"], answer["pvalue"]] == pytest.approx([0.1, 2 / 6])
    # The order reversed has the same slope but for its sign; nearly the same is not the same.
    answer = dose_response(np.array([0.1, 0.2, 0.3]), np.array([0.01, 0.0200001, 0.03]))
    assert answer["pvalue"] == pytest.approx(2 / 6)
    other = dose_response(np.array([0.1, 0.2, 0.30001]), np.array([0.01, 0.02, 0.03001]))
    slopes = [np.polyfit([0.1, 0.2, 0.30001], order, 1)[0] for order in permutations([0.01, 0.02, 0.03001])]
    assert other["pvalue"] == np.mean(np.abs(slopes) >= slopes[0] - 1e-12)


@pytest.mark.parametrize("exposure", [[0.1, 0.2], [0.2, 0.2, 0.2]])
def test_two_firms_or_one_dose_have_no_slope(exposure):
    answer = dose_response(np.array(exposure), np.arange(len(exposure)) / 100)
    assert np.isnan([answer["slope"], answer["pvalue"]]).all()
    assert answer["n_firms"] == len(exposure)


def test_firms_are_averaged_over_their_events_in_the_expected_direction():
    returns = made_returns(2)
    returns.loc[DAYS[240], "B"] = np.nan
    event_study = study(returns, events(200, 240), event_window=(-5, 10))
    signed = signed_events(event_study, pd.Series({"e0": 1, "e1": -1}), (Window(0, 1),), False)
    table = by_firm(signed, Window(0, 1)).set_index("ticker")
    cars = event_study.fit().car((0, 1))
    a = cars.xs("A", level="ticker")
    assert table.loc["A", "average"] == pytest.approx((a.loc["e0", "CAR"] - a.loc["e1", "CAR"]) / 2)
    assert table.loc["A", "std_error"] == pytest.approx(np.sqrt((a["std_error"] ** 2).sum()) / 2)
    assert table.loc["B", "average"] == pytest.approx(cars.loc[("e0", "B"), "CAR"])
    assert table["n_events"].to_dict() == {"A": 2, "B": 1}
    turned = study(returns[["B", "A", "M"]], events(200), event_window=(-5, 10))
    assert by_firm(signed_events(turned, pd.Series({"e0": 1}), (Window(0, 1),), False), Window(0, 1))["ticker"].tolist() == [
        "B", "A",
    ]  # fmt: skip
