"""Asking a provider again: how often, and after which waits."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from potash.clock import Clock
from potash.errors import BadAnswerError, RateLimitedError, SeamError, UnreachableError
from potash.market.providers.base import Provider

# Seconds before the second attempt; they double with each further one. A provider that limits us is left alone longer.
FIRST_WAIT, FIRST_WAIT_LIMITED = 1.0, 30.0

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Patience:
    """How often a provider is asked before it counts as failed.

    Attributes
    ----------
    attempts : int
        Requests for one series, at least one.
    pause : float
        Seconds between two series, so as not to press a provider.
    sleep : callable
        Waits; replaced in tests.
    """

    attempts: int = 4
    pause: float = 0.4
    sleep: Callable[[float], None] = field(default=time.sleep)


def patiently(ask: Callable[[], T], patience: Patience) -> T:
    """Return what a call gives, trying again after growing waits where that may help."""
    from tenacity import Retrying, retry_if_exception, stop_after_attempt

    def wait(state: object) -> float:
        tried = int(getattr(state, "attempt_number", 1))
        error = getattr(state, "outcome").exception()  # noqa: B009 - its type is not exported
        start = FIRST_WAIT_LIMITED if isinstance(error, RateLimitedError) else FIRST_WAIT
        return start * 2.0 ** (tried - 1)

    trying = Retrying(
        stop=stop_after_attempt(patience.attempts),
        wait=wait,
        retry=retry_if_exception(_may_pass),
        sleep=patience.sleep,
        reraise=True,
    )
    return trying(ask)


def _may_pass(error: BaseException) -> bool:
    """Return whether trying again may help: not where the provider says that it has no such data."""
    return isinstance(error, UnreachableError | RateLimitedError | BadAnswerError) and not isinstance(error, SeamError)


def list_symbols(provider: Provider, clock: Clock, patience: Patience | None = None) -> list[str]:
    """Return the symbols that a provider has, trying again where that may help; none where it has no list.

    Raises
    ------
    ProviderError
        If it does not answer.
    """

    def ask() -> list[str]:
        return list(provider.symbols(clock()) or ())

    return patiently(ask, patience or Patience())
