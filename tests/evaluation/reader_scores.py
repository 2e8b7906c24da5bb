"""How well the article reader reads: ``python -m tests.evaluation.reader_scores`` writes docs/reader-scores.md.

Five sets of articles of our own, each with a gold reading. The first was written before the rules and is never looked at when
they change; the fifth was scored once before anyone looked at what was missed: both say what to expect of an article that nobody
has seen. The others served to write the rules. The five articles of the carried timeline count where they are at hand.
"""

import datetime as dt
import sys
from pathlib import Path

from tests.evaluation.score import score_folder
from tests.evaluation.scoring import Score
from tests.paths import OWN_ARTICLES, ROOT, SHARED

OWN = OWN_ARTICLES
PAGE = ROOT / "docs" / "reader-scores.md"
TODAY = dt.datetime(2026, 11, 22)
SETS = {
    "first": "seven articles, held out: written before the rules, never looked at since",
    "second": "eight articles, looked at while the rules were written",
    "third": "seven articles, looked at while the rules were written",
    "fourth": "six articles, looked at while the rules were written",
    "fifth": "five articles, written last: precision .72 and recall .30 when the reader first saw them",
}
HEAD = """# How well the articles are read

Written by `python -m tests.evaluation.reader_scores`.

An event counts as found if its kind, its date at the precision of the gold, its
scope and its evidence are right. Precision: of the events emitted, those in the gold. Recall: of the gold's events, those
emitted. Dates: of the events known by their evidence, those with the right date. Hard cases: places where a reader goes
wrong easily (a relative date, a plan told as fact, a total taken for a release), each checked by itself.

The gold holds all that a careful person finds in a text, remarks and background included, about thirteen events an article.
Leads, measures and releases are found more often than remarks and asides. What is emitted without a second source has
confidence `medium` or `low`: read its evidence before you use it.

| articles | precision | recall | F1 | dates | quantities | hard cases |
|---|---|---|---|---|---|---|
"""


def scored(folder: Path, gold: Path) -> Score:
    """Return the score of the articles of a folder."""
    return score_folder(folder, gold, TODAY, quiet=True)


def row(label: str, score: Score) -> str:
    """Return a line of the table."""
    right = sum(case.outcome == "right" for case in score.hard_cases)
    figures = [score.precision, score.recall, score.f1, score.date_accuracy, score.quantity_accuracy]
    return (
        f"| {label} | " + " | ".join(f"{value:.2f}" for value in figures) + f" | {right} of {len(score.hard_cases)} |\n"
    )


def rows() -> list[str]:
    """Return the lines of our own sets."""
    return [row(f"{name}: {what}", scored(OWN / name, OWN / name / "gold.json")) for name, what in SETS.items()]


def main() -> None:
    """Write the page."""
    five = SHARED / "articles"
    if not five.is_dir():
        sys.exit(f"{five} is absent: the line of the five articles cannot be made.")
    line = row("the five articles of the carried timeline", scored(five, SHARED / "truth" / "timeline_gold.json"))
    PAGE.write_text(HEAD + "".join([line, *rows()]), encoding="utf-8", newline="\n")
    print(PAGE.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
