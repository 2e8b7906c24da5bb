"""The cache against damage, other keys, several writers, and folders that cannot be written."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from potash.cache import CACHE_VARIABLE, cache_folder, keep, kept


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / "cache"))
    return tmp_path / "cache"


def only_file(folder: Path) -> Path:
    (path,) = folder.iterdir()
    return path


def test_what_was_kept_comes_back(folder):
    assert kept("XNYS", "4.13") is None
    keep("XNYS", "4.13", b"sessions\0")
    assert kept("XNYS", "4.13") == b"sessions\0"
    keep("XNYS", "4.13", b"")
    assert kept("XNYS", "4.13") == b""
    keep("24/5", "4.13", b"always open")
    assert kept("24/5", "4.13") == b"always open"


def test_another_key_or_name_has_nothing_and_takes_nothing_away(folder):
    keep("XNYS", "4.13", b"old")
    assert kept("XNYS", "4.14") is None
    assert kept("XTSE", "4.13") is None
    keep("XNYS", "4.14", b"new")
    assert (kept("XNYS", "4.13"), kept("XNYS", "4.14")) == (b"old", b"new")


def test_a_file_under_a_wrong_name_does_not_count(folder):
    keep("XNYS", "4.13", b"New York")
    newer = only_file(folder).read_bytes()
    keep("XTSE", "4.13", b"Toronto")
    for path in folder.glob("XTSE*"):
        path.write_bytes(newer)
    assert kept("XTSE", "4.13") is None


@pytest.mark.parametrize("damage", [
    lambda raw: b"", lambda raw: raw[:5], lambda raw: raw[:-1], lambda raw: raw + b"\0",
    lambda raw: raw[:-1] + bytes([raw[-1] ^ 1]), lambda raw: bytes([raw[0] ^ 1]) + raw[1:],
])  # fmt: skip
def test_a_damaged_file_does_not_count_and_is_replaced(folder, damage):
    keep("XNYS", "4.13", b"sessions")
    path = only_file(folder)
    path.write_bytes(damage(path.read_bytes()))
    assert kept("XNYS", "4.13") is None
    keep("XNYS", "4.13", b"sessions")
    assert kept("XNYS", "4.13") == b"sessions"


def test_a_folder_in_the_place_of_a_file_does_not_count(folder):
    keep("XNYS", "4.13", b"sessions")
    path = only_file(folder)
    path.unlink()
    path.mkdir()
    assert kept("XNYS", "4.13") is None
    keep("XNYS", "4.13", b"sessions")
    assert [p.name for p in folder.iterdir()] == [path.name], "no draft is left"


def test_a_folder_that_cannot_be_written_is_no_error(folder, monkeypatch):
    folder.write_text("a file where the folder should be")
    keep("XNYS", "4.13", b"sessions")
    assert kept("XNYS", "4.13") is None
    monkeypatch.setenv(CACHE_VARIABLE, "/proc/none/of/it")
    keep("XNYS", "4.13", b"sessions")
    assert kept("XNYS", "4.13") is None


def test_a_user_without_a_home_keeps_nothing(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(CACHE_VARIABLE, "")
    monkeypatch.setattr("platformdirs.user_cache_path", lambda *_, **__: Path("~/.cache/potash"))
    keep("XNYS", "4.13", b"sessions")
    assert list(tmp_path.iterdir()) == []


def test_the_variable_moves_it_and_an_empty_one_does_not(monkeypatch, folder):
    assert cache_folder() == folder
    monkeypatch.setenv(CACHE_VARIABLE, "~/mine")
    assert cache_folder() == Path("~/mine").expanduser()
    monkeypatch.setenv(CACHE_VARIABLE, "")
    assert cache_folder().name == "potash"


def test_writers_at_once_leave_whole_files_only(folder):
    """Threads stand for processes: what they share is the folder, and the system's calls let others run."""
    content = bytes(range(256)) * 400

    def written_and_read(_: int) -> bool:
        keep("XNYS", "4.13", content)
        return kept("XNYS", "4.13") == content

    with ThreadPoolExecutor(8) as writers:
        assert all(writers.map(written_and_read, range(200)))
    assert len(list(folder.iterdir())) == 1
