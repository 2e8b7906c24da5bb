"""The pooled timeline: one event is the study, randomization by a loop of studies, carried figures, size and power."""

import numpy as np
import pandas as pd
import pytest

import potash
from potash.errors import InputError, NoUsableEventsError, WindowError
from potash.sessions import Window
from potash.study.answer.event_volatility import scaled_cars
from potash.study.answer.pooled.signed_events import signed_events
from potash.study.inference.correlation import mean_correlation
from potash.study.inference.parametric import kolari_pynnonen_test
from tests.study.made_up import DAYS, events, made_returns, study

SIGNS = {"e0": 1, "e1": -1, "e2": 1}
PLACES = (180, 200, 204)


def made_study(*places, n=3, returns=None, **options):
    returns = made_returns(n) if returns is None else returns
    return study(returns, events(*(places or PLACES)), event_window=(-5, 10), **options)


@pytest.fixture(scope="module")
def answer():
    return potash.pooled(
        made_study(), SIGNS, kinds={"e0": "ban", "e1": "relief", "e2": "ban"}, chains={"e1": "c", "e2": "c"},
        exposure={"A": 0.1, "B": 0.2, "C": 0.4},
    )  # fmt: skip


def row_of(frame, **values):
    for name, value in values.items():
        frame = frame[frame[name] == value]
    assert len(frame) == 1
    return frame.iloc[0]


def effect(answer, window="[0, +1]", group="all", against="market"):
    return row_of(answer.effects, window=window, events=group, against=against)


@pytest.mark.parametrize("sign", [1, -1])
def test_one_event_is_the_study(sign):
    event_study = made_study(200)
    answer = potash.pooled(event_study, pd.Series({"e0": sign}))
    for window in [(0, 1), (0, 10), (-5, -1)]:
        fit = event_study.fit().portfolio_fit
        scaled = scaled_cars(fit, event_study.windows.event, Window.of(window))
        row = effect(answer, str(Window.of(window)))
        for name in ("average", "weighted", "average_days_once"):
            assert row[name] == pytest.approx(sign * scaled.cars[0])
        assert [row["std_error"], row["days_once_std_error"]] == pytest.approx([scaled.std_errors[0]] * 2)
        plain = event_study.fit().portfolio(window)["tstat"].iloc[0]
        assert row["sum_of_t"] == pytest.approx(sign * plain / np.sqrt(scaled.ratio[0]))
        own = row_of(answer.events, window=str(Window.of(window)))
        assert [own["tstat"], own["df"]] == pytest.approx([scaled.stats[0], scaled.df[0]])
        assert sign * own["own_tstat"] == pytest.approx(row["sum_of_t"])
        assert row["days_once_pvalue"] == row["randomization_pvalue"]
    assert answer.leave_one_out["kind"].tolist() == ["firm"] * 3


def test_the_randomization_is_a_loop_of_studies():
    """Each other set of dates is made the events of a study of its own, from the first to the last."""
    returns, circle = made_returns(2, sessions=180), range(106, 170)
    places, signs = (120, 123, 160), (1, -1, 1)
    answer = potash.pooled(study(returns, events(*places), event_window=(-5, 10)), dict(zip(SIGNS, signs, strict=True)))
    stats = []
    for shift in range(len(circle)):
        shifted = [circle[(circle.index(place) + shift) % len(circle)] for place in places]
        alone = study(returns, events(*shifted), event_window=(-5, 10)).fit()
        scaled = scaled_cars(alone.portfolio_fit, alone.windows.event, Window(0, 5))
        own = alone.portfolio((0, 5))["tstat"].to_numpy() / np.sqrt(scaled.ratio)
        stats.append((np.array(signs) * own).sum() / np.sqrt(3))
    row = effect(answer, "[0, +5]")
    assert row["sum_of_t"] == pytest.approx(stats[0])
    as_large = sum(abs(other) >= abs(stats[0]) for other in stats[1:])
    assert row["randomization_pvalue"] == pytest.approx((1 + as_large) / len(circle))
    assert row["n_sets"] == len(circle) - 1


def test_the_average_and_its_error_take_shared_days_into_account(answer):
    rows = answer.events[answer.events["window"] == "[0, +5]"]
    signed, errors = rows["in_expected_direction"].to_numpy(), (rows["sign"] * rows["std_error"]).to_numpy()
    row = effect(answer, "[0, +5]")
    assert row["average"] == pytest.approx(signed.mean())
    # The second and the third event share two of six days; residuals of the same portfolio correlate fully.
    expected = (errors**2).sum() + 2 * errors[1] * errors[2] * 2 / 6
    assert row["std_error"] == pytest.approx(np.sqrt(expected) / 3, rel=0.01)
    assert rows["shares_days_with"].tolist() == ["", "e2", "e1"]
    assert rows["days_counted"].tolist() == [6, 4, 6]
    assert row["n_days"] == 16


def test_tightening_and_relief_stand_alone_too(answer):
    relief = effect(answer, group="relief")
    own = row_of(answer.events, window="[0, +1]", event_id="e1")
    assert relief["average"] == pytest.approx(-own["CAR"])
    assert relief["n_events"] == 1
    assert effect(answer, group="tightening")["n_events"] == 2
    only = potash.pooled(made_study(), {"e0": 1, "e2": 1})
    assert set(only.effects["events"]) == {"all", "tightening"}
    assert effect(only)["randomization_pvalue"] == effect(answer, group="tightening")["randomization_pvalue"]


def test_leaving_one_out_is_the_pool_without_it(answer):
    frame = answer.leave_one_out.set_index("left_out")
    without = effect(potash.pooled(made_study(), {"e0": 1, "e2": 1}))
    names = ["n_events", "average", "sum_of_t", "randomization_pvalue"]
    np.testing.assert_allclose(frame.loc["e1", names].astype(float), without[names].astype(float))
    fewer = effect(potash.pooled(made_study(returns=made_returns(3).drop(columns="B")), SIGNS))
    np.testing.assert_allclose(frame.loc["B", names].astype(float), fewer[names].astype(float))
    assert frame["kind"].tolist() == ["event"] * 3 + ["firm"] * 3


def test_kinds_are_pools_of_their_own(answer):
    frame = answer.by_kind.set_index("kind")
    assert frame["n_events"].to_dict() == {"ban": 2, "relief": 1}
    assert frame.loc["ban", "average"] == pytest.approx(effect(answer, group="tightening")["average"])
    assert potash.pooled(made_study(), SIGNS).by_kind.empty


def test_a_chain_has_its_links_and_their_sum_with_days_counted_once(answer):
    chain = answer.chains.set_index("event_id")
    assert chain.index.tolist() == ["e1", "e2", ""]
    links = answer.events[answer.events["window"] == "[0, +1]"].set_index("event_id")
    assert chain.loc["e1", "in_expected_direction"] == pytest.approx(-links.loc["e1", "CAR"])
    assert chain.loc["e1", "std_error"] == pytest.approx(links.loc["e1", "std_error"])
    total = chain.loc[["e1", "e2"], "in_expected_direction"].sum()
    assert chain.loc["", "in_expected_direction"] == pytest.approx(total)
    assert chain["n_days"].tolist() == [2, 2, 4]
    assert chain["sign"].tolist() == [-1, 1, 0]
    wide = potash.pooled(made_study(), SIGNS, chains={"e1": "c", "e2": "c"}, primary=(0, 5)).chains
    assert wide["n_days"].tolist() == [6, 6, 10]
    assert wide["tstat"].iloc[2] == pytest.approx(wide["in_expected_direction"].iloc[2] / wide["std_error"].iloc[2])


def test_exposure_stands_beside_each_firm_and_one_without_is_listed(answer):
    assert answer.exposure["exposure"].tolist() == [0.1, 0.2, 0.4]
    slope = np.polyfit(answer.exposure["exposure"], answer.exposure["average"], 1)[0]
    assert answer.dose_response.loc[0, "slope"] == pytest.approx(slope)
    assert answer.dose_response.loc[0, "n_firms"] == 3
    partly = potash.pooled(made_study(), SIGNS, exposure={"A": 0.1, "B": 0.2})
    assert row_of(partly.left_out, ticker="C")["reason"] == "no exposure: not in dose and response"
    assert np.isnan(partly.dose_response.loc[0, "slope"])


def test_whatever_is_not_in_the_average_is_listed_with_its_reason():
    returns = made_returns(3)
    returns.loc[DAYS[208], "A"] = np.nan
    returns.loc[DAYS[240], "B"] = np.nan
    event_study = study(returns, events(200, 240, 260, 299), event_window=(-5, 10))
    answer = potash.pooled(event_study, {"e0": 1, "e1": 1, "e3": -1, "elsewhere": 1})
    frame = answer.left_out
    assert frame.loc[frame["event_id"] == "e2", "reason"].tolist() == ["no sign"]
    assert frame.loc[frame["event_id"] == "elsewhere", "reason"].tolist() == ["not in the study"]
    assert frame.loc[frame["event_id"] == "e3", "reason"].tolist() == ["dropped by the study: event window not covered"]
    assert row_of(frame, event_id="e1")[["ticker", "reason"]].tolist() == ["B", "missing day 0"]
    missing = row_of(frame, event_id="e0")
    assert missing[["against", "window"]].tolist() == ["market", "[0, +10]"]
    assert missing["reason"] == "a day of the window is missing, or too few days around it"
    assert effect(answer, "[0, +10]")["n_events"] == 1
    assert effect(answer)["n_events"] == 2
    unsigned = potash.pooled(event_study, {"e0": 1}).left_out
    assert row_of(unsigned, event_id="e3")["reason"] == "no sign; dropped by the study: event window not covered"


def test_with_controls_both_models_are_told_and_theirs_counts():
    controls = made_returns(2, seed=5)[["A", "B"]].set_axis(["X", "Y"], axis=1)
    event_study = made_study(controls=controls)
    answer = potash.pooled(event_study.fit(), SIGNS)
    assert answer.against == "market and controls"
    assert answer.effects["against"].unique().tolist() == ["market and controls", "market"]
    against = event_study.against_controls("e0").fit().portfolio((0, 1))["CAR"]
    own = answer.events[(answer.events["against"] == "market and controls") & (answer.events["window"] == "[0, +1]")]
    np.testing.assert_allclose(own["CAR"], against)
    assert (own["controls"] == "X,Y").all()
    plain = effect(potash.pooled(made_study(), SIGNS))
    assert effect(answer)["sum_of_t"] == pytest.approx(plain["sum_of_t"])


def test_the_tests_are_those_of_signed_portfolios_and_say_where_they_hold(answer):
    fit = made_study().fit()
    signs = np.array([1, -1, 1])
    cars, errors = fit.portfolio_fit.cars(slice(5, 11))
    days, window = fit.panel.days[::3], fit.panel.days_event[::3, 5:11]
    correlation = mean_correlation(signs[:, None] * fit.portfolio_fit.residuals, days, window)
    expected = kolari_pynnonen_test(signs * cars / errors, correlation)
    row = row_of(answer.tests, window="[0, +5]", test="kolari_pynnonen")
    assert [row["stat"], row["pvalue"], row["mean_correlation"]] == pytest.approx(
        [expected.stat, expected.pvalue, correlation]
    )
    assert correlation < 0  # the two events that share days have opposite signs
    holds = answer.tests.set_index(["window", "test"])["holds"]
    independent = ["sum_of_t", "portfolio", "cross_sectional", "patell", "bmp"]
    assert not holds["[0, +5]"][independent].any()
    assert holds["[0, +5]"][["adjusted_patell", "kolari_pynnonen"]].all()
    assert holds["[0, +1]"].all()
    row = row_of(answer.tests, window="[0, +1]", test="sum_of_t")
    assert row["stat"] == pytest.approx((signs * fit.portfolio((0, 1))["tstat"]).sum() / np.sqrt(3))


def test_the_default_family_is_what_the_event_window_covers():
    short = potash.pooled(study(made_returns(2), events(200), event_window=(0, 7)), {"e0": 1})
    assert short.effects["window"].unique().tolist() == ["[0, 0]", "[0, +1]", "[0, +5]"]
    own = potash.pooled(made_study(200), {"e0": 1}, windows={"mine": (0, 3)}, primary=(0, 2))
    assert own.effects["name"].unique().tolist() == ["primary", "mine"]
    assert own.headline["window"] == "[0, +2]"


@pytest.mark.parametrize("signs", [{"e0": 0}, {"e0": 1, "e1": "up"}, {}])
def test_a_sign_is_plus_or_minus_one(signs):
    with pytest.raises(
        InputError, match=r"signs: .*\. Each is \+1 \(tightening\) or -1 \(relief\); leave out events without one\."
    ):
        potash.pooled(made_study(), signs)


def test_an_id_stands_once_and_a_series_is_needed():
    with pytest.raises(InputError, match=r"signs: these ids stand more than once: e0\."):
        potash.pooled(made_study(), pd.Series([1, -1], index=["e0", "e0"]))
    with pytest.raises(InputError, match=r"kinds is a list; a Series or dict by id is needed\."):
        potash.pooled(made_study(), SIGNS, kinds=["ban"])


def test_missing_signs_are_no_signs():
    answer = potash.pooled(made_study(), pd.Series({"e0": 1, "e1": pd.NA, "e2": 1}, dtype="Int64"))
    assert row_of(answer.left_out, event_id="e1")["reason"] == "no sign"


def test_a_study_without_a_signed_event_is_refused_and_a_window_outside_too():
    with pytest.raises(NoUsableEventsError, match=r"no event of the study has a sign\. Left out: e0: no sign"):
        potash.pooled(made_study(), {"other": 1})
    with pytest.raises(WindowError, match="reaches outside"):
        potash.pooled(made_study(), SIGNS, primary=(0, 11))


@pytest.fixture(scope="module")
def carried():
    returns, timeline = potash.log_returns(potash.load_prices()), potash.load_timeline()
    table = timeline.pool_table()
    signs = table.loc[table["dated"], "sign"].dropna().astype(int)
    firms = ["NTR", "MOS", "IPI", "ICL"]
    event_study = potash.EventStudy(
        returns[firms], timeline.align(firms, event_ids=list(signs.index)), returns_kind="log",
        model=potash.MarketModel(returns["SPY"]), event_window=(-5, 10), estimation_window=(-130, -11),
    )  # fmt: skip
    return event_study, signs


def test_the_carried_timeline_gives_the_figures_that_were_measured_by_hand(carried):
    event_study, signs = carried
    answer = potash.pooled(event_study, signs)
    for window, average, stat in (("[0, 0]", 0.0191, 3.41), ("[0, +1]", 0.0297, 3.87), ("[0, +5]", 0.0545, 3.77)):
        row = effect(answer, window)
        assert row["n_events"] == 11
        assert row["average"] == pytest.approx(average, abs=5e-5)
        assert row_of(answer.tests, window=window, test="sum_of_t")["stat"] == pytest.approx(stat, abs=0.005)
    assert answer.all_sets
    assert effect(answer)["n_sets"] > 50_000


def clustered(seed, volatile=3.0):
    """Return a study of five events, three of them within weeks that are volatile, and one at random."""
    rng = np.random.default_rng(seed)
    returns = made_returns(3, seed, correlation=0.4)
    start = int(rng.integers(130, 250))
    places = (start, start + 4, start + 9, *rng.choice(range(106, 289), 2, replace=False))
    scale = np.ones(300)
    scale[start - 8 : start + 22] = volatile
    market = returns["M"].to_numpy()[:, None]
    returns[["A", "B", "C"]] = market + scale[:, None] * (returns[["A", "B", "C"]].to_numpy() - market)
    rows = events(*places).drop_duplicates("session")
    return study(returns, rows, event_window=(-5, 10)), {e: 1 if i % 2 else -1 for i, e in enumerate(rows["event_id"])}


@pytest.mark.simulation
@pytest.mark.parametrize("volatile", [1.0, 3.0])
def test_clustered_events_in_volatile_weeks_keep_the_size(volatile):
    windows, rejections = (Window(0, 1), Window(0, 5)), []
    for seed in range(400):
        event_study, signs = clustered(seed, volatile)
        chosen = signed_events(event_study, pd.Series(signs), windows, False)
        statistics = chosen.statistics(chosen.sets())
        rejections.append([*(statistics.pvalues < 0.05), statistics.max_t_pvalues.min() < 0.05])
    rates = np.mean(rejections, axis=0)
    assert ((rates > 0.02) & (rates < 0.08)).all(), rates


@pytest.mark.simulation
@pytest.mark.parametrize("volatile", [1.0, 3.0])
def test_the_detectable_effect_is_found_in_four_fifths_of_studies(volatile):
    windows, outcomes = (Window(0, 1),), []
    for seed in range(200):
        event_study, signs = clustered(seed, volatile)
        chosen = signed_events(event_study, pd.Series(signs), windows, False)
        sets = chosen.sets()
        effect_size = chosen.statistics(sets).detectable()[0]
        for i, sign in enumerate(chosen.signs):
            chosen.cars[i][0] += sign * effect_size
        outcomes.append(chosen.statistics(sets).pvalues[0] < 0.05)
    assert 0.7 < np.mean(outcomes) < 0.88


def test_the_answer_alone_is_the_same_without_what_stands_behind_it(answer):
    alone = potash.pooled(made_study(), SIGNS, kinds={"e0": "ban", "e1": "relief", "e2": "ban"}, behind=False)
    for name in ("effects", "events"):
        pd.testing.assert_frame_equal(getattr(alone, name), getattr(answer, name), check_exact=True)
    assert alone.headline.equals(answer.headline)
    for name in ("leave_one_out", "by_kind", "chains", "exposure", "dose_response", "tests", "calendar_time"):
        assert getattr(alone, name).empty
        assert len(getattr(answer, name)) > 0
