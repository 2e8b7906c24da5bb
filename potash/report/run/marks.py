"""What the prices of a report were, as short digests by ticker and session: enough to see what was added or rewritten."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

MARKS = "prices.json"
_DIGITS = 6


@dataclass(frozen=True, slots=True)
class PriceChanges:
    """How the prices of two reports differ.

    Attributes
    ----------
    sessions_added, sessions_gone : int
        Days with a price in one of them only.
    first_added, last_added : str
        Of the days added; empty if there are none.
    rewritten : int
        Prices of a ticker on a day that are in both and differ.
    tickers_rewritten, tickers_added, tickers_gone : tuple of str
    """

    sessions_added: int = 0
    sessions_gone: int = 0
    first_added: str = ""
    last_added: str = ""
    rewritten: int = 0
    tickers_rewritten: tuple[str, ...] = ()
    tickers_added: tuple[str, ...] = ()
    tickers_gone: tuple[str, ...] = ()

    @property
    def any(self) -> bool:
        """Whether there is any difference."""
        return bool(
            self.sessions_added or self.sessions_gone or self.rewritten or self.tickers_added or self.tickers_gone
        )

    def __str__(self) -> str:
        if not self.any:
            return "Prices as before."
        added = f"prices of {self.sessions_added:,} session{'' if self.sessions_added == 1 else 's'} added"
        if self.sessions_added:
            span = self.first_added + (f" to {self.last_added}" if self.sessions_added > 1 else "")
            added += f" ({span})"
        parts = [added, f"{self.rewritten:,} rewritten"]
        if self.tickers_rewritten:
            parts[-1] += f" ({', '.join(self.tickers_rewritten)})"
        if self.sessions_gone:
            parts.append(f"{self.sessions_gone:,} sessions gone")
        parts += [
            f"{word}: {', '.join(names)}"
            for word, names in (("new", self.tickers_added), ("gone", self.tickers_gone))
            if names
        ]
        text = "; ".join(parts)
        return f"{text[0].upper()}{text[1:]}."


def price_marks(prices: pd.DataFrame) -> dict[str, Any]:
    """Return digests of prices, six digits for each session and ticker, blanks where there is none.

    Parameters
    ----------
    prices : DataFrame of shape (n_sessions, n_tickers)
        Prices by session; NaN where a ticker has none.
    """
    sessions = [f"{session:%Y-%m-%d}" for session in prices.index]
    tickers = {
        str(ticker): "".join(_mark(value) for value in prices[ticker].to_numpy(dtype=float))
        for ticker in prices.columns
    }
    return {"sessions": sessions, "tickers": dict(sorted(tickers.items()))}


def _mark(value: float) -> str:
    if value != value:
        return " " * _DIGITS
    return hashlib.sha256(repr(float(value)).encode()).hexdigest()[:_DIGITS]


def changed_prices(old: Path, new: Path) -> PriceChanges | None:
    """Return how the prices of two reports differ, ``None`` if one of the files is missing or no such file."""
    before, after = _read(old), _read(new)
    if before is None or after is None:
        return None
    common = [ticker for ticker in after if ticker in before]
    old_days = {day for marks in before.values() for day in marks}
    new_days = {day for marks in after.values() for day in marks}
    rewritten = {
        ticker: sum(mark != before[ticker].get(day, mark) for day, mark in after[ticker].items()) for ticker in common
    }
    added = sorted(new_days - old_days)
    return PriceChanges(
        sessions_added=len(added),
        sessions_gone=len(old_days - new_days),
        first_added=added[0] if added else "",
        last_added=added[-1] if added else "",
        rewritten=sum(rewritten.values()),
        tickers_rewritten=tuple(ticker for ticker, number in rewritten.items() if number),
        tickers_added=tuple(ticker for ticker in after if ticker not in before),
        tickers_gone=tuple(ticker for ticker in before if ticker not in after),
    )


def _read(path: Path) -> dict[str, dict[str, str]] | None:
    """Return the mark of each day with a price, by ticker."""
    try:
        content = json.loads(path.read_bytes())
        days = content["sessions"]
        return {
            ticker: {
                day: marks[at * _DIGITS : (at + 1) * _DIGITS]
                for at, day in enumerate(days)
                if marks[at * _DIGITS : (at + 1) * _DIGITS].strip()
            }
            for ticker, marks in content["tickers"].items()
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
