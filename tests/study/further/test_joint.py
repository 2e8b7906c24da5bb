"""The joint regression against EventStudy, linearmodels' GLS, statsmodels' MANOVA, Hotelling by hand, and its size."""

import json

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.multivariate.multivariate_ols import _MultivariateOLS

import potash
from potash.errors import InputError, OptionError
from potash.study.further.joint import joint_regression
from potash.study.further.joint_event import event_equations
from potash.study.inference.multivariate import wilks_test
from tests.paths import ROOT
from tests.study.made_up import DAYS, events, made_returns, study

OFFSETS = range(-5, 6)
close = pytest.approx


def fitted(n=4, seed=0, **options):
    results = study(made_returns(n, seed), events(200), **options).fit()
    names = list(results.param_names[1:]) and ["M"]
    return results, joint_regression(*event_equations(results.panel, "e0", names, OFFSETS))


# -- Salkever: dummies are abnormal returns --------------------------------------------------------------------------


@pytest.mark.parametrize("n", [1, 4, 12])
@pytest.mark.parametrize("model", [None, potash.MeanAdjusted()])
def test_dummy_coefficients_are_the_abnormal_returns_and_carry_the_forecast_error(n, model):
    actual, joint = fitted(n, **({} if model is None else {"model": model}))
    for ours, theirs in [(joint.params, actual.abnormal_returns), (joint.std_errors, actual.std_errors)]:
        np.testing.assert_allclose(ours[joint.dummies], theirs, rtol=0, atol=1e-12)
    np.testing.assert_allclose(joint.pvalues[joint.dummies], actual.pvalues, rtol=1e-9)
    np.testing.assert_allclose(joint.params["const"], actual.params.iloc[:, 0], atol=1e-12)
    np.testing.assert_allclose(np.sqrt(np.diag(joint.covariance)), actual.params["sigma"], rtol=1e-9)
    assert list(joint.params.index) == actual.panel.labels["ticker"].tolist()
    for window in [(0, 0), (-1, 3), (-5, 5)]:
        cars = joint.car(list(range(window[0], window[1] + 1)))
        np.testing.assert_allclose(cars.to_numpy(), actual.car(window).to_numpy(), rtol=1e-9)
    assert (joint.nobs, joint.df_resid, len(joint.dropped)) == (
        131,
        len(actual.panel.y[0]) - len(actual.param_names),
        0,
    )


def test_it_is_the_generalized_least_squares_of_linearmodels():
    _, joint = fitted()
    answers = json.loads((ROOT / "tests/reference/linearmodels.json").read_text(encoding="utf-8"))["joint_day_0"]
    np.testing.assert_allclose(joint.params[0], answers["params"], atol=1e-12)
    np.testing.assert_allclose(joint.std_errors[0], answers["std_errors"], rtol=1e-9)


def test_one_dummy_for_several_sessions_is_not_their_mean_abnormal_return():
    """The slope then comes from the event window too: by Frisch-Waugh, differing as the market moves in it."""
    actual, _ = fitted()
    y, x, marks = event_equations(actual.panel, "e0", ["M"], OFFSETS)
    single = joint_regression(y, x, marks.sum(axis=1).to_frame("event"))
    design = np.column_stack([np.ones(len(x)), x, marks.sum(axis=1)])
    np.testing.assert_allclose(single.params, np.linalg.lstsq(design, y.to_numpy(), rcond=None)[0].T, atol=1e-12)
    assert np.abs(single.params["event"].to_numpy() - actual.abnormal_returns.mean(axis=1).to_numpy()).max() > 1e-6


# -- tests over the equations ----------------------------------------------------------------------------------------


def test_no_effect_on_one_day_is_hotellings():
    actual, joint = fitted()
    residuals, effects = actual.fit.residuals, actual.abnormal_returns[0].to_numpy()
    covariance, df = residuals @ residuals.T / 118, 118
    squared = effects @ np.linalg.inv(covariance) @ effects / actual.fit.scale[0, 5, 5]
    test = joint.test("no_effect", [0])
    assert test.stat == close(squared * (df - 3) / (4 * df))
    assert (test.distribution, test.n_obs) == ("F(4, 115)", 4)
    assert test.pvalue == close(stats.f.sf(test.stat, 4, 115))
    assert test.reason.startswith("exact")
    apart = np.eye(4)[:3] - np.eye(4)[1:]
    gaps = apart @ effects
    squared = gaps @ np.linalg.inv(apart @ covariance @ apart.T) @ gaps / actual.fit.scale[0, 5, 5]
    assert joint.test("equal_effects", [0]).stat == close(squared * (df - 2) / (3 * df))


@pytest.mark.parametrize("window", [(0, 0), (-2, 3)])
def test_mean_effect_is_the_portfolio_test(window):
    actual, joint = fitted()
    test = joint.test("mean_effect", list(range(window[0], window[1] + 1)), cumulated=True)
    portfolio = actual.test("portfolio", window)
    assert (test.stat, test.pvalue) == (close(portfolio.stat**2, rel=1e-9), close(portfolio.pvalue, rel=1e-9))


@pytest.mark.parametrize(("name", "cumulated"), [("no_effect", False), ("no_effect", True), ("equal_effects", False)])
def test_rao_f_is_statsmodels(name, cumulated):
    actual, joint = fitted()
    y, x, marks = event_equations(actual.panel, "e0", ["M"], OFFSETS)
    design = np.column_stack([np.ones(len(x)), x, marks])
    restriction, chosen = np.eye(13)[2:][3:9], list(range(-2, 4))
    if cumulated:
        restriction = restriction.sum(axis=0, keepdims=True)
    contrast = np.eye(4) if name == "no_effect" else (np.eye(4)[:3] - np.eye(4)[1:]).T
    told = _MultivariateOLS(y.to_numpy(), design).fit().mv_test([("h", restriction, contrast)])
    row = told.results["h"]["stat"].loc["Wilks' lambda"]
    test = joint.test(name, chosen, cumulated)
    assert (test.stat, test.pvalue) == (close(row["F Value"], rel=1e-8), close(row["Pr > F"], rel=1e-8))


def test_scale_and_order_of_the_firms_change_no_test():
    actual, joint = fitted()
    y, x, marks = event_equations(actual.panel, "e0", ["M"], OFFSETS)
    other = joint_regression(y[list("CADB")] * [1, 1e-4, 1, 1], x * 7, marks)
    for name in ("no_effect", "mean_effect"):
        scaled = joint_regression(y * 1e-3, x, marks).test(name)
        assert scaled.stat == close(joint.test(name).stat, rel=1e-9)
    assert other.test("no_effect").stat == close(joint.test("no_effect").stat, rel=1e-9)


def test_table_of_tests():
    _, joint = fitted()
    table = joint.tests([0, 1])
    assert table.index.tolist() == ["mean_effect", "no_effect", "equal_effects"]
    assert table.loc["no_effect", "null"].startswith("the effect on every firm is zero; residuals normal")
    assert table["holds"].all()


@pytest.mark.filterwarnings("ignore:.* has the same returns as A:potash.PotashWarning")
def test_not_applicable():
    _, alone = fitted(1)
    assert "one firm alone" in alone.test("equal_effects").reason
    returns = made_returns(2)
    copied = study(returns.assign(B=returns["A"], M=returns["M"]), events(200)).fit()
    twice = joint_regression(*event_equations(copied.panel, "e0", ["M"], OFFSETS))
    assert "linearly dependent" in twice.test("no_effect").reason
    assert np.isfinite(twice.test("mean_effect").stat)
    short = study(made_returns(15), events(200), estimation_window=(-25, -11)).fit()
    many = joint_regression(*event_equations(short.panel, "e0", ["M"], OFFSETS))
    assert many.test("no_effect").reason == "15 equations on 13 degrees of freedom"
    with pytest.raises(OptionError, match="dummy=7 is not known"):
        alone.car([7])


SIZE_STUDIES = 2000


def sizes(width: int, seed: int) -> dict[str, float]:
    """Return rejections at 5 % of Rao's F and Wald's chi-squared: 4 firms x 120 days, correlated .5, no effect."""
    rng, rejected = np.random.default_rng(seed), []
    for _ in range(SIZE_STUDIES):
        market, common = rng.normal(0, 1, (2, 120 + width, 1))
        y = market + np.sqrt(0.5) * common + np.sqrt(0.5) * rng.normal(0, 1, (120 + width, 4))
        x = np.hstack([np.ones_like(market), market, np.eye(120 + width)[:, 120:]])
        inverse = np.linalg.inv(x.T @ x)
        coefficients = inverse @ x.T @ y
        residuals = y - x @ coefficients
        error, effects, unscaled = residuals.T @ residuals, coefficients[2:], inverse[2:, 2:]
        apart = np.eye(4)[:, 1:] - 0.25
        wald = np.trace(np.linalg.solve(error / 118, effects.T @ np.linalg.solve(unscaled, effects)))
        rejected.append(
            [
                wilks_test("no_effect", "", effects, unscaled, error, 118, 4).pvalue < 0.05,
                wilks_test("equal_effects", "", effects @ apart, unscaled, apart.T @ error @ apart, 118, 4).pvalue
                < 0.05,
                stats.chi2.sf(wald, 4 * width) < 0.05,
            ]
        )
    return dict(zip(["no_effect", "equal_effects", "wald"], np.mean(rejected, axis=0), strict=True))


@pytest.mark.simulation
@pytest.mark.parametrize("width", [1, 11])
def test_size_with_four_firms_and_120_days(width):
    """Rao's F holds 5 %; Wald's chi-squared, with the same covariance, rejects 9 % over eleven sessions."""
    actual = sizes(width, seed=width)
    three_deviations = 3 * np.sqrt(0.05 * 0.95 / SIZE_STUDIES)
    assert actual["no_effect"] == close(0.05, abs=three_deviations)
    assert actual["equal_effects"] == close(0.05, abs=three_deviations)
    if width == 11:
        assert actual["wald"] > 0.05 + three_deviations


# -- input -----------------------------------------------------------------------------------------------------------


def test_a_session_with_a_missing_return_is_left_out_for_all_and_listed():
    actual, _ = fitted()
    y, x, marks = event_equations(actual.panel, "e0", ["M"], OFFSETS)
    holed = y.copy()
    holed.iloc[[7, 30], 1] = np.nan
    joint, without = joint_regression(holed, x, marks), [i for i in range(131) if i not in (7, 30)]
    told = joint_regression(y.iloc[without], x.iloc[without], marks.iloc[without])
    pd.testing.assert_frame_equal(joint.params, told.params)
    assert joint.dropped["session"].tolist() == [y.index[7], y.index[30]]
    assert joint.dropped["detail"].tolist() == ["missing: B", "missing: B"]
    holed.iloc[125, 0] = np.nan
    with pytest.raises(InputError, match="no complete session for dummy 0"):
        joint_regression(holed, x, marks)


def test_windows_on_different_days_are_an_error():
    rows = pd.DataFrame({"event_id": "e0", "ticker": ["A", "B"], "session": [DAYS[200], DAYS[201]]})
    results = study(made_returns(2), rows).fit()
    with pytest.raises(InputError, match="lie on different calendar days"):
        event_equations(results.panel, "e0", ["M"], OFFSETS)
    with pytest.raises(InputError, match="the panel has 1 factors"):
        event_equations(fitted()[0].panel, "e0", [], OFFSETS)
    with pytest.raises(OptionError, match="event_id='e9'"):
        event_equations(results.panel, "e9", ["M"], OFFSETS)


def test_regressors_must_be_independent_and_named_once():
    actual, _ = fitted()
    y, x, marks = event_equations(actual.panel, "e0", ["M"], OFFSETS)
    with pytest.raises(InputError, match="linearly dependent"):
        joint_regression(y, x.assign(N=2 * x["M"] + 0.1), marks)
    with pytest.raises(InputError, match="more than one column: A"):
        joint_regression(y, x.rename(columns={"M": "A"}), marks)
    with pytest.raises(InputError, match="at least 16 are needed"):
        joint_regression(y[-15:], x[-15:], marks[-15:])
    with pytest.raises(InputError, match="the same sessions"):
        joint_regression(y, x[1:], marks)


# -- which dummies ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("window", [(-1, 1), potash.Window(-1, 1)])
def test_a_pair_is_a_window_and_a_list_names_each_session(window):
    actual, joint = fitted()
    np.testing.assert_allclose(joint.car(window).to_numpy(), actual.car((-1, 1)).to_numpy(), rtol=1e-9)
    np.testing.assert_allclose(joint.car([-1, 0, 1]), joint.car(window))
    assert joint.car([-1, 1])["CAR"].iloc[0] == close(joint.params.loc["A", [-1, 1]].sum())
    for same in (np.array([-1, 0, 1]), range(-1, 2), pd.Index([-1, 0, 1])):
        assert joint.test("no_effect", same).stat == joint.test("no_effect", window).stat


@pytest.mark.parametrize("dummies", [[], [0, 0], 0, "0", (), (0,), np.array([]), {0: 1}])
def test_dummies_that_are_none_twice_or_no_list_are_an_error(dummies):
    _, joint = fitted(2)
    for ask in (joint.car, lambda chosen: joint.test("no_effect", chosen), joint.tests):
        with pytest.raises(InputError, match="dummies="):
            ask(dummies)


def test_a_window_must_lie_among_the_dummies():
    _, joint = fitted(2)
    with pytest.raises(OptionError, match="dummy=6 is not known"):
        joint.car((4, 6))


# -- firms without residuals -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "flat", [lambda x: 0.0 * x["M"], lambda x: 0.001 + 0.0 * x["M"], lambda x: x["M"], lambda x: 0.002 - 3 * x["M"]]
)
@pytest.mark.parametrize("effect", [0.0, 0.05])
def test_a_firm_that_does_not_vary_or_equals_a_factor_is_an_error(flat, effect):
    actual, _ = fitted()
    y, x, marks = event_equations(actual.panel, "e0", ["M"], OFFSETS)
    with pytest.raises(InputError, match="returns of B, D do not vary, or equal"):
        joint_regression(y.assign(B=flat(x) + effect * marks[0], D=0.0), x, marks)


def test_small_returns_are_not_taken_for_none():
    actual, joint = fitted()
    y, x, marks = event_equations(actual.panel, "e0", ["M"], OFFSETS)
    small = joint_regression(y.assign(B=x["M"] + 1e-6 * (y["B"] - x["M"])), x, marks)
    assert small.tstats.loc["B", 0] == close(joint.tstats.loc["B", 0], rel=1e-6)


def test_residuals_of_zero_do_not_apply():
    test = wilks_test("no_effect", "", np.zeros((1, 2)), np.eye(1), np.diag([1.0, 0.0]), 100, 2)
    assert np.isnan(test.stat)
    assert "linearly dependent" in test.reason


def test_firms_that_cancel_leave_nothing_to_compare():
    """A copy of a firm with rounding of its own: the difference has a residual of 1e-18 and no test."""
    actual, _ = fitted(2)
    y, x, marks = event_equations(actual.panel, "e0", ["M"], OFFSETS)
    twice = joint_regression(y.assign(B=(y["A"] * 3 + 0.1 - 0.1) / 3), x, marks)
    assert "linearly dependent" in twice.test("equal_effects", [0]).reason


# -- input: frames, factors of their own -----------------------------------------------------------------------------


def test_factors_must_be_a_frame():
    actual, _ = fitted(2)
    y, x, marks = event_equations(actual.panel, "e0", ["M"], OFFSETS)
    with pytest.raises(InputError, match="factors is a Series"):
        joint_regression(y, x["M"], marks)
    with pytest.raises(InputError, match="returns: a DataFrame"):
        joint_regression(y["A"], x, marks)


def test_a_factor_of_zeros_is_dependent_and_no_dummy():
    actual, _ = fitted(2)
    y, x, marks = event_equations(actual.panel, "e0", ["M"], OFFSETS)
    with pytest.raises(InputError, match="linearly dependent"):
        joint_regression(y, x.assign(Z=0.0), marks)
