"""What a page of HTML would run or load, read from its source; axe-core where it is installed."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser
from importlib.util import find_spec
from pathlib import Path

from tests.support.browser import Browser

LOADING = {"src", "srcset", "poster", "data", "action", "background", "formaction", "ping"}


def dangers(html: str) -> list[str]:
    """Return what the page would run, style or load and its policy does not name; links to follow are no loads."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.dangers


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.dangers: list[str] = []
        self._policy = ""
        self._inside, self._text = "", ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self._inside, self._text = (tag if tag in ("script", "style") else ""), ""
        if tag == "meta" and values.get("http-equiv") == "Content-Security-Policy":
            self._policy = values.get("content") or ""
        if tag in {"iframe", "object", "embed", "base", "form", "link", "frame"}:
            self.dangers.append(f"<{tag}>")
        for name, value in attrs:
            text = (value or "").strip()
            loads = name in LOADING or (name in ("href", "xlink:href") and tag not in {"a", "area"})
            is_code = name.startswith("on") or name == "style"
            leads = tag == "a" and re.match(r"\s*(javascript|vbscript|data):", text)
            if (loads and not text.startswith(("data:image/", "#"))) or is_code or leads:
                self.dangers.append(f"{tag} {name}={text[:40]!r}")

    def handle_data(self, data: str) -> None:
        if self._inside:
            self._text += data

    def handle_endtag(self, tag: str) -> None:
        if tag == self._inside:
            digest = base64.b64encode(hashlib.sha256(self._text.encode()).digest()).decode()
            if f"{tag}-src 'sha256-{digest}'" not in self._policy:
                self.dangers.append(f"<{tag}> that the policy does not name")
            if re.search(r"url\((?!['\"]?(data:|#))|@import", self._text):
                self.dangers.append(f"<{tag}> loads")
            self._inside = ""


def axe_path() -> Path | None:
    """Return axe.min.js of the newest package that carries it, or None."""
    for name, file in (("axe_playwright_python", "axe.min.js"), ("axe_core_python", "axe.min.js")):
        spec = find_spec(name)
        if spec is not None and spec.submodule_search_locations:
            return next(Path(spec.submodule_search_locations[0]).rglob(file), None)
    return None


def violations(page: Browser, path: Path, width: int, scheme: str) -> list[str]:
    """Return what axe-core finds on a page, and what its console says."""
    axe = axe_path()
    assert axe is not None
    page.show_as(width, 900, scheme)
    page.open(path.resolve().as_uri(), settle=0.2)
    said = page.messages()
    page.evaluate(axe.read_text(encoding="utf-8"))
    result = page.evaluate("axe.run().then(r => r.violations.map(v => `${v.id}: ${v.nodes[0].html.slice(0, 120)}`))")
    return [f"{path.name}: {text}" for text in [*said, *result]]
