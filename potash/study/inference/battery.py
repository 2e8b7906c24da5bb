"""Every test of the abnormal returns in a window, by name, from a fit and its portfolios."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from potash._typing import Bool1D, Float1D, Float2D, Int1D
from potash.study.engine.window_fit import WindowFit
from potash.study.inference import parametric, rank, resampling, sign
from potash.study.inference.significance import SignificanceTest, not_applicable

BY_DAYS = ("rank", "corrado_zivney")  # a firm-event enters with the days that it has; the other tests need its CAR


def standardized_cars(fit: WindowFit, columns: slice) -> Float1D:
    """Return CARs over their own standard errors; NaN if a day is missing."""
    cars, std_errors = fit.cars(columns)
    return cars / std_errors


def with_car(fit: WindowFit, columns: slice) -> Bool1D:
    """Return which rows have a CAR over columns of the event window."""
    return np.asarray(~np.isnan(standardized_cars(fit, columns)))


def with_days(fit: WindowFit, columns: slice) -> Bool1D:
    """Return which rows have an abnormal return on any of the columns of the event window."""
    return np.asarray(~np.isnan(fit.abnormal[:, columns]).all(axis=1))


def entering(name: str, fit: WindowFit, portfolio_fit: WindowFit, event: Int1D, columns: slice) -> tuple[Bool1D, int]:
    """Return which firm-events enter a test, and how many firm-events do not; for the portfolio test, events.

    ``event`` is the row of ``portfolio_fit`` that holds the portfolio of each row of ``fit``.
    """
    if name == "portfolio":
        pooled = with_car(portfolio_fit, columns)
        return pooled[event], int((~pooled).sum())
    rows = (with_days if name in BY_DAYS else with_car)(fit, columns)
    return rows, int((~rows).sum())


def _standardized_days(fit: WindowFit, columns: slice) -> Float2D:
    scale = np.einsum("nww->nw", fit.scale)[:, columns]
    return np.asarray(fit.abnormal[:, columns] / np.sqrt(fit.variance[:, None] * scale))


def _per_session(fit: WindowFit) -> Float2D:
    """Return abnormal returns with the variance that residuals have: those over several sessions over the root of these."""
    return fit.abnormal if fit.spans is None else np.asarray(fit.abnormal / np.sqrt(fit.spans))


def _patell_simple(fit: WindowFit, columns: slice) -> SignificanceTest:
    if fit.spans is None:
        return parametric.patell_simple_test(_standardized_days(fit, columns), fit.df_resid)
    reason = (
        "not defined for returns from trade to trade: one can be of several days, and a day can have none of its own"
    )
    n = int(with_car(fit, columns).sum())
    return not_applicable("patell_simple", parametric.PATELL_SIMPLE_NULL, n, reason)


def battery(
    fit: WindowFit, portfolio_fit: WindowFit, mean_correlation: Callable[[slice, Bool1D], float]
) -> dict[str, Callable[[slice], SignificanceTest]]:
    """Return the tests by name; each takes the columns of the event window that it is about.

    Parameters
    ----------
    fit, portfolio_fit : WindowFit
        Of the firm-events, and of the equal-weighted portfolio of each event.
    mean_correlation : callable
        Mean correlation of abnormal returns over all pairs, for columns of the event window and the firm-events that
        enter the test.
    """

    def correlation(columns: slice) -> float:
        return mean_correlation(columns, with_car(fit, columns))

    return {
        "portfolio": lambda w: parametric.portfolio_test(*portfolio_fit.cars(w), portfolio_fit.df_resid),
        "cross_sectional": lambda w: parametric.cross_sectional_test(fit.cars(w)[0]),
        "skewness_adjusted": lambda w: resampling.skewness_adjusted_test(fit.cars(w)[0]),
        "jackknife": lambda w: resampling.jackknife_test(standardized_cars(fit, w)),
        "patell": lambda w: parametric.patell_test(standardized_cars(fit, w), fit.df_resid),
        "patell_simple": lambda w: _patell_simple(fit, w),
        "adjusted_patell": lambda w: parametric.adjusted_patell_test(
            standardized_cars(fit, w), fit.df_resid, correlation(w)
        ),
        "bmp": lambda w: parametric.bmp_test(standardized_cars(fit, w)),
        "kolari_pynnonen": lambda w: parametric.kolari_pynnonen_test(standardized_cars(fit, w), correlation(w)),
        "rank": lambda w: rank.corrado_rank_test(fit.residuals, _per_session(fit), w),
        "corrado_zivney": lambda w: rank.corrado_zivney_test(
            fit.residuals, fit.abnormal, w, fit.scale, fit.variance, mean_correlation(w, with_days(fit, w))
        ),
        "grank": lambda w: rank.grank_t_test(fit.residuals, standardized_cars(fit, w), fit.variance, correlation(w)),
        "grank_z": lambda w: rank.grank_z_test(fit.residuals, standardized_cars(fit, w), fit.variance),
        "sign": lambda w: sign.sign_test(fit.cars(w)[0]),
        "generalized_sign": lambda w: sign.generalized_sign_test(fit.cars(w)[0], fit.residuals),
        "wilcoxon": lambda w: sign.wilcoxon_test(fit.cars(w)[0]),
    }
