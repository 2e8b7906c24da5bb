"""An event as a row of ``events.csv``: its columns, its sources, its time as event files take it."""

import pytest

from potash.news.records import CuratedEvent
from potash.news.tables.overrides import Curated, apply_overrides, read_overrides
from potash.news.tables.writing import events_table, timeline_tables
from tests.support.records import article, claim, day, event, facts, reading_of, undecided


def test_an_event_tells_its_articles_scope_and_confidence():
    told = event("e", [claim("b"), claim("a"), claim("b", 50, 90)], authorities=("US", "EU"))
    [row] = events_table(undecided(reading_of([article("a"), article("b")], [told]))).to_dict("records")
    assert (row["sources"], row["scope"], row["origin"]) == ("a; b", "US and EU; potash", "articles")
    assert (row["confidence"], row["reasons"], row["note"]) == ("medium", "told by 1 article", "")
    assert (row["basis"], row["chain_id"]) == ("announcement in the articles", "")


def test_people_add_sources_and_set_the_rest():
    told = event("e", [claim("a")])
    columns = {"sources": "a; https://example.org/1", "note": "checked", "scope": "Canada; salt"}
    [row] = events_table(Curated((CuratedEvent(told, columns),))).to_dict("records")
    assert (row["sources"], row["note"], row["scope"]) == ("a; https://example.org/1", "checked", "Canada; salt")


def test_the_articles_of_added_evidence_are_sources_too(tmp_path):
    (tmp_path / "o.toml").write_text(
        'evidence = [{ event = "e", article = "a", start = 1, end = 9, field = "cause", value = "flood" }]\n'
        '[[correct]]\nevent = "e"\nreason = "r"\nby = "b"\nset = {sources = "https://example.org/1"}\n'
    )
    reading = reading_of([article("a"), article("b")], [event("e", [claim("b")])])
    [row] = events_table(apply_overrides(reading, read_overrides(tmp_path / "o.toml"))).to_dict("records")
    assert row["sources"] == "a; b; https://example.org/1"


@pytest.mark.parametrize(
    ("time", "zone", "expected"),
    [
        ("10:30", "Europe/Minsk", ("time", "10:30", "Europe/Minsk")),
        ("10:30", "+03:00", ("time", "10:30", "Etc/GMT-3")),
        ("10:30", "-05:00", ("time", "10:30", "Etc/GMT+5")),
        ("10:30", "", ("day", "", "")),
    ],
)
def test_a_time_is_written_as_event_files_take_it(time, zone, expected):
    told = event("e", [claim("a", when=day("2024-05-09", time=time))], precision="time", time=time, zone=zone)
    reading = reading_of([article("a")], [told])
    tables = timeline_tables(reading, undecided(reading))
    [row] = tables.events.to_dict("records")
    assert (row["precision"], row["time"], row["zone"]) == expected
    assert ("time", "10:30", "", "supports") in facts(tables.evidence.to_dict("records"))


def test_an_event_that_no_event_file_can_hold_is_left_out_and_listed():
    good, bad = event("good", [claim("a")]), event("bad", [claim("a", 50, 90)], date="2024-02-30")
    reading = reading_of([article("a")], [good, bad])
    tables = timeline_tables(reading, undecided(reading))
    assert list(tables.events["event_id"]) == ["good"]
    assert set(tables.evidence["event_id"]) == {"good"}
    [problem] = tables.problems.to_dict("records")
    assert (problem["file"], problem["fatal"]) == ("a.txt", "no")
    assert problem["reason"] == tables.unplaced["reason"][0].removeprefix("bad: ")
    assert problem["reason"].startswith("left out: event 'bad': date '2024-02-30' does not exist")
