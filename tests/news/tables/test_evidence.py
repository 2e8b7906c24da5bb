"""The rows of ``evidence.csv``: fields, roles, offsets, and never a sentence."""

import dataclasses

import pytest

from potash.news.records import Conflict, Publication, Quantity
from potash.news.tables.event_table import EVIDENCE_COLUMNS
from potash.news.tables.overrides import apply_overrides, read_overrides
from potash.news.tables.writing import timeline_tables
from tests.support.records import article, claim, day, event, evidence_of, facts, reading_of


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
    rows = evidence_of(reading_of([article("a")], [event("e", [told])]))
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
    rows = evidence_of(reading_of([article("a")], [event("e", [claim("a", when=when)])]))
    assert [(row["field"], row["value"]) for row in rows if row["field"] != "status"] == (
        [(field, value)] if field else []
    )


def test_offsets_are_those_of_the_file():
    page = article("a", offsets=tuple(range(50, 450)))
    rows = evidence_of(reading_of([page], [event("e", [claim("a", 10, 20)])]))
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
    assert [(row["publisher"], row["published"]) for row in evidence_of(reading)] == [("not named", stamp)]


def test_units_are_written_without_accents():
    two, many = Quantity(0, 1, 2, "attach\u00e9s"), Quantity(0, 1, 9, "attach\u00e9s", "total")
    reading = reading_of([article("a")], [event("e", [claim("a", quantities=(two, many))])])
    assert facts(evidence_of(reading), unit="attaches") == [
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
    return evidence_of(reading)


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
    rows = evidence_of(disputed(versions))
    told = {row["value"]: row["role"] for row in rows if row["field"] == "cause"}
    assert {value for value, role in told.items() if role == "contradicts"} == against
    assert set(told) == {value for value, _ in versions}


def test_a_version_is_told_once_by_each_of_its_articles():
    rows = [
        row for row in evidence_of(disputed((("flood", ("a", "b")), ("strike", ("c",))))) if row["field"] == "cause"
    ]
    assert [(row["article_id"], row["value"]) for row in rows] == [("a", "flood"), ("b", "flood"), ("c", "strike")]


def test_what_the_event_shows_is_supported_even_by_few():
    rows = evidence_of(disputed((("2024-05-09", ("a", "b")), ("2024-05-10", ("c",))), "date", date="2024-05-10"))
    roles = {(row["article_id"], row["role"]) for row in rows if row["field"] == "date"}
    assert {("a", "contradicts"), ("b", "contradicts"), ("c", "supports")} <= roles


def test_a_month_agrees_with_its_day():
    rows = evidence_of(disputed((("2024-05-09", ("a", "b")), ("2024-05", ("c",))), "date"))
    assert "contradicts" not in {row["role"] for row in rows if row["value"] == "2024-05"}


def test_a_corrected_column_makes_other_versions_contradict(tmp_path):
    (tmp_path / "o.toml").write_text(
        '[[correct]]\nevent = "e"\nreason = "r"\nby = "b"\nset = {date = "2024-05-10", status = "done"}\n'
    )
    denied = claim("a", when=day("2024-05-09"), status="denied")
    told = event("e", [denied, claim("b", when=day("2024-05-10"), status="announced")])
    reading = reading_of([article("a"), article("b")], [told])
    rows = evidence_of(reading, apply_overrides(reading, read_overrides(tmp_path / "o.toml")))
    assert {(row["article_id"], row["role"]) for row in rows} == {("a", "contradicts"), ("b", "supports")}


def test_no_ten_words_in_a_row_are_written():
    words = [f"word{i}" for i in range(30)]
    told = claim("a", fields={"aim": " ".join(words)}, speaker=" ".join(words))
    [long] = {
        row["value"] for row in evidence_of(reading_of([article("a")], [event("e", [told])])) if row["field"] == "aim"
    }
    assert long == " ".join(words[:9]) + " ..."
