"""From the store to a frozen snapshot: what was known at some moment, kept for ever."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from potash.errors import InputError, NothingStoredError
from potash.market.series import DAILY_PROVIDERS
from potash.market.snapshots.folder import FrozenSnapshot, write_snapshot
from potash.market.store.schema import as_of_micros, to_micros
from potash.market.store.series import daily_keys, stored_series
from potash.market.store.store import PriceStore


def freeze(
    store: PriceStore,
    folder: str | Path,
    name: str,
    *,
    now: dt.datetime,
    versions: dict[str, str],
    as_of: object = None,
    tickers: Iterable[str] | None = None,
    provider: str | None = None,
) -> FrozenSnapshot:
    """Write what the store knew at some moment into an immutable folder and return it.

    Daily prices of the tickers (all by default), and every monthly series and factor. Without ``as_of`` it is the moment
    of the last pull that told something new: later ones are later, so the same moment reads the same ever after.

    Raises
    ------
    NothingStoredError
        If nothing was known then.
    SnapshotError
        If the name is taken, or the folder cannot be written.
    InputError
        If ``as_of`` lies in the future: what is known then cannot be frozen yet.
    """
    micros = as_of_micros(as_of)
    if micros is not None and micros > to_micros(now):
        raise InputError(
            f"as_of={as_of} lies after the present moment ({now:%Y-%m-%dT%H:%MZ}); what will be known then cannot be frozen. "
            "Leave it out for all that is known now, or name an earlier day."
        )
    pulls = store.pulls()
    if pulls.empty:
        raise NothingStoredError(f"price store {store.where} is empty. Fill it with: potash prices pull.")
    moment = pulls["known_from"].max() if as_of is None else as_of
    others = [key for key in store.series_keys() if key.provider not in DAILY_PROVIDERS]
    try:
        daily = list(daily_keys(store, tickers, provider, moment).values())
    except NothingStoredError:
        if tickers is not None or provider is not None or not others:
            raise
        daily = []  # monthly series and factors alone are worth keeping too
    series = stored_series(store, list(dict.fromkeys([*daily, *others])), moment)
    return write_snapshot(folder, name, series, as_of=_as_text(moment), created=now, versions=versions)


def _as_text(moment: object) -> str:
    """Return a moment as text; a plain date stays one, since it means the end of its day."""
    if isinstance(moment, str):
        return moment
    stamp = pd.Timestamp(moment)
    return stamp.isoformat() if stamp.tzinfo is not None else f"{stamp:%Y-%m-%d}"
