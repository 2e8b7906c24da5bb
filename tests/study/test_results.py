"""Labels, intervals, tables, the summary and the data in the figures."""

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt
from scipy import stats

import potash
from potash.errors import InputError, OptionError, WindowError
from potash.study.inference.rank import corrado_zivney_test
from potash.study.plots import plot_car, plot_estimates, plot_placebo
from potash.study.results import EventStudyResults
from tests.study.made_up import DAYS, events, made_returns, study

mpl.use("Agg")
close = pytest.approx
KEYS = [(e, t) for e in ("e0", "e1") for t in "ABCD"]


@pytest.fixture(scope="module")
def results() -> EventStudyResults:
    """Four firms at two events far apart; a third event lies past the prices."""
    returns = made_returns(4, seed=5)
    returns.attrs["snapshot"] = "made-up-1"
    return study(returns, events(180, 220, 299)).fit()


@pytest.fixture(scope="module")
def holed() -> EventStudyResults:
    """The same firms at one event; A has no return on day +1, and no firm has one on day +3."""
    returns = made_returns(4, seed=5)
    returns.loc[DAYS[201], "A"] = np.nan
    returns.loc[DAYS[203], list("ABCD")] = np.nan
    return study(returns, events(200)).fit()


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    plt.close("all")


# -- frames ----------------------------------------------------------------------------------------------------------


def test_frames_by_offset(results):
    for frame in (results.abnormal_returns, results.std_errors, results.tstats, results.pvalues):
        assert frame.index.names == ["event_id", "ticker"]
        assert frame.index.tolist() == KEYS
        assert frame.columns.name == "offset"
        assert frame.columns.tolist() == list(range(-5, 6))
    np.testing.assert_allclose(results.tstats, results.abnormal_returns / results.std_errors)
    np.testing.assert_allclose(results.pvalues, 2 * stats.t.sf(results.tstats.abs(), 118))


def test_frames_by_firm_event(results):
    assert results.params.columns.tolist() == ["alpha", "beta", "sigma", "nobs", "rsquared"]
    assert results.param_std_errors.columns.tolist() == ["alpha", "beta"]
    assert results.car().columns.tolist() == ["CAR", "std_error", "tstat", "pvalue"]
    for frame in (results.params, results.param_std_errors, results.car(), results.conf_int(), results.events):
        assert frame.index.tolist() == KEYS
    assert results.event_ids == ["e0", "e1"]
    assert results.events.loc[("e1", "D"), "session"] == DAYS[220]


def test_portfolio_has_a_row_per_event(results):
    assert results.portfolio((0, 1)).index.tolist() == ["e0", "e1"]
    assert results.portfolio().index.name == "event_id"
    mean = results.car((0, 1))["CAR"].groupby("event_id").mean()
    np.testing.assert_allclose(results.portfolio((0, 1))["CAR"], mean)
    assert results.portfolio_labels["ticker"].tolist() == ["A,B,C,D"] * 2


def test_the_default_window_is_the_event_window(results):
    pd.testing.assert_frame_equal(results.car(), results.car((-5, 5)))
    pd.testing.assert_frame_equal(results.car(potash.Window(-1, 1)), results.car((-1, 1)))


def test_intervals_and_pvalues_agree(results):
    cars, limits = results.car((-1, 1)), results.conf_int((-1, 1), level=0.9)
    half = stats.t.ppf(0.95, 118) * cars["std_error"]
    np.testing.assert_allclose(limits, np.column_stack([cars["CAR"] - half, cars["CAR"] + half]))
    exact = results.conf_int((-1, 1), level=1 - cars["pvalue"].iloc[0]).iloc[0]
    assert min(abs(exact)) == close(0, abs=1e-12)
    whole = results.conf_int_portfolio((0, 0))
    portfolio = results.portfolio((0, 0))
    np.testing.assert_allclose(whole["upper"] - portfolio["CAR"], stats.t.ppf(0.975, 118) * portfolio["std_error"])


@pytest.mark.parametrize("level", [0, 1, 95, -0.5])
def test_a_level_is_a_share(results, level):
    with pytest.raises(OptionError, match=r"must lie between 0 and 1, for example 0.95"):
        results.conf_int(level=level)


def test_detectable(results):
    found = results.detectable((0, 1))
    assert found.index.tolist() == [*KEYS, ("e0", "portfolio"), ("e1", "portfolio")]
    expected = (stats.t.ppf(0.975, 118) + stats.t.ppf(0.8, 118)) * found["std_error"]
    np.testing.assert_allclose(found["detectable"], expected)
    assert (results.detectable((0, 1), power=0.9)["detectable"] > found["detectable"]).all()
    assert found.loc[("e0", "portfolio"), "std_error"] == results.portfolio((0, 1)).loc["e0", "std_error"]


@pytest.mark.parametrize("options", [{"power": 80}, {"size": 5}, {"power": 0.01}])
def test_detectable_takes_shares(results, options):
    with pytest.raises(OptionError, match="0 < size < power < 1"):
        results.detectable((0, 1), **options)


def test_no_security_is_called_portfolio():
    """In the paths and in detectable it would mix with the mean of the firms."""
    with pytest.raises(InputError, match="a security is called 'portfolio'"):
        study(made_returns(2).rename(columns={"A": "portfolio"}), events(200))


def test_car_path(results):
    path = results.car_path()
    assert path.columns.tolist() == ["event_id", "ticker", "offset", "CAR", "std_error", "lower", "upper"]
    assert len(path) == 11 * (8 + 2)
    one = path[(path["event_id"] == "e1") & (path["ticker"] == "B")].set_index("offset")
    np.testing.assert_allclose(one["CAR"], results.abnormal_returns.loc[("e1", "B")].cumsum())
    assert one.loc[5, "lower"] == close(results.conf_int().loc[("e1", "B"), "lower"])


def test_for_event(results):
    alone = results.for_event("e1")
    pd.testing.assert_frame_equal(alone.car((0, 1)), results.car((0, 1)).loc[["e1"]])
    pd.testing.assert_frame_equal(alone.portfolio(), results.portfolio().loc[["e1"]])
    assert alone.event_ids == ["e1"]
    assert alone.dropped.empty
    assert alone.test("kolari_pynnonen").n_obs == 4
    direct = study(made_returns(4, seed=5), events(220)).fit()
    pd.testing.assert_frame_equal(alone.tests((0, 1)), direct.tests((0, 1)))


def test_for_event_that_is_not_there(results):
    with pytest.raises(OptionError, match=r"event_id='e2' is not known.*Choose one of: 'e0', 'e1'"):
        results.for_event("e2")


def test_whole_numbers_as_event_ids():
    found = study(made_returns(4, seed=5), events(180, 220).assign(event_id=[2021, 2022])).fit()
    for view in (found.for_event, found.plot_car):
        with pytest.raises(OptionError, match=r"event_id='2021' \(str\) is not known; the events hold 2021 \(int\)"):
            view("2021")
        with pytest.raises(OptionError, match=r"event_id='2023' is not known.*Choose one of: 2021, 2022"):
            view("2023")
    alone = found.for_event(found.event_ids[1])
    assert len(alone.car()) == 4
    assert alone.plot_car() is not None


def test_results_cannot_be_changed(results):
    with pytest.raises(AttributeError):
        results.returns_kind = "simple"


def test_repr(results):
    assert repr(results) == "<EventStudyResults: market model, log returns, 8 firm-events of 2 events, 4 dropped>"


# -- missing days ----------------------------------------------------------------------------------------------------


def test_a_car_with_a_missing_day_is_missing(holed):
    key = ("e0", "A")
    assert np.isnan(holed.car((0, 1)).loc[key]).all()
    assert np.isnan(holed.car((1, 2)).loc[key]).all()
    assert np.isfinite(holed.car((-1, 0)).loc[key]).all()
    assert np.isfinite(holed.car((2, 2)).loc[key]).all()
    assert np.isfinite(holed.car((0, 1)).loc[("e0", "B")]).all()
    assert np.isnan(holed.conf_int((0, 1)).loc[key]).all()
    assert np.isnan(holed.portfolio((0, 1)).loc["e0"]).all()


def test_tests_count_the_firms_that_have_the_window(holed):
    assert holed.test("kolari_pynnonen", (0, 0)).n_obs == 4
    assert holed.test("kolari_pynnonen", (0, 1)).n_obs == 3
    assert holed.mean_correlation((0, 1)) == close(
        study(made_returns(4, seed=5)[["B", "C", "D", "M"]], events(200)).fit().mean_correlation((0, 1))
    )
    table = holed.tests((0, 3))
    assert table["stat"].isna().all()
    assert table.loc["portfolio", "reason"] == "no portfolio has all its days and a variance"
    assert table.loc["bmp", "reason"] == "needs 2 standardized CARs, 0 available"
    assert not table["holds"].any()


def test_means_over_firms_say_how_many_entered(holed):
    table = holed.aar()
    assert table["n"].loc[0:3].tolist() == [4, 3, 4, 0]
    assert table.loc[1, "AAR"] == close(holed.abnormal_returns[1].iloc[1:].mean())


def test_a_mean_path_ends_where_a_day_is_missing_for_all(holed):
    """Day +3 has no return of any firm, so a sum over it would be a shorter sum."""
    path = holed.aar()["CAAR"]
    assert path.loc[:2].notna().all()
    assert path.loc[3:].isna().all()


# -- tests -----------------------------------------------------------------------------------------------------------

APPLY_TO_ONE = (
    "portfolio", "patell", "patell_simple", "adjusted_patell", "rank", "sign", "generalized_sign", "wilcoxon",
)  # fmt: skip
NAMES = [
    "portfolio", "cross_sectional", "skewness_adjusted", "jackknife", "patell", "patell_simple", "adjusted_patell", "bmp",
    "kolari_pynnonen", "rank", "corrado_zivney", "grank", "grank_z", "sign", "generalized_sign", "wilcoxon",
]  # fmt: skip


def test_table_of_tests(results):
    table = results.tests((0, 1))
    assert table.index.tolist() == results.test_names == NAMES
    assert table.columns.tolist() == [
        "stat",
        "pvalue",
        "distribution",
        "n",
        "estimate",
        "std_error",
        "holds",
        "reason",
        "null",
    ]
    for name in NAMES:
        one = results.test(name, (0, 1))
        assert table.loc[name, ["stat", "pvalue", "n", "holds"]].tolist() == [
            one.stat,
            one.pvalue,
            one.n_obs,
            one.holds,
        ]
    assert table["n"].to_dict() == {**dict.fromkeys(NAMES, 8), "portfolio": 2}
    assert table.loc["cross_sectional", "estimate"] == close(results.car((0, 1))["CAR"].mean())
    assert table.loc["portfolio", "estimate"] == close(results.portfolio((0, 1))["CAR"].mean())
    assert table.loc[["patell", "bmp", "kolari_pynnonen"], "estimate"].isna().all()


def holds(found: EventStudyResults, window) -> dict[str, bool]:
    return found.tests(window)["holds"].to_dict()


def test_firms_on_a_shared_date(results):
    table = results.tests((0, 1))
    trusted = {"portfolio", "adjusted_patell", "kolari_pynnonen", "rank"}
    assert holds(results, (0, 1)) == {name: name in trusted for name in NAMES}
    for name in ("cross_sectional", "patell", "bmp"):
        assert table.loc[name, "reason"] == "8 of 8 firm-events share days with others: they are not independent draws"
    assert table.loc["portfolio", "reason"] == "correlation among firms enters through the portfolio's own variance"


def test_firms_on_dates_of_their_own():
    rows = events(180, 200, 220, 240).assign(ticker=list("ABCD"))
    found = study(made_returns(4), rows).fit()
    few = {"corrado_zivney", "grank", "grank_z"}
    assert holds(found, (-5, 5)) == {name: name not in few for name in NAMES}
    assert "below 10" in found.tests((-5, 5)).loc["grank", "reason"]
    assert "only 4 firm-events" in found.tests((0, 0)).loc["patell", "reason"]
    assert found.mean_correlation((0, 1)) == 0.0


def test_events_whose_windows_overlap():
    found = study(made_returns(4), events(200, 203)).fit()
    assert holds(found, (-5, 5))["portfolio"] is False
    assert found.test("portfolio", (-5, 5)).reason.startswith("windows of different events overlap")
    assert found.test("kolari_pynnonen", (-5, 5)).holds
    # On day 0 alone the two events share no day.
    assert found.test("portfolio", (0, 0)).holds


def test_ranks_and_dates_counted_from_two_events_that_overlap_do_not_hold():
    found = study(made_returns(12, seed=2), events(200, 201)).fit()
    table = found.tests((0, 2))
    for name in ("portfolio", "rank", "corrado_zivney", "grank"):
        assert not table.at[name, "holds"]
        assert table.at[name, "reason"] == "windows of different events overlap, so the events are not independent"
    assert table.loc[["kolari_pynnonen", "adjusted_patell"], "holds"].all()


def test_each_test_tells_of_the_firm_events_that_it_leaves_out():
    """A misses day +1 of the first event: no CAR, no portfolio, yet a rank on day 0."""
    returns = made_returns(4, seed=5)
    returns.loc[DAYS[181], "A"] = np.nan
    table = study(returns, events(180, 220)).fit().tests((0, 1))
    told = table["reason"].str.extract("; ([^;]*left out.*)")[0]
    assert told["portfolio"] == "1 event left out whose portfolio lacks a day or a variance"
    assert told[["patell", "bmp", "grank", "sign"]].tolist() == ["1 firm-event left out for a missing day"] * 4
    assert told[["rank", "corrado_zivney"]].isna().all()
    assert table.loc[["portfolio", "patell", "rank", "corrado_zivney"], "n"].tolist() == [1, 7, 8, 8]
    assert table.at["patell", "reason"].startswith("7 of 7 firm-events")


def test_the_portfolio_test_is_judged_by_the_events_that_enter():
    """Two events that overlap; A misses day +1 of the second, so the portfolio test is about the first alone."""
    returns = made_returns(4, seed=5)
    returns.loc[DAYS[203], "A"] = np.nan
    found = study(returns, events(200, 202)).fit()
    both, alone = found.test("portfolio", (-2, 0)), found.test("portfolio", (-2, 2))
    assert (both.n_obs, both.holds) == (2, False)
    assert (alone.n_obs, alone.holds) == (1, True)
    assert alone.estimate == close(found.portfolio((-2, 2)).at["e0", "CAR"])


def test_corrado_zivney_keeps_the_correlation_where_no_firm_has_every_day():
    returns = made_returns(12, seed=5, correlation=0.6)
    whole = study(returns, events(200)).fit()
    holes = returns.copy()
    for i in range(12):
        holes.iloc[200 + [-3, -2, -1, 1, 2, 3][i % 6], i] = np.nan
    found = study(holes, events(200)).fit()
    window, columns = (-3, 3), slice(2, 9)
    assert found.car(window)["CAR"].isna().all()
    assert whole.mean_correlation(window) > 0.4
    fit = found.fit
    by_hand = corrado_zivney_test(
        fit.residuals, fit.abnormal, columns, fit.scale, fit.variance, whole.mean_correlation(window)
    )
    assert found.test("corrado_zivney", window).stat == close(by_hand.stat, rel=1e-9)


def test_firm_events_left_out_for_a_missing_day_are_told(holed):
    assert holed.test("patell", (0, 1)).reason.endswith("; 1 firm-event left out for a missing day")
    assert holed.tests((0, 1)).at["patell", "n"] == 3
    assert "missing" not in holed.test("patell", (0, 0)).reason


def test_one_firm_at_one_event():
    found = study(made_returns(1), events(200)).fit()
    table = found.tests((0, 1))
    assert table["stat"].notna().to_dict() == {name: name in APPLY_TO_ONE for name in NAMES}
    car = found.car((0, 1)).iloc[0]
    assert table.loc["portfolio", ["stat", "pvalue"]].tolist() == close(car[["tstat", "pvalue"]].tolist())
    assert table.loc["patell", "holds"]


def test_an_unknown_test_lists_those_there_are(results):
    with pytest.raises(
        OptionError, match=r"name='nope' is not known.*'portfolio', 'cross_sectional', 'skewness_adjusted'"
    ):
        results.test("nope")
    with pytest.raises(OptionError, match="did you mean 'patell'"):
        results.test("patel")


def test_a_window_of_fractions_is_refused(results):
    for view in (results.car, results.tests, results.bhar):
        with pytest.raises(WindowError, match="must hold two whole numbers"):
            view(potash.Window(0.0, 1.0))


@pytest.mark.parametrize("window", [(-6, 0), (0, 6), (-20, 20), (6, 8)])
def test_windows_lie_inside_the_event_window(results, window):
    for view in (
        results.car,
        results.portfolio,
        results.conf_int,
        results.tests,
        results.mean_correlation,
        results.summary,
    ):
        with pytest.raises(WindowError, match=r"reaches outside event_window \[-5, \+5\]"):
            view(window)


# -- summary ---------------------------------------------------------------------------------------------------------


def test_summary_says_how_it_was_done(results):
    text = results.summary((0, 1))
    for fragment in (
        "Model              market model on log returns",
        "Windows            event [-5, +5], estimation [-130, -11] in sessions, ends included",
        "Firm-events        8 of 2 events; 4 dropped",
        "Prices             made-up-1",
        "CAR [0, +1] with 95 % confidence limits",
        "kolari_pynnonen",
        "  e2 (A): event window not covered: event_window [-5, +5] reaches 5 sessions past the last session, 2025-02-21",
    ):
        assert fragment in text
    car, limits = results.car((0, 1)).loc[("e0", "A")], results.conf_int((0, 1)).loc[("e0", "A")]
    line = next(line for line in text.splitlines() if line.startswith("e0"))
    assert line.split() == [
        "e0", "A", f"{car['CAR']:+.2%}", f"{car['std_error']:.2%}", f"{car['tstat']:+.2f}", f"{car['pvalue']:.4f}",
        f"{limits['lower']:+.2%}", f"{limits['upper']:+.2%}",
    ]  # fmt: skip


def test_summary_without_a_snapshot_and_without_drops(holed):
    text = holed.summary()
    assert "Prices             snapshot not stated" in text
    assert "CAR [-5, +5]" in text
    assert "missing" in next(line for line in text.splitlines() if line.startswith("e0"))
    assert text.endswith("Dropped: none")


# -- figures ---------------------------------------------------------------------------------------------------------


def lines(ax) -> dict[str, np.ndarray]:
    return {line.get_label(): line.get_xydata() for line in ax.lines}


def band(ax) -> tuple[np.ndarray, np.ndarray]:
    """Return the lower and the upper edge of the only band, by offset."""
    (polygon,) = ax.collections
    points = pd.DataFrame(polygon.get_paths()[0].vertices, columns=["x", "y"]).groupby("x")["y"]
    return points.min().to_numpy(), points.max().to_numpy()


def test_plot_car_draws_the_paths_and_the_portfolio_s_band(results):
    ax = results.plot_car("e1")
    drawn, path = lines(ax), results.car_path().query("event_id == 'e1'")
    for ticker, label in [*zip("ABCD", "ABCD", strict=True), ("portfolio", "equal-weighted")]:
        np.testing.assert_allclose(drawn[label], path.loc[path["ticker"] == ticker, ["offset", "CAR"]])
    lower, upper = band(ax)
    limits = [results.conf_int_portfolio((-5, k)).loc["e1"] for k in range(-5, 6)]
    np.testing.assert_allclose(lower, [limit["lower"] for limit in limits])
    np.testing.assert_allclose(upper, [limit["upper"] for limit in limits])
    assert (ax.get_title(), ax.get_xlabel()) == ("e1", "sessions from day 0")
    assert ax.get_ylabel() == "cumulative abnormal return"
    assert sorted(text.get_text() for text in ax.texts) == ["A", "B", "C", "D", "equal-weighted"]
    styles = {(line.get_color(), line.get_linestyle()) for line in ax.lines if line.get_label() in "ABCD"}
    assert len(styles) == 4


def test_plot_car_takes_the_first_event_some_tickers_and_an_axis(results):
    _, ax = plt.subplots()
    assert results.plot_car(tickers=["B"], ax=ax) is ax
    assert ax.get_title() == "e0"
    assert {label for label in lines(ax) if not label.startswith("_")} == {"B", "equal-weighted"}


def test_plot_car_refuses_what_is_not_there(results):
    with pytest.raises(OptionError, match="event_id='e9'"):
        results.plot_car("e9")


def test_plot_car_refuses_a_ticker_that_is_not_there(results):
    with pytest.raises(OptionError, match=r"'X'.*'A', 'B', 'C', 'D'"):
        results.plot_car(tickers=["A", "X"])


def test_plot_car_leaves_a_gap_where_the_path_is_missing(holed):
    drawn = lines(holed.plot_car())
    assert np.isnan(drawn["A"][6:, 1]).all()
    assert np.isfinite(drawn["B"][:8, 1]).all()


def test_plot_car_of_a_single_day():
    found = study(made_returns(2), events(200), event_window=(0, 0)).fit()
    np.testing.assert_allclose(lines(found.plot_car())["A"], [[0, found.abnormal_returns[0].iloc[0]]])


def test_nothing_is_shown_and_nothing_is_left_in_pyplot(results, monkeypatch):
    monkeypatch.setattr(plt, "show", lambda *a, **k: pytest.fail("a figure was shown"))
    _, ax = plt.subplots()
    before = plt.get_fignums()
    results.plot_car(ax=ax)
    assert plt.get_fignums() == before


def test_plot_car_does_not_change_its_table(results):
    path = results.car_path().query("event_id == 'e0'")
    before = path.copy()
    assert plot_car(path, title="x").get_title() == "x"
    pd.testing.assert_frame_equal(path, before)


def test_plot_estimates():
    table = pd.DataFrame(
        {"CAR": [0.02, -0.01], "lower": [-0.01, -0.02], "upper": [0.05, 0.0], "detectable": [0.04, 0.03]},
        index=["NTR", "portfolio"],
    )
    ax = plot_estimates(table, title="x")
    bars, dots = ax.lines[0:4:2], ax.lines[1:5:2]
    np.testing.assert_allclose([line.get_xdata() for line in bars], table[["lower", "upper"]])
    np.testing.assert_allclose([dot.get_xdata()[0] for dot in dots], table["CAR"])
    assert [line.get_ydata()[0] for line in bars] == [1, 0]
    assert [(p.get_x(), p.get_width()) for p in ax.patches] == [(-0.04, 0.08), (-0.03, 0.06)]
    labels = ax.get_yticklabels()
    assert [label.get_text() for label in labels] == ["NTR", "portfolio"]
    assert [label.get_fontweight() for label in labels] == ["normal", "bold"]
    assert [label.get_position()[1] for label in labels] == [1, 0]
    assert ax.get_legend().get_texts()[0].get_text() == "effects too small to detect (80 % power)"
    bare = plot_estimates(table.drop(columns="detectable"), ax=plt.subplots()[1])
    assert bare.get_legend() is None
    assert not bare.patches


def test_plot_placebo():
    returns = made_returns(4, seed=5)
    found = study(returns, events(200))
    ordinary, car = found.placebo_cars((0, 1)), float(found.fit().portfolio((0, 1))["CAR"].iloc[0])
    _, given = plt.subplots()
    ax = plot_placebo(ordinary, car, ax=given, title="x")
    assert ax is given
    assert sum(patch.get_height() for patch in ax.patches) == len(ordinary)
    low, high, event = (line.get_xdata()[0] for line in ax.lines)
    np.testing.assert_allclose([low, high], found.placebo((0, 1))[["lower", "upper"]].iloc[0])
    assert event == car
    assert ax.texts[0].get_text() == "the event"
