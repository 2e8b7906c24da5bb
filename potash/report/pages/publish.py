"""What a notebook uses to show its results and, in a report, to save them.

In a report every notebook leaves ``published/<notebook>.json``: its tables, figures and highlights in the order in
which they were shown. A record per notebook, because two notebooks run at once; the job joins them.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, cast

from potash.errors import OptionError, check_option
from potash.report.pages.safety import MADE_BY_POTASH
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
    data: pd.DataFrame | None = None

    @classmethod
    def of(cls, axes: Axes, title: str, alt: str, name: str = "", data: pd.DataFrame | None = None) -> ShownFigure:
        """Return the figure of an axis, ready to be shown, with the table of what it draws."""
        return cls(cast("Figure", axes.figure), title, alt, name, data)


# JupyterLab has no style sheet of ours; on a page this goes.
FOR_JUPYTER = ' style="border-left:4px solid; padding:0.6em 1em; margin:1em 0"'
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
    return f'<div class="highlight {tone}">{top}<p>{label}{inline_html(text)}</p>{below}</div>'


def figure_html(svg: str, name: str, title: str, links: str = "") -> str:
    """Return a figure for a page: its title, the SVG in a frame that scrolls on narrow screens, and links to its files."""
    scroll = f'<div class="scroll" role="group" aria-label="{escape(title)}" tabindex="0">{svg}</div>'
    return (
        f'<figure class="plot" id="figure-{name}"><figcaption>{inline_html(title)}</figcaption>{scroll}{links}</figure>'
    )


def files_html(name: str, title: str, kinds: Sequence[str]) -> str:
    """Return links to the files of a figure, as they lie beside the page."""
    labels = {"svg": "SVG", "png": "PNG", "csv": "Data (CSV)"}
    links = [
        f'<a href="figures/{name}.{kind}" download aria-label="{labels[kind]}: {escape(title)}">{labels[kind]}</a>'
        for kind in kinds
    ]
    return f'<p class="files">{" ".join(links)}</p>'


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
            wide if shown is None else shown,
            title,
            formats=formats,
            note=note,
            index=index,
            max_rows=max_rows,
            numbers_of=wide if shown is not None and len(shown) == len(wide) else None,
            file="" if self.folder is None else f"tables/{name}.csv",
        )
        self._register("table", name, title, rows=len(wide))
        if self.folder is not None:
            self._write("tables", f"{name}.csv", csv_text(wide, index=index).encode())
        _show(html, title)

    def figure(self, fig: Figure | ShownFigure, name: str = "", title: str = "", alt: str = "") -> None:
        """Show a figure as SVG and close it; with a folder, write ``figures/<name>`` as SVG, PNG at 200 dpi and CSV.

        Parameters
        ----------
        fig : matplotlib.figure.Figure or ShownFigure
            The figure; closed afterwards, so that the notebook does not show it twice. One that is ready brings title and
            alt, a name where it has one, and the table of what it draws.
        name : str
            Lower-case letters, digits and hyphens; once per notebook.
        title : str
            What the figure shows; stands above it, and inside the files, which travel alone.
        alt : str
            What the figure shows, for a reader who cannot see it.

        Notes
        -----
        The CSV holds the table of a :class:`ShownFigure`, or else the points of the lines that have a label; a figure without
        either has no CSV. In a report links to the files stand below the figure.

        Raises
        ------
        OptionError
            If the name is malformed or taken, or ``alt`` is empty.
        """
        data = None
        if isinstance(fig, ShownFigure):
            name, title, alt, data = name or fig.name, fig.title, fig.alt, fig.data
            fig = fig.figure
        if not alt.strip():
            raise OptionError(f"figure {name!r}: alt is empty. Say in a sentence what the figure shows.")
        from potash.report.pages.figures import data_of, draw  # heavy

        data = data_of(fig) if data is None else data
        kinds = ["svg", "png"] if data is None else ["svg", "png", "csv"]
        self._register("figure", name, title, alt=alt, files=[f"figures/{name}.{kind}" for kind in kinds])
        drawing = draw(fig, name, title, alt, png=self.folder is not None)
        if self.folder is not None and drawing.png is not None:
            self._write("figures", f"{name}.svg", drawing.svg.encode())
            self._write("figures", f"{name}.png", drawing.png)
            if data is not None:
                self._write("figures", f"{name}.csv", csv_text(data, index=False).encode())
        from matplotlib import pyplot as plt

        plt.close(fig)
        links = files_html(name, title, kinds) if self.folder is not None and NOTEBOOK_VARIABLE in os.environ else ""
        _show(figure_html(drawing.inline, name, title, links), title)

    def title(self, title: str) -> None:
        """Show what this page is about; in a report it is the page's own title, in place of the notebook's."""
        html = f'<p class="page-title"><strong>{escape(title)}</strong></p>'
        _show(html, title, {"title": title})

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
        html = highlight_html(text, tone, heading, details)
        _show(html.replace('">', f'"{FOR_JUPYTER}>', 1), plain)

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


def _show(html: str, plain: str, facts: Mapping[str, Any] | None = None) -> None:
    from IPython import get_ipython
    from IPython.display import display

    if get_ipython() is None:
        print(plain)  # noqa: T201 - a script has no other place to show it
    else:
        data = {"text/html": html, "text/plain": plain}
        # The mark of what potash made, and what it says of the page.
        display(data, raw=True, metadata={MADE_BY_POTASH: {"made": True, **(facts or {})}})  # type: ignore[no-untyped-call]


def _cell() -> tuple[str, int] | None:
    """Return the id of the running cell and its count, where the front end tells them."""
    from IPython import get_ipython

    shell = get_ipython()
    kernel = getattr(shell, "kernel", None)
    if kernel is None:
        return None
    cell_id = kernel.get_parent("shell").get("metadata", {}).get("cellId")
    return None if cell_id is None else (str(cell_id), int(shell.execution_count))
