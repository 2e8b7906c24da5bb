"""Which event counts a calendar day that lies in the windows of several."""

from __future__ import annotations

import numpy as np

from potash._typing import Bool1D, Bool2D, Float1D, Float2D, Int1D, Int2D
from potash.sessions import Window
from potash.study.answer.event_volatility import FEWEST_DAYS, scaled_cars, volatility_ratio
from potash.study.engine.window_fit import WindowFit


def counted_days(days: Int2D, signs: Int1D, event: Window, tested: Window) -> Bool2D:
    """Return which days of which event windows are counted, so that none is counted twice.

    A day that lies in the windows of several events belongs to the event whose day 0 is nearest. Of two equally near ones
    it belongs to the first, and to none where their signs are opposite.

    Parameters
    ----------
    days : ndarray of shape (n, W)
        Calendar days of the event windows, as whole numbers.
    signs : ndarray of shape (n,)
        +1 or -1.
    event, tested : Window
        The offsets of ``days``, and those that are looked at.

    Returns
    -------
    ndarray of shape (n, W)
        False outside ``tested``.
    """
    counted = np.zeros(days.shape, dtype=bool)
    claims: dict[int, list[tuple[int, int, int]]] = {}
    for offset in tested.offsets:
        column = offset - event.start
        for row, day in enumerate(days[:, column].tolist()):
            claims.setdefault(day, []).append((abs(offset), row, column))
    for claimed in claims.values():
        nearest = sorted(claim for claim in claimed if claim[0] == min(claimed)[0])
        if len({int(signs[row]) for _, row, _ in nearest}) == 1:
            counted[nearest[0][1], nearest[0][2]] = True
    return counted


def shared_share(days: Int2D, event: Window, tested: Window) -> Float2D:
    """Return the share of the tested window's days that each pair of events has in common (n, n)."""
    columns = slice(tested.start - event.start, tested.end - event.start + 1)
    window = days[:, columns]
    return np.asarray((window[:, None, :, None] == window[None, :, None, :]).any(axis=3).mean(axis=2))


def own_errors(fit: WindowFit, event: Window, tested: Window) -> Float1D:
    """Return standard errors of the CARs over a window (n,) at the volatility of the days around it, high or low.

    Those of :func:`potash.study.answer.event_volatility.scaled_cars` are never below the estimation window's, which guards a
    single event. Where statistics of calm and of volatile days are compared with one another, as here, that would make those
    of calm days smaller: with volatility three times as high at the events, 8 % of sets instead of 5 % would reject.
    """
    ratio, days = volatility_ratio(fit, event, tested)
    return _plain(fit, event, tested) * np.sqrt(np.where(days >= FEWEST_DAYS, ratio, np.nan))


def _plain(fit: WindowFit, event: Window, tested: Window) -> Float1D:
    first = tested.start - event.start
    return fit.cars(slice(first, first + len(tested)))[1]


def partial_cars(fit: WindowFit, event: Window, tested: Window, counted: Bool1D, own: bool) -> tuple[Float1D, Float1D]:
    """Return the sums of abnormal returns over the counted days of a window (n,), and their standard errors.

    ``counted`` (W,) chooses columns. The scale is that of the whole window: of :func:`own_errors` if ``own``, else that of
    :func:`potash.study.answer.event_volatility.scaled_cars`.
    """
    whole = own_errors(fit, event, tested) if own else scaled_cars(fit, event, tested).std_errors
    variance = fit.variance * fit.scale[:, counted][:, :, counted].sum(axis=(1, 2))
    return fit.abnormal[:, counted].sum(axis=1), whole / _plain(fit, event, tested) * np.sqrt(variance)
