"""Dates of a sentence in one line each, read on a Sunday."""

import datetime as dt

from potash.news.dates.resolution import Anchor, find_dates
from potash.news.records import DateMention

SUNDAY = dt.date(2025, 12, 14)
ANCHOR = Anchor(SUNDAY)


def as_line(mention: DateMention) -> str:
    """Return a mention in one line: dates, or ``?`` where unresolved; then time, bound and ``+`` for the future."""
    date = mention.date + (f"..{mention.date_end}" if mention.date_end else "") or "?"
    extras = [mention.time, mention.bound, "+" if mention.future else ""]
    return " ".join([date, *filter(None, extras)])


def dates(sentence: str, anchor: Anchor = ANCHOR) -> list[str]:
    """Return the dates of a sentence, one line each."""
    return [as_line(mention) for mention in find_dates(sentence, anchor)]


def after(day: str, precision: str = "day", end: str = "") -> Anchor:
    """Return an anchor whose last date is this one."""
    return Anchor(SUNDAY, last=DateMention(0, 1, day, end, precision, "as told"))
