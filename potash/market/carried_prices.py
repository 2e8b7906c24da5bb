"""The prices that the project carries, as segments of its snapshot and as series of a frozen one."""

from __future__ import annotations

from typing import Any

import pandas as pd

from potash.bundled import CarriedFile, carried_files, data_dir, verified
from potash.errors import ChecksumError, listed
from potash.market.answers import SeriesKey
from potash.market.assemble import Segment
from potash.market.own_files.readers import read_monthly_csv, read_wide_csv
from potash.market.snapshots.folder import FrozenSnapshot
from potash.market.snapshots.tables import FrozenSeries, content_digest

CARRIED = "carried"
_FIELDS = {"splits": "close"}


def carried_segments() -> tuple[list[Segment], dict[str, str]]:
    """Return a segment per ticker and file, and the checksum of each file.

    Raises
    ------
    ChecksumError
        If a file was changed, or SOURCES.toml does not describe a ticker.
    """
    rows = {path: row for path, row in sorted(carried_files().items()) if path.startswith("prices/")}
    segments = []
    for path, row in rows.items():
        frame = read_wide_csv(verified(path))
        for ticker in map(str, frame.columns):
            facts = _facts(row, ticker)
            source = facts.get("source", row.source)
            closes = frame[ticker].dropna()
            segments.append(Segment(ticker, closes, facts["adjustment"], facts["known_as_of"], source, path))
    return segments, {path: row.sha256 for path, row in rows.items()}


def carried_monthly() -> tuple[list[FrozenSeries], str]:
    """Return the monthly series in USD per tonne, and the checksum of their file.

    Raises
    ------
    ChecksumError
        If the file is missing or was changed.
    """
    paths = [path for path in carried_files() if path.startswith("monthly/")]
    if len(paths) != 1:
        raise ChecksumError(
            f"SOURCES.toml describes {len(paths)} files under monthly/ ({listed(paths)}); one is needed."
        )
    row = carried_files()[paths[0]]
    frame = read_monthly_csv(verified(paths[0]))
    facts = {"frequency": "monthly", "currency": "USD", "unit": "USD per tonne"}
    series = []
    for name in map(str, frame.columns):
        values = pd.DataFrame({"value": frame[name].to_numpy()}, index=frame.index.to_timestamp().rename("session"))
        series.append(FrozenSeries(SeriesKey(CARRIED, name), name, values, facts, row.adjustment, row.source))
    return series, row.sha256


def carried_daily() -> list[FrozenSeries]:
    """Return a series per ticker and file; its key names both."""
    return [
        FrozenSeries(
            SeriesKey(CARRIED, f"{segment.file.rpartition('/')[2]}:{segment.ticker}"),
            segment.ticker,
            segment.closes.to_frame(_FIELDS.get(segment.adjustment, "adj_close")),
            {"frequency": "daily", "currency": "USD"},
            segment.adjustment,
            segment.source,
        )
        for segment in carried_segments()[0]
    ]


def carried_snapshot() -> FrozenSnapshot:
    """Return what the project carries in the form of a frozen snapshot; a series per ticker and file.

    Raises
    ------
    ChecksumError
        If a carried file was changed.
    """
    series = tuple(sorted([*carried_daily(), *carried_monthly()[0]], key=lambda one: one.key))
    rows = {path: row for path, row in carried_files().items() if path.startswith(("prices/", "monthly/"))}
    as_of = max(str(facts["known_as_of"]) for row in rows.values() for facts in row.series)
    files = {path: row.sha256 for path, row in rows.items()}
    return FrozenSnapshot(CARRIED, data_dir(), as_of, None, {}, content_digest(series), files, series)


def _facts(row: CarriedFile, ticker: str) -> dict[str, Any]:
    found = [facts for facts in row.series if ticker in facts["tickers"]]
    if len(found) != 1:
        raise ChecksumError(
            f"SOURCES.toml, {row.path}: {len(found)} rows of series name {ticker}; one must, with its "
            "adjustment and known_as_of."
        )
    return found[0]
