"""Abnormal trading volume: the event study of log turnover."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from potash.errors import InputError, check_option, listed
from potash.study.alignment import Windows, align
from potash.study.inference.parametric import t_pvalue
from potash.study.inputs import check_returns
from potash.study.models import NO_FACTORS, fit_windows

Transform = Literal["log1p", "campbell_wasley"]
# Of Cready and Ramanan (1991), taken over by Campbell and Wasley: keeps the logarithm of a day without trading finite.
NO_TRADE = 0.000255


@dataclass(frozen=True)
class AbnormalVolume:
    """Abnormal trading volume, in log units; made by :func:`abnormal_volume`.

    Attributes
    ----------
    abnormal, std_errors, pvalues : DataFrame
        A row per ``(event_id, ticker)``, a column per offset; two-sided t with the regression's degrees of freedom.
    cumulated : DataFrame
        ``CAV std_error tstat pvalue`` over the event window.
    dropped : DataFrame
        The ledger.
    """

    abnormal: pd.DataFrame
    std_errors: pd.DataFrame
    pvalues: pd.DataFrame
    cumulated: pd.DataFrame
    dropped: pd.DataFrame


def log_turnover(turnover: pd.DataFrame, transform: Transform) -> pd.DataFrame:
    """Return the logarithm of turnover; missing stays missing.

    Parameters
    ----------
    turnover : DataFrame
        Shares traded over shares outstanding, as a fraction.
    transform : {"log1p", "campbell_wasley"}
        ``log(1 + turnover)``, or ``log(100 turnover + .000255)``, turnover in percent with a constant for days without
        trading. No default: an effect of the latter is a relative change, one of the former nearly a difference.

    Raises
    ------
    InputError
        If a turnover is negative.

    References
    ----------
    .. [1] Campbell, C. J. and Wasley, C. E. (1996). Review of Quantitative Finance and Accounting 6(3), 309-326.
    .. [2] Cready, W. M. and Ramanan, R. (1991). Journal of Accounting and Economics 14(2), 203-214: the constant.
    """
    check_option("transform", transform, ("log1p", "campbell_wasley"))
    values = check_returns(turnover, "turnover")
    negative = (values < 0).any()
    if negative.any():
        raise InputError(f"turnover: {listed(negative.index[negative])} has a negative value. Hand over fractions.")
    found: pd.DataFrame = np.log1p(values) if transform == "log1p" else np.log(100 * values + NO_TRADE)
    return found


def abnormal_volume(
    turnover: pd.DataFrame, events: pd.DataFrame, *, transform: Transform, market: pd.Series | None,
    event_window: tuple[int, int], estimation_window: tuple[int, int], min_estimation: int | None = None,
) -> AbnormalVolume:  # fmt: skip
    """Return log turnover less what the estimation window expects: its mean, or a market model of turnover.

    Parameters
    ----------
    turnover : DataFrame
        Sessions x securities, fractions, see :func:`log_turnover`.
    events : DataFrame
        As for :class:`potash.EventStudy`.
    transform : {"log1p", "campbell_wasley"}
        See :func:`log_turnover`.
    market : Series or None
        The market's turnover for the market model; ``None`` for the mean-adjusted model.
    event_window, estimation_window : pair of int
        Offsets in sessions, both ends included.
    min_estimation : int, optional
        As for :class:`potash.EventStudy`.

    Notes
    -----
    Log turnover is autocorrelated, which the standard error of the cumulated volume does not know: prefer single days,
    or a rank test, which Campbell and Wasley found better specified.

    References
    ----------
    .. [1] Campbell, C. J. and Wasley, C. E. (1996). Review of Quantitative Finance and Accounting 6(3), 309-326.
    .. [2] Ajinkya, B. B. and Jain, P. C. (1989). Journal of Accounting and Economics 11(4), 331-359.
    """
    factors = NO_FACTORS if market is None else log_turnover(market.rename("market").to_frame(), transform)
    windows = Windows.of(event_window, estimation_window, min_estimation, 1 + len(factors.columns))
    panel = align(log_turnover(turnover, transform), events, factors, windows)
    fit = fit_windows(panel.y, panel.x, panel.y_event, panel.x_event)
    index = pd.MultiIndex.from_frame(panel.labels[["event_id", "ticker"]])
    columns = pd.Index(list(windows.event.offsets), name="offset")
    errors, df = np.sqrt(fit.variance[:, None] * np.einsum("nww->nw", fit.scale)), fit.df_resid.astype(float)
    sums, spread = fit.abnormal.sum(axis=1), np.sqrt(fit.variance * fit.scale.sum(axis=(1, 2)))
    cumulated = {"CAV": sums, "std_error": spread, "tstat": sums / spread, "pvalue": t_pvalue(sums / spread, df)}
    return AbnormalVolume(
        pd.DataFrame(fit.abnormal, index, columns), pd.DataFrame(errors, index, columns),
        pd.DataFrame(t_pvalue(fit.abnormal / errors, df[:, None]), index, columns), pd.DataFrame(cumulated, index),
        panel.dropped,
    )  # fmt: skip
