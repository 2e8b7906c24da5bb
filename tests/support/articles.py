"""A short story of our own, and the paragraphs that are read of it."""

from pathlib import Path

from potash.news.records import Article, Paragraph, Publication

LEAD = "Eastern Salt halted deliveries to its buyers in Brazil and China on Wednesday after the rail line to the coast was shut."
SECOND = "The company, which is the largest employer of the region, did not say when the trains would be allowed to run again."
THIRD = "Traders in Santos said that spare cargoes were hard to find and that prices had gone up by a tenth within four days."
STORY = f"{LEAD}\n\n{SECOND}\n\n{THIRD}\n"


def texts(article, role=None) -> list[str]:
    """Return the paragraphs of an article, or those of one role."""
    return [article.text[p.start : p.end] for p in article.paragraphs if role in (None, p.role)]


def page(text: str, published: str = "2025-12-14", zone: str = "") -> Article:
    """Return an article of paragraphs, published on a Sunday of 2025."""
    paragraphs, at = [], 0
    for block in text.split("\n\n"):
        paragraphs.append(Paragraph(at, at + len(block)))
        at += len(block) + 2
    return Article("page", Path("page.txt"), "", "", "", Publication(published, zone), text, tuple(paragraphs))
