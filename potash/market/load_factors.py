"""Monthly commodity prices, daily factors and exchange rates by name: what stands beside the prices of shares."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pandas as pd

from potash.errors import NothingStoredError, close_to, listed
from potash.market.currency import CURRENCIES
from potash.market.load import one_place
from potash.market.providers.carried import carried_monthly
from potash.market.series import CARRIED, PriceSeries, SeriesKey
from potash.market.snapshots.folder import find_snapshot, is_snapshot, read_snapshot

if TYPE_CHECKING:
    from potash.market.store.store import PriceStore

MONTHLY_SERIES = ("potassium_chloride", "dap", "urea", "maize", "soybeans")
_MONTHLY_PROVIDERS = ("pink_sheet", CARRIED)


def load_monthly(
    folder: str | Path | None = None,
    *,
    snapshot: str | Path | None = None,
    as_of: object = None,
    store: PriceStore | str | Path | None = None,
    series: Sequence[str] | Literal["all"] = MONTHLY_SERIES,
) -> pd.DataFrame:
    """Return monthly commodity prices: index ``month`` (periods), a column per series; NaN where there is none.

    Parameters
    ----------
    folder : path, optional
        A frozen snapshot's folder. Where a folder has no monthly prices, as one of plain files, the carried ones are
        returned.
    snapshot, as_of, store
        As in :func:`load_snapshot`.
    series : sequence of str, or "all"
        Which ones, each of which must be there; by default the fertilizers and crops of the study that are.

    Returns
    -------
    DataFrame
        ``attrs["units"]`` holds the unit of each column, ``attrs["unit"]`` the one of all if they share one.

    Raises
    ------
    ChecksumError, SnapshotError, StoreError, NothingStoredError
        As :func:`load_snapshot`; also if one of the series asked for is not there, or none of them all.

    Examples
    --------
    >>> import potash
    >>> potash.load_monthly().index[-1].freqstr
    'M'
    """
    one_place(folder=folder, snapshot=snapshot, store=as_of if store is None else store)

    def is_monthly(key: SeriesKey) -> bool:
        return key.provider in _MONTHLY_PROVIDERS

    held = _series_of(is_monthly, folder, snapshot, as_of, store)
    if folder is not None and not held:
        held = carried_monthly()
    return _monthly_frame([one for one in held if one.facts["frequency"] == "monthly"], series)


def load_factors(
    snapshot: str | Path | None = None,
    *,
    as_of: object = None,
    store: PriceStore | str | Path | None = None,
) -> pd.DataFrame:
    """Return daily factors of Kenneth French as fractions a day: index ``session``, a column per factor.

    Columns are those stored of ``mkt_rf smb hml rf`` (three factors), ``smb5 rmw cma`` (five) and ``mom``. They are
    published in percent with two decimals, so that a day's ``rf`` may be rounded to zero. NaN where there is none.

    Parameters
    ----------
    snapshot, as_of, store
        As in :func:`load_snapshot`; the default store if none is given.

    Raises
    ------
    NothingStoredError
        If there are none; they come from ``potash prices pull --provider french``.
    """
    one_place(snapshot=snapshot, store=as_of if store is None else store)
    place = "default" if snapshot is None and store is None else store
    factors = _series_of(lambda key: key.provider == "french", None, snapshot, as_of, place)
    if not factors:
        raise NothingStoredError("there are no factors there. Get them with: potash prices pull --provider french")
    return pd.DataFrame({one.ticker: one.values["value"] / 100 for one in factors}).rename_axis(index="session")


def load_rates(
    to: str = "USD",
    *,
    snapshot: str | Path | None = None,
    as_of: object = None,
    store: PriceStore | str | Path | None = None,
) -> pd.DataFrame:
    """Return the exchange rates that :func:`potash.convert_currency` takes: index ``session``, a column per currency.

    Parameters
    ----------
    to : str
        ISO code: a rate is in units of it for one unit of the column's currency.
    snapshot, as_of, store
        As in :func:`load_snapshot`; the default store if none is given.

    Raises
    ------
    NothingStoredError
        If there is none; they come from ``potash prices pull --fx USD``.
    """
    one_place(snapshot=snapshot, store=as_of if store is None else store)
    place = "default" if snapshot is None and store is None else store
    symbols = {f"{code}{to}=X": code for code in CURRENCIES}
    quotes = _series_of(lambda key: key.symbol in symbols, None, snapshot, as_of, place)
    if not quotes:
        raise NothingStoredError(
            f"there are no exchange rates to {to} there. Get them with: potash prices pull --fx {to}"
        )
    rates = {symbols[one.ticker]: one.values[one.close_field("splits")[0]].dropna() for one in quotes}
    return pd.DataFrame(rates).rename_axis(index="session")


def _series_of(
    wanted: Callable[[SeriesKey], bool],
    folder: str | Path | None,
    snapshot: str | Path | None,
    as_of: object,
    store: PriceStore | str | Path | None,
) -> Sequence[PriceSeries]:
    """Return the series wanted of a place; none where it has none."""
    if as_of is not None or store is not None:
        from potash.market.store.series import opened_store, stored_series  # SQLAlchemy is heavy

        opened = opened_store(store)
        keys = [key for key in opened.series_keys() if wanted(key)]
        return stored_series(opened, keys, as_of) if keys else []
    if snapshot is not None and str(snapshot) != CARRIED:
        folder = find_snapshot(snapshot)
    if folder is not None and is_snapshot(folder):
        return [one for one in read_snapshot(folder).series if wanted(one.key)]
    return [one for one in carried_monthly() if wanted(one.key)]


def _monthly_frame(held: Sequence[PriceSeries], series: Sequence[str] | Literal["all"]) -> pd.DataFrame:
    by_name = {one.ticker: one for one in held}
    names = list(by_name) if series == "all" else [name for name in series if name in by_name]
    lacking = [] if series == "all" or series is MONTHLY_SERIES else [name for name in series if name not in by_name]
    if lacking or not names:
        wanted = "any series" if series == "all" else listed(f"{n}{close_to(n, by_name)}" for n in lacking or series)
        raise NothingStoredError(
            f"there are no monthly prices of {wanted} there; it holds {listed(by_name, 20)}. Get them with: potash prices "
            "pull --provider pink_sheet"
        )
    frame = pd.DataFrame({name: by_name[name].values["value"] for name in names})
    frame.index = pd.PeriodIndex(frame.index, freq="M", name="month")
    units = {name: by_name[name].facts.get("unit", "") for name in names}
    frame.attrs = {"units": units}
    if len(set(units.values())) == 1:
        frame.attrs["unit"] = units[names[0]]
    return frame
