"""The carried prices as a provider."""

import dataclasses
import datetime as dt

import pandas as pd
import pytest

from potash.bundled import carried_files
from potash.errors import NoDataError
from potash.market.load import load_prices, load_snapshot
from potash.market.providers import carried
from potash.market.providers.carried import Carried
from potash.market.providers.patience import Patience
from potash.market.pulling import pull
from potash.market.store.store import PriceStore

NOW = dt.datetime(2026, 11, 20, tzinfo=dt.UTC)
START, END = pd.Timestamp("2000-01-01"), pd.Timestamp("2026-11-20")


def test_every_carried_value_is_given_with_its_vintage():
    provider, prices = Carried(), load_prices()
    for symbol in provider.symbols(NOW):
        answer = provider.fetch(symbol, START, END, NOW)
        if answer.facts["frequency"] == "daily":
            field = "close" if answer.facts["adjustment"] == "splits" else "adj_close"
            ticker = symbol.partition(":")[2]
            pd.testing.assert_series_equal(
                answer.values[field], prices.loc[answer.first : answer.last, ticker].dropna(), check_names=False
            )
    assert "daily_2020_2022.csv:NTR" in provider.symbols(NOW)
    assert "potassium_chloride" in provider.symbols(NOW)


def test_what_is_not_carried_is_named():
    with pytest.raises(NoDataError, match=r"carried:daily_2024_2026.csv:NTX: not carried \(did you mean"):
        Carried().fetch("daily_2024_2026.csv:NTX", START, END, NOW)
    with pytest.raises(NoDataError, match=r"no value in 2023-01-01..2023-12-31; it reaches from 2024-08-22"):
        Carried().fetch("daily_2024_2026.csv:NTR", pd.Timestamp("2023-01-01"), pd.Timestamp("2023-12-31"), NOW)


def test_they_go_into_the_store_and_a_second_pull_finds_nothing_new(tmp_path):
    with PriceStore(tmp_path / "prices.sqlite", create=True) as store:
        provider = Carried()
        symbols = provider.symbols(NOW)
        first = list(pull(store, provider, symbols, lambda: NOW, patience=Patience(pause=0)))
        assert {done.outcome for done in first} == {"new"}
        again = list(pull(store, provider, symbols, lambda: NOW, patience=Patience(pause=0)))
        assert {done.outcome for done in again} == {"unchanged"}
        assert len(store.series_keys()) == len(symbols)


def test_a_carried_ticker_without_facts_is_an_error(monkeypatch):
    files = carried_files()
    path = next(p for p in files if p.startswith("prices/"))
    bare = {**files, path: dataclasses.replace(files[path], series=())}
    monkeypatch.setattr(carried, "carried_files", lambda: bare)
    with pytest.raises(ValueError, match=r"0 rows of series name SPY; one must"):
        load_snapshot()
