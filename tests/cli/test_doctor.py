"""What the doctor looks at, and what state it finds each in."""

import datetime as dt
import sqlite3
from importlib.metadata import PackageNotFoundError, version

import pandas as pd
import pytest

from potash.bundled import carried_files
from potash.cli import doctor
from potash.cli.doctor import diagnose, probes
from potash.errors import ChecksumError, UnreachableError
from potash.market.providers.french import French
from potash.market.snapshots.freezing import freeze
from potash.market.store.store import PriceStore
from potash.universe import Universe, load_universe
from tests.market.store.made_up import CLOSES, NOON, answer, at

NOW = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("POTASH_HOME", str(tmp_path))
    monkeypatch.delenv("POTASH_STORE", raising=False)
    return tmp_path


def found(now=NOW, universe=None, **options):
    return {one.what: one for one in diagnose(now, universe or load_universe(), **options)}


def made(home):
    with PriceStore(home / "prices.sqlite", create=True) as store:
        store.put(answer(CLOSES), at(NOON), asked_at=NOON)
        return freeze(store, home / "snapshots", "one", now=NOON + dt.timedelta(days=1), versions={})


def test_a_fresh_installation_is_well_and_has_no_prices_yet(home):
    got = found()
    states = {what: one.state for what, one in got.items()}
    assert "broken" not in states.values()
    assert "attention" not in states.values()
    assert (states["potash"], states["pandas"], states["carried data"]) == ("ok", "ok", "ok")
    assert states["price store"] == states["snapshots"] == states["calendar XAMM"] == "note"
    assert str(home / "prices.sqlite") in got["price store"].detail
    assert got["pandas"].detail == version("pandas")
    assert f"{len(carried_files())} files" in got["carried data"].detail
    assert "APOT.AM" in got["calendar XAMM"].detail
    assert list(home.iterdir()) == [], "looking makes nothing"


def test_a_store_and_snapshots_that_are_whole(home):
    made(home)
    got = found()
    assert got["price store"].state == got["snapshots"].state == "ok"
    assert "1 series, whole" in got["price store"].detail
    assert got["snapshots"].detail.startswith("1 in ")
    assert found(store=str(home / "none.sqlite"))["price store"].state == "note"


def test_a_store_that_lost_a_value_is_broken(home):
    made(home)
    with sqlite3.connect(home / "prices.sqlite") as connection:
        connection.execute("DELETE FROM points WHERE session = 20260107")
    connection.close()
    got = found()["price store"]
    assert got.state == "broken"
    assert "says 10 values and has 9" in got.detail
    assert "Restore it from a copy" in got.detail


@pytest.mark.parametrize("store", ["postgresql://someone:secret@127.0.0.1:1/none", "postgres:/nonsense://x"])
def test_a_store_that_cannot_be_reached_is_broken_and_its_password_is_not_told(home, store):
    got = found(store=store)["price store"]
    assert got.state == "broken"
    assert "secret" not in got.detail


def test_a_file_that_is_no_store_is_broken(home):
    (home / "prices.sqlite").write_text("date,NTR\n" * 50)
    got = found()["price store"]
    assert (got.state, "not a SQLite database" in got.detail) == ("broken", True)


def test_a_changed_snapshot_needs_attention(home):
    folder = made(home).folder
    (folder / "daily.parquet").chmod(0o644)
    (folder / "daily.parquet").write_bytes(b"other")
    got = found()["snapshots"]
    assert (got.state, got.detail) == ("attention", "changed after they were written: one")


def test_a_calendar_that_ends_soon_needs_attention(home):
    universe = Universe(pd.DataFrame({"exchange": "XNYS", "currency": "USD"}, index=["NTR", "MOS"]))
    early, late = dt.datetime(2030, 11, 1, tzinfo=dt.UTC), dt.datetime(2030, 11, 2, tzinfo=dt.UTC)
    well = found(early, universe)["calendar XNYS"]
    assert (well.state, well.detail) == ("ok", "2000-01-01 to 2030-12-31")
    got = found(late, universe)["calendar XNYS"]
    assert got.state == "attention"
    assert "it ends in 59 days. Upgrade exchange_calendars, or NTR, MOS cannot be aligned" in got.detail


def test_packages_that_are_missing_or_too_old_are_broken(home, monkeypatch):
    def other(name):
        if name in {"scipy", "arch"}:
            raise PackageNotFoundError(name)
        return "0.1" if name == "pandas" else version(name)

    monkeypatch.setattr(doctor, "version", other)
    got = found()
    assert got["scipy"].state == got["pandas"].state == "broken"
    assert got["scipy"].detail.startswith("not installed; needed: ")
    assert got["pandas"].detail.startswith("0.1, and ")
    assert got["numpy"].state == "ok"
    assert (got["arch"].state, got["arch"].detail.endswith("pip install 'potash[garch]'")) == ("note", True)
    assert "pytest" not in got


def test_carried_data_that_were_changed_are_broken(home, monkeypatch):
    def changed(path):
        raise ChecksumError(f"{path}: changed")

    monkeypatch.setattr(doctor, "verified", changed)
    got = found()["carried data"]
    assert (got.state, got.detail.endswith(": changed")) == ("broken", True)


def test_providers_that_answer_and_that_do_not(home):
    def down(clock):
        raise UnreachableError("yahoo: no connection")

    got = found(providers={"french": lambda clock: f"asked at {clock():%Y-%m-%d}", "yahoo": down})
    assert (got["provider french"].state, got["provider french"].detail) == ("ok", "asked at 2026-03-02")
    assert (got["provider yahoo"].state, got["provider yahoo"].detail) == ("attention", "yahoo: no connection")
    assert not any(what.startswith("provider") for what in found())


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
