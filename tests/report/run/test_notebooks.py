from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from potash.errors import OptionError, ReportError
from potash.report.run.notebooks import (
    UNKNOWN,
    check_parameters,
    declared_parameters,
    effective_parameters,
    find_notebooks,
    fitted,
    read_notebook,
    with_parameters,
)
from tests.report.made_up import STUDY, TIMELINE, two_notebooks, write_notebook


def test_numbered_notebooks_in_order(tmp_path: Path) -> None:
    for name in ("10-last", "02-b", "01-a", "scratch", "report"):
        write_notebook(tmp_path / f"{name}.ipynb", ["# T"])
    assert [path.stem for path in find_notebooks(tmp_path)] == ["01-a", "02-b", "10-last"]
    assert find_notebooks(tmp_path / "scratch.ipynb") == [tmp_path / "scratch.ipynb"]


def test_no_notebook_says_what_is_there(tmp_path: Path) -> None:
    write_notebook(tmp_path / "scratch.ipynb", ["# T"])
    with pytest.raises(ReportError, match=r"no notebook with a number.*scratch\.ipynb"):
        find_notebooks(tmp_path)
    with pytest.raises(ReportError, match="does not exist"):
        find_notebooks(tmp_path / "nowhere")
    with pytest.raises(ReportError, match=r"do not exist: .*none"):
        find_notebooks([tmp_path / "none.ipynb"])


def test_the_same_name_twice_is_refused(tmp_path: Path) -> None:
    paths = [write_notebook(tmp_path / folder / "01-a.ipynb", ["# T"]) for folder in "xy"]
    with pytest.raises(ReportError, match="same name: 01-a"):
        find_notebooks(paths)


@pytest.mark.parametrize(
    "text", ["", "[]", '{"nbformat": 3, "cells": []}', '{"nbformat": 4}', '{"nbformat": 4, "cells": 1}']
)
def test_not_a_notebook(tmp_path: Path, text: str) -> None:
    path = tmp_path / "01-a.ipynb"
    path.write_text(text)
    with pytest.raises(ReportError, match=r"01-a\.ipynb: not a"):
        read_notebook(path)


def test_stored_outputs_go_and_cells_without_id_get_a_stable_one(tmp_path: Path) -> None:
    cell = {"cell_type": "code", "source": ["1 +", " 1"], "metadata": {}, "outputs": [], "execution_count": 9}
    stored = {"output_type": "stream", "name": "stdout", "text": "old"}
    cell["outputs"] = [stored]
    path = tmp_path / "01-a.ipynb"
    path.write_text(json.dumps({"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": [cell]}))
    node = read_notebook(path).node
    assert node.cells[0].id == "cell-0"
    assert node.cells[0].source == "1 + 1"
    assert node.cells[0].outputs == []


def test_declared_names_and_defaults() -> None:
    source = "import os\na = 1\nb: tuple[int, int] = (-1, 1)\nc = len('x')\nd, e = 1, 2\nf = g = None\nh: int"
    assert declared_parameters(source) == {"a": 1, "b": (-1, 1), "c": UNKNOWN, "d": 1, "e": 2, "f": None, "g": None}
    with pytest.raises(ReportError, match=r"n\.ipynb: its parameters cell is not Python: line 1"):
        declared_parameters("a = (", "n.ipynb")


@pytest.mark.parametrize(
    ("text", "default", "value"),
    [
        ("7", 5, 7),
        ("7", "5", "7"),
        ("2026-10-31", "", "2026-10-31"),
        ("2026-10-31", None, "2026-10-31"),
        ("none", "x", "none"),
        ("none", 5, None),
        ("false", True, False),
        ("-2, 2", (-1, 1), (-2, 2)),
        ("['NTR']", ["MOS"], ["NTR"]),
        ("1", 0.95, 1),
        (Path("a/b"), "", "a/b"),
        (0.9, 0.95, 0.9),
    ],
)
def test_values_take_the_type_of_the_default(text: object, default: object, value: object) -> None:
    assert fitted("x", text, default) == value


@pytest.mark.parametrize(("value", "default"), [("abc", 5), ("1.5", 5), ("true", 5), ("yes", True), (object(), None)])
def test_values_that_do_not_fit(value: object, default: object) -> None:
    with pytest.raises(OptionError, match=r"parameter x=.* does not fit: its default is"):
        fitted("x", value, default)


def test_a_name_that_no_notebook_declares_lists_those_declared(tmp_path: Path) -> None:
    notebooks = [read_notebook(path) for path in find_notebooks(two_notebooks(tmp_path))]
    check_parameters(notebooks, {"horizon": 3, "rows": "2"})
    with pytest.raises(
        OptionError, match=r"'horizn' is declared by no notebook \(did you mean 'horizon'\?\).*as_of, horizon, rows"
    ):
        check_parameters(notebooks, {"horizn": 3})
    with pytest.raises(OptionError, match="set by the option --events"):
        check_parameters(notebooks, {"events_file": "x"})


def test_a_cell_after_the_parameters_sets_what_is_declared(tmp_path: Path) -> None:
    notebook = read_notebook(write_notebook(tmp_path / "01-a.ipynb", TIMELINE))
    values = {"rows": "4", "out_folder": ".", "horizon": 9, "prices_folder": "p"}
    node = with_parameters(notebook, values)
    injected = node.cells[2]
    assert injected.metadata["tags"] == ["injected-parameters"]
    assert injected.source == "# Set by the report\nout_folder = '.'\nrows = 4"
    assert len(notebook.node.cells) == len(TIMELINE)
    assert effective_parameters(notebook, {"rows": "4"})["rows"] == 4


def test_without_parameters_nothing_is_injected(tmp_path: Path) -> None:
    notebook = read_notebook(write_notebook(tmp_path / "01-a.ipynb", [STUDY[0], "1 + 1"]))
    assert with_parameters(notebook, {"horizon": 1}) == notebook.node


def test_a_notebook_is_read_without_the_grammar_that_jsonschema_compiles(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "01-a.ipynb", ["1 + 1"])
    code = (
        "import pathlib, sys\nfrom potash.report.run.notebooks import read_notebook\n"
        f"read_notebook(pathlib.Path({str(path)!r}))\n"
        "assert 'jsonschema' in sys.modules and 'lark' not in sys.modules\n"
        "assert 'rfc3987_syntax' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
