"""Monthly prices, factors and exchange rates: carried, frozen and of the store, with their units."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from potash.errors import CurrencyError, InputError, NothingStoredError
from potash.market.currency import convert_currency
from potash.market.load import load_snapshot
from potash.market.load_factors import MONTHLY_SERIES, load_factors, load_monthly, load_rates
from potash.market.providers.carried import Carried
from potash.market.series import PriceSeries, SeriesKey
from potash.market.snapshots.freezing import freeze
from potash.market.store.store import PriceStore
from potash.universe import load_universe
from tests.market.store.made_up import NOON, at

DAY = dt.timedelta(days=1)
MONTHS = pd.date_range("2025-01-01", periods=3, freq="MS", name="session")
DAYS = pd.date_range("2026-01-05", periods=4, name="session")
POTASH = {"frequency": "monthly", "currency": "USD", "unit": "USD per tonne"}
RATE = {"frequency": "daily", "currency": "USD"}


def put(store, name, values, index, facts, field="value", moment=NOON):
    frame = pd.DataFrame({field: values}, index=index, dtype=np.float64)
    one = PriceSeries(SeriesKey(*name.split(":")), frame, facts, source="a test")
    store.put(one, at(moment), asked_at=moment)


@pytest.fixture
def store(tmp_path):
    with PriceStore(tmp_path / "prices.sqlite", create=True) as opened:
        put(opened, "pink_sheet:potassium_chloride", [300, 310, 320], MONTHS, POTASH)
        put(opened, "pink_sheet:urea", [400, 410], MONTHS[1:], POTASH)
        put(opened, "pink_sheet:natural_gas", [3, 4, 5], MONTHS, {**POTASH, "unit": "USD per mmbtu"})
        put(opened, "french:mkt_rf", [0.5, -1.25, 0, 2], DAYS, {"frequency": "daily"})
        put(opened, "french:rf", [0.01, 0.01, 0.02], DAYS[:3], {"frequency": "daily"})
        put(opened, "yahoo:CADUSD=X", [0.70, 0.71, 0.72, 0.73], DAYS, RATE, "close")
        put(opened, "yahoo:ILSUSD=X", [0.27, 0.28, 0.29], DAYS[[0, 1, 3]], RATE, "close")
        put(opened, "yahoo:USDCAD=X", [1.4, 1.4], DAYS[:2], RATE, "close")
        put(opened, "yahoo:NTR.TO", [70.0, 71.0, 72.0, 73.0], DAYS, {**RATE, "currency": "CAD"}, "close")
        put(opened, "yahoo:ICL.TA", [1800, 1810, 1820, 1830], DAYS, {**RATE, "currency": "ILA"}, "close")
        yield opened


def places(store, tmp_path):
    """Return the store and a frozen copy of it as arguments."""
    if not (tmp_path / "snapshots").exists():
        freeze(store, tmp_path / "snapshots", "one", now=NOON + DAY, versions={})
    return {"store": store}, {"snapshot": tmp_path / "snapshots" / "one"}


# Monthly prices


def test_monthly_prices_of_the_store_and_of_a_frozen_copy(store, tmp_path):
    folder = {"folder": tmp_path / "snapshots" / "one"}
    for place in (*places(store, tmp_path), folder):
        monthly = load_monthly(**place)
        assert list(monthly.columns) == ["potassium_chloride", "urea"], "in the order of the study"
        assert monthly.index.equals(pd.period_range("2025-01", "2025-03", freq="M", name="month"))
        assert monthly["potassium_chloride"].tolist() == [300.0, 310.0, 320.0]
        assert monthly["urea"].tolist() == pytest.approx([np.nan, 400.0, 410.0], nan_ok=True)
        assert monthly.attrs == {
            "units": dict.fromkeys(["potassium_chloride", "urea"], "USD per tonne"), "unit": "USD per tonne",
        }  # fmt: skip


def test_units_that_differ_have_no_common_one(store, tmp_path):
    for place in places(store, tmp_path):
        monthly = load_monthly(**place, series="all")
        assert monthly.attrs == {
            "units": {
                "natural_gas": "USD per mmbtu", "potassium_chloride": "USD per tonne", "urea": "USD per tonne",
            }
        }  # fmt: skip
        assert list(load_monthly(**place, series=["natural_gas"]).columns) == ["natural_gas"]


def test_monthly_prices_as_of_a_date(store):
    put(store, "pink_sheet:urea", [400, 415], MONTHS[1:], POTASH, moment=NOON + 5 * DAY)
    put(store, "pink_sheet:dap", [600, 610, 620], MONTHS, POTASH, moment=NOON + 5 * DAY)
    then = load_monthly(store=store, as_of="2026-01-20")
    assert list(then.columns) == ["potassium_chloride", "urea"]
    assert then["urea"].iloc[-1] == 410.0
    assert load_monthly(store=store)["urea"].iloc[-1] == 415.0
    assert list(load_monthly(store=store).columns) == ["potassium_chloride", "dap", "urea"]
    with pytest.raises(NothingStoredError, match="knew nothing"):
        load_monthly(store=store, as_of="2026-01-19")


def test_carried_monthly_prices_by_every_way():
    carried = load_monthly()
    assert list(carried.columns) == list(MONTHLY_SERIES)
    assert carried.attrs["unit"] == "USD per tonne"
    pd.testing.assert_frame_equal(load_monthly(snapshot="carried"), carried)
    assert set(load_monthly(series="all").columns) == set(MONTHLY_SERIES)
    assert list(load_monthly(series=["urea", "dap"]).columns) == ["urea", "dap"]


def test_a_folder_of_other_files_has_the_carried_monthly_prices(tmp_path):
    (tmp_path / "NTR.csv").write_text("date,close\n2025-01-02,2\n")
    pd.testing.assert_frame_equal(load_monthly(tmp_path), load_monthly())


def test_a_name_that_is_not_there_is_an_error_even_beside_one_that_is(store):
    with pytest.raises(
        NothingStoredError, match=r"no monthly prices of uria \(did you mean 'urea'\?\) there; it holds"
    ):
        load_monthly(store=store, series=["potassium_chloride", "uria"])
    with pytest.raises(
        NothingStoredError, match=r"no monthly prices of potash there; it holds potassium_chloride, dap, urea"
    ):
        load_monthly(series=["potash"])


def test_the_carried_prices_in_a_store_are_no_monthly_prices(tmp_path):
    with PriceStore(tmp_path / "other.sqlite", create=True) as store:
        provider = Carried()
        for symbol in provider.symbols(NOON):
            one = provider.fetch(symbol, pd.Timestamp("2000-01-01"), pd.Timestamp("2026-12-31"), NOON)
            store.put(one, at(NOON), asked_at=NOON)
        monthly = load_monthly(store=store, series="all")
        pd.testing.assert_frame_equal(monthly[list(MONTHLY_SERIES)], load_monthly(), check_freq=False)


def test_a_store_without_monthly_prices_says_how_to_get_them(tmp_path):
    with PriceStore(tmp_path / "other.sqlite", create=True) as store:
        put(store, "yahoo:NTR", [1.0], DAYS[:1], RATE, "close")
        for series in ("all", MONTHLY_SERIES):
            with pytest.raises(NothingStoredError, match="potash prices pull --provider pink_sheet"):
                load_monthly(store=store, series=series)


# Factors


def test_factors_are_fractions_a_day(store, tmp_path):
    for place in places(store, tmp_path):
        factors = load_factors(**place)
        assert list(factors.columns) == ["mkt_rf", "rf"]
        assert factors.index.name == "session"
        assert factors["mkt_rf"].tolist() == pytest.approx([0.005, -0.0125, 0.0, 0.02])
        assert factors["rf"].tolist() == pytest.approx([0.0001, 0.0001, 0.0002, np.nan], nan_ok=True)


def test_factors_as_of_a_date_and_of_the_default_store(store, monkeypatch):
    monkeypatch.setenv("POTASH_STORE", store.where)
    put(store, "french:mkt_rf", [0.6, -1.25, 0, 2], DAYS, {"frequency": "daily"}, moment=NOON + 5 * DAY)
    assert load_factors(as_of="2026-01-20")["mkt_rf"].iloc[0] == pytest.approx(0.005)
    assert load_factors()["mkt_rf"].iloc[0] == pytest.approx(0.006)


def test_where_there_are_no_factors_it_says_how_to_get_them():
    with pytest.raises(
        NothingStoredError, match=r"no factors there\. Get them with: potash prices pull --provider french"
    ):
        load_factors(snapshot="carried")


# Exchange rates


def test_rates_are_columns_by_currency_in_the_one_wanted(store, tmp_path):
    for place in places(store, tmp_path):
        rates = load_rates(**place)
        assert sorted(rates.columns) == ["CAD", "ILS"]
        assert rates["CAD"].tolist() == [0.70, 0.71, 0.72, 0.73]
        assert rates["ILS"].tolist() == pytest.approx([0.27, 0.28, np.nan, 0.29], nan_ok=True)
        assert list(load_rates("CAD", **place).columns) == ["USD"]
        with pytest.raises(NothingStoredError, match=r"no exchange rates to EUR there.*potash prices pull --fx EUR"):
            load_rates("EUR", **place)


def test_rates_as_of_a_date_and_of_the_default_store(store, monkeypatch):
    monkeypatch.setenv("POTASH_STORE", store.where)
    put(store, "yahoo:CADUSD=X", [0.70, 0.71, 0.72, 0.79], DAYS, RATE, "close", NOON + 5 * DAY)
    assert load_rates(as_of="2026-01-20")["CAD"].iloc[-1] == 0.73
    assert load_rates()["CAD"].iloc[-1] == 0.79


def test_rates_of_a_users_file_with_adjusted_closes_only(tmp_path):
    with PriceStore(tmp_path / "other.sqlite", create=True) as store:
        put(store, "files:NOKUSD=X", [0.1], DAYS[:1], RATE, "adj_close")
        assert load_rates(store=store)["NOK"].tolist() == [0.1]


def test_prices_in_dollars_from_the_store_by_hand(store):
    """Toronto in dollars of Canada, Tel Aviv in agorot: a hundredth of a shekel."""
    snapshot = load_snapshot(store=store, universe=load_universe())
    assert snapshot.currencies == {"NTR.TO": "CAD", "ICL.TA": "ILA"}
    rates = load_rates(store=store)
    dollars = convert_currency(snapshot.prices, snapshot.currencies, rates, allow_missing=True)
    assert dollars["NTR.TO"].tolist() == pytest.approx([70 * 0.70, 71 * 0.71, 72 * 0.72, 73 * 0.73])
    assert dollars["ICL.TA"].tolist() == pytest.approx([18 * 0.27, 18.1 * 0.28, np.nan, 18.3 * 0.29], nan_ok=True)
    filled = convert_currency(snapshot.prices, snapshot.currencies, rates, fill_sessions=1)
    assert filled.loc[DAYS[2], "ICL.TA"] == pytest.approx(18.2 * 0.28)
    assert dollars.attrs["snapshot"] == snapshot.name
    assert dollars.attrs["currency"] == "USD"
    with pytest.raises(CurrencyError, match=r"ICL\.TA: 1 of 4 prices have no ILS rate"):
        convert_currency(snapshot.prices, snapshot.currencies, rates)


@pytest.mark.parametrize("load", [load_monthly, load_factors, load_rates])
def test_two_places_at_once_are_refused(load):
    for other in ({"store": "default"}, {"as_of": "2026-01-15"}):
        with pytest.raises(InputError, match="from snapshot and store at once"):
            load(snapshot="carried", **other)


def test_carried_monthly_prices():
    monthly = load_monthly()
    assert monthly.shape == (137, 5)
    assert monthly.attrs["unit"] == "USD per tonne"
    assert monthly.at[pd.Period("2017-02"), "potassium_chloride"] == 301.5
