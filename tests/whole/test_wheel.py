"""What `pip install .` installs carries the figures and the notebooks, so that `potash report` runs from any folder."""

import subprocess
import sys
import zipfile

import pytest

from tests.paths import ROOT


@pytest.mark.slow
def test_data_notebooks_and_templates_travel_in_the_wheel(tmp_path):
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(tmp_path), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True, text=True, timeout=120)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        for folder, kept in (("data", "potash/_carried/data"), ("notebooks", "potash/_carried/notebooks")):
            for file in (ROOT / folder).rglob("*"):
                if file.is_file() and ".ipynb_checkpoints" not in file.parts:
                    name = f"{kept}/{file.relative_to(ROOT / folder).as_posix()}"
                    assert archive.read(name) == file.read_bytes()
    for file in (ROOT / "potash" / "report" / "templates").rglob("*"):
        assert not file.is_file() or file.relative_to(ROOT).as_posix() in names
    data = [file for ending in ("toml", "j2") for file in (ROOT / "potash").rglob(f"*.{ending}")]
    assert {"lexicon.toml", "sources.toml", "timeline.html.j2"} <= {file.name for file in data}
    assert {file.relative_to(ROOT).as_posix() for file in data} <= names
    assert "potash/py.typed" in names
    assert not [name for name in names if name.startswith("tests/")]
