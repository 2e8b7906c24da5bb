"""Dates in sentences: what each expression means, what it does not mean, and what is left unresolved."""

import datetime as dt
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from potash.news.dates.resolution import Anchor, find_dates
from potash.news.records import DateMention
from tests.news.dates.test_calendar import DAYS
from tests.news.dates.test_grammar import EVERY_SENTENCE
from tests.support.dates import ANCHOR, SUNDAY, after, as_line, dates


def test_the_year_of_the_passage_holds_for_days_and_months_without_one():
    anchor = Anchor(SUNDAY, year=2022)
    assert dates("On 12 January the railway stopped, and in March the rest followed.", anchor) == [
        "2022-01-12",
        "2022-03",
    ]
    assert dates("On the 16th the railway stopped.", anchor) == ["?"]


def test_the_clock_remembers_the_last_past_date_only():
    anchor = ANCHOR.after(find_dates("It opened on Friday and runs until December 20.", ANCHOR))
    assert anchor.last is not None
    assert anchor.last.date == "2025-12-12"
    assert ANCHOR.after(find_dates("Recently it opened.", ANCHOR)) == ANCHOR


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
    assert as_line(found) == expected
    assert found.precision == ("time" if found.time else "day")


def test_a_clock_time_alone_is_no_date():
    assert dates("The list came out at 10:57 a.m. ET.") == []


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


SHAPES = {
    "time": r"\d{4}-\d\d-\d\d", "day": r"\d{4}-\d\d-\d\d", "month": r"\d{4}-\d\d", "year": r"\d{4}",
    "range": r"\d{4}(-\d\d(-\d\d)?)?", "unresolved": "",
}  # fmt: skip


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
