"""The event study: configured once, fitted on demand, its results immutable."""

from __future__ import annotations

import warnings
from dataclasses import replace
from functools import cached_property
from typing import Any, Literal

import numpy as np
import pandas as pd

from potash._display import Displayed, span_of
from potash._typing import Bool1D, Float2D, Int1D
from potash.errors import InputError, PotashWarning, check_option, listed
from potash.sessions import Window
from potash.study.alignment import EventPanel, align, day_numbers
from potash.study.engine.window_fit import WindowFit
from potash.study.engine.windows import Windows
from potash.study.every_session import every_session
from potash.study.expected_returns.controls import ControlGroup, control_group, with_factor
from potash.study.expected_returns.ordinary import OnPanel
from potash.study.expected_returns.protocol import ReturnModel
from potash.study.fitted import PORTFOLIO, pair_of
from potash.study.further.data_quality import MOST, zero_share
from potash.study.inference.placebo import placebo_pvalue
from potash.study.inputs import check_events, check_kind, check_returns, events_left_out
from potash.study.inputs import check_units as refuse_units
from potash.study.ledger import require_some, unfitted
from potash.study.ordinary_days import OrdinaryDays, ordinary_days
from potash.study.portfolios import portfolios
from potash.study.results import EventStudyResults

ReturnsKind = Literal["simple", "log"]


class EventStudy(Displayed):
    """An event study of securities around events.

    Parameters
    ----------
    returns : DataFrame
        Sessions x securities, as fractions (.01 is one percent). Missing returns stay missing.
    events : DataFrame
        From :meth:`potash.Timeline.align`, or any frame with ``event_id`` and ``session`` (every security), or
        ``event_id``, ``ticker``, ``session``. ``session`` is day 0. With a column ``exchange`` (MIC) offsets count that
        exchange's own sessions; without it they count the rows of ``returns``.
    returns_kind : {"simple", "log"}
        What the returns are; no default, and the results print it.
    model : ReturnModel
        :class:`MarketModel`, :class:`MarketAdjusted` or :class:`MeanAdjusted`.
    event_window, estimation_window : pair of int
        Offsets in sessions around day 0, both ends included; the estimation window ends before the event window.
    min_estimation : int, optional
        Fewest returns that an estimation window must have; by default four fifths of its length.
    exclude_events : bool or DataFrame
        Whether estimation windows leave out the event windows of other events of the same security, so that overlapping
        events do not contaminate one another. A frame in the form of ``events`` names the events to leave out; ``True``
        means those of the study. The sessions left out count as missing.
    other_events : DataFrame, optional
        Further events, in the form of ``events``, that are not studied: a window that holds day 0 of one is not ordinary.
    controls : DataFrame or ControlGroup, optional
        Returns of firms that the news does not concern, sessions x tickers. What :func:`potash.verdicts` and
        :func:`potash.decompose` say is measured against the model's factors and the controls' mean; :meth:`fit` is not
        changed by them.
    check_units : bool
        Whether to refuse returns, factors and controls that look like percent, basis points or prices. ``False`` takes them
        as they are: for factors that are no returns, or securities that move more than 10 % on an ordinary day.

    Raises
    ------
    InputError
        If the returns, the events, the windows or an option break a rule; the message says which.

    Warns
    -----
    PotashWarning
        By :meth:`fit` where a security has zero returns on most of an estimation window, or the same returns as another firm
        of the event; where ordinary days are compared with, if missing values of a factor cost many of them; and where
        controls hardly trade.

    Examples
    --------
    >>> import numpy as np, pandas as pd, potash
    >>> days = pd.bdate_range("2025-01-01", periods=150)
    >>> noise = np.random.default_rng(1).normal(0, 0.01, (150, 3))
    >>> returns = pd.DataFrame(noise, index=days, columns=["A", "B", "M"])
    >>> events = pd.DataFrame({"event_id": ["e1"], "session": [days[140]]})
    >>> study = potash.EventStudy(
    ...     returns[["A", "B"]], events, returns_kind="log", model=potash.MarketModel(returns["M"]),
    ...     event_window=(-1, 1), estimation_window=(-120, -11),
    ... )
    >>> study.fit().car((0, 0)).shape
    (2, 4)
    """

    def __init__(
        self,
        returns: pd.DataFrame,
        events: pd.DataFrame,
        *,
        returns_kind: ReturnsKind,
        model: ReturnModel,
        event_window: tuple[int, int] = (-5, 5),
        estimation_window: tuple[int, int] = (-130, -11),
        min_estimation: int | None = None,
        exclude_events: bool | pd.DataFrame = False,
        other_events: pd.DataFrame | None = None,
        controls: pd.DataFrame | ControlGroup | None = None,
        check_units: bool = True,
    ) -> None:
        check_option("returns_kind", returns_kind, ("simple", "log"))
        if isinstance(model, type) or not isinstance(model, ReturnModel):
            raise InputError(
                f"model={model!r} is not a model of expected returns. Hand over an instance, for example "
                "potash.MarketModel(market=returns['SPY'])."
            )
        self.windows = Windows.of(event_window, estimation_window, min_estimation, len(model.param_names))
        if hasattr(model, "with_gap"):  # a forecast of variance needs to know how far ahead day 0 lies
            model = model.with_gap(self.windows.event.start - self.windows.estimation.end - 1)
        check_kind(returns, returns_kind, "returns")
        if PORTFOLIO in map(str, returns.columns):
            raise InputError(
                f"returns: a security is called {PORTFOLIO!r}, which in results stands for the mean of an event's firms. Rename "
                "its column, and its ticker in the events."
            )
        frames = {"returns": returns}
        if len(model.factors.columns):
            sessions = model.factors.columns.get_level_values(-1) == "sessions"  # of trade-to-trade returns: a count
            frames["the model's factors"] = model.factors.loc[:, ~sessions]
        self.returns, self.events, self.model = returns.copy(), events.copy(), model
        self.returns_kind: ReturnsKind = returns_kind
        self.skipped = events_left_out(exclude_events, self.events)
        self.other_events = (
            None if other_events is None else check_events(other_events, [str(c) for c in returns.columns])
        )
        self.controls, self.check_units = control_group(controls), check_units
        self._against: dict[tuple[str, ...], EventStudy] = {}
        # What is computed of the study and asked for again, by who asks; it goes with the study.
        self.kept: dict[Any, Any] = {}
        if self.controls is not None:
            check_kind(self.controls.returns, returns_kind, "controls")
            self._check_controls(self.controls)
            frames["controls"] = self.controls.returns
        if check_units:
            if "the model's factors" in frames:
                check_kind(frames["the model's factors"], returns_kind, "the model's factors")
            refuse_units(frames)

    def _line(self) -> str:
        windows = f"event window {self.windows.event}, estimation window {self.windows.estimation}"
        return f"{self.model.name}, {self.returns_kind} returns of {len(self.returns.columns)} securities, {windows}"

    def _facts(self) -> dict[str, object]:
        return {
            "securities": listed(map(str, self.returns.columns)),
            "returns": span_of(self.returns.index),
            "events": self.events["event_id"].nunique(),
            "controls": "none" if self.controls is None else listed(self.controls.tickers),
        }

    def _check_controls(self, controls: ControlGroup) -> None:
        both = sorted(set(controls.tickers) & {str(column) for column in self.returns.columns})
        if both:
            raise InputError(
                f"controls: {listed(both)} are among the firms studied, which their mean would then explain by themselves. Take "
                "them out of the returns or of the controls."
            )
        checked = check_returns(controls.returns, "controls")
        idle = checked.columns[zero_share(checked.to_numpy().T) > MOST]
        if len(idle):
            warnings.warn(
                f"controls: {listed(idle)} have zero returns on most days, which takes from the mean of the group what the "
                "others share. Leave them out.",
                PotashWarning,
                stacklevel=3,
            )
        with_factor(self.model, controls.mean(controls.tickers))

    def against_controls(self, event_id: Any) -> EventStudy:
        """Return the study of the same firms and events against the model's factors and the mean of an event's controls.

        The study itself where no control is left; made once for the same controls.
        """
        tickers = () if self.controls is None else self.controls.of_event(event_id)
        if self.controls is None or not tickers:
            return self
        if tickers not in self._against:
            self._against[tickers] = self.changed(model=with_factor(self.model, self.controls.mean(tickers)))
        return self._against[tickers]

    def changed(
        self,
        *,
        returns: pd.DataFrame | None = None,
        events: pd.DataFrame | None = None,
        model: ReturnModel | None = None,
        controls: ControlGroup | None = None,
    ) -> EventStudy:
        """Return a study with some parts changed and the same settings; without controls unless some are given.

        Units are not judged again. Of the events to keep clear of, those of securities without returns are left out.
        """
        kept, windows = self.returns if returns is None else returns, self.windows
        chosen = self.model if model is None else model
        skipped, other = (_of_securities(frame, kept) for frame in (self.skipped, self.other_events))
        return EventStudy(
            kept,
            self.events if events is None else events,
            returns_kind=self.returns_kind,
            model=chosen,
            event_window=(windows.event.start, windows.event.end),
            estimation_window=(windows.estimation.start, windows.estimation.end),
            # One more factor needs one more return.
            min_estimation=max(windows.min_estimation, len(chosen.param_names) + 3),
            exclude_events=False if skipped is None else skipped,
            other_events=other,
            controls=controls,
            check_units=False,
        )

    def fit(self) -> EventStudyResults:
        """Return the results.

        Raises
        ------
        NoUsableEventsError
            If every firm-event went into the ledger; the message lists the reasons.
        """
        first = "_fitted" not in self.__dict__
        results = self._fitted
        if first and len(results.warnings):
            details = [f"{row.event_id} ({row.ticker}): {row.detail}" for row in results.warnings.itertuples()]
            warnings.warn(f"{listed(details, 4)}. See results.warnings.", PotashWarning, stacklevel=2)
        return results

    @cached_property
    def _fitted(self) -> EventStudyResults:
        panel = align(self.returns, self.events, self.model.factors, self.windows, self.skipped)
        require_some(panel.labels, panel.dropped)
        fit = self._estimate(panel)
        usable = np.isfinite(fit.variance) & (fit.variance > 0)
        if not usable.all():
            panel, fit = self._without_fit(panel, ~usable), fit.only(usable)
            require_some(panel.labels, panel.dropped)
        return EventStudyResults(
            panel=panel,
            fit=fit,
            portfolio_labels=_portfolio_labels(panel.labels),
            portfolio_fit=self._portfolio_fit(panel, fit),
            windows=self.windows,
            model_name=self.model.name,
            param_names=tuple(self.model.param_names),
            returns_kind=self.returns_kind,
            source=str(self.returns.attrs.get("snapshot", "")),
            study=self,
        )

    def _without_fit(self, panel: EventPanel, failed: Bool1D) -> EventPanel:
        """Return the panel without the firm-events whose estimation failed, which go into its ledger."""
        columns = self.model.factors.columns
        names = list(columns.get_level_values(-1)) if len(columns) else []
        entries = unfitted(panel.labels[failed], panel.y[failed], panel.x[failed], names)
        ledger = pd.concat([panel.dropped, entries], ignore_index=True) if len(panel.dropped) else entries
        return replace(panel.only(~failed), dropped=ledger)

    def _estimate(self, panel: EventPanel) -> WindowFit:
        windows = self.windows
        if isinstance(self.model, OnPanel):
            return self.model.fit_panel(panel.returns, panel.series, panel.day_zero, windows.event, windows.estimation)
        return self.model.fit(panel.y, panel.x, panel.y_event, panel.x_event)

    def _portfolio_fit(self, panel: EventPanel, fit: WindowFit | None = None) -> WindowFit:
        """Return the fit of the portfolio of each event's firms, in the order of the events; ``fit`` is that of the firms."""
        event = pd.factorize(panel.labels["event_id"])[0]
        if fit is not None and event.max(initial=-1) + 1 == len(event):
            portfolio_fit = fit  # of a single firm each
        else:
            made = portfolios(panel.returns, panel.sessions, panel.series, panel.day_zero, event, self.windows)
            portfolio_fit = self._estimate(
                replace(panel, returns=made.panel, series=made.series, day_zero=made.day_zero)
            )
        enough = portfolio_fit.nobs >= self.windows.min_estimation
        spans = None
        if portfolio_fit.spans is not None:
            spans = _common_spans(self._estimate(panel) if fit is None else fit, event)
        return replace(portfolio_fit, variance=np.where(enough, portfolio_fit.variance, np.nan), spans=spans)

    def portfolio_fit(self, panel: EventPanel) -> WindowFit:
        """Return the fit of the portfolio of each event's firms in a panel, in the order of the events."""
        return self._portfolio_fit(panel)

    def placebo(self, window: tuple[int, int] = (0, 0)) -> pd.DataFrame:
        """Return how unusual each event's portfolio CAR is among ordinary days.

        The same portfolio, model and windows are applied to every session whose event window keeps clear of the event
        windows of all events studied and of day 0 of those dropped. Estimation windows may hold an event, which widens
        the standard errors of some placebo days a little.

        Returns
        -------
        DataFrame
            Index ``event_id``; columns ``stat`` (portfolio CAR over its standard error), ``pvalue`` (share of placebo
            days, the event counted among them, whose statistic is at least as large in absolute value), ``n_placebo``,
            ``lower`` and ``upper`` (2.5 % and 97.5 % quantiles of the placebo CARs). NaN where fewer than 20 placebo
            days exist.
        """
        results, columns = self.fit(), self.fit().columns(window)
        rows = []
        for (event_id, stat), days in zip(results.portfolio(window)["tstat"].items(), self._ordinary, strict=True):
            ordinary = days.cars(columns).dropna(subset="CAR")
            pvalue = placebo_pvalue(float(stat), ordinary["tstat"].to_numpy())
            band = [np.nan, np.nan] if np.isnan(pvalue) else ordinary["CAR"].quantile([0.025, 0.975]).tolist()
            rows.append((event_id, stat, pvalue, len(ordinary), *band))
        columns_out = ["event_id", "stat", "pvalue", "n_placebo", "lower", "upper"]
        return pd.DataFrame(rows, columns=columns_out).set_index("event_id")

    def placebo_cars(self, window: tuple[int, int] = (0, 0)) -> pd.DataFrame:
        """Return the portfolio CARs on ordinary days that :meth:`placebo` compares each event with.

        Columns ``event_id``, ``session``, ``CAR``, ``std_error``, ``tstat``, ``pvalue``; no row where there is none.
        """
        results, columns = self.fit(), self.fit().columns(window)
        pieces = [
            days.cars(columns).assign(event_id=event_id)
            for event_id, days in zip(results.event_ids, self._ordinary, strict=True)
        ]
        frame = pd.concat(pieces, ignore_index=True)
        return frame[["event_id", "session", "CAR", "std_error", "tstat", "pvalue"]]

    def every_session(self, windows: list[tuple[int, int]] | None = None) -> pd.DataFrame:
        """Return the statistics of all firms on every session as if each were day 0, events or not.

        Parameters
        ----------
        windows : list of pairs, optional
            Windows inside the event window, offsets with both ends included; by default day 0 alone.

        Returns
        -------
        DataFrame
            A row for each window and session: ``session``, ``window``, ``n`` (firms with a CAR), ``CAR`` and ``std_error`` of
            their equal-weighted portfolio, and the statistics ``portfolio`` (CAR over its standard error), ``patell``,
            ``bmp`` and ``kolari_pynnonen`` with the ``mean_correlation`` that it uses. NaN where a statistic does not apply.
            Sessions on which no firm can be studied have no row.

        Raises
        ------
        InputError
            If the model is not estimated by least squares on the panel, or ``windows`` is empty or reaches outside the event
            window.
        """
        if not isinstance(self.model, OnPanel) or not self.model.param_names:
            raise InputError(
                f"every_session needs a model estimated by least squares; {self.model.name} is not. Choose MeanAdjusted, "
                "MarketModel, FactorModel or Dimson."
            )
        if windows is not None and not windows:
            raise InputError("windows=[] holds none. Name at least one, for example [(0, 0)].")
        results = self.fit()
        chosen = tuple(Window.of(pair_of(window)) for window in windows or [(0, 0)])
        for window in chosen:
            results.columns(window)
        panel = replace(results.panel, returns=self.model.regressed(results.panel.returns))
        return every_session(panel, pd.DatetimeIndex(self.returns.index), chosen)

    @cached_property
    def _ordinary(self) -> list[OrdinaryDays]:
        """The ordinary days of each event's firms: made once, since every window asks for them."""
        index, other = pd.DatetimeIndex(self.returns.index), None
        if self.other_events is not None:
            other = day_numbers(pd.DatetimeIndex(self.other_events["session"].dropna()))
        days = ordinary_days(self.fit().panel, index, self._portfolio_fit, other)
        costly = {id(each): why for each in days if (why := each.why_fewer())}
        if costly:
            # Past this property and its cache, to who asked for the days.
            warnings.warn(listed(dict.fromkeys(costly.values()), 4), PotashWarning, stacklevel=4)
        return days

    def ordinary_days(self, event_id: Any) -> OrdinaryDays:
        """Return the portfolio of an event's firms on all sessions without an event: their day 0 and the fit of each.

        A session counts where all firms can be studied, and where its event window keeps clear of the event windows of the
        events studied, of day 0 of those dropped, and of day 0 of ``other_events``.
        """
        results = self.fit()
        results.check_event(event_id)
        return self._ordinary[results.event_ids.index(event_id)]

    def firms_on_ordinary_days(self, event_id: Any) -> WindowFit:
        """Return the fit of each of an event's firms on its ordinary days: those of a session side by side."""
        return self._estimate(self.ordinary_days(event_id).places)


def _of_securities(events: pd.DataFrame | None, returns: pd.DataFrame) -> pd.DataFrame | None:
    """Return the rows of events whose security has a column of returns; None without any."""
    if events is None or "ticker" not in events:
        return events
    rows = events[events["ticker"].astype(str).isin([str(column) for column in returns.columns])]
    return rows if len(rows) else None


def _common_spans(fit: WindowFit, event: Int1D) -> Float2D:
    """Return the sessions that each portfolio's day spans; NaN where its firms' returns span different ones.

    Only where no firm traded is a day of the portfolio covered by a later one. Where some did, their returns of that day are
    in no later return of the portfolio, so a CAR over it is missing.
    """
    spans = np.asarray(fit.spans)
    members = [spans[event == number] for number in range(event.max(initial=-1) + 1)]
    return np.stack([np.where(np.ptp(rows, axis=0) == 0, rows[0], np.nan) for rows in members])


def _portfolio_labels(labels: pd.DataFrame) -> pd.DataFrame:
    """Return the labels of each event's first firm-event, with the tickers of all its firms."""
    tickers: dict[Any, list[str]] = {}
    for event_id, ticker in zip(labels["event_id"].tolist(), labels["ticker"].tolist(), strict=True):
        tickers.setdefault(event_id, []).append(ticker)
    first = labels.drop_duplicates("event_id").reset_index(drop=True)
    return first.assign(ticker=[",".join(firms) for firms in tickers.values()])
