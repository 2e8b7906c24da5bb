"""A terminal whose commands meet a made-up market at a made-up moment, with a store and a home of their own."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner, Result

from potash.calendars import sessions_between
from potash.cli import app as cli
from potash.market.series import SeriesKey
from potash.market.store.store import PriceStore
from tests.paths import ROOT
from tests.support.fake_market import server
from tests.support.fake_market.server import FakeMarket, Fault, about
from tests.support.fake_market.yahoo import FakeYahoo, Listing, random_walk

FIRST, LAST = "2025-09-02", "2026-02-13"
# An hour and a half after the close in New York.
FRIDAY = dt.datetime(2026, 1, 30, 22, 30, tzinfo=dt.UTC)
MONDAY = dt.datetime(2026, 2, 2, 22, 30, tzinfo=dt.UTC)
NEXT_FRIDAY = dt.datetime(2026, 2, 6, 22, 30, tzinfo=dt.UTC)
# What every bar has; dividends and splits come on a few days only.
FIELDS = ("open", "high", "low", "close", "adj_close", "volume")
# Sessions of New York from FIRST to the last that is over on FRIDAY, and the values of their bars.
SESSIONS = sessions_between("XNYS", FIRST, "2026-01-30")
VALUES = len(SESSIONS) * len(FIELDS)


@dataclass(slots=True)
class Terminal:
    """Commands in this process, with the clock at ``now``.

    Attributes
    ----------
    market, yahoo : FakeMarket and FakeYahoo
        What the commands reach.
    home : Path
        ``POTASH_HOME``.
    now : datetime
        The moment at which a command runs; a second passes with each.
    """

    market: FakeMarket
    yahoo: FakeYahoo
    home: Path
    now: dt.datetime = FRIDAY

    @property
    def store(self) -> Path:
        return self.home / "prices.sqlite"

    def prices(self, *arguments: object) -> Result:
        """Return what ``potash prices ...`` did."""
        return self.potash("prices", *arguments)

    def potash(self, *arguments: object) -> Result:
        """Return what ``potash ...`` did; an exception that is no exit is raised."""
        done = CliRunner().invoke(cli.app, [str(argument) for argument in arguments])
        self.now += dt.timedelta(seconds=1)
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        return done

    def pull(self, *arguments: object) -> Result:
        """Return what a pull did that does not wait."""
        return self.prices("pull", "--pause", 0, "--attempts", 1, "--since", FIRST, *arguments)

    def listing(self, symbol: str) -> Listing:
        return self.yahoo.listings[symbol]

    def stored(self, symbol: str, provider: str = "yahoo", as_of: object = None) -> pd.DataFrame:
        """Return the values of a series as the store gives them."""
        key = SeriesKey(provider, symbol)
        with PriceStore(self.store) as store:
            return store.read([key], as_of=as_of)[key]

    def series(self) -> list[str]:
        """Return the stored series; none where there is no store."""
        if not self.store.exists():
            return []
        with PriceStore(self.store) as store:
            return [str(key) for key in store.series_keys()]

    def charts(self) -> list[str]:
        """Return the symbols whose histories were asked for, in order."""
        return [request.path.rsplit("/", 1)[-1] for request in self.market.requests if "period1" in request.query]

    def fault(self, symbol: str, *faults: Fault, always: bool = False) -> None:
        """Queue faults for requests of a history: yfinance may ask for the zone of a symbol before."""
        self.market.fault(lambda r: "period1" in r.query and about(symbol)(r), list(faults), always=always)


def potash_process(environment: dict[str, str], home: Path, *arguments: object) -> subprocess.Popen[str]:
    """Return the running command of a process of its own, as a person starts it."""
    return subprocess.Popen(
        [sys.executable, "-m", "potash.cli", *map(str, arguments)],
        env={**os.environ, "POTASH_HOME": str(home), "POTASH_STORE": "", **environment},
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def listings() -> list[Listing]:
    """Return two made-up listings over five months."""
    return [random_walk("NTR", "XNYS", FIRST, LAST), random_walk("MOS", "XNYS", FIRST, LAST, start=30.0)]


def make_terminal(market: FakeMarket, home: Path, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """Return a terminal with two listings at Yahoo, for the length of a test."""
    server.forget_yahoo()
    for name, value in {**market.environment(), "POTASH_HOME": str(home), "POTASH_STORE": ""}.items():
        monkeypatch.setenv(name, value)
    terminal = Terminal(market, FakeYahoo(market, *listings()), home)
    monkeypatch.setattr("potash.clock.utc_now", lambda: terminal.now)
    # What is waited for between two attempts is tested where it is worked out.
    monkeypatch.setattr("potash.market.providers.patience.FIRST_WAIT", 0.0)
    return terminal


@cache
def _stocked() -> bytes:
    """The store after a pull of both listings on Friday."""
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as home, FakeMarket() as market:
        terminal = make_terminal(market, Path(home), patch)
        done = terminal.pull("NTR", "MOS")
        assert done.exit_code == 0, done.output
        return terminal.store.read_bytes()


def stock(terminal: Terminal) -> Terminal:
    """Return the terminal as it is after a pull of both listings."""
    terminal.home.mkdir(parents=True, exist_ok=True)
    terminal.store.write_bytes(_stocked())
    terminal.now += dt.timedelta(seconds=1)
    return terminal


def digest(path: Path) -> str:
    """Return the checksum of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def write_bars(folder: Path, symbol: str, frame: pd.DataFrame, suffix: str = ".csv") -> Path:
    """Write bars as a person's file whose name is the ticker, and return the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    table = frame.rename_axis("date").reset_index()
    if suffix == ".parquet":
        table.to_parquet(folder / f"{symbol}.parquet")
    else:
        table.to_csv(folder / f"{symbol}.csv", index=False)
    return folder


def until(frame: pd.DataFrame, moment: dt.datetime) -> pd.DataFrame:
    """Return the rows of the sessions up to the day of a moment."""
    return frame[frame.index <= pd.Timestamp(moment.date())]


def lines_of(text: str) -> list[str]:
    """Return lines without the blanks around them, runs of blanks made one."""
    return [re.sub(r" +", " ", line.strip()) for line in text.splitlines()]
