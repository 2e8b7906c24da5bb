"""Results of an event study: the estimates, and the tests, corrections and further questions put to them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from potash._display import Displayed
from potash._typing import Bool1D, Float1D, Int1D
from potash.errors import WindowError, check_option
from potash.sessions import Window
from potash.study.fitted import PORTFOLIO, Fitted, WindowLike, pair_of
from potash.study.inference import assumptions
from potash.study.inference.battery import battery, entering, with_car
from potash.study.inference.correlation import mean_correlation
from potash.study.inference.significance import SignificanceTest

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from potash.study.further.joint import JointRegression
    from potash.study.further.weighted import WeightedAverage

RULE = "-" * 100


@dataclass(frozen=True, repr=False)
class EventStudyResults(Displayed, Fitted):
    """Estimates of an event study, with its tests and its ledger; made by :meth:`potash.EventStudy.fit`.

    Frames by firm-event have the index ``(event_id, ticker)``; returns are fractions (.01 is one percent); windows are
    offsets in sessions with both ends included and lie inside the event window. A CAR with a missing day is NaN, never
    a shorter sum.

    ``study`` is the :class:`potash.EventStudy` that made them.

    Examples
    --------
    >>> import potash
    >>> returns = potash.log_returns(potash.load_prices())
    >>> events = potash.load_timeline().align(["NTR", "MOS"], ["2025-12-13-us-lifts-potash"])
    >>> study = potash.EventStudy(
    ...     returns[["NTR", "MOS"]], events, returns_kind="log", model=potash.MarketModel(market=returns["SPY"]),
    ...     event_window=(-5, 10), estimation_window=(-130, -11),
    ... )
    >>> study.fit().car((0, 0))["CAR"].round(4).tolist()
    [-0.0143, -0.0483]
    """

    study: Any = field(default=None, repr=False, compare=False)

    def run_up(self) -> pd.DataFrame:
        """Return ``CAR std_error tstat pvalue`` of the sessions before day 0: from -5, or the window's start, to -1.

        What an announcement moved before it was made, or what day 0 takes back. Index ``(event_id, ticker)``; the
        portfolio's rows, after all firms', have the ticker ``"portfolio"``. Numbers as :meth:`car` gives them.

        Raises
        ------
        WindowError
            If the event window begins on day 0 or after it.
        """
        start = self.windows.event.start
        if start > -1:
            raise WindowError(
                f"event_window {self.windows.event} holds no session before day 0, so there is no run-up. Begin it at -5."
            )
        window = (max(start, -5), -1)
        portfolio = self.portfolio(window)
        portfolio.index = pd.MultiIndex.from_product([portfolio.index, [PORTFOLIO]], names=["event_id", "ticker"])
        return pd.concat([self.car(window), portfolio])

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
        columns = self.columns(window)
        return self._judged(name, columns)

    def tests(self, window: WindowLike = (0, 0)) -> pd.DataFrame:
        """Return every test as one tidy table, indexed by ``test``.

        Columns ``stat``, ``pvalue``, ``distribution``, ``n``, ``estimate``, ``std_error``, ``holds`` (whether the test's
        assumptions hold for this design), ``reason`` and ``null``.
        """
        chosen = self.columns(window)
        tests = [self._judged(name, chosen) for name in self._tests]
        rows = [
            (t.name, t.stat, t.pvalue, t.distribution, t.n_obs, t.estimate, t.std_error, t.holds, t.reason, t.null)
            for t in tests
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
        from potash.study.further.buy_and_hold import bhar

        return bhar(self, None if window is None else pair_of(window))

    def weighted_car(self, window: WindowLike, weights: Any = "precision") -> WeightedAverage:
        """Return the weighted mean CAR with its standard error; see :func:`potash.study.further.weighted.weighted_car`."""
        from potash.study.further.weighted import weighted_car

        return weighted_car(self, pair_of(window), weights=weights)

    def abnormal_volatility(self) -> pd.DataFrame:
        """Return each session's ratio of event variance to expected variance, and its test."""
        from potash.study.further.volatility import abnormal_volatility

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

    @cached_property
    def warnings(self) -> pd.DataFrame:
        """Firm-events kept that need care: ``event_id``, ``ticker``, ``reason``, ``detail``, as in the ledger.

        A security that hardly trades has zero returns on more than half of its estimation window: its standard error is
        too small for the day on which it does trade. The share is ``zero_returns`` of :meth:`diagnostics`. A firm whose
        returns are those of another counts twice in means and tests.
        """
        from potash.study.further.data_quality import same_returns, thin_trading

        rows = [frame for frame in (thin_trading(self.panel), same_returns(self.panel)) if len(frame)]
        columns = ["event_id", "ticker", "reason", "detail"]
        return pd.concat(rows, ignore_index=True) if rows else pd.DataFrame(columns=columns)

    def factor_holes(self) -> pd.DataFrame:
        """Return what the missing values of each factor cost.

        Returns
        -------
        DataFrame
            Index ``factor``; over the firm-events kept, the days that have a return and lack the factor: ``estimation`` and
            ``event_days``, and ``estimation_share`` and ``event_share`` of all that have a return. What was dropped stands in
            the ledger; ordinary days lost in :meth:`potash.EventStudy.ordinary_days`.
        """
        from potash.study.further.data_quality import factor_holes

        return factor_holes(self.panel)

    @property
    def test_names(self) -> list[str]:
        """Names that :meth:`test` takes."""
        return list(self._tests)

    def mean_correlation(self, window: WindowLike = (0, 0)) -> float:
        """Return the mean correlation of abnormal returns over all pairs of firm-events, as Kolari-Pynnonen uses it."""
        columns = self.columns(window)
        return self._mean_correlation(columns, with_car(self.fit, columns))

    def summary(self, window: WindowLike | None = None) -> str:
        """Return the study as text: set-up, parameters, CARs, tests and the ledger."""
        return _summary(self, window)

    def _line(self) -> str:
        events = self.panel.labels["event_id"].nunique()
        return (
            f"{self.model_name}, {self.returns_kind} returns, {len(self.panel.labels)} firm-events of {events} events, "
            f"{len(self.panel.dropped)} dropped"
        )

    def _facts(self) -> dict[str, object]:
        windows = self.windows
        return {"event window": str(windows.event), "estimation window": str(windows.estimation)}

    def _table(self) -> pd.DataFrame:
        chosen = (0, 0) if 0 in self.windows.event.offsets else None
        cars = self.car(chosen)
        label = "AR on day 0" if chosen else f"CAR over {self.windows.event}"
        return pd.DataFrame(
            {
                label: [f"{value:+.2%}" for value in cars["CAR"]],
                "standard error": [f"{value:.2%}" for value in cars["std_error"]],
                "p": [f"{value:.3f}" for value in cars["pvalue"]],
            },
            index=cars.index,
        )

    def plot_car(self, event_id: Any = None, tickers: list[str] | None = None, ax: Axes | None = None) -> Axes:
        """Return an axis with the CAR paths of one event (the first by default) and the portfolio's 95 % band."""
        from potash.study.plots import plot_car  # matplotlib is heavy

        chosen = event_id if event_id is not None else self.event_ids[0]
        self.check_event(chosen)
        path = self.car_path()
        path = path[path["event_id"] == chosen]
        for ticker in tickers or []:
            check_option("ticker", ticker, path["ticker"].unique())
        wanted = [*(tickers or path["ticker"].unique()), PORTFOLIO]
        return plot_car(path[path["ticker"].isin(wanted)], ax=ax, title=str(chosen))

    @cached_property
    def _tests(self) -> dict[str, Callable[[slice], SignificanceTest]]:
        return battery(self.fit, self.portfolio_fit, self._mean_correlation)

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
        rows, left_out = entering(name, self.fit, self.portfolio_fit, self._event, columns)
        key = ("design", columns.start, columns.stop, rows.tobytes(), left_out)
        if key not in self._kept:
            same_days = self.panel.members_share_days(rows)
            days = self.panel.days_event[rows][:, columns]
            skewness = self._skewness[rows]
            self._kept[key] = assumptions.Design.of(days, self._event[rows], same_days, left_out, skewness)
        return assumptions.judged(self._tests[name](columns), self._kept[key])

    @cached_property
    def _skewness(self) -> Float1D:
        return assumptions.kelley_skewness(self.fit.residuals)

    @cached_property
    def _event(self) -> Int1D:
        """The row of the portfolio of each firm-event."""
        return np.asarray(pd.Index(self.portfolio_labels["event_id"]).get_indexer(self.panel.labels["event_id"]))


def _summary(results: EventStudyResults, window: WindowLike | None) -> str:
    """Return set-up, parameters, CARs over a window (the event window by default), tests and ledger as text."""
    chosen = results.windows.event if window is None else Window.of(window)
    labels = results.panel.labels
    cars = results.car(chosen)
    limits = results.conf_int(chosen)
    table = cars.join(limits)
    shown = table.to_string(
        formatters={
            **dict.fromkeys(("CAR", "lower", "upper"), "{:+.2%}".format),
            "std_error": "{:.2%}".format, "tstat": "{:+.2f}".format, "pvalue": "{:.4f}".format,
        },
        na_rep="missing",
    )  # fmt: skip
    tests = results.tests(chosen)[["stat", "pvalue", "distribution", "n", "holds"]]
    lines = [
        "Event study".center(100).rstrip(),
        RULE,
        f"Model              {results.model_name} on {results.returns_kind} returns",
        f"Windows            event {results.windows.event}, estimation {results.windows.estimation} in sessions, ends included",
        f"Firm-events        {len(labels)} of {labels['event_id'].nunique()} events; {len(results.panel.dropped)} dropped",
        f"Prices             {results.source or 'snapshot not stated'}",
        RULE,
        f"CAR {chosen} with 95 % confidence limits",
        shown,
        RULE,
        f"Tests of the mean over firm-events {chosen}; holds: do its assumptions fit this design",
        tests.to_string(float_format="{:.4f}".format, na_rep="-"),
        RULE,
        *_ledger(results.panel.dropped),
        *_cautions(results),
    ]
    return "\n".join(lines)


def _cautions(results: EventStudyResults) -> list[str]:
    """Return lines on what was kept and needs care; none where there is nothing."""
    rows = [f"  {r.event_id} ({r.ticker}): {r.reason}: {r.detail}" for r in results.warnings.itertuples()]
    holes = results.factor_holes()
    costly = holes[holes[["estimation", "event_days"]].sum(axis=1) > 0]
    rows += [
        f"  {r.Index}: missing on {r.estimation} days of estimation windows ({r.estimation_share:.1%}) and {r.event_days} of "
        f"event windows ({r.event_share:.1%})"
        for r in costly.itertuples()
    ]
    return ["Take care:", *rows] if rows else []


def _ledger(dropped: pd.DataFrame) -> list[str]:
    if dropped.empty:
        return ["Dropped: none"]
    rows = [f"  {r.event_id} ({r.ticker}): {r.reason}: {r.detail}" for r in dropped.itertuples()]
    return ["Dropped:", *rows]
