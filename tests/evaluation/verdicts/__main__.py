"""Write data/simulated_verdicts.csv and docs/simulated-verdicts.md: size and power of the verdict, in twelve minutes on one core.

With ``--seed`` or ``--studies`` it prints the rates of another run and writes nothing.
"""

from __future__ import annotations

import argparse

from tests.evaluation.verdicts.page import page
from tests.evaluation.verdicts.runs import SEED, STUDIES, read, table, write


def main() -> None:
    """Write the table and its page, or print another run's rates."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--studies", type=int, default=STUDIES, help="studies of a design of the large table")
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--page", action="store_true", help="write the page alone, from the rates that are there")
    chosen = parser.parse_args()
    if chosen.page:
        write(read(), page)
        return
    rates = table(chosen.seed, chosen.studies, chosen.processes)
    if (chosen.seed, chosen.studies) != (SEED, STUDIES):
        print(rates.to_csv(index=False, float_format="%.4f"), end="")
        return
    write(rates, page)


if __name__ == "__main__":
    main()
