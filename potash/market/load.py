"""Prices by name: what the project carries, a folder of files, a frozen snapshot, or the store as of a date."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from potash.bundled import carried_files
from potash.errors import InputError, NothingStoredError, PricesError, SnapshotError, check_option, close_to, listed
from potash.market.assemble import Snapshot, assemble
from potash.market.own_files.price_files import read_price_folder
from potash.market.providers.carried import carried_daily
from potash.market.series import (
    ADJUSTMENTS,
    CARRIED,
    CLOSE_ORDER,
    DAILY_PROVIDERS,
    SPLITS_AND_DIVIDENDS,
    PriceSeries,
)
from potash.market.snapshots.folder import FrozenSnapshot, find_snapshot, is_snapshot, read_snapshot
from potash.market.snapshots.tables import content_digest
from potash.universe import Universe, load_universe

if TYPE_CHECKING:
    from potash.market.store.store import PriceStore


def load_prices(
    folder: str | Path | None = None,
    universe: Universe | str | Path | None = None,
    *,
    snapshot: str | Path | None = None,
    as_of: object = None,
    store: PriceStore | str | Path | None = None,
    tickers: Iterable[str] | None = None,
    adjustment: str = SPLITS_AND_DIVIDENDS,
) -> pd.DataFrame:
    """Return prices as a wide frame, those of :func:`load_snapshot`; ``attrs["snapshot"]`` names their snapshot.

    Parameters and errors are those of :func:`load_snapshot`.

    Examples
    --------
    >>> import potash
    >>> prices = potash.load_prices()
    >>> prices.attrs["snapshot"]
    'carried-2967489a'
    >>> prices.loc["2025-12-12":"2025-12-16", "NTR"].tolist()
    [61.29, 60.33, 60.33]
    """
    return _load(folder, universe, snapshot, as_of, store, tickers, adjustment, whole=False).prices


def load_snapshot(
    folder: str | Path | None = None,
    universe: Universe | str | Path | None = None,
    *,
    snapshot: str | Path | None = None,
    as_of: object = None,
    store: PriceStore | str | Path | None = None,
    tickers: Iterable[str] | None = None,
    adjustment: str = SPLITS_AND_DIVIDENDS,
) -> Snapshot:
    """Return the carried prices, or those of a folder, of a frozen snapshot, or of the store as of a date.

    Parameters
    ----------
    folder : path, optional
        A folder of price files (see :mod:`potash.market.own_files.price_files`), or of a frozen snapshot.
    universe : Universe or path, optional
        The instruments, for exchange and currency; the carried universe by default.
    snapshot : str or path, optional
        Name or folder of a frozen snapshot; ``"carried"`` is what the project carries.
    as_of : date or moment, optional
        From the store: what was known at the end of that day in UTC, or at that moment.
    store : PriceStore, path or address, optional
        The store to read; ``"default"``, or ``as_of`` alone, is the default one.
    tickers : iterable of str, optional
        Only these; all that are there (of the store and of frozen snapshots: all of the universe) by default.
    adjustment : {"splits+dividends", "splits"}
        Of prices from the store or a frozen snapshot. A series for which the provider gives no adjusted close has what
        it gives, and ``series`` says so.

    Raises
    ------
    PricesError
        If a file breaks a rule, a ticker of a file has a price on a day that is no session of its exchange, or two
        segments of a ticker adjoin.
    UniverseError
        If a ticker is not in the universe.
    ChecksumError, SnapshotError
        If a carried file or a frozen snapshot was changed, or there is none of that name.
    StoreError, NothingStoredError
        If the store cannot be read, or knew nothing then.
    InputError
        If prices are asked for from two places at once.

    Examples
    --------
    >>> import potash
    >>> potash.load_snapshot()
    <Snapshot: carried-2967489a, 9 tickers, 1,402 sessions, 2020-07-01 to 2026-01-29>
    """
    return _load(folder, universe, snapshot, as_of, store, tickers, adjustment, whole=True)


def _load(
    folder: str | Path | None,
    universe: Universe | str | Path | None,
    snapshot: str | Path | None,
    as_of: object,
    store: PriceStore | str | Path | None,
    tickers: Iterable[str] | None,
    adjustment: str,
    *,
    whole: bool,
) -> Snapshot:
    """Return what :func:`load_snapshot` does; of a store, unless ``whole``, only the closes wanted are read and given."""
    check_option("adjustment", adjustment, ADJUSTMENTS)
    instruments = universe if isinstance(universe, Universe) else load_universe(universe)
    one_place(folder=folder, snapshot=snapshot, store=as_of if store is None else store)
    if as_of is not None or store is not None:
        return _from_store(store, as_of, instruments, tickers, adjustment, whole=whole)
    if snapshot is not None and str(snapshot) != CARRIED:
        return _from_frozen(read_snapshot(find_snapshot(snapshot)), instruments, tickers, adjustment)
    if folder is not None and is_snapshot(folder):
        return _from_frozen(read_snapshot(folder), instruments, tickers, adjustment)
    if folder is not None:
        price_files = read_price_folder(folder)
        given = [one for file in price_files for one in file.series]
        files = {file.path.name: file.sha256 for file in price_files}
    else:
        given = carried_daily()
        files = {one.file: carried_files()[one.file].sha256 for one in given}
    if tickers is not None:
        wanted = _there(tickers, [one.ticker for one in given], str(folder or "what the project carries"))
        given = [one for one in given if one.ticker in wanted]
    checksum = hashlib.sha256("\n".join(sorted(files.values())).encode()).hexdigest()[:8]
    name = f"{CARRIED if folder is None else 'folder'}-{checksum}"
    return assemble(name, _closes(given, SPLITS_AND_DIVIDENDS), files, instruments, given)


def _closes(series: Iterable[PriceSeries], adjustment: str) -> list[PriceSeries]:
    return [closes for one in series if (closes := one.closes(adjustment)) is not None]


def _there(tickers: Iterable[str], available: Sequence[str], where: str) -> list[str]:
    """Return tickers once each after checking that there are prices of all."""
    wanted = [tickers] if isinstance(tickers, str) else list(dict.fromkeys(tickers))
    lacking = [ticker for ticker in wanted if ticker not in available]
    if lacking:
        hints = listed(f"{ticker}{close_to(ticker, available)}" for ticker in lacking)
        raise PricesError(f"{where} has no prices of {hints}. It has: {listed(dict.fromkeys(available), 40)}.")
    return wanted


def _from_store(
    store: PriceStore | str | Path | None,
    as_of: object,
    universe: Universe,
    tickers: Iterable[str] | None,
    adjustment: str,
    *,
    whole: bool,
) -> Snapshot:
    from potash.market.store.series import (  # SQLAlchemy is heavy
        as_list,
        daily_keys,
        opened_store,
        stored_closes,
        stored_series,
    )

    opened = opened_store(store)
    wanted = None if tickers is None else as_list(tickers)
    there = daily_keys(opened, wanted, as_of=as_of)
    keys = [key for ticker, key in there.items() if wanted is not None or ticker in universe.frame.index]
    if not keys:
        raise NothingStoredError(
            f"price store {opened.where} holds no daily prices of the universe. It holds: {listed(there, 40)}. Hand over "
            "a universe that has them with universe=FILE."
        )
    series = (
        stored_series(opened, keys, as_of) if whole else stored_closes(opened, keys, as_of, CLOSE_ORDER[adjustment])
    )
    lacking = [] if wanted is None else [key for key in keys if key not in {one.key for one in series}]
    if lacking:
        raise NothingStoredError(f"price store {opened.where} knew nothing of {listed(lacking)} as of {as_of}.")
    return _from_series("store", series, {}, universe, adjustment)


def one_place(**given: object) -> None:
    """Raise :class:`InputError` if prices are asked for from more than one place."""
    places = [name for name, value in given.items() if value is not None]
    if len(places) > 1:
        raise InputError(f"prices are asked for from {' and '.join(places)} at once. Name one place.")


def _from_frozen(
    frozen: FrozenSnapshot, universe: Universe, tickers: Iterable[str] | None, adjustment: str
) -> Snapshot:
    daily = [one for one in frozen.series if one.key.provider in DAILY_PROVIDERS]
    series = [one for one in daily if tickers is not None or one.ticker in universe.frame.index]
    if tickers is not None:
        wanted = _there(tickers, [one.ticker for one in series], f"snapshot {frozen.name}")
        series = [one for one in series if one.ticker in wanted]
    if not series:
        raise SnapshotError(
            f"snapshot {frozen.name} has no daily prices of the universe. It has: {listed(s.key for s in daily)}."
        )
    return _from_series(frozen.name, series, frozen.files, universe, adjustment)


def _from_series(
    place: str, series: Sequence[PriceSeries], files: dict[str, str], universe: Universe, adjustment: str
) -> Snapshot:
    rows = {str(ticker): at for at, ticker in enumerate(universe.frame.index)}
    closes = _closes(sorted(series, key=lambda one: rows.get(one.ticker, len(rows))), adjustment)
    if not closes:
        raise NothingStoredError(f"{place}: there is no closing price in it.")
    # A company's new name is no other price: of the facts only those that bear on prices make the name.
    bearing = [{fact: one.facts[fact] for fact in ("frequency", "currency") if fact in one.facts} for one in closes]
    bare = [replace(one, facts=facts) for one, facts in zip(closes, bearing, strict=True)]
    name = f"{place}-{content_digest(bare)[:8]}"
    return assemble(name, [replace(one, file=name) for one in bare], files, universe, series, strict=False)
