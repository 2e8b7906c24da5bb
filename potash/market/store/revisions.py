"""What a provider rewrote: which values, by how much, and what it did to returns."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from potash.market.series import ACTION_FIELDS, SeriesKey
from potash.market.store.schema import as_of_micros, to_moment
from potash.market.store.store import PriceStore

COLUMNS = [
    "known_from",
    "field",
    "first",
    "last",
    "added",
    "revised",
    "withdrawn",
    "level",
    "constant",
    "returns_changed",
    "largest_change",
    "on",
]
# A return counts as changed from a thousandth of a percentage point on: less is the noise of single precision.
RETURN_TOLERANCE = 1e-5


def revisions(store: PriceStore, key: SeriesKey, *, since: object = None, as_of: object = None) -> pd.DataFrame:
    """Return what each pull after the first changed in the past of a series.

    Parameters
    ----------
    store : PriceStore
    key : SeriesKey
    since : date or moment, optional
        Only pulls known after it.
    as_of : date or moment, optional
        Only pulls known up to then.

    Returns
    -------
    DataFrame
        A row per pull and field in which a value was revised or withdrawn, a hole was filled, or a dividend or split
        was told, which is why the others change. ``first`` and ``last`` are the sessions touched; ``level`` is the median of new
        over old values, ``constant`` whether all moved by that factor (to 1e-5), as a new dividend or split makes them;
        ``returns_changed`` counts the sessions whose simple return differs by more than 1e-5, ``largest_change`` is the
        largest difference (a fraction), found ``on`` that session. The last three are missing for fields without
        returns (volume, dividends, splits, factors). Sessions before the first and after the last that were known are
        left out: they are new, and nothing was rewritten.

    Raises
    ------
    NothingStoredError
        If the series is not stored.
    """
    history = store.history(key, as_of=as_of)
    after = None if since is None else to_moment(as_of_micros(since, "since") or 0)
    prices = key.provider != "french"  # a factor is a return itself
    current: dict[str, pd.Series[Any]] = {}
    rows: list[dict[str, object]] = []
    horizon: pd.Timestamp | None = None
    for moment, learnt in history.groupby("known_from"):
        for field, part in learnt.groupby("field"):
            new = part.set_index("session")["value"]
            old = current.get(str(field), pd.Series(dtype=np.float64, index=pd.DatetimeIndex([])))
            merged = new.combine_first(old).where(~old.index.union(new.index).isin(new.index[new.isna()]))
            if horizon is not None and (after is None or moment > after):
                row = _row(str(field), old.dropna(), merged.dropna(), new, horizon, prices)
                rows += [{"known_from": moment, **row}] if row else []
            current[str(field)] = merged
        newest = learnt.loc[learnt["value"].notna(), "session"].max()
        horizon = newest if horizon is None or newest > horizon else horizon
    order = {name: at for at, name in enumerate(COLUMNS)}
    frame = pd.DataFrame(rows, columns=COLUMNS)
    return frame[sorted(frame.columns, key=order.__getitem__)]


def _row(
    field: str, old: pd.Series[Any], new: pd.Series[Any], learnt: pd.Series[Any], horizon: pd.Timestamp, prices: bool
) -> dict[str, object] | None:
    """Return what one pull did to one field, or ``None`` if it only added sessions before or after those known."""
    both = old.index.intersection(learnt.dropna().index)
    gone = learnt.index[learnt.isna()].intersection(old.index)
    action = field in ACTION_FIELDS
    late = learnt.dropna().index.difference(old.index)
    if not action:
        # A hole that is filled changes returns; sessions before the first and after the last ever known are only new.
        late = late[(late > old.index[0]) & (late <= horizon)] if len(old) else late[:0]
    touched = both.union(gone).union(late)
    if not len(touched):
        return None
    ratios = (new[both] / old[both]).to_numpy()
    ratios = ratios[np.isfinite(ratios)]  # a volume of zero has no ratio
    level = float(np.median(ratios)) if len(ratios) else np.nan
    row: dict[str, object] = {
        "field": field,
        "first": touched[0],
        "last": touched[-1],
        "added": len(late),
        "revised": len(both),
        "withdrawn": len(gone),
        "level": level,
        "constant": bool(
            len(ratios) > 1 and len(ratios) == len(both) and np.ptp(ratios) < RETURN_TOLERANCE * abs(level)
        ),
    }
    if action or field == "volume" or not prices:
        return {**row, "returns_changed": pd.NA, "largest_change": np.nan, "on": pd.NaT}
    return {**row, **_returns_changed(old, new, touched)}


def _returns_changed(old: pd.Series[Any], new: pd.Series[Any], touched: pd.DatetimeIndex) -> dict[str, object]:
    """Return how many returns of the sessions known before and after differ, and the largest difference."""
    index = old.index.union(touched)
    before, after = (s.reindex(index) / s.reindex(index).shift(1) - 1 for s in (old, new))
    change = after - before
    one_sided = before.isna() != after.isna()
    changed = int((change.abs() > RETURN_TOLERANCE).sum()) + int(one_sided.iloc[1:].sum())
    size = change.abs()
    if not size.notna().any() or size.max() <= RETURN_TOLERANCE:
        return {"returns_changed": changed, "largest_change": np.nan, "on": pd.NaT}
    on = size.idxmax()
    return {"returns_changed": changed, "largest_change": float(change[on]), "on": on}
