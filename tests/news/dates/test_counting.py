"""Dates counted from publication or from a date named before."""

import pytest

from potash.news.dates.resolution import Anchor
from tests.support.dates import ANCHOR, after, dates

RELATIVE = [
    ("The mine stopped today.", "2025-12-14"),
    ("The mine stopped yesterday and starts tomorrow.", "2025-12-13|2025-12-15 +"),
    ("The mine stopped the day before yesterday.", "2025-12-12"),
    ("It starts the day after tomorrow.", "2025-12-16 +"),
    ("Drones came overnight.", "2025-12-13..2025-12-14"),
    ("As of this morning nobody was missing.", "2025-12-14"),
    ("Drones came last night.", "2025-12-13"),
    ("It fell 2 % this week.", "2025-12-08..2025-12-14"),
    ("It fell 2 % last week.", "2025-12-01..2025-12-07"),
    ("It opens next week.", "2025-12-15..2025-12-21 +"),
    ("It rained over the weekend.", "2025-12-13..2025-12-14"),
    ("It rained last weekend.", "2025-12-06..2025-12-07"),
    ("Earlier this month it rained.", "2025-12"),
    ("It fell last month and opens next month.", "2025-11|2026-01 +"),
    ("Prices doubled last year.", "2024"),
    ("Earlier this year prices doubled.", "2025"),
    ("It opens later this year.", "2025 +"),
    ("It opens by the end of the year.", "2025 by +"),
    ("It opens by year-end.", "2025 by +"),
    ("It closed at the end of last month.", "2025-11"),
    ("Two days ago it closed.", "2025-12-12"),
    ("Three weeks ago it closed.", "2025-11-20..2025-11-26 about"),
    ("Six months ago it closed.", "2025-06"),
    ("Four years ago it closed.", "2021"),
    ("More than two years ago it closed.", "2023 before"),
    ("About a year ago it closed.", "2024 about"),
    ("In two weeks' time it opens.", "2025-12-25..2025-12-31 about +"),
    ("Over the past two years it grew.", "2023..2025 about"),
    ("In the last six months it grew.", "2025-06..2025-12 about"),
    ("It grew in the past week.", "2025-12-07..2025-12-14 about"),
    ("The next three months decide.", "2025-12..2026-03 about +"),
]


@pytest.mark.parametrize(("sentence", "expected"), RELATIVE)
def test_seen_from_publication(sentence, expected):
    assert dates(sentence) == expected.split("|")


@pytest.mark.parametrize(
    ("sentence", "anchor", "expected"),
    [
        ("Later in the day the palace agreed.", after("2025-12-12"), "2025-12-12"),
        ("Ten people came home that day.", after("2025-12-12"), "2025-12-12"),
        ("Ten people came home the same day.", after("2025-12-12"), "2025-12-12"),
        ("Ten people came home on the same date.", after("2021-08-09"), "2021-08-09"),
        ("Ten people came home that day.", ANCHOR, "2025-12-14"),
        ("Ten people came home that day.", Anchor(None), "?"),
        ("Two days later they left.", after("2025-09-11"), "2025-09-13"),
        ("Two days earlier they left.", after("2025-09-12"), "2025-09-10"),
        ("The next day they left.", after("2025-09-30"), "2025-10-01"),
        ("It rose again the day after.", after("2025-12-11"), "2025-12-12"),
        ("It rose again the day before.", after("2025-12-12"), "2025-12-11"),
        ("The following Monday they left.", after("2025-12-13"), "2025-12-15 +"),
        ("The following Wednesday they left.", after("2022-02-24"), "2022-03-02"),
        ("The previous Friday they left.", after("2025-12-12"), "2025-12-05"),
        ("A week later they left.", after("2022-03-01"), "2022-03-08 about"),
        ("Two months later they left.", after("2021-11-30"), "2022-01"),
        ("A year earlier they left.", after("2021", "year"), "2020"),
        ("On the 16th of that month they left.", after("2022-01", "month"), "2022-01-16"),
        ("They left on 11 July of that year.", after("2023", "year"), "2023-07-11"),
        ("Earlier the same month they left.", after("2022-02-16"), "2022-02"),
        ("They left the same year.", after("2020-08-09"), "2020"),
        ("They left that summer.", after("2021-08-09"), "2021-06..2021-08"),
        ("The following year they left.", after("2020-08-09"), "2021"),
        ("Since then nothing has moved.", after("2021-08-09"), "2021-08-09 since"),
        ("Two days later they left.", ANCHOR, "?"),
        ("The next day they left.", ANCHOR, "?"),
        ("The following Monday they left.", ANCHOR, "?"),
        ("Since then nothing has moved.", ANCHOR, "?"),
        ("The ban will fall some day, and on that day I shall rest.", after("2025-12-12"), "?"),
    ],
)
def test_counted_from_the_last_date_of_the_text(sentence, anchor, expected):
    assert dates(sentence, anchor) == [expected]


def test_within_a_sentence_the_last_date_moves_on():
    sentence = "On August 9, 2021 Washington acted, and two days later London followed."
    assert dates(sentence) == ["2021-08-09", "2021-08-11"]
