"""When a page says that it was published: stamps, datelines, day and month order, zones.

Only what stands apart from the prose counts: a line (or a part of one) that holds little but a date, or the dateline
before the first words of a story. A date inside a sentence tells about events, never about the page.
"""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from zoneinfo import ZoneInfo

from potash.news.records import Publication

# No article of this market that is worth reading is older; an open dateline is not placed before it.
FIRST_YEAR = 2013
_HEAD_LINES, _TAIL_LINES, _NEAR_DAYS = 12, 6, 31
# What pages hold, as data: an analyst may extend it.
PAGE_WORDS = tomllib.loads(Path(__file__).with_name("sources.toml").read_text(encoding="utf-8"))
_ZONES: dict[str, str] = PAGE_WORDS["zones"]
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

_NAMES = (
    "Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?"
    "|Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?"
)
# Months count in title case or capitals only: "may 2022" inside a sentence is a verb and a year.
_MONTH = f"(?:{_NAMES}|{_NAMES.upper()})"
_NUMERIC = re.compile(r"(?<![\d/.-])(?P<a4>\d\d?)(?P<s4>[/.-])(?P<b4>\d\d?)(?P=s4)(?P<y4>(?:19|20)\d\d)(?!\d)")
_NTH = r"(?:st|[nr]d|th)?"
_DATE = re.compile(
    rf"(?<![\d/.-])(?P<y1>(?:19|20)\d\d)(?P<s1>[-/.])(?P<m1>\d\d?)(?P=s1)(?P<d1>\d\d?)(?!\d)"
    rf"|(?P<n2>{_MONTH})\.?\s+(?P<d2>\d\d?){_NTH},?\s+(?P<y2>(?:19|20)\d\d)(?!\d)"
    rf"|(?<!\d)(?P<d3>\d\d?){_NTH}(?:\s+of)?[\s-]+(?P<n3>{_MONTH})\.?,?[\s-]+(?P<y3>(?:19|20)\d\d)(?!\d)"
    rf"|{_NUMERIC.pattern}"
)
_TIME = re.compile(
    r"(?<![\d:.])(?P<h1>\d\d?):(?P<m1>\d\d)(?::\d\d(?:\.\d+)?)?\s*(?P<p1>[AaPp]\.?[Mm](?![a-z])\.?)?"
    r"|(?<![\d:.])(?P<h2>\d\d?)(?:\.(?P<m2>\d\d))?\s*(?P<p2>[AaPp]\.?[Mm](?![a-z])\.?)"
    r"|(?<!\d)(?P<h3>[01]\d|2[0-3])(?P<m3>[0-5]\d)(?=\s*(?:GMT|UTC)\b)"
)
_ZONE = re.compile(
    r"\s*[,(]*\s*(?:(?:GMT|UTC)?\s?(?P<sign>[+\u2212-])(?P<hours>\d\d?)(?::?(?P<minutes>\d\d))?(?![\d/])"
    rf"|(?P<name>{'|'.join(sorted(_ZONES, key=len, reverse=True))})(?![A-Za-z])"
    r"|(?P<iana>[A-Z][A-Za-z]+/[A-Z][A-Za-z_]+(?:/[A-Z][A-Za-z_]+)?))\)?"
)
_WEEKDAY = re.compile(r"\b(Mon|Tue|Wed|Thu|Fri|Sat|Sun)(?:s|nes|rs|ur)?(?:day)?\b\.?")
_PUBLISHED = re.compile(r"\b(?:published|posted|issued|released)", re.IGNORECASE)
_UPDATED = re.compile(r"\b(?:updated?|modified|revised)", re.IGNORECASE)
_DATE_LABEL = re.compile(r"\s*(?:date|published|posted)(?: on)?\s*:?\s*", re.IGNORECASE)
_SEGMENTS = re.compile(r"\s*[|·•]\s*|\s{3,}|\t+|(?<=\S)\s*(?=\b(?:[Ll]ast )?(?:Updated|Published|Posted|Modified)\b)")
_BYLINE = re.compile(r"\b[Bb]y(?: (?:[A-Z][\w.'’-]*|and))+")
_NO_PLACE = r"(?!(?:On|In|Since|By|From|After|Before|Until|As|The|At|Late|Early|Updated|Published)\b)"
_PLACE = rf"{_NO_PLACE}[A-Z][\w.'’-]*(?:[ /,]{{1,2}}[A-Z(][\w.'’)-]*){{0,5}}"
_DAY_OF_DATELINE = (
    rf"(?:(?P<n1>{_MONTH})\.?\s+(?P<d1>\d\d?)|(?P<d2>\d\d?)\s+(?P<n2>{_MONTH})\.?)(?:,?\s+(?P<y>20\d\d))?"
)
_DATELINE = re.compile(
    rf"\W{{0,3}}(?:(?P<place>{_PLACE}?)[,.]?\s+)??{_DAY_OF_DATELINE}"
    r"\s*,?\s*(?:[(/](?P<agency>[^()/]{2,40})[)/])?\s*[-–—]{1,2}\s*(?=\S)"
)
_WIRE_DATELINE = re.compile(
    rf"\W{{0,3}}(?P<place>{_PLACE})\s*[-–—]{{1,2}}\s*\((?P<agency>[^()]{{2,40}})\)\s*[-–—]{{1,2}}\s*{_DAY_OF_DATELINE}"
    r"\s*[-–—]{1,2}\s*(?=\S)"
)
_UNDATED_DATELINE = re.compile(rf"\W{{0,3}}{_PLACE}\s+\((?P<agency>[A-Z][^()]{{1,39}})\)\s*[-–—]{{1,2}}\s*(?=\S)")
# A wire names weekdays of the last few days, and a year not long past.
_OLDEST_WEEKDAY, _YEARS_AHEAD = 3, 4
_TOLD_WEEKDAY = re.compile(rf"(?<!last )(?<!next )(?<!next week )\b({'|'.join(_WEEKDAYS)})\b")
_TOLD_YEAR = re.compile(
    r"(?<![\d.,$€£/-])(20[0-4]\d)(?![\d%]|[.,/-]\d|\s*(?:tonnes|tons|t|mt|people|prisoners|jobs)\b)"
)
# A year that a plan or forecast names may lie ahead of the page's own.
_AHEAD = re.compile(r"\b(?:by|until|till|to|through|for)\s+(?:\d{1,2}\s+)?(?:[A-Z][a-z]+\s+)?20\d\d")
_FUTURE = re.compile(
    r"\b(?:will|would|could|may|might|expect\w*|forecasts?|plan\w*|next|targets?|due)\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Dateline:
    """The place, day and agency before a story's first words; ``year`` is 0 and ``agency`` empty where not told."""

    end: int
    month: int = 0
    day: int = 0
    year: int = 0
    agency: str = ""

    @property
    def label(self) -> str:
        """The day in words, ``Dec 13``."""
        return f"{_MONTHS[self.month - 1]} {self.day}"


@dataclass(frozen=True, slots=True)
class _Stamp:
    """A stamp of a page; ``days`` has two entries where day and month may be swapped, ``rank`` is smaller for better."""

    days: tuple[dt.date, ...]
    clock: str
    zone: str
    rank: int
    note: str
    words: str


def read_stamp(text: str, source: str, *, day_first: bool | None = None) -> Publication | None:
    """Return the moment that a metadata value names, or ``None`` if it names none.

    Parameters
    ----------
    text : str
        ISO 8601, RFC 822 or a date in English words, with or without time and zone; an IANA zone may follow the time.
    source : str
        What ``Publication.source`` is to say.
    day_first : bool or None
        Whether 03/02/2022 is 3 February; ``None`` leaves such a value without a date, and the note says why.
    """
    stamp = _stamp_of(text, day_first, words_allowed=8)
    return _published(stamp, source) if stamp else None


def day_first(text: str) -> bool | None:
    """Return whether a page writes 03/02/2022 for 3 February; ``None`` if nothing on it decides or it contradicts itself."""
    says_day, says_month = bool(re.search(r"\bDD[/.-]MM\b", text)), bool(re.search(r"\bMM[/.-]DD\b", text))
    if says_day != says_month:
        return says_day
    votes = set()
    for match in _NUMERIC.finditer(text):
        first, second = int(match["a4"]), int(match["b4"])
        days = _swapped(first, second, int(match["y4"]), _weekday_before(text, match.start()))
        if match["s4"] != "." and len(days) == 1 and first != second:
            votes.add(days[0].day == first)
    return votes.pop() if len(votes) == 1 else None


def find_published(
    lines: Sequence[str], *, address: str = "", today: dt.date | None = None, near: Iterable[dt.date] = ()
) -> Publication:
    """Return the publication that a page of text states, empty where it states none.

    Parameters
    ----------
    lines : sequence of str
        The page's lines, furniture included, without blank ones.
    address : str
        The page's web address; a year in it completes a dateline.
    today : date, optional
        A dateline without a year is not placed after it; without it only ``address`` or ``near`` can settle the year.
    near : iterable of date
        Days on which other articles of the same reading appeared; they decide between years that fit alike.
    """
    order = day_first("\n".join(lines))
    stamps = sorted(_stamps(lines, order), key=lambda stamp: stamp.rank)
    dateline = next((d for line in lines[:_HEAD_LINES] if (d := find_dateline(line)) and d.month), None)
    definite = [stamp for stamp in stamps if len(stamp.days) == 1]
    if definite:
        return _published(definite[0], "text")
    if stamps and dateline:
        agreed = [day for day in stamps[0].days if (day.month, day.day) == (dateline.month, dateline.day)]
        if agreed:
            return _published(
                replace(stamps[0], days=(agreed[0],), note="order of day and month by its dateline"), "text"
            )
    if dateline:
        return _published_by_dateline(dateline, lines, address, today, list(near))
    return _published(stamps[0], "text") if stamps else Publication()


def is_stamp(line: str) -> bool:
    """Return whether a line holds little but a date of publication."""
    return len(line) <= 160 and any(_stamp_of(segment, None, words_allowed=2) for segment in _segments(line))


def find_dateline(line: str) -> Dateline | None:
    """Return the dateline that a line of prose begins with: ``MINSK, Dec 13 (Agency) -``, ``LONDON (Agency) -``."""
    match = _DATELINE.match(line) or _WIRE_DATELINE.match(line)
    if match and (match["agency"] or match["place"] or match["y"]):
        month, day = _month(match["n1"] or match["n2"]), int(match["d1"] or match["d2"])
        if _day(2024, month, day):
            return Dateline(match.end(), month, day, int(match["y"] or 0), (match["agency"] or "").strip())
    undated = _UNDATED_DATELINE.match(line)
    return Dateline(undated.end(), agency=undated["agency"].strip()) if undated else None


def prose_start(line: str, *, first: bool) -> int:
    """Return where the prose of a line begins, behind a dateline or (``first`` line of a page) a stamp glued to it."""
    dateline = find_dateline(line)
    if dateline:
        return dateline.end
    return _glued(line)[1] if first else 0


def _glued(line: str) -> tuple[str, int]:
    """Return the stamp at the very start of a line of prose and where the prose begins; ``("", 0)`` without one."""
    label = _DATE_LABEL.match(line)
    begin = label.end() if label else len(line) - len(line.lstrip())
    date = _DATE.match(line, begin)
    if not date:
        return "", 0
    time = _TIME.match(line, _skip(line, date.end(), " \tT,"))
    zone = _ZONE.match(line, time.end()) if time else None
    end = _skip(line, (zone or time or date).end(), " \t|:·–—-")
    starts_prose = len(line) - end > 40 and (line[end].isupper() or line[end] in "“\"'")
    bare = not label and not (date["y1"] or time)
    return ("", 0) if bare or not starts_prose else (line[:end], end)


def _skip(line: str, position: int, characters: str) -> int:
    return len(line) - len(line[position:].lstrip(characters))


def _segments(line: str) -> list[str]:
    return [segment for segment in _SEGMENTS.split(line) if segment]


def _stamps(lines: Sequence[str], order: bool | None) -> Iterator[_Stamp]:
    """Yield the stamps at the top and the bottom of a page, those of a table or timeline left out."""
    stamps = [
        (index, stamp)
        for index, line in enumerate(lines)
        if len(line) <= 160
        for segment in _segments(line)
        if (stamp := _stamp_of(segment, order, words_allowed=2))
    ]
    plain = {stamp.days for _, stamp in stamps if stamp.rank == 1}
    first_prose = next((index for index, line in enumerate(lines) if len(line) > 100), len(lines))
    for index, stamp in stamps:
        at_top, at_bottom = index < _HEAD_LINES, index >= len(lines) - _TAIL_LINES
        # Three bare dates are a chronology: only one above the prose can be the page's own.
        if (at_top or at_bottom) and (stamp.rank != 1 or len(plain) < 3 or index < first_prose):
            yield stamp
    glued = _glued(lines[0])[0] if lines else ""
    if glued and (stamp := _stamp_of(glued, order, words_allowed=2)):
        yield stamp


def _stamp_of(segment: str, order: bool | None, *, words_allowed: int) -> _Stamp | None:
    """Return the stamp in a piece of a line, or ``None`` if it is prose, holds no date, or more than one."""
    dates = list(_DATE.finditer(segment))
    if len(dates) != 1:
        return None
    date = dates[0]
    weekday = _WEEKDAY.search(segment)
    days, note = _days_of(date, order, _weekday_number(weekday[1]) if weekday else None)
    if not days:
        return None
    behind = re.sub(r"^T(?=\d)", " ", segment[date.end() :])
    clock, zone, around = _clock(_BYLINE.sub(" ", segment[: date.start()]) + " " + _BYLINE.sub(" ", behind))
    words = re.findall(r"[^\W\d_]+", _WEEKDAY.sub(" ", around))
    unusual = [word.lower() for word in words if word.lower() not in PAGE_WORDS["words"]["stamp"]]
    published, updated = _PUBLISHED.search(segment), _UPDATED.search(segment)
    allowed = words_allowed + 3 if published or updated else words_allowed
    if len(unusual) > allowed or (set(unusual) & set(PAGE_WORDS["words"]["no_stamp"]) and not (published or updated)):
        return None
    rank = 0 if published else 2 if updated else 1
    if rank == 2:
        note = "; ".join(filter(None, (note, "time of the last update")))
    return _Stamp(days, clock, zone, rank, note, date[0])


def _days_of(match: re.Match[str], order: bool | None, weekday: int | None) -> tuple[tuple[dt.date, ...], str]:
    if not match["a4"]:
        year, month, number = (
            (match["y1"], int(match["m1"]), match["d1"]) if match["y1"]
            else (match["y2"], _month(match["n2"]), match["d2"]) if match["y2"]
            else (match["y3"], _month(match["n3"]), match["d3"])
        )  # fmt: skip
        day = _day(int(year), month, int(number))
        return ((day,) if day else ()), ""
    first, second, year = int(match["a4"]), int(match["b4"]), int(match["y4"])
    if match["s4"] == ".":
        day = _day(year, second, first)
        return ((day,) if day else ()), ""
    days = _swapped(first, second, year, weekday)
    if len(days) == 2 and order is not None:
        days = days[:1] if order else days[1:]
    if len(days) != 1:
        return days, ""
    return days, "" if first == second else "DD/MM page" if days[0].day == first else "MM/DD page"


def _swapped(first: int, second: int, year: int, weekday: int | None) -> tuple[dt.date, ...]:
    """Return the days that 03/02/2022 may be, day first before month first; the weekday beside it may decide."""
    days = [day for day in (_day(year, second, first), _day(year, first, second)) if day]
    unique = list(dict.fromkeys(days))
    fitting = [day for day in unique if weekday is None or day.weekday() == weekday]
    return tuple(fitting or unique)


def _clock(text: str) -> tuple[str, str, str]:
    """Return ``HH:MM``, zone and the text without both."""
    match = _TIME.search(text)
    if not match:
        return "", "", text
    hour, minute = int(match["h1"] or match["h2"] or match["h3"]), int(match["m1"] or match["m2"] or match["m3"] or 0)
    half = (match["p1"] or match["p2"] or "").lower()
    hour = hour % 12 + (12 if half.startswith("p") else 0) if half else hour
    if hour > 23 or minute > 59:
        return "", "", text
    zone = _ZONE.match(text, match.end())
    end = zone.end() if zone else match.end()
    return f"{hour:02}:{minute:02}", _zone_name(zone) if zone else "", f"{text[: match.start()]} {text[end:]}"


def _zone_name(match: re.Match[str]) -> str:
    if match["sign"]:
        sign = "+" if match["sign"] == "+" else "-"
        offset = f"{sign}{int(match['hours']):02}:{match['minutes'] or '00'}"
        return "UTC" if offset[1:] == "00:00" else offset
    if match["iana"]:
        try:
            return ZoneInfo(match["iana"]).key
        except (KeyError, ValueError, OSError):
            return ""
    return _ZONES[match["name"]]


def _published(stamp: _Stamp, source: str) -> Publication:
    if len(stamp.days) != 1:
        names = " or ".join(f"{day.day} {_MONTHS[day.month - 1]} {day.year}" for day in stamp.days)
        return Publication(note=f"day and month are ambiguous: {stamp.words} is {names}")
    moment = stamp.days[0].isoformat() + (f"T{stamp.clock}" if stamp.clock else "")
    return Publication(moment, stamp.zone, source, stamp.note)


def _published_by_dateline(
    dateline: Dateline, lines: Sequence[str], address: str, today: dt.date | None, near: list[dt.date]
) -> Publication:
    """Complete a dateline by its own year, the address or the weekday that the story names; else leave it open."""
    years, note = [dateline.year] if dateline.year else [], ""
    if not years:
        years = [int(year) for year in set(re.findall(r"/(20\d\d)(?=[/-])", address))]
        note = "dateline without a year; year of the page's address"
    if len(years) != 1:
        years = _years_by_weekday(dateline, lines, today, near)
        note = "dateline without a year; the one that fits its weekdays"
    day = _day(years[0], dateline.month, dateline.day) if len(years) == 1 else None
    if day:
        return Publication(day.isoformat(), "", "dateline", "" if dateline.year else note)
    return Publication(note=f"dateline {dateline.label} without a year")


def _years_by_weekday(
    dateline: Dateline, lines: Sequence[str], today: dt.date | None, near: list[dt.date]
) -> list[int]:
    """Return the years in which the dateline's day is the weekday told first, or the day after it."""
    text = _AHEAD.sub("", "\n".join(lines))
    first_weekday = _TOLD_WEEKDAY.search("\n".join([line for line in lines if len(line) > 80][:3]))
    if not first_weekday:
        return []
    weekday = _WEEKDAYS.index(first_weekday[1])
    last = today or max(near, default=None) or dt.date(FIRST_YEAR, 1, 1)
    past = (piece for piece in re.split(r"[.!?]\s|\n", text) if not _FUTURE.search(piece))
    past_years = [int(year) for piece in past for year in _TOLD_YEAR.findall(piece)]
    first = max([FIRST_YEAR, *(year for year in past_years if year <= last.year)])
    days = [day for year in range(first, last.year + 2) if (day := _day(year, dateline.month, dateline.day))]
    fitting = [day for day in days if (day.weekday() - weekday) % 7 <= 1]
    if today:
        fitting = [day for day in fitting if day <= today]
    if not today or len(fitting) != 1:
        close = [day for day in fitting if any(abs(day - other).days <= _NEAR_DAYS for other in near)]
        fitting = close or (_closest(dateline, text, first, today) if past_years else [])
    return [day.year for day in fitting]


def _closest(dateline: Dateline, text: str, first: int, today: dt.date | None) -> list[dt.date]:
    """Return the days that all weekdays of the story, two at least, lie closest before, from the year named last on."""
    years = range(first, (today.year if today else first + _YEARS_AHEAD) + 1)
    days = [day for year in years if (day := _day(year, dateline.month, dateline.day))]
    weekdays = {_WEEKDAYS.index(name) for name in _TOLD_WEEKDAY.findall(text)}
    ages = {d: max(((d.weekday() - w) % 7 for w in weekdays), default=7) for d in days if not today or d <= today}
    nearest = min(ages.values(), default=7)
    return [day for day, age in ages.items() if len(weekdays) > 1 and age == nearest <= _OLDEST_WEEKDAY]


def _weekday_before(text: str, position: int) -> int | None:
    match = re.search(r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*\.?,?\s*$", text[max(0, position - 14) : position])
    return _weekday_number(match[1]) if match else None


def _weekday_number(name: str) -> int:
    return next(number for number, weekday in enumerate(_WEEKDAYS) if weekday.startswith(name[:3].title()))


def _month(name: str) -> int:
    return _MONTHS.index(name[:3].title()) + 1


def _day(year: int, month: int, day: int) -> dt.date | None:
    with suppress(ValueError):
        return dt.date(year, month, day)
    return None
