"""What makes two claims one event, what keeps them apart, and what articles tell differently."""

import pytest

from potash.news.events.building import read_timeline

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
