"""What a rebuild changed: added, removed, renamed and changed events, and their evidence."""

import pytest

from potash.errors import EventsError
from potash.news.tables.diff import Build, Differences, compare, compare_builds, dated_by_claims
from potash.news.tables.overrides import apply_overrides, read_overrides
from potash.news.tables.writing import timeline_tables, write_timeline
from tests.support.records import article, claim, day, event, reading_of


def build_of(*events):
    reading = reading_of([article(name) for name in "abc"], events)
    tables = timeline_tables(reading, apply_overrides(reading, read_overrides()))
    return Build(tables.events, tables.evidence)


CUT = event("cut", [claim("a"), claim("b", 10, 60)])
STRIKE = event("strike", [claim("c", 200, 260, kind="supply_disruption")], kind="supply_disruption")


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ([CUT], [CUT], Differences()),
        ([], [CUT], Differences(added=(("cut", "Title of cut"),))),
        ([CUT, STRIKE], [CUT], Differences(removed=(("strike", "Title of strike"),))),
        (
            [CUT], [event("cut", [claim("a"), claim("b", 10, 60)], date="2024-05", precision="month")],
            Differences(changed=(("cut", "date", "2024-05-09", "2024-05"), ("cut", "precision", "day", "month"))),
        ),
        (
            [CUT], [event("cut", [claim("a"), claim("b", 10, 60, when=day("2024-05-09"))])],
            Differences(evidence=(("cut", 1, 0),)),
        ),
        (
            [CUT], [event("cut", [claim("a"), claim("b", 10, 60, status="done")])],
            Differences(evidence=(("cut", 1, 1),)),
        ),
        (
            [CUT], [event("closure", [claim("a", 30, 90)], title="Title of cut")],
            Differences(
                renamed=(("cut", "closure"),), changed=(("closure", "sources", "a; b", "a"),), evidence=(("closure", 1, 2),)
            ),
        ),
    ],
)  # fmt: skip
def test_what_differs(old, new, expected):
    assert compare_builds(build_of(*old), build_of(*new)) == expected


@pytest.mark.parametrize(
    "other",
    [
        event("closure", [claim("a", 40, 90)]),  # the claims touch and do not overlap
        event("closure", [claim("c")]),
        event("closure", [claim("a")], kind="accident"),
    ],
)
def test_only_the_same_kind_with_common_evidence_is_a_new_name(other):
    found = compare_builds(build_of(event("cut", [claim("a")])), build_of(other))
    assert (len(found.added), len(found.removed), found.renamed) == (1, 1, ())


def test_a_name_goes_to_the_event_with_most_of_the_evidence():
    old = event("cut", [claim("a"), claim("b"), claim("c")])
    few, most = event("few", [claim("a")]), event("most", [claim("b"), claim("c")])
    found = compare_builds(build_of(old), build_of(few, most))
    assert found.renamed == (("cut", "most"),)
    assert [name for name, _ in found.added] == ["few"]


def test_two_old_events_do_not_become_one():
    one, two = event("one", [claim("a")]), event("two", [claim("a"), claim("b")])
    found = compare_builds(build_of(one, two), build_of(event("both", [claim("a"), claim("b")])))
    assert found.renamed == (("two", "both"),)
    assert [name for name, _ in found.removed] == ["one"]


def test_text_is_by_event_and_the_summary_counts_events():
    found = Differences(
        added=(("b", "New shaft"),), removed=(("d", "Old shaft"),), renamed=(("z", "c"),),
        changed=(("a", "date", "", "2024"), ("a", "status", "hoped", "done")), evidence=(("c", 0, 2), ("a", 3, 1)),
    )  # fmt: skip
    assert found.lines() == [
        "~ a: date '' -> '2024'",
        "~ a: status 'hoped' -> 'done'",
        "~ a: evidence: 3 rows new, 1 row gone",
        "+ b: New shaft",
        "> z is now c",
        "~ c: evidence: 2 rows gone",
        "- d: Old shaft",
    ]
    assert found.summary == "events: 1 added, 1 removed, 1 renamed, 2 changed"
    assert (Differences().summary, Differences().lines()) == ("no difference", [])


def test_folders_are_compared_as_they_were_written(tmp_path):
    for name, events in (("old", [CUT]), ("new", [CUT, STRIKE])):
        reading = reading_of([article(name) for name in "abc"], events)
        write_timeline(tmp_path / name, timeline_tables(reading, apply_overrides(reading, read_overrides())))
    assert compare(tmp_path / "old", tmp_path / "old") == Differences()
    assert compare(tmp_path / "old", tmp_path / "new").added == (("strike", "Title of strike"),)


def test_a_column_that_one_build_lacks_is_empty_there(tmp_path):
    for name, text in (
        ("old", "event_id,kind,title\ne,accident,T\n"),
        ("new", "event_id,kind,title,note\ne,accident,T,n\n"),
    ):
        (tmp_path / name).mkdir()
        (tmp_path / name / "events.csv").write_text(text)
    assert compare(tmp_path / "old", tmp_path / "new").changed == (("e", "note", "", "n"),)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "no events.csv"),
        (b"", "cannot be read as a table"),
        (b"\xff\xfe\xfa", "cannot be read as a table"),
        (b"event_id,date\ne,2024\n", "no column kind, title; found event_id, date"),
    ],
)
def test_a_folder_that_is_no_build_is_refused(tmp_path, content, words):
    if content is not None:
        (tmp_path / "events.csv").write_bytes(content)
    with pytest.raises(EventsError, match=words):
        compare(tmp_path, tmp_path)


@pytest.mark.parametrize(
    ("dates", "expected"),
    [
        (["2024-05-20"], "2024-05-20"),
        (["2024-05-20", "2024-05-20", None], "2024-05-20"),
        (["2024-05-20", "2024-05-21"], "2024-05-09"),
        ([None], "2024-05-09"),
    ],
)
def test_claims_date_an_event_only_if_they_agree(dates, expected):
    claims = [claim("a", when=day(date) if date else None) for date in dates]
    assert dated_by_claims(event("e", claims)).date == expected


def test_a_bound_dates_nothing():
    claims = [claim("a", when=day("2024-05-20", bound="since"))]
    assert dated_by_claims(event("e", claims)).date == "2024-05-09"
