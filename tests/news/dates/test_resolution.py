"""Dates in sentences: what each expression means, what it does not mean, and what is left unresolved."""

import datetime as dt
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from potash.news.dates import grammar as date_grammar
from potash.news.dates.resolution import Anchor, find_dates
from potash.news.records import DateMention

SUNDAY = dt.date(2025, 12, 14)
ANCHOR = Anchor(SUNDAY)
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def told(mention: DateMention) -> str:
    """A mention in one line: dates, or ``?`` where unresolved; then time, bound and ``+`` for the future."""
    date = mention.date + (f"..{mention.date_end}" if mention.date_end else "") or "?"
    extras = [mention.time, mention.bound, "+" if mention.future else ""]
    return " ".join([date, *filter(None, extras)])


def dates(sentence: str, anchor: Anchor = ANCHOR) -> list[str]:
    return [told(mention) for mention in find_dates(sentence, anchor)]


def after(day: str, precision: str = "day", end: str = "") -> Anchor:
    """A anchor whose last date is this one."""
    return Anchor(SUNDAY, last=DateMention(0, 1, day, end, precision, "as told"))


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


def test_day_and_month_in_figures_need_a_word_before_them():
    anchor = Anchor(SUNDAY, dayfirst=True)
    assert dates("The buyer settled on 05/06 and shipped half since 07/03.", anchor) == [
        "2025-06-05",
        "2025-03-07 since",
    ]
    assert dates("The buyer settled on 05/06.") == ["?"]
    assert dates("A 10/12 split, 03/04 of the cargo", anchor) == []


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


def test_the_year_of_the_passage_holds_for_days_and_months_without_one():
    anchor = Anchor(SUNDAY, year=2022)
    assert dates("On 12 January the railway stopped, and in March the rest followed.", anchor) == [
        "2022-01-12",
        "2022-03",
    ]
    assert dates("On the 16th the railway stopped.", anchor) == ["?"]


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
    assert [told(mention) for mention in found] == expected.split("|")
    assert {mention.precision for mention in found} == {"range" if ".." in expected else "day"}


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


def test_the_clock_remembers_the_last_past_date_only():
    anchor = ANCHOR.after(find_dates("It opened on Friday and runs until December 20.", ANCHOR))
    assert anchor.last is not None
    assert anchor.last.date == "2025-12-12"
    assert ANCHOR.after(find_dates("Recently it opened.", ANCHOR)) == ANCHOR


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


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("At 10:57 a.m. ET on 9 August 2021 the list came out.", "2021-08-09 10:57"),
        ("The list came out on Monday at 7:03 pm.", "2025-12-08 19:03"),
        ("Tuesday, Nov 26, 2024 6:41 pm ET3min read", "2024-11-26 18:41"),
        ("09:47 25/11/2024", "2024-11-25 09:47"),
        ("2025-12-13T23:41 by the log", "2025-12-13 23:41"),
        ("At 1500 GMT on Friday it came out.", "2025-12-12 15:00"),
        ("On Monday at 10:00 EU ministers met.", "2025-12-08 10:00"),
        ("It came out on Friday at 12 a.m. sharp.", "2025-12-12 00:00"),
        ("It came out on Friday at 25:10 sharp.", "2025-12-12"),
        ("It came out on Friday at 3.50 dollars.", "2025-12-12"),
    ],
)
def test_clock_times_belong_to_their_day(sentence, expected):
    (found,) = find_dates(sentence, ANCHOR)
    assert told(found) == expected
    assert found.precision == ("time" if found.time else "day")


def test_a_clock_time_alone_is_no_date():
    assert dates("The list came out at 10:57 a.m. ET.") == []


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


@pytest.mark.parametrize(
    ("sentence", "bound"),
    [
        ("In recent months it let people go.", "before"),
        ("It recently let people go.", "before"),
        ("It had previously let people go.", "before"),
        ("Moscow earlier denied this.", "before"),
        ("Several years ago it let people go.", "before"),
        ("A year and a half ago it let people go.", "before"),
        ("Some time ago it let people go.", "before"),
        ("In the past it let people go.", "before"),
        ("In the coming weeks it lets people go.", "after"),
        ("Over the past few years it let people go.", "before"),
        ("In the 2020s it let people go.", ""),
        ("Since the 1990s it let people go.", "since"),
        ("One week after the vote it let people go.", "after"),
        ("A year to the day after the vote it let people go.", "after"),
        ("Three days before the summit it let people go.", "before"),
        ("Profit fell from a year earlier.", ""),
        ("It paid $9 less than the year before.", ""),
        ("In fiscal 2025 it paid more.", ""),
        ("It is like 9/11.", ""),
        ("“We shall sign today,” he said.", ""),
        ("After the September 11 attacks it was tense.", "after"),
        ("On February 30, 2021 it let people go.", ""),
    ],
)
def test_what_cannot_be_dated_is_returned_unresolved(sentence, bound):
    (found,) = find_dates(sentence, after("2025-12-12"))
    assert (found.date, found.date_end, found.precision, found.bound) == ("", "", "unresolved", bound)
    assert found.rule


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


@pytest.mark.parametrize(
    "text",
    [
        "September 11",
        "Saturday",
        "the 13th",
        "the same day",
        "last week",
        "Friday and Saturday",
        "September",
        "last spring",
    ],
)
def test_without_publication_relative_dates_stay_unresolved(text):
    (found,) = find_dates(f"It was over on {text}.", Anchor(None))
    assert (found.date, found.precision, found.rule) == ("", "unresolved", "no publication date")


@pytest.mark.parametrize("text", ["yesterday", "two days ago", "earlier this week", "overnight"])
def test_without_publication_adverbs_stay_unresolved(text):
    assert dates(f"It closed {text}.", Anchor(None)) == ["?"]


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


DAYS = st.dates(dt.date(1990, 1, 1), dt.date(2090, 12, 31))
SHAPES = {
    "time": r"\d{4}-\d\d-\d\d", "day": r"\d{4}-\d\d-\d\d", "month": r"\d{4}-\d\d", "year": r"\d{4}",
    "range": r"\d{4}(-\d\d(-\d\d)?)?", "unresolved": "",
}  # fmt: skip


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


@given(
    DAYS,
    st.lists(st.sampled_from(EVERY_SENTENCE), min_size=1, max_size=3),
    st.none() | DAYS,
    st.sampled_from([None, True, False]),
)
def test_what_is_resolved_parses_and_nothing_overlaps(published, sentences, last, dayfirst):
    text = " ".join(sentences)
    before = DateMention(0, 1, last.isoformat(), "", "day", "") if last else None
    found = find_dates(text, Anchor(published, last=before, dayfirst=dayfirst))
    position = 0
    for mention in found:
        assert position <= mention.start < mention.end <= len(text)
        position = mention.end
        assert re.fullmatch(SHAPES[mention.precision], mention.date)
        assert bool(mention.date_end) == (mention.precision == "range")
        assert mention.rule
        for token in filter(None, (mention.date, mention.date_end)):
            dt.date.fromisoformat((token + "-01-01")[:10])
        if mention.date_end:
            assert mention.date[: len(mention.date_end)] <= mention.date_end


@given(st.text(max_size=80), DAYS)
def test_any_text_can_be_read(text, published):
    for mention in find_dates(text, Anchor(published)):
        assert 0 <= mention.start < mention.end <= len(text)
