"""The page of the simulated sizes, written from their table."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.stats import binom, norm, skew

from potash.study.inference.assumptions import MANY, SKEWED, kelley_skewness
from potash.study.inference.parametric import kolari_pynnonen_test
from tests.evaluation.simulation import (
    COMMAND,
    COVERS,
    DESIGNS,
    ESTIMATION_WINDOW,
    EVENT_WINDOW,
    EXCEPTIONS,
    FEW,
    FEW_CORRELATION,
    FEW_FIRMS,
    FIRMS,
    HIGHEST,
    LEVEL,
    LOWEST,
    NO_TRADE,
    RESIDUALS,
    SEED,
    TOO_OFTEN,
    WINDOWS,
    drawn,
)

POWER_DRAWS, MEAN_POWER = 4000, 0.8


def page(sizes: pd.DataFrame) -> str:
    """Return the page that tells the table in words."""
    studies = int(sizes["n_studies"].max())
    low, high = (k / studies for k in binom.interval(0.95, studies, LEVEL))
    few, many = sizes[sizes["design"].isin(FEW)], sizes[~sizes["design"].isin(FEW)]
    designs = "\n".join(f"- `{name}`: {text}" for name, text in DESIGNS.items())
    grids = "\n\n".join(f"## Window {window}\n\n{_grid(many[many['window'] == str(window)])}" for window in WINDOWS)
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

{_words(many)}
{_few_firms(few)}
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


def _few_firms(few: pd.DataFrame) -> str:
    residuals = "\n".join(f"- `{name}`: {text}" for name, text in RESIDUALS.items())
    shared = [test for test, covered in COVERS.items() if "shared_date" in covered]
    grids = "\n\n".join(f"### Window {window}\n\n{_few_grid(few, window, shared)}" for window in WINDOWS)
    naive = few[few["design"].str.startswith("one_date") & ~few["test"].isin(shared)]
    safe = few[few["design"].str.startswith("one_date") & few["test"].isin(["portfolio", "adjusted_patell", "rank"])]
    return f"""## Two to seven firms on one date

As above, with few firms, all with the same exposure, whose residuals correlate with {FEW_CORRELATION}: a common factor and a part
of each firm's own, drawn alike.

{residuals}

**Bold**: the results say of most studies that the test's assumptions hold; none of these rejects
more than {TOO_OFTEN:.0%} of true nulls. Plain: they say that the assumptions do not hold.

{grids}

The ten tests that take firms for independent draws say on one date that they do not hold. They reject
{_between(naive["rate"].dropna())}; none where a count of two to five firms cannot be extreme enough (sign tests, Wilcoxon).

### Separate dates

{_separate_grid(few)}

### When a test says that it does not hold

- *Few firm-events*: Corrado-Zivney and GRANK need {MANY} firm-events.
- *Skewed residuals*: the mean over firms of the Kelley coefficient of estimation residuals, (q90 + q10 - 2 q50) / (q90 - q10),
  is beyond {SKEWED:g}, times the root of the number of days for tests of the CAR, since a sum is less skewed than its days.
  The third moment cannot tell skewed residuals from fat tails, as the means over two firms on one date show, in
  {POWER_DRAWS:,} estimation windows of 120 days:

{_skewness_grid()}

- Which studies are told so: of t residuals {_held(few, "t")}, of normal and GARCH ones
  {_held(few, "normal")} and {_held(few, "garch")} keep "holds" for Kolari-Pynnonen on day 0; of mildly skewed ones
  {_held(few, "mild_skew")}, of skewed ones {_held(few, "skew")}.
- The portfolio test, the adjusted Patell, the rank test and the jackknife do not suffer from skewness by itself. On one
  date the first three reject {_between(safe["rate"])} of true nulls.

### What Kolari-Pynnonen misses if firms differ in exposure

Its denominator holds the spread of the effects themselves. Power at the mean effect that the portfolio test finds in
{MEAN_POWER:.0%} of cases, normal standardized CARs with correlation {FEW_CORRELATION}, which the test is given
({POWER_DRAWS:,} draws; exposures are equal, or uniform on 0 to 2):

{_power_grid()}

That test is therefore a finding about the firms' spread, and no veto.
"""


def _few_grid(few: pd.DataFrame, window: tuple[int, int], tests: list[str]) -> str:
    rows = few[(few["window"] == str(window)) & few["design"].str.startswith("one_date")]
    cells = {(r.test, r.residuals, r.firms): _cell(r.rate, r.covered) for r in rows.itertuples()}
    firms = [*FEW_FIRMS, 15]
    lines = ["| test | residuals | " + " | ".join(f"{n} firms" for n in firms) + " |", "|---" * (len(firms) + 2) + "|"]
    for test in tests:
        for name in RESIDUALS:
            shown = " | ".join(cells.get((test, name, n), "") for n in firms)
            lines.append(f"| {test} | {name} | {shown} |")
    return "\n".join(lines)


def _separate_grid(few: pd.DataFrame) -> str:
    rows = few[few["design"].str.startswith("separate")]
    columns = list(dict.fromkeys(zip(rows["window"], rows["residuals"], rows["firms"], strict=True)))
    cells = {(r.test, r.window, r.residuals, r.firms): _cell(r.rate, r.covered) for r in rows.itertuples()}
    titles = (f"{window} {n} {name}" for window, name, n in columns)
    lines = ["| test | " + " | ".join(titles) + " |", "|---" * (len(columns) + 1) + "|"]
    lines += [f"| {test} | " + " | ".join(cells[test, *column] for column in columns) + " |" for test in COVERS]
    return "\n".join(lines)


def _held(few: pd.DataFrame, residuals: str) -> str:
    rows = few[few["design"].str.startswith("one_date") & (few["window"] == str(WINDOWS[0]))]
    shares = rows.loc[(rows["residuals"] == residuals) & (rows["test"] == "kolari_pynnonen"), "holds"]
    return f"{shares.min():.0%} to {shares.max():.0%}"


def _skewness_grid() -> str:
    lines = [
        "| residuals | Kelley: 5 % quantile | median | 95 % | third moment: 5 % quantile | median | 95 % |",
        "|---" * 7 + "|",
    ]
    for name in RESIDUALS:
        rng = np.random.default_rng([SEED, len(lines)])
        common, each = drawn(name, rng, (120, POWER_DRAWS)), drawn(name, rng, (120, 2 * POWER_DRAWS))
        shared = np.repeat(common, 2, axis=1)
        windows = (np.sqrt(FEW_CORRELATION) * shared + np.sqrt(1 - FEW_CORRELATION) * each).T
        kelley, third = (
            np.quantile(measure.reshape(-1, 2).mean(axis=1), [0.05, 0.5, 0.95])
            for measure in (kelley_skewness(windows), skew(windows, axis=1))
        )
        lines.append(f"| {name} | " + " | ".join(f"{round(value, 2) + 0.0:.2f}" for value in (*kelley, *third)) + " |")
    return "\n".join(lines)


def _power_grid() -> str:
    lines = ["| exposures | " + " | ".join(f"{n} firms" for n in FEW_FIRMS) + " |", "|---" * (len(FEW_FIRMS) + 1) + "|"]
    for name, unequal in (("equal", False), ("uniform on 0 to 2", True)):
        shares = " | ".join(f"{kolari_pynnonen_power(n, unequal):.2f}" for n in FEW_FIRMS)
        lines.append(f"| {name} | {shares} |")
    return "\n".join(lines)


def kolari_pynnonen_power(firms: int, unequal: bool) -> float:
    """Return the power of the Kolari-Pynnonen test at the mean effect that the portfolio test finds in 80 % of cases."""
    rng = np.random.default_rng([SEED, firms])
    std_error = np.sqrt((1 + (firms - 1) * FEW_CORRELATION) / firms)
    effect = (norm.isf(LEVEL / 2) + norm.ppf(MEAN_POWER)) * std_error
    exposures = rng.uniform(0, 2, (POWER_DRAWS, firms)) if unequal else np.ones((POWER_DRAWS, firms))
    common, each = rng.standard_normal((POWER_DRAWS, 1)), rng.standard_normal((POWER_DRAWS, firms))
    cars = exposures * effect + np.sqrt(FEW_CORRELATION) * common + np.sqrt(1 - FEW_CORRELATION) * each
    return float(np.mean([kolari_pynnonen_test(row, FEW_CORRELATION).pvalue < LEVEL for row in cars]))
