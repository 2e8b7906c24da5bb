"""Events made of clusters: title, id, date, status, figures, and in which order they stand."""

import pytest

from potash.news.events.building import build_events
from potash.news.events.clusters import Cluster
from potash.news.language.lexicon import load_lexicon
from potash.news.records import Publication, Quantity
from tests.support.records import article, claim, day

EASED, RELEASE = "sanctions_eased", "prisoner_release"
SATURDAY = day("2025-12-13")


def figure(value, role="flow", unit="prisoners"):
    return Quantity(0, 1, value, unit, role)


def told(name="a", kind=EASED, **fields):
    return claim(name, **{"kind": kind, "authorities": ("US",), "when": SATURDAY, "status": "done", **fields})


def built(*clusters):
    """Return the events of lists of claims, told by articles of 14 December and of later days."""
    made, days = [], {"a": "2025-12-14T07:03", "b": "2025-12-15", "c": "2026-01-20"}
    for claims in clusters:
        made.append(Cluster())
        for each in claims:
            made[-1].add(each, None)
    articles = {n: article(n, published=Publication(d, "Europe/Minsk")) for n, d in days.items()}
    return build_events(made, articles, load_lexicon())


def event_of(*claims):
    [event] = built(claims)
    return event


def test_an_event_of_one_claim():
    event = event_of(told(actors=("John Coale",), fields={"target": "Belarus", "verb": "lift"}))
    assert (event.event_id, event.title) == ("2025-12-13-us-eases-potash", "US: sanctions eased on potash")
    assert (event.date, event.date_end, event.precision, event.time, event.zone) == ("2025-12-13", "", "day", "", "")
    assert (event.authorities, event.goods, event.actors, event.targets) == (
        ("US",), ("potash",), ("John Coale",), ("Belarus",),
    )  # fmt: skip
    assert (event.expected_direction, event.relevance, event.confidence) == ("negative", "market", "medium")


@pytest.mark.parametrize(
    ("fields", "event_id", "title"),
    [
        (
            {"authorities": ("US", "EU", "UK", "Canada")},
            "2025-12-13-us-eu-eases-potash", "US, EU and UK: sanctions eased on potash",
        ),
        ({"goods": ("potash", "oil", "grain")}, "2025-12-13-us-eases-potash-oil", "US: sanctions eased on potash, oil and grain"),
        ({"goods": (), "fields": {"target": "Belarus"}}, "2025-12-13-us-eases-belarus", "US: sanctions eased on Belarus"),
        ({"goods": ()}, "2025-12-13-us-eases", "US: sanctions eased on general"),
        ({"authorities": ()}, "2025-12-13-eases-potash", "sanctions eased on potash"),
        (
            {"kind": "policy", "fields": {"verb": "sign"}, "goods": ()},
            "2025-12-13-us-policy", "Policy (sign): US; general",
        ),
        (
            {"kind": RELEASE, "authorities": ("Belarus", "US"), "quantities": (figure(1234),)},
            "2025-12-13-belarus-release-1234", "1,234 prisoners freed: Belarus and US",
        ),
        ({"kind": RELEASE, "authorities": ()}, "2025-12-13-release", "prisoners freed"),
        (
            {"kind": "statement", "speaker": "John Coale", "authorities": ("US",), "goods": ()},
            "2025-12-13-statement-coale", "Statement by John Coale (US)",
        ),
        ({"kind": "output_cut", "actors": ("Nutrien", "Mosaic", "OCP")}, "2025-12-13-output-cut-nutrien-mosaic", None),
        ({"kind": "output_cut"}, "2025-12-13-output-cut-us", "Output cut: US"),
        ({"kind": "military", "fields": {"verb": "invade"}}, "2025-12-13-military-us", "Military (invade): US"),
        ({"kind": "military"}, "2025-12-13-military-us", "Military (military): US"),
        ({"when": None, "kind": "military"}, "undated-military-us", None),
    ],
)  # fmt: skip
def test_ids_and_titles(fields, event_id, title):
    event = event_of(told(**fields))
    assert event.event_id == event_id
    assert title is None or event.title == title


def test_events_that_share_an_id_are_numbered_and_stand_by_date():
    undated = [told(when=None, kind="aid", fields={"x": "y"})]
    events = built(undated, [told()], [told("b")], [told("b", when=day("2025-12-01"))], [told("c")])
    assert [e.event_id for e in events] == [
        "2025-12-01-us-eases-potash", "2025-12-13-us-eases-potash", "2025-12-13-us-eases-potash-2",
        "2025-12-13-us-eases-potash-3", "undated-aid-us",
    ]  # fmt: skip
    assert [e.claims[0].article_id for e in events] == ["b", "a", "b", "c", "a"]


@pytest.mark.parametrize(
    ("when", "status", "expected"),
    [
        (day("2020", bound="since"), "aggregate", ("2020", "2026", "range")),
        (day("2020-05", bound="since"), "aggregate", ("2020-05", "2026-01", "range")),
        (day("2020-05-09", bound="since"), "aggregate", ("2020-05-09", "2026-01-20", "range")),
        (day("2020", bound="since"), "done", ("2020", "", "year")),
        (day("2020-05-09", bound="since"), "done", ("2020", "", "year")),
        (day("2020-05-09", bound="after"), "aggregate", ("2020", "", "year")),
        (day("2020-05", bound="after"), "done", ("2020-05", "", "month")),
        (day("2020-05-09", bound="by"), "done", ("2020-05-09", "", "day")),
        (day("2020", bound="since", precision="range", date_end="2022"), "aggregate", ("2020", "2022", "range")),
    ],
)
def test_what_began_on_a_day_has_no_day_of_its_own_and_a_total_runs_until_it_is_told(when, status, expected):
    event = event_of(told("a", when=when, status=status), told("c", when=when, status=status))
    assert (event.date, event.date_end, event.precision) == expected


def test_a_time_brings_the_zone_of_its_article():
    event = event_of(told(when=day("2025-12-13", precision="time", time="10:30")))
    assert (event.time, event.zone) == ("10:30", "Europe/Minsk")


@pytest.mark.parametrize(
    ("quantities", "date", "precision"), [((), "2025-12-13", "day"), ((figure(430, "total"),), "", "unresolved")]
)
def test_news_at_the_head_of_an_article_is_of_its_day_unless_it_is_a_total(quantities, date, precision):
    news = [
        told(n, when=None, fields={"news": d}, quantities=quantities)
        for n, d in (("a", "2025-12-14"), ("b", "2025-12-13"))
    ]
    event = event_of(*news)
    assert (event.date, event.precision) == (date, precision)
    assert any("told at the head of the article" in reason for reason in event.reasons) is bool(date)


def test_names_that_half_as_many_tell_as_the_most_told_one_stand_with_it():
    claims = [told("a"), told("b"), told("a", authorities=("US", "EU")), told("b", authorities=("US", "EU", "UK"))]
    event = event_of(*claims)
    assert event.authorities == ("US", "EU")
    assert event_of(told(authorities=())).authorities == ()


def test_figures_stand_by_how_often_they_are_told_and_a_total_is_one_for_all():
    event = event_of(
        told("a", kind=RELEASE, quantities=(figure(52), figure(430))),
        told("b", kind=RELEASE, quantities=(figure(430, "total"), figure(430, unit="days"))),
    )
    assert [(q.value, q.unit, q.role) for q in event.quantities] == [
        (430, "prisoners", "total"), (52, "prisoners", "flow"), (430, "days", "flow"),
    ]  # fmt: skip
    assert [q.role for c in event.claims for q in c.quantities] == ["flow", "total", "total", "flow"]


@pytest.mark.parametrize(
    ("kind", "told_as", "expected"),
    [
        (EASED, [("done", "past")], "done"),
        (EASED, [("done", "past"), ("announced", "future")], "announced"),
        (EASED, [("done", "past"), ("reported", "progressive")], "announced"),
        (EASED, [("done", "past"), ("reported", "present")], "done"),
        (EASED, [("decided", "future")], "decided"),
        (EASED, [("decided", "future"), ("done", "past")], "announced"),
        (EASED, [("aggregate", "past"), ("announced", "future")], "aggregate"),
        ("output_cut", [("done", "past"), ("announced", "future")], "done"),
    ],
)
def test_how_far_a_measure_has_come(kind, told_as, expected):
    assert event_of(*(told(kind=kind, status=s, fields={"tense": t}) for s, t in told_as)).status == expected


@pytest.mark.parametrize(
    ("fields", "direction", "relevance"),
    [
        ({}, "negative", "market"),
        ({"kind": "output_cut", "goods": ("fertilizer",)}, "positive", "market"),
        ({"kind": "tariff"}, "unclear", "market"),
        ({"goods": ("airline",)}, "none", "background"),
        ({"kind": "aid"}, "none", "background"),
        ({"when": None}, "negative", "background"),
    ],
)
def test_direction_and_relevance(fields, direction, relevance):
    event = event_of(told(**fields))
    assert (event.expected_direction, event.relevance) == (direction, relevance)
