"""From a provider into the store, a series at a time: only what is new is asked for, and only what changed is written.

A pull of a series that is stored asks for the last sessions again. If the provider now gives other values there (a
dividend or a split rescales what lies before it), the whole history is asked for. A pull that was stopped goes on where
it stopped, since each series is stored whole or not at all and series that are up to date are not asked for again.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import pandas as pd

from potash.calendars import calendar_range, closes, has_calendar
from potash.clock import Clock
from potash.errors import ProviderError, RateLimitedError, SeamError, UnreachableError
from potash.market.providers.base import Provider
from potash.market.providers.patience import Patience, patiently
from potash.market.series import PRICE_FIELDS, PriceSeries, SeriesKey
from potash.market.store.changes import same
from potash.market.store.store import PriceStore
from potash.market.store.writing import Written

OVERLAP_DAYS = 21
SINCE = pd.Timestamp("2000-01-01")
_GIVE_UP_AFTER = 2

Outcome: TypeAlias = Literal["new", "changed", "unchanged", "superseded", "up to date", "failed", "left"]


@dataclass(frozen=True, slots=True)
class Pulled:
    """What a pull did to one series.

    Attributes
    ----------
    key : SeriesKey
    outcome : {"new", "changed", "unchanged", "superseded", "up to date", "failed", "left"}
        ``new``: stored for the first time; ``changed``: something was added, revised or withdrawn; ``unchanged``: asked
        and nothing new; ``superseded``: another process stored a later answer meanwhile; ``up to date``: not asked, since
        its last session is stored; ``failed``: ``error`` says why; ``left``: not asked, since the provider no longer
        answers.
    written : Written or None
        What was written.
    notes : tuple of str
        What the provider's values left out, and what led to a pull of the whole history.
    error : str
        Why it failed.
    """

    key: SeriesKey
    outcome: Outcome
    written: Written | None = None
    notes: tuple[str, ...] = ()
    error: str = ""


def pull(
    store: PriceStore,
    provider: Provider,
    symbols: Sequence[str],
    clock: Clock,
    *,
    since: pd.Timestamp | None = None,
    full: bool = False,
    accept_loss: bool = False,
    exchanges: Mapping[str, str] | None = None,
    patience: Patience | None = None,
) -> Iterator[Pulled]:
    """Pull series after series and yield what became of each.

    Parameters
    ----------
    store : PriceStore
        Where answers go.
    provider : Provider
        Who is asked.
    symbols : sequence of str
        The series.
    clock : callable
        Tells the present moment in UTC.
    since : Timestamp, optional
        First date of the history. One before the stored history asks for all of it again from there. By default 2000,
        and for a stored series the date from which it was asked for.
    full : bool
        Ask for the whole history of every series, also of those that are up to date.
    accept_loss : bool
        Store an answer that lacks more than 5 % of the sessions that were given before.
    exchanges : mapping, optional
        Symbol to MIC: a series whose last closed session is stored is not asked for again.
    patience : Patience, optional
        How often to ask, and how long to wait.

    Raises
    ------
    StoreError
        If the store cannot be written. What was yielded before is stored.
    """
    patient = patience or Patience()
    unreachable = 0
    has_asked = False
    given_up = ""
    for symbol in symbols:
        key = SeriesKey(provider.name, symbol)
        if given_up:
            yield Pulled(key, "left", error=given_up)
            continue
        exchange = (exchanges or {}).get(symbol)
        plan = _plan(store, key, clock(), since, exchange, full=full, whole_file=provider.whole)
        if plan is None:
            yield Pulled(key, "up to date")
            continue
        if has_asked and not provider.whole:
            patient.sleep(patient.pause)
        has_asked = True
        try:
            yield _pull_one(store, provider, key, plan, clock, patient, accept_loss)
            unreachable = 0
        except ProviderError as error:
            yield Pulled(key, "failed", error=str(error))
            unreachable = unreachable + 1 if isinstance(error, UnreachableError) else 0
            if isinstance(error, RateLimitedError) or unreachable == _GIVE_UP_AFTER:
                given_up = f"not asked, since {provider.name} {_gave_up(error)}; run the same command again later"


def last_closed_session(exchange: str | None, now: dt.datetime) -> pd.Timestamp | None:
    """Return the last session that was over at a moment; ``None`` without a calendar, or after its end."""
    if exchange is None or not has_calendar(exchange):
        return None
    if pd.Timestamp(now.astimezone(dt.UTC).date()) > calendar_range(exchange)[1]:
        return None  # which sessions there were since its end is not known
    times = closes(exchange)
    at = int(times.searchsorted(pd.Timestamp(now), side="right")) - 1
    return pd.Timestamp(times.index[at]) if at >= 0 else None


@dataclass(frozen=True, slots=True)
class _Plan:
    """What to ask for.

    ``first`` is where the request starts, ``whole`` where the whole history does; ``stored`` is what is known from
    ``first`` on, ``None`` if nothing is stored.
    """

    first: pd.Timestamp
    whole: pd.Timestamp
    stored: pd.DataFrame | None


def _plan(
    store: PriceStore,
    key: SeriesKey,
    now: dt.datetime,
    since: pd.Timestamp | None,
    exchange: str | None,
    *,
    full: bool,
    whole_file: bool,
) -> _Plan | None:
    """Return what to ask for, or ``None`` if the last closed session is stored."""
    if key not in store.series_keys(key.provider):
        return _Plan(since or SINCE, since or SINCE, None)
    asked_from = store.pulls([key])["first"].min()
    whole = asked_from if since is None else min(since, asked_from)
    stored = store.read([key])[key]
    # A dividend of a session whose prices are not there yet does not make the series reach that session.
    prices = stored[[name for name in (*PRICE_FIELDS, "value") if name in stored]].dropna(how="all")
    last = pd.NaT if prices.empty else prices.index[-1]
    if full or whole < asked_from or pd.isna(last):
        return _Plan(whole, whole, stored)
    closed = last_closed_session(exchange, now)
    if closed is not None and last >= closed:
        return None
    if whole_file:
        return _Plan(whole, whole, stored)
    first = last - pd.Timedelta(days=OVERLAP_DAYS)
    return _Plan(max(first, whole), whole, stored[stored.index >= first])


def _pull_one(
    store: PriceStore,
    provider: Provider,
    key: SeriesKey,
    plan: _Plan,
    clock: Clock,
    patience: Patience,
    accept_loss: bool,
) -> Pulled:
    notes: tuple[str, ...] = ()
    answer, asked_at = _asked(provider, key, plan.first, clock, patience)
    if plan.stored is not None and plan.first > plan.whole and rewritten(plan.stored, answer):
        notes = (f"values since {plan.first:%Y-%m-%d} were rewritten, so the whole history was asked for",)
        patience.sleep(patience.pause)
        answer, asked_at = _asked(provider, key, plan.whole, clock, patience)
    try:
        written = store.put(answer, clock, asked_at=asked_at, accept_loss=accept_loss)
    except SeamError:
        if plan.first == plan.whole or provider.whole:
            raise
        # Another process stored a history of another adjustment since we looked.
        notes = ("another process rewrote the history meanwhile, so all of it was asked for",)
        answer, asked_at = _asked(provider, key, plan.whole, clock, patience)
        written = store.put(answer, clock, asked_at=asked_at, accept_loss=accept_loss)
    outcome: Outcome = "changed" if written.known_from is not None else "unchanged"
    if plan.stored is None and written.known_from is not None:
        outcome = "new"
    if written.superseded:
        outcome = "superseded"
    return Pulled(key, outcome, written, (*answer.notes, *notes))


def rewritten(stored: pd.DataFrame, answer: PriceSeries) -> bool:
    """Return whether an answer gives other values than those stored, or lacks some, in the sessions of both."""
    span = stored[(stored.index >= answer.first) & (stored.index <= answer.last)]
    for name in answer.values.columns:
        old = span[name].dropna() if name in span else pd.Series(dtype="float64", index=pd.DatetimeIndex([]))
        new = answer.values[name].dropna()
        inside = new[new.index <= span.index[-1]] if len(span) else new.iloc[:0]
        if name == "volume":
            continue  # corrected often, and no price hangs on it
        if not inside.index.equals(old.index) or not same(old.to_numpy(), inside.to_numpy()).all():
            return True
    return False


def _asked(
    provider: Provider, key: SeriesKey, first: pd.Timestamp, clock: Clock, patience: Patience
) -> tuple[PriceSeries, dt.datetime]:
    """Return the provider's answer and when it was asked for."""

    def ask() -> tuple[PriceSeries, dt.datetime]:
        asked_at = clock()
        # To tomorrow: east of here the date may be later. Sessions that are not over are the provider's to leave out.
        last = pd.Timestamp(asked_at.date()) + pd.Timedelta(days=1)
        return provider.fetch(key.symbol, first, last, asked_at), asked_at

    return patiently(ask, patience)


def _gave_up(error: ProviderError) -> str:
    return "limits requests" if isinstance(error, RateLimitedError) else "cannot be reached"
