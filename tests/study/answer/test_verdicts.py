"""Verdicts on planted effects, quiet days, volatile weeks and missing data."""

import numpy as np
import pandas as pd
import pytest

import potash
from potash.errors import OptionError
from potash.study.answer.all_days import all_days
from potash.study.answer.verdict import Verdict
from potash.study.answer.verdicts import verdicts
from potash.study.inference.multiple import holm
from potash.study.study import EventStudy
from tests.study.made_up import DAYS, events, made_returns, study

AT = 220


def planted(effect: float | np.ndarray, n: int = 5, seed: int = 21, **options) -> EventStudy:
    returns = made_returns(n, seed)
    returns.iloc[AT, :n] = returns["M"].iloc[AT] + effect + 0.001 * np.arange(n)
    return study(returns, events(AT), event_window=(-5, 10), **options)


def only(event_study: EventStudy, window=(0, 0), **options) -> Verdict:
    (verdict,) = verdicts(event_study, window, **options)
    return verdict


@pytest.mark.parametrize("n", [1, 2, 4, 7])
def test_a_planted_effect_is_one_for_any_number_of_firms(n):
    verdict = only(planted(-0.12, n))
    assert verdict.outcome == "effect"
    assert verdict.CAR < 0
    assert max(verdict.pvalues.values()) <= 0.05
    assert verdict.lower < -0.12 + 0.0005 * (n - 1) < verdict.upper


@pytest.mark.parametrize("n", [3, 4, 5, 7])
def test_unequal_exposure_is_a_finding_and_no_veto(n):
    """A day like 30 July 2013: the most exposed firms fall by a quarter, a control-like one hardly moves."""
    verdict = only(planted(-0.28 * np.linspace(0, 1, n), n))
    assert verdict.outcome == "effect"
    assert verdict.firms.any_pvalue < 0.01
    assert verdict.firms.spread_pvalue < 0.01
    if n >= 4:
        assert verdict.kolari_pynnonen_pvalue > 0.05


def test_with_controls_what_all_fertilizers_did_is_no_effect():
    returns = made_returns(4, 21)
    controls = 0.3 * made_returns(3, 22)[["A", "B", "C"]].set_axis(list("XYZ"), axis=1)
    common = np.random.default_rng(5).normal(0, 0.02, len(DAYS))
    common[AT] = -0.15
    returns[list("ABCD")] += common[:, None]
    controls += common[:, None]
    alone = only(study(returns, events(AT), event_window=(-5, 10)))
    against = only(study(returns, events(AT), event_window=(-5, 10), controls=controls))
    assert alone.outcome == "effect"
    assert against.outcome != "effect"
    assert against.controls == ("X", "Y", "Z")
    assert against.beyond_market == alone.CAR
    assert against.beyond_market_std_error == alone.std_error
    assert against.std_error < alone.std_error


def test_a_volatile_week_widens_the_interval():
    returns = made_returns(3, 21)
    wild = returns.copy()
    wild.iloc[AT - 3 : AT + 11, :3] *= 3
    wild.iloc[AT] = returns.iloc[AT]
    calm = only(study(returns, events(AT), event_window=(-5, 10)))
    volatile = only(study(wild, events(AT), event_window=(-5, 10)))
    assert volatile.volatility > 2 * calm.volatility
    assert volatile.std_error > 2 * calm.std_error
    assert volatile.detectable > 2 * calm.detectable


def test_a_verdict_carries_the_numbers_of_all_days():
    event_study = planted(0.03)
    verdict, results = only(event_study, (0, 1)), event_study.fit()
    days = all_days(event_study, "e0", (potash.Window(0, 1),))
    assert results.portfolio((0, 1)).loc["e0", "CAR"] == verdict.CAR
    assert verdict.std_error == days.std_errors[0]
    assert verdict.scaled_pvalue == days.pvalues[0]
    assert verdict.randomization_pvalue == days.randomization_pvalues[0]
    assert verdict.n_days == len(days.sessions)
    assert verdict.kolari_pynnonen_pvalue == results.test("kolari_pynnonen", (0, 1)).pvalue
    assert verdict.run_up == results.portfolio((-5, -1)).loc["e0", "CAR"]
    lower, upper = days.limits(0.95)
    assert (verdict.lower, verdict.upper) == (lower[0], upper[0])


def test_the_outcome_needs_both_votes_and_ruling_out_the_margin():
    quiet = planted(0.0)
    assert only(quiet, margin=0.2).outcome == "ruled out"
    assert only(quiet, margin=0.001).outcome == "undecided"
    verdict = only(quiet)
    exactly = only(quiet, margin=verdict.ruled_out_beyond)
    assert exactly.outcome == "ruled out"
    assert only(planted(0.12), size=0.0001).outcome == "undecided"


@pytest.mark.parametrize(("option", "value"), [("size", 0.0), ("size", 1.0), ("margin", 0), ("margin", 5)])
def test_shares_are_checked(option, value):
    with pytest.raises(OptionError, match=f"{option}={value} must be a share between 0 and 1"):
        verdicts(planted(0.0), **{option: value})


def test_one_verdict_per_event_in_their_order_and_holm_over_them():
    event_study = study(made_returns(4, 21), events(220, 180, 299), event_window=(-5, 5))
    actual = verdicts(event_study, (0, 1))
    assert [v.event_id for v in actual] == ["e0", "e1"]
    assert [v.holm_pvalue for v in actual] == holm(np.array([v.pvalue for v in actual])).tolist()
    from_results = verdicts(event_study.fit(), (0, 1))
    assert from_results.frame.equals(actual.frame)
    (second,) = verdicts(event_study.fit().for_event("e1"), (0, 1))
    assert (second.event_id, second.CAR) == ("e1", actual[1].CAR)
    assert second.holm_pvalue == second.pvalue


def test_verdicts_show_themselves_as_a_table():
    shown = verdicts(planted(0.12))
    assert "<th>detectable</th>" in shown._repr_html_()
    assert "An effect, positive: 5 firms returned" in shown._repr_html_()
    assert shown.frame.loc[0, "outcome"] == "effect"
    assert shown.frame.loc[0, "firms"] == "A, B, C, D, E"


def test_missing_data_are_no_verdict():
    """One firm has no return on day +1, so the portfolio has no CAR: the verdict must not say that nothing happened."""
    returns = made_returns(2, 21)
    returns.loc[DAYS[AT + 1], "A"] = np.nan
    (verdict,) = verdicts(study(returns, events(AT), event_window=(-5, 10)), (0, 1))
    assert verdict.outcome == "unknown"
    assert "nan" not in verdict.sentence()


def test_an_event_window_without_days_around_leaves_the_volatility_unknown():
    """A window of four sessions: three days beside day 0 are too few to know how volatile the week was."""
    (verdict,) = verdicts(study(made_returns(2, 21), events(AT), event_window=(-1, 2)))
    assert verdict.outcome == "unknown"
    assert "too few days around it" in verdict.sentence()
    assert np.isnan(verdict.run_up)


def test_without_any_ordinary_day_the_scaled_test_votes_alone():
    returns = made_returns(4, 21).iloc[AT - 130 : AT + 11]
    (verdict,) = verdicts(study(returns, events(AT), min_estimation=120, event_window=(-5, 10)), (0, 1))
    assert verdict.n_days == 0
    assert verdict.days == ""
    assert set(verdict.pvalues) == {"scaled test"}


@pytest.mark.filterwarnings("ignore:e0 is measured without the controls:potash.PotashWarning")
def test_an_event_that_controls_leave_nothing_of_is_measured_against_the_market():
    controls = made_returns(2, 30)[["A", "B"]].set_axis(["X", "Y"], axis=1)
    controls.iloc[AT] = np.nan
    verdict = only(planted(0.1, controls=controls))
    assert verdict.controls == ()
    assert verdict.beyond_market == verdict.CAR


def test_whole_numbers_as_event_ids():
    (verdict,) = verdicts(study(made_returns(4, 21), events(AT).assign(event_id=2022), event_window=(-5, 5)), (0, 1))
    assert verdict.event_id == 2022


def test_the_window_is_day_0_unless_day_0_is_ambiguous():
    settled = planted(0.0)
    assert str(verdicts(settled)[0].window) == "[0, 0]"
    unsure = EventStudy(
        settled.returns, settled.events.assign(ambiguous=True), returns_kind="log", model=settled.model,
        event_window=(-5, 10), estimation_window=(-100, -11),
    )  # fmt: skip
    assert str(verdicts(unsure)[0].window) == "[0, +1]"


def test_firms_on_different_days_leave_the_vote_to_the_randomization():
    returns = made_returns(2, 21)
    rows = pd.DataFrame({"event_id": "e0", "ticker": ["A", "B"], "session": [DAYS[AT], DAYS[AT + 1]]})
    (verdict,) = verdicts(study(returns, rows, event_window=(-5, 10)))
    assert np.isnan(verdict.scaled_pvalue)
    assert set(verdict.pvalues) == {"all days"}


@pytest.mark.simulation
def test_volatile_weeks_keep_their_size():
    """No effect, volatility times 3 on days -3 to +10: the verdict of 2 firms calls an effect in about one of twenty."""
    rng = np.random.default_rng(4)
    outcomes = []
    for seed in range(300):
        returns = made_returns(2, 900 + seed, sessions=240)
        returns.iloc[AT - 3 : AT + 11, :2] = returns.iloc[AT - 3 : AT + 11, :2] * 3 + rng.normal(0, 1e-9)
        outcomes.append(verdicts(study(returns, events(AT), event_window=(-5, 10)))[0].outcome)
    assert 3 <= outcomes.count("effect") <= 28


def test_the_numbers_are_those_of_statsmodels():
    """The portfolio against market and controls, forecast errors by ``get_prediction``, scaled by hand."""
    import statsmodels.api as sm
    from scipy import stats

    returns, controls = made_returns(3, 21), made_returns(2, 40)[["A", "B"]].set_axis(["X", "Y"], axis=1)
    returns.iloc[AT - 3 : AT + 11, :3] *= 2
    verdict = only(study(returns, events(AT), event_window=(-5, 10), controls=controls))
    design = sm.add_constant(np.column_stack([returns["M"], controls.mean(axis=1)]))
    y = returns[["A", "B", "C"]].mean(axis=1).to_numpy()
    fitted = sm.OLS(y[AT - 130 : AT - 10], design[AT - 130 : AT - 10]).fit()
    days = np.arange(AT - 3, AT + 11)
    forecast = fitted.get_prediction(design[days])
    standardized = (y[days] - forecast.predicted_mean) / forecast.se_obs
    ratio = np.mean(np.delete(standardized, 3) ** 2)
    assert ratio > 1
    std_error = forecast.se_obs[3] * np.sqrt(ratio)
    assert pytest.approx(y[AT] - forecast.predicted_mean[3], rel=1e-9) == verdict.CAR
    assert verdict.std_error == pytest.approx(std_error, rel=1e-9)
    assert verdict.scaled_pvalue == pytest.approx(2 * stats.t.sf(abs(verdict.CAR / std_error), 13), rel=1e-9)
