"""The simulated size of every test: how often each rejects a null that is true, design by design.

``python -m tests.evaluation.simulation`` writes data/simulated_size.csv and docs/simulated-size.md, in five minutes on two cores.
With ``--seed``, ``--studies`` or ``--designs`` it prints the rates of another run and writes nothing.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import binom

import potash
from potash.study.results import EventStudyResults
from tests.paths import ROOT

CSV, PAGE = ROOT / "data" / "simulated_size.csv", ROOT / "docs" / "simulated-size.md"
COMMAND, SEED, STUDIES, LEVEL, FIRMS = "python -m tests.evaluation.simulation", 20261122, 1000, 0.05, 30
EVENT_WINDOW, ESTIMATION_WINDOW, WINDOWS = (-5, 5), (-130, -11), ((0, 0), (-2, 2))
LOWEST, HIGHEST = 0.03, 0.07
CORRELATION, INDUCED, FREEDOM, NO_TRADE = 0.3, 2.0, 4, 0.3

DESIGNS = {
    "independent": "each firm has an event of its own, and no two event windows share a calendar day",
    "shared_date": f"one event for all firms, whose residuals correlate with {CORRELATION}",
    "induced_variance": f"as independent, with the residual variance of days -2 to 2 multiplied by {INDUCED:g}",
    "fat_tails": f"as independent, with residuals of Student's t with {FREEDOM} degrees of freedom",
    "thin_trading": f"as independent; on {NO_TRADE:.0%} of the firm-days no trade, so the price stays and the return comes later",
}
SEPARATE = {"independent", "fat_tails"}
EITHER = SEPARATE | {"shared_date"}
COVERS = {
    "portfolio": EITHER,
    "cross_sectional": SEPARATE | {"induced_variance"},
    "skewness_adjusted": SEPARATE | {"induced_variance"},
    "jackknife": SEPARATE | {"induced_variance"},
    "patell": SEPARATE,
    "patell_simple": SEPARATE,
    "adjusted_patell": EITHER,
    "bmp": SEPARATE | {"induced_variance"},
    "kolari_pynnonen": EITHER | {"induced_variance"},
    "rank": EITHER,
    "corrado_zivney": EITHER | {"induced_variance"},
    "grank": EITHER | {"induced_variance"},
    "grank_z": SEPARATE | {"induced_variance"},
    "sign": SEPARATE | {"induced_variance"},
    "generalized_sign": SEPARATE | {"induced_variance"},
    "wilcoxon": SEPARATE | {"induced_variance"},
}
# Rates of covered designs outside LOWEST to HIGHEST, with the reason: (test, window, design).
EXCEPTIONS: dict[tuple[str, str, str], str] = {}

FIRST = -ESTIMATION_WINDOW[0]
WIDTH = EVENT_WINDOW[1] - EVENT_WINDOW[0] + 1
DAYS = pd.bdate_range("2020-01-01", periods=FIRST + WIDTH * FIRMS, name="session")
NAMES = [f"F{i:02d}" for i in range(FIRMS)]


def generator(design: str, study: int, seed: int = SEED) -> np.random.Generator:
    """Return the generator of one study: that of the seed's children for the design, and of theirs for the study."""
    key = (list(DESIGNS).index(design), study)
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=key))


def positions(design: str) -> np.ndarray:
    """Return the row of each firm's day 0."""
    return FIRST + WIDTH * (0 if design == "shared_date" else 1) * np.arange(FIRMS)


def made_returns(design: str, rng: np.random.Generator) -> pd.DataFrame:
    """Return returns of the firms and of the market M by session, without any effect: beta 1, residuals of 2 % a day."""
    day_zero = positions(design)
    shape = (day_zero[-1] + EVENT_WINDOW[1] + 1, FIRMS)
    market = rng.normal(0, 0.01, (shape[0], 1))
    if design == "fat_tails":
        residuals = rng.standard_t(FREEDOM, shape) * np.sqrt((FREEDOM - 2) / FREEDOM)
    else:
        residuals = rng.standard_normal(shape)
    if design == "shared_date":
        common = rng.standard_normal((shape[0], 1))
        residuals = np.sqrt(CORRELATION) * common + np.sqrt(1 - CORRELATION) * residuals
    if design == "induced_variance":
        near = np.abs(np.arange(shape[0])[:, None] - day_zero) <= 2
        residuals = np.where(near, np.sqrt(INDUCED), 1.0) * residuals
    returns = market + 0.02 * residuals
    if design == "thin_trading":
        returns = told_at_trades(returns, rng.random(shape) >= NO_TRADE)
    frame = pd.DataFrame(np.hstack([returns, market]), index=DAYS[: shape[0]], columns=[*NAMES, "M"])
    return frame.rename_axis(columns="ticker")


def told_at_trades(returns: np.ndarray, traded: np.ndarray) -> np.ndarray:
    """Return the log returns of prices that stay on a day without trade; the first day has one."""
    days = np.arange(len(returns))[:, None]
    last = np.maximum.accumulate(np.where(traded, days, 0), axis=0)
    log_prices = np.take_along_axis(returns.cumsum(axis=0), last, axis=0)
    return np.diff(log_prices, axis=0, prepend=0.0)


def fitted(design: str, study: int, seed: int = SEED) -> EventStudyResults:
    """Return the results of one simulated study."""
    returns = made_returns(design, generator(design, study, seed))
    sessions = returns.index[positions(design)]
    if design == "shared_date":
        events = pd.DataFrame({"event_id": ["shared"], "session": sessions[:1]})
    else:
        events = pd.DataFrame({"event_id": NAMES, "ticker": NAMES, "session": sessions})
    return potash.EventStudy(
        returns[NAMES], events, returns_kind="log", model=potash.MarketModel(returns["M"]),
        event_window=EVENT_WINDOW, estimation_window=ESTIMATION_WINDOW,
    ).fit()  # fmt: skip


def pvalues(design: str, studies: Iterable[int], seed: int = SEED) -> np.ndarray:
    """Return p-values of shape (studies, windows, tests); NaN where a test has no answer."""
    found = []
    for study in studies:
        results = fitted(design, study, seed)
        if results.test_names != list(COVERS):
            raise RuntimeError(f"The tests are {results.test_names}; COVERS has {list(COVERS)}. Bring it up to date.")
        # Not by results.tests(), which judges every test's assumptions anew: half of its time.
        columns = [results.columns(window) for window in WINDOWS]
        found.append([[test(days).pvalue for test in results._tests.values()] for days in columns])
    return np.array(found)


def simulated(designs: Iterable[str], studies: int, seed: int, processes: int = 2) -> dict[str, np.ndarray]:
    """Return the p-values of each design, computed in several processes, with progress on stderr."""
    found = {}
    chunks = [range(start, min(start + 50, studies)) for start in range(0, studies, 50)]
    # A new interpreter for each process: a forked one inherits the locks of numpy's threads.
    with ProcessPoolExecutor(processes, multiprocessing.get_context("spawn")) as pool:
        for design in designs:
            pieces = []
            for piece in pool.map(pvalues, [design] * len(chunks), chunks, [seed] * len(chunks)):
                pieces.append(piece)
                print(f"{design}: {sum(map(len, pieces))} of {studies} studies", file=sys.stderr)
            found[design] = np.concatenate(pieces)
    return found


def table(found: dict[str, np.ndarray]) -> pd.DataFrame:
    """Return ``test window design rate n_studies covered``: a row per cell, rates among the studies with an answer."""
    rows = []
    for t, test in enumerate(COVERS):
        for w, window in enumerate(WINDOWS):
            for design, values in found.items():
                answered = values[:, w, t][~np.isnan(values[:, w, t])]
                rate = (answered < LEVEL).mean() if len(answered) else np.nan
                rows.append((test, str(window), design, rate, len(answered), design in COVERS[test]))
    return pd.DataFrame(rows, columns=["test", "window", "design", "rate", "n_studies", "covered"])


def outside(sizes: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of covered designs whose rate lies outside LOWEST to HIGHEST."""
    return sizes[sizes["covered"] & ~sizes["rate"].between(LOWEST, HIGHEST)]


def page(sizes: pd.DataFrame) -> str:
    """Return the page that tells the table in words."""
    studies = int(sizes["n_studies"].max())
    low, high = (k / studies for k in binom.interval(0.95, studies, LEVEL))
    designs = "\n".join(f"- `{name}`: {text}" for name, text in DESIGNS.items())
    grids = "\n\n".join(f"## Window {window}\n\n{_grid(sizes[sizes['window'] == str(window)])}" for window in WINDOWS)
    return f"""# Simulated size of every test

How often each test rejects at 5 % a null that is true, in {studies:,} simulated studies per design.
A study has {FIRMS} firm-events, the market model, estimation window {ESTIMATION_WINDOW}, event window {EVENT_WINDOW},
beta 1, a market of 1 % and residuals of 2 % a day, and no effect.

{designs}

**Bold**: the test's null covers the design, so the rate should be {LEVEL:g}. Of a test of that size 95 % of the rates
lie between {low:.3f} and {high:.3f} by the binomial; the suite wants {LOWEST:g} to {HIGHEST:g}.
Plain: the null leaves the design out, and the rate shows what it costs to ignore that.

{grids}

## What the tables say

{_words(sizes)}
## Again

    {COMMAND}

Seed {SEED}: every study has a generator of its own, spawned from it, so the rates depend neither on the number of
processes nor on the order. They are in `data/simulated_size.csv` too. Another run, which writes nothing:

    {COMMAND} --seed 1 --studies 4000 --designs shared_date
"""


def _grid(sizes: pd.DataFrame) -> str:
    lines = ["| test | " + " | ".join(DESIGNS) + " |", "|---" * (len(DESIGNS) + 1) + "|"]
    for test, rows in sizes.groupby("test", sort=False):
        cells = [_cell(*row) for row in rows[["rate", "covered"]].itertuples(index=False)]
        lines.append(f"| {test} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _cell(rate: float, covered: bool) -> str:
    text = "no answer" if np.isnan(rate) else f"{rate:.3f}"
    return f"**{text}**" if covered else text


def _words(sizes: pd.DataFrame) -> str:
    fair = _between(sizes.loc[sizes["covered"], "rate"])
    kept, naive = _split("shared_date")
    learns, knows = _split("induced_variance")
    knows.remove("rank")
    known = "".join(f"- {test} {window} {design}: {why}\n" for (test, window, design), why in EXCEPTIONS.items())
    thin = sizes[sizes["design"] == "thin_trading"]
    worst = thin.loc[(thin["rate"] - LEVEL).abs().nlargest(3).index]
    far = ", ".join(f"{row.test} {row.rate:.3f} over {row.window}" for row in worst.itertuples())
    least = max(k for k in range(FIRMS) if 2 * binom.cdf(k, FIRMS, 0.5) < LEVEL)
    return f"""**Where its null covers the design, a test rejects {fair} of true nulls.**
{known}
**Shared date.** The tests whose null allows for it ({", ".join(kept)})
reject {_span(sizes, "shared_date", kept)}. Those that take firms for independent draws reject
{_span(sizes, "shared_date", naive)}, the plain cross-sectional t {_span(sizes, "shared_date", ["cross_sectional"])}:
about every second such study would report an effect that is not there.

**Event-induced variance.** Tests that know the variance from the estimation window alone take a doubled one for an
effect: {", ".join(knows)} reject {_span(sizes, "induced_variance", knows)},
rank {_span(sizes, "induced_variance", ["rank"])}. Those that learn it from the event's own cross-section reject
{_span(sizes, "induced_variance", learns)}.

**Fat tails** cost no test its size: {_span(sizes, "fat_tails", list(COVERS))}. The sign tests' exact p-values are those
of a count, so they reject less than 5 %: of {FIRMS} fair coins the outcomes rejected have a chance of
{2 * binom.cdf(least, FIRMS, 0.5):.3f}.

**Thin trading** no null covers by itself. Here trade is as thin before the event as during it, and the rates are
{_between(thin["rate"])}; farthest off: {far}.
A return that comes later makes days correlate, so the rank tests' sum over several days varies less than they
reckon; and single days, some without trade and some with the return of several, have fatter tails than a CAR of five,
which therefore ranks farther out than the generalized rank tests reckon. What thin trading takes is beta: about
{1 - NO_TRADE:g} is estimated where it is 1. Firms that trade more around the event than before are not in this table.
"""


def _split(design: str) -> tuple[list[str], list[str]]:
    """Return the tests whose null covers the design, and the others."""
    return [t for t, covered in COVERS.items() if design in covered], [t for t in COVERS if design not in COVERS[t]]


def _span(sizes: pd.DataFrame, design: str, tests: list[str]) -> str:
    return _between(sizes.loc[(sizes["design"] == design) & sizes["test"].isin(tests), "rate"])


def _between(rates: pd.Series) -> str:
    return f"{rates.min():.3f} to {rates.max():.3f}"


def write(sizes: pd.DataFrame, csv: Path, at: Path) -> None:
    """Write the table and its page."""
    csv.write_text(sizes.to_csv(index=False, float_format="%.4f", lineterminator="\n"), encoding="utf-8", newline="\n")
    at.write_text(page(sizes), encoding="utf-8", newline="\n")


def main() -> None:
    """Write the table and its page, or print another run's rates."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--studies", type=int, default=STUDIES)
    parser.add_argument("--designs", nargs="+", choices=DESIGNS, default=list(DESIGNS))
    chosen = parser.parse_args()
    sizes = table(simulated(chosen.designs, chosen.studies, chosen.seed))
    if (chosen.seed, chosen.studies, chosen.designs) != (SEED, STUDIES, list(DESIGNS)):
        print(sizes.to_csv(index=False, float_format="%.4f"), end="")
        return
    write(sizes, CSV, PAGE)
    print(f"{len(outside(sizes))} rates of covered designs lie outside {LOWEST} to {HIGHEST}", file=sys.stderr)


if __name__ == "__main__":
    main()
