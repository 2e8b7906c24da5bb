"""Abnormal trading volume: the event study of log turnover."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from potash.errors import InputError, check_option, listed
from potash.sessions import Window
from potash.study.expected_returns.ordinary import MarketModel, MeanAdjusted
from potash.study.expected_returns.protocol import ReturnModel
from potash.study.inputs import check_returns
from potash.study.results import EventStudyResults
from potash.study.study import EventStudy

Transform = Literal["log1p", "campbell_wasley"]
# Of Cready and Ramanan (1991), taken over by Campbell and Wasley: keeps the logarithm of a day without trading finite.
NO_TRADE = 0.000255


@dataclass(frozen=True)
class AbnormalVolume:
    """Abnormal trading volume, in log units; made by :func:`abnormal_volume`.

    Attributes
    ----------
    results : EventStudyResults
        The event study of log turnover, with log turnover in the place of returns: parameters, corrected p-values,
        diagnostics. Its ``bhar`` has no meaning here.
    """

    results: EventStudyResults

    @property
    def abnormal(self) -> pd.DataFrame:
        """Log turnover less what is expected: a row per ``(event_id, ticker)``, a column per offset."""
        return self.results.abnormal_returns

    @property
    def std_errors(self) -> pd.DataFrame:
        """Standard errors of :attr:`abnormal`, with the forecast-error term."""
        return self.results.std_errors

    @property
    def tstats(self) -> pd.DataFrame:
        """:attr:`abnormal` over :attr:`std_errors`."""
        return self.results.tstats

    @property
    def pvalues(self) -> pd.DataFrame:
        """Two-sided p-values of :attr:`tstats` by Student's t with the regression's degrees of freedom."""
        return self.results.pvalues

    @property
    def cumulated(self) -> pd.DataFrame:
        """``CAV std_error tstat pvalue`` over the event window."""
        return self.results.car().rename(columns={"CAR": "CAV"})

    @property
    def dropped(self) -> pd.DataFrame:
        """The ledger: ``event_id``, ``ticker``, ``session``, ``reason``, ``detail`` of each firm-event left out."""
        return self.results.dropped

    def tests(self, window: tuple[int, int] | Window = (0, 0)) -> pd.DataFrame:
        """Return every test of the abnormal volume in a window: see :meth:`EventStudyResults.tests`."""
        return self.results.tests(window)


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
    logs: pd.DataFrame = np.log1p(values) if transform == "log1p" else np.log(100 * values + NO_TRADE)
    return logs


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

    Raises
    ------
    InputError
        If turnover, events, market or windows break a rule; its child :class:`NoUsableEventsError` if every firm-event went
        into the ledger, as one whose turnover does not vary in the estimation window does.

    Notes
    -----
    Log turnover is autocorrelated, which the standard error of the cumulated volume does not know: prefer single days,
    or a rank test, which Campbell and Wasley found better specified.

    References
    ----------
    .. [1] Campbell, C. J. and Wasley, C. E. (1996). Review of Quantitative Finance and Accounting 6(3), 309-326.
    .. [2] Ajinkya, B. B. and Jain, P. C. (1989). Journal of Accounting and Economics 11(4), 331-359.
    """
    logs = log_turnover(turnover, transform)
    model: ReturnModel = MeanAdjusted()
    if market is not None:
        if not isinstance(market, pd.Series):
            raise InputError(
                f"market is a {type(market).__name__}, not a Series of turnover by session. Hand over one column, or None for "
                "the mean-adjusted model."
            )
        model = MarketModel(log_turnover(market.rename("market").to_frame(), transform)["market"])
    study = EventStudy(
        logs, events, returns_kind="log", model=model, event_window=event_window, estimation_window=estimation_window,
        min_estimation=min_estimation, check_units=False,  # logarithms of turnover are no returns
    )  # fmt: skip
    return AbnormalVolume(study.fit())
