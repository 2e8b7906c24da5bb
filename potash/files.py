"""Files: CSV text with its line numbers, folders and files that take their place whole, and where the user's data lie."""

from __future__ import annotations

import csv
import errno
import hashlib
import os
import platform
import re
import secrets
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from potash.errors import InputError, PotashError, listed

if TYPE_CHECKING:
    import pandas as pd

STORE_VARIABLE, HOME_VARIABLE = "POTASH_STORE", "POTASH_HOME"

_ATTEMPTS = 20
# A folder may be shared by machines, and the number of a process says nothing on another one.
_MACHINE = hashlib.sha256(platform.node().encode()).hexdigest()[:8]


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
        import pandas as pd  # heavy, and most of what is here needs no frames

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
    if len(header) == 1 and re.search("[;\t|]", header[0]):
        raise error(f"{path}: the header {header[0]!r} is not separated by commas. Save the file as comma-separated.")
    check_header(path, header, error)
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


def check_header(path: Path, header: Sequence[str], error: type[InputError]) -> None:
    """Raise ``error`` if a column of a table has no name, or the name of another."""
    if "" in header:
        raise error(f"{path}: column {header.index('') + 1} of {len(header)} has no name. Name it or remove it.")
    twice = sorted({name for name in header if header.count(name) > 1})
    if twice:
        raise error(f"{path}: columns that stand more than once: {listed(twice)}. Keep one of each.")


def new_folder(out: Path) -> Path:
    """Return a new hidden folder inside ``out``, with the permissions of any other folder of the user.

    What is complete goes from there to its place by :func:`swap_in`, :func:`put_files` or a rename; the caller removes
    the rest. Folders of killed runs are removed by the next one.
    """
    # Not tempfile.mkdtemp: its 0700 would become the permissions of a report, which others are to read.
    for folder in out.glob(f".building-{_MACHINE}-*-*"):
        process = folder.name.split("-")[2]
        if process.isdigit() and not _alive(int(process)):
            shutil.rmtree(folder, ignore_errors=True)
    folder = out / f".building-{_MACHINE}-{os.getpid()}-{secrets.token_hex(6)}"
    folder.mkdir()
    return folder


def _alive(process: int) -> bool:
    if os.name != "posix":  # elsewhere signal 0 would end the process; leave the folder
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def write_through(path: Path, data: bytes) -> None:
    """Write a new file and wait until it is on the disk; :class:`FileExistsError` if there is one."""
    with path.open("xb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())


def sync_folder(folder: Path) -> None:
    """Put the names in a folder on the disk, where the system can."""
    if os.name != "posix":
        return
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def write_whole(path: Path, data: bytes) -> None:
    """Write a file whole: a reader sees the old bytes or the new ones, whoever else writes at the same time."""
    new = path.with_name(f".{path.name}-{os.getpid()}-{secrets.token_hex(6)}")
    try:
        new.write_bytes(data)
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)


def put_files(new: Path, out: Path) -> tuple[Path, ...]:
    """Move the files of a folder below ``out`` into ``out``, all or none, and return them by name.

    What they replace goes aside first; if anything stops the moves, it stands again.
    """
    names = sorted(path.name for path in new.iterdir())
    old = new / secrets.token_hex(6)
    old.mkdir()
    try:
        for name in names:
            if (out / name).exists():
                (out / name).replace(old / name)
            (new / name).replace(out / name)
    except BaseException:
        for name in names:
            if not (new / name).exists():
                (out / name).unlink(missing_ok=True)
            if (old / name).exists():
                (old / name).replace(out / name)
        raise
    return tuple(out / name for name in names)


def swap_in(new: Path, place: Path, what: str, error: type[PotashError]) -> None:
    """Rename a folder to its place; what stood there goes aside first and is deleted last.

    Parameters
    ----------
    new : Path
        A complete folder, on the same filesystem.
    place : Path
        Where it goes. Another run may do the same at the same time: the last one stands, none is mixed.
    what : str
        What the folder is, for messages: ``"report"``.
    error : type of PotashError
        What to raise.

    Raises
    ------
    PotashError
        Of the type ``error``: if the folder cannot be renamed; what stood there stands again.
    """
    for _ in range(_ATTEMPTS):
        old = _aside(place)
        try:
            new.rename(place)
        except BaseException as problem:
            if isinstance(problem, OSError) and problem.errno in {errno.ENOTEMPTY, errno.EEXIST}:
                # Another run put its folder there between our two renames; ours is newer than the one set aside.
                _remove(old)
                continue
            if old is not None and not os.path.lexists(place):
                old.rename(place)
            if isinstance(problem, OSError):
                raise error(
                    f"{place}: could not put the new {what} there: {problem.strerror}. The old one stands."
                ) from problem
            raise
        _remove(old)
        return
    raise error(f"{place}: other runs put {what}s there all the time. Give each run its own --out.")


def _aside(place: Path) -> Path | None:
    old = place.with_name(f".old-{secrets.token_hex(6)}")
    try:
        place.rename(old)
    except FileNotFoundError:
        return None
    return old


def _remove(old: Path | None) -> None:
    if old is None:
        return
    if old.is_symlink() or not old.is_dir():
        old.unlink(missing_ok=True)
    else:
        shutil.rmtree(old, ignore_errors=True)


def home() -> Path:
    """Return the folder of the user's data: ``POTASH_HOME``, else the usual place of the system for ``potash``."""
    import platformdirs

    stated = os.environ.get(HOME_VARIABLE, "")
    return Path(stated).expanduser() if stated else platformdirs.user_data_path("potash", appauthor=False)


def snapshots_home() -> Path:
    """Return the folder of frozen snapshots below :func:`home`."""
    return home() / "snapshots"


def store_place(where: str | Path | None = None) -> str:
    """Return where a store lies: the path of a SQLite file, or the URL of another database.

    Without an argument, or for ``"default"``, it is ``POTASH_STORE``, else ``prices.sqlite`` below :func:`home`.
    """
    stated = os.environ.get(STORE_VARIABLE, "") if where is None or where == "default" else str(where)
    text = (stated or str(home() / "prices.sqlite")).removeprefix("sqlite:///")
    if "://" not in text:
        return str(Path(text).expanduser())
    # A plain postgresql:// means the driver that potash[postgres] installs.
    return text.replace("postgresql://", "postgresql+psycopg://", 1).replace("postgres://", "postgresql+psycopg://", 1)
