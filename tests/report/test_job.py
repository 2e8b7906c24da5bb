from __future__ import annotations

import json
import time
from pathlib import Path

import nbformat
import pytest

from potash.errors import EventsError, OptionError, ReportError
from potash.report import job
from potash.report.job import ReportResult, build_report
from potash.report.run.execute import Progress, scrubbed
from potash.report.run.manifest import describe_inputs
from tests.report.made_up import FAILING, STUDY, contents, report, two_notebooks, write_notebook

Made = tuple[ReportResult, Path]


def test_everything_is_there(made: Made) -> None:
    result = made[0]
    assert result.folder.name == "latest"
    assert sorted(path.name for path in result.folder.parent.iterdir()) == [result.run, "latest"]
    assert (result.folder.readlink(), result.unchanged) == (Path(result.run), False)
    assert sorted(contents(result.folder)) == [
        "01-timeline.html",
        "02-event-study.html",
        "figures/line.png",
        "figures/line.svg",
        "highlights.json",
        "index.html",
        "manifest.json",
        "notebooks/01-timeline.ipynb",
        "notebooks/02-event-study.ipynb",
        "tables/events.csv",
    ]
    assert [path.name for path in result.pages] == ["01-timeline.html", "02-event-study.html"]
    assert all(path.is_file() for path in (result.index, *result.pages, *result.tables, *result.figures))


def test_a_report_can_be_read_by_others(made: Made, tmp_path: Path) -> None:
    usual = tmp_path / "usual"
    usual.mkdir()
    assert made[0].folder.stat().st_mode == usual.stat().st_mode


def test_the_manifest_names_what_went_in_and_came_out(made: Made) -> None:
    text = (made[0].folder / "manifest.json").read_text()
    manifest = json.loads(text)
    assert text == json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    assert manifest["data"]["snapshot"] == "made-up-12345678"
    assert manifest["tables"][0]["rows"] == 3
    assert manifest["versions"]["pandas"]
    assert str(made[0].folder.parent) not in text
    highlights = json.loads((made[0].folder / "highlights.json").read_text())
    assert (highlights["version"], "answer" in highlights) == (2, False), (
        "these notebooks do not ask the study's question"
    )
    assert [(h["notebook"], h["tone"]) for h in highlights["notebooks"]] == [
        ("01-timeline", "none"),
        ("02-event-study", "effect"),
    ]


def test_the_executed_notebooks_open_and_hold_no_machine(made: Made) -> None:
    for path in (made[0].folder / "notebooks").iterdir():
        nbformat.validate(nbformat.read(path, as_version=4))
        assert str(made[0].folder.parent) not in path.read_text()


def test_the_same_inputs_give_the_same_bytes(made: Made, tmp_path: Path) -> None:
    again = report(tmp_path / "elsewhere" / "deep", made[1], workers=1)
    assert contents(again.folder) == contents(made[0].folder)


def test_events_without_a_day_are_refused_before_anything_runs(tmp_path: Path) -> None:
    notebooks = two_notebooks(tmp_path / "notebooks")
    (tmp_path / "mine.csv").write_text("event_id,date\nmine,2026-01\n")
    with pytest.raises(EventsError, match="none of 1 events has relevance headline or market and a day"):
        report(tmp_path / "out", notebooks, events=tmp_path / "mine.csv")
    assert not (tmp_path / "out").exists()


def test_parameters_and_files_reach_the_notebooks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    notebooks = two_notebooks(tmp_path / "notebooks")
    Path("mine.csv").write_text("event_id,date\nmine,2026-01-05\n")
    seen: list[Progress] = []
    result = report(Path("out"), notebooks, parameters={"rows": "5"}, events="mine.csv", progress=seen.append)
    assert len((result.folder / "tables/events.csv").read_text().splitlines()) == 6
    page = result.pages[0].read_text()
    assert f"{tmp_path}/mine.csv 2026-11-20" in page
    assert "rows = 5" in page
    assert "rows" not in result.pages[1].read_text().split("<footer>")[1]
    manifest = json.loads((result.folder / "manifest.json").read_text())
    assert manifest["parameters"] == {"events_file": "mine.csv", "rows": 5}
    kinds = [step.kind for step in seen if step.notebook == "01-timeline"]
    assert kinds[0] == "started"
    assert kinds[-1] == "finished"
    assert seen[-1].cell == seen[-1].cells


def test_a_failing_notebook_leaves_the_old_report(tmp_path: Path) -> None:
    out = tmp_path / "out"
    (out / "latest").mkdir(parents=True)
    (out / "latest" / "index.html").write_text("old")
    (out / "latest" / "manifest.json").write_text("{}")
    (out / "failed").mkdir()
    (out / "failed" / "00-earlier.ipynb").write_text("{}")
    notebooks = tmp_path / "notebooks"
    write_notebook(notebooks / "01-fails.ipynb", FAILING)
    write_notebook(notebooks / "02-slow.ipynb", ["# Slow", "import time; time.sleep(60)"])
    start = time.monotonic()
    with pytest.raises(ReportError) as caught:
        report(out, notebooks)
    assert time.monotonic() - start < 30
    message = str(caught.value)
    assert message.startswith("01-fails.ipynb, cell 3 (inner()): RuntimeError: the data are gone. ")
    assert str(out / "failed/01-fails.ipynb") in message
    assert "\n" not in message
    assert contents(out / "latest") == {"index.html": b"old", "manifest.json": b"{}"}
    assert sorted(path.name for path in out.iterdir())[1:] == ["failed", "latest"], "the old one became a run"
    assert [path.name for path in (out / "failed").iterdir()] == ["01-fails.ipynb"]
    failed = nbformat.read(out / "failed/01-fails.ipynb", as_version=4)
    assert failed.cells[2].outputs[0].ename == "RuntimeError"


def test_a_kernel_that_dies_is_one_sentence(tmp_path: Path) -> None:
    write_notebook(tmp_path / "n" / "01-dies.ipynb", ["# Dies", "import os\nos._exit(1)"])
    with pytest.raises(ReportError, match=r"01-dies\.ipynb, cell 2 \(import os\): the kernel died"):
        report(tmp_path / "out", tmp_path / "n")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["failed"]


def test_the_same_name_in_two_notebooks_is_refused(tmp_path: Path) -> None:
    for name in ("01-a", "02-b"):
        write_notebook(tmp_path / "n" / f"{name}.ipynb", STUDY)
    with pytest.raises(ReportError, match="01-a and 02-b both publish the figure 'line'"):
        report(tmp_path / "out", tmp_path / "n")
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"prices": "nowhere"}, "prices='nowhere': does not exist"),
        ({"events": "."}, "events='.': is a folder, and a file is needed"),
        ({"universe": "nowhere.csv"}, "universe='nowhere.csv': does not exist"),
        ({"parameters": {"unknown": 1}}, "Declared are: as_of, horizon, rows"),
        ({"parameters": {"rows": "many"}}, "does not fit"),
        ({"workers": 0}, "workers=0 must be at least 1"),
    ],
)
def test_inputs_are_checked_before_anything_runs(
    made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: dict[str, object], message: str
) -> None:
    monkeypatch.setattr(job, "run_notebooks", lambda *_, **__: pytest.fail("ran"))
    with pytest.raises((ReportError, OptionError)) as caught:
        report(tmp_path / "out", made[1], **options)
    assert message in str(caught.value)
    assert not (tmp_path / "out").exists()


def test_out_must_be_a_folder(made: Made, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file")
    with pytest.raises(ReportError, match="cannot write there"):
        report(tmp_path / "out", made[1])


def test_the_default_description_is_the_carried_data() -> None:
    assert build_report.__kwdefaults__["describe"] is describe_inputs


def test_scrubbed_text(tmp_path: Path) -> None:
    text = f"/tmp/ipykernel_12/34.py:3: W\n{tmp_path}/tables at 0x7f00ab"
    assert scrubbed(text, tmp_path) == "notebook cell:3: W\n./tables at 0x..."


@pytest.mark.parametrize(("place", "name"), [("latest", "mine.txt"), ("failed", "notes.txt")])
def test_files_that_are_not_potashs_are_never_deleted(tmp_path: Path, place: str, name: str) -> None:
    out = tmp_path / "out"
    (out / place).mkdir(parents=True)
    (out / place / name).write_text("precious")
    with pytest.raises(ReportError, match=r"[gG]ive another --out"):
        report(out, two_notebooks(tmp_path / "notebooks"))
    assert (out / place / name).read_text() == "precious"


def test_a_bad_event_file_is_told_before_any_notebook_runs(tmp_path: Path) -> None:
    events = tmp_path / "events.csv"
    events.write_text("event_id,date,time,zone\na,2025-03-03,10:00,Mars/Base\n")
    with pytest.raises(EventsError, match="line 2: event 'a': zone 'Mars/Base'"):
        report(tmp_path / "out", two_notebooks(tmp_path / "notebooks"), events=events)
    assert not (tmp_path / "out").exists()
