"""Abnormal volatility: closed forms and simulation."""

import numpy as np
import pytest
from scipy import stats

from potash.study.further.volatility import abnormal_volatility, beaver_u, volatility_test
from tests.study.made_up import events, made_returns, study

close = pytest.approx


def fitted(n=4, seed=0, at=(200,), **options):
    return study(made_returns(n, seed), events(*at), **options).fit()


def test_u_is_the_squared_t():
    actual = fitted()
    u = beaver_u(actual.fit.abnormal, actual.fit.variance, actual.fit.scale)
    np.testing.assert_allclose(u, actual.tstats**2, rtol=1e-10)


def test_volatility_of_one_firm_by_hand():
    """One U is an F(1, df): the scaled chi-squared is near it."""
    test = volatility_test(np.array([5.0]), np.array([118]), np.eye(1))
    assert test.estimate == close(5 * 116 / 118)
    assert test.std_error == close(np.sqrt(2 * 117 / 114))
    assert test.pvalue == close(2 * stats.f.sf(5.0, 1, 118), rel=0.05)


def test_volatility_of_many_is_patells():
    """Patell (1976): sum of (T-4)/(T-2) V^2 - 1 over the root of the sum of 2 (T-3)/(T-6), here with T = 120."""
    u = np.random.default_rng(1).f(1, 118, 400) * 1.15
    patell = ((u * 116 / 118) - 1).sum() / np.sqrt(400 * 2 * 117 / 114)
    test = volatility_test(u, np.full(400, 118), np.eye(400))
    assert (test.estimate - 1) / test.std_error == close(patell)
    # His normal has the thinner tail: .0096 where the chi-squared with 391 degrees of freedom has .0135.
    assert test.pvalue == close(2 * stats.norm.sf(abs(patell)), abs=0.005)


def test_volatility_does_not_apply():
    assert volatility_test(np.array([np.nan]), np.array([9]), np.eye(1)).reason == "no abnormal return"
    assert "4 or fewer" in volatility_test(np.array([1.0]), np.array([4]), np.eye(1)).reason
    unknown = np.array([[1, np.nan], [np.nan, 1]])
    assert "not known" in volatility_test(np.ones(2), np.array([9, 9]), unknown).reason


@pytest.mark.simulation
@pytest.mark.parametrize(("n", "correlation"), [(4, 0.0), (8, 0.6)])
def test_size_of_the_volatility_test(n, correlation):
    rng, draws, df = np.random.default_rng(2), 4000, 118
    shock, own = rng.normal(0, 1, (draws, 1)), rng.normal(0, 1, (draws, n))
    errors = np.sqrt(correlation) * shock + np.sqrt(1 - correlation) * own
    u = errors**2 / (rng.chisquare(df, (draws, n)) / df)
    matrix = np.full((n, n), correlation) + (1 - correlation) * np.eye(n)
    actual = [volatility_test(row, np.full(n, df), matrix) for row in u]
    upper = np.mean([test.pvalue < 0.05 and test.stat > 1 for test in actual])
    sizes = {
        name: np.mean([volatility_test(row, np.full(n, df), r).pvalue < 0.05 for row in u])
        for name, r in [("known", matrix), ("ignored", np.eye(n))]
    }
    # The lower tail is conservative where firms move together, the upper one is not.
    assert 0.02 < sizes["known"] < 0.06
    assert upper == close(0.025, abs=3 * np.sqrt(0.025 * 0.975 / draws))
    if correlation:
        assert sizes["ignored"] > 0.12


def test_volatility_by_offset():
    returns = made_returns(6)
    returns.iloc[200, :6] *= 4
    table = abnormal_volatility(study(returns, events(200)).fit())
    assert table.index.tolist() == list(range(-5, 6))
    assert table["variance_ratio"].idxmax() == 0
    assert table.loc[0, "pvalue"] < 0.01
    assert (table["n"] == 6).all()
