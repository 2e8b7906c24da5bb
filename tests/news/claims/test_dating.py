"""Which date of a sentence belongs to which event that it tells; all pages are of Friday 2025-09-12."""

import pytest

from potash.news.events.reading import read_timeline
from tests.support.claims import claims_of, reach

TALKS, RELEASE = "diplomatic_talks", "prisoner_release"
EASED, IMPOSED, TIGHTENED = "sanctions_eased", "sanctions_imposed", "sanctions_tightened"


@pytest.fixture
def dates(tmp_path):
    """Return a function that reads paragraphs: kind and date of each event, a range as its two ends."""

    def dates(*paragraphs: str, published: str = "2025-09-12") -> dict[str, str]:
        text = f"---\npublished: {published}\npublisher: Delta Post\n---\n\n" + "\n\n".join(paragraphs) + "\n"
        (tmp_path / "page.md").write_text(text, encoding="utf-8")
        events = [e for e in read_timeline(tmp_path).events if e.kind != "statement"]
        assert len({e.kind for e in events}) == len(events)
        return {e.kind: " to ".join(filter(None, (e.date, e.date_end))) for e in events}

    return dates


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The United States lifted sanctions on Belavia on Thursday.", {EASED: "2025-09-11"}),
        ("On Thursday the United States lifted sanctions on Belavia.", {EASED: "2025-09-11"}),
        (
            "The United States on Thursday eased sanctions on Belavia, which it had imposed in August 2023.",
            {EASED: "2025-09-11", IMPOSED: "2023-08"},
        ),
        (
            "The sanctions on potash, imposed by the Biden administration in August 2021, were lifted on Thursday.",
            {EASED: "2025-09-11", IMPOSED: "2021-08"},
        ),
        (
            "After sanctions were imposed on Belaruskali in August 2021, the firm halted loadings on February 16, 2022.",
            {IMPOSED: "2021-08", "supply_disruption": "2022-02-16"},
        ),
        (
            "Russia invaded Ukraine in February 2022, and Uralkali cut its output of potash in June 2022.",
            {"military": "2022-02", "output_cut": "2022-06"},
        ),
        (
            "On Thursday the United States eased its sanctions, and Lukashenko released 52 prisoners.",
            {EASED: "2025-09-11", RELEASE: "2025-09-11"},
        ),
    ],
)
def test_each_clause_keeps_its_own_date(dates, text, expected):
    assert dates(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Lukashenko freed 52 prisoners on Thursday, one week after he met Kellogg in Minsk.",
            {RELEASE: "2025-09-11", TALKS: "2025-09-04"},
        ),
        (
            "On Thursday, three days after Lukashenko met Kellogg in Minsk, the United States eased sanctions on Belavia.",
            {EASED: "2025-09-11", TALKS: "2025-09-08"},
        ),
        (
            "Lukashenko freed 52 prisoners on September 11, two days before the United States eased sanctions on Belavia.",
            {RELEASE: "2025-09-11", EASED: "2025-09-13"},
        ),
    ],
)
def test_so_long_after_is_counted_from_the_main_clause(dates, text, expected):
    assert (
        dates(text, published="2025-09-14" if EASED in expected and RELEASE in expected else "2025-09-12") == expected
    )


@pytest.mark.parametrize("gap", ["hours after", "shortly after", "minutes after"])
def test_hours_after_is_the_same_day(dates, gap):
    text = f"Lukashenko freed 52 prisoners on Thursday, {gap} the United States lifted sanctions on Belavia."
    assert dates(text) == {RELEASE: "2025-09-11", EASED: "2025-09-11"}


def test_after_alone_says_only_that_it_was_before(dates):
    told = dates("Lukashenko freed 52 prisoners on Thursday, after the United States lifted sanctions on Belavia.")
    assert told[RELEASE] == "2025-09-11"


def test_when_means_the_same_day(dates):
    text = "Lithuania closed its border with Belarus on Thursday when Russian drones entered Polish airspace."
    assert dates(text) == {"transport": "2025-09-11", "military": "2025-09-11"}


def test_after_an_election_in_a_year_is_no_day_of_that_year(dates, tmp_path):
    told = dates("The EU tightened sanctions on Belarus after a disputed election in 2020.")
    assert told == {TIGHTENED: "2020", "election": "2020"}
    (event,) = [e for e in read_timeline(tmp_path).events if e.kind == TIGHTENED]
    assert event.precision == "year"
    assert event.confidence != "high"
    assert any("not before" in reason for reason in event.reasons)


def test_who_says_so_lends_the_day(dates):
    assert dates("Belarus released 52 prisoners, Coale said on Thursday.")[RELEASE] == "2025-09-11"


def test_a_headline_is_of_the_day_of_the_news(dates):
    headline = "# Lithuania closes its border with Belarus"
    assert dates(headline, "Drivers slept in their cabs on Wednesday.") == {"transport": "2025-09-10"}


def test_a_headline_of_what_is_to_come_has_no_day(dates):
    told = dates("# Lithuania will close its border with Belarus", "Drivers slept in their cabs on Wednesday.")
    assert told.get("transport", "") == ""


@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        ("Belarus freed 52 prisoners in June 2025.", RELEASE, "2025-06"),
        ("Belarus freed 52 prisoners in June.", RELEASE, "2025-06"),
        ("Belarus freed 52 prisoners on Aug. 9, 2024.", RELEASE, "2024-08-09"),
        ("Belarus freed 52 prisoners yesterday.", RELEASE, "2025-09-11"),
        ("Belarus freed 52 prisoners in 2024.", RELEASE, "2024"),
        ("Coale met Lukashenko in Minsk on Wednesday and Thursday.", TALKS, "2025-09-10 to 2025-09-11"),
    ],
)
def test_a_date_is_as_exact_as_it_was_told(dates, text, kind, expected):
    assert dates(text) == {kind: expected}


def test_what_has_since_happened_is_not_of_the_day_named_before(dates):
    told = dates(
        "The United States blacklisted Belavia in August 2023.", "It has since lifted sanctions on the airline."
    )
    assert told[IMPOSED] == "2023-08"
    assert not told.get(EASED, "").startswith("2023")


def test_the_same_day_is_the_last_one_named(dates):
    told = dates("On September 4 Kellogg met Lukashenko in Minsk.", "Belarus freed 14 prisoners that day.")
    assert told == {TALKS: "2025-09-04", RELEASE: "2025-09-04"}


@pytest.mark.parametrize("text", ["Belarus freed 52 prisoners.", "Belarus freed 52 prisoners, including six women."])
def test_no_day_is_invented_for_background(dates, text):
    filler = (
        "Rain kept every ship in the harbour.", "Nobody in town could remember a wetter spring.",
        "The baker sold out by noon.", "Two cranes were painted yellow.", "A choir sang at the gate.",
        "Children flew kites over the dunes.", "The old lamp was lit again.", "Gulls slept on the roof.",
    )  # fmt: skip
    assert dates(*filler, text).get(RELEASE, "") == ""


def test_news_at_the_head_of_a_page_is_of_the_day_of_the_page(dates, tmp_path):
    assert dates("Belarus freed 52 prisoners.", "Rain kept every ship in the harbour.") == {RELEASE: "2025-09-12"}
    (event,) = read_timeline(tmp_path).events
    assert event.confidence != "high"


def days(text: str):
    """Return the kind of each claim with its date, its bound in front."""
    return [(c.kind, f"{c.when.bound} {c.when.date}".strip() if c.when else "") for c in claims_of(text)]


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ("The {}list of May 2025 grew, but the EU lifted sanctions on Belavia.", 1),
        ("An accident killed two miners, the ministry said {}on Friday.", 3),
        ("In May {}Lukashenko said that potash would sell.", 2),
        ("Lukashenko said {}on Friday that potash would sell.", 21),
        ("The EU recently {}lifted sanctions on potash since Friday.", 0),
    ],
)
def test_how_far_a_date_may_stand_from_what_it_dates(template, words):
    assert reach(template, days) == words


@pytest.mark.parametrize(
    ("gap", "expected"),
    [
        ("a week", "2025-12-05"), ("one week", "2025-12-05"), ("two weeks", "2025-11-28"), ("three weeks", "2025-11-21"),
        ("four weeks", "2025-11-14"), ("five weeks", "2025-11-07"), ("six weeks", "2025-10-31"), ("seven weeks", "2025-10-24"),
        ("ten weeks", "2025-10-03"), ("12 weeks", "2025-09-19"), ("a day", "2025-12-11"), ("three days", "2025-12-09"),
    ],
)  # fmt: skip
def test_a_stretch_after_is_counted_back_and_one_before_is_counted_on(gap, expected):
    text = f"The EU lifted sanctions on potash on December 12, {gap} after it had imposed sanctions on Belavia."
    assert days(text) == [(EASED, "2025-12-12"), (IMPOSED, expected)]
    text = "The EU lifted sanctions on potash on December 12, three days before it imposed sanctions on Belavia."
    assert days(text)[1] == (IMPOSED, "2025-12-15")
