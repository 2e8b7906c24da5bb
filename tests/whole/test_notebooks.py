"""The notebooks as files: valid, without outputs, one title, parameters that a runner can set, public names only."""

import ast

import matplotlib as mpl
import nbformat
import pytest

from tests.paths import ROOT
from tests.report.desk.made_up import files

mpl.use("Agg")
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
STANDARD = {"prices_folder", "events_file", "universe_file", "out_folder"}


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def notebook(request):
    return nbformat.read(request.param, as_version=4)


def code_of(notebook):
    return [cell.source for cell in notebook.cells if cell.cell_type == "code"]


def test_there_are_notebooks():
    assert [path.stem for path in NOTEBOOKS] == [
        "00-explore",
        "01-timeline",
        "02-prices",
        "03-event-study",
        "04-answer",
        "90-methods",
    ]


def test_valid_and_without_outputs(notebook):
    nbformat.validate(notebook)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            assert not cell.outputs
            assert cell.execution_count is None


def test_one_title_at_the_top(notebook):
    titles = [
        line
        for c in notebook.cells
        if c.cell_type == "markdown"
        for line in c.source.splitlines()
        if line.startswith("# ")
    ]
    assert len(titles) == 1
    assert notebook.cells[0].source.startswith("# ")


def test_parameters_are_plain_values_with_a_comment(notebook):
    cells = [cell for cell in notebook.cells if "parameters" in cell.metadata.get("tags", [])]
    assert len(cells) == 1
    tree = ast.parse(cells[0].source)
    names = set()
    for node in tree.body:
        assert isinstance(node, ast.Assign)
        ast.literal_eval(node.value)
        names |= {name.id for name in ast.walk(node.targets[0]) if isinstance(name, ast.Name)}
    assert {"prices_folder", "out_folder"} <= names
    assert all("#" in line for line in cells[0].source.splitlines())


def test_only_public_names_are_imported(notebook):
    import potash

    for source in code_of(notebook):
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Import):
                assert {a.name for a in node.names} <= {"potash", "pandas", "numpy"}
            elif isinstance(node, ast.ImportFrom):
                assert node.module == "IPython.display"
            elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "potash":
                assert node.attr in potash.__all__, f"potash.{node.attr} is not public"


MOST_LINES_OF_A_CELL, MOST_LINES_OF_CODE = 15, 80


def lines_of_code(source):
    """Return the lines that do something: no blank ones, no comments."""
    return [line for line in source.splitlines() if line.strip() and not line.strip().startswith("#")]


def test_notebooks_teach_and_hold_no_logic(notebook):
    """What they compute is in the package, where it has tests: a cell sets up, asks, and shows."""
    sources = code_of(notebook)
    assert sum(len(lines_of_code(source)) for source in sources) <= MOST_LINES_OF_CODE
    for source in sources:
        assert len(source.splitlines()) <= MOST_LINES_OF_A_CELL, source
        nodes = list(ast.walk(ast.parse(source)))
        assert not [
            n for n in nodes if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef)
        ]


def test_every_section_says_why(notebook):
    """A heading alone teaches nothing: a sentence or two stand below each."""
    for cell in notebook.cells:
        if cell.cell_type == "markdown" and cell.source.startswith("#"):
            heading, _, text = cell.source.partition("\n\n")
            assert len(text.split()) > 5, heading


USERS = {
    "no producer": (["CF", "DE"], {}, {}),
    "one firm": (["NTR"], {}, {}),
    "two listings of one firm": (["NTR", "NTR.TO", "CF"], {}, {}),
    "no sign": (["NTR", "MOS", "CF"], {"direction": "unclear"}, {}),
    "too short a window": (["NTR", "MOS", "CF", "DE"], {}, {"event_window": [0, 3]}),
}


@pytest.mark.slow
@pytest.mark.parametrize("user", USERS)
@pytest.mark.parametrize("name", ["03-event-study", "04-answer"])
def test_the_pages_about_shares_work_with_whatever_a_user_has(user, name, tmp_path, capsys):
    tickers, facts, parameters = USERS[user]
    prices, events = files(tmp_path / "files", tickers, **facts)
    given = {
        "prices_folder": str(prices),
        "events_file": str(events),
        "out_folder": str(tmp_path / "out"),
        **parameters,
    }
    scope = {}
    for cell in nbformat.read(ROOT / "notebooks" / f"{name}.ipynb", as_version=4).cells:
        if cell.cell_type == "code":
            exec(compile(cell.source, f"{name}.ipynb", "exec"), scope)
            if "parameters" in cell.metadata.get("tags", []):
                scope.update(given)
    assert "nan" not in capsys.readouterr().out.lower().split()
    assert list((tmp_path / "out" / "tables").glob("*.csv"))


def test_text_has_no_latex(notebook):
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    assert "$" not in text
    assert "\\(" not in text
