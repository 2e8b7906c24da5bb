"""Labelled studies on one core, with ratios to a loop of statsmodels: ``python -m tests.benchmarks.studies``.

``EventStudy(...).fit().tests()`` on firm-events with dates of their own, alignment of every session of 30 firms, placebo
days, and a specification curve with its ordinary days. Prints figures and judges none: machines differ, so quote ratios from
one run. Each line runs in its own process, so that its peak memory is its own.
"""

import os
import subprocess
import sys
import time

from tests.benchmarks.mass import ONE_CORE, peak_megabytes

EVENT, ESTIMATION = (-5, 5), (-130, -11)
SECURITIES, SESSIONS, SAMPLE = 200, 2500, 200
EXCHANGES = ("XNYS", "XTSE", "XTAE")


def made(n_securities: int, n_sessions: int) -> tuple:
    """Return returns of securities and a market M on sessions of New York."""
    import numpy as np
    import pandas as pd

    from potash.calendars import sessions_between

    rng = np.random.default_rng(0)
    days = sessions_between("XNYS", "2001-01-02", "2025-12-31")[:n_sessions]
    market = rng.normal(0.0003, 0.01, n_sessions)
    firms = market[:, None] + rng.normal(0, 0.02, (n_sessions, n_securities))
    tickers = [f"F{i:03}" for i in range(n_securities)]
    return pd.DataFrame(firms, index=days, columns=tickers), pd.Series(market, index=days, name="M")


def study(returns, market, events):
    import potash

    model = potash.MarketModel(market)
    windows = {"event_window": EVENT, "estimation_window": ESTIMATION}
    return potash.EventStudy(returns, events, returns_kind="log", model=model, **windows)


def own_dates(n: int) -> tuple:
    """Return returns, a market and ``n`` events, each of one firm on a date of its own."""
    import numpy as np
    import pandas as pd

    returns, market = made(SECURITIES, SESSIONS)
    rng = np.random.default_rng(1)
    rows = {
        "event_id": [f"e{i:05}" for i in range(n)],
        "ticker": rng.choice(returns.columns.to_numpy(), n),
        "session": returns.index[rng.integers(-ESTIMATION[0], SESSIONS - EVENT[1], n)],
    }
    return returns, market, pd.DataFrame(rows)


def all_tests(n: int) -> tuple[float, float]:
    """Time the fit and all tests of ``n`` firm-events, print them, and return the seconds of the fit and of both."""
    returns, market, events = own_dates(n)
    study(returns, market, events[:50]).fit().tests((-1, 1))  # imports
    start = time.perf_counter()
    results = study(returns, market, events).fit()
    fitted = time.perf_counter()
    n_tests = len(results.tests((-1, 1)))
    seconds = time.perf_counter() - start
    print(
        f"fit {fitted - start:6.2f} s, {n_tests} tests {start + seconds - fitted:6.2f} s: {n / seconds:7.0f} a second; "
        f"peak {peak_megabytes():5.0f} MB",
        flush=True,
    )
    return fitted - start, seconds


def against_a_loop(n: int) -> None:
    """Time a loop of statsmodels regressions on a sample of the same firm-events, and print the ratio."""
    import numpy as np
    import statsmodels.api as sm

    returns, market, events = own_dates(n)
    constant, y = sm.add_constant(market.to_numpy()), returns.to_numpy()
    at, column = returns.index.get_indexer(events["session"]), returns.columns.get_indexer(events["ticker"])
    start = time.perf_counter()
    for zero, security in zip(at[:SAMPLE], column[:SAMPLE], strict=True):
        before = slice(zero + ESTIMATION[0], zero + ESTIMATION[1] + 1)
        ahead = constant[zero + EVENT[0] : zero + EVENT[1] + 1]
        fit = sm.OLS(y[before, security], constant[before]).fit()
        abnormal = y[zero + EVENT[0] : zero + EVENT[1] + 1, security] - ahead @ fit.params
        _ = abnormal, np.sqrt(fit.mse_resid + np.diag(ahead @ fit.cov_params() @ ahead.T))
    each = (time.perf_counter() - start) / SAMPLE
    print(f"{1e6 * each:.0f} us a firm-event without any test, {1 / each:.0f} a second")
    print(f"{'  the same firm-events here':44}", end=" ")
    fit_seconds, seconds = all_tests(n)
    ratios = f"{each * n / fit_seconds:.1f} for the fit, {each * n / seconds:.1f} with all tests here and none there"
    print(f"{'  a loop over this engine':44} ratio {ratios}")


def alignment(n_firms: int = 30, n_sessions: int = 5000, *, mixed: bool = False) -> None:
    """Time the alignment of every session of every firm; those whose windows leave the data go into the ledger."""
    import pandas as pd

    from potash.calendars import sessions_between
    from potash.study.alignment import align
    from potash.study.engine.windows import Windows

    returns, market = made(n_firms, n_sessions)
    exchanges = {ticker: EXCHANGES[i % 3 if mixed else 0] for i, ticker in enumerate(returns)}
    days = {mic: sessions_between(mic, returns.index[0], returns.index[-1]) for mic in set(exchanges.values())}
    rows = [
        pd.DataFrame(
            {"event_id": days[mic].strftime("%Y-%m-%d"), "ticker": ticker, "session": days[mic], "exchange": mic}
        )
        for ticker, mic in exchanges.items()
    ]
    if mixed:  # one index for all; a firm has no return where its exchange is closed
        union = pd.DatetimeIndex(sorted(set().union(*days.values())), name="session")
        is_session = pd.DataFrame({ticker: union.isin(days[mic]) for ticker, mic in exchanges.items()}, index=union)
        returns = returns.reindex(union, method="ffill").where(is_session)
        market = market.reindex(union, method="ffill")
    events = pd.concat(rows, ignore_index=True)
    windows = Windows.of(EVENT, ESTIMATION, None, 2)
    align(returns, events[:10], market.to_frame(), windows)
    before, start = peak_megabytes(), time.perf_counter()
    panel = align(returns, events, market.to_frame(), windows)
    seconds = time.perf_counter() - start
    print(
        f"{seconds:6.2f} s for {len(events)} firm-events, {len(panel.dropped)} of them in the ledger; "
        f"peak {peak_megabytes():5.0f} MB, of which {before:4.0f} MB with the data alone",
        flush=True,
    )


def placebo(n_firms: int = 8, n_sessions: int = 1500) -> None:
    """Time placebo days after the fit: the first call, and the best of five."""
    import pandas as pd

    returns, market = made(n_firms, n_sessions)
    events = pd.DataFrame({"event_id": ["e"], "session": [returns.index[n_sessions // 2]]})
    one = study(returns, market, events)
    one.fit().tests((0, 0))
    spent = []
    for _ in range(6):
        start = time.perf_counter()
        count = one.placebo((0, 0))["n_placebo"].iloc[0]
        spent.append(1e3 * (time.perf_counter() - start))
    print(f"first {spent[0]:.0f} ms, best {min(spent[1:]):.0f} ms for {count} placebo days", flush=True)


def every_session(n_firms: int = 30, n_sessions: int = 5000) -> None:
    """Time four statistics of every session over eleven windows, after the fit."""
    import pandas as pd

    import potash

    returns, market = made(n_firms, n_sessions)
    events = pd.DataFrame({"event_id": ["e"], "session": [returns.index[n_sessions // 2]]})
    model = potash.MarketModel(market)
    one = potash.EventStudy(
        returns, events, returns_kind="log", model=model, event_window=(-5, 10), estimation_window=ESTIMATION
    )
    one.fit()
    start = time.perf_counter()
    table = one.every_session([(0, last) for last in range(11)])
    seconds = time.perf_counter() - start
    print(f"{seconds:6.2f} s for {len(table)} rows; peak {peak_megabytes():5.0f} MB", flush=True)


def specifications(n_firms: int = 4, n_controls: int = 2, n_sessions: int = 1500) -> None:
    """Time a specification curve with its joint p-value, and a study alone for each of some specifications."""
    import pandas as pd

    import potash

    returns, market = made(n_firms, n_sessions)
    controls = made(n_firms + n_controls, n_sessions)[0].iloc[:, n_firms:]
    events = pd.DataFrame({"event_id": ["e"], "session": [returns.index[n_sessions - 100]]})
    settings = {"returns_kind": "log", "event_window": (-5, 10), "controls": controls}
    one = potash.EventStudy(returns, events, model=potash.MarketModel(market), **settings)
    one.fit()
    start = time.perf_counter()
    curve = potash.specification_curve(one)
    _ = curve.pvalue
    seconds = time.perf_counter() - start
    start = time.perf_counter()
    for length in range(60, 80):
        window = (-10 - length, -11)
        alone = potash.EventStudy(
            returns, events, model=potash.MarketModel(market), estimation_window=window, **settings
        )
        alone.fit().portfolio((0, 0))
    each = (time.perf_counter() - start) / 20
    print(
        f"{seconds:6.2f} s for {len(curve.frame)} specifications on {len(curve.ordinary) + curve.n_left_out} ordinary days "
        f"(every {curve.every}); peak {peak_megabytes():5.0f} MB; a study for each, without these days: "
        f"{each * len(curve.frame):.0f} s",
        flush=True,
    )


WORK: list[tuple[str, str]] = [
    ("fit and all tests, 500 firm-events", "all_tests(500)"),
    ("fit and all tests, 2,000 firm-events", "all_tests(2000)"),
    ("fit and all tests, 8,000 firm-events", "all_tests(8000)"),
    ("a loop of statsmodels, fit alone", "against_a_loop(2000)"),
    ("alignment, 30 firms x 5,000 sessions", "alignment()"),
    ("the same on three exchanges", "alignment(mixed=True)"),
    ("placebo, 8 firms x 1,500 sessions", "placebo()"),
    ("every session, 30 firms x 5,000, 11 windows", "every_session()"),
    ("specification curve, 4 firms x 1,500", "specifications()"),
]


def main() -> None:
    """Run each line of work in its own process on one core."""
    for label, call in WORK:
        print(f"{label:44}", end=" ", flush=True)
        command = [sys.executable, "-c", f"from tests.benchmarks import studies; studies.{call}"]
        subprocess.run(command, check=True, env={**os.environ, **ONE_CORE})


if __name__ == "__main__":
    main()
