"""Boxes and the table of verdicts: what a page says of each event."""

import pytest

from potash.report.desk import set_up, verdict_box, verdict_table
from potash.report.desk.verdict_tables import interval_or_missing, percent_or_missing, size_or_missing, with_error
from tests.report.desk.made_up import files

FLAGSHIP = "2025-12-13-us-lifts-potash"


@pytest.fixture(scope="module")
def carried():
    return set_up(left_out=["MOS"])


def test_a_box_has_the_sentence_first_and_what_stands_behind_it_after(carried):
    box = verdict_box(carried, FLAGSHIP)
    assert box.heading == (
        "US envoy in Minsk announces relief from potash sanctions (announced 2025-12-13, day 0 Mon 15 Dec 2025)"
    )
    assert box.text.startswith("No effect beyond 5 %: NTR and ICL returned −1.4 %")
    assert box.text.endswith(" control group. With MOS it would be an effect.")
    assert len(carried.verdict(FLAGSHIP).sentence().split()) <= 40
    september = verdict_box(carried, "2025-09-11-belavia-relief").text
    assert september == carried.verdict("2025-09-11-belavia-relief").sentence("negative"), (
        "both portfolios say the same"
    )
    assert box.tone == "none"
    details = "\n".join(box.details)
    for words in (
        "Votes: scaled test p = ",
        "Sessions −5 to −1 had brought",
        "\nControl group: CF, DE and CTVA.\n",
        "\nWith MOS: An effect, negative as expected: NTR, MOS and ICL returned",
        "\nNews of single firms in that window: MOS, Death at Mosaic's K3 mine",
    ):
        assert words in details


def test_controls_that_are_left_out_are_named_with_the_reason(carried):
    [line] = [d for d in verdict_box(carried, "2021-08-09-us-designates-belaruskali").details if "group:" in d]
    assert line == (
        "Control group: DE. Left out: CF (CF reports its second quarter after the close, session +1); CTVA (no prices then)."
    )


def test_the_direction_expected_is_handed_on(tmp_path):
    for direction, words in (
        ("positive", "positive as expected"),
        ("negative", "positive where negative was expected"),
    ):
        setting = set_up(*files(tmp_path / direction, ["NTR", "MOS", "CF", "DE"], direction=direction))
        box = verdict_box(setting, "planted")
        assert box.text.startswith(f"An effect, {words}: ")
        assert box.tone == "effect"
        assert verdict_table(setting).frame["sentence"].tolist() == [box.text]


def test_a_setting_without_controls_has_no_line_on_them(tmp_path):
    box = verdict_box(set_up(*files(tmp_path, ["NTR", "MOS"])), "planted")
    assert not [line for line in box.details if "group" in line.lower()]


def test_the_table_has_the_verdict_that_counts_first(carried):
    table = verdict_table(carried)
    assert list(table.frame["firms"])[:2] == ["NTR, ICL", "NTR, MOS, ICL"]
    assert list(table.shown["event"])[:3] == ["2025-12-13", "2025-12-13", "2025-12-11"]
    first = table.shown.iloc[0]
    assert first["verdict"] == "no effect beyond\u00a05\u00a0%"
    assert first["95 % interval"] == "−3.9 to +1.1 %"
    assert table.frame["outcome"].iloc[1] == "effect"
    assert len(table.shown) == len(table.frame) == 28


def test_numbers_in_words():
    nan = float("nan")
    assert [percent_or_missing(v) for v in (-0.0123, nan)] == ["−1.2 %", "missing"]
    assert [size_or_missing(v) for v in (-0.05, nan)] == ["5.0 %", "missing"]
    assert [interval_or_missing(-0.01, v) for v in (0.02, nan)] == ["−1.0 to +2.0 %", "missing"]
    assert with_error(0.01, 0.002) == "+1.0 % (0.2 %)"
    assert with_error(nan, nan) == "missing"
