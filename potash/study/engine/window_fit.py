"""What a model says about firm-events: parameters, residuals, abnormal returns and their covariance, and CARs of these."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from potash._typing import Bool1D, Bool2D, Float1D, Float2D, Float3D, Int1D


@dataclass(frozen=True, slots=True)
class WindowFit:
    """What a model says about ``n`` firm-events, each with its own estimation window.

    Attributes
    ----------
    params : ndarray of shape (n, k)
        Estimated coefficients; ``k`` may be zero.
    param_std_errors : ndarray of shape (n, k)
        Their standard errors.
    variance : ndarray of shape (n,)
        Residual variance s^2 of one session's return, on ``df_resid`` degrees of freedom.
    df_resid : ndarray of shape (n,)
        ``nobs`` minus the number of estimated parameters.
    nobs : ndarray of shape (n,)
        Sessions of the estimation window with a return and all factors.
    rsquared : ndarray of shape (n,)
        Share of the variance explained; NaN where the model estimates no slope.
    residuals : ndarray of shape (n, L)
        Estimation-window residuals: returns less those expected, as in ``abnormal``, so that both can be compared; NaN on
        sessions that were not used.
    abnormal : ndarray of shape (n, W)
        Abnormal returns of the event window; NaN where the return or a factor is missing.
    scale : ndarray of shape (n, W, W)
        Covariance of the event window's prediction errors in units of ``variance``: the identity plus the part that
        the estimated parameters induce within and between days. NaN in rows and columns of missing days.
    spans : ndarray of shape (n, W), optional
        Sessions that each day's return covers, for returns from trade to trade; a missing day that a later trade of the
        window covers takes nothing from a CAR.
    """

    params: Float2D
    param_std_errors: Float2D
    variance: Float1D
    df_resid: Int1D
    nobs: Int1D
    rsquared: Float1D
    residuals: Float2D
    abnormal: Float2D
    scale: Float3D
    spans: Float2D | None = None

    def only(self, rows: Bool1D) -> WindowFit:
        """Return the fit of the chosen firm-events."""
        parts = [getattr(self, name) for name in WindowFit.__dataclass_fields__]
        return WindowFit(*(None if part is None else part[rows] for part in parts))  # type: ignore[arg-type]

    def cars(self, columns: slice) -> tuple[Float1D, Float1D]:
        """Return CARs over columns of the event window and their standard errors, both NaN if a day is missing.

        The standard error carries the covariance that the estimated parameters induce between days. A day without a trade
        whose return comes with a later trade of the window is not missing.
        """
        abnormal, scale = self.abnormal[:, columns], self.scale[:, columns, columns]
        if self.spans is not None:
            later = covered_later(abnormal, self.spans[:, columns])
            abnormal = np.where(later, 0.0, abnormal)
            scale = np.where(later[:, :, None] | later[:, None, :], 0.0, scale)
        return abnormal.sum(axis=1), np.sqrt(self.variance * scale.sum(axis=(1, 2)))


def covered_later(abnormal: Float2D, spans: Float2D) -> Bool2D:
    """Return which missing sessions of a window are in the return of a later trade of the same window.

    Such a session adds nothing of its own to a sum over the window, so a CAR is complete if every missing session is
    covered later. One after the last trade of the window is not: its return is still to come.

    Parameters
    ----------
    abnormal : ndarray of shape (n, W)
        Abnormal returns of consecutive sessions; NaN where the security did not trade.
    spans : ndarray of shape (n, W)
        Sessions that each abnormal return spans.

    Returns
    -------
    ndarray of shape (n, W)
        True only where ``abnormal`` is NaN.
    """
    covered = np.zeros(abnormal.shape, dtype=bool)
    reach = np.zeros(len(abnormal))  # sessions before this one that the next trade covers
    for day in range(abnormal.shape[1] - 1, -1, -1):
        missing = np.isnan(abnormal[:, day])
        covered[:, day] = missing & (reach > 0)
        reach = np.where(missing, reach, spans[:, day]) - 1
    return covered
