"""The tables of a report for a paper: LaTeX with booktabs rules, numbers as the pages show them."""

from __future__ import annotations

from pathlib import Path

from potash.report.export.shown import ShownTable, pages_of

PREAMBLE = "% \\usepackage{booktabs,longtable,array}, with XeLaTeX, LuaLaTeX or utf8 input\n"
_SPECIAL = {
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "{": r"\{", "}": r"\}",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "[": "{[}",
    "<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}",
    "−": "$-$", "±": r"$\pm$", "≥": r"$\ge$", "≤": r"$\le$", "×": r"$\times$", "–": "--", "\u00a0": "~", "\u202f": r"\,",
    "…": r"\dots{}", "▲": r"$\uparrow$", "▼": r"$\downarrow$", "“": "``", "”": "''", "’": "'", "·": r"$\cdot$",
    "σ": r"$\sigma$", "ρ": r"$\rho$", "α": r"$\alpha$", "β": r"$\beta$", "→": r"$\to$", '"': "''",
}  # fmt: skip
_LONG, _ROWS_OF_A_PAGE = 40, 35


def latex_text(text: str) -> str:
    r"""Return text for LaTeX: what has a meaning there is escaped, signs become their commands.

    Examples
    --------
    >>> print(latex_text("−1.4 % of R&D_1"))
    $-$1.4 \% of R\&D\_1
    """
    return "".join(_SPECIAL.get(letter, letter) for letter in text)


def latex_of(table: ShownTable, label: str = "") -> str:
    r"""Return a table as LaTeX: a ``table`` with booktabs rules, or a ``longtable`` where it is longer than a page.

    Parameters
    ----------
    table : ShownTable
        As a page shows it.
    label : str
        For ``\ref``; none by default.
    """
    columns = "".join(_column(table, place) for place in range(len(table.header)))
    head = " & ".join(latex_text(name) for name in table.header) + r" \\"
    rows = [" & ".join(latex_text(cell) for cell in row) + r" \\" for row in table.rows]
    caption = rf"\caption{{{latex_text(table.caption)}}}" + (rf"\label{{{label}}}" if label else "")
    note = latex_text(table.note)
    if len(rows) > _ROWS_OF_A_PAGE:
        below = (
            [rf"\multicolumn{{{len(table.header)}}}{{p{{0.95\linewidth}}}}{{\footnotesize {note}}} \\"] if note else []
        )
        lines = [
            rf"\begin{{longtable}}{{{columns}}}", caption + r" \\", r"\toprule", head, r"\midrule", r"\endfirsthead",
            r"\toprule", head, r"\midrule", r"\endhead", r"\bottomrule", r"\endfoot", *rows, *below, r"\end{longtable}",
        ]  # fmt: skip
    else:
        below = [rf"\par\smallskip\parbox{{\linewidth}}{{\footnotesize {note}}}"] if note else []
        lines = [
            r"\begin{table}[htbp]", r"\centering", caption, rf"\begin{{tabular}}{{{columns}}}", r"\toprule", head,
            r"\midrule", *rows, r"\bottomrule", r"\end{tabular}", *below, r"\end{table}",
        ]  # fmt: skip
    return "\n".join(lines) + "\n"


def _column(table: ShownTable, place: int) -> str:
    if table.numeric[place]:
        return "r"
    longest = max((len(row[place]) for row in table.rows), default=0)
    return r"p{0.3\linewidth}" if longest > _LONG else "l"


def write_latex(folder: Path, out: Path) -> list[Path]:
    """Write the tables of a report as LaTeX, a file a page, and return the paths.

    Parameters
    ----------
    folder : Path
        The report.
    out : Path
        Where the files go; made if it is not there.
    """
    out.mkdir(parents=True, exist_ok=True)
    paths = []
    for page in pages_of(folder):
        tables = [table for table in page.tables() if table.rows and table.header]
        if not tables:
            continue
        labels = [f"tab:{page.name}-{number}" for number in range(1, len(tables) + 1)]
        text = "\n".join(latex_of(table, label) for table, label in zip(tables, labels, strict=True))
        path = out / f"{page.name}.tex"
        path.write_text(f"{PREAMBLE}% {page.title}\n\n{text}", encoding="utf-8", newline="\n")
        paths.append(path)
    return paths
