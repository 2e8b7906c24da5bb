"""Small notebooks that we write for the tests, and a data description that needs no data."""

from __future__ import annotations

from pathlib import Path

import nbformat

from potash.report.job import ReportResult, build_report
from potash.report.pages.facts import DataDescription

DATA = DataDescription("made-up-12345678", {"events.csv": "ab" * 32, "prices/daily.csv": "cd" * 32})

TIMELINE = [
    "# What happened\n\nFirst paragraph with a **bold** word and a [source](https://example.org/news).\n\n"
    "## One\n\nA price of $400 and one of $300.\n\n## Two\n\n## Three",
    'out_folder = None\nrows = 3\nas_of = "2026-11-20"\nevents_file = None',
    "import pandas as pd\nfrom potash.report import Publisher\npublish = Publisher(out_folder)",
    'frame = pd.DataFrame({"date": pd.date_range("2022-03-02", periods=rows), "value": [1 / (i + 1) for i in range(rows)]})'
    '\npublish.table(frame, "events", "Events & <evidence>", index=False)\nprint(events_file, as_of)',
    'publish.highlight("**Nothing** happened", "none")',
    "frame",
]

STUDY = [
    "# Did they move?\n\nSecond page.",
    'out_folder = None\nhorizon = 5\nas_of = "2026-11-20"',
    'from potash.report import Publisher\nimport warnings\npublish = Publisher(out_folder)\nwarnings.warn("careful")\nobject()',
    "from matplotlib import pyplot as plt\nfig, ax = plt.subplots(figsize=(3, 2))\nax.plot(range(horizon))\n"
    'publish.figure(fig, "line", "A line", "A straight line from nought upwards")',
    'publish.highlight("They moved by +2 %", "effect")',
]

FAILING = ["# Fails", "def inner():\n    raise RuntimeError('the data are gone\\nsecond line')", "inner()"]


def write_notebook(path: Path, cells: list[str]) -> Path:
    """Write a notebook: text that starts with # is Markdown, a cell that starts with out_folder the parameters."""
    node = nbformat.v4.new_notebook()
    for number, source in enumerate(cells):
        make = nbformat.v4.new_markdown_cell if source.startswith("# ") else nbformat.v4.new_code_cell
        cell = make(source, id=f"cell-{number}")
        if source.startswith("out_folder"):
            cell.metadata["tags"] = ["parameters"]
        node.cells.append(cell)
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(node, path)
    return path


def two_notebooks(folder: Path) -> Path:
    """Write two notebooks that work and return their folder."""
    write_notebook(folder / "01-timeline.ipynb", TIMELINE)
    write_notebook(folder / "02-event-study.ipynb", STUDY)
    return folder


def report(out: Path, notebooks: Path, **options: object) -> ReportResult:
    """Build a report of made-up notebooks over a made-up data description."""
    return build_report(out, notebooks=notebooks, describe=lambda *_: DATA, **options)  # type: ignore[arg-type]


def contents(folder: Path) -> dict[str, bytes]:
    """Return the bytes of every file below a folder."""
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}
