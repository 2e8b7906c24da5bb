"""What a date expression hangs on, and what a reading of it yields; calendar arithmetic that both need."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from potash.news.dates.grammar import MONTHS, WEEKDAYS

NO_PUBLICATION = "no publication date"
NO_VERB = "no year given and no verb that tells which"
NO_EARLIER_DAY = "no earlier day in the text"
IN_DOUBT = 0  # stands for the year of a passage that tells of two
ONE_DAY = dt.timedelta(1)
STEPS = {"this": 0, "current": 0, "last": -1, "next": 1, "same": 0, "that": 0, "previous": -1, "following": 1}
YEAR_WORDS = {"year", "short", "year_word"}

Words = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Setting:
    """What an expression hangs on: the anchor of the article, the sentence so far, the words around.

    Attributes
    ----------
    published : datetime.date or None
    last_day : datetime.date or None
        The last single day resolved before the expression.
    last : str
        The last date of any precision, ``YYYY``, ``YYYY-MM`` or ``YYYY-MM-DD``; empty without one.
    year : int or None
        The year that the passage tells of, where it says so; ``IN_DOUBT`` where it may be that or the year of publication.
    dayfirst : bool or None
    towards : str
        ``ahead``, ``done`` or empty: see :func:`potash.news.dates.context.direction`.
    bound : str
    compared : bool
        The expression only names what something is compared with.
    followed : bool
        The clause goes on behind the expression.
    quoted : bool
        The expression stands between quotation marks.
    """

    published: dt.date | None
    last_day: dt.date | None = None
    last: str = ""
    year: int | None = None
    dayfirst: bool | None = None
    towards: str = ""
    bound: str = ""
    compared: bool = False
    followed: bool = False
    quoted: bool = False

    @property
    def today(self) -> dt.date:
        """The day of publication; unresolved without one."""
        if self.published is None:
            raise UnresolvedError(NO_PUBLICATION)
        return self.published

    @property
    def day_before(self) -> dt.date:
        """The last day named; unresolved without one."""
        if self.last_day is None:
            raise UnresolvedError(NO_EARLIER_DAY)
        return self.last_day

    @property
    def looks_back(self) -> bool:
        """Whether the words say that the day is over."""
        return self.bound in ("since", "after") or (self.towards == "done" and self.bound != "before")

    @property
    def looks_ahead(self) -> bool:
        """Whether the next such day is meant, not the latest."""
        return self.bound in ("by", "until") or self.towards == "ahead"


class UnresolvedError(Exception):
    """A rule cannot tell the date; the message says why. :func:`meaning` turns it into an unresolved meaning."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """A date or range with the rule that gave it; ``date`` is empty where unresolved."""

    rule: str
    date: str = ""
    date_end: str = ""
    precision: str = "unresolved"
    bound: str = ""
    future: bool = False


def a_day(day: dt.date, rule: str, bound: str = "") -> Meaning:
    """Return a day as a meaning."""
    return Meaning(rule, day.isoformat(), precision="day", bound=bound)


def some_days(first: dt.date, last: dt.date, rule: str, bound: str = "", future: bool = False) -> Meaning:
    """Return a range of days as a meaning, both ends included."""
    return Meaning(rule, first.isoformat(), last.isoformat(), "range", bound, future)


def _month_token(index: int) -> str:
    return f"{index // 12:04d}-{index % 12 + 1:02d}"


def a_month(index: int, rule: str, bound: str = "") -> Meaning:
    """Return a month, counted from year 0, as a meaning."""
    return Meaning(rule, _month_token(index), precision="month", bound=bound)


def some_months(first: int, last: int, rule: str, bound: str = "") -> Meaning:
    """Return a range of months, counted from year 0, as a meaning, both ends included."""
    return Meaning(rule, _month_token(first), _month_token(last), "range", bound)


def a_year(year: int, rule: str, bound: str = "") -> Meaning:
    """Return a year as a meaning."""
    return Meaning(rule, f"{year:04d}", precision="year", bound=bound)


def month_index(day: dt.date) -> int:
    """Return the month of a day, counted from January of year 0."""
    return day.year * 12 + day.month - 1


def digits(text: str) -> int:
    """Return the number in a text such as ``9th``."""
    return int("".join(filter(str.isdigit, text)))


def month_number(words: Words) -> int:
    """Return 1 to 12 for the month named."""
    name = words["month"]
    return int(name) if name.isdigit() else MONTHS.index(name[:3]) + 1


def weekday_number(words: Words) -> int:
    """Return 0 for Monday to 6 for Sunday."""
    return WEEKDAYS.index(words["weekday"][:3])


def on_or_before(day: dt.date, weekday: int) -> dt.date:
    """Return the latest such weekday on or before a day."""
    return day - dt.timedelta((day.weekday() - weekday) % 7)


def on_or_after(day: dt.date, weekday: int) -> dt.date:
    """Return the next such weekday on or after a day."""
    return day + dt.timedelta((weekday - day.weekday()) % 7)
