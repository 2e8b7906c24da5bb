"""The statistics of a study's firms on every session, as if each were day 0: what chance alone makes of them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from potash.sessions import Window
from potash.study.alignment import EventPanel, day_numbers, positions
from potash.study.engine.mass import fit_cars
from potash.study.inference.groups import group_statistics
from potash.study.ledger import NOTHING, shortcomings
from potash.study.portfolios import portfolios

COLUMNS = [
    "session",
    "window",
    "n",
    "CAR",
    "std_error",
    "portfolio",
    "patell",
    "bmp",
    "mean_correlation",
    "kolari_pynnonen",
]


def every_session(panel: EventPanel, index: pd.DatetimeIndex, car_windows: tuple[Window, ...]) -> pd.DataFrame:
    """Return the statistics of all firms of a panel on every session of an index, in :data:`COLUMNS`.

    See :meth:`potash.EventStudy.every_session`. The firms are those of the panel's firm-events, the model is least squares
    on the panel's factors.
    """
    firms, windows = np.unique(panel.series), panel.windows
    series = np.tile(firms, len(index))
    at = positions(np.repeat(day_numbers(index), len(firms)), series, panel.sessions)
    usable = shortcomings(panel.returns, panel.sessions, series, at, windows) == NOTHING
    session = np.repeat(np.arange(len(index)), len(firms))[usable]
    if not len(session):
        return pd.DataFrame(columns=COLUMNS)
    fit = fit_cars(panel.returns, panel.sessions, series[usable], at[usable], windows, car_windows)
    chosen, number = np.unique(session, return_inverse=True)
    made = portfolios(panel.returns, panel.sessions, fit.security, fit.day_zero, number, windows)
    whole = fit_cars(made.panel, panel.sessions, made.series, made.day_zero, windows, car_windows)
    pieces = []
    for column, window in enumerate(car_windows):
        tests = group_statistics(fit, number, column, rank=False)
        car, std_error = whole.cars[:, column], whole.car_std_errors[:, column]
        values = (
            index[chosen], str(window), tests.n_obs, car, std_error, car / std_error, tests.patell, tests.bmp,
            tests.mean_correlation, tests.adjusted_bmp,
        )  # fmt: skip
        pieces.append(pd.DataFrame(dict(zip(COLUMNS, values, strict=True))))
    return pd.concat(pieces, ignore_index=True)
