"""P-values of many CARs corrected for their number, labelled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from potash.errors import InputError, check_option
from potash.sessions import Window
from potash.study.inference.multiple import benjamini_hochberg, holm, resampled_null_stats, romano_wolf

if TYPE_CHECKING:
    from potash.study.results import EventStudyResults

METHODS = ("romano_wolf", "holm", "benjamini_hochberg")


def adjusted(
    results: EventStudyResults, windows: list[Any], method: str = "romano_wolf", draws: int = 999, seed: int = 0
) -> pd.DataFrame:
    """Return corrected p-values of every CAR, a row per firm-event and a column per window.

    Raises
    ------
    OptionError
        If the method is not known.
    InputError
        If Romano-Wolf is asked for firms of several events, or firms that trade on different days.
    """
    check_option("method", method, METHODS)
    chosen = [Window.of(window) for window in windows]
    cars = [results.car(window) for window in chosen]
    columns = pd.Index([str(window) for window in chosen], name="window")
    if method != "romano_wolf":
        raw = np.column_stack([car["pvalue"] for car in cars])
        correct = holm if method == "holm" else benjamini_hochberg
        return pd.DataFrame(correct(raw), index=cars[0].index, columns=columns)
    if len(results.event_ids) != 1 or not results.panel.members_share_days():
        raise InputError(
            f"Romano-Wolf resamples the days of one event's firms together; these results hold {len(results.event_ids)} events "
            "or firms with different days. Call results.for_event(...) first, or choose method='holm'."
        )
    stats = np.column_stack([car["tstat"] for car in cars])
    offsets = np.array(results.windows.event.offsets)
    inside = np.array([(offsets >= window.start) & (offsets <= window.end) for window in chosen])
    slopes = results.panel.x.shape[2] and "alpha" in results.param_names
    x, x_event = (results.panel.x[0], results.panel.x_event[0]) if slopes else (None, None)
    rng = np.random.default_rng(seed)
    null = resampled_null_stats(results.fit.residuals, inside, rng, draws=draws, x=x, x_event=x_event)
    found = romano_wolf(stats.ravel(), null).reshape(stats.shape)
    return pd.DataFrame(found, index=cars[0].index, columns=columns)
