from __future__ import annotations

import datetime as dt
import json
import os
from pathlib import Path

import pytest

from potash.errors import ReportInputError
from potash.report.run.folders import (
    FORMAT,
    KIND,
    adopt_latest,
    check_replaceable,
    find_run,
    is_report,
    latest_run,
    name_of_run,
    put_in_place,
    remove_old,
    runs,
    unchanged_run,
)
from potash.report.run.lock import locked

NOON = dt.datetime(2025, 12, 1, 12, tzinfo=dt.UTC)
KEY = "a1f3c2" + "0" * 58


def manifest(key: str = KEY, **more: object) -> str:
    index = {"file": "index.html", "bytes": 3}
    content = {"kind": KIND, "format": FORMAT, "key": key, "index": index, "pages": [], "tables": [], "figures": []}
    return json.dumps({**content, **more})


def fill(folder: Path, text: str) -> Path:
    folder.mkdir(parents=True)
    (folder / "index.html").write_text("new")
    (folder / "manifest.json").write_text(text)
    return folder


def publish(out: Path, made: dt.datetime = NOON, key: str = KEY, **more: object) -> Path:
    out.mkdir(exist_ok=True)
    with locked(out) as lock:
        adopt_latest(lock)
        fill(lock.building, manifest(key, **more))
        return put_in_place(lock, name_of_run(out, made, key))


def names(out: Path) -> list[str]:
    return sorted(path.name for path in out.iterdir())


def test_a_run_comes_after_those_that_went_ahead_of_the_clock(tmp_path: Path) -> None:
    """Three runs of one second take the two after it; that second is free again once the oldest is removed."""
    times = [publish(tmp_path).name[:16] for _ in range(3)]
    remove_old(tmp_path, 2)
    times.append(publish(tmp_path, NOON + dt.timedelta(seconds=1)).name[:16])
    assert times == [f"20251201T12000{second}Z" for second in range(4)]


@pytest.mark.parametrize(("ahead", "name"), [(600, "20251201T121001Z"), (601, "20251201T120000Z")])
def test_a_clock_that_was_wrong_moves_nobody_with_it(tmp_path: Path, ahead: int, name: str) -> None:
    """Ten minutes may be runs of one second; what is further ahead was made by another clock."""
    publish(tmp_path, NOON + dt.timedelta(seconds=ahead))
    assert publish(tmp_path).name[:16] == name


def test_a_run_has_its_time_and_key_for_a_name_and_latest_points_to_it(tmp_path: Path) -> None:
    elsewhere = NOON.astimezone(dt.timezone(dt.timedelta(hours=3)))
    first = publish(tmp_path, elsewhere)
    assert first.name == "20251201T120000Z-a1f3c2"
    second = publish(tmp_path)
    assert second.name == "20251201T120001Z-a1f3c2", "of the same second"
    assert names(tmp_path) == [first.name, second.name, "latest"]
    assert (tmp_path / "latest").readlink() == Path(second.name)
    assert latest_run(tmp_path) == second
    assert runs(tmp_path) == [first, second]


def test_a_reader_never_finds_latest_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(tmp_path)
    seen = []
    for name in ("rename", "replace", "symlink_to"):
        real = getattr(Path, name)

        def watched(path: Path, *rest: object, real=real, **more: object) -> object:  # type: ignore[no-untyped-def]
            seen.append((tmp_path / "latest" / "index.html").read_text())
            done = real(path, *rest, **more)
            seen.append((tmp_path / "latest" / "index.html").read_text())
            return done

        monkeypatch.setattr(Path, name, watched)
    publish(tmp_path)
    assert seen == ["new"] * 6


def test_where_links_are_not_allowed_latest_is_a_copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError("privilege")

    monkeypatch.setattr(Path, "symlink_to", refuse)
    first, second = publish(tmp_path), publish(tmp_path, key="b" * 64)
    latest = tmp_path / "latest"
    assert not latest.is_symlink()
    assert (latest / "manifest.json").read_bytes() == (second / "manifest.json").read_bytes()
    assert names(tmp_path) == [first.name, second.name, "latest"]
    assert unchanged_run(tmp_path, "b" * 64) == latest
    remove_old(tmp_path, 1)
    assert names(tmp_path) == [second.name, "latest"]


def test_the_latest_of_version_0_1_0_becomes_a_run(tmp_path: Path) -> None:
    old = fill(tmp_path / "latest", json.dumps({"pages": [], "tables": [], "versions": {}}))
    os.utime(old / "manifest.json", (NOON.timestamp(),) * 2)
    with locked(tmp_path) as lock:
        adopt_latest(lock)
    (run,) = runs(tmp_path)
    assert run.name.startswith("20251201T120000Z-")
    assert latest_run(tmp_path) == run
    assert is_report(run)
    new = publish(tmp_path, NOON + dt.timedelta(days=1))
    assert names(tmp_path) == [run.name, new.name, "latest"]


def test_a_latest_that_is_missing_points_to_the_newest_run_again(tmp_path: Path) -> None:
    publish(tmp_path)
    second = publish(tmp_path)
    (tmp_path / "latest").unlink()
    fill(tmp_path / "20990101T000000Z-ffffff", "{}").joinpath("manifest.json").unlink()
    with locked(tmp_path) as lock:
        adopt_latest(lock)
    assert latest_run(tmp_path) == second


def test_old_runs_go_and_nothing_else_does(tmp_path: Path) -> None:
    made = [publish(tmp_path, NOON + dt.timedelta(days=day)) for day in range(5)]
    foreign = fill(tmp_path / "20200101T000000Z-ffffff", '{"mine": true}')
    (tmp_path / "notes").mkdir()
    (tmp_path / "latest").unlink()
    (tmp_path / "latest").symlink_to(made[0].name)
    remove_old(tmp_path, 2)
    assert names(tmp_path) == [foreign.name, made[0].name, made[3].name, made[4].name, "latest", "notes"]


def test_the_same_inputs_are_recognised_and_a_damaged_report_is_not(tmp_path: Path) -> None:
    assert unchanged_run(tmp_path, KEY) is None
    run = publish(tmp_path)
    assert unchanged_run(tmp_path, KEY) == run
    assert unchanged_run(tmp_path, "b" * 64) is None
    (run / "index.html").write_text("more")
    assert unchanged_run(tmp_path, KEY) is None
    (run / "index.html").unlink()
    assert unchanged_run(tmp_path, KEY) is None
    publish(tmp_path, failed={"03-event-study": "gone"})
    assert unchanged_run(tmp_path, KEY) is None, "a report that lacks a page is made again"


def test_a_run_is_found_by_many_names(tmp_path: Path) -> None:
    first = publish(tmp_path)
    with pytest.raises(ReportInputError, match=f"there is one report in .*{first.name}, and none before it"):
        find_run("previous", tmp_path)
    second = publish(tmp_path, NOON + dt.timedelta(days=1), "b" * 64)
    for name in (first.name, "a1f3c2", "20251201", "previous", str(first)):
        assert find_run(name, tmp_path) == first
    assert find_run("latest", tmp_path) == second
    for name in ("202512", "nothing", "c" * 6):
        with pytest.raises(ReportInputError, match=f"is not one report in .*{first.name}, {second.name}"):
            find_run(name, tmp_path)
    with pytest.raises(ReportInputError):
        find_run("previous", tmp_path / "nowhere")


def test_what_is_not_potashs_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "latest").mkdir()
    check_replaceable(tmp_path)
    (tmp_path / "latest" / "mine.txt").write_text("precious")
    with pytest.raises(ReportInputError, match="not a report of potash"):
        check_replaceable(tmp_path)
    with pytest.raises(ReportInputError, match=r"mine\.txt: is a file, and a folder is needed there"):
        check_replaceable(tmp_path / "latest" / "mine.txt")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "failed").write_text("mine")
    with pytest.raises(ReportInputError, match="failed: is a file"):
        check_replaceable(tmp_path / "other")
