"""Returns that we make up: a market, a common shock, and firms whose residuals correlate."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

import potash

DAYS = pd.bdate_range("2024-01-01", periods=300, name="session")


def made_returns(n: int = 4, seed: int = 0, correlation: float = 0.3, sessions: int = 300) -> pd.DataFrame:
    """Return ``n`` firms A, B, ... with beta 1 and residuals of 2 % a day, and the market M, in columns."""
    rng = np.random.default_rng(seed)
    market, common = rng.normal(0, 0.01, sessions), rng.normal(0, 0.02, sessions)
    own = rng.normal(0, 0.02, (sessions, n))
    firms = market[:, None] + np.sqrt(correlation) * common[:, None] + np.sqrt(1 - correlation) * own
    frame = pd.DataFrame(firms, index=DAYS[:sessions], columns=list("ABCDEFGHIJKLNOP")[:n])
    return frame.assign(M=market).rename_axis(columns="ticker")


def events(*positions: int, index: pd.DatetimeIndex = DAYS) -> pd.DataFrame:
    """Return events e0, e1, ... of every firm, on the sessions at the positions."""
    return pd.DataFrame(
        {"event_id": [f"e{i}" for i in range(len(positions))], "session": [index[p] for p in positions]}
    )


def study(returns: pd.DataFrame, rows: pd.DataFrame, **options: Any) -> potash.EventStudy:
    """Return a study of the firms in ``returns`` with the market model on column M."""
    defaults = {
        "returns_kind": "log", "model": potash.MarketModel(returns["M"]),
        "event_window": (-5, 5), "estimation_window": (-130, -11),
    }  # fmt: skip
    return potash.EventStudy(returns.drop(columns="M"), rows, **{**defaults, **options})
