"""Announcements, sessions and windows: the first session of each exchange, against dates known from elsewhere."""

import datetime as dt
import json
import os
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from potash.calendars import calendar_range, covered_exchanges, has_calendar, is_session, offset, sessions_between
from potash.errors import CalendarError, EventsError, PotashError, WindowError
from potash.sessions import Announcement, Window, first_session
from tests.paths import ROOT

TRUTH = ROOT.parent / "shared" / "truth" / "first_sessions.json"

FLAGSHIP_TIME = pd.Timestamp("2025-12-13T12:03Z")  # a Saturday; 07:03 in New York
FLAGSHIP_DATE = Announcement(dt.date(2025, 12, 13), zone="Europe/Minsk")
DESIGNATION = Announcement(dt.date(2021, 8, 9), dt.time(10, 57), "America/New_York")  # a Monday; 14:57Z

# Oslo's continuous trading ends at 16:20 local, 14:20Z in summer, so 14:57Z is after it. The truth file says that Xetra
# and Oslo were both open; that holds for Xetra only (17:30 local, 15:30Z).
FIRST = [
    ("XTAE", "2025-12-14", "2021-08-10"),  # Sunday to Thursday until the end of 2025; closes before 14:57Z
    ("XNYS", "2025-12-15", "2021-08-09"),
    ("XTSE", "2025-12-15", "2021-08-09"),
    ("XETR", "2025-12-15", "2021-08-09"),
    ("XOSL", "2025-12-15", "2021-08-10"),
    ("XHKG", "2025-12-15", "2021-08-10"),
    ("XSHE", "2025-12-15", "2021-08-10"),
    ("XSGO", "2025-12-15", "2021-08-09"),
    ("XASX", "2025-12-15", "2021-08-10"),
    ("XMOS", "2025-12-15", "2021-08-09"),  # trade date: Moscow counts its weekend trading as part of Monday
]

# Names of the truth file; Amman has no calendar.
MICS = {
    "NYSE": "XNYS", "TSX": "XTSE", "Xetra": "XETR", "Oslo": "XOSL", "TASE": "XTAE", "HKEX": "XHKG",
    "Shenzhen": "XSHE", "MOEX": "XMOS", "Santiago": "XSGO", "ASX (optional)": "XASX",
}  # fmt: skip


def day(value: object) -> str:
    """Return a session as text, or an empty text."""
    return "" if value is None else str(pd.Timestamp(value).date())


def dated(date: str, zone: str | None = None) -> Announcement:
    return Announcement(dt.date.fromisoformat(date), zone=zone)


def timed(date: str, time: str, zone: str) -> Announcement:
    return Announcement(dt.date.fromisoformat(date), dt.time.fromisoformat(time), zone)


# First sessions


@pytest.mark.parametrize(("exchange", "flagship", "designation"), FIRST)
def test_first_session_of_the_flagship_and_of_the_designation(exchange, flagship, designation):
    by_time = first_session(FLAGSHIP_TIME, exchange)
    by_date = first_session(FLAGSHIP_DATE, exchange)
    assert (day(by_time.session), by_time.ambiguous, by_time.alternative) == (flagship, False, None)
    assert (day(by_date.session), by_date.ambiguous, by_date.alternative) == (flagship, False, None)
    assert by_time.exchange == exchange
    assert day(first_session(DESIGNATION, exchange).session) == designation


def truth() -> dict:
    if not TRUTH.is_file():
        pytest.skip(f"{TRUTH} is not on this machine")
    return json.loads(TRUTH.read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", MICS)
def test_first_session_agrees_with_the_truth_file(name):
    row = next(row for row in truth()["sessions"] if row["exchange"] == name)
    found = first_session(FLAGSHIP_TIME, MICS[name]).session
    assert day(found) == row.get("day0", row.get("day0_trade_date", ""))[:10]
    if "last_close_before" in row:
        assert day(offset(MICS[name], found, -1)) == row["last_close_before"][:10]


def test_the_truth_file_names_no_other_exchange():
    assert {row["exchange"] for row in truth()["sessions"]} == {*MICS, "Amman"}
    assert not has_calendar("XAMM")


def test_a_date_in_the_middle_of_the_week_agrees_with_the_truth_file():
    relief, designation = truth()["other_events_day0"]
    for exchange in ("XNYS", "XTSE", "XETR", "XOSL", "XMOS"):
        assert day(first_session(dated("2025-09-11"), exchange).session) == relief["NYSE_TSX_Xetra_Oslo_MOEX"]
    tel_aviv = first_session(dated("2025-09-11"), "XTAE")
    assert (day(tel_aviv.session), day(tel_aviv.alternative)) == ("2025-09-11", "2025-09-14")
    assert "2025-09-14" in relief["TASE_Amman"]
    # Without an hour the rule takes the session of the date; the truth file takes the next, marked here as the other.
    assert day(first_session(dated("2025-09-11"), "XHKG").alternative) == relief["HK_SZ"]
    assert {day(first_session(DESIGNATION, e).session) for e in ("XNYS", "XTSE")} == {designation["NYSE_TSX"]}
    assert {day(first_session(DESIGNATION, e).session) for e in ("XHKG", "XSHE")} == {designation["HK_SZ"]}


def test_shenzhen_keeps_the_days_of_shanghai():
    shanghai = sessions_between("XSHG", "2020-01-01", "2026-12-31")
    pd.testing.assert_index_equal(sessions_between("XSHE", "2020-01-01", "2026-12-31"), shanghai)


@pytest.mark.parametrize(
    ("time", "expected"),
    [("15:59:59", "2025-12-15"), ("16:00:00", "2025-12-16"), ("16:00:01", "2025-12-16"), ("20:00", "2025-12-16")],
)
def test_an_announcement_at_the_close_is_traded_the_next_day(time, expected):
    assert day(first_session(timed("2025-12-15", time, "America/New_York"), "XNYS").session) == expected


@pytest.mark.parametrize(
    ("exchange", "zone", "time", "expected"),
    [
        ("XNYS", "America/New_York", "12:59", "2025-12-24"),
        ("XNYS", "America/New_York", "13:30", "2025-12-26"),  # closed at 13:00
        ("XTSE", "America/Toronto", "13:30", "2025-12-29"),  # closed at 13:00, then Boxing Day
        ("XHKG", "Asia/Hong_Kong", "11:59", "2025-12-24"),
        ("XHKG", "Asia/Hong_Kong", "12:30", "2025-12-29"),  # closed at 12:00, then two holidays and a weekend
    ],
)
def test_early_closes_of_christmas_eve(exchange, zone, time, expected):
    assert day(first_session(timed("2025-12-24", time, zone), exchange).session) == expected


@pytest.mark.parametrize(
    ("date", "expected"),
    [
        ("2025-03-07", "2025-03-10"),  # Friday in winter time: New York closes at 21:00Z
        ("2025-03-10", "2025-03-11"),  # Monday in summer time: at 20:00Z
        ("2025-10-31", "2025-11-03"),
        ("2025-11-03", "2025-11-04"),
    ],
)
def test_the_close_follows_summer_time(date, expected):
    winter = date in {"2025-03-07", "2025-11-03"}
    close = pd.Timestamp(f"{date}T{21 if winter else 20}:00Z")
    assert day(first_session(close - pd.Timedelta(seconds=1), "XNYS").session) == date
    assert day(first_session(close, "XNYS").session) == expected


def test_zones_of_one_moment_give_one_session():
    moment = pd.Timestamp("2025-09-11T20:30Z")
    zones = ["America/New_York", "Europe/Minsk", "Asia/Tokyo", "Pacific/Auckland"]
    assert {day(first_session(moment.tz_convert(zone), "XNYS").session) for zone in zones} == {"2025-09-12"}


@settings(max_examples=50, deadline=None)
@given(
    st.datetimes(dt.datetime(2015, 1, 1), dt.datetime(2026, 6, 1)),
    st.integers(0, 20_000),
    st.sampled_from(["XNYS", "XTAE"]),
)
def test_a_later_announcement_is_never_traded_earlier(moment, minutes, exchange):
    first = pd.Timestamp(moment, tz="UTC")
    later = first + pd.Timedelta(minutes=minutes)
    assert first_session(first, exchange).session <= first_session(later, exchange).session


# Dates without a time


def test_a_date_on_a_trading_day_is_ambiguous_and_says_so():
    found = first_session("2025-12-11", "XNYS")
    assert (day(found.session), found.ambiguous, day(found.alternative)) == ("2025-12-11", True, "2025-12-12")
    assert "without a time" in found.rule
    over_the_weekend = first_session(dt.date(2025, 12, 12), "XNYS")
    assert (over_the_weekend.ambiguous, day(over_the_weekend.alternative)) == (True, "2025-12-15")


def test_a_date_without_a_session_is_not_ambiguous():
    found = first_session("2025-12-25", "XNYS")
    assert (day(found.session), found.ambiguous, found.alternative) == ("2025-12-26", False, None)


def test_a_saturday_in_the_far_east_begins_before_new_york_closes_on_friday():
    found = first_session(dated("2025-12-13", "Asia/Tokyo"), "XNYS")
    assert (day(found.session), found.ambiguous, day(found.alternative)) == ("2025-12-15", True, "2025-12-12")


def candidates(announcement: Announcement, exchange: str) -> set[str]:
    """Return the first session of every quarter of an hour of a date in its zone."""
    start = dt.datetime.combine(announcement.date, dt.time.min)
    moments = [start + dt.timedelta(minutes=15 * n) for n in range(96)]
    zone = str(announcement.zone)
    found = [first_session(Announcement(m.date(), m.time(), zone), exchange).session for m in moments]
    return {day(session) for session in found}


@pytest.mark.parametrize(
    ("date", "zone", "exchange"),
    [
        ("2025-09-11", "Europe/Minsk", "XNYS"),
        ("2025-12-13", "Europe/Minsk", "XNYS"),
        ("2025-12-13", "Asia/Tokyo", "XNYS"),
        ("2025-12-16", "Asia/Tokyo", "XNYS"),  # Tuesday in Tokyo: Monday or Tuesday in New York, never Wednesday
        ("2024-11-04", "Europe/Minsk", "XNYS"),  # New York closes at midnight of Minsk: one session only
        ("2021-12-02", "America/New_York", "XASX"),  # Sydney closes at midnight of New York: the next day only
        ("2025-12-14", "America/Los_Angeles", "XASX"),  # Sunday evening in Los Angeles may be after Monday's close
    ],
)
def test_a_date_with_a_zone_names_the_sessions_that_its_moments_lead_to(date, zone, exchange):
    announcement = dated(date, zone)
    found = first_session(announcement, exchange)
    named = {day(found.session), day(found.alternative)} - {""}
    assert named == candidates(announcement, exchange)
    assert found.ambiguous == (len(named) == 2)


def test_a_date_whose_midnight_the_clocks_skip():
    """Chile's summer time began at midnight of Sunday 2025-09-07."""
    assert day(first_session(dated("2025-09-07", "America/Santiago"), "XNYS").session) == "2025-09-08"


# Days known from elsewhere


@pytest.mark.parametrize(
    ("date", "held"),
    [
        ("2025-12-26", False),  # Friday
        ("2025-12-28", True),  # the last Sunday session
        (
            "2026-01-04",
            False,
        ),  # exchange_calendars has a session; newsru.co.il 2025-12-25, Globes 2026-01-04: none held
        ("2026-01-05", True),
        ("2026-01-09", True),  # the first Friday session
        ("2026-01-11", False),
    ],
)
def test_the_week_of_tel_aviv_changes_in_january_2026(date, held):
    assert is_session("XTAE", date) is held


def test_offsets_and_announcements_pass_over_the_sunday_that_tel_aviv_did_not_trade():
    assert day(offset("XTAE", "2026-01-01", 1)) == "2026-01-05"
    assert day(first_session(dated("2026-01-03"), "XTAE").session) == "2026-01-05"


@pytest.mark.parametrize(
    ("exchange", "closed"),
    [
        (
            "XNYS",
            "2025-01-01 2025-01-09 2025-01-20 2025-02-17 2025-04-18 2025-05-26 2025-06-19 2025-07-04 2025-09-01 "
            "2025-11-27 2025-12-25 2012-10-29 2012-10-30 2001-09-11 2001-09-14",
        ),
        ("XTSE", "2025-07-01 2025-10-13 2025-12-26"),
        ("XETR", "2025-04-18 2025-04-21 2025-05-01 2025-12-24 2025-12-26 2025-12-31"),
        ("XOSL", "2025-05-29 2025-06-09"),
        ("XHKG", "2025-01-29 2025-01-31 2023-07-17"),
        ("XSHE", "2025-10-01 2025-10-08"),
        ("XASX", "2025-01-27 2025-04-25"),
        ("XSGO", "2025-09-18 2025-09-19"),
        ("XTAE", "2025-09-23 2025-10-02"),
    ],
)
def test_no_session_on_known_holidays(exchange, closed):
    assert [date for date in closed.split() if is_session(exchange, date)] == []


@pytest.mark.parametrize(("exchange", "date"), [("XNYS", "2025-11-28"), ("XETR", "2025-10-03"), ("XMOS", "2024-11-02")])
def test_sessions_that_look_like_holidays(exchange, date):
    """The day after Thanksgiving, German Unity Day, and a Saturday that Russia worked."""
    assert is_session(exchange, date)


@pytest.mark.parametrize(
    ("exchange", "closed"),
    [
        # Bank of Russia, press releases of 2022-02-28 to 2022-03-24: no share trading before 24 March.
        ("XMOS", "2022-02-28 2022-03-01 2022-03-02 2022-03-14 2022-03-23"),
        # HKEX notices 2309012news and 2309083news; exchange_calendars issue 600.
        ("XHKG", "2023-09-01 2023-09-08"),
    ],
)
def test_no_session_on_days_that_trading_was_called_off(exchange, closed):
    assert [date for date in closed.split() if is_session(exchange, date)] == []


def test_new_york_held_250_sessions_in_2025():
    """261 weekdays less 11 holidays, Carter's day of mourning among them."""
    sessions = sessions_between("XNYS", "2025-01-01", "2025-12-31")
    assert len(sessions) == 250
    assert sessions.dayofweek.max() == 4
    assert sessions.is_unique
    assert sessions.is_monotonic_increasing


def test_answers_do_not_depend_on_the_zone_of_the_computer():
    code = (
        "from potash import first_session, sessions_between\n"
        "import pandas as pd\n"
        "print(first_session(pd.Timestamp('2025-12-15T20:59Z'), 'XNYS').session.date(),"
        " first_session(pd.Timestamp('2025-12-15T21:00Z'), 'XNYS').session.date(),"
        " first_session('2025-12-11', 'XNYS').session.date(), len(sessions_between('XNYS', '2025-01-01', '2025-12-31')))"
    )
    running = [
        subprocess.Popen(
            [sys.executable, "-c", code],
            env={**os.environ, "TZ": zone, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            text=True,
        )
        for zone in ("Pacific/Auckland", "America/Los_Angeles")
    ]
    assert [process.communicate()[0].split() for process in running] == [
        ["2025-12-15", "2025-12-16", "2025-12-11", "250"]
    ] * 2


# Ranges and offsets


def test_sessions_between_has_both_ends_and_is_naive():
    found = sessions_between("XNYS", "2025-12-12", "2025-12-16")
    assert [day(session) for session in found] == ["2025-12-12", "2025-12-15", "2025-12-16"]
    assert (found.tz, found.name) == (None, "session")
    assert len(sessions_between("XNYS", "2025-12-13", "2025-12-14")) == 0
    assert len(sessions_between("XNYS", dt.date(2025, 12, 15), pd.Timestamp("2025-12-15"))) == 1


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(["XNYS", "XTAE", "XHKG"]), st.integers(0, 2000), st.integers(-300, 300))
def test_offsets_go_back_where_they_came_from(exchange, position, sessions):
    start = sessions_between(exchange, "2015-01-01", "2024-12-31")[position]
    there = offset(exchange, start, sessions)
    assert offset(exchange, there, -sessions) == start
    low, high = sorted([start, there])
    assert len(sessions_between(exchange, low, high)) == abs(sessions) + 1


def test_offset_takes_sessions_only():
    assert day(offset("XNYS", "2025-12-12", 1)) == "2025-12-15"
    assert day(offset("XNYS", "2025-12-12", 0)) == "2025-12-12"
    assert day(offset("XNYS", "2025-12-12", np.int64(-1))) == "2025-12-11"
    with pytest.raises(
        CalendarError, match=r"2025-12-13 is not a session of XNYS; the nearest are 2025-12-12, 2025-12-15"
    ):
        offset("XNYS", "2025-12-13", 1)
    with pytest.raises(
        CalendarError, match=r"\+9999 sessions from 2025-12-12 leave .* XNYS, which covers 2000-01-01 to"
    ):
        offset("XNYS", "2025-12-12", 9999)
    with pytest.raises(CalendarError, match="-9999 sessions"):
        offset("XNYS", "2025-12-12", -9999)


@pytest.mark.parametrize("sessions", [1.0, "1", None, True])
def test_offset_refuses_what_is_no_whole_number(sessions):
    with pytest.raises(PotashError):
        offset("XNYS", "2025-12-12", sessions)


@pytest.mark.parametrize("value", ["nonsense", None, pd.NaT, "2025-12-12 10:00", pd.Timestamp("2025-12-12", tz="UTC")])
def test_sessions_want_plain_dates(value):
    with pytest.raises(CalendarError, match="date"):
        offset("XNYS", value, 0)
    with pytest.raises(CalendarError, match="date"):
        sessions_between("XNYS", value, "2025-12-31")


# What calendars cover


@pytest.mark.parametrize(
    ("exchange", "date", "covers"),
    [
        ("XNYS", "1999-12-31", "2000-01-01 to 2030-12-31"),
        ("XNYS", "2031-01-01", "2000-01-01 to 2030-12-31"),
        ("XSHG", "2027-01-04", "2000-01-01 to 2026-12-31"),
        ("XSHE", "2027-01-04", "2000-01-01 to 2026-12-31"),
    ],
)
def test_a_date_out_of_range_is_an_error_that_tells_the_range(exchange, date, covers):
    with pytest.raises(CalendarError, match=f"{date} lies outside the calendar of {exchange}, which covers {covers}"):
        first_session(date, exchange)
    with pytest.raises(CalendarError, match=covers):
        is_session(exchange, date)
    with pytest.raises(CalendarError, match=covers):
        sessions_between(exchange, "2020-01-02", date)
    assert " to ".join(map(day, calendar_range(exchange))) == covers


def test_no_session_is_left_at_the_end_of_the_calendar():
    with pytest.raises(
        CalendarError, match="no session after 2030-12-31 in the calendar of XNYS, which ends 2030-12-31"
    ):
        first_session("2030-12-31", "XNYS")


@pytest.mark.parametrize(
    ("exchange", "message"),
    [
        ("NYSE", r"'NYSE' has no trading calendar \(did you mean 'XNYS'\?\).*MIC"),
        ("XAMM", "'XAMM' has no trading calendar"),
        ("", "'' has no trading calendar"),
    ],
)
def test_an_unknown_exchange_is_an_error_with_the_known_ones(exchange, message):
    for ask in (
        lambda: first_session("2025-12-13", exchange),
        lambda: sessions_between(exchange, "2025-12-01", "2025-12-31"),
        lambda: offset(exchange, "2025-12-12", 1),
    ):
        with pytest.raises(CalendarError, match=message) as caught:
            ask()
        assert "XTAE" in str(caught.value)


def test_covered_exchanges_are_those_that_have_a_calendar():
    exchanges = covered_exchanges()
    assert {exchange for exchange, _, _ in FIRST} <= set(exchanges)
    assert exchanges == sorted(set(exchanges))
    assert all(has_calendar(exchange) for exchange in exchanges)
    assert not has_calendar("XAMM")


# Announcements


@pytest.mark.parametrize("value", ["2025-12-13", dt.date(2025, 12, 13), pd.Timestamp("2025-12-13")])
def test_announcement_of_a_date(value):
    assert Announcement.of(value) == Announcement(dt.date(2025, 12, 13))
    assert Announcement.of(value).instant is None


@pytest.mark.parametrize(
    "value",
    [
        pd.Timestamp("2025-12-13 07:03", tz="America/New_York"),
        "2025-12-13T12:03Z",
        "2025-12-13T07:03-05:00",
        dt.datetime(2025, 12, 13, 12, 3, tzinfo=dt.UTC),
    ],
)
def test_announcement_of_a_time_with_its_zone(value):
    assert Announcement.of(value).instant == FLAGSHIP_TIME


def test_announcement_of_an_announcement_is_itself():
    assert Announcement.of(FLAGSHIP_DATE) is FLAGSHIP_DATE


def test_a_time_of_day_is_read_in_its_zone():
    assert timed("2025-12-13", "07:03", "America/New_York").instant == FLAGSHIP_TIME
    assert timed("2025-07-01", "07:03", "America/New_York").instant == pd.Timestamp("2025-07-01T11:03Z")


@pytest.mark.parametrize(
    "value", [dt.datetime(2025, 12, 13, 7, 3), "2025-12-13 07:03", pd.Timestamp("2025-12-13 07:03")]
)
def test_a_time_without_a_zone_is_refused(value):
    with pytest.raises(EventsError, match=r"has a time but no zone.*tz='America/New_York'"):
        first_session(value, "XNYS")
    with pytest.raises(EventsError, match="a time needs a zone"):
        Announcement(dt.date(2025, 12, 13), dt.time(7, 3))


@pytest.mark.parametrize("value", ["nonsense", "", "2025-02-30", None, pd.NaT, "NaT", [1], True])
def test_what_is_no_date_is_refused(value):
    with pytest.raises(EventsError, match=r"is not a date. Write YYYY-MM-DD"):
        first_session(value, "XNYS")


@pytest.mark.parametrize("value", ["2025", "2025-12", "12/13/2025", "09/11/2025", "Dec 13 2025", "today", "now"])
def test_texts_that_are_no_iso_date_are_not_guessed_at(value):
    """A month is no day, and 09/11 is September or November."""
    with pytest.raises(EventsError, match="is not a date"):
        Announcement.of(value)


@pytest.mark.parametrize(
    ("zone", "hint"),
    [("Europe/Minks", "did you mean 'Europe/Minsk'"), ("", "IANA"), ("../passwd", "IANA"), ("EAST", "IANA")],
)
def test_an_unknown_zone_is_an_error_with_near_names(zone, hint):
    with pytest.raises(EventsError, match=hint):
        Announcement(dt.date(2025, 12, 13), zone=zone)


def test_a_time_that_carries_another_offset_is_refused():
    """12:03 UTC must not become 12:03 in New York."""
    with pytest.raises(EventsError):
        Announcement(dt.date(2025, 12, 13), dt.time(12, 3, tzinfo=dt.UTC), "America/New_York")


# Windows


@pytest.mark.parametrize("value", [(-1, 1), [-1, 1], Window(-1, 1), (np.int64(-1), np.int32(1))])
def test_window_of_a_pair(value):
    window = Window.of(value)
    assert window == Window(-1, 1)
    assert (type(window.start), type(window.end)) == (int, int)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ((1, -1), r"event_window=\(1, -1\) starts after it ends. Did you mean \(-1, 1\)\?"),
        ((-1.0, 1.0), "two whole numbers"),
        ((True, 1), "two whole numbers"),
        (("a", "b"), "two whole numbers"),
        ((-1, None), "two whole numbers"),
        ((-1, 0, 1), r"not a pair of offsets in sessions. Write for example event_window=\(-1, 1\)"),
        ((0,), "not a pair"),
        (5, "not a pair"),
        (None, "not a pair"),
        ("-1", "not a pair"),
        ({-1, 1}, "not a pair"),
    ],
)
def test_window_of_anything_else_is_an_error(value, message):
    with pytest.raises(WindowError, match=message):
        Window.of(value, "event_window")


def test_a_window_that_ends_before_it_starts_cannot_be_made():
    with pytest.raises(WindowError):
        Window(1, -1)


@pytest.mark.parametrize(
    ("window", "text", "length"),
    [
        (Window(-1, 1), "[-1, +1]", 3),
        (Window(0, 0), "[0, 0]", 1),
        (Window(-130, -11), "[-130, -11]", 120),
        (Window(0, 10), "[0, +10]", 11),
        (Window(-20, 0), "[-20, 0]", 21),
    ],
)
def test_window_as_text_and_its_length(window, text, length):
    assert (str(window), len(window), len(list(window.offsets))) == (text, length, length)


def test_window_holds_its_ends_and_smaller_windows():
    window = Window(-5, 10)
    assert list(window.offsets) == list(range(-5, 11))
    assert -5 in window
    assert 10 in window
    assert -6 not in window
    assert 11 not in window
    assert np.int64(0) in window
    assert Window(-5, 10) in window
    assert Window(-5, 11) not in window
    assert Window(-6, 0) not in window
    assert "0" not in window
