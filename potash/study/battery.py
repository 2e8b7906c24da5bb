"""Every test of the abnormal returns in a window, by name, from a fit and its portfolios."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from potash._typing import Float1D, Float2D
from potash.study.inference import parametric, rank, resampling, sign
from potash.study.inference.parametric import SignificanceTest
from potash.study.models import WindowFit
from potash.study.trade_to_trade import told_later


def car_arrays(fit: WindowFit, columns: slice) -> tuple[Float1D, Float1D]:
    """Return CARs over columns of the event window and their standard errors, both NaN if a day is missing.

    The standard error carries the covariance that the estimated parameters induce between days. A day without a trade
    whose return comes with a later trade of the window is not missing.
    """
    abnormal, scale = fit.abnormal[:, columns], fit.scale[:, columns, columns]
    if fit.spans is not None:
        later = told_later(abnormal, fit.spans[:, columns])
        abnormal = np.where(later, 0.0, abnormal)
        scale = np.where(later[:, :, None] | later[:, None, :], 0.0, scale)
    return abnormal.sum(axis=1), np.sqrt(fit.variance * scale.sum(axis=(1, 2)))


def standardized_cars(fit: WindowFit, columns: slice) -> Float1D:
    """Return CARs over their own standard errors; NaN if a day is missing."""
    cars, std_errors = car_arrays(fit, columns)
    return cars / std_errors


def _standardized_days(fit: WindowFit, columns: slice) -> Float2D:
    own = np.einsum("nww->nw", fit.scale)[:, columns]
    return np.asarray(fit.abnormal[:, columns] / np.sqrt(fit.variance[:, None] * own))


def battery(
    fit: WindowFit, portfolio_fit: WindowFit, mean_correlation: Callable[[slice], float]
) -> dict[str, Callable[[slice], SignificanceTest]]:
    """Return the tests by name; each takes the columns of the event window that it is about.

    Parameters
    ----------
    fit, portfolio_fit : WindowFit
        Of the firm-events, and of the equal-weighted portfolio of each event.
    mean_correlation : callable
        Mean correlation of the firm-events' abnormal returns over all pairs, for columns of the event window.
    """
    days = (fit.residuals, fit.abnormal)
    spread = (fit.scale, fit.variance)
    return {
        "portfolio": lambda w: parametric.portfolio_test(*car_arrays(portfolio_fit, w), portfolio_fit.df_resid),
        "cross_sectional": lambda w: parametric.cross_sectional_test(car_arrays(fit, w)[0]),
        "skewness_adjusted": lambda w: resampling.skewness_adjusted_test(car_arrays(fit, w)[0]),
        "jackknife": lambda w: resampling.jackknife_test(standardized_cars(fit, w)),
        "patell": lambda w: parametric.patell_test(standardized_cars(fit, w), fit.df_resid),
        "patell_simple": lambda w: parametric.patell_simple_test(_standardized_days(fit, w), fit.df_resid),
        "adjusted_patell": lambda w: parametric.adjusted_patell_test(
            standardized_cars(fit, w), fit.df_resid, mean_correlation(w)
        ),
        "bmp": lambda w: parametric.bmp_test(standardized_cars(fit, w)),
        "kolari_pynnonen": lambda w: parametric.kolari_pynnonen_test(standardized_cars(fit, w), mean_correlation(w)),
        "rank": lambda w: rank.corrado_rank_test(*days, w),
        "corrado_zivney": lambda w: rank.corrado_zivney_test(*days, w, *spread, mean_correlation(w)),
        "grank": lambda w: rank.grank_t_test(*days, w, *spread, mean_correlation(w)),
        "grank_z": lambda w: rank.grank_z_test(*days, w, *spread),
        "sign": lambda w: sign.sign_test(car_arrays(fit, w)[0]),
        "generalized_sign": lambda w: sign.generalized_sign_test(car_arrays(fit, w)[0], fit.residuals),
        "wilcoxon": lambda w: sign.wilcoxon_test(car_arrays(fit, w)[0]),
    }
