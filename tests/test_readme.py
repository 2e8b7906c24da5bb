"""The README's example runs as printed and prints what stands below it; what it names exists."""

import contextlib
import io
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def block(kind):
    return re.findall(rf"```{kind}\n(.*?)```", README, re.DOTALL)


def test_the_example_runs_as_printed():
    code, printed = block("python")[0], block("text")[0]
    assert len([line for line in code.splitlines() if line.strip()]) <= 15
    found = io.StringIO()
    with contextlib.redirect_stdout(found):
        exec(compile(code, "README.md", "exec"), {})
    assert [line.rstrip() for line in found.getvalue().splitlines()] == printed.splitlines()


def test_the_event_file_in_the_readme_can_be_read(tmp_path):
    from potash import load_timeline

    file = tmp_path / "events.csv"
    file.write_text(block("text")[1], encoding="utf-8")
    assert list(load_timeline(file).events.index) == ["tariff-threat", "us-order"]


def test_pictures_and_files_it_names_exist():
    for picture in re.findall(r"!\[[^]]*\]\(([^)]+)\)", README):
        assert (ROOT / picture).is_file()
    for name in (
        "data/universe.csv",
        "data/README.md",
        "data/SOURCES.toml",
        "CHANGELOG.md",
        "environment.yml",
    ):
        assert name.split("/")[-1] in README
        assert (ROOT / name).is_file()


def test_commands_it_names_exist():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in [*re.findall(r"^    make (\w+)", README, re.MULTILINE), "lab"]:
        assert f"\n{target}:" in makefile
