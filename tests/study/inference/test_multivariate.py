"""Wilks' lambda against Hotelling's T squared, the F of one equation, and statsmodels."""

import numpy as np
import pytest
from scipy import stats
from statsmodels.multivariate.multivariate_ols import _MultivariateOLS

from potash.study.inference.multivariate import wilks_test

RNG = np.random.default_rng(4)
EFFECTS, UNSCALED = RNG.normal(0, 1, (3, 4)), np.diag([1.0, 1.1, 1.3])
ERROR = (lambda residuals: residuals.T @ residuals)(RNG.normal(0, 1, (40, 4)))


def test_one_effect_in_several_equations_is_hotelling_s():
    test = wilks_test("no_effect", "a null", EFFECTS[:1], UNSCALED[:1, :1], ERROR, 40, 4)
    squared = EFFECTS[0] @ np.linalg.solve(ERROR / 40, EFFECTS[0]) / UNSCALED[0, 0]
    assert test.stat == pytest.approx(squared * 37 / (4 * 40))
    assert test.distribution == "F(4, 37)"
    assert test.pvalue == pytest.approx(stats.f.sf(test.stat, 4, 37))
    assert (test.name, test.null, test.n_obs, test.holds) == ("no_effect", "a null", 4, True)
    assert test.reason == "exact if residuals are normal"


def test_several_effects_in_one_equation_are_the_usual_f():
    test = wilks_test("no_effect", "", EFFECTS[:, :1], UNSCALED, ERROR[:1, :1], 40, 1)
    expected = EFFECTS[:, 0] @ np.linalg.solve(UNSCALED, EFFECTS[:, 0]) / 3 / (ERROR[0, 0] / 40)
    assert test.stat == pytest.approx(expected)
    assert test.distribution == "F(3, 40)"
    two = wilks_test("no_effect", "", EFFECTS[:2, :1], UNSCALED[:2, :2], ERROR[:1, :1], 40, 1)
    assert two.stat == pytest.approx(
        EFFECTS[:2, 0] @ np.linalg.solve(UNSCALED[:2, :2], EFFECTS[:2, 0]) / 2 * 40 / ERROR[0, 0]
    )


@pytest.mark.parametrize(("effects", "equations"), [(3, 4), (2, 4), (3, 2), (3, 3), (1, 2), (2, 2)])
def test_rao_s_f_is_that_of_statsmodels(effects, equations):
    x = np.column_stack([np.ones(50), RNG.normal(0, 1, (50, effects))])
    y = RNG.normal(0, 1, (50, equations))
    params = np.linalg.lstsq(x, y, rcond=None)[0]
    residuals = y - x @ params
    unscaled = np.linalg.inv(x.T @ x)[1:, 1:]
    df = 50 - 1 - effects
    ours = wilks_test("no_effect", "", params[1:], unscaled, residuals.T @ residuals, df, equations)
    contrast = [("all", np.eye(effects + 1)[1:], np.eye(equations))]
    theirs = _MultivariateOLS(y, x).fit().mv_test(contrast).results["all"]["stat"].loc["Wilks' lambda"]
    assert ours.stat == pytest.approx(theirs["F Value"])
    assert ours.distribution == f"F({theirs['Num DF']:g}, {theirs['Den DF']:g})"
    assert ours.pvalue == pytest.approx(theirs["Pr > F"])
    assert ours.reason.startswith("exact" if min(effects, equations) <= 2 else "Rao's approximation")


def test_units_of_the_equations_cancel():
    units = np.array([1e-6, 1.0, 1e3, 10.0])
    scaled = wilks_test("no_effect", "", EFFECTS * units, UNSCALED, ERROR * np.outer(units, units), 40, 4)
    assert scaled.stat == pytest.approx(wilks_test("no_effect", "", EFFECTS, UNSCALED, ERROR, 40, 4).stat)


def test_what_cannot_be_tested_says_why():
    def reason(effects, error, df):
        test = wilks_test("no_effect", "", effects, UNSCALED[: len(effects), : len(effects)], error, df, 4)
        assert np.isnan(test.stat)
        assert not test.holds
        return test.reason

    assert reason(EFFECTS[:1, :0], ERROR[:0, :0], 40) == "one firm alone has nothing to be equal to"
    assert reason(EFFECTS[:1], ERROR, 3) == "4 equations on 3 degrees of freedom"
    assert reason(EFFECTS[:1, :2], np.diag([1.0, 0.0]), 40) == "the firms' residuals are linearly dependent"
    assert reason(EFFECTS[:1, :2], np.ones((2, 2)), 40) == "the firms' residuals are linearly dependent"
    assert np.isfinite(wilks_test("no_effect", "", EFFECTS[:1], UNSCALED[:1, :1], ERROR, 4, 4).stat)
