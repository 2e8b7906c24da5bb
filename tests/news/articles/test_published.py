"""When a page says that it was published: stamps, datelines, the order of day and month, zones."""

import datetime as dt

import pytest

from potash.news.articles.published import day_first, find_dateline, find_published, is_stamp, prose_start, read_stamp

PROSE = "The miner told its customers that rail deliveries would stop, and that it could not say when they would resume again."

STAMPS = [
    ("18:05 23/03/2022", "2022-03-23T18:05", ""),
    ("Tuesday, Mar 4, 2025 6:41 pm ET3min read", "2025-03-04T18:41", "America/New_York"),
    ("Published: 17 February 2022, 08:30 CET", "2022-02-17T08:30", "Europe/Berlin"),
    ("2022-03-02T10:15:00Z", "2022-03-02T10:15", "UTC"),
    ("2022-03-02T10:15:00.250-05:00", "2022-03-02T10:15", "-05:00"),
    ("17.02.2022", "2022-02-17", ""),
    ("03.02.2022", "2022-02-03", ""),
    ("Feb. 17, 2022", "2022-02-17", ""),
    ("FEBRUARY 17, 2022", "2022-02-17", ""),
    ("17-Feb-2022", "2022-02-17", ""),
    ("17th of February 2022", "2022-02-17", ""),
    ("Thu, 17 Feb 2022 08:30:00 +0100", "2022-02-17T08:30", "+01:00"),
    ("Posted on 3 March 2022 at 12:05 a.m. EST", "2022-03-03T00:05", "America/New_York"),
    ("12 August 2022, 12.30 pm GMT", "2022-08-12T12:30", "UTC"),
    ("12 August 2022 1815 GMT", "2022-08-12T18:15", "UTC"),
    ("9 March 2022, 09:30 Beijing time", "2022-03-09T09:30", "Asia/Shanghai"),
    ("9 March 2022, 09:30 (GMT+3)", "2022-03-09T09:30", "+03:00"),
    ("9 March 2022, 09:30 MSK", "2022-03-09T09:30", "Europe/Moscow"),
    ("By Anna Smith and Ben Jones, 17 Feb 2022", "2022-02-17", ""),
    ("14 December 2025 | read in browser | forward to a friend", "2025-12-14", ""),
    ("HomeNewsSubscribeDec 13, 2025", "2025-12-13", ""),
    ("05/05/2025", "2025-05-05", ""),
    ("Thursday, 12/08/2022", "2022-12-08", ""),
]


@pytest.mark.parametrize(("line", "date", "zone"), STAMPS)
def test_a_stamp_gives_its_moment_and_zone(line, date, zone):
    published = find_published(["A mine stops for repairs", line, PROSE])
    assert (published.date, published.zone, published.source) == (date, zone, "text")
    assert is_stamp(line)


@pytest.mark.parametrize("zone", ["CST", "XST", "local time"])
def test_a_zone_that_could_be_several_is_not_invented(zone):
    published = find_published([f"17 February 2022, 08:30 {zone}", PROSE])
    assert (published.date, published.zone) == ("2022-02-17T08:30", "")


@pytest.mark.parametrize(
    "line",
    [
        "On August 9, 2021, the Treasury put the miner on its list and gave its partners four months to leave.",
        "On August 9, 2021",
        "Since 2 March 2022",
        "until 28 February 2027",
        "06/14/2021  Early closure of two shafts announced",
        "© 2014-2026 The Broad Field",
        "Between 3 March 2022 and 9 March 2022",
        "31/02/2022",
        "30 February 2022",
        "2,022 tonnes on 12 trains",
        "Updated 6h ago",
    ],
)
def test_a_date_among_words_is_no_stamp(line):
    published = find_published(["A mine stops for repairs", line, PROSE])
    assert (published.date, published.source) == ("", "")


def test_a_name_on_the_next_line_is_no_zone():
    assert find_published(["18:05 23/03/2022", "GMT Nine", PROSE]).zone == ""


def test_a_date_in_the_middle_of_a_page_is_no_stamp():
    lines = ["A mine stops for repairs", *[PROSE] * 14, "9 August 2021", *[PROSE] * 14]
    assert find_published(lines).date == ""


def test_dates_of_a_chronology_are_no_stamps():
    lines = [
        "How it came to this",
        PROSE,
        "9 August 2021",
        "The list.",
        "2 December 2021",
        "More.",
        "2 March 2022",
        "All.",
    ]
    assert find_published(lines).date == ""


def test_published_comes_before_updated_and_an_update_alone_says_so():
    both = find_published(["Updated 18 Feb 2022 10:00 GMT", "Published 17 Feb 2022", PROSE])
    assert (both.date, both.note) == ("2022-02-17", "")
    assert find_published(["Published 17 Feb 2022 Updated 18 Feb 2022 10:00 GMT", PROSE]).date == "2022-02-17"
    alone = find_published(["Updated 3:15 PM EST, Mon January 6, 2025", PROSE])
    assert (alone.date, alone.zone) == ("2025-01-06T15:15", "America/New_York")
    assert "update" in alone.note


def test_a_stamp_glued_to_the_first_words_is_read_and_is_no_prose():
    line = f" date 2022-03-23 {PROSE}"
    assert find_published([line]).date == "2022-03-23"
    assert line[prose_start(line, first=True) :] == PROSE
    assert prose_start(line, first=False) == 0
    assert prose_start(PROSE, first=True) == 0


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("16/02/2022", True),
        ("02/16/2022", False),
        ("03/02/2022", None),
        ("05/05/2022", None),
        ("16/02/2022 and 02/16/2022", None),
        ("Dates on this page are DD/MM. 03/02/2022", True),
        ("Decisions (MM/DD/YYYY): 03/02/2022", False),
        ("announced on Thursday, 12/08/2022", False),
        ("announced on Friday, 12/08/2022", True),
        ("16.02.2022", None),
        ("1/2 of 24/7 shifts", None),
    ],
)
def test_order_of_day_and_month(text, order):
    assert day_first(text) is order


def test_an_ambiguous_stamp_stays_open_and_says_so():
    published = find_published(["03/02/2022", PROSE])
    assert published.date == ""
    assert "ambiguous" in published.note
    assert "3 Feb 2022 or 2 Mar 2022" in published.note


def test_another_date_of_the_page_decides_an_ambiguous_stamp():
    published = find_published(["03/02/2022", f"{PROSE} It had stopped before, on 25/01/2022."])
    assert (published.date, published.note) == ("2022-02-03", "DD/MM page")
    by_dateline = find_published(["03/02/2022", f"VILNIUS, Feb 3 (Reuters) - {PROSE}"])
    assert by_dateline.date == "2022-02-03"
    assert "dateline" in by_dateline.note


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("MINSK, Dec 13 (Belta) - ", (12, 13, 0, "Belta")),
        ("Dec 13 (Reuters) – ", (12, 13, 0, "Reuters")),
        ("MOSCOW. 13 December (Interfax) — ", (12, 13, 0, "Interfax")),
        ("TAMPA, Fla., Jan. 17, 2023 /PRNewswire/ -- ", (1, 17, 2023, "PRNewswire")),
        ("SASKATOON, Saskatchewan--(BUSINESS WIRE)--Jan 5, 2022--", (1, 5, 2022, "BUSINESS WIRE")),
        ("LONDON, 17 Feb - ", (2, 17, 0, "")),
        ("WASHINGTON (AP) - ", (0, 0, 0, "AP")),
    ],
)
def test_dateline(line, told):
    found = find_dateline(line + PROSE)
    assert (found.month, found.day, found.year, found.agency) == told
    assert (line + PROSE)[found.end :] == PROSE


@pytest.mark.parametrize(
    "line", ["On March 5 - the day", "Feb 16 – the miner stops", "Feb 30 (Reuters) - ", "A (small) - "]
)
def test_no_dateline(line):
    assert find_dateline(line + PROSE) is None


@pytest.fixture
def wire():
    """A wire story of a Wednesday: 16 February 2022 was one, 16 February 2028 will be the next."""
    body = "The miner stopped deliveries, its customers said on Wednesday, a year after the sanctions of 2021 had begun to bite."
    return [f"VILNIUS, Feb 16 (Reuters) - {body}", PROSE]


def test_the_weekday_gives_a_dateline_its_year(wire):
    published = find_published(wire, today=dt.date(2022, 12, 31))
    assert (published.date, published.source) == ("2022-02-16", "dateline")
    assert "without a year" in published.note
    assert "weekday" in published.note


def test_a_dateline_may_be_of_the_day_after():
    line = "VILNIUS, Feb 17 (Reuters) - The miner stopped deliveries late on Wednesday, as the trade had feared since 2022 began."
    assert find_published([line, PROSE], today=dt.date(2022, 12, 31)).date == "2022-02-17"


def test_a_year_that_a_forecast_names_bounds_nothing():
    line = "VILNIUS, Feb 16 (Reuters) - The miner said on Wednesday that it had lost a lot in 2022."
    told = [line, "Output will be back to normal in 2024, it expects, and the lease runs to May 2023.", PROSE]
    assert find_published(told, today=dt.date(2022, 12, 31)).date == "2022-02-16"
    assert find_published(told, today=dt.date(2024, 12, 31)).date == ""


def test_a_dateline_stays_open_where_its_year_is_not_certain(wire):
    for today in (None, dt.date(2030, 1, 1)):
        published = find_published(wire, today=today)
        assert published.date == ""
        assert published.note == "dateline Feb 16 without a year"
    no_weekday = [f"VILNIUS, Feb 16 (Reuters) - {PROSE}"]
    assert find_published(no_weekday, today=dt.date(2022, 12, 31)).date == ""


@pytest.mark.parametrize("today", [None, dt.date(2030, 1, 1)])
def test_days_of_other_articles_decide_between_years(wire, today):
    assert find_published(wire, today=today, near=[dt.date(2022, 2, 20)]).date == "2022-02-16"
    assert find_published(wire, today=today, near=[dt.date(2023, 9, 1)]).date == ""


def test_the_address_gives_a_dateline_its_year(wire):
    published = find_published(wire, address="https://wire.example/2022/02/miner-stops")
    assert published.date == "2022-02-16"
    assert "address" in published.note


def test_a_dateline_is_never_after_today(wire):
    assert find_published(wire, today=dt.date(2022, 2, 15)).date == ""


@pytest.mark.parametrize(
    ("value", "date", "zone"),
    [
        ("2022-02-17", "2022-02-17", ""),
        ("2022-02-17 08:30", "2022-02-17T08:30", ""),
        ("2022-02-17T08:30 Europe/Berlin", "2022-02-17T08:30", "Europe/Berlin"),
        ("2022-02-17T08:30+01:00", "2022-02-17T08:30", "+01:00"),
        ("2022-02-17T08:30 Europe/Nowhere", "2022-02-17T08:30", ""),
        ("17 February 2022", "2022-02-17", ""),
    ],
)
def test_metadata(value, date, zone):
    published = read_stamp(value, "sidecar")
    assert (published.date, published.zone, published.source) == (date, zone, "sidecar")


def test_metadata_that_is_no_date():
    assert read_stamp("next week", "sidecar") is None
    assert read_stamp("2022", "sidecar") is None
    assert read_stamp("03/02/2022", "sidecar").date == ""
    assert read_stamp("03/02/2022", "sidecar", day_first=True).date == "2022-02-03"
