"""Placebo days: how often an ordinary day looks as unusual as the event did."""

from __future__ import annotations

import numpy as np

from potash._typing import Float1D

FEWEST = 20


def placebo_pvalue(stat: float, placebo: Float1D) -> float:
    """Return the share of statistics at least as large as the event's in absolute value, the event's own among them.

    Parameters
    ----------
    stat : float
        The event's statistic.
    placebo : ndarray of shape (n,)
        The same statistic on days without an event; NaN entries are left out.

    Returns
    -------
    float
        NaN if there are fewer than 20 placebo statistics.

    References
    ----------
    .. [1] Davison, A. C. and Hinkley, D. V. (1997). Bootstrap Methods and their Application, ch. 4: the event is one of
       the draws under the null, hence the 1 in numerator and denominator.
    """
    ordinary = placebo[~np.isnan(placebo)]
    if len(ordinary) < FEWEST or np.isnan(stat):
        return float("nan")
    return float((1 + (np.abs(ordinary) >= abs(stat)).sum()) / (1 + len(ordinary)))
