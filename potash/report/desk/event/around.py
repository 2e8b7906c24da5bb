"""What stands around an event: other news, what the articles say of it, and which firms are missing and why."""

from __future__ import annotations

from urllib.parse import urlsplit

import pandas as pd

from potash.report.desk.available import PRODUCER
from potash.report.desk.event.headings import company, file_name, session_words
from potash.report.desk.setting import Setting
from potash.report.pages.tables import ShownTable

SCOPES = {"firm": "own\u00a0news", "sector": "fertilizers", "market": "the\u00a0market"}
# How a sentence is built and a name is spelled decides nothing about the event.
MINOR_FIELDS = ("tense", "spelling of ")
REASONS = {
    "missing day 0": "no price on day 0, or none on the session before",
    "too few estimation returns": "too few prices before the event",
    "event window not covered": "the prices do not cover the days around the event",
    "no session": "no single day is known on which it became known",
}


def news_table(setting: Setting, event_id: str) -> ShownTable | None:
    """Return what else happened around an event, a row per piece of news with the firms it names; None if nothing."""
    near = setting.news[setting.news["event_id"] == event_id]
    if near.empty:
        return None
    keys = ["offset", "date", "scope", "weight", "title"]
    grouped = near.groupby(keys, dropna=False, sort=False)["ticker"]
    frame = grouped.agg(lambda members: ", ".join(dict.fromkeys(members))).reset_index(name="firms")
    notes = near[near["note"] != ""].drop_duplicates(["date", "title"]).set_index(["date", "title"])["note"]
    frame["note"] = [str(notes.get((row.date, row.title), "")) for row in frame.itertuples()]
    frame = frame.sort_values(["offset", "date"], kind="stable", ignore_index=True)
    everyone = len(near["ticker"].unique())
    shown = pd.DataFrame(
        {
            "session": [session_words(offset) for offset in frame["offset"]],
            "date": frame["date"],
            "what happened": frame["title"] + ("; " + frame["note"]).where(frame["note"] != "", ""),
            "kind": frame["scope"].map(SCOPES).fillna(frame["scope"])
            + frame["weight"].map({"minor": ", minor"}).fillna(""),
            "firms": ["all" if len(row.split(", ")) == everyone > 1 else row for row in frame["firms"]],
        }
    )
    note = (
        f"Sessions {session_words(setting.event_window[0])} to {session_words(setting.event_window[1])}, counted from day 0 on "
        "each firm's own exchange. Daily prices cannot part two pieces of news of one day."
    )
    title = "Other news in the same sessions"
    return ShownTable(frame, shown, note, file_name("news", event_id), title)


def evidence_table(setting: Setting, event_id: str) -> ShownTable:
    """Return what is stated of an event and where: a row per statement, with those that contradict one another."""
    rows = setting.timeline.evidence[setting.timeline.evidence["event_id"] == event_id]
    title = "What is stated of the event, and where"
    if rows.empty:
        return _sources_table(setting, event_id, title)
    frame = rows.reset_index(drop=True)
    major = frame[~frame["field"].str.startswith(MINOR_FIELDS)]
    passages = major["start"].astype(str) + "–" + major["end"].astype(str)
    keys = ["field", "value", "unit", "role"]
    by_publisher = passages.groupby([major[key].fillna("") for key in [*keys, "publisher"]], sort=False).agg(
        lambda places: "; ".join(dict.fromkeys(places))
    )
    places = by_publisher.reset_index(name="passages")
    places["places"] = places["publisher"] + " (" + places["passages"] + ")"
    facts = places.groupby(keys, sort=False)["places"].agg(", ".join).reset_index()
    facts = facts.sort_values(["field", "role", "value"], kind="stable")
    shown = pd.DataFrame(
        {
            "about": facts["field"],
            "stated": [f"{value} {unit}".strip() for value, unit in zip(facts["value"], facts["unit"], strict=True)],
            "agrees": facts["role"].map({"supports": "yes", "contradicts": "no"}).fillna(facts["role"]),
            "where": facts["places"],
        }
    )
    note = (
        "In our words; in parentheses the first and last character in the article. agrees: no where a source says something "
        f"else than the timeline. {_standing(setting, event_id)}"
    )
    return ShownTable(frame, shown.reset_index(drop=True), note, file_name("evidence", event_id), title)


def _standing(setting: Setting, event_id: str) -> str:
    row = setting.timeline.events.loc[event_id]
    basis, confidence = str(row["basis"] or ""), str(row["confidence"] or "")
    texts = [f"It is in the timeline by {basis}." if basis else "", f"Confidence: {confidence}." if confidence else ""]
    return " ".join(text for text in texts if text)


def _sources_table(setting: Setting, event_id: str, title: str) -> ShownTable:
    """Return the places that an event is known from where no article of the timeline reports it."""
    sources = [part for part in str(setting.timeline.events.at[event_id, "sources"] or "").split("; ") if part]
    frame = pd.DataFrame({"event_id": event_id, "source": sources}, columns=["event_id", "source"], dtype=str)
    shown = pd.DataFrame({"publisher": [urlsplit(s).netloc or s for s in sources], "address": sources}, dtype=str)
    note = f"No article of the timeline reports it. {_standing(setting, event_id)}"
    return ShownTable(frame, shown, note.strip(), file_name("evidence", event_id), title)


def missing_table(setting: Setting, event_id: str) -> ShownTable | None:
    """Return which securities with prices are not in an event's study, and why; None if all are."""
    ledger = setting.everyone.dropped
    frame = ledger[ledger["event_id"] == event_id].reset_index(drop=True)
    if frame.empty:
        return None
    shown = pd.DataFrame(
        {
            "firm": [company(setting, ticker) for ticker in frame["ticker"]],
            "reason": [REASONS.get(reason, reason) for reason in frame["reason"]],
            "its prices": [
                _prices_around(setting, *place) for place in zip(frame["ticker"], frame["session"], strict=True)
            ],
        }
    )
    title = "Firms that could not be studied at this event"
    return ShownTable(frame, shown, "Nothing is filled in.", file_name("missing", event_id), title)


def _prices_around(setting: Setting, ticker: str, session: object) -> str:
    """Return which prices a security has around a day: from when, until when, and the hole that the day lies in."""
    days = setting.prices[ticker].dropna().index
    day = pd.Timestamp(str(session)) if pd.notna(session) else None
    if day is None or not len(days):
        return "none"
    before, after = days[days < day], days[days > day]
    if not len(before) or not len(after):
        return f"from {days[0]:%Y-%m-%d} to {days[-1]:%Y-%m-%d}"
    hole = day not in days
    return f"none from {before[-1]:%Y-%m-%d} to {after[0]:%Y-%m-%d}" if hole else _run(days, day)


def _run(days: pd.Index, day: pd.Timestamp) -> str:
    """Return since when a security has had prices without a hole of more than ten days."""
    past = pd.DatetimeIndex(days[days <= day])
    gaps = past[1:][(past[1:] - past[:-1]).days > 10]
    return f"since {(gaps[-1] if len(gaps) else past[0]):%Y-%m-%d} without a hole"


def without_prices(setting: Setting) -> str:
    """Return the producers of the universe that have no prices here, in a sentence; empty if all have."""
    issuers = setting.universe.frame["issuer"]
    priced = {issuers[ticker] for ticker in setting.prices}
    producers = setting.universe.one_per_issuer(setting.universe.with_role(PRODUCER))
    absent = [ticker for ticker in producers if issuers[ticker] not in priced]
    lines = ", ".join(company(setting, ticker) for ticker in absent)
    return f"Potash producers without any prices here: {lines}." if absent else ""
