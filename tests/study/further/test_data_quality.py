"""What kept firm-events lack: securities that hardly trade, and factors with holes."""

import numpy as np
import pandas as pd
import pytest

import potash
from potash.study.further.data_quality import zero_share
from tests.study.made_up import DAYS, events, made_returns, study


def test_share_of_zeros_is_of_the_returns_that_are_there():
    share = zero_share(np.array([[0.0, 0.0, 0.1, np.nan], [np.nan] * 4, [0.1, 0.2, 0.3, 0.0]]))
    assert share[0] == 2 / 3
    assert np.isnan(share[1])
    assert share[2] == 0.25


def hardly_trading(zeros: int) -> pd.DataFrame:
    """Return A with zero returns on the last days of the estimation window of session 200, which are 70 to 189."""
    returns = made_returns(2)
    returns.loc[DAYS[190 - zeros : 190], "A"] = 0.0
    return returns


def test_a_security_that_hardly_trades_is_warned_about_and_reported():
    event_study = study(hardly_trading(116), events(200))
    detail = "zero returns on 116 of 120 days of the estimation window"
    with pytest.warns(potash.PotashWarning, match=rf"^e0 \(A\): {detail}. See results.warnings.$") as caught:
        results = event_study.fit()
    assert caught[0].filename == __file__
    assert results.warnings.to_dict("records") == [
        {"event_id": "e0", "ticker": "A", "reason": "hardly trades", "detail": detail}
    ]
    assert results.summary().endswith(f"Dropped: none\nTake care:\n  e0 (A): hardly trades: {detail}")
    assert results.diagnostics().loc[("e0", "A"), "zero_returns"] == 116 / 120
    event_study.fit()  # says it once: a second warning is an error here


def test_half_of_the_days_is_not_most():
    assert study(hardly_trading(60), events(200)).fit().warnings.empty
    with pytest.warns(potash.PotashWarning, match="61 of 120"):
        study(hardly_trading(61), events(200)).fit()


def test_nothing_to_say_adds_nothing():
    results = study(made_returns(2), events(200)).fit()
    assert list(results.warnings.columns) == ["event_id", "ticker", "reason", "detail"]
    assert "Take care" not in results.summary()
    assert results.factor_holes().loc["M"].tolist() == [0, 0, 0, 0]


def with_holes(*positions: int) -> tuple[pd.DataFrame, potash.FactorModel]:
    returns = made_returns(2)
    oil = pd.Series(np.random.default_rng(3).normal(0, 0.02, 300), DAYS, name="OIL")
    oil.iloc[list(positions)] = np.nan
    return returns, potash.FactorModel(returns[["M"]].join(oil))


def test_holes_in_a_factor_are_counted_where_a_return_is_there():
    returns, model = with_holes(50, 100, 101, 102, 195, 204, 205, 206)
    returns.loc[DAYS[102], "A"] = np.nan
    results = study(returns, events(200), model=model).fit()
    holes = results.factor_holes()
    assert holes.loc["M"].tolist() == [0, 0, 0, 0]
    # Firms A and B: days 100, 101 and, of B, 102; days 195, 204 and 205 of the event window, which ends at 205.
    assert holes.loc["OIL"].to_dict() == {
        "estimation": 5, "estimation_share": 5 / 239, "event_days": 6, "event_share": 6 / 22,
    }  # fmt: skip
    assert (
        "  OIL: missing on 5 days of estimation windows (2.1%) and 6 of event windows (27.3%)"
        in results.summary((0, 0)).splitlines()
    )


def test_a_study_without_factors_has_no_holes():
    assert study(made_returns(2), events(200), model=potash.MeanAdjusted()).fit().factor_holes().empty


def test_a_firm_that_stands_twice_is_warned_about():
    returns = made_returns(3)
    returns["C"] = returns["A"]
    with pytest.warns(potash.PotashWarning, match=r"^e0 \(C\): has the same returns as A on every day. See"):
        results = study(returns, events(200)).fit()
    assert results.warnings["reason"].tolist() == ["counted twice"]
    rows = pd.DataFrame({"event_id": ["a", "b"], "ticker": ["A", "C"], "session": [DAYS[200]] * 2})
    assert study(returns, rows).fit().warnings.empty  # of two events
