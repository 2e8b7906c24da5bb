"""Weighted mean CARs, with the correlation of firm-events whose windows share days."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from potash._typing import Float1D, Float2D, Int1D, Int2D
from potash.errors import InputError, check_option, listed
from potash.study.inference.correlation import residual_correlations
from potash.study.inference.significance import t_pvalue

if TYPE_CHECKING:
    from potash.study.fitted import Fitted


@dataclass(frozen=True, slots=True)
class WeightedAverage:
    """A weighted average of CARs.

    Attributes
    ----------
    estimate, std_error, tstat, pvalue : float
        The average, and its t with two-sided p-value.
    df : float
        Degrees of freedom of the t.
    n_obs : int
        CARs that entered.
    weights : ndarray of shape (n,)
        Weights that sum to one; NaN for CARs left out, those of weight zero among them.
    """

    estimate: float
    std_error: float
    tstat: float
    pvalue: float
    df: float
    n_obs: int
    weights: Float1D


def weighted_average(
    cars: Float1D, std_errors: Float1D, df_resid: Int1D, weights: Float1D, correlations: Float2D
) -> WeightedAverage:
    """Return a weighted average of CARs and its standard error with the correlation among them.

    Parameters
    ----------
    cars, std_errors, df_resid : ndarrays of shape (n,)
        CARs, their standard errors from the estimation windows, and degrees of freedom.
    weights : ndarray of shape (n,)
        Not negative, in any unit: market values, or ``1 / std_errors ** 2`` for precision weights, which have the
        smallest variance if CARs are independent. A CAR whose own value or weight is NaN, or whose weight is zero, is left
        out and not counted.
    correlations : ndarray of shape (n, n)
        Of the CARs, see :func:`window_correlations`; the identity if they are independent. No default: it changes the
        standard error more than the weights do.

    Raises
    ------
    InputError
        If a weight is negative or infinite, or all are zero.

    Notes
    -----
    The weights count as fixed. With firms on the same days this is the variance of the weighted portfolio, and t with
    the smallest degrees of freedom among the firms is exact for fixed weights and normal residuals. NaN if a
    correlation that is needed is unknown.
    """
    if (weights < 0).any() or np.isinf(weights).any():
        raise InputError("weights: one is negative or infinite. Hand over market values or other sizes.")
    entered = ~(np.isnan(cars) | np.isnan(std_errors) | np.isnan(weights))
    if not (weights[entered] > 0).any():
        raise InputError(f"weights: none of the {entered.sum()} CARs that are known has a weight above zero.")
    entered &= weights > 0
    share = weights[entered] / weights[entered].sum()
    spread = share * std_errors[entered]
    variance = spread @ correlations[np.ix_(entered, entered)] @ spread
    estimate, std_error = float(share @ cars[entered]), float(np.sqrt(variance)) if variance > 0 else float("nan")
    df, stat = float(df_resid[entered].min()), estimate / std_error
    shares = np.full(len(cars), np.nan)
    shares[entered] = share
    return WeightedAverage(estimate, std_error, stat, float(t_pvalue(stat, df)), df, int(entered.sum()), shares)


def window_correlations(residuals: Float2D, days: Int2D, days_event: Int2D) -> Float2D:
    """Return the correlation between the CARs of each pair of firm-events in a window (n, n).

    That of their estimation residuals by calendar day (n, L), times the share of the window's days (n, W) that the pair has
    in common: zero for windows on different days, NaN if it matters and is unknown.
    """
    shared = np.stack([np.isin(days_event, row).mean(axis=1) for row in days_event])
    return np.where(shared > 0, residual_correlations(residuals, days) * shared, 0.0)


def weighted_car(
    results: Fitted,
    window: tuple[int, int],
    weights: pd.Series | Literal["precision"] = "precision",
) -> WeightedAverage:
    """Return the weighted average of the CARs in a window, with the correlation among firms.

    Parameters
    ----------
    results : Fitted
        Of the study.
    window : pair of int
        Offsets, both ends included.
    weights : "precision" or Series
        ``1 / std_error ** 2``, or numbers by ``(event_id, ticker)`` or by ticker, such as market values before the event.

    Raises
    ------
    InputError
        If ``weights`` is no Series of numbers with one for each firm-event, or one is negative.
    """
    columns, cars = results.columns(window), results.car(window)
    std_errors = cars["std_error"].to_numpy()
    if isinstance(weights, str):
        check_option("weights", weights, ("precision",))
        given = 1 / std_errors**2
    else:
        given = _weights(weights, cars.index)
    panel, fit = results.panel, results.fit
    correlations = window_correlations(fit.residuals, panel.days, panel.days_event[:, columns])
    return weighted_average(cars["CAR"].to_numpy(), std_errors, fit.df_resid, given, correlations)


def _weights(weights: pd.Series, index: pd.Index[Any]) -> Float1D:
    """Return the weights in the order of the firm-events."""
    if not isinstance(weights, pd.Series) or not pd.api.types.is_numeric_dtype(weights):
        raise InputError(
            f"weights is a {type(weights).__name__} of {getattr(weights, 'dtype', 'other')} values, not a Series of numbers by "
            "ticker or by (event_id, ticker). Hand over for example pd.Series({'NTR': 30e9, 'MOS': 10e9})."
        )
    if weights.index.has_duplicates:
        twice = weights.index[weights.index.duplicated()]
        raise InputError(f"weights: {listed(twice)} stands more than once. Keep one weight for each.")
    keys = index if isinstance(weights.index, pd.MultiIndex) else index.get_level_values("ticker")
    absent = [key for key in keys if key not in weights.index]
    if absent:
        raise InputError(f"weights: none for {listed(absent)}; there are some for {listed(weights.index, 20)}.")
    return np.asarray(weights.loc[keys], dtype=float)
