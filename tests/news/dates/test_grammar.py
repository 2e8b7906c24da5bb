"""What looks like a date expression, and where it stands."""

import pytest

from potash.news.dates import grammar as date_grammar
from potash.news.dates.resolution import find_dates
from tests.news.dates.test_calendar import (
    DAYS_OF_THE_MONTH,
    DAYS_WITHOUT_A_YEAR,
    FULL_DATES,
    MONTHS_AND_YEARS,
    WEEKDAY_TABLE,
)
from tests.news.dates.test_context import BOUNDS
from tests.news.dates.test_counting import RELATIVE
from tests.support.dates import ANCHOR, as_line, dates

RANGES = [
    ("Both met on Friday and Saturday.", "2025-12-12..2025-12-13"),
    ("Talks on Thursday and Friday failed.", "2025-12-11..2025-12-12"),
    ("Monday through Wednesday the port was shut.", "2025-12-08..2025-12-10"),
    ("Saturday to Monday the port was shut.", "2025-12-06..2025-12-08"),
    ("It burned between Tuesday and Thursday.", "2025-12-09..2025-12-11"),
    ("Envoys will meet on Tuesday and Wednesday.", "2025-12-16..2025-12-17 +"),
    ("Both met on 12-13 December.", "2025-12-12..2025-12-13"),
    ("Both met on December 12–13, 2024.", "2024-12-12..2024-12-13"),
    ("Both met on December 12 and 13.", "2025-12-12..2025-12-13"),
    ("The works lasted from 3 to 5 March.", "2025-03-03..2025-03-05"),
    ("Both met on 3, 4 and 5 March 2022.", "2022-03-03..2022-03-05"),
    ("It was shut from 30 November to 2 December.", "2025-11-30..2025-12-02"),
    ("It was shut from 30 December to 2 January 2025.", "2024-12-30..2025-01-02"),
    ("It was shut from 30 December 2023 to 2 January.", "2023-12-30..2024-01-02"),
    ("It was shut between August 9, 2021 and 2 March 2022.", "2021-08-09..2022-03-02"),
    ("It was shut March 30-April 2.", "2025-03-30..2025-04-02"),
    ("Exports fell from August 2021 to March 2022.", "2021-08..2022-03"),
    ("Exports fell from November to March 2022.", "2021-11..2022-03"),
    ("Exports fell in January-March 2025.", "2025-01..2025-03"),
    ("Brazil bought less from January to May.", "2025-01..2025-05"),
    ("Exports fell between 2021 and 2023.", "2021..2023"),
    ("Exports fell from 2020 through 2025.", "2020..2025"),
    ("Plan 2020-2025 was dropped.", "2020..2025"),
    ("Stocks grew in 2022/23 and in the 2023-24 season.", "2022..2023|2023..2024"),
    ("Sales of Q1 2024 to Q3 2024 were flat.", "2024-01..2024-09"),
    ("It will last from December 19 to 20.", "2025-12-19..2025-12-20 +"),
    ("Customs counted less in Jan.-Oct. 2025.", "2025-01..2025-10"),
    ("Prices fell in w/c 8 December and in the week to Thursday.", "2025-12-08..2025-12-14|2025-12-05..2025-12-11"),
    ("In the week of March 3 it rained.", "2025-03-03..2025-03-09"),
    ("In the week ended 7 March 2025 it rained.", "2025-03-01..2025-03-07"),
    ("On December 12 and 13 people were freed.", "2025-12-12"),
]


@pytest.mark.parametrize(("sentence", "expected"), RANGES)
def test_ranges(sentence, expected):
    found = find_dates(sentence, ANCHOR)
    assert [as_line(mention) for mention in found] == expected.split("|")
    assert {mention.precision for mention in found} == {"range" if ".." in expected else "day"}


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("He came on August 9, 2021, one week after it.", ["August 9, 2021", "one week after"]),
        ("He came on Friday and Saturday.", ["Friday and Saturday"]),
        ("He came on the 13th local time.", ["the 13th"]),
        ("Shut since early March 2022, he wrote.", ["since early March 2022"]),
        ("It came at 10:57 a.m. ET on 9 August 2021.", ["at 10:57 a.m. ET on 9 August 2021"]),
        ("“İzmir” on Saturday", ["Saturday"]),
    ],
)
def test_offsets(sentence, expected):
    assert [sentence[m.start : m.end] for m in find_dates(sentence, ANCHOR)] == expected


EVERY_SENTENCE = [
    row[0]
    for table in (
        FULL_DATES,
        DAYS_WITHOUT_A_YEAR,
        DAYS_OF_THE_MONTH,
        WEEKDAY_TABLE,
        RANGES,
        RELATIVE,
        MONTHS_AND_YEARS,
        BOUNDS,
    )
    for row in table
]


def test_every_form_starts_at_a_word_that_the_scan_stops_at(monkeypatch):
    """The scan tries a match at some words only; trying at every letter must find the same."""
    found = [dates(sentence) for sentence in EVERY_SENTENCE]
    monkeypatch.setattr(date_grammar, "_starts", lambda sentence: range(len(sentence)))
    assert [dates(sentence) for sentence in EVERY_SENTENCE] == found
