from __future__ import annotations

import contextlib
import datetime as dt
import gc
import json
import os
import pathlib
import subprocess
import sys
import time
import tracemalloc
import zipfile
from pathlib import Path

import nbformat
import pytest

from potash.bundled import sha256_of
from potash.errors import (
    EventsError,
    InputError,
    MissingPackageError,
    NotebookError,
    OptionError,
    ReportError,
    ReportInputError,
    ReportLockedError,
)
from potash.report import job, making
from potash.report.job import ReportResult, build_report
from potash.report.run.execute import NotebookFailedError, Outcome, Progress, scrubbed
from potash.report.run.lock import locked
from potash.report.run.manifest import describe_inputs
from tests.paths import ROOT
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
    monkeypatch.setattr(making, "run_notebooks", lambda *_, **__: pytest.fail("ran"))
    with pytest.raises((ReportError, OptionError)) as caught:
        report(tmp_path / "out", made[1], **options)
    assert message in str(caught.value)
    assert not (tmp_path / "out").exists()


def test_out_must_be_a_folder(made: Made, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file")
    with pytest.raises(ReportInputError, match="out: is a file, and a folder is needed there"):
        report(tmp_path / "out", made[1])
    with pytest.raises(ReportError, match="cannot write there"):
        report(tmp_path / "out" / "below", made[1])


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


def fake(monkeypatch: pytest.MonkeyPatch, fails: tuple[str, ...] = ()) -> list[str]:
    """Let notebooks publish a table without a process; return the names of those that ran, as they run."""
    ran: list[str] = []

    def run_notebooks(tasks, folder, **options):  # type: ignore[no-untyped-def]
        failures = []
        for task in tasks:
            ran.append(task.name)
            (folder / "tables").mkdir(exist_ok=True)
            (folder / "tables" / f"{task.name}.csv").write_text(f"n\n{len(ran)}\n")
            if task.name in fails:
                lines = ["Traceback", "ValueError: <gone>"]
                error = nbformat.v4.new_output("error", ename="ValueError", evalue="<gone>", traceback=lines)
                task.node.cells[-1].outputs = [error]
                failures.append(NotebookFailedError(task, "cell 2: ValueError: <gone>"))
                if not options["keep_going"]:
                    raise failures[0]
        return Outcome(tuple(tasks), tuple(failures))

    monkeypatch.setattr(making, "run_notebooks", run_notebooks)
    monkeypatch.setattr(job, "processes_ready", contextlib.nullcontext)
    return ran


def test_nothing_is_made_again_unless_something_changed_or_it_is_forced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = fake(monkeypatch)
    notebooks = two_notebooks(tmp_path / "n")
    first = report(tmp_path / "out", notebooks)
    again = report(tmp_path / "out", notebooks)
    assert (len(ran), again.unchanged, again.run) == (2, True, first.run)
    assert (again.index, again.pages, again.tables) == (first.index, first.pages, first.tables)
    forced = report(tmp_path / "out", notebooks, force=True)
    assert (len(ran), forced.unchanged) == (4, False)
    for change in ({"parameters": {"rows": 4}}, {"parameters": {"rows": 4}, "title": "Mine"}):
        assert not report(tmp_path / "out", notebooks, **change).unchanged
        assert report(tmp_path / "out", notebooks, **change).unchanged
    write_notebook(notebooks / "03-more.ipynb", STUDY)
    assert not report(tmp_path / "out", notebooks).unchanged


def test_the_time_stands_in_the_name_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    notebooks, begun = two_notebooks(tmp_path / "n"), list[str]()
    folders = []
    for day in (1, 2):
        fake(monkeypatch)
        now = dt.datetime(2025, 12, day, 6, tzinfo=dt.UTC)
        made = report(tmp_path / f"out{day}", notebooks, now=now, begun=begun.append)
        folders.append(made.folder)
        assert begun[-1] == made.run
        assert made.run.startswith(f"2025120{day}T060000Z-")
    assert contents(folders[0]) == contents(folders[1])


def traced() -> int:
    """Return the bytes in use, without the interpreter's table of interned names, which doubles when it is full."""
    snapshot = tracemalloc.take_snapshot().filter_traces([tracemalloc.Filter(False, pathlib.__file__)])
    return sum(each.size for each in snapshot.statistics("filename"))


def test_a_hundred_runs_leave_as_many_reports_as_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake(monkeypatch)
    notebooks = two_notebooks(tmp_path / "n")
    out = tmp_path / "out"
    sizes = []
    tracemalloc.start()
    for number in range(100):
        last = report(out, notebooks, parameters={"rows": number + 1}, keep=7)
        if number in {30, 99}:
            gc.collect()
            sizes.append(traced())
    tracemalloc.stop()
    names = sorted(path.name for path in out.iterdir())
    assert len(names) == 8
    assert (names[-1], names[-2]) == ("latest", last.run)
    assert sizes[1] - sizes[0] < 70 * 10_000, "seventy more runs keep less than ten kilobytes each"


def test_a_failed_notebook_is_published_where_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    notebooks = two_notebooks(tmp_path / "n")
    fake(monkeypatch, fails=("02-event-study",))
    with pytest.raises(NotebookError, match=r"02-event-study\.ipynb, cell 2: ValueError"):
        report(tmp_path / "out", notebooks)
    assert not (tmp_path / "out" / "latest").exists()
    made = report(tmp_path / "out", notebooks, publish_partial=True)
    assert made.failed == ("02-event-study",)
    for page in (made.index, *made.pages):
        assert page.read_text().count('<aside class="banner"') == 1
    assert "ValueError: &lt;gone&gt;</pre>" in made.pages[1].read_text()
    assert [path.name for path in (tmp_path / "out" / "failed").iterdir()] == ["02-event-study.ipynb"]
    assert not report(tmp_path / "out", notebooks, publish_partial=True).unchanged, "it is tried again"
    fake(monkeypatch)
    assert report(tmp_path / "out", notebooks).failed == ()
    assert not (tmp_path / "out" / "failed").exists()


def test_a_second_run_is_refused_or_waits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ran = fake(monkeypatch)
    notebooks, out = two_notebooks(tmp_path / "n"), tmp_path / "out"
    out.mkdir()
    with (
        locked(out, "2025-12-01 06:00:00 UTC"),
        pytest.raises(ReportLockedError, match="since 2025-12-01 06:00:00 UTC"),
    ):
        report(out, notebooks)
    assert ran == []
    assert list(out.iterdir()) == []
    assert report(out, notebooks, wait=5).run


def test_keep_is_at_least_one(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="keep=0 must be a whole number, 1 or more"):
        report(tmp_path / "out", two_notebooks(tmp_path / "n"), keep=0)


KILLED = """
import json, os, random, signal, sys, time
from pathlib import Path
from potash.bundled import sha256_of
from potash.report import job, making
from potash.report.run.execute import Outcome
from tests.report.made_up import report

out, notebooks, times = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])

def run_notebooks(tasks, folder, **options):
    (folder / "tables").mkdir()
    for number in range(20):
        (folder / "tables" / f"t{number}.csv").write_text(str(number) * 1000)
        time.sleep(0.003)
    return Outcome(tuple(tasks), ())

job.run_notebooks = run_notebooks
start = time.perf_counter()
report(out, notebooks)
report(out, notebooks, force=True)
span = (time.perf_counter() - start) / 2
chance, ended = random.Random(12), 0
for _ in range(times):
    child = os.fork()
    if not child:
        report(out, notebooks, force=True, keep=3)
        os._exit(0)
    deadline = time.perf_counter() + chance.random() * 1.1 * span
    while time.perf_counter() < deadline:
        # A reader comes at any time, and never finds it missing.
        assert (out / "latest" / "index.html").is_file()
        time.sleep(0.001)
    os.kill(child, signal.SIGKILL)
    ended += os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    manifest = json.loads((out / "latest" / "manifest.json").read_text())
    for item in (manifest["index"], *manifest["pages"], *manifest["tables"]):
        assert sha256_of(out / "latest" / item["file"]) == item["sha256"], item
report(out, notebooks, force=True, keep=3)
print(sorted(path.name for path in out.iterdir() if path.name.startswith(".")), ended < times)
"""


@pytest.mark.skipif(os.name != "posix", reason="needs fork")
@pytest.mark.parametrize("times", [4, pytest.param(20, marks=pytest.mark.simulation)])
def test_a_run_that_is_killed_leaves_a_whole_report(tmp_path: Path, times: int) -> None:
    notebooks = two_notebooks(tmp_path / "n")
    words = [sys.executable, "-c", KILLED, str(tmp_path / "out"), str(notebooks), str(times)]
    done = subprocess.run(words, capture_output=True, text=True, cwd=ROOT, check=False)
    assert (done.returncode, done.stdout) == (0, "[] True\n"), done.stderr
    assert len(list((tmp_path / "out").iterdir())) <= 4


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"firms": ["NTX"]}, "firms: not in the universe: 'NTX'"),
        ({"market": "XLB"}, "market: not in the universe: 'XLB'"),
        ({"left_out": ["XYZ"]}, "left_out: not in the universe: 'XYZ'"),
        ({"window": "(-9, 1)"}, "reaches outside event_window"),
        ({"estimation_window": [-15, -11]}, "needs at least 6 returns"),
        ({"left_out": ["CF"]}, "left_out: CF is none of the firms studied"),
        ({"left_out": ["NTR", "MOS", "IPI", "ICL"]}, "are all firms studied, so nobody would be left"),
        (
            {"event": "2021-turn-to-asia"},
            "is none of the events that can be studied. These can, the newest first: 2025-12-13",
        ),
        ({"events": ["2013-07-30-uralkali-leaves-bpc"]}, "none of the 4 firm-events can be studied"),
    ],
)
def test_a_question_without_an_answer_is_refused_before_any_notebook(tmp_path: Path, parameters, message) -> None:  # type: ignore[no-untyped-def]
    steps: list[object] = []
    with pytest.raises(InputError, match=message):
        build_report(tmp_path / "out", parameters=parameters, progress=steps.append)
    assert steps == []
    assert not (tmp_path / "out" / "latest").exists()


def test_other_formats_lie_in_the_report_and_in_its_manifest(tmp_path: Path) -> None:
    notebooks = two_notebooks(tmp_path / "notebooks")
    made = report(tmp_path / "reports", notebooks, exports=["xlsx", "tex"])
    listed = json.loads((made.folder / "manifest.json").read_text())["exports"]
    assert listed[0]["file"] == "export/report.xlsx"
    assert all(sha256_of(made.folder / item["file"]) == item["sha256"] for item in listed)
    with zipfile.ZipFile(made.folder / "export" / "report.xlsx") as book:
        assert book.testzip() is None


def test_other_formats_are_part_of_what_was_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A report of the same data with a workbook is not the one without."""
    fake(monkeypatch)
    notebooks = two_notebooks(tmp_path / "notebooks")
    report(tmp_path / "reports", notebooks)
    assert not report(tmp_path / "reports", notebooks, exports=["tex"]).unchanged
    assert report(tmp_path / "reports", notebooks, exports=["tex"]).unchanged


def test_an_unknown_format_is_refused_before_anything_runs(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match=r"format='docx'"):
        report(tmp_path / "reports", two_notebooks(tmp_path / "notebooks"), exports=["docx"])
    assert not (tmp_path / "reports").exists()


def test_a_package_that_a_format_needs_is_asked_for_before_anything_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    with pytest.raises(MissingPackageError, match=r"potash\[pdf\]"):
        report(tmp_path / "reports", two_notebooks(tmp_path / "notebooks"), exports=["pdf"])
    assert not (tmp_path / "reports" / "latest").exists()
