"""The machinery behind the simulated sizes, and the table that it wrote."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from scipy import stats

from tests.evaluation.simulated_page import kolari_pynnonen_power, page
from tests.evaluation.simulation import (
    ALL,
    COLUMNS,
    COMMAND,
    COVERS,
    CSV,
    DESIGNS,
    EXCEPTIONS,
    FEW,
    FIRMS,
    HIGHEST,
    LOWEST,
    PAGE,
    SEED,
    STUDIES,
    TOO_OFTEN,
    WINDOWS,
    answers,
    drawn,
    fitted,
    garch,
    generator,
    made_returns,
    outside,
    positions,
    table,
    told_at_trades,
    write,
)

SIZES = pd.read_csv(CSV)
CELLS = ["test", "window", "design"]


def rate(test: str, design: str, window: tuple[int, int] = (0, 0)) -> float:
    return float(SIZES.set_index(CELLS).loc[(test, str(window), design), "rate"])


# The returns made up


def residuals(design: str, study: int) -> np.ndarray:
    frame = made_returns(design, generator(design, study))
    return frame.drop(columns="M").sub(frame["M"], axis=0).to_numpy() / 0.02


def test_each_study_and_design_has_a_generator_of_its_own():
    spawned = np.random.SeedSequence(SEED).spawn(len(ALL))[1].spawn(3)[2]
    assert generator("shared_date", 2).random() == np.random.default_rng(spawned).random()
    first = {generator(design, study).random() for design in ALL for study in range(20)}
    assert len(first) == 20 * len(ALL)


@pytest.mark.parametrize("design", DESIGNS)
def test_event_windows_share_days_on_the_shared_date_alone(design):
    results = fitted(design, 0)
    days = results.panel.days_event
    assert days.shape == (FIRMS, 11)
    assert results.panel.days.shape == (FIRMS, 120)
    assert not len(results.dropped)
    assert len(np.unique(days)) == (11 if design == "shared_date" else 11 * FIRMS)


def test_residuals_correlate_on_the_shared_date_alone():
    def mean_correlation(design):
        found = [np.corrcoef(residuals(design, study), rowvar=False) for study in range(30)]
        return (np.mean(found) * FIRMS - 1) / (FIRMS - 1)

    assert_allclose(mean_correlation("shared_date"), 0.3, atol=0.02)
    assert_allclose(mean_correlation("independent"), 0.0, atol=0.002)


def test_event_days_have_twice_the_variance_and_others_do_not():
    near = np.abs(np.arange(len(residuals("induced_variance", 0)))[:, None] - positions("induced_variance")) <= 2
    stacked = np.stack([residuals("induced_variance", study) for study in range(60)])
    assert near.sum() == 5 * FIRMS
    assert_allclose(stacked[:, near].var(), 2, rtol=0.06)
    assert_allclose(stacked[:, ~near].var(), 1, rtol=0.02)


def test_fat_tails_have_the_variance_of_the_others_and_more_far_out():
    fat, normal = (
        np.stack([residuals(design, study) for study in range(30)]) for design in ("fat_tails", "independent")
    )
    assert_allclose([fat.var(), normal.var()], 1, rtol=0.03)
    assert (np.abs(fat) > 4).mean() > 20 * (np.abs(normal) > 4).mean()


def test_a_day_without_trade_returns_nothing_and_the_next_trade_tells_both_days():
    returns = np.array([[0.01], [0.02], [0.03], [-0.01], [0.05]])
    traded = np.array([[False], [True], [False], [False], [True]])
    assert_allclose(told_at_trades(returns, traded), [[0.01], [0.02], [0.0], [0.0], [0.07]], atol=1e-15)


def test_thin_trading_leaves_three_in_ten_returns_zero():
    frame = made_returns("thin_trading", generator("thin_trading", 0)).drop(columns="M")
    assert_allclose((frame.to_numpy() == 0).mean(), 0.3, atol=0.02)
    assert_allclose(fitted("thin_trading", 0).params["beta"].mean(), 0.7, atol=0.15)


@pytest.mark.parametrize("design", FEW)
def test_designs_of_few_firms_have_their_firms_dates_and_variance(design):
    few = FEW[design]
    stacked = np.concatenate([residuals(design, study) for study in range(40)])
    assert stacked.shape[1] == few.firms
    assert_allclose(stacked.mean(), 0, atol=0.06)
    # The variance of a thousand draws of t(4) or of the lognormal strays far.
    assert_allclose(stacked.var(), 1, rtol=0.4 if few.residuals in ("t", "skew") else 0.15)
    panel = fitted(design, 0).panel
    assert len(np.unique(panel.days_event)) == (11 if few.one_date else 11 * few.firms)
    assert len(panel.labels) == few.firms


@pytest.mark.parametrize("kind", ["normal", "t", "garch", "skew"])
def test_few_firms_on_one_date_correlate_by_four_tenths_and_others_do_not(kind):
    pairs = [np.corrcoef(residuals(f"one_date_2_{kind}", study), rowvar=False)[0, 1] for study in range(80)]
    assert_allclose(np.mean(pairs), 0.4, atol=0.05)
    alone = [np.corrcoef(residuals("separate_5_normal", study), rowvar=False)[0, 1] for study in range(80)]
    assert_allclose(np.mean(alone), 0.0, atol=0.03)


def test_lognormal_residuals_are_as_skewed_as_the_page_says():
    rng = np.random.default_rng(1)
    for kind, sigma, skewness in (("skew", 1.0, 6.18), ("mild_skew", 0.5, 1.75)):
        residual = drawn(kind, rng, (400_000, 1)).ravel()
        assert_allclose((np.exp(sigma**2) + 2) * np.sqrt(np.exp(sigma**2) - 1), skewness, atol=0.01)
        assert_allclose(np.quantile(residual, 0.5), (1 - np.exp(sigma**2 / 2)) / np.sqrt(
            (np.exp(sigma**2) - 1) * np.exp(sigma**2)), atol=0.01)  # fmt: skip
        assert_allclose([residual.mean(), residual.std()], [0, 1], atol=0.05)


def test_garch_residuals_follow_the_recursion_and_their_squares_correlate():
    innovations = np.array([[1.0], [-2.0], [0.5]])
    second = 1 - 0.98 + 0.1 * 1 + 0.88 * 1
    third = 1 - 0.98 + 0.1 * 4 * second + 0.88 * second
    assert_allclose(garch(innovations).ravel(), [1, -2 * np.sqrt(second), 0.5 * np.sqrt(third)], rtol=1e-12)
    square = drawn("garch", np.random.default_rng(2), (20_000, 1)).ravel() ** 2
    assert np.corrcoef(square[1:], square[:-1])[0, 1] > 0.1


# The machinery


def test_pvalues_of_a_study_do_not_depend_on_those_before_it():
    assert_allclose(answers("fat_tails", [3]), answers("fat_tails", [2, 3])[1:], rtol=0)


def test_answers_are_pvalues_and_whether_the_test_holds():
    results = fitted("one_date_5_skew", 1)
    first = answers("one_date_5_skew", [1])[0, 0]
    tests = results.tests(WINDOWS[0])
    assert_allclose(first[:, 0], tests["pvalue"].to_numpy(), rtol=0)
    assert first[:, 1].astype(bool).tolist() == tests["holds"].tolist()


def test_a_rate_is_the_share_of_answers_below_five_percent():
    made = np.full((4, len(WINDOWS), len(COVERS), 2), 0.5)
    made[..., 1] = 1
    made[:3, 0, 0] = (0.049, 1), (0.05, 0), (np.nan, 0)
    sizes = table({"independent": made})
    assert list(sizes) == COLUMNS
    assert sizes.loc[0].tolist() == ["portfolio", "(0, 0)", "independent", 30, "normal", 1 / 3, 3, True, 2 / 3]
    assert sizes["rate"].drop(0).eq(0).all()


@pytest.fixture(scope="module")
def shared() -> pd.DataFrame:
    return table({"shared_date": answers("shared_date", range(40))})


@pytest.mark.simulation
def test_on_a_shared_date_the_cross_section_rejects_far_more_often_than_the_portfolio(shared):
    rates = shared[shared["window"] == "(0, 0)"].set_index("test")["rate"]
    assert shared["rate"].between(0, 1).all()
    assert shared["n_studies"].eq(40).all()
    assert rates["cross_sectional"] > rates["portfolio"] + 0.3
    assert rates["portfolio"] < 0.2


@pytest.mark.parametrize("design", ["independent", "shared_date"])
def test_what_a_null_covers_is_what_the_results_say_of_the_design(design):
    found = fitted(design, 0)
    assert found.test_names == list(COVERS)
    for window in WINDOWS:
        assert found.tests(window)["holds"].to_dict() == {test: design in covered for test, covered in COVERS.items()}


# The table carried


def test_the_table_has_every_test_window_and_design_once():
    assert list(SIZES) == COLUMNS
    every = [(test, str(window), design) for test in fitted("shared_date", 0).test_names for window in WINDOWS
             for design in ALL]  # fmt: skip
    assert list(SIZES[CELLS].itertuples(index=False, name=None)) == every
    many = SIZES[~SIZES["design"].isin(FEW)]
    assert many["n_studies"].eq(STUDIES).all()
    assert many["covered"].tolist() == [design in COVERS[test] for test, _, design in every if design in DESIGNS]
    few = SIZES[SIZES["design"].isin(FEW)]
    assert few["covered"].eq(few["holds"] > 0.5).all()


@pytest.mark.simulation
def test_the_table_is_that_of_these_studies(shared):
    """Forty of its thousand studies, run again: their rejections cannot exceed those of all."""
    both = shared.merge(SIZES, on=CELLS)
    assert len(both) == len(shared)
    rejected, all_rejected = both["rate_x"] * 40, both["rate_y"] * STUDIES
    assert (rejected <= all_rejected + 1e-9).all()
    assert (40 - rejected <= STUDIES - all_rejected + 1e-9).all()


def test_covered_rates_lie_within_their_limits_but_for_known_exceptions():
    beyond = outside(SIZES)
    assert set(beyond[CELLS].itertuples(index=False, name=None)) == set(EXCEPTIONS)
    assert all(EXCEPTIONS.values())
    covered = SIZES[SIZES["covered"] & SIZES["design"].isin(DESIGNS)]
    assert len(covered) == len(WINDOWS) * sum(map(len, COVERS.values()))
    assert (LOWEST, HIGHEST, TOO_OFTEN) == (0.03, 0.07, 0.09)


def test_where_a_test_rejects_too_often_with_few_firms_the_results_say_that_it_does_not_hold():
    """The rule of potash.study.inference.assumptions against the simulation that its constants come from."""
    few = SIZES[SIZES["design"].isin(FEW) & (SIZES["n_studies"] > 0)]
    too_often = few[few["rate"] > TOO_OFTEN]
    assert len(too_often) > 200
    assert (too_often["holds"] <= 0.2).all(), too_often[too_often["holds"] > 0.2]
    assert (few.loc[few["holds"] > 0.2, "rate"] <= TOO_OFTEN).all()


def test_symmetric_residuals_are_rarely_taken_for_skewed():
    """Of Kolari-Pynnonen, which nothing else but skewness speaks against."""
    kept = SIZES[(SIZES["test"] == "kolari_pynnonen") & SIZES["residuals"].isin(["normal", "t", "garch"])]
    assert kept["holds"].min() >= 0.95
    assert kept["rate"].between(LOWEST, TOO_OFTEN).all()


def test_the_tests_of_the_verdict_keep_their_size_with_few_firms():
    few = SIZES[SIZES["design"].isin(FEW) & SIZES["test"].isin(["portfolio", "adjusted_patell", "rank"])]
    few = few[few["design"].str.startswith("one_date")]
    assert few["holds"].eq(1).all()
    assert few["rate"].max() <= TOO_OFTEN


def test_unequal_exposures_cost_kolari_pynnonen_most_of_its_power():
    assert kolari_pynnonen_power(5, unequal=False) > 0.5
    assert kolari_pynnonen_power(5, unequal=True) < 0.2


@pytest.mark.parametrize("window", WINDOWS)
def test_rates_of_nulls_that_do_not_cover_are_those_of_the_algebra(window):
    """Too small a standard error by a known factor: the chance that a t beyond it is called significant."""
    factor = np.sqrt((1 + (FIRMS - 1) * 0.3) / (1 - 0.3))
    shared = 2 * stats.t.sf(stats.t.isf(0.025, FIRMS - 1) / factor, FIRMS - 1)
    induced = 2 * stats.norm.sf(stats.norm.isf(0.025) / np.sqrt(2))
    deviations = 3.5 * np.sqrt(0.25 / STUDIES), 3.5 * np.sqrt(induced * (1 - induced) / STUDIES)
    assert_allclose(
        [rate(test, "shared_date", window) for test in ("cross_sectional", "bmp")], shared, atol=deviations[0]
    )
    found = [rate(test, "induced_variance", window) for test in ("portfolio", "patell", "adjusted_patell")]
    assert_allclose(found, induced, atol=deviations[1])


@pytest.mark.parametrize("window", WINDOWS)
def test_what_the_page_says_of_the_shared_date(window):
    for test, covered in COVERS.items():
        found = rate(test, "shared_date", window)
        assert found < 0.1 if "shared_date" in covered else found > 0.4, (test, found)


def test_the_files_carried_are_those_that_the_table_is_written_to(tmp_path):
    write(SIZES, tmp_path / "csv", tmp_path / "page")
    assert (tmp_path / "csv").read_bytes() == CSV.read_bytes()
    assert (tmp_path / "page").read_bytes() == PAGE.read_bytes()


def test_the_page_is_written_from_the_table_and_names_the_command():
    text = PAGE.read_text(encoding="utf-8")
    assert text == page(SIZES)
    assert f"    {COMMAND}\n" in text
    assert f"Seed {SEED}" in text
