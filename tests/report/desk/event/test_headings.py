"""Names and days as a reader at a desk writes them."""

import pandas as pd

from potash.report.desk.event.headings import (
    company,
    event_dates,
    event_title,
    file_name,
    session_words,
    specific_words,
)

FLAGSHIP = "2025-12-13-us-lifts-potash"


def test_firms_have_a_name_and_a_ticker_once(carried):
    assert company(carried, "NTR") == "Nutrien (NTR)"
    assert company(carried, "SQM") == "SQM", "its name is its ticker"
    assert company(carried, "NTR.TO") == "Nutrien (NTR.TO)"


def test_sessions_in_words():
    assert [session_words(offset) for offset in (0, -2, 6.0, pd.NA)] == ["day 0", "−2", "+6", "day not known"]


def test_titles_and_names_of_files(carried):
    assert event_title(carried, FLAGSHIP) == "US envoy in Minsk announces relief from potash sanctions"
    assert file_name("firms", "News 1") == "firms-news-1"


def test_day_0_is_said_by_exchange_with_the_day_of_the_week(carried, alone):
    assert "day 0 is Mon 2025-12-15 in New York" in event_dates(carried, FLAGSHIP)
    august = event_dates(carried, "2021-08-09-us-designates-belaruskali")
    assert august.startswith("Announced Mon 2021-08-09 at 10:57 in New York; day 0 is Mon 2021-08-09")
    assert august.endswith("Expected beforehand: higher prices of producers elsewhere.")
    assert "Expected beforehand: higher prices" in event_dates(alone, "planted")


def test_what_is_left_has_a_name(carried):
    assert specific_words(carried) == "potash-specific"
