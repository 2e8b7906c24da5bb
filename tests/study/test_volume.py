"""Abnormal volume: the transform by hand, and the same answer as an event study of the transformed turnover."""

import numpy as np
import pandas as pd
import pytest

import potash
from potash.errors import InputError, NoUsableEventsError, OptionError, WindowError
from potash.study.volume import abnormal_volume, log_turnover
from tests.study.made_up import DAYS, events, study

close = pytest.approx


def turnover(seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    market = rng.normal(0, 0.3, 300)
    firms = np.exp(-5 + market[:, None] + rng.normal(0, 0.4, (300, 2)))
    return pd.DataFrame(firms, index=DAYS, columns=["A", "B"]).assign(M=np.exp(-5 + market))


def test_log_turnover():
    frame = turnover()
    frame.iloc[0, 0], frame.iloc[1, 0] = 0.0, np.nan
    assert log_turnover(frame, "log1p").iloc[0, 0] == 0
    assert log_turnover(frame, "campbell_wasley").iloc[0, 0] == close(np.log(0.000255))
    assert log_turnover(frame, "campbell_wasley").iloc[5, 1] == close(np.log(100 * frame.iloc[5, 1] + 0.000255))
    assert np.isnan(log_turnover(frame, "log1p").iloc[1, 0])
    with pytest.raises(InputError, match="A has a negative value"):
        log_turnover(frame.assign(A=-0.1), "log1p")
    with pytest.raises(OptionError, match="transform='log'"):
        log_turnover(frame, "log")


@pytest.mark.parametrize("market", [True, False])
def test_abnormal_volume_is_the_event_study_of_log_turnover(market):
    frame = turnover()
    actual = abnormal_volume(
        frame[["A", "B"]], events(200), transform="log1p", market=frame["M"] if market else None,
        event_window=(-5, 5), estimation_window=(-130, -11),
    )  # fmt: skip
    logs = log_turnover(frame, "log1p")
    model = potash.MarketModel(logs["M"]) if market else potash.MeanAdjusted()
    told = study(logs, events(200), model=model, check_units=False).fit()
    np.testing.assert_allclose(actual.abnormal, told.abnormal_returns, atol=1e-13)
    np.testing.assert_allclose(actual.std_errors, told.std_errors)
    np.testing.assert_allclose(actual.pvalues, told.pvalues)
    np.testing.assert_allclose(actual.cumulated, told.car())
    assert actual.cumulated.columns.tolist() == ["CAV", "std_error", "tstat", "pvalue"]


def test_doubled_volume_is_log_two():
    frame = turnover()
    frame.loc[DAYS[200], "A"] *= 2
    plain, doubled = (
        abnormal_volume(
            f[["A", "B"]], events(200, 2), transform="campbell_wasley", market=f["M"],
            event_window=(0, 0), estimation_window=(-130, -11),
        )
        for f in (turnover(), frame)
    )  # fmt: skip
    effect = doubled.abnormal - plain.abnormal
    assert effect.loc[("e0", "A"), 0] == close(np.log(2), abs=1e-3)
    assert effect.loc[("e0", "B"), 0] == 0
    assert doubled.dropped["event_id"].tolist() == ["e1", "e1"]


SETUP = {"transform": "log1p", "market": None, "event_window": (-5, 5), "estimation_window": (-130, -11)}


@pytest.mark.parametrize("value", [0.0, 0.01])
@pytest.mark.parametrize("transform", ["log1p", "campbell_wasley"])
def test_turnover_that_does_not_vary_goes_into_the_ledger(value, transform):
    firms = turnover()[["A", "B"]].assign(A=value)
    actual = abnormal_volume(firms, events(200), **SETUP | {"transform": transform})
    assert actual.dropped[["ticker", "reason"]].to_numpy().tolist() == [["A", "no fit"]]
    for frame in (actual.abnormal, actual.std_errors, actual.tstats, actual.pvalues, actual.cumulated):
        assert frame.index.tolist() == [("e0", "B")]
        assert frame.notna().all(axis=None)


def test_no_firm_event_left_is_an_error_with_the_reasons():
    firms = turnover()[["A", "B"]]
    with pytest.raises(NoUsableEventsError, match="too few estimation returns"):
        abnormal_volume(firms, events(20), **SETUP)
    with pytest.raises(NoUsableEventsError, match="no fit"):
        abnormal_volume(firms, events(200), **SETUP | {"market": firms["A"] * 0 + 0.01})


@pytest.mark.parametrize("level", [1e-6, 1e-3, 0.9])
def test_any_level_of_turnover_can_be_studied(level):
    """The logarithm of percents lies far from zero for thin trading; that is no mistake of the caller."""
    firms = turnover()[["A", "B"]] / turnover().max(axis=None) * level
    actual = abnormal_volume(firms, events(200), **SETUP | {"transform": "campbell_wasley"})
    logs = np.log(100 * firms + 0.000255)
    told = logs.loc[DAYS[200], "A"] - logs["A"].iloc[70:190].mean()
    assert actual.abnormal.loc[("e0", "A"), 0] == close(told)


def test_tests_of_the_event_study_come_with_it():
    frame = turnover()
    actual = abnormal_volume(frame[["A", "B"]], events(200), **SETUP | {"market": frame["M"]})
    logs = log_turnover(frame, "log1p")
    told = study(logs, events(200), model=potash.MarketModel(logs["M"]), check_units=False).fit()
    pd.testing.assert_frame_equal(actual.tests((0, 1)), told.tests((0, 1)))
    pd.testing.assert_frame_equal(actual.tstats, told.tstats)
    pd.testing.assert_frame_equal(actual.results.portfolio((0, 1)), told.portfolio((0, 1)))


def test_input():
    frame = turnover()
    with pytest.raises(InputError, match="market is a DataFrame, not a Series of turnover"):
        abnormal_volume(frame[["A", "B"]], events(200), **SETUP | {"market": frame[["M"]]})
    with pytest.raises(InputError, match="turnover: a DataFrame"):
        abnormal_volume(frame["A"], events(200), **SETUP)
    with pytest.raises(WindowError, match="must end before event_window"):
        abnormal_volume(frame[["A", "B"]], events(200), **SETUP | {"estimation_window": (-130, -5)})
