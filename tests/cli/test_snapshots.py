"""``potash prices check``, ``crosscheck``, ``freeze``, ``snapshots``, ``diff`` and ``potash report --snapshot``."""

from __future__ import annotations

import datetime as dt
import json

import numpy as np
import pandas as pd
import pytest

from potash.market.load import load_snapshot
from potash.report import job
from tests.report.made_up import write_notebook
from tests.support.fake_market.files import WorldBank, document, made_up_prices, repeated, workbook
from tests.support.fake_market.server import FakeMarket
from tests.support.prices_market import (
    FRIDAY,
    MONDAY,
    SESSIONS,
    digest,
    lines_of,
    make_terminal,
    stock,
    until,
    write_bars,
)


@pytest.fixture
def terminal(tmp_path, monkeypatch):
    with FakeMarket() as market:
        yield make_terminal(market, tmp_path / "home", monkeypatch)


@pytest.fixture
def stocked(terminal):
    """A terminal that pulled both listings."""
    return stock(terminal)


# ------------------------------------------------------------------------------------------------------------ check


@pytest.fixture
def faulty(stocked):
    """A terminal whose second pull brought a split of MOS that its prices show too."""
    stocked.listing("MOS").add_split("2025-12-31", 2)
    stocked.now = MONDAY
    assert stocked.pull("NTR", "MOS", "--full").exit_code == 0
    return stocked


def test_check_finds_errors_of_today_and_none_of_then(faulty, tmp_path):
    out = tmp_path / "findings.csv"
    done = faulty.prices("check", "--csv", out)
    assert done.exit_code == 4
    assert "error: MOS 2025-12-31 split applied twice:" in done.stdout
    assert done.stdout.splitlines()[-1].startswith("store-")
    assert done.stdout.splitlines()[-1].endswith(": 2 tickers: 1 error, 0 warnings, 0 info.")
    table = pd.read_csv(out)
    assert list(table.columns) == ["series", "kind", "severity", "start", "end", "detail", "suggestion"]
    assert table[["series", "kind", "severity", "start"]].to_numpy().tolist() == [
        ["MOS", "split_applied_twice", "error", "2025-12-31"]
    ]
    assert faulty.prices("check", "NTR").exit_code == 0
    then = faulty.prices("check", "--as-of", "2026-01-30")
    assert then.exit_code == 0
    assert then.stdout.splitlines()[-1].endswith(": 2 tickers: 0 errors, 0 warnings, 0 info.")
    quiet = faulty.prices("check", "--quiet")
    assert (quiet.exit_code, quiet.stdout) == (4, "")
    assert "1 error" in quiet.stderr
    assert faulty.prices("check", "NTR", "--quiet").output == ""


def test_check_before_the_first_pull_knows_nothing(stocked):
    done = stocked.prices("check", "--as-of", "2026-01-29")
    assert done.exit_code == 2
    assert (
        "as of 2026-01-29, no daily prices of yahoo, files. The first pull was at 2026-01-30T22:30:00Z." in done.stderr
    )
    assert stocked.prices("check", "--as-of", "yesterday").exit_code == 2


def test_check_of_a_folder_and_of_a_snapshot(faulty, tmp_path):
    folder = write_bars(tmp_path / "mine", "NTR", until(faulty.listing("NTR").bars, FRIDAY))
    plain = faulty.prices("check", "--prices", folder)
    assert plain.exit_code == 0
    assert "not stated" not in plain.stdout
    everything = faulty.prices("check", "--prices", folder, "--severity", "info")
    assert everything.exit_code == 0
    assert "info: NTR 2025-09-02..2026-01-30 adjustment not stated:" in everything.stdout
    faulty.prices("freeze", "then", "--as-of", "2026-01-30")
    faulty.prices("freeze", "now")
    assert faulty.prices("check", "--snapshot", "then").exit_code == 0
    now = faulty.prices("check", "--snapshot", "now", "--severity", "error")
    assert now.exit_code == 4
    assert "split applied twice" in now.stdout
    faulty.store.unlink()
    assert faulty.prices("check", "--snapshot", "then").exit_code == 0, "a snapshot needs no store"


def test_check_also_reads_the_monthly_prices(stocked):
    bank, prices = WorldBank(stocked.market), made_up_prices("2015-01", "2025-12")
    bank.publish(document(2026), workbook(repeated(prices, "2025-02", of="2024-02")))
    stocked.pull("potassium_chloride", "dap", "urea", "--provider", "pink_sheet", "--since", "2015-01-01")
    told = stocked.prices("check").stdout
    assert "2025-02-01..2025-02-28 repeated block:" in told
    assert "potassium_chloride" in told
    assert "potassium_chloride" not in stocked.prices("check", "NTR").stdout


CHECK_MISUSE = {
    "severity": (["--severity", "grave"], "--severity='grave' is not known"),
    "two places": (["--snapshot", "carried", "--prices", "."], "snapshot"),
    "as-of of a snapshot": (["--snapshot", "carried", "--as-of", "2026-01-30"], "belong to the store"),
    "no such ticker": (["NTX"], "holds no daily prices of 'NTX' (did you mean 'NTR'?)"),
    "no such snapshot": (["--snapshot", "gone"], "there is no snapshot 'gone'"),
    "unwritable": (["--csv", "nowhere/findings.csv"], "Give another file with --csv."),
}


@pytest.mark.parametrize(("arguments", "words"), CHECK_MISUSE.values(), ids=CHECK_MISUSE)
def test_misuse_of_check_is_one_message_and_code_2(stocked, arguments, words):
    done = stocked.prices("check", *arguments)
    assert done.exit_code == 2
    assert words in done.stderr
    assert done.stderr.count("\n") == 1


# ------------------------------------------------------------------------------------------------------- crosscheck


def test_sources_that_agree_are_code_0(stocked, tmp_path):
    folder = write_bars(tmp_path / "mine", "NTR", stocked.stored("NTR"))
    done = stocked.prices("crosscheck", "NTR", "--against", folder)
    assert done.exit_code == 0, done.output
    assert done.stdout == (
        f"NTR: {len(SESSIONS)} common sessions, 0 only in yahoo, 0 only in mine; returns differ by 0.00% at most, 0.0% of "
        "them beyond 0.05% and rounding.\n"
    )


@pytest.fixture
def without_dividend(stocked, tmp_path):
    """A terminal where Yahoo tells of a dividend, and a folder whose adjusted closes lack it."""
    folder = write_bars(tmp_path / "mine", "NTR", stocked.stored("NTR"))
    stocked.listing("NTR").add_dividend("2025-12-31", 1.5)
    stocked.now = MONDAY
    assert stocked.pull("NTR", "--full").exit_code == 0
    return stocked, folder


def test_a_folder_that_lacks_a_dividend_is_code_4(without_dividend):
    terminal, folder = without_dividend
    done = terminal.prices("crosscheck", "NTR", "--against", folder)
    assert done.exit_code == 4
    assert "NTR 2025-12-31 dividend lacking:" in done.stdout
    quiet = terminal.prices("crosscheck", "NTR", "--against", folder, "--quiet")
    assert (quiet.exit_code, quiet.output) == (4, "")
    then = terminal.prices("crosscheck", "NTR", "--against", folder, "--as-of", "2026-01-30")
    assert then.exit_code == 0, then.output


def test_a_provider_of_the_store_that_lacks_a_dividend_is_code_4(without_dividend):
    terminal, folder = without_dividend
    terminal.pull("--provider", "files", "--folder", folder, "--quiet")
    for arguments in (["--against", "files"], ["--provider", "files", "--against", "yahoo"]):
        done = terminal.prices("crosscheck", "NTR", *arguments)
        assert done.exit_code == 4
        assert "NTR 2025-12-31 dividend lacking:" in done.stdout
    terminal.prices("freeze", "then", "--as-of", "2026-01-30")
    from_then = ("crosscheck", "NTR", "--snapshot", "then", "--against", "yahoo")
    assert terminal.prices(*from_then).exit_code == 4
    assert terminal.prices(*from_then, "--as-of", "2026-01-30").exit_code == 0


CROSS_MISUSE = {
    "no such place": (["NTR", "--against", "gone"], "there is no snapshot 'gone'"),
    "no such ticker": (["NTX", "--against", "yahoo"], "(did you mean 'NTR'?)"),
    "two first sources": (
        ["NTR", "--snapshot", "carried", "--provider", "yahoo", "--against", "yahoo"],
        "--snapshot and --provider",
    ),
    "with itself": (["NTR", "--against", "yahoo"], "yahoo"),
}


@pytest.mark.parametrize(("arguments", "words"), CROSS_MISUSE.values(), ids=CROSS_MISUSE)
def test_misuse_of_crosscheck_is_one_message_and_code_2(stocked, arguments, words):
    done = stocked.prices("crosscheck", *arguments)
    assert done.exit_code == 2
    assert words in done.stderr
    assert done.stderr.count("\n") == 1


# ------------------------------------------------------------------------------------------------- frozen snapshots


def test_a_snapshot_is_frozen_once(stocked):
    done = stocked.prices("freeze", "one")
    assert done.exit_code == 0
    folder = stocked.home / "snapshots" / "one"
    assert done.stdout.splitlines() == [
        "Snapshot one: 2 series to 2026-01-30, as of 2026-01-30T22:30:00Z.",
        f"Folder: {folder}",
        "Run the study on it: potash report --snapshot one",
    ]
    before = {path.name: digest(path) for path in folder.iterdir()}
    again = stocked.prices("freeze", "one")
    assert again.exit_code == 2
    assert "the name is taken, and a snapshot is never written over. Choose another name." in again.stderr
    assert {path.name: digest(path) for path in folder.iterdir()} == before
    assert stocked.prices("freeze", "Not A Name").exit_code == 2
    assert [path.name for path in folder.parent.iterdir()] == ["one"]


def test_a_snapshot_of_the_past_is_what_was_known_then(stocked, tmp_path):
    stocked.prices("freeze", "early")
    stocked.listing("NTR").add_dividend("2026-02-02", 0.55)
    stocked.now = MONDAY
    stocked.pull("NTR", "MOS", "--quiet")
    late = stocked.prices("freeze", "late", "--as-of", "2026-01-30")
    assert late.exit_code == 0
    assert "Snapshot late: 2 series to 2026-01-30, as of 2026-01-30." in late.stdout
    same = stocked.prices("diff", "early", "late")
    assert (same.exit_code, same.stdout) == (0, "early -> late: the same content.\n")
    future = stocked.prices("freeze", "future", "--as-of", "2026-02-03")
    assert future.exit_code == 2
    assert "lies after the present moment (2026-02-02T22:30Z)" in future.stderr
    early = stocked.prices("freeze", "before", "--as-of", "2026-01-29")
    assert early.exit_code == 2
    assert "knew, as of 2026-01-29, no daily prices" in early.stderr
    mine = stocked.prices("freeze", "mos", "MOS", "--folder", tmp_path / "elsewhere")
    assert f"potash report --snapshot {tmp_path / 'elsewhere' / 'mos'}" in mine.stdout
    assert "Snapshot mos: 1 series to 2026-02-02" in mine.stdout


def test_snapshots_are_listed_and_a_changed_one_is_code_4(stocked):
    none = stocked.prices("snapshots")
    assert none.exit_code == 0
    assert none.stdout.splitlines()[-1] == f"0 snapshots in {stocked.home / 'snapshots'}"
    stocked.prices("freeze", "a")
    stocked.prices("freeze", "b", "NTR")
    done = stocked.prices("snapshots")
    assert done.exit_code == 0
    lines = lines_of(done.stdout)
    assert lines[0].startswith("carried: what the project carries, ")
    assert lines[1] == "name as_of created series first last digest intact"
    start = "a 2026-01-30T22:30:00Z 2026-01-30 22:30 2 2025-09-02 2026-01-30 "
    assert lines[2].startswith(start)
    assert [line.rsplit(" ", 1)[1] for line in lines[2:4]] == ["yes", "yes"]
    table = stocked.home / "snapshots" / "a" / "daily.parquet"
    data = bytearray(table.read_bytes())
    data[len(data) // 2] ^= 1
    table.chmod(0o644)
    table.write_bytes(data)
    changed = stocked.prices("snapshots")
    assert changed.exit_code == 4
    assert [line.rsplit(" ", 1)[1] for line in lines_of(changed.stdout)[2:4]] == ["NO", "yes"]
    refused = stocked.prices("check", "--snapshot", "a")
    assert refused.exit_code == 2
    assert "daily.parquet" in refused.stderr


def test_diff_tells_values_and_returns_apart(stocked):
    stocked.prices("freeze", "old")
    close = stocked.listing("NTR").bars["close"]
    stocked.listing("NTR").add_dividend("2025-12-31", 0.55)
    stocked.now = MONDAY
    stocked.pull("NTR", "--full", "--quiet")
    stocked.prices("freeze", "new")
    done = stocked.prices("diff", "old", "new")
    assert done.exit_code == 4
    day, before = pd.Timestamp("2025-12-31"), pd.Timestamp("2025-12-30")
    past = SESSIONS.get_loc(day)
    factor = 1 - 0.55 / close[before]
    was, now = close[day] / close[before] - 1, close[day] / (close[before] * factor) - 1
    lines = done.stdout.splitlines()
    assert lines[0] == "old -> new: differences."
    assert (
        f"  yahoo:NTR adj_close: {past} of {len(SESSIONS)} changed, 2025-09-02..2025-12-30, all by the factor {factor:.6g}"
        in lines
    )
    assert (
        f"  yahoo:NTR adj_close: 1 of {len(SESSIONS) - 1}, most on 2025-12-31: {100 * was:+.3f} % -> {100 * now:+.3f} %"
    ) in lines
    assert "MOS" not in done.stdout
    assert stocked.prices("diff", "old", "old").exit_code == 0


def test_diff_by_ticker_and_its_misuse(stocked, tmp_path):
    folder = write_bars(tmp_path / "mine", "NTR", stocked.stored("NTR"))
    stocked.pull("--provider", "files", "--folder", folder, "--quiet")
    stocked.prices("freeze", "yahoo", "NTR", "--provider", "yahoo")
    stocked.prices("freeze", "files", "NTR", "--provider", "files")
    by_series = stocked.prices("diff", "yahoo", "files").stdout
    assert f"  files:NTR (NTR) only in the new one: {len(SESSIONS)} sessions, 2025-09-02..2026-01-30" in by_series
    by_ticker = stocked.prices("diff", "yahoo", "files", "--by", "ticker")
    assert by_ticker.exit_code == 4, "facts differ"
    assert by_ticker.stdout.count("\n  none") == 3, "no series of one only, no value, no return"
    wrong = stocked.prices("diff", "yahoo", "files", "--by", "name")
    assert wrong.exit_code == 2
    assert "--by='name' is not known" in wrong.stderr
    assert "did you mean 'yahoo'?" in stocked.prices("diff", "yaho", "files").stderr
    assert stocked.prices("diff", "carried", "yahoo").exit_code == 4


# ----------------------------------------------------------------------------------------------------------- report

READS = [
    "# Prices of a folder",
    "out_folder = None\nprices_folder = None",
    "import potash\nfrom potash.report import Publisher\npublish = Publisher(out_folder)",
    'publish.table(potash.load_prices(prices_folder), "prices", "Prices as they came")',
]


def test_a_report_reads_the_snapshot_and_not_the_store(stocked, tmp_path):
    stocked.prices("freeze", "one")
    shown = stocked.stored("NTR")["adj_close"]
    stocked.listing("NTR").add_dividend("2025-12-31", 0.55)
    stocked.pull("NTR", "--full", "--quiet")
    write_notebook(tmp_path / "n" / "01-reads.ipynb", READS)
    done = stocked.potash("report", "--snapshot", "one", "--out", tmp_path / "out", "--notebooks", tmp_path / "n")
    assert done.exit_code == 0, done.output
    table = pd.read_csv(tmp_path / "out/latest/tables/prices.csv", index_col=0, parse_dates=True)
    np.testing.assert_allclose(table["NTR"], shown, rtol=1e-9)
    name = load_snapshot(snapshot="one").name
    assert name.startswith("one-")
    assert json.loads((tmp_path / "out/latest/manifest.json").read_text())["data"]["snapshot"] == name


def test_a_report_of_the_carried_prices_by_name(terminal, monkeypatch):
    given = []

    def build_report(out, **options):
        given.append(options["prices"])
        return job.ReportResult(out, out / "index.html", (), (), (), 0.0)

    monkeypatch.setattr(job, "build_report", build_report)
    done = terminal.potash("report", "--snapshot", "carried", "--quiet")
    assert done.exit_code == 0, done.output
    assert given == [None]


def test_a_report_of_two_places_or_of_no_snapshot_is_refused(stocked, tmp_path):
    both = stocked.potash("report", "--snapshot", "one", "--prices", tmp_path, "--out", tmp_path / "out")
    assert both.exit_code == 2
    assert "--snapshot and --prices name two sources of prices. Give one." in both.stderr
    stocked.prices("freeze", "one")
    gone = stocked.potash("report", "--snapshot", "on", "--out", tmp_path / "out")
    assert gone.exit_code == 2
    assert "there is no snapshot 'on' (did you mean 'one'?)" in gone.stderr
    assert not (tmp_path / "out").exists()


def test_a_store_of_monthly_prices_alone_is_checked_and_frozen(terminal):
    bank = WorldBank(terminal.market)
    terminal.now = dt.datetime(2026, 6, 15, 12, tzinfo=dt.UTC)
    bank.publish(document(2026), workbook(repeated(made_up_prices(last="2026-05"))))
    assert terminal.prices("pull", "--provider", "pink_sheet").exit_code == 0
    done = terminal.prices("check")
    assert done.exit_code == 4
    assert "repeated block: 2017-02 repeats 2016-02 exactly" in done.stdout
    assert done.stdout.splitlines()[-1].startswith("no daily prices; monthly prices and factors: ")
    named = terminal.prices("check", "NTR")
    assert named.exit_code == 2
    assert "no daily prices" in named.stderr
    frozen = terminal.prices("freeze", "months")
    assert frozen.exit_code == 0
    assert "potash report" not in frozen.stdout
    assert terminal.prices("check", "--snapshot", "months").exit_code == 4
