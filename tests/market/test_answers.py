"""An answer that breaks a rule never gets as far as the store."""

import numpy as np
import pandas as pd
import pytest

from potash.errors import BadAnswerError, PotashError
from potash.market.answers import FIELDS, Answer, SeriesKey

KEY = SeriesKey("yahoo", "NTR")
DAYS = pd.date_range("2026-01-05", periods=3, name="session")
FACTS = {"frequency": "daily", "currency": "USD"}


def made(values=None, facts=None, first=DAYS[0], last=DAYS[-1], index=DAYS):
    frame = pd.DataFrame({"close": [50.0, 51.0, 52.0]}, index=index) if values is None else values
    return Answer(KEY, frame, FACTS if facts is None else facts, first, last, "a test")


def test_a_key_is_written_with_its_provider_and_sorts_by_it():
    assert str(KEY) == "yahoo:NTR"
    assert sorted([KEY, SeriesKey("files", "ZZ")])[0].provider == "files"


def test_what_keeps_the_rules_is_taken_as_it_is():
    frame = pd.DataFrame({"close": [50.0, np.nan, -1.0], "dividend": [np.nan, 0.5, np.nan]}, index=DAYS)
    one = made(frame, first=DAYS[0] - pd.Timedelta(days=9), last=DAYS[-1] + pd.Timedelta(days=9))
    assert one.values is frame
    assert one.notes == ()


@pytest.mark.parametrize("index", [
    DAYS.tz_localize("UTC"), DAYS + pd.Timedelta(hours=16), pd.RangeIndex(3), pd.Index(["2026-01-05", "a", "b"]),
])  # fmt: skip
def test_sessions_are_naive_dates(index):
    with pytest.raises(BadAnswerError, match="yahoo:NTR: the index of an answer must hold naive dates at midnight"):
        made(index=index)


@pytest.mark.parametrize("values", [
    pd.DataFrame({"close": []}, index=pd.DatetimeIndex([]), dtype=float),
    pd.DataFrame({"close": [np.nan] * 3, "volume": np.nan}, index=DAYS),
    pd.DataFrame(index=DAYS),
])  # fmt: skip
def test_an_answer_says_something(values):
    with pytest.raises(BadAnswerError, match=r"yahoo:NTR: no value in 2026-01-05\.\.2026-01-07"):
        made(values)


@pytest.mark.parametrize(("days", "said"), [
    ([0, 1, 1], "2026-01-06 twice"), ([0, 2, 1], "dates out of order"), ([0, 0, 0], "2026-01-05, 2026-01-05 twice"),
])  # fmt: skip
def test_each_session_stands_once_and_in_order(days, said):
    with pytest.raises(BadAnswerError, match=f"the answer has {said}"):
        made(index=DAYS[days])


@pytest.mark.parametrize(("first", "last"), [(DAYS[1], DAYS[2]), (DAYS[0], DAYS[1])])
def test_values_stay_in_the_span_asked_for(first, last):
    with pytest.raises(BadAnswerError, match=r"values from 2026-01-05 to 2026-01-07 leave the span"):
        made(first=first, last=last)


@pytest.mark.parametrize("columns", [["Close"], ["close", "close"], ["close", "price"]])
def test_fields_are_known_and_stand_once(columns):
    frame = pd.DataFrame(50.0, index=DAYS, columns=columns)
    with pytest.raises(BadAnswerError, match=rf"unknown or repeated fields .*known: {FIELDS[0]}, {FIELDS[1]}"):
        made(frame)


@pytest.mark.parametrize(
    "close", [[1, 2, 3], ["1", "2", "3"], [1.0, np.inf, 2.0], np.array([1, 2, 3], dtype="float32")]
)
def test_values_are_finite_floats(close):
    with pytest.raises(BadAnswerError, match="values must be finite float64, NaN where there is none"):
        made(pd.DataFrame({"close": close}, index=DAYS))


@pytest.mark.parametrize(("facts", "said"), [
    ({**FACTS, "curency": "USD"}, r"unknown fact 'curency' \(did you mean 'currency'\?\)"),
    ({"currency": "USD"}, "frequency None is neither daily nor monthly"),
    ({"frequency": "weekly"}, "frequency 'weekly' is neither daily nor monthly"),
])  # fmt: skip
def test_facts_are_known_ones(facts, said):
    with pytest.raises(BadAnswerError, match=said):
        made(facts=facts)


def test_a_bad_answer_is_no_fault_of_the_caller():
    assert issubclass(BadAnswerError, PotashError)
    assert not issubclass(BadAnswerError, ValueError)
