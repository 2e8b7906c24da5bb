"""The house rules: who may import whom, how long a module may be, and that the dependency lists agree."""

import ast
import re
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "potash"
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if "_carried" not in path.parts)

# A module imports only from levels below its own, or from its own folder.
LEVELS = {
    "errors": 0, "_typing": 0, "_figures": 0, "carried": 0, "csvtext": 0, "clock": 0,
    "calendars": 1, "sessions": 1, "universe": 1,
    "market": 2, "news": 2, "study": 3, "report": 4, "plots": 4,
    "price_claims": 4, "terminal": 4, "doctor": 4, "timeline_cli": 5, "prices_cli": 5,
    "snapshots_cli": 6, "doctor_cli": 6, "cli": 7, "__init__": 8,
}  # fmt: skip


def part_of(module: str) -> str:
    return [*module.split("."), "__init__"][1]


def imports_of(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "potash":
            names = [f"{node.module}.{a.name}" for a in node.names] if node.module == "potash" else [node.module]
            found.update(names)
        elif isinstance(node, ast.Import):
            found.update(a.name for a in node.names if a.name.split(".")[0] == "potash")
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_point_down(path):
    own = part_of("potash." + str(path.relative_to(PACKAGE).with_suffix("")).replace("/", "."))
    if own == "__init__":
        return
    for target in imports_of(path):
        other = part_of(target)
        if other in {own, "__version__"}:
            continue
        assert LEVELS[other] <= LEVELS[own], f"{path} (level {LEVELS[own]}) imports {target} (level {LEVELS[other]})"
        assert {own, other} != {"market", "news"}, f"{path}: market and news never meet"
        assert LEVELS[other] < LEVELS[own] or LEVELS[own] < 2, f"{path} imports {target} of its own level"


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_no_module_passes_400_lines(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400


def test_only_commands_read_the_clock():
    pattern = re.compile(r"\b(datetime|date|Timestamp)\.(now|today|utcnow)\(|\btime\.time\(")
    guilty = [p.name for p in MODULES if pattern.search(p.read_text(encoding="utf-8"))]
    assert guilty == ["clock.py"]
    callers = [p.name for p in MODULES if "utc_now" in p.read_text(encoding="utf-8") and p.name != "clock.py"]
    assert all(name.endswith("cli.py") for name in callers)


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
    wanted = dict(requirement(line) for line in pyproject()["dependencies"])
    listed = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))["dependencies"]
    plain = dict(requirement(line) for line in listed if isinstance(line, str))
    assert plain.pop("python") == pyproject()["requires-python"]
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
    assert not {requirement(line)[0] for line in every} - set(pinned)


def test_pinned_pandas_lies_in_the_range_that_exchange_calendars_can_use():
    text = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    major, minor = re.search(r"^pandas==(\d+)\.(\d+)", text, re.MULTILINE).groups()
    assert (2, 2) <= (int(major), int(minor)) < (3, 1)


def test_version_is_told_once():
    import potash

    assert pyproject()["version"] == potash.__version__
    assert f"## {potash.__version__}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
