"""Axes-level figures of an event study: each takes and returns an axis and shows nothing by itself.

The colour and the line of a firm are those of its ticker in every figure; line styles and markers repeat what colours say.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from potash._display import percent
from potash._figures import (
    BAND,
    BLACK,
    BLUE,
    FONT,
    GREY,
    OTHER,
    SMALL,
    VERMILION,
    bare,
    colour_of,
    label_ends,
    new_axes,
    percent_axis,
    plain,
    row_of_names,
    session_words,
    style_of,
    tell,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PORTFOLIO, LABEL = "portfolio", "portfolio"
WIDTH = 6.8


def plot_car(
    path: pd.DataFrame,
    ax: Axes | None = None,
    title: str = "",
    shaded: tuple[int, int] | None = None,
    window: tuple[int, int] | None = None,
) -> Axes:
    """Return an axis with cumulative abnormal returns by session, one line a firm, and the portfolio's band.

    Parameters
    ----------
    path : DataFrame
        Of one event, from :meth:`EventStudyResults.car_path`: ``ticker``, ``offset``, ``CAR``, ``lower``, ``upper``; the
        ticker ``"portfolio"`` is drawn thick with its confidence band.
    shaded : pair of int, optional
        Sessions of the run-up, both included.
    window : pair of int, optional
        Sessions of the verdict, both included; marked on the horizontal axis.
    """
    ax = new_axes(ax, WIDTH, 3.5)
    offsets = np.unique(path["offset"])
    if shaded is not None:
        ax.axvspan(shaded[0] - 0.5, shaded[1] + 0.5, color=BAND, linewidth=0, zorder=0)
        _inside(ax, (shaded[0] + shaded[1]) / 2, 1, "run-up", "top")
    ends = {}
    for ticker in (t for t in dict.fromkeys(path["ticker"]) if t != PORTFOLIO):
        line = path[path["ticker"] == ticker]
        colour, style = colour_of(ticker), style_of(ticker).line
        (drawn,) = ax.plot(line["offset"], line["CAR"], color=colour, linestyle=style, linewidth=1.2, label=ticker)
        tell(drawn, _at_sessions(ticker, line, "CAR"))
        ends[ticker] = (float(line["offset"].iloc[-1]), float(line["CAR"].iloc[-1]), colour)
    whole = path[path["ticker"] == PORTFOLIO]
    if len(whole):
        ax.fill_between(whole["offset"], whole["lower"], whole["upper"], color=BLACK, alpha=0.11, linewidth=0)
        (drawn,) = ax.plot(whole["offset"], whole["CAR"], color=BLACK, linewidth=2.2, label=LABEL)
        tell(drawn, _at_sessions(LABEL, whole, "CAR"))
        ends[LABEL] = (float(whole["offset"].iloc[-1]), float(whole["CAR"].iloc[-1]), BLACK)
    ax.axhline(0, color=BLACK, linewidth=0.8)
    ax.set_xlim(offsets[0] - 0.5, offsets[-1] + 0.5)
    if window is not None:
        ax.axvspan(window[0] - 0.5, window[1] + 0.5, ymax=0.018, color=BLACK, linewidth=0, zorder=3)
        _inside(ax, (window[0] + window[1]) / 2, 0.02, "verdict", "bottom")
    _session_ticks(ax, offsets)
    ax.set(title=title, xlabel="sessions from day 0", ylabel="cumulative abnormal return")
    percent_axis(ax.yaxis)
    bare(ax)
    label_ends(ax, ends, bold=[LABEL])
    return ax


def _inside(ax: Axes, x: float, height: float, text: str, side: str) -> None:
    """Write a small word inside the axis, at a height in parts of it."""
    ax.annotate(
        text, (x, height), (0, -3 if side == "top" else 3), xycoords=("data", "axes fraction"), textcoords="offset points",
        ha="center", va=side, fontsize=SMALL, color=GREY,
    )  # fmt: skip


def _session_ticks(ax: Axes, offsets: np.ndarray) -> None:
    step = 1 if len(offsets) < 18 else 5 if len(offsets) < 60 else 20
    ticks = [int(o) for o in offsets if o % step == 0]
    ax.set_xticks(ticks, [f"{tick:+d}".replace("-", "\u2212") if tick else "0" for tick in ticks])


def _at_sessions(name: str, line: pd.DataFrame, column: str) -> list[str]:
    """Return what each session of a line says: its value, and its interval where there is one."""
    texts = []
    for row in line.to_dict("records"):
        text = f"{name}, {session_words(row['offset'])}: {percent(row[column])}"
        if name == LABEL and np.isfinite(row.get("lower", np.nan)):
            text += f" (95 %: {percent(row['lower'])} to {percent(row['upper'])})"
        texts.append(text)
    return texts


def plot_ar(path: pd.DataFrame, ax: Axes | None = None, title: str = "") -> Axes:
    """Return an axis with the abnormal return of each session: the portfolio with its interval, each firm as a mark.

    Parameters
    ----------
    path : DataFrame
        Of one event, from :meth:`EventStudyResults.ar_path`: ``ticker``, ``offset``, ``AR``, ``lower``, ``upper``.
    """
    ax = new_axes(ax, WIDTH, 3.2)
    ax.axvspan(-0.5, 0.5, color=BAND, linewidth=0, zorder=0)
    firms = [t for t in dict.fromkeys(path["ticker"]) if t != PORTFOLIO]
    slots = np.linspace(-0.3, 0.3, len(firms) + 1)
    shifts = slots[np.abs(slots) > 1e-9][: len(firms)]  # the middle is the portfolio's
    for ticker, shift in zip(firms, shifts, strict=True):
        line = path[path["ticker"] == ticker]
        (drawn,) = ax.plot(
            line["offset"] + shift, line["AR"], style_of(ticker).marker, color=colour_of(ticker), markersize=4.5,
            markeredgewidth=0, linestyle="none", label=ticker,
        )  # fmt: skip
        tell(drawn, _at_sessions(ticker, line, "AR"))
    whole = path[path["ticker"] == PORTFOLIO]
    if len(whole):
        ax.vlines(whole["offset"], whole["lower"], whole["upper"], color=BLACK, linewidth=1.4)
        (drawn,) = ax.plot(whole["offset"], whole["AR"], "D", color=BLACK, markersize=5, linestyle="none", label=LABEL)
        tell(drawn, _at_sessions(LABEL, whole, "AR"))
    ax.axhline(0, color=BLACK, linewidth=0.8)
    offsets = np.unique(path["offset"])
    ax.set_xlim(offsets[0] - 0.6, offsets[-1] + 0.6)
    _session_ticks(ax, offsets)
    ax.set(title=title, xlabel="sessions from day 0 (shaded)", ylabel="abnormal return")
    percent_axis(ax.yaxis)
    bare(ax)
    row_of_names(ax)
    return ax


def plot_estimates(
    table: pd.DataFrame, ax: Axes | None = None, title: str = "", emphasised: Iterable[str] = (PORTFOLIO,)
) -> Axes:
    """Return an axis with one estimate a row: its confidence interval, and the smallest effect the data could detect.

    Parameters
    ----------
    table : DataFrame
        Index: the label of a row, from top to bottom; a firm's begins with its ticker. Columns ``CAR``, ``lower``, ``upper``
        and, where known, ``detectable`` (bands on both sides of zero).
    emphasised : iterable of str
        Labels drawn black and bold.
    """
    ax = new_axes(ax, WIDTH, 0.8 + 0.27 * len(table))
    heavy, places = set(emphasised), np.arange(len(table))[::-1]
    if "detectable" in table:
        bars = ax.barh(places, 2 * table["detectable"], left=-table["detectable"], height=0.66, color=BAND)
        sizes = [percent(size)[1:] for size in table["detectable"]]
        tell(
            list(bars),
            [f"{label}: below {size} not detectable" for label, size in zip(table.index, sizes, strict=True)],
        )
        words = "shaded: effects too small to detect (80 % power)"
        ax.text(0, 1.01, words, color=GREY, fontsize=SMALL, transform=ax.transAxes)
    for place, (label, row) in zip(places, table.iterrows(), strict=True):
        bold = label in heavy
        colour = BLACK if bold else colour_of(str(label).split(" ")[0])
        ax.plot([row["lower"], row["upper"]], [place, place], color=colour, linewidth=2.2 if bold else 1.4)
        (drawn,) = ax.plot(row["CAR"], place, marker="D" if bold else "o", color=colour, markersize=5)
        tell(drawn, [f"{label}: {percent(row['CAR'])} (95 %: {percent(row['lower'])} to {percent(row['upper'])})"])
        _beside(ax, place, percent(row["CAR"]) if np.isfinite(row["CAR"]) else "missing", bold)
    ax.axvline(0, color=BLACK, linewidth=0.8)
    ax.set_yticks(places, [plain(label) for label in table.index])
    for tick, label in zip(ax.get_yticklabels(), table.index, strict=True):
        tick.set(fontweight="bold" if label in heavy else "normal", color=BLACK)
    ax.set_ylim(-0.6, len(table) - 0.4)
    ax.set_title(title, pad=16 if title else None)
    ax.set_xlabel("abnormal return with 95 % confidence interval")
    percent_axis(ax.xaxis)
    bare(ax, "x")
    return ax


def _beside(ax: Axes, place: float, text: str, bold: bool = False) -> None:
    """Write beside the right edge, at a height in data."""
    weight = "bold" if bold else "normal"
    ax.text(1.01, place, text, va="center", fontsize=FONT, fontweight=weight, transform=ax.get_yaxis_transform())


def plot_power(curves: Mapping[str, tuple[pd.DataFrame, float]], ax: Axes | None = None, title: str = "") -> Axes:
    """Return an axis with a row an event: the true effects that its verdict finds with a chance of 50 % to 95 %.

    Parameters
    ----------
    curves : dict
        Name to a frame with ``effect`` and ``power``, from :attr:`potash.Verdict.power`, and the effect found in four cases
        out of five, which is marked.
    """
    ordered = sorted(curves.items(), key=lambda item: item[1][1])
    ax = new_axes(ax, WIDTH, 0.8 + 0.27 * max(len(ordered), 2))
    places = np.arange(len(ordered))[::-1]
    for place, (name, (curve, detectable)) in zip(places, ordered, strict=True):
        half, most = (float(np.interp(power, curve["power"], curve["effect"])) for power in (0.5, 0.95))
        ax.plot([half, most], [place, place], color=OTHER, linewidth=1.4)
        ax.plot([half, most], [place, place], "|", color=OTHER, markersize=6)
        (drawn,) = ax.plot(detectable, place, "o", color=BLUE, markersize=6)
        size = {"half": percent(half)[1:], "four": percent(detectable)[1:], "most": percent(most)[1:]}
        tell(
            drawn,
            [f"{name}: found in half of all cases {size['half']}, in 80 % {size['four']}, in 95 % {size['most']}"],
        )
        _beside(ax, place, size["four"])
    ax.set_yticks(places, [plain(name) for name, _ in ordered], color=BLACK)
    ax.set_ylim(-0.6, len(ordered) - 0.4)
    ax.set_xlim(left=0)
    ax.set(title=title, xlabel="true effect, of either sign (line: found in 50 to 95 % of cases; dot: in 80 %)")
    percent_axis(ax.xaxis, signed=False)
    bare(ax, "x")
    return ax


def plot_placebo(
    placebo: pd.DataFrame,
    car: float,
    ax: Axes | None = None,
    title: str = "",
    column: str = "CAR",
    label: str = "the event",
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
    label : str
        What stands at the line of the event.
    """
    ax = new_axes(ax, WIDTH, 3.0)
    cars = placebo[column].dropna().to_numpy()
    edges = np.histogram_bin_edges(np.append(cars, car), bins=min(40, max(10, len(cars) // 6)))
    counts, _, bars = ax.hist(cars, bins=list(edges), color=BLUE, alpha=0.35, rwidth=0.92, linewidth=0)
    words = percent if column == "CAR" else _deviate
    tell(
        list(bars),  # type: ignore[arg-type]
        [f"{int(n)} days from {words(a)} to {words(b)}" if n else None
         for n, a, b in zip(np.atleast_1d(counts), edges[:-1], edges[1:], strict=True)],
    )  # fmt: skip
    for edge in np.quantile(cars, [0.025, 0.975]):
        ax.axvline(edge, color=BLUE, linewidth=1, linestyle="--")
    ax.axvline(car, color=VERMILION, linewidth=2.4)
    ax.set_ylim(0, 1.12 * ax.get_ylim()[1])
    ax.locator_params(axis="y", integer=True)
    low, high = ax.get_xlim()
    left = car > (low + high) / 2
    text = "\n".join(map(plain, label.split("\n")))
    ax.annotate(
        text, (car, 0.98), (-6 if left else 6, 0), xycoords=("data", "axes fraction"), textcoords="offset points",
        color=VERMILION, fontweight="bold", va="top", ha="right" if left else "left", fontsize=FONT,
    )  # fmt: skip
    what = "portfolio abnormal return" + ("" if column == "CAR" else " over its standard error")
    ax.set(title=title, xlabel=f"{what} (dashed: middle 95 % of ordinary days)", ylabel="number of days")
    if column == "CAR":
        percent_axis(ax.xaxis)
    bare(ax)
    return ax


def _deviate(value: float) -> str:
    return f"{value:+.2f}".replace("-", "\u2212")


def plot_parts(parts: pd.DataFrame, ax: Axes | None = None, title: str = "") -> Axes:
    """Return an axis with the raw return of each row and the parts that add up to it.

    Parameters
    ----------
    parts : DataFrame
        Index: the label of a row. Columns ``market``, ``controls``, ``specific``, ``raw_return``, as fractions, of
        :func:`potash.decompose`; without a control group ``controls`` is NaN and ``abnormal`` stands for ``specific``.

    Notes
    -----
    Bars of one sign follow one another from zero, so that the parts of both signs are told apart; the mark is their sum.
    """
    ax = new_axes(ax, WIDTH, 1.1 + 0.42 * len(parts))
    places = np.arange(len(parts))[::-1]
    if parts["controls"].isna().all():
        columns = [("market", "market", OTHER), ("abnormal", "beyond the market", VERMILION)]
    else:
        columns = [
            ("market", "market", OTHER), ("controls", "fertilizer-wide (controls)", BLUE),
            ("specific", "potash-specific", VERMILION),
        ]  # fmt: skip
    ends = {1: np.zeros(len(parts)), -1: np.zeros(len(parts))}
    for column, name, colour in columns:
        values = parts[column].to_numpy(float)
        left = np.where(values >= 0, ends[1], ends[-1])
        bars = ax.barh(
            places, values, left=left, height=0.5, color=colour, label=name, edgecolor="#FFFFFF", linewidth=0.8
        )
        tell(list(bars), [f"{label}, {name}: {percent(v)}" for label, v in zip(parts.index, values, strict=True)])
        for sign in (1, -1):
            ends[sign] = ends[sign] + np.where(np.sign(values) == sign, values, 0)
    (drawn,) = ax.plot(
        parts["raw_return"], places, "D", color=BLACK, markersize=6, linestyle="none", label="the sum: raw return"
    )
    tell(drawn, [f"{label}, raw return: {percent(v)}" for label, v in parts["raw_return"].items()])
    for place, value in zip(places, parts["raw_return"], strict=True):
        _beside(ax, place, percent(value), bold=True)
    ax.axvline(0, color=BLACK, linewidth=0.8)
    ax.set_yticks(places, [plain(label) for label in parts.index], color=BLACK)
    ax.set_ylim(-0.5, len(parts) - 0.5)
    ax.set(title=title, xlabel="return and its parts")
    percent_axis(ax.xaxis)
    bare(ax, "x")
    ax.locator_params(axis="x", nbins=6)
    row_of_names(ax)
    return ax
