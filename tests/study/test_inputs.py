"""Frames that are handed to a study: what is taken, and what is refused with which words."""

import numpy as np
import pandas as pd
import pytest

import potash
from potash.errors import EventsError, InputError
from tests.study.made_up import DAYS, events, made_returns, study


def test_text_dates_are_dates():
    same = study(made_returns(1), events(200).assign(session=f"{DAYS[200]:%Y-%m-%d}")).fit()
    pd.testing.assert_frame_equal(same.car(), study(made_returns(1), events(200)).fit().car())


def refused(rows: object, message: str, returns: pd.DataFrame | None = None) -> None:
    with pytest.raises(EventsError, match=message):
        study(made_returns(2) if returns is None else returns, rows).fit()


def test_events_that_are_refused():
    refused(["2024-10-10"], "events is a list; a DataFrame with event_id and session is needed")
    refused(events(200).drop(columns="session"), "no column session; found event_id")
    refused(events(200).drop(columns="event_id"), "no column event_id")
    refused(events(200).iloc[:0], "there is no row")
    refused(events(200).assign(event_id=None), "a row has no event_id")
    refused(events(200, 200).assign(event_id="e"), r"stand more than once: e \(A\), e \(B\)")
    refused(events(200).assign(ticker="NTR"), "no returns for 'NTR'.*Returns are there for: A, B")
    refused(events(200).assign(ticker="Aa"), "no returns for 'Aa'")


def test_an_unknown_ticker_gets_a_hint():
    returns = made_returns(2).rename(columns={"A": "ICL.TA"})
    refused(events(200).assign(ticker="ICL"), r"'ICL' \(did you mean 'ICL.TA'\?\)", returns)


def test_a_missing_ticker_is_refused():
    rows = pd.DataFrame({"event_id": ["a", "b"], "ticker": [np.nan, "NTR"], "session": DAYS[[200, 200]]})
    refused(rows, "a row has no ticker")


@pytest.mark.parametrize(
    "moment", [pd.Timestamp("2024-10-10 09:30"), pd.Timestamp("2024-10-10", tz="UTC"), "2024-10-10 09:30"]
)
def test_times_and_zones_are_refused(moment):
    refused(events(200).assign(session=moment), "dates without time and zone. Timeline.align finds them")


def test_text_that_is_no_date_is_refused():
    refused(events(200).assign(session="next week"), "a session is not a date.*Write YYYY-MM-DD")


def test_a_date_that_could_be_two_is_refused():
    """10/11/2024 is the tenth of November in Minsk and the eleventh of October in New York."""
    refused(events(200).assign(session="10/11/2024"), "YYYY-MM-DD")


def test_exchanges_may_be_categories_with_gaps():
    rows = events(200, 240).assign(
        exchange=pd.Categorical(["XNYS", None]), session=pd.to_datetime(["2024-10-10", "2024-12-02"])
    )
    assert len(study(made_returns(1), rows).fit().car()) == 2


def test_whole_numbers_may_be_tickers_and_event_ids():
    returns = made_returns(2).rename(columns={"A": 7203})
    rows = pd.DataFrame({"event_id": [1], "ticker": [7203], "session": [DAYS[200]]})
    results = study(returns, rows).fit()
    assert results.car((0, 0)).shape == (1, 4)


def with_value(frame: pd.DataFrame, value: object) -> pd.DataFrame:
    changed = frame.copy()
    changed.iloc[1, 0] = value
    return changed


def test_returns_that_are_refused():
    good = made_returns(2)
    bad = {
        "returns: the index must hold dates without a zone": good.tz_localize("UTC"),
        "returns: the index must hold dates": good.reset_index(drop=True),
        "returns: sessions that stand more than once: 2024-01-01": pd.concat([good.iloc[:1], good]),
        "returns: sessions are not in order": good.iloc[::-1],
        "returns: A on 2024-01-02 is infinite; was a price zero": with_value(good, np.inf),
        "returns: a value is not a number": with_value(good.astype(object), "n/a"),
    }
    for message, frame in bad.items():
        with pytest.raises(InputError, match=message):
            potash.EventStudy(frame[["A", "B"]], events(200), returns_kind="log", model=potash.MeanAdjusted()).fit()
    twice = pd.concat([good[["A"]], good[["A"]]], axis=1)
    with pytest.raises(InputError, match="columns that stand more than once: A"):
        potash.EventStudy(twice, events(200), returns_kind="log", model=potash.MeanAdjusted()).fit()
    with pytest.raises(InputError, match="returns: a Series came in"):
        potash.EventStudy(good["A"], events(200), returns_kind="log", model=potash.MeanAdjusted())
    with pytest.raises(InputError, match="at least one row"):
        potash.EventStudy(good.iloc[:0], events(200), returns_kind="log", model=potash.MeanAdjusted()).fit()


def test_sessions_with_a_time_of_day_are_refused():
    """At 16:00 no session equals a date, and every event would go into the ledger with a puzzling reason."""
    returns = made_returns(2)
    with pytest.raises(InputError, match=r"returns: .*without"):
        study(returns.set_axis(DAYS + pd.Timedelta(hours=16)), events(200), model=potash.MeanAdjusted()).fit()


@pytest.mark.parametrize("kind", ["log", "simple"])
def test_prices_and_percent_are_not_returns(kind):
    returns = made_returns(2)
    prices = 50 * np.exp(returns.cumsum())
    for frame in (prices, returns * 100):
        with pytest.raises(InputError, match=r"Are they .*prices"):
            study(frame, events(200), returns_kind=kind)


def test_a_market_of_prices_or_percent_is_refused_too():
    """The regression runs, and its beta and abnormal returns mean nothing."""
    returns = made_returns(2)
    for market in (400 * np.exp(returns["M"].cumsum()), returns["M"] * 300):
        with pytest.raises(InputError, match="prices or percent"):
            study(returns, events(200), model=potash.MarketModel(market)).fit()


def test_simple_returns_below_minus_one_hundred_percent():
    returns = made_returns(2)
    returns.loc[DAYS[5], "A"] = -1.2
    with pytest.raises(InputError, match="returns: A fall below -100 %"):
        study(returns, events(200), returns_kind="simple")
    assert len(study(returns, events(200), returns_kind="log").fit().car()) == 2


def test_a_market_with_a_zone_is_refused():
    returns = made_returns(2)
    with pytest.raises(InputError, match="the model's factors: the index must hold dates without a zone"):
        study(returns, events(200), model=potash.MarketModel(returns["M"].tz_localize("UTC"))).fit()
