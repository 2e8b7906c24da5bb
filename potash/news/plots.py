"""A figure of the timeline, as an axes-level function that shows nothing by itself."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import pandas as pd

from potash._figures import BLUE, FAINT, GREY, VERMILION, new_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Marker and colour of each expected direction: the shape tells what the colour tells.
MARKS = {
    "positive": ("^", BLUE, "expected positive for producers outside Belarus"),
    "negative": ("v", VERMILION, "expected negative"),
    "none": ("o", GREY, "no direction expected"),
    "unclear": ("o", GREY, "no direction expected"),
}


def plot_timeline(
    events: pd.DataFrame,
    ax: Axes | None = None,
    covered: Iterable[tuple[object, object]] = (),
    emphasised: Iterable[str] = (),
) -> Axes:
    """Return an axis with one event a row, its day and the direction that was expected of it.

    Parameters
    ----------
    events : DataFrame
        Rows of :attr:`Timeline.events` that have a day.
    ax : Axes, optional
        Where to draw; a new figure by default.
    covered : iterable of (start, end)
        Stretches with daily prices, shaded.
    emphasised : iterable of str
        Ids of events set in bold.
    """
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter  # heavy

    ax = new_axes(ax, 9.5, 1.1 + 0.28 * len(events))
    for i, (start, end) in enumerate(covered):
        label = "stretch with daily prices" if i == 0 else None
        ax.axvspan(pd.Timestamp(start), pd.Timestamp(end), color="#EAF1F8", zorder=0, label=label)
    ordered = events.sort_values("date", kind="stable")
    for row, (date, direction) in enumerate(ordered[["date", "expected_direction"]].itertuples(index=False)):
        marker, colour, label = MARKS[direction]
        has_entry = label in ax.get_legend_handles_labels()[1]
        ax.plot(
            pd.Timestamp(date), row, marker=marker, color=colour, markersize=8, linestyle="none",
            label=None if has_entry else label, zorder=3,
        )  # fmt: skip
    ax.set_yticks(range(len(ordered)), [f"{d}  {t}" for d, t in ordered[["date", "title"]].itertuples(index=False)])
    heavy = set(emphasised)
    for tick, event_id in zip(ax.get_yticklabels(), ordered.index, strict=True):
        tick.set_fontweight("bold" if event_id in heavy else "normal")
        tick.set_fontsize(8.5)
    ax.set_ylim(len(ordered) - 0.4, -0.6)
    locator = AutoDateLocator(maxticks=6)
    ax.xaxis.set_major_locator(locator)
    ax.xaxis.set_major_formatter(ConciseDateFormatter(locator))
    ax.set_xlabel("announced")
    ax.grid(color=FAINT, linewidth=0.5)
    ax.set_axisbelow(True)
    ax.spines[["top", "right", "left"]].set_visible(False)
    ax.tick_params(axis="y", length=0)
    ax.legend(
        loc="upper center", bbox_to_anchor=(0.5, -0.8 / (1 + 0.3 * len(ordered))), ncols=2, frameon=False, fontsize=8.5
    )
    return ax
