"""A series that breaks a rule never gets as far as the store or a snapshot; what keeps them is told in one form."""

import numpy as np
import pandas as pd
import pytest

from potash.errors import BadAnswerError, PotashError
from potash.market.series import FIELDS, PriceSeries, SeriesKey

KEY = SeriesKey("yahoo", "NTR")
DAYS = pd.date_range("2026-01-05", periods=3, name="session")
FACTS = {"frequency": "daily", "currency": "USD"}


def made(values=None, facts=None, first=DAYS[0], last=DAYS[-1], index=DAYS, **series):
    frame = pd.DataFrame({"close": [50.0, 51.0, 52.0]}, index=index) if values is None else values
    return PriceSeries(KEY, frame, FACTS if facts is None else facts, source="a test", first=first, last=last, **series)


def test_a_key_is_written_with_its_provider_and_sorts_by_it():
    assert str(KEY) == "yahoo:NTR"
    assert sorted([KEY, SeriesKey("files", "ZZ")])[0].provider == "files"


def test_what_keeps_the_rules_is_taken_as_it_is_in_the_order_of_the_fields():
    index = pd.DatetimeIndex(DAYS, name="date").as_unit("s")
    frame = pd.DataFrame({"dividend": [np.nan, 0.5, np.nan], "close": [50.0, np.nan, -1.0]}, index=index)
    one = made(frame, first=DAYS[0] - pd.Timedelta(days=9), last=DAYS[-1] + pd.Timedelta(days=9))
    pd.testing.assert_frame_equal(
        one.values, frame[["close", "dividend"]].set_axis(DAYS.as_unit("ns")), check_freq=False
    )
    one.values.iloc[0, 0] = 9.0
    assert frame["close"].iloc[0] == 50.0
    assert (one.first, one.last) == (DAYS[0] - pd.Timedelta(days=9), DAYS[-1] + pd.Timedelta(days=9))


def test_what_is_not_said_follows_from_the_rest():
    one = made(first=pd.NaT, last=pd.NaT)
    assert (one.first, one.last, one.ticker, one.adjustment) == (DAYS[0], DAYS[-1], "NTR", "not stated")
    assert (one.known_as_of, one.file, one.notes) == ("", "", ())
    learnt = ("2026-01-07T21:00:00+00:00", "2026-01-08T21:00:00+00:00")
    series = made(facts={**FACTS, "adjustment": "splits"}, ticker="NTR.TO", known_from=learnt)
    assert (series.ticker, series.adjustment, series.known_as_of) == ("NTR.TO", "splits", "2026-01-08")
    said = made(facts={**FACTS, "adjustment": "splits"}, adjustment="none", known_as_of="2026-02")
    assert (said.adjustment, said.known_as_of) == ("none", "2026-02")


BOTH = pd.DataFrame({"close": [50.0, 51.0, np.nan], "adj_close": [np.nan, 49.0, 50.0]}, index=DAYS)
SEVERAL = "close: splits; adj_close: splits+dividends"


@pytest.mark.parametrize(("frame", "adjustment", "wanted", "field", "label"), [
    (BOTH, SEVERAL, "splits+dividends", "adj_close", "splits+dividends"),
    (BOTH, SEVERAL, "splits", "close", "splits"),
    (BOTH[["close"]], SEVERAL, "splits+dividends", "close", "splits"),
    (BOTH[["adj_close"]], "adjusted", "splits", "adj_close", "adjusted"),
])  # fmt: skip
def test_closing_prices_are_those_wanted_or_the_next_best(frame, adjustment, wanted, field, label):
    one = made(frame, adjustment=adjustment, first=DAYS[0] - pd.Timedelta(days=9))
    assert one.close_field(wanted) == (field, label)
    closes = one.closes(wanted)
    assert closes.values[field].to_dict() == frame[field].dropna().to_dict()
    assert (closes.first, closes.last) == (frame[field].first_valid_index(), frame[field].last_valid_index())
    assert (closes.adjustment, closes.source) == (label, one.source)


def test_a_series_without_closing_prices_has_none():
    assert made(pd.DataFrame({"value": 1.0}, index=DAYS)).closes() is None
    assert made(pd.DataFrame({"close": np.nan, "volume": 1.0}, index=DAYS)).closes() is None


@pytest.mark.parametrize("index", [
    DAYS.tz_localize("UTC"), DAYS + pd.Timedelta(hours=16), pd.RangeIndex(3), pd.Index(["2026-01-05", "a", "b"]),
])  # fmt: skip
def test_sessions_are_naive_dates(index):
    with pytest.raises(BadAnswerError, match="yahoo:NTR: the index of a series must hold naive dates at midnight"):
        made(index=index)


@pytest.mark.parametrize("values", [
    pd.DataFrame({"close": []}, index=pd.DatetimeIndex([]), dtype=float),
    pd.DataFrame({"close": [np.nan] * 3, "volume": np.nan}, index=DAYS),
    pd.DataFrame(index=DAYS),
])  # fmt: skip
def test_an_answer_says_something(values):
    with pytest.raises(BadAnswerError, match=r"yahoo:NTR: no value in 2026-01-05\.\.2026-01-07"):
        made(values)
    with pytest.raises(BadAnswerError, match=r"yahoo:NTR: no value\."):
        made(values, last=pd.NaT)


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
    ({"frequency": "daily", "currency": 5}, "the fact currency is 5, not a text"),
])  # fmt: skip
def test_facts_are_known_ones(facts, said):
    with pytest.raises(BadAnswerError, match=said):
        made(facts=facts)


@pytest.mark.parametrize("moments", [
    ("2026-01-30", "2026-01-31"), ("2026-01-30T00:00Z", "2026-01-29T00:00Z"), ("soon", "later"), ("2026-01-30T00:00Z",),
])  # fmt: skip
def test_moments_are_in_order_and_have_their_zone(moments):
    with pytest.raises(BadAnswerError, match="is not a pair of moments in order with their zone"):
        made(known_from=moments)


def test_moments_may_be_the_same():
    assert made(known_from=("2026-01-30T00:00Z", "2026-01-30T00:00Z")).known_as_of == "2026-01-30"


def test_a_bad_answer_is_no_fault_of_the_caller():
    assert issubclass(BadAnswerError, PotashError)
    assert not issubclass(BadAnswerError, ValueError)
