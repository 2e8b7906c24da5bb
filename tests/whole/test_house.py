"""The house rules: who may import whom, how long a module may be, and that the dependency lists agree."""

import ast
import re
import tomllib
from pathlib import Path

import pytest
import yaml

from tests.paths import ROOT

PACKAGE = ROOT / "potash"
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if "_carried" not in path.parts)

# A part of the package imports only from parts of lower levels, or from its own.
LEVELS = {
    "_typing": 0, "_figures": 0, "_display": 0, "errors": 0, "clock": 0, "files": 0, "bundled": 0, "cache": 0,
    "calendars": 1, "sessions": 1, "universe": 1,
    "market": 2, "news": 2, "study": 3, "report": 4, "plots": 4, "cli": 5,
}  # fmt: skip
MOST_MODULES, MOST_LINES = 12, 600
# Below the line of study/alignment.py: float arrays and whole-number offsets.
ARRAYS_ONLY = ("study/engine", "study/models", "study/inference")


def dotted(path: Path) -> str:
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


NAMES = {dotted(path): path for path in MODULES}


def imports_of(path: Path) -> set[str]:
    """Return the modules of the package that a module imports anywhere in it."""
    imported = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "potash":
            names = (f"{node.module}.{alias.name}" for alias in node.names)
            # The version is all that the package itself gives to its parts.
            imported.update(name if name in NAMES else node.module for name in names if name != "potash.__version__")
        elif isinstance(node, ast.Import):
            imported.update(alias.name for alias in node.names if alias.name.split(".")[0] == "potash")
    return imported - {dotted(path)}


IMPORTS = {name: imports_of(path) for name, path in NAMES.items() if name != "potash"}


def circle_in(arrows: dict[str, set[str]]) -> list[str]:
    """Return the names on a circle of arrows, or none."""
    done: set[str] = set()

    def walk(name: str, trail: list[str]) -> list[str]:
        if name in trail:
            return trail[trail.index(name) :]
        if name in done:
            return []
        for target in sorted(arrows.get(name, ())):
            if found := walk(target, [*trail, name]):
                return found
        done.add(name)
        return []

    return next((circle for name in sorted(arrows) if (circle := walk(name, []))), [])


@pytest.mark.parametrize("name", IMPORTS)
def test_imports_point_down(name):
    own = name.split(".")[1]
    for target in IMPORTS[name]:
        other = ([*target.split("."), "potash"])[1]
        assert other == own or LEVELS[other] < LEVELS[own] or LEVELS[own] < 2, f"{name} imports {target}"
        assert {own, other} != {"market", "news"}, f"{name}: market and news never meet"


FOLDERS = sorted({path.parent for path in MODULES})
BY_NAME = {"argvalues": FOLDERS, "ids": lambda p: str(p.relative_to(PACKAGE.parent))}


@pytest.mark.parametrize("folder", **BY_NAME)
def test_no_circles_among_the_modules_and_folders_of_a_folder(folder):
    """Each folder below counts as one: a reader can go through a folder from the bottom to the top."""
    own = dotted(folder / "__init__.py")
    depth = own.count(".") + 2

    def entry(name: str) -> str:
        return ".".join(name.split(".")[:depth])

    arrows: dict[str, set[str]] = {}
    for name, targets in IMPORTS.items():
        if name.startswith(f"{own}."):
            inside = {entry(target) for target in targets if target.startswith(f"{own}.")}
            arrows.setdefault(entry(name), set()).update(inside - {entry(name)})
    assert not circle_in(arrows)


@pytest.mark.parametrize("folder", **BY_NAME)
def test_a_folder_has_at_most_a_dozen_modules(folder):
    assert len([p for p in folder.glob("*.py") if p.name not in {"__init__.py", "__main__.py"}]) <= MOST_MODULES


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_no_module_is_too_long(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MOST_LINES


@pytest.mark.parametrize("folder", ARRAYS_ONLY)
def test_below_the_line_of_alignment_nothing_knows_pandas(folder):
    for path in (PACKAGE / folder).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not any(name.split(".")[0] == "pandas" for name in names), path


# A local says what a value is, not how it was come by: estimates, observed, stated dates.
NO_NAMES = {"found", "told", "known", "asked"}


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_names_say_what_a_value_is(path):
    tree = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    names = {(n.id, n.lineno) for n in tree if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    assert not [place for place in names if place[0] in NO_NAMES]


def test_every_test_file_has_its_module():
    tests = ROOT / "tests"
    free = {"whole", "evaluation", "support", "benchmarks"}  # tests of the whole, and of the tests' own tools
    for path in sorted(tests.rglob("test_*.py")):
        inside = path.relative_to(tests)
        if inside.parts[0] not in free:
            module = PACKAGE / inside.parent / path.name.removeprefix("test_")
            assert module.exists(), f"{inside} has no module potash/{module.relative_to(PACKAGE)}"


def test_only_commands_read_the_clock():
    pattern = re.compile(r"\b(datetime|date|Timestamp)\.(now|today|utcnow)\(|\btime\.time\(")
    guilty = [p.name for p in MODULES if pattern.search(p.read_text(encoding="utf-8"))]
    assert guilty == ["clock.py"]
    callers = [p for p in MODULES if "utc_now" in p.read_text(encoding="utf-8") and p.name != "clock.py"]
    assert all(p.parent == PACKAGE / "cli" for p in callers)


# The network is reached from one folder; a library that opens connections is imported nowhere else.
NETWORK = {"socket", "ssl", "http", "urllib", "urllib3", "requests", "httpx", "curl_cffi", "yfinance"}


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_only_providers_reach_the_network(path):
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module)
        elif isinstance(node, ast.Import):
            found.update(a.name for a in node.names)
    reaching = {name for name in found if name.split(".")[0] in NETWORK and name != "urllib.parse"}
    assert not reaching or path.parent == PACKAGE / "market" / "providers"


def requirement(line: str) -> tuple[str, str]:
    name, bounds = re.fullmatch(r"([A-Za-z0-9_.-]+?)(?:\[.*\])?([<>=!~].*)?", line.replace(" ", "")).groups(default="")
    return re.sub(r"[-_.]+", "-", name).lower(), bounds


def pyproject() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


# conda-forge names these differently: the package without its GUI toolkit, the package without its tools.
CONDA_NAMES = {"arch-py": "arch", "matplotlib-base": "matplotlib", "nbconvert-core": "nbconvert"}


def test_conda_environment_has_the_names_and_ranges_of_pyproject():
    project = pyproject()
    wanted = dict(requirement(line) for line in [*project["dependencies"], *project["optional-dependencies"]["garch"]])
    listed = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))["dependencies"]
    plain = dict(requirement(line) for line in listed if isinstance(line, str))
    assert plain.pop("python") == project["requires-python"]
    plain.pop("pip")
    assert {CONDA_NAMES.get(name, name): bounds for name, bounds in plain.items()} == wanted


def test_constraints_pin_every_dependency_exactly_and_name_no_address():
    lines = [
        line for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines() if line and line[0] != "#"
    ]
    pinned = dict(requirement(line) for line in lines)
    assert all(bounds.startswith("==") for bounds in pinned.values())
    assert "//" not in "\n".join(lines)
    project = pyproject()
    every = [*project["dependencies"], *(d for extra in project["optional-dependencies"].values() for d in extra)]
    assert not {requirement(line)[0] for line in every} - {"potash"} - set(pinned)


def test_pinned_pandas_lies_in_the_range_that_exchange_calendars_can_use():
    text = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    major, minor = re.search(r"^pandas==(\d+)\.(\d+)", text, re.MULTILINE).groups()
    assert (2, 2) <= (int(major), int(minor)) < (3, 1)


def test_version_is_told_once():
    import potash

    assert pyproject()["version"] == potash.__version__
    assert f"## {potash.__version__}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
