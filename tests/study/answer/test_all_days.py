"""An event beside all other days: brute force, the family of windows, single firms."""

import numpy as np
import pandas as pd
import pytest

import potash
from potash.errors import InputError, WindowError
from potash.sessions import Window
from potash.study.answer.all_days import across_firms, all_days, covered, the_study, with_event
from potash.study.answer.equivalence import detectable_by, ruled_out_beyond
from potash.study.answer.event_volatility import scaled_cars
from potash.study.inference.placebo import max_pvalues, placebo_pvalue
from tests.study.made_up import DAYS, events, made_returns, study

WINDOWS = (Window(0, 0), Window(0, 5), Window(-5, -1))


def made_study(at=200, **options):
    return study(made_returns(3), events(at), event_window=(-5, 10), **options)


def test_every_ordinary_day_is_a_study_of_its_own():
    """The loop that the arrays stand for: each day is made the event of a study alone."""
    event_study = made_study()
    days = all_days(event_study, "e0", WINDOWS)
    # Four fifths of the 120 estimation sessions are there from session 106 on.
    ordinary = [p for p in range(106, 300 - 10) if p + 10 < 200 - 5 or p - 5 > 200 + 10]
    assert days.sessions.tolist() == [DAYS[p] for p in ordinary]
    for position in ordinary[::17]:
        alone = study(made_returns(3), events(position), event_window=(-5, 10)).fit()
        row = days.sessions.get_loc(DAYS[position])
        for column, window in enumerate(WINDOWS):
            expected = scaled_cars(alone.portfolio_fit, alone.windows.event, window)
            assert days.ordinary_stats[row, column] == pytest.approx(expected.stats[0], rel=1e-10)
            assert days.ordinary_ratio[row, column] == pytest.approx(expected.ratio[0], rel=1e-10)


def test_the_p_values_count_days():
    days = all_days(made_study(), "e0", WINDOWS)
    n = len(days.sessions)
    for column, window in enumerate(WINDOWS):
        as_large = sum(abs(other) >= abs(days.stats[column]) for other in days.ordinary_stats[:, column])
        assert days.randomization_pvalues[column] == pytest.approx((len(window) + as_large) / (len(window) + n))
    largest = np.abs(days.ordinary_stats).max(axis=1)
    as_large = (largest >= abs(days.stats[1])).sum()
    assert days.max_t_pvalues[1] == pytest.approx((6 + as_large) / (6 + n))
    assert (days.max_t_pvalues >= days.randomization_pvalues - 6 / n).all()


def test_days_as_volatile_are_the_third_nearest_in_the_logarithm_of_the_ratio():
    days = all_days(made_study(), "e0", (Window(0, 0),))
    distance = np.abs(np.log(days.ordinary_ratio[:, 0] / days.ratio[0]))
    nearest = np.argsort(distance)[: int(np.ceil(len(distance) / 3))]
    expected = placebo_pvalue(days.stats[0], days.ordinary_stats[nearest, 0])
    assert days.regime_pvalues[0] == expected


def test_the_critical_value_is_where_both_votes_begin_to_reject():
    days = all_days(made_study(), "e0", WINDOWS)
    for column, window in enumerate(WINDOWS):
        critical = days.critical(column)
        ordinary = days.ordinary_stats[:, column]
        just_above, just_below = critical * 1.0001, critical * 0.9999

        def rejects(stat, ordinary=ordinary, column=column, window=window):
            by_t = 2 * (1 - _t_cdf(stat, days.df[column]))
            return by_t <= 0.05 and placebo_pvalue(stat, ordinary, len(window)) <= 0.05

        assert rejects(just_above)
        assert not rejects(just_below)


def _t_cdf(stat, df):
    from scipy import stats

    return stats.t.cdf(stat, df)


def test_window_family_holds_the_run_up_and_both_models():
    returns, controls = made_returns(2), made_returns(3, seed=9)[["A", "B", "C"]].set_axis(list("XYZ"), axis=1)
    event_study = potash.EventStudy(
        returns[["A", "B"]], events(200, 240), returns_kind="log", model=potash.MarketModel(returns["M"]),
        event_window=(-5, 10), controls=controls,
    )  # fmt: skip
    table = potash.window_family(event_study)
    assert table["against"].unique().tolist() == ["market and controls", "market"]
    assert table.loc[:4, "window"].tolist() == ["[-5, -1]", "[0, 0]", "[0, +1]", "[0, +5]", "[0, +10]"]
    own = table[(table["event_id"] == "e1") & (table["against"] == "market")].set_index("name")
    days = all_days(event_study, "e1", tuple(covered(event_study).values()))
    np.testing.assert_array_equal(own["max_t_pvalue"], max_pvalues(days.stats, days.ordinary_stats, 11))
    assert own.loc["run-up", "CAR"] == event_study.fit().portfolio((-5, -1)).loc["e1", "CAR"]
    impact = own.loc["impact"]
    assert impact["ruled_out_beyond"] == float(ruled_out_beyond(impact["CAR"], impact["std_error"], impact["df"]))
    assert impact["detectable"] == detectable_by(impact["std_error"], impact["df"], days.critical(1))
    one = potash.window_family(event_study.fit().for_event("e1"), {"mine": (1, 3)})
    assert one[["event_id", "name", "window"]].drop_duplicates().to_numpy().tolist() == [["e1", "mine", "[+1, +3]"]]


def test_windows_outside_the_event_window_are_not_in_the_family_unless_named():
    event_study = study(made_returns(2), events(200), event_window=(-2, 5))
    assert list(covered(event_study)) == ["impact", "impact, two sessions", "follow-through, a week"]
    with pytest.raises(WindowError, match="reaches outside event_window"):
        potash.window_family(event_study, {"late": (0, 6)})


def test_a_firm_that_moved_alone_is_seen_and_a_common_move_is_no_spread():
    returns = made_returns(4, correlation=0)
    alone, common = returns.copy(), returns.copy()
    alone.iloc[200, 1] += 0.2
    common.iloc[200, :4] += 0.2
    one = across_firms(study(alone, events(200), event_window=(-5, 10)), "e0", Window(0, 0))
    every = across_firms(study(common, events(200), event_window=(-5, 10)), "e0", Window(0, 0))
    assert one.largest == "B"
    assert one.any_pvalue == pytest.approx(1 / (1 + one.n_days))
    assert one.spread_pvalue < 0.02 < 0.2 < every.spread_pvalue
    assert every.any_pvalue == one.any_pvalue
    assert np.isnan(across_firms(study(returns[["A", "M"]], events(200)), "e0", Window(0, 0)).spread_pvalue)


def test_a_study_or_its_results():
    event_study = made_study()
    assert the_study(event_study) is event_study
    assert the_study(event_study.fit().for_event("e0")) is event_study
    with pytest.raises(InputError, match="a DataFrame came in; an EventStudy or the results"):
        the_study(pd.DataFrame())


@pytest.mark.filterwarnings("ignore:e0 is measured without the controls:potash.PotashWarning")
def test_an_event_that_its_controls_leave_nothing_of_is_measured_against_the_market():
    returns = made_returns(2)
    controls = pd.DataFrame({"X": returns["M"] * 0.5}, index=DAYS)
    controls.iloc[200] = np.nan
    event_study = study(returns, events(200), controls=controls + made_returns(1, 8)[["A"]].to_numpy() * 0.1)
    assert with_event(event_study, "e0") is event_study


@pytest.mark.parametrize("nothing", ["missing", "zero"])
@pytest.mark.filterwarnings("ignore:controls. C:potash.PotashWarning")
def test_controls_that_cannot_be_used_are_said(nothing):
    made = made_returns(3)
    controls = made[["C"]] * (np.nan if nothing == "missing" else 0.0)
    event_study = study(made[["A", "B", "M"]], events(200), controls=controls)
    reason = {"missing": "the model needs controls, which has no return on", "zero": "no fit"}[nothing]
    with pytest.warns(potash.PotashWarning, match=rf"^e0 is measured without the controls: .*{reason}"):
        assert with_event(event_study, "e0") is event_study
    assert with_event(study(made, events(200)), "e0").controls is None  # without controls there is nothing to say
