"""Killed, crowded, full, read-only: the store stays whole. Children are forked, so each has connections of its own."""

from __future__ import annotations

import datetime as dt
import os
import random
import resource
import shutil
import signal
import subprocess
import time
import traceback
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from potash.errors import StoreError
from potash.market.providers.patience import Patience
from potash.market.pulling import pull
from potash.market.series import PriceSeries, SeriesKey
from potash.market.store.store import PriceStore
from tests.market.store.made_up import CLOSES, NOON, NTR, answer, at

SESSIONS = pd.bdate_range("2024-01-01", periods=400, name="session")
BASE = np.linspace(20.0, 80.0, len(SESSIONS))
SYMBOLS = [f"T{i}" for i in range(5)]
NOW = dt.datetime(2025, 12, 1, tzinfo=dt.UTC)


class Versions:
    """A provider whose whole history is that of one version: ``BASE`` times one plus a hundredth of its number."""

    name = "made"
    whole = True

    def __init__(self, version: int) -> None:
        self.version = version

    def symbols(self, now: dt.datetime) -> list[str]:
        return SYMBOLS

    def fetch(self, symbol: str, first: pd.Timestamp, last: pd.Timestamp, now: dt.datetime) -> PriceSeries:
        closes = BASE * (1 + self.version / 100)
        values = pd.DataFrame({"close": closes, "adj_close": closes}, index=SESSIONS)
        return PriceSeries(
            SeriesKey("made", symbol),
            values,
            {"frequency": "daily"},
            source=f"version {self.version}",
            first=first,
            last=last,
        )


def version_of(frame: pd.DataFrame) -> int | None:
    """Return the one version that a stored series is of; fail if it is a mixture or a part."""
    if frame.empty:
        return None
    assert len(frame) == len(SESSIONS), f"half a series: {len(frame)} of {len(SESSIONS)}"
    ratios = (frame.to_numpy() / BASE[:, None] - 1) * 100
    assert np.ptp(ratios) < 1e-6, f"versions mixed: {ratios.min()} to {ratios.max()}"
    return round(float(ratios[0, 0]))


def forked(work: Callable[[], None]) -> int:
    """Run something in a child and return its process id; the child ends with 0 if it went well."""
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        work()
        code = 0
    except BaseException:  # noqa: BLE001 - whatever it is, the parent must hear of it
        traceback.print_exc()
    finally:
        os._exit(code)


def ended(child: int) -> int:
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


def pulled(address: str, version: int, clock: Callable[[], dt.datetime]) -> list[tuple[str, str]]:
    patience = Patience(pause=0, sleep=lambda _: None)
    with PriceStore(address, create=True) as store:
        done = pull(store, Versions(version), SYMBOLS, clock, patience=patience)
        return [(one.key.symbol, one.outcome) for one in done]


@pytest.mark.parametrize("kills", [10, pytest.param(100, marks=pytest.mark.simulation)])
def test_a_pull_killed_at_any_moment_leaves_no_half_series_and_loses_nothing(address, kills):
    rng = random.Random(20251213)
    patience = Patience(pause=0, sleep=lambda _: None)
    began = time.monotonic()
    PriceStore(address, create=True).close()
    assert ended(forked(lambda: pulled(address, 0, lambda: NOW))) == 0
    whole = time.monotonic() - began
    killed = version = 0
    while killed < kills:
        version += 1
        assert version < 8 * kills, "the pulls end before they can be killed"
        moment = NOW + dt.timedelta(days=version)
        reader, writer = os.pipe()

        def work(version: int = version, moment: dt.datetime = moment, writer: int = writer) -> None:
            with PriceStore(address) as store:
                for one in pull(store, Versions(version), SYMBOLS, lambda: moment, patience=patience):
                    os.write(writer, f"{one.key.symbol} {one.outcome}\n".encode())

        child = forked(work)
        os.close(writer)
        time.sleep(rng.uniform(0, whole))
        os.kill(child, signal.SIGKILL)
        if ended(child) == -signal.SIGKILL:
            killed += 1
        else:
            whole *= 0.9  # it was over before: aim earlier
        with os.fdopen(reader) as told:
            committed = [line.split()[0] for line in told.read().splitlines() if line.endswith("changed")]
        with PriceStore(address) as store:
            found = store.read(store.series_keys())
            versions = {key.symbol: version_of(frame) for key, frame in found.items()}
            assert all(versions[symbol] == version for symbol in committed), (versions, committed)
            if version % 5 == 0:
                assert store.verify() == []
    # The next one goes on as if nothing had been.
    later = NOW + dt.timedelta(days=version + 1)
    assert dict(pulled(address, version + 1, lambda: later)) == dict.fromkeys(SYMBOLS, "changed")


@pytest.mark.parametrize(("many", "seconds"), [(2, 0.7), pytest.param(4, 3.0, marks=pytest.mark.simulation)])
def test_as_many_read_as_pull_at_once(address, many, seconds):
    assert ended(forked(lambda: pulled(address, 0, lambda: NOW))) == 0

    def clock() -> dt.datetime:
        return dt.datetime.now(dt.UTC)

    def puller(number: int) -> None:
        for version in range(1, many + 2):
            for symbol, outcome in pulled(address, 10 * number + version, clock):
                assert outcome in {"changed", "unchanged", "superseded"}, (symbol, outcome)

    def reader() -> None:
        with PriceStore(address) as store:
            keys = store.series_keys()
            seen: dict[pd.Timestamp, dict[str, int | None]] = {}
            end = time.monotonic() + seconds
            while time.monotonic() < end:
                now = {key.symbol: version_of(frame) for key, frame in store.read(keys).items()}
                assert None not in now.values()
                latest = store.pulls()["known_from"].max()
                seen[latest] = {key.symbol: version_of(frame) for key, frame in store.read(keys, as_of=latest).items()}
            # What was read as of a moment once is read as of that moment ever after.
            for moment, versions in seen.items():
                again = {key.symbol: version_of(frame) for key, frame in store.read(keys, as_of=moment).items()}
                assert again == versions

    children = [forked(lambda n=n: puller(n)) for n in range(1, many + 1)] + [forked(reader) for _ in range(many)]
    assert [ended(child) for child in children] == [0] * (2 * many)
    with PriceStore(address) as store:
        assert store.verify() == []
        pulls = store.pulls()
        assert pulls["known_from"].is_unique
        for key, frame in store.read(store.series_keys()).items():
            latest = pulls[pulls["series"] == str(key)].iloc[-1]["source"]
            assert f"version {version_of(frame)}" == latest


def test_eight_processes_make_one_store(address):
    assert [ended(c) for c in [forked(lambda v=v: pulled(address, v, lambda: NOW)) for v in range(8)]] == [0] * 8
    with PriceStore(address) as store:
        assert store.verify() == []
        assert len(store.series_keys()) == len(SYMBOLS)


def small(folder: Path) -> Path:
    """Return a store of one series that must not be harmed."""
    path = folder / "prices.sqlite"
    with PriceStore(path, create=True) as store:
        store.put(answer(CLOSES), at(NOON), asked_at=NOON)
    return path


def unharmed(path: Path) -> None:
    with PriceStore(path) as store:
        assert store.read([NTR])[NTR]["close"].tolist() == CLOSES
        assert store.verify() == []


def test_a_limit_on_file_sizes_is_a_clear_error_and_the_store_stays_whole(tmp_path):
    path = small(tmp_path)

    def work() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size + 8192,) * 2)
        with pytest.raises(StoreError, match=rf"{path}: the disk .* make room.*still holds"):
            pulled(str(path), 1, lambda: NOW)

    assert ended(forked(work)) == 0
    unharmed(path)
    assert dict(pulled(str(path), 1, lambda: NOW)) == dict.fromkeys(SYMBOLS, "new")


def test_a_full_disk_is_a_clear_error_and_the_store_stays_whole(tmp_path):
    room = tmp_path / "room"
    room.mkdir()
    mounted = shutil.which("mount") and os.geteuid() == 0
    command = ["mount", "-t", "tmpfs", "-o", "size=140k", "tmpfs", str(room)]
    if not mounted or subprocess.run(command, capture_output=True).returncode:
        pytest.skip("a small disk can only be mounted by root")
    try:
        path = small(room)
        with pytest.raises(StoreError, match=rf"{path}: the disk .* make room"):
            pulled(str(path), 1, lambda: NOW)
        unharmed(path)
    finally:
        subprocess.run(["umount", str(room)], check=True)


def test_a_folder_that_may_only_be_read_can_be_read_and_says_so_when_written(tmp_path):
    path = small(tmp_path)
    path.chmod(0o444)
    tmp_path.chmod(0o555)
    for parent in tmp_path.parents:
        if parent != Path("/tmp") and parent.owner() == "root" and os.geteuid() == 0 and parent != Path("/"):
            parent.chmod(parent.stat().st_mode | 0o055)

    def work() -> None:
        if os.geteuid() == 0:
            os.setuid(65534)
        unharmed(path)
        with pytest.raises(StoreError, match=rf"{path}: it may only be read: check the permissions"):
            pulled(str(path), 1, lambda: NOW)
        with pytest.raises(StoreError, match="permission denied"):
            pulled(str(tmp_path / "new" / "prices.sqlite"), 1, lambda: NOW)

    try:
        assert ended(forked(work)) == 0
    finally:
        tmp_path.chmod(0o755)
    unharmed(path)
