"""What a notebook uses to show its results and, in a report, to save them.

In a report every notebook leaves ``published/<notebook>.json``: its tables, figures and highlights in the order in
which they were shown. A record per notebook, because two notebooks run at once; the job joins them.
"""

from __future__ import annotations

import base64
import io
import json
import os
import re
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, cast

from potash.errors import OptionError, check_option
from potash.report.pages.tables import ShownTable, csv_text, html_table, unbroken_dates

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Tone: TypeAlias = Literal["plain", "effect", "none", "undecided", "warning"]

TONES: dict[str, str] = {
    "plain": "", "effect": "Effect", "none": "No effect", "undecided": "Undecided", "warning": "Caution",
}  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class ShownFigure:
    """A figure ready to be shown: with the title above it, and the text for a reader who cannot see it."""

    figure: Figure
    title: str
    alt: str
    name: str = ""

    @classmethod
    def of(cls, axes: Axes, title: str, alt: str, name: str = "") -> ShownFigure:
        """Return the figure of an axis, ready to be shown."""
        return cls(cast("Figure", axes.figure), title, alt, name)


NOTEBOOK_VARIABLE = "POTASH_NOTEBOOK"
RECORDS = "published"
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def inline_html(text: str) -> str:
    """Return text with everything escaped and ``**bold**`` marked.

    Examples
    --------
    >>> inline_html("**CF** < 0")
    '<strong>CF</strong> &lt; 0'
    """
    joined = re.sub(r"(?<=\d) %", "\u00a0%", unbroken_dates(escape(text)))
    return re.sub(r"\*\*(.+?)\*\*", r"<strong>\1</strong>", joined, flags=re.DOTALL)


def highlight_html(text: str, tone: str, heading: str = "", details: Sequence[str] = ()) -> str:
    """Return a box around a verdict; the tone is told by a word, not by colour alone: a label, or the text's own."""
    label = f'<span class="label">{TONES[tone]}.</span> ' if TONES[tone] and not heading else ""
    top = f'<p class="heading"><strong>{inline_html(heading)}</strong></p>' if heading else ""
    items = "".join(f"<li>{inline_html(detail)}</li>" for detail in details)
    below = f'<ul class="details">{items}</ul>' if items else ""
    # Inline, because JupyterLab has no style sheet of ours.
    style = "border-left:4px solid; padding:0.6em 1em; margin:1em 0"
    return f'<div class="highlight {tone}" style="{style}">{top}<p>{label}{inline_html(text)}</p>{below}</div>'


class Publisher:
    """Show tables, figures and verdicts in a notebook; with a folder, save them too.

    Parameters
    ----------
    folder : str or Path, optional
        Where ``tables/`` and ``figures/`` are written. None shows and writes nothing.
    prefix : str
        Name of the notebook, for example ``"03-event-study"``; in a report the runner's name for it goes first.

    Examples
    --------
    >>> import pandas as pd
    >>> publish = Publisher()
    >>> publish.table(pd.DataFrame({"CAR": [0.0123]}), "car", "Cumulated", formats={"CAR": "{:+.2%}"}, index=False)
    Cumulated
    """

    def __init__(self, folder: str | Path | None = None, prefix: str = "") -> None:
        self.folder = None if folder is None else Path(folder)
        self.prefix = os.environ.get(NOTEBOOK_VARIABLE) or prefix or "notebook"
        self._record: list[dict[str, Any]] = []
        self._seen: dict[tuple[str, str], tuple[str, int] | None] = {}
        if self.folder is not None and NOTEBOOK_VARIABLE in os.environ and self._record_path().exists():
            raise OptionError(
                f"{self.prefix}: a second Publisher on the folder {str(folder)!r}: its record would replace that of "
                "the first. Create one Publisher at the top of the notebook."
            )

    @staticmethod
    def slug(text: object) -> str:
        """Return text as a name for a table or figure: lower-case letters, digits and single hyphens.

        Examples
        --------
        >>> Publisher.slug("US order, 2021_08")
        'us-order-2021-08'
        """
        return re.sub(r"[^a-z0-9]+", "-", str(text).lower()).strip("-") or "unnamed"

    def table(
        self,
        frame: pd.DataFrame | pd.Series[Any] | ShownTable,
        name: str = "",
        title: str = "",
        *,
        formats: Mapping[str, str] | None = None,
        note: str = "",
        shown: pd.DataFrame | None = None,
        index: bool = True,
        max_rows: int | None = None,
    ) -> None:
        """Show a table; with a folder, write ``tables/<name>.csv`` with all rows and twelve significant digits.

        Parameters
        ----------
        frame : DataFrame, Series or ShownTable
            What to show; not changed. A table that is ready brings ``shown``, note, and name and title where it has
            them, and shows no index.
        name : str
            Lower-case letters, digits and hyphens; once per notebook.
        title : str
            Caption of the table.
        shown : DataFrame, optional
            What to show in place of ``frame``, which goes into the file: estimate and standard error in one cell, say.
        formats, note, index, max_rows
            See :func:`potash.report.pages.tables.html_table`.

        Raises
        ------
        OptionError
            If the name is malformed or taken, or ``formats`` names an unknown column.
        """
        import pandas as pd

        if isinstance(frame, ShownTable):
            name, title, note = name or frame.name, title or frame.title, note or frame.note
            frame, shown, index = frame.frame, frame.shown, False
        wide = frame.to_frame() if isinstance(frame, pd.Series) else frame
        html = html_table(
            wide if shown is None else shown, title, formats=formats, note=note, index=index, max_rows=max_rows
        )
        self._register("table", name, title, rows=len(wide))
        if self.folder is not None:
            self._write("tables", f"{name}.csv", csv_text(wide, index=index).encode())
        _show(html, title)

    def figure(self, fig: Figure | ShownFigure, name: str = "", title: str = "", alt: str = "") -> None:
        """Show a figure as SVG and close it; with a folder, write ``figures/<name>.png`` at 200 dpi.

        Parameters
        ----------
        fig : matplotlib.figure.Figure or ShownFigure
            The figure; closed afterwards, so that the notebook does not show it twice. One that is ready brings title and
            alt, and a name where it has one.
        name : str
            Lower-case letters, digits and hyphens; once per notebook.
        title : str
            What the figure shows; stands above it, and inside the PNG, which travels alone.
        alt : str
            What the figure shows, for a reader who cannot see it.

        Raises
        ------
        OptionError
            If the name is malformed or taken, or ``alt`` is empty.
        """
        if isinstance(fig, ShownFigure):
            name, title, alt = name or fig.name, fig.title, fig.alt
            fig = fig.figure
        if not alt.strip():
            raise OptionError(f"figure {name!r}: alt is empty. Say in a sentence what the figure shows.")
        self._register("figure", name, title, alt=alt)
        svg = base64.b64encode(_drawn(fig, "svg")).decode()
        if self.folder is not None:
            fig.suptitle(textwrap.fill(title, 90), fontsize=10.5, fontweight="bold")
            self._write("figures", f"{name}.png", _drawn(fig, "png"))
        from matplotlib import pyplot as plt

        plt.close(fig)
        image = f'<img alt="{escape(alt)}" src="data:image/svg+xml;base64,{svg}">'
        _show(f'<figure class="plot"><figcaption>{escape(title)}</figcaption>{image}</figure>', title)

    def text(self, text: str) -> None:
        """Show paragraphs, parted by blank lines, with ``**bold**``; everything else is escaped."""
        paragraphs = [part for part in re.split(r"\n\s*\n", text.strip()) if part]
        _show("\n".join(f"<p>{inline_html(part)}</p>" for part in paragraphs), text)

    def highlight(self, text: str, tone: Tone = "plain", heading: str = "", details: Sequence[str] = ()) -> None:
        """Show a verdict in a box; in a report it also stands on the first page, without the details.

        Parameters
        ----------
        text : str
            One or two sentences; ``**bold**`` is marked.
        tone : {"plain", "effect", "none", "undecided", "warning"}
            What kind of verdict. Without a heading a word for it stands before the text.
        heading : str
            What the verdict is about, on a line of its own; the text then says by itself what it is.
        details : sequence of str
            What stands behind it.
        """
        check_option("tone", tone, TONES)
        self._record.append({"kind": "highlight", "text": text, "tone": tone, "heading": heading})
        self._save_record()
        plain = "\n".join([*([heading] if heading else []), text, *details])
        _show(highlight_html(text, tone, heading, details), plain)

    def _register(self, kind: str, name: str, title: str, **facts: object) -> None:
        if not _NAME.fullmatch(name):
            raise OptionError(
                f"{kind} name {name!r}: only lower-case letters, digits and single hyphens between them, for example "
                "'car-by-firm'."
            )
        cell, before = _cell(), self._seen.get((kind, name))
        if (kind, name) in self._seen:
            # The same cell run again in JupyterLab replaces what it showed; anything else is a mistake.
            if cell is None or before is None or cell[0] != before[0] or cell[1] == before[1]:
                raise OptionError(f"{kind} name {name!r} is already taken in this notebook. Choose another name.")
            self._record = [r for r in self._record if (r["kind"], r.get("name")) != (kind, name)]
        self._seen[(kind, name)] = cell
        self._record.append({"kind": kind, "name": name, "title": title, **facts})
        self._save_record()

    def _record_path(self) -> Path:
        assert self.folder is not None
        return self.folder / RECORDS / f"{self.prefix}.json"

    def _save_record(self) -> None:
        if self.folder is not None:
            text = json.dumps(self._record, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
            self._write(RECORDS, f"{self.prefix}.json", text.encode())

    def _write(self, below: str, name: str, content: bytes) -> None:
        assert self.folder is not None
        target = self.folder / below
        target.mkdir(parents=True, exist_ok=True)
        (target / name).write_bytes(content)


def _drawn(fig: Figure, kind: Literal["svg", "png"]) -> bytes:
    import matplotlib as mpl

    # A fixed salt and no date: the same figure is the same bytes.
    metadata = {"Date": None, "Creator": None} if kind == "svg" else {"Software": None}
    stream = io.BytesIO()
    with mpl.rc_context({"svg.hashsalt": "potash", "svg.fonttype": "path"}):
        fig.savefig(stream, format=kind, metadata=metadata, bbox_inches="tight", dpi=200 if kind == "png" else 72)
    return stream.getvalue()


def _show(html: str, plain: str) -> None:
    from IPython import get_ipython
    from IPython.display import display

    if get_ipython() is None:
        print(plain)  # noqa: T201 - a script has no other place to show it
    else:
        display({"text/html": html, "text/plain": plain}, raw=True)  # type: ignore[no-untyped-call]


def _cell() -> tuple[str, int] | None:
    """Return the id of the running cell and its count, where the front end tells them."""
    from IPython import get_ipython

    shell = get_ipython()
    kernel = getattr(shell, "kernel", None)
    if kernel is None:
        return None
    cell_id = kernel.get_parent("shell").get("metadata", {}).get("cellId")
    return None if cell_id is None else (str(cell_id), int(shell.execution_count))
