"""Labels, intervals, paths and missing days of the estimates."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import potash
from potash.errors import OptionError
from tests.study.made_up import DAYS, events, made_returns, study

close = pytest.approx
KEYS = [(e, t) for e in ("e0", "e1") for t in "ABCD"]


def test_the_ledger_handed_out_is_a_copy():
    results = study(made_returns(2), events(200, 299)).fit()
    mine = results.dropped
    mine.loc[0, "reason"] = "changed"
    assert results.dropped.loc[0, "reason"] == "event window not covered"


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
    actual = results.detectable((0, 1))
    assert actual.index.tolist() == [*KEYS, ("e0", "portfolio"), ("e1", "portfolio")]
    expected = (stats.t.ppf(0.975, 118) + stats.t.ppf(0.8, 118)) * actual["std_error"]
    np.testing.assert_allclose(actual["detectable"], expected)
    assert (results.detectable((0, 1), power=0.9)["detectable"] > actual["detectable"]).all()
    assert actual.loc[("e0", "portfolio"), "std_error"] == results.portfolio((0, 1)).loc["e0", "std_error"]


@pytest.mark.parametrize("options", [{"power": 80}, {"size": 5}, {"power": 0.01}])
def test_detectable_takes_shares(results, options):
    with pytest.raises(OptionError, match="0 < size < power < 1"):
        results.detectable((0, 1), **options)


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
    results = study(made_returns(4, seed=5), events(180, 220).assign(event_id=[2021, 2022])).fit()
    for view in (results.for_event, results.plot_car):
        with pytest.raises(OptionError, match=r"event_id='2021' \(str\) is not known; the events hold 2021 \(int\)"):
            view("2021")
        with pytest.raises(OptionError, match=r"event_id='2023' is not known.*Choose one of: 2021, 2022"):
            view("2023")
    alone = results.for_event(results.event_ids[1])
    assert len(alone.car()) == 4
    assert alone.plot_car() is not None


def test_results_cannot_be_changed(results):
    with pytest.raises(AttributeError):
        results.returns_kind = "simple"


def test_a_car_with_a_missing_day_is_missing(holed):
    key = ("e0", "A")
    assert np.isnan(holed.car((0, 1)).loc[key]).all()
    assert np.isnan(holed.car((1, 2)).loc[key]).all()
    assert np.isfinite(holed.car((-1, 0)).loc[key]).all()
    assert np.isfinite(holed.car((2, 2)).loc[key]).all()
    assert np.isfinite(holed.car((0, 1)).loc[("e0", "B")]).all()
    assert np.isnan(holed.conf_int((0, 1)).loc[key]).all()
    assert np.isnan(holed.portfolio((0, 1)).loc["e0"]).all()


def test_means_over_firms_say_how_many_entered(holed):
    table = holed.aar()
    assert table["n"].loc[0:3].tolist() == [4, 3, 4, 0]
    assert table.loc[1, "AAR"] == close(holed.abnormal_returns[1].iloc[1:].mean())


def test_a_mean_path_ends_where_a_day_is_missing_for_all(holed):
    """Day +3 has no return of any firm, so a sum over it would be a shorter sum."""
    path = holed.aar()["CAAR"]
    assert path.loc[:2].notna().all()
    assert path.loc[3:].isna().all()
