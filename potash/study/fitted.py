"""What a study estimated, with its labels: parameters, abnormal returns, CARs of firms and of portfolios."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Self

import numpy as np
import pandas as pd

from potash._typing import Float2D
from potash.errors import OptionError, WindowError, check_option
from potash.sessions import Window
from potash.study.alignment import EventPanel
from potash.study.engine.window_fit import WindowFit
from potash.study.engine.windows import Windows
from potash.study.inference.parametric import detectable_effect
from potash.study.inference.significance import t_pvalue, t_quantile

WindowLike = tuple[int, int] | Window
PORTFOLIO = "portfolio"  # stands for a ticker where firms and the mean of an event's firms share a table


@dataclass(frozen=True)
class Fitted:
    """The estimates of a study; :class:`EventStudyResults` adds what is asked of them.

    Frames by firm-event have the index ``(event_id, ticker)``; returns are fractions (.01 is one percent); windows are
    offsets in sessions with both ends included and lie inside the event window. A CAR with a missing day is NaN, never
    a shorter sum.
    """

    panel: EventPanel
    fit: WindowFit
    portfolio_labels: pd.DataFrame
    portfolio_fit: WindowFit
    windows: Windows
    model_name: str
    param_names: tuple[str, ...]
    returns_kind: str
    source: str = ""

    @property
    def dropped(self) -> pd.DataFrame:
        """The ledger: ``event_id``, ``ticker``, ``session``, ``reason``, ``detail`` of each firm-event left out."""
        return self.panel.dropped.copy()

    @property
    def events(self) -> pd.DataFrame:
        """The firm-events kept, as handed in, by ``(event_id, ticker)``: ``session`` is day 0."""
        return self.panel.labels.set_index(["event_id", "ticker"])

    @property
    def event_ids(self) -> list[Any]:
        """Ids of the events of which a firm-event was kept, in the order handed in."""
        return list(dict.fromkeys(self.panel.labels["event_id"]))

    @property
    def params(self) -> pd.DataFrame:
        """Estimated parameters with ``sigma`` (standard deviation of a session's residual), ``nobs``, ``rsquared``."""
        frame = pd.DataFrame(self.fit.params, index=self.index, columns=list(self.param_names))
        return frame.assign(sigma=np.sqrt(self.fit.variance), nobs=self.fit.nobs, rsquared=self.fit.rsquared)

    @property
    def param_std_errors(self) -> pd.DataFrame:
        """Standard errors of the estimated parameters."""
        return pd.DataFrame(self.fit.param_std_errors, index=self.index, columns=list(self.param_names))

    @property
    def abnormal_returns(self) -> pd.DataFrame:
        """AR: a row per firm-event, a column per offset; NaN where the return is missing."""
        return self._by_offset(self.fit.abnormal)

    @property
    def std_errors(self) -> pd.DataFrame:
        """Standard errors of the AR, with the forecast-error term, in the shape of :attr:`abnormal_returns`."""
        return self._by_offset(np.sqrt(self.fit.variance[:, None] * np.einsum("nww->nw", self.fit.scale)))

    @property
    def tstats(self) -> pd.DataFrame:
        """AR over their standard errors, in the shape of :attr:`abnormal_returns`."""
        return self.abnormal_returns / self.std_errors

    @property
    def standardized_abnormal_returns(self) -> pd.DataFrame:
        """SAR: the same as :attr:`tstats`, under the name that Patell's and BMP's papers give it."""
        return self.tstats

    @property
    def pvalues(self) -> pd.DataFrame:
        """Two-sided p-values of :attr:`tstats` by Student's t with the regression's degrees of freedom."""
        return self._by_offset(t_pvalue(self.tstats.to_numpy(), self.fit.df_resid[:, None]))

    def car(self, window: WindowLike | None = None) -> pd.DataFrame:
        """Return ``CAR std_error tstat pvalue`` per firm-event over a window, by default the event window.

        The standard error carries the covariance between days that the estimated parameters induce; the p-value is
        two-sided by Student's t with the degrees of freedom of the firm's own regression.
        """
        return self._car_frame(self.fit, self.index, self.columns(window))

    def portfolio(self, window: WindowLike | None = None) -> pd.DataFrame:
        """Return ``CAR std_error tstat pvalue`` of each event's equal-weighted portfolio over a window."""
        index = pd.Index(self.portfolio_labels["event_id"], name="event_id")
        return self._car_frame(self.portfolio_fit, index, self.columns(window))

    def conf_int(self, window: WindowLike | None = None, level: float = 0.95) -> pd.DataFrame:
        """Return ``lower`` and ``upper`` of each firm-event's CAR by Student's t."""
        cars = self.car(window)
        return _interval(cars, self.fit.df_resid, level)

    def conf_int_portfolio(self, window: WindowLike | None = None, level: float = 0.95) -> pd.DataFrame:
        """Return ``lower`` and ``upper`` of each event's portfolio CAR by Student's t."""
        return _interval(self.portfolio(window), self.portfolio_fit.df_resid, level)

    def detectable(self, window: WindowLike | None = None, power: float = 0.8, size: float = 0.05) -> pd.DataFrame:
        """Return ``std_error`` and ``detectable``, the smallest true CAR found with ``power``, firm by firm and portfolio.

        Index ``(event_id, ticker)``; the portfolio's rows have the ticker ``"portfolio"``.
        """
        firm, portfolio = self.car(window), self.portfolio(window)
        portfolio.index = pd.MultiIndex.from_product([portfolio.index, [PORTFOLIO]], names=["event_id", "ticker"])
        both = pd.concat([firm, portfolio])[["std_error"]]
        df = np.concatenate([self.fit.df_resid, self.portfolio_fit.df_resid])
        return both.assign(detectable=detectable_effect(both["std_error"].to_numpy(), df, power, size))

    def car_path(self, level: float = 0.95) -> pd.DataFrame:
        """Return CARs cumulated from the start of the event window, tidy, with their confidence bands.

        Columns ``event_id``, ``ticker`` (``"portfolio"`` for the equal-weighted portfolio), ``offset``, ``CAR``,
        ``std_error``, ``lower``, ``upper``.
        """
        start = self.windows.event.start
        return self._path({end: (start, end) for end in self.windows.event.offsets}, level)

    def ar_path(self, level: float = 0.95) -> pd.DataFrame:
        """Return the abnormal return of each session, tidy, in the columns of :meth:`car_path` with ``AR`` for ``CAR``."""
        return self._path({day: (day, day) for day in self.windows.event.offsets}, level).rename(columns={"CAR": "AR"})

    def _path(self, windows: dict[int, tuple[int, int]], level: float) -> pd.DataFrame:
        check_level(level)
        labels = self.panel.labels[["event_id", "ticker"]]
        both = pd.concat([labels, self.portfolio_labels[["event_id"]].assign(ticker=PORTFOLIO)], ignore_index=True)
        parts = [
            fit.cars(self.columns(window)) for window in windows.values() for fit in (self.fit, self.portfolio_fit)
        ]
        cars, errors = (np.concatenate([part[which] for part in parts]) for which in (0, 1))
        df = np.concatenate([self.fit.df_resid, self.portfolio_fit.df_resid]).astype(float)
        half = np.tile(t_quantile(0.5 + level / 2, df), len(windows)) * errors
        frame = pd.concat([both.assign(offset=offset) for offset in windows], ignore_index=True)
        return frame.assign(CAR=cars, std_error=errors, lower=cars - half, upper=cars + half)

    def for_event(self, event_id: Any) -> Self:
        """Return the results of one event alone, with its part of the ledger.

        Raises
        ------
        OptionError
            If no firm-event of that event was kept.
        """
        if event_id not in self._alone:
            self._alone[event_id] = self._of_event(event_id)
        return self._alone[event_id]

    @cached_property
    def _alone(self) -> dict[Any, Self]:
        """The results of single events that were asked for so far."""
        return {}

    def _of_event(self, event_id: Any) -> Self:
        self.check_event(event_id)
        kept = (self.panel.labels["event_id"] == event_id).to_numpy()
        pooled = (self.portfolio_labels["event_id"] == event_id).to_numpy()
        ledger = self.panel.dropped
        panel = replace(self.panel.only(kept), dropped=ledger[ledger["event_id"] == event_id].reset_index(drop=True))
        portfolio = self.portfolio_labels[pooled].reset_index(drop=True)
        fit, portfolio_fit = self.fit.only(kept), self.portfolio_fit.only(pooled)
        return replace(self, panel=panel, portfolio_labels=portfolio, fit=fit, portfolio_fit=portfolio_fit)

    def aar(self) -> pd.DataFrame:
        """Return ``AAR``, the mean AR over firm-events, ``CAAR``, its running sum, and ``n``, by offset.

        Missing AR are left out of the mean of their day, and ``n`` says how many entered; after a day without any the
        running sum is NaN.
        """
        frame = self.abnormal_returns
        mean = frame.mean(axis=0)
        return pd.DataFrame({"AAR": mean, "CAAR": mean.cumsum(skipna=False), "n": frame.notna().sum(axis=0)})

    @cached_property
    def index(self) -> pd.MultiIndex:
        """``(event_id, ticker)`` of the firm-events kept."""
        return pd.MultiIndex.from_frame(self.panel.labels[["event_id", "ticker"]])

    def columns(self, window: WindowLike | None) -> slice:
        """Return the columns of the event window's arrays that a window covers; all of them without one.

        Raises
        ------
        WindowError
            If the window reaches outside the event window.
        """
        chosen = self.windows.event if window is None else Window.of(pair_of(window))
        if chosen not in self.windows.event:
            raise WindowError(
                f"window {chosen} reaches outside event_window {self.windows.event}. Choose offsets inside it, or fit with a "
                "wider event_window."
            )
        return slice(chosen.start - self.windows.event.start, chosen.end - self.windows.event.start + 1)

    def check_event(self, event_id: Any) -> None:
        """Raise :class:`OptionError` unless a firm-event of an event was kept."""
        like = [other for other in self.event_ids if str(other) == str(event_id)]
        if like and event_id not in self.event_ids:
            kinds = [type(value).__name__ for value in (event_id, like[0])]
            raise OptionError(
                f"event_id={event_id!r} ({kinds[0]}) is not known; the events hold {like[0]!r} ({kinds[1]}). Hand over that."
            )
        check_option("event_id", event_id, self.event_ids)

    def _by_offset(self, values: Float2D) -> pd.DataFrame:
        columns = pd.Index(list(self.windows.event.offsets), name="offset")
        return pd.DataFrame(values, index=self.index, columns=columns)

    def _car_frame(self, fit: WindowFit, index: pd.Index[Any], columns: slice) -> pd.DataFrame:
        cars, std_errors = fit.cars(columns)
        stats = cars / std_errors
        pvalues = t_pvalue(stats, fit.df_resid.astype(float))
        data = {"CAR": cars, "std_error": std_errors, "tstat": stats, "pvalue": pvalues}
        return pd.DataFrame(data, index=index)


def pair_of(window: WindowLike) -> tuple[int, int]:
    """Return a window as a pair of whole numbers; a Window holds whatever it was made of, so it is checked too."""
    chosen = Window.of((window.start, window.end) if isinstance(window, Window) else window)
    return chosen.start, chosen.end


def check_level(level: float) -> None:
    """Raise :class:`OptionError` unless a level of confidence lies between 0 and 1."""
    if not 0 < level < 1:
        raise OptionError(f"level={level} must lie between 0 and 1, for example 0.95.")


def _interval(cars: pd.DataFrame, df: Any, level: float) -> pd.DataFrame:
    check_level(level)
    half = t_quantile(0.5 + level / 2, np.asarray(df, dtype=float)) * cars["std_error"]
    return pd.DataFrame({"lower": cars["CAR"] - half, "upper": cars["CAR"] + half}, index=cars.index)
