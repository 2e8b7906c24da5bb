"""A frame becomes an accessible HTML table and a CSV file with one header row."""

from __future__ import annotations

import csv
import datetime as dt
import io
import math
import numbers
import re
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from html import escape
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from potash.errors import OptionError, close_to, listed

if TYPE_CHECKING:
    import pandas as pd

MISSING = '<span class="missing"><span aria-hidden="true">–</span><span class="hidden">not available</span></span>'
_DIGITS = 4
# Estimates written out, such as "+1.43 % (1.64 %)", "<0.001" or "(4.5%)": they stand right and do not break, as numbers do.
_ESTIMATE = re.compile(r"\(?[+\u2212<-]?\d[\d.,]*([ \u00a0]?%)?\)?([ \u00a0]|$)")
# What stands in the place of a number where there is none: such words stand right too.
_NO_NUMBER = frozenset({"missing", "no size", "not one of them"})
_LONG = 24
# Some tickers in a row get room for three, or they stand one a line.
_SHORT = 8
# With more columns they stand closer together; with more rows the table scrolls below its header.
_MANY, _FEW = 9, 4
_MANY_ROWS = 25
# Names of the package's results as a reader knows them.
WORDS = {
    "event_id": "event", "rsquared": "R²", "rsquared_adj": "R², adjusted", "std_error": "standard error", "pvalue": "p",
    "std_errors": "standard error", "pvalues": "p", "tstat": "t", "tstats": "t", "nobs": "observations", "n_events": "events",
    "n_obs": "observations", "df_resid": "degrees of freedom", "n_firms": "firms", "car": "CAR", "ar": "AR",
}  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class ShownTable:
    """A table ready to be shown.

    Attributes
    ----------
    frame : DataFrame
        What goes into the file: numbers, returns as fractions.
    shown : DataFrame
        What a page shows of it, in words.
    note : str
        One line below the table.
    name, title : str
        Of the file, and above the table; empty where the notebook gives them.
    """

    frame: pd.DataFrame
    shown: pd.DataFrame
    note: str = ""
    name: str = ""
    title: str = ""


def flat_name(label: Hashable) -> str:
    """Return one line for a column label; the levels of a MultiIndex are joined by a space."""
    if isinstance(label, tuple):
        return " ".join(str(part) for part in label if str(part))
    return "" if label is None else str(label)


def format_float(value: float) -> str:
    """Return four significant digits; integers of a larger size keep all theirs.

    Examples
    --------
    >>> [format_float(x) for x in (0.051234, -12345.678, 0.0, 1.5e-07)]
    ['0.05123', '-12346', '0', '1.500e-07']
    """
    if math.isinf(value):
        return "∞" if value > 0 else "-∞"
    if value == 0:
        return "0"
    power = math.floor(math.log10(abs(value)))
    if not -5 <= power <= 14:
        return f"{value:.{_DIGITS - 1}e}"
    return f"{value:.{max(0, _DIGITS - 1 - power)}f}"


def format_date(value: dt.date) -> str:
    """Return YYYY-MM-DD, with hours and minutes only where there is a time of day."""
    if isinstance(value, dt.datetime) and (value.time() != dt.time() or value.tzinfo is not None):
        zone = f" {value.tzname()}" if value.tzinfo is not None else ""
        return f"{value:%Y-%m-%d %H:%M}{zone}"
    return f"{value:%Y-%m-%d}"


def unbroken_dates(html: str) -> str:
    """Return the text with each date such as 2025-12-08 or Mon 2025-12-08 kept on one line."""
    return re.sub(r"\b((?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) )?\d{4}-\d\d-\d\d\b", r'<span class="date">\g<0></span>', html)


def is_missing(value: object) -> bool:
    """Return whether a cell holds None, NaN, NaT or NA."""
    import pandas as pd

    return value is None or value is pd.NA or value is pd.NaT or (isinstance(value, numbers.Real) and value != value)


def format_cell(value: object, spec: str | None = None) -> str:
    """Return the escaped text of one cell; a missing value is an en dash that says so."""
    if is_missing(value):
        return MISSING
    if spec is not None:
        return escape(spec.format(value))
    if type(value).__name__ in {"bool", "bool_"}:
        return "yes" if value else "no"
    if isinstance(value, numbers.Integral):
        return str(int(value))
    if isinstance(value, numbers.Real):
        return format_float(float(value))
    if isinstance(value, dt.date):
        return format_date(value)
    return unbroken_dates(escape(str(value)))


def html_table(
    frame: pd.DataFrame,
    title: str,
    *,
    formats: Mapping[str, str] | None = None,
    note: str = "",
    index: bool = True,
    max_rows: int | None = None,
    numbers_of: pd.DataFrame | None = None,
    file: str = "",
) -> str:
    """Return a ``<figure>`` with the table, its title as caption and a note.

    Parameters
    ----------
    frame : DataFrame
        What to show; not changed. Levels of MultiIndex columns are joined by a space.
    title : str
        Caption, and the name of the scrolling region on a small screen.
    formats : mapping of str to str, optional
        Format strings by (flattened) column or index name, for example ``{"CAR": "{:+.2%}"}``.
    note : str
        One line below the table.
    index : bool
        Whether the index is shown, as row headers.
    max_rows : int, optional
        Show the first rows only, and say so.
    numbers_of : DataFrame, optional
        The numbers behind a frame of words, row by row: where it has a column of the same name, the rows sort by it.
    file : str
        The table's file beside the page, for a link to it.

    Raises
    ------
    OptionError
        If ``formats`` names a column that the frame does not have.
    """
    names = [flat_name(label) for label in frame.columns]
    heads = [flat_name(label) for label in frame.index.names] if index else []
    specs = dict(formats or {})
    for name in specs:
        if name not in names and name not in heads:
            raise OptionError(
                f"formats names the column {name!r}, which the table {title!r} does not have"
                f"{close_to(name, names)}. It has: {listed(names, 40)}."
            )
    rows = frame if max_rows is None else frame.iloc[:max_rows]
    if len(rows) < len(frame):
        note = f"{note} First {len(rows)} of {len(frame)} rows.".strip()
    kinds = [_kind(frame.iloc[:, position]) for position in range(len(names))]
    if not heads and names and not kinds[0] and frame.iloc[:, 0].map(lambda value: isinstance(value, str)).all():
        kinds[0] = ' class="name"'
    caption = escape(title)
    width = len(heads) + len(names)
    looks = " ".join(look for look, fits in (("wide", width > _MANY), ("pinned", width > _FEW)) if fits)
    look = f' class="{looks}"' if looks else ""
    region = "scroll long" if len(rows) > _MANY_ROWS else "scroll"
    name = f' data-name="{escape(PurePosixPath(file).stem)}"' if file else ""
    link = f'<div class="tools"><a href="{escape(file)}" download>CSV, all digits</a></div>' if file else ""
    return (
        f'<figure class="table"><div class="{region}" role="group" aria-label="{caption}" tabindex="0"><table{look}{name}>'
        f"<caption><span>{caption}</span></caption>\n"
        f"<thead><tr>{_header(heads, names, kinds)}</tr></thead>\n"
        f"<tbody>\n{_body(rows, heads, names, kinds, specs, numbers_of)}</tbody></table></div>"
        + (f"<figcaption>{unbroken_dates(escape(note))}</figcaption>" if note else "")
        + f"{link}</figure>"
    )


def _kind(column: pd.Series[Any]) -> str:
    """Return the class attribute of a column's cells: numbers stand right, dates do not break, text has room."""
    from pandas.api import types

    if types.is_bool_dtype(column):
        return ""
    if types.is_numeric_dtype(column):
        return ' class="num"'
    present = [value for value in column if not is_missing(value) and value != ""]
    if present and all(isinstance(value, numbers.Real) and not isinstance(value, bool) for value in present):
        return ' class="num"'
    written = [value for value in present if value not in _NO_NUMBER]
    if written and all(isinstance(value, str) and _ESTIMATE.match(value) for value in written):
        return ' class="num"'
    if present and all(isinstance(value, dt.date) for value in present):
        return ' class="date"'
    if any(len(str(value)) > _LONG for value in present):
        return ' class="text"'
    return ' class="list"' if any(", " in str(value) and len(str(value)) > _SHORT for value in present) else ""


def _words(name: str) -> str:
    return WORDS.get(name) or name.replace("_", " ")


def _header(heads: list[str], names: list[str], kinds: list[str]) -> str:
    # An empty <th> announces a header that says nothing; an unnamed index gets a plain cell.
    cells = [f'<th scope="col">{escape(_words(head))}</th>' if head else "<td></td>" for head in heads]
    for name, kind in zip(names, kinds, strict=True):
        cells.append(f'<th scope="col"{kind}>{escape(_words(name))}</th>' if name else f"<td{kind}></td>")
    return "".join(cells)


def _body(
    frame: pd.DataFrame,
    heads: list[str],
    names: list[str],
    kinds: list[str],
    specs: Mapping[str, str],
    numbers_of: pd.DataFrame | None,
) -> str:
    columns = [frame.iloc[:, position].tolist() for position in range(len(names))]
    levels = [frame.index.get_level_values(level).tolist() for level in range(len(heads))]
    values = [_sort_values(frame, position, name, numbers_of) for position, name in enumerate(names)]
    rows = []
    for row in range(len(frame)):
        cells = [
            f'<th scope="row">{format_cell(level[row], specs.get(head))}</th>'
            for head, level in zip(heads, levels, strict=True)
        ]
        for name, kind, column, value in zip(names, kinds, columns, values, strict=True):
            cells.append(f"<td{kind}{value[row]}>{format_cell(column[row], specs.get(name))}</td>")
        rows.append(f"<tr>{''.join(cells)}</tr>\n")
    return "".join(rows)


def _sort_values(frame: pd.DataFrame, position: int, name: str, numbers_of: pd.DataFrame | None) -> list[str]:
    """Return an attribute a cell with the number that it sorts by, empty where its text says the same."""
    from pandas.api import types

    behind = frame.iloc[:, position]
    if numbers_of is not None:
        same = [place for place, label in enumerate(numbers_of.columns) if flat_name(label) == name]
        behind = numbers_of.iloc[: len(frame), same[0]] if same and len(numbers_of) >= len(frame) else behind
    if types.is_bool_dtype(behind) or not types.is_float_dtype(behind):
        return [""] * len(frame)
    return ["" if is_missing(value) else f' data-v="{value:.6g}"' for value in behind.tolist()]


# What a spreadsheet takes for a formula where it opens a CSV file; a number or an interval only begins like one.
_FORMULA = re.compile(r"[=@\t\r]|[+-](?!(?:inf|[\d.,]+(?:e[+-]?\d+)?\s?%?(?: to [+-]?[\d.,]+\s?%?)?)?$)", re.IGNORECASE)


def inert(text: str) -> str:
    """Return a text that a spreadsheet would take for a formula behind an apostrophe, and any other as it is.

    Examples
    --------
    >>> inert("=1+1"), inert("-2+3"), inert("-3.9 to +1.1 %"), inert("-2.5e-07")
    ("'=1+1", "'-2+3", '-3.9 to +1.1 %', '-2.5e-07')
    """
    return f"'{text}" if _FORMULA.match(text) else text


def as_it_was(text: str) -> str:
    """Return the text that :func:`inert` was given."""
    return text[1:] if text.startswith("'") and _FORMULA.match(text[1:]) else text


def csv_text(frame: pd.DataFrame, *, index: bool = True) -> str:
    """Return the frame as CSV: one header row, twelve significant digits, the same bytes on every platform.

    No text in it is a formula to a spreadsheet: see :func:`inert`.
    """
    flat = frame.copy(deep=False)
    flat.columns = [flat_name(label) for label in frame.columns]
    text = str(flat.to_csv(index=index, lineterminator="\n", float_format="%.12g"))
    written = io.StringIO()
    csv.writer(written, lineterminator="\n").writerows(
        map(inert, row) for row in csv.reader(io.StringIO(text, newline=""))
    )
    return written.getvalue()
