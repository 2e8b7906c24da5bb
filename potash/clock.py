"""The one place that reads the clock. Only commands do; everything below them is told the time.

A result that depends on when it was computed cannot be computed again: library functions take ``now`` or a clock.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import TypeAlias

Clock: TypeAlias = Callable[[], dt.datetime]


def utc_now() -> dt.datetime:
    """Return the present moment in UTC, with its zone."""
    return dt.datetime.now(dt.UTC)
