"""Where firms stand among all securities of the day: by brute force, by statsmodels, and where something is missing."""

from itertools import combinations
from math import comb

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

import potash
from potash.errors import InputError
from potash.study.answer.space import permuted_differences
from tests.study.made_up import DAYS, events, made_returns, study

AT = 220


def made(n=6, move=-0.08, **options):
    """A study of A and B on the day they move, and the returns of the other firms."""
    returns = made_returns(n, seed=3)
    returns.loc[DAYS[AT], ["A", "B"]] += move
    firms = study(returns[["A", "B", "M"]], events(AT), event_window=(-5, 10), **options)
    return firms, returns.drop(columns=["A", "B", "M"])


def test_p_is_the_share_of_all_choices_of_as_many_securities():
    firms, others = made()
    placebo = potash.placebo_in_space(firms, others)
    stats = placebo.frame.set_index("ticker")["tstat"]

    def apart(chosen):
        return stats[list(chosen)].mean() - stats.drop(list(chosen)).mean()

    differences = [apart(chosen) for chosen in combinations(stats.index, 2)]
    row = placebo.tests.iloc[0]
    assert row["difference"] == pytest.approx(apart("AB"))
    cars = placebo.frame.set_index("ticker")["CAR"]
    assert row["CAR_difference"] == pytest.approx(cars[["A", "B"]].mean() - cars.drop(["A", "B"]).mean())
    as_large = sum(abs(d) >= abs(apart("AB")) - 1e-12 for d in differences)
    assert row["pvalue"] == as_large / len(differences)
    assert (row["n_firms"], row["n_others"], row["n_subsets"], row["exact"]) == (2, 4, 15, True)
    assert row["smallest_pvalue"] == row["pvalue"] == 1 / 15


def test_without_an_effect_p_counts_the_choices_in_both_tails():
    firms, others = made(move=0.0)
    row = potash.placebo_in_space(firms, others).tests.iloc[0]
    stats = potash.placebo_in_space(firms, others).frame["tstat"].to_numpy()
    differences, exact = permuted_differences(stats, 2, 0)
    assert exact
    assert row["pvalue"] == (np.abs(differences) >= abs(row["difference"]) - 1e-12).mean()
    assert 1 / 15 < row["pvalue"] < 1


def test_statistics_are_market_model_ones_by_other_software():
    firms, others = made()
    frame = potash.placebo_in_space(firms, others, window=(0, 0)).frame.set_index("ticker")
    whole = made_returns(6, seed=3)
    fit = sm.OLS(whole["D"].iloc[AT - 130 : AT - 10], sm.add_constant(whole["M"].iloc[AT - 130 : AT - 10])).fit()
    days = sm.add_constant(whole["M"]).iloc[AT - 5 : AT + 11]
    abnormal = whole["D"].iloc[AT - 5 : AT + 11] - fit.predict(days)
    assert frame.at["D", "CAR"] == pytest.approx(abnormal.iloc[5], abs=1e-12)
    errors = np.sqrt(fit.scale + np.einsum("ij,jk,ik->i", days, fit.cov_params(), days))
    around = (abnormal / errors).iloc[2:].drop(DAYS[AT])
    ratio = max(1.0, float((around**2).mean()))
    assert frame.at["D", "std_error"] == pytest.approx(errors[5] * np.sqrt(ratio), rel=1e-9)


def test_ranks_and_kinds():
    firms, others = made(move=0.2)
    frame = potash.placebo_in_space(firms, others).frame
    assert list(frame["kind"]) == ["firm"] * 2 + ["other"] * 4
    assert set(frame.loc[frame["kind"] == "firm", "rank"]) == {1, 2}
    assert frame.sort_values("rank")["tstat"].is_monotonic_decreasing
    assert (frame["reason"] == "").all()


def test_half_of_the_securities_and_the_other_half_lie_as_far_apart():
    firms, others = made(4)
    row = potash.placebo_in_space(firms, others).tests.iloc[0]
    assert row["n_subsets"] == 6
    assert row["smallest_pvalue"] == row["pvalue"] == 2 / 6


def test_many_choices_are_drawn_with_a_seed():
    stats = np.random.default_rng(1).normal(size=24)
    assert comb(24, 5) <= 100_000 < comb(24, 6)
    assert permuted_differences(stats, 5, 0)[1]
    drawn, exact = permuted_differences(stats, 6, 4)
    assert (len(drawn), exact) == (99_999, False)
    np.testing.assert_array_equal(drawn, permuted_differences(stats, 6, 4)[0])
    assert not np.array_equal(drawn, permuted_differences(stats, 6, 5)[0])
    sums = np.array([stats[list(c)].sum() for c in combinations(range(24), 6)])
    every = sums / 6 - (stats.sum() - sums) / 18
    for level in (0.5, 0.9, 0.99):
        assert np.quantile(drawn, level) == pytest.approx(np.quantile(every, level), abs=0.02)


def test_drawn_choices_count_the_actual_one():
    returns = made_returns(15, seed=3)
    more = made_returns(15, seed=5).drop(columns="M").add_suffix("2")
    returns.loc[DAYS[AT], list("ABCDEF")] += 0.5
    firms = study(returns[[*"ABCDEF", "M"]], events(AT), event_window=(-5, 10))
    row = potash.placebo_in_space(firms, returns[list("GHIJKLNOP")].join(more)).tests.iloc[0]
    assert not row["exact"]
    assert row["pvalue"] == row["smallest_pvalue"] == 1 / 100_000


def test_controls_count_among_the_others_but_for_those_left_out():
    returns, controls = made_returns(2), made_returns(3, 9)[["A", "B", "C"]].set_axis(list("XYZ"), axis=1)
    group = potash.ControlGroup(controls, pd.DataFrame({"event_id": ["e0"], "ticker": ["Y"]}))
    firms = study(returns, events(AT, 260), event_window=(-5, 10), controls=group)
    placebo = potash.placebo_in_space(firms, controls.join(returns[["A"]], rsuffix=""))
    tickers = placebo.frame.groupby("event_id")["ticker"].agg("".join)
    assert tickers.to_dict() == {"e0": "ABXZ", "e1": "ABXYZ"}
    assert list(placebo.frame.index) == list(range(9))
    of_one = potash.placebo_in_space(firms.fit().for_event("e1"))
    assert list(of_one.tests["event_id"]) == ["e1"]


def test_a_security_without_data_is_listed_with_the_reason_and_not_counted():
    firms, others = made()
    others.loc[: DAYS[AT - 40], "C"] = np.nan
    others.loc[DAYS[AT], "D"] = np.nan
    others.loc[DAYS[AT + 1], "E"] = np.nan
    placebo = potash.placebo_in_space(firms, others, window=(0, 1))
    frame = placebo.frame.set_index("ticker")
    assert frame["reason"].to_dict() == {
        "A": "", "B": "", "F": "", "E": "a day is missing", "C": "too few estimation returns", "D": "missing day 0",
    }  # fmt: skip
    assert frame["rank"].isna().sum() == 3
    assert placebo.tests["n_others"].iloc[0] == 1


def test_nobody_left_to_compare_with_is_no_answer():
    firms, others = made()
    others.loc[DAYS[AT]] = np.nan
    placebo = potash.placebo_in_space(firms, others)
    row = placebo.tests.iloc[0]
    assert np.isnan(row["pvalue"])
    assert (row["n_firms"], row["n_others"], row["n_subsets"], row["exact"]) == (2, 0, 0, True)
    assert placebo.sentence("e0") == "No other security has an abnormal return to compare with."


def test_one_firm_stands_in_as_many_places_as_there_are_securities():
    returns = made_returns(6, seed=3)
    returns.loc[DAYS[AT], "A"] += 0.2
    one = study(returns[["A", "M"]], events(AT), event_window=(-5, 10))
    row = potash.placebo_in_space(one, returns.drop(columns="M")).tests.iloc[0]
    assert (row["n_firms"], row["n_others"], row["n_subsets"]) == (1, 5, 6)
    assert row["pvalue"] == row["smallest_pvalue"] == 1 / 6
    assert "The mean of 1 firm lay +" in potash.placebo_in_space(one, returns.drop(columns="M")).sentence("e0")


def test_the_day_of_the_others_is_that_of_the_first_firm():
    returns = made_returns(4, seed=3)
    rows = pd.DataFrame({
        "event_id": "e0", "ticker": ["A", "B"], "session": DAYS[[AT, AT + 1]], "exchange": "XNYS",
    })  # fmt: skip
    index = potash.sessions_between("XNYS", "2024-01-02", "2025-06-30")[: len(returns)]
    returns.index = index
    rows["session"] = index[[AT, AT + 1]]
    firms = study(returns[["A", "B", "M"]], rows, event_window=(-5, 10))
    frame = potash.placebo_in_space(firms, returns[["C", "D"]], window=(0, 0)).frame.set_index("ticker")
    alone = study(
        returns[["C", "M"]], pd.DataFrame({"event_id": ["e0"], "session": [index[AT]]}), event_window=(-5, 10)
    )
    assert frame.at["C", "CAR"] == pytest.approx(alone.fit().car((0, 0))["CAR"].iloc[0])
    assert frame.at["B", "CAR"] == pytest.approx(firms.fit().car((0, 0)).loc[("e0", "B"), "CAR"])


def test_sessions_left_out_of_the_study_are_left_out_here():
    returns = made_returns(4, seed=3)
    returns.loc[DAYS[AT - 60], ["A", "C"]] += 0.5
    gone = pd.DataFrame({"event_id": ["other"], "session": [DAYS[AT - 60]]})
    firms = study(returns[["A", "B", "M"]], events(AT), event_window=(-5, 10), exclude_events=gone)
    with_it = study(returns[["A", "B", "M"]], events(AT), event_window=(-5, 10))
    less, more = (potash.placebo_in_space(s, returns[["C", "D"]]).frame.set_index("ticker") for s in (firms, with_it))
    assert (less.loc[["A", "C"], "std_error"] < 0.9 * more.loc[["A", "C"], "std_error"]).all()
    twice = study(returns[["A", "B", "M"]], events(AT - 30, AT), event_window=(-5, 10))
    own = twice.fit().car((0, 0)).loc[("e1", "A"), "CAR"]
    frame = potash.placebo_in_space(twice, returns[["C", "D"]], window=(0, 0)).frame
    assert frame.loc[(frame["event_id"] == "e1") & (frame["ticker"] == "A"), "CAR"].iloc[0] == pytest.approx(own)


def test_in_words():
    firms, others = made()
    placebo = potash.placebo_in_space(firms, others, window=(-1, 1))
    row = placebo.tests.iloc[0]
    assert placebo.sentence("e0") == (
        f"The mean of 2 firms lay {row['CAR_difference']:.1%}".replace("-", "−").replace("%", " %")
        + f" from that of 4 others over sessions −1 to +1, p = {row['pvalue']:.3f}; so few securities allow none below 0.067."
    )
    assert len(placebo.sentence("e0").split()) <= 40
    assert placebo.sentence("e0") in placebo._repr_html_()
    with pytest.raises(InputError, match=r"no event is called 'e0x' \(did you mean 'e0'\?\). There are: e0"):
        placebo.sentence("e0x")


def test_no_other_security_is_refused():
    firms, others = made()
    for given in (None, others[[]], made_returns(2)[["A"]]):
        with pytest.raises(InputError, match="there is no other security"):
            potash.placebo_in_space(firms, given)
    own = pd.concat({t: others[["C"]].set_axis(["index"], axis=1) for t in "AB"}, axis=1)
    of_each = study(made_returns(2), events(AT), model=potash.FactorModel(own))
    with pytest.raises(InputError, match="each firm of this study has factors of its own"):
        potash.placebo_in_space(of_each, others)
