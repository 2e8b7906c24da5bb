"""The simulated size of every test: how often each rejects a null that is true, design by design.

``python -m tests.evaluation.simulation`` writes data/simulated_size.csv and docs/simulated-size.md, in ten minutes on two cores.
With ``--seed``, ``--studies`` or ``--designs`` it prints the rates of another run and writes nothing.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

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


@dataclass(frozen=True)
class Few:
    """A design of a few firms: how many, of which residuals, and whether they share one date or have one each."""

    firms: int
    residuals: str
    one_date: bool = True

    @property
    def name(self) -> str:
        """How the table calls it."""
        return f"{'one_date' if self.one_date else 'separate'}_{self.firms}_{self.residuals}"


FEW_FIRMS, FEW_CORRELATION, TOO_OFTEN = (2, 3, 4, 5, 7), 0.4, 0.09
SIGMA, SIGMA_MILD, ARCH, PERSISTENCE = 1.0, 0.5, 0.1, 0.88
RESIDUALS = {
    "normal": "normal",
    "t": f"Student's t with {FREEDOM} degrees of freedom",
    "skew": f"lognormal, standard deviation of the logarithm {SIGMA:g}: skewness 6",
    "mild_skew": f"lognormal, standard deviation of the logarithm {SIGMA_MILD:g}: skewness 1.8",
    "garch": f"GARCH(1,1) with coefficients {ARCH:g} and {PERSISTENCE:g}, normal innovations",
}
FEW = {few.name: few for few in (
    *(Few(firms, residuals) for residuals in ("normal", "t", "skew", "garch") for firms in FEW_FIRMS),
    *(Few(firms, "mild_skew") for firms in (3, 5, 7)),
    *(Few(15, residuals) for residuals in ("normal", "skew")),
    *(Few(firms, "normal", one_date=False) for firms in (5, 10, 15)),
    *(Few(firms, "skew", one_date=False) for firms in (5, 30)),
)}  # fmt: skip
ALL = [*DESIGNS, *FEW]

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

COLUMNS = ["test", "window", "design", "firms", "residuals", "rate", "n_studies", "covered", "holds"]
FIRST = -ESTIMATION_WINDOW[0]
WIDTH = EVENT_WINDOW[1] - EVENT_WINDOW[0] + 1
DAYS = pd.bdate_range("2020-01-01", periods=FIRST + WIDTH * FIRMS, name="session")
NAMES = [f"F{i:02d}" for i in range(FIRMS)]


def generator(design: str, study: int, seed: int = SEED) -> np.random.Generator:
    """Return the generator of one study: that of the seed's children for the design, and of theirs for the study."""
    key = (ALL.index(design), study)
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=key))


def names(design: str) -> list[str]:
    """Return the tickers of a design's firms."""
    return NAMES[: FEW[design].firms if design in FEW else FIRMS]


def on_one_date(design: str) -> bool:
    """Return whether all firms of a design share one event."""
    return FEW[design].one_date if design in FEW else design == "shared_date"


def positions(design: str) -> np.ndarray:
    """Return the row of each firm's day 0."""
    return FIRST + WIDTH * (0 if on_one_date(design) else 1) * np.arange(len(names(design)))


def made_returns(design: str, rng: np.random.Generator) -> pd.DataFrame:
    """Return returns of the firms and of the market M by session, without any effect: beta 1, residuals of 2 % a day."""
    day_zero = positions(design)
    shape = (day_zero[-1] + EVENT_WINDOW[1] + 1, len(day_zero))
    market = rng.normal(0, 0.01, (shape[0], 1))
    residuals = few_residuals(FEW[design], rng, shape) if design in FEW else many_residuals(design, rng, shape)
    returns = market + 0.02 * residuals
    if design == "thin_trading":
        returns = told_at_trades(returns, rng.random(shape) >= NO_TRADE)
    frame = pd.DataFrame(np.hstack([returns, market]), index=DAYS[: shape[0]], columns=[*names(design), "M"])
    return frame.rename_axis(columns="ticker")


def many_residuals(design: str, rng: np.random.Generator, shape: tuple[int, int]) -> np.ndarray:
    """Return residuals of variance 1 by day and firm of a design in DESIGNS."""
    if design == "fat_tails":
        residuals = rng.standard_t(FREEDOM, shape) * np.sqrt((FREEDOM - 2) / FREEDOM)
    else:
        residuals = rng.standard_normal(shape)
    if design == "shared_date":
        common = rng.standard_normal((shape[0], 1))
        residuals = np.sqrt(CORRELATION) * common + np.sqrt(1 - CORRELATION) * residuals
    if design == "induced_variance":
        near = np.abs(np.arange(shape[0])[:, None] - positions(design)) <= 2
        residuals = np.where(near, np.sqrt(INDUCED), 1.0) * residuals
    return residuals


def few_residuals(few: Few, rng: np.random.Generator, shape: tuple[int, int]) -> np.ndarray:
    """Return residuals of variance 1 by day and firm: on one date a common factor and the firm's part, drawn alike."""
    each = drawn(few.residuals, rng, shape)
    if not few.one_date:
        return each
    common = drawn(few.residuals, rng, (shape[0], 1))
    return np.sqrt(FEW_CORRELATION) * common + np.sqrt(1 - FEW_CORRELATION) * each


def drawn(residuals: str, rng: np.random.Generator, shape: tuple[int, int]) -> np.ndarray:
    """Return independent columns of mean 0 and variance 1 with a distribution in RESIDUALS."""
    if residuals == "t":
        return rng.standard_t(FREEDOM, shape) * np.sqrt((FREEDOM - 2) / FREEDOM)
    if residuals in ("skew", "mild_skew"):
        sigma = SIGMA if residuals == "skew" else SIGMA_MILD
        mean, variance = np.exp(sigma**2 / 2), (np.exp(sigma**2) - 1) * np.exp(sigma**2)
        return (np.exp(sigma * rng.standard_normal(shape)) - mean) / np.sqrt(variance)
    if residuals == "garch":
        return garch(rng.standard_normal((FIRST + shape[0], shape[1])))[FIRST:]
    return rng.standard_normal(shape)


def garch(innovations: np.ndarray) -> np.ndarray:
    """Return GARCH(1,1) residuals of mean variance 1, with which they start."""
    residuals, variance = np.empty_like(innovations), np.ones(innovations.shape[1])
    for day, innovation in enumerate(innovations):
        residuals[day] = np.sqrt(variance) * innovation
        variance = 1 - ARCH - PERSISTENCE + ARCH * residuals[day] ** 2 + PERSISTENCE * variance
    return residuals


def told_at_trades(returns: np.ndarray, traded: np.ndarray) -> np.ndarray:
    """Return the log returns of prices that stay on a day without trade; the first day has one."""
    days = np.arange(len(returns))[:, None]
    last = np.maximum.accumulate(np.where(traded, days, 0), axis=0)
    log_prices = np.take_along_axis(returns.cumsum(axis=0), last, axis=0)
    return np.diff(log_prices, axis=0, prepend=0.0)


def fitted(design: str, study: int, seed: int = SEED) -> EventStudyResults:
    """Return the results of one simulated study."""
    returns = made_returns(design, generator(design, study, seed))
    sessions, firms = returns.index[positions(design)], names(design)
    if on_one_date(design):
        events = pd.DataFrame({"event_id": ["shared"], "session": sessions[:1]})
    else:
        events = pd.DataFrame({"event_id": firms, "ticker": firms, "session": sessions})
    return potash.EventStudy(
        returns[firms], events, returns_kind="log", model=potash.MarketModel(returns["M"]),
        event_window=EVENT_WINDOW, estimation_window=ESTIMATION_WINDOW,
    ).fit()  # fmt: skip


def answers(design: str, studies: Iterable[int], seed: int = SEED) -> np.ndarray:
    """Return p-values (NaN where a test has no answer) and whether the test says it holds: (studies, windows, tests, 2)."""
    pairs = []
    for study in studies:
        results = fitted(design, study, seed)
        if results.test_names != list(COVERS):
            raise RuntimeError(f"The tests are {results.test_names}; COVERS has {list(COVERS)}. Bring it up to date.")
        pairs.append([results.tests(window)[["pvalue", "holds"]].to_numpy(float) for window in WINDOWS])
    return np.array(pairs)


def simulated(designs: Iterable[str], studies: int, seed: int, processes: int = 2) -> dict[str, np.ndarray]:
    """Return the answers in each design, computed in several processes, with progress on stderr."""
    by_design = {}
    chunks = [range(start, min(start + 50, studies)) for start in range(0, studies, 50)]
    # Small matrices: threads of the linear algebra cost more than they save.
    os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1"))
    # A new interpreter for each process: a forked one inherits the locks of numpy's threads.
    with ProcessPoolExecutor(processes, multiprocessing.get_context("spawn")) as pool:
        for design in designs:
            pieces = pool.map(answers, [design] * len(chunks), chunks, [seed] * len(chunks))
            by_design[design] = np.concatenate(list(pieces))
            print(f"{design}: {studies} studies", file=sys.stderr)
    return by_design


def table(by_design: dict[str, np.ndarray]) -> pd.DataFrame:
    """Return a row per test, window and design; ``rate`` and ``holds`` are shares of the studies with an answer."""
    rows = []
    for t, test in enumerate(COVERS):
        for w, window in enumerate(WINDOWS):
            for design, values in by_design.items():
                answered = values[:, w, t][~np.isnan(values[:, w, t, 0])]
                rejects = np.column_stack([answered[:, 0] < LEVEL, answered[:, 1]])
                rate, holds = rejects.mean(axis=0) if len(answered) else (np.nan, np.nan)
                covered = holds > 0.5 if design in FEW else design in COVERS[test]
                residuals = FEW[design].residuals if design in FEW else "t" if design == "fat_tails" else "normal"
                rows.append(
                    (test, str(window), design, len(names(design)), residuals, rate, len(answered), covered, holds)
                )
    return pd.DataFrame(rows, columns=COLUMNS)


def outside(sizes: pd.DataFrame) -> pd.DataFrame:
    """Return the covered rows whose rate lies outside LOWEST to HIGHEST, or with few firms above TOO_OFTEN."""
    few = sizes["design"].isin(FEW)
    within = sizes["rate"].between(LOWEST, HIGHEST).where(~few, sizes["rate"] <= TOO_OFTEN)
    return sizes[sizes["covered"] & ~within]


def write(sizes: pd.DataFrame, csv: Path, at: Path) -> None:
    """Write the table and its page."""
    from tests.evaluation.simulated_page import page  # which imports the designs from here

    csv.write_text(sizes.to_csv(index=False, float_format="%.4f", lineterminator="\n"), encoding="utf-8", newline="\n")
    at.write_text(page(sizes), encoding="utf-8", newline="\n")


def main() -> None:
    """Write the table and its page, or print another run's rates."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--studies", type=int, default=STUDIES)
    parser.add_argument("--designs", nargs="+", choices=ALL, default=ALL)
    chosen = parser.parse_args()
    sizes = table(simulated(chosen.designs, chosen.studies, chosen.seed))
    if (chosen.seed, chosen.studies, chosen.designs) != (SEED, STUDIES, ALL):
        print(sizes.to_csv(index=False, float_format="%.4f"), end="")
        return
    write(sizes, CSV, PAGE)
    print(f"{len(outside(sizes))} rates of covered designs lie outside their limits", file=sys.stderr)


if __name__ == "__main__":
    main()
