"""P-values of many CARs corrected for their number, labelled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from potash._typing import Float2D
from potash.errors import InputError, check_option, check_whole
from potash.sessions import Window
from potash.study.inference.multiple import benjamini_hochberg, holm, resampled_null_stats, romano_wolf

if TYPE_CHECKING:
    from potash.study.fitted import Fitted

METHODS = ("romano_wolf", "holm", "benjamini_hochberg")


def adjusted(
    results: Fitted, windows: list[Any], method: str = "romano_wolf", draws: int = 999, seed: int = 0
) -> pd.DataFrame:
    """Return corrected p-values of every CAR, a row per firm-event and a column per window.

    Raises
    ------
    OptionError
        If the method is not known.
    InputError
        If there is no window, or Romano-Wolf is asked for firms of several events, firms that trade on different days or
        have factors of their own, returns from trade to trade, or with ``draws`` or a ``seed`` that is no whole number in
        its range.
    """
    check_option("method", method, METHODS)
    if not windows:
        raise InputError("windows=[] holds none. Name at least one, for example [(0, 0)].")
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
    check_whole("draws", draws, 1)
    check_whole("seed", seed, 0)
    x, x_event = _common_factors(results)
    stats = np.column_stack([car["tstat"] for car in cars])
    offsets = np.array(results.windows.event.offsets)
    inside = np.array([(offsets >= window.start) & (offsets <= window.end) for window in chosen])
    rng = np.random.default_rng(seed)
    null = resampled_null_stats(results.fit.residuals, inside, rng, draws=draws, x=x, x_event=x_event)
    pvalues = romano_wolf(stats.ravel(), null).reshape(stats.shape)
    return pd.DataFrame(pvalues, index=cars[0].index, columns=columns)


def _common_factors(results: Fitted) -> tuple[Float2D | None, Float2D | None]:
    """Return the factors of the estimation and event windows that all firms are regressed on, or none."""
    x, x_event = results.panel.x, results.panel.x_event
    if results.fit.spans is not None:
        raise InputError(
            f"Romano-Wolf resamples single days, and returns of the {results.model_name} model span several. Choose "
            "method='holm'."
        )
    if not x.shape[2] or "alpha" not in results.param_names:
        return None, None
    if not np.array_equal(x, np.broadcast_to(x[0], x.shape), equal_nan=True) or not np.array_equal(
        x_event, np.broadcast_to(x_event[0], x_event.shape), equal_nan=True
    ):
        raise InputError(
            "Romano-Wolf resamples the firms with the factors that they share, and these firms have factors of their own. "
            "Choose method='holm'."
        )
    return x[0], x_event[0]
