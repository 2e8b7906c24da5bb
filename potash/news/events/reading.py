"""A folder of articles becomes a timeline: articles are read, pages without a date are dated, claims become events."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from potash.news.articles.reading import read_articles, repeated_sentences
from potash.news.claims.extraction import read_claims
from potash.news.events.building import build_events
from potash.news.events.merging import merge
from potash.news.language.lexicon import Lexicon, load_lexicon
from potash.news.records import Article, Claim, Mentions, Problem, Publication, Reading

# What must agree before an undated page is dated by others: a day of the month counts two, a weekday or a figure one.
ENOUGH_TO_DATE = 2


def read_timeline(
    sources: str | Path | Sequence[str | Path],
    *,
    today: dt.date | None = None,
    published: Mapping[str, str] | None = None,
    lexicon: str | Path | None = None,
    progress: Callable[[int, int, Path], None] | None = None,
) -> Reading:
    """Return the claims of articles and the events that they tell.

    Parameters
    ----------
    sources : path or sequence of paths
        A folder of .txt, .md and .html files, one file, or a list of both.
    today : date, optional
        Articles that say they are of a later day are not read.
    published : mapping, optional
        Day of publication by article id (``{"page": "2025-12-13"}``), over whatever the article says.
    lexicon : path, optional
        A TOML file that adds to the built-in lexicon.
    progress : callable, optional
        Called with the number of files done, of all files, and the file: opening them is half of the work.

    Raises
    ------
    ArticleError
        If ``sources`` hold no article at all. A file that cannot be read is a problem of the reading and stops nothing.
    EventsError
        If the lexicon breaks a rule.

    Notes
    -----
    A page that does not say when it appeared is dated by the others if it tells news of theirs on a day that fits: the
    13th, a Saturday, the same number of people. The day then carries the source ``other articles``. Where nothing fits,
    relative dates stay unresolved.
    """
    words = load_lexicon(Path(lexicon) if lexicon is not None else None)
    halves = _Halves(progress)
    batch = read_articles(sources, today=today, published=published, progress=halves.first)
    articles = {article.article_id: article for article in batch.articles}
    claims: dict[str, list[Claim]] = {}
    mentions: dict[str, Mentions] = {}
    for number, (name, article) in enumerate(articles.items(), 1):
        claims[name], mentions[name] = _read(article, words)
        halves.second(number, len(articles), article.path)
    for name, article in articles.items():
        if article.published.day is None:
            dated = _dated_by_others(article, claims, articles, words)
            if dated is not None:
                articles[name] = dated
                claims[name], mentions[name] = _read(dated, words)
    undated = tuple(_undated(article) for article in articles.values() if article.published.day is None)
    originals = [claim for name in articles for claim in claims[name] if not articles[name].same_as]
    clusters, unplaced = merge(originals, articles.values(), words)
    events = build_events(clusters, articles, words)
    return Reading(
        tuple(articles.values()), tuple(originals), events, (*batch.problems, *undated), mentions, tuple(unplaced)
    )


def _undated(article: Article) -> Problem:
    reason = f"does not say when it appeared, so its relative dates stay open. Give it, as --published {article.article_id}=DATE."
    return Problem(article.path, f"{article.path.name} {reason}", fatal=False)


class _Halves:
    """Progress over two passes, to open the files and to read them: each counts for half."""

    def __init__(self, tell: Callable[[int, int, Path], None] | None) -> None:
        self.tell, self.files = tell, 0

    def first(self, done: int, total: int, path: Path) -> None:
        """Say that a file was opened."""
        self.files = total
        if self.tell is not None:
            self.tell(done // 2, total, path)

    def second(self, done: int, total: int, path: Path) -> None:
        """Say that an article was read; files that could not be read count as done."""
        if self.tell is not None:
            opened = self.files // 2
            self.tell(opened + done * (self.files - opened) // total, self.files, path)


def _read(article: Article, lexicon: Lexicon) -> tuple[list[Claim], Mentions]:
    return read_claims(article, lexicon, repeated_sentences(article))


def _dated_by_others(
    article: Article, claims: Mapping[str, list[Claim]], articles: Mapping[str, Article], lexicon: Lexicon
) -> Article | None:
    """Return an undated article with the day of publication that other articles' news implies, or ``None``."""
    left_open = [claim for claim in claims[article.article_id] if claim.when is not None and not claim.when.date]
    dated_claims = [
        claim
        for name, content in claims.items()
        if articles[name].published.source not in {"", "other articles"}
        for claim in content
        if claim.foreground
        and claim.when is not None
        and claim.when.precision in {"day", "time"}
        and any(_same_matter(open_claim, claim) for open_claim in left_open)
    ]
    open_before = {_place(claim) for claim in left_open}
    best: tuple[int, str, str] = (0, "", "")
    for day in sorted({claim.when.date for claim in dated_claims if claim.when is not None}):
        trial = replace(article, published=Publication(day, "", "other articles"))
        resolved = [c for c in _read(trial, lexicon)[0] if _place(c) in open_before]
        votes, witness = _agreement(
            trial, resolved, [c for c in dated_claims if c.when is not None and c.when.date == day]
        )
        if votes > best[0]:
            best = votes, day, witness
    if best[0] < ENOUGH_TO_DATE:
        return None
    note = f"dated by {best[2]}, which tells the same news"
    return replace(article, published=Publication(best[1], "", "other articles", note))


def _place(claim: Claim) -> tuple[int, int, str]:
    return claim.start, claim.trigger[0], claim.kind


def _agreement(trial: Article, resolved: Iterable[Claim], of_day: Sequence[Claim]) -> tuple[int, str]:
    """Return how much claims whose relative dates the trial day resolves agree with claims of that day."""
    votes, witness = 0, ""
    for claim in resolved:
        for other in of_day:
            if not _same_news(claim, other):
                continue
            assert claim.when is not None
            words = trial.text[claim.when.start : claim.when.end]
            weight = 2 if re.search(r"\d", words) else 1
            weight += bool({q.value for q in claim.quantities} & {q.value for q in other.quantities})
            if weight > votes:
                votes, witness = weight, other.article_id
    return votes, witness


def _same_news(claim: Claim, other: Claim) -> bool:
    if claim.when is None or other.when is None or not _same_matter(claim, other):
        return False
    return claim.when.date == other.when.date and claim.when.precision == "day"


def _same_matter(claim: Claim, other: Claim) -> bool:
    if claim.kind != other.kind or claim.kind == "statement":
        return False
    goods = set(claim.goods) & set(other.goods) or not (claim.goods or other.goods)
    parties = set(claim.authorities) & set(other.authorities)
    return bool(goods and parties)
