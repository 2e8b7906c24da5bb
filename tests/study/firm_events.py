"""Firm-events of made-up returns, fitted as arrays and by the labelled study."""

from typing import Any

import numpy as np
import pandas as pd

import potash
from potash.study.engine.mass import MassFit, mass_fit

SESSIONS, SECURITIES = 400, 12
EVENT, ESTIMATION, CARS = (-3, 4), (-120, -11), [(0, 0), (-1, 1), (-3, 4)]
DAYS = pd.bdate_range("2023-01-02", periods=SESSIONS, name="session")
NAMES = [f"S{i:02d}" for i in range(SECURITIES)]


def panel(n_factors: int = 1, missing: float = 0.01, seed: int = 3) -> tuple[np.ndarray, np.ndarray]:
    """Return returns and factors with a common shock, so that residuals correlate, and with holes in both."""
    rng = np.random.default_rng(seed)
    x = rng.normal(0.0004, 0.01, (SESSIONS, n_factors))
    common, own = rng.normal(0, 0.01, (SESSIONS, 1)), rng.normal(0, 0.02, (SESSIONS, SECURITIES))
    y = x @ rng.normal(1, 0.3, (n_factors, SECURITIES)) + common + own
    y[rng.random(y.shape) < missing] = np.nan
    x[rng.random(x.shape) < missing / 4] = np.nan
    return y, x


def fitted(y, x, security, day_zero, **options: Any) -> MassFit:
    settings = {"event_window": EVENT, "estimation_window": ESTIMATION, "windows": CARS, **options}
    return mass_fit(y, x, np.asarray(security), np.asarray(day_zero), **settings)


def labelled(y, x, security, day_zero, **options: Any) -> potash.EventStudyResults:
    """Return the same firm-events by :class:`potash.EventStudy`; the event's id is the firm-event's position."""
    rows = {"event_id": np.arange(len(security)), "ticker": [NAMES[s] for s in security], "session": DAYS[day_zero]}
    frame = pd.DataFrame(x, index=DAYS, columns=[f"f{k}" for k in range(x.shape[1])])
    from potash.study.expected_returns.ordinary import FactorModel

    model = potash.MarketModel(frame["f0"]) if x.shape[1] == 1 else FactorModel(frame)
    settings = {"event_window": EVENT, "estimation_window": ESTIMATION, **options}
    returns = pd.DataFrame(y, index=DAYS, columns=NAMES)
    return potash.EventStudy(returns, pd.DataFrame(rows), returns_kind="log", model=model, **settings).fit()


def close(found, wanted, atol=1e-13) -> None:
    np.testing.assert_allclose(found, wanted, rtol=1e-10, atol=atol)
