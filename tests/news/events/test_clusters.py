"""Events while claims are put together: their date, their span, and where a claim looks for the event that it tells."""

import datetime as dt

import pytest

from potash.news.events.clusters import Cluster, Clusters, bounds, news_span, rank
from tests.support.records import claim, day

PUBLISHED, MANY = dt.date(2025, 12, 14), 200


def cluster_of(*claims, published=PUBLISHED):
    cluster = Cluster()
    for each in claims:
        cluster.add(each, published)
    return cluster


def iso(*dates):
    return tuple(dt.date.fromisoformat(date) for date in dates)


@pytest.mark.parametrize(
    ("date", "date_end", "span"),
    [
        ("2024-05-09", "", ("2024-05-09", "2024-05-09")),
        ("2024-02", "", ("2024-02-01", "2024-02-29")),
        ("2024-11", "", ("2024-11-01", "2024-11-30")),
        ("2024-12", "", ("2024-12-01", "2024-12-31")),
        ("2024", "", ("2024-01-01", "2024-12-31")),
        ("2020", "2025-03", ("2020-01-01", "2025-03-31")),
        ("2025-12-12", "2025-12-13", ("2025-12-12", "2025-12-13")),
    ],
)
def test_bounds(date, date_end, span):
    assert bounds(day(date, date_end=date_end)) == iso(*span)


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        (day("2024-05-09"), 0),
        (day("2024-05-09", precision="time"), 0),
        (day("2024", date_end="2025", precision="range"), 1),
        (day("2024-05"), 2),
        (day("2024"), 3),
        (day(""), 4),
        (None, 4),
    ],
)
def test_rank(when, expected):
    assert rank(when) == expected


def test_news_is_of_the_last_days_and_background_of_any_time_before():
    assert news_span(claim("a", foreground=True), PUBLISHED) == iso("2025-11-30", "2025-12-14")
    assert news_span(claim("a"), PUBLISHED) == (dt.date.min, PUBLISHED)
    assert news_span(claim("a", foreground=True), None) is None


def test_a_cluster_holds_what_its_claims_name():
    cluster = cluster_of(
        claim("a", goods=("potash",), actors=("Mosaic",), fields={"target": "Belarus; Russia"}),
        claim("b", authorities=("US",), goods=(), status="aggregate"),
    )
    assert (cluster.kind, cluster.authorities, cluster.goods) == ("output_cut", {"Canada", "US"}, {"potash"})
    assert (cluster.actors, cluster.targets, cluster.aggregate) == ({"Mosaic"}, {"Belarus", "Russia"}, True)
    assert not cluster_of(claim("a")).aggregate


def test_an_undated_cluster_lies_where_all_its_claims_can():
    cluster = Cluster()
    cluster.add(claim("a", foreground=True), dt.date(2025, 12, 14))
    cluster.add(claim("b", foreground=True), dt.date(2025, 12, 20))
    assert cluster.span == iso("2025-12-06", "2025-12-14")
    cluster.add(claim("c", when=day("2025-12-10")), None)
    assert cluster.span == iso("2025-12-10", "2025-12-10")
    assert cluster_of(claim("a"), published=None).span is None


@pytest.mark.parametrize(
    ("dates", "expected"),
    [
        ([("a", day("2024-05")), ("b", day("2024-05-09")), ("c", day("2024"))], "2024-05-09"),
        ([("a", day("2024-05-08")), ("b", day("2024-05-09")), ("c", day("2024-05-09"))], "2024-05-09"),
        ([("a", day("2024-05-08")), ("a", day("2024-05-08")), ("b", day("2024-05-09"))], "2024-05-08"),
        ([("a", day("2024-05-08", bound="since")), ("b", day("2024-05-09"))], "2024-05-09"),
        ([("a", day("2024-05-08", bound="since")), ("b", day("2024-05"))], "2024-05-08"),
    ],
)
def test_the_date_is_the_most_exact_unbounded_and_most_told(dates, expected):
    cluster = cluster_of(*(claim(name, when=when) for name, when in dates))
    assert cluster.when.date == expected


def test_a_version_of_another_date_is_not_the_date():
    cluster = cluster_of(
        claim("a", when=day("2020")),
        claim("b", when=day("2021-02"), fields={"version": "other"}),
        claim("c", when=day("")),
    )
    assert cluster.when.date == "2020"


@pytest.mark.parametrize(("kind", "expected"), [("diplomatic_talks", "2025-12-12"), ("output_cut", "2025-12-13")])
def test_talks_of_some_days_outrank_their_last_day(kind, expected):
    talks = day("2025-12-12", date_end="2025-12-13", precision="range")
    cluster = cluster_of(claim("a", kind=kind, when=day("2025-12-13")), claim("b", kind=kind, when=talks))
    assert cluster.when.date == expected


def numbers(clusters, claim, published=PUBLISHED):
    return [number for number, _ in clusters.candidates(claim, published)]


def started(*claims, published=PUBLISHED):
    clusters = Clusters()
    for each in claims:
        clusters.start(each, published)
    return clusters


def test_a_dated_claim_looks_in_its_years():
    clusters = started(
        claim("a", when=day("2023-12-31")),
        claim("a", when=day("2024-01-01")),
        claim("a", when=day("2022", date_end="2024", precision="range")),
        claim("a", when=day("2024-06", precision="month"), kind="transport"),
        claim("a"),
    )
    assert numbers(clusters, claim("b", when=day("2024-06-01"))) == [1, 2]
    assert numbers(clusters, claim("b", when=day("2022"))) == [2]
    assert numbers(clusters, claim("b", when=day("2021"))) == []
    assert numbers(clusters, claim("b", when=day("2023-05", date_end="2024-02", precision="range"))) == [0, 1, 2]
    assert numbers(clusters, claim("b")) == [0, 1, 2, 4]


def test_remarks_are_looked_for_by_speaker():
    clusters = started(
        claim("a", kind="statement", speaker="Coale", when=day("2024-06-01")),
        claim("a", kind="statement", speaker="Lukashenko", when=day("2024-06-01")),
        claim("a", kind="aid", speaker="Coale", when=day("2024-06-01")),
    )
    assert numbers(clusters, claim("b", kind="statement", speaker="Coale", when=day("2024"))) == [0]
    assert numbers(clusters, claim("b", kind="aid", speaker="Lukashenko", when=day("2024"))) == [2]


@pytest.mark.parametrize(("published", "expected"), [("2025-07-04", [0]), ("2025-07-05", [0, 1])])
def test_a_total_may_be_told_again_for_half_a_year(published, expected):
    clusters = started(claim("a", when=day("2024")), claim("a", when=day("2026-01-01")))
    total = claim("b", when=day("2024"), status="aggregate")
    assert numbers(clusters, total, dt.date.fromisoformat(published)) == expected
    assert numbers(clusters, claim("b", when=day("2024")), dt.date.fromisoformat(published)) == [0]
    assert numbers(clusters, total, None) == [0]


@pytest.mark.parametrize(("more", "older"), [(0, True), (1, False)])
def test_background_goes_back_until_its_candidates_are_many(more, older):
    clusters = started(
        claim("a", when=day("2024-06-01")), *[claim("a", when=day("2025-06-01"))] * (MANY + more)
    )  # the year before counts only while there are not enough
    assert (0 in numbers(clusters, claim("b"))) is older
    assert 0 in numbers(clusters, claim("b", when=day("2024", date_end="2025", precision="range")))


def test_background_goes_back_to_1990():
    clusters = started(claim("a", when=day("1989-06-01")), claim("a", when=day("1990-06-01")))
    assert numbers(clusters, claim("b")) == [1]


def test_of_undated_events_the_latest_are_looked_at():
    clusters = started(*[claim("a", foreground=True)] * (MANY + 1))
    assert numbers(clusters, claim("b")) == list(range(1, MANY + 1))
    assert numbers(clusters, claim("b", when=day("2025"))) == []


def test_without_any_date_the_latest_of_all_events_are_looked_at():
    clusters = started(*[claim("a", when=day("2025-06-01"))] * (MANY + 1), claim("a"))
    assert numbers(clusters, claim("b"), None) == [*range(1, MANY + 1), MANY + 1]
