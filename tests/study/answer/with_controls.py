"""Made-up studies with a control group, and choices that keep a specification curve small."""

from __future__ import annotations

from typing import Any

import numpy as np

import potash
from tests.study.made_up import DAYS, events, made_returns, study

CHOICES = {"lengths": (40, 60), "gaps": (11, 16)}


def made_study(
    *positions: int,
    firms: int = 3,
    controls: int = 3,
    seed: int = 0,
    kind: str = "log",
    effect: float = 0.0,
    **options: Any,
) -> potash.EventStudy:
    """Return a study of firms A, B, ... with events at the positions, an effect on day 0, and controls XA, XB, ..."""
    returns = made_returns(firms, seed=seed)
    firm_columns = list(returns.columns[:-1])
    for position in positions:
        returns.loc[DAYS[position], firm_columns] += effect
    group = made_returns(controls, seed=seed + 100).drop(columns="M").add_prefix("X") if controls else None
    if kind == "simple":
        returns, group = np.expm1(returns), None if group is None else np.expm1(group)
    settings = {"event_window": (-5, 10), "returns_kind": kind, "controls": group, **options}
    return study(returns, events(*positions), **settings)
