"""Whether a test's assumptions hold for the design of a study: shared dates, few firms, overlapping windows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from potash._typing import Int1D, Int2D
from potash.study.inference.significance import SignificanceTest

FEW, MANY = 5, 10

DEPENDENCE_ALLOWED = ("adjusted_patell", "kolari_pynnonen", "rank", "corrado_zivney", "grank")
# These learn how far a day's mean strays from the same firms on other days, counted from the event: they must be the same
# calendar days for all firms of an event, and two events must not put one calendar day in two places.
BY_CALENDAR_DAY = ("portfolio", "rank", "corrado_zivney", "grank")
# Simulated: with 5 to 9 firms these reject 8 to 9 % of true nulls at 5 %.
FOR_MANY = ("corrado_zivney", "grank", "grank_z")


@dataclass(frozen=True, slots=True)
class Design:
    """Facts about the firm-events that enter a test; for the portfolio test, those of the events that enter.

    Attributes
    ----------
    n_obs, n_events : int
        Firm-events, and events among them.
    shared : int
        Firm-events that have a day of their window in common with another one.
    events_overlap : bool
        Whether windows of two different events have a day in common.
    same_days : bool
        Whether the firms of each event have their estimation and event windows on the same calendar days.
    left_out : int
        Firm-events that do not enter because a day is missing; for the portfolio test, events.
    """

    n_obs: int
    n_events: int
    shared: int
    events_overlap: bool
    same_days: bool = True
    left_out: int = 0

    @classmethod
    def of(cls, days: Int2D, event: Int1D, same_days: bool = True, left_out: int = 0) -> Design:
        """Return the facts for windows given as calendar days (n, W) and the number of each one's event (n,)."""
        n_events = len(np.unique(event))
        if not days.size:
            return cls(len(days), n_events, 0, False, same_days, left_out)
        number = days - days.min()
        size = int(number.max()) + 1
        windows = np.bincount(number.ravel(), minlength=size)
        first, last = np.full(size, event.max() + 1), np.full(size, -1)
        for column in number.T:
            np.minimum.at(first, column, event)
            np.maximum.at(last, column, event)
        shared = int((windows[number] > 1).any(axis=1).sum())
        return cls(len(days), n_events, shared, bool((last > first).any()), same_days, left_out)


def judged(test: SignificanceTest, design: Design) -> SignificanceTest:
    """Return the test with a judgement on whether its assumptions hold for the design, and why."""
    holds, reason = _judgement(test, design)
    if design.left_out and test.name == "portfolio":
        reason += f"; {_counted(design.left_out, 'event')} left out whose portfolio lacks a day or a variance"
    elif design.left_out:
        reason += f"; {_counted(design.left_out)} left out for a missing day"
    return test.judged(holds, reason)


def _judgement(test: SignificanceTest, design: Design) -> tuple[bool, str]:
    """Return whether the assumptions hold, and why."""
    if test.name in BY_CALENDAR_DAY and not design.same_days:
        return (False, "firms trade on different days (exchanges differ), so part of their correlation is missed")
    if test.name in BY_CALENDAR_DAY and design.events_overlap:
        return (False, "windows of different events overlap, so the events are not independent")
    if test.name in FOR_MANY and test.n_obs < MANY:
        return (False, f"{_counted(test.n_obs)}; below {MANY} it rejects too often")
    if test.name == "portfolio":
        return (True, "correlation among firms enters through the portfolio's own variance")
    if test.name in DEPENDENCE_ALLOWED:
        return (True, _size(test, "correlation among firms is allowed for"))
    if design.shared:
        return (
            False,
            f"{design.shared} of {_counted(design.n_obs)} share days with others: they are not independent draws",
        )
    return (True, _size(test, "windows do not overlap"))


def _size(test: SignificanceTest, reason: str) -> str:
    if test.n_obs < FEW:
        return f"{reason}; only {_counted(test.n_obs)}, so little power and reliance on normality"
    return reason


def _counted(n: int, what: str = "firm-event") -> str:
    return f"{n} {what}" if n == 1 else f"{n} {what}s"
