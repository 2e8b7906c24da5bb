"""Titles, names and days of one event as its page writes them."""

from __future__ import annotations

import pandas as pd

from potash.report.desk.setting import Setting
from potash.report.pages.publish import Publisher

# Where each exchange is, for readers who know the place and not its code.
PLACES = {
    "XNYS": "New York", "XNAS": "New York", "XTSE": "Toronto", "XTAE": "Tel Aviv", "XETR": "Frankfurt", "XAMM": "Amman",
    "XSHE": "Shenzhen", "XSHG": "Shanghai", "XSGO": "Santiago", "XOSL": "Oslo", "XHKG": "Hong Kong", "XMOS": "Moscow",
    "XASX": "Sydney", "XLON": "London", "XPAR": "Paris", "XTKS": "Tokyo",
}  # fmt: skip
EXPECTED = {
    "positive": "higher prices of producers elsewhere",
    "negative": "lower prices of producers elsewhere",
    "none": "no effect on producers elsewhere",
}


def file_name(kind: str, event_id: str) -> str:
    """Return the name of an event's table or figure.

    Examples
    --------
    >>> file_name("firms", "2025-12-13-us-lifts-potash")
    'firms-2025-12-13-us-lifts-potash'
    """
    return f"{kind}-{Publisher.slug(event_id)}"


def day_of(day: pd.Timestamp) -> str:
    """Return a date with the name of its day: ``Mon 2025-12-15``."""
    return f"{day:%a %Y-%m-%d}"


def company(setting: Setting, ticker: str) -> str:
    """Return a firm's name with its ticker: ``Nutrien (NTR)``; the ticker alone where the universe has no other name."""
    name = str(setting.universe.frame.at[ticker, "name"]).split(" (")[0]
    return ticker if name in ("", ticker, "nan") else f"{name} ({ticker})"


def session_words(offset: object) -> str:
    """Return an offset in sessions: ``day 0``, ``−2``, ``+6``; in words where the day is not known."""
    if pd.isna(offset):
        return "day not known"
    number = int(float(str(offset)))
    return "day 0" if number == 0 else f"{number:+d}".replace("-", "−")


def event_title(setting: Setting, event_id: str) -> str:
    """Return the title of an event, without its date."""
    return str(setting.timeline.events.at[event_id, "title"])


def event_dates(setting: Setting, event_id: str) -> str:
    """Return when an event was announced, its day 0 by exchange, and what was expected of it, in a line.

    Examples
    --------
    >>> import potash
    >>> setting = potash.desk.set_up(left_out=["MOS"])
    >>> event_dates(setting, "2025-12-13-us-lifts-potash")
    'Announced Sat 2025-12-13; day 0 is Mon 2025-12-15 in New York. Expected beforehand: lower prices of producers elsewhere.'
    """
    row = setting.timeline.events.loc[event_id]
    announced = pd.Timestamp(str(row["date"]))
    hour = f" at {row['time']} {place_of(str(row['zone']))}" if row["time"] else ""
    days = setting.everyone.for_event(event_id).events
    # An exchange without a place of its own here keeps its code.
    places = days["exchange"].map(lambda code: PLACES.get(code, code))
    by_day = places.groupby(days["session"]).agg(lambda names: " and ".join(dict.fromkeys(names)))
    zero = ", ".join(f"{day_of(day)} in {place}" for day, place in by_day.items())
    expected = EXPECTED.get(setting.expected(event_id), "either direction")
    return f"Announced {day_of(announced)}{hour}; day 0 is {zero}. Expected beforehand: {expected}."


def place_of(zone: str) -> str:
    """Return whose clock a time zone is, in words; a zone without a city stays as it is.

    Examples
    --------
    >>> place_of("America/New_York"), place_of("UTC")
    ('in New York', 'UTC')
    """
    return f"in {zone.rsplit('/', 1)[1].replace('_', ' ')}" if "/" in zone else zone


def specific_words(setting: Setting) -> str:
    """Return the name of what market and control group leave: ``potash-specific`` where the firms are potash producers."""
    return "potash-specific" if "potash" in setting.pool else "specific to the firms"
