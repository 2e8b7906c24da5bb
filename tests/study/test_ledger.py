"""What cannot be studied: the reasons in the ledger, with the numbers behind them."""

import numpy as np
import pandas as pd
import pytest

import potash
from potash.errors import NoUsableEventsError
from potash.study.engine.panel import Panel, Sessions
from potash.study.engine.windows import Windows
from potash.study.ledger import A_SESSION, COVERAGE, DAY_ZERO, ESTIMATION, NOTHING, shortcomings
from tests.study.made_up import DAYS, events, made_returns, study


def one_bad(returns: pd.DataFrame, row: dict, **options):
    """Return the ledger's only row for an event that cannot be studied, beside one that can."""
    good = {"event_id": "good", "ticker": "B", "session": DAYS[200]}
    results = study(returns, pd.DataFrame([good, {"event_id": "bad", "ticker": "A", **row}]), **options).fit()
    assert results.event_ids == ["good"]
    assert len(results.dropped) == 1
    entry = results.dropped.iloc[0]
    assert (entry["event_id"], entry["ticker"]) == ("bad", "A")
    return entry


def test_ledger_columns_and_nothing_dropped():
    results = study(made_returns(), events(200)).fit()
    assert list(results.dropped.columns) == ["event_id", "ticker", "session", "reason", "detail"]
    assert results.dropped.empty


def test_no_session():
    entry = one_bad(made_returns(), {"session": pd.NaT})
    assert (entry["reason"], entry["detail"]) == ("no session", "the event has no session")
    assert pd.isna(entry["session"])


def test_no_session_for_a_stated_reason():
    entry = one_bad(made_returns(), {"session": pd.NaT, "reason": "no calendar for XMOS after 2025"})
    assert (entry["reason"], entry["detail"]) == ("no session", "no calendar for XMOS after 2025")


def test_not_a_session():
    entry = one_bad(made_returns(), {"session": pd.Timestamp("2024-10-12")})
    assert entry["reason"] == "not a session"
    assert entry["detail"] == "2024-10-12 is no session of the returns; the nearest are 2024-10-11 and 2024-10-14"
    assert entry["session"] == pd.Timestamp("2024-10-12")


@pytest.mark.parametrize("day", ["2023-12-29", "2025-02-24"])
def test_outside_the_prices(day):
    entry = one_bad(made_returns(), {"session": pd.Timestamp(day)})
    assert (entry["reason"], entry["detail"]) == ("outside the prices", "returns run from 2024-01-01 to 2025-02-21")


def test_event_window_not_covered_after_the_last_session():
    entry = one_bad(made_returns(), {"session": DAYS[297]})
    assert entry["reason"] == "event window not covered"
    assert entry["detail"] == "event_window [-5, +5] reaches 3 sessions past the last session, 2025-02-21"


def test_event_window_not_covered_before_the_first_session():
    entry = one_bad(made_returns(), {"session": DAYS[3]})
    assert entry["detail"] == "event_window [-5, +5] reaches 2 sessions before the first session, 2024-01-01"


def test_the_last_window_that_fits_is_kept():
    assert study(made_returns(2), events(294)).fit().dropped.empty


def test_too_few_estimation_returns_by_missing_values():
    returns = made_returns()
    returns.loc[DAYS[70] : DAYS[94], "A"] = np.nan
    entry = one_bad(returns, {"session": DAYS[200]})
    assert entry["reason"] == "too few estimation returns"
    assert (
        entry["detail"] == f"estimation_window [-130, -11] needs 96 returns, 95 available, from {DAYS[95]:%Y-%m-%d} on"
    )


def test_too_few_estimation_returns_by_a_late_start():
    entry = one_bad(made_returns(), {"session": DAYS[100]})
    assert entry["detail"] == "estimation_window [-130, -11] needs 96 returns, 90 available, from 2024-01-01 on"


def test_too_few_estimation_returns_by_missing_factors():
    returns = made_returns()
    market = returns["M"].copy()
    market.iloc[:25] = np.nan
    entry = one_bad(returns, {"session": DAYS[130]}, model=potash.MarketModel(market))
    assert entry["detail"].startswith("estimation_window [-130, -11] needs 96 returns, 95 available")


def test_no_estimation_return_at_all():
    returns = made_returns()
    returns.loc[: DAYS[195], "A"] = np.nan
    assert one_bad(returns, {"session": DAYS[200]})["detail"].endswith("needs 96 returns, 0 available")


def test_missing_day_0():
    returns = made_returns()
    returns.loc[DAYS[200], "A"] = np.nan
    entry = one_bad(returns, {"session": DAYS[200]})
    assert (entry["reason"], entry["detail"]) == ("missing day 0", f"no return of A on {DAYS[200]:%a %Y-%m-%d}")


def test_missing_day_0_of_the_factor():
    returns = made_returns()
    market = returns["M"].copy()
    market.loc[DAYS[210]] = np.nan
    entry = one_bad(returns, {"session": DAYS[210]}, model=potash.MarketModel(market))
    assert (entry["reason"], entry["detail"]) == (
        "missing day 0",
        f"the model needs M, which has no return on {DAYS[210]:%a %Y-%m-%d}",
    )


def test_another_missing_day_keeps_the_event():
    returns = made_returns()
    returns.loc[DAYS[201], "A"] = np.nan
    results = study(returns, events(200)).fit()
    assert results.dropped.empty
    assert np.isnan(results.abnormal_returns.loc[("e0", "A"), 1])


def test_no_variation():
    returns = made_returns()
    returns["A"] = 0.0
    entry = one_bad(returns, {"session": DAYS[200]})
    assert entry["reason"] == "no fit"
    assert entry["detail"].startswith("the return or a factor does not vary in the estimation window")


def test_every_firm_event_is_kept_or_in_the_ledger():
    returns = made_returns(5)
    returns["B"], returns.loc[DAYS[200], "C"], returns.loc[DAYS[80] : DAYS[150], "D"] = 0.0, np.nan, np.nan
    results = study(returns, events(200, 299, 240)).fit()
    assert len(results.dropped) + len(results.abnormal_returns) == 15
    assert not set(results.abnormal_returns.index) & set(
        zip(results.dropped["event_id"], results.dropped["ticker"], strict=True)
    )
    reasons = results.dropped.groupby(["event_id", "ticker"])["reason"].first()
    assert reasons["e0", "B"] == "no fit"
    assert reasons["e0", "C"] == "missing day 0"
    assert reasons["e0", "D"] == "too few estimation returns"
    assert (reasons["e1"] == "event window not covered").all()


def test_nothing_usable_says_why():
    with pytest.raises(NoUsableEventsError) as error:
        study(made_returns(2), events(299)).fit()
    assert str(error.value) == (
        "none of the 2 firm-events can be studied: e0 (A): event window not covered: event_window [-5, +5] reaches 5 sessions "
        "past the last session, 2025-02-21, e0 (B): event window not covered: event_window [-5, +5] reaches 5 sessions past "
        "the last session, 2025-02-21. Load prices that cover the events and the estimation windows before them, or shorten "
        "the windows."
    )
    assert isinstance(error.value, ValueError)


def test_a_long_list_of_reasons_is_cut():
    with pytest.raises(NoUsableEventsError, match=r"none of the 10 firm-events.* and 6 more\. Load prices"):
        study(made_returns(10), events(299)).fit()


def test_reasons_that_another_window_would_mend_come_first():
    far = pd.DataFrame({"event_id": ["e0", "e1"], "session": [pd.Timestamp("1999-01-04"), DAYS[299]]})
    with pytest.raises(
        NoUsableEventsError, match=r"be studied: e1 \(A\): event window not covered.*, e0 \(A\): outside the pr"
    ):
        study(made_returns(1), far).fit()


def test_a_market_of_other_dates_sends_every_event_to_the_ledger():
    returns = made_returns(2)
    elsewhere = returns["M"].set_axis(DAYS + pd.Timedelta(days=3654))
    with pytest.raises(NoUsableEventsError, match="the model needs M, which has no return on Mon 2024-10-07"):
        study(returns, events(200), model=potash.MarketModel(elsewhere)).fit()


def test_a_market_of_nothing_but_gaps():
    returns = made_returns(2)
    with pytest.raises(NoUsableEventsError, match="the model needs M, which has no return on"):
        study(returns, events(200), model=potash.MarketModel(returns["M"] * np.nan)).fit()


# -- the rules, on arrays --------------------------------------------------------------------------------------------

WINDOWS = Windows.of((-1, 2), (-10, -3), 6, 1)


def lacking(at: int, y=(), x=(), estimation=(), length: int = 30) -> int:
    """Return what one firm-event with day 0 at ``at`` lacks, where returns and factors miss on some sessions."""
    returns, factors, seen = np.zeros((1, 30)), np.zeros((1, 30, 1)), np.zeros((1, 30))
    for values, missing in ((returns, y), (seen, [*y, *estimation])):
        values[0, list(missing)] = np.nan
    factors[0, list(x)] = np.nan
    panel = Panel(returns, factors, np.zeros(1, dtype=np.int64), seen)
    sessions = Sessions(np.arange(30)[None], np.array([length]), np.zeros(1, dtype=np.int64))
    return int(shortcomings(panel, sessions, np.array([0]), np.array([at]), WINDOWS)[0])


def test_what_lies_at_the_edges_can_be_studied():
    assert lacking(10) == NOTHING
    assert lacking(27) == NOTHING
    assert lacking(28) == COVERAGE
    assert lacking(22, length=25) == NOTHING
    assert lacking(23, length=25) == COVERAGE
    assert lacking(1) == ESTIMATION
    assert lacking(0) == COVERAGE
    assert lacking(-1) == A_SESSION


def test_returns_and_factors_of_day_0_and_of_the_estimation_window_count():
    # Sessions 10 to 17 are the estimation window of day 20: eight, of which six are needed.
    assert lacking(20, y=[10, 17]) == NOTHING
    assert lacking(20, y=[10, 17, 12]) == ESTIMATION
    assert lacking(20, x=[10, 17, 12]) == ESTIMATION
    assert lacking(20, y=[10, 11], x=[12]) == ESTIMATION
    assert lacking(20, y=[9, 18, 10, 17]) == NOTHING
    assert lacking(20, estimation=[10, 11, 12]) == ESTIMATION
    assert lacking(20, estimation=[20]) == NOTHING
    assert lacking(20, y=[20]) == DAY_ZERO
    assert lacking(20, x=[20]) == DAY_ZERO
    assert lacking(20, y=[19, 21, 22], x=[19, 21, 22]) == NOTHING


def test_a_firm_event_has_the_first_reason_that_applies():
    assert lacking(20, y=[20, *range(10, 18)]) == DAY_ZERO
    assert lacking(28, y=[28]) == COVERAGE
    assert lacking(-1, y=range(30)) == A_SESSION
