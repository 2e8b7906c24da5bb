"""Sessions kept between processes: the same as computed ones, at once, and never those of another version."""

import json
import os
import subprocess
import sys

import pandas as pd
import pytest

from potash import calendars
from potash.cache import CACHE_VARIABLE
from potash.errors import CalendarError

# Asks for a few exchanges and says what it got, whether exchange_calendars was imported, and what the cache holds.
PROCESS = """
import sys
from potash.calendars import closes, covered_exchanges, calendar_range, has_calendar, is_session
print(len(covered_exchanges()), has_calendar("XHKG"), calendar_range("XSHE")[1].date())
print(is_session("XHKG", "2023-09-01"), is_session("XHKG", "2023-09-04"), len(closes("XSHE")), closes("XSHE").iloc[-1])
print("imported" if "exchange_calendars" in sys.modules else "kept")
"""


def printed_by_a_process(folder, **environment) -> list[str]:
    environment = {**os.environ, CACHE_VARIABLE: str(folder), **environment}
    done = subprocess.run([sys.executable, "-c", PROCESS], env=environment, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return done.stdout.splitlines()


@pytest.fixture(scope="module")
def first(tmp_path_factory) -> tuple:
    folder = tmp_path_factory.mktemp("cache")
    return folder, printed_by_a_process(folder)


@pytest.fixture
def fresh(tmp_path, monkeypatch):
    """The functions as in a new process with an empty cache folder."""
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path))
    remembered = (calendars.closes, calendars._ranges, calendars._key)
    for function in remembered:
        function.cache_clear()
    yield tmp_path
    for function in remembered:
        function.cache_clear()


def test_a_second_process_has_the_same_sessions_without_exchange_calendars(first):
    folder, lines = first
    assert lines[-1] == "imported"
    assert lines[1].startswith("False True ")
    assert printed_by_a_process(folder) == [*lines[:-1], "kept"]
    assert len(list(folder.iterdir())) == 3


def test_kept_sessions_are_the_computed_ones(fresh):
    computed, _ = calendars.closes("XHKG"), calendars.closes.cache_clear()
    pd.testing.assert_series_equal(calendars.closes("XHKG"), computed, check_freq=True)
    rows = calendars._computed_closes("XHKG")
    assert computed.index.to_numpy().astype("M8[ns]").astype("i8").tolist() == rows[0].tolist()
    assert [stamp.value for stamp in computed] == rows[1].tolist()
    assert pd.Timestamp("2023-09-01") not in computed.index
    assert (computed.name, str(computed.dtype), computed.index.tz) == ("close", "datetime64[ns, UTC]", None)


def test_damaged_files_are_computed_again(first, tmp_path):
    folder, lines = first
    for path in folder.iterdir():
        raw = bytearray(path.read_bytes())
        raw[len(raw) // 2] ^= 1
        (tmp_path / path.name).write_bytes(raw)
    assert printed_by_a_process(tmp_path) == lines


def test_a_home_that_cannot_be_written_changes_nothing(first, tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("")
    _, lines = first
    assert printed_by_a_process("", HOME=str(blocked), XDG_CACHE_HOME=str(blocked)) == lines


@pytest.mark.parametrize("change", [
    ("version", lambda name: "0.0"), ("LAST_DATE", pd.Timestamp("2031-01-01")), ("FIRST_DATE", pd.Timestamp("2001-01-01")),
    ("_SAME_CALENDAR", {}), ("_NOT_SESSIONS", {"XHKG": pd.DatetimeIndex(["2023-09-04"])}),
])  # fmt: skip
def test_another_version_range_or_correction_has_another_key(fresh, monkeypatch, change):
    before = calendars._key()
    calendars._key.cache_clear()
    monkeypatch.setattr(calendars, *change)
    assert calendars._key() != before


def test_a_new_correction_counts_although_the_sessions_were_kept(fresh, monkeypatch):
    assert calendars.is_session("XHKG", "2023-09-04")
    monkeypatch.setattr(calendars, "_NOT_SESSIONS", {"XHKG": pd.DatetimeIndex(["2023-09-04"])})
    calendars._key.cache_clear()
    calendars.closes.cache_clear()
    assert not calendars.is_session("XHKG", "2023-09-04")


def test_a_new_version_of_pandas_has_another_key(fresh, monkeypatch):
    keys = [json.loads(calendars._key())]
    calendars._key.cache_clear()
    monkeypatch.setattr(pd, "__version__", "3.0.99")
    keys.append(json.loads(calendars._key()))
    assert keys[0] != keys[1]


def test_an_exchange_without_calendar_keeps_nothing(fresh):
    with pytest.raises(CalendarError, match="XAMM"):
        calendars.closes("XAMM")
    assert [path.name.split("-")[0] for path in fresh.iterdir()] == ["ranges"]
