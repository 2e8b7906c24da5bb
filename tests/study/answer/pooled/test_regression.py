"""The calendar-time form against numpy's least squares and the formula of HC3, with controls and with two stretches."""

import numpy as np
import pandas as pd
import pytest

import potash
from potash.sessions import Window
from potash.study.answer.pooled.regression import calendar_form
from potash.study.answer.pooled.signed_events import signed_events
from potash.study.expected_returns.controls import ControlGroup
from tests.study.made_up import DAYS, events, made_returns, study

SIGNS = pd.Series({"e0": 1, "e1": -1})


def form(event_study, window=(0, 1), controls=False):
    signed = signed_events(event_study, SIGNS, (Window.of(window),), controls)
    return calendar_form(event_study, signed, Window.of(window), controls).set_index("errors")


def by_numpy(y, x, signed):
    """Return the slope of the signed days, and its ordinary and its HC3 standard error."""
    design = np.column_stack([signed, np.ones(len(y)), x])
    inverse = np.linalg.inv(design.T @ design)
    beta = inverse @ design.T @ y
    residuals = y - design @ beta
    leverage = np.einsum("ij,jk,ik->i", design, inverse, design)
    meat = design.T @ (design * (residuals / (1 - leverage))[:, None] ** 2)
    ordinary = residuals @ residuals / (len(y) - design.shape[1]) * inverse[0, 0]
    return beta[0], np.sqrt(ordinary), np.sqrt((inverse @ meat @ inverse)[0, 0])


def signed_days(*places):
    signed = np.zeros(300)
    for position, sign in places:
        signed[position] = sign
    return signed


def test_slope_and_errors_are_those_of_one_regression_on_all_days():
    returns = made_returns(3)
    table = form(study(returns, events(200, 240), event_window=(-5, 10)))
    signed = signed_days((200, 1), (201, 1), (240, -1), (241, -1))
    y = returns[["A", "B", "C"]].mean(axis=1).to_numpy()
    slope, ordinary, hc3 = by_numpy(y, returns["M"].to_numpy(), signed)
    np.testing.assert_allclose(table["effect"], 2 * slope)
    assert table.loc["ols", "std_error"] == pytest.approx(2 * ordinary)
    assert table.loc["hc3", "std_error"] == pytest.approx(2 * hc3)
    assert table["df"].to_dict() == {"ols": 297, "hc3": 3, "hac": 3}
    assert (table["n_days"] == 4).all()
    assert (table["nobs"] == 300).all()


def test_a_day_in_two_windows_is_that_of_the_nearer_event():
    returns = made_returns(3)
    table = form(study(returns, events(200, 201), event_window=(-5, 10)), (0, 3))
    signed = signed_days((200, 1), *((position, -1) for position in (201, 202, 203, 204)))
    slope, *_ = by_numpy(returns[["A", "B", "C"]].mean(axis=1).to_numpy(), returns["M"].to_numpy(), signed)
    assert table.loc["ols", "effect"] == pytest.approx(4 * slope)
    assert table.loc["ols", "n_days"] == 5


def test_controls_enter_without_those_left_out_on_an_event_s_days():
    returns, controls = made_returns(3), made_returns(2, seed=5)[["A", "B"]].set_axis(["X", "Y"], axis=1)
    group = ControlGroup(controls, pd.DataFrame({"event_id": ["e1"], "ticker": ["X"]}))
    event_study = study(returns, events(200, 240), event_window=(-5, 10), controls=group)
    mean = controls.mean(axis=1).to_numpy().copy()
    mean[240:242] = controls["Y"].iloc[240:242]
    signed = signed_days((200, 1), (201, 1), (240, -1), (241, -1))
    y = returns[["A", "B", "C"]].mean(axis=1).to_numpy()
    slope, *_ = by_numpy(y, np.column_stack([returns["M"], mean]), signed)
    assert form(event_study, controls=True).loc["ols", "effect"] == pytest.approx(2 * slope)


def test_a_day_of_an_event_without_controls_is_measured_against_the_market_alone():
    returns, controls = made_returns(3), made_returns(2, seed=5)[["A"]].set_axis(["X"], axis=1)
    group = ControlGroup(controls, pd.DataFrame({"event_id": ["e1"], "ticker": ["X"]}))
    event_study = study(returns, events(200, 240), event_window=(-5, 10), controls=group)
    market, mean = returns["M"].to_numpy(), controls["X"].to_numpy()
    days = np.isin(np.arange(300), [240, 241])
    base = np.column_stack([np.ones(300), market])
    rest = np.where(days, 0, mean - base @ np.linalg.lstsq(base[~days], mean[~days], rcond=None)[0])
    signed = signed_days((200, 1), (201, 1), (240, -1), (241, -1))
    y = returns[["A", "B", "C"]].mean(axis=1).to_numpy()
    slope, ordinary, _ = by_numpy(y, np.column_stack([market, rest]), signed)
    table = form(event_study, controls=True)
    assert table.loc["ols", "effect"] == pytest.approx(2 * slope)
    assert table.loc["ols", "std_error"] == pytest.approx(2 * ordinary)
    assert (table["n_days"] == 4).all()


def test_each_stretch_has_its_own_constant_and_slopes():
    early, late = made_returns(2), made_returns(2, seed=8)
    late[["A", "B"]] = 0.002 + 3 * late[["M"]].to_numpy() + (late[["A", "B"]] - late[["M"]].to_numpy())
    late.index = DAYS + pd.Timedelta(days=1400)
    returns = pd.concat([early, late])
    rows = pd.DataFrame({"event_id": ["e0", "e1"], "session": [early.index[200], late.index[200]]})
    table = form(study(returns, rows, event_window=(-5, 10)), (0, 0))
    y, market = returns[["A", "B"]].mean(axis=1).to_numpy(), returns["M"].to_numpy()
    second = (np.arange(600) >= 300).astype(float)
    signed = np.zeros(600)
    signed[[200, 500]] = 1, -1
    slope, *_ = by_numpy(y, np.column_stack([market, second, market * second]), signed)
    assert table.loc["hac", "effect"] == pytest.approx(slope)


def test_factors_of_each_firm_are_averaged():
    returns = made_returns(2)
    other = made_returns(2, seed=4)["M"]
    factors = pd.concat({"A": returns[["M"]], "B": other.to_frame()}, axis=1)
    event_study = study(returns, events(200, 240), event_window=(-5, 10), model=potash.FactorModel(factors))
    mean = (returns["M"] + other).to_numpy() / 2
    signed = signed_days((200, 1), (240, -1))
    slope, *_ = by_numpy(returns[["A", "B"]].mean(axis=1).to_numpy(), mean, signed)
    assert form(event_study, (0, 0)).loc["ols", "effect"] == pytest.approx(slope)


def test_one_day_of_events_has_no_form():
    event_study = study(made_returns(2), events(200), event_window=(-5, 10))
    signed = signed_events(event_study, SIGNS, (Window(0, 0),), False)
    assert calendar_form(event_study, signed, Window(0, 0), False).empty


def test_all_three_standard_errors_are_those_of_statsmodels():
    from statsmodels.regression.linear_model import OLS

    returns = made_returns(3)
    table = form(study(returns, events(200, 240), event_window=(-5, 10)))
    signed = signed_days((200, 1), (201, 1), (240, -1), (241, -1))
    y = returns[["A", "B", "C"]].mean(axis=1).to_numpy()
    model = OLS(y, np.column_stack([signed, np.ones(300), returns["M"].to_numpy()]))
    hac = {"maxlags": int(4 * 3 ** (2 / 9)), "use_correction": True}
    fits = {"ols": model.fit(), "hc3": model.fit(cov_type="HC3"), "hac": model.fit(cov_type="HAC", cov_kwds=hac)}
    for name, fit in fits.items():
        assert table.loc[name, "effect"] == pytest.approx(2 * fit.params[0], rel=1e-11)
        assert table.loc[name, "std_error"] == pytest.approx(2 * fit.bse[0], rel=1e-11)
