"""A folder of articles as a timeline: undated pages, confidence, ids, problems, and the order of files."""

import datetime as dt
import os
import random
import re
import subprocess
import sys

import pytest

from potash.errors import ArticleError
from potash.news.events.reading import read_timeline
from tests.paths import OWN_ARTICLES

EASED, RELEASE, TALKS = "sanctions_eased", "prisoner_release", "diplomatic_talks"
RELIEF = "The United States lifted sanctions on Belarusian potash on Saturday."
FREED = "Belarus freed 123 prisoners on Saturday."

OWN = OWN_ARTICLES


def page(published: str, *paragraphs: str, publisher: str = "", **others: str) -> str:
    """Return an article with front matter."""
    keys = {"published": published, "publisher": publisher, **others}
    head = "".join(f"{key}: {value}\n" for key, value in keys.items() if value)
    return (f"---\n{head}---\n\n" if head else "") + "\n\n".join(paragraphs) + "\n"


@pytest.fixture
def read(tmp_path):
    """Return a function that writes pages by name and reads them."""

    def read(options=None, **pages: str):
        for name, text in pages.items():
            (tmp_path / f"{name}.md").write_text(text, encoding="utf-8")
        return read_timeline(tmp_path, **(options or {}))

    return read


def of_kind(reading, kind: str):
    return [event for event in reading.events if event.kind == kind]


# -- a page without a date -------------------------------------------------------------------------------------------

DATED = page(
    "2025-12-14", "The United States lifted sanctions on Belarusian potash on December 13.", FREED, publisher="Delta"
)


@pytest.mark.parametrize(
    "paragraphs",
    [
        [
            "The United States is lifting sanctions on Belarusian potash, envoy John Coale said on the 13th of the month."
        ],
        ["The United States lifted sanctions on Belarusian potash on the 13th."],
        [
            "Coale met Lukashenko for talks in Minsk on Friday and Saturday.",
            "Belarus released 123 prisoners on Saturday.",
        ],
    ],
)
def test_a_page_without_a_date_is_dated_by_news_that_fits(read, paragraphs):
    reading = read(dated=DATED, undated=page("", *paragraphs))
    published = reading.article("undated").published
    assert (published.date, published.source) == ("2025-12-13", "other articles")
    assert "dated" in published.note
    kind = EASED if "potash" in paragraphs[0] else RELEASE
    (event,) = of_kind(reading, kind)
    assert event.date == "2025-12-13"
    assert {c.article_id for c in event.claims} == {"dated", "undated"}
    assert any("dated by other articles" in reason for reason in event.reasons)
    assert [(e.date, e.date_end) for e in of_kind(reading, TALKS)] in ([], [("2025-12-12", "2025-12-13")])


@pytest.mark.parametrize(
    "paragraph",
    [
        "The United States lifted sanctions on Belarusian potash on the 17th.",
        "The United States lifted sanctions on Belavia on the 13th.",
        "The EU lifted sanctions on Belarusian potash on the 13th.",
        "Nutrien curtailed output of potash at its Cory mine on the 13th.",
        "The choir sang at the gate on the 13th.",
        RELIEF,
        "Coale met Lukashenko in Minsk on Saturday.",
        "The United States lifted sanctions on Belarusian potash on December 13, 2025.",
        "The United States lifted sanctions on Belarusian potash.",
    ],
)
def test_a_page_without_a_date_stays_so_where_nothing_fits_well_enough(read, paragraph):
    published = read(dated=DATED, undated=page("", paragraph)).article("undated").published
    assert (published.date, published.source) == ("", "")


def test_relative_dates_of_an_undated_page_stay_unresolved(read):
    (event,) = read(undated=page("", "Nutrien curtailed output of potash at its Cory mine on Saturday.")).events
    assert (event.date, event.precision, event.confidence) == ("", "unresolved", "low")
    assert event.event_id.startswith("undated")


def test_one_undated_page_does_not_date_another(read):
    told = "The United States lifted sanctions on Belarusian potash on the 13th."
    reading = read(one=page("", told), two=page("", FREED, told))
    assert {a.published.date for a in reading.articles} == {""}


def test_a_day_given_by_the_user_dates_a_page(read):
    reading = read(
        {"published": {"undated": "2022-03-20"}},
        dated=DATED,
        undated=page("", "The EU tightened sanctions on Belarusian potash on Thursday."),
    )
    assert reading.article("undated").published.source == "given"
    assert [e.date for e in of_kind(reading, "sanctions_tightened")] == ["2022-03-17"]


def test_a_day_given_by_the_user_outweighs_the_page(read):
    reading = read({"published": {"dated": "2024-06-05"}}, dated=page("2025-12-14", RELIEF))
    assert [e.date for e in reading.events] == ["2024-06-01"]


def test_a_given_day_for_no_article_is_an_error(read):
    with pytest.raises(ArticleError, match=r"dates.*did you mean 'dated'"):
        read({"published": {"dates": "2022-03-20"}}, dated=DATED)


# -- confidence ------------------------------------------------------------------------------------------------------


def confidence(reading, kind=EASED) -> str:
    (event,) = of_kind(reading, kind)
    assert event.confidence in {"high", "medium", "low"}
    assert event.reasons
    return event.confidence


def test_one_article_is_not_enough_for_high_confidence(read):
    assert confidence(read(delta=page("2025-12-14", RELIEF, publisher="Delta"))) == "medium"


def test_two_independent_articles_and_a_day_give_high_confidence(read):
    reading = read(
        delta=page("2025-12-14", RELIEF, publisher="Delta"),
        echo=page("2025-12-15", "U.S. sanctions on Belarusian potash were lifted on Saturday.", publisher="Echo"),
    )
    assert confidence(reading) == "high"
    assert any("2 articles" in r and "2 sources" in r for r in of_kind(reading, EASED)[0].reasons)


@pytest.mark.parametrize(("agencies", "expected"), [(("Reuters", "Reuters"), "medium"), (("Reuters", "Belta"), "high")])
def test_articles_that_rest_on_one_agency_are_one_source(read, agencies, expected):
    reading = read(
        delta=page("2025-12-14", f"{RELIEF[:-1]}, {agencies[0]} reported.", publisher="Delta"),
        echo=page("2025-12-15", f"{RELIEF[:-1]}, according to {agencies[1]}.", publisher="Echo"),
    )
    assert confidence(reading) == expected
    count = "1 source" if expected == "medium" else "2 sources"
    assert any(reason.endswith(count) for reason in of_kind(reading, EASED)[0].reasons)


def test_two_pages_of_one_publisher_are_one_source(read):
    reading = read(
        delta=page("2025-12-14", RELIEF, publisher="Delta"),
        delta2=page("2025-12-15", "U.S. sanctions on Belarusian potash were lifted on Saturday.", publisher="Delta"),
    )
    assert confidence(reading) == "medium"


MACHINE = "Created with ChatGPT"


def test_what_only_software_wrote_is_of_low_confidence(read):
    reading = read(delta=page("2025-12-14", "# Trains may run again", MACHINE, RELIEF, publisher="Delta"))
    assert reading.articles[0].machine_written
    assert confidence(reading) == "low"
    assert any("software" in reason for reason in of_kind(reading, EASED)[0].reasons)


def test_software_beside_a_person_is_not_low(read):
    reading = read(
        delta=page("2025-12-14", "# Trains may run again", MACHINE, RELIEF, publisher="Delta"),
        echo=page("2025-12-15", "U.S. sanctions on Belarusian potash were lifted on Saturday.", publisher="Echo"),
    )
    assert confidence(reading) != "low"


def test_a_conflict_is_among_the_reasons(read):
    reading = read(
        delta=page("2025-12-14", RELIEF, publisher="Delta"),
        echo=page("2025-12-14", "The United States is lifting sanctions on Belarusian potash, Coale said on Saturday."),
    )
    (event,) = of_kind(reading, EASED)
    assert [c.field for c in event.conflicts] == ["tense"]
    assert any("tense" in reason for reason in event.reasons)


LONG = (
    "Buyers in Brazil and India had waited for word of it since the summer and many had put off orders for the season.",
    "The port workers of the coast were ready to load the first trains in the spring if only the tracks were cleared.",
    "A choir of forty sang at the gate of the yard while two cranes were painted yellow by sailors from the north.",
)


def test_a_nearly_identical_article_counts_once(read):
    reading = read(
        delta=page("2025-12-14", RELIEF, *LONG, publisher="Delta"),
        echo=page("2025-12-15", RELIEF, *LONG, "Gulls slept on the roof.", publisher="Echo"),
    )
    assert reading.article("echo").same_as == "delta"
    assert confidence(reading) == "medium"
    assert {c.article_id for c in reading.claims} == {"delta"}


# -- events ----------------------------------------------------------------------------------------------------------


def test_aid_since_a_year_runs_until_the_article(read):
    text = "The European Union has provided 30 million euros in aid to civil society since 2020."
    (event,) = of_kind(read(delta=page("2025-12-14", text)), "aid")
    assert (event.date, event.date_end, event.precision, event.status) == ("2020", "2025", "range", "aggregate")
    assert [(q.value, q.unit) for q in event.quantities] == [(30e6, "EUR")]


@pytest.mark.parametrize(
    ("text", "direction", "relevance"),
    [
        (RELIEF, "negative", "market"),
        ("The EU tightened sanctions on Belarusian potash on Saturday.", "positive", "market"),
        ("The United States lifted sanctions on Belavia on Saturday.", "none", "background"),
        (FREED, "none", "background"),
    ],
)
def test_what_an_event_means_for_producers_elsewhere(read, text, direction, relevance):
    (event,) = read(delta=page("2025-12-14", text)).events
    assert (event.expected_direction, event.relevance) == (direction, relevance)


@pytest.mark.parametrize(
    ("text", "scope"),
    [
        (RELIEF, "US; potash"),
        ("The EU and the United States imposed sanctions on Belarusian potash on Saturday.", "EU and US; potash"),
        ("The EU imposed sanctions on Belarus on Saturday.", "EU; Belarus"),
        (FREED, "Belarus"),
    ],
)
def test_scope(read, text, scope):
    (event,) = read(delta=page("2025-12-14", text)).events
    assert event.scope == scope


CORPUS = {
    "delta": page(
        "2025-12-14", "# Minsk frees prisoners", "Belarus freed 123 prisoners on Saturday, hours after the United States "
        "lifted sanctions on Belarusian potash.", '"Our potash will travel again," said Lukashenko.',
        "Washington had imposed sanctions on Belaruskali in August 2021.", publisher="Delta",
    ),
    "echo": page(
        "2025-12-13", "The United States is lifting sanctions on Belarusian potash, envoy John Coale said on Saturday.",
        "Coale and Lukashenko held two days of talks in Minsk on Friday and Saturday.",
        "More sanctions will be lifted as relations improve.", publisher="Echo",
    ),
    "foxtrot": page(
        "2025-12-15", "The United States will lift sanctions on Belarusian potash, envoy John Cole said on December 13.",
        "Belarus released 123 prisoners on Saturday, and in September it freed 52 prisoners.",
        "It has freed more than 430 prisoners since July 2024.", publisher="Foxtrot",
    ),
    "golf": page(
        "2025-09-12", "The United States lifted sanctions on Belavia on Thursday.",
        "Belarus released 52 prisoners on Thursday.", publisher="Golf",
    ),
    "hotel": page(
        "2022-03-20", "The EU tightened sanctions on Belarusian potash on March 2.",
        "Nutrien curtailed output of potash at its Cory mine on Friday.", publisher="Hotel",
    ),
    "india": page("", "The United States lifted sanctions on Belarusian potash on the 13th.", "Belarus freed 123 people."),
}  # fmt: skip


@pytest.fixture
def corpus(tmp_path):
    """Return a function that writes the corpus, under other names if given, and returns its files."""

    def corpus(names=None):
        folder = tmp_path / "-".join(names or ["own"])
        folder.mkdir()
        files = [folder / f"{name}.md" for name in names or CORPUS]
        for path, text in zip(files, CORPUS.values(), strict=True):
            path.write_text(text, encoding="utf-8")
        return files

    return corpus


def test_the_corpus_as_a_whole(corpus):
    reading = read_timeline(corpus())
    assert sorted((e.kind, e.date) for e in reading.events) == sorted(
        [
            ("sanctions_imposed", "2021-08"),
            ("sanctions_tightened", "2022-03-02"),
            ("output_cut", "2022-03-18"),
            (RELEASE, "2024-07"),
            (RELEASE, "2025-09-11"),
            (EASED, "2025-09-11"),
            (TALKS, "2025-12-12"),
            (RELEASE, "2025-12-13"),
            ("statement", "2025-12-14"),
            (EASED, "2025-12-13"),
        ]
    )


def test_ids_are_unique_slugs_that_begin_with_the_date(corpus):
    events = read_timeline(corpus()).events
    ids = [e.event_id for e in events]
    assert len(set(ids)) == len(ids)
    for event in events:
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", event.event_id)
        assert event.event_id.startswith(event.date)


def test_titles_are_short_unique_and_in_our_own_words(corpus):
    reading = read_timeline(corpus())
    titles = [e.title for e in reading.events]
    assert len({(e.title, e.date) for e in reading.events}) == len(titles)
    sentences = {a.text[c.start : c.end].lower() for a in reading.articles for c in reading.claims}
    for title in titles:
        assert 0 < len(title) <= 120
        assert not re.search(r"[{}\n]|\s\s|[;:,]$", title)
        assert not any(title.lower() in sentence for sentence in sentences)


def test_two_events_that_would_share_an_id_get_two(read):
    reading = read(
        delta=page("2025-06-13", "Uralkali settled its potash contract with Sinochem at $346 a tonne on Thursday."),
        echo=page("2025-06-13", "Uralkali settled its potash contract with Sinochem at $349 a tonne on Thursday."),
    )
    one, two = (e.event_id for e in of_kind(reading, "contract_price"))
    assert one != two


def test_ids_and_titles_stay_when_other_news_is_added(read):
    before = {e.event_id: e.title for e in read(delta=CORPUS["delta"]).events}
    after = {e.event_id: e.title for e in read(hotel=CORPUS["hotel"], golf=CORPUS["golf"]).events}
    assert before.items() <= after.items()


def facts(reading, names):
    """Return all that a reading holds besides the wording of reasons, articles under the names of the corpus."""
    own = dict(zip(names, CORPUS, strict=True))
    return sorted(
        (
            e.event_id, e.title, e.kind, e.status, e.date, e.date_end, e.precision, sorted(e.authorities), sorted(e.goods),
            sorted(e.actors), sorted(e.targets), e.confidence, sorted((q.value, q.unit, q.role) for q in e.quantities),
            sorted((c.field, sorted((v, sorted(own[i] for i in ids)) for v, ids in c.versions)) for c in e.conflicts),
            sorted((own[c.article_id], c.start, c.trigger, c.status) for c in e.claims),
        )
        for e in reading.events
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(4))
def test_the_order_of_files_changes_nothing(corpus, seed):
    files = corpus()
    shuffled = random.Random(seed).sample(files, len(files))
    assert read_timeline(shuffled) == read_timeline(files) == read_timeline(files[0].parent)


@pytest.mark.parametrize("seed", range(6))
def test_the_names_of_files_change_no_event(corpus, seed):
    names = random.Random(seed).sample("zyxwvutsrq", len(CORPUS))
    assert facts(read_timeline(corpus(names)), names) == facts(read_timeline(corpus()), list(CORPUS))


# -- files -----------------------------------------------------------------------------------------------------------


def test_files_that_cannot_be_read_stop_nothing(read, tmp_path):
    (tmp_path / "empty.txt").write_text("")
    (tmp_path / "noise.txt").write_bytes(bytes(range(256)) * 20)
    reading = read(delta=page("2025-12-14", RELIEF))
    assert [e.kind for e in reading.events] == [EASED]
    assert {p.path.name: p.fatal for p in reading.problems} == {"empty.txt": True, "noise.txt": True}
    assert all(problem.reason for problem in reading.problems)


def test_a_page_of_a_later_day_is_a_problem(read):
    reading = read(
        {"today": dt.date(2025, 12, 14)},
        delta=page("2025-12-14", RELIEF),
        echo=page("2025-12-15", "The EU tightened sanctions on Belarusian potash on Saturday."),
    )
    assert [e.kind for e in reading.events] == [EASED]
    assert [problem.path.name for problem in reading.problems] == ["echo.md"]


def test_an_empty_folder_is_an_error(tmp_path):
    with pytest.raises(ArticleError, match="no articles"):
        read_timeline(tmp_path)


def test_articles_without_news_make_no_events(read):
    reading = read(delta=page("2025-12-14", "The choir sang at the gate on Saturday.", "Gulls slept on the roof."))
    assert reading.events == ()
    assert [a.article_id for a in reading.articles] == ["delta"]


def test_progress_is_told_for_every_file(corpus):
    seen = []
    files = corpus()
    read_timeline(files, progress=lambda number, total, path: seen.append((number, total, path)))
    numbers = [number for number, _, _ in seen]
    assert numbers == sorted(numbers)
    assert numbers[-1] == len(files)
    assert {total for _, total, _ in seen} == {len(files)}
    assert [path for _, _, path in seen] == [*files, *files]


@pytest.mark.simulation  # six seconds of other processes
def test_the_order_of_words_in_memory_changes_nothing():
    script = (
        "from potash.news.events.reading import read_timeline; import sys; "
        "print([(e.event_id, e.title, e.actors) for e in read_timeline(sys.argv[1]).events])"
    )
    told = {
        subprocess.run(
            [sys.executable, "-c", script, str(OWN / "second")], capture_output=True, text=True, check=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout
        for seed in "012"
    }  # fmt: skip
    assert len(told) == 1


def test_a_title_alone_is_no_person(read):
    reading = read(delta=page("2025-06-22", "US envoy Keith Kellogg met Lukashenko in Minsk on Saturday."))
    (talks,) = [e for e in reading.events if e.kind == TALKS]
    assert set(talks.actors) == {"Keith Kellogg", "Alexander Lukashenko"}


def test_did_not_is_a_denial(read):
    reading = read(delta=page("2025-12-14", "Washington did not lift sanctions on Belaruskali on Saturday."))
    assert [e.kind for e in reading.events if e.kind == EASED] == []
    assert [(c.kind, c.status) for c, _ in reading.unplaced] == [(EASED, "denied")]


def test_a_page_that_says_no_day_is_told(read):
    reading = read(delta=page("", "Nutrien cut potash output at its Cory mine on Tuesday."))
    assert [problem.fatal for problem in reading.problems] == [False]
    assert "--published delta=DATE" in reading.problems[0].reason


def test_a_total_at_the_head_of_an_article_has_no_day(read):
    reading = read(delta=page("2025-12-14", "In recent months Belarus has freed more than 430 political prisoners."))
    (total,) = of_kind(reading, RELEASE)
    assert (total.status, total.date) == ("aggregate", "")
    reading = read(
        delta=page(
            "2025-12-14",
            "Lukashenko released over 430 political prisoners.",
            "So far 430 prisoners have been released.",
        )
    )
    (total,) = of_kind(reading, RELEASE)
    assert (total.status, total.date) == ("aggregate", "")
