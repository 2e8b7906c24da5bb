"""A threaded HTTP server on this machine that stands for the hosts of price providers, faults included.

Two ways in. Within a process, sessions that send every request here (:meth:`FakeMarket.session`,
:meth:`FakeMarket.requests_session`). For other processes, environment variables that make this server their proxy
(:meth:`FakeMarket.environment`): it answers ``CONNECT`` itself, behind TLS with certificates of a throw-away authority.
Both meet the same handlers, one for each virtual host. Connections are never kept: a client that retries on a fresh
connection by itself would eat the faults that a test has queued.
"""

from __future__ import annotations

import atexit
import os
import ssl
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Literal
from urllib.parse import parse_qsl, unquote, urlsplit

from tests.paths import ROOT

HOST_HEADER = "X-Forwarded-Host"


class UnroutedHostError(AssertionError):
    """A test asked a host that has no route: without the fake it would have left the machine."""


@dataclass(frozen=True, slots=True)
class Request:
    """What a client asked: virtual host, path without query (unquoted), query."""

    host: str
    path: str
    query: dict[str, str]
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reply:
    """What the server answers, after ``delay`` seconds.

    ``drop="before"`` closes the connection without an answer; ``drop="within"`` promises the whole body, sends half.
    """

    status: int = 200
    body: bytes = b""
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    delay: float = 0.0
    drop: Literal["before", "within"] | None = None


Handler = Callable[[Request], Reply]
Fault = Reply | Callable[[Reply], Reply]


def about(symbol: str) -> Callable[[Request], bool]:
    """Return whether the last part of a request's path is the symbol."""
    return lambda request: request.path.rsplit("/", 1)[-1].upper() == symbol.upper()


@dataclass(slots=True)
class _Queue:
    applies: Callable[[Request], bool]
    replies: list[Fault]
    always: bool

    def next(self) -> Fault:
        return self.replies[0] if self.always else self.replies.pop(0)


@cache
def _folder_of_yahoo() -> str:
    folder = tempfile.TemporaryDirectory(prefix="fake-market-yfinance-")
    atexit.register(folder.cleanup)
    return folder.name


def forget_yahoo() -> None:
    """Put yfinance in the state of a new process with empty caches outside the user's folder.

    It keeps one cookie and crumb for all sessions of a process, and files of cookies, zones and ISINs.
    """
    import yfinance
    from yfinance import cache as kept
    from yfinance.data import SingletonMeta, YfData

    yfinance.set_tz_cache_location(tempfile.mkdtemp(dir=_folder_of_yahoo()))
    kept._TzCacheManager._tz_cache = kept._CookieCacheManager._Cookie_cache = kept._ISINCacheManager._isin_cache = None
    SingletonMeta._instances.pop(YfData, None)


class FakeMarket:
    """Hosts of providers on 127.0.0.1, from ``with`` to the end of its block.

    Attributes
    ----------
    url : str
        ``http://127.0.0.1:PORT``.
    requests : list of Request
        Everything that was asked, in order; a copy at each access.
    refused : list of str
        Hosts that were asked and have no route, and clients that did not accept the certificate.

    Raises
    ------
    ExceptionGroup
        At the end of the block, if handlers raised: a mistake in the fake must not pass for a fault of the provider.
    """

    def __init__(self) -> None:
        self._routes: dict[str, Handler] = {}
        self._faults: list[_Queue] = []
        self._seen: list[Request] = []
        self._refused: list[str] = []
        self._failures: list[Exception] = []
        self._lock = threading.Lock()
        self._contexts: dict[str, ssl.SSLContext] = {}
        self._authority = None
        self.stopping = threading.Event()

    def __enter__(self) -> FakeMarket:
        self._folder = tempfile.TemporaryDirectory(prefix="fake-market-")
        self._server = _Server(("127.0.0.1", 0), _Connection)
        self._server.market = self
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self.stopping.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        self._folder.cleanup()
        if self._failures and kind is None:
            raise ExceptionGroup("handlers of the fake market failed", self._failures)

    @property
    def requests(self) -> list[Request]:
        with self._lock:
            return list(self._seen)

    @property
    def refused(self) -> list[str]:
        with self._lock:
            return list(self._refused)

    def route(self, host: str, handler: Handler) -> None:
        """Answer requests to a host with a handler, which threads may call at the same time."""
        self._routes[host.lower()] = handler

    def fault(self, which: str | Callable[[Request], bool], replies: list[Fault], *, always: bool = False) -> None:
        """Queue replies, one a request, before the normal ones; a function is given the normal reply.

        ``which`` is a predicate, or a symbol: the last part of the path. With ``always`` the first reply never runs out.
        """
        with self._lock:
            self._faults.append(_Queue(about(which) if isinstance(which, str) else which, list(replies), always))

    def clear_faults(self) -> None:
        """Be well again, and forget the requests seen."""
        with self._lock:
            self._faults.clear()
            self._seen.clear()

    def answer(self, request: Request) -> Reply:
        """Return the reply to a request: a fault that is due, or the host's own."""
        with self._lock:
            self._seen.append(request)
            due = next((queue for queue in self._faults if queue.replies and queue.applies(request)), None)
            fault = due.next() if due else None
        if isinstance(fault, Reply):
            return fault
        try:
            normal = self._routes[request.host](request)
            return fault(normal) if fault else normal
        except Exception as error:  # noqa: BLE001 - told at the end of the block
            self._failures.append(error)
            return Reply(500, f"the fake failed: {error!r}".encode(), "text/plain")

    def has(self, host: str) -> bool:
        """Return whether a host has a route; note it where not."""
        if host in self._routes:
            return True
        self.refuse(host)
        return False

    def refuse(self, what: str) -> None:
        with self._lock:
            self._refused.append(what)

    def local(self, url: str) -> tuple[str, str]:
        """Return the local address of a provider's URL, and its host; raise for a host without route."""
        parts = urlsplit(url)
        host = (parts.hostname or "").lower()
        if not self.has(host):
            raise UnroutedHostError(f"{url}: no route to {host!r} in this test; routes: {sorted(self._routes)}")
        return self.url + parts._replace(scheme="", netloc="").geturl(), host

    def session(self, **kwargs):
        """Return a curl_cffi session whose every request ends here; yfinance's caches leave the user's folder."""
        from curl_cffi.requests import Session

        forget_yahoo()

        market = self

        class LocalSession(Session):
            def request(self, method, url, *args, headers=None, **options):
                address, host = market.local(url)
                return super().request(
                    method, address, *args, headers={**(headers or {}), HOST_HEADER: host}, **options
                )

        return LocalSession(trust_env=False, **kwargs)

    def requests_session(self):
        """Return a ``requests`` session whose every request ends here."""
        import requests
        from requests.adapters import HTTPAdapter

        market = self

        class LocalAdapter(HTTPAdapter):
            def send(self, request, **options):
                address, host = market.local(request.url)
                asked, request.url = request.url, address
                request.headers[HOST_HEADER] = host
                reply = super().send(request, **{**options, "proxies": {}})
                reply.url = asked
                return reply

        session = requests.Session()
        session.trust_env = False
        session.mount("https://", LocalAdapter())
        session.mount("http://", LocalAdapter())
        return session

    def environment(self) -> dict[str, str]:
        """Return environment variables that send another process here, caches of yfinance in a folder of their own."""
        bundle = Path(self._folder.name) / "authority.pem"
        self._trusted().cert_pem.write_to_path(str(bundle))
        cache = Path(self._folder.name) / "cache"
        cache.mkdir(exist_ok=True)
        proxies = dict.fromkeys(("HTTPS_PROXY", "HTTP_PROXY", "https_proxy", "http_proxy"), self.url)
        none = dict.fromkeys(("NO_PROXY", "no_proxy", "ALL_PROXY", "all_proxy"), "")
        trust = dict.fromkeys(("SSL_CERT_FILE", "CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE"), str(bundle))
        return {**proxies, **none, **trust, "XDG_CACHE_HOME": str(cache)}

    def _trusted(self):
        import trustme

        with self._lock:
            self._authority = self._authority or trustme.CA()
            return self._authority

    def context(self, host: str) -> ssl.SSLContext:
        """Return the TLS side of a host, with a certificate of its own name."""
        authority = self._trusted()
        with self._lock:
            if host not in self._contexts:
                context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                authority.issue_cert(host).configure_cert(context)
                self._contexts[host] = context
            return self._contexts[host]


def run_python(market: FakeMarket, code: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Return what ``python -c`` did and printed in the project's folder, with the fake for the network."""
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        env={**os.environ, **market.environment(), **environment},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


class _Server(ThreadingHTTPServer):
    daemon_threads = False  # so that the end of the block waits for them
    market: FakeMarket

    def handle_error(self, request, client_address):
        """Say nothing: clients that leave early are what the tests are about."""


class _Connection(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 10
    server: _Server
    tunnel: str | None = None

    def log_message(self, format, *args):  # noqa: A002 - the name of the base class
        pass

    def _host_and_path(self) -> tuple[str, str]:
        absolute = self.path.startswith(("http://", "https://"))
        parts = urlsplit(self.path if absolute else f"//{self.headers.get('Host', '')}{self.path}")
        host = self.headers.get(HOST_HEADER) or self.tunnel or parts.hostname or ""
        target = parts._replace(scheme="", netloc="").geturl()
        return host.lower(), target

    def _serve(self) -> None:
        self.close_connection = True
        market = self.server.market
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        host, target = self._host_and_path()
        parts = urlsplit(target)
        if not market.has(host):
            self._send(Reply(502, b"no route to this host in this test", "text/plain"))
            return
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        reply = market.answer(Request(host, unquote(parts.path), query, self.command, dict(self.headers.items())))
        if reply.delay:
            market.stopping.wait(reply.delay)
        if reply.drop != "before":
            self._send(reply)

    def _send(self, reply: Reply) -> None:
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.content_type)
        self.send_header("Content-Length", str(len(reply.body)))
        self.send_header("Connection", "close")
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(reply.body[: len(reply.body) // 2] if reply.drop == "within" else reply.body)

    do_GET = do_POST = do_HEAD = _serve  # noqa: N815 - names of the base class

    def do_CONNECT(self) -> None:
        """Play the host at the end of the tunnel, behind TLS."""
        self.close_connection = True
        market = self.server.market
        host = self.path.rsplit(":", 1)[0].lower()
        if not market.has(host):
            self._send(Reply(502, b"no route to this host in this test", "text/plain"))
            return
        self.send_response(200)
        self.end_headers()
        try:
            secure = market.context(host).wrap_socket(self.connection, server_side=True)
        except (ssl.SSLError, OSError) as error:
            market.refuse(f"{host}: {error}")
            return
        self.tunnel = host
        with secure:
            self.connection = secure
            self.rfile, self.wfile = secure.makefile("rb"), secure.makefile("wb", 0)
            self.handle_one_request()
            self.rfile.close()
            self.wfile.close()
