"""What the data of firm-events that were kept lack: securities that hardly trade, and days without a factor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from potash._typing import Float1D, Float2D

if TYPE_CHECKING:
    from potash.study.alignment import EventPanel

MOST = 0.5


def zero_share(y: Float2D) -> Float1D:
    """Return the share of zeros among the returns (n, L) that are there; NaN where none is."""
    with np.errstate(invalid="ignore"):
        return np.asarray((y == 0).sum(axis=1) / (~np.isnan(y)).sum(axis=1))


def thin_trading(panel: EventPanel) -> pd.DataFrame:
    """Return the firm-events with zero returns on most of their estimation window; see ``EventStudyResults.warnings``."""
    rows = np.flatnonzero(zero_share(panel.y) > MOST)
    zeros, observed = (panel.y[rows] == 0).sum(axis=1), (~np.isnan(panel.y[rows])).sum(axis=1)
    details = [
        f"zero returns on {z} of {n} days of the estimation window" for z, n in zip(zeros, observed, strict=True)
    ]
    entries = panel.labels.iloc[rows][["event_id", "ticker"]].reset_index(drop=True)
    return entries.assign(reason="hardly trades", detail=pd.Series(details, dtype=object))


def same_returns(panel: EventPanel) -> pd.DataFrame:
    """Return the firm-events whose returns equal those of another firm of the event, in the form of :func:`thin_trading`."""
    labels, first, entries = panel.labels, dict[tuple[Any, bytes], str](), []
    returns = {series: panel.returns.y[series].tobytes() for series in np.unique(panel.series).tolist()}
    places = zip(labels["event_id"], labels["ticker"], panel.series.tolist(), strict=True)
    for event_id, ticker, series in places:
        other = first.setdefault((event_id, returns[series]), ticker)
        if other != ticker:
            entries.append((event_id, ticker, "counted twice", f"has the same returns as {other} on every day"))
    return pd.DataFrame(entries, columns=["event_id", "ticker", "reason", "detail"])


def factor_holes(panel: EventPanel) -> pd.DataFrame:
    """Return the days with a return and without a factor, by factor; see ``EventStudyResults.factor_holes``."""
    table = {}
    for name, y, x in (("estimation", panel.y, panel.x), ("event", panel.y_event, panel.x_event)):
        observed = ~np.isnan(y)
        holes = (observed[:, :, None] & np.isnan(x)).sum(axis=(0, 1))
        table["event_days" if name == "event" else name] = holes
        table[f"{name}_share"] = holes / max(observed.sum(), 1)
    return pd.DataFrame(table, index=pd.Index(panel.factors, name="factor"))
