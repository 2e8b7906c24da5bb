"""What a build writes: tables in their order, all files or none."""

import csv
import dataclasses
from pathlib import Path

import pytest

from potash.bundled import data_dir
from potash.errors import PotashError, ReportError
from potash.news.records import Problem, Publication
from potash.news.tables import writing
from potash.news.tables.event_rows import EVENT_COLUMNS
from potash.news.tables.event_table import EVIDENCE_COLUMNS
from potash.news.tables.overrides import Curated, Outcome, apply_overrides, read_overrides
from potash.news.tables.writing import FILES, events_table, timeline_tables, write_timeline
from potash.news.timeline import load_timeline
from tests.support.records import article, claim, day, event, reading_of, undecided

# Events


@pytest.mark.parametrize(("name", "columns"), [("events.csv", EVENT_COLUMNS), ("evidence.csv", EVIDENCE_COLUMNS)])
def test_columns_are_those_of_the_carried_files(name, columns):
    with (data_dir() / name).open(encoding="utf-8", newline="") as stream:
        assert next(csv.reader(stream)) == columns


def test_order_is_that_of_the_carried_events():
    dates = ["", "2024", "2024-05-09", "2024-05", "2023-12-31", "2024-05-09"]
    precision = {0: "unresolved", 4: "year", 7: "month", 10: "day"}
    events = [
        event(f"e{5 - i}", [claim("a")], date=date, precision=precision[len(date)]) for i, date in enumerate(dates)
    ]
    table = events_table(undecided(reading_of([article("a")], events)))
    assert list(table["event_id"]) == ["e1", "e0", "e3", "e2", "e4", "e5"]
    with (data_dir() / "events.csv").open(encoding="utf-8", newline="") as stream:
        carried = list(csv.DictReader(stream))
    again = events_table(Curated((), tuple(reversed(carried))))
    assert list(again["event_id"]) == [row["event_id"] for row in carried]


# Evidence


# What did not get in


def test_unplaced_claims_say_why_and_rejected_ones_too(tmp_path):
    (tmp_path / "o.toml").write_text('[[reject]]\nevent = "e"\nreason = "a rumour"\nby = "A. Reader"\n')
    hoped = claim("a", 100, 150, status="hoped", actors=("Ann Lee", "Bo Chen"))
    page = article("a", offsets=tuple(range(7, 407)))
    reading = reading_of([page], [event("e", [claim("a")])], unplaced=((hoped, "a hope is no event"),))
    tables = timeline_tables(reading, apply_overrides(reading, read_overrides(tmp_path / "o.toml")))
    rows = tables.unplaced.to_dict("records")
    assert [row["reason"] for row in rows] == ["e: rejected by A. Reader: a rumour", "a hope is no event"]
    assert (rows[1]["start"], rows[1]["end"], rows[1]["actors"]) == (107, 157, "Ann Lee; Bo Chen")
    assert list(tables.curated["result"]) == ["applied"]
    assert tables.events.empty


def test_articles_and_problems():
    pages = [
        article("b", sources=("Reuters", "AP"), machine_written=True),
        article("a", same_as="b", published=Publication("2024-05-10T08:00", "Asia/Shanghai", "markup")),
    ]
    problems = (
        Problem(Path("/somewhere/z.txt"), "z.txt is empty."),
        Problem(Path("/somewhere/b.txt"), "odd", fatal=False),
    )
    reading = reading_of(pages, [], problems=problems)
    tables = timeline_tables(reading, undecided(reading))
    assert tables.articles.to_numpy().tolist() == [
        ["a", "The Daily Salt", "2024-05-10T08:00", "Asia/Shanghai", "markup", "", "no", "b"],
        ["b", "The Daily Salt", "2024-05-10", "", "text", "Reuters; AP", "yes", ""],
    ]
    assert tables.problems.to_numpy().tolist() == [["b.txt", "no", "odd"], ["z.txt", "yes", "z.txt is empty."]]


# Files


@pytest.fixture
def tables():
    told = event("e", [claim("a", when=day("2024-05-09"))], title='Salt, "quoted"')
    reading = reading_of([article("a")], [told])
    curated = dataclasses.replace(
        undecided(reading), outcomes=(Outcome("accept", "x", "unused", "no event", "r", "b"),)
    )
    return timeline_tables(reading, curated)


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_the_same_tables_give_the_same_bytes(tables, tmp_path):
    written = write_timeline(tmp_path / "new/one", tables)
    write_timeline(tmp_path / "two", tables)
    write_timeline(tmp_path / "two", tables)
    assert contents(tmp_path / "new/one") == contents(tmp_path / "two")
    assert sorted(path.name for path in written) == sorted(FILES) == sorted(contents(tmp_path / "two"))
    assert not any(b"\r" in found for found in contents(tmp_path / "two").values())


def test_what_is_written_can_be_read_as_a_timeline(tables, tmp_path):
    write_timeline(tmp_path, tables)
    timeline = load_timeline(tmp_path / "events.csv", tmp_path / "evidence.csv")
    assert timeline.events.loc["e", "title"] == 'Salt, "quoted"'
    assert list(timeline.evidence["field"]) == ["date", "status"]


def test_an_empty_timeline_has_headers(tmp_path):
    reading = reading_of([], [])
    write_timeline(tmp_path, timeline_tables(reading, undecided(reading)))
    assert (tmp_path / "events.csv").read_text() == ",".join(EVENT_COLUMNS) + "\n"


def test_other_files_of_the_folder_stay(tables, tmp_path):
    (tmp_path / "overrides.toml").write_text("# mine")
    write_timeline(tmp_path, tables, {"view.html": lambda path: path.write_text("<p>")})
    assert (tmp_path / "overrides.toml").read_text() == "# mine"
    assert (tmp_path / "view.html").read_text() == "<p>"


@pytest.mark.parametrize("stop", [KeyboardInterrupt, RuntimeError])
def test_a_failure_while_writing_leaves_what_stood_there(tables, tmp_path, stop):
    def fail(path):
        raise stop

    for name in FILES:
        (tmp_path / name).write_text("old")
    with pytest.raises(stop):
        write_timeline(tmp_path, tables, {"view.html": fail})
    assert contents(tmp_path) == dict.fromkeys(FILES, b"old")


@pytest.mark.parametrize("at", range(1, 12))
def test_a_stop_between_files_puts_the_old_ones_back(tables, tmp_path, monkeypatch, at):
    olds = set(FILES) - {"curated.csv"}
    for name in olds:
        (tmp_path / name).write_text("old")
    real, moved = Path.replace, []

    def replace(self, target):
        moved.append(self)
        if len(moved) == at:
            raise KeyboardInterrupt
        return real(self, target)

    monkeypatch.setattr(Path, "replace", replace)
    with pytest.raises(KeyboardInterrupt):
        write_timeline(tmp_path, tables)
    assert contents(tmp_path) == dict.fromkeys(olds, b"old")


def test_a_folder_that_cannot_be_written_is_an_error_of_ours(tables, tmp_path):
    (tmp_path / "file").write_text("mine")
    with pytest.raises(ReportError, match="could not write the timeline") as caught:
        write_timeline(tmp_path / "file", tables)
    assert isinstance(caught.value, PotashError)
    assert (tmp_path / "file").read_text() == "mine"


def test_the_module_names_its_files_once():
    assert {Path(name).stem for name in FILES} == set(writing.TimelineTables.__slots__)
