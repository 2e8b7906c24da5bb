"""Rank tests against their papers' sums written out, other software, and simulated studies."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from potash.study.engine.window_fit import WindowFit
from potash.study.inference.rank import (
    average_ranks,
    centred_ranks,
    corrado_rank_test,
    corrado_zivney_test,
    grank_t_test,
    grank_z_test,
    rank_sums,
)
from tests.study.carried import fitted
from tests.study.nonparametric import (
    ALONE,
    CASES,
    SHARED,
    needs_reference,
    simulated,
    sizes,
    standardized,
    stored,
    within,
)

close = pytest.approx
DAY, THREE = slice(2, 3), slice(1, 4)
FIT = simulated(6, seed=3, length=40)
SCALED = (corrado_zivney_test, grank_t_test, grank_z_test)


def with_holes(fit: WindowFit) -> WindowFit:
    """Return the fit with estimation days and an event day (column 3 of firm 1) missing."""
    residuals, abnormal = fit.residuals.copy(), fit.abnormal.copy()
    residuals[0, 5:9] = residuals[2, 20] = residuals[:, 30] = np.nan
    abnormal[1, 3] = np.nan
    return replace(fit, residuals=residuals, abnormal=abnormal)


def run(test, fit, columns, *more):
    if test in (grank_t_test, grank_z_test):
        return test(fit.residuals, standardized(fit, columns), fit.variance, *more)
    ranked = (fit.residuals, fit.abnormal, columns)
    return test(*ranked) if test is corrado_rank_test else test(*ranked, fit.scale, fit.variance, *more)


# -- ranks -----------------------------------------------------------------------------------------------------------


def test_average_ranks_are_scipy_s_with_ties_and_holes():
    values = np.random.default_rng(0).integers(0, 9, (50, 12)).astype(float)
    values[values == 8] = np.nan
    np.testing.assert_array_equal(average_ranks(values), stats.rankdata(values, axis=1, nan_policy="omit"))
    assert average_ranks(np.empty((0, 3))).shape == (0, 3)


def test_centred_ranks_by_hand():
    found = centred_ranks(np.array([[0.3, np.nan, -1.0, 0.3]]))
    np.testing.assert_allclose(found, [[2.5 / 4 - 0.5, np.nan, 1 / 4 - 0.5, 2.5 / 4 - 0.5]])


# -- closed forms ----------------------------------------------------------------------------------------------------


def corrado_and_cowan(residuals, event, columns) -> float:
    """Cowan's statistic, Corrado's for one day, from whole ranks: nothing may be missing."""
    ranks = np.array([stats.rankdata(row) for row in np.hstack([residuals, event])])
    mean, expected = ranks.mean(axis=0), (ranks.shape[1] + 1) / 2
    tested = mean[residuals.shape[1] :][columns]
    return np.sqrt(len(tested)) * (tested.mean() - expected) / np.sqrt(((mean - expected) ** 2).mean())


def corrado_and_zivney(residuals, event, columns) -> float:
    """Their statistic with values missing, sum by sum."""
    rows = [list(row) for row in np.hstack([residuals, event])]
    shares = [[(np.sum(np.array(row) < v) + 1) / (1 + np.sum(~np.isnan(row))) for v in row] for row in rows]
    scores = []
    for day in range(len(rows[0])):
        there = [share[day] for share, row in zip(shares, rows, strict=True) if not np.isnan(row[day])]
        scores.append(sum(u - 0.5 for u in there) / np.sqrt(len(there)) if there else np.nan)
    spread = np.sqrt(np.nanmean(np.square(scores)))
    tested = scores[residuals.shape[1] :][columns]
    return sum(tested) / np.sqrt(len(tested)) / spread


@pytest.mark.parametrize("columns", [DAY, THREE, slice(0, 5)])
def test_rank_test_is_corrado_s_and_cowan_s(columns):
    found = run(corrado_rank_test, FIT, columns)
    assert found.stat == close(corrado_and_cowan(FIT.residuals, FIT.abnormal, columns), rel=1e-12)
    assert found.pvalue == close(2 * stats.norm.sf(abs(found.stat)))
    assert (found.name, found.distribution, found.n_obs) == ("rank", "N(0, 1)", 6)


@pytest.mark.parametrize("columns", [DAY, THREE])
def test_rank_test_with_missing_values_is_corrado_and_zivney_s(columns):
    fit = with_holes(FIT)
    assert run(corrado_rank_test, fit, columns).stat == close(
        corrado_and_zivney(fit.residuals, fit.abnormal, columns), rel=1e-12
    )
    assert run(corrado_rank_test, fit, columns).n_obs == 6


@pytest.mark.parametrize("columns", [DAY, THREE])
@pytest.mark.parametrize("correlation", [0.0, 0.3])
def test_corrado_zivney_divides_each_tested_day_by_its_own_deviation(columns, correlation):
    fit = with_holes(FIT)
    residuals = fit.residuals / np.sqrt(fit.variance)[:, None]
    event = fit.abnormal / np.sqrt(fit.variance[:, None] * np.array([s.diagonal() for s in fit.scale]))
    for day in range(columns.start, columns.stop):
        there = event[:, day][~np.isnan(event[:, day])]
        event[:, day] *= np.sqrt(1 - correlation) / np.sqrt(((there - there.mean()) ** 2).sum() / (len(there) - 1))
    found = run(corrado_zivney_test, fit, columns, correlation)
    assert found.stat == close(corrado_and_zivney(residuals, event, columns), rel=1e-12)
    assert (found.name, found.distribution) == ("corrado_zivney", "N(0, 1)")


def grank_by_hand(fit, columns, correlation) -> tuple[float, float, int]:
    """Kolari and Pynnonen's GRANK-T and GRANK-Z, firm by firm and day by day."""
    scar = standardized(fit, columns)
    firms = [i for i in range(len(scar)) if not np.isnan(scar[i])]
    n, spread = len(firms), np.std(scar[firms], ddof=1) / np.sqrt(1 - correlation)
    by_day: dict[int, list[float]] = {}
    variance = 0.0
    for i in firms:
        days = {t: e / np.sqrt(fit.variance[i]) for t, e in enumerate(fit.residuals[i]) if not np.isnan(e)}
        days[999] = scar[i] / spread
        for t, value in days.items():
            by_day.setdefault(t, []).append(sum(other <= value for other in days.values()) / (len(days) + 1) - 0.5)
        variance += (len(days) - 1) / (12 * (len(days) + 1)) / n**2
    total = len(by_day)
    spread = np.sqrt(sum(len(us) / n * np.mean(us) ** 2 for us in by_day.values()) / total)
    z = np.mean(by_day[999]) / spread
    return z * np.sqrt((total - 2) / (total - 1 - z**2)), np.mean(by_day[999]) / np.sqrt(variance), total


# Forecast errors from 1 to 36 times as wide as a day's, as in windows with a market move far out of the estimation's.
STRETCHED = replace(FIT, scale=FIT.scale * np.arange(1, 7)[:, None, None] ** 2)


@pytest.mark.parametrize("fit", [FIT, with_holes(FIT), STRETCHED], ids=["complete", "holes", "stretched"])
@pytest.mark.parametrize("columns", [DAY, THREE])
@pytest.mark.parametrize("correlation", [0.0, 0.3])
def test_grank_by_its_sums(fit, columns, correlation):
    t, z, total = grank_by_hand(fit, columns, correlation)
    by_t, by_z = run(grank_t_test, fit, columns, correlation), run(grank_z_test, fit, columns, correlation)
    assert (by_t.stat, by_z.stat) == (close(t, rel=1e-12), close(z, rel=1e-12))
    assert by_t.pvalue == close(2 * stats.t.sf(abs(t), total - 2))
    assert by_z.pvalue == close(2 * stats.norm.sf(abs(z)))
    assert (by_t.distribution, by_z.distribution) == (f"t({total - 2})", "N(0, 1)")
    missing = np.isnan(fit.abnormal[:, columns]).any(axis=1).sum()
    assert by_t.n_obs == by_z.n_obs == 6 - missing


def test_grank_z_for_one_length_is_the_paper_s_root():
    event = standardized(FIT, THREE) / standardized(FIT, THREE).std(ddof=1)
    days = np.column_stack([FIT.residuals / np.sqrt(FIT.variance)[:, None], event])
    mean = np.mean([stats.rankdata(row)[-1] / 42 - 0.5 for row in days])
    assert run(grank_z_test, FIT, THREE).stat == close(mean * np.sqrt(12 * 6 * 42 / 40))


def test_event_window_is_one_day_for_grank_and_many_for_the_rank_test():
    """Days of the event window that are not tested are ranked by the rank tests and not by GRANK."""
    other = replace(FIT, abnormal=FIT.abnormal * 100)
    other.abnormal[:, DAY] = FIT.abnormal[:, DAY]
    for test in (grank_t_test, grank_z_test):
        assert run(test, other, DAY).stat == run(test, FIT, DAY).stat
    for test in (corrado_rank_test, corrado_zivney_test):
        assert run(test, other, DAY).stat != close(run(test, FIT, DAY).stat)


# -- what must not change a rank -------------------------------------------------------------------------------------


@pytest.mark.parametrize("test", [corrado_rank_test, *SCALED])
@pytest.mark.parametrize("columns", [DAY, THREE])
def test_scale_order_and_firms_without_data_change_nothing_and_the_sign_turns(test, columns):
    fit = with_holes(FIT)
    found = run(test, fit, columns)
    factor = np.array([1, 2, 3, 4, 5, 6.0])[:, None]
    scaled = replace(
        fit, residuals=fit.residuals * factor, abnormal=fit.abnormal * factor, variance=fit.variance * factor[:, 0] ** 2
    )
    more = fit.only(np.array([0, 1, 2, 3, 4, 5, 0]))
    more.abnormal[6, 1:4] = np.nan
    assert run(test, scaled, columns).stat == close(found.stat)
    assert run(test, fit.only(np.array([3, 1, 5, 0, 2, 4])), columns).stat == close(found.stat)
    assert run(test, more, columns).stat == close(found.stat)
    assert run(test, more, columns).n_obs == found.n_obs
    turned = replace(fit, residuals=-fit.residuals, abnormal=-fit.abnormal)
    assert run(test, turned, columns).stat == close(-found.stat)


def test_nothing_handed_in_is_replace():
    names = [name for name in FIT.__dataclass_fields__ if name != "spans"]
    before = [getattr(FIT, name).copy() for name in names]
    for test in (corrado_rank_test, *SCALED):
        run(test, FIT, THREE)
    for name, old in zip(names, before, strict=True):
        np.testing.assert_array_equal(getattr(FIT, name), old)


# -- tests that do not apply say why ---------------------------------------------------------------------------------


GONE, LONE = FIT.abnormal.copy(), FIT.abnormal.copy()
GONE[:, 3], LONE[1:, 2] = np.nan, np.nan


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        (run(corrado_rank_test, replace(FIT, abnormal=GONE), THREE), "a day of the window has no abnormal return"),
        (
            run(corrado_rank_test, replace(FIT, abnormal=GONE), slice(3, 4)),
            "a day of the window has no abnormal return",
        ),
        (corrado_rank_test(np.zeros((2, 9)), np.zeros((2, 3)), slice(0, 1)), "the mean ranks of the days do not vary"),
        (run(corrado_zivney_test, replace(FIT, abnormal=LONE), DAY), "needs 2 firm-events on each day of the window"),
        (run(corrado_zivney_test, FIT, DAY, 1.0), "mean correlation 1.000 leaves no variance across firms"),
        (run(corrado_zivney_test, FIT, DAY, np.nan), "too few common estimation days"),
        (run(grank_t_test, replace(FIT, abnormal=LONE), DAY), "needs 2 standardized CARs, 1 available"),
        (run(grank_z_test, replace(FIT, abnormal=GONE), THREE), "needs 2 standardized CARs, 0 available"),
        (run(grank_z_test, FIT, DAY, np.nan), "too few common estimation days"),
        (run(grank_t_test, FIT.only(np.array([4, 4])), DAY), "do not vary across firms"),
        (grank_t_test(FIT.residuals, np.r_[np.full(5, 0.3), 0.1 + 0.2], FIT.variance), "do not vary across firms"),
        (run(corrado_zivney_test, FIT.only(np.array([4, 4, 4])), DAY), "do not vary across firms"),
    ],
)
def test_not_applicable(found, reason):
    assert np.isnan(found.stat)
    assert np.isnan(found.pvalue)
    assert (found.distribution, found.holds) == ("none", False)
    assert reason in found.reason


def test_a_firm_without_a_variance_is_left_out():
    fit = replace(FIT, variance=np.where(np.arange(6) == 2, np.nan, FIT.variance))
    for test in SCALED:
        found, without = run(test, fit, THREE), run(test, FIT.only(np.arange(6) != 2), THREE)
        assert (found.stat, found.n_obs) == (close(without.stat), 5)


# -- other software --------------------------------------------------------------------------------------------------


def each_day(test, fit):
    return [run(test, fit, slice(k, k + 1)).stat for k in range(11)]


@needs_reference
@pytest.mark.parametrize(("day", "kind", "n_obs"), CASES)
def test_rank_against_closed_forms_and_estudy2(day, kind, n_obs):
    told = stored("independent.json")[f"2020_2022|{day}|{kind}|est_{n_obs}"]
    theirs = stored("estudy2.json.gz")[f"{day}|{kind}|sim|est_{n_obs}"]
    fit = fitted((day,), kind, "market", n_obs).fit
    ours, whole = each_day(corrado_rank_test, fit), run(corrado_rank_test, fit, slice(0, 11)).stat
    assert ours == close(told["rank_day"], abs=1e-9)
    assert whole == close(told["rank_window_cowan"], abs=1e-9)
    assert ours == close(theirs["nonparametric"]["rank_stat"], abs=1e-9)
    assert ours == close(theirs["nonparametric"]["mrank_stat"], abs=1e-9)
    assert whole == close(theirs["car_nonparametric"]["statistic"][0], abs=1e-9)


@needs_reference
@pytest.mark.parametrize(("day", "kind", "n_obs"), CASES)
def test_r_package_eventstudy_repeats_the_first_day_s_statistic(day, kind, n_obs):
    """Its mean ranks are right; its statistic is the first day's on every day, with n - 1 where n belongs."""
    told = stored("eventstudy.json.gz")[f"{day}|{kind}|MarketModel|est_m{n_obs + 10}_m11"]["multi"]["RankT"]
    fit = fitted((day,), kind, "market", n_obs).fit
    ranks = centred_ranks(np.hstack([fit.residuals, fit.abnormal]))
    assert ranks.mean(axis=0)[-11:] == close(told["mean_rank"], abs=1e-9)
    ours, total = each_day(corrado_rank_test, fit), n_obs + 11
    assert told["rank_z"] == close([ours[0] * np.sqrt((total - 1) / total)] * 11, abs=1e-9)
    assert np.std(ours) > 0.3


# -- simulated size --------------------------------------------------------------------------------------------------


@pytest.mark.simulation
@pytest.mark.parametrize("days", [1, 5])
@pytest.mark.parametrize("name", ["rank", "corrado_zivney", "grank", "grank_z"])
def test_size_on_separate_dates(name, days):
    """Over 1,000 studies of 7 firms Corrado-Zivney and GRANK reject in 8 to 9 %: their deviation across firms is rough."""
    assert within(sizes(30, ALONE, days)[name])
    assert within(sizes(7, ALONE, days)[name], 0.05 if name == "rank" else 0.085)


@pytest.mark.simulation
@pytest.mark.parametrize("days", [1, 5])
@pytest.mark.parametrize("name", ["rank", "corrado_zivney", "grank"])
def test_size_on_one_shared_date(name, days):
    """As published, Corrado-Zivney and GRANK-T reject in 7 to 8 % with 30 firms and 9 to 10 % with 7."""
    plain, few = sizes(30, SHARED, days), sizes(7, SHARED, days)
    if name == "rank":
        assert within(plain[name])
        assert within(few[name])
        return
    assert within(plain[f"{name} adjusted"])
    assert within(few[f"{name} adjusted"], 0.07)
    assert plain[f"{name} adjusted"] < plain[name] < 0.12
    assert few[f"{name} adjusted"] < few[name] < 0.15


@pytest.mark.simulation
def test_grank_z_does_not_hold_on_one_shared_date():
    assert sizes(30, SHARED)["grank_z"] > 0.5
    assert sizes(7, SHARED)["grank_z"] > 0.25


@pytest.mark.simulation
def test_event_induced_variance_leaves_grank_and_corrado_zivney_alone():
    """Deviation doubled in the event window: the rank test rejects more often than it says, the others do not."""
    rejected = np.zeros(3)
    for seed in range(400):
        fit = simulated(30, 1000 + seed)
        louder = replace(fit, abnormal=2 * fit.abnormal)
        found = [run(test, louder, DAY) for test in (corrado_rank_test, corrado_zivney_test, grank_t_test)]
        rejected += [test.pvalue < 0.05 for test in found]
    assert rejected[0] / 400 > 0.085
    assert all(within(rate) for rate in rejected[1:] / 400)


def test_a_planted_effect_is_found():
    fit = simulated(10, seed=1)
    shifted = replace(fit, abnormal=fit.abnormal + 0.02)
    for test in (corrado_rank_test, *SCALED):
        found = run(test, shifted, THREE)
        assert found.stat > 3
        assert found.pvalue < 0.01


def test_values_that_differ_in_the_last_places_only_are_ranked_exactly():
    values = np.array(
        [[1.0, np.nextafter(1, 0), -1.0, np.nan, -0.0, 0.0, np.nextafter(1, 2), -np.inf, 5e-324, -5e-324]]
    )
    sums, count = rank_sums(values, np.array([0]), 1)
    wanted = stats.rankdata(values[0], nan_policy="omit") / 10 - 0.5
    np.testing.assert_allclose(sums[0], np.where(np.isnan(wanted), 0.0, wanted), atol=1e-15)
    np.testing.assert_array_equal(count[0], ~np.isnan(values[0]))


@pytest.mark.parametrize("n_days", [40, 261, 600])
def test_ranks_by_whole_numbers_are_those_of_floats_whatever_the_scale(n_days):
    rng = np.random.default_rng(n_days)
    values = rng.standard_normal((60, n_days)) * 10.0 ** rng.integers(-6, 3, (60, 1))
    values[:, 3] *= 50
    values[::2, 4] = values[::2, 5]
    values[rng.random(values.shape) < 0.05] = np.nan
    cell = np.repeat(np.arange(4), 15)
    sums, count = rank_sums(values, cell, 4)
    known = ~np.isnan(values)
    wanted = stats.rankdata(values, axis=1, nan_policy="omit") / (1 + known.sum(axis=1, keepdims=True)) - 0.5
    np.testing.assert_allclose(sums, np.nansum(wanted.reshape(4, 15, -1), axis=1), atol=1e-12)
    np.testing.assert_array_equal(count, known.reshape(4, 15, -1).sum(axis=1))
