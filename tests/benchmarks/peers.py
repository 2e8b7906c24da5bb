"""Other software on the same firm-events, where it is installed: ``python -m tests.benchmarks.peers``.

``eventstudy`` (market model, AR and CAR, one firm-event after another) and ``event_study_toolkit`` (CAR and four tests); both
need their own installation (pip install eventstudy event-study-toolkit). Each prints firm-events a second and the ratio to
the fit and all sixteen tests here. Both count an estimation window of 250 sessions that ends eleven before day 0.
"""

import contextlib
import io
import os
import subprocess
import sys
import tempfile
import time
import warnings
from importlib.util import find_spec
from pathlib import Path

from tests.benchmarks.mass import ONE_CORE
from tests.benchmarks.studies import made

FIRMS, SESSIONS, EVENTS = 200, 1500, 2000
LENGTH, EVENT = 250, (-5, 5)


def firm_events(n: int) -> tuple:
    """Return returns with the market M, and ``n`` events of one firm each on dates of their own."""
    import numpy as np
    import pandas as pd

    returns, market = made(FIRMS, SESSIONS)
    rng = np.random.default_rng(1)
    at = rng.integers(LENGTH + 20, SESSIONS - EVENT[1] - 1, n)
    events = pd.DataFrame({"ticker": rng.choice(returns.columns.to_numpy(), n), "session": returns.index[at]})
    return returns.assign(M=market), events.assign(event_id=[f"e{i:05}" for i in range(n)])


def here(returns, events) -> float:
    """Return the seconds of the fit and all tests, the best of three."""
    import potash

    seconds = []
    for _ in range(3):
        start = time.perf_counter()
        study = potash.EventStudy(
            returns.drop(columns="M"), events, returns_kind="log", model=potash.MarketModel(returns["M"]),
            event_window=EVENT, estimation_window=(-LENGTH - 11, -12),
        )  # fmt: skip
        study.fit().tests((-1, 1))
        seconds.append(time.perf_counter() - start)
    return min(seconds)


def eventstudy(returns, events) -> float:
    """Return the seconds of eventstudy's aggregate of single studies, without its reading of the file."""
    import numpy as np
    from eventstudy import Multiple, Single

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "returns.csv"
        returns.rename_axis("date").to_csv(path)
        Single.import_returns(str(path))
    asked = [
        {"event_date": np.datetime64(row.session, "D"), "security_ticker": row.ticker, "market_ticker": "M"}
        for row in events.itertuples()
    ]
    start = time.perf_counter()
    aggregate = Multiple.from_list(asked, Single.market_model, EVENT, LENGTH, 6)
    seconds = time.perf_counter() - start
    assert len(aggregate.sample) == len(events)
    return seconds


def event_study_toolkit(returns, events) -> float:
    """Return the seconds of the toolkit's tests; it knows one event a security, so each event is a security of its own."""
    import pandas as pd
    from event_study_toolkit.eventstudy import eventstudy as toolkit

    panel = pd.concat(
        [
            pd.DataFrame(
                {"permno": i, "date": returns.index, "ret_dlst_adj": returns[row.ticker], "vwretd": returns["M"]}
            )
            for i, row in enumerate(events.itertuples())
        ],
        ignore_index=True,
    )
    listed = pd.DataFrame({"permno": range(len(events)), "EVT_DATE": events["session"], "group": "all"})
    start = time.perf_counter()
    study = toolkit(LENGTH, 6, *EVENT, panel, listed, groups=["group"])
    study.getFullSampleTestStatistic("market")
    return time.perf_counter() - start


PEERS = (("eventstudy", eventstudy, EVENTS), ("event_study_toolkit", event_study_toolkit, 200))


def run(name: str) -> None:
    """Time one peer and the same firm-events here, and print both."""
    work, n = next((work, n) for peer, work, n in PEERS if peer == name)
    returns, events = firm_events(n)
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        theirs = work(returns, events)
    ours = here(*firm_events(EVENTS)) / EVENTS
    print(f"{n / theirs:7.0f} firm-events a second; here {1 / ours:7.0f} with all tests, ratio {theirs / n / ours:.0f}")


def main() -> None:
    """Run each peer that is installed in a process of its own on one core."""
    for name, _, _ in PEERS:
        print(f"{name:40}", end=" ", flush=True)
        if find_spec(name) is None:
            print("not installed", flush=True)
            continue
        command = [sys.executable, "-c", f"from tests.benchmarks import peers; peers.run({name!r})"]
        done = subprocess.run(command, env={**os.environ, **ONE_CORE}, check=False, capture_output=True, text=True)
        print(done.stdout.strip() or f"failed: {done.stderr.strip().splitlines()[-1][:120]}", flush=True)


if __name__ == "__main__":
    main()
