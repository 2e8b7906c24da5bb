"""Without a network: a pull says what it could not reach and stores nothing, and a study of a frozen snapshot runs."""

from __future__ import annotations

import datetime as dt
import json
import shutil
import socket
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from potash.calendars import sessions_between
from potash.market.load import load_snapshot
from potash.market.series import PriceSeries, SeriesKey
from potash.market.snapshots.freezing import freeze
from potash.market.store.store import PriceStore
from tests.support.prices_market import ROOT, potash_process

NOW = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)
READ_PRICES = ("02-prices", "03-event-study", "04-answer", "90-methods")
TICKERS = ("SPY", "NTR", "MOS", "ICL", "IPI", "CF")
MONTHLY = ("potassium_chloride", "dap", "urea", "maize", "soybeans")


@pytest.fixture
def offline(tmp_path):
    """The environment of a process that reaches nothing: Python's sockets are blocked, and curl finds no proxy.

    A socket that is bound and does not listen refuses connections, and keeps its port from others.
    """
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        proxy = f"http://127.0.0.1:{closed.getsockname()[1]}"
        proxies = dict.fromkeys(("HTTPS_PROXY", "HTTP_PROXY", "https_proxy", "http_proxy"), proxy)
        open_ways = dict.fromkeys(("NO_PROXY", "no_proxy", "ALL_PROXY", "all_proxy"), "")
        log = {"POTASH_OFFLINE_LOG": str(tmp_path / "network.log"), "XDG_CACHE_HOME": str(tmp_path / "cache")}
        yield {**proxies, **open_ways, **log, "PYTHONPATH": str(ROOT / "tests" / "support" / "offline")}


def run(environment, home, *arguments):
    """Return exit code, output and messages of a command."""
    with potash_process(environment, home, *arguments) as process:
        out, messages = process.communicate(timeout=300)
    return process.returncode, out, messages


HOSTS = {
    "yahoo": "query2.finance.yahoo.com",
    "pink_sheet": "www.worldbank.org",
    "french": "mba.tuck.dartmouth.edu",
}


def test_no_provider_is_reached_and_nothing_is_stored(offline, tmp_path):
    providers = [word for name in HOSTS for word in ("--provider", name)]
    arguments = ("pull", *providers, "--attempts", 1, "--pause", 0, "--timeout", 5)
    code, out, messages = run(offline, tmp_path / "home", "prices", *arguments)
    assert code == 1
    assert "Traceback" not in messages
    for provider, host in HOSTS.items():
        first, *others = [line for line in messages.splitlines() if line.startswith(provider)]
        assert "no whole answer" in first
        assert host in first
        # After two series that could not be reached the rest is not asked.
        assert all(": failed: " in line or ": left: not asked, since " in line for line in others)
        assert len([line for line in others if ": left: " not in line]) <= 1
    assert out.splitlines()[-1].endswith(f"Store: {tmp_path / 'home' / 'prices.sqlite'}")
    with PriceStore(tmp_path / "home" / "prices.sqlite") as store:
        assert store.series_keys() == []


def made_up_bars(ticker: str, seed: int) -> pd.DataFrame:
    """Return bars of a share that moves with a market of its own, without a dividend."""
    sessions = sessions_between("XNYS", "2024-01-02", "2026-05-29")
    market = np.random.default_rng(0).normal(0.0003, 0.008, len(sessions))
    own = np.random.default_rng(seed).normal(0, 0.015, len(sessions))
    moves = market if ticker == "SPY" else market + own
    close = np.round(60 * np.exp(np.cumsum(np.clip(moves, -0.05, 0.05))), 2)
    bars = {"open": close, "high": close + 0.4, "low": close - 0.4, "close": close, "adj_close": close}
    volume = np.random.default_rng(seed).integers(100_000, 900_000, len(sessions)).astype(float)
    return pd.DataFrame({**bars, "volume": volume}, index=sessions.rename("session"))


def made_up_months(seed: int) -> pd.DataFrame:
    """Return monthly prices without repetitions."""
    months = pd.date_range("2015-01-01", "2026-04-01", freq="MS", name="session")
    moves = np.random.default_rng(seed).normal(0, 0.02, len(months))
    return pd.DataFrame({"value": np.round(300 * np.exp(np.cumsum(moves)), 4)}, index=months)


@pytest.fixture
def frozen(tmp_path):
    """A home with a snapshot of made-up prices, and no store any more."""
    home = tmp_path / "home"
    listed = {"frequency": "daily", "currency": "USD", "adjustment": "close: splits; adj_close: splits+dividends"}
    quoted = {"frequency": "monthly", "currency": "USD", "unit": "USD per tonne"}
    made = {SeriesKey("yahoo", t): (made_up_bars(t, seed), listed) for seed, t in enumerate(TICKERS, start=1)}
    made |= {SeriesKey("pink_sheet", name): (made_up_months(seed), quoted) for seed, name in enumerate(MONTHLY)}
    with PriceStore(home / "prices.sqlite", create=True) as store:
        for key, (values, facts) in made.items():
            answer = PriceSeries(key, values, facts, source="a test")
            store.put(answer, lambda: NOW, asked_at=NOW)
        later = NOW + dt.timedelta(minutes=1)
        freeze(store, home / "snapshots", "made-up", now=later, versions={"potash": "a test"})
    (home / "prices.sqlite").unlink()
    return home


@pytest.mark.slow
@pytest.mark.simulation  # a whole report, which the suite builds once already
def test_the_study_runs_on_a_frozen_snapshot_without_a_network(offline, frozen, tmp_path, monkeypatch):
    notebooks = tmp_path / "notebooks"  # those that read prices
    notebooks.mkdir()
    for name in READ_PRICES:
        shutil.copy(ROOT / "notebooks" / f"{name}.ipynb", notebooks)
    arguments = ("--snapshot", "made-up", "--notebooks", notebooks, "--out", tmp_path / "reports")
    code, out, messages = run(offline, frozen, "report", *arguments)
    assert code == 0, messages
    latest = tmp_path / "reports" / "latest"
    assert f"Report: {latest / 'index.html'}" in out
    # The notebook of an event is a page for each that these prices can study.
    pages = tuple(path.stem for path in sorted(latest.glob("[0-9]*.html")))
    assert pages == tuple(name for name in READ_PRICES if name != "03-event-study")
    assert (latest / "event-2025-12-13-us-lifts-potash.html").is_file()
    monkeypatch.setenv("POTASH_HOME", str(frozen))
    name = load_snapshot(snapshot="made-up").name
    assert json.loads((latest / "manifest.json").read_text())["data"]["snapshot"] == name
    assert not Path(offline["POTASH_OFFLINE_LOG"]).exists(), "nothing asked for the network"
    assert not (frozen / "prices.sqlite").exists()
    # The abnormal return of a firm on day 0, worked out here from the prices that were made up.
    event = "2025-12-13-us-lifts-potash"
    firms = pd.read_csv(latest / "tables" / f"firms-{event}.csv")
    firms = firms[firms["window"] == "[0, 0]"].set_index("ticker")
    closes = pd.DataFrame({t: made_up_bars(t, seed)["close"] for seed, t in enumerate(TICKERS, start=1)})
    returns = np.log(closes).diff()
    at = returns.index.get_loc("2025-12-15")
    for ticker in ("NTR", "MOS", "ICL", "CF"):
        before = returns.iloc[at - 130 : at - 10]
        beta, alpha = np.polyfit(before["SPY"], before[ticker], 1)
        expected = returns[ticker].iloc[at] - alpha - beta * returns["SPY"].iloc[at]
        assert firms.at[ticker, "CAR"] == pytest.approx(expected, abs=1e-10)
