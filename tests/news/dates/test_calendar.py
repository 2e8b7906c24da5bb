"""Dates with a name of their own: days, weekdays, months, quarters, seasons, years."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from potash.news.dates.resolution import Anchor, find_dates
from tests.support.dates import ANCHOR, SUNDAY, dates

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

FULL_DATES = [
    ("The duty came on August 9, 2021.", "2021-08-09"),
    ("The duty came on 9 August 2021.", "2021-08-09"),
    ("The duty came on Aug. 9, 2021, at night.", "2021-08-09"),
    ("The duty came on Aug 9th, 2021.", "2021-08-09"),
    ("The duty came on the 9th of August 2021.", "2021-08-09"),
    ("The duty came on 9 of August, 2021.", "2021-08-09"),
    ("The duty came on Aug.9,2021.", "2021-08-09"),
    ("THE DUTY CAME ON AUGUST 9, 2021", "2021-08-09"),
    ("Filed 2021-08-09 with the exchange", "2021-08-09"),
    ("Filed 2021/08/09 with the exchange", "2021-08-09"),
    ("Filed 2021.8.9 with the exchange", "2021-08-09"),
    ("Filed 9-Aug-2021 with the exchange", "2021-08-09"),
    ("Filed 09.08.2021 with the exchange", "2021-08-09"),
    ("Filed 25/02/2022 with the exchange", "2022-02-25"),
    ("Filed 02/25/2022 with the exchange", "2022-02-25"),
    ("Filed 04/04/2022 with the exchange", "2022-04-04"),
    ("Filed 25/02/22 with the exchange", "2022-02-25"),
    ("MINSK, Sept 3, 2024 (Wire) - Loading went on.", "2024-09-03"),
    ("It ended on 29 February 2024.", "2024-02-29"),
    ("It opened on Monday, 9 August 2021.", "2021-08-09"),
    ("It opened on Mon, Aug 9, 2021.", "2021-08-09"),
    ("It opened on Monday evening, August 9, 2021.", "2021-08-09"),
    ("It opened on Monday, 09/08/2021.", "?"),
    ("It opened on the first day of February 2022.", "2022-02-01"),
    ("It closed on the last day of February 2024.", "2024-02-29"),
    ("It opened on the second Saturday of December 2025.", "2025-12-13"),
    ("It opened on the last Friday of October 2025.", "2025-10-31"),
    ("It shut on Halloween 2023 and on New Year's Eve 2024.", "2023-10-31|2024-12-31"),
]


@pytest.mark.parametrize(("sentence", "expected"), FULL_DATES)
def test_full_dates(sentence, expected):
    assert dates(sentence) == expected.split("|")
    assert dates(sentence, Anchor(None)) == expected.split("|")


@pytest.mark.parametrize(
    ("text", "dayfirst", "expected"),
    [
        ("03/02/2022", True, "2022-02-03"),
        ("03/02/2022", False, "2022-03-02"),
        ("03/02/2022", None, "?"),
        ("03-02-2022", True, "2022-02-03"),
        ("03.02.2022", None, "2022-02-03"),
        ("13/02/2022", False, "2022-02-13"),
        ("02/13/2022", True, "2022-02-13"),
    ],
)
def test_day_or_month_first(text, dayfirst, expected):
    assert dates(f"Updated {text}", Anchor(SUNDAY, dayfirst=dayfirst)) == [expected]


def test_a_weekday_that_disagrees_is_told():
    (right,) = find_dates("It opened on Monday, 9 August 2021.", ANCHOR)
    (wrong,) = find_dates("It opened on Tuesday, 9 August 2021.", ANCHOR)
    assert "disagrees" not in right.rule
    assert (wrong.date, "weekday disagrees" in wrong.rule) == ("2021-08-09", True)


DAYS_WITHOUT_A_YEAR = [
    ("On September 11 the two sides met.", "2025-09-11"),
    ("On 11 September the two sides met.", "2025-09-11"),
    ("The mine closed on December 20.", "2024-12-20"),
    ("KYIV, Dec 15 (Wire) - Talks.", "2025-12-15 +"),
    ("The envoy will return on January 15.", "2026-01-15 +"),
    ("The surcharge takes effect on March 4.", "2026-03-04 +"),
    ("The licence runs until February 28.", "2026-02-28 until +"),
    ("Ministers extended the licence until 28 February.", "2026-02-28 until +"),
    ("Bids are due by January 31.", "2026-01-31 by +"),
    ("From January 1, importers will pay a fee.", "2026-01-01 since +"),
    ("The fee has applied since June 1.", "2025-06-01 since"),
    ("On August 9 this year the vote was held.", "2025-08-09"),
    ("On August 9 last year the vote was held.", "2024-08-09"),
    ("It was signed on the 9th of August.", "2025-08-09"),
    ("It was signed on 9th August.", "2025-08-09"),
    ("It was signed in the early morning of December 13th.", "2025-12-13"),
    ("The index fell on Friday, December 12.", "2025-12-12"),
    ("The index fell on Friday (December 12).", "2025-12-12"),
    ("Nothing has changed after 29 February.", "2024-02-29 after"),
    ("Workers came back on October 30 and left on 2 November.", "2025-10-30|2025-11-02"),
    ("In 2021 Washington acted twice, on June 21 and on August 9.", "2021|2021-06-21|2021-08-09"),
    ("Last year, on 15 May, the list grew.", "2024|2024-05-15"),
    ("Last year's list was shorter than on 15 May.", "2024|2025-05-15"),
    ("A date to note: February 20", "?"),
    ("On the eve of the December 19-20 congress he spoke.", "2025-12-19..2025-12-20 before +"),
    ("It was declared on Feb. 16, 2022, two weeks after the border shut on Feb. 1.", "2022-02-16|? after|2022-02-01"),
    ("The strike began on July 1, 2023 and ended on August 4.", "2023-07-01|2023-08-04"),
    ("The ban of August 9, 2021 will end on March 4.", "2021-08-09|2026-03-04 +"),
    ("The ban imposed in August 2021 was eased in September.", "2021-08|?"),
    ("Washington said on August 9, 2021 it would ban it from December 8.", "2021-08-09|2021-12-08 since"),
    ("The licence, valid to 28 February 2027, was signed on December 12.", "2027-02-28 until +|2025-12-12"),
]


@pytest.mark.parametrize(("sentence", "expected"), DAYS_WITHOUT_A_YEAR)
def test_days_without_a_year(sentence, expected):
    assert dates(sentence) == expected.split("|")


def test_a_weekday_can_tell_the_year():
    assert dates("The hearing is on Friday, March 13.", Anchor(dt.date(2026, 1, 5))) == ["2026-03-13 +"]


DAYS_OF_THE_MONTH = [
    ("On the 13th local time, the ministry lifted the quota.", "2025-12-13"),
    ("The ministry on the 13th lifted the quota.", "2025-12-13"),
    ("Talks ended on the evening of the 9th.", "2025-12-09"),
    ("Talks ended on the 15th, Beijing time.", "2025-12-15 +"),
    ("Talks ended on the 16th.", "2025-11-16"),
    ("Talks ended on the 31st.", "2025-10-31"),
    ("Some 7,000 dockers walked out on the 1st, and nothing moves.", "2025-12-01"),
    ("He has been in Minsk since the 9th.", "2025-12-09 since"),
    ("Talks ran from the 9th to the 11th.", "2025-12-09..2025-12-11"),
    ("Talks ran on the 30th and 1st in Minsk.", "2025-11-30..2025-12-01"),
    ("He will be back on the 20th.", "2025-12-20 +"),
    ("It was paid on the 1st of this month.", "2025-12-01"),
    ("It was paid on the 30th of last month.", "2025-11-30"),
    ("On Saturday the 13th it was paid.", "2025-12-13"),
]


@pytest.mark.parametrize(("sentence", "expected"), DAYS_OF_THE_MONTH)
def test_days_of_the_month(sentence, expected):
    assert dates(sentence) == expected.split("|")


WEEKDAY_TABLE = [
    ("He said on Saturday that loading had stopped.", "2025-12-13"),
    ("The envoy said Saturday.", "2025-12-13"),
    ("The envoy arrived late on Monday.", "2025-12-08"),
    ("The envoy arrived early Tuesday morning.", "2025-12-09"),
    ("Friday's session was quiet.", "2025-12-12"),
    ("Shares fell on Sunday in Tel Aviv.", "2025-12-14"),
    ("Last Friday the mine stopped.", "2025-12-12"),
    ("Last Sunday the mine stopped.", "2025-12-07"),
    ("This past Sunday the mine stopped.", "2025-12-07"),
    ("Next Monday the mine starts.", "2025-12-15 +"),
    ("The mine starts this coming Friday.", "2025-12-19 +"),
    ("The mine stopped this Friday.", "2025-12-12"),
    ("Ministers will decide on Monday.", "2025-12-15 +"),
    ("The committee is due to vote on Thursday.", "2025-12-18 +"),
    ("On Monday, ministers will decide.", "2025-12-15 +"),
    ("On Monday, ministers said they will decide.", "2025-12-08"),
    ("The quota will be lifted, the envoy said on Saturday.", "2025-12-13"),
    ("The United States will lift the quota, according to a statement on Saturday.", "2025-12-13"),
    ("The quota takes effect on Monday.", "2025-12-15 +"),
    ("The vote was postponed to Thursday.", "2025-12-18 until +"),
    ("It stays shut until Tuesday.", "2025-12-16 until +"),
    ("The offer stands until Sunday.", "2025-12-14 until"),
    ("He has been held since Thursday.", "2025-12-11 since"),
    ("After Friday's fire the shaft was sealed.", "2025-12-12 after"),
    ("The U.S. will publish the text on Tuesday.", "2025-12-16 +"),
    ("On Tuesday of last week it rained.", "2025-12-02"),
    ("It rained on Friday last week and it will rain on Monday next week.", "2025-12-05|2025-12-15 +"),
    ("The list came out on Thurs. at noon.", "2025-12-11 12:00"),
    ("It was Black Friday, he wrote in the Sunday Times.", ""),
    ("Ships leave every Monday and on Fridays; a Sunday letter came.", ""),
    ("He sat in the sun, and the Sun wrote about it.", ""),
]  # fmt: skip


@pytest.mark.parametrize(("sentence", "expected"), WEEKDAY_TABLE)
def test_weekdays(sentence, expected):
    assert dates(sentence) == list(filter(None, expected.split("|")))


def test_a_future_weekday_that_is_the_day_of_publication_is_that_day():
    assert dates("Ministers will decide on Sunday.") == ["2025-12-14"]


MONTHS_AND_YEARS = [
    ("The list grew in August 2021.", "2021-08"),
    ("The list grew in August, 2021.", "2021-08"),
    ("The list grew in August.", "2025-08"),
    ("The list grew in December.", "2025-12"),
    ("The list will grow in January.", "2026-01 +"),
    ("In January the list grew.", "2025-01"),
    ("The list grew in Jan. 2025 and in Dec '24.", "2025-01|2024-12"),
    ("Early March 2022 was cold.", "2022-03"),
    ("In the beginning of March it was cold.", "2025-03"),
    ("Mid-May and late August 2021 were wet.", "2025-05|2021-08"),
    ("The end of March 2022 was cold.", "2022-03"),
    ("They sign by end-March.", "2026-03 by +"),
    ("Since August 2021 nothing moved.", "2021-08 since"),
    ("Last September it closed.", "2025-09"),
    ("Last December it closed.", "2024-12"),
    ("It opens next March.", "2026-03 +"),
    ("The September deal freed the airline.", "2025-09"),
    ("In March of last year it closed, in May this year it opened.", "2024-03|2025-05"),
    ("As of 08/2021 it was shut.", "2021-08"),
    ("As in 2021-08 it was shut.", "2021-08"),
    ("The shares report in February.", "?"),
    ("Protests in 2020 were large.", "2020"),
    ("The 2020 election was not free.", "2020"),
    ("The disputed 2020 presidential vote was not free.", "2020"),
    ("It has been shut since 2020.", "2020 since"),
    ("In late 2021 it closed; by early 2024 it was open.", "2021|2024 by"),
    ("It may open in 2027.", "2027 +"),
    ("It was tried in 2023 to 10 years' cost.", "2023"),
    ("June 2025: it opens.", "2025-06"),
    ("The ban was extended to 2027.", "2027 until +"),
    ("Opened (2019) and closed again.", "2019"),
    ("2022 was a hard year.", "2022"),
    ("Nutrien's 2024 guidance was cut.", "2024"),
    ("In the first quarter of 2025 sales fell.", "2025-01..2025-03"),
    ("Sales fell in Q3 2025 and 4Q24.", "2025-07..2025-09|2024-10..2024-12"),
    ("Sales fell in the third quarter.", "2025-07..2025-09"),
    ("Third-quarter sales fell.", "2025-07..2025-09"),
    ("Sales could fall below that by the second quarter.", "2026-04..2026-06 by +"),
    ("It will publish results for the fourth quarter.", "2025-10..2025-12"),
    ("Sales fell in H1 2025, in the second half of 2024 and in 1H23.", "2025-01..2025-06|2024-07..2024-12|2023-01..2023-06"),
    ("The first half of last year was weak.", "2024-01..2024-06"),
    ("Last spring prices rose.", "2025-03..2025-05"),
    ("Prices have risen since the spring and in autumn.", "2025-03..2025-05 since|2025-09..2025-11"),
    ("Prices rose in the summer of 2022.", "2022-06..2022-08"),
    ("Prices fell last fall and in the winter 2021-22.", "2025-09..2025-11|2021-12..2022-02"),
    ("Prices fell in the winter of 2022.", "2022 about"),
]  # fmt: skip


@pytest.mark.parametrize(("sentence", "expected"), MONTHS_AND_YEARS)
def test_months_quarters_seasons_years(sentence, expected):
    assert dates(sentence) == expected.split("|")


DAYS = st.dates(dt.date(1990, 1, 1), dt.date(2090, 12, 31))


@given(DAYS, st.sampled_from(WEEKDAYS))
def test_a_weekday_lies_in_the_seven_days_that_end_on_publication(published, name):
    (found,) = find_dates(f"The mine stopped on {name}.", Anchor(published))
    day = dt.date.fromisoformat(found.date)
    assert 0 <= (published - day).days <= 6
    assert WEEKDAYS[day.weekday()] == name


@given(DAYS, st.integers(1, 31))
def test_a_day_of_the_month_is_the_latest_one(published, number):
    (found,) = find_dates(f"The mine stopped on the {number}th, he said.", Anchor(published))
    day = dt.date.fromisoformat(found.date)
    assert day.day == number
    assert -1 <= (published - day).days <= 62
