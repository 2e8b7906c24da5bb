"""Daily factors from the data library of Kenneth R. French, as published: percent per day."""

from __future__ import annotations

import datetime as dt
import io
import re
import threading
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from potash.errors import BadAnswerError, NoDataError, StaleSourceError, close_to, listed
from potash.market.providers.web import Download, get
from potash.market.series import PriceSeries, SeriesKey

if TYPE_CHECKING:
    import requests

LIBRARY = "https://mba.tuck.dartmouth.edu/pages/faculty/ken.french/ftp/"

# The SMB of the five-factor file is another factor than that of the three-factor file: it averages over sorts on
# profitability and investment too.
FILES: Mapping[str, Mapping[str, str]] = {
    "F-F_Research_Data_Factors_daily_CSV.zip": {"mkt_rf": "Mkt-RF", "smb": "SMB", "hml": "HML", "rf": "RF"},
    "F-F_Research_Data_5_Factors_2x3_daily_CSV.zip": {"smb5": "SMB", "rmw": "RMW", "cma": "CMA"},
    "F-F_Momentum_Factor_daily_CSV.zip": {"mom": "Mom"},
}
SYMBOLS = tuple(symbol for columns in FILES.values() for symbol in columns)
MISSING = (-99.99, -999.0)
FRESH_DAYS = 150

NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)")
DAY = re.compile(r"\d{8}")
VINTAGE = re.compile(r"using the (\d{6} \w+ database)")
BROKEN_ZIP = (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, NotImplementedError)


@dataclass(frozen=True, slots=True, eq=False)
class FactorTable:
    """One file of the library.

    Attributes
    ----------
    values : DataFrame of shape (n_days, n_factors)
        Percent per day; index of naive dates, unique and increasing; columns as published. NaN where the file says
        -99.99 or -999.
    vintage : str or None
        The database it was built from, in its own words: ``202604 CRSP database``.
    url : str
        Where it came from.
    """

    values: pd.DataFrame
    vintage: str | None
    url: str


class French:
    """Provider of daily factors: ``mkt_rf smb hml rf``, ``smb5 rmw cma`` of the five-factor file, and ``mom``.

    Each file is downloaded once for each object.

    Parameters
    ----------
    session : requests.Session, optional
        Asked instead of a fresh one.
    timeout : float
        Seconds to wait for each piece of an answer.
    base : str
        The folder of the files.
    """

    name = "french"
    whole = True

    def __init__(self, session: requests.Session | None = None, timeout: float = 60.0, base: str = LIBRARY) -> None:
        self._session = session
        self._timeout = timeout
        self._base = base.rstrip("/") + "/"
        self._tables: dict[str, FactorTable] = {}
        self._lock = threading.Lock()

    def symbols(self, now: dt.datetime) -> Sequence[str]:
        """Return the symbols of the factors; nothing is downloaded."""
        return SYMBOLS

    def fetch(self, symbol: str, first: pd.Timestamp, last: pd.Timestamp, now: dt.datetime) -> PriceSeries:
        """Return a factor from ``first`` to ``last``: field ``value``, percent per day, dates as published.

        Parameters
        ----------
        symbol : str
            One of :data:`SYMBOLS`.
        first, last : Timestamp
            Naive dates, both included.
        now : datetime
            The present moment with its zone. Days from its date (UTC) on are left out and noted.

        Raises
        ------
        NoDataError
            If the symbol is unknown, or the factor has no value in the span.
        StaleSourceError
            If the last day of the file is more than 150 days before ``now``.
        UnreachableError, RateLimitedError, BadAnswerError
            If no whole file came, or it is not the table.
        """
        file = next((file for file, columns in FILES.items() if symbol in columns), None)
        if file is None:
            raise NoDataError(
                f"{self.name}:{symbol}: no such factor{close_to(symbol, SYMBOLS)}. Available: {listed(SYMBOLS, 20)}."
            )
        table = self._table(file)
        _check_fresh(table, now)
        column = FILES[file][symbol]
        today = pd.Timestamp(now.astimezone(dt.UTC).date())
        published = table.values[column]
        inside = published[(published.index >= first) & (published.index <= last)]
        kept = inside[inside.index < today]
        if not kept.notna().any():
            days = published.dropna().index
            reach = f"it has {days[0]:%Y-%m-%d} to {days[-1]:%Y-%m-%d}" if len(days) else "it has none at all"
            raise NoDataError(f"{self.name}:{symbol}: no value in {first:%Y-%m-%d}..{last:%Y-%m-%d}; {reach}.")
        early = inside.index[inside.index >= today]
        return PriceSeries(
            key=SeriesKey(self.name, symbol),
            values=kept.to_frame("value"),
            facts={
                "frequency": "daily",
                "currency": "USD",
                "unit": "percent per day",
                "exchange": "XNYS",
                "name": f"{column} ({file.removesuffix('_CSV.zip')})",
            },
            first=first,
            last=last,
            source="Kenneth R. French Data Library" + (f", {table.vintage}" if table.vintage else ""),
            notes=tuple(f"{day:%Y-%m-%d} left out: not over at {now:%Y-%m-%d %H:%M %Z}" for day in early),
        )

    def _table(self, file: str) -> FactorTable:
        with self._lock:
            if file not in self._tables:
                download = get(self._base + file, self._session, self._timeout)
                self._tables[file] = read_factors(download, tuple(FILES[file].values()))
            return self._tables[file]


def read_factors(download: Download, columns: Sequence[str]) -> FactorTable:
    """Return the table of a file of the library.

    Parameters
    ----------
    download : Download
        A zip that holds one CSV: prose, a header line that starts with a comma, lines that start with ``YYYYMMDD``,
        prose.
    columns : sequence of str
        Names that the header must have.

    Raises
    ------
    BadAnswerError
        If it is no such file, or a line of the table breaks a rule; the message names the line.
    """
    member, text = _unzip(download)
    where = f"{download.url}: {member}"
    lines = [[cell.strip() for cell in line.split(",")] for line in text.splitlines()]
    start, header = _header(where, lines, columns)
    end = start + 1
    while end < len(lines) and DAY.fullmatch(lines[end][0]):
        end += 1
    # A day after the end means a broken line within the table, or a second table: neither may pass as the end.
    later = next((n for n in range(end, len(lines)) if DAY.fullmatch(lines[n][0])), None)
    if later is not None:
        raise BadAnswerError(
            f"{where}: line {end + 1} {_shown(lines[end])} is not a day of the table and line {later + 1} is again."
        )
    if end == start + 1:
        raise BadAnswerError(f"{where}: no line under the header starts with a day like 20240131.")
    rows = [_row(where, start + 2 + n, cells, header) for n, cells in enumerate(lines[start + 1 : end])]
    days = _days(where, [cells[0] for cells in lines[start + 1 : end]])
    values = pd.DataFrame(np.array(rows), index=days, columns=header)
    vintage = VINTAGE.search(text)
    return FactorTable(values.mask(values.isin(MISSING)), vintage.group(1) if vintage else None, download.url)


def _unzip(download: Download) -> tuple[str, str]:
    try:
        with zipfile.ZipFile(io.BytesIO(download.body)) as archive:
            names = [name for name in archive.namelist() if name.lower().endswith(".csv")]
            if len(names) != 1:
                raise BadAnswerError(f"{download.url}: one CSV file was expected in the zip; it holds {listed(names)}.")
            return names[0], archive.read(names[0]).decode("utf-8-sig", errors="replace")
    except BROKEN_ZIP as problem:
        raise BadAnswerError(
            f"{download.url}: not a whole zip file ({problem}), but {download.beginning()}."
        ) from problem


def _header(where: str, lines: Sequence[list[str]], columns: Sequence[str]) -> tuple[int, list[str]]:
    """Return the position of the header line and its names; some files end every line with a comma."""
    for n, cells in enumerate(lines):
        names = cells[1:-1] if cells[-1] == "" else cells[1:]
        if cells[0] == "" and names:
            lacking = [name for name in columns if name not in names]
            if lacking or len(set(names)) < len(names):
                raise BadAnswerError(
                    f"{where}: line {n + 1} names {listed(names)}; wanted once each: {listed(columns)}."
                )
            return n, names
    raise BadAnswerError(f"{where}: no header line that starts with a comma; wanted: ,{','.join(columns)}.")


def _row(where: str, line: int, cells: Sequence[str], header: Sequence[str]) -> list[float]:
    texts = cells[1:-1] if len(cells) == len(header) + 2 and cells[-1] == "" else cells[1:]
    if len(texts) != len(header):
        raise BadAnswerError(f"{where}: line {line} {_shown(cells)} has {len(texts)} values for {len(header)} names.")
    strange = next((text for text in texts if not NUMBER.fullmatch(text)), None)
    if strange is not None:
        raise BadAnswerError(f"{where}: line {line} {_shown(cells)}: {strange!r} is not a number.")
    return [float(text) for text in texts]


def _days(where: str, texts: Sequence[str]) -> pd.DatetimeIndex:
    days = pd.DatetimeIndex(pd.to_datetime(pd.Series(texts), format="%Y%m%d", errors="coerce"), name="session")
    wrong = [text for text, day in zip(texts, days, strict=True) if pd.isna(day)]
    if wrong:
        raise BadAnswerError(f"{where}: no such day: {listed(wrong)}.")
    if days.has_duplicates:
        raise BadAnswerError(
            f"{where}: days that stand twice: {listed(f'{d:%Y%m%d}' for d in days[days.duplicated()])}."
        )
    if not days.is_monotonic_increasing:
        late = next(text for text, before in zip(texts[1:], texts, strict=False) if text < before)
        raise BadAnswerError(f"{where}: days out of order: {late} stands after a later day.")
    return days


def _shown(cells: Sequence[str]) -> str:
    return repr(",".join(cells)[:60])


def _check_fresh(table: FactorTable, now: dt.datetime) -> None:
    published = table.values.dropna(how="all").index
    last = published[-1] if len(published) else table.values.index[0]
    age = (now.astimezone(dt.UTC).date() - last.date()).days
    if age > FRESH_DAYS:
        raise StaleSourceError(
            f"{table.url}: the last day is {last:%Y-%m-%d}, {age} days before {now:%Y-%m-%d}; the library follows within "
            f"{FRESH_DAYS}. Its files may have moved: pass their folder as base=, or with --url on the command line."
        )
