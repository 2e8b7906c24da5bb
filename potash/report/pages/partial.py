"""A report in which a notebook failed says so on every page, and shows the traceback on the page of the notebook."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape
from typing import Any

# Colours and other commands to a terminal, and what else is no text.
_COLOURS = re.compile("\x1b\\[[0-9;]*m|\x1b\\][^\x07\x1b]*(?:\x07|\x1b\\\\)?|[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def with_banner(html: str, failures: Mapping[str, str]) -> str:
    """Return a page with a banner before its content that names what is missing; as it is if nothing failed.

    Parameters
    ----------
    html : str
        A whole page with one ``<main>``.
    failures : mapping
        Name of each page whose notebook failed, to the reason.
    """
    if not failures:
        return html
    items = "".join(
        f'<li><a href="{escape(name)}.html">{escape(name)}</a>: {escape(_COLOURS.sub("", reason))}</li>'
        for name, reason in failures.items()
    )
    banner = (
        '<aside class="banner" aria-label="What is missing"><p><strong>Incomplete.</strong> '
        f"This report lacks what follows.</p><ul>{items}</ul></aside>\n"
    )
    return html.replace("<main", banner + "<main", 1)


def with_traceback(html: str, node: Any) -> str:
    """Return the page of a notebook with the tracebacks of its cells at the end of its content."""
    lines = [
        "\n".join(output.get("traceback") or [f"{output.get('ename', '')}: {output.get('evalue', '')}"])
        for cell in node.cells
        for output in cell.get("outputs", [])
        if output.get("output_type") == "error"
    ]
    if not lines:
        return html
    text = escape(_COLOURS.sub("", "\n\n".join(lines)))
    before, main, after = html.rpartition("</main>")
    return f'{before}<h2 id="traceback">Where it failed</h2>\n<pre class="stream">{text}</pre>\n{main}{after}'
