"""Which events are analysed together, with what sign, and which of them are links of one chain."""

from __future__ import annotations

import pandas as pd

from potash.errors import EventsError, listed
from potash.news.tables.event_table import PRICE_COMMENTARY

SIGNS = {"positive": 1, "negative": -1}


def signs_of(events: pd.DataFrame) -> pd.Series[int]:
    """Return +1 for events expected to be good for producers outside Belarus, -1 for bad.

    Raises
    ------
    EventsError
        If the direction of an event is none or unclear.
    """
    without = events.loc[~events["expected_direction"].isin(SIGNS), "expected_direction"]
    if len(without):
        stated = listed(f"{event_id!r} ({direction})" for event_id, direction in without.items())
        raise EventsError(
            f"no sign: expected_direction is neither positive nor negative for {stated}. Leave these events out, or state a "
            "direction in the file of events."
        )
    return events["expected_direction"].map(SIGNS).astype(int).rename("sign")


def pool_table(events: pd.DataFrame) -> pd.DataFrame:
    """Return for each headline and market event whether it is in the pool, and why not; see ``Timeline.pool_table``."""
    chosen = events[events["relevance"].isin(["headline", "market"])]
    table = chosen[["date", "title", "kind", "relevance", "basis", "chain_id"]].copy()
    table["dated"] = chosen["precision"].isin(["day", "time"])
    table["sign"] = chosen["expected_direction"].map(SIGNS).astype("Int64")
    reasons = [
        "; ".join(_against(row))
        for row in chosen[["precision", "expected_direction", "basis"]].itertuples(index=False, name=None)
    ]
    return table.assign(in_pool=[not reason for reason in reasons], reason=reasons)


def _against(row: tuple[str, str, str]) -> list[str]:
    """Return what keeps an event out of the pool."""
    precision, direction, basis = row
    against = []
    if precision not in ("day", "time"):
        against.append(f"no single day: precision {precision}")
    if direction not in SIGNS:
        against.append(f"no sign: the expected direction is {direction}")
    if basis == PRICE_COMMENTARY:
        against.append(f"{basis}: in the list because prices moved")
    return against


def chains_of(events: pd.DataFrame) -> pd.DataFrame:
    """Return the links of each chain in the order of their dates; see ``Timeline.chains``."""
    linked = events[events["chain_id"] != ""].rename_axis("event_id").reset_index()
    # A link without a date comes last: nobody knows that it came first.
    linked = linked.assign(order=linked["date"].where(linked["date"] != "", "9999"))
    linked = linked.assign(first=linked.groupby("chain_id")["order"].transform("min"))
    linked = linked.sort_values(["first", "chain_id", "order"], kind="stable", ignore_index=True)
    linked = linked.assign(link=linked.groupby("chain_id").cumcount() + 1)
    return linked[["chain_id", "link", "event_id", "date", "status", "relevance", "title"]]
