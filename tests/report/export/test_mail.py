"""The first page as Markdown: the same numbers, and no text of a title that is markup."""

from dataclasses import replace

import pytest

import potash
from potash.report.export.mail import mail_of
from potash.report.front.answer import front_of
from potash.study.answer.words import interval, percent


@pytest.fixture(scope="module")
def front():
    return front_of(potash.desk.set_up(left_out=["MOS"]))


def rows(text):
    return [line for line in text.splitlines() if line.startswith("| 2")]


def test_the_answer_comes_first_and_what_qualifies_it_next(front):
    first, second = mail_of(front).split("\n\n")[:2]
    assert first == f"**{front.sentence}**"
    assert second == front.qualification


def test_a_row_an_event_with_the_numbers_of_its_verdict(front):
    lines = rows(mail_of(front))
    assert len(lines) == len(front.events)
    newest = front.events[0]
    cells = [cell.strip() for cell in lines[0].strip("|").split("|")]
    assert cells[0] == newest.date
    assert cells[3:6] == [percent(newest.CAR), interval(newest.lower, newest.upper), percent(newest.run_up)]


def test_it_says_what_it_rests_on_and_what_is_missing(front):
    text = mail_of(front, "reports/latest")
    assert f"prices from {front.data.first} to {front.data.last}" in text
    assert "IPI: none after 2022-04" in text, "a firm whose prices end is named"
    assert "NTR: no prices from 2022-05 to 2024-08" in text
    assert "No investment advice." in text
    assert text.rstrip().endswith("Report: reports/latest")
    assert "Report:" not in mail_of(front)


def test_what_was_not_studied_stands_there_with_its_reason(front):
    text = mail_of(front)
    total = len(front.events) + len(front.not_studied)
    assert f"{len(front.events)} of {total} dated events studied" in text
    for event in front.not_studied:
        assert f"- {event.date} " in text


def test_a_title_is_no_markup(front):
    hostile = replace(front.events[0], title="a|b <img src=x> **bold** [x](http://e) `c`\n# head")
    (line,) = rows(mail_of(replace(front, events=(hostile,))))
    assert r"a\|b &lt;img src=x&gt; \*\*bold\*\* \[x\](http://e) \`c\` \# head" in line


def test_a_missing_number_is_said(front):
    bare = replace(front.events[0], CAR=None, lower=None, upper=None, run_up=None, outcome="unknown")
    (line,) = rows(mail_of(replace(front, events=(bare,))))
    assert line.count("missing") == 3
    assert "no verdict" in line


def test_without_events_it_says_why(front):
    nothing = replace(
        front,
        events=(),
        pool=replace(front.pool, average=None, outcome="unknown", reason="The prices cover none of them."),
    )
    text = mail_of(nothing)
    assert "The prices cover none of them." in text
    assert "| Announced" not in text
