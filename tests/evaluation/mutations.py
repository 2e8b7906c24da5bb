"""Whether the tests notice a small change of the code: ``python -m tests.evaluation.mutations``.

One comparison, sign, connective or constant of a module is changed at a time, and the tests of that module run. A mutant that
no test fails for has lived: something there is tested by nobody. Everything happens in a copy of the project.
"""

from __future__ import annotations

import argparse
import ast
import importlib.abc
import importlib.util
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, zip_longest
from pathlib import Path
from types import ModuleType

from tests.paths import ROOT

FOLDERS = ("news/events", "news/claims", "study/inference", "study/engine", "market/store")
# Changes that alter no result: (module, line of code, before -> after), and why.
EQUIVALENT: dict[tuple[str, str, str], str] = {
    (
        "market/store/engine",
        "for attempt in range(_WAIT_SECONDS * 20):",
        "_WAIT_SECONDS * 20 -> _WAIT_SECONDS * 21",
    ): "the last of the attempts raises, so that no later one begins",
    (
        "study/inference/assumptions",
        "size = int(number.max()) + 1",
        "int(number.max()) + 1 -> int(number.max()) + 2",
    ): "one more day that no window has",
    (
        "study/inference/correlation",
        "np.flatnonzero(np.diff(lag[order], prepend=lag[order[0]] - 1)) if len(order) else np.empty(0, dtype=np.int64)",
        "lag[order[0]] - 1 -> lag[order[0]] + 1",
    ): "any number but the first one makes the first a start",
    (
        "study/inference/sign",
        "ways = np.zeros(n * (n + 1) // 2 + 1)",
        "n + 1 -> n + 2",
    ): "more sums of ranks that no choice of signs gives",
    (
        "study/inference/groups",
        "CHUNK, BATCH = 1024, 16384",
        "(1024, 16384) -> (1025, 16384)",
    ): "the size of a chunk leaves no trace, which a test says",
    (
        "study/inference/groups",
        "return np.where(n > 1, total / np.maximum(n * (n - 1), 1), 0.0)",
        "n > 1 -> n >= 1",
    ): "the total of one firm-event, which has no pair, is zero",
    (
        "study/engine/acceleration",
        "FROM, FROM_WHEN_THERE = 300_000, 5_000",
        "(300000, 5000) -> (300001, 5000)",
    ): "from where the compiled loops are used changes the speed alone",
    (
        "study/engine/acceleration",
        "FROM, FROM_WHEN_THERE = 300_000, 5_000",
        "(300000, 5000) -> (300000, 5001)",
    ): "from where the compiled loops are used changes the speed alone",
    (
        "study/engine/compiled",
        "away = np.zeros(1 + n_factors)",
        "1 + n_factors -> 2 + n_factors",
    ): "one more place that nothing is written to",
    (
        "study/engine/moments",
        "smallest = SMALLEST_SHARE * self.sums[:, -1]",
        "-1 -> -2",
    ): "which windows are summed anew changes digits beyond the tolerance alone",
    (
        "study/engine/moments",
        "y_level = np.where(used, y, 0.0).sum(axis=1) / np.maximum(used.sum(axis=1), 1)",
        "np.maximum(used.sum(axis=1), 1) -> np.maximum(used.sum(axis=1), 2)",
    ): "a single return has no variation about any level",
    (
        "study/engine/regressors",
        "SMALL_RESIDUAL = 1e-5",
        "SMALL_RESIDUAL = 1e-05 -> SMALL_RESIDUAL = 2e-05",
    ): "from where residuals are summed one by one changes digits beyond the tolerance alone",
    (
        "study/engine/regressors",
        "return np.asarray((total > (NO_VARIATION * mean) ** 2 * len(y)) & (left > NO_RESIDUAL * total))",
        "total > (NO_VARIATION * mean) ** 2 * len(y) -> total >= (NO_VARIATION * mean) ** 2 * len(y)",
    ): "a total of zero leaves no residual either",
    (
        "market/store/writing",
        "known_from = max(now, 0 if newest is None else int(newest) + 1)",
        "0 if newest is None else int(newest) + 1 -> 1 if newest is None else int(newest) + 1",
    ): "no clock says the first microsecond of 1970",
}
PROCESSES, SHARE, LONGEST_SHOWN = 2, 0.9, 90
_COPIED = ("potash", "tests", "data", "pyproject.toml")
# Loaded once, so that a mutant costs its tests and not a start.
_WARM = ("pytest", "hypothesis", "numpy", "pandas", "scipy.stats", "sqlalchemy")

_OTHER: dict[type[ast.AST], type[ast.AST]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.And: ast.Or, ast.Or: ast.And,
    ast.In: ast.NotIn, ast.NotIn: ast.In,  # codespell:ignore notin
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd,
}  # fmt: skip
# Parts that compute nothing: types, marks of a class, texts of messages, and the guard of a zip against our own mistakes.
_SKIPPED_FIELDS = {"annotation", "returns", "decorator_list"}
_SKIPPED_NODES = (ast.JoinedStr, ast.Assert)
_SKIPPED_KEYWORDS = {"strict"}


@dataclass(frozen=True, slots=True)
class Change:
    """One change that a parsed module allows; ``apply`` makes it in the tree, ``shown`` is the part to print."""

    line: int
    shown: ast.AST
    apply: Callable[[], None]


@dataclass(frozen=True, slots=True)
class Mutant:
    """A module (``news/events/merging``) with one change; ``code`` is the line as it stands."""

    module: str
    line: int
    code: str
    change: str
    source: str = field(repr=False)

    @property
    def reason_equivalent(self) -> str | None:
        return EQUIVALENT.get((self.module, self.code, self.change))


def _parts(node: ast.AST) -> Iterator[tuple[ast.AST, ast.AST]]:
    """Yield the parts of a tree that compute something, each with its parent, in the order of the text."""
    for name, value in ast.iter_fields(node):
        for part in value if isinstance(value, list) else [value]:
            if not isinstance(part, ast.AST) or name in _SKIPPED_FIELDS or isinstance(part, _SKIPPED_NODES):
                continue
            if isinstance(part, ast.keyword) and part.arg in _SKIPPED_KEYWORDS:
                continue
            # In reshape(-1), any negative number is the same.
            if (
                isinstance(part, ast.UnaryOp)
                and isinstance(node, ast.Call)
                and "reshape" in ast.unparse(node.func)[-7:]
            ):
                continue
            yield part, node
            yield from _parts(part)


def _changed_constant(value: object, returned: bool) -> object:
    """Return another value of a constant, None for none; what is tiny is a tolerance, which a factor of two leaves one."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    if isinstance(value, float):
        return value * (2.0 if abs(value) > 1e-6 else 1e6) if value else 1.0
    return "" if returned and isinstance(value, str) and value else None


def changes(tree: ast.Module) -> Iterator[Change]:
    """Yield every change of one comparison, sign, connective, ``not`` or constant."""
    for node, parent in _parts(tree):
        if isinstance(node, ast.Compare):
            for place, operator in enumerate(node.ops):
                yield Change(
                    node.lineno, node, lambda n=node, i=place, o=operator: n.ops.__setitem__(i, _OTHER[type(o)]())
                )
        elif isinstance(node, ast.BoolOp) or (isinstance(node, ast.BinOp) and type(node.op) in _OTHER):
            yield Change(node.lineno, node, lambda n=node: setattr(n, "op", _OTHER[type(n.op)]()))
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            twice = ast.UnaryOp(ast.Not(), node.operand)
            yield Change(node.lineno, node, lambda n=node, t=twice: setattr(n, "operand", t))
        elif isinstance(node, ast.Constant):
            other = _changed_constant(node.value, isinstance(parent, ast.Return))
            whole = isinstance(parent, ast.expr | ast.keyword | ast.Assign | ast.AnnAssign | ast.Return)
            shown = parent if whole and len(ast.unparse(parent)) <= LONGEST_SHOWN else node
            if other is not None:
                yield Change(node.lineno, shown, lambda n=node, v=other: setattr(n, "value", v))


def mutant_of(text: str, module: str, number: int) -> Mutant:
    """Return a module of this text with one of its changes made."""
    tree = ast.parse(text)
    change = list(changes(tree))[number]
    before = ast.unparse(change.shown)
    change.apply()
    shown = f"{before} -> {ast.unparse(change.shown)}"
    code = text.splitlines()[change.line - 1].strip()
    return Mutant(module, change.line, code, shown, ast.unparse(ast.fix_missing_locations(tree)))


def chosen(root: Path, folders: Sequence[str], seed: int, most: int) -> list[Mutant]:
    """Return mutants of the modules of folders: one module after the other, drawn by the seed; ``most`` 0 is all."""
    draw = random.Random(seed)
    texts = {name: (root / "potash" / f"{name}.py").read_text(encoding="utf-8") for name in _modules(root, folders)}
    by_module = [[(name, number) for number, _ in enumerate(changes(ast.parse(text)))] for name, text in texts.items()]
    for places in [*by_module, by_module]:
        draw.shuffle(places)
    in_turn = [place for place in chain.from_iterable(zip_longest(*by_module)) if place is not None]
    return [mutant_of(texts[name], name, number) for name, number in sorted(in_turn[: most or None])]


def _modules(root: Path, folders: Sequence[str]) -> list[str]:
    package = root / "potash"
    paths = [path for name in folders for path in sorted((package / name).glob("*.py")) or [package / f"{name}.py"]]
    return [path.relative_to(package).with_suffix("").as_posix() for path in paths if path.name != "__init__.py"]


def matching_tests(root: Path, module: str, folder_tests: bool) -> tuple[str, ...]:
    """Return the test files of a module: of the same name, else all of the folder, which can also follow it."""
    mirror = root / "tests" / Path(module).with_name(f"test_{Path(module).name}.py")
    others = [path for path in sorted(mirror.parent.glob("test_*.py")) if path != mirror]
    paths = ([mirror] if mirror.exists() else []) + (others if folder_tests or not mirror.exists() else [])
    return tuple(path.relative_to(root).as_posix() for path in paths)


class _Loader(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Loads one module from a changed source; the file stays as it is, and so does what Python keeps compiled."""

    def __init__(self, mutant: Mutant) -> None:
        self.name, self.source = f"potash.{mutant.module.replace('/', '.')}", mutant.source

    def find_spec(self, name, path=None, target=None):
        return importlib.util.spec_from_loader(name, self) if name == self.name else None

    def exec_module(self, module: ModuleType) -> None:
        exec(compile(self.source, f"<mutant of {self.name}>", "exec"), module.__dict__)


def _run_tests(copy: Path, tests: Sequence[str], mutant: Mutant | None, limit: int) -> None:
    """Run tests in this process, which is a child of its own, and end it with pytest's code."""
    signal.alarm(limit)
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)
    os.dup2(quiet, 2)
    os.chdir(copy)
    sys.path[:] = [str(copy), *(entry for entry in sys.path if entry not in ("", str(ROOT)))]
    # Compiled loops are kept by the state of their file, which a mutant does not change: they run as plain Python.
    os.environ.update(PYTHONPATH=str(copy), NUMBA_DISABLE_JIT="1")
    for name in [name for name in sys.modules if name.split(".")[0] in ("tests", "potash")]:
        del sys.modules[name]
    if mutant is not None:
        sys.meta_path.insert(0, _Loader(mutant))
    import pytest

    warm = "ignore::pytest.PytestAssertRewriteWarning"
    # A server for every mutant would take longer than its tests.
    os._exit(pytest.main(["-xq", "-n0", "-W", warm, "-p", "no:cacheprovider", "-k", "not postgresql", *tests]))


def in_processes(
    copy: Path, runs: Sequence[tuple[tuple[str, ...], Mutant | None, int]]
) -> Iterator[tuple[int, int, float]]:
    """Yield the number, the code and the seconds of each run of tests, as they end; a run past its limit has a code < 0."""
    running: dict[int, tuple[int, float]] = {}
    waiting = list(enumerate(runs))[::-1]
    try:
        while waiting or running:
            while waiting and len(running) < PROCESSES:
                number, (tests, mutant, limit) = waiting.pop()
                pid = os.fork()
                if pid == 0:
                    try:
                        _run_tests(copy, tests, mutant, limit)
                    finally:
                        os._exit(1)
                running[pid] = number, time.monotonic()
            pid, status = os.wait()
            number, start = running.pop(pid)
            yield number, os.waitstatus_to_exitcode(status), time.monotonic() - start
    finally:
        for pid in running:
            os.kill(pid, signal.SIGKILL)


def _limits(copy: Path, tests: Sequence[tuple[str, ...]]) -> dict[tuple[str, ...], int]:
    """Return how many seconds each set of tests is given: ten times what it takes with no change, which has to pass."""
    limits: dict[tuple[str, ...], int] = {}
    for number, code, seconds in in_processes(copy, [(files, None, 900) for files in tests]):
        if code:
            raise SystemExit(f"{' '.join(tests[number])}: pytest ends with {code} without any change. Mend that first.")
        limits[tests[number]] = 30 + round(10 * seconds)
    return limits


def measure(root: Path, mutants: Sequence[Mutant], folder_tests: bool) -> list[Mutant]:
    """Return the mutants that live, and print a line for each mutant."""
    for name in _WARM:
        importlib.import_module(name)
    tests = {mutant.module: matching_tests(root, mutant.module, folder_tests) for mutant in mutants}
    living = []
    with tempfile.TemporaryDirectory(prefix="mutations") as folder:
        copy = Path(folder).resolve()
        for name in _COPIED:
            if (root / name).is_dir():
                shutil.copytree(root / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
            elif (root / name).exists():
                shutil.copy(root / name, copy / name)
        limits = _limits(copy, sorted({files for files in tests.values() if files}))
        tested = [mutant for mutant in mutants if tests[mutant.module]]
        living += [mutant for mutant in mutants if not tests[mutant.module]]
        runs = [(tests[m.module], m, limits[tests[m.module]]) for m in tested]
        for number, code, seconds in in_processes(copy, runs):
            mutant = tested[number]
            living += [mutant] if code == 0 else []
            outcome = "lived " if code == 0 else "killed" if code > 0 else "endless"
            print(f"{outcome} {seconds:5.1f} s  potash/{mutant.module}.py:{mutant.line}  {mutant.change}", flush=True)
    return living


def main(arguments: Sequence[str] | None = None) -> int:
    """Print what becomes of each mutant and a summary; returns 1 where fewer die than should."""
    parser = argparse.ArgumentParser(prog="python -m tests.evaluation.mutations", description=__doc__)
    parser.add_argument("--folder", action="append", help=f"a folder or module, may be repeated; all of {FOLDERS}")
    parser.add_argument("--seed", type=int, default=1, help="which mutants are drawn")
    parser.add_argument("--most", type=int, default=80, help="how many mutants; 0 is all")
    parser.add_argument(
        "--folder-tests", action="store_true", help="run the tests of the folder after those of the module"
    )
    parser.add_argument("--root", type=Path, default=ROOT, help="the project")
    options = parser.parse_args(arguments)
    drawn = chosen(options.root.resolve(), options.folder or FOLDERS, options.seed, options.most)
    mutants = [mutant for mutant in drawn if mutant.reason_equivalent is None]
    living = measure(options.root.resolve(), mutants, options.folder_tests)
    for folder in sorted({str(Path(m.module).parent) for m in mutants}):
        total, alive = (sum(str(Path(m.module).parent) == folder for m in some) for some in (mutants, living))
        print(f"{folder}: {total - alive} of {total} killed")
    for mutant in living:
        print(f"lives: potash/{mutant.module}.py:{mutant.line}  {mutant.change}\n       {mutant.code}")
    print(f"{len(mutants) - len(living)} of {len(mutants)} killed; {len(drawn) - len(mutants)} more change no result")
    return 0 if len(living) <= (1 - SHARE) * len(mutants) else 1


if __name__ == "__main__":
    sys.exit(main())
