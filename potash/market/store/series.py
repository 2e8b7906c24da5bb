"""Series of the store, by the name that a person gives them, as they were known at some moment."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import pandas as pd

from potash.errors import NothingStoredError, close_to, listed
from potash.market.series import DAILY_PROVIDERS, FIELDS, PriceSeries, SeriesKey
from potash.market.store.store import PriceStore


def as_list(tickers: Iterable[str]) -> list[str]:
    """Return tickers once each, in order; a single one may be given as a text."""
    return [tickers] if isinstance(tickers, str) else list(dict.fromkeys(tickers))


def opened_store(store: PriceStore | str | Path | None) -> PriceStore:
    """Return a store, opened if it is named by its place."""
    return store if isinstance(store, PriceStore) else PriceStore(store)


def daily_keys(
    store: PriceStore, tickers: Iterable[str] | None = None, provider: str | None = None, as_of: object = None
) -> dict[str, SeriesKey]:
    """Return the series of each ticker that has daily prices in the store.

    Parameters
    ----------
    store : PriceStore
    tickers : iterable of str, optional
        Which ones; all that are there by default.
    provider : str, optional
        Whose prices; by default Yahoo's, or those of the user's files where Yahoo's are not stored.
    as_of : date or moment, optional
        Only series of which something was known then: what was handed out as of a day does not change when another
        provider is pulled later.

    Raises
    ------
    NothingStoredError
        If there is nothing for a ticker, or at all.
    """
    providers = DAILY_PROVIDERS if provider is None else (provider,)
    keys: dict[str, SeriesKey] = {}
    pulled = None if as_of is None else set(store.pulls(as_of=as_of)["series"])
    for name in providers:
        for key in store.series_keys(name):
            if pulled is None or str(key) in pulled:
                keys.setdefault(key.symbol, key)
    when = "holds" if as_of is None else f"knew, as of {as_of},"
    if not keys:
        raise NothingStoredError(
            f"price store {store.where} {when} no daily prices of {listed(providers)}. {_first_moment(store)} Get some "
            "with: potash prices pull."
        )
    if tickers is None:
        return keys
    wanted = as_list(tickers)
    lacking = [ticker for ticker in wanted if ticker not in keys]
    if lacking:
        hints = listed(f"{ticker!r}{close_to(ticker, keys)}" for ticker in lacking)
        raise NothingStoredError(
            f"price store {store.where} {when} no daily prices of {hints}. There are: {listed(keys, 40)}. Get them with: "
            f"potash prices pull {' '.join(lacking)}"
        )
    return {ticker: keys[ticker] for ticker in wanted}


def find_key(store: PriceStore, name: str) -> SeriesKey:
    """Return the key of a stored series, named ``yahoo:NTR``, or ``NTR`` where one provider's comes first.

    Raises
    ------
    NothingStoredError
        If there is none, or several providers have one of that name and none of them is preferred.
    """
    keys = store.series_keys()
    exact = [key for key in keys if str(key) == name]
    named = [key for key in keys if key.symbol == name]
    daily = [key for provider in DAILY_PROVIDERS for key in named if key.provider == provider]
    candidates = exact or daily or named
    if not candidates:
        names = [*map(str, keys), *(key.symbol for key in keys)]
        raise NothingStoredError(
            f"price store {store.where} holds no {name!r}{close_to(name, names)}. It holds: {listed(keys, 40)}."
        )
    if not exact and not daily and len(named) > 1:
        raise NothingStoredError(f"{name!r} may be {listed(named)}. Write which one.")
    return candidates[0]


def stored_series(store: PriceStore, keys: Sequence[SeriesKey], as_of: object = None) -> list[PriceSeries]:
    """Return series as they were known at some moment; those of which nothing was known are left out.

    Raises
    ------
    NothingStoredError
        If nothing was known of any of them.
    """
    return _known(store, keys, as_of, [FIELDS])


def stored_closes(
    store: PriceStore, keys: Sequence[SeriesKey], as_of: object = None, order: Sequence[str] = ("adj_close", "close")
) -> list[PriceSeries]:
    """Return series with one field each, the first of some that was known of it: a fraction of what there is to read.

    Raises
    ------
    NothingStoredError
        If none of the fields was known of any of them.
    """
    return _known(store, keys, as_of, [[field] for field in order])


def _known(
    store: PriceStore, keys: Sequence[SeriesKey], as_of: object, choices: Sequence[Sequence[str]]
) -> list[PriceSeries]:
    """Return series with the first choice of fields of which something was known."""
    values: dict[SeriesKey, pd.DataFrame] = {}
    for fields in choices:
        lacking = [key for key in keys if key not in values]
        frames = store.read(lacking, fields, as_of=as_of) if lacking else {}
        values |= {key: frame for key, frame in frames.items() if not frame.empty}
    if not values:
        when = "" if as_of is None else f" as of {as_of}"
        raise NothingStoredError(
            f"price store {store.where} knew nothing of {listed(keys)}{when}. {_first_moment(store)}"
        )
    facts = store.facts(values, as_of=as_of)
    pulls = store.pulls(values, as_of=as_of).groupby("series")
    series = []
    for key in [key for key in keys if key in values]:
        answers = pulls.get_group(str(key))
        moments = answers["known_from"].iloc[0].isoformat(), answers["known_from"].iloc[-1].isoformat()
        stated = {name: text for name, text in facts[key].items() if text}
        series.append(PriceSeries(key, values[key], stated, source=answers["source"].iloc[-1], known_from=moments))
    return series


def _first_moment(store: PriceStore) -> str:
    moments = store.pulls()["known_from"]
    return "It is empty." if moments.empty else f"The first pull was at {moments.min():%Y-%m-%dT%H:%M:%SZ}."
