"""One event asked for at the terminal: the numbers are those of a study written by hand."""

import json
import re

import pandas as pd
import pytest
from typer.testing import CliRunner

import potash
from potash.cli import app as cli
from potash.cli.ask.study import columns, layout
from tests.paths import ROOT
from tests.report.desk.made_up import files

FLAGSHIP = "2025-12-13-us-lifts-potash"


def run(*arguments):
    return CliRunner().invoke(cli.app, ["study", *map(str, arguments)])


def record(*arguments):
    result = run(*arguments, "--json", "-")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


@pytest.fixture(scope="module")
def asked_for():
    options = ("--firms", "NTR,MOS", "--market", "DE", "--controls", "CF", "--window", "-1,1", "--estimation", "250")
    return record(FLAGSHIP, *options)


def test_the_numbers_are_those_of_a_study_by_hand(asked_for):
    returns, timeline = potash.log_returns(potash.load_prices()), potash.load_timeline()
    dated = [e for e in timeline.with_relevance("headline", "market") if timeline.announcement(e) is not None]
    undated = [e for e in timeline.with_relevance("headline", "market") if e not in dated]
    study = potash.EventStudy(
        returns[["NTR", "MOS"]], timeline.align(["NTR", "MOS"], dated), returns_kind="log",
        model=potash.MarketModel(returns["DE"]), event_window=(-5, 10), estimation_window=(-260, -11),
        controls=returns[["CF"]], other_events=timeline.align(["NTR", "MOS"], undated) if undated else None,
    )  # fmt: skip
    expected = potash.verdicts(study.fit().for_event(FLAGSHIP), (-1, 1))[0]
    stated = asked_for["verdict"]
    for name in (
        "CAR",
        "std_error",
        "lower",
        "upper",
        "beyond_market",
        "scaled_pvalue",
        "randomization_pvalue",
        "detectable",
    ):
        assert stated[name] == pytest.approx(getattr(expected, name), abs=1e-12), name
    assert (stated["firms"], stated["controls"], stated["window"]) == (["NTR", "MOS"], ["CF"], [-1, 1])
    assert asked_for["question"]["estimation_window"] == [-260, -11]
    assert asked_for["question"]["market"] == "DE"


def test_the_tables_belong_to_the_verdict(asked_for):
    tables = {name: pd.DataFrame(rows) for name, rows in asked_for["tables"].items()}
    assert list(tables) == ["parts", "windows", "firms", "tests", "news"]
    parts = tables["parts"]
    row = parts[(parts["kind"] == "portfolio") & (parts["window"] == "[-1, +1]")].iloc[0]
    assert row["specific"] == pytest.approx(asked_for["verdict"]["CAR"])
    assert row[["market", "controls", "specific"]].sum() == pytest.approx(row["raw_return"])
    assert set(tables["firms"].loc[tables["firms"]["part"] == "control", "ticker"]) == {"CF"}


def test_without_options_the_answer_is_that_of_the_page():
    setting = potash.desk.set_up(left_out=["MOS"])
    stated = record("newest")
    expected = setting.verdict(FLAGSHIP)
    assert stated["event"] == {
        "event_id": FLAGSHIP, "title": setting.timeline.events.at[FLAGSHIP, "title"], "date": "2025-12-13",
        "day_zero": "2025-12-15",
    }  # fmt: skip
    assert stated["sentence"] == potash.desk.verdict_box(setting, FLAGSHIP).text
    assert (stated["verdict"]["CAR"], stated["verdict"]["firms"]) == (expected.CAR, ["NTR", "ICL"])
    assert stated["other_portfolio"]["firms"] == ["NTR", "MOS", "ICL"]


def test_the_answer_is_printed_plain_where_there_is_no_terminal():
    result = run("lifts-potash")
    lines = result.stdout.splitlines()
    assert result.exit_code == 0
    assert lines[1].startswith("Announced Sat 2025-12-13; day 0 is Mon 2025-12-15 in New York.")
    assert lines[3].startswith(
        "No effect beyond 5 %: NTR and ICL returned −1.4 % (95 % confidence −3.9 to +1.1 %) on day 0"
    )
    assert re.search(r"^window +effect +95 % interval", result.stdout, flags=re.MULTILINE)
    assert re.search(r"^Mosaic \(MOS\) +left out +−5.2 % +−0.2 %", result.stdout, flags=re.MULTILINE)
    assert "\x1b" not in result.stdout
    assert (
        "market: SPY; controls: CF, DE, CTVA; window of the verdict: [0, 0]; estimation: sessions −130 to −11"
        in lines[-1]
    )


@pytest.mark.parametrize("text", [FLAGSHIP, "2025-12-13", "2025-12-15", "US-LIFTS", "relief from potash sanctions"])
def test_an_event_by_any_of_its_names(text):
    from potash.report.question.events import setting_around
    from potash.report.question.names import choices_of

    assert setting_around(text, choices_of({}))[1] == FLAGSHIP


def test_a_background_event_is_studied_alone():
    assert record("2024-11-04-output", "--estimation", "40", "--controls", "none")["verdict"]["n_days"] >= 0
    stated = record("2025-12-15-general-license-13")
    assert stated["event"]["day_zero"] == "2025-12-15"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["newest", "--firms", "NTX"], r"firms: not in the universe: 'NTX' \(did you mean 'NTR'\?\).*There are prices of: SPY"),
        (["newest", "--market", "XLB"], r"market: not in the universe: 'XLB'.*There are prices of: SPY, NTR"),
        (["newest", "--left-out", "XYZ"], "left_out: not in the universe: 'XYZ'"),
        (["newest", "--firms", "NTR", "--left-out", "MOS"], r"left_out: MOS is none of the firms studied \(NTR\)"),
        (["newest", "--window", "-9,1"], r"window \[-9, \+1\] reaches outside event_window \[-5, \+10\]"),
        (["newest", "--estimation", "5000"], "span 5021 sessions, and the prices hold 1402"),
        (["newest", "--firms", ""], "--firms is empty"),
        (["newest", "--firms", "none"], "--firms none: nothing would be studied"),
        (["newest", "--firms", "NTR,none"], "--firms none stands beside NTR, none"),
        (["newest", "--controls", ""], "--controls is empty.*Write --controls none"),
        (["newest", "--left-out", ","], "--left-out is empty"),
        (["newest", "--market", "none"], "--market none: a study needs a benchmark"),
        (["newest", "--left-out", "NTR,MOS,IPI,ICL"], "left_out: NTR, MOS, IPI, ICL are all firms studied"),
        (["newest", "--estimation", "0"], "--estimation 0: at least some sessions"),
        (["newest", "--estimation", "²"], "--estimation ²: two whole numbers"),
        (["newest", "--estimation", "5"], "needs at least 6 returns"),
        (["2013-07-30"], r"2013-07-30-uralkali-leaves-bpc cannot be studied: prices begin 2020-07\. These can, the newest first"),
        (["2021-turn-to-asia"], "without a single day"),
        ([], "no event was named. These can be studied:\n  2025-12-13-us-lifts-potash  US envoy"),
        (["no-such-event"], "'no-such-event' fits no event of the carried timeline. Nearest: .* Studied are: 2025-12-13"),
        (["potash"], r"'potash' fits \d+ events: 20.*Write more of one"),
        (["newest", "--title", "Ours"], "--title names the page that --html writes"),
        (["newest", "--returns", "lag"], "returns_kind='lag' is not known"),
    ],
)  # fmt: skip
def test_what_cannot_be_answered_says_why_before_anything_is_written(tmp_path, arguments, message):
    result = run(*arguments, "--json", tmp_path / "a.json")
    assert result.exit_code == 2
    assert re.search(message, result.stderr), result.stderr
    assert list(tmp_path.iterdir()) == []


def test_own_prices_and_events_and_a_market_with_prices(tmp_path):
    prices, events = files(tmp_path, ["NTR", "MOS", "CF"])
    stated = record(
        "planted", "--prices", prices, "--events", events, "--firms", "NTR,MOS", "--market", "SPY", "--controls", "CF"
    )
    assert stated["verdict"]["outcome"] in ("undecided", "effect", "ruled out")
    assert stated["question"]["prices_folder"] == str(prices)
    other = record(
        "planted", "--prices", prices, "--events", events, "--firms", "NTR", "--market", "MOS", "--controls", "none"
    )
    assert other["question"]["market"] == "MOS"
    assert other["verdict"]["CAR"] != stated["verdict"]["CAR"]


@pytest.mark.parametrize("name", ["events", "universe", "confounders"])
def test_a_text_that_could_command_the_terminal_is_refused(tmp_path, name):
    rows = (ROOT / "data" / f"{name}.csv").read_text().splitlines()
    file = tmp_path / f"{name}.csv"
    file.write_text("\n".join([*rows, rows[-1].replace("e", "e\x1b[31m", 1)]))
    result = run("newest", f"--{name}", file)
    assert (result.exit_code, "\x1b" in result.output) == (2, False)
    assert "holds U+001B" in result.stderr
    assert "the title holds U+009B" in run("newest", "--title", "a\x9b", "--html", tmp_path / "page.html").stderr
    assert not (tmp_path / "page.html").exists()


def test_a_configuration_file_and_options_over_it(tmp_path):
    file = tmp_path / "question.toml"
    file.write_text('firms = ["NTR", "MOS"]\ncontrols = ["CF"]\nwindow = [-1, 1]\n')
    stated = record("newest", "--config", file, "--window", "0,1")
    assert (stated["verdict"]["firms"], stated["verdict"]["window"]) == (["NTR", "MOS"], [0, 1])
    file.write_text('frms = ["NTR"]\n')
    result = run("newest", "--config", file)
    assert result.exit_code == 2
    assert "did you mean 'firms'?" in result.stderr


def test_files_are_written(tmp_path):
    page, folder, answer = tmp_path / "a.html", tmp_path / "tables", tmp_path / "a.json"
    result = run("newest", "--html", page, "--csv", folder, "--json", answer, "--title", "A <b>bold</b> title")
    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines()[-3:] == [
        f"Page: {page}", f"JSON: {answer}",
        f"Tables: {', '.join(str(folder / f'{name}.csv') for name in ('parts', 'windows', 'firms', 'tests', 'news'))}",
    ]  # fmt: skip
    html = page.read_text()
    assert "<h1>A &lt;b&gt;bold&lt;/b&gt; title</h1>" in html
    assert "No effect beyond 5" in html
    assert "<script" not in html or "src=" not in re.findall(r"<script[^>]*>", html)[0]
    firms = pd.read_csv(folder / "firms.csv")
    assert {"ticker", "price_change", "beta", "CAR"} <= set(firms.columns)
    assert json.loads(answer.read_text())["event"]["event_id"] == FLAGSHIP


def test_a_place_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    for option in ("--csv", "--html"):
        result = run("newest", option, tmp_path / "file" / "x")
        assert result.exit_code == 2
        assert "cannot be written" in result.stderr


def test_a_narrow_terminal_wraps_words_and_does_without_the_last_columns():
    frame = pd.DataFrame({
        "firm": ["a firm with quite a long name"], "price change": ["−1.4 %"], "95 % interval": ["−3.9 to +1.1 %"],
        "own news": ["something that happened on that day"],
    })  # fmt: skip
    words, widths = layout(frame, 200)
    assert words == {"firm", "own news"}
    assert widths == {"firm": 14, "price change": 6, "95 % interval": 14, "own news": 14}
    assert list(layout(frame, 56)[1]) == ["firm", "price change", "95 % interval", "own news"]
    assert list(layout(frame, 55)[1]) == ["firm", "price change", "95 % interval"]
    assert list(layout(frame, 5)[1]) == ["firm"]


def test_a_terminal_shows_columns(monkeypatch):
    from rich import console

    real = console.Console
    monkeypatch.setattr(console, "Console", lambda **options: real(**options, force_terminal=True, width=80))
    result = run("newest")
    assert result.exit_code == 0
    text = re.sub(r"\x1b\[[0-9;]*m", "", result.stdout)
    assert re.search(r"\d more columns? in a wider window, or with --csv\.", text)
    assert max(len(line) for line in text.splitlines()) <= 80


def test_brackets_in_a_cell_are_no_markup():
    from rich.console import Console

    console = Console(width=80, record=True)
    console.print(columns(pd.DataFrame({"own news": ["[/b] [red]x[/red] \x1b[31m"]}), 80))
    assert "[/b] [red]x[/red] \\x1b[31m" in console.export_text()
