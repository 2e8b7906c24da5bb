"""Whether the compiled loops of the extra ``fast`` are used: where numba is installed and the work is worth its start."""

from __future__ import annotations

import sys
from functools import cache
from types import ModuleType

# Importing numba and its compiled loops takes about a second and a half, which numpy needs for half a million firm-events
# with their tests; once they are there, they pay from a few thousand on.
FROM, FROM_WHEN_THERE = 300_000, 5_000
_COMPILED = "potash.study.engine.compiled"


def compiled_for(n_firm_events: int) -> ModuleType | None:
    """Return the module of compiled loops for work of this size; None where numpy is to do it."""
    if n_firm_events >= (FROM_WHEN_THERE if _COMPILED in sys.modules else FROM):
        return _compiled()
    return None


@cache
def _compiled() -> ModuleType | None:
    try:
        from potash.study.engine import compiled
    except ImportError:  # numba is not installed
        return None
    return compiled
