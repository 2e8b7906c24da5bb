"""The fast engine against the labelled one: the same numbers firm-event by firm-event."""

import numpy as np
import pytest

from potash.errors import InputError, WindowError
from potash.sessions import Window
from potash.study.engine.least_squares import inverses
from tests.study.firm_events import CARS, SECURITIES, SESSIONS, close, fitted, labelled, panel


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


def test_a_window_covers_its_columns_of_the_event_window():
    y, x = panel()
    fit = fitted(y, x, [0], [200])
    assert fit.columns(Window(-1, 2)) == slice(2, 6)
    assert fit.columns(Window(-3, 4)) == slice(0, fit.abnormal.shape[1])


def test_nothing_handed_in_is_changed():
    y, x = panel()
    y.flags.writeable = x.flags.writeable = False
    security, day_zero = np.arange(6), np.full(6, 250)
    security.flags.writeable = day_zero.flags.writeable = False
    fitted(y, x, security, day_zero)
