"""The series of some tickers from wherever a person names: the store, a provider in it, a snapshot, a folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from potash.errors import NothingStoredError, SnapshotError, listed
from potash.market.own_files.price_files import read_price_folder
from potash.market.providers.carried import carried_snapshot
from potash.market.series import CARRIED, DAILY_PROVIDERS, PriceSeries, by_ticker, joined, overlap
from potash.market.snapshots.folder import FrozenSnapshot, find_snapshot, is_snapshot, read_snapshot
from potash.market.store.series import daily_keys, stored_series
from potash.market.store.store import PriceStore

STORE = "store"


def series_from(
    place: str, tickers: Sequence[str], store: str | Path | None = None, as_of: object = None
) -> dict[str, PriceSeries]:
    """Return the daily series of tickers from a place; their ``source`` is what to call it.

    Parameters
    ----------
    place : str
        ``"store"``, a provider whose prices are stored (``yahoo``, ``files``), ``"carried"``, a snapshot's name or
        folder, or a folder of CSV or Parquet files.
    tickers : sequence of str
        Which ones; each must be there.
    store : path or address, optional
        The store; the default one by default.
    as_of : date or moment, optional
        For the store: what was known then.

    Raises
    ------
    NothingStoredError, SnapshotError, PricesError
        If a ticker is not there, or the place cannot be read.
    """
    if place == STORE or place in DAILY_PROVIDERS:
        with PriceStore(store) as opened:
            keys = daily_keys(opened, tickers, None if place == STORE else place, as_of)
            name = place if place != STORE else " and ".join(dict.fromkeys(key.provider for key in keys.values()))
            parts = by_ticker(stored_series(opened, list(keys.values()), as_of))
        where = f"price store as of {as_of or 'now'}"
    elif Path(place).is_dir() and not is_snapshot(place):
        name, where = Path(place).name, place
        parts = by_ticker(one for file in read_price_folder(place) for one in file.series)
    else:
        frozen = carried_snapshot() if place == CARRIED else read_snapshot(find_snapshot(place))
        name, where, parts = frozen.name, f"snapshot {frozen.name}", _bars(frozen)
    lacking = [ticker for ticker in tickers if ticker not in parts]
    if lacking:
        raise NothingStoredError(f"{where} has no daily prices of {listed(lacking)}. It has: {listed(parts, 40)}.")
    return {ticker: joined(parts[ticker], source=name) for ticker in tickers}


def _bars(frozen: FrozenSnapshot) -> dict[str, list[PriceSeries]]:
    """Return the bars of each ticker of a snapshot; a ticker may have several files that do not overlap."""
    parts = by_ticker(one for one in frozen.series if one.facts["frequency"] == "daily" and "value" not in one.values)
    twice = [ticker for ticker, series in parts.items() if overlap(series)]
    if twice:
        raise SnapshotError(
            f"snapshot {frozen.name}: {listed(twice)} from several providers. Compare a folder instead."
        )
    return parts
