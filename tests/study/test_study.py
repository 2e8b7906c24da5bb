"""The estimator: what it takes, and placebo days."""

import numpy as np
import pandas as pd
import pytest

import potash
from potash.errors import InputError
from potash.study.inference.placebo import placebo_pvalue
from tests.study.made_up import DAYS, events, made_returns, study


def test_returns_kind_has_no_default_and_lists_what_it_takes():
    returns = made_returns(1)
    with pytest.raises(TypeError, match="returns_kind"):
        potash.EventStudy(returns, events(200), model=potash.MeanAdjusted())
    with pytest.raises(InputError, match=r"returns_kind='ln' is not known.*'simple', 'log'"):
        study(returns, events(200), returns_kind="ln")


def test_the_callers_frames_are_not_touched():
    returns, rows = made_returns(3), events(200, 240).assign(session=["2024-10-07", "2024-12-02"], exchange=None)
    returns.loc[DAYS[201], "A"] = np.nan
    before, rows_before = returns.copy(), rows.copy()
    event_study = study(returns, rows)
    event_study.fit().tests((0, 1))
    event_study.placebo((0, 1))
    pd.testing.assert_frame_equal(returns, before)
    pd.testing.assert_frame_equal(rows, rows_before)


def test_placebo_table():
    event_study = study(made_returns(3), events(200, 240))
    table, ordinary = event_study.placebo((0, 1)), event_study.placebo_cars((0, 1))
    assert table.index.tolist() == ["e0", "e1"]
    assert table.columns.tolist() == ["stat", "pvalue", "n_placebo", "lower", "upper"]
    for event_id, row in table.iterrows():
        own = ordinary[ordinary["event_id"] == event_id]
        assert row["stat"] == event_study.fit().portfolio((0, 1)).loc[event_id, "tstat"]
        assert row["pvalue"] == placebo_pvalue(row["stat"], own["tstat"].to_numpy())
        assert row["n_placebo"] == len(own)
        np.testing.assert_allclose(row[["lower", "upper"]].astype(float), np.quantile(own["CAR"], [0.025, 0.975]))


def test_few_placebo_days_give_no_pvalue():
    returns = made_returns(3).iloc[:160]
    table = study(returns, events(140)).placebo((0, 0))
    assert 0 < table.loc["e0", "n_placebo"] < 35
    short = study(returns.iloc[:146], events(140)).placebo((0, 0))
    assert 20 <= short.loc["e0", "n_placebo"] <= 26
    shorter = study(returns.iloc[20:146], events(120, index=DAYS[20:])).placebo((0, 0))
    assert shorter.loc["e0", ["pvalue", "lower", "upper"]].isna().all()


def test_no_security_is_called_portfolio():
    """In the paths and in detectable it would mix with the mean of the firms."""
    with pytest.raises(InputError, match="a security is called 'portfolio'"):
        study(made_returns(2).rename(columns={"A": "portfolio"}), events(200))


def test_controls_that_hardly_trade_are_warned_about():
    made = made_returns(4)
    controls = made[["C", "D"]].assign(D=made["D"].where(np.arange(300) % 3 == 0, 0.0))
    with pytest.warns(potash.PotashWarning, match="controls: D have zero returns on most days") as caught:
        potash.EventStudy(
            made[["A", "B"]], events(200), returns_kind="log", model=potash.MarketModel(made["M"]), controls=controls
        )
    assert caught[0].filename == __file__


def test_a_changed_study_keeps_its_settings():
    """Windows, kind, events left out and other events stay; those of securities without returns go, and so do controls."""
    returns = made_returns(3)
    rows = pd.DataFrame({"event_id": "o", "ticker": ["A", "C"], "session": [DAYS[150]] * 2})
    whole = study(
        returns, events(200), event_window=(-1, 2), estimation_window=(-60, -11), min_estimation=5,
        exclude_events=rows, other_events=rows, controls=made_returns(1, 9)[["A"]].rename(columns={"A": "X"}),
    )  # fmt: skip
    part = whole.changed(returns=returns[["A", "B"]])
    assert (part.windows.event, part.windows.estimation) == (whole.windows.event, whole.windows.estimation)
    assert part.skipped["ticker"].tolist() == part.other_events["ticker"].tolist() == ["A"]
    assert part.controls is None
    assert whole.changed(returns=returns[["B"]]).skipped is None
    assert whole.against_controls("e0").windows.min_estimation == 6
    pd.testing.assert_frame_equal(part.fit().car((0, 1)), whole.fit().car((0, 1)).loc[[("e0", "A"), ("e0", "B")]])
