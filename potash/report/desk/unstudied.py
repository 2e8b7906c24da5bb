"""Why events cannot be studied, in words for a reader."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from potash.study.answer.words import names


def reasons_of(dropped: pd.DataFrame, prices: pd.DataFrame, estimation_window: tuple[int, int]) -> str:
    """Return why none of an event's firms can be studied, as part of a sentence.

    Parameters
    ----------
    dropped : DataFrame
        The event's rows of the ledger: ``ticker``, ``session``, ``reason``, ``detail``.
    prices : DataFrame
        Sessions x tickers.
    estimation_window : pair of int

    Examples
    --------
    >>> days = pd.bdate_range("2025-01-01", periods=40)
    >>> rows = pd.DataFrame({"ticker": ["A"], "session": [days[30]], "reason": ["too few estimation returns"], "detail": [""]})
    >>> reasons_of(rows, pd.DataFrame({"A": 1.0}, index=days), (-130, -11))
    'too few prices before it: A (from 2025-01 on)'
    """
    texts: dict[str, list[str]] = {}
    for row in dropped.itertuples():
        start, part = _reason(row, prices, estimation_window)
        texts.setdefault(start, []).append(part)
    return "; ".join(start if not any(parts) else f"{start}: {_grouped(parts)}" for start, parts in texts.items())


def _reason(row: object, prices: pd.DataFrame, estimation_window: tuple[int, int]) -> tuple[str, str]:
    ticker, session, reason, detail = (getattr(row, name) for name in ("ticker", "session", "reason", "detail"))
    first, last = prices.index[0], prices.index[-1]
    if reason == "outside the prices":
        return (f"prices begin {first:%Y-%m}" if session < first else f"prices end {last:%Y-%m-%d}"), ""
    if reason == "event window not covered":
        after = session + (last - first) / 2 > last
        return f"too close to the {'last' if after else 'first'} price ({last if after else first:%Y-%m-%d})", ""
    if reason == "missing day 0" and ticker in prices:
        return "no prices then", f"{ticker} {_hole(prices[ticker], session)}"
    if reason == "too few estimation returns" and ticker in prices:
        at = int(prices.index.get_indexer([session])[0])
        span = prices[ticker].iloc[max(at + estimation_window[0], 0) : max(at + estimation_window[1] + 1, 0)].dropna()
        since = f" (from {span.index[0]:%Y-%m} on)" if len(span) else ""
        return "too few prices before it", f"{ticker}{since}"
    return {"no session": detail, "no fit": "returns that do not vary"}.get(reason, reason), ""


def _hole(prices: pd.Series[float], session: pd.Timestamp) -> str:
    """Return where the hole around a session lies."""
    before, after = prices[:session].last_valid_index(), prices[session:].first_valid_index()
    if before is None and after is None:
        return ""
    if before is None:
        return f"(first {after:%Y-%m})"
    return f"(last {before:%Y-%m})" if after is None else f"(none {months_without(before, after)})"


def months_without(before: pd.Timestamp, after: pd.Timestamp) -> str:
    """Return from which month to which there is no price, between the last day before a hole and the first after it.

    Examples
    --------
    >>> months_without(pd.Timestamp("2022-04-29"), pd.Timestamp("2024-08-22"))
    'from 2022-05 to 2024-08'
    """
    day = pd.offsets.BDay()
    return f"from {before + day:%Y-%m} to {after - day:%Y-%m}"


def _grouped(parts: Sequence[str]) -> str:
    """Return ``A and B (from 2024-08 on)``: tickers with the same rest stand together."""
    rests: dict[str, list[str]] = {}
    for part in parts:
        ticker, _, rest = part.partition(" ")
        rests.setdefault(rest, []).append(ticker)
    return ", ".join(f"{names(tickers)} {rest}".strip() for rest, tickers in rests.items())
