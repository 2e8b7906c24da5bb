"""Seconds, memory and bytes of the price store: ``python -m tests.benchmarks.prices``.

30 tickers of the universe's New York calendar, 20 years, all eight fields of a bar: about 150,000 bars. The bars are
pulled once and again with nothing new, rescaled eight times as dividends rescale adjusted closes, handed out, checked,
frozen and read back. Prints figures and judges none. Each line runs in its own process, so that its seconds are those of
a new process after its imports and its peak memory is its own. PostgreSQL runs where it is installed.
"""

import datetime as dt
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.support import postgres

TICKERS, START, END, ADJUSTED = 30, "2005-01-03", "2024-12-31", 8
NOW = dt.datetime(2025, 1, 2, 12, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


def bars(seed: int) -> Any:
    """Return the eight fields of one ticker on the sessions of New York, with a dividend a quarter and two splits."""
    import numpy as np
    import pandas as pd

    from potash.calendars import sessions_between

    rng = np.random.default_rng(seed)
    index = sessions_between("XNYS", pd.Timestamp(START), pd.Timestamp(END))
    n = len(index)
    close = np.round(50 * np.exp(np.clip(rng.normal(0, 0.015, n), -0.05, 0.05).cumsum()), 4)
    spread = np.abs(rng.normal(0, 0.004, (3, n)))
    dividend, split = np.full(n, np.nan), np.full(n, np.nan)
    dividend[63::63] = 0.004 * close[62:-1:63]
    split[[n // 3, n // 2]] = 2.0
    factors = np.where(np.isnan(dividend), 1.0, 1 - dividend / np.roll(close, 1))
    adjusted = close * np.append(np.cumprod(factors[::-1])[::-1][1:], 1.0)
    values = {
        "open": close * (1 + spread[0] - 0.003),
        "high": close * (1.004 + spread[1]),
        "low": close * (0.996 - spread[2]),
        "close": close,
        "adj_close": adjusted,
        "volume": np.round(rng.lognormal(13, 0.3, n)),
        "dividend": dividend,
        "split": split,
    }
    return pd.DataFrame(values, index=index)


def answers(step: int = 0) -> list[Any]:
    """Return every ticker's answer after ``step`` dividends of one percent."""
    from potash.market.series import PriceSeries, SeriesKey

    found = []
    for number in range(TICKERS):
        values = bars(number)
        values["adj_close"] *= 0.99**step
        facts = {
            "frequency": "daily",
            "currency": "USD",
            "exchange": "NYQ",
            "adjustment": "adj_close: all; close: splits",
        }
        key = SeriesKey("yahoo", f"T{number:02}")
        found.append(PriceSeries(key, values, facts, source="made up"))
    return found


def universe() -> Any:
    """Return a universe of the made-up tickers."""
    import pandas as pd

    from potash.universe import Universe

    names = [f"T{number:02}" for number in range(TICKERS)]
    return Universe(pd.DataFrame({"exchange": "XNYS", "currency": "USD"}, index=names))


def put(where: str, step: int) -> Callable[[], object]:
    """Return the storing of the answers after ``step`` dividends."""
    from potash.market.store.store import PriceStore

    told = answers(step)
    moment = NOW + step * DAY

    def work() -> object:
        with PriceStore(where, create=True) as store:
            written = [store.put(one, lambda: moment, asked_at=moment) for one in told]
        return f"{sum(one.added + one.revised for one in written):,} values written"

    return work


def again(where: str) -> Callable[[], object]:
    """Return the storing of the same answers, which tells whether the bytes of the file stay."""
    work = put(where, 0)

    def compared() -> object:
        before = contents(where)
        said = work()
        return f"{said}, bytes of the file {'the same' if contents(where) == before else 'CHANGED'}"

    return compared if "://" not in where else work


def contents(where: str) -> bytes:
    """Return the bytes of a store of SQLite, of its log too."""
    return b"".join(path.read_bytes() for path in sorted(Path(where).parent.glob(f"{Path(where).name}*")))


def load(where: str, as_of: object = None, first: bool = False) -> Callable[[], object]:
    """Return the handing out of prices; unless ``first``, after one run to warm up."""
    import potash

    known = universe()
    from potash.market.snapshots import freezing  # noqa: F401 - imports are not timed

    def work() -> object:
        prices = potash.load_prices(universe=known, store=where, as_of=as_of)
        return f"{prices.shape[0]} x {prices.shape[1]}, {prices.attrs['snapshot']}"

    if not first:
        work()
    return work


def check(where: str) -> Callable[[], object]:
    """Return the check of everything that was given."""
    import potash

    known = universe()
    snapshot = potash.load_snapshot(universe=known, store=where)
    return lambda: f"{len(potash.check_snapshot(snapshot, known))} findings"


def freeze(where: str, folder: str) -> Callable[[], object]:
    """Return the freezing of all that is known."""
    from potash.market.snapshots.freezing import freeze as frozen
    from potash.market.store.store import PriceStore

    def work() -> object:
        with PriceStore(where) as store:
            made = frozen(store, folder, "bench", now=NOW + 100 * DAY, versions={})
        return f"{sum(path.stat().st_size for path in made.folder.iterdir()) / 1e6:.1f} MB"

    return work


def read(folder: str) -> Callable[[], object]:
    """Return the reading of the frozen snapshot."""
    import potash

    known = universe()
    return lambda: f"{potash.load_prices(Path(folder) / 'bench', known).shape[0]} sessions"


def lines(where: str, folder: str) -> list[tuple[str, str, tuple[object, ...]]]:
    """Return the label, the function and the arguments of each line of work."""
    steps = [(f"dividend {step} rescales adj_close", "put", (where, step)) for step in range(1, ADJUSTED + 1)]
    return [
        ("first put", "put", (where, 0)),
        ("second put, nothing new", "again", (where,)),
        ("load_prices, first in a process", "load", (where, None, True)),
        ("load_prices", "load", (where,)),
        *steps,
        ("load_prices after 8 dividends, first", "load", (where, None, True)),
        ("load_prices after 8 dividends", "load", (where,)),
        ("load_prices as of the first put", "load", (where, "2025-01-02")),
        ("check_snapshot", "check", (where,)),
        ("freeze", "freeze", (where, folder)),
        ("load_prices of the frozen snapshot", "read", (folder,)),
    ]


def bench(name: str, where: str, folder: str) -> None:
    """Run each line of work on one store in a process of its own."""
    print(f"{name}: {TICKERS} tickers, {START}..{END}")
    for label, function, arguments in lines(where, folder):
        command = f"from tests.benchmarks import prices as p; p.timed({label!r}, p.{function}(*{arguments!r}))"
        subprocess.run([sys.executable, "-c", command], check=True)
        if name == "SQLite" and function == "put":
            print(f"{'':46} file {Path(where).stat().st_size / 1e6:.1f} MB", flush=True)


def timed(label: str, work: Callable[[], object]) -> None:
    """Print the seconds of some work and the peak memory of this process."""
    import resource

    start = time.perf_counter()
    said = work()
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{label:46} {seconds:6.2f} s  peak {peak:4.0f} MB  {said}", flush=True)


def main() -> None:
    """Run everything on SQLite, and on PostgreSQL where there is one."""
    with tempfile.TemporaryDirectory() as folder:
        bench("SQLite", str(Path(folder) / "prices.sqlite"), str(Path(folder) / "frozen"))
    if postgres.programs() is None:
        print("PostgreSQL is not installed on this machine")
        return
    with postgres.server() as server, tempfile.TemporaryDirectory() as folder:
        bench("PostgreSQL", server.database(), str(Path(folder) / "frozen"))


if __name__ == "__main__":
    main()
