"""The studies behind the tables: which designs, how many, and what is counted."""

from __future__ import annotations

import multiprocessing
import sys
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import skew

from potash._typing import Float1D, Float2D
from potash.sessions import Window
from tests.evaluation.verdicts.batch import FAMILY_WINDOWS, IMPACT, MARGIN, OFFSETS, ON_DAY_ZERO, SIZE, portfolios
from tests.evaluation.verdicts.markets import CHUNK, DAY_ZERO, ESTIMATION_WINDOW, SHAPES, Design, made_markets
from tests.evaluation.verdicts.real_days import (
    CARRIED,
    LONGER,
    REFERENCE,
    carried_returns,
    real_rates,
    reference_returns,
)
from tests.evaluation.verdicts.rules import Votes, forecast_votes, rule_votes
from tests.paths import ROOT

CSV, PAGE = ROOT / "data" / "simulated_verdicts.csv", ROOT / "docs" / "simulated-verdicts.md"
SEED, STUDIES, STUDIES_AGAIN, STUDIES_RULES, STUDIES_FORECASTS, STUDIES_SKEWED = 20261128, 2000, 10_000, 1000, 250, 5000
SIZES, POWERS = (0.02, 0.07), (0.75, 0.88)
# Volatility of the event's days, and whether the controls share it.
VOLATILITIES = ((1.0, True), (2.0, True), (3.0, True), (2.0, False), (3.0, False))
FIRMS, CONTROLS = (1, 2, 3, 4, 5, 7), (0, 1, 3, 8)
GRID = [
    Design(firms, controls, shape, volatility, shared)
    for shape, firms, controls, (volatility, shared) in product(SHAPES, FIRMS, CONTROLS, VOLATILITIES)
    if controls or shared
]
COMPARED = [
    Design(firms, controls, shape, volatility, shared)
    for (firms, controls, shape), (volatility, shared) in product(
        ((3, 3, "normal"), (3, 3, "garch"), (7, 8, "normal")), VOLATILITIES
    )
]
FORECAST = [Design(3, 3, shape, volatility) for shape, volatility in product(("normal", "garch"), (1.0, 2.0, 3.0))]
SKEWED = [Design(firms, controls, "skewed", 2.0) for firms, controls in product((1, 3), (0, 3))]
LEAKED = [Design(3, 3, "normal", volatility) for volatility in (1.0, 2.0)]
KEYS = ["case", "window", "firms", "controls", "shape", "volatility", "shared", "days"]

TWO, WEEK = FAMILY_WINDOWS.index(Window(0, 1)), FAMILY_WINDOWS.index(Window(0, 5))
# Pattern of the effect, the window whose detectable effect gives its size, and the windows tested.
LEAKS = {
    "all on day 0": ((0,), (1.0,), IMPACT, (IMPACT,)),
    "and half as much again on each of days 1 to 3": ((0, 1, 2, 3), (1.0, 0.5, 0.5, 0.5), IMPACT, (IMPACT,)),
    "and half as much on each of days -3 to -1": ((-3, -2, -1, 0), (0.5, 0.5, 0.5, 1.0), IMPACT, (IMPACT,)),
    "and as much again on each of days 1 to 5": (tuple(range(6)), (1.0,) * 6, IMPACT, (IMPACT, WEEK)),
    "and undone on day 1": ((0, 1), (1.0, -1.0), IMPACT, (IMPACT,)),
    "two days', evenly over days 0 and 1": ((0, 1), (0.5, 0.5), TWO, (TWO,)),
    "two days', all on one of them": ((1,), (1.0,), TWO, (TWO,)),
    "a week's, evenly over days 0 to 5": (tuple(range(6)), (1 / 6,) * 6, WEEK, (IMPACT, WEEK)),
    "a week's, half on day 0 and the rest evenly": (tuple(range(6)), (0.5, *(0.1,) * 5), WEEK, (IMPACT, WEEK)),
    "a week's, all on day 0": ((0,), (1.0,), WEEK, (IMPACT, WEEK)),
}


def chunks(studies: int) -> range:
    """Return the numbers of the chunks that hold so many studies."""
    return range(max(1, round(studies / CHUNK)))


def grid_row(design: Design, which: Sequence[int], seed: int) -> dict[str, Any]:
    """Return the rates of one design over some chunks."""
    parts = [_counted(design, chunk, seed) for chunk in which]
    counts = pd.concat(parts, ignore_index=True)
    row = _keys(design) | {"n": len(counts)} | counts.drop(columns="detectable").mean().to_dict()
    return row | {"detectable": float(counts["detectable"].median())}


def _counted(design: Design, chunk: int, seed: int) -> pd.DataFrame:
    """Return a row a study: what the verdict says without an effect and with some, each of both signs."""
    studies = portfolios(made_markets(design, chunk, seed))
    null = studies.verdicts()
    detectable = null.detectable
    exposure = np.random.default_rng([seed, chunk, *design.key]).uniform(0, 2, (len(detectable), design.firms)).mean(1)

    def with_effect(size: Float1D) -> list[tuple[int, Any]]:
        return [(sign, studies.verdicts(sign * size[:, None] * ON_DAY_ZERO)) for sign in (1, -1)]

    moved = with_effect(detectable)
    at_margin = with_effect(np.full(len(detectable), MARGIN))
    scaled, randomization = null.scaled_pvalues <= SIZE, null.randomization_pvalues <= SIZE
    return pd.DataFrame({
        "effect": null.effect, "ruled_out": null.ruled_out, "undecided": ~null.effect & ~null.ruled_out,
        "scaled": scaled, "randomization": randomization, "family": null.family_pvalues <= SIZE,
        "up": null.effect & (null.car > 0),
        "power": np.mean([v.effect for _, v in moved], axis=0),
        "wrong_sign": np.mean([v.effect & (np.sign(v.car) != sign) for sign, v in moved], axis=0),
        "power_unequal": np.mean([v.effect for _, v in with_effect(detectable * exposure)], axis=0),
        "ruled_out_at_margin": np.mean([v.ruled_out for _, v in at_margin], axis=0),
        "detectable": detectable,
    }).astype(float)  # fmt: skip


def rule_rows(design: Design, which: Sequence[int], seed: int) -> list[dict[str, Any]]:
    """Return the rates of each rule for the scale, but the forecasts, in one design."""
    rng = np.random.default_rng([seed, *design.key])
    return _rates(design, (rule_votes(made_markets(design, c, seed), design.volatility, rng) for c in which))


def forecast_rows(design: Design, which: Sequence[int], seed: int) -> list[dict[str, Any]]:
    """Return the rates of the forecasts of the variance; ``n`` are the studies with a fit."""
    return _rates(design, (forecast_votes(made_markets(design, c, seed), design.volatility) for c in which))


def _rates(design: Design, chunks_of_votes: Iterable[Iterable[tuple[str, Votes]]]) -> list[dict[str, Any]]:
    votes: dict[str, list[Float2D]] = {}
    for chunk in chunks_of_votes:
        for name, vote in chunk:
            votes.setdefault(name, []).append(np.stack([vote.null, vote.equal, vote.unequal]).astype(float))
    rows = []
    for name, pieces in votes.items():
        all_votes = np.concatenate(pieces, axis=1)
        rates = dict(zip(("effect", "power", "power_unequal"), all_votes.mean(axis=1), strict=True))
        rows.append({"case": name} | _keys(design) | {"n": all_votes.shape[1]} | rates)
    return rows


def leak_rows(design: Design, which: Sequence[int], seed: int) -> list[dict[str, Any]]:
    """Return the power over day 0, days 0 and 1, and days 0 to 5 for effects of several shapes in time."""
    votes: dict[tuple[str, int], list[Float1D]] = {}
    for chunk in which:
        studies = portfolios(made_markets(design, chunk, seed))
        sizes = {column: studies.verdicts(column=column).detectable for column in (IMPACT, TWO, WEEK)}
        for name, (days, shares, of_window, tested) in LEAKS.items():
            pattern = np.zeros(len(OFFSETS))
            pattern[[list(OFFSETS).index(day) for day in days]] = shares
            for column, sign in product(tested, (1, -1)):
                effect = sign * sizes[of_window][:, None] * pattern
                votes.setdefault((name, column), []).append(studies.verdicts(effect, column).effect)
    return [
        {"case": name, "window": str(FAMILY_WINDOWS[column])} | _keys(design)
        | {"n": len(which) * CHUNK, "power": float(np.concatenate(pieces).mean())}
        for (name, column), pieces in votes.items()
    ]  # fmt: skip


def skewness_rows(design: Design, which: Sequence[int], seed: int) -> list[dict[str, Any]]:
    """Return the size where the skewness of the portfolio's estimation days, less the market, is above one and where not."""
    before = slice(DAY_ZERO + ESTIMATION_WINDOW[0], DAY_ZERO + ESTIMATION_WINDOW[1] + 1)
    pieces = []
    for chunk in which:
        markets = made_markets(design, chunk, seed)
        excess = (markets.firms.mean(axis=1) - markets.market)[:, before]
        null = portfolios(markets).verdicts()
        skewed = np.abs(skew(excess, axis=1)) > 1
        pieces.append(pd.DataFrame({"skewed": skewed, "effect": null.effect, "up": null.effect & (null.car > 0)}))
    studies = pd.concat(pieces)
    return [
        {"case": "above 1" if above else "at most 1"} | _keys(design)
        | {"n": len(rows), "effect": rows["effect"].mean(), "up": rows["up"].mean()}
        for above, rows in studies.groupby("skewed")
    ]  # fmt: skip


def _keys(design: Design) -> dict[str, Any]:
    return {
        "firms": design.firms, "controls": design.controls, "shape": design.shape, "volatility": design.volatility,
        "shared": design.shared,
    }  # fmt: skip


def real_rows() -> list[dict[str, Any]]:
    """Return the rates on ordinary days of the carried prices and, where they are, of the reference series."""
    rows = list(real_rates("carried", carried_returns(), *CARRIED))
    if not REFERENCE.is_dir():
        print("The longer series are not on this machine: their ordinary days are left out.", file=sys.stderr)
        return rows
    for years in ("2015_2024", "2024_2026"):
        rows += real_rates(years.replace("_", " to "), reference_returns(years), *LONGER)
    return rows


def table(seed: int = SEED, studies: int = STUDIES, processes: int = 1) -> pd.DataFrame:
    """Return all rates: a row for each ``part`` and case; cells that do not apply are empty."""
    share = studies / STUDIES

    def over(designs: Sequence[Design], row: Callable[..., Any], number: float, first: int = 0) -> list[Any]:
        which = [first + chunk for chunk in chunks(round(number))]
        return in_processes(row, designs, which, seed, processes)

    grid = pd.DataFrame(over(GRID, grid_row, studies))
    # Beyond the bounds by chance or not: other studies, and more of them, tell.
    again = [design for design, row in zip(GRID, grid.itertuples(), strict=True) if beyond(row)]
    again_rows = over(again, grid_row, STUDIES_AGAIN * share, first=len(chunks(studies)))
    rules = [row for rows in over(COMPARED, rule_rows, STUDIES_RULES * share) for row in rows]
    forecasts = [row for rows in over(FORECAST, forecast_rows, STUDIES_FORECASTS * share) for row in rows]
    leaks = [row for rows in over(LEAKED, leak_rows, studies) for row in rows]
    skewed = [row for rows in over(SKEWED, skewness_rows, STUDIES_SKEWED * share) for row in rows]
    parts = {
        "grid": grid, "again": pd.DataFrame(again_rows), "rules": pd.DataFrame(rules + forecasts),
        "leaks": pd.DataFrame(leaks), "skewness": pd.DataFrame(skewed), "real": pd.DataFrame(real_rows()),
    }  # fmt: skip
    whole = pd.concat([part.assign(part=name) for name, part in parts.items()], ignore_index=True)
    first = ["part", *KEYS, "n"]
    return whole[[*first, *(column for column in whole if column not in first)]]


def beyond(row: Any) -> bool:
    """Return whether the size or power of a design lies outside the bounds."""
    return not (SIZES[0] <= row.effect <= SIZES[1] and POWERS[0] <= row.power <= POWERS[1])


def in_processes(
    row: Callable[..., Any], designs: Sequence[Design], which: Sequence[int], seed: int, processes: int
) -> list[Any]:
    """Return the rows of the designs in their order, with progress on stderr."""
    if processes == 1:
        return [_with_progress(row(design, which, seed), row, i, designs) for i, design in enumerate(designs)]
    with ProcessPoolExecutor(processes, multiprocessing.get_context("spawn")) as pool:
        rows = pool.map(row, designs, [which] * len(designs), [seed] * len(designs))
        return [_with_progress(each, row, i, designs) for i, each in enumerate(rows)]


def _with_progress(row: Any, made_by: Callable[..., Any], number: int, designs: Sequence[Design]) -> Any:
    if (number + 1) % 20 == 0 or number + 1 == len(designs):
        print(f"{made_by.__name__}: {number + 1} of {len(designs)} designs", file=sys.stderr, flush=True)
    return row


def read() -> pd.DataFrame:
    """Return the rates as they were written."""
    return pd.read_csv(CSV, dtype={"shared": object}).assign(shared=lambda frame: frame["shared"].eq("True"))


def write(rates: pd.DataFrame, page: Callable[[pd.DataFrame], str]) -> None:
    """Write the rates, and the page of what was written, so that both say the same."""
    CSV.write_text(rates.to_csv(index=False, float_format="%.4f", lineterminator="\n"), encoding="utf-8", newline="\n")
    PAGE.write_text(page(read()), encoding="utf-8", newline="\n")
