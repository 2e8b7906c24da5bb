"""Market and factor models that one wild day in the estimation window does not bend."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import pandas as pd

from potash._typing import Float2D, Float3D
from potash.errors import InputError, check_option
from potash.study.engine.window_fit import WindowFit
from potash.study.expected_returns.protocol import ShownModel, factor_frame, parameter_names
from potash.study.models.robust import fit_huber, fit_theil_sen


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class RobustModel(ShownModel):
    """Expected return = alpha + beta times the market's return (or several factors), estimated robustly.

    Parameters
    ----------
    market : Series or DataFrame
        Market returns by session, or factor returns in columns, of the same kind (simple or log) as the securities'.
    method : {"huber", "theil_sen"}
        ``"huber"``: M-estimation with Huber's weights, k = 1.345, and the residuals' median absolute deviation (over
        .6745, recomputed in each step) for scale. ``"theil_sen"``: the median of the slopes of all pairs of sessions and
        the median of the returns less slope times market; one factor only.

    Raises
    ------
    InputError, OptionError
        If the factors or the method break a rule, or Theil-Sen is asked for with more than one factor.

    Notes
    -----
    The variance of an abnormal return is Huber's proposal 2 [1]_, with d = 2.5: the ``s^2`` for which
    ``sum(min((residual / s)^2, d^2))`` equals what normal residuals would give on ``nobs - k`` degrees of freedom. It is
    consistent under normality, 95 % as efficient there as OLS's (the median absolute deviation: 37 %), and a day of any
    size adds no more than a day of 2.5 s. For returns with fat tails it is smaller than the variance, so that tests with
    it reject too often at small levels. ``rsquared`` is NaN. The residuals are all there, the wild ones too.

    The covariance of Huber's parameters is the asymptotic one with the small-sample correction of [1]_, sec. 7.6. The
    standard error of Theil-Sen's slope is the width of Sen's 95 % interval over 2 x 1.96; that of a median of ``nobs``
    normal residuals is taken for the intercept at the mean of the market. A window where half of the residuals or more
    are zero, or where the weights do not settle, has NaN everywhere.

    References
    ----------
    .. [1] Huber, P. J. (1981). Robust Statistics, secs. 5.2, 6.7 and 7.6. Wiley.
    .. [2] Sen, P. K. (1968). Estimates of the regression coefficient based on Kendall's tau. Journal of the American
       Statistical Association 63(324), 1379-1389.
    """

    market: pd.Series | pd.DataFrame
    method: Literal["huber", "theil_sen"] = "huber"

    def __post_init__(self) -> None:
        check_option("method", self.method, ("huber", "theil_sen"))
        factor_frame(self.market)
        count = len(self.param_names) - 1
        if self.method == "theil_sen" and count != 1:
            raise InputError(
                f"method='theil_sen' takes one factor, {count} came in. Use method='huber', or hand over one column."
            )

    @property
    def name(self) -> str:
        """The method."""
        return {"huber": "robust (Huber)", "theil_sen": "robust (Theil-Sen)"}[self.method]

    @property
    def param_names(self) -> tuple[str, ...]:
        """``alpha`` and ``beta``, or ``alpha`` and ``beta_<column>``."""
        return parameter_names(self.market)

    @property
    def factors(self) -> pd.DataFrame:
        """The market or the factors in columns."""
        return factor_frame(self.market)

    def fit(self, y: Float2D, x: Float3D, y_event: Float2D, x_event: Float3D) -> WindowFit:
        """Return the robust fit of each window."""
        estimate = fit_huber if self.method == "huber" else fit_theil_sen
        return estimate(y, x, y_event, x_event)
