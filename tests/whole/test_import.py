"""`import potash` is quick and quiet, and the public names are what they claim to be."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import potash

HEAVY = [
    "pandas",
    "numpy",
    "matplotlib",
    "statsmodels",
    "scipy",
    "exchange_calendars",
    "arch",
    "numba",
    "nbconvert",
    "yfinance",
    "typer",
]


def run(code: str) -> str:
    """Return what a fresh interpreter prints; a warning or any other output to stderr fails."""
    path = str(Path(potash.__file__).resolve().parents[1])
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": path},
        check=True,
    )
    assert done.stderr == ""
    return done.stdout


def test_import_loads_nothing_heavy():
    code = f"import json, sys, potash; dir(potash); print(json.dumps([m for m in {HEAVY} if m in sys.modules]))"
    assert json.loads(run(code)) == []


def test_errors_and_carried_files_need_nothing_heavy():
    code = (
        "import json, sys, potash; potash.PotashError; import potash.bundled as c; c.verified('universe.csv');"
        f"print(json.dumps([m for m in {HEAVY} if m in sys.modules]))"
    )
    assert json.loads(run(code)) == []


@pytest.mark.parametrize("name", potash.__all__)
def test_every_public_name_resolves_and_has_a_docstring(name):
    value = getattr(potash, name)
    assert (value.__doc__ or "").strip()
    # A dataclass without a docstring gets its signature for one.
    assert not value.__doc__.startswith(f"{name}(")
    assert getattr(potash, name) is value


def test_public_names_are_told_once():
    assert len(potash.__all__) == len(set(potash.__all__))
    assert set(potash.__all__) <= set(dir(potash))


def test_the_names_of_the_design_are_public():
    wanted = (
        "load_prices log_returns simple_returns load_timeline EventStudy MarketModel MarketAdjusted MeanAdjusted "
        "EventStudyResults first_session sessions_between offset Window Announcement load_universe PotashError"
    )
    assert set(wanted.split()) <= set(potash.__all__)


def test_a_star_import_gives_the_public_names():
    names = set(json.loads(run("import json\nfrom potash import *\nprint(json.dumps(dir()))")))
    assert set(potash.__all__) <= names


def test_an_unknown_name_lists_the_public_ones():
    with pytest.raises(
        AttributeError, match=r"module 'potash' has no attribute 'load_price'; public names are: load_prices"
    ):
        _ = potash.load_price
    assert not hasattr(potash, "np")
    with pytest.raises(ImportError):
        from potash import Nothing  # noqa: F401


def test_types_are_shipped():
    assert (Path(potash.__file__).parent / "py.typed").is_file()
