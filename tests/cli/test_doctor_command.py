"""``potash doctor``: every state that it tells, and its exit codes."""

from __future__ import annotations

import datetime as dt
import importlib.metadata
import sqlite3

import pytest

from potash import bundled as carried
from potash.cli import doctor
from potash.cli.doctor import CALENDAR_DAYS, Diagnosis
from potash.market.providers.french import FILES
from tests.support.fake_market import yahoo as fake
from tests.support.fake_market.files import (
    PAGE_HOST,
    KenFrench,
    WorldBank,
    document,
    factor_zip,
    made_up_factors,
    made_up_prices,
    workbook,
)
from tests.support.fake_market.server import FakeMarket
from tests.support.fake_market.yahoo import random_walk
from tests.support.prices_market import FIRST, lines_of, make_terminal


@pytest.fixture
def terminal(tmp_path, monkeypatch):
    with FakeMarket() as market:
        yield make_terminal(market, tmp_path / "home", monkeypatch)


@pytest.fixture
def reachable(terminal):
    """A terminal whose three providers answer."""
    terminal.yahoo.listings["SPY"] = random_walk("SPY", "XNYS", FIRST, "2026-01-30")
    WorldBank(terminal.market).publish(document(2026), workbook(made_up_prices("2023-01", "2025-12")))
    name, columns = next(iter(FILES.items()))
    KenFrench(terminal.market, {name: factor_zip(made_up_factors(list(columns.values()), last="2025-11-28"))})
    return terminal


def told(done):
    """Return state and detail of each thing."""
    rows = [line.partition(": ") for line in lines_of(done.stdout + done.stderr)]
    return {head.split(" ", 1)[1]: (head.split(" ", 1)[0], detail) for head, _, detail in rows}


def test_all_is_well_is_code_0(reachable):
    reachable.pull("NTR", "MOS", "--quiet")
    reachable.prices("freeze", "one")
    done = reachable.potash("doctor")
    assert done.exit_code == 0, done.output
    assert done.stderr == ""
    found = told(done)
    assert {state for state, _ in found.values()} == {"ok", "note"}
    assert found["price store"] == ("ok", f"{reachable.store}: 2 series, whole")
    assert found["snapshots"] == ("ok", f"1 in {reachable.home / 'snapshots'}, as they were written")
    assert found["pandas"] == ("ok", importlib.metadata.version("pandas"))
    assert found["calendar XAMM"] == ("note", "there is none; sessions of APOT.AM are taken as they come")
    assert found["provider yahoo"][1].endswith(": SPY to 2026-01-30")
    assert found["provider pink_sheet"][1].endswith(": potassium_chloride to 2025-12-01")
    assert found["provider french"][1].endswith(": rf to 2025-11-28")
    assert (reachable.potash("doctor", "--quiet").exit_code, reachable.potash("doctor", "--quiet").output) == (0, "")


def test_offline_asks_nobody_and_a_fresh_home_is_well(terminal):
    done = terminal.potash("doctor", "--offline")
    assert done.exit_code == 0, done.output
    assert terminal.market.requests == []
    found = told(done)
    assert not [name for name in found if name.startswith("provider")]
    assert found["price store"] == ("note", f"none at {terminal.store}; potash prices pull makes one")
    assert found["snapshots"] == ("note", f"none in {terminal.home / 'snapshots'}; potash prices freeze NAME makes one")
    assert not terminal.home.exists(), "it looks and makes nothing"


def test_a_provider_that_does_not_answer_is_code_4(reachable):
    reachable.market.fault("SPY", [fake.TOO_MANY], always=True)
    reachable.market.fault(lambda request: request.host == PAGE_HOST, [fake.DROPPED], always=True)
    done = reachable.potash("doctor")
    assert done.exit_code == 4
    found = told(done)
    assert found["provider yahoo"][0] == "ATTENTION"
    assert "HTTP 429" in found["provider yahoo"][1]
    assert found["provider pink_sheet"][0] == "ATTENTION"
    assert PAGE_HOST in found["provider pink_sheet"][1]
    assert found["provider french"][0] == "ok"
    quiet = reachable.potash("doctor", "--quiet")
    assert (quiet.exit_code, quiet.stdout) == (4, "")
    assert [line.split(":")[0] for line in lines_of(quiet.stderr)] == [
        "ATTENTION provider yahoo",
        "ATTENTION provider pink_sheet",
    ]


def test_a_tampered_snapshot_is_code_4_and_named(terminal):
    terminal.pull("NTR", "--quiet")
    terminal.prices("freeze", "one")
    terminal.prices("freeze", "two")
    table = terminal.home / "snapshots" / "two" / "daily.parquet"
    table.chmod(0o644)
    table.write_bytes(table.read_bytes() + b" ")
    done = terminal.potash("doctor", "--offline")
    assert done.exit_code == 4
    assert told(done)["snapshots"] == ("ATTENTION", "changed after they were written: two")


def test_a_file_that_is_no_store_is_code_1(terminal, tmp_path):
    letter = tmp_path / "letter.txt"
    letter.write_text("a letter to a friend, long enough to be no empty database\n" * 99)
    done = terminal.potash("doctor", "--offline", "--store", letter)
    assert done.exit_code == 1
    state, detail = told(done)["price store"]
    assert state == "BROKEN"
    assert "is not a SQLite database" in detail


def test_a_store_that_lost_a_row_is_code_1(terminal):
    terminal.pull("NTR", "--quiet")
    with sqlite3.connect(terminal.store) as database:
        (count,) = database.execute("SELECT count(*) FROM points").fetchone()
        database.execute("DELETE FROM points WHERE field = 'close' AND session = (SELECT max(session) FROM points)")
    database.close()
    done = terminal.potash("doctor", "--offline", "--quiet")
    assert done.exit_code == 1
    assert f"says {count} values and has {count - 1}. Restore it from a copy, or pull anew" in done.stderr
    assert done.stdout == ""


def test_a_store_with_damaged_pages_is_code_1(terminal):
    terminal.pull("NTR", "MOS", "--quiet")
    data = bytearray(terminal.store.read_bytes())
    # The first page stays: a file that is no database is another matter.
    data[4096 * 2 : 4096 * 6] = b"\xff" * (4096 * 4)
    terminal.store.write_bytes(data)
    done = terminal.potash("doctor", "--offline")
    assert done.exit_code == 1
    assert told(done)["price store"][0] == "BROKEN"
    assert "damaged" in told(done)["price store"][1]


@pytest.mark.parametrize(
    ("change", "detail"),
    [(None, "not installed; needed: >=15"), ("1.0", "1.0, and >=15 is needed: install it with pip")],
)
def test_a_package_that_is_missing_or_old_is_code_1(terminal, monkeypatch, change, detail):
    real = doctor.version

    def version(name):
        if name != "pyarrow":
            return real(name)
        if change is None:
            raise importlib.metadata.PackageNotFoundError(name)
        return change

    monkeypatch.setattr(doctor, "version", version)
    done = terminal.potash("doctor", "--offline")
    assert done.exit_code == 1
    assert told(done)["pyarrow"] == ("BROKEN", detail)
    assert told(done)["pandas"][0] == "ok"


def test_a_carried_file_that_is_not_as_described_is_code_1(terminal, monkeypatch):
    row = carried.carried_files()["universe.csv"]
    monkeypatch.setattr(doctor, "carried_files", lambda: {"gone.csv": row})
    done = terminal.potash("doctor", "--offline")
    assert done.exit_code == 1
    state, detail = told(done)["carried data"]
    assert state == "BROKEN"
    assert "gone.csv" in detail


def test_a_calendar_that_ends_soon_is_code_4(terminal):
    _, last = doctor.calendar_range("XSHE")
    terminal.now = dt.datetime.combine(last.date(), dt.time(12), dt.UTC) - dt.timedelta(days=CALENDAR_DAYS - 1)
    done = terminal.potash("doctor", "--offline")
    assert done.exit_code == 4
    state, detail = told(done)["calendar XSHE"]
    assert state == "ATTENTION"
    assert f"it ends in {CALENDAR_DAYS - 1} days. Upgrade exchange_calendars, or 000792.SZ" in detail
    terminal.now -= dt.timedelta(days=2)
    assert told(terminal.potash("doctor", "--offline"))["calendar XSHE"][0] == "ok"


def test_what_is_broken_outweighs_what_needs_attention(terminal, monkeypatch):
    found = [Diagnosis("a", "attention", "x"), Diagnosis("b", "broken", "y")]
    monkeypatch.setattr(doctor, "diagnose", lambda *_: iter(found))
    assert terminal.potash("doctor", "--offline").exit_code == 1
    found.pop()
    assert terminal.potash("doctor", "--offline").exit_code == 4


def test_a_universe_that_cannot_be_read_is_code_1(terminal, tmp_path):
    done = terminal.potash("doctor", "--offline", "--universe", tmp_path / "gone.csv")
    assert done.exit_code == 1
    assert done.stderr.startswith("potash: error: ")
    assert "gone.csv" in done.stderr
