"""The page about the timeline: which events are studied, when each could first be traded, and what is in dispute."""

import pandas as pd
import pytest

from potash.report.desk.setting import set_up
from potash.report.desk.timeline_tables import (
    articles_table,
    background_table,
    confidence_table,
    covered,
    day_zero_table,
    disagreements_table,
    not_studied_table,
    studied,
    studied_table,
    timeline_figure,
)

FLAGSHIP = "US envoy in Minsk announces relief from potash sanctions"


@pytest.fixture(scope="module")
def setting():
    return set_up()


def test_stretches_part_where_more_than_a_month_has_no_price():
    days = pd.to_datetime(["2025-01-02", "2025-02-02", "2025-03-06", "2025-03-07"])
    prices = pd.DataFrame({"A": [1.0, 1.0, 1.0, None], "B": [None] * 4}, index=days)
    assert covered(prices) == [(days[0], days[1]), (days[2], days[2])]


def test_events_studied_come_newest_first_with_what_was_expected(setting):
    table = studied_table(setting)
    assert table.frame["event_id"].tolist() == setting.newest
    first = table.shown.iloc[0]
    assert (first["announced"], first["event"], first["expected"]) == ("Sat 2025-12-13", FLAGSHIP, "down")
    designation = table.shown[table.shown["announced"].str.contains("2021-08-09")].iloc[0]
    assert designation["announced"] == "Mon 2021-08-09 10:57 in New York"
    assert designation["expected"] == "up"


def test_day_zero_is_told_by_exchange_where_it_differs(setting):
    table = day_zero_table(setting)
    rows = table.shown.set_index("event")
    first = rows.loc[setting.title("2025-12-13-us-lifts-potash")]
    assert first["day 0 in New York"] == "Mon 2025-12-15"
    assert first["or else"] == "–"
    assert "Tel Aviv: Sun 2025-12-14" in first["elsewhere"]
    assert "Amman" not in first["elsewhere"]
    assert table.note.endswith("The trading days of Amman are not carried.")
    belavia = rows.loc[setting.title("2025-09-11-belavia-relief")]
    assert (belavia["day 0 in New York"], belavia["or else"]) == ("Thu 2025-09-11", "Fri 2025-09-12")


def test_disagreements_name_who_reported_what_and_events_studied_come_first(setting):
    table = disagreements_table(setting)
    assert {"event_id", "field", "value", "articles"} <= set(table.frame)
    events = [event for event in table.shown["event"] if event]
    assert len(events) == len(set(events))
    studied = set(setting.timeline.events.loc[setting.newest, "title"])
    places = [event in studied for event in events]
    assert places == sorted(places, reverse=True)
    assert any(places)
    row = table.shown[table.shown["about"] == "spelling of John Coale"].iloc[0]
    assert "Cole (" in row["versions, as reported by"]
    assert not table.shown["about"].str.contains("tense").any()


def test_articles_and_confidence(setting):
    articles = articles_table(setting.timeline)
    assert len(articles.shown) == 5
    assert articles.shown["facts"].sum() == len(setting.timeline.evidence)
    sure = confidence_table(setting.timeline).shown
    assert sure["confidence"].tolist() == sorted(sure["confidence"], key=["high", "medium", "low"].index)
    flagship = sure[sure["event"] == FLAGSHIP].iloc[0]
    assert flagship["how the date was read"] == "weekday on or before publication"
    assert "date:" not in flagship["what else counts"]
    assert flagship["what else counts"].startswith("reported by 5 articles")


def test_every_event_stands_once_on_the_page(setting):
    rest = background_table(setting)
    without = not_studied_table(setting)
    assert len(rest.shown) + len(without.shown) + len(setting.newest) == len(setting.timeline.events) == len(rest.frame)
    assert without.title == "Not studied, of 18 that could have moved potash shares: 4"
    assert without.shown["why not"].iloc[-1] == "prices begin 2020-07"
    assert FLAGSHIP not in set(rest.shown["event"])
    assert "2020-08 to 2025-12" in set(rest.shown["date"])


def test_the_figure_counts_directions(setting):
    shown = timeline_figure(setting)
    assert shown.title.startswith("Dated events since 2021 (17; 1 earlier)")
    assert "expected to be good" in shown.alt


def test_the_page_works_where_no_event_has_prices():
    before = set_up(events=["2013-07-30-uralkali-leaves-bpc"])
    assert studied(before) == []
    assert not_studied_table(before).shown["why not"].tolist() == ["prices begin 2020-07"]
    assert len(disagreements_table(before).shown) > 10
    assert "Dated events" in timeline_figure(before).title
    assert len(background_table(before).shown) == 64
