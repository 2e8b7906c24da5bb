"""What the sentences of an article leave behind for those after them: dates, speakers, companies, measures."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from potash.news.dates.resolution import Anchor, find_dates
from potash.news.language.lexicon import Lexicon, tokens_of
from potash.news.records import Article, Claim, DateMention, Paragraph

# A page stamped before this hour quotes what was said the day before.
EARLY = 10
_DATELINE = re.compile(r"\s*(?:\([^)]{1,30}\))?\s*[-–—:]")
_YEAR = re.compile(r"\b(20[0-3]\d)\b")


@dataclass
class State:
    """What earlier sentences of the article leave behind."""

    anchor: Anchor
    news: str = ""
    speaker: str = ""
    company: str = ""
    publisher: str = ""
    measure: Claim | None = None

    @property
    def published(self) -> dt.date | None:
        """The day of publication."""
        return self.anchor.published


def spoken_of(article: Article, lexicon: Lexicon) -> frozenset[str]:
    """Return the objects that an article speaks of anywhere, for frames that ask for them."""
    text = article.text.lower()
    return frozenset(name for name, phrases in lexicon.context.items() if any(phrase in text for phrase in phrases))


def company_of(publisher: str, lexicon: Lexicon) -> str:
    """Return the company that publishes about itself, or an empty text."""
    companies = (m.label.name for m in lexicon.match(tokens_of(publisher)) if m.label.form == "company")
    return next(companies, "")


def news_day(article: Article, spans: Iterable[tuple[Paragraph, int, int]], anchor: Anchor) -> str:
    """Return the day of the article's news: the first day named at its head, at most three days before publication."""
    if anchor.published is None:
        return ""
    for _, start, end in spans:
        for mention in find_dates(article.text[start:end], anchor):
            dateline = _DATELINE.match(article.text, start + mention.end)
            if mention.precision in {"day", "time"} and not mention.bound and not dateline:
                away = (anchor.published - dt.date.fromisoformat(mention.date)).days
                if 0 <= away <= 3:
                    return mention.date
    return ""


def said_day(article: Article, news: str) -> str:
    """Return the day of what an article quotes without a date if it is the day before: a page of the early morning."""
    day, hour = article.published.day, article.published.date[11:13]
    early = day is not None and hour != "" and int(hour) < EARLY
    return news if early and day is not None and news == (day - dt.timedelta(days=1)).isoformat() else ""


def year_of(heading: str, published: dt.date | None) -> int | None:
    """Return the one year that a heading names, whose section tells of it; on a dated page it opens with the year."""
    if published is not None and not _YEAR.match(heading):
        return None
    years = {int(year) for year in _YEAR.findall(heading)}
    return years.pop() if len(years) == 1 else None


def anchor_after(anchor: Anchor, mentions: Sequence[DateMention]) -> Anchor:
    """Return the anchor for the next sentence; a page without a date goes on in the year that it named last."""
    later = anchor.after(mentions)
    years = [int(m.date[:4]) for m in mentions if m.precision in {"day", "month"} and "named only" not in m.rule]
    if anchor.published is None and years:
        later = replace(later, year=years[-1])
    return later
