"""What the store knew at some moment, as series that can be handed out or frozen."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from pathlib import Path

import pandas as pd

from potash.errors import NothingStoredError, close_to, listed
from potash.market.answers import DAILY_PROVIDERS, FIELDS, SeriesKey
from potash.market.snapshots.folder import FrozenSnapshot, write_snapshot
from potash.market.snapshots.tables import FrozenSeries
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
    wanted = [provider] if provider is not None else list(DAILY_PROVIDERS)
    found: dict[str, SeriesKey] = {}
    known = None if as_of is None else set(store.pulls(as_of=as_of)["series"])
    for name in wanted:
        for key in store.series_keys(name):
            if known is None or str(key) in known:
                found.setdefault(key.symbol, key)
    when = "holds" if as_of is None else f"knew, as of {as_of},"
    if not found:
        raise NothingStoredError(
            f"price store {store.where} {when} no daily prices of {listed(wanted)}. {_first_moment(store)} Get some with: "
            "potash prices pull."
        )
    if tickers is None:
        return found
    asked = as_list(tickers)
    lacking = [ticker for ticker in asked if ticker not in found]
    if lacking:
        hints = listed(f"{ticker!r}{close_to(ticker, found)}" for ticker in lacking)
        raise NothingStoredError(
            f"price store {store.where} {when} no daily prices of {hints}. There are: {listed(found, 40)}. Get them with: "
            f"potash prices pull {' '.join(lacking)}"
        )
    return {ticker: found[ticker] for ticker in asked}


def find_key(store: PriceStore, name: str) -> SeriesKey:
    """Return the stored series that a person means: ``yahoo:NTR``, or ``NTR`` where one provider's comes first.

    Raises
    ------
    NothingStoredError
        If there is none, or several providers have one of that name and none of them is preferred.
    """
    keys = store.series_keys()
    exact = [key for key in keys if str(key) == name]
    named = [key for key in keys if key.symbol == name]
    daily = [key for provider in DAILY_PROVIDERS for key in named if key.provider == provider]
    found = exact or daily or named
    if not found:
        known = [*map(str, keys), *(key.symbol for key in keys)]
        raise NothingStoredError(
            f"price store {store.where} holds no {name!r}{close_to(name, known)}. It holds: {listed(keys, 40)}."
        )
    if not exact and not daily and len(named) > 1:
        raise NothingStoredError(f"{name!r} may be {listed(named)}. Write which one.")
    return found[0]


def stored_series(store: PriceStore, keys: Sequence[SeriesKey], as_of: object = None) -> list[FrozenSeries]:
    """Return series as they were known at some moment; those of which nothing was known are left out.

    Raises
    ------
    NothingStoredError
        If nothing was known of any of them.
    """
    return _known(store, keys, as_of, [FIELDS])


def stored_closes(
    store: PriceStore, keys: Sequence[SeriesKey], as_of: object = None, order: Sequence[str] = ("adj_close", "close")
) -> list[FrozenSeries]:
    """Return of each series only the first of some fields that was known of it: a fraction of what there is to read.

    Raises
    ------
    NothingStoredError
        If none of the fields was known of any of them.
    """
    return _known(store, keys, as_of, [[field] for field in order])


def _known(
    store: PriceStore, keys: Sequence[SeriesKey], as_of: object, choices: Sequence[Sequence[str]]
) -> list[FrozenSeries]:
    """Return series with the first choice of fields of which something was known."""
    values: dict[SeriesKey, pd.DataFrame] = {}
    for fields in choices:
        lacking = [key for key in keys if key not in values]
        found = store.read(lacking, fields, as_of=as_of) if lacking else {}
        values |= {key: frame for key, frame in found.items() if not frame.empty}
    if not values:
        when = "" if as_of is None else f" as of {as_of}"
        raise NothingStoredError(
            f"price store {store.where} knew nothing of {listed(keys)}{when}. {_first_moment(store)}"
        )
    facts = store.facts(values, as_of=as_of)
    pulls = store.pulls(values, as_of=as_of).groupby("series")
    series = []
    for key in [key for key in keys if key in values]:
        own = pulls.get_group(str(key))
        moments = own["known_from"].iloc[0].isoformat(), own["known_from"].iloc[-1].isoformat()
        told = {name: text for name, text in facts[key].items() if text}
        adjustment = told.get("adjustment", "not stated")
        series.append(FrozenSeries(key, key.symbol, values[key], told, adjustment, own["source"].iloc[-1], moments))
    return series


def _first_moment(store: PriceStore) -> str:
    moments = store.pulls()["known_from"]
    return "It is empty." if moments.empty else f"The first pull was at {moments.min():%Y-%m-%dT%H:%M:%SZ}."


def freeze(
    store: PriceStore,
    folder: str | Path,
    name: str,
    *,
    now: dt.datetime,
    versions: dict[str, str],
    as_of: object = None,
    tickers: Iterable[str] | None = None,
    provider: str | None = None,
) -> FrozenSnapshot:
    """Write what the store knew at some moment into an immutable folder and return it.

    Daily prices of the tickers (all by default), and every monthly series and factor. Without ``as_of`` it is the moment
    of the last pull that told something new: later ones are later, so the same moment reads the same ever after.

    Raises
    ------
    NothingStoredError
        If nothing was known then.
    SnapshotError
        If the name is taken, or the folder cannot be written.
    InputError
        If ``as_of`` lies in the future: what is known then cannot be frozen yet.
    """
    from potash.errors import InputError
    from potash.market.store.tables import as_of_micros, to_micros

    micros = as_of_micros(as_of)
    if micros is not None and micros > to_micros(now):
        raise InputError(
            f"as_of={as_of} lies after the present moment ({now:%Y-%m-%dT%H:%MZ}); what will be known then cannot be frozen. "
            "Leave it out for all that is known now, or name an earlier day."
        )
    pulls = store.pulls()
    if pulls.empty:
        raise NothingStoredError(f"price store {store.where} is empty. Fill it with: potash prices pull.")
    moment = pulls["known_from"].max() if as_of is None else as_of
    others = [key for key in store.series_keys() if key.provider not in DAILY_PROVIDERS]
    try:
        daily = list(daily_keys(store, tickers, provider, moment).values())
    except NothingStoredError:
        if tickers is not None or provider is not None or not others:
            raise
        daily = []  # monthly series and factors alone are worth keeping too
    series = stored_series(store, list(dict.fromkeys([*daily, *others])), moment)
    return write_snapshot(folder, name, series, as_of=_as_text(moment), created=now, versions=versions)


def _as_text(moment: object) -> str:
    """Return a moment as text; a plain date stays one, since it means the end of its day."""
    if isinstance(moment, str):
        return moment
    stamp = pd.Timestamp(moment)
    return stamp.isoformat() if stamp.tzinfo is not None else f"{stamp:%Y-%m-%d}"
