"""How often each test and the verdict are wrong in simulated studies, as tables."""

from __future__ import annotations

import pandas as pd

from potash.report.desk.methods.described import TESTS
from potash.report.desk.verdict_tables import TEST_NAMES, size_or_missing
from potash.report.pages.tables import ShownTable
from potash.sessions import Window
from potash.study.answer.words import when
from potash.study.simulated import simulated_size, simulated_verdicts

DESIGNS = {
    "independent": "independent dates",
    "shared_date": "one date for all",
    "induced_variance": "variance doubled by the event",
    "fat_tails": "fat tails",
    "thin_trading": "thin trading",
}
RESIDUALS = {
    "normal": "normal",
    "t": "Student's t",
    "skew": "lognormal",
    "mild_skew": "mildly lognormal",
    "garch": "GARCH",
}
NOT_SIMULATED = "An empty cell: not simulated."
SHAPES = {"normal": "normal", "t4": "fat tails", "skewed": "skewed", "garch": "GARCH"}


def verdict_rates_table() -> ShownTable:
    """Return how often a verdict is an effect without one, and finds the effect it states as detectable."""
    frame = simulated_verdicts()
    grid = frame[frame["part"] == "grid"]
    rows = []
    for (shape, volatility, shared), part in grid.groupby(["shape", "volatility", "shared"], sort=False):
        around = "as usual" if volatility == 1 else f"{volatility:.0f} times as volatile"
        rows.append(
            {
                "residuals": SHAPES[shape],
                "days around the event": around if shared else f"{around}, controls as usual",
                "false effects": _rate(part["effect"].mean()),
                "range over designs": _span(part["effect"]),
                "effects noticed": _rate(part["power"].mean()),
                "of the wrong sign": _rate(part["wrong_sign"].mean()),
            }
        )
    note = (
        f"Each row: the mean of {len(grid) // max(len(rows), 1)} designs of {grid['n'].median():,.0f} studies, with one to seven "
        "firms and none to eight controls. false effects: verdicts of an effect where there is none, which 5 % may be. effects "
        "noticed: where the true effect is the one that the verdict states as detectable, which 80 % should be."
    )
    return ShownTable(grid, pd.DataFrame(rows), note, "verdict-rates", "How often the verdict is wrong")


def size_tables() -> list[ShownTable]:
    """Return how often each test rejects a true null with thirty firms: a table a window."""
    size = _cells()
    many = size[~size["design"].str.startswith(("one_date", "separate"))]
    tables = []
    for number, (window, part) in enumerate(many.groupby("window", sort=False), start=1):
        wide = part.pivot(index="test", columns="design", values="cell")
        wide = wide.loc[[name for name in TESTS if name in wide.index], list(dict.fromkeys(part["design"]))]
        shown = wide.rename(index=TEST_NAMES, columns=DESIGNS).rename_axis("test").reset_index()
        title = f"Rejections at 5 % {_when(window)}, {part['n_studies'].iloc[0]:,} studies a design"
        tables.append(ShownTable(part.drop(columns="cell"), shown, "", f"size-{number}", title))
    return tables


def few_firms_tables() -> list[ShownTable]:
    """Return the same for a few firms on one date, of the tests that allow for it."""
    size = _cells()
    shared = size.loc[(size["design"] == "shared_date") & size["covered"], "test"].unique()
    few = size[size["design"].str.startswith("one_date") & size["test"].isin(shared)]
    tables = []
    for number, (window, part) in enumerate(few.groupby("window", sort=False), start=1):
        wide = part.pivot(index=["test", "residuals"], columns="firms", values="cell").fillna("")
        rows = part[["test", "residuals"]].drop_duplicates().itertuples(index=False, name=None)
        shown = wide.loc[list(rows)].rename(columns="{} firms".format).reset_index()
        shown = shown.assign(
            test=shown["test"].map(TEST_NAMES), residuals=shown["residuals"].map(lambda name: RESIDUALS.get(name, name))
        )
        title = f"Rejections at 5 % {_when(window)}: few firms on one date"
        tables.append(ShownTable(part.drop(columns="cell"), shown, NOT_SIMULATED, f"size-few-{number}", title))
    return tables


def _when(window: str) -> str:
    """Return a window such as ``(0, 5)`` in words."""
    first, last = (int(offset) for offset in window.strip("()").split(","))
    return when(Window(first, last))


def _span(values: pd.Series[float]) -> str:
    """Return from what to what rates go, the sign of percent once."""
    return f"{_rate(values.min()).rstrip('%').strip()} to {_rate(values.max())}"


def _rate(value: float) -> str:
    return size_or_missing(value)


def _cells() -> pd.DataFrame:
    """Return the simulated rates with a ``cell`` of text each: in parentheses where the test does not cover the design."""
    size = simulated_size()
    texts = [_rate(rate) if rate == rate else "" for rate in size["rate"]]
    cells = [text if covered or not text else f"({text})" for text, covered in zip(texts, size["covered"], strict=True)]
    return size.assign(cell=cells)
