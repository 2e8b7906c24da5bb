"""Which event a text names."""

import pytest

from potash.errors import EventsError, InputError
from potash.report.desk.choices import Choices
from potash.report.question.events import event_of, events_listed, events_of_dates, setting_around
from potash.report.question.names import choices_of

FLAGSHIP = "2025-12-13-us-lifts-potash"


@pytest.fixture(scope="module")
def setting():
    return setting_around("newest", choices_of({}))[0]


@pytest.mark.parametrize(
    ("text", "event_id"),
    [
        (FLAGSHIP, FLAGSHIP), ("US-lifts", FLAGSHIP), ("relief from potash sanctions", FLAGSHIP), ("2025-12-13", FLAGSHIP),
        ("2025-12-15", FLAGSHIP),  # day 0, before background events of that date
        ("invasion", "2022-02-24-invasion-of-ukraine"), ("2013-07-30", "2013-07-30-uralkali-leaves-bpc"),
        ("2021-turn-to-asia", "2021-turn-to-asia"),
    ],
)  # fmt: skip
def test_an_event_by_id_part_title_or_date(setting, text, event_id):
    assert event_of(setting, text) == event_id


def test_newest_is_the_newest_with_prices(setting):
    assert setting_around(" Newest ", choices_of({})) == (setting, FLAGSHIP)


def test_an_event_of_the_study_is_looked_at_among_all(setting):
    assert setting_around("invasion", choices_of({}))[0] is setting
    alone, event_id = setting_around("2025-12-15-general-license-13", choices_of({}))
    assert alone.events == (event_id,) == ("2025-12-15-general-license-13",)


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        ("potash", EventsError, r"'potash' fits \d+ events: 2021-06-24-eu-sectoral-sanctions \(EU.*Write more of one"),
        ("sanctons", EventsError, "fits no event of the carried timeline. Nearest: .*Studied are: 2025-12-13"),
        ("", EventsError, "fits no event"),
        ("1999-01-01", EventsError, "fits no event"),
        (
            "2026-03-19",
            InputError,
            r"2026-03-19-us-to-delist-belaruskali cannot be studied: prices end 2026-01-29\. These can",
        ),
        ("2021-turn-to-asia", InputError, "without a single day"),
    ],
)
def test_a_text_that_names_no_event_or_several(text, error, message):
    with pytest.raises(error, match=message):
        setting_around(text, Choices())


@pytest.mark.parametrize(
    ("text", "number"), [("2022", 5), ("2022-02", 2), ("2022-02-17", 1), ("202", 0), ("2022-2", 0), ("2025", 6)]
)
def test_a_year_a_month_or_a_day_stands_for_its_events(setting, text, number):
    ids = events_of_dates([text], setting.timeline)
    assert [e for e in ids if e != text] == [e for e in setting.timeline.events.index if e in ids]
    assert len([e for e in ids if e.startswith(text) and e != text]) == number
    assert (ids == [text]) is (number == 0)


def test_an_id_stays_and_nothing_stands_twice(setting):
    assert events_of_dates([FLAGSHIP, "2025-12-13", "nonsense"], setting.timeline) == [FLAGSHIP, "nonsense"]


def test_the_list_has_a_line_an_event_the_newest_first(setting):
    lines = events_listed(setting).splitlines()
    assert len(lines) == len(setting.newest)
    assert lines[0] == f"  {FLAGSHIP}  US envoy in Minsk announces relief from potash sanctions"
