"""Options become the values of a question."""

from pathlib import Path

import pytest

from potash.cli.ask import question as q
from potash.errors import InputError, OptionError


def test_options_are_read_and_win_over_the_file():
    config = {"firms": ["ICL"], "market": "SPY", "window": [0, 1], "title": "Ours"}
    values = q.given_choices(
        config, firms="NTR, MOS", controls="none", window="-1,+1", returns="simple", event="newest-id"
    )
    assert values == {
        "firms": ["NTR", "MOS"], "market": "SPY", "controls": [], "window": [-1, 1], "returns_kind": "simple",
        "title": "Ours", "events": ["newest-id"],
    }  # fmt: skip
    assert q.given_choices({}) == {}


@pytest.mark.parametrize(
    ("estimation", "event_window", "expected"),
    [
        ("250", None, [-260, -11]),
        ("250", "-10,10", [-260, -11]),
        ("250", "-20,10", [-270, -21]),
        ("-250,-31", None, [-250, -31]),
        ("[-250:-31]", None, [-250, -31]),
    ],
)
def test_an_estimation_window_by_its_length_ends_where_the_usual_one_does(estimation, event_window, expected):
    assert q.given_choices({}, estimation=estimation, event_window=event_window)["estimation_window"] == expected


def test_an_option_given_twice_counts_twice():
    assert q.given_choices({}, firms=["NTR", "MOS,ICL"]) == {"firms": ["NTR", "MOS", "ICL"]}
    assert q.given_choices({"firms": ["NTR"]}, firms=[]) == {"firms": ["NTR"]}, (
        "what the command line hands over without any"
    )


def test_the_event_window_of_a_file_counts_too():
    assert q.given_choices({"event_window": [-30, 5]}, estimation="100")["estimation_window"] == [-130, -31]


@pytest.mark.parametrize("text", ["1", "a,b", "-1,1,2", "", "0.5,1"])
def test_a_window_that_is_no_pair_is_refused(text):
    with pytest.raises(
        InputError, match=r"--window .*: two whole numbers of sessions are needed, for example --window -1,1"
    ):
        q.given_choices({}, window=text)


def test_prices_come_from_one_place(tmp_path):
    file = tmp_path / "file.csv"
    file.write_text("")
    with pytest.raises(OptionError, match="--snapshot and --prices name two sources"):
        q.given_choices({}, prices=tmp_path, snapshot="carried")
    with pytest.raises(InputError, match=r"--prices .*file\.csv: is a file, and a folder"):
        q.given_choices({}, prices=file)
    with pytest.raises(InputError, match="--prices absent: does not exist"):
        q.given_choices({}, prices=Path("absent"))
    assert q.given_choices({"prices_folder": "mine"}, snapshot="carried") == {}
    assert q.given_choices({"prices_folder": "mine"}, as_of="2026-01-05") == {"as_of": "2026-01-05"}
    assert q.given_choices({"as_of": "2026-01-05"}, prices=tmp_path) == {"prices_folder": tmp_path}


def test_files_that_are_not_there_are_named_by_their_option(tmp_path):
    for option in ("events", "universe", "confounders"):
        with pytest.raises(InputError, match=f"--{option} .*absent: does not exist"):
            q.given_choices({}, **{option: tmp_path / "absent"})
        with pytest.raises(InputError, match=f"--{option} .*: is a folder, and a file is needed"):
            q.given_choices({}, **{option: tmp_path})


def test_the_shell_completes_events_and_the_last_ticker():
    events = dict(q.complete_events("2025-12-1"))
    assert "2025-12-13-us-lifts-potash" in events
    assert all(event.startswith("2025-12-1") and title for event, title in events.items())
    assert "2021-turn-to-asia" not in dict(q.complete_events("2021")), "it has no day"
    assert list(dict(q.complete_events("new"))) == ["newest"]
    assert list(dict(q.complete_event_ids("2024-x,2025-12-13-us-l"))) == ["2024-x,2025-12-13-us-lifts-potash"]
    assert dict(q.complete_event_ids("new")) == {}, "a report takes ids"
    assert dict(q.complete_tickers("NTR,MO")) == {"NTR,MOS": "Mosaic"}
    assert list(dict(q.complete_tickers("SP"))) == ["SPY"]
