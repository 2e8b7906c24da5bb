"""Prices by name: what the project carries, a folder of files, a frozen snapshot, or the store as of a date."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Literal

import pandas as pd

from potash.errors import InputError, NothingStoredError, SnapshotError, check_option, close_to, listed
from potash.market.answers import SeriesKey
from potash.market.carried_prices import CARRIED, carried_daily, carried_monthly, carried_segments, carried_snapshot
from potash.market.files.bars import NOT_STATED, read_bar_folder
from potash.market.frozen.folder import FrozenSnapshot, list_snapshots, read_snapshot
from potash.market.frozen.manifest import MANIFEST
from potash.market.frozen.tables import FrozenSeries, content_digest
from potash.market.segments import SERIES_COLUMNS, Segment, Snapshot, assemble
from potash.market.store.engine import snapshots_home
from potash.market.store.store import PriceStore
from potash.market.stored import DAILY_PROVIDERS, SPLITS_AND_DIVIDENDS, daily_keys, stored_series
from potash.universe import Universe, load_universe

__all__ = [
    "SERIES_COLUMNS",
    "Snapshot",
    "carried_snapshot",
    "find_snapshot",
    "load_factors",
    "load_monthly",
    "load_prices",
    "load_snapshot",
]

ADJUSTMENTS = (SPLITS_AND_DIVIDENDS, "splits")
MONTHLY_SERIES = ("potassium_chloride", "dap", "urea", "maize", "soybeans")


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
    found = load_snapshot(
        folder, universe, snapshot=snapshot, as_of=as_of, store=store, tickers=tickers, adjustment=adjustment
    )
    return found.prices


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
        A folder of price files (see :mod:`potash.market.files.readers`), or of a frozen snapshot.
    universe : Universe or path, optional
        The instruments, for exchange and currency; the carried universe by default.
    snapshot : str or path, optional
        Name or folder of a frozen snapshot; ``"carried"`` is what the project carries.
    as_of : date or moment, optional
        From the store: what was known at the end of that day in UTC, or at that moment.
    store : PriceStore, path or address, optional
        The store to read; ``"default"``, or ``as_of`` alone, is the default one.
    tickers : iterable of str, optional
        Only these, from the store or a frozen snapshot; all of the universe that are there by default.
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
    CalendarError
        If a date lies outside the calendar of an exchange.
    ChecksumError, SnapshotError
        If a carried file or a frozen snapshot was changed, or there is none of that name.
    StoreError, NothingStoredError
        If the store cannot be read, or knew nothing then.
    InputError
        If prices are asked for from two places at once.
    """
    check_option("adjustment", adjustment, ADJUSTMENTS)
    known = universe if isinstance(universe, Universe) else load_universe(universe)
    _one_place(folder=folder, snapshot=snapshot, store=as_of if store is None else store)
    if as_of is not None or store is not None:
        opened = store if isinstance(store, PriceStore) else PriceStore(store)
        keys = [key for t, key in daily_keys(opened, tickers).items() if tickers is not None or t in known.frame.index]
        series = stored_series(opened, keys, as_of)
        return _from_series(f"store-{content_digest(series)[:8]}", series, {}, known, tickers, adjustment)
    if snapshot is not None and str(snapshot) != CARRIED:
        return _from_frozen(read_snapshot(find_snapshot(snapshot)), known, tickers, adjustment)
    if folder is not None and (Path(folder) / MANIFEST).is_file():
        return _from_frozen(read_snapshot(folder), known, tickers, adjustment)
    if folder is not None:
        segments, given, files = _folder_segments(Path(folder))
        return assemble(f"folder-{_digest(files.values())}", segments, files, known, given)
    segments, files = carried_segments()
    return assemble(f"{CARRIED}-{_digest(files.values())}", segments, files, known, carried_daily())


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


def load_monthly(
    folder: str | Path | None = None,
    *,
    snapshot: str | Path | None = None,
    as_of: object = None,
    store: PriceStore | str | Path | None = None,
    series: Sequence[str] | Literal["all"] = MONTHLY_SERIES,
) -> pd.DataFrame:
    """Return monthly commodity prices: index ``month`` (periods), a column per series; NaN where there is none.

    Parameters
    ----------
    folder : path, optional
        A frozen snapshot's folder. A folder of other files has no monthly prices: the carried ones are returned.
    snapshot, as_of, store
        As in :func:`load_snapshot`.
    series : sequence of str, or "all"
        Which ones; by default the fertilizers and crops of the study that are there.

    Returns
    -------
    DataFrame
        ``attrs["units"]`` holds the unit of each column, ``attrs["unit"]`` the one of all if they share one.

    Raises
    ------
    ChecksumError, SnapshotError, StoreError, NothingStoredError
        As :func:`load_snapshot`; also if none of the series is there.
    """
    _one_place(folder=folder, snapshot=snapshot, store=as_of if store is None else store)
    found = [one for one in _series_of(folder, snapshot, as_of, store) if one.facts["frequency"] == "monthly"]
    return _monthly_frame(found, series)


def load_factors(
    snapshot: str | Path | None = None,
    *,
    as_of: object = None,
    store: PriceStore | str | Path | None = None,
) -> pd.DataFrame:
    """Return daily factors of Kenneth French as fractions a day: index ``session``, a column per factor.

    Columns are those stored of ``mkt_rf smb hml rf`` (three factors), ``smb5 rmw cma`` (five) and ``mom``. They are
    published in percent with two decimals, so that a day's ``rf`` may be rounded to zero. NaN where there is none.

    Parameters
    ----------
    snapshot, as_of, store
        As in :func:`load_snapshot`; the default store if none is given.

    Raises
    ------
    NothingStoredError
        If there are none; they come from ``potash prices pull --provider french``.
    """
    _one_place(snapshot=snapshot, store=as_of if store is None else store)
    place = "default" if snapshot is None and store is None else store
    found = [one for one in _series_of(None, snapshot, as_of, place) if one.key.provider == "french"]
    if not found:
        raise NothingStoredError("there are no factors there. Get them with: potash prices pull --provider french")
    return pd.DataFrame({one.ticker: one.values["value"] / 100 for one in found}).rename_axis(index="session")


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


def _one_place(**given: object) -> None:
    places = [name for name, value in given.items() if value is not None]
    if len(places) > 1:
        raise InputError(f"prices are asked for from {' and '.join(places)} at once. Name one place.")


def _series_of(
    folder: str | Path | None, snapshot: str | Path | None, as_of: object, store: PriceStore | str | Path | None
) -> Sequence[FrozenSeries]:
    """Return every series of a place that is no plain folder of files."""
    if as_of is not None or store is not None:
        opened = store if isinstance(store, PriceStore) else PriceStore(store)
        others = [key for key in opened.series_keys() if key.provider not in DAILY_PROVIDERS]
        return stored_series(opened, others, as_of) if others else []
    if snapshot is not None and str(snapshot) != CARRIED:
        return read_snapshot(find_snapshot(snapshot)).series
    if folder is not None and (Path(folder) / MANIFEST).is_file():
        return read_snapshot(folder).series
    return carried_monthly()[0]


def _monthly_frame(found: Sequence[FrozenSeries], series: Sequence[str] | Literal["all"]) -> pd.DataFrame:
    by_name = {one.ticker: one for one in found}
    names = list(by_name) if series == "all" else [name for name in series if name in by_name]
    if not names:
        wanted = "monthly series" if series == "all" else listed(series)
        raise NothingStoredError(
            f"there are no monthly prices of {wanted} there; it holds {listed(by_name, 20)}. Get them with: potash prices "
            "pull --provider pink_sheet"
        )
    frame = pd.DataFrame({name: by_name[name].values["value"] for name in names})
    frame.index = pd.PeriodIndex(frame.index, freq="M", name="month")
    units = {name: by_name[name].facts.get("unit", "") for name in names}
    frame.attrs = {"units": units}
    if len(set(units.values())) == 1:
        frame.attrs["unit"] = units[names[0]]
    return frame


def _from_frozen(
    frozen: FrozenSnapshot, universe: Universe, tickers: Iterable[str] | None, adjustment: str
) -> Snapshot:
    daily = [one for one in frozen.series if one.key.provider in DAILY_PROVIDERS]
    series = [one for one in daily if tickers is not None or one.ticker in universe.frame.index]
    if tickers is not None:
        wanted = list(dict.fromkeys(tickers))
        there = [one.ticker for one in series]
        lacking = [ticker for ticker in wanted if ticker not in there]
        if lacking:
            raise SnapshotError(f"snapshot {frozen.name} has no {listed(lacking)}. It has: {listed(there, 40)}.")
        series = [one for one in series if one.ticker in wanted]
    if not series:
        raise SnapshotError(
            f"snapshot {frozen.name} has no daily prices of the universe. It has: {listed(s.key for s in daily)}."
        )
    name = f"{frozen.name}-{frozen.digest[:8]}"
    return _from_series(name, series, frozen.files, universe, tickers, adjustment)


def _from_series(
    name: str,
    series: Sequence[FrozenSeries],
    files: dict[str, str],
    universe: Universe,
    tickers: Iterable[str] | None,
    adjustment: str,
) -> Snapshot:
    segments = []
    for one in series:
        field, label = price_field(one, adjustment)
        closes = one.values[field].dropna() if field else pd.Series(dtype="float64")
        if len(closes):
            known = "" if one.known_from is None else one.known_from[1][:10]
            currency = one.facts.get("currency", "")
            segments.append(Segment(one.ticker, closes, label, known, one.source, str(one.key), currency, strict=False))
    if not segments:
        raise NothingStoredError(f"{name}: there is no closing price in it.")
    return assemble(name, segments, files, universe, series)


def price_field(series: FrozenSeries, adjustment: str = SPLITS_AND_DIVIDENDS) -> tuple[str, str]:
    """Return which field holds the closing prices that are wanted, or the next best, and how they are adjusted.

    The field is empty where the series has no closing price.
    """
    order = ("adj_close", "close") if adjustment == SPLITS_AND_DIVIDENDS else ("close", "adj_close")
    field = next((name for name in order if name in series.values), "")
    labels = dict(part.split(": ", 1) for part in series.adjustment.split("; ") if ": " in part)
    return field, labels.get(field, series.adjustment)


def _digest(checksums: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(sorted(checksums)).encode()).hexdigest()[:8]
