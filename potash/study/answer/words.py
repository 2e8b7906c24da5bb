"""Numbers and windows in the words of a verdict."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from potash._display import percent as percent
from potash.sessions import Window

FEW = 4


def size_of(value: float, decimals: int = 1) -> str:
    """Return a fraction as a percentage without a sign, and without decimals where they are zero: ``.05`` is ``5 %``."""
    text = f"{abs(value):.{decimals}%}".removesuffix("%")
    return f"{text.removesuffix('.' + '0' * decimals) if decimals else text} %"


def interval(lower: float, upper: float) -> str:
    """Return confidence limits: ``−3.3 to +0.7 %``; one that rounds to zero keeps the sign that says whether zero is inside."""
    return f"{lower:+.1%} to {upper:+.1%}".replace("-", "−").replace("% ", " ").replace("%", " %")


def p_value(value: float) -> str:
    """Return a p-value: ``0.014``, ``<0.001``; ``missing`` for NaN."""
    if np.isnan(value):
        return "missing"
    return "<0.001" if value < 0.001 else f"{value:.3f}"


def p_is(value: float) -> str:
    """Return a p-value in a sentence: ``p = 0.014``, ``p < 0.001``."""
    text = p_value(value)
    return f"p {text[0]} {text[1:]}" if text.startswith("<") else f"p = {text}"


def when(window: Window) -> str:
    """Return a window in words: ``on day 0``, ``over sessions 0 to +5``."""
    first, last = (f"{offset:+d}".replace("-", "−").replace("+0", "0") for offset in (window.start, window.end))
    return f"on day {first}" if len(window) == 1 else f"over sessions {first} to {last}"


def names(tickers: Sequence[str]) -> str:
    """Return tickers in a row: ``NTR, MOS and ICL``; their number where there are more than four."""
    if len(tickers) > FEW:
        return f"{len(tickers)} firms"
    return tickers[0] if len(tickers) == 1 else f"{', '.join(tickers[:-1])} and {tickers[-1]}"
