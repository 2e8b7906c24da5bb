"""Notebooks are found in their order, read, and given parameters."""

from __future__ import annotations

import ast
import copy
import json
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from potash.bundled import notebooks_dir
from potash.errors import OptionError, ReportInputError, close_to, listed

# A notebook of nbformat is a dict with attributes; its package has no types.
Node: TypeAlias = Any

FILES = ("prices_folder", "events_file", "universe_file", "confounders_file")
STANDARD = (*FILES, "out_folder")
_OPTIONS = {
    "prices_folder": "--prices",
    "events_file": "--events",
    "universe_file": "--universe",
    "confounders_file": "--confounders",
    "out_folder": "--out",
}
_GRAMMAR = "rfc3987_syntax"
_NUMBERED = re.compile(r"\d\d-[a-z0-9-]+")


class _Unknown:
    """Stands for a default that is an expression, so that any type may replace it."""


UNKNOWN = _Unknown()


@dataclass(frozen=True, slots=True)
class Notebook:
    """A notebook before it is run.

    Attributes
    ----------
    name : str
        File name without its ending, for example ``"03-event-study"``.
    path : Path
        The file.
    node : NotebookNode
        Its content, without stored outputs; every cell has an id.
    declared : dict
        Name and default of each parameter in the cell tagged ``parameters``.
    """

    name: str
    path: Path
    node: Node
    declared: dict[str, object]


def find_notebooks(where: str | Path | Sequence[str | Path] | None = None) -> list[Path]:
    """Return the notebooks of a folder in the order of their numbers (``01-...``), or those listed, as listed.

    Parameters
    ----------
    where : path or sequence of paths, optional
        A folder, of which the numbered notebooks are taken; or the notebooks themselves. The carried ones by default.

    Raises
    ------
    ReportInputError
        If there are none, one is missing, or two have the same name.
    """
    if where is None or isinstance(where, (str, Path)):
        folder = notebooks_dir() if where is None else Path(where)
        if folder.suffix == ".ipynb":
            return find_notebooks([folder])
        if not folder.is_dir():
            raise ReportInputError(
                f"the notebook folder {folder} does not exist. Give a folder, or a list of notebooks."
            )
        present = sorted(folder.glob("*.ipynb"))
        numbered = [path for path in present if _NUMBERED.fullmatch(path.stem)]
        if not numbered:
            raise ReportInputError(
                f"the folder {folder} has no notebook with a number: names are like 01-timeline.ipynb. "
                f"Notebooks there: {listed(path.name for path in present)}."
            )
        return numbered
    paths = [Path(path) for path in where]
    missing = [path for path in paths if not path.is_file()]
    if missing or not paths:
        raise ReportInputError(f"these notebooks do not exist: {listed(missing)}. Give at least one that does.")
    names = [path.stem for path in paths]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ReportInputError(
            f"two notebooks have the same name: {listed(twice)}. Rename one: pages are named after them."
        )
    return paths


def read_notebook(path: Path) -> Notebook:
    """Return a notebook of format 4 without its stored outputs.

    Raises
    ------
    ReportInputError
        If the file is not a valid notebook, or its parameters cell does more than assign.
    """
    nbformat = _nbformat()
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(raw, dict) or raw.get("nbformat") != 4:
            raise ReportInputError(f"{path}: not a notebook of format 4. Open it in JupyterLab and save it.")
        node = nbformat.from_dict(raw)
        _make_stable(node)
        nbformat.validate(node)
    except (ValueError, KeyError, AttributeError, TypeError, nbformat.ValidationError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise ReportInputError(f"{path}: not a valid notebook: {reason}. Open it in JupyterLab and save it.") from error
    position = parameters_cell(node)
    declared = {} if position is None else declared_parameters(node.cells[position].source, path.name)
    return Notebook(name=path.stem, path=path, node=node, declared=declared)


def _nbformat() -> Any:
    """Return nbformat, imported without the grammar of addresses.

    jsonschema compiles it for seconds to check the format "iri", which no notebook has; without it that one check is left
    out, as where the optional package is not installed.
    """
    if "jsonschema" not in sys.modules and _GRAMMAR not in sys.modules:
        sys.modules[_GRAMMAR] = None  # type: ignore[assignment]
        try:
            import nbformat
        finally:
            del sys.modules[_GRAMMAR]
    import nbformat

    return nbformat


def _make_stable(node: Node) -> None:
    # nbformat would draw a random id for a cell that has none: pages would differ from run to run.
    node.nbformat_minor = max(int(node.get("nbformat_minor", 0)), 5)
    for number, cell in enumerate(node.cells):
        cell.setdefault("id", f"cell-{number}")
        if isinstance(cell.source, list):
            cell.source = "".join(cell.source)
        if cell.cell_type == "code":
            cell.outputs = []
            cell.execution_count = None


def parameters_cell(node: Node) -> int | None:
    """Return the position of the cell tagged ``parameters``, or None."""
    for position, cell in enumerate(node.cells):
        if cell.cell_type == "code" and "parameters" in cell.metadata.get("tags", []):
            return position
    return None


def declared_parameters(source: str, where: str = "notebook") -> dict[str, object]:
    r"""Return the names that a parameters cell assigns, with their defaults.

    Examples
    --------
    >>> declared_parameters("window = (-1, 1)\nevents_file: str | None = None\nlow, high = 0.5, None")
    {'window': (-1, 1), 'events_file': None, 'low': 0.5, 'high': None}
    """
    try:
        tree = ast.parse(source)
    except SyntaxError as error:
        raise ReportInputError(
            f"{where}: its parameters cell is not Python: line {error.lineno}: {error.msg}."
        ) from error
    declared: dict[str, object] = {}
    for statement in tree.body:
        if isinstance(statement, ast.Assign):
            targets, value = statement.targets, statement.value
        elif isinstance(statement, ast.AnnAssign) and statement.value is not None:
            targets, value = [statement.target], statement.value
        else:
            continue
        for target in targets:
            if isinstance(target, ast.Name):
                declared[target.id] = _literal(value)
            elif isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple) and len(target.elts) == len(value.elts):
                pairs = zip(target.elts, value.elts, strict=True)
                declared |= {name.id: _literal(part) for name, part in pairs if isinstance(name, ast.Name)}
    return declared


def _literal(value: ast.expr) -> object:
    try:
        return ast.literal_eval(value)
    except (ValueError, TypeError, SyntaxError):
        return UNKNOWN


def check_parameters(notebooks: Iterable[Notebook], given: Mapping[str, object]) -> None:
    """Raise :class:`OptionError` for a parameter that no notebook declares, or whose type does not fit."""
    notebooks = list(notebooks)
    declared = sorted({name for notebook in notebooks for name in notebook.declared if name not in STANDARD})
    for name, value in given.items():
        if name in STANDARD:
            raise OptionError(f"parameter {name!r} is set by the option {_OPTIONS[name]}. Use that option.")
        if name not in declared:
            raise OptionError(
                f"parameter {name!r} is declared by no notebook{close_to(name, declared)}. "
                f"Declared are: {listed(declared, 40)}."
            )
        for notebook in notebooks:
            if name in notebook.declared:
                fitted(name, value, notebook.declared[name])


def fitted(name: str, value: object, default: object) -> object:
    """Return a value in the type of the declared default; text from a command line is read as Python.

    Examples
    --------
    >>> fitted("window", "-2, 2", (-1, 1)), fitted("level", "0.9", 0.95), fitted("as_of", "2026", "2026-11-20")
    ((-2, 2), 0.9, '2026')
    """
    read = value
    if isinstance(value, Path):
        read = str(value)
    elif isinstance(value, str) and not isinstance(default, str):
        words: dict[str, object] = {"true": True, "false": False, "none": None}
        read = words[value.lower()] if value.lower() in words else _read(value)
    if default is None or default is UNKNOWN or read is None:
        allowed = True
    elif isinstance(default, float):
        allowed = isinstance(read, (int, float)) and not isinstance(read, bool)
    elif isinstance(default, (tuple, list)):
        allowed = isinstance(read, (tuple, list))
    else:
        allowed = type(read) is type(default)
    if not allowed or not _is_literal(read):
        raise OptionError(
            f"parameter {name}={value!r} does not fit: its default is {default!r} ({type(default).__name__}). "
            "Give a value of that type, written as in Python."
        )
    return read


def _read(text: str) -> object:
    try:
        return ast.literal_eval(text)
    except (ValueError, TypeError, SyntaxError):
        return text


def _is_literal(value: object) -> bool:
    try:
        return bool(ast.literal_eval(repr(value)) == value)
    except (ValueError, TypeError, SyntaxError):
        return False


def effective_parameters(notebook: Notebook, values: Mapping[str, object]) -> dict[str, object]:
    """Return what each declared name of a notebook is set to; a default that is an expression shows as ``...``."""
    return {
        name: fitted(name, values[name], default) if name in values else (... if default is UNKNOWN else default)
        for name, default in notebook.declared.items()
    }


def with_parameters(notebook: Notebook, values: Mapping[str, object]) -> Node:
    """Return a copy of the notebook in which a cell after the parameters cell sets those it declares."""
    node = copy.deepcopy(notebook.node)
    lines = [
        f"{name} = {fitted(name, values[name], default)!r}"
        for name, default in notebook.declared.items()
        if name in values
    ]
    position = parameters_cell(node)
    if position is not None and lines:
        import nbformat

        cell = nbformat.v4.new_code_cell(  # type: ignore[no-untyped-call]
            "# Set by the report\n" + "\n".join(lines), id="injected-parameters"
        )
        cell.metadata["tags"] = ["injected-parameters"]
        node.cells.insert(position + 1, cell)
    return node


def runs_for_each(node: Node) -> bool:
    """Return whether a notebook makes a page for each event: its metadata have ``"potash": {"each": "event"}``."""
    return bool(node.metadata.get("potash", {}).get("each") == "event" and parameters_cell(node) is not None)


def with_event(node: Node, event_id: str) -> Node:
    """Return a copy of a notebook that is about an event."""
    import nbformat

    node = copy.deepcopy(node)
    line, position = f"event = {event_id!r}", (parameters_cell(node) or 0) + 1
    if position < len(node.cells) and "injected-parameters" in node.cells[position].metadata.get("tags", []):
        node.cells[position].source += f"\n{line}"
    else:
        cell = nbformat.v4.new_code_cell(f"# Set by the report\n{line}", id="injected-parameters")  # type: ignore[no-untyped-call]
        cell.metadata["tags"] = ["injected-parameters"]
        node.cells.insert(position, cell)
    return node
