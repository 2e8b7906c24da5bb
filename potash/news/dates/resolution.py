"""Date expressions in a sentence: what each means, how precisely, and by which rule."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from potash.news.dates.calendar import (
    calendar_day,
    first_or_last_day,
    holiday,
    iso_day,
    month,
    nth_weekday,
    numeric_day,
    ordinal_day,
    quarter,
    season,
    weekday,
    year,
    year_pair,
)
from potash.news.dates.context import bound_before, direction, is_compared, is_date, is_quoted, may_lie_ahead
from potash.news.dates.counting import counted, deictic, next_one, same, span, then, weeks_time, whole_unit
from potash.news.dates.grammar import Part, find_parts, join_ranges
from potash.news.dates.meaning import (
    IN_DOUBT,
    ONE_DAY,
    YEAR_WORDS,
    Meaning,
    Setting,
    UnresolvedError,
    Words,
    on_or_after,
    on_or_before,
    some_days,
    weekday_number,
)
from potash.news.records import DateMention


@dataclass(frozen=True, slots=True)
class Anchor:
    """What relative dates hang on.

    Attributes
    ----------
    published : datetime.date or None
        Day of publication; without one, relative dates stay unresolved.
    last : DateMention or None
        The last date of the article so far, for ``that day``, ``two days later``, ``the following Monday``; see :meth:`after`.
    dayfirst : bool or None
        Whether 03/02/2022 is 3 February on this page; unknown, it stays unresolved.
    year : int or None
        The year that the passage tells of (under a heading ``2022``), taken for days and months without a year.
    """

    published: dt.date | None
    last: DateMention | None = None
    dayfirst: bool | None = None
    year: int | None = None

    def after(self, mentions: Iterable[DateMention]) -> Anchor:
        """Return the anchor for the next sentence: its last date is the last one told as past, if any."""
        referable = [m for m in mentions if _can_be_referred_to(m)]
        return replace(self, last=referable[-1]) if referable else self


def _can_be_referred_to(mention: DateMention) -> bool:
    return bool(mention.date) and not mention.future and mention.bound not in ("until", "by")


def find_dates(sentence: str, anchor: Anchor) -> list[DateMention]:
    """Return the date expressions of a sentence in order, not overlapping; offsets are within the sentence.

    What cannot be resolved is returned with precision ``unresolved`` and the reason as its rule, so that nothing else
    dates the claim. Numbers that only look like dates are left out.
    """
    parts = join_ranges([part for part in find_parts(sentence) if is_date(part, sentence)], sentence)
    if not parts:
        return []
    if anchor.year is None:
        anchor = replace(anchor, year=_year_of_sentence(parts[0], sentence, anchor.published))
    ahead = may_lie_ahead(sentence)
    mentions: list[DateMention] = []
    ends = [part.start for part in parts[1:]] + [len(sentence)]
    for part, limit in zip(parts, ends, strict=True):
        stretch = (mentions[-1].end if mentions else 0, limit)
        mention = _mention(part, sentence, stretch, anchor, ahead)
        mentions.append(mention)
        anchor = anchor.after([mention])
        if anchor.year is None and not mention.future:
            anchor = replace(anchor, year=_year_of_day(part, sentence))
    return mentions


_OPENING = re.compile(r"\W*(?:(?:(?:back|early|late)\s+)?(?:in|during|throughout)\s+)?", re.IGNORECASE)


def _year_of_sentence(first: Part, sentence: str, published: dt.date | None) -> int | None:
    """Return the year that a sentence opens with (``In 2021 the duty rose on 3 June``), which holds for what follows."""
    if first.until or not _OPENING.fullmatch(sentence, 0, first.start):
        return None
    if first.form == "year" and not sentence.startswith(("'s", "’s"), first.end):
        return int(first.words["year"])
    is_last_year = first.form == "unit" and first.words["unit"] == "year" and first.words.get("which") == "last"
    return published.year - 1 if is_last_year and published and sentence.startswith(",", first.end) else None


_NOW = re.compile(r"\s+(?:will|is|are|has|have|may|can|could|should)\b")
_ONCE = re.compile(r"\s+(?:was|were|had|[a-z]+ed|began|came|fell|rose|took)\b")


def _year_of_day(part: Part, sentence: str) -> int | None:
    """Return the year written with a day or month: ``began on 1 July 2023 and ended on 4 August`` needs it once.

    Where a verb follows at once, the day only describes the subject: ``the duty of 1 July 2023 will end on 4 August`` tells
    nothing of the year of the second day, and ``the duty imposed in July 2023 was lifted in August`` leaves it in doubt.
    """
    written = (part.until or part).words
    if "year" not in written or "month" not in written or _NOW.match(sentence, part.end):
        return None
    return IN_DOUBT if _ONCE.match(sentence, part.end) else int(written["year"])


# Forms whose next or latest occurrence is chosen by the verb. Without a year, the first ask as well whether it is over.
_OF_SOME_YEAR = frozenset(("day", "month_day", "numeric", "holiday", "first_day", "nth_weekday", "month"))
_CHOSEN_BY_VERB = frozenset(("weekday", "quarter", "quarter_code", "season", "unit", "ordinal", "same", "then"))
_RESULTS_FOR = re.compile(r"\bfor\s+$", re.IGNORECASE)
_CLAUSE_ENDS = re.compile(r"\s*(?:$|[,.;:!?)\"”’—–]|(?:and|but)\b)")
_WEEK = re.compile(
    r"\b(?:(?:the\s+)?week\s+(?P<way>of|to|through|ending|ended|beginning|starting|commencing)|w/c)\s+(?:on\s+)?(?:the\s+)?$",
    re.IGNORECASE,
)


def _towards(part: Part, sentence: str, ahead: bool) -> str:
    if part.words.keys() & YEAR_WORDS or not (part.form in _OF_SOME_YEAR or (ahead and part.form in _CHOSEN_BY_VERB)):
        return ""
    if part.form.startswith("quarter") and _RESULTS_FOR.search(sentence, max(0, part.start - 5), part.start):
        return ""  # "will report results for the fourth quarter": a quarter that is over
    return direction(sentence, part.start, part.end)


def _mention(part: Part, sentence: str, stretch: tuple[int, int], anchor: Anchor, ahead: bool) -> DateMention:
    towards = _towards(part, sentence, ahead)
    bound, start = bound_before(sentence, part.start, part.end, towards)
    if bound == "since" and (part.until or "day_end" in part.words):
        bound, start = "", part.start  # "from 19 to 20 December" has its end
    compared = is_compared(sentence, part)
    last = anchor.last
    setting = Setting(
        published=anchor.published,
        last_day=dt.date.fromisoformat(last.date) if last and last.precision in ("day", "time") else None,
        last=(last.date_end or last.date) if last else "",
        year=anchor.year,
        dayfirst=anchor.dayfirst,
        towards=towards,
        bound=bound,
        compared=compared,
        followed=_CLAUSE_ENDS.match(sentence, part.end) is None,
        quoted=is_quoted(sentence, part.start),
    )
    date = meaning(part, setting)
    end, time = part.end, ""
    if date.precision == "day" and "day_end" not in part.words:
        date, start = _week_around(date, sentence, part.start, start)
        if date.precision == "day":
            start, end, time = _clock_time(sentence, start, end, stretch)
    today = anchor.published.isoformat() if anchor.published else ""
    future = date.future or bool(today and date.date > today[: len(date.date)])
    if bound == "to":
        bound, start = ("until", start) if future else ("", max(start, part.start))
    return DateMention(
        max(start, stretch[0]),
        end,
        date.date,
        date.date_end,
        "time" if time else date.precision,
        date.rule + ("; named only for comparison" if compared and date.date else ""),
        bound or date.bound,
        future,
        time,
    )


def _week_around(date: Meaning, sentence: str, day_starts: int, start: int) -> tuple[Meaning, int]:
    """Return the week that a day names (``the week ended 7 March``) and where that begins, else what came in."""
    hit = _WEEK.search(sentence, max(0, day_starts - 30), day_starts)
    if not hit:
        return date, start
    day = dt.date.fromisoformat(date.date)
    way = (hit["way"] or "").lower()
    first = on_or_before(day, 0) if way == "of" else day
    if way in ("to", "through", "ending", "ended"):
        first = day - 6 * ONE_DAY
    return some_days(first, first + 6 * ONE_DAY, "week named by a day"), hit.start()


_ZONE = (
    r"(?:\s*\(?(?:(?:[ECMP][SD]?T|GMT|UTC|CES?T|EES?T|MSK|[BI]ST|BRT|HKT|SGT|JST)\b|(?:local|[A-Z][a-z]+)\s+time)\)?)?"
)
_TIME = r"""(?:(?P<hour>\d\d?)(?:[:.](?P<minute>\d\d))?\s*(?P<half>[aApP])\.?\s?[mM]\b\.?
    |(?P<hour_24>\d\d?):(?P<minute_24>\d\d)(?::\d\d)?(?!\d)
    |(?P<hour_joined>\d\d)(?P<minute_joined>\d\d)\s?(?:hrs|hours|GMT|UTC)\b
    |(?P<noon>noon))"""
_TIME_BEFORE = re.compile(rf"(?:\bat\s+)?(?<![\d.,:$]){_TIME}{_ZONE}\s*,?\s*(?:on\s+)?(?:the\s+)?$", re.VERBOSE)
_TIME_AFTER = re.compile(rf"(?:T|\s*,?\s*\(?(?:(?:at|around|about)\s+)?){_TIME}{_ZONE}", re.VERBOSE)


def _clock_time(sentence: str, start: int, end: int, stretch: tuple[int, int]) -> tuple[int, int, str]:
    """Return the bounds of a day with its clock time beside it, and the time as HH:MM or nothing."""
    hit = _TIME_AFTER.match(sentence, end, stretch[1])
    if hit and (time := _hhmm(hit)):
        return start, hit.end(), time
    hit = _TIME_BEFORE.search(sentence, max(stretch[0], start - 40), start)
    if hit and (time := _hhmm(hit)):
        return hit.start(), end, time
    return start, end, ""


def _hhmm(hit: re.Match[str]) -> str:
    if hit["noon"]:
        return "12:00"
    hour = int(hit["hour"] or hit["hour_24"] or hit["hour_joined"])
    minute = int(hit["minute"] or hit["minute_24"] or hit["minute_joined"] or 0)
    if hit["half"]:
        if not 1 <= hour <= 12:
            return ""
        hour = hour % 12 + (12 if hit["half"] in "pP" else 0)
    return f"{hour:02d}:{minute:02d}" if hour < 24 and minute < 60 else ""


def meaning(part: Part, setting: Setting) -> Meaning:
    """Return the date of an expression where it stands; unresolved with the reason where a rule cannot tell."""
    try:
        return _range(part, part.until, setting) if part.until else _RULES[part.form](part.words, setting)
    except UnresolvedError as reason:
        return Meaning(str(reason))


def _range(left: Part, right: Part, setting: Setting) -> Meaning:
    if left.form == "weekday":
        return _weekday_range(left.words, right.words, setting)
    alone = replace(left, until=None)
    dated = [bool(part.words.keys() & YEAR_WORDS) for part in (left, right)]
    if all(dated):
        first, last = meaning(alone, setting), meaning(right, setting)
    elif dated[0]:
        first = meaning(alone, setting)
        last = _with_year(right, first, (0, 1), setting)
    else:
        last = meaning(right, setting)
        first = _with_year(alone, last, (0, -1), setting)
    for end in (first, last):
        if not end.date:
            raise UnresolvedError(end.rule)
    start, stop = first.date, last.date_end or last.date
    if stop < start[: len(stop)]:
        raise UnresolvedError("the range ends before it starts")
    return Meaning("from one date to another: " + last.rule, start, stop, "range")


def _with_year(part: Part, other: Meaning, steps: tuple[int, int], setting: Setting) -> Meaning:
    """Return a part read in the year of the other end of its range, or in the year next to it if that fits the order."""
    if not other.date:
        return other
    readings = [
        meaning(replace(part, words={**part.words, "year": str(int(other.date[:4]) + step)}), setting) for step in steps
    ]
    fits = [m for m in readings if m.date and ((m.date <= other.date) if steps[1] < 0 else (m.date >= other.date))]
    return (fits or readings)[0]


def _weekday_range(left: Words, right: Words, setting: Setting) -> Meaning:
    if "which" in left or setting.looks_ahead:
        first = dt.date.fromisoformat(weekday(left, setting).date)
        last = on_or_after(first + ONE_DAY, weekday_number(right))
    else:
        last = dt.date.fromisoformat(weekday(right, setting).date)
        first = on_or_before(last - ONE_DAY, weekday_number(left))
    return some_days(
        first, last, "weekdays on or before publication" if last <= setting.today else "next such weekdays"
    )


def _never(rule: str, bound: str = "") -> Callable[[Words, Setting], Meaning]:
    return lambda words, setting: Meaning(rule, bound=bound)


_RULES: dict[str, Callable[[Words, Setting], Meaning]] = {
    "name": _never("names an event, not a day"), "decade": _never("a decade"), "vague": _never("undated", "before"),
    "fiscal_year": _never("fiscal period: its months are not known"),
    "iso": iso_day, "numeric": numeric_day, "day": calendar_day, "month_day": calendar_day, "first_day": first_or_last_day,
    "nth_weekday": nth_weekday, "ordinal": ordinal_day, "weekday": weekday, "holiday": holiday, "month": month,
    "month_code": month, "quarter": quarter, "quarter_code": quarter, "season": season, "year": year, "year_pair": year_pair,
    "deictic": deictic, "unit": whole_unit, "span": span, "counted": counted, "weeks_time": weeks_time, "same": same,
    "step": next_one, "then": then,
}  # fmt: skip
