"""When the compiled loops are used."""

import subprocess
import sys

import pytest

import potash.study.engine
import potash.study.engine.acceleration as acceleration


@pytest.fixture
def fresh():
    acceleration._compiled.cache_clear()
    yield
    acceleration._compiled.cache_clear()


def test_small_work_stays_with_numpy(monkeypatch):
    monkeypatch.delitem(sys.modules, "potash.study.engine.compiled", raising=False)
    assert acceleration.compiled_for(acceleration.FROM - 1) is None


@pytest.mark.usefixtures("fresh")
def test_without_numba_all_work_stays_with_numpy(monkeypatch):
    monkeypatch.delitem(sys.modules, "potash.study.engine.compiled", raising=False)
    monkeypatch.delattr(potash.study.engine, "compiled", raising=False)
    monkeypatch.setitem(sys.modules, "numba", None)
    assert acceleration.compiled_for(10**9) is None


def test_loops_that_are_there_serve_smaller_work():
    compiled = pytest.importorskip("potash.study.engine.compiled", reason="numba is not installed (extra fast)")
    assert acceleration.compiled_for(acceleration.FROM_WHEN_THERE) is compiled
    assert acceleration.compiled_for(acceleration.FROM_WHEN_THERE - 1) is None


def test_a_study_of_some_firms_does_not_import_numba():
    code = (
        "import sys, numpy as np, potash; "
        "y = np.random.default_rng(0).normal(size=(300, 9)); "
        "potash.mass_fit(y, y[:, :1], np.arange(9), np.full(9, 250), event_window=(-1, 1), estimation_window=(-200, -11)); "
        "assert 'numba' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
