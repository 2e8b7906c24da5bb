"""What the sentences of an article leave behind for those after them."""

import datetime as dt

import pytest

from potash.news.claims.carry_over import anchor_after, company_of, news_day, said_day, spoken_of, year_of
from potash.news.dates.resolution import Anchor
from potash.news.language.lexicon import load_lexicon
from potash.news.records import Publication
from tests.support.articles import page
from tests.support.claims import claims_of
from tests.support.records import article, day

EASED, IMPOSED, TIGHTENED = "sanctions_eased", "sanctions_imposed", "sanctions_tightened"


def test_sanctions_spoken_of_just_before_have_the_same_author(read):
    near = read("The EU tightened sanctions on Belarus in June 2021. The sanctions were widened in March 2022.")
    assert [set(c.authorities) for c in near.claims] == [{"EU"}, {"EU"}]


def test_a_pronoun_means_the_sanctions_just_spoken_of(read):
    reading = read("In 2021 the United States imposed sanctions on Belaruskali. In March 2022 the EU tightened them.")
    assert [(c.kind, set(c.authorities)) for c in reading.claims] == [(IMPOSED, {"US"}), (TIGHTENED, {"EU"})]


def test_sanctions_spoken_of_far_above_lend_no_author(read):
    filler = (
        "Rain kept every ship in the harbour and nobody in the town could remember a spring that had been as wet as this.",
        "The baker sold out by noon, two cranes were painted yellow, and a choir of forty sang at the gate of the yard.",
        "Children flew kites over the dunes while the old lamp was lit again by the keeper, who is ninety this year.",
    )
    claims = read("The EU tightened sanctions on Belarus in June 2021.", *filler, "The sanctions were widened in 2022.")
    assert [set(c.authorities) for c in claims.claims] == [{"EU"}, set()]


@pytest.mark.parametrize(("letters", "whose"), [(247, ("EU",)), (248, ())])
def test_the_author_of_sanctions_is_remembered_for_250_characters(letters, whose):
    text = f"The EU tightened sanctions on Belarus. R{'a' * (letters - 1)}. Sanctions were widened in 2022."
    assert [c.authorities for c in claims_of(text)][-1] == whose


@pytest.mark.parametrize(("letters", "eased"), [(247, True), (248, False)])
def test_a_pronoun_means_the_measure_of_250_characters_before(letters, eased):
    text = f"The EU tightened sanctions on Belarus. R{'a' * (letters - 1)}. In May 2022 Canada lifted them."
    assert (EASED in {c.kind for c in claims_of(text)}) is eased


def test_the_company_that_publishes_about_itself():
    assert company_of("Nutrien Ltd.", load_lexicon()) == "Nutrien"
    assert company_of("White House", load_lexicon()) == company_of("", load_lexicon()) == ""


def test_what_an_article_speaks_of_anywhere():
    name, phrases = next(iter(load_lexicon().context.items()))
    assert name in spoken_of(page(f"Then {phrases[0].upper()} it was."), load_lexicon())
    assert spoken_of(page("Rain fell."), load_lexicon()) == frozenset()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It came on 14 December 2025.", "2025-12-14"),
        ("It came on 11 December 2025.", "2025-12-11"),
        ("It came on 10 December 2025.", ""),
        ("It comes on 15 December 2025.", ""),
        ("It came in May 2025.", ""),
        ("It has rained since 12 December 2025.", ""),
        ("It came on 10 December 2025. It went on Friday.", "2025-12-12"),
        ("MINSK, 12 December 2025 - It came.", ""),
    ],
)
def test_the_day_of_the_news_is_the_first_of_the_last_days_that_the_head_names(text, expected):
    story = page(text)
    spans = [(story.paragraphs[0], 0, len(text))]
    assert news_day(story, spans, Anchor(dt.date(2025, 12, 14))) == expected
    assert news_day(story, spans, Anchor(None)) == ""


@pytest.mark.parametrize(
    ("published", "news", "expected"),
    [
        ("2025-12-14T09:59", "2025-12-13", "2025-12-13"),
        ("2025-12-14T10:00", "2025-12-13", ""),
        ("2025-12-14T00:30", "2025-12-13", "2025-12-13"),
        ("2025-12-14T07:00", "2025-12-12", ""),
        ("2025-12-14T07:00", "2025-12-14", ""),
        ("2025-12-14", "2025-12-13", ""),
        ("", "2025-12-13", ""),
    ],
)
def test_a_page_of_the_early_morning_quotes_the_day_before(published, news, expected):
    assert said_day(article("a", published=Publication(published)), news) == expected


@pytest.mark.parametrize(
    ("heading", "dated", "expected"),
    [
        ("2022", True, 2022),
        ("The year 2022", True, None),
        ("The year 2022", False, 2022),
        ("2021 and 2022", False, None),
        ("2022: back to 2022", True, 2022),
        ("What came", False, None),
    ],
)
def test_the_year_that_a_heading_names(heading, dated, expected):
    assert year_of(heading, dt.date(2025, 12, 14) if dated else None) == expected


@pytest.mark.parametrize(
    ("mentions", "dated", "year"),
    [
        ([day("2021-05-09"), day("2022-06")], False, 2022),
        ([day("2021-05-09"), day("2022")], False, 2021),
        ([day("2021-05-09"), day("2022-06", rule="as told; named only for comparison")], False, 2021),
        ([day("2021-05-09")], True, None),
        ([], False, None),
    ],
)
def test_a_page_without_a_date_goes_on_in_the_year_named_last(mentions, dated, year):
    anchor = Anchor(dt.date(2025, 12, 14) if dated else None)
    later = anchor_after(anchor, mentions)
    assert later.year == year
    assert later.last == (mentions[-1] if mentions else None)
