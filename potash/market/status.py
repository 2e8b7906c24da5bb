"""How old each stored series is, and when its next session is due."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from potash.calendars import closes, has_calendar
from potash.market.pulling import last_closed_session
from potash.market.series import CARRIED, PRICE_FIELDS, SeriesKey
from potash.market.store.store import PriceStore
from potash.universe import Universe

COLUMNS = [
    "series",
    "first",
    "last",
    "sessions",
    "expected",
    "behind",
    "next",
    "age_days",
    "known_from",
    "source",
    "exchange",
    "state",
]
# A monthly price appears in the first days of the second month after; daily series without a calendar may miss a week.
MONTHLY_GRACE_DAYS = 75
NO_CALENDAR_GRACE_DAYS = 7
FACTOR_GRACE_DAYS = 150


def status(store: PriceStore, universe: Universe, now: dt.datetime, provider: str | None = None) -> pd.DataFrame:
    """Return a row per stored series: how far it reaches, how far it should, and whether it is behind.

    Parameters
    ----------
    store : PriceStore
    universe : Universe
        Gives the exchange of each ticker; what is not in it has no calendar.
    now : datetime
        The present moment with its zone.
    provider : str, optional
        Only its series.

    Returns
    -------
    DataFrame
        ``last`` is the last session with a value, ``expected`` the last session that is over by the calendar of the
        exchange, ``behind`` the sessions between them (missing without a calendar), ``next`` the next session after
        ``expected``, ``age_days`` the days since ``last``, ``known_from`` when something was last learnt. ``state`` is
        ``current``, ``behind``, or ``old`` for a series without a calendar whose last value is older than it should be
        (7 days for daily, 75 for monthly, 150 for factors).
    """
    keys = store.series_keys(provider)
    values, facts = store.read(keys), store.facts(keys)
    pulls = store.pulls(keys).groupby("series").last() if keys else pd.DataFrame()
    rows = [_row(key, values[key], facts[key], pulls.loc[str(key)], universe, now) for key in keys]
    return pd.DataFrame(rows, columns=COLUMNS)


def _row(
    key: SeriesKey,
    values: pd.DataFrame,
    facts: dict[str, str],
    pull: pd.Series[object],
    universe: Universe,
    now: dt.datetime,
) -> dict[str, object]:
    today = pd.Timestamp(now.astimezone(dt.UTC).date())
    listing = key.provider in {"yahoo", "files"} and key.symbol in universe.frame.index
    exchange = universe.exchange(key.symbol) if listing else ""
    values = values[[name for name in (*PRICE_FIELDS, "value") if name in values]].dropna(how="all")
    first, last = (pd.NaT, pd.NaT) if values.empty else (values.index[0], values.index[-1])
    age = None if values.empty else (today - last).days
    row: dict[str, object] = {
        "series": str(key),
        "first": first,
        "last": last,
        "sessions": len(values),
        "age_days": age,
        "known_from": pull["known_from"],
        "source": pull["source"],
        "exchange": exchange,
    }
    expected = last_closed_session(exchange or None, now)
    if expected is None or not has_calendar(exchange):
        grace = NO_CALENDAR_GRACE_DAYS
        if facts.get("frequency") == "monthly":
            grace = MONTHLY_GRACE_DAYS
        elif list(values.columns) == ["value"]:
            grace = FACTOR_GRACE_DAYS
        # What the project carries does not grow.
        old = key.provider != CARRIED and (age is None or age > grace)
        return {**row, "expected": pd.NaT, "behind": pd.NA, "next": pd.NaT, "state": "old" if old else "current"}
    sessions = closes(exchange).index
    due = sessions[sessions <= expected]
    behind = len(due) if values.empty else int((due > last).sum())
    later = sessions[sessions > expected]
    upcoming = later[0] if len(later) else pd.NaT
    return {
        **row,
        "expected": expected,
        "behind": behind,
        "next": upcoming,
        "state": "behind" if behind else "current",
    }
