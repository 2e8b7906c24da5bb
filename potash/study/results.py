"""Labelled results of an event study: frames, tests, a summary. Everything here derives from the fit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from potash._typing import Bool1D, Float2D
from potash.errors import OptionError, WindowError, check_option
from potash.sessions import Window
from potash.study.alignment import EventPanel, Windows
from potash.study.inference import assumptions as judge
from potash.study.inference import parametric as tests
from potash.study.inference.battery import battery, car_arrays, entering, with_car
from potash.study.inference.correlation import mean_correlation
from potash.study.inference.parametric import SignificanceTest
from potash.study.models.base import WindowFit

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from potash.study.further.joint import JointRegression
    from potash.study.further.measures import WeightedAverage

WindowLike = tuple[int, int] | Window
PORTFOLIO = "portfolio"  # stands for a ticker where firms and the mean of an event's firms share a table


@dataclass(frozen=True)
class EventStudyResults:
    """What an event study found; made by :meth:`potash.EventStudy.fit`.

    Frames by firm-event have the index ``(event_id, ticker)``; returns are fractions (.01 is one percent); windows are
    offsets in sessions with both ends included and lie inside the event window. A CAR with a missing day is NaN, never
    a shorter sum.
    """

    panel: EventPanel
    fit: WindowFit
    portfolio_panel: EventPanel
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
        frame = pd.DataFrame(self.fit.params, index=self._index, columns=list(self.param_names))
        return frame.assign(sigma=np.sqrt(self.fit.variance), nobs=self.fit.nobs, rsquared=self.fit.rsquared)

    @property
    def param_std_errors(self) -> pd.DataFrame:
        """Standard errors of the estimated parameters."""
        return pd.DataFrame(self.fit.param_std_errors, index=self._index, columns=list(self.param_names))

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
        return self._by_offset(tests.t_pvalue(self.tstats.to_numpy(), self.fit.df_resid[:, None]))

    def car(self, window: WindowLike | None = None) -> pd.DataFrame:
        """Return ``CAR std_error tstat pvalue`` per firm-event over a window, by default the event window.

        The standard error carries the covariance between days that the estimated parameters induce; the p-value is
        two-sided by Student's t with the degrees of freedom of the firm's own regression.
        """
        return self._car_frame(self.fit, self._index, self._columns(window))

    def portfolio(self, window: WindowLike | None = None) -> pd.DataFrame:
        """Return ``CAR std_error tstat pvalue`` of each event's equal-weighted portfolio over a window."""
        index = pd.Index(self.portfolio_panel.labels["event_id"], name="event_id")
        return self._car_frame(self.portfolio_fit, index, self._columns(window))

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
        return both.assign(detectable=tests.detectable_effect(both["std_error"].to_numpy(), df, power, size))

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
        pieces = []
        for offset, window in windows.items():
            firm = self.car(window).join(self.conf_int(window, level)).reset_index()
            portfolio = self.portfolio(window).join(self.conf_int_portfolio(window, level)).reset_index()
            pieces.append(pd.concat([firm, portfolio.assign(ticker=PORTFOLIO)]).assign(offset=offset))
        columns = ["event_id", "ticker", "offset", "CAR", "std_error", "lower", "upper"]
        return pd.concat(pieces, ignore_index=True)[columns]

    def for_event(self, event_id: Any) -> EventStudyResults:
        """Return the results of one event alone, with its part of the ledger.

        Raises
        ------
        OptionError
            If no firm-event of that event was kept.
        """
        self._check_event(event_id)
        kept = (self.panel.labels["event_id"] == event_id).to_numpy()
        pooled = (self.portfolio_panel.labels["event_id"] == event_id).to_numpy()
        ledger = self.panel.dropped
        panel = replace(self.panel.only(kept), dropped=ledger[ledger["event_id"] == event_id].reset_index(drop=True))
        portfolio = self.portfolio_panel.only(pooled)
        fit, portfolio_fit = self.fit.only(kept), self.portfolio_fit.only(pooled)
        return replace(self, panel=panel, portfolio_panel=portfolio, fit=fit, portfolio_fit=portfolio_fit)

    def aar(self) -> pd.DataFrame:
        """Return ``AAR``, the mean AR over firm-events, ``CAAR``, its running sum, and ``n``, by offset.

        Missing AR are left out of the mean of their day, and ``n`` says how many entered; after a day without any the
        running sum is NaN.
        """
        frame = self.abnormal_returns
        mean = frame.mean(axis=0)
        return pd.DataFrame({"AAR": mean, "CAAR": mean.cumsum(skipna=False), "n": frame.notna().sum(axis=0)})

    def test(self, name: str, window: WindowLike = (0, 0)) -> SignificanceTest:
        """Return one test of the abnormal returns in a window.

        Parameters
        ----------
        name : str
            One of :attr:`test_names`.
        window : pair of int
            Offsets, both ends included.

        Raises
        ------
        OptionError
            If there is no such test; the message lists those there are.
        """
        check_option("name", name, self.test_names)
        columns = self._columns(window)
        return self._judged(name, columns)

    def tests(self, window: WindowLike = (0, 0)) -> pd.DataFrame:
        """Return every test as one tidy table, indexed by ``test``.

        Columns ``stat``, ``pvalue``, ``distribution``, ``n``, ``estimate``, ``std_error``, ``holds`` (whether the test's
        assumptions hold for this design), ``reason`` and ``null``.
        """
        chosen = self._columns(window)
        found = [self._judged(name, chosen) for name in self._tests]
        rows = [
            (t.name, t.stat, t.pvalue, t.distribution, t.n_obs, t.estimate, t.std_error, t.holds, t.reason, t.null)
            for t in found
        ]
        columns = ["test", "stat", "pvalue", "distribution", "n", "estimate", "std_error", "holds", "reason", "null"]
        return pd.DataFrame(rows, columns=columns).set_index("test")

    def adjusted_pvalues(
        self, windows: list[WindowLike], method: str = "romano_wolf", draws: int = 999, seed: int = 0
    ) -> pd.DataFrame:
        """Return p-values of every CAR over firms and windows, corrected for their number.

        Parameters
        ----------
        windows : list of pairs
            Windows inside the event window; the result has a column for each, a row per firm-event.
        method : {"romano_wolf", "holm", "benjamini_hochberg"}
            Romano and Wolf (2005) keeps the correlation of firms by resampling days jointly, so it needs the firms of one
            event; Holm (1979) controls the same error without it; Benjamini and Hochberg (1995) the false discovery rate.
        draws, seed : int
            Of the resampling.
        """
        from potash.study.further.corrections import adjusted  # only when asked for

        return adjusted(self, windows, method, draws, seed)

    def bhar(self, window: WindowLike | None = None) -> pd.DataFrame:
        """Return ``BHAR std_error tstat pvalue`` per firm-event: buy-and-hold returns less those expected, compounded."""
        from potash.study.further.measures import bhar

        return bhar(self, None if window is None else _pair(window))

    def weighted_car(self, window: WindowLike, weights: Any = "precision") -> WeightedAverage:
        """Return the weighted mean CAR with its standard error; see :func:`potash.study.further.measures.weighted_car`."""
        from potash.study.further.measures import weighted_car

        return weighted_car(self, _pair(window), weights=weights)

    def abnormal_volatility(self) -> pd.DataFrame:
        """Return each session's ratio of event variance to expected variance, and its test."""
        from potash.study.further.measures import abnormal_volatility

        return abnormal_volatility(self)

    def joint(self, firms: list[str] | None = None) -> JointRegression:
        """Return the joint regression of one event's firms: an equation each, a dummy for every session of the event window.

        Its tests say whether all effects are zero and whether they are equal, with the firms' correlation taken into
        account; see :func:`potash.study.further.joint.joint_regression`. ``firms`` names the tickers that enter, all by default:
        one without a return on a day of the event window must be left out.

        Raises
        ------
        InputError
            If the results hold several events (see :meth:`for_event`), firms on different days, a firm with a missing day
            in the event window, or a model that is not least squares on common factors.
        """
        from potash.study.further.joint_event import results_regression

        return results_regression(self, firms)

    def diagnostics(self) -> pd.DataFrame:
        """Return diagnostics of each estimation window: normality, autocorrelation, ARCH, zeros, beta stability."""
        from potash.study.further.diagnostics import diagnostics

        return diagnostics(self)

    @property
    def test_names(self) -> list[str]:
        """Names that :meth:`test` takes."""
        return list(self._tests)

    def mean_correlation(self, window: WindowLike = (0, 0)) -> float:
        """Return the mean correlation of abnormal returns over all pairs of firm-events, as Kolari-Pynnonen uses it."""
        columns = self._columns(window)
        return self._mean_correlation(columns, with_car(self.fit, columns))

    def summary(self, window: WindowLike | None = None) -> str:
        """Return the study as text: set-up, parameters, CARs, tests and the ledger."""
        from potash.study.summary import summary_text  # only when asked for

        return summary_text(self, window)

    def __repr__(self) -> str:
        events = self.panel.labels["event_id"].nunique()
        return (
            f"<EventStudyResults: {self.model_name}, {self.returns_kind} returns, {len(self.panel.labels)} firm-events of "
            f"{events} events, {len(self.panel.dropped)} dropped>"
        )

    def plot_car(self, event_id: Any = None, tickers: list[str] | None = None, ax: Axes | None = None) -> Axes:
        """Return an axis with the CAR paths of one event (the first by default) and the portfolio's 95 % band."""
        from potash.study.plots import plot_car  # matplotlib is heavy

        chosen = event_id if event_id is not None else self.event_ids[0]
        self._check_event(chosen)
        path = self.car_path()
        path = path[path["event_id"] == chosen]
        for ticker in tickers or []:
            check_option("ticker", ticker, path["ticker"].unique())
        wanted = [*(tickers or path["ticker"].unique()), PORTFOLIO]
        return plot_car(path[path["ticker"].isin(wanted)], ax=ax, title=str(chosen))

    # -- derived arrays ------------------------------------------------------------------------------------------

    @cached_property
    def _index(self) -> pd.MultiIndex:
        return pd.MultiIndex.from_frame(self.panel.labels[["event_id", "ticker"]])

    @cached_property
    def _tests(self) -> dict[str, Callable[[slice], SignificanceTest]]:
        return battery(self.fit, self.portfolio_fit, self._mean_correlation)

    def _columns(self, window: WindowLike | None) -> slice:
        chosen = self.windows.event if window is None else Window.of(_pair(window))
        if chosen not in self.windows.event:
            raise WindowError(
                f"window {chosen} reaches outside event_window {self.windows.event}. Choose offsets inside it, or fit with a "
                "wider event_window."
            )
        return slice(chosen.start - self.windows.event.start, chosen.end - self.windows.event.start + 1)

    def _check_event(self, event_id: Any) -> None:
        like = [known for known in self.event_ids if str(known) == str(event_id)]
        if like and event_id not in self.event_ids:
            kinds = [type(value).__name__ for value in (event_id, like[0])]
            raise OptionError(
                f"event_id={event_id!r} ({kinds[0]}) is not known; the events hold {like[0]!r} ({kinds[1]}). Hand over that."
            )
        check_option("event_id", event_id, self.event_ids)

    @cached_property
    def _kept(self) -> dict[Any, Any]:
        """Mean correlations and designs by window and rows: several tests of the table ask for the same ones."""
        return {}

    def _mean_correlation(self, columns: slice, rows: Bool1D) -> float:
        key = ("correlation", columns.start, columns.stop, rows.tobytes())
        if key not in self._kept:
            days, days_event = self.panel.days[rows], self.panel.days_event[rows][:, columns]
            self._kept[key] = mean_correlation(self.fit.residuals[rows], days, days_event)
        return self._kept[key]

    def _judged(self, name: str, columns: slice) -> SignificanceTest:
        events, pooled = self.panel.labels["event_id"], self.portfolio_panel.labels["event_id"]
        rows, left_out = entering(name, self.fit, self.portfolio_fit, events, pooled, columns)
        key = ("design", columns.start, columns.stop, rows.tobytes(), left_out)
        if key not in self._kept:
            panel = self.panel.only(rows)
            same_days = panel.members_share_days()
            self._kept[key] = judge.Design.of(panel.days_event[:, columns], panel.labels, same_days, left_out)
        return judge.judged(self._tests[name](columns), self._kept[key])

    def _by_offset(self, values: Float2D) -> pd.DataFrame:
        columns = pd.Index(list(self.windows.event.offsets), name="offset")
        return pd.DataFrame(values, index=self._index, columns=columns)

    def _car_frame(self, fit: WindowFit, index: pd.Index[Any], columns: slice) -> pd.DataFrame:
        cars, std_errors = car_arrays(fit, columns)
        stats = cars / std_errors
        pvalues = tests.t_pvalue(stats, fit.df_resid.astype(float))
        data = {"CAR": cars, "std_error": std_errors, "tstat": stats, "pvalue": pvalues}
        return pd.DataFrame(data, index=index)


def _pair(window: WindowLike) -> tuple[int, int]:
    # A Window holds whatever it was made of; a pair is checked.
    chosen = Window.of((window.start, window.end) if isinstance(window, Window) else window)
    return chosen.start, chosen.end


def _interval(cars: pd.DataFrame, df: Any, level: float) -> pd.DataFrame:
    if not 0 < level < 1:
        raise OptionError(f"level={level} must lie between 0 and 1, for example 0.95.")
    half = tests.t_quantile(0.5 + level / 2, np.asarray(df, dtype=float)) * cars["std_error"]
    return pd.DataFrame({"lower": cars["CAR"] - half, "upper": cars["CAR"] + half}, index=cars.index)
