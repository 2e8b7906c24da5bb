"""Event files of one's own: what is taken, what it is taken for, and what each refusal says."""

import pytest

from potash.errors import EventsError
from potash.news.tables.event_table import check_event_table, read_table
from potash.news.timeline import load_timeline


@pytest.fixture
def load(tmp_path):
    """Return a function that writes an event file and returns the checked events."""

    def load(text: str | bytes):
        path = tmp_path / "events.csv"
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return check_event_table(read_table(path, "events"), str(path))

    return load


def test_two_columns_are_enough(load):
    events = load("event_id,date\nrelief,2025-12-13\n")
    row = events.loc["relief"]
    assert (row["date"], row["precision"], row["time"], row["zone"]) == ("2025-12-13", "day", "", "")
    assert (row["title"], row["relevance"], row["expected_direction"]) == ("relief", "market", "unclear")


def test_a_time_with_its_zone(load):
    row = load("event_id,date,time,zone\nrelief,2025-12-13,07:03,America/New_York\n").loc["relief"]
    assert (row["precision"], row["time"], row["zone"]) == ("time", "07:03", "America/New_York")


@pytest.mark.parametrize(("date", "precision"), [("2025-12-13", "day"), ("2025-12", "month"), ("2025", "year")])
def test_precision_is_read_from_the_date(load, date, precision):
    assert load(f"event_id,date\nA,{date}\n").loc["A", "precision"] == precision
    assert load(f"event_id,date,precision\nA,{date},\n").loc["A", "precision"] == precision


def test_precision_may_differ_from_row_to_row(load):
    events = load(
        "event_id,date,time,zone,precision,date_end\n"
        "A,2025-12-13,07:03,Europe/Minsk,,\n"
        "B,2025-12-13,,,,\n"
        "C,2025-12,,,,\n"
        "D,2025-12-12,,,range,2025-12-13\n"
        "E,2020-08,,,range,2025-12\n"
        "F,,,,unresolved,\n"
    )
    assert list(events["precision"]) == ["time", "day", "month", "range", "range", "unresolved"]


def test_an_end_of_its_own_makes_a_range(load):
    """Else the end of the talks would vanish and their first day pass for the day of the news."""
    assert load("event_id,date,date_end\ntalks,2025-12-12,2025-12-13\n").loc["talks", "precision"] == "range"


def test_byte_order_mark_line_ends_quotes_and_spaces(load):
    text = '\ufeffevent_id, date,title\r\n A , 2025-12-13,"Relief, at last"\r\n'
    row = load(text).loc["A"]
    assert (row["date"], row["title"]) == ("2025-12-13", "Relief, at last")


def test_spaces_around_a_column_name_are_no_part_of_it(load):
    assert load("event_id ,date \nA,2025-12-13\n").loc["A", "date"] == "2025-12-13"


def test_texts_that_pandas_takes_for_missing_are_ids(load):
    assert list(load("event_id,date\nNA,2025-12-13\nnull,2025-12-14\n001,2025-12-15\n").index) == ["NA", "null", "001"]


def test_further_columns_are_kept(load):
    assert load("event_id,date,desk\nA,2025-12-13,London\n").loc["A", "desk"] == "London"


def test_the_basis_and_the_chain_may_be_left_out(load):
    absent = load("event_id,date\nA,2025-12-13\n").loc["A"]
    empty = load("event_id,date,basis,chain_id\nA,2025-12-13,,\n").loc["A"]
    filled = load("event_id,date,basis,chain_id\nA,2025-12-13,legal act,relief-2025\n").loc["A"]
    assert [(row["basis"], row["chain_id"]) for row in (absent, empty, filled)] == [
        ("", ""),
        ("", ""),
        ("legal act", "relief-2025"),
    ]


@pytest.mark.parametrize(
    ("columns", "cells", "message"),
    [
        (
            "basis",
            "legal acts",
            r"basis 'legal acts' \(did you mean 'legal act'\?\) is not one of legal act, announcement in the articles, "
            "announcement elsewhere, known from price commentary",
        ),
        ("chain_id", "Relief 2025", "chain_id 'Relief 2025' is no id; write small letters, digits and hyphens"),
    ],
)
def test_a_basis_or_chain_that_is_none_is_refused(load, columns, cells, message):
    with pytest.raises(EventsError, match=f"line 3: event 'A': {message}"):
        load(f"event_id,date,{columns}\nB,2025-12-13,\nA,2025-12-13,{cells}\n")


@pytest.mark.parametrize("column", ["expected_direction", "relevance", "title"])
def test_an_empty_cell_means_what_an_absent_column_means(load, column):
    absent = load("event_id,date\nA,2025-12-13\n").loc["A", column]
    assert load(f"event_id,date,{column}\nA,2025-12-13,\n").loc["A", column] == absent


# Rows that break a rule. The file has a good row in line 2, so the bad one is line 3.

HEADER = "event_id,date,time,zone,precision,date_end,expected_direction,relevance"
GOOD = "good,2025-12-13,,,,,none,market"


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("A,,,,,,none,market", "event 'A': no date; write YYYY-MM-DD, or precision unresolved"),
        (",2025-12-13,,,,,none,market", "no event_id"),
        ("A,2025-02-30,,,,,none,market", "event 'A': date '2025-02-30' does not exist"),
        ("A,2025-13,,,,,none,market", "event 'A': date '2025-13' does not exist"),
        ("A,13/12/2025,,,,,none,market", "date '13/12/2025' is not of precision day; write YYYY-MM-DD .*never DD/MM"),
        ("A,12/13/2025,,,,,none,market", "never DD/MM or MM/DD"),
        ("A,2025-12-13T07:03,,,,,none,market", "write YYYY-MM-DD"),
        ("A,20251213,,,,,none,market", "write YYYY-MM-DD"),
        ("A,tomorrow,,,,,none,market", "write YYYY-MM-DD"),
        ("good,2025-12-14,,,,,none,market", "event_id 'good' stands more than once"),
        ("A,2025-12-13,07:03,,,,none,market", "time 07:03 needs a zone, for example America/New_York"),
        (
            "A,2025-12-13,07:03,Europe/Minks,,,none,market",
            "'Europe/Minks' is not an IANA .*did you mean 'Europe/Minsk'",
        ),
        ("A,2025-12-13,,Minsk,,,none,market", "zone 'Minsk' is not an IANA time zone"),
        ("A,2025-12-13,7am,Europe/Minsk,,,none,market", "time '7am' is not HH:MM"),
        ("A,2025-12-13,25:00,Europe/Minsk,,,none,market", "time '25:00' is not HH:MM"),
        ("A,2025-12-13,0703,Europe/Minsk,,,none,market", "time '0703' is not HH:MM"),
        ("A,2025-12-13,12:03Z,America/New_York,,,none,market", "time '12:03Z' is not HH:MM"),
        ("A,2025-12-13,12:03+00:00,America/New_York,,,none,market", r"time '12:03\+00:00' is not HH:MM"),
        ("A,2025-12-13,,Europe/Minsk,time,,none,market", "precision is time, yet there is no time"),
        ("A,2025-12-13,07:03,Europe/Minsk,day,,none,market", "there is a time, so precision must be time and not day"),
        ("A,2025-12,07:03,Europe/Minsk,,,none,market", "date '2025-12' is not of precision time"),
        ("A,2025-12-13,,,dya,,none,market", r"precision 'dya' \(did you mean 'day'\?\) is not one of time, day, month"),
        ("A,2025-12,,,day,,none,market", "date '2025-12' is not of precision day"),
        ("A,2025-12-13,,,month,,none,market", "date '2025-12-13' is not of precision month"),
        ("A,2025-12-13,,,unresolved,,none,market", "precision is unresolved, yet there is a date '2025-12-13'"),
        ("A,2025-12-12,,,range,,none,market", "a range needs a date_end that exists, found ''"),
        ("A,2025-12-12,,,range,2025-12-32,none,market", "a range needs a date_end that exists, found '2025-12-32'"),
        ("A,2025-12-12,,,range,soon,none,market", "a range needs a date_end that exists, found 'soon'"),
        ("A,2025-12-12,,,range,2025-12-11,none,market", "ends on 2025-12-11 before it starts on 2025-12-12"),
        ("A,2025-12-12,,,range,2025-11,none,market", "ends on 2025-11 before it starts"),
        ("A,2025-12-13,,,,,up,market", "expected_direction 'up' is not one of positive, negative, none, unclear"),
        ("A,2025-12-13,,,,,none,Headline", r"relevance 'Headline' \(did you mean 'headline'\?\)"),
    ],
)
def test_a_row_that_breaks_a_rule_is_named_with_its_line(load, row, message):
    with pytest.raises(EventsError, match=f"line 3: .*{message}") as caught:
        load(f"{HEADER}\n{GOOD}\n{row}\n")
    assert "events.csv: " in str(caught.value)
    assert "line 2:" not in str(caught.value)


def test_problems_are_reported_together(load):
    with pytest.raises(EventsError) as caught:
        load("event_id,date\nA,13/12/2025\nB,2025-02-30\nC,2025-12-13\nC,2025-12-14\n,2025-12-15\n")
    message = str(caught.value)
    assert message.endswith("stands more than once. Correct them and run again.")
    assert [f"line {n}:" in message for n in range(2, 7)] == [True, True, False, True, True]


def test_many_problems_are_counted_and_not_all_told(load):
    with pytest.raises(EventsError, match=r"line 9: .* and 4 more") as caught:
        load("event_id,date\n" + "".join(f"E{n},soon\n" for n in range(12)))
    assert "line 10" not in str(caught.value)


@pytest.mark.parametrize(
    "text",
    ["event_id,date\n\nA,soon\n", 'event_id,date,title\nB,2025-12-13,"two\nlines"\nA,soon,\n'],
    ids=["blank", "quoted"],
)
def test_lines_are_counted_as_an_editor_counts_them(load, text):
    line = text[: text.index("A,soon")].count("\n") + 1
    with pytest.raises(EventsError, match=f"line {line}: event 'A'"):
        load(text)


# Files that are no table of events


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the file is empty. Events need a header line and at least one row"),
        ("\n\n", "the file is empty"),
        ("event_id,date\n", "a header and no rows. Events need at least one row"),
        (
            "id,date\nA,2025-12-13\n",
            r"no column event_id; found id, date. Events need event_id and date \(YYYY-MM-DD\)",
        ),
        ("event_id,day\nA,2025-12-13\n", "no column date; found event_id, day"),
        ("event_id;date\nA;2025-12-13\n", "is not separated by commas"),
        ("event_id,date,title\nA,2025-12-13,caf\xe9\n".encode("latin-1"), "not UTF-8 .* choose .CSV UTF-8"),
        ("event_id,date\nA,2025-12-13\n".encode("utf-16"), "not UTF-8"),
        ("event_id,date,title\nB,2025-12-14,x\nA,2025-12-13,one, two\n", "A comma inside a cell needs quotes"),
        ("event_id,date,title\nA,2025-12-13,one, two\nB,2025-12-14,x\n", "A comma inside a cell needs quotes"),
        ("event_id,date\nA,2025-12-13,extra\n", "A comma inside a cell needs quotes"),
    ],
)
def test_a_file_that_is_no_table_of_events_is_an_error_that_names_it(load, text, message):
    with pytest.raises(EventsError, match=message) as caught:
        load(text)
    assert "events.csv: " in str(caught.value)


def test_no_file_and_a_folder_are_errors(tmp_path):
    for path in (tmp_path / "nowhere.csv", tmp_path):
        with pytest.raises(EventsError, match=r"cannot be read .*Check the path"):
            load_timeline(events=path)
