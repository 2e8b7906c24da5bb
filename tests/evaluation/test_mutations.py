"""The mutations themselves: what is changed, that a tested line kills and an untested one does not."""

import ast
import subprocess
import sys

import pytest

from tests.evaluation.mutations import changes, chosen, matching_tests
from tests.paths import ROOT

TOY = '''"""Toy."""


def large(value: float, limit: float) -> bool:
    """Say whether a value is large."""
    return value > limit


def untested(value):
    return not value
'''
TESTS = """from potash.news.events.toy import large

def test_large():
    assert (large(3, 3), large(4, 3)) == (False, True)
"""


def changed(text: str) -> list[str]:
    sources = []
    for number in range(len(list(changes(ast.parse(text))))):
        tree = ast.parse(text)
        list(changes(tree))[number].apply()
        sources.append(ast.unparse(tree))
    return sources


@pytest.mark.parametrize(
    ("text", "sources"),
    [
        ("a < b <= c", ["a <= b <= c", "a < b < c"]),
        ("a and b", ["a or b"]),
        ("a - b", ["a + b"]),
        ("not a", ["not not a"]),
        ("x = 2", ["x = 3"]),
        ("x = 2.5", ["x = 5.0"]),
        ("x = 1e-12", ["x = 1e-06"]),
        ("x = True", ["x = False"]),
        ("def f():\n    return 'a'", ["def f():\n    return ''"]),
        ("x = 'a'", []),
        ("x: Literal[1] | None = y", []),
        ("def f(x: Literal[2]) -> Literal[3]:\n    'Doc'", []),
        ("@dataclass(frozen=True)\nclass A:\n    pass", []),
        ("f'{x + 1:.3f}'", []),
        ("zip(a, b, strict=True)", []),
        ("a.reshape(-1)", []),
    ],
)
def test_one_thing_is_changed_at_a_time(text, sources):
    assert changed(text) == sources


@pytest.fixture
def toy(tmp_path):
    """Return a project of one module, of which one function is tested."""
    for name, text in {
        "potash/__init__.py": "", "potash/news/__init__.py": "", "potash/news/events/__init__.py": "",
        "potash/news/events/toy.py": TOY, "tests/__init__.py": "", "tests/news/events/test_toy.py": TESTS,
    }.items():  # fmt: skip
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path


@pytest.mark.simulation
def test_what_is_tested_dies_and_the_project_stays_as_it_is(toy):
    before = {path: path.read_bytes() for path in toy.rglob("*") if path.is_file()}
    command = [
        sys.executable,
        "-m",
        "tests.evaluation.mutations",
        "--root",
        toy,
        "--folder",
        "news/events",
        "--most",
        "0",
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    outcomes = [(line.split()[0], line.split("  ")[-1]) for line in done.stdout.splitlines() if " s  potash/" in line]
    assert sorted(outcomes) == [
        ("killed", "value > limit -> value >= limit"),
        ("lived", "not value -> not not value"),
    ]
    assert "news/events: 1 of 2 killed" in done.stdout
    assert {path: path.read_bytes() for path in toy.rglob("*") if path.is_file()} == before


def test_a_seed_draws_the_same_mutants_and_every_module_in_turn():
    folders = ["market/store", "study/engine"]
    drawn = [chosen(ROOT, folders, seed, 20) for seed in (1, 1, 2)]
    assert drawn[0] == drawn[1] != drawn[2]
    assert len({mutant.module for mutant in drawn[0]}) >= 12


def test_the_tests_of_a_module_are_those_of_its_name_or_of_its_folder(toy):
    (toy / "tests/news/events/test_other.py").touch()
    mirror, other = "tests/news/events/test_toy.py", "tests/news/events/test_other.py"
    assert matching_tests(toy, "news/events/toy", folder_tests=False) == (mirror,)
    assert matching_tests(toy, "news/events/toy", folder_tests=True) == (mirror, other)
    assert matching_tests(toy, "news/events/nameless", folder_tests=False) == (other, mirror)
