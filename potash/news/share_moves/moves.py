"""Moves of share prices that a sentence tells: whose, which way, how far, over what stretch, and after what news."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from potash.news.records import DateMention
from potash.news.share_moves.words import (
    ADJACENT,
    AFTER_FIGURE,
    ASIDE,
    BEFORE_DIRECTION,
    CAUSATIVE,
    CAUSE,
    CAUSE_END,
    CLOSED,
    COLUMNS,
    DIRECTION,
    DOUBT,
    FACTUAL_INFINITIVE,
    FIGURE,
    FILLER,
    HEDGE,
    INFINITIVE,
    LEVEL,
    LIST,
    MEASURE,
    NUMBERS,
    OTHER_SUBJECT,
    PAIR,
    PRICE,
    SAME_SHARES,
    SHARE_WORDS,
    SHARES,
)


class Company(NamedTuple):
    """Where a listed company is named in a sentence, and its ticker."""

    start: int
    end: int
    ticker: str


@dataclass(frozen=True, slots=True)
class Move:
    """One move of one share as a sentence tells it.

    Attributes
    ----------
    ticker : str
    percent : float
        Percent, signed.
    rounding : float
        Percentage points by which the figure may be rounded: half of its last digit, more where it is hedged.
    measure : str
        ``close``, ``intraday``, ``week``, ``month``, ``year`` (to date), or ``days`` for another stretch.
    level : float or None
        The price it went to, as told.
    day : DateMention or None
        The date that belongs to it.
    cause : tuple of int or None
        Where the words stand in the sentence that name the news it is said to follow.
    """

    ticker: str
    percent: float
    rounding: float
    measure: str = "close"
    level: float | None = None
    day: DateMention | None = None
    cause: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class _Figure:
    start: int
    end: int
    percent: float
    rounding: float
    group: tuple[Company, ...]


def find_causes(text: str, companies: Sequence[Company]) -> list[tuple[int, int]]:
    """Return the spans that name what a price move is said to follow: "after the accord", "Sunday's vote sent X up"."""
    causes: list[tuple[int, int]] = []
    for match in CAUSE.finditer(text):
        if causes and match.start() < causes[-1][1]:
            continue
        end = CAUSE_END.search(text, match.end())
        stops = [end.start() if end else len(text), *(c.start for c in companies if c.start > match.end() + 1)]
        causes.append((match.start(), min(stops)))
    verb = CAUSATIVE.search(_blank(text, ((c.start, c.end) for c in companies), "\0"))
    if verb and verb.start() > 0 and not any(c.start < verb.start() for c in companies):
        causes = [(0, verb.start()), *(cause for cause in causes if cause[0] >= verb.start())]
    return causes


def find_moves(text: str, companies: Sequence[Company], dates: Sequence[DateMention]) -> list[Move]:
    """Return the moves of shares that a sentence tells as facts.

    Parameters
    ----------
    text : str
        One sentence, or a few lines of a table.
    companies, dates : sequences
        What is named in it, in order, offsets into ``text``.
    """
    causes = find_causes(text, companies)
    text = _blank(text, _asides(text, companies))
    figures = _figures(text, companies, dates, causes)
    if not figures:
        return _from_prices(text, companies, dates, causes)
    return _placed(text, figures, companies, dates, causes)


def tells_of_shares(text: str, companies: Sequence[Company]) -> bool:
    """Return whether a sentence is about shares and which way they went, with a figure or without."""
    if SHARES.search(text):
        return bool(DIRECTION.search(text) or re.search(r"\breact", text))
    return bool(companies and CLOSED.search(text))


def _blank(text: str, spans: Iterable[tuple[int, int]], sign: str = " ") -> str:
    letters = list(text)
    for start, end in spans:
        letters[start:end] = sign * (end - start)
    return "".join(letters)


def _asides(text: str, companies: Sequence[Company]) -> list[tuple[int, int]]:
    """Return the stretches between two commas after a company that tell no figure and name no other company."""
    asides = []
    for company in companies:
        aside = ASIDE.match(text, company.end)
        if aside and not any(aside.start(1) <= other.start < aside.end(1) for other in companies):
            asides.append(aside.span(1))
    return asides


def _groups(text: str, companies: Sequence[Company]) -> list[tuple[Company, ...]]:
    """Return the companies named together; a name and its ticker count once."""
    groups: list[tuple[Company, ...]] = []
    for company in companies:
        last = groups[-1][-1] if groups else None
        if last is None or not LIST.fullmatch(text, last.end, company.start):
            groups.append((company,))
        elif last.ticker == company.ticker:
            groups[-1] = (*groups[-1][:-1], last._replace(end=company.end))
        else:
            groups[-1] = (*groups[-1], company)
    return groups


def _figures(
    text: str, companies: Sequence[Company], dates: Sequence[DateMention], causes: Sequence[tuple[int, int]]
) -> list[_Figure]:
    """Return the percentages that are moves of companies, each with its sign and whose it is."""
    matches = [m for m in FIGURE.finditer(text) if not any(a <= m.start() < b for a, b in causes)]
    prices = [p.span() for p in PRICE.finditer(text)]
    spoken = _blank(text, [*((c.start, c.end) for c in companies), *causes])
    quiet = _blank(spoken, [*((d.start, d.end) for d in dates), *(m.span() for m in matches), *prices])
    groups = _groups(text, companies)
    other_subjects = list(OTHER_SUBJECT.finditer(spoken))
    figures: list[_Figure] = []
    for match, (percent, verb, end) in zip(matches, _signs(matches, spoken, quiet), strict=True):
        group = _subject(text, match.start(), end, groups, other_subjects)
        if not percent or not group or not (match["sign"] or AFTER_FIGURE.match(text, end)):
            continue
        continued = bool(figures) and figures[-1].group == group
        in_table = match["sign"] and COLUMNS.fullmatch(text, group[-1].end, max(match.start(), group[-1].end))
        if not (continued or in_table or _is_of_shares(text, spoken, quiet, group, match.start())):
            continue
        if not _is_doubtful(text, group, figures[-1].end if figures else 0, verb, match.start()):
            figures.append(_Figure(match.start(), end, percent, _rounding(text, match), group))
    return figures


def _signs(matches: Sequence[re.Match[str]], spoken: str, quiet: str) -> list[tuple[float, int, int]]:
    """Return for each figure its signed size, where the word stands that gives the sign, and where its phrase ends.

    The word stands behind the figure ("3 % lower"), else before it with only fillers between; of a list ("3 and 4 % lower")
    at its last figure. The size is zero if nothing says which way.
    """
    directions = list(DIRECTION.finditer(spoken))
    signs: list[tuple[float, int, int]] = []
    listed_way, listed_start = 0, len(spoken)
    for match in reversed(matches):
        ahead = _direction_after(spoken, match.end())
        behind = next((d for d in reversed(directions) if d.end() <= match.start()), None)
        word = ahead or (behind if behind and _bridges(quiet[behind.end() : match.start()]) else None)
        way = (1 if word["up"] else -1) if word else 0
        if match["sign"]:
            way = 1 if match["sign"] == "+" else -1
        elif word is None and LIST.fullmatch(spoken, match.end(), max(listed_start, match.end())):
            way = listed_way
        listed_way, listed_start = way, match.start()
        signs.append(
            (way * _size(match), min((word or match).start(), match.start()), ahead.end() if ahead else match.end())
        )
    return signs[::-1]


def _size(match: re.Match[str]) -> float:
    return float(match["value"].replace(",", ".")) if match["value"] else NUMBERS.index(match["word"].lower()) + 1.0


def _direction_after(spoken: str, end: int) -> re.Match[str] | None:
    """Return the direction right behind a figure: "3 % lower", "a 3 % intraday gain"."""
    between = BEFORE_DIRECTION.match(spoken, end)
    return DIRECTION.match(spoken, between.end()) if between else None


def _bridges(gap: str) -> bool:
    return bool(FILLER.fullmatch(gap)) and not re.search(r"\b(?:to|from)\s*$", gap.replace("up to", ""))


def _rounding(text: str, match: re.Match[str]) -> float:
    digits = len(re.split(r"[.,]", match["value"] or "")[-1]) if re.search(r"[.,]", match["value"] or "") else 0
    half = 0.5 * 10.0**-digits
    return max(2 * half, 0.5) if HEDGE.search(text[: match.start()]) else half


def _subject(
    text: str, start: int, end: int, groups: Sequence[tuple[Company, ...]], other_subjects: Sequence[re.Match[str]]
) -> tuple[Company, ...]:
    """Return whose figure it is: the company behind "3 % drop in", else the last one named before, unless other things move."""
    for group in groups:
        if re.fullmatch(r"\s+(?:for|in|at)\s+(?:(?:the|shares|stock|of|in)\s+)*", text[end : max(group[0].start, end)]):
            return group
    group = next((g for g in reversed(groups) if g[-1].end <= start), ())
    other = max((o.end() for o in other_subjects if o.end() <= start), default=-1)
    return group if group and (group[-1].end > other or SAME_SHARES.search(text, other, start)) else ()


def _is_of_shares(text: str, spoken: str, quiet: str, group: tuple[Company, ...], figure: int) -> bool:
    """Return whether the shares moved and not something of the company's: shares are named, or its name stands at the verb."""
    if SHARE_WORDS.search(spoken) or figure < group[0].start or re.search(r"\([^)]*$|:\s*$", text[: group[-1].end]):
        return True
    verb = DIRECTION.search(spoken, group[-1].end, figure)
    return any(ADJACENT.fullmatch(quiet, group[-1].end, to) for to in (verb.start() if verb else figure, figure))


def _is_doubtful(text: str, group: tuple[Company, ...], lower: int, verb: int, figure: int) -> bool:
    """Return whether the move is expected, denied, asked for, or one that was made good again."""
    again = SAME_SHARES.search(text, group[-1].end, figure)
    first = again.start() if again else min(group[0].start, figure)
    clause = max(text.rfind(sign, lower, first) + 1 for sign in ",;:")
    head = text[max(clause, lower) : figure]
    planned = INFINITIVE.search(text[:verb]) and not FACTUAL_INFINITIVE.search(text[:verb])
    return bool(DOUBT.search(head) or DOUBT.search(text[:verb][-16:]) or planned) or text.lower().startswith(
        ("if ", "should ")
    )


def _placed(
    text: str, figures: Sequence[_Figure], companies: Sequence[Company], dates: Sequence[DateMention],
    causes: Sequence[tuple[int, int]],
) -> list[Move]:  # fmt: skip
    """Return the moves of figures: each figure of a list goes to its company, with its own day, cause, level and stretch."""
    runs: list[list[_Figure]] = []
    for figure in figures:
        last = runs[-1][-1] if runs else None
        listed = last and last.group == figure.group and LIST.fullmatch(text, last.end, figure.start)
        if listed:
            runs[-1].append(figure)
        else:
            runs.append([figure])
    moves: list[Move] = []
    before = 0
    days = [d for d in dates if d.date and not d.future and not any(a <= d.start < b for a, b in causes)]
    for number, run in enumerate(runs):
        group = run[0].group
        if len(group) > 1 < len(run) and len(group) != len(run):
            continue
        pairs = zip(run, group, strict=True) if len(run) > 1 < len(group) else ((f, c) for f in run for c in group)
        start, end = run[0].start, run[-1].end
        figure_after = runs[number + 1][0].start if number + 1 < len(runs) else len(text)
        stop = min([figure_after, *(c.start for c in companies if c.start >= end)])
        behind = [d for d in days if end <= d.start < stop and not _opens_next(text, end, d, stop)]
        earlier = [d for d in days if d.end <= start]
        day = next(iter(behind or earlier[-1:] or [d for d in days if d.start >= end]), None)
        measure = _measure(text, (before, start), (end, stop), number == 0 or not behind)
        if measure == "close" and day is not None and day.precision not in {"day", "time"}:
            day = None
        cause = _nearest_cause(causes, start, end, stop)
        level = LEVEL.search(text, end, stop) or LEVEL.search(text, before, start)
        moves += [
            Move(c.ticker, f.percent, f.rounding, measure, float(level[1]) if level else None, day, cause)
            for f, c in pairs
        ]
        before = stop
    return moves


def _opens_next(text: str, end: int, day: DateMention, stop: int) -> bool:
    """Return whether a date stands right before the next figure or company, parted from this one by a comma."""
    return "," in text[end : day.start] and stop < len(text) and not text[day.end : stop].strip(" ,")


def _measure(text: str, before: tuple[int, int], after: tuple[int, int], leading: bool) -> str:
    period = MEASURE.search(text, *after) or (MEASURE.search(text, *before) if leading else None)
    return str(period.lastgroup) if period else "close"


def _nearest_cause(causes: Sequence[tuple[int, int]], start: int, end: int, stop: int) -> tuple[int, int] | None:
    behind = [cause for cause in causes if end <= cause[0] < stop]
    earlier = [cause for cause in causes if cause[1] <= start]
    return next(iter(behind or earlier[-1:] or [cause for cause in causes if cause[0] >= end]), None)


def _from_prices(
    text: str, companies: Sequence[Company], dates: Sequence[DateMention], causes: Sequence[tuple[int, int]]
) -> list[Move]:
    """Return the move between two prices told of one company: "dropped to $10 from $12"."""
    pair = PAIR.search(text)
    group = (
        _subject(text, pair.start(), pair.end(), _groups(text, companies), list(OTHER_SUBJECT.finditer(text)))
        if pair
        else ()
    )
    if pair is None or len(group) != 1 or DOUBT.search(text, group[0].end, pair.start()):
        return []
    new, old = (pair[1], pair[2]) if pair[1] else (pair[4], pair[3])
    if not DIRECTION.search(text, group[0].end, pair.end()):
        return []
    percent = 100 * (float(new) / float(old) - 1)
    figure = _Figure(pair.start(), pair.end(), round(percent, 2), 0.05, group)
    return [replace(move, level=float(new)) for move in _placed(text, [figure], companies, dates, causes)]
