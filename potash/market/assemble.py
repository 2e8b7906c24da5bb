"""From series of several sources to one wide frame of prices, with what is known of each stretch.

A ticker's prices in one file or answer are a *segment*: levels hold within it and not across, because each is adjusted as
of its own date. At least one session without a price lies between two segments of a ticker, so no return is ever taken
across them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import pandas as pd

from potash.calendars import has_calendar, sessions_for
from potash.errors import PricesError, listed
from potash.market.snapshots.tables import FrozenSeries
from potash.universe import Universe

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
LEFT_OUT_COLUMNS = ["ticker", "session", "price", "reason"]


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """Prices as one set of files, or the store at one moment, gives them.

    Attributes
    ----------
    name : str
        Where they come from and eight digits of a checksum over the content: other prices, other name.
    prices : DataFrame of shape (n_sessions, n_tickers)
        Closes in each ticker's currency; index ``session``: every session of the tickers' exchanges from the first to
        the last date; columns ``ticker``. NaN where a ticker has no price; nothing is filled. ``attrs["exchanges"]`` is
        the MIC of each ticker, by which returns are taken over its own sessions.
    series : DataFrame
        A row per ticker and segment, with its adjustment, source and file. ``missing`` counts the sessions of the
        ticker's exchange inside the segment without a price (-1 if the exchange has no calendar).
    files : dict
        Path below the folder to sha256; empty for the store.
    left_out : DataFrame
        A row per price that a provider gave and that is not in ``prices``, with the reason: it stands on a day without a
        session, or is not positive. Only for prices of a provider; in a user's own files these are errors.
    given : tuple of FrozenSeries
        The series as they were given, faults and all, with volumes and dividends where there are any.
    """

    name: str
    prices: pd.DataFrame
    series: pd.DataFrame
    files: dict[str, str]
    left_out: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=LEFT_OUT_COLUMNS))
    given: tuple[FrozenSeries, ...] = ()

    @property
    def currencies(self) -> dict[str, str]:
        """The code of what each ticker is quoted in, as :func:`potash.convert_currency` takes it."""
        return dict(zip(self.series["ticker"], self.series["currency"], strict=True))


@dataclass(frozen=True, slots=True, eq=False)
class Segment:
    """The prices of one ticker in one file or answer, and where they come from.

    Attributes
    ----------
    ticker : str
    closes : Series
        Prices by session, without missing ones.
    adjustment, known_as_of, source, file, currency : str
        As in the ``series`` of a :class:`Snapshot`; an empty currency is that of the universe.
    strict : bool
        Whether a price on a closed day, or one that is not positive, is an error; else it is left out and listed.
    """

    ticker: str
    closes: pd.Series[float]
    adjustment: str
    known_as_of: str
    source: str
    file: str
    currency: str = ""
    strict: bool = True

    @property
    def start(self) -> pd.Timestamp:
        """First session with a price."""
        return pd.Timestamp(self.closes.index[0])

    @property
    def end(self) -> pd.Timestamp:
        """Last session with a price."""
        return pd.Timestamp(self.closes.index[-1])


def assemble(
    name: str,
    segments: Sequence[Segment],
    files: Mapping[str, str],
    universe: Universe,
    given: Sequence[FrozenSeries] = (),
) -> Snapshot:
    """Return the snapshot that segments make; beyond the ends of a calendar prices stand as they are.

    Raises
    ------
    PricesError
        If a strict segment has a price on a day that is no session, two segments of a ticker adjoin, or no price is left.
    UniverseError
        If a ticker is not in the universe.
    """
    universe.check(dict.fromkeys(segment.ticker for segment in segments))
    ordered = sorted(segments, key=lambda segment: segment.start)
    order = list(dict.fromkeys(segment.ticker for segment in ordered))
    sessions = _sessions(ordered, universe)
    kept, left_out = _cleaned(ordered, sessions)
    for ticker in order:
        _check_segments([s for s in kept if s.ticker == ticker], sessions[ticker], universe.exchange(ticker))
    if not kept:
        raise PricesError(f"{name}: no price on a session of its exchange. Look at them with: potash prices check.")
    prices = _wide(kept, [ticker for ticker in order if any(s.ticker == ticker for s in kept)], sessions)
    mics = {str(ticker): universe.exchange(str(ticker)) for ticker in prices.columns}
    prices.attrs = {"snapshot": name, "exchanges": mics}
    rows = [row for ticker in prices.columns for row in _describe(kept, ticker, sessions[ticker], universe)]
    return Snapshot(name, prices, pd.DataFrame(rows, columns=SERIES_COLUMNS), dict(files), left_out, tuple(given))


def _sessions(segments: Sequence[Segment], universe: Universe) -> dict[str, pd.DatetimeIndex | None]:
    """Return each ticker's sessions from the first to the last date of all; ``None`` without a calendar."""
    start, end = min(s.start for s in segments), max(s.end for s in segments)
    by_ticker = {s.ticker: universe.exchange(s.ticker) for s in segments}
    days: dict[str, pd.DatetimeIndex] = {}
    for segment in segments:
        mic = by_ticker[segment.ticker]
        days[mic] = days.get(mic, pd.DatetimeIndex([])).union(segment.closes.index)
    by_exchange = {mic: sessions_for(mic, start, end, own) for mic, own in days.items() if has_calendar(mic)}
    return {ticker: by_exchange.get(mic) for ticker, mic in by_ticker.items()}


def _cleaned(
    segments: Sequence[Segment], sessions: Mapping[str, pd.DatetimeIndex | None]
) -> tuple[list[Segment], pd.DataFrame]:
    """Return segments without the unusable prices of providers, and the list of these."""
    kept, rows = [], []
    for segment in segments:
        if segment.strict:
            kept.append(segment)
            continue
        own = sessions[segment.ticker]
        closed = segment.closes.index.difference(segment.closes.index if own is None else own)
        wrong = segment.closes.index[segment.closes <= 0].difference(closed)
        for days, reason in ((closed, "no session on this day"), (wrong, "not a positive price")):
            rows += [(segment.ticker, day, float(segment.closes[day]), reason) for day in days]
        closes = segment.closes.drop(closed.union(wrong))
        if len(closes):
            facts = (segment.adjustment, segment.known_as_of, segment.source, segment.file, segment.currency, False)
            kept.append(Segment(segment.ticker, closes, *facts))
    return kept, pd.DataFrame(rows, columns=LEFT_OUT_COLUMNS)


def _check_segments(segments: Sequence[Segment], sessions: pd.DatetimeIndex | None, exchange: str) -> None:
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


def _wide(
    segments: Sequence[Segment], order: Sequence[str], sessions: Mapping[str, pd.DatetimeIndex | None]
) -> pd.DataFrame:
    closes = {t: pd.concat([s.closes for s in segments if s.ticker == t]) for t in order}
    index = pd.DatetimeIndex([])
    for ticker in order:
        own = sessions[ticker]
        index = index.union(pd.DatetimeIndex(closes[ticker].index) if own is None else own)
    frame = pd.DataFrame({ticker: series.reindex(index) for ticker, series in closes.items()})
    return frame.rename_axis(index="session", columns="ticker")


def _describe(
    segments: Sequence[Segment], ticker: str, sessions: pd.DatetimeIndex | None, universe: Universe
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
                "currency": s.currency or str(universe.frame.at[ticker, "currency"]),
                "exchange": universe.exchange(ticker),
                "source": s.source,
                "file": s.file,
            }
        )
    return rows
