"""The fast engine against the labelled one: the same numbers firm-event by firm-event, and group by group."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import potash
from potash.errors import InputError, OptionError, WindowError
from potash.study.engine.least_squares import inverses
from potash.study.engine.mass import MassFit, mass_fit
from potash.study.inference import groups
from potash.study.inference.groups import GroupTests, group_tests
from potash.study.inference.rank import rank_sums

SESSIONS, SECURITIES = 400, 12
EVENT, ESTIMATION, CARS = (-3, 4), (-120, -11), [(0, 0), (-1, 1), (-3, 4)]
DAYS = pd.bdate_range("2023-01-02", periods=SESSIONS, name="session")
NAMES = [f"S{i:02d}" for i in range(SECURITIES)]


def panel(n_factors: int = 1, missing: float = 0.01, seed: int = 3) -> tuple[np.ndarray, np.ndarray]:
    """Return returns and factors with a common shock, so that residuals correlate, and with holes in both."""
    rng = np.random.default_rng(seed)
    x = rng.normal(0.0004, 0.01, (SESSIONS, n_factors))
    common, own = rng.normal(0, 0.01, (SESSIONS, 1)), rng.normal(0, 0.02, (SESSIONS, SECURITIES))
    y = x @ rng.normal(1, 0.3, (n_factors, SECURITIES)) + common + own
    y[rng.random(y.shape) < missing] = np.nan
    x[rng.random(x.shape) < missing / 4] = np.nan
    return y, x


def fitted(y, x, security, day_zero, **options: Any) -> MassFit:
    settings = {"event_window": EVENT, "estimation_window": ESTIMATION, "windows": CARS, **options}
    return mass_fit(y, x, np.asarray(security), np.asarray(day_zero), **settings)


def labelled(y, x, security, day_zero, **options: Any) -> potash.EventStudyResults:
    """Return the same firm-events by :class:`potash.EventStudy`; the event's id is the firm-event's position."""
    rows = {"event_id": np.arange(len(security)), "ticker": [NAMES[s] for s in security], "session": DAYS[day_zero]}
    frame = pd.DataFrame(x, index=DAYS, columns=[f"f{k}" for k in range(x.shape[1])])
    from potash.study.expected_returns.ordinary import FactorModel

    model = potash.MarketModel(frame["f0"]) if x.shape[1] == 1 else FactorModel(frame)
    settings = {"event_window": EVENT, "estimation_window": ESTIMATION, **options}
    returns = pd.DataFrame(y, index=DAYS, columns=NAMES)
    return potash.EventStudy(returns, pd.DataFrame(rows), returns_kind="log", model=model, **settings).fit()


def close(found, wanted, atol=1e-13) -> None:
    np.testing.assert_allclose(found, wanted, rtol=1e-10, atol=atol)


# -- the fit ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("n_factors", [1, 4])
@pytest.mark.parametrize("missing", [0.0, 0.01, 0.15])
def test_fit_is_the_labelled_one(n_factors, missing):
    """Day 0 over the whole sample, so that windows begin before the data and end after them, and hit missing days."""
    y, x = panel(n_factors, missing)
    rng = np.random.default_rng(8)
    security, day_zero = rng.integers(0, SECURITIES, 400), rng.integers(0, SESSIONS, 400)
    fit, wanted = fitted(y, x, security, day_zero), labelled(y, x, security, day_zero)
    kept = wanted.events.index.get_level_values("event_id")
    np.testing.assert_array_equal(np.flatnonzero(fit.kept), kept)
    reasons = set(wanted.dropped["reason"])
    assert reasons >= {"event window not covered", "too few estimation returns"}
    assert ("missing day 0" in reasons) == (missing > 0)
    close(fit.params[kept], wanted.fit.params)
    close(fit.variance[kept], wanted.fit.variance)
    np.testing.assert_array_equal(fit.nobs[kept], wanted.fit.nobs)
    np.testing.assert_array_equal(fit.df_resid[kept], wanted.fit.df_resid)
    close(fit.abnormal[kept], wanted.abnormal_returns)
    close(fit.std_errors[kept], wanted.std_errors)
    for i, window in enumerate(CARS):
        cars = wanted.car(window)
        close(fit.cars[kept, i], cars["CAR"])
        close(fit.car_std_errors[kept, i], cars["std_error"])
    for values in (fit.params, fit.variance, fit.abnormal, fit.std_errors, fit.cars, fit.car_std_errors):
        assert np.isnan(values[~fit.kept]).all()


def test_an_estimation_window_partly_before_the_data_counts_what_there_is():
    y, x = panel(missing=0.0)
    day_zero = np.array([97, 98, 99, 120])
    fit = fitted(y, x, np.zeros(4, dtype=int), day_zero)
    np.testing.assert_array_equal(fit.nobs, day_zero - 10)
    np.testing.assert_array_equal(fit.kept, [False, True, True, True])
    strict = fitted(y, x, np.zeros(2, dtype=int), np.array([119, 120]), min_estimation=110)
    np.testing.assert_array_equal(strict.kept, [False, True])


def test_no_estimation_window_before_the_first_sessions():
    y, x = panel(missing=0.0)
    fit = fitted(y, x, np.zeros(3, dtype=int), np.array([0, 5, 10]))
    assert not fit.kept.any()
    np.testing.assert_array_equal(fit.nobs, 0)


def test_a_return_that_does_not_vary_has_no_fit_as_in_the_labelled_study():
    y, x = panel(missing=0.0)
    y[:, 1], y[80:190, 2], y[:, 3] = 0.001, 0.0, 0.002 + 1.5 * x[:, 0]
    security, day_zero = np.arange(5), np.full(5, 200)
    wanted = labelled(y, x, security, day_zero)
    np.testing.assert_array_equal(fitted(y, x, security, day_zero).kept, [True, False, False, False, True])
    assert list(wanted.dropped["event_id"]) == [1, 2, 3]


def test_factors_that_repeat_one_another_have_no_fit():
    y, x = panel(2, missing=0.0)
    x[:, 1] = 2 * x[:, 0]
    assert not fitted(y, x, np.array([0]), np.array([200])).kept.any()


def test_a_factor_with_a_level_leaves_the_abnormal_returns_as_they_are():
    y, x = panel(missing=0.0)
    plain, shifted = (fitted(y, a, np.arange(6), np.full(6, 200)) for a in (x, x + 100))
    np.testing.assert_allclose(shifted.abnormal, plain.abnormal, atol=1e-12)
    np.testing.assert_allclose(shifted.car_std_errors, plain.car_std_errors, rtol=1e-9)


def test_without_factors_it_is_the_mean_adjusted_model():
    y, _ = panel()
    fit = fitted(y, np.empty((SESSIONS, 0)), np.array([4]), np.array([201]))
    window = y[201 - 120 : 201 - 10, 4]
    n = (~np.isnan(window)).sum()
    assert fit.params[0, 0] == pytest.approx(np.nanmean(window))
    assert fit.car_std_errors[0, 2] == pytest.approx(np.nanstd(window, ddof=1) * np.sqrt(8 + 64 / n))


def test_blocks_and_chunks_leave_no_trace(monkeypatch):
    y, x = panel()
    rng = np.random.default_rng(2)
    security, day_zero = rng.integers(0, SECURITIES, 200), rng.integers(125, SESSIONS - 5, 200)
    whole = fitted(y, x, security, day_zero)
    monkeypatch.setattr("potash.study.engine.least_squares.BLOCK", 5 * SESSIONS)
    monkeypatch.setattr("potash.study.engine.least_squares.CHUNK", 7)
    parts = fitted(y, x, security, day_zero)
    np.testing.assert_allclose(parts.cars, whole.cars, rtol=1e-12, atol=1e-15)
    one = fitted(y, x, security[:1], day_zero[:1])
    np.testing.assert_allclose(one.cars[0], whole.cars[0], rtol=1e-12, atol=1e-15)


def test_inverse_of_many_matrices_is_that_of_each():
    draws = np.random.default_rng(4).normal(size=(20, 30, 5))
    products = np.einsum("nik,nij->kjn", draws, draws)
    for i in range(20):
        np.testing.assert_allclose(inverses(products)[:, :, i], np.linalg.inv(products[:, :, i]), rtol=1e-9, atol=1e-13)


# -- tests by group --------------------------------------------------------------------------------------------------

DESIGNS = {
    "shared date": lambda rng, n: np.full(n, 250),
    "three dates apart": lambda rng, n: rng.choice([150, 250, 350], n),
    "overlapping windows": lambda rng, n: rng.choice([250, 251, 253, 258], n),
    "any date": lambda rng, n: rng.integers(110, SESSIONS - 5, n),
    "date without estimation windows": lambda rng, n: rng.choice([30, 250], n),
}


def by_group(y, x, security, day_zero, group, fit, window) -> pd.DataFrame:
    """Return the labelled study's tests, each group as its own study."""
    rows = []
    for label in np.unique(group):
        members = np.flatnonzero(group == label)
        results = labelled(y, x, security[members], day_zero[members])
        found = {name: results.test(name, window).stat for name in ("patell", "bmp", "kolari_pynnonen", "rank")}
        cars = results.car(window)["CAR"].dropna()
        rows.append({**found, "n": len(cars), "mean": cars.mean(), "correlation": results.mean_correlation(window)})
    return pd.DataFrame(rows)


def check_groups(found: GroupTests, wanted: pd.DataFrame) -> None:
    np.testing.assert_array_equal(found.n_obs, wanted["n"])
    pairs = {
        "mean": found.mean_car, "patell": found.patell, "bmp": found.bmp, "correlation": found.mean_correlation,
        "kolari_pynnonen": found.adjusted_bmp, "rank": found.rank,
    }  # fmt: skip
    for name, values in pairs.items():
        np.testing.assert_allclose(values, wanted[name], rtol=1e-10, atol=1e-12, err_msg=name)


@pytest.mark.parametrize("design", DESIGNS)
@pytest.mark.parametrize(("n_factors", "missing", "window"), [(1, 0.0, (0, 0)), (1, 0.05, (-1, 1)), (3, 0.05, (-3, 4))])
def test_each_group_is_tested_as_its_own_study(design, n_factors, missing, window):
    y, x = panel(n_factors, missing)
    rng = np.random.default_rng(11)
    n = 60
    security, group = rng.integers(0, SECURITIES, n), rng.choice([7, 1, 1001, -4], n)
    day_zero = DESIGNS[design](rng, n)
    fit = fitted(y, x, security, day_zero)
    found = group_tests(y, x, security, day_zero, fit, group, window=window, rank=True)
    np.testing.assert_array_equal(found.group, [-4, 1, 7, 1001])
    check_groups(found, by_group(y, x, security, day_zero, group, fit, window))


def test_small_chunks_and_batches_leave_no_trace(monkeypatch):
    y, x = panel(missing=0.05)
    rng = np.random.default_rng(12)
    security, group, day_zero = rng.integers(0, SECURITIES, 80), rng.integers(0, 9, 80), rng.choice([250, 252], 80)
    fit = fitted(y, x, security, day_zero)
    monkeypatch.setattr(groups, "CHUNK", 3)
    monkeypatch.setattr(groups, "BATCH", 20)
    found = group_tests(y, x, security, day_zero, fit, group, window=(-1, 1), rank=True)
    check_groups(found, by_group(y, x, security, day_zero, group, fit, (-1, 1)))


@pytest.mark.parametrize("digits", [2, 3])
def test_ties_share_their_mean_rank(digits):
    """Rounded returns and no factor: most residuals tie, between the windows too."""
    y, _ = panel(missing=0.03)
    y, x = np.round(y, digits), np.empty((SESSIONS, 0))
    security, day_zero, group = np.arange(12), np.full(12, 250), np.repeat([0, 1], 6)
    fit = fitted(y, x, security, day_zero)
    found = group_tests(y, x, security, day_zero, fit, group, window=(0, 0), rank=True)
    for label in (0, 1):
        rows = slice(250 - 120, 250 - 10), slice(250 - 3, 250 + 5)
        values = np.concatenate([y[r] for r in rows])[:, (group == label) & fit.kept].T
        ranks = stats.rankdata(values, axis=1, nan_policy="omit")
        centred = ranks / (1 + (~np.isnan(values)).sum(axis=1, keepdims=True)) - 0.5
        scores = np.nansum(centred, axis=0) / np.sqrt((~np.isnan(values)).sum(axis=0))
        assert found.rank[label] == pytest.approx(scores[110 + 3] / np.sqrt((scores**2).mean()), rel=1e-10)


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


def test_a_group_without_a_firm_event_stays_and_says_so():
    y, x = panel(missing=0.0)
    security, day_zero, group = np.array([0, 1, 2, 3]), np.array([250, 250, 20, 250]), np.array([1, 1, 2, 3])
    fit = fitted(y, x, security, day_zero)
    found = group_tests(y, x, security, day_zero, fit, group, window=(-1, 1), rank=True)
    np.testing.assert_array_equal(found.n_obs, [2, 0, 1])
    assert np.isnan([found.mean_car[1], found.patell[1], found.rank[1]]).all()
    assert np.isnan(found.bmp[1:]).all()
    assert np.isfinite([found.patell[2], found.rank[2], found.mean_car[2]]).all()


def test_rank_is_left_out_unless_asked_for_and_the_first_window_is_the_default():
    y, x = panel()
    security, day_zero, group = np.arange(6), np.full(6, 250), np.zeros(6, dtype=int)
    fit = fitted(y, x, security, day_zero)
    found = group_tests(y, x, security, day_zero, fit, group)
    assert np.isnan(found.rank).all()
    assert found.bmp[0] == group_tests(y, x, security, day_zero, fit, group, window=(0, 0)).bmp[0]
    with pytest.raises(OptionError, match=r"none of the fit's CAR windows"):
        group_tests(y, x, security, day_zero, fit, group, window=(0, 2))
    with pytest.raises(InputError, match=r"whole number for each of the 6 firm-events"):
        group_tests(y, x, security, day_zero, fit, group[:5])
    with pytest.raises(InputError, match=r"float64 must be a whole number"):
        group_tests(y, x, security, day_zero, fit, group / 2)


def test_no_firm_event_at_all():
    y, x = panel()
    none = np.array([], dtype=int)
    fit = fitted(y, x, none, none)
    assert fit.cars.shape == (0, 3)
    assert group_tests(y, x, none, none, fit, none, rank=True).group.shape == (0,)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"x": np.zeros((5, 1))}, r"must be \(sessions, securities\) and \(sessions, factors\)"),
        ({"security": np.array([0, 1])}, r"one index for each firm-event"),
        ({"security": np.array([SECURITIES])}, r"security runs from 12 to 12, and y has 12"),
        ({"day_zero": np.array([-1])}, r"day_zero runs from -1 to -1, and y has 400"),
        ({"day_zero": np.array([2.5])}, r"day_zero holds float64 values"),
    ],
)
def test_bad_input_is_told(change, message):
    y, x = panel()
    given = {"y": y, "x": x, "security": np.array([0]), "day_zero": np.array([200]), **change}
    with pytest.raises(InputError, match=message):
        fitted(**given)


def test_windows_keep_the_rules_of_the_labelled_study():
    y, x = panel()
    one = (y, x, np.array([0]), np.array([200]))
    with pytest.raises(WindowError, match=r"reaches outside event_window"):
        fitted(*one, windows=[(-5, 0)])
    with pytest.raises(WindowError, match=r"must end before event_window"):
        fitted(*one, estimation_window=(-100, 0))
    with pytest.raises(WindowError, match=r"min_estimation=2 does not fit"):
        fitted(*one, min_estimation=2)


def test_nothing_handed_in_is_changed():
    y, x = panel()
    y.flags.writeable = x.flags.writeable = False
    security, day_zero = np.arange(6), np.full(6, 250)
    fit = fitted(y, x, security, day_zero)
    for array in (security, day_zero, fit.cars, fit.abnormal):
        array.flags.writeable = False
    group_tests(y, x, security, day_zero, fit, security, rank=True)
