"""The verdict in words on events with and without an effect."""

from dataclasses import replace

import numpy as np
import pytest

from potash.study.answer.verdict import Verdict, percent, verdicts
from potash.study.study import EventStudy
from tests.study.made_up import DAYS, events, made_returns, study

AT = 220


def planted(effect: float, n: int = 5, seed: int = 21) -> EventStudy:
    returns = made_returns(n, seed)
    returns.iloc[AT, :n] = returns["M"].iloc[AT] + effect + 0.001 * np.arange(n)
    return study(returns, events(AT))


def only(event_study: EventStudy, window=(0, 0)) -> Verdict:
    (verdict,) = verdicts(event_study, window)
    return verdict


def test_a_planted_effect_is_found():
    verdict = only(planted(0.08))
    assert verdict.outcome == "effect"
    assert set(verdict.pvalues) == {"portfolio test", "placebo days", "Kolari-Pynnonen"}
    assert max(verdict.pvalues.values()) < 0.05
    assert verdict.lower < 0.08 < verdict.upper
    assert verdict.sentence().startswith("An effect, positive. Together A, B, C, D, E returned +8.")
    assert verdict.sentence("positive").startswith("An effect of the expected sign (positive).")
    assert verdict.sentence("negative").startswith("An effect, positive where negative was expected.")


def test_a_planted_fall_is_found():
    verdict = only(planted(-0.08))
    assert verdict.outcome == "effect"
    assert verdict.sentence("negative").startswith("An effect of the expected sign (negative).")
    assert "returned −7." in verdict.sentence()


def test_a_quiet_day_has_no_detectable_effect_and_says_what_could_have_been_seen():
    verdict = only(planted(0.0))
    assert verdict.outcome == "none"
    text = verdict.sentence("positive")
    assert text.startswith("No detectable effect.")
    assert f"would have shown a true effect of {percent(verdict.detectable)[1:]} or more" in text
    first, last = verdict.placebo_span
    assert (
        f"of {verdict.n_placebo} ordinary days from {first:%b %Y} to {last:%b %Y} moved the same shares as much" in text
    )
    results = planted(0.0).fit()
    assert verdict.detectable == pytest.approx(results.detectable((0, 0)).loc[("e0", "portfolio"), "detectable"])


def test_a_verdict_carries_the_portfolio_s_numbers():
    event_study = planted(0.03)
    verdict, results = only(event_study, (0, 1)), event_study.fit()
    row, limits = results.portfolio((0, 1)).loc["e0"], results.conf_int_portfolio((0, 1)).loc["e0"]
    assert [verdict.CAR, verdict.std_error, verdict.portfolio_pvalue] == row[["CAR", "std_error", "pvalue"]].tolist()
    assert [verdict.lower, verdict.upper] == limits.tolist()
    assert verdict.kolari_pynnonen_pvalue == results.test("kolari_pynnonen", (0, 1)).pvalue
    assert verdict.placebo_pvalue == event_study.placebo((0, 1)).loc["e0", "pvalue"]
    assert str(verdict.window) == "[0, +1]"


def test_tests_that_disagree_are_weak_evidence():
    verdict = only(planted(0.028))
    assert verdict.outcome == "mixed"
    assert verdict.sentence().startswith("Weak evidence: the tests disagree.")


@pytest.mark.parametrize("n", [1, 2, 3])
def test_with_fewer_than_four_firms_kolari_pynnonen_has_no_vote(n):
    verdict = only(planted(0.1, n))
    assert set(verdict.pvalues) == {"portfolio test", "placebo days"}
    assert verdict.outcome == "effect"
    assert "Kolari" not in verdict.sentence()
    assert np.isnan(verdict.kolari_pynnonen_pvalue) == (n == 1)


def test_with_four_firms_it_votes():
    assert "Kolari-Pynnonen" in only(planted(0.1, 4)).pvalues


def test_one_firm_is_named_alone():
    assert only(planted(0.1, 1)).sentence().startswith("An effect, positive. A returned +9.3 % beyond")


def test_one_verdict_per_event_in_their_order():
    returns = made_returns(4, 21)
    actual = verdicts(study(returns, events(220, 180, 299)), (0, 1))
    assert [v.event_id for v in actual] == ["e0", "e1"]


@pytest.mark.simulation
def test_quiet_days_keep_their_size():
    """Without an effect three tests must all reject for an "effect": fewer than 1 study in 20, so at most 4 in 30."""
    outcomes = [only(planted_nothing(seed)).outcome for seed in range(30)]
    assert outcomes.count("effect") <= 4
    assert outcomes.count("none") >= 20


def planted_nothing(seed: int) -> EventStudy:
    returns = made_returns(4, 500 + seed).iloc[:200]
    return study(returns, events(170), event_window=(0, 0), estimation_window=(-60, -1))


def test_missing_data_are_no_evidence_of_no_effect():
    """One firm has no return on day +1, so the portfolio has no CAR: the verdict must not say that nothing happened."""
    returns = made_returns(2, 21)
    returns.loc[DAYS[AT + 1], "A"] = np.nan
    (verdict,) = verdicts(study(returns, events(AT)), (0, 1))
    assert verdict.outcome != "none"
    assert "nan" not in verdict.sentence()
    assert "No detectable effect" not in verdict.sentence()


def test_missing_data_of_one_firm_among_many_are_no_evidence_of_no_effect():
    returns = made_returns(5, 21)
    returns.loc[DAYS[AT + 1], "A"] = np.nan
    (verdict,) = verdicts(study(returns, events(AT)), (0, 1))
    assert "nan" not in verdict.sentence()


def test_a_verdict_without_any_ordinary_day():
    """Prices that hold one window exactly leave no placebo day; the other tests still stand."""
    returns = made_returns(4, 21).iloc[AT - 130 : AT + 6]
    (verdict,) = verdicts(study(returns, events(AT), min_estimation=120), (0, 1))
    assert verdict.n_placebo == 0
    assert np.isnan(verdict.placebo_pvalue)
    assert set(verdict.pvalues) == {"portfolio test", "Kolari-Pynnonen"}


def test_whole_numbers_as_event_ids():
    (verdict,) = verdicts(study(made_returns(4, 21), events(AT).assign(event_id=2022)), (0, 1))
    assert verdict.event_id in ("2022", 2022)


@pytest.mark.parametrize(("value", "text"), [(-0.0134, "−1.3 %"), (0.08, "+8.0 %"), (0.0, "+0.0 %")])
def test_percent(value, text):
    assert percent(value) == text


def test_the_window_is_day_0_unless_day_0_is_ambiguous():
    study = planted(0.0)
    assert str(verdicts(study)[0].window) == "[0, 0]"
    unsure = EventStudy(
        study.returns, study.events.assign(ambiguous=True), returns_kind="log", model=study.model,
        event_window=(-2, 2), estimation_window=(-100, -11),
    )  # fmt: skip
    assert str(verdicts(unsure)[0].window) == "[0, +1]"


def test_firms_on_different_days_get_no_interval_in_words():
    verdict = replace(only(planted(0.0)), portfolio_pvalue=float("nan"))
    text = verdict.sentence()
    assert "trade on different days" in text
    assert "95 % confidence" not in text
    assert str(verdict).startswith("e0: ")
