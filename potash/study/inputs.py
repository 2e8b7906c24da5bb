"""The rules for frames that are handed to a study: returns by session, and events."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from potash._typing import Float1D, Int1D
from potash.errors import EventsError, InputError, close_to, listed

# Of daily dispersion, see check_units.
LARGEST_DISPERSION, LARGEST_BESIDE, LARGEST_RATIO = 0.1, 0.04, 30
LARGEST_PERCENT = 10.0  # a dispersion in percent; what is larger is in basis points, or prices
LARGEST_RATE = 0.002  # a session: an interest rate never falls below zero either, and is smaller
FEWEST_MOVES = 20


def check_returns(frame: pd.DataFrame, what: str) -> pd.DataFrame:
    """Return the frame as floats after checking that its sessions and values can be used.

    Raises
    ------
    InputError
        If the index is not one of unique, increasing, zone-naive dates, columns repeat, or a value is not a finite
        number (missing values are allowed).
    """
    if not isinstance(frame, pd.DataFrame) or frame.empty:
        raise InputError(f"{what}: a DataFrame of sessions x columns with at least one row is needed.")
    index = frame.index
    if not isinstance(index, pd.DatetimeIndex) or index.tz is not None:
        raise InputError(f"{what}: the index must hold dates without a zone, it is {index.dtype}. Use pd.to_datetime.")
    if (index != index.normalize()).any():
        raise InputError(
            f"{what}: sessions are dates without a time of day, found {index[index != index.normalize()][0]}."
        )
    if index.has_duplicates:
        twice = index[index.duplicated()].strftime("%Y-%m-%d")
        raise InputError(f"{what}: sessions that stand more than once: {listed(twice)}. Keep one row for each.")
    if not index.is_monotonic_increasing:
        raise InputError(f"{what}: sessions are not in order. Call .sort_index() first.")
    if frame.columns.has_duplicates:
        raise InputError(
            f"{what}: columns that stand more than once: {listed(frame.columns[frame.columns.duplicated()])}."
        )
    try:
        values = frame.astype(float)
    except (TypeError, ValueError) as error:
        raise InputError(f"{what}: a value is not a number ({error}).") from error
    infinite = np.isinf(values.to_numpy())
    if infinite.any():
        at = tuple(np.argwhere(infinite)[0])
        raise InputError(f"{what}: {frame.columns[at[1]]} on {index[at[0]]:%Y-%m-%d} is infinite; was a price zero?")
    return values


def check_events(events: pd.DataFrame, tickers: list[str]) -> pd.DataFrame:
    """Return the events with ``event_id``, ``ticker``, ``session``, ``exchange`` and ``reason``, a row per firm-event.

    Raises
    ------
    EventsError
        If a column is missing, a ticker has no returns, a session is no date, or an event and ticker stand twice.
    """
    if not isinstance(events, pd.DataFrame):
        raise EventsError(f"events is a {type(events).__name__}; a DataFrame with event_id and session is needed.")
    absent = [column for column in ("event_id", "session") if column not in events]
    if absent:
        raise EventsError(
            f"events: no column {listed(absent)}; found {listed(events.columns, 20)}. A session is day 0; "
            "Timeline.align finds it from an announcement."
        )
    if events.empty:
        raise EventsError("events: there is no row, so there is nothing to study.")
    rows = events if "ticker" in events else events.merge(pd.DataFrame({"ticker": tickers}), how="cross")
    if rows["ticker"].isna().any():
        raise EventsError(
            "events: a row has no ticker. Name one in each row, or leave the column out for every security."
        )
    rows = rows.assign(ticker=rows["ticker"].astype(str))
    unknown = sorted(set(rows["ticker"]) - set(tickers))
    if unknown:
        hints = listed(f"{ticker!r}{close_to(str(ticker), tickers)}" for ticker in unknown)
        raise EventsError(f"events: no returns for {hints}. Returns are there for: {listed(tickers, 40)}.")
    if rows["event_id"].isna().any():
        raise EventsError("events: a row has no event_id. Give each event its own.")
    sessions = pd.to_datetime(rows["session"], format="ISO8601", errors="coerce")
    strange = rows.loc[sessions.isna() & rows["session"].notna(), "session"]
    if len(strange):
        raise EventsError(f"events: a session is not a date: {listed(map(repr, strange))}. Write YYYY-MM-DD.")
    if sessions.dt.tz is not None or (sessions.dropna() != sessions.dropna().dt.normalize()).any():
        raise EventsError("events: sessions are dates without time and zone. Timeline.align finds them from times.")
    rows = rows.assign(session=sessions)
    for column in ("exchange", "reason"):
        rows[column] = rows[column].astype(object).fillna("") if column in rows else ""
    twice = rows.loc[rows.duplicated(["event_id", "ticker"]), ["event_id", "ticker"]]
    if len(twice):
        pairs = listed(f"{event} ({ticker})" for event, ticker in twice.itertuples(index=False))
        raise EventsError(f"events: these stand more than once: {pairs}. An event_id names one event.")
    return rows.reset_index(drop=True)


def check_factor_frame(factors: object) -> None:
    """Raise :class:`InputError` unless ``factors`` is a DataFrame, which may have no columns."""
    if not isinstance(factors, pd.DataFrame):
        raise InputError(
            f"factors is a {type(factors).__name__}, not a DataFrame of sessions x factors. Hand over columns, for example "
            "returns[['SPY']]; without columns, as returns[[]], a constant is alone."
        )


def events_left_out(exclude_events: bool | pd.DataFrame, events: pd.DataFrame) -> pd.DataFrame | None:
    """Return the events whose windows estimations leave out: those of a frame, or those of the study if ``True``."""
    if isinstance(exclude_events, pd.DataFrame):
        return exclude_events.copy()
    if not isinstance(exclude_events, bool):
        raise InputError(f"exclude_events={exclude_events!r} must be True, False or a frame of events to leave out.")
    return events if exclude_events else None


def check_kind(returns: pd.DataFrame, kind: str, what: str) -> None:
    """Raise :class:`InputError` where returns are no frame, or fall below what simple returns can."""
    if not isinstance(returns, pd.DataFrame):
        raise InputError(f"{what}: a {type(returns).__name__} came in; a DataFrame of sessions x securities is needed.")
    numbers = returns.select_dtypes("number")
    if kind == "simple" and (numbers < -1).any(axis=None):
        at = (numbers < -1).any()
        raise InputError(
            f"{what}: {listed(at.index[at])} fall below -100 %, which simple returns cannot. Are they log returns, percent "
            "or prices? Hand over fractions."
        )


def check_units(frames: dict[str, pd.DataFrame]) -> None:
    """Raise :class:`InputError` where a column of returns looks like prices, percent or basis points, not fractions.

    A column is judged by its daily dispersion: the median absolute value of the returns that are not zero, times the root of
    their share, over the root of the sessions from one row to the next (weekly and monthly returns are larger, those of a
    security that seldom trades too). It is refused above :data:`LARGEST_DISPERSION`; above :data:`LARGEST_BESIDE` where it is
    also :data:`LARGEST_RATIO` times that of the other columns; and where it never falls, as prices do not. A column with one
    value beside zero, which marks days, is none of these.

    Parameters
    ----------
    frames : dict of DataFrame
        Returns by what they are called in the message.

    Notes
    -----
    No column of ten years of daily, weekly, monthly and quarterly prices of 50 shares, funds and commodities exceeds .06 over
    120 sessions; normal returns of 10 % a day have .067; an index in percent in its calmest half year has .16. What moves less
    than .1 % a day, as bond funds do, passes in percent unless the other columns give it away.
    """
    columns = [
        (what, name, values, *_dispersion(values, days))
        for what, frame in frames.items()
        for name, values, days in _columns(frame)
    ]
    sizes = np.array([size for *_, size, _ in columns])
    for at, (what, name, values, size, never_falls) in enumerate(columns):
        if not (size > LARGEST_BESIDE or never_falls):
            continue
        others = np.delete(sizes, at)
        beside = float(np.nanmedian(others)) if np.isfinite(others).any() else np.nan
        if size > LARGEST_DISPERSION or size > LARGEST_RATIO * beside or never_falls:
            credible = f"at most {LARGEST_DISPERSION:.0%} is credible"
            rule = credible if size > LARGEST_DISPERSION else f"the other columns move {beside:.3%}"
            raise InputError(f"{what}: {name} {_why_no_returns(values, size, never_falls, rule)}")


def _columns(frame: pd.DataFrame) -> Iterator[tuple[Any, Float1D, Int1D | None]]:
    """Yield name, values and calendar days of each column; values that are no numbers are missing, days perhaps not there."""
    index, days = frame.index, None
    if isinstance(index, pd.DatetimeIndex):
        days = index.tz_localize(None).to_numpy().astype("datetime64[D]").astype(np.int64)
    try:
        table = frame.to_numpy(float)
    except (TypeError, ValueError):
        table = frame.apply(pd.to_numeric, errors="coerce").to_numpy(float)
    yield from ((name, values, days) for name, values in zip(frame.columns, np.ascontiguousarray(table.T), strict=True))


def _why_no_returns(values: Float1D, size: float, never_falls: bool, rule: str) -> str:
    units, remedy = "prices or percent", "divide percent by 100"
    shown = f"moves {size:.4g} on an ordinary day, which as a fraction is {size:.1%}; {rule}"
    if never_falls:
        values = values[np.isfinite(values)]
        shown = f"is above zero on every one of {len(values)} rows, from {values.min():.4g} to {values.max():.4g}"
        remedy = "use .pct_change() or differences of logarithms"
    elif size > LARGEST_PERCENT:
        units, remedy = "basis points, prices or percent", "divide basis points by 10,000"
    return (
        f"{shown}. Are they {units}? Hand over fractions, .01 for one percent ({remedy}), or pass check_units=False if they are "
        "right."
    )


def _dispersion(values: Float1D, days: Int1D | None) -> tuple[float, bool]:
    """Return a column's daily dispersion, NaN where it cannot be judged, and whether it never falls as prices do."""
    there = np.isfinite(values)
    moves = values[there & (values != 0)]
    if len(moves) < 2 or np.ptp(moves) == 0:
        return np.nan, False
    size = float(np.median(np.abs(moves)))
    if len(moves) < FEWEST_MOVES:
        return size if size > 1 else np.nan, False
    sessions = 1.0 if days is None else max(float(np.median(np.abs(np.diff(days[there])))) * 5 / 7, 1.0)
    never_falls = len(moves) == there.sum() and moves.min() > 0 and size > LARGEST_RATE * sessions
    return size * float(np.sqrt(len(moves) / there.sum() / sessions)), bool(never_falls)
