from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from potash.errors import ReportError
from potash.report.swap import new_folder, swap_in


def filled(out: Path, text: str) -> Path:
    folder = new_folder(out)
    for name in ("a", "b"):
        (folder / name).write_text(text)
    return folder


def test_the_new_takes_the_place_of_the_old(tmp_path: Path) -> None:
    place = tmp_path / "latest"
    for text in ("first", "second"):
        swap_in(filled(tmp_path, text), place)
        assert (place / "a").read_text() == text
        assert list(tmp_path.iterdir()) == [place]


def test_a_link_in_the_place_is_replaced_and_its_target_kept(tmp_path: Path) -> None:
    (tmp_path / "target").mkdir()
    (tmp_path / "latest").symlink_to(tmp_path / "target")
    swap_in(filled(tmp_path, "new"), tmp_path / "latest")
    assert (tmp_path / "latest" / "a").read_text() == "new"
    assert (tmp_path / "target").is_dir()
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize("error", [PermissionError(13, "Permission denied"), KeyboardInterrupt()])
def test_the_old_is_restored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    place = tmp_path / "latest"
    swap_in(filled(tmp_path, "old"), place)
    new = filled(tmp_path, "new")
    rename = Path.rename

    def refuse(self: Path, target: Path) -> Path:
        if self == new:
            raise error
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises((ReportError, KeyboardInterrupt)):
        swap_in(new, place)
    assert (place / "a").read_text() == "old"
    assert sorted(tmp_path.iterdir()) == sorted([new, place])


def test_runs_at_once_never_mix(tmp_path: Path) -> None:
    place = tmp_path / "latest"

    def run(number: int) -> None:
        for turn in range(20):
            swap_in(filled(tmp_path, f"{number}-{turn}"), place)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(run, range(4)))
    assert (place / "a").read_text() == (place / "b").read_text()
    assert list(tmp_path.iterdir()) == [place]
