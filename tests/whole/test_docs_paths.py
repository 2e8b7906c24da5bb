"""No page names a file, a folder, a module or a public name that is not there."""

import importlib
import re

import pytest

import potash
from tests.paths import ROOT

PAGES = [ROOT / "README.md", *sorted(ROOT.glob("CONTRIBUTING.md")), *sorted((ROOT / "docs").glob("*.md"))]
# Paths from the root of the project, with * and ** where many are meant, and dotted names.
PATH = re.compile(r"(?<![\w./-])((?:potash|tests|docs|notebooks|data|\.ci)/[\w./*-]*)")
DOTTED = re.compile(r"(?<![\w./-])((?:potash|tests)(?:\.\w+)+)")
FILE_ENDINGS = {"py", "md", "csv", "toml", "json", "ipynb", "png", "svg"}


def resolves(name: str) -> bool:
    """Return whether a dotted name is a module, or an attribute of one."""
    parts = name.split(".")
    for end in range(len(parts), 0, -1):
        try:
            value = importlib.import_module(".".join(parts[:end]))
        except ImportError:
            continue
        for part in parts[end:]:
            if not hasattr(value, part):
                return False
            value = getattr(value, part)
        return True
    return False


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_paths_exist(page):
    paths = {match.rstrip(".") for match in PATH.findall(page.read_text(encoding="utf-8"))}
    assert {path for path in paths if not any(ROOT.glob(path))} == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_modules_and_public_names_exist(page):
    names = set(DOTTED.findall(page.read_text(encoding="utf-8")))
    assert {name for name in names if name.split(".")[-1] not in FILE_ENDINGS and not resolves(name)} == set()


def test_a_dead_path_and_a_dead_name_are_seen():
    text = (
        "see potash/nowhere.py, `potash.nowhere` and tests/none/test_x.py, in potash/errors.py and `potash.EventStudy`."
    )
    assert [path for path in PATH.findall(text) if not any(ROOT.glob(path))] == [
        "potash/nowhere.py",
        "tests/none/test_x.py",
    ]
    assert [name for name in DOTTED.findall(text) if not resolves(name)] == ["potash.nowhere"]
    assert resolves("potash.errors.MissingPackageError")
    assert potash.__version__


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_targets_of_make_exist(page):
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"(?:`|^    )make (\w+)", page.read_text(encoding="utf-8"), re.MULTILINE))
    assert {target for target in targets if f"\n{target}:" not in makefile} == set()


def test_the_picture_of_the_folders_is_the_package():
    """A name that ends in a slash is a folder, as deep as it is indented; other names are modules of the last folder."""
    [block] = re.findall(r"```text\n(potash/.*?)```", (ROOT / "docs" / "architecture.md").read_text("utf-8"), re.DOTALL)
    pictured, trail = set(), []
    for line in block.splitlines():
        first, *names = line.split()
        if first.endswith("/"):
            trail = [*trail[: (len(line) - len(line.lstrip())) // 2], first.rstrip("/")]
        else:
            names.insert(0, first)
        pictured.update("/".join([*trail, f"{name}.py"]) for name in names)
    package = {path.relative_to(ROOT).as_posix() for path in (ROOT / "potash").rglob("[!_]*.py")}
    package |= {f"potash/{name}.py" for name in ("_display", "_figures", "_typing")}
    assert pictured == {path for path in package if "_carried" not in path}
