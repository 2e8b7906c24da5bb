"""Frozen price data with names: what the project carries, or a folder of the user's own files.

A snapshot joins files into one wide frame. A ticker's prices in one file are a *segment*: levels hold within it and not
across, because each file is adjusted as of its own date. At least one session without a price lies between two
segments of a ticker, so no return is ever taken across them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import pandas as pd

from potash.calendars import has_calendar, sessions_between
from potash.carried import CarriedFile, carried_files, sha256_of, verified
from potash.errors import ChecksumError, PricesError, listed
from potash.market.readers import NOT_STATED, read_folder, read_monthly_csv, read_wide_csv
from potash.universe import Universe, load_universe

SERIES_COLUMNS = [
    "ticker",
    "segment",
    "start",
    "end",
    "observations",
    "missing",
    "adjustment",
    "known_as_of",
    "currency",
    "exchange",
    "source",
    "file",
]


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """Prices as one set of files gives them.

    Attributes
    ----------
    name : str
        ``carried-`` or ``folder-`` and eight digits of a checksum over the files; other bytes, other name.
    prices : DataFrame of shape (n_sessions, n_tickers)
        Closes in each ticker's currency; index ``session``: every session of the tickers' exchanges from the first to
        the last date; columns ``ticker``. NaN where a ticker has no price; nothing is filled.
    series : DataFrame
        A row per ticker and segment, with its adjustment, source and file. ``missing`` counts the sessions of the
        ticker's exchange inside the segment without a price (-1 if the exchange has no calendar).
    files : dict
        Path below the folder to sha256.
    """

    name: str
    prices: pd.DataFrame
    series: pd.DataFrame
    files: dict[str, str]


@dataclass(frozen=True, slots=True)
class _Segment:
    """The prices of one ticker in one file, and where they come from."""

    ticker: str
    closes: pd.Series[float]
    adjustment: str
    known_as_of: str
    source: str
    file: str

    @property
    def start(self) -> pd.Timestamp:
        return pd.Timestamp(self.closes.index[0])

    @property
    def end(self) -> pd.Timestamp:
        return pd.Timestamp(self.closes.index[-1])


def load_prices(folder: str | Path | None = None, universe: Universe | str | Path | None = None) -> pd.DataFrame:
    """Return the prices of :func:`load_snapshot`; ``attrs["snapshot"]`` holds the snapshot's name."""
    return load_snapshot(folder, universe).prices


def load_snapshot(folder: str | Path | None = None, universe: Universe | str | Path | None = None) -> Snapshot:
    """Return the carried snapshot, or one made of the CSV files of a folder.

    Parameters
    ----------
    folder : path, optional
        A folder of price files (see :mod:`potash.market.readers`); the carried files by default.
    universe : Universe or path, optional
        The instruments, for exchange and currency; the carried universe by default.

    Raises
    ------
    PricesError
        If a file breaks a rule, a ticker has a price on a day that is no session of its exchange, or two segments of a
        ticker adjoin.
    UniverseError
        If a ticker is not in the universe.
    CalendarError
        If a date lies outside the calendar of an exchange.
    ChecksumError
        If a carried file was changed.
    """
    known = universe if isinstance(universe, Universe) else load_universe(universe)
    if folder is None:
        kind, (segments, files) = "carried", _carried_segments()
    else:
        kind, (segments, files) = "folder", _folder_segments(Path(folder))
    known.check(dict.fromkeys(segment.ticker for segment in segments))
    segments = sorted(segments, key=lambda segment: segment.start)
    order = list(dict.fromkeys(segment.ticker for segment in segments))
    sessions = _sessions(segments, known)
    for ticker in order:
        _check_segments([s for s in segments if s.ticker == ticker], sessions[ticker], known.exchange(ticker))
    name = f"{kind}-{_digest(files.values())}"
    prices = _wide(segments, order, sessions)
    prices.attrs = {"snapshot": name}
    rows = [row for ticker in order for row in _describe(segments, ticker, sessions[ticker], known)]
    return Snapshot(name, prices, pd.DataFrame(rows, columns=SERIES_COLUMNS), files)


def load_monthly() -> pd.DataFrame:
    """Return the carried monthly commodity prices in USD per tonne: index ``month`` (periods), a column per series.

    Raises
    ------
    ChecksumError
        If the carried file is missing or was changed.
    """
    paths = [path for path in carried_files() if path.startswith("monthly/")]
    if len(paths) != 1:
        raise ChecksumError(
            f"SOURCES.toml describes {len(paths)} files under monthly/ ({listed(paths)}); one is needed."
        )
    monthly = read_monthly_csv(verified(paths[0]))
    monthly.attrs = {"unit": "USD per tonne", "sha256": carried_files()[paths[0]].sha256}
    return monthly


def _digest(checksums: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(sorted(checksums)).encode()).hexdigest()[:8]


def _carried_segments() -> tuple[list[_Segment], dict[str, str]]:
    rows = {path: row for path, row in sorted(carried_files().items()) if path.startswith("prices/")}
    segments = []
    for path, row in rows.items():
        frame = read_wide_csv(verified(path))
        for ticker in map(str, frame.columns):
            facts = _facts(row, ticker)
            closes = frame[ticker].dropna()
            segments.append(
                _Segment(
                    ticker, closes, facts["adjustment"], facts["known_as_of"], facts.get("source", row.source), path
                )
            )
    return segments, {path: row.sha256 for path, row in rows.items()}


def _facts(row: CarriedFile, ticker: str) -> dict[str, Any]:
    found = [facts for facts in row.series if ticker in facts["tickers"]]
    if len(found) != 1:
        raise ChecksumError(
            f"SOURCES.toml, {row.path}: {len(found)} rows of series name {ticker}; one must, with its "
            "adjustment and known_as_of."
        )
    return found[0]


def _folder_segments(folder: Path) -> tuple[list[_Segment], dict[str, str]]:
    segments, files = [], {}
    for file in read_folder(folder):
        files[file.path.name] = sha256_of(file.path)
        for ticker in map(str, file.prices.columns):
            closes = file.prices[ticker].dropna()
            adjustment = file.adjustment[ticker]
            segments.append(_Segment(ticker, closes, adjustment, NOT_STATED, "own files", file.path.name))
    return segments, files


def _sessions(segments: list[_Segment], universe: Universe) -> dict[str, pd.DatetimeIndex | None]:
    """Return each ticker's sessions from the first to the last date of all; ``None`` without a calendar."""
    start, end = min(s.start for s in segments), max(s.end for s in segments)
    by_ticker = {s.ticker: universe.exchange(s.ticker) for s in segments}
    by_exchange = {mic: sessions_between(mic, start, end) for mic in set(by_ticker.values()) if has_calendar(mic)}
    return {ticker: by_exchange.get(mic) for ticker, mic in by_ticker.items()}


def _check_segments(segments: list[_Segment], sessions: pd.DatetimeIndex | None, exchange: str) -> None:
    """Raise if a price stands on a closed day, or segments in order of time are not apart by a session."""
    for segment in segments:
        closed = segment.closes.index.difference(segment.closes.index if sessions is None else sessions)
        if len(closed):
            days = listed(f"{day:%Y-%m-%d (%a)}" for day in closed)
            raise PricesError(
                f"{segment.file}: {segment.ticker} has prices on days that are no sessions of {exchange}: {days}. "
                "An export that repeats the last price on closed days makes such rows: empty these cells or remove "
                "the rows."
            )
    for first, second in pairwise(segments):
        between = None if sessions is None else sessions[(sessions > first.end) & (sessions < second.start)]
        if between is None or not len(between):
            raise PricesError(
                f"{first.ticker}: {first.file} ends {first.end:%Y-%m-%d} and {second.file} starts "
                f"{second.start:%Y-%m-%d}, with no session of a known calendar between them. Files are adjusted as of "
                "different dates, so a return across them would be wrong: hand over one file that holds both, or drop "
                "the last row of the first."
            )


def _wide(segments: list[_Segment], order: list[str], sessions: Mapping[str, pd.DatetimeIndex | None]) -> pd.DataFrame:
    closes = {t: pd.concat([s.closes for s in segments if s.ticker == t]) for t in order}
    index = pd.DatetimeIndex([])
    for ticker in order:
        own = sessions[ticker]
        index = index.union(pd.DatetimeIndex(closes[ticker].index) if own is None else own)
    frame = pd.DataFrame({ticker: series.reindex(index) for ticker, series in closes.items()})
    return frame.rename_axis(index="session", columns="ticker")


def _describe(
    segments: list[_Segment], ticker: str, sessions: pd.DatetimeIndex | None, universe: Universe
) -> list[dict[str, object]]:
    rows = []
    for number, s in enumerate((s for s in segments if s.ticker == ticker), start=1):
        inside = None if sessions is None else sessions[(sessions >= s.start) & (sessions <= s.end)]
        rows.append(
            {
                "ticker": ticker,
                "segment": number,
                "start": s.start,
                "end": s.end,
                "observations": len(s.closes),
                "missing": -1 if inside is None else len(inside) - len(s.closes),
                "adjustment": s.adjustment,
                "known_as_of": s.known_as_of,
                "currency": str(universe.frame.at[ticker, "currency"]),
                "exchange": universe.exchange(ticker),
                "source": s.source,
                "file": s.file,
            }
        )
    return rows
