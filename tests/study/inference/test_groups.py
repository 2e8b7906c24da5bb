"""Tests of many groups at once against the labelled study, each group as its own."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from potash.errors import InputError, OptionError
from potash.sessions import Window
from potash.study.engine.mass import fit_cars
from potash.study.engine.panel import Panel, Sessions
from potash.study.engine.windows import Windows
from potash.study.inference import groups
from potash.study.inference.groups import GroupTests, group_statistics, group_tests
from tests.study.firm_events import ESTIMATION, EVENT, SECURITIES, SESSIONS, fitted, labelled, panel

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


def test_an_exchange_with_an_earlier_session_changes_nothing_but_the_numbers_of_sessions():
    """Every second series counts one session more before the first: the same calendar days, other numbers."""
    y, x = panel(missing=0.02)
    rng = np.random.default_rng(14)
    security, group, day_zero = rng.integers(0, SECURITIES, 60), rng.integers(0, 5, 60), rng.choice([105, 250, 252], 60)
    windows, cars = Windows.of(EVENT, ESTIMATION, None, 2), (Window(-1, 1),)
    alike = Sessions.counted(SECURITIES, SESSIONS)
    wanted = group_statistics(
        fit_cars(Panel.of(y.T.copy(), x), alike, security, day_zero, windows, cars), group, 0, rank=True
    )

    late = np.arange(SECURITIES) % 2
    rows = np.full((SECURITIES, SESSIONS + 1), np.nan)
    tables = np.full((2, SESSIONS + 1, 1), np.nan)
    tables[0, :-1], tables[1, 1:] = x, x
    for series, shift in enumerate(late):
        rows[series, shift : shift + SESSIONS] = y[:, series]
    days = np.stack([np.append(np.arange(SESSIONS), -1), np.arange(SESSIONS + 1) - 1]) + 10
    days[0, -1] = -1
    sessions = Sessions(days, np.array([SESSIONS, SESSIONS + 1]), late)
    fit = fit_cars(Panel(rows, tables, late, rows), sessions, security, day_zero + late[security], windows, cars)
    shifted = group_statistics(fit, group, 0, rank=True)
    for name in ("n_obs", "mean_car", "patell", "bmp", "mean_correlation", "adjusted_bmp", "rank"):
        np.testing.assert_allclose(getattr(shifted, name), getattr(wanted, name), rtol=1e-9, err_msg=name)
    assert (np.abs(wanted.mean_correlation) > 0.01).any()


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


def test_what_a_fit_and_groups_were_made_of_is_not_changed():
    y, x = panel()
    security, day_zero = np.arange(6), np.full(6, 250)
    fit = fitted(y, x, security, day_zero)
    for array in (y, x, security, day_zero, fit.cars, fit.abnormal):
        array.flags.writeable = False
    group_tests(y, x, security, day_zero, fit, security, rank=True)


def test_no_firm_event_at_all():
    y, x = panel()
    none = np.array([], dtype=int)
    fit = fitted(y, x, none, none)
    assert fit.cars.shape == (0, 3)
    assert group_tests(y, x, none, none, fit, none, rank=True).group.shape == (0,)
