"""Choices are compared by what they say, and a window that cannot be is refused before any price is read."""

import datetime as dt
import os
from pathlib import Path

import pytest

from potash.errors import InputError, OptionError, WindowError
from potash.report.desk.choices import Choices


def test_lists_texts_and_dates_become_one_form():
    written = Choices.of(
        firms=["NTR", "MOS", "NTR"], controls="CF, DE", window=[-1, 1], event_window=(-5, 10), prices_folder=Path("prices"),
        as_of=None, left_out=None, events=("a",),
    )  # fmt: skip
    same = Choices(firms=("NTR", "MOS"), controls=("CF", "DE"), window=(-1, 1), prices_folder="prices", events=("a",))
    assert written == same
    assert hash(written) == hash(same)
    assert Choices.of(as_of=dt.date(2026, 1, 5)).as_of == Choices.of(as_of="2026-01-05").as_of == "2026-01-05"
    assert Choices.of() == Choices()
    assert Choices.of(controls=[]).controls == (), "none, which is not the default"


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ({"firms": []}, InputError, "firms is empty, so there is nothing to study. Name some, or None for the potash producers"),
        ({"events": ""}, InputError, "events is empty, .* None for every dated event with prices"),
        ({"firms": [1]}, InputError, r"firms=\[1\] must be a list of names, for example firms=\['NTR', 'MOS'\]"),
        ({"controls": 3}, InputError, "controls=3 must be a list of names"),
        ({"market": ["SPY"]}, InputError, r"market=\['SPY'\] must be one ticker"),
        ({"prices_folder": 3}, InputError, "prices_folder=3 must be a path"),
        ({"returns_kind": "lag"}, OptionError, r"returns_kind='lag' is not known \(did you mean 'log'\?\). Choose one of: 'log'"),
        ({"window": [-6, 1]}, WindowError, r"window \[-6, \+1\] reaches outside event_window \[-5, \+10\]"),
        ({"window": [0, 11]}, WindowError, r"window \[0, \+11\] reaches outside"),
        ({"window": 1}, WindowError, r"window=1 is not a pair of offsets"),
        ({"event_window": [1, 10]}, WindowError, r"event_window \[\+1, \+10\] must hold sessions 0 and \+1"),
        ({"event_window": [-5, 0]}, WindowError, r"event_window \[-5, 0\] must hold sessions 0 and \+1"),
        ({"estimation_window": [-130, -5]}, WindowError, r"must end before event_window .* Let it end at -6 or earlier"),
        ({"estimation_window": [-13, -11]}, WindowError, "needs at least 6 returns"),
        ({"as_of": "2026-01-05", "prices_folder": "mine"}, InputError, "takes prices from the store, .* Give one of the two"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_says_why(given, error, message):
    with pytest.raises(error, match=message):
        Choices.of(**given)


def test_a_window_as_long_as_the_event_window_is_fine():
    assert Choices.of(window=(-5, 10)).window == (-5, 10)
    assert Choices.of(event_window=(0, 1)).event_window == (0, 1)
    assert Choices.of(estimation_window=(-130, -6)).estimation_window == (-130, -6)


def test_a_changed_file_is_another_question(tmp_path):
    folder, events, evidence = tmp_path / "prices", tmp_path / "events.csv", tmp_path / "evidence.csv"
    (folder / "inner").mkdir(parents=True)
    for file in (folder / "a.csv", folder / "inner" / "b.csv", events):
        file.write_text("one")
    choices = Choices.of(prices_folder=folder, events_file=events, universe_file=tmp_path / "absent.csv")
    first = choices.stamps()
    assert [Path(name).name for name, *_ in first] == ["a.csv", "b.csv", "events.csv"]
    (folder / "inner" / "b.csv").write_text("three")
    assert choices.stamps() != first
    os.utime(events, ns=(1, 1))
    second = choices.stamps()
    evidence.write_text("beside the events, so it is read too")
    assert len(choices.stamps()) == len(second) + 1
