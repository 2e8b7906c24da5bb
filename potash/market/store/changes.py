"""What an answer tells that the store does not know yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from potash._typing import Bool1D, Float1D
from potash.errors import BadAnswerError, SeamError, listed
from potash.market.answers import PRICE_FIELDS, Answer

# Yahoo computes adjusted prices in single precision, anew for each answer: they wander in the seventh digit.
NOISE = 1e-6
# An answer that lacks more of the known sessions than this (and more than a handful) is held to be a broken one.
LOSS_SHARE, LOSS_FLOOR = 0.05, 5
_GUARDED = {*PRICE_FIELDS, "value"}


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


def changes_of(answer: Answer, stored: pd.DataFrame, facts: Mapping[str, str], *, accept_loss: bool = False) -> Changes:
    """Return what an answer adds to, revises in and withdraws from the stored values of its span.

    Parameters
    ----------
    answer : Answer
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
    told = {name: text for name, text in answer.facts.items() if facts.get(name) != text}
    index = (
        pd.DatetimeIndex(np.concatenate([part.to_numpy() for part in sessions])) if sessions else pd.DatetimeIndex([])
    )
    return Changes(fields, index, np.concatenate(values) if values else np.empty(0), facts=told, **counts)


def check_seam(answer: Answer, stored: pd.DataFrame, earlier: set[str]) -> None:
    """Raise :class:`SeamError` unless an answer continues what is stored before it.

    Prices of different days of adjustment must not stand in one history: the return across the seam would be wrong. In
    the first session that both have, each price that is stored must be the same.

    Parameters
    ----------
    answer : Answer
    stored : DataFrame
        Last known values in the span of the answer.
    earlier : set of str
        The price fields that have a value before the span.

    Raises
    ------
    SeamError
        If there is no such session, a price differs in it, or the answer does not have a price that is stored.
    """
    if not earlier:
        return
    whole = "Hand over the whole history in one piece."
    lacking = sorted(earlier - set(answer.values.columns))
    if any(name in lacking for name in ("adj_close", "close")):
        raise SeamError(
            f"{answer.key}: the answer from {answer.first:%Y-%m-%d} on has no {listed(lacking)}, and what is stored before "
            f"has. Nothing was stored. {whole}"
        )
    for name in sorted(earlier & set(answer.values.columns)):
        new = answer.values[name].dropna()
        old = stored[name].dropna() if name in stored else new.iloc[:0]
        both = new.index.intersection(old.index)
        if not len(both):
            raise SeamError(
                f"{answer.key}: prices are stored before {answer.first:%Y-%m-%d}, and the answer has no session in common "
                f"with them ({name}), so whether both are adjusted alike cannot be told. Nothing was stored. {whole}"
            )
        if not same(old[both[:1]].to_numpy(), new[both[:1]].to_numpy()).all():
            raise SeamError(
                f"{answer.key}: {name} of {both[0]:%Y-%m-%d} is {new[both[0]]:g} and {old[both[0]]:g} is stored, with more "
                f"before it: adjusted as of another day, so the return across would be wrong. Nothing was stored. {whole}"
            )


def _check_loss(answer: Answer, name: str, gone: pd.DatetimeIndex, known: int) -> None:
    if len(gone) > max(LOSS_FLOOR, LOSS_SHARE * known) or 1 < known == len(gone):
        raise BadAnswerError(
            f"{answer.key}: the answer lacks {len(gone)} of {known} sessions that were given before ({name}: "
            f"{listed(f'{day:%Y-%m-%d}' for day in gone[:3])}...). A broken answer, or a ticker that now stands for another "
            "company; nothing was stored. If it is right, pull again with --accept-loss."
        )
