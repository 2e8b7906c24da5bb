"""Closing prices of several series become one wide frame, with what is known of each stretch.

A ticker's prices in one file or answer are a *segment*: levels hold within it and not across, because each is adjusted as
of its own date. At least one session without a price lies between two segments of a ticker, so no return is ever taken
across them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import pandas as pd

from potash._display import Displayed, span_of
from potash.calendars import has_calendar, sessions_for
from potash.errors import PricesError, listed
from potash.market.series import PriceSeries
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


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Snapshot(Displayed):
    """Prices of one set of files, or of the store at one moment, as one wide frame.

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
    given : tuple of PriceSeries
        The series as they were given, faults and all, with volumes and dividends where there are any.
    """

    name: str
    prices: pd.DataFrame
    series: pd.DataFrame
    files: dict[str, str]
    left_out: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=LEFT_OUT_COLUMNS))
    given: tuple[PriceSeries, ...] = ()

    def _line(self) -> str:
        return f"{self.name}, {self.prices.shape[1]} tickers, {span_of(self.prices.index)}"

    def _facts(self) -> dict[str, object]:
        return {"left out": f"{len(self.left_out):,} prices of the provider"} if len(self.left_out) else {}

    def _table(self) -> pd.DataFrame:
        shown = self.series[["ticker", "start", "end", "observations", "missing", "currency", "adjustment"]].copy()
        return shown.assign(**{name: shown[name].dt.strftime("%Y-%m-%d") for name in ("start", "end")})

    @property
    def currencies(self) -> dict[str, str]:
        """The code of what each ticker is quoted in, as :func:`potash.convert_currency` takes it."""
        return dict(zip(self.series["ticker"], self.series["currency"], strict=True))


def assemble(
    name: str,
    segments: Sequence[PriceSeries],
    files: Mapping[str, str],
    universe: Universe,
    given: Sequence[PriceSeries] = (),
    *,
    strict: bool = True,
) -> Snapshot:
    """Return closing prices of several series as one wide frame; beyond the ends of a calendar they stand as they are.

    Parameters
    ----------
    name : str
        As in :class:`Snapshot`.
    segments : sequence of PriceSeries
        Closing prices alone; see :meth:`potash.market.series.PriceSeries.closes`. A currency that is not among the facts
        is that of the universe.
    files, given
        As in :class:`Snapshot`.
    universe : Universe
        Gives the exchange of each ticker.
    strict : bool
        Whether a price on a closed day, or one that is not positive, is an error; else it is left out and listed.

    Raises
    ------
    PricesError
        If prices are strict and one stands on a day that is no session, two segments of a ticker adjoin, or no price is left.
    UniverseError
        If a ticker is not in the universe.
    """
    universe.check(dict.fromkeys(segment.ticker for segment in segments))
    ordered = sorted(segments, key=lambda segment: segment.first)
    order = list(dict.fromkeys(segment.ticker for segment in ordered))
    sessions = _sessions(ordered, universe)
    kept, left_out = (ordered, pd.DataFrame(columns=LEFT_OUT_COLUMNS)) if strict else _cleaned(ordered, sessions)
    for ticker in order:
        _check_segments([s for s in kept if s.ticker == ticker], sessions[ticker], universe.exchange(ticker))
    if not kept:
        raise PricesError(f"{name}: no price on a session of its exchange. Look at them with: potash prices check.")
    prices = _wide(kept, [ticker for ticker in order if any(s.ticker == ticker for s in kept)], sessions)
    mics = {str(ticker): universe.exchange(str(ticker)) for ticker in prices.columns}
    prices.attrs = {"snapshot": name, "exchanges": mics}
    rows = [row for ticker in prices.columns for row in _describe(kept, ticker, sessions[ticker], universe)]
    return Snapshot(name, prices, pd.DataFrame(rows, columns=SERIES_COLUMNS), dict(files), left_out, tuple(given))


def _prices(segment: PriceSeries) -> pd.Series[float]:
    prices: pd.Series[float] = segment.values.iloc[:, 0]
    return prices


def _sessions(segments: Sequence[PriceSeries], universe: Universe) -> dict[str, pd.DatetimeIndex | None]:
    """Return each ticker's sessions from the first to the last date of all; ``None`` without a calendar."""
    start, end = min(s.first for s in segments), max(s.last for s in segments)
    by_ticker = {s.ticker: universe.exchange(s.ticker) for s in segments}
    days: dict[str, pd.DatetimeIndex] = {}
    for segment in segments:
        mic = by_ticker[segment.ticker]
        days[mic] = days.get(mic, pd.DatetimeIndex([])).union(segment.values.index)
    by_exchange = {mic: sessions_for(mic, start, end, priced) for mic, priced in days.items() if has_calendar(mic)}
    return {ticker: by_exchange.get(mic) for ticker, mic in by_ticker.items()}


def _cleaned(
    segments: Sequence[PriceSeries], sessions: Mapping[str, pd.DatetimeIndex | None]
) -> tuple[list[PriceSeries], pd.DataFrame]:
    """Return segments without the unusable prices of providers, and the list of these."""
    kept, rows = [], []
    for segment in segments:
        prices, closed = _prices(segment), _closed_days(segment, sessions[segment.ticker])
        wrong = prices.index[prices <= 0].difference(closed)
        for days, reason in ((closed, "no session on this day"), (wrong, "not a positive price")):
            rows += [(segment.ticker, day, float(prices[day]), reason) for day in days]
        left = segment.values.drop(closed.union(wrong))
        if len(left):
            kept.append(segment.of(left))
    return kept, pd.DataFrame(rows, columns=LEFT_OUT_COLUMNS)


def _closed_days(segment: PriceSeries, sessions: pd.DatetimeIndex | None) -> pd.DatetimeIndex:
    days = pd.DatetimeIndex(segment.values.index)
    return days[:0] if sessions is None else days.difference(sessions)


def _check_segments(segments: Sequence[PriceSeries], sessions: pd.DatetimeIndex | None, exchange: str) -> None:
    """Raise if a price stands on a closed day, or segments in order of time are not apart by a session."""
    for segment in segments:
        closed = _closed_days(segment, sessions)
        if len(closed):
            days = listed(f"{day:%Y-%m-%d (%a)}" for day in closed)
            raise PricesError(
                f"{segment.file}: {segment.ticker} has prices on days that are no sessions of {exchange}: {days}. "
                "An export that repeats the last price on closed days makes such rows: empty these cells or remove "
                "the rows."
            )
    for first, second in pairwise(segments):
        between = None if sessions is None else sessions[(sessions > first.last) & (sessions < second.first)]
        if between is None or not len(between):
            raise PricesError(
                f"{first.ticker}: {first.file} ends {first.last:%Y-%m-%d} and {second.file} starts "
                f"{second.first:%Y-%m-%d}, with no session of a known calendar between them. Files are adjusted as of "
                "different dates, so a return across them would be wrong: hand over one file that holds both, or drop "
                "the last row of the first."
            )


def _wide(
    segments: Sequence[PriceSeries], order: Sequence[str], sessions: Mapping[str, pd.DatetimeIndex | None]
) -> pd.DataFrame:
    closes = {t: pd.concat([_prices(s) for s in segments if s.ticker == t]) for t in order}
    index = pd.DatetimeIndex([])
    for ticker in order:
        of_exchange = sessions[ticker]
        index = index.union(pd.DatetimeIndex(closes[ticker].index) if of_exchange is None else of_exchange)
    frame = pd.DataFrame({ticker: series.reindex(index) for ticker, series in closes.items()})
    return frame.rename_axis(index="session", columns="ticker")


def _describe(
    segments: Sequence[PriceSeries], ticker: str, sessions: pd.DatetimeIndex | None, universe: Universe
) -> list[dict[str, object]]:
    rows = []
    for number, s in enumerate((s for s in segments if s.ticker == ticker), start=1):
        inside = None if sessions is None else sessions[(sessions >= s.first) & (sessions <= s.last)]
        rows.append(
            {
                "ticker": ticker,
                "segment": number,
                "start": s.first,
                "end": s.last,
                "observations": len(s.values),
                "missing": -1 if inside is None else len(inside) - len(s.values),
                "adjustment": s.adjustment,
                "known_as_of": s.known_as_of,
                "currency": s.facts.get("currency") or str(universe.frame.at[ticker, "currency"]),
                "exchange": universe.exchange(ticker),
                "source": s.source,
                "file": s.file,
            }
        )
    return rows
