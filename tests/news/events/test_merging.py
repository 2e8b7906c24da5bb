"""What makes two claims one event, what keeps them apart, and what articles tell differently."""

import datetime as dt
from dataclasses import replace

import pytest

from potash.news.events.clusters import Cluster
from potash.news.events.merging import independent_chains, likeness, merge
from potash.news.events.reading import read_timeline
from potash.news.language.lexicon import load_lexicon
from potash.news.records import Publication, Quantity
from tests.support.records import article, claim, day

EASED, IMPOSED, TIGHTENED, RELEASE = "sanctions_eased", "sanctions_imposed", "sanctions_tightened", "prisoner_release"


@pytest.fixture
def read(tmp_path):
    """Return a function that reads pages by publisher: day of publication, then paragraphs."""

    def read(**pages: tuple[str, ...]):
        for name, (published, *paragraphs) in pages.items():
            head = f"---\npublished: {published}\npublisher: {name.title()}\n---\n\n"
            (tmp_path / f"{name}.md").write_text(head + "\n\n".join(paragraphs) + "\n", encoding="utf-8")
        return read_timeline(tmp_path)

    return read


def of_kind(reading, kind: str):
    return [event for event in reading.events if event.kind == kind]


def told_by(event) -> set[str]:
    return {claim.article_id for claim in event.claims}


def versions(event, field: str) -> dict[str, tuple[str, ...]]:
    return {value: ids for conflict in event.conflicts if conflict.field == field for value, ids in conflict.versions}


def figures(event) -> set[float]:
    return {q.value for q in event.quantities}


# -- apart -----------------------------------------------------------------------------------------------------------


def test_the_imposition_is_never_the_relief(read):
    reading = read(
        delta=(
            "2025-12-14",
            "The United States lifted sanctions on Belarusian potash on Saturday.",
            "Washington had imposed the sanctions on Belaruskali in August 2021.",
        ),
        echo=("2021-08-10", "The United States imposed sanctions on Belaruskali on Monday."),
    )
    (relief,) = of_kind(reading, EASED)
    (start,) = of_kind(reading, IMPOSED)
    assert (relief.date, start.date) == ("2025-12-13", "2021-08-09")
    assert told_by(start) == {"delta", "echo"}
    assert told_by(relief) == {"delta"}


def test_reliefs_of_unlike_goods_are_two(read):
    reading = read(
        delta=("2025-12-14", "The United States lifted sanctions on Belarusian potash on Saturday."),
        echo=("2025-09-12", "The United States lifted sanctions on Belavia on Thursday."),
    )
    assert [(e.date, e.goods) for e in of_kind(reading, EASED)] == [
        ("2025-09-11", ("airline",)),
        ("2025-12-13", ("potash",)),
    ]


def test_measures_of_unlike_authorities_are_two(read):
    reading = read(
        delta=("2021-06-25", "The EU imposed sanctions on Belarusian potash on Thursday."),
        echo=("2021-06-25", "The United States imposed sanctions on Belarusian potash on Thursday."),
    )
    assert sorted(e.authorities for e in of_kind(reading, IMPOSED)) == [("EU",), ("US",)]


def test_measures_against_unlike_countries_are_two(read):
    reading = read(
        delta=("2022-03-04", "The EU imposed sanctions on Belarus on Wednesday."),
        echo=("2022-03-04", "The EU imposed sanctions on Russia on Wednesday."),
    )
    assert sorted(e.targets for e in of_kind(reading, IMPOSED)) == [("Belarus",), ("Russia",)]


def test_fifty_two_prisoners_are_not_123(read):
    reading = read(
        delta=("2025-09-12", "Belarus freed 52 prisoners on Thursday."),
        echo=("2025-12-14", "Belarus freed 123 prisoners on Saturday.", "In September it had released 52 prisoners."),
        foxtrot=("2025-12-15", "Belarus released 123 prisoners on Saturday."),
    )
    assert [(e.date, figures(e), told_by(e)) for e in of_kind(reading, RELEASE)] == [
        ("2025-09-11", {52}, {"delta", "echo"}),
        ("2025-12-13", {123}, {"echo", "foxtrot"}),
    ]


def test_other_numbers_on_one_day_are_not_averaged_nor_merged(read):
    reading = read(
        delta=("2025-12-14", "Belarus freed 123 prisoners on Saturday."),
        echo=("2025-12-14", "Belarus freed 52 prisoners on Saturday."),
    )
    assert sorted(min(figures(e)) for e in of_kind(reading, RELEASE)) == [52, 123]


def test_a_total_is_no_release(read):
    reading = read(
        delta=("2025-12-14", "Belarus freed 123 prisoners on Saturday."),
        echo=(
            "2025-12-15",
            "Belarus released 123 prisoners on Saturday.",
            "It has freed over 430 prisoners since 2024.",
        ),
    )
    total, release = of_kind(reading, RELEASE)
    assert (release.date, release.status, figures(release)) == ("2025-12-13", "done", {123})
    assert (total.date, total.status, figures(total)) == ("2024", "aggregate", {430})
    assert (total.precision, total.date_end) == ("range", "2025")
    assert {q.role for q in total.quantities} == {"total"}


def test_a_total_that_two_articles_tell_is_one(read):
    reading = read(
        delta=("2025-12-14", "Belarus has freed more than 430 prisoners since July 2024."),
        echo=("2025-12-15", "Since July 2024 Lukashenko has pardoned over 430 prisoners."),
    )
    (total,) = of_kind(reading, RELEASE)
    assert told_by(total) == {"delta", "echo"}
    assert (total.status, figures(total)) == ("aggregate", {430})


def test_a_figure_that_one_article_calls_a_total_is_one_for_all(read):
    filler = (
        "Rain kept every ship in the harbour.", "Nobody in town could remember a wetter spring.",
        "The baker sold out by noon.", "Two cranes were painted yellow.", "A choir sang at the gate.",
    )  # fmt: skip
    reading = read(
        delta=("2025-12-14", "Since July 2024 Belarus has freed more than 430 prisoners."),
        echo=("2025-12-15", *filler, "Belarus has freed 430 prisoners."),
    )
    (total,) = of_kind(reading, RELEASE)
    assert told_by(total) == {"delta", "echo"}
    assert total.status == "aggregate"
    assert {q.role for claim in total.claims for q in claim.quantities} == {"total"}


def test_a_total_told_as_news_of_another_day_is_the_same_total(read):
    reading = read(
        delta=("2025-12-14", "Since July 2024 Belarus has freed more than 430 prisoners."),
        echo=("2026-01-20", "Belarus has now freed over 430 prisoners, Coale said on Monday."),
    )
    (total,) = of_kind(reading, RELEASE)
    assert told_by(total) == {"delta", "echo"}


def test_contracts_of_unlike_prices_are_two(read):
    reading = read(
        delta=("2025-06-13", "Uralkali settled its potash contract with Sinochem at $346 a tonne on Thursday."),
        echo=("2025-06-13", "Uralkali settled its potash contract with IPL at $349 a tonne on Thursday."),
    )
    assert len(of_kind(reading, "contract_price")) == 2


def test_cuts_of_unlike_companies_are_two(read):
    reading = read(
        delta=("2025-06-13", "Nutrien curtailed output of potash on Thursday."),
        echo=("2025-06-13", "Mosaic curtailed output of potash on Thursday."),
    )
    assert sorted(e.actors for e in of_kind(reading, "output_cut")) == [("Mosaic",), ("Nutrien",)]


# -- together --------------------------------------------------------------------------------------------------------


def test_lifted_is_lifting_and_will_lift_are_one_event_with_a_conflict(read):
    reading = read(
        delta=("2025-12-14", "The United States lifted sanctions on Belarusian potash on Saturday."),
        echo=("2025-12-13", "Envoy John Coale said on Saturday that the United States is lifting sanctions on potash."),
        foxtrot=("2025-12-14", "The United States will lift sanctions on potash, envoy John Coale said on Saturday."),
    )
    (event,) = of_kind(reading, EASED)
    assert told_by(event) == {"delta", "echo", "foxtrot"}
    assert (event.date, event.precision, event.status) == ("2025-12-13", "day", "announced")
    assert sorted(versions(event, "tense").values()) == [("delta",), ("echo",), ("foxtrot",)]


def test_what_all_tell_as_done_is_done(read):
    reading = read(
        delta=("2025-12-14", "The United States lifted sanctions on Belarusian potash on Saturday."),
        echo=("2025-12-14", "U.S. sanctions on Belarusian potash were lifted on December 13."),
    )
    (event,) = of_kind(reading, EASED)
    assert (event.status, event.conflicts) == ("done", ())


def test_a_month_joins_the_day_in_it(read):
    reading = read(
        delta=("2022-03-04", "The EU tightened sanctions on Belarusian potash on March 2."),
        echo=("2025-12-14", "The EU had tightened sanctions on Belarusian potash in March 2022."),
    )
    (event,) = of_kind(reading, TIGHTENED)
    assert (event.date, event.precision, told_by(event)) == ("2022-03-02", "day", {"delta", "echo"})


def test_a_month_beside_the_day_joins_nothing(read):
    reading = read(
        delta=("2022-03-04", "The EU tightened sanctions on Belarusian potash on March 2."),
        echo=("2025-12-14", "The EU had tightened sanctions on Belarusian potash in June 2021."),
    )
    assert [e.date for e in of_kind(reading, TIGHTENED)] == ["2021-06", "2022-03-02"]


def test_unlike_spellings_of_a_name_are_a_conflict(read):
    reading = read(
        delta=("2025-12-14", "Envoy John Coale met Lukashenko in Minsk on Saturday."),
        echo=("2025-12-14", "Envoy John Cole met Lukashenko in Minsk on Saturday."),
    )
    (event,) = of_kind(reading, "diplomatic_talks")
    assert set(event.actors) == {"John Coale", "Alexander Lukashenko"}
    assert versions(event, "spelling of John Coale") == {"Coale": ("delta",), "Cole": ("echo",)}
    assert any("spelling" in reason for reason in event.reasons)


def test_unlike_orders_of_relief_and_release_are_a_conflict(read):
    reading = read(
        delta=(
            "2025-12-14",
            "The United States lifted sanctions on Belarusian potash on Saturday, hours after Belarus freed 123 prisoners.",
        ),
        echo=(
            "2025-12-14",
            "Belarus freed 123 prisoners on Saturday, hours after the United States lifted sanctions on Belarusian potash.",
        ),
    )
    for kind in (EASED, RELEASE):
        (event,) = of_kind(reading, kind)
        assert event.date == "2025-12-13"
        assert versions(event, "order") == {"release before relief": ("delta",), "relief before release": ("echo",)}


def test_an_election_told_one_year_off_is_one_with_a_conflict_of_dates(read):
    reading = read(
        delta=("2025-12-14", "Mass protests followed the presidential election in 2020."),
        echo=("2025-12-14", "Lukashenko claimed victory in the presidential election in 2020."),
        foxtrot=("2025-12-14", "The presidential election in 2021 set off a wave of arrests."),
    )
    (event,) = of_kind(reading, "election")
    assert event.date == "2020"
    assert versions(event, "date") == {"2020": ("delta", "echo"), "2021": ("foxtrot",)}


def test_elections_five_years_apart_are_two(read):
    reading = read(
        delta=("2025-12-14", "Mass protests followed the presidential election in August 2020."),
        echo=("2025-12-14", "Lukashenko held a presidential election in January 2025."),
    )
    assert [e.date for e in of_kind(reading, "election")] == ["2020-08", "2025-01"]


def test_talks_on_two_days_and_on_the_second_are_one(read):
    reading = read(
        delta=("2025-12-14", "Coale and Lukashenko held two days of talks in Minsk on Friday and Saturday."),
        echo=("2025-12-14", "Coale met Lukashenko in Minsk on Saturday."),
    )
    (event,) = of_kind(reading, "diplomatic_talks")
    assert (event.date, event.date_end, event.precision) == ("2025-12-12", "2025-12-13", "range")
    assert told_by(event) == {"delta", "echo"}


# -- no event --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "More sanctions on potash will be lifted as relations improve.",
        "The United States could lift sanctions on potash next year.",
        "Minsk hopes that Washington will lift sanctions on potash.",
        "Minsk is ready to free more prisoners.",
        "The EU may impose new sanctions on Belarusian potash.",
        "If the EU eases its sanctions, trains may run again.",
        "The EU has not eased its sanctions on potash.",
        "Nutrien may cut its output of potash in the spring.",
        "The two countries will gradually lift all remaining sanctions, Coale said.",
    ],
)
def test_what_only_looks_ahead_makes_no_event(read, text):
    reading = read(delta=("2025-12-14", text))
    assert [e for e in reading.events if e.kind != "statement"] == []
    assert [c.kind for c, _ in reading.unplaced if c.kind != "statement"]
    assert all(reason for _, reason in reading.unplaced)


def test_an_intention_joins_no_event_either(read):
    reading = read(
        delta=("2025-12-14", "The United States lifted sanctions on Belarusian potash on Saturday."),
        echo=("2025-12-14", "The United States could lift all sanctions on Belarusian potash on Saturday."),
    )
    (event,) = of_kind(reading, EASED)
    assert told_by(event) == {"delta"}


def test_every_claim_is_in_one_event_or_has_a_reason_why_not(read):
    reading = read(
        delta=(
            "2025-12-14",
            "The United States lifted sanctions on Belarusian potash on Saturday.",
            "More sanctions will be lifted as relations improve.",
            "Russia invaded Ukraine in February 2022.",
        ),
        echo=(
            "2025-12-14",
            '"Our potash will travel again," said Lukashenko.',
            "Belarus freed 123 prisoners on Saturday.",
        ),
    )

    def places(claims):
        return [(c.article_id, c.kind, c.start, c.trigger) for c in claims]

    placed = places([c for e in reading.events for c in e.claims] + [c for c, _ in reading.unplaced])
    assert sorted(placed) == sorted(places(reading.claims))


# -- how much speaks for it ------------------------------------------------------------------------------------------

PUBLISHED = dt.date(2025, 12, 14)
SAME_DAY, TWO_DAYS = day("2025-12-13"), day("2025-12-13", date_end="2025-12-14", precision="range")


def told(name="a", kind=EASED, **fields):
    """Return a claim of relief by the US on potash on one day, or as the fields say."""
    return claim(name, **{"kind": kind, "authorities": ("US",), "when": SAME_DAY, "status": "done", **fields})


def figure(value, role="flow", unit="prisoners"):
    return (Quantity(0, 1, value, unit, role),)


def likeness_of(one, other, published=PUBLISHED):
    """Return how much speaks for a second claim telling the event of the first; both in articles of their own."""
    cluster = Cluster()
    cluster.add(one, PUBLISHED)
    return likeness(other, cluster, published, load_lexicon())


@pytest.mark.parametrize(
    ("fields", "other", "expected"),
    [
        # one day: goods count two, parties one, people one each but no more than two, figures three
        ({}, {}, 7),
        ({}, {"goods": ()}, 5),
        ({}, {"authorities": ()}, 6),
        ({"actors": ("A", "B", "C")}, {"actors": ("A", "B", "C")}, 9),
        ({"actors": ("A",)}, {"actors": ("A", "B")}, 8),
        ({"kind": RELEASE, "quantities": figure(52)}, {"kind": RELEASE, "quantities": figure(52)}, 10),
        # a day within a month
        ({}, {"when": day("2025-12")}, 5),
        ({}, {"when": day("2025-12"), "goods": ()}, 0),
        ({}, {"when": day("2025-12"), "goods": (), "status": "announced"}, 3),
        ({"kind": "aid"}, {"kind": "aid", "when": day("2025-12"), "goods": ()}, 3),
        ({"kind": "aid", "goods": ()}, {"kind": "aid", "when": day("2025-12"), "authorities": ()}, 0),
        ({"when": day("2025-11-30")}, {"when": day("2025-11")}, 5),
        ({"when": day("2025-11-01")}, {"when": day("2025-11")}, 5),
        ({"when": day("2025-10-31")}, {"when": day("2025-11")}, 0),
        ({"when": day("2025-12-01")}, {"when": day("2025-11")}, 0),
        ({"when": TWO_DAYS}, {}, 5),
        # no date: three are enough
        ({}, {"when": None}, 3),
        ({"kind": "aid"}, {"kind": "aid", "when": None, "authorities": ()}, 0),
        ({"kind": "aid", "actors": ("A",)}, {"kind": "aid", "when": None, "authorities": (), "actors": ("A",)}, 3),
        ({"actors": ("A", "B")}, {"when": None, "goods": (), "actors": ("A", "B")}, 0),
        ({"when": day("2025-11-30")}, {"when": None, "foreground": True}, 3),
        ({"when": day("2025-11-29")}, {"when": None, "foreground": True}, 0),
        ({"when": None}, {}, 3),
        ({"when": day("")}, {"when": day("")}, 3),
        ({"when": day("")}, {}, 3),
        # a day of no known month
        ({}, {"when": day("", rule="no publication date")}, 0),
        ({"when": None}, {"when": day("", rule="no publication date")}, 3),
        # what excludes
        ({}, {"authorities": ("EU",)}, 0),
        ({}, {"goods": ("airline",)}, 0),
        ({}, {"when": day("2025-12-12")}, 0),
        ({"kind": RELEASE, "quantities": figure(52)}, {"kind": RELEASE, "quantities": figure(123)}, 0),
        ({"kind": "aid", "quantities": figure(52)}, {"kind": "aid", "quantities": figure(123, "share")}, 7),
        ({"kind": "output_cut", "quantities": figure(52)}, {"kind": "output_cut", "quantities": figure(123)}, 7),
        ({"fields": {"target": "Belarus"}}, {"fields": {"target": "Russia"}}, 0),
        ({"fields": {"target": "Belarus"}}, {"fields": {"target": "Russia; Belarus"}}, 7),
        ({"fields": {"target": "Belarus"}}, {}, 7),
        # who frees and who obtains the freeing
        ({"kind": RELEASE, "quantities": figure(52)}, {"kind": RELEASE, "quantities": figure(52), "authorities": ("EU",)}, 9),
        ({"kind": RELEASE, "quantities": figure(52)}, {"kind": RELEASE, "authorities": ("EU",)}, 0),
        ({"kind": "aid", "quantities": figure(52)}, {"kind": "aid", "quantities": figure(52), "authorities": ("EU",)}, 0),
        # totals
        ({"kind": RELEASE}, {"kind": RELEASE, "status": "aggregate"}, 0),
        ({"kind": RELEASE, "status": "aggregate"}, {"kind": RELEASE, "status": "aggregate"}, 7),
        (
            {"kind": RELEASE, "quantities": figure(430)},
            {"kind": RELEASE, "quantities": figure(430, "total"), "status": "aggregate"}, 10,
        ),
        (
            {"kind": RELEASE, "quantities": figure(430), "status": "aggregate"},
            {"kind": RELEASE, "quantities": figure(430), "when": day("2025-06")}, 6,
        ),
        ({"kind": RELEASE, "quantities": figure(430)}, {"kind": RELEASE, "quantities": figure(430), "when": day("2025-06")}, 0),
        ({"kind": RELEASE, "status": "aggregate"}, {"kind": RELEASE, "status": "aggregate", "when": day("2025-06")}, 0),
        # contracts by price, talks by duration
        (
            {"kind": "contract_price", "quantities": figure(346, "price")},
            {"kind": "contract_price", "quantities": figure(349, "price")}, 0,
        ),
        (
            {"kind": "contract_price", "quantities": figure(346, "price")},
            {"kind": "contract_price", "quantities": figure(346, "price") + figure(500_000)}, 10,
        ),
        (
            {"kind": "diplomatic_talks", "quantities": figure(2, "duration")},
            {"kind": "diplomatic_talks", "quantities": figure(3, "duration") + figure(9)}, 7,
        ),
        (
            {"kind": "diplomatic_talks", "quantities": figure(2, "duration")},
            {"kind": "diplomatic_talks", "quantities": figure(2, "duration")}, 10,
        ),
        # kinds whose parties are the event
        ({"kind": "output_cut", "actors": ("Nutrien",)}, {"kind": "output_cut", "actors": ("Mosaic",)}, 0),
        ({"kind": "output_cut", "actors": ("Nutrien", "A")}, {"kind": "output_cut", "actors": ("Mosaic", "A")}, 0),
        ({"kind": "output_cut", "actors": ("Nutrien",)}, {"kind": "output_cut"}, 7),
        ({"kind": "transport", "actors": ("Nutrien",)}, {"kind": "transport", "actors": ("Mosaic",)}, 7),
        # what one stops the other resumes
        ({"kind": "transport", "fields": {"verb": "halt"}}, {"kind": "transport", "fields": {"verb": "resume"}}, 0),
        ({"kind": "transport", "fields": {"verb": "reopen"}}, {"kind": "transport", "fields": {"verb": "resume"}}, 7),
        ({"kind": "transport", "fields": {"verb": "halt"}}, {"kind": "transport", "fields": {"verb": "stop"}}, 7),
        ({"kind": "military", "fields": {"verb": "halt"}}, {"kind": "military", "fields": {"verb": "resume"}}, 7),
    ],
)  # fmt: skip
def test_likeness(fields, other, expected):
    assert likeness_of(told("a", **fields), told("b", **other)) == expected


def test_without_any_date_three_are_enough_too():
    assert likeness_of(told("a"), told("b", when=None), published=None) == 3


@pytest.mark.parametrize(
    ("fields", "other", "expected"),
    [
        ({"goods": ()}, {"when": None, "foreground": True}, 1),
        ({"goods": ()}, {"when": None}, 0),
        ({"goods": (), "foreground": False}, {"when": None, "foreground": True}, 0),
        ({"goods": (), "article_id": "b"}, {"when": None, "foreground": True}, 0),
        (
            {"goods": (), "kind": "military"},
            {"when": None, "foreground": True, "kind": "military", "authorities": ()},
            0,
        ),
        (
            {"goods": (), "kind": "accident"},
            {"when": None, "foreground": True, "kind": "accident", "authorities": ()},
            1,
        ),
        ({"goods": ()}, {"when": day("2025-12"), "foreground": True}, 0),
    ],
)
def test_news_of_one_article_is_one_event_though_little_speaks_for_it(fields, other, expected):
    one = replace(told("a", **{"foreground": True, **{k: v for k, v in fields.items() if k != "article_id"}}))
    assert likeness_of(replace(one, article_id=fields.get("article_id", "a")), told("a", **other)) == expected


@pytest.mark.parametrize(
    ("fields", "other", "expected"),
    [
        ({}, {}, 5),
        ({}, {"speaker": "Kaja Kallas"}, 0),
        ({}, {"when": day("2025-12-12")}, 0),
        ({}, {"when": day("2025-12")}, 0),
        ({}, {"when": None}, 0),
        ({"when": None}, {"when": None}, 5),
        ({"when": None}, {"when": day("")}, 5),
        ({"when": None}, {}, 0),
        ({"speaker": "US officials"}, {"speaker": "US officials"}, 0),
        ({"speaker": "US officials"}, {"speaker": "US officials", "article_id": "a"}, 5),
        ({"speaker": "A Stranger"}, {"speaker": "A Stranger"}, 5),
    ],
)
def test_remarks_are_one_by_speaker_and_day(fields, other, expected):
    remark = told("a", kind="statement", **{"speaker": "John Coale", **fields})
    name = other.get("article_id", "b")
    rest = {key: value for key, value in other.items() if key != "article_id"}
    assert likeness_of(remark, told(name, kind="statement", **{"speaker": "John Coale", **rest})) == expected


# -- events of claims ------------------------------------------------------------------------------------------------


def merged(*claims, published="2025-12-14"):
    """Return, of each event, the articles that tell it; and the reasons of claims in no event."""
    articles = [article(name, published=Publication(published)) for name in {c.article_id for c in claims}]
    clusters, unplaced = merge(claims, articles, load_lexicon())
    return sorted(sorted(c.article_id for c in cluster.claims) for cluster in clusters), [why for _, why in unplaced]


def kinds(*claims):
    clusters, _ = merge(claims, [article(c.article_id) for c in claims], load_lexicon())
    return sorted((c.kind, len(c.claims)) for c in clusters)


def test_a_claim_joins_the_event_that_most_speaks_for():
    near, far = told("a", when=day("2025-12-10")), told("b", when=day("2025-11-10"), actors=("Mosaic",))
    assert merged(near, far, told("c", when=None, actors=("Mosaic",)))[0] == [["a"], ["b", "c"]]


@pytest.mark.parametrize("published", ["2025-12-14", "2025-11-30"])
def test_of_equal_events_the_one_nearest_to_publication_is_joined(published):
    events = [told("a", when=day("2025-11-10")), told("b", when=day("2025-12-10"))]
    undated = told("c", when=None)
    expected = [["a"], ["b", "c"]] if published == "2025-12-14" else [["a", "c"], ["b"]]
    assert merged(*events, undated, published=published)[0] == expected


@pytest.mark.parametrize(("one", "other"), [("a", "b"), ("b", "a")])
def test_an_event_of_many_days_is_as_near_as_its_first_day(one, other):
    weeks = day("2025-11-01", date_end="2025-12-13", precision="range")
    near = told(one, when=day("2025-12-01"), fields={"target": "Belarus"})
    far = told(other, when=weeks, fields={"target": "Russia"})
    assert sorted([other, one + "c"]) == ["".join(ids) for ids in merged(near, far, told("c", when=None))[0]]


def test_of_events_equally_near_the_first_is_joined():
    later = [told("a", when=day("2025-12-15")), told("b", when=day("2025-12-13")), told("c", when=day("2025-12"))]
    assert merged(*later)[0] == [["a", "c"], ["b"]]


def test_exact_claims_come_first_then_text_before_headlines_news_before_background():
    heading, text = told("a", when=day("2025-12"), fields={"heading": "yes"}), told("b", when=day("2025-12"))
    clusters, _ = merge([heading, text], [article("a"), article("b")], load_lexicon())
    assert [c.article_id for c in clusters[0].claims] == ["b", "a"]


@pytest.mark.parametrize(
    ("status", "reason"), [("intended", "only an intention"), ("hoped", "only a hope"), ("denied", "only denied")]
)
def test_what_is_not_told_as_fact_makes_no_event(status, reason):
    assert merged(told("a", status=status)) == ([], [reason])
    assert merged(told("a", kind="statement", speaker="US", status=status)) == ([["a"]], [])


TO_COME, UNDATED = "told as to come, by no one who decides it", "background without a date"
AHEAD = {"fields": {"tense": "future"}, "status": "announced"}
MEETING = {
    "when": None, "kind": "diplomatic_talks", "actors": ("John Coale", "Kremlin"), "fields": {"verb": "meet"},
}  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({**AHEAD, "authorities": ()}, TO_COME),
        ({**AHEAD, "actors": ("Kaja Kallas",)}, TO_COME),
        ({**AHEAD, "actors": ("John Coale",)}, ""),
        ({**AHEAD, "speaker": "John Coale"}, ""),
        ({**AHEAD, "speaker": "John Coale", "goods": ()}, TO_COME),
        ({"fields": {"tense": "future"}, "status": "decided"}, ""),
        ({"fields": {"tense": "past"}, "status": "announced"}, ""),
        ({"kind": "output_cut", "fields": {"tense": "future"}, "actors": ("Nutrien",)}, ""),
        ({"kind": "output_cut", "fields": {"tense": "future"}, "actors": ("John Coale",)}, TO_COME),
        ({"kind": "aid", "fields": {"tense": "future"}, "actors": ("Nutrien",)}, TO_COME),
        ({"kind": "statement", "speaker": "US", "fields": {"tense": "future"}}, ""),
        ({"when": None}, UNDATED),
        ({"when": None, "foreground": True}, ""),
        ({"when": None, "foreground": True, "goods": ()}, UNDATED),
        ({"when": None, "fields": {"news": "2025-12-13"}}, ""),
        ({"when": None, "kind": "election", "foreground": True}, UNDATED),
        ({"when": None, "kind": "aid", "foreground": True}, ""),
        ({"when": None, "kind": "aid"}, UNDATED),
        ({"when": None, "kind": "aid", "quantities": figure(5)}, ""),
        ({"when": None, "kind": "transport", "foreground": True, "status": "announced"}, UNDATED),
        ({"when": None, "kind": "transport"}, ""),
        ({"when": None, "kind": "statement", "speaker": "A Stranger"}, UNDATED),
        ({"when": None, "kind": "statement", "speaker": "John Coale"}, ""),
        ({"when": None, "kind": "statement", "speaker": "US"}, ""),
        ({**MEETING}, ""),
        ({**MEETING, "fields": {"verb": "speak"}}, UNDATED),
        ({**MEETING, "actors": ("John Coale", "Nutrien")}, UNDATED),
        ({**MEETING, "status": "announced"}, UNDATED),
        ({"kind": "output_cut", "authorities": ()}, "no party named"),
        ({"kind": "output_cut", "authorities": (), "actors": ("Nutrien",)}, ""),
        ({"kind": "military", "authorities": ()}, ""),
        ({"when": None, "kind": RELEASE, "foreground": True}, "no date and no number"),
        ({"when": None, "kind": RELEASE, "foreground": True, "quantities": figure(52)}, ""),
        ({"kind": RELEASE}, ""),
        ({"authorities": (), "goods": ()}, ""),
        ({"kind": "policy", "when": None, "foreground": True, "fields": {"news": "2025-12-13"}, "goods": ()}, ""),
    ],
)  # fmt: skip
def test_why_claims_make_no_event(fields, reason):
    events, reasons = merged(told("a", **fields))
    assert (events, reasons) == (([], [reason]) if reason else ([["a"]], []))


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        ({"kind": TIGHTENED}, [(IMPOSED, 2)]),
        ({"kind": EASED}, [(EASED, 1), (IMPOSED, 1)]),
        ({"kind": TIGHTENED, "when": day("2025-12-12")}, [(IMPOSED, 1), (TIGHTENED, 1)]),
        ({"kind": TIGHTENED, "when": TWO_DAYS}, [(IMPOSED, 1), (TIGHTENED, 1)]),
        ({"kind": TIGHTENED, "authorities": ("EU",)}, [(IMPOSED, 1), (TIGHTENED, 1)]),
        ({"kind": TIGHTENED, "authorities": ()}, [(IMPOSED, 1), (TIGHTENED, 1)]),
        ({"kind": TIGHTENED, "goods": ("oil",)}, [(IMPOSED, 1), (TIGHTENED, 1)]),
        ({"kind": TIGHTENED, "goods": ()}, [(IMPOSED, 2)]),
        ({"kind": "policy", "fields": {"verb": "sign"}}, [(IMPOSED, 2)]),
        ({"kind": "policy", "fields": {"verb": "issue"}}, [(IMPOSED, 2)]),
        ({"kind": "policy", "fields": {"verb": "debate"}}, [("policy", 1), (IMPOSED, 1)]),
        ({"kind": "aid", "fields": {"verb": "sign"}}, [("aid", 1), (IMPOSED, 1)]),
    ],
)  # fmt: skip
def test_one_measure_told_as_of_two_kinds_is_one(other, expected):
    events = kinds(told("a", kind=IMPOSED), told("b", **other))
    assert events == expected


@pytest.mark.parametrize("when", [day("2025-12"), TWO_DAYS])
def test_measures_of_one_month_or_of_some_days_stay_two_kinds(when):
    assert kinds(*(told("a", kind=kind, when=when) for kind in (IMPOSED, TIGHTENED))) == [(IMPOSED, 1), (TIGHTENED, 1)]


@pytest.mark.parametrize(
    ("date", "fields", "kind"),
    [
        ("2021-08-29", {}, IMPOSED),
        ("2021-08-30", {}, TIGHTENED),
        ("2021-08-30", {"goods": ("oil",)}, IMPOSED),
        ("2021-08-30", {"authorities": ("EU",)}, IMPOSED),
        ("2021-08-30", {"kind": EASED}, EASED),
        ("2021-08-20", {"when": day("2021-08-20", date_end="2021-09-10", precision="range")}, IMPOSED),
    ],
)
def test_a_later_measure_on_the_same_goods_tightens_the_first(date, fields, kind):
    first = told("a", kind=IMPOSED, when=day("2021-08-09"))
    later = told("b", **{"kind": IMPOSED, "when": day(date), **fields})
    clusters, _ = merge([later, first], [article("a"), article("b")], load_lexicon())
    assert {c.when.date: c.kind for c in clusters} == {"2021-08-09": IMPOSED, date: kind}


def test_a_later_measure_is_counted_from_the_last_day_of_the_first():
    weeks = day("2021-08-01", date_end="2021-08-20", precision="range")
    assert (
        kinds(told("a", kind=IMPOSED, when=weeks), told("b", kind=IMPOSED, when=day("2021-08-30")))
        == [(IMPOSED, 1)] * 2
    )


@pytest.mark.parametrize(
    ("other", "events"),
    [
        ({"when": day("2021-01")}, 1),
        ({"when": day("2022-01")}, 2),
        ({"when": day("2019-01")}, 1),
        ({"when": day("2021-01"), "authorities": ("US",)}, 2),
        ({"when": day("2021-01"), "kind": "military"}, 2),
    ],
)
def test_elections_of_neighbouring_years_are_versions_of_one(other, events):
    first = told("a", kind="election", authorities=("Belarus",), when=day("2020-08"))
    second = told("b", **{"kind": "election", "authorities": ("Belarus",), **other})
    clusters, _ = merge([second, first, replace(first, article_id="c")], [article(n) for n in "abc"], load_lexicon())
    assert len(clusters) == events
    if events == 1:
        assert clusters[0].when.date == "2020-08"
        assert [c.article_id for c in clusters[0].claims if "version" in c.fields] == ["b"]


def test_independent_chains():
    articles = [
        article("a", publisher="Salt"), article("b", publisher="Salt"), article("c", publisher=""),
        article("d", publisher="Rail", sources=("AP", "Reuters")), article("e", publisher="Rail", sources=("Reuters",)),
        article("f", publisher="Copyist", same_as="d"), article("g", publisher="Copyist", same_as="gone"),
    ]  # fmt: skip
    by_id = {each.article_id: each for each in articles}
    assert independent_chains("abcdefg", by_id) == {"Salt", "c", "Reuters", "Copyist"}
