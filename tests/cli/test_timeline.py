"""``potash timeline``: what it writes and says, its exit codes, and that a failure leaves the old timeline alone."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pandas as pd
import pytest
from typer.testing import CliRunner

from potash.cli import app as cli
from potash.errors import EventsError
from potash.news.records import Conflict, Problem
from tests.support.records import article, claim, day, event, reading_of

HEAVY = (
    "pandas",
    "numpy",
    "matplotlib",
    "trafilatura",
    "htmldate",
    "dateparser",
    "exchange_calendars",
    "rich.progress",
)
WHO = 'reason = "r"\nby = "b"\n'


def told(**fields):
    """Return the reading of two articles that tell one event and disagree on its cause."""
    conflict = Conflict("cause", (("flood", ("a",)), ("strike", ("b",))))
    cut = event("2024-05-09-cut", [claim("a", when=day("2024-05-09")), claim("b")], conflicts=(conflict,))
    return reading_of([article("a"), article("b")], [cut], unplaced=((claim("a", 100, 140), "a hope"),), **fields)


@pytest.fixture
def parts(monkeypatch):
    """Put made-up parts in place of those that read articles; return what they were asked and what they give."""
    state = SimpleNamespace(
        asked=[], first=1, reading=told(), fail=None, prices=pd.DataFrame({"verdict": []}, dtype=str)
    )

    def read_timeline(sources, **options):
        progress = options.pop("progress")
        state.asked.append((sources, options))
        for number in range(state.first, state.first + 25):
            if progress is not None:
                progress(number, 25, Path(f"page{number}.txt"))
        if state.fail is not None:
            raise state.fail
        return state.reading

    def write_timeline_page(reading, path, *, events, price_claims):
        path.write_text("".join(f"<p>{found.event_id}" for found in events), encoding="utf-8")

    made_up = {
        "potash.news.events.reading": {"read_timeline": read_timeline},
        "potash.report.timeline_page": {"write_timeline_page": write_timeline_page},
        "potash.report.price_claims": {
            "find_price_claims": lambda page, lexicon: [page.article_id],
            "check_price_claims": lambda claims, prices: state.prices,
        },
    }
    for name, content in made_up.items():
        module = ModuleType(name)
        vars(module).update(content)
        monkeypatch.setitem(sys.modules, name, module)
    return state


@pytest.fixture
def run(parts, tmp_path, monkeypatch):
    """Run a command line in a folder of its own that holds a folder of articles."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pages").mkdir()
    return lambda *arguments: CliRunner().invoke(cli.app, ["timeline", *[str(a) for a in arguments]])


def contents(folder):
    return {path.name: path.read_bytes() for path in Path(folder).iterdir()}


def test_help_says_the_exit_codes(run):
    text = " ".join(run("build", "--help").stdout.split())
    assert "0: built" in text
    assert "3: built, but some files could not be read" in text


def test_build_writes_the_files_and_says_where(run):
    result = run("build", "pages")
    assert result.exit_code == 0, result.output
    assert {"events.csv", "evidence.csv", "unplaced.csv", "articles.csv", "problems.csv", "timeline.html"} <= set(
        contents("timeline")
    )
    lines = result.stdout.splitlines()
    assert lines[0] == "2 articles read"
    assert lines[1] == "1 event from articles, 0 from context"
    assert lines[2].split() == ["1", "output_cut"]
    assert "1 conflict in 1 event" in lines
    assert "1 claim in no event: timeline/unplaced.csv" in lines
    assert "Timeline: timeline/events.csv" in lines[-1]
    assert "Compared" not in result.stdout


def test_lines_of_progress_come_every_tenth(run):
    lines = [line for line in run("build", "pages").stderr.splitlines() if line.startswith("read ")]
    assert len(lines) == 10
    assert lines[-1] == "read 25 of 25 files"


def test_options_are_handed_on(run, parts):
    Path("words.toml").write_text("")
    options = ("--published", "a=2024-05-10", "--published", "b = 2024-05-11T10:00", "--today", "2024-06-01")
    assert run("build", "pages", "more.txt", *options, "--lexicon", "words.toml").exit_code == 0
    [(sources, given)] = parts.asked
    assert sources == [Path("pages"), Path("more.txt")]
    assert given["published"] == {"a": "2024-05-10", "b": "2024-05-11T10:00"}
    assert given["today"].isoformat() == "2024-06-01"
    assert given["lexicon"] == Path("words.toml")


def test_a_second_build_gives_the_same_bytes_and_no_difference(run):
    run("build", "pages")
    first = contents("timeline")
    result = run("build", "pages")
    assert contents("timeline") == first
    assert "Compared with the previous build: no difference" in result.stdout


def test_a_rebuild_says_what_changed(run, parts):
    run("build", "pages")
    cut = event("2024-05-09-cut", [claim("a")], status="done")
    parts.reading = reading_of([article("a")], [cut, event("flood", [claim("a", 90, 99)], kind="accident")])
    stdout = run("build", "pages").stdout
    assert "Compared with the previous build: events: 1 added, 1 changed" in stdout
    assert "+ flood: Title of flood" in stdout
    assert "~ 2024-05-09-cut: status 'announced' -> 'done'" in stdout


def test_many_changes_are_cut_with_their_number(run, parts):
    run("build", "pages")
    parts.reading = reading_of([article("a")], [event(f"e{i:02}", [claim("a", 90, 99)]) for i in range(40)])
    stdout = run("build", "pages").stdout
    assert "and 11 more; build with another --out" in stdout
    assert "e00" in stdout


def test_overrides_and_context_are_applied_and_kept(run):
    Path("o.toml").write_text(f'[[reject]]\nevent = "2024-05-09-cut"\n{WHO}[[accept]]\nevent = "gone"\n{WHO}')
    Path("c.csv").write_text("event_id,date\nharvest,2024-09\n")
    result = run("build", "pages", "--overrides", "o.toml", "--context", "c.csv")
    assert result.exit_code == 0
    assert "unused override: accept 'gone': no event 'gone'" in result.stderr
    assert "0 events from articles, 1 from context" in result.stdout
    assert "overrides: 1 applied, 1 unused: timeline/curated.csv" in result.stdout
    assert Path("o.toml").read_text().startswith("[[reject]]")
    assert b"harvest" in contents("timeline")["events.csv"]
    assert contents("timeline")["timeline.html"] == b""


def test_unused_overrides_are_shown_when_quiet_and_refused_when_strict(run):
    Path("o.toml").write_text(f'[[accept]]\nevent = "2024-05-09-cat"\n{WHO}')
    quiet = run("build", "pages", "--overrides", "o.toml", "--quiet")
    assert (quiet.exit_code, quiet.stdout) == (0, "")
    assert "did you mean '2024-05-09-cut'?" in quiet.stderr
    before = contents("timeline")
    strict = run("build", "pages", "--overrides", "o.toml", "--strict")
    assert strict.exit_code == 2
    assert "1 override found nothing to change (--strict)" in strict.stderr
    assert contents("timeline") == before


def test_unreadable_files_are_code_3_and_listed(run, parts):
    problems = (
        Problem(Path("pages/z.txt"), "z.txt is empty."),
        Problem(Path("pages/y.txt"), "no words"),
        Problem(Path("pages/x.txt"), "x.txt: read as windows-1252", fatal=False),
    )
    parts.reading = told(problems=problems)
    result = run("build", "pages")
    assert result.exit_code == 3
    for line in ("not read: z.txt is empty.", "not read: y.txt: no words", "note: x.txt: read as windows-1252"):
        assert line in result.stderr.splitlines()
    assert "2 articles read, 2 not" in result.stdout
    assert Path("timeline/events.csv").exists()
    quiet = run("build", "pages", "-q")
    assert (quiet.exit_code, quiet.stdout, "windows" in quiet.stderr) == (3, "", False)
    assert "not read: z.txt is empty." in quiet.stderr


def test_a_doubt_alone_is_code_0(run, parts):
    parts.reading = told(problems=(Problem(Path("x.txt"), "odd", fatal=False),))
    assert run("build", "pages").exit_code == 0


def test_no_readable_article_is_an_error_and_writes_nothing(run, parts):
    run("build", "pages")
    before = contents("timeline")
    parts.reading = reading_of([], [], problems=(Problem(Path("z.txt"), "empty"),))
    result = run("build", "pages")
    assert result.exit_code == 2
    assert "none of 1 file could be read" in result.stderr
    assert contents("timeline") == before


def test_price_claims_are_counted(run, parts):
    parts.prices = pd.DataFrame({"ticker": ["NTR", "MOS"], "verdict": ["contradicted: the move came first", "agrees"]})
    stdout = run("build", "pages").stdout
    assert "2 claims about share prices, 1 contradicted: timeline/price_claims.csv" in stdout
    assert contents("timeline")["price_claims.csv"].startswith(b"ticker,verdict\n")


@pytest.mark.parametrize(
    ("failure", "code", "words"),
    [
        (EventsError("the lexicon is odd."), 2, "potash: error: the lexicon is odd."),
        (KeyboardInterrupt(), 130, "potash: stopped; the previous timeline is unchanged."),
    ],
)
def test_a_failure_is_one_message_and_leaves_the_old_timeline(run, parts, failure, code, words):
    run("build", "pages")
    before = contents("timeline")
    parts.fail = failure
    result = run("build", "pages", "--quiet")
    assert (result.exit_code, result.stderr) == (code, words + "\n")
    assert contents("timeline") == before


def test_debug_shows_the_error(run, parts):
    parts.fail = EventsError("the lexicon is odd.")
    assert isinstance(run("build", "pages", "--debug").exception, EventsError)


@pytest.mark.parametrize(
    "arguments",
    [
        ["build"],
        ["build", "pages", "--published", "a"],
        ["build", "pages", "--published", "=2024-05-10"],
        ["build", "pages", "--published", "a=2024-05-10", "--published", "a=2024-05-11"],
        ["build", "pages", "--today", "10/05/2024"],
        ["diff", "one"],
        ["build", "pages", "--nothing"],
    ],
)
def test_a_usage_error_is_code_2(run, arguments):
    assert run(*arguments).exit_code == 2


@pytest.mark.parametrize(
    "arguments",
    [
        ["pages", "--out", "pages"],
        ["timeline/timeline.html"],
        ["pages", "--context", "timeline/events.csv"],
        ["pages", "--lexicon", "timeline/events.csv"],
        ["pages", "--overrides", "timeline/o.toml"],
    ],
)
def test_a_build_never_writes_over_what_it_reads(run, parts, arguments):
    Path("timeline").mkdir()
    Path("timeline/events.csv").write_text("event_id,date\nharvest,2024-09\n")
    Path("timeline/o.toml").write_text('[[context]]\nfile = "events.csv"\n')
    before = contents("timeline")
    result = run("build", *arguments)
    assert result.exit_code == 2
    assert "--out" in result.stderr
    assert contents("timeline") == before
    assert not parts.asked


def test_a_folder_that_holds_something_else_is_not_compared(run):
    Path("timeline").mkdir()
    Path("timeline/events.csv").write_bytes(b"\xff\xfe")
    result = run("build", "pages")
    assert result.exit_code == 0
    assert "note: not compared with the previous build: timeline/events.csv" in result.stderr
    assert "Compared" not in result.stdout


def test_diff_shows_every_difference(run, parts):
    run("build", "pages", "--out", "one")
    parts.reading = reading_of([article("a")], [event(f"e{i:02}", [claim("a", 90, 99)]) for i in range(40)])
    run("build", "pages", "--out", "two")
    result = run("diff", "one", "two")
    assert result.exit_code == 0
    assert result.stdout.splitlines()[0] == "one -> two: events: 40 added, 1 removed"
    assert len(result.stdout.splitlines()) == 42
    assert run("diff", "one", "one").stdout == "one -> one: no difference\n"
    assert run("diff", "one", "nowhere").exit_code == 2


@pytest.mark.parametrize("first", [0, 1])
def test_a_terminal_gets_a_bar_that_ends_full(run, parts, monkeypatch, first):
    import rich.console

    made = []
    real = rich.console.Console

    def console(**options):
        made.append(real(force_terminal=True, **options))
        return made[-1]

    monkeypatch.setattr(rich.console, "Console", console)
    parts.first = first
    result = run("build", "pages")
    assert result.exit_code == 0
    assert "25/25" in result.stderr
    assert "read 25 of 25" not in result.stderr


def test_the_folder_of_the_articles_is_no_place_for_the_timeline(run):
    Path("pages").mkdir(exist_ok=True)
    Path("pages/a.txt").write_text("Nutrien cut output.")
    for named in ("pages", "pages/a.txt"):
        result = run("build", named, "--out", "pages")
        assert result.exit_code == 2
        assert "the articles lie there" in result.stderr
