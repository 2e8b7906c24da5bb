"""Boxes and the table of verdicts: what a page says of each event."""

import pytest

from potash.report.desk import set_up, verdict_box, verdict_table
from potash.report.desk.verdict_tables import (
    about_controls,
    interval_or_missing,
    percent_or_missing,
    size_or_missing,
    window_words,
    with_error,
)
from tests.report.desk.made_up import files

FLAGSHIP = "2025-12-13-us-lifts-potash"


@pytest.fixture(scope="module")
def carried():
    return set_up(left_out=["MOS"])


def test_controls_that_are_left_out_are_named_with_the_reason(carried):
    line = about_controls(carried, carried.verdict("2021-08-09-us-designates-belaruskali"))
    assert line == (
        "Control group: DE. Left out: CF (CF reports its second quarter after the close, session +1); CTVA (no prices then)."
    )


def test_a_setting_without_controls_has_no_line_on_them(tmp_path):
    setting = set_up(*files(tmp_path, ["NTR", "MOS"]))
    assert about_controls(setting, setting.verdict("planted")) == ""
    assert not [line for line in verdict_box(setting, "planted").details if "control" in line.lower()]


def test_the_table_has_the_verdict_that_counts_first(carried):
    table = verdict_table(carried)
    assert list(table.frame["firms"])[:2] == ["NTR, ICL", "NTR, MOS, ICL"]
    assert list(table.shown["event"].str[-11:-1])[:3] == ["2025-12-13", "2025-12-13", "2025-12-11"]
    first = table.shown.iloc[0]
    assert first["verdict"] == "no effect beyond\u00a05\u00a0%"
    assert first["95 % interval"] == "−3.9 to +1.1 %"
    assert table.frame["outcome"].iloc[1] == "effect"
    assert len(table.frame) == 28, "both portfolios of every event"
    rows = table.shown["event"].value_counts()
    for event_id in carried.newest:
        both = carried.verdict(event_id), carried.other_verdict(event_id)
        assert rows[carried.title(event_id)] == len({verdict.outcome for verdict in both if verdict is not None})


def test_numbers_in_words():
    nan = float("nan")
    assert [percent_or_missing(v) for v in (-0.0123, nan)] == ["−1.2 %", "missing"]
    assert [size_or_missing(v) for v in (-0.05, nan)] == ["5.0 %", "missing"]
    assert size_or_missing(float("inf")) == "no size"
    assert window_words("follow-through", "[-5, -1]") == "follow-through [−5,\u00a0−1]"
    assert [interval_or_missing(-0.01, v) for v in (0.02, nan)] == ["−1.0 to +2.0 %", "missing"]
    assert with_error(0.01, 0.002) == "+1.0 % (0.2 %)"
    assert with_error(nan, nan) == "missing"
