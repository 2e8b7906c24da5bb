"""Every error that potash raises on purpose: one base, each child also a ``ValueError``.

A message says what came in, which rule broke, what is available and what to change.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from numbers import Integral


class PotashError(Exception):
    """Base of all errors raised by potash."""


class PotashWarning(UserWarning):
    """Data that a study takes and that may not say what it seems to; the message says how much of it there is."""


class InputError(PotashError, ValueError):
    """Something handed in breaks a rule of its kind; the children say which."""


class ChecksumError(InputError):
    """A carried file differs from the one that SOURCES.toml describes."""


class PricesError(InputError):
    """A price file or frame breaks a rule: duplicates, order, sign, text in a number."""


class UniverseError(InputError):
    """An instrument table breaks a rule, or a ticker is not in it."""


class EventsError(InputError):
    """An event file or frame breaks a rule: dates, zones, ids, columns."""


class ArticleError(InputError):
    """A file cannot be read as a news article, or a folder holds none."""


class CalendarError(InputError):
    """An exchange is not known, or a date lies outside what its calendar covers."""


class WindowError(InputError):
    """A window is not a pair of offsets in order, or does not fit the study."""


class WindowNotCoveredError(WindowError):
    """The data do not reach far enough for a window."""


class NoUsableEventsError(InputError):
    """Every event of a study went into the ledger; the message lists the reasons."""


class OptionError(InputError):
    """An option has a value that is not one of those allowed."""


class CurrencyError(InputError):
    """Prices cannot be converted: a currency is unknown, or its rate is missing."""


class SnapshotError(InputError):
    """A frozen snapshot is missing, was changed, or would be overwritten."""


class StoreError(PotashError):
    """The price store cannot be opened, read or written; what it held it still holds."""


class StorePlaceError(StoreError, InputError):
    """A place named for a price store is no address, or holds no store that this version can read."""


class NothingStoredError(StoreError, InputError):
    """The store holds no such series, or knew nothing of it at that time."""


class ProviderError(PotashError):
    """A provider of prices did not give what was asked; the children say why. Nothing was stored."""


class UnreachableError(ProviderError):
    """No connection, a time-out, or an answer that broke off: may work later."""


class RateLimitedError(ProviderError):
    """The provider asks for fewer requests (HTTP 429): works later."""


class BadAnswerError(ProviderError):
    """The provider answered with something that is not the data: an error page, broken JSON, impossible values."""


class SeamError(BadAnswerError):
    """An answer that begins in the middle of a stored history does not continue it: it is adjusted as of another day."""


class NoDataError(ProviderError):
    """The provider says that it has nothing under this symbol, or nothing in this span."""


class StaleSourceError(ProviderError):
    """The provider's file answers and has not been updated for too long: its address may have changed."""


class MissingPackageError(PotashError, ImportError):
    """A package that only some models need is not installed; the message says how to install it."""


class ReportError(PotashError):
    """A report could not be made; the previous one still stands."""


class ReportInputError(ReportError, InputError):
    """Something handed to a report is missing or breaks a rule; nothing has been run."""


class NotebookError(ReportError):
    """A notebook of a report failed; it is saved with its traceback, and the previous report still stands."""


class ReportLockedError(ReportError):
    """Another run works on the same folder of reports; the message says which, and since when."""


def listed(values: Iterable[object], limit: int = 8) -> str:
    """Return values as ``a, b, c`` for a message, cut after ``limit`` with the number left out."""
    items = [str(value) for value in values]
    if not items:
        return "none"
    rest = len(items) - limit
    return ", ".join(items[:limit]) + (f" and {rest} more" if rest > 0 else "")


def close_to(value: str, available: Iterable[str]) -> str:
    """Return `` (did you mean 'x'?)`` for the nearest available name, or an empty string."""
    names = [str(name) for name in available]
    same_letters = [name for name in names if name.casefold() == str(value).strip().casefold()]
    near = same_letters[:1] or get_close_matches(str(value), names, n=1)
    return f" (did you mean {near[0]!r}?)" if near else ""


def check_option(name: str, value: object, allowed: Iterable[object]) -> None:
    """Raise :class:`OptionError` unless ``value`` is one of ``allowed``."""
    options = list(allowed)
    if value not in options:
        hint = close_to(value, map(str, options)) if isinstance(value, str) else ""
        raise OptionError(f"{name}={value!r} is not known{hint}. Choose one of: {listed(map(repr, options), 40)}.")


def check_whole(name: str, value: object, least: int, most: int | None = None) -> None:
    """Raise :class:`InputError` unless a value is a whole number from ``least`` to ``most``, both included."""
    span = f"{least} or more" if most is None else f"from {least} to {most}"
    if (
        isinstance(value, bool)
        or not isinstance(value, Integral)
        or not least <= int(value) <= (int(value) if most is None else most)
    ):
        raise InputError(f"{name}={value!r} must be a whole number, {span}.")
