"""Rules for dates with a name: days, weekdays, months, quarters, seasons, years. None of them invents a day."""

from __future__ import annotations

import calendar
import datetime as dt

from potash.news.dates.meaning import (
    IN_DOUBT,
    NO_VERB,
    ONE_DAY,
    STEPS,
    YEAR_WORDS,
    Meaning,
    Setting,
    UnresolvedError,
    Words,
    a_day,
    a_month,
    a_year,
    digits,
    month_index,
    month_number,
    on_or_after,
    on_or_before,
    some_days,
    some_months,
    weekday_number,
)

_NTH = {"first": 1, "1st": 1, "second": 2, "2nd": 2, "third": 3, "3rd": 3, "fourth": 4, "4th": 4}
SEASONS = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12}
_HOLIDAYS = {"halloween": (31, 10), "new year's eve": (31, 12), "new year's day": (1, 1)}


# A day or month without a year that was so many months ago is as likely the next one, unless a verb says that it is over.
_LONG_AGO = 9


def exact_day(year: int, month: int, day: int) -> dt.date:
    """Return the day, unresolved where the calendar has none (30 February)."""
    try:
        return dt.date(year, month, day)
    except ValueError:
        raise UnresolvedError("no such day in the calendar") from None


def _year_named(words: Words, setting: Setting) -> int | None:
    if "year" in words:
        return int(words["year"])
    if "short" in words:
        return 2000 + int(words["short"])
    word = words.get("year_word")
    if word is None:
        if setting.year == IN_DOUBT:
            raise UnresolvedError("no year given, and the sentence tells of two")
        return setting.year
    if word in ("this", "current", "last", "next"):
        return setting.today.year + STEPS[word]
    if not setting.last:
        raise UnresolvedError("no earlier year in the text")
    return int(setting.last[:4]) + STEPS[word]


def calendar_day(words: Words, setting: Setting) -> Meaning:
    """Return the day or days of a named month: ``9 August 2021``, ``August 9``, ``12-13 December``."""
    return _day_of_month(digits(words["day"]), month_number(words), words, setting)


def _day_of_month(day: int, month: int, words: Words, setting: Setting) -> Meaning:
    year = _year_named(words, setting)
    if year is not None:
        first = exact_day(year, month, day)
        rule = "date as written"
        if not words.keys() & YEAR_WORDS:
            rule = "day and month as written, year of the passage"
            if setting.towards == "ahead" and first.isoformat() < setting.last:
                raise UnresolvedError("the text looks ahead, and the year of the passage gives an earlier day")
    else:
        first, rule = _nearest(day, month, words, setting)
    if "day_end" in words:
        last = exact_day(first.year, month, digits(words["day_end"]))
        if last <= first:
            raise UnresolvedError("the range ends before it starts")
        return some_days(first, last, rule)
    if "weekday" in words and first.weekday() != weekday_number(words):
        rule += "; the weekday disagrees"
    return a_day(first, rule)


def _nearest(day: int, month: int, words: Words, setting: Setting) -> tuple[dt.date, str]:
    today = setting.today
    # A leap day recurs after eight years at most; days of a century's edge are met by the wider reach.
    years = [y for y in range(today.year - 8, today.year + 9) if day <= calendar.monthrange(y, month)[1]]
    days = [dt.date(y, month, day) for y in years]
    if not days:
        raise UnresolvedError("no such day in the calendar")
    if "weekday" in words:
        near = [d for d in days if abs(d.year - today.year) <= 1 and d.weekday() == weekday_number(words)]
        days = near or days
    ahead = [d for d in days if d >= today]
    if setting.looks_ahead and ahead:
        return ahead[0], "no year given: the next such day"
    behind = [d for d in days if d <= today + (1 if setting.looks_back else 7) * ONE_DAY]
    if behind and "weekday" not in words and not setting.looks_back and (today - behind[-1]).days > _LONG_AGO * 30:
        raise UnresolvedError(NO_VERB)
    return (behind or ahead)[-1 if behind else 0], "no year given: the one nearest before publication"


def iso_day(words: Words, setting: Setting) -> Meaning:
    """Return the day that year, month and day in figures name: ``2021-08-09``."""
    return _day_of_month(int(words["day"]), int(words["month"]), words, setting)


def numeric_day(words: Words, setting: Setting) -> Meaning:
    """Return the day that two or three numbers name, unresolved where day and month cannot be told apart."""
    first, second = int(words["first"]), int(words["second"])
    dayfirst = setting.dayfirst
    if first > 12 or second > 12 or first == second:
        dayfirst = second <= 12
    elif words["mark"] == ".":
        dayfirst = True
    if dayfirst is None:
        raise UnresolvedError("day and month cannot be told apart")
    return _day_of_month(first if dayfirst else second, second if dayfirst else first, words, setting)


def first_or_last_day(words: Words, setting: Setting) -> Meaning:
    """Return the day of ``the first day of February``."""
    index, rule = _month_meant(words, setting)
    year, month = index // 12, index % 12 + 1
    return a_day(dt.date(year, month, 1 if words["nth"] == "first" else calendar.monthrange(year, month)[1]), rule)


def nth_weekday(words: Words, setting: Setting) -> Meaning:
    """Return the day of ``the second Saturday of December``."""
    index, rule = _month_meant(words, setting)
    first = on_or_after(dt.date(index // 12, index % 12 + 1, 1), weekday_number(words))
    if words["nth"] == "last":
        return a_day(on_or_before(dt.date((index + 1) // 12, (index + 1) % 12 + 1, 1) - ONE_DAY, first.weekday()), rule)
    return a_day(first + (_NTH[words["nth"]] - 1) * 7 * ONE_DAY, rule)


def ordinal_day(words: Words, setting: Setting) -> Meaning:
    """Return the date of a day without a month: ``on the 13th``, ``the 16th of that month``."""
    day = digits(words["day"])
    of_month = words.get("of_month", "")
    if of_month.startswith(("that", "the same")):
        if len(setting.last) < 7:
            raise UnresolvedError("no earlier month in the text")
        index = int(setting.last[:4]) * 12 + int(setting.last[5:7]) - 1
    elif of_month.startswith(("this", "last", "next")):
        index = month_index(setting.today) + STEPS[of_month[:4]]
    else:
        return _latest_ordinal(day, words, setting)
    return a_day(exact_day(index // 12, index % 12 + 1, day), "day of the month named before it")


def _latest_ordinal(day: int, words: Words, setting: Setting) -> Meaning:
    today = setting.today
    if setting.year not in (None, today.year):
        raise UnresolvedError("no month is given")
    if setting.looks_ahead:
        date = _step_to(day, today, 1)
        return a_day(date, "the next such day of a month")
    rule = "latest such day of a month on or before publication"
    # One day of grace: it may be the next day already where the news is made.
    date = _step_to(digits(words.get("day_end", words["day"])), today + ONE_DAY, -1)
    if "day_end" in words:
        return some_days(_step_to(day, date - ONE_DAY, -1), date, rule)
    if "weekday" in words and date.weekday() != weekday_number(words):
        rule += "; the weekday disagrees"
    return a_day(date, rule)


def _step_to(day_of_month: int, start: dt.date, step: int) -> dt.date:
    while start.day != day_of_month:
        start += step * ONE_DAY
    return start


def weekday(words: Words, setting: Setting) -> Meaning:
    """Return the date of a weekday: ``on Saturday``, ``last Saturday``."""
    number, which = weekday_number(words), words.get("which", "")
    if "week" in words:
        monday = on_or_before(setting.today, 0) + 7 * STEPS[words["week"]] * ONE_DAY
        return a_day(monday + number * ONE_DAY, f"weekday of {words['week']} week")
    if which.startswith("the ") or which == "that":
        return a_day(_weekday_from_text(number, which, setting.day_before), "weekday counted from the last day named")
    today = setting.today
    if which == "this":
        return a_day(on_or_before(today, 0) + number * ONE_DAY, "weekday of the week of publication")
    if which in ("next", "coming", "this coming"):
        return a_day(on_or_after(today + ONE_DAY, number), "next such weekday after publication")
    if which:
        return a_day(on_or_before(today - ONE_DAY, number), "latest such weekday before publication")
    if setting.looks_ahead:
        return a_day(on_or_after(today, number), "next such weekday, the text looks ahead")
    return a_day(on_or_before(today, number), "weekday on or before publication")


def _weekday_from_text(number: int, which: str, day: dt.date) -> dt.date:
    if which in ("the following", "the next"):
        return on_or_after(day + ONE_DAY, number)
    if which in ("the previous", "the preceding"):
        return on_or_before(day - ONE_DAY, number)
    if day.weekday() != number:
        raise UnresolvedError("the last day named is another weekday")
    return day


def holiday(words: Words, setting: Setting) -> Meaning:
    """Return the day of a feast that has a fixed one."""
    return _day_of_month(*_HOLIDAYS[words["holiday"].replace("’", "'")], words, setting)


def _month_meant(words: Words, setting: Setting) -> tuple[int, str]:
    month, which = month_number(words) - 1, words.get("which", "")
    year = _year_named(words, setting) if not which else None
    if year is not None:
        return (
            year * 12 + month,
            "month as written" if words.keys() & YEAR_WORDS else "month as written, year of the passage",
        )
    today = setting.today
    if which == "this":
        return today.year * 12 + month, "month of the year of publication"
    if which == "next" or (not which and setting.looks_ahead):
        start = month_index(today) + (which == "next")
        return start + (month - start) % 12, "no year given: the next such month"
    start = month_index(today) - (which == "last")
    if not which and not setting.looks_back and (start - month) % 12 > _LONG_AGO:
        raise UnresolvedError(NO_VERB)
    return start - (start - month) % 12, "no year given: latest such month on or before publication"


def month(words: Words, setting: Setting) -> Meaning:
    """Return the month, with its year, that a name stands for."""
    return a_month(*_month_meant(words, setting))


def _period(start_month: int, length: int, setting: Setting, which: str) -> int:
    """Return the first month of the quarter, half or season that recurs every year and is meant."""
    now = month_index(setting.today)
    starts = [(setting.today.year + step) * 12 + start_month - 1 for step in (-2, -1, 0, 1, 2)]
    if which in ("last", "past"):
        return [s for s in starts if s + length <= now][-1]
    if which == "next":
        return next(s for s in starts if s > now)
    if which == "this" and start_month + length <= 13:
        return starts[2]
    if setting.looks_ahead:
        return next(s for s in starts if s + length > now)
    return [s for s in starts if s <= now][-1]


def quarter(words: Words, setting: Setting) -> Meaning:
    """Return the months of a quarter or half-year."""
    if "fiscal" in words:
        raise UnresolvedError("fiscal period: its months are not known")
    length = 3 if words["unit"].startswith("q") else 6
    nth = _NTH.get(words["nth"]) or int(words["nth"])
    start_month = (nth - 1) * length + 1
    year = _year_named(words, setting)
    start = _period(start_month, length, setting, "") if year is None else year * 12 + start_month - 1
    rule = "months of a calendar " + ("quarter" if length == 3 else "half-year")
    return some_months(
        start,
        start + length - 1,
        rule
        + (
            "" if year is not None else ", the next" if setting.looks_ahead else ", the latest on or before publication"
        ),
    )


def season(words: Words, setting: Setting) -> Meaning:
    """Return the months of a season."""
    start_month = SEASONS[words["season"]]
    year = _year_named(words, setting)
    if year is not None and start_month == 12 and "tail" not in words:
        return a_year(year, "winter of a year: which end of it is not said", "about")
    which = words.get("which", "")
    start = _period(start_month, 3, setting, which) if year is None else year * 12 + start_month - 1
    return some_months(start, start + 2, "months of a northern season")


def year(words: Words, setting: Setting) -> Meaning:
    """Return a year as written."""
    return a_year(int(words["year"]), "year as written")


def year_pair(words: Words, setting: Setting) -> Meaning:
    """Return the range of two years (``2020-2025``, ``2022/23``), or a month in figures (``2021-08``)."""
    first, tail = int(words["year"]), words["tail"]
    last = int(tail) if len(tail) == 4 else first // 100 * 100 + int(tail)
    if len(tail) == 2 and words["mark"] in "-–" and last != first + 1 and 1 <= int(tail) <= 12:
        return Meaning("month as written", f"{first}-{tail}", precision="month")
    if last <= first:
        raise UnresolvedError("the range ends before it starts")
    return Meaning("years as written", str(first), str(last), "range", "about" if "fiscal" in words else "")
