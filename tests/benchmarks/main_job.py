"""Seconds and peak memory of the main job and of one study: ``python -m tests.benchmarks.main_job``.

Prints figures and judges none: machines differ, so quote ratios from one run.
"""

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

WHO = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)


def stages() -> None:
    """Print when each stage of a report began and how long each page took, and the processor time of all of them."""
    from potash.report.job import build_report
    from potash.report.run.execute import Progress

    start, before = time.perf_counter(), [resource.getrusage(who) for who in WHO]

    def tell(step: Progress) -> None:
        if step.kind in {"started", "finished"}:
            took = f"{step.seconds:6.2f} s" if step.kind == "finished" else ""
            print(f"{time.perf_counter() - start:6.2f} s  {step.kind:8} {step.notebook:45} {took}", flush=True)

    with tempfile.TemporaryDirectory() as folder:
        build_report(folder, progress=tell)
        print(f"{time.perf_counter() - start:6.2f} s  pages written")
    for name, who, first in zip(("this process", "its children"), WHO, before, strict=True):
        after = resource.getrusage(who)
        print(f"{name:13} {after.ru_utime + after.ru_stime - first.ru_utime - first.ru_stime:6.1f} s processor")


def report() -> None:
    """Run ``potash report`` as a user does and print its cost."""
    with tempfile.TemporaryDirectory() as folder:
        before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        subprocess.run([sys.executable, "-m", "potash.cli", "report", "--quiet", "--out", folder], check=True)
        seconds, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        print(f"potash report      {seconds:6.1f} s wall, {cpu:6.1f} s processor")
        print(f"largest process    {after.ru_maxrss / 1024:6.0f} MB")
        for page in sorted(Path(folder, "latest").glob("*.html")):
            print(f"{page.name:18} {page.stat().st_size / 1024:6.0f} kB")


def study() -> None:
    """Time one study of the carried data after import: 8 securities, up to 6 events."""
    import potash

    returns = potash.log_returns(potash.load_prices())
    timeline = potash.load_timeline()
    firms = [ticker for ticker in returns if ticker != "SPY"]
    chosen = [e for e in timeline.with_relevance("headline", "market") if "2021" < e < "2026"][:6]
    start = time.perf_counter()
    events = timeline.align(firms, chosen)
    aligned = time.perf_counter()
    one = potash.EventStudy(returns[firms], events, returns_kind="log", model=potash.MarketModel(returns["SPY"]))
    results = one.fit()
    results.tests((-1, 1))
    fitted = time.perf_counter()
    one.placebo((0, 1))
    done = time.perf_counter()
    print(f"align {len(events)} firm-events  {1e3 * (aligned - start):6.0f} ms (calendars loaded on the way)")
    print(f"fit and all tests  {1e3 * (fitted - aligned):6.0f} ms for {len(results.events)} firm-events")
    print(f"placebo days       {1e3 * (done - fitted):6.0f} ms")


def imports() -> None:
    """Time ``import potash`` and ``potash --help`` in fresh processes."""
    for label, command in (
        ("import potash", ["-c", "import potash"]),
        ("potash --help", ["-m", "potash.cli", "--help"]),
    ):
        start = time.perf_counter()
        subprocess.run([sys.executable, *command], check=True, stdout=subprocess.DEVNULL)
        print(f"{label:18} {1e3 * (time.perf_counter() - start):6.0f} ms")


def main() -> None:
    """Print all four."""
    imports()
    study()
    report()
    stages()


if __name__ == "__main__":
    main()
