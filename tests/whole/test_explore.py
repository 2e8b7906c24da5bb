"""Notebook 00-explore in a real JupyterLab: each click on a widget shows another answer."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager

import pytest

from tests.paths import ROOT
from tests.support.browser import browser, chromium_path

pytestmark = [
    pytest.mark.slow,
    pytest.mark.browser,
    pytest.mark.skipif(chromium_path() is None, reason="Chromium is not on this machine"),
]
TOKEN = "0123456789abcdef"
SELECT = "document.querySelectorAll('.widget-dropdown select')"
READY = (
    "!!(window.jupyterapp && document.querySelector('.jp-Notebook .jp-CodeCell')"
    " && [...window.jupyterapp.shell.widgets('main')].some(w => w.sessionContext?.session?.kernel?.status === 'idle'))"
)
ANSWER = "(document.querySelector('.highlight') || {innerText: ''}).innerText"


@contextmanager
def jupyterlab(folder):
    """Run JupyterLab on a folder, with settings of its own; yield its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    own = {name: str(folder / name.lower()) for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "IPYTHONDIR")}
    own |= {"JUPYTER_RUNTIME_DIR": str(folder / "runtime"), "JUPYTER_PLATFORM_DIRS": "1", "PYTHONPATH": str(ROOT)}
    command = [
        sys.executable, "-m", "jupyter", "lab", "--no-browser", "--allow-root", f"--port={port}", "--ServerApp.port_retries=0",
        f"--IdentityProvider.token={TOKEN}", f"--ServerApp.root_dir={folder}", "--LabApp.expose_app_in_browser=True",
        "--LabApp.news_url=None", "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    ]  # fmt: skip
    log = (folder / "jupyter.log").open("w")
    server = subprocess.Popen(command, cwd=folder, env={**os.environ, **own}, stdout=log, stderr=subprocess.STDOUT)
    try:
        address = f"http://127.0.0.1:{port}"
        wait_until(lambda: answers(f"{address}/api?token={TOKEN}"), "JupyterLab to start")
        yield address
    finally:
        server.terminate()
        server.wait(timeout=20)
        log.close()


def answers(url):
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return answer.status == 200
    except OSError:
        return False


def wait_until(holds, what, seconds=60):
    end = time.monotonic() + seconds
    while not (value := holds()):
        assert time.monotonic() < end, f"waited {seconds} s for {what}"
        time.sleep(0.2)
    return value


def choose(page, number, words, answer):
    """Choose the option of a dropdown that holds some words, as a person does, and wait for words of its answer."""
    chosen = page.evaluate(
        f"(() => {{ const select = {SELECT}[{number}];"
        f" const option = [...select.options].find(o => o.text.replaceAll('\\u00a0', ' ').includes({words!r}));"
        " select.value = option.value; select.dispatchEvent(new Event('change', {bubbles: true})); return option.text; })()"
    )
    assert words in chosen.replace("\u00a0", " ")
    wait_until(lambda: answer in page.evaluate(ANSWER), f"{answer!r} after {words!r}")


def test_a_click_shows_another_answer(tmp_path):
    shutil.copy(ROOT / "notebooks" / "00-explore.ipynb", tmp_path)
    with jupyterlab(tmp_path) as address, browser() as page:
        page.open(f"{address}/lab/tree/00-explore.ipynb?token={TOKEN}&reset")
        wait_until(lambda: page.evaluate(READY), "the notebook to open and its kernel to start")
        page.evaluate("window.jupyterapp.commands.execute('notebook:run-all-cells'); 1")
        wait_until(lambda: "NTR and ICL returned" in page.evaluate(ANSWER), "the first answer", 90)
        choose(page, 2, "0 to +1", "over sessions 0 to +1")
        choose(page, 0, "Russia invades Ukraine", "Russia invades Ukraine")
        assert page.evaluate("document.querySelectorAll('.jp-OutputArea figure.plot svg').length") == 1
        choose(page, 1, "CF", "CF is the market")
        assert "Traceback" not in page.text()
        choose(page, 1, "SPY", "Russia invades Ukraine")
