"""Seconds from the shell of one question at the terminal, ``potash study newest``: ``python -m tests.benchmarks.question``.

Whole process, imports included; the best of some runs, since other work on the machine only ever adds.
"""

import resource
import subprocess
import sys
import time

RUNS = 5
QUESTIONS = (
    ["newest"],
    [
        "2025-12-13",
        "--firms",
        "NTR,MOS",
        "--market",
        "DE",
        "--controls",
        "CF",
        "--window",
        "-1,1",
        "--estimation",
        "250",
    ],
)


def seconds(arguments: list[str]) -> tuple[float, float]:
    """Return the wall and processor seconds of the quickest run."""
    wall, processor = [], []
    for _ in range(RUNS):
        before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        subprocess.run([sys.executable, "-m", "potash.cli", "study", *arguments], check=True, stdout=subprocess.DEVNULL)
        wall.append(time.perf_counter() - start)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        processor.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return min(wall), min(processor)


def main() -> None:
    """Print both questions."""
    for arguments in QUESTIONS:
        wall, processor = seconds(arguments)
        print(f"{wall:5.2f} s wall, {processor:5.2f} s processor   potash study {' '.join(arguments)}")


if __name__ == "__main__":
    main()
