"""What a set of signed events did together, with everything that stands behind it."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from potash.sessions import Window
from potash.study.answer.verdicts import MARGIN
from potash.study.answer.words import interval, p_is, p_value, percent, size_of, when

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.axes import Axes

PooledOutcome = Literal["effect", "against", "ruled out", "undecided", "unknown"]
MARKET, CONTROLLED = "market", "market and controls"
BEYOND = {MARKET: "the market", CONTROLLED: "market and control group"}
SHARES = (
    "average",
    "std_error",
    "weighted",
    "lower",
    "upper",
    "detectable",
    "average_days_once",
    "days_once_std_error",
)


@dataclass(frozen=True, eq=False, repr=False)
class Pooled:
    """The average effect of signed events; made by :func:`potash.pooled`.

    Effects are fractions in the expected direction: each event's CAR times its sign. Every frame has a column ``against``:
    ``"market"`` for the study's own model, ``"market and controls"`` where the controls' mean explains a part too.

    Attributes
    ----------
    effects : DataFrame
        A row per ``against``, ``name`` of the window, ``window`` and ``events`` (``"all"``, ``"tightening"``: sign +1,
        ``"relief"``: sign -1), with ``n_events`` and

        - ``average``: plain mean over events, and its ``std_error``, scaled, with the days that events share;
        - ``sum_of_t``: the sum of the signed ``own_tstat`` over the root of ``n_events``, its ``randomization_pvalue`` among
          ``n_sets`` other sets of dates, and ``max_t_pvalue``, corrected for looking at all windows;
        - ``weighted``: the average with weights of one over the standard errors, whose test that is, with ``lower`` and
          ``upper``, the 95 % limits that the randomization does not reject;
        - ``detectable``: the smallest effect, the same in each event, that the randomization finds with a power of 80 % at the
          events' volatility;
        - ``average_days_once``, ``days_once_std_error``, ``days_once_pvalue``: the same with each of ``n_days`` calendar days
          counted once: the mean over days times the sessions of the window. A day in the windows of several events belongs
          to the one whose day 0 is nearest; of two equally near ones to the earlier, and to none if their signs differ.
    events : DataFrame
        A row per ``against``, window and event: ``sign``, ``kind``, ``session`` (day 0), ``tickers``, ``controls`` (empty where
        all are left out, and the event is measured against the study's own model), ``CAR``, ``std_error`` (scaled: never below
        that of the estimation window), ``tstat``, ``df``, ``volatility`` of the days around the window (standard deviation over
        that expected), ``own_tstat`` (at that volatility, high or low), ``in_expected_direction`` (``CAR`` times ``sign``),
        ``days_counted`` (of the window's days, where each is counted once) and ``shares_days_with`` (ids, with commas).
    left_out : DataFrame
        ``event_id``, ``ticker`` (empty where it is the whole event), ``against``, ``window`` (both empty for all) and the
        ``reason`` of everything that is not in the average.
    leave_one_out : DataFrame
        In the primary window: ``left_out``, ``kind`` (``event``, ``firm``), ``n_events``, ``average``, ``sum_of_t``,
        ``randomization_pvalue``.
    by_kind : DataFrame
        The same by ``kind`` of event; empty without ``kinds``.
    chains : DataFrame
        In the primary window: each link (``event_id``) of each ``chain_id``, and their sum (``event_id`` empty) with days counted
        once: ``sign`` (0 for a sum), ``n_days``, ``in_expected_direction``, ``std_error``, ``tstat``, ``randomization_pvalue``.
    exposure : DataFrame
        In the primary window: ``ticker``, ``exposure``, ``n_events``, ``average``, ``std_error`` of each firm.
    dose_response : DataFrame
        ``slope`` of ``average`` on ``exposure``, ``intercept``, ``n_firms``, ``pvalue`` (exact, all orders of the firms) and
        ``smallest_pvalue``, what so few firms can give at best. To be shown, and no proof.
    tests : DataFrame
        Per ``against`` and window the tests of the events' portfolios, not scaled: ``test``, ``stat``, ``pvalue``, ``n``,
        ``mean_correlation`` (of the signed portfolios, over all pairs), ``holds`` (false for those that take events for
        independent where events share days), ``null``.
    calendar_time : DataFrame
        Per ``against`` and window the portfolio's daily return regressed on the factors and the signed days of events:
        ``errors`` (``ols``, ``hc3``, ``hac``), ``effect`` (slope times the sessions of the window), ``std_error``, ``tstat``,
        ``pvalue``, ``n_days``, ``nobs``, ``df``.
    primary : Window
        Fixed in advance.
    against : str
        What counts: ``"market and controls"`` where there are controls.
    all_sets : bool
        Whether the randomization took all sets of dates, and not a seeded sample.
    """

    effects: pd.DataFrame
    events: pd.DataFrame
    left_out: pd.DataFrame
    leave_one_out: pd.DataFrame
    by_kind: pd.DataFrame
    chains: pd.DataFrame
    exposure: pd.DataFrame
    dose_response: pd.DataFrame
    tests: pd.DataFrame
    calendar_time: pd.DataFrame
    primary: Window
    against: str
    all_sets: bool

    @property
    def headline(self) -> pd.Series:
        """The row of ``effects`` that counts: all events, the primary window, the controls where there are some."""
        rows = self.effects[(self.effects["against"] == self.against) & (self.effects["events"] == "all")]
        return rows[rows["window"] == str(self.primary)].iloc[0]

    @property
    def pvalue(self) -> float:
        """Of the headline, by randomization."""
        return float(self.headline["randomization_pvalue"])

    def outcome(self, size: float = 0.05, margin: float = MARGIN) -> PooledOutcome:
        """Return what the numbers say: an effect, one against what was expected, none beyond ``margin``, or undecided.

        None beyond the margin: the randomization rejects every effect as large that is the same in each event, and the plain
        mean lies at least 1.96 standard errors inside. Unknown where there is no p-value.
        """
        row = self.headline
        if np.isnan(self.pvalue):
            return "unknown"
        if self.pvalue < size:
            return "effect" if row["sum_of_t"] > 0 else "against"
        bounds = (abs(row["lower"]), abs(row["upper"]), abs(row["average"]) + 1.96 * row["std_error"])
        return "ruled out" if all(bound < margin for bound in bounds) else "undecided"

    def sentence(self, size: float = 0.05, margin: float = MARGIN) -> str:
        """Return the answer in at most 40 words."""
        row = self.headline
        n = int(row["n_events"])
        over = f"over {n} signed event{'s' if n != 1 else ''}"
        outcome = self.outcome(size, margin)
        if outcome == "unknown":
            return f"No verdict {over}: too few other sets of dates, or a day of each event is missing."
        moved = (
            f"{over} the firms moved {percent(row['average'])} on average in the expected direction {when(self.primary)}, "
            f"beyond {BEYOND[self.against]}"
        )
        p = f"randomization {p_is(self.pvalue)}"
        if outcome in ("effect", "against"):
            head = "An effect" if outcome == "effect" else "An effect against what was expected"
            return f"{head}: {moved} ({p}, {int(row['n_sets']):,} other sets of dates)."
        if outcome == "ruled out":
            fit = f"{interval(row['lower'], row['upper'])} fit"
            return f"No average effect beyond {size_of(margin)}: {moved} ({p}; {fit})."
        found_if = (
            "" if np.isnan(row["detectable"]) else f"; {size_of(row['detectable'])} would usually have been found"
        )
        return f"Undecided: {moved} ({p}){found_if}."

    def plot(self, ax: Axes | None = None, names: Mapping[str, str] | None = None) -> Axes:
        """Return an axis with the signed effect of each event in the primary window and the pooled effect below them.

        ``names`` are what stands beside the rows, by event id; by default the ids.
        """
        from potash.study.answer.plots import plot_pooled  # matplotlib is heavy

        chosen = (self.events["against"] == self.against) & (self.events["window"] == str(self.primary))
        title = f"Moved in the expected direction {when(self.primary)} beyond {BEYOND[self.against]}"
        return plot_pooled(self.events[chosen], self.headline, ax, title, names)

    def __repr__(self) -> str:
        return f"<Pooled: {self.sentence()}>"

    def _repr_html_(self) -> str:
        shown = self.effects[self.effects["against"] == self.against]
        columns = [
            "name", "window", "events", "n_events", "average", "std_error", "sum_of_t", "randomization_pvalue",
            "max_t_pvalue", "average_days_once", "days_once_pvalue", "detectable",
        ]  # fmt: skip
        formats = {
            name: (lambda value: "" if np.isnan(value) else percent(value)) if name in SHARES else p_value
            for name in columns
            if name in SHARES or name.endswith("pvalue")
        }
        table = shown[columns].to_html(index=False, border=0, formatters=formats, float_format="{:.2f}".format)
        return f"<p>{escape(self.sentence())}</p>{table}"
