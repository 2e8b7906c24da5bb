"""Articles that say what another one says: found once over all, so that they count once."""

from __future__ import annotations

import re
import zlib
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace

from potash.news.records import Article

_WORD = re.compile(r"\w+")
# Fewer sequences than this are too few to tell a copy by; what this many pages share is a notice of their publisher.
_ENOUGH, _NOTICE = 30, 50
_SHARE = 0.7


def mark_copies(articles: Sequence[Article]) -> list[Article]:
    """Return the articles with ``same_as`` set where at least 70 % of the body stands in an earlier one.

    The index holds originals only, so that a hundred copies cost as much as one, and of these every fourth sequence of
    five words, so that it stays small beside the articles; whoever shares a third of those is compared in full.
    """
    by_id = {article.article_id: article for article in articles}
    index: dict[int, list[str]] = defaultdict(list)
    copies: dict[str, str] = {}
    for article in sorted(articles, key=lambda article: article.published.date or "9999"):
        sequences = _sequences(article)
        sample = [sequence for sequence in sequences if sequence % 4 == 0]
        met = Counter(name for sequence in sample for name in index.get(sequence, ()))
        likely = [name for name, count in met.most_common(3) if 3 * count >= len(sample)]
        shared = {name: len(sequences & _sequences(by_id[name])) for name in likely}
        best = max(shared, key=lambda name: shared[name], default="")
        if len(sequences) >= _ENOUGH and best and shared[best] >= _SHARE * len(sequences):
            copies[article.article_id] = best
            continue
        for sequence in sample:
            if len(index[sequence]) < _NOTICE:
                index[sequence].append(article.article_id)
    return [replace(article, same_as=copies.get(article.article_id, "")) for article in articles]


def _sequences(article: Article) -> set[int]:
    """Return checksums of all runs of five words in the body."""
    body = " ".join(article.text[p.start : p.end] for p in article.paragraphs if p.role == "body")
    words = _WORD.findall(body.lower())
    return {zlib.crc32(" ".join(words[at : at + 5]).encode()) for at in range(len(words) - 4)}
