"""Prices handed out from the store and from frozen snapshots: as of a date, as adjusted, what is left out and told."""

from __future__ import annotations

import dataclasses
import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from potash.calendars import calendar_range, sessions_between
from potash.errors import InputError, NothingStoredError, OptionError, PricesError, SnapshotError, UniverseError
from potash.market.assemble import LEFT_OUT_COLUMNS
from potash.market.load import load_prices, load_snapshot
from potash.market.pulling import last_closed_session
from potash.market.quality.checking import check_snapshot
from potash.market.returns import simple_returns
from potash.market.series import SeriesKey
from potash.market.snapshots.freezing import freeze
from potash.market.store.store import PriceStore
from potash.study.expected_returns.ordinary import MarketModel
from potash.study.study import EventStudy
from potash.universe import Universe
from tests.market.store.made_up import CLOSES, DAYS, NOON, answer, at

DAY = dt.timedelta(days=1)
SEVERAL = "adj_close: splits+dividends; close: splits"
FACTS = {"frequency": "daily", "currency": "USD", "adjustment": SEVERAL}
UNIVERSE = Universe(
    pd.DataFrame(
        {"exchange": ["XNYS", "XNYS", "XTAE", "XAMM"], "currency": ["USD", "USD", "ILS", "JOD"]},
        index=["MOS", "NTR", "ICL.TA", "APOT.AM"],
    )
)


@pytest.fixture
def store(tmp_path):
    with PriceStore(tmp_path / "prices.sqlite", create=True) as opened:
        yield opened


def put(store, ticker, closes=CLOSES, moment=NOON, *, days=DAYS, facts=FACTS, provider="yahoo", **fields):
    one = answer(closes, days, key=SeriesKey(provider, ticker), facts=facts, source=f"{provider} 1", **fields)
    store.put(one, at(moment), asked_at=moment, accept_loss=True)


def loaded(store, **options):
    return load_snapshot(store=store, universe=UNIVERSE, **options)


def dividends(closes, paid):
    """Return closes adjusted for the dividends of a day by its place, each off all closes before it."""
    adjusted = list(closes)
    for place, amount in paid.items():
        factor = 1 - amount / closes[place - 1]
        adjusted = [price * factor if i < place else price for i, price in enumerate(adjusted)]
    return adjusted


# As of a date


def test_a_report_of_january_has_the_same_numbers_for_good(store):
    """Dividends go ex after the day, and rescale every adjusted close before; what was known on the day does not move."""
    days = pd.date_range("2026-01-05", periods=30, freq="B", name="session").drop("2026-01-19")
    rng = np.random.default_rng(5)
    closes = {ticker: (50 * np.exp(rng.normal(0, 0.02, 29).cumsum())).tolist() for ticker in ("NTR", "MOS")}
    paid = {"NTR": {4: 0.5, 12: 0.55, 20: 0.55}, "MOS": {15: 0.22}}
    views, seen = {}, {}
    for known in range(3, 30):  # a pull on each evening
        moment = days[known - 1].tz_localize("UTC").to_pydatetime() + dt.timedelta(hours=22)
        for ticker, all_closes in closes.items():
            gone_ex = {place: amount for place, amount in paid[ticker].items() if place < known}
            adjusted = dividends(all_closes[:known], gone_ex)
            amounts = [gone_ex.get(place, np.nan) for place in range(known)]
            put(store, ticker, all_closes[:known], moment, days=days, adj_close=adjusted, dividend=amounts)
            views[known, ticker] = adjusted
        # A report of that day, made that evening without saying as of when.
        seen[days[known - 1]] = load_prices(store=store, universe=UNIVERSE)
    on = pd.Timestamp("2026-01-15")
    first, again = seen[on], load_prices(store=store, universe=UNIVERSE, as_of="2026-01-15")
    pd.testing.assert_frame_equal(again, first)
    assert again.attrs == first.attrs
    known = days.get_loc(on) + 1
    for ticker in closes:
        assert again[ticker].tolist() == pytest.approx(views[known, ticker], rel=1e-15)
    # And so for every other day; the latest view differs from that of January.
    for day, prices in seen.items():
        pd.testing.assert_frame_equal(load_prices(store=store, universe=UNIVERSE, as_of=f"{day:%Y-%m-%d}"), prices)
    latest = load_prices(store=store, universe=UNIVERSE)
    assert latest.attrs != again.attrs
    assert latest.loc[on, "NTR"] == pytest.approx(
        again.loc[on, "NTR"] * (1 - 0.55 / closes["NTR"][11]) * (1 - 0.55 / closes["NTR"][19]), rel=1e-12
    )
    with pytest.raises(NothingStoredError, match="first pull was at 2026-01-07"):
        load_prices(store=store, universe=UNIVERSE, as_of="2026-01-06")


VALUES = st.lists(st.one_of(st.none(), st.integers(10, 60)), min_size=6, max_size=6).filter(any)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(["NTR", "MOS"]), st.sampled_from(["adj_close", "close"]), VALUES),
                min_size=1, max_size=6))  # fmt: skip
def test_every_moment_is_handed_out_as_a_plain_replay(tmp_path_factory, answers):
    days, moments, replay = DAYS[:6], [], {}
    with PriceStore(tmp_path_factory.mktemp("replay") / "prices.sqlite", create=True) as store:
        for number, (ticker, field, values) in enumerate(answers):
            moment = NOON + number * DAY
            floats = [np.nan if v is None else float(v) for v in values]
            one = answer(floats, days, key=SeriesKey("yahoo", ticker), facts=FACTS, span=("2026-01-05", "2026-01-12"))
            if field == "adj_close":
                frame = one.values.rename(columns={"close": "adj_close"})
                one = dataclasses.replace(one, values=frame)
            store.put(one, at(moment), asked_at=moment, accept_loss=True)
            # An answer with the one sort of close stands for all: the other is withdrawn.
            replay[ticker, "close" if field == "adj_close" else "adj_close"] = {}
            replay[ticker, field] = {day: v for day, v in zip(days, floats, strict=True) if v == v}
            expected = {}
            for name in ("MOS", "NTR"):
                chosen = replay.get((name, "adj_close")) or replay.get((name, "close"))
                if chosen:
                    expected[name] = chosen
            moments.append((moment, expected))
        for moment, expected in moments:
            snapshot = load_snapshot(store=store, universe=UNIVERSE, as_of=moment)
            got = {name: column.dropna().to_dict() for name, column in snapshot.prices.items()}
            assert got == expected
            pd.testing.assert_frame_equal(load_prices(store=store, universe=UNIVERSE, as_of=moment), snapshot.prices)
            assert load_prices(store=store, universe=UNIVERSE, as_of=moment).attrs["snapshot"] == snapshot.name


# Which prices


def test_prices_are_adjusted_as_asked_and_the_next_best_is_named(store):
    adjusted = [c - 2 for c in CLOSES]
    put(store, "NTR", adj_close=adjusted)
    put(store, "MOS", facts={**FACTS, "adjustment": "close: splits"})
    usual, splits = loaded(store), loaded(store, adjustment="splits")
    assert usual.prices["NTR"].tolist() == adjusted
    assert splits.prices["NTR"].tolist() == CLOSES
    assert usual.prices["MOS"].tolist() == splits.prices["MOS"].tolist() == CLOSES
    facts = usual.series.set_index("ticker")
    assert facts["adjustment"].to_dict() == {"NTR": "splits+dividends", "MOS": "splits"}
    assert set(splits.series["adjustment"]) == {"splits"}
    assert usual.name != splits.name, "other prices, another name"
    with pytest.raises(OptionError, match=r"adjustment='split' is not known \(did you mean 'splits'\?\)"):
        loaded(store, adjustment="split")


def test_columns_stand_in_the_order_of_the_universe_and_tickers_choose(store):
    for ticker in ("NTR", "ICL.TA", "MOS"):
        put(store, ticker, days=DAYS[3:], closes=CLOSES[:7])
    assert list(loaded(store).prices.columns) == ["MOS", "NTR", "ICL.TA"]
    assert list(loaded(store, tickers=["ICL.TA", "MOS"]).prices.columns) == ["MOS", "ICL.TA"]
    assert list(load_prices(store=store, universe=UNIVERSE, tickers=(t for t in ["NTR"])).columns) == ["NTR"]
    with pytest.raises(NothingStoredError, match=r"'NTX' \(did you mean 'NTR'\?\)"):
        loaded(store, tickers=["NTX"])


def test_what_is_not_of_the_universe_is_kept_out_unless_asked_for(store):
    put(store, "NTR")
    put(store, "CADUSD=X")
    snapshot = loaded(store)
    assert list(snapshot.prices.columns) == ["NTR"]
    assert [one.ticker for one in snapshot.given] == ["NTR"]
    with pytest.raises(UniverseError, match="'CADUSD=X'"):
        loaded(store, tickers=["CADUSD=X"])
    small = Universe(UNIVERSE.frame.loc[["MOS"]])
    with pytest.raises(NothingStoredError, match=r"no daily prices of the universe. It holds: CADUSD=X, NTR"):
        load_snapshot(store=store, universe=small)


def test_a_ticker_asked_for_of_which_nothing_was_known_is_an_error(store):
    put(store, "NTR")
    put(store, "MOS", moment=NOON + 3 * DAY)
    assert list(loaded(store, as_of=NOON).prices.columns) == ["NTR"]
    for load in (load_snapshot, load_prices):
        with pytest.raises(NothingStoredError, match="knew, as of 2026-01-20, no daily prices of 'MOS'"):
            load(store=store, universe=UNIVERSE, as_of="2026-01-20", tickers=["NTR", "MOS"])


def test_the_unit_that_the_provider_quotes_in_is_told(store):
    put(store, "NTR")
    put(store, "ICL.TA", facts={**FACTS, "currency": "ILA"})
    put(store, "APOT.AM", facts={"frequency": "daily"})
    assert loaded(store).currencies == {"NTR": "USD", "ICL.TA": "ILA", "APOT.AM": "JOD"}
    pounds = loaded(store).name
    put(store, "ICL.TA", moment=NOON + DAY, facts={**FACTS, "currency": "ILS"})
    assert loaded(store).name != pounds, "another unit, other prices"


def test_series_say_what_was_known_when_and_from_whom(store):
    put(store, "NTR", provider="files")
    put(store, "MOS", [*CLOSES[:4], np.nan, *CLOSES[5:]])
    put(store, "MOS", [*CLOSES[:4], np.nan, *CLOSES[5:9], 55.0], NOON + 5 * DAY)
    snapshot = loaded(store)
    rows = snapshot.series.set_index("ticker")
    assert rows["known_as_of"].to_dict() == {"MOS": "2026-01-25", "NTR": "2026-01-20"}
    assert rows["source"].to_dict() == {"MOS": "yahoo 1", "NTR": "files 1"}
    assert rows["missing"].to_dict() == {"MOS": 1, "NTR": 0}
    assert set(rows["file"]) == {snapshot.name}
    assert snapshot.files == {}
    assert set(loaded(store, as_of=NOON).series["known_as_of"]) == {"2026-01-20"}


def test_yahoo_is_taken_before_the_files_of_the_user(store):
    put(store, "NTR", [1.0] * 10, provider="files")
    put(store, "NTR")
    assert loaded(store).prices["NTR"].tolist() == CLOSES


# What cannot be handed out


def test_unusable_prices_of_a_provider_are_left_out_and_listed(store):
    days = pd.DatetimeIndex(["2026-01-16", "2026-01-19", "2026-01-20", "2026-01-21", "2026-01-24"], name="session")
    put(store, "NTR", [50.0, 51.0, 0.0, 52.0, -1.0], days=days)
    put(store, "APOT.AM", [1.0, 2.0, 0.0, 3.0, 4.0], days=days)
    snapshot = loaded(store)
    assert snapshot.prices["NTR"].dropna().to_dict() == {days[0]: 50.0, days[3]: 52.0}
    assert list(snapshot.left_out.columns) == LEFT_OUT_COLUMNS
    left = sorted(snapshot.left_out.itertuples(index=False, name=None))
    assert left == [
        ("APOT.AM", days[2], 0.0, "not a positive price"),
        ("NTR", days[1], 51.0, "no session on this day"),
        ("NTR", days[2], 0.0, "not a positive price"),
        ("NTR", days[4], -1.0, "no session on this day"),
    ]
    # What was given is still all there, for the checks.
    assert {one.ticker: len(one.values) for one in snapshot.given} == {"NTR": 5, "APOT.AM": 5}
    assert snapshot.series.set_index("ticker").at["NTR", "missing"] == 1
    assert loaded(store, tickers=["APOT.AM"]).prices.index.tolist() == days[[0, 1, 3, 4]].tolist()


def test_a_store_of_unusable_prices_only_is_an_error(store):
    put(store, "NTR", [0.0] * 10)
    with pytest.raises(PricesError, match=r"no price on a session of its exchange.*potash prices check"):
        loaded(store)


def test_a_store_without_any_close_is_an_error(store):
    values = pd.DataFrame({"volume": [1.0, 2.0]}, index=DAYS[:2])
    one = answer([1.0, 2.0])
    store.put(dataclasses.replace(one, values=values), at(NOON), asked_at=NOON)
    with pytest.raises(NothingStoredError, match="store: there is no closing price in it"):
        loaded(store)
    with pytest.raises(NothingStoredError, match="knew nothing of yahoo:NTR"):
        load_prices(store=store, universe=UNIVERSE)


def test_a_series_without_a_close_is_given_and_not_handed_out(store):
    put(store, "NTR")
    one = answer([1.0, 2.0], key=SeriesKey("yahoo", "MOS"))
    volumes = one.values.rename(columns={"close": "volume"})
    store.put(dataclasses.replace(one, values=volumes), at(NOON), asked_at=NOON)
    snapshot = loaded(store)
    assert list(snapshot.prices.columns) == ["NTR"]
    assert sorted(one.ticker for one in snapshot.given) == ["MOS", "NTR"]
    assert load_prices(store=store, universe=UNIVERSE).attrs["snapshot"] == snapshot.name


# Names and places


def test_a_name_changes_with_the_prices_and_with_nothing_else(store, tmp_path):
    put(store, "NTR", volume=[1.0] * 10)
    name = loaded(store).name
    assert name.startswith("store-")
    assert len(name) == len("store-") + 8
    put(store, "NTR", moment=NOON + DAY, facts={**FACTS, "name": "Another Co."}, volume=[2.0] * 10)
    assert loaded(store).name == name
    with PriceStore(tmp_path / "other.sqlite", create=True) as other:
        put(other, "NTR", moment=NOON + 9 * DAY)
        assert loaded(other).name == name
    put(store, "NTR", [*CLOSES[:9], 54.01], NOON + 2 * DAY, volume=[2.0] * 10)
    assert loaded(store).name != name
    assert loaded(store, as_of=NOON).name == name


@pytest.mark.parametrize("places", [
    {"folder": "a", "snapshot": "b"}, {"folder": "a", "store": "b"}, {"snapshot": "b", "as_of": "2026-01-15"},
    {"folder": "a", "as_of": "2026-01-15"}, {"snapshot": "carried", "store": "default"},
])  # fmt: skip
def test_two_places_at_once_are_refused(places):
    named = " and ".join("store" if name == "as_of" else name for name in places)
    for load in (load_snapshot, load_prices):
        with pytest.raises(InputError, match=f"prices are asked for from {named} at once"):
            load(**places)


def test_the_default_store_is_the_one_of_the_environment(store, monkeypatch):
    put(store, "NTR")
    monkeypatch.setenv("POTASH_STORE", store.where)
    for options in ({"store": "default"}, {"as_of": "2026-01-20"}):
        assert load_prices(universe=UNIVERSE, **options)["NTR"].tolist() == CLOSES


def test_a_frozen_snapshot_is_found_by_its_folder_and_by_its_name(store, tmp_path, monkeypatch):
    put(store, "NTR")
    put(store, "MOS")
    put(store, "CADUSD=X")
    monkeypatch.setenv("POTASH_HOME", str(tmp_path))
    freeze(store, tmp_path / "snapshots", "january", now=NOON + DAY, versions={})
    live = loaded(store)
    for place in ({"folder": tmp_path / "snapshots" / "january"}, {"snapshot": "january"},
                  {"snapshot": tmp_path / "snapshots" / "january"}):  # fmt: skip
        got = load_snapshot(universe=UNIVERSE, **place)
        pd.testing.assert_frame_equal(got.prices, live.prices, check_freq=False)
        assert got.name.startswith("january-")
        assert [one.ticker for one in got.given] == ["MOS", "NTR"]
        some = load_prices(universe=UNIVERSE, tickers=["NTR"], **place)
        assert list(some.columns) == ["NTR"]
    with pytest.raises(SnapshotError, match=r"there is no snapshot 'januar' \(did you mean 'january'\?\)"):
        load_snapshot(snapshot="januar")
    with pytest.raises(PricesError, match=r"snapshot january has no prices of ICL\.TA\. It has: .*NTR"):
        load_snapshot(snapshot="january", universe=UNIVERSE, tickers=["ICL.TA"])
    with pytest.raises(SnapshotError, match=r"no daily prices of the universe. It has: .*yahoo:NTR"):
        load_snapshot(snapshot="january", universe=Universe(UNIVERSE.frame.loc[["ICL.TA"]]))


def test_the_carried_snapshot_has_a_name_too():
    assert load_snapshot(snapshot="carried").name == load_snapshot().name
    assert load_prices(snapshot="carried").attrs["snapshot"] == load_snapshot().name


# Beyond the end of a calendar


SHENZHEN = Universe(
    pd.DataFrame({"exchange": ["XSHE", "XNYS"], "currency": ["CNY", "USD"]}, index=["000792.SZ", "NTR"])
)


def test_prices_after_the_end_of_a_calendar_stand_as_they_are_and_break_nobody_elses(store):
    _, last = calendar_range("XSHE")
    days = pd.DatetimeIndex(
        [last - pd.Timedelta(days=1), last, last + pd.Timedelta(days=4), last + pd.Timedelta(days=5)]
    )
    put(store, "000792.SZ", [20.0, 21.0, 22.0, 23.1], days=days)
    put(store, "NTR", [50.0, 55.0, 44.0, 48.4], days=sessions_between("XNYS", days[0], days[-1])[-4:])
    snapshot = load_snapshot(store=store, universe=SHENZHEN)
    assert snapshot.prices["000792.SZ"].dropna().tolist() == [20.0, 21.0, 22.0, 23.1]
    assert snapshot.left_out.empty
    returns = simple_returns(snapshot.prices)
    assert returns["NTR"].dropna().round(12).tolist() == [0.1, -0.2, 0.1]
    assert returns["000792.SZ"].dropna().round(12).tolist() == [0.05, round(1 / 21, 12), 0.05]
    assert "missing_sessions" not in set(check_snapshot(snapshot, SHENZHEN)["kind"])


def test_a_series_beyond_its_calendar_is_asked_for_and_not_called_up_to_date():
    _, last = calendar_range("XSHE")
    over = dt.datetime.combine(last.date(), dt.time(23), dt.UTC)
    assert last_closed_session("XSHE", over) == pd.Timestamp(last)
    assert last_closed_session("XSHE", over + 2 * DAY) is None


def test_a_study_goes_on_where_one_calendar_ends():
    _, last = calendar_range("XSHE")
    days = sessions_between("XNYS", last - pd.Timedelta(days=300), last + pd.Timedelta(days=20))
    rng = np.random.default_rng(4)
    returns = pd.DataFrame(rng.normal(0, 0.01, (len(days), 3)), index=days, columns=["NTR", "000792.SZ", "SPY"])
    day = days[days > last][2]
    rows = [("late", "NTR", day, "XNYS"), ("late", "000792.SZ", day, "XSHE")]
    events = pd.DataFrame(rows, columns=["event_id", "ticker", "session", "exchange"])
    study = EventStudy(
        returns[["NTR", "000792.SZ"]],
        events,
        returns_kind="log",
        model=MarketModel(returns["SPY"]),
        event_window=(-1, 1),
        estimation_window=(-100, -11),
    )
    results = study.fit()
    assert list(results.abnormal_returns.index) == [("late", "NTR")]
    assert results.dropped["ticker"].tolist() == ["000792.SZ"]


# Which provider


def test_a_later_pull_of_another_provider_does_not_change_what_was_handed_out(store):
    put(store, "NTR", [2 * c for c in CLOSES], provider="files")
    then = load_prices(store=store, universe=UNIVERSE, as_of="2026-01-20")
    put(store, "NTR", moment=NOON + 30 * DAY)
    again = load_prices(store=store, universe=UNIVERSE, as_of="2026-01-20")
    pd.testing.assert_frame_equal(then, again)
    assert then.attrs == again.attrs
    assert load_prices(store=store, universe=UNIVERSE)["NTR"].tolist() == CLOSES


@pytest.mark.parametrize("tickers", ["NTR", ["NTR"], ("NTR", "NTR")])
def test_one_ticker_may_be_given_as_a_text(store, tickers):
    put(store, "NTR")
    put(store, "MOS")
    assert list(load_prices(store=store, universe=UNIVERSE, tickers=tickers).columns) == ["NTR"]
    assert list(load_prices(snapshot="carried", tickers=tickers).columns) == ["NTR"]
