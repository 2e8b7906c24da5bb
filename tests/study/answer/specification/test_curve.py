"""The specification curve: its ordinary days, what is missing, size and power."""

import numpy as np
import pandas as pd
import pytest

import potash
from potash.errors import InputError, OptionError, WindowError
from potash.sessions import Window
from potash.study.answer.specification import curve as curve_module
from tests.evaluation.specification_curves import rates
from tests.study.answer.with_controls import CHOICES, made_study
from tests.study.made_up import DAYS, made_returns


def test_an_ordinary_day_has_the_curve_that_it_would_have_as_an_event():
    curve = potash.specification_curve(made_study(150, 260), "e0", **CHOICES)
    assert curve.every == 1
    # The windows of 40 and of 60 before a gap of 16 are four fifths full from session 63 on, the study's own 120 from 106.
    expected = [p for p in range(106, 290) if all(p + 10 < e - 5 or p - 5 > e + 10 for e in (150, 260))]
    assert curve.ordinary.index.tolist() == [DAYS[p] for p in expected]
    assert curve.n_left_out == 0
    for position in (106, 130, 170, 277):
        alone = potash.specification_curve(made_study(position), **CHOICES)
        row = curve.ordinary.loc[DAYS[position]]
        np.testing.assert_allclose(alone.joint["stat"].to_numpy(float), row.to_numpy(float), rtol=1e-9)
    for name, stat in curve.joint["stat"].items():
        as_large = (curve.ordinary[name].abs() >= abs(stat)).sum()
        assert curve.joint.loc[name, "pvalue"] == (1 + as_large) / (1 + len(curve.ordinary))
    assert curve.pvalue == curve.joint.loc["average_z", "pvalue"]
    assert (curve.joint["n_days"] == len(curve.ordinary)).all()


def test_too_many_estimates_make_every_second_or_third_day_count(monkeypatch):
    whole = potash.specification_curve(made_study(260), **CHOICES)
    n = len(whole.frame) * len(whole.ordinary)
    for most, every in ((n, 1), (n - 1, 2), (n // 2 - 1, 3)):
        monkeypatch.setattr(curve_module, "MOST_ESTIMATES", most)
        some = potash.specification_curve(made_study(260), **CHOICES)
        assert some.every == every
        pd.testing.assert_frame_equal(some.ordinary, whole.ordinary.iloc[::every])
        pd.testing.assert_frame_equal(some.frame, whole.frame)


def test_what_is_missing_is_counted_and_said():
    event_study = made_study(140)
    event_study.returns.iloc[:106, 1] = np.nan  # B has 24 sessions up to offset -11, just enough of 30
    event_study.returns.iloc[146, 2] = np.nan  # C has none at offset +6
    event_study.returns.iloc[250, 0] = np.nan  # so A has no [0, +10] on the ten ordinary days before
    event_study.windows = type(event_study.windows)(Window(-5, 10), Window(-40, -11), 24)
    curve = potash.specification_curve(event_study, lengths=(30, 60), gaps=(11,))
    frame = curve.frame
    with_b = frame["pool"].isin(["all", "without A", "without C", "B alone"])
    with_c = frame["pool"].isin(["all", "without A", "without B", "C alone"])
    too_few = with_b & (frame["length"] == 60)
    pd.testing.assert_series_equal(frame["reason"] == "too few estimation returns", too_few, check_names=False)
    a_hole = with_c & (frame["window"] == "[0, +10]") & ~too_few
    pd.testing.assert_series_equal(frame["reason"].str.startswith("a day of"), a_hole, check_names=False)
    assert frame.loc[too_few, "n"].eq(24).all()
    gone = too_few | a_hole
    numbers = ["estimate", "std_error", "tstat", "df", "pvalue"]
    assert frame.loc[gone, numbers].isna().all().all()
    assert frame.loc[~gone, numbers].notna().all().all()
    assert curve.missing.to_dict() == {
        "too few estimation returns": too_few.sum(),
        frame["reason"][a_hole].iloc[0]: a_hole.sum(),
    }
    assert f"{gone.sum()} more have no estimate" in curve.sentence()
    # Days on which a specification that the event has is missing take no part.
    assert curve.n_left_out + len(curve.ordinary) == len(event_study.ordinary_days("e0").sessions)
    assert curve.n_left_out == 10


def test_the_newest_event_is_the_default_and_results_will_do():
    event_study = made_study(260, 150)
    assert potash.specification_curve(event_study, **CHOICES).event_id == "e0"
    assert potash.specification_curve(event_study.fit(), "e1", **CHOICES).event_id == "e1"
    with pytest.raises(OptionError, match="event_id='e9'"):
        potash.specification_curve(event_study, "e9")
    with pytest.raises(OptionError, match="expected=2"):
        potash.specification_curve(event_study, expected=2)


def test_windows_and_gaps_stay_inside_the_study_s():
    event_study = made_study(260)
    with pytest.raises(WindowError, match="reaches outside event_window"):
        potash.specification_curve(event_study, windows=[(0, 11)])
    with pytest.raises(WindowError, match="must end before event_window"):
        potash.specification_curve(event_study, gaps=(5,))
    mine = potash.specification_curve(event_study, windows=[(-5, -1), (0, 0), (0, 0)], lengths=(60,), gaps=(6,))
    assert mine.frame["window"].unique().tolist() == ["[-5, -1]", "[0, 0]"]


def test_an_effect_of_three_standard_deviations_is_seen_in_the_whole_curve():
    curve = potash.specification_curve(made_study(260, effect=0.06), expected=1, **CHOICES)
    assert curve.pvalue < 0.03
    assert curve.share_expected > 0.8
    down = made_study(260, effect=-0.06)
    shares = [
        potash.specification_curve(down, **sign, **CHOICES).share_expected
        for sign in ({}, {"expected": 1}, {"expected": -1})
    ]
    assert shares[0] == shares[2] > 0.8 > 0.2 > shares[1]


@pytest.mark.simulation
def test_the_joint_p_values_keep_their_size_and_have_power():
    """Also in weeks twice as volatile as the others, where the unscaled median estimate rejects in a quarter of studies."""
    calm, volatile, moved = (rates(*design) for design in ((0.0, 1, 300), (0.0, 2, 200), (0.07, 1, 80)))
    assert calm["average_z"] == pytest.approx(0.05, abs=0.025), calm.to_dict()
    assert calm.max() <= 0.075
    assert volatile.max() <= 0.08, volatile.to_dict()
    assert moved["average_z"] > 0.6, moved.to_dict()


def test_nothing_to_compute_is_an_error():
    with pytest.raises(InputError, match="no controls for this event"):
        potash.specification_curve(made_study(260, controls=0), models=["market + controls"])
    without = made_study(260, controls=0, model=potash.MeanAdjusted())
    with pytest.raises(InputError, match="no market that all firms share"):
        potash.specification_curve(without)
    own = pd.concat({ticker: made_returns(1)[["M"]] for ticker in "ABC"}, axis=1)
    with pytest.raises(InputError, match="no market that all firms share"):
        potash.specification_curve(made_study(260, controls=0, model=potash.FactorModel(own)))
    assert set(potash.specification_curve(without, models=["mean-adjusted"], **CHOICES).frame["model"]) == {
        "mean-adjusted"
    }
