"""Files are read with their places, written whole, and lie where the user says."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from potash.errors import EventsError, ReportError
from potash.files import home, new_folder, put_files, read_text_table, store_place, swap_in, write_through, write_whole


def swap(new: Path, place: Path) -> None:
    swap_in(new, place, "report", ReportError)


def filled(out: Path, text: str) -> Path:
    folder = new_folder(out)
    for name in ("a", "b"):
        (folder / name).write_text(text)
    return folder


def test_the_new_takes_the_place_of_the_old(tmp_path: Path) -> None:
    place = tmp_path / "latest"
    for text in ("first", "second"):
        swap(filled(tmp_path, text), place)
        assert (place / "a").read_text() == text
        assert list(tmp_path.iterdir()) == [place]


def test_a_link_in_the_place_is_replaced_and_its_target_kept(tmp_path: Path) -> None:
    (tmp_path / "target").mkdir()
    (tmp_path / "latest").symlink_to(tmp_path / "target")
    swap(filled(tmp_path, "new"), tmp_path / "latest")
    assert (tmp_path / "latest" / "a").read_text() == "new"
    assert (tmp_path / "target").is_dir()
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize("error", [PermissionError(13, "Permission denied"), KeyboardInterrupt()])
def test_the_old_is_restored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    place = tmp_path / "latest"
    swap(filled(tmp_path, "old"), place)
    new = filled(tmp_path, "new")
    rename = Path.rename

    def refuse(self: Path, target: Path) -> Path:
        if self == new:
            raise error
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises((ReportError, KeyboardInterrupt), match=r"could not put the new report there|^$"):
        swap(new, place)
    assert (place / "a").read_text() == "old"
    assert sorted(tmp_path.iterdir()) == sorted([new, place])


def test_runs_at_once_never_mix(tmp_path: Path) -> None:
    place = tmp_path / "latest"

    def run(number: int) -> None:
        for turn in range(20):
            swap(filled(tmp_path, f"{number}-{turn}"), place)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(run, range(4)))
    assert (place / "a").read_text() == (place / "b").read_text()
    assert list(tmp_path.iterdir()) == [place]


def test_a_place_that_others_take_all_the_time_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    new = filled(tmp_path, "new")

    def taken(self: Path, target: Path) -> Path:
        if self == new:
            raise FileExistsError(17, "File exists")
        raise FileNotFoundError

    monkeypatch.setattr(Path, "rename", taken)
    with pytest.raises(ReportError, match="other runs put reports there all the time"):
        swap(new, tmp_path / "latest")


def test_what_a_killed_run_left_is_swept_and_what_runs_is_not(tmp_path: Path) -> None:
    code = f"from pathlib import Path; from potash.files import new_folder; print(new_folder(Path({str(tmp_path)!r})))"
    killed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()
    elsewhere = tmp_path / Path(killed).name.replace("building-", "building-x")
    elsewhere.mkdir()
    running = new_folder(tmp_path)
    assert not Path(killed).exists()
    new_folder(tmp_path)
    assert running.exists()
    assert elsewhere.exists()
    assert running.stat().st_mode & 0o777 == 0o777 & ~umask()


def umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def test_files_are_put_all_or_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a").write_text("old")
    (tmp_path / "other").write_text("other")
    real = Path.replace

    def refuse(self: Path, target: Path) -> Path:
        if target == tmp_path / "b":
            raise PermissionError(13, "Permission denied")
        return real(self, target)

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(PermissionError):
        put_files(filled(tmp_path, "new"), tmp_path)
    assert (tmp_path / "a").read_text() == "old"
    assert not (tmp_path / "b").exists()
    monkeypatch.undo()
    assert put_files(filled(tmp_path, "new"), tmp_path) == (tmp_path / "a", tmp_path / "b")
    assert [(tmp_path / name).read_text() for name in ("a", "b", "other")] == ["new", "new", "other"]


def test_a_file_is_written_whole_whoever_writes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "cache"
    contents = [bytes([number]) * 200_000 for number in range(4)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda data: write_whole(path, data), contents * 5))
    assert path.read_bytes() in contents
    before = path.read_bytes()

    def full(self: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OSError, match="No space"):
        write_whole(path, b"new")
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_written_through_is_new(tmp_path: Path) -> None:
    write_through(tmp_path / "a", b"1")
    with pytest.raises(FileExistsError):
        write_through(tmp_path / "a", b"2")
    assert (tmp_path / "a").read_bytes() == b"1"


def read(path: Path, text: str, **options: bool):
    path.write_text(text, encoding="utf-8", newline="")
    return read_text_table(path, "events", EventsError, hint="Quote it.", **options)


def test_rows_stand_with_the_line_that_an_editor_shows(tmp_path: Path) -> None:
    table = read(tmp_path / "a.csv", '\ufeffId, Name\r\n\r\n1,"two\r\nlines"\r\n ,\r\n2, three\r\n')
    assert table.header == ["Id", "Name"]
    assert table.rows == [(3, ["1", "two\nlines"]), (6, ["2", "three"])]
    assert table.frame().loc[6].to_dict() == {"Id": "2", "Name": "three"}
    assert (table.find("title", "name"), table.find("date")) == (1, None)


def test_short_rows_are_filled_where_that_is_meant(tmp_path: Path) -> None:
    assert read(tmp_path / "a.csv", "a,b\n1\n", pad=True).rows == [(2, ["1", ""])]
    for text in ("a,b\n1\n", "a,b\n1,2,3\n"):
        with pytest.raises(EventsError, match=r"line 2 has [13] cells and the header has 2. Quote it."):
            read(tmp_path / "a.csv", text)
    with pytest.raises(EventsError, match="line 2 has 3 cells"):
        read(tmp_path / "a.csv", "a,b\n1,2,3\n", pad=True)


def test_a_table_that_cannot_be_read_says_its_line(tmp_path: Path) -> None:
    with pytest.raises(EventsError, match="line 2: not a CSV table"):
        read(tmp_path / "a.csv", 'a,b\n"1"x,2\n')
    with pytest.raises(EventsError, match=r"cannot be read .* Check the path"):
        read_text_table(tmp_path / "none.csv", "events", EventsError, hint="")


def test_the_users_data_lie_where_variables_say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POTASH_HOME", str(tmp_path))
    monkeypatch.delenv("POTASH_STORE", raising=False)
    assert home() == tmp_path
    assert store_place() == store_place("default") == str(tmp_path / "prices.sqlite")
    monkeypatch.setenv("POTASH_STORE", "postgres://user@host/prices")
    assert store_place() == "postgresql+psycopg://user@host/prices"
    assert store_place(f"sqlite:///{tmp_path}/other.sqlite") == f"{tmp_path}/other.sqlite"
    monkeypatch.delenv("POTASH_HOME")
    assert home().name == "potash"
