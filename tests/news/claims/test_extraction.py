"""What a sentence claims: whose act against whom, about what, how much, how far it has come, and where it says so."""

import pytest

from tests.reference import claims as reference
from tests.support.claims import claims_of, reach

EASED, IMPOSED, TIGHTENED = "sanctions_eased", "sanctions_imposed", "sanctions_tightened"


# -- whose act, and against whom -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "text", "goods", "actors"),
    [
        (EASED, "The United States lifted sanctions on potassium fertilizers.", {"potash"}, set()),
        (EASED, "The United States lifted sanctions on Belavia.", {"airline"}, {"Belavia"}),
        (IMPOSED, "The United States blacklisted Belaruskali.", {"potash"}, {"Belaruskali"}),
        ("output_cut", "Nutrien curtailed output of potash at its Cory mine.", {"potash"}, {"Nutrien"}),
        ("diplomatic_talks", "Coale met Lukashenko in Minsk.", set(), {"John Coale", "Alexander Lukashenko"}),
    ],
)
def test_goods_and_actors(claim, kind, text, goods, actors):
    found = claim(kind, text)
    assert (set(found.goods), set(found.actors)) == (goods, actors)


def test_talks_need_two_parties(read):
    assert not [c for c in read("The choir held talks.").claims if c.kind == "diplomatic_talks"]


@pytest.mark.parametrize(
    ("text", "spelt"),
    [("Cole met Lukashenko.", "John Coale=Cole"), ("Coale met Lukashenka.", "Alexander Lukashenko=Lukashenka")],
)
def test_the_spelling_of_a_name_is_kept(claim, text, spelt):
    assert spelt in claim("diplomatic_talks", text).fields["spellings"].split("; ")


# -- how much --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "status", "figures"),
    [
        ("Belarus freed 52 prisoners on Saturday.", "done", {(52, "prisoners", "flow")}),
        (
            "Belarus freed 52 prisoners on Saturday, including six women.",
            "done",
            {(52, "prisoners", "flow"), (6, "women", "part")},
        ),
        ("Belarus freed fifty-two prisoners on Saturday.", "done", {(52, "prisoners", "flow")}),
        ("More than 430 prisoners have been released so far.", "aggregate", {(430, "prisoners", "total")}),
        ("Since July 2024 Lukashenko has pardoned 430 prisoners.", "aggregate", {(430, "prisoners", "total")}),
        ("Belarus has freed more than 430 prisoners in recent months.", "aggregate", {(430, "prisoners", "total")}),
    ],
)
def test_one_release_and_a_total(claim, text, status, figures):
    found = claim("prisoner_release", text)
    assert found.status == status
    assert {(q.value, q.unit, q.role) for q in found.quantities} == figures


def test_a_release_counts_persons_only(claim):
    found = claim("prisoner_release", "Belarus freed 52 prisoners and bought 20,000 tonnes of wheat on Saturday.")
    assert [q.value for q in found.quantities] == [52]


def test_a_total_beside_a_release_keeps_its_role(claim):
    found = claim("prisoner_release", "Belarus freed 52 prisoners on Saturday, bringing the total to more than 430.")
    assert {(q.value, q.role) for q in found.quantities} == {(52, "flow"), (430, "total")}


def test_money_since_a_year_is_a_total(claim):
    found = claim("aid", "The European Union has provided 30 million euros in aid to civil society since 2020.")
    assert found.status == "aggregate"
    assert [(q.value, q.unit, q.role) for q in found.quantities] == [(30e6, "EUR", "total")]


def test_a_price_belongs_to_the_contract(claim):
    found = claim("contract_price", "Uralkali settled its potash contract with Sinochem at $346 a tonne on Friday.")
    assert [(q.value, q.unit, q.role) for q in found.quantities] == [(346, "USD per tonne", "price")]


# -- how far it has come ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("The United States lifted sanctions on potash.", "done"),
        ("Coale said the United States is lifting sanctions on potash.", "announced"),
        ("Coale said the United States will lift sanctions on potash.", "announced"),
        ("The United States will lift more sanctions.", "intended"),
        ("Coale hopes that the United States will lift sanctions on potash.", "intended"),
        ("The United States has not lifted sanctions on potash.", "denied"),
    ],
)
def test_status(claim, text, status):
    assert claim(EASED, text).status == status


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("The United States lifted sanctions on potash after Belarus freed 123 prisoners.", "release before relief"),
        ("Belarus freed 123 prisoners after the United States lifted sanctions on potash.", "relief before release"),
        ("The United States lifted sanctions on potash, and Belarus freed 123 prisoners.", None),
    ],
)
def test_the_order_of_relief_and_release(read, text, order):
    claims = [c for c in read(text).claims if c.kind in {EASED, "prisoner_release"}]
    assert [c.fields.get("order") for c in claims] == [order, order]


# -- where it says so ------------------------------------------------------------------------------------------------


def test_claims_point_at_their_sentence_and_words(read):
    sentences = [
        "Rain kept the ships in the harbour.",
        "Belarus freed 52 prisoners on Saturday.",
        "The mill stood still.",
    ]
    reading = read(" ".join(sentences))
    (claim,) = reading.claims
    text = reading.article("page").text
    assert text[claim.start : claim.end] == sentences[1]
    assert claim.start <= claim.trigger[0] < claim.trigger[1] <= claim.end
    assert "freed" in text[slice(*claim.trigger)]
    assert text[claim.when.start : claim.when.end].endswith("Saturday")
    (figure,) = claim.quantities
    assert "52" in text[figure.start : figure.end]


def test_what_else_was_found_points_at_the_text(read):
    reading = read("Nutrien sold 3,500 tonnes on Friday, and Mosaic sold nothing.")
    text, found = reading.article("page").text, reading.mentions["page"]
    assert [(text[a:b], name) for a, b, name in found.actors] == [("Nutrien", "Nutrien"), ("Mosaic", "Mosaic")]
    assert [text[d.start : d.end].split()[-1] for d in found.dates] == ["Friday"]
    assert ["3,500" in text[q.start : q.end] for q in found.quantities] == [True]


def test_who_says_so_is_kept_with_the_claim(claim):
    assert claim(EASED, "Coale said the United States is lifting sanctions on potash.").speaker == "John Coale"
    assert claim(EASED, "The United States lifted sanctions on potash.").speaker == ""


def test_a_repeated_paragraph_counts_once(read):
    told = (
        "The United States lifted sanctions on Belarusian potash on Saturday, as its envoy had promised in the summer."
    )
    reading = read(told, "Rain kept every ship in the harbour for another night.", told)
    assert [c.kind for c in reading.claims] == [EASED]


def test_news_and_background(read):
    told = read(
        "The United States lifted sanctions on potash on Saturday.",
        "It had eased sanctions on Belavia on September 11.",
        "Russia invaded Ukraine in February 2022.",
    ).claims
    assert [claim.foreground for claim in told] == [True, False, False]


def test_an_article_about_something_else_claims_nothing(read):
    reading = read("The choir sang at the gate on Saturday.", "Two cranes were painted yellow by 14 sailors in June.")
    assert reading.claims == reading.events == reading.unplaced == ()


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("Belarus freed 123 prisoners; the United States then lifted sanctions on potash.", "release before relief"),
        ("The United States lifted sanctions on potash; Belarus later freed 123 prisoners.", "relief before release"),
    ],
)
def test_then_and_later_tell_the_order(text, order):
    assert [claim.fields.get("order") for claim in claims_of(text)] == [order] * 2


# -- news and background --------------------------------------------------------------------------------------

RAIN = "Rain fell on the town all day and no one went out at all."
LIFTED = "The EU lifted sanctions on potash."


def among(before: int, after: int = 0) -> list:
    """Return the claims of an article with so many sentences about rain before and after its news."""
    return claims_of("\n\n".join([RAIN] * before + [LIFTED] + [RAIN] * after))


@pytest.mark.parametrize(
    ("before", "after", "foreground"),
    [(0, 0, True), (3, 0, True), (4, 0, False), (5, 29, False), (5, 30, True), (6, 30, False)],
)
def test_the_first_sentences_or_a_sixth_of_them_are_news(before, after, foreground):
    [claim] = among(before, after)
    assert claim.foreground is foreground


@pytest.mark.parametrize(("before", "news"), [(0, "2025-12-14"), (2, "2025-12-14"), (3, None)])
def test_the_head_of_an_article_tells_the_news_of_its_day(before, news):
    [claim] = among(before)
    assert claim.fields.get("news") == news


@pytest.mark.parametrize(
    ("date", "foreground"), [("2025-11-30", True), ("2025-11-29", False), ("2025-12-14", True), ("2025-12-15", False)]
)
def test_news_is_two_weeks_old_at_most(date, foreground):
    [claim] = claims_of(f"The EU lifted sanctions on potash on {date}.")
    assert claim.foreground is foreground


@pytest.mark.parametrize(
    ("template", "words"),
    [("The election {}in 2021 hurt.", 9), ("Protests came after the presidential election {}in August 2020.", 8)],
)
def test_how_far_a_date_may_stand_from_an_election(template, words):
    assert reach(template, lambda text: [claim.kind for claim in claims_of(text)]) == words


def test_how_far_a_plan_may_stand_from_who_tells_it():
    def kinds(text):
        return [claim.kind for claim in claims_of(text)]

    assert kinds("Nutrien said it plans more.") == ["company_news"]
    assert reach("Nutrien said {}it plans more.", kinds) == 7


# -- all of it -----------------------------------------------------------------------------------------------


def test_sentences_and_articles_of_our_own_are_read_as_they_were():
    """Where this fails and the reading is better than before: ``python -m tests.reference.claims``, and look at each line."""
    before = reference.FILE.read_text(encoding="utf-8").splitlines()
    now = reference.as_read().splitlines()
    assert sorted(set(now) - set(before)) == []
    assert now == before
