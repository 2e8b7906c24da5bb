"""The session that yfinance talks through, and the settings of yfinance during one pull.

yfinance has time-outs of its own, keeps bad answers, hides errors behind empty frames and shares one session among all
its users. A session of ours puts a limit on every request and remembers what really came.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import ModuleType
from typing import Any
from urllib.parse import urlsplit

from curl_cffi.requests import Response, Session
from curl_cffi.requests.exceptions import ConnectionError as CurlConnectionError

CHART = "/v8/finance/chart/"

# Cookies and crumbs come from other hosts, which are blocked or slow more often, and charts come without them too.
SIDE_LIMIT = 5.0

_SHARED = ("_session", "_cookie", "_crumb", "_cookie_strategy")
_ONE_AT_A_TIME = threading.Lock()


@dataclass(frozen=True, slots=True)
class Reply:
    """One request for a chart and what came of it: a reply, or the error of the connection.

    Attributes
    ----------
    address : str
        Host and path, without query.
    status : int
        HTTP status; 0 where no reply came.
    content_type : str
        As the reply gives it.
    body : bytes
        The whole reply.
    error : Exception or None
        Why no whole reply came.
    """

    address: str
    status: int = 0
    content_type: str = ""
    body: bytes = b""
    error: Exception | None = None

    def __str__(self) -> str:
        """Return what came, in words: status, kind, size and the beginning."""
        head = " ".join(self.body[:200].decode("utf-8", "replace").split())[:80]
        kind = self.content_type.split(";")[0] or "no content type"
        return f"HTTP {self.status}, {kind}, {len(self.body)} bytes" + (f" that begin with {head!r}" if head else "")


class WatchedSession(Session[Response]):
    """A session that limits every request and remembers the last chart.

    Parameters
    ----------
    limit : float
        Seconds that a request may take; shorter limits of the caller hold.
    inner : Session, optional
        Sends the requests, where this one shall not.

    Attributes
    ----------
    chart : Reply or None
        The last request for a chart since :meth:`forget`.
    charts_only : bool
        Whether requests for anything else (cookies, crumbs) fail at once, which yfinance copes with.
    state : dict
        What yfinance shares among its users and belongs to this session: cookie and crumb.
    """

    def __init__(self, limit: float, inner: Session[Response] | None = None) -> None:
        super().__init__(impersonate="chrome")
        self.limit = limit
        self.inner = inner
        self.chart: Reply | None = None
        self.charts_only = False
        self.state: dict[str, Any] = {"_session": self, "_cookie": None, "_crumb": None, "_cookie_strategy": "basic"}

    def forget(self) -> None:
        """Remember no chart."""
        self.chart = None

    def request(self, method: Any, url: str, *args: Any, timeout: Any = None, **kwargs: Any) -> Response:
        """Return the reply within the limit; the parameters are those of curl_cffi."""
        parts = urlsplit(url)
        is_chart = parts.path.startswith(CHART)
        if self.charts_only and not is_chart:
            raise CurlConnectionError(f"{parts.hostname} is not asked: it failed before")
        limit = self.limit if is_chart else min(self.limit, SIDE_LIMIT)
        kwargs["timeout"] = min(timeout, limit) if isinstance(timeout, int | float) else limit
        send = self.inner.request if self.inner is not None else super().request
        address = f"{parts.hostname}{parts.path}"
        try:
            reply = send(method, url, *args, **kwargs)
        except Exception as error:
            if is_chart:
                self.chart = Reply(address, error=error)
            else:
                self.charts_only = True
            raise
        if is_chart:
            self.chart = Reply(address, reply.status_code, reply.headers.get("content-type") or "", reply.content)
            # Whoever is asked to slow down should not look less like a browser than it can.
            self.charts_only = self.charts_only and reply.status_code != 429
        return reply


@contextmanager
def pulling(session: WatchedSession) -> Iterator[ModuleType]:
    """Hand out yfinance, set up for one pull through a session; everything is as before at the end.

    Its errors are raised, nothing is printed, no old answer is given again, and nobody else's session, cookie or crumb
    is used or replaced. Pulls in other threads wait.
    """
    import yfinance  # heavy, so not at the top
    from yfinance.data import YfData

    logger, config = logging.getLogger("yfinance"), yfinance.config
    with _ONE_AT_A_TIME:
        shared = YfData()  # without arguments it changes nobody's session
        before = {name: getattr(shared, name) for name in _SHARED}
        hidden, retries, disabled = config.debug.hide_exceptions, config.network.retries, logger.disabled
        config.debug.hide_exceptions, config.network.retries, logger.disabled = False, 0, True
        _set(shared, session.state)
        session.forget()
        # It keeps replies, error pages too: without this a service that is well again stays ill in this process.
        YfData.cache_get.cache_clear()
        try:
            yield yfinance
        finally:
            session.state = {name: getattr(shared, name) for name in _SHARED}
            _set(shared, before)
            config.debug.hide_exceptions, config.network.retries, logger.disabled = hidden, retries, disabled


def _set(target: object, values: dict[str, Any]) -> None:
    for name, value in values.items():
        setattr(target, name, value)
