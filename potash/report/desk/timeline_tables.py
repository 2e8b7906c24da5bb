"""What the page about the timeline shows: the events, their day 0 by exchange, what sources disagree on, and how sure it is."""

from __future__ import annotations

import pandas as pd

from potash.errors import NoUsableEventsError
from potash.news.plots import plot_timeline
from potash.news.timeline import Timeline
from potash.report.desk.event.headings import place_of
from potash.report.desk.setting import Setting
from potash.report.pages.publish import ShownFigure
from potash.report.pages.tables import ShownTable

EXPECTED = {"positive": "up", "negative": "down", "none": "no move", "unclear": "unclear"}
EXCHANGES = {
    "XNYS": "New York", "XTSE": "Toronto", "XETR": "Xetra", "XOSL": "Oslo", "XTAE": "Tel Aviv", "XHKG": "Hong Kong",
    "XSHE": "Shenzhen", "XSGO": "Santiago", "XMOS": "Moscow", "XASX": "Sydney", "XAMM": "Amman",
}  # fmt: skip
ABOUT = {"tense": "done, under way or to come"}


def studied(setting: Setting) -> list[str]:
    """Return the ids of the events studied, the newest first; none where no event has the prices that it needs."""
    try:
        return setting.newest
    except NoUsableEventsError:
        return []


def timeline_figure(setting: Setting) -> ShownFigure:
    """Return the dated events since the first price, those studied in bold, and the stretches that have prices."""
    events = setting.timeline.events
    dated = events[events["precision"].isin(["time", "day"]) & (events["relevance"] != "background")]
    spans = covered(setting.prices)
    recent = dated[dated["date"] >= f"{spans[0][0]:%Y}"]
    recent = recent if len(recent) else dated
    earlier = f"; {len(dated) - len(recent)} earlier" if len(recent) < len(dated) else ""
    directions = recent["expected_direction"].value_counts()
    return ShownFigure.of(
        plot_timeline(recent, covered=spans, emphasised=studied(setting)),
        f"Dated events since {recent['date'].min()[:4]} ({len(recent)}{earlier}); those studied in bold, stretches with "
        "daily prices shaded",
        f"Timeline of {len(recent)} dated events from {recent['date'].min()} to {recent['date'].max()}; "
        f"{directions.get('positive', 0)} were expected to be good for producers outside Belarus, "
        f"{directions.get('negative', 0)} bad.",
        "timeline",
        recent[["date", "title", "expected_direction"]].rename_axis("event_id").reset_index(),
    )


def covered(prices: pd.DataFrame) -> list[tuple[pd.Timestamp, pd.Timestamp]]:
    """Return the stretches of sessions that have prices: first and last day of each.

    Examples
    --------
    >>> days = pd.to_datetime(["2022-04-28", "2022-04-29", "2024-08-22"])
    >>> [(f"{a:%Y-%m-%d}", f"{b:%Y-%m-%d}") for a, b in covered(pd.DataFrame({"NTR": [1.0, 1.0, 1.0]}, index=days))]
    [('2022-04-28', '2022-04-29'), ('2024-08-22', '2024-08-22')]
    """
    days = prices.dropna(how="all").index.to_series()
    stretch = (days.diff() > pd.Timedelta(days=31)).cumsum()
    return [(part.iloc[0], part.iloc[-1]) for _, part in days.groupby(stretch)]


def studied_table(setting: Setting) -> ShownTable:
    """Return the events studied, the newest first: when and by what kind of source they became known, and what was expected."""
    events = setting.timeline.events.loc[studied(setting)]
    shown = pd.DataFrame(
        {
            "announced": [_announced(row) for row in events.to_dict("records")],
            "event": events["title"],
            "expected": events["expected_direction"].map(EXPECTED),
            "status": events["status"],
            "why it is in the list": events["basis"],
            "note": events["note"],
        }
    )
    note = (
        "expected: for shares of producers outside Belarus, judged before any price was looked at. A date without a time is the "
        "date in its zone."
    )
    return ShownTable(
        events.reset_index(),
        shown.loc[:, (shown != "").any()],
        note,
        "events-studied",
        f"The events studied: {len(events)}",
    )


def not_studied_table(setting: Setting) -> ShownTable:
    """Return the dated events that are not studied, the newest first, each with its reason."""
    events = setting.timeline.events.loc[list(setting.not_studied)]
    frame = events[["date", "title"]].assign(reason=list(setting.not_studied.values())).reset_index()
    shown = pd.DataFrame(
        {"announced": frame["date"].replace("", "unknown"), "event": frame["title"], "why not": frame["reason"]}
    )
    title = f"Not studied, of {len(frame) + len(studied(setting))} that could have moved potash shares: {len(frame)}"
    return ShownTable(frame, shown, "", "events-not-studied", title)


def _announced(row: dict[str, str]) -> str:
    time = f" {row['time']} {place_of(row['zone'])}" if row["time"] else ""
    return f"{pd.Timestamp(row['date']):%a} {row['date']}{time}"


def day_zero_table(setting: Setting) -> ShownTable:
    """Return day 0 of each event studied: in New York or the first exchange, and where it is another day elsewhere.

    The file has a row per event and security, with the rule by which its session follows from the announcement.
    """
    roles = setting.universe.frame["role"]
    listings = [str(ticker) for ticker in roles.index if roles[ticker] != "market"]
    frame = setting.timeline.align(listings, studied(setting), setting.universe)
    first = setting.universe.exchange(setting.firms[0])
    no_days = frame["reason"].str.contains("calendar") & frame["session"].isna()
    dated = frame[~no_days]
    rows = [_days_of(setting, rows, first) for _, rows in dated.groupby("event_id", sort=False)]
    unknown = ", ".join(EXCHANGES.get(exchange, exchange) for exchange in dict.fromkeys(frame.loc[no_days, "exchange"]))
    note = (
        "Elsewhere: the exchanges of the other securities, where their day 0 is another day. The next session is "
        "possible too where only the date is known and some of its hours come after the close."
        + (f" The trading days of {unknown} are not carried." if unknown else "")
    )
    return ShownTable(
        frame,
        pd.DataFrame(rows),
        note,
        "day-0",
        "Day 0 of each event studied: the first session that could trade the news",
    )


def _days_of(setting: Setting, rows: pd.DataFrame, first: str) -> dict[str, str]:
    by_exchange = rows.drop_duplicates("exchange").set_index("exchange")
    home = by_exchange.loc[first]
    others: dict[str, list[str]] = {}
    for exchange, row in by_exchange.iterrows():
        if str(_day(row)) != str(_day(home)):
            others.setdefault(_day(row), []).append(EXCHANGES.get(str(exchange), str(exchange)))
    return {
        "event": setting.title(str(rows["event_id"].iloc[0])),
        f"day 0 in {EXCHANGES.get(first, first)}": _day(home),
        "or else": f"{home['alternative']:%a %Y-%m-%d}" if home["ambiguous"] else "–",
        "elsewhere": "; ".join(f"{', '.join(places)}: {day}" for day, places in others.items()) or "the same day",
    }


def _day(row: pd.Series) -> str:
    return f"{row['session']:%a %Y-%m-%d}" if pd.notna(row["session"]) else "outside the trading days carried"


def disagreements_table(setting: Setting) -> ShownTable:
    """Return what articles about one event say differently, events studied first; a row per event and matter."""
    conflicts = setting.timeline.conflicts()
    reported = conflicts["articles"].str.replace("not named", "a page that names no publisher")
    texts = conflicts["value"] + " " + conflicts["unit"] + " (" + reported + ")"
    conflicts["versions"] = texts.str.replace("  ", " ", regex=False).str.replace(" (", " (", regex=False)
    lines = conflicts.groupby(["event_id", "field"], sort=False)["versions"].agg("; ".join).reset_index()
    lines["studied"] = lines["event_id"].isin(studied(setting))
    lines = lines.sort_values(["studied", "event_id"], ascending=[False, True], kind="stable", ignore_index=True)
    shown = pd.DataFrame(
        {
            "event": lines["event_id"].map(setting.timeline.events["title"]),
            "about": lines["field"].replace(ABOUT),
            "versions, as reported by": lines["versions"],
        }
    )
    shown["event"] = shown["event"].where(~shown["event"].duplicated(), "")
    return ShownTable(conflicts.drop(columns="versions"), shown, "", "disagreements", "Where the sources disagree")


def articles_table(timeline: Timeline) -> ShownTable:
    """Return the articles behind the events: who published them when, and how much was read in each."""
    read = timeline.evidence.groupby("article_id", sort=True).agg(
        publisher=("publisher", "first"),
        published=("published", "first"),
        events=("event_id", "nunique"),
        facts=("event_id", "size"),
        contradicting=("role", lambda roles: int((roles == "contradicts").sum())),
    )
    shown = pd.DataFrame(
        {
            "publisher": read["publisher"].replace("not named", "names no publisher"),
            "published": read["published"].replace("", "not stated").str.replace("T", " "),
            "events": read["events"],
            "facts": read["facts"],
            "of them contradicting": read["contradicting"],
        }
    )
    note = "contradicting: what the timeline does not show, or the fewest articles report."
    return ShownTable(read.reset_index(), shown, note, "articles", "Articles, and what was read in them")


def confidence_table(timeline: Timeline) -> ShownTable:
    """Return how sure the events of articles are, and what speaks for and against each."""
    events = timeline.events[timeline.events["confidence"] != ""]
    rank = events["confidence"].map({"high": 0, "medium": 1, "low": 2})
    events = events.assign(rank=rank).sort_values("rank", kind="stable").drop(columns="rank")
    reasons = events["reasons"].str.replace("told by", "reported by")
    shown = pd.DataFrame(
        {
            "date": events["date"].replace("", "unknown"),
            "event": events["title"],
            "confidence": events["confidence"],
            "how the date was read": reasons.str.extract(r"(?:^|; )date: ([^;]*)", expand=False).fillna(""),
            "what else counts": reasons.str.replace(r"(?:^|; )date: [^;]*", "", regex=True).str.removeprefix("; "),
        }
    )
    note = "high: independent sources and a date that they give. low: written by software only, or without a date."
    return ShownTable(
        events.reset_index()[["event_id", "date", "title", "confidence", "reasons"]],
        shown,
        note,
        "confidence",
        "How sure the events of the articles are",
    )


def background_table(setting: Setting) -> ShownTable:
    """Return the events that take no part in the study; the file has every event."""
    events = setting.timeline.events
    rest = events[~events.index.isin([*studied(setting), *setting.not_studied])]
    shown = pd.DataFrame(
        {
            "date": _dates(rest),
            "event": rest["title"],
            "kind": rest["kind"].str.replace("_", " "),
            "status": rest["status"],
            "why it is in the list": rest["basis"],
            "note": rest["note"],
        }
    )  # fmt: skip
    return ShownTable(events.reset_index(), shown, "", "events", f"Background: {len(rest)} events")


def _dates(events: pd.DataFrame) -> pd.Series[str]:
    ends = events["date_end"].where(events["date_end"] == "", " to " + events["date_end"])
    return events["date"].replace("", "unknown") + ends
