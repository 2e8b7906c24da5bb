"""Diagnostics against statsmodels and scipy on complete windows, and what missing values do to them."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.api import OLS, add_constant
from statsmodels.stats.diagnostic import acorr_ljungbox, het_arch
from statsmodels.stats.stattools import durbin_watson, jarque_bera

import potash
from potash.study.further.diagnostics import diagnostics, window_diagnostics
from tests.study.made_up import DAYS, events, made_returns, study

close = pytest.approx


def fitted(**options):
    returns = made_returns(4)
    returns.iloc[[80, 90, 100], 1] = 0.0
    returns.iloc[120, 2] = 0.2
    return study(returns, events(200), **options).fit()


@pytest.mark.filterwarnings("ignore:acorr_lm currently:FutureWarning")
def test_statsmodels_on_complete_windows():
    results = fitted()
    actual = diagnostics(results)
    for row, residuals in zip(actual.itertuples(), results.fit.residuals, strict=True):
        stat, pvalue, skewness, kurtosis = jarque_bera(residuals)
        assert (row.jarque_bera, row.jarque_bera_pvalue) == (close(stat), close(pvalue))
        assert (row.skewness, row.kurtosis, row.nobs) == (close(skewness), close(kurtosis), 120)
        box = acorr_ljungbox(residuals, lags=[1, 5])
        assert [row.ljung_box_1, row.ljung_box_5] == close(box["lb_stat"].tolist())
        assert [row.ljung_box_1_pvalue, row.ljung_box_5_pvalue] == close(box["lb_pvalue"].tolist())
        assert row.durbin_watson == close(durbin_watson(residuals))
        assert [row.arch_lm, row.arch_lm_pvalue] == close(list(het_arch(residuals, nlags=5)[:2]), rel=1e-8)


def test_chow_is_the_f_test_of_interactions():
    results = fitted()
    actual, late = diagnostics(results), np.arange(120) >= 60
    for row, y, x in zip(actual.itertuples(), results.panel.y, results.panel.x, strict=True):
        told = OLS(y, np.column_stack([add_constant(x), late, late * x[:, 0]])).fit().f_test(np.eye(4)[2:])
        assert (row.chow, row.chow_pvalue) == (close(told.fvalue), close(told.pvalue))


def test_chow_of_a_constant_is_the_two_sample_t():
    results = fitted(model=potash.MeanAdjusted())
    y = results.panel.y[0]
    told = stats.ttest_ind(y[:60], y[60:])
    assert diagnostics(results).iloc[0][["chow", "chow_pvalue"]].tolist() == close([told.statistic**2, told.pvalue])


def test_zero_returns_and_the_largest_residual():
    results = fitted()
    actual = diagnostics(results)
    assert actual["zero_returns"].tolist() == close([0, 3 / 120, 0, 0])
    row = actual.loc[("e0", "C")]
    assert row["largest_session"] == DAYS[120]
    assert row["largest"] == close(results.fit.residuals[2, 50] / results.params["sigma"].iloc[2])
    # Grubbs' statistic in its t form, by scipy, over the sessions of the window.
    size, df = row["largest"], 118
    t = size * np.sqrt((df - 1) / (df - size**2))
    assert row["largest_pvalue"] == close(120 * 2 * stats.t.sf(t, df - 1), rel=1e-6, abs=0)
    assert actual.loc[("e0", "A"), "largest_pvalue"] > 0.01


def test_largest_pvalue_is_that_of_outlier_test():
    """Statsmodels divides by the leverage too: near, for residuals of 120 sessions."""
    results = fitted()
    told = OLS(results.panel.y[2], add_constant(results.panel.x[2])).fit().get_influence()
    top = np.abs(told.resid_studentized_external).max()
    assert np.log(diagnostics(results)["largest_pvalue"].iloc[2]) == close(
        np.log(120 * 2 * stats.t.sf(top, 117)), rel=0.1
    )


def plain(residuals: np.ndarray, **options):
    residuals = np.atleast_2d(residuals)
    known = ~np.isnan(residuals)
    df = known.sum(axis=1) - 1
    mean = np.where(known, residuals, 0).sum(axis=1) / np.maximum(df + 1, 1)
    variance = np.where(known, (residuals - mean[:, None]) ** 2, 0).sum(axis=1) / np.maximum(df, 1)
    return window_diagnostics(residuals, variance, df, residuals, np.empty((*residuals.shape, 0)))


def test_a_gap_is_not_closed_up():
    """An alternating series broken by one missing day: closing the gap would put two like signs side by side."""
    series = np.tile([1.0, -1.0], 30)
    series[31] = np.nan
    actual = plain(series)
    known = ~np.isnan(series)
    e = np.where(known, series - np.nanmean(series), 0)
    correlation = (e[1:] * e[:-1]).sum() / (e**2).sum()
    assert actual.ljung_box_1[0] == close(59 * 61 * correlation**2 / 57)
    assert actual.durbin_watson[0] == close(4, abs=0.1)
    assert actual.nobs[0] == 59


def test_order_does_not_matter_for_moments():
    series = np.random.default_rng(1).normal(0, 0.02, 100)
    holed = series.copy()
    holed[[3, 40, 77]] = np.nan
    assert plain(holed).jarque_bera[0] == close(stats.jarque_bera(series[~np.isnan(holed)]).statistic)


def test_arch_keeps_sessions_with_five_known_predecessors():
    series = np.random.default_rng(2).normal(0, 0.02, 100)
    tail = plain(series[41:]).arch_lm[0]
    series[40] = np.nan
    series[:35] = np.nan
    assert plain(series).arch_lm[0] == close(tail)


@pytest.mark.simulation
def test_size_with_missing_days():
    """Independent normal residuals with 10 % missing: each test rejects about 5 %."""
    rng = np.random.default_rng(3)
    residuals = rng.normal(0, 0.02, (4000, 120))
    residuals[rng.random(residuals.shape) < 0.1] = np.nan
    actual = plain(residuals)
    for name in ("ljung_box_1", "ljung_box_5", "arch_lm", "jarque_bera", "chow", "largest"):
        size = (getattr(actual, f"{name}_pvalue") < 0.05).mean()
        # Asymptotic tests on 108 or fewer values: ARCH (.037 in 20,000 windows) and Jarque-Bera (.041) reject less.
        assert 0.025 < size < 0.065, name


@pytest.mark.simulation
def test_power():
    rng = np.random.default_rng(4)
    shocks = rng.normal(0, 1, (300, 121))
    assert (plain(shocks[:, 1:] + 0.5 * shocks[:, :-1]).ljung_box_1_pvalue < 0.05).mean() > 0.9
    assert (plain(rng.standard_t(3, (300, 120))).jarque_bera_pvalue < 0.05).mean() > 0.9
    loud = np.where(np.arange(120) % 40 < 8, 3.0, 0.5)
    assert (plain(rng.normal(0, 1, (300, 120)) * loud).arch_lm_pvalue < 0.05).mean() > 0.6
    market = rng.normal(0, 1, (300, 120, 1))
    beta = np.where(np.arange(120) < 60, 0.5, 1.5)
    y = beta * market[:, :, 0] + rng.normal(0, 1, (300, 120))
    assert (window_diagnostics(y, y.var(axis=1), np.full(300, 118), y, market).chow_pvalue < 0.05).mean() > 0.9


def test_not_computable_is_missing():
    actual = plain(np.array([np.full(12, np.nan), np.r_[0.1, np.full(11, np.nan)], np.zeros(12)]))
    for name in ("jarque_bera", "ljung_box_1", "ljung_box_5", "durbin_watson", "arch_lm", "chow", "largest_pvalue"):
        assert np.isnan(getattr(actual, name)).all(), name
    assert actual.nobs.tolist() == [0, 1, 12]
    assert actual.largest_at[0] == -1
    assert (actual.zero_returns[1], actual.zero_returns[2]) == (0, 1)


def test_the_frame_has_a_row_for_each_firm_event():
    results = study(made_returns(2), events(180, 220)).fit()
    frame = diagnostics(results)
    assert frame.index.equals(results.car().index)
    assert pd.api.types.is_datetime64_any_dtype(frame["largest_session"])


@pytest.mark.parametrize("jump", [0.06, 0.3, 3.0])
def test_largest_residual_of_a_robust_model_is_judged_by_the_residuals_themselves(jump):
    """Its variance leaves the wild day out, so that the residual can be beyond anything a share of it allows."""
    returns = made_returns(1, 3)
    returns.iloc[120, 0] = returns["M"].iloc[120] + jump
    results = study(returns, events(200), model=potash.RobustModel(returns["M"])).fit()
    row, residuals = diagnostics(results).iloc[0], results.fit.residuals[0]
    top = np.abs(residuals).max()
    assert np.abs(row["largest"]) == close(top / np.sqrt(results.fit.variance[0]))
    size = top / np.sqrt(residuals @ residuals / 118)
    t = size * np.sqrt(117 / (118 - size**2))
    assert row["largest_pvalue"] == close(120 * 2 * stats.t.sf(t, 117), rel=1e-6, abs=0)
    assert row["largest_pvalue"] > 0


@pytest.mark.simulation
def test_size_of_the_largest_residual_of_a_robust_model():
    rng, n = np.random.default_rng(0), 2000
    x = rng.normal(0, 0.01, (n, 121, 1))
    y = x[:, :, 0] + rng.normal(0, 0.02, (n, 121))
    fit = potash.RobustModel(made_returns(1)["M"]).fit(y[:, :120], x[:, :120], y[:, 120:], x[:, 120:])
    actual = window_diagnostics(fit.residuals, fit.variance, fit.df_resid, y[:, :120], x[:, :120])
    for level in (0.05, 0.01):
        size = (actual.largest_pvalue < level).mean()
        assert size == close(level, abs=3 * np.sqrt(level * (1 - level) / n))


def test_a_single_residual_cannot_be_judged():
    series = np.zeros((1, 30))
    series[0, 4] = 0.1
    actual = window_diagnostics(series, np.array([0.01]), np.array([28]), series, np.empty((1, 30, 0)))
    assert np.isnan(actual.largest_pvalue[0])
    assert (actual.largest[0], actual.largest_at[0]) == (close(1.0), 4)
