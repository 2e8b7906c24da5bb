"""Weighted averages: closed forms, and the portfolios that they are."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from potash.errors import InputError, OptionError
from potash.study.further.weighted import weighted_average, weighted_car, window_correlations
from tests.study.made_up import events, made_returns, study

close = pytest.approx


def fitted(n=4, seed=0, at=(200,), **options):
    return study(made_returns(n, seed), events(*at), **options).fit()


def test_precision_weights_by_hand():
    cars, errors, df = np.array([0.04, 0.01, np.nan]), np.array([0.01, 0.02, 0.02]), np.array([100, 90, 5])
    actual = weighted_average(cars, errors, df, 1 / errors**2, np.eye(3))
    assert actual.estimate == close(0.8 * 0.04 + 0.2 * 0.01)
    assert actual.std_error == close(1 / np.sqrt(1 / 0.01**2 + 1 / 0.02**2))
    assert (actual.n_obs, actual.df) == (2, 90)
    assert actual.weights[:2] == close([0.8, 0.2])
    assert np.isnan(actual.weights[2])
    assert actual.pvalue == close(2 * stats.t.sf(actual.tstat, 90))
    correlated = np.full((3, 3), 0.5) + 0.5 * np.eye(3)
    variance = 0.008**2 + 0.004**2 + 2 * 0.5 * 0.008 * 0.004
    assert weighted_average(cars, errors, df, 1 / errors**2, correlated).std_error == close(np.sqrt(variance))


@pytest.mark.parametrize("window", [(0, 0), (-2, 4)])
def test_equal_weights_are_the_portfolio_test(window):
    actual = fitted()
    average = weighted_car(actual, window, pd.Series(7.0, index=list("ABCD")))
    told = actual.test("portfolio", window)
    assert (average.estimate, average.std_error) == (close(told.estimate), close(told.std_error, rel=1e-9))
    assert average.pvalue == close(told.pvalue, rel=1e-9)


def test_value_weights_are_the_value_weighted_portfolio():
    returns, values = made_returns(3), pd.Series([1.0, 5.0, 2.0], index=list("ABC"))
    pooled = returns[["M"]].assign(P=returns[list("ABC")] @ values / values.sum())
    told = study(pooled, events(200)).fit().car((-1, 1)).iloc[0]
    actual = weighted_car(study(returns, events(200)).fit(), (-1, 1), values)
    assert [actual.estimate, actual.std_error, actual.tstat, actual.pvalue] == close(told.tolist(), rel=1e-9)
    by_event = pd.Series(values.to_numpy(), index=study(returns, events(200)).fit().car().index)
    assert weighted_car(study(returns, events(200)).fit(), (-1, 1), by_event).tstat == close(actual.tstat)


def test_windows_apart_are_independent():
    actual = fitted(2, at=(180, 220))
    correlations = window_correlations(actual.fit.residuals, actual.panel.days, actual.panel.days_event)
    assert correlations[0, 1] == close(np.corrcoef(actual.fit.residuals[:2])[0, 1])
    assert (correlations[:2, 2:] == 0).all()
    assert correlations.diagonal() == close(1)


def test_windows_that_overlap_count_with_their_share():
    """Events three sessions apart: windows of five sessions share two of them."""
    actual = fitted(2, at=(200, 203), event_window=(-2, 2))
    correlations = window_correlations(actual.fit.residuals, actual.panel.days, actual.panel.days_event)
    full = window_correlations(actual.fit.residuals, actual.panel.days, np.zeros((4, 1), int))
    np.testing.assert_allclose(correlations[:2, 2:], 0.4 * full[:2, 2:])
    np.testing.assert_allclose(correlations[:2, :2], full[:2, :2])


def test_a_weight_of_zero_leaves_the_firm_out():
    cars, errors, df = np.array([0.01, 0.02, 0.05]), np.full(3, 0.02), np.array([118, 118, 10])
    unknown = np.eye(3)
    unknown[0, 2] = unknown[2, 0] = np.nan
    actual = weighted_average(cars, errors, df, np.array([1.0, 1.0, 0.0]), unknown)
    told = weighted_average(cars[:2], errors[:2], df[:2], np.ones(2), np.eye(2))
    assert (actual.df, actual.n_obs, actual.pvalue) == (118, 2, close(told.pvalue))
    assert actual.std_error == close(told.std_error)
    np.testing.assert_array_equal(actual.weights, [0.5, 0.5, np.nan])


def test_the_window_has_no_default():
    with pytest.raises(TypeError, match="window"):
        weighted_car(fitted())


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        (pd.Series([1, 2, 3, 4, 5.0], index=list("ABCDA")), "weights: A stands more than once"),
        (pd.Series([1.0] * 8, index=list("ABCDABCD")), "A, B, C, D stands more than once"),
        ({"A": 1, "B": 1, "C": 1, "D": 1}, "weights is a dict"),
        (pd.DataFrame({"w": 1.0}, index=list("ABCD")), "weights is a DataFrame"),
        (np.ones(4), "weights is a ndarray"),
        (pd.Series(list("abcd"), index=list("ABCD")), "not a Series of numbers"),
    ],
)
def test_weights_are_a_series_of_numbers_by_firm(weights, message):
    with pytest.raises(InputError, match=message):
        fitted().weighted_car((0, 0), weights)


def test_weights_must_fit():
    actual = fitted()
    with pytest.raises(InputError, match="none for D"):
        weighted_car(actual, (0, 0), pd.Series(1.0, index=list("ABC")))
    with pytest.raises(InputError, match="negative"):
        weighted_car(actual, (0, 0), pd.Series([1, 1, 1, -1.0], index=list("ABCD")))
    with pytest.raises(InputError, match="none of the 4 CARs"):
        weighted_car(actual, (0, 0), pd.Series(0.0, index=list("ABCD")))
    with pytest.raises(OptionError, match="weights='value'"):
        weighted_car(actual, (0, 0), "value")
