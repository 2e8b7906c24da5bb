"""What all shares of a firm were worth on days for which a source says so: the size of an effect in money."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from potash.bundled import verified
from potash.errors import OptionError, PricesError, close_to, listed
from potash.files import read_text_table

REQUIRED_COLUMNS = ("ticker", "date", "market_value", "currency", "source")
STATUSES = ("verified", "weak")
OLDEST = 400


def load_market_values(file: str | Path | None = None) -> pd.DataFrame:
    """Return market values with their dates and sources: the carried ones, or those in ``file``.

    Parameters
    ----------
    file : path, optional
        CSV with the columns ticker, date (YYYY-MM-DD), market_value (of all shares of the issuer, in units of the currency
        and not in millions), currency (ISO 4217), source, and where wanted status (``verified`` or ``weak``).

    Returns
    -------
    DataFrame
        A row per value, in the order of the file: ``ticker``, ``date`` (Timestamp), ``market_value`` (float),
        ``currency``, ``source``, ``status`` (``verified`` where the file says nothing). Nothing between two dates is
        filled; :func:`market_values_before` says what was known on a day.

    Raises
    ------
    PricesError
        If a column is missing, a cell is empty, a date or number is none, a value is not above zero, a status is unknown,
        or a ticker has two values of one day.
    ChecksumError
        If the carried file was changed.

    Examples
    --------
    >>> import potash
    >>> values = potash.load_market_values().set_index(["ticker", "date"])
    >>> float(values.loc[("NTR", "2021-12-31"), "market_value"]) / 1e9
    42.885
    """
    path = verified("market_values.csv") if file is None else Path(file)
    hint = "A comma inside a cell needs quotes around the cell."
    frame = read_text_table(path, "market values", PricesError, hint=hint, pad=True).frame()
    missing = [column for column in REQUIRED_COLUMNS if column not in frame]
    if missing:
        raise PricesError(f"{path}: no column {listed(missing)}. Found: {listed(frame.columns, 20)}.")
    if "status" not in frame:
        frame["status"] = ""
    frame["status"] = frame["status"].where(frame["status"] != "", "verified")
    problems = [f"line {line}: {why}" for line, row in frame.iterrows() if (why := _problem(row.to_dict()))]
    twice = frame.index[frame.duplicated(["ticker", "date"])]
    problems += [f"line {line}: a second value of {frame.at[line, 'ticker']} on that day" for line in twice]
    if problems:
        raise PricesError(f"{path}: {listed(problems)}. Correct the file and load it again.")
    numbers = {"date": pd.to_datetime(frame["date"]), "market_value": frame["market_value"].astype(float)}
    return frame.assign(**numbers)[[*REQUIRED_COLUMNS, "status"]].reset_index(drop=True)


def _problem(row: dict[Any, str]) -> str:
    """Return what is wrong with one value, or an empty text."""
    empty = [name for name in REQUIRED_COLUMNS if not row[name]]
    if empty:
        return f"no {listed(empty)}"
    if pd.isna(pd.to_datetime(row["date"], format="%Y-%m-%d", errors="coerce")):
        return f"date {row['date']!r} is no day; write YYYY-MM-DD"
    value = pd.to_numeric(row["market_value"], errors="coerce")
    if not 0 < value < float("inf"):
        return f"market_value {row['market_value']!r} is no number above zero"
    if row["status"] not in STATUSES:
        return f"status {row['status']!r}{close_to(row['status'], STATUSES)} is not one of {', '.join(STATUSES)}"
    return ""


def market_values_before(
    values: pd.DataFrame, days: pd.DataFrame, *, most_days: int = OLDEST, weak: bool = False
) -> pd.DataFrame:
    """Return what each firm was worth before its day 0, or why that is not known.

    The last value of the same ticker before the session counts (never one of the session itself, which the event has
    moved), if it is at most ``most_days`` days old. Else it is missing: nothing is guessed, carried over from another
    listing, or converted.

    Parameters
    ----------
    values : DataFrame
        From :func:`load_market_values`.
    days : DataFrame
        Columns ``ticker`` and ``session`` (Timestamp or NaT), as ``Timeline.align`` returns them; others are kept out of
        the answer but for ``event_id``.
    most_days : int
        Calendar days; 400 reaches from the end of a year to the first weeks of the year after the next one. A firm's
        value can have halved or doubled in the meantime: show ``valued_on``.
    weak : bool
        Whether values of status ``weak`` count too.

    Returns
    -------
    DataFrame
        A row per row of ``days``, with its index: ``event_id`` (if there), ``ticker``, ``session``, ``market_value`` (float,
        NaN where not known), ``currency``, ``valued_on`` (NaT where not known), ``status``, ``source``, ``reason`` (why it
        is not known, else empty).

    Raises
    ------
    OptionError
        If ``most_days`` is below one.

    Examples
    --------
    >>> import potash
    >>> days = potash.load_timeline().align(["NTR"], ["2025-12-13-us-lifts-potash"])
    >>> row = potash.market_values_before(potash.load_market_values(), days).iloc[0]
    >>> f"{row['market_value'] / 1e9:.1f} bn {row['currency']} on {row['valued_on']:%Y-%m-%d}"
    '29.2 bn USD on 2025-12-05'
    """
    if most_days < 1:
        raise OptionError(f"most_days is {most_days}. Give the number of days that a value may be old, 1 or more.")
    usable = values if weak else values[values["status"] != "weak"]
    by_ticker = {str(ticker): held.sort_values("date") for ticker, held in usable.groupby("ticker")}
    rows = [
        _last_before(by_ticker.get(ticker), session, most_days)
        for ticker, session in days[["ticker", "session"]].itertuples(index=False, name=None)
    ]
    columns = ["market_value", "currency", "valued_on", "status", "source", "reason"]
    answer = pd.DataFrame(rows, columns=columns, index=days.index)
    kept = [name for name in ("event_id", "ticker", "session") if name in days]
    stamps = pd.to_datetime(answer["valued_on"])
    return pd.concat([days[kept], answer.assign(valued_on=stamps).astype({"market_value": float})], axis=1)


def _last_before(held: pd.DataFrame | None, session: Any, most_days: int) -> tuple[Any, ...]:
    """Return the last value before a session with its currency, day, status, source; or the reason why there is none."""
    nothing = (float("nan"), "", pd.NaT, "", "")
    if pd.isna(session):
        return *nothing, "no day 0"
    earlier = held[held["date"] < session] if held is not None else None
    if earlier is None or earlier.empty:
        return *nothing, "no value before that day"
    last = earlier.iloc[-1]
    age = (session - last["date"]).days
    if age > most_days:
        return *nothing, f"the last value, of {last['date']:%Y-%m-%d}, is {age} days old"
    return last["market_value"], last["currency"], last["date"], last["status"], last["source"], ""
