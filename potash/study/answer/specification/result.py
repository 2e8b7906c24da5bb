"""The specification curve of an event, and whether the whole of it is unusual among those of ordinary days."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy.special import ndtri

from potash._typing import Float1D, Float2D
from potash.study.answer.specification.grid import CHOICES
from potash.study.answer.words import p_is, p_value, percent, size_of
from potash.study.inference.placebo import placebo_pvalue

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SIGNIFICANT = 0.05
STATISTICS = {
    "median_z": "median z",
    "same_sign": "share with the more frequent sign",
    "significant": "share with that sign and |z| above 1.96",
    "average_z": "average z",
}


@dataclass(frozen=True, eq=False)
class SpecificationCurve:
    """An event's portfolio under every specification of a grid, and the same curve on ordinary days.

    Attributes
    ----------
    event_id : object
    tickers : tuple of str
        Firms of the event that the study kept.
    frame : DataFrame
        A row per specification: the choices ``returns``, ``model``, ``benchmark``, ``controls``, ``length`` and ``gap`` (of
        the estimation window, in sessions), ``window``, ``pool``; ``estimate`` (CAR, a fraction), ``std_error`` (follows the
        event's volatility), ``tstat``, ``df``, ``pvalue`` (two-sided, Student's t), ``z`` (the statistic at the event's own
        volatility, also where that is below the estimation window's, as a standard normal deviate), ``n`` (estimation
        returns used) and ``reason``: why there is no estimate, empty where there is one.
    ordinary : DataFrame
        Index ``session``: every ordinary day on which each of the event's specifications has an estimate; columns ``median_z``,
        ``same_sign``, ``significant`` and ``average_z`` of its curve.
    every : int
        1 if every session was looked at, 2 if every second one, ...: see the notes of :func:`specification_curve`.
    n_left_out : int
        Ordinary days looked at on which a specification of the event has no estimate.
    expected : {1, -1, 0}
        Sign that was expected; 0 if none was.
    """

    event_id: Any
    tickers: tuple[str, ...]
    frame: pd.DataFrame
    ordinary: pd.DataFrame
    every: int
    n_left_out: int
    expected: int

    @property
    def estimated(self) -> pd.DataFrame:
        """The specifications that have an estimate, from the smallest to the largest."""
        return self.frame[self.frame["reason"] == ""].sort_values("estimate", kind="stable")

    @property
    def missing(self) -> pd.Series:
        """The number of specifications without an estimate, by reason."""
        return self.frame.loc[self.frame["reason"] != "", "reason"].value_counts().rename("specifications")

    @property
    def median(self) -> float:
        """Median estimate, a fraction; NaN if no specification has one."""
        return float(self.estimated["estimate"].median())

    @property
    def share_expected(self) -> float:
        """Share of the estimates with the expected sign; with the more frequent one if no sign was expected."""
        signs = np.sign(self.estimated["estimate"].to_numpy())
        if not len(signs):
            return float("nan")
        return float(
            max((signs > 0).mean(), (signs < 0).mean()) if not self.expected else (signs == self.expected).mean()
        )

    @property
    def share_significant(self) -> float:
        """Share of the estimates significant at 5 %, of either sign."""
        return float((self.estimated["pvalue"] < SIGNIFICANT).mean())

    @property
    def joint(self) -> pd.DataFrame:
        """Whether the curve as a whole is unusual among those of ordinary days.

        Index ``median_z``, ``same_sign``, ``significant``, ``average_z``; columns ``meaning``, ``stat`` (of the event),
        ``pvalue`` (share of days on which it is at least as large in absolute value; two-sided) and ``n_days``.
        """
        table = self.estimated
        stats = statistics(*(table[name].to_numpy(float)[:, None] for name in ("estimate", "z")))
        rows = {
            name: (
                STATISTICS[name],
                stat[0],
                placebo_pvalue(float(stat[0]), self.ordinary[name].to_numpy()),
            )
            for name, stat in stats.items()
        }
        frame = pd.DataFrame.from_dict(rows, orient="index", columns=["meaning", "stat", "pvalue"])
        return frame.rename_axis("statistic").assign(n_days=len(self.ordinary))

    @property
    def pvalue(self) -> float:
        """The joint p-value of the curve: that of the average z, chosen in advance since it alone knows the standard errors."""
        return float(self.joint.at["average_z", "pvalue"])

    def by_choice(self) -> pd.DataFrame:
        """Return what the specifications that share a choice say.

        Index ``choice``, ``value``; columns ``n``, ``median``, ``share_positive`` and ``share_significant`` of the estimates.
        """
        table = self.estimated
        pieces = []
        for choice in CHOICES:
            groups = table.groupby(choice)
            values = pd.DataFrame({
                "n": groups.size(), "median": groups["estimate"].median(),
                "share_positive": groups["estimate"].agg(lambda e: (e > 0).mean()),
                "share_significant": groups["pvalue"].agg(lambda p: (p < SIGNIFICANT).mean()),
            })  # fmt: skip
            values = values.reindex([v for v in self.frame[choice].unique() if v in values.index])
            values.index = pd.MultiIndex.from_product([[choice], values.index], names=["choice", "value"])
            pieces.append(values)
        return pd.concat(pieces)

    def sentence(self) -> str:
        """Return the curve in a sentence."""
        n, missing = len(self.estimated), int(self.missing.sum())
        if not n:
            return f"None of {missing} specifications has an estimate."
        sign = "the expected sign" if self.expected else "the same sign"
        untold = f"; {missing} more have no estimate" if missing else ""
        return (
            f"The median of {n:,} specifications is {percent(self.median)}; {size_of(self.share_expected, 0)} have {sign}, "
            f"{size_of(self.share_significant, 0)} are significant{untold}. Joint {p_is(self.pvalue)} by "
            f"{len(self.ordinary)} ordinary days."
        )

    def plot(self, axes: tuple[Axes, Axes] | None = None) -> tuple[Axes, Axes]:
        """Return two axes: the estimates in order with their intervals, and the choices behind them."""
        from potash.study.answer.plots import plot_specification_curve  # matplotlib is heavy

        return plot_specification_curve(self.frame, axes, title=str(self.event_id))

    def __repr__(self) -> str:
        return f"<SpecificationCurve of {self.event_id}: {self.sentence()}>"

    def _repr_html_(self) -> str:
        if self.estimated.empty:
            return f"<p>{escape(self.sentence())}</p>"
        table = self.joint.rename_axis(None).set_index("meaning").rename_axis(None)
        shown = pd.DataFrame({
            "event": [f"{v:+.2f}".replace("-", "−") if name.endswith(" z") else size_of(v, 0)
                      for name, v in table["stat"].items()],
            "p by ordinary days": [p_value(p) for p in table["pvalue"]],
        }, index=table.index)  # fmt: skip
        return f"<p>{escape(self.sentence())}</p>{shown.to_html(border=0)}"


def statistics(estimates: Float2D, z: Float2D) -> dict[str, Float1D]:
    """Return the statistics of the curves of ``D`` days from estimates (S, D) and their normal deviates (S, D).

    Without a NaN. The names are those of :data:`STATISTICS`.
    """
    if not len(estimates):
        return {name: np.full(estimates.shape[1], np.nan) for name in STATISTICS}
    limit = -ndtri(SIGNIFICANT / 2)
    shares = [((sign * estimates > 0).mean(axis=0), (sign * z > limit).mean(axis=0)) for sign in (1, -1)]
    (up, up_significant), (down, down_significant) = shares
    significant = np.where(up > down, up_significant, down_significant)
    significant = np.where(up == down, np.maximum(up_significant, down_significant), significant)
    return {
        "median_z": np.median(z, axis=0), "same_sign": np.maximum(up, down), "significant": significant,
        "average_z": z.mean(axis=0),
    }  # fmt: skip
