from __future__ import annotations

from pathlib import Path

import pytest

from potash.report.run import key as module
from potash.report.run.key import input_key, package_versions


@pytest.fixture
def inputs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("carried/prices/a.csv", "potash/a.py", "potash/templates/style.css", "own/b.csv", "01-a.ipynb"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    monkeypatch.setattr(module, "data_dir", lambda: tmp_path / "carried")
    monkeypatch.setattr(module, "_PACKAGE", tmp_path / "potash")
    return tmp_path


def key(inputs: Path, **settings: object) -> str:
    return input_key({"prices_folder": inputs / "own", "events_file": None}, [inputs / "01-a.ipynb"], settings)


def test_the_same_inputs_have_the_same_key(inputs: Path) -> None:
    assert key(inputs) == key(inputs)
    assert len(key(inputs)) == 64
    (inputs / "potash" / "__pycache__").mkdir()
    (inputs / "potash" / "__pycache__" / "a.pyc").write_text("x")
    before = key(inputs)
    (inputs / "potash" / "__pycache__" / "a.pyc").write_text("y")
    (inputs / "own" / ".b.csv.swp").write_text("y")
    assert key(inputs) == before


@pytest.mark.parametrize(
    "name",
    ["carried/prices/a.csv", "potash/a.py", "potash/templates/style.css", "own/b.csv", "01-a.ipynb", "own/new.csv"],
)
def test_any_other_byte_is_another_key(inputs: Path, name: str) -> None:
    before = key(inputs)
    (inputs / name).write_text("another")
    assert key(inputs) != before


def test_a_renamed_file_is_another_key(inputs: Path) -> None:
    before = key(inputs)
    (inputs / "own" / "b.csv").rename(inputs / "own" / "c.csv")
    assert key(inputs) != before


def test_settings_and_the_files_they_name_count(inputs: Path) -> None:
    own = inputs / "own" / "confounders.csv"
    own.write_text("a")
    before = key(inputs, confounders_file=str(own))
    assert len({key(inputs), key(inputs, window=(-1, 1)), key(inputs, window="(-1, 1)"), before}) == 4
    other = inputs / "elsewhere.csv"
    other.write_text("a")
    with_other = key(inputs, confounders_file=str(other))
    other.write_text("b")
    assert key(inputs, confounders_file=str(other)) != with_other
    assert key(inputs, text="x" * 5000) != key(inputs, text="\0")


def test_versions_count(inputs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = key(inputs)
    monkeypatch.setattr(module, "package_versions", lambda: {"pandas": "0.1"})
    assert key(inputs) != before


def test_versions_of_what_draws_the_pages_are_known() -> None:
    assert {"python", "pandas", "matplotlib", "jinja2", "statsmodels"} <= set(package_versions())
