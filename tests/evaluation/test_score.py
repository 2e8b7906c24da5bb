"""``python -m tests.evaluation.score``: what it prints, and its exit codes."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

from tests.evaluation import score as command


@pytest.fixture
def run(monkeypatch):
    """Run the command with a made-up reader; return the result and the sources that were read."""
    sources = []

    def read_or_report(articles, published, today, lexicon, quiet):
        sources.append([path.name for path in articles])
        return SimpleNamespace(articles=("a", "b"), claims=(), events=("e",), mentions={})

    def score_reading(reading, gold):
        return f"{gold}: {len(reading.events)} event, {len(reading.price_claims)} price claims"

    monkeypatch.setattr(command, "read_or_report", read_or_report)
    monkeypatch.setattr(command, "price_claims_of", lambda reading, lexicon: reading.articles)
    monkeypatch.setattr(command, "read_gold", lambda path: path.name)
    monkeypatch.setattr(command, "score_reading", score_reading)
    monkeypatch.setattr(command, "combine", "; ".join)
    monkeypatch.setattr(command, "format_score", str)
    return lambda *arguments: (CliRunner().invoke(command.app, arguments), sources)


def test_one_set_prints_its_score(run):
    result, _ = run("pages", "first.json")
    assert (result.exit_code, result.stdout) == (0, "pages\nfirst.json: 1 event, 2 price claims\n\n")


def test_two_sets_print_each_and_both_together(run):
    result, sources = run("pages", "first.json", "--second", "other=second.json")
    assert "other\nsecond.json: 1 event" in result.stdout
    assert "All 2 together\nfirst.json: 1 event, 2 price claims; second.json" in result.stdout
    assert sources == [["pages"], ["other"]]


@pytest.mark.parametrize("arguments", [["pages"], ["pages", "g.json", "--second", "other"]])
def test_a_usage_error_is_code_2(run, arguments):
    result, sources = run(*arguments)
    assert (result.exit_code, sources) == (2, [])
