"""Benchmarks in one run, so that their ratios are of one machine and hour: ``python -m tests.benchmarks [NAME ...]``.

Without a name those of the study run: calendars, studies, mass, peers. ``--list`` names all.
"""

import argparse
import importlib
import platform
import sys

STUDY = ("calendars", "studies", "mass", "peers")
OTHERS = ("main_job", "question", "prices", "articles")


def summary(name: str) -> str:
    """Return the first line of a benchmark's docstring."""
    return str(importlib.import_module(f"tests.benchmarks.{name}").__doc__).splitlines()[0]


def main(arguments: list[str]) -> None:
    """Run the benchmarks that are named, or those of the study."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__.splitlines()[0])
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"of {', '.join(STUDY + OTHERS)}; by default {', '.join(STUDY)}"
    )
    parser.add_argument("--list", action="store_true", help="say what each prints, and run none")
    options = parser.parse_args(arguments)
    if unknown := set(options.names) - {*STUDY, *OTHERS}:
        parser.error(f"no benchmark {', '.join(sorted(unknown))}; there are {', '.join(STUDY + OTHERS)}")
    if options.list:
        for name in STUDY + OTHERS:
            print(f"{name:10} {summary(name)}")
        return
    print(f"Python {platform.python_version()}, {', '.join(versions())}")
    for name in options.names or STUDY:
        print(f"\n== {summary(name)}", flush=True)
        importlib.import_module(f"tests.benchmarks.{name}").main()


def versions() -> list[str]:
    """Return the packages that the figures depend on, with their versions."""
    from importlib.metadata import PackageNotFoundError, version

    shown = []
    for package in ("numpy", "pandas", "scipy", "statsmodels", "numba"):
        try:
            shown.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            shown.append(f"{package} not installed")
    return shown


if __name__ == "__main__":
    main(sys.argv[1:])
