"""CSV files as text with their line numbers, so that an error can say where it stands. One reader for every input."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from potash.errors import InputError, listed


@dataclass(frozen=True, slots=True)
class TextTable:
    """A CSV file as text.

    Attributes
    ----------
    path : Path
        Where it was read.
    header : list of str
        Column names without surrounding blanks; unique and not empty.
    rows : list of (int, list of str)
        The line a row starts in, as an editor shows it, and one text per column; blank lines are left out.
    """

    path: Path
    header: list[str]
    rows: list[tuple[int, list[str]]]

    def find(self, *names: str) -> int | None:
        """Return the position of the first of ``names`` among the columns, whatever its case, or ``None``."""
        lowered = [name.lower() for name in self.header]
        return next((lowered.index(name) for name in names if name in lowered), None)

    def frame(self) -> pd.DataFrame:
        """Return the rows as a frame of texts, indexed by their line in the file."""
        lines = [line for line, _ in self.rows]
        return pd.DataFrame([cells for _, cells in self.rows], columns=self.header, index=lines, dtype=str)


def read_text_table(path: str | Path, what: str, error: type[InputError], *, hint: str, pad: bool = False) -> TextTable:
    """Return the header and rows of a comma-separated UTF-8 file, all as text.

    Parameters
    ----------
    path : path
        The file.
    what : str
        What the file holds, for messages: ``"events"``.
    error : type of InputError
        What to raise.
    hint : str
        What to look at if a row has the wrong number of cells.
    pad : bool
        Whether a row may have fewer cells than the header; the rest is empty.

    Raises
    ------
    InputError
        Of the type ``error``: if the file is missing, empty, not UTF-8, not separated by commas, or a row has another
        number of cells than the header.
    """
    path = Path(path)
    try:
        # utf-8-sig: spreadsheets put a byte order mark before the first column name.
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as problem:
        raise error(
            f"{path}: not UTF-8 (byte {problem.start}). Save it again with the encoding UTF-8; in a spreadsheet choose "
            "'CSV UTF-8 (comma delimited)'."
        ) from problem
    except OSError as problem:
        raise error(f"{path}: cannot be read ({problem.strerror}). Check the path.") from problem
    rows = _rows(path, text, error)
    if not rows:
        raise error(f"{path}: the file is empty. {what.capitalize()} need a header line and at least one row.")
    (_, header), *body = rows
    _check_header(path, header, error)
    if not body:
        raise error(f"{path}: a header and no rows. {what.capitalize()} need at least one row.")
    for line, cells in body:
        if len(cells) > len(header) or (len(cells) < len(header) and not pad):
            raise error(f"{path}: line {line} has {len(cells)} cells and the header has {len(header)}. {hint}")
    return TextTable(path, header, [(line, cells + [""] * (len(header) - len(cells))) for line, cells in body])


def _rows(path: Path, text: str, error: type[InputError]) -> list[tuple[int, list[str]]]:
    """Return the rows that hold anything, each with the line it starts in, which is what an editor shows."""
    reader = csv.reader(text.splitlines(keepends=True), skipinitialspace=True, strict=True)
    rows, line = [], 1
    try:
        for row in reader:
            cells = [cell.strip() for cell in row]
            if any(cells):
                rows.append((line, cells))
            line = reader.line_num + 1
    except csv.Error as problem:
        raise error(
            f"{path}: line {line}: not a CSV table ({problem}). Check the quotes around its cells."
        ) from problem
    return rows


def _check_header(path: Path, header: Sequence[str], error: type[InputError]) -> None:
    if len(header) == 1 and re.search("[;\t|]", header[0]):
        raise error(f"{path}: the header {header[0]!r} is not separated by commas. Save the file as comma-separated.")
    if "" in header:
        raise error(f"{path}: column {header.index('') + 1} of {len(header)} has no name. Name it or remove it.")
    twice = sorted({name for name in header if header.count(name) > 1})
    if twice:
        raise error(f"{path}: columns that stand more than once: {listed(twice)}. Keep one of each.")
