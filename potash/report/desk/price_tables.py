"""What the page about prices shows: the series and their holes, their levels around the events, and what checks say."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pandas as pd

from potash.market.assemble import Snapshot
from potash.market.plots import plot_coverage, plot_monthly, plot_prices_indexed
from potash.news.timeline import Timeline
from potash.report.pages.publish import ShownFigure
from potash.report.pages.tables import ShownTable
from potash.universe import Universe

if TYPE_CHECKING:
    from collections.abc import Sequence

ADJUSTMENTS = {
    "splits+dividends": "splits and dividends (total return)",
    "splits": "splits only",
    "none": "not adjusted",
    "": "not stated",
}
SERIOUSNESS = {"error": "error", "warning": "warning", "info": "remark"}
# More lines than eyes can follow are drawn in two figures.
MANY_LINES = 10


def series_table(snapshot: Snapshot, universe: Universe) -> ShownTable:
    """Return what prices there are of each security, its holes in words; the file has a row per segment."""
    series = snapshot.series
    span = series["start"].min(), series["end"].max()
    several = series["currency"].nunique() > 1
    rows = []
    for ticker, parts in series.groupby("ticker", sort=False):
        row = {
            "security": f"{universe.frame.at[ticker, 'name']} ({ticker})",
            "role": universe.frame.at[ticker, "role"],
            "prices": "; ".join(f"{p.start:%Y-%m-%d} to {p.end:%Y-%m-%d}" for p in parts.itertuples()),
            "holes": "; ".join(holes(parts, span)) or "none",
            "sessions": int(parts["observations"].sum()),
            "without a price": int(parts["missing"].sum()),
            "adjusted for": "; ".join(dict.fromkeys(ADJUSTMENTS.get(a, a) for a in parts["adjustment"])),
            "as known in": "; ".join(dict.fromkeys(map(_month, parts["known_as_of"]))),
        }
        rows.append(row | ({"currency": ", ".join(dict.fromkeys(parts["currency"]))} if several else {}))
    note = (
        "Two spans of one security are two segments, adjusted as of different dates: their returns can be compared, their "
        "levels cannot, and no return is taken across a hole. Prices adjusted for splits only fall by the dividend on the day "
        "a share trades without it."
    )
    shown = pd.DataFrame(rows)
    if not series["missing"].any():
        shown, note = shown.drop(columns="without a price"), f"Inside the spans no session is without a price. {note}"
    note = f"{note} Snapshot {snapshot.name}."
    currencies = ", ".join(sorted(set(series["currency"])))
    title = f"Prices of {len(rows)} securities, in {currencies}"
    return ShownTable(series, shown, note, "series", title)


def _month(known: str) -> str:
    """Return the month of a date or month, as 2026-01; the text as it is where it is neither."""
    if re.fullmatch(r"\d{4}-\d\d(-\d\d)?", known):
        return known[:7]
    return known or "not stated"


def holes(parts: pd.DataFrame, span: tuple[pd.Timestamp, pd.Timestamp]) -> list[str]:
    """Return where a security has no prices though others have, in words.

    Parameters
    ----------
    parts : DataFrame
        Its segments: ``start`` and ``end``.
    span : pair of Timestamp
        First and last day of all prices.

    Examples
    --------
    >>> days = pd.to_datetime(["2020-07-01", "2022-04-29", "2024-08-22", "2026-01-26"])
    >>> parts = pd.DataFrame({"start": days[[0, 2]], "end": days[[1, 3]]})
    >>> holes(parts, (pd.Timestamp("2020-07-01"), pd.Timestamp("2026-01-29")))
    ['no prices from 2022-04-30 to 2024-08-21', 'none after 2026-01-26']
    """
    ordered, day = parts.sort_values("start"), pd.Timedelta(days=1)
    texts = [f"no prices before {ordered['start'].iloc[0]:%Y-%m-%d}"] if ordered["start"].iloc[0] > span[0] else []
    for end, start in zip(ordered["end"].iloc[:-1], ordered["start"].iloc[1:], strict=True):
        # Over a weekend nothing is missing.
        if start - end > 4 * day:
            texts.append(f"no prices from {end + day:%Y-%m-%d} to {start - day:%Y-%m-%d}")
    if ordered["end"].iloc[-1] < span[1]:
        texts.append(f"no prices after {ordered['end'].iloc[-1]:%Y-%m-%d}")
    return [text if i == 0 else text.replace("no prices", "none") for i, text in enumerate(texts)]


def coverage_figure(snapshot: Snapshot, findings: pd.DataFrame) -> ShownFigure:
    """Return the stretches with prices of each security, with marks where a check noticed something."""
    series = snapshot.series
    return ShownFigure.of(
        plot_coverage(series, findings),
        "Sessions with a price, by security, and where a check noticed something",
        f"Bars of available prices for {series['ticker'].nunique()} securities from {series['start'].min():%Y-%m-%d} to "
        f"{series['end'].max():%Y-%m-%d}, with marks where a quality check noticed something.",
        "coverage",
        series[["ticker", "start", "end"]],
    )


def level_figures(snapshot: Snapshot, universe: Universe, timeline: Timeline) -> list[ShownFigure]:
    """Return the prices of each segment as multiples of their level on one day, with a line at each event."""
    figures = []
    for number, (_, part) in enumerate(snapshot.series.groupby("file", sort=False), start=1):
        start, end = part["start"].min(), part["end"].max()
        events = events_between(timeline, start, end)
        for letter, (title, tickers) in zip("abc", _groups(list(part["ticker"]), universe), strict=False):
            base = snapshot.prices.loc[part["start"].max() :, tickers].notna().sum(axis=1).idxmax()
            drawn = [ticker for ticker in tickers if pd.notna(snapshot.prices.at[base, ticker])]
            axes = plot_prices_indexed(snapshot.prices[drawn], base, series=part, events=events)
            figures.append(
                ShownFigure.of(
                    axes,
                    f"Prices{title}, {start:%B %Y} to {end:%B %Y} ({base:%Y-%m-%d} = 100, log scale)",
                    f"Lines of {len(drawn)} price series, each 100 on {base:%Y-%m-%d}, with a line at each of "
                    f"{len(events)} events: {', '.join(events.index)}.",
                    f"levels-{number}{letter if title else ''}",
                )
            )
    return figures


def events_between(timeline: Timeline, start: pd.Timestamp, end: pd.Timestamp) -> pd.Series[str]:
    """Return the titles of the dated market and headline events of a span, by their date."""
    table = timeline.events.loc[timeline.with_relevance("headline", "market")]
    table = table[table["precision"].isin(["time", "day"])].sort_values("date", kind="stable")
    inside = table[table["date"].between(f"{start:%Y-%m-%d}", f"{end:%Y-%m-%d}")]
    return inside.set_index("date")["title"]


def _groups(tickers: list[str], universe: Universe) -> list[tuple[str, list[str]]]:
    if len(tickers) <= MANY_LINES:
        return [("", tickers)]
    producers = set(universe.with_role("potash producer"))
    groups = {
        " of potash producers": [t for t in tickers if t in producers],
        " of others": [t for t in tickers if t not in producers],
    }
    return [(title, members) for title, members in groups.items() if members]


def findings_table(findings: pd.DataFrame, severities: Sequence[str] = ("error", "warning", "info")) -> ShownTable:
    """Return what checks noticed, errors first, of some severities; like remarks on one security share a row.

    The file has a row per finding, with its first and last day.
    """
    order = {severity: place for place, severity in enumerate(SERIOUSNESS)}
    chosen = findings[findings["severity"].isin(list(severities))]
    frame = chosen.assign(place=chosen["severity"].map(order)).sort_values(["place", "series", "start"], kind="stable")
    rows = [
        {
            "how serious": SERIOUSNESS[severity],
            "what": kind.replace("_", " "),
            "series": series.replace("_", " "),
            "when": "; ".join(dict.fromkeys(_days(r.start, r.end) for r in same.itertuples())),
            "in detail": reading("; ".join(dict.fromkeys(same["detail"]))),
            "what to do": reading(same["suggestion"].iloc[0]),
        }
        for (severity, kind, series), same in frame.groupby(["severity", "kind", "series"], sort=False)
    ]
    columns = ["how serious", "what", "series", "when", "in detail", "what to do"]
    out = frame.drop(columns="place").assign(kind=frame["kind"].str.replace("_", " "))
    return ShownTable(out, pd.DataFrame(rows, columns=columns))


def _days(start: pd.Timestamp, end: pd.Timestamp) -> str:
    return f"{start:%Y-%m-%d}" if start == end else f"{start:%Y-%m-%d} to {end:%Y-%m-%d}"


def reading(text: str) -> str:
    """Return a text of a check with percentages and spans as pages write them: the space before % does not break.

    Examples
    --------
    >>> reading("46.3 to 39.2 (-15.3%): 2021-12-20..2021-12-21").split()
    ['46.3', 'to', '39.2', '(−15.3', '%):', '2021-12-20', 'to', '2021-12-21']
    """
    text = re.sub(r"(?<=\d)\.\.(?=\d)", " to ", text)
    text = re.sub(r"(?<=\d)%", "\u00a0%", text)
    return re.sub(r"(?<![\w-])-(?=\d)", "\u2212", text)


def left_out_table(snapshot: Snapshot) -> ShownTable:
    """Return the prices of the provider on which no number rests; without a row where there are none."""
    note = "A price on a day without a session, or of zero and below, has no return."
    title = f"Prices of the provider on which no number of this report rests: {len(snapshot.left_out)}"
    return ShownTable(snapshot.left_out, snapshot.left_out, note, "left-out", title)


def monthly_figure(monthly: pd.DataFrame, findings: pd.DataFrame) -> ShownFigure:
    """Return the monthly potash price, with the months marked in which it is not what it looks like."""
    potash, kinds = monthly["potassium_chloride"], set(findings["kind"])
    switch = "; what is quoted changes in January 2020" if "definition_change" in kinds else ""
    return ShownFigure.of(
        plot_monthly(monthly, findings),
        f"Potassium chloride, monthly average in USD per tonne{switch}",
        f"Potash price by month from {monthly.index[0]} to {monthly.index[-1]}: it peaks at {potash.max():,.0f} USD per tonne "
        f"in {potash.idxmax()}; repeated months, unchanged quotes and the change of definition are marked where there are any.",
        "potash-monthly",
        potash.rename_axis("month").reset_index(),
    )
