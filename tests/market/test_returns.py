"""Returns: identities, what stays missing, and calendars that differ."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from potash.errors import CalendarError, PricesError
from potash.market.load import load_prices
from potash.market.returns import log_returns, simple_returns

positive = st.lists(st.floats(0.01, 1e5), min_size=2, max_size=30)


def frame(values, start="2025-01-06") -> pd.DataFrame:
    index = pd.bdate_range(start, periods=len(values), name="session")
    return pd.DataFrame({"A": values}, index=index).rename_axis(columns="ticker")


@given(positive, st.floats(1e-3, 1e3))
def test_scaling_prices_leaves_returns(values, factor):
    np.testing.assert_allclose(log_returns(frame(values) * factor), log_returns(frame(values)), atol=1e-9)


@given(positive)
def test_cumulated_returns_rebuild_the_prices(values):
    prices = frame(values)
    rebuilt = prices.iloc[0] * np.exp(log_returns(prices).fillna(0).cumsum())
    np.testing.assert_allclose(rebuilt, prices, rtol=1e-9)
    np.testing.assert_allclose(np.log1p(simple_returns(prices)), log_returns(prices), atol=1e-9)


def test_a_missing_price_takes_two_returns_and_none_is_filled():
    got = simple_returns(frame([10.0, 11.0, np.nan, 12.0, 15.0]))["A"]
    np.testing.assert_allclose(got, [np.nan, 0.1, np.nan, np.nan, 0.25])


def test_names_and_attrs_stay_and_the_input_is_not_touched():
    prices = frame([1, 2, 4])
    prices.attrs["snapshot"] = "carried-0"
    before = prices.copy()
    got = log_returns(prices)
    assert (got.index.name, got.columns.name, got.attrs) == ("session", "ticker", {"snapshot": "carried-0"})
    np.testing.assert_allclose(got["A"][1:], np.log(2))
    pd.testing.assert_frame_equal(prices, before)


def test_each_exchange_has_its_own_week():
    """Tel Aviv traded from Sunday 9 to Thursday 13 November 2025, New York from Monday to Friday."""
    days = pd.date_range("2025-11-09", "2025-11-14", name="session")
    prices = pd.DataFrame(
        {"ICL.TA": [1.0, 2.0, 4.0, 8.0, 16.0, np.nan], "NTR": [np.nan, 1.0, 3.0, 9.0, 27.0, 81.0]}, index=days
    )
    got = simple_returns(prices, {"ICL.TA": "XTAE", "NTR": "XNYS"})
    np.testing.assert_allclose(got["ICL.TA"], [np.nan, 1, 1, 1, 1, np.nan])
    np.testing.assert_allclose(got["NTR"], [np.nan, np.nan, 2, 2, 2, 2])


def test_with_exchanges_a_weekend_of_the_other_is_not_a_gap():
    days = pd.DatetimeIndex(["2025-11-13", "2025-11-14", "2025-11-16", "2025-11-17"], name="session")
    prices = pd.DataFrame({"ICL.TA": [1.0, np.nan, 2.0, 4.0], "NTR": [1.0, 2.0, np.nan, 4.0]}, index=days)
    rows = simple_returns(prices)
    assert rows.loc["2025-11-16", "ICL.TA"] != rows.loc["2025-11-16", "ICL.TA"]
    own = simple_returns(prices, {"ICL.TA": "XTAE", "NTR": "XNYS"})
    assert own.loc["2025-11-16", "ICL.TA"] == 1.0
    assert own.loc["2025-11-17", "NTR"] == 1.0


def test_with_exchanges_an_absent_row_is_a_missing_session():
    prices = frame([1.0, 2.0, 4.0]).drop(pd.Timestamp("2025-01-07"))
    assert simple_returns(prices)["A"].iloc[-1] == 3.0
    own = simple_returns(prices, {"A": "XNYS"})
    assert own.index.tolist() == list(pd.bdate_range("2025-01-06", "2025-01-08"))
    assert own["A"].isna().all()


def test_errors_name_what_is_wrong():
    with pytest.raises(PricesError, match=r"no exchange for A.*Named are: B"):
        log_returns(frame([1.0, 2.0]), {"B": "XNYS"})
    with pytest.raises(PricesError, match=r"no sessions of XNYS: 2025-01-09 \(Thu\)"):
        log_returns(frame([1.0, 2.0, 3.0, 4.0]), {"A": "XNYS"})
    with pytest.raises(CalendarError, match="XXXX"):
        log_returns(frame([1.0, 2.0]), {"A": "XXXX"})
    with pytest.raises(PricesError, match=r"A: -1.0 is not a positive price"):
        simple_returns(frame([1.0, -1.0]))


def test_prices_of_several_exchanges_have_returns_over_their_own_sessions(tmp_path):
    """New York is closed on the Sunday on which Tel Aviv trades: its Monday return counts from Friday."""
    (tmp_path / "NTR.csv").write_text("date,adj_close\n2025-11-14,50\n2025-11-17,55\n2025-11-18,44\n")
    (tmp_path / "ICL.TA.csv").write_text("date,adj_close\n2025-11-13,20\n2025-11-16,22\n2025-11-17,11\n2025-11-18,11\n")
    (tmp_path / "APOT.AM.csv").write_text("date,adj_close\n2025-11-13,5\n2025-11-16,10\n")
    prices = load_prices(tmp_path)
    returns = simple_returns(prices)
    assert returns["NTR"].dropna().round(12).to_dict() == {
        pd.Timestamp("2025-11-17"): 0.1,
        pd.Timestamp("2025-11-18"): -0.2,
    }
    assert returns["ICL.TA"].dropna().round(12).tolist() == [0.1, -0.5, 0.0]
    # Amman has no calendar: whether it traded on the days between, on which others did, is not known.
    assert returns["APOT.AM"].dropna().empty
    # A column alone keeps its exchange; the rows of the others do not break its returns.
    assert simple_returns(prices[["NTR"]])["NTR"].dropna().round(12).tolist() == [0.1, -0.2]


def test_rows_that_were_resampled_or_filtered_are_taken_as_they_are():
    prices = load_prices().loc["2025-01-02":"2025-06-30", ["NTR", "SPY"]]
    weekly = prices.resample("W-FRI").last()
    pd.testing.assert_frame_equal(simple_returns(weekly), weekly / weekly.shift(1) - 1)
    fridays = prices[prices.index.dayofweek == 4]
    pd.testing.assert_frame_equal(simple_returns(fridays), fridays / fridays.shift(1) - 1)


def test_one_column_more_or_one_row_less_does_not_change_the_others(tmp_path):
    prices = load_prices(snapshot="carried")[["NTR", "SPY"]].loc["2025-01-02":"2025-06-30"]
    whole = simple_returns(prices)
    more = prices.assign(mine=range(1, len(prices) + 1))
    pd.testing.assert_frame_equal(simple_returns(more)[["NTR", "SPY"]], whole, check_names=False)
    less = simple_returns(prices.drop(index=prices.index[50]))
    # The session is not in the frame: its return and the next are missing, and no other changes.
    after = prices.index[[50, 51]]
    assert less.loc[after].isna().all(axis=None)
    pd.testing.assert_frame_equal(less.drop(index=after), whole.drop(index=after), check_freq=False)


def test_no_return_is_taken_across_the_gap_between_two_vintages():
    prices = load_prices()
    held = prices.dropna(how="all")
    pd.testing.assert_frame_equal(simple_returns(held).dropna(how="all"), simple_returns(prices).dropna(how="all"))


def test_missing_prices_before_the_calendar_begins_are_not_stepped_over():
    days = pd.bdate_range("1998-02-02", periods=8, name="session")
    prices = pd.DataFrame({"NTR": [5.0, 5.1, None, None, 5.6, 5.7, 5.8, 5.9], "CF": 2.0}, index=days)
    prices.attrs["exchanges"] = {"NTR": "XNYS", "CF": "XNYS"}
    assert simple_returns(prices)["NTR"].isna().tolist() == [True, False, True, True, True, False, False, False]
    prices.attrs["exchanges"] = None
    assert simple_returns(prices)["NTR"].notna().sum() == 4
