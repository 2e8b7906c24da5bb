"""The forest that is the table: a row an event whose cells are text, and a small SVG that draws the numbers beside it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

from potash.report.front.facts import EventFacts, Front, PoolFacts
from potash.report.front.words import pool_reading, reading
from potash.study.answer.words import interval, p_is, percent, size_of

ARROWS = {"positive": ("▲", "expected up"), "negative": ("▼", "expected down")}
NO_ARROW = ("·", "no direction expected")
STEPS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
MARGIN_SHARE = 0.04
MISSING = "–"
HEADERS = [("interval", "95 % interval"), ("sessions", "Sessions"), ("market", "Beyond market"), ("run-up", "Run-up")]


@dataclass(frozen=True, slots=True)
class Scale:
    """Where a return lies in a cell, as a percentage of its width: zero in the middle, ``limit`` near the right end.

    Attributes
    ----------
    limit, step : float
        Largest return inside the cell, a fraction, and the distance of the ticks.
    """

    limit: float
    step: float

    @classmethod
    def of(cls, values: Iterable[float | None]) -> Scale:
        """Return the scale that holds values, a row each, but none beyond twice the median: it ends in an arrow."""
        sizes = sorted(abs(value) for value in values if value is not None)
        most = sizes[-1] if sizes else 0.05
        cap = 2 * sizes[len(sizes) // 2] if sizes else most
        reach = max(min(most, cap), 0.01)
        step = next((step for step in STEPS if reach / step <= 3), STEPS[-1])
        return cls(round(step * math.ceil(round(reach / step, 9)), 9), step)

    def at(self, value: float) -> float:
        """Return the place of a return, held at the edges, in percent of the width."""
        inside = max(-self.limit, min(self.limit, value)) / self.limit
        return round(100 * (0.5 + inside * (0.5 - MARGIN_SHARE)), 2)

    @property
    def ticks(self) -> list[float]:
        """The returns that have a tick."""
        n = round(self.limit / self.step)
        return [round(i * self.step, 9) for i in range(-n, n + 1)]


@dataclass(frozen=True, slots=True)
class Remark:
    """A line beside a verdict; a ``minor`` one is not shown on a narrow screen."""

    text: str
    minor: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the forest as the page shows it.

    Attributes
    ----------
    href, title, date : str
        Of the event's page, and what stands in the first cell.
    arrow, direction : str
        A sign for the direction expected, and its words.
    plot : str
        SVG; trusted, every text in it is escaped.
    cells : tuple of (kind, text, value)
        What stands beside, in the columns of :data:`HEADERS`, and what it is sorted by.
    tone, verdict : str
        Class of the verdict, and the verdict in words.
    remarks : tuple of Remark
        What a reader has to know beside it.
    """

    href: str
    title: str
    date: str
    arrow: str
    direction: str
    plot: str
    cells: tuple[tuple[str, str, str], ...]
    tone: str
    verdict: str
    remarks: tuple[Remark, ...]


def scale_of(front: Front) -> Scale:
    """Return the scale on which every row of a forest is drawn."""
    rows: list[tuple[float | None, ...]] = [(front.pool.lower, front.pool.upper, front.pool.run_up)]
    rows += [(event.lower, event.upper, event.run_up, event.detectable) for event in front.events]
    return Scale.of(max((abs(value) for value in row if value is not None), default=None) for row in rows)


def headers_of(front: Front) -> list[tuple[str, str]]:
    """Return kind and words of the columns of numbers; without any control there is nothing but what is beyond the market."""
    if front.pool.controls or any(event.controls for event in front.events):
        specific = "Potash-specific" if front.data.firms_are == "potash producers" else "Specific"
        return [("estimate", specific), *HEADERS]
    return [("estimate", "Beyond market"), *(header for header in HEADERS if header[0] != "market")]


def event_row(event: EventFacts, scale: Scale, names: dict[str, str], headers: Sequence[tuple[str, str]]) -> Row:
    """Return the row of an event; ``names`` are companies by ticker."""
    arrow, direction = ARROWS.get(event.expected, NO_ARROW)
    return Row(
        href=f"event-{event.event_id}.html",
        title=event.title,
        date=event.date,
        arrow=arrow,
        direction=direction,
        plot=event_plot(event, scale),
        cells=_cells(
            headers,
            ("sessions", window(event.window), _value(event.window[1])),
            ("estimate", shown(event.CAR), _value(event.CAR)),
            ("interval", limits(event.lower, event.upper), _value(event.lower)),
            ("market", shown(event.beyond_market), _value(event.beyond_market)),
            ("run-up", shown(event.run_up), _value(event.run_up)),
        ),
        tone=event.outcome.replace(" ", "-"),
        verdict=reading(event),
        remarks=tuple(_remarks(event, names, any(kind == "market" for kind, _ in headers))),
    )


def pool_row(pool: PoolFacts, scale: Scale, headers: Sequence[tuple[str, str]], href: str) -> Row:
    """Return the row of all signed events together."""
    counts = [f"{n} of {name}" for n, name in ((pool.n_tightening, "tightening"), (pool.n_relief, "relief")) if n]
    return Row(
        href=href,
        title=f"{pool.n_events} events together",
        date=" and ".join(counts),
        arrow="",
        direction="",
        plot=pool_plot(pool, scale),
        cells=_cells(
            headers,
            ("sessions", window(pool.window), _value(pool.window[1])),
            ("estimate", shown(pool.average), _value(pool.average)),
            ("interval", limits(pool.lower, pool.upper), _value(pool.lower)),
            ("market", shown(pool.beyond_market), _value(pool.beyond_market)),
            ("run-up", shown(pool.run_up), _value(pool.run_up)),
        ),
        tone="effect" if pool.outcome in ("effect", "against") else pool.outcome.replace(" ", "-"),
        verdict=pool_reading(pool),
        remarks=() if pool.pvalue is None else (Remark(f"randomization {p_is(pool.pvalue)}"),),
    )


def _cells(headers: Sequence[tuple[str, str]], *cells: tuple[str, str, str]) -> tuple[tuple[str, str, str], ...]:
    by_kind = {cell[0]: cell for cell in cells}
    return tuple(by_kind[kind] for kind, _ in headers)


def _remarks(event: EventFacts, names: dict[str, str], controlled: bool) -> list[Remark]:
    """Return what stands beside a verdict; ``controlled``: whether other events have a control group."""

    def companies(tickers: Sequence[str]) -> str:
        return ", ".join(names.get(ticker, ticker) for ticker in dict.fromkeys(tickers))

    inside = [news.ticker for news in event.own_news if not news.left_out]
    out = [news.ticker for news in event.own_news if news.left_out]
    remarks = [Remark(f"without {companies(out)}: own news")] if out else []
    if inside:
        remarks.append(Remark(f"own news: {companies(inside)}"))
    if controlled and not event.controls and event.outcome != "unknown":
        remarks.append(Remark("beyond the market alone"))
    if event.not_pooled:
        remarks.append(Remark(f"not pooled: {not_pooled(event.not_pooled)}", minor=True))
    return remarks


def not_pooled(reason: str) -> str:
    """Return in few words why an event is not in the pool."""
    if "prices moved" in reason:
        return "known from prices"
    if reason.startswith("no sign"):
        return "no direction expected"
    return reason


def window(offsets: tuple[int, int]) -> str:
    """Return the sessions of a window: ``0``, ``0 to +1``."""
    first, last = (f"{offset:+d}".replace("-", "−").replace("+0", "0") for offset in offsets)
    return first if offsets[0] == offsets[1] else f"{first} to {last}"


def shown(value: float | None) -> str:
    """Return an effect with its sign, or a dash."""
    return MISSING if value is None else percent(value)


def limits(lower: float | None, upper: float | None) -> str:
    """Return an interval, or a dash."""
    return MISSING if lower is None or upper is None else interval(lower, upper)


def _value(value: float | None) -> str:
    return "" if value is None else repr(value)


def axis(scale: Scale) -> str:
    """Return the scale above the cells; only the outer ticks and zero have the class of those that narrow screens show."""
    labels = []
    for tick in scale.ticks:
        unit = " %" if tick == scale.ticks[-1] else ""
        text = "0" if tick == 0 else percent(tick, 0 if scale.step >= 0.01 else 1).removesuffix(" %") + unit
        kind = "" if tick in (scale.ticks[0], 0, scale.ticks[-1]) else ' class="minor"'
        labels.append(f'<text x="{scale.at(tick)}%" y="13" text-anchor="middle"{kind}>{text}</text>')
    return f'<svg class="axis" height="18" aria-hidden="true">{"".join(labels)}</svg>'


def event_plot(event: EventFacts, scale: Scale) -> str:
    """Return an event's estimate with its interval, the band of effects too small to be seen, and the run-up, as SVG."""
    texts: list[str] = []
    marks: list[str] = []
    if event.detectable is not None:
        texts.append(f"effects below {size_of(event.detectable)} would usually not be seen")
        marks.append(_band(event.detectable, scale, texts[-1]))
    if event.CAR is not None:
        text = f"{percent(event.CAR)}, 95 % interval {limits(event.lower, event.upper)}"
        texts.insert(0, text)
        kind = "est effect" if event.outcome == "effect" else "est"
        marks.append(_interval(event.lower, event.upper, scale, kind))
        marks.append(_run_up(event.run_up, scale, texts))
        marks.append(f'<circle class="{kind}" cx="{scale.at(event.CAR)}%" r="5">{_title(text)}</circle>')
    else:
        marks.append(_run_up(event.run_up, scale, texts))
    return _cell(scale, marks, texts)


def pool_plot(pool: PoolFacts, scale: Scale) -> str:
    """Return the pooled effect as a diamond on its interval, with band and run-up, as SVG."""
    texts: list[str] = []
    marks: list[str] = []
    if pool.detectable is not None:
        texts.append(f"effects below {size_of(pool.detectable)} would usually not be seen")
        marks.append(_band(pool.detectable, scale, texts[-1]))
    marks.append(_interval(pool.lower, pool.upper, scale, "est pooled"))
    marks.append(_run_up(pool.run_up, scale, texts))
    if pool.average is not None:
        text = f"{percent(pool.average)} on average, not rejected {limits(pool.lower, pool.upper)}"
        texts.insert(0, text)
        marks.append(
            f'<svg class="at" x="{scale.at(pool.average)}%"><path class="est pooled" d="M-8 0 0-7 8 0 0 7z">'
            f"{_title(text)}</path></svg>"
        )
    return _cell(scale, marks, texts)


def _grid(scale: Scale) -> str:
    return "".join(
        f'<line class="{"zero" if tick == 0 else "grid"}" x1="{scale.at(tick)}%" x2="{scale.at(tick)}%" y1="0" y2="100%"/>'
        for tick in scale.ticks
    )


def _band(detectable: float, scale: Scale, text: str) -> str:
    left, right = scale.at(-detectable), scale.at(detectable)
    return f'<rect class="band" x="{left}%" width="{round(right - left, 2)}%" y="-8" height="16">{_title(text)}</rect>'


def _interval(lower: float | None, upper: float | None, scale: Scale, kind: str) -> str:
    if lower is None or upper is None:
        return ""
    ends = [
        f'<svg class="at" x="{scale.at(value)}%"><path class="{kind}" d="{arrow}"/></svg>'
        for value, arrow in ((lower, "M0 0 7-4 7 4z"), (upper, "M0 0-7-4-7 4z"))
        if abs(value) > scale.limit
    ]
    line = f'<line class="{kind}" x1="{scale.at(lower)}%" x2="{scale.at(upper)}%"/>'
    return line + "".join(ends)


def _run_up(run_up: float | None, scale: Scale, texts: list[str]) -> str:
    if run_up is None:
        return ""
    texts.append(f"sessions −5 to −1: {percent(run_up)}")
    return f'<circle class="before" cx="{scale.at(run_up)}%" r="4">{_title(texts[-1])}</circle>'


def _title(text: str) -> str:
    return f"<title>{escape(text)}</title>"


def _cell(scale: Scale, marks: Sequence[str], texts: Sequence[str]) -> str:
    # The inner drawing hangs in the middle: a cell is as high as its row, and the grid runs through.
    name = escape("; ".join(texts) or "no estimate")
    return f'<svg class="cell" role="img" aria-label="{name}">{_grid(scale)}<svg class="at" y="50%">{"".join(marks)}</svg></svg>'
