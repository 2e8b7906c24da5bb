"""Milliseconds that the sessions of the universe's exchanges cost a new process: ``python -m tests.benchmarks.calendars``.

The first process finds an empty cache folder, the next what it kept there; ``import pandas`` is not counted.
"""

import os
import subprocess
import sys
import tempfile

from potash.cache import CACHE_VARIABLE

PROCESS = """
import time
import numpy, pandas
start = time.perf_counter()
from potash.calendars import closes, has_calendar
from potash.universe import load_universe
exchanges = {*load_universe().exchanges.values()}
read = time.perf_counter()
sessions = sum(len(closes(exchange)) for exchange in exchanges if has_calendar(exchange))
done = time.perf_counter()
print(f"{1e3 * (done - read):6.0f} ms for {len(exchanges)} exchanges, {sessions} sessions "
      f"(and {1e3 * (read - start):.0f} ms to import and to read the universe)")
"""


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        for label in ("first process", "second process", "third process"):
            command = [sys.executable, "-c", PROCESS]
            environment = {**os.environ, CACHE_VARIABLE: folder}
            output = subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout
            print(f"calendars, {label:14} {output.strip()}")


if __name__ == "__main__":
    main()
