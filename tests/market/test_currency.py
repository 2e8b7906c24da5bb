"""Prices in another currency: the arithmetic, what is not filled, and what is refused."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from potash.errors import CurrencyError, OptionError, PricesError
from potash.market.currency import (
    CURRENCIES,
    MINOR_UNITS,
    convert_currency,
    cross_rates,
    fx_symbol,
    invert,
    major_unit,
)
from potash.market.returns import log_returns, simple_returns

CODES = {"NTR.TO": "CAD", "ICL.TA": "ILA", "NTR": "USD"}


def walks(seed: int, columns: dict[str, float], sessions: int = 40) -> pd.DataFrame:
    """Return positive columns that start near the numbers given."""
    steps = np.random.default_rng(seed).normal(0, 0.01, (sessions, len(columns)))
    index = pd.bdate_range("2025-01-02", periods=sessions, name="session")
    return pd.DataFrame(np.exp(steps.cumsum(axis=0)) * list(columns.values()), index=index, columns=list(columns))


def prices_of(seed: int = 0, sessions: int = 40) -> pd.DataFrame:
    return walks(seed, {"NTR.TO": 70.0, "ICL.TA": 1800.0, "NTR": 50.0}, sessions)


def rates_of(seed: int = 1, sessions: int = 40) -> pd.DataFrame:
    return walks(seed, {"CAD": 0.7, "ILS": 0.27}, sessions)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000))
def test_a_return_in_dollars_is_the_local_return_and_that_of_the_rate(seed):
    prices, rates = prices_of(seed), rates_of(seed + 1)
    dollars = convert_currency(prices, CODES, rates)
    local, fx = log_returns(prices), log_returns(rates)
    np.testing.assert_allclose(log_returns(dollars)["NTR.TO"], local["NTR.TO"] + fx["CAD"], atol=1e-12)
    np.testing.assert_allclose(log_returns(dollars)["ICL.TA"], local["ICL.TA"] + fx["ILS"], atol=1e-12)
    simple = (1 + simple_returns(prices)["NTR.TO"]) * (1 + simple_returns(rates)["CAD"]) - 1
    np.testing.assert_allclose(simple_returns(dollars)["NTR.TO"], simple, atol=1e-12)
    assert dollars["NTR"].tolist() == prices["NTR"].tolist()


@settings(max_examples=30, deadline=None)
@given(st.floats(0.01, 100), st.floats(0.01, 100))
def test_scaling_prices_or_rates_scales_the_result(of_prices, of_rates):
    prices, rates = prices_of(), rates_of()
    plain = convert_currency(prices, CODES, rates)
    scaled = convert_currency(prices * of_prices, CODES, rates * of_rates)
    np.testing.assert_allclose(scaled["NTR.TO"], plain["NTR.TO"] * of_prices * of_rates)
    np.testing.assert_allclose(log_returns(scaled).iloc[1:, 0], log_returns(plain).iloc[1:, 0], atol=1e-9)


def test_agorot_are_a_hundredth_of_a_shekel():
    prices, rates = prices_of(), rates_of()
    agorot = convert_currency(prices, CODES, rates)
    shekels = convert_currency(prices / 100, {**CODES, "ICL.TA": "ILS"}, rates)
    np.testing.assert_allclose(agorot["ICL.TA"], shekels["ICL.TA"])
    np.testing.assert_allclose(log_returns(agorot)["ICL.TA"].iloc[1:], log_returns(shekels)["ICL.TA"].iloc[1:])


@pytest.mark.parametrize(
    ("code", "major", "units"),
    [("GBp", "GBP", 100), ("GBX", "GBP", 100), ("ILA", "ILS", 100), ("ZAc", "ZAR", 100), ("USX", "USD", 100),
     ("KWF", "KWD", 1000)],
)  # fmt: skip
def test_parts_of_a_currency(code, major, units):
    prices = walks(0, {"A": 500.0})
    rates = pd.DataFrame({major: 2.0}, index=prices.index)
    if major == "USD":
        rates = pd.DataFrame(index=prices.index)
    converted = convert_currency(prices, {"A": code}, rates)
    np.testing.assert_allclose(converted["A"], prices["A"] / units * (1.0 if major == "USD" else 2.0))
    assert major_unit(code)[0] == major
    assert code in MINOR_UNITS
    assert major in CURRENCIES


def test_codes_are_three_letters_and_no_part_is_a_currency():
    assert all(len(code) == 3 and code.isupper() for code in CURRENCIES)
    assert not CURRENCIES & set(MINOR_UNITS)
    assert {"USD", "CAD", "ILS", "CLP", "EUR", "CNY", "SAR", "JOD", "RUB", "NOK"} <= CURRENCIES


@pytest.mark.parametrize(
    ("currency", "to", "symbol"),
    [("CAD", "USD", "CADUSD=X"), ("USD", "USD", None), ("ILA", "USD", "ILSUSD=X"), ("GBp", "GBP", None),
     ("USD", "CAD", "USDCAD=X"), ("USX", "USD", None)],
)  # fmt: skip
def test_symbols_of_rates(currency, to, symbol):
    assert fx_symbol(currency, to) == symbol


def test_rows_columns_and_attrs_stay():
    prices = prices_of()[["NTR", "ICL.TA", "NTR.TO"]]
    prices.attrs = {"snapshot": "one"}
    before = prices.copy()
    dollars = convert_currency(prices, CODES, rates_of())
    assert dollars.attrs == {"snapshot": "one", "currency": "USD"}
    assert list(dollars.columns) == ["NTR", "ICL.TA", "NTR.TO"]
    assert dollars.index.equals(prices.index)
    assert dollars.index.name == "session"
    pd.testing.assert_frame_equal(prices, before)
    assert prices.attrs == {"snapshot": "one"}


def test_prices_in_the_currency_wanted_need_no_rate():
    prices = walks(0, {"NTR": 50.0})
    pd.testing.assert_frame_equal(convert_currency(prices, {"NTR": "USD"}, pd.DataFrame()), prices)


# Missing rates


def test_a_missing_rate_gives_a_missing_price_and_nothing_else():
    prices, rates = prices_of(sessions=60), rates_of(sessions=60)
    rates.iloc[10, 0] = np.nan
    prices.iloc[20, 0] = np.nan
    dollars = convert_currency(prices, CODES, rates.drop(rates.index[30]))
    assert list(np.flatnonzero(dollars["NTR.TO"].isna())) == [10, 20, 30]
    assert list(np.flatnonzero(dollars["ICL.TA"].isna())) == [30]
    assert dollars["NTR"].notna().all()


def test_more_than_one_price_in_twenty_lost_is_refused_with_the_dates():
    prices, rates = prices_of(), rates_of()
    lost = prices.index[[5, 6, 7]]
    message = r"NTR\.TO: 3 of 40 prices have no CAD rate of their date \(7\.5%\): 2025-01-09, 2025-01-10, 2025-01-13\. "
    with pytest.raises(CurrencyError, match=message):
        convert_currency(prices, CODES, rates.assign(CAD=rates["CAD"].drop(lost)))
    allowed = convert_currency(prices, CODES, rates.assign(CAD=rates["CAD"].drop(lost)), allow_missing=True)
    assert allowed["NTR.TO"].isna().sum() == 3
    # Two of forty are the limit itself.
    convert_currency(prices, CODES, rates.assign(CAD=rates["CAD"].drop(lost[:2])))


def test_a_missing_price_needs_no_rate():
    prices, rates = prices_of(), rates_of()
    gone = prices.index[:20]
    prices.loc[gone, "NTR.TO"] = np.nan
    dollars = convert_currency(prices, CODES, rates.assign(CAD=rates["CAD"].drop(gone)))
    assert dollars["NTR.TO"].notna().sum() == 20


def test_rates_are_filled_only_as_many_sessions_as_asked():
    prices = walks(0, {"NTR.TO": 70.0})
    rates = rates_of()[["CAD"]].drop(prices.index[[10, 11, 12]])
    expected = {0: [10, 11, 12], 1: [11, 12], 2: [12], 3: []}
    for fill, missing in expected.items():
        dollars = convert_currency(prices, CODES, rates, fill_sessions=fill, allow_missing=True)["NTR.TO"]
        assert list(np.flatnonzero(dollars.isna())) == missing
        filled = [at for at in (10, 11, 12) if at not in missing]
        assert dollars.iloc[filled].tolist() == pytest.approx(
            (prices["NTR.TO"].iloc[filled] * rates["CAD"].iloc[9]).tolist()
        )


def test_a_sunday_in_tel_aviv_takes_the_rate_of_friday_only_if_asked():
    sessions = pd.DatetimeIndex(["2025-01-02", "2025-01-05", "2025-01-06"], name="session")
    prices = pd.DataFrame({"ICL.TA": [1800.0, 1810.0, 1820.0]}, index=sessions)
    rates = pd.DataFrame({"ILS": [0.25, 0.26, 0.28]}, pd.DatetimeIndex(["2025-01-02", "2025-01-03", "2025-01-06"]))
    plain = convert_currency(prices, CODES, rates, allow_missing=True)["ICL.TA"]
    assert plain.tolist() == pytest.approx([4.5, np.nan, 5.096], nan_ok=True)
    filled = convert_currency(prices, CODES, rates, fill_sessions=1)["ICL.TA"]
    assert filled.tolist() == pytest.approx([4.5, 18.10 * 0.26, 5.096])


def test_no_rate_is_taken_from_the_future():
    prices = walks(0, {"NTR.TO": 70.0})
    dollars = convert_currency(prices, CODES, rates_of().iloc[1:], fill_sessions=5)
    assert list(np.flatnonzero(dollars["NTR.TO"].isna())) == [0]


# Other quotes


def test_inverted_quotes_give_the_same_prices():
    prices, rates = prices_of(), rates_of()
    quotes = (1 / rates).rename(columns={"CAD": "USDCAD", "ILS": "USDILS"})
    turned = invert(quotes)
    assert list(turned.columns) == ["CAD", "ILS"]
    pd.testing.assert_frame_equal(convert_currency(prices, CODES, turned), convert_currency(prices, CODES, rates))
    np.testing.assert_allclose(1 / turned["CAD"], quotes["USDCAD"])


@pytest.mark.parametrize("name", ["CAD", "CADUSD", "USDCAD=X", "USDUSD", "USDXXX"])
def test_only_columns_named_as_inverse_quotes_are_inverted(name):
    with pytest.raises(CurrencyError, match=f"invert: column {name} is not named USD and a currency"):
        invert(rates_of()[["CAD"]].set_axis([name], axis=1))


def test_rates_through_the_dollar():
    prices, rates = prices_of(), rates_of()
    crossed = cross_rates(rates, "CAD")
    assert list(crossed.columns) == ["ILS", "USD"]
    loonies = convert_currency(prices, CODES, crossed, to="CAD")
    dollars = convert_currency(prices, CODES, rates)
    np.testing.assert_allclose(loonies["ICL.TA"] * rates["CAD"], dollars["ICL.TA"])
    np.testing.assert_allclose(loonies["NTR"] * rates["CAD"], dollars["NTR"])
    assert loonies["NTR.TO"].tolist() == prices["NTR.TO"].tolist()
    assert loonies.attrs["currency"] == "CAD"


def test_rates_in_the_same_currency_are_not_crossed():
    with pytest.raises(CurrencyError, match="neither to= nor a column can be USD"):
        cross_rates(rates_of(), "USD")
    with pytest.raises(CurrencyError, match="rates has no column EUR"):
        cross_rates(rates_of(), "EUR")


# What is refused


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda p, r: convert_currency(p, {**CODES, "NTR.TO": "CDA"}, r), r"NTR\.TO: 'CDA' is no known currency"),
        (lambda p, r: convert_currency(p, {**CODES, "NTR.TO": "gbp"}, r), r"NTR\.TO: 'gbp' is no .*case counts"),
        (lambda p, r: convert_currency(p, {"NTR": "USD"}, r), r"no entry for 'NTR\.TO' \(did you mean 'NTR'\?\)"),
        (lambda p, r: convert_currency(p, CODES, r[["CAD"]]), "no column ILS .*; it has: CAD.* Pull ILSUSD=X"),
        (
            lambda p, r: convert_currency(p, CODES, r.rename(columns={"CAD": "USDCAD"})),
            r"no column CAD .* USDCAD is the quote the other way round: pass it through invert\(\)",
        ),
        (lambda p, r: convert_currency(p, CODES, r, to="ILA"), "to='ILA' is a part of ILS"),
        (lambda p, r: convert_currency(p, CODES, r, to="dollar"), "'dollar' is no known currency"),
        (lambda p, r: convert_currency(p, CODES, -r), "rates must be positive and finite: CAD -"),
        (lambda p, r: convert_currency(p, CODES, r * 0), "rates must be positive and finite: CAD 0 on 2025-01-02"),
        (lambda p, r: convert_currency(p, CODES, r.assign(CAD=np.inf)), "rates must be positive and finite: CAD inf"),
        (lambda p, r: convert_currency(p, CODES, r.assign(CAD="a")), "rates: not all numbers"),
        (lambda p, r: convert_currency(p, CODES, r.reset_index(drop=True)), "the index is a RangeIndex, not dates"),
        (lambda p, r: convert_currency(p, CODES, r.tz_localize("UTC")), "naive dates at midnight"),
        (lambda p, r: convert_currency(p, CODES, r.shift(freq="1h")), "naive dates at midnight"),
        (lambda p, r: convert_currency(p, CODES, pd.concat([r, r.iloc[-1:]])), "dates that stand twice: 2025-02-26"),
        (lambda p, r: convert_currency(p, CODES, r.iloc[::-1]), "rates: dates out of order"),
        (lambda p, r: convert_currency(p, CODES, r[["CAD", "CAD", "ILS"]]), "rates: columns twice: CAD"),
        (lambda p, r: convert_currency(p, CODES, r["CAD"]), "rates is a Series, not a DataFrame"),
    ],
)  # fmt: skip
def test_what_is_refused_and_why(call, message):
    with pytest.raises(CurrencyError, match=message):
        call(prices_of(), rates_of())


@pytest.mark.parametrize("fill", [-1, 1.5, True, None])
def test_fill_sessions_is_a_whole_number(fill):
    with pytest.raises(OptionError, match="must be a whole number of sessions"):
        convert_currency(prices_of(), CODES, rates_of(), fill_sessions=fill)


def test_broken_prices_are_refused():
    with pytest.raises(PricesError, match="prices: 2025-01-02, NTR"):
        convert_currency(prices_of().assign(NTR=-1.0), CODES, rates_of())
