"""What the first page says, as Markdown for the body of a mail: a sentence, a table, what it rests on."""

from __future__ import annotations

import re
from collections.abc import Sequence

from potash.report.front.facts import EventFacts, Front, Security
from potash.report.front.words import pool_reading, reading
from potash.sessions import Window
from potash.study.answer.words import interval, p_is, percent, size_of, when

_HEADER = ("Announced", "Event", "Day 0", "Move", "95 % interval", "Before", "Reading")


def mail_of(front: Front, link: str = "") -> str:
    """Return the first page's answer as Markdown that reads well as plain text too.

    Parameters
    ----------
    front : Front
        What the first page states.
    link : str
        Where the report is, for the last line; none by default.
    """
    parts = [
        f"**{_escaped(front.sentence)}**",
        _escaped(front.qualification),
        *_pool(front),
        *_events(front.events),
        _rests_on(front),
        *_not_studied(front),
        "Daily closes cannot part two pieces of news of one day. No investment advice.",
        f"Report: {link}" if link else "",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _pool(front: Front) -> list[str]:
    pool = front.pool
    if pool.average is None:
        return [_escaped(pool.reason)] if pool.reason else []
    limits = "" if pool.lower is None or pool.upper is None else f" (95 % {interval(pool.lower, pool.upper)})"
    p = "" if pool.pvalue is None else f", {p_is(pool.pvalue)} by randomization of dates"
    seen = "" if pool.detectable is None else f"; {size_of(pool.detectable)} would usually have been found"
    return [
        f"All {pool.n_events} signed events together: {percent(pool.average)}{limits} {when(Window(*pool.window))} in the "
        f"expected direction{p}{seen}. Reading: {pool_reading(pool)}."
    ]


def _events(events: Sequence[EventFacts]) -> list[str]:
    if not events:
        return []
    rows = [
        (
            event.date, _escaped(event.title), event.day_zero, _percent(event.CAR), _limits(event), _percent(event.run_up),
            reading(event) + "".join(f"; own news: {news.ticker}" for news in event.own_news if not news.left_out),
        )
        for event in events
    ]  # fmt: skip
    lines = [_HEADER, tuple("---" if place in (0, 1, 2, 6) else "---:" for place in range(len(_HEADER))), *rows]
    table = "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
    return [
        table,
        "Move: of the equal-weighted portfolio in the window of the verdict, beyond market and control group. Before: sessions "
        "−5 to −1.",
    ]


def _percent(value: float | None) -> str:
    return "missing" if value is None else percent(value)


def _limits(event: EventFacts) -> str:
    return "missing" if event.lower is None or event.upper is None else interval(event.lower, event.upper)


def _rests_on(front: Front) -> str:
    data = front.data
    controls = f"control group {_names(data.controls)}" if data.controls else "no control group"
    gaps = [
        f"{security.ticker}: {', '.join(_gaps(security, front))}"
        for security in (data.market, *data.firms, *data.controls)
        if _gaps(security, front)
    ]
    missing = f" Missing: {'; '.join(gaps)}." if gaps else ""
    return (
        f"Rests on prices from {data.first} to {data.last}: {_names(data.firms)}, equal weights; market {_names([data.market])}; "
        f"{controls}.{missing}"
    )


def _gaps(security: Security, front: Front) -> list[str]:
    """Return the stretches without prices of a security, in words: by month, for a day more or less is a holiday."""
    first, last = front.data.first, front.data.last
    begins = [f"none before {security.first[:7]}"] if security.first[:7] > first[:7] else []
    ends = [f"none after {security.last[:7]}"] if security.last[:7] < last[:7] else []
    return [*begins, *security.holes, *ends]


def _names(securities: Sequence[Security]) -> str:
    return ", ".join(f"{_escaped(security.name)} ({security.ticker})" for security in securities)


def _not_studied(front: Front) -> list[str]:
    if not front.not_studied:
        return []
    n = len(front.events)
    lines = [f"{n} of {n + len(front.not_studied)} dated events studied. Not studied:", ""]
    lines += [f"- {event.date} {_escaped(event.title)}: {_escaped(event.reason)}" for event in front.not_studied]
    return ["\n".join(lines)]


def _escaped(text: str) -> str:
    r"""Return text in which nothing is markup: of Markdown, or of the HTML that may stand in it.

    Examples
    --------
    >>> _escaped("a|b *c* <img> [x](y)")
    'a\\|b \\*c\\* &lt;img&gt; \\[x\\](y)'
    """
    plain = re.sub(r"&(?=#?\w+;)", "&amp;", " ".join(text.split())).replace("<", "&lt;").replace(">", "&gt;")
    return re.sub(r"([\\`*_\[\]|#~])", r"\\\1", plain)
