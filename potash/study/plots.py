"""Axes-level figures of an event study: each takes and returns an axis and shows nothing by itself.

Line styles and markers repeat the distinction that colours make.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from potash._figures import AMBER, BLACK, BLUE, FAINT, GREEN, GREY, PURPLE, SKY, VERMILION, new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLOURS = (BLUE, VERMILION, GREEN, PURPLE, AMBER, SKY, GREY)
STYLES = ("-", "--", "-.", (0, (1, 1)), (0, (5, 1, 1, 1)), (0, (3, 1)), ":")
MARKERS = ("o", "s", "^", "v", "P", "X", "*")
PORTFOLIO = "portfolio"


def _percent_axis(axis: Any) -> None:
    from matplotlib.ticker import PercentFormatter

    axis.set_major_formatter(PercentFormatter(1.0, decimals=None, symbol=" %"))


def _bare(ax: Axes) -> None:
    ax.spines[["top", "right"]].set_visible(False)
    ax.grid(axis="y", color=FAINT, linewidth=0.6)
    ax.set_axisbelow(True)


def plot_car(
    path: pd.DataFrame, ax: Axes | None = None, title: str = "", shaded: tuple[int, int] | None = None
) -> Axes:
    """Return an axis with cumulative abnormal returns by session, one line a firm, and the portfolio's band.

    Parameters
    ----------
    path : DataFrame
        Of one event, from :meth:`EventStudyResults.car_path`: ``ticker``, ``offset``, ``CAR``, ``lower``, ``upper``; the
        ticker ``"portfolio"`` is drawn black with its confidence band.
    shaded : pair of int, optional
        Sessions of the run-up, both included.
    """
    ax = new_axes(ax, 8.5, 4.2)
    if shaded is not None:
        ax.axvspan(shaded[0], shaded[1], color="#F3E9D2", linewidth=0, zorder=0)
        middle = (shaded[0] + shaded[1]) / 2
        ax.annotate(
            "run-up", (middle, 1), (0, -4), xycoords=("data", "axes fraction"), textcoords="offset points", ha="center",
            va="top", fontsize=9, color="#6B5A2E",
        )  # fmt: skip
    ends = {}
    firms = [t for t in dict.fromkeys(path["ticker"]) if t != PORTFOLIO]
    for i, ticker in enumerate(firms):
        line = path[path["ticker"] == ticker]
        colour, style = COLOURS[i % len(COLOURS)], STYLES[i % len(STYLES)]
        ax.plot(line["offset"], line["CAR"], color=colour, linestyle=style, linewidth=1.4, label=ticker)
        ends[ticker] = (float(line["CAR"].iloc[-1]), colour)
    whole = path[path["ticker"] == PORTFOLIO]
    if len(whole):
        ax.fill_between(whole["offset"], whole["lower"], whole["upper"], color=BLACK, alpha=0.12, linewidth=0)
        ax.plot(whole["offset"], whole["CAR"], color=BLACK, linewidth=2.2, label="equal-weighted")
        ends["equal-weighted"] = (float(whole["CAR"].iloc[-1]), BLACK)
    ax.axhline(0, color=BLACK, linewidth=0.8)
    ax.axvline(0, color=BLACK, linewidth=0.8, linestyle=":")
    offsets = np.unique(path["offset"])
    ax.set_xlim(offsets[0], offsets[-1] + 0.22 * max(offsets[-1] - offsets[0], 1))
    ax.set_xticks([o for o in offsets if o % (1 if len(offsets) < 16 else 5) == 0])
    _label_ends(ax, ends, float(offsets[-1]))
    ax.set(title=title, xlabel="sessions from day 0", ylabel="cumulative abnormal return")
    _percent_axis(ax.yaxis)
    _bare(ax)
    return ax


def plot_ar(path: pd.DataFrame, ax: Axes | None = None, title: str = "") -> Axes:
    """Return an axis with the abnormal return of each session: the portfolio with its interval, each firm as a mark.

    Parameters
    ----------
    path : DataFrame
        Of one event, from :meth:`EventStudyResults.ar_path`: ``ticker``, ``offset``, ``AR``, ``lower``, ``upper``.
    """
    ax = new_axes(ax, 8.5, 3.4)
    firms = [t for t in dict.fromkeys(path["ticker"]) if t != PORTFOLIO]
    slots = np.linspace(-0.32, 0.32, len(firms) + 1)
    shifts = slots[np.abs(slots) > 1e-9][: len(firms)]  # the middle is the portfolio's
    for i, ticker in enumerate(firms):
        line = path[path["ticker"] == ticker]
        colour, marker = COLOURS[i % len(COLOURS)], MARKERS[i % len(MARKERS)]
        ax.plot(
            line["offset"] + shifts[i], line["AR"], marker, color=colour, markersize=5, linestyle="none", label=ticker
        )
    whole = path[path["ticker"] == PORTFOLIO]
    if len(whole):
        ax.vlines(whole["offset"], whole["lower"], whole["upper"], color=BLACK, linewidth=1.6)
        ax.plot(whole["offset"], whole["AR"], "D", color=BLACK, markersize=6, linestyle="none", label="equal-weighted")
    ax.axhline(0, color=BLACK, linewidth=0.8)
    ax.axvspan(-0.5, 0.5, color="#F3E9D2", zorder=0)
    offsets = np.unique(path["offset"])
    ax.set_xticks([o for o in offsets if o % (1 if len(offsets) < 20 else 5) == 0])
    ax.set(title=title, xlabel="sessions from day 0 (shaded)", ylabel="abnormal return")
    ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False, fontsize=9)
    _percent_axis(ax.yaxis)
    _bare(ax)
    return ax


def _label_ends(ax: Axes, ends: dict[str, tuple[float, str]], right: float) -> None:
    """Write each line's name at its end, moved apart where two would overlap."""
    drawn = {name: end for name, end in ends.items() if not np.isnan(end[0])}
    if not drawn:
        return
    low, high = ax.get_ylim()
    gap = (high - low) * 0.055
    places: list[tuple[str, float]] = []
    for name, (value, _) in sorted(drawn.items(), key=lambda item: item[1][0]):
        places.append((name, max(value, places[-1][1] + gap) if places else value))
    shift = float(np.mean([place - drawn[name][0] for name, place in places]))
    for name, place in places:
        colour = drawn[name][1]
        weight = "bold" if name == "equal-weighted" else "normal"
        ax.annotate(
            name, (right, drawn[name][0]), (right * 1.03 + 0.15, place - shift), color=colour, fontsize=9, va="center",
            fontweight=weight, arrowprops={"arrowstyle": "-", "color": colour, "linewidth": 0.6, "shrinkA": 0, "shrinkB": 0},
        )  # fmt: skip


def plot_estimates(
    table: pd.DataFrame, ax: Axes | None = None, title: str = "", emphasised: Iterable[str] = (PORTFOLIO,)
) -> Axes:
    """Return an axis with one estimate a row: its confidence interval, and the smallest effect the data could detect.

    Parameters
    ----------
    table : DataFrame
        Index: the label of a row, from top to bottom. Columns ``CAR``, ``lower``, ``upper`` and, where known,
        ``detectable`` (grey bars on both sides of zero).
    emphasised : iterable of str
        Labels drawn black and bold.
    """
    ax = new_axes(ax, 8.5, 0.9 + 0.36 * len(table))
    heavy = set(emphasised)
    places = np.arange(len(table))[::-1]
    if "detectable" in table:
        ax.barh(
            places, 2 * table["detectable"], left=-table["detectable"], height=0.62, color="#E4E4E4",
            label="effects too small to detect (80 % power)",
        )  # fmt: skip
    for place, (label, row) in zip(places, table.iterrows(), strict=True):
        colour = BLACK if label in heavy else COLOURS[0]
        ax.plot([row["lower"], row["upper"]], [place, place], color=colour, linewidth=2.4 if label in heavy else 1.5)
        ax.plot(row["CAR"], place, marker="D" if label in heavy else "o", color=colour, markersize=6)
    ax.axvline(0, color=BLACK, linewidth=0.8)
    ax.set_yticks(places, [str(label) for label in table.index])
    for tick, label in zip(ax.get_yticklabels(), table.index, strict=True):
        tick.set_fontweight("bold" if label in heavy else "normal")
    ax.set_ylim(-0.7, len(table) - 0.3)
    ax.set(title=title, xlabel="abnormal return with 95 % confidence interval")
    _percent_axis(ax.xaxis)
    _bare(ax)
    ax.grid(axis="y", visible=False)
    ax.grid(axis="x", color=FAINT, linewidth=0.6)
    ax.tick_params(axis="y", length=0)
    if "detectable" in table:
        ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.9 / len(table) - 0.1), frameon=False, fontsize=9)
    return ax


def plot_power(curves: dict[str, tuple[pd.DataFrame, float]], ax: Axes | None = None, title: str = "") -> Axes:
    """Return an axis with the power of verdicts by true effect, one line an event, and what each detects marked.

    Parameters
    ----------
    curves : dict
        Name to a frame with ``effect`` and ``power``, from :attr:`potash.Verdict.power`, and the effect found in four cases
        out of five.
    """
    ax = new_axes(ax, 8.5, 4.0)
    ordered = sorted(curves.items(), key=lambda item: item[1][1])
    right = 1.25 * max((detectable for _, (_, detectable) in ordered), default=0.01)
    for i, (_, (curve, detectable)) in enumerate(ordered):
        colour = COLOURS[i % len(COLOURS)]
        ax.plot(curve["effect"], curve["power"], color=colour, linestyle=STYLES[i % len(STYLES)], linewidth=1.8)
        ax.plot(detectable, 0.8, "o", color=colour, markersize=7)
    _label_power([(name, detectable) for name, (_, detectable) in ordered], right, ax)
    ax.axhline(0.8, color=GREY, linewidth=0.8, linestyle=":")
    ax.set(title=title, xlabel="true abnormal return, of either sign", ylabel="chance that the verdict is “an effect”")
    ax.set_xlim(0, right)
    ax.set_ylim(0, 1.02)
    _percent_axis(ax.xaxis)
    _percent_axis(ax.yaxis)
    _bare(ax)
    return ax


def _label_power(marks: list[tuple[str, float]], right: float, ax: Axes) -> None:
    """Write what each curve detects beside its mark: the smallest on its left, others that are near on the right, in a row."""
    taken: list[float] = []
    for i, (name, detectable) in reversed(list(enumerate(marks))):
        colour, text = COLOURS[i % len(COLOURS)], f"{name}: {detectable:.1%}".replace("%", " %")
        if i == 0 and len(marks) > 1 and detectable > 0.2 * right:
            ax.text(detectable - 0.02 * right, 0.73, text, color=colour, fontsize=9, ha="right", va="center")
            continue
        taken = [*taken, detectable] if taken and taken[-1] - detectable < 0.22 * right else [detectable]
        place = (taken[0] + 0.025 * right, 0.73 - 0.08 * (len(taken) - 1))
        ax.annotate(
            text, (detectable, 0.8), place, color=colour, fontsize=9, va="center",
            arrowprops={"arrowstyle": "-", "color": colour, "linewidth": 0.6, "shrinkA": 0, "shrinkB": 3},
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 1},
        )  # fmt: skip


def plot_placebo(
    placebo: pd.DataFrame, car: float, ax: Axes | None = None, title: str = "", column: str = "CAR"
) -> Axes:
    """Return an axis with the portfolio's CARs on ordinary days and the event's among them.

    Parameters
    ----------
    placebo : DataFrame
        Of one event, from :meth:`EventStudy.placebo_cars`.
    car : float
        The event's own portfolio CAR, or statistic.
    column : {"CAR", "tstat"}
        What is drawn: CARs, or CARs over their standard errors.
    """
    ax = new_axes(ax, 8.5, 3.2)
    cars = placebo[column].dropna().to_numpy()
    edges = np.histogram_bin_edges(np.append(cars, car), bins=min(40, max(10, len(cars) // 6)))
    ax.hist(cars, bins=list(edges), color="#B8CCE0", edgecolor="#FFFFFF", linewidth=0.5, label="ordinary days")
    for edge in np.quantile(cars, [0.025, 0.975]):
        ax.axvline(edge, color=BLUE, linewidth=1, linestyle="--")
    ax.axvline(car, color=VERMILION, linewidth=2.4)
    top = ax.get_ylim()[1]
    ax.annotate(
        "the event", (car, top * 0.94), (6, 0), textcoords="offset points", color="#B24A00", fontweight="bold", va="top"
    )
    what = "portfolio abnormal return" + ("" if column == "CAR" else " over its standard error")
    ax.set(title=title, xlabel=f"{what} (dashed: middle 95 % of ordinary days)", ylabel="number of days")
    if column == "CAR":
        _percent_axis(ax.xaxis)
    _bare(ax)
    return ax
