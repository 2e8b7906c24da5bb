"""The same firms on ordinary days, against a study of each day alone."""

import numpy as np
import pandas as pd

import potash
from tests.study.exchanges import BOTH_OPEN, NEW_YORK, joined
from tests.study.made_up import DAYS, events, made_returns, study


def test_placebo_days_keep_clear_of_the_events_whatever_calendars_the_other_events_use():
    """Days are numbered over the calendars in play, so the numbers of one alignment must not be read by another."""
    rng = np.random.default_rng(0)
    returns = joined(NEW_YORK)
    returns = returns.mask(
        returns.notna(), pd.DataFrame(rng.normal(0, 0.02, returns.shape), returns.index, returns.columns)
    )
    us, israel = BOTH_OPEN[150], BOTH_OPEN[180]
    rows = pd.DataFrame(
        {"event_id": ["us", "il"], "ticker": ["NTR", "ICL.TA"], "session": [us, israel], "exchange": ["XNYS", "XTAE"]}
    )
    event_study = potash.EventStudy(
        returns, rows, returns_kind="log", model=potash.MeanAdjusted(),
        event_window=(-2, 2), estimation_window=(-110, -11), min_estimation=60,
    )  # fmt: skip
    ordinary = event_study.placebo_cars((0, 0))
    at = NEW_YORK.get_loc(us)
    crowded = set(NEW_YORK[at - 4 : at + 5]) & set(ordinary.loc[ordinary["event_id"] == "us", "session"])
    assert not crowded


def test_placebo_days_are_the_sessions_clear_of_every_event_with_all_firms():
    returns = made_returns(3)
    returns.loc[DAYS[290], "B"] = np.nan
    event_study = study(returns, events(200, 240))
    ordinary = event_study.placebo_cars((0, 1))
    assert ordinary.columns.tolist() == ["event_id", "session", "CAR", "std_error", "tstat", "pvalue"]
    # Four fifths of the window are there from session 106 on, and the event window must end at 299.
    near = {p for at in (200, 240) for p in range(at - 10, at + 11)}
    expected = [DAYS[p] for p in range(106, 295) if p not in near and p != 290]
    for _, days in ordinary.groupby("event_id"):
        assert days["session"].tolist() == expected


def test_placebo_cars_are_those_of_the_same_study_on_that_day():
    event_study = study(made_returns(3), events(200))
    ordinary = event_study.placebo_cars((0, 1)).set_index("session")
    day = ordinary.index[40]
    direct = study(made_returns(3), pd.DataFrame({"event_id": ["x"], "session": [day]})).fit().portfolio((0, 1)).iloc[0]
    np.testing.assert_allclose(
        ordinary.loc[day, ["CAR", "std_error", "tstat"]].astype(float), direct[["CAR", "std_error", "tstat"]]
    )
