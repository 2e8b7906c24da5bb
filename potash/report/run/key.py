"""What a report depends on, as one digest: the same digest, the same report. It is taken without a heavy import."""

from __future__ import annotations

import hashlib
import json
import platform
import re
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

from potash.bundled import data_dir

_PACKAGE = Path(__file__).resolve().parents[2]
# What draws and writes pages, and comes with the packages that potash names.
_BEHIND = ("ipykernel", "ipython", "jinja2", "mistune", "numpy", "traitlets", "tzdata")


def input_key(
    files: Mapping[str, Path | None], notebooks: Sequence[Path], settings: Mapping[str, object] | None = None
) -> str:
    """Return the digest of everything that a report depends on.

    Parameters
    ----------
    files : mapping
        Option to a file or folder that takes the place of carried ones, or ``None``.
    notebooks : sequence of Path
        The notebooks, in their order.
    settings : mapping, optional
        Parameters and whatever else changes what is shown. A text that is the path of a file counts with its content.

    Returns
    -------
    str
        SHA-256 in hexadecimal digits over: carried data, the files handed in, notebooks, settings, the versions of Python
        and of the packages that potash needs, and potash's own source.
    """
    digest = hashlib.sha256()
    for line in _lines(files, notebooks, dict(settings or {})):
        digest.update(line.encode("utf-8", "surrogatepass") + b"\n")
    return digest.hexdigest()


def _lines(files: Mapping[str, Path | None], notebooks: Sequence[Path], settings: dict[str, object]) -> Iterator[str]:
    yield json.dumps(settings, sort_keys=True, default=repr)
    for value in settings.values():
        if isinstance(value, (str, Path)) and _exists(Path(value)):
            yield from _content("setting", Path(value))
    for option, path in sorted(files.items()):
        if path is not None:
            # Notebooks see the whole path, and may show it.
            yield f"{option} {path} {path.resolve()}"
            yield from _content(option, path)
    yield from _content("carried", data_dir())
    for path in notebooks:
        yield from _content(f"notebook {path.name}", path)
    for name, number in package_versions().items():
        yield f"{name} {number}"
    yield from _content("potash", _PACKAGE)


def package_versions() -> dict[str, str]:
    """Return the versions of Python and of what potash needs, extras too where they are installed."""
    try:
        lines = requires("potash") or []
    except PackageNotFoundError:  # run from a checkout that is not installed
        lines = []
    names = {re.split(r"[^A-Za-z0-9_.-]", line, maxsplit=1)[0].lower() for line in lines}
    versions = {"python": platform.python_version(), "system": platform.system()}
    for name in sorted(names | set(_BEHIND)):
        try:
            versions[name] = version(name)
        except PackageNotFoundError:
            continue
    return versions


def _content(what: str, path: Path) -> Iterator[str]:
    """Yield a line for a file, or for each file below a folder: what it is to the report, its name, its digest."""
    if path.is_dir():
        below = (file for file in path.rglob("*") if file.is_file() and not _is_aside(file.relative_to(path)))
        for file in sorted(below):
            yield f"{what} {file.relative_to(path).as_posix()} {_digest(file)}"
    else:
        yield f"{what} {path.name} {_digest(path)}"


def _is_aside(path: Path) -> bool:
    return any(part.startswith(".") or part == "__pycache__" for part in path.parts)


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _exists(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # a text that is too long for a name, or holds a null
        return False
