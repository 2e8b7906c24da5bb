"""How old each stored series is: by the calendar of its exchange, or by days where there is none."""

import datetime as dt

import pandas as pd
import pytest

from potash.market.series import PriceSeries, SeriesKey
from potash.market.status import COLUMNS, status
from potash.market.store.store import PriceStore
from potash.universe import Universe
from tests.market.store.made_up import at

UNIVERSE = Universe(
    pd.DataFrame(
        {"exchange": ["XNYS", "XTSE", "XAMM"], "currency": ["USD", "CAD", "JOD"]}, index=["NTR", "NTR.TO", "APOT.AM"]
    )
)
MONTHLY = {"frequency": "monthly", "currency": "USD"}


def utc(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


@pytest.fixture
def store(tmp_path):
    with PriceStore(tmp_path / "prices.sqlite", create=True) as opened:
        yield opened


def put(store, symbol, *days, provider="yahoo", facts=None, known="2025-11-01T12:00", field="close", span=None):
    index = pd.DatetimeIndex(days, name="session")
    values = pd.DataFrame({field: [50.0 + i for i in range(len(days))]}, index=index)
    first, last = span or (index[0], index[-1])
    key, moment = SeriesKey(provider, symbol), utc(known)
    one = PriceSeries(
        key,
        values,
        facts or {"frequency": "daily"},
        source="made up",
        first=pd.Timestamp(first),
        last=pd.Timestamp(last),
    )
    store.put(one, at(moment), asked_at=moment)


def row(store, now, symbol="NTR"):
    frame = status(store, UNIVERSE, utc(now)).set_index("series")
    return frame.loc[next(name for name in frame.index if name.endswith(f":{symbol}"))]


def test_a_series_up_to_its_last_session_is_current(store):
    put(store, "NTR", "2025-11-20", "2025-11-21", known="2025-11-21T22:00")
    got = row(store, "2025-11-21T22:30")
    assert (got["state"], got["behind"], got["age_days"], got["sessions"]) == ("current", 0, 0, 2)
    assert (got["first"], got["last"]) == (pd.Timestamp("2025-11-20"), pd.Timestamp("2025-11-21"))
    assert (got["expected"], got["next"]) == (pd.Timestamp("2025-11-21"), pd.Timestamp("2025-11-24"))
    assert (got["source"], got["exchange"]) == ("made up", "XNYS")
    assert got["known_from"] == pd.Timestamp("2025-11-21T22:00Z")


def test_a_weekend_and_a_holiday_make_nothing_old(store):
    put(store, "NTR", "2026-01-15", "2026-01-16")
    for now in ("2026-01-17T12:00", "2026-01-18T23:00", "2026-01-19T23:00", "2026-01-20T20:59"):
        got = row(store, now)
        assert (got["state"], got["expected"]) == ("current", pd.Timestamp("2026-01-16")), now
        assert got["next"] == pd.Timestamp("2026-01-20"), now
    got = row(store, "2026-01-20T21:00")
    assert (got["state"], got["behind"], got["next"]) == ("behind", 1, pd.Timestamp("2026-01-21"))


def test_a_half_day_is_over_at_one_in_new_york(store):
    put(store, "NTR", "2025-11-25", "2025-11-26")
    assert row(store, "2025-11-28T17:59")["state"] == "current"
    got = row(store, "2025-11-28T18:00")
    assert (got["state"], got["behind"], got["expected"]) == ("behind", 1, pd.Timestamp("2025-11-28"))


def test_sessions_behind_are_those_of_its_own_exchange(store):
    # Thanksgiving is a session in Toronto.
    for ticker in ("NTR", "NTR.TO"):
        put(store, ticker, "2025-11-25", "2025-11-26")
    assert row(store, "2025-12-01T23:00")["behind"] == 2
    assert row(store, "2025-12-01T23:00", "NTR.TO")["behind"] == 3


def test_without_a_calendar_a_daily_series_may_miss_a_week(store):
    put(store, "APOT.AM", "2025-11-19", "2025-11-20")
    put(store, "CADUSD=X", "2025-11-19", "2025-11-20")
    for symbol, exchange in (("APOT.AM", "XAMM"), ("CADUSD=X", "")):
        got = row(store, "2025-11-27T00:00", symbol)
        assert (got["state"], got["age_days"], got["exchange"]) == ("current", 7, exchange)
        assert pd.isna(got["behind"])
        assert pd.isna(got["expected"])
        assert pd.isna(got["next"])
        assert row(store, "2025-11-28T00:00", symbol)["state"] == "old"


@pytest.mark.parametrize(("facts", "provider", "grace"), [
    (MONTHLY, "pink_sheet", 75), ({"frequency": "daily"}, "french", 150),
])  # fmt: skip
def test_monthly_prices_and_factors_come_late(store, facts, provider, grace):
    put(store, "one", "2025-06-01", "2025-07-01", provider=provider, facts=facts, field="value")
    last = utc("2025-07-01") + dt.timedelta(days=grace)
    assert row(store, f"{last:%Y-%m-%d}", "one")["state"] == "current"
    assert row(store, f"{last + dt.timedelta(days=1):%Y-%m-%d}", "one")["state"] == "old"


def test_withdrawn_sessions_do_not_count(store):
    days = ["2025-11-18", "2025-11-19", "2025-11-20", "2025-11-21"]
    put(store, "NTR", *days)
    assert row(store, "2025-11-22T12:00")["state"] == "current"
    put(store, "NTR", *days[:2], span=(days[0], days[3]), known="2025-11-22T12:00")
    got = row(store, "2025-11-22T12:00")
    assert (got["state"], got["behind"], got["sessions"]) == ("behind", 2, 2)
    assert (got["last"], got["age_days"]) == (pd.Timestamp("2025-11-19"), 3)
    assert got["known_from"] == pd.Timestamp("2025-11-22T12:00Z")


def test_one_provider_only_and_an_empty_store(store):
    assert status(store, UNIVERSE, utc("2025-11-24")).empty
    assert list(status(store, UNIVERSE, utc("2025-11-24")).columns) == COLUMNS
    put(store, "NTR", "2025-11-20", provider="files")
    put(store, "NTR", "2025-11-20")
    assert status(store, UNIVERSE, utc("2025-11-24"), "files")["series"].tolist() == ["files:NTR"]
    assert status(store, UNIVERSE, utc("2025-11-24"))["series"].tolist() == ["files:NTR", "yahoo:NTR"]
    assert status(store, UNIVERSE, utc("2025-11-24"), "french").empty


def test_what_the_project_carries_does_not_grow_old(store):
    put(store, "daily_2020_2022.csv:NTR", "2022-04-28", "2022-04-29", provider="carried")
    row = status(store, UNIVERSE, utc("2025-11-01T12:00")).iloc[0]
    assert row["state"] == "current"


def test_a_dividend_alone_does_not_reach_a_session(store):
    index = pd.DatetimeIndex(["2025-10-30", "2025-10-31"], name="session")
    values = pd.DataFrame({"close": [50.0, float("nan")], "dividend": [float("nan"), 0.5]}, index=index)
    moment = utc("2025-11-01T12:00")
    one = PriceSeries(SeriesKey("yahoo", "NTR"), values, {"frequency": "daily"}, source="made up")
    store.put(one, at(moment), asked_at=moment)
    row = status(store, UNIVERSE, moment).iloc[0]
    assert (row["last"], row["behind"], row["state"]) == (pd.Timestamp("2025-10-30"), 1, "behind")
