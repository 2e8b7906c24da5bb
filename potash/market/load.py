"""Prices by name: what the project carries, a folder of files, a frozen snapshot, or the store as of a date."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from potash.errors import InputError, NothingStoredError, PricesError, SnapshotError, check_option, close_to, listed
from potash.files import snapshots_home
from potash.market.answers import DAILY_PROVIDERS, SeriesKey
from potash.market.assemble import SERIES_COLUMNS, Segment, Snapshot, assemble
from potash.market.carried_prices import CARRIED, carried_daily, carried_segments
from potash.market.own_files.bars import NOT_STATED, read_bar_folder
from potash.market.snapshots.folder import FrozenSnapshot, list_snapshots, read_snapshot
from potash.market.snapshots.manifest import MANIFEST
from potash.market.snapshots.tables import FrozenSeries, content_digest
from potash.universe import Universe, load_universe

if TYPE_CHECKING:
    from potash.market.store.store import PriceStore

__all__ = [
    "SERIES_COLUMNS",
    "Snapshot",
    "find_snapshot",
    "load_prices",
    "load_snapshot",
]

SPLITS_AND_DIVIDENDS = "splits+dividends"
ADJUSTMENTS = (SPLITS_AND_DIVIDENDS, "splits")
# Which field is handed out, or the next best.
_ORDER = {SPLITS_AND_DIVIDENDS: ("adj_close", "close"), "splits": ("close", "adj_close")}


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
    """Return the prices of :func:`load_snapshot`; ``attrs["snapshot"]`` holds the snapshot's name."""
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
        A folder of price files (see :mod:`potash.market.own_files.readers`), or of a frozen snapshot.
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
    known = universe if isinstance(universe, Universe) else load_universe(universe)
    one_place(folder=folder, snapshot=snapshot, store=as_of if store is None else store)
    if as_of is not None or store is not None:
        return _from_store(store, as_of, known, tickers, adjustment, whole=whole)
    if snapshot is not None and str(snapshot) != CARRIED:
        return _from_frozen(read_snapshot(find_snapshot(snapshot)), known, tickers, adjustment)
    if folder is not None and (Path(folder) / MANIFEST).is_file():
        return _from_frozen(read_snapshot(folder), known, tickers, adjustment)
    if folder is not None:
        kind, (segments, given, files) = "folder", _folder_segments(Path(folder))
    else:
        kind, given, (segments, files) = CARRIED, carried_daily(), carried_segments()
    if tickers is not None:
        wanted = _there(tickers, [segment.ticker for segment in segments], str(folder or "what the project carries"))
        segments = [segment for segment in segments if segment.ticker in wanted]
        given = [one for one in given if one.ticker in wanted]
    return assemble(f"{kind}-{_digest(files.values())}", segments, files, known, given)


def _there(tickers: Iterable[str], known: Sequence[str], where: str) -> list[str]:
    """Return the tickers asked for after checking that each is there."""
    wanted = [tickers] if isinstance(tickers, str) else list(dict.fromkeys(tickers))
    lacking = [ticker for ticker in wanted if ticker not in known]
    if lacking:
        hints = listed(f"{ticker}{close_to(ticker, known)}" for ticker in lacking)
        raise PricesError(f"{where} has no prices of {hints}. It has: {listed(dict.fromkeys(known), 40)}.")
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
    from potash.market.stored import (  # SQLAlchemy is heavy
        as_list,
        daily_keys,
        opened_store,
        stored_closes,
        stored_series,
    )

    opened = opened_store(store)
    asked = None if tickers is None else as_list(tickers)
    there = daily_keys(opened, asked, as_of=as_of)
    keys = [key for ticker, key in there.items() if asked is not None or ticker in universe.frame.index]
    if not keys:
        raise NothingStoredError(
            f"price store {opened.where} holds no daily prices of the universe. It holds: {listed(there, 40)}. Hand over "
            "a universe that has them with universe=FILE."
        )
    series = stored_series(opened, keys, as_of) if whole else stored_closes(opened, keys, as_of, _ORDER[adjustment])
    lacking = [] if asked is None else [key for key in keys if key not in {one.key for one in series}]
    if lacking:
        raise NothingStoredError(f"price store {opened.where} knew nothing of {listed(lacking)} as of {as_of}.")
    return _from_series("store", series, {}, universe, adjustment)


def _folder_segments(folder: Path) -> tuple[list[Segment], list[FrozenSeries], dict[str, str]]:
    segments, given, files = [], [], {}
    for file in read_bar_folder(folder).files:
        files[file.path.name] = file.sha256
        for ticker, bars in file.bars.items():
            key = SeriesKey("files", f"{file.path.name}:{ticker}")
            one = FrozenSeries(key, ticker, bars, {"frequency": "daily"}, file.adjustment[ticker], "own files")
            field, label = price_field(one)
            given.append(one)
            segments.append(Segment(ticker, bars[field].dropna(), label, NOT_STATED, one.source, file.path.name))
    return segments, given, files


def find_snapshot(name: str | Path) -> Path:
    """Return the folder of a frozen snapshot, given its folder or its name.

    Raises
    ------
    SnapshotError
        If there is none, with the names that there are.
    """
    for folder in (snapshots_home() / str(name), Path(name)):
        if (folder / MANIFEST).is_file():
            return folder
    known = [str(known) for known in list_snapshots(snapshots_home())["name"]] if snapshots_home().is_dir() else []
    raise SnapshotError(
        f"there is no snapshot {str(name)!r}{close_to(str(name), known)}. In {snapshots_home()} are: {listed(known, 20)}; "
        f"{CARRIED!r} is what the project carries. Make one with: potash prices freeze NAME"
    )


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
    place: str, series: Sequence[FrozenSeries], files: dict[str, str], universe: Universe, adjustment: str
) -> Snapshot:
    chosen = []
    rows = {str(ticker): at for at, ticker in enumerate(universe.frame.index)}
    for one in sorted(series, key=lambda one: rows.get(one.ticker, len(rows))):
        field, label = price_field(one, adjustment)
        if field and one.values[field].notna().any():
            # A company's new name is no other price: of the facts only those that bear on prices make the name.
            facts = {fact: one.facts[fact] for fact in ("frequency", "currency") if fact in one.facts}
            chosen.append(replace(one, values=one.values[[field]].dropna(), adjustment=label, facts=facts))
    if not chosen:
        raise NothingStoredError(f"{place}: there is no closing price in it.")
    name = f"{place}-{content_digest(chosen)[:8]}"
    segments = []
    for one in chosen:
        known = "" if one.known_from is None else one.known_from[1][:10]
        closes, currency = one.values.iloc[:, 0], one.facts.get("currency", "")
        segments.append(Segment(one.ticker, closes, one.adjustment, known, one.source, name, currency, strict=False))
    return assemble(name, segments, files, universe, series)


def price_field(series: FrozenSeries, adjustment: str = SPLITS_AND_DIVIDENDS) -> tuple[str, str]:
    """Return which field holds the closing prices that are wanted, or the next best, and how they are adjusted.

    The field is empty where the series has no closing price.
    """
    field = next((name for name in _ORDER[adjustment] if name in series.values), "")
    labels = dict(part.split(": ", 1) for part in series.adjustment.split("; ") if ": " in part)
    return field, labels.get(field, series.adjustment)


def _digest(checksums: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(sorted(checksums)).encode()).hexdigest()[:8]
