"""What all figures share: a colour and a line for each ticker, one style, labels at line ends, and what a mark says.

A colour belongs to a ticker and not to its place in a figure: the same firm looks the same everywhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from potash._display import percent

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

# Hues after Okabe and Ito (2008), told apart with any colour vision, dark enough for thin lines on white (contrast 3:1). On a
# page each is a variable (--c-1 to --c-10), so that the dark theme has lighter ones.
BLUE, VERMILION, GREEN, PURPLE, AMBER = "#0072B2", "#CC4E00", "#00805B", "#B0508C", "#A06400"
NAVY, BROWN, OLIVE, VIOLET, CRIMSON = "#26427F", "#7D4E2D", "#67751A", "#6A55B5", "#B2243F"
SERIES = (BLUE, VERMILION, GREEN, PURPLE, AMBER, NAVY, BROWN, OLIVE, VIOLET, CRIMSON)
OTHER = "#6E6E6E"
BLACK, GREY, RULE, FAINT, BAND, WHITE = "#000000", "#666A70", "#B9BEC5", "#E3E6EA", "#F0EBDD", "#FFFFFF"
VARIABLES = {
    **{colour.lower(): f"--c-{number}" for number, colour in enumerate(SERIES, start=1)},
    OTHER.lower(): "--c-other", BLACK: "--ink", GREY.lower(): "--soft", RULE.lower(): "--rule", FAINT.lower(): "--faint",
    BAND.lower(): "--band", WHITE.lower(): "--bg",
}  # fmt: skip

# One hue an issuer: a second listing of a firm has its firm's hue and another line.
_HUES = {
    "NTR": BLUE, "MOS": VERMILION, "ICL": GREEN, "IPI": PURPLE, "SDF": BROWN, "SQM": AMBER, "CF": VIOLET, "DE": OLIVE,
    "CTVA": NAVY, "FMC": CRIMSON, "SPY": OTHER, "XLB": OTHER, "VAW": OTHER, "ACWI": OTHER,
}  # fmt: skip
_LINES: tuple[Any, ...] = ("-", (0, (6, 1.5)), (0, (4, 1.2, 1, 1.2)), (0, (2, 1)), (0, (1, 1)), (0, (8, 1.5, 2, 1.5)))
_MARKERS = ("o", "s", "^", "v", "P", "X", "p", "h", "<", ">")
_OWN_STYLES = {
    "NTR": (0, 0), "MOS": (1, 1), "ICL": (2, 2), "IPI": (3, 3), "SDF": (4, 4), "SQM": (0, 5), "CF": (5, 6), "DE": (1, 7),
    "CTVA": (2, 8), "FMC": (3, 9), "SPY": (0, 0), "XLB": (1, 1), "VAW": (2, 2), "ACWI": (3, 3),
}  # fmt: skip

FONT, SMALL = 9.0, 8.0
STYLE: Any = {
    "font.size": FONT, "axes.titlesize": FONT + 1, "axes.titleweight": "bold", "axes.titlelocation": "left",
    "axes.labelsize": FONT, "axes.labelcolor": GREY, "axes.edgecolor": RULE, "axes.linewidth": 0.8,
    "axes.spines.top": False, "axes.spines.right": False, "axes.axisbelow": True, "grid.color": FAINT, "grid.linewidth": 0.7,
    "lines.solid_capstyle": "round", "legend.frameon": False, "legend.fontsize": SMALL,
}  # fmt: skip
TEXTS = "_potash_texts"


class SeriesStyle(NamedTuple):
    """How a line of a ticker looks: matplotlib's line style, and a marker."""

    line: Any
    marker: str


def colour_of(ticker: str) -> str:
    """Return the colour of a ticker, the same in every figure; a ticker without one of its own gets one by its name.

    Examples
    --------
    >>> colour_of("NTR") == colour_of("NTR.TO")
    True
    """
    root = _issuer(ticker)
    return _HUES.get(root) or SERIES[_number(root) % len(SERIES)]


def style_of(ticker: str) -> SeriesStyle:
    """Return the line and the marker of a ticker, the same in every figure; another listing of a firm has another line."""
    root = _issuer(ticker)
    code = _number(root) // len(SERIES)
    line, marker = _OWN_STYLES.get(root, (code % len(_LINES), code // len(_LINES) % len(_MARKERS)))
    further = 0 if root == ticker or root not in _HUES else 1 + _number(ticker) % (len(_LINES) - 1)
    return SeriesStyle(_LINES[(line + further) % len(_LINES)], _MARKERS[marker])


def _number(name: str) -> int:
    """Return a number that belongs to a name; with this salt the firms of the field that have no look of their own differ."""
    return int.from_bytes(blake2b(name.encode(), digest_size=4, salt=b"2087").digest())


def _issuer(ticker: str) -> str:
    """Return the ticker without its exchange and its class of shares, where that is one with a hue of its own."""
    root = re.split(r"[.-]", ticker)[0]
    return root if root in _HUES else ticker


def plain(text: object) -> str:
    """Return a text of a user to write into a figure: no formula, no line break, no character that a file cannot hold."""
    kept = re.sub(r"[^\t\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]+", " ", str(text))
    return kept.replace("$", r"\$")


def new_axes(ax: Axes | None, width: float, height: float) -> Axes:
    """Return the axis handed in, or that of a new figure of this size in inches in the style of all figures."""
    if ax is not None:
        return ax
    return new_figure(width, height)[0]


def new_figure(width: float, height: float, rows: int = 1, heights: Sequence[float] | None = None) -> list[Axes]:
    """Return the axes of a new figure, one above the other with one horizontal axis, in the style of all figures."""
    import matplotlib as mpl  # heavy
    import matplotlib.pyplot as plt

    with mpl.rc_context(STYLE):
        figure, grid = plt.subplots(
            rows, 1, figsize=(width, height), layout="constrained", sharex=True, squeeze=False,
            gridspec_kw=None if heights is None else {"height_ratios": list(heights)},
        )  # fmt: skip
        engine: Any = figure.get_layout_engine()
        engine.set(w_pad=0.03, h_pad=0.03)
    axes = [grid[row, 0] for row in range(rows)]
    for ax in axes:
        ax.tick_params(length=0, labelsize=SMALL + 0.5, labelcolor=GREY, pad=4)
    return axes


def bare(ax: Axes, grid: str = "y") -> None:
    """Take away what says nothing: the frame on the right and above; thin lines along one axis help to read values."""
    ax.spines[["top", "right"]].set_visible(False)
    for name, axis in (("x", ax.xaxis), ("y", ax.yaxis)):
        axis.grid(visible=False)
        if name == grid:
            axis.grid(visible=True, color=FAINT, linewidth=0.7)
    ax.spines["bottom" if grid == "y" else "left"].set_color(RULE)
    ax.spines["left" if grid == "y" else "bottom"].set_visible(False)
    ax.set_axisbelow(True)


def percent_axis(axis: Any, signed: bool = True) -> None:
    """Write the ticks of an axis of fractions as percentages: effects with their sign, sizes without."""
    from matplotlib.ticker import FuncFormatter

    def words(value: float, _: int) -> str:
        number = round(100 * value, 6) + 0.0
        text = f"{number:+g}" if signed and number else f"{number:g}"
        return f"{text}\u00a0%".replace("-", "\u2212")

    axis.set_major_formatter(FuncFormatter(words))


def label_ends(ax: Axes, ends: Mapping[str, tuple[float, float, str]], bold: Iterable[str] = ()) -> None:
    """Write the name of each line at its right end, moved apart where two would overlap.

    Parameters
    ----------
    ax : Axes
        Its limits are final.
    ends : mapping
        Name to ``x``, ``y`` and colour of the end of its line; a line whose end is NaN gets no label.
    bold : iterable of str
        Names set in bold.
    """
    drawn = sorted(((y, x, name, colour) for name, (x, y, colour) in ends.items() if np.isfinite(y)))
    if not drawn:
        return
    from matplotlib.collections import LineCollection

    ax.get_xlim(), ax.get_ylim()  # bring the limits up to date
    places = (ax.transData + ax.transAxes.inverted()).transform([(x, y) for y, x, *_ in drawn])
    gap = 1.3 * FONT / 72 / (ax.figure.get_figheight() * 0.92 * ax.get_position().height)  # type: ignore[union-attr]
    heights, heavy = spread(places[:, 1], gap), set(bold)
    for (_, _, name, colour), height in zip(drawn, heights, strict=True):
        ax.text(
            1.035, height, plain(name), transform=ax.transAxes, color=colour, fontsize=FONT, va="center",
            fontweight="bold" if name in heavy else "normal",
        )  # fmt: skip
    leaders = [[place, (1.03, height)] for place, height in zip(places, heights, strict=True)]
    colours = [colour for *_, colour in drawn]
    ax.add_collection(
        LineCollection(leaders, colors=colours, linewidths=0.6, transform=ax.transAxes, clip_on=False), autolim=False
    )


def row_of_names(ax: Axes, most: int = 7, side: str = "left") -> None:
    """Name the marks above the axis, so many in a row, from its left end or up to its right one."""
    handles, labels = ax.get_legend_handles_labels()
    ax.legend(
        handles, [plain(label) for label in labels], loc="lower right" if side == "right" else "lower left",
        bbox_to_anchor=(float(side == "right"), 1.0), frameon=False, fontsize=SMALL,
        ncols=max(min(len(labels), most), 1), handletextpad=0.3, columnspacing=1.3, borderaxespad=0.1,
    )  # fmt: skip


def spread(places: Iterable[float], gap: float, lowest: float = 0.0, highest: float = 1.0) -> list[float]:
    """Return ascending places moved apart to at least a gap, as little as possible in squares, and kept inside if they fit.

    Examples
    --------
    >>> spread([0.5, 0.5], 0.1)
    [0.45, 0.55]
    """
    blocks: list[list[float]] = []
    for number, place in enumerate(places):
        blocks.append([place - number * gap, 1.0])
        while len(blocks) > 1 and blocks[-2][0] >= blocks[-1][0]:
            (mean, count), (last, more) = blocks[-2], blocks.pop()
            blocks[-1] = [(mean * count + last * more) / (count + more), count + more]
    starts = [mean for mean, count in blocks for _ in range(int(count))]
    top = highest - (len(starts) - 1) * gap
    inside = [max(min(start, top), lowest) for start in starts]
    return [round(start + number * gap, 9) for number, start in enumerate(inside)]


def tell(artist: Artist | Sequence[Artist], texts: Sequence[str | None]) -> None:
    """Keep what each point of a line, or each bar, says when a reader points at it; None for a point that says nothing.

    Read by :mod:`potash.report.pages.figures`, which puts the texts into the SVG. Elsewhere they change nothing.

    Raises
    ------
    ValueError
        If there are not as many texts as bars, or as points of the line.
    """
    if isinstance(artist, Sequence):
        for part, text in zip(artist, texts, strict=True):
            setattr(part, TEXTS, [text])
        return
    points = artist.get_xdata() if hasattr(artist, "get_xdata") else [artist]
    if len(points) != len(texts):
        raise ValueError(f"{len(texts)} texts for {len(points)} points: one each.")
    setattr(artist, TEXTS, list(texts))


def session_words(offset: float) -> str:
    """Return a session by its number from day 0: ``session +1``, ``day 0``."""
    return "day 0" if offset == 0 else f"session {int(offset):+d}".replace("-", "\u2212")


__all__ = ["colour_of", "percent", "style_of", "tell"]
