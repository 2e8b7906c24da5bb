from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from potash.errors import ReportError
from potash.report.compare import Comparison, VerdictChange, compare_reports

LIFTS, BELAVIA = "2025-12-13-us-lifts-potash", "2025-09-11-belavia-relief"


def event(name: str, outcome: str, estimate: float | None) -> dict[str, Any]:
    return {"event_id": name, "title": f"Title of {name}", "outcome": outcome, "CAR": estimate}


def report(folder: Path, events: list[dict[str, Any]], **manifest: Any) -> Path:
    folder.mkdir()
    (folder / "highlights.json").write_text(
        json.dumps({"version": 2, "answer": {}, "events": events, "pool": {"outcome": "undecided", "average": 0.004}})
    )
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return folder


def test_two_reports_of_the_same_do_not_differ(tmp_path: Path) -> None:
    old = report(tmp_path / "a", [event(LIFTS, "ruled out", -0.014)])
    new = report(tmp_path / "b", [event(LIFTS, "ruled out", -0.01404)])
    comparison = compare_reports(old, new)
    assert comparison == Comparison("a", "b", None, (), (), (), (), (), ())
    assert comparison.same
    assert (comparison.word, comparison.sentences()) == ("verdicts as before", ("Verdicts as before.",))


def test_what_differs_is_said_with_the_verdicts_first(tmp_path: Path) -> None:
    old = report(
        tmp_path / "a", [event(LIFTS, "ruled out", -0.014), event(BELAVIA, "undecided", 0.002), event("gone", "effect", 0.1)],
        parameters={"firms": ["NTR"]}, versions={"pandas": "3.0.1"}, data={"files": {"events.csv": "1", "u.csv": "7"}},
        tables=[{"name": "pool", "sha256": "1"}, {"name": "same", "sha256": "2"}],
    )  # fmt: skip
    new = report(
        tmp_path / "b", [event("new", "effect", 0.2), event(LIFTS, "effect", -0.034), event(BELAVIA, "undecided", None)],
        parameters={}, versions={"pandas": "3.0.2"}, data={"files": {"events.csv": "2", "u.csv": "7"}},
        tables=[{"name": "pool", "sha256": "9"}, {"name": "same", "sha256": "2"}, {"name": "more", "sha256": "3"}],
    )  # fmt: skip
    comparison = compare_reports(old, new, name="soon")
    assert comparison.new == "soon"
    assert comparison.verdicts == (
        VerdictChange(LIFTS, f"Title of {LIFTS}", "ruled out", "effect", -0.014, -0.034),
        VerdictChange(BELAVIA, f"Title of {BELAVIA}", "undecided", "undecided", 0.002, None),
    )
    assert comparison.word == "1 verdict changed"
    assert comparison.sentences() == (
        f"Title of {LIFTS}: ruled out \u2192 effect (\u22121.4\u00a0% \u2192 \u22123.4\u00a0%).",
        "New: Title of new.",
        "No longer studied: Title of gone.",
        f"Title of {BELAVIA}: undecided as before (+0.2\u00a0% \u2192 no estimate).",
        "Settings: firms ['NTR'] \u2192 not set; pandas 3.0.1 \u2192 3.0.2.",
    )
    assert (comparison.files, comparison.tables) == (("events.csv",), ("more", "pool"))
    assert not comparison.same
    record = json.loads(json.dumps(comparison.as_json()))
    assert record["word"] == "1 verdict changed"
    assert record["verdicts"][0]["new_outcome"] == "effect"


def test_events_that_came_or_went_are_no_changed_verdicts(tmp_path: Path) -> None:
    one, two = event(LIFTS, "effect", 0.1), event(BELAVIA, "effect", 0.1)
    few, many = report(tmp_path / "few", [one]), report(tmp_path / "many", [one, two, event("x", "effect", 0.1)])
    assert compare_reports(few, many).word == "2 events new"
    assert (
        compare_reports(many, report(tmp_path / "other", [one, event("y", "effect", 0.1)])).word
        == "1 event new and 2 events gone"
    )


def test_an_estimate_that_moved_by_what_is_shown_is_a_change_of_numbers(tmp_path: Path) -> None:
    old = report(tmp_path / "a", [event(LIFTS, "ruled out", -0.014)])
    new = report(tmp_path / "b", [event(LIFTS, "ruled out", -0.0135)])
    assert compare_reports(old, new).word == "numbers moved"
    assert (
        "ruled out as before (\u22121.40\u00a0% \u2192 \u22121.35\u00a0%)." in compare_reports(old, new).sentences()[1]
    )


def test_a_manifest_that_is_not_written_yet_is_handed_over(tmp_path: Path) -> None:
    old = report(tmp_path / "a", [], versions={"pandas": "1"})
    new = report(tmp_path / "b", [])
    assert compare_reports(old, new, manifest={"versions": {"pandas": "2"}}).settings == ("pandas 1 \u2192 2",)


def test_a_report_of_version_0_1_0_is_read_from_its_table(tmp_path: Path) -> None:
    old = tmp_path / "old"
    (old / "tables").mkdir(parents=True)
    (old / "highlights.json").write_text("[]")
    rows = ["event_id,outcome,CAR", f"{LIFTS},undecided,-0.02", f"{LIFTS},effect,-0.03", "x,effect,"]
    (old / "tables" / "verdicts.csv").write_text("\n".join(rows) + "\n")
    new = report(tmp_path / "new", [event(LIFTS, "ruled out", -0.02)])
    comparison = compare_reports(old, new)
    assert [change.old_outcome for change in comparison.verdicts] == ["undecided"]
    assert comparison.events_gone == ("x",)


def test_reports_that_cannot_be_read_are_compared_as_empty(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "manifest.json").write_text("[")
    assert compare_reports(tmp_path / "a", tmp_path / "b").same


def test_a_folder_that_is_no_report_is_refused(tmp_path: Path) -> None:
    new = report(tmp_path / "new", [])
    with pytest.raises(ReportError, match=r"monday: not a report of potash\. Give the folder of a report"):
        compare_reports(str(tmp_path / "monday"), new)
    with pytest.raises(ReportError, match="tuesday: not a report"):
        compare_reports(new, tmp_path / "tuesday")
