"""Dose and response: whether firms that live more on potash moved more."""

from __future__ import annotations

from itertools import permutations
from math import factorial

import numpy as np
import pandas as pd

from potash._typing import Float1D
from potash.sessions import Window
from potash.study.answer.pooled.signed_events import SignedEvents

FEWEST_FIRMS = 3
# Up to so many orders of the firms all are taken (eight firms); beyond, a seeded sample.
MOST_ORDERS, SAMPLED_ORDERS = 40_320, 9_999


def by_firm(events: SignedEvents, window: Window) -> pd.DataFrame:
    """Return each firm's average CAR in the expected direction: ``ticker``, ``n_events``, ``average``, ``std_error``.

    The standard error takes a firm's events for independent.
    """
    pieces = []
    for event_id, sign, study in zip(events.ids, events.signs, events.studies, strict=True):
        cars = study.fit().car(window).loc[event_id]
        pieces.append(pd.DataFrame({"average": sign * cars["CAR"], "variance": cars["std_error"] ** 2}).dropna())
    whole = pd.concat(pieces).rename_axis("ticker").groupby("ticker", sort=False)
    frame = whole["average"].agg(n_events="size", average="mean")
    return frame.assign(std_error=np.sqrt(whole["variance"].sum()) / frame["n_events"]).reset_index()


def dose_response(exposure: Float1D, averages: Float1D, seed: int = 0) -> dict[str, float]:
    """Return slope and intercept of the firms' averages on their exposure, and its exact permutation p.

    Parameters
    ----------
    exposure, averages : ndarrays of shape (n,)
        A firm each, without missing values.
    seed : int
        Of the sample of orders where there are more than eight firms.

    Returns
    -------
    dict
        ``slope`` (effect per unit of exposure), ``intercept``, ``n_firms``, ``pvalue`` (two-sided share of the orders of the
        firms whose slope is at least as large), ``smallest_pvalue`` (what so few firms can give at best). NaN with fewer
        than three firms or without differences in exposure.

    References
    ----------
    .. [1] Fisher, R. A. (1935). The Design of Experiments, section 21.
    """
    n, missing = len(exposure), float("nan")
    if n < FEWEST_FIRMS or np.ptp(exposure) == 0:
        return {"slope": missing, "intercept": missing, "n_firms": n, "pvalue": missing, "smallest_pvalue": missing}
    centred = exposure - exposure.mean()
    slope = float(centred @ averages / (centred @ centred))
    if factorial(n) <= MOST_ORDERS:
        orders = np.array(list(permutations(range(n))))
    else:
        rng = np.random.default_rng(seed)
        orders = np.stack([np.arange(n), *(rng.permutation(n) for _ in range(SAMPLED_ORDERS))])
    slopes = averages[orders] @ centred / (centred @ centred)
    as_large = np.abs(slopes) >= abs(slope) * (
        1 - 1e-9
    )  # other orders of equal values give the same slope but for rounding
    return {
        "slope": slope,
        "intercept": float(averages.mean() - slope * exposure.mean()),
        "n_firms": n,
        "pvalue": float(as_large.mean()),
        "smallest_pvalue": 1 / len(orders),
    }
