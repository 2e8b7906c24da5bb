"""A figure of the timeline, as an axes-level function that shows nothing by itself."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import pandas as pd

from potash._figures import BAND, BLACK, BLUE, GREY, SMALL, VERMILION, bare, new_axes, plain, row_of_names, tell

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Marker and colour of each expected direction: the shape tells what the colour tells.
MARKS = {
    "positive": ("^", BLUE, "expected to be good for producers outside Belarus"),
    "negative": ("v", VERMILION, "expected to be bad for them"),
    "none": ("o", GREY, "no direction expected"),
    "unclear": ("o", GREY, "no direction expected"),
}

LONGEST = 52


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

    ax = new_axes(ax, 7.4, 1.0 + 0.22 * len(events))
    for i, (start, end) in enumerate(covered):
        label = "daily prices" if i == 0 else None
        ax.axvspan(pd.Timestamp(start), pd.Timestamp(end), color=BAND, linewidth=0, zorder=0, label=label)
    ordered = events.sort_values("date", kind="stable")
    for row, (date, direction, title) in enumerate(
        ordered[["date", "expected_direction", "title"]].itertuples(index=False)
    ):
        marker, colour, label = MARKS[direction]
        has_entry = label in ax.get_legend_handles_labels()[1]
        (mark,) = ax.plot(
            pd.Timestamp(date), row, marker=marker, color=colour, markersize=6, linestyle="none",
            label=None if has_entry else label, zorder=3,
        )  # fmt: skip
        tell(mark, [f"{date}: {title}; {label}"])
    labels = [f"{date}\u2002{shortened(title)}" for date, title in ordered[["date", "title"]].itertuples(index=False)]
    ax.set_yticks(range(len(ordered)), [plain(label) for label in labels])
    heavy = set(emphasised)
    for tick, event_id in zip(ax.get_yticklabels(), ordered.index, strict=True):
        tick.set(fontweight="bold" if event_id in heavy else "normal", fontsize=SMALL - 0.7, color=BLACK)
    ax.set_ylim(len(ordered) - 0.4, -0.6)
    locator = AutoDateLocator(maxticks=6)
    ax.xaxis.set_major_locator(locator)
    ax.xaxis.set_major_formatter(ConciseDateFormatter(locator))
    bare(ax, "x")
    row_of_names(ax, 2, "right")  # the titles beside the axis leave room on its left
    return ax


def shortened(title: str, longest: int = LONGEST) -> str:
    """Return a title that fits beside an axis; the mark tells the whole."""
    return title if len(title) <= longest else f"{title[: longest - 1].rsplit(' ', 1)[0]} \u2026"
