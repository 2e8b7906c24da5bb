"""How objects show themselves: one line in a terminal, a few facts and a small table in a notebook."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

MOST_ROWS = 12
# Ordinary days keep clear of events, so weeks without one are no hole in the prices; a quarter of a year is.
QUARTER = 92


class Displayed:
    """Gives a class its ``repr`` and its look in a notebook; what comes from users is escaped."""

    __slots__ = ()

    def _line(self) -> str:
        """Return what the object is in one line."""
        raise NotImplementedError

    def _facts(self) -> Mapping[str, object]:
        """Return what a reader wants to know of it, by name."""
        return {}

    def _table(self) -> pd.DataFrame | None:
        """Return a table to show below the facts, ready in words; None for none."""
        return None

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self._line()}>"

    def _repr_html_(self) -> str:
        facts = "".join(
            f'<tr><th style="text-align:left">{escape(str(name))}</th>'
            f'<td style="text-align:left">{escape(str(value))}</td></tr>'
            for name, value in self._facts().items()
        )
        parts = [f"<p><strong>{type(self).__name__}</strong>: {escape(self._line())}</p>"]
        if facts:
            parts.append(f"<table><tbody>{facts}</tbody></table>")
        table = self._table()
        if table is not None and len(table):
            parts.append(table.head(MOST_ROWS).to_html(border=0, na_rep="–", float_format="{:.4f}".format))
            if len(table) > MOST_ROWS:
                parts.append(f"<p>First {MOST_ROWS} of {len(table)} rows.</p>")
        return "".join(parts)


def percent(value: float, decimals: int = 1) -> str:
    """Return a fraction as a signed percentage for a text: ``-0.0134`` is ``−1.3 %``."""
    rounded = round(value, decimals + 2) + 0.0  # zero has no minus
    return f"{rounded:+.{decimals}%}".replace("-", "−").replace("%", " %")


def span_of(index: pd.Index) -> str:
    """Return the first and last day of an index of sessions with their number.

    Examples
    --------
    >>> import pandas as pd
    >>> span_of(pd.DatetimeIndex(["2025-12-12", "2025-12-15"]))
    '2 sessions, 2025-12-12 to 2025-12-15'
    """
    if not len(index):
        return "no sessions"
    return f"{len(index):,} sessions, {index[0]:%Y-%m-%d} to {index[-1]:%Y-%m-%d}"


def months_of(days: pd.DatetimeIndex) -> str:
    """Return from when to when days are, by month, with a hole of more than a quarter left out of the span.

    Examples
    --------
    >>> import pandas as pd
    >>> months_of(pd.DatetimeIndex(["2020-12-01", "2021-02-01", "2026-01-05"]))
    '2020-12 to 2021-02 and 2026-01'
    """
    stretches: list[tuple[pd.Timestamp, pd.Timestamp]] = []
    for day in days.sort_values():
        if stretches and (day - stretches[-1][1]).days <= QUARTER:
            stretches[-1] = (stretches[-1][0], day)
        else:
            stretches.append((day, day))
    months = [(f"{first:%Y-%m}", f"{last:%Y-%m}") for first, last in stretches]
    spans = [first if first == last else f"{first} to {last}" for first, last in months]
    return " and ".join([", ".join(spans[:-1]), spans[-1]] if len(spans) > 1 else spans)
