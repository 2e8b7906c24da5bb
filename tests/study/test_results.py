"""The table of tests, what each leaves out, and the summary."""

import numpy as np
import pytest

import potash
from potash.errors import OptionError, WindowError
from potash.study.inference.rank import corrado_zivney_test
from potash.study.results import EventStudyResults
from tests.study.made_up import DAYS, events, made_returns, study

close = pytest.approx


def test_repr(results):
    assert repr(results) == "<EventStudyResults: market model, log returns, 8 firm-events of 2 events, 4 dropped>"


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


def holds(results: EventStudyResults, window) -> dict[str, bool]:
    return results.tests(window)["holds"].to_dict()


def test_firms_on_a_shared_date(results):
    table = results.tests((0, 1))
    trusted = {"portfolio", "adjusted_patell", "kolari_pynnonen", "rank"}
    assert holds(results, (0, 1)) == {name: name in trusted for name in NAMES}
    for name in ("cross_sectional", "patell", "bmp"):
        assert table.loc[name, "reason"] == "8 of 8 firm-events share days with others: they are not independent draws"
    assert table.loc["portfolio", "reason"] == "correlation among firms enters through the portfolio's own variance"


def test_firms_on_dates_of_their_own():
    rows = events(180, 200, 220, 240).assign(ticker=list("ABCD"))
    results = study(made_returns(4), rows).fit()
    few = {"corrado_zivney", "grank", "grank_z"}
    assert holds(results, (-5, 5)) == {name: name not in few for name in NAMES}
    assert "below 15" in results.tests((-5, 5)).loc["grank", "reason"]
    assert "only 4 firm-events" in results.tests((0, 0)).loc["patell", "reason"]
    assert results.mean_correlation((0, 1)) == 0.0


def test_events_whose_windows_overlap():
    results = study(made_returns(4), events(200, 203)).fit()
    assert holds(results, (-5, 5))["portfolio"] is False
    assert results.test("portfolio", (-5, 5)).reason.startswith("windows of different events overlap")
    assert results.test("kolari_pynnonen", (-5, 5)).holds
    # On day 0 alone the two events share no day.
    assert results.test("portfolio", (0, 0)).holds


def test_ranks_and_dates_counted_from_two_events_that_overlap_do_not_hold():
    results = study(made_returns(12, seed=2), events(200, 201)).fit()
    table = results.tests((0, 2))
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
    results = study(returns, events(200, 202)).fit()
    both, alone = results.test("portfolio", (-2, 0)), results.test("portfolio", (-2, 2))
    assert (both.n_obs, both.holds) == (2, False)
    assert (alone.n_obs, alone.holds) == (1, True)
    assert alone.estimate == close(results.portfolio((-2, 2)).at["e0", "CAR"])


def test_corrado_zivney_keeps_the_correlation_where_no_firm_has_every_day():
    returns = made_returns(12, seed=5, correlation=0.6)
    whole = study(returns, events(200)).fit()
    holes = returns.copy()
    for i in range(12):
        holes.iloc[200 + [-3, -2, -1, 1, 2, 3][i % 6], i] = np.nan
    results = study(holes, events(200)).fit()
    window, columns = (-3, 3), slice(2, 9)
    assert results.car(window)["CAR"].isna().all()
    assert whole.mean_correlation(window) > 0.4
    fit = results.fit
    by_hand = corrado_zivney_test(
        fit.residuals, fit.abnormal, columns, fit.scale, fit.variance, whole.mean_correlation(window)
    )
    assert results.test("corrado_zivney", window).stat == close(by_hand.stat, rel=1e-9)


def test_firm_events_left_out_for_a_missing_day_are_told(holed):
    assert holed.test("patell", (0, 1)).reason.endswith("; 1 firm-event left out for a missing day")
    assert holed.tests((0, 1)).at["patell", "n"] == 3
    assert "missing" not in holed.test("patell", (0, 0)).reason


def test_one_firm_at_one_event():
    results = study(made_returns(1), events(200)).fit()
    table = results.tests((0, 1))
    assert table["stat"].notna().to_dict() == {name: name in APPLY_TO_ONE for name in NAMES}
    car = results.car((0, 1)).iloc[0]
    assert table.loc["portfolio", ["stat", "pvalue"]].tolist() == close(car[["tstat", "pvalue"]].tolist())
    assert table.loc["patell", "holds"]


def test_the_run_up_is_what_came_before_day_0(results):
    run_up, window = results.run_up(), (-5, -1)
    assert run_up.index.get_level_values("ticker").tolist()[-2:] == ["portfolio", "portfolio"]
    np.testing.assert_array_equal(run_up.iloc[:-2], results.car(window))
    np.testing.assert_array_equal(run_up.iloc[-2:], results.portfolio(window))
    short = study(made_returns(2), events(200), event_window=(-2, 1)).fit()
    np.testing.assert_array_equal(short.run_up().iloc[:-1], short.car((-2, -1)))
    long = study(made_returns(2), events(200), event_window=(-8, 1)).fit()
    np.testing.assert_array_equal(long.run_up().iloc[:-1], long.car((-5, -1)))
    with pytest.raises(
        WindowError, match=r"event_window \[0, \+1\] holds no session before day 0, so there is no run-up"
    ):
        study(made_returns(2), events(200), event_window=(0, 1)).fit().run_up()


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
