"""Decisions of people about events: what each does, what is reported as unused, and what each refusal says."""

import dataclasses

import pytest

from potash.errors import EventsError
from potash.news.records import (
    Conflict,
    Quantity,
)
from potash.news.tables.overrides import apply_overrides, read_overrides
from tests.support.records import article, claim, day, entry, event, reading_of, two_events


def ids(curated):
    return [item.event.event_id for item in curated.events]


# What each decision does


def test_without_decisions_the_events_are_those_of_the_reading():
    reading = two_events()
    curated = apply_overrides(reading, read_overrides())
    assert tuple(item.event for item in curated.events) == reading.events
    assert curated.outcomes == ()


def test_accept_leaves_an_event_and_says_who(decide):
    curated = decide(entry("accept", 'event = "2024-05-09-cut"'))
    assert ids(curated) == ["2024-05-09-cut", "2024-05-14-cut"]
    assert curated.events[0].event.reasons[-1] == "accepted by a person: read the order itself"
    assert not curated.unused


def test_reject_removes_an_event_and_keeps_it_in_a_list(decide):
    curated = decide(entry("reject", 'event = "2024-05-09-cut"'))
    assert ids(curated) == ["2024-05-14-cut"]
    [(rejected, why)] = curated.rejected
    assert rejected.event_id == "2024-05-09-cut"
    assert why == "rejected by A. Reader: read the order itself"


def test_correct_sets_columns_and_what_depends_on_them(decide):
    wanted = '{date = 2024-05-08, title = "Shaft closed", event_id = "shaft", scope = "US and Canada; potash and salt"}'
    first = decide(entry("correct", 'event = "2024-05-09-cut"', f"set = {wanted}")).events[0]
    assert (first.event.date, first.event.precision, first.event.title) == ("2024-05-08", "day", "Shaft closed")
    assert (first.event.authorities, first.event.goods) == (("US", "Canada"), ("potash", "salt"))
    assert first.columns["scope"] == "US and Canada; potash and salt"
    assert first.former == ("2024-05-09-cut",)


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ('{kind = "output_cutt"}', "kind 'output_cutt' \\(did you mean 'output_cut'\\?\\) is not one of"),
        ('{status = "maybe"}', "status 'maybe' is not one of"),
    ],
)
def test_a_kind_or_status_that_no_one_knows_is_refused(decide, wanted, message):
    with pytest.raises(EventsError, match=message):
        decide(entry("correct", 'event = "2024-05-09-cut"', f"set = {wanted}"))


def test_evidence_outside_its_article_is_refused(decide):
    added = 'article = "a"\nstart = 380\nend = 401\nfield = "mine"\nvalue = "Cory"\n'
    with pytest.raises(EventsError, match="characters 380 to 401 are not in a, which has 400"):
        decide(entry("evidence", 'event = "2024-05-09-cut"', added))


@pytest.mark.parametrize(
    ("wanted", "date", "date_end", "precision", "time"),
    [
        ('{date = "2024-05"}', "2024-05", "", "month", ""),
        ("{date = 2024}", "2024", "", "year", ""),
        ('{date = ""}', "", "", "unresolved", ""),
        ('{date_end = "2024-05-11"}', "2024-05-09", "2024-05-11", "range", ""),
        ('{time = "10:30", zone = "America/Regina"}', "2024-05-09", "", "time", "10:30"),
        ('{status = "done"}', "2024-05-09", "", "day", ""),
    ],
)
def test_a_corrected_date_brings_its_precision(decide, wanted, date, date_end, precision, time):
    found = decide(entry("correct", 'event = "2024-05-09-cut"', f"set = {wanted}")).events[0].event
    assert (found.date, found.date_end, found.precision, found.time) == (date, date_end, precision, time)


def test_the_time_and_the_end_go_with_the_date_they_belonged_to(decide):
    timed = event("e", [claim("a")], precision="time", time="10:30", zone="America/Regina")
    found = decide(entry("correct", 'event = "e"', "set = {date = 2024-05-08}"), reading_of([article("a")], [timed]))
    assert (found.events[0].event.time, found.events[0].event.precision) == ("", "day")


def test_merge_takes_in_claims_and_keeps_both_versions(decide):
    [item] = decide(entry("merge", 'into = "2024-05-14-cut"', 'events = ["2024-05-09-cut"]')).events
    assert [found.article_id for found in item.event.claims] == ["c", "a", "b"]
    assert (item.event.event_id, item.event.date, item.event.status) == ("2024-05-14-cut", "2024-05-14", "done")
    assert item.event.goods == ("phosphate", "potash")
    told = {conflict.field: conflict.versions for conflict in item.event.conflicts}
    assert told["date"] == (("2024-05-14", ("c",)), ("2024-05-09", ("a", "b")))
    assert told["status"] == (("done", ("c",)), ("announced", ("a", "b")))
    assert set(told) == {"date", "status"}


def test_merge_adds_up_no_figures(decide):
    halt = Quantity(0, 5, 200_000.0, "tonnes")
    one = event("one", [claim("a", quantities=(halt,))], quantities=(halt,))
    other = dataclasses.replace(one, event_id="other", claims=(claim("b", quantities=(halt,)),))
    reading = reading_of([article("a"), article("b")], [one, other])
    [item] = decide(entry("merge", 'into = "one"', 'events = ["other"]'), reading).events
    assert [figure.value for figure in item.event.quantities] == [200_000.0]


def mixed():
    """Return one event made of two: claims of a and b on the 9th, of c on the 20th, at odds about who closed the shaft."""
    tonnes, people = Quantity(0, 5, 200_000.0, "tonnes"), Quantity(0, 5, 340.0, "workers")
    claims = [
        claim("a", when=day("2024-05-09"), quantities=(tonnes,)),
        claim("b", 100, 160, when=day("2024-05-09")),
        claim("c", 200, 260, when=day("2024-05-20"), quantities=(people,), goods=("salt",)),
    ]
    conflicts = (
        Conflict("date", (("2024-05-09", ("a", "b")), ("2024-05-20", ("c",)))),
        Conflict("cause", (("flood", ("a",)), ("strike", ("b",)))),
    )
    both = event("mixed", claims, conflicts=conflicts, quantities=(tonnes, people), goods=("potash", "salt"))
    return reading_of([article("a"), article("b"), article("c")], [both])


@pytest.mark.parametrize("whose", ['articles = ["c"]', 'claims = [["c", 210, 220]]'])
def test_split_makes_a_new_event_of_some_claims(decide, whose):
    curated = decide(entry("split", 'event = "mixed"', whose, 'as = "later"', 'set = {title = "Layoffs"}'), mixed())
    old, new = (item.event for item in curated.events)
    assert (new.event_id, new.title, new.date, new.goods) == ("later", "Layoffs", "2024-05-20", ("salt",))
    assert [figure.unit for figure in new.quantities] == ["workers"]
    assert [found.article_id for found in old.claims] == ["a", "b"]
    assert (old.date, old.goods, [figure.unit for figure in old.quantities]) == ("2024-05-09", ("potash",), ["tonnes"])
    assert [conflict.field for conflict in old.conflicts] == ["cause"]
    assert new.conflicts == ()


def test_split_leaves_a_version_with_the_claims_that_tell_it(decide):
    claims = [claim("a", 0, 40, fields={"tense": "past"}), claim("a", 200, 240, fields={"tense": "future"}), claim("b")]
    conflict = Conflict("tense", (("done", ("a", "b")), ("to come", ("a",))))
    reading = reading_of([article("a"), article("b")], [event("mixed", claims, conflicts=(conflict,))])
    curated = decide(entry("split", 'event = "mixed"', 'claims = [["a", 210, 220]]', 'as = "later"'), reading)
    assert [item.event.conflicts for item in curated.events] == [(), ()]


def test_split_reads_offsets_as_places_in_the_file(decide):
    page = article("c", offsets=tuple(range(1000, 1400)))
    reading = mixed()
    reading = dataclasses.replace(reading, articles=(*reading.articles[:2], page))
    curated = decide(entry("split", 'event = "mixed"', 'claims = [["c", 1210, 1220]]', 'as = "later"'), reading)
    assert ids(curated) == ["mixed", "later"]
    missed = decide(entry("split", 'event = "mixed"', 'claims = [["c", 210, 220]]', 'as = "later"'), reading)
    assert "none of its claims" in missed.unused[0].detail


def test_kinds_apply_in_their_order_wherever_they_stand(decide):
    curated = decide(
        entry("reject", 'event = "second"')
        + entry("correct", 'event = "later"', 'set = {event_id = "second"}')
        + entry("split", 'event = "mixed"', 'articles = ["c"]', 'as = "later"'),
        mixed(),
    )
    assert [outcome.action for outcome in curated.outcomes] == ["split", "correct", "reject"]
    assert ids(curated) == ["mixed"]
    assert not curated.unused


def test_an_id_given_by_a_correction_is_known_to_all_kinds(decide):
    correction = entry("correct", 'event = "2024-05-09-cut"', 'set = {event_id = "mine"}')
    renamed = decide(correction + entry("merge", 'into = "mine"', 'events = ["2024-05-14-cut"]'))
    assert ids(renamed) == ["mine"]
    by_old_id = decide(correction + entry("accept", 'event = "2024-05-09-cut"') + entry("accept", 'event = "mine"'))
    assert not by_old_id.unused


def test_context_files_add_rows_and_keep_their_sources(tmp_path):
    (tmp_path / "more").mkdir()
    (tmp_path / "more/context_events.csv").write_text("event_id,date,sources\nstrike,2024-04,https://example.org/1\n")
    (tmp_path / "own.csv").write_text("event_id,date,origin\nharvest,2024-09-01,context\n")
    (tmp_path / "o.toml").write_text('[[context]]\nfile = "more/context_events.csv"\n')
    curated = apply_overrides(two_events(), read_overrides(tmp_path / "o.toml", tmp_path / "own.csv"))
    strike, harvest = curated.context
    assert (strike["origin"], strike["precision"], strike["sources"]) == ("context", "month", "https://example.org/1")
    assert (harvest["event_id"], harvest["origin"]) == ("harvest", "context")


def test_evidence_is_added_under_the_present_id(decide):
    curated = decide(
        entry("correct", 'event = "2024-05-09-cut"', 'set = {event_id = "mine"}')
        + entry(
            "evidence",
            'event = "2024-05-09-cut"',
            'article = "a"',
            "start = 3",
            "end = 9",
            'field = "cause"',
            "value = 7",
        )
    )
    [row] = curated.evidence
    assert row == {
        "event_id": "mine", "article_id": "a", "start": 3, "end": 9, "role": "supports", "field": "cause", "value": "7",
        "unit": "",
    }  # fmt: skip


def test_a_publisher_is_named_by_article(decide):
    curated = decide(entry("article", 'article = "b"', 'publisher = "Potash Weekly"'))
    assert curated.publishers == {"b": "Potash Weekly"}
    assert not curated.unused


# What finds nothing to change is listed and stops nothing


@pytest.mark.parametrize(
    ("text", "detail"),
    [
        (entry("accept", 'event = "2024-05-09-cuts"'), "no event '2024-05-09-cuts' (did you mean '2024-05-09-cut'?)"),
        (entry("reject", 'event = "zebra"'), "no event 'zebra'"),
        (entry("correct", 'event = "zebra"', 'set = {title = "x"}'), "no event 'zebra'"),
        (entry("merge", 'into = "zebra"', 'events = ["2024-05-09-cut"]'), "no event 'zebra'"),
        (entry("merge", 'into = "2024-05-09-cut"', 'events = ["2024-05-09-cut"]'), "'2024-05-09-cut' is the event itself"),
        (entry("split", 'event = "2024-05-09-cut"', 'articles = ["z"]', 'as = "n"'), "none of its claims would go; told by a, b"),
        (entry("split", 'event = "2024-05-14-cut"', 'articles = ["c"]', 'as = "n"'), "all of its claims would go; told by c"),
        (entry("evidence", 'event = "2024-05-09-cut"', 'article = "zz"', "start = 1", "end = 2", 'field = "f"', 'value = "v"'),
         "no article 'zz'"),
        (entry("article", 'article = "zz"', 'publisher = "x"'), "no article 'zz'"),
    ],
)  # fmt: skip
def test_an_override_that_finds_nothing_is_unused(decide, text, detail):
    curated = decide(text)
    assert [outcome.detail for outcome in curated.unused] == [detail]
    assert ids(curated) == ["2024-05-09-cut", "2024-05-14-cut"]


def test_what_became_of_an_event_is_said_where_it_is_named_again(decide):
    merge = entry("merge", 'into = "2024-05-14-cut"', 'events = ["2024-05-09-cut", "zebra"]')
    curated = decide(merge + entry("reject", 'event = "2024-05-09-cut"'))
    assert [outcome.detail for outcome in curated.unused] == [
        "no event 'zebra'", "'2024-05-09-cut' was merged into '2024-05-14-cut'",
    ]  # fmt: skip
    assert ids(curated) == ["2024-05-14-cut"]


def test_a_context_event_is_changed_in_its_own_file(tmp_path):
    (tmp_path / "c.csv").write_text("event_id,date\nstrike,2024-04\n")
    (tmp_path / "o.toml").write_text(entry("reject", 'event = "strike"'))
    curated = apply_overrides(two_events(), read_overrides(tmp_path / "o.toml", tmp_path / "c.csv"))
    assert "context event" in curated.unused[0].detail
    assert len(curated.context) == 1


# What is refused


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ('{date = "13/05/2024"}', ["line 1, [[correct]]", "'13/05/2024'", "YYYY-MM-DD"]),
        ('{date = "2024-02-30"}', ["does not exist"]),
        ('{time = "10:30"}', ["needs a zone"]),
        ('{zone = "America/Regna"}', ["did you mean 'America/Regina'?"]),
        ('{relevance = "headlin"}', ["did you mean 'headline'?"]),
        ('{event_id = "2024-05-14-cut"}', ["there is an event '2024-05-14-cut' already"]),
    ],
)
def test_a_correction_obeys_the_rules_of_event_files(decide, wanted, words):
    with pytest.raises(EventsError) as caught:
        decide(entry("correct", 'event = "2024-05-09-cut"', f"set = {wanted}"))
    for word in words:
        assert word in str(caught.value)


def test_rejected_and_accepted_is_a_contradiction(decide):
    with pytest.raises(EventsError, match="rejected and accepted"):
        decide(entry("accept", 'event = "2024-05-09-cut"') + entry("reject", 'event = "2024-05-09-cut"'))
