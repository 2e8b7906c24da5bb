"""What a curve says of itself: its statistics by hand, its words, its table."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from potash.study.answer.specification.result import SpecificationCurve, statistics
from potash.study.inference.significance import t_pvalue


def made_curve(estimates=(0.03, -0.01, 0.02, np.nan, 0.04), errors=0.01, days=39, expected=0):
    estimates = np.array(estimates)
    frame = pd.DataFrame({"estimate": estimates, "std_error": errors, "tstat": estimates / errors, "df": 50.0})
    frame["z"] = stats.norm.isf(stats.t.sf(frame["tstat"], 50))
    frame = frame.assign(
        returns="log", model="market", benchmark="M", controls="none", length=120, gap=11,
        window=["[0, 0]", "[0, +1]", "[0, 0]", "[0, +1]", "[0, +1]"][: len(estimates)], pool="all", n=120,
        pvalue=t_pvalue(estimates / errors, 50.0), reason=np.where(np.isnan(estimates), "too few estimation returns", ""),
    )  # fmt: skip
    index = pd.bdate_range("2024-01-01", periods=days, name="session")
    step = np.arange(days) / days
    ordinary = pd.DataFrame(
        {"median_z": 6 * step - 3, "same_sign": 0.5 + step / 2, "significant": step, "average_z": 4 * step - 2},
        index=index,
    )
    return SpecificationCurve("news", ("A", "B"), frame, ordinary, 1, 3, expected)


def test_statistics_of_curves_by_hand():
    estimates = np.array([[0.01, -0.01, 0.02], [0.03, -0.02, -0.02], [-0.05, -0.06, 0.03], [0.07, 0.08, -0.03]])
    z = np.array([[1.0, -2.0, 1.0], [2.0, -1.9, -2.1], [-3.0, -1.97, 1.96], [4.0, 5.0, -3.0]])
    result = statistics(estimates, z)
    np.testing.assert_allclose(result["median_z"], [1.5, -1.935, -0.55])
    np.testing.assert_allclose(result["same_sign"], [0.75, 0.75, 0.5])
    # Two above zero; two below it, where five standard deviations up are of the other sign; as many up as down: the more.
    np.testing.assert_allclose(result["significant"], [0.5, 0.5, 0.5])
    np.testing.assert_allclose(result["average_z"], [1.0, -0.2175, -0.535])


def test_a_statistic_of_no_specification_is_missing():
    assert np.isnan(statistics(np.empty((0, 2)), np.empty((0, 2)))["median_z"]).tolist() == [True, True]


def test_medians_and_shares_are_of_what_has_an_estimate():
    curve = made_curve()
    assert curve.estimated["estimate"].tolist() == [-0.01, 0.02, 0.03, 0.04]
    assert curve.median == pytest.approx(0.025)
    assert (curve.share_expected, curve.share_significant) == (0.75, 0.5)
    assert made_curve([0.0, 0.01, -0.01, -0.02]).share_expected == 0.5
    assert made_curve([0.0, 0.01, 0.02, -0.02]).share_expected == 0.5
    assert made_curve(expected=-1).share_expected == 0.25
    assert made_curve(expected=1).share_expected == 0.75
    assert curve.missing.to_dict() == {"too few estimation returns": 1}


def test_the_joint_p_values_count_ordinary_days():
    joint = made_curve().joint
    # Same sign .75: days 20 to 38; two significant of four: days 20 to 38.
    assert joint["stat"].tolist()[1:3] == [0.75, 0.5]
    assert joint["pvalue"].tolist()[1:3] == [20 / 40, 20 / 40]
    deviates = stats.norm.isf(stats.t.sf([3, -1, 2, 4], 50))
    assert joint.loc["average_z", "stat"] == pytest.approx(deviates.mean(), rel=1e-9)
    assert joint.loc["average_z", "pvalue"] == 4 / 40  # 1.88: the first two days and the last
    assert joint.loc["median_z", "stat"] == pytest.approx(deviates[[0, 2]].mean(), rel=1e-9)
    assert joint.loc["median_z", "pvalue"] == 8 / 40  # 2.41: the first four days and the last three
    assert np.isnan(made_curve(days=19).pvalue)


def test_what_specifications_with_one_choice_say():
    table = made_curve().by_choice()
    assert table.loc[("window", "[0, 0]")].to_dict() == {
        "n": 2.0, "median": 0.025, "share_positive": 1.0, "share_significant": 0.5,
    }  # fmt: skip
    assert table.loc[("model", "market"), "n"] == 4
    assert made_curve(estimates=[np.nan, 0.01]).by_choice().loc["window"].index.tolist() == ["[0, +1]"]


def test_the_sentence_and_the_table():
    curve = made_curve(expected=1)
    sentence = (
        "The median of 4 specifications is +2.5 %; 75 % have the expected sign, 50 % are significant; 1 more have no estimate. "
        "Joint p = 0.100 by 39 ordinary days."
    )
    assert curve.sentence() == sentence
    assert repr(curve) == f"<SpecificationCurve of news: {sentence}>"
    html = curve._repr_html_()
    assert html.startswith(f"<p>{sentence}</p><table")
    cells = [line.strip() for line in html.splitlines()]
    assert [cell for cell in cells if cell.startswith("<td>")] == [
        "<td>+2.41</td>", "<td>0.200</td>", "<td>75 %</td>", "<td>0.500</td>", "<td>50 %</td>", "<td>0.500</td>",
        "<td>+1.88</td>", "<td>0.100</td>",
    ]  # fmt: skip
    assert html.count("<tr") == 5
    assert "<td>67 %</td>" in made_curve([0.03, -0.01, 0.02])._repr_html_()
    assert "<td>−0.99</td>" in made_curve([-0.01, -0.02, 0.01])._repr_html_()
    assert made_curve([np.nan])._repr_html_() == "<p>None of 1 specifications has an estimate.</p>"
    assert made_curve([np.nan]).sentence() == "None of 1 specifications has an estimate."
    assert np.isnan(made_curve([np.nan]).share_expected)
