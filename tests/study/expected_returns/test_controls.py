"""The control group: its mean, who takes no part in it, and the model that it is added to."""

import numpy as np
import pandas as pd
import pytest

import potash
from potash.errors import InputError
from potash.study.expected_returns.controls import ControlGroup, control_group, with_factor
from tests.study.made_up import DAYS, events, made_returns


def controls_of(n=3, seed=5):
    rng = np.random.default_rng(seed)
    return pd.DataFrame(rng.normal(0, 0.02, (len(DAYS), n)), index=DAYS, columns=list("XYZ")[:n])


def test_the_mean_is_of_the_controls_that_have_a_return_and_left_out_ones_take_no_part():
    returns = controls_of()
    returns.loc[DAYS[4], "X"] = np.nan
    group = ControlGroup(returns, pd.DataFrame({"event_id": ["e1"], "ticker": ["Z"], "title": ["results"]}))
    assert [group.of_event(e) for e in ("e0", "e1")] == [("X", "Y", "Z"), ("X", "Y")]
    mean = group.mean(("X", "Z"))
    assert mean.name == "controls"
    assert mean[DAYS[4]] == returns.loc[DAYS[4], "Z"]
    np.testing.assert_allclose(mean[DAYS[5]], (returns.loc[DAYS[5], "X"] + returns.loc[DAYS[5], "Z"]) / 2)


@pytest.mark.parametrize(
    ("controls", "left_out", "message"),
    [
        (controls_of()[[]], None, "without columns"),
        ([1, 2], None, "controls is a list"),
        (controls_of(), pd.DataFrame({"event_id": ["e1"]}), "no column ticker"),
        (controls_of(), pd.DataFrame({"event_id": ["e1"], "ticker": ["x"]}), "no control is called 'x'"),
        (pd.concat([controls_of(1), controls_of(1)], axis=1), None, "more than once: X"),
    ],
)
def test_controls_that_break_a_rule(controls, left_out, message):
    with pytest.raises(InputError, match=message):
        ControlGroup(controls, left_out)


def test_a_frame_becomes_a_group_and_nothing_stays_nothing():
    group = control_group(controls_of())
    assert isinstance(group, ControlGroup)
    assert control_group(group) is group
    assert control_group(None) is None


def test_a_factor_is_added_to_market_and_factor_models_only():
    returns = made_returns(2)
    mean = ControlGroup(controls_of()).mean(("X", "Y"))
    assert with_factor(potash.MarketModel(returns["M"]), mean).param_names == ("alpha", "beta_M", "beta_controls")
    own = pd.concat({"A": returns[["M"]], "B": returns[["M"]] * 2}, axis=1)
    both = with_factor(potash.FactorModel(own), mean)
    assert both.param_names == ("alpha", "beta_M", "beta_controls")
    pd.testing.assert_series_equal(both.factors[("B", "controls")], mean, check_names=False)
    with pytest.raises(InputError, match=r"mean-adjusted is not\. Choose MarketModel or FactorModel"):
        with_factor(potash.MeanAdjusted(), mean)


def study_with(controls, **more):
    returns = made_returns(2)
    return potash.EventStudy(
        returns[["A", "B"]], events(200, 240), returns_kind="log", model=potash.MarketModel(returns["M"]),
        event_window=(-5, 5), estimation_window=(-130, -11), controls=controls, **more,
    )  # fmt: skip


def test_the_study_against_controls_is_the_factor_model_with_their_mean():
    returns, frame = made_returns(2), controls_of()
    left_out = pd.DataFrame({"event_id": ["e1"], "ticker": ["Z"]})
    study = study_with(ControlGroup(frame, left_out))
    for event_id, tickers in (("e0", ["X", "Y", "Z"]), ("e1", ["X", "Y"])):
        factors = pd.DataFrame({"M": returns["M"], "controls": frame[tickers].mean(axis=1)})
        plain = potash.EventStudy(
            returns[["A", "B"]], events(200, 240), returns_kind="log", model=potash.FactorModel(factors),
            event_window=(-5, 5), estimation_window=(-130, -11),
        )  # fmt: skip
        against = study.against_controls(event_id)
        pd.testing.assert_frame_equal(against.fit().car((0, 1)), plain.fit().car((0, 1)))
        assert study.against_controls(event_id) is against
    assert study.fit().study is study
    pd.testing.assert_frame_equal(study.fit().car((0, 1)), study_with(None).fit().car((0, 1)))


def test_without_controls_the_study_stands_for_itself():
    study = study_with(None)
    assert study.against_controls("e0") is study
    everyone = pd.DataFrame({"event_id": ["e1"] * 3, "ticker": ["X", "Y", "Z"]})
    assert (alone := study_with(ControlGroup(controls_of(), everyone))).against_controls("e1") is alone


def test_a_firm_cannot_be_its_own_control():
    with pytest.raises(InputError, match="controls: A are among the firms studied"):
        study_with(controls_of().assign(A=0.01))
