"""Events while they are being put together from claims, and where to look for the event that a claim tells."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache

from potash.news.records import Claim, DateMention

_RANKS = {"time": 0, "day": 0, "range": 1, "month": 2, "year": 3}
# News without a date is at most so old; background without a date is looked for among so many events.
NEWS_DAYS, NEAREST, TOLD_AGAIN = 14, 200, 180
Span = tuple[dt.date, dt.date]


def rank(when: DateMention | None) -> int:
    """Return how exact a date is: 0 for a day, 4 for none."""
    return 4 if when is None or not when.date else _RANKS[when.precision]


def bounds(when: DateMention) -> Span:
    """Return the first and last day of a date or range."""
    return _bounds(when.date, when.date_end)


@cache
def _bounds(date: str, date_end: str) -> Span:
    end = date_end or date
    first = dt.date(*(int(p) for p in [*date.split("-"), "1", "1"][:3]))
    parts = [int(p) for p in end.split("-")]
    if len(parts) == 3:
        return first, dt.date(*parts)
    year, month = (parts[0], parts[1]) if len(parts) == 2 else (parts[0], 12)
    following = dt.date(year + month // 12, month % 12 + 1, 1)
    return first, following - dt.timedelta(days=1)


def news_span(claim: Claim, published: dt.date | None) -> Span | None:
    """Return the first and last day of an undated claim's event: shortly before publication for news, else any time before."""
    if published is None:
        return None
    return (published - dt.timedelta(days=NEWS_DAYS) if claim.foreground else dt.date.min), published


@dataclass
class Cluster:
    """Claims of one event."""

    claims: list[Claim] = field(default_factory=list)
    authorities: set[str] = field(default_factory=set)
    goods: set[str] = field(default_factory=set)
    actors: set[str] = field(default_factory=set)
    targets: set[str] = field(default_factory=set)
    when: DateMention | None = None
    span: Span | None = None

    @property
    def kind(self) -> str:
        """The kind that its first claim has."""
        return self.claims[0].kind

    @property
    def aggregate(self) -> bool:
        """Whether it is a total rather than one act."""
        return any(claim.status == "aggregate" for claim in self.claims)

    def add(self, claim: Claim, published: dt.date | None = None) -> None:
        """Take in a claim."""
        self.claims.append(claim)
        self.authorities |= set(claim.authorities)
        self.goods |= set(claim.goods)
        self.actors |= set(claim.actors)
        self.targets |= set(claim.fields.get("target", "").split("; ")) - {""}
        self.when = self._when()
        if self.when is not None:
            self.span = bounds(self.when)
        elif (span := news_span(claim, published)) is not None:
            first, last = self.span or span
            self.span = max(first, span[0]), min(last, span[1])

    def _when(self) -> DateMention | None:
        """Return the most exact date told; of equally exact ones the one that most articles tell."""
        dated = [c for c in self.claims if c.when is not None and c.when.date and "version" not in c.fields]
        votes: dict[tuple[str, str], set[str]] = {}
        for claim in dated:
            assert claim.when is not None
            votes.setdefault((claim.when.date, claim.when.date_end), set()).add(claim.article_id)

        def key(claim: Claim) -> tuple[bool, int, bool, int]:
            assert claim.when is not None
            date = (claim.when.date, claim.when.date_end)
            # Talks of some days are told by their last day, too.
            is_whole = self.kind == "diplomatic_talks" and claim.when.precision == "range"
            return not is_whole, rank(claim.when), bool(claim.when.bound), -len(votes[date])

        return min(dated, key=key).when if dated else None


class Clusters:
    """Events by kind (statements by speaker, too) and year, so that a claim is held only against those that it can tell."""

    def __init__(self) -> None:
        self.all: list[Cluster] = []
        self._years: dict[tuple[str, int], list[int]] = {}
        self._undated: dict[str, list[int]] = {}

    def start(self, claim: Claim, published: dt.date | None) -> None:
        """Begin an event with a claim."""
        cluster = Cluster()
        cluster.add(claim, published)
        number = len(self.all)
        self.all.append(cluster)
        if cluster.when is None:
            self._undated.setdefault(_group(claim), []).append(number)
            return
        first, last = bounds(cluster.when)
        for year in range(first.year, last.year + 1):
            self._years.setdefault((_group(claim), year), []).append(number)

    def candidates(self, claim: Claim, published: dt.date | None) -> Iterator[tuple[int, Cluster]]:
        """Yield the events that a claim may tell, with their numbers: by its date, or by that of its article."""
        span = bounds(claim.when) if claim.when is not None and claim.when.date else news_span(claim, published)
        if span is not None and published is not None and claim.status == "aggregate":
            span = (
                span[0],
                published + dt.timedelta(days=TOLD_AGAIN),
            )  # a total runs until it is told, and is told again
        numbers = sorted(self._near(_group(claim), span)) if span is not None else self._any(claim)
        if rank(claim.when) == 4:
            numbers = [*numbers, *self._undated.get(_group(claim), [])[-NEAREST:]]
        for number in numbers:
            yield number, self.all[number]

    def _near(self, group: str, span: Span) -> set[int]:
        """Return the events of the years of a span, from its end backwards until they are many."""
        numbers: set[int] = set()
        for year in range(span[1].year, max(span[0].year, 1990) - 1, -1):
            numbers.update(self._years.get((group, year), []))
            if len(numbers) > NEAREST and span[0] == dt.date.min:
                break
        return numbers

    def _any(self, claim: Claim) -> list[int]:
        dated = (numbers for (group, _), numbers in self._years.items() if group == _group(claim))
        return sorted({number for numbers in dated for number in numbers})[-NEAREST:]


def _group(claim: Claim) -> str:
    return f"statement {claim.speaker}" if claim.kind == "statement" else claim.kind
