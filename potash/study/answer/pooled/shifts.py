"""Shifted sets of dates: the statistics of a set of events on all other sets with the same gaps between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

import numpy as np

from potash._typing import Bool2D, Float1D, Float2D, Int1D, Int2D
from potash.study.inference.placebo import max_pvalues, placebo_critical, placebo_pvalue

# Up to so many sets of dates all are taken; beyond, a seeded sample.
MOST_SETS, SAMPLED_SETS = 250_000, 99_999


@dataclass(frozen=True, slots=True)
class DateSets:
    """Sets of dates: how far each stretch's events are shifted, circularly, along the sessions of their stretch.

    Attributes
    ----------
    stretch : ndarray of shape (n,)
        Column of ``shifts`` that moves each event.
    shifts : ndarray of shape (1 + n_sets, n_stretches)
        The first row is the set that was observed: no shift.
    whole : bool
        Whether these are all shifts, and not a sample of them.
    """

    stretch: Int1D
    shifts: Int2D
    whole: bool

    def totals(self, values: Sequence[Float2D]) -> Float2D:
        """Return sums over events for each set of dates (1 + n_sets, m).

        ``values[i][k]`` (m,) are those of event ``i`` where its stretch is shifted by ``k`` sessions.
        """
        total = np.zeros((len(self.shifts), values[0].shape[1]))
        for column in range(self.shifts.shape[1]):
            members = [value for value, own in zip(values, self.stretch, strict=True) if own == column]
            total += np.sum(members, axis=0)[self.shifts[:, column]]
        return total


def date_sets(stretch: Int1D, lengths: Int1D, seed: int = 0) -> DateSets:
    """Return all shifts of a set of events, or a seeded sample of them where there are more than 250,000.

    Parameters
    ----------
    stretch : ndarray of shape (n,)
        Number of the stretch of prices that each event lies in.
    lengths : ndarray of shape (c,)
        Sessions of each stretch; those without an event are not looked at.
    seed : int
        Of the sample.

    Notes
    -----
    Shifts form a group, so if returns look alike wherever a circle is cut, the observed set is as likely as any other to have
    the largest statistic, however its windows overlap and however neighbouring sets resemble one another.

    References
    ----------
    .. [1] Hemerik, J. and Goeman, J. (2018). Exact testing with random permutations. TEST 27, 811-825.
    """
    numbers, column = np.unique(stretch, return_inverse=True)
    sizes = [int(lengths[number]) for number in numbers]
    if prod(sizes) <= MOST_SETS:
        shifts = np.indices(sizes).reshape(len(sizes), -1).T
        return DateSets(column, shifts, True)
    rng = np.random.default_rng(seed)
    drawn = np.stack([rng.integers(size, size=SAMPLED_SETS) for size in sizes], axis=1)
    return DateSets(column, np.concatenate([np.zeros((1, len(sizes)), dtype=np.int64), drawn]), False)


@dataclass(frozen=True, slots=True)
class PooledStatistics:
    """Statistics of a set of signed events in ``m`` windows, on the observed dates and on ``n_sets`` others.

    Attributes
    ----------
    stats : ndarray of shape (1 + n_sets, m)
        Sum of the signed, scaled t over the root of the number of events; the first row is the observed set.
    precision : ndarray of shape (1 + n_sets, m)
        What one unit of effect in each event adds to the statistic.
    """

    stats: Float2D
    precision: Float2D

    @property
    def weighted(self) -> Float1D:
        """The average effect in the expected direction, events weighted with one over their standard errors (m,)."""
        return self.stats[0] / self.precision[0]

    @property
    def pvalues(self) -> Float1D:
        """Exact, two-sided (m,): how many of the sets have a statistic as large, the observed one among them."""
        return np.array([placebo_pvalue(float(s[0]), s[1:]) for s in self.stats.T])

    @property
    def max_t_pvalues(self) -> Float1D:
        """Corrected for looking at all windows, from the joint distribution of the sets (m,)."""
        return max_pvalues(self.stats[0], self.stats[1:])

    @property
    def n_sets(self) -> Int1D:
        """Sets of dates compared with (m,)."""
        return np.asarray((~np.isnan(self.stats[1:])).sum(axis=0))

    def critical(self, size: float = 0.05) -> Float1D:
        """Return the absolute statistic that is significant (m,); NaN where there are too few sets."""
        limits = np.array([placebo_critical(s, size) for s in self.stats[1:].T])
        return np.where(np.isfinite(limits), limits, np.nan)

    def limits(self, level: float = 0.95) -> tuple[Float1D, Float1D]:
        """Return the effects that the randomization does not reject: confidence limits of ``weighted`` (m,)."""
        half = self.critical(1 - level) / self.precision[0]
        return self.weighted - half, self.weighted + half

    def detectable(self, power: float = 0.8, size: float = 0.05) -> Float1D:
        """Return the smallest effect, the same in each event, that is found with a power at the events' volatility (m,).

        Chance is as in the other sets of dates; what an effect adds to it is as on the observed ones.
        """
        answer = np.full(self.stats.shape[1], np.nan)
        for column, stats in enumerate(self.stats[1:].T):
            seen = stats[~np.isnan(stats)]
            if len(seen):
                answer[column] = -np.quantile(seen, 1 - power, method="inverted_cdf")
        return (answer + self.critical(size)) / self.precision[0]


def pooled_statistics(
    cars: Sequence[Float2D], std_errors: Sequence[Float2D], signs: Int1D, sets: DateSets
) -> PooledStatistics:
    """Return the sum of signed t over the root of the number of events, on each set of dates.

    Parameters
    ----------
    cars, std_errors : sequence of n ndarrays of shape (N, m)
        Of each event's portfolio at each shift along its stretch of ``N`` sessions; row 0 is the event's own. An event
        whose own CAR is missing takes no part in that window; a set on which another is missing is left out.
    signs : ndarray of shape (n,)
        +1 or -1.
    sets : DateSets
        Of these events.
    """
    enters = _entering(cars, std_errors)
    stats, precision = [], []
    for i, sign in enumerate(signs):
        with np.errstate(invalid="ignore", divide="ignore"):
            stats.append(np.where(enters[i], sign * cars[i] / std_errors[i], 0.0))
            precision.append(np.where(enters[i], 1 / std_errors[i], 0.0))
    n = enters.sum(axis=0)
    root = np.where(n > 0, np.sqrt(np.maximum(n, 1)), np.nan)
    return PooledStatistics(sets.totals(stats) / root, sets.totals(precision) / root)


def summed_statistics(cars: Sequence[Float2D], std_errors: Sequence[Float2D], signs: Int1D, sets: DateSets) -> Float2D:
    """Return sums of signed CARs over the root of the sum of their variances (1 + n_sets, m): for days that none share.

    As :func:`pooled_statistics` otherwise; NaN where no event has a day.
    """
    enters = _entering(cars, std_errors)
    sums = sets.totals([np.where(enters[i], sign * cars[i], 0.0) for i, sign in enumerate(signs)])
    variances = sets.totals([np.where(enters[i], std_errors[i] ** 2, 0.0) for i in range(len(cars))])
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(variances > 0, sums / np.sqrt(variances), np.nan)


def _entering(cars: Sequence[Float2D], std_errors: Sequence[Float2D]) -> Bool2D:
    """Return which events have a statistic of their own in which windows (n, m)."""
    return np.array([~np.isnan(c[0]) & ~np.isnan(e[0]) for c, e in zip(cars, std_errors, strict=True)])
