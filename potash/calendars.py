"""Trading calendars: which sessions an exchange held, when each closed, and how far the calendar reaches.

Calendars come from exchange_calendars; exchanges are named by MIC (``XNYS``, ``XTAE``). Sessions are time-zone-naive
midnight timestamps, as in exchange_calendars. It takes seconds to compute what never changes, so sessions are kept in the
user's cache folder after their first use.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.metadata import version
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from potash.cache import keep, kept
from potash.errors import CalendarError, close_to, listed

FIRST_DATE = pd.Timestamp("2000-01-01")
LAST_DATE = pd.Timestamp("2030-12-31")

# Shenzhen has no calendar of its own in exchange_calendars; both mainland exchanges publish the same trading days.
_SAME_CALENDAR = {"XSHE": "XSHG"}

# Days on which exchange_calendars 4.13 has a session and the exchange had none. Tel Aviv held no session on Sunday
# 4 January 2026, the day before its Monday-Friday week began (newsru.co.il 2025-12-25; Globes 2026-01-04).
# Moscow traded no shares from 28 February to 23 March 2022 (Bank of Russia, press releases of those days). Hong Kong
# called off two days in 2023 (HKEX notices 2309012news and 2309083news; exchange_calendars issue 600).
_NOT_SESSIONS = {
    "XTAE": pd.DatetimeIndex(["2026-01-04"]),
    "XMOS": pd.date_range("2022-02-28", "2022-03-23"),
    "XHKG": pd.DatetimeIndex(["2023-09-01", "2023-09-08"]),
}


def covered_exchanges() -> list[str]:
    """Return the MICs that have a calendar."""
    return sorted(_ranges())


def has_calendar(exchange: str) -> bool:
    """Return whether there is a calendar for a MIC."""
    return exchange in _ranges()


def calendar_range(exchange: str) -> tuple[pd.Timestamp, pd.Timestamp]:
    """Return the first and the last date that the calendar of an exchange covers."""
    return _ranges().get(exchange, (FIRST_DATE, LAST_DATE))


@cache
def closes(exchange: str) -> pd.Series[Any]:
    """Return the closing times in UTC of every session, indexed by session."""
    if not has_calendar(exchange):
        available = covered_exchanges()
        raise CalendarError(
            f"exchange {exchange!r} has no trading calendar{close_to(exchange, available)}. Exchanges are named by MIC; "
            f"available are: {listed(available, 80)}."
        )
    content = kept(exchange, _key())
    if content is None:
        content = _computed_closes(exchange).tobytes()
        keep(exchange, _key(), content)
    sessions, times = np.frombuffer(content, dtype="<i8").reshape(2, -1).astype("M8[ns]")
    return pd.Series(pd.DatetimeIndex(times, tz="UTC"), index=pd.DatetimeIndex(sessions), name="close")


def _computed_closes(exchange: str) -> NDArray[np.int64]:
    """Return sessions and their closes in nanoseconds, as two rows."""
    import exchange_calendars as xcals  # heavy, so not at the top
    from exchange_calendars.calendar_utils import global_calendar_dispatcher as dispatcher

    first, last = calendar_range(exchange)
    # A calendar built by name with fixed ends: the library's default ends move with today's date.
    name = dispatcher.resolve_alias(_SAME_CALENDAR.get(exchange, exchange))
    times = xcals.get_calendar(name, start=first, end=last).schedule["close"]
    times = times.drop(_NOT_SESSIONS.get(exchange, []), errors="ignore")
    moments = (times.index.to_numpy(), times.dt.tz_localize(None).to_numpy())
    return np.array([values.astype("M8[ns]").astype("<i8") for values in moments])


@cache
def _ranges() -> dict[str, tuple[pd.Timestamp, pd.Timestamp]]:
    """Return the first and the last date of every calendar, by MIC."""
    content = kept("ranges", _key())
    if content is None:
        content = json.dumps(_computed_ranges()).encode()
        keep("ranges", _key(), content)
    dates = json.loads(content)
    return {exchange: (pd.Timestamp(first), pd.Timestamp(last)) for exchange, (first, last) in dates.items()}


def _computed_ranges() -> dict[str, tuple[str, str]]:
    import exchange_calendars as xcals
    from exchange_calendars.calendar_utils import global_calendar_dispatcher as dispatcher

    ranges = {}
    for exchange in {*xcals.get_calendar_names(include_aliases=False), *_SAME_CALENDAR}:
        factory = dispatcher._calendar_factories.get(_SAME_CALENDAR.get(exchange, exchange))
        low = getattr(factory, "bound_min", lambda: None)() or FIRST_DATE
        high = getattr(factory, "bound_max", lambda: None)() or LAST_DATE
        ranges[exchange] = (f"{max(low, FIRST_DATE):%Y-%m-%d}", f"{min(high, LAST_DATE):%Y-%m-%d}")
    return ranges


@cache
def _key() -> str:
    """Return all that sessions depend on, as text: the packages that compute them, the range, and our corrections."""
    corrections = {exchange: [str(day) for day in days] for exchange, days in _NOT_SESSIONS.items()}
    packages = [version("exchange_calendars"), pd.__version__]
    return json.dumps([packages, str(FIRST_DATE), str(LAST_DATE), _SAME_CALENDAR, corrections])


def check_covered(exchange: str, *dates: pd.Timestamp) -> None:
    """Raise :class:`CalendarError` unless the exchange has a calendar that covers the dates; it says the range."""
    closes(exchange)
    first, last = calendar_range(exchange)
    for date in dates:
        if not first <= date <= last:
            raise CalendarError(
                f"{date:%Y-%m-%d} lies outside the calendar of {exchange}, which covers {first:%Y-%m-%d} to {last:%Y-%m-%d}."
            )


def sessions_between(exchange: str, start: object, end: object) -> pd.DatetimeIndex:
    """Return the sessions of an exchange from ``start`` to ``end``, both included, as naive timestamps.

    Raises
    ------
    CalendarError
        If the exchange has no calendar, or a date lies outside its range (the message says the range).

    Examples
    --------
    >>> import potash
    >>> [f"{day:%a %d}" for day in potash.sessions_between("XNYS", "2025-12-24", "2025-12-29")]
    ['Wed 24', 'Fri 26', 'Mon 29']
    """
    first, last = as_date(start), as_date(end)
    check_covered(exchange, first, last)
    index = pd.DatetimeIndex(closes(exchange).loc[first:last].index, freq=None)
    return index.rename("session")


def sessions_for(exchange: str, start: object, end: object, days: pd.DatetimeIndex) -> pd.DatetimeIndex:
    """Return the sessions of an exchange from ``start`` to ``end``, as far as its calendar reaches, and days beyond it.

    Calendars end: Shanghai's at the end of this year. Prices of a day that no calendar covers stand as they are, since
    nothing is known against them.

    Parameters
    ----------
    exchange : str
        MIC of an exchange with a calendar.
    start, end : date
        Both included.
    days : DatetimeIndex
        Naive dates with prices; those outside the calendar's range are kept.
    """
    low, high = calendar_range(exchange)
    first, last = max(as_date(start), low), min(as_date(end), high)
    beyond = days[(days < low) | (days > high)]
    inside = sessions_between(exchange, first, last) if first <= last else days[:0]
    return pd.DatetimeIndex(inside.union(beyond)).rename("session")


def is_session(exchange: str, date: object) -> bool:
    """Return whether the exchange held a session on a date."""
    day = as_date(date)
    check_covered(exchange, day)
    return day in closes(exchange).index


def offset(exchange: str, session: object, sessions: int) -> pd.Timestamp:
    """Return the session that lies a number of sessions after (before, if negative) a session.

    Raises
    ------
    CalendarError
        If ``session`` is not a session of the exchange (the message names its neighbours), or the answer lies outside
        the calendar.

    Examples
    --------
    >>> import potash
    >>> print(potash.offset("XNYS", "2025-12-15", -10).date())
    2025-12-01
    """
    if not isinstance(sessions, int | np.integer) or isinstance(sessions, bool):
        raise CalendarError(f"sessions={sessions!r} is not a whole number of sessions.")
    day = as_date(session)
    check_covered(exchange, day)
    index = closes(exchange).index
    at = int(index.searchsorted(day))
    if at == len(index) or index[at] != day:
        around = [f"{index[i]:%Y-%m-%d}" for i in (at - 1, at) if 0 <= i < len(index)]
        raise CalendarError(f"{day:%Y-%m-%d} is not a session of {exchange}; the nearest are {listed(around)}.")
    if not 0 <= at + sessions < len(index):
        first, last = calendar_range(exchange)
        raise CalendarError(
            f"{sessions:+d} sessions from {day:%Y-%m-%d} leave the calendar of {exchange}, which covers {first:%Y-%m-%d} "
            f"to {last:%Y-%m-%d}."
        )
    return pd.Timestamp(index[at + sessions])


def first_close_after(exchange: str, instant: pd.Timestamp) -> pd.Timestamp:
    """Return the first session that closes after a moment in UTC; a close at that very moment does not count."""
    return _at(exchange, int(closes(exchange).searchsorted(instant, side="right")), instant)


def session_on_or_after(exchange: str, day: pd.Timestamp) -> pd.Timestamp:
    """Return the session of a date, or the next one."""
    return _at(exchange, int(closes(exchange).index.searchsorted(day)), day)


def _at(exchange: str, position: int, when: pd.Timestamp) -> pd.Timestamp:
    index = closes(exchange).index
    if position >= len(index):
        _, last = calendar_range(exchange)
        raise CalendarError(
            f"no session after {when:%Y-%m-%d} in the calendar of {exchange}, which ends {last:%Y-%m-%d}."
        )
    return pd.Timestamp(index[position])


def as_date(value: object) -> pd.Timestamp:
    """Return a date as a naive midnight timestamp; raise :class:`CalendarError` for anything else."""
    try:
        stamp = pd.Timestamp(value)
    except (ValueError, TypeError) as error:
        raise CalendarError(f"{value!r} is not a date. Write YYYY-MM-DD.") from error
    if pd.isna(stamp) or stamp.tzinfo is not None or stamp != stamp.normalize():
        raise CalendarError(f"{value!r} is not a plain date. Sessions are dates without time and zone: YYYY-MM-DD.")
    return stamp
