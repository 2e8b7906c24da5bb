"""What a build writes: columns, roles, offsets, order; all files or none, and never a sentence."""

import csv
import dataclasses
from pathlib import Path

import pytest

from potash.bundled import data_dir
from potash.errors import PotashError, ReportError
from potash.news.records import Conflict, CuratedEvent, Problem, Publication, Quantity
from potash.news.tables import writing
from potash.news.tables.event_rows import EVENT_COLUMNS
from potash.news.tables.event_table import EVIDENCE_COLUMNS
from potash.news.tables.overrides import Curated, Outcome, apply_overrides, read_overrides
from potash.news.tables.writing import FILES, events_table, timeline_tables, write_timeline
from potash.news.timeline import load_timeline
from tests.news.tables.test_overrides import article, claim, day, event, reading_of


def plain(reading):
    return apply_overrides(reading, read_overrides())


def rows_of(reading, curated=None):
    return timeline_tables(reading, curated or plain(reading)).evidence.to_dict("records")


def facts(rows, **wanted):
    """Return (field, value, unit, role) of the rows that have the wanted values."""
    kept = [row for row in rows if all(row[name] == value for name, value in wanted.items())]
    return [(row["field"], row["value"], row["unit"], row["role"]) for row in kept]


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
    table = events_table(plain(reading_of([article("a")], events)))
    assert list(table["event_id"]) == ["e1", "e0", "e3", "e2", "e4", "e5"]
    with (data_dir() / "events.csv").open(encoding="utf-8", newline="") as stream:
        carried = list(csv.DictReader(stream))
    again = events_table(Curated((), tuple(reversed(carried))))
    assert list(again["event_id"]) == [row["event_id"] for row in carried]


def test_an_event_tells_its_articles_scope_and_confidence():
    told = event("e", [claim("b"), claim("a"), claim("b", 50, 90)], authorities=("US", "EU"))
    [row] = events_table(plain(reading_of([article("a"), article("b")], [told]))).to_dict("records")
    assert (row["sources"], row["scope"], row["origin"]) == ("a; b", "US and EU; potash", "articles")
    assert (row["confidence"], row["reasons"], row["note"]) == ("medium", "told by 1 article", "")


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
    tables = timeline_tables(reading, plain(reading))
    [row] = tables.events.to_dict("records")
    assert (row["precision"], row["time"], row["zone"]) == expected
    assert ("time", "10:30", "", "supports") in facts(tables.evidence.to_dict("records"))


def test_an_event_that_no_event_file_can_hold_is_left_out_and_listed():
    good, bad = event("good", [claim("a")]), event("bad", [claim("a", 50, 90)], date="2024-02-30")
    reading = reading_of([article("a")], [good, bad])
    tables = timeline_tables(reading, plain(reading))
    assert list(tables.events["event_id"]) == ["good"]
    assert set(tables.evidence["event_id"]) == {"good"}
    [problem] = tables.problems.to_dict("records")
    assert (problem["file"], problem["fatal"]) == ("a.txt", "no")
    assert problem["reason"] == tables.unplaced["reason"][0].removeprefix("bad: ")
    assert problem["reason"].startswith("left out: event 'bad': date '2024-02-30' does not exist")


# Evidence


def test_a_claim_gives_a_row_per_field():
    figures = (
        Quantity(0, 1, 2e5, "tonnes"),
        Quantity(0, 1, 1.5, "%", "share", "about"),
        Quantity(0, 1, 430, "jobs", "total", "more than"),
    )
    fields = {"duration": "two weeks", "target": "", "verb": "halt", "spellings": "Ann Lee=Leigh; Bo Chen=Chen"}
    fields |= {"tense": "past", "heading": "yes", "news": "2024-05-09", "version": "other"}
    more = {"speaker": "Ann Lee", "fields": fields, "quantities": figures}
    told = claim("a", when=day("2024-05-09"), status="announced", **more)
    rows = rows_of(reading_of([article("a")], [event("e", [told])]))
    assert facts(rows) == [
        ("date", "2024-05-09", "", "supports"),
        ("duration", "two weeks", "", "supports"),
        ("share %", "~1.5", "%", "supports"),
        ("speaker", "Ann Lee", "", "supports"),
        ("spelling of Ann Lee", "Leigh", "", "supports"),
        ("status", "announced", "", "supports"),
        ("tonnes", "200000", "tonnes", "supports"),
        ("total jobs", ">430", "jobs", "supports"),
    ]
    assert list(rows[0]) == EVIDENCE_COLUMNS


@pytest.mark.parametrize(
    ("when", "field", "value"),
    [
        (day("2024-05-09"), "date", "2024-05-09"),
        (day("2024-05"), "month", "2024-05"),
        (day("2024"), "year", "2024"),
        (day("2024-05-09", date_end="2024-05-10", precision="range"), "period", "2024-05-09/2024-05-10"),
        (day("2024-05", bound="since"), "since", "2024-05"),
        (dataclasses.replace(day("2024"), date="", precision="unresolved"), None, None),
        (None, None, None),
    ],
)
def test_the_date_as_told(when, field, value):
    rows = rows_of(reading_of([article("a")], [event("e", [claim("a", when=when)])]))
    assert [(row["field"], row["value"]) for row in rows if row["field"] != "status"] == (
        [(field, value)] if field else []
    )


def test_offsets_are_those_of_the_file():
    page = article("a", offsets=tuple(range(50, 450)))
    rows = rows_of(reading_of([page], [event("e", [claim("a", 10, 20)])]))
    assert [(row["start"], row["end"]) for row in rows] == [(60, 70)]


@pytest.mark.parametrize(
    ("published", "stamp"),
    [
        (Publication("2024-05-10T07:03", "America/New_York", "text"), "2024-05-10T07:03-04:00"),
        (Publication("2024-05-10T07:03", "+08:00", "text"), "2024-05-10T07:03+08:00"),
        (Publication("2024-05-10T07:03"), "2024-05-10T07:03"),
        (Publication("2024-05-10", "Europe/Minsk"), "2024-05-10"),
        (Publication(), ""),
    ],
)
def test_publisher_and_stamp(published, stamp):
    reading = reading_of([article("a", published=published, publisher="")], [event("e", [claim("a")])])
    assert [(row["publisher"], row["published"]) for row in rows_of(reading)] == [("not named", stamp)]


def test_units_are_written_without_accents():
    two, many = Quantity(0, 1, 2, "attach\u00e9s"), Quantity(0, 1, 9, "attach\u00e9s", "total")
    reading = reading_of([article("a")], [event("e", [claim("a", quantities=(two, many))])])
    assert facts(rows_of(reading), unit="attaches") == [
        ("attaches", "2", "attaches", "supports"),
        ("total attaches", "9", "attaches", "supports"),
    ]


def test_a_publisher_that_people_name_stands_in_evidence_and_articles(tmp_path):
    (tmp_path / "o.toml").write_text(
        '[[article]]\narticle = "a"\npublisher = "Potash Weekly"\nreason = "r"\nby = "b"\n'
    )
    reading = reading_of([article("a", publisher=""), article("b")], [event("e", [claim("a"), claim("b")])])
    tables = timeline_tables(reading, apply_overrides(reading, read_overrides(tmp_path / "o.toml")))
    for table in (tables.evidence, tables.articles):
        assert table.set_index("article_id")["publisher"].to_dict() == {"a": "Potash Weekly", "b": "The Daily Salt"}


def told_twice(field, first, second, versions, **fields):
    """Return the evidence of an event that one article tells in two claims at odds, and another in the first way."""
    claims = [claim("a", 0, 40, **first), claim("a", 50, 90, **second), claim("b", 0, 40, **first)]
    conflict = Conflict(field, tuple(zip(versions, (("a", "b"), ("a",)), strict=True)))
    reading = reading_of([article("a"), article("b")], [event("e", claims, conflicts=(conflict,), **fields)])
    return rows_of(reading)


PEOPLE = [{"quantities": (Quantity(0, 1, 9, unit),)} for unit in ("prisoners", "citizens")]
TENSES = [{"fields": {"tense": tense}} for tense in ("future", "progressive")]
SPELLINGS = [{"fields": {"spellings": f"Jane Smith={name}"}} for name in ("Smyth", "Smith")]


@pytest.mark.parametrize(
    ("field", "first", "second", "versions", "name", "against"),
    [
        ("tense", *TENSES, ("to come", "under way"), "tense", "under way"),
        ("people", *PEOPLE, ("prisoners", "citizens"), "who was freed", "citizens"),
        ("spelling of Jane Smith", *SPELLINGS, ("Smyth", "Smith"), "spelling of Jane Smith", "Smyth"),
        ("order", {"fields": {"order": "x"}}, {"fields": {"order": "y"}}, ("x", "y"), "order", "y"),
    ],
)
def test_a_version_stands_with_the_claim_that_tells_it(field, first, second, versions, name, against):
    rows = [row for row in told_twice(field, first, second, versions) if row["field"] == name]
    assert [(row["article_id"], row["start"], row["value"]) for row in rows] == [
        ("a", 0, versions[0]), ("a", 50, versions[1]), ("b", 0, versions[0]),
    ]  # fmt: skip
    assert {row["value"] for row in rows if row["role"] == "contradicts"} == {against}


@pytest.mark.parametrize(("shown", "precision"), [("2024-05-09", "day"), ("2023", "year")])
def test_dates_in_conflict_stand_in_one_field_with_their_ends(shown, precision):
    first = {"when": day("2024-05-09", date_end="2024-05-10", precision="range")}
    rows = told_twice("date", first, {"when": day("2023")}, ("2024-05-09", "2023"), date=shown, precision=precision)
    told = [(row["field"], row["value"], row["role"]) for row in rows if row["field"] != "status"]
    of_days, of_the_year = ("supports", "contradicts") if precision == "day" else ("contradicts", "supports")
    assert told == [
        ("date", "2024-05-09/2024-05-10", of_days),
        ("date", "2023", of_the_year),
        ("date", "2024-05-09/2024-05-10", of_days),
    ]


def disputed(versions, field="cause", **fields):
    """Return the reading of one event told by the articles a, b, c and d, of which d copies c."""
    articles = [article("a"), article("b"), article("c"), article("d", same_as="c")]
    claims = [claim(name, when=day("2024-05-09" if name != "c" else "2024-05-10")) for name in "abcd"]
    return reading_of(articles, [event("e", claims, conflicts=(Conflict(field, versions),), **fields)])


@pytest.mark.parametrize(
    ("versions", "against"),
    [
        ((("flood", ("a", "b")), ("strike", ("c",))), {"strike"}),
        ((("flood", ("a",)), ("strike", ("b", "c"))), {"flood"}),
        ((("flood", ("a",)), ("strike", ("b",))), {"strike"}),  # equals: the first named stands
        ((("flood", ("c", "d")), ("strike", ("a", "b"))), {"flood"}),  # a copy tells nothing twice
        ((("flood", ("a", "b")), ("strike", ("c",)), ("fire", ("d",))), {"strike", "fire"}),
    ],
)
def test_the_minority_version_contradicts(versions, against):
    rows = rows_of(disputed(versions))
    told = {row["value"]: row["role"] for row in rows if row["field"] == "cause"}
    assert {value for value, role in told.items() if role == "contradicts"} == against
    assert set(told) == {value for value, _ in versions}


def test_a_version_is_told_once_by_each_of_its_articles():
    rows = [row for row in rows_of(disputed((("flood", ("a", "b")), ("strike", ("c",))))) if row["field"] == "cause"]
    assert [(row["article_id"], row["value"]) for row in rows] == [("a", "flood"), ("b", "flood"), ("c", "strike")]


def test_what_the_event_shows_is_supported_even_by_few():
    rows = rows_of(disputed((("2024-05-09", ("a", "b")), ("2024-05-10", ("c",))), "date", date="2024-05-10"))
    roles = {(row["article_id"], row["role"]) for row in rows if row["field"] == "date"}
    assert {("a", "contradicts"), ("b", "contradicts"), ("c", "supports")} <= roles


def test_a_month_agrees_with_its_day():
    rows = rows_of(disputed((("2024-05-09", ("a", "b")), ("2024-05", ("c",))), "date"))
    assert "contradicts" not in {row["role"] for row in rows if row["value"] == "2024-05"}


def test_a_corrected_column_makes_other_versions_contradict(tmp_path):
    (tmp_path / "o.toml").write_text(
        '[[correct]]\nevent = "e"\nreason = "r"\nby = "b"\nset = {date = "2024-05-10", status = "done"}\n'
    )
    denied = claim("a", when=day("2024-05-09"), status="denied")
    told = event("e", [denied, claim("b", when=day("2024-05-10"), status="announced")])
    reading = reading_of([article("a"), article("b")], [told])
    rows = rows_of(reading, apply_overrides(reading, read_overrides(tmp_path / "o.toml")))
    assert {(row["article_id"], row["role"]) for row in rows} == {("a", "contradicts"), ("b", "supports")}


def test_no_ten_words_in_a_row_are_written():
    words = [f"word{i}" for i in range(30)]
    told = claim("a", fields={"aim": " ".join(words)}, speaker=" ".join(words))
    [long] = {
        row["value"] for row in rows_of(reading_of([article("a")], [event("e", [told])])) if row["field"] == "aim"
    }
    assert long == " ".join(words[:9]) + " ..."


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
    tables = timeline_tables(reading, plain(reading))
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
    curated = dataclasses.replace(plain(reading), outcomes=(Outcome("accept", "x", "unused", "no event", "r", "b"),))
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
    write_timeline(tmp_path, timeline_tables(reading, plain(reading)))
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
