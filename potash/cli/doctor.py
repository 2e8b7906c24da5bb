"""The command line: ``potash doctor``, and its diagnoses. Heavy imports wait until it runs."""

from __future__ import annotations

import datetime as dt
import platform
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, TypeAlias

import typer

from potash import __version__
from potash.bundled import carried_files, verified
from potash.cli.exit_codes import ExitCode
from potash.cli.prices import Debug, Quiet, StoreOption, UniverseOption
from potash.cli.terminal import errors_as_messages, say
from potash.clock import Clock
from potash.errors import PotashError, ProviderError, SnapshotError, StoreError, listed

if TYPE_CHECKING:
    from potash.market.providers.base import Provider
    from potash.universe import Universe

State: TypeAlias = Literal["ok", "note", "attention", "broken"]

_MARKS = {"ok": "ok       ", "note": "note     ", "attention": "ATTENTION", "broken": "BROKEN   "}

# A calendar that ends sooner than this makes trouble soon: sessions after its end are unknown.
CALENDAR_DAYS = 60

# What each extra is for: a package of one that is not installed is worth a note.
EXTRAS = {
    "garch": "the models GARCH and EGARCH need it",
    "fast": "runs over many firm-events are faster with it",
    "postgres": "a price store on PostgreSQL needs it",
}


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """The state of one thing that potash needs.

    Attributes
    ----------
    what : str
        The thing.
    state : {"ok", "note", "attention", "broken"}
        ``note``: as it is meant to be, but good to know; ``attention``: works, and something should be done;
        ``broken``: a command that needs it will fail.
    detail : str
        Versions, places and reasons, in words.
    """

    what: str
    state: State
    detail: str


def doctor(
    offline: Annotated[bool, typer.Option("--offline", help="Do not ask providers on the network.")] = False,
    timeout: Annotated[float, typer.Option(min=0.1, help="Seconds that a provider may take.")] = 15.0,
    store: StoreOption = None,
    universe: UniverseOption = None,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Look at packages, carried data, calendars, the price store, snapshots and providers.

    Exit code 0: all is well. 3: something needs attention, for example a provider that does not answer. 4: something is
    broken, and commands that need it will fail.
    """
    with errors_as_messages(debug, "everything"):
        from potash.clock import utc_now
        from potash.universe import load_universe

        states = set()
        providers = {} if offline else probes(timeout)
        for diagnosis in diagnose(utc_now(), load_universe(universe), store, providers):
            states.add(diagnosis.state)
            is_bad = diagnosis.state in {"attention", "broken"}
            if is_bad or not quiet:
                say(f"{_MARKS[diagnosis.state]}  {diagnosis.what}: {diagnosis.detail}", err=is_bad and quiet)
    if "broken" in states:
        raise typer.Exit(ExitCode.CHECK)
    if "attention" in states:
        raise typer.Exit(ExitCode.INCOMPLETE)


def diagnose(
    now: dt.datetime,
    universe: Universe,
    store: str | Path | None = None,
    providers: Mapping[str, Callable[[Clock], str]] | None = None,
) -> Iterator[Diagnosis]:
    """Yield the state of each thing that potash needs, one after the other.

    Parameters
    ----------
    now : datetime
        The present moment with its zone.
    universe : Universe
        Whose exchanges need calendars.
    store : path or address, optional
        The store to look at; the default one by default.
    providers : mapping, optional
        Name to a probe that asks a provider and returns what it said; see :func:`probes`. None are asked by default.
    """
    yield from _packages()
    yield _carried()
    yield from _calendars(now, universe)
    yield from _store(store)
    yield from _snapshots()
    for name, probe in (providers or {}).items():
        try:
            yield Diagnosis(f"provider {name}", "ok", probe(lambda: now))
        except ProviderError as error:
            yield Diagnosis(f"provider {name}", "attention", str(error))


def probes(timeout: float = 15.0) -> dict[str, Callable[[Clock], str]]:
    """Return a probe for each provider on the network: it asks for little and returns in words what came."""
    import pandas as pd

    from potash.market.providers.french import French
    from potash.market.providers.pink_sheet import PinkSheet
    from potash.market.providers.yahoo import Yahoo

    def reach(make: Callable[[], Provider], symbol: str, days: int) -> Callable[[Clock], str]:
        def probe(clock: Clock) -> str:
            now = clock()
            last = pd.Timestamp(now.date())
            answer = make().fetch(symbol, last - pd.Timedelta(days=days), last, now)
            return f"{answer.source}: {symbol} to {answer.values.index[-1]:%Y-%m-%d}"

        return probe

    return {
        "yahoo": reach(lambda: Yahoo(timeout=timeout, exchanges={"SPY": "XNYS"}), "SPY", 14),
        "pink_sheet": reach(lambda: PinkSheet(timeout=timeout), "potassium_chloride", 200),
        "french": reach(lambda: French(timeout=timeout), "rf", 400),
    }


def _packages() -> Iterator[Diagnosis]:
    from packaging.requirements import Requirement

    yield Diagnosis("potash", "ok", f"{__version__} on Python {platform.python_version()}")
    for line in requires("potash") or ():
        requirement = Requirement(line)
        extra = None
        if requirement.marker is not None and not requirement.marker.evaluate({"extra": ""}):
            extra = next((name for name in EXTRAS if requirement.marker.evaluate({"extra": name})), None)
            if extra is None:
                continue
        try:
            installed = version(requirement.name)
        except PackageNotFoundError:
            if extra:
                detail = f"not installed; {EXTRAS[extra]}: pip install 'potash[{extra}]'"
                yield Diagnosis(requirement.name, "note", detail)
            else:
                yield Diagnosis(
                    requirement.name, "broken", f"not installed; needed: {requirement.specifier or 'any version'}"
                )
            continue
        fits = requirement.specifier.contains(installed, prereleases=True)
        detail = installed if fits else f"{installed}, and {requirement.specifier} is needed: install it with pip"
        yield Diagnosis(requirement.name, "ok" if fits else "broken", detail)


def _carried() -> Diagnosis:
    try:
        for path in carried_files():
            verified(path)
    except PotashError as error:
        return Diagnosis("carried data", "broken", str(error))
    return Diagnosis("carried data", "ok", f"{len(carried_files())} files as described")


def _calendars(now: dt.datetime, universe: Universe) -> Iterator[Diagnosis]:
    import pandas as pd

    from potash.calendars import calendar_range, has_calendar

    today = pd.Timestamp(now.astimezone(dt.UTC).date())
    exchanges = universe.exchanges
    for mic in dict.fromkeys(exchanges.values()):
        users = listed(ticker for ticker, exchange in exchanges.items() if exchange == mic)
        if not has_calendar(mic):
            yield Diagnosis(f"calendar {mic}", "note", f"there is none; sessions of {users} are taken as they come")
            continue
        first, last = calendar_range(mic)
        left = (last - today).days
        detail = f"{first:%Y-%m-%d} to {last:%Y-%m-%d}"
        if left < CALENDAR_DAYS:
            detail += f": it ends in {left} days. Upgrade exchange_calendars, or {users} cannot be aligned after it"
        yield Diagnosis(f"calendar {mic}", "ok" if left >= CALENDAR_DAYS else "attention", detail)


def _store(where: str | Path | None) -> Iterator[Diagnosis]:
    from potash.files import store_place
    from potash.market.store.engine import shown_place
    from potash.market.store.store import PriceStore

    try:
        named = store_place(where)
        place = shown_place(named)
        if "://" not in named and not Path(place).exists():
            yield Diagnosis("price store", "note", f"none at {place}; potash prices pull makes one")
            return
        with PriceStore(where) as opened:
            faults = opened.verify()
            series = len(opened.series_keys())
    except StoreError as error:
        yield Diagnosis("price store", "broken", str(error))
        return
    if faults:
        yield Diagnosis("price store", "broken", f"{place}: {listed(faults)}. Restore it from a copy, or pull anew")
    else:
        yield Diagnosis("price store", "ok", f"{place}: {series} series, whole")


def _snapshots() -> Iterator[Diagnosis]:
    from potash.files import snapshots_home
    from potash.market.snapshots.folder import list_snapshots

    place = snapshots_home()
    if not place.is_dir():
        yield Diagnosis("snapshots", "note", f"none in {place}; potash prices freeze NAME makes one")
        return
    try:
        snapshots = list_snapshots(place)
    except SnapshotError as error:
        yield Diagnosis("snapshots", "broken", str(error))
        return
    changed = snapshots.loc[~snapshots["intact"].astype(bool), "name"]
    if len(changed):
        yield Diagnosis("snapshots", "attention", f"changed after they were written: {listed(changed)}")
    else:
        yield Diagnosis("snapshots", "ok", f"{len(snapshots)} in {place}, as they were written")
