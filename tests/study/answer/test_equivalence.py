"""Power and equivalence: closed forms, scipy's noncentral t where it should be near, and simulation."""

import numpy as np
import pytest
from scipy import stats

from potash.errors import OptionError
from potash.study.answer.equivalence import detectable_by, power_curve, power_of, ruled_out_beyond


def test_without_an_effect_the_power_is_the_size():
    assert power_of(0.0, 0.02, 30, stats.t.ppf(0.975, 30)) == pytest.approx(0.05)


def test_the_detectable_effect_has_the_power_it_states():
    critical = stats.t.ppf(0.975, 13)
    effect = detectable_by(0.02, 13, critical)
    assert effect == pytest.approx(0.02 * (critical + stats.t.ppf(0.8, 13)))
    assert float(power_of(effect, 0.02, 13, critical)) == pytest.approx(0.8, abs=1e-4)
    assert detectable_by(0.02, 13, critical, power=0.5) == pytest.approx(0.02 * critical)


def test_simulated_studies_agree():
    """A mean of normal values over its estimated standard error: noncentral t, to which the shifted t is near."""
    rng = np.random.default_rng(1)
    df, critical = 30, stats.t.ppf(0.975, 30)
    z, s = rng.normal(0, 1, 200_000), np.sqrt(rng.chisquare(df, 200_000) / df)
    effect = detectable_by(1.0, df, critical)
    assert (np.abs(z + effect) / s > critical).mean() == pytest.approx(0.8, abs=0.015)


def test_what_is_ruled_out_is_where_both_one_sided_tests_reject():
    car, std_error, df = -0.012, 0.01, 40
    beyond = ruled_out_beyond(car, std_error, df)
    one_sided = [stats.t.sf((beyond - sign * car) / std_error, df) for sign in (1, -1)]
    assert max(one_sided) == pytest.approx(0.05)
    assert ruled_out_beyond(0.012, std_error, df) == beyond
    assert ruled_out_beyond(car, std_error, df, size=0.01) > beyond


def test_the_curve_runs_from_the_size_to_nearly_one():
    critical = stats.t.ppf(0.975, 20)
    curve = power_curve(0.02, 20, critical)
    assert curve["power"].iloc[0] == pytest.approx(0.05)
    assert curve["power"].iloc[-1] == pytest.approx(0.99, abs=1e-3)
    assert curve["power"].is_monotonic_increasing


def test_a_power_is_a_share():
    with pytest.raises(OptionError, match=r"power=1\.0 must lie between 0 and 1"):
        detectable_by(0.02, 10, 2.0, power=1.0)
