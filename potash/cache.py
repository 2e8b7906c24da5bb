"""What is dear to compute and cheap to keep: bytes in files of the user's cache folder. It never raises.

A file counts only if its digest fits its name, its key and its content. Anything else, a damaged file or one of another
version, is as if it were not there.
"""

from __future__ import annotations

import contextlib
import os
from hashlib import blake2b
from pathlib import Path

from potash.files import write_whole

CACHE_VARIABLE = "POTASH_CACHE"
_DIGEST = 16


def cache_folder() -> Path:
    """Return the folder: ``POTASH_CACHE``, else the usual place of the system for ``potash``."""
    if folder := os.environ.get(CACHE_VARIABLE, ""):
        return Path(folder).expanduser()
    import platformdirs  # only where it is needed: a folder is asked for in every process

    return platformdirs.user_cache_path("potash", appauthor=False)


def kept(name: str, key: str) -> bytes | None:
    """Return the bytes kept under a name and a key; None if there are none, or they are damaged."""
    try:
        raw = _path(name, key).read_bytes()
    except OSError:
        return None
    digest, content = raw[:_DIGEST], raw[_DIGEST:]
    return content if digest == _digest(name, key, content) else None


def keep(name: str, key: str, content: bytes) -> None:
    """Keep bytes under a name and a key; where the folder cannot be written, nothing is kept.

    Parameters
    ----------
    name : str
        What the bytes are.
    key : str
        All that they depend on: another key has another file.
    content : bytes
        Processes that write at once must agree on it. Each replaces the whole file.
    """
    path = _path(name, key)
    if not path.is_absolute():  # a user without a home
        return
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, _digest(name, key, content) + content)


def _path(name: str, key: str) -> Path:
    return cache_folder() / f"{name.replace('/', '-')}-{blake2b(key.encode(), digest_size=6).hexdigest()}"


def _digest(name: str, key: str, content: bytes) -> bytes:
    return blake2b(b"\0".join([name.encode(), key.encode(), content]), digest_size=_DIGEST).digest()
