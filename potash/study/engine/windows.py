"""The two windows of an event study, in sessions around day 0."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from potash.errors import WindowError
from potash.sessions import Window


@dataclass(frozen=True, slots=True)
class Windows:
    """The event window, the estimation window before it, and how many returns the latter must have."""

    event: Window
    estimation: Window
    min_estimation: int

    @classmethod
    def of(cls, event: object, estimation: object, min_estimation: int | None, n_params: int) -> Windows:
        """Return checked windows; by default an estimation window must be four fifths full.

        Raises
        ------
        WindowError
            If the windows overlap, or the estimation window cannot hold a regression.
        """
        event_window = Window.of(event, "event_window")
        estimation_window = Window.of(estimation, "estimation_window")
        if estimation_window.end >= event_window.start:
            raise WindowError(
                f"estimation_window {estimation_window} must end before event_window {event_window} starts, or the event "
                f"would enter its own expectation. Let it end at {event_window.start - 1} or earlier."
            )
        floor, length = n_params + 3, len(estimation_window)
        needed = max(floor, -(-4 * length // 5)) if min_estimation is None else min_estimation
        if not isinstance(needed, int | np.integer) or not floor <= needed <= length:
            raise WindowError(
                f"min_estimation={needed} does not fit: a model with {n_params} parameters needs at least {floor} returns, and "
                f"estimation_window {estimation_window} has {length} sessions."
            )
        return cls(event_window, estimation_window, needed)
