"""The text of a cell becomes a date, a month or a price, or an error that names the file, the line and the cell."""

from __future__ import annotations

import datetime as dt
import math
import re

import pandas as pd

from potash.errors import PricesError
from potash.market.price_frame import SIGN_RULE

_ISO_DATE = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[T ]00:00(?::00(?:\.0+)?)?)?")
_ISO_TIME = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?P<zone>\s*(?:Z|UTC|[+-]\d{2}:?\d{2}))?")
_OTHER_DATE = re.compile(r"\d{1,4}([./-])\d{1,2}\1\d{1,4}|\d{8}")
_ISO_MONTH = re.compile(r"\d{4}-\d{2}")
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
_GROUPED = re.compile(r"[+-]?\d{1,3}(?:[,' ]\d{3})+(?:\.\d+)?")
_DECIMAL_COMMA = re.compile(r"[+-]?\d[\d.]*,\d+")


def date_of(text: str, where: str) -> pd.Timestamp:
    """Return the date that a cell holds as ``YYYY-MM-DD``, at midnight without a zone.

    Raises
    ------
    PricesError
        For any other text: a time of day, a time zone, or an order of day and month that could be read two ways.
    """
    match = _ISO_DATE.fullmatch(text)
    if match:
        try:
            return pd.Timestamp(dt.date.fromisoformat(match[1]))
        except ValueError as error:
            raise PricesError(f"{where}: {text!r} is not in the calendar ({error}). Correct it.") from error
    timed = _ISO_TIME.fullmatch(text)
    if timed and timed["zone"]:
        raise PricesError(
            f"{where}: {text!r} carries a time zone. A daily close belongs to a session: write its date alone, "
            "YYYY-MM-DD (in pandas: index.tz_localize(None).normalize())."
        )
    if timed:
        raise PricesError(
            f"{where}: {text!r} has a time of day. Only daily closes are read: write the date, YYYY-MM-DD."
        )
    if _OTHER_DATE.fullmatch(text):
        raise PricesError(
            f"{where}: {text!r} can be read with the day or the month first, so it is not guessed. Write YYYY-MM-DD."
        )
    raise PricesError(f"{where}: {text!r} is not a date. Write YYYY-MM-DD.")


def month_of(text: str, where: str) -> pd.Period:
    """Return the month that a cell holds as ``YYYY-MM``; raise :class:`PricesError` for any other text."""
    if _ISO_MONTH.fullmatch(text) and 1 <= int(text[5:]) <= 12:
        return pd.Period(text, freq="M")
    raise PricesError(f"{where}: {text!r} is not a month. Write YYYY-MM.")


def price_of(text: str, where: str) -> float:
    """Return the price that a cell holds, NaN for an empty cell.

    Raises
    ------
    PricesError
        For text, thousands separators, decimal commas, infinite, zero and negative values.
    """
    if not text:
        return math.nan
    if _NUMBER.fullmatch(text):
        value = float(text)
        if math.isinf(value):
            raise PricesError(f"{where}: {text!r} is too large for a number.")
        if value <= 0:
            raise PricesError(f"{where}: {SIGN_RULE.format(value=text)}")
        return value
    if _GROUPED.fullmatch(text):
        why = "has a thousands separator. Write it without: 1234.5."
    elif _DECIMAL_COMMA.fullmatch(text):
        why = "has a decimal comma. Write a point: 1234.5."
    elif text.lower().lstrip("+-") in {"inf", "infinity", "1.#inf"}:
        why = "is infinite. Leave the cell empty if the price is missing."
    else:
        why = "is not a number. Leave the cell empty if the price is missing."
    raise PricesError(f"{where}: {text!r} {why}")
