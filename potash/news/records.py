"""What the article reader hands on: articles, dates, quantities, claims. Plain records, no behaviour beyond looking up."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

# How far what an event tells has come; the surest first.
STATUSES = (
    "aggregate", "effective", "done", "decided", "announced", "reported", "opinion", "intended", "hoped", "denied",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Publication:
    """When an article appeared, as far as it says.

    Attributes
    ----------
    date : str
        ``YYYY-MM-DD`` or ``YYYY-MM-DDTHH:MM``; empty if the article does not say.
    zone : str
        IANA zone (``America/New_York``) or offset (``+08:00``) of the time; empty if none is stated.
    source : str
        Where it was found: ``sidecar``, ``front matter``, ``markup``, ``text``, ``dateline``, ``given``,
        ``other articles`` (told by a dated article of the same news); empty without a date.
    note : str
        What a reader should know: ``DD/MM page``, ``dateline without a year``.
    """

    date: str = ""
    zone: str = ""
    source: str = ""
    note: str = ""

    @property
    def day(self) -> dt.date | None:
        """The day of publication, or ``None``."""
        return dt.date.fromisoformat(self.date[:10]) if self.date else None


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A stretch of an article's text: offsets into ``Article.text``, end exclusive.

    ``repeats`` is the position of an earlier paragraph that says the same, so that it counts once.
    """

    start: int
    end: int
    role: str = "body"
    repeats: int | None = None


@dataclass(frozen=True, slots=True)
class Article:
    """One news article.

    Attributes
    ----------
    article_id : str
        Name of the file without its ending.
    path : Path
    title, publisher, url : str
        Empty where the article does not say.
    published : Publication
    text : str
        The file's text for .txt and .md; for .html the readable text.
    paragraphs : tuple of Paragraph
        Title and body in order; page furniture, bylines and comments belong to none.
    offsets : sequence of int or None
        Position in the file of each character of ``text``; ``None`` if they are the same.
    sources : tuple of str
        Whom the article rests on, nearest first: agencies, newspapers, offices that it cites as its sources.
    machine_written : bool
        The page says that software wrote it.
    same_as : str
        The article that this one nearly repeats, or empty.
    """

    article_id: str
    path: Path
    title: str
    publisher: str
    url: str
    published: Publication
    text: str
    paragraphs: tuple[Paragraph, ...]
    offsets: Sequence[int] | None = None
    sources: tuple[str, ...] = ()
    machine_written: bool = False
    same_as: str = ""

    def file_span(self, start: int, end: int) -> tuple[int, int]:
        """Return where ``text[start:end]`` stands in the file, end exclusive."""
        if self.offsets is None or end <= start:
            return start, end
        return self.offsets[start], self.offsets[end - 1] + 1


@dataclass(frozen=True, slots=True)
class Problem:
    """A file that could not be read as an article, or a doubt about one: its name and why."""

    path: Path
    reason: str
    fatal: bool = True


@dataclass(frozen=True, slots=True)
class DateMention:
    """A date expression in a sentence and what it means.

    Attributes
    ----------
    start, end : int
        Offsets into the text it was found in, end exclusive.
    date, date_end : str
        ``YYYY-MM-DD``, ``YYYY-MM`` or ``YYYY``; empty where unresolved. ``date_end`` for ranges only.
    precision : str
        ``time``, ``day``, ``month``, ``year``, ``range`` or ``unresolved``.
    rule : str
        How it was resolved, in words an analyst understands: ``weekday on or before the day of publication``.
    bound : str
        ``since``, ``after``, ``before``, ``until``, ``by``, ``about`` where the expression only bounds the date.
    future : bool
        The expression points past the day of publication (``next week``).
    time : str
        ``HH:MM`` where a clock time belongs to the day.
    """

    start: int
    end: int
    date: str
    date_end: str
    precision: str
    rule: str
    bound: str = ""
    future: bool = False
    time: str = ""


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with its unit: ``123 prisoners``, ``2.4e9 USD``, ``20 %``.

    ``role`` is ``flow`` for what one event moved, else why it did not: ``total`` (cumulative), ``stock`` (a number held),
    ``target`` (a task or plan), ``part`` (of another figure), ``share``, ``change``, ``capacity``, ``price``,
    ``duration``, ``other``.
    ``bound`` is ``more than``, ``less than``, ``about`` or empty.
    """

    start: int
    end: int
    value: float
    unit: str
    role: str = "flow"
    bound: str = ""


@dataclass(frozen=True, slots=True)
class Claim:
    """What one sentence says happened.

    Attributes
    ----------
    article_id : str
    start, end : int
        The sentence in ``Article.text``.
    trigger : tuple of int
        Where the words stand that carry the claim.
    kind : str
        Kind of event, one of the lexicon's.
    authorities, goods, actors : tuple of str
        Whose act or rule it is (``US``, ``EU``, ``Belarus``), what it is about (``potash``, ``airline``), and who takes part,
        under their standard names.
    status : str
        ``done``, ``announced``, ``decided``, ``reported``, ``intended``, ``hoped``, ``denied``, ``opinion``, ``aggregate``.
    when : DateMention or None
    quantities : tuple of Quantity
    speaker : str
        Who says so, where someone is quoted; empty if the article says it itself.
    foreground : bool
        Told as news, not as background.
    fields : dict
        Further facts by name, such as ``{"duration": "2 days"}``.
    """

    article_id: str
    start: int
    end: int
    trigger: tuple[int, int]
    kind: str
    authorities: tuple[str, ...] = ()
    goods: tuple[str, ...] = ()
    actors: tuple[str, ...] = ()
    status: str = "reported"
    when: DateMention | None = None
    quantities: tuple[Quantity, ...] = ()
    speaker: str = ""
    foreground: bool = False
    fields: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Conflict:
    """Versions of one field of an event that do not agree; each with the articles that tell it. Nothing is averaged."""

    field: str
    versions: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class TimelineEvent:
    """One event and the claims it rests on.

    Attributes
    ----------
    event_id, title : str
        The title is made of the structured claim, in our own words.
    kind, status : str
    date, date_end, precision, time, zone : str
        As in ``events.csv``.
    authorities, goods, actors : tuple of str
    expected_direction, relevance : str
        As in ``events.csv``; by kind and goods.
    confidence : str
        ``high``, ``medium`` or ``low``.
    reasons : tuple of str
        Why so confident: independent source chains, status, how the date was found, conflicts.
    claims : tuple of Claim
    conflicts : tuple of Conflict
    quantities : tuple of Quantity
        The event's figures, each value once; offsets are those of its first claim.
    targets : tuple of str
        Against whom a measure is, where claims say so.
    """

    event_id: str
    title: str
    kind: str
    status: str
    date: str
    date_end: str
    precision: str
    time: str
    zone: str
    authorities: tuple[str, ...]
    goods: tuple[str, ...]
    actors: tuple[str, ...]
    expected_direction: str
    relevance: str
    confidence: str
    reasons: tuple[str, ...]
    claims: tuple[Claim, ...]
    conflicts: tuple[Conflict, ...] = ()
    quantities: tuple[Quantity, ...] = ()
    targets: tuple[str, ...] = ()

    @property
    def scope(self) -> str:
        """Return ``US and EU; potash``: whose act or rule, and what about, or against whom where no goods are named."""
        about = self.goods or self.targets
        return "; ".join(part for part in (" and ".join(self.authorities), " and ".join(about)) if part)


@dataclass(frozen=True, slots=True)
class CuratedEvent:
    """An event, the columns that people set, and the ids it had before."""

    event: TimelineEvent
    columns: dict[str, str]
    former: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Mentions:
    """What was read in one article besides its claims: offsets in ``Article.text``.

    ``actors`` holds start, end and the standard name.
    """

    dates: tuple[DateMention, ...]
    quantities: tuple[Quantity, ...]
    actors: tuple[tuple[int, int, str], ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """Articles, all their claims, the events made of them, and what could not be read.

    ``mentions`` holds, by article id, the dates, quantities and actors of the text; ``unplaced`` the claims that rest in no
    event, each with the reason.
    """

    articles: tuple[Article, ...]
    claims: tuple[Claim, ...]
    events: tuple[TimelineEvent, ...]
    problems: tuple[Problem, ...]
    mentions: dict[str, Mentions]
    unplaced: tuple[tuple[Claim, str], ...] = ()

    def article(self, article_id: str) -> Article:
        """Return one article by its id."""
        return next(article for article in self.articles if article.article_id == article_id)
