"""What is read in sentences and articles of our own, claim by claim: ``python -m tests.reference.claims`` writes claims.csv.

The file holds what the reader made of them when a person last looked. A change of a rule shows there as a difference of lines:
look at each, and write the file anew where it reads better than before.
"""

import csv
import io
from collections.abc import Iterator
from pathlib import Path

from potash.news.articles.reading import read_article, repeated_sentences
from potash.news.claims.extraction import read_claims
from potash.news.language.lexicon import load_lexicon
from potash.news.records import Article, Claim
from tests.news.claims import test_dating, test_parties, test_speakers, test_tenses, test_triggers
from tests.paths import OWN_ARTICLES
from tests.support.articles import page

FILE = Path(__file__).with_suffix(".csv")
# The sets that were looked at while the rules were written; the others are held out.
SETS = ("second", "third", "fourth")
COLUMNS = [
    "text", "start", "trigger", "kind", "status", "date", "rule", "whose", "goods", "actors", "figures", "speaker", "foreground",
    "fields",
]  # fmt: skip


def sentences() -> Iterator[tuple[str, str]]:
    """Yield the sentences of the unit tests, each under its first words."""
    for module in (test_triggers, test_tenses, test_parties, test_dating, test_speakers):
        texts = [
            value
            for test in vars(module).values()
            for mark in getattr(test, "pytestmark", ())
            for row in mark.args[1]
            for value in (row if isinstance(row, tuple) else (row,))
            if isinstance(value, str) and value.count(" ") > 2 and "{" not in value
        ]
        yield from ((text[:50], text) for text in dict.fromkeys(texts))


def articles() -> Iterator[Article]:
    """Yield the articles of our own, in order."""
    for name in SETS:
        paths = sorted(path for path in (OWN_ARTICLES / name).iterdir() if path.suffix in (".txt", ".md", ".html"))
        yield from map(read_article, paths)


def row(name: str, claim: Claim) -> list[str]:
    """Return a claim as a line of the file."""
    when = claim.when
    date = "" if when is None else " ".join(filter(None, (when.bound, when.date, when.date_end, when.time)))
    figures = (f"{q.bound} {q.value:g} {q.unit} {q.role}".strip() for q in claim.quantities)
    return [
        name, str(claim.start), "-".join(map(str, claim.trigger)), claim.kind, claim.status, date, when.rule if when else "",
        "; ".join(claim.authorities), "; ".join(claim.goods), "; ".join(claim.actors), "; ".join(figures), claim.speaker,
        "news" if claim.foreground else "", "; ".join(f"{key}={value}" for key, value in sorted(claim.fields.items())),
    ]  # fmt: skip


def as_read() -> str:
    """Return the file as it would be written today."""
    lexicon, rows = load_lexicon(), []
    for name, text in sentences():
        rows += [row(name, claim) for claim in read_claims(page(text), lexicon)[0]]
    for article in articles():
        claims, _ = read_claims(article, lexicon, repeated_sentences(article))
        rows += [row(article.article_id, claim) for claim in claims]
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([COLUMNS, *rows])
    return text.getvalue()


if __name__ == "__main__":
    FILE.write_text(as_read(), encoding="utf-8", newline="\n")
