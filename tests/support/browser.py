"""Headless Chromium over the DevTools protocol: what a page asks the network for, what it says, how it looks."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
OPTIONS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--remote-debugging-port=0",
    "--remote-allow-origins=*",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--hide-scrollbars",
]


def chromium_path() -> str | None:
    """Return the Chromium of this machine, or None."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


class Browser:
    """A page of a running Chromium."""

    def __init__(self, port: int, timeout: float = 30) -> None:
        import websocket

        request = urllib.request.Request(f"http://127.0.0.1:{port}/json/new?about:blank", method="PUT")
        with urllib.request.urlopen(request, timeout=timeout) as answer:
            target = json.load(answer)
        self._socket = websocket.create_connection(target["webSocketDebuggerUrl"], timeout=timeout)
        self._numbers = count(1)
        self._timeout = timeout
        self._events: list[dict[str, Any]] = []
        self.call("Page.enable")
        self.call("Network.enable")
        self.call("Log.enable")
        self.call("Runtime.enable")

    def close(self) -> None:
        """Close the connection to the page."""
        self._socket.close()

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        """Return the answer to a command; events that come in between are kept."""
        number = next(self._numbers)
        self._socket.send(json.dumps({"id": number, "method": method, "params": params}))
        while True:
            message = json.loads(self._socket.recv())
            if message.get("id") == number:
                if "error" in message:
                    raise RuntimeError(f"{method}: {message['error']}")
                return message["result"]
            self._events.append(message)

    def open(self, url: str, settle: float = 0.5) -> list[str]:
        """Load a page and return the addresses it asked for, its own among them."""
        self._events = []
        answer = self.call("Page.navigate", url=url)
        if answer.get("errorText"):
            raise RuntimeError(f"{url}: {answer['errorText']}")
        self._wait_for("Page.loadEventFired")
        # A script could ask later than the load event.
        time.sleep(settle)
        self.evaluate("1")
        return [e["params"]["request"]["url"] for e in self._events if e.get("method") == "Network.requestWillBeSent"]

    def requests(self, url: str) -> list[str]:
        """Load a page and return the addresses it asked the network for: neither ``file:`` nor ``data:``."""
        return [address for address in self.open(url) if not address.startswith(("file:", "data:"))]

    def messages(self) -> list[str]:
        """Return what the console says since the page was opened: refusals of its policy, errors, and whatever runs."""
        self.evaluate("1")
        texts = []
        for event in self._events:
            facts = event.get("params", {})
            if event.get("method") == "Log.entryAdded":
                texts.append(str(facts["entry"]["text"]))
            elif event.get("method") == "Runtime.consoleAPICalled":
                texts.append(str(facts["args"][0].get("value") if facts["args"] else ""))
            elif event.get("method") == "Runtime.exceptionThrown":
                texts.append(str(facts["exceptionDetails"].get("exception", {}).get("description", "error")))
            elif event.get("method") == "Page.javascriptDialogOpening":
                texts.append(f"dialog {facts['message']}")
        return texts

    def evaluate(self, expression: str) -> Any:
        """Return the value of a JavaScript expression in the page; a promise is waited for."""
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(f"{expression}: {answer['exceptionDetails'].get('text')}")
        return answer["result"].get("value")

    def text(self) -> str:
        """Return the text that a reader sees on the page."""
        return str(self.evaluate("document.body.innerText"))

    def show_as(self, width: int = 1440, height: int = 900, scheme: str = "light", media: str = "screen") -> None:
        """Set the size of the window, the colour scheme that the reader prefers, and screen or print."""
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.call("Emulation.setEmulatedMedia", media=media, features=features)

    def click(self, selector: str, place: int = 0) -> None:
        """Click in the middle of an element, as a mouse does."""
        element = f"document.querySelectorAll({json.dumps(selector)})[{place}]"
        self.evaluate(f"{element}.scrollIntoView({{block: 'center', inline: 'center'}})")
        box = self.evaluate(f"(b => [b.x + b.width / 2, b.y + b.height / 2])({element}.getBoundingClientRect())")
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=box[0], y=box[1], button="left", clickCount=1)

    def press(self, key: str, code: int, text: str = "") -> None:
        """Press a key, such as Tab (9) or Enter (13)."""
        facts = {"key": key, "code": key, "windowsVirtualKeyCode": code}
        self.call("Input.dispatchKeyEvent", type="keyDown", text=text, **facts)
        self.call("Input.dispatchKeyEvent", type="keyUp", **facts)

    def screenshot(self, url: str, path: Path, width: int = 1200) -> Path:
        """Save the whole page as PNG at a width in pixels and return the path."""
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=800, deviceScaleFactor=1, mobile=False)
        self.open(url)
        size = self.call("Page.getLayoutMetrics")["cssContentSize"]
        clip = {"x": 0, "y": 0, "width": width, "height": size["height"], "scale": 1}
        image = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=True, clip=clip)
        path.write_bytes(base64.b64decode(image["data"]))
        return path

    def overflow(self, width: int = 360) -> int:
        """Return by how many pixels the loaded page is wider than a screen of that width."""
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=800, deviceScaleFactor=1, mobile=False)
        return max(0, int(self.evaluate("document.documentElement.scrollWidth")) - width)

    def _wait_for(self, method: str) -> None:
        deadline = time.monotonic() + self._timeout
        while not any(event.get("method") == method for event in self._events):
            if time.monotonic() > deadline:
                raise TimeoutError(f"no {method} within {self._timeout} s")
            self._events.append(json.loads(self._socket.recv()))


@contextmanager
def browser(timeout: float = 30) -> Iterator[Browser]:
    """Yield a page of a new Chromium with a profile of its own; it ends with the block."""
    path = chromium_path()
    if path is None:
        raise FileNotFoundError(f"none of {', '.join(NAMES)} is installed")
    with tempfile.TemporaryDirectory(prefix="potash-browser-", ignore_cleanup_errors=True) as profile:
        process = subprocess.Popen(
            [path, *OPTIONS, f"--user-data-dir={profile}", "about:blank"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            page = Browser(_port(Path(profile) / "DevToolsActivePort", process, timeout), timeout)
            try:
                yield page
            finally:
                page.close()
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _port(file: Path, process: subprocess.Popen[bytes], timeout: float) -> int:
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"Chromium ended with code {process.returncode}")
        lines = file.read_text().splitlines() if file.is_file() else []
        if len(lines) >= 2:
            return int(lines[0])
        time.sleep(0.05)
    raise TimeoutError(f"Chromium opened no port within {timeout} s")
