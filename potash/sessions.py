"""From an announcement to the first session in which it could be traded, and windows of offsets around it.

Nothing rolls silently: every answer says how it was found.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

import numpy as np
import pandas as pd

from potash.calendars import check_covered, closes, first_close_after, is_session, session_on_or_after
from potash.errors import EventsError, WindowError, close_to

_ISO = re.compile(r"\d{4}-\d{2}-\d{2}([T ]|$)")


@dataclass(frozen=True, slots=True)
class Window:
    """A range of offsets in sessions around day 0, both ends included.

    Attributes
    ----------
    start, end : int
        First and last offset; ``start <= end``.
    """

    start: int
    end: int

    def __post_init__(self) -> None:
        if self.start > self.end:
            raise WindowError(
                f"window ({self.start}, {self.end}) starts after it ends. Did you mean ({self.end}, {self.start})?"
            )

    @classmethod
    def of(cls, value: object, name: str = "window") -> Window:
        """Return the window given as a pair of whole numbers, for example ``(-1, 1)``.

        Raises
        ------
        WindowError
            If it is not a pair of whole numbers, or its start lies after its end.
        """
        if isinstance(value, Window):
            return value
        if not isinstance(value, tuple | list) or len(value) != 2:
            raise WindowError(
                f"{name}={value!r} is not a pair of offsets in sessions. Write for example {name}=(-1, 1)."
            )
        if not all(isinstance(v, int | np.integer) and not isinstance(v, bool) for v in value):
            raise WindowError(f"{name}={value!r} must hold two whole numbers of sessions, both ends included.")
        start, end = int(value[0]), int(value[1])
        if start > end:
            raise WindowError(f"{name}={value!r} starts after it ends. Did you mean ({end}, {start})?")
        return cls(start, end)

    def __len__(self) -> int:
        return self.end - self.start + 1

    def __str__(self) -> str:
        return f"[{self.start:+d}, {self.end:+d}]".replace("+0", "0").replace("-0", "0")

    def __contains__(self, other: object) -> bool:
        if isinstance(other, Window):
            return self.start <= other.start and other.end <= self.end
        return isinstance(other, int | np.integer) and bool(self.start <= other <= self.end)

    @property
    def offsets(self) -> range:
        """The offsets from start to end."""
        return range(self.start, self.end + 1)


@dataclass(frozen=True, slots=True)
class Announcement:
    """When something became public: a date, or a time with its zone.

    Attributes
    ----------
    date : datetime.date
        Calendar date in ``zone``.
    time : datetime.time, optional
        Time of day in ``zone``; ``None`` if only the date is known.
    zone : str, optional
        IANA name such as ``"Europe/Minsk"``; required with a time.

    Raises
    ------
    EventsError
        If the zone is unknown, or a time comes without a zone.
    """

    date: dt.date
    time: dt.time | None = None
    zone: str | None = None

    def __post_init__(self) -> None:
        if self.zone is not None:
            check_zone(self.zone)
        if self.time is not None and self.time.tzinfo is not None:
            raise EventsError(
                f"announcement {self.date} {self.time}: the time carries a zone of its own. Leave it to zone=."
            )
        if self.time is not None and self.zone is None:
            raise EventsError(
                f"announcement {self.date} {self.time}: a time needs a zone. Add one, for example 'America/New_York', or "
                "leave the time out."
            )

    @classmethod
    def of(cls, value: object) -> Announcement:
        """Return the announcement meant by a date, an ISO date text, or a timestamp that carries its zone.

        Raises
        ------
        EventsError
            If the value has a time of day without a zone, or is no date at all.
        """
        if isinstance(value, Announcement):
            return value
        if isinstance(value, str) and not _ISO.match(value):
            raise EventsError(f"announcement {value!r} is not a date. Write YYYY-MM-DD.")
        try:
            stamp = pd.Timestamp(value)
        except (ValueError, TypeError) as error:
            raise EventsError(f"announcement {value!r} is not a date. Write YYYY-MM-DD.") from error
        if pd.isna(stamp):
            raise EventsError(f"announcement {value!r} is not a date. Write YYYY-MM-DD.")
        if stamp.tzinfo is not None:
            utc = stamp.tz_convert("UTC")
            return cls(utc.date(), utc.time(), "UTC")
        if stamp != stamp.normalize():
            raise EventsError(
                f"announcement {value!r} has a time but no zone. Add the zone, for example "
                f"pd.Timestamp({str(stamp)!r}, tz='America/New_York')."
            )
        return cls(stamp.date())

    @property
    def instant(self) -> pd.Timestamp | None:
        """The moment in UTC, or ``None`` if only the date is known."""
        if self.time is None:
            return None
        return _moment(self.date, self.time, str(self.zone))


@dataclass(frozen=True, slots=True)
class FirstSession:
    """The first session of an exchange in which an announcement could be traded.

    Attributes
    ----------
    exchange : str
        MIC.
    session : Timestamp
        Day 0: the first session whose close is after the announcement.
    ambiguous : bool
        True if only the date is known and another session could have been the first.
    alternative : Timestamp or None
        That other session.
    rule : str
        How ``session`` was found, in words.
    """

    exchange: str
    session: pd.Timestamp
    ambiguous: bool
    alternative: pd.Timestamp | None
    rule: str


def _moment(date: dt.date, time: dt.time, zone: str) -> pd.Timestamp:
    return pd.Timestamp(dt.datetime.combine(date, time, ZoneInfo(zone))).tz_convert("UTC")


def check_zone(zone: str) -> ZoneInfo:
    """Return the zone of an IANA name; raise :class:`EventsError` with near names if there is none."""
    try:
        return ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        hint = close_to(zone, available_timezones())
        raise EventsError(f"zone {zone!r} is not an IANA time zone{hint}. Write for example 'Europe/Minsk'.") from error


def first_session(announcement: object, exchange: str) -> FirstSession:
    """Return the first session whose close is after an announcement.

    Parameters
    ----------
    announcement : Announcement, date, ISO date text or zone-aware timestamp
        A date without a time counts as that day: day 0 is its session, or the next one if the exchange is closed on
        it. On a trading day the answer is ambiguous, because an announcement after the close would first be traded in
        the next session. A zone settles more: where every moment of that date in that zone leads to one session, the
        answer is that session and not ambiguous; else it lies between those of the date's first and last moment.
    exchange : str
        MIC.

    Raises
    ------
    CalendarError
        If the exchange has no calendar, or no session after the announcement lies in its range.
    EventsError
        If the announcement is not a date, or has a time without a zone.

    Examples
    --------
    >>> import pandas as pd, potash
    >>> day = potash.first_session("2025-12-13", "XNYS")
    >>> print(day.session.date(), day.ambiguous)
    2025-12-15 False
    >>> late = potash.first_session(pd.Timestamp("2025-12-12 17:00", tz="America/New_York"), "XNYS")
    >>> print(late.session.date())
    2025-12-15
    """
    announced = Announcement.of(announcement)
    day = pd.Timestamp(announced.date)
    check_covered(exchange, day)
    if announced.instant is not None:
        session = first_close_after(exchange, announced.instant)
        return FirstSession(exchange, session, False, None, "first close after the announcement")
    if announced.zone is not None:
        return _within(exchange, announced.date, announced.zone)
    if is_session(exchange, day):
        late = first_close_after(exchange, closes(exchange)[day])
        rule = "date without a time on a trading day: that session, or the next if it came after the close"
        return FirstSession(exchange, day, True, late, rule)
    session = session_on_or_after(exchange, day)
    return FirstSession(exchange, session, False, None, "no session on that date: the next one")


def _within(exchange: str, date: dt.date, zone: str) -> FirstSession:
    """Return the first session of a date whose first and last moment are known from its zone."""
    start, end = (_moment(date + dt.timedelta(days=n), dt.time.min, zone) for n in (0, 1))
    first = first_close_after(exchange, start)
    last = first_close_after(exchange, end - pd.Timedelta(microseconds=1))
    if first == last:
        return FirstSession(
            exchange, first, False, None, "date without a time: each of its moments leads to that session"
        )
    session = min(max(session_on_or_after(exchange, pd.Timestamp(date)), first), last)
    other = last if session == first else first
    rule = "date without a time: that session, or the other one, by the hour"
    return FirstSession(exchange, session, True, other, rule)
