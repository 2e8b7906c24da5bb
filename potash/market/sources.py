"""The bars of some tickers from wherever a person names: the store, a provider in it, a snapshot, a folder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from potash.errors import NothingStoredError, SnapshotError, listed
from potash.market.answers import DAILY_PROVIDERS
from potash.market.carried_prices import CARRIED, carried_snapshot
from potash.market.load import find_snapshot
from potash.market.own_files.bars import read_bar_folder
from potash.market.snapshots.folder import FrozenSnapshot, read_snapshot
from potash.market.snapshots.manifest import MANIFEST
from potash.market.store.store import PriceStore
from potash.market.stored import daily_keys

STORE = "store"


@dataclass(frozen=True, slots=True, eq=False)
class Bars:
    """The bars of some tickers from one source.

    Attributes
    ----------
    name : str
        What to call the source.
    bars : dict of str to DataFrame
        Ticker to bars, as in :class:`potash.market.answers.Answer`.
    """

    name: str
    bars: dict[str, pd.DataFrame]


def bars_of(place: str, tickers: Sequence[str], store: str | Path | None = None, as_of: object = None) -> Bars:
    """Return the bars of tickers from a place.

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
            values = opened.read(keys.values(), as_of=as_of)
        name = place if place != STORE else " and ".join(dict.fromkeys(key.provider for key in keys.values()))
        found = {ticker: values[key] for ticker, key in keys.items() if not values[key].empty}
        return Bars(name, _complete(found, tickers, f"price store as of {as_of or 'now'}"))
    folder = Path(place)
    if folder.is_dir() and not (folder / MANIFEST).is_file():
        return Bars(folder.name, _complete(read_bar_folder(folder).bars, tickers, str(folder)))
    frozen = carried_snapshot() if place == CARRIED else read_snapshot(find_snapshot(place))
    return Bars(frozen.name, _complete(_by_ticker(frozen), tickers, f"snapshot {frozen.name}"))


def _by_ticker(frozen: FrozenSnapshot) -> dict[str, pd.DataFrame]:
    """Return the bars of each ticker, those of several files one after the other."""
    parts: dict[str, list[pd.DataFrame]] = {}
    for one in frozen.series:
        if one.facts["frequency"] == "daily" and list(one.values.columns) != ["value"]:
            parts.setdefault(one.ticker, []).append(one.values)
    twice = [ticker for ticker, frames in parts.items() if not pd.concat(frames).index.is_unique]
    if twice:
        raise SnapshotError(
            f"snapshot {frozen.name}: {listed(twice)} from several providers. Compare a folder instead."
        )
    return {ticker: pd.concat(frames).sort_index() for ticker, frames in parts.items()}


def _complete(found: dict[str, pd.DataFrame], tickers: Sequence[str], where: str) -> dict[str, pd.DataFrame]:
    lacking = [ticker for ticker in tickers if ticker not in found]
    if lacking:
        raise NothingStoredError(f"{where} has no daily prices of {listed(lacking)}. It has: {listed(found, 40)}.")
    return {ticker: found[ticker] for ticker in tickers}
