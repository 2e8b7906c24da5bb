"""``potash doctor``: the state of each thing that potash needs, and the exit codes."""

import datetime as dt
import sqlite3
from importlib.metadata import PackageNotFoundError, version

import pandas as pd
import pytest

from potash.bundled import carried_files
from potash.cli import doctor
from potash.cli.doctor import Diagnosis, diagnose, probes
from potash.errors import ChecksumError, UnreachableError
from potash.market.providers.french import FILES, French
from potash.market.snapshots.freezing import freeze
from potash.market.store.store import PriceStore
from potash.universe import Universe, load_universe
from tests.market.store.made_up import CLOSES, NOON, answer, at
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

NOW = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("POTASH_HOME", str(tmp_path))
    monkeypatch.delenv("POTASH_STORE", raising=False)
    return tmp_path


def diagnoses(now=NOW, universe=None, **options):
    return {one.what: one for one in diagnose(now, universe or load_universe(), **options)}


def stored(home):
    with PriceStore(home / "prices.sqlite", create=True) as store:
        store.put(answer(CLOSES), at(NOON), asked_at=NOON)
        return freeze(store, home / "snapshots", "one", now=NOON + dt.timedelta(days=1), versions={})


def test_a_fresh_installation_is_well_and_has_no_prices_yet(home):
    seen = diagnoses()
    states = {what: one.state for what, one in seen.items()}
    assert "broken" not in states.values()
    assert "attention" not in states.values()
    assert (states["potash"], states["pandas"], states["carried data"]) == ("ok", "ok", "ok")
    assert states["price store"] == states["snapshots"] == states["calendar XAMM"] == "note"
    assert str(home / "prices.sqlite") in seen["price store"].detail
    assert seen["pandas"].detail == version("pandas")
    assert f"{len(carried_files())} files" in seen["carried data"].detail
    assert "APOT.AM" in seen["calendar XAMM"].detail
    assert list(home.iterdir()) == [], "looking makes nothing"


def test_a_store_and_snapshots_that_are_whole(home):
    stored(home)
    states = diagnoses()
    assert states["price store"].state == states["snapshots"].state == "ok"
    assert "1 series, whole" in states["price store"].detail
    assert states["snapshots"].detail.startswith("1 in ")
    assert diagnoses(store=str(home / "none.sqlite"))["price store"].state == "note"


def test_a_store_that_lost_a_value_is_broken(home):
    stored(home)
    with sqlite3.connect(home / "prices.sqlite") as connection:
        connection.execute("DELETE FROM points WHERE session = 20260107")
    connection.close()
    states = diagnoses()["price store"]
    assert states.state == "broken"
    assert "says 10 values and has 9" in states.detail
    assert "Restore it from a copy" in states.detail


@pytest.mark.parametrize("store", ["postgresql://someone:secret@127.0.0.1:1/none", "postgres:/nonsense://x"])
def test_a_store_that_cannot_be_reached_is_broken_and_its_password_is_not_told(home, store):
    states = diagnoses(store=store)["price store"]
    assert states.state == "broken"
    assert "secret" not in states.detail


def test_a_file_that_is_no_store_is_broken(home):
    (home / "prices.sqlite").write_text("date,NTR\n" * 50)
    states = diagnoses()["price store"]
    assert (states.state, "not a SQLite database" in states.detail) == ("broken", True)


def test_a_changed_snapshot_needs_attention(home):
    folder = stored(home).folder
    (folder / "daily.parquet").chmod(0o644)
    (folder / "daily.parquet").write_bytes(b"other")
    states = diagnoses()["snapshots"]
    assert (states.state, states.detail) == ("attention", "changed after they were written: one")


def test_a_calendar_that_ends_soon_needs_attention(home):
    universe = Universe(pd.DataFrame({"exchange": "XNYS", "currency": "USD"}, index=["NTR", "MOS"]))
    early, late = dt.datetime(2030, 11, 1, tzinfo=dt.UTC), dt.datetime(2030, 11, 2, tzinfo=dt.UTC)
    well = diagnoses(early, universe)["calendar XNYS"]
    assert (well.state, well.detail) == ("ok", "2000-01-01 to 2030-12-31")
    states = diagnoses(late, universe)["calendar XNYS"]
    assert states.state == "attention"
    assert "it ends in 59 days. Upgrade exchange_calendars, or NTR, MOS cannot be aligned" in states.detail


def test_packages_that_are_missing_or_too_old_are_broken(home, monkeypatch):
    def other(name):
        if name in {"scipy", "arch"}:
            raise PackageNotFoundError(name)
        return "0.1" if name == "pandas" else version(name)

    monkeypatch.setattr(doctor, "version", other)
    states = diagnoses()
    assert states["scipy"].state == states["pandas"].state == "broken"
    assert states["scipy"].detail.startswith("not installed; needed: ")
    assert states["pandas"].detail.startswith("0.1, and ")
    assert states["numpy"].state == "ok"
    assert (states["arch"].state, states["arch"].detail.endswith("pip install 'potash[garch]'")) == ("note", True)
    assert "pytest" not in states


def test_carried_data_that_were_changed_are_broken(home, monkeypatch):
    def changed(path):
        raise ChecksumError(f"{path}: changed")

    monkeypatch.setattr(doctor, "verified", changed)
    states = diagnoses()["carried data"]
    assert (states.state, states.detail.endswith(": changed")) == ("broken", True)


def test_providers_that_answer_and_that_do_not(home):
    def down(clock):
        raise UnreachableError("yahoo: no connection")

    states = diagnoses(providers={"french": lambda clock: f"asked at {clock():%Y-%m-%d}", "yahoo": down})
    assert (states["provider french"].state, states["provider french"].detail) == ("ok", "asked at 2026-03-02")
    assert (states["provider yahoo"].state, states["provider yahoo"].detail) == ("attention", "yahoo: no connection")
    assert not any(what.startswith("provider") for what in diagnoses())


def test_probes_ask_each_provider_for_little(monkeypatch):
    asked = []

    def fetch(self, symbol, first, last, now):
        asked.append((symbol, first, last, now))
        return answer(CLOSES, source="french 1")

    monkeypatch.setattr(French, "fetch", fetch)
    assert sorted(probes()) == ["french", "pink_sheet", "yahoo"]
    assert probes()["french"](lambda: NOW) == "french 1: rf to 2026-01-16"
    (one,) = asked
    assert one == ("rf", pd.Timestamp("2025-01-26"), pd.Timestamp("2026-03-02"), NOW)


# The command


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


def printed(done):
    """State and detail of each thing, from the lines of the command."""
    rows = [line.partition(": ") for line in lines_of(done.stdout + done.stderr)]
    return {head.split(" ", 1)[1]: (head.split(" ", 1)[0], detail) for head, _, detail in rows}


def test_all_is_well_is_code_0(reachable):
    reachable.pull("NTR", "MOS", "--quiet")
    reachable.prices("freeze", "one")
    done = reachable.potash("doctor")
    assert done.exit_code == 0, done.output
    assert done.stderr == ""
    states = printed(done)
    assert {state for state, _ in states.values()} == {"ok", "note"}
    assert states["price store"] == ("ok", f"{reachable.store}: 2 series, whole")
    assert states["snapshots"] == ("ok", f"1 in {reachable.home / 'snapshots'}, as they were written")
    assert states["pandas"] == ("ok", version("pandas"))
    assert states["calendar XAMM"] == ("note", "there is none; sessions of APOT.AM are taken as they come")
    assert states["provider yahoo"][1].endswith(": SPY to 2026-01-30")
    assert states["provider pink_sheet"][1].endswith(": potassium_chloride to 2025-12-01")
    assert states["provider french"][1].endswith(": rf to 2025-11-28")
    assert (reachable.potash("doctor", "--quiet").exit_code, reachable.potash("doctor", "--quiet").output) == (0, "")


def test_offline_asks_nobody_and_a_fresh_home_is_well(terminal):
    done = terminal.potash("doctor", "--offline")
    assert done.exit_code == 0, done.output
    assert terminal.market.requests == []
    states = printed(done)
    assert not [name for name in states if name.startswith("provider")]
    assert states["price store"] == ("note", f"none at {terminal.store}; potash prices pull makes one")
    assert states["snapshots"] == (
        "note",
        f"none in {terminal.home / 'snapshots'}; potash prices freeze NAME makes one",
    )
    assert not terminal.home.exists(), "it looks and makes nothing"


def test_a_provider_that_does_not_answer_is_code_3(reachable):
    reachable.market.fault("SPY", [fake.TOO_MANY], always=True)
    reachable.market.fault(lambda request: request.host == PAGE_HOST, [fake.DROPPED], always=True)
    done = reachable.potash("doctor")
    assert done.exit_code == 3
    states = printed(done)
    assert states["provider yahoo"][0] == "ATTENTION"
    assert "HTTP 429" in states["provider yahoo"][1]
    assert states["provider pink_sheet"][0] == "ATTENTION"
    assert PAGE_HOST in states["provider pink_sheet"][1]
    assert states["provider french"][0] == "ok"
    quiet = reachable.potash("doctor", "--quiet")
    assert (quiet.exit_code, quiet.stdout) == (3, "")
    assert [line.split(":")[0] for line in lines_of(quiet.stderr)] == [
        "ATTENTION provider yahoo",
        "ATTENTION provider pink_sheet",
    ]


def test_a_store_that_lost_a_row_is_code_4(terminal):
    terminal.pull("NTR", "--quiet")
    with sqlite3.connect(terminal.store) as database:
        (count,) = database.execute("SELECT count(*) FROM points").fetchone()
        database.execute("DELETE FROM points WHERE field = 'close' AND session = (SELECT max(session) FROM points)")
    database.close()
    done = terminal.potash("doctor", "--offline", "--quiet")
    assert done.exit_code == 4
    assert f"says {count} values and has {count - 1}. Restore it from a copy, or pull anew" in done.stderr
    assert done.stdout == ""


def test_a_store_with_damaged_pages_is_code_4(terminal):
    terminal.pull("NTR", "MOS", "--quiet")
    data = bytearray(terminal.store.read_bytes())
    # The first page stays: a file that is no database is another matter.
    data[4096 * 2 : 4096 * 6] = b"\xff" * (4096 * 4)
    terminal.store.write_bytes(data)
    done = terminal.potash("doctor", "--offline")
    assert done.exit_code == 4
    assert printed(done)["price store"][0] == "BROKEN"
    assert "damaged" in printed(done)["price store"][1]


def test_what_is_broken_outweighs_what_needs_attention(terminal, monkeypatch):
    states = [Diagnosis("a", "attention", "x"), Diagnosis("b", "broken", "y")]
    monkeypatch.setattr(doctor, "diagnose", lambda *_: iter(states))
    assert terminal.potash("doctor", "--offline").exit_code == 4
    states.pop()
    assert terminal.potash("doctor", "--offline").exit_code == 3


def test_a_universe_that_cannot_be_read_is_code_2(terminal, tmp_path):
    done = terminal.potash("doctor", "--offline", "--universe", tmp_path / "gone.csv")
    assert done.exit_code == 2
    assert done.stderr.startswith("potash: error: ")
    assert "gone.csv" in done.stderr
