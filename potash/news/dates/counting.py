"""Rules for dates that are counted: from the day of publication, or from the last date that the text names."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from potash.news.dates.calendar import SEASONS, season
from potash.news.dates.grammar import NUMBERS
from potash.news.dates.meaning import (
    ONE_DAY,
    STEPS,
    Meaning,
    Setting,
    UnresolvedError,
    Words,
    a_day,
    a_month,
    a_year,
    month_index,
    on_or_before,
    some_days,
    some_months,
)

_COMPARED = "named only for comparison"


def deictic(words: Words, setting: Setting) -> Meaning:
    """Return the date of ``yesterday`` and its like."""
    word, today = words["word"], setting.today
    if setting.quoted:
        raise UnresolvedError("said in a quotation, whose day may be another than that of publication")
    if word == "overnight":
        return some_days(today - ONE_DAY, today, "night before publication")
    steps = {"day before yesterday": -2, "day after tomorrow": 2, "yesterday": -1, "last night": -1, "tomorrow": 1}
    return a_day(today + steps.get(word, 0) * ONE_DAY, f"{word}, seen from publication")


def whole_unit(words: Words, setting: Setting) -> Meaning:
    """Return the date of ``this week``, ``last month``, ``the end of the year``."""
    which, unit = words.get("which", "this").removeprefix("the "), words["unit"]
    step, today = STEPS.get(which, 0), setting.today
    later = step == 0 and (
        words.get("side") == "later" or words.get("stage", "").endswith(("end", "end of", "rest", "rest of"))
    )
    rule = f"{which} {unit}, seen from publication"
    if unit == "week":
        monday = on_or_before(today, 0) + 7 * step * ONE_DAY
        sunday = monday + 6 * ONE_DAY
        if step == 0 and (later or setting.looks_ahead):
            return some_days(today, sunday, rule, future=True)
        return some_days(monday, today if step == 0 else sunday, rule)
    if unit == "weekend":
        return _weekend(step, setting, rule)
    if unit == "month":
        period = a_month(month_index(today) + step, rule)
    elif unit == "quarter":
        start = month_index(today) // 3 * 3 + 3 * step
        period = some_months(start, start + 2, rule)
    else:
        period = a_year(today.year + step, rule)
    return replace(period, future=True) if later else period


def _weekend(step: int, setting: Setting, rule: str) -> Meaning:
    today = setting.today
    monday = on_or_before(today, 0)
    saturday = monday + 5 * ONE_DAY
    if step == 0 and saturday > today and not setting.looks_ahead:
        saturday -= 7 * ONE_DAY
    elif step < 0 or (step > 0 and saturday <= today):
        saturday += 7 * step * ONE_DAY
    return some_days(saturday, saturday + ONE_DAY, rule)


def _count(words: Words) -> int | None:
    text = words.get("count", "")
    if text in ("a", "an", "the"):
        return 1
    if text in NUMBERS:
        return NUMBERS.index(text) + 1
    return int(text) if text.isdigit() else None


def _moved(unit: str, number: int, from_day: dt.date, rule: str) -> Meaning:
    """Return the day, month or year that lies ``number`` units from a day; weeks give the week around it."""
    if unit == "day":
        return a_day(from_day + number * ONE_DAY, rule)
    if unit == "week":
        middle = from_day + 7 * number * ONE_DAY
        return some_days(middle - 3 * ONE_DAY, middle + 3 * ONE_DAY, rule, "about")
    if unit == "year":
        return a_year(from_day.year + number, rule)
    if unit == "month":
        return a_month(month_index(from_day) + number, rule)
    raise UnresolvedError("too coarse to date")


def _from_token(last: str, unit: str, number: int) -> Meaning:
    """Return the month or year that lies ``number`` of them from the last date named, which may be as coarse as that."""
    rule = "counted from the last date named"
    if unit == "year":
        return a_year(int(last[:4]) + number, rule)
    return a_month(int(last[:4]) * 12 + int(last[5:7]) - 1 + number, rule)


def counted(words: Words, setting: Setting) -> Meaning:
    """Return the date of ``two weeks ago``, ``three days later``, ``a year before``."""
    way, unit, number = words["way"], words["unit"], _count(words)
    back = way not in ("later", "after", "from now")
    if setting.compared and back:
        raise UnresolvedError(_COMPARED)
    if way in ("before", "after", "prior") and setting.followed:
        return Meaning("counted from an event that the text names", bound="before" if back else "after")
    if number is None or "half" in words:
        return Meaning("undated", bound="before" if back else "after")
    number = -number if back else number
    if way in ("ago", "from now"):
        date = _moved(unit, number, setting.today, "counted from publication")
        date = replace(date, future=way == "from now")
    elif unit in ("month", "year") and len(setting.last) >= (7 if unit == "month" else 4):
        date = _from_token(setting.last, unit, number)
    elif unit == "week":
        date = a_day(setting.day_before + 7 * number * ONE_DAY, "counted from the last day named", "about")
    else:
        date = _moved(unit, number, setting.day_before, "counted from the last day named")
    if "about" not in words:
        return date
    return replace(date, bound="before" if words["about"] in ("more than", "over", "at least") and back else "about")


def weeks_time(words: Words, setting: Setting) -> Meaning:
    """Return the date of ``in two weeks' time``."""
    date = _moved(words["unit"], _count(words) or 1, setting.today, "counted from publication")
    return replace(date, future=True)


def span(words: Words, setting: Setting) -> Meaning:
    """Return the date of ``the past two years``, ``the coming weeks``."""
    back = words["way"] in ("past", "last", "previous")
    unit = words["unit"].removesuffix("s")
    number = _count(words) if "count" in words else None if words["unit"].endswith("s") else 1
    if number is None:
        return Meaning("undated", bound="before" if back else "after", future=not back)
    today, rule = setting.today, "stretch counted from publication"
    if unit in ("day", "week"):
        other = today + (7 if unit == "week" else 1) * number * (-ONE_DAY if back else ONE_DAY)
        return some_days(min(today, other), max(today, other), rule, "about", not back)
    if unit in ("year", "decade"):
        years = sorted((today.year, today.year + (10 if unit == "decade" else 1) * number * (-1 if back else 1)))
        return Meaning(rule, str(years[0]), str(years[1]), "range", "about", not back)
    ends = sorted(
        (month_index(today), month_index(today) + (3 if unit == "quarter" else 1) * number * (-1 if back else 1))
    )
    return replace(some_months(ends[0], ends[1], rule, "about"), future=not back)


def same(words: Words, setting: Setting) -> Meaning:
    """Return the date of ``that day``, ``the same year``, ``later in the day``."""
    unit, last = words["unit"], setting.last
    if setting.towards == "ahead":
        raise UnresolvedError("the text looks ahead, to no date it names")
    if unit in SEASONS and last:
        return season({"season": unit, "year": last[:4]}, setting)
    if unit in ("month", "year") or unit in SEASONS:
        length = 7 if unit == "month" else 4
        if len(last) < length:
            raise UnresolvedError(f"no earlier {unit} in the text")
        return Meaning(f"{unit} of the last date named", last[:length], precision=unit)
    day = setting.last_day or setting.today
    rule = "the last day named" if setting.last_day else "no earlier day in the text, so the day of publication"
    if unit == "week":
        monday = on_or_before(day, 0)
        return some_days(monday, monday + 6 * ONE_DAY, "week of " + rule)
    return a_day(day, rule)


def next_one(words: Words, setting: Setting) -> Meaning:
    """Return the date of ``the next day``, ``the previous month``."""
    unit, step = words["unit"], 1 if words["way"] in ("next", "following") else -1
    if setting.compared:
        raise UnresolvedError(_COMPARED)
    rule = "counted from the last date named"
    if unit in ("month", "year") and len(setting.last) >= (7 if unit == "month" else 4):
        return _from_token(setting.last, unit, step)
    if unit in ("year", "month", "quarter"):
        raise UnresolvedError(f"no earlier {unit} in the text")
    day = setting.day_before
    if unit == "week":
        monday = on_or_before(day, 0) + 7 * step * ONE_DAY
        return some_days(monday, monday + 6 * ONE_DAY, rule)
    return a_day(day + step * ONE_DAY, rule)


def then(words: Words, setting: Setting) -> Meaning:
    """Return the date of ``since then``."""
    if not setting.last:
        raise UnresolvedError("no earlier date in the text")
    if setting.towards == "ahead":
        raise UnresolvedError("the text looks ahead, to no date it names")
    precision = {4: "year", 7: "month", 10: "day"}[len(setting.last)]
    return Meaning(
        "the last date named", setting.last, precision=precision, bound=words["bound"].replace("till", "until")
    )
