"""What the words around a date make of it: a bound, a comparison, or no date at all."""

import pytest

from potash.news.dates.resolution import Anchor, find_dates
from tests.support.dates import ANCHOR, SUNDAY, dates


def test_day_and_month_in_figures_need_a_word_before_them():
    anchor = Anchor(SUNDAY, dayfirst=True)
    assert dates("The buyer settled on 05/06 and shipped half since 07/03.", anchor) == [
        "2025-06-05",
        "2025-03-07 since",
    ]
    assert dates("The buyer settled on 05/06.") == ["?"]
    assert dates("A 10/12 split, 03/04 of the cargo", anchor) == []


@pytest.mark.parametrize(
    "sentence",
    [
        "Brussels adopted the 13th package of measures.",
        "The 27th round ended without a word.",
        "It is the 9th largest mine of the 21st century.",
        "They met on the 13th floor for the 3rd time.",
        "Delegates came to the 20th Congress.",
        "The bill passed on the 3rd attempt.",
    ],
)
def test_ordinals_that_rank(sentence):
    assert dates(sentence) == []


BOUNDS = [
    ("After August 2021 it sank.", "2021-08 after"),
    ("Before the 2020 crisis it sold more.", "2020 before"),
    ("Until March 2022 it sold more.", "2022-03 until"),
    ("Through June 2024 it sold more.", "2024-06 until"),
    ("It must pay no later than March 4, 2026.", "2026-03-04 by +"),
    ("Effective from 1 January 2026 the rate is nil.", "2026-01-01 since +"),
    ("From 1 January 2024 onwards the rate was nil.", "2024-01-01 since"),
    ("It was in talks with Minsk around 9 August 2021.", "2021-08-09 about"),
    ("Ahead of Friday's vote he spoke.", "2025-12-12 before"),
    ("Letters from August 2021 were read.", "2021-08"),
]


@pytest.mark.parametrize(("sentence", "expected"), BOUNDS)
def test_prepositions_bound(sentence, expected):
    assert dates(sentence) == [expected]


def test_a_date_that_something_is_compared_with_says_so():
    (found,) = find_dates("It was the largest group since July 2024.", ANCHOR)
    assert (found.date, found.bound) == ("2024-07", "since")
    assert "comparison" in found.rule
    (plain,) = find_dates("It has been shut since July 2024.", ANCHOR)
    assert "comparison" not in plain.rule


@pytest.mark.parametrize(
    "sentence",
    [
        "Belarus sold 2,000 tonnes and 1,197 people saw it.",
        "The ship carried 2025 tonnes for 2022 workers.",
        "In 2025 tonnes of salt there is iron.",
        "The drill West-2025 followed Zapad-2021 and Zapad 2021.",
        "Under General License 13 and Executive Order 14038 trade is free.",
        "See page 2021, No. 2022 and model 2023.",
        "MOP cost $2022, then 2100 yuan, from 2000 to 2100 yuan.",
        "After a 100-day pause and a two-day meeting they parted.",
        "Washington may lift the ban, and they may 9 times.",
        "52 MAY BE FREED, SAYS MINSK",
        "Workers march on the palace; the March on Minsk grew.",
        "In Mar-a-Lago, Jan Novak met April Jones and Theresa May.",
        "Just a second: the sun shone, he sat, and mon ami left.",
        "Call 2021-555-0199 about v2.11.2024 or 3.14.15.",
        "Open 24/7 on 50/50 terms for 1/3 of output.",
        "They talked for two days and for three decades.",
        "Production rose by 2024 to 2030 bags.",
        "A fall in prices, winter wheat and summer fill are all it takes.",
        "H2 is hydrogen; it lasted 2h30.",
        "Two recent meetings were held day after day.",
        "The Augustan marched and the Sunni prayed.",
        "A total of 2021, a price of 2022.",
        "45.67.2022 and 2021-13-45",
        "",
        "!!! ... ???",
    ],
)
def test_numbers_and_words_that_are_no_dates(sentence):
    assert dates(sentence) == []


def test_a_count_behind_a_month_is_no_day():
    assert dates("In August 9 people were hurt.") == ["2025-08"]
    assert dates("On August 9 people were hurt.") == ["2025-08-09"]
