"""The machinery behind the verdict's size and power, and the table that it wrote."""

from __future__ import annotations

import re
from functools import cache

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.stats import kurtosis, skew

import potash
from potash.study.answer.verdict import Verdict
from potash.study.inference.placebo import placebo_pvalue
from potash.study.inference.significance import t_pvalue
from tests.evaluation.verdicts.batch import (
    FAMILY_WINDOWS,
    IMPACT,
    MARGIN,
    OFFSETS,
    ON_DAY_ZERO,
    BatchVerdicts,
    days_of,
    portfolios,
)
from tests.evaluation.verdicts.markets import (
    DAY_ZERO,
    ESTIMATION_WINDOW,
    EVENT_WINDOW,
    SHAPES,
    Design,
    Markets,
    made_markets,
)
from tests.evaluation.verdicts.page import outside, page, stated
from tests.evaluation.verdicts.real_days import apart_from, firm_sets, leave_one_out, market_volatility, pvalues_among
from tests.evaluation.verdicts.rules import (
    DAY,
    EFFECT,
    RULES,
    _both_votes,
    control_ratio,
    forecast_votes,
    kolari_pynnonen,
    mean_correlations,
    rule_votes,
    t_over_firms,
    window_fit,
)
from tests.evaluation.verdicts.runs import (
    GRID,
    LEAKS,
    PAGE,
    POWERS,
    SEED,
    SIZES,
    STUDIES,
    STUDIES_AGAIN,
    TWO,
    WEEK,
    beyond,
    grid_row,
    leak_rows,
    read,
    skewness_rows,
)

FEW = 12
DESIGNS = [Design(1, 0), Design(3, 3, "garch", 2.0), Design(7, 8, "skewed", 3.0, False), Design(2, 1, "t4", 3.0)]


@cache
def markets_of(design: Design, studies: int = FEW) -> Markets:
    return made_markets(design, 0, SEED, studies)


def made_study(frame: pd.DataFrame) -> potash.EventStudy:
    """Return the study that a caller would make of one study's returns."""
    firms, controls = ([c for c in frame if c.startswith(letter)] for letter in "FC")
    return potash.EventStudy(
        frame[firms], pd.DataFrame({"event_id": ["e"], "session": [frame.index[DAY_ZERO]]}), returns_kind="log",
        model=potash.MarketModel(frame["M"]), event_window=EVENT_WINDOW, estimation_window=ESTIMATION_WINDOW,
        controls=frame[controls] if controls else None,
    )  # fmt: skip


# The returns made up


@pytest.mark.parametrize("shape", SHAPES)
def test_residuals_have_the_size_correlation_and_shape_that_the_page_states(shape):
    made = made_markets(Design(3, 2, shape), 0, 1, 400)
    residuals = np.concatenate([made.firms, made.controls], axis=1) - made.market[:, None]
    assert residuals.std() == pytest.approx(0.02, rel=0.03)
    assert residuals.mean() == pytest.approx(0, abs=2e-4)
    flat = np.moveaxis(residuals, 1, 0).reshape(5, -1)
    assert_allclose(np.corrcoef(flat)[np.triu_indices(5, 1)], 0.4, atol=0.05)
    assert made.market.std() == pytest.approx(0.01, rel=0.02)
    # Sums of a common and a firm's own shock: .4 ** 1.5 + .6 ** 1.5 of the skewness of each.
    expected = 3.69 * (0.4**1.5 + 0.6**1.5) if shape == "skewed" else 0
    assert skew(residuals, axis=None) == pytest.approx(expected, abs=0.25)
    assert (kurtosis(residuals, axis=None) > 0.3) == (shape != "normal")


@pytest.mark.parametrize("shared", [True, False])
def test_volatility_is_that_of_the_event_weeks_of_firms_and_if_shared_of_controls(shared):
    made = made_markets(Design(2, 2, "normal", 3.0, shared), 0, 1, 400)
    for returns, factor in ((made.firms, 3.0), (made.controls, 3.0 if shared else 1.0)):
        daily = (returns - made.market[:, None]).std(axis=(0, 1)) / 0.02
        volatile = np.zeros(len(daily), dtype=bool)
        volatile[DAY_ZERO - 3 : DAY_ZERO + 11] = True
        assert_allclose(daily[volatile], factor, rtol=0.12)
        assert_allclose(daily[~volatile].mean(), 1, rtol=0.02)


def test_each_design_and_chunk_has_a_generator_of_its_own():
    design = Design(2, 1)
    first = made_markets(design, 0, 1, 3).firms
    assert_array_equal(first, made_markets(design, 0, 1, 3).firms)
    others = [(design, 1, 1), (design, 0, 2), (Design(2, 1, "normal", 1.0, False), 0, 1)]
    assert not any(np.array_equal(first, made_markets(d, chunk, seed, 3).firms) for d, chunk, seed in others)
    assert len({d.key for d in GRID}) == len(GRID)


# The same arithmetic as the public path


@cache
def by_public_path(design: Design) -> list[tuple[Verdict, pd.DataFrame]]:
    made = markets_of(design)
    studies = [made_study(made.frame(number)) for number in range(3)]
    return [(potash.verdicts(each)[0], potash.window_family(each)) for each in studies]


@pytest.mark.parametrize("design", DESIGNS, ids=str)
def test_batch_and_public_path_agree(design):
    batch = portfolios(markets_of(design)).verdicts()
    for number, (verdict, family) in enumerate(by_public_path(design)):
        assert verdict.n_days == len(days_of()) - 1 == 299
        pairs = {
            "CAR": batch.car, "std_error": batch.std_errors[:, IMPACT], "df": batch.df[:, IMPACT],
            "scaled_pvalue": batch.scaled_pvalues, "randomization_pvalue": batch.randomization_pvalues,
            "critical": batch.critical, "detectable": batch.detectable,
        }  # fmt: skip
        for name, values in pairs.items():
            assert values[number] == pytest.approx(getattr(verdict, name), rel=1e-9), name
        assert outcome(batch, number) == verdict.outcome
        ours = family[family["against"] == family["against"].iloc[0]]
        assert batch.family_pvalues[number] == pytest.approx(ours["max_t_pvalue"].min(), rel=1e-9)
        assert_allclose(batch.stats[number], ours["tstat"], rtol=1e-8)


def outcome(batch: BatchVerdicts, number: int) -> str:
    return "effect" if batch.effect[number] else "ruled out" if batch.ruled_out[number] else "undecided"


@pytest.mark.parametrize(("column", "window"), [(IMPACT, (0, 0)), (TWO, (0, 1)), (WEEK, (0, 5))])
def test_an_effect_on_top_is_one_in_the_returns(column, window):
    """Equal or by exposure with a mean of one: the portfolio and the verdict are the same."""
    design = Design(3, 3, "garch", 2.0)
    pattern = 0.06 * np.exp(-np.abs(OFFSETS))
    batch = portfolios(markets_of(design)).verdicts(np.tile(pattern, (FEW, 1)), column)
    for exposure in (np.ones(3), np.array([0.2, 0.8, 2.0])):
        frame = markets_of(design).frame(1)
        days = slice(DAY_ZERO + EVENT_WINDOW[0], DAY_ZERO + EVENT_WINDOW[1] + 1)
        frame.iloc[days, :3] += pattern[:, None] * exposure
        verdict = potash.verdicts(made_study(frame), window)[0]
        assert batch.scaled_pvalues[1] == pytest.approx(verdict.scaled_pvalue, rel=1e-8)
        assert batch.randomization_pvalues[1] == pytest.approx(verdict.randomization_pvalue, rel=1e-9)
        assert batch.detectable[1] == pytest.approx(verdict.detectable, rel=1e-9)
        assert outcome(batch, 1) == verdict.outcome


def test_outcomes_of_a_batch_cover_all_three():
    batch = portfolios(markets_of(Design(3, 3), 200))
    null, moved = batch.verdicts(), batch.verdicts(np.full((200, 1), 0.03) * ON_DAY_ZERO)
    assert null.ruled_out.mean() > 0.8
    assert not (null.effect & null.ruled_out).any()
    assert 0.3 < moved.effect.mean() < 0.95
    assert (~moved.effect & ~moved.ruled_out).any()
    assert_array_equal(null.effect, (np.abs(null.stats[:, IMPACT]) >= null.critical))


# The rules compared


def test_the_verdicts_rule_is_own_days_and_all_rules_have_words():
    made, rng = markets_of(Design(3, 3), 40), np.random.default_rng(1)
    votes = dict(rule_votes(made, 1.0, rng))
    studies = portfolios(made)
    assert_array_equal(votes["own days"].null, studies.verdicts().effect)
    plain = studies.event.sum_errors[:, IMPACT]
    moved = studies.verdicts(EFFECT * plain[:, None] * ON_DAY_ZERO)
    assert_array_equal(votes["own days"].equal, moved.effect)
    pytest.importorskip("arch")
    assert [*votes, *dict(forecast_votes(markets_of(Design(3, 3), 2), 1.0))] == list(RULES)


@pytest.mark.parametrize(("n_days", "ratio", "rejects"), [(39, 1.0, True), (38, 1.0, False), (39, 4.0, False)])
def test_a_rule_needs_both_votes(n_days, ratio, rejects):
    """Of 39 ordinary days one is as large: p is .05. Of 38 it is more, and at twice the volatility the t test is not met."""
    plain = np.r_[2.6, np.full(n_days - 1, 0.1), 2.5][None]
    ratios = np.full_like(plain, ratio)
    assert _both_votes(plain, 0.0, ratios, 13.0, np.full_like(plain, 118.0))[0] == rejects


def test_the_ratio_of_the_controls_is_each_controls_own_against_the_others():
    made = markets_of(Design(1, 2, "normal", 3.0), 4)
    frame = made.frame(2)
    squares = []
    for control, other in (("C0", "C1"), ("C1", "C0")):
        model = potash.FactorModel(frame[["M", other]])
        study = potash.EventStudy(
            frame[[control]], pd.DataFrame({"event_id": ["e"], "session": [frame.index[DAY_ZERO]]}), returns_kind="log",
            model=model, event_window=EVENT_WINDOW, estimation_window=ESTIMATION_WINDOW,
        )  # fmt: skip
        fit = study.fit().fit
        errors = np.sqrt(fit.variance[0] * np.diagonal(fit.scale[0]))
        squares.append(((fit.abnormal[0] / errors)[2:] ** 2).mean())
    ratio, days = control_ratio(made)
    assert ratio[2, -1] == pytest.approx(np.mean(squares), rel=1e-9)
    assert days == 28


def test_tests_across_firms_are_those_of_the_study():
    made = markets_of(Design(5, 0, "garch"), 3)
    fit = window_fit(potash.FactorModel(made.frame(0)[["M"]]), made.firms, made.market[:, :, None])
    abnormal, errors = fit.abnormal[:, DAY].reshape(3, 5), np.sqrt(fit.variance * fit.scale[:, DAY, DAY]).reshape(3, 5)
    correlation = mean_correlations(fit.residuals.reshape(3, 5, -1))
    ours = kolari_pynnonen(abnormal, errors, correlation)
    for number in range(3):
        results = made_study(made.frame(number)).fit()
        assert ours[number] == pytest.approx(results.test("kolari_pynnonen", (0, 0)).pvalue, rel=1e-9)
        assert t_over_firms(abnormal)[number] == pytest.approx(results.test("cross_sectional", (0, 0)).pvalue, rel=1e-9)


# Ordinary days of real prices


def test_leaving_one_out_is_each_day_against_the_others_that_share_no_session():
    rng = np.random.default_rng(3)
    stats, df, place = rng.standard_normal((120, len(FAMILY_WINDOWS))), np.full(120, 13.0), np.r_[:60, 200:260]
    rows = leave_one_out(stats, df, place)
    for day in (0, 30, 59, 60, 119):
        others = np.abs(place - place[day]) > 15
        as_large = (np.abs(stats[others, IMPACT]) >= abs(stats[day, IMPACT])).sum()
        assert rows.loc[day, "randomization"] == ((1 + as_large) / (1 + others.sum()) <= 0.05)
        largest = np.abs(stats).max(axis=1)
        family = (11 + (largest[others] >= largest[day]).sum()) / (11 + others.sum())
        assert rows.loc[day, "family"] == (family <= 0.05)
    assert_array_equal(rows["scaled"], t_pvalue(stats[:, IMPACT], df) <= 0.05)
    assert rows["power"].mean() == pytest.approx(0.85, abs=0.08)
    assert (rows["effect"] >= rows["up"]).all()


def test_days_apart_share_no_session_and_p_values_are_those_of_the_verdict():
    place = np.array([0, 15, 16, 40])
    # Event windows -5 to +10: those of days 0 and 15 share session 10, those of 0 and 16 none.
    assert apart_from(place)[0].tolist() == [False, False, True, True]
    values = np.random.default_rng(1).exponential(size=60)
    apart = apart_from(np.arange(0, 60 * 16, 16))
    for width in (1, 6):
        expected = [placebo_pvalue(values[i], np.delete(values, i), width) for i in range(60)]
        assert_allclose(pvalues_among(values, values, apart, width), expected, rtol=1e-12)


def test_the_markets_volatility_leaves_day_0_out():
    returns = pd.Series(np.where(np.arange(400) % 2, 0.01, -0.01))
    returns.iloc[297:311] *= 3
    returns.iloc[300] = 5.0
    assert market_volatility(returns, np.array([300]))[0] == pytest.approx(3.0)


def test_sets_of_firms_are_singles_pairs_and_the_first_ones():
    assert [len(chosen) for chosen in firm_sets(["A", "B", "C", "D"])] == [1] * 4 + [2] * 4 + [3, 4]
    assert firm_sets(["A", "B", "C"])[3:] == [("A", "B"), ("B", "C"), ("C", "A"), ("A", "B", "C")]


# Rates


def test_a_row_of_the_grid_counts_its_studies():
    row = grid_row(Design(3, 3), [0], SEED)
    batch = portfolios(made_markets(Design(3, 3), 0, SEED))
    null = batch.verdicts()
    assert row["n"] == 250
    assert row["effect"] == null.effect.mean()
    assert row["effect"] + row["ruled_out"] + row["undecided"] == pytest.approx(1)
    sizes = null.detectable[:, None] * ON_DAY_ZERO
    signs = [batch.verdicts(sign * sizes).effect.mean() for sign in (1, -1)]
    assert row["power"] == pytest.approx(np.mean(signs))
    assert row["detectable"] == np.median(null.detectable)
    assert row["power_unequal"] < row["power"]


def test_effects_that_leak_and_skewed_windows_have_rows():
    rows = pd.DataFrame(leak_rows(Design(3, 3), [0], SEED)).set_index(["case", "window"])["power"]
    assert {case for case, _ in rows.index} == set(LEAKS)
    assert rows["all on day 0", "[0, 0]"] > rows["and half as much again on each of days 1 to 3", "[0, 0]"]
    both = pd.DataFrame(skewness_rows(Design(1, 0, "skewed", 2.0), [0], SEED))
    assert both["n"].sum() == 250


def test_bounds():
    row = pd.Series({"effect": 0.05, "power": 0.8})
    assert not beyond(row)
    for name, value in (("effect", 0.019), ("effect", 0.071), ("power", 0.74), ("power", 0.89)):
        assert beyond(pd.Series({**row, name: value}))


# What was written


RATES = read()


def test_the_page_is_that_of_the_rates():
    assert PAGE.read_text(encoding="utf-8") == page(RATES)


def test_every_design_has_its_studies_and_those_beyond_the_bounds_were_simulated_again():
    grid, again = (RATES[RATES["part"] == part] for part in ("grid", "again"))
    assert len(grid) == len(GRID)
    assert set(grid["n"]) == {STUDIES}
    assert set(again["n"]) <= {STUDIES_AGAIN}
    assert len(again) == sum(beyond(row) for row in grid.itertuples())


# Rates of 10,000 other studies that lie outside the bounds, as the page states them.
BEYOND = {"effect": 0.003, "power": 0.015}


def test_size_and_power_lie_within_the_bounds_that_the_page_states():
    text = re.sub(r"\s+", " ", PAGE.read_text(encoding="utf-8"))
    for measure, (low, high) in (("effect", SIZES), ("power", POWERS)):
        rows = outside(RATES, measure, low, high)
        assert rows[measure].between(low - BEYOND[measure], high + BEYOND[measure]).all()
        for value in rows[measure]:
            assert f"({value:.3f})".replace("0.", ".") in text
    grid = stated(RATES)
    assert grid["wrong_sign"].max() < 0.01
    assert grid["ruled_out_at_margin"].max() <= 0.06
    assert grid["family"].max() <= 0.09
    assert MARGIN == 0.05


def test_the_rule_chosen_keeps_its_size_where_controls_do_not():
    rules = RATES[RATES["part"] == "rules"]
    alone = rules[~rules["shared"]].groupby("case")["effect"]
    assert alone.max()["own days"] < 0.08
    assert alone.min()["controls' days"] > 0.3
    assert alone.min()["pooled"] > 0.1
    volatile = rules[rules["volatility"] > 1].groupby("case")["effect"].min()
    assert (volatile[["estimation window", "GARCH", "EGARCH"]] > 0.2).all()


def test_real_days_keep_their_size():
    real = RATES[(RATES["part"] == "real") & (RATES["days"] == "all")]
    assert real["effect"].between(*SIZES).all()
    assert real["power"].between(*POWERS).all()


@pytest.mark.simulation
@pytest.mark.parametrize(
    "design",
    [Design(1, 0, "normal", 2.0), Design(3, 3, "garch", 3.0, False), Design(7, 8, "t4", 2.0), Design(3, 3, "skewed")],
    ids=str,
)
def test_size_and_power_in_studies_of_another_seed(design):
    row = grid_row(design, range(8), seed=5)
    assert 0.02 <= row["effect"] <= 0.08
    assert 0.75 <= row["power"] <= 0.89
    assert row["wrong_sign"] <= 0.005
    assert row["ruled_out_at_margin"] <= 0.06
