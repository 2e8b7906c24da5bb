"""How often the joint tests of a specification curve reject at 5 %: ``python -m tests.evaluation.specification_curves``.

Prints the table of ``docs/specification-curve.md``, in about four minutes.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

import potash
from tests.study.made_up import DAYS, events, made_returns, study

DESIGNS = ((0.0, 1, 500), (0.0, 2, 300), (0.0, 3, 300), (0.03, 1, 200), (0.05, 1, 200), (0.07, 1, 200), (0.07, 2, 200))


def joint_pvalues(position: int, seed: int, effect: float, volatility: float) -> pd.Series:
    """Return the joint p-values of one study: two firms, two controls, an effect on day 0 in a week of some volatility."""
    returns = made_returns(2, seed=seed)
    controls = made_returns(2, seed=seed + 100_000).drop(columns="M").add_prefix("X")
    around = DAYS[position - 3 : position + 11]
    for firm in "AB":
        returns.loc[around, firm] += (volatility - 1) * (returns[firm] - returns["M"])[around]
    returns.loc[DAYS[position], ["A", "B"]] += effect
    made = study(returns, events(position), event_window=(-5, 10), controls=controls)
    return potash.specification_curve(made, lengths=(40, 60), gaps=(11,), returns_kinds=("log",)).joint["pvalue"]


def rates(effect: float, volatility: float, n: int) -> pd.Series:
    """Return the share of ``n`` studies in which each statistic has a p-value of at most .05; the event's day is any."""
    rng = np.random.default_rng(11)
    pvalues = [joint_pvalues(int(rng.integers(110, 285)), seed, effect, volatility) for seed in range(n)]
    return (pd.DataFrame(pvalues) <= 0.05).mean()


def main() -> None:
    """Print the table."""
    from potash.study.answer.specification.result import STATISTICS

    print(f"| effect on day 0 | volatility | studies | {' | '.join(STATISTICS.values())} |")
    print("|---|---|---|" + "---|" * len(STATISTICS))
    for effect, volatility, n in DESIGNS:
        shown = " | ".join(f"{rate:.3f}" for rate in rates(effect, volatility, n))
        print(f"| {effect:.0%} | x {volatility} | {n} | {shown} |".replace("%", " %"), flush=True)


if __name__ == "__main__":
    main()
