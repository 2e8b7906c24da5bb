"""One file from one address: the whole body, or an error that names the address and the status."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from potash import __version__
from potash.errors import BadAnswerError, RateLimitedError, UnreachableError

if TYPE_CHECKING:
    import requests

MOVED = frozenset({404, 410})
TOO_MANY_REQUESTS = 429


@dataclass(frozen=True, slots=True)
class Download:
    """What an address answered, with a status from 200 to 299.

    Attributes
    ----------
    url : str
        The address that answered, after redirections.
    status : int
        HTTP status.
    content_type : str
        As the server says it, ``text/html; charset=utf-8``; empty where it says nothing.
    body : bytes
        The whole body, decompressed.
    last_modified : str or None
        The server's ``Last-Modified``. A file system's date: what the file holds may be older.
    """

    url: str
    status: int
    content_type: str
    body: bytes
    last_modified: str | None

    def beginning(self) -> str:
        """Return the content type and the first characters of the body, for messages."""
        start = " ".join(self.body[:200].decode("utf-8", errors="replace").split())[:60]
        return f"{len(self.body)} bytes of {self.content_type or 'an unnamed type'} that begin with {start!r}"


def get(url: str, session: requests.Session | None = None, timeout: float = 30.0) -> Download:
    """Return what an address answers to one request.

    Parameters
    ----------
    url : str
        Absolute ``http`` or ``https`` address. Redirections are followed.
    session : requests.Session, optional
        Asked instead of a fresh one; left open.
    timeout : float
        Seconds to wait for the connection, and then for each next piece of the answer.

    Raises
    ------
    UnreachableError
        If no connection was made, nothing came in time, or the body is shorter than promised.
    RateLimitedError
        If the status is 429.
    BadAnswerError
        If the status is any other outside 200 to 299, or the redirections do not end. A file that is gone (404, 410)
        is one of these and no :class:`~potash.errors.NoDataError`: its series live on at another address.
    """
    import requests

    headers = {"User-Agent": f"potash/{__version__}"}
    used = session if session is not None else requests.Session()
    try:
        reply = used.get(url, headers=headers, timeout=timeout)
    except requests.Timeout as problem:
        raise UnreachableError(f"{url}: no answer within {timeout:g} s. Try again later or raise timeout.") from problem
    except (
        requests.ConnectionError,
        requests.exceptions.ChunkedEncodingError,
        requests.exceptions.ContentDecodingError,
    ) as problem:
        raise UnreachableError(
            f"{url}: no whole answer ({_reason(problem)}). Check the connection or try again later."
        ) from problem
    except requests.RequestException as problem:
        raise BadAnswerError(f"{url}: {_reason(problem)}. Check the address.") from problem
    finally:
        if session is None:
            used.close()
    _check(url, reply)
    kind, modified = reply.headers.get("Content-Type", ""), reply.headers.get("Last-Modified")
    return Download(reply.url, reply.status_code, kind, reply.content, modified)


def _reason(problem: BaseException) -> str:
    """Return the kind of a problem and what it says, on one line of bounded length."""
    return f"{type(problem).__name__}: {' '.join(str(problem).split())[:160]}"


def _check(url: str, reply: requests.Response) -> None:
    status = reply.status_code
    said = f"{url}: HTTP {status} {reply.reason or ''}".rstrip()
    if status == TOO_MANY_REQUESTS:
        wait = reply.headers.get("Retry-After")
        raise RateLimitedError(f"{said}; {f'Retry-After: {wait}' if wait else 'no Retry-After'}. Ask again later.")
    if status in MOVED:
        raise BadAnswerError(f"{said}: the file is not at this address. It may have moved: pass the new address.")
    if not 200 <= status < 300:
        raise BadAnswerError(f"{said}: an error page instead of the file. Try again later or check the address.")
    # The client checks this itself since urllib3 2; versions before return the short body without a word.
    promised = reply.headers.get("Content-Length", "")
    received = reply.raw.tell()
    if promised.isdigit() and received != int(promised):
        raise UnreachableError(f"{said}: {received} bytes came and {promised} were promised. Try again later.")
