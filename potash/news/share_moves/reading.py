"""From an article to what it says about moves of listed shares: whose, when, how far, and after what news."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from potash.news.dates.resolution import Anchor, find_dates
from potash.news.language.lexicon import Lexicon, load_lexicon, tokens_of
from potash.news.language.sentences import split_sentences
from potash.news.records import Article, DateMention, Publication
from potash.news.share_moves.moves import Company, Move, find_causes, find_moves, tells_of_shares
from potash.universe import Universe, load_universe

# News that moved a share is told within these days of the move.
_NEWS_DAYS = 10
_FRIDAY = 4

_WORTH_READING = re.compile(r"%|per\s?cent|\bpct\b|\$\d", re.IGNORECASE)
_SAME_SUBJECT = re.compile(
    r"[-•*\s]*(?:(?:The|Its|Their|The company['’]s) (?:stock|shares?(?: price)?|ADRs?)|It (?:closed|ended|finished))\b"
)
_LISTED = re.compile(r"\s*[-•*]\s|.{0,60}[+−-]\d")
_BACK = re.compile(
    r"\b(?:the|this|that|these|those)\s+(?:\w+\s+)?"
    r"(?:news|announcements?|decision|deal|agreement|accord|release|statement|reports?|headlines?|word)\b|\bnews$",
    re.IGNORECASE,
)
_NAME_TAIL = re.compile(
    r"(?:,?\s(?:Inc|Ltd|Co|Corp|plc|AG|SE|ASA|N\.V|S\.A)\b)?(?:\.(?=['’\s]))?(?:['’]s\b)?"
    r"(?:\s?\((?=[^()]*[A-Z]{2})[^()%\d]{2,40}\))*(?::(?=\s))?"
)
_WORD = re.compile(r"[A-Za-z]{5,}")
# Words in every sentence about shares: they tie no cause to its news.
_COMMON = re.compile(r"after|follow|share|stock|announ|\w+day\b|about|their|which|would|compan|price", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class PriceClaim:
    """What a sentence says about the move of a share.

    Attributes
    ----------
    article_id : str
    start, end : int
        The sentence in ``Article.text``.
    ticker : str
    date : str
        The day it is told for, ``YYYY-MM-DD``, a session or not; the first day for a longer stretch; empty if not told.
    percent : float
        Percent, signed.
    measure : str
        ``close``, ``intraday``, ``week``, ``month``, ``year`` (to date), or ``days`` for another stretch.
    level : float or None
        The price that the sentence says it went to.
    cause : str
        Day of the news it is said to follow, ``YYYY-MM-DD``; empty if none is named or its day is not known.
    date_end : str
        Last day of a longer stretch.
    rounding : float
        Percentage points by which ``percent`` may be rounded.
    published : Publication
        When the article appeared.
    file_span : tuple of int
        The sentence in the file.
    """

    article_id: str
    start: int
    end: int
    ticker: str
    date: str
    percent: float
    measure: str = "close"
    level: float | None = None
    cause: str = ""
    date_end: str = ""
    rounding: float = 0.005
    published: Publication = field(default_factory=Publication)
    file_span: tuple[int, int] = (0, 0)


@dataclass(frozen=True, slots=True)
class _Line:
    """One sentence of an article: its paragraph, dates, listed companies, and the moves of shares that it tells."""

    start: int
    end: int
    text: str
    paragraph: int
    dates: tuple[DateMention, ...]
    companies: tuple[Company, ...]
    moves: tuple[Move, ...]

    @property
    def of_shares(self) -> bool:
        """Whether it tells of shares, and so not the news that moved them."""
        return bool(self.moves) or tells_of_shares(self.text, self.companies)


@dataclass(frozen=True, slots=True)
class _Carry:
    """What a sentence about shares leaves to the next: its paragraph, day, and the day of the news."""

    paragraph: int = -1
    day: DateMention | None = None
    cause: str = ""
    open_end: bool = False


def find_price_claims(
    article: Article, *, lexicon: Path | None = None, universe: Universe | None = None
) -> list[PriceClaim]:
    """Return the claims of an article about share prices of listed companies, in order.

    Dates hang on ``article.published``. Moves of commodities, indices, sales and the like are no share claims; neither are
    moves that are only expected, denied or possible.

    Parameters
    ----------
    article : Article
    lexicon : Path, optional
        A user's lexicon file that extends the built-in one; its actors with a ``ticker`` are companies.
    universe : Universe, optional
        Further names and tickers; the carried universe by default.

    Raises
    ------
    EventsError
        If the lexicon file breaks a rule.
    """
    if not _WORTH_READING.search(article.text):
        return []
    lines = _lines(article, _carried_names(lexicon) if universe is None else _Names(load_lexicon(lexicon), universe))
    claims: list[PriceClaim] = []
    carry = _Carry()
    for number, line in enumerate(lines):
        if not _continues(line, carry):
            carry = _Carry()
        for move in line.moves:
            cause = _news_day(lines, number, move.cause, article.published) if move.cause else carry.cause
            claims.append(_claim(article, line, move, move.day or carry.day, cause))
        carry = _carried(lines, number, article.published, carry)
    return claims


class _Names:
    """Names of listed companies and their tickers: the lexicon's actors and the universe."""

    def __init__(self, lexicon: Lexicon, universe: Universe) -> None:
        self.lexicon = lexicon
        by_name: dict[str, str] = {}
        for ticker, row in universe.frame.iterrows():
            by_name.setdefault(re.sub(r"\s*\(.*\)$", "", str(row["name"])), str(ticker))
        self.tickers = {
            name: actor.ticker or by_name.get(name) or by_name.get(f"{name} Group", "")
            for name, actor in lexicon.actors.items()
        }
        self.others = {**by_name, **{str(ticker): str(ticker) for ticker in universe.frame.index}}
        longest = sorted(self.others, key=lambda name: (-len(name), name))
        self.pattern = re.compile(rf"(?<![\w.&])(?:{'|'.join(map(re.escape, longest))})(?![\w&])")

    def find(self, text: str) -> tuple[Company, ...]:
        """Return the companies named in a sentence, in order; a name takes in a ticker that stands behind it in brackets."""
        tokens = tokens_of(text)
        companies = [
            Company(tokens[match.first].start, tokens[match.last].end, self.tickers[match.label.name])
            for match in self.lexicon.match(tokens)
            if match.label.sort == "actor" and self.tickers.get(match.label.name)
        ]
        companies += [Company(*m.span(), self.others[m[0]]) for m in self.pattern.finditer(text)]
        chosen: list[Company] = []
        for company in sorted(companies, key=lambda c: (c.start, -c.end)):
            if not chosen or company.start >= chosen[-1].end:
                chosen.append(company._replace(end=_with_brackets(text, company)))
        return tuple(chosen)


@lru_cache(maxsize=4)
def _carried_names(lexicon: Path | None) -> _Names:
    return _Names(load_lexicon(lexicon), load_universe())


def _with_brackets(text: str, company: Company) -> int:
    """Return where a name ends with what belongs to it: "Nutrien Ltd. (NYSE: NTR)"."""
    match = _NAME_TAIL.match(text, company.end)
    return match.end() if match else company.end


def _lines(article: Article, names: _Names) -> list[_Line]:
    spans = [
        (number, start, end, names.find(article.text[start:end]))
        for number, paragraph in enumerate(article.paragraphs)
        if paragraph.repeats is None
        for start, end in split_sentences(article.text, paragraph.start, paragraph.end)
    ]
    if not any(companies for *_, companies in spans):
        return []
    dayfirst = "DD/MM" in article.published.note or None
    lines: list[_Line] = []
    last: DateMention | None = None
    for number, start, end, companies in spans:
        text = article.text[start:end]
        dates = tuple(find_dates(text, Anchor(article.published.day, last, dayfirst)))
        last = next((d for d in dates if _is_day(d) and not d.bound), last)
        if not companies and lines and (subject := _SAME_SUBJECT.match(text)):
            tickers = {company.ticker for company in lines[-1].companies}
            companies = tuple(Company(*subject.span(), ticker) for ticker in tickers if len(tickers) == 1)
        moves = find_moves(text, companies, dates) if companies and _WORTH_READING.search(text) else []
        lines.append(_Line(start, end, text, number, dates, companies, tuple(moves)))
    return lines


def _is_day(mention: DateMention) -> bool:
    return bool(mention.date) and mention.precision in {"day", "time"} and not mention.future


def _continues(line: _Line, carry: _Carry) -> bool:
    return (
        line.paragraph == carry.paragraph or carry.open_end or (carry.paragraph >= 0 and bool(_LISTED.match(line.text)))
    )


def _carried(lines: Sequence[_Line], number: int, published: Publication, carry: _Carry) -> _Carry:
    """Return what this sentence leaves to the next one, if it is about shares."""
    line = lines[number]
    if not line.of_shares:
        return _Carry()
    causes = find_causes(line.text, line.companies)
    days = [d for d in line.dates if _is_day(d) and not any(a <= d.start < b for a, b in causes)]
    news_days = [_news_day(lines, number, span, published) for span in causes]
    news = next(filter(None, news_days), carry.cause)
    day = line.moves[-1].day if line.moves else next(iter(days), None)
    return _Carry(line.paragraph, day or carry.day, news, line.text.rstrip().endswith(":"))


def _claim(article: Article, line: _Line, move: Move, day: DateMention | None, cause: str) -> PriceClaim:
    first, last = _stretch(move, day, article.published.day)
    return PriceClaim(
        article.article_id, line.start, line.end, move.ticker, first, move.percent, move.measure, move.level, cause, last,
        move.rounding, article.published, article.file_span(line.start, line.end),
    )  # fmt: skip


def _stretch(move: Move, day: DateMention | None, published: dt.date | None) -> tuple[str, str]:
    """Return the first and last day that a move is told for, the last empty for a single day; empty texts if not known."""
    if move.measure in {"close", "intraday"}:
        return (day.date, "") if day and _is_day(day) else ("", "")
    if move.measure == "days":
        return "", ""
    if day and day.precision == "range" and len(day.date) == len(day.date_end) == 10:
        return day.date, day.date_end
    first = last = published
    if move.measure == "month" and day and day.precision == "month":
        first = dt.date.fromisoformat(f"{day.date}-01")
        last = (first + dt.timedelta(days=31)).replace(day=1) - dt.timedelta(days=1)
        last = min(last, published or last)
    elif published and move.measure == "week" and published.weekday() >= _FRIDAY:
        first = published - dt.timedelta(days=published.weekday())
    elif published and move.measure == "year":
        first = published.replace(month=1, day=1)
    else:
        return "", ""
    return first.isoformat() if first else "", last.isoformat() if last else ""


def _news_day(lines: Sequence[_Line], number: int, span: tuple[int, int], published: Publication) -> str:
    """Return the day of the news that a cause names.

    It stands in the cause itself, or in the sentence that tells the news: the nearest one before for "the news", else the one
    that shares at least two words with the cause. Only days shortly before publication count.
    """
    line = lines[number]
    inside = [d for d in line.dates if span[0] <= d.start < span[1] and _is_day(d)]
    if inside:
        return inside[0].date
    published_day = published.day or next((dt.date.fromisoformat(d.date) for d in line.dates if _is_day(d)), None)
    if published_day is None:
        return ""
    order = [*range(number - 1, -1, -1), *range(number + 1, len(lines))]
    named_days = [
        (i, d.date) for i in order for d in _news_dates(lines[i]) if _is_day(d) and _is_near(d, published_day)
    ]
    words = line.text[slice(*span)]
    if _BACK.search(words):
        return next((date for _, date in named_days), "")
    stems = _stems(words)
    best = max(named_days, key=lambda pair: len(stems & _stems(lines[pair[0]].text)), default=None)
    return best[1] if best and len(stems & _stems(lines[best[0]].text)) >= 2 else ""


def _is_near(mention: DateMention, published_day: dt.date) -> bool:
    return abs((published_day - dt.date.fromisoformat(mention.date)).days) <= _NEWS_DAYS


def _stems(text: str) -> set[str]:
    return {word.lower()[:6] for word in _WORD.findall(text) if not _COMMON.match(word)}


def _news_dates(line: _Line) -> list[DateMention]:
    causes = find_causes(line.text, line.companies)
    return [d for d in line.dates if not line.of_shares or any(a <= d.start < b for a, b in causes)]
