"""Figures of the data: each takes a tidy frame and an Axes and returns the Axes; none calls ``show()``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pandas as pd

from potash._figures import (
    AMBER,
    BAND,
    BLACK,
    BLUE,
    GREEN,
    GREY,
    PURPLE,
    RULE,
    SMALL,
    VERMILION,
    bare,
    colour_of,
    label_ends,
    new_axes,
    plain,
    row_of_names,
    spread,
    style_of,
    tell,
)  # fmt: skip
from potash.errors import PricesError, close_to, listed
from potash.market.price_frame import check_prices
from potash.market.quality.findings import true_runs

if TYPE_CHECKING:
    from matplotlib.axes import Axes as MatplotlibAxes

    Axes: TypeAlias = MatplotlibAxes

_POINTS = {
    "large_move": ("v", VERMILION, "move above 6 robust s.d."),
    "stale_run": ("s", BLACK, "3 or more equal closes"),
    "missing_sessions": ("|", BLACK, "missing sessions"),
    "price_on_closed_day": ("X", PURPLE, "price on a closed day"),
}
_SPANS = {
    "coarse_steps": (AMBER, "coarse price steps"),
    "adjustment_differs": (GREEN, "adjusted otherwise than the panel"),
    "adjustment_not_stated": (GREY, "adjustment not stated"),
}
_GAPS = {"starts_late", "ends_early", "absent"}
# Errors last, so that they lie on top.
_OTHERS = {"warning": ("D", AMBER, "other warning"), "error": ("*", VERMILION, "other error")}
_LONG = pd.Timedelta(days=10)
# A hole is told in words where it takes this part of the axis.
_WIDE = 0.3
# With more sessions than this a line of prices tells its value once a year.
_MONTHS = 900


def plot_coverage(data: pd.DataFrame, findings: pd.DataFrame | None = None, ax: Axes | None = None) -> Axes:
    """Return an Axes with a bar per ticker and stretch of prices, and marks for findings.

    Parameters
    ----------
    data : DataFrame
        The ``series`` of a snapshot (a bar per segment), or wide prices (a bar per unbroken stretch of rows).
    findings : DataFrame, optional
        From :func:`potash.market.quality.checking.check_snapshot`. Errors and warnings of a kind without a mark of its own share
        one, and a thin line where they last longer than ten days; series that start late or end early show as gaps.
    ax : Axes, optional
        Where to draw; a new figure by default.
    """
    bars = data if {"ticker", "start", "end"} <= set(data.columns) else _stretches(check_prices(data))
    tickers = list(dict.fromkeys(bars["ticker"]))
    ax = new_axes(ax, 7.0, 1.0 + 0.24 * len(tickers))
    rows = {ticker: i for i, ticker in enumerate(tickers)}
    day = pd.Timedelta(days=1)
    for ticker, start, end in bars[["ticker", "start", "end"]].itertuples(index=False):
        left = _number(start)
        bar = ax.barh(rows[ticker], _number(end + day) - left, left=left, height=0.62, color=RULE, zorder=1)
        tell(list(bar), [f"{ticker}: prices from {start:%Y-%m-%d} to {end:%Y-%m-%d}"])
    _name_holes(ax, bars, rows)
    if findings is not None:
        _mark(ax, findings[findings["series"].isin(tickers)], rows)
    ax.xaxis_date()
    ax.margins(x=0.02)
    ax.use_sticky_edges = False
    ax.set_yticks(range(len(tickers)), [plain(ticker) for ticker in tickers])
    ax.set_ylim(len(tickers) - 0.5, -0.5)
    bare(ax, "x")
    return ax


def _name_holes(ax: Axes, bars: pd.DataFrame, rows: dict[str, int]) -> None:
    """Say in words where a ticker has no prices, in the holes that are wide enough for it."""
    first, last = bars["start"].min(), bars["end"].max()
    for ticker, stretches in bars.groupby("ticker", sort=False):
        ends = [first, *stretches["end"].cummax()]
        for i, (end, start) in enumerate(zip(ends, [*stretches["start"], last], strict=True)):
            if start - end < _WIDE * (last - first):
                continue
            since, until = end + pd.Timedelta(days=7), start - pd.Timedelta(days=1)
            words = f"from {since:%Y-%m} to {until:%Y-%m}"
            if i == 0 or i == len(stretches):
                words = f"before {start:%Y-%m}" if i == 0 else f"after {end:%Y-%m}"
            place = (_number(end + (start - end) / 2), rows[str(ticker)])
            ax.text(*place, f"no prices {words}", ha="center", va="center", fontsize=SMALL - 1, color=GREY)


def _mark(ax: Axes, findings: pd.DataFrame, rows: dict[str, int]) -> None:
    """Draw spans as thin bars and points as markers, each kind once in the legend."""
    for kind, (colour, label) in _SPANS.items():
        for i, row in enumerate(findings[findings["kind"] == kind].itertuples(index=False)):
            left, right = _number(row.start), _number(row.end) + 1
            ax.barh(
                rows[str(row.series)] + 0.24, right - left, left=left, height=0.14, color=colour, zorder=2,
                label=label if i == 0 else None,
            )  # fmt: skip
    for kind, style in _POINTS.items():
        _mark_points(ax, findings[findings["kind"] == kind], rows, style)
    rest = findings[~findings["kind"].isin({*_SPANS, *_POINTS, *_GAPS})]
    for severity, style in _OTHERS.items():
        marked = rest[rest["severity"] == severity]
        _mark_points(ax, marked, rows, style)
        for row in marked[marked["end"] - marked["start"] > _LONG].itertuples(index=False):
            height = rows[str(row.series)] - 0.05
            ax.plot([row.start, row.end], [height, height], color=style[1], linewidth=1.2, zorder=2)
    if ax.get_legend_handles_labels()[0]:
        row_of_names(ax, 3)


def _mark_points(ax: Axes, marked: pd.DataFrame, rows: dict[str, int], style: tuple[str, str, str]) -> None:
    marker, colour, label = style
    if len(marked):
        middle = marked["start"] + (marked["end"] - marked["start"]) / 2
        heights = [rows[str(series)] - 0.05 for series in marked["series"]]
        days = [f"{start:%Y-%m-%d}" for start in marked["start"]]
        (drawn,) = ax.plot(middle, heights, marker, markersize=5, color=colour, zorder=3, label=label)
        tell(drawn, [f"{s}, {d}: {label}" for s, d in zip(marked["series"], days, strict=True)])


def plot_monthly(
    monthly: pd.DataFrame,
    findings: pd.DataFrame | None = None,
    ax: Axes | None = None,
    series: str = "potassium_chloride",
    unit: str = "USD per tonne",
) -> Axes:
    """Return an Axes with one monthly price, its definitions shaded and its doubtful months marked.

    Parameters
    ----------
    monthly : DataFrame
        Index of monthly periods, a column per series.
    findings : DataFrame, optional
        From :func:`potash.market.quality.checking.check_monthly`.
    ax : Axes, optional
        Where to draw; a new figure by default.
    series, unit : str
        The column to draw, and what its numbers are.

    Raises
    ------
    PricesError
        If there is no such column.
    """
    ax = new_axes(ax, 7.0, 3.6)
    if series not in monthly:
        raise PricesError(
            f"series={series!r} is no column{close_to(series, monthly.columns)}. There are: {listed(monthly.columns)}."
        )
    index = (
        monthly.index.to_timestamp() if isinstance(monthly.index, pd.PeriodIndex) else pd.DatetimeIndex(monthly.index)
    )
    quotes = monthly[series].set_axis(index)
    name = series.replace("_", " ")
    (drawn,) = ax.plot(index, quotes.to_numpy(), color=BLUE, linewidth=1.5, label=name)
    tell(drawn, [f"{name}, {month:%Y-%m}: {value:,.0f} {unit}" for month, value in quotes.items()])
    marked = (
        pd.DataFrame() if findings is None else findings[[series in names.split(", ") for names in findings["series"]]]
    )
    if len(marked):
        _mark_months(ax, marked, quotes)
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

    locator = AutoDateLocator(maxticks=9)
    ax.xaxis.set_major_locator(locator)
    ax.xaxis.set_major_formatter(ConciseDateFormatter(locator))
    ax.set_xlim(_number(index[0]), _number(index[-1]))
    ax.set_ylim(0, 1.15 * float(np.nanmax(quotes)))
    ax.set_ylabel(f"{name}, {unit}")
    bare(ax)
    row_of_names(ax, 2)
    return ax


def _mark_months(ax: Axes, findings: pd.DataFrame, quotes: pd.Series[Any]) -> None:
    for i, row in enumerate(findings[findings["kind"] == "unchanged_quote"].itertuples(index=False)):
        part = quotes[row.start : row.end]
        label = "unchanged for 3 months or more" if i == 0 else None
        ax.plot(part.index, part.to_numpy(), color=AMBER, linewidth=3.5, alpha=0.8, zorder=1.5, label=label)
    marks = {
        "repeated_block": ("X", VERMILION, "repeats an earlier month"),
        "one_month_departure": ("o", BLACK, "leaves for one month"),
    }
    for kind, (marker, colour, label) in marks.items():
        spans = [quotes[row.start : row.end] for row in findings[findings["kind"] == kind].itertuples(index=False)]
        if spans:
            hit = pd.concat(spans)
            filled = colour if kind == "repeated_block" else "none"
            size = 45 if kind == "repeated_block" else 110
            ax.scatter(
                hit.index,
                hit.to_numpy(),
                marker=marker,
                s=size,
                facecolor=filled,
                edgecolor=colour,
                label=label,
                zorder=4,
            )
    for row in findings[findings["kind"] == "definition_change"].itertuples(index=False):
        ax.axvspan(_number(row.start), _number(quotes.index[-1]), color=BAND, linewidth=0, zorder=0)
        ax.axvline(_number(row.start), color=BLACK, linewidth=0.8, linestyle=":")
        before, after = str(row.detail).split(" (")[0].split(", ", 1)
        for text, side, shift in ((before, "right", -4), (after, "left", 4)):
            ax.annotate(
                text, (_number(row.start), 0.97), xycoords=("data", "axes fraction"), xytext=(shift, 0),
                textcoords="offset points", fontsize=8, va="top", ha=side,
            )  # fmt: skip


def plot_prices_indexed(
    prices: pd.DataFrame,
    base_date: object,
    ax: Axes | None = None,
    series: pd.DataFrame | None = None,
    events: pd.Series[str] | None = None,
) -> Axes:
    """Return an Axes with prices as multiples of their level on one day, which is 100; log scale.

    Parameters
    ----------
    prices : DataFrame of shape (n_sessions, n_tickers)
        Positive closes.
    base_date : date
        A session on which every ticker has a price.
    ax : Axes, optional
        Where to draw; a new figure by default.
    series : DataFrame, optional
        The ``series`` of a snapshot: each ticker is drawn over its segment around ``base_date``. Without it, over its
        unbroken stretch of rows around it. Levels of other segments are adjusted as of other dates and never drawn.
    events : Series of str, optional
        Titles by date: a vertical line each, with its day above where there is room.

    Raises
    ------
    PricesError
        If ``base_date`` is no row of the frame, or a ticker has no price on it.
    """
    checked = check_prices(prices)
    base = pd.Timestamp(base_date)
    if base not in checked.index:
        first, last = checked.index[0], checked.index[-1]
        raise PricesError(
            f"base_date={base:%Y-%m-%d} is no session of the frame ({first:%Y-%m-%d} to {last:%Y-%m-%d})."
        )
    spans = _stretches(checked) if series is None else series
    around = {
        ticker: (start, end)
        for ticker, start, end in spans[["ticker", "start", "end"]].itertuples(index=False)
        if start <= base <= end
    }
    without = [t for t in checked.columns if t not in around or pd.isna(checked.at[base, t])]
    if len(without):
        raise PricesError(
            f"base_date={base:%Y-%m-%d}: no price for {listed(without)}. Choose another day or leave them out."
        )
    ax = new_axes(ax, 7.2, 3.8)
    ends, colours = {}, [colour_of(str(ticker)) for ticker in checked.columns]
    for ticker, colour in zip(map(str, checked.columns), colours, strict=True):
        start, end = around[ticker]
        levels = checked.loc[start:end, ticker]
        values = 100 * levels / levels[base]
        # The name stands at the end of the line; a line that shares its colour is also dashed.
        style = style_of(ticker).line if colours.count(colour) > 1 else "-"
        (drawn,) = ax.plot(values.index, values.to_numpy(), color=colour, linestyle=style, linewidth=1.2, label=ticker)
        tell(drawn, _at_month_ends(ticker, values, levels))
        last = values.last_valid_index()
        ends[ticker] = (_number(last), float(values[last]), colour)
    _level_axis(ax, base)
    _event_lines(ax, pd.Series(dtype=str) if events is None else events)
    label_ends(ax, ends)
    return ax


def _at_month_ends(ticker: str, values: pd.Series[float], levels: pd.Series[float]) -> list[str | None]:
    """Return what a line of prices says on the last session of each month, or of each year where it is long."""
    days = pd.DatetimeIndex(values.index)
    part = days.to_period("M" if len(days) <= _MONTHS else "Y")
    last = np.append(part[1:] != part[:-1], True)
    return [
        f"{ticker}, {day:%Y-%m-%d}: {value:.0f} (close {level:,.2f})" if is_last and np.isfinite(value) else None
        for day, value, level, is_last in zip(days, values, levels, last, strict=True)
    ]


def _event_lines(ax: Axes, events: pd.Series[str]) -> None:
    """Draw a line at each event; a number above it, explained below the axis, or its date where there is room."""
    if events.empty:
        return
    low, high = ax.get_xlim()
    days = [_number(pd.Timestamp(day)) for day in events.index]
    dates = [f"{pd.Timestamp(day):%Y-%m-%d}" for day in events.index]
    parts = [(day - low) / (high - low) for day in days]
    sparse = len(parts) == 1 or min(np.diff(parts)) > 0.15
    names = dates if sparse else [str(number) for number in range(1, len(days) + 1)]
    for day, date, title, name, place in zip(days, dates, events, names, spread(parts, 0.024), strict=True):
        line = ax.axvline(day, color=GREY, linewidth=0.7, linestyle=(0, (2, 2)), zorder=0)
        tell(line, [None, f"{date}: {title}"])
        ax.annotate(
            name, (day, 1), (place, 1.015), xycoords=("data", "axes fraction"), textcoords="axes fraction", fontsize=SMALL,
            ha="center", va="bottom", color=GREY,
        )  # fmt: skip
    if not sparse:
        pairs = [f"{number}: {date}" for number, date in zip(names, dates, strict=True)]
        rows = [" \u00b7 ".join(pairs[i : i + 6]) for i in range(0, len(pairs), 6)]
        ax.set_xlabel("\n".join(rows), fontsize=SMALL, loc="left")


def _level_axis(ax: Axes, base: pd.Timestamp) -> None:
    from matplotlib.ticker import LogLocator, NullFormatter, StrMethodFormatter

    ax.set_yscale("log")
    low, high = ax.get_ylim()
    fine = high / low < 20  # over more than that the fine ticks of one decade run into each other
    ax.yaxis.set_major_locator(
        LogLocator(subs=(1.0, 1.25, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0) if fine else (1.0, 2.0, 5.0))
    )
    ax.yaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
    ax.yaxis.set_minor_formatter(NullFormatter())
    ax.axhline(100, color=GREY, linewidth=0.8)
    ax.set_ylabel(f"price, {base:%Y-%m-%d} = 100 (log scale)")
    bare(ax)
    ax.tick_params(which="minor", length=0)
    ax.margins(x=0)
    ax.autoscale_view()


def _stretches(prices: pd.DataFrame) -> pd.DataFrame:
    """Return ticker, start and end of each unbroken stretch of rows with a price."""
    rows = [
        {"ticker": ticker, "start": prices.index[first], "end": prices.index[last]}
        for ticker in prices.columns
        for first, last in true_runs(prices[ticker].notna().to_numpy(dtype=np.bool_))
    ]
    return pd.DataFrame(rows, columns=["ticker", "start", "end"])


def _number(day: Any) -> float:
    """Return a date on matplotlib's axis: days since its epoch."""
    from matplotlib.dates import date2num

    return float(date2num(day))
