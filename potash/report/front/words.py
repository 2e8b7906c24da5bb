"""The sentences of the first page, by rule from its facts: at most 25 words each, names of companies once."""

from __future__ import annotations

from collections.abc import Sequence

from potash.report.front.facts import DataFacts, EventFacts, NotStudied, PoolFacts
from potash.study.answer.words import percent, size_of

NEWS = {"positive": "tightening", "negative": "relief"}
READING = {"effect": "an effect", "ruled out": "no effect beyond {}", "undecided": "undecided", "unknown": "no verdict"}
MOST_WORDS = 25
AGAINST = "against expectation"
NOTHING = "Nothing can be said: no event of this timeline can be studied with these prices."


def sentence(events: Sequence[EventFacts], pool: PoolFacts, data: DataFacts) -> str:
    """Return the answer in at most 25 words: what the events did together, and the newest of them.

    An effect is stated with its size and whether it was expected; else that there is none beyond the margin, or that it is
    undecided. One event alone is no pool.
    """
    together = pool if pool.outcome != "unknown" and pool.n_events > 1 else None
    if not events:
        return NOTHING if together is None else f"{_together(together, data)}."
    newest = events[0]
    if together is None:
        return f"{_alone(newest, _firms(data))}."
    if together.outcome == newest.outcome == "ruled out":
        return (
            f"Neither {_news(data)} on average ({_percent(together.average)}) nor {label(newest)} ({_percent(newest.CAR)}) "
            f"moved {_firms(data)} by more than {size_of(max(together.margin, newest.margin))}."
        )
    return f"{_together(together, data)}; {_beside(newest)}."


def _together(pool: PoolFacts, data: DataFacts) -> str:
    news, firms, average = _news(data), _firms(data), _percent(pool.average)
    if pool.outcome == "undecided":
        return f"Whether {news} moves {firms} is undecided ({average} on average)"
    subject = f"{news[:1].upper()}{news[1:]}"
    if pool.outcome == "ruled out":
        return f"{subject} has no average effect beyond {size_of(pool.margin)} on {firms} ({average})"
    direction = "as expected" if pool.outcome == "effect" else AGAINST
    return f"{subject} moved {firms} by {percent(abs(pool.average or 0)).removeprefix('+')} on average, {direction}"


def _beside(event: EventFacts) -> str:
    if event.outcome == "effect":
        return f"{label(event)} moved them by {_percent(event.CAR)}{_expected(event)}"
    if event.outcome == "ruled out":
        return f"{label(event)} has no effect beyond {size_of(event.margin)} ({_percent(event.CAR)})"
    if event.outcome == "undecided":
        return f"{label(event)} ({_percent(event.CAR)}) is undecided"
    return f"{label(event)} has no verdict"


def _alone(event: EventFacts, firms: str) -> str:
    name = f"{label(event)[:1].upper()}{label(event)[1:]}"
    if event.outcome == "effect":
        return f"{name} moved {firms} by {_percent(event.CAR)}{_expected(event)}"
    if event.outcome == "ruled out":
        return f"{name} moved {firms} by no more than {size_of(event.margin)} ({_percent(event.CAR)})"
    if event.outcome == "undecided":
        return f"Whether {label(event)} moved {firms} is undecided ({_percent(event.CAR)})"
    return f"{name} has no verdict"


def label(event: EventFacts) -> str:
    """Return an event by its kind and date: ``the relief of 2025-12-13``."""
    return f"the {NEWS.get(event.expected, 'event')} of {event.date}"


def _expected(event: EventFacts) -> str:
    if event.expected not in NEWS or event.CAR is None:
        return ""
    return ", as expected" if (event.CAR > 0) == (event.expected == "positive") else f", {AGAINST}"


def _news(data: DataFacts) -> str:
    return "supply news" if data.firms_are == "potash producers" else "the news"


def _firms(data: DataFacts) -> str:
    return data.firms_are if data.firms_are != "firms" else "the firms"


def qualification(
    events: Sequence[EventFacts], pool: PoolFacts, data: DataFacts, not_studied: Sequence[NotStudied] = ()
) -> str:
    """Return what most qualifies the answer, in at most 25 words.

    The first that holds: firms left out of the newest event for news of their own, and what they would change; news of
    firms that stayed in; a run-up beyond chance; no control group; else what the returns are measured against.
    Without an event, why the newest is not studied.
    """
    if not events:
        why = f"The newest, of {not_studied[0].date}: {not_studied[0].reason}." if not_studied else ""
        return why if 0 < len(why.split()) <= MOST_WORDS else pool.reason
    newest = events[0]
    names = {security.ticker: security.name for security in data.firms}
    out = list(dict.fromkeys(news.ticker for news in newest.own_news if news.left_out))
    inside = list(dict.fromkeys(news.ticker for news in newest.own_news if not news.left_out))
    if out and newest.other is not None and newest.other.outcome != "unknown":
        move = f"{_percent(newest.other.CAR)}, {reading_of(newest.other.outcome, newest.other.margin)}"
        return (
            f"With {_names(out, names)}, left out for {_its(out)} own news then, the move of {newest.date} is {move}."
        )
    if inside:
        return f"{_names(inside, names)} had news of {_its(inside)} own in that window, which the portfolio’s return holds too."
    if newest.run_up is not None and newest.run_up_pvalue is not None and newest.run_up_pvalue < 0.05:
        return f"The five sessions before had brought {_percent(newest.run_up)} already, more than chance explains."
    if not newest.controls:
        market = f"{data.market.name} ({data.market.ticker})"
        return f"Measured against {market} alone: without a control group, news of the whole sector counts too."
    return (
        f"Beyond {data.market.name} ({data.market.ticker}) and {len(newest.controls)} fertilizer and crop names, at the "
        "volatility of each event’s own days."
    )


def reading(event: EventFacts) -> str:
    """Return a verdict in words: ``an effect, as expected``, ``no effect beyond 5 %``."""
    return reading_of(event.outcome, event.margin) + (_expected(event) if event.outcome == "effect" else "")


def reading_of(outcome: str, margin: float) -> str:
    """Return an outcome in words."""
    return READING[outcome].format(size_of(margin))


def pool_reading(pool: PoolFacts) -> str:
    """Return the pool's outcome in words."""
    if pool.outcome in ("effect", "against"):
        return f"an effect, {'as expected' if pool.outcome == 'effect' else AGAINST}"
    return reading_of(pool.outcome, pool.margin)


def _names(tickers: Sequence[str], names: dict[str, str]) -> str:
    shown = [f"{names.get(ticker, ticker)} ({ticker})" for ticker in tickers]
    if len(shown) > 2:
        return f"{len(shown)} firms"
    return " and ".join(shown)


def _its(tickers: Sequence[str]) -> str:
    return "its" if len(tickers) == 1 else "their"


def _percent(value: float | None) -> str:
    return "no estimate" if value is None else percent(value)
