"""The page that tells the tables of the verdict's size and power in words."""

from __future__ import annotations

import re
import textwrap

import pandas as pd

from tests.evaluation.verdicts.batch import days_of
from tests.evaluation.verdicts.markets import CHUNK, CORRELATION, ESTIMATION_WINDOW, MARKET, RESIDUAL, SHAPES
from tests.evaluation.verdicts.rules import EFFECT, FORECASTS, ONE_VOTE, RULES
from tests.evaluation.verdicts.runs import (
    CONTROLS,
    FIRMS,
    POWERS,
    SEED,
    SIZES,
    STUDIES_AGAIN,
)

COMMAND = "python -m tests.evaluation.verdicts"
DESIGN = ["firms", "controls", "shape", "volatility", "shared"]


def stated(rates: pd.DataFrame) -> pd.DataFrame:
    """Return the grid, a row a design: rates beyond the bounds replaced by those of the studies simulated again."""
    grid, again = (rates[rates["part"] == part].set_index(DESIGN) for part in ("grid", "again"))
    return pd.concat([grid.drop(again.index), again]).loc[grid.index].reset_index()


def outside(rates: pd.DataFrame, measure: str, lowest: float, highest: float) -> pd.DataFrame:
    """Return the designs whose stated rate lies outside two bounds."""
    grid = stated(rates)
    return grid[~grid[measure].between(lowest, highest)]


def page(rates: pd.DataFrame) -> str:
    """Return the page."""
    part = dict(list(rates.groupby("part")))
    grid = stated(rates)
    n = int(part["grid"]["n"].iloc[0])
    error = _number((0.05 * 0.95 / n) ** 0.5)
    text = f"""# Simulated size and power of the verdict

How often `potash.verdicts` calls chance an effect, and how often it finds the effect that it states as detectable:
{len(grid)} designs of {n:,} studies (standard error of a rate of .05: {error}), and every ordinary day of real prices.
What the verdict is: `docs/verdict.md`.

## In short

{_summary(grid)}

## Size and power

{_designs(part)}

{_by_shape(grid)}

Means over firms and controls, in brackets the lowest and the highest design. Without an effect: `effect` and `ruled out`
(beyond 5 %), the rest is undecided; each vote alone; `any window`: the smallest p-value over the family of five windows,
corrected for them, is at most .05; `up`: the share of false effects that are positive. With the effect stated as detectable,
half the time of either sign: `power`, `wrong sign`; `by exposure`: the power if each firm moves by its exposure, drawn
evenly from 0 to 2, times what is stated. `out at 5 %`: how often a true 5 % is ruled out, which may happen in .05.

## Firms and controls

The effect stated as detectable, median, for normal residuals at volatility 1 and at volatility 3; in brackets the size, mean
over shapes and volatilities.

{_by_firms(grid)}

## Where the scale comes from

Size, then in brackets the power for a true effect of {EFFECT:g} standard errors (of the estimation window, times the
volatility); beside a wrong size power says little. Rules with a scale for every day have both votes, those with a star
their own test alone.

{_rules(part["rules"])}

{_about_rules(part["rules"])}

## Effects that are not all on day 0

Power with 3 firms, 3 controls, normal residuals. The first rows put the effect detectable on day 0 there and add to it on
other days; the others spread the effect detectable over two days or over a week.

{_leaks(part["leaks"])}

{_about_leaks(part["leaks"])}

## Ordinary days of real prices

Each ordinary day of a set of firms (each alone, pairs, three and more; listed events left out) is taken for the event and
compared with all others that share no session with it. Carried: NTR, MOS, IPI, ICL; controls CF, DE, CTVA. The longer
series are not part of the project; they add SQM, and UAN, LXU, FMC to the controls. Neighbouring days and sets share
returns, so rates over all days are known to about .01 and those of a tenth of them to about .02.

{_real(part["real"])}

{_about_real(part["real"])}

## Where it fails

{_fails(rates)}

## Again

    {COMMAND}

Seed {SEED}: each design and each {CHUNK} of its studies have a generator of their own, so the rates depend neither on the
order nor on the number of processes. All of them are in `data/simulated_verdicts.csv`. The forecasts need the package arch;
the longer series are left out where they are not. The suite compares this arithmetic with `potash.verdicts` study by study.
Another run, which writes nothing:

    {COMMAND} --seed 1 --studies 500
"""
    return _wrapped(text)


def _summary(grid: pd.DataFrame) -> str:
    high, low, weak = grid.loc[grid["effect"].idxmax()], grid["effect"].min(), grid["power"].min()
    calm, volatile = (grid.loc[part, "randomization"].mean() for part in (_is_calm(grid), ~_is_calm(grid)))
    return f"""- **False effects: {_number(grid["effect"].mean())} on average, {_number(low)} to {_number(high["effect"])}**
(highest: {_named(high)}), whether or not the controls share the event's volatility.
- **Power at the effect stated as detectable: {_number(grid["power"].mean())} on average, {_number(weak)} to
{_number(grid["power"].max())}**; of the wrong sign in at most {_number(grid["wrong_sign"].max())}.
- **"No effect beyond 5 %" of a true 5 %: in at most {_number(grid["ruled_out_at_margin"].max())}.**
- All days alone would reject {_number(calm)} in calm weeks and {_number(volatile)} in volatile ones: they do not know that the
event's volatility is estimated, from thirteen days. The t test does, and it decides: where it rejects, the days nearly
always do."""


def _is_calm(grid: pd.DataFrame) -> pd.Series:
    return grid["volatility"] == 1


def _designs(part: dict[str, pd.DataFrame]) -> str:
    shapes = "; ".join(f"`{name}`: {text}" for name, text in SHAPES.items() if name != "normal")
    size, power = (f"{_number(low, 2)} to {_number(high, 2)}" for low, high in (SIZES, POWERS))
    return f"""One announcement for all firms: {_listed(FIRMS)} firms; {_listed(CONTROLS)} controls; beta 1, a market of
{MARKET:.0%} and residuals of {RESIDUAL:.0%} a day, of which any two correlate with {_number(CORRELATION, 1)}; estimation
window {ESTIMATION_WINDOW}, {len(days_of()) - 1} ordinary days before the event; day 0 tested. Residuals are normal or
({shapes}). On days -3 to +10 their standard deviation is multiplied by 1, 2 or 3; "not shared": that of the firms and not
of the controls. All combinations. A design outside {size} in size or {power} in power was simulated again with
{STUDIES_AGAIN:,} other studies, to tell chance from a fault, and those are shown: {len(part.get("again", ()))} of them."""


def _by_shape(grid: pd.DataFrame) -> str:
    measures = {
        "effect": "effect", "ruled out": "ruled_out", "t vote": "scaled", "all-days vote": "randomization",
        "any window": "family", "up": "up", "power": "power", "wrong sign": "wrong_sign", "by exposure": "power_unequal",
        "out at 5 %": "ruled_out_at_margin",
    }  # fmt: skip
    lines = [_header(["residuals", "volatility", *measures])]
    for (shape, volatility, shared), rows in grid.groupby(["shape", "volatility", "shared"], sort=False):
        cells = []
        for name, column in measures.items():
            values = rows["up"] / rows["effect"] if column == "up" else rows[column]
            cells.append(_range(values) if name in ("effect", "power") else _number(values.mean()))
        lines.append(_line([shape, _volatility(volatility, shared), *cells]))
    return "\n".join(lines)


def _by_firms(grid: pd.DataFrame) -> str:
    lines = [_header(["firms", *(f"{k} controls" if k != 1 else "1 control" for k in CONTROLS)])]
    for firms in FIRMS:
        cells = []
        for controls in CONTROLS:
            rows = grid[(grid["firms"] == firms) & (grid["controls"] == controls)]
            normal = rows[(rows["shape"] == "normal") & rows["shared"].astype(bool)].set_index("volatility")
            calm, volatile = (normal.loc[volatility, "detectable"] for volatility in (1.0, 3.0))
            cells.append(f"{calm:.1%}, {volatile:.1%} ({_number(rows['effect'].mean())})")
        lines.append(_line([str(firms), *cells]))
    return "\n".join(lines)


def _rules(rules: pd.DataFrame) -> str:
    tables = []
    for (firms, controls, shape), rows in rules.groupby(["firms", "controls", "shape"], sort=False):
        columns = list(dict.fromkeys(zip(rows["volatility"], rows["shared"], strict=True)))
        lines = [_header(["volatility", *(_volatility(*column) for column in columns), "power by exposure"])]
        for name in RULES:
            cells = rows[rows["case"] == name].set_index(["volatility", "shared"])
            if len(cells):
                texts = [_with_power(cells.loc[column]) if column in cells.index else "" for column in columns]
                star = "*" if name in ONE_VOTE or name in FORECASTS else ""
                shown = f"**{name}**" if name == "own days" else name + star
                lines.append(_line([shown, *texts, _number(cells["power_unequal"].iloc[0], 2)]))
        tables.append(f"### {firms:.0f} firms, {controls:.0f} controls, {shape}\n\n" + "\n".join(lines))
    return "\n\n".join(tables) + "\n\n" + "\n".join(f"- {name}: {text}" for name, text in RULES.items())


def _with_power(row: pd.Series) -> str:
    return f"{_number(row['effect'])} ({_number(row['power'], 2)})"


def _about_rules(rules: pd.DataFrame) -> str:
    by = rules[rules["shape"] == "normal"].set_index(["case", "firms", "volatility", "shared"])
    garch, egarch = (rules[rules["case"] == name] for name in ("GARCH", "EGARCH"))

    def size(name: str, volatility: int, shared: bool = True, firms: int = 3) -> str:
        return _number(by.loc[(name, firms, volatility, shared), "effect"])

    def power(name: str, firms: int = 3, volatility: int = 1, column: str = "power") -> str:
        return _number(by.loc[(name, firms, volatility, True), column], 2)

    return f"""Chosen: **own days**. The assumption: day 0 is as volatile as the days around it; nothing is assumed of other
firms. The estimation window's standard error takes volatility for an effect ({size("estimation window", 2)} at volatility 2,
{size("estimation window", 3)} at 3). A scale from controls, alone or pooled, gains little where they share the volatility
(power {power("controls' days", volatility=2)} against {power("own days", volatility=2)} at volatility 2) and where they do
not it rejects {size("controls' days", 3, False)}, pooled {size("pooled", 3, False)}. The larger of both is the own scale
then, and too careful otherwise ({size("larger", 2)}). The spread across firms keeps its size with normal residuals and
loses the power: {power("across firms")} with 3 firms where own days have {power("own days")}, and
{power("across firms", 7, column="power_unequal")} with 7 of unequal exposure where they have {power("own days", 7)}; it
fails where the controls do not share the volatility ({size("across firms", 3, False, 7)} with 7 firms). Student's t over
firms needs independent firms ({size("t over firms", 1)} with 3, {size("t over firms", 1, firms=7)} with 7). A forecast
from the estimation window knows nothing of the event's week ({size("GARCH", 3)} and {size("EGARCH", 3)} at volatility 3;
{int(garch["n"].iloc[0])} studies a design are enough to see it, and EGARCH had a fit in
{egarch["n"].sum() / garch["n"].sum():.0%} of them). Exposures from 0 to 2 with a mean of 1 leave the portfolio's power as
it is: it sees the mean alone."""


def _leaks(leaks: pd.DataFrame) -> str:
    lines = [_header(["effect", "tested", "volatility 1", "volatility 2"])]
    for (case, window), rows in leaks.groupby(["case", "window"], sort=False):
        by = rows.set_index("volatility")["power"]
        lines.append(_line([case, window, _number(by[1.0]), _number(by[2.0])]))
    return "\n".join(lines)


def _about_leaks(leaks: pd.DataFrame) -> str:
    by = leaks[leaks["volatility"] == 1].set_index(["case", "window"])["power"]
    three = by["and half as much again on each of days 1 to 3", "[0, 0]"]
    five = by["and as much again on each of days 1 to 5", "[0, 0]"]
    one_of_two, one_of_six = by["two days', all on one of them", "[0, +1]"], by["a week's, all on day 0", "[0, +5]"]
    return f"""An effect that leaks into the days around day 0 widens the standard error: power falls to {_number(three)}
where half as much follows on three days, to {_number(five)} where as much follows on five; the window that holds all of it
finds it. On which day of a window the effect comes makes little difference: what is detectable is found in
{_number(one_of_two)} of cases if all of it comes on one day of two, in {_number(one_of_six)} if on one day of six."""


# How ordinary days are sorted: name of the column, name of the rows.
SORTED = {
    "all": "all", "calm half": "calm half", "volatile half": "volatile half", "tenth": "most volatile tenth",
    "market's tenth": "market's most volatile tenth",
}  # fmt: skip


def _real(real: pd.DataFrame) -> str:
    others = {
        "t vote": "scaled", "all-days vote": "randomization", "any window": "family", "power": "power", "wrong sign": "wrong_sign"
    }  # fmt: skip
    lines = [_header(["prices", "controls", "days", *(f"effect, {name}" for name in SORTED), *others])]
    for (case, controls), rows in real.groupby(["case", "controls"], sort=False):
        by = rows.set_index("days")
        effects = [_number(by.loc[days, "effect"]) for days in SORTED.values()]
        rest = [_number(by.loc["all", column]) for column in others.values()]
        lines.append(_line([str(case), f"{controls:.0f}", f"{by.loc['all', 'n']:,.0f}", *effects, *rest]))
    return "\n".join(lines)


def _about_real(real: pd.DataFrame) -> str:
    by = real.groupby("days")["effect"]
    whole, own, market = (_span(by.get_group(SORTED[name])) for name in ("all", "tenth", "market's tenth"))
    return f"""Days are sorted by the volatility that the verdict sees, and by that of the market around them ("market's"), which
it does not. It calls {whole} of all days an effect, and {own} of the tenth with the most volatile weeks: a week looks the
more volatile the more its other days happened to move, and day 0 itself was less so. In the tenth with the most volatile
market, a fairer measure, it calls {market}. Power is {_span(real[real["days"] == "all"]["power"])} over all days. All days
alone reject .05 over all days by construction."""


def _fails(rates: pd.DataFrame) -> str:
    grid = stated(rates)
    skewed, calm = grid[grid["shape"] == "skewed"], _number(grid.loc[_is_calm(grid), "family"].mean())
    alone = skewed[(skewed["firms"] == 1) & (skewed["controls"] == 0)]
    side, volatile = (alone["up"] / alone["effect"]).mean(), skewed.loc[~_is_calm(skewed), "effect"]
    marked = rates[rates["part"] == "skewness"].groupby("case")[["n", "effect"]].apply(
        lambda rows: (rows["n"] * rows["effect"]).sum() / rows["n"].sum()
    )  # fmt: skip
    size, power = outside(rates, "effect", *SIZES), outside(rates, "power", *POWERS)
    return f"""- Size outside {_number(SIZES[0], 2)} to {_number(SIZES[1], 2)}: {_cases(size, "effect")}
- Power outside {_number(POWERS[0], 2)} to {_number(POWERS[1], 2)}: {_cases(power, "power")}
- Skewness costs little size ({_span(volatile)} at volatility 2 and 3) and takes the sides apart: of one firm's false
effects {side:.0%} point to the long tail, so an effect in that direction has twice the level that is stated, and one in the
other hardly any. The skewness of the estimation window does not tell which studies fail: where it is above 1
{_number(marked["above 1"])} are false, elsewhere {_number(marked["at most 1"])} (lognormal, volatility 2).
- Effects that leak into the days around the tested window cost power: the table above.
- The corrected family is careful in calm weeks ({calm}): its longest window counts as eleven days of one draw."""


def _cases(rows: pd.DataFrame, measure: str) -> str:
    if rows.empty:
        return "no design."
    named = [f"{_named(row)} ({_number(row[measure])})" for _, row in rows.sort_values(measure).iterrows()]
    return "; ".join(named) + "."


def _named(row: pd.Series) -> str:
    firms = "1 firm" if row["firms"] == 1 else f"{row['firms']:.0f} firms"
    controls = "1 control" if row["controls"] == 1 else f"{row['controls']:.0f} controls"
    return f"{firms}, {controls}, {row['shape']}, volatility {_volatility(row['volatility'], row['shared'])}"


def _volatility(volatility: float, shared: bool) -> str:
    return f"{volatility:g}" if shared else f"{volatility:g} not shared"


def _number(value: float, decimals: int = 3) -> str:
    return f"{value:.{decimals}f}".removeprefix("0")


def _range(values: pd.Series) -> str:
    return f"{_number(values.mean())} ({_number(values.min())}–{_number(values.max())})"


def _span(values: pd.Series) -> str:
    return f"{_number(values.min())} to {_number(values.max())}"


def _listed(numbers: tuple[int, ...]) -> str:
    return ", ".join(map(str, numbers[:-1])) + f" or {numbers[-1]}"


def _header(names: list[str]) -> str:
    return f"{_line(names)}\n{'|---' * len(names)}|"


def _line(cells: list[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _wrapped(text: str) -> str:
    """Return the page with paragraphs and points filled to 120 characters; tables, headings and code stay as they are."""
    blocks = []
    for block in re.sub(r"(\d)%", r"\1 %", text).split("\n\n"):
        if block.startswith(("|", "#", "    ")):
            blocks.append(block)
        elif block.startswith("- "):
            points = re.split(r"\n(?=- )", block)
            blocks.append("\n".join(textwrap.fill(p, 120, subsequent_indent="  ", **WHOLE_WORDS) for p in points))
        else:
            blocks.append(textwrap.fill(block, 120, **WHOLE_WORDS))
    return "\n\n".join(blocks).rstrip("\n") + "\n"


WHOLE_WORDS = {"break_long_words": False, "break_on_hyphens": False}
