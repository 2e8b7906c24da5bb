"""The main job on the carried data, end to end: what an analyst gets, and what must be in it."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys

import numpy as np
import openpyxl
import pandas as pd
import pytest
from typer.testing import CliRunner

from potash.cli import app as cli
from potash.report import making
from potash.report.export.columns import OTHER, column_of
from potash.report.export.formats import export_report
from tests.paths import ROOT
from tests.support.browser import browser, chromium_path
from tests.support.once import filled_once
from tests.support.pages import axe_path, dangers, violations

pytestmark = pytest.mark.slow
FLAGSHIP = "2025-12-13-us-lifts-potash"
EVENT = f"event-{FLAGSHIP}.html"
PAGES = ["01-timeline.html", "02-prices.html", EVENT, "04-answer.html", "90-methods.html", "00-explore.html"]
needs_chromium = pytest.mark.skipif(chromium_path() is None, reason="Chromium is not on this machine")


OFFLINE = ROOT / "tests" / "support" / "offline"


def run_report(out, *arguments, offline_log):
    """Run the command as a user does, with every connection that leaves the machine refused and written down."""
    environment = {
        **os.environ,
        "PYTHONPATH": str(OFFLINE),
        "POTASH_OFFLINE_LOG": str(offline_log),
    }
    command = [sys.executable, "-m", "potash.cli", "report", "--out", str(out), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, env=environment, cwd=out.parent, timeout=300)


@pytest.fixture(scope="session")
def report(tmp_path_factory):
    def fill(folder):
        done = run_report(folder / "reports", offline_log=folder / "network.log")
        assert done.returncode == 0, done.stderr
        assert "latest/index.html" in done.stdout
        assert f"event-{FLAGSHIP}" in done.stderr, "progress is shown while it works"

    return filled_once(tmp_path_factory, "flagship", fill) / "reports" / "latest"


def notebooks_of(folder, *names):
    """Return a folder with some of the notebooks: each costs a kernel of its own."""
    folder.mkdir()
    for name in names:
        shutil.copy(ROOT / "notebooks" / f"{name}.ipynb", folder)
    return folder


@pytest.fixture(scope="session")
def table(report):
    return lambda name: pd.read_csv(report / "tables" / f"{name}.csv")


def test_nothing_asked_for_the_network(report):
    assert not (report.parent.parent / "network.log").exists()


def test_the_network_block_of_these_tests_works(tmp_path):
    code = "import socket; socket.create_connection(('192.0.2.1', 80), timeout=1)"
    environment = {
        **os.environ,
        "PYTHONPATH": str(OFFLINE),
        "POTASH_OFFLINE_LOG": str(tmp_path / "log"),
    }
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment)
    assert "the network is blocked in this test" in done.stderr
    assert "192.0.2.1" in (tmp_path / "log").read_text()


def test_pages_tables_and_manifest_are_there(report):
    for name in ["index.html", *PAGES]:
        assert (report / name).stat().st_size > 5_000
    manifest = json.loads((report / "manifest.json").read_text())
    text = json.dumps(manifest)
    for file in sorted((report / "tables").glob("*.csv")):
        assert hashlib.sha256(file.read_bytes()).hexdigest() in text
    assert "carried-" in text
    assert str(ROOT) not in text


def test_flagship_numbers_agree_with_least_squares_written_out_here(table):
    prices = pd.read_csv(ROOT / "data" / "prices" / "daily_2024_2026.csv", index_col="date", parse_dates=True)
    returns = np.log(prices).diff()
    at = returns.index.get_loc("2025-12-15")
    firms = table(f"firms-{FLAGSHIP}").set_index(["ticker", "window"])
    for ticker in ("NTR", "MOS", "ICL", "SQM", "CF", "DE", "CTVA"):
        before = returns[[ticker, "SPY"]].iloc[at - 130 : at - 10].dropna()
        design = np.column_stack([np.ones(len(before)), before["SPY"]])
        beta, *_ = np.linalg.lstsq(design, before[ticker], rcond=None)
        residual = before[ticker] - design @ beta
        s2 = residual @ residual / (len(before) - 2)
        inverse = np.linalg.inv(design.T @ design)
        for label, (first, last) in {"[0, 0]": (0, 0), "[-1, +1]": (-1, 1), "[0, +1]": (0, 1)}.items():
            event = returns[[ticker, "SPY"]].iloc[at + first : at + last + 1]
            x = np.column_stack([np.ones(len(event)), event["SPY"]])
            variance = s2 * (np.eye(len(event)) + x @ inverse @ x.T).sum()
            row = firms.loc[(ticker, label)]
            assert row["CAR"] == pytest.approx((event[ticker] - x @ beta).sum(), abs=1e-11)
            assert row["std_error"] == pytest.approx(np.sqrt(variance), abs=1e-11)


def test_the_verdict_on_the_flagship_is_shown_with_and_without_mosaic(report, table):
    verdicts = table("verdicts")
    flagship = verdicts[verdicts["event"].str.contains("2025-12-13")]
    assert list(flagship["firms"]) == ["NTR, ICL", "NTR, MOS, ICL"], (
        "Mosaic had news of its own on day 0, so it goes first"
    )
    assert (flagship["detectable"] > 0.02).all()
    assert list(flagship["outcome"]) == ["ruled out", "effect"]
    front, page = ((report / name).read_text(encoding="utf-8") for name in ("index.html", EVENT))
    assert "day 0 is Mon 2025-12-15 in New York" in re.sub(r"<[^>]*>", "", page).replace("\u00a0", " ")
    assert "No effect beyond 5\u00a0%: NTR and ICL returned" in page
    assert "With MOS it would be an effect." in page
    front = re.sub(r"<[^>]*>", "", front)
    assert re.search(
        r"With Mosaic \(MOS\), left out for its own news then, the move of 2025-12-13 is −2\.6\s%, an effect\.", front
    ), "who reads the first page alone has to know"
    assert "With MOS the effect is −2.6\u00a0% (95\u00a0% confidence" in page
    assert "K3 mine" in page


def test_controls_with_news_of_their_own_are_left_out(table):
    verdicts = table("verdicts").fillna("").set_index("event_id")
    controls = verdicts[~verdicts.index.duplicated()]["controls"]
    assert controls[FLAGSHIP] == "CF, DE, CTVA"
    assert controls["2022-02-24-invasion-of-ukraine"] == "CF, DE"
    assert controls["2021-08-09-us-designates-belaruskali"] == "DE"


def test_the_run_up_and_the_parts_of_the_move_are_shown(table):
    windows = table(f"windows-{FLAGSHIP}")
    assert list(windows["window"].unique()) == ["[-5, -1]", "[0, 0]", "[0, +1]", "[0, +5]", "[0, +10]"]
    assert set(windows["against"]) == {"market and controls", "market"}
    parts = table(f"parts-{FLAGSHIP}")
    np.testing.assert_allclose(parts[["market", "controls", "specific"]].sum(axis=1), parts["raw_return"], atol=1e-11)
    assert set(parts["kind"]) == {"firm", "portfolio", "control"}


def test_every_dated_event_with_prices_is_studied_and_who_is_missing_has_a_reason(table):
    assert table("verdicts")["event_id"].nunique() == 14
    missing = table(f"missing-{FLAGSHIP}").set_index(["ticker", "session"])
    assert missing.at[("IPI", "2025-12-15"), "reason"] == "missing day 0"


def test_the_page_of_an_event_begins_with_its_title_and_its_order_is_that_of_a_reader(report):
    page = (report / EVENT).read_text(encoding="utf-8")
    assert page.count("<h1") == 1
    assert "<h1>US envoy in Minsk announces relief from potash sanctions</h1>" in page
    headings = re.findall(r"<h2 id=\"([^\"]*)", page)
    assert headings[:5] == [
        "what-the-move-consists-of", "the-days-around-it", "firms", "this-day-among-all-others", "what-else-happened",
    ]  # fmt: skip
    assert headings[-1] == "how-it-was-done"


def test_the_answer_pools_the_signed_events_and_says_what_the_choice_of_them_does(report, table):
    variants = table("pooled-variants").set_index("pool")
    counts = variants.iloc[0]
    assert counts["n_events"] == 9
    assert counts["randomization_pvalue"] > 0.05, "no effect, which is what the page has to say first"
    commentary = variants.loc["with events known from price commentary"]
    assert commentary["n_events"] == 11
    assert commentary["randomization_pvalue"] < counts["randomization_pvalue"], (
        "they are in the list because prices moved"
    )
    front = (report / "index.html").read_text(encoding="utf-8")
    assert "Neither supply news on average (+1.1\u00a0%) nor the relief of" in front
    assert "7 of tightening and 2 of relief" in front
    pool = json.loads((report / "highlights.json").read_text(encoding="utf-8"))["pool"]
    assert pool["average"] == pytest.approx(counts["average"], abs=1e-11)


def test_the_answer_has_the_parts_of_every_move_and_every_specification(table):
    moves = table("moves")
    rows = moves.dropna(subset="specific")
    np.testing.assert_allclose(rows[["market", "controls", "specific"]].sum(axis=1), rows["raw_return"], atol=1e-11)
    assert moves["event_id"].nunique() == 14, "those with a day inside the prices"
    assert len(table("specifications")) > 3_000
    assert set(table("space")["kind"]) == {"firm", "other"}
    assert (table("money")["market_value"] > 1e8).any()


def test_traps_in_the_data_are_shown(table):
    monthly = table("findings-monthly")
    repeated = monthly[monthly["kind"].str.contains("repeat")]
    assert repeated["start"].astype(str).str.contains("2017-02").any()
    assert monthly["kind"].str.contains("definition").any()
    daily = table("findings-daily")
    assert ((daily["series"] == "ICL") & (daily["kind"] == "adjustment differs")).any()
    assert set(daily["severity"]) == {"warning"}
    remarks = table("remarks-daily")
    assert ((remarks["series"] == "ICL") & (remarks["start"] == "2025-11-06")).any()
    assert set(remarks["severity"]) == {"info"}


WORKING_REMARKS = ("potash desk", "our id", "gold e", "look up", "looked up", "a trap: not public", "by hand")


def test_no_remark_of_those_who_keep_the_files_is_published(report):
    """What ``internal_note`` says, phrase by phrase, stands in no page, table or record of a report."""
    phrases = set(WORKING_REMARKS)
    for name in ("confounders.csv", "events.csv", "context_events.csv"):
        notes = pd.read_csv(ROOT / "data" / name, dtype=str)["internal_note"].dropna()
        phrases |= {part.lower() for note in notes for part in re.split(r"; |: ", note) if len(part.split()) > 2}
    assert len(phrases) > 40
    files = [
        path for path in report.rglob("*") if path.suffix in {".html", ".csv", ".json", ".ipynb", ".md", ".tex", ".svg"}
    ]
    assert len(files) > 50
    for path in files:
        text = path.read_text(encoding="utf-8").lower()
        assert not [phrase for phrase in phrases if phrase in text], path.name


def test_day_zero_table(table):
    frame = table("day-0")
    days = frame.drop_duplicates(["event_id", "exchange"]).set_index(["event_id", "exchange"])["session"]
    assert days[FLAGSHIP, "XTAE"] == "2025-12-14"
    assert {days[FLAGSHIP, exchange] for exchange in ("XNYS", "XTSE", "XETR", "XOSL", "XHKG")} == {"2025-12-15"}
    belavia = frame[(frame["event_id"] == "2025-09-11-belavia-relief") & (frame["exchange"] == "XNYS")]
    assert set(belavia["session"]) == {"2025-09-11"}
    assert belavia["ambiguous"].all()


def test_footer_names_snapshot_checksums_versions_and_parameters(report):
    footer = (report / PAGES[2]).read_text(encoding="utf-8").split("<footer")[1]
    for word in (
        "carried-",
        "daily_2024_2026.csv",
        "pandas",
        "statsmodels",
        "exchange",
        "estimation_window",
        "left_out",
    ):
        assert word in footer


def test_pages_hide_code_and_show_no_latex(report):
    for name in PAGES:
        page = (report / name).read_text(encoding="utf-8")
        assert "import potash" not in page
        assert "In [" not in page
        assert "$$" not in page
        assert dangers(page) == []


def test_a_workbook_holds_every_table_with_its_numbers_and_knows_what_they_are(report, tmp_path):
    (path,) = export_report(report, ["xlsx"], tmp_path)
    book = openpyxl.load_workbook(path)
    stacked = {sheet.title: [list(row) for row in sheet.iter_rows(min_row=3, values_only=True)] for sheet in book}
    manifest = json.loads((report / "manifest.json").read_text())
    rows = sum(item["rows"] for item in manifest["tables"])
    assert sum(len(sheet) - 1 for name, sheet in stacked.items() if name not in {"Contents", "Conventions"}) == rows
    unknown = {
        name
        for sheet in list(stacked.values())[1:-1]
        for name, *values in zip(*sheet, strict=True)
        if any(isinstance(value, float) for value in values) and column_of(name) is OTHER
    }
    assert not unknown, "a column of numbers that the conventions do not know"
    cars = [
        value
        for sheet in list(stacked.values())[1:-1]
        for name, *values in zip(*sheet, strict=True)
        if name == "CAR"
        for value in values
        if value is not None
    ]
    files = [pd.read_csv(report / item["file"]) for item in manifest["tables"]]
    expected = pd.concat([file["CAR"] for file in files if "CAR" in file]).dropna()
    assert len(cars) > 100
    np.testing.assert_array_equal(sorted(cars), sorted(expected))


def test_the_first_page_can_be_mailed(report, tmp_path):
    (path,) = export_report(report, ["md"], tmp_path)
    text = path.read_text(encoding="utf-8")
    front = json.loads((report / "highlights.json").read_text())
    assert text.startswith(f"**{front['answer']['sentence']}**")
    assert text.count("\n| 20") == len(front["events"])


@needs_chromium
@pytest.mark.browser
def test_pages_ask_for_nothing_when_opened_offline(report):
    with browser() as chromium:
        for name in ["index.html", *PAGES]:
            asked = chromium.requests((report / name).as_uri())
            assert not [url for url in asked if not url.startswith(("file:", "data:"))]


@needs_chromium
@pytest.mark.browser
@pytest.mark.skipif(axe_path() is None, reason="axe-core is not installed")
@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (1440, "dark"), (390, "light"), (390, "dark")])
def test_axe_finds_nothing_and_the_console_is_empty(report, width, scheme):
    with browser() as chromium:
        for path in sorted(report.glob("*.html")):
            assert violations(chromium, path, width, scheme) == []


@needs_chromium
@pytest.mark.browser
def test_every_picture_has_a_text_and_no_page_is_wider_than_a_phone(report):
    with browser() as chromium:
        for name in ["index.html", *PAGES]:
            chromium.open((report / name).as_uri())
            texts = chromium.evaluate("Array.from(document.images).map(i => i.alt)")
            assert all(len(text) > 20 for text in texts), name
            assert chromium.overflow(390) == 0, name


@pytest.mark.simulation  # half a minute; tests/report/test_job.py holds it for a small report in every run
def test_a_second_run_writes_the_same_bytes(report, tmp_path):
    done = run_report(tmp_path / "again", "--workers", "1", offline_log=tmp_path / "log")
    assert done.returncode == 0, done.stderr
    first = {p.relative_to(report): p.read_bytes() for p in sorted(report.rglob("*")) if p.is_file()}
    again = tmp_path / "again" / "latest"
    second = {p.relative_to(again): p.read_bytes() for p in sorted(again.rglob("*")) if p.is_file()}
    assert first.keys() == second.keys()
    assert [str(name) for name in first if first[name] != second[name]] == []


@pytest.fixture
def own_files(tmp_path):
    """A user's own prices and events: made-up shares around a made-up event, under tickers of the universe."""
    rng = np.random.default_rng(7)
    days = pd.DatetimeIndex(pd.read_csv(ROOT / "data" / "prices" / "daily_2024_2026.csv")["date"])[:200]
    market = rng.normal(0, 0.008, 200)
    moves = {
        t: market * b + rng.normal(0, 0.01, 200) for t, b in {"NTR": 1.0, "MOS": 1.2, "IPI": 0.8, "ICL": 0.9}.items()
    }
    for move in moves.values():
        move[180] += 0.12
    frame = pd.DataFrame({"SPY": market, **moves}, index=days).cumsum().apply(np.exp) * 50
    prices = tmp_path / "prices"
    prices.mkdir()
    frame.round(4).rename_axis("date").to_csv(prices / "mine.csv")
    events = tmp_path / "events.csv"
    events.write_text(
        "event_id,date,time,zone,title,expected_direction\n"
        f"planted,{days[180]:%Y-%m-%d},09:00,America/New_York,A planted rise,positive\n"
        f"late,{days[199]:%Y-%m-%d},09:00,America/New_York,Too late for the window,unclear\n"
    )
    return prices, events


def test_own_prices_and_events(own_files, tmp_path):
    prices, events = own_files
    out, notebooks = (
        tmp_path / "out",
        notebooks_of(tmp_path / "notebooks", "01-timeline", "03-event-study", "04-answer"),
    )
    options = ["--prices", prices, "--events", events, "--notebooks", notebooks]
    done = run_report(out, *options, offline_log=tmp_path / "log")
    assert done.returncode == 0, done.stderr
    tables = out / "latest" / "tables"
    verdicts = pd.read_csv(tables / "verdicts.csv")
    assert list(verdicts["outcome"].unique()) == ["effect"]
    assert verdicts["CAR"].iloc[0] == pytest.approx(0.12, abs=0.03)
    assert (tables / "firms-planted.csv").is_file()
    assert not (tables / "firms-late.csv").exists(), "the prices do not reach the end of its window"
    index = (out / "latest" / "index.html").read_text(encoding="utf-8")
    (answer,) = re.findall(r'<h1 class="answer">(.*?)</h1>', index)
    moved = re.fullmatch(r"The tightening of .* moved potash producers by \+(.*)\s%, as expected\.", answer)
    assert float(moved[1]) == round(100 * verdicts["CAR"].iloc[0], 1)
    assert "1 of 2 dated events studied" in index, "what cannot be studied is named"
    page = (out / "latest" / "04-answer.html").read_text(encoding="utf-8")
    assert "An effect: over 1 signed event the firms moved" in page, "and is not in the pool"
    assert "folder-" in index


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (
            lambda p, e: (p / "mine.csv").write_text("date,SPY,NTR\n2025-01-02,1,1\n2025-01-02,2,2\n"),
            ["2025-01-02", "mine.csv"],
        ),
        (
            lambda p, e: (p / "mine.csv").write_text("date,SPY,NTR\n2025-01-02,1,zero\n2025-01-03,2,2\n"),
            ["zero", "NTR"],
        ),
        (
            lambda p, e: (p / "mine.csv").write_text("date,SPY,WHAT\n2025-01-02,1,1\n2025-01-03,2,2\n"),
            ["WHAT", "universe"],
        ),
        (lambda p, e: (p / "mine.csv").write_text(""), ["empty"]),
        (lambda p, e: e.write_text("event_id,date\na,2025-02-30\n"), ["2025-02-30", "does not exist"]),
        (lambda p, e: e.write_text("event_id,date\na,2025-03-03\na,2025-03-04\n"), ["more than once"]),
    ],
    ids=["duplicate date", "text in a number", "unknown ticker", "empty file", "impossible date", "duplicate id"],
)
def test_bad_input_gives_one_message_before_any_kernel_starts(own_files, tmp_path, monkeypatch, spoil, words):
    prices, events = own_files
    spoil(prices, events)
    monkeypatch.setattr(making, "run_notebooks", lambda *_, **__: pytest.fail("a kernel started"))
    options = ["--out", tmp_path / "out", "--prices", prices, "--events", events]
    done = CliRunner().invoke(cli.app, ["report", *map(str, options)])
    assert done.exit_code == 2
    assert done.stderr.startswith("potash: error: ")
    assert done.stderr.count("\n") == 1
    for word in words:
        assert word in done.stderr
    assert not (tmp_path / "out").exists()


def test_missing_benchmark_says_what_to_do(own_files, tmp_path):
    prices, events = own_files
    frame = pd.read_csv(prices / "mine.csv")
    frame.drop(columns="SPY").to_csv(prices / "mine.csv", index=False)
    notebooks = notebooks_of(tmp_path / "notebooks", "03-event-study")
    done = run_report(
        tmp_path / "out", "--prices", prices, "--events", events, "--notebooks", notebooks, offline_log=tmp_path / "log"
    )
    assert done.returncode == 2
    (message,) = [line for line in done.stderr.splitlines() if line.startswith("potash: error:")]
    assert "market" in message
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out" / "latest").exists()
