"""What changed between two frozen snapshots: series, facts, values, and above all returns.

Two vintages of adjusted prices rarely agree: a dividend rescales all of the past. Such a change leaves returns as they
were, so values and returns are compared apart.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from potash.errors import SnapshotError, check_option, listed
from potash.market.series import FIELDS, PriceSeries, by_ticker, joined, overlap
from potash.market.snapshots.folder import FrozenSnapshot
from potash.market.snapshots.tables import FACTORS, table_of

# A return that moves by less is rounding of prices; a factor that is constant to it moves no return by more.
TOLERANCE = 1e-5

ONLY_COLUMNS = ["series", "ticker", "snapshot", "first", "last", "sessions"]
FACT_COLUMNS = ["series", "fact", "old", "new"]
VALUE_COLUMNS = ["series", "field", "change", "count", "of", "first", "last", "largest", "factor"]
RETURN_COLUMNS = ["series", "field", "compared", "differ", "largest", "session", "old", "new"]

_SHOWN = 15


@dataclass(frozen=True, slots=True, eq=False)
class SnapshotDiff:
    """How a new snapshot differs from an old one.

    Attributes
    ----------
    old, new : str
        Their names.
    same_content : bool
        Whether their digests agree: then the tables are empty, but for the fact ``source``.
    only : DataFrame
        A row per series that one of them lacks: ``series ticker snapshot first last sessions``; ``snapshot`` is ``old``
        or ``new``, whichever has it.
    facts : DataFrame
        A row per fact that differs: ``series fact old new``; ``ticker``, ``adjustment`` and ``source`` count as facts. None
        where one has no such fact.
    values : DataFrame
        A row per series, field and change (``added``, ``removed``, ``changed``): ``count`` of values out of the ``of`` that
        both or either has, ``first`` and ``last`` session; for changed values the ``largest`` relative change in size
        (infinite from zero) and ``factor``, new over old, if it is the same for all of two or more to 1e-5: the series was
        adjusted anew. NaN elsewhere.
    returns : DataFrame
        A row per series with a return that differs by more than 1e-5: ``field`` they are taken from, the number
        ``compared``, how many ``differ``, the ``largest`` difference in size, its ``session`` and the return there in the
        ``old`` and the ``new``. Simple returns of ``adj_close``, else ``close``, else ``value``, whichever both have first;
        those of daily factors are the values themselves. Only returns between the same two sessions are compared.
    """

    old: str
    new: str
    same_content: bool
    only: pd.DataFrame
    facts: pd.DataFrame
    values: pd.DataFrame
    returns: pd.DataFrame

    def format(self) -> str:
        """Return the differences as text, at most fifteen lines a table."""
        head = f"{self.old} -> {self.new}: "
        if self.same_content:
            return head + "the same content."
        parts = [
            _section("Series in one of them", [_only_line(row) for row in _records(self.only)]),
            _section(
                "Facts that differ",
                [f"{r['series']} {r['fact']}: {r['old']} -> {r['new']}" for r in _records(self.facts)],
            ),
            _section("Values that differ", [_value_line(row) for row in _records(self._telling_first())]),
            _section("Returns that differ by more than 0.001 %", [_return_line(row) for row in _records(self.returns)]),
        ]
        return "\n".join([head + "differences.", *parts])

    def _telling_first(self) -> pd.DataFrame:
        """Return ``values`` with what was rewritten before what is merely new."""
        order = {"changed": 0, "removed": 1, "added": 2}
        return self.values.sort_values("change", key=lambda kinds: kinds.map(order), kind="stable")


def diff_snapshots(
    old: FrozenSnapshot, new: FrozenSnapshot, *, by: Literal["series", "ticker"] = "series"
) -> SnapshotDiff:
    """Return how ``new`` differs from ``old``.

    Parameters
    ----------
    old, new : FrozenSnapshot
        The snapshots.
    by : {"series", "ticker"}
        Whether a series is found again by provider and symbol, or by ticker whoever the provider is.

    Raises
    ------
    SnapshotError
        If ``by="ticker"`` and a ticker stands twice in one of them.
    OptionError
        If ``by`` is neither.
    """
    check_option("by", by, ("series", "ticker"))
    before, after = _named(old, by), _named(new, by)
    both = [name for name in before if name in after]
    lacking = [("old", name, one) for name, one in before.items() if name not in after]
    lacking += [("new", name, one) for name, one in after.items() if name not in before]
    only = [_only(name, one, side) for side, name, one in sorted(lacking, key=lambda entry: entry[1])]
    pairs = {name: (before[name], after[name]) for name in both}
    return SnapshotDiff(
        old=old.name,
        new=new.name,
        same_content=old.digest == new.digest,
        only=pd.DataFrame(only, columns=ONLY_COLUMNS),
        facts=pd.DataFrame(
            [row for n, pair in pairs.items() for row in _facts(n, *pair)], columns=FACT_COLUMNS, dtype=object
        ),
        values=pd.DataFrame([row for n, pair in pairs.items() for row in _values(n, *pair)], columns=VALUE_COLUMNS),
        returns=pd.DataFrame([row for n, pair in pairs.items() for row in _returns(n, *pair)], columns=RETURN_COLUMNS),
    )


def _named(snapshot: FrozenSnapshot, by: str) -> dict[str, PriceSeries]:
    """Return series by name; by ticker, those of several files of one ticker as one."""
    if by == "series":
        return dict(sorted((str(one.key), one) for one in snapshot.series))
    groups = by_ticker(snapshot.series)
    twice = [ticker for ticker, group in groups.items() if overlap(group)]
    if twice:
        raise SnapshotError(
            f"snapshot {snapshot.name!r}: more than one series of {listed(twice)} at the same time. Compare by series "
            "instead (--by series)."
        )
    return {ticker: joined(group) for ticker, group in sorted(groups.items())}


def _only(name: str, one: PriceSeries, side: str) -> dict[str, object]:
    days = one.values.index
    return dict(zip(ONLY_COLUMNS, (name, one.ticker, side, days[0], days[-1], len(days)), strict=True))


def _facts(name: str, old: PriceSeries, new: PriceSeries) -> list[dict[str, object]]:
    stated = [{**s.facts, "ticker": s.ticker, "adjustment": s.adjustment, "source": s.source} for s in (old, new)]
    facts = sorted({*stated[0], *stated[1]})
    return [
        {"series": name, "fact": fact, "old": stated[0].get(fact), "new": stated[1].get(fact)}
        for fact in facts
        if stated[0].get(fact) != stated[1].get(fact)
    ]


def _values(name: str, old: PriceSeries, new: PriceSeries) -> list[dict[str, object]]:
    days = old.values.index.union(new.values.index)
    rows = []
    for field in FIELDS:
        a, b = (one.values.get(field, pd.Series(dtype=np.float64)).reindex(days) for one in (old, new))
        had, has = a.notna(), b.notna()
        both = had & has
        for change, where, of in (
            ("added", has & ~had, has),
            ("removed", had & ~has, had),
            ("changed", both & (a != b), both),
        ):
            if where.any():
                counts = (name, field, change, int(where.sum()), int(of.sum()), days[where][0], days[where][-1])
                sizes = _sizes(a[where], b[where]) if change == "changed" else (np.nan, np.nan)
                rows.append(dict(zip(VALUE_COLUMNS, (*counts, *sizes), strict=True)))
    return rows


def _sizes(old: pd.Series[float], new: pd.Series[float]) -> tuple[float, float]:
    """Return the largest relative change, and the factor if all values changed by the same one."""
    a, b = old.to_numpy(), new.to_numpy()
    if (a == 0).any():
        return np.inf, np.nan
    ratio = b / a
    factor = float(np.median(ratio))
    same = len(ratio) > 1 and abs(factor - 1) > TOLERANCE and np.allclose(ratio, factor, rtol=TOLERANCE, atol=0)
    return float(np.abs(ratio - 1).max()), factor if same else np.nan


def _returns(name: str, old: PriceSeries, new: PriceSeries) -> list[dict[str, object]]:
    shared = [f for f in ("adj_close", "close", "value") if f in old.values and f in new.values]
    field = next((f for f in shared if old.values[f].notna().any() and new.values[f].notna().any()), None)
    if field is None:
        return []
    a, b = _moves(old, field), _moves(new, field)
    both = a.join(b, lsuffix="_old", rsuffix="_new", how="inner")
    both = both[both["since_old"] == both["since_new"]].dropna()
    gap = (both["move_new"] - both["move_old"]).abs()
    differ = gap > TOLERANCE
    if not differ.any():
        return []
    day = gap.idxmax()
    counts = (name, field, len(both), int(differ.sum()), float(gap[day]), day)
    at = (float(both.at[day, "move_old"]), float(both.at[day, "move_new"]))
    return [dict(zip(RETURN_COLUMNS, (*counts, *at), strict=True))]


def _moves(one: PriceSeries, field: str) -> pd.DataFrame:
    """Return the returns of a series, and since which session each is; NaN where a price is not positive."""
    values = one.values[field].dropna()
    if table_of(one) == FACTORS:
        scale = 0.01 if one.facts.get("unit", "").startswith("percent") else 1.0
        return pd.DataFrame({"move": values * scale, "since": values.index})
    prices = values.where(values > 0)
    return pd.DataFrame({"move": prices / prices.shift() - 1, "since": values.index.to_series().shift()})


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(key): value for key, value in row.items()} for row in frame.to_dict("records")]


def _section(title: str, lines: Sequence[str]) -> str:
    rest = len(lines) - _SHOWN
    shown = [*lines[:_SHOWN], *([f"and {rest} more"] if rest > 0 else [])]
    return "\n".join([f"{title}:", *(f"  {line}" for line in shown or ["none"])])


def _span(row: Mapping[str, Any]) -> str:
    return f"{row['first']:%Y-%m-%d}..{row['last']:%Y-%m-%d}"


def _only_line(row: Mapping[str, Any]) -> str:
    return (
        f"{row['series']} ({row['ticker']}) only in the {row['snapshot']} one: {row['sessions']} sessions, {_span(row)}"
    )


def _value_line(row: Mapping[str, Any]) -> str:
    line = f"{row['series']} {row['field']}: {row['count']} of {row['of']} {row['change']}, {_span(row)}"
    if row["change"] != "changed":
        return line
    if np.isnan(row["factor"]):
        return f"{line}, by up to {100 * row['largest']:.4g} %"
    return f"{line}, all by the factor {row['factor']:.6g}"


def _return_line(row: Mapping[str, Any]) -> str:
    return (
        f"{row['series']} {row['field']}: {row['differ']} of {row['compared']}, most on {row['session']:%Y-%m-%d}: "
        f"{100 * row['old']:+.3f} % -> {100 * row['new']:+.3f} %"
    )
