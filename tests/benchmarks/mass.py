"""Seconds and peak memory of the fast engine on one core: ``python -m tests.benchmarks.mass``.

A million firm-events of 2,000 made-up securities over 5,000 sessions, 1 % of the returns missing: 1,000 groups, each of
about 1,000 firms hit on one date; estimation windows of 250 sessions, event windows of 11. Lines say where the compiled loops
of the extra ``fast`` do it, which are loaded before the time starts. Prints figures and judges none: machines differ, so
quote ratios from one run. Each line runs in its own process, so that its peak memory is its own.
"""

import os
import subprocess
import sys
import time

ONE_CORE = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
SECURITIES, SESSIONS, FIRM_EVENTS, GROUPS, MISSING = 2000, 5000, 1_000_000, 1000, 0.01
EVENT, GAP = (-5, 5), 10
SAMPLE = 2000


def design(n: int, n_factors: int, first: int, dates: str = "shared") -> tuple:
    """Return returns, factors, security, day 0 and group of ``n`` firm-events with day 0 from ``first`` on."""
    import numpy as np

    rng = np.random.default_rng(0)
    x = rng.normal(0.0003, 0.01, (SESSIONS, n_factors))
    y = rng.standard_normal((SESSIONS, SECURITIES))
    y *= 0.02
    y += x.sum(axis=1, keepdims=True)
    y[rng.random(y.shape) < MISSING] = np.nan
    security, group = rng.integers(0, SECURITIES, n), rng.integers(0, GROUPS, n)
    one, own = rng.integers(first, SESSIONS - EVENT[1], GROUPS), rng.integers(first, SESSIONS - EVENT[1], n)
    return y, x, security, one[group] if dates == "shared" else own, group


def peak_megabytes() -> float:
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def engine(
    n: int = FIRM_EVENTS, n_factors: int = 1, length: int = 250, rank: str = "", dates: str = "shared", only: str = "",
    loops: str = "numpy",
) -> float:  # fmt: skip
    """Time the fit and the tests by group, print them, and return the seconds of both."""
    from potash.study.engine import acceleration
    from potash.study.engine.mass import mass_fit
    from potash.study.inference.groups import group_tests

    if loops == "numba" and not loaded():
        print("numba is not installed", flush=True)
        return float("nan")
    acceleration.FROM = acceleration.FROM_WHEN_THERE = 0 if loops == "numba" else 10**12
    y, x, security, day_zero, group = design(n, n_factors, length + GAP, dates)
    before, start = peak_megabytes(), time.perf_counter()
    estimation = (-length - GAP, -GAP - 1)
    fit = mass_fit(y, x, security, day_zero, event_window=EVENT, estimation_window=estimation)
    fitted = time.perf_counter()
    line = f"fit {fitted - start:5.2f} s"
    if not only:
        group_tests(y, x, security, day_zero, fit, group, rank=bool(rank))
        line += f", tests {time.perf_counter() - fitted:5.2f} s, together {time.perf_counter() - start:5.2f} s"
    seconds = time.perf_counter() - start
    print(f"{line}; peak {peak_megabytes():5.0f} MB, of which {before:4.0f} MB with the data alone", flush=True)
    return seconds


def loaded() -> bool:
    """Load the compiled loops and run each once; return whether numba is there."""
    from potash.study.engine import acceleration
    from potash.study.engine.mass import mass_fit
    from potash.study.inference.groups import group_tests

    acceleration.FROM = acceleration.FROM_WHEN_THERE = 0
    if acceleration.compiled_for(1) is None:
        return False
    y, x, security, day_zero, group = design(SECURITIES, 1, 260)
    security, y = security % 8, y[:, :8]
    fit = mass_fit(y, x, security, day_zero, event_window=EVENT, estimation_window=(-260, -11))
    group_tests(y, x, security, day_zero, fit, group, rank=True)
    return True


def loop() -> None:
    """Time a loop of statsmodels regressions on a sample of the same work, and print the ratio per firm-event."""
    import numpy as np
    import statsmodels.api as sm

    y, x, security, day_zero, _ = design(FIRM_EVENTS, 1, 250 + GAP)
    constant, ones = sm.add_constant(x), np.ones(EVENT[1] - EVENT[0] + 1)
    start = time.perf_counter()
    for s, zero in zip(security[:SAMPLE], day_zero[:SAMPLE], strict=True):
        before = slice(zero - 250 - GAP, zero - GAP)
        inside = slice(zero + EVENT[0], zero + EVENT[1] + 1)
        fit = sm.OLS(y[before, s], constant[before], missing="drop").fit()
        ahead = constant[inside]
        abnormal = y[inside, s] - ahead @ fit.params
        errors = fit.mse_resid * np.eye(len(ones)) + ahead @ fit.cov_params() @ ahead.T
        _ = np.sqrt(np.diag(errors)), abnormal.sum() / np.sqrt(ones @ errors @ ones)
    each = (time.perf_counter() - start) / SAMPLE
    print(f"statsmodels, {SAMPLE} of the same: {1e6 * each:.0f} us a firm-event", flush=True)
    ours = engine(only="fit") / FIRM_EVENTS
    print(f"the fit here: {1e6 * ours:.2f} us a firm-event; ratio {each / ours:.0f}")


def small() -> None:
    """Time one labelled study of 8 firms and 6 events, best and median of 21 runs after import and one run to warm up."""
    import numpy as np
    import pandas as pd

    import potash

    rng = np.random.default_rng(0)
    days = pd.bdate_range("2018-01-01", periods=1500)
    returns = pd.DataFrame(rng.normal(0, 0.02, (1500, 9)), index=days, columns=[*"ABCDEFGH", "M"])
    events = pd.DataFrame({"event_id": [f"e{i}" for i in range(6)], "session": days[300::200][:6]})
    spent: dict[str, list[float]] = {"fit": [], "tests": [], "first fit": [], "first tests": []}
    for run in range(22):
        start = time.perf_counter()
        model = potash.MarketModel(returns["M"])
        results = potash.EventStudy(returns[[*"ABCDEFGH"]], events, returns_kind="log", model=model).fit()
        fitted = time.perf_counter()
        results.tests((-1, 1))
        done = time.perf_counter()
        spent["fit" if run else "first fit"].append(1e3 * (fitted - start))
        spent["tests" if run else "first tests"].append(1e3 * (done - fitted))
    print(", ".join(f"{name} {min(ms):.0f} / {np.median(ms):.0f} ms" for name, ms in spent.items()), "(best / median)")


WORK: list[tuple[str, str]] = [
    ("(a) market model, one date a group", "engine()"),
    ("(a) market model, a date a firm-event", "engine(dates='own')"),
    ("(b) four factors", "engine(n_factors=4)"),
    ("(c) a loop", "loop()"),
    ("(d) estimation window of 60", "engine(length=60)"),
    ("(d) estimation window of 1000", "engine(length=1000)"),
    ("(d) 250,000 firm-events", "engine(n=250_000)"),
    ("(d) 500,000 firm-events", "engine(n=500_000)"),
    ("(e) with rank", "engine(rank='yes')"),
    ("(e) with rank, compiled", "engine(rank='yes', loops='numba')"),
    ("(a) one date a group, compiled", "engine(loops='numba')"),
    ("(a) a date a firm-event, compiled", "engine(dates='own', loops='numba')"),
    ("(b) four factors, compiled", "engine(n_factors=4, loops='numba')"),
    ("(f) 8 firms x 6 events, labelled", "small()"),
]


def main() -> None:
    """Run each line of work in its own process on one core."""
    for label, call in WORK:
        print(f"{label:40}", end=" ", flush=True)
        command = [sys.executable, "-c", f"from tests.benchmarks import mass; mass.{call}"]
        subprocess.run(command, check=True, env={**os.environ, **ONE_CORE})


if __name__ == "__main__":
    main()
