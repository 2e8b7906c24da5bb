"""The box that an event's page opens with."""

from potash.report.desk import set_up, verdict_box, verdict_table
from tests.report.desk.made_up import files

FLAGSHIP = "2025-12-13-us-lifts-potash"


def test_a_box_has_the_sentence_first_and_what_stands_behind_it_after(carried):
    box = verdict_box(carried, FLAGSHIP)
    assert box.heading.startswith("Announced Sat 2025-12-13; day 0 is Mon 2025-12-15 in New York.")
    assert box.text.startswith("No effect beyond 5 %: NTR and ICL returned −1.4 %")
    assert box.text.endswith(" control group. With MOS it would be an effect.")
    assert len(carried.verdict(FLAGSHIP).sentence().split()) <= 40
    september = verdict_box(carried, "2025-09-11-belavia-relief").text
    assert september == carried.verdict("2025-09-11-belavia-relief").sentence("negative"), (
        "both portfolios say the same"
    )
    assert box.tone == "none"
    [line] = box.details
    assert line.startswith("MOS is left out because of news of its own: Death at Mosaic's K3 mine")
    assert f"With MOS the effect is {carried.other_verdict(FLAGSHIP).interval}." in line


def test_an_effect_is_one_of_many_verdicts(carried):
    effects = [event_id for event_id in carried.newest if carried.verdict(event_id).outcome == "effect"]
    for event_id in effects:
        assert f"One of {carried.verdict(event_id).n_verdicts} verdicts; " in verdict_box(carried, event_id).details[0]


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
