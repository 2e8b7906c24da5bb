"""How well articles were read of which the answer is at hand: ``python -m tests.evaluation.score ARTICLES GOLD``."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from potash.cli.terminal import errors_as_messages
from potash.cli.timeline import Debug, LexiconFile, Quiet, Today, price_claims_of, read_or_report
from potash.news.records import Article, Claim, DateMention, Mentions, Quantity, TimelineEvent
from potash.news.share_moves.reading import PriceClaim
from tests.evaluation.gold import read_gold
from tests.evaluation.scoring import Score, combine, format_score
from tests.evaluation.scoring import score as score_reading

app = typer.Typer()


@app.command()
def score(
    articles: Annotated[Path, typer.Argument(metavar="ARTICLES", help="A folder or file.")],
    gold: Annotated[Path, typer.Argument(metavar="GOLD", help="What a perfect reader finds in them (JSON).")],
    second: Annotated[
        list[str] | None,
        typer.Option(
            metavar="ARTICLES=GOLD", help="More articles with their gold; may be repeated. All are summed up too."
        ),
    ] = None,
    lexicon: LexiconFile = None,
    today: Today = None,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Compare what is read in articles with a gold file: precision, recall, dates, figures, hard cases one by one."""
    pairs = [(articles, gold), *(_pair(text) for text in second or [])]
    with errors_as_messages(debug, "the previous timeline"):
        scores = [score_folder(folder, file, today, lexicon, quiet) for folder, file in pairs]
        for (folder, _), folder_score in zip(pairs, scores, strict=True):
            typer.echo(f"{folder}\n{format_score(folder_score)}\n")
        if len(scores) > 1:
            typer.echo(f"All {len(scores)} together\n{format_score(combine(scores))}\n")


def _pair(text: str) -> tuple[Path, Path]:
    articles, _, gold = text.rpartition("=")
    if not articles or not gold:
        raise typer.BadParameter(f"{text!r} is not of the form ARTICLES=GOLD.", param_hint="--second")
    return Path(articles), Path(gold)


def score_folder(
    articles: Path, gold: Path, today: dt.datetime | None = None, lexicon: Path | None = None, quiet: bool = False
) -> Score:
    """Return the score of articles against their gold, claims about prices included."""
    answers = read_gold(gold)
    reading = read_or_report([articles], {}, today, lexicon, quiet)
    prices = tuple(price_claims_of(reading, lexicon))
    return score_reading(_Scorable(reading.articles, reading.claims, reading.events, prices, reading.mentions), answers)


@dataclass(frozen=True, slots=True)
class _Scorable:
    """A reading with its claims about prices, which it cannot hold itself: they come of the market side."""

    articles: tuple[Article, ...]
    claims: tuple[Claim, ...]
    events: tuple[TimelineEvent, ...]
    price_claims: tuple[PriceClaim, ...]
    mentions: dict[str, Mentions]

    def dates(self, article_id: str) -> tuple[DateMention, ...]:
        return self.mentions[article_id].dates

    def quantities(self, article_id: str) -> tuple[Quantity, ...]:
        return self.mentions[article_id].quantities

    def actors(self, article_id: str) -> tuple[tuple[int, int, str], ...]:
        return self.mentions[article_id].actors


if __name__ == "__main__":
    app()
