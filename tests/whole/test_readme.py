"""The README's example runs as printed and prints what stands below it; what it names exists."""

import contextlib
import datetime as dt
import io
import re

import pytest

from tests.paths import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
ARTICLES = (ROOT / "docs" / "articles.md").read_text(encoding="utf-8")


def block(kind, text=README):
    return re.findall(rf"```{kind}\n(.*?)```", text, re.DOTALL)


def table(text, first):
    """Return the rows of the table whose first heading is given."""
    lines = iter(text.split(f"| {first} |")[1].splitlines()[2:])
    rows = []
    while (line := next(lines)).startswith("|"):
        rows.append([cell.strip() for cell in line.strip("|").split("|")])
    return rows


def test_the_example_runs_as_printed():
    code, printed = block("python")[0], block("text")[0]
    assert len([line for line in code.splitlines() if line.strip()]) <= 15
    found = io.StringIO()
    with contextlib.redirect_stdout(found):
        exec(compile(code, "README.md", "exec"), {})
    assert [line.rstrip() for line in found.getvalue().splitlines()] == printed.splitlines()


def test_the_event_file_in_the_readme_can_be_read(tmp_path):
    from potash import load_timeline

    file = tmp_path / "events.csv"
    file.write_text(block("text")[1], encoding="utf-8")
    assert list(load_timeline(file).events.index) == ["tariff-threat", "us-order"]


def test_pictures_and_files_it_names_exist():
    for picture in re.findall(r"!\[[^]]*\]\(([^)]+)\)", README):
        assert (ROOT / picture).is_file()
    for name in (
        "data/universe.csv",
        "data/README.md",
        "data/SOURCES.toml",
        "CHANGELOG.md",
        "environment.yml",
        "docs/articles.md",
    ):
        assert name.split("/")[-1] in README
        assert (ROOT / name).is_file()


OVERRIDES = [text for text in (*block("toml"), block("toml", ARTICLES)[0]) if "[[" in text]


@pytest.mark.parametrize("text", OVERRIDES)
def test_the_overrides_shown_can_be_read(text, tmp_path):
    from potash.news.tables.decisions import read_overrides

    (tmp_path / "context.csv").write_text("event_id,date\nharvest,2024-09\n", encoding="utf-8")
    file = tmp_path / "overrides.toml"
    file.write_text(text, encoding="utf-8")
    found = read_overrides(file)
    assert len(found.overrides) + len(found.context) == text.count("\n[[") + text.startswith("[[")


def test_every_override_is_shown():
    every = {"accept", "reject", "correct", "merge", "split", "evidence", "article", "context"}
    assert set(re.findall(r"\[\[(\w+)\]\]", block("toml", ARTICLES)[0])) == every


def test_the_lexicon_shown_can_be_read(tmp_path):
    from potash.news.language.lexicon import load_lexicon

    file = tmp_path / "words.toml"
    file.write_text(block("toml", ARTICLES)[1], encoding="utf-8")
    assert "Muga Potash" in load_lexicon(file).actors


@pytest.mark.parametrize(("sentence", "date", "precision", "rule"), table(ARTICLES, "a sentence says"))
def test_dates_are_found_as_documented(sentence, date, precision, rule):
    from potash.news.dates.resolution import Anchor, find_dates

    [found] = find_dates(sentence, Anchor(dt.date(2023, 5, 5)))
    assert "/".join(filter(None, (found.date, found.date_end))) == date
    assert (found.precision, found.rule) == (precision, rule)


def test_every_kind_is_documented():
    from potash.news.language.lexicon import load_lexicon

    assert set(load_lexicon().titles) == set(re.findall(r"`(\w+)`", ARTICLES.split("\nKinds: ")[1].split(". ")[0]))
