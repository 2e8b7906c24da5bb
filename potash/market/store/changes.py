"""What an answer adds to the store, revises in it and withdraws from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from potash._typing import Bool1D, Float1D
from potash.errors import BadAnswerError, SeamError, listed
from potash.market.series import PRICE_FIELDS, PriceSeries

# Yahoo computes adjusted prices in single precision, anew for each answer: they wander in the seventh digit.
NOISE = 1e-6
# An answer that lacks more of the known sessions than this (and more than a handful) is held to be a broken one.
LOSS_SHARE, LOSS_FLOOR = 0.05, 5
_GUARDED = {*PRICE_FIELDS, "value"}
CLOSES = ("close", "adj_close")
_WHOLE = (
    "Nothing was stored. Hand over the whole history in one piece, or take this one alone for it with --accept-loss."
)


@dataclass(frozen=True, slots=True)
class Changes:
    """The rows to append for one answer.

    Attributes
    ----------
    field : list of str
    session : DatetimeIndex
    value : ndarray
        NaN is a withdrawal.
    added, revised, withdrawn : int
        How many rows are of each sort.
    facts : dict
        Facts with a new value.
    """

    field: list[str]
    session: pd.DatetimeIndex
    value: Float1D
    added: int
    revised: int
    withdrawn: int
    facts: dict[str, str]

    def __bool__(self) -> bool:
        return bool(len(self.field) or self.facts)


def same(old: Float1D, new: Float1D) -> Bool1D:
    """Return where two values are the same but for the noise of single precision."""
    return np.asarray(np.abs(new - old) <= NOISE * np.maximum(np.abs(old), np.abs(new)))


def changes_of(
    answer: PriceSeries, stored: pd.DataFrame, facts: Mapping[str, str], *, accept_loss: bool = False
) -> Changes:
    """Return what an answer adds to, revises in and withdraws from the stored values of its span.

    Parameters
    ----------
    answer : PriceSeries
        What the provider says. A field that is no column of it is left as it is.
    stored : DataFrame
        Last known values in the span, by session and field; NaN where nothing is known or it was withdrawn.
    facts : mapping
        Last known facts.
    accept_loss : bool
        Whether an answer may withdraw more than 5 % of the sessions that it covers.

    Raises
    ------
    BadAnswerError
        If the answer lacks more of the sessions that were given before.
    """
    fields: list[str] = []
    sessions, values = [], []
    counts = {"added": 0, "revised": 0, "withdrawn": 0}
    for name in answer.values.columns:
        new = answer.values[name].dropna()
        old = stored[name].dropna() if name in stored else pd.Series(dtype=np.float64, index=pd.DatetimeIndex([]))
        both = new.index.intersection(old.index)
        moved = both[~same(old[both].to_numpy(), new[both].to_numpy())]
        added, gone = new.index.difference(old.index), old.index.difference(new.index)
        if name in _GUARDED and not accept_loss:
            _check_loss(answer, name, gone, len(old))
        for kind, index in (("added", added), ("revised", moved), ("withdrawn", gone)):
            counts[kind] += len(index)
            fields += [name] * len(index)
            sessions.append(index)
            values.append(np.full(len(index), np.nan) if kind == "withdrawn" else new[index].to_numpy())
    new_facts = {name: text for name, text in answer.facts.items() if facts.get(name) != text}
    index = (
        pd.DatetimeIndex(np.concatenate([part.to_numpy() for part in sessions])) if sessions else pd.DatetimeIndex([])
    )
    return Changes(fields, index, np.concatenate(values) if values else np.empty(0), facts=new_facts, **counts)


def check_seam(answer: PriceSeries, closes: pd.DataFrame) -> None:
    """Raise :class:`SeamError` unless an answer continues the history that is stored around it.

    Prices of different days of adjustment must not stand in one history: the return across the seam would be wrong. Where
    closes are stored before the span of the answer, the first session that both have must have the same closes; where
    they are stored after it, the last. An answer must have the same sorts of close (``close``, ``adj_close``) as what
    stays beside it.

    Parameters
    ----------
    answer : PriceSeries
    closes : DataFrame
        All that is stored of ``close`` and ``adj_close``, by session.

    Raises
    ------
    SeamError
        If it does not; the message says where.
    """
    given = {name for name in CLOSES if name in answer.values and answer.values[name].notna().any()}
    stored = {name for name in CLOSES if name in closes and closes[name].notna().any()}
    if not given or not stored:
        return
    outside = closes[(closes.index < answer.first) | (closes.index > answer.last)].dropna(how="all")
    if stored - given or (given - stored and len(outside)):
        if stored - given:
            difference = f"the answer has no {listed(sorted(stored - given))}, and what is stored has"
        else:
            difference = f"the answer has {listed(sorted(given - stored))}, and what is stored beside it has none"
        raise SeamError(f"{answer.key}: {difference}. {_WHOLE}")
    for side, first in (("before", True), ("after", False)):
        beyond = closes[closes.index < answer.first] if first else closes[closes.index > answer.last]
        for name in sorted(given):
            if name in beyond and beyond[name].notna().any():
                _check_side(answer, name, closes[name].dropna(), side, first=first)


def _check_side(answer: PriceSeries, name: str, old: pd.Series[float], side: str, *, first: bool) -> None:
    new = answer.values[name].dropna()
    both = new.index.intersection(old.index)
    span = f"{answer.first:%Y-%m-%d}..{answer.last:%Y-%m-%d}"
    if not len(both):
        raise SeamError(
            f"{answer.key}: prices are stored {side} {span}, and the answer has no session in common with them ({name}), so "
            f"whether both are adjusted alike cannot be told. {_WHOLE}"
        )
    day = both[0] if first else both[-1]
    if not same(old[[day]].to_numpy(), new[[day]].to_numpy()).all():
        raise SeamError(
            f"{answer.key}: {name} of {day:%Y-%m-%d} is {new[day]:g} and {old[day]:g} is stored, with more {side} {span}: "
            f"adjusted as of another day, so the return across would be wrong. {_WHOLE}"
        )


def _check_loss(answer: PriceSeries, name: str, withdrawn: pd.DatetimeIndex, before: int) -> None:
    if len(withdrawn) > max(LOSS_FLOOR, LOSS_SHARE * before) or 1 < before == len(withdrawn):
        raise BadAnswerError(
            f"{answer.key}: the answer lacks {len(withdrawn)} of {before} sessions that were given before ({name}: "
            f"{listed(f'{day:%Y-%m-%d}' for day in withdrawn[:3])}...). A broken answer, or a ticker that now stands for another "
            "company; nothing was stored. If it is right, pull again with --accept-loss."
        )
