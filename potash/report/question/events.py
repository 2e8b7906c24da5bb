"""Which event is meant: by id, by a unique part of id or title, by a date, or the newest."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from potash.errors import EventsError, InputError, listed
from potash.news.timeline import Timeline
from potash.report.desk.available import Available
from potash.report.desk.choices import Choices
from potash.report.desk.setting import Setting, setting_of

NEWEST = "newest"
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_BEGINNING = re.compile(r"\d{4}(-\d{2}){0,2}")


def setting_around(text: str, choices: Choices) -> tuple[Setting, str]:
    """Return the study that holds an event, and the event's id.

    The study is that of all events chosen, so that an event's numbers do not depend on which one is looked at; an event that
    is not among them (a background event) is studied alone.

    Parameters
    ----------
    text : str
        An id, a part of an id or a title that fits one event, a date of announcement or a day 0, or ``newest``.
    choices : Choices

    Raises
    ------
    EventsError
        If the text fits no event, or several; the message lists the nearest.
    InputError
        If the event cannot be studied; the message has the reason.

    Examples
    --------
    >>> setting_around("lifts-potash", Choices())[1]
    '2025-12-13-us-lifts-potash'
    """
    setting = setting_of(choices)
    if text.strip().casefold() == NEWEST:
        return setting, setting.newest[0]
    event_id = event_of(setting, text)
    if event_id not in setting.events:
        setting = setting_of(replace(choices, events=(event_id,)))
    if event_id not in setting.newest:
        raise InputError(
            f"{event_id} cannot be studied: {setting.not_studied.get(event_id, 'no reason is known')}. These can, the newest "
            f"first: {listed(setting.newest, 12)}."
        )
    return setting, event_id


def events_of_dates(texts: Sequence[str], timeline: Timeline) -> list[str]:
    """Return ids for texts of which some are years, months or days: those of the dated headline and market events then.

    What is no date, or fits no event, stays as it is.

    Examples
    --------
    >>> import potash
    >>> events_of_dates(["2022-02", "2025-12-13-us-lifts-potash"], potash.load_timeline())
    ['2022-02-17-force-majeure', '2022-02-24-invasion-of-ukraine', '2025-12-13-us-lifts-potash']
    """
    dates = timeline.events["date"]
    dated = [e for e in timeline.with_relevance("headline", "market") if timeline.announcement(e) is not None]
    ids: list[str] = []
    for text in texts:
        is_date = text not in dates.index and _BEGINNING.fullmatch(text) is not None
        ids += [e for e in dated if is_date and f"{dates[e]}-".startswith(f"{text}-")] or [text]
    return list(dict.fromkeys(ids))


def events_listed(setting: Setting) -> str:
    """Return the events studied, the newest first, a line each."""
    titles = setting.timeline.events["title"]
    return "\n".join(f"  {event_id}  {titles[event_id]}" for event_id in setting.newest)


def event_of(setting: Setting, text: str) -> str:
    """Return the id of the one event that a text names; headline and market events come before background events."""
    table, wanted = setting.timeline.events, text.strip()
    if wanted in table.index:
        return wanted
    if _DATE.fullmatch(wanted):
        of_day_zero = {e for e in setting.newest if f"{setting.day_zero(e):%Y-%m-%d}" == wanted}
        candidates = [e for e, date in table["date"].items() if date == wanted or e in of_day_zero]
    else:
        part = wanted.casefold()
        candidates = [
            e for e, title in table["title"].items() if part and (part in e.casefold() or part in title.casefold())
        ]
    studied = [event_id for event_id in candidates if event_id in setting.newest]
    dated = [event_id for event_id in candidates if setting.timeline.announcement(event_id) is not None]
    for group in (studied, dated, candidates):
        if len(group) == 1:
            return str(group[0])
        if group:
            several = "; ".join(f"{e} ({table.at[e, 'title']})" for e in group[:8])
            more = f" and {len(group) - 8} more" if len(group) > 8 else ""
            raise EventsError(f"{text!r} fits {len(group)} events: {several}{more}. Write more of one.")
    nearest = "; ".join(Available(setting.timeline, setting.universe, setting.prices).nearest(wanted))
    raise EventsError(
        f"{text!r} fits no event of the {setting.timeline.name}. Nearest: {nearest}. Studied are: {listed(setting.newest, 20)}."
    )
