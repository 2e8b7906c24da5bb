"""What must hold whatever the numbers are: additivity, scale, names, order, firms without data."""

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

import potash
from tests.study.made_up import DAYS, events, made_returns, study

quick = settings(max_examples=15, deadline=None)
seeds = st.integers(0, 10_000)
TESTS = ["stat", "pvalue", "n"]


def holed(seed: int, n: int = 4) -> pd.DataFrame:
    """Return made-up returns with a few missing values away from the event days."""
    returns = made_returns(n, seed)
    rng = np.random.default_rng(seed)
    for _ in range(8):
        returns.iat[int(rng.integers(60, 185)), int(rng.integers(n))] = np.nan
    return returns


@quick
@given(seeds, st.integers(-5, 4), st.integers(0, 9), st.integers(1, 9))
def test_cars_add_over_adjacent_windows(seed, start, first, second):
    middle, end = min(start + first, 4), min(start + first + second, 5)
    found = study(holed(seed), events(200)).fit()
    for view in (found.car, found.portfolio):
        left, right, whole = view((start, middle)), view((middle + 1, end)), view((start, end))
        np.testing.assert_allclose(left["CAR"] + right["CAR"], whole["CAR"], atol=1e-14)
    singles = sum(found.abnormal_returns[k] for k in range(start, end + 1))
    np.testing.assert_allclose(found.car((start, end))["CAR"], singles, atol=1e-14)


@quick
@given(seeds, st.floats(0.01, 5))
def test_scaling_everything_scales_returns_and_leaves_statistics(seed, factor):
    returns = holed(seed)
    plain, scaled = study(returns, events(200)).fit(), study(returns * factor, events(200)).fit()
    np.testing.assert_allclose(scaled.abnormal_returns, plain.abnormal_returns * factor, rtol=1e-9, atol=1e-13)
    np.testing.assert_allclose(scaled.std_errors, plain.std_errors * factor, rtol=1e-9)
    np.testing.assert_allclose(scaled.params["beta"], plain.params["beta"], rtol=1e-9)
    ours, theirs = scaled.car((-1, 1)), plain.car((-1, 1))
    np.testing.assert_allclose(ours[["CAR", "std_error"]], theirs[["CAR", "std_error"]] * factor, rtol=1e-9, atol=1e-13)
    np.testing.assert_allclose(ours["tstat"], theirs["tstat"], rtol=1e-8)
    np.testing.assert_allclose(
        scaled.tests((0, 1))[TESTS].to_numpy(float), plain.tests((0, 1))[TESTS].to_numpy(float), rtol=1e-7
    )


@quick
@given(seeds, st.floats(0.1, 10))
def test_scaling_the_market_alone_changes_only_its_slope(seed, factor):
    returns = holed(seed)
    other = study(returns, events(200), model=potash.MarketModel(returns["M"] * factor)).fit()
    plain = study(returns, events(200)).fit()
    np.testing.assert_allclose(other.params["beta"] * factor, plain.params["beta"], rtol=1e-9)
    np.testing.assert_allclose(other.abnormal_returns, plain.abnormal_returns, atol=1e-13)
    np.testing.assert_allclose(other.std_errors, plain.std_errors, rtol=1e-9)


@quick
@given(seeds, st.permutations(list("ABCD")))
def test_the_order_of_columns_changes_nothing(seed, order):
    returns = holed(seed)
    plain, other = study(returns, events(200, 240)).fit(), study(returns[[*order, "M"]], events(200, 240)).fit()
    pd.testing.assert_frame_equal(other.car().loc[plain.car().index], plain.car())
    pd.testing.assert_frame_equal(other.tests((0, 1)), plain.tests((0, 1)))
    pd.testing.assert_frame_equal(other.portfolio(), plain.portfolio())


@quick
@given(seeds, st.randoms(use_true_random=False))
def test_the_order_of_events_changes_nothing(seed, random):
    rows = events(200, 215, 240).merge(pd.DataFrame({"ticker": list("ABCD")}), how="cross")
    order = list(range(len(rows)))
    random.shuffle(order)
    returns = holed(seed)
    plain, other = study(returns, rows).fit(), study(returns, rows.iloc[order]).fit()
    pd.testing.assert_frame_equal(other.car().loc[plain.car().index], plain.car())
    pd.testing.assert_frame_equal(other.portfolio().loc[plain.portfolio().index], plain.portfolio())
    pd.testing.assert_frame_equal(other.tests((0, 1)), plain.tests((0, 1)))
    np.testing.assert_allclose(other.mean_correlation((0, 4)), plain.mean_correlation((0, 4)), rtol=1e-12)


@quick
@given(seeds)
def test_new_names_change_only_labels(seed):
    returns = holed(seed)
    names = {"A": "ICL.TA", "B": "Z", "C": "portfolio-1", "D": "a b"}
    plain, other = study(returns, events(200)).fit(), study(returns.rename(columns=names), events(200)).fit()
    assert other.car().index.get_level_values("ticker").tolist() == [names[t] for t in "ABCD"]
    np.testing.assert_array_equal(other.car(), plain.car())
    pd.testing.assert_frame_equal(other.tests((0, 1)), plain.tests((0, 1)))


@quick
@given(seeds)
def test_a_firm_without_data_changes_only_the_ledger(seed):
    returns = holed(seed)
    more = returns.assign(EMPTY=np.nan)
    found, plain = study(more, events(200)), study(returns, events(200))
    pd.testing.assert_frame_equal(found.fit().car(), plain.fit().car())
    pd.testing.assert_frame_equal(found.fit().tests((0, 1)), plain.fit().tests((0, 1)))
    pd.testing.assert_frame_equal(found.fit().portfolio(), plain.fit().portfolio())
    assert found.fit().dropped["ticker"].tolist() == ["EMPTY"]


@quick
@given(seeds, st.integers(1, 60))
def test_returns_outside_the_windows_do_not_matter(seed, outside):
    returns = holed(seed)
    changed = returns.copy()
    changed.iloc[[outside, 194, 206, 250]] = 0.4
    pd.testing.assert_frame_equal(study(changed, events(200)).fit().car(), study(returns, events(200)).fit().car())


@quick
@given(seeds, st.integers(1, 40))
def test_two_events_of_one_firm_are_kept_apart(seed, gap):
    returns = made_returns(2, seed)
    both = study(returns, events(200, 200 + gap)).fit()
    for i, position in enumerate((200, 200 + gap)):
        alone = study(returns, events(position)).fit()
        np.testing.assert_array_equal(both.car().loc[f"e{i}"], alone.car().loc["e0"])
        np.testing.assert_array_equal(both.portfolio().loc[[f"e{i}"]], alone.portfolio())
        assert both.events.loc[(f"e{i}", "A"), "session"] == DAYS[position]


def test_the_same_firm_and_day_under_two_events_is_one_draw():
    """Two names for one event: the pairs correlate fully, so the adjusted test does not count them twice."""
    returns = made_returns(1, 3)
    twice = study(returns, events(200, 200)).fit()
    assert np.isclose(twice.mean_correlation((0, 0)), 1.0)
    plain = study(returns, events(200)).fit()
    single, double = plain.test("patell"), twice.test("adjusted_patell")
    assert np.isclose(single.stat, double.stat)
    assert np.isnan(twice.test("kolari_pynnonen").stat)
