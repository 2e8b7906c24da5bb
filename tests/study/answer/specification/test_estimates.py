"""Estimates of specifications against plain regressions one by one, and against the other answers of a study."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import stats

import potash
from potash.study.answer.event_volatility import kept_share
from potash.study.answer.specification.estimates import normal_deviates
from tests.study.answer.with_controls import CHOICES, made_study
from tests.study.made_up import made_returns


def by_hand(event_study, row, position, markets):
    """Return estimate, standard error, degrees of freedom and n of a specification, by a plain regression."""
    convert = (lambda frame: frame) if row["returns"] == event_study.returns_kind else np.expm1
    firms = list(event_study.returns.columns)
    if row["pool"].startswith("without "):
        firms.remove(row["pool"].removeprefix("without "))
    elif row["pool"].endswith(" alone"):
        firms = [row["pool"].removesuffix(" alone")]
    y = convert(event_study.returns)[firms].mean(axis=1, skipna=False)
    factors = []
    if row["benchmark"] != "none":
        factors.append(convert(markets[row["benchmark"]]))
    if row["controls"] != "none":
        group = convert(event_study.controls.returns)
        factors.append(group.drop(columns=row["controls"].removeprefix("without "), errors="ignore").mean(axis=1))
    x = pd.DataFrame(dict(enumerate(factors)), index=y.index)
    estimation = slice(position - row["gap"] - row["length"] + 1, position - row["gap"] + 1)
    event = slice(position - 5, position + 11)
    if row["model"] == "market-adjusted":
        excess = y - x[0]
        abnormal, s2, nobs = (
            excess.iloc[event].to_numpy(),
            excess.iloc[estimation].var(),
            excess.iloc[estimation].count(),
        )
        covariance, df = s2 * np.eye(16), nobs - 1
    else:
        design = sm.add_constant(x.to_numpy(), has_constant="add") if factors else np.ones((len(y), 1))
        fit = sm.OLS(y.to_numpy()[estimation], design[estimation], missing="drop").fit()
        abnormal = y.to_numpy()[event] - design[event] @ fit.params
        covariance = fit.mse_resid * np.eye(16) + design[event] @ fit.cov_params() @ design[event].T
        df, nobs = fit.df_resid, int(fit.nobs)
    window = np.zeros(16)
    first, last = (int(part) for part in row["window"].strip("[]").split(", "))
    window[first + 5 : last + 6] = 1
    standardized, around = abnormal / np.sqrt(np.diag(covariance)), np.ones(16)
    around[:2] = 0
    outside = standardized[(around == 1) & (window == 0)]
    squares, days = (outside**2).sum(), len(outside)
    if days < 8:
        within = standardized[window == 1]
        kept = np.delete(within, np.abs(within - np.median(within)).argmax())
        squares += ((kept - kept.mean()) ** 2).sum() / kept_share(len(within))
        days += len(within) - 2
    ratio = squares / days
    error = np.sqrt(window @ covariance @ window * max(ratio, 1))
    return window @ abnormal, error, min(df, days) if ratio > 1 else df, nobs


@pytest.mark.parametrize("kind", ["log", "simple"])
def test_specifications_are_plain_regressions(kind):
    event_study = made_study(220, 260)
    event_study.returns.iloc[[205, 215], 0] = np.nan  # of the estimation windows
    event_study.controls.returns.iloc[[210, 230], 1] = np.nan
    markets = made_returns(2, seed=7)[["A", "M"]].set_axis(["N", "M"], axis=1)
    curve = potash.specification_curve(event_study, benchmarks=markets, **CHOICES)
    # Two benchmarks with (market, adjusted, four control groups), the mean; pools: all, three without, three alone.
    assert len(curve.frame) == 2 * (2 * 6 + 1) * 4 * 4 * 7
    assert curve.event_id == "e1"
    assert (curve.frame["reason"] == "").all()
    for _, row in curve.frame[curve.frame["returns"] == kind].sample(80, random_state=3).iterrows():
        estimate, error, df, nobs = by_hand(event_study, row, 260, markets)
        stat = estimate / error
        expected = [estimate, error, stat, df, 2 * stats.t.sf(abs(stat), df), nobs]
        actual = row[["estimate", "std_error", "tstat", "df", "pvalue", "n"]].to_numpy(float)
        np.testing.assert_allclose(actual, expected, rtol=1e-9, err_msg=str(row.to_dict()))


def test_a_study_of_simple_returns_has_the_same_curve():
    one, other = (potash.specification_curve(made_study(260, kind=kind), **CHOICES) for kind in ("log", "simple"))
    pd.testing.assert_frame_equal(one.frame, other.frame, rtol=1e-9)
    pd.testing.assert_frame_equal(one.ordinary, other.ordinary, rtol=1e-9)


@pytest.mark.parametrize("exchanges", [None, {"A": "XNYS", "B": "XNYS", "C": "XTAE"}])
def test_the_study_s_own_specification_is_that_of_the_window_family(exchanges):
    event_study = made_study(230)
    if exchanges:
        rows = pd.DataFrame({"event_id": "e0", "ticker": list(exchanges), "exchange": list(exchanges.values())})
        options = {"returns_kind": "log", "model": event_study.model, "event_window": (-5, 10)}
        rows = rows.assign(session=pd.Timestamp("2024-11-20"))
        event_study = potash.EventStudy(
            event_study.returns, rows, controls=event_study.controls.returns, **options, min_estimation=96
        )
    family = potash.window_family(event_study).set_index(["against", "window"])
    curve = potash.specification_curve(event_study, lengths=(120,), gaps=(11,))
    assert (curve.frame["reason"] == "").all()
    chosen = curve.frame[(curve.frame["returns"] == "log") & (curve.frame["pool"] == "all")]
    for model, controls, against in (("market", "none", "market"), ("market + controls", "all", "market and controls")):
        rows = chosen[(chosen["model"] == model) & (chosen["controls"] == controls)].set_index("window")
        assert len(rows) == 4
        expected = family.loc[against].loc[rows.index, ["CAR", "std_error", "tstat", "df", "pvalue"]]
        np.testing.assert_allclose(rows[["estimate", "std_error", "tstat", "df", "pvalue"]], expected, rtol=1e-9)


@pytest.mark.parametrize("kind", ["log", "simple"])
def test_sessions_left_out_of_estimations_are_left_out_of_both_kinds_of_returns(kind):
    skipping = made_study(230, 200, exclude_events=True)
    curve = potash.specification_curve(skipping, lengths=(120,), gaps=(11,))
    assert (curve.frame["n"] == 104).all()  # of 120, less the sixteen around the other event
    row = curve.frame.query("returns == @kind and model == 'market' and pool == 'all' and window == '[0, 0]'").iloc[0]
    simple = made_study(230, 200, exclude_events=True, kind=kind)
    family = potash.window_family(simple).query("event_id == 'e0' and against == 'market' and name == 'impact'").iloc[0]
    np.testing.assert_allclose(
        row[["estimate", "std_error"]].to_numpy(float), family[["CAR", "std_error"]].to_numpy(float)
    )


def test_normal_deviates_have_the_tails_of_student_s_t():
    values, df = np.array([-8.0, -2.1, 0.0, 0.3, 5.0]), np.array([13.0, 4.0, 9.0, 57.0, 247.0])
    expected = stats.norm.isf(stats.t.sf(values, df))
    np.testing.assert_allclose(normal_deviates(values, df), expected, rtol=1e-9, atol=1e-12)


def test_a_statistic_beyond_all_tails_is_finite_and_a_missing_one_stays_missing():
    deviates = normal_deviates(np.array([1e6, -1e6, np.nan]), np.array([500.0, 500.0, 10.0]))
    assert (deviates[0], np.isnan(deviates[2])) == (-deviates[1], True)
    assert 37 < deviates[0] < 38
