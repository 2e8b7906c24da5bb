"""Figures of the answers: each takes and returns axes and shows nothing by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from potash._figures import (
    BLACK,
    BLUE,
    FAINT,
    FONT,
    GREY,
    OTHER,
    RULE,
    SMALL,
    VERMILION,
    bare,
    new_axes,
    new_figure,
    percent_axis,
    plain,
    tell,
)  # fmt: skip
from potash._typing import Bool1D, Float1D
from potash.errors import InputError
from potash.study.answer.words import p_is, percent, size_of
from potash.study.inference.significance import t_quantile

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.axes import Axes

# Dots side by side in a row of choices; with more specifications a dot stands for some that are neighbours.
MOST_DOTS, SIZES = 64, 5
# Estimates that are drawn; with more, each stands for some that are neighbours.
MOST_ESTIMATES = 240
LABELS = {
    "returns": "returns", "model": "model", "benchmark": "benchmark", "controls": "controls",
    "length": "estimation sessions", "gap": "gap to day 0", "window": "window", "pool": "firms",
}  # fmt: skip


def plot_specification_curve(
    frame: pd.DataFrame, axes: tuple[Axes, Axes] | None = None, title: str = ""
) -> tuple[Axes, Axes]:
    """Return two axes: estimates in order with 95 % intervals, the significant ones blue, and the choices below them.

    Parameters
    ----------
    frame : DataFrame
        Of :class:`potash.SpecificationCurve`.
    axes : pair of Axes, optional
        The upper and the lower one; by default those of a new figure.

    Notes
    -----
    A dot of the lower axis is as large as the share of the specifications above it that made the choice. Beside each choice
    stands the median of its estimates. Choices that all specifications share are left out.

    Raises
    ------
    InputError
        If no specification has an estimate.
    """
    table = frame.dropna(subset="estimate").sort_values("estimate", kind="stable")
    if table.empty:
        raise InputError("no specification has an estimate, so there is no curve to draw.")
    rows = {choice: list(table[choice].unique()) for choice in LABELS if table[choice].nunique() > 1}
    for choice, values in rows.items():
        rows[choice] = [value for value in frame[choice].unique() if value in values]
    if axes is None:
        height = 0.17 * (len(rows) + sum(map(len, rows.values()))) + 0.5
        upper, lower = new_figure(7.6, 2.8 + height, 2, (2.8, height))
        axes = (upper, lower)
    _plot_estimates(table, axes[0])
    axes[0].set_title(title)
    _plot_choices(table, rows, axes[1])
    return axes


def _plot_estimates(table: pd.DataFrame, ax: Axes) -> None:
    n, estimates = len(table), table["estimate"].to_numpy(float)
    significant = (table["pvalue"] < 0.05).to_numpy()
    half = t_quantile(0.975, table["df"].to_numpy(float)) * table["std_error"].to_numpy(float)
    drawn = np.unique(np.linspace(0, n - 1, min(n, MOST_ESTIMATES)).round().astype(np.int64))
    for rows, colour in ((drawn[~significant[drawn]], OTHER), (drawn[significant[drawn]], BLUE)):
        bars = (estimates - half)[rows], (estimates + half)[rows]
        ax.vlines(rows, *bars, color=colour, alpha=0.35, linewidth=float(np.clip(300 / len(drawn), 0.4, 3)))
        (marks,) = ax.plot(
            rows,
            estimates[rows],
            "o",
            color=colour,
            markersize=float(np.clip(500 / len(drawn), 2, 5)),
            markeredgewidth=0,
        )
        tell(marks, [_specification(row) for row in table.iloc[rows].to_dict("records")])
    median = float(np.median(estimates))
    ax.axhline(0, color=BLACK, linewidth=0.8)
    ax.axhline(median, color=VERMILION, linewidth=1.2, linestyle="--")
    _beside(ax, median, f"median\n{percent(median)}", color=VERMILION)
    share = size_of(significant.mean(), 0)
    some = "" if len(drawn) == n else f"; drawn: {len(drawn)}, evenly chosen"
    ax.text(0.01, 1.0, f"blue: the {share} that are significant at 5 %; bars: 95 % confidence{some}", color=BLUE,
            fontsize=SMALL, va="bottom", transform=ax.transAxes)  # fmt: skip
    ax.set_xlim(-0.01 * n - 0.5, 1.01 * n - 0.5)
    ax.set_ylabel("cumulative abnormal return")
    percent_axis(ax.yaxis)
    bare(ax)


def _specification(row: dict[str, object]) -> str:
    """Return a specification in words: its estimate, its p-value and its choices."""
    choices = ", ".join(f"{LABELS[choice]} {row[choice]}" for choice in LABELS if choice in row)
    return f"{percent(float(str(row['estimate'])))}, {p_is(float(str(row['pvalue'])))}: {choices}"


def _plot_choices(table: pd.DataFrame, rows: dict[str, list[object]], ax: Axes) -> None:
    """Draw a row of dots for each value of each choice, under the name of the choice."""
    places: dict[float, str] = {}
    place = 0.0
    for choice, values in rows.items():
        place += 1
        ax.text(-0.012, place, LABELS[choice], transform=ax.get_yaxis_transform(), ha="right", va="center",
                fontweight="bold", fontsize=SMALL)  # fmt: skip
        for value in values:
            place += 1
            places[place] = str(value)
            made = (table[choice] == value).to_numpy()
            _dots(ax, place, made)
            _beside(ax, place, percent(float(table.loc[made, "estimate"].median())))
    _beside(ax, 1, "median", fontweight="bold")
    ax.set_yticks(list(places), [plain(value) for value in places.values()], fontsize=SMALL)
    ax.set_ylim(place + 0.8, 0.2)
    ax.set_xlabel(f"{len(table):,} specifications, from the smallest estimate to the largest")
    ax.spines[["top", "right", "left"]].set_visible(False)
    ax.tick_params(axis="y", length=0)


# Of the sign of an event: colour, marker, the same as a letter, and its name.
SIGNS = {1: (BLUE, "^", "▲", "tightening"), -1: (VERMILION, "v", "▼", "relief")}


def plot_pooled(
    events: pd.DataFrame,
    total: pd.Series,
    ax: Axes | None = None,
    title: str = "",
    names: Mapping[str, str] | None = None,
) -> Axes:
    """Return an axis with a row for each signed event and, at the bottom, all of them together.

    Parameters
    ----------
    events, total : DataFrame, Series
        Of one window and one model: rows of :attr:`potash.Pooled.events`, and the row of :attr:`potash.Pooled.effects`.
    ax : Axes, optional
        Where to draw; a new figure by default.
    title : str
        Above the axis.
    names : mapping of str to str, optional
        What stands beside the row of an event, by its id; by default the id, with the day of its session.

    Notes
    -----
    A mark is the CAR times the event's sign, its line the 95 % interval by Student's t. The diamond is the plain average; the
    line below it holds the effects that the randomization does not reject, around the weighted average (upright bar).
    """
    rows = events.dropna(subset="in_expected_direction").sort_values("session", kind="stable")
    ax = new_axes(ax, 7.2, 1.1 + 0.27 * (len(rows) + 2))
    labels = {row.event_id: _dated(str(row.event_id), row.session) for row in rows.itertuples()} | dict(names or {})
    heights = [len(rows) + 1.0 - i for i in range(len(rows))]
    for height, row in zip(heights, rows.to_dict("records"), strict=True):
        value, half = row["in_expected_direction"], float(t_quantile(0.975, row["df"])) * row["std_error"]
        colour, marker, *_ = SIGNS[row["sign"]]
        ax.plot([value - half, value + half], [height, height], color=colour, linewidth=1.4)
        (mark,) = ax.plot(value, height, marker, color=colour, markersize=6)
        tell(
            mark,
            [f"{labels[row['event_id']]}: {percent(value)} (95 %: {percent(value - half)} to {percent(value + half)})"],
        )
        _beside(ax, height, percent(value), color=colour)
    ax.plot([total["lower"], total["upper"]], [-0.35, -0.35], color=BLACK, linewidth=2, solid_capstyle="butt")
    ax.plot(total["weighted"], -0.35, "|", color=BLACK, markersize=10, markeredgewidth=2)
    (mark,) = ax.plot(total["average"], 0, "D", color=BLACK, markersize=7)
    limits = f"not rejected: {percent(total['lower'])} to {percent(total['upper'])}"
    tell(mark, [f"all events: {percent(total['average'])}, {p_is(total['randomization_pvalue'])}; {limits}"])
    words = f"{percent(total['average'])}\n{p_is(total['randomization_pvalue'])}"
    _beside(ax, -0.1, words, fontweight="bold")
    ax.axvline(0, color=BLACK, linewidth=0.8)
    ax.axhline(1, color=RULE, linewidth=0.8)
    beside = [plain(labels[event_id]) for event_id in rows["event_id"]]
    ax.set_yticks([*heights, 0], [*beside, f"all {int(total['n_events'])} events"])
    ax.get_yticklabels()[-1].set_fontweight("bold")
    ax.set_ylim(-0.9, len(rows) + 1.6)
    ax.set_title(title, loc="left", pad=18)
    _forest_axis(ax, sorted(rows["sign"].unique(), reverse=True))
    return ax


def _forest_axis(ax: Axes, signs: list[int]) -> None:
    for i, sign in enumerate(signs):
        colour, _, letter, name = SIGNS[sign]
        ax.text(
            0.3 * i, 1.01, f"{letter} {name}", color=colour, transform=ax.transAxes, fontweight="bold", fontsize=SMALL
        )
    ax.set_xlabel("abnormal return in the expected direction; lines: 95 %")
    percent_axis(ax.xaxis)
    bare(ax, "x")


def _dated(event_id: str, session: pd.Timestamp) -> str:
    """Return the name of an event with the day of its session, unless it begins with its year."""
    return event_id if event_id.startswith(f"{session:%Y}-") else f"{event_id}, {session:%Y-%m-%d}"


def _beside(ax: Axes, place: float, text: str, **style: object) -> None:
    """Write beside the right edge, at a height in data."""
    options: dict[str, object] = {"fontsize": FONT - 0.5, **style}
    ax.text(1.005, place, text, va="center", transform=ax.get_yaxis_transform(), **options)  # type: ignore[arg-type]


def _dots(ax: Axes, place: float, chosen: Bool1D) -> None:
    """Draw a row of dots as large as the share of neighbouring specifications that made a choice."""
    centres, shares = shares_of_neighbours(chosen)
    ax.axhline(place, color=FAINT, linewidth=0.5, zorder=0)
    sizes = np.ceil(shares * SIZES)
    for size in range(1, SIZES + 1):  # a marker of one size is written once into an SVG
        at = centres[sizes == size]
        ax.plot(at, np.full(len(at), place), "o", color=GREY, markersize=4.5 * np.sqrt(size / SIZES), markeredgewidth=0)


def shares_of_neighbours(chosen: Bool1D) -> tuple[Float1D, Float1D]:
    """Return the centres of groups of neighbours, at most :data:`MOST_DOTS`, and the share of each that is chosen."""
    edges = np.linspace(0, len(chosen), min(MOST_DOTS, len(chosen)) + 1).astype(np.int64)
    sizes = np.diff(edges)
    return edges[:-1] + (sizes - 1) / 2, np.add.reduceat(chosen.astype(float), edges[:-1]) / sizes
